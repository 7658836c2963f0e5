/* SPDX-License-Identifier: MIT */
/* How the machine was started, and what its management client reports of that. */
#include "espdiag/collectors/tpm.h"

#include "espdiag/base/limits.h"
#include "espdiag/base/time.h"

#define MDM_NAMESPACE "ROOT\\cimv2\\mdm\\dmmap"
#define MDM_SOURCE "MDM bridge"

static const char *const variables[] = { "SecureBoot", "SetupMode" };

/* Rows of firmware; false, with *result, when Secure Boot could not be found out. */
static bool put_firmware(const struct ed_start_api *start, struct ed_state_writer *w,
			 uint32_t *result)
{
	const struct ed_str path = ED_STR("firmware");
	bool told = true;

	*result = 0;
	for (size_t i = 0; i < ED_COUNT(variables); i++) {
		uint8_t value = 0;
		uint32_t code = start->variable(start->context, variables[i], &value);

		if (i == 0 && (code == 0 || code == ED_FIRMWARE_LEGACY))
			ed_state_bool(w, path, "Uefi", code == 0);
		if (code == 0)
			ed_state_number(w, path, variables[i], value);
		else
			ed_state_null(w, path, variables[i]);
		if (i == 0 && code && code != ED_FIRMWARE_LEGACY) {
			*result = code;
			told = false;
		}
	}
	return told;
}

static ed_status firmware_gap(struct ed_recording *out, uint32_t code, struct ed_error *err)
{
	bool denied = code == ED_FIRMWARE_NO_PRIVILEGE || code == ED_FIRMWARE_DENIED;
	char why[96];

	snprintf(why, sizeof(why), "%s (Windows error %u)",
		 denied                            ? "access denied"
		 : code == ED_FIRMWARE_NO_VARIABLE ? "no such variable"
						   : "failed",
		 (unsigned)code);
	return ed_recording_gap(out, ED_STR("UEFI variable SecureBoot"), false,
				denied                            ? ED_STATE_DENIED
				: code == ED_FIRMWARE_NO_VARIABLE ? ED_STATE_ABSENT
								  : ED_STATE_DAMAGED,
				ED_LOST_UNKNOWN, ed_str_from(why), err);
}

/* Uptime counts from the start of the kernel, sleep and fast startups included. */
static void put_start(const struct ed_start_api *start, struct ed_state_writer *w)
{
	const struct ed_str path = ED_STR("start");
	uint64_t uptime = start->uptime_ms(start->context);
	int64_t now = start->now(start->context);
	char text[ED_TIME_TEXT];

	if (uptime > (uint64_t)INT64_MAX / 10000 || now < (int64_t)uptime * 10000) {
		ed_state_null(w, path, "UptimeMs");
		return;
	}
	ed_state_number(w, path, "UptimeMs", (int64_t)uptime);
	ed_time_format(now - (int64_t)uptime * 10000, text);
	ed_state_text(w, path, "LastStart", ed_str_from(text));
}

ed_status ed_start_record(const struct ed_start_api *start, struct ed_recording *out,
			  struct ed_error *err)
{
	struct ed_state_writer w;
	struct ed_buf state;
	ed_status status;
	uint32_t code;
	bool told;

	ed_buf_init(&state, ED_LIMIT_RECORDED);
	ed_state_begin(&w, &state, "boot");
	put_start(start, &w);
	told = put_firmware(start, &w, &code);
	ed_state_end(&w);
	status = ed_wmi_member(out, ED_STR("state/boot.json"),
			       ED_STR("GetFirmwareEnvironmentVariable, GetTickCount64"), &state,
			       err);
	ed_buf_release(&state);
	return status == ED_OK && !told ? firmware_gap(out, code, err) : status;
}

static const char *const health_properties[] = {
	"Status",
	"TpmReadyStatus",
	"HASEndpoint",
	"CurrentProtocolVersion",
	"PreferredMaxProtocolVersion",
	"MaxSupportedProtocolVersion",
	NULL,
};
static const char *const compliance_properties[] = { "EncryptionCompliance", NULL };
static const char *const status_properties[] = { "SecureBootState", NULL };

static const struct ed_wmi_class mdm_classes[] = {
	{ "MDM_HealthAttestation", "HealthAttestation", health_properties },
	{ "MDM_DeviceStatus_Compliance01", "DeviceStatus", compliance_properties },
	{ "MDM_DeviceStatus", "DeviceStatus", status_properties },
};

static ed_status record_mdm(const struct ed_wmi_api *api, struct ed_wmi *wmi,
			    const struct ed_live *live, struct ed_recording *out,
			    struct ed_error *err)
{
	struct ed_state_writer w;
	struct ed_buf state;
	ed_status status = ED_OK;
	size_t all = 0;

	ed_buf_init(&state, ED_LIMIT_RECORDED);
	ed_state_begin(&w, &state, "mdm");
	for (size_t i = 0; i < ED_COUNT(mdm_classes) && status == ED_OK; i++) {
		size_t instances = 0;

		if (live->stopped(live)) {
			status = ed_wmi_gap(out, ed_str_from(mdm_classes[i].class_name), "query",
					    ED_WMI_CANCELLED, err);
			continue;
		}
		status = ed_wmi_put_class(api, wmi, &mdm_classes[i], &w, out, &instances, err);
		all += instances;
	}
	ed_state_end(&w);
	if (status == ED_OK && all)
		status = ed_wmi_member(out, ED_STR("state/mdm.json"), ED_STR(MDM_SOURCE), &state,
				       err);
	ed_buf_release(&state);
	return status;
}

ed_status ed_mdm_record(const struct ed_wmi_api *api, enum ed_rights rights,
			const struct ed_live *live, struct ed_recording *out, struct ed_error *err)
{
	struct ed_wmi *wmi = NULL;
	ed_status status;
	uint32_t result;

	if (rights != ED_RIGHTS_SYSTEM)
		return ed_recording_gap(out, ED_STR(MDM_SOURCE), false, ED_STATE_DENIED,
					ED_LOST_UNKNOWN, ED_STR("needs SYSTEM"), err);
	result = api->connect(api->context, live, MDM_NAMESPACE, &wmi);
	if (ed_wmi_failed(result))
		return ed_wmi_gap(out, ED_STR(MDM_SOURCE), "namespace", result, err);
	status = record_mdm(api, wmi, live, out, err);
	api->close(wmi);
	return status;
}

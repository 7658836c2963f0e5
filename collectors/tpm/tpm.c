/* SPDX-License-Identifier: MIT */
/* Which TPM there is, and what it measured at the current start. */
#include "espdiag/collectors/tpm.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"

#define NAMESPACE "ROOT\\CIMV2\\Security\\MicrosoftTpm"
#define LOG_SOURCE "Tbsi_Get_TCG_Log_Ex"
#define DEVICE_SOURCE "Tbsi_GetDeviceInfo"

enum { LOG_TRIES = 3 }; /* a log may grow between asking for its size and reading it */

static const struct {
	uint32_t result;
	enum ed_state state;
	const char *words;
} results[] = {
	{ ED_TBS_NOT_RUNNING, ED_STATE_DISABLED, "the TPM base services do not run" },
	{ ED_TBS_DISABLED, ED_STATE_DISABLED, "the TPM base services are disabled" },
	{ ED_TBS_TPM_NOT_FOUND, ED_STATE_ABSENT, "no TPM" },
	{ ED_TBS_NO_EVENT_LOG, ED_STATE_ABSENT, "no log" },
	{ ED_TBS_ACCESS_DENIED, ED_STATE_DENIED, "access denied" },
	{ ED_TBS_NO_LIBRARY, ED_STATE_ABSENT, "tbs.dll does not have it" },
};

static ed_status tbs_gap(struct ed_recording *out, struct ed_str source, uint32_t result,
			 struct ed_error *err)
{
	enum ed_state state = ED_STATE_DAMAGED;
	const char *words = "failed";
	char why[96];

	for (size_t i = 0; i < ED_COUNT(results); i++) {
		if (results[i].result != result)
			continue;
		state = results[i].state;
		words = results[i].words;
	}
	snprintf(why, sizeof(why), "%s (0x%08x)", words, (unsigned)result);
	return ed_recording_gap(out, source, false, state, ED_LOST_UNKNOWN, ed_str_from(why), err);
}

ed_status ed_tpm_record_device(const struct ed_tbs_api *tbs, struct ed_recording *out,
			       struct ed_error *err)
{
	const struct ed_str path = ED_STR("device");
	struct ed_tpm_device device = { 0 };
	struct ed_state_writer w;
	struct ed_buf state;
	ed_status status;
	uint32_t result = tbs->device(tbs->context, &device);

	if (result != ED_TBS_OK && result != ED_TBS_TPM_NOT_FOUND)
		return tbs_gap(out, ED_STR(DEVICE_SOURCE), result, err);
	ed_buf_init(&state, ED_LIMIT_RECORDED);
	ed_state_begin(&w, &state, "tpm");
	ed_state_bool(&w, path, "Present", result == ED_TBS_OK);
	if (result == ED_TBS_OK) {
		ed_state_number(&w, path, "TpmVersion", device.version);
		ed_state_number(&w, path, "TpmInterfaceType", device.interface_type);
		ed_state_number(&w, path, "TpmImpRevision", device.revision);
	}
	ed_state_end(&w);
	status = ed_wmi_member(out, ED_STR("state/tpm.json"), ED_STR(DEVICE_SOURCE), &state, err);
	ed_buf_release(&state);
	return status;
}

/* *log is freed by the caller. Returns what the services returned; *size is 0 then. */
static ed_status read_log(const struct ed_tbs_api *tbs, unsigned char **log, uint32_t *size,
			  uint32_t *result, struct ed_error *err)
{
	*log = NULL;
	for (int tries = 0; tries < LOG_TRIES; tries++) {
		unsigned char *grown;

		*size = 0;
		*result = tbs->log(tbs->context, NULL, size);
		if (*result != ED_TBS_OK && *result != ED_TBS_INSUFFICIENT_BUFFER)
			break;
		if (!*size) {
			*result = ED_TBS_NO_EVENT_LOG;
			break;
		}
		if (*size > ED_LIMIT_TCG_FILE)
			return ed_fail(err, ED_LIMIT, "log of %u bytes (ED_LIMIT_TCG_FILE)",
				       (unsigned)*size);
		grown = ed_realloc(*log, *size);
		if (!grown)
			return ed_fail(err, ED_NOMEM, "out of memory for the boot log");
		*log = grown;
		*result = tbs->log(tbs->context, grown, size);
		if (*result != ED_TBS_INSUFFICIENT_BUFFER)
			break;
	}
	return ED_OK;
}

static ed_status record_log(struct ed_str log, bool raw, struct ed_recording *out,
			    struct ed_error *err)
{
	struct ed_buf *bytes;
	ed_status status;

	if (raw) {
		ED_TRY(ed_recording_add(out, ED_FORM_RAW, ED_STR("raw/measured-boot/current.log"),
					ED_STR(LOG_SOURCE), &bytes, err));
		ed_buf_adds(bytes, log);
		if (bytes->status != ED_OK)
			return ed_fail(err, bytes->status, "cannot record the boot log: %s",
				       ed_status_text(bytes->status));
	}
	ED_TRY(ed_recording_add(out, ED_FORM_BOOTLOG, ED_STR("measured-boot/current.json"),
				ED_STR(LOG_SOURCE), &bytes, err));
	status = ed_bootlog_write(ED_STR("current"), log, bytes, err);
	if (status == ED_OK && bytes->status != ED_OK)
		status = ed_fail(err, bytes->status, "cannot record the boot log: %s",
				 ed_status_text(bytes->status));
	if (status != ED_OK)
		ed_recording_drop(out);
	return status;
}

ed_status ed_tpm_record_log(const struct ed_tbs_api *tbs, bool raw, struct ed_recording *out,
			    struct ed_error *err)
{
	unsigned char *log;
	uint32_t size, result;
	ed_status status = read_log(tbs, &log, &size, &result, err);

	if (status == ED_OK && result != ED_TBS_OK)
		status = tbs_gap(out, ED_STR(LOG_SOURCE), result, err);
	else if (status == ED_OK)
		status = record_log((struct ed_str){ (const char *)log, size }, raw, out, err);
	ed_free(log);
	return status;
}

static const char *const tpm_properties[] = {
	"SpecVersion",
	"ManufacturerIdTxt",
	"ManufacturerVersion",
	"IsActivated_InitialValue",
	"IsEnabled_InitialValue",
	"IsOwned_InitialValue",
	NULL,
};

/* Only an administrator gets it; why it failed is kept under its own name. */
static ed_status put_ready(const struct ed_wmi_api *api, struct ed_wmi *wmi,
			   struct ed_state_writer *w, struct ed_error *err)
{
	const struct ed_str path = ED_STR("Win32_Tpm");
	const struct ed_wmi_call call = {
		.class_name = "Win32_Tpm",
		.path = ED_STR("Win32_Tpm=@"),
		.method = "IsReadyInformation",
	};
	struct ed_wmi_row row = { .count = 0 };
	struct ed_arena arena;
	int64_t returned = 0;
	uint32_t result;
	char text[16];

	ed_arena_init(&arena, ED_LIMIT_WMI_ARENA);
	result = ed_wmi_call(api, wmi, &call, &arena, &row);
	if (!ed_wmi_failed(result))
		result = ed_wmi_integer(&row, "ReturnValue", &returned) ? (uint32_t)returned : 0;
	else
		row.count = 0;
	ed_wmi_put(w, path, "IsReady", result ? NULL : ed_wmi_get(&row, "IsReady"));
	ed_wmi_put(w, path, "Information", result ? NULL : ed_wmi_get(&row, "Information"));
	if (result) {
		snprintf(text, sizeof(text), "0x%08x", (unsigned)result);
		ed_state_text(w, path, "IsReadyInformation", ed_str_from(text));
	}
	ed_arena_release(&arena);
	if (result == ED_WMI_E_OUTOFMEMORY || result == ED_WMI_OUT_OF_MEMORY)
		return ed_fail(err, ED_NOMEM, "out of memory in WMI");
	return ED_OK;
}

ed_status ed_tpm_record_wmi(const struct ed_wmi_api *api, const struct ed_live *live,
			    struct ed_recording *out, struct ed_error *err)
{
	static const struct ed_wmi_class tpm = { "Win32_Tpm", "Win32_Tpm", tpm_properties };
	struct ed_state_writer w;
	struct ed_wmi *wmi = NULL;
	struct ed_buf state;
	size_t instances = 0;
	ed_status status;
	uint32_t result = api->connect(api->context, live, NAMESPACE, &wmi);

	if (ed_wmi_failed(result))
		return ed_wmi_gap(out, ED_STR("Win32_Tpm"), "namespace", result, err);
	ed_buf_init(&state, ED_LIMIT_RECORDED);
	ed_state_begin(&w, &state, "tpm");
	status = ed_wmi_put_class(api, wmi, &tpm, &w, out, &instances, err);
	if (status == ED_OK && instances) {
		status = put_ready(api, wmi, &w, err);
		ed_state_end(&w);
		if (status == ED_OK)
			status = ed_wmi_member(out, ED_STR("state/tpm-wmi.json"),
					       ED_STR("Win32_Tpm"), &state, err);
	}
	ed_buf_release(&state);
	api->close(wmi);
	return status;
}

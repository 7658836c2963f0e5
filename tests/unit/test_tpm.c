/* SPDX-License-Identifier: MIT */
/* The TPM and start collectors over fakes of the TPM services, the firmware and WMI. */
#include "tcg_build.h"
#include "test_wmi_fake.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/collectors/tpm.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define TPM_NAMESPACE "ROOT\\CIMV2\\Security\\MicrosoftTpm"
#define MDM_NAMESPACE "ROOT\\cimv2\\mdm\\dmmap"

static struct ed_error err;

struct fake_tbs {
	uint32_t device_result;
	struct ed_tpm_device device;
	uint32_t size_result, read_result;
	struct ed_str log;
	uint32_t claims; /* the size that is told; 0: the log's own */
	int grows;       /* so many reads find that it has grown */
};

static uint32_t fake_device(void *context, struct ed_tpm_device *out)
{
	const struct fake_tbs *f = context;

	if (f->device_result == ED_TBS_OK)
		*out = f->device;
	return f->device_result;
}

static uint32_t fake_log(void *context, unsigned char *out, uint32_t *size)
{
	struct fake_tbs *f = context;

	if (!out) {
		*size = f->claims ? f->claims : (uint32_t)f->log.len;
		return f->size_result;
	}
	if (f->grows > 0) {
		f->grows--;
		return ED_TBS_INSUFFICIENT_BUFFER;
	}
	if (f->read_result == ED_TBS_OK) {
		ck_assert_uint_ge(*size, f->log.len);
		memcpy(out, f->log.p, f->log.len);
		*size = (uint32_t)f->log.len;
	}
	return f->read_result;
}

static struct ed_tbs_api tbs_api(struct fake_tbs *f)
{
	return (struct ed_tbs_api){ f, fake_device, fake_log };
}

START_TEST(the_tpm_there_is)
{
	struct fake_tbs f = { .device = { 2, 3, 59 } };
	const struct ed_tbs_api api = tbs_api(&f);
	struct ed_recording r;

	ed_recording_init(&r);
	ck_assert_int_eq(ed_tpm_record_device(&api, &r, &err), ED_OK);
	ck_assert(has_row(recorded(&r, "state/tpm.json"), "device", "Present", "true"));
	ck_assert(has_row(recorded(&r, "state/tpm.json"), "device", "TpmVersion", "2"));
	ck_assert(has_row(recorded(&r, "state/tpm.json"), "device", "TpmImpRevision", "59"));
	ed_recording_release(&r);
}
END_TEST

START_TEST(that_there_is_no_tpm_is_an_answer)
{
	struct fake_tbs f = { .device_result = ED_TBS_TPM_NOT_FOUND };
	const struct ed_tbs_api api = tbs_api(&f);
	struct ed_recording r;

	ed_recording_init(&r);
	ck_assert_int_eq(ed_tpm_record_device(&api, &r, &err), ED_OK);
	ck_assert(has_row(recorded(&r, "state/tpm.json"), "device", "Present", "false"));
	ck_assert_uint_eq(r.gap_count, 0);
	ed_recording_release(&r);
}
END_TEST

static const struct {
	uint32_t result;
	const char *gap;
} failures[] = {
	{ ED_TBS_NOT_RUNNING, "disabled: the TPM base services do not run (0x80284008)" },
	{ ED_TBS_DISABLED, "disabled: the TPM base services are disabled (0x80284010)" },
	{ ED_TBS_ACCESS_DENIED, "denied: access denied (0x80284012)" },
	{ ED_TBS_NO_LIBRARY, "absent: tbs.dll does not have it (0x8007007f)" },
	{ 0x80284001, "damaged: failed (0x80284001)" },
};

START_TEST(services_that_fail_are_gaps)
{
	struct fake_tbs f = { .device_result = failures[_i].result,
			      .size_result = failures[_i].result };
	const struct ed_tbs_api api = tbs_api(&f);
	struct ed_recording r;

	ed_recording_init(&r);
	ck_assert_int_eq(ed_tpm_record_device(&api, &r, &err), ED_OK);
	ck_assert_int_eq(ed_tpm_record_log(&api, true, &r, &err), ED_OK);
	ck_assert_str_eq(gap_of(&r, "Tbsi_GetDeviceInfo"), failures[_i].gap);
	ck_assert_str_eq(gap_of(&r, "Tbsi_Get_TCG_Log_Ex"), failures[_i].gap);
	ck_assert_uint_eq(r.member_count, 0);
	ed_recording_release(&r);
}
END_TEST

/* A log with boot counter 42 and an unlock. */
static struct ed_str build_log(struct tcg_build *b)
{
	struct ed_buf data;
	struct ed_str log;

	tcg_build_init(b, false);
	ed_buf_init(&data, ED_MIB);
	tcg_build_sipa_number(&data, TCG_SIPA_BOOT_COUNTER, 42, 8);
	tcg_build_sipa_number(&data, TCG_SIPA_BITLOCKER_UNLOCK, 4, 4);
	tcg_build_event(b, 12, TCG_EV_EVENT_TAG, data.p, data.len);
	ed_buf_release(&data);
	log = tcg_build_finish(b);
	ck_assert_ptr_nonnull(log.p);
	return log;
}

START_TEST(the_log_as_records_and_raw_on_request)
{
	struct tcg_build b;
	struct fake_tbs f = { .log = build_log(&b), .grows = 1 };
	const struct ed_tbs_api api = tbs_api(&f);
	struct ed_recording r;

	ed_recording_init(&r);
	ck_assert_int_eq(ed_tpm_record_log(&api, false, &r, &err), ED_OK);
	ck_assert_uint_eq(r.member_count, 1);
	ck_assert_int_eq(r.members[0].form, ED_FORM_BOOTLOG);
	ck_assert(strstr(recorded(&r, "measured-boot/current.json"), "BitlockerUnlock") != NULL);
	ck_assert_str_eq(recorded(&r, "raw/measured-boot/current.log"), "");
	ck_assert_int_eq(ed_tpm_record_log(&api, true, &r, &err), ED_OK);
	ck_assert_uint_eq(r.member_count, 3);
	ck_assert_int_eq(r.members[1].form, ED_FORM_RAW);
	ck_assert(ed_str_eq(ed_buf_str(&r.members[1].bytes), f.log));
	ed_recording_release(&r);
	tcg_build_release(&b);
}
END_TEST

START_TEST(logs_that_make_no_sense)
{
	struct fake_tbs f = { .log = ED_STR("no log at all") };
	const struct ed_tbs_api api = tbs_api(&f);
	struct ed_recording r;

	ed_recording_init(&r);
	/* damage is told in the member itself */
	ck_assert_int_eq(ed_tpm_record_log(&api, false, &r, &err), ED_OK);
	ck_assert(strstr(recorded(&r, "measured-boot/current.json"), "\"gap\"") != NULL);
	f.log = ED_STR("");
	ck_assert_int_eq(ed_tpm_record_log(&api, false, &r, &err), ED_OK);
	ck_assert_str_eq(gap_of(&r, "Tbsi_Get_TCG_Log_Ex"), "absent: no log (0x80284011)");
	f.claims = UINT32_MAX;
	ck_assert_int_eq(ed_tpm_record_log(&api, false, &r, &err), ED_LIMIT);
	f.claims = 16;
	f.grows = 100;
	ck_assert_int_eq(ed_tpm_record_log(&api, false, &r, &err), ED_OK);
	ck_assert_uint_eq(r.gap_count, 2);
	ed_recording_release(&r);
}
END_TEST

START_TEST(win32_tpm_and_whether_it_is_ready)
{
	static const struct fake_answer answers[] = {
		{ .key = TPM_NAMESPACE },
		{ .key = "FROM Win32_Tpm",
		  .values = { FAKE_TEXT("SpecVersion", "2.0, 0, 1.59"),
			      FAKE_BOOL("IsEnabled_InitialValue", true) } },
		{ .key = "IsReadyInformation",
		  .values = { FAKE_BOOL("IsReady", false), FAKE_INT("Information", 0x40000),
			      FAKE_INT("ReturnValue", 0) } },
	};
	struct fake_wmi fake = { .answers = answers, .count = ED_COUNT(answers) };
	const struct ed_wmi_api api = fake_api(&fake);
	const struct ed_live live = fake_live(&fake);
	struct ed_recording r;
	const char *json;

	ed_recording_init(&r);
	ck_assert_int_eq(ed_tpm_record_wmi(&api, &live, &r, &err), ED_OK);
	json = recorded(&r, "state/tpm-wmi.json");
	ck_assert(has_row(json, "Win32_Tpm", "SpecVersion", "\"2.0, 0, 1.59\""));
	ck_assert(has_row(json, "Win32_Tpm", "IsEnabled_InitialValue", "true"));
	ck_assert(has_row(json, "Win32_Tpm", "IsOwned_InitialValue", "null"));
	ck_assert(has_row(json, "Win32_Tpm", "IsReady", "false"));
	ck_assert(has_row(json, "Win32_Tpm", "Information", "262144"));
	ck_assert_str_eq(fake.last_path, "Win32_Tpm=@");
	ed_recording_release(&r);
}
END_TEST

START_TEST(readiness_is_for_administrators)
{
	static const struct fake_answer answers[] = {
		{ .key = TPM_NAMESPACE },
		{ .key = "FROM Win32_Tpm", .values = { FAKE_TEXT("SpecVersion", "2.0") } },
		{ .key = "IsReadyInformation", .result = ED_WMI_ACCESS_DENIED },
	};
	struct fake_wmi fake = { .answers = answers, .count = ED_COUNT(answers) };
	struct fake_wmi none = { .answers = answers, .count = 1 };
	const struct ed_wmi_api api = fake_api(&fake), empty = fake_api(&none);
	const struct ed_live live = fake_live(&fake);
	struct ed_recording r;

	ed_recording_init(&r);
	ck_assert_int_eq(ed_tpm_record_wmi(&api, &live, &r, &err), ED_OK);
	ck_assert(has_row(recorded(&r, "state/tpm-wmi.json"), "Win32_Tpm", "IsReady", "null"));
	ck_assert(has_row(recorded(&r, "state/tpm-wmi.json"), "Win32_Tpm", "IsReadyInformation",
			  "\"0x80041003\""));
	ck_assert_int_eq(ed_tpm_record_wmi(&empty, &live, &r, &err), ED_OK);
	ck_assert_str_eq(gap_of(&r, "Win32_Tpm"), "absent: query: no such class (0x80041010)");
	ck_assert_uint_eq(r.member_count, 1);
	ck_assert_int_eq(none.closes, 1);
	ed_recording_release(&r);
}
END_TEST

struct fake_start {
	uint32_t result;
	uint64_t uptime;
	int64_t now;
};

static uint32_t fake_variable(void *context, const char *name, uint8_t *out)
{
	const struct fake_start *f = context;

	*out = strcmp(name, "SecureBoot") == 0;
	return f->result;
}

static uint64_t fake_uptime(void *context)
{
	return ((const struct fake_start *)context)->uptime;
}

static int64_t fake_now(void *context)
{
	return ((const struct fake_start *)context)->now;
}

static const struct {
	uint32_t result;
	const char *secure_boot, *uefi, *gap;
} firmware[] = {
	{ 0, "1", "true", "" },
	{ ED_FIRMWARE_LEGACY, "null", "false", "" },
	{ ED_FIRMWARE_NO_PRIVILEGE, "null", NULL, "denied: access denied (Windows error 1314)" },
	{ ED_FIRMWARE_DENIED, "null", NULL, "denied: access denied (Windows error 5)" },
	{ ED_FIRMWARE_NO_VARIABLE, "null", NULL, "absent: no such variable (Windows error 203)" },
	{ 998, "null", NULL, "damaged: failed (Windows error 998)" },
};

START_TEST(firmware_and_uptime)
{
	struct fake_start f = { .result = firmware[_i].result, .uptime = 90000 };
	const struct ed_start_api api = { &f, fake_variable, fake_uptime, fake_now };
	struct ed_recording r;
	const char *json;

	ck_assert(ed_time_parse(ED_STR("2026-09-14T08:15:00Z"), &f.now));
	ed_recording_init(&r);
	ck_assert_int_eq(ed_start_record(&api, &r, &err), ED_OK);
	json = recorded(&r, "state/boot.json");
	ck_assert(has_row(json, "firmware", "SecureBoot", firmware[_i].secure_boot));
	if (firmware[_i].uefi)
		ck_assert(has_row(json, "firmware", "Uefi", firmware[_i].uefi));
	else
		ck_assert(!strstr(json, "Uefi"));
	ck_assert(has_row(json, "start", "UptimeMs", "90000"));
	ck_assert(has_row(json, "start", "LastStart", "\"2026-09-14T08:13:30Z\""));
	ck_assert_str_eq(gap_of(&r, "UEFI variable SecureBoot"), firmware[_i].gap);
	ed_recording_release(&r);
}
END_TEST

START_TEST(an_impossible_uptime_is_unknown)
{
	struct fake_start f = { .uptime = UINT64_MAX, .now = 5 };
	const struct ed_start_api api = { &f, fake_variable, fake_uptime, fake_now };
	struct ed_recording r;

	ed_recording_init(&r);
	ck_assert_int_eq(ed_start_record(&api, &r, &err), ED_OK);
	ck_assert(has_row(recorded(&r, "state/boot.json"), "start", "UptimeMs", "null"));
	ck_assert(!strstr(recorded(&r, "state/boot.json"), "LastStart"));
	ed_recording_release(&r);
}
END_TEST

static const struct fake_answer mdm[] = {
	{ .key = MDM_NAMESPACE },
	{ .key = "FROM MDM_HealthAttestation",
	  .values = { FAKE_INT("Status", 3), FAKE_TEXT("HASEndpoint", "has.spserv.microsoft.com"),
		      FAKE_TEXT("Certificate", "c2VjcmV0") } },
	{ .key = "FROM MDM_DeviceStatus_Compliance01",
	  .values = { FAKE_INT("EncryptionCompliance", 1) } },
	{ .key = "FROM MDM_DeviceStatus", .result = ED_WMI_FAILED },
};

START_TEST(the_bridge_answers_to_the_system_only)
{
	struct fake_wmi fake = { .answers = mdm, .count = ED_COUNT(mdm) };
	const struct ed_wmi_api api = fake_api(&fake);
	const struct ed_live live = fake_live(&fake);
	struct ed_recording r;
	const char *json;

	ed_recording_init(&r);
	ck_assert_int_eq(ed_mdm_record(&api, ED_RIGHTS_ADMIN, &live, &r, &err), ED_OK);
	ck_assert_int_eq(fake.connects, 0);
	ck_assert_str_eq(gap_of(&r, "MDM bridge"), "denied: needs SYSTEM");
	ck_assert_uint_eq(r.member_count, 0);
	ck_assert_int_eq(ed_mdm_record(&api, ED_RIGHTS_SYSTEM, &live, &r, &err), ED_OK);
	json = recorded(&r, "state/mdm.json");
	ck_assert(has_row(json, "HealthAttestation", "Status", "3"));
	ck_assert(has_row(json, "DeviceStatus", "EncryptionCompliance", "1"));
	ck_assert(!strstr(json, "c2VjcmV0"));
	ck_assert_str_eq(gap_of(&r, "MDM_DeviceStatus"), "damaged: query: failed (0x80041001)");
	ck_assert_int_eq(fake.closes, 1);
	ed_recording_release(&r);
}
END_TEST

START_TEST(the_bridge_is_not_on_every_system)
{
	struct fake_wmi fake = { .answers = mdm, .count = 0 };
	const struct ed_wmi_api api = fake_api(&fake);
	const struct ed_live live = fake_live(&fake);
	struct ed_recording r;

	ed_recording_init(&r);
	ck_assert_int_eq(ed_mdm_record(&api, ED_RIGHTS_SYSTEM, &live, &r, &err), ED_OK);
	ck_assert_str_eq(gap_of(&r, "MDM bridge"),
			 "absent: namespace: no such namespace (0x8004100e)");
	fake = (struct fake_wmi){ .answers = mdm, .count = ED_COUNT(mdm), .stopped = true };
	ck_assert_int_eq(ed_mdm_record(&api, ED_RIGHTS_SYSTEM, &live, &r, &err), ED_OK);
	ck_assert_int_eq(fake.queries, 0);
	ck_assert_uint_eq(r.member_count, 0);
	ed_recording_release(&r);
}
END_TEST

static ed_status record_all(struct fake_tbs *f, struct fake_wmi *fake, struct ed_recording *r)
{
	const struct ed_tbs_api tbs = tbs_api(f);
	const struct ed_wmi_api api = fake_api(fake);
	const struct ed_live live = fake_live(fake);
	struct fake_start s = { .uptime = 1, .now = 100000000 };
	const struct ed_start_api start = { &s, fake_variable, fake_uptime, fake_now };

	ED_TRY(ed_tpm_record_device(&tbs, r, &err));
	ED_TRY(ed_tpm_record_log(&tbs, true, r, &err));
	ED_TRY(ed_start_record(&start, r, &err));
	return ed_mdm_record(&api, ED_RIGHTS_SYSTEM, &live, r, &err);
}

START_TEST(out_of_memory_is_told_and_nothing_leaks)
{
	struct tcg_build b;
	struct fake_tbs f = { .log = build_log(&b) };
	ed_status status = ED_NOMEM;

	for (long n = 0; status != ED_OK; n++) {
		struct fake_wmi fake = { .answers = mdm, .count = ED_COUNT(mdm) };
		struct ed_recording r;

		ed_recording_init(&r);
		ed_alloc_fail_after(n);
		status = record_all(&f, &fake, &r);
		ed_alloc_fail_after(-1);
		ck_assert(status == ED_OK || status == ED_NOMEM);
		ck_assert_int_eq(fake.closes, fake.connects);
		ed_recording_release(&r);
		ck_assert_int_lt(n, 1000);
	}
	tcg_build_release(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tpm");
	TCase *t = tcase_create("tpm");
	SRunner *r;
	int failed;

	tcase_add_test(t, the_tpm_there_is);
	tcase_add_test(t, that_there_is_no_tpm_is_an_answer);
	tcase_add_loop_test(t, services_that_fail_are_gaps, 0, (int)ED_COUNT(failures));
	tcase_add_test(t, the_log_as_records_and_raw_on_request);
	tcase_add_test(t, logs_that_make_no_sense);
	tcase_add_test(t, win32_tpm_and_whether_it_is_ready);
	tcase_add_test(t, readiness_is_for_administrators);
	tcase_add_loop_test(t, firmware_and_uptime, 0, (int)ED_COUNT(firmware));
	tcase_add_test(t, an_impossible_uptime_is_unknown);
	tcase_add_test(t, the_bridge_answers_to_the_system_only);
	tcase_add_test(t, the_bridge_is_not_on_every_system);
	tcase_add_test(t, out_of_memory_is_told_and_nothing_leaks);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/* The volume collector over a fake WMI. */
#include "test_wmi_fake.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/collectors/volume.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define NAMESPACE "ROOT\\CIMV2\\Security\\MicrosoftVolumeEncryption"
#define FROM "FROM Win32_EncryptableVolume"
#define ID_C "\\\\?\\Volume{00000000-0000-0000-0000-0000000000c0}\\"
#define ID_NONE "\\\\?\\Volume{00000000-0000-0000-0000-0000000000ff}\\"

static struct ed_error err;

static const struct ed_str protectors[] = { { "{TPM}", 5 }, { "{PASSWORD}", 10 } };

#define VOLUME_C                                                                                   \
	{                                                                                          \
		.key = FROM, .values = {                                                           \
			FAKE_TEXT("DeviceID", ID_C),                                               \
			FAKE_TEXT("DriveLetter", "C:"),                                            \
			FAKE_INT("VolumeType", 0),                                                 \
			FAKE_BOOL("IsVolumeInitializedForProtection", true)                        \
		}                                                                                  \
	}
#define RETURNED(v) FAKE_INT("ReturnValue", v)

static const struct fake_answer armed[] = {
	{ .key = NAMESPACE },
	VOLUME_C,
	{ .key = FROM,
	  .values = { FAKE_TEXT("DeviceID", ID_NONE), FAKE_NULL("DriveLetter"),
		      FAKE_INT("VolumeType", 1) } },
	{ .key = "GetConversionStatus",
	  .values = { FAKE_INT("ConversionStatus", 1), FAKE_INT("EncryptionPercentage", 100),
		      FAKE_INT("EncryptionFlags", 1), FAKE_INT("WipingStatus", 0), RETURNED(0) } },
	{ .key = "GetProtectionStatus",
	  .values = { FAKE_INT("ProtectionStatus", 1), RETURNED(0) } },
	{ .key = "GetEncryptionMethod",
	  .values = { FAKE_INT("EncryptionMethod", 6), RETURNED(0) } },
	{ .key = "GetLockStatus", .values = { FAKE_INT("LockStatus", 0), RETURNED(0) } },
	{ .key = "GetSuspendCount", .values = { RETURNED(0x80070032) } },
	{ .key = "GetHardwareEncryptionStatus", .result = ED_WMI_INVALID_METHOD },
	{ .key = "GetKeyProtectors",
	  .values = { FAKE_TEXTS("VolumeKeyProtectorID", protectors), RETURNED(0) } },
	{ .key = "GetKeyProtectorType {TPM}",
	  .values = { FAKE_INT("KeyProtectorType", 1), RETURNED(0) } },
	{ .key = "GetKeyProtectorType {PASSWORD}",
	  .values = { FAKE_INT("KeyProtectorType", 3), RETURNED(0) } },
	/* what must never be reached */
	{ .key = "GetKeyProtectorNumericalPassword",
	  .values = { FAKE_TEXT("NumericalPassword", "111111-222222"), RETURNED(0) } },
};

START_TEST(all_values_of_a_protected_volume)
{
	struct fake_wmi fake = { .answers = armed, .count = ED_COUNT(armed) };
	const struct ed_wmi_api api = fake_api(&fake);
	const struct ed_live live = fake_live(&fake);
	struct ed_recording r;
	const char *json;

	ed_recording_init(&r);
	ck_assert_int_eq(ed_volume_record(&api, &live, &r, &err), ED_OK);
	ck_assert_str_eq(fake.last_namespace, NAMESPACE);
	ck_assert_uint_eq(r.gap_count, 0);
	ck_assert_uint_eq(r.member_count, 1);
	ck_assert_int_eq(r.members[0].form, ED_FORM_STATE);
	json = recorded(&r, "state/volume.json");
	ck_assert(strstr(json, "\"volume\"") != NULL);
	ck_assert(has_row(json, "C:", "VolumeType", "0"));
	ck_assert(has_row(json, "C:", "IsVolumeInitializedForProtection", "true"));
	ck_assert(has_row(json, "C:", "ConversionStatus", "1"));
	ck_assert(has_row(json, "C:", "EncryptionPercentage", "100"));
	ck_assert(has_row(json, "C:", "ProtectionStatus", "1"));
	ck_assert(has_row(json, "C:", "EncryptionMethod", "6"));
	ck_assert(has_row(json, "C:", "LockStatus", "0"));
	ck_assert(has_row(json, "C:", "KeyProtectorIDs", "\"{TPM},{PASSWORD}\""));
	ck_assert(has_row(json, "C:", "KeyProtectorTypes", "\"1,3\""));
	/* "not supported" is what a volume says that is not suspended */
	ck_assert(has_row(json, "C:", "SuspendCount", "null"));
	ck_assert(!strstr(json, "GetSuspendCount"));
	ck_assert(has_row(json, "C:", "HardwareEncryptionStatus", "null"));
	ck_assert(has_row(json, "Volume{00000000-0000-0000-0000-0000000000ff}", "VolumeType", "1"));
	ck_assert(!strstr(json, "111111"));
	ck_assert_str_eq(
		fake.last_path,
		"Win32_EncryptableVolume.DeviceID=\"\\\\\\\\?\\\\Volume{00000000-0000-0000-"
		"0000-0000000000ff}\\\\\"");
	ck_assert_int_eq(fake.connects, 1);
	ck_assert_int_eq(fake.closes, 1);
	ed_recording_release(&r);
}
END_TEST

START_TEST(methods_that_fail_cost_only_themselves)
{
	static const struct fake_answer answers[] = {
		{ .key = NAMESPACE },
		VOLUME_C,
		{ .key = "GetConversionStatus", .values = { RETURNED(0x80310000) } },
		{ .key = "GetProtectionStatus",
		  .values = { FAKE_INT("ProtectionStatus", 2), RETURNED(0) } },
		{ .key = "GetEncryptionMethod", .result = ED_WMI_FAILED },
		{ .key = "GetLockStatus", .values = { FAKE_INT("LockStatus", 1), RETURNED(0) } },
		{ .key = "GetSuspendCount",
		  .values = { FAKE_INT("SuspendCount", 2), RETURNED(0) } },
		{ .key = "GetHardwareEncryptionStatus", .result = ED_WMI_ACCESS_DENIED },
		{ .key = "GetKeyProtectors", .values = { RETURNED(0x80310008) } },
	};
	struct fake_wmi fake = { .answers = answers, .count = ED_COUNT(answers) };
	const struct ed_wmi_api api = fake_api(&fake);
	const struct ed_live live = fake_live(&fake);
	struct ed_recording r;
	const char *json;

	ed_recording_init(&r);
	ck_assert_int_eq(ed_volume_record(&api, &live, &r, &err), ED_OK);
	json = recorded(&r, "state/volume.json");
	ck_assert(has_row(json, "C:", "ConversionStatus", "null"));
	ck_assert(has_row(json, "C:", "GetConversionStatus", "\"0x80310000\""));
	ck_assert(has_row(json, "C:", "ProtectionStatus", "2"));
	ck_assert(has_row(json, "C:", "GetEncryptionMethod", "\"0x80041001\""));
	ck_assert(has_row(json, "C:", "SuspendCount", "2"));
	ck_assert(has_row(json, "C:", "GetHardwareEncryptionStatus", "\"0x80041003\""));
	/* not set up for BitLocker: it has no protectors, and that is known */
	ck_assert(has_row(json, "C:", "KeyProtectorTypes", "\"\""));
	ed_recording_release(&r);
}
END_TEST

START_TEST(an_id_that_is_too_long_costs_only_its_volume)
{
	static char endless[ED_LIMIT_NAME_BYTES];
	const struct fake_answer answers[] = {
		{ .key = NAMESPACE },
		{ .key = FROM,
		  .values = { { .name = ED_STR("DeviceID"),
				.type = ED_WMI_TEXT,
				.text = { endless, sizeof(endless) } },
			      FAKE_TEXT("DriveLetter", "B:") } },
		VOLUME_C,
		{ .key = "GetProtectionStatus",
		  .values = { FAKE_INT("ProtectionStatus", 1), RETURNED(0) } },
	};
	struct fake_wmi fake = { .answers = answers, .count = ED_COUNT(answers) };
	const struct ed_wmi_api api = fake_api(&fake);
	const struct ed_live live = fake_live(&fake);
	struct ed_recording r;
	const char *json;

	memset(endless, 'x', sizeof(endless));
	ed_recording_init(&r);
	ck_assert_int_eq(ed_volume_record(&api, &live, &r, &err), ED_OK);
	json = recorded(&r, "state/volume.json");
	ck_assert(has_row(json, "C:", "ProtectionStatus", "1"));
	ck_assert(!strstr(json, "B:"));
	ck_assert_uint_eq(r.gap_count, 1);
	ck_assert_str_eq(gap_of(&r, "Win32_EncryptableVolume"),
			 "damaged: a volume's id is longer than ED_LIMIT_NAME_BYTES");
	ed_recording_release(&r);
}
END_TEST

START_TEST(a_protector_without_a_type_makes_all_types_unknown)
{
	static const struct fake_answer answers[] = {
		{ .key = NAMESPACE },
		VOLUME_C,
		{ .key = "GetKeyProtectors",
		  .values = { FAKE_TEXTS("VolumeKeyProtectorID", protectors), RETURNED(0) } },
		{ .key = "GetKeyProtectorType {TPM}",
		  .values = { FAKE_INT("KeyProtectorType", 1), RETURNED(0) } },
		{ .key = "GetKeyProtectorType", .values = { RETURNED(0x80310012) } },
	};
	struct fake_wmi fake = { .answers = answers, .count = ED_COUNT(answers) };
	const struct ed_wmi_api api = fake_api(&fake);
	const struct ed_live live = fake_live(&fake);
	struct ed_recording r;
	const char *json;

	ed_recording_init(&r);
	ck_assert_int_eq(ed_volume_record(&api, &live, &r, &err), ED_OK);
	json = recorded(&r, "state/volume.json");
	ck_assert(has_row(json, "C:", "KeyProtectorTypes", "null"));
	ck_assert(has_row(json, "C:", "GetKeyProtectorType", "\"0x80310012\""));
	ed_recording_release(&r);
}
END_TEST

static const struct {
	uint32_t connect, query;
	const char *gap;
} denials[] = {
	{ 0, ED_WMI_ACCESS_DENIED, "denied: query: access denied (0x80041003)" },
	{ ED_WMI_ACCESS_DENIED, 0, "denied: namespace: access denied (0x80041003)" },
	{ ED_WMI_INVALID_NAMESPACE, 0, "absent: namespace: no such namespace (0x8004100e)" },
	{ 0, ED_WMI_CANCELLED, "timed-out: query: stopped before it answered (0x80041032)" },
};

START_TEST(what_cannot_be_asked_is_a_gap_and_no_member)
{
	const struct fake_answer answers[] = {
		{ .key = NAMESPACE, .result = denials[_i].connect },
		{ .key = FROM, .result = denials[_i].query, .no_row = true }
	};
	struct fake_wmi fake = { .answers = answers, .count = ED_COUNT(answers) };
	const struct ed_wmi_api api = fake_api(&fake);
	const struct ed_live live = fake_live(&fake);
	struct ed_recording r;

	ed_recording_init(&r);
	ck_assert_int_eq(ed_volume_record(&api, &live, &r, &err), ED_OK);
	ck_assert_str_eq(gap_of(&r, "Win32_EncryptableVolume"), denials[_i].gap);
	ck_assert_uint_eq(r.gap_count, 1);
	ck_assert_uint_eq(r.member_count, 0);
	ck_assert_int_eq(fake.closes, denials[_i].connect ? 0 : 1);
	ed_recording_release(&r);
}
END_TEST

START_TEST(out_of_time_keeps_what_is_there)
{
	static const struct fake_answer answers[] = {
		{ .key = NAMESPACE },
		VOLUME_C,
		{ .key = "GetConversionStatus",
		  .values = { FAKE_INT("ConversionStatus", 2), RETURNED(0) } },
		{ .key = "GetProtectionStatus", .result = ED_WMI_CANCELLED },
	};
	struct fake_wmi fake = { .answers = answers, .count = ED_COUNT(answers) };
	const struct ed_wmi_api api = fake_api(&fake);
	const struct ed_live live = fake_live(&fake);
	struct ed_recording r;

	ed_recording_init(&r);
	ck_assert_int_eq(ed_volume_record(&api, &live, &r, &err), ED_OK);
	ck_assert(has_row(recorded(&r, "state/volume.json"), "C:", "ConversionStatus", "2"));
	ck_assert(has_row(recorded(&r, "state/volume.json"), "C:", "ProtectionStatus", "null"));
	ck_assert_str_eq(gap_of(&r, "Win32_EncryptableVolume"),
			 "timed-out: methods: stopped before it answered (0x80041032)");
	ck_assert_int_eq(fake.calls, 2); /* nothing more was asked */
	ed_recording_release(&r);

	fake.stopped = true;
	ed_recording_init(&r);
	ck_assert_int_eq(ed_volume_record(&api, &live, &r, &err), ED_OK);
	ck_assert_uint_eq(r.member_count, 0);
	ck_assert_uint_eq(r.gap_count, 1);
	ed_recording_release(&r);
}
END_TEST

static uint32_t shell_says_on(const char *root, int64_t *value)
{
	ck_assert_str_eq(root, "C:\\");
	*value = 1;
	return 0;
}

static uint32_t shell_fails(const char *root, int64_t *value)
{
	(void)root;
	(void)value;
	return ED_WMI_NOT_FOUND;
}

START_TEST(the_shells_property_is_marked_as_such)
{
	struct ed_recording r;

	ed_recording_init(&r);
	ck_assert_int_eq(ed_volume_record_shell(shell_says_on, &r, &err), ED_OK);
	ck_assert(has_row(recorded(&r, "state/volume-shell.json"), "C:", "ShellProtection", "1"));
	ck_assert_int_eq(ed_volume_record_shell(shell_fails, &r, &err), ED_OK);
	ck_assert_str_eq(gap_of(&r, "System.Volume.BitLockerProtection"),
			 "absent: shell property: not found (0x80041002)");
	ck_assert_uint_eq(r.member_count, 1);
	ed_recording_release(&r);
}
END_TEST

START_TEST(out_of_memory_is_told_and_nothing_leaks)
{
	ed_status status = ED_NOMEM;

	for (long n = 0; status != ED_OK; n++) {
		struct fake_wmi fake = { .answers = armed, .count = ED_COUNT(armed) };
		const struct ed_wmi_api api = fake_api(&fake);
		const struct ed_live live = fake_live(&fake);
		struct ed_recording r;

		ed_recording_init(&r);
		ed_alloc_fail_after(n);
		status = ed_volume_record(&api, &live, &r, &err);
		ed_alloc_fail_after(-1);
		ck_assert(status == ED_OK || status == ED_NOMEM);
		ck_assert_int_eq(fake.closes, 1);
		ed_recording_release(&r);
		ck_assert_int_lt(n, 500);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("volume");
	TCase *t = tcase_create("volume");
	SRunner *r;
	int failed;

	tcase_add_test(t, all_values_of_a_protected_volume);
	tcase_add_test(t, methods_that_fail_cost_only_themselves);
	tcase_add_test(t, an_id_that_is_too_long_costs_only_its_volume);
	tcase_add_test(t, a_protector_without_a_type_makes_all_types_unknown);
	tcase_add_loop_test(t, what_cannot_be_asked_is_a_gap_and_no_member, 0,
			    (int)ED_COUNT(denials));
	tcase_add_test(t, out_of_time_keeps_what_is_there);
	tcase_add_test(t, the_shells_property_is_marked_as_such);
	tcase_add_test(t, out_of_memory_is_told_and_nothing_leaks);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

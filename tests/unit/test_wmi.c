/* SPDX-License-Identifier: MIT */
/* Which methods may be called, rows as state, failures as gaps. */
#include "test_wmi_fake.h"

#include "espdiag/base/limits.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct ed_error err;

static const struct {
	const char *class_name, *method, *path;
	bool allowed;
} methods[] = {
	{ "Win32_EncryptableVolume", "GetProtectionStatus",
	  "Win32_EncryptableVolume.DeviceID=\"v\"", true },
	{ "Win32_EncryptableVolume", "GetKeyProtectors", "Win32_EncryptableVolume.DeviceID=\"v\"",
	  true },
	{ "Win32_Tpm", "IsReadyInformation", "Win32_Tpm=@", true },
	/* secrets */
	{ "Win32_EncryptableVolume", "GetKeyProtectorNumericalPassword",
	  "Win32_EncryptableVolume.DeviceID=\"v\"", false },
	{ "Win32_EncryptableVolume", "GetKeyProtectorExternalKey",
	  "Win32_EncryptableVolume.DeviceID=\"v\"", false },
	{ "Win32_EncryptableVolume", "GetKeyPackage", "Win32_EncryptableVolume.DeviceID=\"v\"",
	  false },
	{ "Win32_EncryptableVolume", "GetExternalKeyFromFile",
	  "Win32_EncryptableVolume.DeviceID=\"v\"", false },
	/* changes */
	{ "Win32_EncryptableVolume", "DisableKeyProtectors",
	  "Win32_EncryptableVolume.DeviceID=\"v\"", false },
	{ "Win32_EncryptableVolume", "Decrypt", "Win32_EncryptableVolume.DeviceID=\"v\"", false },
	{ "Win32_EncryptableVolume", "getprotectionstatus",
	  "Win32_EncryptableVolume.DeviceID=\"v\"", false },
	{ "Win32_Tpm", "Clear", "Win32_Tpm=@", false },
	{ "Win32_Tpm", "GetProtectionStatus", "Win32_Tpm=@", false },
	{ "MDM_HealthAttestation", "VerifyHealthMethod", "MDM_HealthAttestation.InstanceID=\"x\"",
	  false },
	/* the object of another class */
	{ "Win32_Tpm", "IsReadyInformation", "Win32_EncryptableVolume.DeviceID=\"v\"", false },
	{ "Win32_Tpm", "IsReadyInformation", "Win32_Tpm2=@", false },
	{ "Win32_Tpm", "IsReadyInformation", "Win32_Tpm", false },
};

START_TEST(a_row_is_asked_by_name)
{
	static const struct ed_wmi_value values[] = { FAKE_INT("Number", -2),
						      FAKE_TEXT("Text", "5"), FAKE_NULL("Null") };
	const struct ed_wmi_row row = { values, ED_COUNT(values) };
	int64_t number = 7;

	ck_assert_ptr_eq(ed_wmi_get(&row, "text"), &values[1]);
	ck_assert_ptr_null(ed_wmi_get(&row, "Tex"));
	ck_assert(!ed_wmi_integer(&row, "Text", &number));
	ck_assert(!ed_wmi_integer(&row, "Null", &number));
	ck_assert(!ed_wmi_integer(&row, "None", &number));
	ck_assert_int_eq(number, 7);
	ck_assert(ed_wmi_integer(&row, "NUMBER", &number));
	ck_assert_int_eq(number, -2);
	ck_assert(!ed_wmi_method_allowed("Win32_Tpm", ""));
	ck_assert(!ed_wmi_method_allowed("", "IsReadyInformation"));
}
END_TEST

START_TEST(what_has_no_value_is_null)
{
	static const struct ed_wmi_value other = { .type = ED_WMI_OTHER };
	static const struct ed_wmi_value empty = { .type = ED_WMI_TEXTS };
	struct ed_state_writer w;
	struct ed_buf state;

	ed_buf_init(&state, ED_MIB);
	ed_state_begin(&w, &state, "tpm");
	ed_wmi_put(&w, ED_STR("p"), "Absent", NULL);
	ed_wmi_put(&w, ED_STR("p"), "Other", &other);
	ed_wmi_put(&w, ED_STR("p"), "Empty", &empty);
	ed_state_end(&w);
	ck_assert(has_row(state.p, "p", "Absent", "null"));
	ck_assert(has_row(state.p, "p", "Other", "null"));
	ck_assert(has_row(state.p, "p", "Empty", "\"\""));
	ed_buf_release(&state);
}
END_TEST

START_TEST(only_listed_methods_are_called)
{
	static const struct fake_answer answers[] = {
		{ .key = "GetProtectionStatus" },
		{ .key = "GetKeyProtectors" },
		{ .key = "IsReadyInformation" },
		{ .key = "Clear" },
		{ .key = "GetKeyProtectorNumericalPassword" },
		{ .key = "GetKeyPackage" },
		{ .key = "GetKeyProtectorExternalKey" },
		{ .key = "DisableKeyProtectors" },
		{ .key = "Decrypt" },
		{ .key = "getprotectionstatus" },
		{ .key = "GetExternalKeyFromFile" },
		{ .key = "VerifyHealthMethod" },
	};
	struct fake_wmi fake = { .answers = answers, .count = ED_COUNT(answers) };
	const struct ed_wmi_api api = fake_api(&fake);
	const struct ed_wmi_call call = {
		.class_name = methods[_i].class_name,
		.method = methods[_i].method,
		.path = ed_str_from(methods[_i].path),
	};
	struct ed_wmi_row row = { .count = 0 };
	struct ed_arena arena;
	uint32_t result;

	ed_arena_init(&arena, ED_KIB);
	result = ed_wmi_call(&api, (struct ed_wmi *)(void *)&fake, &call, &arena, &row);
	ck_assert_msg(result == (methods[_i].allowed ? ED_WMI_OK : ED_WMI_REFUSED), "%s",
		      methods[_i].method);
	ck_assert_int_eq(fake.calls, methods[_i].allowed ? 1 : 0);
	ed_arena_release(&arena);
}
END_TEST

static const struct {
	uint32_t result;
	const char *gap;
} failures[] = {
	{ ED_WMI_ACCESS_DENIED, "denied: query: access denied (0x80041003)" },
	{ ED_WMI_E_ACCESSDENIED, "denied: query: access denied (0x80070005)" },
	{ ED_WMI_INVALID_NAMESPACE, "absent: query: no such namespace (0x8004100e)" },
	{ ED_WMI_INVALID_CLASS, "absent: query: no such class (0x80041010)" },
	{ ED_WMI_CLASS_NOT_REGISTERED, "absent: query: WMI is not installed (0x80040154)" },
	{ ED_WMI_CANCELLED, "timed-out: query: stopped before it answered (0x80041032)" },
	{ ED_WMI_FAILED, "damaged: query: failed (0x80041001)" },
	{ 0x800706ba, "damaged: query: failed (0x800706ba)" },
};

START_TEST(failures_become_gaps)
{
	struct ed_recording r;

	ed_recording_init(&r);
	ck_assert_int_eq(ed_wmi_gap(&r, ED_STR("C"), "query", failures[_i].result, &err), ED_OK);
	ck_assert_str_eq(gap_of(&r, "C"), failures[_i].gap);
	ed_recording_release(&r);
}
END_TEST

START_TEST(out_of_memory_is_no_gap)
{
	struct ed_recording r;

	ed_recording_init(&r);
	ck_assert_int_eq(ed_wmi_gap(&r, ED_STR("C"), "query", ED_WMI_E_OUTOFMEMORY, &err),
			 ED_NOMEM);
	ck_assert_int_eq(ed_wmi_gap(&r, ED_STR("C"), "query", ED_WMI_OUT_OF_MEMORY, &err),
			 ED_NOMEM);
	ck_assert_uint_eq(r.gap_count, 0);
	ed_recording_release(&r);
}
END_TEST

static const char *const properties[] = { "A", "B", "D", "E", "Missing", NULL };
static const struct ed_wmi_class thing = { "Thing", "thing", properties };

START_TEST(a_class_becomes_rows)
{
	static const struct ed_str list[] = { { "x", 1 }, { "y", 1 } };
	const struct fake_answer answers[] = {
		{ .key = "FROM Thing",
		  .values = { FAKE_INT("a", 4294967295), FAKE_BOOL("B", true), FAKE_NULL("D"),
			      FAKE_TEXTS("E", list), FAKE_TEXT("Unasked", "no") } },
		{ .key = "FROM Thing", .values = { FAKE_TEXT("A", "t\"t") } },
	};
	struct fake_wmi fake = { .answers = answers, .count = ED_COUNT(answers) };
	const struct ed_wmi_api api = fake_api(&fake);
	struct ed_state_writer w;
	struct ed_recording r;
	struct ed_buf state;
	size_t instances = 0;
	const char *json;

	ed_recording_init(&r);
	ed_buf_init(&state, ED_MIB);
	ed_state_begin(&w, &state, "tpm");
	ck_assert_int_eq(ed_wmi_put_class(&api, (struct ed_wmi *)(void *)&fake, &thing, &w, &r,
					  &instances, &err),
			 ED_OK);
	ed_state_end(&w);
	ck_assert_str_eq(fake.last_query, "SELECT A,B,D,E,Missing FROM Thing");
	ck_assert_uint_eq(instances, 2);
	ck_assert_int_eq(ed_wmi_member(&r, ED_STR("state/t.json"), ED_STR("Thing"), &state, &err),
			 ED_OK);
	json = recorded(&r, "state/t.json");
	ck_assert(has_row(json, "thing", "A", "4294967295"));
	ck_assert(has_row(json, "thing", "B", "true"));
	ck_assert(has_row(json, "thing", "D", "null"));
	ck_assert(has_row(json, "thing", "E", "\"x,y\""));
	ck_assert(has_row(json, "thing", "Missing", "null"));
	ck_assert(has_row(json, "thing/2", "A", "\"t\\\"t\""));
	ck_assert(!strstr(json, "Unasked"));
	ck_assert_uint_eq(r.gap_count, 0);
	ed_buf_release(&state);
	ed_recording_release(&r);
}
END_TEST

START_TEST(a_class_that_fails_or_is_empty_is_a_gap)
{
	static const struct fake_answer answers[] = { { .key = "FROM Thing", .no_row = true },
						      { .key = "FROM Other",
							.result = ED_WMI_ACCESS_DENIED } };
	static const struct ed_wmi_class other = { "Other", "other", properties };
	struct fake_wmi fake = { .answers = answers, .count = ED_COUNT(answers) };
	const struct ed_wmi_api api = fake_api(&fake);
	struct ed_wmi *wmi = (struct ed_wmi *)(void *)&fake;
	struct ed_state_writer w;
	struct ed_recording r;
	struct ed_buf state;
	size_t instances = 7;

	ed_recording_init(&r);
	ed_buf_init(&state, ED_MIB);
	ed_state_begin(&w, &state, "tpm");
	ck_assert_int_eq(ed_wmi_put_class(&api, wmi, &thing, &w, &r, &instances, &err), ED_OK);
	ck_assert_uint_eq(instances, 0);
	ck_assert_int_eq(ed_wmi_put_class(&api, wmi, &other, &w, &r, NULL, &err), ED_OK);
	ck_assert_str_eq(gap_of(&r, "Thing"), "absent: no instance");
	ck_assert_str_eq(gap_of(&r, "Other"), "denied: query: access denied (0x80041003)");
	ed_buf_release(&state);
	ed_recording_release(&r);
}
END_TEST

START_TEST(a_state_that_failed_is_not_recorded)
{
	struct ed_recording r;
	struct ed_buf state;

	ed_recording_init(&r);
	ed_buf_init(&state, 2);
	ed_buf_addz(&state, "long");
	ck_assert_int_eq(ed_wmi_member(&r, ED_STR("state/t.json"), ED_STR("T"), &state, &err),
			 ED_LIMIT);
	ck_assert_uint_eq(r.member_count, 0);
	ed_buf_release(&state);
	ed_recording_release(&r);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("wmi");
	TCase *t = tcase_create("wmi");
	SRunner *r;
	int failed;

	tcase_add_test(t, a_row_is_asked_by_name);
	tcase_add_test(t, what_has_no_value_is_null);
	tcase_add_loop_test(t, only_listed_methods_are_called, 0, (int)ED_COUNT(methods));
	tcase_add_loop_test(t, failures_become_gaps, 0, (int)ED_COUNT(failures));
	tcase_add_test(t, out_of_memory_is_no_gap);
	tcase_add_test(t, a_class_becomes_rows);
	tcase_add_test(t, a_class_that_fails_or_is_empty_is_a_gap);
	tcase_add_test(t, a_state_that_failed_is_not_recorded);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

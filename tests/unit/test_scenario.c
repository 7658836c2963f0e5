/* SPDX-License-Identifier: MIT */
/* The scenario language: lines, variants, order of logging, retelling, forms of evidence. */
#include "scenario.h"

#include <check.h>

#include "reg_build.h"

static struct ed_arena arena;
static struct scenario s;
static struct ed_error err;

static void setup(void)
{
	ed_arena_init(&arena, (size_t)SCENARIO_ARENA_MIB << 20);
}

static void teardown(void)
{
	ed_arena_release(&arena);
}

static ed_status tell(const char *text, struct scenario_options options)
{
	ed_status status = scenario_read(&s, &arena, ed_str_from(text), &options, &err);

	return status == ED_OK ? scenario_tell(&s, &options, &err) : status;
}

static void told(const char *text, struct scenario_options options)
{
	ck_assert_msg(tell(text, options) == ED_OK, "%s", err.text);
}

static const char *field(size_t event_i, const char *name)
{
	const struct build_event *e = &s.events[event_i].event;

	for (size_t i = 0; i < e->field_count; i++) {
		if (e->fields[i].name && strcmp(e->fields[i].name, name) == 0)
			return e->fields[i].text;
	}
	return "(none)";
}

static size_t count_of(uint32_t id)
{
	size_t n = 0;

	for (size_t i = 0; i < s.event_count; i++)
		n += s.events[i].event.id == id;
	return n;
}

static const struct scenario_options as_it_is;

START_TEST(test_boot)
{
	told("title  A start\nstory one\nstory two # comment\nat 09:00\nboot 08:00\n", as_it_is);
	ck_assert(ed_str_eq(s.title, ED_STR("A start")));
	ck_assert(ed_str_starts(s.story, ED_STR("one two")));
	ck_assert_uint_eq(s.event_count, 6);
	ck_assert_uint_eq(s.events[0].event.id, 12);
	ck_assert_uint_eq(s.events[0].event.record, 41);
	ck_assert_str_eq(field(0, "StartTime"), "2026-09-14T08:00:00.0000000Z");
	ck_assert_str_eq(s.events[0].event.provider, "Microsoft-Windows-Kernel-General");
	ck_assert_uint_eq(s.events[5].event.id, 1025);
	ck_assert_int_eq(s.events[5].event.time - s.events[0].event.time, 26 * ED_TICKS_PER_SECOND);
}
END_TEST

START_TEST(test_clock_divides)
{
	told("at 09:00\nboot 11:00\nclock 11:03 -> 08:03\nattestation ok 08:04\n", as_it_is);
	ck_assert_uint_eq(s.event_count, 8);
	/* records follow the order of logging, not the times */
	ck_assert_uint_eq(s.events[6].event.id, 1);
	ck_assert_str_eq(field(6, "OldTime"), "2026-09-14T11:03:00.0000000Z");
	ck_assert_str_eq(field(6, "NewTime"), "2026-09-14T08:03:00.0000000Z");
	ck_assert_uint_eq(s.events[7].event.record, 48);
	ck_assert_int_lt(s.events[7].event.time, s.events[0].event.time);
}
END_TEST

static const char refused[] = "at 09:00\n"
			      "expect primary a\n"
			      "expect value x 1\n"
			      "store refused from 08:15:07 every 3m count 3 deny 53000\n"
			      "variant other:\n"
			      "replace \"53000\" with \"530003\"\n"
			      "expect primary b\n"
			      "expect value y 2\n"
			      "variant none:\n"
			      "drop \"store\"\n";

START_TEST(test_variants)
{
	told(refused, as_it_is);
	ck_assert_uint_eq(s.variant_count, 2);
	ck_assert_uint_eq(count_of(1098), 3);
	ck_assert_uint_eq(count_of(2006), 6);
	ck_assert_uint_eq(s.expectation_count, 2);
	ck_assert_ptr_nonnull(strstr(field(0, "AdditionalInformation"), "AADSTS53000:"));
	ck_assert_ptr_nonnull(strstr(field(0, "AdditionalInformation"),
				     "client: 268761a2-03f3-40df-8a8b-c3db24145b6b,"));

	told(refused, (struct scenario_options){ .variant = "other" });
	ck_assert_uint_eq(s.expectation_count, 2);
	ck_assert(ed_str_eq(s.expectations[0].value[0], ED_STR("b")));
	ck_assert_ptr_nonnull(strstr(field(0, "AdditionalInformation"), "AADSTS530003:"));

	told(refused, (struct scenario_options){ .variant = "none" });
	ck_assert_uint_eq(s.event_count, 0);
	ck_assert_int_eq(tell(refused, (struct scenario_options){ .variant = "x" }), ED_ARG);

	told(refused, (struct scenario_options){ .replace_from = "count 3", .replace_to = "" });
	ck_assert_uint_eq(count_of(1098), 1);
}
END_TEST

START_TEST(test_retelling)
{
	int64_t time;
	uint64_t record;

	told(refused, as_it_is);
	time = s.events[0].event.time;
	record = s.events[0].event.record;
	told(refused, (struct scenario_options){ .shift = 86400 });
	ck_assert_int_eq(s.events[0].event.time - time, 86400 * ED_TICKS_PER_SECOND);
	ck_assert_ptr_nonnull(
		strstr(field(0, "AdditionalInformation"), "Timestamp: 2026-09-15 08:15:07Z"));
	ck_assert_ptr_nonnull(strstr(field(0, "ErrorMessage"), "requires"));

	told(refused, (struct scenario_options){ .permute = 7 });
	ck_assert_uint_ne(s.events[0].event.record, record);
	ck_assert_ptr_null(strstr(field(0, "AdditionalInformation"), "7b000001-"));
	/* what stands for an application stays */
	ck_assert_ptr_nonnull(strstr(field(0, "AdditionalInformation"),
				     "resource: 45a330b1-b1ec-4cc1-9161-9f03992aa49f,"));

	told(refused, (struct scenario_options){ .locale = "tr" });
	ck_assert_ptr_null(strstr(field(0, "ErrorMessage"), "requires"));
	ck_assert_ptr_nonnull(strstr(field(0, "AdditionalInformation"), "AADSTS53000:"));
}
END_TEST

START_TEST(test_any_event)
{
	told("at 09:00\n"
	     "event My/Channel Some-Provider 7 08:00:01.5 \"Error Code:i32=0x80004005\" Text=\"a "
	     "b\" "
	     "@level=2\n"
	     "event System tpm 1538 08:01 HResult=-1\n"
	     "registry HKLM\\SOFTWARE\\X A=text \"B c=dword:0x10\"\n"
	     "without System\nempty AAD\nbootlog 3 unlock 4\n",
	     as_it_is);
	ck_assert_uint_eq(s.event_count, 2);
	ck_assert_str_eq(s.events[0].event.channel, "My/Channel");
	ck_assert_uint_eq(s.events[0].event.level, 2);
	ck_assert_uint_eq(s.events[0].event.fields[0].type, BUILD_INT32);
	ck_assert_str_eq(field(0, "Text"), "a b");
	ck_assert_uint_eq(s.events[1].event.level, 3);
	ck_assert_uint_eq(s.events[1].event.fields[0].type, BUILD_INT32);
	ck_assert_uint_eq(s.value_count, 2);
	ck_assert_str_eq(s.values[1].key, "HKEY_LOCAL_MACHINE\\SOFTWARE\\X");
	ck_assert_str_eq(s.values[1].name, "B c");
	ck_assert_uint_eq(s.values[1].number, 16);
	ck_assert_uint_eq(s.log_count, 1);
	ck_assert_uint_eq(s.logs[0].content.unlock, 4);
}
END_TEST

static const struct {
	const char *text;
	const char *says;
} wrong[] = {
	{ "boot 08:00\n", "does not say 'at'" },
	{ "at 09:00\nbout 08:00\n", "line 2: no such word 'bout'" },
	{ "at 09:00\nboot 8 o'clock\n", "line 2: no time '8'" },
	{ "at 25:00\n", "line 1: no time" },
	{ "at 09:00\nfast-startup 08:00\n", "expected TIME..TIME" },
	{ "at 09:00\nstore refused from 08:00 every 3x\n", "no duration '3x'" },
	{ "at 09:00\nstore eats 08:00\n", "no time" },
	{ "at 09:00\nstore eats from 08:00\n", "no such story of the Store" },
	{ "at 09:00\nbitlocker dances 08:00\n", "no such story 'bitlocker dances'" },
	{ "at 09:00\nesp gone 08:00\n", "no such state of the page" },
	{ "at 09:00\nevent System kernel x 08:00\n", "expected: event" },
	{ "at 09:00\nevent System kernel 1 08:00 NewTime\n", "no value in" },
	{ "at 09:00\nevent System kernel 1 08:00 A:none=1\n", "no such type" },
	{ "at 09:00\nevent System kernel 1 08:00 @level=x\n", "no number in" },
	{ "at 09:00\nexpect primary\n", "expect KEY VALUE" },
	{ "at 09:00\nset build $build$\nboot 08:00\n", "nothing is known of" },
	{ "at 09:00\nbootlog one\n", "no number of a start" },
	{ "at 09:00\nhits\n", "expect KEY VALUE" },
	{ "at 09:00\nmdm dances 08:00\n", "no such story of management" },
	{ "at 09:00\njoin dances 08:00\n", "no such story 'join dances'" },
	{ "at 09:00\nime sings 08:00\n", "no such story 'sings'" },
	{ "at 09:00\nime bias west\n", "no minutes 'west'" },
	{ "at 09:00\nime says 08:00 A\n", "expected: ime says" },
	{ "at 09:00\ndsreg A\n", "expected: SECTION NAME=VALUE" },
	{ "at 09:00\nreport A b\n", "no value in 'b'" },
	{ "at 09:00\nenrol-failed 08:00 error x\n", "no error code 'x'" },
};

START_TEST(test_wrong)
{
	ck_assert_int_ne(tell(wrong[_i].text, as_it_is), ED_OK);
	ck_assert_msg(strstr(err.text, wrong[_i].says) != NULL, "'%s' does not say '%s'", err.text,
		      wrong[_i].says);
}
END_TEST

START_TEST(test_nothing_to_change)
{
	ck_assert_int_eq(tell("at 09:00\nvariant v:\nreplace \"x\" with \"y\"\n",
			      (struct scenario_options){ .variant = "v" }),
			 ED_FORMAT);
	ck_assert_int_eq(tell("at 09:00\nvariant v:\ndrop \"x\"\n",
			      (struct scenario_options){ .variant = "v" }),
			 ED_FORMAT);
}
END_TEST

static const struct {
	const char *form;
	size_t count;
	const char *first;
} forms[] = {
	{ "evtx", 4, "EventLogs/System.evtx" },
	{ "xml", 4, "events/System.xml" },
	{ "zip", 1, "evidence.zip" },
	{ "collect-diagnostics", 1, "evidence.zip" },
	{ "collect-diagnostics-numbered", 1, "evidence.zip" },
};

START_TEST(test_forms)
{
	struct scenario_files files;

	told("at 09:00\nboot 08:00\nbitlocker on 08:10\nenrol 08:01\nwithout DM\nbootlog 1 unlock "
	     "0\n",
	     as_it_is);
	ck_assert_int_eq(scenario_wrap(&s, forms[_i].form, &files, &err), ED_OK);
	ck_assert_uint_eq(files.count, forms[_i].count);
	ck_assert_str_eq(files.file[0].path, forms[_i].first);
	for (size_t i = 0; i < files.count; i++)
		ck_assert_uint_gt(files.file[i].bytes.len, 0);
	ck_assert_int_eq(scenario_wrap(&s, "tape", &files, &err), ED_ARG);
}
END_TEST

static void check_text(const char *file, const char *text)
{
	struct ed_buf out;

	ed_buf_init(&out, 1u << 20);
	scenario_text_file(&s, file, &out);
	ck_assert_str_eq(ed_buf_str(&out).p, text);
	ed_buf_release(&out);
}

/* Lines are in the order of time whatever the order of telling, and in the log's own zone. */
START_TEST(test_logs)
{
	told("at 09:00\n"
	     "ime bias -120\nime says 08:30 A two type 3\nime says 23:59:59.5 A \"four $build\"\n"
	     "ime bias none\nime says 08:30 A three\n"
	     "ime bias 60\nime says 00:10 A one\nime token-failed from 08:00 every 1h count 2\n",
	     as_it_is);
	check_text("A.log",
		   "<![LOG[one]LOG]!><time=\"23:10:00.0000000+060\" date=\"9-13-2026\" "
		   "component=\"A\" context=\"\" type=\"1\" thread=\"8\" file=\"\">\r\n"
		   "<![LOG[two]LOG]!><time=\"10:30:00.0000000-120\" date=\"9-14-2026\" "
		   "component=\"A\" context=\"\" type=\"3\" thread=\"8\" file=\"\">\r\n"
		   "<![LOG[three]LOG]!><time=\"08:30:00.0000000\" date=\"9-14-2026\" "
		   "component=\"A\" context=\"\" type=\"1\" thread=\"8\" file=\"\">\r\n"
		   "<![LOG[four 26100]LOG]!><time=\"01:59:59.5000000-120\" date=\"9-15-2026\" "
		   "component=\"A\" context=\"\" type=\"1\" thread=\"8\" file=\"\">\r\n");
	ck_assert_uint_eq(s.text_count, 6);
	ck_assert_str_eq(s.texts[5].file, "IntuneManagementExtension.log");
	ck_assert_int_eq(s.texts[5].time - s.texts[4].time, 3600 * ED_TICKS_PER_SECOND);
	ck_assert_str_eq(s.texts[4].text, "Failed to get AAD token. errorCode = 3399548929");
}
END_TEST

START_TEST(test_tables)
{
	told("at 09:00\ndsreg \"Device State\" AzureAdJoined=NO\nreport A/B C=$tenant D=\n"
	     "dsreg \"User State\" NgcSet=NO\n",
	     as_it_is);
	check_text(SCENARIO_REPORT,
		   "<?xml version=\"1.0\"?>\r\n<MDMEnterpriseDiagnosticsReport>\r\n"
		   "<A><B><C>11111111-2222-3333-4444-555555555555</C></B></A>\r\n"
		   "<A><B><D></D></B></A>\r\n</MDMEnterpriseDiagnosticsReport>\r\n");
	ck_assert_uint_eq(s.text_count, 4);
	ck_assert_str_eq(s.texts[3].section, "User State");
}
END_TEST

/* What a story says of the registry stands instead of what it would have left. */
START_TEST(test_told_values)
{
	size_t found = 0;

	told("at 09:00\nesp device-setup since 08:00 limit 45\n"
	     "registry $tracking\\Device\\Setup\\Apps\\PolicyProviders\\sidecar "
	     "trackingpoliciescreated=dword:0\n",
	     as_it_is);
	for (size_t i = 0; i < s.value_count; i++) {
		if (ed_str_ieq(ed_str_from(s.values[i].name), ED_STR("TrackingPoliciesCreated"))) {
			ck_assert_uint_eq(s.values[i].number, 0);
			found++;
		}
	}
	ck_assert_uint_eq(found, 1);
}
END_TEST

/* The finding a case is for is an expectation, and a variant says its own. */
START_TEST(test_headers)
{
	static const char text[] = "at 09:00\nhits a b\nmisses c\nshows S1\n"
				   "variant v:\nhits d\n";

	told(text, as_it_is);
	ck_assert_uint_eq(s.expectation_count, 3);
	ck_assert(ed_str_eq(s.expectations[0].key, ED_STR("hits")));
	ck_assert_uint_eq(s.expectations[0].value_count, 2);
	ck_assert(ed_str_eq(s.expectations[1].value[0], ED_STR("c")));
	told(text, (struct scenario_options){ .variant = "v" });
	ck_assert_uint_eq(s.expectation_count, 1);
	ck_assert(ed_str_eq(s.expectations[0].value[0], ED_STR("d")));
}
END_TEST

static const struct {
	const char *line;
	const char *provider;
	uint32_t id;
} told_events[] = {
	{ "enrol-failed 08:00 id 76 error 0x80180014", "DeviceManagement-Enterprise", 76 },
	{ "enrol-failed 08:00 refused", "DeviceManagement-Enterprise", 52 },
	{ "join timed-out 08:00", "DeviceManagement-Enterprise", 110 },
	{ "join unauthenticated 08:00", "User Device Registration", 305 },
	{ "autopilot check 08:00 error 0x80284001", "ModernDeployment", 211 },
	{ "autopilot app-failed 08:00 app Contoso", "ModernDeployment", 298 },
	{ "mdm reboot 08:00 ./Device/Vendor/X", "DeviceManagement-Enterprise", 2800 },
	{ "mdm check 08:00 2914", "DeviceManagement-Enterprise", 2914 },
	{ "mdm check 08:00 2902 found 6 wanted 7", "DeviceManagement-Enterprise", 2902 },
	{ "broker from 08:00 every 1m count 2", "AAD", 1098 },
	{ "esp hello 08:00", "Shell-Core", 62404 },
	{ "esp aborted 08:00", "Shell-Core", 62407 },
	{ "tpm not-provisioned 08:00", "TPM-WMI", 1026 },
	{ "licence refused 08:00", "Client-Licensing", 110 },
};

START_TEST(test_told_event)
{
	char text[200];

	snprintf(text, sizeof(text), "at 09:00\n%s\n", told_events[_i].line);
	told(text, as_it_is);
	ck_assert_uint_ge(s.event_count, 1);
	ck_assert_uint_eq(s.events[0].event.id, told_events[_i].id);
	ck_assert_ptr_nonnull(strstr(s.events[0].event.provider, told_events[_i].provider));
}
END_TEST

START_TEST(test_registry_text)
{
	static const unsigned char multi[] = { 'a', 0, 0, 0, 'b', 0, 0, 0, 0, 0 };
	static const unsigned char bytes[40];
	struct reg_build b;
	struct ed_str text;

	reg_build_init(&b, REG_BUILD_EXPORT);
	reg_build_key(&b, "HKEY_LOCAL_MACHINE\\A");
	reg_build_sz(&b, "a\\b", "say \"x\"");
	reg_build_sz(&b, "", "default");
	reg_build_dword(&b, "n", 0x1ef);
	reg_build_key(&b, "HKEY_LOCAL_MACHINE\\B");
	reg_build_hex(&b, "m", 7, multi, sizeof(multi));
	reg_build_hex(&b, "l", 3, bytes, sizeof(bytes));
	text = ed_buf_str(&b.text);
	ck_assert_str_eq(
		text.p,
		"Windows Registry Editor Version 5.00\r\n\r\n"
		"[HKEY_LOCAL_MACHINE\\A]\r\n"
		"\"a\\\\b\"=\"say \\\"x\\\"\"\r\n@=\"default\"\r\n\"n\"=dword:000001ef\r\n"
		"\r\n[HKEY_LOCAL_MACHINE\\B]\r\n"
		"\"m\"=hex(7):61,00,00,00,62,00,00,00,00,00\r\n"
		"\"l\"=hex:00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,"
		"00,\\\r\n"
		"  00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00,00\r\n");
	ck_assert_uint_eq(reg_build_finish(&b).len, 2 + 2 * text.len);
	reg_build_release(&b);

	reg_build_init(&b, REG_BUILD_DUMP);
	reg_build_key(&b, "HKEY_LOCAL_MACHINE\\A");
	reg_build_sz(&b, "a\\b", "say \"x\"");
	reg_build_sz(&b, "", "d");
	reg_build_dword(&b, "n", 0x1ef);
	ck_assert_str_eq(ed_buf_str(&b.text).p, "[HKEY_LOCAL_MACHINE\\A]\r\n"
						" \"a\\b\"=\"say \"x\"\"\r\n"
						" @=\"d\"\r\n \"n\"=DWORD:000001EF\r\n");
	reg_build_release(&b);
}
END_TEST

START_TEST(test_boot_log)
{
	struct ed_buf new_form, old_form, without;
	struct tcg_boot boot = { .boot_counter = 1, .event_counter = 41, .unlock = 4 };

	ed_buf_init(&new_form, 65536);
	ed_buf_init(&old_form, 65536);
	ed_buf_init(&without, 65536);
	tcg_build_boot(&new_form, &boot);
	boot.sha1_only = true;
	tcg_build_boot(&old_form, &boot);
	boot.no_unlock = true;
	tcg_build_boot(&without, &boot);
	ck_assert_uint_eq(new_form.len, 793);
	ck_assert_mem_eq(new_form.p + 32, "Spec ID Event03", 16);
	ck_assert_mem_eq(old_form.p + 32, "Spec ID Event02", 16);
	ck_assert_uint_eq(old_form.len - without.len, 12);
	ed_buf_release(&new_form);
	ed_buf_release(&old_form);
	ed_buf_release(&without);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("scenario");
	TCase *tc = tcase_create("all");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_boot);
	tcase_add_test(tc, test_clock_divides);
	tcase_add_test(tc, test_variants);
	tcase_add_test(tc, test_retelling);
	tcase_add_test(tc, test_any_event);
	tcase_add_loop_test(tc, test_wrong, 0, (int)ED_COUNT(wrong));
	tcase_add_test(tc, test_nothing_to_change);
	tcase_add_loop_test(tc, test_forms, 0, (int)ED_COUNT(forms));
	tcase_add_test(tc, test_logs);
	tcase_add_test(tc, test_tables);
	tcase_add_test(tc, test_told_values);
	tcase_add_test(tc, test_headers);
	tcase_add_loop_test(tc, test_told_event, 0, (int)ED_COUNT(told_events));
	tcase_add_test(tc, test_registry_text);
	tcase_add_test(tc, test_boot_log);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

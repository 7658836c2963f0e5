/* SPDX-License-Identifier: MIT */
/* Filters of events, and events as text. */
#include "espdiag/model/filter.h"

#include <check.h>

#include "espdiag/base/limits.h"
#include "espdiag/model/event_text.h"

static struct ed_event_head head_of(uint32_t id, uint8_t level, int64_t time)
{
	return (struct ed_event_head){ .provider = ED_STR("Microsoft-Windows-Store"),
				       .channel = ED_STR("Microsoft-Windows-Store/Operational"),
				       .record = 7,
				       .time = time,
				       .id = id,
				       .level = level };
}

START_TEST(nothing_asked_passes_everything)
{
	static struct ed_filter f;
	struct ed_event_head head = head_of(70000, 200, ED_TIME_NONE);

	ed_filter_init(&f);
	ck_assert(ed_filter_matches(&f, &head));
	ck_assert(!ed_filter_has_window(&f));
}
END_TEST

START_TEST(ids)
{
	static struct ed_filter f;
	struct ed_error err;

	ed_filter_init(&f);
	ck_assert_int_eq(ed_filter_add_ids(&f, ED_STR("5, 0x10 ,4700-4720"), &err), ED_OK);
	ck_assert(ed_filter_id(&f, 5) && ed_filter_id(&f, 16) && ed_filter_id(&f, 4700) &&
		  ed_filter_id(&f, 4720));
	ck_assert(!ed_filter_id(&f, 4) && !ed_filter_id(&f, 4721) && !ed_filter_id(&f, 65541));
	ck_assert_int_eq(ed_filter_add_ids(&f, ED_STR(""), &err), ED_ARG);
	ck_assert_int_eq(ed_filter_add_ids(&f, ED_STR("-3"), &err), ED_ARG);
	ck_assert_int_eq(ed_filter_add_ids(&f, ED_STR("9-5"), &err), ED_ARG);
	ck_assert_int_eq(ed_filter_add_ids(&f, ED_STR("65536"), &err), ED_ARG);
	ck_assert_int_eq(ed_filter_add_ids(&f, ED_STR("1-65535"), &err), ED_OK);
	ck_assert(ed_filter_id(&f, 65535) && !ed_filter_id(&f, 0));
}
END_TEST

START_TEST(levels)
{
	static struct ed_filter f;
	struct ed_error err;

	ed_filter_init(&f);
	ck_assert(ed_filter_level(&f, 77));
	ck_assert_int_eq(ed_filter_add_levels(&f, ED_STR("Error,information"), &err), ED_OK);
	ck_assert(ed_filter_level(&f, 2) && ed_filter_level(&f, 4) && ed_filter_level(&f, 0));
	ck_assert(!ed_filter_level(&f, 1) && !ed_filter_level(&f, 3) && !ed_filter_level(&f, 34));
	ck_assert_int_eq(ed_filter_add_levels(&f, ED_STR("1-3"), &err), ED_OK);
	ck_assert(ed_filter_level(&f, 1) && ed_filter_level(&f, 3) && !ed_filter_level(&f, 5));
	ck_assert_int_eq(ed_filter_add_levels(&f, ED_STR("32"), &err), ED_ARG);
	ck_assert_int_eq(ed_filter_add_levels(&f, ED_STR("errors"), &err), ED_ARG);
}
END_TEST

START_TEST(names)
{
	static struct ed_filter f;
	struct ed_event_head head = head_of(1, 4, 5);
	struct ed_error err;

	ed_filter_init(&f);
	ck_assert_int_eq(ed_filter_add_channel(&f, ED_STR("System"), &err), ED_OK);
	ck_assert(!ed_filter_matches(&f, &head));
	ck_assert_int_eq(ed_filter_add_channel(&f, ED_STR("microsoft-windows-STORE/*"), &err),
			 ED_OK);
	ck_assert(ed_filter_matches(&f, &head));
	ck_assert_int_eq(ed_filter_add_provider(&f, ED_STR("Microsoft-Windows"), &err), ED_OK);
	ck_assert(!ed_filter_matches(&f, &head));
	ck_assert_int_eq(ed_filter_add_provider(&f, ED_STR("Microsoft-Windows-store"), &err),
			 ED_OK);
	ck_assert(ed_filter_matches(&f, &head));
	ck_assert_int_eq(ed_filter_add_provider(&f, ED_STR(""), &err), ED_ARG);
	for (int i = 2; i < ED_FILTER_WORDS; i++)
		ck_assert_int_eq(ed_filter_add_provider(&f, ED_STR("x"), &err), ED_OK);
	ck_assert_int_eq(ed_filter_add_provider(&f, ED_STR("x"), &err), ED_LIMIT);
}
END_TEST

START_TEST(window)
{
	static struct ed_filter f;

	ed_filter_init(&f);
	ck_assert(ed_filter_time(&f, ED_TIME_NONE));
	f.since = 10;
	ck_assert(ed_filter_has_window(&f));
	ck_assert(!ed_filter_time(&f, 9) && ed_filter_time(&f, 10) && ed_filter_time(&f, 99));
	ck_assert(!ed_filter_time(&f, ED_TIME_NONE));
	f.until = 20;
	ck_assert(ed_filter_time(&f, 20) && !ed_filter_time(&f, 21));
	f.since = ED_TIME_NONE;
	ck_assert(ed_filter_time(&f, 0) && !ed_filter_time(&f, 21));
}
END_TEST

static const struct ed_field fields[] = {
	{ { "ErrorCode", 9 }, { "0x5", 3 } }, { { "", 0 }, { "one", 3 } },
	{ { "", 0 }, { "<\"2\">\r\n", 7 } },  { { "Data", 4 }, { "three", 5 } },
	{ { "error code", 10 }, { "", 0 } },
};

static struct ed_event event_of(const struct ed_field *f, size_t count)
{
	return (struct ed_event){ .head = head_of(8, 2, 0),
				  .computer = ED_STR("PC & Co"),
				  .user = { NULL, 0 },
				  .fields = f,
				  .field_count = count };
}

static void json_is(const struct ed_event *event, const struct ed_wanted *wanted, const char *text)
{
	struct ed_buf out;

	ed_buf_init(&out, ED_MIB);
	ed_event_json(&out, event, wanted);
	ck_assert_int_eq(out.status, ED_OK);
	ck_assert_str_eq(out.p, text);
	ed_buf_release(&out);
}

START_TEST(json)
{
	struct ed_wanted wanted = { .count = 0 };
	struct ed_event event = event_of(fields, ED_COUNT(fields));

	json_is(&event, &wanted,
		"{\"provider\":\"Microsoft-Windows-Store\",\"event\":8,\"version\":0,\"level\":2,"
		"\"at\":\"1601-01-01T00:00:00.0000000Z\",\"record\":7,"
		"\"channel\":\"Microsoft-Windows-Store/Operational\",\"computer\":\"PC & Co\","
		"\"fields\":{\"ErrorCode\":\"0x5\",\"Data\":\"one\",\"Data#2\":\"<\\\"2\\\">"
		"\\r\\n\","
		"\"Data#3\":\"three\",\"error code\":\"\"}}\n");
	event.field_count = 0;
	event.head.time = ED_TIME_NONE;
	event.head.channel = event.computer = (struct ed_str){ NULL, 0 };
	json_is(&event, &wanted,
		"{\"provider\":\"Microsoft-Windows-Store\",\"event\":8,\"version\":0,\"level\":2,"
		"\"record\":7,\"fields\":{}}\n");
}
END_TEST

START_TEST(json_of_wanted_fields)
{
	struct ed_wanted wanted = { .names = { ED_STR("errorCODE"), ED_STR("event record id"),
					       ED_STR("Data"), ED_STR("nowhere") },
				    .count = 4 };
	struct ed_event event = event_of(fields, ED_COUNT(fields));

	json_is(&event, &wanted,
		"{\"event record id\":7,\"errorCODE\":\"0x5\",\"Data\":\"one\","
		"\"Data#2\":\"<\\\"2\\\">\\r\\n\",\"Data#3\":\"three\",\"errorCODE#2\":\"\"}\n");
	wanted.names[0] = ED_STR("nowhere");
	wanted.count = 1;
	json_is(&event, &wanted, "{}\n");
}
END_TEST

/* A logged name that looks like a made one. */
START_TEST(json_keys_differ)
{
	static const struct ed_field made[] = {
		{ { "A", 1 }, { "1", 1 } },
		{ { "A#2", 3 }, { "2", 1 } },
		{ { "A", 1 }, { "3", 1 } },
	};
	struct ed_wanted wanted = { .count = 0 };
	struct ed_buf out;

	ed_buf_init(&out, ED_MIB);
	ed_event_json_fields(&out, made, ED_COUNT(made), &wanted);
	ck_assert_str_eq(out.p, "\"A\":\"1\",\"A#2\":\"2\",\"A##2\":\"3\",");
	ed_buf_release(&out);
}
END_TEST

START_TEST(parts_of_system_come_before_fields)
{
	struct ed_wanted wanted = { .names = { ED_STR("level"), ED_STR("Name") }, .count = 2 };
	size_t found = 0;

	for (size_t i = 0; i < ed_system_key_count; i++)
		found += ed_wanted_system(&wanted, &ed_system_keys[i]).p != NULL;
	ck_assert_uint_eq(found, 1);
	ck_assert_ptr_null(ed_wanted_field(&wanted, ED_STR("Level")).p);
	ck_assert_ptr_nonnull(ed_wanted_field(&wanted, ED_STR("name")).p);
}
END_TEST

START_TEST(xml)
{
	struct ed_event event = event_of(fields, 3);
	struct ed_buf out;

	ed_buf_init(&out, ED_MIB);
	ed_event_xml(&out, &event);
	ck_assert_str_eq(
		out.p,
		"<Event xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\"><System>"
		"<Provider Name=\"Microsoft-Windows-Store\"/><EventID>8</EventID>"
		"<Version>0</Version><Level>2</Level>"
		"<TimeCreated SystemTime=\"1601-01-01T00:00:00.0000000Z\"/>"
		"<EventRecordID>7</EventRecordID><Channel>Microsoft-Windows-Store/Operational"
		"</Channel><Computer>PC &amp; Co</Computer></System><EventData>"
		"<Data Name=\"ErrorCode\">0x5</Data><Data>one</Data>"
		"<Data>&lt;\"2\"&gt;&#13;\n</Data></EventData></Event>\n");
	ed_buf_release(&out);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("filter");
	TCase *tcase = tcase_create("all");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, nothing_asked_passes_everything);
	tcase_add_test(tcase, ids);
	tcase_add_test(tcase, levels);
	tcase_add_test(tcase, names);
	tcase_add_test(tcase, window);
	tcase_add_test(tcase, json);
	tcase_add_test(tcase, json_of_wanted_fields);
	tcase_add_test(tcase, json_keys_differ);
	tcase_add_test(tcase, parts_of_system_come_before_fields);
	tcase_add_test(tcase, xml);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

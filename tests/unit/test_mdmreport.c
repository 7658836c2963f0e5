/* SPDX-License-Identifier: MIT */
/* The reader of MDMDiagReport.xml. */
#include <stdlib.h>

#include "xml_record.h"

static const char report[] =
	"<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n"
	"<MDMEnterpriseDiagnosticsReport Version='1 &amp; 2'>\r\n"
	" <PolicyManager>\r\n"
	"  <ConfigSource><Name>\xC3\x84 &lt;x&gt;</Name><Empty/></ConfigSource>\r\n"
	"  <currentPolicies xmlns='urn:x'><p:Policy xmlns:p='urn:y' p:Area='BitLocker'>\r\n"
	"   <RequireDeviceEncryption> <![CDATA[1]]>\r\n</RequireDeviceEncryption>\r\n"
	"  </p:Policy></currentPolicies>\r\n"
	" </PolicyManager>\r\n"
	"</MDMEnterpriseDiagnosticsReport>\r\n";

static const struct {
	const char *path, *name, *text;
} values[] = {
	{ "MDMEnterpriseDiagnosticsReport", "Version", "1 & 2" },
	{ "MDMEnterpriseDiagnosticsReport/PolicyManager/ConfigSource", "Name", "\xC3\x84 <x>" },
	{ "MDMEnterpriseDiagnosticsReport/PolicyManager/ConfigSource", "Empty", "" },
	{ "MDMEnterpriseDiagnosticsReport/PolicyManager/currentPolicies/Policy", "Area",
	  "BitLocker" },
	{ "MDMEnterpriseDiagnosticsReport/PolicyManager/currentPolicies/Policy",
	  "RequireDeviceEncryption", "1" },
};

static struct record record;
static struct ed_error error;

static void setup(void)
{
	record_init(&record);
	error = (struct ed_error){ 0 };
}

static void teardown(void)
{
	ed_alloc_fail_after(-1);
	record_release(&record);
}

static ed_status read_bytes(const void *bytes, size_t len)
{
	record_release(&record);
	record_init(&record);
	return record_read(&record, &ed_reader_mdmreport, bytes, len, &error);
}

static void values_are_there(void)
{
	ck_assert_uint_eq(record.gap_count, 0);
	ck_assert_uint_eq(record.fact_count, ED_COUNT(values));
	for (size_t i = 0; i < ED_COUNT(values); i++) {
		ck_assert_int_eq(record.facts[i].kind, ED_FACT_MDMREPORT);
		ck_assert(!record.facts[i].has_number);
		ck_assert(record.facts[i].time == ED_TIME_NONE);
		record_is(record.facts[i].path, values[i].path);
		record_is(record.facts[i].name, values[i].name);
		record_is(record.facts[i].text, values[i].text);
	}
}

START_TEST(values_are_read)
{
	char utf16[2 * sizeof(report)];

	ck_assert_int_eq(read_bytes(report, sizeof(report) - 1), ED_OK);
	values_are_there();
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		ck_assert_int_eq(read_bytes(utf16, record_utf16(report, big_endian, utf16)), ED_OK);
		values_are_there();
	}
}
END_TEST

START_TEST(truncated_anywhere)
{
	size_t end = (size_t)(strstr(report, "</MDMEnt") - report);

	for (size_t n = 0; n < end; n++) {
		ed_status status = read_bytes(report, n);

		if (!record.fact_count) {
			ck_assert_msg(status == ED_FORMAT && record.gap_count == 0, "%zu", n);
			continue;
		}
		ck_assert_msg(status == ED_OK && record.gap_count == 1, "%zu", n);
		ck_assert_msg(record.gaps[0].state == ED_STATE_TRUNCATED, "%zu: %.*s", n,
			      ED_FMT(record.gaps[0].why));
		ck_assert_uint_eq(record.gaps[0].lost, ED_LOST_UNKNOWN);
	}
}
END_TEST

static const struct {
	const char *text;
	ed_status status;
	const char *why;
} refused[] = {
	{ "", ED_FORMAT, "empty" },
	{ "no XML", ED_FORMAT, "not well-formed" },
	{ "<Other><a>1</a></Other>", ED_FORMAT, "not an MDM" },
	{ "<!DOCTYPE MDMDiagReport [<!ENTITY x 'y'>]><MDMDiagReport>&x;</MDMDiagReport>", ED_FORMAT,
	  "document type" },
	{ "<?xml version='1.0' encoding='koi8-r'?><MDMDiagReport>\xD0</MDMDiagReport>", ED_FORMAT,
	  "encoding" },
};

START_TEST(refused_texts)
{
	ck_assert_int_eq(read_bytes(refused[_i].text, strlen(refused[_i].text)),
			 refused[_i].status);
	ck_assert_msg(strstr(error.text, refused[_i].why) != NULL, "%s", error.text);
	ck_assert_uint_eq(record.fact_count, 0);
}
END_TEST

START_TEST(damage_keeps_what_came_before)
{
	static const char text[] = "<MDMDiagReport><a>1</a><b></c></MDMDiagReport>";

	ck_assert_int_eq(read_bytes(text, sizeof(text) - 1), ED_OK);
	ck_assert_uint_eq(record.fact_count, 1);
	ck_assert_uint_eq(record.gap_count, 1);
	ck_assert_int_eq(record.gaps[0].state, ED_STATE_DAMAGED);
}
END_TEST

static ed_status read_repeated(const char *piece, size_t times, const char *tail)
{
	struct ed_buf buf;
	ed_status status;

	ed_buf_init(&buf, 256 * ED_MIB);
	ed_buf_addz(&buf, "<MDMDiagReport>");
	for (size_t i = 0; i < times; i++)
		ed_buf_addz(&buf, piece);
	ed_buf_addz(&buf, tail);
	status = read_bytes(buf.p, buf.len);
	ed_buf_release(&buf);
	return status;
}

START_TEST(values_are_limited)
{
	ck_assert_int_eq(read_repeated("<a/>", ED_LIMIT_REPORT_FACTS + 7, "</MDMDiagReport>"),
			 ED_OK);
	ck_assert_uint_eq(record.fact_count, ED_LIMIT_REPORT_FACTS);
	ck_assert_uint_eq(record.gap_count, 1);
	ck_assert_int_eq(record.gaps[0].state, ED_STATE_TRUNCATED);
	ck_assert_uint_eq(record.gaps[0].lost, 7);
}
END_TEST

START_TEST(depth_is_limited)
{
	ck_assert_int_eq(read_repeated("<a>", 100000, ""), ED_LIMIT);
	ck_assert_uint_eq(record.fact_count, 0);
}
END_TEST

START_TEST(size_is_limited)
{
	struct ed_input input = { .path = ED_STR("x"), .size = ED_LIMIT_TEXT_FILE + 1 };

	ck_assert_int_eq(ed_reader_mdmreport.read(&input, &record.sink, &error), ED_LIMIT);
}
END_TEST

START_TEST(paths_are_limited)
{
	char name[1024], open[1030];

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	snprintf(open, sizeof(open), "<%s>", name);
	ck_assert_int_eq(read_repeated(open, 3, ""), ED_FORMAT);
	ck_assert_int_eq(read_repeated(open, 5, ""), ED_LIMIT);
}
END_TEST

START_TEST(long_values_are_cut)
{
	ck_assert_int_eq(read_repeated("<a>", 1, ""), ED_FORMAT);
	ck_assert_int_eq(read_repeated("\xC3\xA4", ED_LIMIT_VALUE, "</MDMDiagReport>"), ED_OK);
	ck_assert_uint_eq(record.fact_count, 1);
	ck_assert_uint_eq(record.facts[0].text.len, ED_LIMIT_VALUE);
	record_is(record.facts[0].path, "");
	record_is(record.facts[0].name, "MDMDiagReport");
}
END_TEST

START_TEST(the_sinks_failure_ends_it)
{
	record.answer = ED_LIMIT;
	ck_assert_int_eq(
		record_read(&record, &ed_reader_mdmreport, report, sizeof(report) - 1, &error),
		ED_LIMIT);
	ck_assert_str_eq(error.text, "the sink has had enough");
	ck_assert_uint_eq(record.gap_count, 0);
}
END_TEST

START_TEST(out_of_memory_is_told)
{
	ed_status status = ED_NOMEM;

	for (long n = 0; status != ED_OK && n < 10000; n++) {
		struct ed_input input;

		record_release(&record);
		record_init(&record);
		ed_input_from_memory(&input, ED_STR("x"), report, sizeof(report) - 1);
		ed_alloc_fail_after(n);
		status = ed_reader_mdmreport.read(&input, &record.sink, &error);
		ed_alloc_fail_after(-1);
		ck_assert_msg(status == ED_OK || status == ED_NOMEM, "%ld: %s", n, error.text);
	}
	ck_assert_int_eq(status, ED_OK);
	values_are_there();
}
END_TEST

START_TEST(probe_tells_by_content)
{
	ck_assert_int_eq(ed_reader_mdmreport.probe(ED_STR("<MDMDiagReport/>"), ED_STR("")), 100);
	ck_assert_int_eq(ed_reader_mdmreport.probe(ed_str_from(report), ED_STR("")), 100);
	ck_assert_int_eq(ed_reader_mdmreport.probe(ED_STR("<MDM/>"), ED_STR("MDMDiagReport.xml")),
			 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mdmreport");
	TCase *tc = tcase_create("mdmreport");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, values_are_read);
	tcase_add_test(tc, truncated_anywhere);
	tcase_add_loop_test(tc, refused_texts, 0, (int)ED_COUNT(refused));
	tcase_add_test(tc, damage_keeps_what_came_before);
	tcase_add_test(tc, values_are_limited);
	tcase_add_test(tc, depth_is_limited);
	tcase_add_test(tc, size_is_limited);
	tcase_add_test(tc, paths_are_limited);
	tcase_add_test(tc, long_values_are_cut);
	tcase_add_test(tc, the_sinks_failure_ends_it);
	tcase_add_test(tc, out_of_memory_is_told);
	tcase_add_test(tc, probe_tells_by_content);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

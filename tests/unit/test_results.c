/* SPDX-License-Identifier: MIT */
/* The reader of results.xml of Collect diagnostics, and that its secret goes nowhere. */
#include <stdlib.h>

#include "xml_record.h"

#define SECRET "aW5zdGVhZCBvZiBhIHNlY3JldA"

static const char results[] =
	"<Collection HRESULT=\"0\">\r\n"
	" <ID>6a3f</ID>\r\n"
	" <SasUrl>https://x.example/d/x.zip?sv=2020&amp;sig=" SECRET "&amp;se=2026</SasUrl>\r\n"
	" <RegistryKey HRESULT=\"-2147024893\">HKLM\\Software\\Microsoft\\X &amp; "
	"Y</RegistryKey>\r\n"
	" <Command HRESULT='0'>\r\n%windir%\\system32\\dsregcmd.exe /status\r\n</Command>\r\n"
	" <FoldersFiles HRESULT='0x80070002'><![CDATA[%temp%\\*.log]]><x>y</x></FoldersFiles>\r\n"
	" <Events HRESULT='unknown'>Syst\xC3\xA8me</Events>\r\n"
	" <Upload HRESULT='0'>https://x.example/?SIG=" SECRET "</Upload>\r\n"
	"</Collection>\r\n";

static const struct {
	const char *path, *name;
	bool has_number;
	uint32_t number;
} items[] = {
	{ "Collection", "", true, 0 },
	{ "ID", "6a3f", false, 0 },
	{ "RegistryKey", "HKLM\\Software\\Microsoft\\X & Y", true, 0x80070003 },
	{ "Command", "%windir%\\system32\\dsregcmd.exe /status", true, 0 },
	{ "FoldersFiles", "%temp%\\*.log", true, 0x80070002 },
	{ "Events", "Syst\xC3\xA8me", false, 0 },
	{ "Upload", "", true, 0 },
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

static void no_secret_in(struct ed_str s)
{
	if (ed_str_ifind(s, ED_STR("sig="), 0) != SIZE_MAX ||
	    ed_str_find(s, ed_str_slice(ED_STR(SECRET), 0, 4), 0) != SIZE_MAX)
		ck_abort_msg("a secret: %.*s", ED_FMT(s));
}

static ed_status read_bytes(const void *bytes, size_t len)
{
	ed_status status;

	record_release(&record);
	record_init(&record);
	status = record_read(&record, &ed_reader_results, bytes, len, &error);
	for (size_t i = 0; i < record.fact_count; i++) {
		no_secret_in(record.facts[i].path);
		no_secret_in(record.facts[i].name);
		no_secret_in(record.facts[i].text);
	}
	for (size_t i = 0; i < record.gap_count; i++)
		no_secret_in(record.gaps[i].why);
	no_secret_in(ed_str_from(error.text));
	return status;
}

static void items_are_there(void)
{
	ck_assert_uint_eq(record.gap_count, 0);
	ck_assert_uint_eq(record.fact_count, ED_COUNT(items));
	for (size_t i = 0; i < ED_COUNT(items); i++) {
		ck_assert_int_eq(record.facts[i].kind, ED_FACT_COLLECTED);
		record_is(record.facts[i].path, items[i].path);
		record_is(record.facts[i].name, items[i].name);
		ck_assert_int_eq(record.facts[i].has_number, items[i].has_number);
		ck_assert_uint_eq(record.facts[i].number, items[i].number);
		ck_assert(record.facts[i].time == ED_TIME_NONE);
	}
}

START_TEST(items_are_read)
{
	char utf16[2 * sizeof(results)];

	ck_assert_int_eq(read_bytes(results, sizeof(results) - 1), ED_OK);
	items_are_there();
	ck_assert_int_eq(read_bytes(utf16, record_utf16(results, false, utf16)), ED_OK);
	items_are_there();
}
END_TEST

START_TEST(truncated_anywhere)
{
	size_t end = (size_t)(strstr(results, "</Collection") - results);

	for (size_t n = 0; n < end; n++) {
		ed_status status = read_bytes(results, n);

		if (!record.fact_count)
			ck_assert_msg(status == ED_FORMAT, "%zu", n);
		else
			ck_assert_msg(status == ED_OK && record.gap_count == 1 &&
					      record.gaps[0].state == ED_STATE_TRUNCATED,
				      "%zu", n);
	}
}
END_TEST

/* Each byte of the secret's element overwritten in turn: no message may quote it. */
START_TEST(a_damaged_secret_is_not_quoted)
{
	char text[sizeof(results)];
	size_t from = (size_t)(strstr(results, "<SasUrl") - results);
	size_t to = (size_t)(strstr(results, "</SasUrl") - results) + 9;
	static const char with[] = { '<', '>', '&', '"', ' ', '\xFF' };

	for (size_t i = from; i < to; i++) {
		for (size_t k = 0; k < sizeof(with); k++) {
			memcpy(text, results, sizeof(text));
			text[i] = with[k];
			read_bytes(text, sizeof(text) - 1);
		}
	}
}
END_TEST

static const struct {
	const char *text;
	const char *why;
} refused[] = {
	{ "", "empty" },
	{ "<Other/>", "not the results" },
	{ "<!DOCTYPE Collection [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
	  "<Collection HRESULT='0'>&x;</Collection>",
	  "document type" },
	{ "<Collection><ID>", "not well-formed" },
};

START_TEST(refused_texts)
{
	ck_assert_int_eq(read_bytes(refused[_i].text, strlen(refused[_i].text)), ED_FORMAT);
	ck_assert_msg(strstr(error.text, refused[_i].why) != NULL, "%s", error.text);
	ck_assert_uint_eq(record.fact_count, 0);
}
END_TEST

START_TEST(items_are_limited)
{
	struct ed_buf buf;

	ed_buf_init(&buf, 4 * ED_MIB);
	ed_buf_addz(&buf, "<Collection><ID>");
	for (size_t i = 0; i <= ED_LIMIT_VALUE; i++)
		ed_buf_addc(&buf, 'x');
	ed_buf_addz(&buf, "</ID></Collection>");
	ck_assert_int_eq(read_bytes(buf.p, buf.len), ED_LIMIT);
	ed_buf_release(&buf);
}
END_TEST

START_TEST(out_of_memory_is_told)
{
	ed_status status = ED_NOMEM;

	for (long n = 0; status != ED_OK && n < 10000; n++) {
		struct ed_input input;

		record_release(&record);
		record_init(&record);
		ed_input_from_memory(&input, ED_STR("x"), results, sizeof(results) - 1);
		ed_alloc_fail_after(n);
		status = ed_reader_results.read(&input, &record.sink, &error);
		ed_alloc_fail_after(-1);
		ck_assert_msg(status == ED_OK || status == ED_NOMEM, "%ld: %s", n, error.text);
	}
	ck_assert_int_eq(status, ED_OK);
	items_are_there();
}
END_TEST

START_TEST(probe_tells_by_content)
{
	ck_assert_int_ge(ed_reader_results.probe(ed_str_from(results), ED_STR("")), 80);
	ck_assert_int_eq(ed_reader_results.probe(ED_STR("<Collection/>"), ED_STR("results.xml")),
			 0);
	ck_assert_int_eq(ed_reader_results.probe(ED_STR("<x HRESULT='0'/>"), ED_STR("")), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("results");
	TCase *tc = tcase_create("results");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, items_are_read);
	tcase_add_test(tc, truncated_anywhere);
	tcase_add_test(tc, a_damaged_secret_is_not_quoted);
	tcase_add_loop_test(tc, refused_texts, 0, (int)ED_COUNT(refused));
	tcase_add_test(tc, items_are_limited);
	tcase_add_test(tc, out_of_memory_is_told);
	tcase_add_test(tc, probe_tells_by_content);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

/* SPDX-License-Identifier: MIT */
/* CMTrace logs and dsregcmd output. */
#include "espdiag/collectors/textlog.h"

#include "reader_run.h"

#define LOG_PATH "bundle.zip/IntuneManagementExtension\\Logs/AppWorkload.log"
#define ATTRIBUTES                                                                                 \
	"<time=\"08:15:07.1234567+060\" date=\"9-14-2026\" component=\"Win32App\" "                \
	"context=\"\" type=\"1\" thread=\"5\" file=\"\">"
#define ENTRY(message) "<![LOG[" message "]LOG]!>" ATTRIBUTES "\r\n"

static struct reader_run run;

static void setup(void)
{
	memset(&run, 0, sizeof(run));
}

static void teardown(void)
{
	reader_run_release(&run);
}

static void read_log(const char *text, size_t n)
{
	reader_run_release(&run);
	reader_run(&run, &ed_reader_cmtrace, LOG_PATH, text, n);
	ck_assert_int_eq(run.status, ED_OK);
	reader_check_texts(&run);
}

static void add_long(struct ed_buf *text, size_t n)
{
	ck_assert(ed_buf_reserve(text, n));
	memset(text->p + text->len, 'x', n);
	text->len += n;
}

static const struct time_case {
	const char *time, *date;
	const char *utc; /* "" no zone is known, NULL the entry is lost */
} time_cases[] = {
	{ "08:15:07.1234567+060", "9-14-2026", "2026-09-14T09:15:07.1234567Z" },
	{ "08:15:07.1234567-120", "9-14-2026", "2026-09-14T06:15:07.1234567Z" },
	{ "08:15:07.123+000", "09-14-2026", "2026-09-14T08:15:07.1230000Z" },
	{ "08:15:07+0", "9-14-2026", "2026-09-14T08:15:07.0000000Z" },
	{ "23:59:59.9999999+001", "12-31-2026", "2027-01-01T00:00:59.9999999Z" },
	{ "00:00:00.0-001", "1-1-2026", "2025-12-31T23:59:00.0000000Z" },
	{ "8:5:7.1-060", "1-2-2026", "2026-01-02T07:05:07.1000000Z" },
	{ "08:15:07.1234567", "9-14-2026", "" },
	{ "08:15:07", "9-14-2026", "" },
	{ "08:15:07.12345678", "9-14-2026", NULL },
	{ "24:15:07.1", "9-14-2026", NULL },
	{ "08:60:07.1", "9-14-2026", NULL },
	{ "08:15:61.1", "9-14-2026", NULL },
	{ "08:15:07.", "9-14-2026", NULL },
	{ "08:15", "9-14-2026", NULL },
	{ "08:15:07.1+", "9-14-2026", NULL },
	{ "08:15:07.1+9999", "9-14-2026", NULL },
	{ "08:15:07.1+060x", "9-14-2026", NULL },
	{ "08:15:07.1", "14-9-2026", NULL },
	{ "08:15:07.1", "2-30-2026", NULL },
	{ "08:15:07.1", "9-14-26", NULL },
	{ "08:15:07.1", "9/14/2026", NULL },
	{ "08:15:07.1", "", NULL },
	{ "", "9-14-2026", NULL },
};

START_TEST(times)
{
	const struct time_case *t = &time_cases[_i];
	struct ed_buf text;

	ed_buf_init(&text, 10000);
	ed_buf_printf(&text, "<![LOG[m]LOG]!><time=\"%s\" date=\"%s\" component=\"c\" type=\"2\">",
		      t->time, t->date);
	read_log(text.p, text.len);
	if (!t->utc) {
		ck_assert_msg(!run.evidence.fact_count, "%s %s", t->time, t->date);
		ck_assert(ed_str_eq(reader_row(&run)->why, ED_STR("line 1: entry without a time")));
		ck_assert_uint_eq(reader_row(&run)->lost, 1);
	} else {
		const struct ed_fact *f = reader_fact(&run, 0);
		char out[ED_TIME_TEXT] = "";

		ck_assert_msg(f != NULL, "%s %s", t->time, t->date);
		if (f->time != ED_TIME_NONE)
			ed_time_format_full(f->time, out);
		ck_assert_str_eq(out, t->utc);
		ck_assert(f->has_number);
		ck_assert_uint_eq(f->number, 2);
		ck_assert_uint_eq(reader_row(&run)->lost, 0);
	}
	ed_buf_release(&text);
}
END_TEST

START_TEST(entries)
{
	static const char text[] = "\xEF\xBB\xBF" ENTRY("[Win32App] one")
		ENTRY("two\r\nlines <with> \"quotes\" ]LOG] ]]")
			ENTRY("") "\r\n" ENTRY("last \xC3\xA4");
	const struct ed_fact *f;

	read_log(text, sizeof(text) - 1);
	ck_assert_uint_eq(run.evidence.fact_count, 4);
	f = reader_fact(&run, 0);
	ck_assert_int_eq(f->kind, ED_FACT_LOGLINE);
	ck_assert(ed_str_eq(f->path, ED_STR("Win32App")));
	ck_assert(ed_str_eq(f->name, ED_STR("AppWorkload.log")));
	ck_assert(ed_str_eq(f->text, ED_STR("[Win32App] one")));
	ck_assert_uint_eq(f->number, 1);
	ck_assert(ed_str_eq(reader_fact(&run, 1)->text,
			    ED_STR("two\r\nlines <with> \"quotes\" ]LOG] ]]")));
	ck_assert(ed_str_eq(reader_fact(&run, 2)->text, ED_STR("")));
	ck_assert(ed_str_eq(reader_fact(&run, 3)->text, ED_STR("last \xC3\xA4")));
	ck_assert_uint_eq(reader_row(&run)->lost, 0);
	ck_assert_uint_eq(reader_row(&run)->records, 4);
	ck_assert_int_eq(reader_row(&run)->oldest, f->time);
}
END_TEST

/* What is wrong between two good entries costs itself. */
static const struct damage_case {
	const char *text;
	uint64_t lost;
	const char *why;
} damage_cases[] = {
	{ "", 0, NULL },
	{ " \r\n\t\r\n", 0, NULL },
	{ "plain text\r\n", 1, "line 2: text outside of an entry" },
	{ "more\r\nlines\r\n", 1, "line 2: text outside of an entry" },
	{ "<![LOG[no end\r\n", 1, "line 2: entry without its end" },
	{ "<![LOG[no end\r\n<![LOG[again\r\n", 2, "line 2: entry without its end" },
	{ "<![LOG[no attributes]LOG]!>\r\n", 1, "line 2: entry without its attributes" },
	{ "<![LOG[broken]LOG]!><time=\"08:15:07.1 date=\r\n", 1, NULL },
	{ "<![LOG[no time]LOG]!><component=\"c\">\r\n", 1, "line 2: entry without a time" },
	{ "tail of one]LOG]!>" ATTRIBUTES "\r\n", 1, "line 2: text outside of an entry" },
};

START_TEST(damage)
{
	const struct damage_case *t = &damage_cases[_i];
	struct ed_buf text;
	size_t facts;

	ed_buf_init(&text, 10000);
	ed_buf_printf(&text, ENTRY("first") "%s" ENTRY("second") ENTRY("third"), t->text);
	read_log(text.p, text.len);
	facts = run.evidence.fact_count;
	ck_assert_msg(facts >= 2, "'%s': %zu facts", t->text, facts);
	ck_assert(ed_str_eq(reader_fact(&run, 0)->text, ED_STR("first")));
	ck_assert(ed_str_eq(reader_fact(&run, facts - 1)->text, ED_STR("third")));
	if (t->why || !t->lost) {
		ck_assert_uint_eq(facts, 3);
		ck_assert_uint_eq(reader_row(&run)->lost, t->lost);
		ck_assert_msg(ed_str_eq(reader_row(&run)->why, ed_str_from(t->why)), "%s",
			      reader_row(&run)->why.p);
	} else {
		ck_assert_uint_ge(reader_row(&run)->lost, 1);
	}
	ed_buf_release(&text);
}
END_TEST

START_TEST(log_cut_at_every_byte)
{
	static const char text[] = ENTRY("one") ENTRY("two\nlines") ENTRY("three");

	for (size_t n = 1; n < sizeof(text) - 1; n++) {
		char *bytes = ed_malloc(n);

		memcpy(bytes, text, n); /* so that a checker sees one byte too far */
		read_log(bytes, n);
		for (size_t i = 0; i < run.evidence.fact_count; i++)
			ck_assert(ed_str_eq(reader_fact(&run, i)->text,
					    i == 0 ? ED_STR("one") : ED_STR("two\nlines")) ||
				  i == 2);
		ck_assert_uint_le(run.evidence.fact_count, 3);
		ed_free(bytes);
	}
	read_log(text, sizeof(text) - 10);
	ck_assert_uint_eq(run.evidence.fact_count, 2);
	ck_assert_int_eq(reader_row(&run)->state, ED_STATE_TRUNCATED);
}
END_TEST

START_TEST(long_messages)
{
	struct ed_buf text;

	ed_buf_init(&text, 8 * ED_MIB);
	ed_buf_addz(&text, "<![LOG[");
	add_long(&text, ED_LIMIT_LINE + 1);
	ed_buf_addz(&text, "]LOG]!>" ATTRIBUTES "\r\n" ENTRY("short"));
	read_log(text.p, text.len);
	ck_assert_uint_eq(run.evidence.fact_count, 1);
	ck_assert(ed_str_eq(reader_fact(&run, 0)->text, ED_STR("short")));
	ck_assert(ed_str_eq(reader_row(&run)->why, ED_STR("line 1: message too long")));
	ed_buf_release(&text);
}
END_TEST

/* Starts without ends, and ends without attributes: the time must not grow with their square. */
START_TEST(many_starts)
{
	static const char *const pieces[] = { "<![LOG[", "\n<![LOG[", "<![LOG[]LOG]!>", "]LOG]!>",
					      "<![LOG[]LOG]!><a=\"" };

	for (size_t k = 0; k < ED_COUNT(pieces); k++) {
		struct ed_buf text;

		ed_buf_init(&text, 8 * ED_MIB);
		for (size_t i = 0; i < 10000; i++)
			ed_buf_addz(&text, pieces[k]);
		read_log(text.p, text.len);
		ck_assert_uint_eq(run.evidence.fact_count, 0);
		ck_assert_uint_ge(reader_row(&run)->lost, 1);
		ed_buf_release(&text);
	}
}
END_TEST

#define BOX(title)                                                                                 \
	"+----------------------------------------------------------------------+\r\n"             \
	"| " title "                                                         |\r\n"                \
	"+----------------------------------------------------------------------+\r\n"

static const char status[] =
	"\r\n" BOX("Device State") "\r\n"
				   "             AzureAdJoined : YES\r\n"
				   "          EnterpriseJoined : NO\r\n"
				   "               Device Name : PC-1 : lab\r\n"
				   "\r\n" BOX("SSO State") "\r\n"
							   "                AzureAdPrt : NO\r\n"
							   "       AzureAdPrtUpdateTime : "
							   "2026-09-14 08:15:07.000 UTC\r\n"
							   "           Server Message : \r\n"
							   "    Auto-Configuration URL :\r\n"
							   "For more information see "
							   "https://example.invalid/x:y\r\n";

static const char *const status_facts[][3] = {
	{ "Device State", "AzureAdJoined", "YES" },
	{ "Device State", "EnterpriseJoined", "NO" },
	{ "Device State", "Device Name", "PC-1 : lab" },
	{ "SSO State", "AzureAdPrt", "NO" },
	{ "SSO State", "AzureAdPrtUpdateTime", "2026-09-14 08:15:07.000 UTC" },
	{ "SSO State", "Server Message", "" },
	{ "SSO State", "Auto-Configuration URL", "" },
};

START_TEST(dsreg_rows)
{
	struct ed_buf utf16;

	ed_buf_init(&utf16, 10000);
	ed_buf_addz(&utf16, "\xFF\xFE");
	for (size_t i = 0; i < sizeof(status) - 1; i++) {
		ed_buf_addc(&utf16, status[i]);
		ed_buf_addc(&utf16, '\0');
	}
	for (int wide = 0; wide < 2; wide++) {
		const char *bytes = wide ? utf16.p : status;
		size_t n = wide ? utf16.len : sizeof(status) - 1;

		ck_assert_int_eq(reader_probe(&ed_reader_dsreg, bytes, n), 90);
		reader_run_release(&run);
		reader_run(&run, &ed_reader_dsreg, "dsregcmd.log", bytes, n);
		ck_assert_int_eq(run.status, ED_OK);
		ck_assert_uint_eq(run.evidence.fact_count, ED_COUNT(status_facts));
		for (size_t i = 0; i < ED_COUNT(status_facts); i++) {
			const struct ed_fact *f = reader_fact(&run, i);

			ck_assert_int_eq(f->kind, ED_FACT_DSREG);
			ck_assert(ed_str_eq(f->path, ed_str_from(status_facts[i][0])));
			ck_assert(ed_str_eq(f->name, ed_str_from(status_facts[i][1])));
			ck_assert(ed_str_eq(f->text, ed_str_from(status_facts[i][2])));
		}
		ck_assert_uint_eq(reader_row(&run)->lost, 0);
	}
	ed_buf_release(&utf16);
}
END_TEST

START_TEST(dsreg_oem_and_long_lines)
{
	struct ed_buf text;

	ed_buf_init(&text, 8 * ED_MIB);
	ed_buf_addz(&text, "AzureAdJoined : YES\n  X : ");
	add_long(&text, ED_LIMIT_LINE + 1);
	ed_buf_addz(&text, "\n  DeviceName : M\x81ller\n : no name\n");
	reader_run(&run, &ed_reader_dsreg, "x", text.p, text.len);
	ck_assert_int_eq(run.status, ED_OK);
	reader_check_texts(&run);
	ck_assert_uint_eq(run.evidence.fact_count, 2);
	ck_assert(ed_str_eq(reader_fact(&run, 0)->path, ED_STR("")));
	ck_assert(ed_str_eq(reader_fact(&run, 1)->name, ED_STR("DeviceName")));
	ck_assert_uint_eq(reader_row(&run)->lost, 1);
	ed_buf_release(&text);
}
END_TEST

static const struct probe_case {
	const char *text;
	int cmtrace, dsreg;
} probe_cases[] = {
	{ ENTRY("x"), 100, 0 },
	{ "\r\n" ENTRY("x"), 100, 0 },
	{ "cut]LOG]!>" ATTRIBUTES "\r\n" ENTRY("x"), 80, 0 },
	{ "a text that mentions <![LOG[", 0, 0 },
	{ "   AzureAdJoined : NO\r\n", 0, 90 },
	{ BOX("Tenant Details") "\r\n" BOX("User State"), 0, 90 },
	{ BOX("Tenant Details") "\r\n" BOX("Other"), 0, 0 },
	{ "<Data Name='AzureAdJoined'>1</Data>", 0, 0 },
	{ "AzureAdJoined", 0, 0 },
	{ "\"AzureAdJoined\"=dword:1", 0, 0 },
	{ "x", 0, 0 },
};

START_TEST(probes)
{
	const struct probe_case *t = &probe_cases[_i];
	size_t n = strlen(t->text);

	ck_assert_msg(reader_probe(&ed_reader_cmtrace, t->text, n) == t->cmtrace, "'%s'", t->text);
	ck_assert_msg(reader_probe(&ed_reader_dsreg, t->text, n) == t->dsreg, "'%s'", t->text);
}
END_TEST

START_TEST(every_allocation_can_fail)
{
	static const char text[] = ENTRY("one") "garbage\r\n" ENTRY("two\nlines");

	reader_check_memory(&ed_reader_cmtrace, text, sizeof(text) - 1);
	reader_check_memory(&ed_reader_dsreg, status, sizeof(status) - 1);
}
END_TEST

START_TEST(too_long)
{
	struct ed_input input = { .path = ED_STR("x"), .size = ED_LIMIT_TEXT_FILE + 1 };
	struct ed_error err;

	ck_assert_int_eq(ed_reader_cmtrace.read(&input, NULL, &err), ED_LIMIT);
	ck_assert_int_eq(ed_reader_dsreg.read(&input, NULL, &err), ED_LIMIT);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("textlog");
	TCase *c = tcase_create("textlog");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_set_timeout(c, 120);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_loop_test(c, times, 0, (int)ED_COUNT(time_cases));
	tcase_add_test(c, entries);
	tcase_add_loop_test(c, damage, 0, (int)ED_COUNT(damage_cases));
	tcase_add_test(c, log_cut_at_every_byte);
	tcase_add_test(c, long_messages);
	tcase_add_test(c, many_starts);
	tcase_add_test(c, dsreg_rows);
	tcase_add_test(c, dsreg_oem_and_long_lines);
	tcase_add_loop_test(c, probes, 0, (int)ED_COUNT(probe_cases));
	tcase_add_test(c, every_allocation_can_fail);
	tcase_add_test(c, too_long);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

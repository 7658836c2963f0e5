/* SPDX-License-Identifier: MIT */
/* What strangers wrote does nothing to the console that shows it. */
#include "events_run.h"
#include "shown.h"

#include "espdiag/base/limits.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *text, *shown;
} rows[] = {
	{ "", "" },
	{ "C:\\Temp\\x gr\xC3\xBC\xC3\x9F \xE6\x97\xA5\xE6\x9C\xAC \xE2\x80\xA6",
	  "C:\\Temp\\x gr\xC3\xBC\xC3\x9F "
	  "\xE6\x97\xA5\xE6\x9C\xAC \xE2\x80\xA6" },
	{ "\x1b[31mred\x1b]0;title\x07", "?[31mred?]0;title?" },
	{ "a\r\nb\tc\x7F", "a  b c?" },
	{ "\xC2\x9B"
	  "2J\xC2\x85",
	  "?2J?" },
	{ "x\xE2\x80\xAE"
	  "gpj.exe\xE2\x81\xA6\xE2\x81\xA9\xD8\x9C",
	  "x?gpj.exe???" },
	{ "\xEF\xBB\xBF\xE2\x80\x8B\xE2\x80\xA8", "???" },
	{ "cut \xE2\x80", "cut \xE2\x80" },
};

START_TEST(nothing_that_a_terminal_obeys)
{
	struct ed_buf out;

	ed_buf_init(&out, ED_MIB);
	ed_shown_add(&out, ed_str_from(rows[_i].text));
	ck_assert_str_eq(out.p ? out.p : "", rows[_i].shown);
	ed_buf_release(&out);
}
END_TEST

/* A row of `events --format text`: every part of it comes from the log. */
START_TEST(row_of_a_table)
{
	const struct ed_str bad = ED_STR("\xC2\x9B"
					 "2J\x1b\xE2\x80\xAE\n");
	const struct ed_field field = { bad, bad };
	const struct ed_event event = {
		.head = { .provider = bad, .channel = bad, .time = ED_TIME_NONE },
		.fields = &field,
		.field_count = 1
	};
	const struct ed_wanted wanted = { .count = 0 };
	struct ed_buf out;

	ed_buf_init(&out, ED_MIB);
	ed_events_table_row(&out, &event, &wanted);
	ck_assert_ptr_null(strchr(out.p, '\x1b'));
	ck_assert_ptr_null(strchr(out.p, '\xC2'));
	ck_assert_ptr_null(strchr(out.p, '\xE2'));
	ck_assert_uint_eq(strcspn(out.p, "\n"), out.len - 1);
	ed_buf_release(&out);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("shown");
	TCase *tc = tcase_create("shown");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tc, nothing_that_a_terminal_obeys, 0, (int)ED_COUNT(rows));
	tcase_add_test(tc, row_of_a_table);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

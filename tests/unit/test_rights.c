/* SPDX-License-Identifier: MIT */
/* The line about a live run's rights. */
#include "rights.h"

#include <check.h>

#include <stdlib.h>
#include <string.h>

#include "espdiag/base/limits.h"

#define ROWS 40
#define COLUMNS 79

static struct ed_buf line;

static void setup(void)
{
	ed_buf_init(&line, ED_KIB);
}

static void teardown(void)
{
	ed_buf_release(&line);
}

static const char *line_of(enum ed_rights rights, const char *const *denied, size_t count)
{
	struct ed_coverage rows[ROWS] = { { .state = ED_STATE_READ, .source = ED_STR("System") },
					  { .state = ED_STATE_ABSENT, .source = ED_STR("gone") } };
	struct ed_verdict verdict = { .coverage = rows, .coverage_count = count + 2 };

	for (size_t i = 0; i < count; i++)
		rows[i + 2] = (struct ed_coverage){ .state = ED_STATE_DENIED,
						    .source = ed_str_from(denied[i]) };
	ed_buf_clear(&line);
	ed_rights_line(rights, &verdict, &line);
	ck_assert_int_eq(line.status, ED_OK);
	return line.p;
}

START_TEST(says_which_and_what_is_better)
{
	static const char *const denied[] = { "Microsoft-Windows-AAD/Operational", "MDM bridge",
					      "MDM bridge" };
	static const struct {
		enum ed_rights rights;
		size_t count;
		const char *line;
	} rows[] = {
		{ ED_RIGHTS_SYSTEM, 0, "Rights: SYSTEM; nothing was denied\n" },
		{ ED_RIGHTS_USER, 0, "Rights: user; nothing was denied\n" },
		{ ED_RIGHTS_USER, 3,
		  "Rights: user; an administrator, best SYSTEM, would also have read:\n"
		  "        AAD/Operational, MDM bridge\n" },
		{ ED_RIGHTS_ADMIN, 1,
		  "Rights: administrator; SYSTEM would also have read:\n"
		  "        AAD/Operational\n" },
		{ ED_RIGHTS_SYSTEM, 2,
		  "Rights: SYSTEM, the most there is, and still denied:\n"
		  "        AAD/Operational, MDM bridge\n" },
		{ ED_RIGHTS_UNKNOWN, 1, "Rights: unknown; denied:\n        AAD/Operational\n" },
	};

	for (size_t i = 0; i < ED_COUNT(rows); i++)
		ck_assert_str_eq(line_of(rows[i].rights, denied, rows[i].count), rows[i].line);
}
END_TEST

START_TEST(fits_the_screen)
{
	static const char key[] = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\Autopilot\\"
				  "EnrollmentStatusTracking\\Device";
	static char names[ROWS - 2][120];
	const char *denied[ROWS - 2], *end;

	for (size_t i = 0; i < ED_COUNT(denied); i++) {
		snprintf(names[i], sizeof(names[i]), "%s%zu", i % 2 ? "\xC3\xBC" : key, i);
		denied[i] = names[i];
	}
	line_of(ED_RIGHTS_USER, denied, ED_COUNT(denied));
	for (const char *at = line.p; *at; at = end + 1) {
		end = strchr(at, '\n');
		ck_assert_ptr_nonnull(end);
		ck_assert_uint_le((size_t)(end - at), COLUMNS);
	}
	/* the end of a key tells it from its neighbours */
	ck_assert_ptr_nonnull(strstr(line.p, "EnrollmentStatusTracking\\Device0, "));
	ck_assert_ptr_nonnull(strstr(line.p, " more\n"));
}
END_TEST

START_TEST(moves_no_cursor)
{
	static const char *const denied[] = { "a\x1b[2Jb\nc" };

	ck_assert_str_eq(strchr(line_of(ED_RIGHTS_UNKNOWN, denied, 1), '\n'),
			 "\n        a?[2Jb c\n");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rights");
	TCase *tc = tcase_create("rights");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, says_which_and_what_is_better);
	tcase_add_test(tc, fits_the_screen);
	tcase_add_test(tc, moves_no_cursor);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

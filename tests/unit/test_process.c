/* SPDX-License-Identifier: MIT */
/* The start of the program: its arguments, and what holds from then on. */
#include "espdiag/platform/process.h"

#include <check.h>
#include <string.h>

#include "espdiag/base/alloc.h"
#include "espdiag/base/utf.h"

static int given_count;
static char **given;

static bool is_valid(const char *text)
{
	return ed_utf8_valid((struct ed_str){ text, strlen(text) });
}

START_TEST(arguments_are_kept)
{
	struct ed_process process;
	struct ed_error err;

	ck_assert_int_eq(ed_process_begin(&process, given_count, given, &err), ED_OK);
	ck_assert_int_eq(process.argc, given_count);
	ck_assert_ptr_null(process.argv[process.argc]);
	for (int i = 0; i < process.argc; i++)
		ck_assert(is_valid(process.argv[i]));
	for (int i = 1; i < process.argc; i++)
		ck_assert_str_eq(process.argv[i], given[i]);
	ed_process_end(&process);
	ck_assert_int_eq(process.argc, 0);
	ck_assert_ptr_null(process.argv);
	ed_process_end(&process);
	/* may be begun again */
	ck_assert_int_eq(ed_process_begin(&process, given_count, given, &err), ED_OK);
	ed_process_end(&process);
}
END_TEST

START_TEST(no_memory_leaves_nothing)
{
	struct ed_process process = { .argc = 7 };
	struct ed_error err;
	ed_status status;

	ed_alloc_fail_after(0);
	status = ed_process_begin(&process, given_count, given, &err);
	ed_alloc_fail_after(-1);
	/* the ones of main() need no memory */
	if (status != ED_OK) {
		ck_assert_int_eq(status, ED_NOMEM);
		ck_assert_int_eq(process.argc, 0);
		ck_assert_ptr_null(process.argv);
	}
	ed_process_end(&process);
	ck_assert_int_eq(process.argc, 0);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite = suite_create("process");
	TCase *tc = tcase_create("process");
	SRunner *runner;
	int failed;

	given_count = argc;
	given = argv;
	tcase_add_test(tc, arguments_are_kept);
	tcase_add_test(tc, no_memory_leaves_nothing);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

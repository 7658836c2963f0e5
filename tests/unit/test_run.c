/* SPDX-License-Identifier: MIT */
/*
 * A whole analysis in this process, as the program does it, with the n-th allocation failing: each
 * time ED_NOMEM and nothing else, and under a leak checker nothing is left behind. The arguments
 * are the PATHs to analyse.
 */
#include "run.h"

#include "commands.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"

#include <check.h>

static char **paths;
static int path_count;

static struct ed_run run_new(enum ed_format format)
{
	return (struct ed_run){
		.tables = &ed_app_sources,
		.format = format,
		.at = ED_TIME_NONE,
		.now = INT64_C(133000000000000000),
	};
}

/* Tries @path with @n allocations. True when it worked; then @out holds the verdict. */
static bool run_with(const char *path, long n, struct ed_buf *out)
{
	struct ed_run run = run_new(n % 2 ? ED_FORMAT_TEXT : ED_FORMAT_JSON);
	struct ed_error err = { 0 };
	ed_status status;
	long asked;

	ed_buf_init(out, ED_LIMIT_OUTPUT);
	ed_alloc_fail_after(n);
	status = ed_run_path(&run, ed_str_from(path), out, &err);
	asked = ed_alloc_fail_after(-1);
	if (status == ED_OK) {
		ck_assert_msg(n < 0 || asked <= n, "%s: allocation %ld of %ld failed unnoticed",
			      path, n, asked);
		return true;
	}
	ck_assert_msg(status == ED_NOMEM, "%s, allocation %ld: %s", path, n, err.text);
	ck_assert_int_eq(err.status, ED_NOMEM);
	ck_assert_uint_gt(strlen(err.text), 0);
	ck_assert(!run.any_read && !run.any_lost && !run.any_result);
	ed_buf_release(out);
	return false;
}

/* Every allocation at the start, then ever fewer: what comes late comes often. */
START_TEST(every_allocation_may_fail)
{
	long n = 0, tries = 0;
	struct ed_buf out;

	while (!run_with(paths[_i], n, &out)) {
		n += 1 + n / 200;
		ck_assert_int_lt(++tries, 5000);
	}
	ed_buf_release(&out);
	ck_assert_int_gt(tries, 50);
}
END_TEST

START_TEST(twice_the_same_verdict)
{
	struct ed_buf first, second;

	ck_assert(run_with(paths[_i], -2, &first));
	ck_assert(run_with(paths[_i], -2, &second));
	ck_assert(ed_str_eq(ed_buf_str(&first), ed_buf_str(&second)));
	ck_assert(ed_str_find(ed_buf_str(&first), ED_STR("bitlocker-restart-pending"), 0) !=
		  SIZE_MAX);
	ed_buf_release(&first);
	ed_buf_release(&second);
}
END_TEST

START_TEST(a_missing_path_is_a_verdict)
{
	struct ed_run run = run_new(ED_FORMAT_TEXT);
	struct ed_buf out;

	ed_buf_init(&out, ED_LIMIT_OUTPUT);
	ck_assert_int_eq(ed_run_path(&run, ED_STR("no such path"), &out, NULL), ED_OK);
	ck_assert(!run.any_read && run.any_lost && run.any_result);
	ck_assert_int_eq(run.worst, ED_OUTCOME_INCONCLUSIVE);
	ed_buf_release(&out);
}
END_TEST

START_TEST(a_full_buffer_is_told)
{
	struct ed_run run = run_new(ED_FORMAT_JSON);
	struct ed_error err = { 0 };
	struct ed_buf out;

	ed_buf_init(&out, 100);
	ck_assert_int_eq(ed_run_path(&run, ed_str_from(paths[0]), &out, &err), ED_LIMIT);
	ck_assert(!run.any_result);
	ed_buf_release(&out);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite = suite_create("run");
	TCase *tcase = tcase_create("run");
	SRunner *runner;
	int failed;

	if (argc < 2) {
		fprintf(stderr, "usage: test_run PATH...\n");
		return 2;
	}
	paths = argv + 1;
	path_count = argc - 1;
	tcase_set_timeout(tcase, 280);
	tcase_add_loop_test(tcase, every_allocation_may_fail, 0, path_count);
	tcase_add_loop_test(tcase, twice_the_same_verdict, 0, path_count);
	tcase_add_test(tcase, a_missing_path_is_a_verdict);
	tcase_add_test(tcase, a_full_buffer_is_told);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

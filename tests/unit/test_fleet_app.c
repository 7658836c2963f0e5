/* SPDX-License-Identifier: MIT */
/*
 * The line of one bundle with the n-th allocation failing, lines by several threads, the list of
 * paths and rows joined. The arguments are PATHs of evidence.
 */
#include "fleet.h"

#include "bundle_make.h"
#include "commands.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/report/fleet.h"

#include <check.h>

static const char *const *paths;
static int path_count;
static struct ed_error err;

static void setup(void)
{
	memset(&err, 0, sizeof(err));
	folder_make();
}

static void teardown(void)
{
	ed_alloc_fail_after(-1);
	folder_remove();
}

static struct ed_fleet_path path_of(const char *path)
{
	return (struct ed_fleet_path){ ed_str_from(path), ed_str_from(path) };
}

static const struct ed_run how = {
	.tables = &ed_app_sources, .format = ED_FORMAT_JSON, .at = ED_TIME_NONE, .now = 1
};

/*
 * Whatever fails, there is a row, and it says why, or there is none and the caller knows. Never
 * does a bundle that could not be read for want of memory count as read.
 */
START_TEST(every_allocation_may_fail)
{
	struct ed_fleet_path path = path_of(paths[0]);
	struct ed_buf whole, line;
	long n = 0, tries = 0;

	ed_buf_init(&whole, ED_MIB);
	ck_assert_int_eq(ed_fleet_line(&how, &path, &whole, &err), ED_OK);
	for (;; n += 1 + n / 100) {
		ed_status status;
		bool same;

		ck_assert_int_lt(++tries, 5000);
		ed_buf_init(&line, ED_MIB);
		ed_alloc_fail_after(n);
		status = ed_fleet_line(&how, &path, &line, &err);
		ed_alloc_fail_after(-1);
		same = status == ED_OK && ed_str_eq(ed_buf_str(&line), ed_buf_str(&whole));
		if (status != ED_OK)
			ck_assert_int_eq(status, ED_NOMEM);
		else if (!same)
			ck_assert_msg(strstr(line.p, "\"read\": false") && strstr(line.p, "memory"),
				      "%ld: %s", n, line.p);
		ed_buf_release(&line);
		if (same)
			break;
	}
	ck_assert_int_gt(tries, 50);
	ed_buf_release(&whole);
}
END_TEST

static ed_status line_keep(void *context, struct ed_str line, struct ed_error *error)
{
	struct ed_buf *all = context;

	ed_buf_adds(all, line);
	return all->status == ED_OK ? ED_OK : ed_fail(error, all->status, "full");
}

/* The lines of all paths, each many times, with so many threads. */
static ed_status work(uint32_t jobs, struct ed_buf *all)
{
	struct ed_fleet_path items[40];
	struct ed_fleet_paths list = { .items = items, .count = ED_COUNT(items) };
	struct ed_fleet_work fleet = {
		.how = &how, .paths = &list, .jobs = jobs, .context = all, .row = line_keep
	};

	for (size_t i = 0; i < ED_COUNT(items); i++)
		items[i] = path_of(i % 8 == 7 ? "/nowhere" : paths[i % (size_t)path_count]);
	return ed_fleet_work(&fleet, &err);
}

START_TEST(threads_change_nothing)
{
	struct ed_buf one, many;

	ed_buf_init(&one, ED_MIB);
	ed_buf_init(&many, ED_MIB);
	ck_assert_int_eq(work(1, &one), ED_OK);
	ck_assert_int_eq(work(7, &many), ED_OK);
	ck_assert_uint_gt(one.len, 0);
	ck_assert_str_eq(one.p, many.p);
	ed_buf_release(&one);
	ed_buf_release(&many);
}
END_TEST

/* Who does not want more rows gets none, and all threads end. */
START_TEST(a_refused_row_ends_it)
{
	struct ed_buf small;

	ed_buf_init(&small, 1000);
	ck_assert_int_eq(work(3, &small), ED_LIMIT);
	ck_assert_str_eq(err.text, "full");
	ed_buf_release(&small);
}
END_TEST

START_TEST(archives_and_unpacked_bundles_are_found)
{
	struct ed_fleet_paths list;
	const char *given[2];
	struct ed_arena arena;

	tree_put("in/b/x.zip", ED_STR("no zip at all"));
	tree_put("in/a/Y.ZIP", ED_STR(""));
	tree_put("in/a/unnamed", ED_STR("PK\3\4 or so"));
	tree_put("in/a/notes.txt", ED_STR("text"));
	tree_put("in/c/manifest.json", ED_STR("{}"));
	tree_put("in/c/inner.zip", ED_STR("part of that bundle"));
	tree_put("in/d/state/run.json", ED_STR("{}"));
	tree_put("plain/x.evtx", ED_STR("evidence as it is"));
	given[0] = in_folder("in");
	given[1] = in_folder("plain");
	ed_arena_init(&arena, ED_MIB);
	ck_assert_int_eq(ed_fleet_paths(given, 2, &arena, &list, &err), ED_OK);
	ck_assert_uint_eq(list.count, 6);
	ck_assert(ed_str_ends(list.items[0].path, ED_STR("in/a/Y.ZIP")));
	ck_assert(ed_str_ends(list.items[1].path, ED_STR("in/a/unnamed")));
	ck_assert(ed_str_ends(list.items[2].path, ED_STR("in/b/x.zip")));
	ck_assert(ed_str_ends(list.items[3].path, ED_STR("/in/c")));
	ck_assert(ed_str_ends(list.items[4].path, ED_STR("/in/d")));
	ck_assert(ed_str_ends(list.items[5].path, ED_STR("/plain")));
	ck_assert_int_eq(ed_fleet_shard(&list, 1, 4, &arena, &err), ED_OK);
	ck_assert_uint_eq(list.count, 2);
	ck_assert(ed_str_ends(list.items[1].path, ED_STR("/plain")));
	ck_assert_int_eq(ed_fleet_shard(&list, 2, 3, &arena, &err), ED_OK);
	ck_assert_uint_eq(list.count, 0);
	ed_arena_release(&arena);
}
END_TEST

START_TEST(rows_are_joined_in_order)
{
	struct ed_fleet_row row = { .bundle = ED_STR("x"), .evaluated_at = ED_TIME_NONE };
	const char *files[3];
	struct ed_buf text, all;

	ed_buf_init(&text, ED_MIB);
	ed_buf_init(&all, ED_MIB);
	row.source = ED_STR("c");
	ed_fleet_row_json(&row, &text);
	row.source = ED_STR("a");
	ed_fleet_row_json(&row, &text);
	file_put("one", ed_buf_str(&text));
	ed_buf_clear(&text);
	ed_fleet_row_json(&row, &text);
	row.source = ED_STR("b");
	ed_fleet_row_json(&row, &text);
	file_put("two", ed_buf_str(&text));
	files[0] = in_folder("one");
	files[1] = in_folder("two");
	ck_assert_int_eq(ed_fleet_merge(files, 2, &all, line_keep, &err), ED_OK);
	ck_assert_ptr_nonnull(all.p);
	ck_assert(strstr(all.p, "\"source\": \"a\"") < strstr(all.p, "\"source\": \"b\""));
	ck_assert(strstr(all.p, "\"source\": \"b\"") < strstr(all.p, "\"source\": \"c\""));
	ck_assert_ptr_null(strstr(strstr(all.p, "\"source\": \"a\"") + 1, "\"source\": \"a\""));
	ed_buf_clear(&text);
	row.error = ED_STR("says otherwise");
	ed_fleet_row_json(&row, &text);
	file_put("three", ed_buf_str(&text));
	files[2] = in_folder("three");
	ck_assert_int_eq(ed_fleet_merge(files, 3, &all, line_keep, &err), ED_FORMAT);
	ck_assert_str_eq(err.text, "two different rows of 'b'");
	files[2] = in_folder("absent");
	ck_assert_int_eq(ed_fleet_merge(files, 3, &all, line_keep, &err), ED_ABSENT);
	ed_buf_release(&text);
	ed_buf_release(&all);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite = suite_create("fleet_app");
	TCase *tc = tcase_create("fleet_app");
	SRunner *runner;
	int failed;

	if (argc < 2) {
		fprintf(stderr, "usage: test_fleet_app PATH...\n");
		return EXIT_FAILURE;
	}
	paths = (const char *const *)argv + 1;
	path_count = argc - 1;
	tcase_set_timeout(tc, 0);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, every_allocation_may_fail);
	tcase_add_test(tc, threads_change_nothing);
	tcase_add_test(tc, a_refused_row_ends_it);
	tcase_add_test(tc, archives_and_unpacked_bundles_are_found);
	tcase_add_test(tc, rows_are_joined_in_order);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/* Files and folders as every system must give them: runs on POSIX and, under wine, on Windows. */
#include "espdiag/platform/file.h"

#include <check.h>

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/base/time.h"
#include "espdiag/platform/digest.h"

static char root[32]; /* a fresh folder for each test, in the one the test runs in */
static char path_room[256];
static struct ed_error err;
static struct ed_arena arena;

static struct ed_str in_root(const char *name)
{
	int n = snprintf(path_room, sizeof(path_room), "%s/%s", root, name);

	return (struct ed_str){ path_room, (size_t)n };
}

/* The same words for every system's shell. */
static void shell(const char *verb)
{
	char command[64];

	snprintf(command, sizeof(command), "%s %s", verb, root);
	ck_assert_int_eq(system(command), 0);
}

static void setup(void)
{
	unsigned char chance[4];

	memset(&err, 0, sizeof(err));
	ed_arena_init(&arena, ED_MIB);
	ck_assert_int_eq(ed_random(chance, sizeof(chance), &err), ED_OK);
	snprintf(root, sizeof(root), "files-%02x%02x%02x%02x", chance[0], chance[1], chance[2],
		 chance[3]);
	shell("mkdir");
}

static void teardown(void)
{
	struct ed_folder_entry *entries;
	size_t count;
	char path[256];

	ck_assert_int_eq(ed_folder_list(ed_str_from(root), &arena, &entries, &count, &err), ED_OK);
	for (size_t i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%.*s", root, ED_FMT(entries[i].name));
		ck_assert_int_eq(ed_file_remove(ed_str_from(path), &err), ED_OK);
	}
	ed_arena_release(&arena);
	shell("rmdir");
}

static void put(const char *name, const char *text)
{
	ck_assert_msg(ed_file_write_whole(in_root(name), ed_str_from(text), &err) == ED_OK, "%s",
		      err.text);
}

static void assert_content(const char *name, const char *text)
{
	struct ed_file *file;
	char room[64];
	size_t got;

	ck_assert_int_eq(ed_file_open(in_root(name), false, &file, &err), ED_OK);
	ck_assert_uint_eq(ed_file_size(file), strlen(text));
	ck_assert_int_eq(ed_file_read_at(file, 0, room, sizeof(room), &got, &err), ED_OK);
	ck_assert_uint_eq(got, strlen(text));
	ck_assert_mem_eq(room, text, got);
	ed_file_close(file);
}

static size_t count_entries(void)
{
	struct ed_folder_entry *entries;
	size_t count;

	ck_assert_int_eq(ed_folder_list(ed_str_from(root), &arena, &entries, &count, &err), ED_OK);
	return count;
}

START_TEST(file_is_read_anywhere)
{
	struct ed_file *file = NULL;
	char room[16] = { 0 };
	size_t got;

	put("a", "0123456789");
	ck_assert_int_eq(ed_file_open(in_root("a"), true, &file, &err), ED_OK);
	ck_assert_uint_eq(ed_file_size(file), 10);
	ck_assert_int_eq(ed_file_read_at(file, 3, room, 4, &got, &err), ED_OK);
	ck_assert_uint_eq(got, 4);
	ck_assert_mem_eq(room, "3456", 4);
	ck_assert_int_eq(ed_file_read_at(file, 8, room, 16, &got, &err), ED_OK);
	ck_assert_uint_eq(got, 2);
	ck_assert_int_eq(ed_file_read_at(file, 1000, room, 16, &got, &err), ED_OK);
	ck_assert_uint_eq(got, 0);
	ck_assert_int_eq(ed_file_read_at(file, UINT64_MAX, room, 16, &got, &err), ED_ARG);
	ed_file_close(file);
	ed_file_close(NULL);
}
END_TEST

START_TEST(what_is_no_file_is_refused)
{
	struct ed_path_info info;
	struct ed_file *file = NULL;

	ck_assert_int_eq(ed_file_open(ed_str_from(root), true, &file, &err), ED_ARG);
	ck_assert_int_eq(ed_file_open(ed_str_from(root), false, &file, &err), ED_ARG);
	ck_assert_int_eq(ed_path_stat(ed_str_from(root), true, &info, &err), ED_OK);
	ck_assert_int_eq(info.kind, ED_PATH_FOLDER);
	ck_assert_int_eq(ed_file_open(in_root("no"), true, &file, &err), ED_ABSENT);
	ck_assert_int_eq(ed_path_stat(in_root("no/where"), true, &info, &err), ED_ABSENT);
	ck_assert_ptr_nonnull(strstr(err.text, "no/where"));
	ck_assert_uint_ne(err.os_code, 0);
	ck_assert_int_eq(ed_path_stat((struct ed_str){ "a\0b", 3 }, true, &info, &err), ED_ARG);
	ck_assert_int_eq(ed_path_stat(ED_STR(""), true, &info, &err), ED_ARG);
	ck_assert_ptr_null(file);
}
END_TEST

START_TEST(folder_is_listed_in_order_and_utf8)
{
	static const char *const names[] = { "B", "a", "b.txt", "m\xc3\xa9moire \xe8\xa8\x98" };
	struct ed_folder_entry *entries;
	size_t count = 99;

	ck_assert_int_eq(ed_folder_list(ed_str_from(root), &arena, &entries, &count, &err), ED_OK);
	ck_assert_uint_eq(count, 0);
	put(names[2], "12345");
	put(names[1], "");
	put(names[3], "x");
	put(names[0], "");
	assert_content(names[3], "x");
	ck_assert_int_eq(ed_folder_list(ed_str_from(root), &arena, &entries, &count, &err), ED_OK);
	ck_assert_uint_eq(count, ED_COUNT(names));
	for (size_t i = 0; i < count; i++) {
		ck_assert(ed_str_eq(entries[i].name, ed_str_from(names[i])));
		ck_assert_int_eq(entries[i].info.kind, ED_PATH_FILE);
	}
	ck_assert_uint_eq(entries[2].info.size, 5);
	ck_assert_int_eq(ed_folder_list(in_root("no"), &arena, &entries, &count, &err), ED_ABSENT);
}
END_TEST

START_TEST(file_has_the_time_it_was_written)
{
	struct ed_folder_entry *entries;
	struct ed_path_info info;
	int64_t now = ed_clock_now();
	size_t count;

	put("a", "x");
	ck_assert_int_eq(ed_path_stat(in_root("a"), false, &info, &err), ED_OK);
	ck_assert_int_eq(info.kind, ED_PATH_FILE);
	ck_assert_int_gt(info.modified, now - 60 * ED_TICKS_PER_SECOND);
	ck_assert_int_lt(info.modified, now + 60 * ED_TICKS_PER_SECOND);
	ck_assert_int_eq(ed_folder_list(ed_str_from(root), &arena, &entries, &count, &err), ED_OK);
	ck_assert_uint_eq(count, 1);
	ck_assert_int_eq(entries[0].info.modified, info.modified);
}
END_TEST

START_TEST(file_is_written_whole_or_not_at_all)
{
	put("out", "first, longer");
	put("out", "second");
	assert_content("out", "second");
	ck_assert_int_ne(ed_file_write_whole(ed_str_from(root), ED_STR("x"), &err), ED_OK);
	ck_assert_int_eq(ed_file_write_whole(in_root("no/out"), ED_STR("x"), &err), ED_ABSENT);
	ck_assert_uint_eq(count_entries(), 1);
}
END_TEST

START_TEST(output_in_pieces)
{
	struct ed_output *output;

	put("pieces", "before");
	ck_assert_int_eq(ed_output_open(in_root("pieces"), &output, &err), ED_OK);
	ck_assert_int_eq(ed_output_write(output, ED_STR("one "), &err), ED_OK);
	ck_assert_int_eq(ed_output_write(output, ED_STR(""), &err), ED_OK);
	assert_content("pieces", "before");
	ck_assert_int_eq(ed_output_write(output, ED_STR("two"), &err), ED_OK);
	ck_assert_int_eq(ed_output_close(output, true, &err), ED_OK);
	assert_content("pieces", "one two");
	/* given up: what was there stays */
	ck_assert_int_eq(ed_output_open(in_root("pieces"), &output, &err), ED_OK);
	ck_assert_int_eq(ed_output_write(output, ED_STR("three"), &err), ED_OK);
	ck_assert_int_eq(ed_output_close(output, false, &err), ED_OK);
	assert_content("pieces", "one two");
	ck_assert_int_eq(ed_output_open(in_root("never"), &output, &err), ED_OK);
	ck_assert_int_eq(ed_output_close(output, false, &err), ED_OK);
	ck_assert_int_eq(ed_output_close(NULL, true, &err), ED_OK);
	ck_assert_uint_eq(count_entries(), 1);
}
END_TEST

/* As after a run that was killed: the temporary name is taken. */
START_TEST(temporary_name_that_is_taken)
{
	struct ed_output *first, *second;

	ck_assert_int_eq(ed_output_open(in_root("out"), &first, &err), ED_OK);
	ck_assert_int_eq(ed_output_open(in_root("out"), &second, &err), ED_OK);
	ck_assert_int_eq(ed_output_write(first, ED_STR("first"), &err), ED_OK);
	ck_assert_int_eq(ed_output_write(second, ED_STR("second"), &err), ED_OK);
	ck_assert_int_eq(ed_output_close(second, true, &err), ED_OK);
	assert_content("out", "second");
	ck_assert_int_eq(ed_output_close(first, true, &err), ED_OK);
	assert_content("out", "first");
	ck_assert_uint_eq(count_entries(), 1);
}
END_TEST

/* Two that want one name: the second does not replace the first, and leaves nothing. */
START_TEST(new_output_replaces_nothing)
{
	struct ed_output *first, *second;
	bool taken;

	ck_assert_int_eq(ed_output_open_new(in_root("new"), &first, &err), ED_OK);
	ck_assert_int_eq(ed_output_open_new(in_root("new"), &second, &err), ED_OK);
	ck_assert_int_eq(ed_output_write(first, ED_STR("first"), &err), ED_OK);
	ck_assert_int_eq(ed_output_write(second, ED_STR("second"), &err), ED_OK);
	ck_assert_int_eq(ed_output_close_new(first, &taken, &err), ED_OK);
	ck_assert(!taken);
	ck_assert_int_eq(ed_output_close_new(second, &taken, &err), ED_OK);
	ck_assert(taken);
	assert_content("new", "first");
	ck_assert_uint_eq(count_entries(), 1);
	ck_assert_int_eq(ed_output_open_new(in_root("no/new"), &first, &err), ED_ABSENT);
}
END_TEST

START_TEST(only_a_file_is_removed)
{
	put("a", "x");
	ck_assert_int_eq(ed_file_remove(ed_str_from(root), &err), ED_ARG);
	ck_assert_int_eq(ed_file_remove(in_root("no"), &err), ED_ABSENT);
	ck_assert_int_eq(ed_file_remove(ED_STR(""), &err), ED_ARG);
	ck_assert_int_eq(ed_file_remove(in_root("a"), &err), ED_OK);
	ck_assert_uint_eq(count_entries(), 0);
}
END_TEST

START_TEST(line_is_added_at_the_end)
{
	ck_assert_int_eq(ed_file_append(in_root("log"), ED_STR("one\n"), &err), ED_OK);
	ck_assert_int_eq(ed_file_append(in_root("log"), ED_STR("two\n"), &err), ED_OK);
	ck_assert_int_eq(ed_file_append(in_root("log"), ED_STR(""), &err), ED_OK);
	assert_content("log", "one\ntwo\n");
	ck_assert_int_ne(ed_file_append(ed_str_from(root), ED_STR("x"), &err), ED_OK);
	ck_assert_int_eq(ed_file_append(in_root("no/log"), ED_STR("x"), &err), ED_ABSENT);
	ck_assert_uint_eq(count_entries(), 1);
}
END_TEST

START_TEST(room_is_known_of_folder_and_file_to_be)
{
	uint64_t folder = 0, file = 0, here = 0;

	ck_assert_int_eq(ed_free_bytes(ed_str_from(root), &folder, &err), ED_OK);
	ck_assert_int_eq(ed_free_bytes(in_root("not yet"), &file, &err), ED_OK);
	ck_assert_int_eq(ed_free_bytes(ED_STR("not yet"), &here, &err), ED_OK);
	ck_assert_uint_gt(folder, 0);
	ck_assert_uint_gt(file, 0);
	ck_assert_uint_gt(here, 0);
	ck_assert_int_eq(ed_free_bytes(in_root("no/not yet"), &file, &err), ED_ABSENT);
}
END_TEST

START_TEST(no_stream_is_no_terminal)
{
	size_t columns = 0, rows = 0;

	ck_assert(!ed_is_terminal(0) && !ed_is_terminal(3));
	ck_assert(!ed_console_plain(0) && !ed_console_ansi(0));
	ed_console_write(0, ED_STR("nowhere"));
	ed_console_write(1, ED_STR(""));
	for (int stream = 1; stream <= 2; stream++)
		if (!ed_is_terminal(stream))
			ck_assert(!ed_console_plain(stream) && !ed_console_ansi(stream) &&
				  !ed_console_size(stream, &columns, &rows));
	ck_assert(!ed_console_size(0, &columns, &rows));
}
END_TEST

START_TEST(clock_is_utc_since_1601)
{
	int64_t before = ((int64_t)time(NULL) + INT64_C(11644473600)) * ED_TICKS_PER_SECOND;
	int64_t now = ed_clock_now();

	ck_assert_int_ge(now, before);
	ck_assert_int_lt(now, before + 10 * ED_TICKS_PER_SECOND);
}
END_TEST

/* Everything that allocates, with each allocation failing once. */
START_TEST(no_memory_at_any_allocation)
{
	struct ed_folder_entry *entries;
	ed_status status;
	uint64_t room;
	size_t count;
	long n = 0;

	put("a", "x");
	do {
		ed_alloc_fail_after(n++);
		status = ed_folder_list(ed_str_from(root), &arena, &entries, &count, &err);
		if (status == ED_OK)
			status = ed_file_write_whole(in_root("b"), ED_STR("y"), &err);
		if (status == ED_OK)
			status = ed_file_append(in_root("b"), ED_STR("z"), &err);
		if (status == ED_OK)
			status = ed_free_bytes(in_root("b"), &room, &err);
		if (status == ED_OK)
			status = ed_file_remove(in_root("b"), &err);
		ed_alloc_fail_after(-1);
		ck_assert(status == ED_OK || status == ED_NOMEM);
	} while (status != ED_OK && n < 100);
	ck_assert_int_eq(status, ED_OK);
	ck_assert_int_gt(n, 2);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("platform_files");
	TCase *tc = tcase_create("platform_files");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, file_is_read_anywhere);
	tcase_add_test(tc, what_is_no_file_is_refused);
	tcase_add_test(tc, folder_is_listed_in_order_and_utf8);
	tcase_add_test(tc, file_has_the_time_it_was_written);
	tcase_add_test(tc, file_is_written_whole_or_not_at_all);
	tcase_add_test(tc, output_in_pieces);
	tcase_add_test(tc, temporary_name_that_is_taken);
	tcase_add_test(tc, new_output_replaces_nothing);
	tcase_add_test(tc, only_a_file_is_removed);
	tcase_add_test(tc, line_is_added_at_the_end);
	tcase_add_test(tc, room_is_known_of_folder_and_file_to_be);
	tcase_add_test(tc, no_stream_is_no_terminal);
	tcase_add_test(tc, clock_is_utc_since_1601);
	tcase_add_test(tc, no_memory_at_any_allocation);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

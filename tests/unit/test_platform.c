/* SPDX-License-Identifier: MIT */
/* Files and folders of the host: what is ordinary, what is refused without waiting, what is said.
 */
#include "espdiag/platform/file.h"

#include <check.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/base/time.h"

static char root[64]; /* a fresh folder for each test */
static char path_room[256];
static struct ed_error err;

static struct ed_str in_root(const char *name)
{
	int n = snprintf(path_room, sizeof(path_room), "%s/%s", root, name);

	return (struct ed_str){ path_room, (size_t)n };
}

static void put_file(const char *name, const char *text)
{
	FILE *f;

	in_root(name);
	f = fopen(path_room, "wb");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(text, 1, strlen(text), f), strlen(text));
	ck_assert_int_eq(fclose(f), 0);
}

static void setup(void)
{
	const char *base = getenv("TMPDIR");

	snprintf(root, sizeof(root), "%s/espdiag-XXXXXX",
		 base && strlen(base) < 40 ? base : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(root));
	memset(&err, 0, sizeof(err));
}

static void teardown(void)
{
	char command[256];

	snprintf(command, sizeof(command), "chmod -R u+rwx '%s'; rm -rf '%s'", root, root);
	ck_assert_int_eq(system(command), 0);
}

START_TEST(file_is_read_anywhere)
{
	struct ed_file *file = NULL;
	char room[16] = { 0 };
	size_t got;

	put_file("a", "0123456789");
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

START_TEST(what_is_not_ordinary_is_refused_at_once)
{
	struct ed_path_info info;
	struct ed_file *file = NULL;

	in_root("fifo");
	ck_assert_int_eq(mkfifo(path_room, 0600), 0);
	/* with a wait for a writer the test would time out */
	ck_assert_int_eq(ed_file_open(in_root("fifo"), true, &file, &err), ED_ARG);
	ck_assert_ptr_nonnull(strstr(err.text, "is not an ordinary file"));
	ck_assert_int_eq(ed_path_stat(in_root("fifo"), true, &info, &err), ED_OK);
	ck_assert_int_eq(info.kind, ED_PATH_OTHER);
	ck_assert_int_eq(ed_file_open(ED_STR("/dev/null"), true, &file, &err), ED_ARG);
	ck_assert_int_eq(ed_path_stat(ED_STR("/dev/null"), true, &info, &err), ED_OK);
	ck_assert_int_eq(info.kind, ED_PATH_OTHER);
	ck_assert_int_eq(ed_file_open(ed_str_from(root), true, &file, &err), ED_ARG);
	ck_assert_int_eq(ed_path_stat(ed_str_from(root), true, &info, &err), ED_OK);
	ck_assert_int_eq(info.kind, ED_PATH_FOLDER);
	ck_assert_ptr_null(file);
}
END_TEST

START_TEST(link_is_followed_only_on_request)
{
	struct ed_path_info info;
	struct ed_file *file = NULL;

	put_file("target", "x");
	in_root("link");
	ck_assert_int_eq(symlink("target", path_room), 0);
	ck_assert_int_eq(ed_path_stat(in_root("link"), false, &info, &err), ED_OK);
	ck_assert_int_eq(info.kind, ED_PATH_LINK);
	ck_assert_int_eq(ed_path_stat(in_root("link"), true, &info, &err), ED_OK);
	ck_assert_int_eq(info.kind, ED_PATH_FILE);
	ck_assert_int_eq(ed_file_open(in_root("link"), false, &file, &err), ED_ARG);
	ck_assert_int_eq(ed_file_open(in_root("link"), true, &file, &err), ED_OK);
	ed_file_close(file);
}
END_TEST

START_TEST(what_is_missing_or_denied_is_named)
{
	struct ed_folder_entry *entries;
	struct ed_path_info info;
	struct ed_file *file;
	struct ed_arena arena;
	size_t count;

	ck_assert_int_eq(ed_path_stat(in_root("no"), true, &info, &err), ED_ABSENT);
	ck_assert_ptr_nonnull(strstr(err.text, "/no'"));
	ck_assert_str_eq(err.os_api, "stat");
	ck_assert_uint_ne(err.os_code, 0);
	ck_assert_int_eq(ed_file_open(in_root("no"), true, &file, &err), ED_ABSENT);
	ed_arena_init(&arena, ED_MIB);
	ck_assert_int_eq(ed_folder_list(in_root("no"), &arena, &entries, &count, &err), ED_ABSENT);
	ck_assert_int_eq(ed_path_stat((struct ed_str){ "a\0b", 3 }, true, &info, &err), ED_ARG);
	ck_assert_int_eq(ed_path_stat(ED_STR(""), true, &info, &err), ED_ARG);
	put_file("secret", "x");
	in_root("secret");
	ck_assert_int_eq(chmod(path_room, 0), 0);
	ck_assert_int_eq(chmod(root, 0711), 0);
	if (geteuid() == 0 && seteuid(65534) != 0) {
		printf("skipped: nothing is denied to root\n");
	} else {
		ck_assert_int_eq(ed_file_open(in_root("secret"), true, &file, &err), ED_ACCESS);
		ck_assert_ptr_nonnull(strstr(err.text, "/secret': Permission denied"));
		if (getuid() != 0)
			ck_assert_int_eq(chmod(root, 0), 0);
		ck_assert_int_eq(ed_folder_list(ed_str_from(root), &arena, &entries, &count, &err),
				 ED_ACCESS);
		ck_assert_int_eq(seteuid(getuid()), 0);
	}
	ed_arena_release(&arena);
}
END_TEST

START_TEST(folder_is_listed_in_order)
{
	static const char *const names[] = { "B", "a", "b.txt", "sub", "z\xff" };
	struct ed_folder_entry *entries;
	struct ed_arena arena;
	size_t count;

	ed_arena_init(&arena, ED_MIB);
	ck_assert_int_eq(ed_folder_list(ed_str_from(root), &arena, &entries, &count, &err), ED_OK);
	ck_assert_uint_eq(count, 0);
	put_file("b.txt", "12345");
	put_file("a", "");
	put_file("z\xff", "");
	put_file("B", "");
	in_root("sub");
	ck_assert_int_eq(mkdir(path_room, 0700), 0);
	ck_assert_int_eq(ed_folder_list(ed_str_from(root), &arena, &entries, &count, &err), ED_OK);
	ck_assert_uint_eq(count, ED_COUNT(names));
	for (size_t i = 0; i < count; i++)
		ck_assert(ed_str_eq(entries[i].name, ed_str_from(names[i])));
	ck_assert_uint_eq(entries[2].info.size, 5);
	ck_assert_int_eq(entries[3].info.kind, ED_PATH_FOLDER);
	ed_arena_release(&arena);
}
END_TEST

static void assert_content(const char *name, const char *text)
{
	struct ed_file *file;
	char room[64];
	size_t got;

	ck_assert_int_eq(ed_file_open(in_root(name), true, &file, &err), ED_OK);
	ck_assert_int_eq(ed_file_read_at(file, 0, room, sizeof(room), &got, &err), ED_OK);
	ck_assert_uint_eq(got, strlen(text));
	ck_assert_mem_eq(room, text, got);
	ed_file_close(file);
}

START_TEST(file_is_written_whole_or_not_at_all)
{
	struct ed_folder_entry *entries;
	struct ed_arena arena;
	size_t count;

	ck_assert_int_eq(ed_file_write_whole(in_root("out"), ED_STR("first, longer"), &err), ED_OK);
	ck_assert_int_eq(ed_file_write_whole(in_root("out"), ED_STR("second"), &err), ED_OK);
	assert_content("out", "second");
	/* a folder in the way: nothing is left behind */
	in_root("dir");
	ck_assert_int_eq(mkdir(path_room, 0700), 0);
	ck_assert_int_ne(ed_file_write_whole(in_root("dir"), ED_STR("x"), &err), ED_OK);
	ck_assert_int_eq(ed_file_write_whole(in_root("no/out"), ED_STR("x"), &err), ED_ABSENT);
	ed_arena_init(&arena, ED_MIB);
	ck_assert_int_eq(ed_folder_list(ed_str_from(root), &arena, &entries, &count, &err), ED_OK);
	ck_assert_uint_eq(count, 2);
	ed_arena_release(&arena);
}
END_TEST

START_TEST(device_and_link_are_written_through)
{
	struct ed_path_info info;

	ck_assert_int_eq(ed_file_write_whole(ED_STR("/dev/null"), ED_STR("x"), &err), ED_OK);
	ck_assert_int_eq(ed_path_stat(ED_STR("/dev/null"), true, &info, &err), ED_OK);
	ck_assert_int_eq(info.kind, ED_PATH_OTHER);
	put_file("target", "old and long");
	in_root("link");
	ck_assert_int_eq(symlink("target", path_room), 0);
	ck_assert_int_eq(ed_file_write_whole(in_root("link"), ED_STR("new"), &err), ED_OK);
	assert_content("target", "new");
	/* standard output, here into a file */
	fflush(stdout);
	int saved = dup(STDOUT_FILENO);
	in_root("stdout");
	int fd = open(path_room, O_WRONLY | O_CREAT, 0600);
	ck_assert_int_eq(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
	printf("before ");
	ck_assert_int_eq(ed_file_write_whole(ED_STR("-"), ED_STR("whole"), &err), ED_OK);
	ck_assert(!ed_is_terminal(STDOUT_FILENO));
	dup2(saved, STDOUT_FILENO);
	close(saved);
	close(fd);
	assert_content("stdout", "before whole");
}
END_TEST

START_TEST(output_in_pieces)
{
	struct ed_output *output;
	struct ed_path_info info;

	ck_assert_int_eq(ed_file_write_whole(in_root("pieces"), ED_STR("before"), &err), ED_OK);
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
	ck_assert_int_eq(ed_path_stat(in_root("never"), true, &info, &err), ED_ABSENT);
	ck_assert_int_eq(ed_output_close(NULL, true, &err), ED_OK);
	ck_assert_int_eq(ed_output_open(ED_STR("/dev/full"), &output, &err), ED_OK);
	ck_assert_int_eq(ed_output_write(output, ED_STR("x"), &err), ED_IO);
	ck_assert_int_eq(ed_output_close(output, false, &err), ED_OK);
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

START_TEST(no_memory_at_any_allocation)
{
	struct ed_folder_entry *entries;
	struct ed_arena arena;
	struct ed_file *file;
	ed_status status;
	size_t count;
	long n = 0;

	put_file("a", "x");
	put_file("b", "x");
	do {
		ed_arena_init(&arena, ED_MIB);
		ed_alloc_fail_after(n++);
		status = ed_folder_list(ed_str_from(root), &arena, &entries, &count, &err);
		ed_alloc_fail_after(-1);
		ck_assert(status == ED_OK || status == ED_NOMEM);
		ed_arena_release(&arena);
	} while (status != ED_OK);
	ck_assert_int_gt(n, 2);
	ed_alloc_fail_after(0);
	status = ed_file_open(in_root("a"), true, &file, &err);
	ed_alloc_fail_after(-1);
	ck_assert_int_eq(status, ED_NOMEM);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("platform");
	TCase *tc = tcase_create("platform");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, file_is_read_anywhere);
	tcase_add_test(tc, what_is_not_ordinary_is_refused_at_once);
	tcase_add_test(tc, link_is_followed_only_on_request);
	tcase_add_test(tc, what_is_missing_or_denied_is_named);
	tcase_add_test(tc, folder_is_listed_in_order);
	tcase_add_test(tc, file_is_written_whole_or_not_at_all);
	tcase_add_test(tc, device_and_link_are_written_through);
	tcase_add_test(tc, output_in_pieces);
	tcase_add_test(tc, clock_is_utc_since_1601);
	tcase_add_test(tc, no_memory_at_any_allocation);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

/* SPDX-License-Identifier: MIT */
/* Files and folders of the host: what is ordinary, what is refused without waiting, what is said.
 */
#include "espdiag/platform/file.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/base/time.h"
#include "espdiag/platform/task.h"

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
	/* but not when it was to be a new file */
	struct ed_output *output;
	bool taken;
	in_root("link");
	ck_assert_int_eq(ed_output_open_new(in_root("link"), &output, &err), ED_OK);
	ck_assert_int_eq(ed_output_write(output, ED_STR("through"), &err), ED_OK);
	ck_assert_int_eq(ed_output_close_new(output, &taken, &err), ED_OK);
	ck_assert(taken);
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

START_TEST(entry_has_its_time)
{
	struct timespec times[2] = { { 0, 0 }, { 1789373707, 500 } }; /* 2026-09-14T08:15:07 */
	struct ed_folder_entry *entries;
	struct ed_path_info info;
	struct ed_arena arena;
	size_t count;
	int64_t expected;

	ck_assert(ed_time_parse(ED_STR("2026-09-14T08:15:07.0000005Z"), &expected));
	put_file("a", "x");
	in_root("a");
	ck_assert_int_eq(utimensat(AT_FDCWD, path_room, times, 0), 0);
	ck_assert_int_eq(ed_path_stat(in_root("a"), false, &info, &err), ED_OK);
	ck_assert_int_eq(info.modified, expected);
	ed_arena_init(&arena, ED_MIB);
	ck_assert_int_eq(ed_folder_list(ed_str_from(root), &arena, &entries, &count, &err), ED_OK);
	ck_assert_uint_eq(count, 1);
	ck_assert_int_eq(entries[0].info.modified, expected);
	ed_arena_release(&arena);
	/* where the file system takes such a time at all, it must not overflow ours */
	times[1].tv_sec = INT64_MAX / 2;
	in_root("a");
	if (utimensat(AT_FDCWD, path_room, times, 0) == 0)
		ck_assert_int_eq(ed_path_stat(in_root("a"), false, &info, &err), ED_OK);
}
END_TEST

START_TEST(only_an_ordinary_file_is_removed)
{
	struct ed_path_info info;

	put_file("target", "x");
	in_root("link");
	ck_assert_int_eq(symlink("target", path_room), 0);
	in_root("dir");
	ck_assert_int_eq(mkdir(path_room, 0700), 0);
	ck_assert_int_eq(ed_file_remove(in_root("link"), &err), ED_ARG);
	ck_assert_int_eq(ed_file_remove(in_root("dir"), &err), ED_ARG);
	ck_assert_int_eq(ed_file_remove(in_root("no"), &err), ED_ABSENT);
	ck_assert_int_eq(ed_file_remove(ED_STR(""), &err), ED_ARG);
	ck_assert_int_eq(ed_path_stat(in_root("link"), true, &info, &err), ED_OK);
	ck_assert_int_eq(ed_path_stat(in_root("dir"), true, &info, &err), ED_OK);
	ck_assert_int_eq(ed_file_remove(in_root("target"), &err), ED_OK);
	ck_assert_int_eq(ed_path_stat(in_root("target"), true, &info, &err), ED_ABSENT);
}
END_TEST

START_TEST(line_is_added_to_an_ordinary_file_only)
{
	struct ed_path_info info;

	ck_assert_int_eq(ed_file_append(in_root("log"), ED_STR("one\n"), &err), ED_OK);
	ck_assert_int_eq(ed_file_append(in_root("log"), ED_STR("two\n"), &err), ED_OK);
	assert_content("log", "one\ntwo\n");
	in_root("link");
	ck_assert_int_eq(symlink("log", path_room), 0);
	ck_assert_int_eq(ed_file_append(in_root("link"), ED_STR("x"), &err), ED_ARG);
	in_root("dangling");
	ck_assert_int_eq(symlink("made", path_room), 0);
	ck_assert_int_eq(ed_file_append(in_root("dangling"), ED_STR("x"), &err), ED_ARG);
	ck_assert_int_eq(ed_path_stat(in_root("made"), false, &info, &err), ED_ABSENT);
	in_root("fifo");
	ck_assert_int_eq(mkfifo(path_room, 0600), 0);
	ck_assert_int_ne(ed_file_append(in_root("fifo"), ED_STR("x"), &err), ED_OK);
	ck_assert_int_ne(ed_file_append(ed_str_from(root), ED_STR("x"), &err), ED_OK);
	ck_assert_int_eq(ed_file_append(in_root("no/log"), ED_STR("x"), &err), ED_ABSENT);
	/* a second name may be somewhere else */
	char first[sizeof(path_room)];
	in_root("log");
	memcpy(first, path_room, sizeof(first));
	in_root("second");
	ck_assert_int_eq(link(first, path_room), 0);
	ck_assert_int_eq(ed_file_append(in_root("second"), ED_STR("x"), &err), ED_ARG);
	assert_content("log", "one\ntwo\n");
}
END_TEST

START_TEST(room_is_known_of_folder_and_file_to_be)
{
	uint64_t folder = 0, file = 0, here = 0;

	ck_assert_int_eq(ed_free_bytes(ed_str_from(root), &folder, &err), ED_OK);
	ck_assert_int_eq(ed_free_bytes(in_root("not yet"), &file, &err), ED_OK);
	ck_assert_uint_gt(folder, 0);
	ck_assert_uint_gt(file, 0);
	ck_assert_int_eq(ed_free_bytes(ED_STR("not yet"), &here, &err), ED_OK);
	ck_assert_int_eq(ed_free_bytes(ED_STR("/not yet"), &here, &err), ED_OK);
	ck_assert_int_eq(ed_free_bytes(in_root("no/not yet"), &file, &err), ED_ABSENT);
}
END_TEST

START_TEST(leftover_of_a_killed_run_is_no_obstacle)
{
	struct ed_path_info info;
	char name[64];

	snprintf(name, sizeof(name), "out.tmp-%ld-0", (long)getpid());
	put_file("victim", "kept");
	in_root(name);
	ck_assert_int_eq(symlink("victim", path_room), 0);
	ck_assert_int_eq(ed_file_write_whole(in_root("out"), ED_STR("new"), &err), ED_OK);
	assert_content("out", "new");
	assert_content("victim", "kept");
	ck_assert_int_eq(ed_path_stat(in_root(name), false, &info, &err), ED_OK);
	ck_assert_int_eq(info.kind, ED_PATH_LINK);
}
END_TEST

START_TEST(what_a_terminal_takes)
{
	static const struct {
		const char *term, *all, *lang;
		bool plain, ansi;
	} rows[] = {
		{ "xterm-256color", NULL, "en_US.UTF-8", false, true },
		{ "dumb", "", "C.utf8", false, false },
		{ NULL, "C", "en_US.UTF-8", true, false },
		{ "", NULL, "de_DE.ISO-8859-1", true, false },
		{ "linux", NULL, NULL, true, true },
	};
	int saved = dup(STDERR_FILENO);
	int terminal = posix_openpt(O_RDWR | O_NOCTTY);
	char room[64] = { 0 };
	int end;

	ck_assert_int_eq(grantpt(terminal), 0);
	ck_assert_int_eq(unlockpt(terminal), 0);
	end = open(ptsname(terminal), O_RDWR | O_NOCTTY);
	ck_assert_int_ge(end, 0);
	unsetenv("LC_CTYPE");
	for (size_t i = 0; i < ED_COUNT(rows); i++) {
		bool plain, ansi;

		(rows[i].term ? setenv("TERM", rows[i].term, 1) : unsetenv("TERM"));
		(rows[i].all ? setenv("LC_ALL", rows[i].all, 1) : unsetenv("LC_ALL"));
		(rows[i].lang ? setenv("LANG", rows[i].lang, 1) : unsetenv("LANG"));
		dup2(end, STDERR_FILENO);
		plain = ed_console_plain(STDERR_FILENO);
		ansi = ed_console_ansi(STDERR_FILENO);
		dup2(saved, STDERR_FILENO);
		ck_assert_msg(plain == rows[i].plain && ansi == rows[i].ansi, "row %zu", i);
	}
	dup2(end, STDERR_FILENO);
	ed_console_write(STDERR_FILENO, ED_STR("reading \xe2\x80\xa6"));
	dup2(saved, STDERR_FILENO);
	close(saved);
	ck_assert_int_eq(read(terminal, room, sizeof(room) - 1), 11);
	ck_assert_str_eq(room, "reading \xe2\x80\xa6");
	close(end);
	close(terminal);
	ck_assert(!ed_console_plain(0) && !ed_console_ansi(0) && !ed_is_terminal(0));
}
END_TEST

START_TEST(pipe_gets_the_bytes)
{
	int saved = dup(STDOUT_FILENO);
	char room[16] = { 0 };
	bool plain, ansi;
	int ends[2];

	fflush(stdout);
	ck_assert_int_eq(pipe(ends), 0);
	setenv("TERM", "xterm", 1);
	setenv("LC_ALL", "C", 1);
	dup2(ends[1], STDOUT_FILENO);
	plain = ed_console_plain(STDOUT_FILENO);
	ansi = ed_console_ansi(STDOUT_FILENO);
	printf("a");
	ed_console_write(STDOUT_FILENO, ED_STR("b\xc3\xa9"));
	ed_console_write(7, ED_STR("nowhere"));
	dup2(saved, STDOUT_FILENO);
	close(saved);
	ck_assert(!plain && !ansi);
	ck_assert_int_eq(read(ends[0], room, sizeof(room) - 1), 4);
	ck_assert_str_eq(room, "ab\xc3\xa9");
	close(ends[0]);
	close(ends[1]);
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

static void hang(void *context)
{
	(void)context;
	for (;;)
		ed_sleep_ms(1000);
}

/* In a process of its own, whose end is looked at. */
static int run_apart(void (*what)(void))
{
	int status = 0;
	pid_t child;

	fflush(NULL);
	child = fork();
	if (child == 0) {
		what();
		_exit(99);
	}
	ck_assert_int_gt(child, 0);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void interrupt_once(void)
{
	struct ed_task *task = NULL;
	uint32_t which;
	uint64_t start = ed_clock_ms();

	if (ed_interrupted() || ed_interrupt_catch(&err) != ED_OK || ed_interrupted() ||
	    ed_task_start(hang, NULL, NULL, &task, &err) != ED_OK)
		_exit(1);
	raise(SIGTERM);
	if (!ed_interrupted() || ed_task_wait_any(&task, 1, 60000, true, &which) ||
	    ed_clock_ms() - start > 20000)
		_exit(2);
	/* who does not ask for interruption is not disturbed by it */
	if (ed_task_wait_any(&task, 1, 20, false, &which))
		_exit(3);
	ed_task_abandon(task);
	printf("written before");
	ed_process_exit(42);
}

static void interrupt_twice(void)
{
	if (ed_interrupt_catch(&err) != ED_OK)
		_exit(1);
	raise(SIGINT);
	if (!ed_interrupted())
		_exit(2);
	raise(SIGINT);
}

START_TEST(interruption_sets_a_mark_and_then_ends)
{
	const char *fork_mode = getenv("CK_FORK");
	int saved, fd;

	if (fork_mode && strcmp(fork_mode, "no") == 0) {
		printf("skipped: to valgrind a thread that hangs at the end is a leak\n");
		return;
	}
	in_root("stdout");
	fd = open(path_room, O_WRONLY | O_CREAT, 0600);
	fflush(stdout);
	saved = dup(STDOUT_FILENO);
	dup2(fd, STDOUT_FILENO);
	int once = run_apart(interrupt_once);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	close(fd);
	ck_assert_int_eq(once, 42);
	assert_content("stdout", "written before");
	ck_assert_int_eq(run_apart(interrupt_twice), 128 + SIGINT);
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
	tcase_add_test(tc, entry_has_its_time);
	tcase_add_test(tc, only_an_ordinary_file_is_removed);
	tcase_add_test(tc, line_is_added_to_an_ordinary_file_only);
	tcase_add_test(tc, room_is_known_of_folder_and_file_to_be);
	tcase_add_test(tc, leftover_of_a_killed_run_is_no_obstacle);
	tcase_add_test(tc, what_a_terminal_takes);
	tcase_add_test(tc, pipe_gets_the_bytes);
	tcase_add_test(tc, interruption_sets_a_mark_and_then_ends);
	tcase_add_test(tc, clock_is_utc_since_1601);
	tcase_add_test(tc, no_memory_at_any_allocation);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

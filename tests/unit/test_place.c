/* SPDX-License-Identifier: MIT */
/* What is kept in the folder of the IME's logs, and the line in its log. */
#include "place.h"

#include <check.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "espdiag/base/limits.h"
#include "espdiag/base/time.h"
#include "espdiag/collectors/live.h"
#include "espdiag/platform/digest.h"
#include "espdiag/platform/file.h"

#define TEXT_MOST 1024

static char root[32]; /* a fresh folder for each test, in the one the test runs in */
static struct ed_error err;
static struct ed_arena arena;

/* The same words for every system's shell. */
static void shell(const char *verb, const char *name)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "%s %s", verb, name);
	ck_assert_int_eq(system(command), 0);
}

static void setup(void)
{
	unsigned char chance[4];

	memset(&err, 0, sizeof(err));
	ed_arena_init(&arena, ED_MIB);
	ck_assert_int_eq(ed_random(chance, sizeof(chance), &err), ED_OK);
	(void)snprintf(root, sizeof(root), "place-%02x%02x%02x%02x", chance[0], chance[1],
		       chance[2], chance[3]);
	shell("mkdir", root);
}

static const char *in_root(const char *name)
{
	static char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", root, name);
	return path;
}

static void teardown(void)
{
	struct ed_folder_entry *entries;
	size_t count;

	ck_assert_int_eq(ed_folder_list(ed_str_from(root), &arena, &entries, &count, &err), ED_OK);
	for (size_t i = 0; i < count; i++) {
		char name[128];

		(void)snprintf(name, sizeof(name), "%.*s", ED_FMT(entries[i].name));
		ck_assert_int_eq(ed_file_remove(ed_str_from(in_root(name)), &err), ED_OK);
	}
	ed_arena_release(&arena);
	shell("rmdir", root);
}

/* A file of @bytes, most of them never written. */
static void put(const char *name, long bytes)
{
	FILE *file = fopen(in_root(name), "wb");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fseek(file, bytes - 1, SEEK_SET), 0);
	ck_assert_int_eq(fputc('x', file), 'x');
	ck_assert_int_eq(fclose(file), 0);
}

static bool is_there(const char *name)
{
	struct ed_path_info info;

	return ed_path_stat(ed_str_from(in_root(name)), false, &info, NULL) == ED_OK;
}

/* Oldest first; the tag does not count. */
static const char *const bundles[] = {
	"espdiag-ffffffffffffffff-20260914T081507Z.zip",
	"espdiag-20260914T081508Z.zip",
	"espdiag-0000000000000000-20260914T091507Z.zip",
	"espdiag-0000000000000000-20260915T081507Z.zip",
	"espdiag-aaaaaaaaaaaaaaaa-20261014T081507Z.zip",
	"espdiag-0000000000000000-20261114T081507Z.zip",
	"espdiag-0000000000000000-20270101T000000Z.zip",
};

static const char *const not_ours[] = {
	"espdiag.zip",
	"espdiag-notes.zip",
	"espdiag-20260914T081507Z.zip.txt",
	"espdiag-somebody-20260914T081507Z.zip",
	"IntuneManagementExtension.log",
	"a-20260914T081507Z.zip",
};

START_TEST(oldest_go)
{
	const size_t keep = ED_PLACE_KEEP_BUNDLES;

	for (size_t i = ED_COUNT(bundles); i > 0; i--)
		put(bundles[i - 1], 10);
	for (size_t i = 0; i < ED_COUNT(not_ours); i++)
		put(not_ours[i], 10);
	ck_assert_int_eq(ed_place_make_room(ed_str_from(root), keep, ed_clock_now(), &err), ED_OK);
	for (size_t i = 0; i < ED_COUNT(bundles); i++)
		ck_assert_msg(is_there(bundles[i]) == (i >= ED_COUNT(bundles) - keep), "%s",
			      bundles[i]);
	ck_assert_int_eq(ed_place_make_room(ed_str_from(root), 0, ed_clock_now(), &err), ED_OK);
	for (size_t i = 0; i < ED_COUNT(bundles); i++)
		ck_assert_msg(!is_there(bundles[i]), "%s", bundles[i]);
	for (size_t i = 0; i < ED_COUNT(not_ours); i++)
		ck_assert_msg(is_there(not_ours[i]), "%s", not_ours[i]);
}
END_TEST

/* What jobs leave in their folder goes with it; what is not theirs keeps it. */
START_TEST(scratch_is_a_folder_of_its_own)
{
	struct ed_folder_entry *entries;
	struct ed_str first, second;
	char path[256];
	size_t count;

	snprintf(path, sizeof(path), "%s/b.zip", root);
	ck_assert_int_eq(ed_place_scratch(&arena, ed_str_from(path), &first, &err), ED_OK);
	ck_assert_int_eq(ed_place_scratch(&arena, ed_str_from(path), &second, &err), ED_OK);
	ck_assert(!ed_str_eq(first, second));
	for (int i = 0; i < ED_LIVE_SCRATCH_FILES; i += 9) {
		snprintf(path, sizeof(path), ED_LIVE_SCRATCH_FORMAT, ED_FMT(first), i);
		ck_assert_int_eq(ed_file_write_whole(ed_str_from(path), ED_STR("raw"), &err),
				 ED_OK);
	}
	ed_place_sweep(first);
	ed_place_sweep(second);
	ed_place_sweep((struct ed_str){ NULL, 0 });
	ck_assert_int_eq(ed_folder_list(ed_str_from(root), &arena, &entries, &count, &err), ED_OK);
	ck_assert_uint_eq(count, 0);
	snprintf(path, sizeof(path), "%s/none/b.zip", root);
	ck_assert_int_eq(ed_place_scratch(&arena, ed_str_from(path), &first, &err), ED_ABSENT);
}
END_TEST

static const char *const parts[] = {
	"espdiag-ffffffffffffffff-20260914T081507Z.zip.tmp-4711-0",
	"espdiag-20260914T081507Z.zip.tmp-1-15",
};

static const char *const not_parts[] = {
	"espdiag-ffffffffffffffff-20260914T081507Z.zip.tmp-",
	"espdiag-ffffffffffffffff-20260914T081507Z.zip.tmp-4711-0.txt",
	"espdiag-notes.zip.tmp-4711-0",
	"IntuneManagementExtension.log.tmp-4711-0",
	"espdiag-ffffffffffffffff-20260914T081507Z.zip",
};

/* Only when nobody can be writing them any more. */
START_TEST(parts_of_killed_runs_go)
{
	const int64_t hour = ED_PLACE_PART_MINUTES * ED_TICKS_PER_MINUTE;
	const struct {
		int64_t now;
		bool stay;
	} looks[] = {
		{ ed_clock_now(), true },
		{ ed_clock_now() - 24 * hour, true }, /* the clock was set back meanwhile */
		{ ed_clock_now() + hour + ED_TICKS_PER_MINUTE, false },
	};

	for (size_t i = 0; i < ED_COUNT(parts); i++)
		put(parts[i], 10);
	for (size_t i = 0; i < ED_COUNT(not_parts); i++)
		put(not_parts[i], 10);
	for (size_t k = 0; k < ED_COUNT(looks); k++) {
		ck_assert_int_eq(ed_place_make_room(ed_str_from(root), 5, looks[k].now, &err),
				 ED_OK);
		for (size_t i = 0; i < ED_COUNT(parts); i++)
			ck_assert_msg(is_there(parts[i]) == looks[k].stay, "%s", parts[i]);
		for (size_t i = 0; i < ED_COUNT(not_parts); i++)
			ck_assert_msg(is_there(not_parts[i]), "%s", not_parts[i]);
	}
}
END_TEST

START_TEST(bytes_count)
{
	const long most = (long)ED_PLACE_KEEP_BYTES;

	put(bundles[0], 10);
	put(bundles[1], most / 2);
	put(bundles[2], most / 2);
	ck_assert_int_eq(ed_place_make_room(ed_str_from(root), 5, ed_clock_now(), &err), ED_OK);
	ck_assert(!is_there(bundles[0]));
	ck_assert(is_there(bundles[1]));
	ck_assert(is_there(bundles[2]));
	put(bundles[3], 1);
	ck_assert_int_eq(ed_place_make_room(ed_str_from(root), 5, ed_clock_now(), &err), ED_OK);
	ck_assert(!is_there(bundles[1]));
	ck_assert(is_there(bundles[2]));
	ck_assert(is_there(bundles[3]));
}
END_TEST

START_TEST(no_such_folder)
{
	ck_assert_int_ne(ed_place_make_room(ed_str_from(in_root("none")), 5, ed_clock_now(), &err),
			 ED_OK);
	ck_assert_str_ne(err.text, "");
}
END_TEST

#define TICKET "espdiag 3f9a-0c11-d2e4-b567 bitlocker-restart-pending confirmed 8c1d-22f0"
#define LINE(time, date)                                                                           \
	"<![LOG[" TICKET "]LOG]!><time=\"" time "+000\" date=\"" date                              \
	"\" component=\"espdiag\" context=\"\" type=\"1\" thread=\"1\" file=\"\">\r\n"

START_TEST(log_lines)
{
	char text[TEXT_MOST + 1];
	FILE *file;
	size_t n;
	int64_t at;

	ck_assert(ed_time_parse(ED_STR("2026-09-14T08:15:07.1234567Z"), &at));
	ck_assert_int_eq(ed_place_log(ed_str_from(root), ED_STR(TICKET), at, &err), ED_OK);
	ck_assert(ed_time_parse(ED_STR("2026-11-02T18:05:00Z"), &at));
	ck_assert_int_eq(ed_place_log(ed_str_from(root), ED_STR(TICKET), at, &err), ED_OK);
	file = fopen(in_root("espdiag.log"), "rb");
	ck_assert_ptr_nonnull(file);
	n = fread(text, 1, TEXT_MOST, file);
	text[n] = '\0';
	(void)fclose(file);
	ck_assert_str_eq(text, LINE("08:15:07.1234567", "9-14-2026")
				       LINE("18:05:00.0000000", "11-2-2026"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("place");
	TCase *tcase = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, oldest_go);
	tcase_add_test(tcase, parts_of_killed_runs_go);
	tcase_add_test(tcase, scratch_is_a_folder_of_its_own);
	tcase_add_test(tcase, bytes_count);
	tcase_add_test(tcase, no_such_folder);
	tcase_add_test(tcase, log_lines);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

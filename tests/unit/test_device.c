/* SPDX-License-Identifier: MIT */
/* What the host says of itself: whatever it is, it is text, plausible, and may be unknown. */
#include "espdiag/platform/device.h"

#include <check.h>

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/base/utf.h"
#include "espdiag/platform/file.h"

static struct ed_error err;

START_TEST(device_is_described)
{
	struct ed_device device;
	struct ed_arena arena;

	ed_arena_init(&arena, ED_MIB);
	ck_assert_int_eq(ed_device_read(&arena, &device, &err), ED_OK);
	const struct ed_str texts[] = { device.name,  device.account, device.manufacturer,
					device.model, device.serial,  device.edition };
	for (size_t i = 0; i < ED_COUNT(texts); i++) {
		ck_assert(ed_utf8_valid(texts[i]));
		ck_assert_msg(!texts[i].p || texts[i].len, "text %zu is empty, not unknown", i);
	}
	/* every host has a name, and rights that can be found out */
	ck_assert_uint_gt(device.name.len, 0);
	ck_assert_int_ne(device.rights, ED_RIGHTS_UNKNOWN);
	ck_assert(!device.oobe_account);
	/* a Windows is one with a build, anything else is none */
	ck_assert_int_eq(device.windows_major != 0, device.windows_build != 0);
	printf("name '%.*s' account '%.*s' maker '%.*s' model '%.*s' serial '%.*s' uuid %d\n"
	       "Windows %u build %u.%u '%.*s' rights %s wow64 %d\n",
	       ED_FMT(device.name), ED_FMT(device.account), ED_FMT(device.manufacturer),
	       ED_FMT(device.model), ED_FMT(device.serial), device.has_uuid,
	       (unsigned)device.windows_major, (unsigned)device.windows_build,
	       (unsigned)device.windows_revision, ED_FMT(device.edition),
	       ed_rights_word(device.rights), device.wow64);
	ed_arena_release(&arena);
}
END_TEST

START_TEST(rights_have_words)
{
	ck_assert_str_eq(ed_rights_word(ED_RIGHTS_UNKNOWN), "unknown");
	ck_assert_str_eq(ed_rights_word(ED_RIGHTS_USER), "user");
	ck_assert_str_eq(ed_rights_word(ED_RIGHTS_ADMIN), "administrator");
	ck_assert_str_eq(ed_rights_word(ED_RIGHTS_SYSTEM), "SYSTEM");
}
END_TEST

START_TEST(drives_are_roots)
{
	struct ed_str *roots = NULL;
	struct ed_arena arena;
	size_t count = 99;

	ed_arena_init(&arena, ED_MIB);
	ck_assert_int_eq(ed_removable_drives(&arena, &roots, &count, &err), ED_OK);
	ck_assert_uint_le(count, 26);
	for (size_t i = 0; i < count; i++) {
		struct ed_path_info info;

		ck_assert_uint_eq(roots[i].len, 3);
		ck_assert(ed_str_ends(roots[i], ED_STR(":/")));
		ck_assert_int_eq(ed_path_stat(roots[i], false, &info, &err), ED_OK);
		ck_assert_int_eq(info.kind, ED_PATH_FOLDER);
	}
	ed_arena_release(&arena);
}
END_TEST

START_TEST(log_folder_exists_or_is_unknown)
{
	struct ed_str folder = ED_STR("unchanged");
	struct ed_path_info info;
	struct ed_arena arena;

	ed_arena_init(&arena, ED_MIB);
	ck_assert_int_eq(ed_ime_log_folder(&arena, &folder, &err), ED_OK);
	if (folder.p) {
		ck_assert_int_eq(ed_path_stat(folder, false, &info, &err), ED_OK);
		ck_assert_int_eq(info.kind, ED_PATH_FOLDER);
	}
	ed_arena_release(&arena);
}
END_TEST

START_TEST(output_has_a_folder)
{
	struct ed_str folder = { NULL, 0 };
	struct ed_path_info info;
	struct ed_arena arena;

	ed_arena_init(&arena, ED_MIB);
	ck_assert_int_eq(ed_default_folder(&arena, &folder, &err), ED_OK);
	ck_assert(ed_utf8_valid(folder));
	ck_assert_int_eq(ed_path_stat(folder, false, &info, &err), ED_OK);
	ck_assert_int_eq(info.kind, ED_PATH_FOLDER);
	ed_arena_release(&arena);
}
END_TEST

START_TEST(no_memory_at_any_allocation)
{
	struct ed_device device = { .windows_major = 7 };
	struct ed_arena arena;
	ed_status status;
	long n = 0;

	do {
		struct ed_str *roots;
		struct ed_str folder;
		size_t count;

		ed_arena_init(&arena, ED_MIB);
		ed_alloc_fail_after(n++);
		status = ed_device_read(&arena, &device, &err);
		if (status == ED_OK)
			status = ed_removable_drives(&arena, &roots, &count, &err);
		if (status == ED_OK)
			status = ed_ime_log_folder(&arena, &folder, &err);
		if (status == ED_OK)
			status = ed_default_folder(&arena, &folder, &err);
		ed_alloc_fail_after(-1);
		ck_assert(status == ED_OK || status == ED_NOMEM);
		if (n == 1)
			ck_assert_uint_eq(device.windows_major, 7);
		ed_arena_release(&arena);
	} while (status != ED_OK && n < 1000);
	ck_assert_int_eq(status, ED_OK);
	ck_assert_int_ge(n, 2);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("device");
	TCase *tc = tcase_create("device");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, device_is_described);
	tcase_add_test(tc, rights_have_words);
	tcase_add_test(tc, drives_are_roots);
	tcase_add_test(tc, log_folder_exists_or_is_unknown);
	tcase_add_test(tc, output_has_a_folder);
	tcase_add_test(tc, no_memory_at_any_allocation);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

/* SPDX-License-Identifier: MIT */
/* Functions of the system's DLLs: on Windows there, elsewhere never. */
#include "espdiag/platform/library.h"

#include <check.h>

#include "espdiag/base/limits.h"
#include "espdiag/platform/device.h"

START_TEST(function_is_found_on_windows)
{
	ed_library_function *loaded = ed_library_symbol("kernel32.dll", "GetTickCount64");
	ed_library_function *rare = ed_library_symbol("bcrypt.dll", "BCryptGenRandom");
	struct ed_device device;
	struct ed_arena arena;
	struct ed_error err;

	ed_arena_init(&arena, ED_MIB);
	ck_assert_int_eq(ed_device_read(&arena, &device, &err), ED_OK);
	ck_assert_int_eq(loaded != NULL, device.windows_major != 0);
	ck_assert_int_eq(rare != NULL, device.windows_major != 0);
	/* the same one each time */
	ck_assert(rare == ed_library_symbol("bcrypt.dll", "BCryptGenRandom"));
	ed_arena_release(&arena);
}
END_TEST

START_TEST(what_is_missing_is_null)
{
	ck_assert(!ed_library_symbol("espdiag-no-such.dll", "BCryptGenRandom"));
	ck_assert(!ed_library_symbol("bcrypt.dll", "EspdiagNoSuchFunction"));
	ck_assert(!ed_library_symbol("", ""));
	/* longer than any name of a DLL */
	ck_assert(!ed_library_symbol("0123456789012345678901234567890123456789"
				     "0123456789012345678901234567890123456789.dll",
				     "x"));
}
END_TEST

START_TEST(preparing_keeps_what_is_there)
{
	static const char *const dlls[] = { "bcrypt.dll", "espdiag-no-such.dll", "" };
	ed_library_function *before = ed_library_symbol("bcrypt.dll", "BCryptGenRandom");

	ed_library_prepare(NULL, 0);
	ed_library_prepare(dlls, ED_COUNT(dlls));
	ed_library_prepare(dlls, ED_COUNT(dlls));
	ck_assert(before == ed_library_symbol("bcrypt.dll", "BCryptGenRandom"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("library");
	TCase *tc = tcase_create("library");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, function_is_found_on_windows);
	tcase_add_test(tc, what_is_missing_is_null);
	tcase_add_test(tc, preparing_keeps_what_is_there);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

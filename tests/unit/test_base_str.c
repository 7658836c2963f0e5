/* SPDX-License-Identifier: MIT */
/* Borrowed text: comparing, searching, cutting, and the three dialects of numbers. */
#include <check.h>

#include "espdiag/base/str.h"

static const struct number_case {
	const char *text;
	bool is_u64;
	uint64_t u64;
	bool is_u32;
	uint32_t u32;
} number_cases[] = {
	{ "0", true, 0, true, 0 },
	{ "007", true, 7, true, 7 },
	{ "0x0", true, 0, true, 0 },
	{ "0xCAA2000C", true, 0xCAA2000C, true, 0xCAA2000C },
	{ "0Xcaa2000c", true, 0xCAA2000C, true, 0xCAA2000C },
	{ "3399614476", true, 3399614476, true, 3399614476 },
	{ "-2147186428", true, UINT64_C(0xFFFFFFFF80048904), true, 0x80048904 },
	{ "-895352820", true, UINT64_C(0xFFFFFFFFCAA2000C), true, 0xCAA2000C },
	{ "-1", true, UINT64_MAX, true, UINT32_MAX },
	{ "-0", true, 0, true, 0 },
	{ "-2147483648", true, UINT64_C(0xFFFFFFFF80000000), true, 0x80000000 },
	{ "-2147483649", true, UINT64_C(0xFFFFFFFF7FFFFFFF), false, 0 },
	{ "4294967295", true, UINT32_MAX, true, UINT32_MAX },
	{ "4294967296", true, UINT64_C(4294967296), false, 0 },
	{ "0xFFFFFFFF80048904", true, UINT64_C(0xFFFFFFFF80048904), true, 0x80048904 },
	{ "0XFFFFFFFF80048904", true, UINT64_C(0xFFFFFFFF80048904), true, 0x80048904 },
	{ "18446744071562365188", true, UINT64_C(18446744071562365188), false, 0 },
	{ "0xFFFFFFFF7FFFFFFF", true, UINT64_C(0xFFFFFFFF7FFFFFFF), false, 0 },
	{ "18446744073709551615", true, UINT64_MAX, false, 0 },
	{ "18446744073709551616", false, 0, false, 0 },
	{ "99999999999999999999999", false, 0, false, 0 },
	{ "0x10000000000000000", false, 0, false, 0 },
	{ "-9223372036854775808", true, UINT64_C(0x8000000000000000), false, 0 },
	{ "-9223372036854775809", false, 0, false, 0 },
	{ " \t42\r\n", true, 42, true, 42 },
	{ "", false, 0, false, 0 },
	{ " ", false, 0, false, 0 },
	{ "-", false, 0, false, 0 },
	{ "0x", false, 0, false, 0 },
	{ "x10", false, 0, false, 0 },
	{ "+5", false, 0, false, 0 },
	{ "- 5", false, 0, false, 0 },
	{ "-0x5", false, 0, false, 0 },
	{ "12a", false, 0, false, 0 },
	{ "0x12g", false, 0, false, 0 },
	{ "1 2", false, 0, false, 0 },
	{ "1.0", false, 0, false, 0 },
};

START_TEST(number_dialects)
{
	const struct number_case *t = &number_cases[_i];
	uint64_t u64 = 4711;
	uint32_t u32 = 4711;

	ck_assert_msg(ed_number_parse(ed_str_from(t->text), &u64) == t->is_u64, "'%s'", t->text);
	ck_assert_msg(u64 == (t->is_u64 ? t->u64 : 4711), "'%s' is %llx", t->text,
		      (unsigned long long)u64);
	ck_assert_msg(ed_number_u32(ed_str_from(t->text), &u32) == t->is_u32, "'%s' as u32",
		      t->text);
	ck_assert_msg(u32 == (t->is_u32 ? t->u32 : 4711), "'%s' is %x", t->text, u32);
}
END_TEST

START_TEST(number_of_nothing)
{
	uint64_t u64;
	uint32_t u32;

	ck_assert(!ed_number_parse((struct ed_str){ NULL, 0 }, &u64));
	ck_assert(!ed_number_u32((struct ed_str){ NULL, 0 }, &u32));
}
END_TEST

START_TEST(compare)
{
	struct ed_str none = { NULL, 0 };

	ck_assert(ed_str_eq(ED_STR("abc"), ED_STR("abc")));
	ck_assert(!ed_str_eq(ED_STR("abc"), ED_STR("abd")));
	ck_assert(!ed_str_eq(ED_STR("abc"), ED_STR("ab")));
	ck_assert(ed_str_eq(none, ED_STR("")));
	ck_assert(ed_str_ieq(ED_STR("HKEY_local"), ED_STR("hkey_LOCAL")));
	/* only ASCII letters fold: '[' and '{' differ by the same bit */
	ck_assert(!ed_str_ieq(ED_STR("["), ED_STR("{")));
	ck_assert(!ed_str_ieq(ED_STR("@"), ED_STR("`")));
	ck_assert(!ed_str_ieq(ED_STR("\xC3\x84"), ED_STR("\xC3\xA4")));
	ck_assert_int_lt(ed_str_cmp(ED_STR("ab"), ED_STR("abc")), 0);
	ck_assert_int_gt(ed_str_cmp(ED_STR("abc"), ED_STR("ab")), 0);
	ck_assert_int_lt(ed_str_cmp(ED_STR("a\x7F"), ED_STR("a\x80")), 0);
	ck_assert_int_lt(ed_str_cmp(none, ED_STR("a")), 0);
	ck_assert_int_eq(ed_str_cmp(none, none), 0);
	ck_assert_int_lt(ed_str_icmp(ED_STR("ABC"), ED_STR("abd")), 0);
	ck_assert_int_eq(ed_str_icmp(ED_STR("ABC"), ED_STR("abc")), 0);
	ck_assert_int_lt(ed_str_icmp(ED_STR("A"), ED_STR("\xC4")), 0);
}
END_TEST

START_TEST(starts_and_ends)
{
	ck_assert(ed_str_starts(ED_STR("regedit"), ED_STR("reg")));
	ck_assert(ed_str_starts(ED_STR("x"), ED_STR("")));
	ck_assert(!ed_str_starts(ED_STR("re"), ED_STR("reg")));
	ck_assert(!ed_str_starts(ED_STR("Reg"), ED_STR("reg")));
	ck_assert(ed_str_istarts(ED_STR("REGEDIT"), ED_STR("reg")));
	ck_assert(ed_str_ends(ED_STR("a.evtx"), ED_STR(".evtx")));
	ck_assert(!ed_str_ends(ED_STR("evtx"), ED_STR(".evtx")));
	ck_assert(ed_str_iends(ED_STR("A.EVTX"), ED_STR(".evtx")));
	ck_assert(ed_str_ends((struct ed_str){ NULL, 0 }, ED_STR("")));
}
END_TEST

START_TEST(find)
{
	struct ed_str s = ED_STR("aababcab");
	struct ed_str none = { NULL, 0 };

	ck_assert_uint_eq(ed_str_find(s, ED_STR("abc"), 0), 3);
	ck_assert_uint_eq(ed_str_find(s, ED_STR("ab"), 0), 1);
	ck_assert_uint_eq(ed_str_find(s, ED_STR("ab"), 2), 3);
	ck_assert_uint_eq(ed_str_find(s, ED_STR("ab"), 6), 6);
	ck_assert_uint_eq(ed_str_find(s, ED_STR("ab"), 7), SIZE_MAX);
	ck_assert_uint_eq(ed_str_find(s, ED_STR("ab"), 100), SIZE_MAX);
	ck_assert_uint_eq(ed_str_find(s, ED_STR("aababcabx"), 0), SIZE_MAX);
	ck_assert_uint_eq(ed_str_find(s, ED_STR(""), 8), 8);
	ck_assert_uint_eq(ed_str_find(s, ED_STR(""), 9), SIZE_MAX);
	ck_assert_uint_eq(ed_str_find(none, ED_STR("a"), 0), SIZE_MAX);
	ck_assert_uint_eq(ed_str_ifind(ED_STR("xxAZUREad"), ED_STR("AzureAD"), 0), 2);
	ck_assert_uint_eq(ed_str_ifind(ED_STR("xx"), ED_STR("AzureAD"), 0), SIZE_MAX);
	ck_assert_uint_eq(ed_str_ifind(none, ED_STR(""), 0), 0);
	ck_assert_uint_eq(ed_str_ifind(none, ED_STR("a"), 0), SIZE_MAX);
}
END_TEST

START_TEST(slice_and_trim)
{
	struct ed_str s = ED_STR("hello");
	struct ed_str none = ed_str_slice((struct ed_str){ NULL, 0 }, 1, 2);

	ck_assert(ed_str_eq(ed_str_slice(s, 1, 3), ED_STR("el")));
	ck_assert(ed_str_eq(ed_str_slice(s, 3, 100), ED_STR("lo")));
	ck_assert(ed_str_eq(ed_str_slice(s, 4, 2), ED_STR("")));
	ck_assert_ptr_nonnull(ed_str_slice(s, 9, 9).p);
	ck_assert_ptr_null(none.p);
	ck_assert(ed_str_eq(ed_str_trim(ED_STR(" \t\v\f\r\n a b \n")), ED_STR("a b")));
	ck_assert(ed_str_eq(ed_str_trim(ED_STR("   ")), ED_STR("")));
	ck_assert(ed_str_eq(ed_str_trim(ED_STR("\xA0x")), ED_STR("\xA0x")));
}
END_TEST

START_TEST(pieces)
{
	struct ed_str rest = ED_STR("a,,b,"), piece;

	ck_assert(ed_str_next(&rest, ',', &piece) && ed_str_eq(piece, ED_STR("a")));
	ck_assert(ed_str_next(&rest, ',', &piece) && ed_str_eq(piece, ED_STR("")));
	ck_assert(ed_str_next(&rest, ',', &piece) && ed_str_eq(piece, ED_STR("b")));
	ck_assert(ed_str_next(&rest, ',', &piece) && ed_str_eq(piece, ED_STR("")));
	ck_assert_ptr_nonnull(piece.p);
	ck_assert(!ed_str_next(&rest, ',', &piece));
	rest = ED_STR("");
	ck_assert(ed_str_next(&rest, ',', &piece) && piece.len == 0);
	ck_assert(!ed_str_next(&rest, ',', &piece));
}
END_TEST

START_TEST(lines)
{
	struct ed_str rest = ED_STR("one\r\ntwo\n\r\nthree\r"), line;

	ck_assert(ed_str_line(&rest, &line) && ed_str_eq(line, ED_STR("one")));
	ck_assert(ed_str_line(&rest, &line) && ed_str_eq(line, ED_STR("two")));
	ck_assert(ed_str_line(&rest, &line) && ed_str_eq(line, ED_STR("")));
	ck_assert(ed_str_line(&rest, &line) && ed_str_eq(line, ED_STR("three")));
	ck_assert(!ed_str_line(&rest, &line));
	rest = ED_STR("end\n");
	ck_assert(ed_str_line(&rest, &line) && ed_str_eq(line, ED_STR("end")));
	ck_assert(!ed_str_line(&rest, &line));
	rest = ED_STR("");
	ck_assert(!ed_str_line(&rest, &line));
}
END_TEST

START_TEST(field_names)
{
	ck_assert(ed_name_eq(ED_STR("Error Code"), ED_STR("ErrorCode")));
	ck_assert(ed_name_eq(ED_STR("  error  CODE "), ED_STR("ErrorCode")));
	ck_assert(ed_name_eq(ED_STR(""), ED_STR("  ")));
	ck_assert(ed_name_eq((struct ed_str){ NULL, 0 }, ED_STR("")));
	ck_assert(!ed_name_eq(ED_STR("ErrorCode"), ED_STR("ErrorCode2")));
	ck_assert(!ed_name_eq(ED_STR("Error Code 2"), ED_STR("ErrorCode")));
	ck_assert(!ed_name_eq(ED_STR("Error_Code"), ED_STR("ErrorCode")));
}
END_TEST

START_TEST(from_z)
{
	ck_assert_ptr_null(ed_str_from(NULL).p);
	ck_assert_uint_eq(ed_str_from("abc").len, 3);
	ck_assert_ptr_nonnull(ed_str_from("").p);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base_str");
	TCase *c = tcase_create("str");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_loop_test(c, number_dialects, 0, (int)ED_COUNT(number_cases));
	tcase_add_test(c, number_of_nothing);
	tcase_add_test(c, compare);
	tcase_add_test(c, starts_and_ends);
	tcase_add_test(c, find);
	tcase_add_test(c, slice_and_trim);
	tcase_add_test(c, pieces);
	tcase_add_test(c, lines);
	tcase_add_test(c, field_names);
	tcase_add_test(c, from_z);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

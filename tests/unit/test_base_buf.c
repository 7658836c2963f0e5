/* SPDX-License-Identifier: MIT */
/* The growing buffer: its ceiling and its sticky failure. */
#include <check.h>

#include "espdiag/base/alloc.h"
#include "espdiag/base/buf.h"

START_TEST(appends)
{
	struct ed_buf buf;

	ed_buf_init(&buf, 1 << 20);
	ck_assert_str_eq(ed_buf_str(&buf).p, "");
	ed_buf_addz(&buf, "one ");
	ed_buf_adds(&buf, ED_STR("two "));
	ed_buf_addc(&buf, '3');
	ed_buf_add(&buf, NULL, 0);
	ed_buf_adds(&buf, (struct ed_str){ NULL, 0 });
	ed_buf_printf(&buf, " %d%s", 4, "!");
	ck_assert_str_eq(buf.p, "one two 3 4!");
	ck_assert_uint_eq(buf.len, 12);
	ck_assert_int_eq(buf.status, ED_OK);
	ed_buf_clear(&buf);
	ck_assert_str_eq(buf.p, "");
	ck_assert_uint_eq(buf.len, 0);
	ed_buf_release(&buf);
	ed_buf_release(&buf);
	ck_assert_uint_eq(buf.limit, 1 << 20);
}
END_TEST

START_TEST(grows_byte_by_byte)
{
	struct ed_buf buf;

	ed_buf_init(&buf, 100000);
	for (size_t i = 0; i < 100000; i++) {
		ed_buf_addc(&buf, (char)('a' + i % 26));
		if (buf.p[buf.len] != '\0')
			ck_abort_msg("no NUL behind %zu bytes", buf.len);
	}
	ck_assert_int_eq(buf.status, ED_OK);
	for (size_t i = 0; i < 100000; i++)
		if (buf.p[i] != (char)('a' + i % 26))
			ck_abort_msg("byte %zu", i);
	ed_buf_release(&buf);
}
END_TEST

START_TEST(ceiling)
{
	struct ed_buf buf;

	ed_buf_init(&buf, 5);
	ed_buf_addz(&buf, "12345");
	ck_assert_int_eq(buf.status, ED_OK);
	ed_buf_addz(&buf, "");
	ck_assert_int_eq(buf.status, ED_OK);
	ed_buf_addc(&buf, '6');
	ck_assert_int_eq(buf.status, ED_LIMIT);
	ck_assert_str_eq(buf.p, "12345");
	ed_buf_clear(&buf);
	ck_assert_int_eq(buf.status, ED_OK);
	ed_buf_printf(&buf, "%06d", 1);
	ck_assert_int_eq(buf.status, ED_LIMIT);
	/* the first failure makes all later appends fail, small as they are */
	ed_buf_addc(&buf, 'x');
	ed_buf_printf(&buf, "x");
	ck_assert(!ed_buf_reserve(&buf, 0));
	ck_assert_uint_eq(buf.len, 0);
	ed_buf_clear(&buf);
	ck_assert(!ed_buf_reserve(&buf, SIZE_MAX));
	ed_buf_release(&buf);
}
END_TEST

START_TEST(out_of_memory)
{
	struct ed_buf buf;

	ed_buf_init(&buf, 100000);
	ed_buf_addz(&buf, "kept");
	ed_alloc_fail_after(0);
	for (int i = 0; i < 1000; i++)
		ed_buf_addc(&buf, 'x');
	ck_assert_int_eq(buf.status, ED_NOMEM);
	ck_assert(ed_str_starts(ed_buf_str(&buf), ED_STR("keptx")));
	ck_assert_int_eq(buf.p[buf.len], '\0');
	ed_alloc_fail_after(-1);
	ed_buf_addc(&buf, 'y');
	ck_assert_int_eq(buf.status, ED_NOMEM);
	ed_buf_clear(&buf);
	ed_buf_addz(&buf, "again");
	ck_assert_str_eq(buf.p, "again");
	ed_buf_release(&buf);
}
END_TEST

START_TEST(reserve)
{
	struct ed_buf buf;

	ed_buf_init(&buf, 1000);
	ck_assert(ed_buf_reserve(&buf, 1000));
	ck_assert_uint_gt(buf.cap, 1000);
	ck_assert_str_eq(buf.p, "");
	ck_assert(!ed_buf_reserve(&buf, 1001));
	ed_buf_release(&buf);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base_buf");
	TCase *c = tcase_create("buf");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(c, appends);
	tcase_add_test(c, grows_byte_by_byte);
	tcase_add_test(c, ceiling);
	tcase_add_test(c, out_of_memory);
	tcase_add_test(c, reserve);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/* The bounded reader: never a byte past the end, and failure that stays. */
#include <check.h>

#include "espdiag/base/cursor.h"
#include "espdiag/base/str.h"

static const unsigned char bytes[] = { 0x01, 0x02, 0x03, 0x84, 0x05, 0x06, 0x07, 0x88,
				       0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F };

START_TEST(numbers)
{
	struct ed_cursor c = { .p = bytes, .left = sizeof(bytes) };

	ck_assert_uint_eq(ed_cursor_u8(&c), 0x01);
	ck_assert_uint_eq(ed_cursor_u16(&c), 0x0302);
	ck_assert_uint_eq(ed_cursor_u32(&c), 0x07060584);
	ck_assert_uint_eq(ed_cursor_u64(&c), UINT64_C(0x0F0E0D0C0B0A0988));
	ck_assert_uint_eq(c.left, 0);
	ck_assert(!c.bad);
	ck_assert_uint_eq(ed_cursor_u8(&c), 0);
	ck_assert(c.bad);
	ck_assert_uint_eq(ed_le16(bytes + 2), 0x8403);
	ck_assert_uint_eq(ed_le32(bytes), 0x84030201);
	ck_assert_uint_eq(ed_be32(bytes), 0x01020384);
	ck_assert_uint_eq(ed_le64(bytes), UINT64_C(0x8807060584030201));
}
END_TEST

START_TEST(failure_stays)
{
	struct ed_cursor c = { .p = bytes, .left = 3 };

	ck_assert_uint_eq(ed_cursor_u32(&c), 0);
	ck_assert(c.bad);
	/* there would be room for this one, but what it is nobody knows any more */
	ck_assert_uint_eq(ed_cursor_u8(&c), 0);
	ck_assert_ptr_null(ed_cursor_take(&c, 0));
	ck_assert_uint_eq(c.left, 3);
}
END_TEST

START_TEST(takes)
{
	struct ed_cursor c = { .p = bytes, .left = 5 };

	ck_assert_ptr_eq(ed_cursor_take(&c, 0), bytes);
	ck_assert_ptr_eq(ed_cursor_take(&c, 5), bytes);
	ck_assert_ptr_eq(ed_cursor_take(&c, 0), bytes + 5);
	ck_assert(!c.bad);
	ck_assert_ptr_null(ed_cursor_take(&c, 1));
	c = (struct ed_cursor){ .p = bytes, .left = 5 };
	ck_assert_ptr_null(ed_cursor_take(&c, SIZE_MAX));
	c = (struct ed_cursor){ 0 };
	ck_assert_ptr_null(ed_cursor_take(&c, 0));
	ck_assert(!c.bad);
	ck_assert_uint_eq(ed_cursor_u16(&c), 0);
	ck_assert(c.bad);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base_cursor");
	TCase *c = tcase_create("cursor");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(c, numbers);
	tcase_add_test(c, failure_stays);
	tcase_add_test(c, takes);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/* The arena: its limit, its alignment, running out of memory; the same with and without its debug
 * twin. */
#include <check.h>
#include <stdalign.h>
#include <stddef.h>

#include "espdiag/base/alloc.h"
#include "espdiag/base/arena.h"

START_TEST(alignment_and_contents)
{
	struct ed_arena arena;
	char *pieces[200];

	ed_arena_init(&arena, 1 << 20);
	for (size_t i = 0; i < ED_COUNT(pieces); i++) {
		pieces[i] = ed_arena_alloc(&arena, i);
		ck_assert_ptr_nonnull(pieces[i]);
		ck_assert_uint_eq((uintptr_t)pieces[i] % alignof(long double), 0);
		ck_assert_uint_eq((uintptr_t)pieces[i] % alignof(long long), 0);
		memset(pieces[i], (int)i, i);
	}
	for (size_t i = 0; i < ED_COUNT(pieces); i++)
		for (size_t k = 0; k < i; k++)
			if ((unsigned char)pieces[i][k] != i)
				ck_abort_msg("piece %zu was overwritten", i);
	ed_arena_release(&arena);
	ed_arena_release(&arena);
}
END_TEST

START_TEST(limit_is_never_exceeded)
{
	struct ed_arena arena;
	size_t count = 0;

	ed_arena_init(&arena, 1024);
	ck_assert_ptr_null(ed_arena_alloc(&arena, 1025));
	ck_assert_ptr_null(ed_arena_alloc(&arena, SIZE_MAX));
	ck_assert_ptr_null(ed_arena_alloc(&arena, SIZE_MAX - 8));
	ck_assert_uint_eq(arena.used, 0);
	/* empty pieces cost as well: they must not be a way around the limit */
	while (ed_arena_alloc(&arena, 0))
		count++;
	ck_assert_uint_le(count, 1024);
	ck_assert_uint_le(arena.used, 1024);
	ck_assert_ptr_null(ed_arena_alloc(&arena, 1));
	ed_arena_release(&arena);
	ck_assert_ptr_nonnull(ed_arena_alloc(&arena, 1024));
	ck_assert_ptr_null(ed_arena_alloc(&arena, 1));
	ed_arena_release(&arena);
	ed_arena_init(&arena, SIZE_MAX);
	ck_assert_ptr_null(ed_arena_alloc(&arena, SIZE_MAX - 1));
	ed_arena_release(&arena);
}
END_TEST

START_TEST(reset_gives_the_room_back)
{
	struct ed_arena arena;

	ed_arena_init(&arena, 300000);
	ed_arena_reset(&arena);
	for (int i = 0; i < 100; i++) {
		ck_assert_ptr_nonnull(ed_arena_alloc(&arena, 100));
		ck_assert_ptr_nonnull(ed_arena_alloc(&arena, 200000));
		ck_assert_ptr_nonnull(ed_arena_alloc(&arena, 90000));
		ck_assert_ptr_null(ed_arena_alloc(&arena, 90000));
		ed_arena_reset(&arena);
		ck_assert_uint_eq(arena.used, 0);
	}
	ed_arena_release(&arena);
}
END_TEST

START_TEST(calloc_zeroes_and_sees_overflow)
{
	struct ed_arena arena;
	unsigned char *p;

	ed_arena_init(&arena, 4096);
	p = ed_arena_alloc(&arena, 512);
	ck_assert_ptr_nonnull(p);
	memset(p, 0xAA, 512);
	ed_arena_reset(&arena);
	p = ed_arena_calloc(&arena, 64, 8);
	ck_assert_ptr_nonnull(p);
	for (size_t i = 0; i < 512; i++)
		if (p[i])
			ck_abort_msg("byte %zu", i);
	ck_assert_ptr_null(ed_arena_calloc(&arena, SIZE_MAX / 4, 8));
	ck_assert_ptr_nonnull(ed_arena_calloc(&arena, 0, 8));
	ck_assert_ptr_nonnull(ed_arena_calloc(&arena, 8, 0));
	ed_arena_release(&arena);
}
END_TEST

START_TEST(strings)
{
	struct ed_arena arena;
	struct ed_str s;

	ed_arena_init(&arena, 4096);
	s = ed_arena_str(&arena, (struct ed_str){ "hello there", 5 });
	ck_assert_uint_eq(s.len, 5);
	ck_assert_str_eq(s.p, "hello");
	s = ed_arena_str(&arena, (struct ed_str){ NULL, 0 });
	ck_assert_ptr_nonnull(s.p);
	ck_assert_str_eq(s.p, "");
	s = ed_arena_printf(&arena, "%s-%05d", "x", 42);
	ck_assert_str_eq(s.p, "x-00042");
	ck_assert_uint_eq(s.len, 7);
	ed_arena_release(&arena);
	ed_arena_init(&arena, 16);
	ck_assert_ptr_null(ed_arena_str(&arena, ED_STR("sixteen bytes ok")).p);
	ck_assert_ptr_null(ed_arena_printf(&arena, "%020d", 1).p);
	ck_assert_ptr_null(ed_arena_str(&arena, (struct ed_str){ "", SIZE_MAX }).p);
	ck_assert_str_eq(ed_arena_str(&arena, ED_STR("fifteen bytes k")).p, "fifteen bytes k");
	ed_arena_release(&arena);
}
END_TEST

START_TEST(out_of_memory)
{
	struct ed_arena arena;

	ed_arena_init(&arena, 1 << 20);
	ed_alloc_fail_after(0);
	ck_assert_ptr_null(ed_arena_alloc(&arena, 10));
	ck_assert_ptr_null(ed_arena_str(&arena, ED_STR("x")).p);
	ck_assert_ptr_null(ed_arena_printf(&arena, "x").p);
	ck_assert_ptr_null(ed_arena_calloc(&arena, 1, 1));
	ck_assert_int_gt(ed_alloc_fail_after(-1), 0);
	ck_assert_uint_eq(arena.used, 0);
	ck_assert_ptr_nonnull(ed_arena_alloc(&arena, 10));
	ed_arena_release(&arena);
}
END_TEST

START_TEST(heap)
{
	char *p = ed_malloc(0);
	char *q;

	ck_assert_ptr_nonnull(p);
	p = ed_realloc(p, 8);
	ck_assert_ptr_nonnull(p);
	memcpy(p, "1234567", 8);
	ed_alloc_fail_after(1);
	q = ed_calloc(4, 4);
	ck_assert_ptr_nonnull(q);
	for (size_t i = 0; i < 16; i++)
		ck_assert_int_eq(q[i], 0);
	ck_assert_ptr_null(ed_malloc(1));
	ck_assert_ptr_null(ed_calloc(1, 1));
	ck_assert_ptr_null(ed_realloc(p, 1000));
	ck_assert_str_eq(p, "1234567");
	ck_assert_int_eq(ed_alloc_fail_after(-1), 4);
	ck_assert_ptr_null(ed_calloc(SIZE_MAX / 2, 3));
	ed_free(p);
	ed_free(q);
	ed_free(NULL);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base_arena");
	TCase *c = tcase_create("arena");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(c, alignment_and_contents);
	tcase_add_test(c, limit_is_never_exceeded);
	tcase_add_test(c, reset_gives_the_room_back);
	tcase_add_test(c, calloc_zeroes_and_sees_overflow);
	tcase_add_test(c, strings);
	tcase_add_test(c, out_of_memory);
	tcase_add_test(c, heap);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

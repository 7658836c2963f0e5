/* SPDX-License-Identifier: MIT */
/* CRC-32: a bit at a time, as it is defined, against both ways in which it is worked out. */
#include "espdiag/base/crc.h"

#include <check.h>

#include "espdiag/base/alloc.h"
#include "espdiag/base/str.h"

#define BYTES ((size_t)1500)

static uint32_t crc_by_bits(uint32_t crc, const unsigned char *p, size_t n)
{
	crc = ~crc;
	for (size_t i = 0; i < n; i++) {
		crc ^= p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xEDB88320) : 0);
	}
	return ~crc;
}

static void fill(unsigned char *p, size_t n)
{
	uint32_t state = 2463534242u;

	for (size_t i = 0; i < n; i++) {
		state = state * 1664525u + 1013904223u;
		p[i] = (unsigned char)(state >> 24);
	}
}

START_TEST(the_known_value)
{
	ck_assert_uint_eq(ed_crc32(0, "123456789", 9), 0xCBF43926u);
	ck_assert_uint_eq(ed_crc32_portable(0, "123456789", 9), 0xCBF43926u);
	ck_assert_uint_eq(ed_crc32(5, "", 0), 5);
}
END_TEST

/* Every length is its own allocation, so that a checker sees one byte more. */
START_TEST(every_length)
{
	for (size_t n = 1; n < BYTES; n++) {
		unsigned char *p = ed_malloc(n);
		uint32_t begin = (uint32_t)(n * 2654435761u), want;

		ck_assert_ptr_nonnull(p);
		fill(p, n);
		want = crc_by_bits(begin, p, n);
		ck_assert_msg(ed_crc32(begin, p, n) == want, "%zu bytes", n);
		ck_assert_msg(ed_crc32_portable(begin, p, n) == want, "%zu bytes, portable", n);
		ed_free(p);
	}
}
END_TEST

START_TEST(every_place_and_division)
{
	static unsigned char bytes[BYTES];
	uint32_t want;

	fill(bytes, sizeof(bytes));
	want = crc_by_bits(0, bytes, sizeof(bytes));
	for (size_t at = 0; at < sizeof(bytes); at++) {
		uint32_t first = ed_crc32(0, bytes, at);

		ck_assert_uint_eq(ed_crc32(first, bytes + at, sizeof(bytes) - at), want);
	}
	/* each bit counts */
	for (size_t at = 0; at < sizeof(bytes); at++) {
		bytes[at] ^= 0x10;
		ck_assert_uint_ne(ed_crc32(0, bytes, sizeof(bytes)), want);
		bytes[at] ^= 0x10;
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("crc");
	TCase *tcase = tcase_create("crc");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, the_known_value);
	tcase_add_test(tcase, every_length);
	tcase_add_test(tcase, every_place_and_division);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

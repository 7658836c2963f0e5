/* SPDX-License-Identifier: MIT */
/* Numbers of a dump, eight digits at a time, against those of the C library. */
#include "dump_format.h"

#include <check.h>

#include <inttypes.h>

/* As much is written behind as is said, and no more. */
#define ROOM 48
#define SPARE 8

static void same_text(const char *end, const char *out, const char *want)
{
	size_t len = strlen(want), behind = len + SPARE;

	/* asking Check for each would take longer than all the rest */
	if ((size_t)(end - out) != len || memcmp(out, want, len) != 0)
		ck_abort_msg("'%.*s' for '%s'", (int)(end - out), out, want);
	while (behind < ROOM && out[behind] == '#')
		behind++;
	if (behind < ROOM)
		ck_abort_msg("'%s': byte %zu overwritten", want, behind);
}

static void check_number(uint64_t n)
{
	char out[ROOM], want[ROOM];

	memset(out, '#', sizeof(out));
	snprintf(want, sizeof(want), "%" PRIu64, n);
	same_text(evtx_put_u64(out, n), out, want);
	memset(out, '#', sizeof(out));
	snprintf(want, sizeof(want), "%" PRId64, (int64_t)n);
	same_text(evtx_put_signed(out, n, 64), out, want);
	memset(out, '#', sizeof(out));
	snprintf(want, sizeof(want), "0x%" PRIx64, n);
	same_text(evtx_put_hex(out, n), out, want);
	memset(out, '#', sizeof(out));
	snprintf(want, sizeof(want), "%08" PRIX32, (uint32_t)n);
	same_text(evtx_put_hex8(out, (uint32_t)n, EVTX_LETTERS_UPPER), out, want);
}

/* Around every power of two and of ten, where digits come and go. */
START_TEST(numbers)
{
	for (int shift = 0; shift < 64; shift++)
		for (uint64_t d = 0; d < 5; d++)
			check_number((UINT64_C(1) << shift) + d - 2);
	for (uint64_t ten = 1, i = 0; i < 20; i++, ten *= 10)
		for (uint64_t d = 0; d < 5; d++)
			check_number(ten + d - 2);
	for (uint64_t n = 1, i = 0; i < 20000;
	     i++, n = n * 6364136223846793005u + 1442695040888963407u)
		check_number(n >> (i % 64));
}
END_TEST

START_TEST(small_numbers)
{
	static const unsigned bits[] = { 8, 16, 32 };

	for (uint32_t n = 0; n < 120000; n++) {
		char out[ROOM], want[ROOM];

		memset(out, '#', sizeof(out));
		snprintf(want, sizeof(want), "%" PRIu32, n);
		same_text(evtx_put_small(out, n), out, want);
		memset(out, '#', sizeof(out));
		snprintf(want, sizeof(want), "%08" PRIu32, n * 833);
		same_text(evtx_put_decimal8(out, n * 833), out, want);
	}
	for (size_t i = 0; i < 3; i++) {
		uint64_t low = UINT64_C(1) << (bits[i] - 1);
		char out[ROOM], want[ROOM];

		memset(out, '#', sizeof(out));
		snprintf(want, sizeof(want), "-%" PRIu64, low);
		same_text(evtx_put_signed(out, low, bits[i]), out, want);
		memset(out, '#', sizeof(out));
		same_text(evtx_put_signed(out, 2 * low - 1, bits[i]), out, "-1");
	}
}
END_TEST

START_TEST(clocks)
{
	for (uint32_t s = 0; s < 86400; s++) {
		char out[ROOM], want[ROOM];

		memset(out, '#', sizeof(out));
		snprintf(want, sizeof(want), "%02u:%02u:%02u", (unsigned)(s / 3600),
			 (unsigned)(s / 60 % 60), (unsigned)(s % 60));
		same_text(evtx_put_clock(out, s), out, want);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("evtx format");
	TCase *tcase = tcase_create("all");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, numbers);
	tcase_add_test(tcase, small_numbers);
	tcase_add_test(tcase, clocks);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

/* SPDX-License-Identifier: MIT */
/* As of when a live run judges while its clock is set. */
#include "instant.h"

#include <check.h>

#include <stdlib.h>

#include "espdiag/base/str.h"
#include "espdiag/base/time.h"

#define SECOND ED_TICKS_PER_SECOND
#define HOUR (3600 * SECOND)
#define NOON (INT64_C(134338476070000000)) /* what the clock would show */

START_TEST(tells_a_set_clock_from_one_that_went_on)
{
	static const struct {
		int64_t wall;
		uint64_t ms;
		int64_t set;
	} rows[] = {
		{ NOON + 90 * SECOND, 90000, 0 },
		/* noise, and what a time server does */
		{ NOON + 90 * SECOND - SECOND / 2, 90000, 0 },
		{ NOON + 94 * SECOND, 90000, 0 },
		{ NOON + 90 * SECOND + HOUR - 3, 90000, HOUR },
		{ NOON + 90 * SECOND - HOUR + 3, 90000, -HOUR },
		{ ED_TIME_NONE, 90000, 0 },
	};
	const struct ed_instant begun = { NOON, 0 };

	for (size_t i = 0; i < ED_COUNT(rows); i++) {
		const struct ed_instant now = { rows[i].wall, rows[i].ms };

		ck_assert_int_eq(ed_instant_set(&begun, &now), rows[i].set);
	}
}
END_TEST

START_TEST(judges_by_the_clock_of_the_evidence)
{
	static const struct {
		int64_t set, newest, judged; /* the latter two from NOON on */
	} rows[] = {
		{ 0, 0, 0 },
		{ 0, 5 * HOUR, 0 },
		/* the evidence was read before, and after */
		{ HOUR, -SECOND, 0 },
		{ HOUR, HOUR, HOUR },
		{ HOUR, ED_TIME_NONE, 0 },
		{ -HOUR, -300 * SECOND, -300 * SECOND },
		{ -HOUR, -HOUR - SECOND, -HOUR },
		{ -HOUR, ED_TIME_NONE, -HOUR },
		/* an event of some other clock */
		{ -HOUR, 5 * HOUR, 0 },
	};

	for (size_t i = 0; i < ED_COUNT(rows); i++) {
		int64_t newest =
			rows[i].newest == ED_TIME_NONE ? ED_TIME_NONE : NOON + rows[i].newest;

		ck_assert_int_eq(ed_instant_judged(NOON + rows[i].set, rows[i].set, newest),
				 NOON + rows[i].judged);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("instant");
	TCase *tc = tcase_create("instant");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, tells_a_set_clock_from_one_that_went_on);
	tcase_add_test(tc, judges_by_the_clock_of_the_evidence);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

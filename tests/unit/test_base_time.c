/* SPDX-License-Identifier: MIT */
/* Calendar arithmetic, reading and writing of times. */
#include <check.h>

#include "espdiag/base/time.h"

#define TICKS_1970 INT64_C(116444736000000000)

static const struct parse_case {
	const char *text;
	int64_t unix_ms; /* INT64_MIN: not a time */
} parse_cases[] = {
	{ "1970-01-01T00:00:00Z", 0 },
	{ "2026-09-14T08:15:07Z", INT64_C(1789373707000) },
	{ "2026-09-14 08:15:07", INT64_C(1789373707000) },
	{ "2026-09-14t08:15:07z", INT64_C(1789373707000) },
	{ " 2026-09-14T08:15:07.5 ", INT64_C(1789373707500) },
	{ "2026-09-14T08:15:07.1239999999999Z", INT64_C(1789373707123) },
	{ "2026-09-14T10:15:07+02:00", INT64_C(1789373707000) },
	{ "2026-09-14T10:15:07+0200", INT64_C(1789373707000) },
	{ "2026-09-14T03:45:07.000-04:30", INT64_C(1789373707000) },
	{ "2024-02-29T00:00:00Z", INT64_C(1709164800000) },
	{ "2000-02-29T23:59:59Z", INT64_C(951868799000) },
	{ "2016-12-31T23:59:60Z", INT64_C(1483228800000) },
	{ "2023-02-29T00:00:00Z", INT64_MIN },
	{ "1900-02-29T00:00:00Z", INT64_MIN },
	{ "2100-02-29T00:00:00Z", INT64_MIN },
	{ "2026-04-31T00:00:00Z", INT64_MIN },
	{ "2026-00-10T00:00:00Z", INT64_MIN },
	{ "2026-13-10T00:00:00Z", INT64_MIN },
	{ "2026-01-00T00:00:00Z", INT64_MIN },
	{ "2026-01-32T00:00:00Z", INT64_MIN },
	{ "2026-01-01T24:00:00Z", INT64_MIN },
	{ "2026-01-01T00:60:00Z", INT64_MIN },
	{ "2026-01-01T00:00:61Z", INT64_MIN },
	{ "1600-12-31T23:59:59Z", INT64_MIN },
	{ "0000-01-01T00:00:00Z", INT64_MIN },
	{ "2026-01-01", INT64_MIN },
	{ "2026-01-01T", INT64_MIN },
	{ "2026-01-01T00:00Z", INT64_MIN },
	{ "2026-01-01T00:00:00.Z", INT64_MIN },
	{ "2026-01-01T00:00:00,5Z", INT64_MIN },
	{ "2026-01-01T00:00:00+1", INT64_MIN },
	{ "2026-01-01T00:00:00+24:00", INT64_MIN },
	{ "2026-01-01T00:00:00+01:60", INT64_MIN },
	{ "2026-01-01T00:00:00Zx", INT64_MIN },
	{ "2026-01-01T00:00:00 Z", INT64_MIN },
	{ "2026-1-01T00:00:00Z", INT64_MIN },
	{ "20260101T000000Z", INT64_MIN },
	{ "-026-01-01T00:00:00Z", INT64_MIN },
	{ "12026-01-01T00:00:00Z", INT64_MIN },
	{ "", INT64_MIN },
	{ "yesterday", INT64_MIN },
};

START_TEST(parse)
{
	const struct parse_case *t = &parse_cases[_i];
	int64_t ticks = 4711;
	bool ok = ed_time_parse(ed_str_from(t->text), &ticks);

	ck_assert_msg(ok == (t->unix_ms != INT64_MIN), "'%s'", t->text);
	if (!ok)
		ck_assert_msg(ticks == 4711, "'%s' changed the output", t->text);
	else
		ck_assert_msg((ticks - TICKS_1970) / 10000 == t->unix_ms, "'%s' is %lld", t->text,
			      (long long)((ticks - TICKS_1970) / 10000));
}
END_TEST

START_TEST(parse_nothing)
{
	int64_t t;

	ck_assert(!ed_time_parse((struct ed_str){ NULL, 0 }, &t));
}
END_TEST

START_TEST(fraction_digits)
{
	int64_t t;

	ck_assert(ed_time_parse(ED_STR("1601-01-01T00:00:00.1234567Z"), &t));
	ck_assert_int_eq(t, 1234567);
	ck_assert(ed_time_parse(ED_STR("1601-01-01T00:00:00.12345679Z"), &t));
	ck_assert_int_eq(t, 1234567);
	ck_assert(ed_time_parse(ED_STR("1601-01-01T00:00:00.000001Z"), &t));
	ck_assert_int_eq(t, 10);
}
END_TEST

START_TEST(format)
{
	char out[ED_TIME_TEXT];
	int64_t t = 0;

	ck_assert_uint_eq(ed_time_format(0, out), 20);
	ck_assert_str_eq(out, "1601-01-01T00:00:00Z");
	ck_assert(ed_time_parse(ED_STR("2026-09-14T08:15:07.0049999Z"), &t));
	ed_time_format(t, out);
	ck_assert_str_eq(out, "2026-09-14T08:15:07.004Z");
	ed_time_format(t / ED_TICKS_PER_SECOND * ED_TICKS_PER_SECOND + 9999, out);
	ck_assert_str_eq(out, "2026-09-14T08:15:07Z");
	ck_assert_uint_eq(ed_time_format_full(t, out), strlen(out));
	ck_assert_str_eq(out, "2026-09-14T08:15:07.0049999Z");
	/* nothing a file can hold overruns the buffer */
	ck_assert_uint_lt(ed_time_format_full(INT64_MAX, out), ED_TIME_TEXT);
	ck_assert_str_eq(out, "30828-09-14T02:48:05.4775807Z");
	ck_assert_uint_lt(ed_time_format_full(INT64_MIN, out), ED_TIME_TEXT);
	ck_assert_uint_lt(ed_time_format(INT64_MIN, out), ED_TIME_TEXT);
}
END_TEST

static bool same_civil(struct ed_civil a, struct ed_civil b)
{
	return a.year == b.year && a.month == b.month && a.day == b.day && a.hour == b.hour &&
	       a.minute == b.minute && a.second == b.second && a.ticks == b.ticks;
}

static int days_of(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

/* The last tick of each month of 900 years, and of each day of some, there and back. */
START_TEST(days_in_order)
{
	int64_t day_count = 0;

	for (int i = 0; i < 900 * 12; i++) {
		int year = 1601 + i / 12, month = 1 + i % 12, count = days_of(year, month);
		int first = year >= 1999 && year <= 2004 ? 1 : count;

		for (int day = first; day <= count; day++) {
			struct ed_civil c = { year, month, day, 23, 59, 59, 9999999 };
			int64_t t = ed_time_from_civil(c);

			if (t != (day_count + day) * 86400 * ED_TICKS_PER_SECOND - 1 ||
			    !same_civil(ed_civil_from_time(t), c))
				ck_abort_msg("%d-%d-%d", year, month, day);
		}
		day_count += count;
	}
}
END_TEST

START_TEST(round_trip)
{
	uint64_t state = 88172645463325252u;

	for (int i = 0; i < 10000; i++) {
		char out[ED_TIME_TEXT];
		int64_t t, back = -1;

		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		t = (int64_t)(state % UINT64_C(2650467743999999999)); /* to the end of 9999 */
		ed_time_format_full(t, out);
		if (!ed_time_parse(ed_str_from(out), &back) || back != t ||
		    ed_time_from_civil(ed_civil_from_time(t)) != t)
			ck_abort_msg("%s", out);
	}
}
END_TEST

START_TEST(limits)
{
	struct ed_civil c = { 9999, 12, 31, 23, 59, 59, 9999999 };
	int64_t t = ed_time_from_civil(c);

	ck_assert_int_eq(t, INT64_C(2650467743999999999));
	c.year = 10000;
	ck_assert(ed_time_from_civil(c) == ED_TIME_NONE);
	c = (struct ed_civil){ 2026, 1, 1, 0, 0, 0, 10000000 };
	ck_assert(ed_time_from_civil(c) == ED_TIME_NONE);
	c = (struct ed_civil){ 2026, 1, 1, 0, 0, 0, -1 };
	ck_assert(ed_time_from_civil(c) == ED_TIME_NONE);
	c = (struct ed_civil){ 2026, 1, 1, -1, 0, 0, 0 };
	ck_assert(ed_time_from_civil(c) == ED_TIME_NONE);
	c = ed_civil_from_time(-1);
	ck_assert(same_civil(c, (struct ed_civil){ 1600, 12, 31, 23, 59, 59, 9999999 }));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base_time");
	TCase *c = tcase_create("time");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_set_timeout(c, 120);
	tcase_add_loop_test(c, parse, 0, (int)ED_COUNT(parse_cases));
	tcase_add_test(c, parse_nothing);
	tcase_add_test(c, fraction_digits);
	tcase_add_test(c, format);
	tcase_add_test(c, days_in_order);
	tcase_add_test(c, round_trip);
	tcase_add_test(c, limits);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

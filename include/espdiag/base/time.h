/* SPDX-License-Identifier: MIT */
/*
 * Time is an int64_t of 100 ns ticks since 1601-01-01 UTC (a FILETIME) from end to end. "Now"
 * exists only behind the platform's clock, which is injected.
 */
#ifndef ESPDIAG_BASE_TIME_H
#define ESPDIAG_BASE_TIME_H

#include "espdiag/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ED_TIME_NONE INT64_MIN
#define ED_TIME_LAST INT64_C(2650467743999999999) /* the last with a year of four digits */
#define ED_TICKS_PER_SECOND INT64_C(10000000)
#define ED_TICKS_PER_MINUTE (60 * ED_TICKS_PER_SECOND)
#define ED_TIME_TEXT 40 /* bytes that hold any formatted time with its NUL */

struct ed_civil {
	int year, month, day, hour, minute, second;
	int ticks; /* 0 to 9,999,999 */
};

struct ed_civil ed_civil_from_time(int64_t t);
/* Out-of-range parts give ED_TIME_NONE. */
int64_t ed_time_from_civil(struct ed_civil c);

/*
 * ISO 8601: "2026-09-14T08:15:07[.fff…][Z|±hh:mm]", 'T' may be a space, no zone means UTC.
 * More than seven fraction digits are cut. False, and @out unchanged, for anything else.
 */
bool ed_time_parse(struct ed_str s, int64_t *out);
/* "2026-09-14T08:15:07[.fff]Z"; milliseconds only when not zero. @out holds ED_TIME_TEXT bytes. */
size_t ed_time_format(int64_t t, char *out);
/* "2026-09-14T08:15:07.0000000Z": all seven digits, as Windows renders event times. */
size_t ed_time_format_full(int64_t t, char *out);

#endif

/* SPDX-License-Identifier: MIT */
/* Calendar arithmetic on 100 ns ticks since 1601, proleptic Gregorian. */
#include "espdiag/base/time.h"

#define TICKS_PER_DAY (INT64_C(86400) * ED_TICKS_PER_SECOND)
#define DAYS_PER_400_YEARS INT64_C(146097)

/* Days from 1601-01-01 to the first of March of year 1600, so that leap days end a year. */
#define DAYS_TO_MARCH_1600 INT64_C(-306)

struct ed_civil ed_civil_from_time(int64_t t)
{
	int64_t days = t / TICKS_PER_DAY;
	int64_t rest = t % TICKS_PER_DAY;
	int64_t era, day, year_of_era, day_of_year, month;
	struct ed_civil c;

	if (rest < 0) {
		rest += TICKS_PER_DAY;
		days--;
	}
	days -= DAYS_TO_MARCH_1600;
	era = (days >= 0 ? days : days - DAYS_PER_400_YEARS + 1) / DAYS_PER_400_YEARS;
	day = days - era * DAYS_PER_400_YEARS;
	year_of_era = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	day_of_year = day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	month = (5 * day_of_year + 2) / 153;
	c.day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
	c.month = (int)(month < 10 ? month + 3 : month - 9);
	c.year = (int)(1600 + era * 400 + year_of_era + (c.month <= 2));
	c.hour = (int)(rest / (3600 * ED_TICKS_PER_SECOND));
	c.minute = (int)(rest / (60 * ED_TICKS_PER_SECOND) % 60);
	c.second = (int)(rest / ED_TICKS_PER_SECOND % 60);
	c.ticks = (int)(rest % ED_TICKS_PER_SECOND);
	return c;
}

static int days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	if (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
		return 29;
	return days[month - 1];
}

int64_t ed_time_from_civil(struct ed_civil c)
{
	int64_t year, era, year_of_era, day_of_year, days, seconds;

	if (c.year < 1601 || c.year > 9999 || c.month < 1 || c.month > 12 || c.day < 1 ||
	    c.day > days_in_month(c.year, c.month) || c.hour < 0 || c.hour > 23 || c.minute < 0 ||
	    c.minute > 59 || c.second < 0 || c.second > 60 || c.ticks < 0 ||
	    c.ticks >= ED_TICKS_PER_SECOND)
		return ED_TIME_NONE;
	year = c.year - (c.month <= 2) - 1600;
	era = (year >= 0 ? year : year - 399) / 400;
	year_of_era = year - era * 400;
	day_of_year = (153 * (c.month + (c.month > 2 ? -3 : 9)) + 2) / 5 + c.day - 1;
	days = era * DAYS_PER_400_YEARS + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
	       day_of_year + DAYS_TO_MARCH_1600;
	seconds = days * 86400 + c.hour * 3600 + c.minute * 60 + c.second;
	return seconds * ED_TICKS_PER_SECOND + c.ticks;
}

/* Takes exactly @n digits off the front. */
static bool take_digits(struct ed_str *s, size_t n, int *out)
{
	int value = 0;

	if (s->len < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s->p[i] < '0' || s->p[i] > '9')
			return false;
		value = value * 10 + (s->p[i] - '0');
	}
	*s = ed_str_slice(*s, n, s->len);
	*out = value;
	return true;
}

static bool take_char(struct ed_str *s, char c)
{
	if (!s->len || s->p[0] != c)
		return false;
	*s = ed_str_slice(*s, 1, s->len);
	return true;
}

/* The fraction's digits become ticks; digits past the seventh are dropped. */
static bool take_fraction(struct ed_str *s, int *ticks)
{
	int scale = (int)ED_TICKS_PER_SECOND / 10;
	int value = 0;
	size_t n = 0;

	for (; n < s->len && s->p[n] >= '0' && s->p[n] <= '9'; n++) {
		value += (s->p[n] - '0') * scale;
		scale /= 10;
	}
	*s = ed_str_slice(*s, n, s->len);
	*ticks = value;
	return n > 0;
}

static bool take_zone(struct ed_str *s, int *minutes)
{
	int sign, hour, minute;

	*minutes = 0;
	if (!s->len || take_char(s, 'Z') || take_char(s, 'z'))
		return true;
	sign = take_char(s, '-') ? -1 : 1;
	if (sign > 0 && !take_char(s, '+'))
		return false;
	if (!take_digits(s, 2, &hour))
		return false;
	take_char(s, ':');
	if (!take_digits(s, 2, &minute) || hour > 23 || minute > 59)
		return false;
	*minutes = sign * (hour * 60 + minute);
	return true;
}

bool ed_time_parse(struct ed_str s, int64_t *out)
{
	struct ed_civil c = { 0 };
	int64_t t;
	int zone;

	s = ed_str_trim(s);
	if (!take_digits(&s, 4, &c.year) || !take_char(&s, '-') || !take_digits(&s, 2, &c.month) ||
	    !take_char(&s, '-') || !take_digits(&s, 2, &c.day))
		return false;
	if (!take_char(&s, 'T') && !take_char(&s, 't') && !take_char(&s, ' '))
		return false;
	if (!take_digits(&s, 2, &c.hour) || !take_char(&s, ':') || !take_digits(&s, 2, &c.minute) ||
	    !take_char(&s, ':') || !take_digits(&s, 2, &c.second))
		return false;
	if (take_char(&s, '.') && !take_fraction(&s, &c.ticks))
		return false;
	if (!take_zone(&s, &zone) || s.len)
		return false;
	t = ed_time_from_civil(c);
	if (t == ED_TIME_NONE)
		return false;
	*out = t - zone * ED_TICKS_PER_MINUTE;
	return true;
}

size_t ed_time_format(int64_t t, char *out)
{
	struct ed_civil c = ed_civil_from_time(t);
	int milliseconds = c.ticks / 10000;
	int n = snprintf(out, ED_TIME_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d", c.year, c.month, c.day,
			 c.hour, c.minute, c.second);

	if (milliseconds)
		n += snprintf(out + n, ED_TIME_TEXT - (size_t)n, ".%03d", milliseconds);
	n += snprintf(out + n, ED_TIME_TEXT - (size_t)n, "Z");
	return (size_t)n;
}

size_t ed_time_format_full(int64_t t, char *out)
{
	struct ed_civil c = ed_civil_from_time(t);

	return (size_t)snprintf(out, ED_TIME_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d.%07dZ", c.year,
				c.month, c.day, c.hour, c.minute, c.second, c.ticks);
}

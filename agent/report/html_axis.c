/* SPDX-License-Identifier: MIT */
/*
 * The time axis of the drawing. Between the first and the last thing it is linear, except where
 * nothing at all happened for long: such a gap gets a small fixed width, so that a deployment of an
 * hour stays readable beside a restart of last week.
 */
#include "html_priv.h"

#include "espdiag/base/alloc.h"

#define GAP_LEAST_MS (INT64_C(90) * 60 * 1000)
/* Tenths that one gap takes, and the share of the axis that all of them may take. */
#define GAP_WIDTH 340
#define GAP_SHARE_PERCENT 35
#define TICKS_PER_MS (ED_TICKS_PER_SECOND / 1000)

static int compare_times(const void *left, const void *right)
{
	const int64_t *x = left, *y = right;

	return *x < *y ? -1 : *x > *y;
}

/* Every time that gets a place, ascending. The caller frees it; NULL when out of memory. */
static int64_t *axis_times(const struct ed_verdict *v, size_t *count)
{
	const struct ed_timeline *t = &v->timeline;
	int64_t *times = ed_calloc(t->count * 2 + v->chain_count + 2, sizeof(*times));
	size_t n = 0;

	if (!times)
		return NULL;
	for (size_t i = 0; i < t->count; i++) {
		if (t->marks[i].from == ED_TIME_NONE)
			continue;
		times[n++] = t->marks[i].from;
		times[n++] = t->marks[i].to;
	}
	for (size_t i = 0; t->chain && i < v->chain_count; i++)
		if (t->chain[i].from != ED_TIME_NONE)
			times[n++] = t->chain[i].from;
	if (v->evaluated_at != ED_TIME_NONE)
		times[n++] = v->evaluated_at;
	if (v->esp.deadline_at != ED_TIME_NONE && t->deadline != ED_TIME_NONE)
		times[n++] = t->deadline;
	if (n)
		qsort(times, n, sizeof(*times), compare_times);
	*count = n;
	return times;
}

static int64_t in_ms(int64_t from, int64_t to)
{
	return to / TICKS_PER_MS - from / TICKS_PER_MS;
}

/* Cuts @times into parts: runs without a long gap, and the gaps. Returns the length of all runs. */
static int64_t axis_cut(struct axis *axis, const int64_t *times, size_t count)
{
	int64_t length = 0;
	size_t first = 0;

	for (size_t i = 1; i <= count; i++) {
		if (i < count && in_ms(times[i - 1], times[i]) <= GAP_LEAST_MS)
			continue;
		axis->parts[axis->count++] =
			(struct axis_part){ .from = times[first], .to = times[i - 1] };
		length += in_ms(times[first], times[i - 1]);
		if (i == count)
			break;
		axis->parts[axis->count++] =
			(struct axis_part){ .from = times[i - 1], .to = times[i], .gap = true };
		axis->gap_count++;
		first = i;
	}
	return length;
}

static void axis_spread(struct axis *axis, int64_t length, int64_t x, int64_t width)
{
	int64_t gaps = (int64_t)axis->gap_count, gap_width = 0, left = width, at = 0;

	if (gaps) {
		gap_width = width * GAP_SHARE_PERCENT / 100 / gaps;
		if (gap_width > GAP_WIDTH)
			gap_width = GAP_WIDTH;
		if (!length)
			gap_width = width / gaps;
		left = width - gap_width * gaps;
	}
	if (!gaps && !length)
		x += width / 2; /* one moment */
	if (length)
		axis->per_minute = left * 60000 / length;
	for (size_t i = 0; i < axis->count; i++) {
		struct axis_part *part = &axis->parts[i];
		int64_t before = length ? left * at / length : 0;

		part->x = x;
		if (part->gap) {
			part->width = gap_width;
		} else if (length) {
			at += in_ms(part->from, part->to);
			part->width = left * at / length - before;
		}
		x += part->width;
	}
}

bool axis_init(struct axis *axis, const struct ed_verdict *v, int64_t x, int64_t width)
{
	size_t count = 0;
	int64_t *times = axis_times(v, &count);

	*axis = (struct axis){ 0 };
	if (!times)
		return false;
	axis->parts = ed_calloc(count * 2 + 1, sizeof(*axis->parts));
	if (axis->parts && count)
		axis_spread(axis, axis_cut(axis, times, count), x, width);
	ed_free(times);
	return axis->parts != NULL;
}

void axis_release(struct axis *axis)
{
	ed_free(axis->parts);
	*axis = (struct axis){ 0 };
}

int64_t axis_x(const struct axis *axis, int64_t t)
{
	size_t low = 0, high = axis->count;
	const struct axis_part *part;
	int64_t span, into;

	if (!axis->count)
		return 0;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (axis->parts[middle].from <= t)
			low = middle;
		else
			high = middle;
	}
	part = &axis->parts[low];
	if (t <= part->from)
		return part->x;
	if (t >= part->to)
		return part->x + part->width;
	span = in_ms(part->from, part->to);
	into = in_ms(part->from, t);
	/* so that a gap of thousands of years does not overflow */
	for (; span >> 48; span /= 2)
		into /= 2;
	return span ? part->x + into * part->width / span : part->x;
}

int64_t axis_step(const struct axis *axis, int64_t least)
{
	static const int64_t seconds[] = {
		1,    2,    5,    10,    15,    30,    60,    120,    300,    600,     900,
		1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 2592000, 31536000,
	};

	for (size_t i = 0; i < ED_COUNT(seconds); i++)
		if (axis->per_minute * seconds[i] / 60 >= least)
			return seconds[i] * ED_TICKS_PER_SECOND;
	return 10 * seconds[ED_COUNT(seconds) - 1] * ED_TICKS_PER_SECOND;
}

void axis_write(struct ed_buf *out, int64_t tenths)
{
	ed_buf_printf(out, "%lld", (long long)(tenths / 10));
	if (tenths % 10)
		ed_buf_printf(out, ".%lld", (long long)(tenths % 10));
}

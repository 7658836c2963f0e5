/* SPDX-License-Identifier: MIT */
/*
 * The order of events. Logged times are never rewritten; beside them each mark has an ordering key.
 * Within a channel the record number orders. A backward clock jump (Kernel-General 1) moves the
 * keys of what came before it, because those times were read from a clock that ran ahead; a forward
 * jump (often a machine that slept) moves nothing, and makes the length of a span across it
 * unknown.
 *
 * In System the record number says what came before a jump. In other channels the split is where
 * the logged times fall back; without such a place a time that only one of the two clocks can have
 * shown decides, and a time that both can have shown is left as logged.
 */
#include "analysis.h"

/* Late writers: a record may be logged a little after one with a later time. */
#define LATE_WRITER (10 * ED_TICKS_PER_MINUTE)

/* One channel's events within the store, which is sorted by channel and record. */
struct run {
	size_t from, to;
};

static bool is_system(const struct ed_event *event)
{
	return ed_str_ieq(event->head.channel, ED_STR(CH_SYSTEM));
}

static bool clock_times(const struct ed_event *event, int64_t *from, int64_t *to)
{
	return ed_time_parse(ed_event_field(event, ED_STR("OldTime")), from) &&
	       ed_time_parse(ed_event_field(event, ED_STR("NewTime")), to);
}

static const struct ed_event *stored(const struct analysis *a, size_t i)
{
	return &a->evidence->events[i].event;
}

static struct run channel_run(const struct analysis *a, size_t from)
{
	struct run run = { from, from + 1 };

	while (run.to < a->evidence->event_count &&
	       ed_str_eq(stored(a, run.to)->head.channel, stored(a, from)->head.channel))
		run.to++;
	return run;
}

/* Times far outside any life of a device are held to a range whose differences are safe. */
static int64_t clamp_key(int64_t t)
{
	if (t == ED_TIME_NONE)
		return t;
	return t < 0 ? 0 : t > INT64_MAX / 4 ? INT64_MAX / 4 : t;
}

/* All clock changes up to the cut. Which is the newest event when there is no cut. */
static void collect_jumps(struct analysis *a)
{
	size_t cap = 0;

	for (size_t i = 0; i < a->evidence->event_count; i++) {
		const struct ed_event *event = stored(a, i);
		const struct event_row *row = event_row_find(event->head.provider, event->head.id);
		struct clock_jump jump = { .record = event->head.record, .at = event->head.time };

		if (!row || row->key != EV_CLOCK_CHANGED || !is_system(event) ||
		    !clock_times(event, &jump.from, &jump.to))
			continue;
		if (a->options->at != ED_TIME_NONE && jump.at > a->options->at)
			continue;
		jump.from = clamp_key(jump.from);
		jump.to = clamp_key(jump.to);
		a->jumps = room(a, a->jumps, a->jump_count, &cap, sizeof(jump));
		if (!a->jumps) {
			a->jump_count = 0;
			return;
		}
		a->jumps[a->jump_count++] = jump;
	}
}

/*
 * Since when the clock that ran ahead was in use: the session of System before the jump, back to
 * the first time that the right clock had not reached. ED_TIME_NONE when System does not show it.
 */
static int64_t fast_since(const struct analysis *a, struct run system,
			  const struct clock_jump *jump)
{
	int64_t since = ED_TIME_NONE;

	for (size_t i = system.to; i-- > system.from;) {
		const struct ed_event *event = stored(a, i);

		if (event->head.record >= jump->record)
			continue;
		if (event->head.time <= jump->to)
			break;
		since = event->head.time;
	}
	return since;
}

static bool fast_clock_showed(const struct clock_jump *jump, int64_t t)
{
	return jump->since != ED_TIME_NONE && t >= jump->since && t <= jump->from;
}

/* Newest time that was surely logged after @jump: by System, or in @run below the fast clock's
 * start. */
static int64_t newest_after(const struct analysis *a, const struct clock_jump *jump)
{
	int64_t newest = jump->to;

	for (size_t i = 0; i < a->evidence->event_count; i++) {
		const struct ed_event *event = stored(a, i);
		bool after = is_system(event) ? event->head.record > jump->record
					      : event->head.time >= jump->to &&
							event->head.time <= jump->from &&
							!fast_clock_showed(jump, event->head.time);

		if (after && event->head.time > newest)
			newest = event->head.time;
	}
	return newest;
}

/* First event of @run that was logged after @jump; run.to when all were before. */
static size_t split_at(const struct analysis *a, struct run run, const struct clock_jump *jump,
		       int64_t newest)
{
	size_t split = run.to;
	int64_t largest = 0;

	if (is_system(stored(a, run.from))) {
		for (size_t i = run.from; i < run.to; i++)
			if (stored(a, i)->head.record >= jump->record)
				return i;
		return run.to;
	}
	/* the largest fall from a time the fast clock showed; or one of the jump's size if nobody
	 * knows */
	for (size_t i = run.from; i + 1 < run.to; i++) {
		int64_t t = stored(a, i)->head.time, next = stored(a, i + 1)->head.time;

		if (next < t && t <= jump->from && next >= jump->to && t - next > largest &&
		    (jump->since == ED_TIME_NONE ? t - next >= (jump->from - jump->to) / 2
						 : fast_clock_showed(jump, t))) {
			largest = t - next;
			split = i + 1;
		}
	}
	if (largest)
		return split;
	for (size_t i = run.from; i < run.to; i++) {
		int64_t t = stored(a, i)->head.time;
		bool fast, slow;

		if (t < jump->to)
			continue;
		if (t > jump->from)
			return i;
		fast = fast_clock_showed(jump, t);
		slow = t <= newest && (a->options->at == ED_TIME_NONE || t <= a->options->at);
		if (slow || !fast)
			return i;
	}
	return run.to;
}

/* Keys of one channel: logged times, moved by the backward jumps that came later. */
static void key_run(struct analysis *a, struct run run, const int64_t *newest, int64_t *keys)
{
	for (size_t i = run.from; i < run.to; i++)
		keys[i] = clamp_key(stored(a, i)->head.time);
	for (size_t j = 0; j < a->jump_count; j++) {
		const struct clock_jump *jump = &a->jumps[j];
		size_t split;

		if (jump->to >= jump->from)
			continue;
		split = split_at(a, run, jump, newest[j]);
		for (size_t i = run.from; i < split; i++)
			if (keys[i] != ED_TIME_NONE)
				keys[i] = clamp_key(keys[i] - (jump->from - jump->to));
	}
	for (size_t i = run.from + 1; i < run.to; i++)
		if (keys[i] < keys[i - 1] && keys[i] != ED_TIME_NONE &&
		    keys[i - 1] - keys[i] <= LATE_WRITER)
			keys[i] = keys[i - 1];
}

static int64_t *order_keys(struct analysis *a)
{
	size_t count = a->evidence->event_count;
	int64_t *keys = take(a, count, sizeof(*keys));
	int64_t *newest = take(a, a->jump_count, sizeof(*newest));
	struct run system = { 0, 0 };

	if (!keys || !newest)
		return NULL;
	for (size_t i = 0; i < count;) {
		struct run run = channel_run(a, i);

		if (is_system(stored(a, i)))
			system = run;
		i = run.to;
	}
	for (size_t j = 0; j < a->jump_count; j++)
		if (a->jumps[j].to < a->jumps[j].from) {
			a->jumps[j].since = fast_since(a, system, &a->jumps[j]);
			newest[j] = newest_after(a, &a->jumps[j]);
		}
	for (size_t i = 0; i < count;) {
		struct run run = channel_run(a, i);

		key_run(a, run, newest, keys);
		i = run.to;
	}
	return keys;
}

static int compare_marks(const void *left, const void *right)
{
	const struct mark *x = left, *y = right;
	int d;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	d = ed_str_cmp(x->event->head.channel, y->event->head.channel);
	if (d)
		return d;
	return x->event->head.record < y->event->head.record
		       ? -1
		       : x->event->head.record > y->event->head.record;
}

/* Jumps are in record order, as the store is. */
static void find_jump_marks(struct analysis *a)
{
	for (size_t i = 0; i < a->mark_count; i++) {
		uint64_t record = a->marks[i].event->head.record;
		size_t low = 0, high = a->jump_count;

		if (a->marks[i].kind != EV_CLOCK_CHANGED)
			continue;
		while (low < high) {
			size_t middle = low + (high - low) / 2;

			if (a->jumps[middle].record < record)
				low = middle + 1;
			else
				high = middle;
		}
		if (low < a->jump_count && a->jumps[low].record == record)
			a->jumps[low].mark = &a->marks[i];
	}
}

/*
 * The end of the evidence: the newest event, kept or not. What a log wrote last tells it; after a
 * backward jump only System's end is sure to be on the right clock.
 */
static int64_t newest_event(const struct analysis *a, const int64_t *keys)
{
	int64_t newest = ED_TIME_NONE;
	bool set_back = false;

	for (size_t j = 0; j < a->jump_count; j++)
		set_back |= a->jumps[j].to < a->jumps[j].from - ED_TICKS_PER_MINUTE;
	for (size_t i = 0; i < a->evidence->event_count; i++)
		newest = keys[i] > newest ? keys[i] : newest;
	for (size_t i = 0; i < a->evidence->coverage_count; i++) {
		const struct ed_coverage *row = &a->evidence->coverage[i];

		if (row->is_channel && row->last > newest &&
		    (!set_back || ed_str_ieq(row->source, ED_STR(CH_SYSTEM))))
			newest = row->last;
	}
	return newest;
}

void order_events(struct analysis *a)
{
	int64_t *keys;

	collect_jumps(a);
	keys = order_keys(a);
	a->marks = take(a, a->evidence->event_count, sizeof(*a->marks));
	if (!keys || !a->marks)
		return;
	a->at = a->options->at;
	if (a->at == ED_TIME_NONE)
		a->at = newest_event(a, keys);
	if (a->at == ED_TIME_NONE)
		a->at = a->options->now;
	a->from = a->options->since;
	if (a->options->since_ago && a->at - a->options->since_ago > a->from)
		a->from = a->at - a->options->since_ago;
	for (size_t i = 0; i < a->evidence->event_count; i++) {
		const struct ed_event *event = stored(a, i);
		const struct event_row *row = event_row_find(event->head.provider, event->head.id);

		if (!row || keys[i] == ED_TIME_NONE || (a->from && keys[i] < a->from))
			continue;
		if (keys[i] > a->at) {
			a->starts_after_cut += row->key == EV_KERNEL_START;
			continue;
		}
		a->marks[a->mark_count++] =
			(struct mark){ .key = keys[i], .kind = row->key, .event = event };
	}
	if (a->mark_count)
		qsort(a->marks, a->mark_count, sizeof(*a->marks), compare_marks);
	find_jump_marks(a);
}

static int64_t jump_key(const struct clock_jump *jump)
{
	return jump->mark ? jump->mark->key : jump->at;
}

/* A second of correction is what time servers do all day. */
static bool jump_matters(const struct clock_jump *jump)
{
	return jump->to - jump->from > 5 * ED_TICKS_PER_SECOND;
}

bool span_unknown(const struct analysis *a, int64_t from_key, int64_t to_key)
{
	for (size_t j = 0; j < a->jump_count; j++)
		if (jump_matters(&a->jumps[j]) && jump_key(&a->jumps[j]) > from_key &&
		    jump_key(&a->jumps[j]) <= to_key)
			return true;
	return false;
}

int64_t span_least_seconds(const struct analysis *a, int64_t from_key, int64_t to_key)
{
	int64_t span = to_key - from_key;

	for (size_t j = 0; j < a->jump_count; j++)
		if (jump_matters(&a->jumps[j]) && jump_key(&a->jumps[j]) > from_key &&
		    jump_key(&a->jumps[j]) <= to_key)
			span -= a->jumps[j].to - a->jumps[j].from;
	return span > 0 ? span / ED_TICKS_PER_SECOND : 0;
}

const struct mark *next_mark(const struct analysis *a, enum event_key kind, size_t *i)
{
	for (; *i < a->mark_count; ++*i)
		if (a->marks[*i].kind == kind)
			return &a->marks[(*i)++];
	return NULL;
}

bool mark_is(const struct mark *m, const enum event_key *kinds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (m->kind == kinds[i])
			return true;
	return false;
}

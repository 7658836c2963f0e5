/* SPDX-License-Identifier: MIT */
/* The evidence store: a sink that copies what is of interest and counts the rest. */
#include "espdiag/model/evidence.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"

static struct ed_evidence *from_sink(struct ed_sink *sink)
{
	return (struct ed_evidence *)(void *)sink;
}

/* @items with room for one more element; NULL, and @items still valid, when that cannot be. */
static void *grown(void *items, size_t count, size_t *cap, size_t item_size, size_t limit)
{
	size_t new_cap = *cap ? *cap * 2 : 64;
	void *p;

	if (count < *cap)
		return items;
	if (count >= limit)
		return NULL;
	if (new_cap > limit)
		new_cap = limit;
	p = ed_realloc(items, new_cap * item_size);
	if (p)
		*cap = new_cap;
	return p;
}

static ed_status no_room(struct ed_error *err, size_t count, size_t limit, const char *what)
{
	if (count >= limit)
		return ed_fail(err, ED_LIMIT, "more than %zu %s", limit, what);
	return ed_fail(err, ED_NOMEM, "out of memory while keeping %s", what);
}

static struct ed_source *current_source(struct ed_evidence *e)
{
	return e->source_count ? &e->sources[e->source_count - 1] : NULL;
}

/*
 * True for the row of @channel ({ NULL, 0 }: of the source as a whole) of @source. Rows that were
 * added from outside hold copies of their path and are never counted into.
 */
static bool is_row_of(const struct ed_coverage *row, const struct ed_source *source,
		      struct ed_str channel)
{
	return row->is_channel == (channel.p != NULL) &&
	       row->path.p == (source ? source->path.p : NULL) &&
	       (!channel.p || ed_str_eq(row->source, channel));
}

static struct ed_coverage *coverage_find(struct ed_evidence *e, struct ed_str channel)
{
	const struct ed_source *source = current_source(e);

	if (e->coverage_hint < e->coverage_count && e->coverage_hint >= e->coverage_begin &&
	    is_row_of(&e->coverage[e->coverage_hint], source, channel))
		return &e->coverage[e->coverage_hint];
	for (size_t i = e->coverage_begin; i < e->coverage_count; i++) {
		if (!is_row_of(&e->coverage[i], source, channel))
			continue;
		e->coverage_hint = i;
		return &e->coverage[i];
	}
	return NULL;
}

/* NULL on failure. */
static struct ed_coverage *coverage_add(struct ed_evidence *e, struct ed_str channel)
{
	const struct ed_source *source = current_source(e);
	struct ed_coverage *rows = grown(e->coverage, e->coverage_count, &e->coverage_cap,
					 sizeof(*rows), ED_LIMIT_COVERAGE);
	struct ed_coverage row = {
		.path = source ? source->path : (struct ed_str){ NULL, 0 },
		.is_channel = channel.p != NULL,
		.state = ED_STATE_READ,
		.oldest = ED_TIME_NONE,
		.newest = ED_TIME_NONE,
		.last = ED_TIME_NONE,
		.run_from = ED_TIME_NONE,
	};

	if (!rows)
		return NULL;
	e->coverage = rows;
	row.source = channel.p ? ed_arena_str(e->arena, channel) : row.path;
	if (channel.p && !row.source.p)
		return NULL;
	e->coverage_hint = e->coverage_count;
	rows[e->coverage_count] = row;
	return &rows[e->coverage_count++];
}

/* The row to count into; NULL on failure. */
static struct ed_coverage *coverage_row(struct ed_evidence *e, struct ed_str channel)
{
	struct ed_coverage *row = coverage_find(e, channel);

	if (row)
		return row;
	if (channel.p && e->coverage_count - e->coverage_begin >= ED_LIMIT_SOURCE_CHANNELS) {
		/* Finding a row takes time in their number, so one file cannot have any number of
		 * them: what is beyond counts for the file as a whole. */
		row = coverage_row(e, (struct ed_str){ NULL, 0 });
		if (row && !row->why.p)
			row->why = ED_STR("more channels than are told apart "
					  "(ED_LIMIT_SOURCE_CHANNELS)");
		return row;
	}
	return coverage_add(e, channel);
}

static uint64_t lost_sum(uint64_t a, uint64_t b)
{
	if (a == ED_LOST_UNKNOWN || b == ED_LOST_UNKNOWN)
		return ED_LOST_UNKNOWN;
	return a + b < a ? ED_LOST_UNKNOWN - 1 : a + b;
}

/* One more that the store had no room for. The first reason stays; the count says there are more.
 */
static void coverage_over_limit(struct ed_coverage *row, struct ed_str why)
{
	row->state = ED_STATE_TRUNCATED;
	row->end_lost = true;
	row->lost = lost_sum(row->lost, 1);
	if (!row->why.p)
		row->why = why;
}

/* A log can hold any number, but no form of ours a year of five digits: such a time is none. */
static int64_t time_told(int64_t time)
{
	return time > ED_TIME_LAST ? ED_TIME_NONE : time;
}

static void coverage_count_time(struct ed_coverage *row, int64_t time)
{
	time = time_told(time);
	if (time == ED_TIME_NONE)
		return;
	if (row->oldest == ED_TIME_NONE || time < row->oldest)
		row->oldest = time;
	if (row->newest == ED_TIME_NONE || time > row->newest)
		row->newest = time;
}

static void coverage_count_record(struct ed_coverage *row, const struct ed_event_head *head)
{
	row->records++;
	coverage_count_time(row, head->time);
	if (!row->first_record || head->record < row->first_record)
		row->first_record = head->record;
	if (head->record > row->last_record) {
		if (!row->last_record || head->record != row->last_record + 1) {
			row->run_record = head->record;
			row->run_from = time_told(head->time);
		}
		row->last_record = head->record;
		row->last = time_told(head->time);
	}
}

static bool evidence_want(struct ed_sink *sink, const struct ed_event_head *head)
{
	struct ed_evidence *e = from_sink(sink);
	struct ed_coverage *row =
		coverage_row(e, head->channel.p ? head->channel : (struct ed_str){ "", 0 });

	/* Without room for the row the event is asked for, so that event() can report the failure.
	 */
	if (!row) {
		e->uncounted = true;
		return true;
	}
	coverage_count_record(row, head);
	return !e->interest || e->interest(head);
}

/* Why no further event of @row is kept; { NULL, 0 } when there is room. */
static struct ed_str no_event_room(const struct ed_evidence *e, const struct ed_coverage *row)
{
	if (e->event_count >= ED_LIMIT_EVENTS)
		return ED_STR("more events than are kept (ED_LIMIT_EVENTS)");
	if (row->text_bytes >= ED_LIMIT_CHANNEL_TEXT)
		return ED_STR("more of one log than is kept (ED_LIMIT_CHANNEL_TEXT)");
	if (e->arena->used >= ED_LIMIT_EVENT_TEXT)
		return ED_STR("more text of events than is kept (ED_LIMIT_EVENT_TEXT)");
	return (struct ed_str){ NULL, 0 };
}

static ed_status evidence_event(struct ed_sink *sink, const struct ed_event *event,
				struct ed_error *err)
{
	struct ed_evidence *e = from_sink(sink);
	struct ed_coverage *row = coverage_row(e, event->head.channel.p ? event->head.channel
									: (struct ed_str){ "", 0 });
	struct ed_stored_event *to;
	struct ed_str why;
	size_t used;
	void *items;

	if (!row || e->uncounted) {
		e->uncounted = false;
		return no_room(err, e->coverage_count, ED_LIMIT_COVERAGE, "coverage rows");
	}
	why = no_event_room(e, row);
	if (why.p) {
		coverage_over_limit(row, why);
		return ED_OK;
	}
	used = e->arena->used;
	items = grown(e->events, e->event_count, &e->event_cap, sizeof(*e->events),
		      ED_LIMIT_EVENTS);
	if (!items)
		return ed_fail(err, ED_NOMEM, "out of memory while keeping events");
	e->events = items;
	to = &e->events[e->event_count];
	if (!ed_event_copy(e->arena, event, &to->event))
		return ed_fail(err, ED_NOMEM, "out of memory while keeping events");
	to->event.head.time = time_told(event->head.time);
	row->text_bytes += e->arena->used - used;
	to->source_i = (uint32_t)(e->source_count ? e->source_count - 1 : 0);
	to->arrival = (uint32_t)e->event_count++;
	return ED_OK;
}

/*
 * Copies @fact, but shares the path with the fact before it where that is the same: a registry key
 * is as long as all its values together.
 */
static bool copy_fact(struct ed_evidence *e, const struct ed_fact *fact, struct ed_fact *to)
{
	const struct ed_fact *last = e->fact_count ? &e->facts[e->fact_count - 1].fact : NULL;
	bool shared = last && fact->path.p && last->path.p && ed_str_eq(fact->path, last->path);
	struct ed_fact copy = *fact;

	if (shared)
		copy.path = (struct ed_str){ NULL, 0 };
	if (!ed_fact_copy(e->arena, &copy, to))
		return false;
	if (shared)
		to->path = last->path;
	return true;
}

static ed_status evidence_fact(struct ed_sink *sink, const struct ed_fact *fact,
			       struct ed_error *err)
{
	struct ed_evidence *e = from_sink(sink);
	struct ed_coverage *row = coverage_row(e, (struct ed_str){ NULL, 0 });
	struct ed_stored_fact *to;
	void *items;

	if (!row)
		return no_room(err, e->coverage_count, ED_LIMIT_COVERAGE, "coverage rows");
	row->records++;
	coverage_count_time(row, fact->time);
	if (e->fact_count >= ED_LIMIT_FACTS) {
		coverage_over_limit(row, ED_STR("more facts than are kept (ED_LIMIT_FACTS)"));
		return ED_OK;
	}
	items = grown(e->facts, e->fact_count, &e->fact_cap, sizeof(*e->facts), ED_LIMIT_FACTS);
	if (!items)
		return ed_fail(err, ED_NOMEM, "out of memory while keeping facts");
	e->facts = items;
	to = &e->facts[e->fact_count];
	if (!copy_fact(e, fact, &to->fact))
		return ed_fail(err, ED_NOMEM, "out of memory while keeping facts");
	to->fact.time = time_told(fact->time);
	to->source_i = (uint32_t)(e->source_count ? e->source_count - 1 : 0);
	to->arrival = (uint32_t)e->fact_count++;
	return ED_OK;
}

/* Something else than this source: a row of its own. */
static ed_status evidence_missing(struct ed_evidence *e, const struct ed_gap *gap,
				  struct ed_error *err)
{
	struct ed_coverage row = { .source = gap->subject,
				   .state = gap->state,
				   .oldest = ED_TIME_NONE,
				   .newest = ED_TIME_NONE,
				   .last = ED_TIME_NONE,
				   .lost = gap->lost,
				   .why = gap->why };

	return ed_evidence_add_coverage(e, &row, err);
}

static ed_status evidence_gap(struct ed_sink *sink, const struct ed_gap *gap, struct ed_error *err)
{
	struct ed_evidence *e = from_sink(sink);
	struct ed_coverage *row;

	if (gap->subject.p)
		return evidence_missing(e, gap, err);
	row = coverage_row(e, gap->channel);
	if (!row)
		return no_room(err, e->coverage_count, ED_LIMIT_COVERAGE, "coverage rows");
	row->state = gap->state;
	row->end_lost |= !gap->inner;
	row->lost = lost_sum(row->lost, gap->lost);
	if (!row->why.p) { /* the first reason stays; the count says that there are more */
		row->why = ed_arena_str(e->arena, gap->why);
		if (!row->why.p)
			return ed_fail(err, ED_NOMEM, "out of memory while keeping coverage rows");
	}
	return ED_OK;
}

static const struct ed_sink_ops evidence_ops = {
	.want = evidence_want,
	.event = evidence_event,
	.fact = evidence_fact,
	.gap = evidence_gap,
};

void ed_evidence_init(struct ed_evidence *evidence, struct ed_arena *arena, ed_interest_fn interest)
{
	*evidence = (struct ed_evidence){
		.sink = { .ops = &evidence_ops },
		.arena = arena,
		.interest = interest,
	};
}

void ed_evidence_release(struct ed_evidence *evidence)
{
	ed_free(evidence->sources);
	ed_free(evidence->events);
	ed_free(evidence->facts);
	ed_free(evidence->coverage);
	ed_evidence_init(evidence, evidence->arena, evidence->interest);
}

ed_status ed_evidence_begin_source(struct ed_evidence *evidence, struct ed_str path,
				   const char *reader, struct ed_error *err)
{
	struct ed_evidence *e = evidence;
	struct ed_str copy;
	void *items;

	items = grown(e->sources, e->source_count, &e->source_cap, sizeof(*e->sources),
		      ED_LIMIT_SOURCES);
	if (!items)
		return no_room(err, e->source_count, ED_LIMIT_SOURCES, "files and members");
	e->sources = items;
	copy = ed_arena_str(e->arena, path);
	if (!copy.p)
		return ed_fail(err, ED_NOMEM, "out of memory while keeping source names");
	e->sources[e->source_count] = (struct ed_source){ .path = copy,
							  .reader = reader,
							  .arrival = (uint32_t)e->source_count };
	e->source_count++;
	e->coverage_begin = e->coverage_count;
	return ED_OK;
}

ed_status ed_evidence_add_coverage(struct ed_evidence *evidence, const struct ed_coverage *row,
				   struct ed_error *err)
{
	struct ed_evidence *e = evidence;
	struct ed_coverage copy = *row;
	struct ed_str *const texts[] = { &copy.source, &copy.path, &copy.why };
	void *rows = grown(e->coverage, e->coverage_count, &e->coverage_cap, sizeof(copy),
			   ED_LIMIT_COVERAGE);

	if (!rows)
		return no_room(err, e->coverage_count, ED_LIMIT_COVERAGE, "coverage rows");
	e->coverage = rows;
	for (size_t i = 0; i < ED_COUNT(texts); i++) {
		if (!texts[i]->p)
			continue;
		*texts[i] = ed_arena_str(e->arena, *texts[i]);
		if (!texts[i]->p)
			return ed_fail(err, ED_NOMEM, "out of memory while keeping coverage rows");
	}
	e->coverage[e->coverage_count++] = copy;
	return ED_OK;
}

static int compare_u64(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_events(const void *left, const void *right)
{
	const struct ed_stored_event *a = left, *b = right;
	const struct ed_event_head *x = &a->event.head, *y = &b->event.head;
	int d = ed_str_cmp(x->channel, y->channel);

	if (!d)
		d = compare_u64(x->record, y->record);
	if (!d)
		d = x->time < y->time ? -1 : x->time > y->time;
	if (!d)
		d = ed_str_cmp(x->provider, y->provider);
	if (!d)
		d = compare_u64(x->id, y->id);
	if (!d)
		d = compare_u64(a->source_i, b->source_i);
	return d ? d : compare_u64(a->arrival, b->arrival);
}

/* Without record numbers only what they say tells two events of one moment apart. */
static bool same_fields(const struct ed_event *a, const struct ed_event *b)
{
	if (a->field_count != b->field_count)
		return false;
	for (size_t i = 0; i < a->field_count; i++)
		if (!ed_str_eq(a->fields[i].name, b->fields[i].name) ||
		    !ed_str_eq(a->fields[i].value, b->fields[i].value))
			return false;
	return true;
}

/* @a is not newer than @b. Some exports round times, to the second at worst. */
static bool same_event(const struct ed_event *a, const struct ed_event *b)
{
	if (a->head.record != b->head.record || a->head.id != b->head.id ||
	    !ed_str_eq(a->head.channel, b->head.channel) ||
	    !ed_str_eq(a->head.provider, b->head.provider))
		return false;
	if (!a->head.record || a->head.time == ED_TIME_NONE)
		return a->head.time == b->head.time && same_fields(a, b);
	return b->head.time - a->head.time < ED_TICKS_PER_SECOND;
}

static int compare_facts(const void *left, const void *right)
{
	const struct ed_stored_fact *a = left, *b = right;
	int d = compare_u64(a->fact.kind, b->fact.kind);

	if (!d)
		d = ed_str_icmp(a->fact.path, b->fact.path);
	if (!d)
		d = ed_str_icmp(a->fact.name, b->fact.name);
	if (!d)
		d = compare_u64(a->source_i, b->source_i);
	return d ? d : compare_u64(a->arrival, b->arrival);
}

static int compare_coverage(const void *left, const void *right)
{
	const struct ed_coverage *a = left, *b = right;
	int d = ed_str_cmp(a->source, b->source);

	if (!d)
		d = ed_str_cmp(a->path, b->path);
	if (!d)
		d = compare_u64(a->state, b->state);
	if (!d)
		d = compare_u64(a->records, b->records);
	return d ? d : ed_str_cmp(a->why, b->why);
}

static int compare_sources(const void *left, const void *right)
{
	const struct ed_source *a = left, *b = right;
	int d = ed_str_cmp(a->path, b->path);

	return d ? d : compare_u64(a->arrival, b->arrival);
}

/* From here on source_i follows the paths, not the order in which they were read. */
static void sort_sources(struct ed_evidence *e)
{
	if (!e->source_count)
		return;
	qsort(e->sources, e->source_count, sizeof(*e->sources), compare_sources);
	for (size_t i = 0; i < e->source_count; i++)
		e->sources[e->sources[i].arrival].rank = (uint32_t)i;
	for (size_t i = 0; i < e->event_count; i++)
		e->events[i].source_i = e->sources[e->events[i].source_i].rank;
	for (size_t i = 0; i < e->fact_count; i++)
		e->facts[i].source_i = e->sources[e->facts[i].source_i].rank;
}

void ed_evidence_finish(struct ed_evidence *evidence)
{
	struct ed_evidence *e = evidence;
	size_t kept = 0;

	sort_sources(e);
	if (e->event_count)
		qsort(e->events, e->event_count, sizeof(*e->events), compare_events);
	for (size_t i = 0; i < e->event_count; i++)
		if (!kept || !same_event(&e->events[kept - 1].event, &e->events[i].event))
			e->events[kept++] = e->events[i];
	e->event_count = kept;
	if (e->fact_count)
		qsort(e->facts, e->fact_count, sizeof(*e->facts), compare_facts);
	if (e->coverage_count)
		qsort(e->coverage, e->coverage_count, sizeof(*e->coverage), compare_coverage);
}

const char *ed_state_word(enum ed_state state)
{
	static const char *const words[] = {
#define ED_STATE_WORD(name, word) [name] = word,
		ED_STATE_LIST(ED_STATE_WORD)
#undef ED_STATE_WORD
	};

	return words[state];
}

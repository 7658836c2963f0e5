/* SPDX-License-Identifier: MIT */
/* Events, facts and the evidence store: coverage, duplicates, order, limits, memory. */
#include <check.h>

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/model/evidence.h"

static struct ed_arena arena;
static struct ed_evidence evidence;

static void setup(void)
{
	ed_arena_init(&arena, 64 * ED_MIB);
	ed_evidence_init(&evidence, &arena, NULL);
}

static void teardown(void)
{
	ed_evidence_release(&evidence);
	ed_evidence_release(&evidence);
	ed_arena_release(&arena);
}

static void begin(const char *path)
{
	ck_assert_int_eq(ed_evidence_begin_source(&evidence, ed_str_from(path), "test", NULL),
			 ED_OK);
}

static struct ed_event make_event(const char *channel, uint64_t record, int64_t time, uint32_t id)
{
	return (struct ed_event){
		.head = { .provider = ED_STR("P"),
			  .channel = ed_str_from(channel),
			  .record = record,
			  .time = time,
			  .id = id },
		.computer = ED_STR("PC"),
	};
}

/* As a reader does it: every record asks, only the wanted ones are delivered. */
static ed_status put_event(struct ed_evidence *e, const struct ed_event *event)
{
	if (!e->sink.ops->want(&e->sink, &event->head))
		return ED_OK;
	return e->sink.ops->event(&e->sink, event, NULL);
}

static ed_status put_fact(struct ed_evidence *e, enum ed_fact_kind kind, const char *path,
			  const char *name, const char *text)
{
	struct ed_fact fact = {
		.kind = kind,
		.path = ed_str_from(path),
		.name = ed_str_from(name),
		.text = ed_str_from(text),
		.time = ED_TIME_NONE,
	};

	return e->sink.ops->fact(&e->sink, &fact, NULL);
}

static ed_status put_gap(struct ed_evidence *e, enum ed_state state, uint64_t lost, const char *why,
			 const char *channel)
{
	struct ed_gap gap = {
		.state = state,
		.lost = lost,
		.why = ed_str_from(why),
		.channel = ed_str_from(channel),
	};

	return e->sink.ops->gap(&e->sink, &gap, NULL);
}

static const struct ed_coverage *row_of(const char *source)
{
	for (size_t i = 0; i < evidence.coverage_count; i++)
		if (ed_str_eq(evidence.coverage[i].source, ed_str_from(source)))
			return &evidence.coverage[i];
	ck_abort_msg("no row for '%s'", source);
	return NULL;
}

START_TEST(event_copy_is_deep)
{
	char provider[] = "Provider", name[] = "Error Code", value[] = "-2147186428";
	struct ed_field fields[] = { { ed_str_from(name), ed_str_from(value) },
				     { ED_STR("Empty"), ED_STR("") } };
	struct ed_event event = make_event("C", 7, 8, 9), copy;
	uint32_t number = 0;

	event.head.provider = ed_str_from(provider);
	event.fields = fields;
	event.field_count = 2;
	ck_assert(ed_event_copy(&arena, &event, &copy));
	memset(provider, 'x', sizeof(provider) - 1);
	memset(name, 'x', sizeof(name) - 1);
	memset(value, 'x', sizeof(value) - 1);
	fields[1] = (struct ed_field){ ED_STR("y"), ED_STR("y") };
	ck_assert(ed_str_eq(copy.head.provider, ED_STR("Provider")));
	ck_assert_uint_eq(copy.head.record, 7);
	ck_assert_ptr_null(copy.user.p);
	ck_assert(ed_event_u32(&copy, ED_STR("errorcode"), &number));
	ck_assert_uint_eq(number, 0x80048904);
	ck_assert_uint_eq(ed_event_field(&copy, ED_STR("empty")).len, 0);
	ck_assert_ptr_nonnull(ed_event_field(&copy, ED_STR("empty")).p);
	ck_assert_ptr_null(ed_event_field(&copy, ED_STR("absent")).p);
	ck_assert(!ed_event_u32(&copy, ED_STR("empty"), &number));
	ck_assert(!ed_event_u32(&copy, ED_STR("absent"), &number));
	ck_assert_uint_eq(number, 0x80048904);
}
END_TEST

START_TEST(copies_without_memory)
{
	struct ed_field field = { ED_STR("n"), ED_STR("v") };
	struct ed_event event = make_event("C", 7, 8, 9), copy = { .field_count = 99 };
	struct ed_fact fact = { .path = ED_STR("p"), .name = ED_STR("n"), .text = ED_STR("t") };
	struct ed_fact fact_copy = { .number = 99 };

	event.fields = &field;
	event.field_count = 1;
	for (size_t limit = 0; limit < 5 * 16; limit += 16) {
		struct ed_arena small;

		ed_arena_init(&small, limit);
		ck_assert(!ed_event_copy(&small, &event, &copy));
		ck_assert_uint_eq(copy.field_count, 99);
		if (limit < 3 * 16)
			ck_assert(!ed_fact_copy(&small, &fact, &fact_copy));
		ck_assert(limit >= 3 * 16 || fact_copy.number == 99);
		ed_arena_release(&small);
	}
}
END_TEST

START_TEST(coverage_counts_what_passes)
{
	static const struct {
		uint64_t record;
		int64_t time;
	} heads[] = { { 12, 500 }, { 10, ED_TIME_NONE }, { 11, 300 }, { 40, 900 }, { 13, 400 } };
	const struct ed_coverage *row;

	begin("a.evtx");
	for (size_t i = 0; i < ED_COUNT(heads); i++) {
		struct ed_event e = make_event("System", heads[i].record, heads[i].time, 1);

		ck_assert_int_eq(put_event(&evidence, &e), ED_OK);
	}
	ed_evidence_finish(&evidence);
	ck_assert_uint_eq(evidence.event_count, 5);
	ck_assert_uint_eq(evidence.coverage_count, 1);
	row = row_of("System");
	ck_assert(row->is_channel);
	ck_assert(ed_str_eq(row->path, ED_STR("a.evtx")));
	ck_assert_int_eq(row->state, ED_STATE_READ);
	ck_assert_uint_eq(row->records, 5);
	ck_assert_int_eq(row->oldest, 300);
	ck_assert_int_eq(row->newest, 900);
	ck_assert_uint_eq(row->first_record, 10);
	ck_assert_uint_eq(row->last_record, 40);
	ck_assert_uint_eq(row->lost, 0);
	ck_assert_ptr_null(row->why.p);
}
END_TEST

static bool only_id_7(const struct ed_event_head *head)
{
	return head->id == 7;
}

/* A log can hold any FILETIME; a year of five digits is in no form of ours, and sums overflow. */
START_TEST(times_past_the_calendar_are_none)
{
	struct ed_event event = make_event("C", 1, INT64_MAX, 12);
	struct ed_fact fact = { .path = ED_STR("p"), .name = ED_STR("n"), .time = INT64_MAX };
	struct ed_sink *sink = &evidence.sink;
	int64_t last;

	ck_assert_int_eq(ed_evidence_begin_source(&evidence, ED_STR("f"), "r", NULL), ED_OK);
	ck_assert(sink->ops->want(sink, &event.head));
	ck_assert_int_eq(sink->ops->event(sink, &event, NULL), ED_OK);
	ck_assert_int_eq(sink->ops->fact(sink, &fact, NULL), ED_OK);
	ck_assert_int_eq(evidence.events[0].event.head.time, ED_TIME_NONE);
	ck_assert_int_eq(evidence.facts[0].fact.time, ED_TIME_NONE);
	ck_assert_int_eq(row_of("C")->newest, ED_TIME_NONE);
	ck_assert_int_eq(row_of("C")->last, ED_TIME_NONE);
	ck_assert_int_eq(row_of("C")->run_from, ED_TIME_NONE);
	ck_assert_int_eq(row_of("f")->newest, ED_TIME_NONE);
	ck_assert(ed_time_parse(ED_STR("9999-12-31T23:59:59.9999999Z"), &last));
	ck_assert_int_eq(last, ED_TIME_LAST);
}
END_TEST

START_TEST(what_is_not_wanted_is_counted)
{
	ed_evidence_release(&evidence);
	ed_evidence_init(&evidence, &arena, only_id_7);
	begin("a.evtx");
	for (uint32_t id = 0; id < 10; id++) {
		struct ed_event e = make_event(id % 2 ? "A" : "B", id + 1, id, id);

		ck_assert_int_eq(put_event(&evidence, &e), ED_OK);
	}
	ed_evidence_finish(&evidence);
	ck_assert_uint_eq(evidence.event_count, 1);
	ck_assert_uint_eq(evidence.events[0].event.head.id, 7);
	ck_assert_uint_eq(row_of("A")->records, 5);
	ck_assert_uint_eq(row_of("B")->records, 5);
}
END_TEST

START_TEST(rows_belong_to_their_source)
{
	struct ed_event e = make_event("System", 1, 1, 1);
	size_t rows = 0;

	begin("a.evtx");
	put_event(&evidence, &e);
	begin("b.evtx");
	e.head.record = 2;
	put_event(&evidence, &e);
	put_event(&evidence, &(struct ed_event){ .head = { .record = 3, .time = ED_TIME_NONE } });
	begin("c.reg");
	put_fact(&evidence, ED_FACT_REGISTRY, "K", "n", "t");
	ed_evidence_finish(&evidence);
	for (size_t i = 0; i < evidence.coverage_count; i++)
		rows += ed_str_eq(evidence.coverage[i].source, ED_STR("System"));
	ck_assert_uint_eq(rows, 2);
	ck_assert_uint_eq(evidence.coverage_count, 4);
	ck_assert(row_of("")->is_channel); /* a record that names no channel */
	ck_assert(!row_of("c.reg")->is_channel);
	ck_assert_uint_eq(row_of("c.reg")->records, 1);
}
END_TEST

START_TEST(gaps)
{
	const struct ed_coverage *row;
	struct ed_event e = make_event("System", 1, 1, 1);

	begin("a.evtx");
	put_event(&evidence, &e);
	put_gap(&evidence, ED_STATE_DAMAGED, 3, "chunk 1: checksum", "System");
	put_gap(&evidence, ED_STATE_DAMAGED, 4, "chunk 2: checksum", "System");
	put_gap(&evidence, ED_STATE_TRUNCATED, 5, "cut", NULL);
	put_gap(&evidence, ED_STATE_TRUNCATED, ED_LOST_UNKNOWN, "cut", NULL);
	put_gap(&evidence, ED_STATE_TRUNCATED, 1, NULL, NULL);
	ed_evidence_finish(&evidence);
	row = row_of("System");
	ck_assert_int_eq(row->state, ED_STATE_DAMAGED);
	ck_assert_uint_eq(row->records, 1);
	ck_assert_uint_eq(row->lost, 7);
	ck_assert(ed_str_eq(row->why, ED_STR("chunk 1: checksum")));
	row = row_of("a.evtx");
	ck_assert_int_eq(row->state, ED_STATE_TRUNCATED);
	ck_assert_uint_eq(row->lost, ED_LOST_UNKNOWN);
}
END_TEST

/* From where on nothing is lacking, and that a loss may be newer than all that was read. */
START_TEST(the_end_of_a_log_without_a_hole)
{
	static const uint64_t records[] = { 5, 6, 9, 10, 11, 2 };
	struct ed_gap gap = { .state = ED_STATE_DAMAGED,
			      .lost = 2,
			      .why = ED_STR("chunk 1"),
			      .channel = ED_STR("System") };
	const struct ed_coverage *row;

	begin("a.evtx");
	for (size_t i = 0; i < ED_COUNT(records); i++) {
		struct ed_event e = make_event("System", records[i], (int64_t)records[i] * 100, 1);

		put_event(&evidence, &e);
	}
	gap.inner = true;
	ck_assert_int_eq(evidence.sink.ops->gap(&evidence.sink, &gap, NULL), ED_OK);
	row = row_of("System");
	ck_assert_uint_eq(row->run_record, 9);
	ck_assert_int_eq(row->run_from, 900);
	ck_assert(!row->end_lost);
	gap.inner = false;
	ck_assert_int_eq(evidence.sink.ops->gap(&evidence.sink, &gap, NULL), ED_OK);
	ck_assert(row_of("System")->end_lost);
}
END_TEST

START_TEST(gaps_about_something_else_are_rows_of_their_own)
{
	struct ed_gap gap = { .state = ED_STATE_DENIED,
			      .why = ED_STR("access denied"),
			      .subject = ED_STR("HKEY_LOCAL_MACHINE\\SAM") };
	const struct ed_coverage *row;

	begin("run.json");
	ck_assert_int_eq(evidence.sink.ops->gap(&evidence.sink, &gap, NULL), ED_OK);
	ed_evidence_finish(&evidence);
	ck_assert_uint_eq(evidence.coverage_count, 1);
	row = row_of("HKEY_LOCAL_MACHINE\\SAM");
	ck_assert_int_eq(row->state, ED_STATE_DENIED);
	ck_assert_ptr_null(row->path.p);
	ck_assert(ed_str_eq(row->why, gap.why));
}
END_TEST

START_TEST(lost_counts_do_not_wrap)
{
	begin("a");
	put_gap(&evidence, ED_STATE_DAMAGED, ED_LOST_UNKNOWN - 2, "x", NULL);
	put_gap(&evidence, ED_STATE_DAMAGED, 100, "x", NULL);
	ck_assert_uint_eq(evidence.coverage[0].lost, ED_LOST_UNKNOWN - 1);
}
END_TEST

START_TEST(added_rows_are_not_counted_into)
{
	struct ed_coverage absent = { .source = ED_STR("Microsoft-Windows-AAD/Operational"),
				      .state = ED_STATE_ABSENT,
				      .oldest = ED_TIME_NONE,
				      .newest = ED_TIME_NONE };
	struct ed_coverage same = { .source = ED_STR("c.reg"),
				    .path = ED_STR("c.reg"),
				    .state = ED_STATE_DENIED };

	begin("c.reg");
	ck_assert_int_eq(ed_evidence_add_coverage(&evidence, &absent, NULL), ED_OK);
	ck_assert_int_eq(ed_evidence_add_coverage(&evidence, &same, NULL), ED_OK);
	put_fact(&evidence, ED_FACT_REGISTRY, "K", "n", "t");
	put_gap(&evidence, ED_STATE_DAMAGED, 1, "x", NULL);
	ck_assert_uint_eq(evidence.coverage_count, 3);
	ck_assert_uint_eq(evidence.coverage[0].records, 0);
	ck_assert_int_eq(evidence.coverage[0].state, ED_STATE_ABSENT);
	ck_assert_int_eq(evidence.coverage[1].state, ED_STATE_DENIED);
	ck_assert_uint_eq(evidence.coverage[2].records, 1);
	ck_assert_int_eq(evidence.coverage[2].state, ED_STATE_DAMAGED);
}
END_TEST

/* Some exports have none: then what two events of one moment say tells them apart. */
START_TEST(without_record_numbers)
{
	struct ed_field field = { ED_STR("ProtectorType"), ED_STR("0x1") };
	struct ed_event e = make_event("System", 0, 100, 775);

	e.fields = &field;
	e.field_count = 1;
	begin("a.xml");
	put_event(&evidence, &e);
	put_event(&evidence, &e);
	field.value = ED_STR("0x3");
	put_event(&evidence, &e);
	ed_evidence_finish(&evidence);
	ck_assert_uint_eq(evidence.event_count, 2);
}
END_TEST

START_TEST(duplicates)
{
	struct ed_event e = make_event("System", 5, 100, 12);

	begin("a.evtx");
	put_event(&evidence, &e);
	begin("copy/a.evtx");
	put_event(&evidence, &e);
	e.head.time = 101; /* another export rounds it */
	put_event(&evidence, &e);
	e.head.time = 100 + ED_TICKS_PER_SECOND; /* another device's */
	put_event(&evidence, &e);
	e.head.time = 100;
	e.head.id = 13;
	put_event(&evidence, &e);
	e.head.id = 12;
	e.head.provider = ED_STR("Q");
	put_event(&evidence, &e);
	e.head.provider = ED_STR("P");
	e.head.channel = ED_STR("Application");
	put_event(&evidence, &e);
	ed_evidence_finish(&evidence);
	ck_assert_uint_eq(evidence.event_count, 5);
	ck_assert_uint_eq(row_of("System")->records, 1);
	ck_assert_uint_eq(row_of("Application")->records, 1);
}
END_TEST

/* The first measured record of a boot matters, so facts of one source keep their order. */
START_TEST(facts_keep_their_order)
{
	static const char *const texts[] = { "9", "4", "0", "7", "4" };

	begin("1.log");
	for (size_t i = 0; i < ED_COUNT(texts); i++)
		put_fact(&evidence, ED_FACT_BOOTLOG, "", "BitlockerUnlock", texts[i]);
	put_fact(&evidence, ED_FACT_BOOTLOG, "", "BootCounter", "1");
	put_fact(&evidence, ED_FACT_REGISTRY, "HKEY_LOCAL_MACHINE\\B", "x", "1");
	put_fact(&evidence, ED_FACT_REGISTRY, "hkey_local_machine\\a", "x", "1");
	ed_evidence_finish(&evidence);
	ck_assert_uint_eq(evidence.fact_count, 8);
	ck_assert(ed_str_eq(evidence.facts[0].fact.path, ED_STR("hkey_local_machine\\a")));
	ck_assert_int_eq(evidence.facts[1].fact.kind, ED_FACT_REGISTRY);
	for (size_t i = 0; i < ED_COUNT(texts); i++)
		ck_assert(ed_str_eq(evidence.facts[2 + i].fact.text, ed_str_from(texts[i])));
	ck_assert(ed_str_eq(evidence.facts[7].fact.name, ED_STR("BootCounter")));
}
END_TEST

START_TEST(paths_are_shared)
{
	char path[] = "HKEY_LOCAL_MACHINE\\SOFTWARE";
	size_t used;

	begin("a.reg");
	put_fact(&evidence, ED_FACT_REGISTRY, path, "a", "1");
	put_fact(&evidence, ED_FACT_REGISTRY, path, "b", "2");
	put_fact(&evidence, ED_FACT_REGISTRY, path, NULL, NULL);
	used = arena.used;
	path[0] = 'X';
	ck_assert(ed_str_eq(evidence.facts[1].fact.path, ED_STR("HKEY_LOCAL_MACHINE\\SOFTWARE")));
	ck_assert_ptr_eq(evidence.facts[0].fact.path.p, evidence.facts[2].fact.path.p);
	ck_assert_ptr_null(evidence.facts[2].fact.name.p);
	put_fact(&evidence, ED_FACT_REGISTRY, path, "a", "1");
	ck_assert_uint_gt(arena.used, used);
	ck_assert_int_eq(evidence.facts[3].fact.path.p[0], 'X');
}
END_TEST

/* One source: an event twice in the evidence, facts, a gap. */
static void deliver(struct ed_evidence *e, const char *path)
{
	struct ed_event shared = make_event("System", 5, 100, 12);
	struct ed_event own = make_event("Application", (uint64_t)path[0], 7, 12);
	struct ed_field field = { ED_STR("same"), ED_STR("value") };

	ck_assert_int_eq(ed_evidence_begin_source(e, ed_str_from(path), "test", NULL), ED_OK);
	shared.fields = &field;
	shared.field_count = 1;
	ck_assert_int_eq(put_event(e, &shared), ED_OK);
	ck_assert_int_eq(put_event(e, &own), ED_OK);
	ck_assert_int_eq(put_fact(e, ED_FACT_REGISTRY, "K", "v", "z"), ED_OK);
	ck_assert_int_eq(put_fact(e, ED_FACT_REGISTRY, "K", "v", path), ED_OK);
	ck_assert_int_eq(put_gap(e, ED_STATE_DAMAGED, 1, path, NULL), ED_OK);
}

START_TEST(order_of_sources_does_not_matter)
{
	static const char *const paths[] = { "c.evtx", "a.evtx", "b.evtx", "d.evtx" };
	static const int orders[][4] = { { 0, 1, 2, 3 }, { 3, 2, 1, 0 }, { 1, 3, 0, 2 } };
	struct ed_evidence all[ED_COUNT(orders)];

	for (size_t k = 0; k < ED_COUNT(orders); k++) {
		ed_evidence_init(&all[k], &arena, NULL);
		for (size_t i = 0; i < ED_COUNT(paths); i++)
			deliver(&all[k], paths[orders[k][i]]);
		ed_evidence_finish(&all[k]);
	}
	for (size_t k = 0; k < ED_COUNT(orders); k++) {
		const struct ed_evidence *a = &all[0], *b = &all[k];

		ck_assert_uint_eq(b->event_count, 5);
		ck_assert_uint_eq(b->fact_count, 8);
		ck_assert_uint_eq(b->source_count, 4);
		ck_assert_uint_eq(b->coverage_count, a->coverage_count);
		for (size_t i = 0; i < b->source_count; i++)
			ck_assert(ed_str_eq(a->sources[i].path, b->sources[i].path));
		for (size_t i = 0; i < b->event_count; i++) {
			ck_assert_uint_eq(a->events[i].source_i, b->events[i].source_i);
			ck_assert_uint_eq(a->events[i].event.head.record,
					  b->events[i].event.head.record);
		}
		for (size_t i = 0; i < b->fact_count; i++) {
			ck_assert_uint_eq(a->facts[i].source_i, b->facts[i].source_i);
			ck_assert(ed_str_eq(a->facts[i].fact.text, b->facts[i].fact.text));
		}
		for (size_t i = 0; i < b->coverage_count; i++) {
			ck_assert(ed_str_eq(a->coverage[i].path, b->coverage[i].path));
			ck_assert(ed_str_eq(a->coverage[i].source, b->coverage[i].source));
			ck_assert(ed_str_eq(a->coverage[i].why, b->coverage[i].why));
		}
		/* the copy that is kept is of the first path */
		ck_assert(ed_str_eq(b->sources[b->events[4].source_i].path, ED_STR("a.evtx")));
		ck_assert(ed_str_eq(b->sources[b->facts[1].source_i].path, ED_STR("a.evtx")));
	}
	for (size_t k = 0; k < ED_COUNT(orders); k++)
		ed_evidence_release(&all[k]);
}
END_TEST

START_TEST(too_many_channels)
{
	begin("hostile.evtx");
	for (unsigned i = 0; i < ED_LIMIT_SOURCE_CHANNELS + 100; i++) {
		char name[16];
		struct ed_event e;

		snprintf(name, sizeof(name), "%u", i);
		e = make_event(name, i, 1, 1);
		if (put_event(&evidence, &e) != ED_OK)
			ck_abort_msg("channel %u", i);
	}
	ed_evidence_finish(&evidence);
	ck_assert_uint_eq(evidence.coverage_count, ED_LIMIT_SOURCE_CHANNELS + 1);
	ck_assert_uint_eq(row_of("hostile.evtx")->records, 100);
	ck_assert_ptr_nonnull(row_of("hostile.evtx")->why.p);
	ck_assert_uint_eq(evidence.event_count, ED_LIMIT_SOURCE_CHANNELS + 100);
}
END_TEST

/* Full stores are played: counts at their limit, without the two million before. */
START_TEST(limits_are_rows_not_ends)
{
	struct ed_event e = make_event("System", 1, 1, 1);
	size_t events, facts;

	begin("a.evtx");
	put_event(&evidence, &e);
	put_fact(&evidence, ED_FACT_REGISTRY, "K", "n", "t");
	events = evidence.event_count;
	facts = evidence.fact_count;
	evidence.event_count = ED_LIMIT_EVENTS;
	evidence.fact_count = ED_LIMIT_FACTS;
	ck_assert_int_eq(put_event(&evidence, &e), ED_OK);
	ck_assert_int_eq(put_event(&evidence, &e), ED_OK);
	ck_assert_int_eq(put_fact(&evidence, ED_FACT_REGISTRY, "K", "n", "t"), ED_OK);
	ck_assert_uint_eq(evidence.event_count, ED_LIMIT_EVENTS);
	ck_assert_uint_eq(evidence.fact_count, ED_LIMIT_FACTS);
	evidence.event_count = events;
	evidence.fact_count = facts;
	ck_assert_int_eq(row_of("System")->state, ED_STATE_TRUNCATED);
	ck_assert_uint_eq(row_of("System")->lost, 2);
	ck_assert_uint_eq(row_of("System")->records, 3);
	ck_assert_uint_eq(row_of("a.evtx")->lost, 1);
	ck_assert_uint_eq(row_of("a.evtx")->records, 2);
	ck_assert_ptr_nonnull(row_of("a.evtx")->why.p);
}
END_TEST

/* One log that floods costs its own end, and leaves room for the others. */
START_TEST(too_much_of_one_log)
{
	struct ed_event flood = make_event("flood", 1, 10, 1),
			other = make_event("other", 1, 10, 1);
	size_t kept;

	evidence.sink.ops->want(&evidence.sink, &flood.head);
	evidence.coverage[0].text_bytes = ED_LIMIT_CHANNEL_TEXT - 1;
	ck_assert_int_eq(put_event(&evidence, &flood), ED_OK);
	kept = evidence.event_count;
	flood.head.record++;
	ck_assert_int_eq(put_event(&evidence, &flood), ED_OK);
	ck_assert_uint_eq(evidence.event_count, kept);
	ck_assert_int_eq(evidence.coverage[0].state, ED_STATE_TRUNCATED);
	ck_assert_uint_eq(evidence.coverage[0].lost, 1);
	ck_assert_int_eq(put_event(&evidence, &other), ED_OK);
	ck_assert_uint_eq(evidence.event_count, kept + 1);
	ck_assert_int_eq(evidence.coverage[1].state, ED_STATE_READ);
}
END_TEST

START_TEST(too_many_sources_and_rows)
{
	struct ed_coverage row = { .source = ED_STR("x") };
	struct ed_error err;
	size_t count;

	begin("a");
	count = evidence.source_count;
	evidence.source_count = evidence.source_cap = ED_LIMIT_SOURCES;
	ck_assert_int_eq(ed_evidence_begin_source(&evidence, ED_STR("b"), "test", &err), ED_LIMIT);
	ck_assert_str_eq(err.text, "more than 200000 files and members");
	evidence.source_count = count;
	evidence.coverage_begin = evidence.coverage_count = ED_LIMIT_COVERAGE;
	evidence.coverage_cap = ED_LIMIT_COVERAGE;
	ck_assert_int_eq(ed_evidence_add_coverage(&evidence, &row, &err), ED_LIMIT);
	ck_assert_int_eq(put_fact(&evidence, ED_FACT_REGISTRY, "K", "n", "t"), ED_LIMIT);
	ck_assert_int_eq(put_gap(&evidence, ED_STATE_DAMAGED, 1, "x", NULL), ED_LIMIT);
	evidence.coverage_count = evidence.coverage_cap = 0;
}
END_TEST

static ed_status whole_run(struct ed_evidence *e, struct ed_error *err)
{
	struct ed_field field = { ED_STR("n"), ED_STR("v") };

	for (int source = 0; source < 70; source++) {
		struct ed_event event =
			make_event(source % 2 ? "A" : "B", (uint64_t)source + 1, source, 1);
		struct ed_coverage row = { .source = ED_STR("s"), .why = ED_STR("w") };
		struct ed_fact fact = { .path = ED_STR("K"), .name = ED_STR("n") };
		struct ed_gap gap = { .why = ED_STR("why") };

		event.fields = &field;
		event.field_count = 1;
		ED_TRY(ed_evidence_begin_source(e, ED_STR("p"), "test", err));
		if (e->sink.ops->want(&e->sink, &event.head))
			ED_TRY(e->sink.ops->event(&e->sink, &event, err));
		ED_TRY(e->sink.ops->fact(&e->sink, &fact, err));
		ED_TRY(e->sink.ops->gap(&e->sink, &gap, err));
		ED_TRY(ed_evidence_add_coverage(e, &row, err));
	}
	return ED_OK;
}

START_TEST(every_allocation_can_fail)
{
	ed_status status = ED_NOMEM;

	for (long n = 0; status != ED_OK; n++) {
		struct ed_error err = { 0 };

		ed_evidence_release(&evidence);
		ed_arena_release(&arena);
		setup();
		ed_alloc_fail_after(n);
		status = whole_run(&evidence, &err);
		ed_alloc_fail_after(-1);
		ck_assert_msg(status == ED_OK || status == ED_NOMEM, "allocation %ld", n);
		if (status != ED_OK)
			ck_assert_int_eq(err.status, ED_NOMEM);
		/* what was kept until then is whole */
		ed_evidence_finish(&evidence);
		ck_assert_int_lt(n, 5000);
	}
	ck_assert_uint_eq(evidence.event_count, 70);
	ck_assert_uint_eq(evidence.fact_count, 70);
}
END_TEST

START_TEST(words)
{
	ck_assert_str_eq(ed_state_word(ED_STATE_READ), "read");
	ck_assert_str_eq(ed_state_word(ED_STATE_TIMED_OUT), "timed-out");
}
END_TEST

START_TEST(nothing_at_all)
{
	ed_evidence_finish(&evidence);
	ck_assert_uint_eq(evidence.event_count + evidence.fact_count + evidence.coverage_count, 0);
}
END_TEST

START_TEST(no_source)
{
	struct ed_event e = make_event("System", 1, 1, 1);

	ck_assert_int_eq(put_event(&evidence, &e), ED_OK);
	ck_assert_int_eq(put_fact(&evidence, ED_FACT_DSREG, "a", "b", "c"), ED_OK);
	ed_evidence_finish(&evidence);
	ck_assert_uint_eq(evidence.coverage_count, 2);
	ck_assert_ptr_null(row_of("System")->path.p);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("model");
	TCase *c = tcase_create("evidence");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_set_timeout(c, 60);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, event_copy_is_deep);
	tcase_add_test(c, copies_without_memory);
	tcase_add_test(c, coverage_counts_what_passes);
	tcase_add_test(c, times_past_the_calendar_are_none);
	tcase_add_test(c, what_is_not_wanted_is_counted);
	tcase_add_test(c, rows_belong_to_their_source);
	tcase_add_test(c, gaps);
	tcase_add_test(c, the_end_of_a_log_without_a_hole);
	tcase_add_test(c, without_record_numbers);
	tcase_add_test(c, gaps_about_something_else_are_rows_of_their_own);
	tcase_add_test(c, lost_counts_do_not_wrap);
	tcase_add_test(c, added_rows_are_not_counted_into);
	tcase_add_test(c, duplicates);
	tcase_add_test(c, facts_keep_their_order);
	tcase_add_test(c, paths_are_shared);
	tcase_add_test(c, order_of_sources_does_not_matter);
	tcase_add_test(c, too_many_channels);
	tcase_add_test(c, limits_are_rows_not_ends);
	tcase_add_test(c, too_much_of_one_log);
	tcase_add_test(c, too_many_sources_and_rows);
	tcase_add_test(c, every_allocation_can_fail);
	tcase_add_test(c, words);
	tcase_add_test(c, nothing_at_all);
	tcase_add_test(c, no_source);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

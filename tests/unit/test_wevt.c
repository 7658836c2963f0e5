/* SPDX-License-Identifier: MIT */
/* Live event channels against a fake event log: what is asked, what is kept, how it ends early. */
#include "wevt_priv.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/collectors/schedule.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECORDS_MOST 4096
#define SCRIPT_MOST 64

struct record {
	uint64_t number;
	uint32_t id;
	bool wanted;
	size_t filler; /* bytes of its EventData */
};

/* One channel, and how it misbehaves. */
struct fake {
	struct record records[RECORDS_MOST];
	size_t count;
	uint32_t script[SCRIPT_MOST]; /* codes of the EvtNext calls of wanted events, in turn */
	size_t script_count, script_at;
	uint32_t query_code;    /* of every query */
	uint32_t second_code;   /* of the second query for wanted events */
	uint32_t filtered_code; /* of queries with ids */
	uint32_t largest_batch; /* more at once is 1734; 0: any number */
	uint64_t unrenderable;  /* record number */
	uint32_t config_code;
	bool disabled;
	int stop_after; /* stopped() calls until the time is up; negative: never */
	long open, calls;
	unsigned wanted_queries;
	char last_query[8192];
	const char *text; /* of EventData, instead of filler */
};

struct results {
	bool is_results; /* first, as in the other kind of handle */
	bool is_wanted;
	size_t *items; /* indexes of records */
	size_t count, at;
};

struct event_handle {
	bool is_results;
	struct record *record;
};

static bool bound_of(struct ed_str query, struct ed_str mark, uint64_t *out)
{
	size_t at = ed_str_find(query, mark, 0);
	char *end;

	if (at == SIZE_MAX)
		return false;
	*out = strtoull(query.p + at + mark.len, &end, 10);
	return true;
}

static uint32_t fake_query(void *context, struct ed_str text, bool newest_first, void **out)
{
	struct fake *f = context;
	bool starts = ed_str_find(text, ED_STR("General'] and (EventID=12)]]"), 0) != SIZE_MAX &&
		      ed_str_find(text, ED_STR("EventID=13"), 0) == SIZE_MAX;
	bool any = ed_str_find(text, ED_STR("EventID"), 0) == SIZE_MAX;
	bool bounded = ed_str_find(text, ED_STR("EventRecordID"), 0) != SIZE_MAX;
	uint64_t from = 0, below = UINT64_MAX;
	struct results *r;

	f->calls++;
	if (f->query_code)
		return f->query_code;
	if (!any && !starts && f->filtered_code)
		return f->filtered_code;
	if (!any && !starts && ++f->wanted_queries == 2 && f->second_code)
		return f->second_code;
	if (!starts && (!any || bounded)) {
		ck_assert_uint_lt(text.len, sizeof(f->last_query));
		memcpy(f->last_query, text.p, text.len);
		f->last_query[text.len] = 0;
	}
	bound_of(text, ED_STR("EventRecordID &gt;= "), &from);
	bound_of(text, ED_STR("EventRecordID &lt; "), &below);
	r = calloc(1, sizeof(*r));
	r->items = calloc(RECORDS_MOST, sizeof(*r->items));
	r->is_results = true;
	r->is_wanted = !any && !starts;
	for (size_t i = 0; i < f->count; i++) {
		size_t j = newest_first ? f->count - 1 - i : i;
		const struct record *record = &f->records[j];

		if (record->number < from || record->number >= below)
			continue;
		if (starts ? record->id == 12 : any || record->wanted)
			r->items[r->count++] = j;
	}
	f->open++;
	*out = r;
	return 0;
}

static uint32_t fake_next(void *context, void *results, uint32_t count, void **events,
			  uint32_t timeout_ms, uint32_t *got)
{
	struct fake *f = context;
	struct results *r = results;
	uint32_t code = 0;

	f->calls++;
	ck_assert_uint_gt(timeout_ms, 0);
	ck_assert_uint_lt(timeout_ms, ED_SCHEDULE_GRACE_MS);
	if (r->is_wanted && f->script_at < f->script_count)
		code = f->script[f->script_at++];
	if (code)
		return code;
	if (r->at == r->count)
		return ED_WEVT_END;
	if (f->largest_batch && count > f->largest_batch) {
		r->at += r->count - r->at < count ? r->count - r->at : count;
		return ED_WEVT_BOUND;
	}
	for (*got = 0; *got < count && r->at < r->count; (*got)++) {
		struct event_handle *e = calloc(1, sizeof(*e));

		e->record = &f->records[r->items[r->at++]];
		events[*got] = e;
		f->open++;
	}
	return 0;
}

static void event_text(const struct fake *f, const struct record *record, char *out, size_t cap)
{
	int n = snprintf(out, cap,
			 "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'>"
			 "<System><Provider Name='P'/><EventID>%u</EventID><EventRecordID>%llu"
			 "</EventRecordID><Channel>C</Channel></System><EventData><Data>%s",
			 (unsigned)record->id, (unsigned long long)record->number,
			 f->text ? f->text : "");
	size_t at = (size_t)n;

	ck_assert_uint_lt(at + record->filler + 40, cap);
	memset(out + at, 'x', record->filler);
	at += record->filler;
	snprintf(out + at, cap - at, "</Data></EventData></Event>");
}

static uint32_t fake_render(void *context, void *event, uint32_t size, void *buffer, uint32_t *used)
{
	static char text[300 * 1024];
	struct fake *f = context;
	const struct event_handle *e = event;
	unsigned char *out = buffer;
	size_t n;

	f->calls++;
	if (f->unrenderable && e->record->number == f->unrenderable)
		return 15029;
	event_text(f, e->record, text, sizeof(text));
	n = strlen(text) + 1;
	*used = (uint32_t)(2 * n);
	if (2 * n > size)
		return ED_WEVT_SMALL_BUFFER;
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = (unsigned char)text[i];
		out[2 * i + 1] = 0;
	}
	return 0;
}

static int config_handle;

static void fake_close(void *context, void *handle)
{
	struct fake *f = context;

	f->calls++;
	f->open--;
	if (handle == &config_handle)
		return;
	if (*(bool *)handle)
		free(((struct results *)handle)->items);
	free(handle);
}

static uint32_t fake_config_open(void *context, struct ed_str channel, void **config)
{
	struct fake *f = context;

	ck_assert_uint_gt(channel.len, 0);
	f->calls++;
	if (f->config_code)
		return f->config_code;
	f->open++;
	*config = &config_handle;
	return 0;
}

static uint32_t fake_config_enabled(void *context, void *config, bool *enabled)
{
	struct fake *f = context;

	ck_assert_ptr_eq(config, &config_handle);
	f->calls++;
	*enabled = !f->disabled;
	return 0;
}

static uint32_t fake_export(void *context, struct ed_str channel, struct ed_str file)
{
	struct fake *f = context;

	ck_assert(ed_str_eq(channel, ED_STR("System")));
	ck_assert(ed_str_eq(file, ED_STR("C:\\out\\System.evtx")));
	return f->query_code;
}

static bool fake_stopped(const struct ed_live *live)
{
	struct fake *f = live->context;

	if (f->stop_after > 0)
		f->stop_after--;
	return f->stop_after == 0;
}

static struct fake fake;
static struct ed_recording recording;
static struct ed_error err;

static const struct ed_wevt_channel *channel_named(const char *name)
{
	for (size_t i = 0; i < ed_wevt_channel_count; i++)
		if (strcmp(ed_wevt_channels[i].name, name) == 0)
			return &ed_wevt_channels[i];
	ck_abort_msg("no channel %s", name);
	return NULL;
}

static void setup(void)
{
	memset(&fake, 0, sizeof(fake));
	memset(&err, 0, sizeof(err));
	fake.stop_after = -1;
	ed_recording_init(&recording);
}

static void teardown(void)
{
	ck_assert_int_eq(fake.open, 0);
	ed_recording_release(&recording);
}

static void add_record(uint64_t number, uint32_t id, bool wanted)
{
	ck_assert_uint_lt(fake.count, RECORDS_MOST);
	fake.records[fake.count++] = (struct record){ number, id, wanted, 0 };
}

static ed_status collect_from(const char *channel, struct ed_str folder)
{
	const struct ed_wevt_api api = {
		.context = &fake,
		.query = fake_query,
		.next = fake_next,
		.render = fake_render,
		.close = fake_close,
		.config_open = fake_config_open,
		.config_enabled = fake_config_enabled,
		.export_log = fake_export,
	};
	const struct ed_live live = { .context = &fake, .stopped = fake_stopped };

	return ed_wevt_collect(&api, channel_named(channel), folder, &live, &recording, &err);
}

static ed_status collect(const char *channel)
{
	return collect_from(channel, (struct ed_str){ NULL, 0 });
}

/* Record numbers of the recorded member, "1 2 3", stripped ones in brackets. */
static const char *recorded(void)
{
	static char out[65536];
	size_t at = 0;
	struct ed_str rest, line;

	out[0] = 0;
	ck_assert_uint_eq(recording.member_count, 1);
	ck_assert_int_eq(recording.members[0].form, ED_FORM_EVENTS);
	rest = ed_buf_str(&recording.members[0].bytes);
	ck_assert(ed_str_line(&rest, &line) && ed_str_eq(line, ED_STR("<Events>")));
	while (ed_str_line(&rest, &line) && !ed_str_eq(line, ED_STR("</Events>"))) {
		bool whole = ed_str_ends(line, ED_STR("</EventData></Event>"));

		ck_assert(whole || ed_str_ends(line, ED_STR("</System></Event>")));
		at += (size_t)snprintf(out + at, sizeof(out) - at, whole ? "%s%llu" : "%s[%llu]",
				       at ? " " : "", (unsigned long long)wevt_event_record(line));
	}
	ck_assert_uint_eq(rest.len, 0);
	return out;
}

static void assert_gap(enum ed_state state, uint64_t lost, const char *why)
{
	const struct ed_recorded_gap *gap = recording.gaps;

	ck_assert_uint_eq(recording.gap_count, 1);
	ck_assert_msg(gap->state == state, "state %d, %s", (int)gap->state, gap->why.p);
	ck_assert_msg(gap->lost == lost, "lost %llu, %s", (unsigned long long)gap->lost,
		      gap->why.p);
	ck_assert(gap->is_channel);
	ck_assert_msg(strstr(gap->why.p, why) != NULL, "'%s'", gap->why.p);
}

#define STORE "Microsoft-Windows-Store/Operational"

START_TEST(events_come_oldest_first_with_the_ends_of_the_log)
{
	add_record(5, 99, false);
	for (uint64_t n = 6; n < 9; n++)
		add_record(n, 2008, true);
	add_record(9, 99, false);
	ck_assert_int_eq(collect(STORE), ED_OK);
	ck_assert_str_eq(recorded(), "[5] 6 7 8 [9]");
	ck_assert_uint_eq(recording.gap_count, 0);
	ck_assert(ed_str_eq(ed_buf_str(&recording.members[0].name),
			    ED_STR("events/Microsoft-Windows-Store%4Operational.xml")));
	ck_assert(ed_str_eq(ed_buf_str(&recording.members[0].source), ED_STR(STORE)));
}
END_TEST

START_TEST(ends_that_were_asked_for_are_not_doubled)
{
	for (uint64_t n = 1; n < 200; n++)
		add_record(n, 2008, true);
	ck_assert_int_eq(collect(STORE), ED_OK);
	ck_assert_int_eq(strncmp(recorded(), "1 2 3 4 ", 8), 0);
	ck_assert_str_eq(recorded() + strlen(recorded()) - 12, " 197 198 199");
}
END_TEST

START_TEST(one_unwanted_event_is_both_ends)
{
	add_record(7, 99, false);
	ck_assert_int_eq(collect(STORE), ED_OK);
	ck_assert_str_eq(recorded(), "[7]");
}
END_TEST

START_TEST(an_empty_channel_is_an_empty_document)
{
	ck_assert_int_eq(collect(STORE), ED_OK);
	ck_assert_str_eq(recorded(), "");
	ck_assert_uint_eq(recording.gap_count, 0);
}
END_TEST

START_TEST(about_two_calls_an_event)
{
	for (uint64_t n = 1; n <= 4000; n++)
		add_record(n, 2008, true);
	ck_assert_int_eq(collect(STORE), ED_OK);
	ck_assert_int_le(fake.calls * 10, 4000 * 21);
}
END_TEST

/* An opening query that fails is the job's own failure. */
static const struct {
	uint32_t code;
	ed_status status;
} refusals[] = {
	{ 15007, ED_ABSENT }, { 5, ED_ACCESS }, { 1722, ED_IO }, { 1753, ED_IO }, { 31, ED_IO },
};

START_TEST(a_refused_channel_is_a_status)
{
	fake.query_code = refusals[_i].code;
	ck_assert_int_eq(collect(STORE), refusals[_i].status);
	ck_assert_uint_eq(err.os_code, refusals[_i].code);
	ck_assert_uint_gt(strlen(err.text), 0);
	ck_assert_uint_eq(recording.member_count, 0);
	ck_assert_uint_eq(recording.gap_count, 0);
}
END_TEST

START_TEST(a_channel_that_is_turned_off_is_read)
{
	fake.disabled = true;
	add_record(1, 2008, true);
	ck_assert_int_eq(collect(STORE), ED_OK);
	ck_assert_str_eq(recorded(), "1");
	assert_gap(ED_STATE_DISABLED, 0, "turned off");
}
END_TEST

START_TEST(a_channel_that_is_turned_off_and_empty_is_not_called_read)
{
	fake.disabled = true;
	ck_assert_int_eq(collect(STORE), ED_OK);
	ck_assert_uint_eq(recording.member_count, 0);
	assert_gap(ED_STATE_DISABLED, 0, "turned off");
}
END_TEST

START_TEST(a_configuration_that_cannot_be_read_changes_nothing)
{
	fake.config_code = 5;
	add_record(1, 2008, true);
	ck_assert_int_eq(collect(STORE), ED_OK);
	ck_assert_str_eq(recorded(), "1");
	ck_assert_uint_eq(recording.gap_count, 0);
}
END_TEST

START_TEST(batches_that_are_too_large_are_halved)
{
	for (uint64_t n = 1; n <= 300; n++)
		add_record(n, 2008, true);
	fake.largest_batch = 5;
	ck_assert_int_eq(collect(STORE), ED_OK);
	ck_assert_int_eq(strncmp(recorded(), "1 2 3 4 5 ", 10), 0);
	ck_assert_str_eq(recorded() + strlen(recorded()) - 12, " 298 299 300");
	ck_assert_uint_eq(recording.gap_count, 0);
	/* 64, 32, 16, 8, then 4 */
	ck_assert_uint_eq(fake.wanted_queries, 5);
}
END_TEST

START_TEST(a_batch_that_is_too_large_in_the_middle_is_asked_for_again)
{
	for (uint64_t n = 1; n <= 100; n++)
		add_record(n, 2008, true);
	fake.script[1] = ED_WEVT_BOUND;
	fake.script_count = 2;
	ck_assert_int_eq(collect(STORE), ED_OK);
	ck_assert_int_eq(strncmp(recorded(), "1 2 3 4 5 ", 10), 0);
	ck_assert_ptr_nonnull(strstr(recorded(), " 35 36 37 38 "));
	ck_assert_ptr_nonnull(strstr(fake.last_query, "EventRecordID &lt; 37"));
	ck_assert_uint_eq(recording.gap_count, 0);
}
END_TEST

/* 1734 for every size, one event included. */
START_TEST(an_event_that_is_too_large_is_passed_over_and_counted)
{
	for (uint64_t n = 1; n <= 3; n++)
		add_record(n, 2008, true);
	for (size_t i = 0; i < 7; i++) /* 64 to 1 */
		fake.script[i] = ED_WEVT_BOUND;
	fake.script_count = 7;
	ck_assert_int_eq(collect(STORE), ED_OK);
	ck_assert_str_eq(recorded(), "1 2 3");
	assert_gap(ED_STATE_DAMAGED, 1, "1734");
}
END_TEST

START_TEST(nothing_but_1734_comes_to_an_end)
{
	add_record(1, 2008, true);
	for (size_t i = 0; i < SCRIPT_MOST; i++)
		fake.script[i] = ED_WEVT_BOUND;
	fake.script_count = SCRIPT_MOST;
	ck_assert_int_eq(collect(STORE), ED_OK);
	ck_assert_uint_lt(fake.script_at, SCRIPT_MOST);
	assert_gap(ED_STATE_TRUNCATED, ED_LOST_UNKNOWN, "too large");
	ck_assert_uint_eq(recording.member_count, 0);
}
END_TEST

START_TEST(a_stale_result_is_asked_for_again_from_the_last_record)
{
	for (uint64_t n = 1; n <= 130; n++)
		add_record(n, 2008, true);
	fake.script[1] = ED_WEVT_STALE;
	fake.script_count = 2;
	ck_assert_int_eq(collect(STORE), ED_OK);
	ck_assert_int_eq(strncmp(recorded(), "1 2 3 ", 6), 0);
	ck_assert_ptr_nonnull(strstr(recorded(), " 65 66 67 68 "));
	ck_assert_ptr_nonnull(strstr(fake.last_query, "EventRecordID &lt; 67"));
	ck_assert_uint_eq(recording.gap_count, 0);
}
END_TEST

static const struct {
	uint32_t code;
	enum ed_state state;
	const char *why;
} endless[] = {
	{ ED_WEVT_STALE, ED_STATE_TRUNCATED, "kept changing" },
	{ ED_WEVT_TIMEOUT, ED_STATE_TIMED_OUT, "stopped answering" },
	{ ED_WEVT_CANCELLED, ED_STATE_TIMED_OUT, "cancelled" },
	{ 31, ED_STATE_DAMAGED, "error 31" },
};

START_TEST(what_does_not_end_is_ended_and_told)
{
	for (uint64_t n = 1; n <= 100; n++)
		add_record(n, 2008, true);
	for (size_t i = 1; i < SCRIPT_MOST; i++)
		fake.script[i] = endless[_i].code;
	fake.script_count = SCRIPT_MOST;
	ck_assert_int_eq(collect(STORE), ED_OK);
	ck_assert_uint_lt(fake.script_at, WEVT_TIMEOUTS + 4);
	/* the newest 64 are there, and no oldest that would speak for what is missing */
	ck_assert_int_eq(strncmp(recorded(), "37 38 ", 6), 0);
	assert_gap(endless[_i].state, ED_LOST_UNKNOWN, endless[_i].why);
}
END_TEST

START_TEST(a_second_query_that_fails_is_a_gap)
{
	for (uint64_t n = 1; n <= 100; n++)
		add_record(n, 2008, true);
	fake.script[1] = ED_WEVT_STALE;
	fake.script_count = 2;
	fake.second_code = 1722;
	ck_assert_int_eq(collect(STORE), ED_OK);
	ck_assert_int_eq(strncmp(recorded(), "37 38 ", 6), 0);
	assert_gap(ED_STATE_DAMAGED, ED_LOST_UNKNOWN, "1722");
}
END_TEST

START_TEST(a_slow_answer_is_waited_for)
{
	add_record(1, 2008, true);
	fake.script[0] = ED_WEVT_TIMEOUT;
	fake.script_count = 1;
	ck_assert_int_eq(collect(STORE), ED_OK);
	ck_assert_str_eq(recorded(), "1");
	ck_assert_uint_eq(recording.gap_count, 0);
}
END_TEST

START_TEST(time_that_is_up_keeps_the_newest)
{
	for (uint64_t n = 1; n <= 100; n++)
		add_record(n, 2008, true);
	fake.stop_after = 13; /* the newest one, then one a batch and one an event */
	ck_assert_int_eq(collect(STORE), ED_OK);
	ck_assert_str_eq(recorded(), "91 92 93 94 95 96 97 98 99 100");
	assert_gap(ED_STATE_TIMED_OUT, ED_LOST_UNKNOWN, "time was up");
}
END_TEST

START_TEST(time_that_was_up_before_it_began_leaves_no_member)
{
	add_record(1, 2008, true);
	fake.stop_after = 0;
	ck_assert_int_eq(collect(STORE), ED_OK);
	ck_assert_uint_eq(recording.member_count, 0);
	assert_gap(ED_STATE_TIMED_OUT, ED_LOST_UNKNOWN, "time was up");
}
END_TEST

START_TEST(large_events_make_the_buffer_grow)
{
	for (uint64_t n = 1; n <= 3; n++)
		add_record(n, 2008, true);
	fake.records[1].filler = 200 * 1024;
	ck_assert_int_eq(collect(STORE), ED_OK);
	ck_assert_str_eq(recorded(), "1 2 3");
	ck_assert_uint_gt(recording.members[0].bytes.len, 200 * 1024);
}
END_TEST

START_TEST(an_event_that_cannot_be_rendered_costs_itself)
{
	for (uint64_t n = 1; n <= 3; n++)
		add_record(n, 2008, true);
	fake.unrenderable = 2;
	ck_assert_int_eq(collect(STORE), ED_OK);
	ck_assert_str_eq(recorded(), "1 3");
	assert_gap(ED_STATE_DAMAGED, 1, "error 15029");
}
END_TEST

START_TEST(a_channel_over_its_limit_keeps_the_newest)
{
	for (uint64_t n = 1; n <= 100; n++) {
		add_record(n, 2008, true);
		fake.records[n - 1].filler = 128 * 1024;
	}
	ck_assert_int_eq(collect(STORE), ED_OK);
	ck_assert_uint_le(recording.members[0].bytes.len, ED_LIMIT_RECORDED_CHANNEL + 64);
	ck_assert_uint_gt(recording.members[0].bytes.len, ED_LIMIT_RECORDED_CHANNEL / 2);
	ck_assert_str_eq(recorded() + strlen(recorded()) - 7, " 99 100");
	ck_assert_int_ne(strncmp(recorded(), "1 2 ", 4), 0);
	assert_gap(ED_STATE_TRUNCATED, ED_LOST_UNKNOWN, "ED_LIMIT_RECORDED_CHANNEL");
}
END_TEST

START_TEST(system_goes_back_ten_starts)
{
	add_record(100, 1, true);
	for (uint64_t n = 0; n < 12; n++) {
		add_record(200 + 10 * n, 12, true);
		add_record(201 + 10 * n, 13, true);
	}
	ck_assert_int_eq(collect("System"), ED_OK);
	ck_assert_int_eq(strncmp(recorded(), "220 221 230 ", 12), 0);
	ck_assert_ptr_nonnull(strstr(fake.last_query, "EventRecordID &gt;= 220"));
	assert_gap(ED_STATE_READ, 0, "records before 220");
}
END_TEST

START_TEST(system_with_fewer_starts_is_read_whole)
{
	add_record(100, 1, false);
	for (uint64_t n = 0; n < 9; n++)
		add_record(200 + 10 * n, 12, true);
	ck_assert_int_eq(collect("System"), ED_OK);
	ck_assert_int_eq(strncmp(recorded(), "[100] 200 ", 10), 0);
	ck_assert_uint_eq(recording.gap_count, 0);
}
END_TEST

START_TEST(ten_starts_that_are_all_cut_nothing_off)
{
	for (uint64_t n = 0; n < 10; n++)
		add_record(1 + 10 * n, 12, true);
	ck_assert_int_eq(collect("System"), ED_OK);
	ck_assert_int_eq(strncmp(recorded(), "1 11 21 ", 8), 0);
	ck_assert_uint_eq(recording.gap_count, 0);
}
END_TEST

START_TEST(application_is_bound_by_a_number)
{
	for (uint64_t n = 1; n <= 1200; n++)
		add_record(n, 1001, true);
	ck_assert_int_eq(collect("Application"), ED_OK);
	ck_assert_int_eq(strncmp(recorded(), "201 202 ", 8), 0);
	assert_gap(ED_STATE_READ, 0, "newest 1000");
}
END_TEST

START_TEST(a_service_that_refuses_ids_is_asked_for_all)
{
	add_record(1, 99, false);
	add_record(2, 2008, true);
	fake.filtered_code = 15001;
	ck_assert_int_eq(collect(STORE), ED_OK);
	ck_assert_str_eq(recorded(), "1 2");
	assert_gap(ED_STATE_READ, 0, "without a filter");
}
END_TEST

START_TEST(line_ends_within_an_event_are_references)
{
	struct ed_str text;

	fake.text = "a\r\nb&lt;c";
	add_record(1, 2008, true);
	ck_assert_int_eq(collect(STORE), ED_OK);
	text = ed_buf_str(&recording.members[0].bytes);
	ck_assert_uint_ne(ed_str_find(text, ED_STR("<Data>a&#13;&#10;b&lt;c</Data>"), 0), SIZE_MAX);
	ck_assert_str_eq(recorded(), "1");
}
END_TEST

START_TEST(a_line_end_in_a_tag_is_a_blank)
{
	struct ed_buf out;

	ed_buf_init(&out, 1000);
	wevt_one_line(&out, ED_STR("<a\nb='1'>x\ny</a>"));
	ck_assert_str_eq(out.p, "<a b='1'>x&#10;y</a>");
	ed_buf_release(&out);
}
END_TEST

START_TEST(what_is_no_event_is_counted)
{
	struct ed_buf out, hold;

	ed_buf_init(&out, 1000);
	ed_buf_init(&hold, 1000);
	wevt_event_line(&out, &hold, "<\0A\0/\0>\0\0\0", 11);
	ck_assert_str_eq(out.p, "<A/>\n");
	ck_assert_uint_eq(wevt_event_record(ed_buf_str(&out)), 0);
	wevt_event_strip(&out, 0);
	ck_assert_str_eq(out.p, "<A/>\n");
	ck_assert_uint_eq(wevt_event_record(ED_STR("<EventRecordID>12")), 0);
	ck_assert_uint_eq(wevt_event_record(ED_STR("<EventRecordID>x</EventRecordID>")), 0);
	ed_buf_release(&out);
	ed_buf_release(&hold);
}
END_TEST

START_TEST(every_allocation_may_fail)
{
	long n;

	for (uint64_t i = 1; i <= 70; i++)
		add_record(i, 2008, true);
	fake.text = "a\nb";
	for (n = 0; n < 200; n++) {
		ed_status status;

		ed_alloc_fail_after(n);
		status = collect(STORE);
		ed_alloc_fail_after(-1);
		ck_assert_int_eq(fake.open, 0);
		if (status == ED_OK)
			break;
		ck_assert_int_eq(status, ED_NOMEM);
		ck_assert_uint_eq(recording.member_count, 0);
		fake.script_at = 0;
	}
	ck_assert_int_gt(n, 3);
	ck_assert_int_lt(n, 200);
	ck_assert_str_eq(recorded() + strlen(recorded()) - 6, " 69 70");
}
END_TEST

START_TEST(an_export_tells_its_failures)
{
	struct ed_wevt_api api = { .context = &fake, .export_log = fake_export };
	const struct ed_str file = ED_STR("C:\\out\\System.evtx");

	ck_assert_int_eq(ed_wevt_export(&api, ED_STR("System"), file, &err), ED_OK);
	fake.query_code = 15007;
	ck_assert_int_eq(ed_wevt_export(&api, ED_STR("System"), file, &err), ED_ABSENT);
	fake.query_code = 5;
	ck_assert_int_eq(ed_wevt_export(&api, ED_STR("System"), file, &err), ED_ACCESS);
	fake.query_code = 80;
	ck_assert_int_eq(ed_wevt_export(&api, ED_STR("System"), file, &err), ED_IO);
	ck_assert_uint_eq(err.os_code, 80);
	fake.query_code = 0;
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wevt");
	TCase *tcase = tcase_create("channel");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, events_come_oldest_first_with_the_ends_of_the_log);
	tcase_add_test(tcase, ends_that_were_asked_for_are_not_doubled);
	tcase_add_test(tcase, one_unwanted_event_is_both_ends);
	tcase_add_test(tcase, an_empty_channel_is_an_empty_document);
	tcase_add_test(tcase, about_two_calls_an_event);
	tcase_add_loop_test(tcase, a_refused_channel_is_a_status, 0, ED_COUNT(refusals));
	tcase_add_test(tcase, a_channel_that_is_turned_off_is_read);
	tcase_add_test(tcase, a_channel_that_is_turned_off_and_empty_is_not_called_read);
	tcase_add_test(tcase, a_configuration_that_cannot_be_read_changes_nothing);
	tcase_add_test(tcase, batches_that_are_too_large_are_halved);
	tcase_add_test(tcase, a_batch_that_is_too_large_in_the_middle_is_asked_for_again);
	tcase_add_test(tcase, an_event_that_is_too_large_is_passed_over_and_counted);
	tcase_add_test(tcase, nothing_but_1734_comes_to_an_end);
	tcase_add_test(tcase, a_stale_result_is_asked_for_again_from_the_last_record);
	tcase_add_loop_test(tcase, what_does_not_end_is_ended_and_told, 0, ED_COUNT(endless));
	tcase_add_test(tcase, a_second_query_that_fails_is_a_gap);
	tcase_add_test(tcase, a_slow_answer_is_waited_for);
	tcase_add_test(tcase, time_that_is_up_keeps_the_newest);
	tcase_add_test(tcase, time_that_was_up_before_it_began_leaves_no_member);
	tcase_add_test(tcase, large_events_make_the_buffer_grow);
	tcase_add_test(tcase, an_event_that_cannot_be_rendered_costs_itself);
	tcase_add_test(tcase, a_channel_over_its_limit_keeps_the_newest);
	tcase_add_test(tcase, system_goes_back_ten_starts);
	tcase_add_test(tcase, system_with_fewer_starts_is_read_whole);
	tcase_add_test(tcase, ten_starts_that_are_all_cut_nothing_off);
	tcase_add_test(tcase, application_is_bound_by_a_number);
	tcase_add_test(tcase, a_service_that_refuses_ids_is_asked_for_all);
	tcase_add_test(tcase, line_ends_within_an_event_are_references);
	tcase_add_test(tcase, a_line_end_in_a_tag_is_a_blank);
	tcase_add_test(tcase, what_is_no_event_is_counted);
	tcase_add_test(tcase, every_allocation_may_fail);
	tcase_add_test(tcase, an_export_tells_its_failures);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

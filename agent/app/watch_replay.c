/* SPDX-License-Identifier: MIT */
/* Recorded evidence through the screen of `watch`: a clock of its own, and the moments on its way.
 */
#include "watch.h"

#include "espdiag/analyze/analyze.h"
#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/platform/file.h"
#include "espdiag/platform/task.h"

#include "commands.h"
#include "run.h"

#include <stdlib.h>

/* Between two looks at the clock, the terminal's size and whether to stop. */
#define FRAME_MS 100
/* A replay may lag so far behind before its clock waits for it. */
#define LAG_MS 1000
#define TICKS_PER_MS (ED_TICKS_PER_SECOND / 1000)
#define HOUR (60 * ED_TICKS_PER_MINUTE)
/* A longer replay has no moment a minute. */
#define MINUTES_MOST (24 * HOUR)
/* How long before the first attempt or denial the story may begin. */
#define STORY (2 * HOUR)

struct replay {
	const struct ed_options *options;
	struct ed_deadline deadline;
	struct ed_arena arena; /* of the evidence, and of the log that goes on */
	struct ed_evidence evidence;
	struct ed_watch_log log;
	struct ed_watch watch;
	int64_t from, to;
};

static int compare_times(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Events of one second make one moment, the last of them. */
static void moments_merge(struct ed_watch_moments *m)
{
	size_t count = 0;

	if (!m->count)
		return;
	qsort(m->items, m->count, sizeof(*m->items), compare_times);
	for (size_t i = 1; i < m->count; i++) {
		if (m->items[count] / ED_TICKS_PER_SECOND != m->items[i] / ED_TICKS_PER_SECOND)
			count++;
		m->items[count] = m->items[i];
	}
	m->count = count + 1;
}

static bool is_new(const struct ed_watch_log *log, const struct ed_event_head *head)
{
	return !log->any || head->record > ed_watch_log_record(log, head->channel);
}

ed_status ed_watch_moments(const struct ed_evidence *evidence, const struct ed_watch_log *log,
			   int64_t from, int64_t to, bool minutes, struct ed_watch_moments *out,
			   struct ed_error *err)
{
	struct ed_watch_moments m = { NULL, 0 };
	size_t most = evidence->event_count + 1;

	if (minutes && to > from)
		most += (size_t)((to - from) / ED_TICKS_PER_MINUTE) + 1;
	m.items = ed_calloc(most, sizeof(*m.items));
	if (!m.items)
		return ed_fail(err, ED_NOMEM, "out of memory for a replay");
	for (size_t i = 0; i < evidence->event_count; i++) {
		const struct ed_event_head *head = &evidence->events[i].event.head;

		if (head->time != ED_TIME_NONE && head->time >= from && head->time <= to &&
		    is_new(log, head))
			m.items[m.count++] = head->time;
	}
	for (int64_t t = from - from % ED_TICKS_PER_MINUTE + ED_TICKS_PER_MINUTE;
	     minutes && t < to && m.count < most; t += ED_TICKS_PER_MINUTE)
		m.items[m.count++] = t;
	moments_merge(&m);
	*out = m;
	return ED_OK;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a == ED_TIME_NONE || (b != ED_TIME_NONE && b < a) ? b : a;
}

/*
 * A minute before the story of @v begins: the page's, or the chain's links, but nothing that lies
 * hours before the first attempt or denial.
 */
static int64_t story_begin(const struct ed_verdict *v)
{
	int64_t first = earlier(v->store.first_at, v->sign_in.first_at), begin;

	if (first == ED_TIME_NONE)
		first = v->esp.started_at;
	if (first == ED_TIME_NONE)
		first = v->evaluated_at;
	begin = first;
	if (v->esp.started_at != ED_TIME_NONE && v->esp.started_at > first - STORY)
		begin = earlier(begin, v->esp.started_at);
	for (size_t i = 0; i < v->chain_count; i++) {
		if (v->chain[i].at != ED_TIME_NONE && v->chain[i].at > first - STORY)
			begin = earlier(begin, v->chain[i].at);
	}
	return begin - ED_TICKS_PER_MINUTE;
}

/* Where the replay begins and ends, by what the whole evidence says. */
static ed_status range_find(struct replay *r, int64_t at, struct ed_error *err)
{
	const struct ed_analyze_options options = { .source = r->options->replay,
						    .at = at,
						    .now = ed_clock_now() };
	const struct ed_filter *asked = &r->options->filter;
	struct ed_verdict verdict;
	struct ed_arena arena;
	ed_status status;

	ed_arena_init(&arena, ED_LIMIT_RUN_ARENA);
	status = ed_analyze(&r->evidence, &options, &arena, &verdict, err);
	if (status == ED_OK) {
		r->to = verdict.evaluated_at;
		r->from = story_begin(&verdict);
	}
	ed_arena_release(&arena);
	ED_TRY(status);
	if (r->options->since_ago)
		r->from = r->to - r->options->since_ago;
	else if (asked->since != ED_TIME_NONE)
		r->from = asked->since;
	if (r->log.any)
		r->from = r->log.at;
	if (asked->until != ED_TIME_NONE && asked->until < r->to)
		r->to = asked->until;
	if (r->from > r->to)
		r->from = r->to;
	return ED_OK;
}

static ed_status evidence_read(struct replay *r, int64_t *at, bool *any_read, struct ed_error *err)
{
	const struct ed_run run = { .tables = &ed_app_sources };
	struct ed_ingest_stats stats = { .deadline = &r->deadline };
	struct ed_bundle_info bundle;

	ED_TRY(ed_bundle_inspect(r->options->replay, &r->arena, &bundle, err));
	ED_TRY(ed_run_path_read(&run, r->options->replay, &bundle, &r->evidence, &stats, err));
	ed_evidence_finish(&r->evidence);
	*any_read = stats.any_read;
	*at = r->options->at == ED_TIME_NONE ? bundle.evaluated_at : r->options->at;
	return ED_OK;
}

/* The clock of a replay. */
struct replay_clock {
	int64_t from;
	uint64_t begun_ms;
	uint32_t speed;
};

static int64_t clock_now(const struct replay_clock *c)
{
	uint64_t ms = ed_clock_ms() - c->begun_ms;

	return ms < UINT32_MAX ? c->from + (int64_t)ms * TICKS_PER_MS * (int64_t)c->speed
			       : INT64_MAX;
}

static bool is_stopped(const struct replay *r)
{
	return ed_interrupted() || ed_deadline_over(&r->deadline);
}

/* Waits until the clock shows @moment. False: the user stopped the program, or its time is over. */
static bool clock_wait(struct replay *r, struct replay_clock *c, int64_t moment)
{
	while (c->speed && !is_stopped(r)) {
		int64_t now = clock_now(c), left;

		if (now >= moment) {
			if (now - moment > LAG_MS * TICKS_PER_MS * (int64_t)c->speed)
				*c = (struct replay_clock){ moment, ed_clock_ms(), c->speed };
			break;
		}
		ed_watch_draw(&r->watch, now);
		left = (moment - now) / TICKS_PER_MS / (int64_t)c->speed + 1;
		ed_sleep_ms(left < FRAME_MS ? (uint32_t)left : FRAME_MS);
	}
	return !is_stopped(r);
}

static ed_status moments_play(struct replay *r, const struct ed_watch_moments *m,
			      struct ed_error *err)
{
	struct replay_clock clock = { r->from, ed_clock_ms(), r->options->speed };
	struct ed_watch *w = &r->watch;

	if (r->log.any)
		ed_watch_go_on(w, &r->log);
	ED_TRY(ed_watch_step(w, r->from, err));
	ed_watch_draw(w, r->from);
	for (size_t i = 0; i < m->count && !(r->options->until_done && ed_watch_page_done(w));
	     i++) {
		if (!clock_wait(r, &clock, m->items[i]))
			return ED_OK;
		ED_TRY(ed_watch_step(w, m->items[i], err));
		ed_watch_draw(w, m->items[i]);
	}
	if (r->options->until_done && ed_watch_page_done(w))
		return ED_OK;
	if (!clock_wait(r, &clock, r->to))
		return ED_OK;
	ED_TRY(ed_watch_step(w, r->to, err));
	ed_watch_draw(w, r->to);
	return ED_OK;
}

static ed_status replay_run(struct replay *r, bool *any_read, struct ed_error *err)
{
	struct ed_watch_moments moments;
	ed_status status;
	int64_t at;

	if (r->options->log.p)
		ED_TRY(ed_watch_log_load(r->options->log, &r->arena, &r->log, err));
	ED_TRY(evidence_read(r, &at, any_read, err));
	ED_TRY(range_find(r, at, err));
	ED_TRY(ed_watch_moments(&r->evidence, &r->log, r->from, r->to,
				r->to - r->from <= MINUTES_MOST, &moments, err));
	ed_watch_begin(&r->watch, r->options, r->options->replay);
	r->watch.evidence = &r->evidence;
	status = moments_play(r, &moments, err);
	ed_watch_end(&r->watch);
	ed_free(moments.items);
	return status;
}

ed_status ed_watch_replay(const struct ed_options *options, bool *any_read, struct ed_error *err)
{
	struct replay r = { .options = options };
	ed_status status;

	ed_deadline_begin(&r.deadline, options->timeout_seconds);
	ed_arena_init(&r.arena, ED_LIMIT_RUN_ARENA);
	ed_evidence_init(&r.evidence, &r.arena, ed_analyze_wants);
	status = replay_run(&r, any_read, err);
	ed_evidence_release(&r.evidence);
	ed_arena_release(&r.arena);
	return status;
}

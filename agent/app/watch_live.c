/* SPDX-License-Identifier: MIT */
/*
 * A device as it is: read once as `collect` does, then followed. New events go behind those of
 * their channel, and the evidence is made anew of all members, by the readers that would read a
 * bundle.
 */
#include "watch_live.h"

#include "espdiag/analyze/analyze.h"
#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/collectors/schedule.h"
#include "espdiag/platform/file.h"
#include "espdiag/platform/task.h"

#include "collect.h"
#include "commands.h"
#include "gather.h"
#include "instant.h"

#define READ_LIMIT_MS 60000
#define AGAIN_LIMIT_MS 10000
/* The longest wait: Ctrl+C is noticed after it, and the clock of the screen goes on. */
#define WAIT_MS 500
/* The verdict may change because time passes. */
#define JUDGE_MS 5000
/* Keys change by the dozen when they do. */
#define SETTLE_MS 1000
/* Until a channel that is not followed for now is tried again. */
#define RETRY_MS 30000

#define HIVE "HKEY_LOCAL_MACHINE\\"
#define EVENTS_END "</Events>\n"

/* What the page keeps there changes while it waits. */
static const char *const keys[] = {
	HIVE "SOFTWARE\\Microsoft\\Windows\\Autopilot\\EnrollmentStatusTracking",
	HIVE "SOFTWARE\\Microsoft\\Provisioning\\AutopilotSettings",
	HIVE "SOFTWARE\\Microsoft\\Enrollments",
};
/* What has no sign of its own, and is read again when events came. */
static const char *const volumes[] = { "Win32_EncryptableVolume" };

/* A channel's member, with what came since. */
struct channel {
	const struct ed_wevt_channel *row;
	struct ed_buf name, text;
	bool fresh; /* has more than the gathered member */
};

struct following {
	const struct ed_options *options;
	const struct ed_app_live *live;
	struct ed_arena device_arena;
	struct ed_device device;
	struct ed_gather gather;
	struct channel *channels;
	size_t channel_count;
	struct ed_arena arenas[2]; /* of the evidence, and of the one that takes its place */
	struct ed_evidence evidence[2];
	int current; /* -1: none yet */
	struct ed_instant begun;
	struct ed_deadline deadline;
	bool any_read, hung;
	struct ed_watch watch;
	struct ed_wevt_watch *events;
	uint64_t judged_ms, settle_ms, retry_ms; /* settle_ms 0: no key has changed */
	bool dirty, volume_due;
};

static struct channel *channel_find(struct following *f, struct ed_str name)
{
	for (size_t i = 0; i < f->channel_count; i++)
		if (ed_str_eq(ed_str_from(f->channels[i].row->name), name))
			return &f->channels[i];
	return NULL;
}

static ed_status channels_begin(struct following *f, struct ed_error *err)
{
	f->channels = ed_calloc(ed_wevt_channel_count, sizeof(*f->channels));
	if (!f->channels)
		return ed_fail(err, ED_NOMEM, "out of memory");
	f->channel_count = ed_wevt_channel_count;
	for (size_t i = 0; i < f->channel_count; i++) {
		f->channels[i].row = &ed_wevt_channels[i];
		ed_buf_init(&f->channels[i].name, ED_LIMIT_NAME_BYTES);
		ed_buf_init(&f->channels[i].text, ED_LIMIT_RECORDED);
	}
	return ED_OK;
}

static ed_status channel_keep(struct following *f, const struct ed_recorded *member,
			      struct ed_error *err)
{
	struct channel *c = member->form == ED_FORM_EVENTS
				    ? channel_find(f, ed_buf_str(&member->source))
				    : NULL;

	if (!c)
		return ED_OK;
	ed_buf_clear(&c->name);
	ed_buf_clear(&c->text);
	ed_buf_adds(&c->name, ed_buf_str(&member->name));
	ed_buf_adds(&c->text, ed_buf_str(&member->bytes));
	if (c->name.status != ED_OK || c->text.status != ED_OK)
		return ed_fail(err, ED_NOMEM, "out of memory for a channel");
	return ED_OK;
}

static ed_status recorded(void *context, const struct ed_live_job *job,
			  struct ed_recording *recording, struct ed_error *err)
{
	struct following *f = context;
	size_t gaps = recording->gap_count;
	ed_status status = ED_OK;

	(void)job;
	for (size_t i = 0; i < recording->member_count && status == ED_OK; i++)
		status = channel_keep(f, &recording->members[i], err);
	/* what a later look lacks, the first has told */
	if (f->current >= 0)
		recording->gap_count = 0;
	if (status == ED_OK)
		status = ed_gather_take(&f->gather, recording, err);
	recording->gap_count = gaps;
	return status;
}

static void progress(void *context, const struct ed_live_job *job, size_t done, size_t total)
{
	(void)context;
	(void)job;
	(void)done;
	(void)total;
}

static ed_status jobs_run(struct following *f, const struct ed_live_jobs *const *sets,
			  size_t set_count, uint32_t limit_ms, struct ed_error *err)
{
	const struct ed_schedule schedule = {
		.sets = sets,
		.set_count = set_count,
		.at_once = ed_collect_at_once(f->options),
		.first_ms = UINT32_MAX,
		.limit_ms = limit_ms,
		.context = f,
		.progress = progress,
		.recorded = recorded,
	};
	struct ed_schedule_result result = { .abandoned = 0 };
	ed_status status = ed_schedule_run(&schedule, &result, err);

	f->hung = f->hung || result.abandoned > 0;
	return status;
}

/* Runs the jobs whose source is one of @sources once more. */
static ed_status read_again(struct following *f, const char *const *sources, size_t count,
			    struct ed_error *err)
{
	struct ed_live_job again[ED_COUNT(keys) + ED_COUNT(volumes)];
	struct ed_live_jobs set = { again, 0 };
	const struct ed_live_jobs *const sets[] = { &set };

	for (size_t s = 0; s < f->live->set_count; s++) {
		for (size_t j = 0; j < f->live->sets[s]->count; j++) {
			const struct ed_live_job *job = &f->live->sets[s]->jobs[j];

			for (size_t i = 0; i < count && set.count < ED_COUNT(again); i++)
				if (strcmp(job->source, sources[i]) == 0)
					again[set.count++] = *job;
		}
	}
	if (!set.count)
		return ED_OK;
	f->dirty = true;
	return jobs_run(f, sets, 1, AGAIN_LIMIT_MS, err);
}

/* The gathered members of channels that have grown. */
static ed_status channels_take(struct following *f, struct ed_error *err)
{
	for (size_t i = 0; i < f->channel_count; i++) {
		struct channel *c = &f->channels[i];
		struct ed_recording recording;
		struct ed_buf *bytes;
		ed_status status;

		if (!c->fresh)
			continue;
		ed_recording_init(&recording);
		status = ed_recording_add(&recording, ED_FORM_EVENTS, ed_buf_str(&c->name),
					  ed_str_from(c->row->name), &bytes, err);
		if (status == ED_OK) {
			ed_buf_adds(bytes, ed_buf_str(&c->text));
			status = bytes->status == ED_OK
					 ? ed_gather_take(&f->gather, &recording, err)
					 : ed_fail(err, bytes->status, "cannot hold a channel");
		}
		ed_recording_release(&recording);
		if (status != ED_OK)
			return status;
		c->fresh = false;
	}
	return ED_OK;
}

static ed_status bundle_read(struct following *f, const struct ed_bundle *bundle, int next,
			     struct ed_error *err)
{
	struct ed_ingest_stats stats = { 0 };

	ED_TRY(ed_ingest_bundle(&ed_app_sources, bundle, &f->evidence[next], &stats, err));
	ed_evidence_finish(&f->evidence[next]);
	f->any_read = f->any_read || stats.any_read;
	return ED_OK;
}

static void evidence_release(struct following *f, int i)
{
	if (i < 0)
		return;
	ed_evidence_release(&f->evidence[i]);
	ed_arena_release(&f->arenas[i]);
}

/* The evidence of all that is gathered by now takes the place of the last. Without secrets, which
 * are nobody's business on a screen either. */
static ed_status evidence_renew(struct following *f, struct ed_error *err)
{
	const struct ed_gather_about about = { .device = &f->device,
					       .level = ED_REDACT_NONE,
					       .started_at = f->begun.wall,
					       .evaluated_at = ed_clock_now(),
					       .timeout_seconds = READ_LIMIT_MS / 1000 };
	int next = f->current == 0 ? 1 : 0;
	struct ed_bundle *bundle;
	ed_status status;

	ED_TRY(channels_take(f, err));
	ED_TRY(ed_gather_bundle(&f->gather, &about, &bundle, err));
	ed_arena_init(&f->arenas[next], ED_LIMIT_RUN_ARENA);
	ed_evidence_init(&f->evidence[next], &f->arenas[next], ed_analyze_wants);
	status = bundle_read(f, bundle, next, err);
	ed_bundle_free(bundle);
	if (status != ED_OK) {
		evidence_release(f, next);
		return status;
	}
	evidence_release(f, f->current);
	f->current = next;
	f->watch.evidence = &f->evidence[next];
	f->watch.judged = false;
	f->dirty = false;
	return ED_OK;
}

/* What happened since the log's last line, at the moments it happened. */
static ed_status missed_tell(struct following *f, struct ed_error *err)
{
	struct ed_watch_moments moments = { NULL, 0 };
	struct ed_watch_log log;
	struct ed_arena arena;
	ed_status status;

	if (!f->options->log.p)
		return ED_OK;
	ed_arena_init(&arena, ED_MIB);
	status = ed_watch_log_load(f->options->log, &arena, &log, err);
	if (status == ED_OK && log.any) {
		ed_watch_go_on(&f->watch, &log);
		status = ed_watch_moments(f->watch.evidence, &log, log.at, ed_clock_now(), false,
					  &moments, err);
		for (size_t i = 0; status == ED_OK && i < moments.count && !ed_interrupted(); i++)
			status = ed_watch_step(&f->watch, moments.items[i], err);
		ed_free(moments.items);
	}
	ed_arena_release(&arena);
	return status;
}

static ed_status took(void *context, const struct ed_wevt_channel *channel, struct ed_str lines,
		      struct ed_error *err)
{
	struct following *f = context;
	struct channel *c = channel_find(f, ed_str_from(channel->name));

	if (!c || c->text.len + lines.len > c->text.limit)
		return ED_OK; /* days of events: what came first is what matters */
	if (ed_str_ends(ed_buf_str(&c->text), ED_STR(EVENTS_END)))
		c->text.len -= sizeof(EVENTS_END) - 1;
	ed_buf_adds(&c->text, lines);
	ed_buf_addz(&c->text, EVENTS_END);
	if (c->text.status != ED_OK)
		return ed_fail(err, c->text.status, "cannot hold the events of '%s'",
			       channel->name);
	c->fresh = true;
	f->dirty = true;
	f->volume_due = true;
	return ED_OK;
}

/* A channel that was not read, or not even begun, is not followed: the coverage says why. */
static ed_status subscribe_all(struct following *f, const struct ed_wevt_api *api,
			       const struct ed_watch_signs *signs, struct ed_error *err)
{
	ED_TRY(ed_wevt_watch_new(api, signs, &f->events, err));
	for (size_t i = 0; i < f->channel_count; i++) {
		struct channel *c = &f->channels[i];
		ed_status status;

		if (!c->text.len)
			continue;
		status = ed_wevt_watch_add(f->events, c->row,
					   ed_wevt_last_record(ed_buf_str(&c->text)), err);
		if (status == ED_NOMEM)
			return status;
	}
	for (size_t i = 0; i < ED_COUNT(keys); i++)
		(void)signs->listen(signs->context, ed_str_from(keys[i] + sizeof(HIVE) - 1));
	*err = (struct ed_error){ .status = ED_OK };
	return ED_OK;
}

static ed_status judge(struct following *f, struct ed_error *err)
{
	struct ed_instant now = ed_instant_now();
	int64_t set = ed_instant_set(&f->begun, &now), newest;

	if (f->dirty)
		ED_TRY(evidence_renew(f, err));
	if (set) {
		ED_TRY(ed_watch_newest(&f->watch, &newest, err));
		now.wall = ed_instant_judged(now.wall, set, newest);
	}
	ED_TRY(ed_watch_step(&f->watch, now.wall, err));
	f->judged_ms = ed_clock_ms();
	ed_watch_draw(&f->watch, now.wall);
	return ED_OK;
}

/* Acts on what a wait ended with. */
static ed_status signs_take(struct following *f, unsigned signs, struct ed_error *err)
{
	uint64_t now = ed_clock_ms();

	if (signs & ED_WATCH_BROKEN)
		return ed_fail(err, ED_IO, "cannot wait for events any more");
	if ((signs & ED_WATCH_EVENTS) ||
	    (now - f->retry_ms >= RETRY_MS && ed_wevt_watch_is_broken(f->events))) {
		f->retry_ms = now;
		ED_TRY(ed_wevt_watch_take(f->events, f, took, err));
	}
	if (f->dirty)
		ED_TRY(judge(f, err));
	if ((signs & ED_WATCH_KEYS) && !f->settle_ms)
		f->settle_ms = now + SETTLE_MS;
	if (f->settle_ms && now >= f->settle_ms) {
		f->settle_ms = 0;
		ED_TRY(read_again(f, keys, ED_COUNT(keys), err));
	}
	if (f->volume_due) {
		f->volume_due = false;
		ED_TRY(read_again(f, volumes, ED_COUNT(volumes), err));
	}
	if (f->dirty || now - f->judged_ms >= JUDGE_MS)
		return judge(f, err);
	ed_watch_draw(&f->watch, ed_clock_now());
	return ED_OK;
}

static bool is_over(const struct following *f)
{
	int64_t until = f->options->filter.until;

	return ed_interrupted() || ed_deadline_over(&f->deadline) ||
	       (f->options->until_done && ed_watch_page_done(&f->watch)) ||
	       (until != ED_TIME_NONE && ed_clock_now() >= until);
}

static ed_status follow(struct following *f, const struct ed_watch_signs *signs,
			struct ed_error *err)
{
	ED_TRY(missed_tell(f, err));
	ED_TRY(judge(f, err));
	while (!is_over(f))
		ED_TRY(signs_take(f, signs->wait(signs->context, WAIT_MS), err));
	return ED_OK;
}

/* The first reading has its own limit, unless the whole run has less. */
static uint32_t read_limit_ms(uint32_t timeout_seconds)
{
	return timeout_seconds && timeout_seconds < READ_LIMIT_MS / 1000 ? timeout_seconds * 1000
									 : READ_LIMIT_MS;
}

static ed_status device_read(struct following *f, struct ed_error *err)
{
	ED_TRY(ed_device_read(&f->device_arena, &f->device, err));
	ED_TRY(ed_gather_begin(&f->gather, ED_REDACT_NONE, &f->device, err));
	ED_TRY(channels_begin(f, err));
	if (f->watch.terminal)
		ed_console_write(1, ED_STR("espdiag watch   reading this device ...\r\n"));
	ED_TRY(jobs_run(f, f->live->sets, f->live->set_count,
			read_limit_ms(f->options->timeout_seconds), err));
	return evidence_renew(f, err);
}

static ed_status device_follow(struct following *f, struct ed_error *err)
{
	struct ed_watch_signs signs = { .context = NULL };
	struct ed_wevt_api api = { .context = NULL };
	ed_status status;

	ED_TRY(f->live->follow_begin(&api, &signs, err));
	ed_watch_begin(&f->watch, f->options, ED_STR(ED_LIVE_SOURCE));
	status = device_read(f, err);
	if (status == ED_OK)
		status = subscribe_all(f, &api, &signs, err);
	if (status == ED_OK)
		status = follow(f, &signs, err);
	ed_watch_end(&f->watch);
	ed_wevt_watch_free(f->events);
	f->live->follow_end(&api, &signs);
	return status;
}

ed_status ed_watch_live(const struct ed_options *options, const struct ed_app_live *live,
			bool *any_read, bool *hung, struct ed_error *err)
{
	struct following f = {
		.options = options, .live = live, .current = -1, .begun = ed_instant_now()
	};
	ed_status status;

	ed_deadline_begin(&f.deadline, options->timeout_seconds);
	ed_arena_init(&f.device_arena, ED_LIMIT_RUN_ARENA);
	status = device_follow(&f, err);
	evidence_release(&f, f.current);
	for (size_t i = 0; i < f.channel_count; i++) {
		ed_buf_release(&f.channels[i].name);
		ed_buf_release(&f.channels[i].text);
	}
	ed_free(f.channels);
	ed_gather_release(&f.gather);
	ed_arena_release(&f.device_arena);
	*any_read = f.any_read;
	*hung = f.hung;
	return status;
}

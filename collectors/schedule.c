/* SPDX-License-Identifier: MIT */
/* Live jobs side by side, each on its own thread with a deadline. */
#include "espdiag/collectors/schedule.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/platform/task.h"

#include <stdio.h>

#define WAIT_MS 50 /* between looks at the deadlines */

/* What a thread works on. It belongs to the thread while that runs, and for good once abandoned. */
struct slot {
	struct ed_live live;
	const struct ed_live_job *job;
	uint64_t begun, deadline; /* of ed_clock_ms; past the deadline live.stopped says so */
	struct ed_recording recording;
	struct ed_buf scratch; /* what live.scratch points to */
	struct ed_error err;
	ed_status status;
};

struct run {
	const struct ed_schedule *schedule;
	struct ed_schedule_result *result;
	struct ed_task *tasks[ED_SCHEDULE_AT_ONCE]; /* NULL: free */
	struct slot *slots[ED_SCHEDULE_AT_ONCE];
	uint64_t begin;
	size_t started, early, early_ended, ended;
	bool looked;
};

static bool slot_stopped(const struct ed_live *live)
{
	const struct slot *slot = live->context;

	return ed_interrupted() || ed_clock_ms() >= slot->deadline;
}

static void slot_free(struct slot *slot)
{
	ed_recording_release(&slot->recording);
	ed_buf_release(&slot->scratch);
	ed_free(slot);
}

static void slot_run(void *context)
{
	struct slot *slot = context;

	slot->status = slot->job->run(slot->job, &slot->live, &slot->recording, &slot->err);
}

static void slot_discard(void *context)
{
	slot_free(context);
}

/* The @i-th job of the run: those that are not late come first. */
static const struct ed_live_job *job_at(const struct ed_schedule *s, size_t i)
{
	for (int late = 0; late < 2; late++) {
		for (size_t set = 0; set < s->set_count; set++) {
			for (size_t k = 0; k < s->sets[set]->count; k++) {
				if (s->sets[set]->jobs[k].late == (late == 1) && !i--)
					return &s->sets[set]->jobs[k];
			}
		}
	}
	return NULL;
}

static void jobs_count(struct run *run)
{
	const struct ed_schedule *s = run->schedule;

	for (size_t set = 0; set < s->set_count; set++) {
		for (size_t k = 0; k < s->sets[set]->count; k++) {
			run->result->jobs++;
			run->early += !s->sets[set]->jobs[k].late;
		}
	}
}

/* The coverage row of a job that did not end well. */
static ed_status job_gap(struct ed_recording *recording, const struct ed_live_job *job,
			 ed_status status, const char *why, struct ed_error *err)
{
	enum ed_state state = status == ED_ACCESS                               ? ED_STATE_DENIED
			      : status == ED_ABSENT || status == ED_UNSUPPORTED ? ED_STATE_ABSENT
										: ED_STATE_DAMAGED;
	uint64_t lost = state == ED_STATE_ABSENT ? 0 : ED_LOST_UNKNOWN;

	return ed_recording_gap(recording, ed_str_from(job->source), job->is_channel, state, lost,
				ed_str_from(why), err);
}

static ed_status job_ended(struct run *run, const struct ed_live_job *job,
			   struct ed_recording *recording, struct ed_error *err)
{
	run->ended++;
	run->early_ended += !job->late;
	return run->schedule->recorded(run->schedule->context, job, recording, err);
}

/* A job without a thread: it hangs, never began, or could not be started. */
static ed_status job_lost(struct run *run, const struct ed_live_job *job, enum ed_state state,
			  const char *why, struct ed_error *err)
{
	struct ed_recording recording;
	ed_status status;

	ed_recording_init(&recording);
	status = ed_recording_gap(&recording, ed_str_from(job->source), job->is_channel, state,
				  ED_LOST_UNKNOWN, ed_str_from(why), err);
	if (status == ED_OK)
		status = job_ended(run, job, &recording, err);
	ed_recording_release(&recording);
	return status;
}

static ed_status slot_ended(struct run *run, uint32_t i, struct ed_error *err)
{
	struct slot *slot = run->slots[i];
	ed_status status = ED_OK;

	ed_task_finish(run->tasks[i]);
	run->tasks[i] = NULL;
	run->slots[i] = NULL;
	if (slot->status != ED_OK)
		status = job_gap(&slot->recording, slot->job, slot->status,
				 slot->err.text[0] ? slot->err.text : ed_status_text(slot->status),
				 err);
	if (status == ED_OK)
		status = job_ended(run, slot->job, &slot->recording, err);
	slot_free(slot);
	return status;
}

static void slot_abandon(struct run *run, uint32_t i)
{
	ed_task_abandon(run->tasks[i]);
	run->tasks[i] = NULL;
	run->slots[i] = NULL;
	run->result->abandoned++;
}

static uint64_t run_end(const struct run *run)
{
	return run->begin + run->schedule->limit_ms;
}

static ed_status job_start(struct run *run, uint32_t i, const struct ed_live_job *job,
			   struct ed_error *err)
{
	const struct ed_schedule *s = run->schedule;
	struct ed_error why = { .status = ED_OK };
	struct slot *slot = ed_calloc(1, sizeof(*slot));

	if (!slot)
		return ed_fail(err, ED_NOMEM, "out of memory while collecting");
	if (s->progress)
		s->progress(s->context, job, run->ended, run->result->jobs);
	ed_recording_init(&slot->recording);
	ed_buf_init(&slot->scratch, ED_LIMIT_NAME_BYTES * 4);
	ed_buf_adds(&slot->scratch, s->scratch);
	slot->live = (struct ed_live){ .context = slot,
				       .stopped = slot_stopped,
				       .raw = s->raw,
				       .scratch = ed_buf_str(&slot->scratch) };
	if (slot->scratch.status != ED_OK) {
		slot_free(slot);
		return ed_fail(err, ED_NOMEM, "out of memory while collecting");
	}
	slot->job = job;
	slot->begun = ed_clock_ms();
	slot->deadline = slot->begun + job->limit_ms;
	if (slot->deadline > run_end(run))
		slot->deadline = run_end(run);
	run->slots[i] = slot;
	if (ed_task_start(slot_run, slot_discard, slot, &run->tasks[i], &why) == ED_OK)
		return ED_OK;
	run->slots[i] = NULL;
	slot_free(slot);
	return job_lost(run, job, ED_STATE_DAMAGED, why.text, err);
}

static bool is_over(const struct run *run)
{
	return ed_interrupted() || ed_clock_ms() >= run_end(run);
}

/* Fills the free slots; when the run is over, says of every job that is left that it never began.
 */
static ed_status jobs_start(struct run *run, struct ed_error *err)
{
	const char *why = ed_interrupted() ? "not read: stopped by the user"
					   : "not read: the time of the run was up";

	for (uint32_t i = 0; i < run->schedule->at_once && run->started < run->result->jobs; i++) {
		if (run->tasks[i])
			continue;
		while (is_over(run) && run->started < run->result->jobs)
			ED_TRY(job_lost(run, job_at(run->schedule, run->started++),
					ED_STATE_TIMED_OUT, why, err));
		if (run->started < run->result->jobs)
			ED_TRY(job_start(run, i, job_at(run->schedule, run->started++), err));
	}
	return ED_OK;
}

/* Gives up what was told to stop and did not. */
static ed_status late_give_up(struct run *run, uint64_t interrupted_at, struct ed_error *err)
{
	char why[80];

	for (uint32_t i = 0; i < run->schedule->at_once; i++) {
		const struct ed_live_job *job;
		uint64_t told, now = ed_clock_ms();

		if (!run->tasks[i])
			continue;
		told = run->slots[i]->deadline;
		if (interrupted_at && interrupted_at < told)
			told = interrupted_at;
		if (now < told + ED_SCHEDULE_GRACE_MS)
			continue;
		job = run->slots[i]->job;
		snprintf(why, sizeof(why), "no answer within %lu s; given up",
			 (unsigned long)((run->slots[i]->deadline - run->slots[i]->begun + 999) /
					 1000));
		slot_abandon(run, i);
		ED_TRY(job_lost(run, job, ED_STATE_TIMED_OUT,
				interrupted_at ? "stopped by the user" : why, err));
	}
	return ED_OK;
}

static ed_status look(struct run *run, struct ed_error *err)
{
	const struct ed_schedule *s = run->schedule;
	bool time = ed_clock_ms() >= run->begin + s->first_ms;

	if (run->looked || !s->first_look || ed_interrupted() ||
	    (run->early_ended < run->early && !time))
		return ED_OK;
	run->looked = true;
	return s->first_look(s->context, err);
}

/*
 * Waits for a job to end, and takes all that have: what they recorded may keep this thread busy for
 * longer than the others' deadlines, and a job that has ended is never given up.
 */
static ed_status ended_take(struct run *run, bool interrupt, struct ed_error *err)
{
	uint32_t which, wait = WAIT_MS;

	while (ed_task_wait_any(run->tasks, run->schedule->at_once, wait, interrupt, &which)) {
		ED_TRY(slot_ended(run, which, err));
		wait = 0;
		interrupt = false;
	}
	return ED_OK;
}

static ed_status jobs_run(struct run *run, struct ed_error *err)
{
	uint64_t interrupted_at = 0;

	while (run->ended < run->result->jobs) {
		ED_TRY(jobs_start(run, err));
		ED_TRY(ended_take(run, !interrupted_at, err));
		if (!interrupted_at && ed_interrupted()) {
			interrupted_at = ed_clock_ms();
			run->result->interrupted = true;
		}
		ED_TRY(late_give_up(run, interrupted_at, err));
		ED_TRY(look(run, err));
	}
	return ED_OK;
}

ed_status ed_schedule_run(const struct ed_schedule *schedule, struct ed_schedule_result *result,
			  struct ed_error *err)
{
	struct ed_schedule own = *schedule;
	struct run run = { .schedule = &own, .result = result };
	ed_status status;

	if (!own.at_once || own.at_once > ED_SCHEDULE_AT_ONCE)
		own.at_once = ED_SCHEDULE_AT_ONCE;
	*result = (struct ed_schedule_result){ .jobs = 0 };
	run.begin = ed_clock_ms();
	jobs_count(&run);
	status = jobs_run(&run, err);
	for (uint32_t i = 0; i < own.at_once; i++) {
		if (run.tasks[i])
			slot_abandon(&run, i);
	}
	return status;
}

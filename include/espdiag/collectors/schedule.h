/* SPDX-License-Identifier: MIT */
/*
 * Runs the jobs of live collectors side by side within their time limits. Whatever a job does, the
 * others go on, and what it cannot deliver becomes a gap.
 */
#ifndef ESPDIAG_COLLECTORS_SCHEDULE_H
#define ESPDIAG_COLLECTORS_SCHEDULE_H

#include "espdiag/collectors/live.h"

/* A job that was told to stop gets this long to finish before it is abandoned. */
#define ED_SCHEDULE_GRACE_MS 500

struct ed_schedule {
	const struct ed_live_jobs *const *sets;
	size_t set_count;
	uint32_t at_once;  /* jobs running at the same time, at most ED_SCHEDULE_AT_ONCE */
	uint32_t first_ms; /* the first look comes no later than this after the start */
	uint32_t limit_ms; /* the whole run */
	bool raw;          /* handed on to the jobs, and so is scratch */
	struct ed_str scratch;
	void *context; /* of the calls below, which all come on the calling thread */
	/* A job begins; @done of @total have ended. */
	void (*progress)(void *context, const struct ed_live_job *job, size_t done, size_t total);
	/* A job has ended, or was given up: what it recorded, to be taken or left. */
	ed_status (*recorded)(void *context, const struct ed_live_job *job,
			      struct ed_recording *recording, struct ed_error *err);
	/* Once: all jobs that are not late have ended, or first_ms is over. May be NULL. */
	ed_status (*first_look)(void *context, struct ed_error *err);
};

#define ED_SCHEDULE_AT_ONCE 16

struct ed_schedule_result {
	size_t jobs, abandoned; /* abandoned: their threads may still run */
	bool interrupted;       /* the user stopped the run */
};

/*
 * Returns when every job has ended or was given up, at the latest limit_ms and the grace after the
 * start. ED_NOMEM, or what a call returned; jobs that run then are abandoned.
 */
ed_status ed_schedule_run(const struct ed_schedule *schedule, struct ed_schedule_result *result,
			  struct ed_error *err);

#endif

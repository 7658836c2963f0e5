/* SPDX-License-Identifier: MIT */
/* From evidence to verdict: pure, deterministic, no input or output. */
#ifndef ESPDIAG_ANALYZE_ANALYZE_H
#define ESPDIAG_ANALYZE_ANALYZE_H

#include "espdiag/analyze/verdict.h"
#include "espdiag/model/evidence.h"

struct ed_analyze_options {
	struct ed_str source; /* PATH as the user gave it; goes into the verdict */
	int64_t at;           /* evaluate as of; ED_TIME_NONE = the newest event */
	int64_t now;          /* used only when there is no event and no @at */
	int64_t since;        /* events and log lines before it are not used; 0: all are */
	int64_t since_ago;    /* the same in ticks before the time of evaluation; 0: all are */
};

/* True for the events that some rule or episode uses; everything else need not be kept. */
bool ed_analyze_wants(const struct ed_event_head *head);

/*
 * @evidence must be finished. All of the verdict lives in @arena or points into @evidence, which
 * must outlive it. ED_NOMEM.
 */
ed_status ed_analyze(const struct ed_evidence *evidence, const struct ed_analyze_options *options,
		     struct ed_arena *arena, struct ed_verdict *verdict, struct ed_error *err);

#endif

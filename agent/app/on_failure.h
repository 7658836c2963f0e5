/* SPDX-License-Identifier: MIT */
/* What a run that nobody watches does with its verdict: keep it, tell it, ask again. */
#ifndef AGENT_APP_ON_FAILURE_H
#define AGENT_APP_ON_FAILURE_H

#include "espdiag/analyze/verdict.h"
#include "espdiag/base/error.h"

struct ed_on_failure {
	bool keep; /* the page failed, or takes too long: this bundle is wanted */
	bool over; /* the task has nothing more to wait for */
};

/*
 * Wanted: the page failed; its limit is over; the account phase has used three quarters of its
 * limit; or something blocks and the limit is not known. Over: wanted, or the page is done.
 */
void ed_on_failure_decide(const struct ed_verdict *verdict, struct ed_on_failure *out);

/* One event in the Application log. ED_UNSUPPORTED outside Windows. */
ed_status ed_verdict_to_eventlog(const struct ed_verdict *verdict, struct ed_str ticket,
				 struct ed_error *err);

#endif

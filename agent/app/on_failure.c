/* SPDX-License-Identifier: MIT */
/* When a run that nobody watches is worth keeping, and its line in the event log. */
#include "on_failure.h"

#include "espdiag/install/install.h"
#include "espdiag/platform/eventlog.h"

/* Of the limit of the account phase. */
#define SHARE_USED 3
#define SHARE_OF 4

static bool account_takes_long(const struct ed_esp *esp)
{
	return esp->phase_known && esp->phase == ED_PHASE_ACCOUNT_SETUP &&
	       esp->minutes_left * SHARE_OF <= esp->timeout_minutes * (SHARE_OF - SHARE_USED);
}

void ed_on_failure_decide(const struct ed_verdict *verdict, struct ed_on_failure *out)
{
	const struct ed_esp *esp = &verdict->esp;
	bool done = esp->phase_known && esp->phase == ED_PHASE_DONE;
	bool limit_known = esp->minutes_left != ED_UNKNOWN && esp->timeout_minutes != ED_UNKNOWN;

	out->keep = verdict->outcome == ED_OUTCOME_FAILED;
	if (!done && limit_known)
		out->keep |= esp->minutes_left == 0 || account_takes_long(esp);
	else if (!done)
		out->keep |= verdict->outcome == ED_OUTCOME_BLOCKED;
	out->over = out->keep || done;
}

/* Ids of the message table; they are promised and never change their meaning. */
static const struct {
	uint32_t id;
	enum ed_eventlog_level level;
} events[] = {
	[ED_OUTCOME_BLOCKED] = { 100, ED_EVENTLOG_ERROR },
	[ED_OUTCOME_WAITING] = { 101, ED_EVENTLOG_INFORMATION },
	[ED_OUTCOME_RECOVERED] = { 102, ED_EVENTLOG_INFORMATION },
	[ED_OUTCOME_FAILED] = { 103, ED_EVENTLOG_ERROR },
	[ED_OUTCOME_HEALTHY] = { 104, ED_EVENTLOG_INFORMATION },
	[ED_OUTCOME_INCONCLUSIVE] = { 105, ED_EVENTLOG_WARNING },
};

ed_status ed_verdict_to_eventlog(const struct ed_verdict *verdict, struct ed_str ticket,
				 struct ed_error *err)
{
	const struct ed_str strings[] = {
		ed_str_from(ed_outcome_word(verdict->outcome)),
		verdict->primary ? ed_str_from(verdict->primary) : ED_STR("-"),
		ed_str_from(ed_certainty_word(verdict->certainty)),
		ticket,
		verdict->summary,
	};

	return ed_eventlog_write(ED_STR(ED_INSTALL_SOURCE), events[verdict->outcome].id,
				 events[verdict->outcome].level, strings, ED_COUNT(strings), err);
}

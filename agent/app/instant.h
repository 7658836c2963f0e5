/* SPDX-License-Identifier: MIT */
/*
 * As of when a live run judges. The clock of a device that is being set up is often set, and
 * evidence that was read before is on the clock before: judged as of the new one, an hour of it
 * would lie in the future and count for nothing.
 */
#ifndef AGENT_APP_INSTANT_H
#define AGENT_APP_INSTANT_H

#include <stdint.h>

/* When something began, by the clock and by the one that only goes forward. */
struct ed_instant {
	int64_t wall;
	uint64_t ms;
};

struct ed_instant ed_instant_now(void);
/* By how much the clock was set from @begun to @now: whole seconds, in ticks; 0 when it only went
 * on. */
int64_t ed_instant_set(const struct ed_instant *begun, const struct ed_instant *now);
/*
 * The time to judge as of, when the clock shows @now after it was set by @set, and @newest is the
 * end of the evidence (ED_TIME_NONE: it has none): @now when the evidence knows that clock, else
 * what the clock would show had nobody set it, or, set back, the evidence's end before that.
 */
int64_t ed_instant_judged(int64_t now, int64_t set, int64_t newest);

#endif

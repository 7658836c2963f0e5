/* SPDX-License-Identifier: MIT */
/* When a run has to be over (--timeout). What was not read by then is said, and the rest is used.
 */
#ifndef AGENT_APP_DEADLINE_H
#define AGENT_APP_DEADLINE_H

#include "espdiag/base/error.h"

#include <stdbool.h>
#include <stdint.h>

/* Zeroed, it never comes. Threads may share one. */
struct ed_deadline {
	uint32_t seconds; /* as it was asked for; 0: there is none */
	uint64_t end_ms;
	uint64_t (*clock_ms)(void *context); /* NULL: the system's */
	void *context;
};

/* @seconds from now on; 0: never. Of the other members only end_ms is set. */
void ed_deadline_begin(struct ed_deadline *deadline, uint32_t seconds);
/* @deadline NULL: never. */
bool ed_deadline_over(const struct ed_deadline *deadline);
/* ED_LIMIT, and in @err that the time is over. */
ed_status ed_deadline_fail(const struct ed_deadline *deadline, struct ed_error *err);

#endif

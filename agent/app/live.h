/* SPDX-License-Identifier: MIT */
/* The live collectors of this system; there are none outside Windows. */
#ifndef AGENT_APP_LIVE_H
#define AGENT_APP_LIVE_H

#include "espdiag/collectors/live.h"

struct ed_app_live {
	const struct ed_live_jobs *const *sets;
	size_t set_count;
};

extern const struct ed_app_live ed_app_live;

#endif

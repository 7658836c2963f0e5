/* SPDX-License-Identifier: MIT */
/* The live collectors of this system; there are none outside Windows. */
#ifndef AGENT_APP_LIVE_H
#define AGENT_APP_LIVE_H

#include "espdiag/collectors/live.h"
#include "espdiag/collectors/wevt_watch.h"

struct ed_app_live {
	const struct ed_live_jobs *const *sets;
	size_t set_count;
	/* What says that something has changed; both NULL where nothing does. ED_UNSUPPORTED ... */
	ed_status (*follow_begin)(struct ed_wevt_api *api, struct ed_watch_signs *signs,
				  struct ed_error *err);
	void (*follow_end)(struct ed_wevt_api *api, struct ed_watch_signs *signs);
};

extern const struct ed_app_live ed_app_live;

/*
 * Before the jobs begin, while there is one thread only: loads the libraries they will ask for. One
 * that starts up on one thread may wait for what another thread has begun, and then both wait for
 * ever.
 */
void ed_app_live_prepare(void);

#endif

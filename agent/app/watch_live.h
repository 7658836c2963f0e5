/* SPDX-License-Identifier: MIT */
/* The live side of `espdiag watch`. */
#ifndef AGENT_APP_WATCH_LIVE_H
#define AGENT_APP_WATCH_LIVE_H

#include "live.h"
#include "watch.h"

/*
 * Reads the device by @live's jobs and follows it until the user, --until or --until-done ends it.
 * *any_read: some evidence could be read. *hung: a job still runs, so that the process has to be
 * ended at once. ED_UNSUPPORTED: it cannot be followed.
 */
ed_status ed_watch_live(const struct ed_options *options, const struct ed_app_live *live,
			bool *any_read, bool *hung, struct ed_error *err);

#endif

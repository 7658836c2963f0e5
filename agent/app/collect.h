/* SPDX-License-Identifier: MIT */
/* A live run, apart from where its jobs come from: tests hand in jobs of their own. */
#ifndef AGENT_APP_COLLECT_H
#define AGENT_APP_COLLECT_H

#include "commands.h"
#include "live.h"

/* The source of a verdict that was made on the device itself. */
#define ED_LIVE_SOURCE "live"

/* The first look comes after this long at the latest: a technician waits for it. */
#define ED_COLLECT_FIRST_MS 9000

/* Sources that are read at the same time: --jobs, as far as there are places, else eight. */
uint32_t ed_collect_at_once(const struct ed_options *options);

/*
 * Runs all jobs of @live, prints the verdict, writes the bundle. *hung is set when a job was
 * abandoned: its thread may still run, so the program must end without waiting for it.
 */
enum ed_exit ed_collect(const struct ed_options *options, const struct ed_app_live *live,
			bool *hung, struct ed_error *err);

#endif

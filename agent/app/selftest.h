/* SPDX-License-Identifier: MIT */
/* The self-test, apart from where its jobs come from. */
#ifndef AGENT_APP_SELFTEST_H
#define AGENT_APP_SELFTEST_H

#include "commands.h"
#include "live.h"

/* Runs all jobs of @live and writes what was seen to options->output. *hung as for ed_collect. */
ed_status ed_selftest(const struct ed_options *options, const struct ed_app_live *live, bool *hung,
		      struct ed_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/* Live jobs that record registry keys as .reg text, one member each: "registry/<name>.reg". */
#ifndef ESPDIAG_COLLECTORS_REGISTRY_H
#define ESPDIAG_COLLECTORS_REGISTRY_H

#include "espdiag/collectors/live.h"

/* Windows only. */
extern const struct ed_live_jobs ed_registry_jobs;

#endif

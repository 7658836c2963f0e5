/* SPDX-License-Identifier: MIT */
/* The live job that records who the device and the caller are: "state/identity.json". */
#ifndef ESPDIAG_COLLECTORS_IDENTITY_H
#define ESPDIAG_COLLECTORS_IDENTITY_H

#include "espdiag/collectors/live.h"

/* Windows only. */
extern const struct ed_live_jobs ed_identity_jobs;

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Live jobs that record files: logs of the Intune Management Extension ("logs/"), the Autopilot
 * profile ("state/autopilot-profile.json") and measured-boot logs ("measured-boot/").
 */
#ifndef ESPDIAG_COLLECTORS_FILES_H
#define ESPDIAG_COLLECTORS_FILES_H

#include "espdiag/collectors/live.h"

/* Windows only. */
extern const struct ed_live_jobs ed_files_jobs;

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A device in this process: the jobs of `espdiag collect` over doubles of the event log, WMI, the
 * TPM services and the registry, so that a live run happens on any system. Each call of a double is
 * a step of the seam.
 */
#ifndef ED_TESTS_FAULTS_TWIN_H
#define ED_TESTS_FAULTS_TWIN_H

#include <stdbool.h>

/*
 * Reads what the device has: @events holds a file a channel, one event a line, as
 * tests/win32/prepare_events.py makes it; @boot_log is its measured boot log; @ime the folder of
 * the management extension's logs. False: something is missing.
 */
bool twin_begin(const char *events, const char *boot_log, const char *ime);
/* From now on the device has no WMI, and its volumes no live state, or it has. */
void twin_without_wmi(bool without);
/* Handles of the doubles that nobody closed. */
int twin_open(void);

#endif

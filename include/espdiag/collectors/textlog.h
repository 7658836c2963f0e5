/* SPDX-License-Identifier: MIT */
/* Readers of text: Intune Management Extension logs in CMTrace form, and `dsregcmd /status` output.
 */
#ifndef ESPDIAG_COLLECTORS_TEXTLOG_H
#define ESPDIAG_COLLECTORS_TEXTLOG_H

#include "espdiag/collectors/input.h"

extern const struct ed_reader ed_reader_cmtrace;
extern const struct ed_reader ed_reader_dsreg;

#endif

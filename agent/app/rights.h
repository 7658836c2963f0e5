/* SPDX-License-Identifier: MIT */
/* Whether a better right would have let a live run see more. */
#ifndef AGENT_APP_RIGHTS_H
#define AGENT_APP_RIGHTS_H

#include "espdiag/analyze/verdict.h"
#include "espdiag/base/buf.h"
#include "espdiag/platform/device.h"

/*
 * Appends "Rights: WHAT" and, where sources of @verdict were denied, who would have read them and
 * their names: two lines of 79 columns at the most. Failures stick in @out.
 */
void ed_rights_line(enum ed_rights rights, const struct ed_verdict *verdict, struct ed_buf *out);

#endif

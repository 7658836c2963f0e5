/* SPDX-License-Identifier: MIT */
/* What is shown of evidence, without secrets: whoever recorded it may have had none of our rules.
 */
#ifndef AGENT_APP_GUARD_H
#define AGENT_APP_GUARD_H

#include "espdiag/analyze/verdict.h"
#include "espdiag/base/arena.h"

/*
 * Replaces the fields of the cited evidence that hold a secret of CONTRACT section 6 (a recovery
 * password, a token, ...). New text lives in @arena. ED_NOMEM.
 */
ed_status ed_guard_verdict(struct ed_verdict *verdict, struct ed_arena *arena,
			   struct ed_error *err);

#endif

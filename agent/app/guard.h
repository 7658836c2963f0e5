/* SPDX-License-Identifier: MIT */
/* What is shown of evidence, without secrets: whoever recorded it may have had none of our rules.
 * And without names, where that is asked for. */
#ifndef AGENT_APP_GUARD_H
#define AGENT_APP_GUARD_H

#include "espdiag/analyze/verdict.h"
#include "espdiag/base/arena.h"
#include "espdiag/model/evidence.h"
#include "espdiag/redact/redact.h"

/*
 * Replaces the fields of the cited evidence that hold a secret of CONTRACT section 6 (a recovery
 * password, a token, ...). New text lives in @arena. ED_NOMEM.
 */
ed_status ed_guard_verdict(struct ed_verdict *verdict, struct ed_arena *arena,
			   struct ed_error *err);

/*
 * The names in what the verdict shows of @evidence become pseudonyms, as @level says. Their key
 * comes from that text itself, so that the same evidence gives the same bytes. New text lives in
 * @arena. ED_NOMEM, ED_LIMIT, ED_IO (no digest to be had).
 */
ed_status ed_guard_names(struct ed_verdict *verdict, const struct ed_evidence *evidence,
			 enum ed_redact_level level, struct ed_arena *arena, struct ed_error *err);

#endif

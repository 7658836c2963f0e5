/* SPDX-License-Identifier: MIT */
/*
 * What a live run has collected, from the recordings of its jobs to the redacted members of a
 * bundle. Members are held as they were found until the run is over: only then is every name known
 * that has to be replaced.
 */
#ifndef AGENT_APP_GATHER_H
#define AGENT_APP_GATHER_H

#include "espdiag/bundle/bundle.h"
#include "espdiag/collectors/live.h"
#include "espdiag/platform/device.h"
#include "espdiag/redact/redact.h"

struct ed_gather {
	struct ed_bundle *found; /* members as recorded: never written anywhere */
	struct ed_redactor *redactor;
	struct ed_recording lacks; /* its gaps: what the run could not get */
};

/* What state/run.json says besides the coverage. */
struct ed_gather_about {
	const struct ed_device *device;
	struct ed_str device_tag; /* .p NULL when unknown or dropped */
	enum ed_redact_level level;
	int64_t started_at, evaluated_at;
	int64_t clock_set; /* by how much between the two, in ticks; 0: it only went on */
	uint32_t timeout_seconds;
	int64_t since_ago; /* ticks before evaluated_at, from which on events are used; 0: all */
	bool raw, interrupted;
};

/* The @device's own names are known to the redaction from the start. ED_NOMEM, ED_IO (no random
 * numbers). On failure there is nothing to release. */
ed_status ed_gather_begin(struct ed_gather *gather, enum ed_redact_level level,
			  const struct ed_device *device, struct ed_error *err);
void ed_gather_release(struct ed_gather *gather);
/* Copies all of @recording. ED_NOMEM; a member past a limit becomes a gap. */
ed_status ed_gather_take(struct ed_gather *gather, const struct ed_recording *recording,
			 struct ed_error *err);
/*
 * Makes a new bundle of all that was taken so far, redacted, with state/run.json. What cannot be
 * redacted for sure is left out and is a gap. May be called again after more was taken. ED_NOMEM.
 */
ed_status ed_gather_bundle(struct ed_gather *gather, const struct ed_gather_about *about,
			   struct ed_bundle **out, struct ed_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/* One event log after the other printed by several threads, in the order of its records. */
#ifndef AGENT_APP_EVENTS_JOBS_H
#define AGENT_APP_EVENTS_JOBS_H

#include "espdiag/base/limits.h"
#include "espdiag/collectors/evtx_dump.h"

struct ed_events_jobs;

/* Output of a part that is held until it is its turn: some ten times of what is usual. */
#define ED_EVENTS_JOBS_HELD (24 * ED_MIB)

/*
 * @count threads, each of which holds up to @held bytes of output; @options is what
 * ed_evtx_dump_new would get, for XML (@is_xml) or JSON, and copied. Everything goes to its flush,
 * on the thread of the caller. ED_NOMEM.
 */
ed_status ed_events_jobs_new(uint32_t count, size_t held,
			     const struct ed_evtx_dump_options *options, bool is_xml,
			     struct ed_events_jobs **jobs, struct ed_error *err);
/* NULL is harmless. */
void ed_events_jobs_free(struct ed_events_jobs *jobs);

/* Whether @input is large enough to be divided. */
bool ed_events_jobs_suit(const struct ed_input *input);
/* As ed_evtx_dump_read, byte for byte; *stats are this log's. */
ed_status ed_events_jobs_read(struct ed_events_jobs *jobs, const struct ed_input *input,
			      struct ed_sink *sink, struct ed_evtx_dump_stats *stats,
			      struct ed_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/* The events of all PATHs of a run as one stream of text. */
#ifndef AGENT_APP_EVENTS_RUN_H
#define AGENT_APP_EVENTS_RUN_H

#include "events_screen.h"
#include "ingest.h"
#include "options.h"

struct ed_events_run {
	enum ed_format format; /* ED_FORMAT_JSON is ED_FORMAT_NDJSON here */
	const struct ed_filter *filter;
	const struct ed_wanted *fields;
	uint32_t jobs;                      /* threads; 0 and 1: none but this */
	const struct ed_deadline *deadline; /* NULL: none */
	ed_status (*write)(void *context, struct ed_str text, struct ed_error *err);
	void *context;
	struct ed_events_screen *screen; /* secrets are never printed */
	struct ed_buf *notes; /* a line for each thing that could not be read; NULL: none wanted */
	bool any_read, any_lost;   /* out, as in struct ed_ingest_stats */
	uint64_t written, skipped; /* out: events, and records that were not examined */
};

/*
 * Prints the events of @paths in their order. What cannot be read is a note and any_lost. ED_NOMEM,
 * ED_LIMIT, or what write returned.
 */
ed_status ed_events_run(struct ed_events_run *run, const char *const *paths, size_t path_count,
			struct ed_error *err);

/*
 * The time of the last event in @paths; ED_TIME_NONE when there is none. What cannot be read is
 * left to the run that prints. ED_NOMEM.
 */
ed_status ed_events_newest(const char *const *paths, size_t path_count,
			   const struct ed_deadline *deadline, int64_t *newest,
			   struct ed_error *err);

/* One line for people: time, level, channel, provider and id, record, the first fields. */
void ed_events_table_head(struct ed_buf *out);
void ed_events_table_row(struct ed_buf *out, const struct ed_event *event,
			 const struct ed_wanted *fields);

#endif

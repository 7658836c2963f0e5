/* SPDX-License-Identifier: MIT */
/*
 * Event logs (.evtx) as text, straight from their bytes: what is the same in all records of a
 * template is made once, with its escapes, and a record adds its values to it.
 */
#ifndef ESPDIAG_COLLECTORS_EVTX_DUMP_H
#define ESPDIAG_COLLECTORS_EVTX_DUMP_H

#include "espdiag/collectors/input.h"
#include "espdiag/model/event_text.h"
#include "espdiag/model/filter.h"

enum ed_dump_form {
	ED_DUMP_JSON,   /* a line for each event */
	ED_DUMP_XML,    /* an <Event> and a line end for each event */
	ED_DUMP_EVENTS, /* the sink gets them */
};

/*
 * What must not be written, as the caller knows it. The first four are asked of everything and say
 * whether a record has to be looked at as a whole.
 */
struct ed_dump_screen {
	bool (*name)(void *context, struct ed_str name); /* of a field: whatever its value */
	bool (*utf8)(void *context, struct ed_str text);
	bool (*utf16)(void *context, const void *bytes, size_t n);
	bool (*bytes)(void *context, struct ed_str bytes); /* that are written as hex */
	/*
	 * Rewrites what stands in @out from @begin on: the record as it would be written. Any
	 * status but ED_NOMEM takes the record away.
	 */
	ed_status (*clean)(void *context, const struct ed_event_head *head, struct ed_buf *out,
			   size_t begin, struct ed_error *err);
	void *context;
	bool all; /* every record is looked at as a whole */
};

/* Values of fewer letters or bytes are not asked about. */
#define ED_DUMP_SCREEN_LEAST 4

struct ed_evtx_dump_options {
	enum ed_dump_form form;
	const struct ed_filter *filter;
	const struct ed_wanted *wanted; /* JSON only */
	const struct ed_dump_screen
		*screen; /* NULL: everything is written; not for ED_DUMP_EVENTS */
	/* Of the caller, who may add to it and takes what is left in it at the end. */
	struct ed_buf *out;
	/* Empties @out; called at a chunk's end and when @out has become large. */
	ed_status (*flush)(void *context, struct ed_buf *out, struct ed_error *err);
	void *context;
};

/* Of all files since ed_evtx_dump_new. */
struct ed_evtx_dump_stats {
	uint64_t records; /* read, wanted or not */
	uint64_t written; /* wanted */
	uint64_t skipped; /* of chunks that lie outside the window of time: not examined */
};

/* Compiled templates and buffers, for many files; as ed_evtx_cache. */
struct ed_evtx_dump;

/* @options is copied, what it points to borrowed. ED_NOMEM. */
ed_status ed_evtx_dump_new(struct ed_evtx_dump **dump, const struct ed_evtx_dump_options *options,
			   struct ed_error *err);
/* NULL is harmless. */
void ed_evtx_dump_free(struct ed_evtx_dump *dump);
struct ed_evtx_dump_stats ed_evtx_dump_stats(const struct ed_evtx_dump *dump);

/*
 * Reads a log as ed_reader_evtx does; @sink gets its gaps, and events only for ED_DUMP_EVENTS.
 * Returns also what flush returned.
 */
ed_status ed_evtx_dump_read(struct ed_evtx_dump *dump, const struct ed_input *input,
			    struct ed_sink *sink, struct ed_error *err);

#endif

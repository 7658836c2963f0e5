/* SPDX-License-Identifier: MIT */
/* What the files of this folder share: the table, queries, events as lines, and one reading. */
#ifndef ESPDIAG_WEVT_PRIV_H
#define ESPDIAG_WEVT_PRIV_H

#include "espdiag/base/buf.h"
#include "espdiag/collectors/wevt.h"

/* Comparisons of one Select. Windows takes some more; nobody says how many for sure. */
#define WEVT_TERMS 20
/* Events of one EvtNext. */
#define WEVT_BATCH 64
/* Answers that bring no event, in a row, after which a reading ends. */
#define WEVT_FRUITLESS 8
/* Longest wait of one EvtNext: shorter than what a job that was told to stop gets to finish. */
#define WEVT_NEXT_MS 400
/* Waits in a row without an answer after which a reading ends, should nobody stop it before. */
#define WEVT_TIMEOUTS 16
/* Starts of Windows that a bound channel goes back. */
#define WEVT_STARTS 10

enum channel_key {
#define CHANNEL(key, name, late, bound) CHANNEL_##key,
#define SELECT(key, providers, ids)
#include "channels.def"
#undef CHANNEL
#undef SELECT
};

/* Ids to ask for, of some or any providers. */
struct wevt_select {
	const struct ed_wevt_channel *channel;
	const char *providers; /* commas between; NULL any */
	const char *ids;       /* "12,20-27"; NULL all */
};

extern const struct wevt_select wevt_selects[];
extern const size_t wevt_select_count;

/* Takes the next ids, @from to @to, off the front of @ids; false at the end or at no number. */
bool wevt_ids_next(struct ed_str *ids, uint32_t *from, uint32_t *to);

/* Records asked for. 0: no such bound. */
struct wevt_range {
	uint64_t from;  /* this and above */
	uint64_t below; /* only below this */
};

/* The QueryList for all that is wanted of @channel, or for @everything in it. */
void wevt_query_channel(struct ed_buf *out, const struct ed_wevt_channel *channel,
			struct wevt_range range, bool everything);
/* The QueryList for real starts of Windows, in System. */
void wevt_query_starts(struct ed_buf *out);

/*
 * Appends a rendered event (UTF-16LE) as one line: line ends within become character references.
 * @hold is scratch. Failures stick in @out.
 */
void wevt_event_line(struct ed_buf *out, struct ed_buf *hold, const void *utf16, size_t bytes);
/* Appends @text with its line ends as character references. */
void wevt_one_line(struct ed_buf *out, struct ed_str text);
/* EventRecordID of an event's line; 0 when it has none. */
uint64_t wevt_event_record(struct ed_str line);
/* Cuts what follows System off the event that begins at @start of @lines. */
void wevt_event_strip(struct ed_buf *lines, size_t start);
/* Turns the order of the lines of @lines from @start on around. */
void wevt_lines_reverse(struct ed_buf *lines, size_t start);

/* What is missing of a channel, and why: becomes one gap. */
struct wevt_note {
	bool any;
	enum ed_state state; /* the first that was noted; READ gives way to any other */
	uint64_t lost;
	struct ed_buf why;
};

void wevt_note_init(struct wevt_note *note);
void wevt_note_add(struct wevt_note *note, enum ed_state state, uint64_t lost, const char *format,
		   ...) ED_PRINTF(4, 5);
/* Records the gap, if there is any, and releases @note. */
ed_status wevt_note_tell(struct wevt_note *note, const struct ed_wevt_channel *channel,
			 struct ed_recording *out, struct ed_error *err);

/* One channel being read, newest event first. */
struct wevt_reading {
	const struct ed_wevt_api *api;
	const struct ed_wevt_channel *channel;
	const struct ed_live *live;
	struct ed_buf *lines; /* one event each, behind what is there already */
	struct wevt_note note;
	struct wevt_range range;
	bool everything;     /* without ids: the service did not take them */
	bool whole;          /* nothing that was asked for is missing */
	bool cut;            /* by the number of events that are wanted */
	uint64_t events;     /* in @lines */
	uint64_t unreadable; /* handed over, or not even that, but not rendered */
	uint32_t unreadable_code;
	uint32_t batch;
	uint32_t fruitless; /* answers without an event, in a row */
	uint32_t timeouts;  /* the same of no answers */
	bool ended;
	size_t last;  /* offset of the newest line */
	void *buffer; /* of EvtRender, kept */
	uint32_t buffer_size;
	struct ed_buf query, hold;
};

void wevt_reading_init(struct wevt_reading *r, const struct ed_wevt_api *api,
		       const struct ed_wevt_channel *channel, const struct ed_live *live,
		       struct ed_buf *lines);
void wevt_reading_release(struct wevt_reading *r);
/* Takes @events as lines, and closes each, wanted or not. ED_NOMEM. */
ed_status wevt_read_batch(struct wevt_reading *r, void **events, uint32_t count,
			  struct ed_error *err);
/*
 * Reads all that is wanted. ED_ABSENT, ED_ACCESS, ED_IO: the first query failed. ED_NOMEM. What is
 * missing otherwise is in @r->note.
 */
ed_status wevt_read(struct wevt_reading *r, struct ed_error *err);
/*
 * The @nth (from 1, at most WEVT_BATCH) event of @query, appended to @r->lines with System only.
 * *found false: there is none, or it cannot be had. ED_NOMEM.
 */
ed_status wevt_read_one(struct wevt_reading *r, struct ed_str query, bool newest_first,
			uint32_t nth, bool *found, struct ed_error *err);

/* True when @code says that nobody answers for the event log at all. */
bool wevt_service_down(uint32_t code);
/* As ed_wevt_collect, from the file of the channel in @folder. */
ed_status wevt_read_file(const struct ed_wevt_channel *channel, struct ed_str folder,
			 const struct ed_live *live, uint32_t service_code,
			 struct ed_recording *out, struct ed_error *err);
/* "events/Microsoft-Windows-Store%4Operational.xml" */
void wevt_member_name(struct ed_buf *out, const char *before, const struct ed_wevt_channel *channel,
		      const char *behind);

#endif

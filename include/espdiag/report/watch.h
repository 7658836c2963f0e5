/* SPDX-License-Identifier: MIT */
/*
 * What `espdiag watch` shows: a verdict and a clock as one screen, what changed between two
 * verdicts as lines, and a line of the log. Pure: no clock, no terminal.
 */
#ifndef ESPDIAG_REPORT_WATCH_H
#define ESPDIAG_REPORT_WATCH_H

#include "espdiag/analyze/verdict.h"
#include "espdiag/base/buf.h"

/* A screen is at most so large: one line less than 25, one column less than 80. */
#define ED_WATCH_LINES ((size_t)24)
#define ED_WATCH_COLUMNS ((size_t)79)
/* The last changes of the verdict, which stay on the screen. */
#define ED_WATCH_CHANGES ((size_t)3)
/* Bytes that hold any line of a change with its NUL. */
#define ED_WATCH_CHANGE_TEXT ((size_t)128)

/* What is told when it changes. */
struct ed_watch_state {
	bool known; /* false: nothing has been told yet, and all else is meaningless */
	enum ed_outcome outcome;
	enum ed_certainty certainty;
	char primary[48]; /* empty: none */
	enum ed_phase phase;
	bool phase_known;
	int64_t deadline_at;
	int64_t attempts, failures, denials; /* or ED_UNKNOWN */
	uint32_t code;                       /* the denial's most frequent one; 0 none */
	char bitlocker[24];                  /* empty: unknown */
	int64_t boot_at;
	enum ed_boot_kind boot_kind;
	enum ed_tri measured;
};

void ed_watch_state_take(const struct ed_verdict *verdict, struct ed_watch_state *out);
/* True when finding, certainty or outcome differ. */
bool ed_watch_verdict_differs(const struct ed_watch_state *before,
			      const struct ed_watch_state *after);
/* "08:15:07 verdict: bitlocker-restart-pending (confirmed), blocked" */
void ed_watch_verdict_line(const struct ed_watch_state *state, int64_t at,
			   char out[ED_WATCH_CHANGE_TEXT]);
/* Appends a line for each thing that differs, the verdict last. Returns how many. */
size_t ed_watch_changes(const struct ed_watch_state *before, const struct ed_watch_state *after,
			int64_t at, struct ed_buf *out);

/* The highest record seen of a channel: from there on another run goes on. */
struct ed_watch_record {
	struct ed_str channel;
	uint64_t record;
};

/* One line of JSON with LF, schema "espdiag.watch/1". */
void ed_watch_log_line(const struct ed_watch_state *state, int64_t at,
		       const struct ed_watch_record *records, size_t record_count,
		       struct ed_buf *out);
/*
 * Reads such a line back. False, and nothing changed, when it is none. Only what the line holds is
 * set in @state. @record (may be NULL) gets each record.
 */
bool ed_watch_log_read(struct ed_str line, struct ed_watch_state *state, int64_t *at, void *context,
		       void (*record)(void *context, struct ed_str channel, uint64_t record));

struct ed_watch_view {
	const struct ed_verdict *verdict;
	int64_t now; /* of the clock that is shown, not before the verdict's time */
	bool replay; /* recorded evidence, at @speed times real time; 0: without waiting */
	uint32_t speed;
	const char (*changes)[ED_WATCH_CHANGE_TEXT]; /* oldest first */
	size_t change_count;
	const char *hint; /* the last line: how to end it, or that it has ended */
};

/* Appends the screen: lines of printable ASCII, at most ED_WATCH_LINES, each with LF. */
void ed_watch_screen(const struct ed_watch_view *view, struct ed_buf *out);
/*
 * Appends what draws @screen in place on a terminal of @columns by @rows that understands ANSI:
 * as much of it as fits, over what is there.
 */
void ed_watch_frame(struct ed_str screen, size_t columns, size_t rows, bool color,
		    struct ed_buf *out);

#endif

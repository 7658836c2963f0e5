/* SPDX-License-Identifier: MIT */
/*
 * The parts of `espdiag watch`: a watch forms the verdict as of one moment after the other, tells
 * what changed and keeps the screen; where moments come from, a replay or the device, is another
 * file's.
 */
#ifndef AGENT_APP_WATCH_H
#define AGENT_APP_WATCH_H

#include "espdiag/model/evidence.h"
#include "espdiag/report/watch.h"

#include "options.h"

struct ed_watch {
	const struct ed_options *options;
	struct ed_str source;               /* goes into the verdict */
	const struct ed_evidence *evidence; /* finished */
	struct ed_verdict verdict;          /* the last that was formed, in @arena */
	bool judged;                        /* @verdict is set */
	struct ed_arena arena;
	struct ed_watch_state state; /* what has been told */
	char changes[ED_WATCH_CHANGES][ED_WATCH_CHANGE_TEXT];
	size_t change_count;
	int64_t day;   /* of the last line that was told; ED_TIME_NONE none */
	bool terminal; /* a screen that is refreshed; else lines */
	bool color;
	int64_t now; /* the clock of the last screen */
	struct ed_buf screen, frame, shown;
};

/* What an earlier run left in the log. */
struct ed_watch_log {
	bool any; /* there is a last line */
	int64_t at;
	struct ed_watch_state state;
	struct ed_watch_record *records; /* channels in the arena that was given */
	size_t count, cap;
};

void ed_watch_begin(struct ed_watch *watch, const struct ed_options *options, struct ed_str source);
/* Gives the terminal back with the last screen on it. Twice is harmless. */
void ed_watch_end(struct ed_watch *watch);
/* What an earlier run told is not told again. */
void ed_watch_go_on(struct ed_watch *watch, const struct ed_watch_log *log);
/*
 * The verdict as of @at: what changed is told, and logged with --log. ED_NOMEM, ED_LIMIT; ED_IO,
 * ED_ACCESS ... of the output or the log.
 */
ed_status ed_watch_step(struct ed_watch *watch, int64_t at, struct ed_error *err);
/* The end of the evidence; now, where it has none. Nothing is told. ED_NOMEM. */
ed_status ed_watch_newest(struct ed_watch *watch, int64_t *out, struct ed_error *err);
/* Refreshes the screen with @now as its clock; nothing without a terminal or a verdict. */
void ed_watch_draw(struct ed_watch *watch, int64_t now);
/* True when the last verdict says that the page has ended. */
bool ed_watch_page_done(const struct ed_watch *watch);

/* Reads the last line of @path that is one of ours. No file, or none in it: any is false. */
ed_status ed_watch_log_load(struct ed_str path, struct ed_arena *arena, struct ed_watch_log *log,
			    struct ed_error *err);
/* Highest record that @log has of @channel; 0 none. */
uint64_t ed_watch_log_record(const struct ed_watch_log *log, struct ed_str channel);
/* Appends @state with the records that @evidence holds up to @at. */
ed_status ed_watch_log_add(struct ed_str path, const struct ed_watch_state *state, int64_t at,
			   const struct ed_evidence *evidence, struct ed_error *err);

/* Moments at which the verdict may change, ascending; ed_free. */
struct ed_watch_moments {
	int64_t *items;
	size_t count;
};

/*
 * One a second in which @evidence has events after @log's records, none before @from or after @to;
 * with @minutes each whole minute between them as well. ED_NOMEM.
 */
ed_status ed_watch_moments(const struct ed_evidence *evidence, const struct ed_watch_log *log,
			   int64_t from, int64_t to, bool minutes, struct ed_watch_moments *out,
			   struct ed_error *err);

/* --replay. *any_read: some evidence could be read. */
ed_status ed_watch_replay(const struct ed_options *options, bool *any_read, struct ed_error *err);

#endif

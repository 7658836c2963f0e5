/* SPDX-License-Identifier: MIT */
/*
 * The one evidence store of a run: events, facts and coverage, each knowing where it came from.
 * It is a sink while evidence is read; after ed_evidence_finish it is sorted, without duplicates,
 * and does not depend on the order in which sources were read.
 */
#ifndef ESPDIAG_MODEL_EVIDENCE_H
#define ESPDIAG_MODEL_EVIDENCE_H

#include "espdiag/base/arena.h"
#include "espdiag/model/sink.h"

/* One file or member that was looked at. */
struct ed_source {
	struct ed_str path; /* as shown to people: "bundle.zip/logs.cab/system.evtx" */
	const char *reader; /* static: "evtx" */
	uint32_t arrival;   /* as the how-manieth it was read */
	uint32_t rank;      /* of use while sorting only */
};

struct ed_stored_event {
	struct ed_event event;
	uint32_t source_i;
	uint32_t arrival;
};

struct ed_stored_fact {
	struct ed_fact fact;
	uint32_t source_i;
	uint32_t arrival;
};

/* One row of the coverage ledger: a channel within a source, or a source that holds no events. */
struct ed_coverage {
	struct ed_str source; /* the channel where there is one, else the path */
	struct ed_str path;   /* the file or member; { NULL, 0 } for rows about what is missing */
	enum ed_state state;
	bool is_channel;
	uint64_t records; /* read, whether kept or not */
	int64_t oldest;   /* ED_TIME_NONE when there is none */
	int64_t newest;
	uint64_t first_record; /* lowest and highest record number seen; 0 when none */
	uint64_t last_record;
	int64_t last;        /* time of the record with that number: the log's own end; ED_TIME_NONE
				unknown */
	uint64_t run_record; /* from this record on to the highest none is lacking, and its time */
	int64_t run_from;
	bool end_lost;     /* what is lost may be newer than all that was read */
	uint64_t lost;     /* ED_LOST_UNKNOWN when something is lost and nobody knows how much */
	struct ed_str why; /* { NULL, 0 } when nothing is to be said */
	size_t text_bytes; /* that its kept events take of the arena */
};

/* Decides from the head alone whether an event is kept. */
typedef bool (*ed_interest_fn)(const struct ed_event_head *head);

struct ed_evidence {
	struct ed_sink sink; /* first: the store is a sink */
	struct ed_arena *arena;
	ed_interest_fn interest;
	struct ed_source *sources; /* after finish: by path */
	size_t source_count, source_cap;
	struct ed_stored_event *events; /* after finish: by channel, record, time */
	size_t event_count, event_cap;
	struct ed_stored_fact
		*facts; /* after finish: by kind, path, name, source, order of arrival */
	size_t fact_count, fact_cap;
	struct ed_coverage *coverage; /* after finish: by source, path */
	size_t coverage_count, coverage_cap;
	size_t coverage_begin; /* first row of the current source */
	size_t coverage_hint;  /* row of the last record: most records follow one of their own
				  channel */
	bool uncounted;        /* a record had no room for its row, which event() has to tell */
};

/* @arena: borrowed, owns all text. @interest NULL keeps every event. */
void ed_evidence_init(struct ed_evidence *evidence, struct ed_arena *arena,
		      ed_interest_fn interest);
void ed_evidence_release(struct ed_evidence *evidence);

/* All that the sink gets until the next call belongs to @path. */
ed_status ed_evidence_begin_source(struct ed_evidence *evidence, struct ed_str path,
				   const char *reader, struct ed_error *err);
/* A row about the current source as a whole, or about something that is not there at all. */
ed_status ed_evidence_add_coverage(struct ed_evidence *evidence, const struct ed_coverage *row,
				   struct ed_error *err);
/* Sorts, removes duplicates (same channel, record, time, provider and id). Call once, at the end.
 */
void ed_evidence_finish(struct ed_evidence *evidence);

/* The word of the contract for a state: "read", "timed-out". */
const char *ed_state_word(enum ed_state state);

#endif

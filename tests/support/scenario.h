/* SPDX-License-Identifier: MIT */
/*
 * A case is a story in text: what happened on a device and which verdict that must give. This reads
 * one, expands it to the events, registry values and boot logs Windows would have left, and writes
 * them in the forms in which evidence arrives. The language: tests/scenarios/README.md.
 */
#ifndef ESPDIAG_TESTS_SCENARIO_H
#define ESPDIAG_TESTS_SCENARIO_H

#include "build_event.h"
#include "tcg_build.h"

#include "espdiag/base/arena.h"

enum scenario_limits {
	SCENARIO_TOKENS = 64, /* words of one line */
	SCENARIO_ARENA_MIB = 64,
};

/* How the same story is told differently; everything 0 or NULL is the story as it is. */
struct scenario_options {
	const char *variant;      /* the block whose changes are made */
	const char *locale;       /* "de", "ja", "tr": every text that Windows translates */
	const char *replace_from; /* one more replacement in the lines of the case */
	const char *replace_to;
	int64_t shift;    /* seconds added to every time */
	uint64_t permute; /* seed of other GUIDs and record numbers; 0 keeps them */
};

struct scenario_line {
	unsigned number; /* in the file */
	struct ed_str text;
	struct ed_str token[SCENARIO_TOKENS];
	size_t token_count;
};

/* "expect KEY VALUE...": meant for whoever runs the case. */
struct scenario_expectation {
	struct ed_str key;
	struct ed_str value[SCENARIO_TOKENS];
	size_t value_count;
};

struct scenario_event {
	struct build_event event;
	uint32_t segment;  /* raised by every change of the clock */
	uint32_t sequence; /* order of the story where times are equal */
};

struct scenario_value {
	const char *key;
	const char *name;
	const char *text; /* NULL: a number */
	uint32_t number;
};

struct scenario_log {
	unsigned boot;
	struct tcg_boot content;
};

/* One entry of a text file: a line of a log, a row of a table, an element of a report. */
struct scenario_text {
	const char *file;
	const char *section; /* of a table or report; the component of a log */
	const char *name;    /* NULL in a log */
	const char *text;
	int64_t time; /* of a log */
	unsigned type;
	bool has_bias; /* the log says how far its clock is from UTC */
	int bias;      /* minutes: UTC less local time */
};

struct scenario_channel {
	const char *name;
	bool withheld; /* the log is not part of the evidence */
	bool wanted;   /* there even if nothing was logged */
};

struct scenario {
	struct ed_arena *arena;
	struct ed_str title, story;
	int64_t at; /* when the case is evaluated, shifted */
	struct scenario_line *lines;
	size_t line_count, line_cap;
	struct scenario_expectation *expectations;
	size_t expectation_count, expectation_cap;
	struct ed_str *variants;
	size_t variant_count, variant_cap;
	/* after scenario_tell: by channel in order of first use, then in order of logging */
	struct scenario_event *events;
	size_t event_count, event_cap;
	struct scenario_value *values;
	size_t value_count, value_cap;
	struct scenario_text *texts;
	size_t text_count, text_cap;
	struct scenario_log *logs;
	size_t log_count, log_cap;
	struct scenario_channel *channels;
	size_t channel_count, channel_cap;
};

/*
 * Reads the lines of a case with the changes of a variant made. All text goes into @arena.
 * ED_FORMAT names the line that is wrong.
 */
ed_status scenario_read(struct scenario *s, struct ed_arena *arena, struct ed_str text,
			const struct scenario_options *options, struct ed_error *err);

/* Expands the lines to events, registry values and boot logs, all numbered and in order. */
ed_status scenario_tell(struct scenario *s, const struct scenario_options *options,
			struct ed_error *err);

#define SCENARIO_DSREG "dsregcmd.txt"
#define SCENARIO_REPORT "MDMDiagReport.xml"
#define SCENARIO_STATE "state-" /* and the area, and ".json" */

/* Appends the text file @file, made of its entries in order. */
void scenario_text_file(const struct scenario *s, const char *file, struct ed_buf *out);

/* One file of the evidence. */
struct scenario_file {
	const char *path; /* with / between folders */
	struct ed_str bytes;
};

struct scenario_files {
	struct ed_arena *arena;
	struct scenario_file *file;
	size_t count, cap;
};

/*
 * The evidence in one form: "evtx", "xml", "zip", "collect-diagnostics" or
 * "collect-diagnostics-numbered". The bytes are in the scenario's arena. ED_ARG: no such form.
 */
ed_status scenario_wrap(const struct scenario *s, const char *form, struct scenario_files *files,
			struct ed_error *err);

/* Makes room for one more element; NULL when out of memory. The element is zeroed. */
void *scenario_grow(struct ed_arena *arena, void *items_pointer, size_t *count, size_t *cap,
		    size_t size);

#endif

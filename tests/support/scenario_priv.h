/* SPDX-License-Identifier: MIT */
/* A story while it is told: variables, and the making of events out of rows. */
#ifndef ESPDIAG_TESTS_SCENARIO_PRIV_H
#define ESPDIAG_TESTS_SCENARIO_PRIV_H

#include "scenario.h"
#include "scenario_rows.h"

enum { STORY_VARIABLES = 160 };

struct story_variable {
	const char *name;
	const char *value;
};

struct story {
	struct scenario *s;
	const struct scenario_options *options;
	const struct scenario_line *line; /* being told */
	struct ed_error *err;
	struct story_variable variable[STORY_VARIABLES];
	size_t variable_count;
	const char *locale;
	int64_t midnight; /* of the day the story begins, shifted */
	unsigned needs;   /* enum row_need */
	unsigned boots, sessions, denials;
	uint32_t segment, sequence;
	bool has_bias; /* of the lines that follow, see struct scenario_text */
	int bias;
};

/* "line N: …"; returns ED_FORMAT. */
ed_status story_wrong(const struct story *t, const char *what, struct ed_str word);

ed_status story_set(struct story *t, const char *name, const char *value);
ed_status story_setf(struct story *t, const char *name, const char *format, ...) ED_PRINTF(3, 4);
/* { NULL, 0 } when there is none. */
struct ed_str story_get(const struct story *t, const char *name);
/* The pattern with its variables filled in, in the arena. */
ed_status story_fill(struct story *t, const char *pattern, const char **out);

/* Logs one event from a row's text at @time. */
ed_status story_log(struct story *t, int64_t time, const char *event);
/* All steps of @name, its two times being @first and @second (ED_TIME_NONE: has none). */
ed_status story_steps(struct story *t, const char *name, int64_t first, int64_t second);

/* The line "event CHANNEL PROVIDER ID TIME Name[:type]=value…". */
ed_status story_event_line(struct story *t);

/* The @i-th word of the line being told; .p NULL when it is shorter. */
struct ed_str story_word(const struct story *t, size_t i);
bool story_word_is(const struct story *t, size_t i, const char *text);
/* The word behind @key; .p NULL when the line does not have it. */
struct ed_str story_option(const struct story *t, const char *key);
bool story_has_word(const struct story *t, const char *key);
ed_status story_number_option(struct story *t, const char *key, uint32_t *out);
/* A variable from the word behind @key, or @otherwise. */
ed_status story_set_option(struct story *t, const char *variable, const char *key,
			   const char *otherwise);
/* $error as it is written, $signed_error as a signed number. */
ed_status story_set_error(struct story *t, const char *otherwise);
/* "08:42:07..08:43:37" */
ed_status story_time_range(struct story *t, struct ed_str text, int64_t *first, int64_t *second);
/* "180s", "3m", "9m30s", "2h" */
ed_status story_duration(struct story *t, struct ed_str text, int64_t *out);

struct story_loop {
	int64_t from;
	int64_t every;
	uint32_t count;
};

/* from TIME [every DURATION] [count N] */
ed_status story_loop(struct story *t, struct story_loop *loop);

/* The verbs that tell text files: "ime", "dsreg", "report", "state". */
ed_status story_ime_line(struct story *t);
ed_status story_dsreg_line(struct story *t);
ed_status story_report_line(struct story *t);
ed_status story_state_line(struct story *t);

/* "08:15", "08:15:07.5" of the story's day, or a full ISO 8601 time; shifted. */
ed_status story_time(struct story *t, struct ed_str word, int64_t *out);

const struct row_channel *row_channel_find(struct ed_str alias_or_name);
/* The channel's entry, made when it is new. NULL when out of memory. */
struct scenario_channel *story_channel(struct story *t, struct ed_str alias_or_name);

/* Gives every GUID that stands for nothing outside this device another value. */
ed_status story_permute(struct story *t);
/* By how much the records of the @channel_i-th channel are numbered higher. */
uint64_t story_record_shift(const struct story *t, size_t channel_i);

#endif

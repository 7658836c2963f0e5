/* SPDX-License-Identifier: MIT */
/* A story while it is told: variables, and the making of events out of rows. */
#ifndef ESPDIAG_TESTS_SCENARIO_PRIV_H
#define ESPDIAG_TESTS_SCENARIO_PRIV_H

#include "scenario.h"
#include "scenario_rows.h"

enum { STORY_VARIABLES = 96 };

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

/* SPDX-License-Identifier: MIT */
/* What the scenario language knows: rows about channels, providers, events, stories and texts. */
#ifndef ESPDIAG_TESTS_SCENARIO_ROWS_H
#define ESPDIAG_TESTS_SCENARIO_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where Intune's Collect diagnostics puts a channel. */
enum row_collected { COLLECTED_NOT, COLLECTED_TOP, COLLECTED_IN_CAB };

struct row_channel {
	const char *alias;
	const char *name;
	enum row_collected collected;
	/* exported as a redirected `wevtutil qe` is: UTF-16, events without a root around them */
	bool bare;
};

struct row_provider {
	const char *alias;
	const char *name;
	const char *guid;    /* NULL: a classic source */
	const char *channel; /* alias */
	const char *user;    /* SID; NULL: none */
};

/* Fields as "Name:type;Name:type", types as in row_type. */
struct row_event {
	const char *provider; /* alias */
	unsigned id;
	unsigned level;
	unsigned version;
	const char *fields;
};

struct row_type {
	const char *name;
	unsigned type; /* enum build_type */
};

/*
 * One event of a story: @seconds after its first ('T') or second ('U') time. The text is
 * "provider id|Name=value|…", a Data without name is "=value"; $name stands for a variable.
 */
struct row_step {
	const char *story;
	char base;
	int seconds;
	const char *event;
};

/* When a registry row is written: all of these must have been told. */
enum row_need {
	NEED_ENROLLED = 1,
	NEED_PAGE = 2,
	NEED_ACCOUNT = 4,
	NEED_APP = 8,
	NEED_DEVICE = 16
};

struct row_registry {
	unsigned need;
	const char *key;
	const char *name;
	const char *text; /* NULL: a number */
	const char *number;
};

/* One line of a log of the management extension, @seconds after the story's time. */
struct row_line {
	const char *story;
	int seconds;
	const char *log; /* without ".log" */
	unsigned type;   /* 1 information, 2 warning, 3 error */
	const char *text;
};

struct row_text {
	const char *name;
	const char *en, *de, *ja, *tr;
};

struct row_name {
	const char *name;
	const char *value;
};

extern const struct row_channel row_channels[];
extern const size_t row_channel_count;
extern const struct row_provider row_providers[];
extern const size_t row_provider_count;
extern const struct row_event row_events[];
extern const size_t row_event_count;
extern const struct row_type row_types[];
extern const size_t row_type_count;
extern const struct row_step row_steps[];
extern const size_t row_step_count;
extern const struct row_registry row_registries[];
extern const size_t row_registry_count;
extern const struct row_line row_lines[];
extern const size_t row_line_count;
extern const struct row_text row_texts[];
extern const size_t row_text_count;
extern const struct row_name row_apps[]; /* clients and resources by a short name */
extern const size_t row_app_count;
extern const struct row_name row_variables[]; /* what variables are before a story sets them */
extern const size_t row_variable_count;

#endif

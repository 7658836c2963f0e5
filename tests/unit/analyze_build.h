/* SPDX-License-Identifier: MIT */
/* Evidence made in memory for the tests of the analysis, without any reader. */
#ifndef TESTS_UNIT_ANALYZE_BUILD_H
#define TESTS_UNIT_ANALYZE_BUILD_H

#include "analysis.h"

struct made {
	struct ed_arena arena;
	struct ed_evidence evidence;
	struct ed_analyze_options options;
	uint64_t record; /* of the last event; each next one is one higher */
	int64_t day;     /* times are given as "08:15:07" of this day */
};

void made_init(struct made *m);
void made_release(struct made *m);
/* "08:15:07" on 2026-09-14, or a whole ISO time. */
int64_t made_time(const char *text);
/* An event of the row @key at @time; then "Name", "value" pairs, NULL-terminated. */
void made_event(struct made *m, enum event_key key, const char *time, ...);
/* The same with a record number of its own. */
void made_event_record(struct made *m, enum event_key key, uint64_t record, const char *time, ...);
void made_registry(struct made *m, const char *key, const char *name, const char *text);
/* A row of live state; @text NULL: asked for and not told. */
void made_state(struct made *m, const char *path, const char *name, const char *text);
/* A boot log of the boot @counter with unlock flags @unlock; below 0: none measured. */
void made_boot_log(struct made *m, uint64_t counter, int64_t unlock);
/* The same in the file @path. */
void made_boot_log_at(struct made *m, const char *path, uint64_t counter, int64_t unlock);
/* A denial of the Store's client with @code. */
void made_denial(struct made *m, const char *time, const char *code);
/* Runs the steps up to the episodes, as of @at (NULL: newest event). */
void made_analysis(struct made *m, struct analysis *a, const char *at);
/* The whole verdict. */
struct ed_verdict made_verdict(struct made *m, const char *at);

#endif

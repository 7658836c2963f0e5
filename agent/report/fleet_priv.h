/* SPDX-License-Identifier: MIT */
/* The sum of a fleet, for those who tell it. */
#ifndef ESPDIAG_REPORT_FLEET_PRIV_H
#define ESPDIAG_REPORT_FLEET_PRIV_H

#include "espdiag/report/fleet.h"

/* By outcome, and then what could not be read. */
#define FLEET_UNREAD ((size_t)ED_OUTCOME_INCONCLUSIVE + 1)
#define FLEET_KINDS (FLEET_UNREAD + 1)
/* Rows with an error that are told one by one. */
#define FLEET_BROKEN 50

enum fleet_by {
	FLEET_BY_VERDICT,
	FLEET_BY_CERTAINTY,
	FLEET_BY_MODEL,
	FLEET_BY_BUILD,
	FLEET_BY_POLICY,
	FLEET_BY_HOUR,
	FLEET_BY_COUNT,
};

struct fleet_tally {
	struct ed_str key;
	uint64_t total, kinds[FLEET_KINDS];
};

/* By key, in the order of their bytes; for telling see fleet_order. */
struct fleet_tallies {
	struct fleet_tally *items;
	size_t count, cap;
};

struct ed_fleet_sum {
	struct ed_arena arena; /* keys, broken rows */
	uint64_t total, kinds[FLEET_KINDS];
	uint64_t broken_total; /* rows with an error */
	struct {
		struct ed_str source, error;
	} broken[FLEET_BROKEN];
	size_t broken_count;
	struct fleet_tallies by[FLEET_BY_COUNT];
};

/* "blocked" … "unread" */
const char *fleet_kind_word(size_t kind);
/* "verdict", "By verdict" */
const char *fleet_by_id(enum fleet_by by);
const char *fleet_by_title(enum fleet_by by);
/*
 * The tallies of @by as they are told: most first, hours and certainties by themselves. Heap, to be
 * freed with ed_free; NULL when out of memory or when there are none.
 */
const struct fleet_tally **fleet_order(const struct ed_fleet_sum *sum, enum fleet_by by);
/* "1450 of 2000 are blocked; most by ... (412)." */
void fleet_headline(const struct ed_fleet_sum *sum, struct ed_buf *out);

#endif

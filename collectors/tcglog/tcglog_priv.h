/* SPDX-License-Identifier: MIT */
/* What the event walk and the record walk of measured-boot logs share. */
#ifndef ED_TCGLOG_PRIV_H
#define ED_TCGLOG_PRIV_H

#include "espdiag/base/buf.h"
#include "espdiag/base/cursor.h"
#include "espdiag/collectors/input.h"

#define TCG_ALGORITHMS 16 /* digests of one event */

struct tcg_algorithm {
	uint16_t id;
	uint16_t size;
};

/*
 * A log is walked twice: first to count, so that its first fact can tell how much follows, then to
 * deliver.
 */
struct tcg_walk {
	struct ed_sink *sink; /* NULL while counting */
	struct ed_error *err;
	bool agile; /* events carry one digest an algorithm; else one SHA-1 digest */
	struct tcg_algorithm algorithms[TCG_ALGORITHMS];
	size_t algorithm_count;
	uint64_t events;  /* read whole */
	uint64_t records; /* Windows records in them, containers not counted */
	uint64_t unknown; /* records without a row in the table */
	uint64_t lost; /* records that could not be read; ED_LOST_UNKNOWN for the rest of a log */
	bool cut;
	char why[120]; /* of the first loss */
	struct ed_buf text;
};

/* Walks the records in the data of one tagged event, containers inside containers. */
ed_status tcg_read_records(struct tcg_walk *w, struct ed_cursor data, bool measured_by_windows);

/* Counts @lost and keeps the first reason. */
void tcg_lose(struct tcg_walk *w, uint64_t lost, const char *format, ...) ED_PRINTF(3, 4);

#endif

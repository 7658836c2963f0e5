/* SPDX-License-Identifier: MIT */
/*
 * Many verdicts: a row a bundle, as a line of JSON or CSV, and the sum of all rows as text, page or
 * JSON. A row read back from its line gives the same line, and sums are made of rows alone: so rows
 * of several runs, joined in the order of their sources, sum up to what one run says.
 */
#ifndef ESPDIAG_REPORT_FLEET_H
#define ESPDIAG_REPORT_FLEET_H

#include "espdiag/analyze/verdict.h"
#include "espdiag/base/arena.h"
#include "espdiag/base/buf.h"

/* Text .p NULL: not known. */
struct ed_fleet_row {
	struct ed_str source; /* PATH of the bundle; orders the rows */
	struct ed_str bundle; /* its last part */
	struct ed_str device_tag;
	int64_t evaluated_at; /* ED_TIME_NONE when nothing could be read */
	bool read;            /* some evidence could be; else outcome and certainty say nothing */
	enum ed_outcome outcome;
	struct ed_str primary;
	enum ed_certainty certainty;
	struct ed_str_list findings; /* ids, the primary first */
	struct ed_str manufacturer, model;
	struct ed_str build;   /* of Windows: "26100.2314" */
	struct ed_str version; /* of the espdiag that made the bundle */
	struct ed_str policy;  /* what is seen of the tenant's policy */
	struct ed_str error;   /* why it, or a part of it, could not be read */
};

/* One line, ending with LF. Failures stick in @out. */
void ed_fleet_row_json(const struct ed_fleet_row *row, struct ed_buf *out);
/* ED_FORMAT: @line is no such row. ED_NOMEM. Text lives in @arena. */
ed_status ed_fleet_row_parse(struct ed_str line, struct ed_arena *arena, struct ed_fleet_row *row,
			     struct ed_error *err);

/*
 * The same as a row of RFC 4180, ending with CR LF. A spreadsheet takes no cell for a formula: one
 * that begins like one gets an apostrophe in front.
 */
void ed_fleet_csv_head(struct ed_buf *out);
void ed_fleet_row_csv(const struct ed_fleet_row *row, struct ed_buf *out);

/* The sum of rows; grows with the number of different values, up to a limit, not with the rows. */
struct ed_fleet_sum;

ed_status ed_fleet_sum_new(struct ed_fleet_sum **out, struct ed_error *err);
/* NULL is harmless. */
void ed_fleet_sum_free(struct ed_fleet_sum *sum);
/* ED_NOMEM. */
ed_status ed_fleet_sum_add(struct ed_fleet_sum *sum, const struct ed_fleet_row *row,
			   struct ed_error *err);

/* All append; failures stick in @out. */
void ed_fleet_sum_text(const struct ed_fleet_sum *sum, struct ed_buf *out);
/* One object, ending with LF. */
void ed_fleet_sum_json(const struct ed_fleet_sum *sum, struct ed_buf *out);
/* One self-contained page without script. */
void ed_fleet_sum_html(const struct ed_fleet_sum *sum, struct ed_buf *out);

#endif

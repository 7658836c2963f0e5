/* SPDX-License-Identifier: MIT */
/*
 * Text for a console of 80 columns: any UTF-8 becomes printable ASCII and is broken at spaces.
 * Nothing in evidence can move the cursor, change colours or reverse the reading direction.
 */
#ifndef ESPDIAG_REPORT_WRAP_PRIV_H
#define ESPDIAG_REPORT_WRAP_PRIV_H

#include "espdiag/base/buf.h"

/* One less than 80: some consoles break the line as soon as the last column is written. */
#define WRAP_COLUMNS ((size_t)79)
#define WRAP_START_MAX (WRAP_COLUMNS - 20)
#define WRAP_NO_LIMIT SIZE_MAX

/* One paragraph. Words may come in pieces; only spaces in the text separate them. */
struct wrap {
	struct ed_buf *out;
	size_t start;     /* column where the current line's text starts */
	size_t indent;    /* the same for the lines after it */
	size_t lines_max; /* what does not fit ends in "..." */
	size_t lines;     /* finished */
	size_t len, word_len;
	bool cut;  /* nothing more is taken */
	bool glue; /* the pending word continues one that was longer than a line */
	char line[WRAP_COLUMNS], word[WRAP_COLUMNS];
};

/* @out stands at column @start already; @indent is for further lines. Neither is over
 * WRAP_START_MAX. */
void wrap_begin(struct wrap *w, struct ed_buf *out, size_t start, size_t indent, size_t lines_max);
void wrap_add(struct wrap *w, struct ed_str text);
void wrap_addz(struct wrap *w, const char *text);
/* A number in decimal. */
void wrap_add_number(struct wrap *w, int64_t value);
/* "1 attempt", "2 attempts". */
void wrap_add_count(struct wrap *w, int64_t count, const char *one, const char *many);
/* Writes what is left and ends the line, even an empty one. */
void wrap_end(struct wrap *w);

#endif

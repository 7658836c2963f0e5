/* SPDX-License-Identifier: MIT */
/* What the page (text.c) and the details behind it (details.c) share. */
#ifndef ESPDIAG_REPORT_TEXT_PRIV_H
#define ESPDIAG_REPORT_TEXT_PRIV_H

#include "espdiag/report/report.h"

#include "wrap_priv.h"

/* Columns of the labels at the left. */
#define TEXT_LABEL ((size_t)10)

struct text {
	const struct ed_verdict *verdict;
	const struct ed_report_options *options;
	struct ed_buf *out;
};

/* Bold where there is colour. */
void text_bold(const struct text *t, const char *words);
/* Begins a paragraph behind @label (shorter than TEXT_LABEL). */
void text_label(const struct text *t, struct wrap *w, const char *label, size_t lines_max);
/* "       1. text" as a whole paragraph. */
void text_step(const struct text *t, size_t number, struct ed_str step, size_t lines_max);
/* "2026-09-14 08:12:03" or "08:12:03"; UTC. */
void text_time_format(int64_t at, bool dated, char out[ED_TIME_TEXT]);
/* The same into a paragraph; "unknown" for ED_TIME_NONE. */
void text_time(struct wrap *w, int64_t at, bool dated);
/* " [e1: System 12, record 63, e7]": the first says where it is from if @full, the others do not.
 */
void text_proofs(struct wrap *w, const struct ed_verdict *v, struct ed_refs refs, bool full);
/* "System damaged (chunk 3: checksum mismatch)" */
void text_gap(struct wrap *w, const struct ed_coverage *row);
/* The attempts and what came between them, as one line; nothing where there are none. */
void text_loop(const struct text *t);
/* The same without a label into @out, in less than @size bytes; false, and nothing, where there is
 * no attempt. @size is more than a word. */
bool loop_line(const struct ed_timeline *timeline, char *out, size_t size);
/* Everything else that is known, for --verbose. */
void text_details(const struct text *t);

#endif

/* SPDX-License-Identifier: MIT */
/* A comparison as text or a page for people, or as JSON for programs. All are deterministic. */
#ifndef ESPDIAG_REPORT_COMPARE_H
#define ESPDIAG_REPORT_COMPARE_H

#include "espdiag/base/buf.h"
#include "espdiag/compare/compare.h"

/* What the verdicts themselves do not say; .p NULL: not known. */
struct ed_compare_tags {
	struct ed_str before, after;
};

/* All append; failures stick in @out. */
void ed_report_compare_text(const struct ed_comparison *c, const struct ed_compare_tags *tags,
			    bool color, struct ed_buf *out);
/* One object, ending with LF; comparison.schema.json describes it. */
void ed_report_compare_json(const struct ed_comparison *c, const struct ed_compare_tags *tags,
			    struct ed_buf *out);
/* One self-contained page without script. */
void ed_report_compare_html(const struct ed_comparison *c, const struct ed_compare_tags *tags,
			    struct ed_buf *out);

#endif

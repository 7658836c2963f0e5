/* SPDX-License-Identifier: MIT */
/* What an id means, as text for people or as JSON for programs. */
#ifndef ESPDIAG_REPORT_EXPLAIN_H
#define ESPDIAG_REPORT_EXPLAIN_H

#include "espdiag/analyze/explain.h"
#include "espdiag/base/buf.h"

/* Both append; failures stick in @out. @query is what the user asked, as asked. */
void ed_report_explain_text(const struct ed_explanations *e, struct ed_buf *out);
/* One object, ending with LF; @one_line without indentation. */
void ed_report_explain_json(const struct ed_explanations *e, struct ed_str query, bool one_line,
			    struct ed_buf *out);

#endif

/* SPDX-License-Identifier: MIT */
/* A verdict as text or a page for people, or as JSON for programs. All are deterministic. */
#ifndef ESPDIAG_REPORT_REPORT_H
#define ESPDIAG_REPORT_REPORT_H

#include "espdiag/analyze/verdict.h"
#include "espdiag/base/buf.h"

struct ed_report_options {
	bool color;          /* ANSI colour; never needed to understand the text */
	bool verbose;        /* text: also coverage that is complete, all evidence, all findings */
	bool one_of_several; /* text: begins with the PATH */
	bool one_line;       /* JSON: the whole object on one line (ndjson, several PATHs) */
};

/* Appends; failures stick in @out. The JSON ends with LF. */
void ed_report_text(const struct ed_verdict *verdict, const struct ed_report_options *options,
		    struct ed_buf *out);
void ed_report_json(const struct ed_verdict *verdict, const struct ed_report_options *options,
		    struct ed_buf *out);
/* One self-contained page, the timeline of the verdict drawn in it. No option changes it. */
void ed_report_html(const struct ed_verdict *verdict, const struct ed_report_options *options,
		    struct ed_buf *out);

#endif

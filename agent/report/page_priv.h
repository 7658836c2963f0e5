/* SPDX-License-Identifier: MIT */
/* What the small pages (comparison, fleet) share: the frame, in the style of the verdict's page. */
#ifndef ESPDIAG_REPORT_PAGE_PRIV_H
#define ESPDIAG_REPORT_PAGE_PRIV_H

#include "html_priv.h"

/* Up to <main>. @title is text; the page loads nothing, runs nothing and sends nothing. */
void page_begin(struct ed_buf *out, const char *title);
/* From </main> on. */
void page_end(struct ed_buf *out);
void page_section_begin(struct ed_buf *out, const char *id, const char *title);
void page_section_end(struct ed_buf *out);
/* A table that scrolls by itself where the page is narrow. @heads ends with NULL. */
void page_table_begin(struct ed_buf *out, const char *caption, const char *const *heads);
void page_table_end(struct ed_buf *out);
/* A cell; a dash for what is not there. */
void page_cell(struct ed_buf *out, struct ed_str text);

#endif

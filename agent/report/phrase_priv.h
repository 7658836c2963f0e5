/* SPDX-License-Identifier: MIT */
/* Phrases that the text and the page share. */
#ifndef ESPDIAG_REPORT_PHRASE_PRIV_H
#define ESPDIAG_REPORT_PHRASE_PRIV_H

#include "espdiag/analyze/verdict.h"

/* The finding that the verdict names; NULL when it names none. */
const struct ed_finding *phrase_primary(const struct ed_verdict *v);
/* One sentence without capital and full stop, for verdicts without a primary finding. */
const char *phrase_outcome(const struct ed_verdict *v);
/* Of a link that is inferred and whose claim does not say so itself. */
bool phrase_says_inferred(const struct ed_link *link);
/* No source had a record: what it may have held is not worth telling. */
bool phrase_nothing_read(const struct ed_verdict *v);
/* "technician, at the device" */
const char *phrase_owner(enum ed_owner owner);
/* True when something of the row's source is not there or was lost. */
bool phrase_is_gap(const struct ed_coverage *row);

#endif

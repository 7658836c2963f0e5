/* SPDX-License-Identifier: MIT */
/* What the readers of single XML documents have in common. */
#ifndef ESPDIAG_DOCUMENT_PRIV_H
#define ESPDIAG_DOCUMENT_PRIV_H

#include "espdiag/collectors/input.h"
#include "espdiag/xml/encoding.h"
#include "espdiag/xml/xml.h"

/* Where the callbacks of a document deliver; first member of their context. */
struct document {
	struct ed_sink *sink;
	size_t facts;     /* delivered */
	size_t refused;   /* past ED_LIMIT_REPORT_FACTS */
	bool sink_failed; /* the status of the parse is the sink's */
};

/* Passes @fact on, or counts it when there are too many. */
ed_status document_fact(struct document *document, const struct ed_fact *fact,
			struct ed_error *err);

/*
 * Parses the whole of @input through @handler with @document as its context. What was delivered
 * before an error stays, and the rest is a gap; where nothing was, the error is returned.
 */
ed_status document_read(const struct ed_input *input, const struct ed_xml_handler *handler,
			struct document *document, struct ed_error *err);

#endif

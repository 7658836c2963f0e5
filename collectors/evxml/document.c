/* SPDX-License-Identifier: MIT */
/* Reading one XML document that is delivered as facts. */
#include "document_priv.h"

#include "espdiag/base/limits.h"

ed_status document_fact(struct document *document, const struct ed_fact *fact, struct ed_error *err)
{
	ed_status status;

	if (document->facts >= ED_LIMIT_REPORT_FACTS) {
		document->refused++;
		return ED_OK;
	}
	status = document->sink->ops->fact(document->sink, fact, err);
	if (status == ED_OK)
		document->facts++;
	else
		document->sink_failed = true;
	return status;
}

static ed_status tell(struct document *document, enum ed_state state, uint64_t lost,
		      const char *why, struct ed_error *err)
{
	struct ed_gap gap = { .state = state, .lost = lost, .why = ed_str_from(why) };

	return document->sink->ops->gap(document->sink, &gap, err);
}

static ed_status parse(struct ed_str bytes, struct ed_buf *clean,
		       const struct ed_xml_handler *handler, struct document *document,
		       struct ed_error *err)
{
	struct ed_xml *xml = NULL;
	struct ed_error why = { 0 };
	struct ed_str text;
	ed_status status;
	bool cut_short;

	ED_TRY(ed_xml_document(bytes, clean, &text, err));
	ED_TRY(ed_xml_new(&xml, err));
	status = ed_xml_parse(xml, text, handler, document, &why);
	cut_short = status == ED_LIMIT || ed_xml_cut_short(xml);
	ed_xml_free(xml);
	if (status != ED_OK && (document->sink_failed || !document->facts || status == ED_NOMEM)) {
		if (err)
			*err = why;
		return status;
	}
	if (status != ED_OK)
		ED_TRY(tell(document, cut_short ? ED_STATE_TRUNCATED : ED_STATE_DAMAGED,
			    ED_LOST_UNKNOWN, why.text, err));
	if (document->refused) {
		char text_out[96];

		snprintf(text_out, sizeof(text_out), "only the first %zu values were kept",
			 ED_LIMIT_REPORT_FACTS);
		ED_TRY(tell(document, ED_STATE_TRUNCATED, document->refused, text_out, err));
	}
	return ED_OK;
}

ed_status document_read(const struct ed_input *input, const struct ed_xml_handler *handler,
			struct document *document, struct ed_error *err)
{
	struct ed_buf hold, clean;
	struct ed_str bytes;
	ed_status status;

	ed_buf_init(&hold, ED_LIMIT_TEXT_FILE);
	ed_buf_init(&clean, 3 * ED_LIMIT_TEXT_FILE);
	if (input->size > ED_LIMIT_TEXT_FILE)
		status = ed_fail(err, ED_LIMIT, "larger than the %zu bytes allowed for its kind",
				 ED_LIMIT_TEXT_FILE);
	else
		status = ed_input_all(input, &hold, &bytes, err);
	if (status == ED_OK)
		status = parse(bytes, &clean, handler, document, err);
	ed_buf_release(&clean);
	ed_buf_release(&hold);
	return status;
}

/* SPDX-License-Identifier: MIT */
/* Loading text of any encoding for the readers of this folder. */
#include "espdiag/collectors/textlog.h"

#include "espdiag/base/limits.h"
#include "espdiag/base/utf.h"
#include "textlog_priv.h"

ed_status textlog_load(const struct ed_input *input, struct ed_buf *text, struct ed_error *err)
{
	struct ed_buf hold;
	struct ed_str bytes;
	ed_status status;

	if (input->size > ED_LIMIT_TEXT_FILE)
		return ed_fail(err, ED_LIMIT, "text of more than %zu bytes", ED_LIMIT_TEXT_FILE);
	ed_buf_init(&hold, ED_LIMIT_TEXT_FILE);
	status = ed_input_all(input, &hold, &bytes, err);
	if (status == ED_OK) {
		ed_buf_text(text, bytes.p, bytes.len, NULL);
		if (text->status != ED_OK)
			status = ed_fail(err, text->status, "out of memory for text");
	}
	ed_buf_release(&hold);
	return status;
}

ed_status textlog_read(const struct ed_input *input, textlog_walk_fn walk, struct ed_sink *sink,
		       struct ed_error *err)
{
	struct ed_buf text;
	ed_status status;

	ed_buf_init(&text, ED_LIMIT_TEXT_FILE * 3 + 3); /* text may grow in UTF-8 */
	status = textlog_load(input, &text, err);
	if (status == ED_OK)
		status = walk(input, ed_buf_str(&text), sink, err);
	ed_buf_release(&text);
	return status;
}

/* SPDX-License-Identifier: MIT */
/* What the readers of text files share. */
#ifndef ED_TEXTLOG_PRIV_H
#define ED_TEXTLOG_PRIV_H

#include "espdiag/base/buf.h"
#include "espdiag/collectors/input.h"

/* The whole input as UTF-8, appended to @text. ED_LIMIT when it is too long, ED_NOMEM, ED_IO. */
ed_status textlog_load(const struct ed_input *input, struct ed_buf *text, struct ed_error *err);

/* Reads from text; @input is there for its path. Damage is told to the sink. */
typedef ed_status (*textlog_walk_fn)(const struct ed_input *input, struct ed_str text,
				     struct ed_sink *sink, struct ed_error *err);

/* Loads @input, walks it, and releases what was loaded. */
ed_status textlog_read(const struct ed_input *input, textlog_walk_fn walk, struct ed_sink *sink,
		       struct ed_error *err);

#endif

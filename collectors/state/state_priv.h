/* SPDX-License-Identifier: MIT */
/* What the three JSON forms share: telling one by its schema, and parsing it. */
#ifndef ED_STATE_PRIV_H
#define ED_STATE_PRIV_H

#include "espdiag/collectors/state.h"

/* 95 when @head begins an object and holds @schema as a text, else 0. */
int state_probe(struct ed_str head, const char *schema);

/* One document being read. */
struct state_walk {
	struct ed_sink *sink;
	struct ed_error *err;
	struct ed_buf path; /* of the walk's own use */
	/* of texts that JSON may hold and a fact may not */
	struct ed_buf clean_path, clean_name, clean_text;
};

typedef ed_status (*state_walk_fn)(struct state_walk *walk, const struct ed_json *root);

/* Parses @input and hands it to @walk when its "schema" is @schema; ED_FORMAT when it is not. */
ed_status state_read(const struct ed_input *input, const char *schema, state_walk_fn walk,
		     struct ed_sink *sink, struct ed_error *err);

/* Delivers @fact or @gap with its texts made valid. */
ed_status state_tell_fact(struct state_walk *walk, const struct ed_fact *fact);
ed_status state_tell_gap(struct state_walk *walk, const struct ed_gap *gap);
/* Tells that @lost @what not of the form that they should have. */
ed_status state_tell_lost(struct state_walk *walk, uint64_t lost, const char *what);

/* Text where there is one, else the empty text: a path that is not said is the area itself. */
struct ed_str state_text(const struct ed_json *object, const char *name);

/* State of the word @word; false when no state has it. */
bool state_from_word(struct ed_str word, enum ed_state *out);

#endif

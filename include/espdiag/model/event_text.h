/* SPDX-License-Identifier: MIT */
/*
 * An event as a line of JSON or as XML, made of what the model keeps of it. Readers that know more
 * of a record write it themselves, in the same form.
 */
#ifndef ESPDIAG_MODEL_EVENT_TEXT_H
#define ESPDIAG_MODEL_EVENT_TEXT_H

#include "espdiag/base/buf.h"
#include "espdiag/model/event.h"

#define ED_FIELDS_WANTED 64

/* Names asked for; .count 0 asks for everything. */
struct ed_wanted {
	struct ed_str names[ED_FIELDS_WANTED];
	size_t count;
};

/* A part of System, and what it is called in JSON. */
struct ed_system_key {
	struct ed_str element;
	struct ed_str attribute; /* .p NULL: the element's content */
	struct ed_str key;
	bool is_number; /* written without quotes where it is one */
};

extern const struct ed_system_key ed_system_keys[];
extern const size_t ed_system_key_count;

/*
 * Under which name a part of System, or a field (Data without a name is "Data"), is written:
 * { NULL, 0 } when not at all. Wanted names match without spaces and case, a part of System by its
 * key, or by the name of the element or attribute, and before any field.
 */
struct ed_str ed_wanted_system(const struct ed_wanted *wanted, const struct ed_system_key *key);
struct ed_str ed_wanted_field(const struct ed_wanted *wanted, struct ed_str name);

/*
 * The members of the object of fields, with a comma behind each. Keys differ: the second "Data"
 * is "Data#2", with more of the '#' when a logged name has that many.
 */
void ed_event_json_fields(struct ed_buf *out, const struct ed_field *fields, size_t count,
			  const struct ed_wanted *wanted);
/* One object with a line end. With @wanted only what is wanted, fields beside parts of System. */
void ed_event_json(struct ed_buf *out, const struct ed_event *event,
		   const struct ed_wanted *wanted);
/* One <Event> with a line end. */
void ed_event_xml(struct ed_buf *out, const struct ed_event *event);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * One Windows event as every reader delivers it, whatever it was read from.
 *
 * Text is UTF-8 and rendered as Windows renders event XML: integers in decimal, HexInt32/64 as 0x
 * and lower-case hex without leading zeros, GUIDs in braces, booleans true/false, times as
 * 2026-09-14T08:15:07.0000000Z, SIDs as S-1-…, binary as upper-case hex.
 */
#ifndef ESPDIAG_MODEL_EVENT_H
#define ESPDIAG_MODEL_EVENT_H

#include "espdiag/base/arena.h"
#include "espdiag/base/str.h"
#include "espdiag/base/time.h"

#include <stddef.h>
#include <stdint.h>

/* What a reader knows before it renders anything else; enough to decide whether to. */
struct ed_event_head {
	struct ed_str provider; /* Provider/@Name; for classic events the source name */
	struct ed_str channel;
	uint64_t record; /* EventRecordID */
	int64_t time;    /* TimeCreated as logged; ED_TIME_NONE when the record has none */
	uint32_t id;     /* EventID without qualifiers */
	uint8_t level;
	uint8_t version;
};

/*
 * One named value. Data of EventData carry their Name attribute ("" when they have none), other
 * elements of EventData and the leaf elements of UserData carry their local element name.
 * Elements come in document order, an empty one has an empty value.
 */
struct ed_field {
	struct ed_str name;
	struct ed_str value;
};

struct ed_event {
	struct ed_event_head head;
	struct ed_str user;     /* Security/@UserID, { NULL, 0 } when absent */
	struct ed_str computer; /* Computer */
	const struct ed_field *fields;
	size_t field_count;
};

/* Copies @from with all its text into @arena. False when out of memory; @to is then unchanged. */
bool ed_event_copy(struct ed_arena *arena, const struct ed_event *from, struct ed_event *to);

/* Value of the field @name, matched without spaces and ASCII case; { NULL, 0 } when there is none.
 */
struct ed_str ed_event_field(const struct ed_event *event, struct ed_str name);
/* The same as a number in any dialect; false when absent or no number. */
bool ed_event_u32(const struct ed_event *event, struct ed_str name, uint32_t *out);

#endif

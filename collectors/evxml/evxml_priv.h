/* SPDX-License-Identifier: MIT */
/* The two halves of the event XML reader: cutting a text into events, and understanding one. */
#ifndef ESPDIAG_EVXML_PRIV_H
#define ESPDIAG_EVXML_PRIV_H

#include "espdiag/collectors/input.h"
#include "espdiag/xml/encoding.h"
#include "espdiag/xml/xml.h"

enum evxml_piece_kind {
	EVXML_EVENT,   /* from <Event to </Event>: to be parsed */
	EVXML_BROKEN,  /* an event that has no end before the next one begins */
	EVXML_CUT,     /* an event that has no end before the text ends */
	EVXML_LONG,    /* an event longer than ED_LIMIT_EVENT_XML; its rest comes as nothing */
	EVXML_JUNK,    /* something that is no event XML, told once a run */
	EVXML_DOCTYPE, /* nothing is read behind it */
	EVXML_END,
};

struct evxml_piece {
	enum evxml_piece_kind kind;
	struct ed_str text; /* of an event, decoded but not clean; valid until the next piece */
};

/*
 * Cuts a source into pieces with a window over its text, so that memory does not grow with it.
 * Only the limits of elements called Event are looked for; what is between them is the parser's.
 */
struct evxml_split {
	const struct ed_input *input;
	uint64_t offset; /* of the next byte of the input */
	struct ed_xml_decoder decoder;
	struct ed_buf raw;    /* bytes of an input that is not in memory */
	struct ed_buf window; /* decoded text */
	size_t pos;           /* in the window: all before it is done */
	size_t last;          /* in the window: where the last event began */
	/*
	 * Up to here in the window comments and CDATA are not believed and an Event within an Event
	 * is a new one: reading it by the rules has failed.
	 */
	size_t plain_until;
	bool eof;
	bool in_junk;
	bool cut_off;   /* the input is larger than ED_LIMIT_XML_FILE */
	bool seen_root; /* <Events> */
	bool root_open;
};

void evxml_split_init(struct evxml_split *split, const struct ed_input *input);
void evxml_split_release(struct evxml_split *split);
/* The next piece. ED_NOMEM, ED_FORMAT (UTF-32), or what reading the input returned. */
ed_status evxml_split_next(struct evxml_split *split, struct evxml_piece *piece,
			   struct ed_error *err);
/* The last event could not be parsed: if others begin within it they come next. */
void evxml_split_reject(struct evxml_split *split);

/* What is read of one event; the members are reused from event to event. */
struct evxml_event {
	struct ed_arena arena; /* text of this event */
	struct ed_event event; /* complete after a successful evxml_event_parse */
	struct ed_field *fields;
	size_t field_count, field_cap;
	size_t cut_values; /* of all events: values cut to ED_LIMIT_VALUE */
	/* while parsing */
	size_t elements;
	int section;
	int item;
	bool leaf;
	bool has_id;
	struct ed_str source_name; /* Provider/@EventSourceName */
	struct ed_field now;
};

void evxml_event_init(struct evxml_event *event);
void evxml_event_release(struct evxml_event *event);
/*
 * Parses @text, one clean Event element, into @event->event. ED_FORMAT: malformed, or no Windows
 * event; ED_LIMIT; ED_NOMEM.
 */
ed_status evxml_event_parse(struct evxml_event *event, struct ed_xml *xml, struct ed_str text,
			    struct ed_error *err);

#endif

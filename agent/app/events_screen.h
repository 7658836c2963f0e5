/* SPDX-License-Identifier: MIT */
/* Printed events without their secrets, and without identities where that was asked for. */
#ifndef AGENT_APP_EVENTS_SCREEN_H
#define AGENT_APP_EVENTS_SCREEN_H

#include "options.h"

#include "espdiag/collectors/evtx_dump.h"
#include "espdiag/redact/redact.h"

struct ed_events_screen {
	struct ed_redactor *redactor;
	struct ed_dump_screen
		dump;          /* the same for logs that are written straight from their bytes */
	bool is_xml;           /* the form that events are printed in */
	bool is_learning;      /* first pass: nothing is printed */
	struct ed_buf text;    /* of one event, or of a field */
	struct ed_arena arena; /* of one event */
};

/* @screen stays where it is. ED_NOMEM, or no random numbers for the pseudonyms. */
ed_status ed_events_screen_init(struct ed_events_screen *screen, enum ed_redact_level level,
				struct ed_error *err);
/* Twice is harmless. */
void ed_events_screen_release(struct ed_events_screen *screen);

/* Redacts the event that is printed in @out from @begin on. ED_NOMEM, ED_LIMIT. */
ed_status ed_events_screen_text(struct ed_events_screen *screen, const struct ed_event *event,
				struct ed_buf *out, size_t begin, struct ed_error *err);
/* Makes *@clean what may be printed of @event; valid until the next call. ED_NOMEM. */
ed_status ed_events_screen_event(struct ed_events_screen *screen, const struct ed_event *event,
				 struct ed_event *clean, struct ed_error *err);

#endif

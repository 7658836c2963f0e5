/* SPDX-License-Identifier: MIT */
/*
 * Where readers deliver. A reader walks its bytes once and calls these; it knows nothing of what
 * becomes of the evidence. Damage is a gap, never a failure: a reader returns other than ED_OK only
 * when the source as a whole could not be used, or when a sink call failed (that status is passed
 * on).
 */
#ifndef ESPDIAG_MODEL_SINK_H
#define ESPDIAG_MODEL_SINK_H

#include "espdiag/base/error.h"
#include "espdiag/model/event.h"
#include "espdiag/model/fact.h"

#include <stdbool.h>
#include <stdint.h>

/* X(name, word): the words are the coverage states of the verdict. */
#define ED_STATE_LIST(X)                                                                           \
	X(ED_STATE_READ, "read")                                                                   \
	X(ED_STATE_EMPTY, "empty")                                                                 \
	X(ED_STATE_ABSENT, "absent")                                                               \
	X(ED_STATE_DENIED, "denied")                                                               \
	X(ED_STATE_DISABLED, "disabled")                                                           \
	X(ED_STATE_DAMAGED, "damaged")                                                             \
	X(ED_STATE_TRUNCATED, "truncated")                                                         \
	X(ED_STATE_TIMED_OUT, "timed-out")

enum ed_state {
#define ED_STATE_ENUM(name, word) name,
	ED_STATE_LIST(ED_STATE_ENUM)
#undef ED_STATE_ENUM
};

#define ED_LOST_UNKNOWN UINT64_MAX

/* Something could not be read. Text is borrowed for the call. */
struct ed_gap {
	enum ed_state state;   /* DAMAGED: wrong bytes; TRUNCATED: missing bytes or a limit; DENIED;
				  ABSENT */
	uint64_t lost;         /* records (or values, lines, members) lost; ED_LOST_UNKNOWN */
	bool inner;            /* newer records than what is lost were read */
	struct ed_str why;     /* "chunk 3: checksum mismatch" */
	struct ed_str channel; /* the event channel it concerns, if known; else { NULL, 0 } */
	struct ed_str subject; /* what it concerns when that is neither this source nor a channel: a
				  key, a class, another file; else { NULL, 0 } */
};

struct ed_sink {
	const struct ed_sink_ops *ops; /* first member of every concrete sink */
};

/* All text passed in is borrowed for the call only. Any status but ED_OK ends the run. */
struct ed_sink_ops {
	/*
	 * Every record of a log passes here, wanted or not, so that coverage counts it.
	 * True: render it and call event().
	 */
	bool (*want)(struct ed_sink *sink, const struct ed_event_head *head);
	ed_status (*event)(struct ed_sink *sink, const struct ed_event *event,
			   struct ed_error *err);
	ed_status (*fact)(struct ed_sink *sink, const struct ed_fact *fact, struct ed_error *err);
	ed_status (*gap)(struct ed_sink *sink, const struct ed_gap *gap, struct ed_error *err);
};

#endif

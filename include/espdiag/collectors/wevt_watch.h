/* SPDX-License-Identifier: MIT */
/*
 * Following a device: subscriptions to event channels, and what tells that there is something new.
 * Between two signs nothing is asked of the event log. Portable over struct ed_wevt_api and the
 * signs, which are Windows in the program and fakes in tests.
 */
#ifndef ESPDIAG_COLLECTORS_WEVT_WATCH_H
#define ESPDIAG_COLLECTORS_WEVT_WATCH_H

#include "espdiag/collectors/wevt.h"

/* What a wait ends with; bits, 0: the time is over. */
#define ED_WATCH_EVENTS 1u /* a subscription has events */
#define ED_WATCH_KEYS 2u   /* a key, or something below it, is not as it was */
#define ED_WATCH_BROKEN 4u /* waiting failed: nothing more will be told */

/* Signs of change. Codes are Windows error codes, 0 for success. All on one thread. */
struct ed_watch_signs {
	void *context;
	/*
	 * EvtSubscribe: events of @query, a QueryList of @channel, that come behind its record
	 * @after, 0: all there are and that come. Read with next() of struct ed_wevt_api, closed
	 * with its close().
	 */
	uint32_t (*subscribe)(void *context, struct ed_str query, struct ed_str channel,
			      uint64_t after, void **subscription);
	/* Also tells of @key, below HKEY_LOCAL_MACHINE, and all below it; one that is not there
	 * yet from when it is. */
	uint32_t (*listen)(void *context, struct ed_str key);
	/* Waits for a sign, at most @ms. A sign is told once. */
	unsigned (*wait)(void *context, uint32_t ms);
};

struct ed_wevt_watch;

/* Both are borrowed until ed_wevt_watch_free. ED_NOMEM. */
ed_status ed_wevt_watch_new(const struct ed_wevt_api *api, const struct ed_watch_signs *signs,
			    struct ed_wevt_watch **out, struct ed_error *err);
/* Ends the subscriptions; NULL is harmless. */
void ed_wevt_watch_free(struct ed_wevt_watch *watch);
/*
 * Follows @channel from behind the record @after on, 0: from its oldest. ED_ABSENT, ED_ACCESS,
 * ED_IO: it cannot be followed. ED_NOMEM, ED_LIMIT (too many).
 */
ed_status ed_wevt_watch_add(struct ed_wevt_watch *watch, const struct ed_wevt_channel *channel,
			    uint64_t after, struct ed_error *err);
/*
 * After a sign: hands on all that is new, channel by channel, one event a line, oldest first. A
 * subscription that fails is begun anew behind its last event. ED_NOMEM, or what @took returned.
 */
ed_status ed_wevt_watch_take(struct ed_wevt_watch *watch, void *context,
			     ed_status (*took)(void *context, const struct ed_wevt_channel *channel,
					       struct ed_str lines, struct ed_error *err),
			     struct ed_error *err);
/* True when some channel is not followed for now: take, some time later, tries again. */
bool ed_wevt_watch_is_broken(const struct ed_wevt_watch *watch);

/* Record number of the last event of a recorded channel, the highest; 0 none. */
uint64_t ed_wevt_last_record(struct ed_str member);

/* Windows only. ED_UNSUPPORTED: it lacks what is needed. ED_NOMEM, ED_IO. */
ed_status ed_watch_signs_new(struct ed_watch_signs *signs, struct ed_error *err);
/* Of the same; twice is harmless. */
void ed_watch_signs_free(struct ed_watch_signs *signs);

#endif

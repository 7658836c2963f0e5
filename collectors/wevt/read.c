/* SPDX-License-Identifier: MIT */
/*
 * Reading one channel, newest event first: whatever ends a reading early, its time, its size or the
 * log itself, what was read then is what matters most.
 */
#include "wevt_priv.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"

#include <inttypes.h>
#include <string.h>

#define RENDER_FIRST ((uint32_t)(64 * ED_KIB))
#define RENDER_MOST ((uint32_t)(2 * ED_LIMIT_EVENT_XML))

enum step {
	STEP_NEXT,  /* ask for more */
	STEP_AGAIN, /* the results are of no use any more: ask anew from the last record on */
	STEP_END,
};

void wevt_reading_init(struct wevt_reading *r, const struct ed_wevt_api *api,
		       const struct ed_wevt_channel *channel, const struct ed_live *live,
		       struct ed_buf *lines)
{
	*r = (struct wevt_reading){
		.api = api,
		.channel = channel,
		.live = live,
		.lines = lines,
		.batch = WEVT_BATCH,
	};
	wevt_note_init(&r->note);
	ed_buf_init(&r->query, ED_MIB);
	ed_buf_init(&r->hold, 2 * RENDER_MOST);
}

void wevt_reading_release(struct wevt_reading *r)
{
	ed_buf_release(&r->note.why);
	ed_buf_release(&r->query);
	ed_buf_release(&r->hold);
	ed_free(r->buffer);
	r->buffer = NULL;
}

static bool grow_buffer(struct wevt_reading *r, uint32_t size)
{
	void *p = ed_realloc(r->buffer, size);

	if (!p)
		return false;
	r->buffer = p;
	r->buffer_size = size;
	return true;
}

/* *bytes 0: it cannot be rendered, and r->unreadable_code says why. ED_NOMEM. */
static ed_status render(struct wevt_reading *r, void *event, size_t *bytes, struct ed_error *err)
{
	uint32_t used = 0;
	uint32_t code;

	*bytes = 0;
	if (!r->buffer && !grow_buffer(r, RENDER_FIRST))
		return ed_fail(err, ED_NOMEM, "out of memory while reading events");
	code = r->api->render(r->api->context, event, r->buffer_size, r->buffer, &used);
	if (code == ED_WEVT_SMALL_BUFFER && used > r->buffer_size && used <= RENDER_MOST) {
		if (!grow_buffer(r, used <= RENDER_MOST / 2 ? used * 2 : used))
			return ed_fail(err, ED_NOMEM, "out of memory while reading events");
		code = r->api->render(r->api->context, event, r->buffer_size, r->buffer, &used);
	}
	if (code != ED_WEVT_OK)
		r->unreadable_code = code;
	else if (used <= r->buffer_size)
		*bytes = used;
	return ED_OK;
}

/* Appends the event as a line; *added false, and nothing appended, when it is none. */
static ed_status add_event(struct wevt_reading *r, void *event, bool *added, struct ed_error *err)
{
	size_t start = r->lines->len;
	size_t bytes;

	*added = false;
	ED_TRY(render(r, event, &bytes, err));
	if (!bytes)
		return ED_OK;
	wevt_event_line(r->lines, &r->hold, r->buffer, bytes);
	if (r->lines->status != ED_OK)
		return ed_fail(err, r->lines->status, "cannot keep the events of '%s': %s",
			       r->channel->name, ed_status_text(r->lines->status));
	*added = ed_str_starts(ed_str_slice(ed_buf_str(r->lines), start, r->lines->len),
			       ED_STR("<Event"));
	if (!*added)
		r->lines->len = start;
	return ED_OK;
}

static void end_early(struct wevt_reading *r, enum ed_state state, const char *why)
{
	if (!r->ended)
		wevt_note_add(&r->note, state, ED_LOST_UNKNOWN, "%s", why);
	r->ended = true;
}

static ed_status take_event(struct wevt_reading *r, void *event, struct ed_error *err)
{
	size_t start = r->lines->len;
	bool added;

	if (r->channel->newest && r->events >= r->channel->newest) {
		r->cut = true;
		r->ended = true;
		return ED_OK;
	}
	ED_TRY(add_event(r, event, &added, err));
	if (!added) {
		r->unreadable++;
		return ED_OK;
	}
	if (r->lines->len > ED_LIMIT_RECORDED_CHANNEL) {
		r->lines->len = start;
		end_early(r, ED_STATE_TRUNCATED,
			  "older events are not here: a channel is recorded up to "
			  "ED_LIMIT_RECORDED_CHANNEL bytes, the newest first");
		return ED_OK;
	}
	r->last = start;
	r->events++;
	r->fruitless = 0;
	r->timeouts = 0;
	return ED_OK;
}

ed_status wevt_read_batch(struct wevt_reading *r, void **events, uint32_t count,
			  struct ed_error *err)
{
	ed_status status = ED_OK;

	for (uint32_t i = 0; i < count; i++) {
		if (!r->ended && r->live->stopped(r->live))
			end_early(r, ED_STATE_TIMED_OUT,
				  "the time was up: older events are not here");
		if (!r->ended && status == ED_OK)
			status = take_event(r, events[i], err);
		r->api->close(r->api->context, events[i]);
	}
	return status;
}

/* A batch did not fit: smaller ones. When not even one event does, it is passed over. */
static enum step out_of_bounds(struct wevt_reading *r)
{
	if (r->batch > 1) {
		r->batch /= 2;
		return STEP_AGAIN;
	}
	r->unreadable++;
	r->unreadable_code = ED_WEVT_BOUND;
	if (++r->fruitless < WEVT_FRUITLESS)
		return STEP_NEXT; /* the position is behind the event by now */
	end_early(r, ED_STATE_TRUNCATED,
		  "events that are too large to be handed over end the "
		  "reading: older ones are not here");
	return STEP_END;
}

static enum step no_events(struct wevt_reading *r, uint32_t code)
{
	switch (code) {
	case ED_WEVT_END:
		r->whole = true;
		return STEP_END;
	case ED_WEVT_TIMEOUT:
		/* few events in a long log: less at once is sooner found */
		r->batch = r->batch > 1 ? r->batch / 2 : 1;
		if (++r->timeouts < WEVT_TIMEOUTS)
			return STEP_NEXT;
		end_early(r, ED_STATE_TIMED_OUT, "the event log stopped answering");
		return STEP_END;
	case ED_WEVT_CANCELLED:
		end_early(r, ED_STATE_TIMED_OUT, "the reading was cancelled");
		return STEP_END;
	case ED_WEVT_BOUND:
		return out_of_bounds(r);
	case ED_WEVT_STALE:
		if (++r->fruitless < WEVT_FRUITLESS)
			return STEP_AGAIN;
		end_early(r, ED_STATE_TRUNCATED, "the log kept changing while it was read");
		return STEP_END;
	default:
		if (!r->ended)
			wevt_note_add(&r->note, ED_STATE_DAMAGED, ED_LOST_UNKNOWN,
				      "reading stopped with error %" PRIu32, code);
		r->ended = true;
		return STEP_END;
	}
}

static ed_status drain(struct wevt_reading *r, void *results, enum step *step, struct ed_error *err)
{
	void *events[WEVT_BATCH];

	*step = STEP_NEXT;
	while (*step == STEP_NEXT) {
		uint32_t count = 0;
		uint32_t code;

		if (r->live->stopped(r->live))
			end_early(r, ED_STATE_TIMED_OUT,
				  "the time was up: older events are not here");
		if (r->ended) {
			*step = STEP_END;
			break;
		}
		code = r->api->next(r->api->context, results, r->batch, events, WEVT_NEXT_MS,
				    &count);
		if (code == ED_WEVT_OK && count && count <= r->batch)
			ED_TRY(wevt_read_batch(r, events, count, err));
		else
			*step = no_events(r, code ? code : ED_WEVT_TIMEOUT);
	}
	return ED_OK;
}

/* What the first query's failure means to the caller. */
static ed_status refuse(const struct wevt_reading *r, uint32_t code, struct ed_error *err)
{
	const char *name = r->channel->name;

	if (code == ED_WEVT_NO_CHANNEL)
		return ed_fail_os(err, ED_ABSENT, code, "EvtQuery",
				  "this Windows has no such channel");
	if (code == ED_WEVT_DENIED)
		return ed_fail_os(err, ED_ACCESS, code, "EvtQuery",
				  "this account may not read the channel");
	if (wevt_service_down(code))
		return ed_fail_os(err, ED_IO, code, "EvtQuery",
				  "the event log service does not answer (error %" PRIu32 ")",
				  code);
	return ed_fail_os(err, ED_IO, code, "EvtQuery", "cannot query '%s' (error %" PRIu32 ")",
			  name, code);
}

static ed_status open_query(struct wevt_reading *r, bool first, void **results,
			    struct ed_error *err)
{
	uint32_t code;

	*results = NULL;
	wevt_query_channel(&r->query, r->channel, r->range, r->everything);
	if (r->query.status != ED_OK)
		return ed_fail(err, r->query.status, "cannot ask for events: %s",
			       ed_status_text(r->query.status));
	code = r->api->query(r->api->context, ed_buf_str(&r->query), true, results);
	if ((code == ED_WEVT_BAD_QUERY || code == ED_WEVT_COMPLEX) && !r->everything) {
		r->everything = true;
		return open_query(r, first, results, err);
	}
	if (code == ED_WEVT_OK)
		return ED_OK;
	*results = NULL;
	if (first)
		return refuse(r, code, err);
	wevt_note_add(&r->note, ED_STATE_DAMAGED, ED_LOST_UNKNOWN,
		      "older events could not be asked for (error %" PRIu32 ")", code);
	r->ended = true;
	return ED_OK;
}

static void note_unreadable(struct wevt_reading *r)
{
	if (!r->unreadable)
		return;
	r->whole = false;
	wevt_note_add(&r->note, ED_STATE_DAMAGED, r->unreadable,
		      "%" PRIu64 " events could not be rendered (error %" PRIu32 ")", r->unreadable,
		      r->unreadable_code);
}

ed_status wevt_read(struct wevt_reading *r, struct ed_error *err)
{
	enum step step = STEP_AGAIN;

	for (bool first = true; step == STEP_AGAIN; first = false) {
		uint64_t record = r->events ? wevt_event_record(ed_str_slice(
						      ed_buf_str(r->lines), r->last, r->lines->len))
					    : 0;
		ed_status status;
		void *results;

		if (record)
			r->range.below = record;
		ED_TRY(open_query(r, first, &results, err));
		if (!results)
			break;
		status = drain(r, results, &step, err);
		r->api->close(r->api->context, results);
		if (status != ED_OK)
			return status;
	}
	note_unreadable(r);
	if (r->everything)
		wevt_note_add(&r->note, ED_STATE_READ, 0,
			      "read without a filter: the service refused the query");
	return ED_OK;
}

ed_status wevt_read_one(struct wevt_reading *r, struct ed_str query, bool newest_first,
			uint32_t nth, bool *found, struct ed_error *err)
{
	void *events[WEVT_BATCH];
	uint64_t unreadable = r->unreadable;
	size_t start = r->lines->len;
	ed_status status = ED_OK;
	uint32_t count = 0;
	void *results;

	*found = false;
	if (r->live->stopped(r->live) ||
	    r->api->query(r->api->context, query, newest_first, &results) != ED_WEVT_OK)
		return ED_OK;
	if (r->api->next(r->api->context, results, nth, events, WEVT_NEXT_MS, &count) != ED_WEVT_OK)
		count = 0;
	if (count == nth)
		status = add_event(r, events[nth - 1], found, err);
	for (uint32_t i = 0; i < count && i < nth; i++)
		r->api->close(r->api->context, events[i]);
	r->api->close(r->api->context, results);
	if (*found)
		wevt_event_strip(r->lines, start);
	r->unreadable = unreadable;
	return status;
}

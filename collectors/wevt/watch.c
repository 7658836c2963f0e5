/* SPDX-License-Identifier: MIT */
/* Subscriptions: one a channel, since one that is denied would spoil a query over all of them. */
#include "espdiag/collectors/wevt_watch.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"

#include "wevt_priv.h"

#include <inttypes.h>

/* More than the table has. */
#define CHANNELS_MOST 64
/* Attempts to go on with a subscription that fails, within one taking. */
#define TRIES_MOST 4
/* An answer of a pull subscription comes at once, or there is none. */
#define NEXT_MS 100

struct subscription {
	const struct ed_wevt_channel *channel;
	void *handle; /* NULL: broken */
	uint64_t last;
	uint32_t batch;
};

struct ed_wevt_watch {
	const struct ed_wevt_api *api;
	const struct ed_watch_signs *signs;
	struct subscription items[CHANNELS_MOST];
	size_t count;
};

static bool never_stopped(const struct ed_live *live)
{
	(void)live;
	return false;
}

static const struct ed_live unlimited = { .stopped = never_stopped };

ed_status ed_wevt_watch_new(const struct ed_wevt_api *api, const struct ed_watch_signs *signs,
			    struct ed_wevt_watch **out, struct ed_error *err)
{
	struct ed_wevt_watch *watch = ed_calloc(1, sizeof(*watch));

	if (!watch)
		return ed_fail(err, ED_NOMEM, "out of memory");
	watch->api = api;
	watch->signs = signs;
	*out = watch;
	return ED_OK;
}

void ed_wevt_watch_free(struct ed_wevt_watch *watch)
{
	if (!watch)
		return;
	for (size_t i = 0; i < watch->count; i++)
		if (watch->items[i].handle)
			watch->api->close(watch->api->context, watch->items[i].handle);
	ed_free(watch);
}

/* As a reading does, the whole channel when the service does not take the filter. */
static uint32_t subscribe(const struct ed_wevt_watch *watch, struct subscription *s)
{
	const struct wevt_range all = { .from = 0 };
	struct ed_str name = ed_str_from(s->channel->name);
	uint32_t code = ED_WEVT_OK;
	struct ed_buf query;

	ed_buf_init(&query, ED_MIB);
	for (int everything = 0; everything < 2; everything++) {
		wevt_query_channel(&query, s->channel, all, everything != 0);
		if (query.status != ED_OK)
			code = ED_WEVT_BAD_QUERY;
		else
			code = watch->signs->subscribe(watch->signs->context, ed_buf_str(&query),
						       name, s->last, &s->handle);
		if (code != ED_WEVT_BAD_QUERY && code != ED_WEVT_COMPLEX)
			break;
	}
	if (code != ED_WEVT_OK)
		s->handle = NULL;
	ed_buf_release(&query);
	return code;
}

ed_status ed_wevt_watch_add(struct ed_wevt_watch *watch, const struct ed_wevt_channel *channel,
			    uint64_t after, struct ed_error *err)
{
	struct subscription s = { .channel = channel, .last = after, .batch = WEVT_BATCH };
	ed_status status = ED_IO;
	uint32_t code;

	if (watch->count == CHANNELS_MOST)
		return ed_fail(err, ED_LIMIT, "too many channels to follow");
	code = subscribe(watch, &s);
	if (code == ED_WEVT_OK) {
		watch->items[watch->count++] = s;
		return ED_OK;
	}
	if (code == ED_WEVT_NO_CHANNEL)
		status = ED_ABSENT;
	else if (code == ED_WEVT_DENIED)
		status = ED_ACCESS;
	return ed_fail_os(err, status, code, "EvtSubscribe",
			  "cannot follow '%s' (error %" PRIu32 ")", channel->name, code);
}

/* Until nothing more is there. *code: why it ended; ED_WEVT_OK when all was well. */
static ed_status drain(const struct ed_wevt_watch *watch, struct subscription *s,
		       struct wevt_reading *r, uint32_t *code, struct ed_error *err)
{
	void *events[WEVT_BATCH];

	for (;;) {
		uint32_t count = 0;

		*code = watch->api->next(watch->api->context, s->handle, s->batch, events, NEXT_MS,
					 &count);
		if (*code == ED_WEVT_END || *code == ED_WEVT_TIMEOUT)
			*code = ED_WEVT_OK;
		if (*code != ED_WEVT_OK || !count || count > s->batch)
			return ED_OK;
		ED_TRY(wevt_read_batch(r, events, count, err));
		if (r->lines->len)
			s->last = ed_wevt_last_record(ed_buf_str(r->lines));
	}
}

/*
 * A subscription is ended and begun anew behind what was seen when it fails: the position of one
 * whose batch was too large is behind the events that did not fit.
 */
static ed_status subscription_take(const struct ed_wevt_watch *watch, struct subscription *s,
				   struct ed_buf *lines, struct ed_error *err)
{
	struct ed_wevt_channel channel = *s->channel;
	struct wevt_reading reading;
	uint32_t code = ED_WEVT_END;
	ed_status status = ED_OK;

	channel.newest = 0; /* all that comes is new */
	wevt_reading_init(&reading, watch->api, &channel, &unlimited, lines);
	for (int i = 0; i < TRIES_MOST && status == ED_OK && code != ED_WEVT_OK; i++) {
		if (!s->handle && subscribe(watch, s) != ED_WEVT_OK)
			break;
		status = drain(watch, s, &reading, &code, err);
		if (status != ED_OK || code == ED_WEVT_OK)
			break;
		watch->api->close(watch->api->context, s->handle);
		s->handle = NULL;
		s->batch = s->batch > 1 ? s->batch / 2 : 1;
	}
	wevt_reading_release(&reading);
	return status;
}

ed_status ed_wevt_watch_take(struct ed_wevt_watch *watch, void *context,
			     ed_status (*took)(void *context, const struct ed_wevt_channel *channel,
					       struct ed_str lines, struct ed_error *err),
			     struct ed_error *err)
{
	ed_status status = ED_OK;
	struct ed_buf lines;

	ed_buf_init(&lines, ED_LIMIT_RECORDED);
	for (size_t i = 0; i < watch->count && status == ED_OK; i++) {
		struct subscription *s = &watch->items[i];

		ed_buf_clear(&lines);
		status = subscription_take(watch, s, &lines, err);
		if (status == ED_OK && lines.len)
			status = took(context, s->channel, ed_buf_str(&lines), err);
	}
	ed_buf_release(&lines);
	return status;
}

bool ed_wevt_watch_is_broken(const struct ed_wevt_watch *watch)
{
	for (size_t i = 0; i < watch->count; i++)
		if (!watch->items[i].handle)
			return true;
	return false;
}

uint64_t ed_wevt_last_record(struct ed_str member)
{
	size_t end = member.len;

	while (end) {
		size_t from;
		uint64_t record;

		while (end && member.p[end - 1] == '\n')
			end--;
		for (from = end; from && member.p[from - 1] != '\n'; from--)
			;
		record = wevt_event_record(ed_str_slice(member, from, end));
		if (record)
			return record;
		end = from;
	}
	return 0;
}

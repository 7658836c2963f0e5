/* SPDX-License-Identifier: MIT */
/* One channel into one member of the bundle, with what its log begins and ends with. */
#include "wevt_priv.h"

#include "espdiag/base/limits.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define WHY_BYTES ((size_t)600)
#define WEVT_LINES (ED_LIMIT_RECORDED_CHANNEL + 192 * ED_KIB)

void wevt_note_init(struct wevt_note *note)
{
	*note = (struct wevt_note){ .any = false };
	ed_buf_init(&note->why, WHY_BYTES);
}

void wevt_note_add(struct wevt_note *note, enum ed_state state, uint64_t lost, const char *format,
		   ...)
{
	char text[WHY_BYTES / 3];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (note->any)
		ed_buf_addz(&note->why, "; ");
	ed_buf_addz(&note->why, text);
	if (!note->any || note->state == ED_STATE_READ)
		note->state = state;
	if (note->lost != ED_LOST_UNKNOWN)
		note->lost = lost == ED_LOST_UNKNOWN ? lost : note->lost + lost;
	note->any = true;
}

ed_status wevt_note_tell(struct wevt_note *note, const struct ed_wevt_channel *channel,
			 struct ed_recording *out, struct ed_error *err)
{
	ed_status status = ED_OK;

	if (note->why.status == ED_NOMEM)
		status = ed_fail(err, ED_NOMEM, "out of memory while recording");
	else if (note->any)
		status = ed_recording_gap(out, ed_str_from(channel->name), true, note->state,
					  note->lost, ed_buf_str(&note->why), err);
	ed_buf_release(&note->why);
	wevt_note_init(note);
	return status;
}

void wevt_member_name(struct ed_buf *out, const char *before, const struct ed_wevt_channel *channel,
		      const char *behind)
{
	ed_buf_addz(out, before);
	for (const char *p = channel->name; *p; p++) {
		if (*p == '/')
			ed_buf_addz(out, "%4");
		else
			ed_buf_addc(out, *p);
	}
	ed_buf_addz(out, behind);
}

/* RPC_S_*, EPT_S_NOT_REGISTERED, and the service stopped or turned off. */
bool wevt_service_down(uint32_t code)
{
	static const uint32_t codes[] = { 1058, 1062, 1068, 1717, 1722, 1723, 1726, 1727, 1753 };

	for (size_t i = 0; i < ED_COUNT(codes); i++)
		if (codes[i] == code)
			return true;
	return false;
}

/* A channel that is turned off keeps what it had, and hears nothing. Not knowing is no reason. */
static void note_disabled(struct wevt_reading *r)
{
	const struct ed_wevt_api *api = r->api;
	bool enabled = true;
	void *config;

	if (api->config_open(api->context, ed_str_from(r->channel->name), &config) != ED_WEVT_OK)
		return;
	if (api->config_enabled(api->context, config, &enabled) != ED_WEVT_OK)
		enabled = true;
	api->close(api->context, config);
	if (!enabled)
		wevt_note_add(&r->note, ED_STATE_DISABLED, 0,
			      "the channel is turned off: what happened since was not written");
}

/* What is asked must be whole: half a query would be another one. */
static ed_status query_check(const struct wevt_reading *r, struct ed_error *err)
{
	return r->query.status == ED_OK ? ED_OK
					: ed_fail(err, r->query.status, "cannot ask for events: %s",
						  ed_status_text(r->query.status));
}

/* The log's own end on one side: any event, System only. *found false: not to be had. */
static ed_status read_end(struct wevt_reading *r, bool newest, bool *found, struct ed_error *err)
{
	struct wevt_range all = { .from = 0 };

	wevt_query_channel(&r->query, r->channel, all, true);
	ED_TRY(query_check(r, err));
	return wevt_read_one(r, ed_buf_str(&r->query), newest, 1, found, err);
}

/* The record of the tenth last start becomes the lowest that is asked for. */
static ed_status bound_by_starts(struct wevt_reading *r, struct ed_error *err)
{
	size_t start = r->lines->len;
	bool found;

	if (!r->channel->by_starts)
		return ED_OK;
	wevt_query_starts(&r->query);
	ED_TRY(query_check(r, err));
	ED_TRY(wevt_read_one(r, ed_buf_str(&r->query), true, WEVT_STARTS, &found, err));
	if (found)
		r->range.from =
			wevt_event_record(ed_str_slice(ed_buf_str(r->lines), start, r->lines->len));
	r->lines->len = start;
	return ED_OK;
}

/*
 * Behind the oldest event that was wanted comes the oldest of the log, when nothing between them is
 * missing: it says how far back the log goes, which those of the ids asked for do not.
 */
static ed_status add_oldest(struct wevt_reading *r, struct ed_error *err)
{
	size_t start = r->lines->len;
	uint64_t lowest = UINT64_MAX;
	uint64_t oldest;
	bool found;

	if (r->cut)
		wevt_note_add(&r->note, ED_STATE_READ, 0,
			      "only the newest %" PRIu32 " events were asked for",
			      r->channel->newest);
	if (!r->whole)
		return ED_OK;
	if (r->events)
		lowest = wevt_event_record(ed_str_slice(ed_buf_str(r->lines), r->last, start));
	ED_TRY(read_end(r, false, &found, err));
	if (!found)
		return ED_OK;
	oldest = wevt_event_record(ed_str_slice(ed_buf_str(r->lines), start, r->lines->len));
	if (oldest >= r->range.from && oldest < lowest)
		return ED_OK;
	r->lines->len = start;
	if (oldest < r->range.from)
		wevt_note_add(&r->note, ED_STATE_READ, 0,
			      "records before %" PRIu64 ", the last start but %d, were not asked "
			      "for",
			      r->range.from, WEVT_STARTS - 1);
	return ED_OK;
}

/*
 * The newest event comes first and waits in @newest, so that what is written while the channel is
 * read is not taken for seen.
 */
static ed_status read_channel(struct wevt_reading *r, struct ed_buf *newest, struct ed_error *err)
{
	struct ed_buf *lines = r->lines;
	size_t head = lines->len;
	uint64_t highest;
	bool found;

	note_disabled(r);
	ED_TRY(bound_by_starts(r, err));
	ED_TRY(read_end(r, true, &found, err));
	ed_buf_adds(newest, ed_str_slice(ed_buf_str(lines), head, lines->len));
	lines->len = head;
	ED_TRY(wevt_read(r, err));
	ED_TRY(add_oldest(r, err));
	highest = wevt_event_record(ed_str_slice(ed_buf_str(lines), head, lines->len));
	wevt_lines_reverse(lines, head);
	if (newest->len && wevt_event_record(ed_buf_str(newest)) > highest)
		ed_buf_adds(lines, ed_buf_str(newest));
	return ED_OK;
}

static ed_status finish_member(struct wevt_reading *r, size_t head, struct ed_error *err)
{
	bool empty = r->lines->len == head;

	/* that a channel was read, and had nothing or only others' events, must be so */
	if ((!r->events && !r->whole) || (empty && r->note.any))
		r->lines->len = 0;
	else
		ed_buf_addz(r->lines, "</Events>\n");
	if (r->lines->status != ED_OK)
		return ed_fail(err, r->lines->status, "cannot keep the events of '%s': %s",
			       r->channel->name, ed_status_text(r->lines->status));
	return ED_OK;
}

ed_status ed_wevt_collect(const struct ed_wevt_api *api, const struct ed_wevt_channel *channel,
			  struct ed_str folder, const struct ed_live *live,
			  struct ed_recording *out, struct ed_error *err)
{
	struct ed_error why = { .status = ED_OK };
	struct wevt_reading reading;
	struct ed_buf name, newest;
	struct ed_buf *lines;
	ed_status status;

	ed_buf_init(&name, ED_LIMIT_NAME_BYTES);
	ed_buf_init(&newest, ED_LIMIT_RECORDED);
	wevt_member_name(&name, "events/", channel, ".xml");
	status = ed_recording_add(out, ED_FORM_EVENTS, ed_buf_str(&name),
				  ed_str_from(channel->name), &lines, &why);
	ed_buf_release(&name);
	if (status != ED_OK)
		goto out;
	/* at once: growing would hold a channel twice, eight channels at a time */
	ed_buf_reserve(lines, WEVT_LINES);
	ed_buf_addz(lines, "<Events>\n");
	wevt_reading_init(&reading, api, channel, live, lines);
	status = read_channel(&reading, &newest, &why);
	if (status == ED_OK)
		status = finish_member(&reading, sizeof("<Events>\n") - 1, &why);
	if (status != ED_OK || !lines->len)
		ed_recording_drop(out);
	if (status == ED_OK)
		status = wevt_note_tell(&reading.note, channel, out, &why);
	wevt_reading_release(&reading);
	if (status == ED_IO && wevt_service_down(why.os_code) && folder.p)
		status = wevt_read_file(channel, folder, live, why.os_code, out, &why);
out:
	ed_buf_release(&newest);
	if (status != ED_OK && err)
		*err = why;
	return status;
}

ed_status ed_wevt_export(const struct ed_wevt_api *api, struct ed_str channel, struct ed_str file,
			 struct ed_error *err)
{
	uint32_t code = api->export_log(api->context, channel, file);
	ed_status status = code == ED_WEVT_NO_CHANNEL ? ED_ABSENT
			   : code == ED_WEVT_DENIED   ? ED_ACCESS
						      : ED_IO;

	if (code == ED_WEVT_OK)
		return ED_OK;
	return ed_fail_os(err, status, code, "EvtExportLog",
			  "cannot export '%.*s' (error %" PRIu32 ")", ED_FMT(channel), code);
}

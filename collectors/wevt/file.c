/* SPDX-License-Identifier: MIT */
/* A channel from its log file, for when the service does not answer. */
#include "wevt_priv.h"

#include "espdiag/base/limits.h"
#include "espdiag/collectors/evtx_dump.h"
#include "espdiag/platform/file.h"

#include <inttypes.h>
#include <string.h>

struct file_reading {
	struct ed_sink sink; /* first: it gets what is damaged */
	const struct ed_live *live;
	struct ed_buf *lines;
	struct wevt_note note;
	bool stopped, cut;
};

static struct file_reading *from_sink(struct ed_sink *sink)
{
	return (struct file_reading *)(void *)sink;
}

static bool want_nothing(struct ed_sink *sink, const struct ed_event_head *head)
{
	(void)sink;
	(void)head;
	return false;
}

static ed_status note_gap(struct ed_sink *sink, const struct ed_gap *gap, struct ed_error *err)
{
	(void)err;
	wevt_note_add(&from_sink(sink)->note, gap->state, gap->lost, "%.*s", ED_FMT(gap->why));
	return ED_OK;
}

static const struct ed_sink_ops ops = { .want = want_nothing, .gap = note_gap };

static ed_status read_at(const struct ed_input *input, uint64_t offset, void *out, size_t len,
			 size_t *got, struct ed_error *err)
{
	return ed_file_read_at(input->context, offset, out, len, got, err);
}

/* Keeps the newest: a file is read from its oldest event on. */
static void drop_oldest(struct file_reading *f)
{
	struct ed_str lines = ed_buf_str(f->lines);
	size_t from = ed_str_find(lines, ED_STR("\n"), lines.len - ED_LIMIT_RECORDED_CHANNEL / 2);

	if (from == SIZE_MAX)
		from = lines.len - 1;
	memmove(f->lines->p, f->lines->p + from + 1, lines.len - from - 1);
	f->lines->len = lines.len - from - 1;
	f->cut = true;
}

/* Only line ends within an event have something else than its end before them. */
static void add_events(struct file_reading *f, struct ed_str text)
{
	struct ed_str end = ED_STR("</Event>\n");
	size_t from = 0, to;

	while ((to = ed_str_find(text, end, from)) != SIZE_MAX) {
		wevt_one_line(f->lines, ed_str_slice(text, from, to + end.len - 1));
		ed_buf_addc(f->lines, '\n');
		from = to + end.len;
	}
}

static ed_status flush(void *context, struct ed_buf *out, struct ed_error *err)
{
	struct file_reading *f = context;

	add_events(f, ed_buf_str(out));
	ed_buf_clear(out);
	if (f->lines->status != ED_OK)
		return ed_fail(err, f->lines->status, "cannot keep the events of a log file: %s",
			       ed_status_text(f->lines->status));
	if (f->lines->len > ED_LIMIT_RECORDED_CHANNEL)
		drop_oldest(f);
	f->stopped = f->live->stopped(f->live);
	return f->stopped ? ed_fail(err, ED_LIMIT, "the time was up") : ED_OK;
}

/* More than is asked of the service may pass: providers and ids of all Selects together. */
static ed_status make_filter(const struct ed_wevt_channel *channel, struct ed_filter *filter,
			     struct ed_error *err)
{
	bool any_provider = false, any_id = false;

	ed_filter_init(filter);
	for (size_t i = 0; i < wevt_select_count; i++) {
		const struct wevt_select *select = &wevt_selects[i];
		struct ed_str names = ed_str_from(select->providers), name;

		if (select->channel != channel)
			continue;
		any_id |= !select->ids;
		any_provider |= !select->providers;
		if (select->ids)
			ED_TRY(ed_filter_add_ids(filter, ed_str_from(select->ids), err));
		while (names.p && ed_str_next(&names, ',', &name))
			ED_TRY(ed_filter_add_provider(filter, name, err));
	}
	if (any_id)
		filter->has_ids = false;
	if (any_provider)
		filter->provider_count = 0;
	return ED_OK;
}

static ed_status dump_file(struct file_reading *f, const struct ed_input *input,
			   const struct ed_filter *filter, struct ed_error *err)
{
	struct ed_buf text;
	struct ed_evtx_dump_options options = {
		.form = ED_DUMP_XML, .filter = filter, .out = &text, .flush = flush, .context = f
	};
	struct ed_evtx_dump *dump = NULL;
	ed_status status;

	ed_buf_init(&text, ED_LIMIT_RECORDED);
	status = ed_evtx_dump_new(&dump, &options, err);
	if (status == ED_OK)
		status = ed_evtx_dump_read(dump, input, &f->sink, err);
	if (status == ED_OK)
		status = flush(f, &text, err);
	if (f->stopped)
		status = ED_OK;
	ed_evtx_dump_free(dump);
	ed_buf_release(&text);
	return status;
}

static ed_status open_file(const struct ed_wevt_channel *channel, struct ed_str folder,
			   struct ed_buf *path, struct ed_file **file, struct ed_error *err)
{
	ed_buf_adds(path, folder);
	wevt_member_name(path, "/", channel, ".evtx");
	if (path->status != ED_OK)
		return ed_fail(err, path->status, "cannot name the log file: %s",
			       ed_status_text(path->status));
	return ed_file_open(ed_buf_str(path), false, file, err);
}

static ed_status record_file(struct file_reading *f, const struct ed_wevt_channel *channel,
			     const struct ed_input *input, struct ed_recording *out,
			     struct ed_error *err)
{
	struct ed_filter filter;
	struct ed_buf name;
	struct ed_buf *member;
	ed_status status;

	ED_TRY(make_filter(channel, &filter, err));
	ED_TRY(dump_file(f, input, &filter, err));
	ed_buf_init(&name, ED_LIMIT_NAME_BYTES);
	wevt_member_name(&name, "events/", channel, ".xml");
	status =
		ed_recording_add(out, ED_FORM_EVENTS, ed_buf_str(&name), input->path, &member, err);
	ed_buf_release(&name);
	if (status != ED_OK)
		return status;
	ed_buf_addz(member, "<Events>\n");
	ed_buf_adds(member, ed_buf_str(f->lines));
	ed_buf_addz(member, "</Events>\n");
	if (member->status == ED_OK)
		return ED_OK;
	status = ed_fail(err, member->status, "cannot keep the events of '%s': %s", channel->name,
			 ed_status_text(member->status));
	ed_recording_drop(out);
	return status;
}

ed_status wevt_read_file(const struct ed_wevt_channel *channel, struct ed_str folder,
			 const struct ed_live *live, uint32_t service_code,
			 struct ed_recording *out, struct ed_error *err)
{
	struct ed_buf path, lines;
	struct file_reading f = { .sink = { .ops = &ops }, .live = live, .lines = &lines };
	struct ed_file *file = NULL;
	ed_status status;

	ed_buf_init(&path, ED_LIMIT_NAME_BYTES);
	ed_buf_init(&lines, ED_LIMIT_RECORDED);
	wevt_note_init(&f.note);
	wevt_note_add(&f.note, ED_STATE_TRUNCATED, ED_LOST_UNKNOWN,
		      "the event log service does not answer (error %" PRIu32
		      "): read from its file, which may lack the newest events",
		      service_code);
	status = open_file(channel, folder, &path, &file, err);
	if (status == ED_OK) {
		struct ed_input input = { .path = ed_buf_str(&path),
					  .size = ed_file_size(file),
					  .context = file,
					  .read_at = read_at };

		status = record_file(&f, channel, &input, out, err);
	}
	if (f.stopped)
		wevt_note_add(&f.note, ED_STATE_TIMED_OUT, ED_LOST_UNKNOWN,
			      "the time was up: newer events are not here");
	if (f.cut)
		wevt_note_add(&f.note, ED_STATE_TRUNCATED, ED_LOST_UNKNOWN,
			      "older events are not here (ED_LIMIT_RECORDED_CHANNEL)");
	if (status == ED_OK)
		status = wevt_note_tell(&f.note, channel, out, err);
	ed_buf_release(&f.note.why);
	ed_file_close(file);
	ed_buf_release(&lines);
	ed_buf_release(&path);
	return status;
}

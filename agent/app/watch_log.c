/* SPDX-License-Identifier: MIT */
/*
 * The log of a watch: one line of JSON a change. Its last line says what was told and up to which
 * record of each channel, so that another run with the same log goes on there, after a restart too.
 */
#include "watch.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/platform/file.h"

/* The end of a log in which its last line is looked for; a line has some KiB. */
#define TAIL_BYTES (256 * ED_KIB)
/* Channels of one log. */
#define CHANNELS_MOST ((size_t)256)

struct loading {
	struct ed_arena *arena;
	struct ed_watch_log *log;
	bool nomem;
};

static void record_take(void *context, struct ed_str channel, uint64_t record)
{
	struct loading *l = context;
	struct ed_watch_log *log = l->log;

	if (log->count == log->cap)
		return;
	channel = ed_arena_str(l->arena, channel);
	if (channel.p)
		log->records[log->count++] = (struct ed_watch_record){ channel, record };
	else
		l->nomem = true;
}

/* A run that was cut off leaves half a line: then the one before it counts, and what is added
 * begins a line of its own. */
static void lines_load(struct loading *l, struct ed_str text)
{
	for (size_t end = text.len; end && !l->log->any;) {
		size_t from;

		while (end && text.p[end - 1] == '\n')
			end--;
		for (from = end; from && text.p[from - 1] != '\n'; from--)
			;
		l->log->count = 0;
		if (end)
			l->log->any =
				ed_watch_log_read(ed_str_slice(text, from, end), &l->log->state,
						  &l->log->at, l, record_take);
		end = from;
	}
}

ed_status ed_watch_log_load(struct ed_str path, struct ed_arena *arena, struct ed_watch_log *log,
			    struct ed_error *err)
{
	struct loading l = { .arena = arena, .log = log };
	struct ed_error why = { .status = ED_OK };
	struct ed_file *file;
	char *text = NULL;
	uint64_t size;
	size_t got = 0, want;
	ed_status status;

	*log = (struct ed_watch_log){ .at = ED_TIME_NONE };
	status = ed_file_open(path, false, &file, &why);
	if (status == ED_ABSENT)
		return ED_OK;
	if (status != ED_OK) {
		if (err)
			*err = why;
		return status;
	}
	size = ed_file_size(file);
	want = size < TAIL_BYTES ? (size_t)size : TAIL_BYTES;
	text = ed_malloc(want + 1);
	log->records = ed_arena_calloc(arena, CHANNELS_MOST, sizeof(*log->records));
	log->cap = log->records ? CHANNELS_MOST : 0;
	if (!text || !log->records)
		status = ed_fail(err, ED_NOMEM, "out of memory for the log");
	if (status == ED_OK)
		status = ed_file_read_at(file, size - want, text, want, &got, err);
	if (status == ED_OK)
		lines_load(&l, (struct ed_str){ text, got });
	if (l.nomem)
		status = ed_fail(err, ED_NOMEM, "out of memory for the log");
	if (status == ED_OK && got && text[got - 1] != '\n')
		status = ed_file_append(path, ED_STR("\n"), err);
	ed_free(text);
	ed_file_close(file);
	return status;
}

uint64_t ed_watch_log_record(const struct ed_watch_log *log, struct ed_str channel)
{
	for (size_t i = 0; i < log->count; i++)
		if (ed_str_eq(log->records[i].channel, channel))
			return log->records[i].record;
	return 0;
}

/* Events are sorted by channel and record, so a channel's last one that counts is its highest. */
static size_t records_find(const struct ed_evidence *evidence, int64_t at,
			   struct ed_watch_record *records)
{
	size_t count = 0;

	for (size_t i = 0; i < evidence->event_count; i++) {
		const struct ed_event_head *head = &evidence->events[i].event.head;

		if (head->time == ED_TIME_NONE || head->time > at)
			continue;
		if (!count || !ed_str_eq(records[count - 1].channel, head->channel)) {
			if (count == CHANNELS_MOST)
				break;
			records[count++].channel = head->channel;
		}
		records[count - 1].record = head->record;
	}
	return count;
}

ed_status ed_watch_log_add(struct ed_str path, const struct ed_watch_state *state, int64_t at,
			   const struct ed_evidence *evidence, struct ed_error *err)
{
	struct ed_watch_record records[CHANNELS_MOST];
	struct ed_buf line;
	ed_status status;

	ed_buf_init(&line, ED_MIB);
	ed_watch_log_line(state, at, records, records_find(evidence, at, records), &line);
	status = line.status == ED_OK ? ed_file_append(path, ed_buf_str(&line), err)
				      : ed_fail(err, line.status, "cannot hold a line of the log");
	ed_buf_release(&line);
	return status;
}

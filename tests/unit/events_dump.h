/* SPDX-License-Identifier: MIT */
/* What a reader delivers, kept in its order, and dumps of logs in memory. */
#ifndef ED_TESTS_EVENTS_DUMP_H
#define ED_TESTS_EVENTS_DUMP_H

#include <check.h>

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/collectors/evtx.h"
#include "espdiag/collectors/evtx_dump.h"

/* All events of a reading, in the order in which they came. */
struct kept {
	struct ed_sink sink; /* first */
	struct ed_arena arena;
	struct ed_event *events;
	size_t count, cap;
	uint64_t lost;
	size_t gaps;
	const struct ed_filter *filter;
};

static inline bool keep_want(struct ed_sink *sink, const struct ed_event_head *head)
{
	const struct kept *k = (const struct kept *)(const void *)sink;

	return !k->filter || ed_filter_matches(k->filter, head);
}

static inline ed_status keep_event(struct ed_sink *sink, const struct ed_event *event,
				   struct ed_error *err)
{
	struct kept *k = (struct kept *)(void *)sink;

	if (k->count == k->cap) {
		size_t cap = k->cap ? 2 * k->cap : 64;
		struct ed_event *events = ed_realloc(k->events, cap * sizeof(*events));

		if (!events)
			return ed_fail(err, ED_NOMEM, "out of memory in a test");
		k->events = events;
		k->cap = cap;
	}
	if (!ed_event_copy(&k->arena, event, &k->events[k->count]))
		return ed_fail(err, ED_NOMEM, "out of memory in a test");
	k->count++;
	return ED_OK;
}

static inline ed_status keep_fact(struct ed_sink *sink, const struct ed_fact *fact,
				  struct ed_error *err)
{
	(void)sink;
	(void)fact;
	(void)err;
	return ED_OK;
}

static inline ed_status keep_gap(struct ed_sink *sink, const struct ed_gap *gap,
				 struct ed_error *err)
{
	struct kept *k = (struct kept *)(void *)sink;

	(void)err;
	k->gaps++;
	k->lost += gap->lost;
	return ED_OK;
}

static const struct ed_sink_ops keep_ops = { keep_want, keep_event, keep_fact, keep_gap };

static inline void kept_init(struct kept *k)
{
	*k = (struct kept){ .sink = { &keep_ops } };
	ed_arena_init(&k->arena, 512 * ED_MIB);
}

static inline void kept_release(struct kept *k)
{
	ed_arena_release(&k->arena);
	ed_free(k->events);
}

static inline void kept_read(struct kept *k, const struct ed_reader *reader, struct ed_str bytes)
{
	struct ed_input input;
	struct ed_error err = { 0 };

	kept_init(k);
	ed_input_from_memory(&input, ED_STR("x"), bytes.p, bytes.len);
	ck_assert_msg(reader->read(&input, &k->sink, &err) == ED_OK, "%s", err.text);
}

/* One dump of some logs. */
struct dumped {
	struct ed_evtx_dump *dump;
	struct ed_buf out, all;
	struct kept sink;
	struct ed_filter filter;
	struct ed_wanted wanted;
	size_t flushed;
	struct ed_error err;
};

static inline ed_status dumped_flush(void *context, struct ed_buf *out, struct ed_error *err)
{
	struct dumped *d = context;

	d->flushed++;
	ed_buf_adds(&d->all, ed_buf_str(out));
	ed_buf_clear(out);
	return d->all.status == ED_OK ? ED_OK : ed_fail(err, d->all.status, "flush");
}

static inline void dumped_init(struct dumped *d)
{
	memset(d, 0, sizeof(*d));
	ed_filter_init(&d->filter);
	ed_buf_init(&d->out, 8 * ED_MIB);
	ed_buf_init(&d->all, 512 * ED_MIB);
	kept_init(&d->sink);
}

static inline void dumped_release(struct dumped *d)
{
	ed_evtx_dump_free(d->dump);
	ed_buf_release(&d->out);
	ed_buf_release(&d->all);
	kept_release(&d->sink);
}

static inline ed_status dumped_read(struct dumped *d, enum ed_dump_form form, struct ed_str bytes)
{
	struct ed_evtx_dump_options options = { .form = form,
						.filter = &d->filter,
						.wanted = &d->wanted,
						.out = &d->out,
						.flush = dumped_flush,
						.context = d };
	struct ed_input input;

	if (!d->dump)
		ED_TRY(ed_evtx_dump_new(&d->dump, &options, &d->err));
	ed_input_from_memory(&input, ED_STR("x"), bytes.p, bytes.len);
	ED_TRY(ed_evtx_dump_read(d->dump, &input, &d->sink.sink, &d->err));
	return dumped_flush(d, &d->out, &d->err);
}

/* A dump that must succeed. */
static inline void dump_whole(struct dumped *d, enum ed_dump_form form, struct ed_str bytes)
{
	dumped_init(d);
	if (form == ED_DUMP_XML)
		ed_buf_addz(&d->all, "<Events>");
	ck_assert_msg(dumped_read(d, form, bytes) == ED_OK, "%s", d->err.text);
	if (form == ED_DUMP_XML)
		ed_buf_addz(&d->all, "</Events>");
}

#endif

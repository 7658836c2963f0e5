/* SPDX-License-Identifier: MIT */
/* A sink that keeps all it gets, for the tests of the XML readers. */
#ifndef ESPDIAG_TEST_XML_RECORD_H
#define ESPDIAG_TEST_XML_RECORD_H

#include <check.h>

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/base/utf.h"
#include "espdiag/collectors/evxml.h"

#define RECORD_MAX ((size_t)64)

struct record {
	struct ed_sink sink;
	struct ed_arena arena;
	struct ed_event events[RECORD_MAX];
	struct ed_fact facts[RECORD_MAX];
	struct ed_gap gaps[RECORD_MAX];
	size_t event_count, fact_count, gap_count, want_count;
	uint32_t unwanted_id; /* events with this id are not wanted */
	ed_status answer;     /* what event() and fact() return */
	bool want_before_event;
};

static inline struct record *record_of(struct ed_sink *sink)
{
	return (struct record *)(void *)sink;
}

static inline void record_valid(struct ed_str s)
{
	if (!ed_utf8_valid(s)) /* an assertion a call would take its time */
		ck_abort_msg("not valid: %.*s", ED_FMT(s));
}

static inline bool record_want(struct ed_sink *sink, const struct ed_event_head *head)
{
	struct record *r = record_of(sink);

	record_valid(head->provider);
	record_valid(head->channel);
	r->want_count++;
	r->want_before_event = true;
	return head->id != r->unwanted_id;
}

static inline ed_status record_event(struct ed_sink *sink, const struct ed_event *event,
				     struct ed_error *err)
{
	struct record *r = record_of(sink);
	struct ed_event *to = &r->events[r->event_count % RECORD_MAX];

	if (!r->want_before_event)
		ck_abort_msg("an event nobody wanted");
	r->want_before_event = false;
	record_valid(event->user);
	record_valid(event->computer);
	for (size_t i = 0; i < event->field_count; i++) {
		record_valid(event->fields[i].name);
		record_valid(event->fields[i].value);
	}
	if (r->answer != ED_OK)
		return ed_fail(err, r->answer, "the sink has had enough");
	if (!ed_event_copy(&r->arena, event, to))
		return ed_fail(err, ED_NOMEM, "out of memory in the sink");
	r->event_count++;
	return ED_OK;
}

static inline ed_status record_fact(struct ed_sink *sink, const struct ed_fact *fact,
				    struct ed_error *err)
{
	struct record *r = record_of(sink);

	record_valid(fact->path);
	record_valid(fact->name);
	record_valid(fact->text);
	if (r->answer != ED_OK)
		return ed_fail(err, r->answer, "the sink has had enough");
	if (!ed_fact_copy(&r->arena, fact, &r->facts[r->fact_count % RECORD_MAX]))
		return ed_fail(err, ED_NOMEM, "out of memory in the sink");
	r->fact_count++;
	return ED_OK;
}

static inline ed_status record_gap(struct ed_sink *sink, const struct ed_gap *gap,
				   struct ed_error *err)
{
	struct record *r = record_of(sink);
	struct ed_gap *to = &r->gaps[r->gap_count % RECORD_MAX];

	record_valid(gap->why);
	record_valid(gap->channel);
	ck_assert(gap->why.len > 0);
	*to = *gap;
	to->why = ed_arena_str(&r->arena, gap->why);
	if (gap->channel.p)
		to->channel = ed_arena_str(&r->arena, gap->channel);
	if (!to->why.p || (gap->channel.p && !to->channel.p))
		return ed_fail(err, ED_NOMEM, "out of memory in the sink");
	r->gap_count++;
	return ED_OK;
}

static const struct ed_sink_ops record_ops = { record_want, record_event, record_fact, record_gap };

static inline void record_init(struct record *r)
{
	memset(r, 0, sizeof(*r));
	r->sink.ops = &record_ops;
	r->unwanted_id = UINT32_MAX;
	ed_arena_init(&r->arena, ED_LIMIT_RUN_ARENA);
}

static inline void record_release(struct record *r)
{
	ed_arena_release(&r->arena);
}

/* Reads from a block of exactly that size, so that a checker sees a byte too far. */
static inline ed_status record_read(struct record *r, const struct ed_reader *reader,
				    const void *bytes, size_t len, struct ed_error *err)
{
	struct ed_input input;
	char *block = ed_malloc(len);
	ed_status status;

	if (!block)
		return ED_NOMEM;
	if (len)
		memcpy(block, bytes, len);
	ed_input_from_memory(&input, ED_STR("test.xml"), block, len);
	status = reader->read(&input, &r->sink, err);
	ed_free(block);
	return status;
}

/* UTF-8 without characters past U+FFFF to UTF-16, in @out of twice the size. */
static inline size_t record_utf16(const char *utf8, bool big_endian, char *out)
{
	const unsigned char *p = (const unsigned char *)utf8;
	size_t n = 0;

	while (*p) {
		unsigned c = *p++;

		if (c >= 0xE0) {
			c = (c & 0x0Fu) << 12 | (p[0] & 0x3Fu) << 6 | (p[1] & 0x3Fu);
			p += 2;
		} else if (c >= 0xC0) {
			c = (c & 0x1Fu) << 6 | (p[0] & 0x3Fu);
			p++;
		}
		out[n++] = (char)(big_endian ? c >> 8 : c & 0xFF);
		out[n++] = (char)(big_endian ? c & 0xFF : c >> 8);
	}
	return n;
}

static inline void record_is(struct ed_str got, const char *want)
{
	ck_assert_msg(ed_str_eq(got, ed_str_from(want)), "'%.*s' is not '%s'", ED_FMT(got), want);
}

#endif

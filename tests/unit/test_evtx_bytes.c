/* SPDX-License-Identifier: MIT */
/* The byte builder of the reader's tests, and a sink that keeps everything. */
#include "test_evtx_bytes.h"

#include <check.h>

#include "espdiag/base/crc.h"
#include "espdiag/base/limits.h"

static void put_le(unsigned char *p, uint64_t v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (unsigned char)(v >> 8 * i);
}

void eb_bytes(struct eb *b, const void *p, size_t n)
{
	ck_assert_uint_le(b->at + n, EB_CHUNK);
	if (n)
		memcpy(b->chunk + b->at, p, n);
	b->at += (uint32_t)n;
}

static void eb_int(struct eb *b, uint64_t v, size_t n)
{
	unsigned char bytes[8];

	put_le(bytes, v, n);
	eb_bytes(b, bytes, n);
}

void eb_u8(struct eb *b, unsigned v)
{
	eb_int(b, v, 1);
}

void eb_u16(struct eb *b, unsigned v)
{
	eb_int(b, v, 2);
}

void eb_u32(struct eb *b, uint32_t v)
{
	eb_int(b, v, 4);
}

void eb_u64(struct eb *b, uint64_t v)
{
	eb_int(b, v, 8);
}

void eb_utf16(struct eb *b, const char *ascii)
{
	for (; *ascii; ascii++)
		eb_u16(b, (unsigned char)*ascii);
}

void eb_init(struct eb *b)
{
	memset(b, 0, sizeof(*b));
	b->id = 1;
	b->guid = 1;
	eb_chunk_begin(b);
}

void eb_chunk_begin(struct eb *b)
{
	ck_assert_uint_lt(b->chunk_count, EB_CHUNKS);
	b->chunk = b->file + EB_FILE_HEADER + b->chunk_count++ * EB_CHUNK;
	b->at = 512;
	b->first_id = b->id;
	b->name_count = 0;
	b->outer_at = 0;
}

void eb_chunk_end(struct eb *b)
{
	unsigned char *p = b->chunk;

	memcpy(p, "ElfChnk", 8);
	put_le(p + 8, b->first_id, 8);
	put_le(p + 16, b->id - 1, 8);
	put_le(p + 24, b->first_id, 8);
	put_le(p + 32, b->id - 1, 8);
	put_le(p + 40, 128, 4);
	put_le(p + 48, b->at, 4);
	put_le(p + 52, ed_crc32(0, p + 512, b->at - 512), 4);
	put_le(p + 124, ed_crc32(ed_crc32(0, p, 120), p + 128, 384), 4);
}

void eb_finish(struct eb *b)
{
	unsigned char *p = b->file;

	eb_chunk_end(b);
	memcpy(p, "ElfFile", 8);
	put_le(p + 16, b->chunk_count - 1, 8);
	put_le(p + 24, b->id, 8);
	put_le(p + 32, 128, 4);
	put_le(p + 36, 1, 2);
	put_le(p + 38, 3, 2);
	put_le(p + 40, EB_FILE_HEADER, 2);
	put_le(p + 42, b->chunk_count, 2);
	put_le(p + 124, ed_crc32(0, p, 120), 4);
}

size_t eb_size(const struct eb *b)
{
	return EB_FILE_HEADER + b->chunk_count * EB_CHUNK;
}

void eb_fragment(struct eb *b)
{
	eb_bytes(b, "\x0f\x01\x01\x00", 4);
}

void eb_record_begin(struct eb *b)
{
	b->record_at = b->at;
	eb_u32(b, 0x2A2A);
	eb_u32(b, 0);
	eb_u64(b, b->id++);
	eb_u64(b, UINT64_C(133000000000000000));
	eb_fragment(b);
}

void eb_record_end(struct eb *b)
{
	uint32_t size;

	while ((b->at - b->record_at + 4) % 8)
		eb_u8(b, 0);
	size = b->at - b->record_at + 4;
	eb_u32(b, size);
	put_le(b->chunk + b->record_at + 4, size, 4);
}

void eb_name(struct eb *b, const char *name)
{
	for (size_t i = 0; b->share_names && i < b->name_count; i++) {
		if (strcmp(b->names[i].text, name) == 0) {
			eb_u32(b, b->names[i].at);
			return;
		}
	}
	if (b->name_count < ED_COUNT(b->names) && strlen(name) < sizeof(b->names[0].text)) {
		snprintf(b->names[b->name_count].text, sizeof(b->names[0].text), "%s", name);
		b->names[b->name_count++].at = b->at + 4;
	}
	eb_u32(b, b->at + 4);
	eb_u32(b, 0);
	eb_u16(b, 0x1234);
	eb_u16(b, (unsigned)strlen(name));
	eb_utf16(b, name);
	eb_u16(b, 0);
}

void eb_open(struct eb *b, const char *name, bool has_attributes)
{
	eb_u8(b, has_attributes ? 0x41 : 0x01);
	if (!b->no_dependency)
		eb_u16(b, 0xFFFF);
	eb_u32(b, 1);
	eb_name(b, name);
	if (has_attributes)
		eb_u32(b, 1);
}

void eb_attribute(struct eb *b, const char *name)
{
	eb_u8(b, 0x06);
	eb_name(b, name);
}

void eb_text(struct eb *b, const char *ascii)
{
	eb_u8(b, 0x05);
	eb_u8(b, 0x01);
	eb_u16(b, (unsigned)strlen(ascii));
	eb_utf16(b, ascii);
}

void eb_sub(struct eb *b, unsigned slot, unsigned type, bool is_optional)
{
	eb_u8(b, is_optional ? 0x0E : 0x0D);
	eb_u16(b, slot);
	eb_u8(b, type);
}

void eb_close_start(struct eb *b)
{
	eb_u8(b, 0x02);
}

void eb_close_empty(struct eb *b)
{
	eb_u8(b, 0x03);
}

void eb_close(struct eb *b)
{
	eb_u8(b, 0x04);
}

void eb_end(struct eb *b)
{
	eb_u8(b, 0x00);
}

void eb_leaf(struct eb *b, const char *name, const char *text)
{
	eb_open(b, name, false);
	eb_close_start(b);
	if (*text)
		eb_text(b, text);
	eb_close(b);
}

uint32_t eb_define(struct eb *b)
{
	unsigned char guid[16] = { b->guid++, 0xAB, 0xCD, 0xEF, 5, 6, 7, 8 };

	eb_u8(b, 0x0C);
	eb_u8(b, 1);
	eb_bytes(b, guid, 4);
	eb_u32(b, b->at + 4);
	b->definition_at = b->at;
	eb_u32(b, 0);
	eb_bytes(b, guid, 16);
	eb_u32(b, 0);
	eb_fragment(b);
	return b->definition_at;
}

void eb_define_end(struct eb *b)
{
	eb_end(b);
	put_le(b->chunk + b->definition_at + 20, b->at - b->definition_at - 24, 4);
}

void eb_instance(struct eb *b, uint32_t definition)
{
	eb_u8(b, 0x0C);
	eb_u8(b, 1);
	eb_bytes(b, b->chunk + definition + 4, 4);
	eb_u32(b, definition);
}

void eb_values(struct eb *b, const struct eb_value *values, size_t count)
{
	eb_u32(b, (uint32_t)count);
	for (size_t i = 0; i < count; i++) {
		eb_u16(b, values[i].size);
		eb_u8(b, values[i].type);
		eb_u8(b, 0);
	}
	for (size_t i = 0; i < count; i++)
		eb_bytes(b, values[i].bytes, values[i].size);
}

static void slot_leaf(struct eb *b, const char *name, unsigned slot, unsigned type)
{
	eb_open(b, name, false);
	eb_close_start(b);
	eb_sub(b, slot, type, true);
	eb_close(b);
}

void eb_system(struct eb *b)
{
	eb_open(b, "System", false);
	eb_close_start(b);
	eb_open(b, "Provider", true);
	eb_attribute(b, "Name");
	eb_text(b, "Test-Provider");
	eb_attribute(b, "Guid");
	eb_text(b, "{00000000-0000-0000-0000-000000000001}");
	eb_close_empty(b);
	slot_leaf(b, "EventID", 0, 0x06);
	slot_leaf(b, "Version", 1, 0x04);
	slot_leaf(b, "Level", 2, 0x04);
	eb_open(b, "TimeCreated", true);
	eb_attribute(b, "SystemTime");
	eb_sub(b, 3, 0x11, true);
	eb_close_empty(b);
	slot_leaf(b, "EventRecordID", 4, 0x0A);
	eb_leaf(b, "Channel", "Test/Operational");
	eb_leaf(b, "Computer", "PC-1");
	eb_open(b, "Security", true);
	eb_attribute(b, "UserID");
	eb_sub(b, 5, 0x13, true);
	eb_close_empty(b);
	eb_close(b);
}

uint32_t eb_event_begin(struct eb *b, unsigned event_id, uint64_t ticks)
{
	static const unsigned char sid[12] = { 1, 1, 0, 0, 0, 0, 0, 5, 18 };
	unsigned char id[2], time[8], record[8];
	struct eb_value values[] = {
		{ 0x06, 2, id },     { 0x04, 1, "\x02" }, { 0x04, 1, "\x04" }, { 0x11, 8, time },
		{ 0x0A, 8, record }, { 0x13, 12, sid },   { 0x21, 0, "" },
	};

	put_le(id, event_id, 2);
	put_le(time, ticks, 8);
	put_le(record, b->id, 8);
	eb_record_begin(b);
	if (b->outer_at) {
		eb_instance(b, b->outer_at);
	} else {
		b->outer_at = eb_define(b);
		eb_open(b, "Event", false);
		eb_close_start(b);
		eb_system(b);
		eb_sub(b, 6, 0x21, true);
		eb_close(b);
		eb_define_end(b);
	}
	eb_values(b, values, ED_COUNT(values));
	return b->at;
}

void eb_event_end(struct eb *b, uint32_t mark)
{
	uint32_t size = b->at - mark;

	/* before the bytes of slot 6: those of the six values, and its own descriptor at their head
	 */
	put_le(b->chunk + mark - (2 + 1 + 1 + 8 + 8 + 12) - 4, size, 2);
	if (!size)
		b->chunk[mark - (2 + 1 + 1 + 8 + 8 + 12) - 2] = 0;
	eb_record_end(b);
}

void eb_event_with(struct eb *b, unsigned event_id, const struct eb_value *value)
{
	uint32_t mark = eb_event_begin(b, event_id, UINT64_C(133000000010000000));

	eb_fragment(b);
	eb_define(b);
	eb_open(b, "EventData", false);
	eb_close_start(b);
	eb_open(b, "Data", true);
	eb_attribute(b, "Name");
	eb_text(b, "v");
	eb_close_start(b);
	eb_sub(b, 0, value->type, false);
	eb_close(b);
	eb_close(b);
	eb_define_end(b);
	eb_values(b, value, 1);
	eb_event_end(b, mark);
}

static struct eb_sink *from_sink(struct ed_sink *sink)
{
	return (struct eb_sink *)(void *)sink;
}

static bool sink_want(struct ed_sink *sink, const struct ed_event_head *head)
{
	struct eb_sink *s = from_sink(sink);

	s->wanted++;
	return !s->choose || s->choose(head);
}

static ed_status sink_event(struct ed_sink *sink, const struct ed_event *event,
			    struct ed_error *err)
{
	struct eb_sink *s = from_sink(sink);

	if (s->answer != ED_OK)
		return ed_fail(err, s->answer, "the sink says no");
	ck_assert_uint_lt(s->event_count, ED_COUNT(s->events));
	if (!ed_event_copy(&s->arena, event, &s->events[s->event_count]))
		return ed_fail(err, ED_NOMEM, "out of memory in the sink");
	s->event_count++;
	return ED_OK;
}

static ed_status sink_fact(struct ed_sink *sink, const struct ed_fact *fact, struct ed_error *err)
{
	(void)sink;
	(void)fact;
	(void)err;
	ck_abort_msg("an event log holds no facts");
	return ED_OK;
}

static ed_status sink_gap(struct ed_sink *sink, const struct ed_gap *gap, struct ed_error *err)
{
	struct eb_sink *s = from_sink(sink);

	(void)err;
	ck_assert_uint_lt(s->gap_count, ED_COUNT(s->gaps));
	ck_assert_uint_gt(gap->why.len, 0);
	s->gaps[s->gap_count].state = gap->state;
	s->gaps[s->gap_count].lost = gap->lost;
	s->gaps[s->gap_count].inner = gap->inner;
	snprintf(s->gaps[s->gap_count].why, sizeof(s->gaps[0].why), "%.*s", ED_FMT(gap->why));
	snprintf(s->gaps[s->gap_count].channel, sizeof(s->gaps[0].channel), "%.*s",
		 ED_FMT(gap->channel));
	s->gap_count++;
	return ED_OK;
}

static const struct ed_sink_ops sink_ops = {
	.want = sink_want,
	.event = sink_event,
	.fact = sink_fact,
	.gap = sink_gap,
};

void eb_sink_init(struct eb_sink *sink)
{
	memset(sink, 0, sizeof(*sink));
	sink->sink.ops = &sink_ops;
	ed_arena_init(&sink->arena, 64 * ED_MIB);
}

void eb_sink_release(struct eb_sink *sink)
{
	ed_arena_release(&sink->arena);
}

ed_status eb_read(struct eb_sink *sink, const void *bytes, size_t size, struct ed_error *err)
{
	struct ed_input input;

	ed_input_from_memory(&input, ED_STR("test.evtx"), bytes, size);
	return ed_reader_evtx.read(&input, &sink->sink, err);
}

void eb_read_ok(struct eb_sink *sink, const struct eb *b)
{
	struct ed_error err = { .status = ED_OK };
	ed_status status = eb_read(sink, b->file, eb_size(b), &err);

	ck_assert_msg(status == ED_OK, "%s", err.text);
}

const char *eb_field(const struct eb_sink *sink, size_t i, const char *name)
{
	const struct ed_event *event = &sink->events[i];
	const char *found = NULL;

	ck_assert_uint_lt(i, sink->event_count);
	for (size_t k = 0; k < event->field_count; k++) {
		if (!ed_str_eq(event->fields[k].name, ed_str_from(name)))
			continue;
		ck_assert_msg(!found, "two fields '%s'", name);
		found = event->fields[k].value.p;
	}
	ck_assert_msg(found != NULL, "no field '%s'", name);
	return found;
}

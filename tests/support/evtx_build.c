/* SPDX-License-Identifier: MIT */
/* The .evtx writer: value tables, records, chunks and the file header. */
#include "evtx_build_priv.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/crc.h"
#include "espdiag/base/cursor.h"

/* Where a failed record is rolled back to. */
struct mark {
	size_t used, keys, names, templates;
	unsigned char tables[EVTX_CHUNK_DATA];
};

/* The value table of a template instance is filled entry by entry. */
struct values {
	size_t table_at;
	size_t count;
	size_t next;
};

static struct values begin_values(struct evtx_build *b, size_t count)
{
	struct values v = { .count = count };

	evtx_put_le(b, count, 4);
	v.table_at = b->used;
	for (size_t i = 0; i < count; i++)
		evtx_put_le(b, 0, 4);
	return v;
}

/* The value's bytes were written from @from on. */
static void end_value(struct evtx_build *b, struct values *v, size_t from, unsigned type)
{
	size_t size = b->used - from;

	if (size > 0xffff)
		b->full = true;
	evtx_fill_hole(b, v->table_at + 4 * v->next, size, 2);
	evtx_fill_hole(b, v->table_at + 4 * v->next + 2, type, 1);
	v->next++;
}

static void add_value(struct evtx_build *b, struct values *v, unsigned type, const char *text)
{
	size_t from = b->used;

	if (text) {
		ed_buf_clear(&b->scratch);
		if (!build_value_bytes(&b->scratch, type, text) || b->scratch.status != ED_OK)
			b->failed = true;
		evtx_put(b, b->scratch.p, b->scratch.len);
	}
	end_value(b, v, from, text ? type : BUILD_NULL);
}

static void add_number(struct evtx_build *b, struct values *v, unsigned type, uint64_t value,
		       size_t bytes)
{
	size_t from = b->used;

	evtx_put_le(b, value, bytes);
	end_value(b, v, from, type);
}

/* Names in the System part are stored without a terminator. */
static void add_name(struct evtx_build *b, struct values *v, const char *text)
{
	size_t from = b->used;

	evtx_put_utf16(b, text);
	end_value(b, v, from, BUILD_STRING);
}

static void add_field(struct evtx_build *b, struct values *v, const struct build_field *field)
{
	size_t from = b->used;
	struct evtx_body of = { .kind = EVTX_BODY_LITERAL, .field = field->children };

	if (field->type != BUILD_BINXML || !field->child_count) {
		add_value(b, v, field->type, field->text);
		return;
	}
	evtx_put_template(b, &of);
	begin_values(b, 0);
	evtx_put_le(b, 0, 1);
	end_value(b, v, from, BUILD_BINXML);
}

static bool classic_strings(const struct build_event *event, struct ed_buf *lines)
{
	bool any = false;

	for (size_t i = 0; i < event->field_count; i++) {
		if (evtx_is_binary(&event->fields[i]))
			continue;
		if (any)
			ed_buf_addc(lines, '\n');
		ed_buf_addz(lines, event->fields[i].text ? event->fields[i].text : "");
		any = true;
	}
	return any;
}

static void add_classic(struct evtx_build *b, struct values *v, const struct build_event *event)
{
	struct ed_buf lines;

	ed_buf_init(&lines, EVTX_BUILD_CHUNK);
	if (classic_strings(event, &lines))
		add_value(b, v, BUILD_STRING | BUILD_ARRAY, ed_buf_str(&lines).p);
	else
		add_value(b, v, BUILD_NULL, NULL);
	b->failed |= lines.status == ED_NOMEM;
	b->full |= lines.status == ED_LIMIT;
	ed_buf_release(&lines);
	for (size_t i = 0; i < event->field_count; i++) {
		if (evtx_is_binary(&event->fields[i]))
			add_value(b, v, BUILD_BINARY, event->fields[i].text);
	}
}

static size_t data_value_count(const struct build_event *event)
{
	size_t count = event->field_count;

	if (event->shape == BUILD_NO_DATA)
		return 0;
	if (event->shape != BUILD_CLASSIC)
		return count;
	for (size_t i = 0; i < event->field_count; i++) {
		if (evtx_is_binary(&event->fields[i]))
			return 2;
	}
	return 1;
}

static void add_data(struct evtx_build *b, struct values *v, const struct build_event *event)
{
	if (event->shape == BUILD_NO_DATA)
		return;
	if (event->shape == BUILD_CLASSIC) {
		add_classic(b, v, event);
		return;
	}
	for (size_t i = 0; i < event->field_count; i++)
		add_field(b, v, &event->fields[i]);
}

/* The data as a template instance of its own, the last value of the System part. */
static void add_nested_data(struct evtx_build *b, struct values *v, const struct build_event *event)
{
	struct evtx_body of = { .kind = EVTX_BODY_DATA, .event = event };
	struct values inner;
	size_t from = b->used;

	if (event->shape == BUILD_NO_DATA || b->flat) {
		add_value(b, v, BUILD_NULL, NULL);
		return;
	}
	evtx_put_template(b, &of);
	inner = begin_values(b, data_value_count(event));
	add_data(b, &inner, event);
	evtx_put_le(b, 0, 1);
	end_value(b, v, from, BUILD_BINXML);
}

static void add_system(struct evtx_build *b, struct values *v, const struct build_event *event)
{
	add_number(b, v, BUILD_UINT8, event->level, 1);
	add_number(b, v, BUILD_UINT8, event->opcode, 1);
	add_number(b, v, BUILD_UINT16, event->task, 2);
	add_number(b, v, BUILD_UINT16, event->id, 2);
	if (event->has_qualifiers)
		add_number(b, v, BUILD_UINT16, event->qualifiers, 2);
	else
		add_value(b, v, BUILD_NULL, NULL);
	add_number(b, v, BUILD_HEX64, event->keywords, 8);
	add_number(b, v, BUILD_FILETIME, (uint64_t)event->time, 8);
	add_value(b, v, BUILD_GUID, event->activity);
	add_number(b, v, BUILD_UINT32, event->process, 4);
	add_number(b, v, BUILD_UINT32, event->thread, 4);
	add_number(b, v, BUILD_UINT64, event->record, 8);
	add_number(b, v, BUILD_UINT8, event->version, 1);
	add_value(b, v, BUILD_SID, event->user);
	add_value(b, v, BUILD_NULL, NULL); /* related activity */
	add_name(b, v, event->provider);
	add_value(b, v, BUILD_GUID, event->guid);
	add_name(b, v, event->channel);
	add_nested_data(b, v, event);
}

static void put_record(struct evtx_build *b, const struct build_event *event)
{
	struct evtx_body of = { .kind = EVTX_BODY_EVENT, .event = event };
	size_t begin = b->used;
	struct values v;
	size_t size;

	evtx_put(b, "\x2a\x2a\x00\x00", 4);
	evtx_put_hole(b, 4);
	evtx_put_le(b, event->record, 8);
	evtx_put_le(b, (uint64_t)event->time, 8);
	evtx_begin_fragment(b);
	evtx_put_template(b, &of);
	v = begin_values(b, EVTX_SYSTEM_VALUES + (b->flat ? data_value_count(event) : 0));
	add_system(b, &v, event);
	if (b->flat)
		add_data(b, &v, event);
	evtx_put_le(b, 0, 1);
	evtx_put_le(b, 0, (8 - (b->used - begin + 4) % 8) % 8);
	size = b->used - begin + 4;
	evtx_put_le(b, size, 4);
	evtx_fill_hole(b, begin + 4, size, 4);
	b->last_record_at = b->full ? b->last_record_at : begin;
}

static void begin_chunk(struct evtx_build *b)
{
	memset(b->chunk, 0, EVTX_BUILD_CHUNK);
	b->used = EVTX_CHUNK_DATA;
	b->name_count = 0;
	b->template_count = 0;
	b->first_record = 0;
	b->last_record = 0;
	b->last_record_at = 0;
	ed_buf_clear(&b->keys);
}

static void seal(unsigned char *chunk)
{
	size_t used = ed_le32(chunk + 48);
	uint32_t crc;

	evtx_store_le(chunk + 52, ed_crc32(0, chunk + EVTX_CHUNK_DATA, used - EVTX_CHUNK_DATA), 4);
	crc = ed_crc32(0, chunk, 120);
	evtx_store_le(chunk + 124,
		      ed_crc32(crc, chunk + EVTX_NAME_TABLE, EVTX_CHUNK_DATA - EVTX_NAME_TABLE), 4);
}

static void flush_chunk(struct evtx_build *b)
{
	unsigned char *c = b->chunk;

	memcpy(c, "ElfChnk", 8);
	/* an empty chunk says so by numbers that no record has */
	evtx_store_le(c + 8, b->first_record ? b->first_record : UINT64_MAX, 8);
	evtx_store_le(c + 16, b->first_record ? b->last_record : UINT64_MAX, 8);
	evtx_store_le(c + 24, b->first_record ? b->first_record : UINT64_MAX, 8);
	evtx_store_le(c + 32, b->first_record ? b->last_record : UINT64_MAX, 8);
	evtx_store_le(c + 40, 128, 4);
	evtx_store_le(c + 44, b->last_record_at, 4);
	evtx_store_le(c + 48, b->used, 4);
	evtx_store_le(c + 120, 1, 4);
	seal(c);
	ed_buf_add(&b->file, c, EVTX_BUILD_CHUNK);
	b->chunk_count++;
	begin_chunk(b);
}

void evtx_build_init(struct evtx_build *b)
{
	*b = (struct evtx_build){ .next_record = 1 };
	ed_buf_init(&b->file, EVTX_FILE_LIMIT);
	ed_buf_init(&b->keys, EVTX_FILE_LIMIT);
	ed_buf_init(&b->scratch, EVTX_FILE_LIMIT);
	b->chunk = ed_malloc(EVTX_BUILD_CHUNK);
	if (!b->chunk) {
		b->failed = true;
		return;
	}
	ed_buf_reserve(&b->file, EVTX_BUILD_FILE_HEADER + EVTX_BUILD_CHUNK);
	for (size_t i = 0; i < EVTX_BUILD_FILE_HEADER; i++)
		ed_buf_addc(&b->file, 0);
	begin_chunk(b);
}

void evtx_build_release(struct evtx_build *b)
{
	ed_buf_release(&b->file);
	ed_buf_release(&b->keys);
	ed_buf_release(&b->scratch);
	ed_free(b->chunk);
	ed_free(b->names);
	ed_free(b->templates);
	*b = (struct evtx_build){ 0 };
}

static bool try_record(struct evtx_build *b, const struct build_event *event)
{
	struct mark mark = { b->used, b->keys.len, b->name_count, b->template_count, { 0 } };
	size_t last_record_at = b->last_record_at;

	memcpy(mark.tables, b->chunk, sizeof(mark.tables));
	put_record(b, event);
	if (!b->full && !b->failed)
		return true;
	memcpy(b->chunk, mark.tables, sizeof(mark.tables));
	memset(b->chunk + mark.used, 0, EVTX_BUILD_CHUNK - mark.used);
	b->used = mark.used;
	b->keys.len = mark.keys;
	b->name_count = mark.names;
	b->template_count = mark.templates;
	b->last_record_at = last_record_at;
	b->full = false;
	return false;
}

bool evtx_build_add(struct evtx_build *b, const struct build_event *event)
{
	if (b->failed)
		return false;
	if (!try_record(b, event)) {
		if (b->failed || !b->first_record)
			return false;
		flush_chunk(b);
		if (!try_record(b, event))
			return false;
	}
	if (!b->first_record)
		b->first_record = event->record;
	b->last_record = event->record;
	b->next_record = event->record + 1;
	return b->file.status == ED_OK;
}

bool evtx_build_end_chunk(struct evtx_build *b)
{
	if (b->failed)
		return false;
	flush_chunk(b);
	return b->file.status == ED_OK;
}

struct ed_str evtx_build_finish(struct evtx_build *b)
{
	unsigned char *h;

	if (!b->failed && (b->first_record || !b->chunk_count))
		flush_chunk(b);
	if (b->failed || b->file.status != ED_OK)
		return (struct ed_str){ NULL, 0 };
	h = (unsigned char *)b->file.p;
	memcpy(h, "ElfFile", 8);
	/* a log that was not closed still has the header of when it was opened */
	evtx_store_le(h + 16, b->dirty ? 0 : b->chunk_count - 1, 8);
	evtx_store_le(h + 24, b->dirty ? 1 : b->next_record, 8);
	evtx_store_le(h + 32, 128, 4);
	evtx_store_le(h + 36, 1, 2);
	evtx_store_le(h + 38, 3, 2);
	evtx_store_le(h + 40, EVTX_BUILD_FILE_HEADER, 2);
	evtx_store_le(h + 42, b->dirty ? 1 : b->chunk_count, 2);
	evtx_store_le(h + 120, b->dirty, 4);
	evtx_store_le(h + 124, ed_crc32(0, h, 120), 4);
	return ed_buf_str(&b->file);
}

void evtx_build_reseal(unsigned char *file, size_t chunk_i)
{
	seal(file + EVTX_BUILD_FILE_HEADER + chunk_i * EVTX_BUILD_CHUNK);
}

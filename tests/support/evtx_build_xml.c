/* SPDX-License-Identifier: MIT */
/* BinXml of the .evtx writer: names, elements, and template definitions within a chunk. */
#include "evtx_build_priv.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/crc.h"
#include "espdiag/base/cursor.h"

#define NAME_BUCKETS 64u
#define TEMPLATE_TABLE 384u
#define TEMPLATE_BUCKETS 32u
#define EVENT_NAMESPACE "http://schemas.microsoft.com/win/2004/08/events/event"
#define NO_DEPENDENCY 0xffffu
#define VALUE_DATA (EVTX_SYSTEM_VALUES - 1) /* the last of them: the data as BinXml */

/* An element that is being written: where its sizes go. */
struct element {
	size_t size_at;
	size_t attributes_at; /* 0: has none */
};

void evtx_store_le(unsigned char *p, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++, value >>= 8)
		p[i] = (unsigned char)value;
}

void evtx_put(struct evtx_build *b, const void *bytes, size_t n)
{
	if (b->full || n > EVTX_BUILD_CHUNK - b->used) {
		b->full = true;
		return;
	}
	if (n)
		memcpy(b->chunk + b->used, bytes, n);
	b->used += n;
}

void evtx_put_le(struct evtx_build *b, uint64_t value, size_t bytes)
{
	unsigned char text[8];

	evtx_store_le(text, value, bytes);
	evtx_put(b, text, bytes);
}

size_t evtx_put_hole(struct evtx_build *b, size_t bytes)
{
	size_t at = b->used;

	evtx_put_le(b, 0, bytes);
	return at;
}

void evtx_fill_hole(struct evtx_build *b, size_t at, uint64_t value, size_t bytes)
{
	if (!b->full)
		evtx_store_le(b->chunk + at, value, bytes);
}

void evtx_put_utf16(struct evtx_build *b, const char *text)
{
	ed_buf_clear(&b->scratch);
	if (!build_utf16le(&b->scratch, text) || b->scratch.status != ED_OK)
		b->failed = true;
	evtx_put(b, b->scratch.p, b->scratch.len);
}

static size_t utf16_count(struct evtx_build *b, const char *text)
{
	ed_buf_clear(&b->scratch);
	if (!build_utf16le(&b->scratch, text))
		b->failed = true;
	return b->scratch.len / 2;
}

static bool grow(void **items, size_t *cap, size_t count, size_t size)
{
	void *p;

	if (count < *cap)
		return true;
	p = ed_realloc(*items, (*cap ? *cap * 2 : 64) * size);
	if (!p)
		return false;
	*items = p;
	*cap = *cap ? *cap * 2 : 64;
	return true;
}

static bool key_is(const struct evtx_build *b, size_t at, size_t len, struct ed_str key)
{
	return ed_str_eq((struct ed_str){ b->keys.p + at, len }, key);
}

static uint16_t name_hash(const struct ed_buf *utf16)
{
	uint32_t hash = 0;

	for (size_t i = 0; i + 1 < utf16->len; i += 2)
		hash = hash * 65599 + ed_le16((const unsigned char *)utf16->p + i);
	return (uint16_t)hash;
}

/* Puts @at in front of the chain of @bucket and writes the old front as its successor. */
static void chain(struct evtx_build *b, size_t table, size_t bucket, uint32_t at)
{
	unsigned char *head = b->chunk + table + 4 * bucket;

	evtx_put_le(b, ed_le32(head), 4);
	if (!b->full)
		evtx_store_le(head, at, 4);
}

/* The offset of a name; where the chunk does not have it yet, it follows in place. */
static void put_name(struct evtx_build *b, const char *name)
{
	struct ed_str key = ed_str_from(name);
	uint32_t at;
	uint16_t hash;
	size_t count;

	for (size_t i = 0; i < b->name_count; i++) {
		if (key_is(b, b->names[i].key, b->names[i].key_len, key)) {
			evtx_put_le(b, b->names[i].at, 4);
			return;
		}
	}
	count = utf16_count(b, name);
	hash = name_hash(&b->scratch);
	evtx_put_le(b, b->used + 4, 4);
	at = (uint32_t)b->used;
	chain(b, EVTX_NAME_TABLE, hash % NAME_BUCKETS, at);
	evtx_put_le(b, hash, 2);
	evtx_put_le(b, count, 2);
	evtx_put_utf16(b, name);
	evtx_put_le(b, 0, 2);
	if (b->full || !grow((void **)&b->names, &b->name_cap, b->name_count, sizeof(*b->names))) {
		b->failed |= !b->full;
		return;
	}
	b->names[b->name_count] =
		(struct evtx_build_name){ .at = at, .key = b->keys.len, .key_len = key.len };
	ed_buf_adds(&b->keys, key);
	if (b->keys.status == ED_OK)
		b->name_count++;
	else
		b->failed = true;
}

static struct element open_element(struct evtx_build *b, const char *name, uint16_t dependency,
				   bool attributes)
{
	struct element e = { 0 };

	evtx_put_le(b, attributes ? 0x41 : 0x01, 1);
	evtx_put_le(b, dependency, 2);
	e.size_at = evtx_put_hole(b, 4);
	put_name(b, name);
	if (attributes)
		e.attributes_at = evtx_put_hole(b, 4);
	return e;
}

static void end_attributes(struct evtx_build *b, const struct element *e)
{
	if (e->attributes_at)
		evtx_fill_hole(b, e->attributes_at, b->used - e->attributes_at - 4, 4);
}

static void begin_content(struct evtx_build *b, const struct element *e)
{
	end_attributes(b, e);
	evtx_put_le(b, 0x02, 1);
}

static void close_element(struct evtx_build *b, const struct element *e)
{
	evtx_put_le(b, 0x04, 1);
	evtx_fill_hole(b, e->size_at, b->used - e->size_at - 4, 4);
}

static void close_empty(struct evtx_build *b, const struct element *e)
{
	end_attributes(b, e);
	evtx_put_le(b, 0x03, 1);
	evtx_fill_hole(b, e->size_at, b->used - e->size_at - 4, 4);
}

static void put_attribute(struct evtx_build *b, const char *name, bool more)
{
	evtx_put_le(b, more ? 0x46 : 0x06, 1);
	put_name(b, name);
}

static void put_text(struct evtx_build *b, const char *text)
{
	evtx_put_le(b, 0x05, 1);
	evtx_put_le(b, BUILD_STRING, 1);
	evtx_put_le(b, utf16_count(b, text), 2);
	evtx_put_utf16(b, text);
}

static void put_substitution(struct evtx_build *b, bool optional, size_t index, unsigned type)
{
	evtx_put_le(b, optional ? 0x0e : 0x0d, 1);
	evtx_put_le(b, index, 2);
	evtx_put_le(b, type, 1);
}

/* <name>%index</name>, left out when the value is null */
static void put_value_element(struct evtx_build *b, const char *name, uint16_t index, unsigned type)
{
	struct element e = open_element(b, name, index, false);

	begin_content(b, &e);
	put_substitution(b, true, index, type);
	close_element(b, &e);
}

static void put_value_attribute(struct evtx_build *b, const char *name, uint16_t index,
				unsigned type, bool more)
{
	put_attribute(b, name, more);
	put_substitution(b, true, index, type);
}

void evtx_begin_fragment(struct evtx_build *b)
{
	evtx_put(b, "\x0f\x01\x01\x00", 4);
}

static void put_data_element(struct evtx_build *b, const struct build_field *field, size_t index)
{
	struct element e = open_element(b, "Data", NO_DEPENDENCY, field->name != NULL);

	if (field->name) {
		put_attribute(b, "Name", false);
		put_text(b, field->name);
	}
	begin_content(b, &e);
	put_substitution(b, false, index, field->type);
	close_element(b, &e);
}

bool evtx_is_binary(const struct build_field *field)
{
	return field->name && strcmp(field->name, "Binary") == 0;
}

/* One string array and, if there is one, the binary. */
static void put_classic_data(struct evtx_build *b, const struct build_event *event, size_t index)
{
	struct element data = open_element(b, "Data", NO_DEPENDENCY, false);

	begin_content(b, &data);
	put_substitution(b, false, index, BUILD_STRING | BUILD_ARRAY);
	close_element(b, &data);
	for (size_t i = 0; i < event->field_count; i++) {
		if (evtx_is_binary(&event->fields[i]))
			put_value_element(b, "Binary", (uint16_t)(index + 1), BUILD_BINARY);
	}
}

/* EventData or UserData, its values numbered from @index. */
static void put_data_body(struct evtx_build *b, const struct build_event *event, size_t index)
{
	bool user = event->shape == BUILD_USER_DATA;
	struct element outer =
		open_element(b, user ? "UserData" : "EventData", NO_DEPENDENCY, false);
	struct element inner = { 0 };

	begin_content(b, &outer);
	if (user) {
		inner = open_element(b, event->element, NO_DEPENDENCY, event->element_ns != NULL);
		if (event->element_ns) {
			put_attribute(b, "xmlns", false);
			put_text(b, event->element_ns);
		}
		begin_content(b, &inner);
	}
	if (event->shape == BUILD_CLASSIC)
		put_classic_data(b, event, index);
	for (size_t i = 0; i < event->field_count && event->shape != BUILD_CLASSIC; i++) {
		if (user) {
			struct element e =
				open_element(b, event->fields[i].name, NO_DEPENDENCY, false);

			begin_content(b, &e);
			put_substitution(b, false, index + i, event->fields[i].type);
			close_element(b, &e);
		} else {
			put_data_element(b, &event->fields[i], index + i);
		}
	}
	if (user)
		close_element(b, &inner);
	close_element(b, &outer);
}

static void put_system_body(struct evtx_build *b, const struct build_event *event)
{
	struct element system = open_element(b, "System", NO_DEPENDENCY, false);
	struct element e;

	begin_content(b, &system);
	e = open_element(b, "Provider", NO_DEPENDENCY, true);
	put_value_attribute(b, "Name", 14, BUILD_STRING, true);
	put_value_attribute(b, "Guid", 15, BUILD_GUID, event->source != NULL);
	if (event->source) {
		put_attribute(b, "EventSourceName", false);
		put_text(b, event->source);
	}
	close_empty(b, &e);
	e = open_element(b, "EventID", 3, true);
	put_value_attribute(b, "Qualifiers", 4, BUILD_UINT16, false);
	begin_content(b, &e);
	put_substitution(b, true, 3, BUILD_UINT16);
	close_element(b, &e);
	put_value_element(b, "Version", 11, BUILD_UINT8);
	put_value_element(b, "Level", 0, BUILD_UINT8);
	put_value_element(b, "Task", 2, BUILD_UINT16);
	put_value_element(b, "Opcode", 1, BUILD_UINT8);
	put_value_element(b, "Keywords", 5, BUILD_HEX64);
	e = open_element(b, "TimeCreated", NO_DEPENDENCY, true);
	put_value_attribute(b, "SystemTime", 6, BUILD_FILETIME, false);
	close_empty(b, &e);
	put_value_element(b, "EventRecordID", 10, BUILD_UINT64);
	e = open_element(b, "Correlation", NO_DEPENDENCY, true);
	put_value_attribute(b, "ActivityID", 7, BUILD_GUID, true);
	put_value_attribute(b, "RelatedActivityID", 13, BUILD_GUID, false);
	close_empty(b, &e);
	e = open_element(b, "Execution", NO_DEPENDENCY, true);
	put_value_attribute(b, "ProcessID", 8, BUILD_UINT32, true);
	put_value_attribute(b, "ThreadID", 9, BUILD_UINT32, false);
	close_empty(b, &e);
	put_value_element(b, "Channel", 16, BUILD_STRING);
	e = open_element(b, "Computer", NO_DEPENDENCY, false);
	begin_content(b, &e);
	put_text(b, event->computer);
	close_element(b, &e);
	e = open_element(b, "Security", NO_DEPENDENCY, true);
	put_value_attribute(b, "UserID", 12, BUILD_SID, false);
	close_empty(b, &e);
	close_element(b, &system);
}

static void put_event_body(struct evtx_build *b, const struct build_event *event)
{
	struct element root = open_element(b, "Event", VALUE_DATA, true);

	put_attribute(b, "xmlns", false);
	put_text(b, EVENT_NAMESPACE);
	begin_content(b, &root);
	put_system_body(b, event);
	if (b->flat && event->shape != BUILD_NO_DATA)
		put_data_body(b, event, EVTX_SYSTEM_VALUES);
	else
		put_substitution(b, true, VALUE_DATA, BUILD_BINXML);
	close_element(b, &root);
}

/* An element with literal content, as embedded BinXml has it. */
static void put_literal_element(struct evtx_build *b, const struct build_field *field)
{
	struct element e = open_element(b, field->name, NO_DEPENDENCY, false);

	begin_content(b, &e);
	if (field->text)
		put_text(b, field->text);
	for (size_t i = 0; i < field->child_count; i++)
		put_literal_element(b, &field->children[i]);
	close_element(b, &e);
}

static void put_body(struct evtx_build *b, const struct evtx_body *of)
{
	evtx_begin_fragment(b);
	switch (of->kind) {
	case EVTX_BODY_EVENT:
		put_event_body(b, of->event);
		break;
	case EVTX_BODY_DATA:
		put_data_body(b, of->event, 0);
		break;
	case EVTX_BODY_LITERAL:
		put_literal_element(b, of->field);
		break;
	}
	evtx_put_le(b, 0, 1);
}

static void key_literal(struct ed_buf *key, const struct build_field *field)
{
	ed_buf_printf(key, "<%s>%s", field->name, field->text ? field->text : "");
	for (size_t i = 0; i < field->child_count; i++)
		key_literal(key, &field->children[i]);
	ed_buf_addz(key, "</>");
}

/* What makes two templates the same: all that their body is written from. */
static void template_key(struct evtx_build *b, const struct evtx_body *of, struct ed_buf *key)
{
	const struct build_event *event = of->event;

	ed_buf_printf(key, "%d|", (int)of->kind);
	if (of->kind == EVTX_BODY_LITERAL) {
		key_literal(key, of->field);
		return;
	}
	if (of->kind == EVTX_BODY_EVENT)
		ed_buf_printf(key, "%s|%s|", event->computer, event->source ? event->source : "");
	if (of->kind == EVTX_BODY_EVENT && !b->flat)
		return;
	ed_buf_printf(key, "%s|%u|%u|%d|%s|%s|", event->provider, (unsigned)event->id,
		      (unsigned)event->version, (int)event->shape,
		      event->element ? event->element : "",
		      event->element_ns ? event->element_ns : "");
	for (size_t i = 0; i < event->field_count; i++)
		ed_buf_printf(key, "%s:%u;", event->fields[i].name ? event->fields[i].name : "\x01",
			      event->fields[i].type);
}

static void template_guid(struct ed_str key, unsigned char guid[16])
{
	for (uint32_t i = 0; i < 4; i++)
		evtx_store_le(guid + (size_t)4 * i, ed_crc32(i * 0x9e3779b9u, key.p, key.len), 4);
}

void evtx_put_template(struct evtx_build *b, const struct evtx_body *of)
{
	struct ed_buf key;
	struct evtx_build_template t = { 0 };
	size_t size_at;

	ed_buf_init(&key, EVTX_FILE_LIMIT);
	template_key(b, of, &key);
	b->failed |= key.status != ED_OK;
	template_guid(ed_buf_str(&key), t.guid);
	evtx_put_le(b, 0x0c, 1);
	evtx_put_le(b, 0x01, 1);
	evtx_put(b, t.guid, 4);
	for (size_t i = 0; i < b->template_count; i++) {
		if (key_is(b, b->templates[i].key, b->templates[i].key_len, ed_buf_str(&key))) {
			evtx_put_le(b, b->templates[i].at, 4);
			goto out;
		}
	}
	t.at = (uint32_t)b->used + 4;
	evtx_put_le(b, t.at, 4);
	chain(b, TEMPLATE_TABLE, ed_le32(t.guid) % TEMPLATE_BUCKETS, t.at);
	evtx_put(b, t.guid, sizeof(t.guid));
	size_at = evtx_put_hole(b, 4);
	put_body(b, of);
	evtx_fill_hole(b, size_at, b->used - size_at - 4, 4);
	if (b->full)
		goto out;
	if (!grow((void **)&b->templates, &b->template_cap, b->template_count, sizeof(t))) {
		b->failed = true;
		goto out;
	}
	t.key = b->keys.len;
	t.key_len = key.len;
	ed_buf_adds(&b->keys, ed_buf_str(&key));
	b->templates[b->template_count] = t;
	if (b->keys.status == ED_OK)
		b->template_count++;
	else
		b->failed = true;
out:
	ed_buf_release(&key);
}

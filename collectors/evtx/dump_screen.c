/* SPDX-License-Identifier: MIT */
/*
 * Records that hold what must not be printed: the values of each are asked about as they are, and
 * the record that has such a one is written again by who knows how.
 */
#include "dump_priv.h"

/* Whether the bytes of @v, of no known form, are printed as hex. */
static bool is_bytes(const struct evtx_value *v)
{
	switch (v->type) {
	case EVTX_BINARY:
		return true;
	case EVTX_SID:
		return v->size < 8 || v->p[1] > 15 || v->size != 8 + 4 * (uint32_t)v->p[1];
	default:
		return v->size > 16;
	}
}

/* A row's two entries, each a size with the bytes behind it. */
static bool is_cleared(const unsigned char *entry, const unsigned char *p, size_t n, uint32_t tag)
{
	return ed_le32(entry) == tag && evtx_is_same(entry + sizeof(tag), p, n);
}

static void clear_entry(unsigned char *entry, const unsigned char *p, size_t n, uint32_t tag)
{
	for (size_t i = 0; i < sizeof(tag); i++)
		entry[i] = (unsigned char)(tag >> 8 * i);
	memcpy(entry + sizeof(tag), p, n);
}

/*
 * Where the @n bytes at @p are to be kept once they are found harmless; NULL: they have been.
 * @tag: how many they are, and what.
 */
static unsigned char *entry_to_clear(struct ed_evtx_dump *d, const unsigned char *p, size_t n,
				     uint32_t tag)
{
	uint64_t hash = evtx_text_hash(p, n);
	bool is_long = n > EVTX_CLEARED_BYTES;
	unsigned char *row = is_long ? d->cleared_long[hash >> (64 - EVTX_LONG_BITS)][0]
				     : d->cleared[hash >> (64 - EVTX_CLEARED_BITS)][0];
	size_t size = sizeof(tag) + (is_long ? EVTX_LONG_BYTES : EVTX_CLEARED_BYTES);

	if (is_cleared(row, p, n, tag))
		return NULL;
	if (!is_cleared(row + size, p, n, tag))
		return row + size;
	/* first from now on, and the other one second */
	memcpy(row + size, row, size);
	clear_entry(row, p, n, tag);
	return NULL;
}

bool evtx_screen_text(struct ed_evtx_dump *d, const unsigned char *p, size_t n)
{
	const struct ed_dump_screen *screen = d->options.screen;
	unsigned char *entry;

	if (n > EVTX_LONG_BYTES)
		return screen->utf16(screen->context, p, n);
	entry = entry_to_clear(d, p, n, (uint32_t)n);
	if (!entry)
		return false;
	if (screen->utf16(screen->context, p, n))
		return true;
	clear_entry(entry, p, n, (uint32_t)n);
	return false;
}

static bool screen_bytes(struct ed_evtx_dump *d, struct ed_str bytes)
{
	const struct ed_dump_screen *screen = d->options.screen;
	const unsigned char *p = (const unsigned char *)bytes.p;
	uint32_t tag = (uint32_t)bytes.len | EVTX_CLEARED_AS_BYTES;
	unsigned char *entry;

	if (bytes.len < EVTX_SCREEN_TEXT || bytes.len > EVTX_LONG_BYTES)
		return screen->bytes(screen->context, bytes);
	entry = entry_to_clear(d, p, bytes.len, tag);
	if (!entry)
		return false;
	if (screen->bytes(screen->context, bytes))
		return true;
	clear_entry(entry, p, bytes.len, tag);
	return false;
}

bool evtx_screen_short(struct ed_evtx_dump *d, unsigned char (*row)[EVTX_SHORT_BYTES],
		       const unsigned char *p, size_t n)
{
	const struct ed_dump_screen *screen = d->options.screen;
	unsigned char text[EVTX_SHORT_BYTES] = { 0 };

	memcpy(text, p, n);
	if (memcmp(row[1], text, sizeof(text)) == 0) {
		memcpy(row[1], row[0], sizeof(text));
		memcpy(row[0], text, sizeof(text));
		return false;
	}
	if (screen->utf16(screen->context, p, n))
		return true;
	memcpy(row[1], text, sizeof(text));
	return false;
}

bool evtx_screen_value(struct ed_evtx_dump *d, const struct evtx_value *v)
{
	const struct ed_dump_screen *screen = d->options.screen;
	struct ed_str bytes = { (const char *)v->p, v->size };
	struct evtx_value rest = *v, item;

	switch (v->type) {
	case EVTX_NULL:
	case EVTX_BINXML: /* its values are asked about when it is written */
		return false;
	case EVTX_STRING:
	case EVTX_XML:
		return v->size >= EVTX_SCREEN_TEXT &&
		       evtx_screen_text(d, v->p, v->size & ~(size_t)1);
	case EVTX_ANSI:
		return screen->utf8(screen->context, bytes);
	default:
		break;
	}
	if (!(v->type & EVTX_ARRAY))
		return is_bytes(v) && screen_bytes(d, bytes);
	while (evtx_value_next(&rest, &item))
		if (evtx_screen_value(d, &item))
			return true;
	return false;
}

bool evtx_screen_fields(const struct ed_evtx_dump *d, const struct ed_field *fields, size_t count)
{
	const struct ed_dump_screen *screen = d->options.screen;

	for (size_t i = 0; i < count; i++)
		if (screen->name(screen->context, fields[i].name) ||
		    screen->utf8(screen->context, fields[i].value))
			return true;
	return false;
}

/* Text that is put together of several parts, each of which may be harmless. */
static bool is_mixed(const struct evtx_template *t, uint32_t begin, uint32_t end)
{
	uint32_t parts = 0;

	for (uint32_t i = begin; i < end; i++) {
		const struct evtx_op *op = &t->ops[i];

		if (op->kind == EVTX_OP_OPEN)
			i = t->elements[op->a].end - 1;
		parts = op->kind == EVTX_OP_OPEN || op->kind == EVTX_OP_ATTRIBUTE ? 0 : parts + 1;
		if (parts > 1)
			return true;
	}
	return false;
}

bool evtx_screen_template(const struct ed_evtx_dump *d, const struct evtx_template *t)
{
	const struct ed_dump_screen *screen = d->options.screen;

	for (uint32_t i = 0; i < t->op_count; i++) {
		const struct evtx_op *op = &t->ops[i];
		struct ed_str text = { t->text + op->a, op->b };

		if (op->kind == EVTX_OP_TEXT && screen->utf8(screen->context, text))
			return true;
		if (op->kind == EVTX_OP_OPEN) {
			const struct evtx_element *e = &t->elements[op->a];

			/* the name of a field may only be known with its value */
			bool is_named_late = e->attribute_begin != e->attribute_end &&
					     ed_str_eq(e->name, ED_STR("Data"));

			if (screen->name(screen->context, e->name) || is_named_late ||
			    (e->attribute.p && screen->name(screen->context, e->attribute)) ||
			    is_mixed(t, i + 1, e->content) || is_mixed(t, e->content, e->end))
				return true;
		}
	}
	return false;
}

ed_status evtx_screen_record(struct ed_evtx_dump *d, struct evtx_instance *system)
{
	const struct ed_dump_screen *screen = d->options.screen;
	struct ed_buf *out = d->options.out;
	struct ed_event_head head;
	ed_status status;

	d->r->steps += 4096; /* of the head, which has been read before */
	status = evtx_values_place(d->r, system);
	if (status == ED_OK)
		status = evtx_head_fill(d->r, system, d->number, d->time, &head);
	if (status == ED_OK)
		status = screen->clean(screen->context, &head, out, d->begin, d->r->err);
	if (status == ED_OK || status == ED_NOMEM)
		return status;
	/* rather none than one with a secret */
	out->len = d->begin;
	out->status = ED_OK;
	return evtx_at_limit(d->r, "record that cannot be cleared of secrets");
}

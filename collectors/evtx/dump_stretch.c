/* SPDX-License-Identifier: MIT */
/*
 * What most records of a template have in common: a stretch of System whose values are those of the
 * record before is copied as it came out then.
 */
#include "dump_priv.h"

#define STRETCH_LEAST 2 /* ops; fewer are written as fast as they are compared */

/* The ranges of slots that the stretch's ops refer to; false when they lie too far apart. */
static bool stretch_set(struct evtx_stretch *s, const struct evtx_dump_op *ops, uint32_t begin,
			uint32_t end)
{
	uint32_t total = 0, next = 0;

	*s = (struct evtx_stretch){ .begin = begin, .end = end };
	for (;;) {
		struct evtx_slot_range *last =
			s->range_count ? &s->ranges[s->range_count - 1] : NULL;
		uint32_t slot = UINT32_MAX;

		for (uint32_t i = begin; i < end; i++)
			if (ops[i].slot >= next && ops[i].slot < slot)
				slot = ops[i].slot;
		if (slot == UINT32_MAX)
			return true;
		/* one slot more to compare is cheaper than one range more */
		if (last && slot - next <= 1) {
			total += slot + 1 - next;
			last->count = (uint16_t)(slot + 1 - last->slot);
		} else if (s->range_count < STRETCH_RANGES) {
			total++;
			s->ranges[s->range_count++] =
				(struct evtx_slot_range){ .slot = (uint16_t)slot, .count = 1 };
		} else {
			return false;
		}
		if (total > STRETCH_SLOTS)
			return false;
		next = slot + 1;
	}
}

uint32_t evtx_stretches_find(const struct evtx_dump_op *ops, uint32_t count,
			     struct evtx_stretch *out)
{
	uint32_t found = 0;

	for (uint32_t begin = 0, end; begin < count; begin = end + 1) {
		struct evtx_stretch s;

		for (end = begin; end < count && ops[end].is_steady; end++)
			if (ops[end].kind > DUMP_STEADY)
				break;
		if (end - begin < STRETCH_LEAST || !stretch_set(&s, ops, begin, end))
			continue;
		if (out)
			out[found] = s;
		found++;
	}
	return found;
}

static inline bool stretch_fits(const struct evtx_stretch *s, const struct evtx_instance *in,
				bool (*is_same)(const unsigned char *a, const unsigned char *b,
						size_t n))
{
	const unsigned char *table = s->table, *data = s->data;

	for (uint32_t i = 0; i < s->range_count; i++) {
		const struct evtx_slot_range *range = &s->ranges[i];
		size_t n = 4 * (size_t)range->count;

		/* the same sizes: what lies there is as long as it was */
		if (!is_same(in->table + 4 * (size_t)range->slot, table, n) ||
		    !is_same(in->data + in->offsets[range->slot], data, range->data))
			return false;
		table += n;
		data += range->data;
	}
	return true;
}

/* Keeps what the stretch made of these values. */
static void stretch_keep(struct evtx_stretch *s, const struct evtx_instance *in, const char *text,
			 size_t len)
{
	unsigned char *table = s->table;
	size_t data = 0;

	s->is_known = false;
	if (len > STRETCH_TEXT)
		return;
	for (uint32_t i = 0; i < s->range_count; i++) {
		struct evtx_slot_range *range = &s->ranges[i];
		struct evtx_value first = evtx_value_at(in, range->slot);
		struct evtx_value last = evtx_value_at(in, range->slot + range->count - 1u);
		size_t n = (size_t)(last.p - first.p) + last.size;

		if (n > STRETCH_DATA - data)
			return;
		memcpy(table, in->table + 4 * (size_t)range->slot, 4 * (size_t)range->count);
		memcpy(s->data + data, first.p, n);
		table += 4 * (size_t)range->count;
		data += n;
		range->data = (uint32_t)n;
	}
	memcpy(s->text, text, len);
	s->text_len = (uint32_t)len;
	s->is_known = true;
}

uint32_t evtx_stretch_put(struct ed_evtx_dump *d, const struct evtx_instance *in,
			  const struct evtx_program *program, uint32_t at)
{
	struct evtx_stretch *s = program->stretches;
	bool is_known;
	size_t begin;

	while (s->begin != at)
		s++;
	is_known = s->is_known && ((size_t)(d->r->chunk + EVTX_CHUNK_BYTES - in->data) - in->size >=
						   EVTX_SAME_BLOCK
					   ? stretch_fits(s, in, evtx_is_same_padded)
					   : stretch_fits(s, in, evtx_is_same));
	if (is_known) {
		for (size_t i = 0; i < s->text_len; i += DUMP_BLOCK)
			memcpy(d->to + i, s->text + i, DUMP_BLOCK);
		d->to += s->text_len;
		return s->end;
	}
	begin = (size_t)(d->to - d->options.out->p);
	at = evtx_dump_flat(d, in, program, s->begin, s->end);
	/* in a record that is suspect already, nobody asks about its other values */
	if (at == s->end && !d->is_suspect)
		stretch_keep(s, in, d->options.out->p + begin,
			     (size_t)(d->to - d->options.out->p) - begin);
	return at;
}

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
			if (ops[end].kind > DUMP_PLAIN)
				break;
		if (end - begin < STRETCH_LEAST || !stretch_set(&s, ops, begin, end))
			continue;
		if (out)
			out[found] = s;
		found++;
	}
	return found;
}

static bool stretch_fits(const struct evtx_stretch *s, const struct evtx_instance *in,
			 const struct evtx_value *values)
{
	const unsigned char *table = s->table, *data = s->data;

	for (uint32_t i = 0; i < s->range_count; i++) {
		const struct evtx_slot_range *range = &s->ranges[i];
		size_t n = 4 * (size_t)range->count;

		/* the same sizes: what lies there is as long as it was */
		if (!evtx_is_same(in->table + 4 * (size_t)range->slot, table, n) ||
		    !evtx_is_same(values[range->slot].p, data, range->data))
			return false;
		table += n;
		data += range->data;
	}
	return true;
}

/* Keeps what the stretch made of these values. */
static void stretch_keep(struct evtx_stretch *s, const struct evtx_instance *in,
			 const struct evtx_value *values, const char *text, size_t len)
{
	unsigned char *table = s->table;
	size_t data = 0;

	s->is_known = false;
	if (len > sizeof(s->text))
		return;
	for (uint32_t i = 0; i < s->range_count; i++) {
		struct evtx_slot_range *range = &s->ranges[i];
		const struct evtx_value *v = &values[range->slot], *last = v + range->count - 1;
		size_t n = (size_t)(last->p - v->p) + last->size;

		if (n > sizeof(s->data) - data)
			return;
		memcpy(table, in->table + 4 * (size_t)range->slot, 4 * (size_t)range->count);
		memcpy(s->data + data, v->p, n);
		table += 4 * (size_t)range->count;
		data += n;
		range->data = (uint32_t)n;
	}
	memcpy(s->text, text, len);
	s->text_len = (uint32_t)len;
	s->is_known = true;
}

/* The ops of a stretch, from its first one on; what they cost is the same whether known or not. */
static uint32_t put_stretch(struct ed_evtx_dump *d, const struct evtx_instance *in,
			    const struct evtx_program *program, struct evtx_stretch *s)
{
	const struct evtx_value *values = d->r->cache->values + in->base;
	uint32_t steps = d->r->steps, at;
	size_t begin;

	if (s->is_known && s->steps <= steps && (size_t)(d->end - d->to) >= sizeof(s->text) &&
	    stretch_fits(s, in, values)) {
		memcpy(d->to, s->text, s->text_len);
		d->to += s->text_len;
		d->r->steps -= s->steps;
		return s->end;
	}
	begin = (size_t)(d->to - d->options.out->p);
	at = evtx_dump_ops(d, in, program, s->begin, s->end);
	if (at == s->end) {
		s->steps = steps - d->r->steps;
		stretch_keep(s, in, values, d->options.out->p + begin,
			     (size_t)(d->to - d->options.out->p) - begin);
	}
	return at;
}

uint32_t evtx_dump_plain(struct ed_evtx_dump *d, const struct evtx_instance *in,
			 const struct evtx_program *program, uint32_t at, uint32_t end)
{
	for (uint32_t i = 0; i < program->stretch_count; i++) {
		struct evtx_stretch *s = &program->stretches[i];
		uint32_t before = s->begin < end ? s->begin : end;

		if (at < before) {
			at = evtx_dump_ops(d, in, program, at, before);
			if (at < before)
				return at;
		}
		if (at == s->begin && s->end <= end) {
			at = put_stretch(d, in, program, s);
			if (at < s->end)
				return at;
		}
	}
	return at < end ? evtx_dump_ops(d, in, program, at, end) : at;
}

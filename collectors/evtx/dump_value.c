/* SPDX-License-Identifier: MIT */
/* Values of the common types written straight into the output; value.c says what they look like. */
#include "dump_priv.h"

#include "espdiag/base/time.h"

#define SID_PARTS_MAX 15
#define TICKS_PER_DAY (UINT64_C(24) * 60 * 60 * 10000000)

static char *put_pair(char *to, unsigned n)
{
	to[0] = (char)('0' + n / 10);
	to[1] = (char)('0' + n % 10);
	return to + 2;
}

/* Upper case, both digits of each byte, four bytes at a time. */
static char *put_hex(char *to, const unsigned char *p, size_t n)
{
	for (; n >= 4; p += 4, n -= 4)
		to = evtx_put_hex8(to, ed_be32(p), EVTX_LETTERS_UPPER);
	for (; n; p++, n--, to += 2)
		(void)evtx_put_hex8(to, (uint32_t)*p << 24, EVTX_LETTERS_UPPER);
	return to;
}

static void day_set(struct evtx_day *day, uint64_t days)
{
	struct ed_civil c = ed_civil_from_time((int64_t)(days * TICKS_PER_DAY));
	char *to = day->text;

	if (c.year > 9999)
		to = evtx_put_u64(to, (uint64_t)c.year);
	else
		to = put_pair(put_pair(to, (unsigned)c.year / 100), (unsigned)c.year % 100);
	*to++ = '-';
	to = put_pair(to, (unsigned)c.month);
	*to++ = '-';
	to = put_pair(to, (unsigned)c.day);
	*to++ = 'T';
	day->day = days;
	day->len = (size_t)(to - day->text);
}

static inline char *put_time(char *to, uint64_t ticks, struct evtx_day *day)
{
	/* the sign bit is no part of a FILETIME */
	uint64_t days = (ticks & INT64_MAX) / TICKS_PER_DAY;
	uint64_t rest = (ticks & INT64_MAX) - days * TICKS_PER_DAY;
	uint32_t seconds = (uint32_t)(rest / 10000000);
	uint32_t fraction = (uint32_t)(rest - (uint64_t)seconds * 10000000);

	if (!day->len || day->day != days)
		day_set(day, days);
	memcpy(to, day->text, sizeof(day->text));
	to += day->len;
	to = evtx_put_clock(to, seconds);
	*to++ = '.';
	/* seven digits: the first of eight gives way to the zone behind the last */
	evtx_put_eight(to,
		       (evtx_decimals(fraction) + '0' * EVTX_EACH_BYTE) >> 8 | (uint64_t)'Z' << 56);
	return to + 8;
}

char *evtx_dump_time(char *to, uint64_t ticks, struct evtx_day *day)
{
	return put_time(to, ticks, day);
}

/* Eight digits with a dash after the first four. */
static inline void put_dashed(char *to, uint32_t n)
{
	uint64_t text = evtx_nibbles_text(evtx_nibbles(n), EVTX_LETTERS_UPPER);

	evtx_put_eight(to, text);
	evtx_put_eight(to + 5, text >> 32);
	to[4] = '-';
}

static inline char *put_guid(char *to, const unsigned char *p)
{
	to[0] = '{';
	(void)evtx_put_hex8(to + 1, ed_le32(p), EVTX_LETTERS_UPPER);
	to[9] = '-';
	put_dashed(to + 10, (uint32_t)ed_le16(p + 4) << 16 | ed_le16(p + 6));
	to[19] = '-';
	put_dashed(to + 20, ed_be32(p + 8));
	(void)evtx_put_hex8(to + 29, ed_be32(p + 12), EVTX_LETTERS_UPPER);
	to[37] = '}';
	return to + 38;
}

static char *put_sid(char *to, const unsigned char *p, size_t n)
{
	uint64_t authority;

	if (n < 8 || p[1] > SID_PARTS_MAX || n < 8 + 4 * (size_t)p[1])
		return put_hex(to, p, n);
	*to++ = 'S';
	*to++ = '-';
	to = evtx_put_small(to, p[0]);
	*to++ = '-';
	authority = (uint64_t)p[2] << 40 | (uint64_t)p[3] << 32 | (uint64_t)p[4] << 24 |
		    (uint64_t)p[5] << 16 | (uint64_t)p[6] << 8 | p[7];
	to = authority > UINT32_MAX ? evtx_put_hex(to, authority) : evtx_put_u64(to, authority);
	for (size_t i = 0; i < p[1]; i++) {
		*to++ = '-';
		to = evtx_put_u64(to, ed_le32(p + 8 + 4 * i));
	}
	return to;
}

/* The same from memory, for 8 to SID_BYTES bytes. */
static inline char *put_sid_again(struct ed_evtx_dump *d, char *to, const unsigned char *p,
				  size_t n)
{
	struct evtx_sid *sid = &d->sids[(p[n - 4] ^ p[n - 8] ^ p[n - 3]) % SID_ROWS];

	if (sid->size != n || !evtx_is_same(sid->raw, p, n)) {
		memcpy(sid->raw, p, n);
		sid->size = (uint32_t)n;
		sid->len = (uint32_t)(put_sid(sid->text, p, n) - sid->text);
	}
	memcpy(to, sid->text, sizeof(sid->text));
	return to + sid->len;
}

static char *put_bool(char *to, const struct evtx_value *v)
{
	bool is_true = v->size == 1 ? v->p[0] : ed_le32(v->p) != 0;

	memcpy(to, is_true ? "true" : "false", 5);
	return to + (is_true ? 4 : 5);
}

/*
 * The text of @v, whose type is none of the numbers that JSON has; NULL for types that are left to
 * value.c, and for values too short for theirs.
 */
static char *put_other(struct ed_evtx_dump *d, char *to, const struct evtx_value *v,
		       enum ed_escape kind)
{
	switch (v->type) {
	case EVTX_XML:
		return evtx_dump_string(d, to, v, kind);
	case EVTX_BINARY:
		return put_hex(to, v->p, v->size);
	case EVTX_GUID:
		return v->size < 16 ? NULL : put_guid(to, v->p);
	case EVTX_FILETIME:
		return v->size < 8 ? NULL : put_time(to, ed_le64(v->p), &d->day);
	case EVTX_BOOL:
		return v->size != 1 && v->size < 4 ? NULL : put_bool(to, v);
	case EVTX_SID:
		return v->size >= 8 && v->size <= SID_BYTES ? put_sid_again(d, to, v->p, v->size)
							    : put_sid(to, v->p, v->size);
	case EVTX_HEX32:
		return v->size < 4 ? NULL : evtx_put_hex(to, ed_le32(v->p));
	case EVTX_HEX64:
		return v->size < 8 ? NULL : evtx_put_hex(to, ed_le64(v->p));
	default:
		return NULL;
	}
}

/* The same for numbers. */
static inline char *put_number(char *to, const struct evtx_value *v)
{
	const unsigned char *p = v->p;

	switch (v->type) {
	case EVTX_INT8:
		return v->size < 1 ? NULL : evtx_put_signed(to, p[0], 8);
	case EVTX_UINT8:
		return v->size < 1 ? NULL : evtx_put_small(to, p[0]);
	case EVTX_INT16:
		return v->size < 2 ? NULL : evtx_put_signed(to, ed_le16(p), 16);
	case EVTX_UINT16:
		return v->size < 2 ? NULL : evtx_put_small(to, ed_le16(p));
	case EVTX_INT32:
		return v->size < 4 ? NULL : evtx_put_signed(to, ed_le32(p), 32);
	case EVTX_UINT32:
		return v->size < 4 ? NULL : evtx_put_u64(to, ed_le32(p));
	case EVTX_INT64:
		return v->size < 8 ? NULL : evtx_put_signed(to, ed_le64(p), 64);
	default:
		return v->size < 8 ? NULL : evtx_put_u64(to, ed_le64(p));
	}
}

/* Text of most lengths at once; it has a block behind it, and the output room for one. */
static inline char *put_before(char *to, const char *text, size_t n)
{
	memcpy(to, text, DUMP_BLOCK);
	for (size_t i = DUMP_BLOCK; i < n; i += DUMP_BLOCK)
		memcpy(to + i, text + i, DUMP_BLOCK);
	return to + n;
}

/* What stands behind a value is shorter. */
static inline char *put_tail(char *to, const char *text, size_t n)
{
	memcpy(to, text, DUMP_BLOCK / 2);
	for (size_t i = DUMP_BLOCK / 2; i < n; i += DUMP_BLOCK / 2)
		memcpy(to + i, text + i, DUMP_BLOCK / 2);
	return to + n;
}

#define OP_ROOM (2 * DUMP_BLOCK + DUMP_VALUE_ROOM)

/* Whether the ops [@at, @end) surely have room and steps, because none uses a value twice. */
static bool has_room_for_all(const struct ed_evtx_dump *d, const struct evtx_instance *in,
			     const struct evtx_program *program, uint32_t at, uint32_t end)
{
	size_t ops = end - at;

	return program->is_single && d->r->steps >= ops + in->data / 16 &&
	       (size_t)(d->end - d->to) >= program->text_len + ops * (OP_ROOM + ED_ESCAPE_ROOM(0)) +
						   3 * (size_t)in->data;
}

/* @is_checked: there is room and there are steps for all, so that single ops need not ask. */
static inline uint32_t put_ops_as(struct ed_evtx_dump *d, const struct evtx_value *values,
				  const struct evtx_program *program, uint32_t at, uint32_t end,
				  bool is_checked)
{
	const struct evtx_dump_op *op = program->ops + at, *stop = program->ops + end;
	uint32_t steps = d->r->steps;
	char *to = d->to;

	for (; op < stop && op->kind <= DUMP_PLAIN; op++) {
		const struct evtx_value *v = &values[op->slot];
		uint32_t cost = 1 + v->size / 16;
		size_t before = (size_t)op->head + op->start;
		char *next;

		if (!is_checked &&
		    (cost > steps ||
		     (size_t)(d->end - to) <
			     before + op->tail + OP_ROOM + ED_ESCAPE_ROOM((size_t)v->size)))
			break;
		next = put_before(to, op->text, before);
		if (op->kind == DUMP_GUARD) {
			if (v->type & EVTX_ARRAY || (v->type == EVTX_NULL && op->is_optional))
				break;
			to = next;
			continue;
		}
		if (v->type == EVTX_NULL) {
			if (!op->is_optional)
				break;
			to += op->head;
			continue;
		}
		if (v->type >= EVTX_INT8 && v->type <= EVTX_UINT64) {
			if (op->is_number && !evtx_dump_is_integer(v))
				break;
			next = put_number(next, v);
		} else if (op->is_number) {
			break;
		} else if (v->type == EVTX_STRING) {
			next = evtx_dump_string(d, next, v, (enum ed_escape)op->escape);
		} else {
			next = put_other(d, next, v, (enum ed_escape)op->escape);
		}
		if (!next)
			break;
		steps -= cost;
		to = put_tail(next, op->text + before, op->tail);
	}
	d->r->steps = steps;
	d->to = to;
	return (uint32_t)(op - program->ops);
}

uint32_t evtx_dump_ops(struct ed_evtx_dump *d, const struct evtx_instance *in,
		       const struct evtx_program *program, uint32_t at, uint32_t end)
{
	/* before the first value of a run there is no stack of them */
	const struct evtx_value *values = in->count ? d->r->cache->values + in->base : NULL;

	return has_room_for_all(d, in, program, at, end)
		       ? put_ops_as(d, values, program, at, end, true)
		       : put_ops_as(d, values, program, at, end, false);
}

/* SPDX-License-Identifier: MIT */
/* Values of the common types written straight into the output; value.c says what they look like. */
#include "dump_priv.h"

#include "espdiag/base/time.h"

#define SID_PARTS_MAX 15

/* What the compiler must not make one copy of for all. */
#if defined(__GNUC__)
#define DUMP_INLINE static inline __attribute__((always_inline))
#else
#define DUMP_INLINE static inline
#endif
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
		return NULL;
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
	const char *end;

	if (sid->size != n || !evtx_is_same(sid->raw, p, n)) {
		sid->size = 0;
		end = put_sid(sid->text, p, n);
		if (!end)
			return NULL;
		memcpy(sid->raw, p, n);
		sid->size = (uint32_t)n;
		sid->len = (uint32_t)(end - sid->text);
	}
	memcpy(to, sid->text, sizeof(sid->text));
	return to + sid->len;
}

static char *put_bool(char *to, const unsigned char *p, size_t n)
{
	bool is_true = n == 1 ? p[0] : ed_le32(p) != 0;

	memcpy(to, is_true ? "true" : "false", 5);
	return to + (is_true ? 4 : 5);
}

static char *put_binary(struct ed_evtx_dump *d, char *to, const unsigned char *p, uint32_t n)
{
	const struct evtx_value v = { .p = p, .size = n, .type = EVTX_BINARY };

	if (!d->is_suspect && n >= ED_DUMP_SCREEN_LEAST)
		d->is_suspect = d->options.screen && evtx_screen_value(d, &v);
	return put_hex(to, p, n);
}

static inline void text_screen(struct ed_evtx_dump *d, const unsigned char *p, size_t n)
{
	if (n >= EVTX_SCREEN_TEXT && !d->is_suspect)
		d->is_suspect = d->options.screen && evtx_screen_text(d, p, n & ~(size_t)1);
}

#if ED_ESCAPE_BLOCKS
#define SHORT_TEXT EVTX_SHORT_BYTES

static inline bool is_short(size_t n, size_t readable)
{
	return n <= SHORT_TEXT && readable >= SHORT_TEXT && n % 2 == 0;
}

/*
 * Most texts: @n is even, not 0 and no more than SHORT_TEXT, of which as many can be read. They are
 * loaded once for three questions: what they are as bytes, whether these may be written as they
 * are, and whether they were cleared before.
 */
static inline char *put_short(struct ed_evtx_dump *d, char *to, const unsigned char *p, size_t n,
			      enum ed_escape kind)
{
	/* as many set bytes as there are before the others */
	static const unsigned char edge[2 * SHORT_TEXT] = {
#define EIGHT 255, 255, 255, 255, 255, 255, 255, 255
		EIGHT, EIGHT, EIGHT, EIGHT
#undef EIGHT
	};
	const unsigned char *mask = edge + SHORT_TEXT - n;
	__m128i first = ed_load16(p), second = ed_load16(p + 16);
	unsigned special = ed_escape_pack16(to, first, second, kind);
	unsigned char(*row)[EVTX_SHORT_BYTES];

	if (n >= EVTX_SCREEN_TEXT && !d->is_suspect && d->options.screen) {
		row = d->shorts[evtx_text_hash(p, n) >> (64 - EVTX_SHORT_BITS)];
		first = _mm_cmpeq_epi8(_mm_and_si128(first, ed_load16(mask)), ed_load16(row[0]));
		second = _mm_cmpeq_epi8(_mm_and_si128(second, ed_load16(mask + 16)),
					ed_load16(row[0] + 16));
		if (_mm_movemask_epi8(_mm_and_si128(first, second)) != 0xFFFF)
			d->is_suspect = evtx_screen_short(d, row, p, n);
	}
	return special << (SHORT_TEXT - n / 2) ? NULL : to + n / 2;
}
#else
static inline bool is_short(size_t n, size_t readable)
{
	(void)n;
	(void)readable;
	return false;
}

static inline char *put_short(struct ed_evtx_dump *d, char *to, const unsigned char *p, size_t n,
			      enum ed_escape kind)
{
	(void)to;
	(void)kind;
	text_screen(d, p, n);
	return NULL;
}
#endif

/* A text without its terminators. */
static inline char *put_string(struct ed_evtx_dump *d, char *to, const unsigned char *p, size_t n,
			       enum ed_escape kind)
{
	size_t readable = (size_t)(d->r->chunk + EVTX_CHUNK_BYTES - p);
	char *end;

	if (n % 2 == 0)
		while (n && !ed_le16(p + n - 2))
			n -= 2;
	if (!n)
		return to;
	if (is_short(n, readable)) {
		end = put_short(d, to, p, n, kind);
		if (end)
			return end;
	} else {
		text_screen(d, p, n);
	}
	return ed_escape_utf16le(to, p, n, readable, kind);
}

/*
 * The text of @v; NULL for types that are left to value.c, and for values too short for theirs, or
 * of no known form.
 */
DUMP_INLINE char *put_value(struct ed_evtx_dump *d, char *to, const struct evtx_value *v,
			    enum ed_escape kind)
{
	const unsigned char *p = v->p;

	switch (v->type) {
	case EVTX_STRING:
	case EVTX_XML:
		return put_string(d, to, p, v->size, kind);
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
	case EVTX_UINT64:
		return v->size < 8 ? NULL : evtx_put_u64(to, ed_le64(p));
	case EVTX_HEX32:
		return v->size < 4 ? NULL : evtx_put_hex(to, ed_le32(p));
	case EVTX_HEX64:
		return v->size < 8 ? NULL : evtx_put_hex(to, ed_le64(p));
	case EVTX_FILETIME:
		return v->size < 8 ? NULL : put_time(to, ed_le64(p), &d->day);
	case EVTX_GUID:
		return v->size < 16 ? NULL : put_guid(to, p);
	case EVTX_SID:
		return v->size >= 8 && v->size <= SID_BYTES ? put_sid_again(d, to, p, v->size)
							    : put_sid(to, p, v->size);
	case EVTX_BOOL:
		return v->size != 1 && v->size < 4 ? NULL : put_bool(to, p, v->size);
	case EVTX_BINARY:
		return put_binary(d, to, p, v->size);
	default:
		return NULL;
	}
}

/* What stands behind a value is shorter. */
static inline char *put_tail(char *to, const char *text, size_t n)
{
	memcpy(to, text, DUMP_BLOCK / 2);
	for (size_t i = DUMP_BLOCK / 2; i < n; i += DUMP_BLOCK / 2)
		memcpy(to + i, text + i, DUMP_BLOCK / 2);
	return to + n;
}

/* Whether an element with one value in it is there, once; then @to is behind the text before it. */
static inline bool guard_opens(const struct evtx_dump_op *op, const struct evtx_value *v)
{
	return op->kind == DUMP_GUARD && !(v->type & EVTX_ARRAY) &&
	       !(v->type == EVTX_NULL && op->is_optional);
}

/*
 * @is_charged: ops ask for steps and room one by one; else they go up to DUMP_END. Known when this
 * is compiled.
 */
DUMP_INLINE uint32_t put_ops(struct ed_evtx_dump *d, const struct evtx_instance *in,
			     const struct evtx_program *program, uint32_t at, uint32_t end,
			     bool is_charged)
{
	const struct evtx_dump_op *op = program->ops + at, *stop = program->ops + end;
	char *to = d->to;

	for (; !is_charged || op < stop; op++) {
		size_t before = op->before;
		struct evtx_value v;
		char *next;

		if (op->is_special && op->kind > DUMP_SLOTTED) {
			if (op->kind != DUMP_TEXT || is_charged)
				break;
			to = evtx_put_block(to, op->text, before);
			continue;
		}
		v = evtx_value_at(in, op->slot);
		if (op->is_special) {
			if (!is_charged && guard_opens(op, &v)) {
				to = evtx_put_block(to, op->text, op->head);
				continue;
			}
			if (op->kind > DUMP_PLAIN ||
			    (op->is_number && v.type != EVTX_NULL && !evtx_dump_is_integer(&v)))
				break;
		}
		if (is_charged) {
			uint32_t cost = 1 + v.size / 16;

			if (cost > d->r->steps ||
			    (size_t)(d->end - to) <
				    before + op->tail + DUMP_OP_ROOM + 3 * (size_t)v.size)
				break;
			d->r->steps -= cost;
		}
		next = evtx_put_block(to, op->text, before);
		if (v.type == EVTX_NULL) {
			if (!op->is_optional)
				break;
			to += op->head;
			continue;
		}
		next = put_value(d, next, &v, (enum ed_escape)op->escape);
		if (!next)
			break;
		to = put_tail(next, op->text + before, op->tail);
	}
	d->to = to;
	return (uint32_t)(op - program->ops);
}

uint32_t evtx_dump_charged(struct ed_evtx_dump *d, const struct evtx_instance *in,
			   const struct evtx_program *program, uint32_t at, uint32_t end)
{
	return put_ops(d, in, program, at, end, true);
}

uint32_t evtx_dump_quick(struct ed_evtx_dump *d, const struct evtx_instance *in,
			 const struct evtx_program *program, uint32_t at)
{
	return put_ops(d, in, program, at, program->op_count, false);
}

/* The value of a step; NULL where it is left to others. Sizes are what the shape has. */
DUMP_INLINE char *put_step_value(struct ed_evtx_dump *d, char *to, const unsigned char *p,
				 const struct evtx_instance *in, const struct evtx_step *step)
{
	const unsigned char *entry = in->table + step->entry;

	switch ((enum step_kind)step->kind) {
	case STEP_TEXT:
		return put_string(d, to, p, ed_le16(entry), (enum ed_escape)step->escape);
	case STEP_UINT8:
		return evtx_put_small(to, p[0]);
	case STEP_UINT16:
		return evtx_put_small(to, ed_le16(p));
	case STEP_UINT32:
		return evtx_put_u64(to, ed_le32(p));
	case STEP_UINT64:
		return evtx_put_u64(to, ed_le64(p));
	case STEP_COUNTER:
		return p[7] & 0x80 ? NULL : evtx_put_u64(to, ed_le64(p));
	case STEP_INT8:
		return evtx_put_signed(to, p[0], 8);
	case STEP_INT16:
		return evtx_put_signed(to, ed_le16(p), 16);
	case STEP_INT32:
		return evtx_put_signed(to, ed_le32(p), 32);
	case STEP_INT64:
		return evtx_put_signed(to, ed_le64(p), 64);
	case STEP_HEX32:
		return evtx_put_hex(to, ed_le32(p));
	case STEP_HEX64:
		return evtx_put_hex(to, ed_le64(p));
	case STEP_TIME:
		return put_time(to, ed_le64(p), &d->day);
	case STEP_GUID:
		return put_guid(to, p);
	case STEP_SID:
		return ed_le16(entry) >= 8 && ed_le16(entry) <= SID_BYTES
			       ? put_sid_again(d, to, p, ed_le16(entry))
			       : put_sid(to, p, ed_le16(entry));
	case STEP_BOOL:
		return put_bool(to, p, ed_le16(entry));
	case STEP_BINARY:
		return put_binary(d, to, p, ed_le16(entry));
	case STEP_OTHER:
	case STEP_LEAF:
	case STEP_FRAGMENT:
	case STEP_END:
		break;
	}
	return NULL;
}

const struct evtx_step *evtx_dump_steps(struct ed_evtx_dump *d, const struct evtx_instance *in,
					const struct evtx_step *step, const uint32_t *starts)
{
	char *to = d->to, *next;

	for (;; step++) {
		to = evtx_put_blocks(to, step->text, step->len);
		next = put_step_value(d, to, in->data + starts[step->start] + step->at, in, step);
		if (!next)
			break;
		to = next;
	}
	d->to = to;
	return step;
}

/* SPDX-License-Identifier: MIT */
/*
 * What most records of a program look like: found by comparing their value tables and what System
 * holds, and made from a record that was written the long way.
 */
#include "dump_priv.h"

#define SHAPE_MISSES 2 /* records that have no shape before one is made for such a one */
#define ROW_SHAPES 4   /* the last used ones stay */
#define ROW_MADE 16    /* on average: a program that has had as many gets no more */
#define SHAPE_SLOTS 128
#define SHAPE_DATA 256 /* bytes of values that must be the same */
#define SHAPE_KEY ((size_t)4 * SHAPE_SLOTS + SHAPE_DATA)
#define SHAPE_STEPS 128

#if ED_ESCAPE_BLOCKS
static inline __m128i block_fits(const struct evtx_shape *s, const unsigned char *p, size_t i)
{
	return _mm_cmpeq_epi8(_mm_and_si128(ed_load16(p + i), ed_load16(s->mask + i)),
			      ed_load16(s->key + i));
}

static bool key_fits(const struct evtx_shape *s, const unsigned char *p)
{
	for (size_t i = 0; i < s->key_len; i += SHAPE_BLOCK) {
		__m128i same = _mm_and_si128(block_fits(s, p, i), block_fits(s, p, i + 16));

		if (_mm_movemask_epi8(same) != 0xFFFF)
			return false;
	}
	return true;
}
#else
static bool key_fits(const struct evtx_shape *s, const unsigned char *p)
{
	for (size_t i = 0; i < s->key_len; i += 8)
		if ((ed_le64(p + i) & ed_le64(s->mask + i)) != ed_le64(s->key + i))
			return false;
	return true;
}
#endif

/* The row for values that are @in's: of at least eight bytes when there is a mask. */
static inline struct evtx_shape **row_of(struct evtx_shapes *all, const struct evtx_instance *in)
{
	uint64_t hash = all->mask ? (ed_le64(in->data) & all->mask) * EVTX_SPREAD : 0;

	return &all->rows[hash >> 58];
}

bool evtx_shape_find(const struct ed_evtx_dump *d, struct evtx_instance *in,
		     struct evtx_found *found)
{
	struct evtx_shapes *all = found->program->shapes;
	size_t readable = (size_t)(d->r->chunk + EVTX_CHUNK_BYTES - in->table);
	const unsigned char *table = in->table;
	struct evtx_shape *shape, *before = NULL, **row;
	uint32_t at = 0;

	if (all->mask && in->left < 8)
		return false;
	row = row_of(all, in);
	shape = *row;
	while (shape && (shape->count != in->count || shape->key_len > readable ||
			 !key_fits(shape, table))) {
		before = shape;
		shape = shape->next;
	}
	if (!shape)
		return false;
	if (before) {
		before->next = shape->next;
		shape->next = *row;
		*row = shape;
	}
	found->starts[0] = 0;
	for (uint32_t i = 0; i < shape->varying_count; i++) {
		const struct evtx_varying *varying = &shape->varying[i];

		at += varying->gap + (uint32_t)ed_le16(table + varying->entry);
		found->starts[i + 1] = at;
	}
	at += shape->rest;
	if (at > in->left)
		return false;
	in->size = at;
	found->shape = shape;
	return evtx_dump_room(in, found->program) <= DUMP_ROOM_MOST;
}

/* A shape being made. */
struct maker {
	struct ed_evtx_dump *d;
	const struct evtx_program *program;
	const struct evtx_instance *in;
	bool is_kept[SHAPE_SLOTS]; /* its value is part of the text */
	struct place {
		uint16_t at;
		uint8_t start;
	} places[SHAPE_SLOTS];
	struct evtx_varying varying[SHAPE_STARTS - 1];
	uint32_t varying_count, rest;
	uint32_t data; /* bytes of values that are compared */
	unsigned char mask[SHAPE_KEY], key[SHAPE_KEY];
	struct evtx_step steps[SHAPE_STEPS];
	uint32_t step_count, steps_more;
	size_t text; /* of the next step, in the dump's */
};

/* Values of a type that says nothing of their size. */
static bool is_varying(uint8_t type)
{
	return type != EVTX_NULL && !evtx_type_size(type);
}

/* Where the values are, and which of them are compared with those of other records. */
static bool slots_set(struct maker *m)
{
	const struct evtx_instance *in = m->in;
	size_t at = 0; /* behind the last value of varying size */

	for (uint32_t i = 0; i < m->program->op_count; i++) {
		const struct evtx_dump_op *op = &m->program->ops[i];

		if (op->kind <= DUMP_ATTRIBUTE && op->is_steady)
			m->is_kept[op->slot] = true;
	}
	for (uint32_t i = 0; i < in->count; i++) {
		struct evtx_value v = evtx_value_at(in, i);
		size_t end = (size_t)(v.p - in->data) + v.size;
		unsigned char *mask = m->mask + 4 * (size_t)i;

		m->is_kept[i] = m->is_kept[i] && !m->varying_count && end <= SHAPE_DATA &&
				v.type != EVTX_BINXML && !(v.type & EVTX_ARRAY);
		m->places[i] = (struct place){ (uint16_t)at, (uint8_t)m->varying_count };
		mask[2] = 0xFF;
		if (m->is_kept[i]) {
			memset(m->mask + 4 * (size_t)in->count + (end - v.size), 0xFF, v.size);
			m->data = (uint32_t)end;
		} else if (is_varying(v.type)) {
			if (m->varying_count == ED_COUNT(m->varying))
				return false;
			m->varying[m->varying_count++] =
				(struct evtx_varying){ (uint16_t)(4 * i), (uint16_t)at };
			at = 0;
			continue;
		}
		mask[0] = mask[1] = 0xFF;
		at += v.size;
	}
	m->rest = (uint32_t)at;
	for (size_t i = 0; i < 4 * (size_t)in->count + m->data; i++)
		m->key[i] = in->table[i] & m->mask[i];
	return true;
}

/* How the value is written, when it is neither an array nor BinXml. */
static enum step_kind kind_of(const struct evtx_value *v, bool is_number)
{
	static const uint8_t kinds[] = {
		[EVTX_STRING] = STEP_TEXT,   [EVTX_INT8] = STEP_INT8,
		[EVTX_UINT8] = STEP_UINT8,   [EVTX_INT16] = STEP_INT16,
		[EVTX_UINT16] = STEP_UINT16, [EVTX_INT32] = STEP_INT32,
		[EVTX_UINT32] = STEP_UINT32, [EVTX_INT64] = STEP_INT64,
		[EVTX_UINT64] = STEP_UINT64, [EVTX_BOOL] = STEP_BOOL,
		[EVTX_BINARY] = STEP_BINARY, [EVTX_GUID] = STEP_GUID,
		[EVTX_FILETIME] = STEP_TIME, [EVTX_SID] = STEP_SID,
		[EVTX_HEX32] = STEP_HEX32,   [EVTX_HEX64] = STEP_HEX64,
		[EVTX_XML] = STEP_TEXT,
	};
	enum step_kind kind =
		v->type < ED_COUNT(kinds) ? (enum step_kind)kinds[v->type] : STEP_OTHER;

	if (v->size < evtx_type_size(v->type) && !(kind == STEP_BOOL && v->size == 1))
		return STEP_OTHER;
	return kind == STEP_UINT64 && is_number ? STEP_COUNTER : kind;
}

static ed_status step_add(struct maker *m, uint32_t op_i, enum step_kind kind, uint32_t slot)
{
	const struct ed_buf *text = &m->d->text;
	const struct evtx_dump_op *op = &m->program->ops[op_i];

	if (text->status != ED_OK)
		return text->status;
	if (m->step_count == SHAPE_STEPS)
		return ED_LIMIT;
	m->steps[m->step_count++] = (struct evtx_step){
		.len = (uint32_t)(text->len - m->text),
		.entry = (uint16_t)(4 * slot),
		.at = m->places[slot].at,
		.op = (uint16_t)op_i,
		.start = m->places[slot].start,
		.kind = (uint8_t)kind,
		.escape = op->escape,
	};
	m->text = text->len;
	return ED_OK;
}

/* The value as text; it has been looked at for secrets. */
static void value_add(struct maker *m, const struct evtx_dump_op *op, const struct evtx_value *v)
{
	struct ed_buf *text = &m->d->r->cache->text;
	size_t mark = text->len;

	evtx_value_text(text, v);
	if (text->status == ED_OK)
		ed_buf_escape(&m->d->text,
			      (struct ed_str){ text->p ? text->p + mark : "", text->len - mark },
			      (enum ed_escape)op->escape);
	else
		m->d->text.status = text->status;
	text->status = ED_OK;
	text->len = mark;
}

/* DUMP_LEAF and DUMP_ATTRIBUTE. */
static ed_status leaf_add(struct maker *m, uint32_t i)
{
	const struct evtx_dump_op *op = &m->program->ops[i];
	struct evtx_value v = evtx_value_at(m->in, op->slot);
	struct ed_buf *text = &m->d->text;
	enum step_kind kind = kind_of(&v, op->is_number);
	/* of a counter the step itself knows */
	bool is_quoted = op->is_number && !evtx_dump_is_integer(&v) &&
			 (kind != STEP_COUNTER || m->is_kept[op->slot]);

	if (v.type & EVTX_ARRAY || v.type == EVTX_BINXML)
		return step_add(m, i, STEP_LEAF, op->slot);
	ed_buf_add(text, op->text, op->head);
	if (v.type == EVTX_NULL && op->is_optional)
		return ED_OK;
	ed_buf_add(text, op->text + op->head, op->start);
	if (is_quoted)
		ed_buf_addc(text, '"');
	if (m->is_kept[op->slot])
		value_add(m, op, &v);
	else if (v.type != EVTX_NULL)
		ED_TRY(step_add(m, i, kind, op->slot));
	if (is_quoted)
		ed_buf_addc(text, '"');
	ed_buf_add(text, op->text + op->head + op->start, op->tail);
	return ED_OK;
}

/* A value in content; @is_rest: of the kind that always costs steps. */
static ed_status content_add(struct maker *m, uint32_t i, bool is_rest)
{
	const struct evtx_dump_op *op = &m->program->ops[i];
	struct evtx_value v = evtx_value_at(m->in, op->slot);
	enum step_kind kind = kind_of(&v, false);
	uint32_t cost = 1 + op->head / 16u;

	ed_buf_add(&m->d->text, op->text, op->head);
	if (v.type == EVTX_BINXML) {
		m->steps_more += cost;
		return step_add(m, i, STEP_FRAGMENT, op->slot);
	}
	if (is_rest)
		m->steps_more += cost;
	if (is_rest || v.type == EVTX_NULL)
		return ED_OK;
	/* an array is written as its items one behind the other */
	if (v.type & EVTX_ARRAY || kind == STEP_OTHER)
		m->steps_more += cost;
	return step_add(m, i, v.type & EVTX_ARRAY ? STEP_OTHER : kind, op->slot);
}

/* ED_FORMAT: no shape can say what these records look like. */
static ed_status ops_add(struct maker *m)
{
	const struct evtx_program *program = m->program;

	for (uint32_t i = 0; i < program->op_count; i++) {
		const struct evtx_dump_op *op = &program->ops[i];
		struct evtx_value v;

		switch ((enum dump_kind)op->kind) {
		case DUMP_LEAF:
		case DUMP_ATTRIBUTE:
			ED_TRY(leaf_add(m, i));
			break;
		case DUMP_VALUE:
		case DUMP_CONTENT:
			ED_TRY(content_add(m, i, op->kind == DUMP_CONTENT));
			break;
		case DUMP_GUARD:
			v = evtx_value_at(m->in, op->slot);
			ed_buf_add(&m->d->text, op->text, op->head);
			if (v.type & EVTX_ARRAY)
				return ED_FORMAT;
			if (v.type != EVTX_NULL || !op->is_optional)
				break;
			/* what finding that out costs */
			m->steps_more += 2 + op->head / 16u;
			i = op->target - 1;
			break;
		case DUMP_TEXT:
			ed_buf_add(&m->d->text, op->text, op->head);
			break;
		case DUMP_ELEMENT:
		case DUMP_UNLESS_NULL:
		case DUMP_MIXED:
		case DUMP_INSTANCE:
		case DUMP_RECORD:
		case DUMP_TIME:
		case DUMP_END:
			return ED_FORMAT;
		}
	}
	return step_add(m, 0, STEP_END, 0);
}

static void *shape_alloc(struct maker *m, const void *from, size_t n, ed_status *status)
{
	struct ed_arena *arena = &m->d->r->cache->shapes;
	void *p = NULL;

	if (n > arena->limit - arena->used)
		*status = ED_LIMIT;
	else if (!(p = ed_arena_alloc(arena, n ? n : 1)))
		*status = ED_NOMEM;
	else if (n)
		memcpy(p, from, n);
	return p;
}

static ed_status shape_keep(struct maker *m)
{
	struct evtx_shape **row = row_of(m->program->shapes, m->in);
	struct ed_buf *text = &m->d->text;
	static const char behind[2 * DUMP_BLOCK];
	size_t key_len = 4 * (size_t)m->in->count + m->data;
	struct evtx_shape shape = { .count = m->in->count,
				    .varying_count = m->varying_count,
				    .rest = m->rest,
				    .steps_more = m->steps_more };
	ed_status status = ED_OK;
	struct evtx_step *steps;
	struct evtx_shape *kept;
	const char *p;

	ed_buf_add(text, behind, sizeof(behind));
	if (text->status != ED_OK)
		return text->status;
	key_len = (key_len + SHAPE_BLOCK - 1) / SHAPE_BLOCK * SHAPE_BLOCK;
	shape.key_len = (uint32_t)key_len;
	shape.mask = shape_alloc(m, m->mask, key_len, &status);
	shape.key = shape_alloc(m, m->key, key_len, &status);
	shape.varying = shape_alloc(m, m->varying, m->varying_count * sizeof(*m->varying), &status);
	steps = shape_alloc(m, m->steps, m->step_count * sizeof(*steps), &status);
	p = shape_alloc(m, text->p, text->len, &status);
	shape.steps = steps;
	shape.next = *row;
	kept = shape_alloc(m, &shape, sizeof(shape), &status);
	if (status != ED_OK)
		return status;
	for (uint32_t i = 0; i < m->step_count; i++) {
		steps[i].text = p;
		p += steps[i].len;
	}
	*row = kept;
	for (size_t i = 1; i < ROW_SHAPES && kept->next; i++)
		kept = kept->next;
	kept->next = NULL;
	return ED_OK;
}

static ed_status shape_make(struct ed_evtx_dump *d, const struct evtx_program *program,
			    const struct evtx_instance *in)
{
	struct maker m = { .d = d, .program = program, .in = in };
	struct evtx_shapes *all = program->shapes;
	ed_status status = ED_LIMIT;

	ed_buf_clear(&d->text);
	if (slots_set(&m)) {
		/* the first tells which values are the steady ones */
		if (all->row_count > 1 && !all->mask && m.data >= 8)
			all->mask = ed_le64(m.mask + 4 * (size_t)in->count);
		status = ops_add(&m);
	}
	if (status == ED_OK)
		status = shape_keep(&m);
	/* without a shape it goes the long way */
	return status == ED_NOMEM ? status : ED_OK;
}

ed_status evtx_shape_learn(struct ed_evtx_dump *d, const struct evtx_program *program,
			   const struct evtx_instance *in)
{
	struct evtx_shapes *all = program->shapes;

	if (++all->misses < SHAPE_MISSES || all->count == ROW_MADE * all->row_count ||
	    d->is_suspect || d->is_slow)
		return ED_OK;
	all->count++;
	if (!program->is_single || in->item_slot != EVTX_NO_SLOT ||
	    in->definition->arena != &d->r->cache->arena || in->count > SHAPE_SLOTS ||
	    in->count < in->definition->slot_count || program->op_count > UINT16_MAX ||
	    (all->mask && in->size < 8))
		return ED_OK;
	return shape_make(d, program, in);
}

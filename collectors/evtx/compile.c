/* SPDX-License-Identifier: MIT */
/* The compiler: the tokens of a BinXml fragment become a flat list of texts and value slots. */
#include "evtx_priv.h"

#include "espdiag/base/time.h"
#include "espdiag/base/utf.h"

enum token {
	TOKEN_END = 0x00,
	TOKEN_OPEN = 0x01,
	TOKEN_CLOSE_START = 0x02,
	TOKEN_CLOSE_EMPTY = 0x03,
	TOKEN_CLOSE = 0x04,
	TOKEN_VALUE = 0x05,
	TOKEN_ATTRIBUTE = 0x06,
	TOKEN_CDATA = 0x07,
	TOKEN_CHAR = 0x08,
	TOKEN_ENTITY = 0x09,
	TOKEN_PI_TARGET = 0x0A,
	TOKEN_PI_DATA = 0x0B,
	TOKEN_INSTANCE = 0x0C,
	TOKEN_SUB = 0x0D,
	TOKEN_OPTIONAL = 0x0E,
	TOKEN_FRAGMENT = 0x0F,
	TOKEN_MORE = 0x40, /* flag: attributes, or more of the same kind, follow */
};

#define NO_TEXT UINT32_MAX

/* An element under construction: text as offsets, because the pool still moves. */
struct evtx_build {
	struct evtx_element element;
	uint32_t name, name_len;
	uint32_t attribute, attribute_len; /* NO_TEXT when there is none */
};

struct compile {
	struct evtx_reader *r;
	struct evtx_compiler *k;
	struct ed_cursor c;
	const unsigned char *begin;
	uint32_t open[ED_LIMIT_BINXML_DEPTH]; /* elements whose end has not come yet */
	size_t depth;
	bool in_start;     /* between the name of an element and the end of its start tag */
	bool in_name;      /* that attribute is called Name */
	uint32_t value_at; /* first op of the current attribute's value */
	size_t run;        /* first op that text may be joined to */
	int dependency; /* 1: start tags carry a dependency number, 0: not, -1: to be found out */
	bool has_instance;
	uint32_t slot_count;
};

ed_status evtx_bad(struct evtx_reader *r, const char *why)
{
	r->why = why;
	return ED_FORMAT;
}

static uint32_t chunk_offset(const struct compile *k)
{
	return (uint32_t)(k->c.p - k->r->chunk);
}

static ed_status compile_op(struct compile *k, struct evtx_op op)
{
	struct evtx_compiler *s = k->k;
	void *ops = s->ops;

	if (s->op_count >= ED_LIMIT_TEMPLATE_OPS) {
		k->r->why = "template with too many parts";
		return ED_LIMIT;
	}
	if (!evtx_grow(&ops, &s->op_cap, s->op_count + 1, sizeof(op)))
		return ED_NOMEM;
	s->ops = ops;
	s->ops[s->op_count++] = op;
	return ED_OK;
}

static ed_status pool_status(struct compile *k)
{
	if (k->k->text.status == ED_LIMIT)
		k->r->why = "template with too much text";
	return k->k->text.status;
}

/* Adds a text op for what the pool got since @from, or lets the text op before it grow. */
static ed_status compile_text(struct compile *k, size_t from)
{
	struct evtx_compiler *s = k->k;
	uint32_t len = (uint32_t)(s->text.len - from);

	ED_TRY(pool_status(k));
	if (s->op_count > k->run) {
		struct evtx_op *last = &s->ops[s->op_count - 1];

		if (last->kind == EVTX_OP_TEXT && last->a + last->b == from) {
			last->b += len;
			return ED_OK;
		}
	}
	return compile_op(k,
			  (struct evtx_op){ .kind = EVTX_OP_TEXT, .a = (uint32_t)from, .b = len });
}

/* Reads a reference to a name, and the name itself when it stands right there; pools its text. */
static ed_status compile_name(struct compile *k, uint32_t *text, uint32_t *len)
{
	struct evtx_compiler *s = k->k;
	struct evtx_name_ref ref = { .at = (uint32_t)(k->c.p - k->begin) };
	uint32_t offset = ed_cursor_u32(&k->c), size = 0;
	const unsigned char *name;
	void *refs = s->refs;

	if (!k->c.bad && offset == chunk_offset(k)) {
		ed_cursor_take(&k->c, 6);
		size = 2 * (uint32_t)ed_cursor_u16(&k->c);
		if (size > 2 * EVTX_NAME_UNITS)
			return evtx_bad(k->r, "name too long");
		name = ed_cursor_take(&k->c, size);
		ed_cursor_take(&k->c, 2);
	} else {
		name = evtx_name_at(k->r->chunk, offset, &size);
		ref.p = name;
		ref.size = size;
	}
	if (k->c.bad || !name || !size)
		return evtx_bad(k->r, "name outside the chunk");
	if (!evtx_grow(&refs, &s->ref_cap, s->ref_count + 1, sizeof(ref)))
		return ED_NOMEM;
	s->refs = refs;
	s->refs[s->ref_count++] = ref;
	*text = (uint32_t)s->text.len;
	evtx_value_text(&s->text, &(struct evtx_value){ name, size, EVTX_STRING });
	ED_TRY(pool_status(k));
	*len = (uint32_t)s->text.len - *text;
	return ED_OK;
}

/* A start tag's size and name make sense at @c. */
static bool start_tag_fits(const struct compile *k, struct ed_cursor c)
{
	uint32_t size = ed_cursor_u32(&c);
	uint32_t offset, here, name_size;

	if (c.bad || size > c.left)
		return false;
	offset = ed_cursor_u32(&c);
	here = (uint32_t)(c.p - k->r->chunk);
	return !c.bad && evtx_name_at(k->r->chunk, offset, &name_size) &&
	       (offset == here || offset < here);
}

/* Definitions have a dependency number in each start tag, other fragments mostly do not. */
static void find_dependency(struct compile *k)
{
	struct ed_cursor with = k->c;

	ed_cursor_take(&with, 2);
	k->dependency = !start_tag_fits(k, k->c) && start_tag_fits(k, with);
}

static ed_status compile_open(struct compile *k, bool has_attributes)
{
	struct evtx_compiler *s = k->k;
	struct evtx_build build = { .attribute = NO_TEXT };
	uint32_t index = (uint32_t)s->build_count;
	void *builds = s->builds;

	if (k->depth == ED_COUNT(k->open)) {
		k->r->why = "elements nested too deeply";
		return ED_LIMIT;
	}
	if (k->dependency < 0)
		find_dependency(k);
	if (k->dependency)
		ed_cursor_take(&k->c, 2);
	ed_cursor_take(&k->c, 4); /* size of the element */
	ED_TRY(compile_name(k, &build.name, &build.name_len));
	if (has_attributes)
		ed_cursor_take(&k->c, 4); /* size of the attributes */
	if (!evtx_grow(&builds, &s->build_cap, s->build_count + 1, sizeof(build)))
		return ED_NOMEM;
	s->builds = builds;
	if (k->depth)
		s->builds[k->open[k->depth - 1]].element.has_child = true;
	ED_TRY(compile_op(k, (struct evtx_op){ .kind = EVTX_OP_OPEN, .a = index }));
	build.element.content = (uint32_t)s->op_count;
	build.element.slot = EVTX_NO_SLOT;
	s->builds[s->build_count++] = build;
	k->open[k->depth++] = index;
	k->run = s->op_count;
	k->in_start = true;
	k->in_name = false;
	return ED_OK;
}

/* The current attribute is complete: if it is Name="…", the element learns its value. */
static void compile_attribute_end(struct compile *k)
{
	struct evtx_compiler *s = k->k;
	struct evtx_build *build = &s->builds[k->open[k->depth - 1]];
	uint32_t end = (uint32_t)s->op_count;

	if (!k->in_name)
		return;
	k->in_name = false;
	if (end == k->value_at) {
		build->attribute = 0;
		build->attribute_len = 0;
	} else if (end == k->value_at + 1 && s->ops[k->value_at].kind == EVTX_OP_TEXT) {
		build->attribute = s->ops[k->value_at].a;
		build->attribute_len = s->ops[k->value_at].b;
	} else {
		build->element.attribute_begin = k->value_at;
		build->element.attribute_end = end;
	}
}

static ed_status compile_attribute(struct compile *k)
{
	uint32_t text, len;

	if (!k->in_start)
		return evtx_bad(k->r, "attribute outside a start tag");
	compile_attribute_end(k);
	ED_TRY(compile_name(k, &text, &len));
	k->in_name = ed_str_eq((struct ed_str){ k->k->text.p + text, len }, ED_STR("Name"));
	ED_TRY(compile_op(k, (struct evtx_op){ .kind = EVTX_OP_ATTRIBUTE, .a = text, .b = len }));
	k->value_at = (uint32_t)k->k->op_count;
	k->run = k->value_at;
	return ED_OK;
}

static ed_status compile_close(struct compile *k, bool is_start_end)
{
	struct evtx_compiler *s = k->k;
	struct evtx_build *build;

	if (!k->depth || (is_start_end && !k->in_start) || (!is_start_end && k->in_start))
		return evtx_bad(k->r, "end of an element that did not begin");
	build = &s->builds[k->open[k->depth - 1]];
	k->run = s->op_count;
	if (k->in_start) {
		compile_attribute_end(k);
		k->in_start = false;
		build->element.content = (uint32_t)s->op_count;
		return ED_OK;
	}
	build->element.end = (uint32_t)s->op_count;
	if (build->element.end != build->element.content + 1)
		build->element.slot = EVTX_NO_SLOT;
	k->depth--;
	return ED_OK;
}

static ed_status compile_close_empty(struct compile *k)
{
	uint32_t index;

	ED_TRY(compile_close(k, true));
	index = k->open[k->depth - 1];
	k->k->builds[index].element.is_closed = true;
	return compile_close(k, false);
}

/* Typed text inside a fragment. Only strings occur in practice, the rest costs nothing. */
static ed_status compile_value(struct compile *k)
{
	size_t from = k->k->text.len;
	struct evtx_value v = { .type = ed_cursor_u8(&k->c) };

	switch (v.type) {
	case EVTX_STRING:
		v.size = 2 * (uint32_t)ed_cursor_u16(&k->c);
		break;
	case EVTX_ANSI:
		v.size = ed_cursor_u16(&k->c);
		break;
	case EVTX_BINARY:
		v.size = ed_cursor_u32(&k->c);
		break;
	case EVTX_SIZE:
		v.size = 8;
		break;
	case EVTX_SID:
		v.size = 8 + (k->c.left > 1 ? 4 * (uint32_t)k->c.p[1] : 0);
		break;
	default:
		v.size = (uint32_t)evtx_type_size(v.type);
		if (!v.size && v.type != EVTX_NULL)
			return evtx_bad(k->r, "text of unknown type");
	}
	v.p = ed_cursor_take(&k->c, v.size);
	if (k->c.bad)
		return evtx_bad(k->r, "text longer than its fragment");
	evtx_value_text(&k->k->text, &v);
	return compile_text(k, from);
}

static ed_status compile_units(struct compile *k, uint32_t size)
{
	size_t from = k->k->text.len;
	const unsigned char *p = ed_cursor_take(&k->c, size);

	if (!p)
		return evtx_bad(k->r, "text longer than its fragment");
	evtx_value_text(&k->k->text, &(struct evtx_value){ p, size, EVTX_STRING });
	return compile_text(k, from);
}

/* The five entities of XML become their character; any other stays as it was written. */
static ed_status compile_entity(struct compile *k)
{
	static const struct {
		struct ed_str name;
		char c;
	} known[] = {
		{ { "amp", 3 }, '&' },  { { "lt", 2 }, '<' },    { { "gt", 2 }, '>' },
		{ { "quot", 4 }, '"' }, { { "apos", 4 }, '\'' },
	};
	struct ed_buf *pool = &k->k->text;
	uint32_t text, len;
	char name[3 * EVTX_NAME_UNITS];
	struct ed_str entity;

	ED_TRY(compile_name(k, &text, &len));
	if (len > sizeof(name))
		return evtx_bad(k->r, "name too long");
	memcpy(name, pool->p + text, len);
	entity = (struct ed_str){ name, len };
	pool->len = text;
	for (size_t i = 0; i < ED_COUNT(known); i++) {
		if (!ed_str_eq(entity, known[i].name))
			continue;
		ed_buf_addc(pool, known[i].c);
		return compile_text(k, text);
	}
	ed_buf_addc(pool, '&');
	ed_buf_adds(pool, entity);
	ed_buf_addc(pool, ';');
	return compile_text(k, text);
}

static ed_status compile_sub(struct compile *k, bool is_optional)
{
	struct evtx_op op = { .kind = is_optional ? EVTX_OP_OPTIONAL : EVTX_OP_SUB };
	struct evtx_element *element;

	op.slot = ed_cursor_u16(&k->c);
	if (op.slot >= k->slot_count)
		k->slot_count = (uint32_t)op.slot + 1;
	ed_cursor_take(&k->c, 1); /* the declared type; the value carries its own */
	if (k->depth && !k->in_start) {
		element = &k->k->builds[k->open[k->depth - 1]].element;
		element->slot = element->sub_count++ ? EVTX_NO_SLOT : op.slot;
		element->optional = is_optional;
	}
	return compile_op(k, op);
}

/* An instance within a fragment: it is read when it is walked; here only its end is found. */
static ed_status compile_instance(struct compile *k)
{
	uint32_t at = chunk_offset(k) - 1;
	uint32_t count, offset, sizes = 0;

	if (k->in_start)
		return evtx_bad(k->r, "template instance in a start tag");
	k->has_instance = true;
	ed_cursor_take(&k->c, 5);
	offset = ed_cursor_u32(&k->c);
	if (!k->c.bad && offset == chunk_offset(k)) {
		ed_cursor_take(&k->c, 20);
		ed_cursor_take(&k->c, ed_cursor_u32(&k->c));
	}
	count = ed_cursor_u32(&k->c);
	if (count > k->c.left / 4)
		return evtx_bad(k->r, "more values than bytes");
	for (uint32_t i = 0; i < count; i++) {
		sizes += ed_cursor_u16(&k->c);
		ed_cursor_take(&k->c, 2);
	}
	ed_cursor_take(&k->c, sizes);
	return compile_op(k, (struct evtx_op){ .kind = EVTX_OP_INSTANCE, .a = at });
}

static ed_status compile_token(struct compile *k, uint8_t token)
{
	uint32_t text, len;

	switch (token & ~TOKEN_MORE) {
	case TOKEN_OPEN:
		if (k->in_start)
			return evtx_bad(k->r, "element in a start tag");
		return compile_open(k, token & TOKEN_MORE);
	case TOKEN_CLOSE_START:
		return compile_close(k, true);
	case TOKEN_CLOSE_EMPTY:
		return compile_close_empty(k);
	case TOKEN_CLOSE:
		return compile_close(k, false);
	case TOKEN_VALUE:
		return compile_value(k);
	case TOKEN_ATTRIBUTE:
		return compile_attribute(k);
	case TOKEN_CDATA:
		return compile_units(k, 2 * (uint32_t)ed_cursor_u16(&k->c));
	case TOKEN_CHAR:
		return compile_units(k, 2);
	case TOKEN_ENTITY:
		return compile_entity(k);
	case TOKEN_PI_TARGET: /* instructions are no part of an event */
		ED_TRY(compile_name(k, &text, &len));
		k->k->text.len = text;
		return ED_OK;
	case TOKEN_PI_DATA:
		ed_cursor_take(&k->c, 2 * (size_t)ed_cursor_u16(&k->c));
		return ED_OK;
	case TOKEN_INSTANCE:
		return compile_instance(k);
	case TOKEN_SUB:
		return compile_sub(k, false);
	case TOKEN_OPTIONAL:
		return compile_sub(k, true);
	case TOKEN_FRAGMENT:
		ed_cursor_take(&k->c, 3);
		return ED_OK;
	default:
		return evtx_bad(k->r, "unknown token");
	}
}

static ed_status compile_tokens(struct compile *k)
{
	while (k->c.left) {
		uint8_t token = ed_cursor_u8(&k->c);

		if (token == TOKEN_END)
			break;
		ED_TRY(compile_token(k, token));
		if (k->c.bad)
			return evtx_bad(k->r, "fragment ends within a token");
	}
	if (k->depth)
		return evtx_bad(k->r, "element without an end");
	return ED_OK;
}

static struct ed_str local_name(struct ed_str name)
{
	size_t colon = ed_str_find(name, ED_STR(":"), 0);

	return colon == SIZE_MAX ? name : ed_str_slice(name, colon + 1, name.len);
}

/* @n bytes of the arena; ED_NOMEM or ED_LIMIT. */
static ed_status keep(struct compile *k, struct ed_arena *arena, const void *from, size_t n,
		      void **out)
{
	if (n > arena->limit - arena->used) {
		k->r->why = "templates too large";
		return ED_LIMIT;
	}
	*out = ed_arena_alloc(arena, n);
	if (!*out)
		return ED_NOMEM;
	if (n)
		memcpy(*out, from, n);
	return ED_OK;
}

static ed_status keep_elements(struct compile *k, struct ed_arena *arena, struct evtx_template *t)
{
	struct evtx_compiler *s = k->k;
	size_t size = s->build_count * sizeof(struct evtx_element);
	struct evtx_element *elements;
	void *p;

	if (size > arena->limit - arena->used) {
		k->r->why = "templates too large";
		return ED_LIMIT;
	}
	p = ed_arena_alloc(arena, size);
	if (!p)
		return ED_NOMEM;
	elements = p;
	for (size_t i = 0; i < s->build_count; i++) {
		const struct evtx_build *b = &s->builds[i];

		elements[i] = b->element;
		elements[i].full_name = (struct ed_str){ t->text + b->name, b->name_len };
		elements[i].name = local_name(elements[i].full_name);
		if (b->attribute != NO_TEXT)
			elements[i].attribute =
				(struct ed_str){ t->text + b->attribute, b->attribute_len };
	}
	t->elements = elements;
	t->element_count = (uint32_t)s->build_count;
	return ED_OK;
}

/* What recognises the same definition in another chunk; only cached templates need it. */
static ed_status keep_identity(struct compile *k, struct ed_arena *arena, struct evtx_template *t)
{
	struct evtx_compiler *s = k->k;
	void *p;

	ED_TRY(keep(k, arena, k->begin, t->size, &p));
	t->raw = p;
	for (size_t i = 0; i < s->ref_count; i++) {
		if (!s->refs[i].size)
			continue;
		ED_TRY(keep(k, arena, s->refs[i].p, s->refs[i].size, &p));
		s->refs[i].p = p;
	}
	ED_TRY(keep(k, arena, s->refs, s->ref_count * sizeof(*s->refs), &p));
	t->refs = p;
	t->ref_count = (uint32_t)s->ref_count;
	return ED_OK;
}

ed_status evtx_compile(struct evtx_reader *r, const unsigned char *p, uint32_t size,
		       bool is_definition, struct ed_arena *arena, struct evtx_template **out)
{
	struct evtx_compiler *s = &r->cache->compiler;
	struct compile k = {
		.r = r,
		.k = s,
		.c = { .p = p, .left = size },
		.begin = p,
		.dependency = is_definition ? 1 : -1,
	};
	struct evtx_template t = { .size = size };
	struct evtx_program *no_programs = NULL;
	void *kept;

	s->op_count = s->build_count = s->ref_count = 0;
	ed_buf_clear(&s->text);
	ed_buf_addc(&s->text, '\0'); /* so that there is a pool even without any text */
	ED_TRY(pool_status(&k));
	ED_TRY(compile_tokens(&k));
	t.is_local = k.has_instance;
	t.slot_count = k.slot_count;
	ED_TRY(keep(&k, arena, s->text.p, s->text.len, &kept));
	t.text = kept;
	ED_TRY(keep(&k, arena, s->ops, s->op_count * sizeof(*s->ops), &kept));
	t.ops = kept;
	t.op_count = (uint32_t)s->op_count;
	ED_TRY(keep_elements(&k, arena, &t));
	if (is_definition && !t.is_local)
		ED_TRY(keep_identity(&k, arena, &t));
	evtx_template_find_roles(&t);
	t.arena = arena;
	ED_TRY(keep(&k, arena, &no_programs, sizeof(no_programs), &kept));
	t.programs = kept;
	ED_TRY(keep(&k, arena, &t, sizeof(t), &kept));
	*out = kept;
	return ED_OK;
}

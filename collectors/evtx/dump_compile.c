/* SPDX-License-Identifier: MIT */
/* From a template to a program of the dump: what is constant becomes text with its escapes. */
#include "dump_priv.h"

#include "espdiag/base/alloc.h"

#define NAMES_MAX 256 /* different names of fields; more are left to the walk */

/* A field met so far. */
struct field_seen {
	struct ed_str name;
	uint32_t count;
	uint32_t op; /* of the first one; UINT32_MAX when it is all text */
};

struct compiler {
	struct ed_evtx_dump *dump;
	const struct evtx_template *t;
	enum ed_escape escape; /* of content */
	size_t begin;          /* of text that belongs to no op yet */
	uint32_t op_count;
	bool has_fields, is_slow;
	bool is_shared;                           /* a value is used twice */
	unsigned char used[(UINT16_MAX + 1) / 8]; /* slots, a bit each */
	bool is_system, is_steady; /* within System; within a part of it that seldom changes */
	struct field_seen seen[NAMES_MAX];
	size_t seen_count;
};

static void text_add(struct compiler *k, const char *z)
{
	ed_buf_addz(&k->dump->text, z);
}

static ed_status op_append(struct compiler *k, const struct evtx_dump_op *op)
{
	struct ed_evtx_dump *d = k->dump;
	void *ops = d->ops;

	if (k->op_count >= 4 * ED_LIMIT_TEMPLATE_OPS)
		return ED_LIMIT;
	if (!evtx_grow(&ops, &d->op_cap, k->op_count + (size_t)1, sizeof(*op)))
		return ED_NOMEM;
	d->ops = ops;
	d->ops[k->op_count++] = *op;
	if (op->kind <= DUMP_PLAIN) {
		unsigned char *used = &k->used[op->slot / 8],
			      bit = (unsigned char)(1u << op->slot % 8);

		k->is_shared = k->is_shared || *used & bit;
		*used |= bit;
	}
	return ED_OK;
}

/*
 * Adds @op with the text before it; start and tail are set by the caller. Text moves while it
 * grows, so .text is set at the very end.
 */
static ed_status op_add(struct compiler *k, struct evtx_dump_op op, size_t start, size_t tail)
{
	struct ed_evtx_dump *d = k->dump;
	size_t head = d->text.len - k->begin - start - tail;

	if (d->text.status != ED_OK)
		return d->text.status;
	for (; head > UINT16_MAX; head -= UINT16_MAX)
		ED_TRY(op_append(k,
				 &(struct evtx_dump_op){ .kind = DUMP_TEXT, .head = UINT16_MAX }));
	if (start > UINT16_MAX || tail > UINT16_MAX)
		return ED_LIMIT;
	op.head = (uint16_t)head;
	op.start = (uint16_t)start;
	op.tail = (uint16_t)tail;
	op.is_steady = k->is_steady;
	k->begin = d->text.len;
	return op_append(k, &op);
}

/* Ends the text before a place that is jumped to. */
static ed_status flush_text(struct compiler *k)
{
	if (k->dump->text.len == k->begin)
		return k->dump->text.status;
	return op_add(k, (struct evtx_dump_op){ .kind = DUMP_TEXT }, 0, 0);
}

/* A value with @before in front and @after behind, which come and go with it. */
static ed_status value_add(struct compiler *k, struct evtx_dump_op op, size_t mark,
			   const char *after)
{
	size_t start = k->dump->text.len - mark;

	text_add(k, after);
	return op_add(k, op, start, strlen(after));
}

/* Parts of System that are the same in most records of a template. */
static bool is_steady(struct ed_str element)
{
	static const struct ed_str names[] = {
		{ "Provider", 8 }, { "EventID", 7 }, { "Version", 7 },
		{ "Level", 5 },    { "Task", 4 },    { "Opcode", 6 },
		{ "Keywords", 8 }, { "Channel", 7 }, { "Computer", 8 },
	};

	for (size_t i = 0; i < ED_COUNT(names); i++)
		if (ed_str_eq(names[i], element))
			return true;
	return false;
}

static struct ed_str op_text(const struct compiler *k, const struct evtx_op *op)
{
	return (struct ed_str){ k->t->text + op->a, op->b };
}

static bool is_sub(const struct evtx_op *op)
{
	return op->kind == EVTX_OP_SUB || op->kind == EVTX_OP_OPTIONAL;
}

/* XML */

static bool is_inner_char(char c)
{
	return (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':';
}

/* Names come from the log and need not be names: one that cannot begin as it does gets a '_'. */
static size_t name_start(struct ed_str name)
{
	return !name.len || is_inner_char(name.p[0]);
}

static char name_char(struct ed_str name, size_t i)
{
	char c = i < name_start(name) ? '_' : name.p[i - name_start(name)];
	bool is_letter = ((unsigned char)c | 0x20) >= 'a' && ((unsigned char)c | 0x20) <= 'z';

	return is_letter || is_inner_char(c) ? c : '_';
}

static void name_add(struct compiler *k, struct ed_str name)
{
	for (size_t i = 0; i < name_start(name) + name.len; i++)
		ed_buf_addc(&k->dump->text, name_char(name, i));
}

/* Whether two names are written as the same one. */
static bool is_same_name(struct ed_str a, struct ed_str b)
{
	size_t len = name_start(a) + a.len, i = 0;

	while (i < len && len == name_start(b) + b.len && name_char(a, i) == name_char(b, i))
		i++;
	return i == len && len == name_start(b) + b.len;
}

/* First op behind the value of the attribute whose value begins at @begin. */
static uint32_t attribute_end(const struct compiler *k, uint32_t begin, uint32_t end)
{
	while (begin < end && k->t->ops[begin].kind != EVTX_OP_ATTRIBUTE)
		begin++;
	return begin;
}

/* An attribute of that name comes earlier in the same tag; XML allows one of a kind. */
static bool is_repeated(const struct compiler *k, uint32_t first, uint32_t at)
{
	for (uint32_t i = first; i < at; i++)
		if (k->t->ops[i].kind == EVTX_OP_ATTRIBUTE &&
		    is_same_name(op_text(k, &k->t->ops[i]), op_text(k, &k->t->ops[at])))
			return true;
	return false;
}

static void attribute_open(struct compiler *k, uint32_t at)
{
	text_add(k, " ");
	name_add(k, op_text(k, &k->t->ops[at]));
	text_add(k, "=\"");
}

/* Text and values mixed; any optional value that is null takes all of it away. */
static ed_status attribute_mixed(struct compiler *k, uint32_t at, uint32_t end)
{
	uint32_t first = k->op_count;

	for (uint32_t i = at + 1; i < end; i++)
		if (k->t->ops[i].kind == EVTX_OP_OPTIONAL)
			ED_TRY(op_add(k,
				      (struct evtx_dump_op){ .kind = DUMP_UNLESS_NULL,
							     .slot = k->t->ops[i].slot },
				      0, 0));
	attribute_open(k, at);
	for (uint32_t i = at + 1; i < end; i++) {
		const struct evtx_op *op = &k->t->ops[i];

		if (op->kind == EVTX_OP_TEXT)
			ed_buf_escape(&k->dump->text, op_text(k, op), ED_ESCAPE_XML_ATTRIBUTE);
		else if (is_sub(op))
			ED_TRY(op_add(k,
				      (struct evtx_dump_op){ .kind = DUMP_ATTRIBUTE,
							     .slot = op->slot,
							     .escape = ED_ESCAPE_XML_ATTRIBUTE },
				      0, 0));
	}
	text_add(k, "\"");
	ED_TRY(flush_text(k));
	for (uint32_t i = first; i < k->op_count; i++)
		if (k->dump->ops[i].kind == DUMP_UNLESS_NULL)
			k->dump->ops[i].target = k->op_count;
	return ED_OK;
}

static ed_status xml_attribute(struct compiler *k, uint32_t at, uint32_t end)
{
	const struct evtx_op *value = &k->t->ops[at + 1];
	bool is_literal = true;
	size_t mark;

	if (end == at + 2 && is_sub(value)) {
		mark = k->dump->text.len;
		attribute_open(k, at);
		return value_add(
			k,
			(struct evtx_dump_op){ .kind = DUMP_ATTRIBUTE,
					       .slot = value->slot,
					       .escape = ED_ESCAPE_XML_ATTRIBUTE,
					       .is_optional = value->kind == EVTX_OP_OPTIONAL },
			mark, "\"");
	}
	for (uint32_t i = at + 1; i < end; i++)
		is_literal = is_literal && k->t->ops[i].kind == EVTX_OP_TEXT;
	if (!is_literal)
		return attribute_mixed(k, at, end);
	attribute_open(k, at);
	for (uint32_t i = at + 1; i < end; i++)
		ed_buf_escape(&k->dump->text, op_text(k, &k->t->ops[i]), ED_ESCAPE_XML_ATTRIBUTE);
	text_add(k, "\"");
	return ED_OK;
}

static ed_status xml_start_tag(struct compiler *k, uint32_t open, const struct evtx_element *e)
{
	text_add(k, "<");
	name_add(k, e->full_name);
	for (uint32_t i = open + 1; i < e->content;) {
		uint32_t end;

		if (k->t->ops[i].kind != EVTX_OP_ATTRIBUTE) {
			i++;
			continue;
		}
		end = attribute_end(k, i + 1, e->content);
		if (!is_repeated(k, open + 1, i))
			ED_TRY(xml_attribute(k, i, end));
		i = end;
	}
	return ED_OK;
}

static void xml_end_tag(struct compiler *k, const struct evtx_element *e)
{
	text_add(k, "</");
	name_add(k, e->full_name);
	text_add(k, ">");
}

static bool has_literal_start(const struct compiler *k, uint32_t open, const struct evtx_element *e)
{
	for (uint32_t i = open + 1; i < e->content; i++)
		if (k->t->ops[i].kind != EVTX_OP_ATTRIBUTE && k->t->ops[i].kind != EVTX_OP_TEXT)
			return false;
	return true;
}

static ed_status xml_content(struct compiler *k, uint32_t begin, uint32_t end, unsigned depth);

static ed_status xml_element_inner(struct compiler *k, uint32_t open, unsigned depth)
{
	const struct evtx_element *e = &k->t->elements[k->t->ops[open].a];
	uint32_t guard = UINT32_MAX;
	size_t mark, start;

	if (e->slot != EVTX_NO_SLOT && depth && has_literal_start(k, open, e)) {
		mark = k->dump->text.len;
		ED_TRY(xml_start_tag(k, open, e));
		text_add(k, ">");
		start = k->dump->text.len;
		xml_end_tag(k, e);
		return op_add(k,
			      (struct evtx_dump_op){ .kind = DUMP_LEAF,
						     .slot = (uint16_t)e->slot,
						     .escape = ED_ESCAPE_XML_TEXT,
						     .context = CONTEXT_XML_INNER,
						     .is_optional = e->optional },
			      start - mark, k->dump->text.len - start);
	}
	/* a record whose data are null is an event all the same, so the outermost always stays */
	if (e->sub_count && depth) {
		struct evtx_dump_op op = { .kind = DUMP_ELEMENT,
					   .a = k->t->ops[open].a,
					   .is_optional = e->optional };

		if (e->slot != EVTX_NO_SLOT) {
			op.kind = DUMP_GUARD;
			op.slot = (uint16_t)e->slot;
		}
		ED_TRY(op_add(k, op, 0, 0));
		guard = k->op_count - 1;
	}
	ED_TRY(xml_start_tag(k, open, e));
	if (e->is_closed) {
		text_add(k, "/>");
	} else {
		text_add(k, ">");
		ED_TRY(xml_content(k, e->content, e->end, depth + 1));
		xml_end_tag(k, e);
	}
	if (guard == UINT32_MAX)
		return ED_OK;
	ED_TRY(flush_text(k));
	k->dump->ops[guard].target = k->op_count;
	return ED_OK;
}

static ed_status xml_element(struct compiler *k, uint32_t open, unsigned depth)
{
	struct ed_str name = k->t->elements[k->t->ops[open].a].name;
	bool was_system = k->is_system, was_steady = k->is_steady;
	ed_status status;

	k->is_steady = k->is_system && depth == 2 && is_steady(name);
	k->is_system = k->is_system || (depth == 1 && ed_str_eq(name, ED_STR("System")));
	status = xml_element_inner(k, open, depth);
	k->is_steady = was_steady;
	k->is_system = was_system;
	return status;
}

/* @depth: elements around it; nested fragments always have some. */
static ed_status xml_content(struct compiler *k, uint32_t begin, uint32_t end, unsigned depth)
{
	for (uint32_t i = begin; i < end;) {
		const struct evtx_op *op = &k->t->ops[i];
		struct evtx_dump_op out = { .slot = op->slot,
					    .a = op->a,
					    .escape = ED_ESCAPE_XML_TEXT,
					    .context = CONTEXT_XML_INNER,
					    .is_optional = true };

		i++;
		switch ((enum evtx_op_kind)op->kind) {
		case EVTX_OP_TEXT:
			ed_buf_escape(&k->dump->text, op_text(k, op), ED_ESCAPE_XML_TEXT);
			break;
		case EVTX_OP_OPEN:
			ED_TRY(xml_element(k, i - 1, depth));
			i = k->t->elements[op->a].end;
			break;
		case EVTX_OP_SUB:
		case EVTX_OP_OPTIONAL:
			out.kind = DUMP_VALUE;
			ED_TRY(op_add(k, out, 0, 0));
			break;
		case EVTX_OP_INSTANCE:
			out.kind = DUMP_INSTANCE;
			ED_TRY(op_add(k, out, 0, 0));
			break;
		case EVTX_OP_ATTRIBUTE: /* outside a start tag there is none */
			break;
		}
	}
	return ED_OK;
}

/* JSON: parts of System */

static void key_add(struct compiler *k, struct ed_str key, bool is_number)
{
	text_add(k, "\"");
	ed_buf_escape(&k->dump->text, key, ED_ESCAPE_JSON);
	text_add(k, is_number ? "\":" : "\":\"");
}

/* The part @key, whose value is the ops [@begin, @end). */
static ed_status system_part(struct compiler *k, const struct ed_system_key *key, uint32_t begin,
			     uint32_t end)
{
	struct ed_str name = ed_wanted_system(k->dump->options.wanted, key);
	const struct evtx_op *op = &k->t->ops[begin];
	size_t mark = k->dump->text.len;
	struct evtx_dump_op out = { .escape = ED_ESCAPE_JSON,
				    .is_optional = true,
				    .is_number = key->is_number };
	uint64_t number;

	/* what is empty may be the last of the template */
	if (!name.p || begin == end)
		return ED_OK;
	out.slot = op->slot;
	if (end == begin + 1 && is_sub(op)) {
		key_add(k, name, key->is_number);
		out.kind = DUMP_ATTRIBUTE;
		return value_add(k, out, mark, key->is_number ? "," : "\",");
	}
	if (end == begin + 1 && op->kind == EVTX_OP_TEXT) {
		struct ed_str text = op_text(k, op);
		char digits[32];

		if (key->is_number && ed_number_parse(text, &number) && number <= INT64_MAX) {
			key_add(k, name, true);
			*evtx_put_u64(digits, number) = '\0';
			text_add(k, digits);
			text_add(k, ",");
			return ED_OK;
		}
		key_add(k, name, false);
		ed_buf_escape(&k->dump->text, text, ED_ESCAPE_JSON);
		text_add(k, "\",");
		return ED_OK;
	}
	key_add(k, name, false);
	out.kind = DUMP_MIXED;
	out.a = begin;
	out.b = end;
	return value_add(k, out, mark, "\",");
}

static ed_status system_element(struct compiler *k, uint32_t open)
{
	const struct evtx_element *e = &k->t->elements[k->t->ops[open].a];

	for (size_t i = 0; i < ed_system_key_count; i++) {
		const struct ed_system_key *key = &ed_system_keys[i];

		if (!ed_str_eq(key->element, e->name))
			continue;
		k->is_steady = is_steady(e->name);
		if (!key->attribute.p)
			ED_TRY(system_part(k, key, e->content, e->end));
		for (uint32_t at = open + 1; key->attribute.p && at < e->content;) {
			uint32_t end = attribute_end(k, at + 1, e->content);

			if (ed_str_eq(op_text(k, &k->t->ops[at]), key->attribute)) {
				ED_TRY(system_part(k, key, at + 1, end));
				break;
			}
			at = end;
		}
		k->is_steady = false;
	}
	return ED_OK;
}

/* What System does not tell is told by the record's own header. */
static ed_status system_missing(struct compiler *k, enum evtx_role role, enum dump_kind kind)
{
	static const struct ed_str keys[] = {
		[EVTX_ROLE_TIME] = { "at", 2 },
		[EVTX_ROLE_RECORD] = { "record", 6 },
	};
	size_t mark = k->dump->text.len;

	if (k->t->roles[role].kind != EVTX_ABSENT)
		return ED_OK;
	for (size_t i = 0; i < ed_system_key_count; i++) {
		const struct ed_system_key *key = &ed_system_keys[i];
		struct ed_str name = ed_wanted_system(k->dump->options.wanted, key);

		if (!name.p || !ed_str_eq(key->key, keys[role]))
			continue;
		key_add(k, name, key->is_number);
		return value_add(k, (struct evtx_dump_op){ .kind = (uint8_t)kind }, mark,
				 key->is_number ? "," : "\",");
	}
	return ED_OK;
}

/* The element @name among [@begin, @end) of the same depth; its op, or @end. */
static uint32_t element_find(const struct evtx_template *t, uint32_t begin, uint32_t end,
			     struct ed_str name)
{
	while (begin < end) {
		const struct evtx_op *op = &t->ops[begin];

		if (op->kind == EVTX_OP_OPEN && ed_str_eq(t->elements[op->a].name, name))
			break;
		begin = op->kind == EVTX_OP_OPEN ? t->elements[op->a].end : begin + 1;
	}
	return begin;
}

static ed_status json_system(struct compiler *k)
{
	const struct evtx_template *t = k->t;
	uint32_t begin = 0, end = t->op_count;
	uint32_t at = element_find(t, begin, end, ED_STR("Event"));
	uint32_t first;

	if (at < end) {
		begin = t->elements[t->ops[at].a].content;
		end = t->elements[t->ops[at].a].end;
	}
	at = element_find(t, begin, end, ED_STR("System"));
	if (at == end)
		return ED_OK;
	first = begin = t->elements[t->ops[at].a].content;
	end = t->elements[t->ops[at].a].end;
	while (begin < end) {
		const struct evtx_op *op = &t->ops[begin];

		if (op->kind != EVTX_OP_OPEN) {
			begin++;
			continue;
		}
		/* the first of a name counts, as in the head */
		if (element_find(t, first, begin, t->elements[op->a].name) == begin)
			ED_TRY(system_element(k, begin));
		begin = t->elements[op->a].end;
	}
	ED_TRY(system_missing(k, EVTX_ROLE_TIME, DUMP_TIME));
	return system_missing(k, EVTX_ROLE_RECORD, DUMP_RECORD);
}

/* JSON: fields */

/* Counts a use of @name; 0 when there are too many names. */
static uint32_t field_count(struct compiler *k, struct ed_str name, uint32_t op)
{
	for (size_t i = 0; i < k->seen_count; i++) {
		struct field_seen *seen = &k->seen[i];

		if (!ed_str_eq(seen->name, name))
			continue;
		if (seen->op != UINT32_MAX)
			k->dump->ops[seen->op].is_double = true;
		return ++seen->count;
	}
	if (k->seen_count == NAMES_MAX)
		return 0;
	k->seen[k->seen_count++] = (struct field_seen){ name, 1, op };
	return 1;
}

/* Begins a field: its key with the quote of its value. *number is 0 when it is not wanted. */
static void field_open(struct compiler *k, struct ed_str logged, uint32_t op, uint32_t *number)
{
	struct ed_str name =
		ed_wanted_field(k->dump->options.wanted, logged.len ? logged : ED_STR("Data"));

	*number = 0;
	if (ed_str_find(logged, ED_STR("#"), 0) != SIZE_MAX)
		k->is_slow = true;
	if (!name.p || k->is_slow)
		return;
	*number = field_count(k, name, op);
	if (!*number) {
		k->is_slow = true;
		return;
	}
	k->has_fields = true;
	text_add(k, "\"");
	ed_buf_escape(&k->dump->text, name, ED_ESCAPE_JSON);
	if (*number > 1)
		ed_buf_printf(&k->dump->text, "#%u", (unsigned)*number);
	text_add(k, "\":\"");
}

static struct ed_str field_name(const struct evtx_element *e, enum dump_section section)
{
	if (section == DUMP_EVENT_DATA && ed_str_eq(e->name, ED_STR("Data")))
		return e->attribute;
	return e->name;
}

static uint8_t fields_context(unsigned depth, enum dump_section section)
{
	return (uint8_t)(CONTEXT_FIELDS + (depth < 2 ? depth : 2) + 3 * (unsigned)section);
}

/* A leaf of EventData or UserData; what only its values could tell is left to the walk. */
static ed_status json_leaf(struct compiler *k, const struct evtx_element *e,
			   enum dump_section section)
{
	struct ed_str name = field_name(e, section);
	size_t mark;
	uint32_t number;

	/* long text would become ops of its own, and the field's op not be the next */
	if (k->dump->text.len - k->begin > UINT16_MAX)
		ED_TRY(flush_text(k));
	mark = k->dump->text.len;
	if (e->slot != EVTX_NO_SLOT) {
		struct evtx_dump_op out = { .kind = DUMP_LEAF,
					    .slot = (uint16_t)e->slot,
					    .escape = ED_ESCAPE_JSON,
					    .is_optional = e->optional };

		field_open(k, name, k->op_count, &number);
		if (!number) {
			/* not wanted, but elements that it may hold could be */
			out.kind = DUMP_CONTENT;
			out.context = fields_context(2, section);
			return k->is_slow ? ED_OK : op_add(k, out, 0, 0);
		}
		out.is_double = number > 1;
		return value_add(k, out, mark, "\",");
	}
	field_open(k, name, UINT32_MAX, &number);
	if (!number)
		return ED_OK;
	for (uint32_t i = e->content; i < e->end; i++)
		ed_buf_escape(&k->dump->text, op_text(k, &k->t->ops[i]), ED_ESCAPE_JSON);
	text_add(k, "\",");
	return ED_OK;
}

static ed_status json_fields(struct compiler *k, uint32_t begin, uint32_t end, unsigned depth,
			     enum dump_section section);

static bool has_instance(const struct compiler *k, const struct evtx_element *e)
{
	for (uint32_t i = e->content; i < e->end; i++)
		if (k->t->ops[i].kind == EVTX_OP_INSTANCE)
			return true;
	return false;
}

static ed_status json_element(struct compiler *k, const struct evtx_element *e, unsigned depth,
			      enum dump_section section)
{
	if (depth == 1) {
		if (ed_str_eq(e->name, ED_STR("EventData")))
			section = DUMP_EVENT_DATA;
		else if (ed_str_eq(e->name, ED_STR("UserData")))
			section = DUMP_USER_DATA;
		else
			return ED_OK;
	}
	if (depth < 2) {
		/* with data of its own beside an optional value it may vanish */
		if (depth == 1 && e->sub_count && e->slot == EVTX_NO_SLOT)
			k->is_slow = true;
		return json_fields(k, e->content, e->end, depth + 1, section);
	}
	if (e->attribute_begin != e->attribute_end && section == DUMP_EVENT_DATA)
		k->is_slow = true;
	if (has_instance(k, e) || (e->sub_count && e->slot == EVTX_NO_SLOT))
		k->is_slow = true;
	if (k->is_slow)
		return ED_OK;
	if (!e->has_child)
		return json_leaf(k, e, section);
	return json_fields(k, e->content, e->end, depth + 1, section);
}

static ed_status json_fields(struct compiler *k, uint32_t begin, uint32_t end, unsigned depth,
			     enum dump_section section)
{
	for (uint32_t i = begin; i < end && !k->is_slow;) {
		const struct evtx_op *op = &k->t->ops[i];
		struct evtx_dump_op out = { .slot = op->slot,
					    .a = op->a,
					    .escape = ED_ESCAPE_JSON,
					    .context = fields_context(depth, section) };

		i++;
		if (op->kind == EVTX_OP_OPEN) {
			const struct evtx_element *e = &k->t->elements[op->a];

			ED_TRY(json_element(k, e, depth, section));
			i = e->end;
		} else if (is_sub(op)) {
			out.kind = DUMP_CONTENT;
			ED_TRY(op_add(k, out, 0, 0));
		} else if (op->kind == EVTX_OP_INSTANCE) {
			out.kind = DUMP_INSTANCE;
			ED_TRY(op_add(k, out, 0, 0));
		}
	}
	return ED_OK;
}

/* Either of them */

static ed_status compile(struct compiler *k, uint8_t context)
{
	const struct evtx_template *t = k->t;
	unsigned place;

	switch (context) {
	case CONTEXT_XML_ROOT:
	case CONTEXT_XML_INNER:
		ED_TRY(xml_content(k, 0, t->op_count, context == CONTEXT_XML_INNER));
		if (context == CONTEXT_XML_ROOT)
			text_add(k, "\n");
		break;
	case CONTEXT_SYSTEM:
		text_add(k, "{");
		ED_TRY(json_system(k));
		if (!k->dump->options.wanted->count)
			text_add(k, "\"fields\":{");
		break;
	default:
		place = context - (unsigned)CONTEXT_FIELDS;
		ED_TRY(json_fields(k, 0, t->op_count, place % 3, (enum dump_section)(place / 3)));
	}
	return flush_text(k);
}

static void *arena_take(struct ed_arena *arena, size_t n, ed_status *status)
{
	void *p = n > arena->limit - arena->used ? NULL : ed_arena_alloc(arena, n);

	if (!p)
		*status = n > arena->limit - arena->used ? ED_LIMIT : ED_NOMEM;
	return p;
}

/* Copies what was compiled into the template's arena. */
static ed_status keep(const struct compiler *k, uint8_t context, struct evtx_program **out)
{
	const struct ed_evtx_dump *d = k->dump;
	struct ed_arena *arena = k->t->arena;
	ed_status status = ED_OK;
	struct evtx_program *program = arena_take(arena, sizeof(*program), &status);
	struct evtx_dump_op *ops =
		arena_take(arena, (k->op_count + (size_t)1) * sizeof(*ops), &status);
	char *text = arena_take(arena, d->text.len + DUMP_BLOCK, &status);
	struct evtx_shapes *shapes;
	size_t rows = 1;

	for (uint32_t i = 0; i < k->op_count; i++)
		rows = d->ops[i].is_steady ? SHAPE_ROWS : rows;
	shapes = arena_take(arena, sizeof(*shapes) + rows * sizeof(shapes->rows[0]), &status);
	if (status != ED_OK)
		return status;
	memset(shapes, 0, sizeof(*shapes) + rows * sizeof(shapes->rows[0]));
	shapes->row_count = (uint32_t)rows;
	if (d->text.len)
		memcpy(text, d->text.p, d->text.len);
	memset(text + d->text.len, 0, DUMP_BLOCK);
	for (uint32_t i = 0; i < k->op_count; i++) {
		ops[i] = d->ops[i];
		ops[i].text = text;
		ops[i].before = (uint32_t)ops[i].head + ops[i].start;
		text += ops[i].head + ops[i].start + ops[i].tail;
		ops[i].is_special = ops[i].kind > DUMP_PLAIN || ops[i].is_number;
	}
	ops[k->op_count] = (struct evtx_dump_op){ .kind = DUMP_END, .is_special = true };
	*program = (struct evtx_program){ .next = *k->t->programs,
					  .context = context,
					  .has_fields = k->has_fields,
					  .is_slow = k->is_slow,
					  .is_single = !k->is_shared,
					  .op_count = k->op_count,
					  .room = d->text.len + k->op_count * DUMP_OP_ROOM,
					  .ops = ops,
					  .shapes = shapes };
	*out = program;
	return ED_OK;
}

ed_status evtx_program_make(struct ed_evtx_dump *dump, const struct evtx_template *t,
			    uint8_t context, const struct evtx_program **program)
{
	struct evtx_program *made = NULL;
	struct compiler *k;
	ed_status status;

	k = ed_calloc(1, sizeof(*k));
	if (!k)
		return ED_NOMEM;
	k->dump = dump;
	k->t = t;
	ed_buf_clear(&dump->text);
	status = compile(k, context);
	if (status == ED_OK)
		status = keep(k, context, &made);
	if (status == ED_OK)
		made->is_suspect = dump->options.screen && evtx_screen_template(dump, t);
	ed_free(k);
	if (status == ED_LIMIT)
		return evtx_at_limit(dump->r, "templates too large");
	if (status != ED_OK)
		return status;
	*t->programs = made;
	*program = made;
	return ED_OK;
}

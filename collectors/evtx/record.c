/* SPDX-License-Identifier: MIT */
/*
 * One record: its template instance, the head from the value table, and, when the sink wants it,
 * the fields. Nothing is rendered before the sink has said so.
 */
#include "evtx_priv.h"

#define TOKEN_FRAGMENT 0x0F
#define TOKEN_INSTANCE 0x0C
#define INSTANCE_HEADER 10 /* token, one unknown byte, template id, offset of the definition */

/* Work on one record: ops walked and 16-byte pieces of text. Honest ones need some hundreds. */
#define RECORD_STEPS ((uint32_t)1 << 18)

enum section { SECTION_OTHER, SECTION_EVENT_DATA, SECTION_USER_DATA };

/* Where in the document the walk is. */
struct place {
	unsigned depth; /* elements around it */
	enum section section;
	bool has_child; /* out: an element was met */
};

ed_status evtx_at_limit(struct evtx_reader *r, const char *why)
{
	r->why = why;
	return ED_LIMIT;
}

/* Reads how many values there are at @p, and takes what of the stack is theirs. */
static ed_status values_begin(struct evtx_reader *r, const unsigned char *p, size_t left,
			      struct evtx_instance *instance)
{
	struct ed_evtx_cache *cache = r->cache;
	/* cut off before the count: no values */
	uint32_t count = left < 4 ? 0 : ed_le32(p);

	p += left < 4 ? 0 : 4;
	left -= left < 4 ? left : 4;
	if (count > left / 4)
		return evtx_bad(r, "more values than bytes");
	if (count > EVTX_VALUES - cache->value_count)
		return evtx_at_limit(r, "too many values");
	instance->table = p;
	instance->data = p + 4 * (size_t)count;
	instance->offsets = NULL;
	instance->first = cache->value_count;
	instance->count = count;
	instance->left = (uint32_t)(left - 4 * (size_t)count);
	instance->item_slot = EVTX_NO_SLOT;
	cache->value_count += count;
	return ED_OK;
}

ed_status evtx_values_place(struct evtx_reader *r, struct evtx_instance *instance)
{
	uint32_t *offsets = r->cache->offsets + instance->first;
	const unsigned char *table = instance->table;
	uint32_t at = 0;

	if (instance->offsets)
		return ED_OK;
	/* no more than EVTX_VALUES of 64 KiB each */
	for (uint32_t i = 0; i < instance->count; i++) {
		offsets[i] = at;
		at += ed_le16(table + 4 * (size_t)i);
	}
	if (at > instance->left)
		return evtx_bad(r, "values longer than the record");
	instance->size = at;
	instance->offsets = offsets;
	return ED_OK;
}

/*
 * The definition of an instance in a damaged chunk. What lies at its offset may be overwritten,
 * which shows by its GUID (@id repeats the first part); then another chunk's definition of that
 * GUID serves.
 */
static ed_status definition_in_damage(struct evtx_reader *r, uint32_t id, uint32_t offset,
				      struct evtx_instance *instance)
{
	ed_status status = evtx_template_at(r, offset, &instance->definition);

	if (status == ED_NOMEM || (status == ED_OK && ed_le32(instance->definition->guid) == id))
		return status;
	r->needs_history = r->needs_history || r->is_alone;
	instance->definition = evtx_template_known(r->cache, id);
	if (!instance->definition)
		return evtx_bad(r, "template overwritten");
	return ED_OK;
}

/* Reads the instance in the @left bytes at @p, of which the first is its token. */
static ed_status instance_begin(struct evtx_reader *r, const unsigned char *p, size_t left,
				struct evtx_instance *instance)
{
	uint32_t id, offset, size;

	if (left < INSTANCE_HEADER)
		return evtx_bad(r, "template instance cut short");
	id = ed_le32(p + 2);
	offset = ed_le32(p + 6);
	p += INSTANCE_HEADER;
	left -= INSTANCE_HEADER;
	if (offset == (uint32_t)(p - r->chunk)) {
		if (left < EVTX_DEFINITION_HEADER)
			return evtx_bad(r, "template larger than its record");
		size = ed_le32(p + 20);
		p += EVTX_DEFINITION_HEADER;
		left -= EVTX_DEFINITION_HEADER;
		if (size > left)
			return evtx_bad(r, "template larger than its record");
		p += size;
		left -= size;
	}
	if (!r->is_damaged) {
		ED_TRY(evtx_template_get(r, offset, &instance->definition));
		return values_begin(r, p, left, instance);
	}
	ED_TRY(definition_in_damage(r, id, offset, instance));
	ED_TRY(values_begin(r, p, left, instance));
	if (instance->count < instance->definition->slot_count)
		return evtx_bad(r, "fewer values than the template has slots");
	return ED_OK;
}

/* The instance that a fragment consists of, or the fragment itself as a template without values. */
ed_status evtx_fragment_begin(struct evtx_reader *r, const unsigned char *p, size_t len,
			      struct evtx_instance *instance)
{
	size_t header = len >= 4 && p[0] == TOKEN_FRAGMENT ? 4 : 0;

	p += header;
	len -= header;
	if (len && p[0] == TOKEN_INSTANCE)
		return instance_begin(r, p, len, instance);
	ED_TRY(evtx_spend(r, len / 2));
	*instance =
		(struct evtx_instance){ .first = r->cache->value_count, .item_slot = EVTX_NO_SLOT };
	return evtx_template_from_fragment(r, p, len, &instance->definition);
}

ed_status evtx_fragment_read(struct evtx_reader *r, const unsigned char *p, size_t len,
			     struct evtx_instance *instance)
{
	ED_TRY(evtx_fragment_begin(r, p, len, instance));
	return evtx_values_place(r, instance);
}

/* Text in the record's arena. */
static ed_status keep_text(struct evtx_reader *r, const char *p, size_t len, struct ed_str *out)
{
	struct ed_arena *arena = &r->cache->record;

	if (len >= arena->limit - arena->used)
		return evtx_at_limit(r, "record with too much text");
	*out = ed_arena_str(arena, (struct ed_str){ p, len });
	return out->p ? ED_OK : ED_NOMEM;
}

/* Appends a value's text to that of the element which began at @mark. */
static ed_status append_value(struct evtx_reader *r, const struct evtx_value *v, size_t mark)
{
	struct ed_buf *text = &r->cache->text;

	if (text->len - mark > ED_LIMIT_VALUE)
		return evtx_at_limit(r, "value too long");
	ED_TRY(evtx_spend(r, v->size / 16));
	evtx_value_text(text, v);
	if (text->status == ED_LIMIT) {
		text->status = ED_OK;
		return evtx_at_limit(r, "record with too much text");
	}
	return text->status;
}

static ed_status append_literal(struct evtx_reader *r, const struct evtx_instance *instance,
				const struct evtx_op *op, size_t mark)
{
	struct ed_buf *text = &r->cache->text;

	if (text->len - mark > ED_LIMIT_VALUE)
		return evtx_at_limit(r, "value too long");
	ED_TRY(evtx_spend(r, op->b / 16));
	ed_buf_add(text, instance->definition->text + op->a, op->b);
	if (text->status == ED_LIMIT) {
		text->status = ED_OK;
		return evtx_at_limit(r, "record with too much text");
	}
	return text->status;
}

/*
 * Puts the ops [@begin, @end) of an attribute together. *out is { NULL, 0 } when an optional value
 * is null and so the attribute is not there.
 */
ed_status evtx_attribute_text(struct evtx_reader *r, const struct evtx_instance *instance,
			      uint32_t begin, uint32_t end, struct ed_str *out)
{
	struct ed_buf *text = &r->cache->text;
	size_t mark = text->len;
	ed_status status = ED_OK;

	*out = (struct ed_str){ NULL, 0 };
	for (uint32_t i = begin; i < end && status == ED_OK; i++) {
		const struct evtx_op *op = &instance->definition->ops[i];
		struct evtx_value value;
		const struct evtx_value *v;

		if (op->kind == EVTX_OP_TEXT) {
			status = append_literal(r, instance, op, mark);
			continue;
		}
		if (op->kind != EVTX_OP_SUB && op->kind != EVTX_OP_OPTIONAL)
			continue;
		v = evtx_slot_value(instance, op->slot, &value);
		if (v && v->type != EVTX_BINXML) {
			status = append_value(r, v, mark);
		} else if (!v && op->kind == EVTX_OP_OPTIONAL) {
			text->len = mark;
			return ED_OK;
		}
	}
	if (status == ED_OK)
		status = keep_text(r, text->p ? text->p + mark : "", text->len - mark, out);
	text->len = mark;
	return status;
}

/* The same text as in the record before costs a comparison only. */
static ed_status memo_text(struct evtx_reader *r, const struct evtx_value *v,
			   enum evtx_memo_kind kind, struct ed_str *out)
{
	struct evtx_memo *memo = &r->cache->memos[kind];
	struct ed_buf *text = &r->cache->text;
	size_t mark = text->len;
	ed_status status;

	if (v->type == EVTX_STRING && v->size == memo->raw_size && memo->text.p &&
	    memcmp(v->p, memo->raw, v->size) == 0) {
		*out = memo->text;
		return ED_OK;
	}
	ED_TRY(append_value(r, v, mark));
	if (v->type == EVTX_STRING && v->size <= sizeof(memo->raw)) {
		memcpy(memo->raw, v->p, v->size);
		memo->raw_size = v->size;
		memo->text = (struct ed_str){ memo->buffer, text->len - mark };
		if (memo->text.len)
			memcpy(memo->buffer, text->p + mark, memo->text.len);
		*out = memo->text;
		status = ED_OK;
	} else {
		status = keep_text(r, text->p ? text->p + mark : "", text->len - mark, out);
	}
	text->len = mark;
	return status;
}

static ed_status role_text(struct evtx_reader *r, const struct evtx_instance *instance,
			   enum evtx_role role, enum evtx_memo_kind kind, struct ed_str *out)
{
	const struct evtx_source *source = &instance->definition->roles[role];
	struct evtx_value value;
	const struct evtx_value *v;

	*out = (struct ed_str){ NULL, 0 };
	switch (source->kind) {
	case EVTX_ABSENT:
		return ED_OK;
	case EVTX_LITERAL:
		*out = source->text;
		return ED_OK;
	case EVTX_MIXED:
		return evtx_attribute_text(r, instance, source->begin, source->end, out);
	case EVTX_SLOT:
		break;
	}
	v = evtx_slot_value(instance, source->slot, &value);
	return v && v->type != EVTX_BINXML ? memo_text(r, v, kind, out) : ED_OK;
}

/* *out is 0 when there is no such number. */
ed_status evtx_role_number(struct evtx_reader *r, const struct evtx_instance *instance,
			   enum evtx_role role, uint64_t *out)
{
	const struct evtx_source *source = &instance->definition->roles[role];
	struct evtx_value value;
	const struct evtx_value *v;
	struct ed_str text;

	*out = source->number;
	if (source->kind == EVTX_SLOT) {
		v = evtx_slot_value(instance, source->slot, &value);
		if (v)
			(void)evtx_value_number(v, out);
	} else if (source->kind == EVTX_MIXED) {
		ED_TRY(evtx_attribute_text(r, instance, source->begin, source->end, &text));
		if (text.p)
			(void)ed_number_parse(text, out);
	}
	return ED_OK;
}

static int64_t role_time(const struct evtx_instance *instance)
{
	const struct evtx_source *source = &instance->definition->roles[EVTX_ROLE_TIME];
	struct evtx_value value;
	const struct evtx_value *v;

	if (source->kind == EVTX_LITERAL)
		return source->time;
	if (source->kind != EVTX_SLOT)
		return ED_TIME_NONE;
	v = evtx_slot_value(instance, source->slot, &value);
	return v ? evtx_value_time(v) : ED_TIME_NONE;
}

ed_status evtx_head_fill(struct evtx_reader *r, const struct evtx_instance *instance,
			 uint64_t number, int64_t time, struct ed_event_head *head)
{
	uint64_t n;
	int64_t t = role_time(instance);

	*head = (struct ed_event_head){ .record = number, .time = t == ED_TIME_NONE ? time : t };
	ED_TRY(evtx_role_number(r, instance, EVTX_ROLE_ID, &n));
	head->id = (uint32_t)n;
	ED_TRY(evtx_role_number(r, instance, EVTX_ROLE_VERSION, &n));
	head->version = (uint8_t)n;
	ED_TRY(evtx_role_number(r, instance, EVTX_ROLE_LEVEL, &n));
	head->level = (uint8_t)n;
	ED_TRY(evtx_role_number(r, instance, EVTX_ROLE_RECORD, &n));
	if (n)
		head->record = n;
	ED_TRY(role_text(r, instance, EVTX_ROLE_PROVIDER, EVTX_MEMO_PROVIDER, &head->provider));
	return role_text(r, instance, EVTX_ROLE_CHANNEL, EVTX_MEMO_CHANNEL, &head->channel);
}

/*
 * The instance that holds the System element: @root, or one nested in its values. Nested values
 * stay on the stack.
 */
ed_status evtx_system_find(struct evtx_reader *r, const struct evtx_instance *root, unsigned depth,
			   struct evtx_instance *out)
{
	const struct evtx_template *t = root->definition;

	if (t->has_system) {
		*out = *root;
		return ED_OK;
	}
	for (uint32_t i = 0; i < t->op_count && depth < 4; i++) {
		const struct evtx_op *op = &t->ops[i];
		struct evtx_instance inner;
		struct evtx_value value;
		const struct evtx_value *v = NULL;
		ed_status status;

		ED_TRY(evtx_spend(r, 1));
		if (op->kind == EVTX_OP_SUB || op->kind == EVTX_OP_OPTIONAL) {
			v = evtx_slot_value(root, op->slot, &value);
			if (!v || v->type != EVTX_BINXML)
				continue;
			status = evtx_fragment_read(r, v->p, v->size, &inner);
		} else if (op->kind == EVTX_OP_INSTANCE) {
			status = instance_begin(r, r->chunk + op->a, EVTX_CHUNK_BYTES - op->a,
						&inner);
			if (status == ED_OK)
				status = evtx_values_place(r, &inner);
		} else {
			continue;
		}
		if (status == ED_OK)
			status = evtx_system_find(r, &inner, depth + 1, out);
		if (status != ED_FORMAT)
			return status;
	}
	return evtx_bad(r, "no System element");
}

static ed_status walk_ops(struct evtx_reader *r, const struct evtx_instance *instance,
			  uint32_t begin, uint32_t end, struct place *place, size_t mark);

/*
 * Embedded BinXml: its elements are children of the element around the substitution. Counted apart
 * from elements, because an instance may contain itself without any element in between.
 */
static ed_status walk_fragment(struct evtx_reader *r, const unsigned char *p, size_t size,
			       struct place *place, size_t mark)
{
	uint32_t values = r->cache->value_count;
	struct evtx_instance instance;
	ed_status status;

	if (!size)
		return ED_OK;
	if (r->nesting >= ED_LIMIT_BINXML_DEPTH)
		return evtx_at_limit(r, "templates nested too deeply");
	r->nesting++;
	status = evtx_fragment_read(r, p, size, &instance);
	if (status == ED_OK)
		status = walk_ops(r, &instance, 0, instance.definition->op_count, place, mark);
	r->nesting--;
	r->cache->value_count = values;
	return status;
}

static ed_status add_field(struct evtx_reader *r, struct ed_str name, struct ed_str value)
{
	struct ed_evtx_cache *cache = r->cache;
	void *fields = cache->fields;

	if (cache->field_count >= ED_LIMIT_FIELDS)
		return evtx_at_limit(r, "too many fields");
	if (!evtx_grow(&fields, &cache->field_cap, cache->field_count + 1, sizeof(*cache->fields)))
		return ED_NOMEM;
	cache->fields = fields;
	cache->fields[cache->field_count++] = (struct ed_field){ name, value };
	return ED_OK;
}

static ed_status field_name(struct evtx_reader *r, const struct evtx_instance *instance,
			    const struct evtx_element *e, const struct place *place,
			    struct ed_str *name)
{
	*name = e->name;
	if (place->section != SECTION_EVENT_DATA || !ed_str_eq(e->name, ED_STR("Data")))
		return ED_OK;
	*name = e->attribute.p ? e->attribute : (struct ed_str){ "", 0 };
	if (e->attribute_begin == e->attribute_end)
		return ED_OK;
	ED_TRY(evtx_attribute_text(r, instance, e->attribute_begin, e->attribute_end, name));
	if (!name->p)
		*name = (struct ed_str){ "", 0 };
	return ED_OK;
}

/* Adds the text since @mark as the field of the leaf @e. */
static ed_status leaf_add(struct evtx_reader *r, const struct evtx_instance *instance,
			  const struct evtx_element *e, const struct place *place, size_t mark)
{
	const struct ed_buf *text = &r->cache->text;
	struct ed_str name, value = { "", 0 };

	if (text->len > mark)
		ED_TRY(keep_text(r, text->p + mark, text->len - mark, &value));
	ED_TRY(field_name(r, instance, e, place, &name));
	return add_field(r, name, value);
}

/* An element with everything in it, once. @place is that of the element itself. */
static ed_status walk_content(struct evtx_reader *r, const struct evtx_instance *instance,
			      const struct evtx_element *e, const struct place *place)
{
	struct place inside = { .depth = place->depth + 1, .section = place->section };
	size_t mark = r->cache->text.len;
	ed_status status;

	if (place->depth == 1) {
		if (ed_str_eq(e->name, ED_STR("EventData")))
			inside.section = SECTION_EVENT_DATA;
		else if (ed_str_eq(e->name, ED_STR("UserData")))
			inside.section = SECTION_USER_DATA;
		else
			return ED_OK;
	}
	if (inside.depth >= ED_LIMIT_BINXML_DEPTH)
		return evtx_at_limit(r, "elements nested too deeply");
	status = walk_ops(r, instance, e->content, e->end, &inside, mark);
	if (place->depth >= 2 && !inside.has_child && status != ED_NOMEM) {
		ed_status added = leaf_add(r, instance, e, place, mark);

		if (status == ED_OK)
			status = added;
	}
	r->cache->text.len = mark;
	return status;
}

/*
 * Looks at the values right in the content of @e. *is_gone: an optional one is null, so the element
 * is not there. *array_slot: the first one that is an array, for which the element repeats.
 */
ed_status evtx_element_values(struct evtx_reader *r, const struct evtx_instance *instance,
			      const struct evtx_element *e, bool *is_gone, uint32_t *array_slot)
{
	for (uint32_t i = e->content; i < e->end;) {
		const struct evtx_op *op = &instance->definition->ops[i];
		struct evtx_value value;
		const struct evtx_value *v;

		ED_TRY(evtx_spend(r, 1));
		i = op->kind == EVTX_OP_OPEN ? instance->definition->elements[op->a].end : i + 1;
		if (op->kind != EVTX_OP_SUB && op->kind != EVTX_OP_OPTIONAL)
			continue;
		v = evtx_slot_value(instance, op->slot, &value);
		if (!v && op->kind == EVTX_OP_OPTIONAL)
			*is_gone = true;
		else if (v && v->type & EVTX_ARRAY && *array_slot == EVTX_NO_SLOT)
			*array_slot = op->slot;
	}
	return ED_OK;
}

static ed_status walk_array(struct evtx_reader *r, const struct evtx_instance *instance,
			    const struct evtx_element *e, const struct place *place, uint32_t slot)
{
	struct evtx_value value, rest = *evtx_slot_value(instance, slot, &value);
	struct evtx_instance copy = *instance;

	copy.item_slot = slot;
	while (evtx_value_next(&rest, &copy.item)) {
		ED_TRY(evtx_spend(r, 1));
		ED_TRY(walk_content(r, &copy, e, place));
	}
	return ED_OK;
}

/* A leaf whose content is one value, as nearly all are. */
static ed_status walk_leaf(struct evtx_reader *r, const struct evtx_instance *instance,
			   const struct evtx_element *e, const struct place *place,
			   const struct evtx_value *v)
{
	size_t mark = r->cache->text.len;
	ed_status status = ED_OK;

	if (v)
		status = append_value(r, v, mark);
	if (status == ED_OK)
		status = leaf_add(r, instance, e, place, mark);
	r->cache->text.len = mark;
	return status;
}

static ed_status walk_element(struct evtx_reader *r, const struct evtx_instance *instance,
			      const struct evtx_element *e, const struct place *place)
{
	uint32_t array_slot = EVTX_NO_SLOT;
	bool is_gone = false;

	if (e->slot != EVTX_NO_SLOT) {
		struct evtx_value value;
		const struct evtx_value *v = evtx_slot_value(instance, e->slot, &value);

		if (!v && e->optional)
			return ED_OK;
		if (v && v->type & EVTX_ARRAY)
			array_slot = e->slot;
		else if (place->depth >= 2 && (!v || v->type != EVTX_BINXML))
			return walk_leaf(r, instance, e, place, v);
	} else if (e->sub_count) {
		ED_TRY(evtx_element_values(r, instance, e, &is_gone, &array_slot));
		/* a record whose data are null is an event all the same */
		if (is_gone && place->depth)
			return ED_OK;
	}
	if (array_slot != EVTX_NO_SLOT)
		return walk_array(r, instance, e, place, array_slot);
	return walk_content(r, instance, e, place);
}

static ed_status walk_op(struct evtx_reader *r, const struct evtx_instance *instance,
			 const struct evtx_op *op, struct place *place, size_t mark)
{
	struct evtx_value value;
	const struct evtx_value *v;

	ED_TRY(evtx_spend(r, 1));
	switch ((enum evtx_op_kind)op->kind) {
	case EVTX_OP_OPEN:
		place->has_child = true;
		return walk_element(r, instance, &instance->definition->elements[op->a], place);
	case EVTX_OP_TEXT:
		return append_literal(r, instance, op, mark);
	case EVTX_OP_SUB:
	case EVTX_OP_OPTIONAL:
		v = evtx_slot_value(instance, op->slot, &value);
		if (!v)
			return ED_OK;
		if (v->type == EVTX_BINXML)
			return walk_fragment(r, v->p, v->size, place, mark);
		return append_value(r, v, mark);
	case EVTX_OP_INSTANCE:
		return walk_fragment(r, r->chunk + op->a, EVTX_CHUNK_BYTES - op->a, place, mark);
	case EVTX_OP_ATTRIBUTE: /* outside a start tag there is none */
		break;
	}
	return ED_OK;
}

/* Damage within one op costs that op; a limit ends the record. */
static ed_status walk_ops(struct evtx_reader *r, const struct evtx_instance *instance,
			  uint32_t begin, uint32_t end, struct place *place, size_t mark)
{
	const struct evtx_template *t = instance->definition;
	ed_status worst = ED_OK;

	for (uint32_t i = begin; i < end;) {
		const struct evtx_op *op = &t->ops[i];
		ed_status status = walk_op(r, instance, op, place, mark);

		i = op->kind == EVTX_OP_OPEN ? t->elements[op->a].end : i + 1;
		if (status == ED_FORMAT)
			worst = status;
		else if (status != ED_OK)
			return status;
	}
	return worst;
}

ed_status evtx_fields_read(struct evtx_reader *r, const struct evtx_instance *root)
{
	struct place place = { 0 };

	r->cache->field_count = 0;
	return walk_ops(r, root, 0, root->definition->op_count, &place, r->cache->text.len);
}

ed_status evtx_event_deliver(struct evtx_reader *r, const struct evtx_instance *root,
			     const struct evtx_instance *system, const struct ed_event_head *head,
			     ed_status *rendered)
{
	struct ed_evtx_cache *cache = r->cache;
	struct ed_event event = { .head = *head };
	const struct evtx_source *user = &system->definition->roles[EVTX_ROLE_USER];
	ed_status status;

	status = role_text(r, system, EVTX_ROLE_COMPUTER, EVTX_MEMO_COMPUTER, &event.computer);
	if (status == ED_OK && user->kind != EVTX_ABSENT)
		status = evtx_attribute_text(r, system, user->begin, user->end, &event.user);
	if (!event.user.len)
		event.user.p = NULL;
	if (status == ED_OK)
		status = evtx_fields_read(r, root);
	if (status == ED_NOMEM)
		return status;
	*rendered = status;
	event.fields = cache->fields;
	event.field_count = cache->field_count;
	r->stop = r->sink->ops->event(r->sink, &event, r->err);
	return ED_OK;
}

ed_status evtx_record_read(struct evtx_reader *r, const unsigned char *payload, size_t len,
			   uint64_t number, int64_t time, struct ed_event_head *head,
			   ed_status *rendered)
{
	struct ed_evtx_cache *cache = r->cache;
	struct evtx_instance root, system;

	*rendered = ED_OK;
	ed_arena_reset(&cache->record);
	ed_buf_clear(&cache->text);
	cache->value_count = 0;
	cache->field_count = 0;
	r->steps = RECORD_STEPS;
	r->nesting = 0;
	r->was_offered = false;
	if (r->dump)
		return evtx_dump_record(r, payload, len, number, time, head, rendered);
	ED_TRY(evtx_fragment_read(r, payload, len, &root));
	ED_TRY(evtx_system_find(r, &root, 0, &system));
	ED_TRY(evtx_head_fill(r, &system, number, time, head));
	r->was_offered = true;
	if (!r->sink->ops->want(r->sink, head))
		return ED_OK;
	return evtx_event_deliver(r, &root, &system, head, rendered);
}

/* SPDX-License-Identifier: MIT */
/* Records written by the programs of their templates; filters come before anything is built. */
#include "dump_priv.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/crc.h"
#include "espdiag/base/time.h"

#define FLUSH_BYTES (64 * ED_KIB) /* at a chunk's end: less is kept for the next one */
#define FLUSH_AT_ONCE ED_MIB      /* within a chunk that becomes much longer than it was */
#define OUT_BYTES DUMP_ROOM_MOST

/* Makes @n bytes of room at d->to. */
static ed_status room_make(struct ed_evtx_dump *d, size_t n)
{
	struct ed_buf *out = d->options.out;
	size_t len = (size_t)(d->to - out->p);

	if (len - d->begin > ED_LIMIT_EVENT_BYTES)
		return evtx_at_limit(d->r, "record with too much text");
	out->len = len;
	if (!ed_buf_reserve(out, n < OUT_BYTES ? OUT_BYTES : n)) {
		if (out->status == ED_NOMEM)
			return ED_NOMEM;
		out->status = ED_OK;
		return evtx_at_limit(d->r, "record with too much text");
	}
	d->to = out->p + len;
	d->end = out->p + out->cap - 1; /* for the NUL of a buffer */
	return ED_OK;
}

static inline ed_status room(struct ed_evtx_dump *d, size_t n)
{
	return (size_t)(d->end - d->to) < n ? room_make(d, n) : ED_OK;
}

static ed_status put_text(struct ed_evtx_dump *d, const char *text, size_t n)
{
	ED_TRY(room(d, n + DUMP_BLOCK));
	d->to = evtx_put_block(d->to, text, n);
	return ED_OK;
}

/* Text of the model into the output. */
static ed_status put_escaped(struct ed_evtx_dump *d, struct ed_str s, enum ed_escape kind)
{
	struct ed_buf *out = d->options.out;

	out->len = (size_t)(d->to - out->p);
	ed_buf_escape(out, s, kind);
	if (out->status != ED_OK) {
		if (out->status == ED_NOMEM)
			return ED_NOMEM;
		out->status = ED_OK;
		return evtx_at_limit(d->r, "record with too much text");
	}
	d->to = out->p + out->len;
	d->end = out->p + out->cap - 1; /* for the NUL of a buffer */
	return ED_OK;
}

/* A value of any type but embedded BinXml, without the text around it. */
static ed_status put_value(struct ed_evtx_dump *d, const struct evtx_value *v, enum ed_escape kind)
{
	struct evtx_reader *r = d->r;
	struct ed_buf *text = &r->cache->text;
	size_t mark = text->len;
	ed_status status;

	ED_TRY(evtx_spend(r, 1 + v->size / 16));
	if (!v->size)
		return ED_OK;
	/* items that are joined may make what none of them is */
	if (d->options.screen && !d->is_suspect)
		d->is_suspect = v->type & EVTX_ARRAY || evtx_screen_value(d, v);
	evtx_value_text(text, v);
	status = text->status;
	if (status == ED_LIMIT) {
		text->status = ED_OK;
		status = evtx_at_limit(r, "record with too much text");
	}
	if (status == ED_OK)
		status = put_escaped(
			d, (struct ed_str){ text->p ? text->p + mark : "", text->len - mark },
			kind);
	text->len = mark;
	return status;
}

static ed_status run(struct ed_evtx_dump *d, const struct evtx_instance *in,
		     const struct evtx_program *program, uint32_t at, uint32_t end);

static ed_status put_step_rest(struct ed_evtx_dump *d, const struct evtx_instance *in,
			       const struct evtx_program *program, const struct evtx_step *step,
			       const uint32_t *starts);

/* A record that looks like others of its program. */
static ed_status shape_run(struct ed_evtx_dump *d, const struct evtx_instance *in,
			   const struct evtx_found *found)
{
	const struct evtx_program *program = found->program;
	const struct evtx_step *step = found->shape->steps;
	size_t most = evtx_dump_room(in, program);

	ED_TRY(evtx_spend(d->r, program->op_count + in->size / 16 + found->shape->steps_more));
	for (; !d->is_slow; step++) {
		ED_TRY(room(d, most));
		step = evtx_dump_steps(d, in, step, found->starts);
		if (step->kind == STEP_END)
			break;
		ED_TRY(put_step_rest(d, in, program, step, found->starts));
	}
	return ED_OK;
}

/*
 * What of @in can be known before it is written: its shape, or where its values are. ED_FORMAT: not
 * all of them are there.
 */
static ed_status instance_open(struct ed_evtx_dump *d, struct evtx_instance *in, uint8_t context,
			       struct evtx_found *found)
{
	found->shape = NULL;
	found->program = *in->definition->programs;
	while (found->program && found->program->context != context)
		found->program = found->program->next;
	if (found->program && evtx_shape_find(d, in, found))
		return ED_OK;
	found->shape = NULL;
	return evtx_values_place(d->r, in);
}

static ed_status instance_run(struct ed_evtx_dump *d, const struct evtx_instance *in,
			      uint8_t context, struct evtx_found *found)
{
	const struct evtx_program *program = found->program;

	if (!program)
		ED_TRY(evtx_program_make(d, in->definition, context, &program));
	d->is_suspect = d->is_suspect || program->is_suspect;
	if (program->is_slow || (program->has_fields && d->field_programs++)) {
		d->is_slow = true;
		return ED_OK;
	}
	if (found->shape)
		return shape_run(d, in, found);
	ED_TRY(run(d, in, program, 0, program->op_count));
	return evtx_shape_learn(d, program, in);
}

/* Embedded BinXml. Damage in it costs what it would have added. */
static ed_status put_fragment(struct ed_evtx_dump *d, const unsigned char *p, size_t size,
			      uint8_t context)
{
	struct evtx_reader *r = d->r;
	uint32_t values = r->cache->value_count;
	size_t mark = (size_t)(d->to - d->options.out->p);
	struct evtx_instance inner;
	struct evtx_found found;
	ed_status status;

	if (!size)
		return ED_OK;
	if (r->nesting >= ED_LIMIT_BINXML_DEPTH)
		return evtx_at_limit(r, "templates nested too deeply");
	r->nesting++;
	status = evtx_fragment_begin(r, p, size, &inner);
	if (status == ED_OK)
		status = instance_open(d, &inner, context, &found);
	if (status == ED_OK)
		status = instance_run(d, &inner, context, &found);
	r->nesting--;
	r->cache->value_count = values;
	if (status == ED_FORMAT) {
		d->to = d->options.out->p + mark;
		d->rendered = ED_FORMAT;
		return ED_OK;
	}
	return status;
}

/* The items of an array, each in an element of its own; in JSON keys differ by a number. */
static ed_status put_leaves(struct ed_evtx_dump *d, const struct evtx_dump_op *op,
			    struct evtx_value rest)
{
	const char *start = op->text + op->head, *tail = start + op->start;
	bool is_json = op->escape == ED_ESCAPE_JSON;
	struct evtx_value item;
	uint64_t number = 1;

	if (is_json && op->is_double) {
		d->is_slow = true;
		return ED_OK;
	}
	for (; evtx_value_next(&rest, &item); number++) {
		if (!is_json || number == 1) {
			ED_TRY(put_text(d, start, op->start));
		} else {
			ED_TRY(put_text(d, start, op->start - 3)); /* up to ":" */
			ED_TRY(room(d, DUMP_VALUE_ROOM));
			*d->to++ = '#';
			d->to = evtx_put_u64(d->to, number);
			memcpy(d->to, "\":\"", 3);
			d->to += 3;
		}
		ED_TRY(put_value(d, &item, (enum ed_escape)op->escape));
		ED_TRY(put_text(d, tail, op->tail));
	}
	return ED_OK;
}

static const char quote[2 * DUMP_BLOCK] = "\"";

static ed_status put_leaf(struct ed_evtx_dump *d, const struct evtx_dump_op *op,
			  const struct evtx_value *v)
{
	const char *start = op->text + op->head;
	bool is_element = op->kind == DUMP_LEAF;
	bool is_quoted = op->is_number && !(v && evtx_dump_is_integer(v));

	ED_TRY(put_text(d, op->text, op->head));
	if (!v && op->is_optional)
		return ED_OK;
	if (v && is_element && v->type & EVTX_ARRAY)
		return put_leaves(d, op, *v);
	ED_TRY(put_text(d, start, op->start));
	if (is_quoted)
		ED_TRY(put_text(d, quote, 1));
	if (v && v->type == EVTX_BINXML) {
		/* whether it has elements, of which fields would be made, only the walk can tell */
		d->is_slow = d->is_slow || (is_element && op->escape == ED_ESCAPE_JSON);
		if (is_element && op->escape != ED_ESCAPE_JSON)
			ED_TRY(put_fragment(d, v->p, v->size, op->context));
	} else if (v) {
		ED_TRY(put_value(d, v, (enum ed_escape)op->escape));
	}
	if (is_quoted)
		ED_TRY(put_text(d, quote, 1));
	return put_text(d, start + op->start, op->tail);
}

/* What the steps leave to others. */
static ed_status put_step_rest(struct ed_evtx_dump *d, const struct evtx_instance *in,
			       const struct evtx_program *program, const struct evtx_step *step,
			       const uint32_t *starts)
{
	struct evtx_value v = evtx_step_value(in, step, starts);
	const struct evtx_dump_op *op = &program->ops[step->op];

	if (step->kind == STEP_FRAGMENT)
		return put_fragment(d, v.p, v.size, op->context);
	if (step->kind == STEP_LEAF)
		return put_leaf(d, op, &v);
	if (step->kind != STEP_COUNTER)
		return put_value(d, &v, (enum ed_escape)step->escape);
	ED_TRY(put_text(d, quote, 1));
	ED_TRY(put_value(d, &v, (enum ed_escape)step->escape));
	return put_text(d, quote, 1);
}

/* Where the run goes on behind the guard of an element. */
static ed_status put_element(struct ed_evtx_dump *d, const struct evtx_instance *in,
			     const struct evtx_program *program, uint32_t *at)
{
	const struct evtx_dump_op *op = &program->ops[*at];
	const struct evtx_element *e = &in->definition->elements[op->a];
	struct evtx_instance copy = *in;
	uint32_t slot = EVTX_NO_SLOT;
	struct evtx_value value, rest;
	bool is_gone = false;

	++*at;
	ED_TRY(put_text(d, op->text, op->head));
	ED_TRY(evtx_element_values(d->r, in, e, &is_gone, &slot));
	if (!is_gone && slot == EVTX_NO_SLOT)
		return ED_OK;
	if (!is_gone) {
		rest = *evtx_slot_value(in, slot, &value);
		copy.item_slot = slot;
		while (evtx_value_next(&rest, &copy.item))
			ED_TRY(run(d, &copy, program, *at, op->target));
	}
	*at = op->target;
	return ED_OK;
}

static ed_status put_content(struct ed_evtx_dump *d, const struct evtx_dump_op *op,
			     const struct evtx_value *v)
{
	ED_TRY(put_text(d, op->text, op->head));
	if (!v)
		return ED_OK;
	if (v->type == EVTX_BINXML)
		return put_fragment(d, v->p, v->size, op->context);
	/* text between elements is no part of any field */
	return op->escape == ED_ESCAPE_JSON ? ED_OK : put_value(d, v, (enum ed_escape)op->escape);
}

/* Values that are not in the value table, between start and end. */
static ed_status put_other(struct ed_evtx_dump *d, const struct evtx_instance *in,
			   const struct evtx_dump_op *op)
{
	const char *start = op->text + op->head;
	struct ed_str text = { NULL, 0 };
	bool is_quoted;

	ED_TRY(put_text(d, op->text, op->head));
	if (op->kind == DUMP_MIXED) {
		ED_TRY(evtx_attribute_text(d->r, in, op->a, op->b, &text));
		if (!text.p)
			return ED_OK;
	} else if (op->kind == DUMP_TIME && d->time == ED_TIME_NONE) {
		return ED_OK;
	}
	is_quoted = op->kind == DUMP_RECORD && d->number > INT64_MAX;
	ED_TRY(put_text(d, start, op->start));
	if (is_quoted)
		ED_TRY(put_text(d, quote, 1));
	ED_TRY(room(d, DUMP_VALUE_ROOM));
	if (op->kind == DUMP_MIXED)
		ED_TRY(put_escaped(d, text, (enum ed_escape)op->escape));
	else if (op->kind == DUMP_TIME)
		d->to = evtx_dump_time(d->to, (uint64_t)d->time, &d->day);
	else
		d->to = evtx_put_u64(d->to, d->number);
	if (is_quoted)
		ED_TRY(put_text(d, quote, 1));
	return put_text(d, start + op->start, op->tail);
}

/* What is no leaf. *at: the op itself; out: where the run goes on. */
static ed_status put_rest(struct ed_evtx_dump *d, const struct evtx_instance *in,
			  const struct evtx_program *program, uint32_t *at)
{
	const struct evtx_dump_op *op = &program->ops[*at];
	struct evtx_reader *r = d->r;
	struct evtx_value value;

	ED_TRY(evtx_spend(r, 1 + op->head / 16));
	if (op->kind == DUMP_ELEMENT || op->kind == DUMP_GUARD)
		return put_element(d, in, program, at);
	++*at;
	switch ((enum dump_kind)op->kind) {
	case DUMP_VALUE:
	case DUMP_CONTENT:
		return put_content(d, op, evtx_slot_value(in, op->slot, &value));
	case DUMP_UNLESS_NULL:
		if (!evtx_slot_value(in, op->slot, &value))
			*at = op->target;
		return put_text(d, op->text, op->head);
	case DUMP_INSTANCE:
		ED_TRY(put_text(d, op->text, op->head));
		return put_fragment(d, r->chunk + op->a, EVTX_CHUNK_BYTES - op->a, op->context);
	case DUMP_MIXED:
	case DUMP_RECORD:
	case DUMP_TIME:
		return put_other(d, in, op);
	case DUMP_TEXT:
	case DUMP_LEAF:
	case DUMP_ATTRIBUTE:
	case DUMP_GUARD:
	case DUMP_ELEMENT:
	case DUMP_END:
		break;
	}
	return put_text(d, op->text, op->head);
}

static ed_status run(struct ed_evtx_dump *d, const struct evtx_instance *in,
		     const struct evtx_program *program, uint32_t at, uint32_t end)
{
	bool has_all = in->count >= in->definition->slot_count && in->item_slot == EVTX_NO_SLOT;
	size_t most = evtx_dump_room(in, program);
	bool is_quick =
		has_all && program->is_single && most <= OUT_BYTES && end == program->op_count;

	if (is_quick)
		ED_TRY(evtx_spend(d->r, program->op_count + in->size / 16));
	while (at < end && !d->is_slow) {
		const struct evtx_dump_op *op;
		struct evtx_value value;

		/* nearly all of what is written goes this way */
		if (is_quick) {
			ED_TRY(room(d, most));
			at = evtx_dump_quick(d, in, program, at);
		} else if (has_all) {
			at = evtx_dump_charged(d, in, program, at, end);
		}
		if (at == end)
			break;
		op = &program->ops[at];
		if (op->kind <= DUMP_ATTRIBUTE) {
			ED_TRY(put_leaf(d, op, evtx_slot_value(in, op->slot, &value)));
			at++;
		} else {
			ED_TRY(put_rest(d, in, program, &at));
		}
	}
	return ED_OK;
}

/* The fields as the walk finds them, for what a program cannot tell. */
static ed_status put_fields_slowly(struct ed_evtx_dump *d, struct evtx_instance *root)
{
	struct ed_evtx_cache *cache = d->r->cache;
	struct ed_buf *out = d->options.out;
	ed_status status;

	d->r->nesting = 0;
	status = evtx_values_place(d->r, root);
	if (status == ED_OK)
		status = evtx_fields_read(d->r, root);
	if (status == ED_NOMEM)
		return status;
	if (status != ED_OK)
		d->rendered = status;
	if (d->options.screen && !d->is_suspect)
		d->is_suspect = evtx_screen_fields(d, cache->fields, cache->field_count);
	out->len = (size_t)(d->to - out->p);
	ed_event_json_fields(out, cache->fields, cache->field_count, d->options.wanted);
	if (out->status != ED_OK) {
		if (out->status == ED_NOMEM)
			return ED_NOMEM;
		out->status = ED_OK;
		return evtx_at_limit(d->r, "record with too much text");
	}
	d->to = out->p + out->len;
	d->end = out->p + out->cap - 1; /* for the NUL of a buffer */
	return ED_OK;
}

static ed_status put_json(struct ed_evtx_dump *d, struct evtx_instance *root,
			  const struct evtx_instance *system, struct evtx_found *found)
{
	static const char close[2 * DUMP_BLOCK] = "}}\n";
	bool is_whole = !d->options.wanted->count;
	size_t mark;

	ED_TRY(instance_run(d, system, CONTEXT_SYSTEM, found));
	mark = (size_t)(d->to - d->options.out->p);
	ED_TRY(instance_open(d, root, CONTEXT_FIELDS, found));
	ED_TRY(instance_run(d, root, CONTEXT_FIELDS, found));
	if (d->is_slow) {
		d->to = d->options.out->p + mark;
		ED_TRY(put_fields_slowly(d, root));
	}
	if (d->to[-1] == ',')
		d->to--;
	return put_text(d, is_whole ? close : close + 1, is_whole ? 3 : 2);
}

/* A record that is too much even for its limits is written as its head. */
static ed_status put_head(struct ed_evtx_dump *d, struct evtx_instance *system)
{
	struct ed_buf *out = d->options.out;
	struct ed_event event = { .head = { .record = 0 } };

	out->len = d->begin;
	d->r->steps += 4096;
	ED_TRY(evtx_values_place(d->r, system));
	ED_TRY(evtx_head_fill(d->r, system, d->number, d->time, &event.head));
	if (d->options.form == ED_DUMP_XML)
		ed_event_xml(out, &event);
	else
		ed_event_json(out, &event, d->options.wanted);
	if (out->status == ED_LIMIT) {
		out->status = ED_OK;
		out->len = d->begin;
		return evtx_at_limit(d->r, "record with too much text");
	}
	return out->status;
}

static ed_status record_write(struct ed_evtx_dump *d, struct evtx_instance *root,
			      struct evtx_instance *system, struct evtx_found *found,
			      ed_status *rendered)
{
	struct ed_buf *out = d->options.out;
	ed_status status = ED_OK;

	if (!ed_buf_reserve(out, OUT_BYTES / 8))
		return out->status;
	d->begin = out->len;
	d->to = out->p + out->len;
	d->end = out->p + out->cap - 1; /* for the NUL of a buffer */
	d->field_programs = 0;
	d->is_slow = false;
	d->is_suspect = d->options.screen && d->options.screen->all;
	d->rendered = ED_OK;
	status = d->options.form == ED_DUMP_XML ? instance_run(d, root, CONTEXT_XML_ROOT, found)
						: put_json(d, root, system, found);
	if (status == ED_OK && (size_t)(d->to - out->p) - d->begin > ED_LIMIT_EVENT_BYTES)
		status = evtx_at_limit(d->r, "record with too much text");
	if (status == ED_OK) {
		out->len = (size_t)(d->to - out->p);
		out->p[out->len] = '\0';
	} else if (status == ED_NOMEM) {
		out->len = d->begin;
		return status;
	} else {
		d->rendered = status;
		ED_TRY(put_head(d, system));
		d->is_suspect = d->options.screen != NULL;
	}
	if (d->is_suspect)
		ED_TRY(evtx_screen_record(d, system));
	*rendered = d->rendered;
	d->stats.written++;
	if (out->len > FLUSH_AT_ONCE)
		d->r->stop = d->options.flush(d->options.context, out, d->r->err);
	return ED_OK;
}

/* Whether the filter wants the record; as little is looked at as will do. */
static ed_status record_wanted(struct ed_evtx_dump *d, const struct evtx_instance *system,
			       struct ed_event_head *head, bool *wanted)
{
	const struct ed_filter *filter = d->options.filter;
	struct evtx_reader *r = d->r;
	uint64_t n;

	if (d->file_records && !d->has_names && d->options.form != ED_DUMP_EVENTS) {
		*wanted = true;
		if (!d->has_filter)
			return ED_OK;
		ED_TRY(evtx_role_number(r, system, EVTX_ROLE_ID, &n));
		*wanted = ed_filter_id(filter, (uint32_t)n);
		if (!*wanted || !filter->levels)
			return ED_OK;
		ED_TRY(evtx_role_number(r, system, EVTX_ROLE_LEVEL, &n));
		*wanted = ed_filter_level(filter, (uint8_t)n);
		return ED_OK;
	}
	if (d->file_records && filter->has_ids) {
		ED_TRY(evtx_role_number(r, system, EVTX_ROLE_ID, &n));
		*wanted = ed_filter_id(filter, (uint32_t)n);
		if (!*wanted)
			return ED_OK;
	}
	ED_TRY(evtx_head_fill(r, system, d->number, d->time, head));
	*wanted = ed_filter_matches(filter, head);
	return ED_OK;
}

ed_status evtx_dump_record(struct evtx_reader *r, const unsigned char *payload, size_t len,
			   uint64_t number, int64_t time, struct ed_event_head *head,
			   ed_status *rendered)
{
	struct ed_evtx_dump *d = r->dump;
	bool is_xml = d->options.form == ED_DUMP_XML, is_event = d->options.form == ED_DUMP_EVENTS;
	struct evtx_instance root, inner, *system = &root;
	struct evtx_found found;
	bool wanted = true;

	*head = (struct ed_event_head){ .record = number };
	d->r = r;
	d->number = number;
	d->time = time;
	ED_TRY(evtx_fragment_begin(r, payload, len, &root));
	/* the first head of a file names its channel, for what is told about damage */
	if (d->has_filter || is_event || !d->file_records || !root.definition->has_system) {
		ED_TRY(evtx_values_place(r, &root));
		if (!root.definition->has_system) {
			ED_TRY(evtx_system_find(r, &root, 0, &inner));
			system = &inner;
		}
		ED_TRY(record_wanted(d, system, head, &wanted));
	}
	if (wanted && !is_event)
		ED_TRY(is_xml ? instance_open(d, &root, CONTEXT_XML_ROOT, &found)
			      : instance_open(d, system, CONTEXT_SYSTEM, &found));
	r->was_offered = true;
	d->stats.records++;
	d->file_records++;
	if (!wanted)
		return ED_OK;
	if (!is_event)
		return record_write(d, &root, system, &found, rendered);
	d->stats.written++;
	return evtx_event_deliver(r, &root, system, head, rendered);
}

/* The event's own time is the one that its record's header has, as in all logs of one machine. */
static bool has_own_time(const unsigned char *record, size_t size)
{
	for (size_t i = EVTX_RECORD_HEADER; i + 8 <= size; i++)
		if (record[i] == record[16] && memcmp(record + i, record + 16, 8) == 0)
			return true;
	return false;
}

bool evtx_dump_skips(struct ed_evtx_dump *dump, const unsigned char *chunk)
{
	const struct ed_filter *filter = dump->options.filter;
	size_t at = EVTX_CHUNK_HEADER, end = ed_le32(chunk + 48);
	uint64_t oldest = UINT64_MAX, newest = 0, count = 0;

	if (!ed_filter_has_window(filter) || memcmp(chunk, "ElfChnk", 8) != 0 ||
	    end > EVTX_CHUNK_BYTES ||
	    ed_crc32(ed_crc32(0, chunk, 120), chunk + 128, 384) != ed_le32(chunk + 124))
		return false;
	for (; at < end; count++) {
		uint32_t size;
		uint64_t time;

		if (end - at < EVTX_RECORD_LEAST || memcmp(chunk + at, "**\0", 4) != 0)
			return false;
		size = ed_le32(chunk + at + 4);
		if (size < EVTX_RECORD_LEAST || size > end - at)
			return false;
		time = ed_le64(chunk + at + 16);
		oldest = time < oldest ? time : oldest;
		newest = time > newest ? time : newest;
		at += size;
	}
	if (!count || newest > INT64_MAX)
		return false;
	if ((filter->since == ED_TIME_NONE || (int64_t)newest >= filter->since) &&
	    (filter->until == ED_TIME_NONE || (int64_t)oldest <= filter->until))
		return false;
	/* in forwarded logs events are older than their records */
	if (!has_own_time(chunk + EVTX_CHUNK_HEADER, ed_le32(chunk + EVTX_CHUNK_HEADER + 4)))
		return false;
	dump->stats.skipped += count;
	return true;
}

ed_status evtx_dump_chunk_end(struct ed_evtx_dump *dump, struct ed_error *err)
{
	if (dump->options.form == ED_DUMP_EVENTS || dump->options.out->len < FLUSH_BYTES)
		return ED_OK;
	return dump->options.flush(dump->options.context, dump->options.out, err);
}

ed_status ed_evtx_dump_new(struct ed_evtx_dump **dump, const struct ed_evtx_dump_options *options,
			   struct ed_error *err)
{
	const struct ed_filter *filter = options->filter;
	struct ed_evtx_dump *d = ed_calloc(1, sizeof(*d));
	ed_status status;

	if (!d)
		return ed_fail(err, ED_NOMEM, "out of memory for the event log reader");
	status = ed_evtx_cache_new(&d->cache, err);
	if (status != ED_OK) {
		ed_free(d);
		return status;
	}
	d->options = *options;
	d->has_names =
		filter->channel_count || filter->provider_count || ed_filter_has_window(filter);
	d->has_filter = d->has_names || filter->has_ids || filter->levels;
	ed_buf_init(&d->text, ED_LIMIT_TEMPLATE_BYTES / 8);
	*dump = d;
	return ED_OK;
}

void ed_evtx_dump_free(struct ed_evtx_dump *dump)
{
	if (!dump)
		return;
	ed_evtx_cache_free(dump->cache);
	ed_buf_release(&dump->text);
	ed_free(dump->ops);
	ed_free(dump);
}

struct ed_evtx_dump_stats ed_evtx_dump_stats(const struct ed_evtx_dump *dump)
{
	return dump->stats;
}

ed_status ed_evtx_dump_read(struct ed_evtx_dump *dump, const struct ed_input *input,
			    struct ed_sink *sink, struct ed_error *err)
{
	dump->file_records = 0;
	return evtx_file_read(dump->cache, dump, input, sink, err);
}

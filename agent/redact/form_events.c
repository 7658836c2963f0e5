/* SPDX-License-Identifier: MIT */
/*
 * Events as XML: each is parsed, its values are redacted as what they are, and it is written again.
 * One that needs no change keeps its bytes; one that cannot be parsed is redacted as text.
 */
#include "redact_priv.h"

#include "espdiag/base/escape.h"
#include "espdiag/base/utf.h"
#include "espdiag/xml/encoding.h"

#define DEPTH_SECTION 2
#define DEPTH_ITEM 3
#define NAME_KEPT ((size_t)96)

enum section { SECTION_OTHER, SECTION_SYSTEM, SECTION_DATA };

struct event_walk {
	struct ed_redactor *r;
	struct ed_buf out, hold;
	struct ed_arena arena; /* namespaces of one event */
	struct ed_str spaces[ED_LIMIT_XML_DEPTH + 2];
	size_t depth;
	enum section section;
	unsigned flags;
	bool learn;
	bool hidden; /* a field of this event was a secret as a whole */
	size_t done;
	char provider[NAME_KEPT], field[NAME_KEPT], element[NAME_KEPT];
	size_t provider_len, field_len, element_len;
	uint32_t id;
};

static size_t keep(char *to, struct ed_str name)
{
	size_t n = name.len < NAME_KEPT ? name.len : NAME_KEPT;

	if (n)
		memcpy(to, name.p, n);
	return n;
}

static void put_escaped(struct event_walk *w, struct ed_str s, enum ed_escape kind)
{
	if (!w->learn)
		ed_buf_escape(&w->out, s, kind);
}

static void putz(struct event_walk *w, const char *z)
{
	if (!w->learn)
		ed_buf_addz(&w->out, z);
}

/* A value of that name, or text, into w->hold. */
static struct ed_str clean(struct event_walk *w, struct ed_str name, struct ed_str value,
			   bool attribute)
{
	enum ed_redact_kind kind = ED_REDACT_KINDS;
	unsigned flags = w->flags;

	ed_buf_clear(&w->hold);
	if (w->section == SECTION_SYSTEM) {
		if (attribute ? ed_str_eq(name, ED_STR("UserID"))
			      : ed_str_eq(name, ED_STR("Computer")))
			kind = attribute ? ED_REDACT_SID : ED_REDACT_DEVICE;
		else
			flags |= SCAN_SECRETS | SCAN_NO_LABELS;
	} else if (!attribute && w->section == SECTION_DATA) {
		kind = event_field_kind((struct ed_str){ w->provider, w->provider_len }, w->id,
					name);
	}
	/* Windows' own sentence about the event has the same text once more */
	if (w->hidden && w->section == SECTION_OTHER && !attribute)
		kind = ED_REDACT_SECRET;
	if (kind != ED_REDACT_KINDS) {
		size_t done = redact_typed(w->r, kind, value, flags, &w->hold);

		w->hidden |= kind == ED_REDACT_SECRET && done;
		w->done += done;
	} else if (w->section == SECTION_DATA)
		w->done += redact_named(w->r, name, value, flags, &w->hold);
	else
		w->done += redact_text(w->r, value, flags, 0, &w->hold);
	/* the buffer is emptied for the next one, and what failed with it */
	if (w->hold.status == ED_NOMEM)
		redactor_fail(w->r, ED_NOMEM);
	return w->hold.p ? ed_buf_str(&w->hold) : ED_STR("");
}

static void put_namespace(struct event_walk *w, const struct ed_xml_element *e)
{
	size_t depth = e->depth <= ED_LIMIT_XML_DEPTH ? e->depth : ED_LIMIT_XML_DEPTH + 1;
	struct ed_str above = depth > 1 ? w->spaces[depth - 1] : (struct ed_str){ NULL, 0 };

	w->spaces[depth] = above;
	if (ed_str_eq(e->namespace, above))
		return;
	w->spaces[depth] = ed_arena_str(&w->arena, e->namespace.p ? e->namespace : ED_STR(""));
	if (!w->spaces[depth].p)
		redactor_fail(w->r, ED_NOMEM);
	putz(w, " xmlns=\"");
	put_escaped(w, e->namespace, ED_ESCAPE_XML_ATTRIBUTE);
	putz(w, "\"");
}

static bool is_repeated(const struct ed_xml_element *e, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (ed_str_eq(e->attributes[k].name, e->attributes[i].name))
			return true;
	return false;
}

static void note_section(struct event_walk *w, const struct ed_xml_element *e)
{
	if (e->depth == DEPTH_SECTION) {
		w->section = ed_str_eq(e->name, ED_STR("System")) ? SECTION_SYSTEM
			     : ed_str_eq(e->name, ED_STR("EventData")) ||
					     ed_str_eq(e->name, ED_STR("UserData"))
				     ? SECTION_DATA
				     : SECTION_OTHER;
		return;
	}
	if (w->section == SECTION_SYSTEM && e->depth == DEPTH_ITEM &&
	    ed_str_eq(e->name, ED_STR("Provider"))) {
		struct ed_str name = ed_xml_get(e, ED_STR("Name"));

		if (!name.len)
			name = ed_xml_get(e, ED_STR("EventSourceName"));
		w->provider_len = keep(w->provider, name);
	}
}

static ed_status on_start(void *context, const struct ed_xml_element *e, struct ed_error *err)
{
	struct event_walk *w = context;
	struct ed_str name;

	(void)err;
	w->depth = e->depth;
	note_section(w, e);
	w->element_len = keep(w->element, e->name);
	name = ed_str_eq(e->name, ED_STR("Data")) ? ed_xml_get(e, ED_STR("Name")) : e->name;
	w->field_len = keep(w->field, name);
	putz(w, "<");
	put_escaped(w, e->name, ED_ESCAPE_XML_TEXT);
	put_namespace(w, e);
	for (size_t i = 0; i < e->attribute_count; i++) {
		const struct ed_xml_attribute *a = &e->attributes[i];

		/* two prefixes may have told them apart */
		if (is_repeated(e, i))
			continue;
		putz(w, " ");
		put_escaped(w, a->name, ED_ESCAPE_XML_TEXT);
		putz(w, "=\"");
		put_escaped(w, clean(w, a->name, a->value, true), ED_ESCAPE_XML_ATTRIBUTE);
		putz(w, "\"");
	}
	putz(w, ">");
	return w->r->status != ED_OK ? w->r->status : w->out.status;
}

static ed_status on_text(void *context, struct ed_str text, struct ed_error *err)
{
	struct event_walk *w = context;
	struct ed_str name = { w->field, w->field_len }, value;
	uint32_t id;

	(void)err;
	if (w->section == SECTION_SYSTEM &&
	    ed_str_eq((struct ed_str){ w->element, w->element_len }, ED_STR("EventID")) &&
	    ed_number_u32(text, &id))
		w->id = id;
	if (!ed_str_trim(text).len) {
		put_escaped(w, text, ED_ESCAPE_XML_TEXT);
		return ED_OK;
	}
	value = clean(w, name, text, false);
	if (!w->learn && w->r->level == ED_REDACT_STRICT && w->section != SECTION_SYSTEM) {
		struct ed_buf strict;

		ed_buf_init(&strict, ED_LIMIT_MEMBER_BYTES);
		w->done += strict_text(w->r, value, &strict);
		put_escaped(w, strict.p ? ed_buf_str(&strict) : ED_STR(""), ED_ESCAPE_XML_TEXT);
		if (strict.status != ED_OK)
			redactor_fail(w->r, strict.status);
		ed_buf_release(&strict);
	} else {
		put_escaped(w, value, ED_ESCAPE_XML_TEXT);
	}
	return w->r->status != ED_OK ? w->r->status : w->out.status;
}

static ed_status on_end(void *context, struct ed_str name, struct ed_error *err)
{
	struct event_walk *w = context;

	(void)err;
	putz(w, "</");
	put_escaped(w, name, ED_ESCAPE_XML_TEXT);
	putz(w, ">");
	w->field_len = w->element_len = 0;
	return ED_OK;
}

/* One event, from its start tag to its end tag. */
static void redact_event(struct event_walk *w, struct ed_str text, struct ed_buf *out)
{
	static const struct ed_xml_handler handler = { on_start, on_text, on_end };
	uint64_t counts[ED_REDACT_KINDS];
	size_t before = w->done;
	struct ed_error ignored;
	ed_status status;

	memcpy(counts, w->r->counts, sizeof(counts));
	ed_buf_clear(&w->out);
	ed_arena_reset(&w->arena);
	w->spaces[0] = w->spaces[1] = (struct ed_str){ NULL, 0 };
	w->provider_len = w->field_len = w->element_len = 0;
	w->section = SECTION_OTHER;
	w->id = 0;
	w->hidden = false;
	joint_reset(&w->r->joint);
	status = ed_xml_parse(w->r->xml, text, &handler, w, &ignored);
	if (w->r->status != ED_OK)
		return;
	if (status == ED_FORMAT || status == ED_LIMIT) {
		memcpy(w->r->counts, counts, sizeof(counts));
		w->done = before + redact_text(w->r, text, w->flags, 0, out);
	} else if (status != ED_OK) {
		redactor_fail(w->r, status);
	} else if (!w->learn) {
		ed_buf_adds(out, w->done == before ? text : ed_buf_str(&w->out));
	}
}

/* "<Event" as a whole name at or behind @from. */
static size_t find_event(struct ed_str t, size_t from)
{
	const struct ed_str start = ED_STR("<Event");

	while ((from = ed_str_find(t, start, from)) != SIZE_MAX) {
		char c = from + start.len < t.len ? t.p[from + start.len] : 0;

		if (c == '>' || c == '/' || byte_is_space(c))
			return from;
		from += start.len;
	}
	return SIZE_MAX;
}

/* Behind the end tag of the event at @from; events within it, as values, have ends of their own. */
static size_t event_end(struct ed_str t, size_t from)
{
	const struct ed_str end_tag = ED_STR("</Event>");
	size_t open = 1, at = from + 1;

	for (;;) {
		size_t end = ed_str_find(t, end_tag, at), inner;

		if (end == SIZE_MAX)
			return t.len;
		for (inner = find_event(ed_str_slice(t, 0, end), at); inner != SIZE_MAX;
		     inner = find_event(ed_str_slice(t, 0, end), inner + 1))
			open++;
		at = end + end_tag.len;
		if (!--open)
			return at;
	}
}

static void walk_events(struct event_walk *w, struct ed_str t, struct ed_buf *out)
{
	for (size_t at = 0; at < t.len && w->r->status == ED_OK && out->status == ED_OK;) {
		size_t start = find_event(t, at), end;

		w->done += redact_text(w->r, ed_str_slice(t, at, start), w->flags, 0, out);
		if (start == SIZE_MAX)
			break;
		end = event_end(t, start);
		redact_event(w, ed_str_slice(t, start, end), out);
		at = end;
	}
}

size_t form_events(struct ed_redactor *r, struct ed_str bytes, bool learn, struct ed_buf *out)
{
	struct event_walk w = { .r = r, .learn = learn, .flags = learn ? SCAN_LEARN : 0 };
	struct ed_buf hold;
	struct ed_str text;
	ed_status status;

	ed_buf_init(&hold, ED_LIMIT_MEMBER_BYTES);
	ed_buf_init(&w.out, ED_LIMIT_MEMBER_BYTES);
	ed_buf_init(&w.hold, ED_LIMIT_MEMBER_BYTES);
	ed_arena_init(&w.arena, ED_LIMIT_EVENT_XML);
	status = ed_xml_document(bytes, &hold, &text, NULL);
	if (status == ED_OK)
		walk_events(&w, text, out);
	else if (status == ED_FORMAT)
		w.done = form_text(r, bytes, learn, out);
	else
		redactor_fail(r, status);
	if (w.out.status != ED_OK || w.hold.status != ED_OK)
		redactor_fail(r, ED_NOMEM);
	ed_arena_release(&w.arena);
	ed_buf_release(&hold);
	ed_buf_release(&w.out);
	ed_buf_release(&w.hold);
	return w.done;
}

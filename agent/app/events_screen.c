/* SPDX-License-Identifier: MIT */
/* Between the readers of events and their print: what must not be shown is taken out. */
#include "events_screen.h"

#include "espdiag/base/limits.h"
#include "espdiag/platform/digest.h"

static bool is_name(void *context, struct ed_str name)
{
	return ed_redactor_secret_name(((struct ed_events_screen *)context)->redactor, name);
}

static bool finds_utf8(void *context, struct ed_str text)
{
	return ed_redactor_finds_secret(((struct ed_events_screen *)context)->redactor, text);
}

static bool finds_utf16(void *context, const void *bytes, size_t n)
{
	return ed_redactor_finds_secret_utf16(((struct ed_events_screen *)context)->redactor, bytes,
					      n);
}

static bool finds_bytes(void *context, struct ed_str bytes)
{
	return ed_redactor_finds_secret_bytes(((struct ed_events_screen *)context)->redactor,
					      bytes);
}

static ed_status clean(void *context, const struct ed_event_head *head, struct ed_buf *out,
		       size_t begin, struct ed_error *err)
{
	struct ed_events_screen *s = context;
	struct ed_str text = ed_str_slice(ed_buf_str(out), begin, out->len);
	ed_status status;

	ed_buf_clear(&s->text);
	if (s->is_learning)
		status = ed_redactor_learn(s->redactor, ED_FORM_EVENTS, text, err);
	else if (s->is_xml)
		status = ed_redact(s->redactor, ED_FORM_EVENTS, text, &s->text, NULL, err);
	else
		status = ed_redact_event_json(s->redactor, head, text, &s->text, err);
	s->text.status = ED_OK;
	if (status != ED_OK)
		return status;
	out->len = begin;
	if (s->text.len)
		ed_buf_adds(out, ed_buf_str(&s->text));
	return out->status;
}

ed_status ed_events_screen_init(struct ed_events_screen *s, enum ed_redact_level level,
				struct ed_error *err)
{
	unsigned char key[ED_REDACT_KEY_BYTES] = { 0 };

	/* pseudonyms need a key that nobody can guess; secrets have none */
	if (level != ED_REDACT_NONE)
		ED_TRY(ed_random(key, sizeof(key), err));
	*s = (struct ed_events_screen){
		.dump = { .name = is_name,
			  .utf8 = finds_utf8,
			  .utf16 = finds_utf16,
			  .bytes = finds_bytes,
			  .clean = clean,
			  .context = s,
			  .all = level != ED_REDACT_NONE },
	};
	ED_TRY(ed_redactor_new(level, key, &s->redactor, err));
	ed_buf_init(&s->text, ED_LIMIT_MEMBER_BYTES);
	ed_arena_init(&s->arena, ED_LIMIT_MEMBER_BYTES);
	return ED_OK;
}

void ed_events_screen_release(struct ed_events_screen *s)
{
	if (!s->redactor)
		return;
	ed_redactor_free(s->redactor);
	s->redactor = NULL;
	ed_buf_release(&s->text);
	ed_arena_release(&s->arena);
}

static bool is_suspect(struct ed_events_screen *s, const struct ed_event *event)
{
	const struct ed_str parts[] = { event->head.provider, event->head.channel, event->computer,
					event->user };

	if (s->dump.all)
		return true;
	for (size_t i = 0; i < ED_COUNT(parts); i++)
		if (ed_redactor_finds_secret(s->redactor, parts[i]))
			return true;
	for (size_t i = 0; i < event->field_count; i++)
		if (ed_redactor_secret_name(s->redactor, event->fields[i].name) ||
		    ed_redactor_finds_secret(s->redactor, event->fields[i].name) ||
		    ed_redactor_finds_secret(s->redactor, event->fields[i].value))
			return true;
	return false;
}

ed_status ed_events_screen_text(struct ed_events_screen *s, const struct ed_event *event,
				struct ed_buf *out, size_t begin, struct ed_error *err)
{
	return is_suspect(s, event) ? clean(s, &event->head, out, begin, err) : ED_OK;
}

static ed_status value_clean(struct ed_events_screen *s, const struct ed_event_head *head,
			     struct ed_str name, struct ed_str *value, struct ed_error *err)
{
	const struct ed_field field = { name, *value };

	if (!value->len)
		return ED_OK;
	ed_buf_clear(&s->text);
	ED_TRY(ed_redact_field(s->redactor, head, &field, &s->text, err));
	*value = s->text.len ? ed_arena_str(&s->arena, ed_buf_str(&s->text)) : ED_STR("");
	if (!value->p)
		return ed_fail(err, ED_NOMEM, "out of memory for the events");
	return ED_OK;
}

ed_status ed_events_screen_event(struct ed_events_screen *s, const struct ed_event *event,
				 struct ed_event *out, struct ed_error *err)
{
	const struct ed_str none = { NULL, 0 };
	struct ed_event copy = *event;
	struct ed_field *fields;

	*out = *event;
	if (!is_suspect(s, event))
		return ED_OK;
	ed_arena_reset(&s->arena);
	fields = ed_arena_calloc(&s->arena, event->field_count + 1, sizeof(*fields));
	if (!fields)
		return ed_fail(err, ED_NOMEM, "out of memory for the events");
	for (size_t i = 0; i < event->field_count; i++) {
		fields[i] = event->fields[i];
		ED_TRY(value_clean(s, &event->head, none, &fields[i].name, err));
		ED_TRY(value_clean(s, &event->head, event->fields[i].name, &fields[i].value, err));
	}
	copy.fields = fields;
	ED_TRY(value_clean(s, &event->head, none, &copy.head.provider, err));
	ED_TRY(value_clean(s, &event->head, none, &copy.head.channel, err));
	ED_TRY(value_clean(s, &event->head, ED_STR("Computer"), &copy.computer, err));
	ED_TRY(value_clean(s, &event->head, ED_STR("UserID"), &copy.user, err));
	*out = copy;
	return ED_OK;
}

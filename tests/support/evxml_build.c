/* SPDX-License-Identifier: MIT */
/* Event XML from described events. */
#include "evxml_build.h"

static void put_escaped(struct ed_buf *out, struct ed_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		switch (s.p[i]) {
		case '&':
			ed_buf_addz(out, "&amp;");
			break;
		case '<':
			ed_buf_addz(out, "&lt;");
			break;
		case '>':
			ed_buf_addz(out, "&gt;");
			break;
		case '\'':
			ed_buf_addz(out, "&apos;");
			break;
		default:
			ed_buf_addc(out, s.p[i]);
		}
	}
}

static void put_attribute(struct ed_buf *out, const char *name, const char *text)
{
	if (!text)
		return;
	ed_buf_printf(out, " %s='", name);
	put_escaped(out, ed_str_from(text));
	ed_buf_addc(out, '\'');
}

static bool put_value(struct ed_buf *out, unsigned type, struct ed_str item)
{
	struct ed_buf text;
	bool ok;

	ed_buf_init(&text, out->limit);
	ok = build_value_text(&text, type, item);
	put_escaped(out, ed_buf_str(&text));
	ed_buf_release(&text);
	return ok;
}

static void put_literal(struct ed_buf *out, const struct build_field *field)
{
	ed_buf_printf(out, "<%s>", field->name);
	if (field->text)
		put_escaped(out, ed_str_from(field->text));
	for (size_t i = 0; i < field->child_count; i++)
		put_literal(out, &field->children[i]);
	ed_buf_printf(out, "</%s>", field->name);
}

/* <@open>value</@close>; an array repeats the element. */
static bool put_field(struct ed_buf *out, const struct build_field *field, struct ed_str open,
		      const char *close)
{
	struct ed_str rest = ed_str_from(field->text);
	struct ed_str item = rest;
	bool ok = true;

	if ((field->type & BUILD_ARRAY) && rest.len) {
		while (ok && ed_str_next(&rest, '\n', &item)) {
			ed_buf_printf(out, "<%.*s>", ED_FMT(open));
			ok = put_value(out, field->type & ~BUILD_ARRAY, item);
			ed_buf_printf(out, "</%s>", close);
		}
		return ok;
	}
	ed_buf_printf(out, "<%.*s>", ED_FMT(open));
	if (field->type == BUILD_BINXML && field->child_count)
		put_literal(out, field->children);
	else if (item.p)
		ok = put_value(out, field->type & ~BUILD_ARRAY, item);
	ed_buf_printf(out, "</%s>", close);
	return ok;
}

static bool put_data(struct ed_buf *out, const struct build_field *field)
{
	struct ed_buf open;
	bool ok;

	if (!field->name)
		return put_field(out, field, ED_STR("Data"), "Data");
	ed_buf_init(&open, out->limit);
	ed_buf_addz(&open, "Data");
	put_attribute(&open, "Name", field->name);
	ok = put_field(out, field, ed_buf_str(&open), "Data");
	ed_buf_release(&open);
	return ok;
}

static void put_system(struct ed_buf *out, const struct build_event *event)
{
	char time[ED_TIME_TEXT];

	ed_buf_addz(out, "<System><Provider");
	put_attribute(out, "Name", event->provider);
	put_attribute(out, "Guid", event->guid);
	put_attribute(out, "EventSourceName", event->source);
	ed_buf_addz(out, "/><EventID");
	if (event->has_qualifiers)
		ed_buf_printf(out, " Qualifiers='%u'", (unsigned)event->qualifiers);
	ed_buf_printf(out, ">%u</EventID><Version>%u</Version><Level>%u</Level>",
		      (unsigned)event->id, (unsigned)event->version, (unsigned)event->level);
	ed_buf_printf(out, "<Task>%u</Task><Opcode>%u</Opcode><Keywords>0x%llx</Keywords>",
		      (unsigned)event->task, (unsigned)event->opcode,
		      (unsigned long long)event->keywords);
	ed_time_format_full(event->time, time);
	ed_buf_printf(out, "<TimeCreated SystemTime='%s'/><EventRecordID>%llu</EventRecordID>",
		      time, (unsigned long long)event->record);
	ed_buf_addz(out, "<Correlation");
	put_attribute(out, "ActivityID", event->activity);
	ed_buf_printf(out, "/><Execution ProcessID='%u' ThreadID='%u'/><Channel>",
		      (unsigned)event->process, (unsigned)event->thread);
	put_escaped(out, ed_str_from(event->channel));
	ed_buf_addz(out, "</Channel><Computer>");
	put_escaped(out, ed_str_from(event->computer));
	ed_buf_addz(out, "</Computer><Security");
	put_attribute(out, "UserID", event->user);
	ed_buf_addz(out, "/></System>");
}

static bool put_user_data(struct ed_buf *out, const struct build_event *event)
{
	bool ok = true;

	ed_buf_printf(out, "<UserData><%s", event->element);
	put_attribute(out, "xmlns", event->element_ns);
	ed_buf_addc(out, '>');
	for (size_t i = 0; ok && i < event->field_count; i++)
		ok = put_field(out, &event->fields[i], ed_str_from(event->fields[i].name),
			       event->fields[i].name);
	ed_buf_printf(out, "</%s></UserData>", event->element);
	return ok;
}

static bool put_event_data(struct ed_buf *out, const struct build_event *event)
{
	bool classic = event->shape == BUILD_CLASSIC;
	bool ok = true;

	ed_buf_addz(out, "<EventData>");
	for (size_t i = 0; ok && i < event->field_count; i++) {
		const struct build_field *field = &event->fields[i];

		if (classic && field->name && strcmp(field->name, "Binary") == 0)
			ok = put_field(out, field, ED_STR("Binary"), "Binary");
		else
			ok = put_data(out, field);
	}
	ed_buf_addz(out, "</EventData>");
	return ok;
}

bool evxml_build_event(struct ed_buf *out, const struct build_event *event)
{
	bool ok = true;

	ed_buf_addz(out, "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'>");
	put_system(out, event);
	if (event->shape == BUILD_USER_DATA)
		ok = put_user_data(out, event);
	else if (event->shape != BUILD_NO_DATA)
		ok = put_event_data(out, event);
	ed_buf_addz(out, "</Event>");
	return ok && out->status == ED_OK;
}

void evxml_build_begin(struct ed_buf *out)
{
	ed_buf_addz(out,
		    "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\r\n<Events>");
}

void evxml_build_end(struct ed_buf *out)
{
	ed_buf_addz(out, "</Events>");
}

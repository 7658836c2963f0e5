/* SPDX-License-Identifier: MIT */
/* An event of the model as JSON and as XML. */
#include "espdiag/model/event_text.h"

#include "espdiag/base/escape.h"

#include <inttypes.h>

#define PART(element, attribute, key, is_number)                                                   \
	{                                                                                          \
		{ element, sizeof(element) - 1 }, { attribute, sizeof(attribute) - 1 },            \
			{ key, sizeof(key) - 1 }, is_number                                        \
	}
#define CONTENT(element, key, is_number)                                                           \
	{                                                                                          \
		{ element, sizeof(element) - 1 }, { NULL, 0 }, { key, sizeof(key) - 1 }, is_number \
	}

const struct ed_system_key ed_system_keys[] = {
	PART("Provider", "Name", "provider", false),
	PART("Provider", "Guid", "provider_guid", false),
	PART("Provider", "EventSourceName", "event_source", false),
	CONTENT("EventID", "event", true),
	PART("EventID", "Qualifiers", "qualifiers", true),
	CONTENT("Version", "version", true),
	CONTENT("Level", "level", true),
	CONTENT("Task", "task", true),
	CONTENT("Opcode", "opcode", true),
	CONTENT("Keywords", "keywords", false),
	PART("TimeCreated", "SystemTime", "at", false),
	CONTENT("EventRecordID", "record", true),
	PART("Correlation", "ActivityID", "activity", false),
	PART("Correlation", "RelatedActivityID", "related_activity", false),
	PART("Execution", "ProcessID", "process", true),
	PART("Execution", "ThreadID", "thread", true),
	PART("Execution", "ProcessorID", "processor", true),
	PART("Execution", "SessionID", "session", true),
	PART("Execution", "KernelTime", "kernel_time", true),
	PART("Execution", "UserTime", "user_time", true),
	PART("Execution", "ProcessorTime", "processor_time", true),
	CONTENT("Channel", "channel", false),
	CONTENT("Computer", "computer", false),
	PART("Security", "UserID", "user", false),
};

const size_t ed_system_key_count = ED_COUNT(ed_system_keys);

static bool is_called(const struct ed_system_key *key, struct ed_str name)
{
	if (ed_name_eq(name, key->key) || (!key->attribute.p && ed_name_eq(name, key->element)))
		return true;
	/* "Name" alone would be the name of anything */
	return key->attribute.p && !ed_str_eq(key->attribute, ED_STR("Name")) &&
	       !ed_str_eq(key->attribute, ED_STR("Guid")) && ed_name_eq(name, key->attribute);
}

struct ed_str ed_wanted_system(const struct ed_wanted *wanted, const struct ed_system_key *key)
{
	if (!wanted->count)
		return key->key;
	for (size_t i = 0; i < wanted->count; i++)
		if (is_called(key, wanted->names[i]))
			return wanted->names[i];
	return (struct ed_str){ NULL, 0 };
}

struct ed_str ed_wanted_field(const struct ed_wanted *wanted, struct ed_str name)
{
	if (!wanted->count)
		return name;
	for (size_t i = 0; i < wanted->count; i++) {
		bool is_system = false;

		if (!ed_name_eq(wanted->names[i], name))
			continue;
		for (size_t j = 0; j < ed_system_key_count && !is_system; j++)
			is_system = is_called(&ed_system_keys[j], wanted->names[i]);
		if (!is_system)
			return wanted->names[i];
	}
	return (struct ed_str){ NULL, 0 };
}

static struct ed_str field_name(const struct ed_field *field)
{
	return field->name.len ? field->name : ED_STR("Data");
}

/* One more '#' than stand in a row in any name, so that no made name meets a logged one. */
static size_t mark_length(const struct ed_field *fields, size_t count)
{
	size_t longest = 0;

	for (size_t i = 0; i < count; i++) {
		size_t run = 0;

		for (size_t j = 0; j < fields[i].name.len; j++) {
			run = fields[i].name.p[j] == '#' ? run + 1 : 0;
			longest = run > longest ? run : longest;
		}
	}
	return longest + 1;
}

/* Distinguishes names cheaply before they are compared: 4096 fields are two times 4096² pairs. */
static uint32_t name_key(struct ed_str name)
{
	return (uint32_t)name.len << 16 | (uint32_t)(unsigned char)name.p[0] << 8 |
	       (unsigned char)name.p[name.len - 1];
}

void ed_event_json_fields(struct ed_buf *out, const struct ed_field *fields, size_t count,
			  const struct ed_wanted *wanted)
{
	size_t marks = mark_length(fields, count);

	for (size_t i = 0; i < count; i++) {
		struct ed_str logged = field_name(&fields[i]);
		struct ed_str name = ed_wanted_field(wanted, logged);
		size_t same = 1;

		if (!name.p)
			continue;
		for (size_t j = 0; j < i; j++) {
			struct ed_str other = field_name(&fields[j]);

			/* two logged names may be one wanted name */
			if (!wanted->count && name_key(other) != name_key(logged))
				continue;
			other = ed_wanted_field(wanted, other);
			same += other.p && ed_str_eq(other, name);
		}
		ed_buf_addc(out, '"');
		ed_buf_escape(out, name, ED_ESCAPE_JSON);
		for (size_t j = 0; j < marks && same > 1; j++)
			ed_buf_addc(out, '#');
		if (same > 1)
			ed_buf_printf(out, "%zu", same);
		ed_buf_addz(out, "\":\"");
		ed_buf_escape(out, fields[i].value, ED_ESCAPE_JSON);
		ed_buf_addz(out, "\",");
	}
}

/* Text of a part of System as far as the model keeps it; { NULL, 0 } for what it does not. */
static struct ed_str system_text(const struct ed_event *event, struct ed_str key, char *scratch)
{
	const struct ed_event_head *head = &event->head;
	int n = 0;

	if (ed_str_eq(key, ED_STR("provider")))
		return head->provider;
	if (ed_str_eq(key, ED_STR("channel")))
		return head->channel;
	if (ed_str_eq(key, ED_STR("computer")))
		return event->computer;
	if (ed_str_eq(key, ED_STR("user")))
		return event->user;
	if (ed_str_eq(key, ED_STR("event")))
		n = snprintf(scratch, ED_TIME_TEXT, "%" PRIu32, head->id);
	else if (ed_str_eq(key, ED_STR("version")))
		n = snprintf(scratch, ED_TIME_TEXT, "%u", (unsigned)head->version);
	else if (ed_str_eq(key, ED_STR("level")))
		n = snprintf(scratch, ED_TIME_TEXT, "%u", (unsigned)head->level);
	else if (ed_str_eq(key, ED_STR("record")))
		n = snprintf(scratch, ED_TIME_TEXT, "%" PRIu64, head->record);
	else if (ed_str_eq(key, ED_STR("at")) && head->time != ED_TIME_NONE)
		n = (int)ed_time_format_full(head->time, scratch);
	return n > 0 ? (struct ed_str){ scratch, (size_t)n } : (struct ed_str){ NULL, 0 };
}

void ed_event_json(struct ed_buf *out, const struct ed_event *event, const struct ed_wanted *wanted)
{
	char scratch[ED_TIME_TEXT];

	ed_buf_addc(out, '{');
	for (size_t i = 0; i < ed_system_key_count; i++) {
		const struct ed_system_key *key = &ed_system_keys[i];
		struct ed_str name = ed_wanted_system(wanted, key);
		struct ed_str text = system_text(event, key->key, scratch);
		bool is_bare;

		if (!name.p || !text.p)
			continue;
		ed_buf_addc(out, '"');
		ed_buf_escape(out, name, ED_ESCAPE_JSON);
		/* readers of JSON know 64 bits with a sign, 19 digits at most */
		is_bare = key->is_number && text.len < 19;
		ed_buf_addz(out, is_bare ? "\":" : "\":\"");
		ed_buf_escape(out, text, ED_ESCAPE_JSON);
		ed_buf_addz(out, is_bare ? "," : "\",");
	}
	if (!wanted->count)
		ed_buf_addz(out, "\"fields\":{");
	ed_event_json_fields(out, event->fields, event->field_count, wanted);
	if (out->len && out->p[out->len - 1] == ',')
		out->len--;
	ed_buf_addz(out, wanted->count ? "}\n" : "}}\n");
}

static void xml_part(struct ed_buf *out, const char *open, struct ed_str text, const char *close)
{
	if (!text.p)
		return;
	ed_buf_addz(out, open);
	ed_buf_escape(out, text, ED_ESCAPE_XML_ATTRIBUTE);
	ed_buf_addz(out, close);
}

void ed_event_xml(struct ed_buf *out, const struct ed_event *event)
{
	const struct ed_event_head *head = &event->head;
	char time[ED_TIME_TEXT];

	ed_buf_addz(out, "<Event xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\">"
			 "<System><Provider");
	xml_part(out, " Name=\"", head->provider, "\"");
	ed_buf_printf(out, "/><EventID>%" PRIu32 "</EventID><Version>%u</Version><Level>%u</Level>",
		      head->id, (unsigned)head->version, (unsigned)head->level);
	if (head->time != ED_TIME_NONE) {
		ed_time_format_full(head->time, time);
		xml_part(out, "<TimeCreated SystemTime=\"", ed_str_from(time), "\"/>");
	}
	ed_buf_printf(out, "<EventRecordID>%" PRIu64 "</EventRecordID>", head->record);
	xml_part(out, "<Channel>", head->channel, "</Channel>");
	xml_part(out, "<Computer>", event->computer, "</Computer>");
	xml_part(out, "<Security UserID=\"", event->user, "\"/>");
	ed_buf_addz(out, "</System><EventData>");
	for (size_t i = 0; i < event->field_count; i++) {
		const struct ed_field *field = &event->fields[i];

		ed_buf_addz(out, "<Data");
		if (field->name.len)
			xml_part(out, " Name=\"", field->name, "\"");
		ed_buf_addc(out, '>');
		ed_buf_escape(out, field->value, ED_ESCAPE_XML_TEXT);
		ed_buf_addz(out, "</Data>");
	}
	ed_buf_addz(out, "</EventData></Event>\n");
}

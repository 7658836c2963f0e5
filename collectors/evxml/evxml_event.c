/* SPDX-License-Identifier: MIT */
/* One <Event> element to one event of the model. */
#include "evxml_priv.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"

#define EVENT_NAMESPACE "http://schemas.microsoft.com/win/2004/08/events/event"
/* Text is at most the event's own, names and values are separate copies of parts of it. */
#define EVENT_ARENA (4 * ED_LIMIT_EVENT_XML)
#define DEPTH_SECTION 2
#define DEPTH_ITEM 3

enum section {
	SECTION_OTHER, /* RenderingInfo and what else Windows may add: not data */
	SECTION_SYSTEM,
	SECTION_EVENT_DATA,
	SECTION_USER_DATA,
};

/* Elements of System, by name. */
enum item {
	ITEM_OTHER,
	ITEM_PROVIDER,
	ITEM_EVENT_ID,
	ITEM_VERSION,
	ITEM_LEVEL,
	ITEM_TIME,
	ITEM_RECORD,
	ITEM_CHANNEL,
	ITEM_COMPUTER,
	ITEM_SECURITY,
};

struct name_row {
	const char *name;
	int value;
};

static const struct name_row sections[] = {
	{ "System", SECTION_SYSTEM },
	{ "EventData", SECTION_EVENT_DATA },
	{ "UserData", SECTION_USER_DATA },
};

static const struct name_row items[] = {
	{ "Provider", ITEM_PROVIDER }, { "EventID", ITEM_EVENT_ID },
	{ "Version", ITEM_VERSION },   { "Level", ITEM_LEVEL },
	{ "TimeCreated", ITEM_TIME },  { "EventRecordID", ITEM_RECORD },
	{ "Channel", ITEM_CHANNEL },   { "Computer", ITEM_COMPUTER },
	{ "Security", ITEM_SECURITY },
};

static int row_value(const struct name_row *rows, size_t count, struct ed_str name)
{
	for (size_t i = 0; i < count; i++)
		if (ed_str_eq(name, ed_str_from(rows[i].name)))
			return rows[i].value;
	return 0;
}

void evxml_event_init(struct evxml_event *event)
{
	*event = (struct evxml_event){ .fields = NULL };
	ed_arena_init(&event->arena, EVENT_ARENA);
}

void evxml_event_release(struct evxml_event *event)
{
	ed_arena_release(&event->arena);
	ed_free(event->fields);
	event->fields = NULL;
	event->field_count = event->field_cap = 0;
}

static ed_status copy(struct evxml_event *e, struct ed_str from, struct ed_str *to,
		      struct ed_error *err)
{
	struct ed_str s = ed_arena_str(&e->arena, from);

	if (!s.p)
		return ed_fail(err, ED_NOMEM, "out of memory while reading an event");
	*to = s;
	return ED_OK;
}

/* The same for an attribute, which may be missing. */
static ed_status copy_attribute(struct evxml_event *e, const struct ed_xml_element *element,
				struct ed_str name, struct ed_str *to, struct ed_error *err)
{
	struct ed_str value = ed_xml_get(element, name);

	return value.p ? copy(e, value, to, err) : ED_OK;
}

/* What System says in attributes. */
static ed_status start_item(struct evxml_event *e, const struct ed_xml_element *element,
			    struct ed_error *err)
{
	struct ed_event_head *head = &e->event.head;

	e->item = row_value(items, ED_COUNT(items), element->name);
	if (e->item == ITEM_PROVIDER) {
		ED_TRY(copy_attribute(e, element, ED_STR("Name"), &head->provider, err));
		return copy_attribute(e, element, ED_STR("EventSourceName"), &e->source_name, err);
	}
	if (e->item == ITEM_SECURITY)
		return copy_attribute(e, element, ED_STR("UserID"), &e->event.user, err);
	if (e->item == ITEM_TIME)
		ed_time_parse(ed_xml_get(element, ED_STR("SystemTime")), &head->time);
	return ED_OK;
}

/* Any element of the data may be a leaf, as long as none begins within it. */
static ed_status start_data(struct evxml_event *e, const struct ed_xml_element *element,
			    struct ed_error *err)
{
	struct ed_str name = element->name;

	if (e->section == SECTION_EVENT_DATA && element->depth == DEPTH_ITEM &&
	    ed_str_eq(name, ED_STR("Data"))) {
		name = ed_xml_get(element, ED_STR("Name"));
		if (!name.p)
			name = ED_STR("");
	}
	e->leaf = true;
	e->now.value = ED_STR("");
	return copy(e, name, &e->now.name, err);
}

static ed_status on_start(void *context, const struct ed_xml_element *element, struct ed_error *err)
{
	struct evxml_event *e = context;

	/* far more than 4096 fields can need: a file made to keep us busy */
	if (++e->elements > 4 * ED_LIMIT_FIELDS)
		return ed_fail(err, ED_LIMIT, "more than %zu elements", 4 * ED_LIMIT_FIELDS);
	if (element->depth == 1) {
		if (!ed_str_eq(element->name, ED_STR("Event")) ||
		    (element->namespace.p &&
		     !ed_str_eq(element->namespace, ED_STR(EVENT_NAMESPACE))))
			return ed_fail(err, ED_FORMAT, "not a Windows event");
		return ED_OK;
	}
	if (element->depth == DEPTH_SECTION) {
		e->section = row_value(sections, ED_COUNT(sections), element->name);
		e->leaf = false;
		return ED_OK;
	}
	if (e->section == SECTION_EVENT_DATA || e->section == SECTION_USER_DATA)
		return start_data(e, element, err);
	e->item = ITEM_OTHER;
	if (e->section == SECTION_SYSTEM && element->depth == DEPTH_ITEM)
		return start_item(e, element, err);
	return ED_OK;
}

static uint64_t number(struct ed_str text, uint64_t max)
{
	uint64_t value;

	return ed_number_parse(text, &value) && value <= max ? value : 0;
}

static ed_status system_text(struct evxml_event *e, struct ed_str text, struct ed_error *err)
{
	struct ed_event_head *head = &e->event.head;

	switch ((enum item)e->item) {
	case ITEM_EVENT_ID:
		e->has_id = ed_number_u32(text, &head->id);
		break;
	case ITEM_VERSION:
		head->version = (uint8_t)number(text, UINT8_MAX);
		break;
	case ITEM_LEVEL:
		head->level = (uint8_t)number(text, UINT8_MAX);
		break;
	case ITEM_RECORD:
		head->record = number(text, UINT64_MAX);
		break;
	case ITEM_CHANNEL:
		return copy(e, ed_str_trim(text), &head->channel, err);
	case ITEM_COMPUTER:
		return copy(e, ed_str_trim(text), &e->event.computer, err);
	case ITEM_OTHER:
	case ITEM_PROVIDER:
	case ITEM_TIME:
	case ITEM_SECURITY:
	default:
		break;
	}
	return ED_OK;
}

static ed_status on_text(void *context, struct ed_str text, struct ed_error *err)
{
	struct evxml_event *e = context;

	if (e->section == SECTION_SYSTEM)
		return system_text(e, text, err);
	if (!e->leaf)
		return ED_OK;
	if (text.len > ED_LIMIT_VALUE) {
		text.len = ED_LIMIT_VALUE;
		while (text.len && ((unsigned char)text.p[text.len] & 0xC0) == 0x80)
			text.len--;
		e->cut_values++;
	}
	return copy(e, text, &e->now.value, err);
}

static ed_status add_field(struct evxml_event *e, struct ed_error *err)
{
	if (e->field_count >= ED_LIMIT_FIELDS)
		return ed_fail(err, ED_LIMIT, "more than %zu fields", ED_LIMIT_FIELDS);
	if (e->field_count == e->field_cap) {
		size_t cap = e->field_cap ? e->field_cap * 2 : 32;
		struct ed_field *fields = ed_realloc(e->fields, cap * sizeof(*fields));

		if (!fields)
			return ed_fail(err, ED_NOMEM, "out of memory while reading an event");
		e->fields = fields;
		e->field_cap = cap;
	}
	e->fields[e->field_count++] = e->now;
	return ED_OK;
}

static ed_status on_end(void *context, struct ed_str name, struct ed_error *err)
{
	struct evxml_event *e = context;

	(void)name;
	e->item = ITEM_OTHER;
	if (!e->leaf)
		return ED_OK;
	e->leaf = false;
	return add_field(e, err);
}

ed_status evxml_event_parse(struct evxml_event *event, struct ed_xml *xml, struct ed_str text,
			    struct ed_error *err)
{
	static const struct ed_xml_handler handler = { on_start, on_text, on_end };

	ed_arena_reset(&event->arena);
	event->event = (struct ed_event){
		.head = { .provider = ED_STR(""), .channel = ED_STR(""), .time = ED_TIME_NONE }
	};
	event->field_count = 0;
	event->elements = 0;
	event->section = SECTION_OTHER;
	event->item = ITEM_OTHER;
	event->leaf = false;
	event->has_id = false;
	event->source_name = (struct ed_str){ NULL, 0 };
	ED_TRY(ed_xml_parse(xml, text, &handler, event, err));
	if (!event->has_id)
		return ed_fail(err, ED_FORMAT, "an event without an EventID");
	if (!event->event.head.provider.len && event->source_name.p)
		event->event.head.provider = event->source_name;
	event->event.fields = event->fields;
	event->event.field_count = event->field_count;
	return ED_OK;
}

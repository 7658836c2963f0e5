/* SPDX-License-Identifier: MIT */
/* Events of a story: variables filled in, rows turned into described events. */
#include "scenario_priv.h"

#include <stdarg.h>

enum { FILL_DEPTH = 4 };

ed_status story_wrong(const struct story *t, const char *what, struct ed_str word)
{
	return ed_fail(t->err, ED_FORMAT, "line %u: %s '%.*s'", t->line ? t->line->number : 0, what,
		       ED_FMT(word));
}

static ed_status no_memory(const struct story *t)
{
	return ed_fail(t->err, ED_NOMEM, "the story is too long");
}

ed_status story_set(struct story *t, const char *name, const char *value)
{
	size_t i = 0;

	while (i < t->variable_count && strcmp(t->variable[i].name, name) != 0)
		i++;
	if (i == STORY_VARIABLES)
		return no_memory(t);
	if (i == t->variable_count)
		t->variable_count++;
	t->variable[i] = (struct story_variable){ name, value };
	return ED_OK;
}

ed_status story_setf(struct story *t, const char *name, const char *format, ...)
{
	char text[256];
	struct ed_str copy;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	copy = ed_arena_str(t->s->arena, ed_str_from(text));
	return copy.p ? story_set(t, name, copy.p) : no_memory(t);
}

static const char *text_value(const struct story *t, const struct row_text *row)
{
	if (strcmp(t->locale, "de") == 0)
		return row->de;
	if (strcmp(t->locale, "ja") == 0)
		return row->ja;
	return strcmp(t->locale, "tr") == 0 ? row->tr : row->en;
}

static const char *variable_value(const struct story *t, struct ed_str name)
{
	for (size_t i = 0; i < t->variable_count; i++) {
		if (ed_str_eq(name, ed_str_from(t->variable[i].name)))
			return t->variable[i].value;
	}
	for (size_t i = 0; i < row_text_count; i++) {
		if (ed_str_eq(name, ed_str_from(row_texts[i].name)))
			return text_value(t, &row_texts[i]);
	}
	return NULL;
}

struct ed_str story_get(const struct story *t, const char *name)
{
	for (size_t i = 0; i < t->variable_count; i++) {
		if (strcmp(t->variable[i].name, name) == 0)
			return ed_str_from(t->variable[i].value);
	}
	return (struct ed_str){ NULL, 0 };
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static ed_status fill_into(struct story *t, const char *pattern, unsigned depth, struct ed_buf *out)
{
	for (const char *z = pattern; *z; z++) {
		struct ed_str name = { z + 1, 0 };
		const char *value;

		if (*z != '$') {
			ed_buf_addc(out, *z);
			continue;
		}
		while (is_name_char(name.p[name.len]))
			name.len++;
		value = variable_value(t, name);
		if (!value || depth == FILL_DEPTH)
			return story_wrong(t, "nothing is known of", name);
		ED_TRY(fill_into(t, value, depth + 1, out));
		z += name.len;
	}
	return ED_OK;
}

ed_status story_fill(struct story *t, const char *pattern, const char **out)
{
	struct ed_buf buf;
	struct ed_str copy = { NULL, 0 };
	ed_status status;

	ed_buf_init(&buf, ED_TICKS_PER_SECOND);
	status = fill_into(t, pattern, 0, &buf);
	if (status == ED_OK) {
		copy = ed_arena_str(t->s->arena, ed_buf_str(&buf));
		if (!copy.p || buf.status != ED_OK)
			status = no_memory(t);
	}
	ed_buf_release(&buf);
	if (status == ED_OK)
		*out = copy.p;
	return status;
}

const struct row_channel *row_channel_find(struct ed_str name)
{
	for (size_t i = 0; i < row_channel_count; i++) {
		if (ed_str_ieq(name, ed_str_from(row_channels[i].alias)) ||
		    ed_str_ieq(name, ed_str_from(row_channels[i].name)))
			return &row_channels[i];
	}
	return NULL;
}

struct scenario_channel *story_channel(struct story *t, struct ed_str name)
{
	const struct row_channel *row = row_channel_find(name);
	struct scenario_channel *c;

	if (row)
		name = ed_str_from(row->name);
	for (size_t i = 0; i < t->s->channel_count; i++) {
		if (ed_str_ieq(name, ed_str_from(t->s->channels[i].name)))
			return &t->s->channels[i];
	}
	name = ed_arena_str(t->s->arena, name);
	c = scenario_grow(t->s->arena, &t->s->channels, &t->s->channel_count, &t->s->channel_cap,
			  sizeof(*c));
	if (!name.p || !c)
		return NULL;
	c->name = name.p;
	return c;
}

static const struct row_provider *provider_find(struct ed_str name)
{
	for (size_t i = 0; i < row_provider_count; i++) {
		if (ed_str_ieq(name, ed_str_from(row_providers[i].alias)) ||
		    ed_str_ieq(name, ed_str_from(row_providers[i].name)))
			return &row_providers[i];
	}
	return NULL;
}

static const struct row_event *event_find(const struct row_provider *provider, uint32_t id)
{
	for (size_t i = 0; provider && i < row_event_count; i++) {
		if (row_events[i].id == id && strcmp(row_events[i].provider, provider->alias) == 0)
			return &row_events[i];
	}
	return NULL;
}

static bool type_find(struct ed_str name, unsigned *type)
{
	bool array = ed_str_ends(name, ED_STR("[]"));

	if (array)
		name.len -= 2;
	for (size_t i = 0; i < row_type_count; i++) {
		if (ed_str_eq(name, ed_str_from(row_types[i].name))) {
			*type = row_types[i].type | (array ? BUILD_ARRAY : 0);
			return true;
		}
	}
	return false;
}

/* The type the event's row gives a field; a string when there is no such row or field. */
static unsigned field_type(const struct row_event *row, struct ed_str name)
{
	struct ed_str rest = ed_str_from(row ? row->fields : "");
	struct ed_str piece;
	unsigned type = BUILD_STRING;

	while (rest.len && ed_str_next(&rest, ';', &piece)) {
		size_t colon = ed_str_find(piece, ED_STR(":"), 0);

		if (colon != SIZE_MAX && ed_name_eq(ed_str_slice(piece, 0, colon), name))
			type_find(ed_str_slice(piece, colon + 1, piece.len), &type);
	}
	return type;
}

/* "Name=value", "Name:type=value" or "=value" */
static ed_status parse_field(struct story *t, const struct row_event *row, struct ed_str piece,
			     struct build_field *field)
{
	size_t equals = ed_str_find(piece, ED_STR("="), 0);
	struct ed_str name = ed_str_slice(piece, 0, equals == SIZE_MAX ? 0 : equals);
	size_t colon = ed_str_find(name, ED_STR(":"), 0);
	struct ed_str copy, value;

	if (equals == SIZE_MAX)
		return story_wrong(t, "no value in", piece);
	if (colon != SIZE_MAX) {
		if (!type_find(ed_str_slice(name, colon + 1, name.len), &field->type))
			return story_wrong(t, "no such type", name);
		name.len = colon;
	} else {
		field->type = field_type(row, name);
	}
	copy = ed_arena_str(t->s->arena, name);
	value = ed_arena_str(t->s->arena, ed_str_slice(piece, equals + 1, piece.len));
	if (!copy.p || !value.p)
		return no_memory(t);
	field->name = name.len ? copy.p : NULL;
	field->text = value.p;
	return ED_OK;
}

/* Everything of an event but its fields. */
static ed_status add_event(struct story *t, int64_t time, struct ed_str provider_name,
			   struct ed_str channel_name, uint32_t id, struct scenario_event **out)
{
	const struct row_provider *provider = provider_find(provider_name);
	const struct row_event *row = event_find(provider, id);
	struct scenario_channel *channel;
	struct scenario_event *e;

	if (!channel_name.p)
		channel_name = ed_str_from(provider ? provider->channel : "Application");
	channel = story_channel(t, channel_name);
	e = scenario_grow(t->s->arena, &t->s->events, &t->s->event_count, &t->s->event_cap,
			  sizeof(*e));
	if (!channel || !e)
		return no_memory(t);
	e->segment = t->segment;
	e->sequence = t->sequence++;
	e->event = (struct build_event){
		.provider = provider ? provider->name : provider_name.p,
		.guid = provider ? provider->guid : NULL,
		.user = provider ? provider->user : NULL,
		.channel = channel->name,
		.id = id,
		.time = time,
		.keywords = UINT64_C(0x8000000000000000),
		.level = (uint8_t)(row ? row->level : 4),
		.version = (uint8_t)(row ? row->version : 0),
		.process = 4,
		.thread = 8,
		.shape = provider && !provider->guid ? BUILD_CLASSIC : BUILD_EVENT_DATA,
		.has_qualifiers = provider && !provider->guid,
		.qualifiers = provider && !provider->guid ? 32768 : 0,
	};
	*out = e;
	return story_fill(t, "$computer", &e->event.computer);
}

static ed_status set_fields(struct story *t, struct scenario_event *e, const struct ed_str *piece,
			    size_t count)
{
	const struct row_provider *provider = provider_find(ed_str_from(e->event.provider));
	const struct row_event *row = event_find(provider, e->event.id);
	struct build_field *fields = ed_arena_calloc(t->s->arena, count + 1, sizeof(*fields));

	if (!fields)
		return no_memory(t);
	for (size_t i = 0; i < count; i++)
		ED_TRY(parse_field(t, row, piece[i], &fields[i]));
	e->event.fields = fields;
	e->event.field_count = count;
	if (!count)
		e->event.shape = BUILD_NO_DATA;
	return ED_OK;
}

/* "provider id" */
static bool split_head(struct ed_str head, struct ed_str *provider, uint32_t *id)
{
	return ed_str_next(&head, ' ', provider) && ed_number_u32(head, id);
}

ed_status story_log(struct story *t, int64_t time, const char *pattern)
{
	char stamp[ED_TIME_TEXT];
	struct ed_civil c = ed_civil_from_time(time);
	struct ed_str piece[SCENARIO_TOKENS], rest, head, provider;
	struct scenario_event *e;
	const char *text;
	size_t count = 0;
	uint32_t id;

	ed_time_format_full(time, stamp);
	ED_TRY(story_setf(t, "T", "%s", stamp));
	ED_TRY(story_setf(t, "stamp", "%04d-%02d-%02d %02d:%02d:%02dZ", c.year, c.month, c.day,
			  c.hour, c.minute, c.second));
	ED_TRY(story_fill(t, pattern, &text));
	rest = ed_str_from(text);
	if (!ed_str_next(&rest, '|', &head) || !split_head(head, &provider, &id))
		return story_wrong(t, "no event", ed_str_from(text));
	while (rest.len && ed_str_next(&rest, '|', &piece[count])) {
		if (++count == SCENARIO_TOKENS)
			return story_wrong(t, "too many fields in", head);
	}
	ED_TRY(add_event(t, time, provider, (struct ed_str){ NULL, 0 }, id, &e));
	return set_fields(t, e, piece, count);
}

ed_status story_steps(struct story *t, const char *name, int64_t first, int64_t second)
{
	char stamp[ED_TIME_TEXT];
	bool any = false;

	if (second != ED_TIME_NONE) {
		ed_time_format_full(second, stamp);
		ED_TRY(story_setf(t, "U", "%s", stamp));
	}
	for (size_t i = 0; i < row_step_count; i++) {
		const struct row_step *step = &row_steps[i];

		if (strcmp(step->story, name) != 0)
			continue;
		any = true;
		ED_TRY(story_log(t,
				 (step->base == 'U' ? second : first) +
					 step->seconds * ED_TICKS_PER_SECOND,
				 step->event));
	}
	return any ? ED_OK : story_wrong(t, "no such story", ed_str_from(name));
}

/* "@level=2", "@version=1", "@qualifiers=0", "@userdata=Element" */
static ed_status set_property(struct story *t, struct scenario_event *e, struct ed_str piece)
{
	size_t equals = ed_str_find(piece, ED_STR("="), 0);
	struct ed_str name = ed_str_slice(piece, 1, equals == SIZE_MAX ? piece.len : equals);
	struct ed_str value =
		ed_str_slice(piece, equals == SIZE_MAX ? piece.len : equals + 1, piece.len);
	uint32_t number = 0;

	if (ed_str_eq(name, ED_STR("userdata"))) {
		value = ed_arena_str(t->s->arena, value);
		if (!value.p)
			return no_memory(t);
		e->event.shape = BUILD_USER_DATA;
		e->event.element = value.p;
		return ED_OK;
	}
	if (!ed_number_u32(value, &number) || number > 0xffff)
		return story_wrong(t, "no number in", piece);
	if (ed_str_eq(name, ED_STR("level"))) {
		e->event.level = (uint8_t)number;
	} else if (ed_str_eq(name, ED_STR("version"))) {
		e->event.version = (uint8_t)number;
	} else if (ed_str_eq(name, ED_STR("qualifiers"))) {
		e->event.qualifiers = (uint16_t)number;
		e->event.has_qualifiers = true;
	} else {
		return story_wrong(t, "no such property", name);
	}
	return ED_OK;
}

ed_status story_event_line(struct story *t)
{
	const struct scenario_line *line = t->line;
	struct ed_str piece[SCENARIO_TOKENS];
	struct scenario_event *e;
	size_t count = 0;
	uint32_t id;
	int64_t time = 0;

	if (line->token_count < 5 || !ed_number_u32(line->token[3], &id) || id > 0xffff)
		return story_wrong(t, "expected: event CHANNEL PROVIDER ID TIME, got", line->text);
	ED_TRY(story_time(t, line->token[4], &time));
	ED_TRY(add_event(t, time, line->token[2], line->token[1], id, &e));
	for (size_t i = 5; i < line->token_count; i++) {
		if (line->token[i].len && line->token[i].p[0] == '@')
			ED_TRY(set_property(t, e, line->token[i]));
		else
			piece[count++] = line->token[i];
	}
	return set_fields(t, e, piece, count);
}

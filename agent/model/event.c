/* SPDX-License-Identifier: MIT */
/* Copying events and finding their fields by name. */
#include "espdiag/model/event.h"

static bool copy_str(struct ed_arena *arena, struct ed_str from, struct ed_str *to)
{
	*to = from;
	if (!from.p)
		return true;
	*to = ed_arena_str(arena, from);
	return to->p != NULL;
}

bool ed_event_copy(struct ed_arena *arena, const struct ed_event *from, struct ed_event *to)
{
	struct ed_event copy = *from;
	struct ed_field *fields = ed_arena_calloc(arena, from->field_count, sizeof(*fields));

	if (!fields || !copy_str(arena, from->head.provider, &copy.head.provider) ||
	    !copy_str(arena, from->head.channel, &copy.head.channel) ||
	    !copy_str(arena, from->user, &copy.user) ||
	    !copy_str(arena, from->computer, &copy.computer))
		return false;
	for (size_t i = 0; i < from->field_count; i++)
		if (!copy_str(arena, from->fields[i].name, &fields[i].name) ||
		    !copy_str(arena, from->fields[i].value, &fields[i].value))
			return false;
	copy.fields = fields;
	*to = copy;
	return true;
}

struct ed_str ed_event_field(const struct ed_event *event, struct ed_str name)
{
	for (size_t i = 0; i < event->field_count; i++)
		if (ed_name_eq(event->fields[i].name, name))
			return event->fields[i].value;
	return (struct ed_str){ NULL, 0 };
}

bool ed_event_u32(const struct ed_event *event, struct ed_str name, uint32_t *out)
{
	struct ed_str value = ed_event_field(event, name);

	return value.p && ed_number_u32(value, out);
}

/* SPDX-License-Identifier: MIT */
/* Where a template keeps what the head of an event is made of. */
#include "evtx_priv.h"

#include "espdiag/base/time.h"

static const struct {
	struct ed_str element;
	struct ed_str attribute; /* .p NULL: the element's content */
} roles[EVTX_ROLE_COUNT] = {
	[EVTX_ROLE_PROVIDER] = { { "Provider", 8 }, { "Name", 4 } },
	[EVTX_ROLE_ID] = { { "EventID", 7 }, { NULL, 0 } },
	[EVTX_ROLE_VERSION] = { { "Version", 7 }, { NULL, 0 } },
	[EVTX_ROLE_LEVEL] = { { "Level", 5 }, { NULL, 0 } },
	[EVTX_ROLE_TIME] = { { "TimeCreated", 11 }, { "SystemTime", 10 } },
	[EVTX_ROLE_RECORD] = { { "EventRecordID", 13 }, { NULL, 0 } },
	[EVTX_ROLE_CHANNEL] = { { "Channel", 7 }, { NULL, 0 } },
	[EVTX_ROLE_COMPUTER] = { { "Computer", 8 }, { NULL, 0 } },
	[EVTX_ROLE_USER] = { { "Security", 8 }, { "UserID", 6 } },
};

static void role_set(struct evtx_template *t, struct evtx_source *source, uint32_t begin,
		     uint32_t end)
{
	const struct evtx_op *op = &t->ops[begin];

	if (source->kind != EVTX_ABSENT) /* the first one counts */
		return;
	source->begin = begin;
	source->end = end;
	if (end == begin + 1 && (op->kind == EVTX_OP_SUB || op->kind == EVTX_OP_OPTIONAL)) {
		source->kind = EVTX_SLOT;
		source->slot = op->slot;
		return;
	}
	if (end != begin && (end != begin + 1 || op->kind != EVTX_OP_TEXT)) {
		source->kind = EVTX_MIXED;
		return;
	}
	source->kind = EVTX_LITERAL;
	source->text =
		end == begin ? (struct ed_str){ "", 0 } : (struct ed_str){ t->text + op->a, op->b };
	source->time = ED_TIME_NONE;
	(void)ed_number_parse(source->text, &source->number);
	(void)ed_time_parse(source->text, &source->time);
}

/* Gives the roles that are attributes of the element, whose ops are [@begin, @end). */
static void roles_of_attributes(struct evtx_template *t, struct ed_str element, uint32_t begin,
				uint32_t end)
{
	for (uint32_t i = begin; i < end;) {
		struct ed_str name = { t->text + t->ops[i].a, t->ops[i].b };
		uint32_t value = i + 1;

		for (i = value; i < end && t->ops[i].kind != EVTX_OP_ATTRIBUTE; i++)
			;
		for (size_t role = 0; role < EVTX_ROLE_COUNT; role++)
			if (roles[role].attribute.p && ed_str_eq(roles[role].element, element) &&
			    ed_str_eq(roles[role].attribute, name))
				role_set(t, &t->roles[role], value, i);
	}
}

static void roles_of_system(struct evtx_template *t, const struct evtx_element *system)
{
	for (uint32_t i = system->content; i < system->end;) {
		const struct evtx_element *e;

		if (t->ops[i].kind != EVTX_OP_OPEN) {
			i++;
			continue;
		}
		e = &t->elements[t->ops[i].a];
		roles_of_attributes(t, e->name, i + 1, e->content);
		for (size_t role = 0; role < EVTX_ROLE_COUNT; role++)
			if (!roles[role].attribute.p && ed_str_eq(roles[role].element, e->name))
				role_set(t, &t->roles[role], e->content, e->end);
		i = e->end;
	}
}

/* The element @name among [@begin, @end) of the same depth; NULL when there is none. */
static const struct evtx_element *find_element(const struct evtx_template *t, uint32_t begin,
					       uint32_t end, struct ed_str name)
{
	for (uint32_t i = begin; i < end;) {
		const struct evtx_element *e;

		if (t->ops[i].kind != EVTX_OP_OPEN) {
			i++;
			continue;
		}
		e = &t->elements[t->ops[i].a];
		if (ed_str_eq(e->name, name))
			return e;
		i = e->end;
	}
	return NULL;
}

void evtx_template_find_roles(struct evtx_template *t)
{
	const struct evtx_element *event = find_element(t, 0, t->op_count, ED_STR("Event"));
	const struct evtx_element *system;

	system = event ? find_element(t, event->content, event->end, ED_STR("System"))
		       : find_element(t, 0, t->op_count, ED_STR("System"));
	if (!system)
		return;
	t->has_system = true;
	roles_of_system(t, system);
}

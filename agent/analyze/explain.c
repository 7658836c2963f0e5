/* SPDX-License-Identifier: MIT */
/* Looks a query up in every table there is: codes, events, findings, actions. */
#include "espdiag/analyze/explain.h"

#include "codes.h"
#include "finding.h"

#include <assert.h>

/* No id is longer; what a user types beyond this is cut for the search of the nearest. */
#define QUERY_LENGTH 96
#define PREFIX ED_STR("Microsoft-Windows-")
#define WIN32_FACILITY 0x80070000u
#define SOURCES_OF_FINDING 3

struct known_event {
	const char *provider;
	uint32_t id;
	const char *channel, *meaning, *confidence;
};

/* What rules use goes first, so that it wins over a row of the same event. */
static const struct known_event known_events[] = {
#define EVENT(key, provider, id, channel, meaning, confidence)                                     \
	{ provider, id, channel, meaning, confidence },
#include "events.def"
#undef EVENT
#define OTHER_EVENT(provider, id, channel, meaning, confidence)                                    \
	{ provider, id, channel, meaning, confidence },
#include "other_events.def"
#undef OTHER_EVENT
};

static const struct {
	char letter;
	const char *words;
} confidences[] = {
	{ 'M', "the provider's manifest" },
	{ 'R', "seen in a real log" },
	{ 'D', "Microsoft documentation" },
	{ 'B', "the source code of another tool" },
	{ 'I', "inferred" },
};

const char *ed_explain_kind_word(enum ed_explain_kind v)
{
#define KIND_WORD(kind, word) [kind] = word,
	static const char *const words[] = { ED_EXPLAIN_KIND_LIST(KIND_WORD) };
#undef KIND_WORD

	return words[v];
}

/* A look-up on its way: where results go, and whether memory held out. */
struct search {
	struct ed_arena *arena;
	struct ed_explanations *out;
	bool failed;
};

static struct ed_explanation *add(struct search *s, enum ed_explain_kind kind, struct ed_str id)
{
	struct ed_explanation *e = &s->out->items[s->out->count];

	assert(s->out->count < ED_EXPLAIN_LIMIT);
	s->out->count++;
	*e = (struct ed_explanation){ .kind = kind, .id = id, .number = ED_UNKNOWN };
	s->failed |= !id.p;
	return e;
}

static void add_code(struct search *s, const struct code_row *row)
{
	struct ed_explanation *e =
		add(s, ED_EXPLAIN_CODE, ed_arena_printf(s->arena, "0x%08X", (unsigned)row->value));

	e->name = ed_str_from(row->name);
	e->topic = code_class_word(row->class);
	e->owner = ed_owner_word(row->owner);
	e->meaning = ed_str_from(row->meaning);
	e->next = ed_str_from(row->next);
	e->source = ed_str_from(row->source);
	e->number = row->value;
}

static void add_aadsts(struct search *s, const struct aadsts_row *row)
{
	struct ed_explanation *e = add(
		s, ED_EXPLAIN_AADSTS, ed_arena_printf(s->arena, "AADSTS%u", (unsigned)row->number));

	e->name = ed_str_from(row->name);
	e->topic = code_class_word(CODE_SIGN_IN);
	e->owner = ed_owner_word(row->owner);
	e->meaning = ed_str_from(row->meaning);
	e->next = ed_str_from(row->next);
	e->source = ed_str_from(row->source);
	e->number = row->number;
}

/* "M R" as words. */
static struct ed_str event_source(struct search *s, const char *letters)
{
	struct ed_str source = { NULL, 0 };

	for (size_t i = 0; i < ED_COUNT(confidences); i++) {
		if (!strchr(letters, confidences[i].letter))
			continue;
		source = ed_arena_printf(s->arena, "%.*s%s%s", ED_FMT(source),
					 source.len ? "; " : "", confidences[i].words);
	}
	s->failed |= !source.p;
	return source;
}

static struct ed_str event_id(struct search *s, const struct known_event *event)
{
	return ed_arena_printf(s->arena, "%s/%u", event->provider, (unsigned)event->id);
}

static void add_event(struct search *s, const struct known_event *event)
{
	struct ed_explanation *e = add(s, ED_EXPLAIN_EVENT, event_id(s, event));

	e->channel = ed_str_from(event->channel);
	e->meaning = ed_str_from(event->meaning);
	e->source = event_source(s, event->confidence);
	e->number = event->id;
}

/* A list of static texts that ends with NULL, at most @limit long. */
static struct ed_str_list texts_of(struct search *s, const char *const *texts, size_t limit)
{
	struct ed_str *items = ed_arena_calloc(s->arena, limit, sizeof(*items));
	struct ed_str_list list = { items, 0 };

	s->failed |= !items;
	while (items && list.count < limit && texts[list.count]) {
		items[list.count] = ed_str_from(texts[list.count]);
		list.count++;
	}
	return list;
}

/* The finding is our own rule; where its advice is documented stands with the actions. */
static struct ed_str finding_source(struct search *s, const struct finding_row *row)
{
	struct ed_str source = ED_STR("espdiag's own rule");
	size_t count = 0;

	for (size_t i = 0; row->actions[i] && count < SOURCES_OF_FINDING; i++) {
		const struct action_row *action = action_row_find(row->actions[i]);

		if (!action || ed_str_find(source, ed_str_from(action->source), 0) != SIZE_MAX)
			continue;
		source = ed_arena_printf(s->arena, "%.*s; %s", ED_FMT(source), action->source);
		count++;
	}
	s->failed |= !source.p;
	return source;
}

static void add_finding(struct search *s, const struct finding_row *row)
{
	struct ed_explanation *e = add(s, ED_EXPLAIN_FINDING, ed_str_from(row->id));

	e->severity = ed_severity_word(row->severity);
	e->owner = ed_owner_word(row->owner);
	e->meaning = ed_str_from(row->title);
	e->next = ed_str_from(row->advice);
	e->actions = texts_of(s, row->actions, ED_COUNT(row->actions));
	e->source = finding_source(s, row);
}

static void add_action(struct search *s, const struct action_row *row)
{
	struct ed_explanation *e = add(s, ED_EXPLAIN_ACTION, ed_str_from(row->id));

	e->owner = ed_owner_word(row->owner);
	e->meaning = ed_str_from(row->title);
	e->steps = texts_of(s, row->steps, ED_COUNT(row->steps));
	e->cost = ed_str_from(row->cost);
	e->source = ed_str_from(row->source);
}

static const struct finding_row *finding_find(struct ed_str id)
{
	for (size_t i = 0; i < finding_table_count; i++)
		for (size_t j = 0; j < *finding_tables[i].count; j++)
			if (ed_str_ieq(id, ed_str_from(finding_tables[i].rows[j].id)))
				return &finding_tables[i].rows[j];
	return NULL;
}

static struct ed_str without_prefix(struct ed_str provider)
{
	return ed_str_istarts(provider, PREFIX) ? ed_str_slice(provider, PREFIX.len, provider.len)
						: provider;
}

static bool provider_eq(struct ed_str a, const char *b)
{
	return ed_name_eq(without_prefix(a), without_prefix(ed_str_from(b)));
}

/* "Provider/ID" in its two halves; false when it is no such thing. */
static bool event_split(struct ed_str query, struct ed_str *provider, uint32_t *id)
{
	size_t slash = ed_str_find(query, ED_STR("/"), 0);

	if (slash == SIZE_MAX || slash == 0)
		return false;
	*provider = ed_str_trim(ed_str_slice(query, 0, slash));
	return ed_number_u32(ed_str_slice(query, slash + 1, query.len), id);
}

static void search_event(struct search *s, struct ed_str query)
{
	struct ed_str provider;
	uint32_t id;

	if (!event_split(query, &provider, &id))
		return;
	for (size_t i = 0; i < ED_COUNT(known_events); i++) {
		if (known_events[i].id == id && provider_eq(provider, known_events[i].provider)) {
			add_event(s, &known_events[i]);
			return;
		}
	}
}

/* Eight hex digits without 0x, as error reports write them: 80073CF4. */
static bool bare_hex(struct ed_str query, uint32_t *value)
{
	char text[] = "0x00000000";

	if (query.len != sizeof(text) - 3)
		return false;
	memcpy(text + 2, query.p, query.len);
	return ed_number_u32(ed_str_from(text), value);
}

/* Every code that @value can be: as it stands, or as the number of a Win32 error. */
static void search_value(struct search *s, uint32_t value)
{
	const struct code_row *row = code_find(value);

	if (row)
		add_code(s, row);
	row = value && value <= 0xFFFF ? code_find(WIN32_FACILITY | value) : NULL;
	if (row)
		add_code(s, row);
}

static void search_number(struct search *s, struct ed_str query)
{
	bool hex = ed_str_istarts(query, ED_STR("0x"));
	const struct aadsts_row *aadsts;
	uint32_t value;

	if (ed_number_u32(query, &value)) {
		aadsts = hex ? NULL : aadsts_find(value);
		if (aadsts)
			add_aadsts(s, aadsts);
		search_value(s, value);
	}
	if (!s->out->count && bare_hex(query, &value))
		search_value(s, value);
}

static void search_name(struct search *s, struct ed_str query)
{
	const struct finding_row *finding = finding_find(query);
	const struct action_row *action;
	char id[QUERY_LENGTH + 1];

	if (finding) {
		add_finding(s, finding);
		return;
	}
	if (query.len <= QUERY_LENGTH) {
		memcpy(id, query.p, query.len);
		id[query.len] = '\0';
		action = action_row_find(id);
		if (action) {
			add_action(s, action);
			return;
		}
	}
	for (size_t i = 0; i < code_row_count; i++) {
		if (code_rows[i].name && ed_str_ieq(query, ed_str_from(code_rows[i].name))) {
			add_code(s, &code_rows[i]);
			return;
		}
	}
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t least_of(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Edits that make @a into @b, as far as QUERY_LENGTH; upper and lower case are the same. */
static size_t distance(struct ed_str a, struct ed_str b)
{
	size_t row[QUERY_LENGTH + 1];

	a.len = least_of(a.len, QUERY_LENGTH);
	b.len = least_of(b.len, QUERY_LENGTH);
	for (size_t j = 0; j <= b.len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			size_t replaced = diagonal + (lower(a.p[i - 1]) != lower(b.p[j - 1]));

			diagonal = row[j];
			row[j] = least_of(least_of(row[j], row[j - 1]) + 1, replaced);
		}
	}
	return row[b.len];
}

/* The best id so far for a query that is none. */
struct nearest {
	struct ed_str query, best;
	size_t least;
};

static void nearer(struct nearest *n, struct ed_str id)
{
	size_t asked = least_of(n->query.len, QUERY_LENGTH), edits;

	/* what differs as much in length alone is no nearer */
	if (!id.p || (id.len > asked ? id.len - asked : asked - id.len) >= n->least)
		return;
	edits = distance(n->query, id);
	if (edits < n->least) {
		n->least = edits;
		n->best = id;
	}
}

static uint32_t apart(uint32_t a, uint32_t b)
{
	return a > b ? a - b : b - a;
}

/* First the provider that is spelled most like it, then its closest number. */
static struct ed_str nearest_event(struct search *s, struct ed_str provider, uint32_t id)
{
	struct nearest n = { .query = without_prefix(provider), .least = SIZE_MAX };
	const struct known_event *best = NULL;

	for (size_t i = 0; i < ED_COUNT(known_events); i++)
		nearer(&n, without_prefix(ed_str_from(known_events[i].provider)));
	for (size_t i = 0; i < ED_COUNT(known_events); i++) {
		const struct known_event *event = &known_events[i];

		if (provider_eq(n.best, event->provider) &&
		    (!best || apart(event->id, id) < apart(best->id, id)))
			best = event;
	}
	return event_id(s, best);
}

/* The row of the same facility whose code is closest; of all when the facility has none. */
static struct ed_str nearest_code(struct search *s, uint32_t value)
{
	const struct code_row *best = code_rows;
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < code_row_count; i++) {
		uint64_t far = apart(code_rows[i].value, value);

		far += (code_rows[i].value ^ value) >> 16 ? (uint64_t)1 << 32 : 0;
		if (far < least) {
			least = far;
			best = &code_rows[i];
		}
	}
	return ed_arena_printf(s->arena, "0x%08X", (unsigned)best->value);
}

static struct ed_str nearest_aadsts(struct search *s, uint32_t number)
{
	const struct aadsts_row *best = aadsts_rows;

	for (size_t i = 0; i < aadsts_row_count; i++)
		if (apart(aadsts_rows[i].number, number) < apart(best->number, number))
			best = &aadsts_rows[i];
	return ed_arena_printf(s->arena, "AADSTS%u", (unsigned)best->number);
}

static struct ed_str nearest_word(struct ed_str query)
{
	struct nearest n = { .query = query, .least = SIZE_MAX };

	for (size_t i = 0; i < finding_table_count; i++) {
		for (size_t j = 0; j < *finding_tables[i].count; j++) {
			const struct finding_row *row = &finding_tables[i].rows[j];

			nearer(&n, ed_str_from(row->id));
			for (size_t k = 0; row->actions[k]; k++)
				if (action_row_find(row->actions[k]))
					nearer(&n, ed_str_from(row->actions[k]));
		}
	}
	for (size_t i = 0; i < code_row_count; i++)
		nearer(&n, ed_str_from(code_rows[i].name));
	return n.best;
}

/* The sign-in service's numbers have five to seven digits and are written in decimal. */
static bool like_aadsts(struct ed_str query, uint32_t value)
{
	return !ed_str_istarts(query, ED_STR("0x")) && value >= 10000 && value < 10000000;
}

static struct ed_str nearest_id(struct search *s, struct ed_str query, bool aadsts)
{
	struct ed_str provider;
	uint32_t value = 0;

	if (event_split(query, &provider, &value))
		return nearest_event(s, provider, value);
	if (ed_number_u32(query, &value) && !aadsts && !like_aadsts(query, value))
		return nearest_code(s, value > 0xFFFF ? value : WIN32_FACILITY | value);
	if (aadsts || value)
		return nearest_aadsts(s, value);
	if (bare_hex(query, &value))
		return nearest_code(s, value);
	return nearest_word(query);
}

/* At most QUERY_LENGTH bytes, not ending in half a character. */
static struct ed_str for_message(struct ed_str query)
{
	size_t end = QUERY_LENGTH;

	if (query.len <= end)
		return query;
	while (end && ((unsigned char)query.p[end] & 0xC0) == 0x80)
		end--;
	return ed_str_slice(query, 0, end);
}

/* A number copied from a web page can have the typographic minus. */
static struct ed_str with_plain_minus(struct ed_arena *arena, struct ed_str query)
{
	struct ed_str minus = ED_STR("\xE2\x88\x92");

	if (!ed_str_starts(query, minus))
		return query;
	return ed_arena_printf(arena, "-%.*s", ED_FMT(ed_str_slice(query, minus.len, query.len)));
}

ed_status ed_explain(struct ed_arena *arena, struct ed_str query, struct ed_explanations *out,
		     struct ed_error *err)
{
	struct ed_explanations found = { .count = 0 };
	struct search s = { .arena = arena, .out = &found };
	struct ed_str asked = with_plain_minus(arena, ed_str_trim(query)), nearest;
	bool aadsts = ed_str_istarts(asked, ED_STR("AADSTS"));
	const struct aadsts_row *row;
	uint32_t number;

	if (!asked.len)
		return ed_fail(err, asked.p ? ED_ARG : ED_NOMEM, "nothing to explain");
	if (aadsts) {
		asked = ed_str_slice(asked, strlen("AADSTS"), asked.len);
		row = ed_number_u32(asked, &number) ? aadsts_find(number) : NULL;
		if (row)
			add_aadsts(&s, row);
	} else {
		search_event(&s, asked);
		search_number(&s, asked);
		search_name(&s, asked);
	}
	if (s.failed)
		return ed_fail(err, ED_NOMEM, "no memory to explain it");
	if (found.count) {
		*out = found;
		return ED_OK;
	}
	nearest = nearest_id(&s, asked, aadsts);
	if (!nearest.p)
		return ed_fail(err, ED_NOMEM, "no memory to explain it");
	return ed_fail(err, ED_ARG, "'%.*s' is not known; the nearest that is: '%.*s'",
		       ED_FMT(for_message(query)), ED_FMT(nearest));
}

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

/* Whether @event is one of @name's: of a provider or, as Event Viewer shows it, of a log. */
static bool event_is_of(const struct known_event *event, struct ed_str name)
{
	return provider_eq(name, event->provider) || provider_eq(name, event->channel);
}

/* "Provider/ID" or "Log ID" in its two halves; false when it is no such thing. */
static bool event_split(struct ed_str query, struct ed_str *provider, uint32_t *id)
{
	size_t cut = query.len;

	while (cut && query.p[cut - 1] != '/' && query.p[cut - 1] != ' ')
		cut--;
	if (cut < 2)
		return false;
	*provider = ed_str_trim(ed_str_slice(query, 0, cut - 1));
	return provider->len && ed_number_u32(ed_str_slice(query, cut, query.len), id);
}

static void search_event(struct search *s, struct ed_str query)
{
	struct ed_str provider;
	uint32_t id;

	if (!event_split(query, &provider, &id))
		return;
	for (size_t i = 0; i < ED_COUNT(known_events); i++) {
		if (known_events[i].id == id && event_is_of(&known_events[i], provider)) {
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

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* "Restart device" and "restart_device" are meant for an id of ours. */
static struct ed_str as_id(struct ed_str query, char id[QUERY_LENGTH + 1])
{
	size_t len = query.len <= QUERY_LENGTH ? query.len : 0;

	for (size_t i = 0; i < len; i++)
		id[i] = query.p[i] == ' ' || query.p[i] == '_' ? '-' : lower(query.p[i]);
	id[len] = '\0';
	return (struct ed_str){ id, len };
}

static void search_name(struct search *s, struct ed_str query)
{
	char id[QUERY_LENGTH + 1];
	struct ed_str own = as_id(query, id);
	const struct finding_row *finding = finding_find(own);
	const struct action_row *action = action_row_find(id);

	if (finding) {
		add_finding(s, finding);
		return;
	}
	if (action) {
		add_action(s, action);
		return;
	}
	for (size_t i = 0; i < code_row_count; i++) {
		if (code_rows[i].name && ed_str_ieq(query, ed_str_from(code_rows[i].name))) {
			add_code(s, &code_rows[i]);
			return;
		}
	}
}

/* "AADSTS 53000", "AADSTS53000: Device is not ..."; false when no number follows the prefix. */
static bool aadsts_number(struct ed_str query, uint32_t *number)
{
	size_t from = strlen("AADSTS"), to;

	while (from < query.len && strchr(" :-_#", query.p[from]))
		from++;
	for (to = from; to < query.len && query.p[to] >= '0' && query.p[to] <= '9';)
		to++;
	return (to == query.len || strchr(" :;,.)", query.p[to])) &&
	       ed_number_u32(ed_str_slice(query, from, to), number);
}

static bool is_aadsts(struct ed_str query)
{
	return ed_str_istarts(query, ED_STR("AADSTS"));
}

static void search_aadsts(struct search *s, struct ed_str query)
{
	const struct aadsts_row *row;
	uint32_t number;

	row = aadsts_number(query, &number) ? aadsts_find(number) : NULL;
	if (row)
		add_aadsts(s, row);
}

static void search_all(struct search *s, struct ed_str query)
{
	if (is_aadsts(query)) {
		search_aadsts(s, query);
		return;
	}
	search_event(s, query);
	search_number(s, query);
	search_name(s, query);
}

/* What stands around a code in a sentence. */
static bool is_around(char c)
{
	return strchr(" \t()[]{}<>\"'`,.;:#=", c) != NULL;
}

static struct ed_str without_marks(struct ed_str query)
{
	while (query.len && is_around(query.p[0]))
		query = ed_str_slice(query, 1, query.len);
	while (query.len && is_around(query.p[query.len - 1]))
		query.len--;
	return query;
}

/* A word that can be nothing but a code; short numbers and words may be anything. */
static bool is_code(struct ed_str word)
{
	uint32_t value;

	return is_aadsts(word) || (ed_str_istarts(word, ED_STR("0x")) && word.len > 6) ||
	       bare_hex(word, &value) || (word.len > 4 && ed_number_u32(word, &value));
}

/* A message that was pasted as a whole: the first code in it that is known. */
static void search_words(struct search *s, struct ed_str text)
{
	size_t from = 0;

	for (size_t i = 0; i <= text.len && !s->out->count; i++) {
		struct ed_str word;

		if (i < text.len && !is_around(text.p[i]))
			continue;
		word = ed_str_slice(text, from, i);
		from = i + 1;
		if (is_code(word))
			search_all(s, word);
	}
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

	if (!id.p)
		return;
	edits = distance(n->query, id);
	/* who knows a part of it means it: "restart-pending" */
	if (asked > 3 && ed_str_ifind(id, n->query, 0) != SIZE_MAX)
		edits = 1 + (id.len - asked) / 4;
	if (edits < n->least) {
		n->least = edits;
		n->best = id;
	}
}

/* Some provider's event of this number; NULL none. */
static const struct known_event *event_of_number(uint32_t id)
{
	for (size_t i = 0; i < ED_COUNT(known_events); i++)
		if (known_events[i].id == id)
			return &known_events[i];
	return NULL;
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
		uint64_t far = code_rows[i].value ? apart(code_rows[i].value, value) : UINT64_MAX;

		if (!code_rows[i].value)
			continue; /* success is near to nothing */

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

/* "1098", "event 1098", "Event ID 1098". */
static bool any_provider(struct ed_str provider)
{
	return ed_str_ieq(provider, ED_STR("event")) || ed_str_ieq(provider, ED_STR("id")) ||
	       ed_str_ieq(provider, ED_STR("event id")) || ed_str_ieq(provider, ED_STR("eventid"));
}

static struct ed_str nearest_number(struct search *s, struct ed_str query, uint32_t value)
{
	const struct known_event *event = event_of_number(value);

	if (like_aadsts(query, value))
		return nearest_aadsts(s, value);
	if (event && !ed_str_istarts(query, ED_STR("0x")))
		return event_id(s, event);
	return nearest_code(s, value > 0xFFFF ? value : WIN32_FACILITY | value);
}

static struct ed_str nearest_id(struct search *s, struct ed_str query)
{
	struct ed_str provider;
	uint32_t value = 0;

	if (is_aadsts(query))
		return nearest_aadsts(s, aadsts_number(query, &value) ? value : 0);
	if (event_split(query, &provider, &value))
		return any_provider(provider) && event_of_number(value)
			       ? event_id(s, event_of_number(value))
			       : nearest_event(s, provider, value);
	if (ed_number_u32(query, &value))
		return nearest_number(s, query, value);
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
	struct ed_str asked = without_marks(ed_str_trim(query)), nearest;

	asked = with_plain_minus(arena, asked);
	if (!asked.len)
		return ed_fail(err, asked.p ? ED_ARG : ED_NOMEM, "nothing to explain");
	search_all(&s, asked);
	search_words(&s, asked);
	if (s.failed)
		return ed_fail(err, ED_NOMEM, "no memory to explain it");
	if (found.count) {
		*out = found;
		return ED_OK;
	}
	nearest = nearest_id(&s, asked);
	if (!nearest.p)
		return ed_fail(err, ED_NOMEM, "no memory to explain it");
	return ed_fail(err, ED_ARG, "'%.*s' is not known; the nearest that is: '%.*s'",
		       ED_FMT(for_message(query)), ED_FMT(nearest));
}

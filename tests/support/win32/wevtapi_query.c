/* SPDX-License-Identifier: MIT */
/* Parser and evaluator of the double's queries. Portable: its own tests run anywhere. */
#include "wevtapi_query.h"

#include <string.h>

#define SELECT_TEXT 4096

struct parser {
	struct ed_str rest;
	struct query_select *select;
	int terms;
	int depth;
	bool bad;
};

static void skip_blanks(struct parser *p)
{
	while (p->rest.len && strchr(" \t\r\n", p->rest.p[0]))
		p->rest = ed_str_slice(p->rest, 1, p->rest.len);
}

static bool take(struct parser *p, const char *what)
{
	struct ed_str word = ed_str_from(what);

	skip_blanks(p);
	if (!ed_str_starts(p->rest, word))
		return false;
	p->rest = ed_str_slice(p->rest, word.len, p->rest.len);
	return true;
}

static void need(struct parser *p, const char *what)
{
	if (!take(p, what))
		p->bad = true;
}

/* Text up to @end, which is taken too. */
static struct ed_str take_until(struct parser *p, const char *end)
{
	size_t at = ed_str_find(p->rest, ed_str_from(end), 0);
	struct ed_str text = { "", 0 };

	if (at == SIZE_MAX) {
		p->bad = true;
		return text;
	}
	text = ed_str_slice(p->rest, 0, at);
	p->rest = ed_str_slice(p->rest, at + strlen(end), p->rest.len);
	return text;
}

static bool copy_text(char *out, size_t cap, struct ed_str text)
{
	if (text.len >= cap)
		return false;
	memcpy(out, text.p, text.len);
	out[text.len] = 0;
	return true;
}

static int add_node(struct parser *p, struct query_node node)
{
	if (p->select->count == QUERY_NODES) {
		p->bad = true;
		return 0;
	}
	p->select->nodes[p->select->count] = node;
	return p->select->count++;
}

static int join(struct parser *p, enum query_kind kind, int left, int right)
{
	return add_node(p, (struct query_node){ .kind = kind, .left = left, .right = right });
}

static int parse_name(struct parser *p)
{
	struct query_node node = { .kind = QUERY_PROVIDER };
	struct ed_str name;

	need(p, "@Name");
	need(p, "=");
	need(p, "'");
	name = take_until(p, "'");
	p->terms++;
	if (p->bad || !copy_text(node.name, sizeof(node.name), name))
		p->bad = true;
	return add_node(p, node);
}

static int parse_provider(struct parser *p)
{
	int left;

	need(p, "[");
	left = parse_name(p);
	while (!p->bad && take(p, "or "))
		left = join(p, QUERY_OR, left, parse_name(p));
	need(p, "]");
	return left;
}

static int parse_comparison(struct parser *p, enum query_kind kind)
{
	static const struct {
		const char *text;
		enum query_operator op;
	} operators[] = { { "<=", QUERY_LE }, { ">=", QUERY_GE }, { "!=", QUERY_NE },
			  { "=", QUERY_EQ },  { "<", QUERY_LT },  { ">", QUERY_GT } };
	struct query_node node = { .kind = kind };
	size_t i = 0, digits = 0;

	while (i < ED_COUNT(operators) && !take(p, operators[i].text))
		i++;
	skip_blanks(p);
	while (digits < p->rest.len && p->rest.p[digits] >= '0' && p->rest.p[digits] <= '9')
		digits++;
	if (i == ED_COUNT(operators) || !digits ||
	    !ed_number_parse(ed_str_slice(p->rest, 0, digits), &node.number)) {
		p->bad = true;
		return 0;
	}
	node.op = operators[i].op;
	p->rest = ed_str_slice(p->rest, digits, p->rest.len);
	p->terms++;
	return add_node(p, node);
}

static int parse_or(struct parser *p);

static int parse_primary(struct parser *p)
{
	int node;

	if (take(p, "(")) {
		if (++p->depth > 16)
			p->bad = true;
		node = p->bad ? 0 : parse_or(p);
		p->depth--;
		need(p, ")");
		return node;
	}
	if (take(p, "Provider"))
		return parse_provider(p);
	if (take(p, "EventID"))
		return parse_comparison(p, QUERY_ID);
	if (take(p, "EventRecordID"))
		return parse_comparison(p, QUERY_RECORD);
	if (take(p, "Level"))
		return parse_comparison(p, QUERY_LEVEL);
	p->bad = true;
	return 0;
}

static int parse_and(struct parser *p)
{
	int left = parse_primary(p);

	while (!p->bad && take(p, "and "))
		left = join(p, QUERY_AND, left, parse_primary(p));
	return left;
}

static int parse_or(struct parser *p)
{
	int left = parse_and(p);

	while (!p->bad && take(p, "or "))
		left = join(p, QUERY_OR, left, parse_and(p));
	return left;
}

static bool parse_xpath(struct query_select *select, struct ed_str text)
{
	struct parser p = { .rest = text, .select = select };

	select->count = 0;
	select->root = -1;
	need(&p, "*");
	if (take(&p, "[")) {
		need(&p, "System");
		need(&p, "[");
		select->root = parse_or(&p);
		need(&p, "]");
		need(&p, "]");
	}
	skip_blanks(&p);
	return !p.bad && !p.rest.len && p.terms <= QUERY_TERMS;
}

/* The five entities of XML; false for a stray one or for markup. */
static bool unescape(struct ed_str text, char *out, size_t cap, struct ed_str *result)
{
	static const struct {
		const char *entity;
		char c;
	} entities[] = { { "&lt;", '<' },
			 { "&gt;", '>' },
			 { "&amp;", '&' },
			 { "&apos;", '\'' },
			 { "&quot;", '"' } };
	size_t n = 0;

	while (text.len) {
		size_t used = 1, i = 0;
		char c = text.p[0];

		if (c == '<' || n == cap)
			return false;
		if (c == '&') {
			while (i < ED_COUNT(entities) &&
			       !ed_str_starts(text, ed_str_from(entities[i].entity)))
				i++;
			if (i == ED_COUNT(entities))
				return false;
			used = strlen(entities[i].entity);
			c = entities[i].c;
		}
		out[n++] = c;
		text = ed_str_slice(text, used, text.len);
	}
	*result = (struct ed_str){ out, n };
	return true;
}

static bool parse_path(struct parser *p, struct query *query)
{
	char text[QUERY_TEXT];
	struct ed_str path;

	need(p, "Path=\"");
	if (!unescape(take_until(p, "\""), text, sizeof(text), &path) || p->bad)
		return false;
	if (query->channel[0])
		return ed_str_ieq(ed_str_from(query->channel), path);
	return path.len && copy_text(query->channel, sizeof(query->channel), path);
}

bool query_parse(struct query *query, struct ed_str text)
{
	struct parser p = { .rest = text };
	char xpath[SELECT_TEXT];
	struct ed_str plain;

	query->channel[0] = 0;
	query->select_count = 0;
	need(&p, "<QueryList>");
	need(&p, "<Query ");
	if (take(&p, "Id=\""))
		take_until(&p, "\"");
	if (!parse_path(&p, query))
		return false;
	need(&p, ">");
	while (!p.bad && take(&p, "<Select ")) {
		if (query->select_count == QUERY_SELECTS || !parse_path(&p, query))
			return false;
		need(&p, ">");
		if (!unescape(take_until(&p, "</Select>"), xpath, sizeof(xpath), &plain) ||
		    !parse_xpath(&query->selects[query->select_count++], plain))
			return false;
	}
	need(&p, "</Query>");
	need(&p, "</QueryList>");
	skip_blanks(&p);
	return !p.bad && !p.rest.len && query->select_count;
}

static bool compare(uint64_t value, const struct query_node *node)
{
	switch (node->op) {
	case QUERY_EQ:
		return value == node->number;
	case QUERY_NE:
		return value != node->number;
	case QUERY_LT:
		return value < node->number;
	case QUERY_LE:
		return value <= node->number;
	case QUERY_GT:
		return value > node->number;
	case QUERY_GE:
		return value >= node->number;
	}
	return false;
}

static bool node_matches(const struct query_select *select, int i, const struct query_event *event)
{
	const struct query_node *node = &select->nodes[i];

	switch (node->kind) {
	case QUERY_AND:
		return node_matches(select, node->left, event) &&
		       node_matches(select, node->right, event);
	case QUERY_OR:
		return node_matches(select, node->left, event) ||
		       node_matches(select, node->right, event);
	case QUERY_ID:
		return compare(event->id, node);
	case QUERY_RECORD:
		return compare(event->record, node);
	case QUERY_LEVEL:
		return compare(event->level, node);
	case QUERY_PROVIDER:
		return ed_str_eq(event->provider, ed_str_from(node->name));
	}
	return false;
}

bool query_matches(const struct query *query, const struct query_event *event)
{
	for (int i = 0; i < query->select_count; i++)
		if (query->selects[i].root < 0 ||
		    node_matches(&query->selects[i], query->selects[i].root, event))
			return true;
	return false;
}

/* The content of the first element @tag ("<EventID"); its number, 0 when it has none. */
static uint64_t number_of(struct ed_str system, const char *tag)
{
	size_t from = ed_str_find(system, ed_str_from(tag), 0);
	uint64_t number = 0;
	size_t to;

	if (from == SIZE_MAX)
		return 0;
	from = ed_str_find(system, ED_STR(">"), from);
	to = from == SIZE_MAX ? from : ed_str_find(system, ED_STR("<"), from);
	if (to != SIZE_MAX)
		ed_number_parse(ed_str_slice(system, from + 1, to), &number);
	return number;
}

bool query_event_read(struct ed_str line, struct query_event *event)
{
	size_t end = ed_str_find(line, ED_STR("</System>"), 0);
	struct ed_str system = ed_str_slice(line, 0, end);
	size_t name;

	if (!ed_str_starts(line, ED_STR("<Event")) || ed_str_starts(line, ED_STR("<Events")) ||
	    end == SIZE_MAX)
		return false;
	*event = (struct query_event){
		.provider = { "", 0 },
		.id = number_of(system, "<EventID"),
		.record = number_of(system, "<EventRecordID"),
		.level = number_of(system, "<Level"),
	};
	name = ed_str_find(system, ED_STR("<Provider"), 0);
	name = name == SIZE_MAX ? name : ed_str_find(system, ED_STR(" Name="), name);
	if (name != SIZE_MAX && name + 7 < system.len) {
		struct ed_str quote = ed_str_slice(system, name + 6, name + 7);
		size_t to = ed_str_find(system, quote, name + 7);

		if (to != SIZE_MAX)
			event->provider = ed_str_slice(system, name + 7, to);
	}
	return true;
}

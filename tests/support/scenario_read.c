/* SPDX-License-Identifier: MIT */
/* Lines of a case: words, variants, expectations. */
#include "scenario.h"

void *scenario_grow(struct ed_arena *arena, void *items_pointer, size_t *count, size_t *cap,
		    size_t size)
{
	unsigned char *items;

	memcpy(&items, items_pointer, sizeof(items));
	if (*count == *cap) {
		size_t more = *cap ? *cap * 2 : 64;
		unsigned char *p = ed_arena_calloc(arena, more, size);

		if (!p)
			return NULL;
		if (*count)
			memcpy(p, items, *count * size);
		memcpy(items_pointer, &p, sizeof(p));
		items = p;
		*cap = more;
	}
	return items + size * (*count)++;
}

/* A quoted word loses its quotes; \r, \n, \t, \" and \\ stand for themselves. */
static void put_escape(struct ed_buf *out, char c)
{
	static const char from[] = "rnt";
	static const char to[] = "\r\n\t";
	const char *p = c ? strchr(from, c) : NULL;

	ed_buf_addc(out, p ? to[p - from] : c);
}

/* One word off the front of @rest into @out; quotes may begin anywhere in it: Name="a b". */
static bool next_word(struct ed_str *rest, struct ed_buf *out)
{
	bool quoted = false;
	size_t i = 0;

	*rest = ed_str_trim(*rest);
	ed_buf_clear(out);
	if (!rest->len || rest->p[0] == '#')
		return false;
	for (; i < rest->len; i++) {
		char c = rest->p[i];

		if (c == '"')
			quoted = !quoted;
		else if (quoted && c == '\\' && i + 1 < rest->len)
			put_escape(out, rest->p[++i]);
		else if (!quoted && (c == ' ' || c == '\t'))
			break;
		else
			ed_buf_addc(out, c);
	}
	*rest = ed_str_slice(*rest, i, rest->len);
	return true;
}

static ed_status split_words(struct scenario *s, struct scenario_line *line, struct ed_error *err)
{
	struct ed_str rest = line->text;
	struct ed_buf word;
	ed_status status = ED_OK;

	ed_buf_init(&word, ED_TICKS_PER_SECOND);
	while (next_word(&rest, &word)) {
		struct ed_str copy = ed_arena_str(s->arena, ed_buf_str(&word));

		if (!copy.p || line->token_count == SCENARIO_TOKENS) {
			status = ed_fail(err, copy.p ? ED_LIMIT : ED_NOMEM, "line %u: too long",
					 line->number);
			break;
		}
		line->token[line->token_count++] = copy;
	}
	ed_buf_release(&word);
	return status;
}

static bool word_is(const struct scenario_line *line, size_t i, const char *word)
{
	return i < line->token_count && ed_str_eq(line->token[i], ed_str_from(word));
}

static struct ed_str replaced(struct scenario *s, struct ed_str text, struct ed_str from,
			      struct ed_str to, bool *done)
{
	struct ed_buf out;
	struct ed_str result;
	size_t at = 0, hit;

	hit = ed_str_find(text, from, 0);
	if (!from.len || hit == SIZE_MAX)
		return text;
	ed_buf_init(&out, ED_TICKS_PER_SECOND);
	for (; hit != SIZE_MAX; hit = ed_str_find(text, from, at)) {
		ed_buf_adds(&out, ed_str_slice(text, at, hit));
		ed_buf_adds(&out, to);
		at = hit + from.len;
	}
	ed_buf_adds(&out, ed_str_slice(text, at, text.len));
	result = ed_arena_str(s->arena, ed_buf_str(&out));
	ed_buf_release(&out);
	*done = true;
	return result.p ? result : text;
}

/* Lines that are for whoever runs the case: the findings it is for among them. */
static bool is_expectation(const struct scenario_line *line)
{
	return word_is(line, 0, "expect") || word_is(line, 0, "hits") ||
	       word_is(line, 0, "misses") || word_is(line, 0, "shows");
}

/* Changes the text of the lines before @before; every replacement must find something. */
static ed_status replace_all(struct scenario *s, size_t before, struct ed_str from,
			     struct ed_str to, unsigned number, struct ed_error *err)
{
	bool done = false;

	for (size_t i = 0; i < before; i++) {
		if (!is_expectation(&s->lines[i]))
			s->lines[i].text = replaced(s, s->lines[i].text, from, to, &done);
	}
	if (!done)
		return ed_fail(err, ED_FORMAT, "line %u: nothing to replace", number);
	return ED_OK;
}

static ed_status drop_all(struct scenario *s, size_t before, struct ed_str prefix, unsigned number,
			  struct ed_error *err)
{
	bool done = false;

	for (size_t i = 0; i < before; i++) {
		if (ed_str_starts(ed_str_trim(s->lines[i].text), prefix)) {
			s->lines[i].text = ED_STR("");
			done = true;
		}
	}
	if (!done)
		return ed_fail(err, ED_FORMAT, "line %u: nothing to drop", number);
	return ED_OK;
}

/* Lines that change other lines are carried out; true when @line was one. */
static ed_status apply_change(struct scenario *s, const struct scenario_line *line, size_t before,
			      bool *was_change, struct ed_error *err)
{
	*was_change = true;
	if (word_is(line, 0, "replace") && word_is(line, 2, "with") && line->token_count == 4)
		return replace_all(s, before, line->token[1], line->token[3], line->number, err);
	if (word_is(line, 0, "drop") && line->token_count == 2)
		return drop_all(s, before, line->token[1], line->number, err);
	*was_change = false;
	return ED_OK;
}

/* A line that begins a block: "variant NAME:". */
static bool begins_variant(const struct scenario_line *line, struct ed_str *name)
{
	if (!word_is(line, 0, "variant") || line->token_count != 2)
		return false;
	*name = line->token[1];
	if (ed_str_ends(*name, ED_STR(":")))
		name->len--;
	return true;
}

/* A variant says itself what it expects: nothing of the case's own verdict is taken over. */
static void forget_expectations(struct scenario *s)
{
	for (size_t i = 0; i < s->line_count; i++) {
		if (is_expectation(&s->lines[i]))
			s->lines[i].text = ED_STR("");
	}
}

static ed_status read_lines(struct scenario *s, struct ed_str text, const char *variant,
			    struct ed_error *err)
{
	struct ed_str wanted = ed_str_from(variant);
	struct ed_str line_text, name;
	bool in_block = false, skip = false, found = !variant;
	size_t base = 0;
	unsigned number = 0;

	while (ed_str_line(&text, &line_text)) {
		struct scenario_line line = { .number = ++number, .text = line_text };
		struct scenario_line *kept;
		bool was_change = false;

		ED_TRY(split_words(s, &line, err));
		if (begins_variant(&line, &name)) {
			struct ed_str *v = scenario_grow(s->arena, &s->variants, &s->variant_count,
							 &s->variant_cap, sizeof(*v));

			if (!v)
				return ed_fail(err, ED_NOMEM, "too many lines");
			*v = name;
			base = in_block ? base : s->line_count;
			in_block = true;
			skip = !variant || !ed_str_eq(name, wanted);
			if (!skip)
				forget_expectations(s);
			found |= !skip;
			continue;
		}
		if (!line.token_count || skip)
			continue;
		if (in_block)
			ED_TRY(apply_change(s, &line, base, &was_change, err));
		if (was_change)
			continue;
		kept = scenario_grow(s->arena, &s->lines, &s->line_count, &s->line_cap,
				     sizeof(*kept));
		if (!kept)
			return ed_fail(err, ED_NOMEM, "too many lines");
		*kept = line;
	}
	return found ? ED_OK : ed_fail(err, ED_ARG, "no variant '%s'", variant);
}

/* "expect KEY VALUE…"; "hits FINDING…", "misses …" and "shows …" are keys by themselves. */
static ed_status read_expectation(struct scenario *s, const struct scenario_line *line,
				  struct ed_error *err)
{
	size_t key = word_is(line, 0, "expect") ? 1 : 0;
	struct scenario_expectation *e;

	if (line->token_count < key + 2)
		return ed_fail(err, ED_FORMAT, "line %u: expect KEY VALUE", line->number);
	e = scenario_grow(s->arena, &s->expectations, &s->expectation_count, &s->expectation_cap,
			  sizeof(*e));
	if (!e)
		return ed_fail(err, ED_NOMEM, "too many expectations");
	e->key = line->token[key];
	e->value_count = line->token_count - key - 1;
	memcpy(e->value, line->token + key + 1, e->value_count * sizeof(e->value[0]));
	return ED_OK;
}

/* The rest of the line behind its first word. */
static struct ed_str rest_of(const struct scenario_line *line)
{
	struct ed_str text = ed_str_trim(line->text);

	return ed_str_trim(ed_str_slice(text, line->token[0].len, text.len));
}

/* "story" may go on over several lines. */
static ed_status add_story(struct scenario *s, struct ed_str more, struct ed_error *err)
{
	struct ed_str joined = ed_arena_printf(s->arena, "%.*s%s%.*s", ED_FMT(s->story),
					       s->story.len ? " " : "", ED_FMT(more));

	if (!joined.p)
		return ed_fail(err, ED_NOMEM, "too much text");
	s->story = joined;
	return ED_OK;
}

ed_status scenario_read(struct scenario *s, struct ed_arena *arena, struct ed_str text,
			const struct scenario_options *options, struct ed_error *err)
{
	size_t kept = 0;

	*s = (struct scenario){ .arena = arena, .at = ED_TIME_NONE };
	ED_TRY(read_lines(s, text, options->variant, err));
	if (options->replace_from)
		ED_TRY(replace_all(s, s->line_count, ed_str_from(options->replace_from),
				   ed_str_from(options->replace_to), 0, err));
	for (size_t i = 0; i < s->line_count; i++) {
		struct scenario_line *line = &s->lines[i];

		line->token_count = 0;
		ED_TRY(split_words(s, line, err));
		if (!line->token_count)
			continue;
		if (is_expectation(line))
			ED_TRY(read_expectation(s, line, err));
		else if (word_is(line, 0, "title"))
			s->title = rest_of(line);
		else if (word_is(line, 0, "story"))
			ED_TRY(add_story(s, rest_of(line), err));
		else
			s->lines[kept++] = *line;
	}
	s->line_count = kept;
	return ED_OK;
}

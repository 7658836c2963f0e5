/* SPDX-License-Identifier: MIT */
/*
 * Names and strings of the dump that mdmdiagnosticstool writes: nothing is escaped, so a string
 * ends at the last quote of its line, and JSON inside one is full of quotes of its own.
 */
#include "reg_priv.h"

#include "espdiag/base/limits.h"

/* Something that a value can be behind its '='. */
static bool is_data(struct ed_str s)
{
	s = reg_skip_blanks(s);
	return s.len && (s.p[0] == '"' || ed_str_istarts(s, ED_STR("dword:")) ||
			 ed_str_istarts(s, ED_STR("qword:")) || ed_str_istarts(s, ED_STR("hex")));
}

/* Offset of the quote that ends the name: the first before a '=' with data behind it. */
static size_t name_end(struct ed_str line)
{
	size_t first = ed_str_find(line, ED_STR("\"="), 1);

	for (size_t i = first; i != SIZE_MAX; i = ed_str_find(line, ED_STR("\"="), i + 1))
		if (is_data(ed_str_slice(line, i + 2, line.len)))
			return i;
	return first;
}

static bool dump_name(struct reg_walk *w, struct ed_str line, struct ed_str *rest)
{
	size_t end = name_end(line);

	if (end == SIZE_MAX)
		return false;
	ed_buf_adds(&w->name, ed_str_slice(line, 1, end));
	*rest = ed_str_slice(line, end + 1, line.len);
	return true;
}

/* A line that begins a key or a value, as no line inside a string is expected to. */
static bool begins_entry(struct ed_str line)
{
	line = reg_skip_blanks(line);
	if (reg_is_key_line(line))
		return true;
	if (line.len && line.p[0] == '@')
		return ed_str_starts(reg_skip_blanks(ed_str_slice(line, 1, line.len)), ED_STR("="));
	return line.len && line.p[0] == '"' && name_end(line) != SIZE_MAX;
}

/* Without the blanks at the end, @line ends in a quote; @text is what stands before that. */
static bool ends_string(struct ed_str line, struct ed_str *text)
{
	while (line.len && (line.p[line.len - 1] == ' ' || line.p[line.len - 1] == '\t'))
		line.len--;
	if (!line.len || line.p[line.len - 1] != '"')
		return false;
	*text = ed_str_slice(line, 0, line.len - 1);
	return true;
}

/* Every quote inside has its backslash: an export that lost its header, escaped as such are. */
static bool is_escaped(struct ed_str text)
{
	bool any = false;

	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] != '"')
			continue;
		if (!i || text.p[i - 1] != '\\')
			return false;
		any = true;
	}
	return any;
}

static void add_unescaped(struct ed_buf *out, struct ed_str text)
{
	size_t from = 0;

	for (size_t i = 0; i + 1 < text.len; i++) {
		if (text.p[i] != '\\' || (text.p[i + 1] != '\\' && text.p[i + 1] != '"'))
			continue;
		ed_buf_adds(out, ed_str_slice(text, from, i));
		from = ++i;
	}
	ed_buf_adds(out, ed_str_slice(text, from, text.len));
}

/*
 * A string over several lines ends at the last line before the next entry that ends in a quote:
 * lines of JSON in between may end in one as well.
 */
static const char *dump_string(struct reg_walk *w, struct ed_str line)
{
	struct ed_str first = ed_str_slice(line, 1, line.len);
	struct ed_str rest = w->rest, piece, text;
	size_t number = w->line, end_line = 0;

	if (ends_string(first, &text)) {
		if (is_escaped(text))
			add_unescaped(&w->value, text);
		else
			ed_buf_adds(&w->value, text);
		return NULL;
	}
	while (reg_peek_line(w, &piece) && !begins_entry(piece)) {
		reg_take_line(w, &piece);
		if ((size_t)(piece.p - first.p) >= ED_LIMIT_LINE)
			break;
		if (ends_string(piece, &text))
			end_line = w->line;
	}
	w->rest = rest;
	w->line = number;
	if (!end_line) {
		w->cut = w->cut || !reg_peek_line(w, &piece);
		return "string without its end";
	}
	ed_buf_adds(&w->value, first);
	while (w->line < end_line && reg_take_line(w, &piece)) {
		ed_buf_addc(&w->value, '\n');
		if (w->line == end_line)
			ends_string(piece, &piece);
		ed_buf_adds(&w->value, piece);
	}
	return NULL;
}

const struct reg_dialect reg_dialect_dump = { .name = dump_name, .string = dump_string };

/* SPDX-License-Identifier: MIT */
/* Names and strings of .reg files: a backslash keeps a quote or a backslash from ending them. */
#include "reg_priv.h"

#include "espdiag/base/limits.h"

/*
 * Appends the text up to the quote that ends it; returns the offset behind that quote, or SIZE_MAX
 * when @s has none.
 */
static size_t unescape(struct ed_buf *out, struct ed_str s)
{
	size_t from = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '"') {
			ed_buf_adds(out, ed_str_slice(s, from, i));
			return i + 1;
		}
		if (s.p[i] != '\\' || i + 1 == s.len || (s.p[i + 1] != '\\' && s.p[i + 1] != '"'))
			continue;
		ed_buf_adds(out, ed_str_slice(s, from, i));
		from = ++i;
	}
	ed_buf_adds(out, ed_str_slice(s, from, s.len));
	return SIZE_MAX;
}

static bool file_name(struct reg_walk *w, struct ed_str line, struct ed_str *rest)
{
	size_t end = unescape(&w->name, ed_str_slice(line, 1, line.len));

	if (end == SIZE_MAX)
		return false;
	*rest = ed_str_slice(line, end + 1, line.len);
	return true;
}

/* regedit writes a line break inside a string as it is, so a string goes on until its quote. */
static const char *file_string(struct reg_walk *w, struct ed_str line)
{
	struct ed_str piece = ed_str_slice(line, 1, line.len);
	struct ed_str rest = w->rest;
	size_t number = w->line;
	const char *why = NULL;

	for (;;) {
		size_t end = unescape(&w->value, piece);

		if (end != SIZE_MAX) {
			if (reg_is_blank(ed_str_slice(piece, end, piece.len)))
				return NULL;
			why = "text behind the end of a string";
			break;
		}
		if (w->value.len > ED_LIMIT_LINE || w->value.status != ED_OK) {
			why = "value too long";
			break;
		}
		if (!reg_take_line(w, &piece)) {
			w->cut = true;
			why = "string without its end";
			break;
		}
		if (reg_is_key_line(piece)) {
			why = "string without its end";
			break;
		}
		ed_buf_addc(&w->value, '\n');
	}
	/* Only the line it begins on is given up; those behind it may be values of their own. */
	w->rest = rest;
	w->line = number;
	return why;
}

const struct reg_dialect reg_dialect_file = { .name = file_name, .string = file_string };

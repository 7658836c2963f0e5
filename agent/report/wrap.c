/* SPDX-License-Identifier: MIT */
/* Wrapping and cleaning of console text. */
#include "wrap_priv.h"

#include <assert.h>

/* What people type with other characters; the rest outside of ASCII becomes one '?' each. */
static const struct {
	const char *utf8, *ascii;
} substitutes[] = {
	{ "\xC2\xA0", " " },      { "\xC2\xAD", "" },        { "\xE2\x80\x90", "-" },
	{ "\xE2\x80\x91", "-" },  { "\xE2\x80\x93", "-" },   { "\xE2\x80\x94", "-" },
	{ "\xE2\x80\x98", "'" },  { "\xE2\x80\x99", "'" },   { "\xE2\x80\x9C", "\"" },
	{ "\xE2\x80\x9D", "\"" }, { "\xE2\x80\xA6", "..." },
};

/* Takes one character off @rest and gives what stands for it, at most 3 columns, NUL-terminated. */
static void char_take(struct ed_str *rest, char out[4])
{
	unsigned char c = (unsigned char)rest->p[0];
	size_t n = 1;

	for (size_t i = 0; c >= 0x80 && i < ED_COUNT(substitutes); i++) {
		struct ed_str from = ed_str_from(substitutes[i].utf8);

		if (ed_str_starts(*rest, from)) {
			snprintf(out, 4, "%s", substitutes[i].ascii);
			*rest = ed_str_slice(*rest, from.len, rest->len);
			return;
		}
	}
	if (c >= 0xC0) {
		while (n < rest->len && n < 4 && ((unsigned char)rest->p[n] & 0xC0) == 0x80)
			n++;
	}
	out[0] = c >= 0x20 && c < 0x7F ? (char)c : c == '\t' || c == '\n' || c == '\r' ? ' ' : '?';
	out[1] = '\0';
	*rest = ed_str_slice(*rest, n, rest->len);
}

void wrap_begin(struct wrap *w, struct ed_buf *out, size_t start, size_t indent, size_t lines_max)
{
	assert(start <= WRAP_START_MAX && indent <= WRAP_START_MAX && lines_max > 0);
	w->out = out;
	w->start = start;
	w->indent = indent;
	w->lines_max = lines_max;
	w->lines = 0;
	w->len = 0;
	w->word_len = 0;
	w->cut = false;
	w->glue = false;
}

static void line_flush(struct wrap *w)
{
	ed_buf_add(w->out, w->line, w->len);
	ed_buf_addc(w->out, '\n');
	w->len = 0;
	w->lines++;
}

/* The last line is full and there is more: the word goes on it as far as it fits, then "...". */
static void line_cut(struct wrap *w)
{
	size_t room = WRAP_COLUMNS - w->start - 3;

	if (w->len && w->len < room && !w->glue)
		w->line[w->len++] = ' ';
	for (size_t i = 0; i < w->word_len && w->len < room; i++)
		w->line[w->len++] = w->word[i];
	if (w->len > room)
		w->len = room;
	while (w->len && w->line[w->len - 1] == ' ')
		w->len--;
	memcpy(w->line + w->len, "...", 3);
	w->len += 3;
	w->cut = true;
}

/* Puts the finished word on this line or the next. */
static void word_flush(struct wrap *w)
{
	size_t space = w->len && !w->glue ? 1 : 0;

	if (!w->word_len || w->cut)
		return;
	if (w->len + space + w->word_len > WRAP_COLUMNS - w->start) {
		if (w->lines + 1 >= w->lines_max) {
			line_cut(w);
			return;
		}
		line_flush(w);
		ed_buf_printf(w->out, "%*s", (int)w->indent, "");
		w->start = w->indent;
		space = 0;
	}
	if (space)
		w->line[w->len++] = ' ';
	memcpy(w->line + w->len, w->word, w->word_len);
	w->len += w->word_len;
	w->word_len = 0;
	w->glue = false;
}

void wrap_add(struct wrap *w, struct ed_str text)
{
	size_t longest = WRAP_COLUMNS - (w->start > w->indent ? w->start : w->indent);
	char c[4];

	while (text.len && !w->cut) {
		char_take(&text, c);
		for (size_t i = 0; c[i]; i++) {
			if (c[i] == ' ' || w->word_len == longest) {
				word_flush(w);
				w->glue = c[i] != ' ';
			}
			if (c[i] != ' ' && !w->cut)
				w->word[w->word_len++] = c[i];
		}
	}
}

void wrap_addz(struct wrap *w, const char *text)
{
	wrap_add(w, ed_str_from(text));
}

void wrap_add_number(struct wrap *w, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)value);
	wrap_addz(w, text);
}

void wrap_add_count(struct wrap *w, int64_t count, const char *one, const char *many)
{
	wrap_add_number(w, count);
	wrap_addz(w, " ");
	wrap_addz(w, count == 1 ? one : many);
}

void wrap_end(struct wrap *w)
{
	word_flush(w);
	line_flush(w);
}

/* SPDX-License-Identifier: MIT */
/*
 * Text that a policy sets: a Wi-Fi key or a password may be all of it, so nothing is taken on
 * trust. What stays are numbers, words that switch something, and the form that administrative
 * templates give a setting, <enabled/><data id="X" value="1"/>, of which each value is judged
 * alone.
 */
#include "redact_priv.h"

#define POLICY_NUMBER_MOST 7 /* digits: the shortest Wi-Fi key has eight */
#define POLICY_ID_MOST 128

#define POLICY_WORD(word) word,
static const char *const policy_words[] = {
#include "words.def"
};
#undef POLICY_WORD

static bool is_small_number(struct ed_str v)
{
	size_t from = v.len && v.p[0] == '-' ? 1 : 0;

	if (v.len == from || v.len - from > POLICY_NUMBER_MOST)
		return false;
	for (size_t i = from; i < v.len; i++)
		if (!byte_is_digit(v.p[i]))
			return false;
	return true;
}

static bool is_harmless(struct ed_str value)
{
	struct ed_str v = ed_str_trim(value);

	return !v.len || is_small_number(v) || is_listed(v, policy_words, ED_COUNT(policy_words));
}

/* Behind @text at @i, blanks before it passed over; 0 when something else is there. */
static size_t past(struct ed_str t, size_t i, const char *text)
{
	struct ed_str want = ed_str_from(text);

	while (i < t.len && byte_is_space(t.p[i]))
		i++;
	return ed_str_istarts(ed_str_slice(t, i, t.len), want) ? i + want.len : 0;
}

/* The end of an id, which a template gives and no administrator. */
static size_t id_end(struct ed_str t, size_t i)
{
	size_t end = i;

	while (end < t.len && end - i < POLICY_ID_MOST &&
	       (byte_is_word(t.p[end]) || t.p[end] == '_' || t.p[end] == '.' || t.p[end] == '-'))
		end++;
	return end;
}

/* @i behind "<data": its value's place, and the end of the element; 0 when it has another form. */
static size_t take_data(struct ed_str t, size_t i, size_t *from, size_t *to)
{
	i = past(t, i, "id=\"");
	i = i ? past(t, id_end(t, i), "\"") : 0;
	i = i ? past(t, i, "value=\"") : 0;
	if (!i)
		return 0;
	*from = *to = i;
	while (*to < t.len && t.p[*to] != '"' && t.p[*to] != '<')
		++*to;
	i = past(t, *to, "\"");
	return i ? past(t, i, "/>") : 0;
}

/* Found elsewhere too, unless it is a number: those are ids and codes as well. */
static void put_secret(struct ed_redactor *r, struct ed_str value, bool learn, struct ed_buf *out)
{
	uint64_t number;

	if (!learn) {
		ed_buf_addz(out, REDACT_SECRET_TEXT);
		r->counts[ED_REDACT_SECRET]++;
	} else if (!ed_number_parse(ed_str_trim(value), &number)) {
		redactor_note(r, ED_REDACT_SECRET, value);
	}
}

/* The setting's elements one by one; false: it is something else, and @out is of no use. */
static bool put_setting(struct ed_redactor *r, struct ed_str t, bool learn, struct ed_buf *out)
{
	size_t i = 0, done = 0, end, from, to;

	while (i < t.len && ed_str_trim(ed_str_slice(t, i, t.len)).len) {
		end = past(t, i, "<enabled/>");
		end = end ? end : past(t, i, "<disabled/>");
		if (!end) {
			end = past(t, i, "<data");
			end = end ? take_data(t, end, &from, &to) : 0;
			if (!end)
				return false;
			if (!is_harmless(ed_str_slice(t, from, to))) {
				ed_buf_adds(out, ed_str_slice(t, done, from));
				put_secret(r, ed_str_slice(t, from, to), learn, out);
				done = to;
			}
		}
		i = end;
	}
	ed_buf_adds(out, ed_str_slice(t, done, t.len));
	return i > 0;
}

size_t redact_policy(struct ed_redactor *r, struct ed_str value, unsigned flags, struct ed_buf *out)
{
	uint64_t before = r->counts[ED_REDACT_SECRET];
	bool learn = flags & SCAN_LEARN;
	size_t len = out->len;

	if (is_harmless(value)) {
		ed_buf_adds(out, value);
	} else if (!put_setting(r, value, learn, out)) {
		if (out->len > len)
			out->len = len;
		r->counts[ED_REDACT_SECRET] = before;
		put_secret(r, value, learn, out);
	}
	if (learn && out->len > len)
		out->len = len;
	return (size_t)(r->counts[ED_REDACT_SECRET] - before);
}

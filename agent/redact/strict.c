/* SPDX-License-Identifier: MIT */
/*
 * STRICT: free text loses its words. Codes, numbers, ids, names without blanks and the words of
 * strict.def stay, so that a verdict can still be had of it.
 */
#include "redact_priv.h"

#define KEEP_WORD(word) word,
static const char *const kept_words[] = {
#include "strict.def"
};
#undef KEEP_WORD

static bool is_kept_word(struct ed_str word)
{
	return is_listed(word, kept_words, ED_COUNT(kept_words));
}

/* Without punctuation at both ends. */
static struct ed_str core_of(struct ed_str s)
{
	while (s.len && !byte_is_word(s.p[0]) && (unsigned char)s.p[0] < 0x80)
		s = ed_str_slice(s, 1, s.len);
	while (s.len && !byte_is_word(s.p[s.len - 1]) && (unsigned char)s.p[s.len - 1] < 0x80)
		s = ed_str_slice(s, 0, s.len - 1);
	return s;
}

static bool is_code(struct ed_str s)
{
	size_t digits = 0;

	if (ed_str_istarts(s, ED_STR("AADSTS")))
		s = ed_str_slice(s, 6, s.len);
	else if (ed_str_istarts(s, ED_STR("0x")))
		s = ed_str_slice(s, 2, s.len);
	for (size_t i = 0; i < s.len; i++) {
		digits += byte_is_digit(s.p[i]);
		if (!byte_is_hex(s.p[i]) && !strchr("-:.,/TZ+{}", s.p[i]))
			return false;
	}
	return digits > 0;
}

static bool is_kept(struct ed_redactor *r, struct ed_str token)
{
	struct ed_str core = core_of(token);

	if (!core.len || is_code(core) || is_kept_word(core) || redactor_issued(r, core) ||
	    ed_str_eq(token, ED_STR(REDACT_TEXT_TEXT)) ||
	    ed_str_eq(token, ED_STR(REDACT_SECRET_TEXT)))
		return true;
	/* components of logs, programs */
	return (token.p[0] == '[' && token.p[token.len - 1] == ']' && token.len < 64) ||
	       ed_str_iends(core, ED_STR(".exe")) || ed_str_ifind(core, ED_STR("AADSTS"), 0) == 0;
}

static bool has_blank(struct ed_str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (byte_is_space(text.p[i]))
			return true;
	return false;
}

/* Words between blanks: what is not kept becomes one [text] a run. */
static size_t strict_words(struct ed_redactor *r, struct ed_str text, struct ed_buf *out)
{
	size_t done = 0, i = 0;
	bool dropped = false;

	if (!has_blank(text)) {
		ed_buf_adds(out, text);
		return 0;
	}
	while (i < text.len) {
		size_t blank = i, end;

		while (blank < text.len && byte_is_space(text.p[blank]))
			blank++;
		for (end = blank; end < text.len && !byte_is_space(text.p[end]); end++)
			;
		if (end == blank || is_kept(r, ed_str_slice(text, blank, end))) {
			ed_buf_adds(out, ed_str_slice(text, i, end));
			dropped = false;
		} else if (!dropped || memchr(text.p + i, '\n', blank - i)) {
			ed_buf_adds(out, ed_str_slice(text, i, blank));
			ed_buf_addz(out, REDACT_TEXT_TEXT);
			dropped = true;
			done++;
			r->counts[ED_REDACT_TEXT]++;
		}
		i = end;
	}
	return done;
}

/* JSON keeps its shape: each of its strings is a text of its own. */
static size_t strict_strings(struct ed_redactor *r, struct ed_str text, struct ed_buf *out)
{
	size_t done = 0, at = 0;

	while (at < text.len) {
		size_t open = ed_str_find(text, ED_STR("\""), at), end;

		if (open == SIZE_MAX)
			break;
		ed_buf_adds(out, ed_str_slice(text, at, open + 1));
		for (end = open + 1; end < text.len && text.p[end] != '"'; end++)
			end += text.p[end] == '\\';
		end = end < text.len ? end : text.len;
		done += strict_words(r, ed_str_slice(text, open + 1, end), out);
		if (end < text.len)
			ed_buf_addc(out, '"');
		at = end + 1;
	}
	if (at < text.len)
		done += strict_words(r, ed_str_slice(text, at, text.len), out);
	return done;
}

size_t strict_text(struct ed_redactor *r, struct ed_str text, struct ed_buf *out)
{
	struct ed_str trimmed = ed_str_trim(text);

	if (trimmed.len && (trimmed.p[0] == '{' || trimmed.p[0] == '[') &&
	    ed_str_find(text, ED_STR("\":"), 0) != SIZE_MAX)
		return strict_strings(r, text, out);
	return strict_words(r, text, out);
}

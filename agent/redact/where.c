/* SPDX-License-Identifier: MIT */
/* Where a name stands that says what its value is: the scanner and who only doubts ask alike. */
#include "redact_priv.h"

#define TAG_MOST 400  /* with its attributes */
#define QUERY_MOST 32 /* of a parameter's name */
#define USER_MOST 128 /* of a name before its password */

static bool is_tag_byte(char c)
{
	return byte_is_word(c) || c == '_' || c == '-' || c == '.' || c == ':';
}

struct ed_str tag_name(struct ed_str t, size_t i)
{
	struct ed_str none = { NULL, 0 };
	size_t from = i, end;

	/* attributes end with a quote */
	while (from && i - from < 4 && byte_is_space(t.p[from - 1]))
		from--;
	if (!from || (t.p[from - 1] != '"' && t.p[from - 1] != '\''))
		return none;
	while (from && i - from < TAG_MOST && t.p[from - 1] != '<' && t.p[from - 1] != '>')
		from--;
	if (!from || t.p[from - 1] != '<')
		return none;
	for (end = from; end < i && is_tag_byte(t.p[end]); end++)
		if (t.p[end] == ':')
			from = end + 1;
	return ed_str_slice(t, from, end);
}

struct ed_str query_name(struct ed_str t, size_t i)
{
	struct ed_str none = { NULL, 0 };
	size_t from = i;

	while (from && i - from < QUERY_MOST && byte_is_word(t.p[from - 1]))
		from--;
	return from && strchr("?&#", t.p[from - 1]) ? ed_str_slice(t, from, i) : none;
}

/*
 * Whether the argument at @i can be "name:password": what is looked at again, because it may turn
 * out to be none, has a bounded length.
 */
static bool has_colon(struct ed_str t, size_t i)
{
	size_t from = i + (i < t.len && (t.p[i] == '"' || t.p[i] == '\''));

	for (i = from; i < t.len && i - from < USER_MOST && !byte_is_space(t.p[i]); i++)
		if (t.p[i] == ':')
			return i > from && t.p[from] != '-' && t.p[from] != '/';
	return false;
}

size_t credentials_begin(struct ed_str t, size_t i)
{
	static const struct ed_str names[] = {
		{ "proxy-user", 10 }, { "proxyuser", 9 }, { "user", 4 }, { "u", 1 }
	};
	size_t from = i + 1;

	if (t.p[i] != '-')
		return i;
	from += from < t.len && t.p[from] == '-';
	if (from == t.len || ((t.p[from] | 32) != 'u' && (t.p[from] | 32) != 'p'))
		return i;
	for (size_t k = 0; k < ED_COUNT(names); k++) {
		size_t to = from + names[k].len;

		if (to >= t.len || (t.p[to] != '=' && t.p[to] != ' ' && t.p[to] != '\t') ||
		    !ed_str_istarts(ed_str_slice(t, from, to), names[k]))
			continue;
		from = to += t.p[to] == '=';
		while (to < t.len && to - from < REDACT_FILLERS &&
		       (t.p[to] == ' ' || t.p[to] == '\t'))
			to++;
		return has_colon(t, to) ? to : i;
	}
	return i;
}

bool is_credentials(struct ed_str v)
{
	size_t colon = ed_str_find(v, ED_STR(":"), 0);
	bool letter = false;

	if (colon == SIZE_MAX || !colon || colon + 1 == v.len || v.p[0] == '-' || v.p[0] == '/' ||
	    strchr(":/\\", v.p[colon + 1]))
		return false;
	for (size_t i = 0; i < v.len; i++)
		letter |= byte_is_alpha(v.p[i]) || (unsigned char)v.p[i] >= 0x80;
	return letter;
}

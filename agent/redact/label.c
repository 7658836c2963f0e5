/* SPDX-License-Identifier: MIT */
/*
 * What running text says of itself: labels with a value behind them, switches of command lines,
 * and words that a value follows ("Bearer", "net use", "CN=").
 */
#include "redact_priv.h"

#define LABEL_MOST 48
#define LABEL_WORDS 4
#define PAIR_MOST 160 /* of a name, and of the value behind it up to its separator */
#define TAG_TOKEN_LEAST 100
#define QUERY_LEAST 20  /* of an authorization code */
#define LEADERS_MOST 64 /* dots and blanks that fill a line up to its colon */
#define FOLD_LEAST 20   /* of what goes on in the next line */
#define FOLD_FULL 40    /* what is that long may have been cut where the line ended */
#define VALUE_MOST 256  /* of an identity; secrets have no such end */
#define VALUE_WORDS 4

/* Blanks, quotes and backslashes before quotes between a label and its separator or value. */
static bool is_filler(char c)
{
	return c == ' ' || c == '\t' || c == '"' || c == '\'' || c == '\\' || c == '[' || c == ']';
}

static bool is_switch_byte(char c)
{
	return byte_is_word(c) || c == '_' || c == '-' || c == '.' || c == '$';
}

/* Letters of other scripts too: a name in the table lacks them. */
static bool is_label_byte(char c)
{
	return is_switch_byte(c) || (unsigned char)c >= 0x80;
}

struct label {
	const struct name_row *row;
	size_t from, to;
	bool quoted; /* the label itself stood in quotes */
};

/* "Host Name . . . . :", "SSID 1 :": where the name ends, when that is not where it seems. */
static size_t leaders_begin(struct ed_str t, size_t end)
{
	size_t from = end, dots = 0;

	while (from && end - from < LEADERS_MOST && (t.p[from - 1] == '.' || t.p[from - 1] == ' '))
		dots += t.p[--from] == '.';
	if (dots > 1)
		return from;
	for (from = end; from && end - from < 2 && byte_is_digit(t.p[from - 1]); from--)
		;
	return from && from < end && t.p[from - 1] == ' ' ? from - 1 : end;
}

/* The words before @end, the longest that is known. */
static void label_words(struct ed_str t, size_t end, struct label *label)
{
	size_t from = end;

	for (size_t words = 0; words < LABEL_WORDS; words++) {
		const struct name_row *row;

		while (from && end - from < LABEL_MOST && is_label_byte(t.p[from - 1]))
			from--;
		if (from == end || end - from >= LABEL_MOST)
			break;
		row = name_find(ed_str_slice(t, from, end));
		if (row && (row->flags & (NAME_LABEL | NAME_SWITCH))) {
			label->row = row;
			label->from = from;
		}
		if (label->quoted || from < 2 || t.p[from - 1] != ' ' ||
		    !is_label_byte(t.p[from - 2]))
			break;
		from--;
	}
}

/* The label that ends before @at. */
static bool find_label(struct ed_str t, size_t at, struct label *label)
{
	size_t end = at, leaders;

	label->row = NULL;
	label->quoted = false;
	while (end && at - end < REDACT_FILLERS && is_filler(t.p[end - 1])) {
		label->quoted |= t.p[end - 1] == '"' || t.p[end - 1] == '\'';
		end--;
	}
	label->to = end;
	label_words(t, end, label);
	leaders = label->row || label->quoted ? end : leaders_begin(t, end);
	if (leaders == end)
		return label->row != NULL;
	label->to = leaders;
	label_words(t, leaders, label);
	/* secrets are not asked about in that form */
	if (label->row && label->row->kind == ED_REDACT_SECRET)
		label->row = NULL;
	return label->row != NULL;
}

static bool is_switch(struct ed_str t, size_t from)
{
	return from && (t.p[from - 1] == '/' || t.p[from - 1] == '-') &&
	       (from == 1 || byte_is_space(t.p[from - 2]) || t.p[from - 2] == '"' ||
		t.p[from - 2] == '-' || t.p[from - 2] == '\'');
}

static bool ends_token(char c)
{
	return (unsigned char)c <= ' ' || strchr("\"'<>&,;|)]}", c);
}

static bool ends_line(char c)
{
	return c == '\r' || c == '\n' || c == '<' || c == '"' || c == '\0';
}

/* The end of a value that began with @quote: the same again, and not the one inside of a pair. */
static size_t quote_end(struct ed_str t, size_t i, char quote)
{
	while (i < t.len && t.p[i] != quote && t.p[i] != '\n')
		i++;
	while (i && i <= t.len && t.p[i - 1] == '\\')
		i--;
	return i;
}

/* Identities of several words: up to a comma, a tag, or the end of the line, when it is no prose.
 */
static size_t phrase_end(struct ed_str t, size_t from)
{
	size_t to = from, words = 1, first = SIZE_MAX;

	while (to < t.len && to - from < VALUE_MOST && !ends_line(t.p[to]) &&
	       !strchr(",;|)]}&'", t.p[to])) {
		if (t.p[to] == ' ' || t.p[to] == '\t') {
			if (first == SIZE_MAX)
				first = to;
			if (to + 1 < t.len && t.p[to + 1] == ' ')
				break;
			words++;
		}
		to++;
	}
	if (words > VALUE_WORDS && first != SIZE_MAX)
		return first;
	while (to > from && (t.p[to - 1] == ' ' || t.p[to - 1] == '.'))
		to--;
	return to;
}

static bool takes_phrase(enum ed_redact_kind kind)
{
	return kind == ED_REDACT_USER || kind == ED_REDACT_SSID || kind == ED_REDACT_CERTIFICATE;
}

/* Whether @c ends a value that began with @quote, or behind the separator @sep. */
static bool value_ends(const struct name_row *row, char quote, char sep, char c)
{
	if ((row->flags & NAME_TOKEN) && byte_is_space(c))
		return true;
	if (quote)
		return c == quote || c == '\n';
	if (row->flags & NAME_LINE)
		return ends_line(c);
	return sep == '>' ? c == '<' : ends_token(c);
}

/* Past "<Value>" behind a tag; past the end of a line where only a quote, or a token, can follow.
 */
static size_t value_begin(struct ed_str t, size_t sep, const struct name_row *row)
{
	const struct ed_str tag = ED_STR("<Value>");
	size_t i = sep + 1;
	bool line = false;

	if (row->kind != ED_REDACT_SECRET)
		return i;
	while (i < t.len && i - sep < REDACT_FILLERS && byte_is_space(t.p[i]))
		line |= t.p[i++] == '\n';
	if (t.p[sep] == '>')
		return ed_str_istarts(ed_str_slice(t, i, i + tag.len), tag) ? i + tag.len : sep + 1;
	return line && i < t.len && (t.p[i] == '"' || (row->flags & NAME_TOKEN)) ? i : sep + 1;
}

static bool is_token_byte(char c)
{
	return byte_is_word(c) || (c && strchr("._~+/=-", c));
}

/*
 * Where a token that ends at @to, and began at @from, ends after all: it may go on in the next
 * line, behind a blank as in a header, or since the line was full.
 */
size_t folded_end(struct ed_str t, size_t from, size_t to)
{
	for (;;) {
		size_t i = to, end;
		bool upper = false, lower = false, digit = false, blank;

		while (i < t.len && i - to < 3 && t.p[i] == '\r')
			i++;
		if (i >= t.len || t.p[i++] != '\n')
			return to;
		blank = i < t.len && (t.p[i] == ' ' || t.p[i] == '\t');
		while (i < t.len && i - to < REDACT_FILLERS && (t.p[i] == ' ' || t.p[i] == '\t'))
			i++;
		for (end = i; end < t.len && is_token_byte(t.p[end]); end++) {
			upper |= t.p[end] >= 'A' && t.p[end] <= 'Z';
			lower |= t.p[end] >= 'a' && t.p[end] <= 'z';
			digit |= byte_is_digit(t.p[end]);
		}
		if (end - i < FOLD_LEAST || !upper || !lower || !digit ||
		    (end < t.len && !strchr("\r\n\"',;", t.p[end])) ||
		    (!blank && to - from < FOLD_FULL && t.p[to - 1] != '.'))
			return to;
		from = i;
		to = end;
	}
}

/*
 * [*from, *to) of the value behind the separator at @sep. What would be looked at again, because it
 * may turn out to be none, has a bounded length or no blanks.
 */
static void find_value(struct ed_str t, size_t sep, const struct name_row *row, size_t *from,
		       size_t *to)
{
	size_t i = value_begin(t, sep, row), begin = i;
	size_t most = row->kind == ED_REDACT_SECRET ? SIZE_MAX : VALUE_MOST + 1;
	char quote = 0;
	bool brace;

	while (i < t.len && i - begin < REDACT_FILLERS &&
	       (is_filler(t.p[i]) || t.p[i] == '=' || t.p[i] == ':')) {
		char c = t.p[i++];

		if (c == '"' || c == '\'') {
			quote = c;
			break;
		}
		/* a backslash that is no escape of a quote begins a value */
		if (c == '\\' && i < t.len && t.p[i] != '"' && t.p[i] != '\\') {
			i--;
			break;
		}
	}
	*from = *to = i;
	brace = i < t.len && t.p[i] == '{' && row->kind != ED_REDACT_SECRET;
	/* a key in PEM goes on behind the line: it is found by its own beginning */
	while (*to < t.len && *to - i < most && !value_ends(row, quote, t.p[sep], t.p[*to]) &&
	       !(t.p[*to] == '-' &&
		 ed_str_starts(ed_str_slice(t, *to, *to + 11), ED_STR("-----BEGIN "))))
		++*to;
	if (brace && *to < t.len && t.p[*to] == '}')
		++*to;
	if (!quote && t.p[sep] != '>' && takes_phrase(row->kind))
		*to = phrase_end(t, i);
	/* the first half of an escaped quote is not the value's */
	while (*to > *from && t.p[*to - 1] == '\\')
		--*to;
}

/* The part of [*from, *to) that is the identity; false when that is none. */
static bool narrow_value(struct ed_str t, const struct name_row *row, size_t *from, size_t *to)
{
	struct ed_str v = ed_str_trim(ed_str_slice(t, *from, *to));

	if (v.len > 2 && v.p[0] == '{' && v.p[v.len - 1] == '}')
		v = ed_str_slice(v, 1, v.len - 1);
	if (!name_fits(row, v) ||
	    (ed_str_eq(v, ED_STR("secret")) && *from && t.p[*from - 1] == '['))
		return false;
	*from = (size_t)(v.p - t.p);
	*to = *from + v.len;
	if (row->kind == ED_REDACT_SECRET)
		return true;
	if (v.len > VALUE_MOST || is_stop_word(v) || (is_guid(v) && is_kept_guid(v)) ||
	    (row->kind == ED_REDACT_DOMAIN && is_kept_domain(v)))
		return false;
	if (row->kind == ED_REDACT_IP || row->kind == ED_REDACT_UPN || row->kind == ED_REDACT_SID)
		return false; /* found by their shape where they have it */
	if (ed_str_istarts(v, ED_STR("S-1-")))
		return false;
	if (row->kind == ED_REDACT_TENANT)
		return is_guid(v);
	if (row->kind == ED_REDACT_MAC)
		return v.len == 12;
	if (row->kind == ED_REDACT_USER && memchr(v.p, '\\', v.len) &&
	    is_stop_word(ed_str_slice(v, 0, ed_str_find(v, ED_STR("\\"), 0))) &&
	    !ed_str_istarts(v, ED_STR("azuread")))
		return false;
	return true;
}

/* "scheme://user:password@host": the colon at @at. */
static size_t after_scheme(struct scan *s, size_t at)
{
	struct ed_str t = s->text;
	size_t i = at + 3, to = i;
	bool colon = false;

	if (!at || !byte_is_alpha(t.p[at - 1]) ||
	    !ed_str_starts(ed_str_slice(t, at, i), ED_STR("://")))
		return at;
	for (; to < t.len && to - i < 128; to++) {
		char c = t.p[to];

		if (c == '@')
			break;
		if (byte_is_space(c) || c == '/' || c == '"' || c == '<' || c == '\'' || c == '?')
			return at;
		colon |= c == ':';
	}
	if (!colon || to == t.len || t.p[to] != '@')
		return at;
	scan_hit(s, ED_REDACT_SECRET, i, to);
	return to;
}

/* In names only what must never be seen is looked for. */
static bool label_counts(const struct scan *s, enum ed_redact_kind kind)
{
	return !(s->flags & SCAN_NO_LABELS) || kind == ED_REDACT_SECRET;
}

/* <SSID>...<name>x, <WLANProfile ...><name>x */
static size_t profile_name(struct scan *s, size_t i)
{
	static const struct ed_str tags[] = { { "<ssid", 5 }, { "<wlanprofile", 12 } };
	struct ed_str t = s->text, before;
	size_t to = i + 1;

	if (t.p[i] != '>' || i < 5 || !ed_str_ieq(ed_str_slice(t, i - 5, i), ED_STR("<name")))
		return i;
	before = ed_str_slice(t, i > 205 ? i - 205 : 0, i);
	if (ed_str_ifind(before, tags[0], 0) == SIZE_MAX &&
	    ed_str_ifind(before, tags[1], 0) == SIZE_MAX)
		return i;
	while (to < t.len && to - i < VALUE_MOST && t.p[to] != '<')
		to++;
	scan_hit(s, ED_REDACT_SSID, i + 1, to);
	return to;
}

/* Where the value of the element whose tag ends at @i lies: "<Value>" and CDATA are no part. */
static void element_value(struct ed_str t, size_t i, size_t *from, size_t *to)
{
	static const struct ed_str value = { "<Value>", 7 }, data = { "<![CDATA[", 9 };
	size_t begin = i + 1;

	while (begin < t.len && begin - i < REDACT_FILLERS && byte_is_space(t.p[begin]))
		begin++;
	if (ed_str_istarts(ed_str_slice(t, begin, t.len), value))
		begin += value.len;
	if (ed_str_istarts(ed_str_slice(t, begin, t.len), data)) {
		*from = begin + data.len;
		*to = ed_str_find(t, ED_STR("]]>"), *from);
	} else {
		*from = begin;
		*to = ed_str_find(t, ED_STR("<"), begin);
	}
	if (*to == SIZE_MAX)
		*to = t.len;
}

/* Base64 over several lines. */
static bool is_long_token(struct ed_str v)
{
	for (size_t i = 0; i < v.len; i++)
		if (!is_token_byte(v.p[i]) && !byte_is_space(v.p[i]))
			return false;
	return v.len > TAG_TOKEN_LEAST;
}

/*
 * <x:Password Type="y">z</x:Password>: the name begins the tag that ends at @i. Without attributes
 * the name is a label.
 */
static size_t tag_value(struct scan *s, size_t i)
{
	struct ed_str t = s->text, tag = tag_name(t, i);
	const struct name_row *row;
	size_t from, to;

	if (!tag.len)
		return i;
	row = name_find(tag);
	if (!row || row->kind != ED_REDACT_SECRET || !(row->flags & NAME_LABEL))
		return i;
	element_value(t, i, &from, &to);
	if (!is_long_token(ed_str_slice(t, from, to)) && !narrow_value(t, row, &from, &to))
		return i;
	scan_hit(s, ED_REDACT_SECRET, from, to);
	return to;
}

/* "?code=" and the rest of a token; "?code=0x80073CF4", "code=53000" are codes of errors. */
static size_t query_value(struct scan *s, size_t i)
{
	struct ed_str t = s->text, name = query_name(t, i), value;
	const struct name_row *row = name.len ? name_find(name) : NULL;
	bool letter = false, digit = false;
	size_t to = i + 1;

	if (!row || !(row->flags & NAME_QUERY))
		return i;
	for (; to < t.len && !ends_token(t.p[to]) && t.p[to] != '#'; to++) {
		letter |= byte_is_alpha(t.p[to]);
		digit |= byte_is_digit(t.p[to]);
	}
	value = ed_str_slice(t, i + 1, to);
	if (value.len < QUERY_LEAST || !letter || !digit || ed_str_istarts(value, ED_STR("0x")))
		return i;
	scan_hit(s, ED_REDACT_SECRET, i + 1, to);
	return to;
}

/*
 * name="Password" value="x", "name":"ClientSecret","value":"x": the name of the value whose
 * separator is at @i.
 */
static const struct name_row *pair_name(const struct scan *s, size_t i)
{
	static const struct ed_str names[] = { { "name", 4 }, { "key", 3 }, { "id", 2 } };
	struct ed_str t = s->text;
	size_t end = i, from, least = i > PAIR_MOST ? i - PAIR_MOST : 0;
	const struct name_row *row;

	if (t.p[i] == '>')
		return NULL;
	while (end > least && is_filler(t.p[end - 1]))
		end--;
	if (!ed_str_iends(ed_str_slice(t, least, end), ED_STR("value")))
		return NULL;
	end -= 5;
	if (end <= least || byte_is_word(t.p[end - 1]))
		return NULL;
	while (end > least &&
	       (is_filler(t.p[end - 1]) || t.p[end - 1] == ',' || byte_is_space(t.p[end - 1])))
		end--;
	for (from = end; from > least && is_switch_byte(t.p[from - 1]); from--)
		;
	row = name_find(ed_str_slice(t, from, end));
	if (!row || row->kind != ED_REDACT_SECRET || !(row->flags & NAME_LABEL))
		return NULL;
	while (from > least &&
	       (is_filler(t.p[from - 1]) || t.p[from - 1] == '=' || t.p[from - 1] == ':'))
		from--;
	for (size_t k = 0; k < ED_COUNT(names); k++)
		if (ed_str_iends(ed_str_slice(t, least, from), names[k]))
			return row;
	return NULL;
}

static bool pair_label(const struct scan *s, size_t i, struct label *label)
{
	label->row = pair_name(s, i);
	label->from = label->to = i;
	label->quoted = true;
	return label->row != NULL;
}

size_t detect_label(struct scan *s, size_t i)
{
	struct label label;
	size_t from, to = after_scheme(s, i);

	if (to != i)
		return to;
	to = s->text.p[i] == '>' ? profile_name(s, i) : i;
	if (to != i)
		return to;
	to = s->text.p[i] == '>' ? tag_value(s, i) : s->text.p[i] == '=' ? query_value(s, i) : i;
	if (to != i)
		return to;
	if ((!find_label(s->text, i, &label) || !label_counts(s, label.row->kind)) &&
	    !pair_label(s, i, &label))
		return i + 1;
	if ((label.row->flags & NAME_SWITCH) && !(label.row->flags & NAME_LABEL) &&
	    !is_switch(s->text, label.from))
		return i + 1;
	/* a closing tag is no label */
	if (s->text.p[i] == '>' && label.from && s->text.p[label.from - 1] == '/')
		return i + 1;
	/* "User: ..." in quotes is a field's name, anywhere else it may be prose */
	find_value(s->text, i, label.row, &from, &to);
	if (!narrow_value(s->text, label.row, &from, &to))
		return i + 1;
	if (label.row->kind == ED_REDACT_SECRET && (label.row->flags & (NAME_TOKEN | NAME_LINE)))
		to = folded_end(s->text, from, to);
	scan_hit(s, label.row->kind, from, to);
	return label.row->kind == ED_REDACT_SECRET ? to : i + 1;
}

/* ---- switches ---- */

static size_t token_end(struct ed_str t, size_t i)
{
	while (i < t.len && !byte_is_space(t.p[i]) && t.p[i] != '"' && t.p[i] != '<')
		i++;
	return i;
}

static size_t blanks_end(struct ed_str t, size_t i)
{
	while (i < t.len && (t.p[i] == ' ' || t.p[i] == '\t'))
		i++;
	return i;
}

/* One argument from @i on, without its quotes. */
static size_t argument(struct ed_str t, size_t i, size_t *from, size_t *to)
{
	if (i < t.len && (t.p[i] == '"' || t.p[i] == '\'')) {
		*from = i + 1;
		*to = quote_end(t, i + 1, t.p[i]);
		return *to < t.len ? *to + 1 : *to;
	}
	*from = i;
	*to = token_end(t, i);
	return *to;
}

/* "-u name" or "/u:name" not far from it, or a file of keys: then a -p is a password. */
static bool names_user(struct ed_str t, size_t i)
{
	size_t from = i > 160 ? i - 160 : 0, to = t.len - i > 160 ? i + 160 : t.len;

	for (; from + 3 < to; from++) {
		if (byte_is_space(t.p[from]) && (t.p[from + 1] == '-' || t.p[from + 1] == '/') &&
		    (t.p[from + 2] | 32) == 'u')
			return true;
		if (ed_str_istarts(ed_str_slice(t, from, from + 3), ED_STR("pfx")))
			return true;
	}
	return false;
}

/* "curl -u name:password", "--proxy-user name:password", "--user=name:password" */
static size_t switch_credentials(struct scan *s, size_t i)
{
	struct ed_str t = s->text;
	size_t end = credentials_begin(t, i), from, to;

	if (end == i)
		return i;
	end = argument(t, end, &from, &to);
	if (!is_credentials(ed_str_slice(t, from, to)))
		return i;
	scan_hit(s, ED_REDACT_SECRET, from, to);
	return end;
}

/* "--password x", "-pw x", "-u n -p x": the value is the next argument. */
size_t detect_switch(struct scan *s, size_t i)
{
	struct ed_str t = s->text;
	const struct name_row *row;
	size_t name = i + 1, end, from, to;

	if ((i && !byte_is_space(t.p[i - 1]) && t.p[i - 1] != '"' && t.p[i - 1] != '-'))
		return i;
	end = switch_credentials(s, i);
	if (end != i)
		return end;
	for (end = name; end < t.len && end - name < LABEL_MOST && is_switch_byte(t.p[end]); end++)
		;
	if (end == name || end >= t.len || (t.p[end] != ' ' && t.p[end] != '\t'))
		return i;
	row = name_find(ed_str_slice(t, name, end));
	if (!row || row->kind != ED_REDACT_SECRET || !(row->flags & (NAME_SWITCH | NAME_LABEL)) ||
	    (end - name == 1 && !names_user(t, i)))
		return i;
	end = argument(t, blanks_end(t, end), &from, &to);
	if (from == to || t.p[from] == '-' || t.p[from] == '/' ||
	    !name_fits(row, ed_str_slice(t, from, to)))
		return i;
	scan_hit(s, ED_REDACT_SECRET, from, to);
	return end;
}

/* ---- words ---- */

static size_t after_bearer(struct scan *s, size_t i)
{
	struct ed_str t = s->text;
	size_t from = blanks_end(t, i), to = from;

	if (from == i)
		return i;
	while (to < t.len && (byte_is_word(t.p[to]) || strchr("._~+/=-", t.p[to])) && t.p[to])
		to++;
	if (to - from < 16)
		return i;
	to = folded_end(t, from, to);
	scan_hit(s, ED_REDACT_SECRET, from, to);
	return to;
}

/* "net use [X:|*] \\server\share password", "net user name password" */
static size_t after_net(struct scan *s, size_t i)
{
	struct ed_str t = s->text;
	size_t from = blanks_end(t, i), to = token_end(t, from);
	struct ed_str verb = ed_str_slice(t, from, to);
	bool share = ed_str_ieq(verb, ED_STR("use"));
	bool ready = false;
	size_t at = to;

	if (!share && !ed_str_ieq(verb, ED_STR("user")))
		return i;
	for (size_t n = 0; n < 6 && at < t.len; n++) {
		at = argument(t, blanks_end(t, at), &from, &to);
		if (from == to || (to < t.len && t.p[to] == '\n'))
			break;
		if (ready && share && t.p[from] == '/')
			continue; /* "/user:x" may come first */
		if (ready) {
			if (t.p[from] != '/' && t.p[from] != '*')
				scan_hit(s, ED_REDACT_SECRET, from, to);
			return at;
		}
		ready = !share || t.p[from] == '\\';
	}
	return i;
}

static size_t after_secure_string(struct scan *s, size_t i)
{
	struct ed_str t = s->text;
	size_t from, to, end = i;

	for (size_t n = 0; n < 3; n++) {
		end = argument(t, blanks_end(t, end), &from, &to);
		if (from == to)
			return i;
		if (t.p[from] == '-' || t.p[from] == '$')
			continue;
		scan_hit(s, ED_REDACT_SECRET, from, to);
		return end;
	}
	return i;
}

size_t detect_word(struct scan *s, size_t i)
{
	static const struct {
		struct ed_str word;
		size_t (*after)(struct scan *s, size_t i);
	} rows[] = {
		{ { "bearer", 6 }, after_bearer },
		{ { "net", 3 }, after_net },
		{ { "net1", 4 }, after_net },
		{ { "net.exe", 7 }, after_net },
		{ { "convertto-securestring", 22 }, after_secure_string },
	};
	struct ed_str t = s->text;
	char c = byte_lower(t.p[i]);

	if (c != 'b' && c != 'n' && c != 'c') /* what the rows begin with */
		return i;
	for (size_t k = 0; k < ED_COUNT(rows); k++) {
		size_t at = i + rows[k].word.len, end;

		if (rows[k].word.p[0] != c || at >= t.len || byte_is_word(t.p[at]) ||
		    !ed_str_istarts(ed_str_slice(t, i, at), rows[k].word))
			continue;
		end = rows[k].after(s, at);
		if (end > at)
			return end;
	}
	return i;
}

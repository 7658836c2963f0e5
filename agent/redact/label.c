/* SPDX-License-Identifier: MIT */
/*
 * What running text says of itself: labels with a value behind them, switches of command lines,
 * and words that a value follows ("Bearer", "net use", "CN=").
 */
#include "redact_priv.h"

#define LABEL_MOST 48
#define VALUE_MOST 256 /* of an identity; secrets have no such end */
#define VALUE_WORDS 4

/* Blanks, quotes and backslashes before quotes between a label and its separator or value. */
static bool is_filler(char c)
{
	return c == ' ' || c == '\t' || c == '"' || c == '\'' || c == '\\' || c == '[' || c == ']';
}

static bool is_label_byte(char c)
{
	return byte_is_word(c) || c == '_' || c == '-' || c == '.' || c == '$';
}

struct label {
	const struct name_row *row;
	size_t from, to;
	bool quoted; /* the label itself stood in quotes */
};

/* The label that ends before @at, in up to three words. The longest that is known counts. */
static bool find_label(struct ed_str t, size_t at, struct label *label)
{
	size_t end = at, from;

	label->row = NULL;
	label->quoted = false;
	while (end && at - end < 8 && is_filler(t.p[end - 1])) {
		label->quoted |= t.p[end - 1] == '"' || t.p[end - 1] == '\'';
		end--;
	}
	label->to = from = end;
	for (size_t words = 0; words < 3; words++) {
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
		    !byte_is_word(t.p[from - 2]))
			break;
		from--;
	}
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

/*
 * [*from, *to) of the value behind the separator at @sep. What would be looked at again, because it
 * may turn out to be none, has a bounded length or no blanks.
 */
static void find_value(struct ed_str t, size_t sep, const struct name_row *row, size_t *from,
		       size_t *to)
{
	size_t i = sep + 1, most = row->kind == ED_REDACT_SECRET ? SIZE_MAX : VALUE_MOST + 1;
	char quote = 0;

	while (i < t.len && i - sep < 24 && (is_filler(t.p[i]) || t.p[i] == '=' || t.p[i] == ':')) {
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
	/* a key in PEM goes on behind the line: it is found by its own beginning */
	while (*to < t.len && *to - i < most && !value_ends(row, quote, t.p[sep], t.p[*to]) &&
	       !(t.p[*to] == '-' &&
		 ed_str_starts(ed_str_slice(t, *to, *to + 11), ED_STR("-----BEGIN "))))
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

/* In names only what must never be seen is looked for. */
static bool label_counts(const struct scan *s, enum ed_redact_kind kind)
{
	return !(s->flags & SCAN_NO_LABELS) || kind == ED_REDACT_SECRET;
}

size_t detect_label(struct scan *s, size_t i)
{
	struct label label;
	size_t from, to;

	if (!find_label(s->text, i, &label) || !label_counts(s, label.row->kind))
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

/* "-u name" or "/u:name" not far before: then a -p is a password. */
static bool names_user_before(struct ed_str t, size_t i)
{
	size_t from = i > 160 ? i - 160 : 0;

	for (; from + 3 < i; from++)
		if (byte_is_space(t.p[from]) && (t.p[from + 1] == '-' || t.p[from + 1] == '/') &&
		    (t.p[from + 2] | 32) == 'u')
			return true;
	return false;
}

/* "--password x", "-pw x", "-u n -p x": the value is the next argument. */
size_t detect_switch(struct scan *s, size_t i)
{
	struct ed_str t = s->text;
	const struct name_row *row;
	size_t name = i + 1, end, from, to;

	if ((i && !byte_is_space(t.p[i - 1]) && t.p[i - 1] != '"' && t.p[i - 1] != '-'))
		return i;
	for (end = name; end < t.len && end - name < LABEL_MOST && is_label_byte(t.p[end]); end++)
		;
	if (end == name || end >= t.len || (t.p[end] != ' ' && t.p[end] != '\t'))
		return i;
	row = name_find(ed_str_slice(t, name, end));
	if (!row || row->kind != ED_REDACT_SECRET || !(row->flags & (NAME_SWITCH | NAME_LABEL)) ||
	    (end - name == 1 && !names_user_before(t, i)))
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
	for (size_t n = 0; n < 4 && at < t.len; n++) {
		at = argument(t, blanks_end(t, at), &from, &to);
		if (from == to || (to < t.len && t.p[to] == '\n'))
			break;
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

static bool is_public_subject(struct ed_str name)
{
	static const char *const starts[] = { "Microsoft", "MS-Organization", "Windows",
					      "DigiCert",  "GlobalSign",      "VeriSign",
					      "Baltimore", "SC_Online" };

	for (size_t k = 0; k < ED_COUNT(starts); k++)
		if (ed_str_istarts(name, ed_str_from(starts[k])))
			return true;
	return false;
}

/* "CN=x, ...": what the subject's own name is. */
static size_t after_common_name(struct scan *s, size_t i)
{
	struct ed_str t = s->text;
	size_t from = i, to;

	while (from < t.len && (t.p[from] == ' ' || t.p[from] == '"' || t.p[from] == '\\'))
		from++;
	for (to = from; to < t.len && to - from < VALUE_MOST &&
			!strchr("\"',;<>\r\n\\/+)", t.p[to]) && t.p[to];
	     to++)
		;
	while (to > from && t.p[to - 1] == ' ')
		to--;
	if (to - from < 2 || is_public_subject(ed_str_slice(t, from, to)) ||
	    (is_guid(ed_str_slice(t, from, to)) && is_kept_guid(ed_str_slice(t, from, to))))
		return i;
	scan_hit(s, ED_REDACT_CERTIFICATE, from, to);
	return to;
}

static size_t after_account_domain(struct scan *s, size_t i)
{
	struct ed_str t = s->text;
	size_t from = i, to;

	while (from < t.len && from - i < 4 && t.p[from] == '\\')
		from++;
	to = from;
	while (to < t.len && to - from < 64 && (byte_is_local(t.p[to]) || t.p[to] == '@') &&
	       t.p[to] != '\'')
		to++;
	while (to > from && t.p[to - 1] == '.')
		to--;
	if (from == i || to - from < 2)
		return i;
	scan_hit(s, is_email(ed_str_slice(t, from, to)) ? ED_REDACT_UPN : ED_REDACT_USER, from, to);
	return to;
}

/* The tenant in the address of the sign-in: GUID or domain. */
static size_t after_sign_in_host(struct scan *s, size_t i)
{
	struct ed_str t = s->text;
	size_t to = i;
	struct ed_str tenant;

	while (to < t.len && to - i < 128 &&
	       (byte_is_word(t.p[to]) || t.p[to] == '-' || t.p[to] == '.'))
		to++;
	tenant = ed_str_slice(t, i, to);
	if (is_guid(tenant) && !is_kept_guid(tenant))
		scan_hit(s, ED_REDACT_TENANT, i, to);
	else if (memchr(tenant.p, '.', tenant.len) && !is_kept_domain(tenant))
		scan_hit(s, ED_REDACT_DOMAIN, i, to);
	else
		return i;
	return to;
}

/* "scheme://user:password@host" */
static size_t after_scheme(struct scan *s, size_t i)
{
	struct ed_str t = s->text;
	size_t to = i;
	bool colon = false;

	for (; to < t.len && to - i < 128; to++) {
		char c = t.p[to];

		if (c == '@')
			break;
		if (byte_is_space(c) || c == '/' || c == '"' || c == '<' || c == '\'' || c == '?')
			return i;
		colon |= c == ':';
	}
	if (!colon || to == t.len || t.p[to] != '@')
		return i;
	scan_hit(s, ED_REDACT_SECRET, i, to);
	return to;
}

size_t detect_word(struct scan *s, size_t i)
{
	static const struct {
		struct ed_str word;
		size_t (*after)(struct scan *s, size_t i);
		bool whole;  /* the word ends there */
		bool secret; /* nothing else is found by it */
	} rows[] = {
		{ { "bearer", 6 }, after_bearer, true, true },
		{ { "net", 3 }, after_net, true, true },
		{ { "net1", 4 }, after_net, true, true },
		{ { "net.exe", 7 }, after_net, true, true },
		{ { "convertto-securestring", 22 }, after_secure_string, true, true },
		{ { "cn=", 3 }, after_common_name, false, false },
		{ { "azuread\\", 8 }, after_account_domain, false, false },
		{ { "login.microsoftonline.com/", 26 }, after_sign_in_host, false, false },
		{ { "login.microsoftonline.us/", 25 }, after_sign_in_host, false, false },
		{ { "login.windows.net/", 18 }, after_sign_in_host, false, false },
		{ { "login.microsoft.com/", 20 }, after_sign_in_host, false, false },
		{ { "sts.windows.net/", 16 }, after_sign_in_host, false, false },
		{ { "https://", 8 }, after_scheme, false, true },
		{ { "http://", 7 }, after_scheme, false, true },
		{ { "ftp://", 6 }, after_scheme, false, true },
	};
	struct ed_str t = s->text;
	char c = byte_lower(t.p[i]);

	if (!strchr("bncalsfh", c)) /* what the rows begin with */
		return i;
	for (size_t k = 0; k < ED_COUNT(rows); k++) {
		size_t at = i + rows[k].word.len, end;

		if (rows[k].word.p[0] != c || at > t.len ||
		    ((s->flags & SCAN_NO_LABELS) && !rows[k].secret) ||
		    !ed_str_istarts(ed_str_slice(t, i, at), rows[k].word))
			continue;
		if (rows[k].whole && (at == t.len || byte_is_word(t.p[at])))
			continue;
		/* "azuread\" begins one back: the separator is part of what is looked at */
		if (rows[k].after == after_account_domain)
			at--;
		end = rows[k].after(s, at);
		if (end > at)
			return end;
	}
	return i;
}

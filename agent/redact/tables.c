/* SPDX-License-Identifier: MIT */
/* The knowledge of this room as tables, and the functions that look into them. */
#include "redact_priv.h"

#define NAME(name, kind, flags) { { name, sizeof(name) - 1 }, kind, flags },
#define NAME_ENDING(name, kind, flags) NAME(name, kind, flags)
const struct name_row name_rows[] = {
#include "names.def"
};
#undef NAME_ENDING
#undef NAME
const size_t name_row_count = ED_COUNT(name_rows);

/* The rows that also count as the end of a longer name. */
#define NAME(name, kind, flags)
#define NAME_ENDING(name, kind, flags) { { name, sizeof(name) - 1 }, kind, flags },
static const struct name_row ending_rows[] = {
#include "names.def"
};
#undef NAME_ENDING
#undef NAME

#define STOP_WORD(word) word,
const char *const stop_words[] = {
#include "words.def"
};
#undef STOP_WORD
const size_t stop_word_count = ED_COUNT(stop_words);

#define KEEP_GUID(guid) guid,
static const char *const kept_guids[] = {
#include "words.def"
};
#undef KEEP_GUID

#define KEEP_DOMAIN(domain) domain,
static const char *const kept_domains[] = {
#include "words.def"
};
#undef KEEP_DOMAIN

static const struct event_row {
	const char *provider;
	uint32_t id;
	const char *field;
	enum ed_redact_kind kind;
} event_rows[] = {
#define EVENT_FIELD(provider, id, field, kind) { provider, id, field, kind },
#include "events.def"
#undef EVENT_FIELD
};

static const struct key_row {
	const char *part;
	const char *name; /* NULL: the component behind @part */
	enum ed_redact_kind kind;
} key_rows[] = {
#define KEY_PART(part, kind) { part, NULL, kind },
#define KEY_VALUE(part, name, kind) { part, name, kind },
#include "keys.def"
#undef KEY_PART
#undef KEY_VALUE
};

/* More than the longest name of the table: only the end of a longer one is looked at. */
#define NAME_BYTES 64

static const struct name_row *find_row(const char *name, size_t len)
{
	size_t low = 0, high = name_row_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = ed_str_cmp((struct ed_str){ name, len }, name_rows[mid].name);

		if (!order)
			return &name_rows[mid];
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

static const struct name_row *find_ending(const char *name, size_t len)
{
	for (size_t i = 0; len && i < ED_COUNT(ending_rows); i++) {
		struct ed_str end = ending_rows[i].name;

		if (end.len < len && end.p[end.len - 1] == name[len - 1] &&
		    memcmp(name + len - end.len, end.p, end.len) == 0)
			return &ending_rows[i];
	}
	return NULL;
}

const struct name_row *name_find(struct ed_str name)
{
	char plain[NAME_BYTES];
	size_t len = 0;
	const struct name_row *row;

	/* a path's last part is the name: "./DevDetail/Ext/Microsoft/DeviceName" */
	for (size_t i = name.len; i > 0 && len < NAME_BYTES; i--) {
		char c = name.p[i - 1];

		if ((c == '/' || c == '\\') && len)
			break;
		if (byte_is_word(c))
			plain[NAME_BYTES - ++len] = byte_lower(c);
	}
	row = find_row(plain + NAME_BYTES - len, len);
	return row ? row : find_ending(plain + NAME_BYTES - len, len);
}

static bool is_none(struct ed_str v)
{
	static const char *const none[] = { "",      "null", "(null)", "none", "true", "false",
					    "yes",   "no",   "*",      "-",    "n/a",  "undefined",
					    "empty", "[]",   "{}",     "nil" };

	for (size_t i = 0; i < ED_COUNT(none); i++)
		if (ed_str_ieq(v, ed_str_from(none[i])))
			return true;
	return ed_str_eq(v, ED_STR(REDACT_SECRET_TEXT));
}

static bool is_token(struct ed_str v)
{
	uint64_t number;

	if (v.len < 16 || ed_number_parse(v, &number))
		return false;
	if (v.p[0] == '{' && v.p[v.len - 1] == '}')
		v = ed_str_slice(v, 1, v.len - 1);
	return !is_guid(v) && memchr(v.p, ' ', v.len) == NULL;
}

bool name_fits(const struct name_row *row, struct ed_str value)
{
	struct ed_str v = ed_str_trim(value);

	if (is_none(v))
		return false;
	if (row->kind == ED_REDACT_SECRET) {
		if (row->flags & NAME_TOKEN)
			return is_token(v);
		return (row->flags & (NAME_ANY | NAME_LINE)) || v.len >= 4;
	}
	if (v.len > 1 && v.p[0] == '{' && v.p[v.len - 1] == '}')
		v = ed_str_slice(v, 1, v.len - 1);
	if (row->flags & NAME_GUID)
		return is_guid(v) || is_account_sid(v);
	if (row->flags & NAME_PLAIN)
		return memchr(v.p, '.', v.len) == NULL;
	return v.len >= 2;
}

enum ed_redact_kind event_field_kind(struct ed_str provider, uint32_t id, struct ed_str field)
{
	for (size_t i = 0; i < ED_COUNT(event_rows); i++) {
		const struct event_row *row = &event_rows[i];

		if ((!row->id || row->id == id) &&
		    ed_str_ieq(provider, ed_str_from(row->provider)) &&
		    ed_name_eq(field, ed_str_from(row->field)))
			return row->kind;
	}
	return ED_REDACT_KINDS;
}

bool event_secret(size_t i, struct ed_str *name)
{
	for (size_t k = 0; k < ED_COUNT(event_rows); k++) {
		*name = ed_str_from(event_rows[k].field);
		if (event_rows[k].kind == ED_REDACT_SECRET && !i--)
			return true;
	}
	return false;
}

bool is_event_secret(struct ed_str field)
{
	struct ed_str name;

	for (size_t i = 0; event_secret(i, &name); i++)
		if (ed_name_eq(field, name))
			return true;
	return false;
}

/* "*x" is any name that ends with x. */
static bool is_named(struct ed_str name, struct ed_str pattern)
{
	if (pattern.p[0] == '*')
		return ed_str_iends(name, ed_str_slice(pattern, 1, pattern.len));
	return ed_name_eq(name, pattern);
}

enum ed_redact_kind key_value_kind(struct ed_str key, struct ed_str name)
{
	for (size_t i = 0; i < ED_COUNT(key_rows); i++) {
		const struct key_row *row = &key_rows[i];

		if (row->name && is_named(name, ed_str_from(row->name)) &&
		    ed_str_ifind(key, ed_str_from(row->part), 0) != SIZE_MAX)
			return row->kind;
	}
	return ED_REDACT_KINDS;
}

size_t key_part_find(struct ed_str key, size_t from, size_t *end, enum ed_redact_kind *kind)
{
	for (size_t i = 0; i < ED_COUNT(key_rows); i++) {
		struct ed_str part = ed_str_from(key_rows[i].part);
		size_t at = key_rows[i].name ? SIZE_MAX : ed_str_ifind(key, part, from);

		if (at == SIZE_MAX)
			continue;
		at += part.len;
		*end = ed_str_find(key, ED_STR("\\"), at);
		*end = *end == SIZE_MAX ? key.len : *end;
		*kind = key_rows[i].kind;
		return at;
	}
	return SIZE_MAX;
}

bool is_listed(struct ed_str word, const char *const *list, size_t count)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = ed_str_icmp(word, ed_str_from(list[mid]));

		if (!order)
			return true;
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return false;
}

bool is_stop_word(struct ed_str word)
{
	return is_listed(word, stop_words, stop_word_count);
}

bool is_kept_guid(struct ed_str guid)
{
	return is_listed(guid, kept_guids, ED_COUNT(kept_guids));
}

bool is_kept_domain(struct ed_str domain)
{
	for (;;) {
		size_t dot = ed_str_find(domain, ED_STR("."), 0);

		if (ed_str_ieq(domain, ED_STR("onmicrosoft.com")))
			return false;
		if (is_listed(domain, kept_domains, ED_COUNT(kept_domains)))
			return true;
		if (dot == SIZE_MAX)
			return false;
		/* not what stands before onmicrosoft.com: that is a tenant */
		domain = ed_str_slice(domain, dot + 1, domain.len);
	}
}

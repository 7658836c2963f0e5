/* SPDX-License-Identifier: MIT */
/*
 * JSON, rewritten string by string: what stands between the strings, numbers and order stay as they
 * are. A member's name, or in rows of state the row's name, says what its value is.
 */
#include "redact_priv.h"

#include "espdiag/base/escape.h"
#include "espdiag/base/utf.h"

#define NAME_KEPT ((size_t)96)

struct level {
	char name[NAME_KEPT]; /* of the member whose value comes next */
	size_t name_len;
	char row[NAME_KEPT]; /* what a member "name" of this object said */
	size_t row_len;
	bool object;
	bool secret_next; /* the element before was "--password" or the like */
	bool user_next;   /* it was "-u" or the like: a name with a password may follow */
};

struct json_walk {
	struct ed_redactor *r;
	struct ed_str text;
	struct ed_buf *out;
	struct ed_buf value, clean, strict;
	bool learn;
	bool own; /* the program wrote the document: its names and words are no evidence */
	size_t done;
	size_t depth;
	/* of the event that the text is; NULL: it is none */
	const struct ed_event_head *event;
	struct level levels[ED_LIMIT_JSON_DEPTH + 1];
};

static struct level *level_of(struct json_walk *w)
{
	return &w->levels[w->depth < ED_LIMIT_JSON_DEPTH ? w->depth : ED_LIMIT_JSON_DEPTH];
}

static size_t keep(char *to, struct ed_str name)
{
	size_t n = name.len < NAME_KEPT ? name.len : NAME_KEPT;

	memcpy(to, name.p, n);
	return n;
}

static struct ed_str value_name(struct json_walk *w)
{
	struct level *l = level_of(w);

	/* elements of an array are what the array is */
	for (size_t d = w->depth; !l->object && d > 0;
	     l = &w->levels[d < ED_LIMIT_JSON_DEPTH ? d : 0])
		d--;
	if (l->row_len && ed_str_ieq((struct ed_str){ l->name, l->name_len }, ED_STR("value")))
		return (struct ed_str){ l->row, l->row_len };
	return (struct ed_str){ l->name, l->name_len };
}

static void put_utf8(struct ed_buf *out, uint32_t c)
{
	char b[4];
	size_t n = 0;

	if (c < 0x80) {
		b[n++] = (char)c;
	} else if (c < 0x800) {
		b[n++] = (char)(0xC0 | c >> 6);
		b[n++] = (char)(0x80 | (c & 63));
	} else if (c < 0x10000) {
		b[n++] = (char)(0xE0 | c >> 12);
		b[n++] = (char)(0x80 | (c >> 6 & 63));
		b[n++] = (char)(0x80 | (c & 63));
	} else {
		b[n++] = (char)(0xF0 | (c >> 18 & 7));
		b[n++] = (char)(0x80 | (c >> 12 & 63));
		b[n++] = (char)(0x80 | (c >> 6 & 63));
		b[n++] = (char)(0x80 | (c & 63));
	}
	ed_buf_add(out, b, n);
}

static bool hex4(struct ed_str t, size_t i, uint32_t *out)
{
	uint32_t value = 0;

	if (i > t.len || t.len - i < 4)
		return false;
	for (size_t k = 0; k < 4; k++) {
		if (!byte_is_hex(t.p[i + k]))
			return false;
		value = value << 4 | (uint32_t)byte_hex(t.p[i + k]);
	}
	*out = value;
	return true;
}

/* The escape whose backslash is at @i. Returns the offset behind it. */
static size_t decode_escape(struct ed_str t, size_t i, struct ed_buf *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	uint32_t c, low;
	const char *at;

	if (i + 1 >= t.len)
		return t.len;
	if (t.p[i + 1] == 'u' && hex4(t, i + 2, &c)) {
		i += 6;
		if (c >= 0xD800 && c < 0xDC00 && i + 1 < t.len && t.p[i] == '\\' &&
		    t.p[i + 1] == 'u' && hex4(t, i + 2, &low) && low >= 0xDC00 && low < 0xE000) {
			c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
			i += 6;
		} else if (c >= 0xD800 && c < 0xE000) {
			c = 0xFFFD;
		}
		put_utf8(out, c);
		return i;
	}
	at = t.p[i + 1] ? strchr(from, t.p[i + 1]) : NULL;
	ed_buf_addc(out, at ? to[at - from] : t.p[i + 1]);
	return i + 2;
}

/* Decodes the string whose first character is at @i. Returns the offset of the closing quote. */
static size_t decode_string(struct ed_str t, size_t i, struct ed_buf *out)
{
	while (i < t.len && t.p[i] != '"') {
		size_t from = i;

		while (i < t.len && t.p[i] != '"' && t.p[i] != '\\')
			i++;
		ed_buf_add(out, t.p + from, i - from);
		if (i < t.len && t.p[i] == '\\')
			i = decode_escape(t, i, out);
	}
	return i < t.len ? i : t.len;
}

static void encode_string(struct ed_buf *out, struct ed_str s)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";

	for (size_t i = 0; i < s.len;) {
		size_t start = i;
		const char *at;

		while (i < s.len && (unsigned char)s.p[i] >= 0x20 && s.p[i] != '"' &&
		       s.p[i] != '\\' && s.p[i] != 0x7F)
			i++;
		ed_buf_add(out, s.p + start, i - start);
		if (i == s.len)
			break;
		at = s.p[i] ? strchr(from, s.p[i]) : NULL;
		if (at)
			ed_buf_printf(out, "\\%c", to[at - from]);
		else
			ed_buf_printf(out, "\\u%04x", (unsigned)(unsigned char)s.p[i]);
		i++;
	}
}

/* A decoded value, redacted into w->clean; true when it changed. */
static bool clean_value(struct json_walk *w, struct ed_str name, struct ed_str value)
{
	unsigned flags = w->learn ? SCAN_LEARN : 0;
	size_t done;

	ed_buf_clear(&w->clean);
	if (w->event)
		done = redact_field(w->r, w->event, name, value, flags, &w->clean);
	else
		done = redact_named(w->r, name, value, flags, &w->clean);
	if (!w->learn && w->r->level == ED_REDACT_STRICT) {
		ed_buf_clear(&w->strict);
		if (strict_text(w->r, ed_buf_str(&w->clean), &w->strict)) {
			ed_buf_clear(&w->clean);
			ed_buf_adds(&w->clean, ed_buf_str(&w->strict));
			done++;
		}
	}
	w->done += done;
	return done > 0;
}

/* Of a command line that is a list: what follows "--password" is one. */
static bool is_secret_switch(struct ed_str value)
{
	const struct name_row *row;

	if (value.len < 2 || (value.p[0] != '-' && value.p[0] != '/') ||
	    memchr(value.p, '=', value.len) || memchr(value.p + 1, '/', value.len - 1))
		return false;
	row = name_find(value);
	/* "-p" alone may be a port */
	return row && row->kind == ED_REDACT_SECRET && !(row->flags & NAME_QUERY) && value.len > 2;
}

/* "-u", "--user": what follows may be a name with a password. */
static bool is_user_switch(struct ed_str value)
{
	char line[24];
	int n = snprintf(line, sizeof(line), "%.*s a:b", ED_FMT(value));

	return n > 0 && (size_t)n < sizeof(line) &&
	       credentials_begin((struct ed_str){ line, (size_t)n }, 0) == value.len + 1;
}

static bool hide_value(struct json_walk *w)
{
	ed_buf_clear(&w->clean);
	ed_buf_addz(&w->clean, REDACT_SECRET_TEXT);
	w->r->counts[ED_REDACT_SECRET] += !w->learn;
	w->done += !w->learn;
	return true;
}

static bool is_key(struct ed_str t, size_t i)
{
	while (i < t.len && byte_is_space(t.p[i]))
		i++;
	return i < t.len && t.p[i] == ':';
}

static bool is_own_word(struct json_walk *w, struct ed_str name)
{
	static const struct ed_str words[] = {
		{ "redact", 6 }, { "rights", 6 }, { "schema", 6 }, { "state", 5 }
	};

	for (size_t i = 0; w->own && i < ED_COUNT(words); i++)
		if (ed_str_eq(name, words[i]))
			return true;
	return false;
}

/* A member's name. Returns whether it changed. */
static bool walk_name(struct json_walk *w, struct ed_str name)
{
	struct level *l = level_of(w);
	bool changed;

	l->name_len = keep(l->name, name);
	if (w->own)
		return false;
	ed_buf_clear(&w->clean);
	changed = redact_text(w->r, name, (w->learn ? SCAN_LEARN : 0) | SCAN_NO_LABELS, 0,
			      &w->clean) > 0;
	w->done += changed;
	return changed;
}

/* The string whose opening quote is at @i. Returns the offset behind its closing one. */
static size_t walk_string(struct json_walk *w, size_t i)
{
	struct level *l = level_of(w);
	struct ed_str value;
	size_t end;
	bool changed;

	ed_buf_clear(&w->value);
	end = decode_string(w->text, i + 1, &w->value);
	value = ed_buf_str(&w->value);
	if (!value.p)
		value = ED_STR("");
	if (l->object && is_key(w->text, end + 1)) {
		changed = walk_name(w, value);
	} else if (is_own_word(w, (struct ed_str){ l->name, l->name_len }) && l->object) {
		changed = false;
	} else {
		if (l->object &&
		    ed_str_ieq((struct ed_str){ l->name, l->name_len }, ED_STR("name")))
			l->row_len = keep(l->row, value);
		changed = l->secret_next || (l->user_next && is_credentials(value))
				  ? hide_value(w)
				  : clean_value(w, value_name(w), value);
		l->secret_next = !l->object && is_secret_switch(value);
		l->user_next = !l->object && is_user_switch(value);
	}
	if (!w->learn && !changed)
		ed_buf_adds(w->out, ed_str_slice(w->text, i, end + 1));
	if (!w->learn && changed) {
		ed_buf_addc(w->out, '"');
		encode_string(w->out, ed_buf_str(&w->clean));
		if (end < w->text.len)
			ed_buf_addc(w->out, '"');
	}
	return end < w->text.len ? end + 1 : end;
}

static bool is_number_byte(char c)
{
	return byte_is_word(c) || c == '+' || c == '-' || c == '.';
}

/* A number or a word; one that is an identity becomes a string. */
static size_t walk_bare(struct json_walk *w, size_t i)
{
	size_t end = i;
	struct ed_str value;
	bool changed = false;

	while (end < w->text.len && is_number_byte(w->text.p[end]))
		end++;
	end = end > i ? end : i + 1;
	value = ed_str_slice(w->text, i, end);
	if (byte_is_digit(value.p[0]) || value.p[0] == '-' || value.len > 5) {
		const struct name_row *row = name_find(value_name(w));
		bool wide = value.len > 12 || (row && value.len > 3) ||
			    (value.len >= 6 && w->r->has_pieces);

		/* ids and codes of events are numbers too: only long ones, or named ones, count */
		changed = wide && clean_value(w, value_name(w), value);
		if (w->learn && !wide)
			joint_learn(w->r, value);
	}
	if (w->learn)
		return end;
	if (changed) {
		ed_buf_addc(w->out, '"');
		encode_string(w->out, ed_buf_str(&w->clean));
		ed_buf_addc(w->out, '"');
	} else {
		ed_buf_adds(w->out, value);
	}
	return end;
}

static size_t walk_mark(struct json_walk *w, size_t i)
{
	char c = w->text.p[i];

	if (c == '{' || c == '[') {
		w->depth++;
		*level_of(w) = (struct level){ .object = c == '{' };
	} else if ((c == '}' || c == ']') && w->depth) {
		w->depth--;
	}
	if (!w->learn)
		ed_buf_addc(w->out, c);
	return i + 1;
}

static size_t walk(struct json_walk *w, struct ed_str bytes)
{
	struct ed_redactor *r = w->r;
	struct ed_buf text;

	ed_buf_init(&text, ED_LIMIT_MEMBER_BYTES);
	ed_buf_init(&w->value, ED_LIMIT_MEMBER_BYTES);
	ed_buf_init(&w->clean, ED_LIMIT_MEMBER_BYTES);
	ed_buf_init(&w->strict, ED_LIMIT_MEMBER_BYTES);
	if (!ed_utf8_valid(bytes)) {
		ed_buf_text(&text, bytes.p, bytes.len, NULL);
		bytes = ed_buf_str(&text);
	}
	w->text = bytes;
	for (size_t i = 0; i < bytes.len && r->status == ED_OK && w->out->status == ED_OK;) {
		char c = bytes.p[i];

		if (c == '"')
			i = walk_string(w, i);
		else if (byte_is_space(c) || strchr("{}[],:", c))
			i = walk_mark(w, i);
		else
			i = walk_bare(w, i);
	}
	if (text.status != ED_OK)
		redactor_fail(r, text.status);
	if (w->value.status != ED_OK || w->clean.status != ED_OK || w->strict.status != ED_OK)
		redactor_fail(r, ED_NOMEM);
	ed_buf_release(&text);
	ed_buf_release(&w->value);
	ed_buf_release(&w->clean);
	ed_buf_release(&w->strict);
	return w->done;
}

size_t form_event_json(struct ed_redactor *r, const struct ed_event_head *event,
		       struct ed_str bytes, struct ed_buf *out)
{
	struct json_walk w = { .r = r, .out = out, .event = event };

	return walk(&w, bytes);
}

static bool is_literal(struct ed_str v)
{
	static const struct ed_str words[] = { { "true", 4 }, { "false", 5 }, { "null", 4 } };

	for (size_t i = 0; i < ED_COUNT(words); i++)
		if (ed_str_eq(v, words[i]))
			return true;
	for (size_t i = 0; i < v.len; i++)
		if (!byte_is_digit(v.p[i]) && !strchr("+-.eE", v.p[i]))
			return false;
	return v.len > 0 && (byte_is_digit(v.p[0]) || v.p[0] == '-');
}

/* Strings, marks, numbers and words of JSON: anything else between strings is text. */
static bool is_json(struct ed_str t)
{
	for (size_t i = 0; i < t.len;) {
		size_t from = i;

		if (t.p[i] == '"') {
			for (i++; i < t.len && t.p[i] != '"'; i++)
				i += t.p[i] == '\\';
			i++;
			continue;
		}
		if (byte_is_space(t.p[i]) || (t.p[i] && strchr("{}[],:", t.p[i]))) {
			i++;
			continue;
		}
		while (i < t.len && is_number_byte(t.p[i]))
			i++;
		/* the last word may be cut */
		if (i < t.len ? !is_literal(ed_str_slice(t, from, i)) : i - from > 5)
			return false;
	}
	return true;
}

/* What is damaged may have text where JSON has none: it is looked at as both. */
static size_t form_both(struct json_walk *w, struct ed_str bytes, struct ed_buf *out)
{
	struct ed_buf json;
	size_t done;

	ed_buf_init(&json, ED_LIMIT_MEMBER_BYTES);
	w->out = &json;
	done = walk(w, bytes);
	done += form_text(w->r, w->learn ? bytes : ed_buf_str(&json), w->learn, out);
	if (json.status != ED_OK)
		redactor_fail(w->r, json.status);
	ed_buf_release(&json);
	return done;
}

size_t form_json(struct ed_redactor *r, struct ed_str bytes, bool own, bool learn,
		 struct ed_buf *out)
{
	const struct ed_str mark = ED_STR("\xEF\xBB\xBF");
	struct json_walk w = { .r = r, .out = out, .learn = learn, .own = own };
	size_t from = ed_str_starts(bytes, mark) ? mark.len : 0;

	if (!is_json(ed_str_slice(bytes, from, bytes.len)))
		return form_both(&w, bytes, out);
	return walk(&w, bytes);
}

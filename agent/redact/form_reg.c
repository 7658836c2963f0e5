/* SPDX-License-Identifier: MIT */
/*
 * Registry text, value by value: strings with their escapes undone, hex() as the text or bytes it
 * holds. A value that needs no change keeps its bytes as they were.
 */
#include "redact_priv.h"

#include "espdiag/base/utf.h"

#define HEX_A_LINE 25

enum hex_type { HEX_SZ = 1, HEX_EXPAND = 2, HEX_BINARY = 3, HEX_MULTI = 7 };

struct reg_redact {
	struct ed_redactor *r;
	struct ed_str text;
	struct ed_buf *out;
	struct ed_buf key, name, value, clean, strict, data;
	bool learn;
	bool ansi;
	unsigned flags;
	size_t done;
};

static size_t line_end(struct ed_str t, size_t from)
{
	size_t end = ed_str_find(t, ED_STR("\n"), from);

	return end == SIZE_MAX ? t.len : end + 1;
}

static void put(struct reg_redact *w, size_t from, size_t to)
{
	if (!w->learn)
		ed_buf_adds(w->out, ed_str_slice(w->text, from, to));
}

/* The quoted text at @i, decoded into @out. Returns the offset of the closing quote, or the end. */
static size_t decode_quoted(struct ed_str t, size_t i, struct ed_buf *out)
{
	ed_buf_clear(out);
	for (i++; i < t.len && t.p[i] != '"'; i++) {
		if (t.p[i] == '\\' && i + 1 < t.len && (t.p[i + 1] == '\\' || t.p[i + 1] == '"'))
			i++;
		ed_buf_addc(out, t.p[i]);
	}
	return i;
}

static void encode_quoted(struct ed_buf *out, struct ed_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '\\' || s.p[i] == '"')
			ed_buf_addc(out, '\\');
		ed_buf_addc(out, s.p[i]);
	}
}

static struct ed_str str_of(const struct ed_buf *b)
{
	return b->p ? ed_buf_str(b) : ED_STR("");
}

/* A value as text into w->clean; true when it changed. */
static bool clean_text(struct reg_redact *w, struct ed_str value)
{
	enum ed_redact_kind kind = key_value_kind(str_of(&w->key), str_of(&w->name));
	size_t done;

	ed_buf_clear(&w->clean);
	if (kind != ED_REDACT_KINDS)
		done = redact_typed(w->r, kind, value, w->flags, &w->clean);
	else
		done = redact_named(w->r, str_of(&w->name), value, w->flags, &w->clean);
	if (!w->learn && w->r->level == ED_REDACT_STRICT) {
		ed_buf_clear(&w->strict);
		if (strict_text(w->r, str_of(&w->clean), &w->strict)) {
			ed_buf_clear(&w->clean);
			ed_buf_adds(&w->clean, ed_buf_str(&w->strict));
			done++;
		}
	}
	w->done += done;
	return done > 0;
}

/* ---- keys ---- */

static size_t redact_key(struct reg_redact *w, size_t from, size_t to)
{
	struct ed_str key = ed_str_slice(w->text, from, to);
	size_t at = 0, end, part;
	enum ed_redact_kind kind;
	struct ed_buf *out = &w->clean;
	size_t done = 0;

	joint_reset(&w->r->joint);
	ed_buf_clear(&w->key);
	ed_buf_adds(&w->key, key);
	ed_buf_clear(out);
	while ((part = key_part_find(key, at, &end, &kind)) != SIZE_MAX) {
		done += redact_text(w->r, ed_str_slice(key, at, part), w->flags | SCAN_NO_LABELS, 0,
				    out);
		done += redact_typed(w->r, kind, ed_str_slice(key, part, end), w->flags, out);
		at = end;
	}
	done += redact_text(w->r, ed_str_slice(key, at, key.len), w->flags | SCAN_NO_LABELS, 0,
			    out);
	if (!w->learn)
		ed_buf_adds(w->out, ed_buf_str(out));
	w->done += done;
	return to;
}

static void walk_key(struct reg_redact *w, size_t from, size_t open, size_t to)
{
	size_t end = to;

	while (end > open && w->text.p[end - 1] != ']')
		end--;
	end = end > open ? end - 1 : to;
	put(w, from, open + 1);
	redact_key(w, open + 1, end);
	put(w, end, to);
}

/* ---- hex ---- */

/* Where hex data ends: at the first line that does not go on. */
static size_t hex_data_end(struct ed_str t, size_t i)
{
	for (;;) {
		size_t end = line_end(t, i);
		struct ed_str line = ed_str_trim(ed_str_slice(t, i, end));

		if (!line.len || line.p[line.len - 1] != '\\' || end == t.len)
			return end;
		i = end;
	}
}

static void decode_hex(struct ed_str s, struct ed_buf *out)
{
	ed_buf_clear(out);
	for (size_t i = 0; i < s.len; i++) {
		if (!byte_is_hex(s.p[i]))
			continue;
		if (i + 1 < s.len && byte_is_hex(s.p[i + 1])) {
			ed_buf_addc(out, (char)(byte_hex(s.p[i]) << 4 | byte_hex(s.p[i + 1])));
			i++;
		} else {
			ed_buf_addc(out, (char)byte_hex(s.p[i]));
		}
	}
}

static void encode_hex(struct ed_buf *out, struct ed_str bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		if (i)
			ed_buf_addc(out, ',');
		if (i && i % HEX_A_LINE == 0)
			ed_buf_addz(out, "\\\n  ");
		ed_buf_printf(out, "%02x", (unsigned)(unsigned char)bytes.p[i]);
	}
}

/* One text of UTF-16 within w->data, redacted and appended to @out. */
static bool clean_wide(struct reg_redact *w, struct ed_str units, struct ed_buf *out)
{
	bool changed;

	ed_buf_clear(&w->value);
	if (ed_buf_reserve(&w->value, ED_UTF8_MAX(units.len)))
		w->value.len = ed_utf8_from_utf16le(units.p, units.len, w->value.p, NULL);
	changed = clean_text(w, str_of(&w->value));
	if (changed)
		utf16_append(out, str_of(&w->clean));
	else
		ed_buf_adds(out, units);
	return changed;
}

/* A secret may be spread over the strings of a list: it goes from w->data. */
static bool clean_list(struct reg_redact *w)
{
	uint64_t before = w->r->counts[ED_REDACT_SECRET];
	struct ed_str b = str_of(&w->data);

	ed_buf_clear(&w->value);
	ed_buf_clear(&w->clean);
	if (w->learn || !ed_buf_reserve(&w->value, ED_UTF8_MAX(b.len)))
		return false;
	w->value.len = ed_utf8_from_utf16le(b.p, b.len, w->value.p, NULL);
	for (size_t i = 0; i < w->value.len; i++)
		w->value.p[i] = w->value.p[i] ? w->value.p[i] : '\n';
	redact_text(w->r, str_of(&w->value), w->flags | SCAN_SECRETS, 0, &w->clean);
	if (w->r->counts[ED_REDACT_SECRET] == before)
		return false;
	for (size_t i = 0; i < w->clean.len; i++)
		w->clean.p[i] = w->clean.p[i] == '\n' ? '\0' : w->clean.p[i];
	ed_buf_clear(&w->data);
	utf16_append(&w->data, str_of(&w->clean));
	w->done += (size_t)(w->r->counts[ED_REDACT_SECRET] - before);
	return true;
}

static bool clean_wides(struct reg_redact *w, struct ed_str b, struct ed_buf *out)
{
	bool changed = false;

	for (size_t i = 0; i < b.len;) {
		size_t end = i;

		while (end + 1 < b.len && (b.p[end] || b.p[end + 1]))
			end += 2;
		if (end > i)
			changed |= clean_wide(w, ed_str_slice(b, i, end), out);
		ed_buf_adds(out, ed_str_slice(b, end, end + 2));
		i = end + 2;
	}
	return changed;
}

/* Binary data whose name says that they are a secret or an identity. */
static bool clean_binary(struct reg_redact *w, struct ed_str b, struct ed_buf *out)
{
	const struct name_row *row = name_find(str_of(&w->name));
	enum ed_redact_kind kind = row ? row->kind : ED_REDACT_KINDS;
	size_t least = row && (row->flags & NAME_TOKEN) ? 16 : 5;

	if (row && !(row->flags & (NAME_GUID | NAME_SWITCH | NAME_QUERY)) && b.len >= least &&
	    redactor_wants(w->r, kind)) {
		ed_buf_adds(out, w->learn ? b : redactor_pseudonym(w->r, kind, b));
		w->r->counts[kind] += !w->learn;
		w->done += !w->learn;
		return !w->learn;
	}
	if (!redact_bytes(w->r, b, w->flags, 0, out))
		return false;
	w->done++;
	return true;
}

/* hex data from @from (behind the colon) to @to. */
static void walk_hex(struct reg_redact *w, unsigned type, size_t from, size_t to)
{
	bool text = type == HEX_SZ || type == HEX_EXPAND || type == HEX_MULTI;
	struct ed_buf clean;
	bool changed, list;

	decode_hex(ed_str_slice(w->text, from, to), &w->data);
	list = type == HEX_MULTI && !w->ansi && clean_list(w);
	ed_buf_init(&clean, ED_LIMIT_MEMBER_BYTES);
	if (text && !w->ansi)
		changed = clean_wides(w, str_of(&w->data), &clean);
	else
		changed = clean_binary(w, str_of(&w->data), &clean);
	if (clean.status != ED_OK)
		redactor_fail(w->r, clean.status);
	if ((changed || list) && !w->learn) {
		encode_hex(w->out, ed_buf_str(&clean));
		ed_buf_addc(w->out, '\n');
	} else {
		put(w, from, to);
	}
	ed_buf_release(&clean);
}

/* "hex:", "hex(2):": the type, and where data begin; 0 when it is neither. */
static size_t hex_start(struct ed_str t, size_t i, unsigned *type)
{
	*type = HEX_BINARY;
	if (!ed_str_istarts(ed_str_slice(t, i, i + 3), ED_STR("hex")))
		return 0;
	i += 3;
	if (i < t.len && t.p[i] == '(') {
		*type = 0;
		for (i++; i < t.len && byte_is_hex(t.p[i]) && *type < 0x1000; i++)
			*type = *type * 16 + (unsigned)byte_hex(t.p[i]);
		if (i >= t.len || t.p[i++] != ')')
			return 0;
	}
	return i < t.len && t.p[i] == ':' ? i + 1 : 0;
}

/* ---- values ---- */

static void put_quoted(struct reg_redact *w, size_t from, size_t to, bool changed)
{
	if (!changed || w->learn) {
		put(w, from, to);
		return;
	}
	ed_buf_addc(w->out, '"');
	encode_quoted(w->out, str_of(&w->clean));
	if (to > from && w->text.p[to - 1] == '"')
		ed_buf_addc(w->out, '"');
}

/* The name at @i and its '='; returns where data begin, SIZE_MAX when it is none. */
static size_t walk_name(struct reg_redact *w, size_t i)
{
	struct ed_str t = w->text;
	size_t end = i, eq;
	bool changed = false;

	ed_buf_clear(&w->name);
	if (t.p[i] == '"') {
		end = decode_quoted(t, i, &w->name);
		eq = line_end(t, i);
		if (end >= eq)
			return SIZE_MAX; /* a name does not go over lines */
		ed_buf_clear(&w->clean);
		changed = redact_text(w->r, str_of(&w->name), w->flags | SCAN_NO_LABELS, 0,
				      &w->clean) > 0;
	}
	for (eq = end + 1; eq < t.len && (t.p[eq] == ' ' || t.p[eq] == '\t'); eq++)
		;
	if (eq >= t.len || t.p[eq] != '=')
		return SIZE_MAX;
	w->done += changed;
	if (t.p[i] == '"')
		put_quoted(w, i, end + 1, changed);
	else
		put(w, i, end + 1);
	for (i = eq + 1; i < t.len && (t.p[i] == ' ' || t.p[i] == '\t'); i++)
		;
	put(w, end + 1, i);
	return i;
}

/* The value whose name begins at @i. Returns the offset behind its last line. */
static size_t walk_value(struct reg_redact *w, size_t i)
{
	size_t data = walk_name(w, i), end;
	unsigned type;

	if (data == SIZE_MAX) {
		end = line_end(w->text, i);
		w->done += redact_text(w->r, ed_str_slice(w->text, i, end), w->flags, 0, w->out);
		return end;
	}
	if (data < w->text.len && w->text.p[data] == '"') {
		bool changed;

		end = decode_quoted(w->text, data, &w->value);
		end = end < w->text.len ? end + 1 : end;
		changed = clean_text(w, str_of(&w->value));
		put_quoted(w, data, end, changed);
		data = line_end(w->text, end);
		w->done += redact_text(w->r, ed_str_slice(w->text, end, data), w->flags, 0, w->out);
		return data;
	}
	end = hex_start(w->text, data, &type);
	if (!end) {
		end = line_end(w->text, data);
		w->done += redact_text(w->r, ed_str_slice(w->text, data, end), w->flags, 0, w->out);
		return end;
	}
	put(w, data, end);
	data = end;
	end = hex_data_end(w->text, data);
	walk_hex(w, type, data, end);
	return end;
}

/* The first letter of the line at @i that is no blank; 0: it has none. */
static char line_mark(struct ed_str t, size_t i)
{
	while (i < t.len && (t.p[i] == ' ' || t.p[i] == '\t'))
		i++;
	return i < t.len ? t.p[i] : 0;
}

static bool begins_value(char c)
{
	return c == '[' || c == '"' || c == '@';
}

/* Lines that are none of registry text: a key in PEM may be in them. */
static size_t walk_other(struct reg_redact *w, size_t i)
{
	size_t end = line_end(w->text, i);

	while (end < w->text.len && !begins_value(line_mark(w->text, end)))
		end = line_end(w->text, end);
	w->done += redact_lines(w->r, ed_str_slice(w->text, i, end), w->learn, w->out);
	return end;
}

static size_t walk_line(struct reg_redact *w, size_t i)
{
	size_t end = line_end(w->text, i), at = i;

	if (!begins_value(line_mark(w->text, i)))
		return walk_other(w, i);
	while (w->text.p[at] == ' ' || w->text.p[at] == '\t')
		at++;
	if (w->text.p[at] == '[') {
		walk_key(w, i, at, end);
		return end;
	}
	put(w, i, at);
	return walk_value(w, at);
}

size_t form_reg(struct ed_redactor *r, struct ed_str bytes, bool learn, struct ed_buf *out)
{
	struct reg_redact w = { .r = r, .out = out, .learn = learn };
	struct ed_buf *const bufs[] = { &w.key, &w.name, &w.value, &w.clean, &w.strict, &w.data };
	struct ed_buf text;

	w.flags = learn ? SCAN_LEARN : 0;
	ed_buf_init(&text, ED_LIMIT_MEMBER_BYTES);
	for (size_t i = 0; i < ED_COUNT(bufs); i++)
		ed_buf_init(bufs[i], ED_LIMIT_MEMBER_BYTES);
	if (!ed_utf8_valid(bytes)) {
		ed_buf_text(&text, bytes.p, bytes.len, NULL);
		bytes = ed_buf_str(&text);
	}
	if (text.status != ED_OK)
		redactor_fail(r, text.status);
	w.text = bytes;
	w.ansi = ed_str_istarts(ed_str_trim(bytes), ED_STR("REGEDIT4"));
	for (size_t i = 0; i < bytes.len && r->status == ED_OK && out->status == ED_OK;)
		i = walk_line(&w, i);
	for (size_t i = 0; i < ED_COUNT(bufs); i++) {
		if (bufs[i]->status != ED_OK)
			redactor_fail(r, bufs[i]->status);
		ed_buf_release(bufs[i]);
	}
	ed_buf_release(&text);
	return w.done;
}

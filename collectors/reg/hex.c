/* SPDX-License-Identifier: MIT */
/* hex(type): data, over continued lines, as text or as a number. */
#include "reg_priv.h"

#include "espdiag/base/cursor.h"
#include "espdiag/base/limits.h"
#include "espdiag/base/utf.h"

/* Registry value types by their number. */
enum reg_type {
	REG_TYPE_SZ = 1,
	REG_TYPE_EXPAND_SZ = 2,
	REG_TYPE_BINARY = 3,
	REG_TYPE_DWORD = 4,
	REG_TYPE_DWORD_BIG_ENDIAN = 5,
	REG_TYPE_MULTI_SZ = 7,
	REG_TYPE_QWORD = 11,
};

static bool goes_on(struct ed_str line)
{
	line = ed_str_trim(line);
	return line.len && line.p[line.len - 1] == '\\';
}

/* A continued line holds data and nothing that could begin another value or key. */
static bool may_continue(struct ed_str line)
{
	line = reg_skip_blanks(line);
	return !line.len || (line.p[0] != '[' && line.p[0] != '"' && line.p[0] != '@');
}

void reg_skip_continued(struct reg_walk *w, struct ed_str line)
{
	while (goes_on(line)) {
		if (!reg_peek_line(w, &line) || !may_continue(line))
			return;
		reg_take_line(w, &line);
	}
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

/* The bytes of one line, appended; false when there is something else in it. */
static bool take_bytes(struct ed_buf *bytes, struct ed_str line)
{
	size_t i = 0;

	while (i < line.len) {
		int high = hex_digit(line.p[i]);
		int low = i + 1 < line.len ? hex_digit(line.p[i + 1]) : -1;

		if (line.p[i] == ' ' || line.p[i] == '\t') {
			i++;
			continue;
		}
		if (high < 0)
			return line.p[i] == ';';
		ed_buf_addc(bytes, (char)(low < 0 ? high : high << 4 | low));
		i += low < 0 ? 1 : 2;
		while (i < line.len && (line.p[i] == ' ' || line.p[i] == '\t'))
			i++;
		if (i < line.len && line.p[i] == ',')
			i++;
		else if (i < line.len)
			return line.p[i] == ';';
	}
	return true;
}

/* All bytes of the value, whose first line is @line, into @bytes. NULL, or why not. */
static const char *take_lines(struct reg_walk *w, struct ed_str line)
{
	for (;;) {
		struct ed_str data = ed_str_trim(line);
		bool more = goes_on(data);

		if (more)
			data.len--;
		if (line.len >= ED_LIMIT_LINE || !take_bytes(&w->bytes, data)) {
			reg_skip_continued(w, line);
			return "binary data not understood";
		}
		if (w->bytes.len > ED_LIMIT_LINE || w->bytes.status == ED_LIMIT) {
			reg_skip_continued(w, line);
			return "value too long";
		}
		if (!more)
			return NULL;
		if (!reg_peek_line(w, &line)) {
			w->cut = true;
			return "text ends inside a value";
		}
		if (!may_continue(line))
			return "value without its end";
		reg_take_line(w, &line);
	}
}

/* Bytes of text until the end, or until the first NUL where NULs do not separate. */
static size_t text_end(struct ed_str bytes, size_t unit, bool multi)
{
	size_t end = 0;

	for (size_t i = 0; i + unit <= bytes.len; i += unit) {
		bool nul = !bytes.p[i] && (unit == 1 || !bytes.p[i + 1]);

		if (nul && !multi)
			return i;
		if (!nul)
			end = i + unit;
	}
	return bytes.len % unit && !multi ? bytes.len : end;
}

static void add_text(struct reg_walk *w, const char *p, size_t n)
{
	char out[ED_UTF8_MAX(512)];

	if (w->ansi) {
		ed_buf_cp1252(&w->value, p, n, NULL);
		return;
	}
	while (n) {
		size_t part = n > 512 ? 512 : n;

		/* do not cut between the halves of a pair */
		if (part < n && ((unsigned char)p[part - 1] & 0xFC) == 0xD8)
			part -= 2;
		ed_buf_add(&w->value, out, ed_utf8_from_utf16le(p, part, out, NULL));
		p += part;
		n -= part;
	}
}

static void text_value(struct reg_walk *w, bool multi)
{
	struct ed_str bytes = ed_buf_str(&w->bytes);
	size_t unit = w->ansi ? 1 : 2;
	size_t end = text_end(bytes, unit, multi);
	size_t start = 0;

	for (size_t i = 0; multi && i + unit <= end; i += unit) {
		if (bytes.p[i] || (unit == 2 && bytes.p[i + 1]))
			continue;
		add_text(w, bytes.p + start, i - start);
		ed_buf_addc(&w->value, '\n');
		start = i + unit;
	}
	add_text(w, bytes.p + start, end - start);
}

static void binary_value(struct reg_walk *w)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < w->bytes.len; i++) {
		unsigned char c = (unsigned char)w->bytes.p[i];
		char pair[2] = { digits[c >> 4], digits[c & 15] };

		ed_buf_add(&w->value, pair, 2);
	}
}

static bool number_value(struct reg_walk *w, uint64_t type, uint64_t *number)
{
	struct ed_cursor c = { .p = (const unsigned char *)w->bytes.p, .left = w->bytes.len };
	uint32_t value;

	if (type == REG_TYPE_QWORD && c.left == 8) {
		*number = ed_cursor_u64(&c);
		return true;
	}
	if ((type != REG_TYPE_DWORD && type != REG_TYPE_DWORD_BIG_ENDIAN) || c.left != 4)
		return false;
	value = ed_cursor_u32(&c);
	if (type == REG_TYPE_DWORD_BIG_ENDIAN)
		value = value << 24 | (value & 0xFF00) << 8 | (value >> 8 & 0xFF00) | value >> 24;
	*number = value;
	return true;
}

const char *reg_take_hex(struct reg_walk *w, struct ed_str text, bool *has_number, uint64_t *number)
{
	uint64_t type = REG_TYPE_BINARY;
	size_t colon = ed_str_find(text, ED_STR(":"), 0);
	struct ed_str kind = ed_str_slice(text, 0, colon);
	const char *why;

	if (colon == SIZE_MAX ||
	    (kind.len && (kind.len < 3 || kind.p[0] != '(' || kind.p[kind.len - 1] != ')' ||
			  !reg_hex_number(ed_str_slice(kind, 1, kind.len - 1), 8, &type)))) {
		reg_skip_continued(w, text);
		return "value of an unknown kind";
	}
	why = take_lines(w, ed_str_slice(text, colon + 1, text.len));
	if (why)
		return why;
	*has_number = number_value(w, type, number);
	if (type == REG_TYPE_SZ || type == REG_TYPE_EXPAND_SZ || type == REG_TYPE_MULTI_SZ)
		text_value(w, type == REG_TYPE_MULTI_SZ);
	else if (!*has_number)
		binary_value(w);
	return NULL;
}

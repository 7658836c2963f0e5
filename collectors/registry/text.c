/* SPDX-License-Identifier: MIT */
/*
 * Keys and values as .reg text. Strings are what a program that asks for them sees: they end at
 * their first NUL, since what lies behind it is often memory that nobody meant to keep.
 */
#include "registry_priv.h"

#include "espdiag/base/time.h"
#include "espdiag/base/utf.h"

#define BYTES_A_LINE 25
#define PIECE_BYTES ((size_t)512)

void registry_text_begin(struct ed_buf *out)
{
	ed_buf_addz(out, "Windows Registry Editor Version 5.00\n");
}

void registry_text_key(struct ed_buf *out, struct ed_str path, int64_t time)
{
	char text[ED_TIME_TEXT];

	ed_buf_addz(out, "\n[");
	ed_buf_adds(out, path);
	ed_buf_addz(out, "]\n");
	if (time == ED_TIME_NONE)
		return;
	ed_time_format_full(time, text);
	ed_buf_printf(out, ";time=%s\n", text);
}

/* UTF-16LE to UTF-8, in pieces that never part a pair. */
static void add_utf8(struct ed_buf *out, struct ed_str utf16)
{
	char piece[ED_UTF8_MAX(PIECE_BYTES)];

	while (utf16.len) {
		size_t n = utf16.len > PIECE_BYTES ? PIECE_BYTES : utf16.len;

		if (n < utf16.len && ((unsigned char)utf16.p[n - 1] & 0xFC) == 0xD8)
			n -= 2;
		ed_buf_add(out, piece, ed_utf8_from_utf16le(utf16.p, n, piece, NULL));
		utf16 = ed_str_slice(utf16, n, utf16.len);
	}
}

void registry_text_name(struct ed_buf *out, struct ed_str utf16)
{
	size_t from = out->len;

	add_utf8(out, utf16);
	if (out->status != ED_OK)
		return;
	/* a line end would end the name as well */
	for (size_t i = from; i < out->len; i++)
		if (out->p[i] == '\n' || out->p[i] == '\r')
			out->p[i] = ' ';
}

static void add_escaped(struct ed_buf *out, struct ed_str s)
{
	size_t from = 0;

	for (size_t i = 0; i < s.len; i++) {
		/* the reader takes line ends as LF, and LF is how lines of the form end */
		bool dropped = s.p[i] == '\r' && i + 1 < s.len && s.p[i + 1] == '\n';

		if (s.p[i] != '"' && s.p[i] != '\\' && !dropped)
			continue;
		ed_buf_adds(out, ed_str_slice(s, from, i));
		if (!dropped)
			ed_buf_addc(out, '\\');
		from = dropped ? i + 1 : i;
	}
	ed_buf_adds(out, ed_str_slice(s, from, s.len));
}

static void add_name(struct ed_buf *out, struct ed_str name)
{
	if (!name.len) {
		ed_buf_addc(out, '@');
	} else {
		ed_buf_addc(out, '"');
		add_escaped(out, name);
		ed_buf_addc(out, '"');
	}
	ed_buf_addc(out, '=');
}

static void add_hex(struct ed_buf *out, struct ed_str data)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < data.len; i++) {
		unsigned char c = (unsigned char)data.p[i];
		char pair[2] = { digits[c >> 4], digits[c & 15] };

		if (i)
			ed_buf_addz(out, i % BYTES_A_LINE ? "," : ",\\\n  ");
		ed_buf_add(out, pair, 2);
	}
	ed_buf_addc(out, '\n');
}

/* Bytes in front of the first NUL; an odd byte at the end counts. */
static struct ed_str until_nul(struct ed_str data)
{
	for (size_t i = 0; i + 1 < data.len; i += 2)
		if (!data.p[i] && !data.p[i + 1])
			return ed_str_slice(data, 0, i);
	/* half of a NUL is no character */
	if (data.len % 2 && !data.p[data.len - 1])
		data.len--;
	return data;
}

/*
 * Whether a line in the middle of @text could be taken for the beginning of a key, or line ends
 * would not come back as they are.
 */
static bool breaks_lines(struct ed_str text)
{
	struct ed_str rest = text, line;
	bool first = true;

	while (ed_str_next(&rest, '\n', &line)) {
		if (!first) {
			line = ed_str_trim(line);
			if (line.len && line.p[0] == '[')
				return true;
		}
		first = false;
	}
	return ed_str_find(text, ED_STR("\r\r\n"), 0) != SIZE_MAX;
}

/* A string in quotes; false, and nothing appended, when it would not be read back. */
static bool add_string(struct ed_buf *out, struct ed_str data)
{
	struct ed_buf text;
	bool fits;

	ed_buf_init(&text, ED_UTF8_MAX(data.len) + 1);
	add_utf8(&text, data);
	fits = !breaks_lines(ed_buf_str(&text));
	if (fits && text.status == ED_OK) {
		ed_buf_addc(out, '"');
		add_escaped(out, ed_buf_str(&text));
		ed_buf_addz(out, "\"\n");
	}
	if (text.status != ED_OK)
		out->status = text.status;
	ed_buf_release(&text);
	return fits;
}

void registry_text_value(struct ed_buf *out, struct ed_str name, uint32_t type, struct ed_str data)
{
	if (!data.p)
		data = ED_STR("");
	add_name(out, name);
	if (type == REGISTRY_DWORD && data.len == 4) {
		const unsigned char *p = (const unsigned char *)data.p;

		ed_buf_printf(out, "dword:%02x%02x%02x%02x\n", p[3], p[2], p[1], p[0]);
		return;
	}
	if (type == REGISTRY_SZ || type == REGISTRY_EXPAND_SZ)
		data = until_nul(data);
	if (type == REGISTRY_SZ && add_string(out, data))
		return;
	if (type == REGISTRY_BINARY)
		ed_buf_addz(out, "hex:");
	else
		ed_buf_printf(out, "hex(%x):", (unsigned)type);
	add_hex(out, data);
}

size_t registry_text_room(struct ed_str name, size_t data_len)
{
	/* a byte of hex takes three, and a line end four, after 25 of them; of text at most three
	 */
	return name.len * 2 + data_len * 4 + 64;
}

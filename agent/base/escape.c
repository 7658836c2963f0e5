/* SPDX-License-Identifier: MIT */
/* UTF-16LE and UTF-8 escaped for XML and JSON in the same pass that converts it. */
#include "espdiag/base/escape.h"

#include "espdiag/base/cursor.h"
#include "espdiag/base/escape_block.h"

#define REPLACEMENT UINT32_C(0xFFFD)

static char *put_text(char *out, const char *z)
{
	while (*z)
		*out++ = *z++;
	return out;
}

static char *put_json_ascii(char *out, uint32_t c)
{
	switch (c) {
	case '"':
		return put_text(out, "\\\"");
	case '\\':
		return put_text(out, "\\\\");
	case '\n':
		return put_text(out, "\\n");
	case '\r':
		return put_text(out, "\\r");
	case '\t':
		return put_text(out, "\\t");
	default:
		*out = (char)c;
		return out + 1;
	}
}

static char *put_xml_ascii(char *out, uint32_t c, bool is_attribute)
{
	switch (c) {
	case '&':
		return put_text(out, "&amp;");
	case '<':
		return put_text(out, "&lt;");
	case '>':
		return put_text(out, "&gt;");
	case '\r':
		return put_text(out, "&#13;");
	case '"':
		return put_text(out, is_attribute ? "&quot;" : "\"");
	case '\n':
		return put_text(out, is_attribute ? "&#10;" : "\n");
	case '\t':
		return put_text(out, is_attribute ? "&#9;" : "\t");
	default:
		*out = (char)c;
		return out + 1;
	}
}

static bool is_forbidden(uint32_t c)
{
	if (c < 0x20)
		return c != '\t' && c != '\n' && c != '\r';
	return c == 0xFFFE || c == 0xFFFF || (c >= 0xD800 && c <= 0xDFFF);
}

/* One code point of at most 0x10FFFF; six bytes at most. */
static char *put_code(char *out, uint32_t c, enum ed_escape kind)
{
	if (is_forbidden(c))
		c = REPLACEMENT;
	if (c < 0x80)
		return kind == ED_ESCAPE_JSON
			       ? put_json_ascii(out, c)
			       : put_xml_ascii(out, c, kind == ED_ESCAPE_XML_ATTRIBUTE);
	if (c < 0x800) {
		out[0] = (char)(0xC0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3F));
		return out + 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xE0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3F));
		out[2] = (char)(0x80 | (c & 0x3F));
		return out + 3;
	}
	out[0] = (char)(0xF0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3F));
	out[2] = (char)(0x80 | (c >> 6 & 0x3F));
	out[3] = (char)(0x80 | (c & 0x3F));
	return out + 4;
}

/* Takes one character off the front of the @n bytes at @p; *used is 1 (an odd byte), 2 or 4. */
static char *put_first(char *out, const unsigned char *p, size_t n, size_t *used,
		       enum ed_escape kind)
{
	uint32_t c, low;

	*used = n < 2 ? 1 : 2;
	if (n < 2)
		return put_code(out, REPLACEMENT, kind);
	c = ed_le16(p);
	if (c >= 0xD800 && c < 0xDC00 && n >= 4) {
		low = ed_le16(p + 2);
		if (low >= 0xDC00 && low < 0xE000) {
			c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
			*used = 4;
		}
	}
	return put_code(out, c, kind);
}

/* A unit that goes out as the one byte it is, whatever the kind. */
static bool is_plain(uint32_t c)
{
	return c >= 0x20 && c < 0x80 && c != '&' && c != '<' && c != '>' && c != '"' && c != '\\';
}

char *ed_escape_utf16le_portable(char *out, const void *bytes, size_t n, size_t readable,
				 enum ed_escape kind)
{
	const unsigned char *p = bytes;

	(void)readable;
	while (n) {
		size_t used = 2;

		if (n >= 2 && is_plain(ed_le16(p)))
			*out++ = (char)p[0];
		else
			out = put_first(out, p, n, &used, kind);
		p += used;
		n -= used;
	}
	return out;
}

#if ED_ESCAPE_BLOCKS
#define SIXTEEN(c)                                                                                 \
	{                                                                                          \
		c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c                                     \
	}

const char ed_escape_specials[][16] = {
	/* ED_ESCAPE_XML_TEXT */
	SIXTEEN('"'),
	SIXTEEN('&'),
	SIXTEEN('<'),
	SIXTEEN('>'),
	/* ED_ESCAPE_XML_ATTRIBUTE */
	SIXTEEN('"'),
	SIXTEEN('&'),
	SIXTEEN('<'),
	SIXTEEN('>'),
	/* ED_ESCAPE_JSON */
	SIXTEEN('"'),
	SIXTEEN('\\'),
	SIXTEEN('"'),
	SIXTEEN('\\'),
};

static inline unsigned pack16(char *out, const unsigned char *p, enum ed_escape kind)
{
	return ed_escape_pack16(out, ed_load16(p), ed_load16(p + 16), kind);
}

/* From the first unit that is not plain on. */
static char *escape_rest(char *out, const unsigned char *p, size_t n, size_t readable,
			 enum ed_escape kind)
{
	size_t used;

	while (n >= 2 && readable >= 32) {
		size_t units = n / 2 < 16 ? n / 2 : 16;
		/* the bit behind the last unit stops the search */
		unsigned special = pack16(out, p, kind) | 1u << units;
		size_t plain = (size_t)__builtin_ctz(special);

		out += plain;
		p += 2 * plain;
		n -= 2 * plain;
		readable -= 2 * plain;
		if (plain == units)
			continue;
		/* other scripts come in runs: stay here until a plain unit */
		do {
			out = put_first(out, p, n, &used, kind);
			p += used;
			n -= used;
			readable -= used;
		} while (n >= 2 && !is_plain(ed_le16(p)));
	}
	return n ? ed_escape_utf16le_portable(out, p, n, readable, kind) : out;
}

/* Most text is plain to its end: what calls nothing keeps everything in registers. */
char *ed_escape_utf16le(char *out, const void *bytes, size_t n, size_t readable,
			enum ed_escape kind)
{
	const unsigned char *p = bytes;

	for (; n >= 32; out += 16, p += 32, n -= 32, readable -= 32)
		if (pack16(out, p, kind))
			return escape_rest(out, p, n, readable, kind);
	if (n < 2 || readable < 32 || pack16(out, p, kind) << (32 - n / 2) || n % 2)
		return n ? escape_rest(out, p, n, readable, kind) : out;
	return out + n / 2;
}
#else
char *ed_escape_utf16le(char *out, const void *bytes, size_t n, size_t readable,
			enum ed_escape kind)
{
	return ed_escape_utf16le_portable(out, bytes, n, readable, kind);
}
#endif

void ed_buf_escape(struct ed_buf *buf, struct ed_str s, enum ed_escape kind)
{
	size_t plain = 0;

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];
		char out[8], *end;

		if (c >= 0x80 || is_plain(c))
			continue;
		ed_buf_add(buf, s.p + plain, i - plain);
		end = put_code(out, c, kind);
		ed_buf_add(buf, out, (size_t)(end - out));
		plain = i + 1;
	}
	if (s.len > plain)
		ed_buf_add(buf, s.p + plain, s.len - plain);
}

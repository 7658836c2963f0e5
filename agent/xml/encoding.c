/* SPDX-License-Identifier: MIT */
/* Which encoding XML bytes are in, and the way from there to UTF-8. */
#include "espdiag/xml/encoding.h"

#include "espdiag/base/utf.h"

#define DECODE_PART ((size_t)1024) /* bytes of UTF-16 that are converted at once */

static bool starts(const unsigned char *p, size_t n, const char *with, size_t with_len)
{
	return n >= with_len && memcmp(p, with, with_len) == 0;
}

/* The encoding by its bytes alone; *bom bytes are to be dropped. False: UTF-32. */
static bool sniff(const unsigned char *p, size_t n, enum ed_xml_encoding *encoding, size_t *bom)
{
	*bom = 0;
	*encoding = ED_XML_UTF8;
	if (starts(p, n, "\xFF\xFE\0\0", 4) || starts(p, n, "\0\0\xFE\xFF", 4) ||
	    starts(p, n, "<\0\0\0", 4) || starts(p, n, "\0\0\0<", 4))
		return false;
	if (starts(p, n, "\xEF\xBB\xBF", 3)) {
		*bom = 3;
	} else if (starts(p, n, "\xFF\xFE", 2)) {
		*bom = 2;
		*encoding = ED_XML_UTF16LE;
	} else if (starts(p, n, "\xFE\xFF", 2)) {
		*bom = 2;
		*encoding = ED_XML_UTF16BE;
	} else if (n >= 2 && p[0] != 0 && p[1] == 0) {
		/* without a mark the first character still is ASCII, as in all XML */
		*encoding = ED_XML_UTF16LE;
	} else if (n >= 2 && p[0] == 0 && p[1] != 0) {
		*encoding = ED_XML_UTF16BE;
	}
	return true;
}

/* What the declaration at the front of 8-bit text says; ED_XML_UTF8 without one. */
static enum ed_xml_encoding declared(struct ed_str text)
{
	static const char *const utf8[] = { "utf-8",    "utf8",     "us-ascii", "utf-16",
					    "utf-16le", "utf-16be", "unicode" };
	static const char *const cp1252[] = { "windows-1252", "iso-8859-1", "latin1", "cp1252" };
	size_t from, to;

	if (!ed_str_starts(text, ED_STR("<?xml")))
		return ED_XML_UTF8;
	text = ed_str_slice(text, 0, ed_str_find(text, ED_STR("?>"), 0));
	from = ed_str_find(text, ED_STR("encoding"), 0);
	if (from == SIZE_MAX)
		return ED_XML_UTF8;
	for (from += 8; from < text.len && text.p[from] != '"' && text.p[from] != '\''; from++)
		;
	for (to = from + 1; to < text.len && text.p[to] != text.p[from]; to++)
		;
	text = ed_str_slice(text, from + 1, to);
	if (!text.len)
		return ED_XML_UTF8;
	for (size_t i = 0; i < ED_COUNT(utf8); i++)
		if (ed_str_ieq(text, ed_str_from(utf8[i])))
			return ED_XML_UTF8;
	for (size_t i = 0; i < ED_COUNT(cp1252); i++)
		if (ed_str_ieq(text, ed_str_from(cp1252[i])))
			return ED_XML_CP1252;
	return ED_XML_OTHER;
}

/* True when the UTF-16 unit that ends at @end is the first half of a pair. */
static bool ends_in_half(const struct ed_xml_decoder *decoder, const unsigned char *end)
{
	return ((decoder->encoding == ED_XML_UTF16LE ? end[-1] : end[-2]) & 0xFC) == 0xD8;
}

/* Whole characters of UTF-16, at most DECODE_PART bytes of them. */
static void decode_part(const struct ed_xml_decoder *decoder, const unsigned char *p, size_t n,
			struct ed_buf *out)
{
	unsigned char swapped[DECODE_PART];
	char utf8[ED_UTF8_MAX(DECODE_PART)];

	if (decoder->encoding == ED_XML_UTF16BE) {
		for (size_t i = 0; i + 1 < n; i += 2) {
			swapped[i] = p[i + 1];
			swapped[i + 1] = p[i];
		}
		if (n % 2)
			swapped[n - 1] = p[n - 1];
		p = swapped;
	}
	ed_buf_add(out, utf8, ed_utf8_from_utf16le(p, n, utf8, NULL));
}

static void decode_utf16(struct ed_xml_decoder *decoder, const unsigned char *p, size_t n,
			 bool last, struct ed_buf *out)
{
	/* the character that was cut by the end of the bytes before these */
	while (decoder->held_len && n) {
		size_t len;

		decoder->held[decoder->held_len++] = *p++;
		n--;
		len = decoder->held_len;
		if (len % 2 || (len == 2 && ends_in_half(decoder, decoder->held + 2)))
			continue;
		if (len == 4 && ends_in_half(decoder, decoder->held + 4)) {
			/* the first half had no second, but this one may */
			decode_part(decoder, decoder->held, 2, out);
			memmove(decoder->held, decoder->held + 2, 2);
			decoder->held_len = 2;
			continue;
		}
		decode_part(decoder, decoder->held, len, out);
		decoder->held_len = 0;
	}
	while (n) {
		size_t part = n > DECODE_PART ? DECODE_PART : n;

		if (part < n || !last) {
			part -= part % 2;
			if (part && ends_in_half(decoder, p + part))
				part -= 2;
		}
		if (!part)
			break;
		decode_part(decoder, p, part, out);
		p += part;
		n -= part;
	}
	if (n) {
		memcpy(decoder->held, p, n);
		decoder->held_len = n;
	}
	if (last && decoder->held_len) {
		decode_part(decoder, decoder->held, decoder->held_len, out);
		decoder->held_len = 0;
	}
}

ed_status ed_xml_decode(struct ed_xml_decoder *decoder, const void *bytes, size_t n, bool last,
			struct ed_buf *out, struct ed_error *err)
{
	const unsigned char *p = bytes;

	if (decoder->encoding == ED_XML_ENCODING_UNKNOWN && n) {
		size_t bom;

		if (!sniff(p, n, &decoder->encoding, &bom)) {
			decoder->encoding = ED_XML_ENCODING_UNKNOWN;
			return ed_fail(err, ED_FORMAT, "text in UTF-32, which is not read");
		}
		p += bom;
		n -= bom;
		if (decoder->encoding == ED_XML_UTF8)
			decoder->encoding = declared((struct ed_str){ (const char *)p, n });
	}
	if (decoder->encoding == ED_XML_UTF16LE || decoder->encoding == ED_XML_UTF16BE)
		decode_utf16(decoder, p, n, last, out);
	else
		ed_buf_add(out, p, n);
	if (out->status == ED_LIMIT)
		return ed_fail(err, ED_LIMIT, "longer than %zu bytes as UTF-8", out->limit);
	if (out->status != ED_OK)
		return ed_fail(err, out->status, "out of memory for text");
	return ED_OK;
}

ed_status ed_xml_clean(const struct ed_xml_decoder *decoder, struct ed_str text,
		       struct ed_buf *hold, struct ed_str *clean, struct ed_error *err)
{
	if (ed_utf8_valid(text)) {
		*clean = text;
		return ED_OK;
	}
	ed_buf_clear(hold);
	if (decoder->encoding == ED_XML_OTHER)
		return ed_fail(err, ED_FORMAT, "text in an encoding that is not read");
	if (decoder->encoding == ED_XML_CP1252)
		ed_buf_cp1252(hold, text.p, text.len, NULL);
	else
		ed_buf_utf8(hold, text, NULL);
	if (hold->status == ED_LIMIT)
		return ed_fail(err, ED_LIMIT, "longer than %zu bytes as UTF-8", hold->limit);
	if (hold->status != ED_OK)
		return ed_fail(err, hold->status, "out of memory for text");
	*clean = ed_buf_str(hold);
	return ED_OK;
}

ed_status ed_xml_document(struct ed_str bytes, struct ed_buf *hold, struct ed_str *document,
			  struct ed_error *err)
{
	struct ed_xml_decoder decoder = { 0 };
	enum ed_xml_encoding encoding;
	size_t bom;

	if (!sniff((const unsigned char *)bytes.p, bytes.len, &encoding, &bom))
		return ed_fail(err, ED_FORMAT, "text in UTF-32, which is not read");
	if (encoding == ED_XML_UTF8) {
		bytes = ed_str_slice(bytes, bom, bytes.len);
		decoder.encoding = declared(bytes);
		return ed_xml_clean(&decoder, bytes, hold, document, err);
	}
	ed_buf_clear(hold);
	ED_TRY(ed_xml_decode(&decoder, bytes.p, bytes.len, true, hold, err));
	*document = ed_buf_str(hold);
	return ED_OK;
}

/* @head as characters in @ascii, one byte each, what is not ASCII as '?'. Returns their number. */
static size_t head_ascii(struct ed_str head, char *ascii)
{
	const unsigned char *p = (const unsigned char *)head.p;
	enum ed_xml_encoding encoding;
	size_t bom, n = 0;

	if (head.len > ED_XML_ROOT_BYTES)
		head.len = ED_XML_ROOT_BYTES;
	if (!sniff(p, head.len, &encoding, &bom))
		return 0;
	for (size_t i = bom; i < head.len;) {
		unsigned c = p[i];

		if (encoding == ED_XML_UTF16LE || encoding == ED_XML_UTF16BE) {
			if (head.len - i < 2)
				break;
			c = encoding == ED_XML_UTF16LE ? p[i] | (unsigned)p[i + 1] << 8
						       : p[i + 1] | (unsigned)p[i] << 8;
			i++;
		}
		i++;
		ascii[n++] = c < 0x80 ? (char)c : '?';
	}
	return n;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Drops white space, processing instructions and comments off the front. */
static struct ed_str skip_prolog(struct ed_str s)
{
	for (;;) {
		struct ed_str close = ED_STR("?>");
		size_t end;

		while (s.len && is_space(s.p[0]))
			s = ed_str_slice(s, 1, s.len);
		if (ed_str_starts(s, ED_STR("<!--")))
			close = ED_STR("-->");
		else if (!ed_str_starts(s, ED_STR("<?")))
			return s;
		end = ed_str_find(s, close, close.len == 3 ? 4 : 2);
		s = end == SIZE_MAX ? (struct ed_str){ NULL, 0 }
				    : ed_str_slice(s, end + close.len, s.len);
	}
}

struct ed_str ed_xml_root_name(struct ed_str head, char *name)
{
	char ascii[ED_XML_ROOT_BYTES];
	struct ed_str s = { ascii, head_ascii(head, ascii) };
	size_t n = 0;

	s = skip_prolog(s);
	if (ed_str_starts(s, ED_STR("<!DOCTYPE"))) {
		s = ed_str_slice(s, 9, s.len);
		while (s.len && is_space(s.p[0]))
			s = ed_str_slice(s, 1, s.len);
	} else if (s.len && s.p[0] == '<') {
		s = ed_str_slice(s, 1, s.len);
	} else {
		return (struct ed_str){ NULL, 0 };
	}
	for (size_t i = 0; i < s.len && n + 1 < ED_XML_ROOT_NAME; i++) {
		char c = s.p[i];

		if (is_space(c) || c == '>' || c == '/' || c == '[')
			break;
		name[n++] = c;
		if (c == ':')
			n = 0;
	}
	name[n] = '\0';
	return n ? (struct ed_str){ name, n } : (struct ed_str){ NULL, 0 };
}

bool ed_xml_head_has(struct ed_str head, struct ed_str ascii)
{
	char text[ED_XML_ROOT_BYTES];
	struct ed_str s = { text, head_ascii(head, text) };

	return ed_str_find(s, ascii, 0) != SIZE_MAX;
}

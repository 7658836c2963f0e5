/* SPDX-License-Identifier: MIT */
/* UTF-16LE, Windows-1252 and broken UTF-8 made into valid UTF-8 that XML 1.0 accepts. */
#include "espdiag/base/utf.h"

#include "espdiag/base/cursor.h"

#define REPLACEMENT UINT32_C(0xFFFD)

static bool xml_allowed(uint32_t c)
{
	if (c < 0x20)
		return c == '\t' || c == '\n' || c == '\r';
	return c != 0xFFFE && c != 0xFFFF && c <= 0x10FFFF && !(c >= 0xD800 && c <= 0xDFFF);
}

/* Writes one code point; what XML forbids is replaced and counted. Returns 1 to 4. */
static size_t utf8_put(char *out, uint32_t c, size_t *replaced)
{
	if (!xml_allowed(c)) {
		c = REPLACEMENT;
		if (replaced)
			++*replaced;
	}
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xC0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3F));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xE0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3F));
		out[2] = (char)(0x80 | (c & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3F));
	out[2] = (char)(0x80 | (c >> 6 & 0x3F));
	out[3] = (char)(0x80 | (c & 0x3F));
	return 4;
}

size_t ed_utf8_from_utf16le(const void *bytes, size_t n, char *out, size_t *replaced)
{
	const unsigned char *p = bytes;
	char *start = out;
	size_t i = 0;

	while (n - i >= 2) {
		uint32_t c = ed_le16(p + i);

		i += 2;
		if (c >= 0xD800 && c < 0xDC00 && n - i >= 2) {
			uint32_t low = ed_le16(p + i);

			if (low >= 0xDC00 && low < 0xE000) {
				c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
				i += 2;
			}
		}
		out += utf8_put(out, c, replaced);
	}
	if (i < n) /* an odd byte at the end */
		out += utf8_put(out, 0xFFFF, replaced);
	return (size_t)(out - start);
}

struct ed_str ed_arena_utf16le(struct ed_arena *arena, const void *bytes, size_t n,
			       size_t *replaced)
{
	const unsigned char *p = bytes;
	size_t need = 1;
	char *out;
	size_t len;

	/* Measure first: most text is ASCII and the worst case is three times that. */
	for (size_t i = 0; i < n; i += 2) {
		uint32_t c = n - i >= 2 ? ed_le16(p + i) : 0xFFFF;

		need += c < 0x80 && c >= 0x20 ? 1 : c < 0x800 && c >= 0x80 ? 2 : 3;
	}
	out = ed_arena_alloc(arena, need);
	if (!out)
		return (struct ed_str){ NULL, 0 };
	len = ed_utf8_from_utf16le(bytes, n, out, replaced);
	out[len] = '\0';
	return (struct ed_str){ out, len };
}

void ed_buf_cp1252(struct ed_buf *buf, const void *bytes, size_t n, size_t *replaced)
{
	static const uint16_t high[32] = {
		0x20AC, 0xFFFE, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
		0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0xFFFE, 0x017D, 0xFFFE,
		0xFFFE, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
		0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFE, 0x017E, 0x0178,
	};
	const unsigned char *p = bytes;

	for (size_t i = 0; i < n; i++) {
		uint32_t c = p[i] >= 0x80 && p[i] < 0xA0 ? high[p[i] - 0x80] : p[i];
		char out[4];

		ed_buf_add(buf, out, utf8_put(out, c, replaced));
	}
}

/* Length of the valid sequence at @p with @left bytes, 0 if it is broken; @c is its code point. */
static size_t utf8_get(const unsigned char *p, size_t left, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = p[0] < 0x80   ? 1
		   : p[0] < 0xC2 ? 0
		   : p[0] < 0xE0 ? 2
		   : p[0] < 0xF0 ? 3
		   : p[0] < 0xF5 ? 4
				 : 0;
	uint32_t value;

	if (!n || n > left)
		return 0;
	value = n == 1 ? p[0] : p[0] & (0x7Fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return 0;
		value = value << 6 | (p[i] & 0x3Fu);
	}
	if (value < least[n] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
		return 0;
	*c = value;
	return n;
}

static bool utf8_whole(struct ed_str s, bool for_xml)
{
	const unsigned char *p = (const unsigned char *)s.p;

	for (size_t i = 0; i < s.len;) {
		uint32_t c;
		size_t n = utf8_get(p + i, s.len - i, &c);

		if (!n || (for_xml && !xml_allowed(c)))
			return false;
		i += n;
	}
	return true;
}

static bool utf8_ascii(struct ed_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

bool ed_utf8_valid(struct ed_str s)
{
	return utf8_whole(s, true);
}

void ed_buf_utf8(struct ed_buf *buf, struct ed_str s, size_t *replaced)
{
	const unsigned char *p = (const unsigned char *)s.p;

	if (ed_utf8_valid(s)) {
		ed_buf_adds(buf, s);
		return;
	}
	for (size_t i = 0; i < s.len;) {
		uint32_t c = 0xFFFF;
		size_t n = utf8_get(p + i, s.len - i, &c);
		char out[4];

		ed_buf_add(buf, out, utf8_put(out, n ? c : 0xFFFF, replaced));
		i += n ? n : 1;
	}
}

static void buf_utf16(struct ed_buf *buf, const unsigned char *p, size_t n, size_t *replaced)
{
	char out[ED_UTF8_MAX(512)];

	while (n) {
		size_t part = n > 512 ? 512 : n;

		/* do not cut between the halves of a pair */
		if (part < n && (p[part - 1] & 0xFC) == 0xD8)
			part -= 2;
		ed_buf_add(buf, out, ed_utf8_from_utf16le(p, part, out, replaced));
		p += part;
		n -= part;
	}
}

static void buf_utf16be(struct ed_buf *buf, const unsigned char *p, size_t n, size_t *replaced)
{
	unsigned char swapped[512];

	while (n) {
		size_t part = n > sizeof(swapped) ? sizeof(swapped) : n;

		if (part < n && (p[part - 2] & 0xFC) == 0xD8)
			part -= 2;
		for (size_t i = 0; i + 1 < part; i += 2) {
			swapped[i] = p[i + 1];
			swapped[i + 1] = p[i];
		}
		if (part % 2)
			swapped[part - 1] = p[part - 1];
		buf_utf16(buf, swapped, part, replaced);
		p += part;
		n -= part;
	}
}

/* UTF-16LE without a BOM: in its first bytes most odd ones are zero and few even ones are. */
static bool looks_like_utf16le(const unsigned char *p, size_t n)
{
	size_t even = 0, odd = 0;

	n = (n > 512 ? 512 : n) & ~(size_t)1;
	for (size_t i = 0; i < n; i += 2) {
		even += p[i] == 0;
		odd += p[i + 1] == 0;
	}
	return n >= 4 && odd > n / 4 && even < n / 16 + 1;
}

/* Valid UTF-8 but for a last character that the end of the text cut short. */
static bool utf8_but_for_the_end(struct ed_str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t cut = s.len;

	while (cut && s.len - cut < 3 && (p[cut - 1] & 0xC0) == 0x80)
		cut--;
	if (!cut || p[cut - 1] < 0xC2 || p[cut - 1] > 0xF4)
		return false;
	return cut - 1 > 0 && utf8_whole((struct ed_str){ s.p, cut - 1 }, false) &&
	       !utf8_ascii((struct ed_str){ s.p, cut - 1 });
}

/* Every reader asks this of every file's head, so eight bytes at a time where they are ASCII. */
static size_t ascii_head(const unsigned char *p, size_t n, char *out)
{
	size_t i = 0;

	while (i < n) {
		uint64_t eight;

		if (n - i >= sizeof(eight)) {
			memcpy(&eight, p + i, sizeof(eight));
			if (!(eight & UINT64_C(0x8080808080808080))) {
				memcpy(out + i, &eight, sizeof(eight));
				i += sizeof(eight);
				continue;
			}
		}
		out[i] = p[i] < 0x80 ? (char)p[i] : '?';
		i++;
	}
	return n;
}

size_t ed_text_head(const void *bytes, size_t n, char *out, size_t cap)
{
	const unsigned char *p = bytes;
	bool big = n >= 2 && p[0] == 0xFE && p[1] == 0xFF;
	bool marked = big || (n >= 2 && p[0] == 0xFF && p[1] == 0xFE);
	size_t len = 0, i = 0;

	if (!marked && !looks_like_utf16le(p, n)) {
		i = n >= 3 && p[0] == 0xEF && p[1] == 0xBB && p[2] == 0xBF ? 3 : 0;
		n = n - i < cap ? n - i : cap;
		return n ? ascii_head(p + i, n, out) : 0;
	}
	for (i = marked ? 2 : 0; i + 1 < n && len < cap; i += 2) {
		unsigned c = big ? (unsigned)p[i] << 8 | p[i + 1] : ed_le16(p + i);

		out[len++] = c < 0x80 ? (char)c : '?';
	}
	return len;
}

void ed_buf_text(struct ed_buf *buf, const void *bytes, size_t n, size_t *replaced)
{
	const unsigned char *p = bytes;
	struct ed_str s = { bytes, n };

	if (n >= 3 && p[0] == 0xEF && p[1] == 0xBB && p[2] == 0xBF)
		ed_buf_utf8(buf, ed_str_slice(s, 3, n), replaced);
	else if (n >= 2 && p[0] == 0xFF && p[1] == 0xFE)
		buf_utf16(buf, p + 2, n - 2, replaced);
	else if (n >= 2 && p[0] == 0xFE && p[1] == 0xFF)
		buf_utf16be(buf, p + 2, n - 2, replaced);
	else if (looks_like_utf16le(p, n))
		buf_utf16(buf, p, n, replaced);
	else if (utf8_whole(s, false) || utf8_but_for_the_end(s))
		ed_buf_utf8(buf, s, replaced);
	else
		ed_buf_cp1252(buf, bytes, n, replaced);
}

/* SPDX-License-Identifier: MIT */
/* Whether bytes may hold a secret: they are split into texts as the scanner splits them. */
#include "redact_priv.h"

#include "espdiag/base/utf.h"

#define PART_MOST ((size_t)512) /* letters of one text; a longer one goes to the scanner */
#define PASSWORD_DIGITS 48      /* of a recovery password */

/* A byte a letter: what is no ASCII becomes a byte that is of no class. */
static void narrow_part(char *out, const unsigned char *p, size_t n, enum bytes_kind kind)
{
	size_t wide = kind == BYTES_NARROW ? 1 : 2;

	for (size_t i = 0; i < n; i += wide, out++) {
		unsigned char low = p[i], high = 0;

		if (wide == 2 && i + 1 < n) {
			high = kind == BYTES_WIDE ? p[i + 1] : low;
			low = kind == BYTES_WIDE ? low : p[i + 1];
		}
		*out = (char)(high || low >= 0x80 ? 0xFF : low);
	}
	memset(out, 0, 16);
}

/* Eight letters may be hex; fewer hold a secret only with a mark between them. */
static bool is_worth_asking(struct ed_str t)
{
	if (t.len >= 8)
		return true;
	for (size_t i = 0; i < t.len; i++)
		if (!byte_is_word(t.p[i]) && t.p[i] != ' ')
			return true;
	return false;
}

/* Where text may begin at @i or behind it; the end: nowhere. */
static size_t text_begin(struct ed_str b, size_t i)
{
	for (; i < b.len; i++) {
		unsigned char c = (unsigned char)b.p[i];

		if (c >= 0x20 || c == '\t' || c == '\r' || c == '\n' ||
		    (!c && i + 1 < b.len && b.p[i + 1]))
			break;
	}
	return i;
}

bool bytes_doubt(const struct doubt *d, struct ed_str b, unsigned depth)
{
	char text[PART_MOST + 16];
	bool utf8;
	size_t n;

	if (depth >= REDACT_SCAN_DEPTH ||
	    (b.len && is_private_key((const unsigned char *)b.p, b.len)))
		return true;
	utf8 = ed_utf8_valid(b);
	for (size_t i = text_begin(b, 0); i < b.len; i = text_begin(b, i + n)) {
		enum bytes_kind kind = bytes_part(b, i, utf8, &n);
		size_t letters = kind == BYTES_NARROW ? n : (n + 1) / 2;
		struct ed_str part = { text, letters };

		if (kind == BYTES_NONE)
			continue;
		if (letters > PART_MOST)
			return true;
		narrow_part(text, (const unsigned char *)b.p + i, n, kind);
		if (is_worth_asking(part) && text_doubt(d, part, depth + 1))
			return true;
	}
	return false;
}

bool has_packed_digits(struct ed_str bytes)
{
	size_t n = 0;

	for (size_t i = 0; i < 2 * bytes.len; i++) {
		unsigned char c = (unsigned char)bytes.p[i / 2];

		if ((i % 2 ? c & 15 : c >> 4) < 10) {
			n++;
			continue;
		}
		if (n == PASSWORD_DIGITS)
			return true;
		n = 0;
	}
	return n == PASSWORD_DIGITS;
}

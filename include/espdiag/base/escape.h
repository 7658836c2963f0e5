/* SPDX-License-Identifier: MIT */
/*
 * Text for XML and JSON, escaped while it is converted. What comes out is valid UTF-8 without
 * characters that XML 1.0 forbids: those become U+FFFD, as in utf.h, for JSON as well, so that a
 * value reads the same in both.
 */
#ifndef ESPDIAG_BASE_ESCAPE_H
#define ESPDIAG_BASE_ESCAPE_H

#include "espdiag/base/buf.h"
#include "espdiag/base/str.h"

#include <stddef.h>
#include <string.h>

#if defined(__SSE2__) && defined(__GNUC__)
#include <emmintrin.h>
#define ED_ESCAPE_SSE2 1
#else
#define ED_ESCAPE_SSE2 0
#endif

enum ed_escape {
	ED_ESCAPE_XML_TEXT,      /* & < > and CR, which a parser would drop */
	ED_ESCAPE_XML_ATTRIBUTE, /* also " tab and LF, of which a parser would make blanks */
	ED_ESCAPE_JSON,          /* inside of a string */
};

/* Bytes of room for @n bytes of UTF-16: six a unit, and what is stored past the end on the way. */
#define ED_ESCAPE_ROOM(n) (3 * (n) + 32)

/*
 * Converts @n bytes of UTF-16LE into @out, which has ED_ESCAPE_ROOM(@n) bytes, and returns the end
 * of what was written. @readable bytes from @bytes on (at least @n) may be read, though only @n
 * count: with 32 more the end of a text is as fast as its middle.
 */
char *ed_escape_utf16le(char *out, const void *bytes, size_t n, size_t readable,
			enum ed_escape kind);
/* The same without vector instructions: for other machines, and to test the one against. */
char *ed_escape_utf16le_portable(char *out, const void *bytes, size_t n, size_t readable,
				 enum ed_escape kind);

#if ED_ESCAPE_SSE2
/* Bytes that need more than themselves, four a kind, beside all below the space and above ASCII. */
extern const char ed_escape_specials[][16];

static inline __m128i ed_load16(const void *p)
{
	__m128i v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/*
 * The sixteen units in @first and @second as bytes at @out. Bit i of the result is set when unit i
 * is not plain text of @kind: packing saturates, so that all units above ASCII end up negative or
 * below the space.
 */
static inline unsigned ed_escape_pack16(char *out, __m128i first, __m128i second,
					enum ed_escape kind)
{
	const char(*special)[16] = ed_escape_specials + 4 * (size_t)kind;
	__m128i text = _mm_packus_epi16(first, second);
	__m128i a = _mm_or_si128(_mm_cmpeq_epi8(ed_load16(special[0]), text),
				 _mm_cmpeq_epi8(ed_load16(special[1]), text));
	__m128i b = _mm_or_si128(_mm_cmpeq_epi8(ed_load16(special[2]), text),
				 _mm_cmpeq_epi8(ed_load16(special[3]), text));

	memcpy(out, &text, sizeof(text));
	text = _mm_cmpgt_epi8(text, _mm_set1_epi8(0x1F));
	return 0xFFFFu ^ (unsigned)_mm_movemask_epi8(_mm_andnot_si128(_mm_or_si128(a, b), text));
}
#endif

/* Appends valid UTF-8. */
void ed_buf_escape(struct ed_buf *buf, struct ed_str s, enum ed_escape kind);

#endif

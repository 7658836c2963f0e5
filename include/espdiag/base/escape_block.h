/* SPDX-License-Identifier: MIT */
/*
 * Sixteen units of UTF-16LE at once, where the processor can, for those who have more to ask of a
 * text than its escapes. ED_ESCAPE_BLOCKS tells whether it can.
 */
#ifndef ESPDIAG_BASE_ESCAPE_BLOCK_H
#define ESPDIAG_BASE_ESCAPE_BLOCK_H

#include "espdiag/base/escape.h"

#if defined(__SSE2__) && defined(__GNUC__)
#include <emmintrin.h>
#include <string.h>

#define ED_ESCAPE_BLOCKS 1

/* Bytes that need more than themselves, four a kind, beside all below the space and above ASCII. */
extern const char ed_escape_specials[][16];

/* The sixteen bytes at @p, wherever they lie. */
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
#else
#define ED_ESCAPE_BLOCKS 0
#endif

#endif

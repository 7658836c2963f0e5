/* SPDX-License-Identifier: MIT */
/* CRC-32: zlib's, and for long runs of bytes carry-less multiplication where the processor has it.
 */
#include "espdiag/base/crc.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <wmmintrin.h>
#define HAS_FOLDING 1
#else
#define HAS_FOLDING 0
#endif
#include <zlib.h>

#include <string.h>

uint32_t ed_crc32_portable(uint32_t crc, const void *bytes, size_t n)
{
	return (uint32_t)crc32_z(crc, bytes, n);
}

#if HAS_FOLDING
#define LANE sizeof(__m128i)
#define LANES ((size_t)4)
#define FOLDING_LEAST (2 * LANES * LANE)

static inline __m128i load_lane(const unsigned char *p)
{
	__m128i lane;

	memcpy(&lane, p, sizeof(lane));
	return lane;
}

/* @lane moved on by the distance that the two halves of @by stand for, added to what lies there. */
__attribute__((target("pclmul"))) static inline __m128i fold(__m128i lane, __m128i by, __m128i next)
{
	return _mm_xor_si128(next, _mm_xor_si128(_mm_clmulepi64_si128(lane, by, 0x00),
						 _mm_clmulepi64_si128(lane, by, 0x11)));
}

/*
 * Four lanes are moved on by 64 bytes at a time; what is left of any number of bytes are 16 with
 * the same remainder. Those, and the bytes behind the last full step, are zlib's. The numbers are
 * x^(8n + 32) and x^(8n - 32) modulo the polynomial, bits in reverse, for n = 64 and 16.
 */
__attribute__((target("pclmul"))) static uint32_t crc_by_folding(uint32_t crc,
								 const unsigned char *p, size_t n)
{
	const __m128i by_64 = _mm_set_epi64x(0x01C6E41596, 0x0154442BD4);
	const __m128i by_16 = _mm_set_epi64x(0x00CCAA009E, 0x01751997D0);
	/* as many variables as LANES: compilers keep an array of them in memory */
	__m128i a = _mm_xor_si128(load_lane(p), _mm_cvtsi32_si128((int)~crc));
	__m128i b = load_lane(p + LANE), c = load_lane(p + 2 * LANE), d = load_lane(p + 3 * LANE);
	unsigned char left[LANE];

	for (p += LANES * LANE, n -= LANES * LANE; n >= LANES * LANE;
	     p += LANES * LANE, n -= LANES * LANE) {
		a = fold(a, by_64, load_lane(p));
		b = fold(b, by_64, load_lane(p + LANE));
		c = fold(c, by_64, load_lane(p + 2 * LANE));
		d = fold(d, by_64, load_lane(p + 3 * LANE));
	}
	d = fold(fold(fold(a, by_16, b), by_16, c), by_16, d);
	memcpy(left, &d, sizeof(left));
	return ed_crc32_portable(ed_crc32_portable(UINT32_MAX, left, sizeof(left)), p, n);
}

uint32_t ed_crc32(uint32_t crc, const void *bytes, size_t n)
{
	if (n < FOLDING_LEAST || !__builtin_cpu_supports("pclmul"))
		return ed_crc32_portable(crc, bytes, n);
	return crc_by_folding(crc, bytes, n);
}
#else
uint32_t ed_crc32(uint32_t crc, const void *bytes, size_t n)
{
	return ed_crc32_portable(crc, bytes, n);
}
#endif

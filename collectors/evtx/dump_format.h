/* SPDX-License-Identifier: MIT */
/*
 * Numbers as text, eight digits at a time and without asking how many there are: the branch that
 * such a question is goes wrong every other time. All write up to 8 bytes more than they say.
 */
#ifndef ESPDIAG_EVTX_DUMP_FORMAT_H
#define ESPDIAG_EVTX_DUMP_FORMAT_H

#include <stdint.h>

#define EVTX_EACH_BYTE UINT64_C(0x0101010101010101)
#define EVTX_LETTERS_LOWER ('a' - '0' - 10)
#define EVTX_LETTERS_UPPER ('A' - '0' - 10)

/* The first character is the lowest byte. Compilers make one store of it. */
static inline void evtx_put_eight(char *to, uint64_t n)
{
	unsigned char *p = (unsigned char *)to;

	p[0] = (unsigned char)n;
	p[1] = (unsigned char)(n >> 8);
	p[2] = (unsigned char)(n >> 16);
	p[3] = (unsigned char)(n >> 24);
	p[4] = (unsigned char)(n >> 32);
	p[5] = (unsigned char)(n >> 40);
	p[6] = (unsigned char)(n >> 48);
	p[7] = (unsigned char)(n >> 56);
}

/* The eight decimal digits of @n below 10^8, a byte each. */
static inline uint64_t evtx_decimals(uint32_t n)
{
	/* halves of four digits, quarters of two, digits: each step is a division in all parts */
	uint64_t x = n / 10000 | (uint64_t)(n % 10000) << 32;
	uint64_t high = (x * 10486 >> 20) & UINT64_C(0x0000007F0000007F);

	x = (x - high * 100) << 16 | high;
	high = (x * 103 >> 10) & UINT64_C(0x000F000F000F000F);
	return (x - high * 10) << 8 | high;
}

/* The eight hexadecimal digits of @n, a byte each. */
static inline uint64_t evtx_nibbles(uint32_t n)
{
	uint64_t x = n;

	x = (x >> 16 | x << 32) & UINT64_C(0x0000FFFF0000FFFF);
	x = (x >> 8 | x << 16) & UINT64_C(0x00FF00FF00FF00FF);
	return (x >> 4 | x << 8) & UINT64_C(0x0F0F0F0F0F0F0F0F);
}

static inline uint64_t evtx_nibbles_text(uint64_t nibbles, unsigned letters)
{
	uint64_t is_letter = (nibbles + 6 * EVTX_EACH_BYTE) >> 4 & EVTX_EACH_BYTE;

	return nibbles + '0' * EVTX_EACH_BYTE + is_letter * letters;
}

/* How many of eight digits are zeros in front; the last digit is none. */
static inline unsigned evtx_leading_zeros(uint64_t digits)
{
	uint64_t stop = digits | UINT64_C(1) << 56;
#if defined(__GNUC__)
	return (unsigned)__builtin_ctzll(stop) / 8;
#else
	uint64_t below = ((stop & (~stop + 1)) - 1) >> 7 & EVTX_EACH_BYTE;

	return (unsigned)(below * EVTX_EACH_BYTE >> 56);
#endif
}

static inline char *evtx_put_hex8(char *to, uint32_t n, unsigned letters)
{
	evtx_put_eight(to, evtx_nibbles_text(evtx_nibbles(n), letters));
	return to + 8;
}

static inline char *evtx_put_decimal8(char *to, uint32_t n)
{
	evtx_put_eight(to, evtx_decimals(n) + '0' * EVTX_EACH_BYTE);
	return to + 8;
}

/* @n below 10^8. */
static inline char *evtx_put_small(char *to, uint32_t n)
{
	uint64_t digits = evtx_decimals(n);
	unsigned zeros = evtx_leading_zeros(digits);

	evtx_put_eight(to, (digits + '0' * EVTX_EACH_BYTE) >> 8 * zeros);
	return to + (8 - zeros);
}

static inline char *evtx_put_u64(char *to, uint64_t n)
{
	uint64_t rest;

	if (n < 100000000)
		return evtx_put_small(to, (uint32_t)n);
	rest = n / 100000000;
	if (rest < 100000000) {
		to = evtx_put_small(to, (uint32_t)rest);
	} else {
		to = evtx_put_small(to, (uint32_t)(rest / 100000000));
		to = evtx_put_decimal8(to, (uint32_t)(rest % 100000000));
	}
	return evtx_put_decimal8(to, (uint32_t)(n % 100000000));
}

/* @n has @bits bits in two's complement. */
static inline char *evtx_put_signed(char *to, uint64_t n, unsigned bits)
{
	uint64_t sign = UINT64_C(1) << (bits - 1);

	if (!(n & sign))
		return evtx_put_u64(to, n);
	*to++ = '-';
	return evtx_put_u64(to, (~n & (sign | (sign - 1))) + 1);
}

/* With 0x in front. */
static inline char *evtx_put_hex(char *to, uint64_t n)
{
	uint32_t high = (uint32_t)(n >> 32);
	uint64_t nibbles = evtx_nibbles(high ? high : (uint32_t)n);
	unsigned zeros = evtx_leading_zeros(nibbles);

	to[0] = '0';
	to[1] = 'x';
	evtx_put_eight(to + 2, evtx_nibbles_text(nibbles, EVTX_LETTERS_LOWER) >> 8 * zeros);
	to += 2 + 8 - zeros;
	return high ? evtx_put_hex8(to, (uint32_t)n, EVTX_LETTERS_LOWER) : to;
}

/* hh:mm:ss of a day. */
static inline char *evtx_put_clock(char *to, uint32_t seconds)
{
	uint64_t parts = seconds / 3600 | (uint64_t)(seconds / 60 % 60) << 24 |
			 (uint64_t)(seconds % 60) << 48;
	uint64_t tens = (parts * 103 >> 10) & UINT64_C(0x000F00000F00000F);

	evtx_put_eight(to, tens + ((parts - tens * 10) << 8) + UINT64_C(0x30303A30303A3030));
	return to + 8;
}

#endif

/* SPDX-License-Identifier: MIT */
/* SHA-256 as FIPS 180-4 has it, and random bytes of the kernel. */
#include "espdiag/platform/digest.h"

#include "espdiag/base/alloc.h"

#include <errno.h>
#include <sys/random.h>

#define ENTROPY_BYTES ((size_t)256) /* what one getentropy gives */
#define BLOCK_BYTES ((size_t)64)
#define LENGTH_AT (BLOCK_BYTES - 8) /* in the last block: the message's length in bits */

struct ed_sha256 {
	uint32_t state[8];
	uint64_t total; /* bytes so far */
	unsigned char block[BLOCK_BYTES];
	size_t filled; /* of the block; never all of it */
};

static const uint32_t constants[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2,
};

static uint32_t rotate(uint32_t x, unsigned n)
{
	return x >> n | x << (32 - n);
}

static uint32_t big_endian(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* The message schedule of one block. */
static void expand(const unsigned char *block, uint32_t w[64])
{
	for (size_t t = 0; t < 16; t++)
		w[t] = big_endian(block + 4 * t);
	for (size_t t = 16; t < 64; t++) {
		uint32_t a = w[t - 15], b = w[t - 2];

		a = rotate(a, 7) ^ rotate(a, 18) ^ a >> 3;
		b = rotate(b, 17) ^ rotate(b, 19) ^ b >> 10;
		w[t] = w[t - 16] + a + w[t - 7] + b;
	}
}

static void digest_block(uint32_t state[8], const unsigned char *block)
{
	uint32_t w[64], v[8];

	expand(block, w);
	memcpy(v, state, sizeof(v));
	for (size_t t = 0; t < 64; t++) {
		uint32_t a = v[0], e = v[4];
		uint32_t choice = (e & v[5]) ^ (~e & v[6]);
		uint32_t majority = (a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]);
		uint32_t first = v[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice +
				 constants[t] + w[t];
		uint32_t second = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority;

		memmove(v + 1, v, 7 * sizeof(v[0]));
		v[4] += first;
		v[0] = first + second;
	}
	for (size_t i = 0; i < 8; i++)
		state[i] += v[i];
}

ed_status ed_sha256_begin(struct ed_sha256 **out, struct ed_error *err)
{
	static const uint32_t start[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
					   0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
	struct ed_sha256 *sha = ed_calloc(1, sizeof(*sha));

	if (!sha)
		return ed_fail(err, ED_NOMEM, "out of memory for a digest");
	memcpy(sha->state, start, sizeof(start));
	*out = sha;
	return ED_OK;
}

ed_status ed_sha256_add(struct ed_sha256 *sha, struct ed_str bytes, struct ed_error *err)
{
	const unsigned char *p = (const unsigned char *)bytes.p;
	size_t left = bytes.len;

	(void)err;
	sha->total += left;
	while (left) {
		size_t room = BLOCK_BYTES - sha->filled;
		size_t part = left < room ? left : room;

		if (part == BLOCK_BYTES) {
			digest_block(sha->state, p);
		} else {
			memcpy(sha->block + sha->filled, p, part);
			sha->filled += part;
			if (sha->filled == BLOCK_BYTES) {
				digest_block(sha->state, sha->block);
				sha->filled = 0;
			}
		}
		p += part;
		left -= part;
	}
	return ED_OK;
}

/* A one bit, zeros, and the length: one block more, or two. */
static void digest_padding(struct ed_sha256 *sha)
{
	uint64_t bits = sha->total * 8;

	sha->block[sha->filled++] = 0x80;
	if (sha->filled > LENGTH_AT) {
		memset(sha->block + sha->filled, 0, BLOCK_BYTES - sha->filled);
		digest_block(sha->state, sha->block);
		sha->filled = 0;
	}
	memset(sha->block + sha->filled, 0, LENGTH_AT - sha->filled);
	for (size_t i = 0; i < 8; i++)
		sha->block[LENGTH_AT + i] = (unsigned char)(bits >> (56 - 8 * i));
	digest_block(sha->state, sha->block);
}

ed_status ed_sha256_end(struct ed_sha256 *sha, unsigned char out[ED_SHA256_BYTES],
			struct ed_error *err)
{
	(void)err;
	if (out) {
		digest_padding(sha);
		for (size_t i = 0; i < ED_SHA256_BYTES; i++)
			out[i] = (unsigned char)(sha->state[i / 4] >> (24 - 8 * (i % 4)));
	}
	ed_free(sha);
	return ED_OK;
}

ed_status ed_random(void *out, size_t n, struct ed_error *err)
{
	size_t done = 0;

	while (done < n) {
		size_t part = n - done < ENTROPY_BYTES ? n - done : ENTROPY_BYTES;

		if (getentropy((char *)out + done, part) != 0)
			return ed_fail_os(err, ED_IO, (uint32_t)errno, "getentropy",
					  "cannot get random bytes: %s", strerror(errno));
		done += part;
	}
	return ED_OK;
}

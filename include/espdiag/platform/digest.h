/* SPDX-License-Identifier: MIT */
/* SHA-256 and random bytes: the system's own on Windows. */
#ifndef ESPDIAG_PLATFORM_DIGEST_H
#define ESPDIAG_PLATFORM_DIGEST_H

#include "espdiag/base/error.h"
#include "espdiag/base/str.h"

#include <stddef.h>

#define ED_SHA256_BYTES 32
#define ED_SHA256_HEX 65 /* with the NUL */

struct ed_sha256;

/* ED_NOMEM, ED_IO (the system's provider failed). */
ed_status ed_sha256_begin(struct ed_sha256 **out, struct ed_error *err);
ed_status ed_sha256_add(struct ed_sha256 *sha, struct ed_str bytes, struct ed_error *err);
/* Gives the digest (@out NULL: throws it away) and frees @sha, also on failure. */
ed_status ed_sha256_end(struct ed_sha256 *sha, unsigned char out[ED_SHA256_BYTES],
			struct ed_error *err);
/* All at once. */
ed_status ed_sha256(struct ed_str bytes, unsigned char out[ED_SHA256_BYTES], struct ed_error *err);
/* Lower-case hex. */
void ed_sha256_hex(const unsigned char digest[ED_SHA256_BYTES], char out[ED_SHA256_HEX]);

/* @n bytes from the system's generator. ED_IO. */
ed_status ed_random(void *out, size_t n, struct ed_error *err);

#endif

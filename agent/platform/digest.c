/* SPDX-License-Identifier: MIT */
/* What every system's digests have in common. */
#include "espdiag/platform/digest.h"

ed_status ed_sha256(struct ed_str bytes, unsigned char out[ED_SHA256_BYTES], struct ed_error *err)
{
	struct ed_sha256 *sha;
	ed_status status;

	ED_TRY(ed_sha256_begin(&sha, err));
	status = ed_sha256_add(sha, bytes, err);
	if (status == ED_OK)
		return ed_sha256_end(sha, out, err);
	(void)ed_sha256_end(sha, NULL, NULL);
	return status;
}

void ed_sha256_hex(const unsigned char digest[ED_SHA256_BYTES], char out[ED_SHA256_HEX])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < ED_SHA256_BYTES; i++) {
		out[2 * i] = digits[digest[i] >> 4];
		out[2 * i + 1] = digits[digest[i] & 15];
	}
	out[2 * ED_SHA256_BYTES] = '\0';
}

/* SPDX-License-Identifier: MIT */
/* SHA-256 and random bytes of bcrypt.dll, which is loaded from System32 when first asked for. */
#include "espdiag/platform/digest.h"

#include "espdiag/base/alloc.h"
#include "espdiag/platform/library.h"

#include <windows.h>

#define PART_BYTES ((size_t)1 << 30) /* of one call */
#define USE_SYSTEM_GENERATOR 2       /* BCRYPT_USE_SYSTEM_PREFERRED_RNG */

/* The functions as they are documented; results are NTSTATUS, negative for a failure. */
typedef LONG WINAPI open_function(HANDLE *algorithm, const wchar_t *id, const wchar_t *provider,
				  ULONG flags);
typedef LONG WINAPI close_function(HANDLE algorithm, ULONG flags);
typedef LONG WINAPI create_function(HANDLE algorithm, HANDLE *hash, void *object, ULONG object_len,
				    const void *secret, ULONG secret_len, ULONG flags);
typedef LONG WINAPI add_function(HANDLE hash, const void *bytes, ULONG len, ULONG flags);
typedef LONG WINAPI finish_function(HANDLE hash, void *out, ULONG len, ULONG flags);
typedef LONG WINAPI destroy_function(HANDLE hash);
typedef LONG WINAPI random_function(HANDLE algorithm, void *out, ULONG len, ULONG flags);

struct ed_sha256 {
	add_function *add;
	finish_function *finish;
	destroy_function *destroy;
	close_function *close;
	HANDLE algorithm, hash; /* NULL while there is none */
};

static ed_status fail_ntstatus(struct ed_error *err, LONG code, const char *api, const char *verb)
{
	return ed_fail_os(err, ED_IO, (uint32_t)code, api, "cannot %s: NTSTATUS 0x%08lx", verb,
			  (unsigned long)code & 0xFFFFFFFFul);
}

static void sha256_free(struct ed_sha256 *sha)
{
	if (sha->hash)
		sha->destroy(sha->hash);
	if (sha->algorithm)
		sha->close(sha->algorithm, 0);
	ed_free(sha);
}

static ed_status sha256_open(struct ed_sha256 *sha, struct ed_error *err)
{
	open_function *open =
		(open_function *)ed_library_symbol("bcrypt.dll", "BCryptOpenAlgorithmProvider");
	create_function *create =
		(create_function *)ed_library_symbol("bcrypt.dll", "BCryptCreateHash");
	LONG code;

	sha->add = (add_function *)ed_library_symbol("bcrypt.dll", "BCryptHashData");
	sha->finish = (finish_function *)ed_library_symbol("bcrypt.dll", "BCryptFinishHash");
	sha->destroy = (destroy_function *)ed_library_symbol("bcrypt.dll", "BCryptDestroyHash");
	sha->close =
		(close_function *)ed_library_symbol("bcrypt.dll", "BCryptCloseAlgorithmProvider");
	if (!open || !create || !sha->add || !sha->finish || !sha->destroy || !sha->close)
		return ed_fail(err, ED_IO, "cannot start a digest: no bcrypt.dll");
	code = open(&sha->algorithm, L"SHA256", NULL, 0);
	if (code < 0)
		return fail_ntstatus(err, code, "BCryptOpenAlgorithmProvider", "start a digest");
	/* NULL: the provider keeps the object itself */
	code = create(sha->algorithm, &sha->hash, NULL, 0, NULL, 0, 0);
	if (code < 0)
		return fail_ntstatus(err, code, "BCryptCreateHash", "start a digest");
	return ED_OK;
}

ed_status ed_sha256_begin(struct ed_sha256 **out, struct ed_error *err)
{
	struct ed_sha256 *sha = ed_calloc(1, sizeof(*sha));
	ed_status status;

	if (!sha)
		return ed_fail(err, ED_NOMEM, "out of memory for a digest");
	status = sha256_open(sha, err);
	if (status == ED_OK)
		*out = sha;
	else
		sha256_free(sha);
	return status;
}

ed_status ed_sha256_add(struct ed_sha256 *sha, struct ed_str bytes, struct ed_error *err)
{
	while (bytes.len) {
		size_t part = bytes.len < PART_BYTES ? bytes.len : PART_BYTES;
		LONG code = sha->add(sha->hash, bytes.p, (ULONG)part, 0);

		if (code < 0)
			return fail_ntstatus(err, code, "BCryptHashData", "make a digest");
		bytes = ed_str_slice(bytes, part, bytes.len);
	}
	return ED_OK;
}

ed_status ed_sha256_end(struct ed_sha256 *sha, unsigned char out[ED_SHA256_BYTES],
			struct ed_error *err)
{
	unsigned char digest[ED_SHA256_BYTES];
	LONG code = 0;

	if (out)
		code = sha->finish(sha->hash, digest, sizeof(digest), 0);
	sha256_free(sha);
	if (code < 0)
		return fail_ntstatus(err, code, "BCryptFinishHash", "make a digest");
	if (out)
		memcpy(out, digest, sizeof(digest));
	return ED_OK;
}

ed_status ed_random(void *out, size_t n, struct ed_error *err)
{
	random_function *generate =
		(random_function *)ed_library_symbol("bcrypt.dll", "BCryptGenRandom");

	if (!generate)
		return ed_fail(err, ED_IO, "cannot get random bytes: no bcrypt.dll");
	for (size_t done = 0; done < n;) {
		size_t part = n - done < PART_BYTES ? n - done : PART_BYTES;
		LONG code = generate(NULL, (char *)out + done, (ULONG)part, USE_SYSTEM_GENERATOR);

		if (code < 0)
			return fail_ntstatus(err, code, "BCryptGenRandom", "get random bytes");
		done += part;
	}
	return ED_OK;
}

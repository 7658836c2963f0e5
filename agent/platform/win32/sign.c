/* SPDX-License-Identifier: MIT */
/* CMS by crypt32.dll, which is loaded from System32 when somebody asked for a signature. */
#include "espdiag/platform/sign.h"

#include "espdiag/base/alloc.h"
#include "espdiag/platform/library.h"

#include <windows.h>
#include <wincrypt.h>

#define THUMBPRINT_BYTES 20
#define SUBJECT_CHARS 256
#define SIGNATURE_MOST (256u * 1024)
#define NO_QUESTIONS 0x40u /* CRYPT_MESSAGE_SILENT_KEYSET_FLAG */

typedef HCERTSTORE WINAPI open_function(LPCSTR provider, DWORD encoding, HCRYPTPROV_LEGACY unused,
					DWORD flags, const void *name);
typedef BOOL WINAPI close_function(HCERTSTORE store, DWORD flags);
typedef PCCERT_CONTEXT WINAPI find_function(HCERTSTORE store, DWORD encoding, DWORD flags,
					    DWORD type, const void *what, PCCERT_CONTEXT before);
typedef PCCERT_CONTEXT WINAPI duplicate_function(PCCERT_CONTEXT cert);
typedef BOOL WINAPI free_function(PCCERT_CONTEXT cert);
typedef BOOL WINAPI property_function(PCCERT_CONTEXT cert, DWORD id, void *data, DWORD *size);
typedef LONG WINAPI valid_function(LPFILETIME now, PCERT_INFO info);
typedef BOOL WINAPI sign_function(PCRYPT_SIGN_MESSAGE_PARA para, BOOL detached, DWORD count,
				  const BYTE *parts[], DWORD sizes[], BYTE *out, DWORD *size);

struct crypt32 {
	open_function *open;
	close_function *close;
	find_function *find;
	duplicate_function *duplicate;
	free_function *free;
	property_function *property;
	valid_function *valid;
	sign_function *sign;
};

static bool crypt32_load(struct crypt32 *c)
{
	static const char dll[] = "crypt32.dll";

	c->open = (open_function *)ed_library_symbol(dll, "CertOpenStore");
	c->close = (close_function *)ed_library_symbol(dll, "CertCloseStore");
	c->find = (find_function *)ed_library_symbol(dll, "CertFindCertificateInStore");
	c->duplicate =
		(duplicate_function *)ed_library_symbol(dll, "CertDuplicateCertificateContext");
	c->free = (free_function *)ed_library_symbol(dll, "CertFreeCertificateContext");
	c->property =
		(property_function *)ed_library_symbol(dll, "CertGetCertificateContextProperty");
	c->valid = (valid_function *)ed_library_symbol(dll, "CertVerifyTimeValidity");
	c->sign = (sign_function *)ed_library_symbol(dll, "CryptSignMessage");
	return c->open && c->close && c->find && c->duplicate && c->free && c->property &&
	       c->valid && c->sign;
}

/* What @who asks for: 40 hex digits are a thumbprint, anything else is of the subject. */
struct wanted {
	DWORD type;
	CRYPT_HASH_BLOB hash;
	BYTE thumbprint[THUMBPRINT_BYTES];
	wchar_t subject[SUBJECT_CHARS];
};

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool thumbprint_parse(struct ed_str who, BYTE out[THUMBPRINT_BYTES])
{
	size_t digits = 0;

	for (size_t i = 0; i < who.len; i++) {
		int digit = hex_digit(who.p[i]);

		if (who.p[i] == ' ' || who.p[i] == ':')
			continue;
		if (digit < 0 || digits == 2 * THUMBPRINT_BYTES)
			return false;
		out[digits / 2] = (BYTE)(digits % 2 ? out[digits / 2] << 4 | digit : digit);
		digits++;
	}
	return digits == 2 * THUMBPRINT_BYTES;
}

static ed_status wanted_make(struct wanted *w, struct ed_str who, struct ed_error *err)
{
	int chars;

	*w = (struct wanted){ .type = CERT_FIND_SHA1_HASH };
	if (thumbprint_parse(who, w->thumbprint)) {
		w->hash = (CRYPT_HASH_BLOB){ THUMBPRINT_BYTES, w->thumbprint };
		return ED_OK;
	}
	w->type = CERT_FIND_SUBJECT_STR_W;
	chars = who.len && who.len < SUBJECT_CHARS
			? MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, who.p, (int)who.len,
					      w->subject, SUBJECT_CHARS - 1)
			: 0;
	return chars > 0 ? ED_OK
			 : ed_fail(err, ED_ARG, "'%.*s' is no thumbprint and no subject",
				   ED_FMT(who));
}

static uint64_t end_of(PCCERT_CONTEXT cert)
{
	const FILETIME *t = &cert->pCertInfo->NotAfter;

	return (uint64_t)t->dwHighDateTime << 32 | t->dwLowDateTime;
}

/* The certificate in @store that signs; NULL: none. */
static PCCERT_CONTEXT certificate_find(const struct crypt32 *c, HCERTSTORE store,
				       const struct wanted *w)
{
	const void *what =
		w->type == CERT_FIND_SHA1_HASH ? (const void *)&w->hash : (const void *)w->subject;
	PCCERT_CONTEXT best = NULL, at = NULL;

	while ((at = c->find(store, X509_ASN_ENCODING | PKCS_7_ASN_ENCODING, 0, w->type, what,
			     at)) != NULL) {
		DWORD size = 0;

		if (c->valid(NULL, at->pCertInfo) != 0 ||
		    !c->property(at, CERT_KEY_PROV_INFO_PROP_ID, NULL, &size) ||
		    (best && end_of(at) <= end_of(best)))
			continue;
		if (best)
			c->free(best);
		best = c->duplicate(at);
	}
	return best;
}

static ed_status fail_sign(struct ed_error *err, DWORD code)
{
	bool denied = code == (DWORD)NTE_BAD_KEYSET || code == (DWORD)NTE_PERM ||
		      code == ERROR_ACCESS_DENIED || code == (DWORD)NTE_SILENT_CONTEXT;

	return ed_fail_os(err, denied ? ED_ACCESS : ED_IO, code, "CryptSignMessage",
			  denied ? "the certificate's private key may not be used: error 0x%08lx"
				 : "cannot sign: error 0x%08lx",
			  (unsigned long)code);
}

static ed_status certificate_sign(const struct crypt32 *c, PCCERT_CONTEXT cert, struct ed_str bytes,
				  struct ed_buf *out, struct ed_error *err)
{
	char sha256[] = "2.16.840.1.101.3.4.2.1";
	CRYPT_SIGN_MESSAGE_PARA para = { .cbSize = sizeof(para),
					 .dwMsgEncodingType =
						 X509_ASN_ENCODING | PKCS_7_ASN_ENCODING,
					 .pSigningCert = cert,
					 .HashAlgorithm = { .pszObjId = sha256 },
					 .cMsgCert = 1,
					 .rgpMsgCert = &cert,
					 .dwFlags = NO_QUESTIONS };
	const BYTE *parts[1] = { (const BYTE *)bytes.p };
	DWORD sizes[1] = { (DWORD)bytes.len }, size = 0;

	SetLastError(0);
	if (!c->sign(&para, TRUE, 1, parts, sizes, NULL, &size))
		return fail_sign(err, GetLastError());
	if (size > SIGNATURE_MOST)
		return ed_fail(err, ED_LIMIT, "a signature of %lu bytes", (unsigned long)size);
	if (!ed_buf_reserve(out, size))
		return ed_fail(err, out->status, "cannot hold the signature");
	SetLastError(0);
	if (!c->sign(&para, TRUE, 1, parts, sizes, (BYTE *)out->p + out->len, &size))
		return fail_sign(err, GetLastError());
	out->len += size;
	return ED_OK;
}

ed_status ed_sign_detached(struct ed_str who, struct ed_str bytes, struct ed_buf *out,
			   struct ed_error *err)
{
	PCCERT_CONTEXT cert;
	struct crypt32 c;
	struct wanted w;
	HCERTSTORE store;
	ed_status status;

	if (bytes.len > UINT32_MAX)
		return ed_fail(err, ED_LIMIT, "too much to be signed");
	if (!crypt32_load(&c))
		return ed_fail(err, ED_UNSUPPORTED, "this Windows cannot sign: no crypt32.dll");
	ED_TRY(wanted_make(&w, who, err));
	SetLastError(0);
	store = c.open((LPCSTR)CERT_STORE_PROV_SYSTEM_W, 0, 0,
		       CERT_SYSTEM_STORE_LOCAL_MACHINE | CERT_STORE_READONLY_FLAG |
			       CERT_STORE_OPEN_EXISTING_FLAG,
		       L"MY");
	if (!store) {
		DWORD code = GetLastError();

		return ed_fail_os(err, code == ERROR_FILE_NOT_FOUND ? ED_ABSENT : ED_ACCESS, code,
				  "CertOpenStore", "cannot open the machine's certificates");
	}
	cert = certificate_find(&c, store, &w);
	status = cert ? certificate_sign(&c, cert, bytes, out, err)
		      : ed_fail(err, ED_ABSENT,
				"no certificate '%.*s' of the machine is valid and has a key",
				ED_FMT(who));
	if (cert)
		c.free(cert);
	c.close(store, 0);
	return status;
}

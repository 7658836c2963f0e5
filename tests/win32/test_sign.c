/* SPDX-License-Identifier: MIT */
/*
 * Signatures by the machine's store, as they ship: makes a key and a certificate of its own there,
 * signs with it and takes both away again. sign.py has openssl check what it leaves in FOLDER.
 */
#include "espdiag/base/limits.h"
#include "espdiag/platform/file.h"
#include "espdiag/platform/sign.h"

#include <windows.h>
#include <wincrypt.h>

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#define SUBJECT "espdiag test signer"
#define CONTENT "{\"schema\":\"espdiag.manifest/1\"}\n"

static const char *folder;
static char thumbprint[64];

static HCERTSTORE machine_store(void)
{
	HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0,
					 CERT_SYSTEM_STORE_LOCAL_MACHINE, L"MY");

	ck_assert_ptr_nonnull(store);
	return store;
}

static void file_write(const char *name, struct ed_str bytes)
{
	char path[1024];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	ck_assert_int_eq(ed_file_write_whole(ed_str_from(path), bytes, NULL), ED_OK);
}

/* The key is the user's: of the machine's, wine finds none. */
static PCCERT_CONTEXT certificate_make(void)
{
	BYTE name[256], hash[20];
	DWORD hash_size = sizeof(hash), name_size = sizeof(name);
	wchar_t container[] = L"espdiag-test", module[] = MS_ENH_RSA_AES_PROV_W;
	CRYPT_KEY_PROV_INFO info = { .pwszContainerName = container,
				     .pwszProvName = module,
				     .dwProvType = PROV_RSA_AES,
				     .dwKeySpec = AT_SIGNATURE };
	char sha256[] = "1.2.840.113549.1.1.11";
	CRYPT_ALGORITHM_IDENTIFIER algorithm = { .pszObjId = sha256 };
	CERT_NAME_BLOB subject;
	PCCERT_CONTEXT cert;
	HCRYPTPROV provider;
	HCRYPTKEY key;

	CryptAcquireContextW(&provider, L"espdiag-test", MS_ENH_RSA_AES_PROV_W, PROV_RSA_AES,
			     CRYPT_DELETEKEYSET);
	ck_assert(CryptAcquireContextW(&provider, L"espdiag-test", MS_ENH_RSA_AES_PROV_W,
				       PROV_RSA_AES, CRYPT_NEWKEYSET));
	ck_assert(CryptGenKey(provider, AT_SIGNATURE, 2048u << 16 | CRYPT_EXPORTABLE, &key));
	CryptDestroyKey(key);
	ck_assert(CertStrToNameW(X509_ASN_ENCODING, L"CN=" SUBJECT, CERT_X500_NAME_STR, NULL, name,
				 &name_size, NULL));
	subject = (CERT_NAME_BLOB){ name_size, name };
	cert = CertCreateSelfSignCertificate(provider, &subject, 0, &info, &algorithm, NULL, NULL,
					     NULL);
	ck_assert_ptr_nonnull(cert);
	CryptReleaseContext(provider, 0);
	ck_assert(
		CertGetCertificateContextProperty(cert, CERT_SHA1_HASH_PROP_ID, hash, &hash_size));
	for (size_t i = 0; i < sizeof(hash); i++)
		snprintf(thumbprint + 2 * i, 3, "%02X", hash[i]);
	return cert;
}

static void sign_to(const char *who, const char *file)
{
	struct ed_error err = { 0 };
	struct ed_buf out;

	ed_buf_init(&out, ED_MIB);
	ck_assert_msg(ed_sign_detached(ed_str_from(who), ED_STR(CONTENT), &out, &err) == ED_OK,
		      "%s", err.text);
	file_write(file, ed_buf_str(&out));
	ed_buf_release(&out);
}

/* Wine writes what was added, or taken away, when the store is closed. */
static void certificate_add(PCCERT_CONTEXT cert)
{
	HCERTSTORE store = machine_store();

	ck_assert(CertAddCertificateContextToStore(store, cert, CERT_STORE_ADD_REPLACE_EXISTING,
						   NULL));
	CertCloseStore(store, 0);
}

static void certificate_remove(PCCERT_CONTEXT cert)
{
	HCERTSTORE store = machine_store();
	PCCERT_CONTEXT kept = CertFindCertificateInStore(
		store, X509_ASN_ENCODING | PKCS_7_ASN_ENCODING, 0, CERT_FIND_EXISTING, cert, NULL);
	HCRYPTPROV provider;

	if (kept)
		CertDeleteCertificateFromStore(kept);
	CertCloseStore(store, 0);
	CryptAcquireContextW(&provider, L"espdiag-test", MS_ENH_RSA_AES_PROV_W, PROV_RSA_AES,
			     CRYPT_DELETEKEYSET);
}

START_TEST(signs_by_thumbprint_and_subject)
{
	PCCERT_CONTEXT cert = certificate_make();

	certificate_add(cert);
	file_write("content", ED_STR(CONTENT));
	file_write("certificate.der",
		   (struct ed_str){ (const char *)cert->pbCertEncoded, cert->cbCertEncoded });
	sign_to(thumbprint, "thumbprint.p7s");
	sign_to("test signer", "subject.p7s");
	certificate_remove(cert);
	CertFreeCertificateContext(cert);
}
END_TEST

START_TEST(nobody_signs)
{
	static const struct {
		const char *who;
		ed_status status;
	} rows[] = {
		{ "nobody of that name", ED_ABSENT },
		{ "0000000000000000000000000000000000000000", ED_ABSENT },
		{ "", ED_ARG },
	};
	struct ed_error err = { 0 };
	struct ed_buf out;

	ed_buf_init(&out, ED_MIB);
	for (size_t i = 0; i < ED_COUNT(rows); i++) {
		ck_assert_int_eq(
			ed_sign_detached(ed_str_from(rows[i].who), ED_STR(CONTENT), &out, &err),
			rows[i].status);
		ck_assert_uint_eq(out.len, 0);
		ck_assert(err.text[0]);
	}
	ed_buf_release(&out);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite = suite_create("sign");
	TCase *tc = tcase_create("sign");
	SRunner *runner;
	int failed;

	folder = argc > 1 ? argv[1] : ".";
	tcase_add_test(tc, nobody_signs);
	tcase_add_test(tc, signs_by_thumbprint_and_subject);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

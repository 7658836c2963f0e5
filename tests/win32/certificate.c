/* SPDX-License-Identifier: MIT */
/* Makes a key and a certificate of its own, and takes both away again. */
#include "certificate.h"

#include <stdio.h>

#define KEY L"espdiag-test"

static HCERTSTORE machine_store(void)
{
	return CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0, CERT_SYSTEM_STORE_LOCAL_MACHINE,
			     L"MY");
}

/* The key is the user's: of the machine's, wine finds none. */
static BOOL key_make(HCRYPTPROV *provider)
{
	HCRYPTKEY key;

	CryptAcquireContextW(provider, KEY, MS_ENH_RSA_AES_PROV_W, PROV_RSA_AES,
			     CRYPT_DELETEKEYSET);
	if (!CryptAcquireContextW(provider, KEY, MS_ENH_RSA_AES_PROV_W, PROV_RSA_AES,
				  CRYPT_NEWKEYSET))
		return FALSE;
	if (!CryptGenKey(*provider, AT_SIGNATURE, 2048u << 16 | CRYPT_EXPORTABLE, &key)) {
		CryptReleaseContext(*provider, 0);
		return FALSE;
	}
	CryptDestroyKey(key);
	return TRUE;
}

static PCCERT_CONTEXT certificate_make(void)
{
	BYTE name[256];
	DWORD size = sizeof(name);
	wchar_t container[] = KEY, module[] = MS_ENH_RSA_AES_PROV_W;
	CRYPT_KEY_PROV_INFO info = { .pwszContainerName = container,
				     .pwszProvName = module,
				     .dwProvType = PROV_RSA_AES,
				     .dwKeySpec = AT_SIGNATURE };
	char sha256[] = "1.2.840.113549.1.1.11";
	CRYPT_ALGORITHM_IDENTIFIER algorithm = { .pszObjId = sha256 };
	CERT_NAME_BLOB subject;
	PCCERT_CONTEXT cert;
	HCRYPTPROV provider;

	if (!CertStrToNameW(X509_ASN_ENCODING, L"CN=" CERTIFICATE_SUBJECT, CERT_X500_NAME_STR, NULL,
			    name, &size, NULL) ||
	    !key_make(&provider))
		return NULL;
	subject = (CERT_NAME_BLOB){ size, name };
	cert = CertCreateSelfSignCertificate(provider, &subject, 0, &info, &algorithm, NULL, NULL,
					     NULL);
	CryptReleaseContext(provider, 0);
	return cert;
}

PCCERT_CONTEXT certificate_add(char thumbprint[CERTIFICATE_THUMBPRINT])
{
	PCCERT_CONTEXT cert = certificate_make();
	HCERTSTORE store = machine_store();
	BYTE hash[20];
	DWORD size = sizeof(hash);
	BOOL added = cert && store &&
		     CertAddCertificateContextToStore(store, cert, CERT_STORE_ADD_REPLACE_EXISTING,
						      NULL) &&
		     CertGetCertificateContextProperty(cert, CERT_SHA1_HASH_PROP_ID, hash, &size);

	/* wine writes what was added, or taken away, when the store is closed */
	if (store)
		CertCloseStore(store, 0);
	if (!added)
		return NULL;
	for (size_t i = 0; i < sizeof(hash); i++)
		snprintf(thumbprint + 2 * i, 3, "%02X", hash[i]);
	return cert;
}

void certificate_remove(PCCERT_CONTEXT cert)
{
	HCERTSTORE store = machine_store();
	PCCERT_CONTEXT kept = CertFindCertificateInStore(
		store, X509_ASN_ENCODING | PKCS_7_ASN_ENCODING, 0, CERT_FIND_EXISTING, cert, NULL);
	HCRYPTPROV provider;

	if (kept)
		CertDeleteCertificateFromStore(kept);
	CertCloseStore(store, 0);
	CertFreeCertificateContext(cert);
	CryptAcquireContextW(&provider, KEY, MS_ENH_RSA_AES_PROV_W, PROV_RSA_AES,
			     CRYPT_DELETEKEYSET);
}

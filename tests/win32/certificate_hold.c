/* SPDX-License-Identifier: MIT */
/*
 * certificate_hold FILE: a certificate is in the machine's store, in DER in FILE, until standard
 * input ends. Prints its thumbprint when it is there.
 */
#include "certificate.h"

#include <stdio.h>

int main(int argc, char **argv)
{
	char thumbprint[CERTIFICATE_THUMBPRINT];
	PCCERT_CONTEXT cert = argc == 2 ? certificate_add(thumbprint) : NULL;
	FILE *file = cert ? fopen(argv[1], "wb") : NULL;

	if (!file ||
	    fwrite(cert->pbCertEncoded, 1, cert->cbCertEncoded, file) != cert->cbCertEncoded)
		return 1;
	fclose(file);
	puts(thumbprint);
	fflush(stdout);
	while (getchar() != EOF)
		continue;
	certificate_remove(cert);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* A certificate with a key of its own in the machine's store, for as long as a test needs it. */
#ifndef ED_TESTS_WIN32_CERTIFICATE_H
#define ED_TESTS_WIN32_CERTIFICATE_H

#include <windows.h>
#include <wincrypt.h>

#define CERTIFICATE_SUBJECT "espdiag test signer"
#define CERTIFICATE_THUMBPRINT 41

/* NULL: it could not be made or added. */
PCCERT_CONTEXT certificate_add(char thumbprint[CERTIFICATE_THUMBPRINT]);
/* Takes it out of the store again, with its key. */
void certificate_remove(PCCERT_CONTEXT cert);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Private to analyze: what error codes mean. Rows of codes.def and aadsts.def, found by value.
 * A code outside the tables is unknown, never guessed.
 */
#ifndef ESPDIAG_ANALYZE_CODES_H
#define ESPDIAG_ANALYZE_CODES_H

#include "espdiag/analyze/verdict.h"

/* X(class, word): what kind of trouble a code stands for. */
#define CODE_CLASS_LIST(X)                                                                         \
	X(CODE_GENERAL, "general")       /* says nothing by itself */                              \
	X(CODE_SIGN_IN, "sign-in")       /* token or sign-in refused, missing or broken */         \
	X(CODE_NETWORK, "network")       /* name, connection, time limit, proxy, TLS */            \
	X(CODE_CLOCK, "clock")           /* what a wrong clock makes: certificate dates */         \
	X(CODE_LICENSE, "license")       /* the Store's licences */                                \
	X(CODE_PACKAGE, "package")       /* the app's package or its deployment */                 \
	X(CODE_DISK, "disk")             /* space, volume, reading and writing */                  \
	X(CODE_POLICY, "policy")         /* forbidden by a setting */                              \
	X(CODE_SERVICE, "service")       /* a Windows service is off or failed */                  \
	X(CODE_BITLOCKER, "bitlocker")   /* drive encryption */                                    \
	X(CODE_TPM, "tpm")               /* TPM and its attestation */                             \
	X(CODE_ENROLLMENT, "enrollment") /* mobile device management enrolment */                  \
	X(CODE_JOIN, "join")             /* device registration, Entra or hybrid join */           \
	X(CODE_INTUNE, "intune")         /* the management extension and Intune's own codes */     \
	X(CODE_UPDATE, "update")         /* Windows Update, through which the Store downloads */

#define CODE_CLASS_ENUM(class, word) class,
enum code_class { CODE_CLASS_LIST(CODE_CLASS_ENUM) };
#undef CODE_CLASS_ENUM

const char *code_class_word(enum code_class class);

/* One HRESULT, status or service code. All texts are static. */
struct code_row {
	uint32_t value;
	const char *name; /* as in the source; NULL where there is none */
	enum code_class class;
	enum ed_owner owner;
	const char *meaning, *next; /* whole sentences */
	const char *source;
};

/* One error of the sign-in service, as a whole number: 53000 is not 530003. */
struct aadsts_row {
	uint32_t number;
	const char *name; /* NULL where there is none */
	enum ed_owner owner;
	const char *meaning, *next, *source;
};

/* NULL when there is no such row. */
const struct code_row *code_find(uint32_t value);
const struct aadsts_row *aadsts_find(uint32_t number);

/* The tables themselves, sorted, for whoever must see every row. */
extern const struct code_row code_rows[];
extern const size_t code_row_count;
extern const struct aadsts_row aadsts_rows[];
extern const size_t aadsts_row_count;

#endif

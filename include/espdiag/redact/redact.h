/* SPDX-License-Identifier: MIT */
/*
 * Redaction of evidence on its way into a bundle (CONTRACT section 6). Two passes over the same
 * members: first every member is learnt, so that a name that one of them gives away is also found
 * where another has it in the middle of a sentence; then each is rewritten. Pure, one thread.
 *
 * Secrets (recovery passwords, tokens, Authorization values, SAS signatures, private keys,
 * passwords in command lines, User Device Registration 302, attestation reports) go at every
 * level. Identities (user names, UPNs, SIDs, device name, serial, addresses, tenant id ...) become
 * pseudonyms at STANDARD and STRICT: the same value gives the same pseudonym within one redactor.
 * STRICT also drops free text. App ids, product ids, correlation ids and codes are kept.
 */
#ifndef ESPDIAG_REDACT_REDACT_H
#define ESPDIAG_REDACT_REDACT_H

#include "espdiag/base/buf.h"
#include "espdiag/model/event.h"
#include "espdiag/model/form.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ed_redact_level {
	ED_REDACT_NONE, /* secrets only */
	ED_REDACT_STANDARD,
	ED_REDACT_STRICT,
};

/* X(name, word): what is replaced; the word is in the report's counts and in pseudonyms. */
#define ED_REDACT_KIND_LIST(X)                                                                     \
	X(ED_REDACT_SECRET, "secret")                                                              \
	X(ED_REDACT_USER, "user")                                                                  \
	X(ED_REDACT_UPN, "upn")                                                                    \
	X(ED_REDACT_SID, "sid")                                                                    \
	X(ED_REDACT_DEVICE, "device")                                                              \
	X(ED_REDACT_SERIAL, "serial")                                                              \
	X(ED_REDACT_TENANT, "tenant")                                                              \
	X(ED_REDACT_DOMAIN, "domain")                                                              \
	X(ED_REDACT_IP, "ip")                                                                      \
	X(ED_REDACT_MAC, "mac")                                                                    \
	X(ED_REDACT_SSID, "ssid")                                                                  \
	X(ED_REDACT_HARDWARE, "hardware")                                                          \
	X(ED_REDACT_CERTIFICATE, "certificate")                                                    \
	X(ED_REDACT_TEXT, "text")

enum ed_redact_kind {
#define ED_REDACT_ENUM(name, word) name,
	ED_REDACT_KIND_LIST(ED_REDACT_ENUM)
#undef ED_REDACT_ENUM
		ED_REDACT_KINDS
};

const char *ed_redact_kind_word(enum ed_redact_kind kind);

struct ed_redactor;

#define ED_REDACT_KEY_BYTES 32

/* @key: random for each bundle, never written anywhere; makes the pseudonyms. ED_NOMEM. */
ed_status ed_redactor_new(enum ed_redact_level level, const unsigned char key[ED_REDACT_KEY_BYTES],
			  struct ed_redactor **out, struct ed_error *err);
/* NULL is harmless. */
void ed_redactor_free(struct ed_redactor *redactor);

/* An identity known from elsewhere: the computer's name, the caller's account. */
ed_status ed_redactor_know(struct ed_redactor *redactor, enum ed_redact_kind kind,
			   struct ed_str value, struct ed_error *err);
/* First pass. Bytes not in the form they should have are learnt as text. ED_NOMEM. */
ed_status ed_redactor_learn(struct ed_redactor *redactor, enum ed_form form, struct ed_str bytes,
			    struct ed_error *err);
/*
 * Second pass: appends the redacted member to @out. The result is as valid in its form as @bytes
 * was. *count (may be NULL) gets the replacements made. ED_NOMEM, ED_LIMIT (of @out), ED_FORMAT:
 * not to be understood well enough to be sure, so it must not go into the bundle.
 */
ed_status ed_redact(struct ed_redactor *redactor, enum ed_form form, struct ed_str bytes,
		    struct ed_buf *out, uint64_t *count, struct ed_error *err);
/* Replacements made so far, by kind. */
uint64_t ed_redactor_count(const struct ed_redactor *redactor, enum ed_redact_kind kind);

/*
 * What was recorded by others and is printed value by value. The first two are made to be asked of
 * everything: false, nearly always and at once, when there is no secret in it.
 */
bool ed_redactor_finds_secret(struct ed_redactor *redactor, struct ed_str text);
/* @n bytes of UTF-16LE. */
bool ed_redactor_finds_secret_utf16(struct ed_redactor *redactor, const void *bytes, size_t n);
/* Bytes that are printed as hex. */
bool ed_redactor_finds_secret_bytes(struct ed_redactor *redactor, struct ed_str bytes);
/* Whether a field of that name may be a secret whatever is in it. */
bool ed_redactor_secret_name(const struct ed_redactor *redactor, struct ed_str name);
/* Appends the field's value, redacted; of a part of System, field->name is { NULL, 0 }. ED_NOMEM,
 * ED_LIMIT: nothing was appended. */
ed_status ed_redact_field(struct ed_redactor *redactor, const struct ed_event_head *event,
			  const struct ed_field *field, struct ed_buf *out, struct ed_error *err);
/* As ed_redact, for the JSON that @event was printed as; all its members need not be there. */
ed_status ed_redact_event_json(struct ed_redactor *redactor, const struct ed_event_head *event,
			       struct ed_str line, struct ed_buf *out, struct ed_error *err);

/*
 * For what was not collected by us and is printed: appends @text (plain text, a field's value)
 * without its secrets. Returns how many were replaced; with 0 nothing is appended and @text may be
 * used as it is. What is too much to look at is replaced whole; without memory @out fails.
 */
size_t ed_redact_secrets(struct ed_str text, struct ed_buf *out);

#endif

/* SPDX-License-Identifier: MIT */
/* Signatures by a certificate of the machine, through the system. */
#ifndef ESPDIAG_PLATFORM_SIGN_H
#define ESPDIAG_PLATFORM_SIGN_H

#include "espdiag/base/buf.h"
#include "espdiag/base/error.h"
#include "espdiag/base/str.h"

/*
 * Appends a signature of @bytes to @out: CMS in DER, detached, SHA-256, with the certificate. @who:
 * the certificate's thumbprint (SHA-1, 40 hex digits, blanks and colons between them do not count)
 * or a part of its subject; of several that are valid now and have a private key the one that is
 * valid longest signs. Nobody is asked for anything. ED_ABSENT: no such certificate; ED_ACCESS: its
 * key may not be used; ED_UNSUPPORTED: not on this system; ED_NOMEM, ED_LIMIT, ED_IO.
 */
ed_status ed_sign_detached(struct ed_str who, struct ed_str bytes, struct ed_buf *out,
			   struct ed_error *err);

#endif

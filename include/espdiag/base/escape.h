/* SPDX-License-Identifier: MIT */
/*
 * Text for XML and JSON, escaped while it is converted. What comes out is valid UTF-8 without
 * characters that XML 1.0 forbids: those become U+FFFD, as in utf.h, for JSON as well, so that a
 * value reads the same in both.
 */
#ifndef ESPDIAG_BASE_ESCAPE_H
#define ESPDIAG_BASE_ESCAPE_H

#include "espdiag/base/buf.h"
#include "espdiag/base/str.h"

#include <stddef.h>
#include <string.h>

enum ed_escape {
	ED_ESCAPE_XML_TEXT,      /* & < > and CR, which a parser would drop */
	ED_ESCAPE_XML_ATTRIBUTE, /* also " tab and LF, of which a parser would make blanks */
	ED_ESCAPE_JSON,          /* inside of a string */
};

/* Bytes of room for @n bytes of UTF-16: six a unit, and what is stored past the end on the way. */
#define ED_ESCAPE_ROOM(n) (3 * (n) + 32)

/*
 * Converts @n bytes of UTF-16LE into @out, which has ED_ESCAPE_ROOM(@n) bytes, and returns the end
 * of what was written. @readable bytes from @bytes on (at least @n) may be read, though only @n
 * count: with 32 more the end of a text is as fast as its middle.
 */
char *ed_escape_utf16le(char *out, const void *bytes, size_t n, size_t readable,
			enum ed_escape kind);
/* The same without vector instructions: for other machines, and to test the one against. */
char *ed_escape_utf16le_portable(char *out, const void *bytes, size_t n, size_t readable,
				 enum ed_escape kind);

/* Appends valid UTF-8. */
void ed_buf_escape(struct ed_buf *buf, struct ed_str s, enum ed_escape kind);

#endif

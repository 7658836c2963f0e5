/* SPDX-License-Identifier: MIT */
/*
 * The bytes of XML to UTF-8, piece by piece. The bytes decide, not what the document says of
 * itself: tools rewrite files in another encoding and leave the declaration behind. Only where
 * bytes are not UTF-8 is the declaration asked.
 */
#ifndef ESPDIAG_XML_ENCODING_H
#define ESPDIAG_XML_ENCODING_H

#include "espdiag/base/buf.h"
#include "espdiag/base/error.h"
#include "espdiag/base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum ed_xml_encoding {
	ED_XML_ENCODING_UNKNOWN, /* nothing was read yet */
	ED_XML_UTF16LE,
	ED_XML_UTF16BE,
	ED_XML_UTF8,   /* also where nothing or UTF-16 is declared and the bytes are 8-bit text */
	ED_XML_CP1252, /* declared as such or as ISO-8859-1 */
	ED_XML_OTHER,  /* declared as something else: read as far as it is UTF-8 */
};

/* Zeroed before the first use. */
struct ed_xml_decoder {
	enum ed_xml_encoding encoding;
	unsigned char held[4]; /* of a character whose rest has not come yet */
	size_t held_len;
};

/*
 * Appends @bytes to @out, UTF-16 as valid UTF-8, 8-bit text as it is (see ed_xml_clean); a
 * byte-order mark at the front is dropped. The first call decides the encoding and should bring the
 * declaration. @last: nothing follows. ED_FORMAT: UTF-32, and nothing was appended. ED_NOMEM,
 * ED_LIMIT: from @out.
 */
ed_status ed_xml_decode(struct ed_xml_decoder *decoder, const void *bytes, size_t n, bool last,
			struct ed_buf *out, struct ed_error *err);

/*
 * Makes decoded text valid UTF-8 without characters that XML forbids: *clean is @text itself where
 * it is that already, else a copy in @hold, whose contents are replaced. ED_FORMAT: bytes in an
 * encoding that is not read; ED_NOMEM, ED_LIMIT: from @hold.
 */
ed_status ed_xml_clean(const struct ed_xml_decoder *decoder, struct ed_str text,
		       struct ed_buf *hold, struct ed_str *clean, struct ed_error *err);

/* A whole document at once: decoded and clean, borrowed from @bytes or from @hold. Failures as
 * above. */
ed_status ed_xml_document(struct ed_str bytes, struct ed_buf *hold, struct ed_str *document,
			  struct ed_error *err);

/* Longest name that ed_xml_root_name tells apart, with room for a NUL. */
#define ED_XML_ROOT_NAME ((size_t)64)
/* Most bytes of the head that are looked at. */
#define ED_XML_ROOT_BYTES ((size_t)4096)

/*
 * The name, without its prefix, of the first element, or of the document type when one is declared
 * first, from the first bytes of a file in any of the encodings above. @name holds
 * ED_XML_ROOT_NAME bytes and the result points there. { NULL, 0 } when @head does not begin like
 * XML.
 */
struct ed_str ed_xml_root_name(struct ed_str head, char *name);
/* True when @ascii occurs in @head, which is in any of the encodings above. */
bool ed_xml_head_has(struct ed_str head, struct ed_str ascii);

#endif

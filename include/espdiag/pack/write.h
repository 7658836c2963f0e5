/* SPDX-License-Identifier: MIT */
/*
 * Writing a zip as a stream, of members that were deflated before. The same calls give the same
 * bytes everywhere: nothing of the machine, the user or the time goes into it; all members show
 * 1980-01-01.
 */
#ifndef ESPDIAG_PACK_WRITE_H
#define ESPDIAG_PACK_WRITE_H

#include "espdiag/base/buf.h"
#include "espdiag/base/error.h"
#include "espdiag/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A member as it lies in a zip. */
struct ed_packed {
	struct ed_buf deflated; /* without a header of zlib's */
	uint32_t size;          /* of its bytes, unpacked */
	uint32_t crc;           /* of these */
};

/* Gets bytes piece by piece. What it returns is returned from the call that gave them. */
typedef ed_status (*ed_pack_write_fn)(void *context, struct ed_str bytes, struct ed_error *err);

/* Fills @out, which is then released. ED_LIMIT: 4 GiB or more; ED_NOMEM. */
ed_status ed_packed_make(struct ed_str bytes, struct ed_packed *out, struct ed_error *err);
void ed_packed_release(struct ed_packed *packed);
/* Hands the bytes of @packed to @piece, unpacked. ED_NOMEM, or what @piece returned. */
ed_status ed_packed_read(const struct ed_packed *packed, ed_pack_write_fn piece, void *context,
			 struct ed_error *err);

struct ed_pack_writer;

/* The zip's bytes go to @write. ED_NOMEM. */
ed_status ed_pack_write_begin(struct ed_pack_writer **out, ed_pack_write_fn write, void *context,
			      struct ed_error *err);
/* ED_ARG: @name is no ed_pack_name_safe. ED_LIMIT: the zip has no room for it. ED_NOMEM. */
ed_status ed_pack_write_member(struct ed_pack_writer *writer, struct ed_str name,
			       const struct ed_packed *packed, struct ed_error *err);
/*
 * Writes the directory when @whole and frees @writer, also on failure. Only ED_OK with @whole means
 * that there is a zip. NULL is harmless.
 */
ed_status ed_pack_write_end(struct ed_pack_writer *writer, bool whole, struct ed_error *err);

/*
 * True for names that every extractor on every system takes as they are: ASCII, forward slashes, no
 * part that is empty, "." or "..", none of < > : " | ? * \, no device name of DOS, no part ending
 * in a dot or blank, at most ED_PACK_NAME_MAX bytes.
 */
#define ED_PACK_NAME_MAX ((size_t)200)
bool ed_pack_name_safe(struct ed_str name);

#endif

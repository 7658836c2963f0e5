/* SPDX-License-Identifier: MIT */
/*
 * Writing a zip as a stream. The same calls give the same bytes everywhere: nothing of the machine,
 * the user, the time or the time zone goes into it unless the caller says so.
 */
#ifndef ESPDIAG_PACK_WRITE_H
#define ESPDIAG_PACK_WRITE_H

#include "espdiag/base/error.h"
#include "espdiag/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ed_pack_writer;

/* Where the zip's bytes go. What it returns is returned from the call that wrote. */
typedef ed_status (*ed_pack_write_fn)(void *context, struct ed_str bytes, struct ed_error *err);

/*
 * @mtime: of all members, ED_TIME_NONE for none (they show 1980-01-01). A time makes the bytes
 * depend on the time zone, since a zip holds local time. ED_NOMEM.
 */
ed_status ed_pack_write_begin(struct ed_pack_writer **out, int64_t mtime, ed_pack_write_fn write,
			      void *context, struct ed_error *err);
/*
 * Begins a member of @size bytes, which ed_pack_write_bytes then gives in pieces. ED_ARG: @name is
 * no ed_pack_name_safe, or the member before has not all of its bytes.
 */
ed_status ed_pack_write_member(struct ed_pack_writer *writer, struct ed_str name, uint64_t size,
			       struct ed_error *err);
/* ED_ARG: more than the member's size. */
ed_status ed_pack_write_bytes(struct ed_pack_writer *writer, struct ed_str bytes,
			      struct ed_error *err);
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

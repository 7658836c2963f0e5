/* SPDX-License-Identifier: MIT */
/*
 * Text conversion. Unpaired surrogates, odd bytes and characters that XML 1.0 forbids become U+FFFD
 * and are counted; nothing here fails over content, and no output is ever invalid UTF-8.
 */
#ifndef ESPDIAG_BASE_UTF_H
#define ESPDIAG_BASE_UTF_H

#include "espdiag/base/arena.h"
#include "espdiag/base/buf.h"
#include "espdiag/base/str.h"

#include <stddef.h>

/* Longest UTF-8 a UTF-16 text of @bytes bytes can become. */
#define ED_UTF8_MAX(bytes) ((bytes) / 2 * 3 + 3)

/*
 * UTF-16LE bytes to UTF-8. @out must hold ED_UTF8_MAX(n) bytes; returns the bytes written (no NUL).
 * @replaced (may be NULL) is increased by the number of U+FFFD written. Stops at nothing: NULs
 * inside become U+FFFD, so cut trailing NULs before.
 */
size_t ed_utf8_from_utf16le(const void *bytes, size_t n, char *out, size_t *replaced);
/* Into the arena, with a NUL behind it; .p NULL when out of memory. */
struct ed_str ed_arena_utf16le(struct ed_arena *arena, const void *bytes, size_t n,
			       size_t *replaced);
/* Windows-1252 bytes to UTF-8, appended. */
void ed_buf_cp1252(struct ed_buf *buf, const void *bytes, size_t n, size_t *replaced);
/* Possibly broken UTF-8 made valid, appended. */
void ed_buf_utf8(struct ed_buf *buf, struct ed_str s, size_t *replaced);
/*
 * Whole text of unknown encoding to UTF-8, appended: BOMs (UTF-8, UTF-16LE, UTF-16BE) decide,
 * without one UTF-16LE is seen by its zero bytes, valid UTF-8 stays, anything else is Windows-1252.
 */
void ed_buf_text(struct ed_buf *buf, const void *bytes, size_t n, size_t *replaced);
/*
 * The front of such a text in ASCII, other characters as '?', without its BOM: for probing, which
 * must not allocate. Returns the bytes written to @out, at most @cap.
 */
size_t ed_text_head(const void *bytes, size_t n, char *out, size_t cap);
/* True when @s is valid UTF-8 without characters that XML 1.0 forbids. */
bool ed_utf8_valid(struct ed_str s);

#endif

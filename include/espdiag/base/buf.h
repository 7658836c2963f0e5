/* SPDX-License-Identifier: MIT */
/*
 * A growing byte buffer with a ceiling. The first failed append makes all later ones fail, so a
 * writer checks once at the end. The bytes are always NUL-terminated when non-NULL.
 */
#ifndef ESPDIAG_BASE_BUF_H
#define ESPDIAG_BASE_BUF_H

#include "espdiag/base/error.h"
#include "espdiag/base/str.h"

#include <stddef.h>

struct ed_buf {
	char *p; /* NULL while empty */
	size_t len;
	size_t cap;
	size_t limit;     /* len never exceeds it */
	ed_status status; /* ED_OK, or why appends fail: ED_NOMEM or ED_LIMIT */
};

void ed_buf_init(struct ed_buf *buf, size_t limit);
void ed_buf_release(struct ed_buf *buf);
/* Empties it, keeps the memory, clears a failure. */
void ed_buf_clear(struct ed_buf *buf);
/* Makes room for @n more bytes; false when that fails. */
bool ed_buf_reserve(struct ed_buf *buf, size_t n);
void ed_buf_add(struct ed_buf *buf, const void *bytes, size_t n);
void ed_buf_adds(struct ed_buf *buf, struct ed_str s);
void ed_buf_addz(struct ed_buf *buf, const char *z);
void ed_buf_addc(struct ed_buf *buf, char c);
void ed_buf_printf(struct ed_buf *buf, const char *format, ...) ED_PRINTF(2, 3);
/* Borrowed view, valid until the next append. */
struct ed_str ed_buf_str(const struct ed_buf *buf);

#endif

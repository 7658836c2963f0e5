/* SPDX-License-Identifier: MIT */
/* The bounded reader. */
#include "espdiag/base/cursor.h"

const unsigned char *ed_cursor_take(struct ed_cursor *c, size_t n)
{
	const unsigned char *p = c->p;

	if (c->bad || n > c->left) {
		c->bad = true;
		return NULL;
	}
	if (n) /* an empty cursor may hold NULL */
		c->p += n;
	c->left -= n;
	return p;
}

uint8_t ed_cursor_u8(struct ed_cursor *c)
{
	const unsigned char *p = ed_cursor_take(c, 1);

	return p ? *p : 0;
}

uint16_t ed_cursor_u16(struct ed_cursor *c)
{
	const unsigned char *p = ed_cursor_take(c, 2);

	return p ? ed_le16(p) : 0;
}

uint32_t ed_cursor_u32(struct ed_cursor *c)
{
	const unsigned char *p = ed_cursor_take(c, 4);

	return p ? ed_le32(p) : 0;
}

uint64_t ed_cursor_u64(struct ed_cursor *c)
{
	const unsigned char *p = ed_cursor_take(c, 8);

	return p ? ed_le64(p) : 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Bounded little-endian reader over borrowed bytes. Reading past the end returns NULL or 0 and sets
 * @bad for good, so a parser tests once a structure.
 */
#ifndef ESPDIAG_BASE_CURSOR_H
#define ESPDIAG_BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ed_cursor {
	const unsigned char *p;
	size_t left;
	bool bad;
};

/* The next @n bytes, borrowed; NULL past the end. */
const unsigned char *ed_cursor_take(struct ed_cursor *c, size_t n);
uint8_t ed_cursor_u8(struct ed_cursor *c);
uint16_t ed_cursor_u16(struct ed_cursor *c);
uint32_t ed_cursor_u32(struct ed_cursor *c);
uint64_t ed_cursor_u64(struct ed_cursor *c);

/* Little-endian loads from bytes that are known to be there. */
static inline uint16_t ed_le16(const unsigned char *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}
static inline uint32_t ed_le32(const unsigned char *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}
static inline uint64_t ed_le64(const unsigned char *p)
{
	return ed_le32(p) | (uint64_t)ed_le32(p + 4) << 32;
}
/* The same with the highest byte first. */
static inline uint32_t ed_be32(const unsigned char *p)
{
	return p[3] | (uint32_t)p[2] << 8 | (uint32_t)p[1] << 16 | (uint32_t)p[0] << 24;
}

#endif

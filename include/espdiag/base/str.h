/* SPDX-License-Identifier: MIT */
/*
 * Borrowed text: a pointer and a length, UTF-8, not necessarily NUL-terminated.
 * { NULL, 0 } means "not there"; a non-NULL p with len 0 is the empty string.
 */
#ifndef ESPDIAG_BASE_STR_H
#define ESPDIAG_BASE_STR_H

#include "espdiag/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ed_str {
	const char *p;
	size_t len;
};

/* For literals: ED_STR("x"). */
#define ED_STR(literal) ((struct ed_str){ "" literal, sizeof(literal) - 1 })
/* For printf("%.*s", ED_FMT(s)). */
#define ED_FMT(s) (int)(s).len, (s).p ? (s).p : ""
#define ED_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* NULL gives { NULL, 0 }. */
struct ed_str ed_str_from(const char *z);
bool ed_str_eq(struct ed_str a, struct ed_str b);
/* ASCII case-insensitive; other bytes must be equal. */
bool ed_str_ieq(struct ed_str a, struct ed_str b);
/* As memcmp, shorter first when one is a prefix. */
int ed_str_cmp(struct ed_str a, struct ed_str b);
int ed_str_icmp(struct ed_str a, struct ed_str b);
bool ed_str_starts(struct ed_str s, struct ed_str prefix);
bool ed_str_istarts(struct ed_str s, struct ed_str prefix);
bool ed_str_ends(struct ed_str s, struct ed_str suffix);
bool ed_str_iends(struct ed_str s, struct ed_str suffix);
/* Offset of the first @needle at or after @from; SIZE_MAX when there is none. */
size_t ed_str_find(struct ed_str s, struct ed_str needle, size_t from);
size_t ed_str_ifind(struct ed_str s, struct ed_str needle, size_t from);
/* Bytes [from, to), both cut to the length. */
struct ed_str ed_str_slice(struct ed_str s, size_t from, size_t to);
/* Without ASCII white space at both ends. */
struct ed_str ed_str_trim(struct ed_str s);
/* Takes the text up to @separator off the front of @rest; false at the end. Last piece has none
 * behind it. */
bool ed_str_next(struct ed_str *rest, char separator, struct ed_str *piece);
/* One line without its LF or CRLF off the front of @rest; false at the end. */
bool ed_str_line(struct ed_str *rest, struct ed_str *line);
/* Equal when spaces and ASCII case are ignored: "Error Code" is "ErrorCode" (event field names). */
bool ed_name_eq(struct ed_str a, struct ed_str b);

/*
 * Numbers arrive in three dialects: 0x hex, unsigned and signed decimal. Surrounding white space is
 * allowed, anything else is not. A negative number is given as its two's complement in 64 bits;
 * ed_number_u32 also accepts it when it fits 32 bits signed (-2147186428 is 0x80048904).
 * False, and @out unchanged, when @s is no such number or does not fit.
 */
bool ed_number_parse(struct ed_str s, uint64_t *out);
bool ed_number_u32(struct ed_str s, uint32_t *out);

#endif

/* SPDX-License-Identifier: MIT */
/* Values of the common types written straight into the output; value.c says what they look like. */
#include "dump_priv.h"

#include "espdiag/base/time.h"

#define SID_PARTS_MAX 15
#define TICKS_PER_DAY (UINT64_C(24) * 60 * 60 * 10000000)

static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233"
			    "34353637383940414243444546474849505152535455565758596061626364656667"
			    "6869707172737475767778798081828384858687888990919293949596979899";

static const char hex_upper[] = "0123456789ABCDEF";
static const char hex_lower[] = "0123456789abcdef";

static char *put_pair(char *to, unsigned n)
{
	memcpy(to, pairs + 2 * (size_t)n, 2);
	return to + 2;
}

char *evtx_dump_number(char *to, uint64_t n)
{
	char digits[20], *at = digits + sizeof(digits);
	size_t len;

	while (n >= 100) {
		at -= 2;
		memcpy(at, pairs + 2 * (n % 100), 2);
		n /= 100;
	}
	if (n >= 10) {
		at -= 2;
		memcpy(at, pairs + 2 * n, 2);
	} else {
		*--at = (char)('0' + n);
	}
	len = (size_t)(digits + sizeof(digits) - at);
	memcpy(to, at, len);
	return to + len;
}

/* Most numbers are small, and 32-bit division is the faster one. */
static char *put_u32(char *to, uint32_t n)
{
	char digits[10], *at = digits + sizeof(digits);
	size_t len;

	if (n < 10) {
		*to = (char)('0' + n);
		return to + 1;
	}
	while (n >= 100) {
		at -= 2;
		memcpy(at, pairs + 2 * (size_t)(n % 100), 2);
		n /= 100;
	}
	if (n >= 10) {
		at -= 2;
		memcpy(at, pairs + 2 * (size_t)n, 2);
	} else {
		*--at = (char)('0' + n);
	}
	len = (size_t)(digits + sizeof(digits) - at);
	for (size_t i = 0; i < len; i++)
		to[i] = at[i];
	return to + len;
}

/* @n has @bits bits in two's complement. */
static char *put_signed(char *to, uint64_t n, unsigned bits)
{
	uint64_t sign = UINT64_C(1) << (bits - 1);

	if (!(n & sign))
		return evtx_dump_number(to, n);
	*to++ = '-';
	return evtx_dump_number(to, (~n & (sign | (sign - 1))) + 1);
}

static char *put_hex_number(char *to, uint64_t n)
{
	int shift = 60;

	*to++ = '0';
	*to++ = 'x';
	while (shift && !(n >> shift))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		*to++ = hex_lower[n >> shift & 15];
	return to;
}

static char *put_hex(char *to, const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		*to++ = hex_upper[p[i] >> 4];
		*to++ = hex_upper[p[i] & 15];
	}
	return to;
}

static char *put_guid(char *to, const unsigned char *p)
{
	const unsigned char front[8] = { p[3], p[2], p[1], p[0], p[5], p[4], p[7], p[6] };

	*to++ = '{';
	to = put_hex(to, front, 4);
	*to++ = '-';
	to = put_hex(to, front + 4, 2);
	*to++ = '-';
	to = put_hex(to, front + 6, 2);
	*to++ = '-';
	to = put_hex(to, p + 8, 2);
	*to++ = '-';
	to = put_hex(to, p + 10, 6);
	*to++ = '}';
	return to;
}

char *evtx_dump_time(char *to, uint64_t ticks)
{
	uint64_t days = (ticks & INT64_MAX) / TICKS_PER_DAY;
	uint64_t rest = (ticks & INT64_MAX) % TICKS_PER_DAY;
	struct ed_civil c = ed_civil_from_time((int64_t)(days * TICKS_PER_DAY));
	uint32_t seconds = (uint32_t)(rest / 10000000), fraction = (uint32_t)(rest % 10000000);

	if (c.year > 9999)
		to = put_u32(to, (uint32_t)c.year);
	else
		to = put_pair(put_pair(to, (unsigned)c.year / 100), (unsigned)c.year % 100);
	*to++ = '-';
	to = put_pair(to, (unsigned)c.month);
	*to++ = '-';
	to = put_pair(to, (unsigned)c.day);
	*to++ = 'T';
	to = put_pair(to, seconds / 3600);
	*to++ = ':';
	to = put_pair(to, seconds / 60 % 60);
	*to++ = ':';
	to = put_pair(to, seconds % 60);
	*to++ = '.';
	*to++ = (char)('0' + fraction / 1000000);
	to = put_pair(to, fraction / 10000 % 100);
	to = put_pair(to, fraction / 100 % 100);
	to = put_pair(to, fraction % 100);
	*to++ = 'Z';
	return to;
}

static char *put_sid(char *to, const unsigned char *p, size_t n)
{
	uint64_t authority;

	if (n < 8 || p[1] > SID_PARTS_MAX || n < 8 + 4 * (size_t)p[1])
		return put_hex(to, p, n);
	*to++ = 'S';
	*to++ = '-';
	to = put_u32(to, p[0]);
	*to++ = '-';
	authority = (uint64_t)p[2] << 40 | (uint64_t)p[3] << 32 | (uint64_t)p[4] << 24 |
		    (uint64_t)p[5] << 16 | (uint64_t)p[6] << 8 | p[7];
	to = authority > UINT32_MAX ? put_hex_number(to, authority)
				    : put_u32(to, (uint32_t)authority);
	for (size_t i = 0; i < p[1]; i++) {
		*to++ = '-';
		to = put_u32(to, ed_le32(p + 8 + 4 * i));
	}
	return to;
}

static char *put_string(char *to, const struct evtx_value *v, size_t readable, enum ed_escape kind)
{
	size_t n = v->size;

	if (n % 2 == 0)
		while (n && v->p[n - 1] == 0 && v->p[n - 2] == 0)
			n -= 2;
	return ed_escape_utf16le(to, v->p, n, readable, kind);
}

bool evtx_dump_is_fast(uint8_t type)
{
	switch (type) {
	case EVTX_STRING:
	case EVTX_XML:
	case EVTX_INT8:
	case EVTX_UINT8:
	case EVTX_INT16:
	case EVTX_UINT16:
	case EVTX_INT32:
	case EVTX_UINT32:
	case EVTX_INT64:
	case EVTX_UINT64:
	case EVTX_BINARY:
	case EVTX_GUID:
	case EVTX_FILETIME:
	case EVTX_SID:
	case EVTX_HEX32:
	case EVTX_HEX64:
		return true;
	default:
		return false;
	}
}

char *evtx_dump_value(char *to, const struct evtx_value *v, size_t readable, enum ed_escape kind)
{
	const unsigned char *p = v->p;

	/* too short for its type: evidence, shown as its bytes */
	if (v->size < evtx_type_size(v->type))
		return put_hex(to, p, v->size);
	switch (v->type) {
	case EVTX_STRING:
	case EVTX_XML:
		return put_string(to, v, readable, kind);
	case EVTX_INT8:
		return put_signed(to, p[0], 8);
	case EVTX_UINT8:
		return put_u32(to, p[0]);
	case EVTX_INT16:
		return put_signed(to, ed_le16(p), 16);
	case EVTX_UINT16:
		return put_u32(to, ed_le16(p));
	case EVTX_INT32:
		return put_signed(to, ed_le32(p), 32);
	case EVTX_UINT32:
		return put_u32(to, ed_le32(p));
	case EVTX_INT64:
		return put_signed(to, ed_le64(p), 64);
	case EVTX_UINT64:
		return evtx_dump_number(to, ed_le64(p));
	case EVTX_GUID:
		return put_guid(to, p);
	case EVTX_FILETIME:
		return evtx_dump_time(to, ed_le64(p));
	case EVTX_SID:
		return put_sid(to, p, v->size);
	case EVTX_HEX32:
		return put_hex_number(to, ed_le32(p));
	case EVTX_HEX64:
		return put_hex_number(to, ed_le64(p));
	default:
		return put_hex(to, p, v->size);
	}
}

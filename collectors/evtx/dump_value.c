/* SPDX-License-Identifier: MIT */
/* Values of the common types written straight into the output; value.c says what they look like. */
#include "dump_priv.h"

#include "espdiag/base/time.h"

#define SID_PARTS_MAX 15
#define TICKS_PER_DAY (UINT64_C(24) * 60 * 60 * 10000000)

static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233"
			    "34353637383940414243444546474849505152535455565758596061626364656667"
			    "6869707172737475767778798081828384858687888990919293949596979899";

/* Both digits of each byte. */
#define HEX_ROW(h) h "0" h "1" h "2" h "3" h "4" h "5" h "6" h "7" h "8" h "9"
#define HEX_UPPER(h) HEX_ROW(h) h "A" h "B" h "C" h "D" h "E" h "F"
#define HEX_LOWER(h) HEX_ROW(h) h "a" h "b" h "c" h "d" h "e" h "f"

static const char hex_upper[] =
	HEX_UPPER("0") HEX_UPPER("1") HEX_UPPER("2") HEX_UPPER("3") HEX_UPPER("4") HEX_UPPER("5")
		HEX_UPPER("6") HEX_UPPER("7") HEX_UPPER("8") HEX_UPPER("9") HEX_UPPER("A")
			HEX_UPPER("B") HEX_UPPER("C") HEX_UPPER("D") HEX_UPPER("E") HEX_UPPER("F");
static const char hex_lower[] =
	HEX_LOWER("0") HEX_LOWER("1") HEX_LOWER("2") HEX_LOWER("3") HEX_LOWER("4") HEX_LOWER("5")
		HEX_LOWER("6") HEX_LOWER("7") HEX_LOWER("8") HEX_LOWER("9") HEX_LOWER("a")
			HEX_LOWER("b") HEX_LOWER("c") HEX_LOWER("d") HEX_LOWER("e") HEX_LOWER("f");

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

/* Most numbers are small: as many digits as it has, from the last one on. */
static inline char *put_u32(char *to, uint32_t n)
{
	static const uint32_t tens[] = { 10,      100,      1000,      10000,     100000,
					 1000000, 10000000, 100000000, 1000000000 };
	size_t len = 2;
	char *at;

	if (n < 10) {
		*to = (char)('0' + n);
		return to + 1;
	}
	if (n < 100)
		return put_pair(to, n);
	while (len < 10 && n >= tens[len - 1])
		len++;
	for (at = to + len; n >= 100; n /= 100) {
		at -= 2;
		memcpy(at, pairs + 2 * (size_t)(n % 100), 2);
	}
	if (n >= 10)
		memcpy(at - 2, pairs + 2 * (size_t)n, 2);
	else
		at[-1] = (char)('0' + n);
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
	int shift = n >> 32 ? 56 : n >> 16 ? 24 : 8;

	*to++ = '0';
	*to++ = 'x';
	while (shift && !(n >> shift))
		shift -= 8;
	if (n >> shift < 16) /* one digit in front of the pairs */
		*to++ = hex_lower[2 * (n >> shift & 15) + 1];
	else
		shift += 8;
	while (shift) {
		shift -= 8;
		memcpy(to, hex_lower + 2 * (n >> shift & 255), 2);
		to += 2;
	}
	return to;
}

static char *put_hex(char *to, const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++, to += 2)
		memcpy(to, hex_upper + 2 * (size_t)p[i], 2);
	return to;
}

static char *put_guid(char *to, const unsigned char *p)
{
#define GUID_BYTE(at, from) memcpy(to + (at), hex_upper + 2 * (size_t)p[from], 2)
	GUID_BYTE(1, 3);
	GUID_BYTE(3, 2);
	GUID_BYTE(5, 1);
	GUID_BYTE(7, 0);
	GUID_BYTE(10, 5);
	GUID_BYTE(12, 4);
	GUID_BYTE(15, 7);
	GUID_BYTE(17, 6);
	GUID_BYTE(20, 8);
	GUID_BYTE(22, 9);
	GUID_BYTE(25, 10);
	GUID_BYTE(27, 11);
	GUID_BYTE(29, 12);
	GUID_BYTE(31, 13);
	GUID_BYTE(33, 14);
	GUID_BYTE(35, 15);
#undef GUID_BYTE
	to[0] = '{';
	to[9] = to[14] = to[19] = to[24] = '-';
	to[37] = '}';
	return to + 38;
}

static void day_set(struct evtx_day *day, uint64_t days)
{
	struct ed_civil c = ed_civil_from_time((int64_t)(days * TICKS_PER_DAY));
	char *to = day->text;

	if (c.year > 9999)
		to = put_u32(to, (uint32_t)c.year);
	else
		to = put_pair(put_pair(to, (unsigned)c.year / 100), (unsigned)c.year % 100);
	*to++ = '-';
	to = put_pair(to, (unsigned)c.month);
	*to++ = '-';
	to = put_pair(to, (unsigned)c.day);
	*to++ = 'T';
	day->day = days;
	day->len = (size_t)(to - day->text);
}

char *evtx_dump_time(char *to, uint64_t ticks, struct evtx_day *day)
{
	/* the sign bit is no part of a FILETIME */
	uint64_t days = (ticks & INT64_MAX) / TICKS_PER_DAY;
	uint64_t rest = (ticks & INT64_MAX) - days * TICKS_PER_DAY;
	uint32_t seconds = (uint32_t)(rest / 10000000);
	uint32_t fraction = (uint32_t)(rest - (uint64_t)seconds * 10000000);

	if (!day->len || day->day != days)
		day_set(day, days);
	memcpy(to, day->text, sizeof(day->text));
	to += day->len;
	put_pair(to, seconds / 3600);
	to[2] = to[5] = ':';
	put_pair(to + 3, seconds / 60 % 60);
	put_pair(to + 6, seconds % 60);
	to[8] = '.';
	to[9] = (char)('0' + fraction / 1000000);
	put_pair(to + 10, fraction / 10000 % 100);
	put_pair(to + 12, fraction / 100 % 100);
	put_pair(to + 14, fraction % 100);
	to[16] = 'Z';
	return to + 17;
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

/* What a type must have; 0 for those of any length. */
static const uint8_t least_size[EVTX_XML + 1] = {
	[EVTX_INT8] = 1,  [EVTX_UINT8] = 1,    [EVTX_INT16] = 2, [EVTX_UINT16] = 2,
	[EVTX_INT32] = 4, [EVTX_UINT32] = 4,   [EVTX_INT64] = 8, [EVTX_UINT64] = 8,
	[EVTX_GUID] = 16, [EVTX_FILETIME] = 8, [EVTX_HEX32] = 4, [EVTX_HEX64] = 8,
	[EVTX_BOOL] = 1,
};

static char *put_bool(char *to, const struct evtx_value *v)
{
	bool is_true;

	if (v->size > 1 && v->size < 4)
		return put_hex(to, v->p, v->size);
	is_true = v->size == 1 ? v->p[0] : ed_le32(v->p) != 0;
	memcpy(to, is_true ? "true" : "false", 5);
	return to + (is_true ? 4 : 5);
}

char *evtx_dump_value(char *to, const struct evtx_value *v, size_t readable, enum ed_escape kind,
		      struct evtx_day *day)
{
	const unsigned char *p = v->p;

	/* too short for its type: evidence, shown as its bytes */
	if (v->size < least_size[v->type])
		return put_hex(to, p, v->size);
	switch (v->type) {
	case EVTX_STRING:
	case EVTX_XML:
		return evtx_dump_string(to, v, readable, kind);
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
		return evtx_dump_time(to, ed_le64(p), day);
	case EVTX_BOOL:
		return put_bool(to, v);
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

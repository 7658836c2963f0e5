/* SPDX-License-Identifier: MIT */
/* Values of BinXml as text: what Windows prints for each type. */
#include "evtx_priv.h"

#include "espdiag/base/time.h"
#include "espdiag/base/utf.h"

#include <float.h>
#include <math.h>

/* Longest text of a value of fixed size; a SID of 15 parts is longer and measured itself. */
#define VALUE_TEXT_MAX 64
#define SID_PARTS_MAX 15
#define SID_TEXT_MAX (32 + SID_PARTS_MAX * 11)

static const char hex_lower[] = "0123456789abcdef";
static const char hex_upper[] = "0123456789ABCDEF";

size_t evtx_type_size(uint8_t type)
{
	static const uint8_t sizes[] = {
		[EVTX_INT8] = 1,     [EVTX_UINT8] = 1,       [EVTX_INT16] = 2, [EVTX_UINT16] = 2,
		[EVTX_INT32] = 4,    [EVTX_UINT32] = 4,      [EVTX_INT64] = 8, [EVTX_UINT64] = 8,
		[EVTX_REAL32] = 4,   [EVTX_REAL64] = 8,      [EVTX_BOOL] = 4,  [EVTX_GUID] = 16,
		[EVTX_FILETIME] = 8, [EVTX_SYSTEMTIME] = 16, [EVTX_HEX32] = 4, [EVTX_HEX64] = 8,
	};

	return type < sizeof(sizes) ? sizes[type] : 0;
}

static char *put_decimal(char *out, uint64_t n)
{
	char digits[20];
	size_t i = sizeof(digits);

	do {
		digits[--i] = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	memcpy(out, digits + i, sizeof(digits) - i);
	return out + (sizeof(digits) - i);
}

static char *put_signed(char *out, int64_t n)
{
	if (n >= 0)
		return put_decimal(out, (uint64_t)n);
	*out++ = '-';
	return put_decimal(out, 0 - (uint64_t)n);
}

static char *put_padded(char *out, unsigned n, int width)
{
	for (int i = width - 1; i >= 0; i--) {
		out[i] = (char)('0' + n % 10);
		n /= 10;
	}
	return out + width;
}

static char *put_hex_number(char *out, uint64_t n)
{
	int shift = 60;

	*out++ = '0';
	*out++ = 'x';
	while (shift && !(n >> shift))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		*out++ = hex_lower[n >> shift & 15];
	return out;
}

static char *put_hex_byte(char *out, unsigned char byte)
{
	*out++ = hex_upper[byte >> 4];
	*out++ = hex_upper[byte & 15];
	return out;
}

static char *put_guid(char *out, const unsigned char *p)
{
	static const signed char order[] = { 3,  2, 1, 0,  -1, 5,  4,  -1, 7,  6,
					     -1, 8, 9, -1, 10, 11, 12, 13, 14, 15 };

	*out++ = '{';
	for (size_t i = 0; i < sizeof(order); i++) {
		if (order[i] < 0)
			*out++ = '-';
		else
			out = put_hex_byte(out, p[order[i]]);
	}
	*out++ = '}';
	return out;
}

static char *put_date(char *out, unsigned year, unsigned month, unsigned day)
{
	out = put_padded(out, year, year > 9999 ? 5 : 4);
	*out++ = '-';
	out = put_padded(out, month, month > 99 ? 5 : 2);
	*out++ = '-';
	return put_padded(out, day, day > 99 ? 5 : 2);
}

static char *put_clock(char *out, unsigned hour, unsigned minute, unsigned second)
{
	*out++ = 'T';
	out = put_padded(out, hour, hour > 99 ? 5 : 2);
	*out++ = ':';
	out = put_padded(out, minute, minute > 99 ? 5 : 2);
	*out++ = ':';
	return put_padded(out, second, second > 99 ? 5 : 2);
}

static char *put_filetime(char *out, uint64_t ticks)
{
	/* The sign bit is no part of a FILETIME; Windows refuses such a time as well. */
	struct ed_civil c = ed_civil_from_time((int64_t)(ticks & INT64_MAX));

	out = put_date(out, (unsigned)c.year, (unsigned)c.month, (unsigned)c.day);
	out = put_clock(out, (unsigned)c.hour, (unsigned)c.minute, (unsigned)c.second);
	*out++ = '.';
	out = put_padded(out, (unsigned)c.ticks, 7);
	*out++ = 'Z';
	return out;
}

/* Printed as it is, valid or not: an all-zero SYSTEMTIME is common and says something. */
static char *put_systemtime(char *out, const unsigned char *p)
{
	unsigned milliseconds = ed_le16(p + 14);

	out = put_date(out, ed_le16(p), ed_le16(p + 2), ed_le16(p + 6));
	out = put_clock(out, ed_le16(p + 8), ed_le16(p + 10), ed_le16(p + 12));
	*out++ = '.';
	out = put_padded(out, milliseconds, milliseconds > 999 ? 5 : 3);
	memcpy(out, "0000Z", 5);
	return out + 5;
}

/* The shortest decimal that reads back as the same number. */
static char *put_real(char *out, double n, int digits, int digits_max, bool is_float)
{
	int len = 0;

	if (isnan(n)) {
		memcpy(out, "NaN", 3);
		return out + 3;
	}
	if (isinf(n)) {
		memcpy(out, "-INF", 4);
		if (n < 0)
			return out + 4;
		memcpy(out, "INF", 3);
		return out + 3;
	}
	for (; digits <= digits_max; digits++) {
		double back;

		len = snprintf(out, VALUE_TEXT_MAX, "%.*g", digits, n);
		back = strtod(out, NULL);
		if (is_float ? (float)back >= (float)n && (float)back <= (float)n
			     : back >= n && back <= n)
			break;
	}
	return out + len;
}

static char *put_real32(char *out, const unsigned char *p)
{
	uint32_t bits = ed_le32(p);
	float n;

	memcpy(&n, &bits, sizeof(n));
	return put_real(out, (double)n, FLT_DIG, FLT_DECIMAL_DIG, true);
}

static char *put_real64(char *out, const unsigned char *p)
{
	uint64_t bits = ed_le64(p);
	double n;

	memcpy(&n, &bits, sizeof(n));
	return put_real(out, n, DBL_DIG, DBL_DECIMAL_DIG, false);
}

/* Two's complement without relying on the conversion of large values. */
static int64_t signed_from(uint64_t n, unsigned bits)
{
	uint64_t sign = UINT64_C(1) << (bits - 1);

	n &= sign | (sign - 1);
	return n & sign ? -(int64_t)(~n & (sign - 1)) - 1 : (int64_t)n;
}

/* Text of a value whose bytes are all there; the caller has VALUE_TEXT_MAX bytes of room. */
static char *put_fixed(char *out, uint8_t type, const unsigned char *p)
{
	switch (type) {
	case EVTX_INT8:
		return put_signed(out, signed_from(p[0], 8));
	case EVTX_UINT8:
		return put_decimal(out, p[0]);
	case EVTX_INT16:
		return put_signed(out, signed_from(ed_le16(p), 16));
	case EVTX_UINT16:
		return put_decimal(out, ed_le16(p));
	case EVTX_INT32:
		return put_signed(out, signed_from(ed_le32(p), 32));
	case EVTX_UINT32:
		return put_decimal(out, ed_le32(p));
	case EVTX_INT64:
		return put_signed(out, signed_from(ed_le64(p), 64));
	case EVTX_UINT64:
		return put_decimal(out, ed_le64(p));
	case EVTX_REAL32:
		return put_real32(out, p);
	case EVTX_REAL64:
		return put_real64(out, p);
	case EVTX_BOOL:
		memcpy(out, ed_le32(p) ? "true" : "false", 5);
		return out + (ed_le32(p) ? 4 : 5);
	case EVTX_GUID:
		return put_guid(out, p);
	case EVTX_FILETIME:
		return put_filetime(out, ed_le64(p));
	case EVTX_SYSTEMTIME:
		return put_systemtime(out, p);
	case EVTX_HEX32:
		return put_hex_number(out, ed_le32(p));
	case EVTX_HEX64:
		return put_hex_number(out, ed_le64(p));
	default:
		return out;
	}
}

static void add_hex(struct ed_buf *out, const unsigned char *p, size_t n)
{
	char *to;

	if (!ed_buf_reserve(out, 2 * n))
		return;
	to = out->p + out->len;
	for (size_t i = 0; i < n; i++)
		to = put_hex_byte(to, p[i]);
	*to = '\0';
	out->len += 2 * n;
}

static bool is_plain(uint32_t c)
{
	return c < 0x80 && (c >= 0x20 || c == '\t' || c == '\n' || c == '\r');
}

/* Compilers make one store of it. */
static void put_le32(char *to, uint32_t n)
{
	unsigned char *p = (unsigned char *)to;

	p[0] = (unsigned char)n;
	p[1] = (unsigned char)(n >> 8);
	p[2] = (unsigned char)(n >> 16);
	p[3] = (unsigned char)(n >> 24);
}

/* No unit of the four is above ASCII or below the space. */
static bool are_plain(uint64_t four)
{
	return !((four | (four - UINT64_C(0x0020002000200020))) & UINT64_C(0xFF80FF80FF80FF80));
}

/* Most text is ASCII: four units at a time, and the general converter from the first other one. */
static void add_utf16(struct ed_buf *out, const unsigned char *p, size_t n)
{
	char *to;

	if (!ed_buf_reserve(out, ED_UTF8_MAX(n)))
		return;
	to = out->p + out->len;
	for (;;) {
		for (; n >= 8; p += 8, n -= 8, to += 4) {
			uint64_t w = ed_le64(p);

			if (!are_plain(w))
				break;
			w = (w | w >> 8) & UINT64_C(0x0000FFFF0000FFFF);
			put_le32(to, (uint32_t)(w | w >> 16));
		}
		if (n < 2 || !is_plain(ed_le16(p)))
			break;
		*to++ = (char)p[0];
		p += 2;
		n -= 2;
	}
	if (n)
		to += ed_utf8_from_utf16le(p, n, to, NULL);
	*to = '\0';
	out->len = (size_t)(to - out->p);
}

static void add_string(struct ed_buf *out, const unsigned char *p, size_t n)
{
	if (n % 2 == 0)
		while (n && p[n - 1] == 0 && p[n - 2] == 0)
			n -= 2;
	add_utf16(out, p, n);
}

static void add_ansi(struct ed_buf *out, const unsigned char *p, size_t n)
{
	while (n && p[n - 1] == 0)
		n--;
	ed_buf_cp1252(out, p, n, NULL);
}

static bool add_sid(struct ed_buf *out, const unsigned char *p, size_t n)
{
	uint64_t authority;
	char *to;

	if (n < 8 || p[1] > SID_PARTS_MAX || n < 8 + 4 * (size_t)p[1] ||
	    !ed_buf_reserve(out, SID_TEXT_MAX))
		return false;
	to = out->p + out->len;
	*to++ = 'S';
	*to++ = '-';
	to = put_decimal(to, p[0]);
	*to++ = '-';
	authority = (uint64_t)p[2] << 40 | (uint64_t)p[3] << 32 | (uint64_t)p[4] << 24 |
		    (uint64_t)p[5] << 16 | (uint64_t)p[6] << 8 | p[7];
	to = authority > UINT32_MAX ? put_hex_number(to, authority) : put_decimal(to, authority);
	for (size_t i = 0; i < p[1]; i++) {
		*to++ = '-';
		to = put_decimal(to, ed_le32(p + 8 + 4 * i));
	}
	*to = '\0';
	out->len = (size_t)(to - out->p);
	return true;
}

static void add_array(struct ed_buf *out, struct evtx_value rest)
{
	struct evtx_value item;
	bool is_first = true;

	while (evtx_value_next(&rest, &item)) {
		if (!is_first)
			ed_buf_addc(out, ' ');
		is_first = false;
		evtx_value_text(out, &item);
	}
}

void evtx_value_text(struct ed_buf *out, const struct evtx_value *v)
{
	size_t size = evtx_type_size(v->type);
	uint8_t type = v->type;

	if (!v->size || type == EVTX_NULL)
		return;
	if (type == EVTX_STRING || type == EVTX_XML) {
		add_string(out, v->p, v->size);
		return;
	}
	if (type == EVTX_ANSI) {
		add_ansi(out, v->p, v->size);
		return;
	}
	if (type == EVTX_SID && add_sid(out, v->p, v->size))
		return;
	if (type == EVTX_SIZE && (v->size == 4 || v->size == 8)) {
		type = v->size == 4 ? EVTX_HEX32 : EVTX_HEX64;
		size = v->size;
	}
	if (type == EVTX_BOOL && v->size == 1) {
		ed_buf_addz(out, v->p[0] ? "true" : "false");
		return;
	}
	if (type & EVTX_ARRAY) {
		add_array(out, *v);
		return;
	}
	/* Binary, what nobody knows, and values too short for their type: the bytes themselves. */
	if (!size || v->size < size) {
		add_hex(out, v->p, v->size);
		return;
	}
	if (ed_buf_reserve(out, VALUE_TEXT_MAX)) {
		char *end = put_fixed(out->p + out->len, type, v->p);

		*end = '\0';
		out->len = (size_t)(end - out->p);
	}
}

/* Bytes of the text at @p up to and without its terminator. */
static size_t terminated(const unsigned char *p, size_t n, size_t unit)
{
	for (size_t i = 0; n - i >= unit; i += unit)
		if (!p[i] && (unit == 1 || !p[i + 1]))
			return i;
	return n;
}

bool evtx_value_next(struct evtx_value *rest, struct evtx_value *item)
{
	uint8_t type = rest->type & (uint8_t)~EVTX_ARRAY;
	size_t size = evtx_type_size(type);
	size_t step;

	if (!rest->size)
		return false;
	if (type == EVTX_STRING || type == EVTX_ANSI) {
		size_t unit = type == EVTX_STRING ? 2 : 1;

		size = terminated(rest->p, rest->size, unit);
		step = size + unit;
	} else if (type == EVTX_SID) {
		size = rest->size < 8 ? rest->size : 8 + 4 * (size_t)rest->p[1];
		step = size;
	} else {
		if (type == EVTX_SIZE)
			size = 8;
		step = size ? size : rest->size;
		size = step;
	}
	if (size > rest->size)
		size = rest->size;
	if (step > rest->size)
		step = rest->size;
	*item = (struct evtx_value){ .p = rest->p, .size = (uint32_t)size, .type = type };
	rest->p += step;
	rest->size -= (uint32_t)step;
	return true;
}

/* Short text in a buffer of the stack: numbers and times that were logged as strings. */
static struct ed_str short_text(const struct evtx_value *v, char *out, size_t out_size)
{
	size_t n = v->size;

	if (v->type != EVTX_STRING || ED_UTF8_MAX(n) > out_size)
		return (struct ed_str){ NULL, 0 };
	while (n >= 2 && !v->p[n - 1] && !v->p[n - 2])
		n -= 2;
	return (struct ed_str){ out, ed_utf8_from_utf16le(v->p, n, out, NULL) };
}

bool evtx_value_number(const struct evtx_value *v, uint64_t *out)
{
	char buffer[ED_UTF8_MAX(64)];
	struct ed_str text;
	size_t size = v->type == EVTX_SIZE ? v->size : evtx_type_size(v->type);

	switch (v->type) {
	case EVTX_INT8:
	case EVTX_UINT8:
	case EVTX_INT16:
	case EVTX_UINT16:
	case EVTX_INT32:
	case EVTX_UINT32:
	case EVTX_INT64:
	case EVTX_UINT64:
	case EVTX_BOOL:
	case EVTX_HEX32:
	case EVTX_HEX64:
	case EVTX_SIZE:
		break;
	default:
		text = short_text(v, buffer, sizeof(buffer));
		return text.p && ed_number_parse(text, out);
	}
	if (v->size < size)
		return false;
	if (size == 1)
		*out = v->p[0];
	else if (size == 2)
		*out = ed_le16(v->p);
	else if (size == 4)
		*out = ed_le32(v->p);
	else if (size == 8)
		*out = ed_le64(v->p);
	else
		return false;
	return true;
}

int64_t evtx_value_time(const struct evtx_value *v)
{
	char buffer[ED_UTF8_MAX(128)];
	struct ed_str text;
	int64_t t = ED_TIME_NONE;

	if (v->type == EVTX_FILETIME)
		return v->size >= 8 && ed_le64(v->p) <= INT64_MAX ? (int64_t)ed_le64(v->p)
								  : ED_TIME_NONE;
	if (v->type == EVTX_SYSTEMTIME && v->size >= 16)
		return ed_time_from_civil((struct ed_civil){
			.year = ed_le16(v->p),
			.month = ed_le16(v->p + 2),
			.day = ed_le16(v->p + 6),
			.hour = ed_le16(v->p + 8),
			.minute = ed_le16(v->p + 10),
			.second = ed_le16(v->p + 12),
			.ticks = ed_le16(v->p + 14) * 10000,
		});
	text = short_text(v, buffer, sizeof(buffer));
	if (text.p)
		(void)ed_time_parse(text, &t);
	return t;
}

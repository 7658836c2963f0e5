/* SPDX-License-Identifier: MIT */
/* Values of events: from the text of a test to the bytes of the format and to rendered text. */
#include "build_event.h"

#include "espdiag/base/alloc.h"

#define GUID_TEXT_LEN 36
#define SID_PARTS_MAX 15

/* One code point off the front of @z; false at its end or on invalid UTF-8 (then *ok is false). */
static bool utf8_next(const unsigned char **z, uint32_t *code, bool *ok)
{
	const unsigned char *p = *z;
	int more = 0;

	if (!*p)
		return false;
	if (*p < 0x80)
		*code = *p;
	else if (*p >= 0xc2 && *p < 0xe0)
		*code = *p & 0x1fu, more = 1;
	else if (*p >= 0xe0 && *p < 0xf0)
		*code = *p & 0x0fu, more = 2;
	else if (*p >= 0xf0 && *p < 0xf5)
		*code = *p & 0x07u, more = 3;
	else
		return *ok = false;
	for (p++; more; more--, p++) {
		if ((*p & 0xc0) != 0x80)
			return *ok = false;
		*code = *code << 6 | (*p & 0x3fu);
	}
	*z = p;
	return true;
}

static void put_le(struct ed_buf *out, uint64_t value, int bytes)
{
	for (; bytes; bytes--, value >>= 8)
		ed_buf_addc(out, (char)(unsigned char)value);
}

bool build_utf16le(struct ed_buf *out, const char *utf8)
{
	const unsigned char *z = (const unsigned char *)utf8;
	uint32_t code = 0;
	bool ok = true;

	while (utf8_next(&z, &code, &ok)) {
		if (code >= 0x10000) {
			put_le(out, 0xd800 + ((code - 0x10000) >> 10), 2);
			code = 0xdc00 + ((code - 0x10000) & 0x3ff);
		}
		put_le(out, code, 2);
	}
	return ok;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool build_guid(unsigned char out[16], const char *text)
{
	/* which byte of the structure the n-th pair of digits is */
	static const unsigned char place[16] = { 3, 2, 1,  0,  5,  4,  7,  6,
						 8, 9, 10, 11, 12, 13, 14, 15 };
	struct ed_str s = ed_str_from(text);
	unsigned char bytes[16];
	size_t n = 0;

	if (s.len == GUID_TEXT_LEN + 2 && s.p[0] == '{' && s.p[s.len - 1] == '}')
		s = ed_str_slice(s, 1, s.len - 1);
	if (s.len != GUID_TEXT_LEN)
		return false;
	for (size_t i = 0; i < s.len; i += 2) {
		int high, low;

		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (s.p[i] != '-')
				return false;
			i++;
		}
		high = hex_digit(s.p[i]);
		low = hex_digit(s.p[i + 1]);
		if (high < 0 || low < 0)
			return false;
		bytes[place[n++]] = (unsigned char)(high << 4 | low);
	}
	memcpy(out, bytes, sizeof(bytes));
	return true;
}

static bool put_guid(struct ed_buf *out, const char *text)
{
	unsigned char bytes[16];

	if (!build_guid(bytes, text))
		return false;
	ed_buf_add(out, bytes, sizeof(bytes));
	return true;
}

static bool put_binary(struct ed_buf *out, struct ed_str text)
{
	if (text.len % 2)
		return false;
	for (size_t i = 0; i < text.len; i += 2) {
		int high = hex_digit(text.p[i]);
		int low = hex_digit(text.p[i + 1]);

		if (high < 0 || low < 0)
			return false;
		ed_buf_addc(out, (char)(unsigned char)(high << 4 | low));
	}
	return true;
}

static bool put_sid(struct ed_buf *out, struct ed_str text)
{
	uint64_t part[SID_PARTS_MAX + 2];
	struct ed_str piece;
	size_t n = 0;

	if (!ed_str_istarts(text, ED_STR("S-")))
		return false;
	text = ed_str_slice(text, 2, text.len);
	while (ed_str_next(&text, '-', &piece)) {
		if (n == ED_COUNT(part) || !ed_number_parse(piece, &part[n]))
			return false;
		n++;
	}
	if (n < 3 || part[0] > 255 || part[1] >> 48)
		return false;
	put_le(out, part[0], 1);
	put_le(out, n - 2, 1);
	for (int i = 5; i >= 0; i--)
		put_le(out, part[1] >> (8 * i), 1);
	for (size_t i = 2; i < n; i++)
		put_le(out, part[i], 4);
	return true;
}

static bool put_time(struct ed_buf *out, unsigned type, struct ed_str text)
{
	struct ed_civil c;
	int64_t t;

	if (!ed_time_parse(text, &t))
		return false;
	if (type == BUILD_FILETIME) {
		put_le(out, (uint64_t)t, 8);
		return true;
	}
	c = ed_civil_from_time(t);
	put_le(out, (uint64_t)c.year, 2);
	put_le(out, (uint64_t)c.month, 2);
	/* 1601-01-01 was a Monday */
	put_le(out, (uint64_t)(t / (INT64_C(86400) * ED_TICKS_PER_SECOND) + 1) % 7, 2);
	put_le(out, (uint64_t)c.day, 2);
	put_le(out, (uint64_t)c.hour, 2);
	put_le(out, (uint64_t)c.minute, 2);
	put_le(out, (uint64_t)c.second, 2);
	put_le(out, (uint64_t)c.ticks / 10000, 2);
	return true;
}

static bool put_real(struct ed_buf *out, unsigned type, const char *text)
{
	char *end;
	double d = strtod(text, &end);

	if (end == text || *end)
		return false;
	if (type == BUILD_FLOAT) {
		float f = (float)d;
		uint32_t bits;

		memcpy(&bits, &f, sizeof(bits));
		put_le(out, bits, 4);
	} else {
		uint64_t bits;

		memcpy(&bits, &d, sizeof(bits));
		put_le(out, bits, 8);
	}
	return true;
}

static int integer_size(unsigned type)
{
	switch (type) {
	case BUILD_INT8:
	case BUILD_UINT8:
		return 1;
	case BUILD_INT16:
	case BUILD_UINT16:
		return 2;
	case BUILD_INT32:
	case BUILD_UINT32:
	case BUILD_HEX32:
		return 4;
	case BUILD_INT64:
	case BUILD_UINT64:
	case BUILD_HEX64:
	case BUILD_SIZET:
		return 8;
	default:
		return 0;
	}
}

/* Signed and hex notation are taken for any integer; what does not fit is refused. */
static bool put_integer(struct ed_buf *out, int size, struct ed_str text)
{
	uint64_t value;
	uint64_t above;

	if (!ed_number_parse(text, &value))
		return false;
	above = size == 8 ? 0 : value >> (8 * size);
	if (above && above != UINT64_MAX >> (8 * size))
		return false;
	put_le(out, value, size);
	return true;
}

/* One item; strings end with a NUL, as providers write them. */
static bool put_item(struct ed_buf *out, unsigned type, const char *text)
{
	struct ed_str s = ed_str_from(text);

	switch (type) {
	case BUILD_NULL:
		return true;
	case BUILD_STRING:
		if (!build_utf16le(out, text))
			return false;
		put_le(out, 0, 2);
		return true;
	case BUILD_ANSI:
		ed_buf_add(out, text, s.len + 1);
		return true;
	case BUILD_FLOAT:
	case BUILD_DOUBLE:
		return put_real(out, type, text);
	case BUILD_BOOL:
		if (!ed_str_ieq(s, ED_STR("true")) && !ed_str_ieq(s, ED_STR("false")))
			return false;
		put_le(out, ed_str_ieq(s, ED_STR("true")), 4);
		return true;
	case BUILD_BINARY:
		return put_binary(out, s);
	case BUILD_GUID:
		return put_guid(out, text);
	case BUILD_FILETIME:
	case BUILD_SYSTEMTIME:
		return put_time(out, type, s);
	case BUILD_SID:
		return put_sid(out, s);
	default:
		return integer_size(type) && put_integer(out, integer_size(type), s);
	}
}

bool build_value_bytes(struct ed_buf *out, unsigned type, const char *text)
{
	struct ed_str rest = ed_str_from(text);
	struct ed_str item;
	bool ok = true;

	if (!(type & BUILD_ARRAY))
		return put_item(out, type, text);
	while (ok && rest.len && ed_str_next(&rest, '\n', &item)) {
		char *copy = ed_malloc(item.len + 1);

		if (!copy)
			return false;
		memcpy(copy, item.p, item.len);
		copy[item.len] = '\0';
		ok = put_item(out, type & ~BUILD_ARRAY, copy);
		ed_free(copy);
	}
	return ok;
}

/* 0xCAA2000C as an Int32 is -895352820. */
static bool put_decimal(struct ed_buf *out, unsigned type, struct ed_str item)
{
	int bits = 8 * integer_size(type);
	uint64_t value;

	if (!ed_number_parse(item, &value))
		return false;
	if (bits < 64)
		value &= (UINT64_C(1) << bits) - 1;
	if (type == BUILD_INT8 || type == BUILD_INT16 || type == BUILD_INT32 ||
	    type == BUILD_INT64) {
		if (bits < 64 && value >> (bits - 1))
			value |= ~((UINT64_C(1) << bits) - 1);
		ed_buf_printf(out, "%lld", (long long)value);
	} else {
		ed_buf_printf(out, "%llu", (unsigned long long)value);
	}
	return true;
}

bool build_value_text(struct ed_buf *out, unsigned type, struct ed_str item)
{
	char text[ED_TIME_TEXT];
	uint64_t value;
	int64_t t;

	switch (type) {
	case BUILD_NULL:
		return true;
	case BUILD_HEX32:
	case BUILD_HEX64:
		if (!ed_number_parse(item, &value))
			return false;
		if (type == BUILD_HEX32)
			value &= 0xffffffff;
		ed_buf_printf(out, "0x%llx", (unsigned long long)value);
		return true;
	case BUILD_FILETIME:
	case BUILD_SYSTEMTIME:
		if (!ed_time_parse(item, &t))
			return false;
		if (type == BUILD_SYSTEMTIME)
			t -= t % 10000;
		ed_time_format_full(t, text);
		ed_buf_addz(out, text);
		return true;
	case BUILD_BINARY:
		for (size_t i = 0; i < item.len; i++)
			ed_buf_printf(out, "%X", (unsigned)hex_digit(item.p[i]) & 15u);
		return true;
	default:
		break;
	}
	if (integer_size(type))
		return put_decimal(out, type, item);
	ed_buf_adds(out, item);
	return true;
}

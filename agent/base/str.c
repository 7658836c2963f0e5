/* SPDX-License-Identifier: MIT */
/* Borrowed text: compare, search, cut, and read numbers. No locale anywhere. */
#include "espdiag/base/str.h"

struct ed_str ed_str_from(const char *z)
{
	return (struct ed_str){ z, z ? strlen(z) : 0 };
}

static unsigned char ascii_lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static bool ascii_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

bool ed_str_eq(struct ed_str a, struct ed_str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

bool ed_str_ieq(struct ed_str a, struct ed_str b)
{
	return a.len == b.len && ed_str_icmp(a, b) == 0;
}

int ed_str_cmp(struct ed_str a, struct ed_str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int d = n ? memcmp(a.p, b.p, n) : 0;

	if (d)
		return d;
	return a.len < b.len ? -1 : a.len > b.len;
}

int ed_str_icmp(struct ed_str a, struct ed_str b)
{
	for (size_t i = 0; i < a.len && i < b.len; i++) {
		int d = (int)ascii_lower(a.p[i]) - (int)ascii_lower(b.p[i]);

		if (d)
			return d;
	}
	return a.len < b.len ? -1 : a.len > b.len;
}

bool ed_str_starts(struct ed_str s, struct ed_str prefix)
{
	return s.len >= prefix.len && ed_str_eq((struct ed_str){ s.p, prefix.len }, prefix);
}

bool ed_str_istarts(struct ed_str s, struct ed_str prefix)
{
	return s.len >= prefix.len && ed_str_ieq((struct ed_str){ s.p, prefix.len }, prefix);
}

bool ed_str_ends(struct ed_str s, struct ed_str suffix)
{
	return s.len >= suffix.len && ed_str_eq(ed_str_slice(s, s.len - suffix.len, s.len), suffix);
}

bool ed_str_iends(struct ed_str s, struct ed_str suffix)
{
	return s.len >= suffix.len &&
	       ed_str_ieq(ed_str_slice(s, s.len - suffix.len, s.len), suffix);
}

size_t ed_str_find(struct ed_str s, struct ed_str needle, size_t from)
{
	if (needle.len == 0)
		return from <= s.len ? from : SIZE_MAX;
	while (from < s.len && needle.len <= s.len - from) {
		const char *hit = memchr(s.p + from, needle.p[0], s.len - from - needle.len + 1);

		if (!hit)
			return SIZE_MAX;
		from = (size_t)(hit - s.p);
		if (memcmp(hit, needle.p, needle.len) == 0)
			return from;
		from++;
	}
	return SIZE_MAX;
}

size_t ed_str_ifind(struct ed_str s, struct ed_str needle, size_t from)
{
	/* most places are passed over by their first byte */
	for (; from <= s.len && needle.len <= s.len - from; from++)
		if (!needle.len || (ascii_lower(s.p[from]) == ascii_lower(needle.p[0]) &&
				    ed_str_ieq((struct ed_str){ s.p + from, needle.len }, needle)))
			return from;
	return SIZE_MAX;
}

struct ed_str ed_str_slice(struct ed_str s, size_t from, size_t to)
{
	if (to > s.len)
		to = s.len;
	if (from > to)
		from = to;
	if (!s.p)
		return s;
	return (struct ed_str){ s.p + from, to - from };
}

struct ed_str ed_str_trim(struct ed_str s)
{
	while (s.len && ascii_space(s.p[0])) {
		s.p++;
		s.len--;
	}
	while (s.len && ascii_space(s.p[s.len - 1]))
		s.len--;
	return s;
}

bool ed_str_next(struct ed_str *rest, char separator, struct ed_str *piece)
{
	const char *end;

	if (!rest->p)
		return false;
	end = rest->len ? memchr(rest->p, separator, rest->len) : NULL;
	if (!end) {
		*piece = *rest;
		*rest = (struct ed_str){ NULL, 0 };
		return true;
	}
	*piece = (struct ed_str){ rest->p, (size_t)(end - rest->p) };
	*rest = (struct ed_str){ end + 1, rest->len - piece->len - 1 };
	return true;
}

bool ed_str_line(struct ed_str *rest, struct ed_str *line)
{
	if (!rest->len || !ed_str_next(rest, '\n', line))
		return false;
	if (line->len && line->p[line->len - 1] == '\r')
		line->len--;
	return true;
}

bool ed_name_eq(struct ed_str a, struct ed_str b)
{
	size_t i = 0, j = 0;

	for (;;) {
		while (i < a.len && a.p[i] == ' ')
			i++;
		while (j < b.len && b.p[j] == ' ')
			j++;
		if (i == a.len || j == b.len)
			return i == a.len && j == b.len;
		if (ascii_lower(a.p[i++]) != ascii_lower(b.p[j++]))
			return false;
	}
}

static int digit_value(char c, unsigned base)
{
	int v = c >= '0' && c <= '9'   ? c - '0'
		: c >= 'a' && c <= 'f' ? c - 'a' + 10
		: c >= 'A' && c <= 'F' ? c - 'A' + 10
				       : -1;

	return v >= 0 && v < (int)base ? v : -1;
}

bool ed_number_parse(struct ed_str s, uint64_t *out)
{
	uint64_t value = 0;
	unsigned base = 10;
	bool negative = false;

	s = ed_str_trim(s);
	if (s.len && s.p[0] == '-') {
		negative = true;
		s = ed_str_slice(s, 1, s.len);
	} else if (s.len > 2 && s.p[0] == '0' && (s.p[1] == 'x' || s.p[1] == 'X')) {
		base = 16;
		s = ed_str_slice(s, 2, s.len);
	}
	if (!s.len)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		int digit = digit_value(s.p[i], base);

		if (digit < 0 || value > (UINT64_MAX - (uint64_t)digit) / base)
			return false;
		value = value * base + (uint64_t)digit;
	}
	if (negative && value > (uint64_t)INT64_MAX + 1)
		return false;
	*out = negative ? 0 - value : value;
	return true;
}

bool ed_number_u32(struct ed_str s, uint32_t *out)
{
	uint64_t value;

	if (!ed_number_parse(s, &value))
		return false;
	s = ed_str_trim(s);
	if (s.p[0] == '-') {
		if (value < UINT64_C(0xFFFFFFFF80000000) && value != 0)
			return false;
	} else if (value > UINT32_MAX) {
		/* a sign-extended HRESULT in hex, as some logs write it */
		if (value < UINT64_C(0xFFFFFFFF80000000) || s.len < 2 || ascii_lower(s.p[1]) != 'x')
			return false;
	}
	*out = (uint32_t)value;
	return true;
}

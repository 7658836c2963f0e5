/* SPDX-License-Identifier: MIT */
/* What identities and keys look like, as far as single values go. */
#include "redact_priv.h"

/* clang-format off */
const unsigned char byte_classes[256] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 8, 0, 0, 8, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 48, 0, 48, 16, 48,
	53, 53, 53, 53, 53, 53, 53, 53, 53, 53, 0, 0, 0, 16, 0, 0,
	0, 54, 54, 54, 54, 54, 54, 50, 50, 50, 50, 50, 50, 50, 50, 50,
	50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 0, 0, 0, 0, 48,
	0, 54, 54, 54, 54, 54, 54, 50, 50, 50, 50, 50, 50, 50, 50, 50,
	50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 0, 0, 0, 16, 0,
	/* no byte of another character is any of it */
};
/* clang-format on */

int byte_hex(char c)
{
	if (byte_is_digit(c))
		return c - '0';
	c = byte_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool byte_is_local(char c)
{
	return byte_is_word(c) || (unsigned char)c >= 0x80 || (c && strchr("._+'#-!$^~", c));
}

bool is_guid(struct ed_str s)
{
	if (s.len != 36)
		return false;
	for (size_t i = 0; i < 36; i++) {
		bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;

		if (hyphen ? s.p[i] != '-' : !byte_is_hex(s.p[i]))
			return false;
	}
	return true;
}

/* "-" and 1 to 10 digits, @count times and no more. */
static bool has_numbers(struct ed_str s, size_t least, size_t most)
{
	size_t count = 0, i = 0;

	while (i < s.len) {
		size_t digits = 0;

		if (s.p[i++] != '-')
			return false;
		while (i < s.len && byte_is_digit(s.p[i])) {
			i++;
			digits++;
		}
		if (!digits || digits > 20)
			return false;
		count++;
	}
	return count >= least && count <= most;
}

bool is_account_sid(struct ed_str s)
{
	/* accounts of domains and machines, of Entra ID, and of Microsoft's consumer accounts */
	static const struct {
		const char *prefix;
		size_t least, most;
	} rows[] = {
		{ "S-1-5-21", 3, 8 },
		{ "S-1-12-1", 4, 8 },
		{ "S-1-11-96", 3, 8 },
	};

	for (size_t i = 0; i < ED_COUNT(rows); i++) {
		struct ed_str prefix = ed_str_from(rows[i].prefix);

		if (ed_str_istarts(s, prefix) &&
		    has_numbers(ed_str_slice(s, prefix.len, s.len), rows[i].least, rows[i].most))
			return true;
	}
	return false;
}

static bool is_domain_byte(char c)
{
	return byte_is_word(c) || (unsigned char)c >= 0x80 || c == '-' || c == '.';
}

bool is_email(struct ed_str s)
{
	size_t at = ed_str_find(s, ED_STR("@"), 0);
	size_t dot = SIZE_MAX;

	if (at == SIZE_MAX || !at || at > 128)
		return false;
	for (size_t i = 0; i < at; i++)
		if (!byte_is_local(s.p[i]))
			return false;
	for (size_t i = at + 1; i < s.len; i++) {
		if (!is_domain_byte(s.p[i]))
			return false;
		if (s.p[i] == '.')
			dot = i;
	}
	return dot != SIZE_MAX && dot > at + 1 && s.len - dot > 2;
}

/* ---- bytes ---- */

bool is_private_key(const unsigned char *p, size_t n)
{
	size_t i = 2;

	/* a machine's account for joining a domain, and what DPAPI protects */
	if (n > 40 && (memcmp(p, "\x01\x10\x08\0\xcc\xcc\xcc\xcc", 8) == 0 ||
		       memcmp(p, "\x01\0\0\0\xd0\x8c\x9d\xdf\x01\x15\xd1\x11", 12) == 0))
		return true;
	/* blobs of the system's own providers: RSA2, RSA3, ECS2 and the like hold private parts */
	if (n > 24 &&
	    ((p[0] == 7 && memcmp(p + 8, "RSA2", 4) == 0) || memcmp(p, "RSA2", 4) == 0 ||
	     memcmp(p, "RSA3", 4) == 0 || memcmp(p, "ECS2", 4) == 0 || memcmp(p, "ECK2", 4) == 0 ||
	     memcmp(p, "ECS4", 4) == 0 || memcmp(p, "ECK4", 4) == 0))
		return true;
	/* PKCS #1, PKCS #8, SEC 1, PKCS #12: a sequence that begins with a version */
	if (n < 40 || p[0] != 0x30)
		return false;
	if (p[1] & 0x80)
		i += p[1] & 0x7F;
	return i <= 6 && i + 4 < n && p[i] == 2 && p[i + 1] == 1 &&
	       (p[i + 2] == 0 || p[i + 2] == 1 || p[i + 2] == 3) &&
	       (p[i + 3] == 0x02 || p[i + 3] == 0x04 || p[i + 3] == 0x30);
}

bool is_certificate(const unsigned char *p, size_t n)
{
	return n > 200 && p[0] == 0x30 && p[1] == 0x82 && p[4] == 0x30 && p[5] == 0x82;
}

#define RECOVERY_DISTINCT ((size_t)6) /* of eight, at least */

bool recovery_groups(const unsigned *values, size_t count)
{
	size_t least = count < RECOVERY_DISTINCT ? count : RECOVERY_DISTINCT, distinct = 0;

	for (size_t i = 0; i < count; i++) {
		size_t k = 0;

		while (k < i && values[k] != values[i])
			k++;
		distinct += k == i && values[i] % 1000;
	}
	return distinct >= least;
}

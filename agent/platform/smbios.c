/* SPDX-License-Identifier: MIT */
/* Walks the structures of an SMBIOS table (DSP0134) to that of type 1. */
#include "smbios_priv.h"

#include "espdiag/base/cursor.h"

#define HEADER_BYTES 4 /* of a structure: type, length, handle */
#define TYPE_SYSTEM 1
#define TYPE_END 127
#define UUID_AT 8 /* within the structure */
#define UUID_BYTES 16

struct structure {
	unsigned type;
	const unsigned char *bytes; /* from its header on */
	size_t len;                 /* without the strings */
	struct ed_str strings;      /* each with a NUL behind it, but for the last */
};

/* The strings behind a structure, up to the two NULs, or to the end of the table if it lacks them.
 */
static struct ed_str take_strings(struct ed_cursor *c)
{
	const unsigned char *p = c->p;
	size_t n = 0;

	while (c->left - n >= 2 && (p[n] || p[n + 1]))
		n++;
	if (c->left - n < 2)
		n = c->left;
	ed_cursor_take(c, c->left - n < 2 ? n : n + 2);
	return (struct ed_str){ (const char *)p, n };
}

static bool next_structure(struct ed_cursor *c, struct structure *out)
{
	const unsigned char *p = c->p;
	unsigned type = ed_cursor_u8(c);
	size_t len = ed_cursor_u8(c);

	if (c->bad || len < HEADER_BYTES || !ed_cursor_take(c, len - 2))
		return false;
	*out = (struct structure){ .type = type, .bytes = p, .len = len };
	out->strings = take_strings(c);
	return type != TYPE_END;
}

/* The string whose number, from one, stands at @at; none when the structure does not reach there.
 */
static struct ed_str string_of(const struct structure *s, size_t at)
{
	struct ed_str rest = s->strings;
	struct ed_str piece = { NULL, 0 };
	unsigned number = at < s->len ? s->bytes[at] : 0;

	if (!number)
		return piece;
	while (number--)
		if (!ed_str_next(&rest, '\0', &piece))
			return (struct ed_str){ NULL, 0 };
	piece = ed_str_trim(piece);
	return piece.len ? piece : (struct ed_str){ NULL, 0 };
}

/* All ones and all zeros stand for "none yet" and "none". */
static bool uuid_is_real(const unsigned char *uuid)
{
	for (size_t i = 1; i < UUID_BYTES; i++)
		if (uuid[i] != uuid[0])
			return true;
	return uuid[0] != 0 && uuid[0] != 0xFF;
}

bool ed_smbios_system(const void *raw, size_t len, struct ed_smbios *out)
{
	struct ed_cursor c = { .p = raw, .left = len };
	struct ed_smbios found = { .has_uuid = false };
	struct structure s;
	uint32_t table_len;

	ed_cursor_u32(&c); /* calling method and versions */
	table_len = ed_cursor_u32(&c);
	if (c.bad)
		return false;
	if (table_len < c.left)
		c.left = table_len;
	do {
		if (!next_structure(&c, &s))
			return false;
	} while (s.type != TYPE_SYSTEM);
	found.manufacturer = string_of(&s, 4);
	found.model = string_of(&s, 5);
	found.serial = string_of(&s, 7);
	if (s.len >= UUID_AT + UUID_BYTES && uuid_is_real(s.bytes + UUID_AT)) {
		found.has_uuid = true;
		memcpy(found.uuid, s.bytes + UUID_AT, UUID_BYTES);
	}
	*out = found;
	return true;
}

/* SPDX-License-Identifier: MIT */
/* SIDs and learnt GUIDs as Windows keeps them in binary values. */
#include "redact_priv.h"

#include "espdiag/base/cursor.h"

#define SID_HEAD 8
#define SID_PARTS_MOST 15
#define GUID_BYTES 16
#define GUID_CHARS 36

static const unsigned char *bytes_at(struct ed_str b, size_t i)
{
	return (const unsigned char *)b.p + i;
}

/* The SID of an account at @i as text; its bytes, 0 when there is none. */
static size_t take_sid(struct ed_str b, size_t i, char out[192])
{
	const unsigned char *p = bytes_at(b, i);
	size_t left = b.len - i, parts, n = 0;

	if (left < SID_HEAD + 16 || p[0] != 1 || p[1] < 4 || p[1] > SID_PARTS_MOST ||
	    memcmp(p + 2, "\0\0\0\0\0", 5) != 0)
		return 0;
	parts = p[1];
	if (left < SID_HEAD + 4 * parts)
		return 0;
	n = (size_t)snprintf(out, 192, "S-1-%u", (unsigned)p[7]);
	for (size_t k = 0; k < parts; k++)
		n += (size_t)snprintf(out + n, 192 - n, "-%lu",
				      (unsigned long)ed_le32(p + SID_HEAD + 4 * k));
	return is_account_sid((struct ed_str){ out, n }) ? SID_HEAD + 4 * parts : 0;
}

static void put_u32(struct ed_buf *out, uint32_t n)
{
	for (unsigned shift = 0; shift < 32; shift += 8)
		ed_buf_addc(out, (char)(n >> shift & 255));
}

/* The bytes of @sid, "S-1-5-21-...", of which there are as many as of the one it stands for. */
static void put_sid_bytes(struct ed_buf *out, struct ed_str sid, const unsigned char *was,
			  size_t size)
{
	size_t at = 4, done = 0;

	ed_buf_add(out, was, SID_HEAD);
	while (at < sid.len && sid.p[at] != '-')
		at++; /* the authority */
	while (at < sid.len && SID_HEAD + 4 * done < size) {
		uint64_t n = 0;

		for (at++; at < sid.len && byte_is_digit(sid.p[at]); at++)
			n = n * 10 + (uint64_t)(sid.p[at] - '0');
		put_u32(out, (uint32_t)n);
		done++;
	}
	/* shorter pseudonyms than SIDs give nothing away either */
	for (; SID_HEAD + 4 * done < size; done++)
		put_u32(out, 0);
}

/* Where the digits of a GUID's text come from. */
static const unsigned char guid_order[GUID_BYTES] = { 3, 2, 1,  0,  5,  4,  7,  6,
						      8, 9, 10, 11, 12, 13, 14, 15 };

static void guid_text(const unsigned char *p, char out[GUID_CHARS])
{
	static const char digits[] = "0123456789abcdef";
	size_t n = 0;

	for (size_t k = 0; k < GUID_BYTES; k++) {
		if (n == 8 || n == 13 || n == 18 || n == 23)
			out[n++] = '-';
		out[n++] = digits[p[guid_order[k]] >> 4];
		out[n++] = digits[p[guid_order[k]] & 15];
	}
}

static void put_guid_bytes(struct ed_buf *out, struct ed_str guid)
{
	unsigned char bytes[GUID_BYTES];
	size_t at = 0;

	for (size_t k = 0; k < GUID_BYTES; k++) {
		at += guid.p[at] == '-';
		bytes[guid_order[k]] =
			(unsigned char)(byte_hex(guid.p[at]) << 4 | byte_hex(guid.p[at + 1]));
		at += 2;
	}
	ed_buf_add(out, bytes, sizeof(bytes));
}

/* A GUID that was learnt at @i. */
static const struct dict_word *find_guid(const struct ed_redactor *r, struct ed_str b, size_t i)
{
	char text[GUID_CHARS];

	if (b.len - i < GUID_BYTES)
		return NULL;
	guid_text(bytes_at(b, i), text);
	return dict_get(&r->dict, (struct ed_str){ text, GUID_CHARS });
}

static size_t redact_sid_bytes(struct ed_redactor *r, struct ed_str b, size_t i, bool learn,
			       struct ed_buf *out)
{
	char text[192];
	size_t size = take_sid(b, i, text);
	struct ed_str sid = ed_str_from(size ? text : ""), name;

	if (!size || (!learn && redactor_issued(r, sid)))
		return 0;
	if (learn) {
		redactor_note(r, ED_REDACT_SID, sid);
		return size;
	}
	name = redactor_pseudonym(r, ED_REDACT_SID, sid);
	if (name.p)
		put_sid_bytes(out, name, bytes_at(b, i), size);
	r->counts[ED_REDACT_SID]++;
	return size;
}

size_t redact_binary_at(struct ed_redactor *r, struct ed_str b, size_t i, unsigned flags,
			struct ed_buf *out)
{
	bool learn = flags & SCAN_LEARN;
	const struct dict_word *word;
	struct ed_str name;
	size_t size;

	if ((flags & SCAN_SECRETS) || !redactor_wants(r, ED_REDACT_SID))
		return 0;
	size = redact_sid_bytes(r, b, i, learn, out);
	if (size || learn)
		return size;
	word = r->dict.has_guids ? find_guid(r, b, i) : NULL;
	if (!word)
		return 0;
	name = redactor_pseudonym(r, word->kind, word->text);
	if (name.len == GUID_CHARS)
		put_guid_bytes(out, name);
	r->counts[word->kind]++;
	return GUID_BYTES;
}

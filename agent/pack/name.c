/* SPDX-License-Identifier: MIT */
/*
 * Names of members become labels. libarchive cannot give them without a UTF-8 locale (a name that
 * the locale cannot hold is simply NULL), so they are taken from the archive's own headers.
 */
#include "pack_priv.h"

#include "espdiag/base/utf.h"

/* The upper half of code page 437. */
static const uint16_t cp437[128] = {
	0x00c7, 0x00fc, 0x00e9, 0x00e2, 0x00e4, 0x00e0, 0x00e5, 0x00e7, 0x00ea, 0x00eb, 0x00e8,
	0x00ef, 0x00ee, 0x00ec, 0x00c4, 0x00c5, 0x00c9, 0x00e6, 0x00c6, 0x00f4, 0x00f6, 0x00f2,
	0x00fb, 0x00f9, 0x00ff, 0x00d6, 0x00dc, 0x00a2, 0x00a3, 0x00a5, 0x20a7, 0x0192, 0x00e1,
	0x00ed, 0x00f3, 0x00fa, 0x00f1, 0x00d1, 0x00aa, 0x00ba, 0x00bf, 0x2310, 0x00ac, 0x00bd,
	0x00bc, 0x00a1, 0x00ab, 0x00bb, 0x2591, 0x2592, 0x2593, 0x2502, 0x2524, 0x2561, 0x2562,
	0x2556, 0x2555, 0x2563, 0x2551, 0x2557, 0x255d, 0x255c, 0x255b, 0x2510, 0x2514, 0x2534,
	0x252c, 0x251c, 0x2500, 0x253c, 0x255e, 0x255f, 0x255a, 0x2554, 0x2569, 0x2566, 0x2560,
	0x2550, 0x256c, 0x2567, 0x2568, 0x2564, 0x2565, 0x2559, 0x2558, 0x2552, 0x2553, 0x256b,
	0x256a, 0x2518, 0x250c, 0x2588, 0x2584, 0x258c, 0x2590, 0x2580, 0x03b1, 0x00df, 0x0393,
	0x03c0, 0x03a3, 0x03c3, 0x00b5, 0x03c4, 0x03a6, 0x0398, 0x03a9, 0x03b4, 0x221e, 0x03c6,
	0x03b5, 0x2229, 0x2261, 0x00b1, 0x2265, 0x2264, 0x2320, 0x2321, 0x00f7, 0x2248, 0x00b0,
	0x2219, 0x00b7, 0x221a, 0x207f, 0x00b2, 0x25a0, 0x00a0,
};

static void add_cp437(struct ed_buf *out, struct ed_str stored)
{
	for (size_t i = 0; i < stored.len; i++) {
		unsigned char byte = (unsigned char)stored.p[i];
		unsigned char units[2] = { byte, 0 };
		char utf8[ED_UTF8_MAX(2)];

		if (byte >= 0x80) {
			units[0] = (unsigned char)cp437[byte - 0x80];
			units[1] = (unsigned char)(cp437[byte - 0x80] >> 8);
		}
		ed_buf_add(out, utf8, ed_utf8_from_utf16le(units, sizeof(units), utf8, NULL));
	}
}

/* One part of a path, without a drive letter in front; empty when it is to be left out. */
static struct ed_str part_kept(struct ed_str part, bool first)
{
	if (first && part.len >= 2 && part.p[1] == ':' &&
	    ((part.p[0] >= 'A' && part.p[0] <= 'Z') || (part.p[0] >= 'a' && part.p[0] <= 'z')))
		part = ed_str_slice(part, 2, part.len);
	if (ed_str_eq(part, ED_STR(".")) || ed_str_eq(part, ED_STR("..")))
		part.len = 0;
	return part;
}

/* Appends @name (changed on the way: separators and control characters) part by part. */
static void add_parts(struct ed_buf *out, char *name, size_t len)
{
	struct ed_str rest = { name, len }, part;
	bool first = true;

	for (size_t i = 0; i < len; i++) {
		if (name[i] == '\\')
			name[i] = '/';
		else if ((unsigned char)name[i] < ' ' || name[i] == 0x7f)
			name[i] = '_';
	}
	while (ed_str_next(&rest, '/', &part)) {
		part = part_kept(part, first);
		if (!part.len)
			continue;
		if (out->len)
			ed_buf_addc(out, '/');
		ed_buf_adds(out, part);
		first = false;
	}
	if (!out->len)
		ed_buf_addz(out, "(unnamed)");
}

ed_status pack_name_label(struct ed_buf *out, struct ed_str stored, bool is_utf8,
			  enum pack_charset charset, struct ed_error *err)
{
	struct ed_buf text;
	ed_status status;

	ed_buf_init(&text, out->limit);
	ed_buf_clear(out);
	if (is_utf8 || ed_utf8_valid(stored))
		ed_buf_utf8(&text, stored, NULL);
	else if (charset == PACK_CP437)
		add_cp437(&text, stored);
	else
		ed_buf_cp1252(&text, stored.p, stored.len, NULL);
	if (text.status == ED_OK)
		add_parts(out, text.p, text.len);
	status = text.status != ED_OK ? text.status : out->status;
	ed_buf_release(&text);
	if (status != ED_OK)
		return ed_fail(err, status, "no room for a member's name");
	return ED_OK;
}

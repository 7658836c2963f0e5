/* SPDX-License-Identifier: MIT */
/* Text of strangers on a console: what a terminal would obey is not printed. */
#include "shown.h"

/* The sequence at @p that must not be shown: its length, 0 when it may be. */
static size_t hidden(const unsigned char *p, size_t left)
{
	if (p[0] < 0x20 || p[0] == 0x7F)
		return 1;
	/* C1: terminals take U+009B for the begin of an escape sequence */
	if (left > 1 && p[0] == 0xC2 && p[1] >= 0x80 && p[1] < 0xA0)
		return 2;
	/* the Arabic letter mark */
	if (left > 1 && p[0] == 0xD8 && p[1] == 0x9C)
		return 2;
	if (left < 3)
		return 0;
	/* U+200B to 200F, 2028 to 202E, 2060 to 206F: no width, other lines, other directions */
	if (p[0] == 0xE2 && p[1] == 0x80 &&
	    ((p[2] >= 0x8B && p[2] <= 0x8F) || (p[2] >= 0xA8 && p[2] <= 0xAE)))
		return 3;
	if (p[0] == 0xE2 && p[1] == 0x81 && p[2] >= 0xA0 && p[2] <= 0xAF)
		return 3;
	return p[0] == 0xEF && p[1] == 0xBB && p[2] == 0xBF ? 3 : 0;
}

void ed_shown_add(struct ed_buf *out, struct ed_str s)
{
	size_t from = 0;

	for (size_t i = 0; i < s.len;) {
		const unsigned char *p = (const unsigned char *)s.p + i;
		size_t n = hidden(p, s.len - i);
		bool blank = p[0] == '\n' || p[0] == '\r' || p[0] == '\t';

		if (!n) {
			i++;
			continue;
		}
		ed_buf_add(out, s.p + from, i - from);
		ed_buf_addc(out, blank ? ' ' : '?');
		from = i += n;
	}
	ed_buf_add(out, s.p ? s.p + from : "", s.len - from);
}

/* SPDX-License-Identifier: MIT */
/* The only ways by which text and times get into the page. */
#include "html_priv.h"

/* Characters that are not seen, or that change how their neighbours are seen. */
static const struct {
	uint32_t from, to;
} unseen[] = {
	{ 0x00, 0x08 },     { 0x0B, 0x1F },     { 0x7F, 0x9F },       { 0xAD, 0xAD },
	{ 0x34F, 0x34F },   { 0x61C, 0x61C },   { 0x115F, 0x1160 },   { 0x17B4, 0x17B5 },
	{ 0x180B, 0x180F }, { 0x200B, 0x200F }, { 0x2028, 0x202E },   { 0x2060, 0x206F },
	{ 0x3164, 0x3164 }, { 0xFE00, 0xFE0F }, { 0xFEFF, 0xFEFF },   { 0xFFA0, 0xFFA0 },
	{ 0xFFF0, 0xFFFB }, { 0xFFFE, 0xFFFF }, { 0xE0000, 0xE0FFF },
};

static bool is_unseen(uint32_t c)
{
	for (size_t i = 0; i < ED_COUNT(unseen); i++)
		if (c >= unseen[i].from && c <= unseen[i].to)
			return true;
	return false;
}

/* Takes one character off @rest; U+FFFD for what is no UTF-8. @n is its length in bytes. */
static uint32_t char_take(struct ed_str rest, size_t *n)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char lead = (unsigned char)rest.p[0];
	size_t len = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
	uint32_t c = len < 2 ? lead : (uint32_t)lead & (0x7Fu >> len);

	*n = 1;
	if (!len || lead > 0xF4 || len > rest.len)
		return 0xFFFD;
	for (size_t i = 1; i < len; i++) {
		unsigned char next = (unsigned char)rest.p[i];

		if ((next & 0xC0) != 0x80)
			return 0xFFFD;
		c = c << 6 | (next & 0x3Fu);
	}
	if (c < least[len] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		return 0xFFFD;
	*n = len;
	return c;
}

static const char *entity(uint32_t c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void html_text(struct ed_buf *out, struct ed_str s)
{
	size_t plain = 0, i = 0;

	while (i < s.len) {
		struct ed_str rest = ed_str_slice(s, i, s.len);
		size_t n;
		uint32_t c = char_take(rest, &n);
		const char *instead = entity(c);
		bool line_end = c == '\r' && rest.len > 1 && rest.p[1] == '\n';

		if (instead || line_end || is_unseen(c) || (c == 0xFFFD && n == 1)) {
			ed_buf_add(out, s.p + plain, i - plain);
			if (instead)
				ed_buf_addz(out, instead);
			else if (c == 0xFFFD)
				ed_buf_addz(out, "\xEF\xBF\xBD");
			else if (!line_end)
				ed_buf_printf(out, "[U+%04X]", (unsigned)c);
			plain = i + n;
		}
		i += n;
	}
	if (i > plain)
		ed_buf_add(out, s.p + plain, i - plain);
}

void html_textz(struct ed_buf *out, const char *z)
{
	html_text(out, ed_str_from(z));
}

void html_sentence(struct ed_buf *out, const char *z)
{
	if (z[0] >= 'a' && z[0] <= 'z') {
		ed_buf_addc(out, (char)(z[0] - ('a' - 'A')));
		z++;
	}
	html_textz(out, z);
}

void html_number(struct ed_buf *out, int64_t n)
{
	if (n == ED_UNKNOWN)
		ed_buf_addz(out, "unknown");
	else
		ed_buf_printf(out, "%lld", (long long)n);
}

void html_count(struct ed_buf *out, int64_t n, const char *one, const char *many)
{
	html_number(out, n);
	ed_buf_addc(out, ' ');
	ed_buf_addz(out, n == 1 ? one : many);
}

void html_clock(struct ed_buf *out, int64_t t, enum html_form form)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct ed_civil c = ed_civil_from_time(t);

	switch (form) {
	case HTML_FULL:
		ed_buf_printf(out, "%04d-%02d-%02d %02d:%02d:%02d", c.year, c.month, c.day, c.hour,
			      c.minute, c.second);
		break;
	case HTML_CLOCK:
		ed_buf_printf(out, "%02d:%02d:%02d", c.hour, c.minute, c.second);
		break;
	case HTML_MINUTES:
		ed_buf_printf(out, "%02d:%02d", c.hour, c.minute);
		break;
	case HTML_DAY:
		ed_buf_printf(out, "%d %s", c.day, months[(c.month + 11) % 12]);
		break;
	}
}

void html_time(struct ed_buf *out, int64_t t, enum html_form form)
{
	char iso[ED_TIME_TEXT];

	if (t == ED_TIME_NONE) {
		ed_buf_addz(out, "unknown");
		return;
	}
	ed_time_format(t, iso);
	ed_buf_printf(out, "<time datetime=\"%s\" data-f=\"%c\">", iso, (char)form);
	html_clock(out, t, form);
	ed_buf_addz(out, "</time>");
}

void html_time_data(struct ed_buf *out, int64_t t, enum html_form form)
{
	char iso[ED_TIME_TEXT];

	ed_time_format(t, iso);
	ed_buf_printf(out, " data-t=\"%s\" data-f=\"%c\"", iso, (char)form);
}

void html_ref(struct ed_buf *out, int64_t ref)
{
	ed_buf_printf(out, "<a class=\"ref\" href=\"#e%lld\">e%lld</a>", (long long)ref + 1,
		      (long long)ref + 1);
}

void html_refs(struct ed_buf *out, struct ed_refs refs)
{
	if (!refs.count)
		return;
	ed_buf_addz(out, " <span class=\"refs\">");
	for (size_t i = 0; i < refs.count; i++) {
		if (i)
			ed_buf_addc(out, ' ');
		html_ref(out, refs.items[i]);
	}
	ed_buf_addz(out, "</span>");
}

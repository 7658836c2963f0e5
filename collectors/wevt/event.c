/* SPDX-License-Identifier: MIT */
/* Rendered events as lines of text. */
#include "wevt_priv.h"

#include "espdiag/base/utf.h"

#include <string.h>

static bool is_line_end(char c)
{
	return c == '\r' || c == '\n';
}

/* References only where there is text: in a tag a line end is a blank. */
void wevt_one_line(struct ed_buf *out, struct ed_str text)
{
	bool in_tag = false;
	size_t from = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '<')
			in_tag = true;
		else if (text.p[i] == '>')
			in_tag = false;
		if (!is_line_end(text.p[i]))
			continue;
		ed_buf_adds(out, ed_str_slice(text, from, i));
		from = i + 1;
		ed_buf_addz(out, in_tag ? " " : text.p[i] == '\r' ? "&#13;" : "&#10;");
	}
	ed_buf_adds(out, ed_str_slice(text, from, text.len));
}

void wevt_event_line(struct ed_buf *out, struct ed_buf *hold, const void *utf16, size_t bytes)
{
	const unsigned char *p = utf16;
	struct ed_str text;

	bytes &= ~(size_t)1;
	while (bytes && !p[bytes - 1] && !p[bytes - 2])
		bytes -= 2;
	if (!ed_buf_reserve(out, ED_UTF8_MAX(bytes) + 1))
		return;
	text.p = out->p + out->len;
	text.len = ed_utf8_from_utf16le(p, bytes, out->p + out->len, NULL);
	text = ed_str_trim(text);
	if (!memchr(text.p, '\n', text.len) && !memchr(text.p, '\r', text.len)) {
		memmove(out->p + out->len, text.p, text.len);
		out->len += text.len;
		ed_buf_addc(out, '\n');
		return;
	}
	ed_buf_clear(hold);
	ed_buf_adds(hold, text);
	if (hold->status != ED_OK) {
		out->status = hold->status;
		return;
	}
	wevt_one_line(out, ed_buf_str(hold));
	ed_buf_addc(out, '\n');
}

/* System comes first in an event, and in it nothing before the number holds free text. */
uint64_t wevt_event_record(struct ed_str line)
{
	static const struct ed_str tag = { "<EventRecordID>", sizeof("<EventRecordID>") - 1 };
	size_t from = ed_str_find(line, tag, 0);
	uint64_t record = 0;
	size_t to;

	if (from == SIZE_MAX)
		return 0;
	from += tag.len;
	to = ed_str_find(line, ED_STR("<"), from);
	if (to == SIZE_MAX || !ed_number_parse(ed_str_slice(line, from, to), &record))
		return 0;
	return record;
}

void wevt_event_strip(struct ed_buf *lines, size_t start)
{
	struct ed_str line = ed_str_slice(ed_buf_str(lines), start, lines->len);
	struct ed_str system = ED_STR("</System>");
	size_t end = ed_str_find(line, system, 0);

	if (end == SIZE_MAX)
		return;
	lines->len = start + end + system.len;
	ed_buf_addz(lines, "</Event>\n");
}

static void reverse(char *p, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		char c = p[i];

		p[i] = p[n - 1 - i];
		p[n - 1 - i] = c;
	}
}

/* All bytes around, then those of each line again: needs no memory. */
void wevt_lines_reverse(struct ed_buf *lines, size_t start)
{
	size_t end = lines->len;
	size_t from = start;

	if (start >= end)
		return;
	reverse(lines->p + start, end - start);
	/* the line end that was last is first now */
	memmove(lines->p + start, lines->p + start + 1, end - start - 1);
	lines->p[end - 1] = '\n';
	for (size_t i = start; i < end; i++) {
		if (lines->p[i] != '\n')
			continue;
		reverse(lines->p + from, i - from);
		from = i + 1;
	}
}

/* SPDX-License-Identifier: MIT */
/*
 * Logs and the output of tools: redacted in blocks of whole lines, so that what is kept for a block
 * stays small, each with what stands before and behind it in view. With STRICT the message of a
 * CMTrace entry loses its words; time, component and type stay.
 */
#include "redact_priv.h"

#include "espdiag/base/utf.h"

#define BLOCK ((size_t)8 * ED_KIB)
#define BLOCK_MOST ((size_t)64 * ED_KIB) /* as far a key in PEM is followed over lines */
#define AROUND ((size_t)1 * ED_KIB)      /* longer than what is told only by all of its lines */
#define LINE_END ((size_t)8)             /* of bytes, or their escapes */
#define CODE_LINE ((size_t)60)           /* of base64 that goes on in the next line */

#define LOG_START ED_STR("<![LOG[")
#define LOG_END ED_STR("]LOG]!>")

/* The end of the block of about @size bytes that begins at @from: behind a line's end. */
static size_t block_end(struct ed_str text, size_t from, size_t size)
{
	size_t to = text.len - from > size ? from + size : text.len;

	to = ed_str_find(text, ED_STR("\n"), to);
	return to == SIZE_MAX ? text.len : to + 1;
}

/* Redacted text once more, for STRICT: words outside of frames go. */
static size_t strict_lines(struct ed_redactor *r, struct ed_str text, struct ed_buf *out)
{
	size_t at = 0, done = 0;

	while (at < text.len) {
		size_t start = ed_str_find(text, LOG_START, at);
		size_t end = start == SIZE_MAX ? SIZE_MAX : ed_str_find(text, LOG_END, start);

		done += strict_text(r, ed_str_slice(text, at, start), out);
		if (start == SIZE_MAX)
			break;
		at = start + LOG_START.len;
		ed_buf_adds(out, LOG_START);
		done += strict_text(r, ed_str_slice(text, at, end), out);
		if (end == SIZE_MAX)
			break;
		/* the attributes of the entry, to the end of the line */
		at = ed_str_find(text, ED_STR("\n"), end);
		at = at == SIZE_MAX ? text.len : at;
		ed_buf_adds(out, ed_str_slice(text, end, at));
	}
	return done;
}

/* Whether the line that ends at @end is base64 that goes on behind it. */
static bool code_goes_on(struct ed_str text, size_t end)
{
	size_t to = end - 1;

	to -= to && text.p[to - 1] == '\r';
	for (size_t n = 0; n < CODE_LINE; n++)
		if (n == to || !is_base64_either(text.p[to - n - 1]))
			return false;
	return end < text.len && is_base64_either(text.p[end]);
}

/* Where what is seen before the block at @at begins: a line if there is one, at least a letter. */
static size_t view_begin(struct ed_str text, size_t at)
{
	size_t from = at > AROUND ? at - AROUND : 0;
	size_t line = from ? ed_str_find(text, ED_STR("\n"), from) : SIZE_MAX;

	if (line != SIZE_MAX && line + 1 < at)
		return line + 1;
	while (from && from < at && ((unsigned char)text.p[from] & 0xC0) == 0x80)
		from++;
	return from;
}

/*
 * Redacts the block at *at and moves *at behind it. What reaches to the end of what was in view may
 * go on behind it, as keys and folded tokens do: then a larger block is taken instead.
 */
static size_t redact_block(struct ed_redactor *r, struct ed_str text, size_t *at, bool learn,
			   struct ed_buf *out)
{
	uint64_t counts[ED_REDACT_KINDS];
	/* a name that is cut would be learnt as another */
	size_t begin = learn ? *at : view_begin(text, *at);
	size_t before = out->len, done, cut, end, to;

	memcpy(counts, r->counts, sizeof(counts));
	for (size_t size = BLOCK;; size *= 4) {
		cut = block_end(text, *at, size);
		while (cut < text.len && cut - *at < BLOCK_MOST && code_goes_on(text, cut))
			cut = block_end(text, cut, 0);
		end = block_end(text, cut, AROUND);
		to = cut - begin;
		done = redact_window(r, ed_str_slice(text, begin, end), *at - begin, &to,
				     learn ? SCAN_LEARN : 0, 0, out);
		to += begin;
		if (to == cut || end == text.len || size >= BLOCK_MOST || to + LINE_END < end ||
		    r->status != ED_OK || out->status != ED_OK)
			break;
		out->len = before;
		memcpy(r->counts, counts, sizeof(counts));
	}
	*at = to;
	return done;
}

size_t redact_lines(struct ed_redactor *r, struct ed_str text, bool learn, struct ed_buf *out)
{
	size_t done = 0;

	for (size_t at = 0; at < text.len && r->status == ED_OK && out->status == ED_OK;)
		done += redact_block(r, text, &at, learn, out);
	return done;
}

size_t form_text(struct ed_redactor *r, struct ed_str bytes, bool learn, struct ed_buf *out)
{
	struct ed_buf text, clean;
	size_t done;

	ed_buf_init(&text, ED_LIMIT_MEMBER_BYTES);
	ed_buf_init(&clean, ED_LIMIT_MEMBER_BYTES);
	if (!ed_utf8_valid(bytes)) {
		ed_buf_text(&text, bytes.p, bytes.len, NULL);
		bytes = ed_buf_str(&text);
	}
	if (text.status != ED_OK) {
		redactor_fail(r, text.status);
		done = 0;
	} else if (learn || r->level != ED_REDACT_STRICT) {
		done = redact_lines(r, bytes, learn, out);
	} else {
		done = redact_lines(r, bytes, false, &clean);
		if (clean.status != ED_OK)
			redactor_fail(r, clean.status);
		done += strict_lines(r, ed_buf_str(&clean), out);
	}
	ed_buf_release(&text);
	ed_buf_release(&clean);
	return done;
}

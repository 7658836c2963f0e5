/* SPDX-License-Identifier: MIT */
/*
 * Logs and the output of tools: redacted in blocks of whole lines, so that what is kept for a block
 * stays small. With STRICT the message of a CMTrace entry loses its words; time, component and type
 * stay.
 */
#include "redact_priv.h"

#include "espdiag/base/utf.h"

#define BLOCK ((size_t)4 * ED_KIB)
#define BLOCK_MOST ((size_t)64 * ED_KIB) /* as far a key in PEM is followed over lines */
#define LINE_END ((size_t)8)             /* of bytes, or their escapes */

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

/*
 * Redacts the block at *at and moves *at behind it. A secret that reaches to the block's end may go
 * on behind it, as keys and folded tokens do: then a larger block is taken instead.
 */
static size_t redact_block(struct ed_redactor *r, struct ed_str text, size_t *at, bool learn,
			   struct ed_buf *out)
{
	uint64_t counts[ED_REDACT_KINDS];
	size_t begin = out->len, done, end;

	memcpy(counts, r->counts, sizeof(counts));
	for (size_t size = BLOCK;; size *= 4) {
		end = block_end(text, *at, size);
		done = redact_text(r, ed_str_slice(text, *at, end), learn ? SCAN_LEARN : 0, 0, out);
		if (end == text.len || size >= BLOCK_MOST || r->secret_end + LINE_END < end - *at ||
		    r->status != ED_OK || out->status != ED_OK)
			break;
		out->len = begin;
		memcpy(r->counts, counts, sizeof(counts));
	}
	*at = end;
	return done;
}

static size_t redact_blocks(struct ed_redactor *r, struct ed_str text, bool learn,
			    struct ed_buf *out)
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
		done = redact_blocks(r, bytes, learn, out);
	} else {
		done = redact_blocks(r, bytes, false, &clean);
		if (clean.status != ED_OK)
			redactor_fail(r, clean.status);
		done += strict_lines(r, ed_buf_str(&clean), out);
	}
	ed_buf_release(&text);
	ed_buf_release(&clean);
	return done;
}

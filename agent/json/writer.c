/* SPDX-License-Identifier: MIT */
/* Writing JSON: commas, indentation and escapes, straight into a buffer. */
#include "espdiag/json/json.h"

#include "espdiag/base/time.h"
#include "espdiag/base/utf.h"

#include <assert.h>

/* Levels that the `has` bits can tell apart. */
#define WRITER_DEPTH 63

void ed_json_writer_init(struct ed_json_writer *w, struct ed_buf *out, int indent)
{
	*w = (struct ed_json_writer){ .out = out, .indent = indent };
}

static uint64_t writer_bit(const struct ed_json_writer *w)
{
	return UINT64_C(1) << w->depth;
}

static void writer_line(struct ed_json_writer *w)
{
	if (!w->indent)
		return;
	ed_buf_addc(w->out, '\n');
	for (int i = 0; i < w->depth * w->indent; i++)
		ed_buf_addc(w->out, ' ');
}

static void writer_escape(struct ed_buf *out, unsigned char c)
{
	switch (c) {
	case '"':
		ed_buf_addz(out, "\\\"");
		break;
	case '\\':
		ed_buf_addz(out, "\\\\");
		break;
	case '\n':
		ed_buf_addz(out, "\\n");
		break;
	case '\r':
		ed_buf_addz(out, "\\r");
		break;
	case '\t':
		ed_buf_addz(out, "\\t");
		break;
	default:
		ed_buf_printf(out, "\\u%04x", (unsigned)c);
	}
}

static bool writer_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

/* C1 control characters in UTF-8 are C2 80 to C2 9F; some terminals obey them. */
static bool writer_c1(struct ed_str s, size_t i)
{
	return s.len - i >= 2 && (unsigned char)s.p[i] == 0xC2 &&
	       (unsigned char)s.p[i + 1] >= 0x80 && (unsigned char)s.p[i + 1] < 0xA0;
}

/* End of the run of bytes from @i on that are of one kind: plain ASCII, or not ASCII at all. */
static size_t writer_run(struct ed_str s, size_t i, bool plain)
{
	for (; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (plain ? !writer_plain(c) : c < 0x80 || writer_c1(s, i))
			break;
	}
	return i;
}

static void writer_text(struct ed_buf *out, struct ed_str s)
{
	ed_buf_addc(out, '"');
	for (size_t i = 0; i < s.len;) {
		unsigned char c = (unsigned char)s.p[i];
		size_t end = writer_run(s, i, c < 0x80);

		if (end > i && c < 0x80) {
			ed_buf_add(out, s.p + i, end - i);
		} else if (end > i) {
			ed_buf_utf8(out, ed_str_slice(s, i, end), NULL);
		} else if (c < 0x80) {
			writer_escape(out, c);
			end = i + 1;
		} else {
			writer_escape(out, (unsigned char)s.p[i + 1]);
			end = i + 2;
		}
		i = end;
	}
	ed_buf_addc(out, '"');
}

/* All that comes before a value: the comma, the line, the name. */
static void writer_before(struct ed_json_writer *w, const char *name)
{
	if (w->has & writer_bit(w))
		ed_buf_addz(w->out, w->indent || w->depth == 0 ? "," : ", ");
	w->has |= writer_bit(w);
	if (w->depth)
		writer_line(w);
	if (name) {
		writer_text(w->out, ed_str_from(name));
		ed_buf_addz(w->out, ": ");
	}
}

static void writer_open(struct ed_json_writer *w, const char *name, char bracket)
{
	writer_before(w, name);
	ed_buf_addc(w->out, bracket);
	assert(w->depth < WRITER_DEPTH);
	w->depth++;
	w->has &= ~writer_bit(w);
}

static void writer_close(struct ed_json_writer *w, char bracket)
{
	bool any = w->has & writer_bit(w);

	assert(w->depth > 0);
	w->depth--;
	if (any)
		writer_line(w);
	ed_buf_addc(w->out, bracket);
}

void ed_json_begin_object(struct ed_json_writer *w, const char *name)
{
	writer_open(w, name, '{');
}

void ed_json_end_object(struct ed_json_writer *w)
{
	writer_close(w, '}');
}

void ed_json_begin_array(struct ed_json_writer *w, const char *name)
{
	writer_open(w, name, '[');
}

void ed_json_end_array(struct ed_json_writer *w)
{
	writer_close(w, ']');
}

void ed_json_put_str(struct ed_json_writer *w, const char *name, struct ed_str value)
{
	writer_before(w, name);
	if (value.p)
		writer_text(w->out, value);
	else
		ed_buf_addz(w->out, "null");
}

void ed_json_put_int(struct ed_json_writer *w, const char *name, int64_t value)
{
	writer_before(w, name);
	ed_buf_printf(w->out, "%lld", (long long)value);
}

void ed_json_put_bool(struct ed_json_writer *w, const char *name, bool value)
{
	writer_before(w, name);
	ed_buf_addz(w->out, value ? "true" : "false");
}

void ed_json_put_null(struct ed_json_writer *w, const char *name)
{
	writer_before(w, name);
	ed_buf_addz(w->out, "null");
}

void ed_json_put_word(struct ed_json_writer *w, const char *name, const char *word)
{
	ed_json_put_str(w, name, ed_str_from(word));
}

void ed_json_put_time(struct ed_json_writer *w, const char *name, int64_t ticks)
{
	char text[ED_TIME_TEXT];

	if (ticks == ED_TIME_NONE || ticks > ED_TIME_LAST)
		ed_json_put_null(w, name);
	else
		ed_json_put_str(w, name, (struct ed_str){ text, ed_time_format(ticks, text) });
}

/* SPDX-License-Identifier: MIT */
/* The three registry readers: exports, the headerless dump, and hives, which are not read. */
#include "espdiag/collectors/reg.h"

#include "espdiag/base/limits.h"
#include "espdiag/base/utf.h"
#include "reg_priv.h"

#define HEADER_5 ED_STR("Windows Registry Editor Version")
#define HEADER_4 ED_STR("REGEDIT4")

/* The first bytes as text, without blank lines in front. */
static struct ed_str head_text(struct ed_str head, char *out, size_t cap)
{
	return ed_str_trim((struct ed_str){ out, ed_text_head(head.p, head.len, out, cap) });
}

static bool is_header_4(struct ed_str text)
{
	return ed_str_istarts(text, HEADER_4) &&
	       (text.len == HEADER_4.len || (unsigned char)text.p[HEADER_4.len] <= ' ');
}

static int reg_probe(struct ed_str head, struct ed_str path)
{
	char out[128];
	struct ed_str text = head_text(head, out, sizeof(out));

	(void)path;
	return ed_str_istarts(text, HEADER_5) || is_header_4(text) ? 100 : 0;
}

static int regdump_probe(struct ed_str head, struct ed_str path)
{
	char out[128];
	struct ed_str text = head_text(head, out, sizeof(out));

	(void)path;
	return reg_is_key_line(text) || ed_str_istarts(text, ED_STR("[HKLM\\")) ||
			       ed_str_istarts(text, ED_STR("[HKCU\\"))
		       ? 80
		       : 0;
}

static int regf_probe(struct ed_str head, struct ed_str path)
{
	(void)path;
	return ed_str_starts(head, ED_STR("regf")) ? 100 : 0;
}

/* The whole input as UTF-8 in @text. */
static ed_status load_text(const struct ed_input *input, struct ed_buf *text, struct ed_error *err)
{
	struct ed_buf hold;
	struct ed_str bytes;
	ed_status status;

	ed_buf_init(&hold, ED_LIMIT_TEXT_FILE);
	status = input->size > ED_LIMIT_TEXT_FILE
			 ? ed_fail(err, ED_LIMIT, "registry text of more than %zu bytes",
				   ED_LIMIT_TEXT_FILE)
			 : ed_input_all(input, &hold, &bytes, err);
	if (status == ED_OK) {
		ed_buf_text(text, bytes.p, bytes.len, NULL);
		if (text->status != ED_OK)
			status = ed_fail(err, text->status, "out of memory for registry text");
	}
	ed_buf_release(&hold);
	return status;
}

static ed_status reg_read(const struct ed_input *input, struct ed_sink *sink, struct ed_error *err)
{
	struct ed_buf text;
	struct ed_str rest;
	bool ansi;
	ed_status status;

	ed_buf_init(&text, ED_LIMIT_TEXT_FILE * 3 + 3);
	status = load_text(input, &text, err);
	if (status == ED_OK) {
		rest = ed_str_trim(ed_buf_str(&text));
		ansi = is_header_4(rest);
		if (!ansi && !ed_str_istarts(rest, HEADER_5))
			status = ed_fail(err, ED_FORMAT, "registry export without its first line");
	}
	if (status == ED_OK) {
		struct ed_str line, all = ed_buf_str(&text);
		size_t lines = 0;

		/* the header is the first line that is not blank */
		while (ed_str_line(&all, &line) && !ed_str_trim(line).len)
			lines++;
		status = reg_walk_text(&reg_dialect_file, ansi, all, lines + 1, sink, err);
	}
	ed_buf_release(&text);
	return status;
}

static ed_status regdump_read(const struct ed_input *input, struct ed_sink *sink,
			      struct ed_error *err)
{
	struct ed_buf text;
	ed_status status;

	ed_buf_init(&text, ED_LIMIT_TEXT_FILE * 3 + 3);
	status = load_text(input, &text, err);
	if (status == ED_OK)
		status = reg_walk_text(&reg_dialect_dump, false, ed_buf_str(&text), 0, sink, err);
	ed_buf_release(&text);
	return status;
}

static ed_status regf_read(const struct ed_input *input, struct ed_sink *sink, struct ed_error *err)
{
	struct ed_gap gap = {
		.state = ED_STATE_ABSENT,
		.lost = ED_LOST_UNKNOWN,
		.why = ED_STR("registry hive, not read; export its keys as .reg"),
	};

	(void)input;
	return sink->ops->gap(sink, &gap, err);
}

const struct ed_reader ed_reader_reg = { .name = "reg", .probe = reg_probe, .read = reg_read };
const struct ed_reader ed_reader_regdump = {
	.name = "regdump",
	.probe = regdump_probe,
	.read = regdump_read,
};
const struct ed_reader ed_reader_regf = { .name = "regf", .probe = regf_probe, .read = regf_read };

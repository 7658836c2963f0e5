/* SPDX-License-Identifier: MIT */
/*
 * Redacts files, for the tests of agent/redact:
 *   redact_file none|standard|strict KEY FORM IN OUT [FORM IN OUT ...]
 * learns all of them, then writes each. FORM is a word of model/form.h ("events", "boot-log"), KEY
 * any text. Exit 3: at least one may not go into a bundle; the others are written.
 */
#include "espdiag/base/limits.h"
#include "espdiag/redact/redact.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool form_of(const char *word, enum ed_form *form)
{
	static const char *const words[] = {
#define WORD(name, word) word,
		ED_FORM_LIST(WORD)
#undef WORD
	};

	for (size_t i = 0; i < ED_COUNT(words); i++)
		if (ed_name_eq(ed_str_from(words[i]), ed_str_from(word))) {
			*form = (enum ed_form)i;
			return true;
		}
	return false;
}

static bool read_all(const char *path, struct ed_buf *out)
{
	FILE *f = fopen(path, "rb");
	char part[65536];
	size_t n;

	if (!f)
		return false;
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		ed_buf_add(out, part, n);
	fclose(f);
	return out->status == ED_OK;
}

static bool write_all(const char *path, struct ed_str bytes)
{
	FILE *f = fopen(path, "wb");
	bool good = f && fwrite(bytes.p ? bytes.p : "", 1, bytes.len, f) == bytes.len;

	return f && fclose(f) == 0 && good;
}

static int one(struct ed_redactor *r, char **argument, bool learn)
{
	struct ed_buf in, out;
	struct ed_error err = { .text = "" };
	enum ed_form form;
	uint64_t count = 0;
	ed_status status;
	int code = 0;

	ed_buf_init(&in, ED_LIMIT_MEMBER_BYTES);
	ed_buf_init(&out, ED_LIMIT_MEMBER_BYTES);
	if (!form_of(argument[0], &form) || !read_all(argument[1], &in)) {
		fprintf(stderr, "cannot read %s '%s'\n", argument[0], argument[1]);
		code = 2;
	} else {
		status = learn ? ed_redactor_learn(r, form, ed_buf_str(&in), &err)
			       : ed_redact(r, form, ed_buf_str(&in), &out, &count, &err);
		if (status != ED_OK) {
			fprintf(stderr, "%s: %s\n", argument[1], err.text);
			code = 3;
		} else if (!learn && !write_all(argument[2], ed_buf_str(&out))) {
			code = 2;
		}
	}
	ed_buf_release(&in);
	ed_buf_release(&out);
	return code;
}

int main(int argc, char **argv)
{
	static const char *const levels[] = { "none", "standard", "strict" };
	unsigned char key[ED_REDACT_KEY_BYTES] = { 0 };
	enum ed_redact_level level = ED_REDACT_NONE;
	struct ed_redactor *r = NULL;
	int code = 0;

	if (argc < 6 || argc % 3 != 0) {
		fputs("redact_file LEVEL KEY FORM IN OUT [FORM IN OUT ...]\n", stderr);
		return 2;
	}
	for (size_t i = 0; i < ED_COUNT(levels); i++)
		if (strcmp(argv[1], levels[i]) == 0)
			level = (enum ed_redact_level)i;
	for (size_t i = 0; argv[2][i]; i++)
		key[i % sizeof(key)] = (unsigned char)(key[i % sizeof(key)] ^ argv[2][i]);
	if (ed_redactor_new(level, key, &r, NULL) != ED_OK)
		return 1;
	for (int pass = 0; pass < 2; pass++)
		for (int i = 3; i + 2 < argc; i += 3) {
			int now = one(r, argv + i, pass == 0);

			code = now > code ? now : code;
		}
	for (int i = 0; i < ED_REDACT_KINDS; i++)
		if (ed_redactor_count(r, (enum ed_redact_kind)i))
			printf("%s %llu\n", ed_redact_kind_word((enum ed_redact_kind)i),
			       (unsigned long long)ed_redactor_count(r, (enum ed_redact_kind)i));
	ed_redactor_free(r);
	return code;
}

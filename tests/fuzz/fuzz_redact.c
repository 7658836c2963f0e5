/* SPDX-License-Identifier: MIT */
/*
 * Redaction of anything: it ends, what comes out is as valid as what went in, a second pass over it
 * finds no more secrets in the shapes that are looked for here, and the quick question whether
 * there is one has the scanner's answer. The first byte chooses form and level.
 */
#include "espdiag/base/limits.h"
#include "espdiag/base/utf.h"
#include "espdiag/json/json.h"
#include "espdiag/redact/redact.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
	if (!good)
		abort();
}

/* Eight groups of six digits with hyphens; written anew, not with the code under test. */
static bool has_recovery_password(struct ed_str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		bool digit = s.p[i] >= '0' && s.p[i] <= '9';
		bool wanted = n % 7 == 6 ? s.p[i] == '-' : digit;

		n = wanted ? n + 1 : digit && n % 7 == 6 ? 0 : (size_t)(digit && !n);
		if (n == 55 && (i + 1 == s.len || s.p[i + 1] < '0' || s.p[i + 1] > '9') &&
		    (i < 55 || s.p[i - 55] < '0' || s.p[i - 55] > '9'))
			return true;
		n = n == 55 ? 0 : n;
	}
	return false;
}

static bool is_json(struct ed_str s)
{
	struct ed_json *root = NULL;
	bool good = ed_json_parse(s, &root, NULL) == ED_OK;

	ed_json_free(root);
	return good;
}

/* Both ways of asking the same. */
static void ask(struct ed_str text)
{
	unsigned char key[ED_REDACT_KEY_BYTES] = { 1 };
	struct ed_redactor *r = NULL;
	struct ed_buf out;

	ed_buf_init(&out, 64 * ED_MIB);
	must(ed_redactor_new(ED_REDACT_NONE, key, &r, NULL) == ED_OK);
	must(ed_redactor_finds_secret(r, text) == (ed_redact_secrets(text, &out) > 0));
	ed_redactor_finds_secret_utf16(r, text.p, text.len);
	ed_redactor_finds_secret_bytes(r, text);
	ed_redactor_free(r);
	ed_buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum ed_form forms[] = { ED_FORM_EVENTS, ED_FORM_REG, ED_FORM_JSON,
					      ED_FORM_TEXT };
	unsigned char key[ED_REDACT_KEY_BYTES] = { 1 };
	struct ed_redactor *r = NULL;
	struct ed_buf out, again;
	struct ed_str text;
	enum ed_form form;

	if (!size)
		return 0;
	form = forms[data[0] % 4];
	text = (struct ed_str){ (const char *)data + 1, size - 1 };
	ed_buf_init(&out, 64 * ED_MIB);
	ed_buf_init(&again, 64 * ED_MIB);
	must(ed_redactor_new((enum ed_redact_level)(data[0] / 4 % 3), key, &r, NULL) == ED_OK);
	must(ed_redactor_learn(r, form, text, NULL) == ED_OK);
	must(ed_redact(r, form, text, &out, NULL, NULL) == ED_OK);
	if (ed_utf8_valid(text))
		must(ed_utf8_valid(ed_buf_str(&out)));
	if (form == ED_FORM_TEXT)
		must(!has_recovery_password(ed_buf_str(&out)));
	if (form == ED_FORM_JSON && is_json(text))
		must(is_json(ed_buf_str(&out)));
	must(ed_redact(r, form, ed_buf_str(&out), &again, NULL, NULL) == ED_OK);
	ed_redactor_free(r);
	ask(text);
	ed_buf_release(&out);
	ed_buf_release(&again);
	return 0;
}

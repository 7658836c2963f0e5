/* SPDX-License-Identifier: MIT */
/*
 * Values that are printed one by one. The quick question whether one holds a secret must have the
 * slow scanner's answer, the first time and again, as text, in UTF-16 and as bytes; and events of
 * such values are still JSON when they were redacted. A line "name=value" is a field.
 */
#include "espdiag/base/utf.h"
#include "espdiag/json/json.h"
#include "espdiag/model/event_text.h"
#include "espdiag/redact/redact.h"
#include "reader_fuzz.h"

#define FIELDS_MOST 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool scanner_finds(struct ed_str text)
{
	struct ed_buf out;
	bool found;

	ed_buf_init(&out, 64 * ED_MIB);
	found = ed_redact_secrets(text, &out) > 0;
	ed_buf_release(&out);
	return found;
}

static void ask_as_text(struct ed_redactor *r, struct ed_str text)
{
	bool found = scanner_finds(text);

	for (int i = 0; i < 2; i++)
		fuzz_require(ed_redactor_finds_secret(r, text) == found,
			     "the answer is the scanner's");
}

static void ask_as_utf16(struct ed_redactor *r, struct ed_str bytes)
{
	struct ed_buf text;
	bool found;

	ed_buf_init(&text, 64 * ED_MIB);
	fuzz_require(ed_buf_reserve(&text, ED_UTF8_MAX(bytes.len)), "memory");
	text.len = ed_utf8_from_utf16le(bytes.p, bytes.len, text.p, NULL);
	found = scanner_finds(ed_buf_str(&text));
	for (int i = 0; i < 2; i++)
		fuzz_require(ed_redactor_finds_secret_utf16(r, bytes.p, bytes.len) == found,
			     "the same in UTF-16");
	ed_buf_release(&text);
}

static void ask_as_bytes(struct ed_redactor *r, struct ed_str bytes)
{
	struct ed_buf hex;
	bool found;

	ed_buf_init(&hex, 64 * ED_MIB);
	for (size_t i = 0; i < bytes.len; i++)
		ed_buf_printf(&hex, "%02X", (unsigned)(unsigned char)bytes.p[i]);
	found = scanner_finds(ed_buf_str(&hex));
	fuzz_require(ed_redactor_finds_secret_bytes(r, bytes) == found, "the same as bytes");
	ed_buf_release(&hex);
}

static size_t fields_split(struct ed_str text, struct ed_field fields[FIELDS_MOST])
{
	struct ed_str line;
	size_t count = 0;

	while (count < FIELDS_MOST && ed_str_line(&text, &line)) {
		size_t equals = ed_str_find(line, ED_STR("="), 0);

		fields[count].name =
			equals == SIZE_MAX ? ED_STR("") : ed_str_slice(line, 0, equals);
		fields[count].value =
			equals == SIZE_MAX ? line : ed_str_slice(line, equals + 1, line.len);
		count++;
	}
	return count;
}

static void print_event(struct ed_redactor *r, struct ed_str text)
{
	static const struct ed_wanted everything;
	struct ed_field fields[FIELDS_MOST];
	struct ed_event event = { .head = { .provider = ED_STR("Microsoft-Windows-AAD"),
					    .channel = ED_STR("System"),
					    .id = 302,
					    .time = ED_TIME_NONE },
				  .fields = fields,
				  .field_count = fields_split(text, fields) };
	struct ed_buf line, out;
	struct ed_json *root;

	ed_buf_init(&line, 64 * ED_MIB);
	ed_buf_init(&out, 64 * ED_MIB);
	for (size_t i = 0; i < event.field_count; i++) {
		fuzz_require(ed_redact_field(r, &event.head, &fields[i], &out, NULL) == ED_OK,
			     "a field can be redacted");
		fuzz_require(ed_utf8_valid(ed_buf_str(&out)), "a value stays text");
		if (ed_redactor_secret_name(r, fields[i].name))
			fuzz_require(fields[i].name.len > 0, "a secret's name is one");
		ed_buf_clear(&out);
	}
	ed_event_json(&line, &event, &everything);
	fuzz_require(ed_redact_event_json(r, &event.head, ed_buf_str(&line), &out, NULL) == ED_OK,
		     "an event can be redacted");
	fuzz_require(ed_json_parse(ed_buf_str(&out), &root, NULL) == ED_OK, "and is JSON still");
	ed_json_free(root);
	ed_buf_release(&line);
	ed_buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char key[ED_REDACT_KEY_BYTES] = { 1 };
	struct ed_str bytes = { size ? (const char *)data : "", size };
	struct ed_redactor *r;

	fuzz_require(ed_redactor_new(ED_REDACT_NONE, key, &r, NULL) == ED_OK, "memory");
	ask_as_text(r, bytes);
	ask_as_utf16(r, bytes);
	ask_as_bytes(r, bytes);
	if (ed_utf8_valid(bytes))
		print_event(r, bytes);
	ed_redactor_free(r);
	return 0;
}

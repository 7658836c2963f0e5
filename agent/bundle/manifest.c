/* SPDX-License-Identifier: MIT */
/* What is written about a bundle: its manifest, the device's tag, the line for the ticket. */
#include "espdiag/base/limits.h"
#include "espdiag/json/json.h"
#include "espdiag/version.h"

#include "bundle_priv.h"

#define TAG_LABEL "espdiag device tag 1"

static const char *form_word(enum ed_form form)
{
	static const char *const words[] = {
#define FORM_WORD(name, word) [name] = word,
		ED_FORM_LIST(FORM_WORD)
#undef FORM_WORD
	};

	return words[form];
}

static void put_member(struct ed_json_writer *w, const struct member *m)
{
	char hex[ED_SHA256_HEX];

	ed_sha256_hex(m->sha256, hex);
	ed_json_begin_object(w, NULL);
	ed_json_put_str(w, "member", m->name);
	ed_json_put_int(w, "bytes", m->packed.size);
	ed_json_put_word(w, "sha256", hex);
	ed_json_put_str(w, "source", m->source);
	ed_json_put_word(w, "form", form_word(m->form));
	ed_json_put_int(w, "redactions", (int64_t)m->redactions);
	ed_json_end_object(w);
}

ed_status ed_bundle_manifest(const struct ed_bundle *bundle, struct ed_str device_tag,
			     struct ed_buf *out, struct ed_error *err)
{
	struct ed_json_writer w;

	ed_json_writer_init(&w, out, 1);
	ed_json_begin_object(&w, NULL);
	ed_json_put_str(&w, "schema", ED_STR(MANIFEST_SCHEMA));
	ed_json_begin_object(&w, "tool");
	ed_json_put_str(&w, "name", ED_STR("espdiag"));
	ed_json_put_str(&w, "version", ED_STR(ED_VERSION));
	ed_json_end_object(&w);
	ed_json_put_str(&w, "device_tag", device_tag);
	ed_json_begin_array(&w, "members");
	for (size_t i = 0; i < bundle->count; i++)
		if (!ed_str_eq(bundle->members[i].name, ED_STR(MANIFEST_NAME)))
			put_member(&w, &bundle->members[i]);
	ed_json_end_array(&w);
	ed_json_end_object(&w);
	ed_buf_addc(out, '\n');
	if (out->status != ED_OK)
		return ed_fail(err, out->status, "cannot hold the manifest: %s",
			       ed_status_text(out->status));
	return ED_OK;
}

ed_status ed_device_tag(const unsigned char uuid[16], char out[ED_DEVICE_TAG_CHARS + 1],
			struct ed_error *err)
{
	static const char label[] = TAG_LABEL;
	char bytes[sizeof(label) - 1 + 16];
	unsigned char digest[ED_SHA256_BYTES];
	char hex[ED_SHA256_HEX];

	memcpy(bytes, label, sizeof(label) - 1);
	memcpy(bytes + sizeof(label) - 1, uuid, 16);
	ED_TRY(ed_sha256((struct ed_str){ bytes, sizeof(bytes) }, digest, err));
	ed_sha256_hex(digest, hex);
	memcpy(out, hex, ED_DEVICE_TAG_CHARS);
	out[ED_DEVICE_TAG_CHARS] = '\0';
	return ED_OK;
}

/* The line under construction: of a fixed size, so that it cannot fail. */
struct line {
	char text[ED_TICKET_BYTES];
	size_t len;
};

static void line_add(struct line *line, const char *z)
{
	while (*z && line->len < sizeof(line->text) - 1)
		line->text[line->len++] = *z++;
}

/* At most @max characters of @s that can be read aloud; @other when there are none. */
static void line_word(struct line *line, struct ed_str s, size_t max, const char *other)
{
	size_t begin = line->len;

	for (size_t i = 0; i < s.len && line->len - begin < max; i++) {
		char c[2] = { s.p[i], '\0' };

		if ((c[0] >= 'a' && c[0] <= 'z') || (c[0] >= '0' && c[0] <= '9') || c[0] == '-')
			line_add(line, c);
	}
	if (line->len == begin)
		line_add(line, other);
}

/* The first @max hex digits in groups of four. */
static void line_hex(struct line *line, struct ed_str s, size_t max, const char *other)
{
	size_t digits = 0;

	for (size_t i = 0; i < s.len && digits < max; i++) {
		char c[2] = { s.p[i], '\0' };

		if (!((c[0] >= 'a' && c[0] <= 'f') || (c[0] >= '0' && c[0] <= '9')))
			continue;
		if (digits && digits % 4 == 0)
			line_add(line, "-");
		line_add(line, c);
		digits++;
	}
	if (!digits)
		line_add(line, other);
}

void ed_ticket_line(struct ed_str device_tag, struct ed_str finding, struct ed_str certainty,
		    struct ed_str manifest_hex, char out[ED_TICKET_BYTES])
{
	struct line line = { .len = 0 };

	/* 7 + 1 + 19 + 1 + 40 + 1 + 12 + 1 + 9 = 91 */
	line_add(&line, "espdiag ");
	line_hex(&line, device_tag, ED_DEVICE_TAG_CHARS, "no-tag");
	line_add(&line, " ");
	line_word(&line, finding, 40, "no-finding");
	line_add(&line, " ");
	line_word(&line, certainty, 12, "unknown");
	line_add(&line, " ");
	line_hex(&line, manifest_hex, 8, "no-digest");
	memcpy(out, line.text, sizeof(line.text));
}

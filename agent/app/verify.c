/* SPDX-License-Identifier: MIT */
/* `espdiag verify BUNDLE` */
#include "commands.h"

#include "espdiag/base/limits.h"
#include "espdiag/bundle/bundle.h"
#include "espdiag/json/json.h"
#include "espdiag/platform/file.h"
#include "espdiag/redact/redact.h"
#include "espdiag/version.h"

static const struct {
	const char *word, *text, *origin;
} results[] = {
	[ED_VERIFY_GENUINE] = { "genuine",
				"genuine: every member is as in the manifest, and the manifest as "
				"the digest says",
				"proven" },
	[ED_VERIFY_CONSISTENT] = { "consistent",
				   "consistent, origin unproven: every member is as in the "
				   "manifest; --digest proves whose it is",
				   "unproven" },
	[ED_VERIFY_MISMATCH] = { "mismatch", "mismatch: this is not the bundle that was written",
				 NULL },
};

/* Only a program that knows whom to trust can check it. */
#define SIGNATURE_TEXT                                                                             \
	"signature: " ED_BUNDLE_SIGNATURE " is there and was not checked; unzip both, then\n"      \
	"  openssl cms -verify -binary -inform DER -in " ED_BUNDLE_SIGNATURE                       \
	" -content manifest.json -CAfile CA.pem -purpose any -out /dev/null\n"

static void result_text(enum ed_verify_result result, struct ed_str lines, const char *hex,
			bool is_signed, struct ed_buf *out)
{
	ed_buf_printf(out, "%s\n", results[result].text);
	ed_buf_adds(out, lines);
	if (hex[0])
		ed_buf_printf(out, "manifest: SHA-256 %s\n", hex);
	if (is_signed)
		ed_buf_addz(out, SIGNATURE_TEXT);
}

static void result_json(struct ed_str path, enum ed_verify_result result, struct ed_str lines,
			const char *hex, bool is_signed, struct ed_buf *out)
{
	struct ed_json_writer w;
	struct ed_str line;

	ed_json_writer_init(&w, out, 2);
	ed_json_begin_object(&w, NULL);
	ed_json_put_str(&w, "schema", ED_STR("espdiag.verify/1"));
	ed_json_begin_object(&w, "tool");
	ed_json_put_str(&w, "name", ED_STR("espdiag"));
	ed_json_put_str(&w, "version", ED_STR(ED_VERSION));
	ed_json_end_object(&w);
	ed_json_put_str(&w, "source", path);
	ed_json_put_word(&w, "result", results[result].word);
	if (results[result].origin)
		ed_json_put_word(&w, "origin", results[result].origin);
	else
		ed_json_put_null(&w, "origin");
	if (hex[0])
		ed_json_put_word(&w, "manifest_sha256", hex);
	else
		ed_json_put_null(&w, "manifest_sha256");
	if (is_signed)
		ed_json_put_word(&w, "signature", "unchecked");
	else
		ed_json_put_null(&w, "signature");
	ed_json_begin_array(&w, "differences");
	while (ed_str_line(&lines, &line))
		ed_json_put_str(&w, NULL, line);
	ed_json_end_array(&w);
	ed_json_end_object(&w);
	ed_buf_addc(out, '\n');
}

/* What could not be checked is no mismatch. */
static enum ed_exit exit_of(ed_status status)
{
	return status == ED_NOMEM || status == ED_LIMIT ? ED_EXIT_FAILURE : ED_EXIT_NOTHING_READ;
}

/* Names of members come from outside. */
static ed_status secrets_drop(struct ed_buf *lines, struct ed_error *err)
{
	struct ed_buf clean;

	ed_buf_init(&clean, ED_LIMIT_OUTPUT);
	if (lines->len && ed_redact_secrets(ed_buf_str(lines), &clean)) {
		ed_buf_clear(lines);
		if (clean.status == ED_OK)
			ed_buf_adds(lines, ed_buf_str(&clean));
		else
			lines->status = clean.status;
	}
	ed_buf_release(&clean);
	return lines->status == ED_OK ? ED_OK
				      : ed_fail(err, lines->status, "cannot hold the result: %s",
						ed_status_text(lines->status));
}

enum ed_exit ed_command_verify(const struct ed_options *options, struct ed_error *err)
{
	struct ed_str path = ed_str_from(options->paths[0]);
	enum ed_verify_result result = ED_VERIFY_MISMATCH;
	char hex[ED_SHA256_HEX] = "";
	bool is_signed = false;
	struct ed_buf lines, out;
	ed_status status;
	enum ed_exit code;

	ed_buf_init(&lines, ED_LIMIT_OUTPUT);
	ed_buf_init(&out, ED_LIMIT_OUTPUT);
	status = ed_bundle_verify(path, options->digest, &result, &lines, hex, err);
	if (status == ED_OK)
		status = ed_bundle_signed(path, &is_signed, err);
	if (status == ED_OK)
		status = secrets_drop(&lines, err);
	code = status == ED_OK ? ED_EXIT_DONE : exit_of(status);
	if (status == ED_OK && options->format == ED_FORMAT_TEXT)
		result_text(result, ed_buf_str(&lines), hex, is_signed, &out);
	else if (status == ED_OK)
		result_json(path, result, ed_buf_str(&lines), hex, is_signed, &out);
	if (status == ED_OK && out.status != ED_OK)
		status = ed_fail(err, out.status, "cannot hold the result: %s",
				 ed_status_text(out.status));
	if (status == ED_OK)
		status = ed_file_write_whole(options->output, ed_buf_str(&out), err);
	if (status != ED_OK && code == ED_EXIT_DONE)
		code = ED_EXIT_FAILURE;
	else if (status == ED_OK && result == ED_VERIFY_MISMATCH)
		code = ED_EXIT_MISMATCH;
	ed_buf_release(&lines);
	ed_buf_release(&out);
	return code;
}

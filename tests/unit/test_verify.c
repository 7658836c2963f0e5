/* SPDX-License-Identifier: MIT */
/* A bundle that was tampered with: each way of doing it is a mismatch, and said in a line. */
#include "commands.h"

#include <check.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle_make.h"
#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/pack/pack.h"
#include "espdiag/pack/write.h"
#include "espdiag/platform/file.h"
#include "espdiag/platform/sign.h"

static struct ed_bundle *bundle;
static struct ed_error err;
static char hex[ED_SHA256_HEX];
static struct ed_buf lines;
static char got_hex[ED_SHA256_HEX];

static void setup(void)
{
	folder_make();
	memset(&err, 0, sizeof(err));
	ck_assert_int_eq(bundle_make(&bundle, hex, &err), ED_OK);
	ck_assert_int_eq(ed_bundle_write(bundle, folder_str("a.zip"), &err), ED_OK);
	ed_buf_init(&lines, 4 * ED_MIB);
}

static void teardown(void)
{
	ed_bundle_free(bundle);
	ed_buf_release(&lines);
	folder_remove();
}

static enum ed_verify_result verify(const char *name, const char *digest)
{
	enum ed_verify_result result = ED_VERIFY_MISMATCH;
	ed_status status;

	ed_buf_clear(&lines);
	status = ed_bundle_verify(folder_str(name), ed_str_from(digest), &result, &lines, got_hex,
				  &err);
	ck_assert_msg(status == ED_OK, "%s: %s", name, err.text);
	ck_assert((result == ED_VERIFY_MISMATCH) == (lines.len > 0));
	return result;
}

static void assert_lines(const char *name, const char *digest, const char *wanted)
{
	ck_assert_int_eq(verify(name, digest), ED_VERIFY_MISMATCH);
	ck_assert_msg(ed_str_eq(ed_buf_str(&lines), ed_str_from(wanted)), "%s", lines.p);
}

/* One that is put together by hand, from members and what is to be done to them. */
struct piece {
	const char *name, *text;
};

static struct ed_str member_text(const char *name, struct ed_buf *room)
{
	for (size_t i = 0; i < ed_bundle_count(bundle); i++) {
		struct ed_bundle_member m;

		ed_bundle_member(bundle, i, &m);
		if (!ed_str_eq(m.name, ed_str_from(name)))
			continue;
		ck_assert_int_eq(ed_bundle_bytes(bundle, i, room, &err), ED_OK);
		return room->p ? ed_buf_str(room) : ED_STR("");
	}
	ck_abort_msg("no member %s", name);
	return ED_STR("");
}

static ed_status keep_bytes(void *context, struct ed_str bytes, struct ed_error *error)
{
	(void)error;
	ed_buf_adds(context, bytes);
	return ED_OK;
}

/* Writes the members @pieces (text NULL: as they were) to @name. */
static void zip_put(const char *name, const struct piece *pieces, size_t count)
{
	struct ed_pack_writer *w;
	struct ed_buf out;

	ed_buf_init(&out, 4 * ED_MIB);
	ck_assert_int_eq(ed_pack_write_begin(&w, keep_bytes, &out, &err), ED_OK);
	for (size_t i = 0; i < count; i++) {
		struct ed_str text = ed_str_from(pieces[i].text);
		struct ed_packed packed;
		struct ed_buf room;

		ed_buf_init(&room, 4 * ED_MIB);
		if (!text.p)
			text = member_text(pieces[i].name, &room);
		ck_assert_int_eq(ed_packed_make(text, &packed, &err), ED_OK);
		ck_assert_int_eq(
			ed_pack_write_member(w, ed_str_from(pieces[i].name), &packed, &err), ED_OK);
		ed_packed_release(&packed);
		ed_buf_release(&room);
	}
	ck_assert_int_eq(ed_pack_write_end(w, true, &err), ED_OK);
	file_put(name, ed_buf_str(&out));
	ed_buf_release(&out);
}

START_TEST(untouched_is_consistent_and_with_the_digest_genuine)
{
	char digits[10];

	ck_assert_int_eq(verify("a.zip", NULL), ED_VERIFY_CONSISTENT);
	ck_assert_str_eq(got_hex, hex);
	ck_assert_int_eq(verify("a.zip", hex), ED_VERIFY_GENUINE);
	/* as the ticket line has it, and as people type it */
	snprintf(digits, sizeof(digits), "%.4s-%.4s", hex, hex + 4);
	ck_assert_int_eq(verify("a.zip", digits), ED_VERIFY_GENUINE);
	for (char *z = digits; *z; z++)
		if (*z >= 'a' && *z <= 'f')
			*z = (char)(*z - 'a' + 'A');
	ck_assert_int_eq(verify("a.zip", digits), ED_VERIFY_GENUINE);
	bundle_unpack(bundle, "u");
	ck_assert_int_eq(verify("u", NULL), ED_VERIFY_CONSISTENT);
	ck_assert_int_eq(verify("u", hex), ED_VERIFY_GENUINE);
}
END_TEST

START_TEST(another_digest_is_a_mismatch)
{
	char other[ED_SHA256_HEX];

	memcpy(other, hex, sizeof(other));
	other[63] = other[63] == '0' ? '1' : '0';
	ck_assert_int_eq(verify("a.zip", other), ED_VERIFY_MISMATCH);
	ck_assert_int_eq(verify("a.zip", "0123456789"), ED_VERIFY_MISMATCH);
	ck_assert(ed_str_starts(ed_buf_str(&lines),
				ED_STR("manifest.json: another one, its SHA-256 begins with ")));
}
END_TEST

START_TEST(a_digest_must_be_one)
{
	static const char *const digests[] = {
		"",
		"0123456",
		"0123-456",
		"0123456g",
		"00000000000000000000000000000000000000000000000000000000000000000",
	};
	enum ed_verify_result result;

	for (size_t i = 0; i < ED_COUNT(digests); i++)
		ck_assert_int_eq(ed_bundle_verify(folder_str("a.zip"), ed_str_from(digests[i]),
						  &result, &lines, got_hex, &err),
				 ED_ARG);
}
END_TEST

/* With the manifest unchanged. */
static const struct {
	struct piece pieces[8];
	const char *lines;
} tampered[] = {
	{ { { "events/System.xml", "<Events/>" },
	    { "logs/empty.log", NULL },
	    { "state/run.json", NULL },
	    { "verdict.json", NULL },
	    { "manifest.json", NULL } },
	  "events/System.xml: changed, its SHA-256 is " },
	{ { { "logs/empty.log", NULL },
	    { "state/run.json", NULL },
	    { "verdict.json", NULL },
	    { "manifest.json", NULL } },
	  "events/System.xml: missing\n" },
	{ { { "events/System.xml", NULL },
	    { "events/more.xml", "<Events/>" },
	    { "logs/empty.log", NULL },
	    { "state/run.json", NULL },
	    { "verdict.json", NULL },
	    { "manifest.json", NULL } },
	  "events/more.xml: not in the manifest\n" },
	{ { { "events/System.xml", NULL },
	    { "events/system.xml", "<Events/>" },
	    { "logs/empty.log", NULL },
	    { "state/run.json", NULL },
	    { "verdict.json", NULL },
	    { "manifest.json", NULL } },
	  "events/system.xml: not in the manifest\n" },
	{ { { "events/System.xml", NULL },
	    { "events/System.xml", NULL },
	    { "logs/empty.log", NULL },
	    { "state/run.json", NULL },
	    { "verdict.json", NULL },
	    { "manifest.json", NULL } },
	  "events/System.xml: 2 times in the zip\n" },
	{ { { "events/System.xml", NULL },
	    { "logs/empty.log", NULL },
	    { "state/run.json", NULL },
	    { "verdict.json", NULL } },
	  "manifest.json: missing\n" },
	{ { { "events/System.xml", NULL },
	    { "logs/empty.log", NULL },
	    { "state/run.json", NULL },
	    { "verdict.json", NULL },
	    { "manifest.json", "{" } },
	  "manifest.json: line 1, column 1: not JSON\n" },
	{ { { "events/System.xml", NULL },
	    { "logs/empty.log", NULL },
	    { "state/run.json", NULL },
	    { "verdict.json", NULL },
	    { "manifest.json", "{}" } },
	  "manifest.json: not a manifest of espdiag\n" },
	{ { { "events/System.xml", NULL },
	    { "logs/empty.log", NULL },
	    { "state/run.json", NULL },
	    { "verdict.json", NULL },
	    { "manifest.json", NULL },
	    { "manifest.json", "{}" } },
	  "manifest.json: 2 times in the zip\n" },
};

START_TEST(each_tampering_is_told)
{
	size_t count = 0;

	while (count < ED_COUNT(tampered[_i].pieces) && tampered[_i].pieces[count].name)
		count++;
	zip_put("t.zip", tampered[_i].pieces, count);
	ck_assert_int_eq(verify("t.zip", hex), ED_VERIFY_MISMATCH);
	ck_assert_int_eq(verify("t.zip", NULL), ED_VERIFY_MISMATCH);
	/* the line of a change ends in the digest that it has now */
	ck_assert_msg(ed_str_starts(ed_buf_str(&lines), ed_str_from(tampered[_i].lines)), "%s",
		      lines.p);
	ck_assert_uint_eq(ed_str_find(ed_buf_str(&lines), ED_STR("\n"), 0), lines.len - 1);
}
END_TEST

/* Whoever changes a member and writes a new manifest is found by the digest alone. */
START_TEST(a_new_manifest_needs_the_digest)
{
	char new_hex[ED_SHA256_HEX];

	ck_assert_int_eq(bundle_put(bundle, ED_FORM_EVENTS, "events/System.xml", "System",
				    ED_STR("<Events/>"), &err),
			 ED_OK);
	ck_assert_int_eq(bundle_seal(bundle, new_hex, &err), ED_OK);
	ck_assert_int_eq(ed_bundle_write(bundle, folder_str("n.zip"), &err), ED_OK);
	ck_assert_int_eq(verify("n.zip", NULL), ED_VERIFY_CONSISTENT);
	ck_assert_int_eq(verify("n.zip", new_hex), ED_VERIFY_GENUINE);
	ck_assert_int_eq(verify("n.zip", hex), ED_VERIFY_MISMATCH);
	ck_assert_str_eq(got_hex, new_hex);
}
END_TEST

/*
 * Every byte of the zip, changed: nobody calls it genuine unless every member is as it was, which
 * holds for bytes that only concern the zip itself (dates, ids, attributes).
 */
START_TEST(every_byte_changed)
{
	struct ed_buf whole;
	size_t kept = 0, told = 0, refused = 0;

	file_get("a.zip", &whole);
	for (size_t i = 0; i < whole.len; i++) {
		enum ed_verify_result result;
		ed_status status;

		whole.p[i] = (char)(whole.p[i] ^ 0x41);
		file_put("b.zip", ed_buf_str(&whole));
		whole.p[i] = (char)(whole.p[i] ^ 0x41);
		ed_buf_clear(&lines);
		status = ed_bundle_verify(folder_str("b.zip"), ed_str_from(hex), &result, &lines,
					  got_hex, &err);
		ck_assert(status == ED_OK || status == ED_FORMAT);
		if (status != ED_OK)
			refused++;
		else if (result == ED_VERIFY_MISMATCH)
			told++;
		else
			kept++;
	}
	printf("verify: %zu bytes changed one by one: %zu told, %zu no bundle, %zu concern no "
	       "member\n",
	       whole.len, told, refused, kept);
	ck_assert_uint_gt(told, whole.len / 2);
	ed_buf_release(&whole);
}
END_TEST

START_TEST(every_cut_is_told)
{
	struct ed_buf whole;

	file_get("a.zip", &whole);
	for (size_t cut = 0; cut < whole.len; cut += 3) {
		enum ed_verify_result result;
		ed_status status;

		file_put("b.zip", ed_str_slice(ed_buf_str(&whole), 0, cut));
		ed_buf_clear(&lines);
		status = ed_bundle_verify(folder_str("b.zip"), ed_str_from(NULL), &result, &lines,
					  got_hex, &err);
		ck_assert(status == ED_FORMAT || (status == ED_OK && result == ED_VERIFY_MISMATCH));
	}
	ed_buf_release(&whole);
}
END_TEST

/* Most extractors show the names of the directory at the end. */
START_TEST(a_directory_that_names_otherwise_is_told)
{
	struct ed_pack_source source = { .size = 0 };
	struct ed_buf whole;
	size_t first, second;
	bool agrees = false;

	file_get("a.zip", &whole);
	source.bytes = whole.p;
	source.size = whole.len;
	ck_assert_int_eq(ed_pack_zip_agrees(&source, &agrees, &err), ED_OK);
	ck_assert(agrees);
	first = ed_str_find(ed_buf_str(&whole), ED_STR("verdict.json"), 0);
	second = ed_str_find(ed_buf_str(&whole), ED_STR("verdict.json"), first + 1);
	ck_assert_uint_ne(second, SIZE_MAX);
	memcpy(whole.p + second, "VERDICT", 7);
	ck_assert_int_eq(ed_pack_zip_agrees(&source, &agrees, &err), ED_OK);
	ck_assert(!agrees);
	file_put("b.zip", ed_buf_str(&whole));
	assert_lines("b.zip", hex,
		     "the zip itself: its directory names members otherwise than they do "
		     "themselves\n");
	source.size = 4;
	ck_assert_int_eq(ed_pack_zip_agrees(&source, &agrees, &err), ED_OK);
	ck_assert(!agrees);
	ed_buf_release(&whole);
}
END_TEST

START_TEST(a_folder_is_held_to_its_manifest)
{
	bundle_unpack(bundle, "u");
	tree_put("u/extra", ED_STR("x"));
	assert_lines("u", NULL, "extra: not in the manifest\n");
	tree_put("u/\xE2\x80\xAE\x1b[31m", ED_STR("x"));
	assert_lines("u", NULL,
		     "extra: not in the manifest\n"
		     "\\xe2\\x80\\xae\\xef\\xbf\\xbd[31m: not in the manifest\n");
	folder_remove();
	ck_assert_int_eq(mkdir(bundle_folder, 0700), 0);
	bundle_unpack(bundle, "u");
	tree_put("u/logs/empty.log", ED_STR("x"));
	ck_assert_int_eq(verify("u", NULL), ED_VERIFY_MISMATCH);
	ck_assert(ed_str_starts(ed_buf_str(&lines), ED_STR("logs/empty.log: changed")));
	ck_assert_int_eq(unlink(in_folder("u/logs/empty.log")), 0);
	assert_lines("u", NULL, "logs/empty.log: missing\n");
	ck_assert_int_eq(symlink("/dev/null", in_folder("u/logs/empty.log")), 0);
	assert_lines("u", NULL, "logs/empty.log: cannot be read: not an ordinary file\n");
}
END_TEST

/* The one member that the manifest cannot name: it signs it. */
START_TEST(a_signature_is_no_difference)
{
	struct ed_buf out;
	bool is_signed = true;

	bundle_unpack(bundle, "u");
	ck_assert_int_eq(ed_bundle_signed(folder_str("u"), &is_signed, &err), ED_OK);
	ck_assert(!is_signed);
	tree_put("u/" ED_BUNDLE_SIGNATURE, ED_STR("0"));
	ck_assert_int_eq(ed_bundle_signed(folder_str("u"), &is_signed, &err), ED_OK);
	ck_assert(is_signed);
	ck_assert_int_eq(verify("u", hex), ED_VERIFY_GENUINE);
	tree_put("u/logs/" ED_BUNDLE_SIGNATURE, ED_STR("0"));
	assert_lines("u", hex, "logs/" ED_BUNDLE_SIGNATURE ": not in the manifest\n");
	/* only Windows has the machine's certificates */
	ed_buf_init(&out, ED_MIB);
	ck_assert_int_eq(ed_sign_detached(ED_STR("somebody"), ED_STR("x"), &out, &err),
			 ED_UNSUPPORTED);
	ck_assert_uint_eq(out.len, 0);
}
END_TEST

START_TEST(no_bundle_is_no_mismatch)
{
	static const char *const names[] = { "none", "text", "empty", "u" };
	enum ed_verify_result result;

	file_put("text", ED_STR("text"));
	ck_assert_int_eq(mkdir(in_folder("empty"), 0700), 0);
	tree_put("u/manifest.json", ED_STR("{\"schema\":\"other\",\"members\":[]}"));
	for (size_t i = 0; i < ED_COUNT(names); i++)
		ck_assert_int_ne(ed_bundle_verify(folder_str(names[i]), ed_str_from(NULL), &result,
						  &lines, got_hex, &err),
				 ED_OK);
	ck_assert_uint_eq(lines.len, 0);
}
END_TEST

START_TEST(differences_have_a_limit)
{
	char name[64];

	bundle_unpack(bundle, "u");
	for (int i = 0; i < 1200; i++) {
		snprintf(name, sizeof(name), "u/more%d", i);
		file_put(name, ED_STR("x"));
	}
	ck_assert_int_eq(verify("u", NULL), ED_VERIFY_MISMATCH);
	ck_assert(ed_str_ends(ed_buf_str(&lines), ED_STR("\nand 200 more differences\n")));
}
END_TEST

static enum ed_exit command(const char *name, const char *digest, enum ed_format format)
{
	const char *paths[] = { in_folder(name) };
	struct ed_options options = { .command = ED_COMMAND_VERIFY,
				      .format = format,
				      .output = folder_str("out"),
				      .digest = ed_str_from(digest),
				      .paths = paths,
				      .path_count = 1 };
	enum ed_exit code;

	unlink(in_folder("out"));
	memset(&err, 0, sizeof(err));
	code = ed_command_verify(&options, &err);
	ed_buf_release(&lines);
	if (code == ED_EXIT_DONE || code == ED_EXIT_MISMATCH)
		file_get("out", &lines);
	else
		ck_assert_uint_gt(strlen(err.text), 0);
	return code;
}

START_TEST(the_command_says_it_and_exits_so)
{
	struct stat st;

	ck_assert_int_eq(command("a.zip", NULL, ED_FORMAT_TEXT), ED_EXIT_DONE);
	ck_assert(ed_str_starts(ed_buf_str(&lines), ED_STR("consistent, origin unproven")));
	ck_assert(ed_str_find(ed_buf_str(&lines), ed_str_from(hex), 0) != SIZE_MAX);
	ck_assert_int_eq(command("a.zip", hex, ED_FORMAT_TEXT), ED_EXIT_DONE);
	ck_assert(ed_str_starts(ed_buf_str(&lines), ED_STR("genuine")));
	ck_assert_int_eq(command("a.zip", hex, ED_FORMAT_JSON), ED_EXIT_DONE);
	ck_assert(ed_str_find(ed_buf_str(&lines), ED_STR("\"result\": \"genuine\""), 0) !=
		  SIZE_MAX);
	ck_assert_int_eq(command("a.zip", "00000000", ED_FORMAT_TEXT), ED_EXIT_MISMATCH);
	ck_assert(ed_str_starts(ed_buf_str(&lines), ED_STR("mismatch")));
	ck_assert_int_eq(command("a.zip", "00000000", ED_FORMAT_JSON), ED_EXIT_MISMATCH);
	ck_assert(ed_str_find(ed_buf_str(&lines), ED_STR("\"origin\": null"), 0) != SIZE_MAX);
	ck_assert_int_eq(command("none.zip", NULL, ED_FORMAT_TEXT), ED_EXIT_NOTHING_READ);
	ck_assert_int_ne(stat(in_folder("out"), &st), 0);
	ck_assert_int_eq(mkfifo(in_folder("fifo"), 0600), 0);
	ck_assert_int_eq(command("fifo", NULL, ED_FORMAT_TEXT), ED_EXIT_NOTHING_READ);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("verify");
	TCase *tc = tcase_create("verify");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 280);
	tcase_add_test(tc, untouched_is_consistent_and_with_the_digest_genuine);
	tcase_add_test(tc, another_digest_is_a_mismatch);
	tcase_add_test(tc, a_digest_must_be_one);
	tcase_add_loop_test(tc, each_tampering_is_told, 0, ED_COUNT(tampered));
	tcase_add_test(tc, a_new_manifest_needs_the_digest);
	tcase_add_test(tc, every_byte_changed);
	tcase_add_test(tc, every_cut_is_told);
	tcase_add_test(tc, a_directory_that_names_otherwise_is_told);
	tcase_add_test(tc, a_folder_is_held_to_its_manifest);
	tcase_add_test(tc, a_signature_is_no_difference);
	tcase_add_test(tc, no_bundle_is_no_mismatch);
	tcase_add_test(tc, differences_have_a_limit);
	tcase_add_test(tc, the_command_says_it_and_exits_so);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

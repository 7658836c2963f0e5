/* SPDX-License-Identifier: MIT */
/* Making a bundle, writing it, looking at it: names, order, the same bytes, no memory anywhere. */
#include <check.h>
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle_make.h"
#include "espdiag/base/alloc.h"
#include "espdiag/base/crc.h"
#include "espdiag/base/limits.h"
#include "espdiag/pack/write.h"
#include "espdiag/platform/file.h"
#include "espdiag/base/time.h"
#include "espdiag/json/json.h"

static struct ed_bundle *bundle;
static struct ed_error err;
static char hex[ED_SHA256_HEX];

static void setup(void)
{
	folder_make();
	memset(&err, 0, sizeof(err));
	ck_assert_int_eq(ed_bundle_new(&bundle, &err), ED_OK);
}

static void teardown(void)
{
	ed_bundle_free(bundle);
	bundle = NULL;
	folder_remove();
}

static ed_status put(const char *name, const char *text)
{
	return bundle_put(bundle, ED_FORM_TEXT, name, "a source", ed_str_from(text), &err);
}

static void assert_member(size_t i, const char *name, const char *text)
{
	struct ed_bundle_member m;
	unsigned char digest[ED_SHA256_BYTES];
	struct ed_buf bytes;

	ed_buf_init(&bytes, ED_MIB);
	ed_bundle_member(bundle, i, &m);
	ck_assert_msg(ed_str_eq(m.name, ed_str_from(name)), "%.*s", ED_FMT(m.name));
	ck_assert_int_eq(ed_bundle_bytes(bundle, i, &bytes, &err), ED_OK);
	ck_assert_uint_eq(m.size, strlen(text));
	ck_assert(ed_str_eq(ed_buf_str(&bytes), ed_str_from(text)) || !strlen(text));
	ck_assert_int_eq(ed_sha256(ed_str_from(text), digest, &err), ED_OK);
	ck_assert_mem_eq(m.sha256, digest, sizeof(digest));
	ed_buf_release(&bytes);
}

START_TEST(members_stand_by_name_and_replace)
{
	ed_bundle_free(NULL);
	ck_assert_int_eq(put("b", "1"), ED_OK);
	ck_assert_int_eq(put("manifest.json", "{}"), ED_OK);
	ck_assert_int_eq(put("verdict.json", "v"), ED_OK);
	ck_assert_int_eq(put("a/z", ""), ED_OK);
	ck_assert_int_eq(put("b", "three times as long"), ED_OK);
	ck_assert_uint_eq(ed_bundle_count(bundle), 4);
	assert_member(0, "a/z", "");
	assert_member(1, "b", "three times as long");
	assert_member(2, "verdict.json", "v");
	assert_member(3, "manifest.json", "{}");
}
END_TEST

START_TEST(long_members_come_back)
{
	struct ed_buf text, back;

	ed_buf_init(&text, 4 * ED_MIB);
	ed_buf_init(&back, 4 * ED_MIB);
	for (uint32_t i = 0; text.len < 3 * ED_MIB; i++)
		ed_buf_printf(&text, "%u ", (unsigned)(i * 2654435761u));
	ck_assert_int_eq(ed_bundle_add(bundle, ED_FORM_TEXT, ED_STR("long"), ED_STR("s"),
				       ed_buf_str(&text), 0, &err),
			 ED_OK);
	ck_assert_int_eq(ed_bundle_bytes(bundle, 0, &back, &err), ED_OK);
	ck_assert(ed_str_eq(ed_buf_str(&text), ed_buf_str(&back)));
	ed_buf_release(&back);
	ed_buf_init(&back, 1000);
	ck_assert_int_eq(ed_bundle_bytes(bundle, 0, &back, &err), ED_LIMIT);
	ed_buf_release(&back);
	ed_buf_release(&text);
}
END_TEST

/* What a name becomes; NULL: refused. */
static const struct {
	const char *name, *becomes;
} names[] = {
	{ "events/Microsoft-Windows-AAD%4Operational.xml",
	  "events/Microsoft-Windows-AAD%4Operational.xml" },
	{ "logs/a b (1).log", "logs/a b (1).log" },
	{ "logs/\xC3\xA4.log", "logs/%C3%A4.log" },
	{ "logs/a:b?*<>|\"c\\d", "logs/a%3Ab%3F%2A%3C%3E%7C%22c%5Cd" },
	{ "logs/\r\n\x1b[0m", "logs/%0D%0A%1B[0m" },
	{ "logs/CON", "logs/%43ON" },
	{ "nul.txt", "%6Eul.txt" },
	{ "lpt1/x", "%6Cpt1/x" },
	{ "console", "console" },
	{ "a./b", "a%2E/b" },
	{ "a /b", "a%20/b" },
	{ " a", "%20a" },
	{ " ", "%20" },
	{ ".config", ".config" },
	{ "..a", "..a" },
	{ "...", "..%2E" },
	{ "", NULL },
	{ "/a", NULL },
	{ "a/", NULL },
	{ "a//b", NULL },
	{ ".", NULL },
	{ "a/..", NULL },
	{ "../a", NULL },
	{ "./a", NULL },
};

START_TEST(names_suit_every_extractor)
{
	struct ed_bundle_member m;
	ed_status status = put(names[_i].name, "x");

	if (!names[_i].becomes) {
		ck_assert_msg(status == ED_ARG, "'%s'", names[_i].name);
		ck_assert_uint_eq(ed_bundle_count(bundle), 0);
		return;
	}
	ck_assert_msg(status == ED_OK, "%s", err.text);
	ed_bundle_member(bundle, 0, &m);
	ck_assert_msg(ed_str_eq(m.name, ed_str_from(names[_i].becomes)), "%.*s", ED_FMT(m.name));
	ck_assert(ed_pack_name_safe(m.name));
}
END_TEST

START_TEST(a_name_has_a_limit)
{
	char name[2 * ED_PACK_NAME_MAX];

	memset(name, 'x', sizeof(name));
	name[ED_PACK_NAME_MAX] = '\0';
	ck_assert_int_eq(put(name, ""), ED_OK);
	name[ED_PACK_NAME_MAX] = 'x';
	name[ED_PACK_NAME_MAX + 1] = '\0';
	ck_assert_int_eq(put(name, ""), ED_ARG);
	memset(name, '\x80', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	ck_assert_int_eq(put(name, ""), ED_ARG);
}
END_TEST

START_TEST(members_have_a_limit)
{
	char name[32];

	for (size_t i = 0; i < ED_LIMIT_BUNDLE_MEMBERS; i++) {
		snprintf(name, sizeof(name), "m%zu", i);
		ck_assert_int_eq(put(name, "x"), ED_OK);
	}
	ck_assert_int_eq(put("one more", "x"), ED_LIMIT);
	ck_assert_int_eq(put("m7", "y"), ED_OK);
	ck_assert_uint_eq(ed_bundle_count(bundle), ED_LIMIT_BUNDLE_MEMBERS);
}
END_TEST

START_TEST(the_manifest_tells_all_others)
{
	struct ed_json *root = NULL;
	const struct ed_json *members, *m;
	struct ed_buf text;

	ed_bundle_free(bundle);
	ck_assert_int_eq(bundle_make(&bundle, hex, &err), ED_OK);
	ed_buf_init(&text, ED_MIB);
	ck_assert_int_eq(ed_bundle_manifest(bundle, (struct ed_str){ NULL, 0 }, &text, &err),
			 ED_OK);
	ck_assert_int_eq(ed_json_parse(ed_buf_str(&text), &root, &err), ED_OK);
	ck_assert_int_eq(ed_json_type(ed_json_get(root, "device_tag")), ED_JSON_NULL);
	members = ed_json_get(root, "members");
	ck_assert_uint_eq(ed_json_count(members), 4);
	m = ed_json_at(members, 0, NULL);
	ck_assert(ed_str_eq(ed_json_string(ed_json_get(m, "member")), ED_STR("events/System.xml")));
	ck_assert(ed_str_eq(ed_json_string(ed_json_get(m, "source")), ED_STR("System")));
	ck_assert(ed_str_eq(ed_json_string(ed_json_get(m, "form")), ED_STR("events")));
	ck_assert_int_eq(ed_json_integer(ed_json_get(m, "redactions"), -1), 3);
	ck_assert_int_eq(ed_json_integer(ed_json_get(m, "bytes"), -1), 42);
	ck_assert_uint_eq(ed_json_string(ed_json_get(m, "sha256")).len, 64);
	ed_json_free(root);
	ed_buf_release(&text);
	ed_buf_init(&text, 30);
	ck_assert_int_eq(ed_bundle_manifest(bundle, ED_STR(BUNDLE_TAG), &text, &err), ED_LIMIT);
	ed_buf_release(&text);
}
END_TEST

START_TEST(the_same_members_give_the_same_bytes)
{
	struct ed_buf first, second;

	bundle_file("a.zip", hex);
	setenv("TZ", "Pacific/Kiritimati", 1);
	tzset();
	bundle_file("b.zip", hex);
	file_get("a.zip", &first);
	file_get("b.zip", &second);
	ck_assert(ed_str_eq(ed_buf_str(&first), ed_buf_str(&second)));
	ck_assert_uint_gt(first.len, 500);
	ed_buf_release(&first);
	ed_buf_release(&second);
}
END_TEST

START_TEST(written_over_what_was_there)
{
	enum ed_verify_result result;
	struct ed_buf lines;

	file_put("a.zip", ED_STR("something else"));
	bundle_file("a.zip", hex);
	ed_buf_init(&lines, ED_MIB);
	ck_assert_int_eq(
		ed_bundle_verify(folder_str("a.zip"), ed_str_from(hex), &result, &lines, hex, &err),
		ED_OK);
	ck_assert_int_eq(result, ED_VERIFY_GENUINE);
	ed_buf_release(&lines);
}
END_TEST

START_TEST(a_new_bundle_replaces_nothing)
{
	struct stat first, second;
	bool taken = true;

	ed_bundle_free(bundle);
	ck_assert_int_eq(bundle_make(&bundle, hex, &err), ED_OK);
	ck_assert_int_eq(ed_bundle_write_new(bundle, folder_str("n.zip"), &taken, &err), ED_OK);
	ck_assert(!taken);
	ck_assert_int_eq(stat(in_folder("n.zip"), &first), 0);
	ck_assert_int_eq(ed_bundle_write_new(bundle, folder_str("n.zip"), &taken, &err), ED_OK);
	ck_assert(taken);
	ck_assert_int_eq(stat(in_folder("n.zip"), &second), 0);
	ck_assert_uint_eq(first.st_ino, second.st_ino);
}
END_TEST

START_TEST(what_cannot_be_written_leaves_nothing)
{
	struct stat st;

	ck_assert_int_eq(put("a", "x"), ED_OK);
	ck_assert_int_eq(ed_bundle_write(bundle, folder_str("a.zip"), &err), ED_ARG);
	ck_assert_int_ne(stat(in_folder("a.zip"), &st), 0);
	ed_bundle_free(bundle);
	ck_assert_int_eq(bundle_make(&bundle, hex, &err), ED_OK);
	ck_assert_int_ne(ed_bundle_write(bundle, folder_str("no/a.zip"), &err), ED_OK);
	memset(&err, 0, sizeof(err));
	ck_assert_int_eq(ed_bundle_write(bundle, ED_STR("/dev/full"), &err), ED_IO);
	ck_assert_uint_gt(strlen(err.text), 0);
}
END_TEST

static void assert_info(const struct ed_bundle_info *info)
{
	int64_t at;

	ck_assert(ed_time_parse(ED_STR("2026-09-14T08:42:07.125Z"), &at));
	ck_assert(info->is_bundle && info->has_events && !info->has_raw && !info->has_raw_logs);
	ck_assert(info->evaluated_at == at);
	ck_assert(ed_str_eq(info->version, ED_STR("0.0.9")));
	ck_assert(ed_str_eq(info->device_tag, ED_STR(BUNDLE_TAG)));
	ck_assert(ed_str_eq(info->primary, ED_STR("bitlocker-restart-pending")));
	ck_assert(ed_str_eq(info->certainty, ED_STR("confirmed")));
}

START_TEST(a_bundle_says_what_it_is)
{
	struct ed_bundle_info info;
	struct ed_arena arena;

	ed_arena_init(&arena, ED_MIB);
	ed_bundle_free(bundle);
	ck_assert_int_eq(bundle_make(&bundle, hex, &err), ED_OK);
	ck_assert_int_eq(ed_bundle_write(bundle, folder_str("renamed"), &err), ED_OK);
	ck_assert_int_eq(ed_bundle_inspect(folder_str("renamed"), &arena, &info, &err), ED_OK);
	assert_info(&info);
	bundle_unpack(bundle, "unpacked");
	ck_assert_int_eq(ed_bundle_inspect(folder_str("unpacked"), &arena, &info, &err), ED_OK);
	assert_info(&info);
	ck_assert_int_eq(ed_bundle_inspect(folder_str("unpacked/"), &arena, &info, &err), ED_OK);
	assert_info(&info);
	tree_put("unpacked/raw/System.evtx", ED_STR("ElfFile"));
	ck_assert_int_eq(ed_bundle_inspect(folder_str("unpacked"), &arena, &info, &err), ED_OK);
	ck_assert(info.has_raw && info.has_raw_logs);
	ck_assert_int_eq(put("raw/x.bin", "x"), ED_OK);
	ck_assert_int_eq(ed_bundle_write(bundle, folder_str("raw.zip"), &err), ED_OK);
	ck_assert_int_eq(ed_bundle_inspect(folder_str("raw.zip"), &arena, &info, &err), ED_OK);
	ck_assert(info.has_raw && !info.has_raw_logs);
	ed_arena_release(&arena);
}
END_TEST

START_TEST(most_things_are_no_bundle)
{
	static const char *const paths[] = { "none", "text", "fifo", "empty", "other.zip", "json" };
	struct ed_bundle_info info;
	struct ed_arena arena;

	ed_arena_init(&arena, ED_MIB);
	file_put("text", ED_STR("manifest.json"));
	ck_assert_int_eq(mkfifo(in_folder("fifo"), 0600), 0);
	ck_assert_int_eq(mkdir(in_folder("empty"), 0700), 0);
	tree_put("json/manifest.json", ED_STR("{\"schema\": \"other\"}"));
	tree_put("json/state/run.json", ED_STR("{"));
	ck_assert_int_eq(put("manifest.json", "[]"), ED_OK);
	ck_assert_int_eq(ed_bundle_write(bundle, folder_str("other.zip"), &err), ED_OK);
	for (size_t i = 0; i < ED_COUNT(paths); i++) {
		info.is_bundle = true;
		ck_assert_int_eq(ed_bundle_inspect(folder_str(paths[i]), &arena, &info, &err),
				 ED_OK);
		ck_assert_msg(!info.is_bundle && !info.version.p && !info.primary.p, "%s",
			      paths[i]);
		ck_assert(info.evaluated_at == ED_TIME_NONE);
	}
	ed_arena_release(&arena);
}
END_TEST

START_TEST(words_from_outside_are_words)
{
	struct ed_bundle_info info;
	struct ed_arena arena;

	ed_arena_init(&arena, ED_MIB);
	tree_put("b/state/run.json",
		 ED_STR("{\"schema\":\"espdiag.run/1\",\"evaluated_at\":\"yesterday\"}"));
	tree_put("b/verdict.json",
		 ED_STR("{\"schema\":\"espdiag.verdict/1\",\"tool\":{\"version\":\"1\\u001b[31m\"},"
			"\"primary\":null,\"certainty\":\"<script>\"}"));
	ck_assert_int_eq(ed_bundle_inspect(folder_str("b"), &arena, &info, &err), ED_OK);
	ck_assert(info.is_bundle && !info.has_events);
	ck_assert(!info.version.p && !info.primary.p && !info.certainty.p && !info.device_tag.p);
	ck_assert(info.evaluated_at == ED_TIME_NONE);
	ed_arena_release(&arena);
}
END_TEST

START_TEST(a_device_has_a_tag)
{
	char tag[ED_DEVICE_TAG_CHARS + 1];
	unsigned char uuid[16];

	for (unsigned char i = 0; i < sizeof(uuid); i++)
		uuid[i] = i;
	ck_assert_int_eq(ed_device_tag(uuid, tag, &err), ED_OK);
	ck_assert_str_eq(tag, "727a29423de2b413");
}
END_TEST

START_TEST(the_ticket_line_can_be_read_aloud)
{
	static const struct {
		const char *tag, *finding, *certainty, *digest, *line;
	} cases[] = {
		{ BUNDLE_TAG, "bitlocker-restart-pending", "confirmed", "8c1d22f0aaaa",
		  "espdiag 3f9a-1c22-8e01-77b4 bitlocker-restart-pending confirmed 8c1d-22f0" },
		{ BUNDLE_TAG, "enrollment-conditional-access", "confirmed", "8c1d22f0",
		  "espdiag 3f9a-1c22-8e01-77b4 enrollment-conditional-access confirmed 8c1d-22f0" },
		{ NULL, NULL, NULL, NULL, "espdiag no-tag no-finding unknown no-digest" },
		{ "", "\x1b[31m\xC3\xA4", "\n", "xyz", "espdiag no-tag 31m unknown no-digest" },
		{ "0000000000000000000000000000000000000000000000000000000000000000",
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		  "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "0123456789abcdef",
		  "espdiag 0000-0000-0000-0000 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa "
		  "bbbbbbbbbbbb 0123-4567" },
	};

	for (size_t i = 0; i < ED_COUNT(cases); i++) {
		char line[ED_TICKET_BYTES];

		ed_ticket_line(ed_str_from(cases[i].tag), ed_str_from(cases[i].finding),
			       ed_str_from(cases[i].certainty), ed_str_from(cases[i].digest), line);
		ck_assert_str_eq(line, cases[i].line);
		ck_assert_uint_le(strlen(line), 100);
	}
}
END_TEST

static ed_status write_nowhere(void *context, struct ed_str bytes, struct ed_error *error)
{
	struct ed_buf *out = context;

	ed_buf_adds(out, bytes);
	return out->status == ED_OK ? ED_OK : ed_fail(error, ED_IO, "the medium is full");
}

static ed_status zip_add(struct ed_pack_writer *w, const char *name, const char *text)
{
	struct ed_packed packed;
	ed_status status;

	ck_assert_int_eq(ed_packed_make(ed_str_from(text), &packed, &err), ED_OK);
	status = ed_pack_write_member(w, ed_str_from(name), &packed, &err);
	ed_packed_release(&packed);
	return status;
}

START_TEST(packed_bytes_come_back)
{
	const struct ed_str texts[] = { ED_STR(""), ED_STR("\0\xff\0"), ED_STR("some text") };

	for (size_t i = 0; i < ED_COUNT(texts); i++) {
		struct ed_packed packed;
		struct ed_buf back;

		ed_buf_init(&back, texts[i].len);
		ck_assert_int_eq(ed_packed_make(texts[i], &packed, &err), ED_OK);
		ck_assert_uint_eq(packed.size, texts[i].len);
		ck_assert_uint_eq(packed.crc, ed_crc32(0, texts[i].p, texts[i].len));
		ck_assert_int_eq(ed_packed_read(&packed, write_nowhere, &back, &err), ED_OK);
		ck_assert(ed_str_eq(ed_buf_str(&back), texts[i]));
		ed_buf_release(&back);
		ed_buf_init(&back, 0);
		ck_assert_int_eq(ed_packed_read(&packed, write_nowhere, &back, &err),
				 texts[i].len ? ED_IO : ED_OK);
		ed_packed_release(&packed);
	}
}
END_TEST

START_TEST(the_writer_holds_its_caller_to_its_word)
{
	struct ed_pack_writer *w;
	struct ed_buf out;

	ed_buf_init(&out, ED_MIB);
	ck_assert_int_eq(ed_pack_write_begin(&w, write_nowhere, &out, &err), ED_OK);
	ck_assert_int_eq(zip_add(w, "../x", "x"), ED_ARG);
	ck_assert_int_eq(zip_add(w, "x", "x"), ED_OK);
	ck_assert_int_eq(ed_pack_write_end(w, false, &err), ED_OK);
	ck_assert_int_eq(ed_pack_write_end(NULL, true, &err), ED_OK);
	/* nothing of a zip that was given up: no directory at its end */
	ck_assert(ed_str_find(ed_buf_str(&out), ED_STR("PK\5\6"), 0) == SIZE_MAX);
	ed_buf_release(&out);
	/* nor of one that failed, whatever its caller says */
	ed_buf_init(&out, 10);
	ck_assert_int_eq(ed_pack_write_begin(&w, write_nowhere, &out, &err), ED_OK);
	for (unsigned i = 0; i < 2000; i++) {
		char name[] = { 'x', (char)('a' + i / 256), (char)('a' + i / 16 % 16),
				(char)('a' + i % 16), '\0' };
		ed_status status = zip_add(w, name, "some text");

		ck_assert(status == ED_OK || status == (out.status == ED_OK ? ED_OK : ED_ARG) ||
			  status == ED_IO);
	}
	ck_assert_int_eq(ed_pack_write_end(w, true, &err), ED_ARG);
	ck_assert_uint_eq(out.len, 0);
	ed_buf_release(&out);
}
END_TEST

/* Wherever the medium fills up, that is what the caller is told. */
START_TEST(a_full_medium_is_told)
{
	size_t whole = SIZE_MAX;

	for (size_t limit = 0; limit < whole; limit += 7) {
		struct ed_pack_writer *w;
		struct ed_buf out;
		ed_status status;

		ed_buf_init(&out, limit);
		memset(&err, 0, sizeof(err));
		ck_assert_int_eq(ed_pack_write_begin(&w, write_nowhere, &out, &err), ED_OK);
		ck_assert_int_eq(zip_add(w, "a", "some text"), ED_OK);
		status = ed_pack_write_end(w, true, &err);
		if (status == ED_OK)
			whole = limit;
		else
			ck_assert(status == ED_IO && !strcmp(err.text, "the medium is full"));
		ed_buf_release(&out);
		ck_assert_uint_lt(limit, 5000);
	}
}
END_TEST

static size_t folder_entries(void)
{
	DIR *dir = opendir(bundle_folder);
	size_t n = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2;
}

/* Makes, writes, looks at and checks one bundle; stops at the first failure. */
static ed_status whole_life(void)
{
	enum ed_verify_result result;
	struct ed_bundle *made = NULL;
	struct ed_bundle_info info;
	struct ed_arena arena;
	struct ed_buf lines;
	ed_status status;

	ed_arena_init(&arena, ED_MIB);
	ed_buf_init(&lines, ED_MIB);
	status = bundle_make(&made, hex, &err);
	if (status == ED_OK)
		status = ed_bundle_write(made, folder_str("a.zip"), &err);
	if (status == ED_OK)
		status = ed_bundle_inspect(folder_str("a.zip"), &arena, &info, &err);
	if (status == ED_OK)
		status = ed_bundle_inspect(folder_str("u"), &arena, &info, &err);
	if (status == ED_OK)
		status = ed_bundle_verify(folder_str("a.zip"), ed_str_from(hex), &result, &lines,
					  hex, &err);
	if (status == ED_OK)
		status = ed_bundle_verify(folder_str("u"), ed_str_from(hex), &result, &lines, hex,
					  &err);
	if (status == ED_OK)
		ck_assert(info.is_bundle && result == ED_VERIFY_GENUINE);
	ed_bundle_free(made);
	ed_buf_release(&lines);
	ed_arena_release(&arena);
	return status;
}

START_TEST(every_allocation_may_fail)
{
	ed_status status = ED_NOMEM;
	long n = 0;

	ed_bundle_free(bundle);
	ck_assert_int_eq(bundle_make(&bundle, hex, &err), ED_OK);
	bundle_unpack(bundle, "u");
	for (; status != ED_OK; n++) {
		memset(&err, 0, sizeof(err));
		unlink(in_folder("a.zip"));
		ed_alloc_fail_after(n);
		status = whole_life();
		ed_alloc_fail_after(-1);
		ck_assert_msg(status == ED_OK || status == ED_NOMEM, "allocation %ld: %s", n,
			      err.text);
		ck_assert(status == ED_OK || err.text[0]);
		/* "u", and the bundle when that was written */
		ck_assert_uint_le(folder_entries(), 2);
		ck_assert_int_lt(n, 5000);
	}
	ck_assert_int_gt(n, 40);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("bundle");
	TCase *tc = tcase_create("bundle");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, members_stand_by_name_and_replace);
	tcase_add_test(tc, long_members_come_back);
	tcase_add_test(tc, a_new_bundle_replaces_nothing);
	tcase_add_loop_test(tc, names_suit_every_extractor, 0, ED_COUNT(names));
	tcase_add_test(tc, a_name_has_a_limit);
	tcase_add_test(tc, members_have_a_limit);
	tcase_add_test(tc, the_manifest_tells_all_others);
	tcase_add_test(tc, the_same_members_give_the_same_bytes);
	tcase_add_test(tc, written_over_what_was_there);
	tcase_add_test(tc, what_cannot_be_written_leaves_nothing);
	tcase_add_test(tc, a_bundle_says_what_it_is);
	tcase_add_test(tc, most_things_are_no_bundle);
	tcase_add_test(tc, words_from_outside_are_words);
	tcase_add_test(tc, a_device_has_a_tag);
	tcase_add_test(tc, the_ticket_line_can_be_read_aloud);
	tcase_add_test(tc, packed_bytes_come_back);
	tcase_add_test(tc, the_writer_holds_its_caller_to_its_word);
	tcase_add_test(tc, a_full_medium_is_told);
	tcase_add_test(tc, every_allocation_may_fail);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * A bundle that somebody sent. Bytes that begin with "PK" are its zip; anything else is members as
 * text (fuzz_members.h), behind a first line "digest ..." if there is one. Those are laid out as a
 * zip and as the folder it was unpacked to, of which the same must be said. Behind a first line
 * "own" they become a bundle of ours, which must be what its manifest says.
 */
#include "fuzz_folder.h"

#include "espdiag/bundle/bundle.h"

#define DIGEST "digest "
#define OWN "own\n"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is said of a bundle. */
struct said {
	struct ed_arena arena;
	struct ed_bundle_info info;
	ed_status status;
	enum ed_verify_result result;
	struct ed_buf lines;
	char manifest[ED_SHA256_HEX];
};

static void require_word(struct ed_str s, bool name)
{
	for (size_t i = 0; i < s.len; i++)
		fuzz_require(s.p[i] > ' ' || (name && s.p[i] == ' '), "a word has no blanks");
	for (size_t i = 0; i < s.len; i++)
		fuzz_require(s.p[i] <= '~', "a word is ASCII");
	fuzz_require(s.len <= 64, "a word is short");
}

static void ask(struct said *said, const char *path, struct ed_str digest)
{
	struct ed_error err = { .status = ED_OK };
	char ticket[ED_TICKET_BYTES], tag[ED_DEVICE_TAG_CHARS + 1];

	ed_arena_init(&said->arena, 64 * ED_MIB);
	ed_buf_init(&said->lines, 64 * ED_MIB);
	said->manifest[0] = '\0';
	fuzz_require(ed_bundle_inspect(ed_str_from(path), &said->arena, &said->info, &err) == ED_OK,
		     "whatever is there can be looked at");
	require_word(said->info.version, false);
	require_word(said->info.device_tag, false);
	require_word(said->info.primary, false);
	require_word(said->info.certainty, false);
	require_word(said->info.manufacturer, true);
	require_word(said->info.model, true);
	said->status = ed_bundle_verify(ed_str_from(path), digest, &said->result, &said->lines,
					said->manifest, &err);
	fuzz_require(said->status == ED_OK || err.text[0], "a reason why not");
	for (size_t i = 0; i < said->lines.len; i++)
		fuzz_require(said->lines.p[i] == '\n' ||
				     (said->lines.p[i] >= ' ' && said->lines.p[i] <= '~'),
			     "what is said is ASCII");
	if (said->status == ED_OK && said->result == ED_VERIFY_MISMATCH)
		fuzz_require(said->lines.len > 0, "a mismatch is said");
	if (said->status == ED_OK && said->result == ED_VERIFY_GENUINE)
		fuzz_require(digest.p != NULL, "nothing is genuine without a digest");
	fuzz_require(ed_device_tag((const unsigned char *)"0123456789abcdef", tag, NULL) == ED_OK &&
			     strlen(tag) == ED_DEVICE_TAG_CHARS,
		     "a device has a tag");
	ed_ticket_line(said->info.device_tag.p ? said->info.device_tag : ed_str_from(tag),
		       said->info.primary, said->info.certainty, ed_str_from(said->manifest),
		       ticket);
	fuzz_require(strlen(ticket) < ED_TICKET_BYTES, "a ticket line fits");
}

static void forget(struct said *said)
{
	ed_buf_release(&said->lines);
	ed_arena_release(&said->arena);
}

static void require_same(const struct said *a, const struct said *b)
{
	const struct ed_bundle_info *i = &a->info, *j = &b->info;

	fuzz_require(i->is_bundle == j->is_bundle, "both are bundles or none is");
	fuzz_require(ed_str_eq(i->version, j->version) && ed_str_eq(i->device_tag, j->device_tag) &&
			     ed_str_eq(i->primary, j->primary) &&
			     ed_str_eq(i->certainty, j->certainty) &&
			     ed_str_eq(i->manufacturer, j->manufacturer) &&
			     ed_str_eq(i->model, j->model) && i->evaluated_at == j->evaluated_at &&
			     i->build == j->build && i->revision == j->revision,
		     "zip and folder say the same of themselves");
	fuzz_require(!i->is_bundle || (i->has_events == j->has_events && i->has_raw == j->has_raw &&
				       i->has_raw_logs == j->has_raw_logs),
		     "zip and folder hold the same");
	fuzz_require(a->status == b->status, "both can be checked or none");
	if (a->status == ED_OK)
		fuzz_require(a->result == b->result &&
				     ed_str_eq(ed_buf_str(&a->lines), ed_buf_str(&b->lines)) &&
				     strcmp(a->manifest, b->manifest) == 0,
			     "the same differences");
}

static void compare_forms(const struct fuzz_members *members, struct ed_str digest)
{
	struct said zipped, unpacked;
	struct ed_buf zip;
	char path[FUZZ_PATH_MOST];

	ed_buf_init(&zip, 16 * ED_MIB);
	fuzz_members_zip(members, &zip);
	fuzz_path(path, "a.zip", ED_STR(""));
	fuzz_file_write(path, ed_buf_str(&zip));
	ed_buf_release(&zip);
	ask(&zipped, path, digest);
	fuzz_path(path, "unpacked", ED_STR(""));
	if (fuzz_folder_write(members)) {
		ask(&unpacked, path, digest);
		require_same(&zipped, &unpacked);
		forget(&unpacked);
	}
	fuzz_tree_remove(path);
	forget(&zipped);
}

/* Appends the manifest of @bundle to it; its digest becomes @hex. */
static void seal(struct ed_bundle *bundle, char hex[ED_SHA256_HEX])
{
	unsigned char digest[ED_SHA256_BYTES];
	struct ed_buf text;

	ed_buf_init(&text, ED_MIB);
	fuzz_require(ed_bundle_manifest(bundle, ED_STR("3f9a1c228e0177b4"), &text, NULL) == ED_OK &&
			     ed_sha256(ed_buf_str(&text), digest, NULL) == ED_OK &&
			     ed_bundle_add(bundle, ED_FORM_JSON, ED_STR("manifest.json"),
					   ED_STR("run"), ed_buf_str(&text), 0, NULL) == ED_OK,
		     "a manifest is made");
	ed_sha256_hex(digest, hex);
	ed_buf_release(&text);
}

static void make_own(const struct fuzz_members *members)
{
	char hex[ED_SHA256_HEX], path[FUZZ_PATH_MOST];
	struct ed_bundle_member member;
	struct ed_bundle *bundle;
	struct said said;
	struct ed_buf bytes;
	bool taken = false;

	fuzz_path(path, "own.zip", ED_STR(""));
	ed_buf_init(&bytes, 16 * ED_MIB);
	fuzz_require(ed_bundle_new(&bundle, NULL) == ED_OK, "memory");
	for (size_t i = 0; i < members->count; i++) {
		ed_status status =
			ed_bundle_add(bundle, (enum ed_form)(i % 4), members->items[i].name,
				      members->items[i].name, members->items[i].bytes, i, NULL);

		fuzz_require(status == ED_OK || (status == ED_ARG &&
						 !ed_pack_name_safe(members->items[i].name)),
			     "a member is taken");
	}
	seal(bundle, hex);
	for (size_t i = 0; i < ed_bundle_count(bundle); i++) {
		ed_bundle_member(bundle, i, &member);
		ed_buf_clear(&bytes);
		fuzz_require(ed_bundle_bytes(bundle, i, &bytes, NULL) == ED_OK &&
				     bytes.len == member.size,
			     "a member comes back");
	}
	fuzz_require(ed_bundle_write(bundle, ed_str_from(path), NULL) == ED_OK, "it is written");
	fuzz_require(ed_bundle_write_new(bundle, ed_str_from(path), &taken, NULL) == ED_OK && taken,
		     "in the place of another file it is not");
	ask(&said, path, ed_str_from(hex));
	fuzz_require(said.info.is_bundle && said.status == ED_OK &&
			     said.result == ED_VERIFY_GENUINE && !said.lines.len &&
			     strcmp(said.manifest, hex) == 0,
		     "our own is genuine");
	forget(&said);
	ed_bundle_free(bundle);
	ed_buf_release(&bytes);
}

static void read_zip(struct ed_str bytes)
{
	static const struct ed_str digests[] = { { NULL, 0 }, { "8c1d-22f0", 9 } };
	char path[FUZZ_PATH_MOST];

	fuzz_path(path, "a.zip", ED_STR(""));
	fuzz_file_write(path, bytes);
	for (size_t i = 0; i < ED_COUNT(digests); i++) {
		struct said said;

		ask(&said, path, digests[i]);
		forget(&said);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ed_str text = { (const char *)data, size };
	struct ed_str digest = { NULL, 0 };
	struct fuzz_members members;
	bool own;

	fuzz_folder_begin();
	if (!size)
		return 0;
	if (ed_str_starts(text, ED_STR("PK"))) {
		read_zip(text);
		return 0;
	}
	if (ed_str_starts(text, ED_STR(DIGEST))) {
		(void)ed_str_line(&text, &digest);
		digest = ed_str_slice(digest, strlen(DIGEST), digest.len);
	}
	own = ed_str_starts(text, ED_STR(OWN));
	if (own)
		(void)ed_str_line(&text, &digest);
	fuzz_members_split(text, !own, &members);
	if (own)
		make_own(&members);
	else
		compare_forms(&members, digest);
	return 0;
}

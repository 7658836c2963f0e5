/* SPDX-License-Identifier: MIT */
/* A small bundle as a run makes one, and a folder for it. */
#include "bundle_make.h"

#include <check.h>
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "espdiag/base/limits.h"

char bundle_folder[64];
static char bundle_path_room[4][700];
static unsigned bundle_path_next;

const char *in_folder(const char *name)
{
	char *room = bundle_path_room[bundle_path_next++ % 4];

	snprintf(room, sizeof(bundle_path_room[0]), "%s/%s", bundle_folder, name);
	return room;
}

struct ed_str folder_str(const char *name)
{
	return ed_str_from(in_folder(name));
}

void folder_make(void)
{
	const char *base = getenv("TMPDIR");

	snprintf(bundle_folder, sizeof(bundle_folder), "%s/espdiag-XXXXXX",
		 base && strlen(base) < 40 ? base : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(bundle_folder));
}

static void tree_remove(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char inner[1000];
		struct stat st;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(inner, sizeof(inner), "%.600s/%.250s", path, entry->d_name);
		if (lstat(inner, &st) == 0 && S_ISDIR(st.st_mode))
			tree_remove(inner);
		else
			unlink(inner);
	}
	if (dir)
		closedir(dir);
	rmdir(path);
}

void folder_remove(void)
{
	tree_remove(bundle_folder);
}

ed_status bundle_put(struct ed_bundle *bundle, enum ed_form form, const char *name,
		     const char *source, struct ed_str bytes, struct ed_error *err)
{
	return ed_bundle_add(bundle, form, ed_str_from(name), ed_str_from(source), bytes,
			     form == ED_FORM_EVENTS ? 3 : 0, err);
}

ed_status bundle_seal(struct ed_bundle *bundle, char hex[ED_SHA256_HEX], struct ed_error *err)
{
	unsigned char digest[ED_SHA256_BYTES];
	struct ed_buf manifest;
	ed_status status;

	ed_buf_init(&manifest, ED_MIB);
	status = ed_bundle_manifest(bundle, ED_STR(BUNDLE_TAG), &manifest, err);
	if (status == ED_OK)
		status = ed_sha256(ed_buf_str(&manifest), digest, err);
	if (status == ED_OK) {
		ed_sha256_hex(digest, hex);
		status = ed_bundle_add(bundle, ED_FORM_OUTPUT, ED_STR("manifest.json"),
				       ED_STR("espdiag"), ed_buf_str(&manifest), 0, err);
	}
	ed_buf_release(&manifest);
	return status;
}

ed_status bundle_make(struct ed_bundle **out, char hex[ED_SHA256_HEX], struct ed_error *err)
{
	static const char events[] = "<Events><Event><System/></Event></Events>\n";
	ed_status status = ed_bundle_new(out, err);

	if (status == ED_OK)
		status = bundle_put(*out, ED_FORM_RUN, "state/run.json", "espdiag",
				    ED_STR(BUNDLE_RUN), err);
	if (status == ED_OK)
		status = bundle_put(*out, ED_FORM_EVENTS, "events/System.xml", "System",
				    ed_str_from(events), err);
	if (status == ED_OK)
		status = bundle_put(*out, ED_FORM_OUTPUT, "verdict.json", "espdiag",
				    ED_STR(BUNDLE_VERDICT), err);
	if (status == ED_OK)
		status = bundle_put(*out, ED_FORM_TEXT, "logs/empty.log", "empty.log", ED_STR(""),
				    err);
	return status == ED_OK ? bundle_seal(*out, hex, err) : status;
}

void bundle_file(const char *name, char hex[ED_SHA256_HEX])
{
	struct ed_bundle *bundle = NULL;
	struct ed_error err = { 0 };

	ck_assert_msg(bundle_make(&bundle, hex, &err) == ED_OK, "%s", err.text);
	ck_assert_msg(ed_bundle_write(bundle, folder_str(name), &err) == ED_OK, "%s", err.text);
	ed_bundle_free(bundle);
}

void file_put(const char *name, struct ed_str bytes)
{
	FILE *f = fopen(in_folder(name), "wb");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(bytes.p, 1, bytes.len, f), bytes.len);
	ck_assert_int_eq(fclose(f), 0);
}

void file_get(const char *name, struct ed_buf *out)
{
	FILE *f = fopen(in_folder(name), "rb");
	char piece[4096];
	size_t n;

	ck_assert_ptr_nonnull(f);
	ed_buf_init(out, 64 * ED_MIB);
	while ((n = fread(piece, 1, sizeof(piece), f)))
		ed_buf_add(out, piece, n);
	ck_assert_int_eq(fclose(f), 0);
}

void tree_put(const char *name, struct ed_str bytes)
{
	char part[512];

	for (size_t i = 0; name[i]; i++) {
		if (name[i] != '/')
			continue;
		memcpy(part, name, i);
		part[i] = '\0';
		(void)mkdir(in_folder(part), 0700);
	}
	file_put(name, bytes);
}

void bundle_unpack(const struct ed_bundle *bundle, const char *name)
{
	(void)mkdir(in_folder(name), 0700);
	for (size_t i = 0; i < ed_bundle_count(bundle); i++) {
		struct ed_bundle_member member;
		struct ed_buf bytes;
		char path[512];

		ed_buf_init(&bytes, 64 * ED_MIB);
		ed_bundle_member(bundle, i, &member);
		ck_assert_int_eq(ed_bundle_bytes(bundle, i, &bytes, NULL), ED_OK);
		snprintf(path, sizeof(path), "%s/%.*s", name, ED_FMT(member.name));
		tree_put(path, bytes.p ? ed_buf_str(&bytes) : ED_STR(""));
		ed_buf_release(&bytes);
	}
}

/* SPDX-License-Identifier: MIT */
/* A bundle on disk: a zip, or the folder it was unpacked to. Links in it are not followed. */
#include "espdiag/base/arena.h"
#include "espdiag/base/limits.h"
#include "espdiag/base/utf.h"
#include "espdiag/pack/pack.h"
#include "espdiag/platform/file.h"

#include "bundle_priv.h"

#define PATH_LIMIT (64 * ED_KIB)
#define TAIL_BYTES ED_MIB /* holds the directory of any bundle of ours */

struct zip_walk {
	const struct disk_visitor *visitor;
	struct ed_file *file;
};

static ed_status zip_read_at(const void *context, uint64_t offset, void *out, size_t len,
			     size_t *got, struct ed_error *err)
{
	const struct zip_walk *z = context;

	return ed_file_read_at(z->file, offset, out, len, got, err);
}

static bool zip_want(void *context, struct ed_str name, struct ed_str head)
{
	const struct disk_visitor *v = ((struct zip_walk *)context)->visitor;

	(void)head;
	return !v->want || v->want(v->context, name);
}

static ed_status zip_member(void *context, struct ed_str name, struct ed_str bytes,
			    struct ed_error *err)
{
	const struct disk_visitor *v = ((struct zip_walk *)context)->visitor;

	return v->member(v->context, name, bytes, err);
}

static ed_status lost_tell(const struct disk_visitor *v, struct ed_str name, struct ed_str why,
			   struct ed_error *err)
{
	return v->lost ? v->lost(v->context, name, why, err) : ED_OK;
}

static ed_status zip_lost(void *context, const struct ed_pack_loss *loss, struct ed_error *err)
{
	const struct disk_visitor *v = ((struct zip_walk *)context)->visitor;

	return lost_tell(v, loss->name, loss->why, err);
}

static ed_status zip_tell(struct ed_file *file, bool *is_zip, struct ed_error *err)
{
	char head[4];
	size_t got;

	ED_TRY(ed_file_read_at(file, 0, head, sizeof(head), &got, err));
	*is_zip = got == 4 && (memcmp(head, "PK\3\4", 4) == 0 || memcmp(head, "PK\5\6", 4) == 0);
	return ED_OK;
}

static ed_status zip_walk(struct ed_str path, const struct disk_visitor *visitor,
			  struct ed_error *err)
{
	struct zip_walk z = { .visitor = visitor };
	struct ed_pack_source source = { .context = &z, .read_at = zip_read_at };
	static const struct ed_str nothing = { NULL, 0 };
	uint64_t left = ED_LIMIT_UNPACKED_BYTES;
	bool agrees = false, is_zip = false;
	struct ed_pack_visitor v = { .context = &z,
				     .unpacked_left = &left,
				     .member_limit = ED_LIMIT_MEMBER_BYTES,
				     .want = zip_want,
				     .member = zip_member,
				     .lost = zip_lost };
	ed_status status;

	ED_TRY(ed_file_open(path, true, &z.file, err));
	source.size = ed_file_size(z.file);
	status = zip_tell(z.file, &is_zip, err);
	if (status == ED_OK)
		status = is_zip ? ed_pack_walk_zip(&source, &v, err)
				: ed_fail(err, ED_FORMAT, "'%.*s' is no zip", ED_FMT(path));
	if (status == ED_OK)
		status = ed_pack_zip_agrees(&source, &agrees, err);
	if (status == ED_OK && !agrees)
		status = lost_tell(visitor, nothing,
				   ED_STR("its directory names members otherwise than they do "
					  "themselves"),
				   err);
	ed_file_close(z.file);
	return status;
}

static ed_status file_all(struct ed_str path, bool follow, struct ed_buf *out, struct ed_error *err)
{
	struct ed_file *file;
	ed_status status = ED_OK;
	size_t got = 1;
	uint64_t size;

	ED_TRY(ed_file_open(path, follow, &file, err));
	size = ed_file_size(file);
	if (size > out->limit)
		status = ed_fail(err, ED_LIMIT, "'%.*s' is larger than %zu bytes", ED_FMT(path),
				 out->limit);
	else if (!ed_buf_reserve(out, (size_t)size + 1))
		status = ed_fail(err, ED_NOMEM, "out of memory for '%.*s'", ED_FMT(path));
	while (status == ED_OK && got && out->len < size) {
		status = ed_file_read_at(file, out->len, out->p + out->len, (size_t)size - out->len,
					 &got, err);
		if (status == ED_OK)
			out->len += got;
	}
	ed_file_close(file);
	return status;
}

static ed_status path_join(struct ed_buf *out, struct ed_str folder, struct ed_str name,
			   struct ed_error *err)
{
	ed_buf_clear(out);
	ed_buf_adds(out, folder);
	if (folder.len && !ed_str_ends(folder, ED_STR("/")))
		ed_buf_addc(out, '/');
	ed_buf_adds(out, name);
	return out->status == ED_OK ? ED_OK : ed_fail(err, out->status, "cannot hold a path");
}

ed_status disk_read(struct ed_str path, const char *name, struct ed_buf *out, struct ed_error *err)
{
	struct ed_buf file;
	ed_status status;

	ed_buf_init(&file, PATH_LIMIT);
	status = path_join(&file, path, ed_str_from(name), err);
	if (status == ED_OK)
		status = file_all(ed_buf_str(&file), false, out, err);
	ed_buf_release(&file);
	return status;
}

struct folder_walk {
	const struct disk_visitor *visitor;
	size_t members;
};

/* It is there, and nobody can say what it holds; or is something else by now. */
static bool is_unreadable(ed_status status)
{
	return status == ED_IO || status == ED_ACCESS || status == ED_ARG;
}

/* @real is opened, @name is its name in the bundle. */
static ed_status file_visit(struct folder_walk *f, struct ed_str real, struct ed_str name,
			    uint64_t size, struct ed_error *err)
{
	const struct disk_visitor *v = f->visitor;
	struct ed_error why = { .status = ED_OK };
	struct ed_buf bytes;
	ed_status status;

	if (++f->members > ED_LIMIT_MEMBERS)
		return ed_fail(err, ED_LIMIT, "more files than are looked at (ED_LIMIT_MEMBERS)");
	/* of an empty one a zip does not ask either */
	if (size && v->want && !v->want(v->context, name))
		return ED_OK;
	ed_buf_init(&bytes, ED_LIMIT_MEMBER_BYTES);
	status = file_all(real, false, &bytes, &why);
	if (status == ED_OK)
		status =
			v->member(v->context, name, bytes.p ? ed_buf_str(&bytes) : ED_STR(""), err);
	else if (status == ED_NOMEM || (v->reads_all && is_unreadable(status)))
		ed_fail(err, status, "%s", why.text);
	else
		status = lost_tell(v, name, ed_str_from(why.text), err);
	ed_buf_release(&bytes);
	return status;
}

static ed_status folder_walk(struct folder_walk *f, struct ed_str real, struct ed_str name,
			     int depth, struct ed_error *err);

static ed_status entry_visit(struct folder_walk *f, const struct ed_folder_entry *entry,
			     struct ed_str real, struct ed_str name, int depth,
			     struct ed_error *err)
{
	const struct disk_visitor *v = f->visitor;

	switch (entry->info.kind) {
	case ED_PATH_FILE:
		return file_visit(f, real, name, entry->info.size, err);
	case ED_PATH_FOLDER:
		return folder_walk(f, real, name, depth + 1, err);
	case ED_PATH_OTHER:
	case ED_PATH_LINK:
		break;
	}
	return lost_tell(v, name, ED_STR("not an ordinary file"), err);
}

static ed_status entries_visit(struct folder_walk *f, struct ed_str real, struct ed_str name,
			       const struct ed_folder_entry *entries, size_t count, int depth,
			       struct ed_error *err)
{
	struct ed_buf inner, label, valid;
	ed_status status = ED_OK;

	ed_buf_init(&inner, PATH_LIMIT);
	ed_buf_init(&label, PATH_LIMIT);
	ed_buf_init(&valid, PATH_LIMIT);
	for (size_t i = 0; i < count && status == ED_OK; i++) {
		status = path_join(&inner, real, entries[i].name, err);
		ed_buf_clear(&valid);
		ed_buf_utf8(&valid, entries[i].name, NULL);
		if (status == ED_OK && valid.status != ED_OK)
			status = ed_fail(err, valid.status, "cannot hold a path");
		if (status == ED_OK)
			status = path_join(&label, name, ed_buf_str(&valid), err);
		if (status == ED_OK)
			status = entry_visit(f, &entries[i], ed_buf_str(&inner), ed_buf_str(&label),
					     depth, err);
	}
	ed_buf_release(&inner);
	ed_buf_release(&label);
	ed_buf_release(&valid);
	return status;
}

static ed_status folder_walk(struct folder_walk *f, struct ed_str real, struct ed_str name,
			     int depth, struct ed_error *err)
{
	struct ed_folder_entry *entries = NULL;
	struct ed_error why = { .status = ED_OK };
	struct ed_arena arena;
	size_t count = 0;
	ed_status status;

	if (depth > ED_LIMIT_DIR_DEPTH)
		return lost_tell(f->visitor, name, ED_STR("folders nested deeper than is read"),
				 err);
	ed_arena_init(&arena, ED_LIMIT_RUN_ARENA);
	status = ed_folder_list(real, &arena, &entries, &count, &why);
	if (status == ED_OK)
		status = entries_visit(f, real, name, entries, count, depth, err);
	else if (status == ED_NOMEM || !depth || (f->visitor->reads_all && is_unreadable(status)))
		ed_fail(err, status, "%s", why.text);
	else
		status = lost_tell(f->visitor, name, ed_str_from(why.text), err);
	ed_arena_release(&arena);
	return status;
}

ed_status disk_walk(struct ed_str path, const struct disk_visitor *visitor, struct ed_error *err)
{
	struct folder_walk f = { .visitor = visitor };
	struct ed_path_info info;

	ED_TRY(ed_path_stat(path, true, &info, err));
	if (info.kind == ED_PATH_FILE)
		return zip_walk(path, visitor, err);
	if (info.kind == ED_PATH_FOLDER)
		return folder_walk(&f, path, ED_STR(""), 0, err);
	return ed_fail(err, ED_FORMAT, "'%.*s' is neither a zip nor a folder", ED_FMT(path));
}

static ed_status tail_search(struct ed_file *file, const char *name, struct ed_buf *tail,
			     bool *found, struct ed_error *err)
{
	uint64_t size = ed_file_size(file);
	bool is_zip;
	size_t got;

	ED_TRY(zip_tell(file, &is_zip, err));
	if (!is_zip)
		return ED_OK;
	if (!ed_buf_reserve(tail, TAIL_BYTES))
		return ed_fail(err, ED_NOMEM, "out of memory for the end of a zip");
	ED_TRY(ed_file_read_at(file, size > TAIL_BYTES ? size - TAIL_BYTES : 0, tail->p, TAIL_BYTES,
			       &got, err));
	*found = ed_str_find((struct ed_str){ tail->p, got }, ed_str_from(name), 0) != SIZE_MAX;
	return ED_OK;
}

ed_status disk_may_hold(struct ed_str path, const char *name, bool *found, struct ed_error *err)
{
	struct ed_file *file;
	struct ed_buf tail;
	ed_status status;

	*found = false;
	ED_TRY(ed_file_open(path, true, &file, err));
	ed_buf_init(&tail, TAIL_BYTES);
	status = tail_search(file, name, &tail, found, err);
	ed_buf_release(&tail);
	ed_file_close(file);
	return status;
}

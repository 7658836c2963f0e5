/* SPDX-License-Identifier: MIT */
/* From PATHs to the sorted list of bundles. */
#include "fleet.h"

#include "espdiag/base/limits.h"
#include "espdiag/base/utf.h"
#include "espdiag/platform/file.h"

#define PATH_LIMIT (256 * ED_KIB)

struct gathering {
	struct ed_arena *arena;
	struct ed_fleet_path *items;
	size_t count, cap;
	size_t passed; /* folders that hold logs and are no bundle */
	struct ed_str passed_first;
};

static ed_status nomem(struct ed_error *err)
{
	return ed_fail(err, ED_NOMEM, "out of memory for the list of bundles");
}

static ed_status path_add(struct gathering *g, struct ed_str path, struct ed_error *err)
{
	struct ed_fleet_path item = { .path = ed_arena_str(g->arena, path) };
	struct ed_buf shown;

	if (g->count == ED_LIMIT_FLEET_BUNDLES)
		return ed_fail(err, ED_LIMIT, "more than %zu bundles (ED_LIMIT_FLEET_BUNDLES)",
			       ED_LIMIT_FLEET_BUNDLES);
	if (g->count == g->cap) {
		size_t cap = g->cap ? 2 * g->cap : 256;
		struct ed_fleet_path *items = ed_arena_calloc(g->arena, cap, sizeof(*items));

		if (!items)
			return nomem(err);
		if (g->count)
			memcpy(items, g->items, g->count * sizeof(*items));
		g->items = items;
		g->cap = cap;
	}
	ed_buf_init(&shown, PATH_LIMIT);
	ed_buf_utf8(&shown, path, NULL);
	if (shown.status == ED_OK)
		item.shown = ed_arena_str(g->arena, shown.len ? ed_buf_str(&shown) : ED_STR(""));
	ed_buf_release(&shown);
	if (!item.path.p || !item.shown.p)
		return nomem(err);
	g->items[g->count++] = item;
	return ED_OK;
}

enum file_kind { FILE_OTHER, FILE_ARCHIVE, FILE_LOG };

/* An archive by its name, however broken it is, or by how it begins, as a log. */
static enum file_kind kind_of(struct ed_str path, struct ed_str name)
{
	struct ed_file *file;
	char head[8] = "";
	size_t got = 0;

	if (ed_str_iends(name, ED_STR(".zip")) || ed_str_iends(name, ED_STR(".cab")))
		return FILE_ARCHIVE;
	if (ed_file_open(path, false, &file, NULL) != ED_OK)
		return FILE_OTHER;
	if (ed_file_read_at(file, 0, head, sizeof(head), &got, NULL) != ED_OK)
		got = 0;
	ed_file_close(file);
	if (got >= 4 && (memcmp(head, "PK\3\4", 4) == 0 || memcmp(head, "MSCF", 4) == 0))
		return FILE_ARCHIVE;
	return got == sizeof(head) && memcmp(head, "ElfFile", 8) == 0 ? FILE_LOG : FILE_OTHER;
}

static ed_status name_join(struct ed_buf *out, struct ed_str folder, struct ed_str name,
			   struct ed_error *err)
{
	ed_buf_init(out, PATH_LIMIT);
	ed_buf_adds(out, folder);
	if (!ed_str_ends(folder, ED_STR("/")) && !ed_str_ends(folder, ED_STR("\\")))
		ed_buf_addc(out, '/');
	ed_buf_adds(out, name);
	if (out->status == ED_OK)
		return ED_OK;
	ed_buf_release(out);
	return nomem(err);
}

/* A bundle that was unpacked has its manifest or its run at the top. */
static bool is_unpacked(struct ed_str folder)
{
	static const char *const marks[] = { "manifest.json", "state/run.json" };

	for (size_t i = 0; i < ED_COUNT(marks); i++) {
		struct ed_path_info info;
		struct ed_buf path;
		bool there;

		if (name_join(&path, folder, ed_str_from(marks[i]), NULL) != ED_OK)
			return false;
		there = ed_path_stat(ed_buf_str(&path), false, &info, NULL) == ED_OK &&
			info.kind == ED_PATH_FILE;
		ed_buf_release(&path);
		if (there)
			return true;
	}
	return false;
}

static ed_status folder_gather(struct gathering *g, struct ed_str folder, int depth,
			       struct ed_error *err);

static ed_status entry_gather(struct gathering *g, struct ed_str path,
			      const struct ed_folder_entry *entry, int depth, bool *logs,
			      struct ed_error *err)
{
	enum file_kind kind = FILE_OTHER;

	if (entry->info.kind == ED_PATH_FOLDER)
		return folder_gather(g, path, depth + 1, err);
	if (entry->info.kind == ED_PATH_FILE)
		kind = kind_of(path, entry->name);
	*logs |= kind == FILE_LOG;
	return kind == FILE_ARCHIVE ? path_add(g, path, err) : ED_OK;
}

/* @folder holds logs that are nobody's bundle. */
static ed_status folder_pass(struct gathering *g, struct ed_str folder, struct ed_error *err)
{
	if (!g->passed++)
		g->passed_first = ed_arena_str(g->arena, folder);
	return g->passed_first.p ? ED_OK : nomem(err);
}

static ed_status folder_gather(struct gathering *g, struct ed_str folder, int depth,
			       struct ed_error *err)
{
	struct ed_folder_entry *entries = NULL;
	struct ed_error cause = { .status = ED_OK };
	struct ed_arena arena;
	size_t count = 0;
	bool logs = false;
	ed_status status;

	if (is_unpacked(folder) || depth > ED_LIMIT_DIR_DEPTH)
		return path_add(g, folder, err);
	ed_arena_init(&arena, ED_LIMIT_RUN_ARENA);
	status = ed_folder_list(folder, &arena, &entries, &count, &cause);
	if (status == ED_NOMEM) {
		status = nomem(err);
	} else if (status != ED_OK) {
		/* its row says why */
		status = path_add(g, folder, err);
		count = 0;
	}
	for (size_t i = 0; i < count && status == ED_OK; i++) {
		struct ed_buf path;

		status = name_join(&path, folder, entries[i].name, err);
		if (status != ED_OK)
			break;
		status = entry_gather(g, ed_buf_str(&path), &entries[i], depth, &logs, err);
		ed_buf_release(&path);
	}
	if (logs && status == ED_OK)
		status = folder_pass(g, folder, err);
	ed_arena_release(&arena);
	return status;
}

static ed_status path_gather(struct gathering *g, struct ed_str path, struct ed_error *err)
{
	struct ed_path_info info;
	struct gathering before = *g;

	if (ed_path_stat(path, true, &info, NULL) != ED_OK || info.kind != ED_PATH_FOLDER)
		return path_add(g, path, err);
	ED_TRY(folder_gather(g, path, 0, err));
	if (g->count > before.count)
		return ED_OK;
	/* all that is there is one device's */
	g->passed = before.passed;
	g->passed_first = before.passed_first;
	return path_add(g, path, err);
}

static int by_shown(const void *a, const void *b)
{
	const struct ed_fleet_path *x = a, *y = b;
	int order = ed_str_cmp(x->shown, y->shown);

	return order ? order : ed_str_cmp(x->path, y->path);
}

ed_status ed_fleet_paths(const char *const *paths, size_t count, struct ed_arena *arena,
			 struct ed_fleet_paths *out, struct ed_error *err)
{
	struct gathering g = { .arena = arena };
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		ED_TRY(path_gather(&g, ed_str_from(paths[i]), err));
	if (g.count)
		qsort(g.items, g.count, sizeof(*g.items), by_shown);
	for (size_t i = 0; i < g.count; i++)
		if (!i || !ed_str_eq(g.items[i].path, g.items[kept - 1].path))
			g.items[kept++] = g.items[i];
	*out = (struct ed_fleet_paths){ g.items, kept, g.passed, g.passed_first };
	return ED_OK;
}

ed_status ed_fleet_shard(struct ed_fleet_paths *paths, uint32_t shard, uint32_t shards,
			 struct ed_arena *arena, struct ed_error *err)
{
	size_t count = paths->count > shard ? (paths->count - shard - 1) / shards + 1 : 0;
	struct ed_fleet_path *items = ed_arena_calloc(arena, count, sizeof(*items));

	if (!items)
		return nomem(err);
	for (size_t i = 0; i < count; i++)
		items[i] = paths->items[shard + i * shards];
	paths->items = items;
	paths->count = count;
	return ED_OK;
}

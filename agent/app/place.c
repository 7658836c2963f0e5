/* SPDX-License-Identifier: MIT */
/* The path of a bundle, and the retention of those in the IME log folder. */
#include "place.h"

#include "espdiag/base/buf.h"
#include "espdiag/base/limits.h"
#include "espdiag/base/time.h"
#include "espdiag/collectors/live.h"
#include "espdiag/platform/device.h"
#include "espdiag/platform/file.h"
#include "espdiag/platform/private.h"

#include <stdlib.h>
#include <string.h>

#define PREFIX "espdiag-"
#define SUFFIX ".zip"
#define SCRATCH_NAME "log"
#define STAMP_CHARS 16 /* 20260914T081507Z */

static ed_status place_name(struct ed_arena *arena, struct ed_str device_tag, int64_t at,
			    struct ed_str *out, struct ed_error *err)
{
	struct ed_civil c = ed_civil_from_time(at);

	*out = ed_arena_printf(arena, PREFIX "%.*s%s%04d%02d%02dT%02d%02d%02dZ" SUFFIX,
			       ED_FMT(device_tag), device_tag.p ? "-" : "", c.year, c.month, c.day,
			       c.hour, c.minute, c.second);
	return out->p ? ED_OK : ed_fail(err, ED_NOMEM, "out of memory for a name");
}

static bool ends_with_slash(struct ed_str folder)
{
	return ed_str_ends(folder, ED_STR("/")) || ed_str_ends(folder, ED_STR("\\"));
}

static ed_status join(struct ed_arena *arena, struct ed_str folder, struct ed_str name,
		      struct ed_str *out, struct ed_error *err)
{
	/* as the folder is written */
	const char *slash = ed_str_find(folder, ED_STR("\\"), 0) == SIZE_MAX ? "/" : "\\";

	*out = ed_arena_printf(arena, "%.*s%s%.*s", ED_FMT(folder),
			       ends_with_slash(folder) ? "" : slash, ED_FMT(name));
	return out->p ? ED_OK : ed_fail(err, ED_NOMEM, "out of memory for a path");
}

static ed_status place_default(struct ed_arena *arena, struct ed_str *folder, struct ed_error *err)
{
	struct ed_str *drives;
	size_t count;

	ED_TRY(ed_removable_drives(arena, &drives, &count, err));
	if (count == 1) {
		*folder = drives[0];
		return ED_OK;
	}
	return ed_default_folder(arena, folder, err);
}

/* The folder of the file @path; "." when it names none. */
static struct ed_str folder_of(struct ed_str path)
{
	size_t end = path.len;

	while (end && path.p[end - 1] != '/' && path.p[end - 1] != '\\')
		end--;
	return end ? ed_str_slice(path, 0, end) : ED_STR(".");
}

/* The folder that @out_option stands for; *is_file when it names the bundle itself. */
static ed_status place_folder(struct ed_arena *arena, struct ed_str out_option,
			      struct ed_str *folder, bool *is_file, struct ed_error *err)
{
	struct ed_path_info info;
	ed_status status;

	*is_file = false;
	if (!out_option.p)
		return place_default(arena, folder, err);
	*folder = out_option;
	if (ed_path_stat(out_option, true, &info, NULL) == ED_OK && info.kind == ED_PATH_FOLDER)
		return ED_OK;
	*is_file = ed_str_iends(out_option, ED_STR(SUFFIX));
	if (*is_file)
		*folder = folder_of(out_option);
	status = ed_path_stat(*folder, true, &info, err);
	if (status != ED_OK)
		return status == ED_ABSENT ? ED_ARG : status;
	if (info.kind == ED_PATH_FOLDER)
		return ED_OK;
	return ed_fail(err, ED_ARG, "'%.*s' is neither a folder nor a file ending in .zip",
		       ED_FMT(*folder));
}

#define NAME_TRIES 60 /* runs that began within the same minute */

ed_status ed_place_new(struct ed_arena *arena, struct ed_str out_option, struct ed_str device_tag,
		       int64_t at, struct ed_str *name, struct ed_str *path, struct ed_error *err)
{
	struct ed_path_info info;
	struct ed_str folder;
	bool is_file;

	ED_TRY(place_folder(arena, out_option, &folder, &is_file, err));
	for (int i = 0; i < NAME_TRIES; i++) {
		ED_TRY(place_name(arena, device_tag, at + i * ED_TICKS_PER_SECOND, name, err));
		if (is_file) {
			*path = out_option;
			return ED_OK;
		}
		ED_TRY(join(arena, folder, *name, path, err));
		if (ed_path_stat(*path, false, &info, NULL) != ED_OK)
			return ED_OK;
	}
	return ed_fail(err, ED_IO, "'%.*s' and the names after it are taken", ED_FMT(*path));
}

ed_status ed_place_fall_back(struct ed_arena *arena, struct ed_str name, struct ed_str *path,
			     struct ed_error *err)
{
	struct ed_str folder;

	ED_TRY(ed_default_folder(arena, &folder, err));
	return join(arena, folder, name, path, err);
}

ed_status ed_place_scratch(struct ed_arena *arena, struct ed_str path, struct ed_str *scratch,
			   struct ed_error *err)
{
	struct ed_str folder;

	ED_TRY(ed_private_folder_make(arena, path, &folder, err));
	return join(arena, folder, ED_STR(SCRATCH_NAME), scratch, err);
}

void ed_place_sweep(struct ed_str scratch)
{
	struct ed_buf path;

	if (!scratch.p)
		return;
	ed_buf_init(&path, ED_LIMIT_NAME_BYTES * 4);
	for (int i = 0; i < ED_LIVE_SCRATCH_FILES; i++) {
		ed_buf_clear(&path);
		ed_buf_printf(&path, ED_LIVE_SCRATCH_FORMAT, ED_FMT(scratch), i);
		/* as a rule there is none */
		if (path.status == ED_OK)
			(void)ed_file_remove(ed_buf_str(&path), NULL);
	}
	ed_buf_release(&path);
	scratch.len -= sizeof(SCRATCH_NAME); /* the name, and what stands before it */
	ed_private_folder_remove(scratch);
}

static bool all_in(struct ed_str s, const char *set)
{
	for (size_t i = 0; i < s.len; i++) {
		if (!s.p[i] || !strchr(set, s.p[i]))
			return false;
	}
	return true;
}

/* Named as ed_place_name names bundles? Gives the time it was made, as text that sorts. */
static bool is_ours(struct ed_str name, struct ed_str *stamp)
{
	struct ed_str middle;

	if (!ed_str_starts(name, ED_STR(PREFIX)) || !ed_str_ends(name, ED_STR(SUFFIX)))
		return false;
	middle = ed_str_slice(name, sizeof(PREFIX) - 1, name.len - (sizeof(SUFFIX) - 1));
	if (middle.len < STAMP_CHARS)
		return false;
	*stamp = ed_str_slice(middle, middle.len - STAMP_CHARS, middle.len);
	if (!all_in(*stamp, "0123456789TZ"))
		return false;
	middle.len -= STAMP_CHARS;
	return !middle.len || (middle.p[middle.len - 1] == '-' &&
			       all_in(ed_str_slice(middle, 0, middle.len - 1), "0123456789abcdef"));
}

/* Part of a bundle, under the name that agent/platform gives what it is writing. */
static bool is_part(struct ed_str name)
{
	const struct ed_str mark = ED_STR(".tmp-");
	size_t at = ed_str_find(name, mark, 0);
	struct ed_str stamp;

	return at != SIZE_MAX && at + mark.len < name.len &&
	       is_ours(ed_str_slice(name, 0, at), &stamp) &&
	       all_in(ed_str_slice(name, at + mark.len, name.len), "0123456789-");
}

/* Left behind by a run that was killed: one that still writes has written lately. */
static bool is_left(const struct ed_folder_entry *entry, int64_t now)
{
	return entry->info.kind == ED_PATH_FILE && is_part(entry->name) &&
	       entry->info.modified != ED_TIME_NONE &&
	       entry->info.modified < now - ED_PLACE_PART_MINUTES * ED_TICKS_PER_MINUTE;
}

struct kept {
	struct ed_str name, stamp;
	uint64_t size;
};

static int compare_newest_first(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;
	int order = ed_str_cmp(y->stamp, x->stamp);

	return order ? order : ed_str_cmp(y->name, x->name);
}

/* Removes what is too much of @kept, which is sorted; goes on when one cannot be removed. */
static ed_status surplus_remove(struct ed_arena *arena, struct ed_str folder,
				const struct kept *kept, size_t count, size_t keep,
				struct ed_error *err)
{
	ed_status worst = ED_OK;
	uint64_t bytes = 0;

	for (size_t i = 0; i < count; i++) {
		struct ed_str path;
		ed_status status;

		bytes += kept[i].size;
		if (i < keep && bytes <= ED_PLACE_KEEP_BYTES)
			continue;
		ED_TRY(join(arena, folder, kept[i].name, &path, err));
		status = ed_file_remove(path, err);
		if (status != ED_OK)
			worst = status;
	}
	return worst;
}

static ed_status part_remove(struct ed_arena *arena, struct ed_str folder, struct ed_str name,
			     struct ed_error *err)
{
	struct ed_str path;

	ED_TRY(join(arena, folder, name, &path, err));
	/* the next run tries again */
	(void)ed_file_remove(path, NULL);
	return ED_OK;
}

ed_status ed_place_make_room(struct ed_str folder, size_t keep, int64_t now, struct ed_error *err)
{
	struct ed_folder_entry *entries;
	struct kept *kept = NULL;
	struct ed_arena arena;
	size_t count, ours = 0;
	ed_status status;

	ed_arena_init(&arena, ED_LIMIT_RUN_ARENA);
	status = ed_folder_list(folder, &arena, &entries, &count, err);
	if (status == ED_OK && count) {
		kept = ed_arena_calloc(&arena, count, sizeof(*kept));
		if (!kept)
			status = ed_fail(err, ED_NOMEM, "out of memory for a list of files");
	}
	for (size_t i = 0; status == ED_OK && i < count; i++) {
		struct kept one = { .name = entries[i].name, .size = entries[i].info.size };

		if (entries[i].info.kind == ED_PATH_FILE && is_ours(one.name, &one.stamp))
			kept[ours++] = one;
		else if (is_left(&entries[i], now))
			status = part_remove(&arena, folder, one.name, err);
	}
	if (status == ED_OK && ours) {
		qsort(kept, ours, sizeof(*kept), compare_newest_first);
		status = surplus_remove(&arena, folder, kept, ours, keep, err);
	}
	ed_arena_release(&arena);
	return status;
}

ed_status ed_place_log(struct ed_str folder, struct ed_str ticket, int64_t at, struct ed_error *err)
{
	struct ed_civil c = ed_civil_from_time(at);
	struct ed_buf path, line;
	ed_status status;

	ed_buf_init(&path, ED_LIMIT_NAME_BYTES * 4);
	ed_buf_init(&line, ED_KIB);
	ed_buf_printf(&path, "%.*s/espdiag.log", ED_FMT(folder));
	/* a bias of 0: the time is UTC */
	ed_buf_printf(&line,
		      "<![LOG[%.*s]LOG]!><time=\"%02d:%02d:%02d.%07d+000\" date=\"%d-%d-%d\" "
		      "component=\"espdiag\" context=\"\" type=\"1\" thread=\"1\" file=\"\">\r\n",
		      ED_FMT(ticket), c.hour, c.minute, c.second, c.ticks, c.month, c.day, c.year);
	status = path.status != ED_OK ? path.status : line.status;
	if (status == ED_OK)
		status = ed_file_append(ed_buf_str(&path), ed_buf_str(&line), err);
	else
		ed_fail(err, status, "cannot write the log line: %s", ed_status_text(status));
	ed_buf_release(&path);
	ed_buf_release(&line);
	return status;
}

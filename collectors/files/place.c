/* SPDX-License-Identifier: MIT */
/* Folders reached without links, and files read in part. */
#include "files_priv.h"

#include "espdiag/base/limits.h"
#include "espdiag/base/utf.h"
#include "espdiag/platform/file.h"

#define PATH_BYTES ((size_t)64 * ED_KIB)

ed_status files_place_open(struct files_place *place, struct ed_str root, const char *parts,
			   char separator, struct ed_recording *out, bool *usable,
			   struct ed_error *err)
{
	struct ed_str rest = ed_str_from(parts), part;

	*place = (struct files_place){ .separator = separator, .out = out, .err = err };
	ed_arena_init(&place->arena, 64 * ED_MIB);
	ed_buf_init(&place->path, PATH_BYTES);
	*usable = false;
	if (!root.p)
		return ed_fail(err, ED_ABSENT, "its folder is not known");
	ed_buf_adds(&place->path, root);
	while (ed_str_next(&rest, '/', &part)) {
		struct ed_path_info info;
		ed_status status;

		ed_buf_addc(&place->path, separator);
		ed_buf_adds(&place->path, part);
		if (place->path.status != ED_OK)
			return ed_fail(err, place->path.status, "no room for a path");
		status = ed_path_stat(ed_buf_str(&place->path), false, &info, err);
		if (status == ED_ABSENT)
			return ed_fail(err, ED_ABSENT, "not there");
		ED_TRY(status);
		if (info.kind == ED_PATH_LINK)
			return ed_recording_gap(out, ed_buf_str(&place->path), false,
						ED_STATE_DENIED, ED_LOST_UNKNOWN,
						ED_STR("a link, which is not followed"), err);
	}
	*usable = true;
	return ED_OK;
}

void files_place_release(struct files_place *place)
{
	ed_arena_release(&place->arena);
	ed_buf_release(&place->path);
}

struct ed_str files_path(struct files_place *place, struct ed_str name)
{
	return ed_arena_printf(&place->arena, "%.*s%c%.*s", ED_FMT(ed_buf_str(&place->path)),
			       place->separator, ED_FMT(name));
}

ed_status files_lost(struct files_place *place, struct ed_str source, ed_status status)
{
	enum ed_state state = status == ED_ACCESS   ? ED_STATE_DENIED
			      : status == ED_ABSENT ? ED_STATE_ABSENT
						    : ED_STATE_DAMAGED;
	struct ed_str why = ed_str_from(ed_status_text(status));

	if (status == ED_OK || status == ED_NOMEM)
		return status;
	if (status == ED_ARG) {
		state = ED_STATE_DENIED;
		why = ED_STR("a link or no file, which is not followed");
	}
	return ed_recording_gap(place->out, source, false, state, ED_LOST_UNKNOWN, why, place->err);
}

static ed_status read_open(struct ed_file *file, uint64_t from, size_t len, struct ed_buf *out,
			   struct ed_error *err)
{
	size_t got = 1;

	if (!ed_buf_reserve(out, len))
		return ed_fail(err, out->status, "no room for %zu bytes of a file", len);
	while (len && got) {
		ED_TRY(ed_file_read_at(file, from, out->p + out->len, len, &got, err));
		out->len += got;
		out->p[out->len] = '\0';
		from += got;
		len -= got;
	}
	return ED_OK;
}

ed_status files_read(struct ed_str path, uint64_t from, size_t len, struct ed_buf *out,
		     struct ed_error *err)
{
	struct ed_file *file = NULL;
	ed_status status;

	ED_TRY(ed_file_open(path, false, &file, err));
	status = read_open(file, from, len, out, err);
	ed_file_close(file);
	return status;
}

void files_add_text(struct ed_buf *out, struct ed_str bytes)
{
	size_t to = out->len, from = to;

	ed_buf_text(out, bytes.p, bytes.len, NULL);
	if (out->status != ED_OK || out->len == from)
		return;
	for (; from < out->len; from++)
		if (out->p[from] != '\r' || from + 1 == out->len || out->p[from + 1] != '\n')
			out->p[to++] = out->p[from];
	out->len = to;
	out->p[to] = '\0';
}

/* SPDX-License-Identifier: MIT */
/* Rows of several runs, joined as one run would have told them. */
#include "fleet.h"

#include "espdiag/base/limits.h"
#include "espdiag/platform/file.h"
#include "espdiag/report/fleet.h"

struct joined {
	struct ed_str source, line;
};

struct joining {
	struct ed_arena arena;
	struct joined *rows;
	size_t count, cap;
	size_t bytes_left;
};

static ed_status nomem(struct ed_error *err)
{
	return ed_fail(err, ED_NOMEM, "out of memory for rows");
}

static ed_status file_load(struct joining *j, struct ed_str path, struct ed_str *out,
			   struct ed_error *err)
{
	struct ed_file *file;
	size_t size, got = 0;
	ed_status status;
	char *bytes;

	ED_TRY(ed_file_open(path, true, &file, err));
	if (ed_file_size(file) > j->bytes_left) {
		ed_file_close(file);
		return ed_fail(err, ED_LIMIT, "more than %zu bytes of rows (ED_LIMIT_FLEET_ROWS)",
			       ED_LIMIT_FLEET_ROWS);
	}
	size = (size_t)ed_file_size(file);
	bytes = ed_arena_alloc(&j->arena, size);
	status = bytes ? ed_file_read_at(file, 0, bytes, size, &got, err) : nomem(err);
	ed_file_close(file);
	j->bytes_left -= size;
	*out = (struct ed_str){ bytes, got };
	return status;
}

static ed_status row_add(struct joining *j, struct joined row, struct ed_error *err)
{
	if (j->count == j->cap) {
		size_t cap = j->cap ? 2 * j->cap : 1024;
		struct joined *rows = ed_arena_calloc(&j->arena, cap, sizeof(*rows));

		if (!rows)
			return nomem(err);
		if (j->count)
			memcpy(rows, j->rows, j->count * sizeof(*rows));
		j->rows = rows;
		j->cap = cap;
	}
	j->rows[j->count++] = row;
	return ED_OK;
}

static ed_status line_add(struct joining *j, struct ed_str line, struct ed_error *err)
{
	struct ed_fleet_row row;
	struct ed_arena scratch;
	struct joined made = { .line = line };
	ed_status status;

	ed_arena_init(&scratch, ED_LIMIT_RUN_ARENA);
	status = ed_fleet_row_parse(line, &scratch, &row, err);
	if (status == ED_OK) {
		made.source = ed_arena_str(&j->arena, row.source);
		status = made.source.p ? row_add(j, made, err) : nomem(err);
	}
	ed_arena_release(&scratch);
	return status;
}

static ed_status file_add(struct joining *j, struct ed_str path, struct ed_error *err)
{
	struct ed_error cause = { .status = ED_OK };
	struct ed_str rest, line;
	size_t number = 0;

	ED_TRY(file_load(j, path, &rest, err));
	while (ed_str_line(&rest, &line)) {
		ed_status status;

		number++;
		if (!line.len)
			continue;
		status = line_add(j, line, &cause);
		if (status != ED_OK)
			return ed_fail(err, status, "'%.*s', line %zu: %s", ED_FMT(path), number,
				       cause.text);
	}
	return ED_OK;
}

static int by_source(const void *a, const void *b)
{
	const struct joined *x = a, *y = b;
	int order = ed_str_cmp(x->source, y->source);

	return order ? order : ed_str_cmp(x->line, y->line);
}

/* A row that several files have is told once; another row of the same bundle is not guessed away.
 */
static ed_status rows_tell(struct joining *j, void *context,
			   ed_status (*row)(void *context, struct ed_str line,
					    struct ed_error *err),
			   struct ed_error *err)
{
	if (j->count)
		qsort(j->rows, j->count, sizeof(*j->rows), by_source);
	for (size_t i = 0; i < j->count; i++) {
		if (i && ed_str_eq(j->rows[i].source, j->rows[i - 1].source)) {
			if (ed_str_eq(j->rows[i].line, j->rows[i - 1].line))
				continue;
			return ed_fail(err, ED_FORMAT, "two different rows of '%.*s'",
				       ED_FMT(j->rows[i].source));
		}
		ED_TRY(row(context, j->rows[i].line, err));
	}
	return ED_OK;
}

ed_status ed_fleet_merge(const char *const *paths, size_t count, void *context,
			 ed_status (*row)(void *context, struct ed_str line, struct ed_error *err),
			 struct ed_error *err)
{
	struct joining j = { .bytes_left = ED_LIMIT_FLEET_ROWS };
	ed_status status = ED_OK;

	ed_arena_init(&j.arena, 2 * ED_LIMIT_FLEET_ROWS);
	for (size_t i = 0; i < count && status == ED_OK; i++)
		status = file_add(&j, ed_str_from(paths[i]), err);
	if (status == ED_OK)
		status = rows_tell(&j, context, row, err);
	ed_arena_release(&j.arena);
	return status;
}

/* SPDX-License-Identifier: MIT */
/* `espdiag explain ID...` */
#include "commands.h"

#include "espdiag/base/limits.h"
#include "espdiag/platform/file.h"
#include "espdiag/report/explain.h"

/* One id of several; between two texts there is an empty line. */
static ed_status id_explain(const struct ed_options *options, size_t i, struct ed_arena *arena,
			    struct ed_buf *out, struct ed_error *err)
{
	struct ed_str query = ed_str_from(options->paths[i]);
	struct ed_explanations found;

	ed_arena_reset(arena);
	ED_TRY(ed_explain(arena, query, &found, err));
	if (options->format == ED_FORMAT_TEXT) {
		if (i)
			ed_buf_addc(out, '\n');
		ed_report_explain_text(&found, out);
	} else {
		ed_report_explain_json(
			&found, query,
			options->format == ED_FORMAT_NDJSON || options->path_count > 1, out);
	}
	if (out->status != ED_OK)
		return ed_fail(err, out->status, "cannot hold the explanation: %s",
			       ed_status_text(out->status));
	return ED_OK;
}

/* All of them or, when one is not known, none: a script sees at once that it asked wrongly. */
enum ed_exit ed_command_explain(const struct ed_options *options, struct ed_error *err)
{
	ed_status status = ED_OK;
	struct ed_arena arena;
	struct ed_buf out;

	ed_arena_init(&arena, ED_MIB);
	ed_buf_init(&out, ED_LIMIT_OUTPUT);
	for (size_t i = 0; i < options->path_count && status == ED_OK; i++)
		status = id_explain(options, i, &arena, &out, err);
	ed_arena_release(&arena);
	if (status == ED_ARG) {
		ed_buf_release(&out);
		return ED_EXIT_USAGE;
	}
	if (status == ED_OK)
		status = ed_file_write_whole(options->output, ed_buf_str(&out), err);
	ed_buf_release(&out);
	return status == ED_OK ? ED_EXIT_DONE : ED_EXIT_FAILURE;
}

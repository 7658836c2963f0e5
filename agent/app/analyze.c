/* SPDX-License-Identifier: MIT */
/* `espdiag analyze PATH...` */
#include "commands.h"
#include "say.h"

#include "espdiag/base/limits.h"
#include "espdiag/platform/file.h"

#include "run.h"

static bool writes_to_stdout(const struct ed_options *options)
{
	return ed_str_eq(options->output, ED_STR("-"));
}

static bool wants_color(const struct ed_options *options)
{
	const char *no_color = getenv("NO_COLOR");

	return !options->no_color && !(no_color && no_color[0]) && writes_to_stdout(options) &&
	       ed_is_terminal(1);
}

static void notes_print(struct ed_buf *notes)
{
	ed_say_notes(notes);
	ed_buf_clear(notes);
}

/*
 * Standard output gets each verdict as soon as it is there; a file is written once, whole. Between
 * two texts there is an empty line.
 */
static ed_status paths_run(const struct ed_options *options, struct ed_run *run, struct ed_buf *out,
			   struct ed_error *err)
{
	bool progress = !options->quiet && options->path_count > 1 && ed_is_terminal(2);

	for (size_t i = 0; i < options->path_count; i++) {
		if (progress)
			fprintf(stderr, "espdiag: %zu of %zu\n", i + 1, options->path_count);
		if (i && run->format == ED_FORMAT_TEXT)
			ed_buf_addc(out, '\n');
		ED_TRY(ed_run_path(run, ed_str_from(options->paths[i]), out, err));
		notes_print(run->notes);
		if (!writes_to_stdout(options))
			continue;
		ED_TRY(ed_file_write_whole(options->output, ed_buf_str(out), err));
		ed_buf_clear(out);
	}
	if (writes_to_stdout(options))
		return ED_OK;
	return ed_file_write_whole(options->output, ed_buf_str(out), err);
}

enum ed_exit ed_command_analyze(const struct ed_options *options, struct ed_error *err)
{
	struct ed_deadline deadline = { .seconds = 0 };
	struct ed_run run = {
		.tables = &ed_app_sources,
		.format = options->format,
		.report = { .color = wants_color(options),
			    .verbose = options->verbose,
			    .one_of_several = options->path_count > 1,
			    .one_line = options->format == ED_FORMAT_NDJSON ||
					options->path_count > 1 },
		.at = options->at,
		.now = ed_clock_now(),
		.since = ed_options_since(options),
		.since_ago = options->since_ago,
		.deadline = &deadline,
		.prefer_raw = options->prefer_raw,
		.redact = options->redact,
	};
	struct ed_buf out, notes;
	ed_status status;

	ed_buf_init(&out, ED_LIMIT_OUTPUT);
	ed_buf_init(&notes, ED_MIB);
	run.notes = &notes;
	ed_deadline_begin(&deadline, options->timeout_seconds);
	status = paths_run(options, &run, &out, err);
	ed_buf_release(&out);
	ed_buf_release(&notes);
	if (status != ED_OK)
		return ED_EXIT_FAILURE;
	if (!run.any_read)
		return ED_EXIT_NOTHING_READ;
	if (options->strict && run.any_lost)
		return ED_EXIT_STRICT;
	return options->exit_verdict ? ed_outcome_exit(run.worst) : ED_EXIT_DONE;
}

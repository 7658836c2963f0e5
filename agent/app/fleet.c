/* SPDX-License-Identifier: MIT */
/* `espdiag fleet PATH...` */
#include "fleet.h"

#include "commands.h"
#include "say.h"

#include "espdiag/base/limits.h"
#include "espdiag/platform/file.h"
#include "espdiag/platform/task.h"
#include "espdiag/report/fleet.h"

/* What becomes of the rows. */
struct telling {
	const struct ed_options *options;
	struct ed_output *output;
	struct ed_fleet_sum *sum;
	struct ed_buf text;      /* scratch */
	struct ed_arena scratch; /* of one row */
	bool any_row, any_read;
	bool progressed; /* a line of progress is on the terminal */
};

static bool is_summary(enum ed_format format)
{
	return format != ED_FORMAT_NDJSON && format != ED_FORMAT_CSV;
}

static ed_status text_write(struct telling *t, struct ed_error *err)
{
	ed_status status = t->text.status;

	if (status != ED_OK)
		return ed_fail(err, status, "cannot hold the result: %s", ed_status_text(status));
	status = ed_output_write(t->output, ed_buf_str(&t->text), err);
	ed_buf_clear(&t->text);
	return status;
}

/* Every format is made of the rows' lines, whether they were made here or by another run. */
static ed_status row_tell(void *context, struct ed_str line, struct ed_error *err)
{
	struct telling *t = context;
	struct ed_fleet_row row;

	ed_arena_reset(&t->scratch);
	ED_TRY(ed_fleet_row_parse(line, &t->scratch, &row, err));
	t->any_row = true;
	t->any_read = t->any_read || row.read;
	if (is_summary(t->options->format))
		return ed_fleet_sum_add(t->sum, &row, err);
	if (t->options->format == ED_FORMAT_CSV)
		ed_fleet_row_csv(&row, &t->text);
	else
		ed_fleet_row_json(&row, &t->text);
	return text_write(t, err);
}

static ed_status summary_tell(struct telling *t, struct ed_error *err)
{
	switch ((int)t->options->format) {
	case ED_FORMAT_TEXT:
		ed_fleet_sum_text(t->sum, &t->text);
		break;
	case ED_FORMAT_HTML:
		ed_fleet_sum_html(t->sum, &t->text);
		break;
	case ED_FORMAT_JSON:
		ed_fleet_sum_json(t->sum, &t->text);
		break;
	default:
		return ED_OK;
	}
	return text_write(t, err);
}

/* "  412 of 2000, 85 a second, 19 s left" in place. */
static void progress_show(void *context, size_t done, size_t total, uint64_t ms)
{
	struct telling *t = context;
	double rate = ms ? (double)done * 1000 / (double)ms : 0;
	char line[100];
	int n;

	n = snprintf(line, sizeof(line), "\respdiag: %zu of %zu, %.1f a second", done, total, rate);
	if (rate > 0)
		n += snprintf(line + n, sizeof(line) - (size_t)n, ", %.0f s left",
			      (double)(total - done) / rate);
	n += snprintf(line + n, sizeof(line) - (size_t)n, "%*s", n < 70 ? 70 - n : 0, "");
	ed_console_write(2, (struct ed_str){ line, (size_t)n });
	t->progressed = true;
}

/* Beside bundles a folder of logs may be a device, or a part of one: who knows has to say so. */
static void passed_tell(const struct ed_fleet_paths *paths)
{
	struct ed_buf line;

	if (!paths->passed)
		return;
	ed_buf_init(&line, 64 * ED_KIB);
	ed_buf_printf(&line,
		      "%zu %s logs but no bundle and %s not counted: '%.*s'%s; name a device's "
		      "folder as a PATH of its own\n",
		      paths->passed, paths->passed == 1 ? "folder holds" : "folders hold",
		      paths->passed == 1 ? "was" : "were", ED_FMT(paths->passed_first),
		      paths->passed == 1 ? "" : " ...");
	ed_say_notes(&line);
	ed_buf_release(&line);
}

static ed_status bundles_tell(struct telling *t, struct ed_error *err)
{
	const struct ed_options *o = t->options;
	struct ed_fleet_paths paths = { .count = 0 };
	struct ed_deadline deadline = { .seconds = 0 };
	const struct ed_run how = { .tables = &ed_app_sources,
				    .format = ED_FORMAT_JSON,
				    .at = o->at,
				    .now = ed_clock_now(),
				    .since = ed_options_since(o),
				    .since_ago = o->since_ago,
				    .deadline = &deadline };
	struct ed_fleet_work work = { .how = &how,
				      .paths = &paths,
				      .jobs = o->jobs ? o->jobs : ed_processor_count(),
				      .context = t,
				      .row = row_tell };
	struct ed_arena arena;
	ed_status status;

	if (work.jobs > ED_JOBS_MAX)
		work.jobs = ED_JOBS_MAX;
	if (!o->quiet && ed_is_terminal(2))
		work.progress = progress_show;
	ed_arena_init(&arena, ED_LIMIT_RUN_ARENA);
	ed_deadline_begin(&deadline, o->timeout_seconds);
	status = ed_fleet_paths(o->paths, o->path_count, &arena, &paths, err);
	if (status == ED_OK && o->shards)
		status = ed_fleet_shard(&paths, o->shard, o->shards, &arena, err);
	if (status == ED_OK)
		status = ed_fleet_work(&work, err);
	if (t->progressed)
		ed_console_write(2, ED_STR("\n"));
	if (!o->quiet)
		passed_tell(&paths);
	ed_arena_release(&arena);
	return status;
}

static ed_status formats_tell(struct telling *t, struct ed_error *err)
{
	if (t->options->format == ED_FORMAT_CSV) {
		ed_fleet_csv_head(&t->text);
		ED_TRY(text_write(t, err));
	}
	if (t->options->merge)
		ED_TRY(ed_fleet_merge(t->options->paths, t->options->path_count, t, row_tell, err));
	else
		ED_TRY(bundles_tell(t, err));
	return summary_tell(t, err);
}

enum ed_exit ed_command_fleet(const struct ed_options *options, struct ed_error *err)
{
	struct telling t = { .options = options };
	ed_status status, closed;

	if (ed_output_open(options->output, &t.output, err) != ED_OK)
		return ED_EXIT_FAILURE;
	ed_buf_init(&t.text, ED_LIMIT_OUTPUT);
	ed_arena_init(&t.scratch, ED_LIMIT_RUN_ARENA);
	status = ed_fleet_sum_new(&t.sum, err);
	if (status == ED_OK)
		status = formats_tell(&t, err);
	closed = ed_output_close(t.output, status == ED_OK, status == ED_OK ? err : NULL);
	ed_fleet_sum_free(t.sum);
	ed_arena_release(&t.scratch);
	ed_buf_release(&t.text);
	if (status != ED_OK || closed != ED_OK)
		return ED_EXIT_FAILURE;
	return t.any_row && !t.any_read ? ED_EXIT_NOTHING_READ : ED_EXIT_DONE;
}

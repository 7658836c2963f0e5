/* SPDX-License-Identifier: MIT */
/* `espdiag events PATH...` */
#include "commands.h"
#include "say.h"
#include "events_run.h"

#include "espdiag/base/limits.h"
#include "espdiag/platform/file.h"

static ed_status output_write(void *context, struct ed_str text, struct ed_error *err)
{
	return ed_output_write(context, text, err);
}

/* "7d" counts back from where the window ends: the time asked for or, without one, the last event.
 */
static ed_status window_set(struct ed_filter *filter, const struct ed_options *options,
			    const struct ed_deadline *deadline, struct ed_error *err)
{
	int64_t end;

	if (options->at != ED_TIME_NONE &&
	    (filter->until == ED_TIME_NONE || filter->until > options->at))
		filter->until = options->at;
	if (!options->since_ago)
		return ED_OK;
	end = filter->until;
	if (end == ED_TIME_NONE)
		ED_TRY(ed_events_newest(options->paths, options->path_count, deadline, &end, err));
	if (end != ED_TIME_NONE)
		filter->since = end - options->since_ago;
	return ED_OK;
}

static void notes_print(const struct ed_buf *notes, const struct ed_events_run *run)
{
	ed_say_notes(notes);
	if (run->skipped)
		fprintf(stderr, "espdiag: %llu records outside the window were not examined\n",
			(unsigned long long)run->skipped);
}

static ed_status output_drop(void *context, struct ed_str text, struct ed_error *err)
{
	(void)context;
	(void)text;
	(void)err;
	return ED_OK;
}

/* A name is told by one event and stands in the text of another: all are read once before. */
static ed_status names_learn(struct ed_events_screen *screen, const struct ed_options *options,
			     const struct ed_deadline *deadline, struct ed_error *err)
{
	struct ed_filter all;
	struct ed_events_run run = { .format = ED_FORMAT_XML,
				     .filter = &all,
				     .fields = &options->fields,
				     .deadline = deadline,
				     .write = output_drop,
				     .screen = screen };
	ed_status status;

	ed_filter_init(&all);
	screen->is_learning = true;
	status = ed_events_run(&run, options->paths, options->path_count, err);
	screen->is_learning = false;
	return status;
}

enum ed_exit ed_command_events(const struct ed_options *options, struct ed_error *err)
{
	struct ed_deadline deadline = { .seconds = 0 };
	struct ed_filter filter = options->filter;
	struct ed_events_run run = { .format = options->format,
				     .filter = &filter,
				     .fields = &options->fields,
				     /* names are learnt and replaced on one thread */
				     .jobs = options->redact == ED_REDACT_NONE ? options->jobs : 1,
				     .deadline = &deadline,
				     .write = output_write };
	struct ed_events_screen screen = { .redactor = NULL };
	struct ed_output *output;
	struct ed_buf notes;
	ed_status status, closed;

	ed_deadline_begin(&deadline, options->timeout_seconds);
	if (window_set(&filter, options, &deadline, err) != ED_OK ||
	    ed_events_screen_init(&screen, options->redact, err) != ED_OK)
		return ED_EXIT_FAILURE;
	if ((options->redact != ED_REDACT_NONE &&
	     names_learn(&screen, options, &deadline, err) != ED_OK) ||
	    ed_output_open(options->output, &output, err) != ED_OK) {
		ed_events_screen_release(&screen);
		return ED_EXIT_FAILURE;
	}
	screen.is_xml = options->format == ED_FORMAT_XML;
	run.screen = &screen;
	ed_buf_init(&notes, ED_MIB);
	run.context = output;
	run.notes = &notes;
	status = ed_events_run(&run, options->paths, options->path_count, err);
	ed_events_screen_release(&screen);
	closed = ed_output_close(output, status == ED_OK, status == ED_OK ? err : NULL);
	if (!options->quiet)
		notes_print(&notes, &run);
	if (status == ED_OK && !run.any_read && !notes.len)
		ed_fail(err, ED_ABSENT, "no event logs found");
	ed_buf_release(&notes);
	if (status != ED_OK || closed != ED_OK)
		return ED_EXIT_FAILURE;
	if (!run.any_read)
		return ED_EXIT_NOTHING_READ;
	return options->strict && run.any_lost ? ED_EXIT_STRICT : ED_EXIT_DONE;
}

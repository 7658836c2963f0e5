/* SPDX-License-Identifier: MIT */
/* `espdiag compare BEFORE AFTER` */
#include "commands.h"

#include "espdiag/base/limits.h"
#include "espdiag/compare/compare.h"
#include "espdiag/platform/file.h"
#include "espdiag/report/compare.h"

#include "run.h"

struct pair {
	const struct ed_options *options;
	struct ed_run *run;
	const struct ed_verdict *before;
	struct ed_compare_tags tags;
	struct ed_buf *out;
	bool refused; /* not one device */
};

static bool wants_color(const struct ed_options *options)
{
	const char *no_color = getenv("NO_COLOR");

	return !options->no_color && !(no_color && no_color[0]) &&
	       ed_str_eq(options->output, ED_STR("-")) && ed_is_terminal(1);
}

static ed_status devices_check(struct pair *p, struct ed_error *err)
{
	struct ed_str a = p->tags.before, b = p->tags.after;

	if (p->options->force || (a.p && b.p && ed_str_eq(a, b)))
		return ED_OK;
	p->refused = true;
	if (a.p && b.p)
		return ed_fail(err, ED_ARG,
			       "these are two devices: %.*s and %.*s; --force compares them all "
			       "the same",
			       ED_FMT(a), ED_FMT(b));
	return ed_fail(err, ED_ARG,
		       "the %s is no bundle that names its device; --force compares them all the "
		       "same",
		       !a.p ? "first" : "second");
}

/* What could not be looked at names no device, which is asked for only without --force. */
static ed_status bundle_check(const struct pair *p, const struct ed_bundle_info *bundle,
			      struct ed_error *err)
{
	if (p->options->force || !bundle->unread.p)
		return ED_OK;
	return ed_fail(err, ED_IO, "%.*s", ED_FMT(bundle->unread));
}

static ed_status comparison_report(struct pair *p, const struct ed_comparison *c,
				   struct ed_error *err)
{
	if (p->options->format == ED_FORMAT_TEXT)
		ed_report_compare_text(c, &p->tags, wants_color(p->options), p->out);
	else if (p->options->format == ED_FORMAT_HTML)
		ed_report_compare_html(c, &p->tags, p->out);
	else
		ed_report_compare_json(c, &p->tags, p->out);
	return p->out->status == ED_OK
		       ? ED_OK
		       : ed_fail(err, p->out->status, "cannot hold the comparison: %s",
				 ed_status_text(p->out->status));
}

/* The second verdict is there, and the first still is. */
static ed_status after_see(void *context, const struct ed_verdict *after,
			   const struct ed_bundle_info *bundle, struct ed_error *err)
{
	struct pair *p = context;
	struct ed_comparison comparison;
	struct ed_arena arena;
	ed_status status;

	ED_TRY(bundle_check(p, bundle, err));
	p->tags.after = bundle->device_tag;
	ED_TRY(devices_check(p, err));
	ed_arena_init(&arena, ED_LIMIT_RUN_ARENA);
	status = ed_compare(p->before, after, &arena, &comparison, err);
	if (status == ED_OK)
		status = comparison_report(p, &comparison, err);
	ed_arena_release(&arena);
	return status;
}

static ed_status before_see(void *context, const struct ed_verdict *before,
			    const struct ed_bundle_info *bundle, struct ed_error *err)
{
	struct pair *p = context;
	const struct ed_run_witness witness = { p, after_see };

	ED_TRY(bundle_check(p, bundle, err));
	p->before = before;
	p->tags.before = bundle->device_tag;
	return ed_run_path_seen(p->run, ed_str_from(p->options->paths[1]), &witness, err);
}

enum ed_exit ed_command_compare(const struct ed_options *options, struct ed_error *err)
{
	struct ed_deadline deadline = { .seconds = 0 };
	struct ed_run run = { .tables = &ed_app_sources,
			      .format = options->format,
			      .at = options->at,
			      .now = ed_clock_now(),
			      .since = ed_options_since(options),
			      .since_ago = options->since_ago,
			      .deadline = &deadline };
	struct ed_buf out;
	struct pair pair = { .options = options, .run = &run, .out = &out };
	const struct ed_run_witness witness = { &pair, before_see };
	ed_status status;

	ed_buf_init(&out, ED_LIMIT_OUTPUT);
	ed_deadline_begin(&deadline, options->timeout_seconds);
	status = ed_run_path_seen(&run, ed_str_from(options->paths[0]), &witness, err);
	if (status == ED_OK)
		status = ed_file_write_whole(options->output, ed_buf_str(&out), err);
	ed_buf_release(&out);
	if (pair.refused)
		return ED_EXIT_USAGE;
	if (status != ED_OK)
		return ED_EXIT_FAILURE;
	return run.any_read ? ED_EXIT_DONE : ED_EXIT_NOTHING_READ;
}

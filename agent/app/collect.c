/* SPDX-License-Identifier: MIT */
/* `espdiag collect`, which is also what the program does without a command. */
#include "collect.h"

#include "espdiag/base/limits.h"
#include "espdiag/collectors/schedule.h"
#include "espdiag/install/install.h"
#include "espdiag/platform/file.h"
#include "espdiag/platform/sign.h"
#include "espdiag/platform/task.h"
#include "espdiag/version.h"

#include "collect_screen.h"
#include "gather.h"
#include "instant.h"
#include "on_failure.h"
#include "place.h"
#include "rights.h"
#include "run.h"
#include "say.h"

#include <stdlib.h>

#define AT_ONCE 8

struct collect {
	const struct ed_options *options;
	struct ed_run run;
	struct ed_screen screen;
	struct ed_gather gather;
	struct ed_arena arena; /* of the device and of paths */
	struct ed_device device;
	char tag[ED_DEVICE_TAG_CHARS + 1]; /* empty: unknown, or not to be told */
	struct ed_instant begun;
	int64_t clock_set; /* by how much the clock was set since, in ticks */
	bool interrupted;
	/* of the verdict that is being made */
	struct ed_bundle *bundle;
	bool last; /* it is the one that counts, not a first look */
	const char *finding, *certainty;
	int64_t judged_at;
	struct ed_on_failure decided;
	bool signed_well;
	char manifest[ED_SHA256_HEX];
	char ticket[ED_TICKET_BYTES];
	struct ed_buf rights; /* the line about them */
};

static struct ed_str tag_of(const struct collect *c)
{
	return c->tag[0] ? ed_str_from(c->tag) : (struct ed_str){ NULL, 0 };
}

static ed_status fill(void *context, struct ed_evidence *evidence, struct ed_ingest_stats *stats,
		      struct ed_error *err)
{
	const struct collect *c = context;

	return ed_ingest_bundle(c->run.tables, c->bundle, evidence, stats, err);
}

/* One rendering of @verdict, and @tail behind it, as a member of the bundle. */
static ed_status
output_add(struct collect *c, const char *name,
	   void (*render)(const struct ed_verdict *verdict, const struct ed_report_options *options,
			  struct ed_buf *out),
	   const struct ed_verdict *verdict, struct ed_str tail, struct ed_error *err)
{
	const struct ed_report_options options = { .verbose = false };
	struct ed_buf out;
	ed_status status;

	ed_buf_init(&out, ED_LIMIT_OUTPUT);
	render(verdict, &options, &out);
	ed_buf_adds(&out, tail);
	status = out.status == ED_OK ? ed_bundle_add(c->bundle, ED_FORM_OUTPUT, ed_str_from(name),
						     ED_STR("espdiag"), ed_buf_str(&out), 0, err)
				     : ed_fail(err, out.status, "cannot hold '%s': %s", name,
					       ed_status_text(out.status));
	ed_buf_release(&out);
	return status;
}

/*
 * A member beside the manifest, which cannot name it: a file beside the bundle would be lost on the
 * way. Without a signature the bundle is still worth keeping, so a failure is told and no more.
 */
static ed_status signature_add(struct collect *c, struct ed_str manifest, struct ed_error *err)
{
	struct ed_error why = { .status = ED_OK };
	struct ed_buf out;
	ed_status status;

	ed_buf_init(&out, ED_MIB);
	status = ed_sign_detached(c->options->sign_by, manifest, &out, &why);
	if (status == ED_OK)
		status = ed_bundle_add(c->bundle, ED_FORM_RAW, ED_STR(ED_BUNDLE_SIGNATURE),
				       ED_STR("espdiag"), ed_buf_str(&out), 0, err);
	else if (status == ED_NOMEM)
		*err = why;
	else
		status = ED_OK;
	c->signed_well = !why.text[0];
	if (!c->signed_well) {
		ed_buf_clear(&out);
		ed_buf_printf(&out, "not signed: %s", why.text);
		ed_screen_warn(&c->screen, out.status == ED_OK ? out.p : why.text);
	}
	ed_buf_release(&out);
	return status;
}

static ed_status manifest_add(struct collect *c, struct ed_error *err)
{
	unsigned char digest[ED_SHA256_BYTES];
	struct ed_buf out;
	ed_status status;

	ed_buf_init(&out, ED_LIMIT_OUTPUT);
	status = ed_bundle_manifest(c->bundle, tag_of(c), &out, err);
	if (status == ED_OK)
		status = ed_sha256(ed_buf_str(&out), digest, err);
	if (status == ED_OK) {
		ed_sha256_hex(digest, c->manifest);
		status = ed_bundle_add(c->bundle, ED_FORM_OUTPUT, ED_STR("manifest.json"),
				       ED_STR("espdiag"), ed_buf_str(&out), 0, err);
	}
	if (status == ED_OK && c->options->sign_by.p)
		status = signature_add(c, ed_buf_str(&out), err);
	ed_buf_release(&out);
	return status;
}

/* The bundle matters more than its line in the log, so that may fail. */
static void event_write(struct collect *c, const struct ed_verdict *verdict)
{
	struct ed_error why = { .status = ED_OK };
	bool wanted = c->options->eventlog || (c->options->on_failure && c->decided.keep);

	if (wanted && ed_verdict_to_eventlog(verdict, ed_str_from(c->ticket), &why) != ED_OK)
		ed_screen_warn(&c->screen, why.text);
}

static ed_status judged(void *context, const struct ed_verdict *verdict, struct ed_error *err)
{
	const struct ed_str none = { NULL, 0 };
	struct collect *c = context;

	c->finding = verdict->primary ? verdict->primary : ed_outcome_word(verdict->outcome);
	c->certainty = ed_certainty_word(verdict->certainty);
	c->judged_at = verdict->evaluated_at;
	if (!c->last)
		return ED_OK;
	ed_on_failure_decide(verdict, &c->decided);
	ed_buf_clear(&c->rights);
	ed_rights_line(c->device.rights, verdict, &c->rights);
	if (c->rights.status != ED_OK)
		return ed_fail(err, c->rights.status, "cannot tell of the rights: %s",
			       ed_status_text(c->rights.status));
	ED_TRY(output_add(c, "verdict.json", ed_report_json, verdict, none, err));
	ED_TRY(output_add(c, "report.html", ed_report_html, verdict, none, err));
	ED_TRY(output_add(c, "summary.txt", ed_report_text, verdict, ed_buf_str(&c->rights), err));
	ED_TRY(manifest_add(c, err));
	ed_ticket_line(tag_of(c), ed_str_from(c->finding), ed_str_from(c->certainty),
		       ed_str_from(c->manifest), c->ticket);
	event_write(c, verdict);
	return ED_OK;
}

/* As exactly as run.json tells it: the bundle is judged as of that time again. */
static int64_t as_written(int64_t t)
{
	const int64_t millisecond = ED_TICKS_PER_SECOND / 1000;

	return t / millisecond * millisecond;
}

/* Judges what has been collected so far, as of @at; with @out the verdict is rendered for the
 * screen. ED_TIME_NONE: as of the end of the evidence. */
static ed_status judge_at(struct collect *c, int64_t at, struct ed_buf *out, struct ed_error *err)
{
	const struct ed_options *o = c->options;
	struct ed_gather_about about = {
		.device = &c->device,
		.device_tag = tag_of(c),
		.level = o->redact,
		.started_at = c->begun.wall,
		.evaluated_at = at,
		.clock_set = c->clock_set,
		.timeout_seconds = o->timeout_seconds,
		.since_ago = o->since_ago,
		.raw = o->raw,
		.interrupted = c->interrupted,
	};
	struct ed_run_source source = { .name = ED_STR(ED_LIVE_SOURCE),
					.at = about.evaluated_at,
					.since_ago = o->since_ago,
					.context = c,
					.fill = fill,
					.judged = judged };

	ed_bundle_free(c->bundle);
	c->bundle = NULL;
	c->last = out != NULL;
	/* a first look leaves nothing behind */
	c->run.any_result = c->run.any_read = c->run.any_lost = false;
	ED_TRY(ed_gather_bundle(&c->gather, &about, &c->bundle, err));
	return ed_run_evidence(&c->run, &source, out, err);
}

/* As of now, or what is now for the evidence when the clock was set meanwhile. */
static ed_status judge(struct collect *c, struct ed_buf *out, struct ed_error *err)
{
	struct ed_instant now = ed_instant_now();

	c->clock_set = ed_instant_set(&c->begun, &now);
	if (c->options->at != ED_TIME_NONE)
		return judge_at(c, as_written(c->options->at), out, err);
	if (c->clock_set) {
		ED_TRY(judge_at(c, ED_TIME_NONE, NULL, err));
		now.wall = ed_instant_judged(now.wall, c->clock_set, c->judged_at);
		/* the event that decides must not be cut off by what as_written takes away */
		now.wall += ED_TICKS_PER_SECOND / 1000;
	}
	return judge_at(c, as_written(now.wall), out, err);
}

static void progress(void *context, const struct ed_live_job *job, size_t done, size_t total)
{
	struct collect *c = context;

	ed_screen_progress(&c->screen, job->name, done, total);
}

static ed_status recorded(void *context, const struct ed_live_job *job,
			  struct ed_recording *recording, struct ed_error *err)
{
	struct collect *c = context;

	(void)job;
	return ed_gather_take(&c->gather, recording, err);
}

static ed_status first_look(void *context, struct ed_error *err)
{
	struct collect *c = context;

	if (!c->screen.shows_progress)
		return ED_OK;
	ED_TRY(judge(c, NULL, err));
	ed_screen_first_look(&c->screen, c->finding, c->certainty);
	return ED_OK;
}

uint32_t ed_collect_at_once(const struct ed_options *options)
{
	if (!options->jobs)
		return AT_ONCE;
	return options->jobs < ED_SCHEDULE_AT_ONCE ? options->jobs : ED_SCHEDULE_AT_ONCE;
}

static ed_status jobs_run(struct collect *c, const struct ed_app_live *live, struct ed_str scratch,
			  bool *hung, struct ed_error *err)
{
	const struct ed_schedule schedule = {
		.sets = live->sets,
		.set_count = live->set_count,
		.at_once = ed_collect_at_once(c->options),
		.first_ms = ED_COLLECT_FIRST_MS,
		.limit_ms = c->options->timeout_seconds * 1000,
		.raw = c->options->raw,
		.scratch = scratch,
		.context = c,
		.progress = progress,
		.recorded = recorded,
		.first_look = first_look,
	};
	struct ed_schedule_result result;
	ed_status status = ed_schedule_run(&schedule, &result, err);

	*hung = result.abandoned > 0;
	c->interrupted = result.interrupted;
	ed_screen_progress_end(&c->screen);
	return status;
}

/* The copy in @folder, unless it is larger than all that may be kept there. */
static ed_status ime_bundle(struct collect *c, struct ed_str folder, struct ed_str name,
			    struct ed_error *err)
{
	struct ed_path_info info;
	struct ed_error why = { .status = ED_OK };
	struct ed_str path = ed_arena_printf(&c->arena, "%.*s/%.*s", ED_FMT(folder), ED_FMT(name));

	if (!path.p)
		return ed_fail(err, ED_NOMEM, "out of memory for a path");
	ED_TRY(ed_bundle_write(c->bundle, path, err));
	ED_TRY(ed_path_stat(path, false, &info, err));
	if (info.size > ED_PLACE_KEEP_BYTES) {
		ED_TRY(ed_file_remove(path, err));
		return ed_fail(err, ED_LIMIT, "no copy in the IME log folder: %llu MiB is too much",
			       (unsigned long long)(info.size / ED_MIB));
	}
	/* an old one that cannot be removed costs nothing else */
	if (ed_place_make_room(folder, ED_PLACE_KEEP_BUNDLES, ed_clock_now(), &why) != ED_OK)
		ed_screen_warn(&c->screen, why.text);
	return ED_OK;
}

/* As SYSTEM, where Intune's own collection of diagnostics finds it. */
static void ime_copy(struct collect *c, struct ed_str name)
{
	struct ed_error why = { .status = ED_OK };
	struct ed_str folder;

	if (c->device.rights != ED_RIGHTS_SYSTEM)
		return;
	if (ed_ime_log_folder(&c->arena, &folder, &why) != ED_OK) {
		ed_screen_warn(&c->screen, why.text);
		return;
	}
	if (!folder.p)
		return;
	if (ime_bundle(c, folder, name, &why) != ED_OK)
		ed_screen_warn(&c->screen, why.text);
	if (ed_place_log(folder, ed_str_from(c->ticket), ed_clock_now(), &why) != ED_OK)
		ed_screen_warn(&c->screen, why.text);
}

#define WRITE_TRIES 16

/* To @path, which is free; another run may take it in the last moment. */
static ed_status bundle_write_new(struct collect *c, struct ed_str *path, struct ed_str *name,
				  struct ed_error *err)
{
	bool taken = true;

	/* a file that the user named is the user's to replace */
	if (ed_str_eq(*path, c->options->out))
		return ed_bundle_write(c->bundle, *path, err);
	for (int i = 0; i < WRITE_TRIES; i++) {
		ED_TRY(ed_bundle_write_new(c->bundle, *path, &taken, err));
		if (!taken)
			return ED_OK;
		ED_TRY(ed_place_new(&c->arena, c->options->out, tag_of(c), c->begun.wall, name,
				    path, err));
	}
	return ed_fail(err, ED_IO, "'%.*s' and the names before it were taken", ED_FMT(*path));
}

/* To @path; when nobody said where and that does not work, to the folder that is always there. */
static ed_status bundle_write(struct collect *c, struct ed_str *path, struct ed_str *name,
			      struct ed_error *err)
{
	ed_status status = bundle_write_new(c, path, name, err);
	struct ed_error why = { .status = ED_OK };
	struct ed_str other;

	if (status == ED_OK || c->options->out.p ||
	    ed_place_fall_back(&c->arena, *name, &other, &why) != ED_OK || ed_str_eq(other, *path))
		return status;
	ed_screen_warn(&c->screen, err->text);
	*path = other;
	err->text[0] = '\0';
	return ed_bundle_write(c->bundle, other, err);
}

/* The bundle to its place, then the last lines of the screen. */
static ed_status bundle_keep(struct collect *c, struct ed_str path, struct ed_str name,
			     struct ed_error *err)
{
	struct ed_path_info info = { .size = 0 };
	ed_status status = bundle_write(c, &path, &name, err);

	if (status == ED_OK) {
		/* for people only: without it the line just lacks the size */
		(void)ed_path_stat(path, true, &info, NULL);
		ed_screen_kept(&c->screen, path, info.size, c->device.name);
		if (c->options->sign_by.p)
			ed_screen_signed(&c->screen, c->signed_well);
	}
	ime_copy(c, name);
	if (status == ED_OK)
		ed_screen_ticket(&c->screen, c->ticket);
	return status;
}

static void verdict_show(struct collect *c, const struct ed_buf *out, struct ed_error *err)
{
	char set[100];

	if (c->interrupted)
		ed_screen_warn(&c->screen, "stopped; this is what was collected until then");
	if (c->clock_set) {
		snprintf(set, sizeof(set), "the clock was set %s by %lld s while this ran",
			 c->clock_set < 0 ? "back" : "forward",
			 llabs((long long)(c->clock_set / ED_TICKS_PER_SECOND)));
		ed_screen_warn(&c->screen, set);
	}
	if (c->options->format == ED_FORMAT_TEXT)
		ed_screen_ticket(&c->screen, c->ticket);
	if (ed_screen_result(&c->screen, ed_buf_str(out), err) != ED_OK && err->status == ED_OK)
		err->status = ED_IO;
	ed_screen_rights(&c->screen, &c->rights);
}

static ed_status collect_run(struct collect *c, const struct ed_app_live *live, bool *hung,
			     struct ed_error *err)
{
	struct ed_error shown = { .status = ED_OK };
	struct ed_str name, path, scratch = { NULL, 0 };
	struct ed_buf out;
	ed_status status;

	ED_TRY(ed_place_new(&c->arena, c->options->out, tag_of(c), c->begun.wall, &name, &path,
			    err));
	/* without it the raw logs are told to be missing */
	if (c->options->raw && ed_place_scratch(&c->arena, path, &scratch, &shown) != ED_OK) {
		ed_screen_warn(&c->screen, shown.text);
		shown.status = ED_OK;
	}
	status = jobs_run(c, live, scratch, hung, err);
	ed_place_sweep(scratch);
	if (status != ED_OK)
		return status;
	ed_buf_init(&out, ED_LIMIT_OUTPUT);
	status = judge(c, &out, err);
	/* a screen that is gone must not cost the bundle */
	if (status == ED_OK)
		verdict_show(c, &out, &shown);
	ed_buf_release(&out);
	/* another run may have taken the name meanwhile; a folder that is gone by now is told when
	 * the bundle is written, and costs no copy elsewhere */
	if (status == ED_OK)
		(void)ed_place_new(&c->arena, c->options->out, tag_of(c), c->begun.wall, &name,
				   &path, NULL);
	if (status == ED_OK && (!c->options->on_failure || c->decided.keep))
		status = bundle_keep(c, path, name, err);
	if (status == ED_OK && shown.status != ED_OK) {
		*err = shown;
		status = shown.status;
	}
	/* a bundle that could not be written is tried again when the task wakes the next time */
	if (status == ED_OK && c->options->on_failure && c->decided.over)
		status = ed_install_task_done(ed_install_system(), err);
	return status;
}

enum ed_exit ed_collect(const struct ed_options *options, const struct ed_app_live *live,
			bool *hung, struct ed_error *err)
{
	struct collect c = { .options = options,
			     .begun = ed_instant_now(),
			     .run = { .tables = &ed_app_sources,
				      .format = options->format,
				      .at = options->at,
				      .now = ed_clock_now(),
				      .report = { .verbose = options->verbose,
						  .one_line =
							  options->format == ED_FORMAT_NDJSON } } };
	ed_status status;

	*hung = false;
	ed_screen_init(&c.screen, options);
	c.run.report.color = c.screen.color;
	ed_arena_init(&c.arena, ED_LIMIT_RUN_ARENA);
	ed_buf_init(&c.rights, ED_KIB);
	status = ed_device_read(&c.arena, &c.device, err);
	if (status == ED_OK && c.device.has_uuid && options->redact != ED_REDACT_STRICT)
		status = ed_device_tag(c.device.uuid, c.tag, err);
	if (status == ED_OK)
		status = ed_gather_begin(&c.gather, options->redact, &c.device, err);
	if (status == ED_OK) {
		status = collect_run(&c, live, hung, err);
		ed_gather_release(&c.gather);
	}
	ed_bundle_free(c.bundle);
	ed_buf_release(&c.rights);
	ed_arena_release(&c.arena);
	if (status != ED_OK)
		return status == ED_ARG ? ED_EXIT_USAGE : ED_EXIT_FAILURE;
	if (!c.run.any_read)
		return ED_EXIT_NOTHING_READ;
	if (options->strict && c.run.any_lost)
		return ED_EXIT_STRICT;
	return options->exit_verdict ? ed_outcome_exit(c.run.worst) : ED_EXIT_DONE;
}

enum ed_exit ed_command_collect(const struct ed_options *options, struct ed_error *err)
{
	enum ed_exit code;
	bool hung;

	if (!ed_app_live.set_count) {
		ed_fail(err, ED_UNSUPPORTED,
			"live collection needs Windows; "
			"run 'espdiag analyze PATH' on recorded evidence instead");
		return ED_EXIT_USAGE;
	}
	if (ed_interrupt_catch(err) != ED_OK)
		return ED_EXIT_FAILURE;
	ed_app_live_prepare();
	code = ed_collect(options, &ed_app_live, &hung, err);
	if (hung) {
		if (err->text[0])
			ed_say_error(err->text);
		ed_process_exit((int)code);
	}
	return code;
}

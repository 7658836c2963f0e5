/* SPDX-License-Identifier: MIT */
/*
 * `espdiag selftest`: reads a real device as collect does and says of every fact that could not be
 * shown without one whether it was seen. Prints no content of the device.
 */
#include "selftest.h"

#include "espdiag/base/limits.h"
#include "espdiag/collectors/schedule.h"
#include "espdiag/platform/file.h"
#include "espdiag/platform/task.h"
#include "espdiag/version.h"

#include "collect.h"
#include "gather.h"
#include "say.h"

static const struct check {
	const char *id, *member, *needle, *relies, *by_hand;
} checks[] = {
#define CHECK(id, member, needle, relies, by_hand) { id, member, needle, relies, by_hand },
#include "selftest.def"
#undef CHECK
};

struct selftest {
	const struct ed_options *options;
	struct ed_gather gather;
	struct ed_device device;
	struct ed_buf text; /* what is printed */
	uint64_t begun;
};

/* What a job delivered, and how long the run had taken by then. */
static ed_status recorded(void *context, const struct ed_live_job *job,
			  struct ed_recording *recording, struct ed_error *err)
{
	struct selftest *s = context;
	size_t bytes = 0;

	for (size_t i = 0; i < recording->member_count; i++)
		bytes += recording->members[i].bytes.len;
	ed_buf_printf(&s->text, "%6lu ms  %-60s %3zu members %9zu bytes\n",
		      (unsigned long)(ed_clock_ms() - s->begun), job->name, recording->member_count,
		      bytes);
	for (size_t i = 0; i < recording->gap_count; i++)
		ed_buf_printf(&s->text, "           %s: %s (%s)\n", recording->gaps[i].source.p,
			      ed_state_word(recording->gaps[i].state), recording->gaps[i].why.p);
	return ed_gather_take(&s->gather, recording, err);
}

static void about_device(struct selftest *s)
{
	const struct ed_device *d = &s->device;

	ed_buf_printf(&s->text, "espdiag " ED_VERSION " selftest\n");
	ed_buf_printf(&s->text, "Windows %u build %u.%u %.*s; caller: %s%s; console: %s, %s\n",
		      (unsigned)d->windows_major, (unsigned)d->windows_build,
		      (unsigned)d->windows_revision, ED_FMT(d->edition), ed_rights_word(d->rights),
		      d->oobe_account ? " (OOBE account)" : "",
		      ed_console_ansi(1) ? "ANSI" : "no ANSI",
		      ed_console_plain(1) ? "ASCII only" : "Unicode");
	ed_buf_printf(&s->text, "SMBIOS UUID: %s; %.*s %.*s\n\n",
		      d->has_uuid ? "known" : "not known", ED_FMT(d->manufacturer),
		      ED_FMT(d->model));
}

enum seen { SEEN, NOT_SEEN, NOT_READ };

static enum seen member_check(const struct ed_bundle *bundle, size_t i, const char *needle)
{
	struct ed_error err = { .status = ED_OK };
	bool absent = needle[0] == '!';
	enum seen seen = NOT_READ;
	struct ed_buf bytes;

	ed_buf_init(&bytes, ED_LIMIT_BUNDLE_BYTES);
	if (ed_bundle_bytes(bundle, i, &bytes, &err) == ED_OK) {
		bool found = ed_str_find(ed_buf_str(&bytes), ed_str_from(needle + absent), 0) !=
			     SIZE_MAX;

		seen = found != absent ? SEEN : NOT_SEEN;
	}
	ed_buf_release(&bytes);
	return seen;
}

static enum seen check_run(const struct ed_bundle *bundle, const struct check *check)
{
	for (size_t i = 0; i < ed_bundle_count(bundle); i++) {
		struct ed_bundle_member member;

		ed_bundle_member(bundle, i, &member);
		if (ed_str_eq(member.name, ed_str_from(check->member)))
			return member_check(bundle, i, check->needle);
	}
	return NOT_READ;
}

static void checks_run(struct selftest *s, const struct ed_bundle *bundle)
{
	static const char *const words[] = {
		[SEEN] = "seen",
		[NOT_SEEN] = "NOT SEEN",
		[NOT_READ] = "not read",
	};
	size_t counts[ED_COUNT(words)] = { 0 };

	ed_buf_addc(&s->text, '\n');
	for (size_t i = 0; i < ED_COUNT(checks); i++) {
		enum seen seen = check_run(bundle, &checks[i]);

		counts[seen]++;
		ed_buf_printf(&s->text, "%-8s  %-18s %s\n", words[seen], checks[i].id,
			      checks[i].relies);
		if (seen != SEEN)
			ed_buf_printf(&s->text, "%30sby hand: %s\n", "", checks[i].by_hand);
	}
	ed_buf_printf(&s->text, "\n%zu seen, %zu not seen, %zu not read\n", counts[SEEN],
		      counts[NOT_SEEN], counts[NOT_READ]);
}

static ed_status selftest_read(struct selftest *s, const struct ed_app_live *live, bool *hung,
			       struct ed_error *err)
{
	const struct ed_schedule schedule = {
		.sets = live->sets,
		.set_count = live->set_count,
		.at_once = ed_collect_at_once(s->options),
		.first_ms = UINT32_MAX,
		.limit_ms = s->options->timeout_seconds * 1000,
		.context = s,
		.recorded = recorded,
	};
	const struct ed_gather_about about = {
		.device = &s->device,
		.level = ED_REDACT_NONE,
		.started_at = ed_clock_now(),
		.evaluated_at = ed_clock_now(),
		.timeout_seconds = s->options->timeout_seconds,
	};
	struct ed_schedule_result result;
	struct ed_bundle *bundle;
	ed_status status = ed_schedule_run(&schedule, &result, err);

	*hung = result.abandoned > 0;
	if (status == ED_OK)
		status = ed_gather_bundle(&s->gather, &about, &bundle, err);
	if (status != ED_OK)
		return status;
	checks_run(s, bundle);
	ed_bundle_free(bundle);
	return ED_OK;
}

ed_status ed_selftest(const struct ed_options *options, const struct ed_app_live *live, bool *hung,
		      struct ed_error *err)
{
	struct selftest s = { .options = options, .begun = ed_clock_ms() };
	struct ed_arena arena;
	ed_status status;

	*hung = false;
	ed_arena_init(&arena, ED_LIMIT_RUN_ARENA);
	ed_buf_init(&s.text, ED_LIMIT_OUTPUT);
	status = ed_device_read(&arena, &s.device, err);
	if (status == ED_OK)
		status = ed_gather_begin(&s.gather, ED_REDACT_NONE, &s.device, err);
	if (status == ED_OK) {
		about_device(&s);
		status = selftest_read(&s, live, hung, err);
		ed_gather_release(&s.gather);
	}
	if (status == ED_OK)
		status = s.text.status == ED_OK
				 ? ed_file_write_whole(options->output, ed_buf_str(&s.text), err)
				 : ed_fail(err, s.text.status, "%s", ed_status_text(s.text.status));
	ed_buf_release(&s.text);
	ed_arena_release(&arena);
	return status;
}

enum ed_exit ed_command_selftest(const struct ed_options *options, struct ed_error *err)
{
	ed_status status;
	bool hung;

	if (!ed_app_live.set_count) {
		ed_fail(err, ED_UNSUPPORTED,
			"selftest checks a real Windows device; there is none here");
		return ED_EXIT_USAGE;
	}
	if (ed_interrupt_catch(err) != ED_OK)
		return ED_EXIT_FAILURE;
	ed_app_live_prepare();
	status = ed_selftest(options, &ed_app_live, &hung, err);
	if (hung && err->text[0])
		ed_say_error(err->text);
	if (hung)
		ed_process_exit(status == ED_OK ? ED_EXIT_DONE : ED_EXIT_FAILURE);
	return status == ED_OK ? ED_EXIT_DONE : ED_EXIT_FAILURE;
}

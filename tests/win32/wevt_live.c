/* SPDX-License-Identifier: MIT */
/*
 * The jobs of collectors/wevt as they ship, run by the scheduler as collect runs them.
 * usage: wevt_live FOLDER [export CHANNEL FILE | signs]
 * Writes what was recorded to FOLDER (the slashes of names become blanks), prints a line for each
 * member and each gap, and at the end the jobs that were abandoned.
 */
#include "espdiag/base/limits.h"
#include "espdiag/collectors/schedule.h"
#include "espdiag/collectors/wevt_watch.h"
#include "espdiag/model/evidence.h"
#include "espdiag/platform/file.h"
#include "espdiag/platform/task.h"

#include <stdio.h>
#include <string.h>

static void progress(void *context, const struct ed_live_job *job, size_t done, size_t total)
{
	(void)context;
	(void)job;
	(void)done;
	(void)total;
}

static ed_status write_member(const char *folder, const struct ed_recorded *member,
			      struct ed_error *err)
{
	struct ed_buf path;
	ed_status status;

	ed_buf_init(&path, ED_LIMIT_NAME_BYTES);
	ed_buf_printf(&path, "%s/", folder);
	for (size_t i = 0; i < member->name.len; i++)
		ed_buf_addc(&path, member->name.p[i] == '/' ? ' ' : member->name.p[i]);
	status = ed_file_write_whole(ed_buf_str(&path), ed_buf_str(&member->bytes), err);
	ed_buf_release(&path);
	return status;
}

static ed_status recorded(void *context, const struct ed_live_job *job,
			  struct ed_recording *recording, struct ed_error *err)
{
	(void)job;
	for (size_t i = 0; i < recording->member_count; i++) {
		const struct ed_recorded *member = &recording->members[i];

		ED_TRY(write_member(context, member, err));
		printf("member\t%s\t%s\n", member->name.p, member->source.p);
	}
	for (size_t i = 0; i < recording->gap_count; i++) {
		const struct ed_recorded_gap *gap = &recording->gaps[i];

		printf("gap\t%s\t%s\t%s\n", gap->source.p, ed_state_word(gap->state), gap->why.p);
	}
	return ED_OK;
}

static int export_one(const char *channel, const char *file)
{
	struct ed_error err = { .status = ED_OK };
	struct ed_wevt_api api;
	ed_status status = ed_wevt_system_new(&api, &err);

	if (status == ED_OK) {
		status = ed_wevt_export(&api, ed_str_from(channel), ed_str_from(file), &err);
		ed_wevt_system_free(&api);
	}
	printf("export\t%s\t%u\n", ed_status_text(status), (unsigned)err.os_code);
	return status == ED_OK ? 0 : 1;
}

/* A key that is not there is no failure, and without a subscription nothing ever comes. */
static int signs_alone(void)
{
	struct ed_error err = { .status = ED_OK };
	struct ed_watch_signs signs;
	ed_status status = ed_watch_signs_new(&signs, &err);
	unsigned seen = ED_WATCH_BROKEN;

	if (status == ED_OK) {
		uint32_t code = signs.listen(signs.context, ED_STR("SOFTWARE\\No such key"));

		seen = code ? ED_WATCH_BROKEN : signs.wait(signs.context, 50);
		ed_watch_signs_free(&signs);
		ed_watch_signs_free(&signs);
	}
	printf("signs\t%u\n", seen);
	return seen ? 1 : 0;
}

int main(int argc, char **argv)
{
	const struct ed_live_jobs *const sets[] = { &ed_wevt_jobs };
	struct ed_schedule_result result = { .jobs = 0 };
	struct ed_error err = { .status = ED_OK };
	uint64_t begin = ed_clock_ms();
	struct ed_schedule schedule = { .sets = sets,
					.set_count = 1,
					.at_once = 4,
					.first_ms = 30000,
					.limit_ms = 60000,
					.progress = progress,
					.recorded = recorded };

	if (argc == 5 && strcmp(argv[2], "export") == 0)
		return export_one(argv[3], argv[4]);
	if (argc == 3 && strcmp(argv[2], "signs") == 0)
		return signs_alone();
	if (argc != 2) {
		fprintf(stderr, "usage: wevt_live FOLDER [export CHANNEL FILE]\n");
		return 2;
	}
	schedule.context = argv[1];
	if (ed_schedule_run(&schedule, &result, &err) != ED_OK) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	printf("done\t%zu\t%zu\t%u\n", result.jobs, result.abandoned,
	       (unsigned)(ed_clock_ms() - begin));
	fflush(stdout);
	/* an abandoned thread still runs */
	ed_process_exit(0);
}

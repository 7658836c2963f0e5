/* SPDX-License-Identifier: MIT */
/*
 * `espdiag collect` with recorded evidence for a device: live_folder FOLDER [options of collect].
 * Every file of FOLDER is a job of its own that records it as a live collector would. Files named
 * "hang", "slow" and "denied" are jobs that behave so. What --eventlog says is added to the file
 * that LIVE_EVENTLOG names.
 */
#include "collect.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/base/utf.h"
#include "espdiag/collectors/state.h"
#include "espdiag/platform/eventlog.h"
#include "espdiag/platform/file.h"
#include "espdiag/platform/process.h"
#include "espdiag/platform/task.h"

#include <stdlib.h>
#include <string.h>

#define JOBS_MOST 256

/* In place of that of agent/platform, which has no event log to write to on this system. */
ed_status ed_eventlog_write(struct ed_str source, uint32_t id, enum ed_eventlog_level level,
			    const struct ed_str *strings, size_t count, struct ed_error *err)
{
	const char *path = getenv("LIVE_EVENTLOG");
	struct ed_buf lines;
	ed_status status;

	if (!path)
		return ed_fail(err, ED_UNSUPPORTED, "LIVE_EVENTLOG names no file");
	ed_buf_init(&lines, ED_MIB);
	ed_buf_printf(&lines, "%.*s %u %d\n", ED_FMT(source), (unsigned)id, (int)level);
	for (size_t i = 0; i < count; i++)
		ed_buf_printf(&lines, "%.*s\n", ED_FMT(strings[i]));
	status = ed_file_append(ed_str_from(path), ed_buf_str(&lines), err);
	ed_buf_release(&lines);
	return status;
}

struct file_row {
	struct ed_str path, name; /* on disk, in the folder */
};

static ed_status bytes_read(struct ed_str path, struct ed_buf *out, struct ed_error *err)
{
	struct ed_file *file;
	size_t got = 0;
	ed_status status;

	ED_TRY(ed_file_open(path, true, &file, err));
	ed_buf_init(out, ED_LIMIT_TEXT_FILE);
	status = ed_buf_reserve(out, (size_t)ed_file_size(file))
			 ? ed_file_read_at(file, 0, out->p, (size_t)ed_file_size(file), &got, err)
			 : ED_NOMEM;
	out->len = got;
	ed_file_close(file);
	return status;
}

static bool is_named(struct ed_str name, const char *end)
{
	return ed_str_iends(name, ed_str_from(end));
}

/* The last part of a path. */
static struct ed_str base_of(struct ed_str path)
{
	size_t at = path.len;

	while (at && path.p[at - 1] != '/')
		at--;
	return ed_str_slice(path, at, path.len);
}

static ed_status file_record(const struct file_row *row, struct ed_str bytes,
			     struct ed_recording *out, struct ed_error *err)
{
	struct ed_str base = base_of(row->name);
	char name[512];
	enum ed_form form = ED_FORM_TEXT;
	struct ed_buf *to;
	bool boot = ed_str_ifind(row->name, ED_STR("MeasuredBoot/"), 0) != SIZE_MAX;

	if (is_named(base, ".xml"))
		form = ED_FORM_EVENTS;
	else if (is_named(base, ".reg"))
		form = ED_FORM_REG;
	else if (boot)
		form = ED_FORM_BOOTLOG;
	else if (is_named(base, ".json"))
		form = ED_FORM_STATE;
	if (boot)
		base.len -= sizeof(".log") - 1;
	snprintf(name, sizeof(name), "%s/%.*s%s",
		 form == ED_FORM_EVENTS  ? "events"
		 : form == ED_FORM_REG   ? "registry"
		 : boot                  ? "measured-boot"
		 : form == ED_FORM_STATE ? "state"
					 : "logs",
		 ED_FMT(base), boot ? ".json" : "");
	ED_TRY(ed_recording_add(out, form, ed_str_from(name), row->name, &to, err));
	if (boot)
		return ed_bootlog_write(base, bytes, to, err);
	ed_buf_text(to, bytes.p, bytes.len, NULL);
	return to->status;
}

static ed_status job_run(const struct ed_live_job *job, const struct ed_live *live,
			 struct ed_recording *out, struct ed_error *err)
{
	const struct file_row *row = job->row;
	struct ed_buf bytes;
	ed_status status;

	if (is_named(row->name, "/hang"))
		ed_sleep_ms(120000);
	if (is_named(row->name, "/denied"))
		return ed_fail(err, ED_ACCESS, "access denied");
	while (is_named(row->name, "/slow") && !live->stopped(live))
		ed_sleep_ms(10);
	status = bytes_read(row->path, &bytes, err);
	if (status == ED_OK)
		status = file_record(row, ed_buf_str(&bytes), out, err);
	ed_buf_release(&bytes);
	return status;
}

struct jobs {
	struct ed_arena arena;
	struct ed_live_job items[JOBS_MOST];
	size_t count;
};

static ed_status folder_add(struct jobs *jobs, struct ed_str path, struct ed_str name,
			    struct ed_error *err)
{
	struct ed_folder_entry *entries;
	size_t count;

	ED_TRY(ed_folder_list(path, &jobs->arena, &entries, &count, err));
	for (size_t i = 0; i < count; i++) {
		struct file_row *row = ed_arena_calloc(&jobs->arena, 1, sizeof(*row));

		if (!row)
			return ed_fail(err, ED_NOMEM, "out of memory");
		row->path = ed_arena_printf(&jobs->arena, "%.*s/%.*s", ED_FMT(path),
					    ED_FMT(entries[i].name));
		row->name = ed_arena_printf(&jobs->arena, "%.*s/%.*s", ED_FMT(name),
					    ED_FMT(entries[i].name));
		if (entries[i].info.kind == ED_PATH_FOLDER) {
			ED_TRY(folder_add(jobs, row->path, row->name, err));
		} else if (jobs->count < JOBS_MOST) {
			jobs->items[jobs->count++] = (struct ed_live_job){
				.name = row->name.p,
				.source = row->name.p,
				.limit_ms = 1000,
				.row = row,
				.run = job_run,
			};
		}
	}
	return ED_OK;
}

static enum ed_exit run(struct jobs *jobs, const struct ed_options *options, const char *folder,
			struct ed_error *err)
{
	struct ed_live_jobs set;
	const struct ed_live_jobs *const sets[] = { &set };
	const struct ed_app_live live = { .sets = sets, .set_count = 1 };
	enum ed_exit code;
	bool hung;

	if (folder_add(jobs, ed_str_from(folder), ED_STR("device"), err) != ED_OK ||
	    ed_interrupt_catch(err) != ED_OK)
		return ED_EXIT_FAILURE;
	set = (struct ed_live_jobs){ jobs->items, jobs->count };
	code = ed_collect(options, &live, &hung, err);
	if (err->text[0])
		fprintf(stderr, "live_folder: %s\n", err->text);
	if (hung)
		ed_process_exit((int)code);
	return code;
}

int main(int argc, char **argv)
{
	static struct jobs jobs;
	const char *paths[64];
	struct ed_options options = { .paths = paths };
	struct ed_error err = { .status = ED_OK };
	enum ed_exit code;

	struct ed_process process;

	if (argc < 2 || argc > 60 || ed_process_begin(&process, argc, argv, &err) != ED_OK)
		return ED_EXIT_USAGE;
	ed_arena_init(&jobs.arena, ED_LIMIT_RUN_ARENA);
	if (ed_options_parse(&options, argc - 1, argv + 1, &err) != ED_OK) {
		fprintf(stderr, "live_folder: %s\n", err.text);
		return ED_EXIT_USAGE;
	}
	code = run(&jobs, &options, argv[1], &err);
	ed_arena_release(&jobs.arena);
	ed_process_end(&process);
	return (int)code;
}

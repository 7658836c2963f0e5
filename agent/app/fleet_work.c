/* SPDX-License-Identifier: MIT */
/*
 * A row a bundle, by several threads. They share nothing but the number of the next path and the
 * places where the lines go, each of which one thread writes once.
 */
#include "fleet.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/json/json.h"
#include "espdiag/platform/task.h"
#include "espdiag/redact/redact.h"
#include "espdiag/report/fleet.h"
#include "espdiag/xml/xml.h"

#include <stdatomic.h>

#define LINE_LIMIT (4 * ED_MIB)
#define POLICY_LIMIT 512
#define LOOK_MS 20 /* how often finished lines are handed on */
#define PROGRESS_MS 200

/* The row under construction, while the verdict is there. */
struct witness {
	struct ed_arena *arena;
	struct ed_fleet_row row;
	struct ed_str reason;  /* of the first source that says why it is not whole */
	struct ed_str damaged; /* of the first that is damaged */
};

static ed_status nomem(struct ed_error *err)
{
	return ed_fail(err, ED_NOMEM, "out of memory for a row");
}

/* The last part of a path; all of it when that is nothing. */
static struct ed_str last_part(struct ed_str path)
{
	size_t end = path.len, begin;

	while (end && (path.p[end - 1] == '/' || path.p[end - 1] == '\\'))
		end--;
	begin = end;
	while (begin && path.p[begin - 1] != '/' && path.p[begin - 1] != '\\')
		begin--;
	return begin < end ? ed_str_slice(path, begin, end) : path;
}

/* False when out of memory. */
static bool keep(struct ed_arena *arena, struct ed_str text, struct ed_str *out)
{
	*out = text.p ? ed_arena_str(arena, text) : text;
	return !text.p || out->p;
}

static bool findings_keep(struct witness *w, const struct ed_verdict *v)
{
	struct ed_str *ids = ed_arena_calloc(w->arena, v->finding_count, sizeof(*ids));

	if (!ids)
		return false;
	/* ids are static */
	for (size_t i = 0; i < v->finding_count; i++)
		ids[i] = ed_str_from(v->findings[i].id);
	w->row.findings = (struct ed_str_list){ ids, v->finding_count };
	return true;
}

/* What a device sees of the tenant's policy: no policy is on it, only what the policy does. */
static bool policy_keep(struct witness *w, const struct ed_verdict *v)
{
	struct ed_buf text;
	bool kept;

	ed_buf_init(&text, POLICY_LIMIT);
	for (size_t i = 0; i < v->sign_in.code_count && i < 3; i++)
		ed_buf_printf(&text, "%sAADSTS%u", text.len ? "; " : "",
			      (unsigned)v->sign_in.codes[i].code);
	if (v->esp.timeout_minutes != ED_UNKNOWN)
		ed_buf_printf(&text, "%spage limit %lld min", text.len ? "; " : "",
			      (long long)v->esp.timeout_minutes);
	if (v->bitlocker.method.len && v->bitlocker.method.len < 64)
		ed_buf_printf(&text, "%s%.*s", text.len ? "; " : "", ED_FMT(v->bitlocker.method));
	kept = text.status == ED_OK &&
	       (!text.len || keep(w->arena, ed_buf_str(&text), &w->row.policy));
	ed_buf_release(&text);
	return kept;
}

static bool why_keep(struct witness *w, const struct ed_coverage *row, struct ed_str *out)
{
	*out = ed_arena_printf(w->arena, "%.*s: %.*s", ED_FMT(row->source), ED_FMT(row->why));
	return out->p != NULL;
}

/* Not what it was when it was made; a channel of which only the newest was recorded is. */
static bool is_broken(const struct ed_coverage *row)
{
	return row->state == ED_STATE_DAMAGED ||
	       (row->state == ED_STATE_TRUNCATED && !row->is_channel);
}

static bool coverage_keep(struct witness *w, const struct ed_verdict *v)
{
	for (size_t i = 0; i < v->coverage_count; i++) {
		const struct ed_coverage *row = &v->coverage[i];

		/* what is not in the evidence is no reason, unless it is the evidence */
		if (!row->why.len || row->state == ED_STATE_READ ||
		    (row->state == ED_STATE_ABSENT && !ed_str_eq(row->source, v->source)))
			continue;
		if (!w->reason.p && !why_keep(w, row, &w->reason))
			return false;
		if (is_broken(row))
			return why_keep(w, row, &w->damaged);
	}
	return true;
}

/* What the run says is of the device itself; else what its logs and registry say. */
static bool build_keep(struct witness *w, const struct ed_verdict *v,
		       const struct ed_bundle_info *bundle)
{
	bool said = bundle->build > 0;
	long long build = said ? bundle->build : v->os_build;
	long long revision = said ? bundle->revision : v->os_revision;

	if (build <= 0)
		return true;
	w->row.build = revision >= 0 ? ed_arena_printf(w->arena, "%lld.%lld", build, revision)
				     : ed_arena_printf(w->arena, "%lld", build);
	return w->row.build.p != NULL;
}

static bool bundle_keep(struct witness *w, const struct ed_bundle_info *bundle)
{
	struct ed_fleet_row *row = &w->row;

	return keep(w->arena, bundle->device_tag, &row->device_tag) &&
	       keep(w->arena, bundle->manufacturer, &row->manufacturer) &&
	       keep(w->arena, bundle->model, &row->model) &&
	       keep(w->arena, bundle->version, &row->version);
}

static ed_status verdict_see(void *context, const struct ed_verdict *v,
			     const struct ed_bundle_info *bundle, struct ed_error *err)
{
	struct witness *w = context;

	w->row.evaluated_at = v->evaluated_at;
	w->row.outcome = v->outcome;
	w->row.primary = ed_str_from(v->primary);
	w->row.certainty = v->certainty;
	return findings_keep(w, v) && policy_keep(w, v) && coverage_keep(w, v) &&
			       build_keep(w, v, bundle) && bundle_keep(w, bundle)
		       ? ED_OK
		       : nomem(err);
}

/* What is left to say once it is known whether anything could be read. */
static void row_finish(struct witness *w, const struct ed_run *run, ed_status status,
		       const struct ed_error *cause)
{
	struct ed_fleet_row *row = &w->row;

	row->read = status == ED_OK && run->any_read;
	row->error = w->damaged;
	if (row->read)
		return;
	/* the clock's time, or none */
	row->evaluated_at = ED_TIME_NONE;
	row->primary = (struct ed_str){ NULL, 0 };
	row->findings.count = 0;
	if (status != ED_OK)
		row->error = ed_str_from(cause->text[0] ? cause->text : ed_status_text(status));
	else if (!row->error.p)
		row->error = w->reason.p ? w->reason : ED_STR("holds no evidence of a known kind");
}

/* What the verdict does not guard: names of bundles, what they say of themselves, failures. */
static ed_status row_guard(struct witness *w, struct ed_error *err)
{
	struct ed_str *const texts[] = { &w->row.source,       &w->row.bundle, &w->row.error,
					 &w->row.manufacturer, &w->row.model,  &w->row.version };
	struct ed_buf clean;
	ed_status status = ED_OK;

	ed_buf_init(&clean, LINE_LIMIT);
	for (size_t i = 0; i < ED_COUNT(texts) && status == ED_OK; i++) {
		ed_buf_clear(&clean);
		if (!texts[i]->len || !ed_redact_secrets(*texts[i], &clean))
			continue;
		if (clean.status != ED_OK || !keep(w->arena, ed_buf_str(&clean), texts[i]))
			status = nomem(err);
	}
	ed_buf_release(&clean);
	return status;
}

ed_status ed_fleet_line(const struct ed_run *how, const struct ed_fleet_path *path,
			struct ed_buf *out, struct ed_error *err)
{
	struct ed_run run = *how;
	struct witness w = { .row = { .source = path->shown,
				      .bundle = last_part(path->shown),
				      .evaluated_at = ED_TIME_NONE } };
	const struct ed_run_witness witness = { &w, verdict_see };
	struct ed_error cause = { .status = ED_OK };
	struct ed_arena arena;
	ed_status status;

	ed_arena_init(&arena, ED_LIMIT_RUN_ARENA);
	w.arena = &arena;
	status = ed_run_path_seen(&run, path->path, &witness, &cause);
	row_finish(&w, &run, status, &cause);
	status = row_guard(&w, err);
	if (status == ED_OK)
		ed_fleet_row_json(&w.row, out);
	ed_arena_release(&arena);
	return status == ED_OK && out->status != ED_OK ? nomem(err) : status;
}

struct crew {
	const struct ed_fleet_work *work;
	atomic_size_t next; /* path that nobody has taken yet */
	atomic_size_t done;
	atomic_bool stop;       /* no further paths are taken */
	atomic_bool failed;     /* a line could not be held */
	_Atomic(char *) *lines; /* by path; NULL until it is judged; heap */
};

/* A thread: takes paths until there are none. */
static void crew_run(void *context)
{
	struct crew *crew = context;
	const struct ed_fleet_paths *paths = crew->work->paths;

	while (!atomic_load(&crew->stop)) {
		size_t i = atomic_fetch_add(&crew->next, 1);
		struct ed_buf line;

		if (i >= paths->count)
			return;
		ed_buf_init(&line, LINE_LIMIT);
		if (ed_fleet_line(crew->work->how, &paths->items[i], &line, NULL) != ED_OK) {
			ed_buf_release(&line);
			atomic_store(&crew->failed, true);
			atomic_store(&crew->stop, true);
			return;
		}
		/* the buffer's memory is the line's from now on */
		atomic_store_explicit(&crew->lines[i], line.p, memory_order_release);
		atomic_fetch_add(&crew->done, 1);
	}
}

/* Hands on the lines that are there, up to the first that is not; *told is how many were. */
static ed_status lines_tell(struct crew *crew, size_t *told, struct ed_error *err)
{
	const struct ed_fleet_work *work = crew->work;

	while (*told < work->paths->count) {
		char *line = atomic_load_explicit(&crew->lines[*told], memory_order_acquire);
		ed_status status;

		if (!line)
			return ED_OK;
		atomic_store_explicit(&crew->lines[*told], NULL, memory_order_relaxed);
		++*told;
		status = work->row(work->context, ed_str_from(line), err);
		ed_free(line);
		if (status != ED_OK)
			return status;
	}
	return ED_OK;
}

/* Until all threads have ended. They are told to stop as soon as something failed. */
static ed_status crew_watch(struct crew *crew, struct ed_task **tasks, uint32_t count, size_t *told,
			    struct ed_error *err)
{
	const struct ed_fleet_work *work = crew->work;
	uint64_t start = ed_clock_ms(), last = start;
	ed_status status = ED_OK;
	uint32_t left = count, which;

	while (left) {
		uint64_t now;

		if (ed_task_wait_any(tasks, count, LOOK_MS, false, &which)) {
			ed_task_finish(tasks[which]);
			tasks[which] = NULL;
			left--;
		}
		if (status == ED_OK)
			status = lines_tell(crew, told, err);
		if (status != ED_OK)
			atomic_store(&crew->stop, true);
		now = ed_clock_ms();
		if (work->progress && status == ED_OK && now - last >= PROGRESS_MS) {
			work->progress(work->context, atomic_load(&crew->done), work->paths->count,
				       now - start);
			last = now;
		}
	}
	if (status == ED_OK)
		status = lines_tell(crew, told, err);
	if (work->progress && last != start)
		work->progress(work->context, atomic_load(&crew->done), work->paths->count,
			       ed_clock_ms() - start);
	return status == ED_OK && atomic_load(&crew->failed) ? nomem(err) : status;
}

static ed_status crew_start(struct crew *crew, struct ed_task **tasks, uint32_t wanted,
			    uint32_t *started, struct ed_error *err)
{
	ed_status status = ED_OK;

	while (*started < wanted && status == ED_OK) {
		status = ed_task_start(crew_run, NULL, crew, &tasks[*started], err);
		*started += status == ED_OK;
	}
	/* fewer threads give the same lines */
	return *started ? ED_OK : status;
}

/* What the libraries do once a process has to be done before there are threads. */
static ed_status libraries_start(struct ed_error *err)
{
	struct ed_json *json = NULL;
	struct ed_xml *xml = NULL;

	ED_TRY(ed_json_parse(ED_STR("{}"), &json, err));
	ed_json_free(json);
	ED_TRY(ed_xml_new(&xml, err));
	ed_xml_free(xml);
	return ED_OK;
}

ed_status ed_fleet_work(const struct ed_fleet_work *work, struct ed_error *err)
{
	size_t count = work->paths->count, told = 0;
	uint32_t wanted = work->jobs < count ? work->jobs : (uint32_t)count, started = 0;
	struct crew crew = { .work = work };
	struct ed_task **tasks;
	ed_status status;

	if (!count)
		return ED_OK;
	ED_TRY(libraries_start(err));
	atomic_init(&crew.next, 0);
	atomic_init(&crew.done, 0);
	atomic_init(&crew.stop, false);
	atomic_init(&crew.failed, false);
	crew.lines = ed_calloc(count, sizeof(*crew.lines));
	tasks = ed_calloc(wanted, sizeof(struct ed_task *));
	status = crew.lines && tasks ? crew_start(&crew, tasks, wanted, &started, err) : nomem(err);
	if (started)
		status = crew_watch(&crew, tasks, started, &told, err);
	for (; crew.lines && told < count; told++)
		ed_free(atomic_load(&crew.lines[told]));
	ed_free(crew.lines);
	ed_free(tasks);
	return status;
}

/* SPDX-License-Identifier: MIT */
/* One PATH: ingest, analyse, report, release. */
#include "run.h"

#include "espdiag/analyze/analyze.h"
#include "espdiag/base/limits.h"
#include "espdiag/version.h"

#include "guard.h"

/* How bad an outcome is for a script that asked for one answer over several PATHs. */
static int outcome_weight(enum ed_outcome outcome)
{
	switch (outcome) {
	case ED_OUTCOME_BLOCKED:
		return 4;
	case ED_OUTCOME_FAILED:
		return 3;
	case ED_OUTCOME_WAITING:
		return 2;
	case ED_OUTCOME_INCONCLUSIVE:
		return 1;
	case ED_OUTCOME_RECOVERED:
	case ED_OUTCOME_HEALTHY:
		break;
	}
	return 0;
}

/* PATH itself could not be found or opened: that is what the verdict has to say. */
static ed_status add_unread_path(struct ed_evidence *evidence, struct ed_str path, ed_status status,
				 struct ed_str why, struct ed_error *err)
{
	struct ed_coverage row = {
		.source = path,
		.state = status == ED_ACCESS ? ED_STATE_DENIED
			 : status == ED_IO   ? ED_STATE_DAMAGED
					     : ED_STATE_ABSENT,
		.oldest = ED_TIME_NONE,
		.newest = ED_TIME_NONE,
		.lost = ED_LOST_UNKNOWN,
		.why = why,
	};

	return ed_evidence_add_coverage(evidence, &row, err);
}

/* Files of no known kind are passed over; where there is nothing else, that is worth saying. */
static ed_status add_unknown_path(struct ed_evidence *evidence, struct ed_str path,
				  const struct ed_ingest_stats *stats, struct ed_error *err)
{
	struct ed_coverage row = {
		.source = path,
		.state = ED_STATE_ABSENT,
		.oldest = ED_TIME_NONE,
		.newest = ED_TIME_NONE,
		.why = ED_STR("no evidence of a known kind"),
	};

	if (stats->read || stats->failed || !stats->ignored)
		return ED_OK;
	return ed_evidence_add_coverage(evidence, &row, err);
}

struct path_fill {
	const struct ed_run *run;
	struct ed_str path;
	struct ed_bundle_info bundle;
	const struct ed_run_witness *witness; /* or NULL */
};

ed_status ed_run_path_read(const struct ed_run *run, struct ed_str path,
			   const struct ed_bundle_info *bundle, struct ed_evidence *evidence,
			   struct ed_ingest_stats *stats, struct ed_error *err)
{
	struct ed_error why = { 0 };
	ed_status status;

	if (bundle->is_bundle)
		status = ed_ingest_disk_bundle(run->tables, path, bundle, run->prefer_raw, evidence,
					       stats, &why);
	else
		status = ed_ingest(run->tables, path, evidence, stats, &why);
	switch (status) {
	case ED_OK:
		if (!bundle->unread.p)
			return add_unknown_path(evidence, path, stats, err);
		stats->any_lost = true;
		return add_unread_path(evidence, path, ED_IO, bundle->unread, err);
	case ED_ARG:
	case ED_ACCESS:
	case ED_ABSENT:
	case ED_IO:
		stats->any_lost = true;
		return add_unread_path(evidence, path, status, ed_str_from(why.text), err);
	case ED_NOMEM:
	case ED_LIMIT:
	case ED_FORMAT:
	case ED_UNSUPPORTED:
		break;
	}
	if (err)
		*err = why;
	return status;
}

static ed_status path_ingest(void *context, struct ed_evidence *evidence,
			     struct ed_ingest_stats *stats, struct ed_error *err)
{
	const struct path_fill *fill = context;

	return ed_run_path_read(fill->run, fill->path, &fill->bundle, evidence, stats, err);
}

static ed_status path_judged(void *context, const struct ed_verdict *verdict, struct ed_error *err)
{
	const struct path_fill *fill = context;

	return fill->witness->see(fill->witness->context, verdict, &fill->bundle, err);
}

static ed_status verdict_report(const struct ed_run *run, const struct ed_verdict *verdict,
				struct ed_buf *out, struct ed_error *err)
{
	if (run->format == ED_FORMAT_TEXT)
		ed_report_text(verdict, &run->report, out);
	else if (run->format == ED_FORMAT_HTML)
		ed_report_html(verdict, &run->report, out);
	else
		ed_report_json(verdict, &run->report, out);
	if (out->status != ED_OK)
		return ed_fail(err, out->status, "cannot hold the verdict of '%.*s': %s",
			       ED_FMT(verdict->source), ed_status_text(out->status));
	return ED_OK;
}

ed_status ed_run_evidence(struct ed_run *run, const struct ed_run_source *source,
			  struct ed_buf *out, struct ed_error *err)
{
	struct ed_analyze_options options = { .source = source->name,
					      .at = source->at,
					      .now = run->now,
					      .since = run->since,
					      .since_ago = source->since_ago };
	struct ed_ingest_stats stats = { .deadline = run->deadline };
	struct ed_evidence evidence;
	struct ed_verdict verdict;
	struct ed_arena arena;
	ed_status status;

	ed_arena_init(&arena, ED_LIMIT_RUN_ARENA);
	ed_evidence_init(&evidence, &arena, ed_analyze_wants);
	status = source->fill(source->context, &evidence, &stats, err);
	if (status != ED_OK)
		goto out;
	ed_evidence_finish(&evidence);
	status = ed_analyze(&evidence, &options, &arena, &verdict, err);
	if (status == ED_OK)
		status = ed_guard_verdict(&verdict, &arena, err);
	if (status == ED_OK && run->redact != ED_REDACT_NONE)
		status = ed_guard_names(&verdict, &evidence, run->redact, &arena, err);
	if (status == ED_OK && source->judged)
		status = source->judged(source->context, &verdict, err);
	if (status == ED_OK && out)
		status = verdict_report(run, &verdict, out, err);
	if (status != ED_OK)
		goto out;
	run->any_read = run->any_read || stats.any_read;
	run->any_lost = run->any_lost || stats.any_lost;
	if (!run->any_result || outcome_weight(verdict.outcome) > outcome_weight(run->worst))
		run->worst = verdict.outcome;
	run->any_result = true;
out:
	ed_evidence_release(&evidence);
	ed_arena_release(&arena);
	return status;
}

/* What another version made of the same bundle. */
static ed_status recorded_tell(const struct ed_run *run, const struct ed_bundle_info *bundle,
			       struct ed_buf *out, struct ed_error *err)
{
	struct ed_buf *to = run->format == ED_FORMAT_TEXT ? out : run->notes;
	struct ed_str primary = bundle->primary.p ? bundle->primary : ED_STR("no finding");

	if (!to || !bundle->is_bundle || !bundle->version.p || !bundle->certainty.p ||
	    ed_str_eq(bundle->version, ED_STR(ED_VERSION)))
		return ED_OK;
	ed_buf_printf(to, "recorded by espdiag %.*s: %.*s (%.*s)\n", ED_FMT(bundle->version),
		      ED_FMT(primary), ED_FMT(bundle->certainty));
	return to->status == ED_OK
		       ? ED_OK
		       : ed_fail(err, to->status, "cannot hold the recorded verdict: %s",
				 ed_status_text(to->status));
}

static ed_status path_run(struct ed_run *run, struct ed_str path,
			  const struct ed_run_witness *witness, struct ed_buf *out,
			  struct ed_error *err)
{
	struct path_fill fill = {
		.run = run,
		.path = path,
		.bundle = { .evaluated_at = ED_TIME_NONE, .build = -1, .revision = -1 },
		.witness = witness
	};
	struct ed_run_source source = { .name = path,
					.at = run->at,
					.since_ago = run->since_ago,
					.context = &fill,
					.fill = path_ingest,
					.judged = witness ? path_judged : NULL };
	struct ed_run before = *run;
	struct ed_arena arena;
	ed_status status = ED_OK;

	ed_arena_init(&arena, ED_LIMIT_RUN_ARENA);
	if (!ed_deadline_over(run->deadline))
		status = ed_bundle_inspect(path, &arena, &fill.bundle, err);
	if (source.at == ED_TIME_NONE)
		source.at = fill.bundle.evaluated_at;
	if (!source.since_ago && !run->since)
		source.since_ago = fill.bundle.since_ago;
	if (status == ED_OK)
		status = ed_run_evidence(run, &source, out, err);
	if (status == ED_OK && !witness)
		status = recorded_tell(run, &fill.bundle, out, err);
	if (status != ED_OK)
		*run = before;
	ed_arena_release(&arena);
	return status;
}

ed_status ed_run_path(struct ed_run *run, struct ed_str path, struct ed_buf *out,
		      struct ed_error *err)
{
	return path_run(run, path, NULL, out, err);
}

ed_status ed_run_path_seen(struct ed_run *run, struct ed_str path,
			   const struct ed_run_witness *witness, struct ed_error *err)
{
	return path_run(run, path, witness, NULL, err);
}

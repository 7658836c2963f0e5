/* SPDX-License-Identifier: MIT */
/* One PATH from evidence to the printed verdict, and what all PATHs of a run add up to. */
#ifndef AGENT_APP_RUN_H
#define AGENT_APP_RUN_H

#include "ingest.h"

#include "espdiag/analyze/verdict.h"
#include "espdiag/report/report.h"

#include "options.h"

struct ed_run {
	const struct ed_ingest_tables *tables;
	enum ed_format format;
	struct ed_report_options report;
	int64_t at;        /* ED_TIME_NONE = as of a bundle's run, else the newest event */
	int64_t now;       /* of the clock, for evidence without any time */
	int64_t since;     /* nothing older is used; 0: all */
	int64_t since_ago; /* the same in ticks before the time of evaluation; 0: as of a bundle's
			      run, else all */
	const struct ed_deadline *deadline; /* NULL: none */
	bool prefer_raw;                    /* of bundles: raw/ instead of events/ */
	enum ed_redact_level redact;        /* of what is printed; secrets always go */
	struct ed_buf
		*notes;  /* what is to be said beside the verdict, a line each; NULL: nothing */
	bool any_read;   /* some PATH had evidence that could be read */
	bool any_lost;   /* some PATH had something that could not */
	bool any_result; /* @worst is set */
	enum ed_outcome worst; /* of all PATHs, for --exit-verdict */
};

/* Evidence that is to be judged, wherever it comes from. */
struct ed_run_source {
	struct ed_str name; /* goes into the verdict as its source */
	int64_t at;         /* ED_TIME_NONE = the newest event */
	int64_t since_ago;  /* ticks before it; 0: all is used */
	void *context;
	/* Reads into @evidence, which is finished afterwards, and counts into @stats. */
	ed_status (*fill)(void *context, struct ed_evidence *evidence,
			  struct ed_ingest_stats *stats, struct ed_error *err);
	/* Gets the verdict, valid during the call only. May be NULL. */
	ed_status (*judged)(void *context, const struct ed_verdict *verdict, struct ed_error *err);
};

/*
 * Judges what @source fills in, hands the verdict to judged, and appends it in the run's format to
 * @out, unless that is NULL. ED_NOMEM, ED_LIMIT, or what fill or judged returned: nothing of @run
 * changed.
 */
ed_status ed_run_evidence(struct ed_run *run, const struct ed_run_source *source,
			  struct ed_buf *out, struct ed_error *err);

/*
 * Reads and judges @path and appends its verdict to @out. A PATH that cannot be read is a coverage
 * row of an inconclusive verdict, no failure. What another version of espdiag recorded in a bundle
 * is one line more: behind the verdict's text, else in notes. ED_NOMEM, ED_LIMIT: nothing of @run
 * changed.
 */
ed_status ed_run_path(struct ed_run *run, struct ed_str path, struct ed_buf *out,
		      struct ed_error *err);

/*
 * Reads @path, of which ed_bundle_inspect said @bundle, into @evidence, and judges nothing. A PATH
 * that cannot be read is a coverage row. ED_NOMEM, ED_LIMIT.
 */
ed_status ed_run_path_read(const struct ed_run *run, struct ed_str path,
			   const struct ed_bundle_info *bundle, struct ed_evidence *evidence,
			   struct ed_ingest_stats *stats, struct ed_error *err);

/* Who wants to see a verdict, and what the bundle says of itself; both last for the call only. */
struct ed_run_witness {
	void *context;
	ed_status (*see)(void *context, const struct ed_verdict *verdict,
			 const struct ed_bundle_info *bundle, struct ed_error *err);
};

/*
 * The same, but the verdict goes to @witness and is not written. Whatever see returns ends it. See
 * may judge another PATH: then both verdicts are there at once.
 */
ed_status ed_run_path_seen(struct ed_run *run, struct ed_str path,
			   const struct ed_run_witness *witness, struct ed_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/* From PATHs to printed events: the readers of events, and where what they deliver goes. */
#include "events_run.h"

#include "events_jobs.h"

#include "espdiag/base/limits.h"
#include "espdiag/collectors/archive.h"
#include "espdiag/collectors/evtx.h"
#include "espdiag/collectors/evtx_dump.h"
#include "espdiag/collectors/evxml.h"

#define FLUSH_BYTES (64 * ED_KIB)
/* What is written at once, one event of the largest kind, and what its last value may need. */
#define OUT_LIMIT (2 * ED_MIB + ED_LIMIT_EVENT_BYTES + 2 * ED_MIB)
#define NOTES_MAX 200

/* The ledger of what was read, which is a sink; events do not go into it but out. */
struct store {
	struct ed_evidence evidence; /* first */
	const struct ed_sink_ops *ledger;
	struct ed_events_run *run;
	struct ed_evtx_dump *dump;
	struct ed_events_jobs *jobs;       /* NULL: one thread */
	struct ed_evtx_dump_stats by_jobs; /* of the logs that they read */
	struct ed_buf out;
	struct ed_error failure; /* of the writer; nothing is written after it */
	size_t notes;
};

static struct store *from_sink(struct ed_sink *sink)
{
	return (struct store *)(void *)sink;
}

static bool keep_none(const struct ed_event_head *head)
{
	(void)head;
	return false;
}

static ed_status store_flush(void *context, struct ed_buf *out, struct ed_error *err)
{
	struct store *s = context;
	ed_status status = s->failure.status;

	if (status == ED_OK && out->len)
		status = s->run->write(s->run->context, ed_buf_str(out), &s->failure);
	ed_buf_clear(out);
	s->failure.status = status;
	if (status != ED_OK && err)
		*err = s->failure;
	/* ends the log that is being read; what was written stays */
	if (status == ED_OK && ed_deadline_over(s->run->deadline))
		return ed_deadline_fail(s->run->deadline, err);
	return status;
}

static bool store_want(struct ed_sink *sink, const struct ed_event_head *head)
{
	struct store *s = from_sink(sink);

	(void)s->ledger->want(sink, head);
	return ed_filter_matches(s->run->filter, head);
}

/* The line of a table is cut to what fits, so its parts are made fit to be seen before. */
static ed_status row_put(struct store *s, const struct ed_event *event, struct ed_error *err)
{
	struct ed_event clean;

	ED_TRY(ed_events_screen_event(s->run->screen, event, &clean, err));
	if (!s->run->screen->is_learning)
		ed_events_table_row(&s->out, &clean, s->run->fields);
	return ED_OK;
}

static ed_status event_put(struct store *s, const struct ed_event *event, struct ed_error *err)
{
	size_t begin = s->out.len;

	switch (s->run->format) {
	case ED_FORMAT_XML:
		ed_event_xml(&s->out, event);
		break;
	case ED_FORMAT_TEXT:
		return row_put(s, event, err);
	case ED_FORMAT_HTML: /* options.c refuses these two */
	case ED_FORMAT_CSV:
	case ED_FORMAT_JSON:
	case ED_FORMAT_NDJSON:
		ed_event_json(&s->out, event, s->run->fields);
		break;
	}
	if (s->out.status != ED_OK)
		return ED_OK; /* the caller says it */
	return ed_events_screen_text(s->run->screen, event, &s->out, begin, err);
}

static ed_status store_event(struct ed_sink *sink, const struct ed_event *event,
			     struct ed_error *err)
{
	struct store *s = from_sink(sink);
	size_t mark = s->out.len;

	ED_TRY(event_put(s, event, err));
	if (s->out.status == ED_LIMIT && mark) {
		/* perhaps there is room for it alone */
		s->out.status = ED_OK;
		s->out.len = mark;
		ED_TRY(store_flush(s, &s->out, err));
		ED_TRY(event_put(s, event, err));
	}
	if (s->out.status != ED_OK)
		return ed_fail(err, s->out.status, "cannot hold an event: %s",
			       ed_status_text(s->out.status));
	s->run->written++;
	return s->out.len < FLUSH_BYTES ? ED_OK : store_flush(s, &s->out, err);
}

static ed_status store_fact(struct ed_sink *sink, const struct ed_fact *fact, struct ed_error *err)
{
	(void)sink;
	(void)fact;
	(void)err;
	return ED_OK;
}

static ed_status store_gap(struct ed_sink *sink, const struct ed_gap *gap, struct ed_error *err)
{
	return from_sink(sink)->ledger->gap(sink, gap, err);
}

static const struct ed_sink_ops store_ops = {
	.want = store_want,
	.event = store_event,
	.fact = store_fact,
	.gap = store_gap,
};

/* Adds what @s prints of @input to *stats. */
static ed_status log_print(struct store *s, const struct ed_input *input, struct ed_sink *sink,
			   struct ed_evtx_dump_stats *stats, struct ed_error *err)
{
	struct ed_evtx_dump_stats before = ed_evtx_dump_stats(s->dump), after;
	ed_status status;

	if (s->jobs && ed_events_jobs_suit(input)) {
		status = ed_events_jobs_read(s->jobs, input, sink, stats, err);
		s->by_jobs.written += stats->written;
		s->by_jobs.skipped += stats->skipped;
		return status;
	}
	status = ed_evtx_dump_read(s->dump, input, sink, err);
	after = ed_evtx_dump_stats(s->dump);
	stats->records = after.records - before.records;
	stats->skipped = after.skipped - before.skipped;
	return status;
}

/* The records do not pass the sink one by one, so the ledger gets their number at the end. */
static ed_status evtx_read(const struct ed_input *input, struct ed_sink *sink, struct ed_error *err)
{
	struct store *s = from_sink(sink);
	struct ed_evtx_dump_stats stats = { 0 };
	struct ed_coverage row = { .source = input->path,
				   .path = input->path,
				   .state = ED_STATE_READ,
				   .oldest = ED_TIME_NONE,
				   .newest = ED_TIME_NONE };
	ed_status status;

	if (s->failure.status != ED_OK)
		return ED_OK;
	status = log_print(s, input, sink, &stats, err);
	row.records = stats.records;
	if (status != ED_OK || (!row.records && !stats.skipped))
		return status;
	status = ed_evidence_add_coverage(&s->evidence, &row, err);
	return status == ED_LIMIT ? ED_OK : status;
}

static int evtx_probe(struct ed_str head, struct ed_str path)
{
	return ed_reader_evtx.probe(head, path);
}

static ed_status evxml_read(const struct ed_input *input, struct ed_sink *sink,
			    struct ed_error *err)
{
	return from_sink(sink)->failure.status == ED_OK ? ed_reader_evxml.read(input, sink, err)
							: ED_OK;
}

static int evxml_probe(struct ed_str head, struct ed_str path)
{
	return ed_reader_evxml.probe(head, path);
}

static const struct ed_reader reader_evtx = {
	.name = "evtx", .probe = evtx_probe, .read = evtx_read, .reads_in_order = true
};
static const struct ed_reader reader_evxml = { .name = "evxml",
					       .probe = evxml_probe,
					       .read = evxml_read };

static const struct ed_container *const containers[] = { &ed_container_zip, &ed_container_cab };

static const struct ed_ingest_tables tables = {
	.readers = (const struct ed_reader *const[]){ &reader_evtx, &reader_evxml },
	.reader_count = 2,
	.containers = containers,
	.container_count = ED_COUNT(containers),
	.own_clock = true,
};

static void note(struct store *s, struct ed_str source, const char *state, uint64_t lost,
		 struct ed_str why)
{
	struct ed_buf *notes = s->run->notes;

	if (!notes || s->notes > NOTES_MAX)
		return;
	if (s->notes++ == NOTES_MAX) {
		ed_buf_addz(notes, "and more\n");
		return;
	}
	ed_buf_printf(notes, "%.*s: %s", ED_FMT(source), state);
	if (lost == ED_LOST_UNKNOWN)
		ed_buf_addz(notes, ", lost an unknown number of records");
	else if (lost)
		ed_buf_printf(notes, ", lost %llu records", (unsigned long long)lost);
	if (why.len)
		ed_buf_printf(notes, ": %.*s", ED_FMT(why));
	ed_buf_addc(notes, '\n');
}

/* What the ledger of one PATH says of losses. */
static void notes_add(struct store *s)
{
	const struct ed_evidence *e = &s->evidence;

	for (size_t i = 0; i < e->coverage_count; i++) {
		const struct ed_coverage *row = &e->coverage[i];

		if (row->lost || (row->state != ED_STATE_READ && row->state != ED_STATE_EMPTY))
			note(s, row->path.p ? row->path : row->source, ed_state_word(row->state),
			     row->lost, row->why);
	}
}

static ed_status path_run(struct store *s, struct ed_str path, struct ed_error *err)
{
	struct ed_ingest_stats stats = { .deadline = s->run->deadline };
	struct ed_error why = { .status = ED_OK };
	struct ed_arena arena;
	ed_status status;

	ed_arena_init(&arena, ED_LIMIT_RUN_ARENA);
	ed_evidence_init(&s->evidence, &arena, keep_none);
	s->ledger = s->evidence.sink.ops;
	s->evidence.sink.ops = &store_ops;
	status = ed_ingest(&tables, path, &s->evidence, &stats, &why);
	if (s->failure.status != ED_OK) {
		status = s->failure.status;
		why = s->failure;
	} else if (status == ED_ARG || status == ED_ACCESS || status == ED_ABSENT ||
		   status == ED_IO) {
		note(s, path, ed_status_text(status), 0, ed_str_from(why.text));
		stats.any_lost = true;
		status = ED_OK;
	} else if (status == ED_OK) {
		notes_add(s);
	}
	if (status != ED_OK && err)
		*err = why;
	s->run->any_read = s->run->any_read || stats.any_read;
	s->run->any_lost = s->run->any_lost || stats.any_lost;
	ed_evidence_release(&s->evidence);
	ed_arena_release(&arena);
	return status;
}

static ed_status paths_run(struct store *s, const char *const *paths, size_t path_count,
			   struct ed_error *err)
{
	if (s->run->format == ED_FORMAT_XML)
		ed_buf_addz(&s->out, "<?xml version=\"1.0\" encoding=\"utf-8\" "
				     "standalone=\"yes\"?>\n<Events>\n");
	else if (s->run->format == ED_FORMAT_TEXT)
		ed_events_table_head(&s->out);
	for (size_t i = 0; i < path_count; i++)
		ED_TRY(path_run(s, ed_str_from(paths[i]), err));
	if (s->run->format == ED_FORMAT_XML)
		ed_buf_addz(&s->out, "</Events>\n");
	if (s->out.status != ED_OK)
		return ed_fail(err, s->out.status, "cannot hold the output: %s",
			       ed_status_text(s->out.status));
	/* the time may be over by now, and all is written all the same */
	(void)store_flush(s, &s->out, err);
	if (s->failure.status != ED_OK && err)
		*err = s->failure;
	return s->failure.status;
}

static enum ed_dump_form form_of(enum ed_format format)
{
	switch (format) {
	case ED_FORMAT_XML:
		return ED_DUMP_XML;
	case ED_FORMAT_TEXT:
		return ED_DUMP_EVENTS;
	case ED_FORMAT_JSON:
	case ED_FORMAT_NDJSON:
	case ED_FORMAT_HTML:
	case ED_FORMAT_CSV:
		break;
	}
	return ED_DUMP_JSON;
}

ed_status ed_events_run(struct ed_events_run *run, const char *const *paths, size_t path_count,
			struct ed_error *err)
{
	struct store s = { .run = run };
	struct ed_evtx_dump_options options = {
		.form = form_of(run->format),
		.filter = run->filter,
		.wanted = run->fields,
		.screen = &run->screen->dump,
		.out = &s.out,
		.flush = store_flush,
		.context = &s,
	};
	struct ed_evtx_dump_stats stats;
	ed_status status;

	ED_TRY(ed_evtx_dump_new(&s.dump, &options, err));
	ed_buf_init(&s.out, OUT_LIMIT);
	/* a table is for people, who do not read that fast; and names are learnt by one reader */
	status = run->jobs > 1 && options.form != ED_DUMP_EVENTS && !options.screen->all
			 ? ed_events_jobs_new(run->jobs, ED_EVENTS_JOBS_HELD, &options,
					      options.form == ED_DUMP_XML, &s.jobs, err)
			 : ED_OK;
	if (status == ED_OK)
		status = paths_run(&s, paths, path_count, err);
	stats = ed_evtx_dump_stats(s.dump);
	/* the sink counted those of ED_DUMP_EVENTS itself */
	if (options.form != ED_DUMP_EVENTS)
		run->written += stats.written + s.by_jobs.written;
	run->skipped = stats.skipped + s.by_jobs.skipped;
	ed_buf_release(&s.out);
	ed_events_jobs_free(s.jobs);
	ed_evtx_dump_free(s.dump);
	return status;
}

static const struct ed_ingest_tables heads_only = {
	.readers = (const struct ed_reader *const[]){ &ed_reader_evtx, &ed_reader_evxml },
	.reader_count = 2,
	.containers = containers,
	.container_count = ED_COUNT(containers),
};

ed_status ed_events_newest(const char *const *paths, size_t path_count,
			   const struct ed_deadline *deadline, int64_t *newest,
			   struct ed_error *err)
{
	ed_status status = ED_OK;

	*newest = ED_TIME_NONE;
	for (size_t i = 0; status != ED_NOMEM && i < path_count; i++) {
		struct ed_ingest_stats stats = { .deadline = deadline };
		struct ed_evidence evidence;
		struct ed_arena arena;

		ed_arena_init(&arena, ED_LIMIT_RUN_ARENA);
		ed_evidence_init(&evidence, &arena, keep_none);
		status = ed_ingest(&heads_only, ed_str_from(paths[i]), &evidence, &stats, err);
		for (size_t j = 0; j < evidence.coverage_count; j++)
			if (evidence.coverage[j].newest > *newest)
				*newest = evidence.coverage[j].newest;
		ed_evidence_release(&evidence);
		ed_arena_release(&arena);
	}
	return status == ED_NOMEM ? status : ED_OK;
}

/* SPDX-License-Identifier: MIT */
/*
 * A log in parts: each thread has a reader, a screen and an output of its own and prints one part;
 * the outputs are handed on in the order of the parts. What a part cannot print alone, because
 * damage needs what came before it or because it becomes too long to be held, is printed again by
 * one more reader, which goes through the log from its begin without printing.
 */
#include "events_jobs.h"

#include "espdiag/base/alloc.h"
#include "espdiag/collectors/evtx_parts.h"
#include "espdiag/platform/task.h"

#include "events_screen.h"

/* Chunks of a part: with fewer the thread costs more than it brings. */
#define PART_LEAST 8
#define PART_MOST 32
#define PARTS_EACH 4 /* for each thread, so that all end at about the same time */
/* What one record may add to the output that is held. */
#define RECORD_OUT_BYTES (4 * ED_MIB + ED_LIMIT_EVENT_BYTES)

/* A reader with its output. */
struct printer {
	struct ed_evtx_dump *dump;
	struct ed_events_screen screen;
	struct ed_buf out;
	size_t held; /* bytes of it that may be */
	struct ed_evtx_part *part;
	struct ed_task *task; /* NULL: it was run at once */
	/* what to do, and how it went */
	const struct ed_input *input;
	struct ed_sink *sink;
	uint64_t first, end;
	bool is_full;
	ed_status status;
	struct ed_error err;
	struct ed_evtx_dump_stats stats;
};

struct ed_events_jobs {
	struct ed_evtx_dump_options options; /* the caller's */
	struct ed_evtx_part *all;            /* of the log that is being printed */
	struct printer again;
	uint64_t again_at; /* chunks that it has gone through */
	bool is_mute;      /* what it prints is not for anybody */
	uint32_t count;
	struct printer printers[];
};

static ed_status hold(void *context, struct ed_buf *out, struct ed_error *err)
{
	struct printer *p = context;

	if (out->len <= p->held)
		return ED_OK;
	p->is_full = true;
	return ed_fail(err, ED_LIMIT, "a part of a log is too long to be held");
}

static ed_status hand_on(void *context, struct ed_buf *out, struct ed_error *err)
{
	struct ed_events_jobs *jobs = context;

	if (!jobs->is_mute)
		return jobs->options.flush(jobs->options.context, out, err);
	ed_buf_clear(out);
	return ED_OK;
}

static ed_status printer_init(struct ed_events_jobs *jobs, struct printer *p, size_t held,
			      bool is_xml, struct ed_error *err)
{
	struct ed_evtx_dump_options options = jobs->options;

	p->held = held;
	ed_buf_init(&p->out, held + RECORD_OUT_BYTES);
	ED_TRY(ed_evtx_part_new(&p->part, err));
	options.out = &p->out;
	options.flush = p == &jobs->again ? hand_on : hold;
	options.context = p == &jobs->again ? (void *)jobs : (void *)p;
	if (options.screen) {
		ED_TRY(ed_events_screen_init(&p->screen, ED_REDACT_NONE, err));
		p->screen.is_xml = is_xml;
		options.screen = &p->screen.dump;
	}
	return ed_evtx_dump_new(&p->dump, &options, err);
}

static void printer_release(struct printer *p)
{
	ed_evtx_dump_free(p->dump);
	ed_events_screen_release(&p->screen);
	ed_evtx_part_free(p->part);
	ed_buf_release(&p->out);
}

ed_status ed_events_jobs_new(uint32_t count, size_t held,
			     const struct ed_evtx_dump_options *options, bool is_xml,
			     struct ed_events_jobs **jobs, struct ed_error *err)
{
	struct ed_events_jobs *j = ed_calloc(1, sizeof(*j) + count * sizeof(j->printers[0]));
	ed_status status;

	if (!j)
		return ed_fail(err, ED_NOMEM, "out of memory for the threads");
	j->options = *options;
	j->count = count;
	status = ed_evtx_part_new(&j->all, err);
	if (status == ED_OK)
		status = printer_init(j, &j->again, held, is_xml, err);
	for (uint32_t i = 0; i < count && status == ED_OK; i++)
		status = printer_init(j, &j->printers[i], held, is_xml, err);
	if (status != ED_OK) {
		ed_events_jobs_free(j);
		return status;
	}
	*jobs = j;
	return ED_OK;
}

void ed_events_jobs_free(struct ed_events_jobs *jobs)
{
	if (!jobs)
		return;
	for (uint32_t i = 0; i < jobs->count; i++)
		printer_release(&jobs->printers[i]);
	printer_release(&jobs->again);
	ed_evtx_part_free(jobs->all);
	ed_free(jobs);
}

bool ed_events_jobs_suit(const struct ed_input *input)
{
	return !input->in_order && ed_evtx_chunk_count(input) >= 2 * (uint64_t)PART_LEAST;
}

/* Reads its part; on a thread of its own. */
static void printer_run(void *context)
{
	struct printer *p = context;
	struct ed_evtx_dump_stats before = ed_evtx_dump_stats(p->dump), after;

	p->is_full = false;
	p->err = (struct ed_error){ .status = ED_OK };
	ed_buf_clear(&p->out);
	p->status = ed_evtx_part_read(p->dump, p->input, p->first, p->end, false, p->sink, p->part,
				      &p->err);
	after = ed_evtx_dump_stats(p->dump);
	p->stats = (struct ed_evtx_dump_stats){ after.records - before.records,
						after.written - before.written,
						after.skipped - before.skipped };
}

static void printer_start(struct printer *p, const struct ed_input *input, struct ed_sink *sink,
			  uint64_t first, uint64_t end)
{
	p->input = input;
	p->sink = sink;
	p->first = first;
	p->end = end;
	if (ed_task_start(printer_run, NULL, p, &p->task, NULL) == ED_OK)
		return;
	/* no thread to be had: the same without */
	p->task = NULL;
	printer_run(p);
}

static void printer_wait(struct printer *p)
{
	if (p->task)
		ed_task_finish(p->task);
	p->task = NULL;
}

/* The part of @p again, by the reader that knows all of the log before it. */
static ed_status print_again(struct ed_events_jobs *jobs, struct printer *p, struct ed_error *err)
{
	struct printer *a = &jobs->again;
	struct ed_evtx_dump_stats before, after;
	ed_status status = ED_OK;

	jobs->is_mute = true;
	if (jobs->again_at < p->first)
		status = ed_evtx_part_read(a->dump, p->input, jobs->again_at, p->first,
					   jobs->again_at != 0, p->sink, a->part, err);
	ed_buf_clear(&a->out);
	jobs->is_mute = false;
	if (status != ED_OK)
		return status;
	before = ed_evtx_dump_stats(a->dump);
	status = ed_evtx_part_read(a->dump, p->input, p->first, p->end, p->first != 0, p->sink,
				   p->part, err);
	after = ed_evtx_dump_stats(a->dump);
	jobs->again_at = p->end;
	p->stats = (struct ed_evtx_dump_stats){ after.records - before.records,
						after.written - before.written,
						after.skipped - before.skipped };
	if (status == ED_OK || status == ED_IO)
		ED_TRY(hand_on(jobs, &a->out, err));
	return status;
}

/* What became of a part that has ended, after all before it. */
static ed_status printer_tell(struct ed_events_jobs *jobs, struct printer *p,
			      struct ed_evtx_dump_stats *stats, struct ed_error *err)
{
	ed_status status = p->status;

	if (status == ED_FORMAT || p->is_full) {
		status = print_again(jobs, p, err);
	} else if (status == ED_OK || status == ED_IO) {
		if (status != ED_OK && err)
			*err = p->err;
		ED_TRY(jobs->options.flush(jobs->options.context, &p->out, err));
	} else if (err) {
		*err = p->err;
	}
	if (status != ED_OK && status != ED_IO)
		return status;
	stats->records += p->stats.records;
	stats->written += p->stats.written;
	stats->skipped += p->stats.skipped;
	ed_evtx_part_add(jobs->all, p->part);
	return status;
}

static uint64_t part_chunks(const struct ed_events_jobs *jobs, uint64_t chunks)
{
	uint64_t part = chunks / ((uint64_t)PARTS_EACH * jobs->count);

	return part < PART_LEAST ? PART_LEAST : part > PART_MOST ? PART_MOST : part;
}

ed_status ed_events_jobs_read(struct ed_events_jobs *jobs, const struct ed_input *input,
			      struct ed_sink *sink, struct ed_evtx_dump_stats *stats,
			      struct ed_error *err)
{
	uint64_t chunks = ed_evtx_chunk_count(input), part = part_chunks(jobs, chunks);
	uint64_t parts = (chunks + part - 1) / part, begun = 0, done = 0;
	ed_status status, told;

	*stats = (struct ed_evtx_dump_stats){ 0 };
	ed_evtx_part_clear(jobs->all);
	jobs->again_at = 0;
	/* what is there already comes first */
	status = jobs->options.flush(jobs->options.context, jobs->options.out, err);
	while (status == ED_OK && done < parts) {
		for (; begun < parts && begun - done < jobs->count; begun++)
			printer_start(&jobs->printers[begun % jobs->count], input, sink,
				      begun * part,
				      begun + 1 < parts ? (begun + 1) * part : UINT64_MAX);
		printer_wait(&jobs->printers[done % jobs->count]);
		status = printer_tell(jobs, &jobs->printers[done % jobs->count], stats, err);
		done++;
	}
	for (; done < begun; done++)
		printer_wait(&jobs->printers[done % jobs->count]);
	if (status != ED_OK && status != ED_IO)
		return status;
	told = ed_evtx_part_tell(jobs->all, input, sink, status == ED_OK ? err : NULL);
	return status == ED_OK || (told != ED_OK && told != ED_FORMAT) ? told : status;
}

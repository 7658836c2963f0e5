/* SPDX-License-Identifier: MIT */
/* Runs one reader over bytes in memory into an evidence store, and looks at what it delivered. */
#ifndef ED_TESTS_READER_RUN_H
#define ED_TESTS_READER_RUN_H

#include <check.h>

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/base/utf.h"
#include "espdiag/collectors/input.h"
#include "espdiag/model/evidence.h"

struct reader_run {
	struct ed_arena arena;
	struct ed_evidence evidence;
	struct ed_error err;
	ed_status status;
};

/* The store is not finished: facts stay in the order in which they came. */
static inline void reader_run(struct reader_run *run, const struct ed_reader *reader,
			      const char *path, const void *bytes, size_t len)
{
	struct ed_input input;

	memset(run, 0, sizeof(*run));
	ed_arena_init(&run->arena, 256 * ED_MIB);
	ed_evidence_init(&run->evidence, &run->arena, NULL);
	ed_input_from_memory(&input, ed_str_from(path), bytes, len);
	run->status = ed_evidence_begin_source(&run->evidence, input.path, reader->name, &run->err);
	if (run->status == ED_OK)
		run->status = reader->read(&input, &run->evidence.sink, &run->err);
}

static inline void reader_run_release(struct reader_run *run)
{
	ed_evidence_release(&run->evidence);
	ed_arena_release(&run->arena);
}

static inline int reader_probe(const struct ed_reader *reader, const void *bytes, size_t len)
{
	return reader->probe((struct ed_str){ bytes, len > ED_PROBE_BYTES ? ED_PROBE_BYTES : len },
			     ED_STR("x"));
}

/* The coverage row of the source; NULL when nothing was told about it. */
static inline const struct ed_coverage *reader_row(const struct reader_run *run)
{
	return run->evidence.coverage_count ? &run->evidence.coverage[0] : NULL;
}

static inline const struct ed_fact *reader_fact(const struct reader_run *run, size_t i)
{
	return i < run->evidence.fact_count ? &run->evidence.facts[i].fact : NULL;
}

/* Everything that was delivered is valid text. */
static inline void reader_check_texts(const struct reader_run *run)
{
	for (size_t i = 0; i < run->evidence.fact_count; i++) {
		const struct ed_fact *f = &run->evidence.facts[i].fact;

		if (!ed_utf8_valid(f->path) || !ed_utf8_valid(f->name) || !ed_utf8_valid(f->text))
			ck_abort_msg("fact %zu is not valid text", i);
	}
	for (size_t i = 0; i < run->evidence.coverage_count; i++)
		if (!ed_utf8_valid(run->evidence.coverage[i].why))
			ck_abort_msg("row %zu is not valid text", i);
}

/* With every allocation failing once: ED_NOMEM and no leak, until it succeeds. */
static inline void reader_check_memory(const struct ed_reader *reader, const void *bytes,
				       size_t len)
{
	ed_status status = ED_NOMEM;

	for (long n = 0; status != ED_OK; n++) {
		struct reader_run run;

		ed_alloc_fail_after(n);
		reader_run(&run, reader, "x", bytes, len);
		ed_alloc_fail_after(-1);
		status = run.status;
		reader_run_release(&run);
		if ((status != ED_OK && status != ED_NOMEM) || n > 20000)
			ck_abort_msg("allocation %ld: status %d", n, (int)status);
	}
}

#endif

/* SPDX-License-Identifier: MIT */
/* One input through one reader, with what must hold for any input: valid text, bounded, no failure
 * but the few that a reader may return. */
#ifndef ED_TESTS_READER_FUZZ_H
#define ED_TESTS_READER_FUZZ_H

#include "espdiag/base/limits.h"
#include "espdiag/base/utf.h"
#include "espdiag/collectors/input.h"
#include "espdiag/model/evidence.h"

static inline void fuzz_require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

static inline void fuzz_reader(const struct ed_reader *reader, const uint8_t *data, size_t size)
{
	struct ed_input input;
	struct ed_arena arena;
	struct ed_evidence evidence;
	struct ed_error err;
	ed_status status;

	ed_arena_init(&arena, 64 * ED_MIB);
	ed_evidence_init(&evidence, &arena, NULL);
	ed_input_from_memory(&input, ED_STR("fuzz"), data, size);
	if (size) {
		int score = reader->probe(
			(struct ed_str){ (const char *)data,
					 size > ED_PROBE_BYTES ? ED_PROBE_BYTES : size },
			input.path);

		fuzz_require(score >= 0 && score <= 100, "probe within 0 to 100");
	}
	status = ed_evidence_begin_source(&evidence, input.path, reader->name, &err);
	fuzz_require(status == ED_OK, "a source can begin");
	status = reader->read(&input, &evidence.sink, &err);
	fuzz_require(status == ED_OK || status == ED_FORMAT || status == ED_LIMIT,
		     "status of a reader");
	for (size_t i = 0; i < evidence.fact_count; i++) {
		const struct ed_fact *f = &evidence.facts[i].fact;

		fuzz_require(ed_utf8_valid(f->path) && ed_utf8_valid(f->name) &&
				     ed_utf8_valid(f->text),
			     "texts of facts are valid");
	}
	for (size_t i = 0; i < evidence.coverage_count; i++)
		fuzz_require(ed_utf8_valid(evidence.coverage[i].why), "reasons are valid text");
	/* nothing that was read takes much more room than it had */
	fuzz_require(evidence.fact_count <= size + 2, "no more facts than bytes");
	ed_evidence_finish(&evidence);
	ed_evidence_release(&evidence);
	ed_arena_release(&arena);
}

#endif

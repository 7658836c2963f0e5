/* SPDX-License-Identifier: MIT */
/* The JSON forms of a bundle; and any input that is a boot log gives the same facts as JSON. */
#include "espdiag/collectors/state.h"

#include "espdiag/collectors/tcglog.h"
#include "reader_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The facts that @reader gives of @bytes, into @evidence. */
static ed_status facts_of(const struct ed_reader *reader, const void *bytes, size_t size,
			  struct ed_evidence *evidence)
{
	struct ed_input input;

	ed_input_from_memory(&input, ED_STR("fuzz"), bytes, size);
	fuzz_require(ed_evidence_begin_source(evidence, input.path, reader->name, NULL) == ED_OK,
		     "a source can begin");
	return reader->read(&input, &evidence->sink, NULL);
}

static void compare(const struct ed_evidence *raw, const struct ed_evidence *json)
{
	fuzz_require(raw->fact_count == json->fact_count, "as many facts");
	for (size_t i = 0; i < raw->fact_count; i++) {
		const struct ed_fact *a = &raw->facts[i].fact, *b = &json->facts[i].fact;

		fuzz_require(a->has_number == b->has_number && a->number == b->number &&
				     ed_str_eq(a->name, b->name) && ed_str_eq(a->text, b->text),
			     "the same facts");
	}
	fuzz_require(raw->coverage[0].lost == json->coverage[0].lost, "the same loss");
}

static void as_boot_log(const uint8_t *data, size_t size)
{
	struct ed_evidence raw, json;
	struct ed_arena arena;
	struct ed_buf out;
	ed_status status, written;

	ed_arena_init(&arena, 256 * ED_MIB);
	ed_evidence_init(&raw, &arena, NULL);
	ed_evidence_init(&json, &arena, NULL);
	ed_buf_init(&out, ED_LIMIT_JSON);
	status = facts_of(&ed_reader_tcglog, data, size, &raw);
	written = ed_bootlog_write(ED_STR("current"), (struct ed_str){ (const char *)data, size },
				   &out, NULL);
	fuzz_require(written == status || written == ED_LIMIT, "what is read can be written");
	if (written == ED_OK) {
		fuzz_require(facts_of(&ed_reader_bootlog, out.p, out.len, &json) == ED_OK,
			     "what was written can be read");
		compare(&raw, &json);
	}
	ed_buf_release(&out);
	ed_evidence_release(&raw);
	ed_evidence_release(&json);
	ed_arena_release(&arena);
}

/* State that was read, written again, gives the same facts. */
static void as_state(const uint8_t *data, size_t size)
{
	struct ed_evidence first, again;
	struct ed_state_writer writer;
	struct ed_arena arena;
	struct ed_buf out;

	ed_arena_init(&arena, 256 * ED_MIB);
	ed_evidence_init(&first, &arena, NULL);
	ed_evidence_init(&again, &arena, NULL);
	ed_buf_init(&out, ED_LIMIT_JSON);
	if (facts_of(&ed_reader_state, data, size, &first) != ED_OK)
		first.fact_count = 0;
	ed_state_begin(&writer, &out, "fuzz");
	for (size_t i = 0; i < first.fact_count; i++) {
		const struct ed_fact *f = &first.facts[i].fact;
		char name[256];

		snprintf(name, sizeof(name), "%.*s", ED_FMT(ed_str_slice(f->name, 0, 50)));
		if (!f->text.p)
			ed_state_null(&writer, f->path, name);
		else if (!f->has_number)
			ed_state_text(&writer, f->path, name, f->text);
		else if (ed_str_eq(f->text, ED_STR("true")) || ed_str_eq(f->text, ED_STR("false")))
			ed_state_bool(&writer, f->path, name, f->number != 0);
		else
			ed_state_number(&writer, f->path, name, (int64_t)f->number);
	}
	ed_state_end(&writer);
	if (out.status == ED_OK && out.len < ED_LIMIT_JSON) {
		fuzz_require(facts_of(&ed_reader_state, out.p, out.len, &again) == ED_OK,
			     "what was written can be read");
		fuzz_require(first.fact_count == again.fact_count, "as many facts of state");
		for (size_t i = 0; i < first.fact_count; i++) {
			const struct ed_fact *a = &first.facts[i].fact, *b = &again.facts[i].fact;

			fuzz_require(a->has_number == b->has_number && a->number == b->number &&
					     ed_str_eq(a->text, b->text),
				     "the same state");
		}
	}
	ed_buf_release(&out);
	ed_evidence_release(&first);
	ed_evidence_release(&again);
	ed_arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	as_state(data, size);
	fuzz_reader(&ed_reader_state, data, size);
	fuzz_reader(&ed_reader_bootlog, data, size);
	fuzz_reader(&ed_reader_run, data, size);
	as_boot_log(data, size);
	return 0;
}

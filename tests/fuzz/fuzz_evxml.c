/* SPDX-License-Identifier: MIT */
/*
 * Any bytes through the three readers of XML, an odd number of them in pieces: all text handed out
 * is valid, all of it readable.
 */
#include <stdint.h>

#include "espdiag/base/utf.h"
#include "espdiag/collectors/evxml.h"

#define PIECE ((size_t)61)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct ed_str s)
{
	if (s.p && !ed_utf8_valid(s))
		abort();
}

static bool fuzz_want(struct ed_sink *sink, const struct ed_event_head *head)
{
	(void)sink;
	check(head->provider);
	check(head->channel);
	return head->id % 2 == 0;
}

static ed_status fuzz_event(struct ed_sink *sink, const struct ed_event *event,
			    struct ed_error *err)
{
	(void)sink;
	(void)err;
	check(event->user);
	check(event->computer);
	for (size_t i = 0; i < event->field_count; i++) {
		if (!event->fields[i].name.p || !event->fields[i].value.p)
			abort();
		check(event->fields[i].name);
		check(event->fields[i].value);
	}
	return ED_OK;
}

static ed_status fuzz_fact(struct ed_sink *sink, const struct ed_fact *fact, struct ed_error *err)
{
	(void)sink;
	(void)err;
	check(fact->path);
	check(fact->name);
	check(fact->text);
	if (ed_str_ieq(fact->path, ED_STR("SasUrl")))
		abort();
	return ED_OK;
}

static ed_status fuzz_gap(struct ed_sink *sink, const struct ed_gap *gap, struct ed_error *err)
{
	(void)sink;
	(void)err;
	if (!gap->why.len)
		abort();
	check(gap->why);
	check(gap->channel);
	return ED_OK;
}

/* Some bytes at a time, so that characters are cut in two. */
static ed_status fuzz_read_at(const struct ed_input *input, uint64_t offset, void *out, size_t len,
			      size_t *got, struct ed_error *err)
{
	const struct ed_str *bytes = input->context;
	size_t left = bytes->len - (size_t)offset;

	(void)err;
	*got = len < left ? len : left;
	*got = *got < PIECE ? *got : PIECE;
	memcpy(out, bytes->p + offset, *got);
	return ED_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ed_sink_ops ops = { fuzz_want, fuzz_event, fuzz_fact, fuzz_gap };
	static const struct ed_reader *const readers[] = { &ed_reader_evxml, &ed_reader_mdmreport,
							   &ed_reader_results };
	struct ed_str bytes = { (const char *)data, size };
	struct ed_str head = { (const char *)data, size < ED_PROBE_BYTES ? size : ED_PROBE_BYTES };

	for (size_t i = 0; i < ED_COUNT(readers); i++) {
		struct ed_sink sink = { .ops = &ops };
		struct ed_error err = { .status = ED_OK };
		struct ed_input input;
		ed_status status;

		if (size)
			readers[i]->probe(head, ED_STR("fuzz.xml"));
		ed_input_from_memory(&input, ED_STR("fuzz.xml"), data, size);
		if (size % 2) {
			input.bytes = NULL;
			input.context = &bytes;
			input.read_at = fuzz_read_at;
		}
		status = readers[i]->read(&input, &sink, &err);
		if (status != ED_OK && (err.status != status || !err.text[0]))
			abort();
		check(ed_str_from(err.text));
	}
	return 0;
}

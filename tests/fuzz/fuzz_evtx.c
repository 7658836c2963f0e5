/* SPDX-License-Identifier: MIT */
/*
 * Hostile event logs. Bytes that begin with "Elf" are a file; anything else is the record area of
 * one chunk, put behind headers with right checksums (or, when the first byte is odd, a wrong one),
 * so that small inputs reach the records. Where that byte has bit 2, they lie at the chunk's end,
 * so that a checker sees one byte too far; where it has bit 6, the last four bytes say where the
 * records end. Read twice with one cache: compiled templates must give
 * the same events again. Then dumped: as many events, in a document that is well formed and in
 * lines that are JSON; and with a filter, perhaps a screen, that the input's length chooses, which
 * leave some of the same lines.
 */
#include <stdint.h>

#include "espdiag/base/crc.h"
#include "espdiag/base/limits.h"
#include "espdiag/base/utf.h"
#include "espdiag/collectors/evtx.h"
#include "espdiag/collectors/evtx_parts.h"
#include "espdiag/json/json.h"
#include "espdiag/xml/xml.h"

#define FILE_HEADER 4096
#define CHUNK 65536
#define CHUNK_HEADER 512

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzz_sink {
	struct ed_sink sink;
	uint64_t records, events, gaps, bytes;
	uint32_t sum; /* over all that was delivered */
};

static void require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

static void touch(struct fuzz_sink *s, struct ed_str text)
{
	require(ed_utf8_valid(text), "text is valid UTF-8");
	require(text.p || !text.len, "text has bytes");
	s->bytes += text.len;
	s->sum = ed_crc32(s->sum, text.p ? text.p : "", text.len);
}

static void touch_number(struct fuzz_sink *s, uint64_t n)
{
	unsigned char bytes[8];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(n >> 8 * i);
	s->sum = ed_crc32(s->sum, bytes, sizeof(bytes));
}

static struct fuzz_sink *from_sink(struct ed_sink *sink)
{
	return (struct fuzz_sink *)(void *)sink;
}

static bool fuzz_want(struct ed_sink *sink, const struct ed_event_head *head)
{
	struct fuzz_sink *s = from_sink(sink);

	s->records++;
	touch(s, head->provider);
	touch(s, head->channel);
	touch_number(s, head->record);
	touch_number(s, head->id);
	touch_number(s, (uint64_t)head->time);
	touch_number(s, (uint64_t)head->level << 8 | head->version);
	return head->id != 666;
}

static ed_status fuzz_event(struct ed_sink *sink, const struct ed_event *event,
			    struct ed_error *err)
{
	struct fuzz_sink *s = from_sink(sink);
	uint64_t before = s->bytes;

	(void)err;
	s->events++;
	touch(s, event->user);
	touch(s, event->computer);
	require(event->field_count <= ED_LIMIT_FIELDS, "fields are limited");
	for (size_t i = 0; i < event->field_count; i++) {
		require(event->fields[i].name.p && event->fields[i].value.p, "fields have text");
		touch(s, event->fields[i].name);
		touch(s, event->fields[i].value);
	}
	require(s->bytes - before <= 2 * ED_LIMIT_EVENT_BYTES, "text is limited");
	return ED_OK;
}

static ed_status fuzz_fact(struct ed_sink *sink, const struct ed_fact *fact, struct ed_error *err)
{
	(void)sink;
	(void)fact;
	(void)err;
	require(false, "an event log holds no facts");
	return ED_OK;
}

static ed_status fuzz_gap(struct ed_sink *sink, const struct ed_gap *gap, struct ed_error *err)
{
	struct fuzz_sink *s = from_sink(sink);

	(void)err;
	require(++s->gaps <= 8, "gaps are told once a kind");
	require(gap->why.len > 0, "a gap has a reason");
	touch(s, gap->why);
	touch(s, gap->channel);
	touch_number(s, gap->lost);
	return ED_OK;
}

static const struct ed_sink_ops fuzz_ops = {
	.want = fuzz_want,
	.event = fuzz_event,
	.fact = fuzz_fact,
	.gap = fuzz_gap,
};

static void put_le(unsigned char *p, uint64_t v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (unsigned char)(v >> 8 * i);
}

/* A file of one chunk around the records in @data; the caller frees it. */
static unsigned char *wrap(const uint8_t *data, size_t size)
{
	unsigned char *file = calloc(1, FILE_HEADER + CHUNK);
	unsigned char *chunk = file + FILE_HEADER, *records = chunk + CHUNK_HEADER;
	size_t area = CHUNK - CHUNK_HEADER;

	require(file != NULL, "memory");
	if (size > area)
		size = area;
	if (data[0] & 4)
		records += area - size;
	else
		area = size;
	memcpy(file, "ElfFile", 8);
	put_le(file + 42, 1, 2);
	put_le(file + 124, ed_crc32(0, file, 120), 4);
	memcpy(chunk, "ElfChnk", 8);
	put_le(chunk + 8, 1, 8);
	put_le(chunk + 16, 2, 8);
	put_le(chunk + 24, 1, 8);
	put_le(chunk + 32, 2, 8);
	put_le(chunk + 48, CHUNK_HEADER + area, 4);
	memcpy(records, data, size);
	put_le(chunk + 52, ed_crc32(data[0] & 1, chunk + CHUNK_HEADER, area), 4);
	if ((data[0] & 0x40) && size >= 4)
		memcpy(chunk + 48, data + size - 4, 4);
	put_le(chunk + 124, ed_crc32(ed_crc32(0, chunk, 120), chunk + 128, 384), 4);
	return file;
}

static ed_status collect(void *context, struct ed_buf *out, struct ed_error *err)
{
	(void)err;
	ed_buf_adds(context, ed_buf_str(out));
	ed_buf_clear(out);
	return ED_OK;
}

#define CLEANED "{\"cleaned\":true}\n"
#define SECRET 'x' /* whatever holds it is looked at as a whole */

static bool screen_text(void *context, struct ed_str text)
{
	(void)context;
	return text.len && memchr(text.p, SECRET, text.len) != NULL;
}

static bool screen_utf16(void *context, const void *bytes, size_t n)
{
	(void)context;
	return n && memchr(bytes, SECRET, n) != NULL;
}

static ed_status screen_clean(void *context, const struct ed_event_head *head, struct ed_buf *out,
			      size_t begin, struct ed_error *err)
{
	(void)context;
	(void)err;
	require(begin <= out->len && ed_utf8_valid(head->provider), "a record to look at");
	out->len = begin;
	if (head->id == 13)
		return ED_FORMAT;
	ed_buf_addz(out, CLEANED);
	return out->status;
}

/*
 * Dumps the events of @input that @filter lets pass behind what @text holds; returns how many. Once
 * more, and once more with what was learned from that, gives the same.
 */
static uint64_t dump_filtered(const struct ed_input *input, enum ed_dump_form form,
			      const struct ed_filter *filter, const struct ed_dump_screen *screen,
			      struct ed_buf *text)
{
	static const struct ed_wanted wanted;
	struct fuzz_sink sink = { .sink = { &fuzz_ops } };
	struct ed_evtx_dump_options options = { .form = form,
						.filter = filter,
						.wanted = &wanted,
						.screen = screen,
						.flush = collect,
						.context = text };
	struct ed_evtx_dump *dump;
	struct ed_buf out;
	struct ed_error err;
	size_t ends[4] = { text->len };
	struct ed_str all;
	uint64_t written;

	ed_buf_init(&out, 8 * ED_MIB);
	options.out = &out;
	require(ed_evtx_dump_new(&dump, &options, NULL) == ED_OK, "memory");
	for (size_t i = 1; i < 4; i++) {
		sink.gaps = 0;
		if (ed_evtx_dump_read(dump, input, &sink.sink, &err) != ED_OK)
			require(err.status == ED_FORMAT, "damage is no failure");
		require(sink.events == 0, "events are dumped");
		collect(text, &out, NULL);
		ends[i] = text->len;
	}
	all = ed_buf_str(text);
	for (size_t i = 1; i < 3 && text->status == ED_OK; i++)
		require(ed_str_eq(ed_str_slice(all, ends[0], ends[1]),
				  ed_str_slice(all, ends[i], ends[i + 1])),
			"what is remembered changes nothing");
	text->len = ends[1];
	written = ed_evtx_dump_stats(dump).written / 3;
	ed_evtx_dump_free(dump);
	ed_buf_release(&out);
	return written;
}

static uint64_t dump(const struct ed_input *input, enum ed_dump_form form, struct ed_buf *text)
{
	static struct ed_filter everything;

	ed_filter_init(&everything);
	return dump_filtered(input, form, &everything, NULL, text);
}

/* One of four filters; each lets some of the seeds' events pass. */
static void filter_choose(struct ed_filter *filter, size_t which)
{
	ed_filter_init(filter);
	switch (which % 4) {
	case 0:
		require(ed_filter_add_ids(filter, ED_STR("1-12,4624"), NULL) == ED_OK, "ids");
		break;
	case 1:
		require(ed_filter_add_ids(filter, ED_STR("1-11,4624"), NULL) == ED_OK &&
				ed_filter_add_levels(filter, ED_STR("1-4"), NULL) == ED_OK,
			"ids and levels");
		break;
	case 2:
		require(ed_time_parse(ED_STR("2022-05-17T00:00:00Z"), &filter->since) &&
				ed_time_parse(ED_STR("2026-01-01T00:00:00Z"), &filter->until),
			"times");
		break;
	default:
		require(ed_filter_add_channel(filter, ED_STR("S*"), NULL) == ED_OK &&
				ed_filter_add_provider(filter, ED_STR("M*"), NULL) == ED_OK,
			"names");
		break;
	}
}

static ed_status xml_start(void *context, const struct ed_xml_element *element,
			   struct ed_error *err)
{
	(void)err;
	*(uint64_t *)context += element->depth == 2;
	return ED_OK;
}

static ed_status xml_text(void *context, struct ed_str text, struct ed_error *err)
{
	(void)context;
	(void)text;
	(void)err;
	return ED_OK;
}

static void dump_xml(const struct ed_input *input, uint64_t records)
{
	static const struct ed_xml_handler handler = { xml_start, xml_text, xml_text };
	uint64_t written, seen = 0;
	struct ed_error err;
	struct ed_xml *xml;
	struct ed_buf text;
	ed_status status;

	ed_buf_init(&text, 512 * ED_MIB);
	ed_buf_addz(&text, "<Events>");
	written = dump(input, ED_DUMP_XML, &text);
	ed_buf_addz(&text, "</Events>");
	require(written <= records, "no more events than records");
	require(text.status == ED_OK && ed_utf8_valid(ed_buf_str(&text)), "XML is valid UTF-8");
	require(ed_xml_new(&xml, NULL) == ED_OK, "memory");
	status = ed_xml_parse(xml, ed_buf_str(&text), &handler, &seen, &err);
	if (status != ED_OK && status != ED_LIMIT) {
		fprintf(stderr, "%s\n%.*s\n", err.text,
			ED_FMT(ed_str_slice(ed_buf_str(&text), 0, 4000)));
		require(false, "XML is well formed");
	}
	ed_xml_free(xml);
	ed_buf_release(&text);
}

/* What a filter lets pass is among @all, in the same order; what a screen cleaned is all its own.
 */
static void dump_some(const struct ed_input *input, size_t which, struct ed_str all, uint64_t count)
{
	static struct ed_filter filter;
	const struct ed_dump_screen screen = { .name = screen_text,
					       .utf8 = screen_text,
					       .utf16 = screen_utf16,
					       .bytes = screen_text,
					       .clean = screen_clean,
					       .all = which % 16 >= 12 };
	enum ed_dump_form form = which % 32 < 16 ? ED_DUMP_JSON : ED_DUMP_XML;
	struct ed_str rest, line, other = { NULL, 0 };
	struct ed_buf text;

	filter_choose(&filter, which);
	ed_buf_init(&text, 512 * ED_MIB);
	require(dump_filtered(input, form, &filter, which % 8 < 4 ? NULL : &screen, &text) <= count,
		"no more events");
	require(ed_utf8_valid(ed_buf_str(&text)), "valid UTF-8");
	for (rest = ed_buf_str(&text); form == ED_DUMP_JSON && ed_str_line(&rest, &line);) {
		bool found = ed_str_eq(line, ED_STR("{\"cleaned\":true}"));

		while (!found && ed_str_line(&all, &other))
			found = ed_str_eq(line, other);
		require(found, "a filter changes no event");
	}
	ed_buf_release(&text);
}

/* Chunk by chunk, each without the others, gives @all; unless damage needs what came before. */
static void dump_parts(const struct ed_input *input, struct ed_str all)
{
	static struct ed_filter everything;
	static const struct ed_wanted wanted;
	struct fuzz_sink sink = { .sink = { &fuzz_ops } };
	struct ed_buf text, out;
	struct ed_evtx_dump_options options = { .form = ED_DUMP_JSON,
						.filter = &everything,
						.wanted = &wanted,
						.out = &out,
						.flush = collect,
						.context = &text };
	struct ed_evtx_dump *dump;
	struct ed_evtx_part *part, *whole;
	struct ed_error err;
	ed_status status = ED_OK;

	ed_filter_init(&everything);
	ed_buf_init(&text, 512 * ED_MIB);
	ed_buf_init(&out, 8 * ED_MIB);
	require(ed_evtx_dump_new(&dump, &options, NULL) == ED_OK &&
			ed_evtx_part_new(&part, NULL) == ED_OK &&
			ed_evtx_part_new(&whole, NULL) == ED_OK,
		"memory");
	for (uint64_t i = 0; i < ed_evtx_chunk_count(input) && status == ED_OK; i++) {
		status = ed_evtx_part_read(dump, input, i, i + 1, false, &sink.sink, part, &err);
		ed_evtx_part_add(whole, part);
		ed_evtx_part_clear(part);
	}
	require(status == ED_OK || status == ED_FORMAT, "damage is no failure of a part");
	collect(&text, &out, NULL);
	if (status == ED_OK) {
		status = ed_evtx_part_tell(whole, input, &sink.sink, &err);
		require(status == ED_OK || status == ED_FORMAT, "gaps can be told");
		require(ed_str_eq(ed_buf_str(&text), all), "parts make up the whole");
	}
	ed_evtx_part_free(part);
	ed_evtx_part_free(whole);
	ed_evtx_dump_free(dump);
	ed_buf_release(&text);
	ed_buf_release(&out);
}

static void dump_json(const struct ed_input *input, size_t which, uint64_t records)
{
	struct ed_str rest, line;
	uint64_t written, lines = 0;
	struct ed_buf text;

	ed_buf_init(&text, 512 * ED_MIB);
	written = dump(input, ED_DUMP_JSON, &text);
	require(written <= records, "no more lines than records");
	for (rest = ed_buf_str(&text); ed_str_line(&rest, &line); lines++) {
		struct ed_json *root;
		ed_status status = ed_json_parse(line, &root, NULL);

		if (status == ED_OK)
			ed_json_free(root);
		if (status != ED_OK && status != ED_LIMIT) {
			fprintf(stderr, "%.*s\n", ED_FMT(line));
			require(false, "a line is JSON");
		}
	}
	require(lines == written, "one line an event");
	dump_some(input, which, ed_buf_str(&text), written);
	dump_parts(input, ed_buf_str(&text));
	ed_buf_release(&text);
}

static void read_twice(const void *bytes, size_t size, size_t which)
{
	struct fuzz_sink sinks[2] = { { .sink = { &fuzz_ops } }, { .sink = { &fuzz_ops } } };
	struct ed_str head = { bytes, size < ED_PROBE_BYTES ? size : ED_PROBE_BYTES };
	int score = ed_reader_evtx.probe(head, ED_STR("fuzz.evtx"));
	struct ed_evtx_cache *cache;
	struct ed_input input;

	require(score >= 0 && score <= 100, "probe within 0 to 100");
	require(ed_evtx_cache_new(&cache, NULL) == ED_OK, "memory");
	ed_input_from_memory(&input, ED_STR("fuzz.evtx"), bytes, size);
	for (size_t i = 0; i < 2; i++) {
		struct ed_error err;
		ed_status status = ed_evtx_read(cache, &input, &sinks[i].sink, &err);

		require(status == ED_OK || status == ED_FORMAT, "damage is no failure");
		require(sinks[i].records <= size / 24, "records have at least their header");
		require(sinks[i].events <= sinks[i].records, "events were asked for");
	}
	require(sinks[0].sum == sinks[1].sum && sinks[0].events == sinks[1].events,
		"a second reading gives the same");
	ed_evtx_cache_free(cache);
	dump_xml(&input, sinks[0].records);
	dump_json(&input, which, sinks[0].records);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char *file;

	if (size >= 3 && memcmp(data, "Elf", 3) == 0) {
		read_twice(data, size, size);
		return 0;
	}
	if (!size)
		return 0;
	file = wrap(data, size);
	read_twice(file, FILE_HEADER + CHUNK, size);
	free(file);
	return 0;
}

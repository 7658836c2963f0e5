/* SPDX-License-Identifier: MIT */
/*
 * Hostile event logs. Bytes that begin with "Elf" are a file; anything else is the record area of
 * one chunk, put behind headers with right checksums (or, when the first byte is odd, a wrong one),
 * so that small inputs reach the records. Read twice with one cache: compiled templates must give
 * the same events again.
 */
#include <stdint.h>

#include "espdiag/base/crc.h"
#include "espdiag/base/limits.h"
#include "espdiag/base/utf.h"
#include "espdiag/collectors/evtx.h"

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
	unsigned char *chunk = file + FILE_HEADER;

	require(file != NULL, "memory");
	if (size > CHUNK - CHUNK_HEADER)
		size = CHUNK - CHUNK_HEADER;
	memcpy(file, "ElfFile", 8);
	put_le(file + 42, 1, 2);
	put_le(file + 124, ed_crc32(0, file, 120), 4);
	memcpy(chunk, "ElfChnk", 8);
	put_le(chunk + 8, 1, 8);
	put_le(chunk + 16, 2, 8);
	put_le(chunk + 24, 1, 8);
	put_le(chunk + 32, 2, 8);
	put_le(chunk + 48, CHUNK_HEADER + size, 4);
	memcpy(chunk + CHUNK_HEADER, data, size);
	put_le(chunk + 52, ed_crc32(data[0] & 1, data, size), 4);
	put_le(chunk + 124, ed_crc32(ed_crc32(0, chunk, 120), chunk + 128, 384), 4);
	return file;
}

static void read_twice(const void *bytes, size_t size)
{
	struct fuzz_sink sinks[2] = { { .sink = { &fuzz_ops } }, { .sink = { &fuzz_ops } } };
	struct ed_evtx_cache *cache;
	struct ed_input input;

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
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char *file;

	if (size >= 3 && memcmp(data, "Elf", 3) == 0) {
		read_twice(data, size);
		return 0;
	}
	if (!size)
		return 0;
	file = wrap(data, size);
	read_twice(file, FILE_HEADER + CHUNK);
	free(file);
	return 0;
}

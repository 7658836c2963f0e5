/* SPDX-License-Identifier: MIT */
/* Damaged logs: each kind of damage costs only itself and is told once, with what is lost. */
#include <check.h>

#include "test_evtx_bytes.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/base/utf.h"

#define PER_CHUNK 10

static struct eb bytes;
static struct eb_sink sink;

static void write_events(unsigned count)
{
	static const struct eb_value value = { 0x01, 10, "h\0e\0l\0l\0o\0" };

	for (unsigned i = 0; i < count; i++)
		eb_event_with(&bytes, 100, &value);
}

static void setup(void)
{
	eb_init(&bytes);
	write_events(PER_CHUNK);
	eb_sink_init(&sink);
}

static void teardown(void)
{
	ed_alloc_fail_after(-1);
	eb_sink_release(&sink);
}

static void two_chunks(void)
{
	eb_chunk_end(&bytes);
	eb_chunk_begin(&bytes);
	write_events(PER_CHUNK);
	eb_finish(&bytes);
}

static void check_gap(size_t i, enum ed_state state, uint64_t lost, const char *why)
{
	ck_assert_uint_lt(i, sink.gap_count);
	ck_assert_int_eq(sink.gaps[i].state, state);
	ck_assert_msg(strstr(sink.gaps[i].why, why) != NULL, "'%s' lacks '%s'", sink.gaps[i].why,
		      why);
	ck_assert_uint_eq(sink.gaps[i].lost, lost);
}

/* Offset of the @n-th record (from 0) of the first chunk. */
static size_t record_at(size_t n)
{
	const unsigned char *chunk = bytes.file + EB_FILE_HEADER;
	size_t at = 512;

	while (n--)
		at += chunk[at + 4] | (size_t)chunk[at + 5] << 8;
	return at;
}

START_TEST(dirty_header_is_no_loss)
{
	two_chunks();
	bytes.file[120] = 1;
	bytes.file[42] = 1; /* and its count is old, so its checksum is wrong as well */
	eb_read_ok(&sink, &bytes);
	ck_assert_uint_eq(sink.event_count, 2 * PER_CHUNK);
	ck_assert_uint_eq(sink.gap_count, 0);
}
END_TEST

START_TEST(file_signature_missing)
{
	two_chunks();
	memset(bytes.file, 0xFF, 4096);
	eb_read_ok(&sink, &bytes);
	ck_assert_uint_eq(sink.event_count, 2 * PER_CHUNK);
	ck_assert_uint_eq(sink.gap_count, 1);
	check_gap(0, ED_STATE_DAMAGED, 0, "signature missing");
}
END_TEST

START_TEST(no_log_at_all)
{
	struct ed_error err;
	static const char zeros[10000];

	ck_assert_int_eq(eb_read(&sink, zeros, sizeof(zeros), &err), ED_FORMAT);
	ck_assert_int_eq(eb_read(&sink, "", 0, &err), ED_FORMAT);
	ck_assert_int_eq(eb_read(&sink, "ElfFil", 6, NULL), ED_FORMAT);
	ck_assert_uint_eq(sink.gap_count, 0);
	ck_assert_int_eq(eb_read(&sink, "ElfFile", 8, &err), ED_OK);
	check_gap(0, ED_STATE_TRUNCATED, ED_LOST_UNKNOWN, "within its header");
}
END_TEST

START_TEST(unused_chunks_are_no_gap)
{
	eb_finish(&bytes);
	bytes.chunk_count = 3;
	eb_read_ok(&sink, &bytes);
	ck_assert_uint_eq(sink.event_count, PER_CHUNK);
	ck_assert_uint_eq(sink.gap_count, 0);
}
END_TEST

/* @_i: the chunk of three that is lost. The first may hold a log's newest records, and so may what
 * has none behind it. */
START_TEST(the_place_of_a_loss)
{
	static const bool inner[] = { false, true, false };

	eb_chunk_end(&bytes);
	eb_chunk_begin(&bytes);
	write_events(PER_CHUNK);
	two_chunks();
	memset(bytes.file + EB_FILE_HEADER + (size_t)_i * EB_CHUNK, 0x55, EB_CHUNK);
	eb_read_ok(&sink, &bytes);
	ck_assert_uint_eq(sink.event_count, 2 * PER_CHUNK);
	ck_assert_uint_eq(sink.gap_count, 1);
	ck_assert_int_eq(sink.gaps[0].inner, inner[_i]);
}
END_TEST

/* @_i: how a chunk without records says so. */
START_TEST(empty_chunks_lack_nothing)
{
	static const uint64_t numbers[][2] = {
		{ UINT64_MAX, UINT64_MAX }, { 1, UINT64_MAX }, { 1, 0 }, { 0, 0 }
	};

	eb_init(&bytes);
	bytes.first_id = numbers[_i][0];
	bytes.id = numbers[_i][1] + 1;
	eb_finish(&bytes);
	eb_read_ok(&sink, &bytes);
	ck_assert_uint_eq(sink.event_count, 0);
	ck_assert_uint_eq(sink.gap_count, 0);
}
END_TEST

START_TEST(chunks_that_the_header_tells_are_missing)
{
	struct ed_error err;

	two_chunks();
	ck_assert_int_eq(eb_read(&sink, bytes.file, EB_FILE_HEADER + EB_CHUNK, &err), ED_OK);
	ck_assert_uint_eq(sink.event_count, PER_CHUNK);
	ck_assert_uint_eq(sink.gap_count, 1);
	check_gap(0, ED_STATE_TRUNCATED, ED_LOST_UNKNOWN, "file ends after 1 of 2 chunks");
	ck_assert_str_eq(sink.gaps[0].channel, "Test/Operational");
}
END_TEST

/* @_i: which field of the chunk header is wrong. */
START_TEST(chunk_header_damaged)
{
	static const struct {
		size_t at;
		const char *why;
		uint64_t lost;
	} cases[] = {
		{ 0, "chunk 0: signature missing", 0 },
		{ 130, "chunk 0: header checksum mismatch", 0 },
		{ 124, "chunk 0: header checksum mismatch", 0 },
		{ 51, "chunk 0: header checksum mismatch", 0 }, /* free space beyond the chunk */
		{ 8, "chunk 0: header checksum mismatch", 0 },  /* first number */
		{ 24, "chunk 0: header checksum mismatch", 0 }, /* first id */
		{ 15, "chunk 0: header checksum mismatch", ED_LOST_UNKNOWN }, /* far off */
	};

	two_chunks();
	bytes.file[EB_FILE_HEADER + cases[_i].at] ^= 0x80;
	eb_read_ok(&sink, &bytes);
	ck_assert_uint_eq(sink.event_count, 2 * PER_CHUNK);
	ck_assert_uint_eq(sink.gap_count, 1);
	ck_assert_int_eq(sink.gaps[0].state, ED_STATE_DAMAGED);
	ck_assert_msg(strstr(sink.gaps[0].why, cases[_i].why) != NULL, "%s", sink.gaps[0].why);
	if (cases[_i].at != 8)
		ck_assert_uint_eq(sink.gaps[0].lost, cases[_i].lost);
}
END_TEST

START_TEST(data_checksum_wrong_but_records_good)
{
	two_chunks();
	bytes.file[EB_FILE_HEADER + record_at(3) + 16] ^= 1; /* a bit of a record's time */
	eb_read_ok(&sink, &bytes);
	ck_assert_uint_eq(sink.event_count, 2 * PER_CHUNK);
	ck_assert_uint_eq(sink.gap_count, 1);
	check_gap(0, ED_STATE_DAMAGED, 0, "chunk 0: data checksum mismatch");
}
END_TEST

/* @_i: which byte of the record's header or end is destroyed. */
START_TEST(one_record_destroyed)
{
	static const int where[] = { 0, 2, 4, 5, 7, 14, -4, -1 };
	size_t at, next;

	two_chunks();
	at = record_at(4);
	next = record_at(5);
	bytes.file[EB_FILE_HEADER + (where[_i] < 0 ? next : at) + (size_t)(where[_i] + 0)] ^= 0x55;
	eb_read_ok(&sink, &bytes);
	ck_assert_uint_eq(sink.event_count, 2 * PER_CHUNK - 1);
	ck_assert_uint_eq(sink.gap_count, 1);
	check_gap(0, ED_STATE_DAMAGED, 1, "chunk 0: data checksum mismatch");
	ck_assert_uint_eq(sink.events[4].head.record, 6);
}
END_TEST

START_TEST(hole_of_zeros)
{
	size_t from, to;

	two_chunks();
	from = record_at(3) + 40;
	to = record_at(7) + 3;
	memset(bytes.file + EB_FILE_HEADER + from, 0, to - from);
	eb_read_ok(&sink, &bytes);
	ck_assert_uint_eq(sink.event_count, 2 * PER_CHUNK - 5);
	ck_assert_uint_eq(sink.gap_count, 1);
	check_gap(0, ED_STATE_DAMAGED, 5, "chunk 0: data checksum mismatch");
	ck_assert_uint_eq(sink.events[3].head.record, 9);
}
END_TEST

START_TEST(both_chunks_damaged_is_one_gap)
{
	two_chunks();
	bytes.file[EB_FILE_HEADER + 600] ^= 1;
	bytes.file[EB_FILE_HEADER + EB_CHUNK] = 0;
	eb_read_ok(&sink, &bytes);
	ck_assert_uint_eq(sink.gap_count, 1);
	ck_assert_ptr_nonnull(strstr(sink.gaps[0].why, "2 chunks damaged, first chunk 0"));
}
END_TEST

/* An unreadable record in a chunk whose checksums are right: written so, not damaged. */
START_TEST(record_that_makes_no_sense)
{
	eb_record_begin(&bytes);
	eb_u8(&bytes, 0x77);
	eb_record_end(&bytes);
	eb_record_begin(&bytes);
	eb_instance(&bytes, 700);
	bytes.chunk[bytes.at - 1] = 0xFF;
	eb_u32(&bytes, 0);
	eb_record_end(&bytes);
	write_events(1);
	eb_finish(&bytes);
	eb_read_ok(&sink, &bytes);
	ck_assert_uint_eq(sink.event_count, PER_CHUNK + 1);
	ck_assert_uint_eq(sink.gap_count, 1);
	check_gap(0, ED_STATE_DAMAGED, 2, "2 records unreadable, first record 11 in chunk 0");
}
END_TEST

/* A bad inner template costs the fields, not the event. */
START_TEST(field_data_that_makes_no_sense)
{
	uint32_t mark = eb_event_begin(&bytes, 5, UINT64_C(133000000000000000));

	eb_fragment(&bytes);
	eb_instance(&bytes, 65530);
	eb_event_end(&bytes, mark);
	eb_finish(&bytes);
	eb_read_ok(&sink, &bytes);
	ck_assert_uint_eq(sink.event_count, PER_CHUNK + 1);
	ck_assert_uint_eq(sink.events[PER_CHUNK].head.id, 5);
	ck_assert_uint_eq(sink.events[PER_CHUNK].field_count, 0);
	ck_assert_uint_eq(sink.gap_count, 1);
	check_gap(0, ED_STATE_DAMAGED, 0, "record 11 in chunk 0: template outside the chunk");
}
END_TEST

/* Records behind the end that the header tells: an older use of the chunk, or not yet told. */
START_TEST(slack_is_kept_out)
{
	static unsigned char old[4096];
	size_t from, size;

	two_chunks();
	from = record_at(2);
	size = record_at(6) - from;
	ck_assert_uint_le(size, sizeof(old));
	memcpy(old, bytes.file + EB_FILE_HEADER + from, size);
	memcpy(bytes.chunk + bytes.at, old, size);
	bytes.file[120] = (unsigned char)_i; /* whether the log is marked as open makes no matter */
	eb_read_ok(&sink, &bytes);
	ck_assert_uint_eq(sink.event_count, 2 * PER_CHUNK);
	ck_assert_uint_eq(sink.gap_count, 0);
}
END_TEST

/* The service writes the header after the records: the last ones may not be told yet. */
START_TEST(records_behind_an_old_header)
{
	static unsigned char header[512];

	eb_finish(&bytes);
	memcpy(header, bytes.chunk, sizeof(header));
	write_events(3);
	eb_finish(&bytes);
	memcpy(bytes.chunk, header, sizeof(header));
	bytes.file[120] = (unsigned char)_i;
	eb_read_ok(&sink, &bytes);
	/* a log that was closed has no such records: they would be slack; but the file header's
	 * checksum went with the flag, so only the untouched one counts as closed */
	ck_assert_uint_eq(sink.event_count, PER_CHUNK + (_i ? 3 : 0));
	ck_assert_uint_eq(sink.gap_count, 0);
}
END_TEST

START_TEST(truncated_at_every_byte)
{
	struct ed_error err;
	size_t end;
	size_t before = 0;

	eb_finish(&bytes);
	end = EB_FILE_HEADER + bytes.at;
	for (size_t size = 0; size <= end; size++) {
		unsigned char *copy = malloc(size ? size : 1); /* so that a checker sees overruns */
		ed_status status;

		ck_assert_ptr_nonnull(copy);
		memcpy(copy, bytes.file, size);
		eb_sink_release(&sink);
		eb_sink_init(&sink);
		status = eb_read(&sink, copy, size, &err);
		free(copy);
		if (size < 7) { /* the signature ends with a zero, which is what is missing */
			ck_assert_int_eq(status, ED_FORMAT);
			continue;
		}
		ck_assert_int_eq(status, ED_OK);
		ck_assert_uint_ge(sink.gap_count, 1);
		ck_assert_uint_ge(sink.event_count, before);
		before = sink.event_count;
	}
	ck_assert_uint_eq(before, PER_CHUNK);
}
END_TEST

/* Every byte overwritten, with the checksums wrong (_i even) or made right again (odd). */
START_TEST(overwritten_at_every_byte)
{
	static unsigned char good[EB_FILE_HEADER + EB_CHUNK];
	static const unsigned char with[] = { 0xFF, 0x00, 0x7F };
	struct ed_error err;
	size_t end, used;

	eb_init(&bytes);
	write_events(3);
	used = bytes.at;
	eb_finish(&bytes);
	memcpy(good, bytes.file, sizeof(good));
	end = EB_FILE_HEADER + used;
	for (size_t at = 0; at < end; at++) {
		if (at == 128)
			at = EB_FILE_HEADER;
		if (good[at] == with[_i / 2])
			continue;
		memcpy(bytes.file, good, sizeof(good));
		bytes.file[at] = with[_i / 2];
		if (_i % 2 && at >= EB_FILE_HEADER)
			eb_finish(&bytes);
		eb_sink_release(&sink);
		eb_sink_init(&sink);
		ck_assert_int_eq(eb_read(&sink, bytes.file, sizeof(good), &err), ED_OK);
		ck_assert_uint_le(sink.event_count, 3);
		for (size_t e = 0; e < sink.event_count; e++)
			for (size_t i = 0; i < sink.events[e].field_count; i++)
				if (!ed_utf8_valid(sink.events[e].fields[i].value) ||
				    !ed_utf8_valid(sink.events[e].fields[i].name))
					ck_abort_msg("byte %zu: text is not valid", at);
		/* flags of the chunk, which no checksum covers */
		if (at >= EB_FILE_HEADER + 120 && at < EB_FILE_HEADER + 124)
			continue;
		if (!(_i % 2) && at >= EB_FILE_HEADER && sink.gap_count < 1)
			ck_abort_msg("byte %zu: %zu gaps", at, sink.gap_count);
	}
}
END_TEST

/* A whole chunk of definitions that overlap: the work stays bounded. */
START_TEST(too_many_definitions)
{
	eb_chunk_begin(&bytes);
	write_events(1);
	for (unsigned i = 0; i < 1000; i++) {
		eb_record_begin(&bytes);
		eb_instance(&bytes, 600 + i);
		eb_u32(&bytes, 0);
		eb_record_end(&bytes);
	}
	eb_finish(&bytes);
	eb_read_ok(&sink, &bytes);
	ck_assert_uint_eq(sink.event_count, PER_CHUNK + 1);
	ck_assert_uint_eq(sink.gap_count, 2);
	check_gap(0, ED_STATE_DAMAGED, ED_LOST_UNKNOWN, "chunk 0: signature missing");
	check_gap(1, ED_STATE_DAMAGED, 1000, "1000 records unreadable");
}
END_TEST

/* The definition that a chunk's records use is gone: that of another chunk serves, by its GUID. */
START_TEST(definition_overwritten)
{
	size_t at;

	eb_chunk_end(&bytes);
	eb_chunk_begin(&bytes);
	bytes.guid = 1; /* as in the first chunk */
	write_events(PER_CHUNK);
	eb_finish(&bytes);
	at = EB_FILE_HEADER + EB_CHUNK;
	/* the whole first record; it defined the outer template of all in its chunk */
	memset(bytes.file + at, 0,
	       512 + (bytes.file[at + 516] | (size_t)bytes.file[at + 517] << 8));
	if (_i) /* and no other chunk has it: the first one speaks of another GUID */
		bytes.file[EB_FILE_HEADER + 512 + 24 + 4 + 10 + 4] ^= 0x80;
	eb_read_ok(&sink, &bytes);
	ck_assert_uint_eq(sink.gap_count, 1);
	ck_assert_uint_eq(sink.gaps[0].lost, ED_LOST_UNKNOWN);
	if (_i) {
		ck_assert_uint_eq(sink.event_count, 0);
		return;
	}
	ck_assert_uint_eq(sink.event_count, 2 * PER_CHUNK - 1);
	ck_assert_uint_eq(sink.events[PER_CHUNK].head.record, PER_CHUNK + 2);
	ck_assert_str_eq(eb_field(&sink, PER_CHUNK, "v"), "hello");
}
END_TEST

static bool want_none(const struct ed_event_head *head)
{
	(void)head;
	return false;
}

START_TEST(the_sink_ends_the_run)
{
	struct ed_error err;

	two_chunks();
	sink.answer = ED_LIMIT;
	ck_assert_int_eq(eb_read(&sink, bytes.file, eb_size(&bytes), &err), ED_LIMIT);
	ck_assert_str_eq(err.text, "the sink says no");
	ck_assert_uint_eq(sink.wanted, 1);
	sink.choose = want_none;
	eb_read_ok(&sink, &bytes);
}
END_TEST

struct flaky {
	uint64_t fail_from;
	bool is_short;
};

static ed_status flaky_read(const struct ed_input *input, uint64_t offset, void *out, size_t len,
			    size_t *got, struct ed_error *err)
{
	const struct flaky *flaky = input->context;

	if (offset >= flaky->fail_from && !flaky->is_short)
		return ed_fail(err, ED_IO, "the disk says no");
	*got = offset >= flaky->fail_from ? 0 : len;
	memcpy(out, bytes.file + offset, *got);
	return ED_OK;
}

START_TEST(input_that_fails_midway)
{
	struct flaky flaky = { .fail_from = EB_FILE_HEADER + EB_CHUNK, .is_short = _i };
	struct ed_input input = { .path = ED_STR("x"), .context = &flaky, .read_at = flaky_read };
	struct ed_error err = { .status = ED_OK };

	two_chunks();
	input.size = eb_size(&bytes);
	ck_assert_int_eq(ed_reader_evtx.read(&input, &sink.sink, &err), _i ? ED_OK : ED_IO);
	ck_assert_uint_eq(sink.event_count, PER_CHUNK);
	ck_assert_uint_eq(sink.gap_count, _i ? 1 : 0);
	flaky.fail_from = 0;
	ck_assert_int_eq(ed_reader_evtx.read(&input, &sink.sink, &err), _i ? ED_FORMAT : ED_IO);
}
END_TEST

START_TEST(read_through_a_callback)
{
	struct flaky flaky = { .fail_from = UINT64_MAX };
	struct ed_input input = { .path = ED_STR("x"), .context = &flaky, .read_at = flaky_read };

	two_chunks();
	input.size = eb_size(&bytes);
	ck_assert_int_eq(ed_reader_evtx.read(&input, &sink.sink, NULL), ED_OK);
	ck_assert_uint_eq(sink.event_count, 2 * PER_CHUNK);
	ck_assert_uint_eq(sink.gap_count, 0);
}
END_TEST

START_TEST(every_allocation_fails_once)
{
	struct ed_error err;
	uint32_t mark = eb_event_begin(&bytes, 5, 0);
	long n = 0;

	bytes.no_dependency = true;
	eb_open(&bytes, "EventData", false);
	eb_close_start(&bytes);
	eb_open(&bytes, "Data", true);
	eb_attribute(&bytes, "Name");
	eb_text(&bytes, "plain");
	eb_close_start(&bytes);
	eb_text(&bytes, "text");
	eb_close(&bytes);
	eb_close(&bytes);
	eb_event_end(&bytes, mark);
	eb_finish(&bytes);
	for (;; n++) {
		ed_status status;

		eb_sink_release(&sink);
		eb_sink_init(&sink);
		ed_alloc_fail_after(n);
		status = eb_read(&sink, bytes.file, eb_size(&bytes), &err);
		ed_alloc_fail_after(-1);
		if (status == ED_OK)
			break;
		ck_assert_int_eq(status, ED_NOMEM);
		ck_assert_int_eq(err.status, ED_NOMEM);
		ck_assert_int_lt(n, 2000);
	}
	ck_assert_int_gt(n, 10);
	ck_assert_uint_eq(sink.event_count, PER_CHUNK + 1);
	ck_assert_uint_eq(sink.gap_count, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("evtx damage");
	TCase *t = tcase_create("damage");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, dirty_header_is_no_loss);
	tcase_add_test(t, file_signature_missing);
	tcase_add_test(t, no_log_at_all);
	tcase_add_test(t, unused_chunks_are_no_gap);
	tcase_add_loop_test(t, the_place_of_a_loss, 0, 3);
	tcase_add_loop_test(t, empty_chunks_lack_nothing, 0, 4);
	tcase_add_test(t, chunks_that_the_header_tells_are_missing);
	tcase_add_loop_test(t, chunk_header_damaged, 0, 7);
	tcase_add_test(t, data_checksum_wrong_but_records_good);
	tcase_add_loop_test(t, one_record_destroyed, 0, 8);
	tcase_add_test(t, hole_of_zeros);
	tcase_add_test(t, both_chunks_damaged_is_one_gap);
	tcase_add_test(t, record_that_makes_no_sense);
	tcase_add_test(t, field_data_that_makes_no_sense);
	tcase_add_loop_test(t, slack_is_kept_out, 0, 2);
	tcase_add_loop_test(t, records_behind_an_old_header, 0, 2);
	tcase_add_test(t, truncated_at_every_byte);
	tcase_add_loop_test(t, overwritten_at_every_byte, 0, 6);
	tcase_add_test(t, too_many_definitions);
	tcase_add_loop_test(t, definition_overwritten, 0, 2);
	tcase_add_test(t, the_sink_ends_the_run);
	tcase_add_loop_test(t, input_that_fails_midway, 0, 2);
	tcase_add_test(t, read_through_a_callback);
	tcase_add_test(t, every_allocation_fails_once);
	tcase_set_timeout(t, 280);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}

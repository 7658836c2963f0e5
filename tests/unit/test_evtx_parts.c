/* SPDX-License-Identifier: MIT */
/* A log read part by part, by readers that know nothing of each other, is the log read at once. */
#include "evtx_build.h"

#include <check.h>

#include "events_dump.h"

#include "espdiag/collectors/evtx_parts.h"

#define CHUNKS 12

static struct ed_str log_make(struct evtx_build *b)
{
	static const struct build_field field = { .name = "Text",
						  .type = BUILD_STRING,
						  .text = "some text" };

	evtx_build_init(b);
	for (uint64_t i = 1; i <= 10 * CHUNKS; i++) {
		struct build_event e = { .provider = "Test",
					 .channel = "Test/Operational",
					 .computer = "DESKTOP-ONE",
					 .record = i,
					 .time = INT64_C(134338000001234567) + (int64_t)i,
					 .id = (uint32_t)(i % 3),
					 .shape = i % 3 ? BUILD_EVENT_DATA : BUILD_USER_DATA,
					 .element = i % 3 == 1 ? "One" : "Two",
					 .fields = &field,
					 .field_count = 1 };

		ck_assert(evtx_build_add(b, &e));
		if (i % 10 == 0)
			ck_assert(evtx_build_end_chunk(b));
	}
	return evtx_build_finish(b);
}

/* One chunk by a reader of its own. ED_FORMAT: it needs those before it. */
static ed_status one_chunk(struct dumped *d, const struct ed_input *input, uint64_t i,
			   bool continues, struct ed_evtx_part *part)
{
	struct ed_evtx_dump_options options = { .form = ED_DUMP_XML,
						.filter = &d->filter,
						.wanted = &d->wanted,
						.out = &d->out,
						.flush = dumped_flush,
						.context = d };
	ed_status status;

	if (!d->dump)
		ck_assert_int_eq(ed_evtx_dump_new(&d->dump, &options, &d->err), ED_OK);
	status = ed_evtx_part_read(d->dump, input, i, i + 1, continues, &d->sink.sink, part,
				   &d->err);
	ck_assert(status == ED_OK || status == ED_FORMAT);
	ck_assert_int_eq(dumped_flush(d, &d->out, &d->err), ED_OK);
	return status;
}

/* Gives how many chunks could not be read alone. */
static size_t check_parts(struct ed_str bytes)
{
	struct ed_evtx_part *all, *part;
	struct dumped whole, sum, alone, known;
	struct ed_input input;
	size_t again = 0;

	ed_input_from_memory(&input, ED_STR("x"), bytes.p, bytes.len);
	ck_assert_uint_eq(ed_evtx_chunk_count(&input), CHUNKS);
	dumped_init(&whole);
	ck_assert_int_eq(dumped_read(&whole, ED_DUMP_XML, bytes), ED_OK);
	dumped_init(&sum);
	dumped_init(&known);
	ck_assert_int_eq(ed_evtx_part_new(&all, NULL), ED_OK);
	ck_assert_int_eq(ed_evtx_part_new(&part, NULL), ED_OK);
	ed_evtx_part_clear(all);
	for (uint64_t i = 0; i < CHUNKS; i++) {
		const struct dumped *from = &alone;

		dumped_init(&alone);
		ed_buf_clear(&known.all);
		/* the reader that has seen everything goes along */
		ck_assert_int_eq(one_chunk(&known, &input, i, i != 0, part), ED_OK);
		if (one_chunk(&alone, &input, i, false, part) != ED_OK) {
			again++;
			from = &known;
		}
		ed_buf_adds(&sum.all, ed_buf_str(&from->all));
		ed_evtx_part_add(all, part);
		dumped_release(&alone);
	}
	ck_assert_int_eq(ed_evtx_part_tell(all, &input, &sum.sink.sink, &sum.err), ED_OK);
	ck_assert_uint_eq(sum.all.len, whole.all.len);
	ck_assert_mem_eq(sum.all.p, whole.all.p, whole.all.len);
	ck_assert_uint_eq(sum.sink.gaps, whole.sink.gaps);
	/* what a part lost is not told for one that was read again by another */
	if (!again)
		ck_assert_uint_eq(sum.sink.lost, whole.sink.lost);
	ed_evtx_part_free(all);
	ed_evtx_part_free(part);
	dumped_release(&whole);
	dumped_release(&sum);
	dumped_release(&known);
	return again;
}

START_TEST(whole_log)
{
	struct evtx_build b;

	ck_assert_uint_eq(check_parts(log_make(&b)), 0);
	evtx_build_release(&b);
}
END_TEST

/* Templates overwritten in two chunks: the first has none before it, the other one needs them. */
START_TEST(damaged_log)
{
	struct evtx_build b;
	struct ed_str bytes = log_make(&b);
	unsigned char *copy = ed_malloc(bytes.len);

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, bytes.p, bytes.len);
	memset(copy + EVTX_BUILD_FILE_HEADER + 512, 0x20, 700);
	memset(copy + EVTX_BUILD_FILE_HEADER + 5 * EVTX_BUILD_CHUNK + 512, 0x20, 700);
	ck_assert_uint_eq(check_parts((struct ed_str){ (char *)copy, bytes.len }), 1);
	ed_free(copy);
	evtx_build_release(&b);
}
END_TEST

START_TEST(no_log)
{
	struct ed_evtx_part *all;
	struct ed_input input;
	struct dumped d;

	dumped_init(&d);
	ed_input_from_memory(&input, ED_STR("x"), "no log", 6);
	ck_assert_uint_eq(ed_evtx_chunk_count(&input), 0);
	ck_assert_int_eq(ed_evtx_part_new(&all, NULL), ED_OK);
	ck_assert_int_eq(ed_evtx_part_tell(all, &input, &d.sink.sink, &d.err), ED_FORMAT);
	ed_evtx_part_free(all);
	dumped_release(&d);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("evtx parts");
	TCase *tcase = tcase_create("all");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, whole_log);
	tcase_add_test(tcase, damaged_log);
	tcase_add_test(tcase, no_log);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

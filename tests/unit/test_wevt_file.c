/* SPDX-License-Identifier: MIT */
/* A channel whose service does not answer, read from its log file. */
#include "evtx_build.h"
#include "wevt_priv.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/platform/file.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STORE "Microsoft-Windows-Store/Operational"
#define TEXT_BYTES 25000

static struct ed_recording recording;
static struct ed_error err;
static char folder[] = "/tmp/test_wevt_file.XXXXXX";
static char path[200];
static int stop_after;

static bool stopped(const struct ed_live *live)
{
	(void)live;
	if (stop_after > 0)
		stop_after--;
	return stop_after == 0;
}

static uint32_t no_query(void *context, struct ed_str query, bool newest_first, void **results)
{
	(void)query;
	(void)newest_first;
	(void)results;
	return *(uint32_t *)context;
}

static uint32_t no_config(void *context, struct ed_str channel, void **config)
{
	(void)channel;
	(void)config;
	return *(uint32_t *)context;
}

/* @count events; every second is not of the ids that are asked for. */
static void write_log(uint32_t count, const char *text)
{
	const struct build_field field = { "Message", BUILD_STRING, text, NULL, 0 };
	struct evtx_build b;

	evtx_build_init(&b);
	for (uint32_t i = 1; i <= count; i++) {
		const struct build_event event = { .provider = "Microsoft-Windows-Install-Agent",
						   .channel = STORE,
						   .computer = "DESKTOP-TEST",
						   .record = i,
						   .time = INT64_C(134338000000000000) + i,
						   .id = i % 2 ? 2008 : 4242,
						   .level = 2,
						   .shape = BUILD_EVENT_DATA,
						   .fields = &field,
						   .field_count = 1 };

		ck_assert(evtx_build_add(&b, &event));
	}
	ck_assert_int_eq(ed_file_write_whole(ed_str_from(path), evtx_build_finish(&b), &err),
			 ED_OK);
	evtx_build_release(&b);
}

static ed_status collect(uint32_t code)
{
	const struct ed_wevt_api api = { .context = &code,
					 .query = no_query,
					 .config_open = no_config };
	const struct ed_live live = { .stopped = stopped };

	return ed_wevt_collect(&api, &ed_wevt_channels[CHANNEL_STORE], ed_str_from(folder), &live,
			       &recording, &err);
}

static void setup(void)
{
	memset(&err, 0, sizeof(err));
	memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/Microsoft-Windows-Store%%4Operational.evtx", folder);
	stop_after = -1;
	ed_recording_init(&recording);
}

static void teardown(void)
{
	remove(path);
	remove(folder);
	ed_recording_release(&recording);
}

static uint64_t first_record(void)
{
	return wevt_event_record(ed_buf_str(&recording.members[0].bytes));
}

static uint64_t last_record(void)
{
	struct ed_str text = ed_buf_str(&recording.members[0].bytes);
	uint64_t last = 0;
	struct ed_str line;

	ck_assert(ed_str_line(&text, &line) && ed_str_eq(line, ED_STR("<Events>")));
	while (ed_str_line(&text, &line) && !ed_str_eq(line, ED_STR("</Events>"))) {
		ck_assert(ed_str_starts(line, ED_STR("<Event ")));
		ck_assert(ed_str_ends(line, ED_STR("</Event>")));
		last = wevt_event_record(line);
	}
	ck_assert_uint_eq(text.len, 0);
	return last;
}

START_TEST(the_file_is_read_for_the_ids_asked_for)
{
	write_log(99, "a\r\nb");
	ck_assert_int_eq(collect(1722), ED_OK);
	ck_assert_uint_eq(recording.member_count, 1);
	ck_assert_uint_eq(first_record(), 1);
	ck_assert_uint_eq(last_record(), 99);
	ck_assert_ptr_null(strstr(recording.members[0].bytes.p, "4242"));
	ck_assert_ptr_nonnull(strstr(recording.members[0].bytes.p, ">a&#13;&#10;b<"));
	ck_assert_uint_eq(recording.gap_count, 1);
	ck_assert_int_eq(recording.gaps[0].state, ED_STATE_TRUNCATED);
	ck_assert(recording.gaps[0].is_channel);
	ck_assert_ptr_nonnull(strstr(recording.gaps[0].why.p, "1722"));
}
END_TEST

START_TEST(a_large_file_gives_its_newest_events)
{
	static char text[TEXT_BYTES + 1];

	memset(text, 'x', TEXT_BYTES);
	write_log(1000, text);
	ck_assert_int_eq(collect(1753), ED_OK);
	ck_assert_uint_gt(first_record(), 1);
	ck_assert_uint_eq(last_record(), 999);
	ck_assert_uint_le(recording.members[0].bytes.len, 2 * ED_LIMIT_RECORDED_CHANNEL);
	ck_assert_ptr_nonnull(strstr(recording.gaps[0].why.p, "ED_LIMIT_RECORDED_CHANNEL"));
}
END_TEST

START_TEST(time_that_is_up_ends_it)
{
	static char text[TEXT_BYTES + 1];

	memset(text, 'x', TEXT_BYTES);
	write_log(400, text);
	/* spent in part on asking the service */
	stop_after = 6;
	ck_assert_int_eq(collect(1753), ED_OK);
	ck_assert_uint_eq(first_record(), 1);
	ck_assert_uint_lt(last_record(), 399);
	ck_assert_ptr_nonnull(strstr(recording.gaps[0].why.p, "time was up"));
}
END_TEST

START_TEST(no_file_is_no_channel)
{
	ck_assert_int_eq(collect(1722), ED_ABSENT);
	ck_assert_uint_eq(recording.member_count, 0);
	ck_assert_uint_eq(recording.gap_count, 0);
}
END_TEST

START_TEST(what_is_no_log_is_told)
{
	ck_assert_int_eq(ed_file_write_whole(ed_str_from(path), ED_STR("nothing"), &err), ED_OK);
	ck_assert_int_ne(collect(1722), ED_OK);
	ck_assert_uint_gt(strlen(err.text), 0);
	ck_assert_uint_eq(recording.member_count, 0);
}
END_TEST

START_TEST(other_failures_are_not_for_the_file)
{
	write_log(3, "x");
	ck_assert_int_eq(collect(5), ED_ACCESS);
	ck_assert_int_eq(collect(15007), ED_ABSENT);
	ck_assert_int_eq(collect(31), ED_IO);
	ck_assert_uint_eq(recording.member_count, 0);
}
END_TEST

START_TEST(every_allocation_may_fail)
{
	long n;

	write_log(20, "a\nb");
	for (n = 0; n < 400; n++) {
		ed_status status;

		ed_alloc_fail_after(n);
		status = collect(1722);
		ed_alloc_fail_after(-1);
		if (status == ED_OK)
			break;
		ck_assert_int_eq(status, ED_NOMEM);
		ck_assert_uint_eq(recording.gap_count, 0);
		ed_recording_release(&recording);
	}
	ck_assert_int_gt(n, 3);
	ck_assert_int_lt(n, 400);
	ck_assert_uint_eq(last_record(), 19);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wevt_file");
	TCase *tcase = tcase_create("file");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, the_file_is_read_for_the_ids_asked_for);
	tcase_add_test(tcase, a_large_file_gives_its_newest_events);
	tcase_add_test(tcase, time_that_is_up_ends_it);
	tcase_add_test(tcase, no_file_is_no_channel);
	tcase_add_test(tcase, what_is_no_log_is_told);
	tcase_add_test(tcase, other_failures_are_not_for_the_file);
	tcase_add_test(tcase, every_allocation_may_fail);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

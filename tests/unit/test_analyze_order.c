/* SPDX-License-Identifier: MIT */
/* The order of events: record numbers, clock jumps in both directions, the cut, spans of unknown
 * length. */
#include <check.h>

#include "analyze_build.h"

#include "espdiag/base/utf.h"

static struct made made;

static void setup(void)
{
	made_init(&made);
}

static void teardown(void)
{
	made_release(&made);
}

static int64_t key_of(const struct analysis *a, enum event_key kind)
{
	size_t i = 0;
	const struct mark *m = next_mark(a, kind, &i);

	ck_assert_ptr_nonnull(m);
	return m->key;
}

static void jump(uint64_t record, const char *from, const char *to)
{
	made_event_record(&made, EV_CLOCK_CHANGED, record, to, "OldTime", from, "NewTime", to,
			  NULL);
}

#define DAY "2026-09-14T"

/* The factory clock ran three hours ahead until the first time sync. */
START_TEST(backward_jump_moves_what_came_before)
{
	struct analysis a;

	made_event_record(&made, EV_KERNEL_START, 1, "11:00:00", NULL);
	jump(5, DAY "11:05:00Z", DAY "08:05:00Z");
	made_event_record(&made, EV_BOOT_STATUS, 6, "08:10:00", NULL);
	made_event_record(&made, EV_BL_STARTED, 1, "11:03:00", "VolumeMountPoint", "C:", NULL);
	made_event_record(&made, EV_AAD_ERROR, 1, "08:15:00", NULL);
	made_event_record(&made, EV_AAD_ERROR, 2, "08:40:00", NULL);
	made_analysis(&made, &a, NULL);
	ck_assert_int_eq(key_of(&a, EV_KERNEL_START), made_time("08:00:00"));
	ck_assert_int_eq(key_of(&a, EV_BL_STARTED), made_time("08:03:00"));
	ck_assert_int_eq(key_of(&a, EV_AAD_ERROR), made_time("08:15:00"));
	ck_assert_int_eq(a.at, made_time("08:40:00"));
	ck_assert_int_eq(mark_at(a.boots[0].mark), made_time("11:00:00")); /* as logged */
}
END_TEST

START_TEST(times_that_fall_back_split_a_channel)
{
	struct analysis a;

	made_event_record(&made, EV_KERNEL_START, 1, "08:00:00", NULL);
	jump(5, DAY "09:00:00Z", DAY "08:30:00Z");
	made_event_record(&made, EV_BL_STARTED, 1, "08:50:00", "VolumeMountPoint", "C:", NULL);
	made_event_record(&made, EV_BL_ESCROWED, 2, "08:35:00", "VolumeMountPoint", "C:", NULL);
	made_analysis(&made, &a, NULL);
	ck_assert_int_eq(key_of(&a, EV_BL_STARTED), made_time("08:20:00"));
	ck_assert_int_eq(key_of(&a, EV_BL_ESCROWED), made_time("08:35:00"));
}
END_TEST

START_TEST(forward_jump_moves_nothing_and_hides_the_length)
{
	struct analysis a;

	made_event_record(&made, EV_KERNEL_START, 1, "08:00:00", NULL);
	jump(5, DAY "08:10:00Z", DAY "11:10:00Z");
	made_event_record(&made, EV_BOOT_STATUS, 6, "11:20:00", NULL);
	made_analysis(&made, &a, NULL);
	ck_assert_int_eq(key_of(&a, EV_KERNEL_START), made_time("08:00:00"));
	ck_assert(span_unknown(&a, made_time("08:00:00"), made_time("11:20:00")));
	ck_assert(!span_unknown(&a, made_time("11:11:00"), made_time("11:20:00")));
	ck_assert_int_eq(span_least_seconds(&a, made_time("08:00:00"), made_time("11:20:00")),
			 1200);
}
END_TEST

START_TEST(the_cut_knows_only_jumps_before_it)
{
	struct analysis a;

	made_event_record(&made, EV_KERNEL_START, 1, "08:00:00", NULL);
	made_event_record(&made, EV_BL_STARTED, 1, "08:10:00", "VolumeMountPoint", "C:", NULL);
	jump(5, DAY "12:00:00Z", DAY "09:00:00Z");
	made_analysis(&made, &a, "08:30:00");
	ck_assert_uint_eq(a.jump_count, 0);
	ck_assert_int_eq(key_of(&a, EV_BL_STARTED), made_time("08:10:00"));
	ck_assert_uint_eq(a.mark_count, 2);
}
END_TEST

START_TEST(the_cut_leaves_out_later_events_and_counts_later_starts)
{
	struct analysis a;

	made_event(&made, EV_KERNEL_START, "08:00:00", NULL);
	made_event(&made, EV_KERNEL_START, "09:00:00", NULL);
	made_event(&made, EV_KERNEL_START, "10:00:00", NULL);
	made_analysis(&made, &a, "08:30:00");
	ck_assert_uint_eq(a.boot_count, 1);
	ck_assert_uint_eq(a.starts_after_cut, 2);
}
END_TEST

START_TEST(a_late_writer_keeps_its_place)
{
	struct analysis a;

	made_event_record(&made, EV_KERNEL_START, 1, "08:05:00", NULL);
	made_event_record(&made, EV_BOOT_STATUS, 2, "08:04:00", NULL);
	made_analysis(&made, &a, NULL);
	ck_assert_int_eq(key_of(&a, EV_BOOT_STATUS), made_time("08:05:00"));
	ck_assert(a.marks[0].kind == EV_KERNEL_START);
}
END_TEST

/* An event that no rule uses is still the end of the evidence. */
START_TEST(any_event_ends_the_evidence)
{
	struct ed_event_head head = { .provider = ED_STR("Other"),
				      .channel = ED_STR("Application"),
				      .id = 7,
				      .record = 9,
				      .time = made_time("09:30:00") };
	struct analysis a;

	made_event(&made, EV_KERNEL_START, "08:00:00", NULL);
	ck_assert(!made.evidence.sink.ops->want(&made.evidence.sink, &head));
	made_analysis(&made, &a, NULL);
	ck_assert_int_eq(a.at, made_time("09:30:00"));
}
END_TEST

START_TEST(nothing_at_all_is_as_of_now)
{
	struct analysis a;

	made.options.now = 12345;
	made_analysis(&made, &a, NULL);
	ck_assert_int_eq(a.at, 12345);
	ck_assert_uint_eq(a.mark_count, 0);
}
END_TEST

/* Files that hold a channel, and whether absence from 08:10 on counts. */
#define LOST ED_LOST_UNKNOWN
static const struct {
	struct {
		uint64_t first, last;
		const char *oldest;
		uint64_t lost, run;
		const char *run_from; /* NULL: the loss may be at the end */
	} files[3];
	bool covers;
} channels[] = {
	{ { { 40, 60, "08:00:00", 0, 40, "08:00:00" } }, true },
	{ { { 40, 60, "08:20:00", 0, 40, "08:20:00" } }, false },
	{ { { 1, 60, "08:20:00", 0, 1, "08:20:00" } }, true },
	/* damaged before, after, and at the end */
	{ { { 40, 60, "07:00:00", 3, 50, "08:05:00" } }, true },
	{ { { 40, 60, "07:00:00", 3, 50, "08:30:00" } }, false },
	{ { { 40, 60, "07:00:00", LOST, 40, NULL } }, false },
	/* the same log again, and whole */
	{ { { 40, 60, "08:00:00", LOST, 40, NULL }, { 40, 60, "08:00:00", 0, 40, "08:00:00" } },
	  true },
	/* in two pieces that meet, and in two that do not */
	{ { { 50, 60, "08:20:00", 0, 50, "08:20:00" }, { 20, 49, "07:00:00", 0, 20, "07:00:00" } },
	  true },
	{ { { 50, 60, "08:20:00", 0, 50, "08:20:00" }, { 20, 45, "07:00:00", 0, 20, "07:00:00" } },
	  false },
	/* the newest piece is the damaged one */
	{ { { 50, 60, "08:20:00", LOST, 50, NULL }, { 20, 55, "07:00:00", 0, 20, "07:00:00" } },
	  false },
};

START_TEST(absence_counts_from_where_nothing_is_lacking)
{
	struct analysis a;

	for (size_t i = 0; i < 3 && channels[_i].files[i].last; i++) {
		const struct ed_coverage row = {
			.source = ED_STR(CH_AAD),
			.path = ED_STR("aad.evtx"),
			.is_channel = true,
			.state = channels[_i].files[i].lost ? ED_STATE_DAMAGED : ED_STATE_READ,
			.records = 5,
			.oldest = made_time(channels[_i].files[i].oldest),
			.newest = made_time("08:40:00"),
			.first_record = channels[_i].files[i].first,
			.last_record = channels[_i].files[i].last,
			.run_record = channels[_i].files[i].run,
			.run_from = channels[_i].files[i].run_from
					    ? made_time(channels[_i].files[i].run_from)
					    : ED_TIME_NONE,
			.end_lost = !channels[_i].files[i].run_from,
			.lost = channels[_i].files[i].lost,
		};

		ck_assert_int_eq(ed_evidence_add_coverage(&made.evidence, &row, NULL), ED_OK);
	}
	made_analysis(&made, &a, NULL);
	ck_assert_int_eq(channel_covers(&a, CH_AAD, made_time("08:10:00")), channels[_i].covers);
}
END_TEST

/* The log begins at 11:03 by a clock that ran three hours ahead: that was 08:03. */
START_TEST(a_clock_that_ran_ahead_hides_no_coverage)
{
	struct analysis a;

	made_event_record(&made, EV_KERNEL_START, 1, "11:00:00", NULL);
	jump(5, DAY "11:05:00Z", DAY "08:05:00Z");
	made_event_record(&made, EV_BOOT_STATUS, 6, "08:10:00", NULL);
	made_event_record(&made, EV_BL_STARTED, 30, "11:03:00", "VolumeMountPoint", "C:", NULL);
	made_analysis(&made, &a, "08:40:00");
	ck_assert(channel_covers(&a, CH_BITLOCKER, made_time("08:04:00")));
	ck_assert(!channel_covers(&a, CH_BITLOCKER, made_time("08:02:00")));
}
END_TEST

START_TEST(a_file_that_lost_all_is_not_an_empty_log)
{
	struct ed_coverage row = { .source = ED_STR("Microsoft-Windows-AAD%4Operational.evtx"),
				   .path = ED_STR("logs/Microsoft-Windows-AAD%4Operational.evtx"),
				   .state = ED_STATE_EMPTY,
				   .oldest = ED_TIME_NONE,
				   .newest = ED_TIME_NONE };
	struct analysis a;

	if (_i) {
		row.state = ED_STATE_DAMAGED;
		row.lost = 9;
	}
	ck_assert_int_eq(ed_evidence_add_coverage(&made.evidence, &row, NULL), ED_OK);
	made_analysis(&made, &a, NULL);
	ck_assert_int_eq(channel_read(&a, CH_AAD), !_i);
}
END_TEST

START_TEST(logs_of_two_devices_prove_no_absence)
{
	struct analysis a;

	made_event_record(&made, EV_KERNEL_START, 40, "08:00:00", NULL);
	made_event_record(&made, EV_AAD_ERROR, 7, "07:00:00", NULL);
	made_event_record(&made, EV_AAD_ERROR, 8, "08:01:00", NULL);
	made_event_record(&made, _i ? EV_AAD_WARNING : EV_AAD_ERROR, _i ? 8 : 9, "08:05:00", NULL);
	made_analysis(&made, &a, NULL);
	ck_assert_int_eq(channel_covers(&a, CH_AAD, made_time("08:00:00")), !_i);
	ck_assert(channel_covers(&a, CH_SYSTEM, made_time("08:00:00")));
	for (size_t i = 0; i < a.coverage_count; i++)
		if (ed_str_eq(a.coverage[i].source, ED_STR(CH_AAD)))
			ck_assert_int_eq(a.coverage[i].why.p != NULL, _i);
}
END_TEST

/* The row of @channel as the verdict tells it; fails when there is none. */
static const struct ed_coverage *row_of(const struct analysis *a, const char *channel)
{
	for (size_t i = 0; i < a->coverage_count; i++)
		if (ed_str_eq(a->coverage[i].source, ed_str_from(channel)))
			return &a->coverage[i];
	ck_abort_msg("no row of %s", channel);
}

static bool tells_cut(const struct ed_coverage *row)
{
	return row->why.p && ed_str_find(row->why, ED_STR("(--since)"), 0) != SIZE_MAX;
}

static void two_logs(void)
{
	made_event_record(&made, EV_KERNEL_START, 1, "08:00:00", NULL);
	made_event_record(&made, EV_BOOT_STATUS, 2, "08:20:00", NULL);
	made_event_record(&made, EV_AAD_ERROR, 1, "08:25:00", NULL);
	made_event_record(&made, EV_AAD_ERROR, 2, "08:40:00", NULL);
}

/* Half an hour before the newest event is 08:10. */
START_TEST(what_is_too_old_is_not_used_and_said)
{
	struct analysis a;

	two_logs();
	made.options.since_ago = 30 * ED_TICKS_PER_MINUTE;
	made_analysis(&made, &a, NULL);
	ck_assert_int_eq(a.from, made_time("08:10:00"));
	ck_assert_uint_eq(a.mark_count, 3);
	ck_assert_uint_eq(a.boot_count, 0);
	ck_assert(tells_cut(row_of(&a, CH_SYSTEM)));
	ck_assert_int_eq(row_of(&a, CH_SYSTEM)->oldest, made_time("08:20:00"));
	ck_assert_uint_eq(row_of(&a, CH_SYSTEM)->records, 2);
	ck_assert(!channel_covers(&a, CH_SYSTEM, made_time("08:05:00")));
	ck_assert(channel_covers(&a, CH_SYSTEM, made_time("08:15:00")));
	/* record 1 is there: nothing of this log is lacking */
	ck_assert(!tells_cut(row_of(&a, CH_AAD)));
	ck_assert_int_eq(row_of(&a, CH_AAD)->oldest, made_time("08:25:00"));
	ck_assert(channel_covers(&a, CH_AAD, made_time("08:05:00")));
}
END_TEST

START_TEST(the_later_of_two_begins_counts)
{
	struct analysis a;

	two_logs();
	made.options.since = made_time(_i ? "08:10:00" : "08:30:00");
	made.options.since_ago = 20 * ED_TICKS_PER_MINUTE;
	made_analysis(&made, &a, NULL);
	ck_assert_int_eq(a.from, made_time(_i ? "08:20:00" : "08:30:00"));
}
END_TEST

START_TEST(a_log_that_is_all_too_old_has_no_times)
{
	struct analysis a;

	two_logs();
	made.options.since = made_time("08:30:00");
	made_analysis(&made, &a, NULL);
	ck_assert_uint_eq(a.mark_count, 1);
	ck_assert(tells_cut(row_of(&a, CH_SYSTEM)));
	ck_assert_int_eq(row_of(&a, CH_SYSTEM)->state, ED_STATE_READ);
	ck_assert_int_eq(row_of(&a, CH_SYSTEM)->oldest, ED_TIME_NONE);
	ck_assert_int_eq(row_of(&a, CH_SYSTEM)->newest, ED_TIME_NONE);
	ck_assert_uint_eq(row_of(&a, CH_SYSTEM)->records, 2);
}
END_TEST

/* Logged at 11:03 by a clock three hours ahead: that was 08:03, and is too old. */
START_TEST(the_ordering_key_is_what_is_too_old)
{
	struct analysis a;

	made_event_record(&made, EV_KERNEL_START, 1, "11:00:00", NULL);
	jump(5, DAY "11:05:00Z", DAY "08:05:00Z");
	made_event_record(&made, EV_BOOT_STATUS, 6, "08:10:00", NULL);
	made_event_record(&made, EV_BL_STARTED, 30, "11:03:00", "VolumeMountPoint", "C:", NULL);
	made_event_record(&made, EV_AAD_ERROR, 1, "08:40:00", NULL);
	made.options.since = made_time("08:04:00");
	made_analysis(&made, &a, "08:40:00");
	for (size_t i = 0; i < a.mark_count; i++)
		ck_assert_int_ge(a.marks[i].key, made_time("08:04:00"));
	ck_assert_uint_eq(a.mark_count, 3);
	ck_assert(!channel_covers(&a, CH_BITLOCKER, made_time("08:03:30")));
}
END_TEST

/* An event whose log nobody names, as exports of single events have them. */
START_TEST(records_without_a_channel_are_told_of_their_file)
{
	const struct ed_event event = { .head = { .provider = ED_STR("Microsoft-Windows-AAD"),
						  .channel = ED_STR(""),
						  .id = 1098,
						  .record = 3,
						  .time = made_time("08:20:00") } };
	struct ed_sink *sink = &made.evidence.sink;
	struct ed_verdict v;
	size_t named = 0;

	ck_assert_int_eq(ed_evidence_begin_source(&made.evidence, ED_STR("one.xml"), "evxml", NULL),
			 ED_OK);
	ck_assert(sink->ops->want(sink, &event.head));
	ck_assert_int_eq(sink->ops->event(sink, &event, NULL), ED_OK);
	v = made_verdict(&made, NULL);
	for (size_t i = 0; i < v.coverage_count; i++) {
		ck_assert_uint_gt(v.coverage[i].source.len, 0);
		if (!ed_str_eq(v.coverage[i].source, ED_STR("one.xml")))
			continue;
		named++;
		ck_assert_uint_eq(v.coverage[i].records, 1);
		ck_assert(!v.coverage[i].is_channel);
	}
	ck_assert_uint_eq(named, 1);
}
END_TEST

START_TEST(a_sentence_without_room_ends_between_characters)
{
	char long_text[2200];
	struct analysis a;
	struct ed_str said;

	made_analysis(&made, &a, NULL);
	for (size_t shift = 0; shift < 4; shift++) {
		memset(long_text, 'x', shift);
		for (size_t i = shift; i + 3 < sizeof(long_text); i += 3)
			memcpy(long_text + i, "\xE2\x82\xAC", 4);
		said = say(&a, "%s", long_text);
		ck_assert(ed_utf8_valid(said));
		ck_assert(ed_str_ends(said, ED_STR("...")));
		ck_assert_uint_gt(said.len, 2040);
	}
	said = say(&a, "%.2047s", long_text);
	ck_assert_uint_eq(said.len, 2047);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("analyze order");
	TCase *tcase = tcase_create("order");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, backward_jump_moves_what_came_before);
	tcase_add_test(tcase, times_that_fall_back_split_a_channel);
	tcase_add_test(tcase, forward_jump_moves_nothing_and_hides_the_length);
	tcase_add_test(tcase, the_cut_knows_only_jumps_before_it);
	tcase_add_test(tcase, the_cut_leaves_out_later_events_and_counts_later_starts);
	tcase_add_test(tcase, a_late_writer_keeps_its_place);
	tcase_add_test(tcase, any_event_ends_the_evidence);
	tcase_add_test(tcase, nothing_at_all_is_as_of_now);
	tcase_add_loop_test(tcase, absence_counts_from_where_nothing_is_lacking, 0,
			    ED_COUNT(channels));
	tcase_add_test(tcase, a_clock_that_ran_ahead_hides_no_coverage);
	tcase_add_loop_test(tcase, a_file_that_lost_all_is_not_an_empty_log, 0, 2);
	tcase_add_loop_test(tcase, logs_of_two_devices_prove_no_absence, 0, 2);
	tcase_add_test(tcase, what_is_too_old_is_not_used_and_said);
	tcase_add_loop_test(tcase, the_later_of_two_begins_counts, 0, 2);
	tcase_add_test(tcase, a_log_that_is_all_too_old_has_no_times);
	tcase_add_test(tcase, the_ordering_key_is_what_is_too_old);
	tcase_add_test(tcase, records_without_a_channel_are_told_of_their_file);
	tcase_add_test(tcase, a_sentence_without_room_ends_between_characters);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

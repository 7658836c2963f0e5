/* SPDX-License-Identifier: MIT */
/* The order of events: record numbers, clock jumps in both directions, the cut, spans of unknown
 * length. */
#include <check.h>

#include "analyze_build.h"

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
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

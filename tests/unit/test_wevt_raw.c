/* SPDX-License-Identifier: MIT */
/* Raw logs by way of files: recorded whole, told when not, and no file is left. */
#include "espdiag/base/limits.h"
#include "espdiag/collectors/wevt.h"
#include "espdiag/platform/file.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/test-wevt-raw-XXXXXX";
static struct ed_recording recording;
static struct ed_error err;
static int exports, stop_after;

/* Writes the channel's name as its log; some channels are as the test wants them. */
static uint32_t fake_export(void *context, struct ed_str channel, struct ed_str file)
{
	exports++;
	if (ed_str_eq(channel, ED_STR("System")))
		return ED_WEVT_DENIED;
	if (ed_str_eq(channel, ED_STR("Application")))
		return ED_WEVT_NO_CHANNEL;
	ck_assert_int_eq(ed_file_write_whole(file, channel, context), ED_OK);
	return ED_WEVT_OK;
}

/* Begins the file, and fails. */
static uint32_t fake_half(void *context, struct ed_str channel, struct ed_str file)
{
	ck_assert_int_eq(ed_file_write_whole(file, channel, context), ED_OK);
	return 112; /* ERROR_DISK_FULL */
}

static bool is_stopped(const struct ed_live *live)
{
	(void)live;
	return stop_after && exports >= stop_after;
}

static size_t files_left(void)
{
	struct ed_folder_entry *entries;
	struct ed_arena arena;
	size_t count = 0;

	ed_arena_init(&arena, ED_MIB);
	ck_assert_int_eq(ed_folder_list(ed_str_from(folder), &arena, &entries, &count, &err),
			 ED_OK);
	ed_arena_release(&arena);
	return count;
}

static void raw_with(uint32_t (*fake)(void *context, struct ed_str channel, struct ed_str file))
{
	const struct ed_wevt_api api = { .context = &err, .export_log = fake };
	struct ed_live live = { .stopped = is_stopped, .raw = true };
	char scratch[80];

	snprintf(scratch, sizeof(scratch), "%s/bundle", folder);
	live.scratch = ed_str_from(scratch);
	ed_recording_init(&recording);
	ck_assert_int_eq(ed_wevt_raw(&api, &live, &recording, &err), ED_OK);
	ck_assert_uint_eq(files_left(), 0);
}

START_TEST(every_channel_is_recorded_or_told)
{
	raw_with(fake_export);
	ck_assert_uint_eq(recording.member_count, ed_wevt_channel_count - 2);
	ck_assert_uint_eq(recording.gap_count, 2);
	for (size_t i = 0; i < recording.member_count; i++) {
		const struct ed_recorded *member = &recording.members[i];

		ck_assert_int_eq(member->form, ED_FORM_RAW);
		ck_assert(ed_str_starts(ed_buf_str(&member->name), ED_STR("raw/")));
		ck_assert(ed_str_eq(ed_buf_str(&member->bytes), ed_buf_str(&member->source)));
	}
	for (size_t i = 0; i < recording.gap_count; i++) {
		bool system = strcmp(recording.gaps[i].source.p, "raw System") == 0;

		ck_assert_int_eq(recording.gaps[i].state,
				 system ? ED_STATE_DENIED : ED_STATE_ABSENT);
	}
	ed_recording_release(&recording);
}
END_TEST

START_TEST(a_file_that_was_begun_does_not_stay)
{
	raw_with(fake_half);
	ck_assert_uint_eq(recording.member_count, 0);
	ck_assert_uint_eq(recording.gap_count, ed_wevt_channel_count);
	ck_assert_int_eq(recording.gaps[0].state, ED_STATE_DAMAGED);
	ed_recording_release(&recording);
}
END_TEST

START_TEST(what_the_time_did_not_allow_is_told)
{
	stop_after = 3;
	raw_with(fake_export);
	ck_assert_int_eq(exports, 3);
	ck_assert_uint_eq(recording.member_count + recording.gap_count, ed_wevt_channel_count);
	ck_assert_int_eq(recording.gaps[recording.gap_count - 1].state, ED_STATE_TIMED_OUT);
	ed_recording_release(&recording);
}
END_TEST

static void before(void)
{
	exports = stop_after = 0;
	memcpy(folder + sizeof(folder) - 7, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void after(void)
{
	rmdir(folder);
}

START_TEST(without_a_place_all_are_told)
{
	const struct ed_wevt_api api = { .context = &err, .export_log = fake_export };
	struct ed_live live = { .stopped = is_stopped, .raw = true };

	ed_recording_init(&recording);
	ck_assert_int_eq(ed_wevt_raw(&api, &live, &recording, &err), ED_OK);
	ck_assert_uint_eq(recording.member_count, 0);
	ck_assert_uint_eq(recording.gap_count, ed_wevt_channel_count);
	ck_assert_int_eq(recording.gaps[0].state, ED_STATE_DENIED);
	ed_recording_release(&recording);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wevt raw");
	TCase *c = tcase_create("raw");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(c, before, after);
	tcase_add_test(c, every_channel_is_recorded_or_told);
	tcase_add_test(c, a_file_that_was_begun_does_not_stay);
	tcase_add_test(c, what_the_time_did_not_allow_is_told);
	tcase_add_test(c, without_a_place_all_are_told);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

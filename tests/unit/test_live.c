/* SPDX-License-Identifier: MIT */
/* Recordings, and jobs side by side: good, failing, slow, hanging ones. */
#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/collectors/schedule.h"
#include "espdiag/platform/task.h"

#include <check.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static struct ed_error err;

START_TEST(a_recording_keeps_members_and_gaps)
{
	struct ed_recording r;
	struct ed_buf *bytes;

	ed_recording_init(&r);
	for (int i = 0; i < 20; i++) {
		ck_assert_int_eq(ed_recording_add(&r, ED_FORM_TEXT, ED_STR("logs/a"), ED_STR("a"),
						  &bytes, &err),
				 ED_OK);
		ed_buf_addz(bytes, "text");
	}
	ed_recording_drop(&r);
	ck_assert_uint_eq(r.member_count, 19);
	ck_assert_int_eq(
		ed_recording_gap(&r, ED_STR("HKLM"), false, ED_STATE_DENIED, 0, ED_STR("no"), &err),
		ED_OK);
	ck_assert_uint_eq(r.gap_count, 1);
	ck_assert(ed_str_eq(ed_buf_str(&r.members[18].bytes), ED_STR("text")));
	ed_recording_release(&r);
	ck_assert_uint_eq(r.member_count, 0);
}
END_TEST

START_TEST(a_recording_says_when_memory_is_out)
{
	for (long n = 0; n < 12; n++) {
		struct ed_recording r;
		struct ed_buf *bytes;
		ed_status status;

		ed_recording_init(&r);
		ed_alloc_fail_after(n);
		status = ed_recording_add(&r, ED_FORM_TEXT, ED_STR("n"), ED_STR("s"), &bytes, &err);
		if (status == ED_OK)
			status = ed_recording_gap(&r, ED_STR("s"), true, ED_STATE_READ, 0,
						  ED_STR("w"), &err);
		ed_alloc_fail_after(-1);
		ck_assert(status == ED_NOMEM || n >= 6);
		ed_recording_release(&r);
	}
}
END_TEST

/* Jobs */

static ed_status run_good(const struct ed_live_job *job, const struct ed_live *live,
			  struct ed_recording *out, struct ed_error *e)
{
	struct ed_buf *bytes;
	ed_status status = ed_recording_add(out, ED_FORM_TEXT, ed_str_from(job->name),
					    ed_str_from(job->source), &bytes, e);

	if (status == ED_OK)
		ed_buf_addz(bytes, live->raw ? "raw" : "cooked");
	return status;
}

static ed_status run_denied(const struct ed_live_job *job, const struct ed_live *live,
			    struct ed_recording *out, struct ed_error *e)
{
	ed_status status = run_good(job, live, out, e);

	return status == ED_OK ? ed_fail(e, ED_ACCESS, "access denied") : status;
}

static ed_status run_absent(const struct ed_live_job *job, const struct ed_live *live,
			    struct ed_recording *out, struct ed_error *e)
{
	(void)job;
	(void)live;
	(void)out;
	return ed_fail(e, ED_ABSENT, "not there");
}

/* Works on until it is told to stop, then says so. */
static ed_status run_slow(const struct ed_live_job *job, const struct ed_live *live,
			  struct ed_recording *out, struct ed_error *e)
{
	ed_status status = run_good(job, live, out, e);

	while (!live->stopped(live))
		ed_sleep_ms(2);
	if (status != ED_OK)
		return status;
	return ed_recording_gap(out, ed_str_from(job->source), job->is_channel, ED_STATE_TIMED_OUT,
				1, ED_STR("slow"), e);
}

static atomic_bool let_go;

static ed_status run_hang(const struct ed_live_job *job, const struct ed_live *live,
			  struct ed_recording *out, struct ed_error *e)
{
	while (!atomic_load(&let_go))
		ed_sleep_ms(2);
	return run_good(job, live, out, e);
}

static ed_status run_interrupts(const struct ed_live_job *job, const struct ed_live *live,
				struct ed_recording *out, struct ed_error *e)
{
	raise(SIGINT);
	return run_good(job, live, out, e);
}

struct seen {
	uint32_t slow_ms; /* what taking the first recording costs */
	char text[1024];  /* "name:form;" for members, "source=state;" for gaps */
	size_t recorded, looks, recorded_at_look;
	ed_status answer;
};

static ed_status seen_recorded(void *context, const struct ed_live_job *job, struct ed_recording *r,
			       struct ed_error *e)
{
	struct seen *seen = context;
	size_t at = strlen(seen->text);

	(void)job;
	if (!seen->recorded++ && seen->slow_ms)
		ed_sleep_ms(seen->slow_ms);
	for (size_t i = 0; i < r->member_count; i++)
		at += (size_t)snprintf(seen->text + at, sizeof(seen->text) - at, "%s:%s;",
				       r->members[i].name.p, r->members[i].bytes.p);
	for (size_t i = 0; i < r->gap_count; i++)
		at += (size_t)snprintf(seen->text + at, sizeof(seen->text) - at, "%s=%d(%s);",
				       r->gaps[i].source.p, (int)r->gaps[i].state,
				       r->gaps[i].why.p);
	return seen->answer == ED_OK ? ED_OK : ed_fail(e, seen->answer, "enough");
}

static ed_status seen_look(void *context, struct ed_error *e)
{
	struct seen *seen = context;

	(void)e;
	seen->looks++;
	seen->recorded_at_look = seen->recorded;
	return ED_OK;
}

static ed_status run_jobs(const struct ed_live_job *jobs, size_t count, uint32_t at_once,
			  uint32_t first_ms, uint32_t limit_ms, struct seen *seen,
			  struct ed_schedule_result *result)
{
	const struct ed_live_jobs set = { jobs, count };
	const struct ed_live_jobs *const sets[] = { &set };
	const struct ed_schedule schedule = {
		.sets = sets,
		.set_count = 1,
		.at_once = at_once,
		.first_ms = first_ms,
		.limit_ms = limit_ms,
		.context = seen,
		.recorded = seen_recorded,
		.first_look = seen_look,
	};

	return ed_schedule_run(&schedule, result, &err);
}

#define JOB(title, fn, ms)                                                                         \
	{                                                                                          \
		.name = title, .source = title, .limit_ms = ms, .run = fn                          \
	}

START_TEST(every_job_is_heard_of)
{
	static const struct ed_live_job jobs[] = { JOB("good", run_good, 5000),
						   JOB("denied", run_denied, 5000),
						   JOB("absent", run_absent, 5000) };
	struct seen seen = { .answer = ED_OK };
	struct ed_schedule_result result;

	ck_assert_int_eq(run_jobs(jobs, 3, 2, 60000, 60000, &seen, &result), ED_OK);
	ck_assert_uint_eq(result.jobs, 3);
	ck_assert_uint_eq(result.abandoned, 0);
	ck_assert(!result.interrupted);
	ck_assert_uint_eq(seen.recorded, 3);
	ck_assert_uint_eq(seen.looks, 1);
	ck_assert_ptr_nonnull(strstr(seen.text, "good:cooked;"));
	/* what was recorded before it failed stays */
	ck_assert_ptr_nonnull(strstr(seen.text, "denied:cooked;denied=3(access denied);"));
	ck_assert_ptr_nonnull(strstr(seen.text, "absent=2(not there);"));
}
END_TEST

START_TEST(a_slow_job_gives_what_it_has)
{
	static const struct ed_live_job jobs[] = { JOB("slow", run_slow, 30) };
	struct seen seen = { .answer = ED_OK };
	struct ed_schedule_result result;

	ck_assert_int_eq(run_jobs(jobs, 1, 4, 60000, 60000, &seen, &result), ED_OK);
	ck_assert_str_eq(seen.text, "slow:cooked;slow=7(slow);");
	ck_assert_uint_eq(result.abandoned, 0);
}
END_TEST

START_TEST(a_hanging_job_costs_only_itself)
{
	static const struct ed_live_job jobs[] = { JOB("hang", run_hang, 30),
						   JOB("good", run_good, 5000) };
	struct seen seen = { .answer = ED_OK };
	struct ed_schedule_result result;

	atomic_store(&let_go, false);
	/* one at a time: the second has to wait until the first is given up */
	ck_assert_int_eq(run_jobs(jobs, 2, 1, 60000, 60000, &seen, &result), ED_OK);
	ck_assert_uint_eq(result.abandoned, 1);
	ck_assert_str_eq(seen.text, "hang=7(no answer within 1 s; given up);good:cooked;");
	/* its late result is thrown away, and nothing of it is lost memory */
	atomic_store(&let_go, true);
	ed_sleep_ms(50);
}
END_TEST

START_TEST(a_job_that_has_ended_is_never_given_up)
{
	static const struct ed_live_job jobs[] = { JOB("a", run_good, 50), JOB("b", run_good, 50),
						   JOB("c", run_good, 50) };
	struct seen seen = { .answer = ED_OK, .slow_ms = 50 + ED_SCHEDULE_GRACE_MS + 100 };
	struct ed_schedule_result result;

	ck_assert_int_eq(run_jobs(jobs, 3, 3, 60000, 60000, &seen, &result), ED_OK);
	ck_assert_uint_eq(result.abandoned, 0);
	ck_assert_ptr_nonnull(strstr(seen.text, "a:cooked;"));
	ck_assert_ptr_nonnull(strstr(seen.text, "b:cooked;"));
	ck_assert_ptr_nonnull(strstr(seen.text, "c:cooked;"));
}
END_TEST

START_TEST(the_run_has_a_limit_too)
{
	static const struct ed_live_job jobs[] = { JOB("slow", run_slow, 60000),
						   JOB("next", run_good, 60000) };
	struct seen seen = { .answer = ED_OK };
	struct ed_schedule_result result;

	ck_assert_int_eq(run_jobs(jobs, 2, 1, 60000, 40, &seen, &result), ED_OK);
	ck_assert_str_eq(seen.text, "slow:cooked;slow=7(slow);"
				    "next=7(not read: the time of the run was up);");
}
END_TEST

START_TEST(the_first_look_waits_for_no_late_job)
{
	static const struct ed_live_job jobs[] = {
		{ .name = "late", .source = "late", .late = true, .limit_ms = 60, .run = run_slow },
		JOB("a", run_good, 5000),
		JOB("b", run_good, 5000),
	};
	struct seen seen = { .answer = ED_OK };
	struct ed_schedule_result result;

	ck_assert_int_eq(run_jobs(jobs, 3, 1, 60000, 60000, &seen, &result), ED_OK);
	ck_assert_uint_eq(seen.looks, 1);
	ck_assert_uint_eq(seen.recorded_at_look, 2);
	ck_assert_uint_eq(seen.recorded, 3);
}
END_TEST

START_TEST(the_first_look_comes_in_time)
{
	static const struct ed_live_job jobs[] = { JOB("slow", run_slow, 200) };
	struct seen seen = { .answer = ED_OK };
	struct ed_schedule_result result;

	ck_assert_int_eq(run_jobs(jobs, 1, 1, 20, 60000, &seen, &result), ED_OK);
	ck_assert_uint_eq(seen.looks, 1);
	ck_assert_uint_eq(seen.recorded_at_look, 0);
}
END_TEST

START_TEST(a_failing_receiver_ends_the_run)
{
	static const struct ed_live_job jobs[] = { JOB("a", run_good, 5000),
						   JOB("slow", run_slow, 60000) };
	struct seen seen = { .answer = ED_NOMEM };
	struct ed_schedule_result result;

	ck_assert_int_eq(run_jobs(jobs, 2, 2, 60000, 300, &seen, &result), ED_NOMEM);
	ck_assert_uint_eq(seen.recorded, 1);
	ed_sleep_ms(400); /* until the abandoned one has seen that its time is up */
}
END_TEST

START_TEST(no_memory_ends_the_run)
{
	static const struct ed_live_job jobs[] = { JOB("a", run_good, 5000) };
	struct seen seen = { .answer = ED_OK };
	struct ed_schedule_result result;
	ed_status status;

	ed_alloc_fail_after(0);
	status = run_jobs(jobs, 1, 1, 60000, 60000, &seen, &result);
	ed_alloc_fail_after(-1);
	ck_assert_int_eq(status, ED_NOMEM);
}
END_TEST

/* Last, since the mark of an interruption stays. */
START_TEST(the_user_may_stop_it)
{
	static const struct ed_live_job jobs[] = { JOB("stop", run_interrupts, 60000),
						   JOB("slow", run_slow, 60000),
						   JOB("next", run_good, 60000) };
	struct seen seen = { .answer = ED_OK };
	struct ed_schedule_result result;

	ck_assert_int_eq(ed_interrupt_catch(&err), ED_OK);
	ck_assert_int_eq(run_jobs(jobs, 3, 1, 60000, 60000, &seen, &result), ED_OK);
	ck_assert(result.interrupted);
	ck_assert_str_eq(seen.text, "stop:cooked;slow=7(not read: stopped by the user);"
				    "next=7(not read: stopped by the user);");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("live");
	TCase *c = tcase_create("recording");
	SRunner *runner;
	int failed;

	tcase_add_test(c, a_recording_keeps_members_and_gaps);
	tcase_add_test(c, a_recording_says_when_memory_is_out);
	suite_add_tcase(suite, c);
	c = tcase_create("schedule");
	tcase_set_timeout(c, 60);
	tcase_add_test(c, every_job_is_heard_of);
	tcase_add_test(c, a_slow_job_gives_what_it_has);
	tcase_add_test(c, a_hanging_job_costs_only_itself);
	tcase_add_test(c, a_job_that_has_ended_is_never_given_up);
	tcase_add_test(c, the_run_has_a_limit_too);
	tcase_add_test(c, the_first_look_waits_for_no_late_job);
	tcase_add_test(c, the_first_look_comes_in_time);
	tcase_add_test(c, a_failing_receiver_ends_the_run);
	tcase_add_test(c, no_memory_ends_the_run);
	tcase_add_test(c, the_user_may_stop_it);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

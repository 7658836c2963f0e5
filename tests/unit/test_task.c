/* SPDX-License-Identifier: MIT */
/* Tasks that end, hang, are abandoned, and are abandoned in the very moment they end. */
#include "espdiag/platform/task.h"

#include <check.h>
#include <stdatomic.h>

#include "espdiag/base/alloc.h"
#include "espdiag/base/str.h"

#define RACES 1000

static struct ed_error err;

/* What a task and its test share. Lives in the test, which waits for everyone to be done. */
struct job {
	atomic_bool go;
	atomic_int ran, discarded;
	uint32_t wait_ms; /* 0: until go */
};

static void job_run(void *context)
{
	struct job *job = context;

	if (job->wait_ms)
		ed_sleep_ms(job->wait_ms);
	while (!job->wait_ms && !atomic_load(&job->go))
		ed_sleep_ms(1);
	atomic_fetch_add(&job->ran, 1);
}

static void job_discard(void *context)
{
	struct job *job = context;

	ck_assert_int_eq(atomic_load(&job->ran), 1);
	atomic_fetch_add(&job->discarded, 1);
}

/* Waits until @counter is @value, ten seconds at most. */
static bool reaches(atomic_int *counter, int value)
{
	uint64_t start = ed_clock_ms();

	while (atomic_load(counter) != value && ed_clock_ms() - start < 10000)
		ed_sleep_ms(1);
	return atomic_load(counter) == value;
}

static struct ed_task *start(struct job *job)
{
	struct ed_task *task = NULL;

	ck_assert_int_eq(ed_task_start(job_run, job_discard, job, &task, &err), ED_OK);
	return task;
}

START_TEST(clock_goes_forward)
{
	uint64_t before = ed_clock_ms();
	uint64_t after;

	ed_sleep_ms(0);
	ed_sleep_ms(50);
	after = ed_clock_ms();
	ck_assert_uint_ge(after, before + 30); /* Windows counts in steps of 16 ms */
	ck_assert_uint_lt(after, before + 20000);
}
END_TEST

START_TEST(task_is_waited_for)
{
	struct job job = { .wait_ms = 30 };
	struct ed_task *task = start(&job);
	uint32_t which = 7;

	ck_assert(ed_task_wait_any(&task, 1, 10000, false, &which));
	ck_assert_uint_eq(which, 0);
	ck_assert_int_eq(atomic_load(&job.ran), 1);
	/* and again: it stays ended until it is finished */
	ck_assert(ed_task_wait_any(&task, 1, 0, false, &which));
	ed_task_finish(task);
	ck_assert_int_eq(atomic_load(&job.discarded), 0);
}
END_TEST

START_TEST(finish_waits_itself)
{
	struct job job = { .wait_ms = 30 };

	ed_task_finish(start(&job));
	ck_assert_int_eq(atomic_load(&job.ran), 1);
	ck_assert_int_eq(atomic_load(&job.discarded), 0);
}
END_TEST

START_TEST(wait_ends_at_its_limit)
{
	struct job job = { .wait_ms = 0 };
	struct ed_task *task = start(&job);
	uint64_t before = ed_clock_ms();
	uint32_t which = 7;

	ck_assert(!ed_task_wait_any(&task, 1, 0, true, &which));
	ck_assert(!ed_task_wait_any(&task, 1, 80, true, &which));
	ck_assert_uint_ge(ed_clock_ms(), before + 60);
	ck_assert_uint_eq(which, 7);
	atomic_store(&job.go, true);
	ed_task_finish(task);
}
END_TEST

START_TEST(the_one_that_ended_is_named)
{
	/* more than one system call takes */
	enum { TASKS = 150 };
	static struct job jobs[TASKS];
	struct ed_task *tasks[TASKS + 2] = { NULL };
	static const uint32_t order[] = { 149, 0, 64, 63, 128, 77 };
	uint32_t which;

	ck_assert(!ed_task_wait_any(tasks, TASKS + 2, UINT32_MAX, false, &which));
	ck_assert(!ed_task_wait_any(NULL, 0, UINT32_MAX, false, &which));
	for (uint32_t i = 0; i < TASKS; i++)
		tasks[i] = start(&jobs[i]);
	ck_assert(!ed_task_wait_any(tasks, TASKS + 2, 5, false, &which));
	for (size_t i = 0; i < ED_COUNT(order); i++) {
		atomic_store(&jobs[order[i]].go, true);
		ck_assert(ed_task_wait_any(tasks, TASKS + 2, 10000, true, &which));
		ck_assert_uint_eq(which, order[i]);
		ed_task_finish(tasks[which]);
		tasks[which] = NULL;
	}
	for (uint32_t i = 0; i < TASKS; i++)
		atomic_store(&jobs[i].go, true);
	for (size_t left = TASKS - ED_COUNT(order); left; left--) {
		ck_assert(ed_task_wait_any(tasks, TASKS, 10000, false, &which));
		ed_task_finish(tasks[which]);
		tasks[which] = NULL;
	}
	ck_assert(!ed_task_wait_any(tasks, TASKS, 0, false, &which));
}
END_TEST

START_TEST(abandoned_task_discards_when_it_ends)
{
	struct job job = { .wait_ms = 0 };
	struct ed_task *task = start(&job);
	uint64_t before = ed_clock_ms();

	ed_task_abandon(task);
	ck_assert_uint_lt(ed_clock_ms() - before, 5000);
	ck_assert_int_eq(atomic_load(&job.ran), 0);
	ck_assert_int_eq(atomic_load(&job.discarded), 0);
	atomic_store(&job.go, true);
	ck_assert(reaches(&job.discarded, 1));
}
END_TEST

START_TEST(ended_task_may_be_abandoned)
{
	struct job job = { .wait_ms = 1 };
	struct ed_task *task = start(&job);
	uint32_t which;

	ck_assert(ed_task_wait_any(&task, 1, 10000, false, &which));
	ed_task_abandon(task);
	ck_assert_int_eq(atomic_load(&job.discarded), 1);
	/* and without anything to discard */
	ck_assert_int_eq(ed_task_start(job_run, NULL, &job, &task, &err), ED_OK);
	ed_task_abandon(task);
	ck_assert(reaches(&job.ran, 2));
}
END_TEST

static void race_run(void *context)
{
	struct job *job = *(struct job **)context;
	unsigned spin = (unsigned)job->wait_ms;

	while (spin--)
		atomic_fetch_add(&job->ran, 0);
	atomic_fetch_add(&job->ran, 1);
}

static void race_discard(void *context)
{
	struct job *job = *(struct job **)context;

	/* freed here and nowhere else: a second discard or a late write is seen by the checkers */
	ed_free(context);
	atomic_fetch_add(&job->discarded, 1);
}

/* The owner and the task meet at every possible moment; the context is freed exactly once. */
START_TEST(abandon_meets_the_end)
{
	static struct job job;
	int late = 0;

	for (int i = 0; i < RACES; i++) {
		struct job **context = ed_malloc(sizeof(*context));
		struct ed_task *task;
		uint32_t which;

		ck_assert_ptr_nonnull(context);
		*context = &job;
		job.wait_ms = (uint32_t)(i % 100) * 20;
		ck_assert_int_eq(ed_task_start(race_run, race_discard, context, &task, &err),
				 ED_OK);
		for (int spin = 0; spin < i % 37 * 50; spin++)
			(void)atomic_load(&job.go);
		late += !ed_task_wait_any(&task, 1, i % 3 ? 0 : 1, false, &which);
		ed_task_abandon(task);
		/* the number of turns must not change under a running task */
		ck_assert(reaches(&job.discarded, i + 1));
	}
	ck_assert_int_eq(atomic_load(&job.ran), RACES);
	printf("%d of %d were abandoned before they were seen to have ended\n", late, RACES);
}
END_TEST

START_TEST(tasks_finish_at_once)
{
	for (int i = 0; i < RACES; i++) {
		struct job job = { .wait_ms = 0 };
		struct ed_task *task;
		uint32_t which;

		atomic_store(&job.go, true);
		task = start(&job);
		if (i % 2)
			ck_assert(ed_task_wait_any(&task, 1, 10000, true, &which));
		ed_task_finish(task);
		ck_assert_int_eq(atomic_load(&job.ran), 1);
	}
}
END_TEST

START_TEST(no_memory)
{
	struct job job = { .wait_ms = 1 };
	struct ed_task *task = NULL;
	ed_status status;

	ed_alloc_fail_after(0);
	status = ed_task_start(job_run, job_discard, &job, &task, &err);
	ed_alloc_fail_after(-1);
	ck_assert_int_eq(status, ED_NOMEM);
	ck_assert_ptr_null(task);
	ck_assert_int_eq(atomic_load(&job.ran), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("task");
	TCase *tc = tcase_create("task");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, clock_goes_forward);
	tcase_add_test(tc, task_is_waited_for);
	tcase_add_test(tc, finish_waits_itself);
	tcase_add_test(tc, wait_ends_at_its_limit);
	tcase_add_test(tc, the_one_that_ended_is_named);
	tcase_add_test(tc, abandoned_task_discards_when_it_ends);
	tcase_add_test(tc, ended_task_may_be_abandoned);
	tcase_add_test(tc, abandon_meets_the_end);
	tcase_add_test(tc, tasks_finish_at_once);
	tcase_add_test(tc, no_memory);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

/* SPDX-License-Identifier: MIT */
/* Threads, the clock that only goes forward and interruption on a POSIX system. */
#include "espdiag/platform/task.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/str.h"

#include "task_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

/*
 * Who comes last, the thread with the end of run or the owner with its abandoning, finds the
 * other's mark and cleans up. Before that the thread does not touch the task, nor the owner
 * the context.
 */
enum task_state {
	TASK_RUNNING,
	TASK_ENDED,
	TASK_ABANDONED,
};

struct ed_task {
	atomic_int state;
	pthread_t thread;
	void (*run)(void *context);
	void (*discard)(void *context);
	void *context;
	int ended; /* pipe's end that hangs up when the thread has ended; the owner's */
	int alive; /* its other end; the thread's */
};

uint64_t ed_clock_ms(void)
{
#ifdef CLOCK_BOOTTIME
	const clockid_t clock = CLOCK_BOOTTIME; /* also goes on while the machine sleeps */
#else
	const clockid_t clock = CLOCK_MONOTONIC;
#endif
	struct timespec now = { 0, 0 };

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void ed_sleep_ms(uint32_t ms)
{
	struct timespec left = { (time_t)(ms / 1000), (long)(ms % 1000) * 1000000 };

	while (nanosleep(&left, &left) != 0 && errno == EINTR)
		continue;
}

uint32_t ed_processor_count(void)
{
	long count = sysconf(_SC_NPROCESSORS_ONLN);

	return count > 0 && count < UINT16_MAX ? (uint32_t)count : 1;
}

static void *task_main(void *argument)
{
	struct ed_task *task = argument;
	int alive = task->alive;

	task->run(task->context);
	if (atomic_exchange(&task->state, TASK_ENDED) == TASK_ABANDONED) {
		if (task->discard)
			task->discard(task->context);
		ed_free(task);
	}
	/* not before: whoever sees the hang-up may free the task */
	close(alive);
	return NULL;
}

/* Kept out of programs we start: the hang-up must not wait for them. */
static int pipe_open(int ends[2])
{
	if (pipe(ends) != 0)
		return errno;
	for (int i = 0; i < 2; i++) {
		if (fcntl(ends[i], F_SETFD, FD_CLOEXEC) != 0) {
			int code = errno;

			close(ends[0]);
			close(ends[1]);
			return code;
		}
	}
	return 0;
}

ed_status ed_task_start(void (*run)(void *context), void (*discard)(void *context), void *context,
			struct ed_task **out, struct ed_error *err)
{
	struct ed_task *task = ed_calloc(1, sizeof(*task));
	int ends[2];
	int code;

	if (!task)
		return ed_fail(err, ED_NOMEM, "out of memory for a task");
	code = pipe_open(ends);
	if (code) {
		ed_free(task);
		return ed_fail_os(err, ED_IO, (uint32_t)code, "pipe", "cannot start a task: %s",
				  strerror(code));
	}
	task->run = run;
	task->discard = discard;
	task->context = context;
	task->ended = ends[0];
	task->alive = ends[1];
	atomic_init(&task->state, TASK_RUNNING);
	code = pthread_create(&task->thread, NULL, task_main, task);
	if (code) {
		close(ends[0]);
		close(ends[1]);
		ed_free(task);
		return ed_fail_os(err, code == ENOMEM ? ED_NOMEM : ED_IO, (uint32_t)code,
				  "pthread_create", "cannot start a task: %s", strerror(code));
	}
	*out = task;
	return ED_OK;
}

uint32_t ed_task_wait_once(struct ed_task *const *tasks, uint32_t count, uint32_t ms)
{
	struct pollfd watched[ED_TASK_WATCH];

	for (uint32_t i = 0; i < count; i++)
		watched[i] = (struct pollfd){
			.fd = tasks[i] ? tasks[i]->ended : -1, /* poll skips what is negative */
			.events = POLLIN,
		};
	if (poll(watched, count, (int)ms) <= 0)
		return count;
	for (uint32_t i = 0; i < count; i++)
		if (watched[i].revents)
			return i;
	return count;
}

void ed_task_finish(struct ed_task *task)
{
	pthread_join(task->thread, NULL);
	close(task->ended);
	ed_free(task);
}

void ed_task_abandon(struct ed_task *task)
{
	/* all that is needed afterwards: the thread may free the task at once */
	int ended = task->ended;
	pthread_t thread = task->thread;

	if (atomic_exchange(&task->state, TASK_ABANDONED) == TASK_ENDED) {
		if (task->discard)
			task->discard(task->context);
		ed_free(task);
	}
	pthread_detach(thread);
	close(ended);
}

/* A signal handler has no argument of ours, so this one mark has to be global. */
static atomic_bool interrupted;

static void interrupt_handler(int signal_number)
{
	if (atomic_exchange(&interrupted, true) && signal_number == SIGINT)
		_exit(128 + SIGINT);
}

ed_status ed_interrupt_catch(struct ed_error *err)
{
	static const int signals[] = { SIGINT, SIGTERM };
	struct sigaction action = { .sa_handler = interrupt_handler, .sa_flags = SA_RESTART };

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < ED_COUNT(signals); i++)
		if (sigaction(signals[i], &action, NULL) != 0)
			return ed_fail_os(err, ED_IO, (uint32_t)errno, "sigaction",
					  "cannot catch interruption: %s", strerror(errno));
	return ED_OK;
}

bool ed_interrupted(void)
{
	return atomic_load(&interrupted);
}

void ed_process_exit(int code)
{
	fflush(stdout);
	fflush(stderr);
	_exit(code);
}

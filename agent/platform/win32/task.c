/* SPDX-License-Identifier: MIT */
/* Threads, the clock that only goes forward and interruption on Windows. */
#include "espdiag/platform/task.h"

#include "espdiag/base/alloc.h"

#include "task_priv.h"

#include <process.h>
#include <windows.h>

#include <errno.h>
#include <stdatomic.h>

#define HOLD_MS 25000 /* longer than the system waits for us when a console is closed */

/* Who comes last, the thread with the end of run or the owner with its abandoning, discards. */
enum task_state {
	TASK_RUNNING,
	TASK_ENDED,
	TASK_ABANDONED,
};

/*
 * The end is told by an event and not by the thread's handle: a thread that has ended must still
 * pass the loader, where one that hangs may hold it up. So both use the task to the very end, and
 * the last of its two holders frees it.
 */
struct ed_task {
	atomic_int state;
	atomic_int holders;
	HANDLE ended;
	void (*run)(void *context);
	void (*discard)(void *context);
	void *context;
};

uint64_t ed_clock_ms(void)
{
	return GetTickCount64(); /* also goes on while the machine sleeps */
}

void ed_sleep_ms(uint32_t ms)
{
	Sleep(ms);
}

uint32_t ed_processor_count(void)
{
	DWORD count = GetActiveProcessorCount(ALL_PROCESSOR_GROUPS);

	return count ? count : 1;
}

static void task_release(struct ed_task *task)
{
	if (atomic_fetch_sub(&task->holders, 1) != 1)
		return;
	CloseHandle(task->ended);
	ed_free(task);
}

static unsigned __stdcall task_main(void *argument)
{
	struct ed_task *task = argument;

	task->run(task->context);
	if (atomic_exchange(&task->state, TASK_ENDED) == TASK_ABANDONED && task->discard)
		task->discard(task->context);
	SetEvent(task->ended);
	task_release(task);
	return 0;
}

ed_status ed_task_start(void (*run)(void *context), void (*discard)(void *context), void *context,
			struct ed_task **out, struct ed_error *err)
{
	struct ed_task *task = ed_calloc(1, sizeof(*task));
	uintptr_t thread;

	if (!task)
		return ed_fail(err, ED_NOMEM, "out of memory for a task");
	task->run = run;
	task->discard = discard;
	task->context = context;
	atomic_init(&task->state, TASK_RUNNING);
	atomic_init(&task->holders, 2);
	task->ended = CreateEventW(NULL, TRUE, FALSE, NULL);
	if (!task->ended) {
		DWORD code = GetLastError();

		ed_free(task);
		return ed_fail_os(err, ED_IO, (uint32_t)code, "CreateEventW",
				  "cannot start a task: Windows error %lu", (unsigned long)code);
	}
	thread = _beginthreadex(NULL, 0, task_main, task, 0, NULL);
	if (!thread) {
		int code = errno;

		CloseHandle(task->ended);
		ed_free(task);
		return ed_fail_os(err, code == ENOMEM ? ED_NOMEM : ED_IO, (uint32_t)code,
				  "_beginthreadex", "cannot start a task: error %d", code);
	}
	CloseHandle((HANDLE)thread);
	*out = task;
	return ED_OK;
}

uint32_t ed_task_wait_once(struct ed_task *const *tasks, uint32_t count, uint32_t ms)
{
	HANDLE watched[ED_TASK_WATCH];
	uint32_t index[ED_TASK_WATCH];
	DWORD n = 0, found;

	for (uint32_t i = 0; i < count; i++) {
		if (!tasks[i])
			continue;
		index[n] = i;
		watched[n++] = tasks[i]->ended;
	}
	if (!n) {
		Sleep(ms);
		return count;
	}
	found = WaitForMultipleObjects(n, watched, FALSE, ms);
	return found < n ? index[found] : count; /* WAIT_OBJECT_0 is 0 */
}

void ed_task_finish(struct ed_task *task)
{
	WaitForSingleObject(task->ended, INFINITE);
	task_release(task);
}

void ed_task_abandon(struct ed_task *task)
{
	if (atomic_exchange(&task->state, TASK_ABANDONED) == TASK_ENDED && task->discard)
		task->discard(task->context);
	task_release(task);
}

/* A console's handler has no argument of ours, so this one mark has to be global. */
static atomic_bool interrupted;

/* Of a service or what one started: there the logoff of anybody is told. */
static bool is_in_session_zero(void)
{
	DWORD session = 1;

	return ProcessIdToSessionId(GetCurrentProcessId(), &session) && session == 0;
}

/* Runs on a thread of its own. The process ends when this returns from the closing kinds, so it
 * stays here until main has ended or the system's patience has. */
static BOOL WINAPI interrupt_handler(DWORD kind)
{
	switch (kind) {
	case CTRL_C_EVENT:
	case CTRL_BREAK_EVENT:
		if (atomic_exchange(&interrupted, true))
			TerminateProcess(GetCurrentProcess(), (UINT)STATUS_CONTROL_C_EXIT);
		return TRUE;
	case CTRL_LOGOFF_EVENT:
		if (is_in_session_zero())
			return TRUE;
		break;
	default: /* CTRL_CLOSE_EVENT, CTRL_SHUTDOWN_EVENT */
		break;
	}
	atomic_store(&interrupted, true);
	Sleep(HOLD_MS);
	return TRUE;
}

ed_status ed_interrupt_catch(struct ed_error *err)
{
	/* whoever started us may have told its children to ignore Ctrl+C */
	SetConsoleCtrlHandler(NULL, FALSE);
	if (!SetConsoleCtrlHandler(interrupt_handler, TRUE)) {
		DWORD code = GetLastError();

		return ed_fail_os(err, ED_IO, (uint32_t)code, "SetConsoleCtrlHandler",
				  "cannot catch interruption: Windows error %lu",
				  (unsigned long)code);
	}
	return ED_OK;
}

bool ed_interrupted(void)
{
	return atomic_load(&interrupted);
}

/* Not ExitProcess: it waits for the loader, which a thread that hangs may hold. */
void ed_process_exit(int code)
{
	fflush(stdout);
	fflush(stderr);
	TerminateProcess(GetCurrentProcess(), (UINT)code);
	abort(); /* never reached */
}

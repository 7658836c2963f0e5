/* SPDX-License-Identifier: MIT */
/*
 * Threads that may hang. A task runs on a thread of its own; whoever started it waits with a limit
 * and may abandon it, after which the task cleans up after itself whenever it ends, if ever.
 */
#ifndef ESPDIAG_PLATFORM_TASK_H
#define ESPDIAG_PLATFORM_TASK_H

#include "espdiag/base/error.h"

#include <stdbool.h>
#include <stdint.h>

/* A clock that only goes forward, in milliseconds since some moment. Stops in no sleep. */
uint64_t ed_clock_ms(void);
void ed_sleep_ms(uint32_t ms);
/* Processors that threads can run on; 1 when nobody knows. */
uint32_t ed_processor_count(void);

struct ed_task;

/*
 * Starts run(@context) on a thread. When the task is abandoned, discard(@context) is called once
 * run has returned: on the task's own thread, or within ed_task_abandon if it had just ended;
 * otherwise never. @discard may be NULL. ED_NOMEM, ED_IO.
 */
ed_status ed_task_start(void (*run)(void *context), void (*discard)(void *context), void *context,
			struct ed_task **out, struct ed_error *err);
/*
 * Waits until one of @tasks has ended, at most @limit_ms (0: only looks). Gives its index in
 * *which; false when none has. NULL entries are skipped. With @interrupt true it also returns false
 * as soon as the user stopped the program (ed_interrupted). False at once when there is no task.
 */
bool ed_task_wait_any(struct ed_task *const *tasks, uint32_t count, uint32_t limit_ms,
		      bool interrupt, uint32_t *which);
/* Frees a task that has ended; waits for it if it has not. */
void ed_task_finish(struct ed_task *task);
/* Lets go of a task that hangs: never blocks. @context is the task's own from now on. */
void ed_task_abandon(struct ed_task *task);

/*
 * From now on Ctrl+C, Ctrl+Break, closing the console, logoff and shutdown (POSIX: SIGINT, SIGTERM)
 * no longer end the program but set a mark. A second Ctrl+C ends it at once.
 */
ed_status ed_interrupt_catch(struct ed_error *err);
bool ed_interrupted(void);

/* Ends the program at once, whatever other threads do; output written before stays. */
_Noreturn void ed_process_exit(int code);

#endif

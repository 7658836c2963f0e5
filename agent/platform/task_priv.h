/* SPDX-License-Identifier: MIT */
/* What waiting for tasks needs of each system. */
#ifndef AGENT_PLATFORM_TASK_PRIV_H
#define AGENT_PLATFORM_TASK_PRIV_H

#include "espdiag/platform/task.h"

#define ED_TASK_WATCH 64 /* tasks that one system call watches: MAXIMUM_WAIT_OBJECTS */

/*
 * Waits at most @ms until one of @count tasks, at most ED_TASK_WATCH, has ended. Its index, else
 * @count. NULL entries are skipped.
 */
uint32_t ed_task_wait_once(struct ed_task *const *tasks, uint32_t count, uint32_t ms);

#endif

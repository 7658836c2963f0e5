/* SPDX-License-Identifier: MIT */
/* Waiting for any number of tasks, on every system alike. */
#include "espdiag/platform/task.h"

#include "task_priv.h"

/* A wait looks this often for interruption, which any thread may be told of, and at those tasks
 * that it does not watch. */
#define LOOK_MS 50

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Looks at all @count tasks, and waits for the first of them. */
static uint32_t wait_all(struct ed_task *const *tasks, uint32_t count, uint32_t ms)
{
	uint32_t part, found;

	for (uint32_t from = ED_TASK_WATCH; from < count; from += part) {
		part = least(count - from, ED_TASK_WATCH);
		found = ed_task_wait_once(tasks + from, part, 0);
		if (found < part)
			return from + found;
	}
	part = least(count, ED_TASK_WATCH);
	found = ed_task_wait_once(tasks, part, ms);
	return found < part ? found : count;
}

static bool any_task(struct ed_task *const *tasks, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (tasks[i])
			return true;
	return false;
}

bool ed_task_wait_any(struct ed_task *const *tasks, uint32_t count, uint32_t limit_ms,
		      bool interrupt, uint32_t *which)
{
	uint64_t start = ed_clock_ms();
	uint64_t gone = 0;

	if (!any_task(tasks, count))
		return false;
	for (;;) {
		uint32_t left = gone < limit_ms ? limit_ms - (uint32_t)gone : 0;
		uint32_t found;

		if (interrupt && ed_interrupted())
			left = 0;
		found = wait_all(tasks, count, least(left, LOOK_MS));
		if (found < count) {
			*which = found;
			return true;
		}
		if (!left)
			return false;
		gone = ed_clock_ms() - start;
	}
}

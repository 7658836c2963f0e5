/* SPDX-License-Identifier: MIT */
/* The time that a whole run may take. */
#include "deadline.h"

#include "espdiag/platform/task.h"

static uint64_t now_ms(const struct ed_deadline *deadline)
{
	return deadline->clock_ms ? deadline->clock_ms(deadline->context) : ed_clock_ms();
}

void ed_deadline_begin(struct ed_deadline *deadline, uint32_t seconds)
{
	deadline->seconds = seconds;
	deadline->end_ms = seconds ? now_ms(deadline) + (uint64_t)seconds * 1000 : 0;
}

bool ed_deadline_over(const struct ed_deadline *deadline)
{
	return deadline && deadline->seconds && now_ms(deadline) >= deadline->end_ms;
}

ed_status ed_deadline_fail(const struct ed_deadline *deadline, struct ed_error *err)
{
	return ed_fail(err, ED_LIMIT, "the time of the run was over (--timeout %u)",
		       (unsigned)deadline->seconds);
}

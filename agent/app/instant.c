/* SPDX-License-Identifier: MIT */
/* As of when a live run judges. */
#include "instant.h"

#include "espdiag/base/time.h"
#include "espdiag/platform/file.h"
#include "espdiag/platform/task.h"

#define TICKS_PER_MS (ED_TICKS_PER_SECOND / 1000)
/* Less is what time servers do all day. */
#define SET_LEAST (5 * ED_TICKS_PER_SECOND)

struct ed_instant ed_instant_now(void)
{
	return (struct ed_instant){ ed_clock_now(), ed_clock_ms() };
}

int64_t ed_instant_set(const struct ed_instant *begun, const struct ed_instant *now)
{
	int64_t gone = (int64_t)(now->ms - begun->ms) * TICKS_PER_MS;
	int64_t set;

	if (begun->wall == ED_TIME_NONE || now->wall == ED_TIME_NONE)
		return 0;
	set = now->wall - begun->wall - gone;
	if (set < SET_LEAST && set > -SET_LEAST)
		return 0;
	/* the two clocks are not read at once: what is below a second is noise */
	set += set < 0 ? -ED_TICKS_PER_SECOND / 2 : ED_TICKS_PER_SECOND / 2;
	return set - set % ED_TICKS_PER_SECOND;
}

int64_t ed_instant_judged(int64_t now, int64_t set, int64_t newest)
{
	int64_t straight = now - set;

	if (!set)
		return now;
	if (set > 0)
		return newest != ED_TIME_NONE && newest > straight + SET_LEAST ? now : straight;
	if (newest == ED_TIME_NONE || newest <= now)
		return now;
	return newest < straight ? newest : straight;
}

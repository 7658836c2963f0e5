/* SPDX-License-Identifier: MIT */
/* Sticky arena allocation and small texts for the analysis. */
#include "analysis.h"

#include <stdarg.h>

void *take(struct analysis *a, size_t count, size_t size)
{
	void *p = a->nomem ? NULL : ed_arena_calloc(a->arena, count ? count : 1, size);

	if (!p)
		a->nomem = true;
	return p;
}

void *room(struct analysis *a, void *items, size_t count, size_t *cap, size_t size)
{
	size_t new_cap = *cap ? *cap * 2 : 16;
	void *p;

	if (count < *cap)
		return items;
	p = take(a, new_cap, size);
	if (!p)
		return NULL;
	if (count)
		memcpy(p, items, count * size);
	*cap = new_cap;
	return p;
}

/* What had no room at the end of @text ends in dots, and not within a character. */
static size_t say_cut(char *text, size_t len)
{
	static const char dots[] = "...";

	len -= sizeof(dots) - 1;
	while (len && ((unsigned char)text[len] & 0xC0) == 0x80)
		len--;
	memcpy(text + len, dots, sizeof(dots));
	return len + sizeof(dots) - 1;
}

struct ed_str say(struct analysis *a, const char *format, ...)
{
	char text[2048];
	struct ed_str copy = { NULL, 0 };
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (n >= 0 && !a->nomem) {
		size_t len = (size_t)n < sizeof(text) ? (size_t)n : say_cut(text, sizeof(text) - 1);

		copy = ed_arena_str(a->arena, (struct ed_str){ text, len });
	}
	if (!copy.p) {
		a->nomem = true;
		return ED_STR("");
	}
	return copy;
}

const char *say_time(struct analysis *a, int64_t t)
{
	struct ed_civil c;

	if (t == ED_TIME_NONE)
		return "an unknown time";
	c = ed_civil_from_time(t);
	return say(a, "%04d-%02d-%02d %02d:%02d:%02d UTC", c.year, c.month, c.day, c.hour, c.minute,
		   c.second)
		.p;
}

const char *say_clock(struct analysis *a, int64_t t)
{
	struct ed_civil c, today;

	if (t == ED_TIME_NONE)
		return "an unknown time";
	c = ed_civil_from_time(t);
	today = ed_civil_from_time(a->at);
	if (c.day != today.day || c.month != today.month || c.year != today.year)
		return say(a, "%04d-%02d-%02d %02d:%02d:%02d", c.year, c.month, c.day, c.hour,
			   c.minute, c.second)
			.p;
	return say(a, "%02d:%02d:%02d", c.hour, c.minute, c.second).p;
}

/* Minutes that the clock was ahead when @m was logged; 0 when it was right, or nobody knows. */
long long clock_ahead(const struct mark *m)
{
	int64_t ahead = m && m->event->head.time != ED_TIME_NONE ? m->event->head.time - m->key : 0;

	return ahead > 0 ? (long long)((ahead + ED_TICKS_PER_MINUTE / 2) / ED_TICKS_PER_MINUTE) : 0;
}

const char *say_when(struct analysis *a, const struct mark *m)
{
	const char *clock = say_clock(a, mark_at(m));
	long long ahead = clock_ahead(m);

	if (!ahead)
		return clock;
	return say(a, "%s (by a clock that was %lld minute%s ahead)", clock, ahead,
		   ahead == 1 ? "" : "s")
		.p;
}

struct ed_str say_code(struct analysis *a, uint32_t code)
{
	return say(a, "0x%08x", (unsigned)code);
}

struct ed_str mark_source(const struct analysis *a, const struct mark *m)
{
	/* marks are of events of the store */
	const struct ed_stored_event *stored =
		(const struct ed_stored_event *)(const void *)m->event;

	if (m->event->head.channel.len || stored->source_i >= a->evidence->source_count)
		return m->event->head.channel;
	return a->evidence->sources[stored->source_i].path;
}

int64_t mark_at(const struct mark *m)
{
	return m ? m->event->head.time : ED_TIME_NONE;
}

int64_t mark_key(const struct mark *m)
{
	return m ? m->key : ED_TIME_NONE;
}

struct ed_str mark_field(const struct mark *m, const char *name)
{
	return ed_event_field(m->event, ed_str_from(name));
}

bool mark_u32(const struct mark *m, const char *name, uint32_t *out)
{
	return ed_event_u32(m->event, ed_str_from(name), out);
}

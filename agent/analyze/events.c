/* SPDX-License-Identifier: MIT */
/* The table of events, and the question of every reader: is this one of interest? */
#include "analysis.h"

static const struct event_row rows[] = {
#define EVENT(key, provider, id, channel, meaning, confidence)                                     \
	{ key, provider, id, channel, meaning, confidence },
#include "events.def"
#undef EVENT
};

const struct event_row *event_row_find(struct ed_str provider, uint32_t id)
{
	size_t low = 0, high = ED_COUNT(rows);

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (rows[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < ED_COUNT(rows) && rows[low].id == id; low++)
		if (ed_str_ieq(provider, ed_str_from(rows[low].provider)))
			return &rows[low];
	return NULL;
}

const struct event_row *event_row(enum event_key key)
{
	return &rows[key - 1];
}

bool ed_analyze_wants(const struct ed_event_head *head)
{
	return event_row_find(head->provider, head->id) != NULL;
}

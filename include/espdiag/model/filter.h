/* SPDX-License-Identifier: MIT */
/* Which events are wanted, decided from an event's head alone. */
#ifndef ESPDIAG_MODEL_FILTER_H
#define ESPDIAG_MODEL_FILTER_H

#include "espdiag/model/event.h"

#include <stdbool.h>

#define ED_FILTER_WORDS 32 /* channels, and providers, of one filter */
#define ED_FILTER_IDS 65536

/*
 * Names match without regard to ASCII case; a '*' at the end matches any rest. What was not
 * restricted lets everything pass.
 */
struct ed_filter {
	struct ed_str channels[ED_FILTER_WORDS];
	size_t channel_count;
	struct ed_str providers[ED_FILTER_WORDS];
	size_t provider_count;
	int64_t since, until; /* both inclusive; ED_TIME_NONE: no such bound */
	uint32_t levels;      /* a bit for each level 0 to 31; 0 lets all pass */
	bool has_ids;
	uint8_t ids[ED_FILTER_IDS / 8]; /* a bit for each id, when has_ids */
};

/* Lets everything pass. */
void ed_filter_init(struct ed_filter *filter);
/*
 * Adds what a command line says, a list with commas: "4624,4700-4720" for ids; numbers, ranges and
 * "critical" (1) "error" (2) "warning" (3) "information" (4 and 0) "verbose" (5) for levels; names.
 * Borrows the text. ED_ARG, said in @err; ED_LIMIT: too many names.
 */
ed_status ed_filter_add_ids(struct ed_filter *filter, struct ed_str list, struct ed_error *err);
ed_status ed_filter_add_levels(struct ed_filter *filter, struct ed_str list, struct ed_error *err);
ed_status ed_filter_add_channel(struct ed_filter *filter, struct ed_str name, struct ed_error *err);
ed_status ed_filter_add_provider(struct ed_filter *filter, struct ed_str name,
				 struct ed_error *err);

bool ed_filter_has_window(const struct ed_filter *filter);
/* The parts, for readers that know them one after the other. */
bool ed_filter_id(const struct ed_filter *filter, uint32_t id);
bool ed_filter_level(const struct ed_filter *filter, uint8_t level);
/* An event without a time is in no window. */
bool ed_filter_time(const struct ed_filter *filter, int64_t time);
bool ed_filter_matches(const struct ed_filter *filter, const struct ed_event_head *head);

#endif

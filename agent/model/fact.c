/* SPDX-License-Identifier: MIT */
/* Copying facts. */
#include "espdiag/model/fact.h"

bool ed_fact_copy(struct ed_arena *arena, const struct ed_fact *from, struct ed_fact *to)
{
	struct ed_fact copy = *from;
	struct ed_str *const texts[] = { &copy.path, &copy.name, &copy.text };

	for (size_t i = 0; i < ED_COUNT(texts); i++) {
		if (!texts[i]->p)
			continue;
		*texts[i] = ed_arena_str(arena, *texts[i]);
		if (!texts[i]->p)
			return false;
	}
	*to = copy;
	return true;
}

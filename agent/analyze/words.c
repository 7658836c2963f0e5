/* SPDX-License-Identifier: MIT */
/* The words of the contract for the verdict's enums. */
#include "espdiag/analyze/verdict.h"

#define WORD(name, word) [name] = word,
#define WORDS(type, list)                                                                          \
	const char *ed_##type##_word(enum ed_##type v)                                             \
	{                                                                                          \
		static const char *const words[] = { list(WORD) };                                 \
                                                                                                   \
		return words[v];                                                                   \
	}

WORDS(outcome, ED_OUTCOME_LIST)
WORDS(certainty, ED_CERTAINTY_LIST)
WORDS(severity, ED_SEVERITY_LIST)
WORDS(owner, ED_OWNER_LIST)
WORDS(phase, ED_PHASE_LIST)
WORDS(boot_kind, ED_BOOT_KIND_LIST)
WORDS(lane, ED_LANE_LIST)
WORDS(mark_kind, ED_MARK_LIST)

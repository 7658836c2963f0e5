/* SPDX-License-Identifier: MIT */
/* The exit code of an outcome, for scripts that ask for it. */
#include "commands.h"

enum ed_exit ed_outcome_exit(enum ed_outcome outcome)
{
	switch (outcome) {
	case ED_OUTCOME_BLOCKED:
		return ED_EXIT_BLOCKED;
	case ED_OUTCOME_WAITING:
		return ED_EXIT_WAITING;
	case ED_OUTCOME_FAILED:
		return ED_EXIT_FAILED;
	case ED_OUTCOME_INCONCLUSIVE:
		return ED_EXIT_INCONCLUSIVE;
	case ED_OUTCOME_RECOVERED:
	case ED_OUTCOME_HEALTHY:
		break;
	}
	return ED_EXIT_DONE;
}

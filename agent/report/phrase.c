/* SPDX-License-Identifier: MIT */
/* Phrases that the text and the page share. */
#include "phrase_priv.h"

const struct ed_finding *phrase_primary(const struct ed_verdict *v)
{
	for (size_t i = 0; v->primary && i < v->finding_count; i++) {
		if (strcmp(v->findings[i].id, v->primary) == 0)
			return &v->findings[i];
	}
	return NULL;
}

bool phrase_nothing_read(const struct ed_verdict *v)
{
	for (size_t i = 0; i < v->coverage_count; i++)
		if (v->coverage[i].records)
			return false;
	return true;
}

bool phrase_says_inferred(const struct ed_link *link)
{
	return link->inferred && ed_str_ifind(link->claim, ED_STR("inferred"), 0) == SIZE_MAX;
}

const char *phrase_outcome(const struct ed_verdict *v)
{
	switch (v->outcome) {
	case ED_OUTCOME_BLOCKED:
		return "something stands in the way that will not clear by itself";
	case ED_OUTCOME_WAITING:
		return "nothing is wrong so far, and what is open clears by itself";
	case ED_OUTCOME_RECOVERED:
		return "something stood in the way, then the app came";
	case ED_OUTCOME_FAILED:
		return "it ended in failure, and the evidence does not show why";
	case ED_OUTCOME_HEALTHY:
		return "no cause was found, and the evidence shows that it worked";
	case ED_OUTCOME_INCONCLUSIVE:
		break;
	}
	return phrase_nothing_read(v) ? "no evidence could be read"
				      : "the evidence does not tell what happened";
}

const char *phrase_owner(enum ed_owner owner)
{
	switch (owner) {
	case ED_TECHNICIAN:
		return "technician, at the device";
	case ED_ADMIN:
		return "admin, in the tenant (Intune, Entra)";
	case ED_USER:
		return "user, at the device";
	case ED_NETWORK:
		break;
	}
	return "whoever runs the network";
}

bool phrase_is_gap(const struct ed_coverage *row)
{
	return (row->state != ED_STATE_READ && row->state != ED_STATE_EMPTY) || row->lost > 0;
}

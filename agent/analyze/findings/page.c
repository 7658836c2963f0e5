/* SPDX-License-Identifier: MIT */
/* The page family: why the Enrollment Status Page itself does not go on. */
#include "finding.h"

#define TRACKING "\\Setup\\Apps\\PolicyProviders\\"

/* The page waits for a provider that never lists its apps. */
static const struct ed_stored_fact *silent_provider(const struct analysis *a, bool *sidecar_done)
{
	const struct ed_stored_fact *silent = NULL;

	*sidecar_done = false;
	for (size_t i = 0; i < a->evidence->fact_count; i++) {
		const struct ed_stored_fact *f = &a->evidence->facts[i];

		if (!fact_is_registry(f, TRACKING, "TrackingPoliciesCreated") ||
		    !f->fact.has_number)
			continue;
		if (f->fact.number == 1)
			*sidecar_done |= ed_str_iends(f->fact.path, ED_STR("\\Sidecar"));
		else if (ed_str_iends(f->fact.path, ED_STR("\\ConfigMgr")))
			silent = f;
	}
	return silent;
}

static void test_identifying(struct analysis *a, struct finding_case *c)
{
	bool sidecar_done;
	const struct ed_stored_fact *silent = silent_provider(a, &sidecar_done);
	struct ed_link *link;

	if (!silent)
		return;
	if (sidecar_done || a->page.esp.phase == ED_PHASE_DONE) {
		rule_out(a, c, ED_STR("the management extension has listed its apps"), NULL);
		return;
	}
	c->holds = ED_TRI_YES;
	link = add_link(c,
			ED_STR("The page waits for the app list of Configuration Manager "
			       "(ConfigMgr), which "
			       "has not been made."),
			ED_TIME_NONE, false);
	link_cite(a, link, cite_fact(a, silent));
	if (a->page.category) {
		link = add_link(c,
				say(a, "The page is in %s and has not gone on.",
				    ed_phase_word(a->page.esp.phase)),
				ED_TIME_NONE, false);
		link_cite(a, link, cite_fact(a, a->page.category));
	}
	c->because =
		ED_STR("The page stays on \"Apps (Identifying)\": it waits for the app list of a "
		       "Configuration Manager client that never makes one.");
}

const struct finding_row finding_rows_page[] = {
	{ "esp-identifying",
	  FAMILY_PAGE,
	  ED_BLOCKER,
	  ED_ADMIN,
	  ED_OUTCOME_BLOCKED,
	  "The page never learns which apps to wait for",
	  "Check co-management: which client is to install apps during enrolment.",
	  test_identifying,
	  false,
	  NULL,
	  { "fix-enrollment", NULL } },
};
const size_t finding_rows_page_count = ED_COUNT(finding_rows_page);

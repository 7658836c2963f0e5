/* SPDX-License-Identifier: MIT */
/* The Store family: other reasons why the Store client cannot get or install the app. */
#include "finding.h"

static bool other_denial(const struct denial *d)
{
	return d->code != 53000 && d->code != 530002;
}

static void test_conditional_access(struct analysis *a, struct finding_case *c)
{
	const struct denial *first = NULL, *last = NULL, *compliance = NULL;
	struct ed_link *link;
	size_t count = 0;

	for (size_t i = 0; i < a->store_denials.count; i++) {
		const struct denial *d = &a->store_denials.items[i];

		if (!other_denial(d)) {
			compliance = d;
			continue;
		}
		first = first ? first : d;
		last = d;
		count++;
	}
	if (!last) {
		if (compliance)
			rule_out(a, c,
				 say(a,
				     "the code is AADSTS%u: the device is not compliant, no other "
				     "grant",
				     (unsigned)compliance->code),
				 compliance->mark);
		return;
	}
	if (a->attempts.installed && a->attempts.installed->key > last->mark->key) {
		rule_out(a, c,
			 say(a, "the app was installed at %s, after the last denial",
			     say_clock(a, mark_at(a->attempts.installed))),
			 a->attempts.installed);
		return;
	}
	c->holds = ED_TRI_YES;
	c->no_restart = true;
	link = add_link(c,
			say(a, "Store sign-in refused: AADSTS%u, %zu time%s until %s.",
			    (unsigned)last->code, count, count == 1 ? "" : "s",
			    say_clock(a, mark_at(last->mark))),
			mark_at(first->mark), false);
	link_mark(a, link, first->mark);
	link_mark(a, link, last->mark);
	add_missing(c, ED_STR("which policy refused it: the sign-in's Conditional Access tab in "
			      "Entra ID"));
	c->because =
		say(a,
		    "A Conditional Access policy or sign-in rule refuses the Store client with "
		    "AADSTS%u. That is not about the device's compliance.",
		    (unsigned)last->code);
}

const struct finding_row finding_rows_store[] = {
	{ "store-conditional-access",
	  FAMILY_STORE,
	  ED_BLOCKER,
	  ED_ADMIN,
	  ED_OUTCOME_BLOCKED,
	  "Conditional Access refuses the Store for another reason than compliance",
	  "Look up in the sign-in log which policy refused the Store, and exclude the Store from "
	  "it.",
	  test_conditional_access,
	  false,
	  NULL,
	  { "open-sign-in-log", "exclude-store-from-policy", "target-office365-only",
	    "unrequire-store-app", "use-offline-app", "skip-user-status-page", NULL } },
};
const size_t finding_rows_store_count = ED_COUNT(finding_rows_store);

/* SPDX-License-Identifier: MIT */
/*
 * What only this device can add to an action: whether a restart still fits into the page's limit,
 * until when to wait and for what, and the data by which an Entra ID admin finds the refused
 * sign-in.
 */
#include "finding.h"

/* From a restart to compliance, as a rule; the article and the field agree on it. */
enum { USUAL_LEAST_MINUTES = 5, USUAL_MOST_MINUTES = 10 };

struct steps {
	struct analysis *a;
	const char *finding; /* that asks for the action */
	struct ed_str *items;
	size_t count, cap;
};

static void add_step(struct steps *s, struct ed_str text)
{
	s->items = room(s->a, s->items, s->count, &s->cap, sizeof(*s->items));
	if (s->items)
		s->items[s->count++] = text;
	else
		s->count = 0;
}

static void before_restart(struct steps *s)
{
	int64_t left = s->a->page.esp.minutes_left;

	if (!s->a->protection.escrowed)
		add_step(s, ED_STR("First confirm in Entra ID that the device's BitLocker recovery "
				   "key is there: "
				   "its backup (845) was not seen."));
	if (s->a->page.limit_passed || s->a->page.ended_badly)
		add_step(s,
			 ED_STR("The page has ended: after the restart choose Try again on it, or "
				"sign in and let the app come by itself."));
	else if (left != ED_UNKNOWN && left < USUAL_MOST_MINUTES)
		add_step(s, say(s->a,
				"Only %lld minutes of the page's limit are left; a restart and the "
				"usual %d to %d "
				"minutes may not fit. If the page fails, choose Try again after "
				"the restart.",
				(long long)left, USUAL_LEAST_MINUTES, USUAL_MOST_MINUTES));
}

static void after_restart(struct steps *s)
{
	int64_t left = s->a->page.esp.minutes_left;

	if (left != ED_UNKNOWN && left >= USUAL_MOST_MINUTES)
		add_step(s, say(s->a,
				"%lld minutes of the page's limit are left: a restart and the "
				"usual %d to %d "
				"minutes fit.",
				(long long)left, USUAL_LEAST_MINUTES, USUAL_MOST_MINUTES));
}

static void steps_wait(struct steps *s)
{
	const struct attempts *t = &s->a->attempts;
	int64_t until = compliance_wait_until(s->a);

	if (until != ED_TIME_NONE && until > s->a->at)
		add_step(s, say(s->a, "Wait until %s.", say_time(s->a, until)));
	if (t->known && t->count && t->median_seconds != ED_UNKNOWN &&
	    !t->items[t->count - 1].succeeded)
		add_step(s,
			 say(s->a,
			     "The Store tries again about every %lld seconds; its next attempt is "
			     "expected about %s.",
			     (long long)t->median_seconds,
			     say_time(s->a, mark_at(t->items[t->count - 1].start) +
						    t->median_seconds * ED_TICKS_PER_SECOND)));
}

/* Refusals that only the Store's attempts, or lines of the management extension, tell of. */
static void steps_sign_in_unseen(struct steps *s, bool intune)
{
	const struct attempts *t = &s->a->attempts;
	const struct mark *first = t->count && !intune ? t->items[0].start : NULL;
	const struct mark *last = first ? t->items[t->count - 1].start : NULL;
	char from[ED_TIME_TEXT], to[ED_TIME_TEXT];

	ed_time_format(first ? mark_at(first) - ED_TICKS_PER_MINUTE
			     : s->a->at - 1440 * ED_TICKS_PER_MINUTE,
		       from);
	ed_time_format(last ? mark_at(last) + ED_TICKS_PER_MINUTE : s->a->at, to);
	add_step(s,
		 say(s->a,
		     "Log Analytics: union SigninLogs, AADNonInteractiveUserSignInLogs | where "
		     "TimeGenerated between (datetime(%s) .. datetime(%s)) | where %s == \"%s\" | "
		     "project TimeGenerated, CorrelationId, ResultType, AppDisplayName, "
		     "ResourceDisplayName, ConditionalAccessPolicies",
		     from, to, intune ? "ResourceIdentity" : "AppId",
		     intune ? INTUNE_ID : STORE_CLIENT_ID));
}

static void steps_sign_in_log(struct steps *s)
{
	bool intune = strcmp(s->finding, "ime-token") == 0 ||
		      strcmp(s->finding, "enrollment-conditional-access") == 0;
	const struct denials *d = intune ? &s->a->intune_denials : &s->a->store_denials;
	const struct denial *first, *last;
	char from[ED_TIME_TEXT], to[ED_TIME_TEXT];

	if (!d->count) {
		steps_sign_in_unseen(s, intune);
		return;
	}
	first = &d->items[0];
	last = &d->items[d->count - 1];
	ed_time_format(mark_at(first->mark) - ED_TICKS_PER_MINUTE, from);
	ed_time_format(mark_at(last->mark) + ED_TICKS_PER_MINUTE, to);
	add_step(s,
		 say(s->a,
		     "Refused from %s to %s: client %.*s, resource %.*s, last correlation id %.*s.",
		     say_time(s->a, mark_at(first->mark)), say_time(s->a, mark_at(last->mark)),
		     ED_FMT(last->client.p ? last->client : ED_STR("not logged")),
		     ED_FMT(last->resource.p ? last->resource : ED_STR("not logged")),
		     ED_FMT(last->correlation.p ? last->correlation : ED_STR("not logged"))));
	add_step(s,
		 say(s->a,
		     "Log Analytics: union SigninLogs, AADNonInteractiveUserSignInLogs | where "
		     "TimeGenerated "
		     "between (datetime(%s) .. datetime(%s)) | where CorrelationId == \"%.*s\" or "
		     "AppId == "
		     "\"%.*s\" | project TimeGenerated, CorrelationId, ResultType, AppDisplayName, "
		     "ResourceDisplayName, ConditionalAccessPolicies",
		     from, to, ED_FMT(last->correlation.p ? last->correlation : ED_STR("")),
		     ED_FMT(last->client.p ? last->client
			    : intune       ? ED_STR(INTUNE_ID)
					   : ED_STR(STORE_CLIENT_ID))));
}

/* Windows 11 attests at Azure, Windows 10 (and government clouds) at the older health service. */
#define FIRST_WINDOWS_11_BUILD 22000

static void steps_endpoints(struct steps *s)
{
	uint32_t build = s->a->context.build;

	if (build)
		add_step(s,
			 say(s->a, "This is Windows %s (build %u): it attests at %s.",
			     build >= FIRST_WINDOWS_11_BUILD ? "11" : "10", (unsigned)build,
			     build >= FIRST_WINDOWS_11_BUILD ? "*.attest.azure.net (in GCC High "
							       "and DoD: has.spserv.microsoft.com)"
							     : "has.spserv.microsoft.com"));
}

/* Which actions have something to add, before and after the steps of their row. */
static const struct {
	const char *id;
	void (*before)(struct steps *s);
	void (*after)(struct steps *s);
} advisers[] = {
	{ "restart-device", before_restart, after_restart },
	{ "wait", steps_wait, NULL },
	{ "open-sign-in-log", steps_sign_in_log, NULL },
	{ "allow-attestation-endpoints", steps_endpoints, NULL },
};

struct ed_str_list action_steps(struct analysis *a, const struct action_row *row,
				const char *finding)
{
	struct steps s = { .a = a, .finding = finding };
	size_t i = 0;

	while (i < ED_COUNT(advisers) && strcmp(advisers[i].id, row->id) != 0)
		i++;
	if (i < ED_COUNT(advisers))
		advisers[i].before(&s);
	for (size_t j = 0; j < ED_COUNT(row->steps) && row->steps[j]; j++)
		add_step(&s, ed_str_from(row->steps[j]));
	if (i < ED_COUNT(advisers) && advisers[i].after)
		advisers[i].after(&s);
	return (struct ed_str_list){ s.items, s.count };
}

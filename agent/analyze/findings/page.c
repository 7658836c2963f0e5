/* SPDX-License-Identifier: MIT */
/*
 * The page family: why the Enrollment Status Page itself does not go on, and how it ended. Its
 * symptoms (an app in error, the limit passed, "continue anyway") are explained by any cause.
 */
#include "finding.h"

#define TRACKING "\\Setup\\Apps\\PolicyProviders\\"

/* A provider of the app list as the registry shows it. */
struct providers {
	const struct ed_stored_fact *config_manager; /* has not listed its apps */
	const struct ed_stored_fact *sidecar;        /* has not listed its apps */
	bool sidecar_done, config_manager_done;
};

/* The account phase has a tree of its own below each user's SID. */
static bool of_phase_shown(const struct analysis *a, const struct ed_stored_fact *f)
{
	bool user = ed_str_ifind(f->fact.path, ED_STR("\\S-1-"), 0) != SIZE_MAX;

	return user == (a->page.esp.phase_known && a->page.esp.phase == ED_PHASE_ACCOUNT_SETUP);
}

static struct providers find_providers(const struct analysis *a)
{
	struct providers p = { 0 };

	for (size_t i = 0; i < a->evidence->fact_count; i++) {
		const struct ed_stored_fact *f = &a->evidence->facts[i];
		bool made;

		if (f->fact.kind != ED_FACT_REGISTRY || !of_phase_shown(a, f) ||
		    ed_str_ifind(f->fact.path, ED_STR(TRACKING), 0) == SIZE_MAX)
			continue;
		made = ed_str_ieq(f->fact.name, ED_STR("TrackingPoliciesCreated")) &&
		       f->fact.has_number && f->fact.number == 1;
		if (ed_str_iends(f->fact.path, ED_STR("\\Sidecar"))) {
			p.sidecar_done |= made;
			p.sidecar = f;
		} else if (ed_str_iends(f->fact.path, ED_STR("\\ConfigMgr"))) {
			p.config_manager_done |= made;
			p.config_manager = f;
		}
	}
	if (p.sidecar_done)
		p.sidecar = NULL;
	if (p.config_manager_done)
		p.config_manager = NULL;
	return p;
}

/* The management extension's own limit for making its list, in minutes. */
static int64_t sidecar_limit(const struct analysis *a)
{
	const struct ed_stored_fact *f =
		registry_value(a, "\\DevicePreparation\\PolicyProviders\\Sidecar", "Timeout");

	return f && f->fact.has_number && f->fact.number && f->fact.number < 1440
		       ? (int64_t)f->fact.number
		       : 15;
}

static void link_page(struct analysis *a, struct finding_case *c)
{
	struct ed_link *link;

	if (!a->page.category)
		return;
	link = add_link(
		c,
		say(a, "The page is in %s and has not gone on.", ed_phase_word(a->page.esp.phase)),
		mark_at(a->page.phase_start), false);
	link_cite(a, link, cite_fact(a, a->page.category));
	link_mark(a, link, a->page.phase_start);
}

static void test_identifying(struct analysis *a, struct finding_case *c)
{
	struct providers p = find_providers(a);
	const struct mark *since = a->page.phase_start;
	struct ed_link *link;
	bool late = since && span_least_seconds(a, since->key, a->at) > sidecar_limit(a) * 60;

	if (a->page.esp.phase == ED_PHASE_DONE ||
	    (a->page.esp.phase_known && a->page.esp.phase == ED_PHASE_NONE))
		return;
	if (p.config_manager && p.sidecar_done && !(late && a->page.apps_uncounted)) {
		rule_out(a, c, ED_STR("the management extension has listed its apps"), NULL);
		return;
	}
	if (!p.config_manager && !(p.sidecar && late))
		return;
	c->holds = ED_TRI_YES;
	c->no_restart = true;
	link = add_link(
		c,
		p.config_manager
			? ED_STR("The app list of Configuration Manager has not been made.")
			: say(a,
			      "The management extension has made no app list within %lld minutes.",
			      (long long)sidecar_limit(a)),
		ED_TIME_NONE, false);
	link_cite(a, link, cite_fact(a, p.config_manager ? p.config_manager : p.sidecar));
	link_page(a, c);
	c->because = p.config_manager
			     ? ED_STR("The page stays on \"Apps (Identifying)\": it waits for the "
				      "app list of "
				      "a Configuration Manager client that never makes one.")
			     : ED_STR("The page stays on \"Apps (Identifying)\": the management "
				      "extension has "
				      "not made its app list in time.");
}

/* The page went on after @key: another phase, a Store attempt or denial. */
static bool went_on_after(const struct analysis *a, int64_t key)
{
	for (size_t i = 0; i < a->attempts.count; i++)
		if (a->attempts.items[i].start->key > key)
			return true;
	if (a->store_denials.count &&
	    a->store_denials.items[a->store_denials.count - 1].mark->key > key)
		return true;
	return a->attempts.installed && a->attempts.installed->key > key;
}

/* The management client works on: in the device phase that is how the page goes on. */
static bool managed_after(const struct analysis *a, int64_t key)
{
	for (size_t i = 0; i < a->mark_count; i++)
		if (a->marks[i].kind == EV_MDM_SESSION_START && a->marks[i].key > key)
			return true;
	return false;
}

/* Long enough after a start for the page to have gone on. */
#define GOES_ON_WITHIN (10 * 60)

static void test_reboot(struct analysis *a, struct finding_case *c)
{
	const struct boot *start = a->attestation.last_start;
	const struct mark *asked = start ? start->requested : NULL;
	bool by_policy = asked && asked->kind == EV_MDM_REBOOT_URI;
	bool in_account = start && a->page.phase_start &&
			  a->page.esp.phase == ED_PHASE_ACCOUNT_SETUP &&
			  start->mark->key > a->page.phase_start->key;
	struct ed_link *link;

	if (!start || page_is_done(a) || !a->page.esp.phase_known || (!in_account && !by_policy) ||
	    span_least_seconds(a, start->mark->key, a->at) <
		    (in_account ? GOES_ON_WITHIN : 3 * GOES_ON_WITHIN))
		return;
	/* that nothing came after it counts only where it would show; a policy's restart says so
	 * itself */
	if (!by_policy && !channel_covers(a, CH_STORE, mark_key(start->mark)))
		return;
	if (went_on_after(a, start->mark->key) ||
	    (!in_account && managed_after(a, start->mark->key))) {
		rule_out(a, c, ED_STR("the page went on after the restart"), start->mark);
		return;
	}
	c->holds = ED_TRI_YES;
	c->no_restart = true;
	if (asked) {
		link = add_link(c,
				by_policy ? say(a, "A policy asked for a restart: %.*s.",
						ED_FMT(mark_field(asked, "Message1")))
					  : say(a, "A program asked for a restart: %.*s.",
						ED_FMT(mark_field(asked, "param1"))),
				mark_at(asked), false);
		link_mark(a, link, asked);
	}
	link = add_link(c,
			in_account ? ED_STR("Windows restarted inside the account phase.")
				   : ED_STR("Windows restarted."),
			mark_at(start->mark), false);
	link_mark(a, link, start->mark);
	link_page(a, c);
	c->because = say(
		a,
		"%s restarted the device%s%.*s%s while the page ran, and the page did not go on.",
		by_policy ? "A policy" : "Something", by_policy ? " (" : "",
		ED_FMT(by_policy ? mark_field(asked, "Message1") : ED_STR("")),
		by_policy ? ")" : "");
}

/* FirstSync of a user: the key ends with the SID. */
static const struct ed_stored_fact *user_sync(const struct analysis *a, bool *user_key)
{
	const struct ed_stored_fact *found = NULL;

	*user_key = false;
	for (size_t i = 0; i < a->evidence->fact_count; i++) {
		const struct ed_stored_fact *f = &a->evidence->facts[i];

		if (!fact_is_registry(f, "\\FirstSync\\S-1-", NULL) || !of_intune(a, f))
			continue;
		*user_key = true;
		if (ed_str_ieq(f->fact.name, ED_STR("ServerHasFinishedProvisioning")))
			found = f;
	}
	return found;
}

static bool store_is_busy(const struct analysis *a)
{
	for (size_t i = 0; i < a->attempts.count; i++) {
		const struct attempt *t = &a->attempts.items[i];
		const struct mark *came = a->attempts.products[t->product_i].installed;

		if (!t->end && !(came && came->key >= t->start->key))
			return true;
	}
	return false;
}

/* Since when the page has waited: the phase's start, or without the page's log the newest app that
 * came. NULL when nobody knows. */
static const struct mark *waits_since(const struct analysis *a)
{
	if (a->page.phase_start || channel_read(a, CH_SHELL))
		return a->page.phase_start;
	return a->attempts.installed;
}

static void test_user_sync(struct analysis *a, struct finding_case *c)
{
	bool user_key;
	const struct ed_stored_fact *finished = user_sync(a, &user_key);
	const struct mark *since = waits_since(a);
	struct ed_link *link;

	if (!a->page.esp.phase_known || a->page.esp.phase != ED_PHASE_ACCOUNT_SETUP || !user_key ||
	    !a->page.category)
		return;
	if (finished && finished->fact.has_number && finished->fact.number == 1) {
		rule_out_fact(a, c, ED_STR("the server has finished provisioning for the user"),
			      finished);
		return;
	}
	/* from a list that was read, and not in the first minutes of the phase */
	if (!a->page.app_count || store_is_busy(a) || !since ||
	    span_least_seconds(a, since->key, a->at) < GOES_ON_WITHIN)
		return;
	for (size_t i = 0; i < a->page.app_count; i++)
		if (!a->page.apps[i].done) {
			rule_out_fact(a, c, ED_STR("an app is still to be installed"),
				      a->page.apps[i].fact);
			return;
		}
	c->holds = ED_TRI_YES;
	c->no_restart = true;
	link = add_link(
		c,
		ED_STR("Nothing is left to install, and the server has not said that the user's "
		       "provisioning is finished."),
		ED_TIME_NONE, !finished || since != a->page.phase_start);
	link_cite(a, link, cite_fact(a, finished ? finished : a->page.category));
	if (since != a->page.phase_start) {
		link_mark(a, link, since);
		add_missing(c, ED_STR(CH_SHELL ": since when the account phase runs"));
	}
	link_page(a, c);
	c->because = ED_STR("The account phase waits for the management server to say that it has "
			    "finished with "
			    "this user; no app is in the way.");
}

static const struct page_app *failed_app(const struct analysis *a)
{
	for (size_t i = 0; i < a->page.app_count; i++)
		if (a->page.apps[i].failed)
			return &a->page.apps[i];
	return NULL;
}

/* BlockInStatusPage: without the "continue anyway" bit the user stays on the page. */
static const char *page_blocks(const struct analysis *a)
{
	const struct ed_stored_fact *f = first_sync(a, "BlockInStatusPage");

	if (!f || !f->fact.has_number)
		return "Whether the page lets the user go on is not in the evidence.";
	return f->fact.number & 4 ? "The page lets the user go on without it."
				  : "The page does not let the user go on.";
}

static void test_app_failed(struct analysis *a, struct finding_case *c)
{
	const struct page_app *failed = failed_app(a);
	struct ed_str name = failed ? failed->app.name : ED_STR("");
	struct ed_str code = failed ? failed->app.error : (struct ed_str){ NULL, 0 };
	struct ed_link *link;

	if (!failed && !a->page.error_code)
		return;
	if (!code.len && a->page.error_code)
		code = say_code(a, a->page.error_code);
	c->holds = ED_TRI_YES;
	c->no_restart = true;
	c->goes_on = !failed; /* only the page's text has a code, and the page is at it still */
	link = add_link(c,
			failed ? say(a, "A tracked app is in error: %.*s%s%.*s.", ED_FMT(name),
				     failed->app.error.len ? ", " : "", ED_FMT(failed->app.error))
			       : say(a, "The page shows an error for its apps: 0x%08x.",
				     (unsigned)a->page.error_code),
			ED_TIME_NONE, false);
	if (failed)
		link_cite(a, link, cite_fact(a, failed->fact));
	else if (a->page.category)
		link_cite(a, link, cite_fact(a, a->page.category));
	add_missing(c, ED_STR("the installer's own log: the management extension's "
			      "AppWorkload.log, or the MSI "
			      "log"));
	c->because = say(
		a, "The page waits for an app that failed%s%.*s%s%.*s. %s%s", failed ? ": " : "",
		ED_FMT(name), code.len ? ", " : "", ED_FMT(code), page_blocks(a),
		failed && failed->winget ? " It is a Store app of the present kind (WinGet): the "
					   "management extension installs it, without the Store's "
					   "sign-in."
					 : "");
}

/* The enrolment stands for the start of the device phase, unless the page's log, not read, knows
 * of a later one. */
static bool start_inferred(const struct analysis *a)
{
	const struct mark *start = a->page.phase_start;

	return start->kind == EV_MDM_ENROLLED && !channel_covers(a, CH_SHELL, start->key);
}

static void test_timeout(struct analysis *a, struct finding_case *c)
{
	const struct page *p = &a->page;
	bool passed = p->limit_passed && p->esp.phase != ED_PHASE_DONE && !p->ended_badly &&
		      !p->continued && !p->done_by_event;
	struct ed_link *link;

	if (!p->timed_out && !passed) {
		if (p->esp.minutes_left != ED_UNKNOWN && !p->limit_passed)
			rule_out(a, c,
				 p->esp.minutes_left
					 ? say(a, "%lld minutes of the page's limit are left",
					       (long long)p->esp.minutes_left)
					 : ED_STR("the page's limit has not passed yet"),
				 p->phase_start);
		return;
	}
	c->holds = ED_TRI_YES;
	c->no_restart = true;
	if (p->timed_out) {
		link = add_link(c, ED_STR("The page ended with a time-out."), mark_at(p->timed_out),
				false);
		link_mark(a, link, p->timed_out);
	} else {
		link = add_link(c,
				say(a, "The page's limit of %lld minutes passed at %s.",
				    (long long)p->esp.timeout_minutes,
				    say_clock(a, p->esp.deadline_at)),
				p->esp.deadline_at, start_inferred(a));
		link_mark(a, link, p->phase_start);
		link_cite(a, link, cite_fact(a, p->limit));
	}
	c->because = ED_STR("The page's own time limit passed before all it waits for was there.");
}

static void test_continued(struct analysis *a, struct finding_case *c)
{
	struct ed_link *link;

	if (!a->page.continued)
		return;
	c->holds = ED_TRI_YES;
	c->no_restart = true;
	link = add_link(c, ED_STR("The page ended in a failure."), mark_at(a->page.ended_before),
			false);
	link_mark(a, link, a->page.ended_before);
	link = add_link(c, ED_STR("The page was left all the same."), mark_at(a->page.continued),
			false);
	link_mark(a, link, a->page.continued);
	c->because = ED_STR(
		"The page failed and was left with \"continue anyway\": what it waited for may be "
		"missing on the device.");
}

#define PAGE_WAYS "unrequire-store-app", "skip-user-status-page"

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
	{ "esp-reboot",
	  FAMILY_PAGE,
	  ED_BLOCKER,
	  ED_ADMIN,
	  ED_OUTCOME_BLOCKED,
	  "A policy restarted the device inside the account phase",
	  "Take that policy out of the enrolment, and sign in again on the page.",
	  test_reboot,
	  false,
	  NULL,
	  { "fix-policy", "sign-in", NULL } },
	{ "esp-user-sync",
	  FAMILY_PAGE,
	  ED_BLOCKER,
	  ED_ADMIN,
	  ED_OUTCOME_BLOCKED,
	  "The account phase waits for the server, not for an app",
	  "Sync the device; if it stays, skip the account phase of the page.",
	  test_user_sync,
	  false,
	  ANY_CAUSE,
	  { "sync-device", "skip-user-status-page", NULL } },
	{ "esp-app-failed",
	  FAMILY_PAGE,
	  ED_BLOCKER,
	  ED_ADMIN,
	  ED_OUTCOME_FAILED,
	  "An app that the page waits for failed",
	  "Find out why that app failed.",
	  test_app_failed,
	  false,
	  ANY_CAUSE,
	  { "fix-app", PAGE_WAYS, NULL } },
	{ "esp-timeout",
	  FAMILY_PAGE,
	  ED_ERROR,
	  ED_ADMIN,
	  ED_OUTCOME_FAILED,
	  "The page's time limit passed",
	  "Look at what it waited for.",
	  test_timeout,
	  false,
	  ANY_CAUSE,
	  { "unrequire-store-app", "skip-user-status-page", NULL } },
	{ "esp-continued",
	  FAMILY_PAGE,
	  ED_WARNING,
	  ED_ADMIN,
	  ED_OUTCOME_FAILED,
	  "The page failed and was left all the same",
	  "Check what is missing on the device.",
	  test_continued,
	  false,
	  ANY_CAUSE,
	  { "fix-app", NULL } },
};
const size_t finding_rows_page_count = ED_COUNT(finding_rows_page);

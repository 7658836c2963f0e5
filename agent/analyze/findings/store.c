/* SPDX-License-Identifier: MIT */
/*
 * The Store family: why the Store client cannot get or install the app although the device's
 * compliance is not the reason. In the order of necessity: source allowed, service there, sign-in,
 * network, licence, deployment.
 */
#include "codes.h"
#include "finding.h"

static bool installed_after(const struct analysis *a, int64_t key)
{
	return came_mark(a, key) ||
	       (a->attempts.installed_fact && fact_key_time(a->attempts.installed_fact) > key);
}

static void not_since_installed(struct analysis *a, struct finding_case *c, int64_t key)
{
	const struct mark *came = came_mark(a, key);

	if (came)
		rule_out(a, c, say(a, "the app was installed at %s", say_when(a, came)), came);
	else
		rule_out_fact(a, c, ED_STR("the page's own list shows the app as installed"),
			      a->attempts.installed_fact);
}

static enum code_class class_of(uint32_t code)
{
	const struct code_row *row = code_find(code);

	return row ? row->class : CODE_GENERAL;
}

/* The failed attempts whose code is of @class, and the newest of them. */
struct failures {
	const struct attempt *first, *last;
	size_t count;
};

static struct failures failures_of(const struct analysis *a, enum code_class class,
				   enum code_class or_class)
{
	struct failures f = { 0 };

	for (size_t i = 0; i < a->attempts.count; i++) {
		const struct attempt *t = &a->attempts.items[i];

		if (t->succeeded || !t->hresult || !t->error || t->start->key < a->since ||
		    (class_of(t->hresult) != class && class_of(t->hresult) != or_class))
			continue;
		f.first = f.first ? f.first : t;
		f.last = t;
		f.count++;
	}
	return f;
}

static const struct attempt *last_failure(const struct analysis *a)
{
	for (size_t i = a->attempts.count; i-- > 0;)
		if (!a->attempts.items[i].succeeded && a->attempts.items[i].error &&
		    a->attempts.items[i].start->key >= a->since)
			return &a->attempts.items[i];
	return NULL;
}

/* Attempts that fail with one class of code, and no app since. */
static bool attempts_fail(struct analysis *a, struct finding_case *c, enum code_class class,
			  enum code_class or_class, struct failures *f)
{
	struct ed_link *link;

	const struct attempt *other = last_failure(a);

	*f = failures_of(a, class, or_class);
	if (!f->last || f->last != other) {
		if (other)
			rule_out(a, c,
				 say(a,
				     "the Store's attempts fail with 0x%08x, which is of another "
				     "kind",
				     (unsigned)other->hresult),
				 other->error);
		return false;
	}
	if (installed_after(a, f->last->start->key)) {
		not_since_installed(a, c, f->last->start->key);
		return false;
	}
	c->holds = ED_TRI_YES;
	c->no_restart = true;
	link = add_link(c,
			say(a, "Store attempts fail: %.*s, %zu time%s until %s.",
			    ED_FMT(say_code(a, f->last->hresult)), f->count,
			    f->count == 1 ? "" : "s", say_when(a, f->last->start)),
			mark_at(f->first->start), false);
	link_mark(a, link, f->first->error);
	link_mark(a, link, f->last->error);
	return true;
}

/* A certificate date that does not fit is a TLS error too; with a clock jump it is explained by
 * that. */
static void test_network(struct analysis *a, struct finding_case *c)
{
	struct failures f;
	const struct attempt *last = last_failure(a);

	/* without a System log that covers it nobody knows whether a wrong clock made the error */
	if (last && class_of(last->hresult) == CODE_CLOCK &&
	    !channel_covers(a, CH_SYSTEM, mark_key(last->start)))
		return;
	if (!attempts_fail(a, c, CODE_NETWORK, CODE_CLOCK, &f))
		return;
	add_missing(
		c,
		ED_STR("what blocks it: DNS, proxy, firewall or TLS inspection between the device "
		       "and the Store's addresses"));
	c->because = say(a, "The Store cannot be reached (0x%08x). %s", (unsigned)f.last->hresult,
			 code_meaning(f.last->hresult));
}

/* The package is one that the page waits for; without a list of those any package may be. */
static bool page_waits_for(const struct analysis *a, struct ed_str package)
{
	bool any = false;

	for (size_t i = 0; i < a->page.app_count; i++) {
		const struct page_app *app = &a->page.apps[i];
		size_t cut;

		if (!ed_str_eq(ed_str_from(app->app.kind), ED_STR("store")))
			continue;
		any = true;
		cut = ed_str_find(app->app.name, ED_STR("_"), 0);
		if (!app->done &&
		    ed_str_ifind(package, ed_str_slice(app->app.name, 0, cut), 0) != SIZE_MAX)
			return true;
	}
	return !any;
}

/* The newest error of the licensing service about an app that is waited for; NULL none. */
static const struct mark *licence_error(const struct analysis *a, uint32_t *code)
{
	static const enum event_key kinds[] = { EV_LICENCE_103, EV_LICENCE_110, EV_LICENCE_111,
						EV_LICENCE_112, EV_LICENCE_113, EV_LICENCE_114,
						EV_LICENCE_120 };
	const struct mark *found = NULL;

	for (size_t i = 0; i < a->mark_count; i++) {
		const struct mark *m = &a->marks[i];
		struct ed_str package = mark_field(m, "PackageName");
		uint32_t one;

		if (!mark_is(m, kinds, ED_COUNT(kinds)) || !mark_u32(m, "HRESULT", &one) || !one ||
		    (package.len && !page_waits_for(a, package)))
			continue;
		found = m;
		*code = one;
	}
	return found;
}

static void test_license(struct analysis *a, struct finding_case *c)
{
	uint32_t code = 0;
	const struct mark *error = licence_error(a, &code);
	struct ed_link *link;
	struct failures f;

	if (attempts_fail(a, c, CODE_LICENSE, CODE_LICENSE, &f)) {
		link_mark(a, &c->links[c->link_count - 1], error);
		code = f.last->hresult;
	} else if (error && !last_failure(a) && !installed_after(a, error->key)) {
		c->holds = ED_TRI_YES;
		c->no_restart = true;
		link = add_link(
			c, say(a, "The licensing service gave no licence: 0x%08x.", (unsigned)code),
			mark_at(error), false);
		link_mark(a, link, error);
	} else {
		return;
	}
	c->because = say(a, "The Store gives no licence for the app (0x%08x). %s", (unsigned)code,
			 code_meaning(code));
}

/* What failed as a wrong clock makes it fail: sign-ins and attempts. */
struct clock_trouble {
	struct failures attempts;
	const struct denial *denied; /* the newest; NULL none */
	int64_t first, last;         /* ordering keys */
};

static struct clock_trouble clock_trouble(const struct analysis *a)
{
	struct clock_trouble t = { .attempts = failures_of(a, CODE_CLOCK, CODE_CLOCK),
				   .first = INT64_MAX,
				   .last = ED_TIME_NONE };

	if (t.attempts.last) {
		t.first = t.attempts.first->start->key;
		t.last = t.attempts.last->start->key;
	}
	for (size_t i = 0; i < a->store_denials.count; i++) {
		const struct denial *d = &a->store_denials.items[i];

		if (!denial_by_clock(d) || d->mark->key < a->since)
			continue;
		t.denied = d;
		t.first = d->mark->key < t.first ? d->mark->key : t.first;
		t.last = d->mark->key > t.last ? d->mark->key : t.last;
	}
	return t;
}

static int64_t jump_size(const struct clock_jump *jump)
{
	return jump->to > jump->from ? jump->to - jump->from : jump->from - jump->to;
}

/* How long before or after a failure a jump still has to do with it. */
#define AROUND (60 * ED_TICKS_PER_MINUTE)

/* The largest jump of more than five minutes around @t; around anything when that is NULL. */
static const struct clock_jump *largest_jump(const struct analysis *a,
					     const struct clock_trouble *t)
{
	const struct clock_jump *largest = NULL;

	for (size_t i = 0; i < a->jump_count; i++) {
		const struct clock_jump *j = &a->jumps[i];
		/* what came before a forward jump was logged by the old time */
		int64_t before = j->mark && j->to > j->from ? j->from : mark_key(j->mark);

		if (!j->mark || jump_size(j) <= 5 * ED_TICKS_PER_MINUTE ||
		    (largest && jump_size(j) <= jump_size(largest)) ||
		    (t && (before > t->last + AROUND || j->mark->key < t->first - AROUND)))
			continue;
		largest = j;
	}
	return largest;
}

static bool clock_made_it(const struct analysis *a)
{
	struct clock_trouble t = clock_trouble(a);

	return t.last != ED_TIME_NONE && largest_jump(a, &t);
}

static void link_jump(struct analysis *a, struct finding_case *c, const struct clock_jump *jump)
{
	struct ed_link *link =
		add_link(c, ED_STR("The clock was changed by more than five minutes."),
			 mark_at(jump->mark), false);

	link_mark(a, link, jump->mark);
}

/* A jump alone is worth a line and never a cause. */
static void tell_jump(struct analysis *a, struct finding_case *c, const struct clock_jump *jump)
{
	link_jump(a, c, jump);
	c->holds = ED_TRI_YES;
	c->only_info = true;
	c->because = ED_STR("The clock jumped, but nothing failed around that time as a wrong "
			    "clock makes it fail.");
}

static void test_clock_denied(struct analysis *a, struct finding_case *c,
			      const struct denial *denied, const struct clock_jump *jump)
{
	struct ed_link *link;

	if (denied != &a->store_denials.items[a->store_denials.count - 1] ||
	    installed_after(a, denied->mark->key))
		return;
	c->holds = ED_TRI_YES;
	c->no_restart = true;
	link = add_link(c,
			say(a, "Store sign-in refused because of the time: AADSTS%u.",
			    (unsigned)denied->code),
			mark_at(denied->mark), false);
	link_mark(a, link, denied->mark);
	link_jump(a, c, jump);
	c->because = say(a,
			 "The device's clock was wrong: its tokens count as not yet or no longer "
			 "valid (AADSTS%u).",
			 (unsigned)denied->code);
}

/* A wrong clock makes these failures; a jump alone proves nothing. */
static void test_clock(struct analysis *a, struct finding_case *c)
{
	struct clock_trouble t = clock_trouble(a);
	const struct clock_jump *any = largest_jump(a, NULL);
	const struct clock_jump *jump = t.last != ED_TIME_NONE ? largest_jump(a, &t) : NULL;
	struct failures f;

	if (!jump) {
		if (any)
			tell_jump(a, c, any);
		return;
	}
	if (t.denied) {
		test_clock_denied(a, c, t.denied, jump);
		return;
	}
	if (!attempts_fail(a, c, CODE_CLOCK, CODE_CLOCK, &f))
		return;
	link_jump(a, c, jump);
	c->because = say(
		a,
		"The device's clock was wrong: certificates count as not yet or no longer valid "
		"(0x%08x).",
		(unsigned)f.last->hresult);
}

static void test_conditional_access(struct analysis *a, struct finding_case *c)
{
	const struct denial *first = NULL, *last = NULL, *compliance = NULL;
	bool wrong_clock = clock_made_it(a), unclear;
	struct ed_link *link;
	size_t count = 0;

	for (size_t i = 0; i < a->store_denials.count; i++) {
		const struct denial *d = &a->store_denials.items[i];

		if (d->mark->key < a->since)
			continue;
		if (denial_of_compliance(d)) {
			compliance = d;
			continue;
		}
		if (wrong_clock && denial_by_clock(d))
			continue;
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
	if (installed_after(a, last->mark->key)) {
		not_since_installed(a, c, last->mark->key);
		return;
	}
	/* without a System log that covers it nobody knows whether a wrong clock made it */
	unclear = denial_by_clock(last) && !channel_covers(a, CH_SYSTEM, last->mark->key);
	c->holds = ED_TRI_YES;
	c->no_restart = true;
	link = add_link(c,
			say(a, "Store sign-in refused: AADSTS%u, %zu time%s until %s.",
			    (unsigned)last->code, count, count == 1 ? "" : "s",
			    say_when(a, last->mark)),
			mark_at(first->mark), unclear);
	link_mark(a, link, first->mark);
	link_mark(a, link, last->mark);
	if (unclear)
		add_missing(c, ED_STR(CH_SYSTEM ": whether the clock was wrong then"));
	add_missing(c, ED_STR("which policy refused it: the sign-in's Conditional Access tab in "
			      "Entra ID"));
	c->because =
		say(a,
		    "A Conditional Access policy or sign-in rule refuses the Store client with "
		    "AADSTS%u. That is not about the device's compliance.",
		    (unsigned)last->code);
}

/* Registry values that forbid the source of Store apps, and the value that does. */
static const struct policy {
	const char *key_tail, *name;
	uint64_t forbids;
} policies[] = {
	{ "\\Policies\\Microsoft\\Windows\\AppInstaller", "EnableAppInstaller", 0 },
	{ "\\Policies\\Microsoft\\Windows\\AppInstaller", "EnableMicrosoftStoreSource", 0 },
	{ "\\device\\ApplicationManagement", "DisableStoreOriginatedApps", 1 },
};

static bool nothing_installed(struct analysis *a, struct finding_case *c)
{
	if (!installed_after(a, a->since))
		return true;
	not_since_installed(a, c, a->since);
	return false;
}

static void test_policy(struct analysis *a, struct finding_case *c)
{
	for (size_t i = 0; i < ED_COUNT(policies); i++) {
		const struct ed_stored_fact *f =
			registry_value(a, policies[i].key_tail, policies[i].name);
		struct ed_link *link;

		if (!f || !f->fact.has_number || f->fact.number != policies[i].forbids)
			continue;
		if (!nothing_installed(a, c))
			return;
		c->holds = ED_TRI_YES;
		c->no_restart = true;
		link = add_link(c,
				say(a, "Policy %s = %llu forbids the source of Store apps.",
				    policies[i].name, (unsigned long long)f->fact.number),
				ED_TIME_NONE, false);
		link_cite(a, link, cite_fact(a, f));
		c->because = say(a, "The policy %s forbids the source that Store apps come from.",
				 policies[i].name);
		return;
	}
}

/* Services without which no Store app installs; Start 4 is disabled. */
static const char *const services[] = { "InstallService", "ClipSVC", "AppXSvc", "wuauserv" };

static void test_service(struct analysis *a, struct finding_case *c)
{
	for (size_t i = 0; i < ED_COUNT(services); i++) {
		const struct ed_stored_fact *f =
			registry_value(a, say(a, "\\Services\\%s", services[i]).p, "Start");
		struct ed_link *link;

		if (!f || !f->fact.has_number || f->fact.number != 4)
			continue;
		if (!nothing_installed(a, c))
			return;
		c->holds = ED_TRI_YES;
		c->no_restart = true;
		link = add_link(c, say(a, "The service %s is disabled.", services[i]), ED_TIME_NONE,
				false);
		link_cite(a, link, cite_fact(a, f));
		c->because = say(a, "The service %s is disabled; without it no Store app installs.",
				 services[i]);
		return;
	}
}

/* The Store's newest attempt then failed: the package is its own, or one that it needs. */
static bool in_failed_attempt(const struct analysis *a, const struct mark *m)
{
	const struct attempt *items = a->attempts.items;
	size_t low = 0, high = a->attempts.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (items[middle].start->key <= m->key)
			low = middle + 1;
		else
			high = middle;
	}
	return low && items[low - 1].hresult && !items[low - 1].succeeded;
}

/* The package came and deployment failed: 401 or 404 with a code, or the attempt's own code says
 * so. What the page does not wait for and no attempt needs is not in its way. */
static const struct mark *deployment_failure(const struct analysis *a, uint32_t *code)
{
	const struct mark *found = NULL;

	for (size_t i = 0; i < a->mark_count; i++) {
		const struct mark *m = &a->marks[i];
		struct ed_str package;
		uint32_t one;

		if ((m->kind != EV_APPX_FAILED && m->kind != EV_APPX_FAILURE) ||
		    !mark_u32(m, "ErrorCode", &one) || !one || !deployed_by_store(m) ||
		    m->key < a->since)
			continue;
		package = mark_field(m, "PackageFullName");
		if (package.len && !page_waits_for(a, package) && !in_failed_attempt(a, m))
			continue;
		found = m;
		*code = one;
	}
	return found;
}

/* Without deployment's own log the attempts' code tells: it is of a package or of the disk. */
static void test_deployment_by_attempts(struct analysis *a, struct finding_case *c)
{
	struct failures f;

	if (!attempts_fail(a, c, CODE_PACKAGE, CODE_DISK, &f))
		return;
	c->links[c->link_count - 1].inferred =
		!channel_covers(a, CH_APPX, mark_key(f.first->start));
	c->first_action = class_of(f.last->hresult) == CODE_DISK ? "free-disk-space" : NULL;
	add_missing(c, ED_STR(CH_APPX ": 401 and 404 tell which package failed and why"));
	c->because = say(a, "The package came, but deploying it failed (0x%08x). %s",
			 (unsigned)f.last->hresult, code_meaning(f.last->hresult));
}

static void test_deployment(struct analysis *a, struct finding_case *c)
{
	uint32_t code = 0;
	const struct mark *failure = deployment_failure(a, &code);
	const struct code_row *row;
	struct ed_str package;
	struct ed_link *link;

	if (!failure) {
		test_deployment_by_attempts(a, c);
		return;
	}
	if (installed_after(a, failure->key)) {
		not_since_installed(a, c, failure->key);
		return;
	}
	row = code_find(code);
	/* what the Store could not even fetch is the network's or the sign-in's finding */
	if (row && (row->class == CODE_NETWORK || row->class == CODE_SIGN_IN ||
		    row->class == CODE_LICENSE)) {
		rule_out(a, c, ED_STR("deployment stopped at fetching the package"), failure);
		return;
	}
	c->holds = ED_TRI_YES;
	c->no_restart = true;
	c->first_action = row && row->class == CODE_DISK ? "free-disk-space" : NULL;
	package = mark_field(failure, "PackageFullName");
	package = ed_str_slice(package, 0, ed_str_find(package, ED_STR("_"), 0));
	link = add_link(c,
			say(a, "Package deployment%s%.*s failed with 0x%08x.",
			    package.len ? " of " : "", ED_FMT(package), (unsigned)code),
			mark_at(failure), false);
	link_mark(a, link, failure);
	c->because = say(a, "The package%s%.*s%s came, but deploying it failed (0x%08x). %s",
			 package.len ? " (" : "", ED_FMT(package), package.len ? ")" : "",
			 (unsigned)code, code_meaning(code));
}

#define STORE_WAYS "unrequire-store-app", "skip-user-status-page"

const struct finding_row finding_rows_store[] = {
	{ "store-policy",
	  FAMILY_STORE,
	  ED_BLOCKER,
	  ED_ADMIN,
	  ED_OUTCOME_BLOCKED,
	  "A policy forbids the source of Store apps",
	  "Change that policy and sync the device.",
	  test_policy,
	  false,
	  NULL,
	  { "fix-policy", STORE_WAYS, NULL } },
	{ "store-service-disabled",
	  FAMILY_STORE,
	  ED_BLOCKER,
	  ED_ADMIN,
	  ED_OUTCOME_BLOCKED,
	  "A service that the Store needs is disabled",
	  "Enable the service.",
	  test_service,
	  false,
	  NULL,
	  { "enable-service", STORE_WAYS, NULL } },
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
	{ "clock-skew",
	  FAMILY_STORE,
	  ED_BLOCKER,
	  ED_TECHNICIAN,
	  ED_OUTCOME_BLOCKED,
	  "The device's clock was wrong",
	  "Set the clock, and try again.",
	  test_clock,
	  false,
	  NULL,
	  { "fix-clock", NULL } },
	{ "store-network",
	  FAMILY_STORE,
	  ED_BLOCKER,
	  ED_NETWORK,
	  ED_OUTCOME_BLOCKED,
	  "The Store cannot be reached",
	  "Let the device reach the Store's addresses without TLS inspection.",
	  test_network,
	  false,
	  "clock-skew",
	  { "fix-network", STORE_WAYS, NULL } },
	{ "store-license",
	  FAMILY_STORE,
	  ED_BLOCKER,
	  ED_ADMIN,
	  ED_OUTCOME_BLOCKED,
	  "The Store gives no licence for the app",
	  "Check the app's licence and assignment.",
	  test_license,
	  false,
	  NULL,
	  { "fix-app", "use-offline-app", STORE_WAYS, NULL } },
	{ "appx-deployment",
	  FAMILY_STORE,
	  ED_BLOCKER,
	  ED_ADMIN,
	  ED_OUTCOME_BLOCKED,
	  "The package came, but could not be deployed",
	  "Remove what the code names, and try again.",
	  test_deployment,
	  false,
	  NULL,
	  { "fix-app", STORE_WAYS, NULL } },
};
const size_t finding_rows_store_count = ED_COUNT(finding_rows_store);

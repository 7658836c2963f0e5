/* SPDX-License-Identifier: MIT */
/* What the tests of the compliance family share: the refusal, what a start measured, and their
 * links. */
#include "compliance.h"

/* Compliance is judged anew within this time of a start or of the first sign-in after it. */
#define COMPLIANCE_WAIT (30 * ED_TICKS_PER_MINUTE)

/* The Store's own loop: attempts this far apart. */
enum { LOOP_LEAST_SECONDS = 120, LOOP_MOST_SECONDS = 300 };

/* An HRESULT of the sign-in library that asks for interaction: the 0xCAA2… class. */
static bool sign_in_error(uint32_t hresult)
{
	return hresult >> 16 == 0xCAA2;
}

/* Without a sign-in log that covers the attempts, a tight loop of sign-in errors stands for a
 * denial. */
static void find_loop(const struct analysis *a, struct refusal *r)
{
	const struct attempts *t = &a->attempts;

	for (size_t i = 0; i < t->count; i++) {
		if (t->items[i].succeeded || !sign_in_error(t->items[i].hresult) ||
		    t->items[i].start->key < a->since)
			continue;
		if (!r->loop_first)
			r->loop_first = &t->items[i];
		r->loop_last = &t->items[i];
	}
	if (!r->loop_first || r->loop_first == r->loop_last || t->median_seconds == ED_UNKNOWN ||
	    t->median_seconds < LOOP_LEAST_SECONDS || t->median_seconds > LOOP_MOST_SECONDS ||
	    channel_covers(a, CH_AAD, mark_key(r->loop_first->start)))
		r->loop_first = r->loop_last = NULL;
}

struct refusal find_refusal(const struct analysis *a)
{
	struct refusal r = { 0 };
	bool any = false;

	for (size_t i = 0; i < a->store_denials.count; i++) {
		const struct denial *d = &a->store_denials.items[i];

		if (d->mark->key < a->since)
			continue;
		any = true;
		if (!denial_of_compliance(d))
			continue;
		if (!r.first)
			r.first = d;
		r.last = d;
		r.count++;
	}
	if (!any)
		find_loop(a, &r);
	return r;
}

bool refused(const struct refusal *r)
{
	return r->first || r->loop_first;
}

int64_t refusal_last_key(const struct refusal *r)
{
	return r->last ? r->last->mark->key : r->loop_last->start->key;
}

/* Proof that an app came after the last refusal. */
bool came_after(const struct analysis *a, const struct refusal *r)
{
	if (came_mark(a, refusal_last_key(r)))
		return true;
	return a->attempts.installed_fact &&
	       fact_key_time(a->attempts.installed_fact) > refusal_last_key(r);
}

/* The refusal stands: it happened, and no app came since. */
bool refusal_stands(const struct analysis *a, struct finding_case *c, struct refusal *r)
{
	*r = find_refusal(a);
	if (refused(r) && !came_after(a, r))
		return true;
	if (!refused(r))
		c->holds = a->store_denials.count || channel_covers(a, CH_AAD, a->at)
				   ? ED_TRI_NO
				   : ED_TRI_UNKNOWN;
	else
		c->holds = ED_TRI_NO;
	return false;
}

/* A user's app needs the user's token and comes in the account phase; a device's needs neither. */
static bool is_user_app(const struct page_app *app)
{
	return ed_str_istarts(app->fact->fact.name, ED_STR("./User/")) ||
	       ed_str_find(app->fact->fact.path, ED_STR("\\S-1-"), 0) != SIZE_MAX;
}

/* The end of the story: the Store app that the page still waits for. */
static void link_waits(struct analysis *a, struct finding_case *c)
{
	for (size_t i = 0; i < a->page.app_count; i++) {
		const struct page_app *app = &a->page.apps[i];
		struct ed_link *link;

		if (app->done || !ed_str_eq(ed_str_from(app->app.kind), ED_STR("store")))
			continue;
		link = add_link(c,
				say(a, "The page waits for %.*s, %s.", ED_FMT(app->app.name),
				    is_user_app(app) ? "a user's app: it needs that sign-in"
						     : "a device's app"),
				ED_TIME_NONE, false);
		link_cite(a, link, cite_fact(a, app->fact));
		return;
	}
}

void link_refusal(struct analysis *a, struct finding_case *c, const struct refusal *r)
{
	struct ed_link *link;

	if (!r->first) {
		link = add_link(
			c,
			say(a,
			    "Store fails every %lld s with sign-in error 0x%08x; no sign-in log "
			    "covers that: the denial is inferred.",
			    (long long)a->attempts.median_seconds, (unsigned)r->loop_last->hresult),
			mark_at(r->loop_first->start), true);
		link_mark(a, link, r->loop_first->error);
		link_mark(a, link, r->loop_last->error);
		link_waits(a, c);
		add_missing(c, ED_STR(CH_AAD
				      ": or the sign-in log in Entra ID for client " STORE_CLIENT_ID
				      " at these times; AADSTS53000 there proves the denial"));
		return;
	}
	link = add_link(
		c,
		say(a, "Store sign-in refused as not compliant: AADSTS%u, %zu time%s until %s.",
		    (unsigned)r->last->code, r->count, r->count == 1 ? "" : "s",
		    say_when(a, r->last->mark)),
		mark_at(r->first->mark), false);
	link_mark(a, link, r->first->mark);
	link_mark(a, link, r->last->mark);
	link_waits(a, c);
}

/*
 * Which of Intune's two checks asks about encryption: the one that is judged from the boot, or the
 * live one. Only traces of them are on the device.
 */
static const char *check_in_play(const struct analysis *a)
{
	bool boot =
		a->attestation.certificate || a->attestation.failure || a->attestation.failure_fact;
	bool live = a->protection.live_check != NULL;

	if (boot && live)
		return "traces of both checks were seen, the boot-measured and the live one";
	if (boot)
		return "traces of the boot-measured check (\"Require BitLocker\") were seen";
	if (live)
		return "traces of the live check (\"Require encryption of data storage\") were "
		       "seen";
	return "which check asks, the boot-measured or the live one, is unknown";
}

void missing_policy(struct analysis *a, struct finding_case *c)
{
	add_missing(c, say(a,
			   "the tenant's compliance policy: that it asks for BitLocker is on no "
			   "device; %s "
			   "(Intune admin center > Devices > Compliance)",
			   check_in_play(a)));
}

/* The last real start, with what was measured. */
void link_start(struct analysis *a, struct finding_case *c, bool needs_no_later)
{
	const struct attestation *t = &a->attestation;
	bool inferred;
	struct ed_link *link;

	if (!t->last_start) {
		link = add_link(
			c,
			ED_STR("Newest boot log: BitLocker did not unlock the disk at the last "
			       "start; its time is not in the evidence."),
			ED_TIME_NONE, true);
		link_cite(a, link, cite_measured(a));
		add_missing(
			c, ED_STR(CH_SYSTEM ": Kernel-General 12 tells when Windows last started"));
		return;
	}
	inferred = needs_no_later &&
		   (t->last_wake || !channel_covers(a, CH_SYSTEM, mark_key(t->last_start->mark)));
	link = add_link(
		c,
		say(a, "Last real start of Windows%s.%s",
		    t->measured == ED_TRI_YES  ? "; BitLocker unlocked the disk then"
		    : t->measured == ED_TRI_NO ? "; BitLocker did not unlock the disk then"
					       : "",
		    t->last_wake
			    ? " Only a fast startup or resume since: that it refreshes nothing "
			      "is inferred."
			    : ""),
		mark_at(t->last_start->mark), inferred);
	link_mark(a, link, t->last_start->mark);
	if (t->last_wake)
		link_mark(a, link, t->last_wake->mark);
	if (t->log || t->boot_status)
		link_cite(a, link, cite_measured(a));
	if (inferred && !t->last_wake)
		add_missing(c, ED_STR(CH_SYSTEM
				      ": parts of it are lost; a later start may be in them"));
}

void link_live(struct analysis *a, struct finding_case *c, struct ed_str claim)
{
	link_cite(a, add_link(c, claim, ED_TIME_NONE, false), cite_live(a));
}

void rule_out_live(struct analysis *a, struct finding_case *c, struct ed_str because)
{
	struct ed_link link = { 0 };

	c->holds = ED_TRI_NO;
	c->why_not = because;
	link_cite(a, &link, cite_live(a));
	c->why_not_refs = link.evidence;
}

bool surely_protected(const struct analysis *a)
{
	return a->protection.state == VOLUME_PROTECTED &&
	       (!a->protection.armed_inferred || a->live.state == LIVE_PROTECTED);
}

/* That it is on now, by the live state alone; the events only tell until when it was not. */
static void link_protection_live(struct analysis *a, struct finding_case *c)
{
	const struct protection *p = &a->protection;
	const struct attestation *t = &a->attestation;
	struct ed_link *link;

	link = add_link(c,
			p->armed ? ED_STR("BitLocker protection of C: is on now (live state); it "
					  "came on after this.")
			: a->live.on_since_start
				? ED_STR("BitLocker protection of C: is on now (live state), and "
					 "was not at the last start: it came on since.")
				: ED_STR("BitLocker protection of C: is on now (live state)."),
			mark_at(p->armed), !p->armed && !(a->live.on_since_start && t->log));
	link_mark(a, link, p->armed);
	link_cite(a, link, cite_live(a));
	if (!p->armed && a->live.on_since_start)
		link_cite(a, link, cite_measured(a));
	add_missing(c, ED_STR(CH_BITLOCKER ": shows when protection was turned on (775, 774)"));
}

/* The events leave open whether protection is on; the live state says so, and they say since which
 * side of the last start. */
static bool live_settles(const struct analysis *a)
{
	const struct protection *p = &a->protection;
	const struct boot *start = a->attestation.last_start;

	return a->live.state == LIVE_PROTECTED && p->armed != p->completed && start &&
	       p->armed->key > start->mark->key;
}

void link_protection(struct analysis *a, struct finding_case *c)
{
	bool inferred, unseen;
	const struct protection *p = &a->protection;
	struct ed_link *link;

	if (p->armed_by_live) {
		link_protection_live(a, c);
		return;
	}
	inferred = p->armed_inferred && !live_settles(a);
	unseen = !p->armed_inferred && a->live.state != LIVE_PROTECTED &&
		 !none_later(a, c, p->armed);
	link = add_link(c,
			inferred ? ED_STR("Encryption of C: began; that protection is on since is "
					  "inferred from the driver's events.")
			: p->armed_inferred
				? ED_STR("Encryption of C: began, and protection is on now (live "
					 "state).")
			: p->armed->kind == EV_BL_RESUMED
				? ED_STR("BitLocker protection of C: resumed, and on since.")
				: ED_STR("BitLocker protection of C: turned on, and on since."),
			mark_at(p->armed), inferred || unseen);
	if (p->started && p->started != p->armed)
		link_mark(a, link, p->started);
	link_mark(a, link, p->armed);
	if (a->live.state == LIVE_PROTECTED)
		link_cite(a, link, cite_live(a));
	if (inferred)
		add_missing(c, ED_STR(CH_BITLOCKER ": shows whether protection is on (775, 774)"));
}

bool exclusion_is_sound(const struct analysis *a, const struct refusal *r)
{
	const struct boot *start = a->attestation.last_start;

	return r->first && start && channel_covers(a, CH_MDM, mark_key(start->mark));
}

static bool any_registry(const struct analysis *a)
{
	for (size_t i = 0; i < a->evidence->fact_count; i++)
		if (a->evidence->facts[i].fact.kind == ED_FACT_REGISTRY)
			return true;
	return false;
}

bool attestation_not_failed(const struct analysis *a)
{
	const struct attestation *t = &a->attestation;

	return t->certificate || t->fine_fact ||
	       (t->last_start && any_registry(a) &&
		channel_covers(a, CH_SYSTEM, mark_key(t->last_start->mark)));
}

void link_attestation_fine(struct analysis *a, struct finding_case *c)
{
	const struct attestation *t = &a->attestation;
	struct ed_link *link;

	if (t->certificate) {
		link = add_link(c, ED_STR("Health certificate of the device obtained."),
				mark_at(t->certificate), false);
		link_mark(a, link, t->certificate);
	} else if (t->fine_fact) {
		link = add_link(c, ED_STR("The last attestation succeeded (AttestStatus 0)."),
				ED_TIME_NONE, false);
		link_cite(a, link, cite_fact(a, t->fine_fact));
	} else {
		link = add_link(
			c,
			ED_STR("No failure of attestation is logged since; that it succeeded is "
			       "inferred."),
			ED_TIME_NONE, true);
		link_cite(a, link, cite_channel(a, CH_SYSTEM));
		add_missing(c,
			    ED_STR("1537 (TPM-WMI) or AttestStatus 0: that attestation succeeded"));
	}
}

bool refused_since_start(const struct analysis *a, const struct refusal *r)
{
	return !a->attestation.last_start ||
	       refusal_last_key(r) >= a->attestation.last_start->mark->key;
}

bool fails_otherwise(const struct analysis *a, const struct refusal *r)
{
	for (size_t i = 0; i < a->attempts.count; i++) {
		const struct attempt *t = &a->attempts.items[i];

		if (t->start->key > refusal_last_key(r) + ED_TICKS_PER_MINUTE && !t->succeeded &&
		    t->hresult && !sign_in_error(t->hresult))
			return true;
	}
	return false;
}

bool unprotected_since_start(const struct analysis *a)
{
	const struct protection *p = &a->protection;
	int64_t since =
		a->attestation.last_start ? a->attestation.last_start->mark->key : INT64_MIN;

	/* BitLocker itself says that it is on: it knows better */
	if (surely_protected(a))
		return false;
	return (p->csp_status && (p->csp_bits & 0x4) && p->csp_status->key >= since) ||
	       (p->os_unprotected && p->os_unprotected->key >= since);
}

static bool armed_before_start(const struct analysis *a)
{
	const struct protection *p = &a->protection;
	const struct boot *start = a->attestation.last_start;

	return p->armed && start && p->armed->key < start->mark->key;
}

bool boot_log_contradicts(const struct analysis *a)
{
	return armed_before_start(a) && a->attestation.measured == ED_TRI_NO;
}

enum measured measured_at_start(const struct analysis *a)
{
	const struct attestation *t = &a->attestation;

	if (t->measured == ED_TRI_YES)
		return t->log ? MEASURED_ON : MEASURED_ON_INFERRED;
	if (boot_log_contradicts(a))
		return MEASURED_UNKNOWN;
	if (armed_before_start(a))
		return MEASURED_ON_INFERRED;
	return t->measured == ED_TRI_NO ? MEASURED_OFF : MEASURED_UNKNOWN;
}

void link_measured(struct analysis *a, struct finding_case *c)
{
	const struct attestation *t = &a->attestation;
	struct ed_link *link;

	if (a->protection.armed || a->live.state == LIVE_PROTECTED)
		link_protection(a, c);
	if (t->measured == ED_TRI_YES && !t->last_start) {
		link = add_link(
			c,
			ED_STR("The newest measured-boot log shows that BitLocker unlocked the "
			       "volume; when that start was is not in the evidence."),
			ED_TIME_NONE, true);
		link_cite(a, link, cite_measured(a));
		add_missing(
			c, ED_STR(CH_SYSTEM ": Kernel-General 12 tells when Windows last started"));
		return;
	}
	link_start(a, c, false);
	if (t->measured != ED_TRI_YES || !t->log) {
		c->links[c->link_count - 1].inferred = true;
		add_missing(
			c, ED_STR("measured-boot logs (Windows\\Logs\\MeasuredBoot): that the last "
				  "start measured BitLocker is inferred from its order"));
	}
}

static int64_t wait_until_key(const struct analysis *a)
{
	const struct attestation *t = &a->attestation;
	int64_t until;

	if (!t->last_start)
		return ED_TIME_NONE;
	until = t->last_start->mark->key + COMPLIANCE_WAIT;
	if (t->first_sign_in && t->first_sign_in->key + COMPLIANCE_WAIT > until)
		until = t->first_sign_in->key + COMPLIANCE_WAIT;
	return until;
}

void link_late_sign_in(struct analysis *a, struct finding_case *c)
{
	const struct attestation *t = &a->attestation;
	struct ed_link *link;

	if (span_least_seconds(a, t->last_start->mark->key, a->at) <
		    COMPLIANCE_WAIT / ED_TICKS_PER_SECOND ||
	    !t->first_sign_in || channel_covers(a, CH_AAD, t->last_start->mark->key))
		return;
	link = add_link(c,
			ED_STR("First sign-in seen since; that there was none before is inferred: "
			       "the log does not reach back."),
			mark_at(t->first_sign_in), true);
	link_mark(a, link, t->first_sign_in);
	add_missing(c, ED_STR(CH_AAD ": when the first sign-in after the start was"));
}

int64_t compliance_wait_until(const struct analysis *a)
{
	return wait_until_key(a);
}

/* True while the wait may not be over; a forward jump makes the time that passed shorter. */
bool still_waiting(const struct analysis *a)
{
	int64_t until = wait_until_key(a);

	return until != ED_TIME_NONE && span_least_seconds(a, until - COMPLIANCE_WAIT, a->at) <
						COMPLIANCE_WAIT / ED_TICKS_PER_SECOND;
}

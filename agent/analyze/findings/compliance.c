/* SPDX-License-Identifier: MIT */
/*
 * The compliance family: the Store is denied because the device is not compliant. Why it is not
 * follows from three episodes: the denial D, the protection of the OS volume P, the last real start
 * B. B before P: a restart is pending. P never on: not armed. P before B: attestation, time, or
 * another setting. D over and the app installed: recovered.
 */
#include "finding.h"

/* Compliance is judged anew within this time of a start or of the first sign-in after it. */
#define COMPLIANCE_WAIT (30 * ED_TICKS_PER_MINUTE)

/* The Store's own loop: attempts this far apart. */
enum { LOOP_LEAST_SECONDS = 120, LOOP_MOST_SECONDS = 300 };

/* AADSTS codes that mean "the device is not compliant". */
static bool code_means_not_compliant(uint32_t code)
{
	return code == 53000 || code == 530002;
}

/* Denials of the Store for non-compliance. */
struct refusal {
	const struct denial *first, *last;
	size_t count;
	const struct attempt *loop_first, *loop_last; /* inferred from the Store's attempts */
};

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
		if (t->items[i].succeeded || !sign_in_error(t->items[i].hresult))
			continue;
		if (!r->loop_first)
			r->loop_first = &t->items[i];
		r->loop_last = &t->items[i];
	}
	if (!r->loop_first || r->loop_first == r->loop_last || t->median_seconds == ED_UNKNOWN ||
	    t->median_seconds < LOOP_LEAST_SECONDS || t->median_seconds > LOOP_MOST_SECONDS ||
	    channel_covers(a, CH_AAD, mark_at(r->loop_first->start)))
		r->loop_first = r->loop_last = NULL;
}

static struct refusal find_refusal(const struct analysis *a)
{
	struct refusal r = { 0 };

	for (size_t i = 0; i < a->store_denials.count; i++) {
		const struct denial *d = &a->store_denials.items[i];

		if (!code_means_not_compliant(d->code))
			continue;
		if (!r.first)
			r.first = d;
		r.last = d;
		r.count++;
	}
	if (!r.first && !a->store_denials.count)
		find_loop(a, &r);
	return r;
}

static bool refused(const struct refusal *r)
{
	return r->first || r->loop_first;
}

static int64_t refusal_last_key(const struct refusal *r)
{
	return r->last ? r->last->mark->key : r->loop_last->start->key;
}

/* Proof that an app came after the last refusal. */
static bool came_after(const struct analysis *a, const struct refusal *r)
{
	if (a->attempts.installed && a->attempts.installed->key > refusal_last_key(r))
		return true;
	return a->attempts.installed_fact &&
	       fact_key_time(a->attempts.installed_fact) > refusal_last_key(r);
}

/* The refusal stands: it happened, and no app came since. */
static bool refusal_stands(const struct analysis *a, struct finding_case *c, struct refusal *r)
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

static void link_refusal(struct analysis *a, struct finding_case *c, const struct refusal *r)
{
	struct ed_link *link;

	if (!r->first) {
		link = add_link(
			c,
			say(a,
			    "The Store fails about every %lld seconds with sign-in error 0x%08x. "
			    "No sign-in log covers that time: that it is a denial for "
			    "non-compliance is inferred.",
			    (long long)a->attempts.median_seconds, (unsigned)r->loop_last->hresult),
			mark_at(r->loop_first->start), true);
		link_mark(a, link, r->loop_first->error);
		link_mark(a, link, r->loop_last->error);
		add_missing(c, ED_STR(CH_AAD
				      ": or the sign-in log in Entra ID for client " STORE_CLIENT_ID
				      " at these times; AADSTS53000 there proves the denial"));
		return;
	}
	link = add_link(c,
			say(a,
			    "Entra ID refused the Store's sign-in because the device is not "
			    "compliant: AADSTS%u, %zu time%s, from %s to %s.",
			    (unsigned)r->last->code, r->count, r->count == 1 ? "" : "s",
			    say_clock(a, mark_at(r->first->mark)),
			    say_clock(a, mark_at(r->last->mark))),
			mark_at(r->first->mark), false);
	link_mark(a, link, r->first->mark);
	link_mark(a, link, r->last->mark);
}

static void missing_policy(struct finding_case *c)
{
	add_missing(c, ED_STR("the tenant's compliance policy: that it asks for BitLocker is on no "
			      "device (Intune admin center > Devices > Compliance)"));
}

/* The last real start, with what was measured. */
static void link_start(struct analysis *a, struct finding_case *c, bool needs_no_later)
{
	const struct attestation *t = &a->attestation;
	bool inferred;
	struct ed_link *link;

	if (!t->last_start) {
		link = add_link(
			c,
			ED_STR("The newest measured-boot log shows that BitLocker was not on at "
			       "the last start; when that was is not in the evidence."),
			ED_TIME_NONE, true);
		link_cite(a, link, cite_boot_log(a, t->log));
		add_missing(
			c, ED_STR(CH_SYSTEM ": Kernel-General 12 tells when Windows last started"));
		return;
	}
	inferred = needs_no_later &&
		   (t->last_wake || !channel_covers(a, CH_SYSTEM, mark_at(t->last_start->mark)));
	link = add_link(
		c,
		say(a, "Windows last really started at %s%s.%s",
		    say_time(a, mark_at(t->last_start->mark)),
		    t->measured == ED_TRI_YES  ? "; BitLocker unlocked the volume at that start"
		    : t->measured == ED_TRI_NO ? "; its boot log shows no BitLocker unlock"
					       : "",
		    t->last_wake ? " It was woken by a fast startup or resume since: that this "
				   "did not refresh what is attested is inferred."
				 : ""),
		mark_at(t->last_start->mark), inferred);
	link_mark(a, link, t->last_start->mark);
	if (t->last_wake)
		link_mark(a, link, t->last_wake->mark);
	if (t->log)
		link_cite(a, link, cite_boot_log(a, t->log));
	if (inferred && !t->last_wake)
		add_missing(c, ED_STR(CH_SYSTEM
				      ": parts of it are lost; a later start may be in them"));
}

static void link_protection(struct analysis *a, struct finding_case *c)
{
	const struct protection *p = &a->protection;
	struct ed_link *link;

	link = add_link(
		c,
		p->armed_inferred
			? say(a,
			      "Encryption of C: began at %s. That protection is on since then is "
			      "inferred from the driver's events.",
			      say_time(a, mark_at(p->armed)))
			: say(a, "BitLocker protection of C: was %s at %s and is on.",
			      p->armed->kind == EV_BL_RESUMED ? "resumed" : "turned on",
			      say_time(a, mark_at(p->armed))),
		mark_at(p->armed), p->armed_inferred);
	if (p->started && p->started != p->armed)
		link_mark(a, link, p->started);
	link_mark(a, link, p->armed);
	if (p->armed_inferred)
		add_missing(c, ED_STR(CH_BITLOCKER ": shows whether protection is on (775, 774)"));
}

/* What the last start measured: by its log, else by what was on before it. */
enum measured { MEASURED_UNKNOWN, MEASURED_OFF, MEASURED_ON, MEASURED_ON_INFERRED };

static enum measured measured_at_start(const struct analysis *a)
{
	const struct attestation *t = &a->attestation;
	const struct protection *p = &a->protection;
	bool armed_before = p->armed && t->last_start && p->armed->key < t->last_start->mark->key;

	if (t->measured == ED_TRI_YES)
		return MEASURED_ON;
	if (armed_before && t->measured == ED_TRI_UNKNOWN)
		return MEASURED_ON_INFERRED;
	if (armed_before)
		return MEASURED_UNKNOWN; /* the log says no, the events say yes */
	return t->measured == ED_TRI_NO ? MEASURED_OFF : MEASURED_UNKNOWN;
}

static void link_measured(struct analysis *a, struct finding_case *c)
{
	const struct attestation *t = &a->attestation;
	struct ed_link *link;

	if (a->protection.armed)
		link_protection(a, c);
	if (t->measured == ED_TRI_YES && !t->last_start) {
		link = add_link(
			c,
			ED_STR("The newest measured-boot log shows that BitLocker unlocked the "
			       "volume; when that start was is not in the evidence."),
			ED_TIME_NONE, true);
		link_cite(a, link, cite_boot_log(a, t->log));
		add_missing(
			c, ED_STR(CH_SYSTEM ": Kernel-General 12 tells when Windows last started"));
		return;
	}
	link_start(a, c, false);
	if (t->measured != ED_TRI_YES) {
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

int64_t compliance_wait_until(const struct analysis *a)
{
	return wait_until_key(a);
}

/* True while the wait may not be over; a forward jump makes the time that passed shorter. */
static bool still_waiting(const struct analysis *a)
{
	int64_t until = wait_until_key(a);

	return until != ED_TIME_NONE && span_least_seconds(a, until - COMPLIANCE_WAIT, a->at) <
						COMPLIANCE_WAIT / ED_TICKS_PER_SECOND;
}

static void test_recovered(struct analysis *a, struct finding_case *c)
{
	struct refusal r = find_refusal(a);
	struct ed_link *link;

	if (!refused(&r)) {
		c->holds = ED_TRI_NO;
		return;
	}
	if (!came_after(a, &r)) {
		c->holds = ED_TRI_NO;
		return;
	}
	c->holds = ED_TRI_YES;
	if (a->protection.armed)
		link_protection(a, c);
	link_refusal(a, c, &r);
	if (a->attestation.last_start &&
	    a->attestation.last_start->mark->key >
		    (r.first ? r.first->mark->key : r.loop_first->start->key))
		link_start(a, c, false);
	if (a->attestation.certificate) {
		link = add_link(c,
				say(a, "The device's health certificate was obtained at %s.",
				    say_time(a, mark_at(a->attestation.certificate))),
				mark_at(a->attestation.certificate), false);
		link_mark(a, link, a->attestation.certificate);
	}
	if (a->attempts.installed && a->attempts.installed->key > refusal_last_key(&r)) {
		link = add_link(c,
				say(a, "The Store app was installed at %s.",
				    say_time(a, mark_at(a->attempts.installed))),
				mark_at(a->attempts.installed), false);
		link_mark(a, link, a->attempts.installed);
	} else {
		link = add_link(c, ED_STR("The page's own list shows the Store app as installed."),
				fact_key_time(a->attempts.installed_fact), false);
		link_cite(a, link, cite_fact(a, a->attempts.installed_fact));
	}
	c->because =
		say(a,
		    "The Store was refused as not compliant until %s; then the refusals stopped "
		    "and the app was installed.",
		    say_clock(a, r.last ? mark_at(r.last->mark) : mark_at(r.loop_last->start)));
}

static void test_escrow_failed(struct analysis *a, struct finding_case *c)
{
	const struct protection *p = &a->protection;
	struct ed_link *link;
	struct refusal r;

	if (!refusal_stands(a, c, &r))
		return;
	if (!p->escrow_failed) {
		if (p->escrowed)
			rule_out(a, c,
				 say(a, "the recovery key was backed up at %s",
				     say_clock(a, mark_at(p->escrowed))),
				 p->escrowed);
		return;
	}
	c->holds = ED_TRI_YES;
	link = add_link(
		c,
		say(a,
		    "The backup of the recovery key to Entra ID failed at %s (event %u) and has "
		    "not succeeded since.",
		    say_time(a, mark_at(p->escrow_failed)),
		    (unsigned)p->escrow_failed->event->head.id),
		mark_at(p->escrow_failed), false);
	link_mark(a, link, p->escrow_failed);
	link_refusal(a, c, &r);
	missing_policy(c);
	c->because =
		ED_STR("The recovery key could not be backed up to Entra ID, so BitLocker does not "
		       "become compliant, and the Store is refused. No restart helps while the "
		       "backup fails.");
}

/* A protection that waits for, or was turned on after, the last real start. */
static const struct mark *pending_since(const struct analysis *a)
{
	const struct protection *p = &a->protection;

	if (p->state == VOLUME_PROTECTED)
		return p->armed;
	return p->state == VOLUME_RESTART_REQUIRED ? p->after_restart : NULL;
}

static void test_restart_pending(struct analysis *a, struct finding_case *c)
{
	const struct attestation *t = &a->attestation;
	const struct mark *since = pending_since(a);
	struct ed_link *link;
	struct refusal r;

	if (!refusal_stands(a, c, &r) || !since)
		return;
	if (t->measured == ED_TRI_YES) {
		rule_out(a, c,
			 ED_STR("the last start's boot log shows that BitLocker unlocked the "
				"volume"),
			 t->last_start ? t->last_start->mark : NULL);
		if (t->log) {
			struct ed_link log = { .evidence = c->why_not_refs };

			link_cite(a, &log, cite_boot_log(a, t->log));
			c->why_not_refs = log.evidence;
		}
		return;
	}
	if (t->last_start && t->last_start->mark->key >= since->key) {
		rule_out(a, c,
			 say(a, "Windows started at %s, after protection was turned on",
			     say_clock(a, mark_at(t->last_start->mark))),
			 t->last_start->mark);
		return;
	}
	if (!t->last_start && t->measured == ED_TRI_UNKNOWN)
		return; /* neither a start nor a boot log: nothing says which came first */
	c->holds = ED_TRI_YES;
	link_start(a, c, true);
	if (since == a->protection.armed) {
		link_protection(a, c);
	} else {
		link = add_link(c,
				say(a, "BitLocker waits for a restart to begin, since %s.",
				    say_time(a, mark_at(since))),
				mark_at(since), false);
		link_mark(a, link, since);
	}
	link_refusal(a, c, &r);
	missing_policy(c);
	if (!a->protection.escrowed)
		add_missing(c, ED_STR("845: that the recovery key is backed up was not seen; "
				      "confirm it in "
				      "Entra ID before the restart"));
	c->because =
		say(a,
		    "BitLocker was turned on at %s, after the last real start%s%s. \"Require "
		    "BitLocker\" is judged from what was measured at that start, so the device "
		    "counts as not compliant and the Store's sign-in is refused.",
		    say_clock(a, mark_at(since)), t->last_start ? " at " : "",
		    t->last_start ? say_clock(a, mark_at(t->last_start->mark)) : "");
}

static void link_not_armed(struct analysis *a, struct finding_case *c)
{
	const struct protection *p = &a->protection;
	const struct mark *why = p->state == VOLUME_SUSPENDED ? p->suspended : p->lost;
	const struct mark *seen =
		p->csp_status && (p->csp_bits & 0x4) ? p->csp_status : p->os_unprotected;
	struct ed_link *link;
	bool proven;

	if (p->started) {
		link = add_link(
			c,
			say(a, "Encryption of C: began at %s.", say_time(a, mark_at(p->started))),
			mark_at(p->started), false);
		link_mark(a, link, p->started);
		link_mark(a, link, p->completed);
	}
	if (why) {
		link = add_link(c,
				say(a, "Protection was %s at %s and has not come back.",
				    p->state == VOLUME_SUSPENDED ? "suspended" : "taken off",
				    say_time(a, mark_at(why))),
				mark_at(why), false);
		link_mark(a, link, why);
		return;
	}
	proven = seen || (p->started && channel_covers(a, CH_BITLOCKER, mark_at(p->started)));
	link = add_link(
		c,
		seen ? say(a,
			   "The management client finds the OS volume not protected (%s, event "
			   "%u); no TPM protector was created.",
			   say_clock(a, mark_at(seen)), (unsigned)seen->event->head.id)
		     : ED_STR("No TPM protector was created since, and protection was not turned "
			      "on."),
		seen ? mark_at(seen) : mark_at(p->started), !proven);
	link_mark(a, link, seen);
	if (!seen)
		link_cite(a, link, cite_channel(a, CH_BITLOCKER));
	if (!proven)
		add_missing(c, ED_STR(CH_BITLOCKER
				      ": it does not reach back to the start of encryption "
				      "undamaged, so a protector may have been missed"));
}

static void test_not_armed(struct analysis *a, struct finding_case *c)
{
	const struct protection *p = &a->protection;
	struct refusal r;

	if (!refusal_stands(a, c, &r))
		return;
	if (p->state == VOLUME_PROTECTED && !p->armed_inferred) {
		rule_out(a, c,
			 say(a, "protection of C: is on since %s", say_clock(a, mark_at(p->armed))),
			 p->armed);
		return;
	}
	if (p->state != VOLUME_ENCRYPTING && p->state != VOLUME_UNPROTECTED &&
	    p->state != VOLUME_SUSPENDED && p->state != VOLUME_DECRYPTING)
		return;
	c->holds = ED_TRI_YES;
	c->no_restart = true;
	link_not_armed(a, c);
	link_refusal(a, c, &r);
	missing_policy(c);
	c->because =
		p->state == VOLUME_SUSPENDED
			? ED_STR("BitLocker protection of C: is suspended, so the device is not "
				 "compliant and the Store's sign-in is refused. A restart alone "
				 "will "
				 "not help.")
			: ED_STR("C: is encrypted or encrypting, but protection is not on: the key "
				 "still lies on the disk in the clear. The device is not compliant "
				 "and the Store's sign-in is refused. A restart alone will not "
				 "help.");
}

static void test_encrypting(struct analysis *a, struct finding_case *c)
{
	const struct protection *p = &a->protection;
	struct ed_link *link;
	struct refusal r;

	if (!refusal_stands(a, c, &r))
		return;
	if (!p->live_check || !(p->live_flags & 0x20) ||
	    (p->completed && p->completed->key > p->live_check->key)) {
		if (p->completed)
			rule_out(a, c,
				 say(a, "encryption was complete at %s",
				     say_clock(a, mark_at(p->completed))),
				 p->completed);
		return;
	}
	c->holds = ED_TRI_YES;
	link = add_link(
		c,
		say(a,
		    "The live check sees C: still being encrypted (%s, flags 0x%x); it passes when "
		    "that is finished.",
		    say_clock(a, mark_at(p->live_check)), (unsigned)p->live_flags),
		mark_at(p->live_check), false);
	link_mark(a, link, p->live_check);
	link_mark(a, link, p->started);
	link_refusal(a, c, &r);
	missing_policy(c);
	c->because = ED_STR(
		"C: is being encrypted. The check of the compliance policy looks at the live "
		"state, so the device becomes compliant when encryption is finished, and the "
		"Store is let in then.");
}

static void test_not_enabled(struct analysis *a, struct finding_case *c)
{
	const struct protection *p = &a->protection;
	int64_t since = mark_at(a->boot_count ? a->boots[0].mark : NULL);
	bool log = channel_covers(a, CH_BITLOCKER, since);
	struct ed_link *link;
	struct refusal r;

	if (!refusal_stands(a, c, &r))
		return;
	if (p->started || p->state == VOLUME_PROTECTED || p->state == VOLUME_RESTART_REQUIRED) {
		const struct mark *m = p->started ? p->started : p->after_restart;

		rule_out(a, c,
			 m ? say(a, "encryption of C: was started at %s", say_clock(a, mark_at(m)))
			   : ED_STR("C: has key protectors"),
			 m);
		return;
	}
	if (p->state != VOLUME_NONE || a->attestation.measured == ED_TRI_YES)
		return;
	if (!p->enable_failed && !log && !channel_covers(a, CH_SYSTEM, since))
		return;
	c->holds = ED_TRI_YES;
	c->no_restart = true;
	if (p->enable_failed) {
		link = add_link(c,
				say(a, "BitLocker could not be turned on at %s: %s (event %u).",
				    say_time(a, mark_at(p->enable_failed)),
				    event_row(p->enable_failed->kind)->meaning,
				    (unsigned)p->enable_failed->event->head.id),
				mark_at(p->enable_failed), false);
		link_mark(a, link, p->enable_failed);
		link_mark(a, link, p->csp_status);
	} else {
		link = add_link(
			c, ED_STR("Encryption of C: was never started, as far as the logs reach."),
			ED_TIME_NONE, !log);
		link_cite(a, link, cite_channel(a, log ? CH_BITLOCKER : CH_SYSTEM));
		if (a->attestation.log)
			link_cite(a, link, cite_boot_log(a, a->attestation.log));
		link_mark(a, link, p->csp_status);
		add_missing(c,
			    ED_STR(CH_BITLOCKER ": shows why encryption did not start (851-854)"));
	}
	link_refusal(a, c, &r);
	missing_policy(c);
	c->because =
		say(a,
		    "BitLocker was never turned on%s%s, so the device is not compliant and the "
		    "Store's sign-in is refused. A restart alone will not help.",
		    p->enable_failed ? ": " : "",
		    p->enable_failed ? event_row(p->enable_failed->kind)->meaning : "");
}

static void test_method_mismatch(struct analysis *a, struct finding_case *c)
{
	const struct protection *p = &a->protection;
	struct ed_link *link;
	struct refusal r;

	if (!refusal_stands(a, c, &r))
		return;
	if (!p->method_mismatch)
		return;
	c->holds = ED_TRI_YES;
	c->no_restart = true;
	link = add_link(
		c,
		say(a, "The policy wants another encryption method than C: has (%s, event %u).",
		    say_clock(a, mark_at(p->method_mismatch)),
		    (unsigned)p->method_mismatch->event->head.id),
		mark_at(p->method_mismatch), false);
	link_mark(a, link, p->method_mismatch);
	link_mark(a, link, p->started);
	link_refusal(a, c, &r);
	missing_policy(c);
	c->because = ED_STR(
		"C: is encrypted with another method than the policy asks for, so the device "
		"is not compliant and the Store's sign-in is refused. A restart will not help: "
		"the volume must be decrypted and encrypted again.");
}

static void test_attestation_unavailable(struct analysis *a, struct finding_case *c)
{
	const struct attestation *t = &a->attestation;
	enum measured measured = measured_at_start(a);
	struct ed_link *link;
	struct refusal r;

	if (!refusal_stands(a, c, &r))
		return;
	if (t->certificate && !t->failure) {
		rule_out(a, c,
			 say(a, "the health certificate was obtained at %s, after the last start",
			     say_clock(a, mark_at(t->certificate))),
			 t->certificate);
		return;
	}
	if (!(measured == MEASURED_ON || measured == MEASURED_ON_INFERRED) ||
	    (!t->failure && !t->failure_fact))
		return;
	c->holds = ED_TRI_YES;
	c->no_restart = true;
	link_measured(a, c);
	if (t->failure) {
		link = add_link(
			c,
			say(a,
			    "The health service could not be reached or refused since that start "
			    "(%s, event %u), and has not answered well since.",
			    say_clock(a, mark_at(t->failure)),
			    (unsigned)t->failure->event->head.id),
			mark_at(t->failure), false);
		link_mark(a, link, t->failure);
	} else {
		link = add_link(c, ED_STR("The last attestation ended in an error (AttestStatus)."),
				ED_TIME_NONE, false);
		link_cite(a, link, cite_fact(a, t->failure_fact));
	}
	link_refusal(a, c, &r);
	missing_policy(c);
	c->because = ED_STR(
		"The last start measured BitLocker on, but the health service could not be "
		"reached, so nobody learns of it and the device stays not compliant. Another "
		"restart will not help.");
}

static void test_pending(struct analysis *a, struct finding_case *c)
{
	enum measured measured = measured_at_start(a);
	struct refusal r;

	if (!refusal_stands(a, c, &r))
		return;
	if (measured != MEASURED_ON && measured != MEASURED_ON_INFERRED)
		return;
	if (a->protection.state == VOLUME_SUSPENDED || a->attestation.failure ||
	    a->attestation.failure_fact)
		return;
	if (!still_waiting(a)) {
		c->holds = ED_TRI_NO;
		if (a->attestation.last_start)
			rule_out(a, c,
				 say(a, "more than 30 minutes have passed since the start at %s",
				     say_clock(a, mark_at(a->attestation.last_start->mark))),
				 a->attestation.last_start->mark);
		return;
	}
	c->holds = ED_TRI_YES;
	c->no_restart = true;
	link_measured(a, c);
	link_refusal(a, c, &r);
	missing_policy(c);
	c->because =
		say(a,
		    "BitLocker was on at the last start (%s), and Intune has not yet judged the "
		    "device anew; that usually takes 5 to 10 minutes. Until then the Store's "
		    "sign-in is "
		    "refused.",
		    say_clock(a, mark_at(a->attestation.last_start->mark)));
}

static void test_other(struct analysis *a, struct finding_case *c)
{
	enum measured measured = measured_at_start(a);
	struct ed_link *link;
	struct refusal r;

	if (!refusal_stands(a, c, &r))
		return;
	if (measured != MEASURED_ON && measured != MEASURED_ON_INFERRED)
		return;
	if (a->attestation.failure || a->attestation.failure_fact || still_waiting(a))
		return;
	c->holds = ED_TRI_YES;
	c->no_restart = true;
	link_measured(a, c);
	if (a->attestation.certificate) {
		link = add_link(c,
				say(a, "The device's health certificate was obtained at %s.",
				    say_clock(a, mark_at(a->attestation.certificate))),
				mark_at(a->attestation.certificate), false);
		link_mark(a, link, a->attestation.certificate);
	}
	link_refusal(a, c, &r);
	add_missing(c, ED_STR("which setting is not compliant: Intune admin center > Devices > the "
			      "device > "
			      "Device compliance"));
	c->because =
		ED_STR("BitLocker was on at the last start and attestation did not fail, yet the "
		       "device is still not compliant after the usual wait: another setting of the "
		       "compliance policy must be the reason.");
}

#define ALWAYS                                                                                     \
	"open-sign-in-log", "exclude-store-from-policy", "compliance-grace-period",                \
		"target-office365-only", "unrequire-store-app", "use-offline-app",                 \
		"skip-user-status-page"

/* The order of the rows is the order of priority. */
const struct finding_row finding_rows_compliance[] = {
	{ "compliance-recovered",
	  FAMILY_COMPLIANCE,
	  ED_INFO,
	  ED_ADMIN,
	  ED_OUTCOME_RECOVERED,
	  "The Store was refused as not compliant, then the app came",
	  "Nothing needs to be done on this device; to spare the next one the wait, see the "
	  "actions.",
	  test_recovered,
	  false,
	  { "bitlocker-in-device-phase", "compliance-grace-period", "exclude-store-from-policy",
	    "unrequire-store-app", NULL } },
	{ "bitlocker-escrow-failed",
	  FAMILY_COMPLIANCE,
	  ED_BLOCKER,
	  ED_ADMIN,
	  ED_OUTCOME_BLOCKED,
	  "The BitLocker recovery key could not be backed up",
	  "Let the key backup succeed first.",
	  test_escrow_failed,
	  false,
	  { "retry-key-backup", ALWAYS, NULL } },
	{ "bitlocker-restart-pending",
	  FAMILY_COMPLIANCE,
	  ED_BLOCKER,
	  ED_TECHNICIAN,
	  ED_OUTCOME_BLOCKED,
	  "BitLocker was turned on after the last start: restart the device",
	  "Restart the device (Restart, not Shut down); compliance usually follows within 5 to 10 "
	  "minutes of the sign-in.",
	  test_restart_pending,
	  false,
	  { "restart-device", "sync-device", "bitlocker-in-device-phase", ALWAYS, NULL } },
	{ "bitlocker-not-armed",
	  FAMILY_COMPLIANCE,
	  ED_BLOCKER,
	  ED_TECHNICIAN,
	  ED_OUTCOME_BLOCKED,
	  "The disk is encrypted, but BitLocker protection is not on",
	  "Get protection turned on first: the user signs in, or encryption is finished by hand.",
	  test_not_armed,
	  false,
	  { "sign-in", "finish-encryption", "bitlocker-in-device-phase", ALWAYS, NULL } },
	{ "bitlocker-encrypting",
	  FAMILY_COMPLIANCE,
	  ED_WARNING,
	  ED_TECHNICIAN,
	  ED_OUTCOME_WAITING,
	  "The disk is still being encrypted",
	  "Wait until encryption is finished.",
	  test_encrypting,
	  false,
	  { "wait", "sync-device", ALWAYS, NULL } },
	{ "bitlocker-not-enabled",
	  FAMILY_COMPLIANCE,
	  ED_BLOCKER,
	  ED_ADMIN,
	  ED_OUTCOME_BLOCKED,
	  "BitLocker was never turned on",
	  "Put right what stopped BitLocker.",
	  test_not_enabled,
	  false,
	  { "fix-bitlocker-prerequisite", "bitlocker-in-device-phase", ALWAYS, NULL } },
	{ "bitlocker-method-mismatch",
	  FAMILY_COMPLIANCE,
	  ED_BLOCKER,
	  ED_ADMIN,
	  ED_OUTCOME_BLOCKED,
	  "The disk is encrypted with another method than the policy wants",
	  "Decrypt, let the policy arrive, and encrypt again.",
	  test_method_mismatch,
	  false,
	  { "reencrypt", ALWAYS, NULL } },
	{ "attestation-unavailable",
	  FAMILY_COMPLIANCE,
	  ED_BLOCKER,
	  ED_NETWORK,
	  ED_OUTCOME_BLOCKED,
	  "The health attestation service cannot be reached",
	  "Let the device reach the attestation service, without TLS inspection.",
	  test_attestation_unavailable,
	  false,
	  { "allow-attestation-endpoints", ALWAYS, NULL } },
	{ "compliance-pending",
	  FAMILY_COMPLIANCE,
	  ED_WARNING,
	  ED_TECHNICIAN,
	  ED_OUTCOME_WAITING,
	  "Compliance has not been judged anew since the restart",
	  "Wait: the Store tries again by itself every few minutes.",
	  test_pending,
	  true,
	  { "wait", "sync-device", ALWAYS, NULL } },
	{ "compliance-other",
	  FAMILY_COMPLIANCE,
	  ED_BLOCKER,
	  ED_ADMIN,
	  ED_OUTCOME_BLOCKED,
	  "Another compliance setting is not met",
	  "Look up in Intune which setting of the compliance policy this device does not meet.",
	  test_other,
	  true,
	  { "check-other-compliance", ALWAYS, NULL } },
};
const size_t finding_rows_compliance_count = ED_COUNT(finding_rows_compliance);

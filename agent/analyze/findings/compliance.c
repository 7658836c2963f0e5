/* SPDX-License-Identifier: MIT */
/*
 * The compliance family: the Store is denied because the device is not compliant. Why it is not
 * follows from three episodes: the denial D, the protection of the OS volume P, the last real start
 * B. B before P: a restart is pending. P never on: not armed. P before B: attestation, time, or
 * another setting. D over and the app installed: recovered.
 */
#include "compliance.h"

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
		link = add_link(c, ED_STR("Health certificate of the device obtained."),
				mark_at(a->attestation.certificate), false);
		link_mark(a, link, a->attestation.certificate);
	}
	if (came_mark(a, refusal_last_key(&r))) {
		link = add_link(c, ED_STR("Store app installed."),
				mark_at(came_mark(a, refusal_last_key(&r))), false);
		link_mark(a, link, came_mark(a, refusal_last_key(&r)));
	} else {
		link = add_link(c, ED_STR("The page's own list shows the Store app as installed."),
				fact_key_time(a->attempts.installed_fact), false);
		link_cite(a, link, cite_fact(a, a->attempts.installed_fact));
	}
	c->because =
		say(a,
		    "The Store was refused as not compliant until %s; then the refusals stopped "
		    "and the app was installed.",
		    say_when(a, r.last ? r.last->mark : r.loop_last->start));
}

/* Status bit 8, where the BitLocker log itself cannot say. */
static bool escrow_failed_by_status(const struct analysis *a)
{
	const struct protection *p = &a->protection;

	return p->csp_status && (p->csp_bits & 0x100) && !p->escrowed &&
	       !channel_covers(a, CH_BITLOCKER, mark_key(p->csp_status));
}

static void test_escrow_failed(struct analysis *a, struct finding_case *c)
{
	const struct protection *p = &a->protection;
	struct ed_link *link;
	struct refusal r;

	if (!refusal_stands(a, c, &r))
		return;
	if (!p->escrow_failed && escrow_failed_by_status(a)) {
		c->holds = ED_TRI_YES;
		c->no_restart = true;
		link = add_link(
			c,
			say(a, "Management client: the key backup failed (event %u, status 0x%x).",
			    (unsigned)p->csp_status->event->head.id, (unsigned)p->csp_bits),
			mark_at(p->csp_status), true);
		link_mark(a, link, p->csp_status);
		link_refusal(a, c, &r);
		missing_policy(a, c);
		add_missing(c,
			    ED_STR(CH_BITLOCKER
				   ": 846 and 847 say why the backup failed, 845 that it worked"));
		c->because =
			ED_STR("The management client reports that the recovery key could not be "
			       "backed up, so "
			       "BitLocker does not become compliant, and the Store is refused.");
		return;
	}
	if (!p->escrow_failed) {
		if (p->escrowed)
			rule_out(a, c,
				 say(a, "the recovery key was backed up at %s",
				     say_when(a, p->escrowed)),
				 p->escrowed);
		else
			rule_out_absent(
				a, c, ED_STR("no failed key backup is logged (846, 847, 873-875)"),
				CH_BITLOCKER);
		return;
	}
	c->holds = ED_TRI_YES;
	link = add_link(c,
			say(a,
			    "Recovery key backup to Entra ID failed (event %u), no success since.",
			    (unsigned)p->escrow_failed->event->head.id),
			mark_at(p->escrow_failed), !none_later(a, c, p->escrow_failed));
	link_mark(a, link, p->escrow_failed);
	link_refusal(a, c, &r);
	missing_policy(a, c);
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

/* How exactly the time is known. */
static const char *since_word(const struct analysis *a, const struct mark *since)
{
	if (!since)
		return "at an unknown ";
	return a->protection.armed_by_live && since == a->protection.armed ? "some time after "
									   : "at ";
}

static void test_restart_pending(struct analysis *a, struct finding_case *c)
{
	const struct attestation *t = &a->attestation;
	const struct mark *since = pending_since(a);
	struct ed_link *link;
	struct refusal r;

	if (!refusal_stands(a, c, &r) || (!since && !a->live.on_since_start))
		return;
	if (t->measured == ED_TRI_YES) {
		struct ed_link log;

		rule_out(a, c,
			 t->log ? ED_STR("the last start's boot log shows that BitLocker unlocked "
					 "the volume")
				: ED_STR("BootStatus says that BitLocker protected the volume at "
					 "the last start"),
			 t->last_start ? t->last_start->mark : NULL);
		log = (struct ed_link){ .evidence = c->why_not_refs };
		link_cite(a, &log, cite_measured(a));
		c->why_not_refs = log.evidence;
		return;
	}
	if (since && t->last_start && t->last_start->mark->key >= since->key) {
		rule_out(a, c,
			 say(a, "Windows started at %s, after protection was turned on",
			     say_when(a, t->last_start->mark)),
			 t->last_start->mark);
		return;
	}
	if (!t->last_start && t->measured == ED_TRI_UNKNOWN)
		return; /* neither a start nor a boot log: nothing says which came first */
	c->holds = ED_TRI_YES;
	link_start(a, c, true);
	if (since == a->protection.armed) { /* both NULL: it came on at an unknown time */
		link_protection(a, c);
	} else {
		link = add_link(c, ED_STR("BitLocker waits for a restart to begin encrypting C:."),
				mark_at(since), false);
		link_mark(a, link, since);
	}
	link_refusal(a, c, &r);
	missing_policy(a, c);
	if (!a->protection.escrowed)
		add_missing(c, ED_STR("845: that the recovery key is backed up was not seen; "
				      "confirm it in "
				      "Entra ID before the restart"));
	c->because = say(
		a,
		"BitLocker was turned on %s%s, after the last real start%s%s. \"Require "
		"BitLocker\" is judged from what was measured at that start, so the device "
		"counts as not compliant and the Store's sign-in is refused.",
		since_word(a, since), since ? say_when(a, since) : "time",
		t->last_start ? " at " : "", t->last_start ? say_when(a, t->last_start->mark) : "");
}

/* What the live state says against protection; .p NULL when it says nothing against it. */
static struct ed_str live_against(struct analysis *a)
{
	const struct live_volume *live = &a->live;

	switch (live->state) {
	case LIVE_SUSPENDED:
		return ED_STR("Live state: C: is encrypted, and its protection is suspended.");
	case LIVE_UNPROTECTED:
		return ED_STR("Live state: C: is encrypted, protection is off, and no protector "
			      "would unlock it at a start.");
	case LIVE_DECRYPTING:
		return ED_STR("Live state: C: is being decrypted.");
	case LIVE_OFF:
		return a->protection.started ? ED_STR("Live state: C: is not encrypted any more.")
					     : ED_STR("Live state: C: is not encrypted.");
	case LIVE_ENCRYPTING:
		if (live->boot_protector == ED_TRI_NO)
			return ED_STR("Live state: C: is being encrypted, and no protector would "
				      "unlock it at a start.");
		break;
	case LIVE_PROTECTED:
	case LIVE_UNKNOWN:
		break;
	}
	return (struct ed_str){ NULL, 0 };
}

static void link_not_armed(struct analysis *a, struct finding_case *c)
{
	struct ed_str live = live_against(a);
	const struct protection *p = &a->protection;
	const struct mark *why = p->state == VOLUME_SUSPENDED ? p->suspended : p->lost;
	const struct mark *seen =
		p->csp_status && (p->csp_bits & 0x4) ? p->csp_status : p->os_unprotected;
	struct ed_link *link;
	bool proven;

	if (p->started) {
		link = add_link(c, ED_STR("Encryption of C: began."), mark_at(p->started), false);
		link_mark(a, link, p->started);
		link_mark(a, link, p->completed);
	}
	if (why) {
		link = add_link(c,
				say(a, "Protection %s, and not back since.",
				    p->state == VOLUME_SUSPENDED ? "suspended" : "taken off"),
				mark_at(why), !live.p && !none_later(a, c, why));
		link_mark(a, link, why);
		if (live.p)
			link_live(a, c, live);
		return;
	}
	if (live.p) {
		link_live(a, c, live);
		link_mark(a, &c->links[c->link_count - 1], seen);
		return;
	}
	proven = seen || (p->started && channel_covers(a, CH_BITLOCKER, mark_key(p->started)));
	link = add_link(c,
			seen ? say(a,
				   "Management client: OS volume not protected (event %u), no TPM "
				   "protector.",
				   (unsigned)seen->event->head.id)
			     : ED_STR("No TPM protector since, and protection not turned on."),
			seen ? mark_at(seen) : mark_at(p->started), !proven);
	link_mark(a, link, seen);
	if (!seen)
		link_cite(a, link, cite_channel(a, CH_BITLOCKER));
	if (!proven)
		add_missing(c, ED_STR(CH_BITLOCKER
				      ": it does not reach back to the start of encryption "
				      "undamaged, so a protector may have been missed"));
}

/* A protector that nobody saw is one that was not there only where none can have been missed. */
static bool not_armed_seen(const struct analysis *a)
{
	const struct protection *p = &a->protection;

	return p->suspended || p->lost || (p->csp_status && (p->csp_bits & 0x4)) ||
	       p->os_unprotected || a->live.state != LIVE_UNKNOWN || !p->started ||
	       channel_covers(a, CH_BITLOCKER, mark_key(p->started));
}

static void test_not_armed(struct analysis *a, struct finding_case *c)
{
	const struct protection *p = &a->protection;
	struct refusal r;

	if (!refusal_stands(a, c, &r))
		return;
	if (surely_protected(a)) {
		if (p->armed_inferred)
			rule_out_live(a, c,
				      ED_STR("the live state shows that protection of C: is "
					     "on"));
		else
			rule_out(a, c,
				 say(a, "protection of C: is on since %s", say_when(a, p->armed)),
				 p->armed);
		return;
	}
	if (a->live.state == LIVE_ENCRYPTING && a->live.boot_protector == ED_TRI_YES) {
		rule_out_live(a, c,
			      ED_STR("the live state shows a protector that unlocks C: at a start; "
				     "encryption is under way"));
		return;
	}
	if (p->state != VOLUME_ENCRYPTING && p->state != VOLUME_UNPROTECTED &&
	    p->state != VOLUME_SUSPENDED && p->state != VOLUME_DECRYPTING &&
	    !(a->attestation.measured == ED_TRI_YES && unprotected_since_start(a)))
		return;
	if (!not_armed_seen(a))
		return;
	c->holds = ED_TRI_YES;
	c->no_restart = true;
	link_not_armed(a, c);
	link_refusal(a, c, &r);
	missing_policy(a, c);
	c->because =
		p->state == VOLUME_SUSPENDED
			? ED_STR("BitLocker protection of C: is suspended, so the device is not "
				 "compliant and the Store's sign-in is refused. A restart alone "
				 "will "
				 "not help.")
		: a->live.state == LIVE_OFF || a->live.state == LIVE_DECRYPTING
			? ED_STR("C: is not encrypted any more, or about to be, so the device is "
				 "not compliant and the Store's sign-in is refused. A restart "
				 "alone "
				 "will not help.")
			: ED_STR("C: is encrypted or encrypting, but protection is not on: the key "
				 "still lies on the disk in the clear. The device is not compliant "
				 "and the Store's sign-in is refused. A restart alone will not "
				 "help.");
}

/* Encryption is under way, by the live state or by the newest live check that was logged. */
static bool still_encrypting(const struct analysis *a)
{
	const struct protection *p = &a->protection;

	if (a->live.state != LIVE_UNKNOWN)
		return a->live.state == LIVE_ENCRYPTING;
	return p->live_check && (p->live_flags & 0x20) &&
	       !(p->completed && p->completed->key > p->live_check->key);
}

static void rule_out_encrypting(struct analysis *a, struct finding_case *c)
{
	const struct protection *p = &a->protection;

	if (p->completed)
		rule_out(a, c, say(a, "encryption was complete at %s", say_when(a, p->completed)),
			 p->completed);
	else if (a->live.state != LIVE_UNKNOWN)
		rule_out_live(a, c, ED_STR("the live state shows no encryption of C: under way"));
	else if (!p->live_check)
		rule_out_absent(a, c, ED_STR("no live check reports encryption under way (2752)"),
				CH_MDM);
}

static void test_encrypting(struct analysis *a, struct finding_case *c)
{
	const struct protection *p = &a->protection;
	struct ed_link *link;
	struct refusal r;

	if (!refusal_stands(a, c, &r))
		return;
	if (!still_encrypting(a)) {
		rule_out_encrypting(a, c);
		return;
	}
	c->holds = ED_TRI_YES;
	if (a->live.state == LIVE_ENCRYPTING) {
		bool counted = a->live.percentage && a->live.percentage->fact.has_number;

		link_live(a, c,
			  counted ? say(a, "Live state: C: still being encrypted (%u %%).",
					(unsigned)a->live.percentage->fact.number)
				  : ED_STR("Live state: C: still being encrypted."));
		link = &c->links[c->link_count - 1];
	} else {
		link = add_link(c,
				say(a, "Live check: C: still being encrypted (flags 0x%x).",
				    (unsigned)p->live_flags),
				mark_at(p->live_check),
				!channel_covers(a, CH_SYSTEM, mark_key(p->live_check)));
	}
	link_mark(a, link, p->live_check);
	link_mark(a, link, p->started);
	link_refusal(a, c, &r);
	missing_policy(a, c);
	c->because = ED_STR(
		"C: is being encrypted. The check of the compliance policy looks at the live "
		"state, so the device becomes compliant when encryption is finished, and the "
		"Store is let in then.");
}

static void rule_out_not_enabled(struct analysis *a, struct finding_case *c)
{
	const struct protection *p = &a->protection;
	const struct mark *m = p->started ? p->started : p->after_restart;

	if (!m && a->live.state == LIVE_PROTECTED)
		rule_out_live(a, c, ED_STR("the live state shows that C: is encrypted"));
	else
		rule_out(a, c,
			 m ? say(a, "encryption of C: was started at %s", say_when(a, m))
			   : ED_STR("C: has key protectors"),
			 m);
}

static void link_not_started(struct analysis *a, struct finding_case *c, bool log, bool system)
{
	bool off = a->live.state == LIVE_OFF;
	struct ed_link *link;

	link = add_link(c,
			off ? ED_STR("C: is not encrypted (live state), and no start of it is "
				     "logged.")
			    : ED_STR("Encryption of C: was never started, as far as the logs "
				     "reach."),
			ED_TIME_NONE, !log && !(off && system));
	if (off)
		link_cite(a, link, cite_live(a));
	link_cite(a, link, cite_channel(a, log ? CH_BITLOCKER : CH_SYSTEM));
	if (a->attestation.log)
		link_cite(a, link, cite_boot_log(a, a->attestation.log));
	link_mark(a, link, a->protection.csp_status);
	add_missing(c, ED_STR(CH_BITLOCKER ": shows why encryption did not start (851-854)"));
}

/* The logs tell of the setup itself: on a device that runs for long encryption may be older. */
static bool setup_is_seen(const struct analysis *a, int64_t since)
{
	return mark_key(a->enrollment.enrolled) > since || mark_key(a->page.handed_over) > since;
}

static void test_not_enabled(struct analysis *a, struct finding_case *c)
{
	const struct protection *p = &a->protection;
	int64_t since = mark_key(a->boot_count ? a->boots[0].mark : NULL);
	bool log = channel_covers(a, CH_BITLOCKER, since);
	bool system = channel_covers(a, CH_SYSTEM, since);
	bool off = a->live.state == LIVE_OFF;
	struct ed_link *link;
	struct refusal r;

	if (!refusal_stands(a, c, &r))
		return;
	if (p->started || p->state == VOLUME_PROTECTED || p->state == VOLUME_RESTART_REQUIRED) {
		rule_out_not_enabled(a, c);
		return;
	}
	if (p->state != VOLUME_NONE || a->attestation.measured == ED_TRI_YES)
		return;
	/* by absence only where the logs say so, and the denial itself is seen */
	if (!p->enable_failed && (!r.first || (!off && !setup_is_seen(a, since)) ||
				  (!off && !log && (!channel_read(a, CH_BITLOCKER) || !system))))
		return;
	c->holds = ED_TRI_YES;
	c->no_restart = true;
	if (p->enable_failed) {
		link = add_link(c,
				say(a, "BitLocker not turned on: %s (event %u).",
				    event_row(p->enable_failed->kind)->meaning,
				    (unsigned)p->enable_failed->event->head.id),
				mark_at(p->enable_failed),
				!off && !none_later(a, c, p->enable_failed));
		link_mark(a, link, p->enable_failed);
		link_mark(a, link, p->csp_status);
	} else {
		link_not_started(a, c, log, system);
	}
	link_refusal(a, c, &r);
	missing_policy(a, c);
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
	if (!p->method_mismatch) {
		rule_out_absent(
			a, c,
			ED_STR("nothing reports another encryption method (2900, 2902, 2911)"),
			CH_MDM);
		return;
	}
	c->holds = ED_TRI_YES;
	c->no_restart = true;
	link = add_link(c,
			say(a,
			    "Management client: C: has another encryption method than the policy "
			    "(event %u).",
			    (unsigned)p->method_mismatch->event->head.id),
			mark_at(p->method_mismatch), !none_later(a, c, p->method_mismatch));
	link_mark(a, link, p->method_mismatch);
	link_mark(a, link, p->started);
	link_refusal(a, c, &r);
	missing_policy(a, c);
	c->because = ED_STR(
		"C: is encrypted with another method than the policy asks for, so the device "
		"is not compliant and the Store's sign-in is refused. A restart will not help: "
		"the volume must be decrypted and encrypted again.");
}

/* Ruled out by what the last start's boot log shows. */
static void rule_out_log(struct analysis *a, struct finding_case *c, struct ed_str because)
{
	struct ed_link link = { 0 };

	c->holds = ED_TRI_NO;
	c->why_not = because;
	link_cite(a, &link, cite_boot_log(a, a->attestation.log));
	c->why_not_refs = link.evidence;
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
			     say_when(a, t->certificate)),
			 t->certificate);
		return;
	}
	if (measured == MEASURED_OFF && t->log) {
		rule_out_log(
			a, c,
			ED_STR("the last start did not measure BitLocker: attestation has nothing "
			       "to report"));
		return;
	}
	if (!(measured == MEASURED_ON || measured == MEASURED_ON_INFERRED) ||
	    (!t->failure && !t->failure_fact))
		return;
	c->holds = ED_TRI_YES;
	c->no_restart = true;
	link_measured(a, c);
	if (t->failure) {
		link = add_link(c,
				say(a,
				    "Health service not reached, or it refused (event %u); no "
				    "success since.",
				    (unsigned)t->failure->event->head.id),
				mark_at(t->failure),
				!t->last_start || !none_later(a, c, t->failure));
		link_mark(a, link, t->failure);
	} else {
		link = add_link(c, ED_STR("The last attestation ended in an error (AttestStatus)."),
				ED_TIME_NONE, false);
		link_cite(a, link, cite_fact(a, t->failure_fact));
	}
	link_refusal(a, c, &r);
	missing_policy(a, c);
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
	if (!exclusion_is_sound(a, &r) || unprotected_since_start(a) || fails_otherwise(a, &r))
		return;
	if (a->protection.state == VOLUME_SUSPENDED || a->attestation.failure ||
	    a->attestation.failure_fact)
		return;
	if (!still_waiting(a)) {
		c->holds = ED_TRI_NO;
		if (a->attestation.last_start)
			rule_out(a, c,
				 say(a, "more than 30 minutes have passed since the start at %s",
				     say_when(a, a->attestation.last_start->mark)),
				 a->attestation.last_start->mark);
		return;
	}
	c->holds = ED_TRI_YES;
	c->no_restart = true;
	link_measured(a, c);
	link_late_sign_in(a, c);
	link_refusal(a, c, &r);
	missing_policy(a, c);
	c->because =
		say(a,
		    "BitLocker was on at the last start (%s), and Intune has not yet judged the "
		    "device anew; that usually takes 5 to 10 minutes. Until then the Store's "
		    "sign-in is "
		    "refused.",
		    say_when(a, a->attestation.last_start->mark));
}

static void test_other(struct analysis *a, struct finding_case *c)
{
	enum measured measured = measured_at_start(a);
	struct refusal r;

	if (!refusal_stands(a, c, &r))
		return;
	if (measured != MEASURED_ON && measured != MEASURED_ON_INFERRED)
		return;
	if (!exclusion_is_sound(a, &r) || unprotected_since_start(a) || fails_otherwise(a, &r) ||
	    !refused_since_start(a, &r) || !attestation_not_failed(a))
		return;
	if (a->attestation.failure || a->attestation.failure_fact || still_waiting(a))
		return;
	c->holds = ED_TRI_YES;
	c->no_restart = true;
	link_measured(a, c);
	link_attestation_fine(a, c);
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
	  NULL,
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
	  NULL,
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
	  NULL,
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
	  NULL,
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
	  NULL,
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
	  NULL,
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
	  NULL,
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
	  NULL,
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
	  NULL,
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
	  NULL,
	  { "check-other-compliance", ALWAYS, NULL } },
};
const size_t finding_rows_compliance_count = ED_COUNT(finding_rows_compliance);

/* SPDX-License-Identifier: MIT */
/* The enrolment family: the device is not joined or managed as it should be, so nothing later can
 * be. */
#include "codes.h"
#include "finding.h"

/* The profile, or the offline join itself, says that this device is to be joined to a domain. */
static bool hybrid_expected(const struct analysis *a)
{
	const struct ed_stored_fact *f =
		registry_value(a, "\\Diagnostics\\Autopilot", "CloudAssignedDomainJoinMethod");

	return a->enrollment.domain_waited || (f && f->fact.has_number && f->fact.number == 1);
}

/* The Store's client asked later: then enrolment had got that far, and this was not in its way. */
static bool store_went_on(struct analysis *a, struct finding_case *c, const struct mark *m)
{
	const struct mark *later =
		a->store_denials.count ? a->store_denials.items[a->store_denials.count - 1].mark
		: a->attempts.count    ? a->attempts.items[a->attempts.count - 1].start
				       : NULL;

	if (!later || (m && later->key <= m->key))
		return false;
	rule_out(
		a, c,
		ED_STR("the Store's client asked for the app later, so enrolment had got that far"),
		later);
	return true;
}

static bool enrolled_after(const struct analysis *a, int64_t key)
{
	return a->enrollment.enrolled && a->enrollment.enrolled->key > key;
}

static void test_conditional_access(struct analysis *a, struct finding_case *c)
{
	const struct denials *d = &a->intune_denials;
	const struct denial *first, *last;
	struct ed_link *link;

	if (!d->count)
		return;
	first = &d->items[0];
	last = &d->items[d->count - 1];
	if (enrolled_after(a, last->mark->key)) {
		rule_out(a, c,
			 say(a, "the device was enrolled at %s, after the last such denial",
			     say_when(a, a->enrollment.enrolled)),
			 a->enrollment.enrolled);
		return;
	}
	/* a device that is enrolled is denied for its reports, not for its enrolment */
	if (a->enrollment.enrolled) {
		rule_out(a, c,
			 say(a, "the device was enrolled at %s already",
			     say_when(a, a->enrollment.enrolled)),
			 a->enrollment.enrolled);
		return;
	}
	if (store_went_on(a, c, last->mark))
		return;
	if (a->enrollment.enrolled_fact) {
		rule_out_fact(a, c, ED_STR("the device is enrolled already"),
			      a->enrollment.enrolled_fact);
		return;
	}
	c->holds = ED_TRI_YES;
	link = add_link(c,
			say(a, "Sign-in to Intune refused: AADSTS%u, %zu time%s until %s.",
			    (unsigned)last->code, d->count, d->count == 1 ? "" : "s",
			    say_when(a, last->mark)),
			mark_at(first->mark), false);
	link_mark(a, link, first->mark);
	link_mark(a, link, last->mark);
	add_missing(c, ED_STR("which policy refused it: the sign-in's Conditional Access tab in "
			      "Entra ID"));
	c->because = say(
		a,
		"Conditional Access refuses the sign-in to Intune itself (AADSTS%u), so the device "
		"cannot be enrolled and nothing can be installed.",
		(unsigned)last->code);
}

static void test_rejected(struct analysis *a, struct finding_case *c)
{
	const struct enrollment *e = &a->enrollment;
	struct ed_link *link;

	if (!e->failed) {
		if (e->enrolled)
			rule_out(a, c,
				 say(a, "MDM enrolment succeeded at %s", say_when(a, e->enrolled)),
				 e->enrolled);
		return;
	}
	if (store_went_on(a, c, e->failed))
		return;
	c->holds = ED_TRI_YES;
	link = add_link(c, say(a, "MDM enrolment failed with 0x%08x.", (unsigned)e->hresult),
			mark_at(e->failed), !none_later(a, c, e->failed));
	link_mark(a, link, e->failed);
	c->because = say(a, "The device could not be enrolled in Intune (0x%08x). %s",
			 (unsigned)e->hresult, code_meaning(e->hresult));
}

static void test_tpm(struct analysis *a, struct finding_case *c)
{
	const struct enrollment *e = &a->enrollment;
	uint32_t code = 0, of_fact;
	struct ed_link *link;

	/* once the phases are past it, the attestation of the device itself was not in the way */
	if ((!e->tpm_failed && !e->tpm_fact) ||
	    (a->page.esp.phase_known && a->page.esp.phase > ED_PHASE_DEVICE_PREPARATION))
		return;
	if (store_went_on(a, c, e->tpm_failed))
		return;
	c->holds = ED_TRI_YES;
	if (e->tpm_failed) {
		if (!mark_u32(e->tpm_failed, "HRESULT", &code))
			mark_u32(e->tpm_failed, "ErrorCode", &code);
		link = add_link(c,
				code ? say(a, "TPM: %s (0x%08x).",
					   event_row(e->tpm_failed->kind)->meaning, (unsigned)code)
				     : say(a, "TPM: %s.", event_row(e->tpm_failed->kind)->meaning),
				mark_at(e->tpm_failed), !none_later(a, c, e->tpm_failed));
		link_mark(a, link, e->tpm_failed);
	}
	if (fact_u32(e->tpm_fact, &of_fact)) {
		code = code ? code : of_fact;
		link = add_link(c,
				say(a, "%.*s is 0x%08x.", ED_FMT(e->tpm_fact->fact.name),
				    (unsigned)of_fact),
				ED_TIME_NONE, false);
		link_cite(a, link, cite_fact(a, e->tpm_fact));
	}
	c->because = say(a,
			 "The TPM could not attest the device, so Autopilot cannot go on in this "
			 "mode.%s%s",
			 code_find(code) ? " " : "", code_find(code) ? code_meaning(code) : "");
}

static void test_hybrid(struct analysis *a, struct finding_case *c)
{
	const struct enrollment *e = &a->enrollment;
	const struct mark *m = e->join_timeout ? e->join_timeout : e->join_failed;
	struct ed_link *link;

	/* 304 and 305 alone are normal on a device that no domain waits for */
	if (!e->join_timeout && !hybrid_expected(a))
		return;
	if (!m || store_went_on(a, c, m))
		return;
	c->holds = ED_TRI_YES;
	link = add_link(
		c,
		say(a, "%s (event %u).",
		    e->join_timeout ? "Offline domain join timed out" : event_row(m->kind)->meaning,
		    (unsigned)m->event->head.id),
		mark_at(m), false);
	link_mark(a, link, m);
	c->because = ED_STR(
		"The hybrid join to the domain did not succeed, so the device is not joined as "
		"Conditional Access and Intune expect it.");
}

const struct finding_row finding_rows_enrollment[] = {
	{ "tpm-attestation",
	  FAMILY_ENROLLMENT,
	  ED_BLOCKER,
	  ED_ADMIN,
	  ED_OUTCOME_BLOCKED,
	  "The TPM cannot attest this device",
	  "Update the TPM's firmware, or use another Autopilot mode.",
	  test_tpm,
	  false,
	  NULL,
	  { "fix-enrollment", NULL } },
	{ "enrollment-conditional-access",
	  FAMILY_ENROLLMENT,
	  ED_BLOCKER,
	  ED_ADMIN,
	  ED_OUTCOME_BLOCKED,
	  "Conditional Access refuses enrolment itself",
	  "Exclude Microsoft Intune and Microsoft Intune Enrollment from that policy.",
	  test_conditional_access,
	  false,
	  NULL,
	  { "fix-enrollment", "open-sign-in-log", NULL } },
	{ "enrollment-rejected",
	  FAMILY_ENROLLMENT,
	  ED_BLOCKER,
	  ED_ADMIN,
	  ED_OUTCOME_BLOCKED,
	  "Intune refused the enrolment",
	  "Correct what the code names, and enrol again.",
	  test_rejected,
	  false,
	  NULL,
	  { "fix-enrollment", NULL } },
	{ "hybrid-join",
	  FAMILY_ENROLLMENT,
	  ED_BLOCKER,
	  ED_ADMIN,
	  ED_OUTCOME_BLOCKED,
	  "The hybrid join did not succeed",
	  "Check the connector and the way to a domain controller.",
	  test_hybrid,
	  false,
	  NULL,
	  { "fix-enrollment", "fix-network", NULL } },
};
const size_t finding_rows_enrollment_count = ED_COUNT(finding_rows_enrollment);

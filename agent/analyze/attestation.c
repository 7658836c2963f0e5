/* SPDX-License-Identifier: MIT */
/*
 * What the last real start measured, and whether the health service was reached since. A report
 * describes the last start; what BitLocker did after it cannot be in it.
 */
#include "analysis.h"

static void find_last_start(struct analysis *a)
{
	struct attestation *t = &a->attestation;

	for (size_t i = 0; i < a->boot_count; i++) {
		if (a->boots[i].kind == ED_BOOT_RESTART) {
			t->last_start = &a->boots[i];
			t->last_wake = NULL;
		} else if (t->last_start) {
			t->last_wake = &a->boots[i];
		}
	}
}

/* BootStatus is a note of the newest start itself and does not change after it. */
static void find_status(struct analysis *a)
{
	const struct ed_stored_fact *f =
		registry_value(a, "\\Control\\BitLockerStatus", "BootStatus");

	if (!f || !f->fact.has_number || f->fact.number > 1 || a->starts_after_cut)
		return;
	a->attestation.boot_status = f;
	a->attestation.measured = f->fact.number ? ED_TRI_YES : ED_TRI_NO;
}

/*
 * Boot logs carry no times. The newest belongs to the newest start in the evidence, so as many of
 * the newest are left out as starts come after the time of evaluation.
 */
static void find_log(struct analysis *a)
{
	struct attestation *t = &a->attestation;

	t->measured = ED_TRI_UNKNOWN;
	if (a->boot_log_count <= a->starts_after_cut) {
		find_status(a);
		return;
	}
	t->log = &a->boot_logs[a->boot_log_count - 1 - a->starts_after_cut];
	t->measured = t->log->unlock && t->log->unlock->fact.number ? ED_TRI_YES : ED_TRI_NO;
}

/* A failed command on the HealthAttestation node; 0x87D10194 is "no certificate". */
static bool health_command_failed(const struct mark *m)
{
	struct ed_str uri = mark_field(m, "Message5");
	uint32_t code;

	return (m->kind == EV_MDM_COMMAND_400 || m->kind == EV_MDM_COMMAND_404 ||
		m->kind == EV_MDM_COMMAND_454) &&
	       ed_str_ifind(uri, ED_STR("HealthAttestation"), 0) != SIZE_MAX &&
	       mark_u32(m, "HexInt1", &code) &&
	       (code == 0x87D10194 ||
		(code && ed_str_ifind(uri, ED_STR("AttestStatus"), 0) != SIZE_MAX));
}

/* The SID of an Entra user. */
static bool by_entra_user(const struct mark *m)
{
	return ed_str_starts(m->event->user, ED_STR("S-1-12-1-"));
}

static void attestation_event(struct attestation *t, const struct mark *m)
{
	uint32_t code;

	if (m->kind == EV_HEALTH_CERTIFICATE ||
	    (m->kind == EV_MD_AIK_RESULT && mark_u32(m, "HRESULT", &code) && code == 0 &&
	     t->failure && t->failure->kind == EV_MD_AIK_RESULT)) {
		t->certificate = m->kind == EV_HEALTH_CERTIFICATE ? m : t->certificate;
		t->failure = NULL;
	} else if (m->kind == EV_HEALTH_NO_CONNECTION || m->kind == EV_HEALTH_REFUSED ||
		   health_command_failed(m)) {
		t->failure = m;
	}
	if (!t->first_sign_in && by_entra_user(m))
		t->first_sign_in = m;
}

void build_attestation(struct analysis *a)
{
	struct attestation *t = &a->attestation;
	const struct ed_stored_fact *status = registry_value(a, "", "AttestStatus");
	uint32_t code = 0;
	bool told;

	find_last_start(a);
	find_log(a);
	for (size_t i = 0; i < a->mark_count; i++)
		if (!t->last_start || a->marks[i].key >= t->last_start->mark->key)
			attestation_event(t, &a->marks[i]);
	/* a refused sign-in is one as well, whoever the log says it was */
	for (size_t i = 0; i < a->store_denials.count; i++) {
		const struct mark *m = a->store_denials.items[i].mark;

		if ((!t->last_start || m->key >= t->last_start->mark->key) &&
		    (!t->first_sign_in || m->key < t->first_sign_in->key))
			t->first_sign_in = m;
	}
	told = fact_u32(status, &code);
	t->fine_fact = told && !code ? status : NULL;
	if (t->fine_fact)
		t->failure = NULL;
	if (told && code && !t->certificate)
		t->failure_fact = status;
}

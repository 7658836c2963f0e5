/* SPDX-License-Identifier: MIT */
/* Enrolment, join and the TPM's own attestation: what failed and was not followed by a success. */
#include "analysis.h"

/* State of offline domain join in 109 and 110: 0 is "not configured", 3 "timed out". */
#define ODJ_TIMED_OUT 3

#define ALREADY_ENROLLED 0x8018000Au

static void enrollment_event(struct enrollment *e, const struct mark *m)
{
	uint32_t code = 0;

	switch ((int)m->kind) {
	case EV_MDM_ENROLLED:
	case EV_MDM_AUTO_ENROLLED:
		e->enrolled = m;
		e->failed = NULL;
		e->tpm_failed = NULL; /* it was not in the way */
		break;
	case EV_MDM_ENROLL_FAILED:
	case EV_MDM_AUTO_ENROLL_FAILED:
		/* asked again although enrolled: no failure */
		if (mark_u32(m, "HRESULT", &code) && code && code != ALREADY_ENROLLED &&
		    !e->enrolled) {
			e->failed = m;
			e->hresult = code;
		}
		break;
	case EV_ODJ_STATE_109:
	case EV_ODJ_STATE_110:
		if (mark_u32(m, "HexInt1", &code)) {
			e->join_timeout = code == ODJ_TIMED_OUT ? m : NULL;
			e->domain_waited = code ? m : e->domain_waited;
		}
		break;
	case EV_ODJ_WAITING:
		e->domain_waited = m;
		break;
	case EV_UDR_JOIN_FAILED:
	case EV_UDR_AUTH_FAILED:
		e->join_failed = m;
		break;
	case EV_UDR_JOINED:
		e->join_failed = NULL;
		e->join_timeout = NULL;
		break;
	case EV_MD_TPM_NOT_READY:
	case EV_MD_TPM_IDENTITY:
	case EV_MD_TPM_CHECK:
	case EV_TPM_NOT_PROVISIONED:
		e->tpm_failed = m;
		break;
	case EV_HEALTH_CERTIFICATE:
		e->tpm_failed = NULL;
		break;
	case EV_MD_AIK_RESULT:
		if (mark_u32(m, "HRESULT", &code))
			e->tpm_failed = code ? m : NULL;
		break;
	default:
		break;
	}
}

/* Intune's enrolment in the registry: its provider, and state 1. */
static const struct ed_stored_fact *enrolled_fact(struct analysis *a)
{
	for (size_t i = 0; i < a->evidence->fact_count; i++) {
		const struct ed_stored_fact *f = &a->evidence->facts[i];
		const struct ed_stored_fact *state;

		if (!fact_is_registry(f, "\\Enrollments\\", "ProviderID") ||
		    !ed_str_ieq(f->fact.text, ED_STR("MS DM Server")))
			continue;
		a->enrollment.intune_named = true;
		state = registry_at(a, f->fact.path, "EnrollmentState");
		if (state && state->fact.has_number && state->fact.number == 1)
			return state;
	}
	return NULL;
}

void build_enrollment(struct analysis *a)
{
	struct enrollment *e = &a->enrollment;
	const struct ed_stored_fact *aik =
		registry_value(a, "\\TPM\\WMI", "AIKEnrollmentErrorCode");
	const struct ed_stored_fact *error =
		registry_value(a, "\\Diagnostics\\Autopilot", "DeploymentErrorCode");
	uint32_t code;

	for (size_t i = 0; i < a->mark_count; i++)
		enrollment_event(e, &a->marks[i]);
	e->enrolled_fact = enrolled_fact(a);
	if (fact_u32(aik, &code) && code)
		e->tpm_fact = aik;
	if (fact_u32(error, &code) && code >> 16 == 0x8103)
		e->tpm_fact = error;
}

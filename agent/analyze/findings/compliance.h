/* SPDX-License-Identifier: MIT */
/* Private to the compliance family: its shared view of the episodes. */
#ifndef ESPDIAG_ANALYZE_FINDINGS_COMPLIANCE_H
#define ESPDIAG_ANALYZE_FINDINGS_COMPLIANCE_H

#include "finding.h"

/* Denials of the Store for non-compliance. */
struct refusal {
	const struct denial *first, *last;
	size_t count;
	const struct attempt *loop_first, *loop_last; /* inferred from the Store's attempts */
};

struct refusal find_refusal(const struct analysis *a);
/* There is a denial, seen or inferred. */
bool refused(const struct refusal *r);
int64_t refusal_last_key(const struct refusal *r);
/* Proof that an app came after the last refusal. */
bool came_after(const struct analysis *a, const struct refusal *r);
/* The refusal happened, and no app came since. Otherwise @c says that the finding does not hold. */
bool refusal_stands(const struct analysis *a, struct finding_case *c, struct refusal *r);

/* What the last start measured: by its log, else by what was on before it. */
enum measured { MEASURED_UNKNOWN, MEASURED_OFF, MEASURED_ON, MEASURED_ON_INFERRED };

/* A denial before the last start says nothing about what was judged after it. */
bool refused_since_start(const struct analysis *a, const struct refusal *r);
/* Since the last denial the Store fails for another reason, which is then what stands in the way.
 */
bool fails_otherwise(const struct analysis *a, const struct refusal *r);
/*
 * Rows that hold because nothing else does need the logs in which the others would show: the denial
 * itself, the time of the last start, and the management log since then.
 */
bool exclusion_is_sound(const struct analysis *a, const struct refusal *r);
/* Attestation since the last start went well, or at least no failure is known where it would show.
 */
bool attestation_not_failed(const struct analysis *a);
void link_attestation_fine(struct analysis *a, struct finding_case *c);
/* The management client found the OS volume not protected since the last start. */
bool unprotected_since_start(const struct analysis *a);

enum measured measured_at_start(const struct analysis *a);
/* True while the wait for a new judgement may not be over. */
bool still_waiting(const struct analysis *a);

void link_refusal(struct analysis *a, struct finding_case *c, const struct refusal *r);
/* @needs_no_later: the finding relies on there being no later start. */
void link_start(struct analysis *a, struct finding_case *c, bool needs_no_later);
void link_protection(struct analysis *a, struct finding_case *c);
/* What the live state of the OS volume says, as @claim. */
void link_live(struct analysis *a, struct finding_case *c, struct ed_str claim);
/* The finding does not hold, and the live state of the OS volume is why. */
void rule_out_live(struct analysis *a, struct finding_case *c, struct ed_str because);
/* Protection is on for certain, by BitLocker's own log or by the live state. */
bool surely_protected(const struct analysis *a);
/* That the last start measured BitLocker on: protection, start and boot log. */
void link_measured(struct analysis *a, struct finding_case *c);
/* The sign-in that the wait runs from, where an earlier one may have been lost. */
void link_late_sign_in(struct analysis *a, struct finding_case *c);
void missing_policy(struct analysis *a, struct finding_case *c);

#endif

/* SPDX-License-Identifier: MIT */
/* The kind of device and enrolment: Windows build, and whether there is a user at all. */
#include "analysis.h"

/* Placeholder identities of self-deploying and pre-provisioning enrolments in JoinInfo. */
static const char *const placeholders[] = { "foouser@", "autopilot@" };

static bool is_placeholder(struct ed_str email)
{
	for (size_t i = 0; i < ED_COUNT(placeholders); i++)
		if (ed_str_istarts(email, ed_str_from(placeholders[i])))
			return true;
	return false;
}

void build_context(struct analysis *a)
{
	bool user = false, placeholder = false;

	if (a->attestation.last_start)
		mark_u32(a->attestation.last_start->mark, "BuildVersion", &a->context.build);
	for (size_t i = 0; i < a->evidence->fact_count; i++) {
		const struct ed_stored_fact *f = &a->evidence->facts[i];

		if (!fact_is_registry(f, "\\CloudDomainJoin\\JoinInfo\\", "UserEmail"))
			continue;
		placeholder |= is_placeholder(f->fact.text);
		user |= f->fact.text.len && !is_placeholder(f->fact.text);
	}
	a->context.no_user = placeholder && !user;
	a->context.preparation = a->page.category && ed_str_ieq(a->page.category->fact.name,
								ED_STR("AutopilotDevicePrepHint"));
}

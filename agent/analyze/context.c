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

static int64_t value_number(const struct ed_stored_fact *value)
{
	uint32_t number = 0;

	return fact_u32(value, &number) && number ? (int64_t)number : ED_UNKNOWN;
}

static int64_t field_number(const struct mark *m, const char *name)
{
	uint32_t number = 0;

	return m && mark_u32(m, name, &number) && number ? (int64_t)number : ED_UNKNOWN;
}

/* What is installed, as the registry has it now; or what started last. */
static void find_build(struct analysis *a)
{
	static const char key[] = "\\Microsoft\\Windows NT\\CurrentVersion";
	const struct mark *start = NULL;

	a->context.os_build = value_number(registry_value(a, key, "CurrentBuild"));
	a->context.os_revision = value_number(registry_value(a, key, "UBR"));
	if (a->context.os_build != ED_UNKNOWN)
		return;
	for (size_t i = a->mark_count; i-- > 0 && !start;)
		start = a->marks[i].kind == EV_KERNEL_START ? &a->marks[i] : NULL;
	a->context.os_build = field_number(start, "BuildVersion");
	a->context.os_revision = field_number(start, "QfeVersion");
}

void build_context(struct analysis *a)
{
	bool user = false, placeholder = false;

	if (a->attestation.last_start)
		mark_u32(a->attestation.last_start->mark, "BuildVersion", &a->context.build);
	find_build(a);
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

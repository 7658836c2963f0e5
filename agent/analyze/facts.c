/* SPDX-License-Identifier: MIT */
/* Finding registry values among the facts. Paths and names are compared without ASCII case. */
#include "analysis.h"

bool fact_is_registry(const struct ed_stored_fact *f, const char *key_part, const char *name)
{
	return f->fact.kind == ED_FACT_REGISTRY && f->fact.name.p &&
	       (!name || ed_str_ieq(f->fact.name, ed_str_from(name))) &&
	       ed_str_ifind(f->fact.path, ed_str_from(key_part), 0) != SIZE_MAX;
}

const struct ed_stored_fact *registry_value(const struct analysis *a, const char *key_tail,
					    const char *name)
{
	const struct ed_stored_fact *found = NULL;

	for (size_t i = 0; i < a->evidence->fact_count; i++) {
		const struct ed_stored_fact *f = &a->evidence->facts[i];

		if (f->fact.kind == ED_FACT_REGISTRY && f->fact.name.p &&
		    ed_str_ieq(f->fact.name, ed_str_from(name)) &&
		    ed_str_iends(f->fact.path, ed_str_from(key_tail)))
			found = f;
	}
	return found;
}

bool fact_u32(const struct ed_stored_fact *f, uint32_t *out)
{
	if (!f)
		return false;
	if (!f->fact.has_number)
		return ed_number_u32(ed_str_trim(f->fact.text), out);
	*out = (uint32_t)f->fact.number;
	return true;
}

static int compare_place(const struct ed_stored_fact *f, struct ed_str path, const char *name)
{
	int d = (f->fact.kind > ED_FACT_REGISTRY) - (f->fact.kind < ED_FACT_REGISTRY);

	if (!d)
		d = ed_str_icmp(f->fact.path, path);
	return d ? d : ed_str_icmp(f->fact.name, ed_str_from(name));
}

const struct ed_stored_fact *registry_at(const struct analysis *a, struct ed_str path,
					 const char *name)
{
	size_t low = 0, high = a->evidence->fact_count;

	/* facts are sorted by kind, path and name; the last of equals counts */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_place(&a->evidence->facts[middle], path, name) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || compare_place(&a->evidence->facts[low - 1], path, name) != 0)
		return NULL;
	return &a->evidence->facts[low - 1];
}

bool of_intune(const struct analysis *a, const struct ed_stored_fact *f)
{
	size_t end = ed_str_ifind(f->fact.path, ED_STR("\\FirstSync"), 0);
	const struct ed_stored_fact *provider;

	if (end == SIZE_MAX)
		return false;
	provider = registry_at(a, ed_str_slice(f->fact.path, 0, end), "ProviderID");
	/* strict redaction takes the names of providers as well */
	return !provider || !a->enrollment.intune_named ||
	       ed_str_ieq(provider->fact.text, ED_STR("MS DM Server"));
}

const struct ed_stored_fact *first_sync(const struct analysis *a, const char *name)
{
	const struct ed_stored_fact *found = NULL;

	for (size_t i = 0; i < a->evidence->fact_count; i++) {
		const struct ed_stored_fact *f = &a->evidence->facts[i];

		if (fact_is_registry(f, "\\FirstSync", name) &&
		    ed_str_iends(f->fact.path, ED_STR("\\FirstSync")) && of_intune(a, f))
			found = f;
	}
	return found;
}

int64_t fact_key_time(const struct ed_stored_fact *f)
{
	size_t from = f->fact.path.len;
	int64_t t;

	while (from && f->fact.path.p[from - 1] != '\\')
		from--;
	/* some builds write local time; without a zone it is no time of ours */
	if (!ed_str_iends(f->fact.path, ED_STR("Z")) ||
	    !ed_time_parse(ed_str_slice(f->fact.path, from, f->fact.path.len), &t))
		return ED_TIME_NONE;
	return t;
}

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

int64_t fact_key_time(const struct ed_stored_fact *f)
{
	size_t from = f->fact.path.len;
	int64_t t;

	while (from && f->fact.path.p[from - 1] != '\\')
		from--;
	if (!ed_time_parse(ed_str_slice(f->fact.path, from, f->fact.path.len), &t))
		return ED_TIME_NONE;
	return t;
}

/* SPDX-License-Identifier: MIT */
/* The rows of roots.def as tables. */
#include "registry_priv.h"

#include "espdiag/base/limits.h"

#define MICROSOFT "SOFTWARE\\Microsoft\\"
#define POLICIES "SOFTWARE\\Policies\\Microsoft\\"
#define CONTROL "SYSTEM\\CurrentControlSet\\Control\\"
#define SERVICES "SYSTEM\\CurrentControlSet\\Services"
#define DEEP ED_LIMIT_REGISTRY_DEPTH

static const struct registry_root all_roots[] = {
#define REGISTRY_ROOT(id, key, depth, values, flags) { key, values, depth, flags },
#include "roots.def"
#undef REGISTRY_ROOT
};

/* Which member each of them belongs to. */
static const enum registry_id owners[] = {
#define REGISTRY_ROOT(id, key, depth, values, flags) REGISTRY_ID_##id,
#include "roots.def"
#undef REGISTRY_ROOT
};

static const char *const names[] = {
#define REGISTRY_MEMBER(id, name, source, late) name,
#include "roots.def"
#undef REGISTRY_MEMBER
};

static const char *const secrets[] = {
#define REGISTRY_SECRET(part) part,
#include "roots.def"
#undef REGISTRY_SECRET
};

struct registry_member registry_member_at(enum registry_id id)
{
	struct registry_member member = { .name = names[id] };
	size_t first = 0;

	while (first < ED_COUNT(owners) && owners[first] != id)
		first++;
	member.roots = &all_roots[first];
	while (first + member.count < ED_COUNT(owners) && owners[first + member.count] == id)
		member.count++;
	return member;
}

size_t registry_root_count(void)
{
	return ED_COUNT(all_roots);
}

bool registry_is_secret(struct ed_str name, uint32_t type)
{
	if (type == REGISTRY_DWORD)
		return false;
	for (size_t i = 0; i < ED_COUNT(secrets); i++)
		if (ed_str_ifind(name, ed_str_from(secrets[i]), 0) != SIZE_MAX)
			return true;
	return false;
}

/* SPDX-License-Identifier: MIT */
/* A registry in memory, with what can go wrong in a real one. */
#ifndef ED_TESTS_REGISTRY_FAKE_H
#define ED_TESTS_REGISTRY_FAKE_H

#include "espdiag/collectors/live.h"
#include "registry_priv.h"

struct fake_value {
	const char *name;     /* ASCII */
	struct ed_str name16; /* instead, as bytes */
	uint32_t type;
	struct ed_str data;
	uint32_t data_code; /* of asking for the data */
};

struct fake_key {
	const char *path; /* ASCII, below HKEY_LOCAL_MACHINE */
	int64_t time;
	const struct fake_value *values;
	size_t value_count;
	uint32_t open_code, written_code;
	uint32_t enum_code;              /* instead of the end of a list */
	uint32_t many_keys, many_values; /* made up as they are asked for */
	bool loops;                      /* has a key that is itself */
};

struct fake_registry {
	const struct fake_key *keys;
	size_t count;
	const struct fake_value *many_is; /* what many_values are; NULL: numbers */
	uint64_t now, tick_ms;            /* a look at the clock takes this long */
	unsigned stop_after;              /* looks at live->stopped; 0: never */
	/* what happened */
	int open_now;
	unsigned followed, data_calls, looks;
};

void fake_registry_api(struct fake_registry *fake, struct ed_registry_api *api,
		       struct ed_live *live);

#endif

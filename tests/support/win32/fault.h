/* SPDX-License-Identifier: MIT */
/*
 * Faults in the program that loaded the doubles: of their own calls, and of the program's calls to
 * the system and to malloc, by its table of imports. The shipped file is not changed for it.
 *
 * ESPDIAG_DOUBLE_FAULT  "KIND N CODE": the N-th call of KIND fails with CODE; "each KIND N CODE":
 * on each thread the N-th; "on KIND N CODE": that and all behind it; "to KIND N CODE": that and all
 * before it; "end KIND N CODE": there the process ends at once, with that exit code. KIND is api,
 * read, write or memory.
 *
 * Calls are counted from when the double of wevtapi.dll was loaded, which is before the jobs begin.
 */
#ifndef ESPDIAG_DOUBLE_FAULT_H
#define ESPDIAG_DOUBLE_FAULT_H

#include <windows.h>

#include <stdint.h>
#include <string.h>

enum fault_kind { FAULT_API, FAULT_READ, FAULT_WRITE, FAULT_MEMORY, FAULT_KINDS };

/* @steps: FAULT_KINDS counters of calls, and one of those that failed. */
void fault_begin(volatile LONG *steps);
/* 0, or the code that this call has to fail with. */
uint32_t fault_step(enum fault_kind kind);

typedef void fault_function(void);

struct fault_import {
	const char *name;
	fault_function *instead;
	void *real; /* where the one that was there goes, or NULL */
};

/* Takes the place of these in the program's table of imports. */
void fault_imports(const struct fault_import *imports, size_t count);

/* For a call of another double: 0, or @code when it has to fail. Counted in wevtapi.dll, if any. */
static inline uint32_t fault_elsewhere(uint32_t code)
{
	typedef uint32_t(__cdecl * step_fn)(void);
	HMODULE module = GetModuleHandleW(L"wevtapi.dll");
	FARPROC found = module ? GetProcAddress(module, "DoubleFault") : NULL;
	step_fn step;

	if (!found)
		return 0;
	memcpy(&step, &found, sizeof(step));
	return step() ? code : 0;
}

#endif

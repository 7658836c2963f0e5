/* SPDX-License-Identifier: MIT */
/*
 * Everything that is not an event: registry values, measured-boot records, log lines, tool output.
 * One shape for all, so that a recorded bundle can play them back.
 */
#ifndef ESPDIAG_MODEL_FACT_H
#define ESPDIAG_MODEL_FACT_H

#include "espdiag/base/arena.h"
#include "espdiag/base/str.h"
#include "espdiag/base/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * X(name, word): the word appears in reports.
 * REGISTRY  path = full key ("HKEY_LOCAL_MACHINE\…"), name = value name ("" is the default value),
 *           text = REG_SZ/EXPAND_SZ as is, MULTI_SZ joined by LF, DWORD/QWORD decimal (and number),
 *           binary as upper-case hex; a key without values is one fact with name.p NULL.
 * BOOTLOG   path = "" , name = SIPA name ("BitlockerUnlock", "BootCounter"…), number = its value;
 *           facts of one log share their source; one with name "Log" and number = records opens it.
 * LOGLINE   path = component, name = log name, text = message, time = UTC, number = CMTrace type;
 *           local_time by the device's own clock, whose zone the log may not say.
 * DSREG     path = section, name = item ("AzureAdJoined"), text = value.
 * MDMREPORT path = element path from the root, name = element or attribute, text = value.
 * STATE     path = area and item ("volume/C:"), name = property ("ProtectionStatus"), text = value,
 *           number for numbers and booleans; text.p NULL: asked for and not told.
 * COLLECTED path = item type of results.xml ("RegistryKey"), name = item, number = HRESULT.
 */
#define ED_FACT_KIND_LIST(X)                                                                       \
	X(ED_FACT_REGISTRY, "registry")                                                            \
	X(ED_FACT_BOOTLOG, "boot log")                                                             \
	X(ED_FACT_LOGLINE, "log")                                                                  \
	X(ED_FACT_DSREG, "dsregcmd")                                                               \
	X(ED_FACT_MDMREPORT, "MDM report")                                                         \
	X(ED_FACT_STATE, "device state")                                                           \
	X(ED_FACT_COLLECTED, "collection result")

enum ed_fact_kind {
#define ED_FACT_KIND_ENUM(name, word) name,
	ED_FACT_KIND_LIST(ED_FACT_KIND_ENUM)
#undef ED_FACT_KIND_ENUM
};

struct ed_fact {
	enum ed_fact_kind kind;
	bool has_number;
	struct ed_str path;
	struct ed_str name;
	struct ed_str text;
	uint64_t number;
	int64_t time;       /* ED_TIME_NONE: a snapshot without a time of its own */
	int64_t local_time; /* for spans within one log only; 0: not known */
};

/* Copies @from with all its text into @arena. False when out of memory; @to is then unchanged. */
bool ed_fact_copy(struct ed_arena *arena, const struct ed_fact *from, struct ed_fact *to);

#endif

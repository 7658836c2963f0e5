/* SPDX-License-Identifier: MIT */
/* The start of the program: what must hold before anything else runs, and its arguments as UTF-8.
 */
#ifndef ESPDIAG_PLATFORM_PROCESS_H
#define ESPDIAG_PLATFORM_PROCESS_H

#include "espdiag/base/error.h"

struct ed_process {
	int argc;
	char **argv; /* ends with NULL; on POSIX the very ones of main() */
};

/*
 * The first call of main(), with its arguments. On Windows: from here on DLLs come from System32
 * alone, no error box waits for a click, the arguments are UTF-8 whatever the code page is, and of
 * the caller's privileges (not its rights) only those are left that are needed. On POSIX: writing
 * to a closed pipe fails instead of ending the program. ED_NOMEM, ED_IO; @process is then empty,
 * but may be ended.
 */
ed_status ed_process_begin(struct ed_process *process, int argc, char **argv, struct ed_error *err);
/* Releases the arguments. Harmless twice. */
void ed_process_end(struct ed_process *process);

#endif

/* SPDX-License-Identifier: MIT */
/* The start of the program on a POSIX system. */
#include "espdiag/platform/process.h"

#include <signal.h>

ed_status ed_process_begin(struct ed_process *process, int argc, char **argv, struct ed_error *err)
{
	(void)err;
	/* a closed pipe is a failed write, which is told like any other */
	signal(SIGPIPE, SIG_IGN);
	*process = (struct ed_process){ .argc = argc, .argv = argv };
	return ED_OK;
}

void ed_process_end(struct ed_process *process)
{
	*process = (struct ed_process){ .argc = 0 };
}

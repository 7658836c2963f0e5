/* SPDX-License-Identifier: MIT */
/* `espdiag collect`, which is also what the program does without a command. */
#include "commands.h"

enum ed_exit ed_command_collect(const struct ed_options *options, struct ed_error *err)
{
	(void)options;
	ed_fail(err, ED_UNSUPPORTED,
		"live collection needs Windows and a later version; "
		"run 'espdiag analyze PATH' on recorded evidence instead");
	return ED_EXIT_USAGE;
}

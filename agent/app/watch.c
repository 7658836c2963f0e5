/* SPDX-License-Identifier: MIT */
/* `espdiag watch` */
#include "watch.h"

#include "espdiag/platform/task.h"

#include "commands.h"
#include "live.h"

enum ed_exit ed_command_watch(const struct ed_options *options, struct ed_error *err)
{
	bool any_read = false;
	ed_status status;

	if (!options->replay.p) {
		ed_fail(err, ED_UNSUPPORTED,
			"watching a device needs Windows; "
			"run 'espdiag watch --replay PATH' on recorded evidence instead");
		return ED_EXIT_USAGE;
	}
	status = ed_interrupt_catch(err);
	if (status == ED_OK)
		status = ed_watch_replay(options, &any_read, err);
	if (status != ED_OK)
		return ED_EXIT_FAILURE;
	return any_read ? ED_EXIT_DONE : ED_EXIT_NOTHING_READ;
}

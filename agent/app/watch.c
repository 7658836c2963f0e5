/* SPDX-License-Identifier: MIT */
/* `espdiag watch` */
#include "watch.h"

#include "espdiag/platform/task.h"

#include "commands.h"
#include "watch_live.h"

static enum ed_exit live_watch(const struct ed_options *options, struct ed_error *err)
{
	bool any_read = false, hung = false;
	enum ed_exit code = ED_EXIT_FAILURE;

	if (!ed_app_live.follow_begin) {
		ed_fail(err, ED_UNSUPPORTED,
			"watching a device needs Windows; "
			"run 'espdiag watch --replay PATH' on recorded evidence instead");
		return ED_EXIT_USAGE;
	}
	ed_app_live_prepare();
	if (ed_watch_live(options, &ed_app_live, &any_read, &hung, err) == ED_OK)
		code = any_read ? ED_EXIT_DONE : ED_EXIT_NOTHING_READ;
	if (hung) {
		if (err->text[0])
			fprintf(stderr, "espdiag: %s\n", err->text);
		ed_process_exit((int)code);
	}
	return code;
}

enum ed_exit ed_command_watch(const struct ed_options *options, struct ed_error *err)
{
	bool any_read = false;

	if (ed_interrupt_catch(err) != ED_OK)
		return ED_EXIT_FAILURE;
	if (!options->replay.p)
		return live_watch(options, err);
	if (ed_watch_replay(options, &any_read, err) != ED_OK)
		return ED_EXIT_FAILURE;
	return any_read ? ED_EXIT_DONE : ED_EXIT_NOTHING_READ;
}

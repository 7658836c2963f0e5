/* SPDX-License-Identifier: MIT */
/* `espdiag install` and `espdiag uninstall`. */
#include "commands.h"

#include "espdiag/base/limits.h"
#include "espdiag/install/install.h"
#include "espdiag/platform/device.h"
#include "espdiag/platform/file.h"

#include "place.h"

static enum ed_exit exit_of(ed_status status)
{
	if (status == ED_OK)
		return ED_EXIT_DONE;
	return status == ED_UNSUPPORTED ? ED_EXIT_USAGE : ED_EXIT_FAILURE;
}

enum ed_exit ed_command_install(const struct ed_options *options, struct ed_error *err)
{
	const struct ed_install_options what = { .on_failure = options->on_failure };

	return exit_of(ed_install(ed_install_system(), &what, err));
}

/* What runs as SYSTEM left where Intune's own collection looks. */
static ed_status ime_clear(struct ed_error *err)
{
	struct ed_str folder = { NULL, 0 }, log;
	struct ed_arena arena;
	ed_status status;

	ed_arena_init(&arena, ED_LIMIT_RUN_ARENA);
	status = ed_ime_log_folder(&arena, &folder, err);
	if (status == ED_OK && folder.p) {
		status = ed_place_make_room(folder, 0, ed_clock_now(), err);
		log = ed_arena_printf(&arena, "%.*s/espdiag.log", ED_FMT(folder));
		if (status == ED_OK)
			status = log.p ? ed_file_remove(log, err)
				       : ed_fail(err, ED_NOMEM, "out of memory for a path");
		if (status == ED_ABSENT)
			status = ED_OK;
	}
	ed_arena_release(&arena);
	return status;
}

enum ed_exit ed_command_uninstall(const struct ed_options *options, struct ed_error *err)
{
	ed_status status = ed_uninstall(ed_install_system(), options->keep_bundles, err);
	struct ed_error mine = { .status = ED_OK };

	if (status == ED_UNSUPPORTED || options->keep_bundles)
		return exit_of(status);
	if (ime_clear(&mine) != ED_OK && status == ED_OK) {
		*err = mine;
		status = mine.status;
	}
	if (status == ED_OK)
		err->text[0] = '\0'; /* what was absent all along */
	return exit_of(status);
}

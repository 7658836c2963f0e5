/* SPDX-License-Identifier: MIT */
/* The program: options in, one command run, one line on standard error when it failed. */
#include "commands.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/platform/file.h"
#include "espdiag/platform/process.h"
#include "espdiag/version.h"

#include "say.h"

static enum ed_exit (*const commands[ED_COMMAND_COUNT])(const struct ed_options *options,
							struct ed_error *err) = {
	[ED_COMMAND_COLLECT] = ed_command_collect, [ED_COMMAND_ANALYZE] = ed_command_analyze,
	[ED_COMMAND_EXPLAIN] = ed_command_explain, [ED_COMMAND_EVENTS] = ed_command_events,
	[ED_COMMAND_VERIFY] = ed_command_verify,   [ED_COMMAND_SELFTEST] = ed_command_selftest,
	[ED_COMMAND_COMPARE] = ed_command_compare, [ED_COMMAND_FLEET] = ed_command_fleet,
	[ED_COMMAND_INSTALL] = ed_command_install, [ED_COMMAND_UNINSTALL] = ed_command_uninstall,
	[ED_COMMAND_WATCH] = ed_command_watch,
};

/* --help and --version: results, so they go to standard output. */
static enum ed_exit tell(const struct ed_options *options, struct ed_error *err)
{
	struct ed_buf out;
	ed_status status;

	ed_buf_init(&out, ED_MIB);
	if (options->help)
		ed_options_help(options, &out);
	else
		ed_buf_addz(&out, "espdiag " ED_VERSION "\n");
	status = out.status;
	if (status == ED_OK)
		status = ed_file_write_whole(ED_STR("-"), ed_buf_str(&out), err);
	else
		ed_fail(err, status, "%s", ed_status_text(status));
	ed_buf_release(&out);
	return status == ED_OK ? ED_EXIT_DONE : ED_EXIT_FAILURE;
}

static enum ed_exit run(const struct ed_process *process, const char **paths, struct ed_error *err)
{
	struct ed_options options = { .paths = paths };

	if (ed_options_parse(&options, process->argc, process->argv, err) != ED_OK)
		return ED_EXIT_USAGE;
	if (options.help || options.version)
		return tell(&options, err);
	return commands[options.command](&options, err);
}

int main(int argc, char **argv)
{
	struct ed_process process;
	struct ed_error err = { 0 };
	enum ed_exit code = ED_EXIT_FAILURE;
	const char **paths = NULL;

	if (ed_process_begin(&process, argc, argv, &err) == ED_OK) {
		paths = ed_calloc((size_t)process.argc + 1, sizeof(*paths));
		if (paths)
			code = run(&process, paths, &err);
		else
			ed_fail(&err, ED_NOMEM, "%s", ed_status_text(ED_NOMEM));
	}
	ed_free(paths);
	ed_process_end(&process);
	if (err.text[0])
		ed_say_error(err.text);
	return (int)code;
}

/* SPDX-License-Identifier: MIT */
/* The help, made of the table of options. */
#include "options.h"

#include "espdiag/version.h"

/* Where what is said of a name begins, and where a name is too long for it. */
#define COLUMN 18

static void words_help(struct ed_buf *out, const struct ed_option_words *words, const char *more)
{
	size_t begin = out->len, column;
	/* what a command takes is told with its blank */
	const char *blank =
		words->argument && words->argument[0] && words->argument[0] != ' ' ? " " : "";

	ed_buf_printf(out, "  %s%s%s", words->name, blank, words->argument ? words->argument : "");
	column = out->len - begin;
	if (column >= COLUMN) {
		ed_buf_addc(out, '\n');
		column = 0;
	}
	ed_buf_printf(out, "%*s%s%s\n", (int)(COLUMN - column), "", words->help, more);
}

static void options_help(struct ed_buf *out, const struct ed_option_words *words, size_t count)
{
	ed_buf_addz(out, "\nOptions:\n");
	for (size_t i = 0; i < count; i++)
		words_help(out, &words[i], "");
}

void ed_options_help(const struct ed_options *options, struct ed_buf *out)
{
	struct ed_option_words words[ED_OPTIONS_MOST];

	if (options->command_given) {
		struct ed_option_words command = ed_options_command(options->command);

		ed_buf_printf(out, "usage: espdiag %s [OPTION]...%s\n\n%s.\n", command.name,
			      command.argument, command.help);
		options_help(out, words, ed_options_of(options->command, words));
	} else {
		ed_buf_addz(out, "espdiag " ED_VERSION
				 ": why a Store app did not install during Autopilot\n\n"
				 "usage: espdiag [COMMAND] [OPTION]...\n\nCommands:\n");
		for (size_t i = 0; i < ED_COMMAND_COUNT; i++) {
			struct ed_option_words command = ed_options_command((enum ed_command)i);

			words_help(out, &command, i == ED_COMMAND_COLLECT ? "; the default" : "");
		}
		options_help(out, words, ed_options_common(words));
		ed_buf_addz(out, "\n'espdiag analyze --help' lists the options of a command.\n");
	}
	ed_buf_addz(out,
		    "\nExit: 0 done, 1 internal failure, 2 wrong usage, 3 nothing could be read,\n"
		    "4 partly unreadable with --strict, 5 'verify' found a mismatch.\n");
}

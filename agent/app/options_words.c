/* SPDX-License-Identifier: MIT */
/* For developers: the manual page and the completions, made of the one table of options. */
#include "options.h"

#include "espdiag/base/limits.h"
#include "espdiag/version.h"

#include <stdio.h>

/* @text with what troff would take for itself disarmed. */
static void man_add(struct ed_buf *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		if (*p == '-')
			ed_buf_addz(out, "\\-");
		else if (*p == '\\')
			ed_buf_addz(out, "\\e");
		else if ((*p == '.' || *p == '\'') && p == text)
			ed_buf_printf(out, "\\&%c", *p);
		else
			ed_buf_addc(out, *p);
	}
}

static void man_option(struct ed_buf *out, struct ed_option_words words)
{
	ed_buf_addz(out, ".TP\n.B ");
	man_add(out, words.name);
	if (words.argument) {
		ed_buf_addz(out, " \\fI");
		man_add(out, words.argument);
		ed_buf_addz(out, "\\fR");
	}
	ed_buf_addc(out, '\n');
	man_add(out, words.help);
	ed_buf_addc(out, '\n');
}

static void man(struct ed_buf *out)
{
	struct ed_option_words options[ED_OPTIONS_MOST];

	ed_buf_addz(out,
		    ".\\\" SPDX-License-Identifier: MIT\n"
		    ".\\\" Made by options_words; change agent/app/options.c instead.\n"
		    ".TH ESPDIAG 1 \"\" \"espdiag " ED_VERSION "\" \"User Commands\"\n"
		    ".SH NAME\nespdiag \\- why a Store app did not install during Autopilot\n"
		    ".SH SYNOPSIS\n.B espdiag\n[\\fICOMMAND\\fR] [\\fIOPTION\\fR]...\n"
		    ".SH DESCRIPTION\n"
		    "Reads what Windows recorded while the Enrollment Status Page waited for a "
		    "required Microsoft Store app,\n"
		    "and says what happened, with proof, and what to do. Recorded evidence is read "
		    "on any system.\n"
		    "Without a command it does what\n.B espdiag collect\ndoes.\n"
		    ".SH COMMANDS\n");
	for (size_t i = 0; i < ED_COMMAND_COUNT; i++) {
		struct ed_option_words command = ed_options_command((enum ed_command)i);
		size_t count = ed_options_of((enum ed_command)i, options);

		ed_buf_addz(out, ".SS ");
		ed_buf_printf(out, "\"espdiag %s [OPTION]...%s\"\n", command.name,
			      command.argument);
		man_add(out, command.help);
		ed_buf_addz(out, ".\n");
		for (size_t k = 0; k < count; k++)
			man_option(out, options[k]);
	}
	ed_buf_addz(out,
		    ".SH EXIT STATUS\n"
		    "0 done, whatever the verdict; 1 internal failure; 2 wrong usage; 3 nothing "
		    "could be read;\n4 partly unreadable, with \\-\\-strict; 5 verify found a "
		    "mismatch. With \\-\\-exit\\-verdict:\n10 blocked, 11 waiting, 12 failed, 13 "
		    "inconclusive.\n");
}

/* The words that an argument like "text|json" offers, in quotes and with commas when @quoted. */
static void choices_add(struct ed_buf *out, const char *argument, bool quoted)
{
	struct ed_str rest = ed_str_from(argument), word;
	bool first = true;

	while (ed_str_next(&rest, '|', &word)) {
		ed_buf_printf(out, quoted ? "%s'%.*s'" : "%s%.*s",
			      first    ? ""
			      : quoted ? ", "
				       : " ",
			      ED_FMT(word));
		first = false;
	}
}

/* An argument of small letters and bars is a choice; others are names of something. */
static bool is_choice(const char *argument)
{
	bool bar = false;

	for (const char *p = argument; p && *p; p++) {
		bar |= *p == '|';
		if (*p != '|' && (*p < 'a' || *p > 'z'))
			return false;
	}
	return bar;
}

static void bash(struct ed_buf *out)
{
	struct ed_option_words options[ED_OPTIONS_MOST];

	ed_buf_addz(out,
		    "# SPDX-License-Identifier: MIT\n"
		    "# shellcheck shell=bash disable=SC2207 # bash 3 has no mapfile\n"
		    "# Made by options_words; change agent/app/options.c instead.\n"
		    "_espdiag() {\n"
		    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
		    "\tlocal command=${COMP_WORDS[1]} words=\n"
		    "\tCOMPREPLY=()\n"
		    "\t# without a command it is the default one\n"
		    "\t[ \"${command#-}\" = \"$command\" ] || command=collect\n"
		    "\tcase $command$prev in\n");
	for (size_t i = 0; i < ED_COMMAND_COUNT; i++) {
		const char *name = ed_options_command((enum ed_command)i).name;
		size_t count = ed_options_of((enum ed_command)i, options);

		for (size_t k = 0; k < count; k++) {
			if (!is_choice(options[k].argument))
				continue;
			ed_buf_printf(out, "\t%s%s) words='", name, options[k].name);
			choices_add(out, options[k].argument, false);
			ed_buf_addz(out, "' ;;\n");
		}
	}
	ed_buf_addz(out, "\t*)\n\t\tif [ \"${cur#-}\" != \"$cur\" ]; then\n"
			 "\t\t\tcase $command in\n");
	for (size_t i = 0; i < ED_COMMAND_COUNT; i++) {
		size_t count = ed_options_of((enum ed_command)i, options);

		ed_buf_printf(out, "\t\t\t%s) words='",
			      ed_options_command((enum ed_command)i).name);
		for (size_t k = 0; k < count; k++)
			ed_buf_printf(out, "%s%s", k ? " " : "", options[k].name);
		ed_buf_addz(out, "' ;;\n");
	}
	ed_buf_addz(out, "\t\t\tesac\n\t\telif [ \"$COMP_CWORD\" = 1 ]; then\n\t\t\twords='");
	for (size_t i = 0; i < ED_COMMAND_COUNT; i++)
		ed_buf_printf(out, "%s ", ed_options_command((enum ed_command)i).name);
	ed_buf_addz(out, "--help --version'\n\t\tfi\n\t\t;;\n\tesac\n"
			 "\t[ -z \"$words\" ] || COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
			 "}\ncomplete -o default -F _espdiag espdiag\n");
}

static void powershell(struct ed_buf *out)
{
	struct ed_option_words options[ED_OPTIONS_MOST];

	ed_buf_addz(out, "# SPDX-License-Identifier: MIT\n"
			 "# Made by options_words; change agent/app/options.c instead.\n"
			 "$espdiagWords = @{\n");
	for (size_t i = 0; i < ED_COMMAND_COUNT; i++) {
		const char *name = ed_options_command((enum ed_command)i).name;
		size_t count = ed_options_of((enum ed_command)i, options);

		ed_buf_printf(out, "    '%s' = @(", name);
		for (size_t k = 0; k < count; k++)
			ed_buf_printf(out, "%s'%s'", k ? ", " : "", options[k].name);
		ed_buf_addz(out, ")\n");
		for (size_t k = 0; k < count; k++) {
			if (!is_choice(options[k].argument))
				continue;
			ed_buf_printf(out, "    '%s%s' = @(", name, options[k].name);
			choices_add(out, options[k].argument, true);
			ed_buf_addz(out, ")\n");
		}
	}
	ed_buf_addz(out, "    '' = @(");
	for (size_t i = 0; i < ED_COMMAND_COUNT; i++)
		ed_buf_printf(out, "'%s', ", ed_options_command((enum ed_command)i).name);
	ed_buf_addz(out,
		    "'--help', '--version')\n}\n"
		    "Register-ArgumentCompleter -Native -CommandName espdiag, espdiag.exe "
		    "-ScriptBlock {\n"
		    "    param($word, $ast, $position)\n"
		    "    $typed = @($ast.CommandElements | ForEach-Object { \"$_\" } | "
		    "Where-Object { $_ -ne $word })\n"
		    "    $key = if ($typed.Count -gt 1) { $typed[1] } else { '' }\n"
		    "    # without a command it is the default one\n"
		    "    if (\"$key$word\" -like '-*') { $key = 'collect' }\n"
		    "    if ($espdiagWords.ContainsKey($key + $typed[-1])) { $key += $typed[-1] }\n"
		    "    $espdiagWords[$key] | Where-Object { $_ -like \"$word*\" }\n"
		    "}\n");
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*print)(struct ed_buf *out);
	} forms[] = { { "man", man }, { "bash", bash }, { "powershell", powershell } };
	struct ed_buf out;
	bool ok = false;

	ed_buf_init(&out, ED_MIB);
	for (size_t i = 0; argc == 2 && i < ED_COUNT(forms); i++) {
		if (!ed_str_eq(ed_str_from(argv[1]), ed_str_from(forms[i].name)))
			continue;
		forms[i].print(&out);
		ok = out.status == ED_OK && fwrite(out.p, 1, out.len, stdout) == out.len;
	}
	if (!ok)
		fprintf(stderr, "usage: options_words man|bash|powershell\n");
	ed_buf_release(&out);
	return ok ? 0 : 1;
}

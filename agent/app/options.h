/* SPDX-License-Identifier: MIT */
/* What the command line says. One table of options and one of commands; the help is made of them.
 */
#ifndef AGENT_APP_OPTIONS_H
#define AGENT_APP_OPTIONS_H

#include "espdiag/base/buf.h"
#include "espdiag/base/time.h"
#include "espdiag/model/event_text.h"
#include "espdiag/model/filter.h"
#include "espdiag/redact/redact.h"

enum ed_format {
	ED_FORMAT_TEXT,
	ED_FORMAT_JSON,
	ED_FORMAT_NDJSON,
	ED_FORMAT_XML,
	ED_FORMAT_HTML,
	ED_FORMAT_CSV
};

enum ed_command {
	ED_COMMAND_COLLECT,
	ED_COMMAND_ANALYZE,
	ED_COMMAND_EXPLAIN,
	ED_COMMAND_EVENTS,
	ED_COMMAND_VERIFY,
	ED_COMMAND_COMPARE,
	ED_COMMAND_FLEET,
	ED_COMMAND_SELFTEST,
	ED_COMMAND_INSTALL,
	ED_COMMAND_UNINSTALL,
	ED_COMMAND_WATCH,
	ED_COMMAND_COUNT
};

/* Threads of one run. */
#define ED_JOBS_MAX 256

struct ed_options {
	enum ed_command command;
	bool command_given;
	enum ed_format format;
	struct ed_str output; /* "-" is standard output */
	int64_t at;           /* ED_TIME_NONE when not given */
	bool prefer_raw;      /* analyze: raw/ of a bundle instead of events/ */
	bool force;           /* compare: also two devices */
	bool merge;           /* fleet: the paths are rows of shards */
	uint32_t shard;       /* fleet: of @shards, every bundle at @shard modulo @shards */
	uint32_t shards;      /* 0: no shard, all of them */
	uint32_t jobs;        /* most at once: bundles, sources, parts of a log; 0 when not given.
				 Most commands do one at a time */
	struct ed_str digest; /* verify: of the manifest; { NULL, 0 } when not given */
	struct ed_str replay; /* watch: .p NULL when live */
	struct ed_str log;    /* watch: { NULL, 0 } when not given */
	uint32_t speed;       /* watch: times real time; 0: without waiting */
	bool until_done;      /* watch */
	bool strict, exit_verdict, quiet, verbose, no_color;
	bool help, version;
	/* collect */
	enum ed_redact_level redact;
	bool raw;
	struct ed_str sign_by; /* collect: a certificate; .p NULL when not given */
	bool eventlog;
	bool on_failure;          /* install: also the task; collect: keep the bundle only then */
	bool keep_bundles;        /* uninstall */
	struct ed_str out;        /* folder or .zip; .p NULL when not given */
	uint32_t timeout_seconds; /* of the whole run; 0: none */
	struct ed_filter filter;  /* events, and the times of others; since is set by the command
				     when since_ago is given */
	struct ed_wanted fields;
	int64_t since_ago;  /* ticks before --at, or before now; 0 when not given */
	const char **paths; /* or ids, for explain; borrowed from argv; the array is the caller's,
			       argc long */
	size_t path_count;
};

/*
 * Reads @argv into @options; options->paths must point to room for @argc pointers. ED_ARG with one
 * line in @err for anything that is not in the tables or does not fit the command.
 */
ed_status ed_options_parse(struct ed_options *options, int argc, char **argv, struct ed_error *err);

/* The time that --since names, for whom nothing older is to be used; 0 when it names none. */
int64_t ed_options_since(const struct ed_options *options);

/* Rows of the tables, for what is made of them: the manual page, completions. Static text. */
struct ed_option_words {
	const char *name;     /* with its dashes, or of a command */
	const char *argument; /* NULL when it takes none; of a command " PATH..." or "" */
	const char *help;
};

#define ED_OPTIONS_MOST 64

struct ed_option_words ed_options_command(enum ed_command command);
/* The options of @command, at most ED_OPTIONS_MOST; returns how many. */
size_t ed_options_of(enum ed_command command, struct ed_option_words out[ED_OPTIONS_MOST]);

/* Those that all commands take. */
size_t ed_options_common(struct ed_option_words out[ED_OPTIONS_MOST]);

/* The help of one command, or of the program when none was given. */
void ed_options_help(const struct ed_options *options, struct ed_buf *out);

/* "none", "standard", "strict". */
const char *ed_options_redact_word(enum ed_redact_level level);

#endif

/* SPDX-License-Identifier: MIT */
/* The commands, one file each, and the exit codes they share. */
#ifndef AGENT_APP_COMMANDS_H
#define AGENT_APP_COMMANDS_H

#include "espdiag/analyze/verdict.h"

#include "options.h"

#include "ingest.h"

/* 1618, 1641, 1707 and 3010 mean something to Intune and are never used. */
enum ed_exit {
	ED_EXIT_DONE = 0,
	ED_EXIT_FAILURE = 1,
	ED_EXIT_USAGE = 2,
	ED_EXIT_NOTHING_READ = 3,
	ED_EXIT_STRICT = 4,
	ED_EXIT_MISMATCH = 5,
	ED_EXIT_BLOCKED = 10,
	ED_EXIT_WAITING = 11,
	ED_EXIT_FAILED = 12,
	ED_EXIT_INCONCLUSIVE = 13,
};

/* What --exit-verdict makes of an outcome. */
enum ed_exit ed_outcome_exit(enum ed_outcome outcome);

/* Each prints its result on standard output and says in one line in @err what went wrong. */
enum ed_exit ed_command_analyze(const struct ed_options *options, struct ed_error *err);
enum ed_exit ed_command_explain(const struct ed_options *options, struct ed_error *err);
enum ed_exit ed_command_events(const struct ed_options *options, struct ed_error *err);
enum ed_exit ed_command_verify(const struct ed_options *options, struct ed_error *err);
enum ed_exit ed_command_selftest(const struct ed_options *options, struct ed_error *err);
enum ed_exit ed_command_compare(const struct ed_options *options, struct ed_error *err);
enum ed_exit ed_command_fleet(const struct ed_options *options, struct ed_error *err);
enum ed_exit ed_command_watch(const struct ed_options *options, struct ed_error *err);
enum ed_exit ed_command_install(const struct ed_options *options, struct ed_error *err);
enum ed_exit ed_command_uninstall(const struct ed_options *options, struct ed_error *err);
enum ed_exit ed_command_collect(const struct ed_options *options, struct ed_error *err);

/* All kinds of evidence that this program reads. */
extern const struct ed_ingest_tables ed_app_sources;

#endif

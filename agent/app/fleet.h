/* SPDX-License-Identifier: MIT */
/* Many bundles: which they are, in what order, and a row of each by several threads. */
#ifndef AGENT_APP_FLEET_H
#define AGENT_APP_FLEET_H

#include "run.h"

#include "espdiag/base/buf.h"

/* A bundle: where it lies, and the same as valid UTF-8, which names and orders its row. */
struct ed_fleet_path {
	struct ed_str path, shown;
};

struct ed_fleet_paths {
	const struct ed_fleet_path *items; /* ascending by shown, none twice */
	size_t count;
	size_t passed;              /* folders with logs beside bundles: in none of the items */
	struct ed_str passed_first; /* one of them */
};

/*
 * What the @count PATHs hold, in @arena: a file is a bundle, and so is a folder that a bundle was
 * unpacked to; of any other folder all archives and unpacked bundles in it and below it, or, when
 * there are none, the folder itself. What cannot be looked at is a bundle too: its row says why.
 * ED_LIMIT past ED_LIMIT_FLEET_BUNDLES, ED_NOMEM.
 */
ed_status ed_fleet_paths(const char *const *paths, size_t count, struct ed_arena *arena,
			 struct ed_fleet_paths *out, struct ed_error *err);

/* Leaves every @shards-th, from the one at @shard on. ED_NOMEM. */
ed_status ed_fleet_shard(struct ed_fleet_paths *paths, uint32_t shard, uint32_t shards,
			 struct ed_arena *arena, struct ed_error *err);

struct ed_fleet_work {
	const struct ed_run *how; /* each path is judged so */
	const struct ed_fleet_paths *paths;
	uint32_t jobs; /* threads, at least 1 */
	void *context;
	/* Gets the line of each path in its place, with its LF, on the caller's thread. */
	ed_status (*row)(void *context, struct ed_str line, struct ed_error *err);
	/* About five times a second; may be NULL. */
	void (*progress)(void *context, size_t done, size_t total, uint64_t ms);
};

/*
 * Judges all paths. The lines and their order do not depend on jobs. A thread holds one verdict at
 * a time; what waits for an earlier path to end is lines. ED_NOMEM, ED_IO (no thread), or what row
 * returned.
 */
ed_status ed_fleet_work(const struct ed_fleet_work *work, struct ed_error *err);

/*
 * Reads the files of rows @paths and hands their lines to @row in the order of their sources, each
 * once. ED_FORMAT: a line is no row, or two rows of one bundle differ. ED_ABSENT, ED_ACCESS, ED_IO,
 * ED_LIMIT, ED_NOMEM, or what row returned.
 */
ed_status ed_fleet_merge(const char *const *paths, size_t count, void *context,
			 ed_status (*row)(void *context, struct ed_str line, struct ed_error *err),
			 struct ed_error *err);

/* The line of one path, as every thread makes it: appended to @out. ED_NOMEM. */
ed_status ed_fleet_line(const struct ed_run *how, const struct ed_fleet_path *path,
			struct ed_buf *out, struct ed_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * From a PATH to evidence: walks folders and archives, tells each file's kind by its content, has
 * its reader read it, and writes down in coverage what could not be read.
 */
#ifndef AGENT_APP_INGEST_H
#define AGENT_APP_INGEST_H

#include "espdiag/collectors/input.h"
#include "espdiag/model/evidence.h"

/* What can be read. Of equal scores the first reader wins, and any reader before any container. */
struct ed_ingest_tables {
	const struct ed_reader *const *readers;
	size_t reader_count;
	const struct ed_container *const *containers;
	size_t container_count;
};

struct ed_ingest_stats {
	size_t seen;    /* files and members, archives among them */
	size_t read;    /* by a reader, damaged in parts or not */
	size_t ignored; /* of no known kind */
	size_t failed;  /* could not be read, or not at all */
	bool any_read;  /* some evidence could be read */
	bool any_lost;  /* something could not, or only in part (--strict) */
};

/*
 * Reads all of @path, a file or folder, into @evidence (which the caller finishes) and counts it
 * into @stats (which the caller zeroes). Sources are named relative to @path: a file by its own
 * name, a member "outer.zip/inner.cab/name".
 * ED_ABSENT, ED_ACCESS, ED_IO: @path itself cannot be found. ED_ARG: it is neither file nor folder.
 * ED_NOMEM. Everything else is a coverage row, a folder or file that may not be opened as well.
 */
ed_status ed_ingest(const struct ed_ingest_tables *tables, struct ed_str path,
		    struct ed_evidence *evidence, struct ed_ingest_stats *stats,
		    struct ed_error *err);

#endif

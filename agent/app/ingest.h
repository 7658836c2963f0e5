/* SPDX-License-Identifier: MIT */
/*
 * From a PATH to evidence: walks folders and archives, tells each file's kind by its content, has
 * its reader read it, and writes down in coverage what could not be read.
 */
#ifndef AGENT_APP_INGEST_H
#define AGENT_APP_INGEST_H

#include "espdiag/bundle/bundle.h"
#include "espdiag/collectors/input.h"
#include "espdiag/model/evidence.h"

#include "deadline.h"

/* What can be read. Of equal scores the first reader wins, and any reader before any container. */
struct ed_ingest_tables {
	const struct ed_reader *const *readers;
	size_t reader_count;
	const struct ed_container *const *containers;
	size_t container_count;
	bool own_clock; /* the readers' sink is more than the store and ends them in time itself */
};

struct ed_ingest_stats {
	const struct ed_deadline *deadline; /* in: of the run; NULL: none */
	size_t seen;                        /* files and members, archives among them */
	size_t read;                        /* by a reader, damaged in parts or not */
	size_t ignored;                     /* of no known kind */
	size_t failed;                      /* could not be read, or not at all */
	bool any_read;                      /* some evidence could be read */
	bool any_lost;                      /* something could not, or only in part (--strict) */
};

/*
 * Reads all of @path, a file or folder, into @evidence (which the caller finishes) and counts it
 * into @stats (which the caller zeroes but for its deadline, after which nothing is read; what was
 * not is a row). Sources are named relative to @path: a file by its own
 * name, a member "outer.zip/inner.cab/name".
 * ED_ABSENT, ED_ACCESS, ED_IO: @path itself cannot be found. ED_ARG: it is neither file nor folder.
 * ED_NOMEM. Everything else is a coverage row, a folder or file that may not be opened as well.
 */
ed_status ed_ingest(const struct ed_ingest_tables *tables, struct ed_str path,
		    struct ed_evidence *evidence, struct ed_ingest_stats *stats,
		    struct ed_error *err);

/*
 * The same for a bundle of espdiag, zip or folder, of which ed_bundle_inspect said @info. Sources
 * are named by their members ("events/System.xml"), wherever the bundle lies and whatever it is
 * called. The verdict, the pages and the manifest are no evidence, and raw/ is read only in place
 * of events/, when that is not there or, with @prefer_raw, when raw/ holds event logs.
 */
ed_status ed_ingest_disk_bundle(const struct ed_ingest_tables *tables, struct ed_str path,
				const struct ed_bundle_info *info, bool prefer_raw,
				struct ed_evidence *evidence, struct ed_ingest_stats *stats,
				struct ed_error *err);
/*
 * The same for a bundle under construction: gives the sources, the order and the coverage that
 * reading it from disk will give. ED_NOMEM.
 */
ed_status ed_ingest_bundle(const struct ed_ingest_tables *tables, const struct ed_bundle *bundle,
			   struct ed_evidence *evidence, struct ed_ingest_stats *stats,
			   struct ed_error *err);

#endif

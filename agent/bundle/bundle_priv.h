/* SPDX-License-Identifier: MIT */
/* What the files of this room share: members in memory, and walking a bundle on disk. */
#ifndef AGENT_BUNDLE_PRIV_H
#define AGENT_BUNDLE_PRIV_H

#include "espdiag/bundle/bundle.h"
#include "espdiag/pack/write.h"

#define MANIFEST_NAME "manifest.json"
#define MANIFEST_SCHEMA "espdiag.manifest/1"
#define RUN_NAME "state/run.json"
#define RUN_SCHEMA "espdiag.run/1"
#define VERDICT_NAME "verdict.json"
#define VERDICT_SCHEMA "espdiag.verdict/1"

struct member {
	char *text; /* the name, then the source; owned */
	struct ed_str name, source;
	enum ed_form form;
	uint64_t redactions;
	unsigned char sha256[ED_SHA256_BYTES];
	struct ed_packed packed;
};

struct ed_bundle {
	struct member *members; /* by name, the manifest last */
	size_t count, cap;
	uint64_t bytes; /* of all, unpacked */
};

/* Gets what lies in a bundle on disk. Text is borrowed for the call. */
struct disk_visitor {
	void *context;
	/* Whether the bytes of a member are of interest; NULL: all are. */
	bool (*want)(void *context, struct ed_str name);
	ed_status (*member)(void *context, struct ed_str name, struct ed_str bytes,
			    struct ed_error *err);
	/* A member that is not all there; @name.p NULL: the bundle as a whole. May be NULL. */
	ed_status (*lost)(void *context, struct ed_str name, struct ed_str why,
			  struct ed_error *err);
	/* A member that the system cannot read ends the walk, with ED_IO, ED_ACCESS or ED_ARG. */
	bool reads_all;
};

/* ED_FORMAT: neither a zip nor a folder. ED_ABSENT, ED_ACCESS, ED_IO, ED_NOMEM, or what the
 * visitor returned. */
ed_status disk_walk(struct ed_str path, const struct disk_visitor *visitor, struct ed_error *err);
/* The bytes of the file @name in the folder @path, into @out (whose limit holds). */
ed_status disk_read(struct ed_str path, const char *name, struct ed_buf *out, struct ed_error *err);
/* Whether the zip @path may hold a member named @name: looks at its end only. No other file does.
 * ED_ABSENT, ED_ACCESS, ED_ARG, ED_IO, ED_NOMEM. */
ed_status disk_may_hold(struct ed_str path, const char *name, bool *found, struct ed_error *err);

#endif

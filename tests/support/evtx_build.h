/* SPDX-License-Identifier: MIT */
/*
 * Builds .evtx files the way the Windows event log writes them: 64 KiB chunks with their checksums,
 * names and templates defined where a chunk first needs them and referenced by offset afterwards,
 * the data of an event as a template instance of its own inside the template of its System part.
 */
#ifndef ESPDIAG_TESTS_EVTX_BUILD_H
#define ESPDIAG_TESTS_EVTX_BUILD_H

#include "build_event.h"

#define EVTX_BUILD_FILE_HEADER 4096u
#define EVTX_BUILD_CHUNK 65536u

struct evtx_build_name;
struct evtx_build_template;

struct evtx_build {
	/* to be set after init, before the first event */
	bool flat;  /* data inline in the System template: one template an event kind */
	bool dirty; /* as after a crash: the header claims less than the chunks hold */

	/* the rest is private */
	struct ed_buf file;
	struct ed_buf keys;    /* text of names and templates of this chunk */
	struct ed_buf scratch; /* one value */
	unsigned char *chunk;
	size_t used;
	bool full; /* what was being written does not fit into the chunk */
	bool failed;
	struct evtx_build_name *names;
	size_t name_count, name_cap;
	struct evtx_build_template *templates;
	size_t template_count, template_cap;
	uint64_t first_record, last_record, next_record;
	size_t last_record_at;
	size_t chunk_count;
};

void evtx_build_init(struct evtx_build *b);
void evtx_build_release(struct evtx_build *b);

/*
 * Appends one record. False when it is longer than a chunk, when a value is not of its type, or
 * when out of memory; a record that was too long leaves the file as it was.
 */
bool evtx_build_add(struct evtx_build *b, const struct build_event *event);

/* Ends the current chunk, so that the next record begins another one. */
bool evtx_build_end_chunk(struct evtx_build *b);

/*
 * Ends the file and gives its bytes, owned by @b. { NULL, 0 } after a failure. A file without
 * records has one empty chunk, as Windows leaves it.
 */
struct ed_str evtx_build_finish(struct evtx_build *b);

/* Recomputes the checksums of chunk @chunk_i of a finished file: for tests that change its bytes.
 */
void evtx_build_reseal(unsigned char *file, size_t chunk_i);

#endif

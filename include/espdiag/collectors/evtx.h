/* SPDX-License-Identifier: MIT */
/* Reader of Windows event logs (.evtx): file and chunk headers, BinXml records. */
#ifndef ESPDIAG_COLLECTORS_EVTX_H
#define ESPDIAG_COLLECTORS_EVTX_H

#include "espdiag/collectors/input.h"

/* Reads with a cache of its own. Records come in the order of the file's chunks. */
extern const struct ed_reader ed_reader_evtx;

/*
 * Compiled templates and the buffers of the reader. Keep one for many files of a run: definitions
 * met before are not compiled again. Its memory is bounded (limits.h) whatever it read. Not for
 * two threads at once.
 */
struct ed_evtx_cache;

/* ED_NOMEM. */
ed_status ed_evtx_cache_new(struct ed_evtx_cache **cache, struct ed_error *err);
/* NULL is harmless. */
void ed_evtx_cache_free(struct ed_evtx_cache *cache);

/* As ed_reader_evtx.read, with a cache that outlives the call. */
ed_status ed_evtx_read(struct ed_evtx_cache *cache, const struct ed_input *input,
		       struct ed_sink *sink, struct ed_error *err);

#endif

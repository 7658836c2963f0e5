/* SPDX-License-Identifier: MIT */
/*
 * An event log dumped in parts, one after the other or by several threads: put in their order, what
 * they write is what ed_evtx_dump_read writes.
 */
#ifndef ESPDIAG_COLLECTORS_EVTX_PARTS_H
#define ESPDIAG_COLLECTORS_EVTX_PARTS_H

#include "espdiag/collectors/evtx_dump.h"

/* What is known of a part, or of all up to one: damage, and what is told at a log's end. */
struct ed_evtx_part;

/* ED_NOMEM. */
ed_status ed_evtx_part_new(struct ed_evtx_part **part, struct ed_error *err);
/* NULL is harmless. */
void ed_evtx_part_free(struct ed_evtx_part *part);

/* Chunks of @input, the last of which may be cut short. */
uint64_t ed_evtx_chunk_count(const struct ed_input *input);

/*
 * Dumps the chunks [@first, @end) of @input, a log of that many or more, and sets @part to what
 * there is to tell of them. @continues: @dump has read all chunks before, last of all. Else, when
 * damage needs what came before: ED_FORMAT, what was written is worth nothing, and the part has to
 * be read again so. For ED_DUMP_EVENTS @sink gets the events. Other statuses as ed_evtx_dump_read.
 */
ed_status ed_evtx_part_read(struct ed_evtx_dump *dump, const struct ed_input *input, uint64_t first,
			    uint64_t end, bool continues, struct ed_sink *sink,
			    struct ed_evtx_part *part, struct ed_error *err);
/* Adds @next, which follows, to @all, which begins with the first chunk. */
void ed_evtx_part_add(struct ed_evtx_part *all, const struct ed_evtx_part *next);
/* Makes @part one of which nothing was read. */
void ed_evtx_part_clear(struct ed_evtx_part *part);
/* Tells @sink of the gaps of a log that was read to its end. ED_FORMAT: it was no event log. */
ed_status ed_evtx_part_tell(const struct ed_evtx_part *all, const struct ed_input *input,
			    struct ed_sink *sink, struct ed_error *err);

#endif

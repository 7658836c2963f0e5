/* SPDX-License-Identifier: MIT */
/*
 * An arena hands out memory that is released all at once. One arena a run owns all evidence and
 * findings. With ED_ARENA_DEBUG each allocation is its own heap block, so that checkers see
 * overruns.
 */
#ifndef ESPDIAG_BASE_ARENA_H
#define ESPDIAG_BASE_ARENA_H

#include "espdiag/base/str.h"

#include <stddef.h>

struct ed_arena_block;

struct ed_arena {
	struct ed_arena_block *head;
	size_t used;  /* bytes handed out, each piece rounded up to its alignment */
	size_t limit; /* bytes that may be handed out; never exceeded */
};

/* @limit: see limits.h. Allocates nothing yet. */
void ed_arena_init(struct ed_arena *arena, size_t limit);
/* Frees everything; the arena is as after ed_arena_init. Twice is harmless. */
void ed_arena_release(struct ed_arena *arena);
/* Forgets everything but may keep one block for reuse: for scratch arenas in a loop. */
void ed_arena_reset(struct ed_arena *arena);

/* Aligned for any type, not zeroed. NULL when out of memory or past the limit. */
void *ed_arena_alloc(struct ed_arena *arena, size_t size);
/* Zeroed array. NULL also when count * size overflows. */
void *ed_arena_calloc(struct ed_arena *arena, size_t count, size_t size);
/* Copies @s with a NUL behind it; .p is NULL on failure (an empty @s gives a non-NULL .p). */
struct ed_str ed_arena_str(struct ed_arena *arena, struct ed_str s);
/* printf into the arena; .p is NULL on failure. */
struct ed_str ed_arena_printf(struct ed_arena *arena, const char *format, ...) ED_PRINTF(2, 3);

#endif

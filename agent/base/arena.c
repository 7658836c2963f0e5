/* SPDX-License-Identifier: MIT */
/* Bump allocation in blocks; one heap block an allocation with ED_ARENA_DEBUG. */
#include "espdiag/base/arena.h"

#include "espdiag/base/alloc.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>

/* What any object may need; MSVC's C has no max_align_t. */
union arena_align {
	long long integer;
	long double real;
	void *object;
	void (*function)(void);
};

#define ARENA_BLOCK_BYTES (64 * (size_t)1024)
#define ARENA_ALIGN alignof(union arena_align)

struct ed_arena_block {
	struct ed_arena_block *next;
	size_t used;
	size_t cap;
	union arena_align bytes[];
};

void ed_arena_init(struct ed_arena *arena, size_t limit)
{
	*arena = (struct ed_arena){ .limit = limit };
}

static void arena_free_blocks(struct ed_arena_block *block)
{
	while (block) {
		struct ed_arena_block *next = block->next;

		ed_free(block);
		block = next;
	}
}

void ed_arena_release(struct ed_arena *arena)
{
	arena_free_blocks(arena->head);
	arena->head = NULL;
	arena->used = 0;
}

void ed_arena_reset(struct ed_arena *arena)
{
#ifdef ED_ARENA_DEBUG
	ed_arena_release(arena);
#else
	if (arena->head) {
		arena_free_blocks(arena->head->next);
		arena->head->next = NULL;
		arena->head->used = 0;
	}
	arena->used = 0;
#endif
}

static struct ed_arena_block *arena_new_block(struct ed_arena *arena, size_t cap)
{
	struct ed_arena_block *block = ed_malloc(offsetof(struct ed_arena_block, bytes) + cap);

	if (!block)
		return NULL;
	block->next = arena->head;
	block->used = 0;
	block->cap = cap;
	arena->head = block;
	return block;
}

void *ed_arena_alloc(struct ed_arena *arena, size_t size)
{
	struct ed_arena_block *block = arena->head;
	size_t need;
	void *p;

	/* Counted with its padding: a million empty strings are sixteen megabytes, not one. */
	if (size > SIZE_MAX - ARENA_BLOCK_BYTES)
		return NULL;
	need = (size / ARENA_ALIGN + (size % ARENA_ALIGN != 0 || !size)) * ARENA_ALIGN;
	if (need > arena->limit - arena->used)
		return NULL;
#ifdef ED_ARENA_DEBUG
	block = arena_new_block(arena, size ? size : 1);
	if (!block)
		return NULL;
	block->used = block->cap;
	p = block->bytes;
#else
	if (!block || need > block->cap - block->used) {
		block = arena_new_block(arena, need > ARENA_BLOCK_BYTES ? need : ARENA_BLOCK_BYTES);
		if (!block)
			return NULL;
	}
	p = (char *)block->bytes + block->used;
	block->used += need;
#endif
	arena->used += need;
	return p;
}

void *ed_arena_calloc(struct ed_arena *arena, size_t count, size_t size)
{
	void *p;

	if (size && count > SIZE_MAX / size)
		return NULL;
	p = ed_arena_alloc(arena, count * size);
	if (p)
		memset(p, 0, count * size);
	return p;
}

struct ed_str ed_arena_str(struct ed_arena *arena, struct ed_str s)
{
	char *p = s.len < SIZE_MAX ? ed_arena_alloc(arena, s.len + 1) : NULL;

	if (!p)
		return (struct ed_str){ NULL, 0 };
	if (s.len)
		memcpy(p, s.p, s.len);
	p[s.len] = '\0';
	return (struct ed_str){ p, s.len };
}

struct ed_str ed_arena_printf(struct ed_arena *arena, const char *format, ...)
{
	va_list args;
	char *p;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0)
		return (struct ed_str){ NULL, 0 };
	p = ed_arena_alloc(arena, (size_t)n + 1);
	if (!p)
		return (struct ed_str){ NULL, 0 };
	va_start(args, format);
	vsnprintf(p, (size_t)n + 1, format, args);
	va_end(args);
	return (struct ed_str){ p, (size_t)n };
}

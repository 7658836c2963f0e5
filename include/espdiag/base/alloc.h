/* SPDX-License-Identifier: MIT */
/*
 * All heap memory of the program comes from here, so that a test can make the n-th allocation fail.
 * Ownership is as with malloc: what is returned is freed with ed_free.
 */
#ifndef ESPDIAG_BASE_ALLOC_H
#define ESPDIAG_BASE_ALLOC_H

#include <stddef.h>

/* NULL when out of memory; @size 0 is treated as 1. */
void *ed_malloc(size_t size);
/* Zeroed. NULL when out of memory or when count * size overflows. */
void *ed_calloc(size_t count, size_t size);
/* @old may be NULL. On failure NULL, and @old is untouched. */
void *ed_realloc(void *old, size_t size);
/* NULL is harmless. */
void ed_free(void *p);

/*
 * Tests only: lets @n more allocations succeed and fails every one from then on; a negative @n
 * never fails. Returns the number of allocations asked for since the last call. Not thread-safe.
 */
long ed_alloc_fail_after(long n);

#endif

/* SPDX-License-Identifier: MIT */
/* The one door to the heap, with the fault injection of the tests. */
#include "espdiag/base/alloc.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Only tests change fail_after, and only where one thread runs; several may count. */
static long fail_after = -1;
static atomic_long asked;

static bool alloc_allowed(void)
{
	atomic_fetch_add_explicit(&asked, 1, memory_order_relaxed);
	if (fail_after < 0)
		return true;
	if (fail_after == 0)
		return false;
	fail_after--;
	return true;
}

long ed_alloc_fail_after(long n)
{
	long count = atomic_exchange(&asked, 0);

	fail_after = n;
	return count;
}

void *ed_malloc(size_t size)
{
	return alloc_allowed() ? malloc(size ? size : 1) : NULL;
}

void *ed_calloc(size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		return NULL;
	return alloc_allowed() ? calloc(count ? count : 1, size ? size : 1) : NULL;
}

void *ed_realloc(void *old, size_t size)
{
	return alloc_allowed() ? realloc(old, size ? size : 1) : NULL;
}

void ed_free(void *p)
{
	free(p);
}

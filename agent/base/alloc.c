/* SPDX-License-Identifier: MIT */
/* The one door to the heap, with the fault injection of the tests. */
#include "espdiag/base/alloc.h"

#include <stdbool.h>
#include <stdint.h>

static long fail_after = -1;
static long asked;

static bool alloc_allowed(void)
{
	asked++;
	if (fail_after < 0)
		return true;
	if (fail_after == 0)
		return false;
	fail_after--;
	return true;
}

long ed_alloc_fail_after(long n)
{
	long count = asked;

	asked = 0;
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

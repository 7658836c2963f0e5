/* SPDX-License-Identifier: MIT */
/* No DLLs here: what depends on one finds it missing. */
#include "espdiag/platform/library.h"

ed_library_function *ed_library_symbol(const char *dll, const char *name)
{
	(void)dll;
	(void)name;
	return NULL;
}

void ed_library_prepare(const char *const *dlls, size_t count)
{
	(void)dlls;
	(void)count;
}

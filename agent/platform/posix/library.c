/* SPDX-License-Identifier: MIT */
/* No DLLs here: what depends on one finds it missing. */
#include "espdiag/platform/library.h"

#include <stddef.h>

ed_library_function *ed_library_symbol(const char *dll, const char *name)
{
	(void)dll;
	(void)name;
	return NULL;
}

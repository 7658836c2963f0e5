/* SPDX-License-Identifier: MIT */
/* Libraries of Windows that are loaded when they are needed, from System32 alone. */
#include "espdiag/platform/library.h"

#include <windows.h>

#define NAME_CHARS 64 /* the longest name that is asked for has some twenty */

ed_library_function *ed_library_symbol(const char *dll, const char *name)
{
	wchar_t wide[NAME_CHARS];
	size_t len = strlen(dll);
	HMODULE module;

	if (len >= NAME_CHARS)
		return NULL;
	for (size_t i = 0; i <= len; i++) /* names of libraries are ASCII */
		wide[i] = (wchar_t)(unsigned char)dll[i];
	/* never freed: functions of it are in use to the end */
	module = LoadLibraryExW(wide, NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
	return module ? (ed_library_function *)GetProcAddress(module, name) : NULL;
}

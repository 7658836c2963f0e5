/* SPDX-License-Identifier: MIT */
/* Functions of Windows' own libraries that may be missing; on other systems all are. */
#ifndef ESPDIAG_PLATFORM_LIBRARY_H
#define ESPDIAG_PLATFORM_LIBRARY_H

/* Any function; cast it to what it is before it is called. */
typedef void ed_library_function(void);

/*
 * The function @name of @dll ("bcrypt.dll"), which is looked for in System32 and nowhere else and
 * stays loaded. NULL when there is no such library or function. May wait for the loader.
 */
ed_library_function *ed_library_symbol(const char *dll, const char *name);

#endif

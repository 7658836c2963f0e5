/* SPDX-License-Identifier: MIT */
/* Functions of Windows' own libraries that may be missing; on other systems all are. */
#ifndef ESPDIAG_PLATFORM_LIBRARY_H
#define ESPDIAG_PLATFORM_LIBRARY_H

#include <stddef.h>

/* Any function; cast it to what it is before it is called. */
typedef void ed_library_function(void);

/*
 * The function @name of @dll ("bcrypt.dll"), which is looked for in System32 and nowhere else and
 * stays loaded. NULL when there is no such library or function. May wait for the loader.
 */
ed_library_function *ed_library_symbol(const char *dll, const char *name);

/*
 * Loads @dlls while there is one thread only, and lets user32.dll set up the window classes that
 * COM needs. Both start up when first used; on two threads at once each may wait for what the other
 * has begun, and then nothing goes on. Seen under Wine, and free where it is not needed.
 */
void ed_library_prepare(const char *const *dlls, size_t count);

#endif

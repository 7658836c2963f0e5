/* SPDX-License-Identifier: MIT */
/* Forced in front of everything on Windows: mends what mingw-w64's headers do to the house rules.
 */
#ifndef AGENT_PLATFORM_WIN32_HEADERS_H
#define AGENT_PLATFORM_WIN32_HEADERS_H

/* It has inline functions that use a banned name, and takes a name that is free elsewhere. */
#define tell io_tell
#include <io.h>
#undef tell

/* Its macros convert to float on paths never taken, which -Wconversion refuses. */
#include <math.h>
#undef isnan
#define isnan(x) __builtin_isnan(x)
#undef isinf
#define isinf(x) __builtin_isinf(x)

#endif

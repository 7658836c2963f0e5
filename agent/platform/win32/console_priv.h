/* SPDX-License-Identifier: MIT */
/* What files of this folder need of the console. */
#ifndef AGENT_PLATFORM_WIN32_CONSOLE_PRIV_H
#define AGENT_PLATFORM_WIN32_CONSOLE_PRIV_H

#include "espdiag/base/error.h"
#include "espdiag/base/str.h"

/* @console: a HANDLE that GetConsoleMode knows. ED_IO. */
ed_status ed_console_wide(void *console, struct ed_str utf8, struct ed_error *err);

#endif

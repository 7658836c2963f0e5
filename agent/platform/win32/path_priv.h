/* SPDX-License-Identifier: MIT */
/* Paths of UTF-8 for the functions of Windows. */
#ifndef AGENT_PLATFORM_WIN32_PATH_PRIV_H
#define AGENT_PLATFORM_WIN32_PATH_PRIV_H

#include "espdiag/base/error.h"
#include "espdiag/base/str.h"

#include <wchar.h>

/* @text and then @tail as UTF-16 with a NUL behind it; ed_free it. ED_ARG, ED_NOMEM. */
ed_status path_wide(struct ed_str text, const wchar_t *tail, wchar_t **out, struct ed_error *err);
/* "cannot @verb '@path': Windows error @code", with the status that fits @code. */
ed_status path_failed(struct ed_error *err, unsigned long code, const char *api, const char *verb,
		      struct ed_str path);

#endif

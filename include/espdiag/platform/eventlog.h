/* SPDX-License-Identifier: MIT */
/* The event log of Windows, to write to. */
#ifndef ESPDIAG_PLATFORM_EVENTLOG_H
#define ESPDIAG_PLATFORM_EVENTLOG_H

#include "espdiag/base/error.h"
#include "espdiag/base/str.h"

#include <stddef.h>
#include <stdint.h>

/* Of one event; each is cut to what the log takes. */
#define ED_EVENTLOG_STRINGS 8
#define ED_EVENTLOG_CHARS 4000

enum ed_eventlog_level { ED_EVENTLOG_ERROR, ED_EVENTLOG_WARNING, ED_EVENTLOG_INFORMATION };

/* One event of @source in the Application log. ED_UNSUPPORTED outside Windows, ED_ACCESS, ED_IO,
 * ED_NOMEM, ED_ARG for too many @strings. */
ed_status ed_eventlog_write(struct ed_str source, uint32_t id, enum ed_eventlog_level level,
			    const struct ed_str *strings, size_t count, struct ed_error *err);

#endif

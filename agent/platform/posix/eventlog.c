/* SPDX-License-Identifier: MIT */
/* There is no event log here. */
#include "espdiag/platform/eventlog.h"

ed_status ed_eventlog_write(struct ed_str source, uint32_t id, enum ed_eventlog_level level,
			    const struct ed_str *strings, size_t count, struct ed_error *err)
{
	(void)source;
	(void)id;
	(void)level;
	(void)strings;
	(void)count;
	return ed_fail(err, ED_UNSUPPORTED, "the event log needs Windows");
}

/* SPDX-License-Identifier: MIT */
/* The one line of a failure, for every command. */
#ifndef AGENT_APP_SAY_H
#define AGENT_APP_SAY_H

#include "espdiag/base/buf.h"

/* "espdiag: ..." on standard error, in signs that a console can show. */
void ed_say_error(const char *text);

/* Each line of @notes, as they may be shown. */
void ed_say_notes(const struct ed_buf *notes);

#endif

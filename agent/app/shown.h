/* SPDX-License-Identifier: MIT */
/* Text of strangers on a console: what a terminal would obey is not printed. */
#ifndef AGENT_APP_SHOWN_H
#define AGENT_APP_SHOWN_H

#include "espdiag/base/buf.h"

/*
 * Appends the UTF-8 @s on one line: line ends and tabs become blanks; other control characters (C1
 * too), marks of direction and invisible ones become '?'.
 */
void ed_shown_add(struct ed_buf *out, struct ed_str s);

#endif

/* SPDX-License-Identifier: MIT */
/* What the two files that call wevtapi.dll share. */
#ifndef COLLECTORS_WEVT_SYSTEM_PRIV_H
#define COLLECTORS_WEVT_SYSTEM_PRIV_H

#include "espdiag/base/str.h"

#include <stdint.h>
#include <wchar.h>

/* After a call that failed. Some failures leave no code behind, and 0 would mean success. */
uint32_t wevt_last_code(void);
/* With a NUL; ed_free. NULL when out of memory or no UTF-8. */
wchar_t *wevt_wide(struct ed_str text);

#endif

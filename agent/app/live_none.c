/* SPDX-License-Identifier: MIT */
/* No live collectors: evidence is recorded on Windows only. */
#include "live.h"

const struct ed_app_live ed_app_live = { .sets = NULL, .set_count = 0 };

void ed_app_live_prepare(void)
{
}

/* SPDX-License-Identifier: MIT */
/* Where output goes on POSIX when nobody says where: the current folder. */
#include "espdiag/platform/device.h"

ed_status ed_default_folder(struct ed_arena *arena, struct ed_str *out, struct ed_error *err)
{
	(void)arena;
	(void)err;
	*out = ED_STR(".");
	return ED_OK;
}

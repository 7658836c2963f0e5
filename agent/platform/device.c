/* SPDX-License-Identifier: MIT */
/* What every system's device has in common. */
#include "espdiag/platform/device.h"

const char *ed_rights_word(enum ed_rights rights)
{
	switch (rights) {
	case ED_RIGHTS_USER:
		return "user";
	case ED_RIGHTS_ADMIN:
		return "administrator";
	case ED_RIGHTS_SYSTEM:
		return "SYSTEM";
	case ED_RIGHTS_UNKNOWN:
		break;
	}
	return "unknown";
}

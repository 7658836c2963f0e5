/* SPDX-License-Identifier: MIT */
/* The little that a POSIX system says of a device whose trouble is on Windows. */
#include "espdiag/platform/device.h"

#include <unistd.h>

#define NAME_BYTES 256 /* more than a host name may have */

ed_status ed_device_read(struct ed_arena *arena, struct ed_device *out, struct ed_error *err)
{
	struct ed_device device = {
		.rights = geteuid() == 0 ? ED_RIGHTS_ADMIN : ED_RIGHTS_USER,
	};
	char name[NAME_BYTES] = { 0 };

	if (gethostname(name, sizeof(name) - 1) == 0 && name[0]) {
		device.name = ed_arena_str(arena, ed_str_from(name));
		if (!device.name.p)
			return ed_fail(err, ED_NOMEM, "out of memory for the device's name");
	}
	*out = device;
	return ED_OK;
}

ed_status ed_removable_drives(struct ed_arena *arena, struct ed_str **roots, size_t *count,
			      struct ed_error *err)
{
	(void)arena;
	(void)err;
	*roots = NULL;
	*count = 0;
	return ED_OK;
}

ed_status ed_ime_log_folder(struct ed_arena *arena, struct ed_str *out, struct ed_error *err)
{
	(void)arena;
	(void)err;
	*out = (struct ed_str){ NULL, 0 };
	return ED_OK;
}

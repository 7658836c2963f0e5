/* SPDX-License-Identifier: MIT */
/* Folders for their owner alone on POSIX. */
#include "private_priv.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES 4096 /* what Linux takes */

static bool path_z(struct ed_str path, char z[PATH_BYTES])
{
	if (path.len >= PATH_BYTES)
		return false;
	memcpy(z, path.p, path.len);
	z[path.len] = '\0';
	return true;
}

ed_status private_folder_create(struct ed_str folder, struct ed_error *err)
{
	char z[PATH_BYTES];
	int code;

	if (!path_z(folder, z))
		return ed_fail(err, ED_ARG, "path of %zu bytes is too long", folder.len);
	if (mkdir(z, 0700) == 0)
		return ED_OK;
	code = errno;
	return ed_fail_os(err,
			  code == ENOENT || code == ENOTDIR ? ED_ABSENT
			  : code == EACCES || code == EROFS ? ED_ACCESS
							    : ED_IO,
			  (uint32_t)code, "mkdir", "cannot make the folder '%.*s': %s",
			  ED_FMT(folder), strerror(code));
}

void ed_private_folder_remove(struct ed_str folder)
{
	char z[PATH_BYTES];

	if (path_z(folder, z))
		rmdir(z);
}

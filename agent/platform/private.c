/* SPDX-License-Identifier: MIT */
/* Names that nobody can have taken before, for folders of our own. */
#include "espdiag/platform/private.h"

#include "espdiag/platform/digest.h"

#include "private_priv.h"

#define CHANCE_BYTES 8

ed_status ed_private_folder_make(struct ed_arena *arena, struct ed_str path, struct ed_str *out,
				 struct ed_error *err)
{
	unsigned char chance[CHANCE_BYTES];
	char hex[2 * CHANCE_BYTES + 1];
	struct ed_str folder;

	ED_TRY(ed_random(chance, sizeof(chance), err));
	for (size_t i = 0; i < sizeof(chance); i++)
		snprintf(hex + 2 * i, 3, "%02x", chance[i]);
	folder = ed_arena_printf(arena, "%.*s.%s.tmp", ED_FMT(path), hex);
	if (!folder.p)
		return ed_fail(err, ED_NOMEM, "out of memory for a path");
	/* one that is there by chance or by whoever guessed is a failure, and never used */
	ED_TRY(private_folder_create(folder, err));
	*out = folder;
	return ED_OK;
}

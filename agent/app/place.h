/* SPDX-License-Identifier: MIT */
/* Where a bundle goes, and how many are kept where nobody looks after them. */
#ifndef AGENT_APP_PLACE_H
#define AGENT_APP_PLACE_H

#include "espdiag/base/arena.h"
#include "espdiag/base/error.h"

#include <stdint.h>

/* "espdiag-3f9a...-20260914T081507Z.zip"; @device_tag may have .p NULL. Lives in @arena. */
ed_status ed_place_name(struct ed_arena *arena, struct ed_str device_tag, int64_t at,
			struct ed_str *out, struct ed_error *err);
/*
 * The path of the bundle @name, in @arena. @out_option: a folder, a file ending in .zip, or .p
 * NULL: then the one removable drive when there is exactly one, else the current folder, or the
 * public one where the current folder is Windows' own. ED_ABSENT: the folder is not there.
 */
ed_status ed_place_find(struct ed_arena *arena, struct ed_str out_option, struct ed_str name,
			struct ed_str *out, struct ed_error *err);

/* Kept in the IME log folder, the new one among them. */
#define ED_PLACE_KEEP_BUNDLES 5
#define ED_PLACE_KEEP_BYTES ((uint64_t)50 * 1024 * 1024)

/*
 * Removes the oldest bundles of ours from @folder until one of @size bytes fits among those that
 * are kept. Touches nothing that is not an ordinary file named as ed_place_name does. ED_IO,
 * ED_ACCESS: some could not be removed.
 */
ed_status ed_place_make_room(struct ed_str folder, uint64_t size, struct ed_error *err);

/* Appends @ticket as a line of CMTrace form to espdiag.log in @folder. ED_IO, ED_ACCESS, ED_NOMEM.
 */
ed_status ed_place_log(struct ed_str folder, struct ed_str ticket, int64_t at,
		       struct ed_error *err);

#endif

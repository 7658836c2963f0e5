/* SPDX-License-Identifier: MIT */
/* Where a bundle goes, and how many are kept where nobody looks after them. */
#ifndef AGENT_APP_PLACE_H
#define AGENT_APP_PLACE_H

#include "espdiag/base/arena.h"
#include "espdiag/base/error.h"

#include <stdint.h>

/*
 * Name and path of a new bundle, in @arena: "espdiag-3f9a...-20260914T081507Z.zip"; @device_tag may
 * have .p NULL. A name that is taken gives way to the next second's. @out_option: a folder, a file
 * ending in .zip (then @path is that file, there or not), or .p NULL: the one removable drive when
 * there is exactly one, else the current folder, or the public one where the current folder is
 * Windows' own. ED_ARG: @out_option is neither, or its folder is not there.
 */
ed_status ed_place_new(struct ed_arena *arena, struct ed_str out_option, struct ed_str device_tag,
		       int64_t at, struct ed_str *name, struct ed_str *path, struct ed_error *err);
/* Where @name goes when the place that was chosen for it failed. */
ed_status ed_place_fall_back(struct ed_arena *arena, struct ed_str name, struct ed_str *path,
			     struct ed_error *err);
/*
 * How the names begin of files that jobs may make while the bundle @path comes to be, in @arena: in
 * a folder beside it that is open to nobody else, since what jobs put there is not redacted.
 * ED_ABSENT, ED_ACCESS, ED_IO, ED_NOMEM.
 */
ed_status ed_place_scratch(struct ed_arena *arena, struct ed_str path, struct ed_str *scratch,
			   struct ed_error *err);
/* Removes that folder, and files in it that jobs could not remove themselves. .p NULL: none. */
void ed_place_sweep(struct ed_str scratch);

/* Kept in the IME log folder. */
#define ED_PLACE_KEEP_BUNDLES 5
#define ED_PLACE_KEEP_BYTES ((uint64_t)50 * 1024 * 1024)

/* A part of a bundle that nobody has written to for so long is what a killed run left. */
#define ED_PLACE_PART_MINUTES 60

/*
 * Removes the oldest bundles of ours from @folder until @keep are left, and no more bytes than
 * ED_PLACE_KEEP_BYTES; and parts of ours that were left behind. Touches nothing that is not an
 * ordinary file named as a bundle is. ED_IO, ED_ACCESS: some could not be removed.
 */
ed_status ed_place_make_room(struct ed_str folder, size_t keep, int64_t now, struct ed_error *err);

/* Appends @ticket as a line of CMTrace form to espdiag.log in @folder. ED_IO, ED_ACCESS, ED_NOMEM.
 */
ed_status ed_place_log(struct ed_str folder, struct ed_str ticket, int64_t at,
		       struct ed_error *err);

#endif

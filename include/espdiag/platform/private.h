/* SPDX-License-Identifier: MIT */
/* Folders for what nobody else may read or change while it lies there. */
#ifndef ESPDIAG_PLATFORM_PRIVATE_H
#define ESPDIAG_PLATFORM_PRIVATE_H

#include "espdiag/base/arena.h"
#include "espdiag/base/error.h"
#include "espdiag/base/str.h"

/*
 * Makes a folder beside the file @path; its name, in @arena, is @path's and chance. It is new, and
 * from its first moment open to its owner, and on Windows to the system and administrators, alone:
 * also what is made in it. (FAT keeps no rights.) ED_ABSENT, ED_ACCESS, ED_IO, ED_NOMEM.
 */
ed_status ed_private_folder_make(struct ed_arena *arena, struct ed_str path, struct ed_str *out,
				 struct ed_error *err);
/* Removes it when it is empty. */
void ed_private_folder_remove(struct ed_str folder);

#endif

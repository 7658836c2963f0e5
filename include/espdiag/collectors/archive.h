/* SPDX-License-Identifier: MIT */
/* Containers: zip and cab, through agent/pack (libarchive). Folders are walked by the program
 * itself. */
#ifndef ESPDIAG_COLLECTORS_ARCHIVE_H
#define ESPDIAG_COLLECTORS_ARCHIVE_H

#include "espdiag/collectors/input.h"

extern const struct ed_container ed_container_zip;
extern const struct ed_container ed_container_cab;

#endif

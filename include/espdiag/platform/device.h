/* SPDX-License-Identifier: MIT */
/*
 * The computer and account the program runs on, and the places it may write to. Everything may be
 * unknown; on systems other than Windows most of it is.
 */
#ifndef ESPDIAG_PLATFORM_DEVICE_H
#define ESPDIAG_PLATFORM_DEVICE_H

#include "espdiag/base/arena.h"
#include "espdiag/base/error.h"
#include "espdiag/base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum ed_rights {
	ED_RIGHTS_UNKNOWN,
	ED_RIGHTS_USER,   /* also an administrator that is not elevated */
	ED_RIGHTS_ADMIN,  /* elevated */
	ED_RIGHTS_SYSTEM, /* LocalSystem */
};

/* "user", "administrator", "SYSTEM", "unknown". */
const char *ed_rights_word(enum ed_rights rights);

/* Text in the caller's arena; .p NULL when unknown. */
struct ed_device {
	struct ed_str name;         /* computer name */
	struct ed_str account;      /* of the caller, without domain */
	struct ed_str manufacturer; /* SMBIOS, by the registry */
	struct ed_str model;
	struct ed_str serial; /* SMBIOS */
	bool has_uuid;
	unsigned char uuid[16]; /* SMBIOS, as its bytes lie there */
	uint32_t windows_major, windows_build, windows_revision; /* 0 unknown */
	struct ed_str edition;                                   /* EditionID */
	enum ed_rights rights;
	bool oobe_account; /* defaultuser0, 1 or 2 */
	bool wow64;        /* a 32-bit program asked for us */
};

/* Never fails but for memory: what cannot be found out stays unknown. ED_NOMEM. */
ed_status ed_device_read(struct ed_arena *arena, struct ed_device *out, struct ed_error *err);

/* Drives that are removable, ready and can be written to, "E:/" each. ED_NOMEM. */
ed_status ed_removable_drives(struct ed_arena *arena, struct ed_str **roots, size_t *count,
			      struct ed_error *err);
/* Folder the IME keeps its logs in, when it exists (never made by us); else .p NULL. */
ed_status ed_ime_log_folder(struct ed_arena *arena, struct ed_str *out, struct ed_error *err);

/*
 * Where output goes when nobody says where: the current folder; on Windows the public one instead
 * when that is Windows' own, as at Shift+F10. ED_NOMEM.
 */
ed_status ed_default_folder(struct ed_arena *arena, struct ed_str *out, struct ed_error *err);

#endif

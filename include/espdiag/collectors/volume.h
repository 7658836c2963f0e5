/* SPDX-License-Identifier: MIT */
/*
 * The live state of BitLocker. Two jobs: Win32_EncryptableVolume, which needs an administrator, and
 * the shell's property, which everybody may read and which says less.
 */
#ifndef ESPDIAG_COLLECTORS_VOLUME_H
#define ESPDIAG_COLLECTORS_VOLUME_H

#include "espdiag/collectors/live.h"
#include "espdiag/collectors/wmi.h"

/* Windows only. */
extern const struct ed_live_jobs ed_live_volume;

/*
 * Records state/volume.json: for each volume, under its mount point ("C:") or "Volume{guid}", what
 * the methods of Win32_EncryptableVolume say now. ED_OK also when WMI refused or is not there,
 * which is a gap then. ED_NOMEM, ED_LIMIT.
 */
ed_status ed_volume_record(const struct ed_wmi_api *api, const struct ed_live *live,
			   struct ed_recording *out, struct ed_error *err);

/*
 * Reads System.Volume.BitLockerProtection of the root @root ("C:\\") as it is; the HRESULT of what
 * failed, 0 for success.
 */
typedef uint32_t (*ed_volume_shell_fn)(const char *root, int64_t *value);
/* Records state/volume-shell.json: the row ShellProtection of "C:". Status as above. */
ed_status ed_volume_record_shell(ed_volume_shell_fn read, struct ed_recording *out,
				 struct ed_error *err);

#endif

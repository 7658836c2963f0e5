/* SPDX-License-Identifier: MIT */
/*
 * The TPM and the start of the machine, live: five jobs, so that one that hangs costs only itself.
 * Each records one member and makes a gap of whatever it cannot find out.
 */
#ifndef ESPDIAG_COLLECTORS_TPM_H
#define ESPDIAG_COLLECTORS_TPM_H

#include "espdiag/collectors/live.h"
#include "espdiag/collectors/wmi.h"
#include "espdiag/platform/device.h"

/* Windows only. */
extern const struct ed_live_jobs ed_live_tpm;

/* Results of the TPM base services that are told apart. */
#define ED_TBS_OK UINT32_C(0)
#define ED_TBS_INSUFFICIENT_BUFFER UINT32_C(0x80284005)
#define ED_TBS_NOT_RUNNING UINT32_C(0x80284008)
#define ED_TBS_TPM_NOT_FOUND UINT32_C(0x8028400F)
#define ED_TBS_DISABLED UINT32_C(0x80284010)
#define ED_TBS_NO_EVENT_LOG UINT32_C(0x80284011)
#define ED_TBS_ACCESS_DENIED UINT32_C(0x80284012)
#define ED_TBS_NO_LIBRARY UINT32_C(0x8007007F) /* tbs.dll or the function is not there */

struct ed_tpm_device {
	uint32_t version; /* 1 = 1.2, 2 = 2.0 */
	uint32_t interface_type;
	uint32_t revision;
};

/* The TPM base services. */
struct ed_tbs_api {
	void *context;
	uint32_t (*device)(void *context, struct ed_tpm_device *out);
	/* The log of the current start. With @out NULL only *size is set, else *size is the room,
	 * and then what was written. */
	uint32_t (*log)(void *context, unsigned char *out, uint32_t *size);
};

#define ED_FIRMWARE_LEGACY 1          /* ERROR_INVALID_FUNCTION: no UEFI */
#define ED_FIRMWARE_NO_VARIABLE 203   /* ERROR_ENVVAR_NOT_FOUND */
#define ED_FIRMWARE_NO_PRIVILEGE 1314 /* ERROR_PRIVILEGE_NOT_HELD */
#define ED_FIRMWARE_DENIED 5          /* ERROR_ACCESS_DENIED */

/* Firmware and clock. */
struct ed_start_api {
	void *context;
	/* The first byte of a global UEFI variable; a Win32 error code, 0 for success. */
	uint32_t (*variable)(void *context, const char *name, uint8_t *out);
	uint64_t (*uptime_ms)(void *context);
	int64_t (*now)(void *context);
};

/* All: ED_OK also where gaps were recorded; ED_NOMEM, ED_LIMIT of the recording. */

/* state/tpm.json: which TPM there is. That there is none is an answer, not a gap. */
ed_status ed_tpm_record_device(const struct ed_tbs_api *tbs, struct ed_recording *out,
			       struct ed_error *err);
/* measured-boot/current.json, and with @raw the log itself in raw/measured-boot/. */
ed_status ed_tpm_record_log(const struct ed_tbs_api *tbs, bool raw, struct ed_recording *out,
			    struct ed_error *err);
/* state/tpm-wmi.json: Win32_Tpm. */
ed_status ed_tpm_record_wmi(const struct ed_wmi_api *api, const struct ed_live *live,
			    struct ed_recording *out, struct ed_error *err);
/* state/boot.json: Secure Boot, uptime, when Windows started by that. */
ed_status ed_start_record(const struct ed_start_api *start, struct ed_recording *out,
			  struct ed_error *err);
/*
 * state/mdm.json: HealthAttestation and DeviceStatus by the MDM bridge, which answers to
 * LocalSystem only. Never the certificate or the attestation report.
 */
ed_status ed_mdm_record(const struct ed_wmi_api *api, enum ed_rights rights,
			const struct ed_live *live, struct ed_recording *out, struct ed_error *err);

#endif

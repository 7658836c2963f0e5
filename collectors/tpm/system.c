/* SPDX-License-Identifier: MIT */
/* The jobs of the TPM collector on Windows: tbs.dll, firmware variables, the clock. */
#include "espdiag/collectors/tpm.h"

#include "espdiag/base/limits.h"
#include "espdiag/platform/file.h"
#include "espdiag/platform/library.h"

#include <windows.h>

#define LIMIT_MS 8000
#define GLOBAL_VARIABLES L"{8BE4DF61-93CA-11D2-AA0D-00E098032B8C}"

/* tbs.h of the toolchain is older than these. */
struct tpm_device_info {
	UINT32 struct_version; /* 1 */
	UINT32 tpm_version;
	UINT32 interface_type;
	UINT32 revision;
};
typedef UINT32(WINAPI *device_info_fn)(UINT32 size, void *info);
typedef UINT32(WINAPI *log_fn)(UINT32 type, BYTE *out, UINT32 *size);

#define LOG_CURRENT_START 0 /* TBS_TCGLOG_SRTM_CURRENT */

static bool load(void *slot, const char *dll, const char *name)
{
	ed_library_function *function = ed_library_symbol(dll, name);

	memcpy(slot, &function, sizeof(function));
	return function != NULL;
}

static uint32_t system_device(void *context, struct ed_tpm_device *out)
{
	struct tpm_device_info info = { .struct_version = 1 };
	device_info_fn get;
	uint32_t result;

	(void)context;
	if (!load(&get, "tbs.dll", "Tbsi_GetDeviceInfo"))
		return ED_TBS_NO_LIBRARY;
	result = get(sizeof(info), &info);
	if (result == ED_TBS_OK)
		*out = (struct ed_tpm_device){ info.tpm_version, info.interface_type,
					       info.revision };
	return result;
}

static uint32_t system_log(void *context, unsigned char *out, uint32_t *size)
{
	UINT32 n = *size;
	log_fn get;
	uint32_t result;

	(void)context;
	if (!load(&get, "tbs.dll", "Tbsi_Get_TCG_Log_Ex"))
		return ED_TBS_NO_LIBRARY;
	result = get(LOG_CURRENT_START, out, &n);
	*size = n;
	return result;
}

static const struct ed_tbs_api system_tbs = { .device = system_device, .log = system_log };

struct security {
	BOOL(WINAPI *impersonate)(SECURITY_IMPERSONATION_LEVEL level);
	BOOL(WINAPI *revert)(void);
	BOOL(WINAPI *open_token)(HANDLE thread, DWORD access, BOOL self, HANDLE *token);
	BOOL(WINAPI *lookup)(LPCWSTR system, LPCWSTR name, LUID *luid);
	BOOL(WINAPI *adjust)
	(HANDLE token, BOOL none, TOKEN_PRIVILEGES *state, DWORD len, TOKEN_PRIVILEGES *before,
	 DWORD *needed);
};

static bool security_load(struct security *s)
{
	return load(&s->impersonate, "advapi32.dll", "ImpersonateSelf") &&
	       load(&s->revert, "advapi32.dll", "RevertToSelf") &&
	       load(&s->open_token, "advapi32.dll", "OpenThreadToken") &&
	       load(&s->lookup, "advapi32.dll", "LookupPrivilegeValueW") &&
	       load(&s->adjust, "advapi32.dll", "AdjustTokenPrivileges");
}

/* Only this thread's own copy of the token gets the privilege, and only until it is given back. */
static void enable_privilege(const struct security *s)
{
	TOKEN_PRIVILEGES wanted = { .PrivilegeCount = 1 };
	HANDLE token;

	if (!s->open_token(GetCurrentThread(), TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY, FALSE,
			   &token))
		return;
	wanted.Privileges[0].Attributes = SE_PRIVILEGE_ENABLED;
	if (s->lookup(NULL, L"SeSystemEnvironmentPrivilege", &wanted.Privileges[0].Luid))
		s->adjust(token, FALSE, &wanted, 0, NULL, NULL);
	CloseHandle(token);
}

static uint32_t system_variable(void *context, const char *name, uint8_t *out)
{
	struct security s;
	wchar_t wide[32];
	bool impersonated;
	uint8_t value[8];
	DWORD n, code;

	(void)context;
	if (!security_load(&s))
		return ERROR_PROC_NOT_FOUND;
	if (!MultiByteToWideChar(CP_UTF8, 0, name, -1, wide, (int)ED_COUNT(wide)))
		return ED_FIRMWARE_NO_VARIABLE;
	impersonated = s.impersonate(SecurityImpersonation);
	if (impersonated)
		enable_privilege(&s);
	SetLastError(0);
	n = GetFirmwareEnvironmentVariableW(wide, GLOBAL_VARIABLES, value, sizeof(value));
	code = GetLastError();
	if (impersonated)
		s.revert();
	if (!n)
		return code ? (uint32_t)code : ED_FIRMWARE_NO_VARIABLE;
	*out = value[0];
	return 0;
}

static uint64_t system_uptime(void *context)
{
	(void)context;
	return GetTickCount64();
}

static int64_t system_now(void *context)
{
	(void)context;
	return ed_clock_now();
}

static const struct ed_start_api system_start = {
	.variable = system_variable,
	.uptime_ms = system_uptime,
	.now = system_now,
};

static ed_status run_device(const struct ed_live_job *job, const struct ed_live *live,
			    struct ed_recording *out, struct ed_error *err)
{
	(void)job;
	(void)live;
	return ed_tpm_record_device(&system_tbs, out, err);
}

static ed_status run_log(const struct ed_live_job *job, const struct ed_live *live,
			 struct ed_recording *out, struct ed_error *err)
{
	(void)job;
	return ed_tpm_record_log(&system_tbs, live->raw, out, err);
}

static ed_status run_wmi(const struct ed_live_job *job, const struct ed_live *live,
			 struct ed_recording *out, struct ed_error *err)
{
	(void)job;
	return ed_tpm_record_wmi(&ed_wmi_system, live, out, err);
}

static ed_status run_start(const struct ed_live_job *job, const struct ed_live *live,
			   struct ed_recording *out, struct ed_error *err)
{
	(void)job;
	(void)live;
	return ed_start_record(&system_start, out, err);
}

static ed_status run_mdm(const struct ed_live_job *job, const struct ed_live *live,
			 struct ed_recording *out, struct ed_error *err)
{
	struct ed_device device = { .rights = ED_RIGHTS_UNKNOWN };
	struct ed_arena arena;
	ed_status status;

	(void)job;
	ed_arena_init(&arena, ED_LIMIT_WMI_ARENA);
	status = ed_device_read(&arena, &device, err);
	ed_arena_release(&arena); /* the rights are no pointer */
	return status == ED_OK ? ed_mdm_record(&ed_wmi_system, device.rights, live, out, err)
			       : status;
}

static const struct ed_live_job jobs[] = {
	{ .name = "boot log of the current start",
	  .source = "Tbsi_Get_TCG_Log_Ex",
	  .limit_ms = LIMIT_MS,
	  .run = run_log },
	{ .name = "TPM", .source = "Tbsi_GetDeviceInfo", .limit_ms = LIMIT_MS, .run = run_device },
	{ .name = "TPM by WMI", .source = "Win32_Tpm", .limit_ms = LIMIT_MS, .run = run_wmi },
	{ .name = "firmware and uptime",
	  .source = "UEFI variable SecureBoot",
	  .limit_ms = LIMIT_MS,
	  .run = run_start },
	{ .name = "device health by the MDM bridge",
	  .source = "MDM bridge",
	  .late = true,
	  .limit_ms = LIMIT_MS,
	  .run = run_mdm },
};

const struct ed_live_jobs ed_live_tpm = { jobs, ED_COUNT(jobs) };

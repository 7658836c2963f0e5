/* SPDX-License-Identifier: MIT */
/* Name, hardware, version and rights of a Windows device and of the account we run as. */
#include "espdiag/platform/device.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/buf.h"
#include "espdiag/base/limits.h"
#include "espdiag/base/utf.h"

#include "smbios_priv.h"

#include <windows.h>
#include <tlhelp32.h>

#define TEXT_CHARS 512           /* of a name or value that is no path */
#define SMBIOS_TABLES 0x52534D42 /* 'RSMB' */

static const wchar_t bios_key[] = L"HARDWARE\\DESCRIPTION\\System\\BIOS";
static const wchar_t version_key[] = L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion";

static ed_status fail_memory(struct ed_error *err)
{
	return ed_fail(err, ED_NOMEM, "out of memory for what the device is");
}

/* A copy of @wide in @out; nothing when it is empty. ED_NOMEM. */
static ed_status keep_wide(struct ed_arena *arena, const wchar_t *wide, struct ed_str *out,
			   struct ed_error *err)
{
	struct ed_str copy;

	if (!*wide)
		return ED_OK;
	copy = ed_arena_utf16le(arena, wide, wcslen(wide) * sizeof(*wide), NULL);
	if (!copy.p)
		return fail_memory(err);
	*out = copy;
	return ED_OK;
}

/* @room of TEXT_CHARS; empty when there is no such text. */
static void registry_text(const wchar_t *key, const wchar_t *name, wchar_t *room)
{
	DWORD size = TEXT_CHARS * sizeof(*room);
	DWORD kind = RRF_RT_REG_SZ | RRF_SUBKEY_WOW6464KEY;

	if (RegGetValueW(HKEY_LOCAL_MACHINE, key, name, kind, NULL, room, &size) != ERROR_SUCCESS)
		*room = L'\0';
}

static uint32_t registry_number(const wchar_t *key, const wchar_t *name)
{
	DWORD value = 0, size = sizeof(value);
	DWORD kind = RRF_RT_REG_DWORD | RRF_SUBKEY_WOW6464KEY;

	if (RegGetValueW(HKEY_LOCAL_MACHINE, key, name, kind, NULL, &value, &size) != ERROR_SUCCESS)
		return 0;
	return value;
}

static ed_status read_names(struct ed_arena *arena, struct ed_device *out, struct ed_error *err)
{
	static const char *const oobe[] = { "defaultuser0", "defaultuser1", "defaultuser2" };
	wchar_t room[TEXT_CHARS];
	DWORD n = TEXT_CHARS;

	if (GetComputerNameExW(ComputerNameDnsHostname, room, &n))
		ED_TRY(keep_wide(arena, room, &out->name, err));
	n = TEXT_CHARS;
	if (GetUserNameW(room, &n))
		ED_TRY(keep_wide(arena, room, &out->account, err));
	for (size_t i = 0; i < ED_COUNT(oobe); i++)
		out->oobe_account |= ed_str_ieq(out->account, ed_str_from(oobe[i]));
	return ED_OK;
}

static ed_status read_version(struct ed_arena *arena, struct ed_device *out, struct ed_error *err)
{
	wchar_t room[TEXT_CHARS];
	struct ed_str build = { NULL, 0 };
	uint32_t number;

	out->windows_major = registry_number(version_key, L"CurrentMajorVersionNumber");
	out->windows_revision = registry_number(version_key, L"UBR");
	registry_text(version_key, L"CurrentBuildNumber", room);
	ED_TRY(keep_wide(arena, room, &build, err));
	if (ed_number_u32(build, &number))
		out->windows_build = number;
	registry_text(version_key, L"EditionID", room);
	return keep_wide(arena, room, &out->edition, err);
}

/* The firmware's text is ASCII by its rules and anything in fact. */
static ed_status keep_bytes(struct ed_arena *arena, struct ed_str bytes, struct ed_str *out,
			    struct ed_error *err)
{
	struct ed_str copy = { NULL, 0 };
	struct ed_buf buf;

	if (!bytes.p)
		return ED_OK;
	ed_buf_init(&buf, 4 * ED_KIB);
	ed_buf_utf8(&buf, ed_str_slice(bytes, 0, TEXT_CHARS), NULL);
	if (buf.status == ED_OK)
		copy = ed_arena_str(arena, ed_buf_str(&buf));
	ed_buf_release(&buf);
	if (!copy.p)
		return fail_memory(err);
	*out = copy;
	return ED_OK;
}

static ed_status read_smbios(struct ed_arena *arena, struct ed_device *out, struct ed_error *err)
{
	UINT size = GetSystemFirmwareTable(SMBIOS_TABLES, 0, NULL, 0);
	ed_status status = ED_OK;
	struct ed_smbios found;
	void *raw;
	UINT got;

	if (!size || size > ED_MIB)
		return ED_OK;
	raw = ed_malloc(size);
	if (!raw)
		return fail_memory(err);
	got = GetSystemFirmwareTable(SMBIOS_TABLES, 0, raw, size);
	if (got && got <= size && ed_smbios_system(raw, got, &found)) {
		out->has_uuid = found.has_uuid;
		if (found.has_uuid)
			memcpy(out->uuid, found.uuid, sizeof(out->uuid));
		status = keep_bytes(arena, found.serial, &out->serial, err);
		if (status == ED_OK)
			status = keep_bytes(arena, found.manufacturer, &out->manufacturer, err);
		if (status == ED_OK)
			status = keep_bytes(arena, found.model, &out->model, err);
	}
	ed_free(raw);
	return status;
}

/* What Windows itself goes by comes before the table. */
static ed_status read_hardware(struct ed_arena *arena, struct ed_device *out, struct ed_error *err)
{
	wchar_t room[TEXT_CHARS];

	ED_TRY(read_smbios(arena, out, err));
	registry_text(bios_key, L"SystemManufacturer", room);
	ED_TRY(keep_wide(arena, room, &out->manufacturer, err));
	registry_text(bios_key, L"SystemProductName", room);
	return keep_wide(arena, room, &out->model, err);
}

static bool is_local_system(void)
{
	/* more than the largest SID behind the structure */
	union {
		TOKEN_USER user;
		unsigned char bytes[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
	} room;
	DWORD size = sizeof(room);
	HANDLE token;
	bool yes;

	if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
		return false;
	yes = GetTokenInformation(token, TokenUser, &room, size, &size) &&
	      IsWellKnownSid(room.user.User.Sid, WinLocalSystemSid);
	CloseHandle(token);
	return yes;
}

/* Membership that counts: for an administrator who is not elevated it is there for denials only. */
static enum ed_rights read_rights(void)
{
	unsigned char sid[SECURITY_MAX_SID_SIZE];
	DWORD size = sizeof(sid);
	BOOL member;

	if (is_local_system())
		return ED_RIGHTS_SYSTEM;
	if (!CreateWellKnownSid(WinBuiltinAdministratorsSid, NULL, sid, &size) ||
	    !CheckTokenMembership(NULL, sid, &member))
		return ED_RIGHTS_UNKNOWN;
	return member ? ED_RIGHTS_ADMIN : ED_RIGHTS_USER;
}

/* 0 when there is none. */
static DWORD parent_id(void)
{
	HANDLE processes = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
	PROCESSENTRY32W entry = { .dwSize = sizeof(entry) };
	DWORD parent = 0;

	if (processes == INVALID_HANDLE_VALUE)
		return 0;
	for (BOOL more = Process32FirstW(processes, &entry); more && !parent;
	     more = Process32NextW(processes, &entry))
		if (entry.th32ProcessID == GetCurrentProcessId())
			parent = entry.th32ParentProcessID;
	CloseHandle(processes);
	return parent;
}

static int64_t start_of(HANDLE process)
{
	FILETIME start, end, kernel, user;

	if (!GetProcessTimes(process, &start, &end, &kernel, &user))
		return 0;
	return (int64_t)((uint64_t)start.dwHighDateTime << 32 | start.dwLowDateTime);
}

/* The number of a parent that has ended may be another's by now, who then started after us. */
static bool is_parent_32_bit(void)
{
	DWORD id = parent_id();
	HANDLE parent = id ? OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, id) : NULL;
	BOOL wow64 = FALSE;
	bool yes;

	if (!parent)
		return false;
	yes = start_of(parent) <= start_of(GetCurrentProcess()) && IsWow64Process(parent, &wow64) &&
	      wow64;
	CloseHandle(parent);
	return yes;
}

ed_status ed_device_read(struct ed_arena *arena, struct ed_device *out, struct ed_error *err)
{
	struct ed_device device = { .rights = read_rights(), .wow64 = is_parent_32_bit() };

	ED_TRY(read_names(arena, &device, err));
	ED_TRY(read_version(arena, &device, err));
	ED_TRY(read_hardware(arena, &device, err));
	*out = device;
	return ED_OK;
}

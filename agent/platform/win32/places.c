/* SPDX-License-Identifier: MIT */
/* Removable drives and the folder of the management extension's logs. */
#include "espdiag/platform/device.h"

#include "espdiag/base/utf.h"
#include "espdiag/platform/file.h"

#include <windows.h>

#define LETTERS 26
#define PATH_CHARS 1024 /* of the folder for all users' data */

static const wchar_t profiles_key[] =
	L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList";

static bool is_ready_stick(char letter)
{
	wchar_t root[] = { (wchar_t)letter, L':', L'\\', L'\0' };
	DWORD flags = 0;

	return GetDriveTypeW(root) == DRIVE_REMOVABLE &&
	       GetVolumeInformationW(root, NULL, 0, NULL, NULL, &flags, NULL, 0) &&
	       !(flags & FILE_READ_ONLY_VOLUME);
}

ed_status ed_removable_drives(struct ed_arena *arena, struct ed_str **roots, size_t *count,
			      struct ed_error *err)
{
	struct ed_str *found = ed_arena_calloc(arena, LETTERS, sizeof(*found));
	DWORD drives = GetLogicalDrives();
	DWORD mode = 0;
	size_t n = 0;

	if (!found)
		return ed_fail(err, ED_NOMEM, "out of memory for the removable drives");
	/* no box that asks for a disk in an empty reader */
	SetThreadErrorMode(SEM_FAILCRITICALERRORS | SEM_NOOPENFILEERRORBOX, &mode);
	for (int i = 0; i < LETTERS; i++) {
		char root[] = { (char)('A' + i), ':', '/', '\0' };

		if ((drives >> i & 1) && is_ready_stick(root[0])) {
			found[n] = ed_arena_str(arena, ed_str_from(root));
			if (!found[n++].p)
				break;
		}
	}
	SetThreadErrorMode(mode, NULL);
	if (n && !found[n - 1].p)
		return ed_fail(err, ED_NOMEM, "out of memory for the removable drives");
	*roots = found;
	*count = n;
	return ED_OK;
}

/* The drive of Windows, "C:", in @room of PATH_CHARS; not asked of the environment, which anybody
 * who starts us may set. */
static bool system_drive(wchar_t *room)
{
	UINT n = GetSystemWindowsDirectoryW(room, PATH_CHARS);

	if (n < 2 || n >= PATH_CHARS || room[1] != L':')
		return false;
	room[2] = L'\0';
	return true;
}

/* The folder for all users' data, as UTF-8; .p NULL when out of memory. */
static struct ed_str program_data(struct ed_arena *arena)
{
	const struct ed_str variable = ED_STR("%SystemDrive%");
	struct ed_str path = ED_STR("%SystemDrive%/ProgramData");
	wchar_t room[PATH_CHARS];
	DWORD size = sizeof(room);
	DWORD kind = RRF_RT_REG_SZ | RRF_RT_REG_EXPAND_SZ | RRF_NOEXPAND | RRF_SUBKEY_WOW6464KEY;
	struct ed_str drive;

	if (RegGetValueW(HKEY_LOCAL_MACHINE, profiles_key, L"ProgramData", kind, NULL, room,
			 &size) == ERROR_SUCCESS) {
		for (wchar_t *p = room; *p; p++)
			if (*p == L'\\')
				*p = L'/';
		path = ed_arena_utf16le(arena, room, wcslen(room) * sizeof(*room), NULL);
	}
	if (!path.p || !ed_str_istarts(path, variable) || !system_drive(room))
		return path;
	drive = ed_arena_utf16le(arena, room, wcslen(room) * sizeof(*room), NULL);
	if (!drive.p)
		return drive;
	path = ed_str_slice(path, variable.len, path.len);
	return ed_arena_printf(arena, "%.*s%.*s", ED_FMT(drive), ED_FMT(path));
}

/* A folder itself, and nothing that stands for another. */
static bool is_folder(struct ed_str path)
{
	struct ed_path_info info;

	return ed_path_stat(path, false, &info, NULL) == ED_OK && info.kind == ED_PATH_FOLDER;
}

ed_status ed_ime_log_folder(struct ed_arena *arena, struct ed_str *out, struct ed_error *err)
{
	struct ed_str data = program_data(arena);
	struct ed_str extension, logs;

	extension =
		ed_arena_printf(arena, "%.*s/Microsoft/IntuneManagementExtension", ED_FMT(data));
	logs = ed_arena_printf(arena, "%.*s/Logs", ED_FMT(extension));
	if (!data.p || !extension.p || !logs.p)
		return ed_fail(err, ED_NOMEM, "out of memory for the folder of the IME's logs");
	*out = (struct ed_str){ NULL, 0 };
	if (is_folder(extension) && is_folder(logs))
		*out = logs;
	return ED_OK;
}

/* SPDX-License-Identifier: MIT */
/* Where output goes on Windows when nobody says where. */
#include "espdiag/platform/device.h"

#include "espdiag/base/utf.h"

#include <windows.h>

#define PATH_CHARS 1024

static ed_status path_give(struct ed_arena *arena, const wchar_t *path, size_t chars,
			   struct ed_str *out, struct ed_error *err)
{
	*out = ed_arena_utf16le(arena, path, chars * sizeof(*path), NULL);
	return out->p ? ED_OK : ed_fail(err, ED_NOMEM, "out of memory for a path");
}

/* The public profile: everybody may write there, and it is not the system's own folder. */
static DWORD public_folder(wchar_t path[PATH_CHARS])
{
	DWORD bytes = PATH_CHARS * sizeof(path[0]);
	LSTATUS code = RegGetValueW(
		HKEY_LOCAL_MACHINE, L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList",
		L"Public", RRF_RT_REG_SZ | RRF_SUBKEY_WOW6464KEY, NULL, path, &bytes);
	DWORD attributes;

	if (code != ERROR_SUCCESS || bytes < 2 * sizeof(path[0]))
		return 0;
	attributes = GetFileAttributesW(path);
	if (attributes == INVALID_FILE_ATTRIBUTES || !(attributes & FILE_ATTRIBUTE_DIRECTORY))
		return 0;
	return (DWORD)wcslen(path);
}

ed_status ed_default_folder(struct ed_arena *arena, struct ed_str *out, struct ed_error *err)
{
	wchar_t current[PATH_CHARS], windows[PATH_CHARS], public_path[PATH_CHARS];
	DWORD current_chars = GetCurrentDirectoryW(PATH_CHARS, current);
	UINT windows_chars = GetSystemWindowsDirectoryW(windows, PATH_CHARS);
	DWORD public_chars;

	if (!current_chars || current_chars >= PATH_CHARS) {
		*out = ED_STR(".");
		return ED_OK;
	}
	if (windows_chars && windows_chars < PATH_CHARS && current_chars >= windows_chars &&
	    CompareStringOrdinal(current, (int)windows_chars, windows, (int)windows_chars, TRUE) ==
		    CSTR_EQUAL) {
		public_chars = public_folder(public_path);
		if (public_chars)
			return path_give(arena, public_path, public_chars, out, err);
	}
	return path_give(arena, current, current_chars, out, err);
}

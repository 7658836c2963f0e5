/* SPDX-License-Identifier: MIT */
/* Files, registry values and the task of this Windows. */
#include "espdiag/install/install.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/utf.h"
#include "espdiag/platform/library.h"

#include "scheduler.h"

#define PATH_CHARS 1024 /* of a folder of Windows' own or of this program */
/* Windows allows 32,767 characters in one variable. */
#define VALUE_CHARS 32768
#define TELL_MS 2000

static const wchar_t windows_key[] = L"SOFTWARE\\Microsoft\\Windows\\CurrentVersion";
static const wchar_t environment_key[] =
	L"SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment";
static const wchar_t log_key[] = L"SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application";
static const wchar_t source_key[] =
	L"SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\espdiag";

static ed_status fail_win32(struct ed_error *err, DWORD code, const char *api, const char *what)
{
	ed_status status = ED_IO;

	if (code == ERROR_ACCESS_DENIED || code == ERROR_SHARING_VIOLATION)
		status = ED_ACCESS;
	else if (code == ERROR_NOT_ENOUGH_MEMORY || code == ERROR_OUTOFMEMORY)
		status = ED_NOMEM;
	return ed_fail_os(err, status, (uint32_t)code, api, "cannot %s: Windows error %lu%s", what,
			  (unsigned long)code,
			  code == ERROR_ACCESS_DENIED ? " (an elevated prompt is needed)" : "");
}

static bool is_absent(DWORD code)
{
	return code == ERROR_FILE_NOT_FOUND || code == ERROR_PATH_NOT_FOUND;
}

/* @text with a NUL behind it; ed_free it. NULL: out of memory, or not UTF-8. */
static wchar_t *wide_new(struct ed_str text)
{
	wchar_t *wide = ed_malloc((text.len + 1) * sizeof(*wide));
	int n = 0;

	if (!wide || text.len > INT_MAX)
		return wide;
	if (text.len)
		n = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text.p, (int)text.len, wide,
					(int)text.len);
	if (text.len && n <= 0) {
		ed_free(wide);
		return NULL;
	}
	wide[n] = L'\0';
	return wide;
}

static ed_status folder(void *context, struct ed_arena *arena, struct ed_str *out,
			struct ed_error *err)
{
	wchar_t room[PATH_CHARS];
	DWORD size = sizeof(room);
	LSTATUS code = RegGetValueW(HKEY_LOCAL_MACHINE, windows_key, L"ProgramFilesDir",
				    RRF_RT_REG_SZ | RRF_SUBKEY_WOW6464KEY, NULL, room, &size);
	struct ed_str programs;

	(void)context;
	if (code != ERROR_SUCCESS)
		return fail_win32(err, (DWORD)code, "RegGetValueW", "find the folder of programs");
	programs = ed_arena_utf16le(arena, room, wcslen(room) * sizeof(*room), NULL);
	*out = ed_arena_printf(arena, "%.*s\\espdiag", ED_FMT(programs));
	return programs.p && out->p ? ED_OK : ed_fail(err, ED_NOMEM, "out of memory for a path");
}

static ed_status make_folder(void *context, struct ed_str path, struct ed_error *err)
{
	wchar_t *wide = wide_new(path);
	ed_status status = ED_OK;

	(void)context;
	if (!wide)
		return ed_fail(err, ED_NOMEM, "out of memory for a path");
	if (!CreateDirectoryW(wide, NULL)) {
		DWORD code = GetLastError();

		if (code != ERROR_ALREADY_EXISTS)
			status = fail_win32(err, code, "CreateDirectoryW", "make the folder");
	}
	ed_free(wide);
	return status;
}

/* What @path is called while it is in the way but runs, in @aside of PATH_CHARS. */
static bool aside_of(const wchar_t *path, wchar_t *aside)
{
	static const wchar_t tail[] = L".old";
	size_t len = wcslen(path);

	if (len + ED_COUNT(tail) > PATH_CHARS)
		return false;
	memcpy(aside, path, len * sizeof(*aside));
	memcpy(aside + len, tail, sizeof(tail));
	return true;
}

/* Another name for what is in the way but runs; it goes with the next start. */
static bool move_aside(const wchar_t *path)
{
	wchar_t aside[PATH_CHARS];

	if (!aside_of(path, aside) || !MoveFileExW(path, aside, MOVEFILE_REPLACE_EXISTING))
		return false;
	/* without the rights for it the file just stays */
	(void)MoveFileExW(aside, NULL, MOVEFILE_DELAY_UNTIL_REBOOT);
	return true;
}

/* What an earlier installation moved aside, unless it still runs. */
static void aside_remove(const wchar_t *path)
{
	wchar_t aside[PATH_CHARS];

	if (aside_of(path, aside))
		(void)DeleteFileW(aside);
}

static ed_status copy_self(void *context, struct ed_str where, struct ed_str path,
			   struct ed_error *err)
{
	wchar_t self[PATH_CHARS];
	DWORD n = GetModuleFileNameW(NULL, self, PATH_CHARS);
	wchar_t *wide = wide_new(path);
	ed_status status = ED_OK;

	if (!wide)
		return ed_fail(err, ED_NOMEM, "out of memory for a path");
	if (!n || n >= PATH_CHARS)
		status = ed_fail(err, ED_LIMIT, "the path of this program is too long");
	else
		status = make_folder(context, where, err);
	/* from where it is installed there is nothing to copy */
	if (status == ED_OK && _wcsicmp(self, wide) && !CopyFileW(self, wide, FALSE)) {
		DWORD code = GetLastError();

		if (!move_aside(wide) || !CopyFileW(self, wide, FALSE))
			status = fail_win32(err, code, "CopyFileW", "copy the program");
	}
	ed_free(wide);
	return status;
}

static ed_status remove_file(void *context, struct ed_str path, struct ed_error *err)
{
	wchar_t *wide = wide_new(path);
	ed_status status = ED_OK;

	(void)context;
	if (!wide)
		return ed_fail(err, ED_NOMEM, "out of memory for a path");
	aside_remove(wide);
	if (!DeleteFileW(wide)) {
		DWORD code = GetLastError();

		if (!is_absent(code) && !move_aside(wide))
			status = fail_win32(err, code, "DeleteFileW", "remove the file");
	}
	ed_free(wide);
	return status;
}

/* A folder that still holds something of others stays, and so does one that holds what runs. */
static ed_status remove_folder(void *context, struct ed_str path, struct ed_error *err)
{
	wchar_t *wide = wide_new(path);
	ed_status status = ED_OK;

	(void)context;
	if (!wide)
		return ed_fail(err, ED_NOMEM, "out of memory for a path");
	if (!RemoveDirectoryW(wide)) {
		DWORD code = GetLastError();

		if (code == ERROR_DIR_NOT_EMPTY)
			(void)MoveFileExW(wide, NULL, MOVEFILE_DELAY_UNTIL_REBOOT);
		else if (!is_absent(code))
			status = fail_win32(err, code, "RemoveDirectoryW", "remove the folder");
	}
	ed_free(wide);
	return status;
}

static ed_status path_read(void *context, struct ed_arena *arena, struct ed_str *out,
			   struct ed_error *err)
{
	wchar_t *room = ed_malloc(VALUE_CHARS * sizeof(*room));
	DWORD size = VALUE_CHARS * sizeof(*room);
	size_t replaced = 0;
	LSTATUS code;
	ed_status status = ED_OK;

	(void)context;
	if (!room)
		return ed_fail(err, ED_NOMEM, "out of memory for PATH");
	code = RegGetValueW(HKEY_LOCAL_MACHINE, environment_key, L"Path",
			    RRF_RT_REG_SZ | RRF_RT_REG_EXPAND_SZ | RRF_NOEXPAND, NULL, room, &size);
	if (code == ERROR_SUCCESS)
		*out = ed_arena_utf16le(arena, room, wcslen(room) * sizeof(*room), &replaced);
	else if (is_absent((DWORD)code))
		*out = ED_STR("");
	else
		status = fail_win32(err, (DWORD)code, "RegGetValueW", "read PATH");
	ed_free(room);
	if (status == ED_OK && !out->p)
		return ed_fail(err, ED_NOMEM, "out of memory for PATH");
	/* what cannot be read back the same must not be written back */
	if (status == ED_OK && replaced)
		return ed_fail(err, ED_FORMAT, "PATH holds damaged text and is left alone");
	return status;
}

/* New prompts see the new PATH; user32 is only loaded where there is one. */
static void tell_environment(void)
{
	typedef LRESULT(WINAPI send_function)(HWND, UINT, WPARAM, LPARAM, UINT, UINT, PDWORD_PTR);
	ed_library_function *function = ed_library_symbol("user32.dll", "SendMessageTimeoutW");
	static const wchar_t what[] = L"Environment";
	send_function *send = NULL;
	LPARAM parameter = 0;
	const wchar_t *pointer = what;

	memcpy(&send, &function, sizeof(send));
	memcpy(&parameter, &pointer, sizeof(pointer));
	if (send)
		(void)send(HWND_BROADCAST, WM_SETTINGCHANGE, 0, parameter, SMTO_ABORTIFHUNG,
			   TELL_MS, NULL);
}

static ed_status path_write(void *context, struct ed_str value, struct ed_error *err)
{
	wchar_t *wide = wide_new(value);
	DWORD type = REG_EXPAND_SZ, kind;
	HKEY key;
	LSTATUS code;

	(void)context;
	if (!wide)
		return ed_fail(err, ED_NOMEM, "out of memory for PATH");
	code = RegOpenKeyExW(HKEY_LOCAL_MACHINE, environment_key, 0,
			     KEY_QUERY_VALUE | KEY_SET_VALUE, &key);
	if (code == ERROR_SUCCESS) {
		if (RegQueryValueExW(key, L"Path", NULL, &kind, NULL, NULL) == ERROR_SUCCESS)
			type = kind;
		code = RegSetValueExW(key, L"Path", 0, type, (const BYTE *)wide,
				      (DWORD)((wcslen(wide) + 1) * sizeof(*wide)));
		RegCloseKey(key);
	}
	ed_free(wide);
	if (code != ERROR_SUCCESS)
		return fail_win32(err, (DWORD)code, "RegSetValueExW", "write PATH");
	tell_environment();
	return ED_OK;
}

static LSTATUS source_write(const wchar_t *program)
{
	const DWORD types = EVENTLOG_ERROR_TYPE | EVENTLOG_WARNING_TYPE | EVENTLOG_INFORMATION_TYPE;
	HKEY key;
	LSTATUS code = RegCreateKeyExW(HKEY_LOCAL_MACHINE, source_key, 0, NULL, 0, KEY_SET_VALUE,
				       NULL, &key, NULL);

	if (code != ERROR_SUCCESS)
		return code;
	code = RegSetValueExW(key, L"EventMessageFile", 0, REG_SZ, (const BYTE *)program,
			      (DWORD)((wcslen(program) + 1) * sizeof(*program)));
	if (code == ERROR_SUCCESS)
		code = RegSetValueExW(key, L"TypesSupported", 0, REG_DWORD, (const BYTE *)&types,
				      sizeof(types));
	RegCloseKey(key);
	return code;
}

static ed_status event_source(void *context, struct ed_str program, struct ed_error *err)
{
	wchar_t *wide = wide_new(program);
	LSTATUS code;
	HKEY key;

	(void)context;
	if (!wide)
		return ed_fail(err, ED_NOMEM, "out of memory for a path");
	if (program.p) {
		code = source_write(wide);
	} else {
		code = RegOpenKeyExW(HKEY_LOCAL_MACHINE, log_key, 0, DELETE, &key);
		if (code == ERROR_SUCCESS) {
			code = RegDeleteKeyExW(key, L"espdiag", KEY_WOW64_64KEY, 0);
			RegCloseKey(key);
		}
		code = is_absent((DWORD)code) ? ERROR_SUCCESS : code;
	}
	ed_free(wide);
	return code == ERROR_SUCCESS
		       ? ED_OK
		       : fail_win32(err, (DWORD)code, "RegSetValueExW", "set the event source");
}

static ed_status task(void *context, struct ed_str xml, struct ed_error *err)
{
	struct ed_scheduler_com com;
	ed_status status = ed_scheduler_load(&com, err);

	(void)context;
	if (status == ED_UNSUPPORTED && !xml.p)
		return ED_OK;
	return status == ED_OK ? ed_scheduler_set(&com, ED_STR(ED_INSTALL_TASK), xml, err) : status;
}

static const struct ed_install_system system_of_windows = {
	.context = NULL,
	.folder = folder,
	.copy_self = copy_self,
	.make_folder = make_folder,
	.remove_file = remove_file,
	.remove_folder = remove_folder,
	.path_read = path_read,
	.path_write = path_write,
	.event_source = event_source,
	.task = task,
};

const struct ed_install_system *ed_install_system(void)
{
	return &system_of_windows;
}

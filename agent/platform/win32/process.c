/* SPDX-License-Identifier: MIT */
/* The start of the program on Windows. */
#include "espdiag/platform/process.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/utf.h"

#include <windows.h>

#define PRIVILEGES_MOST 64 /* Windows knows 35 */

/* msvcrt's own reader of the command line, which its startup code uses too; no header has it. */
struct startup_info {
	int new_mode;
};
int __cdecl __wgetmainargs(int *argc, wchar_t ***argv, wchar_t ***env, int wildcards,
			   struct startup_info *info);

/* Pointers first, then the texts, in one block. NULL: out of memory. */
static char **utf8_from_wide(int count, wchar_t **wide)
{
	size_t n = (size_t)count;
	size_t bytes = (n + 1) * sizeof(char *);
	char **all;
	char *text;

	for (size_t i = 0; i < n; i++)
		bytes += ED_UTF8_MAX(wcslen(wide[i]) * sizeof(wchar_t)) + 1;
	all = ed_malloc(bytes);
	if (!all)
		return NULL;
	text = (char *)(all + n + 1);
	for (size_t i = 0; i < n; i++) {
		all[i] = text;
		text += ed_utf8_from_utf16le(wide[i], wcslen(wide[i]) * sizeof(wchar_t), text,
					     NULL);
		*text++ = '\0';
	}
	all[n] = NULL;
	return all;
}

/*
 * A plain user has the first and is served by all that is asked, so no more is needed; the second
 * reads a variable of the firmware, which asks for it.
 */
static const wchar_t *const privileges_kept[] = { L"SeChangeNotifyPrivilege",
						  L"SeSystemEnvironmentPrivilege" };

static bool is_kept(const LUID *kept, const LUID *privilege)
{
	for (size_t i = 0; i < ED_COUNT(privileges_kept); i++)
		if (kept[i].LowPart == privilege->LowPart &&
		    kept[i].HighPart == privilege->HighPart)
			return true;
	return false;
}

/* For good: what takes the program over later cannot use them. A token that refuses keeps them. */
static void privileges_drop(void)
{
	union {
		TOKEN_PRIVILEGES list;
		unsigned char bytes[sizeof(TOKEN_PRIVILEGES) +
				    PRIVILEGES_MOST * sizeof(LUID_AND_ATTRIBUTES)];
	} room;
	LUID kept[ED_COUNT(privileges_kept)] = { { 0, 0 } }; /* which is none */
	DWORD size = sizeof(room);
	HANDLE token;

	for (size_t i = 0; i < ED_COUNT(privileges_kept); i++)
		LookupPrivilegeValueW(NULL, privileges_kept[i], &kept[i]);
	if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY | TOKEN_ADJUST_PRIVILEGES, &token))
		return;
	if (GetTokenInformation(token, TokenPrivileges, &room, size, &size)) {
		for (DWORD i = 0; i < room.list.PrivilegeCount; i++)
			if (!is_kept(kept, &room.list.Privileges[i].Luid))
				room.list.Privileges[i].Attributes = SE_PRIVILEGE_REMOVED;
		AdjustTokenPrivileges(token, FALSE, &room.list, 0, NULL, NULL);
	}
	CloseHandle(token);
}

ed_status ed_process_begin(struct ed_process *process, int argc, char **argv, struct ed_error *err)
{
	struct startup_info info = { 0 };
	wchar_t **wide, **env;

	(void)argv;
	*process = (struct ed_process){ .argc = 0 };
	if (!SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32)) {
		DWORD code = GetLastError();

		return ed_fail_os(err, ED_IO, (uint32_t)code, "SetDefaultDllDirectories",
				  "cannot keep foreign DLLs out: Windows error %lu",
				  (unsigned long)code);
	}
	privileges_drop();
	SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOOPENFILEERRORBOX);
	if (__wgetmainargs(&argc, &wide, &env, 0, &info) < 0)
		return ed_fail(err, ED_NOMEM, "out of memory for the arguments");
	process->argv = utf8_from_wide(argc, wide);
	if (!process->argv)
		return ed_fail(err, ED_NOMEM, "out of memory for the arguments");
	process->argc = argc;
	return ED_OK;
}

void ed_process_end(struct ed_process *process)
{
	ed_free(process->argv);
	*process = (struct ed_process){ .argc = 0 };
}

/* SPDX-License-Identifier: MIT */
/*
 * A DLL that somebody planted under another's name: who loads it is told by a file of that name in
 * the folder of ESPDIAG_PLANTED.
 */
#include <windows.h>

#include <wchar.h>

#define CHARS 1024

BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, LPVOID reserved);

BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, LPVOID reserved)
{
	wchar_t own[CHARS], mark[2 * CHARS];
	DWORD len = GetEnvironmentVariableW(L"ESPDIAG_PLANTED", mark, CHARS);
	const wchar_t *name;
	HANDLE file;

	(void)reserved;
	if (reason != DLL_PROCESS_ATTACH || !len || len >= CHARS ||
	    GetModuleFileNameW(self, own, CHARS) >= CHARS)
		return TRUE;
	name = wcsrchr(own, L'\\');
	wcscpy(mark + len, name ? name : L"\\planted");
	file = CreateFileW(mark, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL,
			   NULL);
	if (file != INVALID_HANDLE_VALUE)
		CloseHandle(file);
	return TRUE;
}

/* SPDX-License-Identifier: MIT */
/* An event log that is a text file. */
#include "eventlog.h"

#include "fault.h"

#include <stdio.h>
#include <wchar.h>

#define PATH_CHARS 512
#define LINE_CHARS 5000 /* more than ED_EVENTLOG_CHARS */

static wchar_t path[PATH_CHARS], source[PATH_CHARS];

static HANDLE WINAPI source_open(LPCWSTR server, LPCWSTR name)
{
	if (server || wcslen(name) >= PATH_CHARS) {
		SetLastError(ERROR_INVALID_PARAMETER);
		return NULL;
	}
	wcscpy(source, name);
	return (HANDLE)source;
}

static BOOL WINAPI source_close(HANDLE log)
{
	return log == (HANDLE)source;
}

static void line_add(HANDLE file, const wchar_t *line)
{
	char text[3 * LINE_CHARS];
	int n = WideCharToMultiByte(CP_UTF8, 0, line, -1, text, sizeof(text), NULL, NULL);
	DWORD done;

	if (n < 1)
		return;
	text[n - 1] = '\n';
	WriteFile(file, text, (DWORD)n, &done, NULL);
}

static BOOL WINAPI event_report(HANDLE log, WORD type, WORD category, DWORD id, PSID user,
				WORD count, DWORD raw, LPCWSTR *strings, LPVOID bytes)
{
	wchar_t line[PATH_CHARS + 64];
	HANDLE file;

	if (log != (HANDLE)source || category || user || raw || bytes) {
		SetLastError(ERROR_INVALID_PARAMETER);
		return FALSE;
	}
	file = CreateFileW(path, FILE_APPEND_DATA, FILE_SHARE_READ, NULL, OPEN_ALWAYS, 0, NULL);
	if (file == INVALID_HANDLE_VALUE)
		return FALSE;
	swprintf(line, PATH_CHARS + 64, L"%ls %lu %u", source, (unsigned long)id, type);
	line_add(file, line);
	for (WORD i = 0; i < count; i++)
		line_add(file, strings[i]);
	CloseHandle(file);
	return TRUE;
}

void eventlog_begin(void)
{
	static const struct fault_import imports[] = {
		{ "RegisterEventSourceW", (fault_function *)source_open, NULL },
		{ "DeregisterEventSource", (fault_function *)source_close, NULL },
		{ "ReportEventW", (fault_function *)event_report, NULL },
	};
	DWORD n = GetEnvironmentVariableW(L"ESPDIAG_DOUBLE_EVENTLOG", path, PATH_CHARS);

	if (n && n < PATH_CHARS)
		fault_imports(imports, sizeof(imports) / sizeof(imports[0]));
}

/* SPDX-License-Identifier: MIT */
/* A clock that somebody sets. */
#include "clock.h"

#include "fault.h"

#include <stdlib.h>

#define TICKS_PER_SECOND INT64_C(10000000)
#define PATH_CHARS 512

static wchar_t path[PATH_CHARS];

static int64_t seconds_ahead(void)
{
	char text[32];
	DWORD n = 0;
	HANDLE file = CreateFileW(path, GENERIC_READ,
				  FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
				  OPEN_EXISTING, 0, NULL);

	if (file == INVALID_HANDLE_VALUE)
		return 0;
	if (!ReadFile(file, text, sizeof(text) - 1, &n, NULL))
		n = 0;
	CloseHandle(file);
	text[n] = '\0';
	return strtoll(text, NULL, 10);
}

static VOID WINAPI clock_read(FILETIME *out)
{
	ULARGE_INTEGER t;

	GetSystemTimePreciseAsFileTime(out);
	t.LowPart = out->dwLowDateTime;
	t.HighPart = out->dwHighDateTime;
	t.QuadPart += (uint64_t)(seconds_ahead() * TICKS_PER_SECOND);
	*out = (FILETIME){ t.LowPart, t.HighPart };
}

void clock_begin(void)
{
	static const struct fault_import imports[] = {
		{ "GetSystemTimePreciseAsFileTime", (fault_function *)clock_read, NULL },
	};
	DWORD n = GetEnvironmentVariableW(L"ESPDIAG_DOUBLE_CLOCK", path, PATH_CHARS);

	if (n && n < PATH_CHARS)
		fault_imports(imports, 1);
}

/* SPDX-License-Identifier: MIT */
/* A message of a program's table as the Event Viewer shows it: render_message PROGRAM ID STRING...
 */
#include <windows.h>

#include <stdio.h>
#include <stdlib.h>

#define STRINGS_MOST 16
#define TEXT_BYTES 8192

int wmain(int argc, wchar_t **argv);

int wmain(int argc, wchar_t **argv)
{
	/* the viewer has no more strings than the event, and FormatMessage must not read beyond */
	DWORD_PTR strings[STRINGS_MOST] = { 0 };
	char text[TEXT_BYTES];
	wchar_t *wide = NULL;
	HMODULE program;
	int n;

	if (argc < 3 || argc > 3 + STRINGS_MOST)
		return 2;
	for (int i = 3; i < argc; i++)
		strings[i - 3] = (DWORD_PTR)argv[i];
	for (int i = argc - 3; i < STRINGS_MOST; i++)
		strings[i] = (DWORD_PTR)L"(no such string)";
	program = LoadLibraryExW(argv[1], NULL, LOAD_LIBRARY_AS_DATAFILE);
	if (!program ||
	    !FormatMessageW(FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_FROM_HMODULE |
				    FORMAT_MESSAGE_ARGUMENT_ARRAY,
			    program, wcstoul(argv[2], NULL, 10), 0, (wchar_t *)&wide, 0,
			    (va_list *)strings)) {
		printf("Windows error %lu\n", GetLastError());
		return 1;
	}
	n = WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, sizeof(text), NULL, NULL);
	LocalFree(wide);
	if (n <= 0)
		return 1;
	printf("%s", text);
	return 0;
}

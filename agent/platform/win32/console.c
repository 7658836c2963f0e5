/* SPDX-License-Identifier: MIT */
/* The console of Windows, which takes UTF-16 whatever its code page is. */
#include "espdiag/platform/file.h"

#include "console_priv.h"

#include <windows.h>

#define CONSOLE_CHARS ((size_t)8192) /* of one WriteConsoleW */

/* winbase's name is in wingdi.h, which WIN32_LEAN_AND_MEAN keeps, and is misleading: for consoles
 * the bit says that the font has outlines, so more than the signs of one code page. */
#define FONT_HAS_OUTLINES 0x04

static HANDLE handle_of(int stream)
{
	return GetStdHandle(stream == 2 ? STD_ERROR_HANDLE : STD_OUTPUT_HANDLE);
}

bool ed_is_terminal(int stream)
{
	DWORD mode;

	return (stream == 1 || stream == 2) && GetConsoleMode(handle_of(stream), &mode);
}

ed_status ed_console_wide(void *console, struct ed_str utf8, struct ed_error *err)
{
	struct ed_str rest = utf8;
	wchar_t room[CONSOLE_CHARS];

	while (rest.len) {
		size_t part = rest.len < CONSOLE_CHARS ? rest.len : CONSOLE_CHARS;
		DWORD written = 0;
		int n;

		/* not in the middle of a character */
		while (part < rest.len && part > 1 && ((unsigned char)rest.p[part] & 0xc0) == 0x80)
			part--;
		n = MultiByteToWideChar(CP_UTF8, 0, rest.p, (int)part, room, (int)CONSOLE_CHARS);
		for (int done = 0; n > 0 && done < n; done += (int)written) {
			if (!WriteConsoleW(console, room + done, (DWORD)(n - done), &written,
					   NULL) ||
			    !written)
				n = 0;
		}
		if (n <= 0) {
			DWORD code = GetLastError();

			return ed_fail_os(err, ED_IO, (uint32_t)code, "WriteConsoleW",
					  "cannot write to the console: Windows error %lu",
					  (unsigned long)code);
		}
		rest = ed_str_slice(rest, part, rest.len);
	}
	return ED_OK;
}

void ed_console_write(int stream, struct ed_str utf8)
{
	DWORD part, n;

	if (stream != 1 && stream != 2)
		return;
	fflush(stream == 1 ? stdout : stderr);
	if (ed_is_terminal(stream)) {
		(void)ed_console_wide(handle_of(stream), utf8, NULL);
		return;
	}
	while (utf8.len) {
		part = utf8.len < CONSOLE_CHARS ? (DWORD)utf8.len : (DWORD)CONSOLE_CHARS;
		if (!WriteFile(handle_of(stream), utf8.p, part, &n, NULL) || !n)
			return;
		utf8 = ed_str_slice(utf8, n, utf8.len);
	}
}

/*
 * The code page says nothing about what WriteConsoleW takes, but it is the one sign of what the
 * console was set up for: in the OOBE it is 437 or 850, and the font may have no more signs.
 */
bool ed_console_plain(int stream)
{
	CONSOLE_FONT_INFOEX font = { .cbSize = sizeof(font) };

	if (!ed_is_terminal(stream))
		return false;
	if (GetConsoleOutputCP() != CP_UTF8)
		return true;
	return !GetCurrentConsoleFontEx(handle_of(stream), FALSE, &font) ||
	       !(font.FontFamily & FONT_HAS_OUTLINES);
}

/* The mode stays as it is set: the command prompt sets its own again after each program. */
bool ed_console_ansi(int stream)
{
	HANDLE handle = handle_of(stream);
	DWORD mode;

	if ((stream != 1 && stream != 2) || !GetConsoleMode(handle, &mode))
		return false;
	return (mode & ENABLE_VIRTUAL_TERMINAL_PROCESSING) ||
	       SetConsoleMode(handle,
			      mode | ENABLE_PROCESSED_OUTPUT | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}

/* The window, not the buffer, which may have thousands of lines. */
bool ed_console_size(int stream, size_t *columns, size_t *rows)
{
	CONSOLE_SCREEN_BUFFER_INFO info;

	if ((stream != 1 && stream != 2) || !GetConsoleScreenBufferInfo(handle_of(stream), &info) ||
	    info.srWindow.Right < info.srWindow.Left || info.srWindow.Bottom < info.srWindow.Top)
		return false;
	*columns = (size_t)(info.srWindow.Right - info.srWindow.Left) + 1;
	*rows = (size_t)(info.srWindow.Bottom - info.srWindow.Top) + 1;
	return true;
}

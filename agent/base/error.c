/* SPDX-License-Identifier: MIT */
/* Filling the caller's error record. */
#include "espdiag/base/error.h"

#include <stdarg.h>

/*
 * The text may quote names out of evidence. It stays one line, and where it had to be cut it does
 * not end in half a character.
 */
static void error_tidy(char *text, size_t cap, int wanted)
{
	size_t len = strlen(text);
	size_t tail = 0;

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F)
			text[i] = '?';
	if (wanted < 0 || (size_t)wanted < cap)
		return;
	while (tail < 3 && tail < len && ((unsigned char)text[len - 1 - tail] & 0xC0) == 0x80)
		tail++;
	if (tail < len && ((unsigned char)text[len - 1 - tail] & 0x80))
		text[len - 1 - tail] = '\0';
}

static ED_PRINTF(5, 0) void error_fill(struct ed_error *err, ed_status status, uint32_t os_code,
				       const char *os_api, const char *format, va_list args)
{
	int wanted;

	if (!err)
		return;
	err->status = status;
	err->os_code = os_code;
	err->os_api = os_api;
	err->text[0] = '\0';
	wanted = vsnprintf(err->text, sizeof(err->text), format, args);
	error_tidy(err->text, sizeof(err->text), wanted);
}

ed_status ed_fail(struct ed_error *err, ed_status status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	error_fill(err, status, 0, NULL, format, args);
	va_end(args);
	return status;
}

ed_status ed_fail_os(struct ed_error *err, ed_status status, uint32_t os_code, const char *os_api,
		     const char *format, ...)
{
	va_list args;

	va_start(args, format);
	error_fill(err, status, os_code, os_api, format, args);
	va_end(args);
	return status;
}

const char *ed_status_text(ed_status status)
{
	static const char *const texts[] = {
#define ED_STATUS_TEXT(name, text) [name] = text,
		ED_STATUS_LIST(ED_STATUS_TEXT)
#undef ED_STATUS_TEXT
	};

	if ((size_t)status >= sizeof(texts) / sizeof(texts[0]))
		return "unknown status";
	return texts[status];
}

/* SPDX-License-Identifier: MIT */
/* Filling the caller's error record. */
#include "espdiag/base/error.h"

#include <stdarg.h>

static ED_PRINTF(5, 0) void error_fill(struct ed_error *err, ed_status status, uint32_t os_code,
				       const char *os_api, const char *format, va_list args)
{
	if (!err)
		return;
	err->status = status;
	err->os_code = os_code;
	err->os_api = os_api;
	vsnprintf(err->text, sizeof(err->text), format, args);
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

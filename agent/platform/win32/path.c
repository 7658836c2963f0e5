/* SPDX-License-Identifier: MIT */
/* Paths as Windows takes them, and what is said when it does not take one. */
#include "path_priv.h"

#include "espdiag/base/alloc.h"

#include <windows.h>

static ed_status status_from_win32(DWORD code)
{
	switch (code) {
	case ERROR_FILE_NOT_FOUND:
	case ERROR_PATH_NOT_FOUND:
	case ERROR_BAD_NETPATH:
	case ERROR_BAD_NET_NAME:
	case ERROR_INVALID_DRIVE:
	case ERROR_NOT_READY:
		return ED_ABSENT;
	case ERROR_ACCESS_DENIED:
	case ERROR_SHARING_VIOLATION:
	case ERROR_LOCK_VIOLATION:
	case ERROR_PRIVILEGE_NOT_HELD:
		return ED_ACCESS;
	case ERROR_INVALID_NAME:
	case ERROR_BAD_PATHNAME:
	case ERROR_FILENAME_EXCED_RANGE:
	case ERROR_DIRECTORY:
		return ED_ARG;
	case ERROR_NOT_ENOUGH_MEMORY:
	case ERROR_OUTOFMEMORY:
		return ED_NOMEM;
	default:
		return ED_IO;
	}
}

/* The system's own text is in the user's language, so only its number is given. */
ed_status path_failed(struct ed_error *err, DWORD code, const char *api, const char *verb,
		      struct ed_str path)
{
	return ed_fail_os(err, status_from_win32(code), (uint32_t)code, api,
			  "cannot %s '%.*s': Windows error %lu", verb, ED_FMT(path),
			  (unsigned long)code);
}

ed_status path_wide(struct ed_str text, const wchar_t *tail, wchar_t **out, struct ed_error *err)
{
	size_t tail_len = wcslen(tail);
	wchar_t *wide;
	int n = 0;

	if (!text.len || text.len > 32767 || memchr(text.p, '\0', text.len))
		return ed_fail(err, ED_ARG, "not a usable path: '%.*s'", ED_FMT(text));
	/* never more units than bytes */
	wide = ed_malloc((text.len + tail_len + 1) * sizeof(*wide));
	if (!wide)
		return ed_fail(err, ED_NOMEM, "out of memory for a path");
	n = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text.p, (int)text.len, wide,
				(int)text.len);
	if (n <= 0) {
		ed_free(wide);
		return ed_fail(err, ED_ARG, "not a usable path: '%.*s'", ED_FMT(text));
	}
	memcpy(wide + n, tail, (tail_len + 1) * sizeof(*wide));
	*out = wide;
	return ED_OK;
}

/* SPDX-License-Identifier: MIT */
/*
 * Status codes and the error record that the caller owns.
 * A failing function returns a status other than ED_OK, leaves its outputs unchanged and, when the
 * caller passed an error record, fills it. News (end of data, gaps) is never a status.
 */
#ifndef ESPDIAG_BASE_ERROR_H
#define ESPDIAG_BASE_ERROR_H

#include <stdint.h>

/* X(name, text): what the caller can do about it; the text is shown to people. */
#define ED_STATUS_LIST(X)                                                                          \
	X(ED_OK, "ok")                                                                             \
	X(ED_NOMEM, "out of memory")                                                               \
	X(ED_ARG, "wrong usage")                                                                   \
	X(ED_LIMIT, "a safety limit was reached")                                                  \
	X(ED_FORMAT, "not in the expected format")                                                 \
	X(ED_ACCESS, "access denied")                                                              \
	X(ED_ABSENT, "not there")                                                                  \
	X(ED_IO, "input or output failed")                                                         \
	X(ED_UNSUPPORTED, "not supported")

typedef enum ed_status {
#define ED_STATUS_ENUM(name, text) name,
	ED_STATUS_LIST(ED_STATUS_ENUM)
#undef ED_STATUS_ENUM
} ed_status;

struct ed_error {
	ed_status status;
	uint32_t os_code;   /* errno or GetLastError() as it was; 0 if none */
	const char *os_api; /* static name of the failing call; NULL if none */
	char text[200];     /* one line, UTF-8, lower case, no full stop: "cannot open 'x'" */
};

#if defined(__MINGW32__)
#define ED_PRINTF(f, a) __attribute__((format(gnu_printf, f, a)))
#elif defined(__GNUC__)
#define ED_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define ED_PRINTF(f, a)
#endif

/* Fills @err (may be NULL) and returns @status, so that `return ed_fail(err, ...)` is one line. */
ed_status ed_fail(struct ed_error *err, ed_status status, const char *format, ...) ED_PRINTF(3, 4);

/* The same for a failed system call: also keeps the system's own code and the call's name (static).
 */
ed_status ed_fail_os(struct ed_error *err, ed_status status, uint32_t os_code, const char *os_api,
		     const char *format, ...) ED_PRINTF(5, 6);

/* Static text of a status, never NULL. */
const char *ed_status_text(ed_status status);

/* Returns the status of a failing expression at once. Legal only while the function holds nothing.
 */
#define ED_TRY(expression)                                                                         \
	do {                                                                                       \
		ed_status ed_try_status = (expression);                                            \
		if (ed_try_status != ED_OK)                                                        \
			return ed_try_status;                                                      \
	} while (0)

#endif

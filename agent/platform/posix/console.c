/* SPDX-License-Identifier: MIT */
/* The terminal of a POSIX system. */
#include "espdiag/platform/file.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool ed_is_terminal(int stream)
{
	return (stream == STDOUT_FILENO || stream == STDERR_FILENO) && isatty(stream) == 1;
}

void ed_console_write(int stream, struct ed_str utf8)
{
	size_t done = 0;

	if (stream != STDOUT_FILENO && stream != STDERR_FILENO)
		return;
	fflush(stream == STDOUT_FILENO ? stdout : stderr);
	while (done < utf8.len) {
		ssize_t n = write(stream, utf8.p + done, utf8.len - done);

		if (n < 0 && errno != EINTR)
			return;
		done += n > 0 ? (size_t)n : 0;
	}
}

/* The environment alone, as setlocale would change how the C library behaves. */
static bool locale_is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < ED_COUNT(names); i++) {
		struct ed_str value = ed_str_from(getenv(names[i]));

		if (value.len)
			return ed_str_ifind(value, ED_STR("utf-8"), 0) != SIZE_MAX ||
			       ed_str_ifind(value, ED_STR("utf8"), 0) != SIZE_MAX;
	}
	return false;
}

bool ed_console_plain(int stream)
{
	return ed_is_terminal(stream) && !locale_is_utf8();
}

bool ed_console_ansi(int stream)
{
	struct ed_str term = ed_str_from(getenv("TERM"));

	return ed_is_terminal(stream) && term.len && !ed_str_eq(term, ED_STR("dumb"));
}

bool ed_console_size(int stream, size_t *columns, size_t *rows)
{
	struct winsize size;

	if (!ed_is_terminal(stream) || ioctl(stream, TIOCGWINSZ, &size) != 0 || !size.ws_col ||
	    !size.ws_row)
		return false;
	*columns = size.ws_col;
	*rows = size.ws_row;
	return true;
}

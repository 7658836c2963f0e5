/* SPDX-License-Identifier: MIT */
/* The one line of a failure. */
#include "say.h"

#include "espdiag/base/error.h"
#include "espdiag/platform/file.h"

#include <stdio.h>

void ed_say_error(const char *text)
{
	/* no heap: that there is no memory is told as well */
	char line[sizeof(((struct ed_error *)NULL)->text) + 512];
	int n = snprintf(line, sizeof(line) - 1, "espdiag: %s", text);
	size_t len = n < 0 ? 0 : (size_t)n;

	if (len > sizeof(line) - 2)
		len = sizeof(line) - 2;
	line[len++] = '\n';
	ed_console_write(2, (struct ed_str){ line, len });
}

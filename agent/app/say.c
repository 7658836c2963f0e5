/* SPDX-License-Identifier: MIT */
/* The one line of a failure. */
#include "say.h"
#include "shown.h"

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

void ed_say_notes(const struct ed_buf *notes)
{
	struct ed_str rest = ed_buf_str(notes), line;
	struct ed_buf shown;

	ed_buf_init(&shown, 2 * notes->limit);
	while (ed_str_line(&rest, &line)) {
		if (!line.len)
			continue;
		ed_buf_addz(&shown, "espdiag: ");
		ed_shown_add(&shown, line);
		ed_buf_addc(&shown, '\n');
	}
	if (shown.len)
		ed_console_write(2, ed_buf_str(&shown));
	ed_buf_release(&shown);
}

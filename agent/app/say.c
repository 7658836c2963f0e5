/* SPDX-License-Identifier: MIT */
/* The one line of a failure. */
#include "say.h"

#include "espdiag/base/buf.h"
#include "espdiag/base/limits.h"
#include "espdiag/platform/file.h"

void ed_say_error(const char *text)
{
	struct ed_buf line;

	ed_buf_init(&line, ED_LIMIT_NAME_BYTES);
	ed_buf_printf(&line, "espdiag: %s\n", text);
	if (line.status == ED_OK)
		ed_console_write(2, ed_buf_str(&line));
	ed_buf_release(&line);
}

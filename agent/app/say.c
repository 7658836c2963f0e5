/* SPDX-License-Identifier: MIT */
/* The one line of a failure. */
#include "say.h"
#include "shown.h"

#include "espdiag/base/error.h"
#include "espdiag/platform/file.h"
#include "espdiag/redact/redact.h"

#include <stdio.h>

/* @text as it may be shown: a name or an argument in it may be what nobody should see. */
static void shown_make(struct ed_buf *out, struct ed_str text)
{
	struct ed_buf clean;
	bool any;

	ed_buf_init(&clean, out->limit);
	any = ed_redact_secrets(text, &clean) && clean.status == ED_OK;
	ed_shown_add(out, any ? ed_buf_str(&clean) : text);
	ed_buf_release(&clean);
}

void ed_say_error(const char *text)
{
	/* without a heap too: that there is no memory is told as well, and nothing in it is foreign
	 */
	char line[sizeof(((struct ed_error *)NULL)->text) + 512];
	struct ed_buf shown;
	int n;

	ed_buf_init(&shown, sizeof(line));
	shown_make(&shown, ed_str_from(text));
	n = snprintf(line, sizeof(line) - 1, "espdiag: %s",
		     shown.status == ED_OK && shown.p ? shown.p : text);
	ed_buf_release(&shown);
	n = n < 0 ? 0 : n;
	if ((size_t)n > sizeof(line) - 2)
		n = (int)(sizeof(line) - 2);
	line[n] = '\n';
	ed_console_write(2, (struct ed_str){ line, (size_t)n + 1 });
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
		shown_make(&shown, line);
		ed_buf_addc(&shown, '\n');
	}
	if (shown.len)
		ed_console_write(2, ed_buf_str(&shown));
	ed_buf_release(&shown);
}

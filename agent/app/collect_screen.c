/* SPDX-License-Identifier: MIT */
/* The screen of a live run. */
#include "collect_screen.h"

#include "espdiag/base/limits.h"
#include "espdiag/platform/file.h"
#include "espdiag/platform/task.h"

#include "say.h"

#include <stdlib.h>

#define COLUMNS 79 /* the last one makes some consoles begin a new line */

void ed_screen_init(struct ed_screen *screen, const struct ed_options *options)
{
	const char *no_color = getenv("NO_COLOR");

	*screen = (struct ed_screen){
		.text = options->format == ED_FORMAT_TEXT,
		.color = !options->no_color && !(no_color && no_color[0]) && ed_console_ansi(1),
		.plain = ed_is_terminal(1) && ed_console_plain(1),
		.shows_progress = !options->quiet && ed_is_terminal(2),
		.begun_ms = ed_clock_ms(),
	};
}

/* Lines beside the verdict: a screen that cannot show them loses nothing that the bundle lacks. */
static void tell(const struct ed_screen *screen, struct ed_buf *line)
{
	if (line->status == ED_OK)
		ed_console_write(screen->text ? 1 : 2, ed_buf_str(line));
	ed_buf_release(line);
}

static unsigned long seconds_of(const struct ed_screen *screen)
{
	return (unsigned long)((ed_clock_ms() - screen->begun_ms) / 1000);
}

/* Over the line that is there, without a line of its own. */
static void over_write(const char *text)
{
	struct ed_buf line;

	ed_buf_init(&line, ED_KIB);
	ed_buf_printf(&line, "\r%-*.*s\r", COLUMNS, COLUMNS, text);
	if (line.status == ED_OK)
		ed_console_write(2, ed_buf_str(&line));
	ed_buf_release(&line);
}

void ed_screen_progress(struct ed_screen *screen, const char *what, size_t done, size_t total)
{
	char text[COLUMNS + 1];

	if (!screen->shows_progress)
		return;
	snprintf(text, sizeof(text), "%3lu s  %zu of %zu  reading %s", seconds_of(screen), done,
		 total, what);
	over_write(text);
}

void ed_screen_progress_end(struct ed_screen *screen)
{
	if (screen->shows_progress)
		over_write("");
}

void ed_screen_first_look(struct ed_screen *screen, const char *finding, const char *certainty)
{
	struct ed_buf line;

	ed_screen_progress_end(screen);
	ed_buf_init(&line, ED_KIB);
	ed_buf_printf(&line, "First look after %lu s: %s (%s); still reading ...\n",
		      seconds_of(screen), finding, certainty);
	if (line.status == ED_OK)
		ed_console_write(2, ed_buf_str(&line));
	ed_buf_release(&line);
}

void ed_screen_ticket(struct ed_screen *screen, const char *ticket)
{
	struct ed_buf line;

	ed_buf_init(&line, ED_KIB);
	ed_buf_printf(&line, "%s\n", ticket);
	tell(screen, &line);
}

/* Every character outside ASCII as one '?'. */
static void plain_add(struct ed_buf *out, struct ed_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c < 0x80)
			ed_buf_addc(out, text.p[i]);
		else if (c >= 0xC0)
			ed_buf_addc(out, '?');
	}
}

ed_status ed_screen_result(struct ed_screen *screen, struct ed_str text, struct ed_error *err)
{
	struct ed_buf plain;
	ed_status status;

	if (!screen->plain)
		return ed_file_write_whole(ED_STR("-"), text, err);
	ed_buf_init(&plain, ED_LIMIT_OUTPUT);
	plain_add(&plain, text);
	status = plain.status == ED_OK
			 ? ed_file_write_whole(ED_STR("-"), ed_buf_str(&plain), err)
			 : ed_fail(err, plain.status, "%s", ed_status_text(plain.status));
	ed_buf_release(&plain);
	return status;
}

void ed_screen_rights(struct ed_screen *screen, const struct ed_buf *rights)
{
	struct ed_buf line;

	ed_buf_init(&line, 2 * ED_KIB);
	ed_buf_addc(&line, '\n');
	if (screen->plain)
		plain_add(&line, ed_buf_str(rights));
	else
		ed_buf_adds(&line, ed_buf_str(rights));
	tell(screen, &line);
}

void ed_screen_kept(struct ed_screen *screen, struct ed_str path, uint64_t size,
		    struct ed_str device)
{
	struct ed_buf line;

	ed_buf_init(&line, ED_LIMIT_NAME_BYTES * 4);
	ed_buf_printf(&line, "Bundle: %.*s", ED_FMT(path));
	if (size)
		ed_buf_printf(&line, " (%llu KiB)", (unsigned long long)((size + 1023) / 1024));
	if (device.p)
		ed_buf_printf(&line, "\nDevice: %.*s", ED_FMT(device));
	ed_buf_addc(&line, '\n');
	tell(screen, &line);
}

void ed_screen_signed(struct ed_screen *screen, bool well)
{
	struct ed_buf line;

	ed_buf_init(&line, ED_KIB);
	ed_buf_addz(&line, well ? "Signed: yes, see 'espdiag verify'\n" : "Signed: NO\n");
	tell(screen, &line);
}

void ed_screen_warn(struct ed_screen *screen, const char *text)
{
	(void)screen;
	ed_say_error(text);
}

/* SPDX-License-Identifier: MIT */
/* A screen onto a terminal: over what is there, never past its edges. */
#include "espdiag/report/watch.h"

#include "text_priv.h"

/* The first word of a line that has a label, in bold; the blanks behind it as they are. */
static void put_line(struct ed_str line, bool color, struct ed_buf *out)
{
	size_t label = 0;

	while (label < line.len && label < TEXT_LABEL && line.p[label] != ' ')
		label++;
	if (color && label) {
		ed_buf_addz(out, "\x1b[1m");
		ed_buf_adds(out, ed_str_slice(line, 0, label));
		ed_buf_addz(out, "\x1b[0m");
		line = ed_str_slice(line, label, line.len);
	}
	ed_buf_adds(out, line);
}

void ed_watch_frame(struct ed_str screen, size_t columns, size_t rows, bool color,
		    struct ed_buf *out)
{
	struct ed_str line;
	size_t row = 0;

	ed_buf_addz(out, "\x1b[H");
	/* the last column may begin a new line, and the last line scroll */
	while (row + 1 < rows && ed_str_line(&screen, &line)) {
		put_line(ed_str_slice(line, 0, columns > 1 ? columns - 1 : 1), color, out);
		ed_buf_addz(out, "\x1b[K\r\n");
		row++;
	}
	ed_buf_addz(out, "\x1b[J");
}

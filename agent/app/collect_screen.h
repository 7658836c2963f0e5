/* SPDX-License-Identifier: MIT */
/*
 * What a technician sees of a live run: progress on a terminal, the ticket line first and last, the
 * verdict and the rights between. With a format for programs standard output holds the verdict
 * alone.
 */
#ifndef AGENT_APP_COLLECT_SCREEN_H
#define AGENT_APP_COLLECT_SCREEN_H

#include "options.h"

struct ed_screen {
	bool text; /* for people: lines beside the verdict go to standard output too */
	bool color;
	bool plain; /* standard output may show ASCII only */
	bool shows_progress;
	uint64_t begun_ms;
};

void ed_screen_init(struct ed_screen *screen, const struct ed_options *options);
void ed_screen_progress(struct ed_screen *screen, const char *what, size_t done, size_t total);
void ed_screen_progress_end(struct ed_screen *screen);
void ed_screen_first_look(struct ed_screen *screen, const char *finding, const char *certainty);
void ed_screen_ticket(struct ed_screen *screen, const char *ticket);
/* The verdict itself. ED_IO: standard output is gone. */
ed_status ed_screen_result(struct ed_screen *screen, struct ed_str text, struct ed_error *err);
/* What the rights of this run were, and what better ones would have added. */
void ed_screen_rights(struct ed_screen *screen, const struct ed_buf *rights);
/* @size 0: unknown; @device .p NULL: unknown. */
void ed_screen_kept(struct ed_screen *screen, struct ed_str path, uint64_t size,
		    struct ed_str device);
/* For who asked for a signature: whether the bundle has one. */
void ed_screen_signed(struct ed_screen *screen, bool well);
/* One line on standard error while a run goes on. */
void ed_screen_warn(struct ed_screen *screen, const char *text);

#endif

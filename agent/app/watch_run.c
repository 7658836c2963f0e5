/* SPDX-License-Identifier: MIT */
/* One verdict after the other: what changed, on the screen, as lines and in the log. */
#include "watch.h"

#include "espdiag/analyze/analyze.h"
#include "espdiag/base/limits.h"
#include "espdiag/platform/file.h"
#include "espdiag/redact/redact.h"

#include <stdlib.h>

#define TICKS_PER_DAY (1440 * ED_TICKS_PER_MINUTE)

/* A screen of its own, without a cursor; and back. */
#define SCREEN_BEGIN "\x1b[?1049h\x1b[?25l\x1b[2J"
#define SCREEN_END "\x1b[0m\x1b[?25h\x1b[?1049l"

void ed_watch_begin(struct ed_watch *watch, const struct ed_options *options, struct ed_str source)
{
	const char *no_color = getenv("NO_COLOR");

	*watch = (struct ed_watch){
		.options = options,
		.source = source,
		.day = ED_TIME_NONE,
		.terminal = ed_console_ansi(1),
	};
	watch->color = watch->terminal && !options->no_color && !(no_color && no_color[0]);
	ed_arena_init(&watch->arena, ED_LIMIT_RUN_ARENA);
	ed_buf_init(&watch->screen, 64 * ED_KIB);
	ed_buf_init(&watch->frame, 64 * ED_KIB);
	ed_buf_init(&watch->shown, 64 * ED_KIB);
	if (watch->terminal)
		ed_console_write(1, ED_STR(SCREEN_BEGIN));
}

/* Names of apps and titles come from evidence, and may hold what nobody should see. */
static void secrets_drop(struct ed_watch *watch)
{
	struct ed_buf *clean = &watch->frame;

	ed_buf_clear(clean);
	if (!ed_redact_secrets(ed_buf_str(&watch->screen), clean))
		return;
	ed_buf_clear(&watch->screen);
	if (clean->status == ED_OK)
		ed_buf_adds(&watch->screen, ed_buf_str(clean));
}

static void screen_compose(struct ed_watch *watch, const char *hint)
{
	const struct ed_watch_view view = {
		.verdict = &watch->verdict,
		.now = watch->now,
		.replay = watch->options->replay.p != NULL,
		.speed = watch->options->speed,
		.changes = (const char(*)[ED_WATCH_CHANGE_TEXT])watch->changes,
		.change_count = watch->change_count,
		.hint = hint,
	};

	ed_buf_clear(&watch->screen);
	ed_watch_screen(&view, &watch->screen);
	secrets_drop(watch);
}

void ed_watch_end(struct ed_watch *watch)
{
	if (watch->terminal) {
		ed_console_write(1, ED_STR(SCREEN_END));
		if (watch->judged)
			screen_compose(watch, NULL);
		ed_console_write(1, ed_buf_str(&watch->screen));
		watch->terminal = false;
	}
	ed_buf_release(&watch->screen);
	ed_buf_release(&watch->frame);
	ed_buf_release(&watch->shown);
	ed_arena_release(&watch->arena);
	watch->judged = false;
}

/* The oldest goes when there is one too many. */
static void change_keep(struct ed_watch *watch, const struct ed_watch_state *state, int64_t at)
{
	if (watch->change_count == ED_WATCH_CHANGES) {
		memmove(watch->changes[0], watch->changes[1],
			(ED_WATCH_CHANGES - 1) * sizeof(watch->changes[0]));
		watch->change_count--;
	}
	ed_watch_verdict_line(state, at, watch->changes[watch->change_count++]);
}

void ed_watch_go_on(struct ed_watch *watch, const struct ed_watch_log *log)
{
	watch->state = log->state;
	change_keep(watch, &log->state, log->at);
}

/* A line for each day, since the lines that follow have the time only. */
static void day_tell(struct ed_watch *watch, int64_t at, struct ed_buf *out)
{
	struct ed_civil c = ed_civil_from_time(at);

	if (watch->day == at / TICKS_PER_DAY)
		return;
	watch->day = at / TICKS_PER_DAY;
	ed_buf_printf(out, "%04d-%02d-%02d UTC\n", c.year, c.month, c.day);
}

static ed_status changes_tell(struct ed_watch *watch, const struct ed_watch_state *after,
			      int64_t at, struct ed_error *err)
{
	ed_status status = ED_OK;
	struct ed_buf lines;
	size_t day;

	ed_buf_init(&lines, 64 * ED_KIB);
	day_tell(watch, at, &lines);
	day = lines.len;
	if (!ed_watch_changes(&watch->state, after, at, &lines)) {
		if (day)
			watch->day = ED_TIME_NONE;
	} else {
		if (ed_watch_verdict_differs(&watch->state, after))
			change_keep(watch, after, at);
		if (lines.status != ED_OK)
			status = ed_fail(err, lines.status, "cannot hold what changed: %s",
					 ed_status_text(lines.status));
		/* first what stays: what it has, another run does not tell again */
		if (status == ED_OK && watch->options->log.p)
			status = ed_watch_log_add(watch->options->log, after, at, watch->evidence,
						  err);
		if (status == ED_OK && !watch->terminal)
			status = ed_file_write_whole(ED_STR("-"), ed_buf_str(&lines), err);
	}
	ed_buf_release(&lines);
	return status;
}

ed_status ed_watch_step(struct ed_watch *watch, int64_t at, struct ed_error *err)
{
	const struct ed_analyze_options options = { .source = watch->source, .at = at, .now = at };
	struct ed_watch_state after;

	watch->judged = false;
	ed_arena_reset(&watch->arena);
	ED_TRY(ed_analyze(watch->evidence, &options, &watch->arena, &watch->verdict, err));
	watch->judged = true;
	ed_watch_state_take(&watch->verdict, &after);
	ED_TRY(changes_tell(watch, &after, at, err));
	watch->state = after;
	return ED_OK;
}

ed_status ed_watch_newest(struct ed_watch *watch, int64_t *out, struct ed_error *err)
{
	const struct ed_analyze_options options = { .source = watch->source,
						    .at = ED_TIME_NONE,
						    .now = ed_clock_now() };

	watch->judged = false;
	ed_arena_reset(&watch->arena);
	ED_TRY(ed_analyze(watch->evidence, &options, &watch->arena, &watch->verdict, err));
	*out = watch->verdict.evaluated_at;
	return ED_OK;
}

bool ed_watch_page_done(const struct ed_watch *watch)
{
	return watch->judged && watch->verdict.esp.phase_known &&
	       watch->verdict.esp.phase == ED_PHASE_DONE;
}

void ed_watch_draw(struct ed_watch *watch, int64_t now)
{
	size_t columns = 80, rows = 25;

	if (!watch->terminal || !watch->judged)
		return;
	watch->now = now;
	screen_compose(watch, "Ctrl+C ends");
	(void)ed_console_size(1, &columns, &rows);
	ed_buf_clear(&watch->frame);
	ed_watch_frame(ed_buf_str(&watch->screen), columns, rows, watch->color, &watch->frame);
	if (watch->frame.status != ED_OK || watch->screen.status != ED_OK ||
	    ed_str_eq(ed_buf_str(&watch->frame), ed_buf_str(&watch->shown)))
		return;
	ed_console_write(1, ed_buf_str(&watch->frame));
	ed_buf_clear(&watch->shown);
	ed_buf_adds(&watch->shown, ed_buf_str(&watch->frame));
}

/* SPDX-License-Identifier: MIT */
/*
 * A verdict and a clock as one screen. Each thing has its line whatever is known of it, so that
 * nothing jumps while one looks: what is unknown says so. The most needed comes first, since a
 * small terminal shows the front only.
 */
#include "espdiag/report/watch.h"

#include "phrase_priv.h"
#include "text_priv.h"

#include <inttypes.h>

/* Apps that are listed, the first of them not installed yet. */
#define APPS_MOST ((size_t)3)
/* Of the bar that shows the page's time. */
#define BAR_CELLS 24

static void clock_format(int64_t ticks, char out[32])
{
	int64_t seconds = ticks / ED_TICKS_PER_SECOND;

	if (seconds < 3600)
		snprintf(out, 32, "%" PRId64 ":%02d", seconds / 60, (int)(seconds % 60));
	else
		snprintf(out, 32, "%" PRId64 ":%02d:%02d", seconds / 3600, (int)(seconds / 60 % 60),
			 (int)(seconds % 60));
}

static void add_clock(struct wrap *w, int64_t ticks)
{
	char text[32];

	clock_format(ticks, text);
	wrap_addz(w, text);
}

static void put_head(const struct ed_watch_view *view, struct ed_buf *out)
{
	char left[56] = "espdiag watch", right[ED_TIME_TEXT + 24], clock[ED_TIME_TEXT];

	if (view->replay && view->speed)
		snprintf(left, sizeof(left), "espdiag watch   replay, %" PRIu32 " times as fast",
			 view->speed);
	else if (view->replay)
		snprintf(left, sizeof(left), "espdiag watch   replay, event by event");
	text_time_format(view->now, true, clock);
	snprintf(right, sizeof(right), "%s UTC", clock);
	ed_buf_printf(out, "%-*s%s\n", (int)(ED_WATCH_COLUMNS - strlen(right)), left, right);
}

static void put_verdict(const struct text *t)
{
	const struct ed_verdict *v = t->verdict;
	const struct ed_finding *primary = phrase_primary(v);
	const char *word = ed_outcome_word(v->outcome);
	struct wrap w;

	text_label(t, &w, "Verdict", 1);
	for (size_t i = 0; word[i]; i++) {
		char upper[2] = { (char)(word[i] - ('a' - 'A')), '\0' };

		wrap_addz(&w, upper);
	}
	wrap_addz(&w, ": ");
	wrap_addz(&w, primary ? primary->id : "no finding");
	wrap_addz(&w, " (");
	wrap_addz(&w, ed_certainty_word(v->certainty));
	wrap_addz(&w, ")");
	wrap_end(&w);
	text_label(t, &w, "", 1);
	if (primary)
		wrap_add(&w, primary->title);
	else
		wrap_addz(&w, phrase_outcome(v));
	wrap_end(&w);
	text_label(t, &w, "Do", 1);
	wrap_add(&w, v->action_count ? v->actions[0].title : ED_STR("nothing now"));
	if (v->action_count) {
		wrap_addz(&w, " (");
		wrap_addz(&w, ed_owner_word(v->actions[0].owner));
		wrap_addz(&w, ")");
	}
	wrap_end(&w);
}

static void add_bar(struct wrap *w, int64_t left, int64_t whole)
{
	char bar[BAR_CELLS + 1];
	int64_t gone = whole - (left > 0 ? left : 0);
	int64_t full = gone > 0 ? gone * BAR_CELLS / whole : 0;

	for (int64_t i = 0; i < BAR_CELLS; i++)
		bar[i] = i < full ? '#' : '-';
	bar[BAR_CELLS] = '\0';
	wrap_addz(w, " [");
	wrap_addz(w, bar);
	wrap_addz(w, "]");
}

static void put_left(const struct text *t, int64_t now)
{
	const struct ed_esp *esp = &t->verdict->esp;
	int64_t left = esp->deadline_at == ED_TIME_NONE ? 0 : esp->deadline_at - now;
	struct wrap w;

	text_label(t, &w, "Left", 1);
	if (esp->phase_known && esp->phase == ED_PHASE_DONE) {
		wrap_addz(&w, "the page is done");
	} else if (esp->deadline_at == ED_TIME_NONE) {
		wrap_addz(&w, "unknown");
	} else {
		if (left <= 0)
			wrap_addz(&w, "the limit passed, ");
		else
			add_clock(&w, left);
		wrap_addz(&w, left > 0 ? ", until " : "at ");
		text_time(&w, esp->deadline_at, false);
		if (esp->timeout_minutes > 0 && esp->timeout_minutes < INT32_MAX)
			add_bar(&w, left, esp->timeout_minutes * ED_TICKS_PER_MINUTE);
	}
	wrap_end(&w);
}

static void put_page(const struct text *t, int64_t now)
{
	const struct ed_esp *esp = &t->verdict->esp;
	struct wrap w;

	text_label(t, &w, "Page", 1);
	wrap_addz(&w, esp->phase_known ? ed_phase_word(esp->phase) : "unknown");
	if (esp->phase_known && esp->started_at != ED_TIME_NONE) {
		wrap_addz(&w, " since ");
		text_time(&w, esp->started_at, false);
	}
	if (esp->timeout_minutes != ED_UNKNOWN) {
		wrap_addz(&w, ", limit ");
		wrap_add_count(&w, esp->timeout_minutes, "minute", "minutes");
	}
	wrap_end(&w);
	put_left(t, now);
}

static bool app_is_open(const struct ed_esp_app *app)
{
	return !ed_str_eq(app->state, ED_STR("installed")) &&
	       !ed_str_eq(app->state, ED_STR("skipped"));
}

static void put_app(const struct text *t, const struct ed_esp_app *app, const char *label)
{
	struct wrap w;

	text_label(t, &w, label, 1);
	wrap_add(&w, app->name);
	wrap_addz(&w, ": ");
	wrap_add(&w, app->state.len ? app->state : ED_STR("state unknown"));
	if (app->error.len) {
		wrap_addz(&w, " ");
		wrap_add(&w, app->error);
	}
	wrap_end(&w);
}

static void put_apps(const struct text *t)
{
	const struct ed_esp *esp = &t->verdict->esp;
	size_t open = 0, shown = 0;
	struct wrap w;

	for (size_t i = 0; i < esp->app_count; i++)
		open += app_is_open(&esp->apps[i]);
	text_label(t, &w, "Apps", 1);
	if (!esp->app_count) {
		wrap_addz(&w, "none known that the page waits for");
	} else {
		wrap_addz(&w, "waits for ");
		wrap_add_number(&w, (int64_t)open);
		wrap_addz(&w, " of ");
		wrap_add_number(&w, (int64_t)esp->app_count);
	}
	wrap_end(&w);
	for (size_t i = 0; i < esp->app_count && shown < APPS_MOST; i++) {
		if (!app_is_open(&esp->apps[i]))
			continue;
		put_app(t, &esp->apps[i], "");
		shown++;
	}
	for (; shown < 1; shown++)
		ed_buf_addc(t->out, '\n');
}

static const struct ed_mark *last_attempt(const struct ed_timeline *timeline)
{
	for (size_t i = timeline->count; i > 0; i--) {
		const struct ed_mark *m = &timeline->marks[i - 1];

		if (m->kind == ED_MARK_ATTEMPT_FAILED || m->kind == ED_MARK_ATTEMPT_OK ||
		    m->kind == ED_MARK_ATTEMPT_OPEN)
			return m;
	}
	return NULL;
}

static void add_next(struct wrap *w, const struct ed_store *store, int64_t now)
{
	int64_t next = store->next_attempt_at;

	if (next == ED_TIME_NONE) {
		wrap_addz(w, store->attempts == 1 ? "known after the second attempt"
						  : "none expected");
		return;
	}
	text_time(w, next, false);
	if (next <= now) {
		wrap_addz(w, ", due now");
		return;
	}
	wrap_addz(w, ", in ");
	add_clock(w, next - now);
}

static void put_attempts(const struct text *t, int64_t now)
{
	const struct ed_store *store = &t->verdict->store;
	const struct ed_mark *last = last_attempt(&t->verdict->timeline);
	struct wrap w;

	text_label(t, &w, "Store", 1);
	if (store->attempts == ED_UNKNOWN) {
		wrap_addz(&w, "its log is not read");
	} else {
		wrap_add_count(&w, store->attempts, "attempt, ", "attempts, ");
		wrap_add_number(&w, store->failures == ED_UNKNOWN ? 0 : store->failures);
		wrap_addz(&w, " failed");
	}
	if (store->median_interval_seconds != ED_UNKNOWN) {
		wrap_addz(&w, ", every ");
		add_clock(&w, store->median_interval_seconds * ED_TICKS_PER_SECOND);
	}
	wrap_end(&w);
	text_label(t, &w, "Last", 1);
	if (!last) {
		wrap_addz(&w, "none yet");
	} else {
		text_time(&w, last->at, false);
		wrap_addz(&w, " ");
		wrap_addz(&w, ed_mark_kind_word(last->kind));
		if (store->product_count && store->products[0].last_error.len &&
		    last->kind == ED_MARK_ATTEMPT_FAILED) {
			wrap_addz(&w, ", ");
			wrap_add(&w, store->products[0].last_error);
		}
	}
	wrap_end(&w);
	text_label(t, &w, "Next", 1);
	add_next(&w, store, now);
	wrap_end(&w);
}

static void put_store(const struct text *t, int64_t now)
{
	const struct ed_sign_in *sign_in = &t->verdict->sign_in;
	char line[WRAP_COLUMNS - TEXT_LABEL + 1];
	struct wrap w;

	put_attempts(t, now);
	text_label(t, &w, "Sign-in", 1);
	for (size_t i = 0; i < sign_in->code_count; i++) {
		wrap_addz(&w, i ? "; denied AADSTS" : "denied AADSTS");
		wrap_add_number(&w, sign_in->codes[i].code);
		wrap_addz(&w, " x");
		wrap_add_number(&w, sign_in->codes[i].count);
	}
	if (!sign_in->code_count) {
		wrap_addz(&w, sign_in->denials == ED_UNKNOWN ? "its log is not read"
							     : "no denial of the Store");
	} else if (sign_in->last_at != ED_TIME_NONE) {
		wrap_addz(&w, ", last ");
		text_time(&w, sign_in->last_at, false);
	}
	wrap_end(&w);
	text_label(t, &w, "Loop", 1);
	wrap_addz(&w, loop_line(&t->verdict->timeline, line, sizeof(line)) ? line : "-");
	wrap_end(&w);
}

static void put_bitlocker(const struct text *t)
{
	const struct ed_bitlocker *b = &t->verdict->bitlocker;
	struct wrap w;

	text_label(t, &w, "BitLocker", 1);
	wrap_addz(&w, b->state ? b->state : "unknown");
	if (b->protected_at != ED_TIME_NONE) {
		wrap_addz(&w, ", protection on ");
		text_time(&w, b->protected_at, false);
	}
	if (b->escrowed_at != ED_TIME_NONE) {
		wrap_addz(&w, ", key kept ");
		text_time(&w, b->escrowed_at, false);
	}
	if (b->method.len) {
		wrap_addz(&w, ", ");
		wrap_add(&w, b->method);
	}
	wrap_end(&w);
}

static void put_attestation(const struct text *t)
{
	const struct ed_attestation *a = &t->verdict->attestation;
	struct wrap w;

	text_label(t, &w, "Start", 1);
	wrap_addz(&w, a->last_boot_at == ED_TIME_NONE ? "" : ed_boot_kind_word(a->last_boot_kind));
	wrap_addz(&w, " ");
	text_time(&w, a->last_boot_at, false);
	wrap_addz(&w, a->boot_measured_bitlocker == ED_TRI_YES ? ", it measured BitLocker on"
		      : a->boot_measured_bitlocker == ED_TRI_NO
			      ? ", it measured BitLocker off"
			      : ", no boot log says what it measured");
	wrap_end(&w);
	text_label(t, &w, "Attested", 1);
	if (a->certificate_error.len) {
		wrap_addz(&w, "no certificate: ");
		wrap_add(&w, a->certificate_error);
	} else if (a->certificate_at != ED_TIME_NONE) {
		wrap_addz(&w, "certificate ");
		text_time(&w, a->certificate_at, false);
	} else {
		wrap_addz(&w, "no certificate seen");
	}
	wrap_addz(&w, "; \"require BitLocker\" would ");
	wrap_addz(&w, strcmp(a->predicted_require_bitlocker, "unknown") == 0
			      ? "be unknown"
			      : a->predicted_require_bitlocker);
	wrap_end(&w);
}

static void put_changes(const struct ed_watch_view *view, const struct text *t)
{
	struct wrap w;

	for (size_t i = 0; i < ED_WATCH_CHANGES; i++) {
		text_label(t, &w, i ? "" : "Changes", 1);
		if (i < view->change_count)
			wrap_addz(&w, view->changes[i]);
		wrap_end(&w);
	}
}

void ed_watch_screen(const struct ed_watch_view *view, struct ed_buf *out)
{
	const struct ed_report_options plain = { .color = false };
	struct text t = { .verdict = view->verdict, .options = &plain, .out = out };

	put_head(view, out);
	put_verdict(&t);
	put_changes(view, &t);
	put_page(&t, view->now);
	put_apps(&t);
	put_store(&t, view->now);
	put_bitlocker(&t);
	put_attestation(&t);
	if (view->hint)
		ed_buf_printf(out, "%s\n", view->hint);
}

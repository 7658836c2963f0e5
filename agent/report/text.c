/* SPDX-License-Identifier: MIT */
/*
 * The verdict for a technician at a console of 80 x 25: cause, proof, what to do, who, what it
 * costs, what is missing. The page is laid out at one of several levels of detail, the richest that
 * fits; --verbose appends the rest (details.c).
 */
#include "espdiag/report/report.h"

#include "text_priv.h"

/* One line less than 25, for the prompt below. */
#define PAGE_LINES 24

/* How much of each part is shown. The last row fits always. */
struct detail {
	size_t because_lines;
	size_t links, link_lines;
	size_t steps, step_lines;
	size_t cost_lines, others_lines, missing_lines, state_lines, gap_lines;
};

static const struct detail details[] = {
	{ 3, 5, 2, 5, 2, 2, 2, 3, 2, 2 }, { 0, 5, 2, 4, 2, 2, 2, 3, 2, 2 },
	{ 0, 5, 2, 3, 2, 2, 1, 2, 1, 1 }, { 0, 5, 1, 3, 2, 1, 1, 2, 1, 1 },
	{ 0, 4, 1, 2, 2, 1, 1, 1, 1, 1 }, { 0, 3, 1, 2, 1, 1, 0, 1, 1, 1 },
};

static const struct ed_finding *verdict_primary(const struct ed_verdict *v)
{
	for (size_t i = 0; v->primary && i < v->finding_count; i++) {
		if (strcmp(v->findings[i].id, v->primary) == 0)
			return &v->findings[i];
	}
	return NULL;
}

/* For verdicts without a primary finding. */
static const char *outcome_sentence(enum ed_outcome outcome)
{
	switch (outcome) {
	case ED_OUTCOME_BLOCKED:
		return "something stands in the way that will not clear by itself";
	case ED_OUTCOME_WAITING:
		return "nothing is wrong so far, and what is open clears by itself";
	case ED_OUTCOME_RECOVERED:
		return "something stood in the way, then the app came";
	case ED_OUTCOME_FAILED:
		return "it ended in failure, and the evidence does not show why";
	case ED_OUTCOME_HEALTHY:
		return "no cause was found, and the evidence shows that it worked";
	case ED_OUTCOME_INCONCLUSIVE:
		break;
	}
	return "the evidence does not tell what happened";
}

static const char *outcome_color(enum ed_outcome outcome)
{
	switch (outcome) {
	case ED_OUTCOME_BLOCKED:
	case ED_OUTCOME_FAILED:
		return "\x1b[1;31m";
	case ED_OUTCOME_RECOVERED:
	case ED_OUTCOME_HEALTHY:
		return "\x1b[1;32m";
	case ED_OUTCOME_WAITING:
	case ED_OUTCOME_INCONCLUSIVE:
		break;
	}
	return "\x1b[1;33m";
}

static void put_headline(const struct text *t, const struct ed_finding *primary)
{
	const struct ed_verdict *v = t->verdict;
	const char *word = ed_outcome_word(v->outcome);
	struct wrap w;

	if (t->options->color)
		ed_buf_addz(t->out, outcome_color(v->outcome));
	for (size_t i = 0; word[i]; i++)
		ed_buf_addc(t->out, (char)(word[i] - ('a' - 'A')));
	if (t->options->color)
		ed_buf_addz(t->out, "\x1b[0m");
	ed_buf_addz(t->out, ": ");
	wrap_begin(&w, t->out, strlen(word) + 2, TEXT_LABEL, 2);
	if (primary)
		wrap_add(&w, primary->title);
	else
		wrap_addz(&w, outcome_sentence(v->outcome));
	wrap_end(&w);

	text_label(t, &w, "", 1);
	if (primary) {
		wrap_addz(&w, primary->id);
		wrap_addz(&w, ", ");
	}
	wrap_addz(&w, ed_certainty_word(v->certainty));
	wrap_addz(&w, ", as of ");
	text_time(&w, v->evaluated_at, true);
	wrap_addz(&w, " UTC");
	wrap_end(&w);
}

static bool chain_on_one_day(const struct ed_verdict *v)
{
	const int64_t day = 1440 * ED_TICKS_PER_MINUTE;

	for (size_t i = 0; i < v->chain_count; i++) {
		if (v->chain[i].at != ED_TIME_NONE && v->chain[i].at / day != v->evaluated_at / day)
			return false;
	}
	return true;
}

static void put_link(const struct text *t, const struct ed_link *link, bool dated, size_t lines)
{
	char clock[ED_TIME_TEXT] = "";
	size_t column = dated ? TEXT_LABEL + 11 : TEXT_LABEL;
	struct wrap w;

	if (link->at != ED_TIME_NONE)
		text_time_format(link->at, dated, clock);
	ed_buf_printf(t->out, " %-*s", (int)column - 1, clock);
	wrap_begin(&w, t->out, column, column, lines);
	wrap_add(&w, link->claim);
	if (link->inferred)
		wrap_addz(&w, " (inferred)");
	text_proofs(&w, t->verdict, link->evidence, lines > 1);
	wrap_end(&w);
}

/* The chain; when it is longer than the page allows, its first links and its last. */
static void put_why(const struct text *t, const struct ed_finding *primary, const struct detail *d)
{
	const struct ed_verdict *v = t->verdict;
	bool dated = !chain_on_one_day(v);
	struct wrap w;

	if (!v->chain_count || (primary && d->because_lines)) {
		text_label(t, &w, "Why", v->chain_count ? d->because_lines : 5);
		wrap_add(&w, primary ? primary->because : v->summary);
		wrap_end(&w);
		if (!v->chain_count)
			return;
	}
	text_label(t, &w, d->because_lines ? "Proof" : "Why", 1);
	wrap_addz(&w, "times in UTC");
	if (v->chain_count > d->links) {
		wrap_addz(&w, "; ");
		wrap_add_number(&w, (int64_t)d->links);
		wrap_addz(&w, " of ");
		wrap_add_number(&w, (int64_t)v->chain_count);
		wrap_addz(&w, " steps, --verbose shows all");
	}
	wrap_end(&w);
	for (size_t i = 0; i < v->chain_count; i++) {
		if (i + 1 < d->links || i + 1 == v->chain_count)
			put_link(t, &v->chain[i], dated, d->link_lines);
	}
}

static const char *owner_phrase(enum ed_owner owner)
{
	switch (owner) {
	case ED_TECHNICIAN:
		return "technician, at the device";
	case ED_ADMIN:
		return "admin, in the tenant (Intune, Entra)";
	case ED_USER:
		return "user, at the device";
	case ED_NETWORK:
		break;
	}
	return "whoever runs the network";
}

static void put_others(const struct text *t, size_t lines)
{
	const struct ed_verdict *v = t->verdict;
	struct wrap w;

	if (v->action_count < 2 || !lines)
		return;
	text_label(t, &w, "Or else", lines);
	for (size_t i = 1; i < v->action_count; i++) {
		if (i > 1)
			wrap_addz(&w, "; ");
		wrap_add(&w, v->actions[i].title);
		wrap_addz(&w, " (");
		wrap_addz(&w, ed_owner_word(v->actions[i].owner));
		wrap_addz(&w, ")");
	}
	wrap_end(&w);
}

static void put_do(const struct text *t, const struct detail *d)
{
	const struct ed_verdict *v = t->verdict;
	const struct ed_action *a = v->actions;
	struct wrap w;

	if (!v->action_count)
		return;
	text_label(t, &w, "Do", 2);
	wrap_add(&w, a->title);
	if (a->steps.count > d->steps) {
		wrap_addz(&w, " (first ");
		wrap_add_number(&w, (int64_t)d->steps);
		wrap_addz(&w, " of ");
		wrap_add_number(&w, (int64_t)a->steps.count);
		wrap_addz(&w, " steps)");
	}
	wrap_end(&w);
	for (size_t i = 0; i < a->steps.count && i < d->steps; i++)
		text_step(t, i + 1, a->steps.items[i], d->step_lines);
	text_label(t, &w, "Who", 1);
	wrap_addz(&w, owner_phrase(a->owner));
	wrap_end(&w);
	if (a->cost.len) {
		text_label(t, &w, "Cost", d->cost_lines);
		wrap_add(&w, a->cost);
		wrap_end(&w);
	}
	put_others(t, d->others_lines);
}

static void put_missing(const struct text *t, const struct ed_finding *primary, size_t lines)
{
	struct wrap w;

	if (!primary)
		return;
	text_label(t, &w, "Missing", lines);
	for (size_t i = 0; i < primary->missing.count; i++) {
		if (i)
			wrap_addz(&w, "; ");
		wrap_add(&w, primary->missing.items[i]);
	}
	if (!primary->missing.count)
		wrap_addz(&w, "nothing that would change this verdict");
	wrap_end(&w);
}

static void put_page(const struct text *t)
{
	const struct ed_esp *esp = &t->verdict->esp;
	struct wrap w;

	if (!esp->phase_known || esp->phase == ED_PHASE_NONE)
		return;
	text_label(t, &w, "Page", 1);
	wrap_addz(&w, esp->phase == ED_PHASE_DONE ? "finished" : ed_phase_word(esp->phase));
	if (esp->minutes_left == ED_UNKNOWN && esp->timeout_minutes != ED_UNKNOWN) {
		wrap_addz(&w, "; its limit is ");
		wrap_add_count(&w, esp->timeout_minutes, "minute", "minutes");
	} else if (esp->minutes_left != ED_UNKNOWN) {
		wrap_addz(&w, "; ");
		wrap_add_number(&w, esp->minutes_left);
		if (esp->timeout_minutes != ED_UNKNOWN) {
			wrap_addz(&w, " of ");
			wrap_add_number(&w, esp->timeout_minutes);
		}
		wrap_addz(&w, " minutes left");
	}
	if (esp->deadline_at != ED_TIME_NONE) {
		wrap_addz(&w, esp->minutes_left == 0 ? ", the limit was " : ", until ");
		text_time(&w, esp->deadline_at, false);
		wrap_addz(&w, " UTC");
	}
	wrap_end(&w);
}

static void add_interval(struct wrap *w, int64_t seconds)
{
	wrap_addz(w, ", one every ");
	if (seconds >= 120) {
		wrap_add_count(w, (seconds + 30) / 60, "minute", "minutes");
	} else {
		wrap_add_count(w, seconds, "second", "seconds");
	}
}

static void put_store(const struct text *t, size_t lines)
{
	const struct ed_store *store = &t->verdict->store;
	const struct ed_sign_in *sign_in = &t->verdict->sign_in;
	struct wrap w;

	if (store->attempts == ED_UNKNOWN && sign_in->denials == ED_UNKNOWN)
		return;
	text_label(t, &w, "Store", lines);
	if (store->attempts != ED_UNKNOWN) {
		wrap_add_count(&w, store->attempts, "attempt", "attempts");
		if (store->failures != ED_UNKNOWN) {
			wrap_addz(&w, ", ");
			wrap_add_number(&w, store->failures);
			wrap_addz(&w, " failed");
		}
		if (store->median_interval_seconds != ED_UNKNOWN)
			add_interval(&w, store->median_interval_seconds);
		if (store->next_attempt_at != ED_TIME_NONE) {
			wrap_addz(&w, ", next about ");
			text_time(&w, store->next_attempt_at, false);
		}
	}
	if (sign_in->denials != ED_UNKNOWN) {
		wrap_addz(&w, store->attempts != ED_UNKNOWN ? "; " : "");
		wrap_add_count(&w, sign_in->denials, "sign-in denial", "sign-in denials");
		for (size_t i = 0; i < sign_in->code_count; i++) {
			wrap_addz(&w, i ? ", " : " (AADSTS");
			wrap_add_number(&w, sign_in->codes[i].code);
		}
		wrap_addz(&w, sign_in->code_count ? ")" : "");
	}
	wrap_end(&w);
}

/* What could not be read, and how much was. */
static void put_sources(const struct text *t, size_t lines)
{
	const struct ed_verdict *v = t->verdict;
	uint64_t records = 0;
	size_t read = 0, bad = 0;
	struct wrap w;

	for (size_t i = 0; i < v->coverage_count; i++) {
		records += v->coverage[i].records;
		read += v->coverage[i].records > 0;
		bad += text_row_is_gap(&v->coverage[i]);
	}
	if (bad) {
		text_label(t, &w, "Not read", lines);
		wrap_add_count(&w, (int64_t)bad, "source: ", "sources: ");
		for (size_t i = 0, n = 0; i < v->coverage_count && !w.cut; i++) {
			if (!text_row_is_gap(&v->coverage[i]))
				continue;
			wrap_addz(&w, n++ ? "; " : "");
			text_gap(&w, &v->coverage[i]);
		}
		wrap_end(&w);
	}
	text_label(t, &w, "Evidence", 1);
	wrap_add_count(&w, (int64_t)records, "record", "records");
	wrap_addz(&w, " of ");
	wrap_add_count(&w, (int64_t)read, "log or file in ", "logs and files in ");
	wrap_add(&w, v->source);
	wrap_end(&w);
}

static void put_page_at(const struct text *t, const struct detail *d)
{
	const struct ed_finding *primary = verdict_primary(t->verdict);
	struct wrap w;

	put_headline(t, primary);
	put_why(t, primary, d);
	put_do(t, d);
	put_missing(t, primary, d->missing_lines);
	put_page(t);
	put_store(t, d->state_lines);
	put_sources(t, d->gap_lines);
	if (t->options->verbose)
		return;
	text_label(t, &w, "More", 1);
	wrap_addz(&w, "--verbose: findings, evidence, coverage; --format json: for programs");
	wrap_end(&w);
}

static size_t count_lines(struct ed_str s)
{
	size_t lines = 0;

	for (size_t i = 0; i < s.len; i++)
		lines += s.p[i] == '\n';
	return lines;
}

void ed_report_text(const struct ed_verdict *verdict, const struct ed_report_options *options,
		    struct ed_buf *out)
{
	struct text t = { .verdict = verdict, .options = options, .out = out };
	size_t before = out->len;

	for (size_t i = 0; i < ED_COUNT(details); i++) {
		struct ed_str page;

		put_page_at(&t, &details[i]);
		page = ed_str_slice(ed_buf_str(out), before, out->len);
		if (options->verbose || out->status != ED_OK || i + 1 == ED_COUNT(details) ||
		    count_lines(page) <= PAGE_LINES)
			break;
		out->len = before;
	}
	if (options->verbose)
		text_details(&t);
}

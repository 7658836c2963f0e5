/* SPDX-License-Identifier: MIT */
/*
 * The verdict for a technician at a console of 80 x 25: cause, proof, what to do, who, what it
 * costs, what is missing. The page is laid out at one of several levels of detail, the richest that
 * fits; --verbose appends the rest (details.c).
 */
#include "espdiag/report/report.h"

#include "phrase_priv.h"
#include "text_priv.h"

/* One line less than 25, for the prompt below. */
#define PAGE_LINES 24
/* Columns of the label before the chain's times. */
#define WHY_LABEL ((size_t)6)

/* How much of each part is shown: numbers of rows, or of lines of one row. */
enum part {
	PART_BECAUSE,
	PART_LINKS,
	PART_LINK_LINES,
	PART_STEPS,
	PART_STEP_LINES,
	PART_COST,
	PART_OTHERS,
	PART_MISSING,
	PART_STORE,
	PART_LOOP,
	PART_GAPS,
	PART_COUNT,
};

struct detail {
	size_t of[PART_COUNT];
};

static const struct detail everything = { {
	[PART_BECAUSE] = 3,
	[PART_LINKS] = 6,
	[PART_LINK_LINES] = 2,
	[PART_STEPS] = 5,
	[PART_STEP_LINES] = 3,
	[PART_COST] = 3,
	[PART_OTHERS] = 2,
	[PART_MISSING] = 3,
	[PART_STORE] = 2,
	[PART_LOOP] = 1,
	[PART_GAPS] = 4,
} };

/* What is given up, one after the other, until the page fits. After the last one it always does. */
static const struct {
	enum part part;
	size_t to;
} cuts[] = {
	{ PART_BECAUSE, 0 },    { PART_GAPS, 1 },       { PART_OTHERS, 1 },     { PART_STEPS, 4 },
	{ PART_STORE, 1 },      { PART_STEPS, 3 },      { PART_MISSING, 2 },    { PART_LINKS, 5 },
	{ PART_STEP_LINES, 2 }, { PART_COST, 2 },       { PART_STEPS, 2 },      { PART_LINKS, 4 },
	{ PART_MISSING, 1 },    { PART_LINK_LINES, 1 }, { PART_STEP_LINES, 1 }, { PART_LOOP, 0 },
};

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
		wrap_addz(&w, phrase_outcome(v));
	wrap_end(&w);

	text_label(t, &w, "", 2);
	if (primary) {
		wrap_addz(&w, primary->id);
		wrap_addz(&w, ", ");
	}
	wrap_addz(&w, ed_certainty_word(v->certainty));
	wrap_addz(&w, ", as of ");
	text_time(&w, v->evaluated_at, true);
	wrap_addz(&w, " UTC");
	if (v->used_from) {
		wrap_addz(&w, ", used from ");
		text_time(&w, v->used_from, true);
		wrap_addz(&w, " on (--since)");
	}
	wrap_end(&w);
}

/* The day of the evaluation, which the headline names. */
static bool on_one_day(const struct ed_verdict *v, int64_t t)
{
	const int64_t day = 1440 * ED_TICKS_PER_MINUTE;

	return t / day == v->evaluated_at / day;
}

static bool chain_on_one_day(const struct ed_verdict *v)
{
	for (size_t i = 0; i < v->chain_count; i++) {
		if (v->chain[i].at != ED_TIME_NONE && !on_one_day(v, v->chain[i].at))
			return false;
	}
	return true;
}

/* One link behind @label, which only the first one has. */
static void put_link(const struct text *t, const struct ed_link *link, const char *label,
		     bool dated, size_t lines)
{
	char clock[ED_TIME_TEXT] = "";
	int width = dated ? 19 : 8;
	size_t column = WHY_LABEL + (size_t)width + 1;
	struct wrap w;

	if (link->at != ED_TIME_NONE)
		text_time_format(link->at, dated, clock);
	text_bold(t, label);
	ed_buf_printf(t->out, "%*s%-*s ", (int)(WHY_LABEL - strlen(label)), "", width, clock);
	wrap_begin(&w, t->out, column, column, lines);
	wrap_add(&w, link->claim);
	if (phrase_says_inferred(link))
		wrap_addz(&w, " (inferred)");
	text_proofs(&w, t->verdict, link->evidence, lines > 1);
	wrap_end(&w);
}

/* What ends a chain that must be cut: the last that happened; what is only waited for goes first.
 */
static size_t last_link(const struct ed_verdict *v, size_t links)
{
	size_t last = v->chain_count - 1;

	if (v->chain_count <= links)
		return last;
	while (last && v->chain[last].at == ED_TIME_NONE)
		last--;
	return last;
}

/* The chain; when it is longer than the page allows, its first links and its last. */
static void put_why(const struct text *t, const struct ed_finding *primary, const struct detail *d)
{
	const struct ed_verdict *v = t->verdict;
	size_t because_lines = v->chain_count ? d->of[PART_BECAUSE] : 5;
	bool dated = !chain_on_one_day(v);
	struct wrap w;

	if (because_lines && (primary || !v->chain_count)) {
		text_label(t, &w, "Why", because_lines);
		wrap_add(&w, primary ? primary->because : v->summary);
		wrap_end(&w);
	}
	for (size_t i = 0; i < v->chain_count; i++) {
		const char *label = i ? "" : because_lines && primary ? "Proof" : "Why";

		if (i + 1 < d->of[PART_LINKS] || i == last_link(v, d->of[PART_LINKS]))
			put_link(t, &v->chain[i], label, dated, d->of[PART_LINK_LINES]);
	}
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
	if (a->steps.count > d->of[PART_STEPS]) {
		wrap_addz(&w, " (first ");
		wrap_add_number(&w, (int64_t)d->of[PART_STEPS]);
		wrap_addz(&w, " of ");
		wrap_add_number(&w, (int64_t)a->steps.count);
		wrap_addz(&w, " steps)");
	}
	wrap_end(&w);
	for (size_t i = 0; i < a->steps.count && i < d->of[PART_STEPS]; i++)
		text_step(t, i + 1, a->steps.items[i], d->of[PART_STEP_LINES]);
	text_label(t, &w, "Who", d->of[PART_COST]);
	wrap_addz(&w, phrase_owner(a->owner));
	if (a->cost.len) {
		wrap_addz(&w, ". Cost: ");
		wrap_add(&w, a->cost);
	}
	wrap_end(&w);
	put_others(t, d->of[PART_OTHERS]);
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
	/* where the clock was set meanwhile, nobody knows when the limit passes */
	if (esp->deadline_at != ED_TIME_NONE && esp->minutes_left != ED_UNKNOWN) {
		wrap_addz(&w, t->verdict->evaluated_at >= esp->deadline_at ? ", the limit was "
									   : ", until ");
		text_time(&w, esp->deadline_at, !on_one_day(t->verdict, esp->deadline_at));
		wrap_addz(&w, " UTC");
	}
	wrap_end(&w);
}

static void add_attempts(struct wrap *w, const struct ed_store *store)
{
	int64_t every = store->median_interval_seconds;

	wrap_add_count(w, store->attempts, "attempt", "attempts");
	if (store->failures != ED_UNKNOWN && store->attempts > 0) {
		wrap_addz(w, ", ");
		if (store->failures == store->attempts)
			wrap_addz(w, "all");
		else
			wrap_add_number(w, store->failures);
		wrap_addz(w, " failed");
	}
	if (every != ED_UNKNOWN) {
		wrap_addz(w, ", every ");
		wrap_add_number(w, every >= 120 ? (every + 30) / 60 : every);
		wrap_addz(w, every >= 120 ? " min" : " s");
	}
}

static void put_store(const struct text *t, size_t lines)
{
	const struct ed_store *store = &t->verdict->store;
	const struct ed_sign_in *sign_in = &t->verdict->sign_in;
	bool any = store->attempts != ED_UNKNOWN;
	struct wrap w;

	if (!any && !sign_in->code_count)
		return;
	text_label(t, &w, "Store", lines);
	if (any)
		add_attempts(&w, store);
	for (size_t i = 0; i < sign_in->code_count; i++) {
		wrap_addz(&w, any || i ? "; AADSTS" : "AADSTS");
		wrap_add_number(&w, sign_in->codes[i].code);
		wrap_addz(&w, " x");
		wrap_add_number(&w, sign_in->codes[i].count);
	}
	if (store->next_attempt_at != ED_TIME_NONE) {
		wrap_addz(&w, "; next ");
		text_time(&w, store->next_attempt_at, false);
	}
	wrap_end(&w);
}

/* Names the gaps: first where something was lost, then what was not there at all. */
static bool is_own(const struct ed_verdict *v, const struct ed_coverage *row)
{
	return row->state != ED_STATE_ABSENT || row->path.p || ed_str_eq(row->source, v->source);
}

/* Where nothing was read for a reason, what it might have held is none. */
static bool only_own(const struct ed_verdict *v)
{
	bool own = false;

	for (size_t i = 0; i < v->coverage_count; i++)
		own |= is_own(v, &v->coverage[i]);
	return own && phrase_nothing_read(v);
}

static bool is_told(const struct ed_verdict *v, const struct ed_coverage *row, bool own)
{
	return phrase_is_gap(row) && (!own || is_own(v, row));
}

static void put_gaps(const struct text *t, size_t count, size_t lines)
{
	const struct ed_verdict *v = t->verdict;
	bool own = only_own(v);
	size_t n = 0;
	struct wrap w;

	text_label(t, &w, "Not read", lines);
	wrap_add_count(&w, (int64_t)count, "source: ", "sources: ");
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < v->coverage_count && !w.cut; i++) {
			const struct ed_coverage *row = &v->coverage[i];

			if (!is_told(v, row, own) || (row->lost > 0) != (pass == 0))
				continue;
			wrap_addz(&w, n++ ? "; " : "");
			text_gap(&w, row);
		}
	}
	wrap_end(&w);
}

static struct ed_str last_part(struct ed_str path)
{
	size_t end = path.len, begin;

	while (end && (path.p[end - 1] == '/' || path.p[end - 1] == '\\'))
		end--;
	for (begin = end; begin && path.p[begin - 1] != '/' && path.p[begin - 1] != '\\';)
		begin--;
	return begin < end ? ed_str_slice(path, begin, end) : path;
}

/* What could not be read, how much was, and where to see more. */
static void put_sources(const struct text *t, size_t lines)
{
	const struct ed_verdict *v = t->verdict;
	bool own = only_own(v);
	uint64_t records = 0;
	size_t read = 0, gaps = 0;
	struct wrap w;

	for (size_t i = 0; i < v->coverage_count; i++) {
		records += v->coverage[i].records;
		read += v->coverage[i].records > 0;
		gaps += is_told(v, &v->coverage[i], own);
	}
	if (gaps)
		put_gaps(t, gaps, lines);
	if (t->options->verbose) {
		text_label(t, &w, "Evidence", WRAP_NO_LIMIT);
	} else {
		text_label(t, &w, "More", 1);
		wrap_addz(&w, "--verbose, --format json; ");
	}
	wrap_add_count(&w, (int64_t)records, "record", "records");
	wrap_addz(&w, " of ");
	wrap_add_count(&w, (int64_t)read, "source in ", "sources in ");
	/* of a long path the end is what tells */
	wrap_add(&w, t->options->verbose ? v->source : last_part(v->source));
	wrap_end(&w);
}

static void put_page_at(const struct text *t, const struct detail *d)
{
	const struct ed_finding *primary = phrase_primary(t->verdict);

	put_headline(t, primary);
	put_why(t, primary, d);
	put_do(t, d);
	put_missing(t, primary, d->of[PART_MISSING]);
	put_page(t);
	put_store(t, d->of[PART_STORE]);
	if (d->of[PART_LOOP])
		text_loop(t);
	put_sources(t, d->of[PART_GAPS]);
}

static size_t count_lines(struct ed_str s)
{
	size_t lines = 0;

	for (size_t i = 0; i < s.len; i++)
		lines += s.p[i] == '\n';
	return lines;
}

/* Lays the page out anew behind @before and says whether it fits. */
static bool page_try(const struct text *t, const struct detail *detail, size_t before)
{
	t->out->len = before;
	put_page_at(t, detail);
	return t->out->status != ED_OK ||
	       count_lines(ed_str_slice(ed_buf_str(t->out), before, t->out->len)) <= PAGE_LINES;
}

/* A short chain does not tell the cause by itself: then the words for it stay, in two lines. */
#define SHORT_CHAIN 2

static size_t cut_to(const struct text *t, size_t i)
{
	bool words = cuts[i].part == PART_BECAUSE && t->verdict->chain_count <= SHORT_CHAIN;

	return words ? 2 : cuts[i].to;
}

/* Cuts until the page fits, then takes back each cut that turns out not to have been needed. */
static void page_fit(const struct text *t)
{
	struct detail detail = everything;
	size_t uncut[ED_COUNT(cuts)], before = t->out->len, i = 0;

	for (; i < ED_COUNT(cuts) && !page_try(t, &detail, before); i++) {
		uncut[i] = detail.of[cuts[i].part];
		detail.of[cuts[i].part] = cut_to(t, i);
	}
	while (i-- > 0) {
		size_t cut = detail.of[cuts[i].part];

		detail.of[cuts[i].part] = uncut[i];
		if (!page_try(t, &detail, before))
			detail.of[cuts[i].part] = cut;
	}
	page_try(t, &detail, before);
}

void ed_report_text(const struct ed_verdict *verdict, const struct ed_report_options *options,
		    struct ed_buf *out)
{
	struct text t = { .verdict = verdict, .options = options, .out = out };
	struct wrap w;

	if (options->one_of_several) {
		text_label(&t, &w, "Source", WRAP_NO_LIMIT);
		wrap_add(&w, verdict->source);
		wrap_end(&w);
	}
	if (options->verbose) {
		put_page_at(&t, &everything);
		text_details(&t);
	} else {
		page_fit(&t);
	}
}

/* SPDX-License-Identifier: MIT */
/* The comparison for a console: the answer, what proves it, then every row. */
#include "espdiag/report/compare.h"

#include "phrase_priv.h"
#include "text_priv.h"

/* Columns before what a row says: its sign, its title. */
#define ROW_COLUMN ((size_t)23)

static const char *result_color(enum ed_compared result)
{
	switch (result) {
	case ED_COMPARED_CURED:
	case ED_COMPARED_IMPROVED:
	case ED_COMPARED_WELL:
		return "\x1b[1;32m";
	case ED_COMPARED_WORSE:
	case ED_COMPARED_UNCHANGED:
		return "\x1b[1;31m";
	case ED_COMPARED_OTHER_CAUSE:
	case ED_COMPARED_UNCLEAR:
		break;
	}
	return "\x1b[1;33m";
}

static char change_sign(enum ed_change change)
{
	switch (change) {
	case ED_CHANGE_BETTER:
		return '+';
	case ED_CHANGE_WORSE:
		return '-';
	case ED_CHANGE_OTHER:
		return '~';
	case ED_CHANGE_UNKNOWN:
		return '?';
	case ED_CHANGE_SAME:
		break;
	}
	return ' ';
}

static void put_side(struct wrap *w, const char *name, const struct ed_verdict *v)
{
	wrap_addz(w, name);
	wrap_addz(w, " ");
	text_time(w, v->evaluated_at, true);
}

static void put_answer(const struct ed_comparison *c, const struct text *t)
{
	const char *word = ed_compared_word(c->result);
	struct wrap w;

	ed_buf_addz(t->out, t->options->color ? result_color(c->result) : "");
	for (size_t i = 0; word[i]; i++)
		ed_buf_addc(t->out, word[i] == '-' ? ' ' : (char)(word[i] - ('a' - 'A')));
	ed_buf_addz(t->out, t->options->color ? "\x1b[0m: " : ": ");
	wrap_begin(&w, t->out, strlen(word) + 2, TEXT_LABEL, WRAP_NO_LIMIT);
	wrap_add(&w, c->summary);
	wrap_end(&w);
	text_label(t, &w, "", WRAP_NO_LIMIT);
	wrap_addz(&w, ed_certainty_word(c->certainty));
	put_side(&w, "; before:", c->before);
	put_side(&w, ", after:", c->after);
	wrap_addz(&w, " UTC");
	wrap_end(&w);
}

static const char *helped_words(enum ed_tri helped)
{
	if (helped == ED_TRI_UNKNOWN)
		return "whether it helped cannot be told";
	return helped == ED_TRI_YES ? "it helped" : "it did not help";
}

static void put_advice(const struct ed_comparison *c, const struct text *t)
{
	const struct ed_compared_advice *a = &c->advice;
	struct wrap w;

	if (!a->id)
		return;
	text_label(t, &w, "Advice", WRAP_NO_LIMIT);
	wrap_add(&w, a->title);
	wrap_addz(&w, ": ");
	if (a->taken == ED_TRI_UNKNOWN) {
		wrap_addz(&w, "whether it was taken cannot be told");
	} else {
		wrap_addz(&w, a->taken == ED_TRI_YES ? "taken" : "not taken");
	}
	if (a->how.len) {
		wrap_addz(&w, " (");
		wrap_add(&w, a->how);
		wrap_addz(&w, ")");
	}
	if (a->taken == ED_TRI_YES) {
		wrap_addz(&w, "; ");
		wrap_addz(&w, helped_words(a->helped));
	}
	wrap_end(&w);
}

static void put_proof(const struct ed_comparison *c, const struct text *t)
{
	for (size_t i = 0; i < c->proof_count; i++) {
		const struct ed_compared_link *p = &c->proof[i];
		bool first = !i || p->of_after != c->proof[i - 1].of_after;
		char clock[ED_TIME_TEXT] = "";
		struct wrap w;

		if (p->link->at != ED_TIME_NONE)
			text_time_format(p->link->at, false, clock);
		text_bold(t, !first ? "" : p->of_after ? "Since" : "Before");
		ed_buf_printf(t->out, "%*s%-9s",
			      (int)(TEXT_LABEL - (!first        ? 0
						  : p->of_after ? 5
								: 6)),
			      "", clock);
		wrap_begin(&w, t->out, TEXT_LABEL + 9, TEXT_LABEL + 9, WRAP_NO_LIMIT);
		wrap_add(&w, p->link->claim);
		if (phrase_says_inferred(p->link))
			wrap_addz(&w, " (inferred)");
		text_proofs(&w, p->of_after ? c->after : c->before, p->link->evidence, true);
		wrap_end(&w);
	}
}

static void put_value(const struct text *t, struct ed_str value)
{
	struct wrap w;

	wrap_begin(&w, t->out, ROW_COLUMN, ROW_COLUMN, WRAP_NO_LIMIT);
	if (value.p)
		wrap_add(&w, value);
	else
		wrap_addz(&w, "not known");
	wrap_end(&w);
}

static void put_row(const struct text *t, const struct ed_compared_row *row)
{
	ed_buf_printf(t->out, "%c %-*s", change_sign(row->change), (int)ROW_COLUMN - 2, row->title);
	put_value(t, row->before);
	if (row->change == ED_CHANGE_SAME)
		return;
	ed_buf_printf(t->out, "%*s-> ", (int)ROW_COLUMN - 3, "");
	put_value(t, row->after);
}

static void put_findings(const struct ed_comparison *c, const struct text *t)
{
	for (size_t i = 0; i < c->finding_count; i++) {
		const struct ed_compared_finding *f = &c->findings[i];
		bool first = !i || f->fate != c->findings[i - 1].fate;
		struct wrap w;

		ed_buf_printf(t->out, "%-*s", (int)TEXT_LABEL, first ? ed_fate_word(f->fate) : "");
		wrap_begin(&w, t->out, TEXT_LABEL, TEXT_LABEL, WRAP_NO_LIMIT);
		wrap_addz(&w, f->id);
		wrap_addz(&w, " (");
		wrap_addz(&w, ed_certainty_word(f->before));
		if (f->before != f->after) {
			wrap_addz(&w, ", now ");
			wrap_addz(&w, ed_certainty_word(f->after));
		}
		wrap_addz(&w, "): ");
		wrap_add(&w, f->title);
		wrap_end(&w);
	}
}

void ed_report_compare_text(const struct ed_comparison *c, const struct ed_compare_tags *tags,
			    bool color, struct ed_buf *out)
{
	const struct ed_report_options options = { .color = color };
	const struct text t = { .verdict = c->after, .options = &options, .out = out };
	bool same = tags->before.p && tags->after.p && ed_str_eq(tags->before, tags->after);

	put_answer(c, &t);
	if (!same)
		ed_buf_printf(out, "%*sNothing shows that both are of one device.\n",
			      (int)TEXT_LABEL, "");
	put_advice(c, &t);
	put_proof(c, &t);
	ed_buf_addz(out, "\nBefore -> after (+ better, - worse, ~ changed, ? not known in one)\n");
	for (size_t i = 0; i < c->row_count; i++)
		if (c->rows[i].before.p || c->rows[i].after.p)
			put_row(&t, &c->rows[i]);
	ed_buf_addz(out, c->finding_count ? "\nFindings\n" : "");
	put_findings(c, &t);
}

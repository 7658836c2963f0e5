/* SPDX-License-Identifier: MIT */
/* The section of the timeline: the drawing in two widths, its legend, and the same as a table. */
#include "html_priv.h"

/* A longer list is shown lane by lane, and what follows its like there shares a row. */
#define ROWS_MOST 5000

static void put_legend(struct html *h)
{
	const struct ed_timeline *t = &h->v->timeline;
	size_t totals[ED_MARK_KIND_COUNT] = { 0 };

	for (size_t i = 0; i < t->count; i++)
		totals[t->marks[i].kind]++;
	ed_buf_addz(h->out, "<ul class=\"legend\" aria-label=\"Legend\">\n");
	for (size_t i = 0; i < ED_MARK_KIND_COUNT; i++) {
		const struct mark_look *look = mark_look((enum ed_mark_kind)i);
		size_t one[ED_MARK_KIND_COUNT] = { 0 };

		if (!totals[i])
			continue;
		one[i] = totals[i];
		ed_buf_printf(h->out,
			      "<li><svg class=\"key %s\" viewBox=\"-8 -8 16 16\" "
			      "aria-hidden=\"true\"><path class=\"%s\" d=\"%s\"/></svg> ",
			      look->tone, look->hollow ? "shape hollow" : "shape",
			      look->bar ? "M-7-4H7V4H-7Z" : look->path);
		mark_totals(h->out, one);
		ed_buf_addz(h->out, "</li>\n");
	}
	ed_buf_addz(h->out, "</ul>\n");
}

/* One row for @count marks of one kind, from @m to @last. */
static void put_row(struct html *h, const struct ed_mark *m, const struct ed_mark *last,
		    size_t count)
{
	ed_buf_addz(h->out, "<tr><td>");
	html_time(h->out, m->at, HTML_FULL);
	if (m->open) {
		ed_buf_addz(h->out, " and still so");
	} else if (count > 1) {
		ed_buf_addz(h->out, " to ");
		html_time(h->out, last->at, HTML_FULL);
	} else if (m->until != ED_TIME_NONE && m->until != m->at) {
		ed_buf_addz(h->out, " to ");
		html_time(h->out, m->until, HTML_CLOCK);
	}
	ed_buf_printf(h->out, "<td>%s<td>", lane_title(m->lane));
	if (count > 1)
		ed_buf_printf(h->out, "%zu %s", count, mark_look(m->kind)->many);
	else
		ed_buf_addz(h->out, ed_mark_kind_word(m->kind));
	ed_buf_addz(h->out, "<td>");
	html_text(h->out, m->label);
	if (m->ref != ED_UNKNOWN) {
		ed_buf_addc(h->out, ' ');
		html_ref(h->out, m->ref);
	}
	ed_buf_addc(h->out, '\n');
}

static void put_rows(struct html *h)
{
	const struct ed_timeline *t = &h->v->timeline;

	for (size_t i = 0; i < t->count; i++)
		put_row(h, &t->marks[i], &t->marks[i], 1);
}

static void put_runs(struct html *h)
{
	const struct ed_timeline *t = &h->v->timeline;
	const struct ed_mark *first = NULL, *last = NULL;
	size_t rows = 0, count = 0, left = 0;

	for (int lane = 0; lane < ED_LANE_COUNT; lane++) {
		for (size_t i = 0; i < t->count; i++) {
			const struct ed_mark *m = &t->marks[i];

			if (m->lane != (enum ed_lane)lane)
				continue;
			if (first && m->lane == first->lane && m->kind == first->kind) {
				last = m;
				count++;
				continue;
			}
			if (first && rows++ < ROWS_MOST)
				put_row(h, first, last, count);
			else
				left += count;
			first = last = m;
			count = 1;
		}
	}
	if (first)
		put_row(h, first, last, count);
	if (left)
		ed_buf_printf(h->out,
			      "<tr><td colspan=\"4\">%zu more marks are in the drawing only\n",
			      left);
}

static void put_table(struct html *h)
{
	const struct ed_timeline *t = &h->v->timeline;
	bool runs = t->count > ROWS_MOST;

	ed_buf_addz(h->out, "<details class=\"fold\" id=\"marks\"><summary>The same as a table, ");
	html_count(h->out, (int64_t)t->count, "mark", "marks");
	ed_buf_addz(h->out, "</summary>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
			    "aria-label=\"Timeline as a table\"><table>\n<caption>Every mark of "
			    "the timeline, in order");
	if (runs)
		ed_buf_addz(h->out, ", lane by lane; what follows its like shares a row");
	ed_buf_addz(h->out, "</caption>\n<thead><tr><th scope=\"col\">Time<th scope=\"col\">Lane"
			    "<th scope=\"col\">What<th scope=\"col\">Which</thead>\n<tbody>\n");
	if (runs)
		put_runs(h);
	else
		put_rows(h);
	ed_buf_addz(h->out, "</tbody></table></div></details>\n");
}

void html_timeline(struct html *h)
{
	ed_buf_addz(h->out, "<section id=\"timeline\" aria-labelledby=\"h-timeline\">\n"
			    "<h2 id=\"h-timeline\">Timeline</h2>\n<div class=\"body\">\n");
	if (!h->v->timeline.count) {
		ed_buf_addz(h->out, "<p>The evidence holds nothing that could be drawn.</p>\n"
				    "</div></section>\n");
		return;
	}
	ed_buf_addz(h->out, "<figure>\n");
	svg_timeline(h, SVG_WIDE);
	svg_timeline(h, SVG_NARROW);
	ed_buf_addz(h->out, "<figcaption>");
	if (h->v->chain_count)
		ed_buf_addz(h->out, "Numbers are the steps of the proof below, joined in the order "
				    "of cause. ");
	ed_buf_addz(h->out, "\xC3\x97 and a number: that many marks in one place. Long spans in "
			    "which nothing happened are shortened and shaded.</figcaption>\n");
	put_legend(h);
	ed_buf_addz(h->out, "</figure>\n");
	put_table(h);
	ed_buf_addz(h->out, "</div></section>\n");
}

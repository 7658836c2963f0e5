/* SPDX-License-Identifier: MIT */
/* The sum of a fleet as a page: tables whose last column is drawn. */
#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"

#include "fleet_priv.h"
#include "page_priv.h"

#define ROWS_MOST 40
#define BAR 1000 /* units of a bar's width */

/* How kinds are drawn, side by side; colours as on the verdict's page. */
static const struct {
	size_t kind;
	const char *look;
} drawn[] = {
	{ ED_OUTCOME_BLOCKED, "bar bad" },  { ED_OUTCOME_FAILED, "bar bad thin" },
	{ ED_OUTCOME_WAITING, "bar move" }, { ED_OUTCOME_RECOVERED, "bar good thin" },
	{ ED_OUTCOME_HEALTHY, "bar good" }, { ED_OUTCOME_INCONCLUSIVE, "bar plain thin" },
	{ FLEET_UNREAD, "bar plain" },
};

static void put_number(struct ed_buf *out, uint64_t n)
{
	ed_buf_printf(out, "%llu", (unsigned long long)n);
}

static void put_share(struct ed_buf *out, uint64_t n, uint64_t total)
{
	ed_buf_printf(out, "%llu\xC2\xA0%%",
		      (unsigned long long)(total ? (n * 100 + total / 2) / total : 0));
}

static void put_figures(const struct ed_fleet_sum *sum, struct ed_buf *out)
{
	ed_buf_addz(out, "<dl class=\"figures\">\n");
	for (size_t i = 0; i < FLEET_KINDS; i++) {
		ed_buf_addz(out, "<div><dt>");
		html_sentence(out, fleet_kind_word(i));
		ed_buf_addz(out, "</dt><dd>");
		put_number(out, sum->kinds[i]);
		ed_buf_addz(out, "<small>");
		put_share(out, sum->kinds[i], sum->total);
		ed_buf_addz(out, "</small></dd></div>\n");
	}
	ed_buf_addz(out, "</dl>\n");
}

static void put_legend(struct ed_buf *out)
{
	ed_buf_addz(out, "<ul class=\"legend\">\n");
	for (size_t i = 0; i < ED_COUNT(drawn); i++)
		ed_buf_printf(out,
			      "<li><svg class=\"key\" viewBox=\"0 0 10 10\" aria-hidden=\"true\">"
			      "<rect class=\"%s\" width=\"10\" height=\"10\"/></svg> %s</li>\n",
			      drawn[i].look, fleet_kind_word(drawn[i].kind));
	ed_buf_addz(out, "</ul>\n");
}

/* The counts stand in the table; the drawing only shows them. */
static void put_bar(struct ed_buf *out, const struct fleet_tally *t, uint64_t most)
{
	uint64_t sum = 0;

	ed_buf_printf(out,
		      "<td><svg width=\"240\" height=\"14\" viewBox=\"0 0 %d 10\" "
		      "preserveAspectRatio=\"none\" aria-hidden=\"true\">",
		      BAR);
	for (size_t i = 0; i < ED_COUNT(drawn); i++) {
		uint64_t from = sum * BAR / most, to;

		sum += t->kinds[drawn[i].kind];
		to = sum * BAR / most;
		if (to > from)
			ed_buf_printf(
				out, "<rect class=\"%s\" x=\"%llu\" width=\"%llu\" height=\"10\"/>",
				drawn[i].look, (unsigned long long)from,
				(unsigned long long)(to - from));
	}
	ed_buf_addz(out, "</svg>");
}

static void put_tally(struct ed_buf *out, const struct ed_fleet_sum *sum,
		      const struct fleet_tally *t, uint64_t most)
{
	ed_buf_addz(out, "<tr><th scope=\"row\">");
	html_text(out, t->key);
	ed_buf_addz(out, "<td class=\"num\">");
	put_number(out, t->total);
	ed_buf_addz(out, "<td class=\"num\">");
	put_share(out, t->total, sum->total);
	ed_buf_addz(out, "<td class=\"num\">");
	put_number(out, t->kinds[ED_OUTCOME_BLOCKED] + t->kinds[ED_OUTCOME_FAILED]);
	put_bar(out, t, most);
	ed_buf_addc(out, '\n');
}

static void put_by(const struct ed_fleet_sum *sum, enum fleet_by by, struct ed_buf *out)
{
	static const char *const heads[] = { "Value",    "Bundles", "Share", "Blocked or failed",
					     "Outcomes", NULL };
	const struct fleet_tally **order = fleet_order(sum, by);
	size_t count = sum->by[by].count, told = count > ROWS_MOST ? ROWS_MOST : count;
	uint64_t most = 1;

	if (!order) {
		if (count && out->status == ED_OK)
			out->status = ED_NOMEM;
		return;
	}
	for (size_t i = 0; i < count; i++)
		most = order[i]->total > most ? order[i]->total : most;
	page_section_begin(out, fleet_by_id(by), fleet_by_title(by));
	page_table_begin(out, fleet_by_title(by), heads);
	for (size_t i = 0; i < told; i++)
		put_tally(out, sum, order[i], most);
	page_table_end(out);
	if (told < count)
		ed_buf_printf(out, "<p>And %zu more.</p>\n", count - told);
	page_section_end(out);
	ed_free(order);
}

static void put_broken(const struct ed_fleet_sum *sum, struct ed_buf *out)
{
	static const char *const heads[] = { "Bundle", "Why", NULL };

	if (!sum->broken_total)
		return;
	page_section_begin(out, "broken", "Not read, or not whole");
	page_table_begin(out, "Bundles that could not be read, or not all of them", heads);
	for (size_t i = 0; i < sum->broken_count; i++) {
		ed_buf_addz(out, "<tr><th scope=\"row\">");
		html_text(out, sum->broken[i].source);
		page_cell(out, sum->broken[i].error);
		ed_buf_addc(out, '\n');
	}
	page_table_end(out);
	if (sum->broken_total > sum->broken_count)
		ed_buf_printf(out, "<p>And %llu more: --format ndjson has a row for each.</p>\n",
			      (unsigned long long)(sum->broken_total - sum->broken_count));
	page_section_end(out);
}

static void put_header(const struct ed_fleet_sum *sum, struct ed_buf *out)
{
	ed_buf_addz(out, "<header>\n<p class=\"from\"><strong>espdiag</strong> <span>");
	put_number(out, sum->total);
	ed_buf_addz(out, " bundles</span></p>\n<nav aria-label=\"Parts of this page\">");
	for (size_t i = 0; i < FLEET_BY_COUNT; i++)
		ed_buf_printf(out, "<a href=\"#%s\">%s</a> ", fleet_by_id((enum fleet_by)i),
			      fleet_by_title((enum fleet_by)i));
	ed_buf_addz(out, "</nav>\n</header>\n<main>\n");
}

void ed_fleet_sum_html(const struct ed_fleet_sum *sum, struct ed_buf *out)
{
	struct ed_buf line;

	ed_buf_init(&line, ED_LIMIT_JSON);
	fleet_headline(sum, &line);
	if (line.status != ED_OK && out->status == ED_OK)
		out->status = line.status;
	page_begin(out, "Fleet");
	put_header(sum, out);
	ed_buf_addz(out, "<section id=\"answer\" aria-labelledby=\"h-answer\" tabindex=\"-1\">\n"
			 "<h2>Fleet</h2>\n<div class=\"body\">\n<h1 id=\"h-answer\">");
	html_text(out, ed_buf_str(&line));
	ed_buf_addz(out, "</h1>\n");
	ed_buf_release(&line);
	put_figures(sum, out);
	put_legend(out);
	page_section_end(out);
	for (size_t i = 0; i < FLEET_BY_COUNT; i++)
		if (sum->by[i].count)
			put_by(sum, (enum fleet_by)i, out);
	put_broken(sum, out);
	page_end(out);
}

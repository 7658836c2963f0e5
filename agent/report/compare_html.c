/* SPDX-License-Identifier: MIT */
/* The comparison as a page: the answer, the proof of both sides, every row, the findings. */
#include "espdiag/report/compare.h"

#include "page_priv.h"
#include "phrase_priv.h"

/* The class of the answer's badge, as the verdict's page has them. */
static const char *result_class(enum ed_compared result)
{
	switch (result) {
	case ED_COMPARED_CURED:
	case ED_COMPARED_IMPROVED:
	case ED_COMPARED_WELL:
		return "is-recovered";
	case ED_COMPARED_WORSE:
	case ED_COMPARED_UNCHANGED:
		return "is-blocked";
	case ED_COMPARED_OTHER_CAUSE:
		return "is-waiting";
	case ED_COMPARED_UNCLEAR:
		break;
	}
	return "is-inconclusive";
}

static void put_side(struct ed_buf *out, const char *name, const struct ed_verdict *v)
{
	ed_buf_printf(out, "<span>%s ", name);
	html_text(out, v->source);
	ed_buf_addz(out, ", as of ");
	html_time(out, v->evaluated_at, HTML_FULL);
	ed_buf_addz(out, "</span>\n");
}

static void put_header(const struct ed_comparison *c, struct ed_buf *out)
{
	ed_buf_addz(out, "<header>\n<p class=\"from\"><strong>espdiag</strong> ");
	put_side(out, "before:", c->before);
	put_side(out, "after:", c->after);
	ed_buf_addz(out,
		    "</p>\n<nav aria-label=\"Parts of this page\"><a href=\"#proof\">Proof</a> "
		    "<a href=\"#rows\">Before and after</a> "
		    "<a href=\"#findings\">Findings</a></nav>\n</header>\n");
}

static const char *tri_words(enum ed_tri tri, const char *yes, const char *no)
{
	return tri == ED_TRI_UNKNOWN ? "Cannot be told" : tri == ED_TRI_YES ? yes : no;
}

static void put_advice(const struct ed_compared_advice *a, struct ed_buf *out)
{
	if (!a->id)
		return;
	ed_buf_addz(out, "<section class=\"do\" id=\"advice\" aria-labelledby=\"h-advice\">\n"
			 "<p class=\"label\">What was advised</p>\n<h2 id=\"h-advice\">");
	html_text(out, a->title);
	ed_buf_addz(out, "</h2>\n<dl class=\"terms\"><div><dt>Taken</dt><dd>");
	html_textz(out, tri_words(a->taken, "Yes: ", "No: "));
	ed_buf_addz(out, a->taken == ED_TRI_UNKNOWN ? ": " : "");
	html_text(out, a->how);
	ed_buf_addz(out, "</dd></div>\n<div><dt>Helped</dt><dd>");
	html_textz(out, tri_words(a->helped, "Yes", "No"));
	ed_buf_addz(out, "</dd></div></dl>\n</section>\n");
}

/* Up to what explains it: "The restart cured it". */
static size_t answer_len(struct ed_str summary)
{
	size_t n = 0;

	while (n < summary.len && !memchr(":.;(", summary.p[n], 4))
		n++;
	while (n && summary.p[n - 1] == ' ')
		n--;
	return n;
}

static void put_answer(const struct ed_comparison *c, const struct ed_compare_tags *tags,
		       struct ed_buf *out)
{
	bool same = tags->before.p && tags->after.p && ed_str_eq(tags->before, tags->after);

	ed_buf_addz(out, "<main>\n<div class=\"top\">\n");
	ed_buf_printf(out,
		      "<section id=\"answer\" class=\"%s\" aria-labelledby=\"h-answer\" "
		      "tabindex=\"-1\">\n<p class=\"outcome\"><strong>",
		      result_class(c->result));
	html_sentence(out, ed_compared_word(c->result));
	ed_buf_printf(out, "</strong> <span>%s</span></p>\n<h1 id=\"h-answer\">",
		      ed_certainty_word(c->certainty));
	html_text(out, ed_str_slice(c->summary, 0, answer_len(c->summary)));
	ed_buf_addz(out, "</h1>\n<p class=\"lede\">");
	html_text(out, c->summary);
	ed_buf_addz(out, "</p>\n<p>");
	if (same) {
		ed_buf_addz(out, "Both are of the device <code>");
		html_text(out, tags->before);
		ed_buf_addz(out, "</code>.");
	} else {
		ed_buf_addz(out, "Nothing shows that both are of one device.");
	}
	ed_buf_addz(out, "</p>\n</section>\n");
	put_advice(&c->advice, out);
	ed_buf_addz(out, "</div>\n");
}

static void put_evidence(struct ed_buf *out, const struct ed_verdict *v, uint32_t ref)
{
	const struct ed_proof *proof = &v->evidence[ref];

	ed_buf_addz(out, "<small>");
	html_text(out, proof->source);
	if (proof->event != ED_UNKNOWN)
		ed_buf_printf(out, ", event %lld", (long long)proof->event);
	if (proof->record != ED_UNKNOWN)
		ed_buf_printf(out, ", record %lld", (long long)proof->record);
	ed_buf_addz(out, "</small>\n");
}

static void put_proof(const struct ed_comparison *c, struct ed_buf *out)
{
	page_section_begin(out, "proof", "Proof");
	ed_buf_addz(out, c->proof_count ? "<ol class=\"chain\">\n"
					: "<p>No chain of evidence leads to either verdict.</p>\n");
	for (size_t i = 0; i < c->proof_count; i++) {
		const struct ed_compared_link *p = &c->proof[i];
		const struct ed_refs *refs = &p->link->evidence;

		ed_buf_printf(out, "<li><span class=\"when\">%s ",
			      p->of_after ? "Since" : "Before");
		if (p->link->at != ED_TIME_NONE)
			html_time(out, p->link->at, HTML_FULL);
		ed_buf_addz(out, "</span> <span class=\"claim\">");
		html_text(out, p->link->claim);
		ed_buf_addz(out, phrase_says_inferred(p->link) ? " <em>Inferred.</em></span>"
							       : "</span>");
		for (size_t j = 0; j < refs->count; j++)
			put_evidence(out, p->of_after ? c->after : c->before, refs->items[j]);
		ed_buf_addz(out, "</li>\n");
	}
	ed_buf_addz(out, c->proof_count ? "</ol>\n" : "");
	page_section_end(out);
}

static void put_rows(const struct ed_comparison *c, struct ed_buf *out)
{
	static const char *const heads[] = { "What", "Change", "Before", "After", NULL };

	page_section_begin(out, "rows", "Before and after");
	page_table_begin(out, "Each link, as it was and as it is", heads);
	for (size_t i = 0; i < c->row_count; i++) {
		const struct ed_compared_row *row = &c->rows[i];

		if (!row->before.p && !row->after.p)
			continue;
		ed_buf_printf(out, "<tr%s><th scope=\"row\">%s%s<td>%s",
			      row->change == ED_CHANGE_WORSE ? " class=\"gap\"" : "", row->title,
			      row->proves ? " <small>proves it</small>" : "",
			      ed_change_word(row->change));
		page_cell(out, row->before);
		page_cell(out, row->after);
		ed_buf_addc(out, '\n');
	}
	page_table_end(out);
	page_section_end(out);
}

static void put_findings(const struct ed_comparison *c, struct ed_buf *out)
{
	page_section_begin(out, "findings", "Findings");
	ed_buf_addz(out, c->finding_count ? "<dl class=\"ruled\">\n" : "<p>There were none.</p>\n");
	for (size_t i = 0; i < c->finding_count; i++) {
		const struct ed_compared_finding *f = &c->findings[i];

		ed_buf_addz(out, "<div><dt>");
		html_textz(out, f->id);
		ed_buf_printf(out, "</dt><dd><strong>%s</strong>, ", ed_fate_word(f->fate));
		ed_buf_addz(out, ed_certainty_word(f->before));
		if (f->before != f->after)
			ed_buf_printf(out, ", now %s", ed_certainty_word(f->after));
		ed_buf_addz(out, ": ");
		html_text(out, f->title);
		ed_buf_addz(out, "</dd></div>\n");
	}
	ed_buf_addz(out, c->finding_count ? "</dl>\n" : "");
	page_section_end(out);
}

void ed_report_compare_html(const struct ed_comparison *c, const struct ed_compare_tags *tags,
			    struct ed_buf *out)
{
	page_begin(out, "Before and after");
	put_header(c, out);
	put_answer(c, tags, out);
	put_proof(c, out);
	put_rows(c, out);
	put_findings(c, out);
	page_end(out);
}

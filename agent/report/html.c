/* SPDX-License-Identifier: MIT */
/*
 * The verdict as one page: no network, no font, no script from elsewhere, all of it readable
 * without script. What comes from evidence gets in through html_text only, never inside of a tag.
 */
#include "html_priv.h"

#include "espdiag/version.h"

#include "phrase_priv.h"

static void put_lines(struct ed_buf *out, const char *const *lines)
{
	for (; *lines; lines++) {
		ed_buf_addz(out, *lines);
		ed_buf_addc(out, '\n');
	}
}

static void put_title(struct html *h)
{
	const struct ed_finding *primary = phrase_primary(h->v);

	if (primary)
		html_text(h->out, primary->title);
	else
		html_sentence(h->out, phrase_outcome(h->v));
}

static void put_head(struct html *h)
{
	ed_buf_addz(h->out,
		    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
	ed_buf_printf(h->out,
		      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		      "style-src 'sha256-%s'; script-src 'sha256-%s'; base-uri 'none'; "
		      "form-action 'none'\">\n",
		      html_style_hash, html_script_hash);
	ed_buf_addz(h->out,
		    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		    "<meta name=\"color-scheme\" content=\"light dark\">\n"
		    "<meta name=\"referrer\" content=\"no-referrer\">\n"
		    "<meta name=\"generator\" content=\"espdiag " ED_VERSION "\">\n<title>");
	html_sentence(h->out, ed_outcome_word(h->v->outcome));
	ed_buf_addz(h->out, ": ");
	put_title(h);
	ed_buf_addz(h->out, "</title>\n<style>\n");
	put_lines(h->out, html_style);
	ed_buf_addz(h->out, "</style>\n</head>\n");
}

static void put_header(struct html *h)
{
	ed_buf_addz(h->out, "<body>\n<a class=\"skip\" href=\"#answer\">Skip to the answer</a>\n"
			    "<header>\n<p class=\"from\"><strong>espdiag</strong> <span>");
	html_text(h->out, h->v->source);
	ed_buf_addz(h->out, "</span> <span>as of ");
	html_time(h->out, h->v->evaluated_at, HTML_FULL);
	if (h->v->used_from) {
		ed_buf_addz(h->out, ", used from ");
		html_time(h->out, h->v->used_from, HTML_FULL);
		ed_buf_addz(h->out, " on (--since)");
	}
	ed_buf_addz(h->out,
		    "</span> <span id=\"zone-note\">All times are UTC.</span></p>\n"
		    "<nav aria-label=\"Parts of this page\"><a href=\"#timeline\">Timeline</a> "
		    "<a href=\"#proof\">Proof</a> <a href=\"#ruled-out\">Ruled out</a> "
		    "<a href=\"#coverage\">Coverage</a> <a href=\"#findings\">Findings</a> "
		    "<a href=\"#apps\">Apps</a> <a href=\"#facts\">Facts</a> "
		    "<a href=\"#evidence\">Evidence</a></nav>\n"
		    "<div id=\"tools\" hidden><button type=\"button\" id=\"zone\" "
		    "aria-pressed=\"false\">Local time</button> <button type=\"button\" "
		    "id=\"fold\" aria-pressed=\"false\">Fold all</button></div>\n</header>\n");
}

static void figure_begin(struct html *h, const char *name)
{
	ed_buf_printf(h->out, "<div><dt>%s</dt><dd>", name);
}

static void figure_end(struct html *h)
{
	ed_buf_addz(h->out, "</dd></div>\n");
}

static void put_page_figure(struct html *h)
{
	const struct ed_esp *esp = &h->v->esp;

	figure_begin(h, "Status page");
	if (!esp->phase_known)
		ed_buf_addz(h->out, "not seen");
	else
		ed_buf_addz(h->out,
			    esp->phase == ED_PHASE_DONE ? "finished" : ed_phase_word(esp->phase));
	if (esp->minutes_left != ED_UNKNOWN) {
		ed_buf_addz(h->out, "<small>");
		html_number(h->out, esp->minutes_left);
		ed_buf_addz(h->out, " of ");
		html_number(h->out, esp->timeout_minutes);
		ed_buf_addz(h->out, " minutes left</small>");
	} else if (esp->timeout_minutes != ED_UNKNOWN) {
		ed_buf_printf(h->out, "<small>limit %lld minutes</small>",
			      (long long)esp->timeout_minutes);
	}
	figure_end(h);
}

static void put_store_figure(struct html *h)
{
	const struct ed_store *store = &h->v->store;
	int64_t every = store->median_interval_seconds;

	figure_begin(h, "Store attempts");
	html_number(h->out, store->attempts);
	if (store->attempts != ED_UNKNOWN && store->attempts) {
		ed_buf_addz(h->out, "<small>");
		html_number(h->out, store->failures);
		ed_buf_addz(h->out, " failed");
		if (every != ED_UNKNOWN)
			ed_buf_printf(h->out, ", every %lld %s",
				      (long long)(every >= 120 ? (every + 30) / 60 : every),
				      every >= 120 ? "min" : "s");
		ed_buf_addz(h->out, "</small>");
	}
	figure_end(h);
}

/* The few numbers that one wants to have seen. */
static void put_figures(struct html *h)
{
	const struct ed_sign_in *s = &h->v->sign_in;
	const struct ed_bitlocker *b = &h->v->bitlocker;

	ed_buf_addz(h->out, "<dl class=\"figures\">\n");
	put_page_figure(h);
	put_store_figure(h);
	figure_begin(h, "Sign-in denials");
	html_number(h->out, s->denials);
	for (size_t i = 0; i < s->code_count && i < 3; i++)
		ed_buf_printf(h->out, "<small>AADSTS%u \xC3\x97 %lld</small>",
			      (unsigned)s->codes[i].code, (long long)s->codes[i].count);
	figure_end(h);
	figure_begin(h, "BitLocker");
	html_textz(h->out, b->state ? b->state : "unknown");
	if (b->protected_at != ED_TIME_NONE) {
		ed_buf_addz(h->out, "<small>on since ");
		html_time(h->out, b->protected_at, HTML_CLOCK);
		ed_buf_addz(h->out, "</small>");
	}
	figure_end(h);
	figure_begin(h, "Last boot");
	html_time(h->out, h->v->attestation.last_boot_at, HTML_CLOCK);
	ed_buf_printf(h->out, "<small>%s</small>",
		      ed_boot_kind_word(h->v->attestation.last_boot_kind));
	figure_end(h);
	figure_begin(h, "Require BitLocker");
	html_textz(h->out, h->v->attestation.predicted_require_bitlocker);
	ed_buf_addz(h->out, "<small>predicted from the last boot</small>");
	figure_end(h);
	ed_buf_addz(h->out, "</dl>\n");
}

static void put_action_body(struct html *h, const struct ed_action *a)
{
	if (a->steps.count)
		ed_buf_addz(h->out, "<ol>\n");
	for (size_t i = 0; i < a->steps.count; i++) {
		ed_buf_addz(h->out, "<li>");
		html_text(h->out, a->steps.items[i]);
		ed_buf_addz(h->out, "</li>\n");
	}
	ed_buf_addz(h->out, a->steps.count ? "</ol>\n" : "");
	ed_buf_addz(h->out, "<dl class=\"terms\"><div><dt>By whom</dt><dd>");
	html_sentence(h->out, phrase_owner(a->owner));
	ed_buf_addz(h->out, "</dd></div>\n<div><dt>What it costs</dt><dd>");
	html_text(h->out, a->cost);
	ed_buf_addz(h->out, "</dd></div>\n<div class=\"soft\"><dt>Source</dt><dd>");
	html_text(h->out, a->source);
	ed_buf_addz(h->out, "</dd></div></dl>\n");
}

static void put_actions(struct html *h)
{
	const struct ed_verdict *v = h->v;

	if (!v->action_count)
		return;
	ed_buf_addz(h->out, "<section class=\"do\" id=\"do\" aria-labelledby=\"h-do\">\n"
			    "<p class=\"label\">What to do</p>\n<h2 id=\"h-do\">");
	html_text(h->out, v->actions[0].title);
	ed_buf_addz(h->out, "</h2>\n");
	put_action_body(h, &v->actions[0]);
	ed_buf_addz(h->out, "</section>\n");
}

static void put_other_actions(struct html *h)
{
	const struct ed_verdict *v = h->v;

	if (v->action_count < 2)
		return;
	ed_buf_addz(h->out, "<section class=\"others\" aria-labelledby=\"h-others\">\n"
			    "<h2 id=\"h-others\">Or else</h2>\n<div class=\"body\">\n");
	for (size_t i = 1; i < v->action_count; i++) {
		ed_buf_addz(h->out, "<details class=\"fold\"><summary>");
		html_text(h->out, v->actions[i].title);
		ed_buf_printf(h->out, " <small>%s</small></summary>\n",
			      ed_owner_word(v->actions[i].owner));
		put_action_body(h, &v->actions[i]);
		ed_buf_addz(h->out, "</details>\n");
	}
	ed_buf_addz(h->out, "</div></section>\n");
}

static void put_answer(struct html *h)
{
	const struct ed_verdict *v = h->v;

	ed_buf_addz(h->out, "<div class=\"top\">\n");
	ed_buf_printf(h->out,
		      "<section id=\"answer\" class=\"is-%s\" aria-labelledby=\"h-answer\" "
		      "tabindex=\"-1\">\n<p class=\"outcome\"><strong>",
		      ed_outcome_word(v->outcome));
	html_sentence(h->out, ed_outcome_word(v->outcome));
	ed_buf_printf(h->out, "</strong> <span>%s</span>", ed_certainty_word(v->certainty));
	if (v->primary) {
		ed_buf_addz(h->out, " <code>");
		html_textz(h->out, v->primary);
		ed_buf_addz(h->out, "</code>");
	}
	ed_buf_addz(h->out, "</p>\n<h1 id=\"h-answer\">");
	put_title(h);
	ed_buf_addz(h->out, "</h1>\n<p class=\"lede\">");
	html_text(h->out, v->summary);
	ed_buf_addz(h->out, "</p>\n");
	put_figures(h);
	ed_buf_addz(h->out, "</section>\n");
	put_actions(h);
	put_other_actions(h);
	ed_buf_addz(h->out, "</div>\n");
}

static void put_missing(struct html *h)
{
	const struct ed_finding *primary = phrase_primary(h->v);

	if (!primary || !primary->missing.count)
		return;
	ed_buf_addz(h->out, "<p class=\"label\">What no evidence here can show</p>\n<ul>\n");
	for (size_t i = 0; i < primary->missing.count; i++) {
		ed_buf_addz(h->out, "<li>");
		html_text(h->out, primary->missing.items[i]);
		ed_buf_addz(h->out, "</li>\n");
	}
	ed_buf_addz(h->out, "</ul>\n");
}

static void put_chain(struct html *h)
{
	const struct ed_verdict *v = h->v;

	ed_buf_addz(h->out, "<section id=\"proof\" aria-labelledby=\"h-proof\">\n"
			    "<h2 id=\"h-proof\">Proof</h2>\n<div class=\"body\">\n");
	if (v->chain_count)
		ed_buf_addz(h->out, "<ol class=\"chain\">\n");
	else
		ed_buf_addz(h->out, "<p>No chain of evidence leads to this verdict.</p>\n");
	for (size_t i = 0; i < v->chain_count; i++) {
		const struct ed_link *link = &v->chain[i];

		ed_buf_printf(h->out, "<li id=\"c%zu\"><span class=\"when\">", i + 1);
		if (link->at != ED_TIME_NONE)
			html_time(h->out, link->at, HTML_FULL);
		ed_buf_addz(h->out, "</span> <span class=\"claim\">");
		html_text(h->out, link->claim);
		ed_buf_addz(h->out,
			    phrase_says_inferred(link) ? " <em>Inferred.</em></span>" : "</span>");
		html_refs(h->out, link->evidence);
		ed_buf_addz(h->out, "</li>\n");
	}
	ed_buf_addz(h->out, v->chain_count ? "</ol>\n" : "");
	put_missing(h);
	ed_buf_addz(h->out, "</div></section>\n");
}

static void put_foot(struct html *h)
{
	ed_buf_addz(h->out,
		    "<footer><p>Made by espdiag " ED_VERSION " from recorded evidence. This file "
		    "loads nothing and sends nothing. Times inside of sentences are always UTC."
		    "</p></footer>\n<script>\n");
	put_lines(h->out, html_script);
	ed_buf_addz(h->out, "</script>\n</body>\n</html>\n");
}

void ed_report_html(const struct ed_verdict *verdict, const struct ed_report_options *options,
		    struct ed_buf *out)
{
	struct html h = { .v = verdict, .out = out };

	(void)options; /* one page holds everything */
	put_head(&h);
	put_header(&h);
	ed_buf_addz(out, "<main>\n");
	put_answer(&h);
	html_timeline(&h);
	put_chain(&h);
	html_ruled_out(&h);
	html_coverage(&h);
	html_findings(&h);
	html_apps(&h);
	html_facts(&h);
	html_evidence(&h);
	ed_buf_addz(out, "</main>\n");
	put_foot(&h);
}

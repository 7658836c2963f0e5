/* SPDX-License-Identifier: MIT */
/* The sections below the proof: ruled out, coverage, findings, apps, facts, evidence. */
#include "html_priv.h"

#include "phrase_priv.h"

static void section_begin(struct html *h, const char *id, const char *title, const char *class)
{
	ed_buf_printf(h->out, "<section id=\"%s\" aria-labelledby=\"h-%s\"%s%s%s>\n", id, id,
		      class ? " class=\"" : "", class ? class : "", class ? "\"" : "");
	ed_buf_printf(h->out, "<h2 id=\"h-%s\">%s</h2>\n<div class=\"body\">\n", id, title);
}

static void section_end(struct html *h)
{
	ed_buf_addz(h->out, "</div></section>\n");
}

/* A table that scrolls by itself where the page is narrow. @heads ends with NULL. */
static void table_begin(struct html *h, const char *caption, const char *const *heads)
{
	ed_buf_printf(h->out,
		      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">"
		      "<table>\n<caption>%s</caption>\n<thead><tr>",
		      caption, caption);
	for (; *heads; heads++)
		ed_buf_printf(h->out, "<th scope=\"col\">%s", *heads);
	ed_buf_addz(h->out, "</thead>\n<tbody>\n");
}

static void table_end(struct html *h)
{
	ed_buf_addz(h->out, "</tbody></table></div>\n");
}

static void put_or_dash(struct html *h, struct ed_str s)
{
	if (s.len)
		html_text(h->out, s);
	else
		ed_buf_addz(h->out, "\xE2\x80\x93");
}

void html_ruled_out(struct html *h)
{
	const struct ed_verdict *v = h->v;

	section_begin(h, "ruled-out", "Ruled out", NULL);
	if (!v->ruled_out_count)
		ed_buf_addz(h->out, "<p>Nothing could be ruled out.</p>\n");
	else
		ed_buf_addz(h->out, "<dl class=\"ruled\">\n");
	for (size_t i = 0; i < v->ruled_out_count; i++) {
		const struct ed_ruled_out *r = &v->ruled_out[i];

		ed_buf_printf(h->out, "<div id=\"r%zu\"><dt>", i + 1);
		html_textz(h->out, r->id);
		ed_buf_addz(h->out, "</dt><dd>");
		html_text(h->out, r->because);
		html_refs(h->out, r->evidence);
		ed_buf_addz(h->out, "</dd></div>\n");
	}
	ed_buf_addz(h->out, v->ruled_out_count ? "</dl>\n" : "");
	section_end(h);
}

static void put_coverage_row(struct html *h, const struct ed_coverage *row)
{
	bool gap = phrase_is_gap(row);

	ed_buf_addz(h->out,
		    gap ? "<tr class=\"gap\"><th scope=\"row\">" : "<tr><th scope=\"row\">");
	html_text(h->out, row->source);
	if (row->is_channel && row->path.len) {
		ed_buf_addz(h->out, "<small>");
		html_text(h->out, row->path);
		ed_buf_addz(h->out, "</small>");
	}
	ed_buf_printf(h->out, "<td>%s<td class=\"num\">%llu<td>", ed_state_word(row->state),
		      (unsigned long long)row->records);
	if (row->oldest != ED_TIME_NONE) {
		html_time(h->out, row->oldest, HTML_FULL);
		ed_buf_addz(h->out, " to ");
		html_time(h->out, row->newest, HTML_FULL);
	} else {
		ed_buf_addz(h->out, "\xE2\x80\x93");
	}
	ed_buf_addz(h->out, "<td class=\"num\">");
	if (row->lost == ED_LOST_UNKNOWN)
		ed_buf_addz(h->out, "unknown");
	else
		ed_buf_printf(h->out, "%llu", (unsigned long long)row->lost);
	ed_buf_addz(h->out, "<td>");
	put_or_dash(h, row->why);
	ed_buf_addc(h->out, '\n');
}

void html_coverage(struct html *h)
{
	static const char *const heads[] = { "Source", "State", "Records", "Reaches",
					     "Lost",   "Why",   NULL };
	const struct ed_verdict *v = h->v;
	size_t gaps = 0;

	for (size_t i = 0; i < v->coverage_count; i++)
		gaps += phrase_is_gap(&v->coverage[i]);
	section_begin(h, "coverage", "Coverage", NULL);
	ed_buf_addz(h->out, "<p>");
	html_count(h->out, (int64_t)v->coverage_count, "source", "sources");
	if (gaps) {
		ed_buf_addz(h->out, ", <strong>");
		html_count(h->out, (int64_t)gaps, "of them with a gap", "of them with gaps");
		ed_buf_addz(h->out, "</strong>: those stand first.</p>\n");
	} else {
		ed_buf_addz(h->out, ", none with a gap.</p>\n");
	}
	if (v->coverage_count) {
		table_begin(h, "What was read, and what was not", heads);
		for (int pass = 0; pass < 2; pass++)
			for (size_t i = 0; i < v->coverage_count; i++)
				if (phrase_is_gap(&v->coverage[i]) == (pass == 0))
					put_coverage_row(h, &v->coverage[i]);
		table_end(h);
	}
	section_end(h);
}

static void put_finding(struct html *h, const struct ed_finding *f, size_t i)
{
	ed_buf_printf(h->out,
		      "<article id=\"f%zu\" aria-labelledby=\"f%zu-h\">\n<h3 id=\"f%zu-h\">", i + 1,
		      i + 1, i + 1);
	html_text(h->out, f->title);
	ed_buf_addz(h->out, "</h3>\n<p class=\"tags\"><code>");
	html_textz(h->out, f->id);
	ed_buf_printf(h->out,
		      "</code> <span class=\"sev-%s\">%s</span> <span>%s</span> <span>%s"
		      "</span></p>\n<p>",
		      ed_severity_word(f->severity), ed_severity_word(f->severity),
		      ed_certainty_word(f->certainty), phrase_owner(f->owner));
	html_text(h->out, f->because);
	html_refs(h->out, f->evidence);
	ed_buf_addz(h->out, "</p>\n");
	if (f->missing.count) {
		ed_buf_addz(h->out, "<p class=\"label\">What would raise or refute it</p><ul>\n");
		for (size_t j = 0; j < f->missing.count; j++) {
			ed_buf_addz(h->out, "<li>");
			html_text(h->out, f->missing.items[j]);
			ed_buf_addz(h->out, "</li>\n");
		}
		ed_buf_addz(h->out, "</ul>\n");
	}
	if (f->action_count) {
		ed_buf_addz(h->out, "<p class=\"label\">Actions: ");
		for (size_t j = 0; j < f->action_count; j++) {
			ed_buf_addz(h->out, j ? ", <code>" : "<code>");
			html_textz(h->out, f->actions[j]);
			ed_buf_addz(h->out, "</code>");
		}
		ed_buf_addz(h->out, "</p>\n");
	}
	ed_buf_addz(h->out, "</article>\n");
}

void html_findings(struct html *h)
{
	section_begin(h, "findings", "Findings", NULL);
	if (!h->v->finding_count)
		ed_buf_addz(h->out, "<p>None.</p>\n");
	for (size_t i = 0; i < h->v->finding_count; i++)
		put_finding(h, &h->v->findings[i], i);
	section_end(h);
}

void html_apps(struct html *h)
{
	static const char *const heads[] = { "App", "Kind", "State", "Error", NULL };
	const struct ed_esp *esp = &h->v->esp;

	section_begin(h, "apps", "Apps the page waits for", NULL);
	if (!esp->app_count) {
		ed_buf_addz(h->out, "<p>The evidence lists none.</p>\n");
	} else {
		table_begin(h, "Apps of the status page", heads);
		for (size_t i = 0; i < esp->app_count; i++) {
			const struct ed_esp_app *app = &esp->apps[i];

			ed_buf_addz(h->out, "<tr><th scope=\"row\">");
			html_text(h->out, app->name);
			ed_buf_addz(h->out, "<td>");
			html_textz(h->out, app->kind);
			ed_buf_addz(h->out, "<td>");
			put_or_dash(h, app->state);
			ed_buf_addz(h->out, "<td>");
			put_or_dash(h, app->error);
			ed_buf_addc(h->out, '\n');
		}
		table_end(h);
	}
	section_end(h);
}

static void fact_begin(struct html *h, const char *name)
{
	ed_buf_printf(h->out, "<div><dt>%s</dt><dd>", name);
}

static void fact_end(struct html *h)
{
	ed_buf_addz(h->out, "</dd></div>\n");
}

static void fact_text(struct html *h, const char *name, struct ed_str value)
{
	fact_begin(h, name);
	if (value.p)
		html_text(h->out, value);
	else
		ed_buf_addz(h->out, "unknown");
	fact_end(h);
}

static void fact_time(struct html *h, const char *name, int64_t t)
{
	fact_begin(h, name);
	html_time(h->out, t, HTML_FULL);
	fact_end(h);
}

static void fact_number(struct html *h, const char *name, int64_t n)
{
	fact_begin(h, name);
	html_number(h->out, n);
	fact_end(h);
}

static void group_begin(struct html *h, const char *title)
{
	ed_buf_printf(h->out, "<div class=\"group\"><h3>%s</h3>\n<dl class=\"facts\">\n", title);
}

static void group_end(struct html *h)
{
	ed_buf_addz(h->out, "</dl></div>\n");
}

static void put_page_facts(struct html *h)
{
	const struct ed_esp *esp = &h->v->esp;

	group_begin(h, "Status page");
	fact_text(h, "Phase", ed_str_from(esp->phase_known ? ed_phase_word(esp->phase) : NULL));
	fact_number(h, "Limit in minutes", esp->timeout_minutes);
	fact_number(h, "Minutes left", esp->minutes_left);
	fact_time(h, "Phase began", esp->started_at);
	fact_time(h, "Limit ends", esp->deadline_at);
	group_end(h);
}

static void put_products(struct html *h)
{
	static const char *const installed[] = { "not known to be installed", "not installed",
						 "installed" };
	const struct ed_store *store = &h->v->store;

	for (size_t i = 0; i < store->product_count; i++) {
		const struct ed_product *p = &store->products[i];

		fact_begin(h, "Product");
		html_text(h->out, p->id);
		if (p->family.len) {
			ed_buf_addz(h->out, ", ");
			html_text(h->out, p->family);
		}
		ed_buf_addz(h->out, ": ");
		html_count(h->out, p->attempts, "attempt", "attempts");
		if (p->last_error.len) {
			ed_buf_addz(h->out, ", last error ");
			html_text(h->out, p->last_error);
		}
		ed_buf_printf(h->out, ", %s", installed[p->installed + 1]);
		fact_end(h);
	}
}

static void put_store_facts(struct html *h)
{
	const struct ed_store *store = &h->v->store;

	group_begin(h, "Store");
	fact_number(h, "Attempts", store->attempts);
	fact_number(h, "Failures", store->failures);
	fact_time(h, "First", store->first_at);
	fact_time(h, "Last", store->last_at);
	fact_number(h, "Seconds between, median", store->median_interval_seconds);
	fact_time(h, "Next expected", store->next_attempt_at);
	put_products(h);
	group_end(h);
}

static void put_sign_in_facts(struct html *h)
{
	const struct ed_sign_in *s = &h->v->sign_in;

	group_begin(h, "Sign-in of the Store");
	fact_number(h, "Denials", s->denials);
	for (size_t i = 0; i < s->code_count; i++) {
		fact_begin(h, "Code");
		ed_buf_printf(h->out, "AADSTS%u \xC3\x97 %lld", (unsigned)s->codes[i].code,
			      (long long)s->codes[i].count);
		fact_end(h);
	}
	fact_text(h, "Client", s->client_id);
	fact_text(h, "Resource", s->resource_id);
	fact_time(h, "First", s->first_at);
	fact_time(h, "Last", s->last_at);
	if (s->correlation_ids.count) {
		fact_begin(h, "Correlation ids");
		for (size_t i = 0; i < s->correlation_ids.count; i++) {
			ed_buf_addz(h->out, i ? "<br><code>" : "<code>");
			html_text(h->out, s->correlation_ids.items[i]);
			ed_buf_addz(h->out, "</code>");
		}
		fact_end(h);
	}
	group_end(h);
}

static void put_device_facts(struct html *h)
{
	static const char *const measured[] = { "unknown", "no", "yes" };
	const struct ed_bitlocker *b = &h->v->bitlocker;
	const struct ed_attestation *a = &h->v->attestation;

	group_begin(h, "BitLocker");
	fact_text(h, "State", ed_str_from(b->state));
	if (b->live)
		fact_text(h, "Now, as the device says", ed_str_from(b->live->state));
	fact_text(h, "Method", b->method);
	fact_time(h, "Encryption started", b->started_at);
	fact_time(h, "Encryption finished", b->completed_at);
	fact_time(h, "Protection on since", b->protected_at);
	fact_time(h, "Key backed up", b->escrowed_at);
	group_end(h);
	group_begin(h, "Attestation");
	fact_time(h, "Last boot", a->last_boot_at);
	fact_text(h, "Kind of it", ed_str_from(ed_boot_kind_word(a->last_boot_kind)));
	fact_text(h, "Measured BitLocker", ed_str_from(measured[a->boot_measured_bitlocker + 1]));
	fact_time(h, "Health certificate", a->certificate_at);
	fact_text(h, "Error of it", a->certificate_error);
	fact_text(h, "\"Require BitLocker\" would", ed_str_from(a->predicted_require_bitlocker));
	group_end(h);
}

static void put_boots(struct html *h)
{
	group_begin(h, "Starts of Windows");
	if (!h->v->boot_count)
		fact_text(h, "Starts", (struct ed_str){ NULL, 0 });
	for (size_t i = 0; i < h->v->boot_count; i++) {
		const struct ed_boot *boot = &h->v->boots[i];

		fact_begin(h, ed_boot_kind_word(boot->kind));
		html_time(h->out, boot->at, HTML_FULL);
		if (boot->requested_by.len) {
			ed_buf_addz(h->out, ", requested by ");
			html_text(h->out, boot->requested_by);
		}
		fact_end(h);
	}
	group_end(h);
}

void html_facts(struct html *h)
{
	section_begin(h, "facts", "Raw facts", NULL);
	ed_buf_addz(h->out, "<div class=\"groups\">\n");
	put_page_facts(h);
	put_store_facts(h);
	put_sign_in_facts(h);
	put_device_facts(h);
	put_boots(h);
	ed_buf_addz(h->out, "</div>\n");
	section_end(h);
}

static bool refs_have(struct ed_refs refs, size_t ref)
{
	for (size_t i = 0; i < refs.count; i++)
		if (refs.items[i] == ref)
			return true;
	return false;
}

/* The way back: every place that cites item @ref. */
static void put_cited_by(struct html *h, size_t ref)
{
	const struct ed_verdict *v = h->v;
	const char *before = "<p class=\"by\">Cited by ";

	for (size_t i = 0; i < v->chain_count; i++) {
		if (!refs_have(v->chain[i].evidence, ref))
			continue;
		ed_buf_printf(h->out, "%s<a href=\"#c%zu\">proof %zu</a>", before, i + 1, i + 1);
		before = ", ";
	}
	for (size_t i = 0; i < v->finding_count; i++) {
		if (!refs_have(v->findings[i].evidence, ref))
			continue;
		ed_buf_printf(h->out, "%s<a href=\"#f%zu\">", before, i + 1);
		html_textz(h->out, v->findings[i].id);
		ed_buf_addz(h->out, "</a>");
		before = ", ";
	}
	for (size_t i = 0; i < v->ruled_out_count; i++) {
		if (!refs_have(v->ruled_out[i].evidence, ref))
			continue;
		ed_buf_printf(h->out, "%s<a href=\"#r%zu\">not ", before, i + 1);
		html_textz(h->out, v->ruled_out[i].id);
		ed_buf_addz(h->out, "</a>");
		before = ", ";
	}
	ed_buf_addz(h->out, before[0] == ',' ? "</p>\n" : "");
}

static void put_proof(struct html *h, const struct ed_proof *p, size_t i)
{
	ed_buf_printf(h->out, "<details class=\"proof\" id=\"e%zu\" open><summary><b>e%zu</b> ",
		      i + 1, i + 1);
	if (p->at != ED_TIME_NONE) {
		html_time(h->out, p->at, HTML_FULL);
		ed_buf_addc(h->out, ' ');
	}
	ed_buf_addz(h->out, "<span>");
	html_text(h->out, p->source);
	ed_buf_addz(h->out, "</span>");
	if (p->event != ED_UNKNOWN)
		ed_buf_printf(h->out, " <span>event %lld</span>", (long long)p->event);
	if (p->record != ED_UNKNOWN)
		ed_buf_printf(h->out, " <span>record %lld</span>", (long long)p->record);
	ed_buf_addz(h->out, "</summary>\n<dl class=\"fields\">\n");
	if (p->provider.len) {
		ed_buf_addz(h->out, "<div class=\"soft\"><dt>Provider</dt><dd>");
		html_text(h->out, p->provider);
		ed_buf_addz(h->out, "</dd></div>\n");
	}
	for (size_t j = 0; j < p->field_count; j++) {
		ed_buf_addz(h->out, "<div><dt>");
		html_text(h->out, p->fields[j].name.len ? p->fields[j].name : ED_STR("Data"));
		ed_buf_addz(h->out, "</dt><dd>");
		put_or_dash(h, p->fields[j].value);
		ed_buf_addz(h->out, "</dd></div>\n");
	}
	ed_buf_addz(h->out, "</dl>\n");
	put_cited_by(h, i);
	ed_buf_addz(h->out, "</details>\n");
}

void html_evidence(struct html *h)
{
	section_begin(h, "evidence", "Evidence", "screen");
	if (!h->v->evidence_count)
		ed_buf_addz(h->out, "<p>None is cited.</p>\n");
	else
		ed_buf_addz(h->out, "<div id=\"filter-box\" hidden><label for=\"filter\">Show only "
				    "evidence with</label> <input id=\"filter\" type=\"search\" "
				    "autocomplete=\"off\" spellcheck=\"false\"> <output "
				    "for=\"filter\" id=\"shown\"></output></div>\n");
	for (size_t i = 0; i < h->v->evidence_count; i++)
		put_proof(h, &h->v->evidence[i], i);
	section_end(h);
}

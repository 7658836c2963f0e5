/* SPDX-License-Identifier: MIT */
/* The pieces of the text report, and the sections that --verbose appends. */
#include "phrase_priv.h"
#include "text_priv.h"

void text_bold(const struct text *t, const char *words)
{
	bool color = t->options->color && words[0];

	ed_buf_addz(t->out, color ? "\x1b[1m" : "");
	ed_buf_addz(t->out, words);
	ed_buf_addz(t->out, color ? "\x1b[0m" : "");
}

void text_label(const struct text *t, struct wrap *w, const char *label, size_t lines_max)
{
	text_bold(t, label);
	ed_buf_printf(t->out, "%*s", (int)(TEXT_LABEL - strlen(label)), "");
	wrap_begin(w, t->out, TEXT_LABEL, TEXT_LABEL, lines_max);
}

void text_step(const struct text *t, size_t number, struct ed_str step, size_t lines_max)
{
	struct wrap w;

	ed_buf_printf(t->out, "%*zu. ", (int)TEXT_LABEL - 2, number);
	wrap_begin(&w, t->out, TEXT_LABEL, TEXT_LABEL, lines_max);
	wrap_add(&w, step);
	wrap_end(&w);
}

void text_time_format(int64_t at, bool dated, char out[ED_TIME_TEXT])
{
	struct ed_civil c = ed_civil_from_time(at);

	if (dated)
		snprintf(out, ED_TIME_TEXT, "%04d-%02d-%02d %02d:%02d:%02d", c.year, c.month, c.day,
			 c.hour, c.minute, c.second);
	else
		snprintf(out, ED_TIME_TEXT, "%02d:%02d:%02d", c.hour, c.minute, c.second);
}

void text_time(struct wrap *w, int64_t at, bool dated)
{
	char text[ED_TIME_TEXT] = "unknown";

	if (at != ED_TIME_NONE)
		text_time_format(at, dated, text);
	wrap_addz(w, text);
}

static void add_ref(struct wrap *w, uint32_t ref)
{
	wrap_addz(w, "e");
	wrap_add_number(w, (int64_t)ref + 1);
}

/* Channels without the vendor they all share. */
static void add_channel(struct wrap *w, struct ed_str name)
{
	struct ed_str vendor = ED_STR("Microsoft-Windows-");

	wrap_add(w, ed_str_istarts(name, vendor) ? ed_str_slice(name, vendor.len, name.len) : name);
}

/* Keys and paths by their end, which tells them apart. */
static void add_source(struct wrap *w, const struct ed_proof *proof)
{
	struct ed_str name = proof->source;

	if (proof->event != ED_UNKNOWN) {
		add_channel(w, name);
		wrap_addz(w, " ");
		wrap_add_number(w, proof->event);
		if (proof->record != ED_UNKNOWN) {
			wrap_addz(w, ", record ");
			wrap_add_number(w, proof->record);
		}
		return;
	}
	if (name.len > 40) {
		size_t from = name.len - 37;

		while (from < name.len && name.p[from] != '\\' && name.p[from] != '/')
			from++;
		if (from == name.len)
			from = name.len - 37;
		wrap_addz(w, "...");
		name = ed_str_slice(name, from, name.len);
	}
	wrap_add(w, name);
}

void text_proofs(struct wrap *w, const struct ed_verdict *v, struct ed_refs refs, bool full)
{
	for (size_t i = 0; i < refs.count && i < 3; i++) {
		wrap_addz(w, i ? ", " : " [");
		add_ref(w, refs.items[i]);
		if (full && i == 0 && refs.items[0] < v->evidence_count) {
			wrap_addz(w, ": ");
			add_source(w, &v->evidence[refs.items[0]]);
		}
	}
	if (refs.count > 3) {
		wrap_addz(w, ", ");
		wrap_add_number(w, (int64_t)refs.count - 3);
		wrap_addz(w, " more");
	}
	wrap_addz(w, refs.count ? "]" : "");
}

static void add_state(struct wrap *w, const struct ed_coverage *row)
{
	wrap_addz(w, " ");
	wrap_addz(w, ed_state_word(row->state));
	if (row->why.len) {
		wrap_addz(w, " (");
		wrap_add(w, row->why);
		wrap_addz(w, ")");
	}
}

void text_gap(struct wrap *w, const struct ed_coverage *row)
{
	add_channel(w, row->source);
	add_state(w, row);
}

static void heading(const struct text *t, const char *title)
{
	ed_buf_addc(t->out, '\n');
	text_bold(t, title);
	ed_buf_addc(t->out, '\n');
}

/* Begins a paragraph of a section: first line at column 2, further ones at 6. */
static void item(const struct text *t, struct wrap *w)
{
	ed_buf_addz(t->out, "  ");
	wrap_begin(w, t->out, 2, 6, WRAP_NO_LIMIT);
}

/* A paragraph below an item. */
static void below(const struct text *t, struct wrap *w, const char *label)
{
	ed_buf_printf(t->out, "%*s", 6, "");
	wrap_begin(w, t->out, 6, 8, WRAP_NO_LIMIT);
	wrap_addz(w, label);
}

static void add_refs(struct wrap *w, struct ed_refs refs)
{
	for (size_t i = 0; i < refs.count; i++) {
		wrap_addz(w, i ? ", " : " [");
		add_ref(w, refs.items[i]);
	}
	wrap_addz(w, refs.count ? "]" : "");
}

static void details_chain(const struct text *t)
{
	const struct ed_verdict *v = t->verdict;
	struct wrap w;

	if (v->chain_count)
		heading(t, "Chain, first cause first");
	for (size_t i = 0; i < v->chain_count; i++) {
		item(t, &w);
		text_time(&w, v->chain[i].at, true);
		wrap_addz(&w, " ");
		wrap_add(&w, v->chain[i].claim);
		wrap_addz(&w, phrase_says_inferred(&v->chain[i]) ? " (inferred)" : "");
		add_refs(&w, v->chain[i].evidence);
		wrap_end(&w);
	}
}

static void details_findings(const struct text *t)
{
	const struct ed_verdict *v = t->verdict;
	struct wrap w;

	heading(t, v->finding_count ? "Findings" : "Findings: none");
	for (size_t i = 0; i < v->finding_count; i++) {
		const struct ed_finding *f = &v->findings[i];

		item(t, &w);
		wrap_addz(&w, f->id);
		wrap_addz(&w, " (");
		wrap_addz(&w, ed_severity_word(f->severity));
		wrap_addz(&w, ", ");
		wrap_addz(&w, ed_certainty_word(f->certainty));
		wrap_addz(&w, ", ");
		wrap_addz(&w, ed_owner_word(f->owner));
		wrap_addz(&w, "): ");
		wrap_add(&w, f->title);
		wrap_end(&w);
		below(t, &w, "because ");
		wrap_add(&w, f->because);
		add_refs(&w, f->evidence);
		wrap_end(&w);
		for (size_t j = 0; j < f->missing.count; j++) {
			below(t, &w, "missing: ");
			wrap_add(&w, f->missing.items[j]);
			wrap_end(&w);
		}
	}
}

static void details_actions(const struct text *t)
{
	const struct ed_verdict *v = t->verdict;
	struct wrap w;

	if (v->action_count)
		heading(t, "Actions, best first");
	for (size_t i = 0; i < v->action_count; i++) {
		const struct ed_action *a = &v->actions[i];

		item(t, &w);
		wrap_addz(&w, a->id);
		wrap_addz(&w, " (");
		wrap_addz(&w, ed_owner_word(a->owner));
		wrap_addz(&w, "): ");
		wrap_add(&w, a->title);
		wrap_end(&w);
		for (size_t j = 0; j < a->steps.count; j++)
			text_step(t, j + 1, a->steps.items[j], WRAP_NO_LIMIT);
		below(t, &w, "cost: ");
		wrap_add(&w, a->cost);
		wrap_end(&w);
		below(t, &w, "source: ");
		wrap_add(&w, a->source);
		wrap_end(&w);
	}
}

static void details_ruled_out(const struct text *t)
{
	const struct ed_verdict *v = t->verdict;
	struct wrap w;

	if (v->ruled_out_count)
		heading(t, "Ruled out");
	for (size_t i = 0; i < v->ruled_out_count; i++) {
		item(t, &w);
		wrap_addz(&w, v->ruled_out[i].id);
		wrap_addz(&w, ": ");
		wrap_add(&w, v->ruled_out[i].because);
		add_refs(&w, v->ruled_out[i].evidence);
		wrap_end(&w);
	}
}

static void details_evidence(const struct text *t)
{
	const struct ed_verdict *v = t->verdict;
	struct wrap w;

	if (v->evidence_count)
		heading(t, "Evidence, times in UTC");
	for (size_t i = 0; i < v->evidence_count; i++) {
		const struct ed_proof *proof = &v->evidence[i];

		item(t, &w);
		add_ref(&w, (uint32_t)i);
		wrap_addz(&w, " ");
		if (proof->at != ED_TIME_NONE)
			text_time(&w, proof->at, true);
		wrap_addz(&w, " ");
		wrap_add(&w, proof->source);
		if (proof->event != ED_UNKNOWN) {
			wrap_addz(&w, ", event ");
			wrap_add_number(&w, proof->event);
		}
		if (proof->record != ED_UNKNOWN) {
			wrap_addz(&w, ", record ");
			wrap_add_number(&w, proof->record);
		}
		wrap_end(&w);
		for (size_t j = 0; j < proof->field_count; j++) {
			if (!proof->fields[j].value.len)
				continue;
			below(t, &w, "");
			wrap_add(&w, proof->fields[j].name.len ? proof->fields[j].name
							       : ED_STR("Data"));
			wrap_addz(&w, " = ");
			wrap_add(&w, proof->fields[j].value);
			wrap_end(&w);
		}
	}
}

static void details_device(const struct text *t)
{
	static const char *const measured[] = { "no", "yes" };
	const struct ed_bitlocker *b = &t->verdict->bitlocker;
	const struct ed_attestation *a = &t->verdict->attestation;
	const struct {
		const char *label;
		int64_t at;
	} times[] = {
		{ "BitLocker started ", b->started_at },
		{ "BitLocker finished ", b->completed_at },
		{ "Protection on since ", b->protected_at },
		{ "Key backed up ", b->escrowed_at },
		{ "Health certificate ", a->certificate_at },
	};
	struct wrap w;

	heading(t, "Device, times in UTC");
	for (size_t i = 0; i < ED_COUNT(times); i++) {
		item(t, &w);
		wrap_addz(&w, times[i].label);
		text_time(&w, times[i].at, true);
		wrap_end(&w);
	}
	item(t, &w);
	wrap_addz(&w, "BitLocker state ");
	wrap_addz(&w, b->state ? b->state : "unknown");
	if (b->method.len) {
		wrap_addz(&w, ", ");
		wrap_add(&w, b->method);
	}
	wrap_end(&w);
	if (b->live) {
		item(t, &w);
		wrap_addz(&w, "BitLocker now, as the device says: ");
		wrap_addz(&w, b->live->state ? b->live->state : "unknown");
		wrap_end(&w);
	}
	item(t, &w);
	wrap_addz(&w, "Last boot measured BitLocker: ");
	wrap_addz(&w, a->boot_measured_bitlocker == ED_TRI_UNKNOWN
			      ? "unknown"
			      : measured[a->boot_measured_bitlocker == ED_TRI_YES]);
	wrap_end(&w);
	for (size_t i = 0; i < t->verdict->boot_count; i++) {
		item(t, &w);
		wrap_addz(&w, "Boot ");
		text_time(&w, t->verdict->boots[i].at, true);
		wrap_addz(&w, " ");
		wrap_addz(&w, ed_boot_kind_word(t->verdict->boots[i].kind));
		if (t->verdict->boots[i].requested_by.len) {
			wrap_addz(&w, ", requested by ");
			wrap_add(&w, t->verdict->boots[i].requested_by);
		}
		wrap_end(&w);
	}
}

static void details_coverage(const struct text *t)
{
	const struct ed_verdict *v = t->verdict;
	struct wrap w;

	heading(t, "Coverage, times in UTC");
	for (size_t i = 0; i < v->coverage_count; i++) {
		const struct ed_coverage *row = &v->coverage[i];

		item(t, &w);
		wrap_add(&w, row->source);
		add_state(&w, row);
		if (row->is_channel && row->path.len) {
			wrap_addz(&w, ", in ");
			wrap_add(&w, row->path);
		}
		wrap_addz(&w, ", ");
		wrap_add_count(&w, (int64_t)row->records, "record", "records");
		if (row->oldest != ED_TIME_NONE) {
			wrap_addz(&w, ", ");
			text_time(&w, row->oldest, true);
			wrap_addz(&w, " to ");
			text_time(&w, row->newest, true);
		}
		if (row->lost == ED_LOST_UNKNOWN) {
			wrap_addz(&w, ", lost: unknown");
		} else if (row->lost) {
			wrap_addz(&w, ", lost: ");
			wrap_add_number(&w, (int64_t)row->lost);
		}
		wrap_end(&w);
	}
}

void text_details(const struct text *t)
{
	details_chain(t);
	details_findings(t);
	details_actions(t);
	details_ruled_out(t);
	details_device(t);
	details_evidence(t);
	details_coverage(t);
}

/* SPDX-License-Identifier: MIT */
/*
 * From episodes to the verdict: every row of every family is tested, the first that holds and is
 * not explained by another is the primary; outcome, certainty, chain and actions follow from it.
 */
#include "espdiag/analyze/verdict.h"

#include "finding.h"

/* A row with what its test found. */
struct tested {
	const struct finding_row *row;
	struct finding_case found;
};

struct tests {
	struct tested *items;
	size_t count;
};

/* A row that holds only alone gives way to the one that holds, and its evidence says why. */
static void yield_to(struct analysis *a, struct tested *one, const struct tested *holder)
{
	one->found.holds = ED_TRI_NO;
	one->found.why_not = say(a, "%s holds, which comes first", holder->row->id);
	if (holder->found.link_count)
		one->found.why_not_refs = holder->found.links[0].evidence;
}

static void test_table(struct analysis *a, struct tests *t, const struct finding_table *table)
{
	bool held = false;
	size_t first = 0;

	for (size_t i = 0; i < *table->count; i++) {
		struct tested *one = &t->items[t->count++];

		*one = (struct tested){ .row = &table->rows[i],
					.found = { .holds = ED_TRI_UNKNOWN } };
		if (table->rows[i].only_alone && held) {
			yield_to(a, one, &t->items[first]);
			continue;
		}
		table->rows[i].test(a, &one->found);
		if (!held && one->found.holds == ED_TRI_YES) {
			held = true;
			first = t->count - 1;
		}
	}
}

static bool holds(const struct tests *t, const char *id)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->items[i].found.holds == ED_TRI_YES && !t->items[i].found.only_info &&
		    strcmp(t->items[i].row->id, id) == 0)
			return true;
	return false;
}

/* A cause is a finding that nothing makes a mere consequence. */
static bool is_symptom(const struct finding_row *row)
{
	return row->explained_by && strcmp(row->explained_by, ANY_CAUSE) == 0;
}

static struct tested *first_of(struct tests *t, enum family family, bool symptoms)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct finding_row *row = t->items[i].row;

		if (row->family != family || t->items[i].found.holds != ED_TRI_YES ||
		    t->items[i].found.only_info || is_symptom(row) != symptoms ||
		    (!symptoms && row->explained_by && holds(t, row->explained_by)))
			continue;
		return &t->items[i];
	}
	return NULL;
}

/* The newest denial of the Store in the present enrolment; NULL none. */
static const struct denial *last_denial(const struct analysis *a)
{
	const struct denials *d = &a->store_denials;

	return d->count && d->items[d->count - 1].mark->key >= a->since ? &d->items[d->count - 1]
									: NULL;
}

/* Of two kinds of denial of the Store the newer one stands. */
static bool other_denial_is_newer(const struct analysis *a)
{
	const struct denial *last = &a->store_denials.items[a->store_denials.count - 1];

	return !denial_of_compliance(last);
}

/*
 * Families stand in the order of necessity: who is not enrolled gets no token, without a token
 * there is no download, without one no deployment, and the page waits for all of it. The first
 * cause that holds is the primary; a symptom only when there is no cause. Of two kinds of denial of
 * the Store the newer one stands.
 */
static struct tested *choose_primary(struct analysis *a, struct tests *t)
{
	struct tested *compliance = first_of(t, FAMILY_COMPLIANCE, false);
	struct tested *store = first_of(t, FAMILY_STORE, false);

	for (size_t i = 0; i < finding_table_count; i++) {
		struct tested *one = first_of(t, finding_tables[i].family, false);

		if (one && one == compliance && store &&
		    strcmp(store->row->id, "store-conditional-access") == 0 &&
		    other_denial_is_newer(a))
			return store;
		if (one)
			return one;
	}
	for (size_t i = 0; i < finding_table_count; i++) {
		struct tested *one = first_of(t, finding_tables[i].family, true);

		if (one)
			return one;
	}
	return NULL;
}

static bool page_within_limit(const struct analysis *a)
{
	return a->page.esp.phase_known && a->page.esp.phase != ED_PHASE_DONE &&
	       a->page.esp.minutes_left != ED_UNKNOWN && !a->page.limit_passed;
}

static bool page_failed(const struct analysis *a)
{
	return a->page.ended_badly || a->page.category_failed;
}

/* When the last thing went wrong with the Store's sign-in or an attempt; ED_TIME_NONE when nothing
 * did. */
static int64_t last_trouble(const struct analysis *a)
{
	const struct denial *denied = last_denial(a);
	int64_t last = denied ? denied->mark->key : ED_TIME_NONE;

	for (size_t i = 0; i < a->attempts.count; i++)
		if (!a->attempts.items[i].succeeded && a->attempts.items[i].hresult &&
		    a->attempts.items[i].start->key >= a->since &&
		    a->attempts.items[i].start->key > last)
			last = a->attempts.items[i].start->key;
	return last;
}

/* What had failed came later. */
static bool came_after_trouble(const struct analysis *a)
{
	int64_t last = last_trouble(a);

	return came_mark(a, last) ||
	       (a->attempts.installed_fact && fact_key_time(a->attempts.installed_fact) > last);
}

static bool positive(const struct analysis *a)
{
	return (a->attempts.installed && a->attempts.installed->key >= a->since) ||
	       a->attempts.installed_fact || page_is_done(a);
}

static enum ed_outcome outcome_without_cause(const struct analysis *a)
{
	if (page_failed(a))
		return ED_OUTCOME_FAILED;
	if (last_trouble(a) != ED_TIME_NONE)
		return came_after_trouble(a) ? ED_OUTCOME_RECOVERED : ED_OUTCOME_INCONCLUSIVE;
	if (positive(a))
		return ED_OUTCOME_HEALTHY;
	return page_within_limit(a) ? ED_OUTCOME_WAITING : ED_OUTCOME_INCONCLUSIVE;
}

static enum ed_outcome outcome_of(const struct analysis *a, const struct tested *primary)
{
	if (!primary)
		return outcome_without_cause(a);
	if (primary->row->outcome != ED_OUTCOME_RECOVERED && page_failed(a))
		return ED_OUTCOME_FAILED;
	if (primary->row->outcome == ED_OUTCOME_FAILED && primary->found.goes_on)
		return ED_OUTCOME_BLOCKED;
	return primary->row->outcome;
}

/* Protection before the last start, and a start that did not measure it. */
static void link_contradiction(struct analysis *a, struct finding_case *c)
{
	struct ed_link *link;

	link = add_link(c, ED_STR("BitLocker protection of C: turned on, and on since."),
			mark_at(a->protection.armed), false);
	link_mark(a, link, a->protection.armed);
	link = add_link(c,
			ED_STR("Last real start of Windows; BitLocker did not unlock the disk "
			       "then."),
			mark_at(a->attestation.last_start->mark), false);
	link_mark(a, link, a->attestation.last_start->mark);
	link_cite(a, link, cite_measured(a));
}

/* What is known when no finding holds, as a case like any other. */
static void describe_no_cause(struct analysis *a, struct finding_case *c, enum ed_outcome outcome)
{
	const struct denial *d = last_denial(a);
	struct ed_link *link;

	if (d && boot_log_contradicts(a))
		link_contradiction(a, c);
	if (d) {
		link = add_link(c,
				say(a,
				    "Entra ID refused the Store's sign-in: AADSTS%u, last at %s.",
				    (unsigned)d->code, say_time(a, mark_at(d->mark))),
				mark_at(d->mark), false);
		link_mark(a, link, d->mark);
	}
	if (a->attempts.installed && a->attempts.installed->key >= a->since) {
		link = add_link(c, ED_STR("Store app installed."), mark_at(a->attempts.installed),
				false);
		link_mark(a, link, a->attempts.installed);
	} else if (a->attempts.installed_fact) {
		link = add_link(c, ED_STR("The page's own list shows the Store app as installed."),
				fact_key_time(a->attempts.installed_fact), false);
		link_cite(a, link, cite_fact(a, a->attempts.installed_fact));
	}
	if (page_failed(a)) {
		link = add_link(c, ED_STR("The page ended in a failure."),
				mark_at(a->page.ended_badly), false);
		link_mark(a, link, a->page.ended_badly);
		if (!a->page.ended_badly)
			link_cite(a, link, cite_fact(a, a->page.category));
	} else if (a->page.category &&
		   (outcome == ED_OUTCOME_HEALTHY || outcome == ED_OUTCOME_WAITING)) {
		link = add_link(c,
				say(a, "The page's phase is %s.", ed_phase_word(a->page.esp.phase)),
				ED_TIME_NONE, false);
		link_cite(a, link, cite_fact(a, a->page.category));
	}
}

static struct ed_str summary_without_cause(struct analysis *a, enum ed_outcome outcome)
{
	const struct denial *d = last_denial(a);

	if (!a->evidence->event_count && !a->evidence->fact_count)
		return ED_STR("No evidence could be read. See coverage for what was tried.");
	switch (outcome) {
	case ED_OUTCOME_HEALTHY:
		return a->attempts.installed && a->attempts.installed->key >= a->since
			       ? say(a,
				     "No cause of a failure was found. The Store app was installed "
				     "at %s.",
				     say_when(a, a->attempts.installed))
			       : ED_STR("No cause of a failure was found. The page is done.");
	case ED_OUTCOME_WAITING:
		return say(a,
			   "Nothing is wrong so far. The page is in %s and has %s left of its "
			   "limit: wait.",
			   ed_phase_word(a->page.esp.phase),
			   a->page.esp.minutes_left
				   ? say(a, "%lld minute%s", (long long)a->page.esp.minutes_left,
					 a->page.esp.minutes_left == 1 ? "" : "s")
					     .p
				   : "less than a minute");
	case ED_OUTCOME_FAILED:
		return ED_STR("The page ended in a failure, and the evidence does not tell the "
			      "cause. See "
			      "what is missing in coverage.");
	case ED_OUTCOME_RECOVERED:
		return ED_STR("The Store was refused or failed at first; then the app came. "
			      "Nothing needs to be "
			      "done on this device.");
	case ED_OUTCOME_BLOCKED:
	case ED_OUTCOME_INCONCLUSIVE:
		break;
	}
	if (a->mixed)
		return ED_STR("The evidence holds the logs of two devices: the same record numbers "
			      "stand for different events. Analyse the logs of each device alone.");
	if (d && boot_log_contradicts(a))
		return say(
			a,
			"The Store's sign-in was refused (AADSTS%u). Protection of C: was turned "
			"on at %s, before the last start at %s, but that start did not measure "
			"BitLocker: the two contradict each other, so nobody can say whether "
			"another restart helps. Look whether protection was suspended for that "
			"start (manage-bde -status C:).",
			(unsigned)d->code, say_when(a, a->protection.armed),
			say_when(a, a->attestation.last_start->mark));
	if (d)
		return say(a,
			   "The Store's sign-in was refused (AADSTS%u), but the evidence does not "
			   "tell why. "
			   "See what is missing in coverage.",
			   (unsigned)d->code);
	return ED_STR("The evidence neither shows a cause nor proves that all is well. See what is "
		      "missing "
		      "in coverage.");
}

/* Union of the links' evidence, in order. */
static struct ed_refs case_refs(struct analysis *a, const struct finding_case *c)
{
	uint32_t *items;
	size_t count = 0;

	items = take(a, CASE_LINKS * CASE_REFS, sizeof(*items));
	for (size_t i = 0; items && i < c->link_count; i++)
		for (size_t j = 0; j < c->links[i].evidence.count; j++) {
			size_t k = 0;

			while (k < count && items[k] != c->links[i].evidence.items[j])
				k++;
			if (k == count)
				items[count++] = c->links[i].evidence.items[j];
		}
	return (struct ed_refs){ items, count };
}

/* No restart where it changes nothing, no sign-in without a user, no setting of a page that is not
 * there. */
static bool action_fits(const struct analysis *a, const struct tested *one, bool primary,
			const char *id)
{
	if (one->found.only_info)
		return false;
	if (strcmp(id, "restart-device") == 0)
		return primary && !one->found.no_restart;
	if (strcmp(id, "sign-in") == 0)
		return !a->context.no_user;
	if (strcmp(id, "skip-user-status-page") == 0)
		return !a->context.preparation && !a->context.no_user &&
		       !(a->page.esp.phase_known && a->page.esp.phase == ED_PHASE_DEVICE_SETUP &&
			 (a->page.limit_passed || page_failed(a)));
	return true;
}

static struct ed_finding make_finding(struct analysis *a, const struct tested *one, bool primary)
{
	struct ed_finding f = {
		.id = one->row->id,
		.severity = one->found.only_info ? ED_INFO : one->row->severity,
		.certainty = case_certainty(&one->found),
		.owner = one->row->owner,
		.title = ed_str_from(one->row->title),
		.because = one->found.because,
		.evidence = case_refs(a, &one->found),
	};
	struct ed_str *missing = take(a, one->found.missing_count, sizeof(*missing));
	const char **actions = take(a, ROW_ACTIONS + 1, sizeof(*actions));

	if (!missing || !actions)
		return f;
	if (one->found.missing_count)
		memcpy(missing, one->found.missing, one->found.missing_count * sizeof(*missing));
	f.missing = (struct ed_str_list){ missing, one->found.missing_count };
	if (one->found.first_action)
		actions[f.action_count++] = one->found.first_action;
	for (size_t i = 0; i < ROW_ACTIONS && one->row->actions[i]; i++)
		if (action_fits(a, one, primary, one->row->actions[i]))
			actions[f.action_count++] = one->row->actions[i];
	f.actions = actions;
	return f;
}

static struct ed_finding *make_findings(struct analysis *a, struct ed_verdict *v, struct tests *t,
					struct tested *primary)
{
	struct ed_finding *findings = take(a, t->count, sizeof(*findings));

	if (!findings)
		return NULL;
	if (primary)
		findings[v->finding_count++] = make_finding(a, primary, true);
	for (size_t i = 0; i < t->count; i++)
		if (&t->items[i] != primary && t->items[i].found.holds == ED_TRI_YES)
			findings[v->finding_count++] = make_finding(a, &t->items[i], false);
	v->findings = findings;
	return findings;
}

static bool has_action(const struct ed_action *actions, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(actions[i].id, id) == 0)
			return true;
	return false;
}

static void make_actions(struct analysis *a, struct ed_verdict *v)
{
	struct ed_action *actions = take(a, v->finding_count * (ROW_ACTIONS + 1), sizeof(*actions));

	if (!actions)
		return;
	for (size_t i = 0; i < v->finding_count; i++)
		for (size_t j = 0; j < v->findings[i].action_count; j++) {
			const struct action_row *row =
				action_row_for(v->findings[i].actions[j], v->findings[i].id);

			/* a second finding must not bring back what the primary rules out */
			if (!row || has_action(actions, v->action_count, row->id) ||
			    (i && strcmp(row->id, "restart-device") == 0))
				continue;
			actions[v->action_count++] = (struct ed_action){
				.id = row->id,
				.owner = row->owner,
				.title = ed_str_from(row->title),
				.steps = action_steps(a, row, v->findings[i].id),
				.cost = ed_str_from(row->cost),
				.source = ed_str_from(row->source),
			};
		}
	v->actions = actions;
}

static struct ed_ruled_out *make_ruled_out(struct analysis *a, struct ed_verdict *v,
					   const struct tests *t)
{
	struct ed_ruled_out *out = take(a, t->count, sizeof(*out));

	for (size_t i = 0; out && i < t->count; i++) {
		const struct finding_case *c = &t->items[i].found;

		if (c->holds != ED_TRI_NO || !c->why_not.len)
			continue;
		out[v->ruled_out_count++] = (struct ed_ruled_out){
			.id = t->items[i].row->id,
			.because = c->why_not,
			.evidence = c->why_not_refs,
		};
	}
	v->ruled_out = out;
	return out;
}

/* Proofs that tests cited and nothing shows are dropped; the rest is numbered as it is first shown.
 */
struct renumber {
	struct analysis *a;
	int64_t *new_index; /* by old index; -1 = not shown */
	struct ed_proof *proofs;
	size_t count;
};

static struct ed_refs renumber_refs(struct renumber *r, struct ed_refs refs)
{
	uint32_t *items = take(r->a, refs.count, sizeof(*items));

	if (!items)
		return (struct ed_refs){ NULL, 0 };
	for (size_t i = 0; i < refs.count; i++) {
		uint32_t old = refs.items[i];

		if (r->new_index[old] < 0) {
			r->proofs[r->count] = r->a->proofs[old];
			r->new_index[old] = (int64_t)r->count++;
		}
		items[i] = (uint32_t)r->new_index[old];
	}
	return (struct ed_refs){ items, refs.count };
}

static void number_proofs(struct analysis *a, struct ed_verdict *v, struct ed_link *chain,
			  struct ed_finding *findings, struct ed_ruled_out *ruled_out)
{
	struct renumber r = {
		.a = a,
		.new_index = take(a, a->proof_count, sizeof(*r.new_index)),
		.proofs = take(a, a->proof_count, sizeof(*r.proofs)),
	};

	if (!r.new_index || !r.proofs)
		return;
	for (size_t i = 0; i < a->proof_count; i++)
		r.new_index[i] = -1;
	for (size_t i = 0; i < v->chain_count; i++)
		chain[i].evidence = renumber_refs(&r, chain[i].evidence);
	for (size_t i = 0; i < v->finding_count; i++)
		findings[i].evidence = renumber_refs(&r, findings[i].evidence);
	for (size_t i = 0; i < v->ruled_out_count; i++)
		ruled_out[i].evidence = renumber_refs(&r, ruled_out[i].evidence);
	v->evidence = r.proofs;
	v->evidence_count = r.count;
}

static struct ed_link *copy_chain(struct analysis *a, struct ed_verdict *v,
				  const struct finding_case *c)
{
	struct ed_link *chain = take(a, c->link_count, sizeof(*chain));

	for (size_t i = 0; chain && i < c->link_count; i++)
		if (c->links[i].evidence.count)
			chain[v->chain_count++] = c->links[i];
	v->chain = chain;
	return chain;
}

static void conclude(struct analysis *a, struct ed_verdict *v)
{
	struct tests t = { 0 };
	struct finding_case none = { 0 };
	const struct finding_case *c = &none;
	struct ed_ruled_out *ruled_out;
	struct ed_finding *findings;
	struct tested *primary;
	struct ed_link *chain;
	size_t rows = 0;

	for (size_t i = 0; i < finding_table_count; i++)
		rows += *finding_tables[i].count;
	t.items = take(a, rows, sizeof(*t.items));
	if (!t.items)
		return;
	for (size_t i = 0; i < finding_table_count; i++)
		test_table(a, &t, &finding_tables[i]);
	if (a->nomem)
		return;
	primary = choose_primary(a, &t);
	v->outcome = outcome_of(a, primary);
	if (primary) {
		v->primary = primary->row->id;
		c = &primary->found;
		v->certainty = case_certainty(c);
		v->summary = say(a, "%.*s %s", ED_FMT(c->because), primary->row->advice);
	} else {
		describe_no_cause(a, &none, v->outcome);
		v->certainty = v->outcome == ED_OUTCOME_INCONCLUSIVE ? ED_POSSIBLE : ED_CONFIRMED;
		v->summary = summary_without_cause(a, v->outcome);
	}
	chain = copy_chain(a, v, c);
	findings = make_findings(a, v, &t, primary);
	make_actions(a, v);
	ruled_out = make_ruled_out(a, v, &t);
	if (!a->nomem)
		number_proofs(a, v, chain, findings, ruled_out);
}

ed_status ed_analyze(const struct ed_evidence *evidence, const struct ed_analyze_options *options,
		     struct ed_arena *arena, struct ed_verdict *verdict, struct ed_error *err)
{
	struct analysis a = {
		.evidence = evidence, .options = options, .arena = arena, .since = INT64_MIN
	};
	struct ed_verdict v = { .source = options->source };

	order_events(&a);
	build_coverage(&a);
	build_boots(&a);
	build_denials(&a);
	build_enrollment(&a);
	build_attempts(&a);
	note_unknown_words(&a);
	build_protection(&a);
	build_attestation(&a);
	build_live(&a);
	build_page(&a);
	build_context(&a);
	if (!a.nomem) {
		v.evaluated_at = a.at;
		v.used_from = a.from;
		v.os_build = a.context.os_build;
		v.os_revision = a.context.os_revision;
		conclude(&a, &v);
		fill_facts(&a, &v);
		fill_timeline(&a, &v);
	}
	if (a.nomem)
		return ed_fail(err, ED_NOMEM, "out of memory while analysing");
	*verdict = v;
	return ED_OK;
}

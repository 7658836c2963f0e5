/* SPDX-License-Identifier: MIT */
/* Building a finding's case: links, citations, certainty. */
#include "finding.h"

#include "codes.h"

struct ed_link *add_link(struct finding_case *c, struct ed_str claim, int64_t at, bool inferred)
{
	struct ed_link *link = &c->links[c->link_count];

	if (c->link_count < CASE_LINKS - 1)
		c->link_count++;
	*link = (struct ed_link){ .claim = claim, .at = at, .inferred = inferred };
	return link;
}

void link_cite(struct analysis *a, struct ed_link *link, uint32_t ref)
{
	uint32_t *items;

	for (size_t i = 0; i < link->evidence.count; i++)
		if (link->evidence.items[i] == ref)
			return;
	if (link->evidence.count >= CASE_REFS)
		return;
	items = take(a, link->evidence.count + 1, sizeof(*items));
	if (!items)
		return;
	if (link->evidence.count)
		memcpy(items, link->evidence.items, link->evidence.count * sizeof(*items));
	items[link->evidence.count] = ref;
	link->evidence.items = items;
	link->evidence.count++;
}

void link_mark(struct analysis *a, struct ed_link *link, const struct mark *m)
{
	long long ahead = clock_ahead(m);

	/* the reader must not wonder at a first cause that seems the latest */
	if (ahead && link->claim.len && link->at == mark_at(m) &&
	    !ed_str_iends(link->claim, ED_STR(" ahead then.")))
		link->claim = say(a, "%.*s The clock was %lld minute%s ahead then.",
				  ED_FMT(link->claim), ahead, ahead == 1 ? "" : "s");
	if (m)
		link_cite(a, link, cite_mark(a, m));
}

void add_missing(struct finding_case *c, struct ed_str what)
{
	if (c->missing_count < CASE_MISSING)
		c->missing[c->missing_count++] = what;
}

void rule_out(struct analysis *a, struct finding_case *c, struct ed_str because,
	      const struct mark *m)
{
	struct ed_link link = { 0 };

	c->holds = ED_TRI_NO;
	c->why_not = because;
	link_mark(a, &link, m);
	c->why_not_refs = link.evidence;
}

void rule_out_fact(struct analysis *a, struct finding_case *c, struct ed_str because,
		   const struct ed_stored_fact *f)
{
	struct ed_link link = { 0 };

	c->holds = ED_TRI_NO;
	c->why_not = because;
	link_cite(a, &link, cite_fact(a, f));
	c->why_not_refs = link.evidence;
}

void rule_out_absent(struct analysis *a, struct finding_case *c, struct ed_str because,
		     const char *channel)
{
	struct ed_link link = { 0 };

	if (!a->boot_count ||
	    !channel_covers(a, channel,
			    mark_key(a->attestation.last_start ? a->attestation.last_start->mark
							       : a->boots[0].mark)))
		return;
	c->holds = ED_TRI_NO;
	c->why_not = because;
	link_cite(a, &link, cite_channel(a, channel));
	c->why_not_refs = link.evidence;
}

enum ed_certainty case_certainty(const struct finding_case *c)
{
	size_t inferred = 0;

	for (size_t i = 0; i < c->link_count; i++)
		inferred += c->links[i].inferred;
	return inferred == 0 ? ED_CONFIRMED : inferred == 1 ? ED_LIKELY : ED_POSSIBLE;
}

const char *code_meaning(uint32_t code)
{
	const struct code_row *row = code_find(code);

	return row ? row->meaning : "What this code means is in no table.";
}

const struct finding_table finding_tables[] = {
	{ FAMILY_ENROLLMENT, finding_rows_enrollment, &finding_rows_enrollment_count },
	{ FAMILY_COMPLIANCE, finding_rows_compliance, &finding_rows_compliance_count },
	{ FAMILY_STORE, finding_rows_store, &finding_rows_store_count },
	{ FAMILY_IDENTITY, finding_rows_identity, &finding_rows_identity_count },
	{ FAMILY_PAGE, finding_rows_page, &finding_rows_page_count },
};
const size_t finding_table_count = ED_COUNT(finding_tables);

bool none_later(struct analysis *a, struct finding_case *c, const struct mark *m)
{
	const char *channel = event_row(m->kind)->channel;

	if (channel_covers(a, channel, m->key))
		return true;
	add_missing(c, say(a, "%s: parts of it are lost; what ended this may be in them", channel));
	return false;
}

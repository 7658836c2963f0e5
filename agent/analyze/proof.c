/* SPDX-License-Identifier: MIT */
/* The pool of cited evidence: each item once, numbered in the order in which it is first cited. */
#include "analysis.h"

/* A value in a proof is for reading; the whole of it is in the source. */
#define PROOF_VALUE_BYTES 2048

static struct ed_proof *proof_for(struct analysis *a, const void *of, uint32_t *index, bool *fresh)
{
	size_t cap = a->proof_cap;

	for (size_t i = 0; i < a->proof_count; i++) {
		if (a->proof_of[i] != of)
			continue;
		*index = (uint32_t)i;
		*fresh = false;
		return &a->proofs[i];
	}
	a->proofs = room(a, a->proofs, a->proof_count, &a->proof_cap, sizeof(*a->proofs));
	a->proof_of = room(a, a->proof_of, a->proof_count, &cap, sizeof(*a->proof_of));
	*index = 0;
	*fresh = false;
	if (!a->proofs || !a->proof_of) {
		a->proof_count = 0;
		return NULL;
	}
	*index = (uint32_t)a->proof_count;
	*fresh = true;
	a->proof_of[a->proof_count] = of;
	a->proofs[a->proof_count] = (struct ed_proof){
		.record = ED_UNKNOWN,
		.event = ED_UNKNOWN,
		.at = ED_TIME_NONE,
	};
	return &a->proofs[a->proof_count++];
}

/* Cut at a character's end. */
static struct ed_str short_value(struct ed_str value)
{
	size_t n = PROOF_VALUE_BYTES;

	if (value.len <= n)
		return value;
	while (n && ((unsigned char)value.p[n] & 0xC0) == 0x80)
		n--;
	return ed_str_slice(value, 0, n);
}

uint32_t cite_mark(struct analysis *a, const struct mark *m)
{
	struct ed_field *fields;
	struct ed_proof *proof;
	uint32_t index;
	bool fresh;

	proof = proof_for(a, m->event, &index, &fresh);
	if (!proof || !fresh)
		return index;
	proof->source = mark_source(a, m);
	proof->record = (int64_t)m->event->head.record;
	proof->at = m->event->head.time;
	proof->provider = m->event->head.provider;
	proof->event = m->event->head.id;
	fields = take(a, m->event->field_count, sizeof(*fields));
	for (size_t i = 0; fields && i < m->event->field_count; i++) {
		fields[i].name = m->event->fields[i].name;
		fields[i].value = short_value(m->event->fields[i].value);
	}
	proof->fields = fields;
	proof->field_count = fields ? m->event->field_count : 0;
	return index;
}

static struct ed_field fact_field(struct analysis *a, const struct ed_fact *fact)
{
	struct ed_field field = { fact->name, short_value(fact->text) };

	if (!field.name.p)
		field.name = ED_STR("");
	if (!field.value.p && fact->has_number)
		field.value = say(a, "%llu", (unsigned long long)fact->number);
	if (!field.value.p)
		field.value = ED_STR("");
	return field;
}

uint32_t cite_fact(struct analysis *a, const struct ed_stored_fact *f)
{
	struct ed_field *field;
	struct ed_proof *proof;
	uint32_t index;
	bool fresh;

	proof = proof_for(a, f, &index, &fresh);
	if (!proof || !fresh)
		return index;
	proof->source = f->fact.kind == ED_FACT_REGISTRY ? f->fact.path
							 : a->evidence->sources[f->source_i].path;
	proof->at = f->fact.time;
	field = take(a, 1, sizeof(*field));
	if (field) {
		*field = fact_field(a, &f->fact);
		proof->fields = field;
		proof->field_count = 1;
	}
	return index;
}

uint32_t cite_boot_log(struct analysis *a, const struct boot_log *log)
{
	const struct ed_stored_fact *const parts[] = { log->counter, log->unlock };
	struct ed_field *fields;
	struct ed_proof *proof;
	uint32_t index;
	bool fresh;

	proof = proof_for(a, log, &index, &fresh);
	if (!proof || !fresh)
		return index;
	proof->source = log->path;
	fields = take(a, ED_COUNT(parts), sizeof(*fields));
	if (!fields)
		return index;
	proof->fields = fields;
	for (size_t i = 0; i < ED_COUNT(parts); i++)
		if (parts[i])
			fields[proof->field_count++] = fact_field(a, &parts[i]->fact);
	return index;
}

uint32_t cite_measured(struct analysis *a)
{
	const struct attestation *t = &a->attestation;

	return t->log ? cite_boot_log(a, t->log) : cite_fact(a, t->boot_status);
}

uint32_t cite_live(struct analysis *a)
{
	const struct live_volume *live = &a->live;
	const struct ed_stored_fact *const parts[] = { live->conversion, live->percentage,
						       live->protection, live->protectors,
						       live->suspends };
	struct ed_field *fields;
	struct ed_proof *proof;
	uint32_t index;
	bool fresh;

	proof = proof_for(a, live, &index, &fresh);
	if (!proof || !fresh)
		return index;
	proof->source = a->evidence->sources[live->conversion->source_i].path;
	fields = take(a, ED_COUNT(parts), sizeof(*fields));
	if (!fields)
		return index;
	proof->fields = fields;
	for (size_t i = 0; i < ED_COUNT(parts); i++)
		if (parts[i] && parts[i]->fact.text.p)
			fields[proof->field_count++] = fact_field(a, &parts[i]->fact);
	return index;
}

uint32_t cite_channel(struct analysis *a, const char *channel)
{
	const struct ed_coverage *row = NULL;
	char time[ED_TIME_TEXT] = "";
	struct ed_field *fields;
	struct ed_proof *proof;
	uint32_t index;
	bool fresh;

	for (size_t i = 0; i < a->evidence->coverage_count && !row; i++)
		if (ed_str_ieq(a->evidence->coverage[i].source, ed_str_from(channel)))
			row = &a->evidence->coverage[i];
	proof = proof_for(a, row ? (const void *)row : (const void *)channel, &index, &fresh);
	if (!proof || !fresh)
		return index;
	proof->source = ed_str_from(channel);
	fields = take(a, 2, sizeof(*fields));
	if (!fields || !row)
		return index;
	if (row->oldest != ED_TIME_NONE)
		ed_time_format(row->oldest, time);
	fields[0] = (struct ed_field){ ED_STR("records"),
				       say(a, "%llu", (unsigned long long)row->records) };
	fields[1] = (struct ed_field){ ED_STR("oldest"), say(a, "%s", time) };
	proof->fields = fields;
	proof->field_count = 2;
	return index;
}

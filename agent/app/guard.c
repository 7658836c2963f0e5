/* SPDX-License-Identifier: MIT */
/* Secrets and, where asked for, names of foreign evidence stay out of what is shown. */
#include "guard.h"

#include "espdiag/base/limits.h"
#include "espdiag/json/json.h"
#include "espdiag/platform/digest.h"

#include <string.h>

struct guard {
	struct ed_redactor *redactor;
	struct ed_arena *arena;
	struct ed_buf scratch;
};

/* @field of @event without its secrets; *changed is set when there were any. */
static ed_status field_guard(struct guard *g, const struct ed_event_head *event,
			     struct ed_field *field, bool *changed, struct ed_error *err)
{
	if (!field->value.len || (!ed_redactor_secret_name(g->redactor, field->name) &&
				  !ed_redactor_finds_secret(g->redactor, field->value)))
		return ED_OK;
	ed_buf_clear(&g->scratch);
	ED_TRY(ed_redact_field(g->redactor, event, field, &g->scratch, err));
	*changed = true;
	field->value =
		g->scratch.len ? ed_arena_str(g->arena, ed_buf_str(&g->scratch)) : ED_STR("");
	if (!field->value.p)
		return ed_fail(err, ED_NOMEM, "out of memory for the evidence");
	return ED_OK;
}

static ed_status proof_guard(struct guard *g, struct ed_proof *proof, struct ed_error *err)
{
	const struct ed_event_head event = {
		.provider = proof->provider.p ? proof->provider : ED_STR(""),
		.id = proof->event > 0 ? (uint32_t)proof->event : 0,
	};
	struct ed_field *fields = ed_arena_calloc(g->arena, proof->field_count, sizeof(*fields));
	bool changed = false;

	if (!fields)
		return ed_fail(err, ED_NOMEM, "out of memory for the evidence");
	memcpy(fields, proof->fields, proof->field_count * sizeof(*fields));
	for (size_t i = 0; i < proof->field_count; i++)
		ED_TRY(field_guard(g, &event, &fields[i], &changed, err));
	if (changed)
		proof->fields = fields;
	return ED_OK;
}

ed_status ed_guard_verdict(struct ed_verdict *verdict, struct ed_arena *arena, struct ed_error *err)
{
	const unsigned char key[ED_REDACT_KEY_BYTES] = { 0 }; /* secrets have no pseudonyms */
	struct guard g = { .arena = arena };
	struct ed_proof *proofs;
	ed_status status;

	if (!verdict->evidence_count)
		return ED_OK;
	proofs = ed_arena_calloc(arena, verdict->evidence_count, sizeof(*proofs));
	if (!proofs)
		return ed_fail(err, ED_NOMEM, "out of memory for the evidence");
	memcpy(proofs, verdict->evidence, verdict->evidence_count * sizeof(*proofs));
	ed_buf_init(&g.scratch, ED_LIMIT_EVENT_BYTES);
	status = ed_redactor_new(ED_REDACT_NONE, key, &g.redactor, err);
	for (size_t i = 0; i < verdict->evidence_count && status == ED_OK; i++) {
		if (proofs[i].field_count)
			status = proof_guard(&g, &proofs[i], err);
	}
	ed_redactor_free(g.redactor);
	ed_buf_release(&g.scratch);
	if (status == ED_OK)
		verdict->evidence = proofs;
	return status;
}

/* All text of @verdict that comes from the evidence, as one document. */
static void shown_write(const struct ed_verdict *verdict, struct ed_arena *arena,
			struct ed_buf *out)
{
	struct ed_json_writer w;

	ed_json_writer_init(&w, out, 0);
	ed_json_begin_object(&w, NULL);
	ed_json_put_str(&w, "source", verdict->source);
	ed_json_begin_array(&w, "evidence");
	for (size_t i = 0; i < verdict->evidence_count; i++) {
		const struct ed_proof *proof = &verdict->evidence[i];

		ed_json_begin_object(&w, NULL);
		/* a channel's name is Windows' own */
		ed_json_put_str(&w, "source", proof->provider.p ? ED_STR("") : proof->source);
		for (size_t j = 0; j < proof->field_count; j++) {
			struct ed_str name = ed_arena_str(arena, proof->fields[j].name);

			ed_json_put_str(&w, name.p ? name.p : "", proof->fields[j].value);
		}
		ed_json_end_object(&w);
	}
	ed_json_end_array(&w);
	ed_json_begin_array(&w, "coverage");
	for (size_t i = 0; i < verdict->coverage_count; i++)
		ed_json_put_str(&w, NULL,
				verdict->coverage[i].is_channel ? ED_STR("")
								: verdict->coverage[i].source);
	ed_json_end_array(&w);
	ed_json_end_object(&w);
}

static struct ed_str shown_text(const struct ed_json *value, struct ed_arena *arena)
{
	struct ed_str text = ed_json_string(value);

	return text.p ? ed_arena_str(arena, text) : text;
}

/* The reverse of shown_write: every text has its place. */
static ed_status shown_read(const struct ed_json *root, struct ed_verdict *verdict,
			    struct ed_arena *arena, struct ed_error *err)
{
	const struct ed_json *shown = ed_json_get(root, "evidence");
	const struct ed_json *sources = ed_json_get(root, "coverage");
	struct ed_proof *proofs = ed_arena_calloc(arena, verdict->evidence_count, sizeof(*proofs));
	struct ed_coverage *rows = ed_arena_calloc(arena, verdict->coverage_count, sizeof(*rows));

	if (!proofs || !rows)
		return ed_fail(err, ED_NOMEM, "out of memory for the evidence");
	for (size_t i = 0; i < verdict->evidence_count; i++) {
		const struct ed_json *one = ed_json_at(shown, i, NULL);
		struct ed_field *fields =
			ed_arena_calloc(arena, verdict->evidence[i].field_count, sizeof(*fields));

		if (!fields)
			return ed_fail(err, ED_NOMEM, "out of memory for the evidence");
		proofs[i] = verdict->evidence[i];
		if (!proofs[i].provider.p)
			proofs[i].source = shown_text(ed_json_at(one, 0, NULL), arena);
		for (size_t j = 0; j < proofs[i].field_count; j++)
			fields[j] = (struct ed_field){ proofs[i].fields[j].name,
						       shown_text(ed_json_at(one, j + 1, NULL),
								  arena) };
		proofs[i].fields = fields;
	}
	for (size_t i = 0; i < verdict->coverage_count; i++) {
		rows[i] = verdict->coverage[i];
		if (!rows[i].is_channel)
			rows[i].source = shown_text(ed_json_at(sources, i, NULL), arena);
	}
	verdict->source = shown_text(ed_json_get(root, "source"), arena);
	verdict->evidence = proofs;
	verdict->coverage = rows;
	return ED_OK;
}

/* Names of computers stand in the events' heads only. */
static ed_status computers_know(struct ed_redactor *redactor, const struct ed_evidence *evidence,
				struct ed_error *err)
{
	struct ed_str last = { NULL, 0 };

	for (size_t i = 0; i < evidence->event_count; i++) {
		struct ed_str computer = evidence->events[i].event.computer;

		if (!computer.len || (last.p && ed_str_eq(computer, last)))
			continue;
		ED_TRY(ed_redactor_know(redactor, ED_REDACT_DEVICE, computer, err));
		last = computer;
	}
	return ED_OK;
}

static ed_status names_redact(const struct ed_evidence *evidence, enum ed_redact_level level,
			      struct ed_str shown, struct ed_buf *out, struct ed_error *err)
{
	unsigned char key[ED_REDACT_KEY_BYTES];
	struct ed_redactor *redactor = NULL;
	ed_status status;

	ED_TRY(ed_sha256(shown, key, err));
	status = ed_redactor_new(level, key, &redactor, err);
	if (status == ED_OK)
		status = computers_know(redactor, evidence, err);
	if (status == ED_OK)
		status = ed_redactor_learn(redactor, ED_FORM_JSON, shown, err);
	if (status == ED_OK)
		status = ed_redact(redactor, ED_FORM_JSON, shown, out, NULL, err);
	ed_redactor_free(redactor);
	return status;
}

ed_status ed_guard_names(struct ed_verdict *verdict, const struct ed_evidence *evidence,
			 enum ed_redact_level level, struct ed_arena *arena, struct ed_error *err)
{
	struct ed_json *root = NULL;
	struct ed_buf shown, clean;
	ed_status status;

	ed_buf_init(&shown, ED_LIMIT_JSON);
	ed_buf_init(&clean, ED_LIMIT_JSON);
	shown_write(verdict, arena, &shown);
	status = shown.status == ED_OK
			 ? names_redact(evidence, level, ed_buf_str(&shown), &clean, err)
			 : ed_fail(err, shown.status, "cannot hold what is shown of the evidence");
	if (status == ED_OK)
		status = ed_json_parse(ed_buf_str(&clean), &root, err);
	if (status == ED_OK)
		status = shown_read(root, verdict, arena, err);
	ed_json_free(root);
	ed_buf_release(&shown);
	ed_buf_release(&clean);
	return status;
}

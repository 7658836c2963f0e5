/* SPDX-License-Identifier: MIT */
/* Secrets of foreign evidence stay out of what is shown. */
#include "guard.h"

#include "espdiag/base/limits.h"
#include "espdiag/redact/redact.h"

#include <string.h>

/* @field without its secrets; *changed is set when there were any. */
static ed_status field_guard(struct ed_field *field, struct ed_arena *arena, struct ed_buf *scratch,
			     bool *changed, struct ed_error *err)
{
	ed_buf_clear(scratch);
	if (!field->value.len || !ed_redact_secrets(field->value, scratch))
		return ED_OK;
	*changed = true;
	field->value = scratch->p ? ed_arena_str(arena, ed_buf_str(scratch)) : ED_STR("");
	if (scratch->status != ED_OK || !field->value.p)
		return ed_fail(err, ED_NOMEM, "out of memory for the evidence");
	return ED_OK;
}

static ed_status proof_guard(struct ed_proof *proof, struct ed_arena *arena, struct ed_buf *scratch,
			     struct ed_error *err)
{
	struct ed_field *fields = ed_arena_calloc(arena, proof->field_count, sizeof(*fields));
	bool changed = false;

	if (!fields)
		return ed_fail(err, ED_NOMEM, "out of memory for the evidence");
	memcpy(fields, proof->fields, proof->field_count * sizeof(*fields));
	for (size_t i = 0; i < proof->field_count; i++)
		ED_TRY(field_guard(&fields[i], arena, scratch, &changed, err));
	if (changed)
		proof->fields = fields;
	return ED_OK;
}

ed_status ed_guard_verdict(struct ed_verdict *verdict, struct ed_arena *arena, struct ed_error *err)
{
	struct ed_proof *proofs;
	struct ed_buf scratch;
	ed_status status = ED_OK;

	if (!verdict->evidence_count)
		return ED_OK;
	proofs = ed_arena_calloc(arena, verdict->evidence_count, sizeof(*proofs));
	if (!proofs)
		return ed_fail(err, ED_NOMEM, "out of memory for the evidence");
	memcpy(proofs, verdict->evidence, verdict->evidence_count * sizeof(*proofs));
	ed_buf_init(&scratch, ED_LIMIT_EVENT_BYTES);
	for (size_t i = 0; i < verdict->evidence_count && status == ED_OK; i++) {
		if (proofs[i].field_count)
			status = proof_guard(&proofs[i], arena, &scratch, err);
	}
	ed_buf_release(&scratch);
	if (status == ED_OK)
		verdict->evidence = proofs;
	return status;
}

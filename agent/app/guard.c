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

/* ---- texts in which words of the evidence may stand, apart from cited fields ---- */

struct texts {
	bool channels; /* their names too */
	struct ed_arena *arena;
	void *context;
	ed_status (*each)(void *context, struct ed_str *text, struct ed_error *err);
};

/* The array at @items as one that may be changed. */
static ed_status own(struct texts *t, const void *items, size_t count, size_t size, void **out,
		     struct ed_error *err)
{
	*out = ed_arena_calloc(t->arena, count, size);
	if (!*out)
		return ed_fail(err, ED_NOMEM, "out of memory for the verdict");
	if (count)
		memcpy(*out, items, count * size);
	return ED_OK;
}

#define OWN(t, items, count, out, err) own(t, items, count, sizeof(*(out)), (void **)&(out), err)

static ed_status text_each(struct texts *t, struct ed_str *text, struct ed_error *err)
{
	return text->len ? t->each(t->context, text, err) : ED_OK;
}

static ed_status list_each(struct texts *t, struct ed_str_list *list, struct ed_error *err)
{
	struct ed_str *items;

	ED_TRY(OWN(t, list->items, list->count, items, err));
	for (size_t i = 0; i < list->count; i++)
		ED_TRY(text_each(t, &items[i], err));
	list->items = items;
	return ED_OK;
}

static ed_status reasons_each(struct texts *t, struct ed_verdict *v, struct ed_error *err)
{
	struct ed_link *chain;
	struct ed_finding *findings;
	struct ed_action *actions;
	struct ed_ruled_out *ruled_out;

	ED_TRY(OWN(t, v->chain, v->chain_count, chain, err));
	for (size_t i = 0; i < v->chain_count; i++)
		ED_TRY(text_each(t, &chain[i].claim, err));
	ED_TRY(OWN(t, v->findings, v->finding_count, findings, err));
	for (size_t i = 0; i < v->finding_count; i++) {
		ED_TRY(text_each(t, &findings[i].title, err));
		ED_TRY(text_each(t, &findings[i].because, err));
	}
	ED_TRY(OWN(t, v->actions, v->action_count, actions, err));
	for (size_t i = 0; i < v->action_count; i++)
		ED_TRY(list_each(t, &actions[i].steps, err));
	ED_TRY(OWN(t, v->ruled_out, v->ruled_out_count, ruled_out, err));
	for (size_t i = 0; i < v->ruled_out_count; i++)
		ED_TRY(text_each(t, &ruled_out[i].because, err));
	v->chain = chain;
	v->findings = findings;
	v->actions = actions;
	v->ruled_out = ruled_out;
	return ED_OK;
}

/* Names of fields: of values of a key, of data of an event. */
static ed_status names_each(struct texts *t, struct ed_proof *proof, struct ed_error *err)
{
	struct ed_field *fields = NULL;

	for (size_t i = 0; i < proof->field_count; i++) {
		struct ed_str name = proof->fields[i].name;

		ED_TRY(text_each(t, &name, err));
		if (name.p == proof->fields[i].name.p)
			continue;
		if (!fields)
			ED_TRY(OWN(t, proof->fields, proof->field_count, fields, err));
		fields[i].name = name;
		proof->fields = fields;
	}
	return ED_OK;
}

/* Files and keys have names that somebody gave them; channels, mostly, their own. */
static ed_status sources_each(struct texts *t, struct ed_verdict *v, struct ed_error *err)
{
	struct ed_proof *proofs;
	struct ed_coverage *rows;

	ED_TRY(OWN(t, v->evidence, v->evidence_count, proofs, err));
	for (size_t i = 0; i < v->evidence_count; i++) {
		if (t->channels || !proofs[i].provider.p)
			ED_TRY(text_each(t, &proofs[i].source, err));
		ED_TRY(names_each(t, &proofs[i], err));
	}
	ED_TRY(OWN(t, v->coverage, v->coverage_count, rows, err));
	for (size_t i = 0; i < v->coverage_count; i++) {
		if (t->channels || !rows[i].is_channel)
			ED_TRY(text_each(t, &rows[i].source, err));
		ED_TRY(text_each(t, &rows[i].why, err));
	}
	v->evidence = proofs;
	v->coverage = rows;
	return text_each(t, &v->source, err);
}

static ed_status facts_each(struct texts *t, struct ed_verdict *v, struct ed_error *err)
{
	struct ed_esp_app *apps;
	struct ed_product *products;
	struct ed_boot *boots;
	struct ed_mark *marks;

	ED_TRY(OWN(t, v->esp.apps, v->esp.app_count, apps, err));
	for (size_t i = 0; i < v->esp.app_count; i++)
		ED_TRY(text_each(t, &apps[i].name, err));
	ED_TRY(OWN(t, v->store.products, v->store.product_count, products, err));
	for (size_t i = 0; i < v->store.product_count; i++) {
		ED_TRY(text_each(t, &products[i].id, err));
		ED_TRY(text_each(t, &products[i].family, err));
	}
	ED_TRY(OWN(t, v->boots, v->boot_count, boots, err));
	for (size_t i = 0; i < v->boot_count; i++)
		ED_TRY(text_each(t, &boots[i].requested_by, err));
	ED_TRY(OWN(t, v->timeline.marks, v->timeline.count, marks, err));
	for (size_t i = 0; i < v->timeline.count; i++)
		ED_TRY(text_each(t, &marks[i].label, err));
	v->esp.apps = apps;
	v->store.products = products;
	v->boots = boots;
	v->timeline.marks = marks;
	ED_TRY(text_each(t, &v->sign_in.client_id, err));
	ED_TRY(text_each(t, &v->sign_in.resource_id, err));
	return list_each(t, &v->sign_in.correlation_ids, err);
}

/* Each text of @v once, in the same order every time. */
static ed_status texts_each(struct texts *t, struct ed_verdict *v, struct ed_error *err)
{
	ED_TRY(text_each(t, &v->summary, err));
	ED_TRY(reasons_each(t, v, err));
	ED_TRY(sources_each(t, v, err));
	return facts_each(t, v, err);
}

/* ---- secrets ---- */

static ed_status text_guard(void *context, struct ed_str *text, struct ed_error *err)
{
	const struct ed_event_head none = { .provider = ED_STR("") };
	struct guard *g = context;
	struct ed_field field = { { NULL, 0 }, *text };
	bool changed = false;

	ED_TRY(field_guard(g, &none, &field, &changed, err));
	*text = field.value;
	return ED_OK;
}

static ed_status proofs_guard(struct guard *g, struct ed_verdict *verdict, struct ed_error *err)
{
	struct ed_proof *proofs =
		ed_arena_calloc(g->arena, verdict->evidence_count, sizeof(*proofs));

	if (!proofs)
		return ed_fail(err, ED_NOMEM, "out of memory for the evidence");
	if (verdict->evidence_count)
		memcpy(proofs, verdict->evidence, verdict->evidence_count * sizeof(*proofs));
	for (size_t i = 0; i < verdict->evidence_count; i++)
		if (proofs[i].field_count)
			ED_TRY(proof_guard(g, &proofs[i], err));
	verdict->evidence = proofs;
	return ED_OK;
}

ed_status ed_guard_verdict(struct ed_verdict *verdict, struct ed_arena *arena, struct ed_error *err)
{
	const unsigned char key[ED_REDACT_KEY_BYTES] = { 0 }; /* secrets have no pseudonyms */
	struct guard g = { .arena = arena };
	struct texts texts = { true, arena, &g, text_guard };
	struct ed_verdict clean = *verdict;
	ed_status status;

	ed_buf_init(&g.scratch, ED_LIMIT_EVENT_BYTES);
	status = ed_redactor_new(ED_REDACT_NONE, key, &g.redactor, err);
	if (status == ED_OK)
		status = proofs_guard(&g, &clean, err);
	if (status == ED_OK)
		status = texts_each(&texts, &clean, err);
	ed_redactor_free(g.redactor);
	ed_buf_release(&g.scratch);
	if (status == ED_OK)
		*verdict = clean;
	return status;
}

/* ---- names ---- */

/* The cited fields of @verdict as rows of one document: two of them may have one name. */
static void fields_write(const struct ed_verdict *verdict, struct ed_buf *out)
{
	struct ed_json_writer w;

	ed_json_writer_init(&w, out, 0);
	ed_json_begin_array(&w, NULL);
	for (size_t i = 0; i < verdict->evidence_count; i++) {
		const struct ed_proof *proof = &verdict->evidence[i];

		ed_json_begin_array(&w, NULL);
		for (size_t j = 0; j < proof->field_count; j++) {
			ed_json_begin_object(&w, NULL);
			ed_json_put_str(&w, "name", proof->fields[j].name);
			ed_json_put_str(&w, "value", proof->fields[j].value);
			ed_json_end_object(&w);
		}
		ed_json_end_array(&w);
	}
	ed_json_end_array(&w);
}

static struct ed_str shown_text(const struct ed_json *value, struct ed_arena *arena)
{
	struct ed_str text = ed_json_string(value);

	return text.p ? ed_arena_str(arena, text) : text;
}

/* The reverse of fields_write: every text has its place. */
static ed_status fields_read(const struct ed_json *shown, struct ed_verdict *verdict,
			     struct ed_arena *arena, struct ed_error *err)
{
	struct ed_proof *proofs = ed_arena_calloc(arena, verdict->evidence_count, sizeof(*proofs));

	if (!proofs)
		return ed_fail(err, ED_NOMEM, "out of memory for the evidence");
	for (size_t i = 0; i < verdict->evidence_count; i++) {
		const struct ed_json *one = ed_json_at(shown, i, NULL);
		struct ed_field *fields =
			ed_arena_calloc(arena, verdict->evidence[i].field_count, sizeof(*fields));

		if (!fields)
			return ed_fail(err, ED_NOMEM, "out of memory for the evidence");
		proofs[i] = verdict->evidence[i];
		for (size_t j = 0; j < proofs[i].field_count; j++)
			fields[j] = (struct ed_field){
				proofs[i].fields[j].name,
				shown_text(ed_json_get(ed_json_at(one, j, NULL), "value"), arena)
			};
		proofs[i].fields = fields;
	}
	verdict->evidence = proofs;
	return ED_OK;
}

/* The texts, written into an array and read out of it again. */
struct listed {
	struct ed_arena *arena;
	struct ed_json_writer w;
	const struct ed_json *list;
	size_t next;
};

static ed_status text_write(void *context, struct ed_str *text, struct ed_error *err)
{
	struct listed *l = context;

	(void)err;
	ed_json_put_str(&l->w, NULL, *text);
	return ED_OK;
}

static ed_status text_read(void *context, struct ed_str *text, struct ed_error *err)
{
	struct listed *l = context;

	*text = shown_text(ed_json_at(l->list, l->next++, NULL), l->arena);
	return text->p ? ED_OK : ed_fail(err, ED_NOMEM, "out of memory for the verdict");
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

static ed_status texts_write(struct ed_verdict *verdict, struct ed_arena *arena, struct ed_buf *out,
			     struct ed_error *err)
{
	struct listed l = { .arena = arena };
	struct texts texts = { false, arena, &l, text_write };
	struct ed_verdict copy = *verdict;

	ed_json_writer_init(&l.w, out, 0);
	ed_json_begin_array(&l.w, NULL);
	ED_TRY(texts_each(&texts, &copy, err));
	ed_json_end_array(&l.w);
	return ED_OK;
}

/* The text itself is the key: whoever gets it redacted does not have it. */
static ed_status key_make(struct ed_str fields, struct ed_str texts,
			  unsigned char key[ED_REDACT_KEY_BYTES], struct ed_error *err)
{
	struct ed_sha256 *sha;
	ed_status status, end;

	ED_TRY(ed_sha256_begin(&sha, err));
	status = ed_sha256_add(sha, fields, err);
	if (status == ED_OK)
		status = ed_sha256_add(sha, texts, err);
	end = ed_sha256_end(sha, status == ED_OK ? key : NULL, err);
	return status == ED_OK ? end : status;
}

/* One redactor for both: the same name is the same everywhere. */
static ed_status names_redact(const struct ed_evidence *evidence, enum ed_redact_level level,
			      struct ed_str fields, struct ed_str texts, struct ed_buf *fields_out,
			      struct ed_buf *texts_out, struct ed_error *err)
{
	unsigned char key[ED_REDACT_KEY_BYTES];
	struct ed_redactor *redactor = NULL;
	ed_status status;

	ED_TRY(key_make(fields, texts, key, err));
	status = ed_redactor_new(level, key, &redactor, err);
	if (status == ED_OK)
		status = computers_know(redactor, evidence, err);
	if (status == ED_OK)
		status = ed_redactor_learn(redactor, ED_FORM_STATE, fields, err);
	if (status == ED_OK)
		status = ed_redact(redactor, ED_FORM_STATE, fields, fields_out, NULL, err);
	/* our own sentences: names in them go, words stay at every level */
	if (status == ED_OK)
		status = ed_redact(redactor, ED_FORM_RUN, texts, texts_out, NULL, err);
	ed_redactor_free(redactor);
	return status;
}

static ed_status names_read(struct ed_str fields, struct ed_str texts, struct ed_verdict *verdict,
			    struct ed_arena *arena, struct ed_error *err)
{
	struct ed_json *root = NULL, *list = NULL;
	struct listed l = { .arena = arena };
	struct texts each = { false, arena, &l, text_read };
	struct ed_verdict clean = *verdict;
	ed_status status = ed_json_parse(fields, &root, err);

	if (status == ED_OK)
		status = fields_read(root, &clean, arena, err);
	if (status == ED_OK)
		status = ed_json_parse(texts, &list, err);
	l.list = list;
	if (status == ED_OK)
		status = texts_each(&each, &clean, err);
	ed_json_free(root);
	ed_json_free(list);
	if (status == ED_OK)
		*verdict = clean;
	return status;
}

ed_status ed_guard_names(struct ed_verdict *verdict, const struct ed_evidence *evidence,
			 enum ed_redact_level level, struct ed_arena *arena, struct ed_error *err)
{
	struct ed_buf fields, texts, fields_clean, texts_clean;
	ed_status status;

	ed_buf_init(&fields, ED_LIMIT_JSON);
	ed_buf_init(&texts, ED_LIMIT_JSON);
	ed_buf_init(&fields_clean, ED_LIMIT_JSON);
	ed_buf_init(&texts_clean, ED_LIMIT_JSON);
	fields_write(verdict, &fields);
	status = texts_write(verdict, arena, &texts, err);
	if (status == ED_OK && fields.status != ED_OK)
		status = fields.status;
	if (status == ED_OK && texts.status != ED_OK)
		status = texts.status;
	if (status != ED_OK)
		ed_fail(err, status, "cannot hold what is shown of the evidence");
	if (status == ED_OK)
		status = names_redact(evidence, level, ed_buf_str(&fields), ed_buf_str(&texts),
				      &fields_clean, &texts_clean, err);
	if (status == ED_OK)
		status = names_read(ed_buf_str(&fields_clean), ed_buf_str(&texts_clean), verdict,
				    arena, err);
	ed_buf_release(&fields);
	ed_buf_release(&texts);
	ed_buf_release(&fields_clean);
	ed_buf_release(&texts_clean);
	return status;
}

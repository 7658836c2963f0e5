/* SPDX-License-Identifier: MIT */
/* The verdict as one JSON object: the keys of the schema, always all of them, in its order. */
#include "espdiag/report/report.h"

#include "espdiag/base/limits.h"
#include "espdiag/version.h"

#include "put_priv.h"

static void put_chain(struct ed_json_writer *w, const struct ed_verdict *v)
{
	ed_json_begin_array(w, "chain");
	for (size_t i = 0; i < v->chain_count; i++) {
		const struct ed_link *link = &v->chain[i];

		ed_json_begin_object(w, NULL);
		ed_json_put_str(w, "claim", link->claim);
		ed_json_put_time(w, "at", link->at);
		put_refs(w, "evidence", link->evidence);
		ed_json_end_object(w);
	}
	ed_json_end_array(w);
}

static void put_findings(struct ed_json_writer *w, const struct ed_verdict *v)
{
	ed_json_begin_array(w, "findings");
	for (size_t i = 0; i < v->finding_count; i++) {
		const struct ed_finding *f = &v->findings[i];

		ed_json_begin_object(w, NULL);
		ed_json_put_word(w, "id", f->id);
		ed_json_put_word(w, "severity", ed_severity_word(f->severity));
		ed_json_put_word(w, "certainty", ed_certainty_word(f->certainty));
		ed_json_put_str(w, "title", f->title);
		ed_json_put_str(w, "because", f->because);
		ed_json_put_word(w, "owner", ed_owner_word(f->owner));
		put_refs(w, "evidence", f->evidence);
		put_list(w, "missing", f->missing);
		ed_json_begin_array(w, "actions");
		for (size_t j = 0; j < f->action_count; j++)
			ed_json_put_word(w, NULL, f->actions[j]);
		ed_json_end_array(w);
		ed_json_end_object(w);
	}
	ed_json_end_array(w);
}

static void put_actions(struct ed_json_writer *w, const struct ed_verdict *v)
{
	ed_json_begin_array(w, "actions");
	for (size_t i = 0; i < v->action_count; i++) {
		const struct ed_action *a = &v->actions[i];

		ed_json_begin_object(w, NULL);
		ed_json_put_word(w, "id", a->id);
		ed_json_put_word(w, "owner", ed_owner_word(a->owner));
		ed_json_put_str(w, "title", a->title);
		put_list(w, "steps", a->steps);
		ed_json_put_str(w, "cost", a->cost);
		ed_json_put_str(w, "source", a->source);
		ed_json_end_object(w);
	}
	ed_json_end_array(w);
}

static void put_ruled_out(struct ed_json_writer *w, const struct ed_verdict *v)
{
	ed_json_begin_array(w, "ruled_out");
	for (size_t i = 0; i < v->ruled_out_count; i++) {
		const struct ed_ruled_out *r = &v->ruled_out[i];

		ed_json_begin_object(w, NULL);
		ed_json_put_word(w, "id", r->id);
		ed_json_put_str(w, "because", r->because);
		put_refs(w, "evidence", r->evidence);
		ed_json_end_object(w);
	}
	ed_json_end_array(w);
}

/* Data without a name are called Data, as their element is. */
static struct ed_str field_name(const struct ed_field *field)
{
	return field->name.len ? field->name : ED_STR("Data");
}

/* Length of the longest run of '#' in any name: one more cannot be part of a logged name. */
static size_t field_marks(const struct ed_proof *proof)
{
	size_t longest = 0;

	for (size_t i = 0; i < proof->field_count; i++) {
		struct ed_str name = field_name(&proof->fields[i]);
		size_t run = 0;

		for (size_t j = 0; j < name.len; j++) {
			run = name.p[j] == '#' ? run + 1 : 0;
			longest = run > longest ? run : longest;
		}
	}
	return longest;
}

/*
 * Object keys must differ, field names need not: the second "Data" becomes "Data#2". The mark is
 * longer than any in the names themselves, so that no made name meets a logged one.
 */
static void put_fields(struct ed_json_writer *w, const struct ed_proof *proof, struct ed_buf *key)
{
	size_t marks = field_marks(proof) + 1;

	ed_json_begin_object(w, "fields");
	for (size_t i = 0; i < proof->field_count; i++) {
		struct ed_str name = field_name(&proof->fields[i]);
		struct ed_str value = proof->fields[i].value;
		size_t same = 1;

		for (size_t j = 0; j < i; j++)
			same += ed_str_eq(field_name(&proof->fields[j]), name);
		ed_buf_clear(key);
		ed_buf_adds(key, name);
		for (size_t j = 0; j < marks && same > 1; j++)
			ed_buf_addc(key, '#');
		if (same > 1)
			ed_buf_printf(key, "%zu", same);
		if (key->status != ED_OK)
			w->out->status = key->status;
		ed_json_put_str(w, ed_buf_str(key).p, value);
	}
	ed_json_end_object(w);
}

static void put_evidence(struct ed_json_writer *w, const struct ed_verdict *v)
{
	struct ed_buf key;

	ed_buf_init(&key, ED_LIMIT_OUTPUT);
	ed_json_begin_array(w, "evidence");
	for (size_t i = 0; i < v->evidence_count; i++) {
		const struct ed_proof *proof = &v->evidence[i];

		ed_json_begin_object(w, NULL);
		put_ref(w, "ref", (uint32_t)i);
		ed_json_put_str(w, "source", proof->source);
		put_number(w, "record", proof->record);
		ed_json_put_time(w, "at", proof->at);
		ed_json_put_str(w, "provider", proof->provider);
		put_number(w, "event", proof->event);
		put_fields(w, proof, &key);
		ed_json_end_object(w);
	}
	ed_json_end_array(w);
	ed_buf_release(&key);
}

static void put_coverage(struct ed_json_writer *w, const struct ed_verdict *v)
{
	ed_json_begin_array(w, "coverage");
	for (size_t i = 0; i < v->coverage_count; i++) {
		const struct ed_coverage *row = &v->coverage[i];
		bool unseen = row->records == 0 &&
			      (row->state == ED_STATE_ABSENT || row->state == ED_STATE_DENIED);
		bool lost_known = row->lost <= INT64_MAX; /* ED_LOST_UNKNOWN is above */

		ed_json_begin_object(w, NULL);
		ed_json_put_str(w, "source", row->source);
		ed_json_put_word(w, "state", ed_state_word(row->state));
		put_number(w, "records", unseen ? ED_UNKNOWN : (int64_t)row->records);
		ed_json_put_time(w, "oldest", row->oldest);
		ed_json_put_time(w, "newest", row->newest);
		put_number(w, "lost", lost_known ? (int64_t)row->lost : ED_UNKNOWN);
		ed_json_put_str(w, "why", row->why);
		ed_json_end_object(w);
	}
	ed_json_end_array(w);
}

static void put_esp(struct ed_json_writer *w, const struct ed_esp *esp)
{
	ed_json_begin_object(w, "esp");
	ed_json_put_word(w, "phase", esp->phase_known ? ed_phase_word(esp->phase) : NULL);
	put_number(w, "timeout_minutes", esp->timeout_minutes);
	ed_json_put_time(w, "started_at", esp->started_at);
	ed_json_put_time(w, "deadline_at", esp->deadline_at);
	put_number(w, "minutes_left", esp->minutes_left);
	ed_json_begin_array(w, "apps");
	for (size_t i = 0; i < esp->app_count; i++) {
		const struct ed_esp_app *app = &esp->apps[i];

		ed_json_begin_object(w, NULL);
		ed_json_put_str(w, "name", app->name);
		ed_json_put_word(w, "kind", app->kind);
		ed_json_put_str(w, "state", app->state);
		ed_json_put_str(w, "error", app->error);
		ed_json_end_object(w);
	}
	ed_json_end_array(w);
	ed_json_end_object(w);
}

static void put_store(struct ed_json_writer *w, const struct ed_store *store)
{
	ed_json_begin_object(w, "store");
	put_number(w, "attempts", store->attempts);
	put_number(w, "failures", store->failures);
	ed_json_put_time(w, "first_at", store->first_at);
	ed_json_put_time(w, "last_at", store->last_at);
	put_number(w, "median_interval_seconds", store->median_interval_seconds);
	ed_json_put_time(w, "next_attempt_at", store->next_attempt_at);
	ed_json_begin_array(w, "products");
	for (size_t i = 0; i < store->product_count; i++) {
		const struct ed_product *product = &store->products[i];

		ed_json_begin_object(w, NULL);
		ed_json_put_str(w, "id", product->id);
		ed_json_put_str(w, "family", product->family);
		put_number(w, "attempts", product->attempts);
		ed_json_put_str(w, "last_error", product->last_error);
		put_tri(w, "installed", product->installed);
		ed_json_end_object(w);
	}
	ed_json_end_array(w);
	ed_json_end_object(w);
}

static void put_sign_in(struct ed_json_writer *w, const struct ed_sign_in *sign_in)
{
	ed_json_begin_object(w, "sign_in");
	put_number(w, "denials", sign_in->denials);
	ed_json_begin_object(w, "codes");
	for (size_t i = 0; i < sign_in->code_count; i++) {
		char code[16];

		snprintf(code, sizeof(code), "%u", (unsigned)sign_in->codes[i].code);
		put_number(w, code, sign_in->codes[i].count);
	}
	ed_json_end_object(w);
	ed_json_put_str(w, "client_id", sign_in->client_id);
	ed_json_put_str(w, "resource_id", sign_in->resource_id);
	put_list(w, "correlation_ids", sign_in->correlation_ids);
	ed_json_put_time(w, "first_at", sign_in->first_at);
	ed_json_put_time(w, "last_at", sign_in->last_at);
	ed_json_end_object(w);
}

static void put_live(struct ed_json_writer *w, const struct ed_volume_live *live)
{
	if (!live) {
		ed_json_put_null(w, "live");
		return;
	}
	ed_json_begin_object(w, "live");
	ed_json_put_str(w, "mount_point", live->mount_point);
	ed_json_put_word(w, "state", live->state);
	put_number(w, "protection_status", live->protection_status);
	put_number(w, "conversion_status", live->conversion_status);
	put_number(w, "percentage", live->percentage);
	ed_json_put_word(w, "method", live->method);
	if (live->protectors_known) {
		ed_json_begin_array(w, "protectors");
		for (size_t i = 0; i < live->protectors.count; i++)
			ed_json_put_str(w, NULL, live->protectors.items[i]);
		ed_json_end_array(w);
	} else {
		ed_json_put_null(w, "protectors");
	}
	put_number(w, "suspend_count", live->suspend_count);
	put_number(w, "shell_protection", live->shell_protection);
	ed_json_end_object(w);
}

static void put_bitlocker(struct ed_json_writer *w, const struct ed_bitlocker *bitlocker)
{
	ed_json_begin_object(w, "bitlocker");
	ed_json_put_time(w, "started_at", bitlocker->started_at);
	ed_json_put_time(w, "completed_at", bitlocker->completed_at);
	ed_json_put_time(w, "protected_at", bitlocker->protected_at);
	ed_json_put_time(w, "escrowed_at", bitlocker->escrowed_at);
	ed_json_put_str(w, "method", bitlocker->method);
	ed_json_put_word(w, "state", bitlocker->state);
	put_live(w, bitlocker->live);
	ed_json_end_object(w);
}

static void put_attestation(struct ed_json_writer *w, const struct ed_attestation *attestation)
{
	ed_json_begin_object(w, "attestation");
	ed_json_put_time(w, "last_boot_at", attestation->last_boot_at);
	ed_json_put_word(w, "last_boot_kind", ed_boot_kind_word(attestation->last_boot_kind));
	put_tri(w, "boot_measured_bitlocker", attestation->boot_measured_bitlocker);
	ed_json_put_time(w, "certificate_at", attestation->certificate_at);
	ed_json_put_str(w, "certificate_error", attestation->certificate_error);
	ed_json_put_word(w, "predicted_require_bitlocker",
			 attestation->predicted_require_bitlocker);
	ed_json_end_object(w);
}

static void put_boots(struct ed_json_writer *w, const struct ed_verdict *v)
{
	ed_json_begin_array(w, "boots");
	for (size_t i = 0; i < v->boot_count; i++) {
		ed_json_begin_object(w, NULL);
		ed_json_put_time(w, "at", v->boots[i].at);
		ed_json_put_word(w, "kind", ed_boot_kind_word(v->boots[i].kind));
		ed_json_put_str(w, "requested_by", v->boots[i].requested_by);
		ed_json_end_object(w);
	}
	ed_json_end_array(w);
}

void ed_report_json(const struct ed_verdict *v, const struct ed_report_options *options,
		    struct ed_buf *out)
{
	struct ed_json_writer writer, *w = &writer;

	ed_json_writer_init(w, out, options->one_line ? 0 : 2);
	ed_json_begin_object(w, NULL);
	ed_json_put_str(w, "schema", ED_STR("espdiag.verdict/1"));
	ed_json_begin_object(w, "tool");
	ed_json_put_str(w, "name", ED_STR("espdiag"));
	ed_json_put_str(w, "version", ED_STR(ED_VERSION));
	ed_json_end_object(w);
	ed_json_put_str(w, "source", v->source);
	ed_json_put_time(w, "evaluated_at", v->evaluated_at);
	ed_json_put_word(w, "outcome", ed_outcome_word(v->outcome));
	ed_json_put_word(w, "primary", v->primary);
	ed_json_put_word(w, "certainty", ed_certainty_word(v->certainty));
	ed_json_put_str(w, "summary", v->summary);
	put_chain(w, v);
	put_findings(w, v);
	put_actions(w, v);
	put_ruled_out(w, v);
	put_evidence(w, v);
	put_coverage(w, v);
	put_esp(w, &v->esp);
	put_store(w, &v->store);
	put_sign_in(w, &v->sign_in);
	put_bitlocker(w, &v->bitlocker);
	put_attestation(w, &v->attestation);
	put_boots(w, v);
	ed_json_end_object(w);
	ed_buf_addc(out, '\n');
}

/* SPDX-License-Identifier: MIT */
/* The comparison as one JSON object: the keys of its schema, always all of them, in its order. */
#include "espdiag/report/compare.h"

#include "espdiag/version.h"

#include "put_priv.h"

static void put_side(struct ed_json_writer *w, const char *name, const struct ed_verdict *v,
		     struct ed_str tag)
{
	ed_json_begin_object(w, name);
	ed_json_put_str(w, "source", v->source);
	ed_json_put_str(w, "device_tag", tag);
	ed_json_put_time(w, "evaluated_at", v->evaluated_at);
	ed_json_put_word(w, "outcome", ed_outcome_word(v->outcome));
	ed_json_put_word(w, "primary", v->primary);
	ed_json_put_word(w, "certainty", ed_certainty_word(v->certainty));
	ed_json_end_object(w);
}

static void put_advice(struct ed_json_writer *w, const struct ed_compared_advice *a)
{
	if (!a->id) {
		ed_json_put_null(w, "advice");
		return;
	}
	ed_json_begin_object(w, "advice");
	ed_json_put_word(w, "id", a->id);
	ed_json_put_str(w, "title", a->title);
	put_tri(w, "taken", a->taken);
	ed_json_put_time(w, "at", a->at);
	ed_json_put_str(w, "how", a->how);
	put_tri(w, "helped", a->helped);
	ed_json_end_object(w);
}

static void put_rows(struct ed_json_writer *w, const struct ed_comparison *c)
{
	ed_json_begin_array(w, "rows");
	for (size_t i = 0; i < c->row_count; i++) {
		const struct ed_compared_row *row = &c->rows[i];

		ed_json_begin_object(w, NULL);
		ed_json_put_word(w, "id", row->id);
		ed_json_put_word(w, "title", row->title);
		ed_json_put_str(w, "before", row->before);
		ed_json_put_str(w, "after", row->after);
		ed_json_put_word(w, "change", ed_change_word(row->change));
		ed_json_put_bool(w, "proves", row->proves);
		ed_json_end_object(w);
	}
	ed_json_end_array(w);
}

static void put_findings(struct ed_json_writer *w, const struct ed_comparison *c)
{
	ed_json_begin_array(w, "findings");
	for (size_t i = 0; i < c->finding_count; i++) {
		const struct ed_compared_finding *f = &c->findings[i];

		ed_json_begin_object(w, NULL);
		ed_json_put_word(w, "id", f->id);
		ed_json_put_str(w, "title", f->title);
		ed_json_put_word(w, "fate", ed_fate_word(f->fate));
		ed_json_put_word(w, "before",
				 f->fate == ED_FATE_NEW ? NULL : ed_certainty_word(f->before));
		ed_json_put_word(w, "after",
				 f->fate == ED_FATE_GONE ? NULL : ed_certainty_word(f->after));
		ed_json_end_object(w);
	}
	ed_json_end_array(w);
}

static void put_evidence(struct ed_json_writer *w, const struct ed_verdict *v, uint32_t ref)
{
	const struct ed_proof *proof = &v->evidence[ref];

	ed_json_begin_object(w, NULL);
	put_ref(w, "ref", ref);
	ed_json_put_str(w, "source", proof->source);
	put_number(w, "record", proof->record);
	ed_json_put_time(w, "at", proof->at);
	ed_json_put_str(w, "provider", proof->provider);
	put_number(w, "event", proof->event);
	ed_json_end_object(w);
}

static void put_proof(struct ed_json_writer *w, const struct ed_comparison *c)
{
	ed_json_begin_array(w, "proof");
	for (size_t i = 0; i < c->proof_count; i++) {
		const struct ed_compared_link *p = &c->proof[i];
		const struct ed_refs *refs = &p->link->evidence;

		ed_json_begin_object(w, NULL);
		ed_json_put_word(w, "side", p->of_after ? "after" : "before");
		ed_json_put_str(w, "claim", p->link->claim);
		ed_json_put_time(w, "at", p->link->at);
		ed_json_begin_array(w, "evidence");
		for (size_t j = 0; j < refs->count; j++)
			put_evidence(w, p->of_after ? c->after : c->before, refs->items[j]);
		ed_json_end_array(w);
		ed_json_end_object(w);
	}
	ed_json_end_array(w);
}

void ed_report_compare_json(const struct ed_comparison *c, const struct ed_compare_tags *tags,
			    struct ed_buf *out)
{
	struct ed_json_writer writer, *w = &writer;
	bool known = tags->before.p && tags->after.p;

	ed_json_writer_init(w, out, 2);
	ed_json_begin_object(w, NULL);
	ed_json_put_str(w, "schema", ED_STR("espdiag.comparison/1"));
	ed_json_begin_object(w, "tool");
	ed_json_put_str(w, "name", ED_STR("espdiag"));
	ed_json_put_str(w, "version", ED_STR(ED_VERSION));
	ed_json_end_object(w);
	put_tri(w, "same_device",
		!known                                 ? ED_TRI_UNKNOWN
		: ed_str_eq(tags->before, tags->after) ? ED_TRI_YES
						       : ED_TRI_NO);
	put_side(w, "before", c->before, tags->before);
	put_side(w, "after", c->after, tags->after);
	ed_json_put_word(w, "result", ed_compared_word(c->result));
	ed_json_put_word(w, "certainty", ed_certainty_word(c->certainty));
	ed_json_put_str(w, "summary", c->summary);
	put_advice(w, &c->advice);
	put_proof(w, c);
	put_rows(w, c);
	put_findings(w, c);
	ed_json_end_object(w);
	ed_buf_addc(out, '\n');
}

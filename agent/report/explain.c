/* SPDX-License-Identifier: MIT */
/* Explanations of ids as text and as JSON. */
#include "espdiag/report/explain.h"

#include "put_priv.h"
#include "wrap_priv.h"

/* Columns of the labels at the left. */
#define LABEL 10
#define JSON_INDENT 2

static void paragraph(struct ed_buf *out, const char *label, struct ed_str text)
{
	struct wrap w;

	if (!text.p)
		return;
	ed_buf_printf(out, "%-*s", LABEL, label);
	wrap_begin(&w, out, LABEL, LABEL, WRAP_NO_LIMIT);
	wrap_add(&w, text);
	wrap_end(&w);
}

/* A code by its numbers, for whoever has it from a log that writes decimal. */
static void kind_line(const struct ed_explanation *e, struct ed_buf *out)
{
	struct wrap w;

	ed_buf_printf(out, "%-*s", LABEL, "Kind");
	wrap_begin(&w, out, LABEL, LABEL, WRAP_NO_LIMIT);
	wrap_addz(&w, ed_explain_kind_word(e->kind));
	if (e->topic) {
		wrap_addz(&w, ", ");
		wrap_addz(&w, e->topic);
	}
	if (e->severity) {
		wrap_addz(&w, ", ");
		wrap_addz(&w, e->severity);
	}
	if (e->kind == ED_EXPLAIN_CODE) {
		wrap_addz(&w, "; in decimal ");
		wrap_add_number(&w, e->number);
		if (e->number > INT32_MAX) {
			wrap_addz(&w, " or ");
			wrap_add_number(&w, e->number - ((int64_t)1 << 32));
		}
	}
	wrap_end(&w);
}

static void list_lines(const struct ed_explanation *e, struct ed_buf *out)
{
	struct wrap w;

	if (e->actions.count) {
		ed_buf_printf(out, "%-*s", LABEL, "Actions");
		wrap_begin(&w, out, LABEL, LABEL, WRAP_NO_LIMIT);
		for (size_t i = 0; i < e->actions.count; i++) {
			wrap_addz(&w, i ? ", " : "");
			wrap_add(&w, e->actions.items[i]);
		}
		wrap_end(&w);
	}
	for (size_t i = 0; i < e->steps.count; i++) {
		ed_buf_printf(out, "%-*s%zu. ", LABEL - 3, i ? "" : "Steps", i + 1);
		wrap_begin(&w, out, LABEL, LABEL, WRAP_NO_LIMIT);
		wrap_add(&w, e->steps.items[i]);
		wrap_end(&w);
	}
}

static void explanation_text(const struct ed_explanation *e, struct ed_buf *out)
{
	struct wrap w;

	wrap_begin(&w, out, 0, LABEL, WRAP_NO_LIMIT);
	wrap_add(&w, e->id);
	if (e->name.p) {
		wrap_addz(&w, "  ");
		wrap_add(&w, e->name);
	}
	wrap_end(&w);
	kind_line(e, out);
	paragraph(out, "Channel", e->channel);
	paragraph(out, "Meaning", e->meaning);
	paragraph(out, "Owner", ed_str_from(e->owner));
	paragraph(out, "Next", e->next);
	list_lines(e, out);
	paragraph(out, "Cost", e->cost);
	paragraph(out, "Source", e->source);
}

void ed_report_explain_text(const struct ed_explanations *e, struct ed_buf *out)
{
	for (size_t i = 0; i < e->count; i++) {
		if (i)
			ed_buf_addc(out, '\n');
		explanation_text(&e->items[i], out);
	}
}

/* A code as the signed 32 bits that some logs write; ED_UNKNOWN for what is no code. */
static int64_t signed_number(const struct ed_explanation *e)
{
	if (e->kind != ED_EXPLAIN_CODE)
		return ED_UNKNOWN;
	return e->number > INT32_MAX ? e->number - ((int64_t)1 << 32) : e->number;
}

/* Every key always, null for what the thing has not. */
static void put_explanation(struct ed_json_writer *w, const struct ed_explanation *e)
{
	ed_json_begin_object(w, NULL);
	ed_json_put_word(w, "kind", ed_explain_kind_word(e->kind));
	ed_json_put_str(w, "id", e->id);
	ed_json_put_str(w, "name", e->name);
	put_number(w, "number", e->number);
	put_number(w, "signed", signed_number(e));
	ed_json_put_word(w, "topic", e->topic);
	ed_json_put_word(w, "severity", e->severity);
	ed_json_put_word(w, "owner", e->owner);
	ed_json_put_str(w, "channel", e->channel);
	ed_json_put_str(w, "meaning", e->meaning);
	ed_json_put_str(w, "next", e->next);
	put_list(w, "actions", e->actions);
	put_list(w, "steps", e->steps);
	ed_json_put_str(w, "cost", e->cost);
	ed_json_put_str(w, "source", e->source);
	ed_json_end_object(w);
}

void ed_report_explain_json(const struct ed_explanations *e, struct ed_str query, bool one_line,
			    struct ed_buf *out)
{
	struct ed_json_writer w;

	ed_json_writer_init(&w, out, one_line ? 0 : JSON_INDENT);
	ed_json_begin_object(&w, NULL);
	ed_json_put_str(&w, "schema", ED_STR("espdiag.explain/1"));
	ed_json_put_str(&w, "query", query);
	ed_json_begin_array(&w, "explanations");
	for (size_t i = 0; i < e->count; i++)
		put_explanation(&w, &e->items[i]);
	ed_json_end_array(&w);
	ed_json_end_object(&w);
	ed_buf_addc(out, '\n');
}

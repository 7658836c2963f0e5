/* SPDX-License-Identifier: MIT */
/*
 * Measured-boot logs without what identifies hardware: the facts that the reader of raw logs gives,
 * written as JSON, and read again as the same facts.
 */
#include "espdiag/collectors/state.h"

#include "espdiag/base/limits.h"
#include "espdiag/collectors/tcglog.h"
#include "espdiag/model/evidence.h"
#include "state_priv.h"

#define BOOTLOG_SCHEMA "espdiag.bootlog/1"

/* Writes what the reader of raw logs delivers, as it comes: first the log's own fact. */
struct recorder {
	struct ed_sink sink; /* first */
	struct ed_json_writer json;
	bool open; /* the array of records is */
	struct ed_gap gap;
	char why[200];
};

static struct recorder *from_sink(struct ed_sink *sink)
{
	return (struct recorder *)(void *)sink;
}

static bool record_want(struct ed_sink *sink, const struct ed_event_head *head)
{
	(void)sink;
	(void)head;
	return false;
}

static ed_status record_event(struct ed_sink *sink, const struct ed_event *event,
			      struct ed_error *err)
{
	(void)sink;
	(void)event;
	(void)err;
	return ED_OK;
}

static ed_status record_fact(struct ed_sink *sink, const struct ed_fact *fact, struct ed_error *err)
{
	struct recorder *r = from_sink(sink);
	struct ed_json_writer *w = &r->json;

	(void)err; /* a full buffer is told at the end */
	if (!r->open) {
		ed_json_put_str(w, "log", fact->text);
		ed_json_put_int(w, "events", (int64_t)fact->number);
		ed_json_begin_array(w, "records");
		r->open = true;
		return ED_OK;
	}
	ed_json_begin_object(w, NULL);
	ed_json_put_str(w, "name", fact->name);
	if (fact->has_number && fact->number <= INT64_MAX) {
		ed_json_put_int(w, "value", (int64_t)fact->number);
	} else {
		ed_json_put_str(w, "value", fact->text);
		if (fact->has_number)
			ed_json_put_bool(w, "number", true);
	}
	ed_json_end_object(w);
	return ED_OK;
}

static ed_status record_gap(struct ed_sink *sink, const struct ed_gap *gap, struct ed_error *err)
{
	struct recorder *r = from_sink(sink);

	(void)err;
	r->gap = *gap;
	snprintf(r->why, sizeof(r->why), "%.*s", ED_FMT(gap->why));
	r->gap.why = ed_str_from(r->why);
	return ED_OK;
}

static const struct ed_sink_ops recorder_ops = {
	.want = record_want,
	.event = record_event,
	.fact = record_fact,
	.gap = record_gap,
};

static void put_gap(struct ed_json_writer *w, const struct ed_gap *gap)
{
	if (!gap->lost)
		return;
	ed_json_begin_object(w, "gap");
	ed_json_put_word(w, "state", ed_state_word(gap->state));
	if (gap->lost == ED_LOST_UNKNOWN)
		ed_json_put_null(w, "lost");
	else
		ed_json_put_int(w, "lost", (int64_t)gap->lost);
	ed_json_put_str(w, "why", gap->why);
	ed_json_end_object(w);
}

ed_status ed_bootlog_write(struct ed_str name, struct ed_str log, struct ed_buf *out,
			   struct ed_error *err)
{
	struct recorder r = { .sink = { .ops = &recorder_ops } };
	struct ed_input input;
	struct ed_buf made;
	ed_status status;

	ed_buf_init(&made, ED_LIMIT_JSON);
	ed_input_from_memory(&input, name, log.p, log.len);
	ed_json_writer_init(&r.json, &made, 1);
	ed_json_begin_object(&r.json, NULL);
	ed_json_put_str(&r.json, "schema", ED_STR(BOOTLOG_SCHEMA));
	ed_json_put_str(&r.json, "name", name);
	status = ed_reader_tcglog.read(&input, &r.sink, err);
	if (status != ED_OK)
		goto out;
	ed_json_end_array(&r.json);
	put_gap(&r.json, &r.gap);
	ed_json_end_object(&r.json);
	ed_buf_addc(&made, '\n');
	if (made.status == ED_OK) {
		ed_buf_adds(out, ed_buf_str(&made));
		made.status = out->status;
	}
	if (made.status != ED_OK)
		status = ed_fail(err, made.status, "cannot hold the records of '%.*s'",
				 ED_FMT(name));
out:
	ed_buf_release(&made);
	return status;
}

static ed_status deliver(struct state_walk *w, struct ed_str name, struct ed_str text,
			 const uint64_t *number)
{
	struct ed_fact fact = { .kind = ED_FACT_BOOTLOG,
				.has_number = number != NULL,
				.path = ED_STR(""),
				.name = name,
				.text = text,
				.number = number ? *number : 0,
				.time = ED_TIME_NONE };

	return state_tell_fact(w, &fact);
}

/* *ok: @record is one. */
static ed_status record_walk(struct state_walk *w, const struct ed_json *record, bool *ok)
{
	const struct ed_json *value = ed_json_get(record, "value");
	struct ed_str name = ed_json_string(ed_json_get(record, "name"));
	struct ed_str text = ed_json_string(value);
	int64_t whole = ed_json_integer(value, -1);
	uint64_t number = (uint64_t)whole;
	char decimal[24];

	*ok = name.len && (text.p || whole >= 0);
	if (!*ok)
		return ED_OK;
	if (!text.p) {
		snprintf(decimal, sizeof(decimal), "%llu", (unsigned long long)number);
		return deliver(w, name, ed_str_from(decimal), &number);
	}
	if (!ed_json_bool(ed_json_get(record, "number"), false))
		return deliver(w, name, text, NULL);
	*ok = ed_number_parse(text, &number);
	return *ok ? deliver(w, name, text, &number) : ED_OK;
}

static ed_status gap_walk(struct state_walk *w, const struct ed_json *gap)
{
	struct ed_gap out = { .why = state_text(gap, "why") };
	int64_t lost = ed_json_integer(ed_json_get(gap, "lost"), -1);

	if (!gap)
		return ED_OK;
	out.lost = lost < 0 ? ED_LOST_UNKNOWN : (uint64_t)lost;
	if (!state_from_word(state_text(gap, "state"), &out.state))
		out.state = ED_STATE_DAMAGED;
	return state_tell_gap(w, &out);
}

static ed_status bootlog_walk(struct state_walk *w, const struct ed_json *root)
{
	const struct ed_json *records = ed_json_get(root, "records");
	int64_t events = ed_json_integer(ed_json_get(root, "events"), -1);
	uint64_t number = (uint64_t)events, lost = 0;

	if (events < 0 || ed_json_type(records) != ED_JSON_ARRAY)
		return ed_fail(w->err, ED_FORMAT, "without its number of events or its records");
	ED_TRY(deliver(w, ED_STR("Log"), state_text(root, "log"), &number));
	for (size_t i = 0; i < ed_json_count(records); i++) {
		bool ok;

		ED_TRY(record_walk(w, ed_json_at(records, i, NULL), &ok));
		lost += !ok;
	}
	ED_TRY(gap_walk(w, ed_json_get(root, "gap")));
	return state_tell_lost(w, lost, "records are");
}

static ed_status reader_read(const struct ed_input *input, struct ed_sink *sink,
			     struct ed_error *err)
{
	return state_read(input, BOOTLOG_SCHEMA, bootlog_walk, sink, err);
}

static int reader_probe(struct ed_str head, struct ed_str path)
{
	(void)path;
	return state_probe(head, BOOTLOG_SCHEMA);
}

const struct ed_reader ed_reader_bootlog = {
	.name = "bootlog",
	.probe = reader_probe,
	.read = reader_read,
};

/* SPDX-License-Identifier: MIT */
/* The run's own account: what the collection lacks, as gaps; what it says of itself, as facts. */
#include "espdiag/collectors/state.h"

#include "state_priv.h"

#define RUN_SCHEMA "espdiag.run/1"

/* A number, null when nobody knows, nothing when nothing is known to be lost. */
static uint64_t row_lost(const struct ed_json *row)
{
	const struct ed_json *lost = ed_json_get(row, "lost");
	int64_t count = ed_json_integer(lost, 0);

	if (ed_json_type(lost) == ED_JSON_NULL || count < 0)
		return ED_LOST_UNKNOWN;
	return (uint64_t)count;
}

static ed_status coverage_walk(struct state_walk *w, const struct ed_json *rows)
{
	uint64_t lost = 0;

	for (size_t i = 0; i < ed_json_count(rows); i++) {
		const struct ed_json *row = ed_json_at(rows, i, NULL);
		struct ed_str source = ed_json_string(ed_json_get(row, "source"));
		struct ed_gap gap = { .lost = row_lost(row), .why = state_text(row, "why") };

		if (!source.len || !state_from_word(state_text(row, "state"), &gap.state)) {
			lost++;
			continue;
		}
		if (ed_json_bool(ed_json_get(row, "channel"), false))
			gap.channel = source;
		else
			gap.subject = source;
		ED_TRY(state_tell_gap(w, &gap));
	}
	return state_tell_lost(w, lost, "rows of coverage are");
}

static ed_status run_walk(struct state_walk *w, const struct ed_json *root)
{
	for (size_t i = 0; i < ed_json_count(root); i++) {
		struct ed_fact fact = { .kind = ED_FACT_STATE,
					.path = ED_STR("run"),
					.time = ED_TIME_NONE };

		fact.text = ed_json_string(ed_json_at(root, i, &fact.name));
		if (fact.text.p)
			ED_TRY(state_tell_fact(w, &fact));
	}
	return coverage_walk(w, ed_json_get(root, "coverage"));
}

static ed_status reader_read(const struct ed_input *input, struct ed_sink *sink,
			     struct ed_error *err)
{
	return state_read(input, RUN_SCHEMA, run_walk, sink, err);
}

static int reader_probe(struct ed_str head, struct ed_str path)
{
	(void)path;
	return state_probe(head, RUN_SCHEMA);
}

const struct ed_reader ed_reader_run = {
	.name = "run",
	.probe = reader_probe,
	.read = reader_read,
};

/* SPDX-License-Identifier: MIT */
/* The sum of a fleet for a console and for programs. */
#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/json/json.h"
#include "espdiag/version.h"

#include "fleet_priv.h"
#include "wrap_priv.h"

#define ROWS_MOST 12   /* of one way to count; the hours are told whole */
#define BROKEN_MOST 10 /* told one by one */
#define BAR 16

static void put_paragraph(struct ed_buf *out, size_t indent, struct ed_str text)
{
	struct wrap w;

	ed_buf_printf(out, "%*s", (int)indent, "");
	wrap_begin(&w, out, indent, indent + 2, WRAP_NO_LIMIT);
	wrap_add(&w, text);
	wrap_end(&w);
}

static void put_kinds(const struct ed_fleet_sum *sum, struct ed_buf *out)
{
	bool any = false;
	struct wrap w;

	wrap_begin(&w, out, 0, 0, WRAP_NO_LIMIT);
	for (size_t i = 0; i < FLEET_KINDS; i++) {
		if (!sum->kinds[i])
			continue;
		wrap_addz(&w, any ? ", " : "");
		wrap_add_number(&w, (int64_t)sum->kinds[i]);
		wrap_addz(&w, " ");
		wrap_addz(&w, fleet_kind_word(i));
		any = true;
	}
	wrap_end(&w);
}

static void put_tally(const struct fleet_tally *t, uint64_t total, uint64_t most,
		      struct ed_buf *out)
{
	/* a count that is there is seen, however small */
	int bar = (int)((t->total * BAR + most - 1) / most);
	struct wrap w;

	ed_buf_printf(out, "%7llu %3llu %% %.*s%*s ", (unsigned long long)t->total,
		      (unsigned long long)((t->total * 100 + total / 2) / total), bar,
		      "################", BAR - bar, "");
	wrap_begin(&w, out, 31, 33, 2);
	wrap_add(&w, t->key);
	wrap_end(&w);
}

static void put_by(const struct ed_fleet_sum *sum, enum fleet_by by, struct ed_buf *out)
{
	const struct fleet_tally **order = fleet_order(sum, by);
	size_t count = sum->by[by].count, told = count;
	uint64_t most = 0, rest = 0;

	if (!order) {
		if (count && out->status == ED_OK)
			out->status = ED_NOMEM;
		return;
	}
	if (by != FLEET_BY_HOUR && count > ROWS_MOST)
		told = ROWS_MOST;
	for (size_t i = 0; i < count; i++) {
		most = order[i]->total > most ? order[i]->total : most;
		rest += i >= told ? order[i]->total : 0;
	}
	ed_buf_printf(out, "\n%s\n", fleet_by_title(by));
	for (size_t i = 0; i < told; i++)
		put_tally(order[i], sum->total, most, out);
	if (told < count)
		ed_buf_printf(out, "%7llu in %zu more\n", (unsigned long long)rest, count - told);
	ed_free(order);
}

static void put_broken(const struct ed_fleet_sum *sum, struct ed_buf *out)
{
	if (!sum->broken_total)
		return;
	ed_buf_printf(out, "\nNot read, or not whole: %llu\n",
		      (unsigned long long)sum->broken_total);
	for (size_t i = 0; i < sum->broken_count && i < BROKEN_MOST; i++) {
		put_paragraph(out, 2, sum->broken[i].source);
		put_paragraph(out, 6, sum->broken[i].error);
	}
	if (sum->broken_total > BROKEN_MOST)
		ed_buf_printf(out, "  and %llu more: --format ndjson has a row for each\n",
			      (unsigned long long)(sum->broken_total - BROKEN_MOST));
}

void ed_fleet_sum_text(const struct ed_fleet_sum *sum, struct ed_buf *out)
{
	struct ed_buf line;

	ed_buf_init(&line, ED_LIMIT_JSON);
	fleet_headline(sum, &line);
	if (line.status != ED_OK && out->status == ED_OK)
		out->status = line.status;
	put_paragraph(out, 0, ed_buf_str(&line));
	ed_buf_release(&line);
	if (!sum->total)
		return;
	put_kinds(sum, out);
	for (size_t i = 0; i < FLEET_BY_COUNT; i++)
		put_by(sum, (enum fleet_by)i, out);
	put_broken(sum, out);
}

static void put_counts(struct ed_json_writer *w, const uint64_t kinds[FLEET_KINDS])
{
	for (size_t i = 0; i < FLEET_KINDS; i++)
		ed_json_put_int(w, fleet_kind_word(i), (int64_t)kinds[i]);
}

static void put_by_json(struct ed_json_writer *w, const struct ed_fleet_sum *sum, enum fleet_by by)
{
	const struct fleet_tally **order = fleet_order(sum, by);

	if (!order && sum->by[by].count && w->out->status == ED_OK)
		w->out->status = ED_NOMEM;
	ed_json_begin_array(w, fleet_by_id(by));
	for (size_t i = 0; order && i < sum->by[by].count; i++) {
		ed_json_begin_object(w, NULL);
		ed_json_put_str(w, "key", order[i]->key);
		ed_json_put_int(w, "count", (int64_t)order[i]->total);
		put_counts(w, order[i]->kinds);
		ed_json_end_object(w);
	}
	ed_json_end_array(w);
	ed_free(order);
}

void ed_fleet_sum_json(const struct ed_fleet_sum *sum, struct ed_buf *out)
{
	struct ed_json_writer writer, *w = &writer;

	ed_json_writer_init(w, out, 2);
	ed_json_begin_object(w, NULL);
	ed_json_put_str(w, "schema", ED_STR("espdiag.fleet/1"));
	ed_json_begin_object(w, "tool");
	ed_json_put_str(w, "name", ED_STR("espdiag"));
	ed_json_put_str(w, "version", ED_STR(ED_VERSION));
	ed_json_end_object(w);
	ed_json_put_int(w, "bundles", (int64_t)sum->total);
	ed_json_begin_object(w, "outcomes");
	put_counts(w, sum->kinds);
	ed_json_end_object(w);
	ed_json_begin_object(w, "by");
	for (size_t i = 0; i < FLEET_BY_COUNT; i++)
		put_by_json(w, sum, (enum fleet_by)i);
	ed_json_end_object(w);
	ed_json_put_int(w, "broken", (int64_t)sum->broken_total);
	ed_json_begin_array(w, "first_broken");
	for (size_t i = 0; i < sum->broken_count; i++) {
		ed_json_begin_object(w, NULL);
		ed_json_put_str(w, "source", sum->broken[i].source);
		ed_json_put_str(w, "error", sum->broken[i].error);
		ed_json_end_object(w);
	}
	ed_json_end_array(w);
	ed_json_end_object(w);
	ed_buf_addc(out, '\n');
}

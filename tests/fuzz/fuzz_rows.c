/* SPDX-License-Identifier: MIT */
/*
 * Lines that earlier runs wrote and this one reads again: rows of `fleet`, lines of the log of
 * `watch`. What is taken for one gives the same line again, and whatever rows there are sum up.
 */
#include "espdiag/base/limits.h"
#include "espdiag/json/json.h"
#include "espdiag/report/fleet.h"
#include "espdiag/report/watch.h"
#include "reader_fuzz.h"

#define RECORDS_MOST 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct records {
	struct ed_arena arena;
	struct ed_watch_record items[RECORDS_MOST];
	size_t count;
};

static void require_json(const struct ed_buf *text)
{
	struct ed_json *root = NULL;

	fuzz_require(text->status == ED_OK, "there is room");
	fuzz_require(ed_json_parse(ed_buf_str(text), &root, NULL) == ED_OK, "a line is JSON");
	ed_json_free(root);
}

static void read_row(struct ed_str line, struct ed_fleet_sum *sum)
{
	struct ed_fleet_row row, again;
	struct ed_buf text, same;
	struct ed_arena arena;
	struct ed_error err;
	ed_status status;

	ed_arena_init(&arena, 16 * ED_MIB);
	ed_buf_init(&text, 16 * ED_MIB);
	ed_buf_init(&same, 16 * ED_MIB);
	status = ed_fleet_row_parse(line, &arena, &row, &err);
	if (status == ED_OK) {
		ed_fleet_row_json(&row, &text);
		require_json(&text);
		fuzz_require(ed_fleet_row_parse(ed_buf_str(&text), &arena, &again, &err) == ED_OK,
			     "a row can be read back");
		ed_fleet_row_json(&again, &same);
		fuzz_require(ed_str_eq(ed_buf_str(&text), ed_buf_str(&same)), "the same row");
		ed_buf_clear(&same);
		ed_fleet_row_csv(&row, &same);
		fuzz_require(ed_utf8_valid(ed_buf_str(&same)) && same.len >= 2, "a row of text");
		fuzz_require(ed_fleet_sum_add(sum, &row, &err) == ED_OK, "rows sum up");
	} else {
		fuzz_require((status == ED_FORMAT || status == ED_LIMIT) && err.text[0],
			     "a reason why not");
	}
	ed_buf_release(&text);
	ed_buf_release(&same);
	ed_arena_release(&arena);
}

static void record_keep(void *context, struct ed_str channel, uint64_t record)
{
	struct records *r = context;

	fuzz_require(ed_utf8_valid(channel), "a channel is text");
	if (r->count == RECORDS_MOST)
		return;
	channel = ed_arena_str(&r->arena, channel);
	fuzz_require(channel.p != NULL, "memory");
	r->items[r->count++] = (struct ed_watch_record){ channel, record };
}

static void read_log(struct ed_str line)
{
	struct ed_watch_state state, again;
	struct records records = { .count = 0 };
	struct ed_buf text, same;
	int64_t at, later;

	ed_arena_init(&records.arena, ED_MIB);
	ed_buf_init(&text, ED_MIB);
	ed_buf_init(&same, ED_MIB);
	if (ed_watch_log_read(line, &state, &at, &records, record_keep)) {
		ed_watch_log_line(&state, at, records.items, records.count, &text);
		require_json(&text);
		fuzz_require(ed_watch_log_read(ed_buf_str(&text), &again, &later, NULL, NULL),
			     "a line can be read back");
		ed_watch_log_line(&again, later, records.items, records.count, &same);
		fuzz_require(ed_str_eq(ed_buf_str(&text), ed_buf_str(&same)), "the same line");
		fuzz_require(!ed_watch_verdict_differs(&state, &again), "the same verdict");
	}
	ed_buf_release(&text);
	ed_buf_release(&same);
	ed_arena_release(&records.arena);
}

static void sum_up(const struct ed_fleet_sum *sum)
{
	struct ed_buf out;

	ed_buf_init(&out, 64 * ED_MIB);
	ed_fleet_sum_json(sum, &out);
	require_json(&out);
	ed_buf_clear(&out);
	ed_fleet_sum_text(sum, &out);
	fuzz_require(out.status == ED_OK && ed_utf8_valid(ed_buf_str(&out)), "text for people");
	ed_buf_clear(&out);
	ed_fleet_sum_html(sum, &out);
	fuzz_require(out.status == ED_OK && ed_utf8_valid(ed_buf_str(&out)), "a page");
	fuzz_require(ed_str_ifind(ed_buf_str(&out), ED_STR("<script"), 0) == SIZE_MAX,
		     "a page without script");
	ed_buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ed_str rest = { (const char *)data, size }, line;
	struct ed_fleet_sum *sum;

	fuzz_require(ed_fleet_sum_new(&sum, NULL) == ED_OK, "memory");
	while (size && ed_str_line(&rest, &line)) {
		read_row(line, sum);
		read_log(line);
	}
	sum_up(sum);
	ed_fleet_sum_free(sum);
	return 0;
}

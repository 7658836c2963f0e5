/* SPDX-License-Identifier: MIT */
/*
 * The readers alone, without anything that is written or concluded:
 *   bench_read heads|values FILE...  .evtx: every record's head; every value as text as well
 *   bench_read exported FILE...      event XML: every value as text
 * Prints how many records, fields and bytes of values there were.
 */
#include <inttypes.h>

#include "espdiag/collectors/evtx.h"
#include "espdiag/collectors/evxml.h"
#include "espdiag/platform/file.h"

struct count_sink {
	struct ed_sink sink;
	bool heads_only;
	uint64_t records, fields, bytes, gaps;
};

static struct count_sink *from_sink(struct ed_sink *sink)
{
	return (struct count_sink *)(void *)sink;
}

static bool count_want(struct ed_sink *sink, const struct ed_event_head *head)
{
	from_sink(sink)->records += head != NULL;
	return !from_sink(sink)->heads_only;
}

static ed_status count_event(struct ed_sink *sink, const struct ed_event *event,
			     struct ed_error *err)
{
	struct count_sink *count = from_sink(sink);

	(void)err;
	count->fields += event->field_count;
	for (size_t i = 0; i < event->field_count; i++)
		count->bytes += event->fields[i].value.len;
	return ED_OK;
}

static ed_status count_fact(struct ed_sink *sink, const struct ed_fact *fact, struct ed_error *err)
{
	(void)sink;
	(void)fact;
	return ed_fail(err, ED_FORMAT, "a fact among events");
}

static ed_status count_gap(struct ed_sink *sink, const struct ed_gap *gap, struct ed_error *err)
{
	(void)gap;
	(void)err;
	from_sink(sink)->gaps++;
	return ED_OK;
}

static const struct ed_sink_ops count_ops = {
	.want = count_want,
	.event = count_event,
	.fact = count_fact,
	.gap = count_gap,
};

static ed_status file_read_at(const struct ed_input *input, uint64_t offset, void *out, size_t len,
			      size_t *got, struct ed_error *err)
{
	return ed_file_read_at(input->context, offset, out, len, got, err);
}

static ed_status read_one(struct ed_evtx_cache *cache, bool exported, const char *path,
			  struct count_sink *count, struct ed_error *err)
{
	struct ed_input input = { .path = ed_str_from(path), .read_at = file_read_at };
	struct ed_file *file = NULL;
	ed_status status;

	ED_TRY(ed_file_open(input.path, true, &file, err));
	input.size = ed_file_size(file);
	input.context = file;
	status = exported ? ed_reader_evxml.read(&input, &count->sink, err)
			  : ed_evtx_read(cache, &input, &count->sink, err);
	ed_file_close(file);
	return status;
}

int main(int argc, char **argv)
{
	struct count_sink count = { .sink = { .ops = &count_ops } };
	struct ed_evtx_cache *cache = NULL;
	struct ed_error err = { .status = ED_OK };
	bool exported = argc > 2 && strcmp(argv[1], "exported") == 0;

	if (argc < 3) {
		fprintf(stderr, "usage: bench_read heads|values|exported FILE...\n");
		return 2;
	}
	count.heads_only = strcmp(argv[1], "heads") == 0;
	if (ed_evtx_cache_new(&cache, &err) == ED_OK) {
		for (int i = 2; i < argc && err.status == ED_OK; i++)
			(void)read_one(cache, exported, argv[i], &count, &err);
	}
	ed_evtx_cache_free(cache);
	if (err.status != ED_OK) {
		fprintf(stderr, "bench_read: %s\n", err.text);
		return 1;
	}
	printf("%" PRIu64 " records, %" PRIu64 " fields, %" PRIu64 " bytes, %" PRIu64 " gaps\n",
	       count.records, count.fields, count.bytes, count.gaps);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Test tool: every record of .evtx files as one line of JSON, every gap as another, for compare.py.
 * With -n nothing is rendered and only the count is printed (for measuring the walk over heads);
 * with -q everything is rendered and only the count is printed.
 */
#include <inttypes.h>

#include "espdiag/collectors/evtx.h"

struct dump_sink {
	struct ed_sink sink;
	bool is_quiet, wants_none;
	uint64_t records, events;
};

static struct dump_sink *from_sink(struct ed_sink *sink)
{
	return (struct dump_sink *)(void *)sink;
}

static void put_string(struct ed_str s)
{
	if (!s.p) {
		fputs("null", stdout);
		return;
	}
	putchar('"');
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20)
			printf("\\u%04x", (unsigned)c);
		else
			putchar(c);
	}
	putchar('"');
}

static bool dump_want(struct ed_sink *sink, const struct ed_event_head *head)
{
	(void)head;
	from_sink(sink)->records++;
	return !from_sink(sink)->wants_none;
}

static ed_status dump_event(struct ed_sink *sink, const struct ed_event *event,
			    struct ed_error *err)
{
	const struct ed_event_head *head = &event->head;
	char time[ED_TIME_TEXT] = "";

	(void)err;
	from_sink(sink)->events++;
	if (from_sink(sink)->is_quiet)
		return ED_OK;
	if (head->time != ED_TIME_NONE)
		ed_time_format_full(head->time, time);
	fputs("{\"channel\":", stdout);
	put_string(head->channel);
	fputs(",\"provider\":", stdout);
	put_string(head->provider);
	printf(",\"id\":%" PRIu32 ",\"version\":%u,\"level\":%u,\"record\":%" PRIu64
	       ",\"time\":\"%s\",\"user\":",
	       head->id, (unsigned)head->version, (unsigned)head->level, head->record, time);
	put_string(event->user);
	fputs(",\"computer\":", stdout);
	put_string(event->computer);
	fputs(",\"fields\":[", stdout);
	for (size_t i = 0; i < event->field_count; i++) {
		fputs(i ? ",[" : "[", stdout);
		put_string(event->fields[i].name);
		putchar(',');
		put_string(event->fields[i].value);
		putchar(']');
	}
	puts("]}");
	return ED_OK;
}

static ed_status dump_fact(struct ed_sink *sink, const struct ed_fact *fact, struct ed_error *err)
{
	(void)sink;
	(void)fact;
	return ed_fail(err, ED_FORMAT, "a fact from an event log");
}

static ed_status dump_gap(struct ed_sink *sink, const struct ed_gap *gap, struct ed_error *err)
{
	(void)err;
	if (from_sink(sink)->is_quiet || from_sink(sink)->wants_none)
		return ED_OK;
	printf("{\"gap\":%d,\"lost\":", (int)gap->state);
	if (gap->lost == ED_LOST_UNKNOWN)
		fputs("null", stdout);
	else
		printf("%" PRIu64, gap->lost);
	fputs(",\"why\":", stdout);
	put_string(gap->why);
	puts("}");
	return ED_OK;
}

static const struct ed_sink_ops dump_ops = {
	.want = dump_want,
	.event = dump_event,
	.fact = dump_fact,
	.gap = dump_gap,
};

static ed_status file_read_at(const struct ed_input *input, uint64_t offset, void *out, size_t len,
			      size_t *got, struct ed_error *err)
{
	FILE *f = input->context;

	if (fseek(f, (long)offset, SEEK_SET) != 0)
		return ed_fail(err, ED_IO, "cannot seek");
	*got = fread(out, 1, len, f);
	return ED_OK;
}

static ed_status dump_file(struct ed_evtx_cache *cache, const char *path, struct dump_sink *sink,
			   struct ed_error *err)
{
	FILE *f = fopen(path, "rb");
	struct ed_input input = { .path = ed_str_from(path),
				  .context = f,
				  .read_at = file_read_at };
	ed_status status;
	long size;

	if (!f || fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) < 0) {
		if (f)
			fclose(f);
		return ed_fail(err, ED_IO, "cannot read '%s'", path);
	}
	/* one read a chunk, none beside it */
	setvbuf(f, NULL, _IONBF, 0);
	input.size = (uint64_t)size;
	status = ed_evtx_read(cache, &input, &sink->sink, err);
	fclose(f);
	return status;
}

int main(int argc, char **argv)
{
	struct dump_sink sink = { .sink = { .ops = &dump_ops } };
	struct ed_evtx_cache *cache = NULL;
	struct ed_error err = { .status = ED_OK };
	int i = 1;

	for (; i < argc && argv[i][0] == '-'; i++) {
		sink.wants_none |= strcmp(argv[i], "-n") == 0;
		sink.is_quiet |= strcmp(argv[i], "-q") == 0;
	}
	if (ed_evtx_cache_new(&cache, &err) != ED_OK) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	for (; i < argc && err.status == ED_OK; i++)
		(void)dump_file(cache, argv[i], &sink, &err);
	ed_evtx_cache_free(cache);
	if (err.status != ED_OK) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	if (sink.is_quiet || sink.wants_none)
		printf("%" PRIu64 " records, %" PRIu64 " rendered\n", sink.records, sink.events);
	return 0;
}

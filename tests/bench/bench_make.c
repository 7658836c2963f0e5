/* SPDX-License-Identifier: MIT */
/*
 * Makes the logs that are measured, the same bytes each time:
 *   bench_make FOLDER        all of them (some 130 MB)
 *   bench_make FOLDER small  those whose instructions are counted
 * and a table of facts about them, made.tsv: file, what, value.
 */
#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>

#include "bench_data.h"
#include "evtx_build.h"
#include "evxml_build.h"

#define SECURITY_RECORDS 62031u
#define SECURITY_CHUNKS 481u
#define MIXED_RECORDS 30000u
#define EXPORTED 16000u
#define SMALL_LOGS 900u
#define COUNTED 2048u
#define XML_LIMIT ((size_t)1 << 28)

/* What is asked of a log: ten ids in the middle half of its time, and a short moment of it. */
static const uint32_t wanted_ids[] = { 4624, 4625, 4648, 4688, 4697, 4720, 4768, 4769, 4776, 5061 };

struct window {
	const char *name;
	uint64_t from, to; /* record numbers, inclusive */
	bool only_ids;
	int64_t since, until;
	uint64_t matching;
};

struct made {
	const char *folder;
	FILE *table;
};

static void fail(const char *what, const char *subject)
{
	fprintf(stderr, "bench_make: %s '%s'\n", what, subject);
	exit(1);
}

static void write_file(const struct made *made, const char *name, struct ed_str bytes)
{
	char path[1024];
	FILE *f;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", made->folder, name) >= sizeof(path))
		fail("path too long", name);
	f = fopen(path, "wb");
	if (!f || fwrite(bytes.p, 1, bytes.len, f) != bytes.len || fclose(f) != 0)
		fail("cannot write", path);
	fprintf(made->table, "%s\tbytes\t%zu\n", name, bytes.len);
}

static void tell(const struct made *made, const char *name, const char *what, uint64_t value)
{
	fprintf(made->table, "%s\t%s\t%" PRIu64 "\n", name, what, value);
}

static void tell_time(const struct made *made, const char *name, const char *what, int64_t t)
{
	char text[ED_TIME_TEXT];

	ed_time_format_full(t, text);
	fprintf(made->table, "%s\t%s\t%s\n", name, what, text);
}

static bool is_wanted(uint32_t id)
{
	for (size_t i = 0; i < ED_COUNT(wanted_ids); i++) {
		if (wanted_ids[i] == id)
			return true;
	}
	return false;
}

/* Times never stand still here, so that the records of a window are one piece of the log. */
static void watch(struct window *w, const struct build_event *event)
{
	if (event->record < w->from || event->record > w->to)
		return;
	if (event->record == w->from)
		w->since = event->time;
	w->until = event->time;
	if (!w->only_ids || is_wanted(event->id))
		w->matching++;
}

static void tell_window(const struct made *made, const char *name, const struct window *w)
{
	char what[64];

	snprintf(what, sizeof(what), "%s-since", w->name);
	tell_time(made, name, what, w->since);
	snprintf(what, sizeof(what), "%s-until", w->name);
	tell_time(made, name, what, w->until);
	snprintf(what, sizeof(what), "%s-records", w->name);
	tell(made, name, what, w->matching);
}

/* A log of @records events; returns its chunks. */
static size_t make_log(const struct made *made, const char *name, struct bench_stream *s,
		       uint64_t records)
{
	struct window windows[] = {
		{ .name = "wide", .from = records / 4, .to = records / 4 * 3, .only_ids = true },
		{ .name = "sparse", .from = records / 2, .to = records / 2 + records / 500 },
	};
	struct evtx_build b;
	struct ed_str bytes;
	size_t chunks;

	evtx_build_init(&b);
	for (uint64_t i = 0; i < records; i++) {
		const struct build_event *event = bench_stream_next(s);

		if (!evtx_build_add(&b, event))
			fail("cannot build a record of", name);
		for (size_t w = 0; w < ED_COUNT(windows); w++)
			watch(&windows[w], event);
	}
	bytes = evtx_build_finish(&b);
	if (!bytes.p)
		fail("cannot build", name);
	chunks = b.chunk_count;
	write_file(made, name, bytes);
	tell(made, name, "records", records);
	tell(made, name, "chunks", chunks);
	tell(made, name, "kinds", s->kind_count);
	for (size_t w = 0; w < ED_COUNT(windows) && records >= COUNTED; w++)
		tell_window(made, name, &windows[w]);
	evtx_build_release(&b);
	return chunks;
}

static void make_export(const struct made *made, const char *name, uint64_t records)
{
	struct bench_stream *s = malloc(sizeof(*s));
	struct ed_buf out;

	if (!s)
		fail("out of memory at", name);
	bench_stream_security(s, 1);
	ed_buf_init(&out, XML_LIMIT);
	evxml_build_begin(&out);
	for (uint64_t i = 0; i < records; i++) {
		if (!evxml_build_event(&out, bench_stream_next(s)))
			fail("cannot build an event of", name);
	}
	evxml_build_end(&out);
	if (out.status != ED_OK)
		fail("cannot build", name);
	write_file(made, name, ed_buf_str(&out));
	tell(made, name, "records", records);
	ed_buf_release(&out);
	free(s);
}

static void make_folder(const char *path)
{
	if (mkdir(path, 0777) != 0 && errno != EEXIST)
		fail("cannot make", path);
}

/* Small logs as a device has hundreds of: one chunk, few records, a component of its own. */
static void make_small_logs(const struct made *made, const char *folder, unsigned count)
{
	struct bench_stream *s = malloc(sizeof(*s));
	char path[1024], name[64];
	uint64_t random = 3;

	if (!s)
		fail("out of memory at", folder);
	snprintf(path, sizeof(path), "%s/%s", made->folder, folder);
	make_folder(path);
	for (unsigned i = 0; i < count; i++) {
		bench_stream_mixed(s, 1000 + i, i, 1, 4);
		snprintf(name, sizeof(name), "%s/Contoso-Component-%03u%%4Operational.evtx", folder,
			 i);
		if (make_log(made, name, s, 4 + bench_random(&random, 60)) != 1)
			fail("more than one chunk in", name);
	}
	free(s);
}

static void make_counted(const struct made *made, struct bench_stream *s)
{
	bench_stream_security(s, 1);
	make_log(made, "security.evtx", s, COUNTED);
	bench_stream_mixed(s, 2, 0, 24, 16);
	make_log(made, "mixed.evtx", s, COUNTED);
	make_export(made, "security.xml", COUNTED / 8);
	make_small_logs(made, "small", 24);
}

static void make_all(const struct made *made, struct bench_stream *s)
{
	bench_stream_security(s, 1);
	if (make_log(made, "security.evtx", s, SECURITY_RECORDS) != SECURITY_CHUNKS)
		fail("not as many chunks as meant in", "security.evtx");
	/* what a peer reads that would take minutes over the whole */
	bench_stream_security(s, 1);
	make_log(made, "security-part.evtx", s, 512);
	bench_stream_mixed(s, 2, 0, 24, 16);
	make_log(made, "mixed.evtx", s, MIXED_RECORDS);
	make_export(made, "security.xml", EXPORTED);
	make_small_logs(made, "small", SMALL_LOGS);
}

int main(int argc, char **argv)
{
	struct bench_stream *s = malloc(sizeof(*s));
	struct made made = { .folder = argc > 1 ? argv[1] : NULL };
	bool small = argc == 3 && strcmp(argv[2], "small") == 0;
	char path[1024];

	if (!s || !made.folder || argc > 3 || (argc == 3 && !small)) {
		fprintf(stderr, "usage: bench_make FOLDER [small]\n");
		free(s);
		return 2;
	}
	make_folder(made.folder);
	snprintf(path, sizeof(path), "%s/made.tsv", made.folder);
	made.table = fopen(path, "wb");
	if (!made.table)
		fail("cannot write", path);
	for (size_t i = 0; i < ED_COUNT(wanted_ids); i++)
		tell(&made, "security.evtx", "id", wanted_ids[i]);
	if (small)
		make_counted(&made, s);
	else
		make_all(&made, s);
	free(s);
	return fclose(made.table) == 0 ? 0 : 1;
}

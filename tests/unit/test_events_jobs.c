/* SPDX-License-Identifier: MIT */
/*
 * A log printed by any number of threads is the same, byte for byte, as by one, and so is what is
 * told of it: whole logs, damaged ones, templates that only another chunk knows, outputs too long
 * to be held.
 */
#include "events_jobs.h"

#include <check.h>

#include "evtx_build.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/platform/file.h"

#define CHUNKS ((size_t)40)
#define LIMIT (512 * ED_MIB)

/* What was printed and told. */
struct printed {
	struct ed_sink sink; /* first */
	struct ed_buf out, all, told;
	struct ed_filter filter;
	struct ed_wanted wanted;
	struct ed_evtx_dump_stats stats;
	ed_status status;
};

static bool want(struct ed_sink *sink, const struct ed_event_head *head)
{
	(void)sink;
	(void)head;
	return true;
}

static ed_status event(struct ed_sink *sink, const struct ed_event *e, struct ed_error *err)
{
	(void)sink;
	(void)e;
	return ed_fail(err, ED_ARG, "an event for the sink");
}

static ed_status fact(struct ed_sink *sink, const struct ed_fact *f, struct ed_error *err)
{
	(void)sink;
	(void)f;
	(void)err;
	return ED_OK;
}

static ed_status gap(struct ed_sink *sink, const struct ed_gap *g, struct ed_error *err)
{
	struct printed *p = (struct printed *)(void *)sink;

	(void)err;
	ed_buf_printf(&p->told, "%d %llu %d %.*s %.*s\n", (int)g->state,
		      (unsigned long long)g->lost, (int)g->inner, ED_FMT(g->channel),
		      ED_FMT(g->why));
	return ED_OK;
}

static const struct ed_sink_ops ops = { want, event, fact, gap };

static ed_status keep(void *context, struct ed_buf *out, struct ed_error *err)
{
	struct printed *p = context;

	(void)err;
	ed_buf_adds(&p->all, ed_buf_str(out));
	ed_buf_clear(out);
	return p->all.status;
}

/* @jobs 0: by ed_evtx_dump_read. */
static void print(struct printed *p, uint32_t jobs, size_t held, enum ed_dump_form form,
		  const char *ids, struct ed_str bytes)
{
	struct ed_evtx_dump_options options = { .form = form,
						.filter = &p->filter,
						.wanted = &p->wanted,
						.out = &p->out,
						.flush = keep,
						.context = p };
	struct ed_evtx_dump *dump = NULL;
	struct ed_events_jobs *many = NULL;
	struct ed_error err = { .status = ED_OK };
	struct ed_input input;

	memset(p, 0, sizeof(*p));
	p->sink.ops = &ops;
	ed_filter_init(&p->filter);
	if (ids)
		ck_assert_int_eq(ed_filter_add_ids(&p->filter, ed_str_from(ids), &err), ED_OK);
	ed_buf_init(&p->out, 8 * ED_MIB);
	ed_buf_init(&p->all, LIMIT);
	ed_buf_init(&p->told, ED_MIB);
	ed_buf_addz(&p->out, "what was there before\n");
	ed_input_from_memory(&input, ED_STR("x"), bytes.p, bytes.len);
	if (jobs) {
		ck_assert_int_eq(
			ed_events_jobs_new(jobs, held, &options, form == ED_DUMP_XML, &many, &err),
			ED_OK);
		ck_assert(ed_events_jobs_suit(&input));
		p->status = ed_events_jobs_read(many, &input, &p->sink, &p->stats, &err);
	} else {
		ck_assert_int_eq(ed_evtx_dump_new(&dump, &options, &err), ED_OK);
		p->status = ed_evtx_dump_read(dump, &input, &p->sink, &err);
		p->stats = ed_evtx_dump_stats(dump);
	}
	ck_assert_int_eq(keep(p, &p->out, &err), ED_OK);
	ed_events_jobs_free(many);
	ed_evtx_dump_free(dump);
}

static void printed_release(struct printed *p)
{
	ed_buf_release(&p->out);
	ed_buf_release(&p->all);
	ed_buf_release(&p->told);
}

static void same_printed(const char *name, uint32_t jobs, const struct printed *one,
			 const struct printed *many)
{
	size_t at = 0;

	ck_assert_msg(one->status == many->status, "%s, %u jobs: %s, not %s", name, jobs,
		      ed_status_text(many->status), ed_status_text(one->status));
	while (at < one->all.len && at < many->all.len && one->all.p[at] == many->all.p[at])
		at++;
	ck_assert_msg(at == one->all.len && at == many->all.len,
		      "%s, %u jobs: %zu bytes, not %zu, the same up to %zu", name, jobs,
		      many->all.len, one->all.len, at);
	ck_assert_msg(ed_str_eq(ed_buf_str(&one->told), ed_buf_str(&many->told)),
		      "%s, %u jobs: told\n%.*snot\n%.*s", name, jobs,
		      ED_FMT(ed_buf_str(&many->told)), ED_FMT(ed_buf_str(&one->told)));
	ck_assert_uint_eq(one->stats.records, many->stats.records);
	ck_assert_uint_eq(one->stats.written, many->stats.written);
	ck_assert_uint_eq(one->stats.skipped, many->stats.skipped);
}

/* Every number of threads against none; the records that there are. */
static uint64_t check_log(const char *name, struct ed_str bytes)
{
	static const uint32_t counts[] = { 1, 2, 3, 8 };
	uint64_t records = 0;

	for (int turn = 0; turn < 3; turn++) {
		enum ed_dump_form form = turn ? ED_DUMP_JSON : ED_DUMP_XML;
		const char *ids = turn == 2 ? "3,7-9" : NULL;
		size_t held = turn == 1 ? 100000 : ED_EVENTS_JOBS_HELD;
		struct printed one, many;

		print(&one, 0, 0, form, ids, bytes);
		for (size_t i = 0; i < ED_COUNT(counts); i++) {
			print(&many, counts[i], held, form, ids, bytes);
			same_printed(name, counts[i], &one, &many);
			printed_release(&many);
		}
		records = one.stats.records;
		printed_release(&one);
	}
	return records;
}

static const struct build_field fields[] = {
	{ .name = "Text", .type = BUILD_STRING, .text = "some text that is <longer> than others" },
	{ .name = "Number", .type = BUILD_UINT32, .text = "47" },
	{ .name = "List", .type = BUILD_STRING | BUILD_ARRAY, .text = "one\ntwo\nthree" },
	{ .name = "Who", .type = BUILD_SID, .text = "S-1-5-21-1-2-3-1001" },
	{ .name = "Long", .type = BUILD_BINARY, .text = NULL },
};

/* Ten kinds; the last ones are in the first chunks only. */
static struct ed_str log_make(struct evtx_build *b, char *hex)
{
	static struct build_field own[10][ED_COUNT(fields)];
	static char names[10][16];
	uint64_t record = 0;

	evtx_build_init(b);
	for (size_t chunk = 0; chunk < CHUNKS; chunk++) {
		for (size_t i = 0; i < 12; i++) {
			size_t kind = (chunk + i) % (chunk < 3 ? 10 : 8);
			struct build_event e = {
				.provider = "Microsoft-Windows-Test",
				.channel = chunk % 7 ? "Test/Operational" : "Test/Admin",
				.computer = record % 9 ? "DESKTOP-ONE" : "DESKTOP-TWO",
				.time = INT64_C(134338000001234567) + (int64_t)(record * 10000000),
				.id = (uint32_t)kind,
				.shape = kind % 2 ? BUILD_EVENT_DATA : BUILD_USER_DATA,
				.element = "EventXML",
				.fields = own[kind],
				.field_count = ED_COUNT(fields),
			};

			memcpy(own[kind], fields, sizeof(fields));
			snprintf(names[kind], sizeof(names[kind]), "Own%zu", kind);
			own[kind][1].name = names[kind];
			own[kind][4].text = hex;
			e.record = ++record;
			ck_assert(evtx_build_add(b, &e));
		}
		ck_assert(evtx_build_end_chunk(b));
	}
	return evtx_build_finish(b);
}

/* The next one of a row of numbers that is the same each time. */
static uint32_t next(uint32_t *state, uint32_t below)
{
	*state = *state * 1664525u + 1013904223u;
	return (*state >> 8) % below;
}

static unsigned char *chunk_of(unsigned char *file, size_t i)
{
	return file + EVTX_BUILD_FILE_HEADER + i * EVTX_BUILD_CHUNK;
}

/* What a disk does to a log, by number. */
static size_t damage(unsigned char *file, size_t len, int how, uint32_t *seed)
{
	unsigned char *chunk = chunk_of(file, next(seed, CHUNKS));

	switch (how) {
	case 0: /* a few bytes anywhere, noticed by checksums */
		for (int i = 0; i < 20; i++)
			file[EVTX_BUILD_FILE_HEADER + next(seed, (uint32_t)len - 4096)] ^= 0x55;
		return len;
	case 1: /* a chunk's first records, and the templates in them: others must do */
		for (int i = 0; i < 6; i++)
			memset(chunk_of(file, next(seed, CHUNKS)) + 512, 0x20,
			       200 + next(seed, 20000));
		return len;
	case 2: /* signatures */
		for (int i = 0; i < 6; i++)
			chunk_of(file, next(seed, CHUNKS))[0] = 0;
		return len;
	case 3: /* no file header */
		memset(file, 0, 128);
		return len;
	case 4: /* cut short */
		return len - 1 - next(seed, 600000);
	case 5: /* a chunk that was never used, and one of another log */
		memset(chunk, 0, EVTX_BUILD_CHUNK);
		memset(chunk_of(file, next(seed, CHUNKS)), 0xA5, EVTX_BUILD_CHUNK);
		return len;
	case 6: /* noticed by nobody */
		for (int i = 0; i < 30; i++) {
			size_t n = next(seed, CHUNKS);

			chunk_of(file, n)[512 + next(seed, 20000)] = (unsigned char)next(seed, 256);
			evtx_build_reseal(file, n);
		}
		return len;
	default: /* open while it was copied */
		file[120] |= 1;
		memset(chunk + 520, 0xFF, 64);
		return len;
	}
}

START_TEST(whole_and_damaged)
{
	char *hex = ed_malloc(2001);
	struct evtx_build b;
	struct ed_str bytes;
	unsigned char *copy;
	uint32_t seed = 17;

	ck_assert_ptr_nonnull(hex);
	memset(hex, '7', 2000);
	hex[2000] = '\0';
	bytes = log_make(&b, hex);
	ck_assert_uint_ge(bytes.len, EVTX_BUILD_FILE_HEADER + CHUNKS * EVTX_BUILD_CHUNK);
	if (_i < 0) {
		ck_assert_uint_eq(check_log("whole", bytes), 12 * CHUNKS);
	} else {
		copy = ed_malloc(bytes.len);
		ck_assert_ptr_nonnull(copy);
		for (int round = 0; round < 4; round++) {
			char name[32];
			size_t len;

			snprintf(name, sizeof(name), "damage %d, %d", _i, round);
			memcpy(copy, bytes.p, bytes.len);
			len = damage(copy, bytes.len, _i, &seed);
			ck_assert_uint_gt(check_log(name, (struct ed_str){ (char *)copy, len }), 0);
		}
		ed_free(copy);
	}
	evtx_build_release(&b);
	ed_free(hex);
}
END_TEST

/* What comes of a damaged log does not depend on those that were read before it. */
START_TEST(other_logs_do_not_count)
{
	struct evtx_build b;
	struct ed_str bytes = log_make(&b, NULL);
	unsigned char *copy = ed_malloc(bytes.len);
	struct ed_str damaged = { (char *)copy, bytes.len };
	struct printed alone, after = { .sink = { &ops } };
	struct ed_evtx_dump_options options = { .form = ED_DUMP_XML,
						.filter = &after.filter,
						.wanted = &after.wanted,
						.out = &after.out,
						.flush = keep,
						.context = &after };
	struct ed_evtx_dump *dump;
	struct ed_error err = { .status = ED_OK };
	struct ed_input whole_input, input;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, bytes.p, bytes.len);
	/* the chunks with all kinds: what is left of them needs templates that only they had */
	for (size_t i = 0; i < 3; i++)
		memset(chunk_of(copy, i) + 512, 0x20, 4000);
	print(&alone, 0, 0, ED_DUMP_XML, NULL, damaged);
	ed_filter_init(&after.filter);
	ed_buf_init(&after.out, 8 * ED_MIB);
	ed_buf_init(&after.all, LIMIT);
	ed_buf_init(&after.told, ED_MIB);
	ck_assert_int_eq(ed_evtx_dump_new(&dump, &options, &err), ED_OK);
	ed_input_from_memory(&whole_input, ED_STR("whole"), bytes.p, bytes.len);
	ck_assert_int_eq(ed_evtx_dump_read(dump, &whole_input, &after.sink, &err), ED_OK);
	ed_buf_clear(&after.out);
	ed_buf_clear(&after.all);
	ed_buf_addz(&after.out, "what was there before\n");
	ed_input_from_memory(&input, ED_STR("x"), damaged.p, damaged.len);
	ck_assert_int_eq(ed_evtx_dump_read(dump, &input, &after.sink, &err), ED_OK);
	after.stats = alone.stats;
	ck_assert_int_eq(keep(&after, &after.out, &err), ED_OK);
	same_printed("after another log", 0, &alone, &after);
	ed_evtx_dump_free(dump);
	printed_release(&alone);
	printed_release(&after);
	ed_free(copy);
	evtx_build_release(&b);
}
END_TEST

/* The writer fails: the threads end, and it is said. */
static ed_status refuse(void *context, struct ed_buf *out, struct ed_error *err)
{
	int *left = context;

	ed_buf_clear(out);
	return --*left > 0 ? ED_OK : ed_fail(err, ED_IO, "no space left");
}

START_TEST(a_writer_that_fails)
{
	struct evtx_build b;
	struct ed_str bytes = log_make(&b, NULL);
	struct printed p = { .sink = { &ops } };
	int left = 2 + _i;
	struct ed_evtx_dump_options options = { .form = ED_DUMP_XML,
						.filter = &p.filter,
						.wanted = &p.wanted,
						.out = &p.out,
						.flush = refuse,
						.context = &left };
	struct ed_events_jobs *jobs;
	struct ed_error err = { .status = ED_OK };
	struct ed_input input;

	ed_filter_init(&p.filter);
	ed_buf_init(&p.out, 8 * ED_MIB);
	ed_buf_init(&p.told, ED_MIB);
	ed_input_from_memory(&input, ED_STR("x"), bytes.p, bytes.len);
	ck_assert_int_eq(ed_events_jobs_new(3, ED_EVENTS_JOBS_HELD, &options, true, &jobs, &err),
			 ED_OK);
	ck_assert_int_ne(ed_events_jobs_read(jobs, &input, &p.sink, &p.stats, &err), ED_OK);
	ck_assert_str_eq(err.text, "no space left");
	ed_events_jobs_free(jobs);
	printed_release(&p);
	evtx_build_release(&b);
}
END_TEST

/* Real chunks, damaged ones among them, where there are some: all of a folder as one log. */
START_TEST(real_chunks)
{
	const char *shared = getenv("ED_SHARED");
	struct ed_folder_entry *folders, *files;
	size_t folder_count, file_count, got;
	struct ed_arena arena;
	struct ed_buf log;
	char place[2048];

	if (!shared || !shared[0]) {
		puts("skipped: real logs (ED_SHARED names no folder)");
		return;
	}
	ed_arena_init(&arena, 64 * ED_MIB);
	snprintf(place, sizeof(place), "%s/evtx", shared);
	ck_assert_int_eq(ed_folder_list(ed_str_from(place), &arena, &folders, &folder_count, NULL),
			 ED_OK);
	for (size_t i = 0; i < folder_count; i++) {
		if (folders[i].info.kind != ED_PATH_FOLDER)
			continue;
		snprintf(place, sizeof(place), "%s/evtx/%.*s", shared, ED_FMT(folders[i].name));
		ck_assert_int_eq(
			ed_folder_list(ed_str_from(place), &arena, &files, &file_count, NULL),
			ED_OK);
		ed_buf_init(&log, LIMIT);
		for (size_t j = 0; j < file_count; j++) {
			char path[4096];
			struct ed_file *file;
			uint64_t size, from = log.len ? EVTX_BUILD_FILE_HEADER : 0;

			snprintf(path, sizeof(path), "%s/%.*s", place, ED_FMT(files[j].name));
			if (!ed_str_ends(files[j].name, ED_STR(".evtx")) ||
			    ed_file_open(ed_str_from(path), true, &file, NULL) != ED_OK)
				continue;
			size = ed_file_size(file) & ~(uint64_t)4095;
			ck_assert(size > from && ed_buf_reserve(&log, (size_t)(size - from)));
			ck_assert_int_eq(ed_file_read_at(file, from, log.p + log.len,
							 (size_t)(size - from), &got, NULL),
					 ED_OK);
			log.len += got;
			ed_file_close(file);
		}
		if (log.len > 32 * EVTX_BUILD_CHUNK)
			check_log(place, ed_buf_str(&log));
		ed_buf_release(&log);
	}
	ed_arena_release(&arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("events by threads");
	TCase *tcase = tcase_create("all");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 240);
	tcase_add_loop_test(tcase, whole_and_damaged, -1, 8);
	tcase_add_test(tcase, other_logs_do_not_count);
	tcase_add_loop_test(tcase, a_writer_that_fails, 0, 2);
	tcase_add_test(tcase, real_chunks);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

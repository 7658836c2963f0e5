/* SPDX-License-Identifier: MIT */
/* From a PATH to evidence: choosing readers, naming sources, nesting, and one row for each loss. */
#include "ingest.h"

#include <check.h>
#include <sys/stat.h>
#include <unistd.h>

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/collectors/archive.h"
#include "pack_build.h"

/*
 * A reader for the tests: "LINES" and then words, one a line, each of which becomes a fact; some
 * do more. It scores by its name, so that two of them compete.
 */
static int lines_probe(struct ed_str head, struct ed_str path)
{
	(void)path;
	return ed_str_starts(head, ED_STR("LINES")) ? 50 : 0;
}

static ed_status line_read(struct ed_sink *sink, struct ed_str line, struct ed_error *err)
{
	struct ed_fact fact = { .kind = ED_FACT_LOGLINE, .text = line, .time = ED_TIME_NONE };
	struct ed_event event = { .head = { .channel = ED_STR("Chan"),
					    .provider = ED_STR("P"),
					    .record = 7,
					    .id = 1,
					    .time = 100 } };
	struct ed_gap gap = { .state = ED_STATE_DAMAGED, .lost = 2, .why = ED_STR("a gap") };

	if (ed_str_eq(line, ED_STR("format")))
		return ed_fail(err, ED_FORMAT, "not the right lines");
	if (ed_str_eq(line, ED_STR("limit")))
		return ed_fail(err, ED_LIMIT, "too many lines");
	if (ed_str_eq(line, ED_STR("quiet failure")))
		return ED_IO;
	if (ed_str_eq(line, ED_STR("nomem")))
		return ed_fail(err, ED_NOMEM, "no more");
	if (ed_str_eq(line, ED_STR("gap")))
		return sink->ops->gap(sink, &gap, err);
	if (ed_str_eq(line, ED_STR("event")))
		return sink->ops->want(sink, &event.head) ? sink->ops->event(sink, &event, err)
							  : ED_OK;
	return sink->ops->fact(sink, &fact, err);
}

static ed_status lines_read(const struct ed_input *input, struct ed_sink *sink,
			    struct ed_error *err)
{
	struct ed_str rest, line;
	ed_status status;
	struct ed_buf hold;

	ed_buf_init(&hold, ED_MIB);
	status = ed_input_all(input, &hold, &rest, err);
	if (status == ED_OK)
		ed_str_line(&rest, &line);
	while (status == ED_OK && ed_str_line(&rest, &line))
		status = line_read(sink, line, err);
	ed_buf_release(&hold);
	return status;
}

static int weak_probe(struct ed_str head, struct ed_str path)
{
	return ed_str_ends(path, ED_STR(".weak")) ? 60 : lines_probe(head, path) / 2;
}

static int never_probe(struct ed_str head, struct ed_str path)
{
	(void)head;
	(void)path;
	return 0;
}

static const struct ed_reader lines = { .name = "lines", .probe = lines_probe, .read = lines_read };
static const struct ed_reader weak = { .name = "weak", .probe = weak_probe, .read = lines_read };
static const struct ed_reader same = { .name = "same", .probe = lines_probe, .read = lines_read };
static const struct ed_reader never = { .name = "never", .probe = never_probe, .read = lines_read };

static const struct ed_reader *const readers[] = { &never, &weak, &lines, &same };
static const struct ed_container *const containers[] = { &ed_container_zip, &ed_container_cab };
static const struct ed_ingest_tables tables = { readers, ED_COUNT(readers), containers,
						ED_COUNT(containers), false };

static char root[64];
static char path_room[4200];
static struct ed_arena arena;
static struct ed_evidence evidence;
static struct ed_ingest_stats stats;
static struct ed_error err;

static struct ed_str in_root(const char *name)
{
	int n = snprintf(path_room, sizeof(path_room), "%s/%s", root, name);

	return (struct ed_str){ path_room, (size_t)n };
}

static void put_bytes(const char *name, const void *bytes, size_t len)
{
	FILE *f;

	in_root(name);
	f = fopen(path_room, "wb");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(bytes, 1, len, f), len);
	ck_assert_int_eq(fclose(f), 0);
}

static void put_file(const char *name, const char *text)
{
	put_bytes(name, text, strlen(text));
}

static void put_folder(const char *name)
{
	in_root(name);
	ck_assert_int_eq(mkdir(path_room, 0700), 0);
}

static void setup(void)
{
	const char *base = getenv("TMPDIR");

	snprintf(root, sizeof(root), "%s/espdiag-XXXXXX",
		 base && strlen(base) < 40 ? base : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(root));
	ed_arena_init(&arena, 64 * ED_MIB);
	ed_evidence_init(&evidence, &arena, NULL);
	memset(&stats, 0, sizeof(stats));
	memset(&err, 0, sizeof(err));
}

static void reset(void)
{
	ed_evidence_release(&evidence);
	ed_arena_release(&arena);
	ed_evidence_init(&evidence, &arena, NULL);
	memset(&stats, 0, sizeof(stats));
}

static void teardown(void)
{
	char command[256];

	reset();
	snprintf(command, sizeof(command), "chmod -R u+rwx '%s'; rm -rf '%s'", root, root);
	ck_assert_int_eq(system(command), 0);
}

static void ingest(const char *name)
{
	struct ed_str path = name[0] == '\0' ? ed_str_from(root) : in_root(name);

	ck_assert_msg(ed_ingest(&tables, path, &evidence, &stats, &err) == ED_OK, "%s", err.text);
	ed_evidence_finish(&evidence);
}

/* The row about @path, "state records lost why"; fails when there is none. */
static const char *row_text(const char *path)
{
	static char text[300];

	for (size_t i = 0; i < evidence.coverage_count; i++) {
		const struct ed_coverage *row = &evidence.coverage[i];

		if (!ed_str_eq(row->source, ed_str_from(path)))
			continue;
		snprintf(text, sizeof(text), "%s %d %d %.*s", ed_state_word(row->state),
			 (int)row->records, row->lost == ED_LOST_UNKNOWN ? -1 : (int)row->lost,
			 ED_FMT(row->why));
		return text;
	}
	ck_abort_msg("no row about '%s'", path);
}

static void assert_row(const char *path, const char *want)
{
	const char *got = row_text(path);

	ck_assert_msg(strcmp(got, want) == 0, "%s: '%s', not '%s'", path, got, want);
}

static void assert_source(size_t i, const char *path, const char *reader)
{
	ck_assert_uint_lt(i, evidence.source_count);
	ck_assert_msg(ed_str_eq(evidence.sources[i].path, ed_str_from(path)), "'%.*s', not '%s'",
		      ED_FMT(evidence.sources[i].path), path);
	ck_assert_str_eq(evidence.sources[i].reader, reader);
}

static void assert_stats(size_t seen, size_t read, size_t ignored, size_t failed, bool any_read,
			 bool any_lost)
{
	ck_assert_uint_eq(stats.seen, seen);
	ck_assert_uint_eq(stats.read, read);
	ck_assert_uint_eq(stats.ignored, ignored);
	ck_assert_uint_eq(stats.failed, failed);
	ck_assert_int_eq(stats.any_read, any_read);
	ck_assert_int_eq(stats.any_lost, any_lost);
}

START_TEST(file_is_named_by_itself)
{
	put_file("a.txt", "LINES\none\ntwo\n");
	ingest("a.txt");
	ck_assert_uint_eq(evidence.source_count, 1);
	assert_source(0, "a.txt", "lines");
	ck_assert_uint_eq(evidence.fact_count, 2);
	assert_row("a.txt", "read 2 0 ");
	assert_stats(1, 1, 0, 0, true, false);
}
END_TEST

START_TEST(folder_is_walked)
{
	put_file("z.weak", "LINES\none\n");
	put_folder("sub");
	put_folder("sub/deeper");
	put_file("sub/deeper/a.evtx", "LINES\nevent\n");
	put_file("sub/unknown.bin", "what is this");
	put_file("sub/gr\xfc\xdf.txt", "LINES\none\n");
	in_root("link");
	ck_assert_int_eq(symlink("sub", path_room), 0);
	in_root("loop");
	ck_assert_int_eq(symlink(".", path_room), 0);
	ingest("");
	ck_assert_uint_eq(evidence.source_count, 3);
	assert_source(0, "sub/deeper/a.evtx", "lines");
	assert_source(1, "sub/gr\xef\xbf\xbd\xef\xbf\xbd.txt", "lines");
	assert_source(2, "z.weak", "weak");
	assert_row("Chan", "read 1 0 ");
	ck_assert_uint_eq(evidence.coverage_count, 3);
	assert_stats(4, 3, 1, 0, true, false);
}
END_TEST

START_TEST(what_a_reader_returns_is_a_row)
{
	put_file("empty", "");
	put_file("format", "LINES\none\nformat\ntwo\n");
	put_file("gap", "LINES\none\ngap\n");
	put_file("limit", "LINES\nlimit\n");
	put_file("none", "LINES\n");
	put_file("quiet", "LINES\nquiet failure\n");
	ingest("");
	assert_row("empty", "empty 0 0 no bytes");
	assert_row("format", "damaged 1 -1 not the right lines");
	assert_row("gap", "damaged 1 2 a gap");
	assert_row("limit", "truncated 0 -1 too many lines");
	assert_row("none", "empty 0 0 holds no records");
	assert_row("quiet", "damaged 0 -1 input or output failed");
	ck_assert_uint_eq(evidence.coverage_count, 6);
	assert_stats(6, 2, 0, 3, true, true);
	reset();
	put_file("nomem", "LINES\nnomem\n");
	ck_assert_int_eq(ed_ingest(&tables, in_root("nomem"), &evidence, &stats, &err), ED_NOMEM);
	ck_assert_str_eq(err.text, "no more");
}
END_TEST

START_TEST(nothing_of_use_is_not_read)
{
	put_file("format", "LINES\nformat\n");
	ingest("format");
	assert_stats(1, 0, 0, 1, false, true);
	reset();
	put_file("unknown", "?");
	ingest("unknown");
	assert_stats(1, 0, 1, 0, false, false);
	ck_assert_uint_eq(evidence.coverage_count, 0);
	reset();
	put_file("none", "LINES\n");
	ingest("none");
	assert_stats(1, 1, 0, 0, true, false);
}
END_TEST

START_TEST(path_itself_must_be_there)
{
	struct ed_str missing = in_root("no");

	ck_assert_int_eq(ed_ingest(&tables, missing, &evidence, &stats, &err), ED_ABSENT);
	ck_assert_ptr_nonnull(strstr(err.text, "/no'"));
	in_root("fifo");
	ck_assert_int_eq(mkfifo(path_room, 0600), 0);
	ck_assert_int_eq(ed_ingest(&tables, in_root("fifo"), &evidence, &stats, &err), ED_ARG);
	ck_assert_ptr_nonnull(strstr(err.text, "neither a file nor a folder"));
	ck_assert_int_eq(ed_ingest(&tables, ED_STR("/dev/null"), &evidence, &stats, &err), ED_ARG);
	assert_stats(0, 0, 0, 0, false, false);
	/* a FIFO inside is a row; a link that the user names is followed */
	put_file("a", "LINES\none\n");
	in_root("link");
	ck_assert_int_eq(symlink("a", path_room), 0);
	ingest("link");
	assert_source(0, "link", "lines");
	reset();
	ingest("");
	assert_row("fifo", "denied 0 0 not an ordinary file");
	ck_assert_uint_eq(evidence.coverage_count, 2);
	assert_stats(2, 1, 0, 1, true, true);
}
END_TEST

START_TEST(what_is_denied_is_a_row)
{
	put_file("a", "LINES\none\n");
	put_file("b", "LINES\none\n");
	put_folder("c");
	in_root("b");
	ck_assert_int_eq(chmod(path_room, 0), 0);
	in_root("c");
	ck_assert_int_eq(chmod(path_room, 0), 0);
	in_root("a");
	ck_assert_int_eq(chmod(path_room, 0644), 0);
	ck_assert_int_eq(chmod(root, 0755), 0);
	if (geteuid() == 0 && seteuid(65534) != 0) {
		printf("skipped: nothing is denied to root\n");
		return;
	}
	ingest("");
	ck_assert_ptr_eq(strstr(row_text("b"), "denied 0 -1 cannot open"), row_text("b"));
	ck_assert_ptr_nonnull(strstr(row_text("b"), "Permission denied"));
	ck_assert_ptr_nonnull(strstr(row_text("c"), "denied 0 -1 cannot list"));
	assert_row("a", "read 1 0 ");
	assert_stats(2, 1, 0, 2, true, true);
	/* the same when it was asked for */
	reset();
	ingest("c");
	ck_assert_ptr_nonnull(strstr(row_text("c"), "denied"));
	ck_assert(!stats.any_read);
	reset();
	ingest("b");
	ck_assert_ptr_nonnull(strstr(row_text("b"), "denied"));
	ck_assert_int_eq(seteuid(getuid()), 0);
}
END_TEST

static struct pack_bytes zip_of(const char *name, const void *bytes, size_t len)
{
	struct pack_zip zip;

	pack_zip_begin(&zip);
	pack_zip_add(&zip, name, bytes, len, 0);
	return pack_zip_end(&zip);
}

START_TEST(archives_nest)
{
	struct pack_bytes inner = zip_of("one.txt", "LINES\none\n", 10);
	struct pack_cab_member members[] = {
		{ "sub\\inner.zip", inner.p, inner.len, 0, false },
		{ "two.txt", "LINES\ntwo\n", 10, 0, false },
	};
	struct pack_bytes cab = pack_cab_build(members, 2, PACK_CAB_MSZIP);
	struct pack_zip zip;
	struct pack_bytes outer;

	pack_zip_begin(&zip);
	pack_zip_add(&zip, "(4) FoldersFiles x_cab\\logs.cab", cab.p, cab.len, 0);
	pack_zip_add(&zip, "(6) RegistryKey HKLM_X - No Results - Error [0x80070003]", "", 0, 0);
	pack_zip_add(&zip, "unknown.etl", "etl", 3, 0);
	pack_zip_add(&zip, "results.txt", "LINES\nthree\n", 12, PACK_ENCRYPTED);
	outer = pack_zip_end(&zip);
	put_bytes("diag.zip", outer.p, outer.len);
	ingest("diag.zip");
	ck_assert_uint_eq(evidence.source_count, 2);
	assert_source(0, "diag.zip/(4) FoldersFiles x_cab/logs.cab/sub/inner.zip/one.txt", "lines");
	assert_source(1, "diag.zip/(4) FoldersFiles x_cab/logs.cab/two.txt", "lines");
	assert_row("diag.zip/(6) RegistryKey HKLM_X - No Results - Error [0x80070003]",
		   "absent 0 0 not collected: error 0x80070003");
	assert_row("diag.zip/results.txt", "denied 0 1 encrypted");
	ck_assert_uint_eq(evidence.coverage_count, 4);
	assert_stats(8, 2, 1, 1, true, true);
	free(inner.p);
	free(cab.p);
	free(outer.p);
}
END_TEST

START_TEST(depth_has_a_limit)
{
	struct pack_bytes bytes = zip_of("one.txt", "LINES\none\n", 10);

	for (int depth = 1; depth <= ED_LIMIT_DEPTH + 1; depth++) {
		struct pack_bytes outer;

		put_bytes("z", bytes.p, bytes.len);
		reset();
		ingest("z");
		ck_assert_uint_eq(evidence.source_count, depth <= ED_LIMIT_DEPTH ? 1 : 0);
		ck_assert_int_eq(stats.any_read, depth <= ED_LIMIT_DEPTH);
		outer = zip_of("z", bytes.p, bytes.len);
		free(bytes.p);
		bytes = outer;
	}
	assert_row("z/z/z/z/z", "truncated 0 -1 archives nested deeper than 4 (ED_LIMIT_DEPTH)");
	free(bytes.p);
}
END_TEST

START_TEST(folders_have_a_depth_limit)
{
	char name[200] = "d";
	int depth;

	put_folder(name);
	for (depth = 1; depth < ED_LIMIT_DIR_DEPTH + 1; depth++) {
		memcpy(name + 2 * depth - 1, "/d", 3);
		put_folder(name);
	}
	ingest("");
	ck_assert_ptr_nonnull(
		strstr(row_text(name), "truncated 0 -1 folders nested deeper than 32"));
	ck_assert_uint_eq(evidence.coverage_count, 1);
}
END_TEST

START_TEST(cut_member_is_read_and_told)
{
	struct pack_bytes bytes;
	struct pack_zip zip;
	static char text[20000] = "LINES\nevent\n";
	uint32_t x = 1;

	/* hard to pack, so that the cut falls far behind the first lines */
	for (size_t i = 12; i < sizeof(text); i++) {
		x = x * 1664525 + 1013904223;
		text[i] = i % 50 ? (char)('a' + (x >> 24) % 26) : '\n';
	}
	pack_zip_begin(&zip);
	pack_zip_add(&zip, "log", text, sizeof(text), PACK_STORED);
	bytes = pack_zip_end(&zip);
	put_bytes("cut.zip", bytes.p, 10000);
	ingest("cut.zip");
	assert_row("Chan", "truncated 1 -1 cut short after 9967 bytes");
	assert_row("cut.zip/log", "truncated 200 1 cut short after 9967 bytes");
	ck_assert_ptr_nonnull(strstr(row_text("cut.zip"), "truncated 0 -1 cut short"));
	ck_assert_uint_eq(evidence.coverage_count, 3);
	ck_assert(stats.any_read && stats.any_lost);
	free(bytes.p);
}
END_TEST

START_TEST(archive_that_is_no_archive)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *row;
	} cases[] = {
		{ "PK\3\4garbage", 11,
		  "truncated 0 -1 cut short: the directory at its end is missing" },
		{ "MSCFgarbage", 11, "truncated 0 -1 cut short in its header" },
		{ "PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22, "empty 0 0 holds no files" },
	};

	for (size_t i = 0; i < ED_COUNT(cases); i++) {
		put_bytes("x", cases[i].bytes, cases[i].len);
		reset();
		ingest("x");
		assert_row("x", cases[i].row);
		ck_assert_uint_eq(evidence.coverage_count, 1);
		ck_assert(!stats.any_read);
	}
}
END_TEST

START_TEST(many_rows_of_one_place_are_summed_up)
{
	struct pack_bytes bytes;
	struct pack_zip zip;
	size_t rows = 0;

	pack_zip_begin(&zip);
	for (size_t i = 0; i < ED_LIMIT_MEMBERS + 1; i++)
		pack_zip_add(&zip, "m", "x", i < 50000 ? 0 : 1,
			     PACK_STORED | (i < 60000 ? 0 : PACK_ENCRYPTED));
	bytes = pack_zip_end(&zip);
	put_bytes("many.zip", bytes.p, bytes.len);
	ingest("many.zip");
	for (size_t i = 0; i < evidence.coverage_count; i++)
		if (ed_str_eq(evidence.coverage[i].source, ED_STR("many.zip")))
			rows++;
	/* 1000 empty ones, the sum of the rest, of which 40000 are encrypted and 1 is too many */
	ck_assert_uint_eq(evidence.coverage_count, 1001);
	ck_assert_uint_eq(rows, 1);
	assert_row("many.zip", "denied 0 40001 and 89001 more, not told one by one");
	ck_assert_uint_eq(stats.seen, ED_LIMIT_MEMBERS + 1);
	free(bytes.p);
}
END_TEST

START_TEST(no_memory_at_any_allocation)
{
	struct pack_bytes inner = zip_of("one.txt", "LINES\none\nevent\n", 16);
	struct pack_cab_member members[] = { { "inner.zip", inner.p, inner.len, 0, false },
					     { "gap", "LINES\ngap\n", 10, 0, false } };
	struct pack_bytes cab = pack_cab_build(members, 2, PACK_CAB_LZX);
	ed_status status;
	long n = 0;

	put_folder("sub");
	put_bytes("sub/x.cab", cab.p, cab.len);
	put_file("empty", "");
	put_file("format", "LINES\nformat\n");
	do {
		reset();
		ed_alloc_fail_after(n++);
		status = ed_ingest(&tables, ed_str_from(root), &evidence, &stats, &err);
		ed_alloc_fail_after(-1);
		ck_assert(status == ED_OK || status == ED_NOMEM);
		if (status != ED_OK)
			ck_assert_uint_gt(strlen(err.text), 0);
	} while (status != ED_OK);
	ck_assert_int_gt(n, 20);
	ck_assert_uint_eq(evidence.coverage_count, 5);
	free(inner.p);
	free(cab.p);
}
END_TEST

/* ---- the time of the run ---- */

/* One more of what reads does at each look at the clock, so that a number of looks is a time. */
static uint64_t tick(void *context)
{
	return (*(uint64_t *)context)++;
}

/* Reads @name, and the time is over after @looks looks at the clock. */
static void ingest_in_time(const char *name, uint64_t looks)
{
	uint64_t now = 0;
	const struct ed_deadline deadline = {
		.seconds = 5, .end_ms = looks, .clock_ms = tick, .context = &now
	};

	reset();
	stats.deadline = &deadline;
	ingest(name);
	stats.deadline = NULL;
}

#define BEFORE                                                                                     \
	"timed-out 0 -1 the time of the run was over (--timeout 5) before this was read, or what " \
	"follows"
#define FURTHER "the time of the run was over (--timeout 5): read no further"

static void put_many(const char *name, const char *line, size_t count)
{
	char *text = malloc(8 + count * strlen(line));
	size_t len = 6;

	ck_assert_ptr_nonnull(text);
	memcpy(text, "LINES\n", len);
	for (size_t i = 0; i < count; i++, len += strlen(line))
		memcpy(text + len, line, strlen(line));
	put_bytes(name, text, len);
	free(text);
}

/* Whatever the moment: what was read is there, what was not is told, and nothing fails. */
START_TEST(the_time_may_be_over_at_any_look)
{
	uint64_t looks = 0;
	bool whole;

	put_folder("sub");
	put_many("a", "one\n", 200);
	put_many("b", "event\n", 200);
	put_file("sub/c", "LINES\none\n");
	do {
		bool told = false;

		ingest_in_time("", looks++);
		for (size_t i = 0; i < evidence.coverage_count; i++)
			told |= evidence.coverage[i].state == ED_STATE_TIMED_OUT;
		whole = evidence.fact_count == 201 && evidence.event_count == 1;
		ck_assert_msg(told != whole, "%d looks", (int)looks);
		ck_assert_int_eq(stats.any_lost, told);
		ck_assert_int_lt((int)looks, 50);
	} while (!whole);
	ck_assert_int_gt((int)looks, 8);
}
END_TEST

START_TEST(what_follows_is_told_once)
{
	put_file("a", "LINES\none\n");
	put_file("b", "LINES\none\n");
	put_file("c", "LINES\none\n");
	ingest_in_time("", 0);
	assert_row("a", BEFORE);
	ck_assert_uint_eq(evidence.coverage_count, 1);
	ck_assert(!stats.any_read);
	ingest_in_time("a", 0);
	assert_row("a", BEFORE);
}
END_TEST

/* Not even its channels count as read to their ends. */
START_TEST(a_log_may_end_in_the_middle)
{
	put_many("a", "one\n", 200);
	put_many("b", "event\n", 200);
	ingest_in_time("a", 3);
	assert_row("a", "timed-out 128 -1 " FURTHER);
	ck_assert(stats.any_read && stats.any_lost);
	ingest_in_time("b", 3);
	assert_row("Chan", "timed-out 128 -1 " FURTHER);
	ck_assert(evidence.coverage[0].end_lost);
	ck_assert_uint_eq(evidence.coverage_count, 1);
	ingest_in_time("b", 1);
	assert_row("b", "timed-out 0 -1 " FURTHER);
}
END_TEST

START_TEST(an_archive_is_left)
{
	struct pack_bytes bytes;
	struct pack_zip zip;

	pack_zip_begin(&zip);
	pack_zip_add(&zip, "one", "LINES\none\n", 10, 0);
	pack_zip_add(&zip, "two", "LINES\none\n", 10, 0);
	bytes = pack_zip_end(&zip);
	put_bytes("x.zip", bytes.p, bytes.len);
	free(bytes.p);
	ingest_in_time("x.zip", 4);
	assert_row("x.zip/one", "read 1 0 ");
	assert_row("x.zip", BEFORE);
	ck_assert_uint_eq(evidence.coverage_count, 2);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ingest");
	TCase *tc = tcase_create("ingest");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, file_is_named_by_itself);
	tcase_add_test(tc, folder_is_walked);
	tcase_add_test(tc, what_a_reader_returns_is_a_row);
	tcase_add_test(tc, nothing_of_use_is_not_read);
	tcase_add_test(tc, path_itself_must_be_there);
	tcase_add_test(tc, what_is_denied_is_a_row);
	tcase_add_test(tc, archives_nest);
	tcase_add_test(tc, depth_has_a_limit);
	tcase_add_test(tc, folders_have_a_depth_limit);
	tcase_add_test(tc, cut_member_is_read_and_told);
	tcase_add_test(tc, archive_that_is_no_archive);
	tcase_add_test(tc, many_rows_of_one_place_are_summed_up);
	tcase_add_test(tc, no_memory_at_any_allocation);
	tcase_add_test(tc, the_time_may_be_over_at_any_look);
	tcase_add_test(tc, what_follows_is_told_once);
	tcase_add_test(tc, a_log_may_end_in_the_middle);
	tcase_add_test(tc, an_archive_is_left);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

/* SPDX-License-Identifier: MIT */
/* Measured-boot logs: both event forms, nested records, damage at every byte. */
#include "espdiag/collectors/tcglog.h"

#include "reader_run.h"

#define NO_ACTION 3u
#define EVENT_TAG 6u
#define TRUST_BOUNDARY 0x40010001u
#define BOOT_COUNTER 0x00020002u
#define UNLOCK 0x00020005u

static void put(struct ed_buf *b, uint64_t value, size_t width)
{
	for (size_t i = 0; i < width; i++)
		ed_buf_addc(b, (char)(value >> (8 * i) & 0xFF));
}

static void put_digest(struct ed_buf *b, size_t size)
{
	for (size_t i = 0; i < size; i++)
		ed_buf_addc(b, (char)(0x11 + i));
}

static void sha1_event(struct ed_buf *b, uint32_t pcr, uint32_t type, const void *data, size_t len)
{
	put(b, pcr, 4);
	put(b, type, 4);
	put_digest(b, 20);
	put(b, len, 4);
	ed_buf_add(b, data, len);
}

static void agile_event(struct ed_buf *b, uint32_t pcr, uint32_t type, const void *data, size_t len)
{
	put(b, pcr, 4);
	put(b, type, 4);
	put(b, 2, 4);
	put(b, 0x0004, 2);
	put_digest(b, 20);
	put(b, 0x000B, 2);
	put_digest(b, 32);
	put(b, len, 4);
	ed_buf_add(b, data, len);
}

/* The header event; each algorithm as id and size. */
static void header(struct ed_buf *b, const char *signature, const uint16_t (*algorithms)[2],
		   size_t count)
{
	struct ed_buf data;

	ed_buf_init(&data, 1000);
	ed_buf_add(&data, signature, 16);
	put(&data, 0, 4);
	ed_buf_add(&data, "\0\2\0\2", 4);
	put(&data, count, 4);
	for (size_t i = 0; i < count; i++) {
		put(&data, algorithms[i][0], 2);
		put(&data, algorithms[i][1], 2);
	}
	put(&data, 0, 1);
	put(b, 0, 4);
	put(b, NO_ACTION, 4);
	for (int i = 0; i < 20; i++)
		ed_buf_addc(b, '\0');
	put(b, data.len, 4);
	ed_buf_add(b, data.p, data.len);
	ed_buf_release(&data);
}

static const uint16_t usual[][2] = { { 0x0004, 20 }, { 0x000B, 32 } };

static void usual_header(struct ed_buf *b)
{
	header(b, "Spec ID Event03\0", usual, 2);
}

static void record(struct ed_buf *b, uint32_t id, const void *data, size_t len)
{
	put(b, id, 4);
	put(b, len, 4);
	ed_buf_add(b, data, len);
}

static void number(struct ed_buf *b, uint32_t id, uint64_t value, size_t width)
{
	put(b, id, 4);
	put(b, width, 4);
	put(b, value, width);
}

static struct ed_buf log_buf, data_buf, inner_buf;
static struct reader_run run;

static void setup(void)
{
	ed_buf_init(&log_buf, 64 * ED_MIB);
	ed_buf_init(&data_buf, 64 * ED_MIB);
	ed_buf_init(&inner_buf, 64 * ED_MIB);
	memset(&run, 0, sizeof(run));
}

static void teardown(void)
{
	reader_run_release(&run);
	ed_buf_release(&log_buf);
	ed_buf_release(&data_buf);
	ed_buf_release(&inner_buf);
}

static void read_log(void)
{
	reader_run_release(&run);
	reader_run(&run, &ed_reader_tcglog, "MeasuredBoot/0000000001-0000000000.log", log_buf.p,
		   log_buf.len);
	reader_check_texts(&run);
}

static void check_fact(size_t i, const char *name, bool has_number, uint64_t value,
		       const char *text)
{
	const struct ed_fact *f = reader_fact(&run, i);

	ck_assert_msg(f != NULL, "no fact %zu", i);
	ck_assert_int_eq(f->kind, ED_FACT_BOOTLOG);
	ck_assert_msg(ed_str_eq(f->name, ed_str_from(name)), "%zu is '%s'", i, f->name.p);
	ck_assert_msg(f->has_number == has_number && f->number == value, "'%s'", name);
	ck_assert_msg(!text || ed_str_eq(f->text, ed_str_from(text)), "'%s' is '%s'", name,
		      f->text.p);
	ck_assert(ed_str_eq(f->path, ED_STR("")) && f->path.p);
	ck_assert(f->time == ED_TIME_NONE);
}

/* A whole boot: two tagged events with nested records, one of a firmware's own. */
static void build_boot(bool agile)
{
	void (*event)(struct ed_buf *, uint32_t, uint32_t, const void *, size_t) =
		agile ? agile_event : sha1_event;

	if (agile)
		usual_header(&log_buf);
	else
		sha1_event(&log_buf, 0, 8, "1\0.\0", 4);
	event(&log_buf, 7, 0x80000001, "SecureBoot", 10);
	number(&inner_buf, BOOT_COUNTER, 41, 8);
	number(&inner_buf, 0x00050003, 0, 1);
	number(&inner_buf, 0x00070002, 0x1000, 8); /* of a module: not told */
	record(&data_buf, TRUST_BOUNDARY, inner_buf.p, inner_buf.len);
	event(&log_buf, 12, EVENT_TAG, data_buf.p, data_buf.len);
	ed_buf_clear(&inner_buf);
	ed_buf_clear(&data_buf);
	number(&inner_buf, 0x00020006, 500, 8);
	record(&inner_buf, 0x00050009, "\\\0W\0i\0n\0\0\0", 10);
	record(&data_buf, TRUST_BOUNDARY, inner_buf.p, inner_buf.len);
	number(&data_buf, UNLOCK, 4, 4);
	number(&data_buf, UNLOCK, 0, 4);
	event(&log_buf, 13, EVENT_TAG, data_buf.p, data_buf.len);
	event(&log_buf, 1, EVENT_TAG, "firmware", 8);
	event(&log_buf, 11, 4, "\0\0\0\0", 4);
}

static void check_boot(uint64_t events)
{
	ck_assert_int_eq(run.status, ED_OK);
	ck_assert_uint_eq(run.evidence.fact_count, 7);
	check_fact(0, "Log", true, events, NULL);
	check_fact(1, "BootCounter", true, 41, "41");
	check_fact(2, "TestSigning", true, 0, "0");
	check_fact(3, "EventCounter", true, 500, "500");
	check_fact(4, "SystemRoot", false, 0, "\\Win");
	check_fact(5, "BitlockerUnlock", true, 4, "4");
	check_fact(6, "BitlockerUnlock", true, 0, "0");
	ck_assert_uint_eq(reader_row(&run)->lost, 0);
	ck_assert_int_eq(reader_row(&run)->state, ED_STATE_READ);
}

START_TEST(crypto_agile)
{
	build_boot(true);
	read_log();
	check_boot(6);
	check_fact(0, "Log", true, 6, "6 events, 7 records, 1 of them of other kinds");
	ck_assert_int_eq(reader_probe(&ed_reader_tcglog, log_buf.p, log_buf.len), 100);
}
END_TEST

START_TEST(sha1_only)
{
	build_boot(false);
	read_log();
	check_boot(6);
	ck_assert_int_eq(reader_probe(&ed_reader_tcglog, log_buf.p, log_buf.len), 60);
}
END_TEST

START_TEST(older_header)
{
	header(&log_buf, "Spec ID Event02\0", usual, 0);
	number(&data_buf, UNLOCK, 4, 4);
	sha1_event(&log_buf, 12, EVENT_TAG, data_buf.p, data_buf.len);
	read_log();
	check_fact(0, "Log", true, 2, NULL);
	check_fact(1, "BitlockerUnlock", true, 4, "4");
	ck_assert_int_eq(reader_probe(&ed_reader_tcglog, log_buf.p, log_buf.len), 100);
}
END_TEST

/* Sizes come from the header where it has them, else from what is known. */
START_TEST(digest_sizes)
{
	static const uint16_t own[][2] = { { 0x4242, 10 }, { 0x0004, 0 }, { 0x000C, 5000 } };

	header(&log_buf, "Spec ID Event03\0", own, 3);
	put(&log_buf, 12, 4);
	put(&log_buf, EVENT_TAG, 4);
	put(&log_buf, 3, 4);
	put(&log_buf, 0x4242, 2);
	put_digest(&log_buf, 10);
	put(&log_buf, 0x0004, 2);
	put_digest(&log_buf, 20);
	put(&log_buf, 0x000C, 2);
	put_digest(&log_buf, 48);
	put(&log_buf, 12, 4);
	number(&log_buf, UNLOCK, 0x14, 4);
	read_log();
	ck_assert_uint_eq(reader_row(&run)->lost, 0);
	check_fact(1, "BitlockerUnlock", true, 0x14, "20");
}
END_TEST

START_TEST(unknown_digest)
{
	usual_header(&log_buf);
	agile_event(&log_buf, 0, 8, "x", 1);
	put(&log_buf, 12, 4);
	put(&log_buf, EVENT_TAG, 4);
	put(&log_buf, 1, 4);
	put(&log_buf, 0x7777, 2);
	put_digest(&log_buf, 40);
	read_log();
	check_fact(0, "Log", true, 2, NULL);
	ck_assert_int_eq(reader_row(&run)->state, ED_STATE_DAMAGED);
	ck_assert_uint_eq(reader_row(&run)->lost, ED_LOST_UNKNOWN);
	ck_assert(ed_str_eq(reader_row(&run)->why,
			    ED_STR("event 2 at byte 142: digest of an unknown algorithm")));
}
END_TEST

START_TEST(wild_events)
{
	usual_header(&log_buf);
	put(&log_buf, 12, 4);
	put(&log_buf, EVENT_TAG, 4);
	put(&log_buf, 0xFFFFFFFF, 4);
	read_log();
	ck_assert(ed_str_ends(reader_row(&run)->why, ED_STR("too many digests")));
	ed_buf_clear(&log_buf);
	usual_header(&log_buf);
	agile_event(&log_buf, 24, 4, "x", 1);
	read_log();
	ck_assert(ed_str_ends(reader_row(&run)->why, ED_STR("no such register")));
	/* what is measured into no register at all is in order */
	ed_buf_clear(&log_buf);
	usual_header(&log_buf);
	agile_event(&log_buf, 0xFFFFFFFF, NO_ACTION, "x", 1);
	read_log();
	ck_assert_uint_eq(reader_row(&run)->lost, 0);
	check_fact(0, "Log", true, 2, NULL);
}
END_TEST

static const struct record_case {
	const char *name;
	const char *bytes; /* data of a tagged event */
	size_t n;
	uint32_t pcr;
	size_t facts; /* besides the log itself */
	uint64_t lost;
	const char *why;
} record_cases[] = {
#define CASE(name, bytes, pcr, facts, lost, why)                                                   \
	{                                                                                          \
		name, bytes, sizeof(bytes) - 1, pcr, facts, lost, why                              \
	}
	CASE("unlock of one byte", "\5\0\2\0\1\0\0\0\4", 12, 0, 1,
	     "event 1: BitlockerUnlock of 1 bytes instead of 4"),
	CASE("unlock of eight bytes", "\5\0\2\0\x8\0\0\0\4\0\0\0\0\0\0\0", 12, 0, 1,
	     "event 1: BitlockerUnlock of 8 bytes instead of 4"),
	CASE("a bad record and a good one", "\5\0\2\0\0\0\0\0\5\0\2\0\4\0\0\0\4\0\0\0", 12, 1, 1,
	     "event 1: BitlockerUnlock of 0 bytes instead of 4"),
	CASE("record behind its container", "\5\0\2\0\4\0\0\0\4\0\0\0\5\0\2\0\5\0\0\0\4\0\0\0", 12,
	     1, 1, "event 1: record 00020005 ends behind its container"),
	CASE("inner record behind its container",
	     "\1\0\1\x40\x0C\0\0\0\5\0\2\0\5\0\0\0\1\0\0\0\5\0\2\0\4\0\0\0\4\0\0\0", 12, 1, 1,
	     "event 1: record 00020005 ends behind its container"),
	CASE("size of 4 GiB", "\5\0\2\0\xFF\xFF\xFF\xFF\4\0\0\0", 12, 0, 1,
	     "event 1: record 00020005 ends behind its container"),
	CASE("zeros behind the last record", "\5\0\2\0\4\0\0\0\4\0\0\0\0\0\0", 12, 1, 0, NULL),
	CASE("bytes behind the last record", "\5\0\2\0\4\0\0\0\4\0\0\0\1\2\3", 12, 1, 1,
	     "event 1: 3 bytes behind the last record"),
	CASE("firmware's own", "ab", 1, 0, 0, NULL),
	CASE("firmware's own, longer", "abcdefghijkl", 5, 0, 0, NULL),
	CASE("nothing", "", 12, 0, 0, NULL),
	CASE("number of three bytes", "\2\0\5\0\3\0\0\0\1\2\3", 12, 1, 0, NULL),
	CASE("empty number", "\2\0\5\0\0\0\0\0", 12, 1, 0, NULL),
	CASE("empty text", "\x09\0\5\0\0\0\0\0", 12, 1, 0, NULL),
	CASE("odd text", "\x09\0\5\0\3\0\0\0a\0b", 12, 1, 0, NULL),
	CASE("VBS", "\1\0\x0A\0\1\0\0\0\1", 13, 1, 0, NULL),
#undef CASE
};

START_TEST(records)
{
	const struct record_case *t = &record_cases[_i];
	const struct ed_coverage *row;

	usual_header(&log_buf);
	agile_event(&log_buf, t->pcr, EVENT_TAG, t->bytes, t->n);
	agile_event(&log_buf, 14, 4, "\0\0\0\0", 4);
	read_log();
	row = reader_row(&run);
	ck_assert_int_eq(run.status, ED_OK);
	ck_assert_uint_eq(reader_fact(&run, 0)->number, 3);
	ck_assert_msg(run.evidence.fact_count == t->facts + 1, "%s: %zu facts", t->name,
		      run.evidence.fact_count);
	ck_assert_msg(row->lost == t->lost, "%s: %llu lost", t->name,
		      (unsigned long long)row->lost);
	ck_assert_msg(ed_str_eq(row->why, ed_str_from(t->why)), "%s: %s", t->name, row->why.p);
	ck_assert_int_eq(row->state, t->lost ? ED_STATE_DAMAGED : ED_STATE_READ);
}
END_TEST

START_TEST(kinds_of_values)
{
	usual_header(&log_buf);
	record(&data_buf, 0x00050002, "\1\2\3", 3);
	record(&data_buf, 0x00050013, "\xAB\xCD\0", 3);
	number(&data_buf, 0x00050012, 0xFFFE, 2);
	number(&data_buf, BOOT_COUNTER, UINT64_MAX, 8);
	agile_event(&log_buf, 13, EVENT_TAG, data_buf.p, data_buf.len);
	read_log();
	check_fact(1, "CodeIntegrity", false, 0, "010203");
	check_fact(2, "OsRevocationList", false, 0, "ABCD00");
	check_fact(3, "VsmLaunchType", true, 0xFFFE, "65534");
	check_fact(4, "BootCounter", true, UINT64_MAX, "18446744073709551615");
}
END_TEST

START_TEST(nesting)
{
	usual_header(&log_buf);
	number(&data_buf, UNLOCK, 4, 4);
	for (int depth = 1; depth <= 12; depth++) {
		ed_buf_clear(&inner_buf);
		record(&inner_buf, TRUST_BOUNDARY, data_buf.p, data_buf.len);
		ed_buf_clear(&data_buf);
		ed_buf_add(&data_buf, inner_buf.p, inner_buf.len);
		ed_buf_clear(&log_buf);
		usual_header(&log_buf);
		agile_event(&log_buf, 12, EVENT_TAG, data_buf.p, data_buf.len);
		read_log();
		ck_assert_uint_eq(run.evidence.fact_count, depth < ED_LIMIT_TCG_DEPTH ? 2 : 1);
		ck_assert_uint_eq(reader_row(&run)->lost, depth < ED_LIMIT_TCG_DEPTH ? 0 : 1);
	}
}
END_TEST

/* Up to the cut everything is as in the whole log; a cut inside an event is told. */
START_TEST(cut_at_every_byte)
{
	struct reader_run all;
	size_t whole, truncated = 0;

	build_boot(_i != 0);
	whole = log_buf.len;
	reader_run(&all, &ed_reader_tcglog, "x", log_buf.p, whole);
	for (size_t n = 1; n < whole; n++) {
		unsigned char *bytes = ed_malloc(n);
		struct reader_run cut;

		memcpy(bytes, log_buf.p, n); /* so that a checker sees one byte too far */
		reader_run(&cut, &ed_reader_tcglog, "x", bytes, n);
		if (cut.status != ED_OK || !cut.evidence.fact_count ||
		    cut.evidence.fact_count > all.evidence.fact_count)
			ck_abort_msg("cut at %zu", n);
		for (size_t i = 1; i < cut.evidence.fact_count; i++)
			if (reader_fact(&cut, i)->number != reader_fact(&all, i)->number ||
			    !ed_str_eq(reader_fact(&cut, i)->name, reader_fact(&all, i)->name))
				ck_abort_msg("cut at %zu, fact %zu", n, i);
		truncated += reader_row(&cut)->state == ED_STATE_TRUNCATED &&
			     reader_row(&cut)->lost == ED_LOST_UNKNOWN;
		reader_run_release(&cut);
		ed_free(bytes);
	}
	/* all but the cuts that fall between two of the six events */
	ck_assert_uint_eq(truncated, whole - 1 - 5);
	reader_run_release(&all);
}
END_TEST

START_TEST(cut_inside_an_event)
{
	build_boot(true);
	log_buf.len -= 1;
	read_log();
	ck_assert_uint_eq(run.evidence.fact_count, 7);
	check_fact(0, "Log", true, 5, NULL);
	ck_assert_int_eq(reader_row(&run)->state, ED_STATE_TRUNCATED);
	ck_assert(ed_str_ends(reader_row(&run)->why, ED_STR("cut off by the end of the log")));
}
END_TEST

/* Each byte once overwritten: no crash, valid texts, and the log fact in front. */
START_TEST(overwritten_at_every_byte)
{
	build_boot(true);
	for (size_t i = 0; i < log_buf.len; i++) {
		char kept = log_buf.p[i];

		log_buf.p[i] = (char)(kept ^ (i % 2 ? 0xFF : 0x40));
		read_log();
		if (run.status != ED_OK || !ed_str_eq(reader_fact(&run, 0)->name, ED_STR("Log")))
			ck_abort_msg("byte %zu", i);
		log_buf.p[i] = kept;
	}
}
END_TEST

START_TEST(filling_ends_a_log)
{
	for (int fill = 0; fill < 2; fill++) {
		ed_buf_clear(&log_buf);
		ed_buf_clear(&data_buf);
		ed_buf_clear(&inner_buf);
		build_boot(true);
		for (int i = 0; i < 1000; i++)
			ed_buf_addc(&log_buf, (char)(fill ? 0xFF : 0));
		read_log();
		check_boot(6);
	}
}
END_TEST

START_TEST(limits)
{
	usual_header(&log_buf);
	for (size_t i = 0; i < ED_LIMIT_TCG_EVENTS + 10; i++)
		agile_event(&log_buf, 4, 4, "", 0);
	read_log();
	ck_assert_uint_eq(reader_fact(&run, 0)->number, ED_LIMIT_TCG_EVENTS);
	ck_assert_int_eq(reader_row(&run)->state, ED_STATE_TRUNCATED);
	ck_assert_ptr_nonnull(strstr(reader_row(&run)->why.p, "ED_LIMIT_TCG_EVENTS"));
	ed_buf_clear(&log_buf);
	usual_header(&log_buf);
	for (size_t i = 0; i < ED_LIMIT_TCG_RECORDS + 10; i++)
		number(&data_buf, 0x00050003, 0, 1);
	agile_event(&log_buf, 12, EVENT_TAG, data_buf.p, data_buf.len);
	read_log();
	ck_assert_uint_eq(run.evidence.fact_count, ED_LIMIT_TCG_RECORDS + 1);
	ck_assert_int_eq(reader_row(&run)->state, ED_STATE_TRUNCATED);
	ck_assert_ptr_nonnull(strstr(reader_row(&run)->why.p, "ED_LIMIT_TCG_RECORDS"));
	/* a record that is longer than a value may be costs itself */
	ed_buf_clear(&log_buf);
	usual_header(&log_buf);
	for (size_t i = 0; i < ED_LIMIT_VALUE; i++)
		ed_buf_addc(&inner_buf, 'x');
	ed_buf_clear(&data_buf);
	record(&data_buf, 0x00050013, inner_buf.p, inner_buf.len);
	number(&data_buf, UNLOCK, 4, 4);
	agile_event(&log_buf, 12, EVENT_TAG, data_buf.p, data_buf.len);
	read_log();
	ck_assert_uint_eq(reader_row(&run)->lost, 1);
	check_fact(1, "BitlockerUnlock", true, 4, "4");
}
END_TEST

START_TEST(no_log_at_all)
{
	char zeros[100] = { 0 };
	struct ed_input input = { .path = ED_STR("x"), .size = ED_LIMIT_TCG_FILE + 1 };

	reader_run(&run, &ed_reader_tcglog, "x", zeros, sizeof(zeros));
	ck_assert_int_eq(run.status, ED_FORMAT);
	ck_assert_int_eq(ed_reader_tcglog.read(&input, &run.evidence.sink, &run.err), ED_LIMIT);
}
END_TEST

/* Other binary files must not be taken for logs without a header. */
START_TEST(probes)
{
	char bytes[4096] = { 0 };

	ck_assert_int_eq(reader_probe(&ed_reader_tcglog, bytes, sizeof(bytes)), 0);
	memset(bytes, 0xFF, sizeof(bytes));
	ck_assert_int_eq(reader_probe(&ed_reader_tcglog, bytes, sizeof(bytes)), 0);
	memset(bytes, 1, sizeof(bytes));
	ck_assert_int_eq(reader_probe(&ed_reader_tcglog, bytes, sizeof(bytes)), 0);
	ck_assert_int_eq(reader_probe(&ed_reader_tcglog, "ElfFile", 8), 0);
	ck_assert_int_eq(reader_probe(&ed_reader_tcglog, "PK\3\4", 4), 0);
	ck_assert_int_eq(reader_probe(&ed_reader_tcglog, "x", 1), 0);
	sha1_event(&log_buf, 0, 8, "a", 1);
	sha1_event(&log_buf, 1, 1, "b", 1);
	ck_assert_int_eq(reader_probe(&ed_reader_tcglog, log_buf.p, log_buf.len), 0);
	sha1_event(&log_buf, 2, 4, "c", 1);
	ck_assert_int_eq(reader_probe(&ed_reader_tcglog, log_buf.p, log_buf.len), 60);
	ck_assert_int_eq(reader_probe(&ed_reader_tcglog, log_buf.p, log_buf.len - 1), 0);
	log_buf.p[4] = 0x77; /* a type that nobody uses */
	ck_assert_int_eq(reader_probe(&ed_reader_tcglog, log_buf.p, log_buf.len), 0);
	ed_buf_clear(&log_buf);
	usual_header(&log_buf);
	for (size_t n = 36; n <= log_buf.len; n++)
		ck_assert_int_eq(reader_probe(&ed_reader_tcglog, log_buf.p, n), 100);
	ck_assert_int_eq(reader_probe(&ed_reader_tcglog, log_buf.p, 35), 0);
}
END_TEST

START_TEST(every_allocation_can_fail)
{
	build_boot(true);
	reader_check_memory(&ed_reader_tcglog, log_buf.p, log_buf.len);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tcglog");
	TCase *c = tcase_create("tcglog");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_set_timeout(c, 120);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, crypto_agile);
	tcase_add_test(c, sha1_only);
	tcase_add_test(c, older_header);
	tcase_add_test(c, digest_sizes);
	tcase_add_test(c, unknown_digest);
	tcase_add_test(c, wild_events);
	tcase_add_loop_test(c, records, 0, (int)ED_COUNT(record_cases));
	tcase_add_test(c, kinds_of_values);
	tcase_add_test(c, nesting);
	tcase_add_loop_test(c, cut_at_every_byte, 0, 2);
	tcase_add_test(c, cut_inside_an_event);
	tcase_add_test(c, overwritten_at_every_byte);
	tcase_add_test(c, filling_ends_a_log);
	tcase_add_test(c, limits);
	tcase_add_test(c, no_log_at_all);
	tcase_add_test(c, probes);
	tcase_add_test(c, every_allocation_can_fail);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/* Zip walks: every form of member, names, damage at every byte, limits and no memory. */
#include "espdiag/pack/pack.h"

#include <check.h>
#include <sys/resource.h>

#include "espdiag/base/alloc.h"
#include "espdiag/base/crc.h"
#include "espdiag/base/limits.h"
#include "pack_build.h"
#include "pack_seen.h"

static const struct {
	const char *name;
	unsigned flags;
} forms[] = {
	{ "deflate", 0 },
	{ "stored", PACK_STORED },
	{ "zip64", PACK_ZIP64 },
	{ "zip64 stored", PACK_ZIP64 | PACK_STORED },
	{ "descriptor", PACK_DESCRIPTOR },
	{ "descriptor stored", PACK_DESCRIPTOR | PACK_STORED },
	{ "descriptor zip64", PACK_DESCRIPTOR | PACK_ZIP64 },
	{ "descriptor zip64 stored", PACK_DESCRIPTOR | PACK_ZIP64 | PACK_STORED },
};

START_TEST(zip_reads_every_form)
{
	struct pack_zip zip;

	pack_zip_begin(&zip);
	pack_zip_add(&zip, "first", "1", 1, 0);
	pack_zip_add(&zip, "folder/", "", 0, PACK_STORED);
	pack_zip_add(&zip, forms[_i].name, big, BIG_LEN, forms[_i].flags);
	pack_zip_add(&zip, "empty", "", 0, forms[_i].flags);
	pack_zip_add(&zip, "last", "22", 2, 0);
	pack_walk_whole(ed_pack_walk_zip, pack_zip_end(&zip));
	ck_assert_uint_eq(seen.member_count, 4);
	pack_assert_member(0, "first", "1", 1);
	pack_assert_member(1, forms[_i].name, big, BIG_LEN);
	pack_assert_member(2, "empty", "", 0);
	pack_assert_member(3, "last", "22", 2);
	ck_assert_uint_eq(seen.loss_count, 0);
	ck_assert_uint_eq(seen.asked, 3);
	ck_assert_uint_eq(seen.unpacked_left, ED_LIMIT_UNPACKED_BYTES - BIG_LEN - 3);
}
END_TEST

START_TEST(zip_unwanted_members_cost_only_themselves)
{
	struct pack_zip zip;

	seen.unwanted = (const char *)"a";
	big[0] = 'a';
	pack_zip_begin(&zip);
	pack_zip_add(&zip, "unwanted", big, BIG_LEN, forms[_i].flags);
	pack_zip_add(&zip, "small unwanted", "abc", 3, forms[_i].flags);
	pack_zip_add(&zip, "last", "22", 2, 0);
	pack_walk_whole(ed_pack_walk_zip, pack_zip_end(&zip));
	ck_assert_uint_eq(seen.member_count, 1);
	pack_assert_member(0, "last", "22", 2);
	ck_assert_uint_eq(seen.loss_count, 0);
}
END_TEST

static const struct {
	const char *stored;
	unsigned flags;
	const char *label;
} names[] = {
	{ "..\\..\\a\\b.evtx", 0, "a/b.evtx" },
	{ "/etc/passwd", 0, "etc/passwd" },
	{ "C:\\Windows\\x.log", 0, "Windows/x.log" },
	{ "c:x.log", 0, "x.log" },
	{ "a/../../b//./c", 0, "a/b/c" },
	{ "//server/share/x", 0, "server/share/x" },
	{ "..", 0, "(unnamed)" },
	{ "", 0, "(unnamed)" },
	{ "a\nb\x7f", 0, "a_b_" },
	{ "gr\x81\xe1"
	  "e.txt",
	  0,
	  "gr\xc3\xbc\xc3\x9f"
	  "e.txt" }, /* CP437 */
	{ "gr\xc3\xbc\xc3\x9f"
	  "e.txt",
	  0,
	  "gr\xc3\xbc\xc3\x9f"
	  "e.txt" },
	{ "gr\xc3\xbc\xc3\x9f"
	  "e.txt",
	  PACK_UTF8,
	  "gr\xc3\xbc\xc3\x9f"
	  "e.txt" },
	{ "\xe6\x97\xa5\xe6\x9c\xac", PACK_UTF8, "\xe6\x97\xa5\xe6\x9c\xac" },
	{ "bad\xff", PACK_UTF8, "bad\xef\xbf\xbd" },
};

START_TEST(zip_names_become_labels)
{
	struct pack_zip zip;

	pack_zip_begin(&zip);
	pack_zip_add(&zip, names[_i].stored, "x", 1, names[_i].flags);
	pack_walk_whole(ed_pack_walk_zip, pack_zip_end(&zip));
	ck_assert_uint_eq(seen.member_count, 1);
	pack_assert_member(0, names[_i].label, "x", 1);
	ck_assert_uint_eq(seen.loss_count, 0);
}
END_TEST

START_TEST(zip_long_name_costs_its_member)
{
	static char name[ED_LIMIT_NAME_BYTES + 2];
	struct pack_zip zip;

	memset(name, 'n', sizeof(name) - 1);
	pack_zip_begin(&zip);
	pack_zip_add(&zip, name, "x", 1, 0);
	name[ED_LIMIT_NAME_BYTES] = '\0';
	pack_zip_add(&zip, name, "y", 1, 0);
	pack_walk_whole(ed_pack_walk_zip, pack_zip_end(&zip));
	ck_assert_uint_eq(seen.member_count, 1);
	ck_assert_uint_eq(seen.loss_count, 1);
	ck_assert_str_eq(seen.losses[0].why, "its name is longer than ED_LIMIT_NAME_BYTES");
}
END_TEST

static const struct {
	const char *name;
	unsigned flags;
	enum ed_pack_trouble trouble;
	const char *why;
} bad_members[] = {
	{ "encrypted", PACK_ENCRYPTED, ED_PACK_LOCKED, "encrypted" },
	{ "encrypted stored", PACK_ENCRYPTED | PACK_STORED | PACK_DESCRIPTOR, ED_PACK_LOCKED,
	  "encrypted" },
	{ "deflate64", PACK_DEFLATE64, ED_PACK_LOCKED, "compression method 9" },
	{ "checksum", PACK_BAD_CRC, ED_PACK_DAMAGED, "CRC" },
	{ "checksum behind", PACK_BAD_CRC | PACK_DESCRIPTOR, ED_PACK_DAMAGED, "CRC" },
	{ "lying size", PACK_LYING_SIZE, ED_PACK_DAMAGED, "size" },
};

START_TEST(zip_bad_member_costs_only_itself)
{
	struct pack_zip zip;

	pack_zip_begin(&zip);
	pack_zip_add(&zip, "first", "1", 1, PACK_DESCRIPTOR);
	pack_zip_add(&zip, bad_members[_i].name, big, BIG_LEN, bad_members[_i].flags);
	pack_zip_add(&zip, "last", "22", 2, 0);
	pack_walk_whole(ed_pack_walk_zip, pack_zip_end(&zip));
	ck_assert_uint_eq(seen.member_count, 2);
	pack_assert_member(0, "first", "1", 1);
	pack_assert_member(1, "last", "22", 2);
	ck_assert_uint_eq(seen.loss_count, 1);
	pack_assert_loss(0, bad_members[_i].name, bad_members[_i].trouble, bad_members[_i].why);
	ck_assert_uint_eq(seen.losses[0].members, 1);
}
END_TEST

START_TEST(zip_damaged_data_costs_only_its_member)
{
	struct pack_zip zip;
	size_t second, third;
	struct pack_bytes bytes;

	pack_zip_begin(&zip);
	pack_zip_add(&zip, "first", big, 5000, 0);
	second = zip.out.len;
	pack_zip_add(&zip, "second", big, BIG_LEN, PACK_DESCRIPTOR);
	third = zip.out.len;
	pack_zip_add(&zip, "third", big, 5000, 0);
	bytes = pack_zip_end(&zip);
	memset(bytes.p + second + 1000, 0xff, 64);
	ck_assert_int_eq(pack_walk_part(ed_pack_walk_zip, &bytes, bytes.len, false), ED_OK);
	ck_assert_uint_eq(seen.member_count, 2);
	pack_assert_member(0, "first", big, 5000);
	pack_assert_member(1, "third", big, 5000);
	pack_assert_loss(0, "second", ED_PACK_DAMAGED, "cannot be unpacked");
	/* a local header that is none any more: the directory leads nowhere */
	memset(bytes.p + third, 0, 4);
	pack_walk_whole(ed_pack_walk_zip, bytes);
	ck_assert_uint_eq(seen.member_count, 1);
	ck_assert_uint_eq(seen.loss_count, 2);
	pack_assert_loss(1, "", ED_PACK_DAMAGED, "directory is wrong");
	ck_assert_uint_eq(seen.losses[1].members, 1);
}
END_TEST

/* The three members of the lying zips. */
static struct pack_bytes three(size_t *directory)
{
	struct pack_zip zip;

	pack_zip_begin(&zip);
	pack_zip_add(&zip, "one", big, 5000, 0);
	pack_zip_add(&zip, "two", big, 6000, PACK_DESCRIPTOR);
	pack_zip_add(&zip, "three", big, 7000, PACK_STORED);
	*directory = zip.out.len;
	return pack_zip_end(&zip);
}

/* Offsets from the end of the directory's start (>= 0) or of the file (< 0), and what to put. */
static const struct {
	const char *name;
	long at;
	size_t width;
	uint32_t value;
	bool told; /* a lie that makes no difference need not be told */
} lies[] = {
	{ "end record: offset past the end", -6, 4, 0x7fffffff, true },
	{ "end record: offset 0", -6, 4, 0, true },
	{ "end record: offset 5 too small", -6, 4, 5, true },
	{ "end record: size 0", -10, 4, 0, false },
	{ "end record: size huge", -10, 4, 0x7fffffff, false },
	{ "end record: 9 members", -12, 2, 9, true },
	{ "end record: 1 member", -12, 2, 1, true },
	{ "end record: offset needs zip64, which is not there", -6, 4, UINT32_MAX, true },
	{ "end record: a comment longer than the file", -2, 2, 999, true },
	{ "entry: signature", 0, 4, 0, true },
	{ "entry: name longer than the directory", 28, 2, 0xffff, true },
	{ "entry: unpacked size", 24, 4, 0x7fffffff, false },
	{ "entry: packed size", 20, 4, 1, false },
	{ "entry: offset in the data of another", 42, 4, 100, true },
	{ "entry: offset past the end", 42, 4, 0x7fffffff, true },
	{ "entry: offset needs zip64, which is not there", 42, 4, UINT32_MAX, true },
};

START_TEST(zip_lying_directory_costs_nothing)
{
	size_t directory;
	struct pack_bytes bytes = three(&directory);
	size_t at = lies[_i].at < 0 ? bytes.len - (size_t)-lies[_i].at
				    : directory + (size_t)lies[_i].at;

	for (size_t i = 0; i < lies[_i].width; i++)
		bytes.p[at + i] = (unsigned char)(lies[_i].value >> 8 * i);
	pack_walk_whole(ed_pack_walk_zip, bytes);
	ck_assert_msg(seen.member_count == 3, "%s: %zu members", lies[_i].name, seen.member_count);
	for (size_t i = 0; i < 3; i++) {
		const char *name = seen.members[i].name;

		pack_assert_member(i, name, big,
				   strcmp(name, "one") == 0   ? 5000
				   : strcmp(name, "two") == 0 ? 6000
							      : 7000);
	}
	ck_assert_msg((seen.loss_count > 0) == lies[_i].told, "%s", lies[_i].name);
}
END_TEST

START_TEST(zip_behind_other_bytes)
{
	size_t directory;
	struct pack_bytes bytes = three(&directory);
	struct pack_bytes shifted = { .p = NULL };

	pack_bytes_add(&shifted, "MZ, some program that unpacks itself", 36);
	pack_bytes_add(&shifted, bytes.p, bytes.len);
	free(bytes.p);
	pack_walk_whole(ed_pack_walk_zip, shifted);
	ck_assert_uint_eq(seen.member_count, 3);
	ck_assert_uint_eq(seen.loss_count, 0);
}
END_TEST

START_TEST(zip_without_members)
{
	struct pack_zip zip;

	pack_zip_begin(&zip);
	pack_walk_whole(ed_pack_walk_zip, pack_zip_end(&zip));
	ck_assert_uint_eq(seen.member_count, 0);
	ck_assert_uint_eq(seen.loss_count, 0);
}
END_TEST

START_TEST(zip_cut_at_every_byte)
{
	struct pack_zip zip;
	struct pack_bytes bytes;

	pack_zip_begin(&zip);
	pack_zip_add(&zip, "one", big, 200, 0);
	pack_zip_add(&zip, "two", big, 300, PACK_STORED);
	pack_zip_add(&zip, "three", big, 400, PACK_DESCRIPTOR);
	pack_zip_add(&zip, "four", big, 500, PACK_DESCRIPTOR | PACK_STORED);
	bytes = pack_zip_end(&zip);
	for (size_t len = 0; len < bytes.len; len++) {
		unsigned char *exact = malloc(len ? len : 1);
		struct pack_bytes part = { .p = exact, .len = len };
		size_t members;

		memcpy(exact, bytes.p, len);
		ck_assert_int_eq(pack_walk_part(ed_pack_walk_zip, &part, len, false), ED_OK);
		members = seen.member_count;
		ck_assert_int_eq(pack_walk_part(ed_pack_walk_zip, &part, len, true), ED_OK);
		ck_assert_uint_eq(seen.member_count, members);
		ck_assert_msg(seen.loss_count >= 1, "cut at %zu is not told", len);
		ck_assert_int_eq(seen.losses[seen.loss_count - 1].trouble, ED_PACK_TRUNCATED);
		/* what is handed over is the beginning of what was put in */
		for (size_t i = 0; i < members; i++)
			ck_assert_uint_eq(seen.members[i].crc,
					  ed_crc32(0, big, seen.members[i].len));
		free(exact);
	}
	ck_assert_uint_eq(seen.member_count, 4);
	free(bytes.p);
}
END_TEST

START_TEST(zip_member_cut_short_is_handed_over)
{
	struct pack_zip zip;
	struct pack_bytes bytes;

	pack_zip_begin(&zip);
	pack_zip_add(&zip, "one", big, BIG_LEN, 0);
	bytes = pack_zip_end(&zip);
	ck_assert_int_eq(pack_walk_part(ed_pack_walk_zip, &bytes, 20000, false), ED_OK);
	ck_assert_uint_eq(seen.member_count, 1);
	ck_assert_uint_gt(seen.members[0].len, 20000);
	ck_assert_uint_lt(seen.members[0].len, BIG_LEN);
	pack_assert_member(0, "one", big, seen.members[0].len);
	pack_assert_loss(0, "one", ED_PACK_TRUNCATED, "cut short after");
	pack_assert_loss(1, "", ED_PACK_TRUNCATED, "directory");
	free(bytes.p);
}
END_TEST

static long peak_kib(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

/* 10^9 zeros in a megabyte: by its header, with the size behind the data, and with a lie. */
static const struct {
	const char *name;
	unsigned flags;
	const char *why;
	enum ed_pack_trouble trouble;
} bombs[] = {
	{ "honest", 0, "ED_LIMIT_MEMBER_BYTES", ED_PACK_TRUNCATED },
	{ "size behind", PACK_DESCRIPTOR, "ED_LIMIT_MEMBER_BYTES", ED_PACK_TRUNCATED },
	{ "lying", PACK_LYING_SIZE, "more than its header says", ED_PACK_DAMAGED },
	{ "lying behind", PACK_LYING_SIZE | PACK_DESCRIPTOR, "ED_LIMIT_MEMBER_BYTES",
	  ED_PACK_TRUNCATED },
};

START_TEST(zip_bomb_is_held)
{
	struct pack_zip zip;
	struct pack_bytes bytes;
	long before, grown;

	pack_zip_begin(&zip);
	pack_zip_add_zeros(&zip, bombs[_i].name, 1000000000, bombs[_i].flags);
	pack_zip_add(&zip, "last", "22", 2, 0);
	bytes = pack_zip_end(&zip);
	before = peak_kib();
	ck_assert_int_eq(pack_walk_part(ed_pack_walk_zip, &bytes, bytes.len, false), ED_OK);
	grown = peak_kib() - before;
	/* the member's limit, and a copy of half of it where growing cannot be done in place */
	ck_assert_msg(grown < 900 * 1024, "%s: %ld KiB more", bombs[_i].name, grown);
	ck_assert_uint_eq(seen.member_count, 1);
	pack_assert_member(0, "last", "22", 2);
	ck_assert_uint_eq(seen.loss_count, 1);
	pack_assert_loss(0, bombs[_i].name, bombs[_i].trouble, bombs[_i].why);
	/* and not even that when its first bytes say that it is nothing of interest */
	seen.unwanted = "";
	before = peak_kib();
	ck_assert_int_eq(pack_walk_part(ed_pack_walk_zip, &bytes, bytes.len, false), ED_OK);
	ck_assert_int_lt(peak_kib() - before, 4 * 1024);
	ck_assert_uint_eq(seen.member_count, 0);
	free(bytes.p);
}
END_TEST

START_TEST(zip_total_is_held)
{
	struct pack_zip zip;
	struct pack_bytes bytes;

	pack_zip_begin(&zip);
	for (int i = 0; i < 40; i++)
		pack_zip_add(&zip, "same", big, BIG_LEN, 0);
	bytes = pack_zip_end(&zip);
	struct ed_pack_source source = { .size = bytes.len, .bytes = bytes.p };
	seen.unpacked_left = 10 * BIG_LEN + 5;
	ck_assert_int_eq(ed_pack_walk_zip(&source, &visitor, NULL), ED_OK);
	ck_assert_uint_eq(seen.member_count, 10);
	ck_assert_uint_eq(seen.loss_count, 30);
	pack_assert_loss(0, "same", ED_PACK_TRUNCATED, "ED_LIMIT_UNPACKED_BYTES");
	free(bytes.p);
}
END_TEST

START_TEST(zip_of_too_many_members)
{
	struct pack_zip zip;
	struct pack_bytes bytes;
	size_t directory;

	pack_zip_begin(&zip);
	for (size_t i = 0; i < ED_LIMIT_MEMBERS + 3; i++)
		pack_zip_add(&zip, "m", "x", i < 10 ? 1 : 0, PACK_STORED);
	directory = zip.out.len;
	bytes = pack_zip_end(&zip);
	ck_assert_int_eq(pack_walk_part(ed_pack_walk_zip, &bytes, bytes.len, false), ED_OK);
	ck_assert_uint_eq(seen.member_count, ED_LIMIT_MEMBERS);
	ck_assert_uint_eq(seen.loss_count, 1);
	pack_assert_loss(0, "", ED_PACK_TRUNCATED, "ED_LIMIT_MEMBERS");
	ck_assert_uint_eq(seen.losses[0].members, 3);
	/* without the directory as well */
	ck_assert_int_eq(pack_walk_part(ed_pack_walk_zip, &bytes, directory, false), ED_OK);
	ck_assert_uint_eq(seen.member_count, ED_LIMIT_MEMBERS);
	ck_assert_uint_eq(seen.loss_count, 2);
	pack_assert_loss(1, "", ED_PACK_TRUNCATED, "ED_LIMIT_MEMBERS");
	free(bytes.p);
}
END_TEST

static const struct pack_cab_member cab_members[] = {
	{ "one.evtx", big, 70000, 0, false },
	{ "sub\\two.reg", big, 33, 0, false },
	{ "three", big, 32768, 1, false },
};

START_TEST(visitor_status_is_passed_on)
{
	size_t directory;
	struct pack_bytes zip = three(&directory);
	struct pack_bytes cab = pack_cab_build(cab_members, 2, PACK_CAB_MSZIP);

	seen.fail = ED_UNSUPPORTED;
	ck_assert_int_eq(pack_walk_part(ed_pack_walk_zip, &zip, zip.len, true), ED_UNSUPPORTED);
	ck_assert_uint_eq(seen.member_count, 1);
	ck_assert_int_eq(pack_walk_part(ed_pack_walk_cab, &cab, cab.len, true), ED_UNSUPPORTED);
	ck_assert_uint_eq(seen.member_count, 1);
	free(zip.p);
	free(cab.p);
}
END_TEST

/* Reads @context's bytes until they run out of the allowed number of calls. */
static int reads_left;

static ed_status read_at_failing(const void *context, uint64_t offset, void *out, size_t len,
				 size_t *got, struct ed_error *err)
{
	if (reads_left-- <= 0)
		return ed_fail(err, ED_IO, "the disk is gone");
	return pack_read_at(context, offset, out, len, got, err);
}

START_TEST(failing_source_is_an_io_error)
{
	size_t directory;
	struct pack_bytes bytes[2] = { three(&directory),
				       pack_cab_build(cab_members, 3, PACK_CAB_MSZIP) };
	static const walk_fn walks[2] = { ed_pack_walk_zip, ed_pack_walk_cab };
	struct ed_error err;
	ed_status status;

	for (int i = 0; i < 2; i++) {
		struct ed_pack_source source = { .size = bytes[i].len,
						 .context = &bytes[i],
						 .read_at = read_at_failing };

		status = ED_IO;
		for (int n = 0; status != ED_OK; n++) {
			ck_assert_int_lt(n, 100);
			reads_left = n;
			seen.unpacked_left = ED_LIMIT_UNPACKED_BYTES;
			status = walks[i](&source, &visitor, &err);
			if (status != ED_OK) {
				ck_assert_int_eq(status, ED_IO);
				ck_assert_str_eq(err.text, "the disk is gone");
			}
		}
		free(bytes[i].p);
	}
}
END_TEST

START_TEST(no_memory_at_any_allocation)
{
	size_t directory;
	struct pack_bytes bytes[2] = { three(&directory),
				       pack_cab_build(cab_members, 3, PACK_CAB_LZX) };
	static const walk_fn walks[2] = { ed_pack_walk_zip, ed_pack_walk_cab };
	ed_status status;

	for (int i = 0; i < 2; i++) {
		for (int in_memory = 0; in_memory < 2; in_memory++) {
			long n = 0;

			do {
				ed_alloc_fail_after(n++);
				status = pack_walk_part(walks[i], &bytes[i], bytes[i].len,
							in_memory);
				ed_alloc_fail_after(-1);
				ck_assert(status == ED_OK || status == ED_NOMEM);
			} while (status != ED_OK);
			ck_assert_int_gt(n, 5);
			ck_assert_uint_eq(seen.loss_count, 0);
		}
		free(bytes[i].p);
	}
}
END_TEST

/* Under valgrind, which is what CK_FORK=no is for, these alone take more than ten minutes. */
static TCase *heavy_case(void)
{
	TCase *tc = tcase_create("heavy");

	tcase_add_checked_fixture(tc, pack_setup, NULL);
	tcase_set_timeout(tc, 240);
	tcase_add_loop_test(tc, zip_bomb_is_held, 0, ED_COUNT(bombs));
	tcase_add_test(tc, zip_of_too_many_members);
	return tc;
}

int main(void)
{
	Suite *suite = suite_create("pack");
	TCase *tc = tcase_create("pack");
	const char *fork_mode = getenv("CK_FORK");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, pack_setup, NULL);
	tcase_set_timeout(tc, 240);
	tcase_add_loop_test(tc, zip_reads_every_form, 0, ED_COUNT(forms));
	tcase_add_loop_test(tc, zip_unwanted_members_cost_only_themselves, 0, ED_COUNT(forms));
	tcase_add_loop_test(tc, zip_names_become_labels, 0, ED_COUNT(names));
	tcase_add_test(tc, zip_long_name_costs_its_member);
	tcase_add_loop_test(tc, zip_bad_member_costs_only_itself, 0, ED_COUNT(bad_members));
	tcase_add_test(tc, zip_damaged_data_costs_only_its_member);
	tcase_add_loop_test(tc, zip_lying_directory_costs_nothing, 0, ED_COUNT(lies));
	tcase_add_test(tc, zip_behind_other_bytes);
	tcase_add_test(tc, zip_without_members);
	tcase_add_test(tc, zip_cut_at_every_byte);
	tcase_add_test(tc, zip_member_cut_short_is_handed_over);
	tcase_add_test(tc, zip_total_is_held);
	tcase_add_test(tc, visitor_status_is_passed_on);
	tcase_add_test(tc, failing_source_is_an_io_error);
	tcase_add_test(tc, no_memory_at_any_allocation);
	suite_add_tcase(suite, tc);
	if (fork_mode && strcmp(fork_mode, "no") == 0)
		printf("skipped with CK_FORK=no: bombs and too many members\n");
	else
		suite_add_tcase(suite, heavy_case());
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

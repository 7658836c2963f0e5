/* SPDX-License-Identifier: MIT */
/* The builders of test evidence: what they write, and that they refuse what they cannot. */
#include "evtx_build.h"

#include <check.h>

#include "evxml_build.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/crc.h"
#include "espdiag/base/cursor.h"

static const struct build_field every_field[] = {
	{ .name = "Text", .type = BUILD_STRING, .text = "caf\xc3\xa9 \xf0\x9f\x98\x80 <&>" },
	{ .name = "With Space", .type = BUILD_STRING, .text = "" },
	{ .name = "Ansi", .type = BUILD_ANSI, .text = "plain" },
	{ .name = "Int8", .type = BUILD_INT8, .text = "-5" },
	{ .name = "UInt8", .type = BUILD_UINT8, .text = "250" },
	{ .name = "Int16", .type = BUILD_INT16, .text = "-300" },
	{ .name = "UInt16", .type = BUILD_UINT16, .text = "65535" },
	{ .name = "Int32", .type = BUILD_INT32, .text = "-2147186428" },
	{ .name = "UInt32", .type = BUILD_UINT32, .text = "3399614476" },
	{ .name = "Int64", .type = BUILD_INT64, .text = "-9223372036854775808" },
	{ .name = "UInt64", .type = BUILD_UINT64, .text = "18446744073709551615" },
	{ .name = "Float", .type = BUILD_FLOAT, .text = "1.5" },
	{ .name = "Double", .type = BUILD_DOUBLE, .text = "-2.25" },
	{ .name = "Bool", .type = BUILD_BOOL, .text = "true" },
	{ .name = "Binary", .type = BUILD_BINARY, .text = "00ffA5" },
	{ .name = "Guid", .type = BUILD_GUID, .text = "{6f1a3c52-1111-4d11-9d2e-5a7b1c000001}" },
	{ .name = "FileTime", .type = BUILD_FILETIME, .text = "2026-09-14T08:15:07.1234567Z" },
	{ .name = "SystemTime", .type = BUILD_SYSTEMTIME, .text = "2026-09-14T08:15:07.123Z" },
	{ .name = "Sid", .type = BUILD_SID, .text = "S-1-12-1-1111111111-2222222222" },
	{ .name = "Hex32", .type = BUILD_HEX32, .text = "0x80070002" },
	{ .name = "Hex64", .type = BUILD_HEX64, .text = "0x8000000000000000" },
	{ .name = "Strings", .type = BUILD_STRING | BUILD_ARRAY, .text = "one\ntwo" },
	{ .name = "Numbers", .type = BUILD_UINT32 | BUILD_ARRAY, .text = "1\n2\n3" },
	{ .name = "Null", .type = BUILD_UINT32, .text = NULL },
	{ .name = "Tree",
	  .type = BUILD_BINXML,
	  .children =
		  &(const struct build_field){
			  .name = "Root",
			  .children = &(const struct build_field){ .name = "Leaf", .text = "x" },
			  .child_count = 1 },
	  .child_count = 1 },
};

static struct build_event sample(uint64_t record)
{
	return (struct build_event){
		.provider = "Microsoft-Windows-Test",
		.guid = "{a68ca8b7-004f-d7b6-a698-07e2de0f1f5d}",
		.channel = "Test/Operational",
		.computer = "DESKTOP-TEST",
		.user = "S-1-5-18",
		.record = record,
		.time = INT64_C(134338000000000000) + (int64_t)record,
		.keywords = UINT64_C(0x8000000000000000),
		.id = 7,
		.level = 4,
		.process = 4,
		.thread = 8,
		.shape = BUILD_EVENT_DATA,
		.fields = every_field,
		.field_count = ED_COUNT(every_field),
	};
}

/* Walks the records of chunk @chunk_i, checks checksums and sizes; gives their number. */
static size_t check_chunk(struct ed_str file, size_t chunk_i, uint64_t *next)
{
	size_t at = EVTX_BUILD_FILE_HEADER + chunk_i * EVTX_BUILD_CHUNK;
	const unsigned char *c = (const unsigned char *)file.p + at;
	size_t used = ed_le32(c + 48);
	size_t count = 0;
	uint32_t crc;

	ck_assert_uint_ge(file.len, at + EVTX_BUILD_CHUNK);
	ck_assert_mem_eq(c, "ElfChnk", 8);
	crc = ed_crc32(ed_crc32(0, c, 120), c + 128, 384);
	ck_assert_uint_eq(ed_le32(c + 124), crc);
	ck_assert_uint_eq(ed_le32(c + 52), ed_crc32(0, c + 512, used - 512));
	for (size_t i = 512; i < used; count++) {
		size_t size = ed_le32(c + i + 4);

		ck_assert_uint_eq(ed_le32(c + i), 0x00002a2a);
		ck_assert_uint_eq(size % 8, 0);
		ck_assert_uint_eq(ed_le32(c + i + size - 4), size);
		ck_assert_uint_eq(ed_le64(c + i + 8), *next);
		++*next;
		i += size;
	}
	if (count)
		ck_assert_uint_eq(ed_le64(c + 16), *next - 1);
	return count;
}

START_TEST(test_many_chunks)
{
	struct evtx_build b;
	struct ed_str file;
	uint64_t next = 41;
	size_t chunks, total = 0;

	evtx_build_init(&b);
	b.flat = _i;
	for (uint64_t i = 0; i < 300; i++) {
		struct build_event event = sample(41 + i);

		ck_assert(evtx_build_add(&b, &event));
	}
	file = evtx_build_finish(&b);
	ck_assert_ptr_nonnull(file.p);
	ck_assert_mem_eq(file.p, "ElfFile", 8);
	ck_assert_uint_eq((file.len - EVTX_BUILD_FILE_HEADER) % EVTX_BUILD_CHUNK, 0);
	chunks = (file.len - EVTX_BUILD_FILE_HEADER) / EVTX_BUILD_CHUNK;
	ck_assert_uint_gt(chunks, 2);
	ck_assert_uint_eq(ed_le16((const unsigned char *)file.p + 42), chunks);
	ck_assert_uint_eq(ed_le64((const unsigned char *)file.p + 24), 341);
	for (size_t i = 0; i < chunks; i++)
		total += check_chunk(file, i, &next);
	ck_assert_uint_eq(total, 300);
	evtx_build_release(&b);
}
END_TEST

START_TEST(test_deterministic)
{
	struct evtx_build a, b;
	struct build_event event = sample(1);

	evtx_build_init(&a);
	evtx_build_init(&b);
	ck_assert(evtx_build_add(&a, &event));
	ck_assert(evtx_build_add(&b, &event));
	ck_assert(ed_str_eq(evtx_build_finish(&a), evtx_build_finish(&b)));
	evtx_build_release(&a);
	evtx_build_release(&b);
}
END_TEST

START_TEST(test_too_long)
{
	struct evtx_build b;
	struct build_event event = sample(1);
	struct build_field field = { .name = "Blob", .type = BUILD_BINARY };
	char *hex = ed_malloc(2 * 65536 + 1);
	uint64_t next = 1;
	struct ed_str file;
	size_t low = 0, high = 65536;

	memset(hex, 'a', 2 * 65536);
	event.fields = &field;
	event.field_count = 1;
	field.text = hex;
	/* the longest binary that still fits */
	while (low + 1 < high) {
		size_t middle = (low + high) / 2;
		bool fits;

		hex[2 * middle] = '\0';
		evtx_build_init(&b);
		fits = evtx_build_add(&b, &event);
		ck_assert(!b.failed);
		evtx_build_release(&b);
		hex[2 * middle] = 'a';
		if (fits)
			low = middle;
		else
			high = middle;
	}
	ck_assert_uint_gt(low, 61000);
	hex[2 * low] = '\0';
	evtx_build_init(&b);
	ck_assert(evtx_build_add(&b, &event));
	event.record = 2;
	ck_assert(evtx_build_add(&b, &event));
	hex[2 * low] = 'a';
	hex[2 * high] = '\0';
	event.record = 3;
	ck_assert(!evtx_build_add(&b, &event));
	file = evtx_build_finish(&b);
	ck_assert_uint_eq(file.len, EVTX_BUILD_FILE_HEADER + 2 * EVTX_BUILD_CHUNK);
	ck_assert_uint_eq(check_chunk(file, 0, &next), 1);
	ck_assert_uint_eq(check_chunk(file, 1, &next), 1);
	evtx_build_release(&b);
	ed_free(hex);
}
END_TEST

START_TEST(test_empty_and_dirty)
{
	struct evtx_build b;
	struct build_event event = sample(9);
	struct ed_str file;
	uint64_t next = 0;

	evtx_build_init(&b);
	file = evtx_build_finish(&b);
	ck_assert_uint_eq(file.len, EVTX_BUILD_FILE_HEADER + EVTX_BUILD_CHUNK);
	ck_assert_uint_eq(check_chunk(file, 0, &next), 0);
	evtx_build_release(&b);

	evtx_build_init(&b);
	b.dirty = true;
	ck_assert(evtx_build_add(&b, &event));
	file = evtx_build_finish(&b);
	ck_assert_uint_eq(ed_le32((const unsigned char *)file.p + 120), 1);
	ck_assert_uint_eq(ed_le64((const unsigned char *)file.p + 24), 1);
	evtx_build_release(&b);
}
END_TEST

static const struct {
	const char *name;
	unsigned type;
	const char *text;
} refused[] = {
	{ "too large for 8 bits", BUILD_UINT8, "256" },
	{ "too small for 16 bits", BUILD_INT16, "-65537" },
	{ "no number", BUILD_UINT32, "x" },
	{ "no time", BUILD_FILETIME, "yesterday" },
	{ "no GUID", BUILD_GUID, "{6f1a3c52-1111-4d11-9d2e}" },
	{ "no SID", BUILD_SID, "S-1" },
	{ "half a byte", BUILD_BINARY, "abc" },
	{ "no hex", BUILD_BINARY, "zz" },
	{ "no truth", BUILD_BOOL, "maybe" },
	{ "no real", BUILD_DOUBLE, "1.x" },
	{ "broken UTF-8", BUILD_STRING, "\xc3(" },
	{ "second item wrong", BUILD_UINT32 | BUILD_ARRAY, "1\nx" },
};

START_TEST(test_refused)
{
	struct evtx_build b;
	struct build_event event = sample(1);
	struct build_field field = { .name = "F",
				     .type = refused[_i].type,
				     .text = refused[_i].text };

	event.fields = &field;
	event.field_count = 1;
	evtx_build_init(&b);
	ck_assert_msg(!evtx_build_add(&b, &event), "%s", refused[_i].name);
	ck_assert_ptr_null(evtx_build_finish(&b).p);
	evtx_build_release(&b);
}
END_TEST

START_TEST(test_xml)
{
	struct build_event event = sample(63);
	struct ed_buf out;
	struct ed_str s;

	ed_buf_init(&out, ED_TICKS_PER_SECOND);
	ck_assert(evxml_build_event(&out, &event));
	s = ed_buf_str(&out);
#define HAS(text)                                                                                  \
	ck_assert_msg(ed_str_find(s, ED_STR(text), 0) != SIZE_MAX, "no %s in %s", text, s.p)
	HAS("<Provider Name='Microsoft-Windows-Test' Guid='{a68ca8b7-");
	HAS("<EventID>7</EventID><Version>0</Version><Level>4</Level>");
	HAS("<EventRecordID>63</EventRecordID><Correlation/>");
	HAS("<Security UserID='S-1-5-18'/></System><EventData><Data Name='Text'>");
	HAS("&lt;&amp;&gt;</Data><Data Name='With Space'></Data>");
	HAS("<Data Name='Binary'>00FFA5</Data>");
	HAS("<Data Name='FileTime'>2026-09-14T08:15:07.1234567Z</Data>");
	HAS("<Data Name='SystemTime'>2026-09-14T08:15:07.1230000Z</Data>");
	HAS("<Data Name='Hex32'>0x80070002</Data>");
	HAS("<Data Name='Strings'>one</Data><Data Name='Strings'>two</Data>");
	HAS("<Data Name='Null'></Data>");
	HAS("<Data Name='Tree'><Root><Leaf>x</Leaf></Root></Data></EventData></Event>");
	ed_buf_clear(&out);
	event.shape = BUILD_USER_DATA;
	event.element = "EventXML";
	event.element_ns = "urn:x";
	event.field_count = 1;
	event.has_qualifiers = true;
	event.qualifiers = 32768;
	ck_assert(evxml_build_event(&out, &event));
	s = ed_buf_str(&out);
	HAS("<EventID Qualifiers='32768'>7</EventID>");
	HAS("<UserData><EventXML xmlns='urn:x'><Text>caf");
	HAS("</Text></EventXML></UserData></Event>");
#undef HAS
	ed_buf_release(&out);
}
END_TEST

START_TEST(test_out_of_memory)
{
	for (long n = 0;; n++) {
		struct evtx_build b;
		struct build_event event = sample(1);
		struct ed_str file;

		ed_alloc_fail_after(n);
		evtx_build_init(&b);
		evtx_build_add(&b, &event);
		file = evtx_build_finish(&b);
		ed_alloc_fail_after(-1);
		evtx_build_release(&b);
		if (file.p) {
			ck_assert_int_gt(n, 3);
			break;
		}
		ck_assert_int_lt(n, 10000);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("evtx_build");
	TCase *tc = tcase_create("all");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, test_many_chunks, 0, 2);
	tcase_add_test(tc, test_deterministic);
	tcase_add_test(tc, test_too_long);
	tcase_add_test(tc, test_empty_and_dirty);
	tcase_add_loop_test(tc, test_refused, 0, (int)ED_COUNT(refused));
	tcase_add_test(tc, test_xml);
	tcase_add_test(tc, test_out_of_memory);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/* Every value type of BinXml as the text that Windows prints. */
#include <check.h>

#include "test_evtx_bytes.h"

#include "espdiag/base/utf.h"

struct value_case {
	const char *name;
	struct eb_value value;
	const char *text;
};

#define V(type, bytes, text)                                                                       \
	{                                                                                          \
#type " " text, { type, sizeof(bytes) - 1, bytes }, text                           \
	}

/* clang-format off */
static const struct value_case values[] = {
	V(0x00, "", ""),
	V(0x00, "\x01\x02", ""), /* a null may have bytes; they mean nothing */
	V(0x01, "", ""),
	V(0x01, "a\0b\0c\0d\0e\0", "abcde"),
	V(0x01, "a\0\0\0\0\0", "a"),
	V(0x01, "a\0\0\0b\0", "a\xEF\xBF\xBD" "b"),
	V(0x01, "\xE9\0\x42\x30\x3D\xD8\x00\xDE", "\xC3\xA9\xE3\x81\x82\xF0\x9F\x98\x80"),
	V(0x01, "a\0\x3D\xD8z\0", "a\xEF\xBF\xBDz"),
	V(0x01, "t\0\t\0\n\0\x01\0", "t\t\n\xEF\xBF\xBD"),
	V(0x01, "ab\0", "\xE6\x89\xA1\xEF\xBF\xBD"), /* an odd byte at the end */
	V(0x02, "caf\xE9\x80\0\0", "caf\xC3\xA9\xE2\x82\xAC"),
	V(0x03, "\xFF", "-1"),
	V(0x03, "\x80", "-128"),
	V(0x04, "\xFF", "255"),
	V(0x05, "\x00\x80", "-32768"),
	V(0x06, "\xFF\xFF", "65535"),
	V(0x07, "\x04\x89\x04\x80", "-2147186428"),
	V(0x07, "\xFF\xFF\xFF\x7F", "2147483647"),
	V(0x08, "\xFF\xFF\xFF\xFF", "4294967295"),
	V(0x09, "\0\0\0\0\0\0\0\x80", "-9223372036854775808"),
	V(0x0A, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", "18446744073709551615"),
	V(0x0B, "\0\0\xC0\x3F", "1.5"),
	V(0x0B, "\xCD\xCC\xCC\x3D", "0.1"),
	V(0x0B, "\0\0\xC0\x7F", "NaN"),
	V(0x0C, "\0\0\0\0\0\0\xF0\x7F", "INF"),
	V(0x0C, "\0\0\0\0\0\0\xF0\xFF", "-INF"),
	V(0x0C, "\x9A\x99\x99\x99\x99\x99\xB9\x3F", "0.1"),
	V(0x0D, "\x01\0\0\0", "true"),
	V(0x0D, "\0\0\0\0", "false"),
	V(0x0D, "\xFF\xFF\xFF\xFF", "true"),
	V(0x0D, "\x01", "true"),
	V(0x0E, "\x00\xAB\xff", "00ABFF"),
	V(0x0F, "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C\x0D\x0E\x0F\x10",
	  "{04030201-0605-0807-090A-0B0C0D0E0F10}"),
	V(0x10, "\xEF\xBE\xAD\xDE", "0xdeadbeef"),
	V(0x10, "\x10\0\0\0\0\0\0\0", "0x10"),
	V(0x11, "\x00\x80\x3E\xD5\xDE\xB1\x9D\x01", "1970-01-01T00:00:00.0000000Z"),
	V(0x11, "\x01\x80\x3E\xD5\xDE\xB1\x9D\x01", "1970-01-01T00:00:00.0000001Z"),
	V(0x11, "\0\0\0\0\0\0\0\0", "1601-01-01T00:00:00.0000000Z"),
	V(0x11, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F", "30828-09-14T02:48:05.4775807Z"),
	V(0x12, "\xEA\x07\x09\0\x01\0\x0E\0\x08\0\x0F\0\x07\0\x0C\0",
	  "2026-09-14T08:15:07.0120000Z"),
	V(0x12, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "0000-00-00T00:00:00.0000000Z"),
	V(0x12, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
	  "65535-65535-65535T65535:65535:65535.655350000Z"),
	V(0x13, "\x01\x01\0\0\0\0\0\x05\x12\0\0\0", "S-1-5-18"),
	V(0x13, "\x01\x02\0\0\0\0\0\x05\x20\0\0\0\x20\x02\0\0", "S-1-5-32-544"),
	V(0x13, "\x01\x00\x01\0\0\0\0\0", "S-1-0x10000000000"),
	V(0x13, "\x01\x02\0\0\0\0\0\x05\x20\0\0\0", "010200000000000520000000"), /* cut short */
	V(0x14, "\xEF\xBE\x00\x00", "0xbeef"),
	V(0x14, "\0\0\0\0", "0x0"),
	V(0x15, "\0\0\0\0\0\0\xE0\x40", "0x40e0000000000000"),
	V(0x20, "\x01\x02", "0102"),
	V(0x23, "<\0a\0/\0>\0", "<a/>"),
	V(0x07, "\x01\x02", "0102"), /* too short for its type */
	V(0x7F, "\xAA", "AA"),
};
/* clang-format on */

static struct eb bytes;
static struct eb_sink sink;

START_TEST(value_has_the_text_of_windows)
{
	const struct value_case *c = &values[_i];

	eb_init(&bytes);
	eb_event_with(&bytes, 1, &c->value);
	eb_finish(&bytes);
	eb_sink_init(&sink);
	eb_read_ok(&sink, &bytes);
	ck_assert_msg(sink.gap_count == 0, "%s: %s", c->name, sink.gaps[0].why);
	ck_assert_uint_eq(sink.event_count, 1);
	ck_assert_msg(strcmp(eb_field(&sink, 0, "v"), c->text) == 0, "%s: got '%s'", c->name,
		      eb_field(&sink, 0, "v"));
	ck_assert(ed_utf8_valid(sink.events[0].fields[0].value));
	eb_sink_release(&sink);
}
END_TEST

struct array_case {
	const char *name;
	struct eb_value value;
	const char *items[4];
};

/* clang-format off */
static const struct array_case arrays[] = {
	{ "strings", { 0x81, 12, "a\0\0\0b\0c\0\0\0\0\0" }, { "a", "bc", "" } },
	{ "string without its end", { 0x81, 6, "a\0\0\0b\0" }, { "a", "b" } },
	{ "odd bytes", { 0x81, 5, "a\0\0\0b" }, { "a", "\xEF\xBF\xBD" } },
	{ "no items", { 0x81, 0, "" }, { NULL } },
	{ "ANSI", { 0x82, 5, "ab\0c\0" }, { "ab", "c" } },
	{ "UInt16", { 0x86, 4, "\x01\0\xFF\xFF" }, { "1", "65535" } },
	{ "Int32 and a rest", { 0x87, 6, "\xFF\xFF\xFF\xFF\x01\x02" }, { "-1", "0102" } },
	{ "HexInt64", { 0x95, 8, "\x10\0\0\0\0\0\0\0" }, { "0x10" } },
	{ "SizeT", { 0x90, 16, "\x01\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0" }, { "0x1", "0x2" } },
	{ "SIDs", { 0x93, 24, "\x01\x01\0\0\0\0\0\x05\x12\0\0\0\x01\x01\0\0\0\0\0\x05\x13\0\0\0" },
	  { "S-1-5-18", "S-1-5-19" } },
	{ "SID that says too much", { 0x93, 9, "\x01\xFF\0\0\0\0\0\x05\x12" },
	  { "01FF00000000000512" } },
	{ "unknown", { 0xFF, 3, "\x01\x02\x03" }, { "010203" } },
	{ "BinXml that is none", { 0xA1, 2, "\x01\x02" }, { "" } },
};
/* clang-format on */

START_TEST(array_repeats_its_element)
{
	const struct array_case *c = &arrays[_i];
	const struct ed_event *event = &sink.events[0];
	size_t count = 0;

	eb_init(&bytes);
	eb_event_with(&bytes, 1, &c->value);
	eb_finish(&bytes);
	eb_sink_init(&sink);
	eb_read_ok(&sink, &bytes);
	ck_assert_uint_eq(sink.event_count, 1);
	while (count < ED_COUNT(c->items) && c->items[count])
		count++;
	ck_assert_msg(event->field_count == count, "%s: %zu items", c->name, event->field_count);
	for (size_t i = 0; i < count; i++) {
		ck_assert_str_eq(event->fields[i].name.p, "v");
		ck_assert_msg(strcmp(event->fields[i].value.p, c->items[i]) == 0,
			      "%s: item %zu is '%s'", c->name, i, event->fields[i].value.p);
	}
	eb_sink_release(&sink);
}
END_TEST

START_TEST(long_text_of_each_kind)
{
	static unsigned char text[60000];
	struct eb_value value = { 0x01, sizeof(text), text };

	for (size_t i = 0; i < sizeof(text); i += 2) {
		text[i] = _i ? 0x42 : 'x';
		text[i + 1] = _i ? 0x30 : 0;
	}
	eb_init(&bytes);
	eb_event_with(&bytes, 1, &value);
	eb_finish(&bytes);
	eb_sink_init(&sink);
	eb_read_ok(&sink, &bytes);
	ck_assert_uint_eq(sink.gap_count, 0);
	ck_assert_uint_eq(strlen(eb_field(&sink, 0, "v")), sizeof(text) / 2 * (_i ? 3 : 1));
	eb_sink_release(&sink);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("evtx values");
	TCase *t = tcase_create("values");
	SRunner *r;
	int failed;

	tcase_add_loop_test(t, value_has_the_text_of_windows, 0, (int)ED_COUNT(values));
	tcase_add_loop_test(t, array_repeats_its_element, 0, (int)ED_COUNT(arrays));
	tcase_add_loop_test(t, long_text_of_each_kind, 0, 2);
	tcase_set_timeout(t, 120);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}

/* SPDX-License-Identifier: MIT */
/* The same event read from a log and from its export must be the same event. */
#include "evtx_build.h"

#include <check.h>

#include "evxml_build.h"

#include "espdiag/base/limits.h"
#include "espdiag/collectors/evtx.h"
#include "espdiag/collectors/evxml.h"
#include "espdiag/model/evidence.h"

static const struct build_field leaf[] = {
	{ .name = "Root",
	  .children = &(const struct build_field){ .name = "Leaf", .text = "in & out" },
	  .child_count = 1 },
};

static const struct build_field many_types[] = {
	{ .name = "Text",
	  .type = BUILD_STRING,
	  .text = "caf\xc3\xa9 \xf0\x9f\x98\x80 <&>'\"\nnext" },
	{ .name = "Empty", .type = BUILD_STRING, .text = "" },
	{ .name = "Null", .type = BUILD_STRING, .text = NULL },
	{ .name = "With Blank", .type = BUILD_ANSI, .text = "plain" },
	{ .name = "Int8", .type = BUILD_INT8, .text = "-128" },
	{ .name = "UInt8", .type = BUILD_UINT8, .text = "255" },
	{ .name = "Int16", .type = BUILD_INT16, .text = "-32768" },
	{ .name = "UInt16", .type = BUILD_UINT16, .text = "65535" },
	{ .name = "Int32", .type = BUILD_INT32, .text = "0x80048904" },
	{ .name = "UInt32", .type = BUILD_UINT32, .text = "0xCAA2000C" },
	{ .name = "Int64", .type = BUILD_INT64, .text = "-9223372036854775808" },
	{ .name = "UInt64", .type = BUILD_UINT64, .text = "18446744073709551615" },
	{ .name = "True", .type = BUILD_BOOL, .text = "true" },
	{ .name = "False", .type = BUILD_BOOL, .text = "false" },
	{ .name = "Binary", .type = BUILD_BINARY, .text = "00ffa5" },
	{ .name = "Guid", .type = BUILD_GUID, .text = "{6f1a3c52-1111-4d11-9d2e-5a7b1c000001}" },
	{ .name = "FileTime", .type = BUILD_FILETIME, .text = "2026-09-14T08:15:07.1234567Z" },
	{ .name = "Sid", .type = BUILD_SID, .text = "S-1-12-1-1111111111-2222222222" },
	{ .name = "Hex32", .type = BUILD_HEX32, .text = "0x80070002" },
	{ .name = "Hex32Short", .type = BUILD_HEX32, .text = "0x20" },
	{ .name = "Hex64", .type = BUILD_HEX64, .text = "0x8000000000000000" },
};

static const struct build_field tree[] = {
	{ .name = "Tree", .type = BUILD_BINXML, .children = leaf, .child_count = 1 },
};

static const struct build_field arrays[] = {
	{ .name = "Strings", .type = BUILD_STRING | BUILD_ARRAY, .text = "one\ntwo\nthree" },
	{ .name = "Numbers", .type = BUILD_UINT32 | BUILD_ARRAY, .text = "1\n22\n333" },
	{ .name = "Guids",
	  .type = BUILD_GUID | BUILD_ARRAY,
	  .text = "{6f1a3c52-1111-4d11-9d2e-5a7b1c000001}\n{00000000-0000-0000-0000-"
		  "000000000000}" },
};

static const struct build_field classic[] = {
	{ .type = BUILD_STRING, .text = "10.00." },
	{ .type = BUILD_STRING, .text = "26100" },
	{ .name = "Binary", .type = BUILD_BINARY, .text = "d907" },
};

static const struct {
	const char *name;
	enum build_shape shape;
	const struct build_field *fields;
	size_t count;
} kinds[] = {
	{ "types", BUILD_EVENT_DATA, many_types, ED_COUNT(many_types) },
	{ "types in UserData", BUILD_USER_DATA, many_types + 4, 3 },
	{ "embedded BinXml", BUILD_EVENT_DATA, tree, 1 },
	{ "arrays", BUILD_EVENT_DATA, arrays, ED_COUNT(arrays) },
	{ "classic", BUILD_CLASSIC, classic, ED_COUNT(classic) },
	{ "classic without binary", BUILD_CLASSIC, classic, 2 },
	{ "nothing", BUILD_NO_DATA, NULL, 0 },
	{ "empty", BUILD_EVENT_DATA, NULL, 0 },
};

enum { RECORDS = 3 };

static struct build_event event_of(int kind, uint64_t record)
{
	bool old = kinds[kind].shape == BUILD_CLASSIC;

	return (struct build_event){
		.provider = old ? "EventLog" : "Microsoft-Windows-Test",
		.guid = old ? NULL : "{a68ca8b7-004f-d7b6-a698-07e2de0f1f5d}",
		.channel = "Test/Operational",
		.computer = "DESKTOP-EXAMPLE1",
		.user = old ? NULL : "S-1-5-18",
		.activity = record == 2 ? "{11111111-2222-3333-4444-555555555555}" : NULL,
		.record = record,
		.time = INT64_C(134338000001234567) + (int64_t)record,
		.keywords = UINT64_C(0x8000000000000000),
		.id = 1098,
		.version = 3,
		.level = 2,
		.process = 4,
		.thread = 8,
		.has_qualifiers = old,
		.qualifiers = old ? 32768 : 0,
		.shape = kinds[kind].shape,
		.element = "EventXML",
		.element_ns = "urn:example",
		.fields = kinds[kind].fields,
		.field_count = kinds[kind].count,
	};
}

struct reading {
	struct ed_arena arena;
	struct ed_evidence evidence;
};

static void read_with(struct reading *r, const struct ed_reader *reader, struct ed_str bytes)
{
	struct ed_error err = { 0 };
	struct ed_input input;

	ed_arena_init(&r->arena, 16 * ED_MIB);
	ed_evidence_init(&r->evidence, &r->arena, NULL);
	ed_input_from_memory(&input, ED_STR("x"), bytes.p, bytes.len);
	ck_assert_int_gt(reader->probe(ed_str_slice(bytes, 0, ED_PROBE_BYTES), ED_STR("x")), 0);
	ck_assert_int_eq(ed_evidence_begin_source(&r->evidence, ED_STR("x"), reader->name, &err),
			 ED_OK);
	ck_assert_msg(reader->read(&input, &r->evidence.sink, &err) == ED_OK, "%s", err.text);
	ed_evidence_finish(&r->evidence);
	ck_assert_uint_eq(r->evidence.event_count, RECORDS);
	for (size_t i = 0; i < r->evidence.coverage_count; i++)
		ck_assert_uint_eq(r->evidence.coverage[i].lost, 0);
}

static void reading_release(struct reading *r)
{
	ed_evidence_release(&r->evidence);
	ed_arena_release(&r->arena);
}

static void read_log(struct reading *r, int kind, bool flat)
{
	struct evtx_build b;

	evtx_build_init(&b);
	b.flat = flat;
	for (uint64_t i = 1; i <= RECORDS; i++) {
		struct build_event event = event_of(kind, i);

		ck_assert(evtx_build_add(&b, &event));
	}
	read_with(r, &ed_reader_evtx, evtx_build_finish(&b));
	evtx_build_release(&b);
}

static void read_export(struct reading *r, int kind)
{
	struct ed_buf out;

	ed_buf_init(&out, ED_MIB);
	evxml_build_begin(&out);
	for (uint64_t i = 1; i <= RECORDS; i++) {
		struct build_event event = event_of(kind, i);

		ck_assert(evxml_build_event(&out, &event));
	}
	evxml_build_end(&out);
	read_with(r, &ed_reader_evxml, ed_buf_str(&out));
	ed_buf_release(&out);
}

/* An export has the letters of the Windows that made it: capitals once, small ones today. */
static bool same_guid(const struct ed_field *field, struct ed_str value)
{
	return ed_str_starts(field->name, ED_STR("Guid")) && ed_str_ieq(field->value, value);
}

#define SAME(a, b)                                                                                 \
	ck_assert_msg(ed_str_eq(a, b), "%s, record %u: '%.*s' in the log, '%.*s' in the export",   \
		      kinds[kind].name, (unsigned)x->head.record, ED_FMT(a), ED_FMT(b))

static void same_event(int kind, const struct ed_event *x, const struct ed_event *y)
{
	SAME(x->head.provider, y->head.provider);
	SAME(x->head.channel, y->head.channel);
	SAME(x->user, y->user);
	SAME(x->computer, y->computer);
	ck_assert_uint_eq(x->head.record, y->head.record);
	ck_assert_int_eq(x->head.time, y->head.time);
	ck_assert_uint_eq(x->head.id, y->head.id);
	ck_assert_uint_eq(x->head.level, y->head.level);
	ck_assert_uint_eq(x->head.version, y->head.version);
	for (size_t i = 0; i < x->field_count && i < y->field_count; i++) {
		SAME(x->fields[i].name, y->fields[i].name);
		if (!same_guid(&x->fields[i], y->fields[i].value))
			SAME(x->fields[i].value, y->fields[i].value);
	}
	ck_assert_msg(x->field_count == y->field_count,
		      "%s: %zu fields in the log, %zu in the export", kinds[kind].name,
		      x->field_count, y->field_count);
}

START_TEST(test_log_and_export)
{
	struct reading nested, flat, export;

	read_log(&nested, _i, false);
	read_log(&flat, _i, true);
	read_export(&export, _i);
	for (size_t i = 0; i < RECORDS; i++) {
		same_event(_i, &nested.evidence.events[i].event, &export.evidence.events[i].event);
		same_event(_i, &flat.evidence.events[i].event, &export.evidence.events[i].event);
	}
	reading_release(&nested);
	reading_release(&flat);
	reading_release(&export);
}
END_TEST

/* And both are what Windows renders, not only equal to each other. */
START_TEST(test_rendering)
{
	struct reading r;
	const struct ed_event *event;

	read_log(&r, 0, false);
	event = &r.evidence.events[0].event;
	ck_assert_uint_eq(event->field_count, ED_COUNT(many_types));
	for (size_t i = 0; i < event->field_count; i++) {
		const struct build_field *f = &many_types[i];
		struct ed_buf want;

		ed_buf_init(&want, ED_MIB);
		if (f->text)
			ck_assert(build_value_text(&want, f->type, ed_str_from(f->text)));
		ck_assert_msg(ed_str_eq(event->fields[i].value, ed_buf_str(&want)) ||
				      same_guid(&event->fields[i], ed_buf_str(&want)),
			      "%s: '%.*s', wanted '%.*s'", f->name, ED_FMT(event->fields[i].value),
			      ED_FMT(ed_buf_str(&want)));
		ed_buf_release(&want);
	}
	ck_assert(ed_str_eq(ed_event_field(event, ED_STR("int32")), ED_STR("-2147186428")));
	ck_assert(ed_str_eq(ed_event_field(event, ED_STR("uint32")), ED_STR("3399614476")));
	reading_release(&r);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("parity");
	TCase *tc = tcase_create("all");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tc, test_log_and_export, 0, (int)ED_COUNT(kinds));
	tcase_add_test(tc, test_rendering);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

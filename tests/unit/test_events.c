/* SPDX-License-Identifier: MIT */
/*
 * Logs dumped as XML and as JSON: read again they are the events that the reader delivers, and they
 * are well formed whatever the log holds.
 */
#include "evtx_build.h"

#include <check.h>

#include "events_dump.h"
#include "test_evtx_bytes.h"

#include "espdiag/collectors/evxml.h"
#include "espdiag/json/json.h"
#include "espdiag/platform/file.h"
#include "espdiag/xml/xml.h"

#define SAME(a, b)                                                                                 \
	ck_assert_msg(ed_str_eq(a, b), "%s, record %u: '%.*s' in the log, '%.*s' in the dump",     \
		      name, (unsigned)x->head.record, ED_FMT(a), ED_FMT(b))

static void same_events(const char *name, const struct kept *log, const struct kept *dump)
{
	ck_assert_msg(log->count == dump->count, "%s: %zu events, %zu in the dump", name,
		      log->count, dump->count);
	for (size_t i = 0; i < log->count; i++) {
		const struct ed_event *x = &log->events[i], *y = &dump->events[i];

		SAME(x->head.provider, y->head.provider);
		SAME(x->head.channel, y->head.channel);
		SAME(x->user, y->user);
		SAME(x->computer, y->computer);
		ck_assert_uint_eq(x->head.record, y->head.record);
		ck_assert_int_eq(x->head.time, y->head.time);
		ck_assert_uint_eq(x->head.id, y->head.id);
		ck_assert_uint_eq(x->head.level, y->head.level);
		ck_assert_uint_eq(x->head.version, y->head.version);
		for (size_t j = 0; j < x->field_count && j < y->field_count; j++) {
			SAME(x->fields[j].name, y->fields[j].name);
			SAME(x->fields[j].value, y->fields[j].value);
		}
		ck_assert_msg(x->field_count == y->field_count, "%s, record %u: %zu fields, %zu",
			      name, (unsigned)x->head.record, x->field_count, y->field_count);
	}
}

static void same_json(const char *name, const struct ed_event *x, struct ed_str line)
{
	struct ed_wanted wanted = { .count = 0 };
	const struct ed_json *fields;
	struct ed_json *root = NULL;
	struct ed_error err = { 0 };
	struct ed_buf text;
	struct ed_str own;

	ck_assert_msg(ed_json_parse(line, &root, &err) == ED_OK, "%s: %s: %.*s", name, err.text,
		      ED_FMT(line));
	SAME(x->head.provider, ed_json_string(ed_json_get(root, "provider")));
	SAME(x->head.channel, ed_json_string(ed_json_get(root, "channel")));
	SAME(x->computer, ed_json_string(ed_json_get(root, "computer")));
	ck_assert_int_eq(ed_json_integer(ed_json_get(root, "event"), -1), x->head.id);
	ck_assert_int_eq(ed_json_integer(ed_json_get(root, "record"), -1), (int64_t)x->head.record);
	fields = ed_json_get(root, "fields");
	ck_assert_int_eq(ed_json_type(fields), ED_JSON_OBJECT);
	/* byte for byte what is made of the model, so that both ways name fields alike */
	ed_buf_init(&text, 16 * ED_MIB);
	ed_buf_addz(&text, "\"fields\":{");
	ed_event_json_fields(&text, x->fields, x->field_count, &wanted);
	if (x->field_count)
		text.len--;
	ed_buf_addz(&text, "}}");
	own = ed_buf_str(&text);
	ck_assert_msg(ed_str_ends(line, own), "%s: %.*s\n%.*s", name, ED_FMT(line), ED_FMT(own));
	ck_assert_uint_eq(ed_json_count(fields), x->field_count);
	ed_buf_release(&text);
	ed_json_free(root);
}

/* Read once more, and once more with what was learned from that: nothing changes. */
static void same_again(const char *name, struct dumped *d, enum ed_dump_form form,
		       struct ed_str bytes, size_t begin, size_t end)
{
	for (int i = 0; i < 2; i++) {
		size_t mark = d->all.len;
		struct ed_str all;

		ck_assert_msg(dumped_read(d, form, bytes) == ED_OK, "%s", d->err.text);
		all = ed_buf_str(&d->all);
		ck_assert_msg(
			ed_str_eq(ed_str_slice(all, begin, end), ed_str_slice(all, mark, all.len)),
			"%s: reading %d differs", name, i + 2);
	}
}

/* Both dumps of @bytes against the events that the reader delivers. */
static void check_log(const char *name, struct ed_str bytes)
{
	struct kept log, export;
	struct dumped xml, json;
	struct ed_str rest, line;
	size_t i = 0;

	kept_read(&log, &ed_reader_evtx, bytes);
	dump_whole(&xml, ED_DUMP_XML, bytes);
	kept_read(&export, &ed_reader_evxml, ed_buf_str(&xml.all));
	ck_assert_msg(export.gaps == 0, "%s: not well formed", name);
	same_events(name, &log, &export);
	dump_whole(&json, ED_DUMP_JSON, bytes);
	for (rest = ed_buf_str(&json.all); ed_str_line(&rest, &line); i++) {
		ck_assert_uint_lt(i, log.count);
		same_json(name, &log.events[i], line);
	}
	ck_assert_uint_eq(i, log.count);
	ck_assert_uint_eq(ed_evtx_dump_stats(xml.dump).records, log.count);
	ck_assert_uint_eq(ed_evtx_dump_stats(json.dump).written, log.count);
	ck_assert_uint_eq(xml.sink.gaps, log.gaps);
	ck_assert_uint_eq(json.sink.lost, log.lost);
	same_again(name, &xml, ED_DUMP_XML, bytes, strlen("<Events>"),
		   xml.all.len - strlen("</Events>"));
	same_again(name, &json, ED_DUMP_JSON, bytes, 0, json.all.len);
	dumped_release(&xml);
	dumped_release(&json);
	kept_release(&export);
	kept_release(&log);
}

static const struct build_field leaf[] = {
	{ .name = "Root",
	  .children = (const struct build_field[]){ { .name = "Leaf", .text = "in & out" },
						    { .name = "Leaf", .text = "again" } },
	  .child_count = 2 },
};

static const struct build_field many_types[] = {
	{ .name = "Text",
	  .type = BUILD_STRING,
	  .text = "caf\xc3\xa9 \xf0\x9f\x98\x80 <&>'\"\\ \r\nnext, longer than sixteen units" },
	{ .name = "Empty", .type = BUILD_STRING, .text = "" },
	{ .name = "Null", .type = BUILD_STRING, .text = NULL },
	{ .name = "With Blank & <more>", .type = BUILD_ANSI, .text = "plain" },
	{ .name = "Int8", .type = BUILD_INT8, .text = "-128" },
	{ .name = "UInt8", .type = BUILD_UINT8, .text = "255" },
	{ .name = "Int16", .type = BUILD_INT16, .text = "-32768" },
	{ .name = "UInt16", .type = BUILD_UINT16, .text = "65535" },
	{ .name = "Int32", .type = BUILD_INT32, .text = "0x80048904" },
	{ .name = "UInt32", .type = BUILD_UINT32, .text = "0xCAA2000C" },
	{ .name = "Int64", .type = BUILD_INT64, .text = "-9223372036854775808" },
	{ .name = "UInt64", .type = BUILD_UINT64, .text = "18446744073709551615" },
	{ .name = "Ten", .type = BUILD_UINT32, .text = "10" },
	{ .name = "Hundred", .type = BUILD_INT64, .text = "-100" },
	{ .name = "Float", .type = BUILD_FLOAT, .text = "0.5" },
	{ .name = "Double", .type = BUILD_DOUBLE, .text = "-1.25" },
	{ .name = "True", .type = BUILD_BOOL, .text = "true" },
	{ .name = "False", .type = BUILD_BOOL, .text = "false" },
	{ .name = "Binary", .type = BUILD_BINARY, .text = "00ffa5" },
	{ .name = "Guid", .type = BUILD_GUID, .text = "{6f1a3c52-1111-4d11-9d2e-5a7b1c000001}" },
	{ .name = "FileTime", .type = BUILD_FILETIME, .text = "2026-09-14T08:15:07.1234567Z" },
	{ .name = "SystemTime", .type = BUILD_SYSTEMTIME, .text = "2026-09-14T08:15:07.123Z" },
	{ .name = "Sid", .type = BUILD_SID, .text = "S-1-12-1-1111111111-2222222222" },
	{ .name = "Hex32", .type = BUILD_HEX32, .text = "0x80070002" },
	{ .name = "Hex32Short", .type = BUILD_HEX32, .text = "0x20" },
	{ .name = "Hex64", .type = BUILD_HEX64, .text = "0x8000000000000000" },
	{ .name = "HexZero", .type = BUILD_HEX64, .text = "0x0" },
	{ .name = "Size", .type = BUILD_SIZET, .text = "0x7ff" },
	{ .name = "Text", .type = BUILD_STRING, .text = "the name again" },
};

static const struct build_field tree[] = {
	{ .name = "Before", .type = BUILD_STRING, .text = "b" },
	{ .name = "Tree", .type = BUILD_BINXML, .children = leaf, .child_count = 1 },
	{ .name = "Leaf", .type = BUILD_STRING, .text = "no leaf of the tree" },
};

static const struct build_field arrays[] = {
	{ .name = "Strings", .type = BUILD_STRING | BUILD_ARRAY, .text = "one\ntwo\nthree" },
	{ .name = "Numbers", .type = BUILD_UINT32 | BUILD_ARRAY, .text = "1\n22\n333" },
	{ .name = "Nothing", .type = BUILD_UINT32 | BUILD_ARRAY, .text = "" },
	{ .name = "Guids",
	  .type = BUILD_GUID | BUILD_ARRAY,
	  .text = "{6F1A3C52-1111-4D11-9D2E-5A7B1C000001}\n{00000000-0000-0000-0000-"
		  "000000000000}" },
};

static const struct build_field array_twice[] = {
	{ .name = "A", .type = BUILD_STRING | BUILD_ARRAY, .text = "one\ntwo" },
	{ .name = "A", .type = BUILD_STRING, .text = "three" },
};

static const struct build_field mark_in_name[] = {
	{ .name = "A", .type = BUILD_STRING, .text = "1" },
	{ .name = "A#2", .type = BUILD_STRING, .text = "2" },
	{ .name = "A", .type = BUILD_STRING, .text = "3" },
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
	{ "types in UserData", BUILD_USER_DATA, many_types + 4, 20 },
	{ "embedded BinXml", BUILD_EVENT_DATA, tree, ED_COUNT(tree) },
	{ "arrays", BUILD_EVENT_DATA, arrays, ED_COUNT(arrays) },
	{ "an array and its name again", BUILD_EVENT_DATA, array_twice, ED_COUNT(array_twice) },
	{ "names with marks", BUILD_EVENT_DATA, mark_in_name, ED_COUNT(mark_in_name) },
	{ "classic", BUILD_CLASSIC, classic, ED_COUNT(classic) },
	{ "classic without binary", BUILD_CLASSIC, classic, 2 },
	{ "nothing", BUILD_NO_DATA, NULL, 0 },
	{ "empty", BUILD_EVENT_DATA, NULL, 0 },
};

static struct build_event event_of(size_t kind, uint64_t record)
{
	bool old = kinds[kind].shape == BUILD_CLASSIC;

	return (struct build_event){
		.provider = old ? "EventLog" : "Microsoft-Windows-Test",
		.guid = old ? NULL : "{A68CA8B7-004F-D7B6-A698-07E2DE0F1F5D}",
		.source = record % 3 ? NULL : "Old & new",
		.channel = "Test/Operational",
		.computer = "DESKTOP-EXAMPLE1",
		.user = old ? NULL : "S-1-5-18",
		.activity = record == 2 ? "{11111111-2222-3333-4444-555555555555}" : NULL,
		.record = record,
		.time = INT64_C(134338000001234567) + (int64_t)record * ED_TICKS_PER_SECOND,
		.keywords = UINT64_C(0x8000000000000000),
		.id = 1000 + (uint32_t)(record % 10),
		.version = 3,
		.level = (uint8_t)(1 + record % 5),
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

START_TEST(a_dump_is_the_log)
{
	for (int flat = 0; flat < 2; flat++) {
		struct evtx_build b;

		evtx_build_init(&b);
		b.flat = flat;
		for (uint64_t i = 1; i <= 4; i++) {
			struct build_event event = event_of((size_t)_i, i);

			ck_assert(evtx_build_add(&b, &event));
		}
		check_log(kinds[_i].name, evtx_build_finish(&b));
		evtx_build_release(&b);
	}
}
END_TEST

/* @count records of all kinds, over several chunks. */
static struct ed_str log_of_many(struct evtx_build *b, uint64_t count)
{
	evtx_build_init(b);
	for (uint64_t i = 1; i <= count; i++) {
		struct build_event event = event_of(i % ED_COUNT(kinds), i);

		ck_assert(evtx_build_add(b, &event));
	}
	return evtx_build_finish(b);
}

START_TEST(many_chunks)
{
	struct evtx_build b;
	struct ed_str bytes = log_of_many(&b, 1000);

	ck_assert_uint_gt(bytes.len, 4 * EVTX_BUILD_CHUNK);
	check_log("many", bytes);
	evtx_build_release(&b);
}
END_TEST

/* The same system text wherever it comes from, and numbers as numbers. */
START_TEST(json_of_system)
{
	static const char *const parts[] = {
		"{\"provider\":\"Microsoft-Windows-Test\",",
		"\"provider_guid\":\"{A68CA8B7-004F-D7B6-A698-07E2DE0F1F5D}\",",
		"\"event\":1002,",
		"\"version\":3,",
		"\"level\":3,",
		"\"task\":0,",
		"\"keywords\":\"0x8000000000000000\",",
		"\"record\":2,",
		"\"activity\":\"{11111111-2222-3333-4444-555555555555}\",",
		"\"process\":4,",
		"\"thread\":8,",
		"\"channel\":\"Test/Operational\",",
		"\"computer\":\"DESKTOP-EXAMPLE1\",",
		"\"user\":\"S-1-5-18\",",
		"\"fields\":{\"Text\":\"caf",
	};
	struct build_event event = event_of(0, 2);
	struct evtx_build b;
	struct dumped d;

	evtx_build_init(&b);
	ck_assert(evtx_build_add(&b, &event));
	dump_whole(&d, ED_DUMP_JSON, evtx_build_finish(&b));
	for (size_t i = 0; i < ED_COUNT(parts); i++)
		ck_assert_msg(strstr(d.all.p, parts[i]), "%s in %s", parts[i], d.all.p);
	dumped_release(&d);
	evtx_build_release(&b);
}
END_TEST

START_TEST(xml_as_windows_writes_it)
{
	struct build_event event = event_of(9, 1);
	struct evtx_build b;
	struct dumped d;

	evtx_build_init(&b);
	event.user = NULL;
	ck_assert(evtx_build_add(&b, &event));
	dump_whole(&d, ED_DUMP_XML, evtx_build_finish(&b));
	ck_assert_ptr_nonnull(strstr(d.all.p, "<Correlation/><Execution ProcessID=\"4\" "
					      "ThreadID=\"8\"/><Channel>Test/Operational</Channel>"
					      "<Computer>DESKTOP-EXAMPLE1</Computer><Security/>"
					      "</System>"));
	ck_assert_ptr_nonnull(strstr(d.all.p, "<EventID>1001</EventID><Version>3</Version>"));
	dumped_release(&d);
	evtx_build_release(&b);
}
END_TEST

/* Every filter gives the same through the dump as through the sink. */
START_TEST(filters)
{
	static const char *const ids[] = { "1003", "1-1004,1007", NULL, NULL, "1002-1005", NULL };
	static const char *const levels[] = { NULL, NULL, "2,error,5", NULL, "1-3", NULL };
	static const char *const providers[] = { NULL, NULL, NULL, "eventlog", NULL, NULL };
	struct evtx_build b;
	struct ed_str bytes = log_of_many(&b, 300), rest, line;
	struct kept log;
	struct dumped d;
	size_t i = 0;
	struct ed_input input;

	dumped_init(&d);
	if (ids[_i])
		ck_assert_int_eq(ed_filter_add_ids(&d.filter, ed_str_from(ids[_i]), NULL), ED_OK);
	if (levels[_i])
		ck_assert_int_eq(ed_filter_add_levels(&d.filter, ed_str_from(levels[_i]), NULL),
				 ED_OK);
	if (providers[_i])
		ck_assert_int_eq(
			ed_filter_add_provider(&d.filter, ed_str_from(providers[_i]), NULL), ED_OK);
	if (_i == 5) {
		d.filter.since = event_of(0, 100).time;
		d.filter.until = event_of(0, 120).time;
	}
	ck_assert_int_eq(dumped_read(&d, ED_DUMP_JSON, bytes), ED_OK);
	kept_init(&log);
	log.filter = &d.filter;
	ed_input_from_memory(&input, ED_STR("x"), bytes.p, bytes.len);
	ck_assert_int_eq(ed_reader_evtx.read(&input, &log.sink, NULL), ED_OK);
	ck_assert_uint_gt(log.count, 0);
	ck_assert_uint_lt(log.count, 300);
	for (rest = ed_buf_str(&d.all); ed_str_line(&rest, &line); i++) {
		ck_assert_uint_lt(i, log.count);
		same_json("filtered", &log.events[i], line);
	}
	ck_assert_uint_eq(i, log.count);
	ck_assert_uint_eq(ed_evtx_dump_stats(d.dump).written, log.count);
	ck_assert_uint_eq(ed_evtx_dump_stats(d.dump).records + ed_evtx_dump_stats(d.dump).skipped,
			  300);
	kept_release(&log);
	dumped_release(&d);
	evtx_build_release(&b);
}
END_TEST

/* Chunks outside the window are not examined, unless their records are not as old as they say. */
START_TEST(chunks_are_skipped)
{
	struct evtx_build b;
	struct ed_str bytes = log_of_many(&b, 1000);
	unsigned char *copy = ed_malloc(bytes.len);
	struct dumped d;
	uint64_t skipped;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, bytes.p, bytes.len);
	dumped_init(&d);
	d.filter.since = event_of(0, 990).time;
	ck_assert_int_eq(dumped_read(&d, ED_DUMP_XML, bytes), ED_OK);
	skipped = ed_evtx_dump_stats(d.dump).skipped;
	ck_assert_uint_gt(skipped, 500);
	ck_assert_uint_eq(ed_evtx_dump_stats(d.dump).written, 11);
	ck_assert_uint_eq(ed_evtx_dump_stats(d.dump).records, 1000 - skipped);
	ck_assert_uint_eq(d.sink.gaps, 0);

	/* a record whose header has another time than its event: nothing is taken for granted */
	copy[EVTX_BUILD_FILE_HEADER + 512 + 16] ^= 1;
	evtx_build_reseal(copy, 0);
	ck_assert_int_eq(
		dumped_read(&d, ED_DUMP_XML, (struct ed_str){ (const char *)copy, bytes.len }),
		ED_OK);
	ck_assert_uint_lt(ed_evtx_dump_stats(d.dump).skipped, 2 * skipped);
	ck_assert_uint_eq(ed_evtx_dump_stats(d.dump).written, 22);
	dumped_release(&d);
	ed_free(copy);
	evtx_build_release(&b);
}
END_TEST

START_TEST(wanted_fields)
{
	struct evtx_build b;
	struct build_event event = event_of(0, 5);
	struct dumped d;

	evtx_build_init(&b);
	ck_assert(evtx_build_add(&b, &event));
	event = event_of(2, 6);
	ck_assert(evtx_build_add(&b, &event));
	event = event_of(8, 7);
	ck_assert(evtx_build_add(&b, &event));
	dumped_init(&d);
	d.wanted = (struct ed_wanted){ .names = { ED_STR("uint32"), ED_STR("leaf"),
						  ED_STR("EventRecordID"), ED_STR("int8"),
						  ED_STR("true") },
				       .count = 5 };
	ck_assert_int_eq(dumped_read(&d, ED_DUMP_JSON, evtx_build_finish(&b)), ED_OK);
	ck_assert_str_eq(d.all.p,
			 "{\"EventRecordID\":5,\"int8\":\"-128\",\"uint32\":\"3399614476\","
			 "\"true\":\"true\"}\n"
			 "{\"EventRecordID\":6,\"leaf\":\"in & out\",\"leaf#2\":\"again\","
			 "\"leaf#3\":\"no leaf of the tree\"}\n"
			 "{\"EventRecordID\":7}\n");
	dumped_release(&d);
	evtx_build_release(&b);
}
END_TEST

START_TEST(events_go_to_the_sink)
{
	struct evtx_build b;
	struct ed_str bytes = log_of_many(&b, 60);
	struct dumped d;
	struct kept log;

	kept_read(&log, &ed_reader_evtx, bytes);
	dump_whole(&d, ED_DUMP_EVENTS, bytes);
	same_events("sink", &log, &d.sink);
	ck_assert_uint_eq(d.all.len, 0);
	dumped_release(&d);
	kept_release(&log);
	evtx_build_release(&b);
}
END_TEST

static ed_status count_start(void *context, const struct ed_xml_element *element,
			     struct ed_error *err)
{
	size_t *count = context;

	(void)err;
	*count += element->depth == 2;
	return ED_OK;
}

static ed_status pass_text(void *context, struct ed_str text, struct ed_error *err)
{
	(void)context;
	(void)text;
	(void)err;
	return ED_OK;
}

/* Children of the root of a document that must be well formed. */
static size_t events_of(struct ed_str document)
{
	static const struct ed_xml_handler handler = { count_start, pass_text, pass_text };
	struct ed_error err = { 0 };
	struct ed_xml *xml;
	size_t count = 0;

	ck_assert_int_eq(ed_xml_new(&xml, &err), ED_OK);
	ck_assert_msg(ed_xml_parse(xml, document, &handler, &count, &err) == ED_OK, "%s", err.text);
	ed_xml_free(xml);
	return count;
}

/* Whatever is in a chunk whose checksums are right: as many events as the reader finds, all of it
 * well formed. */
START_TEST(damage_within_stays_well_formed)
{
	struct evtx_build b;
	struct ed_str bytes = log_of_many(&b, 120);
	unsigned char *copy = ed_malloc(bytes.len);
	uint32_t seed = (uint32_t)_i * 7919u + 1;

	ck_assert_ptr_nonnull(copy);
	for (int round = 0; round < 60; round++) {
		struct ed_str damaged = { (const char *)copy, bytes.len };
		struct ed_str rest, line;
		struct kept log;
		struct dumped xml, json;
		size_t lines = 0;

		memcpy(copy, bytes.p, bytes.len);
		for (int i = 0; i < 1 + round / 4; i++) {
			seed = seed * 1664525u + 1013904223u;
			copy[EVTX_BUILD_FILE_HEADER + 512 + (seed >> 8) % 60000] =
				(unsigned char)(seed >> 3 & (round % 2 ? 255 : 15));
		}
		evtx_build_reseal(copy, 0);
		kept_read(&log, &ed_reader_evtx, damaged);
		dump_whole(&xml, ED_DUMP_XML, damaged);
		dump_whole(&json, ED_DUMP_JSON, damaged);
		ck_assert_uint_eq(events_of(ed_buf_str(&xml.all)), log.count);
		ck_assert_uint_eq(xml.sink.lost, log.lost);
		for (rest = ed_buf_str(&json.all); ed_str_line(&rest, &line); lines++) {
			struct ed_json *root = NULL;

			ck_assert_msg(ed_json_parse(line, &root, NULL) == ED_OK, "%.*s",
				      ED_FMT(line));
			ed_json_free(root);
		}
		ck_assert_uint_eq(lines, log.count);
		dumped_release(&xml);
		dumped_release(&json);
		kept_release(&log);
	}
	ed_free(copy);
	evtx_build_release(&b);
}
END_TEST

/* One value of 30 KB in 200 places: too much for one event, which keeps its head. */
START_TEST(a_limit_leaves_the_head)
{
	static unsigned char units[30000];
	static struct eb eb;
	struct eb_value value = { 1, sizeof(units), units };
	struct dumped d;
	uint32_t mark;

	for (size_t i = 0; i < sizeof(units); i++)
		units[i] = i % 2 ? 0 : '"';
	eb_init(&eb);
	mark = eb_event_begin(&eb, 77, UINT64_C(133000000010000000));
	eb_fragment(&eb);
	eb_define(&eb);
	eb_open(&eb, "EventData", false);
	eb_close_start(&eb);
	for (int i = 0; i < 200; i++) {
		eb_open(&eb, "Data", false);
		eb_close_start(&eb);
		eb_sub(&eb, 0, 1, true);
		eb_close(&eb);
	}
	eb_close(&eb);
	eb_define_end(&eb);
	eb_values(&eb, &value, 1);
	eb_event_end(&eb, mark);
	eb_finish(&eb);
	for (int form = 0; form < 2; form++) {
		struct ed_str bytes = { (const char *)eb.file, eb_size(&eb) };

		dump_whole(&d, form ? ED_DUMP_XML : ED_DUMP_JSON, bytes);
		ck_assert_uint_lt(d.all.len, 1000);
		ck_assert_ptr_nonnull(
			strstr(d.all.p, form ? "<EventID>77</EventID>" : "\"event\":77,"));
		ck_assert_uint_eq(d.sink.gaps, 1);
		ck_assert_uint_eq(d.sink.lost, 0);
		ck_assert_uint_eq(ed_evtx_dump_stats(d.dump).written, 1);
		dumped_release(&d);
	}
}
END_TEST

START_TEST(failures_come_back)
{
	struct evtx_build b;
	struct ed_str bytes = log_of_many(&b, 300);
	struct dumped d;

	dumped_init(&d);
	d.all.limit = 100000;
	ck_assert_int_eq(dumped_read(&d, ED_DUMP_XML, bytes), ED_LIMIT);
	ck_assert_str_eq(d.err.text, "flush");
	dumped_release(&d);
	dumped_init(&d);
	ck_assert_int_eq(dumped_read(&d, ED_DUMP_XML, ED_STR("no log at all")), ED_FORMAT);
	dumped_release(&d);
	evtx_build_release(&b);
}
END_TEST

START_TEST(every_allocation_may_fail)
{
	struct evtx_build b;
	struct ed_str bytes = log_of_many(&b, 20);
	enum ed_dump_form form = _i ? ED_DUMP_XML : ED_DUMP_JSON;
	struct dumped d;
	ed_status status = ED_NOMEM;

	for (long n = 0; status != ED_OK; n++) {
		ck_assert_int_lt(n, 3000);
		dumped_init(&d);
		ed_buf_reserve(&d.all, ED_MIB);
		ed_alloc_fail_after(n);
		status = dumped_read(&d, form, bytes);
		ed_alloc_fail_after(-1);
		ck_assert_msg(status == ED_OK || status == ED_NOMEM, "%ld: %s", n, d.err.text);
		dumped_release(&d);
	}
	evtx_build_release(&b);
}
END_TEST

static void check_file(struct ed_str folder, struct ed_str name)
{
	struct ed_error err = { 0 };
	struct ed_file *file;
	char path[1024];
	size_t got, size;
	char *bytes;
	int n = snprintf(path, sizeof(path), "%.*s/%.*s", ED_FMT(folder), ED_FMT(name));

	ck_assert_msg(ed_file_open((struct ed_str){ path, (size_t)n }, true, &file, &err) == ED_OK,
		      "%s", err.text);
	size = (size_t)ed_file_size(file);
	bytes = ed_malloc(size);
	ck_assert_ptr_nonnull(bytes);
	ck_assert_int_eq(ed_file_read_at(file, 0, bytes, size, &got, &err), ED_OK);
	check_log(path, (struct ed_str){ bytes, got });
	ed_free(bytes);
	ed_file_close(file);
}

/* Real logs, where there are some. */
START_TEST(real_logs)
{
	const char *shared = getenv("ED_SHARED");
	struct ed_folder_entry *folders, *files;
	size_t folder_count, file_count, checked = 0;
	struct ed_arena arena;
	char place[1024];

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
		for (size_t j = 0; j < file_count; j++, checked++)
			if (ed_str_ends(files[j].name, ED_STR(".evtx")))
				check_file(ed_str_from(place), files[j].name);
	}
	ck_assert_uint_gt(checked, 0);
	ed_arena_release(&arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("events");
	TCase *tcase = tcase_create("all");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 240);
	tcase_add_loop_test(tcase, a_dump_is_the_log, 0, (int)ED_COUNT(kinds));
	tcase_add_test(tcase, many_chunks);
	tcase_add_test(tcase, json_of_system);
	tcase_add_test(tcase, xml_as_windows_writes_it);
	tcase_add_loop_test(tcase, filters, 0, 6);
	tcase_add_test(tcase, chunks_are_skipped);
	tcase_add_test(tcase, wanted_fields);
	tcase_add_test(tcase, events_go_to_the_sink);
	tcase_add_loop_test(tcase, damage_within_stays_well_formed, 0, 4);
	tcase_add_test(tcase, a_limit_leaves_the_head);
	tcase_add_test(tcase, failures_come_back);
	tcase_add_loop_test(tcase, every_allocation_may_fail, 0, 2);
	tcase_add_test(tcase, real_logs);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

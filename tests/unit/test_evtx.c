/* SPDX-License-Identifier: MIT */
/* The reader over well-formed logs: heads, every token, templates, what becomes a field. */
#include <check.h>

#include "test_evtx_bytes.h"

#include "espdiag/base/limits.h"
#include "espdiag/base/utf.h"

#define TICKS UINT64_C(133000000012345678)

static struct eb bytes;
static struct eb_sink sink;

static void setup(void)
{
	eb_init(&bytes);
	eb_sink_init(&sink);
}

static void teardown(void)
{
	eb_sink_release(&sink);
}

static void check_str(struct ed_str got, const char *want)
{
	ck_assert_msg(ed_str_eq(got, ed_str_from(want)), "'%.*s' is not '%s'", ED_FMT(got), want);
}

static void check_field(size_t event, size_t field, const char *name, const char *value)
{
	ck_assert_uint_lt(event, sink.event_count);
	ck_assert_uint_lt(field, sink.events[event].field_count);
	check_str(sink.events[event].fields[field].name, name);
	check_str(sink.events[event].fields[field].value, value);
}

/* <EventData> as a plain fragment, whose content the caller writes. */
static uint32_t data_begin(unsigned id)
{
	uint32_t mark = eb_event_begin(&bytes, id, TICKS);

	bytes.no_dependency = true;
	eb_fragment(&bytes);
	eb_open(&bytes, "EventData", false);
	eb_close_start(&bytes);
	return mark;
}

static void data_end(uint32_t mark)
{
	eb_close(&bytes);
	eb_end(&bytes);
	bytes.no_dependency = false;
	eb_event_end(&bytes, mark);
}

START_TEST(head_user_and_computer)
{
	const struct ed_event *e = &sink.events[0];

	eb_event_end(&bytes, eb_event_begin(&bytes, 4711, TICKS));
	eb_finish(&bytes);
	eb_read_ok(&sink, &bytes);
	ck_assert_uint_eq(sink.event_count, 1);
	ck_assert_uint_eq(sink.gap_count, 0);
	check_str(e->head.provider, "Test-Provider");
	check_str(e->head.channel, "Test/Operational");
	ck_assert_uint_eq(e->head.id, 4711);
	ck_assert_uint_eq(e->head.version, 2);
	ck_assert_uint_eq(e->head.level, 4);
	ck_assert_uint_eq(e->head.record, 1);
	ck_assert_int_eq(e->head.time, (int64_t)TICKS);
	check_str(e->user, "S-1-5-18");
	check_str(e->computer, "PC-1");
	ck_assert_uint_eq(e->field_count, 0);
}
END_TEST

static bool choose_even(const struct ed_event_head *head)
{
	ck_assert(ed_str_eq(head->channel, ED_STR("Test/Operational")));
	ck_assert_uint_ne(head->id, 0);
	return head->id % 2 == 0;
}

START_TEST(only_wanted_events_are_rendered)
{
	for (unsigned id = 1; id <= 9; id++)
		eb_event_with(&bytes, id, &(struct eb_value){ 0x04, 1, "\x07" });
	eb_finish(&bytes);
	sink.choose = choose_even;
	eb_read_ok(&sink, &bytes);
	ck_assert_uint_eq(sink.wanted, 9);
	ck_assert_uint_eq(sink.event_count, 4);
	ck_assert_uint_eq(sink.events[3].head.id, 8);
}
END_TEST

/* A record whose whole head is in its values; slots 0 to 3: provider, channel, computer, id. */
static void event_of_values(const struct eb_value *values, size_t count)
{
	static const char *const names[] = { "Channel", "Computer", "EventID" };

	eb_record_begin(&bytes);
	if (bytes.outer_at) {
		eb_instance(&bytes, bytes.outer_at);
	} else {
		bytes.outer_at = eb_define(&bytes);
		eb_open(&bytes, "Event", false);
		eb_close_start(&bytes);
		eb_open(&bytes, "System", false);
		eb_close_start(&bytes);
		eb_open(&bytes, "Provider", true);
		eb_attribute(&bytes, "Name");
		eb_sub(&bytes, 0, 1, true);
		eb_close_empty(&bytes);
		for (unsigned i = 0; i < ED_COUNT(names); i++) {
			eb_open(&bytes, names[i], false);
			eb_close_start(&bytes);
			if (i == 1)
				eb_text(&bytes, "PC-");
			if (i == 2)
				eb_text(&bytes, "1");
			eb_sub(&bytes, i + 1, 1, true);
			eb_close(&bytes);
		}
		eb_close(&bytes);
		eb_close(&bytes);
		eb_define_end(&bytes);
	}
	eb_values(&bytes, values, count);
	eb_record_end(&bytes);
}

START_TEST(head_from_values)
{
	static unsigned char wide[600];
	static const struct {
		const char *provider, *channel, *computer;
		uint32_t id;
	} want[] = {
		{ "P1", "A/B", "PC-7", 142 }, { "P1", "A/B", "PC-7", 142 },
		{ "P2", "A/C", "PC-8", 1 },   { "P1", "A/B", "PC-7", 142 },
		{ "ansi", NULL, "PC-", 1 },   { NULL, NULL, NULL, 0 },
	};

	for (size_t i = 0; i < sizeof(wide); i += 2)
		wide[i] = 'w';
	for (size_t i = 0; i < 4; i++)
		event_of_values(i == 2 ? (const struct eb_value[]){ { 1, 4, "P\0002\0" },
								    { 1, 6, "A\0/\0C\0" },
								    { 4, 1, "\x08" },
								    { 1, 2, "x\0" } }
				       : (const struct eb_value[]){ { 1, 6, "P\0001\0\0\0" },
								    { 1, 6, "A\0/\0B\0" },
								    { 4, 1, "\x07" },
								    { 6, 2, "\x2A\0" } },
				4);
	event_of_values((const struct eb_value[]){ { 2, 4, "ansi" }, { 0, 0, "" }, { 1, 0, "" } },
			3);
	event_of_values(NULL, 0);
	event_of_values((const struct eb_value[]){ { 1, 600, wide }, { 1, 600, wide } }, 2);
	eb_finish(&bytes);
	eb_read_ok(&sink, &bytes);
	ck_assert_uint_eq(sink.gap_count, 0);
	ck_assert_uint_eq(sink.event_count, ED_COUNT(want) + 1);
	for (size_t i = 0; i < ED_COUNT(want); i++) {
		const struct ed_event *e = &sink.events[i];

		check_str(e->head.provider, want[i].provider);
		check_str(e->head.channel, want[i].channel);
		ck_assert_int_eq(e->head.provider.p == NULL, want[i].provider == NULL);
		ck_assert_int_eq(e->head.channel.p == NULL, want[i].channel == NULL);
		if (i != 2 && i < 4) /* "1" and "x" are no number */
			ck_assert_uint_eq(e->head.id, want[i].id);
		if (want[i].computer && i < 4)
			check_str(e->computer, want[i].computer);
	}
	ck_assert_uint_eq(sink.events[2].head.id, 0);
	ck_assert_ptr_null(sink.events[4].user.p);
	ck_assert_uint_eq(sink.events[6].head.provider.len, 300);
	ck_assert_uint_eq(sink.events[6].head.channel.len, 300);
}
END_TEST

/* @_i: names written once a chunk and shared, or everywhere anew. */
START_TEST(chunks_in_file_order_with_templates_of_their_own)
{
	bytes.share_names = _i;
	for (size_t chunk = 0; chunk < 3; chunk++) {
		if (chunk) {
			eb_chunk_end(&bytes);
			eb_chunk_begin(&bytes);
		}
		for (unsigned i = 0; i < 20; i++)
			eb_event_with(&bytes, (unsigned)chunk * 100 + i,
				      &(struct eb_value){ 0x08, 4, "\x07\0\0\0" });
	}
	eb_finish(&bytes);
	eb_read_ok(&sink, &bytes);
	ck_assert_uint_eq(sink.event_count, 60);
	ck_assert_uint_eq(sink.gap_count, 0);
	for (size_t i = 0; i < 60; i++) {
		ck_assert_uint_eq(sink.events[i].head.record, i + 1);
		ck_assert_uint_eq(sink.events[i].head.id, i / 20 * 100 + i % 20);
		check_field(i, 0, "v", "7");
	}
}
END_TEST

/* The same GUID, size and bytes, but the names they refer to are others: no mix-up. */
START_TEST(same_bytes_with_other_names_are_another_template)
{
	static const char *const names[] = { "First", "Other" };

	for (size_t chunk = 0; chunk < 2; chunk++) {
		uint32_t mark;

		if (chunk) {
			eb_chunk_end(&bytes);
			eb_chunk_begin(&bytes);
		}
		mark = eb_event_begin(&bytes, 1, TICKS);
		eb_fragment(&bytes);
		bytes.guid = 77;
		eb_define(&bytes);
		eb_open(&bytes, "EventData", false);
		eb_close_start(&bytes);
		eb_u8(&bytes, 0x01);
		eb_u16(&bytes, 0xFFFF);
		eb_u32(&bytes, 1);
		eb_u32(&bytes, 60000);
		eb_close_start(&bytes);
		eb_sub(&bytes, 0, 4, false);
		eb_close(&bytes);
		eb_close(&bytes);
		eb_define_end(&bytes);
		eb_values(&bytes, &(struct eb_value){ 0x04, 1, "\x07" }, 1);
		eb_event_end(&bytes, mark);
		memset(bytes.chunk + 60000, 0, 8);
		bytes.chunk[60006] = 5;
		for (size_t i = 0; i < 5; i++)
			bytes.chunk[60008 + 2 * i] = (unsigned char)names[chunk][i];
	}
	eb_finish(&bytes);
	eb_read_ok(&sink, &bytes);
	ck_assert_uint_eq(sink.event_count, 2);
	check_field(0, 0, "First", "7");
	check_field(1, 0, "Other", "7");
}
END_TEST

START_TEST(cache_serves_many_files)
{
	struct ed_evtx_cache *cache;
	struct ed_input input;

	eb_event_with(&bytes, 3, &(struct eb_value){ 0x01, 4, "h\0i\0" });
	eb_finish(&bytes);
	ck_assert_int_eq(ed_evtx_cache_new(&cache, NULL), ED_OK);
	ed_input_from_memory(&input, ED_STR("x"), bytes.file, eb_size(&bytes));
	for (int i = 0; i < 50; i++)
		ck_assert_int_eq(ed_evtx_read(cache, &input, &sink.sink, NULL), ED_OK);
	ed_evtx_cache_free(cache);
	ed_evtx_cache_free(NULL);
	ck_assert_uint_eq(sink.event_count, 50);
	check_field(49, 0, "v", "hi");
}
END_TEST

/* @_i: with and without dependency numbers in the start tags. */
START_TEST(record_without_a_template)
{
	const struct ed_event *e = &sink.events[0];

	bytes.no_dependency = _i;
	eb_record_begin(&bytes);
	eb_open(&bytes, "Event", true);
	eb_attribute(&bytes, "xmlns");
	eb_text(&bytes, "urn:x");
	eb_close_start(&bytes);
	eb_open(&bytes, "System", false);
	eb_close_start(&bytes);
	eb_open(&bytes, "Provider", true);
	eb_attribute(&bytes, "Name");
	eb_text(&bytes, "Plain");
	eb_close_empty(&bytes);
	eb_open(&bytes, "EventID", true);
	eb_attribute(&bytes, "Qualifiers");
	eb_text(&bytes, "16384");
	eb_close_start(&bytes);
	eb_text(&bytes, "70");
	eb_u8(&bytes, 0x08); /* &#51; */
	eb_u16(&bytes, '3');
	eb_text(&bytes, "6");
	eb_close(&bytes);
	eb_leaf(&bytes, "Level", "3");
	eb_open(&bytes, "TimeCreated", true);
	eb_attribute(&bytes, "SystemTime");
	eb_text(&bytes, "2026-09-14T08:15:07.5Z");
	eb_close_empty(&bytes);
	eb_leaf(&bytes, "EventRecordID", "99");
	eb_leaf(&bytes, "Channel", "System");
	eb_close(&bytes);
	eb_open(&bytes, "EventData", false);
	eb_close_start(&bytes);
	eb_leaf(&bytes, "Data", "x");
	eb_close(&bytes);
	eb_close(&bytes);
	eb_end(&bytes);
	eb_record_end(&bytes);
	eb_finish(&bytes);
	eb_read_ok(&sink, &bytes);
	ck_assert_uint_eq(sink.event_count, 1);
	check_str(e->head.provider, "Plain");
	check_str(e->head.channel, "System");
	ck_assert_uint_eq(e->head.id, 7036);
	ck_assert_uint_eq(e->head.level, 3);
	ck_assert_uint_eq(e->head.record, 99);
	ck_assert_int_eq(e->head.time % ED_TICKS_PER_MINUTE, 75 * ED_TICKS_PER_SECOND / 10);
	ck_assert_ptr_null(e->user.p);
	ck_assert_ptr_null(e->computer.p);
	check_field(0, 0, "", "x");
}
END_TEST

START_TEST(text_of_every_token)
{
	uint32_t mark = data_begin(1);

	eb_open(&bytes, "Data", true);
	eb_attribute(&bytes, "Other");
	eb_text(&bytes, "no");
	eb_attribute(&bytes, "Name");
	eb_text(&bytes, "Error ");
	eb_u8(&bytes, 0x49);
	eb_name(&bytes, "amp");
	eb_text(&bytes, "Code");
	eb_close_start(&bytes);
	eb_text(&bytes, "a");
	eb_u8(&bytes, 0x07); /* CDATA */
	eb_u16(&bytes, 2);
	eb_utf16(&bytes, "<b");
	eb_u8(&bytes, 0x48);
	eb_u16(&bytes, 0x20AC);
	eb_u8(&bytes, 0x09);
	eb_name(&bytes, "lt");
	eb_u8(&bytes, 0x09);
	eb_name(&bytes, "nbsp");
	eb_u8(&bytes, 0x0A); /* <?pi data?> */
	eb_name(&bytes, "pi");
	eb_u8(&bytes, 0x0B);
	eb_u16(&bytes, 4);
	eb_utf16(&bytes, "data");
	eb_u8(&bytes, 0x05); /* typed text */
	eb_u8(&bytes, 0x08);
	eb_u32(&bytes, 42);
	eb_close(&bytes);
	data_end(mark);
	eb_finish(&bytes);
	eb_read_ok(&sink, &bytes);
	ck_assert_uint_eq(sink.gap_count, 0);
	ck_assert_uint_eq(sink.events[0].field_count, 1);
	check_field(0, 0, "Error &Code", "a<b\xE2\x82\xAC<&nbsp;42");
}
END_TEST

START_TEST(elements_that_become_fields)
{
	uint32_t mark = data_begin(1);

	eb_leaf(&bytes, "Data", "unnamed");
	eb_open(&bytes, "Data", true);
	eb_attribute(&bytes, "Name");
	eb_text(&bytes, "empty");
	eb_close_empty(&bytes);
	eb_leaf(&bytes, "Binary", "00FF");
	eb_open(&bytes, "Outer", false);
	eb_close_start(&bytes);
	eb_text(&bytes, "not a leaf");
	eb_leaf(&bytes, "p:Inner", "deep");
	eb_text(&bytes, "nor this");
	eb_close(&bytes);
	data_end(mark);
	mark = eb_event_begin(&bytes, 2, TICKS);
	bytes.no_dependency = true;
	eb_open(&bytes, "UserData", false);
	eb_close_start(&bytes);
	eb_open(&bytes, "My", false);
	eb_close_start(&bytes);
	eb_open(&bytes, "Data", true);
	eb_attribute(&bytes, "Name");
	eb_text(&bytes, "ignored");
	eb_close_start(&bytes);
	eb_text(&bytes, "1");
	eb_close(&bytes);
	eb_leaf(&bytes, "State", "");
	eb_close(&bytes);
	data_end(mark);
	mark = eb_event_begin(&bytes, 3, TICKS);
	bytes.no_dependency = true;
	eb_open(&bytes, "ProcessingErrorData", false);
	eb_close_start(&bytes);
	eb_leaf(&bytes, "ErrorCode", "15005");
	data_end(mark);
	eb_finish(&bytes);
	eb_read_ok(&sink, &bytes);
	ck_assert_uint_eq(sink.gap_count, 0);
	ck_assert_uint_eq(sink.event_count, 3);
	ck_assert_uint_eq(sink.events[0].field_count, 4);
	check_field(0, 0, "", "unnamed");
	check_field(0, 1, "empty", "");
	check_field(0, 2, "Binary", "00FF");
	check_field(0, 3, "Inner", "deep");
	ck_assert_uint_eq(sink.events[1].field_count, 2);
	check_field(1, 0, "Data", "1");
	check_field(1, 1, "State", "");
	ck_assert_uint_eq(sink.events[2].field_count, 0);
}
END_TEST

/* An optional null takes its element or attribute away, a normal one leaves it empty. */
START_TEST(null_values)
{
	static const struct eb_value nulls[] = { { 0x00, 0, "" }, { 0x01, 0, "" } };
	uint32_t mark = eb_event_begin(&bytes, 1, TICKS);
	static const struct {
		unsigned slot;
		bool is_optional;
	} subs[] = { { 0, true }, { 0, false }, { 1, true }, { 9, true }, { 9, false } };

	eb_fragment(&bytes);
	eb_define(&bytes);
	eb_open(&bytes, "EventData", false);
	eb_close_start(&bytes);
	for (size_t i = 0; i < ED_COUNT(subs); i++) {
		eb_open(&bytes, "Data", true);
		eb_attribute(&bytes, "Name");
		eb_u8(&bytes, 0x05);
		eb_u8(&bytes, 0x01);
		eb_u16(&bytes, 1);
		eb_u16(&bytes, (unsigned)('a' + i));
		eb_close_start(&bytes);
		eb_sub(&bytes, subs[i].slot, 1, subs[i].is_optional);
		eb_close(&bytes);
	}
	/* with text beside it, and with its Name gone */
	eb_open(&bytes, "Data", true);
	eb_attribute(&bytes, "Name");
	eb_sub(&bytes, 0, 1, true);
	eb_close_start(&bytes);
	eb_text(&bytes, "n");
	eb_close(&bytes);
	eb_open(&bytes, "Gone", false);
	eb_close_start(&bytes);
	eb_text(&bytes, "x");
	eb_sub(&bytes, 0, 1, true);
	eb_close(&bytes);
	eb_close(&bytes);
	eb_define_end(&bytes);
	eb_values(&bytes, nulls, ED_COUNT(nulls));
	eb_event_end(&bytes, mark);
	eb_finish(&bytes);
	eb_read_ok(&sink, &bytes);
	ck_assert_uint_eq(sink.gap_count, 0);
	ck_assert_uint_eq(sink.events[0].field_count, 4);
	check_field(0, 0, "b", "");
	check_field(0, 1, "c", "");
	check_field(0, 2, "e", "");
	check_field(0, 3, "", "n");
}
END_TEST

START_TEST(values_put_together)
{
	static const struct eb_value slots[] = { { 0x01, 6, "k\0e\0y\0" },
						 { 0x81, 8, "x\0\0\0y\0\0\0" },
						 { 0x14, 4, "\x1F\0\0\0" } };
	uint32_t mark = eb_event_begin(&bytes, 1, TICKS);

	eb_fragment(&bytes);
	eb_define(&bytes);
	eb_open(&bytes, "EventData", false);
	eb_close_start(&bytes);
	eb_open(&bytes, "Data", true);
	eb_attribute(&bytes, "Name");
	eb_sub(&bytes, 0, 1, false);
	eb_text(&bytes, "-");
	eb_sub(&bytes, 2, 1, false);
	eb_close_start(&bytes);
	eb_sub(&bytes, 2, 1, false);
	eb_text(&bytes, "/");
	eb_sub(&bytes, 1, 1, false);
	eb_close(&bytes);
	eb_close(&bytes);
	eb_define_end(&bytes);
	eb_values(&bytes, slots, ED_COUNT(slots));
	eb_event_end(&bytes, mark);
	eb_finish(&bytes);
	eb_read_ok(&sink, &bytes);
	ck_assert_uint_eq(sink.gap_count, 0);
	ck_assert_uint_eq(sink.events[0].field_count, 2);
	check_field(0, 0, "key-0x1f", "0x1f/x");
	check_field(0, 1, "key-0x1f", "0x1f/y");
}
END_TEST

/* UserData holds a template instance whose value is BinXml again. */
START_TEST(templates_within_templates)
{
	uint32_t mark = eb_event_begin(&bytes, 1, TICKS);
	uint32_t table, size;

	eb_fragment(&bytes);
	eb_define(&bytes);
	eb_open(&bytes, "UserData", false);
	eb_close_start(&bytes);
	eb_open(&bytes, "Outer", false);
	eb_close_start(&bytes);
	eb_sub(&bytes, 0, 0x21, true);
	eb_leaf(&bytes, "After", "1");
	eb_close(&bytes);
	eb_close(&bytes);
	eb_define_end(&bytes);
	eb_u32(&bytes, 1);
	table = bytes.at;
	eb_u32(&bytes, 0); /* size and type of the value, known at its end */
	eb_fragment(&bytes);
	eb_define(&bytes);
	eb_leaf(&bytes, "First", "a");
	eb_open(&bytes, "Second", false);
	eb_close_start(&bytes);
	eb_sub(&bytes, 0, 4, false);
	eb_close(&bytes);
	eb_define_end(&bytes);
	eb_values(&bytes, &(struct eb_value){ 0x04, 1, "\x09" }, 1);
	size = bytes.at - table - 4;
	bytes.chunk[table] = (unsigned char)size;
	bytes.chunk[table + 1] = (unsigned char)(size >> 8);
	bytes.chunk[table + 2] = 0x21;
	eb_event_end(&bytes, mark);
	eb_finish(&bytes);
	eb_read_ok(&sink, &bytes);
	ck_assert_uint_eq(sink.gap_count, 0);
	ck_assert_uint_eq(sink.events[0].field_count, 3);
	check_field(0, 0, "First", "a");
	check_field(0, 1, "Second", "9");
	check_field(0, 2, "After", "1");
}
END_TEST

/* The System element comes out of a nested template: the head is found all the same. */
START_TEST(system_in_a_nested_template)
{
	static const struct eb_value outer[] = { { 0x21, 0, "" } };
	unsigned char id[2] = { 0x39, 0x05 };
	const struct eb_value values[] = { { 0x06, 2, id }, { 0x04, 1, "\x01" } };
	uint32_t table;
	uint16_t size;

	eb_record_begin(&bytes);
	eb_define(&bytes);
	eb_open(&bytes, "Event", false);
	eb_close_start(&bytes);
	eb_sub(&bytes, 0, 0x21, false);
	eb_close(&bytes);
	eb_define_end(&bytes);
	table = bytes.at;
	eb_values(&bytes, outer, 1);
	eb_fragment(&bytes);
	eb_define(&bytes);
	eb_system(&bytes);
	eb_define_end(&bytes);
	eb_values(&bytes, values, ED_COUNT(values));
	size = (uint16_t)(bytes.at - table - 8);
	bytes.chunk[table + 4] = (unsigned char)size;
	bytes.chunk[table + 5] = (unsigned char)(size >> 8);
	eb_record_end(&bytes);
	eb_finish(&bytes);
	eb_read_ok(&sink, &bytes);
	ck_assert_uint_eq(sink.gap_count, 0);
	ck_assert_uint_eq(sink.event_count, 1);
	ck_assert_uint_eq(sink.events[0].head.id, 1337);
	check_str(sink.events[0].head.channel, "Test/Operational");
	/* what the values do not say comes from the record's header */
	ck_assert_uint_eq(sink.events[0].head.record, 1);
	ck_assert_int_eq(sink.events[0].head.time, INT64_C(133000000000000000));
	ck_assert_ptr_null(sink.events[0].user.p);
}
END_TEST

START_TEST(too_many_fields_are_cut)
{
	uint32_t mark = data_begin(1);

	bytes.share_names = true;
	for (size_t i = 0; i < ED_LIMIT_FIELDS + 10; i++)
		eb_leaf(&bytes, "D", "");
	bytes.share_names = false;
	data_end(mark);
	eb_finish(&bytes);
	eb_read_ok(&sink, &bytes);
	ck_assert_uint_eq(sink.event_count, 1);
	ck_assert_uint_eq(sink.events[0].field_count, ED_LIMIT_FIELDS);
	ck_assert_uint_eq(sink.gap_count, 1);
	ck_assert_int_eq(sink.gaps[0].state, ED_STATE_TRUNCATED);
	ck_assert_uint_eq(sink.gaps[0].lost, 0);
	ck_assert_ptr_nonnull(strstr(sink.gaps[0].why, "too many fields"));
	ck_assert_str_eq(sink.gaps[0].channel, "Test/Operational");
}
END_TEST

START_TEST(elements_too_deep_cost_the_rest_of_the_record)
{
	uint32_t mark = data_begin(1);

	for (int i = 0; i < 100; i++) {
		eb_open(&bytes, "D", false);
		eb_close_start(&bytes);
	}
	for (int i = 0; i < 100; i++)
		eb_close(&bytes);
	data_end(mark);
	eb_event_with(&bytes, 2, &(struct eb_value){ 0x04, 1, "\x07" });
	eb_finish(&bytes);
	eb_read_ok(&sink, &bytes);
	ck_assert_uint_eq(sink.event_count, 2);
	ck_assert_uint_eq(sink.events[0].field_count, 0);
	check_field(1, 0, "v", "7");
	ck_assert_uint_eq(sink.gap_count, 1);
	ck_assert_ptr_nonnull(strstr(sink.gaps[0].why, "nested too deeply"));
}
END_TEST

/* A definition that contains an instance of itself: bounded by depth and steps. */
START_TEST(template_within_itself)
{
	uint32_t mark = eb_event_begin(&bytes, 1, TICKS);
	uint32_t definition;

	eb_fragment(&bytes);
	definition = eb_define(&bytes);
	eb_open(&bytes, "EventData", false);
	eb_close_start(&bytes);
	eb_leaf(&bytes, "Leaf", "x");
	eb_instance(&bytes, definition);
	eb_u32(&bytes, 0);
	eb_instance(&bytes, definition);
	eb_u32(&bytes, 0);
	eb_close(&bytes);
	eb_define_end(&bytes);
	eb_values(&bytes, NULL, 0);
	eb_event_end(&bytes, mark);
	eb_finish(&bytes);
	eb_read_ok(&sink, &bytes);
	ck_assert_uint_eq(sink.event_count, 1);
	ck_assert_uint_eq(sink.gap_count, 1);
	ck_assert_ptr_nonnull(strstr(sink.gaps[0].why, "nested too deeply"));
}
END_TEST

/* A slot used again and again: the work on a record is bounded. */
START_TEST(text_bomb_is_cut)
{
	static unsigned char text[30000];
	struct eb_value value = { 0x0E, sizeof(text), text };
	uint32_t mark = eb_event_begin(&bytes, 1, TICKS);

	eb_fragment(&bytes);
	eb_define(&bytes);
	eb_open(&bytes, "EventData", false);
	eb_close_start(&bytes);
	eb_open(&bytes, "Data", false);
	eb_close_start(&bytes);
	for (int i = 0; i < 5000; i++)
		eb_sub(&bytes, 0, 0x0E, false);
	eb_close(&bytes);
	eb_close(&bytes);
	eb_define_end(&bytes);
	eb_values(&bytes, &value, 1);
	eb_event_end(&bytes, mark);
	eb_finish(&bytes);
	eb_read_ok(&sink, &bytes);
	ck_assert_uint_eq(sink.event_count, 1);
	ck_assert_uint_eq(sink.gap_count, 1);
	ck_assert_int_eq(sink.gaps[0].state, ED_STATE_TRUNCATED);
	ck_assert_uint_le(sink.events[0].fields[0].value.len, 2 * ED_LIMIT_VALUE);
}
END_TEST

START_TEST(probe_goes_by_content)
{
	static const struct {
		const char *head;
		size_t len;
		const char *path;
		bool is_sure, is_possible;
	} cases[] = {
		{ "ElfFile\0", 8, "x.bin", true, true }, { "ElfFile", 7, "x.bin", false, false },
		{ "PK\3\4", 4, "x.zip", false, false },  { "\0", 1, "System.EVTX", false, true },
		{ "\0", 1, "System.txt", false, false },
	};

	for (size_t i = 0; i < ED_COUNT(cases); i++) {
		int sure = ed_reader_evtx.probe((struct ed_str){ cases[i].head, cases[i].len },
						ed_str_from(cases[i].path));

		ck_assert_msg((sure == 100) == cases[i].is_sure, "case %zu", i);
		ck_assert_msg((sure > 0) == cases[i].is_possible, "case %zu", i);
	}
	eb_finish(&bytes);
	memset(bytes.file, 0, 8); /* the signature is gone, the rest looks like a log's header */
	ck_assert_int_gt(ed_reader_evtx.probe((struct ed_str){ (const char *)bytes.file, 4096 },
					      ED_STR("x")),
			 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("evtx");
	TCase *t = tcase_create("well-formed");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, head_user_and_computer);
	tcase_add_test(t, only_wanted_events_are_rendered);
	tcase_add_test(t, head_from_values);
	tcase_add_loop_test(t, chunks_in_file_order_with_templates_of_their_own, 0, 2);
	tcase_add_test(t, same_bytes_with_other_names_are_another_template);
	tcase_add_test(t, cache_serves_many_files);
	tcase_add_loop_test(t, record_without_a_template, 0, 2);
	tcase_add_test(t, text_of_every_token);
	tcase_add_test(t, elements_that_become_fields);
	tcase_add_test(t, null_values);
	tcase_add_test(t, values_put_together);
	tcase_add_test(t, templates_within_templates);
	tcase_add_test(t, system_in_a_nested_template);
	tcase_add_test(t, too_many_fields_are_cut);
	tcase_add_test(t, elements_too_deep_cost_the_rest_of_the_record);
	tcase_add_test(t, template_within_itself);
	tcase_add_test(t, text_bomb_is_cut);
	tcase_add_test(t, probe_goes_by_content);
	tcase_set_timeout(t, 120);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}

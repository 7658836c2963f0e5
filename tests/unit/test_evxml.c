/* SPDX-License-Identifier: MIT */
/* The reader of exported event XML: events of every shape, and damage that costs only itself. */
#include <stdlib.h>

#include "xml_record.h"

#define NS " xmlns='http://schemas.microsoft.com/win/2004/08/events/event'"
#define SYSTEM(id, record)                                                                         \
	"<System><Provider Name='P' Guid='{x}'/><EventID Qualifiers='16384'>" #id                  \
	"</EventID><Version>2</Version><Level>3</Level><Task>0</Task>"                             \
	"<TimeCreated SystemTime='2026-09-14T08:15:07.1234567Z'/><EventRecordID>" #record          \
	"</EventRecordID><Correlation/><Execution ProcessID='4'/><Channel>C/Op</Channel>"          \
	"<Computer>PC</Computer><Security UserID='S-1-5-18'/></System>"
#define EVENT(id, record) "<Event" NS ">" SYSTEM(id, record) "</Event>"

static struct record record;
static struct ed_error error;

static void setup(void)
{
	record_init(&record);
	error = (struct ed_error){ 0 };
}

static void teardown(void)
{
	ed_alloc_fail_after(-1);
	record_release(&record);
}

static ed_status read_text(const char *text)
{
	return record_read(&record, &ed_reader_evxml, text, strlen(text), &error);
}

static void field_is(size_t event, size_t i, const char *name, const char *value)
{
	ck_assert_uint_gt(record.events[event].field_count, i);
	record_is(record.events[event].fields[i].name, name);
	record_is(record.events[event].fields[i].value, value);
}

static void gap_is(size_t i, enum ed_state state, uint64_t lost, const char *why)
{
	ck_assert_uint_gt(record.gap_count, i);
	ck_assert_int_eq(record.gaps[i].state, state);
	ck_assert_uint_eq(record.gaps[i].lost, lost);
	ck_assert_msg(ed_str_find(record.gaps[i].why, ed_str_from(why), 0) != SIZE_MAX,
		      "'%.*s' lacks '%s'", ED_FMT(record.gaps[i].why), why);
}

START_TEST(an_event_is_filled)
{
	int64_t time;

	ck_assert_int_eq(
		read_text(
			"<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\n"
			"<Events><Event" NS ">" SYSTEM(
				7036,
				18446744073709551615) "<EventData><Data Name=\"Error "
						      "Code\">-895352820</Data>"
						      "<Data>no &lt;name&gt;</Data><Data "
						      "Name='empty'/>"
						      "<Data Name='c'><![CDATA[<x>&amp;]]> y</Data>"
						      "<Binary>00FF</Binary></EventData>"
						      "<RenderingInfo "
						      "Culture='de-DE'><Message>ignored</Message>"
						      "<Level>Fehler</Level><Keywords><Keyword>k</"
						      "Keyword></Keywords>"
						      "</RenderingInfo></Event></Events>"),
		ED_OK);
	ck_assert_uint_eq(record.event_count, 1);
	ck_assert_uint_eq(record.gap_count, 0);
	record_is(record.events[0].head.provider, "P");
	record_is(record.events[0].head.channel, "C/Op");
	record_is(record.events[0].computer, "PC");
	record_is(record.events[0].user, "S-1-5-18");
	ck_assert_uint_eq(record.events[0].head.id, 7036);
	ck_assert_uint_eq(record.events[0].head.record, UINT64_MAX);
	ck_assert_uint_eq(record.events[0].head.version, 2);
	ck_assert_uint_eq(record.events[0].head.level, 3);
	ck_assert(ed_time_parse(ED_STR("2026-09-14T08:15:07.1234567Z"), &time));
	ck_assert(record.events[0].head.time == time);
	ck_assert_uint_eq(record.events[0].field_count, 5);
	field_is(0, 0, "Error Code", "-895352820");
	field_is(0, 1, "", "no <name>");
	field_is(0, 2, "empty", "");
	field_is(0, 3, "c", "<x>&amp; y");
	field_is(0, 4, "Binary", "00FF");
}
END_TEST

START_TEST(user_data_gives_its_leaves)
{
	ck_assert_int_eq(read_text("<Event" NS ">" SYSTEM(
				 1, 2) "<UserData>\n <EventXML xmlns='urn:x'>\n  <Reason>r</Reason>"
				       "<p:Inner xmlns:p='urn:y'><p:Data "
				       "Name='n'>d</p:Data></p:Inner><Event-2/>"
				       "\n </EventXML>\n</UserData></Event>"),
			 ED_OK);
	ck_assert_uint_eq(record.event_count, 1);
	ck_assert_uint_eq(record.events[0].field_count, 3);
	field_is(0, 0, "Reason", "r");
	field_is(0, 1, "Data", "d");
	field_is(0, 2, "Event-2", "");
}
END_TEST

START_TEST(little_is_needed)
{
	ck_assert_int_eq(read_text("<Event><System><Provider EventSourceName='old'/>"
				   "<EventID> 0x10 </EventID><Level>x</Level><Version>999</Version>"
				   "<TimeCreated SystemTime='never'/></System></Event>"),
			 ED_OK);
	ck_assert_uint_eq(record.event_count, 1);
	record_is(record.events[0].head.provider, "old");
	record_is(record.events[0].head.channel, "");
	ck_assert_uint_eq(record.events[0].head.id, 16);
	ck_assert_uint_eq(record.events[0].head.level, 0);
	ck_assert_uint_eq(record.events[0].head.version, 0);
	ck_assert_uint_eq(record.events[0].head.record, 0);
	ck_assert(record.events[0].head.time == ED_TIME_NONE);
	ck_assert_ptr_eq(record.events[0].user.p, NULL);
	ck_assert_ptr_eq(record.events[0].computer.p, NULL);
	ck_assert_uint_eq(record.events[0].field_count, 0);
}
END_TEST

START_TEST(only_wanted_events_come)
{
	record.unwanted_id = 2;
	ck_assert_int_eq(read_text(EVENT(1, 1) EVENT(2, 2) EVENT(3, 3)), ED_OK);
	ck_assert_uint_eq(record.want_count, 3);
	ck_assert_uint_eq(record.event_count, 2);
	ck_assert_uint_eq(record.events[1].head.id, 3);
}
END_TEST

START_TEST(the_sinks_failure_ends_it)
{
	record.answer = ED_LIMIT;
	ck_assert_int_eq(read_text(EVENT(1, 1) EVENT(2, 2)), ED_LIMIT);
	ck_assert_str_eq(error.text, "the sink has had enough");
	ck_assert_uint_eq(record.want_count, 1);
}
END_TEST

/* Texts that hold events 1, 2, … with no gap. */
static const struct {
	const char *name, *text;
	size_t events;
} whole[] = {
	{ "empty root", "<Events/>", 0 },
	{ "empty root, two tags", "<?xml version='1.0'?>\r\n<Events" NS ">\r\n</Events>\r\n", 0 },
	{ "bare", EVENT(1, 1), 1 },
	{ "bare, several", EVENT(1, 1) "\n\n" EVENT(2, 2) EVENT(3, 3), 3 },
	{ "two files",
	  "<?xml version='1.0'?><Events>" EVENT(
		  1, 1) "</Events>\n"
			"\xEF\xBB\xBF<?xml version='1.0'?><Events>" EVENT(2, 2) "</Events>",
	  2 },
	{ "mark and comments",
	  "\xEF\xBB\xBF<!-- <Event> --><Events><!-- > -->" EVENT(1, 1) "<?x <Event>?></Events>",
	  1 },
	{ "namespace of the root", "<Events" NS "><Event>" SYSTEM(1, 1) "</Event></Events>", 1 },
	{ "prefix of the root",
	  "<e:Events xmlns:e='http://schemas.microsoft.com/win/2004/08/events/event'><e:Event>"
	  "<e:System><e:EventID>1</e:EventID></e:System></e:Event></e:Events>",
	  1 },
	{ "prefix of its own",
	  "<e:Event xmlns:e='http://schemas.microsoft.com/win/2004/08/events/event'>"
	  "<e:System><e:EventID>1</e:EventID></e:System></e:Event >",
	  1 },
	{ "events in a comment and in CDATA",
	  "<Event>" SYSTEM(1,
			   1) "<!-- </Event> --><EventData><Data><![CDATA[</Event><Event>]]></Data>"
			      "</EventData></Event>" EVENT(2, 2),
	  2 },
	{ "an event as data",
	  "<Event>" SYSTEM(1, 1) "<UserData><Event>9</Event><Event/></UserData></Event>", 1 },
	{ "attributes with >", "<Event a='/>' b='>'>" SYSTEM(1, 1) "</Event>", 1 },
	{ "stale declaration",
	  "<?xml version='1.0' encoding='utf-16'?><Events>" EVENT(1, 1) "</Events>", 1 },
	{ "unread declaration, plain text",
	  "<?xml version='1.0' encoding='koi8-r'?><Events>" EVENT(1, 1) "</Events>", 1 },
};

START_TEST(whole_texts)
{
	ck_assert_msg(read_text(whole[_i].text) == ED_OK, "%s: %s", whole[_i].name, error.text);
	ck_assert_msg(record.gap_count == 0, "%s: %.*s", whole[_i].name,
		      ED_FMT(record.gaps[0].why));
	ck_assert_msg(record.event_count == whole[_i].events, "%s", whole[_i].name);
	for (size_t i = 0; i < whole[_i].events; i++)
		ck_assert_msg(record.events[i].head.id == i + 1, "%s", whole[_i].name);
}
END_TEST

START_TEST(whole_texts_in_utf16)
{
	const char *text = whole[_i].text;
	char *bytes = malloc(2 * strlen(text) + 4);

	for (int big_endian = 0; big_endian < 2; big_endian++) {
		for (int mark = 0; mark < 2; mark++) {
			size_t n = 0;

			record_release(&record);
			record_init(&record);
			if (mark) {
				memcpy(bytes, big_endian ? "\xFE\xFF" : "\xFF\xFE", 2);
				n = 2;
			}
			n += record_utf16(text, big_endian, bytes + n);
			ck_assert_msg(record_read(&record, &ed_reader_evxml, bytes, n, &error) ==
					      ED_OK,
				      "%s: %s", whole[_i].name, error.text);
			ck_assert_msg(record.gap_count == 0 &&
					      record.event_count == whole[_i].events,
				      "%s", whole[_i].name);
		}
	}
	free(bytes);
}
END_TEST

/* Texts that hold events 1, 2, … and one gap. */
static const struct {
	const char *name, *text;
	size_t events;
	enum ed_state state;
	uint64_t lost;
	const char *why;
} damaged[] = {
	{ "mismatched tag", EVENT(1, 1) "<Event><System></Event>" EVENT(2, 2), 2, ED_STATE_DAMAGED,
	  1, "1 of 3 events not readable; the first is number 2: not well-formed" },
	{ "two bad", "<Event><a></Event><Event><b></Event>" EVENT(1, 1), 1, ED_STATE_DAMAGED, 2,
	  "2 of 3 events" },
	{ "no id", "<Event><System/></Event>" EVENT(1, 1), 1, ED_STATE_DAMAGED, 1,
	  "without an EventID" },
	{ "empty event", "<Event/>" EVENT(1, 1), 1, ED_STATE_DAMAGED, 1, "without an EventID" },
	{ "another Event", "<Event xmlns='urn:calendar'>x</Event>" EVENT(1, 1), 1, ED_STATE_DAMAGED,
	  1, "not a Windows event" },
	{ "entity", "<Event>&xxe;</Event>" EVENT(1, 1), 1, ED_STATE_DAMAGED, 1, "not well-formed" },
	{ "type inside an event", "<Event><!DOCTYPE a [<!ENTITY b 'c'>]></Event>" EVENT(1, 1), 1,
	  ED_STATE_DAMAGED, 1, "document type" },
	{ "cut within", EVENT(1, 1) "<Event>" SYSTEM(2, 2), 1, ED_STATE_TRUNCATED, 1,
	  "ends within an event" },
	{ "cut within, root", "<Events>" EVENT(1, 1) "<Event><Sys", 1, ED_STATE_TRUNCATED, 1,
	  "ends within an event" },
	{ "cut behind", "<Events>" EVENT(1, 1), 1, ED_STATE_TRUNCATED, ED_LOST_UNKNOWN,
	  "before </Events>" },
	{ "cut, then another", "<Event><System><EventID>9" EVENT(1, 1) EVENT(2, 2), 2,
	  ED_STATE_DAMAGED, 1, "it does not end" },
	{ "cut, then another and an end too many", "<Event><System><Ev" EVENT(1, 1) "</Event>", 1,
	  ED_STATE_DAMAGED, 1, "" },
	{ "rest of an event", "<Events>x</Data></EventData></Event>" EVENT(1, 1) "</Events>", 1,
	  ED_STATE_DAMAGED, 1, "1 pieces between events" },
	{ "junk between", EVENT(1, 1) "\xFF\xFE junk < > &" EVENT(2, 2) "<Other/>", 2,
	  ED_STATE_DAMAGED, 2, "2 pieces between events" },
	{ "open comment between", EVENT(1, 1) "<!-- " EVENT(2, 2), 2, ED_STATE_DAMAGED, 1,
	  "pieces between events" },
	{ "open CDATA within", "<Event><![CDATA[" EVENT(1, 1) EVENT(2, 2), 2, ED_STATE_DAMAGED, 1,
	  "it does not end" },
	{ "CDATA over events", "<Event><![CDATA[" EVENT(1, 1) EVENT(2, 2) "]]></Event>", 2,
	  ED_STATE_DAMAGED, 1, "" },
	{ "open quote", "<Event a='" EVENT(1, 1) EVENT(2, 2), 2, ED_STATE_DAMAGED, 1,
	  "it does not end" },
	{ "type behind an event", EVENT(1, 1) "<!DOCTYPE x>" EVENT(2, 2), 1, ED_STATE_DAMAGED,
	  ED_LOST_UNKNOWN, "document type declarations are not accepted" },
	{ "encoding not read",
	  "<?xml version='1.0' encoding='koi8-r'?>" EVENT(1, 1) "<Event>\xD0</Event>", 1,
	  ED_STATE_DAMAGED, 1, "encoding" },
};

START_TEST(damage_costs_itself)
{
	ck_assert_msg(read_text(damaged[_i].text) == ED_OK, "%s: %s", damaged[_i].name, error.text);
	ck_assert_msg(record.event_count == damaged[_i].events, "%s: %zu events", damaged[_i].name,
		      record.event_count);
	for (size_t i = 0; i < damaged[_i].events; i++)
		ck_assert_msg(record.events[i].head.id == i + 1, "%s", damaged[_i].name);
	ck_assert_msg(record.gap_count >= 1, "%s", damaged[_i].name);
	gap_is(0, damaged[_i].state, damaged[_i].lost, damaged[_i].why);
	if (damaged[_i].why[0])
		ck_assert_msg(record.gap_count == 1, "%s: %.*s", damaged[_i].name,
			      ED_FMT(record.gaps[1].why));
	/* all good events are of one channel, so the damage is attributed to it */
	record_is(record.gaps[0].channel, "C/Op");
}
END_TEST

START_TEST(several_channels_share_a_gap)
{
	ck_assert_int_eq(read_text(EVENT(1, 1) "<Event><System><EventID>2</EventID>"
					       "<Channel>X</Channel></System></Event><Event/>"),
			 ED_OK);
	ck_assert_uint_eq(record.gap_count, 1);
	ck_assert_ptr_eq(record.gaps[0].channel.p, NULL);
}
END_TEST

static const struct {
	const char *name, *text, *why;
} refused[] = {
	{ "empty", "", "no event XML" },
	{ "spaces", " \r\n", "no event XML" },
	{ "text", "nothing to see", "no event XML" },
	{ "other XML", "<a><b/></a>", "no event XML" },
	{ "type", "<!DOCTYPE Events><Events>" EVENT(1, 1) "</Events>", "document type" },
	{ "external entity",
	  "<?xml version='1.0'?><!DOCTYPE Events [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
	  "<Events><Event><System><EventID>1</EventID><Computer>&x;</Computer></System></Event></"
	  "Events>",
	  "document type" },
	{ "billion laughs",
	  "<!DOCTYPE Events [<!ENTITY a 'ha'><!ENTITY b "
	  "'&a;&a;&a;&a;&a;&a;&a;&a;'>]><Events>&b;</Events>",
	  "document type" },
};

START_TEST(refused_texts)
{
	ck_assert_msg(read_text(refused[_i].text) == ED_FORMAT, "%s", refused[_i].name);
	ck_assert_msg(strstr(error.text, refused[_i].why) != NULL, "%s: %s", refused[_i].name,
		      error.text);
	ck_assert_uint_eq(record.event_count, 0);
}
END_TEST

START_TEST(utf32_is_refused)
{
	ck_assert_int_eq(record_read(&record, &ed_reader_evxml, "<\0\0\0E\0\0\0", 8, &error),
			 ED_FORMAT);
	ck_assert_ptr_ne(strstr(error.text, "UTF-32"), NULL);
}
END_TEST

static const struct {
	const char *data, *value;
} texts[] = {
	{ "\xC3\xA4\xD0\x9F\xE6\x97\xA5", "\xC3\xA4\xD0\x9F\xE6\x97\xA5" },
	{ "&#228;&#x41F;&#x65E5;&#x1F600;", "\xC3\xA4\xD0\x9F\xE6\x97\xA5\xF0\x9F\x98\x80" },
	{ "a\x01"
	  "b\x1F",
	  "a\xEF\xBF\xBD"
	  "b\xEF\xBF\xBD" },
	{ "a\xE4z", "a\xEF\xBF\xBDz" },
	{ "a&#1;&#x1F;&#0;&#xD800;&#x110000;&#xFFFF;&#65;z",
	  "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
	  "Az" },
	{ " two  spaces\t", " two  spaces\t" },
	{ "&lt;Event&gt;&amp;&quot;&apos;", "<Event>&\"'" },
};

START_TEST(texts_in_data)
{
	char text[1024];

	snprintf(text, sizeof(text),
		 "<Event><System><EventID>1</EventID></System><EventData>"
		 "<Data Name='\xC3\x9C 1 &amp; 2'>%s</Data></EventData></Event>",
		 texts[_i].data);
	ck_assert_int_eq(read_text(text), ED_OK);
	ck_assert_uint_eq(record.event_count, 1);
	field_is(0, 0, "\xC3\x9C 1 & 2", texts[_i].value);
}
END_TEST

START_TEST(not_every_reference_can_be_mended)
{
	ck_assert_int_eq(
		read_text("<Event>&#;&#x;&#xG;&#123456789012345678;&#</Event>" EVENT(1, 1)), ED_OK);
	ck_assert_uint_eq(record.event_count, 1);
	gap_is(0, ED_STATE_DAMAGED, 1, "not well-formed");
}
END_TEST

START_TEST(truncated_anywhere)
{
	static const char text[] =
		"\xEF\xBB\xBF<?xml version='1.0'?><!-- c --><Events" NS
		">" EVENT(1, 1) "<Event" NS ">" SYSTEM(
			2, 2) "<EventData><Data Name='x y'>\xC3\xA4&#65;"
			      "<![CDATA[z]]></Data></EventData></Event></Events>";
	size_t first = (size_t)(strstr(text, "</Event>") - text) + 8;
	size_t second = (size_t)(strstr(text, "</Event></Events>") - text) + 8;

	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		size_t events = n >= second ? 2 : n >= first ? 1 : 0;
		ed_status status;

		record_release(&record);
		record_init(&record);
		status = record_read(&record, &ed_reader_evxml, text, n, &error);
		ck_assert_msg(record.event_count == events, "%zu: %zu", n, record.event_count);
		if (status == ED_OK)
			ck_assert_msg(record.gap_count > 0, "%zu", n);
		else
			ck_assert_msg(status == ED_FORMAT && !events, "%zu: %s", n, error.text);
	}
}
END_TEST

/* One byte wrong in the middle event: the others must stand, and the damage be told if any is lost.
 */
START_TEST(overwritten_anywhere)
{
	char text[] = "<Events>" EVENT(1, 1) EVENT(2, 2) EVENT(3, 3) "</Events>";
	size_t from = (size_t)(strstr(text, "</Event>") - text) + 8;
	size_t to = (size_t)(strstr(text + from, "</Event>") - text) + 8;
	static const char with[] = { '<', '>', '&', '\'', '\0', '\xFF', ' ', '/' };

	for (size_t i = from; i < to; i++) {
		for (size_t k = 0; k < sizeof(with); k++) {
			char was = text[i];

			record_release(&record);
			record_init(&record);
			text[i] = with[k];
			ck_assert_int_eq(record_read(&record, &ed_reader_evxml, text,
						     sizeof(text) - 1, &error),
					 ED_OK);
			text[i] = was;
			ck_assert_msg(record.event_count >= 2, "%zu %zu", i, k);
			ck_assert_uint_eq(record.events[0].head.record, 1);
			ck_assert_uint_eq(record.events[record.event_count - 1].head.record, 3);
			ck_assert_msg(record.event_count == 3 || record.gap_count > 0, "%zu %zu", i,
				      k);
		}
	}
}
END_TEST

/* @head, @times times @piece, @tail; then read. */
static ed_status read_repeated(const char *head, const char *piece, size_t times, const char *tail)
{
	struct ed_buf buf;
	ed_status status;

	ed_buf_init(&buf, 256 * ED_MIB);
	ed_buf_addz(&buf, head);
	for (size_t i = 0; i < times; i++)
		ed_buf_addz(&buf, piece);
	ed_buf_addz(&buf, tail);
	ck_assert_int_eq(buf.status, ED_OK);
	status = record_read(&record, &ed_reader_evxml, buf.p, buf.len, &error);
	ed_buf_release(&buf);
	return status;
}

START_TEST(depth_costs_one_event)
{
	ck_assert_int_eq(read_repeated("<Event><UserData>", "<a>", 100000, "</Event>" EVENT(1, 1)),
			 ED_OK);
	ck_assert_uint_eq(record.event_count, 1);
	gap_is(0, ED_STATE_DAMAGED, 1, "nested deeper than 64");
}
END_TEST

START_TEST(many_fields_cost_one_event)
{
	ck_assert_int_eq(read_repeated("<Event><EventData>", "<Data>x</Data>", ED_LIMIT_FIELDS + 1,
				       "</EventData></Event>" EVENT(1, 1)),
			 ED_OK);
	ck_assert_uint_eq(record.event_count, 1);
	gap_is(0, ED_STATE_DAMAGED, 1, "more than 4096 fields");
}
END_TEST

START_TEST(many_elements_cost_one_event)
{
	ck_assert_int_eq(read_repeated("<Event><RenderingInfo>", "<a/>", 100000,
				       "</RenderingInfo></Event>" EVENT(1, 1)),
			 ED_OK);
	ck_assert_uint_eq(record.event_count, 1);
	gap_is(0, ED_STATE_DAMAGED, 1, "elements");
}
END_TEST

START_TEST(many_attributes_cost_one_event)
{
	ck_assert_int_eq(read_repeated("<Event ", "a='' ", 500000, "></Event>" EVENT(1, 1)), ED_OK);
	ck_assert_uint_eq(record.event_count, 1);
	gap_is(0, ED_STATE_DAMAGED, 1, "attributes");
}
END_TEST

START_TEST(long_values_are_cut)
{
	ck_assert_int_eq(read_repeated("<Event><System><EventID>1</EventID></System><EventData>"
				       "<Data Name='v'>x",
				       "\xC3\xA4", ED_LIMIT_VALUE, "</Data></EventData></Event>"),
			 ED_OK);
	ck_assert_uint_eq(record.event_count, 1);
	ck_assert_uint_eq(record.events[0].fields[0].value.len, ED_LIMIT_VALUE - 1);
	gap_is(0, ED_STATE_TRUNCATED, 0, "1 values longer than");
}
END_TEST

START_TEST(long_events_are_skipped)
{
	ck_assert_int_eq(read_repeated(EVENT(1, 1) "<Event><EventData><Data>", "0123456789abcdef",
				       ED_LIMIT_EVENT_XML / 8,
				       "</Data></EventData></Event>" EVENT(2, 2)),
			 ED_OK);
	ck_assert_uint_eq(record.event_count, 2);
	ck_assert_uint_eq(record.gap_count, 1);
	gap_is(0, ED_STATE_TRUNCATED, 1, "1 events longer than");
}
END_TEST

/* Beginnings without ends, and what hides the ends: time must grow no faster than the text. */
static const struct {
	const char *head, *piece, *tail;
} floods[] = {
	{ "", "<Event>", "" },
	{ "", "<Event><!--", "" },
	{ "", "<Event><![CDATA[", "" },
	{ "", "<!--", "" },
	{ "", "<?", "" },
	{ "", "<", "" },
	{ "", "<Event><a>]]>", "-->" },
	{ "", "<Event a='", "" },
	{ "", "</Event>", "" },
	{ "<Event>", "</Event", "" },
	{ "", "<Events>", "" },
	{ "", "<![CDATA[", "" },
	{ "", "<Event><?", "</Event>" },
	{ "", "<Event></Event>", "" },
	{ "", "<p:Event x", "" },
	{ "<Event>", "<!-- -->", "" },
	{ "<Event>", "<Event></Event>", "</Event>" },
};

START_TEST(floods_are_read_in_time)
{
	ed_status status = read_repeated(floods[_i].head, floods[_i].piece,
					 5 * ED_MIB / strlen(floods[_i].piece), floods[_i].tail);

	ck_assert_uint_eq(record.event_count, 0);
	ck_assert(status == ED_FORMAT || (status == ED_OK && record.gap_count > 0));
}
END_TEST

START_TEST(many_events_are_read)
{
	ck_assert_int_eq(read_repeated("<Events>", EVENT(1, 1) "\r\n", 20000, "</Events>"), ED_OK);
	ck_assert_uint_eq(record.event_count, 20000);
	ck_assert_uint_eq(record.gap_count, 0);
}
END_TEST

START_TEST(a_truncated_event_among_many_costs_one)
{
	ck_assert_int_eq(read_repeated("<Events>" EVENT(1, 1) "<Event><System>", EVENT(1, 1), 20000,
				       "</Events>"),
			 ED_OK);
	ck_assert_uint_eq(record.event_count, 20001);
	ck_assert_uint_eq(record.gap_count, 1);
	gap_is(0, ED_STATE_DAMAGED, 1, "it does not end");
}
END_TEST

/* An input that is not in memory and gives at most @step bytes a read, or fails at @fail. */
struct slow {
	const char *bytes;
	size_t len, step, fail;
};

static ed_status slow_read(const struct ed_input *input, uint64_t offset, void *out, size_t len,
			   size_t *got, struct ed_error *err)
{
	const struct slow *slow = input->context;

	if (offset >= slow->fail)
		return ed_fail(err, ED_IO, "the disk is gone");
	if (len > slow->step)
		len = slow->step;
	if (len > slow->len - offset)
		len = (size_t)(slow->len - offset);
	memcpy(out, slow->bytes + offset, len);
	*got = len;
	return ED_OK;
}

static ed_status read_slowly(struct slow *slow)
{
	struct ed_input input = {
		.path = ED_STR("slow"), .size = slow->len, .context = slow, .read_at = slow_read
	};

	record_release(&record);
	record_init(&record);
	return ed_reader_evxml.read(&input, &record.sink, &error);
}

START_TEST(reads_of_any_size)
{
	static const char text[] = "<?xml version='1.0'?><Events>" EVENT(
		1, 1) "<Event><x></Event>" EVENT(2, 2) "<!-- c --></Events>";
	char utf16[2 * sizeof(text)];
	size_t n = record_utf16(text, false, utf16);

	for (size_t step = 4; step < 200; step++) {
		struct slow slow = { text, sizeof(text) - 1, step, SIZE_MAX };

		ck_assert_int_eq(read_slowly(&slow), ED_OK);
		ck_assert_uint_eq(record.event_count, 2);
		ck_assert_uint_eq(record.gap_count, 1);
		slow = (struct slow){ utf16, n, step, SIZE_MAX };
		ck_assert_int_eq(read_slowly(&slow), ED_OK);
		ck_assert_uint_eq(record.event_count, 2);
		ck_assert_uint_eq(record.gap_count, 1);
	}
}
END_TEST

START_TEST(a_failing_read_keeps_what_was_read)
{
	static const char text[] = EVENT(1, 1) EVENT(2, 2);
	struct slow slow = { text, sizeof(text) - 1, 400, 0 };

	ck_assert_int_eq(read_slowly(&slow), ED_IO);
	slow.fail = sizeof(text) - 10;
	slow.step = sizeof(text) - 10;
	ck_assert_int_eq(read_slowly(&slow), ED_OK);
	ck_assert_uint_eq(record.event_count, 1);
	gap_is(0, ED_STATE_TRUNCATED, ED_LOST_UNKNOWN, "the disk is gone");
}
END_TEST

START_TEST(out_of_memory_is_told)
{
	static const char text[] = "<Events>" EVENT(
		1, 1) "<Event><System></Event>"
		      "<Event>&#1;" SYSTEM(
			      2, 2) "<EventData><Data Name='a &amp; b'>x</Data></EventData></Event>"
				    "\xFF</Events>";
	ed_status status = ED_NOMEM;
	long n;

	for (n = 0; status != ED_OK && n < 100000; n++) {
		struct ed_input input;

		record_release(&record);
		record_init(&record);
		ed_input_from_memory(&input, ED_STR("x"), text, sizeof(text) - 1);
		ed_alloc_fail_after(n);
		status = ed_reader_evxml.read(&input, &record.sink, &error);
		ed_alloc_fail_after(-1);
		ck_assert_msg(status == ED_OK || status == ED_NOMEM, "%ld: %s", n, error.text);
	}
	ck_assert_int_eq(status, ED_OK);
	ck_assert_uint_eq(record.event_count, 2);
	ck_assert_uint_eq(record.gap_count, 2);
}
END_TEST

static const struct {
	const char *head;
	size_t len;
	int least, most;
} probes[] = {
#define HEAD(literal) literal, sizeof(literal) - 1
	{ HEAD("<Events><Event" NS ">"), 100, 100 },
	{ HEAD("<Events>"), 50, 99 },
	{ HEAD("<Event>"), 50, 99 },
	{ HEAD("<\0E\0v\0e\0n\0t\0s\0>\0"), 50, 99 },
	{ HEAD("\xFE\xFF\0<\0E\0v\0e\0n\0t\0>"), 50, 99 },
	{ HEAD("\xEF\xBB\xBF <?xml version='1.0'?>\n<!-- x --><p:Event>"), 50, 99 },
	{ HEAD("<!DOCTYPE Events []>"), 50, 99 },
	{ HEAD("<EventXML/>"), 0, 0 },
	{ HEAD("<Collection HRESULT='0'>"), 0, 0 },
	{ HEAD("ElfFile\0"), 0, 0 },
	{ HEAD("{\"Events\": 1}"), 0, 0 },
	{ HEAD("x"), 0, 0 },
};

START_TEST(probe_tells_by_content)
{
	struct ed_str head = { probes[_i].head, probes[_i].len };
	int score = ed_reader_evxml.probe(head, ED_STR("any.xml"));

	ck_assert_int_ge(score, probes[_i].least);
	ck_assert_int_le(score, probes[_i].most);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("evxml");
	TCase *tc = tcase_create("evxml");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, an_event_is_filled);
	tcase_add_test(tc, user_data_gives_its_leaves);
	tcase_add_test(tc, little_is_needed);
	tcase_add_test(tc, only_wanted_events_come);
	tcase_add_test(tc, the_sinks_failure_ends_it);
	tcase_add_loop_test(tc, whole_texts, 0, (int)ED_COUNT(whole));
	tcase_add_loop_test(tc, whole_texts_in_utf16, 0, (int)ED_COUNT(whole));
	tcase_add_loop_test(tc, damage_costs_itself, 0, (int)ED_COUNT(damaged));
	tcase_add_test(tc, several_channels_share_a_gap);
	tcase_add_loop_test(tc, refused_texts, 0, (int)ED_COUNT(refused));
	tcase_add_test(tc, utf32_is_refused);
	tcase_add_loop_test(tc, texts_in_data, 0, (int)ED_COUNT(texts));
	tcase_add_test(tc, not_every_reference_can_be_mended);
	tcase_add_test(tc, truncated_anywhere);
	tcase_add_test(tc, overwritten_anywhere);
	tcase_add_test(tc, depth_costs_one_event);
	tcase_add_test(tc, many_fields_cost_one_event);
	tcase_add_test(tc, many_elements_cost_one_event);
	tcase_add_test(tc, many_attributes_cost_one_event);
	tcase_add_test(tc, long_values_are_cut);
	tcase_add_test(tc, long_events_are_skipped);
	tcase_add_loop_test(tc, floods_are_read_in_time, 0, (int)ED_COUNT(floods));
	tcase_add_test(tc, many_events_are_read);
	tcase_add_test(tc, a_truncated_event_among_many_costs_one);
	tcase_add_test(tc, reads_of_any_size);
	tcase_add_test(tc, a_failing_read_keeps_what_was_read);
	tcase_add_test(tc, out_of_memory_is_told);
	tcase_add_loop_test(tc, probe_tells_by_content, 0, (int)ED_COUNT(probes));
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

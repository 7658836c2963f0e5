/* SPDX-License-Identifier: MIT */
/*
 * The double's understanding of queries: what it takes, what it refuses, and that every query of
 * the collector lets exactly those events pass that its table names.
 */
#include "wevt_priv.h"
#include "wevtapi_query.h"

#include "espdiag/base/limits.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct query_select selects[QUERY_SELECTS];

static bool parse(struct query *query, const char *xpath)
{
	static char text[8192];

	query->selects = selects;
	snprintf(text, sizeof(text),
		 "<QueryList><Query Id=\"0\" Path=\"A/B\"><Select Path=\"A/B\">%s</Select></Query>"
		 "</QueryList>",
		 xpath);
	return query_parse(query, ed_str_from(text));
}

static bool passes(const char *xpath, const char *provider, uint64_t id, uint64_t record)
{
	const struct query_event event = { ed_str_from(provider), id, record, 4 };
	struct query query;

	ck_assert_msg(parse(&query, xpath), "%s", xpath);
	ck_assert_str_eq(query.channel, "A/B");
	return query_matches(&query, &event);
}

START_TEST(comparisons)
{
	ck_assert(passes("*", "P", 1, 1));
	ck_assert(passes("*[System[EventID=1]]", "P", 1, 1));
	ck_assert(!passes("*[System[EventID=1]]", "P", 2, 1));
	ck_assert(passes("*[System[(EventID=1 or EventID = 2)]]", "P", 2, 1));
	ck_assert(passes("*[System[EventRecordID &gt;= 5 and EventRecordID &lt; 7]]", "P", 2, 6));
	ck_assert(!passes("*[System[EventRecordID &gt;= 5 and EventRecordID &lt; 7]]", "P", 2, 7));
	ck_assert(!passes("*[System[EventRecordID &gt; 5]]", "P", 2, 5));
	ck_assert(passes("*[System[EventRecordID &lt;= 5]]", "P", 2, 5));
	ck_assert(passes("*[System[EventID != 5]]", "P", 2, 5));
	ck_assert(passes("*[System[Level=4]]", "P", 2, 5));
	ck_assert(passes("*[System[Provider[@Name='P']]]", "P", 2, 5));
	ck_assert(passes("*[System[Provider[@Name='Q' or @Name='P'] and (EventID=2)]]", "P", 2, 5));
	ck_assert(!passes("*[System[Provider[@Name='p']]]", "P", 2, 5));
	/* and binds tighter */
	ck_assert(passes("*[System[EventID=2 or EventID=3 and Level=1]]", "P", 2, 5));
}
END_TEST

static const char *const refused[] = {
	"",
	"*[System[]]",
	"*[System[EventID]]",
	"*[System[EventID=]]",
	"*[System[EventID=x]]",
	"*[System[TimeCreated[timediff(@SystemTime) &lt;= 86400000]]]",
	"*[EventData[Data='x']]",
	"*[System[(EventID=1]]",
	"*[System[EventID=1]] ",
	"*[System[EventID=1]]x",
	"*[System[EventID=1 &bad; EventID=2]]",
	"*[System[<b/>]]",
	"*[System[Provider[@Guid='x']]]",
	"*[System[((((((((((((((((((EventID=1))))))))))))))))))]]",
	"*[System[EventID=1 or EventID=2 or EventID=3 or EventID=4 or EventID=5 or EventID=6 or "
	"EventID=7 or EventID=8 or EventID=9 or EventID=10 or EventID=11 or EventID=12 or "
	"EventID=13 or EventID=14 or EventID=15 or EventID=16 or EventID=17 or EventID=18 or "
	"EventID=19 or EventID=20 or EventID=21]]",
};

START_TEST(what_windows_may_not_take_is_refused)
{
	struct query query;

	/* a blank behind the end is harmless */
	ck_assert_msg(parse(&query, refused[_i]) == (_i == 8), "%s", refused[_i]);
}
END_TEST

static const char *const documents[] = {
	"",
	"*",
	"<QueryList></QueryList>",
	"<QueryList><Query Id=\"0\" Path=\"A\"></Query></QueryList>",
	"<QueryList><Query Id=\"0\" Path=\"A\"><Select Path=\"B\">*</Select></Query></QueryList>",
	"<QueryList><Query Id=\"0\" Path=\"A\"><Select Path=\"A\">*</Select></Query>",
	"<QueryList><Query Path=\"A\"><Suppress Path=\"A\">*</Suppress></Query></QueryList>",
	"<QueryList><Query Id=\"0\" Path=\"\"><Select Path=\"\">*</Select></Query></QueryList>",
};

START_TEST(other_documents_are_refused)
{
	struct query query = { .selects = selects };

	ck_assert_msg(!query_parse(&query, ed_str_from(documents[_i])), "%s", documents[_i]);
}
END_TEST

START_TEST(an_event_is_read_by_its_system_part)
{
	struct query_event event;

	ck_assert(query_event_read(
		ED_STR("<Event xmlns='x'><System><Provider Name='A B' Guid='{1}'/><EventID "
		       "Qualifiers='32768'>1074</EventID><Level>4</Level><EventRecordID>77"
		       "</EventRecordID></System><EventData><Data>&lt;EventID>5</Data></EventData>"
		       "</Event>"),
		&event));
	ck_assert(ed_str_eq(event.provider, ED_STR("A B")));
	ck_assert_uint_eq(event.id, 1074);
	ck_assert_uint_eq(event.record, 77);
	ck_assert_uint_eq(event.level, 4);
	ck_assert(!query_event_read(ED_STR("<Events>"), &event));
	ck_assert(!query_event_read(ED_STR("</Events>"), &event));
	ck_assert(query_event_read(ED_STR("<Event><System></System></Event>"), &event));
	ck_assert_uint_eq(event.record, 0);
}
END_TEST

/* Where ids are, and beside them. */
static const struct {
	uint32_t from, to;
} ids[] = { { 0, 4200 }, { 6000, 6050 }, { 9990, 10010 }, { 24500, 24700 }, { 62390, 62420 } };

static void compare_ids(const struct query *query, const struct ed_wevt_channel *channel,
			struct ed_str provider)
{
	for (size_t i = 0; i < ED_COUNT(ids); i++) {
		for (uint32_t id = ids[i].from; id <= ids[i].to; id++) {
			const struct query_event event = { provider, id, 15, 0 };

			/* an assertion each would take minutes */
			if (query_matches(query, &event) != ed_wevt_asks(channel, provider, id))
				ck_abort_msg("%s %.*s %u", channel->name, ED_FMT(provider),
					     (unsigned)id);
		}
	}
}

/* Every provider of the table, and one that is not in it. */
START_TEST(queries_of_the_collector_ask_for_what_its_table_names)
{
	const struct ed_wevt_channel *channel = &ed_wevt_channels[_i];
	const struct wevt_range range = { .from = 10, .below = 20 };
	struct query query = { .selects = selects };
	struct ed_buf text;

	ed_buf_init(&text, ED_MIB);
	wevt_query_channel(&text, channel, range, false);
	ck_assert_msg(query_parse(&query, ed_buf_str(&text)), "%s", text.p);
	ck_assert_str_eq(query.channel, channel->name);
	for (size_t i = 0; i <= wevt_select_count; i++) {
		struct ed_str names = ED_STR("Somebody Else");
		struct ed_str name;

		if (i < wevt_select_count && wevt_selects[i].providers)
			names = ed_str_from(wevt_selects[i].providers);
		else if (i < wevt_select_count)
			continue;
		while (ed_str_next(&names, ',', &name))
			compare_ids(&query, channel, name);
	}
	ck_assert(!query_matches(&query, &(struct query_event){ ED_STR("x"), 1, 9, 0 }));
	ed_buf_release(&text);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wevtapi_query");
	TCase *tcase = tcase_create("query");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, comparisons);
	tcase_add_loop_test(tcase, what_windows_may_not_take_is_refused, 0, ED_COUNT(refused));
	tcase_add_loop_test(tcase, other_documents_are_refused, 0, ED_COUNT(documents));
	tcase_add_test(tcase, an_event_is_read_by_its_system_part);
	tcase_add_loop_test(tcase, queries_of_the_collector_ask_for_what_its_table_names, 0,
			    (int)ed_wevt_channel_count);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/* The table of event channels: it asks for all that the rules use, in queries Windows takes. */
#include "wevt_priv.h"

#include "espdiag/base/limits.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Events of rules, as the analysis names them. */
static const struct {
	const char *provider;
	uint32_t id;
	const char *channel;
} rule_events[] = {
#define EVENT(key, provider, id, channel, meaning, confidence) { provider, id, channel },
#include "events.def"
#undef EVENT
};

static const struct ed_wevt_channel *channel_named(const char *name)
{
	for (size_t i = 0; i < ed_wevt_channel_count; i++)
		if (strcmp(ed_wevt_channels[i].name, name) == 0)
			return &ed_wevt_channels[i];
	ck_abort_msg("no channel %s", name);
	return NULL;
}

static size_t count_of(const char *text, const char *what)
{
	size_t n = 0;

	for (const char *p = text; (p = strstr(p, what)) != NULL; p += strlen(what))
		n++;
	return n;
}

START_TEST(every_event_of_a_rule_is_asked_for)
{
	for (size_t i = 0; i < ED_COUNT(rule_events); i++) {
		const struct ed_wevt_channel *channel = channel_named(rule_events[i].channel);

		ck_assert_msg(ed_wevt_asks(channel, ed_str_from(rule_events[i].provider),
					   rule_events[i].id),
			      "%s %u", rule_events[i].channel, (unsigned)rule_events[i].id);
		ck_assert_msg(!channel->late, "%s", channel->name);
	}
	ck_assert(!ed_wevt_asks(channel_named("System"), ED_STR("Service Control Manager"), 12));
	ck_assert(!ed_wevt_asks(channel_named("Application"), ED_STR("MsiInstaller"), 1001));
}
END_TEST

/* Builds differ in which of these channels gets a session's events. */
START_TEST(events_that_moved_are_asked_for_in_both_places)
{
	static const uint32_t session[] = { 201, 208, 209, 212, 224, 404 };
	const char *const provider = "Microsoft-Windows-DeviceManagement-Enterprise-Diagnostics-"
				     "Provider";
	char name[200];

	for (size_t i = 0; i < ED_COUNT(session); i++) {
		snprintf(name, sizeof(name), "%s/Admin", provider);
		ck_assert(ed_wevt_asks(channel_named(name), ed_str_from(provider), session[i]));
		snprintf(name, sizeof(name), "%s/Sync", provider);
		ck_assert(ed_wevt_asks(channel_named(name), ed_str_from(provider), session[i]));
	}
}
END_TEST

START_TEST(ids_of_the_table_are_numbers_in_order)
{
	for (size_t i = 0; i < wevt_select_count; i++) {
		struct ed_str ids = ed_str_from(wevt_selects[i].ids);
		uint32_t from, to, last = 0;

		while (wevt_ids_next(&ids, &from, &to)) {
			ck_assert_msg(from <= to && to <= UINT16_MAX && (!last || from > last),
				      "%s: %u-%u", wevt_selects[i].channel->name, from, to);
			last = to;
		}
		ck_assert_uint_eq(ids.len, 0);
		ck_assert(!wevt_selects[i].ids || last);
	}
}
END_TEST

/* At most 20 comparisons a Select with both bounds, and no time anywhere. */
START_TEST(queries_stay_within_what_the_service_takes)
{
	const struct wevt_range range = { .from = 18446744073709551614u, .below = UINT64_MAX };
	struct ed_buf query;

	ed_buf_init(&query, ED_MIB);
	for (size_t i = 0; i < ed_wevt_channel_count; i++) {
		const char *p;

		wevt_query_channel(&query, &ed_wevt_channels[i], range, false);
		ck_assert_int_eq(query.status, ED_OK);
		ck_assert_ptr_null(strstr(query.p, "TimeCreated"));
		for (p = strstr(query.p, "<Select"); p; p = strstr(p, "<Select")) {
			const char *end = strstr(p, "</Select>");
			char select[4096];
			size_t terms;

			ck_assert_uint_lt((size_t)(end - p), sizeof(select));
			memcpy(select, p, (size_t)(end - p));
			select[end - p] = 0;
			terms = count_of(select, "EventID") + count_of(select, "@Name=") +
				count_of(select, "EventRecordID");

			ck_assert_msg(terms <= WEVT_TERMS, "%zu: %s", terms, select);
			ck_assert_uint_eq(count_of(select, "EventRecordID"), 2);
			ck_assert_uint_eq(count_of(select, "("), count_of(select, ")"));
			ck_assert_uint_eq(count_of(select, "["), count_of(select, "]"));
			p = end;
		}
	}
	ed_buf_release(&query);
}
END_TEST

START_TEST(a_query_reads_as_the_service_wants_it)
{
	const struct wevt_range none = { .from = 0 };
	const struct wevt_range below = { .below = 12 };
	struct ed_buf query;

	ed_buf_init(&query, ED_MIB);
	wevt_query_channel(&query, channel_named("Application"), none, false);
	ck_assert_str_eq(query.p, "<QueryList><Query Id=\"0\" Path=\"Application\"><Select "
				  "Path=\"Application\">*[System[Provider[@Name='Windows Error "
				  "Reporting'] and (EventID=1001)]]</Select></Query></QueryList>");
	wevt_query_channel(&query, channel_named("Application"), none, true);
	ck_assert_str_eq(query.p, "<QueryList><Query Id=\"0\" Path=\"Application\"><Select "
				  "Path=\"Application\">*</Select></Query></QueryList>");
	wevt_query_channel(&query, channel_named("Microsoft-Windows-AppReadiness/Admin"), below,
			   false);
	ck_assert_ptr_nonnull(strstr(query.p, ">*[System[EventRecordID &lt; 12 and (EventID=209 or "
					      "(EventID &gt;= 213 and EventID &lt;= 215))]]<"));
	ed_buf_release(&query);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wevt_table");
	TCase *tcase = tcase_create("table");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, every_event_of_a_rule_is_asked_for);
	tcase_add_test(tcase, events_that_moved_are_asked_for_in_both_places);
	tcase_add_test(tcase, ids_of_the_table_are_numbers_in_order);
	tcase_add_test(tcase, queries_stay_within_what_the_service_takes);
	tcase_add_test(tcase, a_query_reads_as_the_service_wants_it);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/* Following channels over a fake event log: what is asked, handed on, and begun anew. */
#include "espdiag/collectors/wevt_watch.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"

/* One channel whose records are 1 to @newest. */
struct fake {
	uint64_t newest;
	uint32_t subscribe_codes[4]; /* of the first subscriptions */
	size_t subscriptions;
	uint32_t next_codes[4]; /* of the first EvtNext calls */
	size_t nexts;
	uint64_t after; /* of the last subscription */
	bool filtered;  /* it asked for ids */
	uint32_t batch; /* of the last EvtNext */
	long open;
};

struct subscription {
	uint64_t at;
};

static uint32_t fake_subscribe(void *context, struct ed_str query, struct ed_str channel,
			       uint64_t after, void **out)
{
	struct fake *f = context;
	uint32_t code = f->subscriptions < ED_COUNT(f->subscribe_codes)
				? f->subscribe_codes[f->subscriptions]
				: 0;
	struct subscription *s;

	ck_assert(ed_str_find(query, channel, 0) != SIZE_MAX);
	f->subscriptions++;
	f->after = after;
	f->filtered = ed_str_find(query, ED_STR("EventID"), 0) != SIZE_MAX;
	if (code)
		return code;
	s = calloc(1, sizeof(*s));
	s->at = after;
	f->open++;
	*out = s;
	return 0;
}

static uint32_t fake_next(void *context, void *results, uint32_t count, void **events,
			  uint32_t timeout_ms, uint32_t *got)
{
	struct fake *f = context;
	struct subscription *s = results;
	uint32_t code = f->nexts < ED_COUNT(f->next_codes) ? f->next_codes[f->nexts] : 0;

	ck_assert_uint_lt(timeout_ms, 1000);
	f->nexts++;
	f->batch = count;
	if (code)
		return code;
	if (s->at >= f->newest)
		return ED_WEVT_END;
	for (*got = 0; *got < count && s->at < f->newest; ++*got) {
		uint64_t *event = malloc(sizeof(*event));

		*event = ++s->at;
		events[*got] = event;
		f->open++;
	}
	return 0;
}

static uint32_t fake_render(void *context, void *event, uint32_t size, void *buffer, uint32_t *used)
{
	char text[200];
	unsigned char *out = buffer;
	int n = snprintf(text, sizeof(text),
			 "<Event><System><EventRecordID>%llu</EventRecordID></System></Event>",
			 (unsigned long long)*(uint64_t *)event);

	(void)context;
	*used = 2 * ((uint32_t)n + 1);
	ck_assert_uint_le(*used, size);
	for (int i = 0; i <= n; i++) {
		out[2 * i] = (unsigned char)text[i];
		out[2 * i + 1] = 0;
	}
	return 0;
}

static void fake_close(void *context, void *handle)
{
	((struct fake *)context)->open--;
	free(handle);
}

static struct ed_wevt_api api_of(struct fake *f)
{
	return (struct ed_wevt_api){
		.context = f, .next = fake_next, .render = fake_render, .close = fake_close
	};
}

/* What was handed on: record numbers, and how often. */
struct taken {
	uint64_t first, last, count;
	int calls;
	ed_status status;
};

static ed_status take(void *context, const struct ed_wevt_channel *channel, struct ed_str lines,
		      struct ed_error *err)
{
	struct taken *t = context;
	struct ed_str line;

	ck_assert_ptr_eq(channel, &ed_wevt_channels[0]);
	t->calls++;
	while (ed_str_line(&lines, &line)) {
		uint64_t record = ed_wevt_last_record(line);

		if (!t->count++)
			t->first = record;
		else
			ck_assert_uint_eq(record, t->last + 1);
		t->last = record;
	}
	return t->status == ED_OK ? ED_OK : ed_fail(err, t->status, "no");
}

struct setup {
	struct fake fake;
	struct ed_wevt_api api;
	struct ed_watch_signs signs;
	struct ed_wevt_watch *watch;
	struct taken taken;
};

static void setup_begin(struct setup *s)
{
	s->api = api_of(&s->fake);
	s->signs = (struct ed_watch_signs){ .context = &s->fake, .subscribe = fake_subscribe };
	ck_assert_int_eq(ed_wevt_watch_new(&s->api, &s->signs, &s->watch, NULL), ED_OK);
}

static ed_status setup_take(struct setup *s)
{
	s->taken = (struct taken){ .status = s->taken.status };
	return ed_wevt_watch_take(s->watch, &s->taken, take, NULL);
}

static void setup_end(struct setup *s)
{
	ed_wevt_watch_free(s->watch);
	ck_assert_int_eq(s->fake.open, 0);
}

START_TEST(only_what_is_new_is_handed_on)
{
	struct setup s = { .fake = { .newest = 7 } };

	setup_begin(&s);
	ck_assert_int_eq(ed_wevt_watch_add(s.watch, &ed_wevt_channels[0], 5, NULL), ED_OK);
	ck_assert_uint_eq(s.fake.after, 5);
	ck_assert(s.fake.filtered);
	ck_assert_int_eq(setup_take(&s), ED_OK);
	ck_assert(s.taken.first == 6 && s.taken.last == 7 && s.taken.calls == 1);
	ck_assert_int_eq(setup_take(&s), ED_OK);
	ck_assert_int_eq(s.taken.calls, 0);
	s.fake.newest = 500;
	ck_assert_int_eq(setup_take(&s), ED_OK);
	ck_assert(s.taken.first == 8 && s.taken.last == 500 && s.taken.count == 493);
	ck_assert(!ed_wevt_watch_is_broken(s.watch));
	setup_end(&s);
}
END_TEST

START_TEST(a_failing_subscription_begins_anew)
{
	struct setup s = { .fake = { .newest = 100,
				     .next_codes = { 0, ED_WEVT_BOUND, ED_WEVT_STALE } } };

	setup_begin(&s);
	ck_assert_int_eq(ed_wevt_watch_add(s.watch, &ed_wevt_channels[0], 0, NULL), ED_OK);
	ck_assert_int_eq(setup_take(&s), ED_OK);
	ck_assert(s.taken.first == 1 && s.taken.last == 100 && s.taken.count == 100);
	ck_assert_uint_eq(s.fake.subscriptions, 3);
	ck_assert_uint_eq(s.fake.after, 64);
	ck_assert_uint_eq(s.fake.batch, 16);
	setup_end(&s);
}
END_TEST

START_TEST(a_service_that_is_down_is_tried_again)
{
	struct setup s = {
		.fake = { .newest = 3, .next_codes = { 1722 }, .subscribe_codes = { 0, 1722 } }
	};

	setup_begin(&s);
	ck_assert_int_eq(ed_wevt_watch_add(s.watch, &ed_wevt_channels[0], 0, NULL), ED_OK);
	ck_assert_int_eq(setup_take(&s), ED_OK);
	ck_assert(s.taken.calls == 0 && ed_wevt_watch_is_broken(s.watch));
	ck_assert_int_eq(setup_take(&s), ED_OK);
	ck_assert(s.taken.last == 3 && !ed_wevt_watch_is_broken(s.watch));
	setup_end(&s);
}
END_TEST

static const struct {
	uint32_t code;
	ed_status status;
} refusals[] = {
	{ ED_WEVT_NO_CHANNEL, ED_ABSENT },
	{ ED_WEVT_DENIED, ED_ACCESS },
	{ 1722, ED_IO },
};

START_TEST(refusals_are_told)
{
	struct setup s = { .fake = { .subscribe_codes = { refusals[_i].code } } };

	setup_begin(&s);
	ck_assert_int_eq(ed_wevt_watch_add(s.watch, &ed_wevt_channels[0], 0, NULL),
			 refusals[_i].status);
	ck_assert_int_eq(setup_take(&s), ED_OK);
	ck_assert_uint_eq(s.fake.nexts, 0);
	setup_end(&s);
}
END_TEST

START_TEST(a_refused_filter_is_left_out)
{
	struct setup s = { .fake = { .newest = 1, .subscribe_codes = { ED_WEVT_COMPLEX } } };

	setup_begin(&s);
	ck_assert_int_eq(ed_wevt_watch_add(s.watch, &ed_wevt_channels[0], 0, NULL), ED_OK);
	ck_assert(!s.fake.filtered);
	setup_end(&s);
}
END_TEST

START_TEST(failures_are_passed_on)
{
	struct setup s = { .fake = { .newest = 70 }, .taken = { .status = ED_LIMIT } };
	struct ed_wevt_watch *watch = NULL;

	setup_begin(&s);
	ck_assert_int_eq(ed_wevt_watch_add(s.watch, &ed_wevt_channels[0], 0, NULL), ED_OK);
	ck_assert_int_eq(setup_take(&s), ED_LIMIT);
	setup_end(&s);
	ed_wevt_watch_free(NULL);
	ed_alloc_fail_after(0);
	ck_assert_int_eq(ed_wevt_watch_new(&s.api, &s.signs, &watch, NULL), ED_NOMEM);
	ed_alloc_fail_after(-1);
	ck_assert_ptr_null(watch);
	for (long n = 0; n < 3; n++) {
		struct setup again = { .fake = { .newest = 70 } };

		setup_begin(&again);
		ck_assert_int_eq(ed_wevt_watch_add(again.watch, &ed_wevt_channels[0], 0, NULL),
				 ED_OK);
		ed_alloc_fail_after(n);
		ck_assert_int_eq(setup_take(&again), ED_NOMEM);
		ed_alloc_fail_after(-1);
		setup_end(&again);
	}
}
END_TEST

START_TEST(the_last_record_is_found)
{
	ck_assert_uint_eq(ed_wevt_last_record(ED_STR("")), 0);
	ck_assert_uint_eq(ed_wevt_last_record(ED_STR("<Events>\n</Events>\n")), 0);
	ck_assert_uint_eq(
		ed_wevt_last_record(ED_STR("<Events>\n<EventRecordID>3</EventRecordID>\n"
					   "<EventRecordID>17</EventRecordID>\n</Events>\n")),
		17);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wevt_watch");
	TCase *tcase = tcase_create("wevt_watch");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, only_what_is_new_is_handed_on);
	tcase_add_test(tcase, a_failing_subscription_begins_anew);
	tcase_add_test(tcase, a_service_that_is_down_is_tried_again);
	tcase_add_loop_test(tcase, refusals_are_told, 0, (int)ED_COUNT(refusals));
	tcase_add_test(tcase, a_refused_filter_is_left_out);
	tcase_add_test(tcase, failures_are_passed_on);
	tcase_add_test(tcase, the_last_record_is_found);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

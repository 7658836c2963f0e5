/* SPDX-License-Identifier: MIT */
/* The screen, the lines and the log of a watch over verdicts made by hand; moments of evidence. */
#include "espdiag/report/watch.h"

#include <check.h>

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"

#include "watch.h"

#define AT(h, m, s)                                                                                \
	ed_time_from_civil((struct ed_civil){                                                      \
		.year = 2026, .month = 9, .day = 14, .hour = (h), .minute = (m), .second = (s) })

static struct ed_verdict verdict_empty(void)
{
	return (struct ed_verdict){
		.evaluated_at = AT(8, 0, 0),
		.outcome = ED_OUTCOME_INCONCLUSIVE,
		.certainty = ED_POSSIBLE,
		.esp = { .timeout_minutes = ED_UNKNOWN,
			 .started_at = ED_TIME_NONE,
			 .deadline_at = ED_TIME_NONE,
			 .minutes_left = ED_UNKNOWN },
		.store = { ED_UNKNOWN, ED_UNKNOWN, ED_TIME_NONE, ED_TIME_NONE, ED_UNKNOWN,
			   ED_TIME_NONE, NULL, 0 },
		.sign_in = { .denials = ED_UNKNOWN,
			     .first_at = ED_TIME_NONE,
			     .last_at = ED_TIME_NONE },
		.bitlocker = { .started_at = ED_TIME_NONE,
			       .completed_at = ED_TIME_NONE,
			       .protected_at = ED_TIME_NONE,
			       .escrowed_at = ED_TIME_NONE },
		.attestation = { .last_boot_at = ED_TIME_NONE,
				 .boot_measured_bitlocker = ED_TRI_UNKNOWN,
				 .certificate_at = ED_TIME_NONE,
				 .predicted_require_bitlocker = "unknown" },
	};
}

/* Every member set. The arrays are the caller's, so that it can change them. */
struct full {
	struct ed_verdict verdict;
	struct ed_finding finding;
	struct ed_action action;
	struct ed_esp_app apps[5];
	struct ed_product product;
	struct ed_code_count codes[2];
	struct ed_mark marks[2];
};

static void full_init(struct full *f)
{
	struct ed_verdict *v = &f->verdict;

	*v = verdict_empty();
	f->finding = (struct ed_finding){ .id = "bitlocker-restart-pending",
					  .title = ED_STR("restart it") };
	f->action = (struct ed_action){ .id = "restart-device",
					.owner = ED_TECHNICIAN,
					.title = ED_STR("Restart the device") };
	for (size_t i = 0; i < ED_COUNT(f->apps); i++)
		f->apps[i] = (struct ed_esp_app){ ED_STR("An.App"), "store",
						  ED_STR("not installed"), ED_STR("0x87d1041c") };
	f->apps[0].state = ED_STR("installed");
	f->product = (struct ed_product){ ED_STR("9WZDNCRFJ3PZ"), ED_STR("An.App"), 9,
					  ED_STR("0xcaa2000c"), ED_TRI_NO };
	f->codes[0] = (struct ed_code_count){ 50076, 1 };
	f->codes[1] = (struct ed_code_count){ 53000, 9 };
	f->marks[0] = (struct ed_mark){ ED_LANE_START, ED_MARK_RESTART, AT(8, 0, 0),
					AT(8, 0, 0),   AT(8, 0, 0),     ED_TIME_NONE,
					false,         { NULL, 0 },     ED_UNKNOWN };
	f->marks[1] = f->marks[0];
	f->marks[1].lane = ED_LANE_STORE;
	f->marks[1].kind = ED_MARK_ATTEMPT_FAILED;
	f->marks[1].from = f->marks[1].to = f->marks[1].at = AT(8, 39, 7);
	v->evaluated_at = AT(8, 40, 0);
	v->outcome = ED_OUTCOME_BLOCKED;
	v->primary = f->finding.id;
	v->certainty = ED_CONFIRMED;
	v->findings = &f->finding;
	v->finding_count = 1;
	v->actions = &f->action;
	v->action_count = 1;
	v->esp = (struct ed_esp){
		ED_PHASE_ACCOUNT_SETUP, true, 60, AT(8, 0, 0), AT(9, 0, 0), 17, f->apps,
		ED_COUNT(f->apps)
	};
	v->store = (struct ed_store){ 9,           8, AT(8, 10, 0), AT(8, 39, 7), 180, AT(8, 42, 7),
				      &f->product, 1 };
	v->sign_in.denials = 10;
	v->sign_in.codes = f->codes;
	v->sign_in.code_count = 2;
	v->sign_in.last_at = AT(8, 39, 7);
	v->bitlocker.protected_at = AT(8, 14, 47);
	v->bitlocker.escrowed_at = AT(8, 14, 46);
	v->bitlocker.method = ED_STR("XTS-AES 128");
	v->bitlocker.state = "protected";
	v->attestation = (struct ed_attestation){ AT(7, 59, 1), ED_BOOT_RESTART,      ED_TRI_NO,
						  AT(8, 2, 0),  ED_STR("0x80072ee7"), "fail" };
	v->timeline.marks = f->marks;
	v->timeline.count = 2;
}

static char *screen_of(const struct ed_verdict *v, int64_t now, struct ed_buf *out)
{
	static const char changes[2][ED_WATCH_CHANGE_TEXT] = { "08:00:00 verdict: one",
							       "08:15:07 verdict: two" };
	const struct ed_watch_view view = {
		.verdict = v, .now = now, .changes = changes, .change_count = 2, .hint = "the end"
	};

	ed_buf_clear(out);
	ed_watch_screen(&view, out);
	ck_assert_int_eq(out->status, ED_OK);
	return out->p;
}

/* Printable ASCII within 79 columns and 24 lines. */
static void check_within(struct ed_str screen)
{
	struct ed_str line;
	size_t lines = 0;

	while (ed_str_line(&screen, &line)) {
		ck_assert_msg(line.len <= ED_WATCH_COLUMNS, "%.*s", ED_FMT(line));
		for (size_t i = 0; i < line.len; i++)
			ck_assert_msg(line.p[i] >= ' ' && line.p[i] <= '~', "%.*s", ED_FMT(line));
		lines++;
	}
	ck_assert_uint_le(lines, ED_WATCH_LINES);
}

static void has(const char *screen, const char *text)
{
	ck_assert_msg(strstr(screen, text) != NULL, "no '%s' in\n%s", text, screen);
}

START_TEST(screen_says_everything)
{
	struct full f;
	struct ed_buf out;
	char *screen;

	full_init(&f);
	ed_buf_init(&out, ED_MIB);
	screen = screen_of(&f.verdict, AT(8, 41, 2), &out);
	has(screen, "2026-09-14 08:41:02 UTC\n");
	has(screen, "\nVerdict   BLOCKED: bitlocker-restart-pending (confirmed)\n");
	has(screen, "\n          restart it\n");
	has(screen, "\nDo        Restart the device (technician)\n");
	has(screen, "\nChanges   08:00:00 verdict: one\n          08:15:07 verdict: two\n");
	has(screen, "\nPage      account-setup since 08:00:00, limit 60 minutes\n");
	has(screen, "\nLeft      18:58, until 09:00:00 [################--------]\n");
	has(screen, "\nApps      waits for 4 of 5\n          An.App: not installed 0x87d1041c\n");
	has(screen, "\nStore     9 attempts, 8 failed, every 3:00\n");
	has(screen, "\nLast      08:39:07 attempt failed, 0xcaa2000c\n");
	has(screen, "\nNext      08:42:07, in 1:05\n");
	has(screen, "\nSign-in   denied AADSTS50076 x1; denied AADSTS53000 x9, last 08:39:07\n");
	has(screen, "\nLoop      restart | x\n");
	has(screen, "\nBitLocker protected, protection on 08:14:47, key kept 08:14:46, XTS-");
	has(screen, "\nStart     restart 07:59:01, it measured BitLocker off\n");
	has(screen, "\nAttested  no certificate: 0x80072ee7; \"require BitLocker\" would fail\n");
	ck_assert(ed_str_ends(ed_buf_str(&out), ED_STR("\nthe end\n")));
	check_within(ed_buf_str(&out));
	ed_buf_release(&out);
}
END_TEST

START_TEST(screen_of_nothing_known)
{
	struct ed_verdict v = verdict_empty();
	struct ed_buf out;
	char *screen;

	ed_buf_init(&out, ED_MIB);
	screen = screen_of(&v, AT(8, 0, 0), &out);
	has(screen, "INCONCLUSIVE: no finding (possible)");
	has(screen, "\nPage      unknown\nLeft      unknown\n");
	has(screen,
	    "\nStore     its log is not read\nLast      none yet\nNext      none expected\n");
	has(screen, "\nSign-in   its log is not read\nLoop      -\nBitLocker unknown\n");
	check_within(ed_buf_str(&out));
	ed_buf_release(&out);
}
END_TEST

START_TEST(screen_counts_down)
{
	struct full f;
	struct ed_buf out;

	full_init(&f);
	ed_buf_init(&out, ED_MIB);
	has(screen_of(&f.verdict, AT(8, 42, 6), &out), "08:42:07, in 0:01\n");
	has(screen_of(&f.verdict, AT(8, 42, 7), &out), "08:42:07, due now\n");
	has(screen_of(&f.verdict, AT(9, 0, 0), &out), "the limit passed, at 09:00:00 [####");
	f.verdict.esp.deadline_at = AT(11, 0, 0);
	has(screen_of(&f.verdict, AT(8, 42, 7), &out), "Left      2:17:53, until");
	f.verdict.esp.phase = ED_PHASE_DONE;
	has(screen_of(&f.verdict, AT(8, 42, 7), &out), "Left      the page is done\n");
	f.verdict.store.next_attempt_at = ED_TIME_NONE;
	f.verdict.store.attempts = 1;
	has(screen_of(&f.verdict, AT(8, 42, 7), &out), "Next      known after the second attempt");
	ed_buf_release(&out);
}
END_TEST

START_TEST(hostile_text_stays_in_its_line)
{
	static char name[5000];
	struct full f;
	struct ed_buf out;

	memset(name, 'W', sizeof(name));
	memcpy(name, "\x1b[2J\r\n\x07\xe2\x80\xae", 10);
	full_init(&f);
	ed_buf_init(&out, ED_MIB);
	f.finding.title = f.action.title = (struct ed_str){ name, sizeof(name) };
	for (size_t i = 0; i < ED_COUNT(f.apps); i++)
		f.apps[i].name = f.finding.title;
	f.product.last_error = f.verdict.attestation.certificate_error = f.finding.title;
	f.verdict.bitlocker.method = f.finding.title;
	screen_of(&f.verdict, AT(8, 41, 0), &out);
	check_within(ed_buf_str(&out));
	ed_buf_release(&out);
}
END_TEST

START_TEST(frame_fits)
{
	struct ed_str screen = ED_STR("Verdict   BLOCKED\n          more\nthird\n");
	struct ed_buf out;

	ed_buf_init(&out, ED_MIB);
	ed_watch_frame(screen, 80, 25, false, &out);
	ck_assert_str_eq(out.p, "\x1b[HVerdict   BLOCKED\x1b[K\r\n          more\x1b[K\r\n"
				"third\x1b[K\r\n\x1b[J");
	ed_buf_clear(&out);
	ed_watch_frame(screen, 5, 3, false, &out);
	ck_assert_str_eq(out.p, "\x1b[HVerd\x1b[K\r\n    \x1b[K\r\n\x1b[J");
	ed_buf_clear(&out);
	ed_watch_frame(screen, 12, 2, true, &out);
	ck_assert_str_eq(out.p, "\x1b[H\x1b[1mVerdict\x1b[0m   B\x1b[K\r\n\x1b[J");
	ed_buf_clear(&out);
	ed_watch_frame(screen, 1, 1, true, &out);
	ck_assert_str_eq(out.p, "\x1b[H\x1b[J");
	ed_buf_release(&out);
}
END_TEST

START_TEST(only_what_changed_is_told)
{
	struct ed_watch_state before = { .known = false }, after;
	struct full f;
	struct ed_buf out;

	full_init(&f);
	ed_buf_init(&out, ED_MIB);
	ed_watch_state_take(&f.verdict, &after);
	ck_assert_uint_eq(ed_watch_changes(&before, &after, AT(8, 15, 7), &out), 7);
	ck_assert_str_eq(out.p,
			 "08:15:07 start: restart at 07:59:01\n"
			 "08:15:07 attestation: the last start measured BitLocker off\n"
			 "08:15:07 page: account-setup, until 09:00:00\n"
			 "08:15:07 BitLocker: protected\n"
			 "08:15:07 sign-in: denied, AADSTS53000, 10 so far\n"
			 "08:15:07 store: 9 attempts, 8 failed\n"
			 "08:15:07 verdict: bitlocker-restart-pending (confirmed), blocked\n");
	before = after;
	ed_buf_clear(&out);
	ck_assert_uint_eq(ed_watch_changes(&before, &after, AT(8, 15, 8), &out), 0);
	ck_assert_uint_eq(out.len, 0);
	f.verdict.certainty = ED_LIKELY;
	f.verdict.store.failures = 9;
	ed_watch_state_take(&f.verdict, &after);
	ck_assert(ed_watch_verdict_differs(&before, &after));
	ck_assert_uint_eq(ed_watch_changes(&before, &after, AT(8, 15, 8), &out), 2);
	ck_assert_str_eq(out.p, "08:15:08 store: 9 attempts, 9 failed\n08:15:08 verdict: "
				"bitlocker-restart-pending (likely), blocked\n");
	ed_buf_release(&out);
}
END_TEST

START_TEST(verdict_is_one_line)
{
	struct ed_watch_state state = { .known = true, .outcome = ED_OUTCOME_WAITING };
	char line[ED_WATCH_CHANGE_TEXT];

	ed_watch_verdict_line(&state, AT(8, 0, 1), line);
	ck_assert_str_eq(line, "08:00:01 verdict: no finding (confirmed), waiting");
	memset(state.primary, 'x', sizeof(state.primary) - 1);
	ed_watch_verdict_line(&state, AT(8, 0, 1), line);
	ck_assert_uint_lt(strlen(line), ED_WATCH_COLUMNS + 8);
}
END_TEST

static void record_keep(void *context, struct ed_str channel, uint64_t record)
{
	struct ed_watch_record *seen = context;

	ck_assert(ed_str_eq(channel, ED_STR("System")));
	seen->record = record;
}

START_TEST(log_comes_back)
{
	const struct ed_watch_record record = { ED_STR("System"), 63 };
	struct ed_watch_record seen = { .record = 0 };
	struct ed_watch_state state, back;
	struct full f;
	struct ed_buf out, again;
	int64_t at;

	full_init(&f);
	ed_buf_init(&out, ED_MIB);
	ed_buf_init(&again, ED_MIB);
	for (int i = 0; i < 2; i++) {
		struct ed_verdict v = i ? verdict_empty() : f.verdict;

		ed_watch_state_take(&v, &state);
		ed_buf_clear(&out);
		ed_watch_log_line(&state, AT(8, 15, 7), &record, 1, &out);
		ck_assert_ptr_eq(strchr(out.p, '\n'), out.p + out.len - 1);
		ck_assert(ed_watch_log_read(ed_buf_str(&out), &back, &at, &seen, record_keep));
		ck_assert_int_eq(at, AT(8, 15, 7));
		ck_assert_uint_eq(seen.record, 63);
		ed_buf_clear(&again);
		ck_assert_uint_eq(ed_watch_changes(&back, &state, at, &again), 0);
		ed_watch_log_line(&back, at, &record, 1, &again);
		ck_assert_str_eq(again.p, out.p);
	}
	ed_buf_release(&out);
	ed_buf_release(&again);
}
END_TEST

static const char *const no_lines[] = {
	"",
	"{}",
	"nothing",
	"{\"schema\": \"espdiag.watch/1\"}",
	"{\"schema\": \"espdiag.watch/2\", \"at\": \"2026-09-14T08:15:07Z\", \"outcome\": "
	"\"blocked\", \"certainty\": \"confirmed\"}",
	"{\"schema\": \"espdiag.watch/1\", \"at\": \"noon\", \"outcome\": \"blocked\", "
	"\"certainty\": \"confirmed\"}",
	"{\"schema\": \"espdiag.watch/1\", \"at\": \"2026-09-14T08:15:07Z\", \"outcome\": \"odd\", "
	"\"certainty\": \"confirmed\"}",
};

START_TEST(log_takes_its_own_lines_only)
{
	struct ed_watch_state state;
	int64_t at;

	ck_assert_msg(!ed_watch_log_read(ed_str_from(no_lines[_i]), &state, &at, NULL, record_keep),
		      "%s", no_lines[_i]);
}
END_TEST

static void event_add(struct ed_evidence *e, const char *channel, uint64_t record, int64_t time)
{
	struct ed_event event = { .head = { .provider = ED_STR("P"),
					    .channel = ed_str_from(channel),
					    .record = record,
					    .time = time,
					    .id = 1 } };

	ck_assert(e->sink.ops->want(&e->sink, &event.head));
	ck_assert_int_eq(e->sink.ops->event(&e->sink, &event, NULL), ED_OK);
}

START_TEST(moments_are_seconds_with_something_new)
{
	struct ed_watch_record record = { ED_STR("System"), 2 };
	struct ed_watch_log log = { .any = false, .records = &record, .count = 1 };
	struct ed_watch_moments m;
	struct ed_evidence e;
	struct ed_arena arena;

	ed_arena_init(&arena, ED_MIB);
	ed_evidence_init(&e, &arena, NULL);
	ck_assert_int_eq(ed_evidence_begin_source(&e, ED_STR("x"), "test", NULL), ED_OK);
	event_add(&e, "System", 1, AT(8, 0, 0));
	event_add(&e, "System", 2, AT(8, 0, 5) + 1);
	event_add(&e, "System", 3, AT(8, 0, 5) + 7);
	event_add(&e, "Other", 1, AT(8, 0, 5) + 3);
	event_add(&e, "Other", 2, AT(8, 3, 0));
	event_add(&e, "Other", 3, ED_TIME_NONE);
	ed_evidence_finish(&e);
	ck_assert_int_eq(ed_watch_moments(&e, &log, AT(8, 0, 0), AT(8, 2, 0), false, &m, NULL),
			 ED_OK);
	ck_assert_uint_eq(m.count, 2);
	ck_assert_int_eq(m.items[0], AT(8, 0, 0));
	ck_assert_int_eq(m.items[1], AT(8, 0, 5) + 7);
	ed_free(m.items);
	ck_assert_int_eq(ed_watch_moments(&e, &log, AT(8, 0, 0), AT(8, 2, 30), true, &m, NULL),
			 ED_OK);
	ck_assert_uint_eq(m.count, 4);
	ck_assert_int_eq(m.items[3], AT(8, 2, 0));
	ed_free(m.items);
	log.any = true;
	ck_assert_int_eq(ed_watch_moments(&e, &log, AT(8, 0, 0), AT(8, 4, 0), false, &m, NULL),
			 ED_OK);
	ck_assert_uint_eq(m.count, 2);
	ck_assert_int_eq(m.items[0], AT(8, 0, 5) + 7);
	ed_free(m.items);
	ck_assert_int_eq(ed_watch_moments(&e, &log, AT(9, 0, 0), AT(8, 0, 0), true, &m, NULL),
			 ED_OK);
	ck_assert_uint_eq(m.count, 0);
	ed_free(m.items);
	ed_alloc_fail_after(0);
	ck_assert_int_eq(ed_watch_moments(&e, &log, AT(8, 0, 0), AT(8, 4, 0), true, &m, NULL),
			 ED_NOMEM);
	ed_alloc_fail_after(-1);
	ed_evidence_release(&e);
	ed_arena_release(&arena);
}
END_TEST

START_TEST(lack_of_memory_sticks)
{
	struct ed_watch_state before = { .known = false }, after;
	struct full f;

	full_init(&f);
	ed_watch_state_take(&f.verdict, &after);
	for (int i = 0; i < 3; i++) {
		const struct ed_watch_view view = { .verdict = &f.verdict };
		struct ed_buf out;

		ed_buf_init(&out, ED_MIB);
		ed_alloc_fail_after(0);
		if (i == 0)
			ed_watch_screen(&view, &out);
		else if (i == 1)
			ed_watch_changes(&before, &after, AT(8, 0, 0), &out);
		else
			ed_watch_log_line(&after, AT(8, 0, 0), NULL, 0, &out);
		ed_alloc_fail_after(-1);
		ck_assert_int_eq(out.status, ED_NOMEM);
		ed_buf_release(&out);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("watch");
	TCase *tcase = tcase_create("watch");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, screen_says_everything);
	tcase_add_test(tcase, screen_of_nothing_known);
	tcase_add_test(tcase, screen_counts_down);
	tcase_add_test(tcase, hostile_text_stays_in_its_line);
	tcase_add_test(tcase, frame_fits);
	tcase_add_test(tcase, only_what_changed_is_told);
	tcase_add_test(tcase, verdict_is_one_line);
	tcase_add_test(tcase, log_comes_back);
	tcase_add_loop_test(tcase, log_takes_its_own_lines_only, 0, (int)ED_COUNT(no_lines));
	tcase_add_test(tcase, moments_are_seconds_with_something_new);
	tcase_add_test(tcase, lack_of_memory_sticks);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Two verdicts made by hand: what is concluded of each pair of outcomes, when advice counts as
 * taken, what costs certainty, and that no text of a verdict becomes markup.
 */
#include "espdiag/compare/compare.h"

#include <check.h>

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/platform/task.h"
#include "espdiag/report/compare.h"

#define BEFORE INT64_C(134000000000000000)
#define MINUTE ED_TICKS_PER_MINUTE
#define AFTER (BEFORE + 20 * MINUTE)

static struct ed_arena arena;
static struct ed_error err;

static void setup(void)
{
	ed_arena_init(&arena, 16 * ED_MIB);
}

static void teardown(void)
{
	ed_alloc_fail_after(-1);
	ed_arena_release(&arena);
}

static struct ed_verdict verdict_of(enum ed_outcome outcome, const char *primary, int64_t at)
{
	return (struct ed_verdict){
		.source = ED_STR("somewhere"),
		.evaluated_at = at,
		.outcome = outcome,
		.primary = primary,
		.esp = { .timeout_minutes = ED_UNKNOWN, .minutes_left = ED_UNKNOWN },
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
				 .certificate_at = ED_TIME_NONE },
	};
}

static struct ed_comparison compare(const struct ed_verdict *before, const struct ed_verdict *after)
{
	struct ed_comparison c;

	ck_assert_int_eq(ed_compare(before, after, &arena, &c, &err), ED_OK);
	return c;
}

static bool says(const struct ed_comparison *c, const char *words)
{
	return ed_str_find(c->summary, ed_str_from(words), 0) != SIZE_MAX;
}

static const struct {
	enum ed_outcome before;
	const char *first;
	enum ed_outcome after;
	const char *second;
	enum ed_compared result;
} pairs[] = {
	{ ED_OUTCOME_BLOCKED, "a", ED_OUTCOME_RECOVERED, "r", ED_COMPARED_CURED },
	{ ED_OUTCOME_FAILED, NULL, ED_OUTCOME_HEALTHY, NULL, ED_COMPARED_CURED },
	{ ED_OUTCOME_WAITING, "a", ED_OUTCOME_HEALTHY, NULL, ED_COMPARED_CURED },
	{ ED_OUTCOME_WAITING, NULL, ED_OUTCOME_HEALTHY, NULL, ED_COMPARED_WELL },
	{ ED_OUTCOME_BLOCKED, "a", ED_OUTCOME_WAITING, "b", ED_COMPARED_IMPROVED },
	{ ED_OUTCOME_BLOCKED, "a", ED_OUTCOME_WAITING, NULL, ED_COMPARED_IMPROVED },
	{ ED_OUTCOME_BLOCKED, "a", ED_OUTCOME_BLOCKED, "a", ED_COMPARED_UNCHANGED },
	{ ED_OUTCOME_BLOCKED, "a", ED_OUTCOME_FAILED, "a", ED_COMPARED_UNCHANGED },
	{ ED_OUTCOME_BLOCKED, "a", ED_OUTCOME_BLOCKED, "b", ED_COMPARED_OTHER_CAUSE },
	{ ED_OUTCOME_WAITING, "a", ED_OUTCOME_WAITING, "b", ED_COMPARED_OTHER_CAUSE },
	{ ED_OUTCOME_WAITING, NULL, ED_OUTCOME_BLOCKED, "b", ED_COMPARED_WORSE },
	{ ED_OUTCOME_HEALTHY, NULL, ED_OUTCOME_BLOCKED, "b", ED_COMPARED_WORSE },
	{ ED_OUTCOME_RECOVERED, "r", ED_OUTCOME_HEALTHY, NULL, ED_COMPARED_WELL },
	{ ED_OUTCOME_INCONCLUSIVE, NULL, ED_OUTCOME_HEALTHY, NULL, ED_COMPARED_UNCLEAR },
	{ ED_OUTCOME_BLOCKED, "a", ED_OUTCOME_INCONCLUSIVE, NULL, ED_COMPARED_UNCLEAR },
};

START_TEST(outcomes_decide)
{
	struct ed_verdict before = verdict_of(pairs[_i].before, pairs[_i].first, BEFORE);
	struct ed_verdict after = verdict_of(pairs[_i].after, pairs[_i].second, AFTER);
	struct ed_comparison c = compare(&before, &after);

	ck_assert_msg(c.result == pairs[_i].result, "%s: %.*s", ed_compared_word(c.result),
		      ED_FMT(c.summary));
	ck_assert_uint_gt(c.summary.len, 0);
	ck_assert_int_eq(c.summary.p[c.summary.len - 1], '.');
	ck_assert(!says(&c, "restart"));
}
END_TEST

START_TEST(an_older_second_tells_nothing)
{
	struct ed_verdict before = verdict_of(ED_OUTCOME_BLOCKED, "a", AFTER);
	struct ed_verdict after = verdict_of(ED_OUTCOME_RECOVERED, "r", BEFORE);
	struct ed_comparison c = compare(&before, &after);

	ck_assert_int_eq(c.result, ED_COMPARED_UNCLEAR);
	ck_assert_int_eq(c.certainty, ED_POSSIBLE);
	ck_assert(says(&c, "older"));
}
END_TEST

/* A pair of which only what a test changes is not as in the flagship. */
static struct ed_action restart_action = { .id = "restart-device",
					   .title = { "Restart the device", 18 } };
static struct ed_boot boots[] = {
	{ BEFORE - 40 * MINUTE, ED_BOOT_RESTART, { NULL, 0 } },
	{ BEFORE + 5 * MINUTE, ED_BOOT_RESTART, { "shutdown.exe", 12 } },
};
static struct ed_coverage system_log = { .source = { "System", 6 },
					 .state = ED_STATE_READ,
					 .records = 10,
					 .oldest = BEFORE - 50 * MINUTE };

static void restarted(struct ed_verdict *before, struct ed_verdict *after)
{
	*before = verdict_of(ED_OUTCOME_BLOCKED, "bitlocker-restart-pending", BEFORE);
	*after = verdict_of(ED_OUTCOME_RECOVERED, "compliance-recovered", AFTER);
	before->actions = &restart_action;
	before->action_count = 1;
	before->attestation.boot_measured_bitlocker = ED_TRI_NO;
	after->attestation.boot_measured_bitlocker = ED_TRI_YES;
	after->attestation.last_boot_at = boots[1].at;
	after->attestation.last_boot_kind = ED_BOOT_RESTART;
	boots[1].kind = ED_BOOT_RESTART;
	after->boots = boots;
	after->boot_count = 2;
	after->coverage = &system_log;
	after->coverage_count = 1;
}

START_TEST(the_restart_cured_it)
{
	struct ed_verdict before, after;
	struct ed_comparison c;

	restarted(&before, &after);
	c = compare(&before, &after);
	ck_assert_int_eq(c.result, ED_COMPARED_CURED);
	ck_assert_int_eq(c.certainty, ED_CONFIRMED);
	ck_assert_int_eq(c.advice.taken, ED_TRI_YES);
	ck_assert_int_eq(c.advice.helped, ED_TRI_YES);
	ck_assert(c.advice.at == boots[1].at);
	ck_assert(says(&c, "The restart cured it: Windows started and measured BitLocker on"));
	ck_assert(ed_str_find(c.advice.how, ED_STR("shutdown.exe"), 0) != SIZE_MAX);
}
END_TEST

START_TEST(no_boot_log_costs_certainty)
{
	struct ed_verdict before, after;
	struct ed_comparison c;

	restarted(&before, &after);
	after.attestation.boot_measured_bitlocker = ED_TRI_UNKNOWN;
	c = compare(&before, &after);
	ck_assert_int_eq(c.certainty, ED_LIKELY);
	ck_assert(says(&c, "The restart most likely cured it"));
	ck_assert(says(&c, "Not shown: what that start measured"));
	before.certainty = ED_POSSIBLE;
	c = compare(&before, &after);
	ck_assert_int_eq(c.certainty, ED_POSSIBLE);
}
END_TEST

START_TEST(fast_startup_is_no_restart)
{
	struct ed_verdict before, after;
	struct ed_comparison c;

	restarted(&before, &after);
	boots[1].kind = ED_BOOT_FAST_STARTUP;
	c = compare(&before, &after);
	ck_assert_int_eq(c.advice.taken, ED_TRI_NO);
	ck_assert_int_eq(c.advice.helped, ED_TRI_UNKNOWN);
	ck_assert(says(&c, "by what cannot be told"));
	ck_assert(says(&c, "fast startup"));
	ck_assert_int_ge(c.certainty, ED_LIKELY);
}
END_TEST

START_TEST(a_log_that_rolled_over_says_nothing)
{
	struct ed_verdict before, after;
	struct ed_comparison c;

	restarted(&before, &after);
	after.boot_count = 1;
	system_log.oldest = BEFORE + MINUTE;
	c = compare(&before, &after);
	system_log.oldest = BEFORE - 50 * MINUTE;
	ck_assert_int_eq(c.advice.taken, ED_TRI_UNKNOWN);
	c = compare(&before, &after);
	ck_assert_int_eq(c.advice.taken, ED_TRI_NO);
}
END_TEST

START_TEST(taken_and_no_help)
{
	struct ed_verdict before, after;
	struct ed_comparison c;

	restarted(&before, &after);
	after.outcome = ED_OUTCOME_BLOCKED;
	after.primary = before.primary;
	c = compare(&before, &after);
	ck_assert_int_eq(c.result, ED_COMPARED_UNCHANGED);
	ck_assert_int_eq(c.advice.helped, ED_TRI_NO);
	ck_assert(says(&c, "The restart did not help"));
}
END_TEST

/* Each kind of advice whose doing is seen, by what is dated after the first verdict. */
static const struct {
	const char *id;
	enum ed_tri taken;
} advice[] = {
	{ "wait", ED_TRI_YES },
	{ "sync-device", ED_TRI_YES },
	{ "sign-in", ED_TRI_YES },
	{ "finish-encryption", ED_TRI_YES },
	{ "fix-bitlocker-prerequisite", ED_TRI_YES },
	{ "retry-key-backup", ED_TRI_YES },
	{ "reencrypt", ED_TRI_YES },
	{ "allow-attestation-endpoints", ED_TRI_YES },
	{ "exclude-store-from-policy", ED_TRI_UNKNOWN },
	{ "an-action-of-tomorrow", ED_TRI_UNKNOWN },
};

START_TEST(what_is_dated_since_was_done)
{
	struct ed_action action = { .id = advice[_i].id, .title = ED_STR("Do it") };
	struct ed_mark session = { .lane = ED_LANE_MDM,
				   .kind = ED_MARK_SESSION,
				   .from = BEFORE + MINUTE,
				   .to = BEFORE + MINUTE,
				   .at = BEFORE + MINUTE,
				   .until = ED_TIME_NONE };
	struct ed_verdict before = verdict_of(ED_OUTCOME_BLOCKED, "a", BEFORE);
	struct ed_verdict after = verdict_of(ED_OUTCOME_RECOVERED, "r", AFTER);
	struct ed_comparison c;

	before.actions = &action;
	before.action_count = 1;
	c = compare(&before, &after);
	ck_assert_uint_gt(c.advice.how.len, 0);
	if (strcmp(advice[_i].id, "wait") != 0)
		ck_assert_int_ne(c.advice.taken, ED_TRI_YES);
	after.timeline.marks = &session;
	after.timeline.count = 1;
	after.bitlocker.state = "protected";
	after.bitlocker.started_at = BEFORE + MINUTE;
	after.bitlocker.protected_at = BEFORE + 2 * MINUTE;
	after.bitlocker.escrowed_at = BEFORE + 2 * MINUTE;
	after.attestation.certificate_at = BEFORE + 3 * MINUTE;
	c = compare(&before, &after);
	ck_assert_int_eq(c.advice.taken, advice[_i].taken);
	ck_assert_int_eq(c.advice.helped, advice[_i].taken);
	ck_assert(says(&c, advice[_i].taken == ED_TRI_YES ? " cured it: " : "cannot be told"));
}
END_TEST

START_TEST(findings_go_come_and_stay)
{
	struct ed_finding first[] = { { .id = "x", .title = ED_STR("X") },
				      { .id = "y", .title = ED_STR("Y"), .certainty = ED_LIKELY } };
	struct ed_finding second[] = { { .id = "z", .title = ED_STR("Z") },
				       { .id = "y", .title = ED_STR("Y") } };
	struct ed_verdict before = verdict_of(ED_OUTCOME_BLOCKED, "x", BEFORE);
	struct ed_verdict after = verdict_of(ED_OUTCOME_BLOCKED, "z", AFTER);
	struct ed_comparison c;

	before.findings = first;
	after.findings = second;
	before.finding_count = after.finding_count = 2;
	c = compare(&before, &after);
	ck_assert_uint_eq(c.finding_count, 3);
	ck_assert_str_eq(c.findings[0].id, "x");
	ck_assert_str_eq(ed_fate_word(c.findings[0].fate), "gone");
	ck_assert_str_eq(c.findings[1].id, "z");
	ck_assert_str_eq(ed_fate_word(c.findings[1].fate), "new");
	ck_assert_str_eq(c.findings[2].id, "y");
	ck_assert_str_eq(ed_fate_word(c.findings[2].fate), "stayed");
	ck_assert_int_eq(c.findings[2].before, ED_LIKELY);
	ck_assert_int_eq(c.findings[2].after, ED_CONFIRMED);
}
END_TEST

static const struct ed_compared_row *row_of(const struct ed_comparison *c, const char *id)
{
	for (size_t i = 0; i < c->row_count; i++)
		if (strcmp(c->rows[i].id, id) == 0)
			return &c->rows[i];
	ck_abort_msg("no row %s", id);
}

START_TEST(rows_tell_better_and_worse)
{
	struct ed_verdict before = verdict_of(ED_OUTCOME_BLOCKED, "a", BEFORE);
	struct ed_verdict after = verdict_of(ED_OUTCOME_BLOCKED, "a", AFTER);
	struct ed_comparison c;

	before.bitlocker.state = "protected";
	after.bitlocker.state = "suspended";
	before.sign_in.denials = 3;
	after.sign_in.denials = 0;
	after.attestation.certificate_error = ED_STR("0x87D10194");
	before.bitlocker.method = after.bitlocker.method = ED_STR("XTS-AES 128");
	c = compare(&before, &after);
	ck_assert_str_eq(ed_change_word(row_of(&c, "protection")->change), "worse");
	ck_assert_str_eq(ed_change_word(row_of(&c, "denials")->change), "better");
	ck_assert_str_eq(ed_change_word(row_of(&c, "certificate")->change), "unknown");
	ck_assert_str_eq(ed_change_word(row_of(&c, "cipher")->change), "same");
	ck_assert_ptr_null(row_of(&c, "app")->before.p);
}
END_TEST

/* Markup in whatever text of a verdict there is. */
START_TEST(no_text_becomes_markup)
{
	static const struct ed_str bad = { "<script>\"&'</script>\x1b[2J", 24 };
	struct ed_link link = { .claim = bad, .at = BEFORE + MINUTE };
	struct ed_finding finding = { .id = "x", .title = bad };
	struct ed_action action = { .id = "restart-device", .title = bad };
	struct ed_compare_tags tags = { bad, bad };
	struct ed_verdict before, after;
	struct ed_comparison c;
	struct ed_buf out;

	restarted(&before, &after);
	before.source = after.source = bad;
	before.chain = after.chain = &link;
	before.chain_count = after.chain_count = 1;
	before.findings = &finding;
	before.finding_count = 1;
	before.actions = &action;
	after.attestation.certificate_error = bad;
	after.bitlocker.method = bad;
	boots[1].requested_by = bad;
	c = compare(&before, &after);
	boots[1].requested_by = ED_STR("shutdown.exe");
	ck_assert_uint_eq(c.proof_count, 2);
	ed_buf_init(&out, ED_MIB);
	ed_report_compare_html(&c, &tags, &out);
	ck_assert_int_eq(out.status, ED_OK);
	ck_assert_ptr_null(strstr(out.p, "<script"));
	ck_assert_ptr_nonnull(strstr(out.p, "&lt;script&gt;&quot;&amp;&#39;"));
	ck_assert_ptr_null(strchr(out.p, '\x1b'));
	ed_buf_clear(&out);
	ed_report_compare_text(&c, &tags, false, &out);
	ck_assert_int_eq(out.status, ED_OK);
	ck_assert_ptr_null(strchr(out.p, '\x1b'));
	ed_buf_clear(&out);
	ed_report_compare_json(&c, &tags, &out);
	ck_assert_int_eq(out.status, ED_OK);
	ck_assert_ptr_null(strchr(out.p, '\x1b'));
	ed_buf_release(&out);
}
END_TEST

START_TEST(memory_may_run_out)
{
	struct ed_compare_tags tags = { ED_STR("1"), { NULL, 0 } };
	struct ed_verdict before, after;
	struct ed_comparison c;
	ed_status status = ED_NOMEM;
	struct ed_buf out;

	restarted(&before, &after);
	for (long n = 0; status != ED_OK; n++) {
		struct ed_arena small;

		ck_assert_int_lt(n, 1000);
		ed_arena_init(&small, ED_MIB);
		ed_alloc_fail_after(n);
		status = ed_compare(&before, &after, &small, &c, &err);
		ed_alloc_fail_after(-1);
		ck_assert(status == ED_OK || status == ED_NOMEM);
		ed_arena_release(&small);
	}
	c = compare(&before, &after);
	ed_buf_init(&out, 100);
	ed_report_compare_text(&c, &tags, true, &out);
	ck_assert_int_eq(out.status, ED_LIMIT);
	ed_buf_release(&out);
}
END_TEST

START_TEST(there_is_a_processor)
{
	ck_assert_uint_ge(ed_processor_count(), 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("compare");
	TCase *tc = tcase_create("compare");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, outcomes_decide, 0, ED_COUNT(pairs));
	tcase_add_test(tc, an_older_second_tells_nothing);
	tcase_add_test(tc, the_restart_cured_it);
	tcase_add_test(tc, no_boot_log_costs_certainty);
	tcase_add_test(tc, fast_startup_is_no_restart);
	tcase_add_test(tc, a_log_that_rolled_over_says_nothing);
	tcase_add_test(tc, taken_and_no_help);
	tcase_add_loop_test(tc, what_is_dated_since_was_done, 0, ED_COUNT(advice));
	tcase_add_test(tc, findings_go_come_and_stay);
	tcase_add_test(tc, rows_tell_better_and_worse);
	tcase_add_test(tc, no_text_becomes_markup);
	tcase_add_test(tc, memory_may_run_out);
	tcase_add_test(tc, there_is_a_processor);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/* The verdict: tables that hold together, each finding's hit and look-alikes, certainty by chain.
 */
#include <check.h>

#include "analyze_build.h"
#include "finding.h"

static struct made made;

static void setup(void)
{
	made_init(&made);
}

static void teardown(void)
{
	made_release(&made);
}

static bool kebab_case(const char *id)
{
	for (const char *p = id; *p; p++)
		if (!(*p >= 'a' && *p <= 'z') && !(*p >= '0' && *p <= '9') && *p != '-')
			return false;
	return id[0] && id[0] != '-';
}

START_TEST(events_are_sorted_by_id)
{
	for (int key = 2; key < EV_COUNT; key++) {
		const struct event_row *a = event_row((enum event_key)(key - 1));
		const struct event_row *b = event_row((enum event_key)key);

		ck_assert_msg(a->id < b->id ||
				      (a->id == b->id && strcmp(a->provider, b->provider) < 0),
			      "%u %s", (unsigned)b->id, b->provider);
		ck_assert_ptr_eq(event_row_find(ed_str_from(b->provider), b->id), b);
	}
}
END_TEST

static void check_row(const struct finding_row *row)
{
	ck_assert_msg(kebab_case(row->id), "%s", row->id);
	ck_assert_msg(row->title[0] && row->advice[0] && row->actions[0], "%s", row->id);
	for (size_t i = 0; i < ROW_ACTIONS && row->actions[i]; i++) {
		const struct action_row *action = action_row_find(row->actions[i]);

		ck_assert_msg(action != NULL, "%s: %s", row->id, row->actions[i]);
		ck_assert(action->steps[0] && action->cost[0] && action->source[0]);
	}
}

static bool row_exists(const char *id)
{
	for (size_t t = 0; t < finding_table_count; t++)
		for (size_t i = 0; i < *finding_tables[t].count; i++)
			if (strcmp(finding_tables[t].rows[i].id, id) == 0)
				return true;
	return false;
}

START_TEST(rows_are_whole_and_their_actions_exist)
{
	for (size_t t = 0; t < finding_table_count; t++)
		for (size_t i = 0; i < *finding_tables[t].count; i++) {
			const struct finding_row *row = &finding_tables[t].rows[i];

			check_row(row);
			ck_assert_int_eq(row->family, finding_tables[t].family);
			if (row->explained_by && strcmp(row->explained_by, ANY_CAUSE) != 0)
				ck_assert_msg(row_exists(row->explained_by), "%s", row->id);
			for (size_t k = 0; k < i; k++)
				ck_assert_str_ne(row->id, finding_tables[t].rows[k].id);
		}
}
END_TEST

/*
 * Evidence as a word, a letter a fact in this order of time: B real start, F fast startup, E
 * encryption starts, P TPM protector, X suspended, R resumed, W encryption after restart, K key
 * escrowed, k escrow failed, N no WinRE, L live check sees encryption, M other method, U not
 * protected (CSP), C health certificate, c health refused, D denied 53000, d denied 530002, O
 * denied 53003, I app installed. Steps are 3 minutes apart from 08:00, so that a wait is over 10
 * steps after a start; '.' is a step in which nothing happens. 'Z' at the end: the newest boot log
 * shows an unlock, 'z' that it shows none.
 */
static const struct {
	const char *story, *primary, *first_action;
	enum ed_outcome outcome;
	enum ed_certainty certainty;
} stories[] = {
	{ "BEPKDDDz", "bitlocker-restart-pending", "restart-device", ED_OUTCOME_BLOCKED,
	  ED_CONFIRMED },
	{ "BEPKDDD", "bitlocker-restart-pending", "restart-device", ED_OUTCOME_BLOCKED,
	  ED_CONFIRMED },
	{ "BEPKddd", "bitlocker-restart-pending", "restart-device", ED_OUTCOME_BLOCKED,
	  ED_CONFIRMED },
	{ "BEPKDDF", "bitlocker-restart-pending", "restart-device", ED_OUTCOME_BLOCKED, ED_LIKELY },
	{ "BEPBXRD", "bitlocker-restart-pending", "restart-device", ED_OUTCOME_BLOCKED,
	  ED_CONFIRMED },
	{ "BWDD", "bitlocker-restart-pending", "restart-device", ED_OUTCOME_BLOCKED, ED_CONFIRMED },
	{ "BDDEPKD", "bitlocker-restart-pending", "restart-device", ED_OUTCOME_BLOCKED,
	  ED_CONFIRMED },
	{ "BEPDDZ", "compliance-pending", "wait", ED_OUTCOME_WAITING, ED_CONFIRMED },
	{ "BEPKD......", "bitlocker-restart-pending", "restart-device", ED_OUTCOME_BLOCKED,
	  ED_CONFIRMED },
	{ "BEDD", "bitlocker-not-armed", "sign-in", ED_OUTCOME_BLOCKED, ED_CONFIRMED },
	{ "BEUDBD", "bitlocker-not-armed", "sign-in", ED_OUTCOME_BLOCKED, ED_CONFIRMED },
	{ "BEPXBDD", "bitlocker-not-armed", "sign-in", ED_OUTCOME_BLOCKED, ED_CONFIRMED },
	{ "BEPBLDZ", "bitlocker-encrypting", "wait", ED_OUTCOME_WAITING, ED_CONFIRMED },
	{ "BNDD", "bitlocker-not-enabled", "fix-bitlocker-prerequisite", ED_OUTCOME_BLOCKED,
	  ED_CONFIRMED },
	{ "BNEPKDD", "bitlocker-restart-pending", "restart-device", ED_OUTCOME_BLOCKED,
	  ED_CONFIRMED },
	{ "BEPkDD", "bitlocker-escrow-failed", "retry-key-backup", ED_OUTCOME_BLOCKED,
	  ED_CONFIRMED },
	{ "BEPkKDD", "bitlocker-restart-pending", "restart-device", ED_OUTCOME_BLOCKED,
	  ED_CONFIRMED },
	{ "BEPKBMD..........DZ", "bitlocker-method-mismatch", "reencrypt", ED_OUTCOME_BLOCKED,
	  ED_CONFIRMED },
	{ "BEPKBcDZ", "attestation-unavailable", "allow-attestation-endpoints", ED_OUTCOME_BLOCKED,
	  ED_CONFIRMED },
	{ "BEPKBcD", "attestation-unavailable", "allow-attestation-endpoints", ED_OUTCOME_BLOCKED,
	  ED_LIKELY },
	{ "BEPKBcCDZ", "compliance-pending", "wait", ED_OUTCOME_WAITING, ED_CONFIRMED },
	{ "BEPKBDDZ", "compliance-pending", "wait", ED_OUTCOME_WAITING, ED_CONFIRMED },
	{ "BEPKBDD", "compliance-pending", "wait", ED_OUTCOME_WAITING, ED_LIKELY },
	{ "BEPKBCD..........DZ", "compliance-other", "check-other-compliance", ED_OUTCOME_BLOCKED,
	  ED_CONFIRMED },
	{ "BEPKBD..........Dz", NULL, NULL, ED_OUTCOME_INCONCLUSIVE, ED_POSSIBLE },
	{ "BEPKDDBCIZ", "compliance-recovered", "bitlocker-in-device-phase", ED_OUTCOME_RECOVERED,
	  ED_CONFIRMED },
	{ "BEPKDIDz", "bitlocker-restart-pending", "restart-device", ED_OUTCOME_BLOCKED,
	  ED_CONFIRMED },
	{ "BEPKOOz", "store-conditional-access", "open-sign-in-log", ED_OUTCOME_BLOCKED,
	  ED_CONFIRMED },
	{ "BEPKDOOz", "store-conditional-access", "open-sign-in-log", ED_OUTCOME_BLOCKED,
	  ED_CONFIRMED },
	{ "BEPKBIZ", NULL, NULL, ED_OUTCOME_HEALTHY, ED_CONFIRMED },
	{ "BEPK", NULL, NULL, ED_OUTCOME_INCONCLUSIVE, ED_POSSIBLE },
	{ "", NULL, NULL, ED_OUTCOME_INCONCLUSIVE, ED_POSSIBLE },
};

static void mdm(enum event_key key, const char *time, const char *hresult)
{
	made_event(&made, key, time, "Message1", "C:", "HRESULT", hresult, NULL);
}

static void tell_bitlocker(char letter, const char *time)
{
	enum event_key key = letter == 'E'   ? EV_BL_STARTED
			     : letter == 'X' ? EV_BL_SUSPENDED
			     : letter == 'R' ? EV_BL_RESUMED
			     : letter == 'W' ? EV_BL_AFTER_RESTART
			     : letter == 'K' ? EV_BL_ESCROWED
			     : letter == 'k' ? EV_BL_ESCROW_FAILED
			     : letter == 'N' ? EV_BL_SILENT_NO_WINRE
					     : EV_BL_PROTECTOR_ADDED;

	made_event(&made, key, time, "VolumeMountPoint", "C:", "ProtectorGUID", "{1}",
		   "ProtectorType", "0x1", NULL);
}

static void tell(char letter, const char *time)
{
	switch (letter) {
	case 'B':
		made_event(&made, EV_KERNEL_START, time, NULL);
		break;
	case 'F':
		made_event(&made, EV_BOOT_TYPE, time, "BootType", "1", NULL);
		break;
	case 'L':
		mdm(EV_NOT_ENCRYPTED, time, "0x20");
		break;
	case 'M':
		mdm(EV_BLCSP_STATUS, time, "0x2");
		break;
	case 'U':
		mdm(EV_BLCSP_STATUS, time, "0x4");
		break;
	case 'C':
		made_event(&made, EV_HEALTH_CERTIFICATE, time, NULL);
		break;
	case 'c':
		made_event(&made, EV_HEALTH_REFUSED, time, "HTTPStatus", "503", NULL);
		break;
	case 'D':
		made_denial(&made, time, "53000");
		break;
	case 'd':
		made_denial(&made, time, "530002");
		break;
	case 'O':
		made_denial(&made, time, "53003");
		break;
	case 'I':
		made_event(&made, EV_APPX_DONE, time, "DeploymentOperation", "6", "PackageFullName",
			   "A_1_x64__p", "CallingProcess", "svchost.exe,InstallService", NULL);
		break;
	case '.':
		made_event(&made, EV_BOOT_STATUS, time, NULL);
		break;
	case 'Z':
		made_boot_log(&made, 9, 4);
		break;
	case 'z':
		made_boot_log(&made, 9, 0);
		break;
	default:
		tell_bitlocker(letter, time);
	}
}

static void tell_story(const char *story)
{
	/* the management log reaches back before everything, so that what it does not say counts */
	made_event(&made, EV_MDM_SESSION_START, "07:59:00", NULL);
	for (size_t i = 0; story[i]; i++) {
		char time[32];

		snprintf(time, sizeof(time), "%02zu:%02zu:00", 8 + i / 20, i % 20 * 3);
		tell(story[i], time);
	}
}

/* What every verdict must hold to, whatever it says. */
static void check_whole(const struct ed_verdict *v, const char *story)
{
	for (size_t i = 0; i < v->chain_count; i++) {
		ck_assert_msg(v->chain[i].evidence.count > 0, "%s: claim without evidence", story);
		for (size_t j = 0; j < v->chain[i].evidence.count; j++)
			ck_assert_uint_lt(v->chain[i].evidence.items[j], v->evidence_count);
	}
	if (v->outcome == ED_OUTCOME_BLOCKED || v->outcome == ED_OUTCOME_FAILED)
		ck_assert_msg(v->chain_count > 0, "%s: no chain", story);
	for (size_t i = 1; i < v->finding_count; i++)
		ck_assert_str_ne(v->findings[i].id, v->findings[0].id);
	for (size_t i = 0; i < v->action_count; i++)
		if (strcmp(v->actions[i].id, "restart-device") == 0)
			ck_assert_str_eq(v->primary, "bitlocker-restart-pending");
	ck_assert(v->summary.len > 0);
}

START_TEST(each_story_has_its_verdict)
{
	const char *story = stories[_i].story;
	struct ed_verdict v;

	tell_story(story);
	v = made_verdict(&made, NULL);
	if (stories[_i].primary) {
		ck_assert_msg(v.primary && strcmp(v.primary, stories[_i].primary) == 0, "%s: %s",
			      story, v.primary ? v.primary : "none");
		ck_assert_msg(v.action_count &&
				      strcmp(v.actions[0].id, stories[_i].first_action) == 0,
			      "%s: first action", story);
	} else {
		ck_assert_msg(!v.primary, "%s: %s", story, v.primary);
	}
	ck_assert_msg(v.outcome == stories[_i].outcome, "%s: %s", story,
		      ed_outcome_word(v.outcome));
	ck_assert_msg(v.certainty == stories[_i].certainty, "%s: %s", story,
		      ed_certainty_word(v.certainty));
	check_whole(&v, story);
}
END_TEST

/* The damage of one log takes the certainty of what its absence proved, never the cause. */
START_TEST(a_damaged_system_log_makes_the_start_inferred)
{
	struct ed_gap gap = { .state = ED_STATE_DAMAGED,
			      .lost = 5,
			      .why = ED_STR("chunk 1: checksum mismatch"),
			      .channel = ED_STR(CH_SYSTEM) };
	struct ed_verdict v;

	tell_story("BEPKDDz");
	ck_assert_int_eq(made.evidence.sink.ops->gap(&made.evidence.sink, &gap, NULL), ED_OK);
	v = made_verdict(&made, NULL);
	ck_assert_str_eq(v.primary, "bitlocker-restart-pending");
	ck_assert_int_eq(v.certainty, ED_LIKELY);
	ck_assert_uint_gt(v.findings[0].missing.count, 1);
}
END_TEST

START_TEST(without_the_system_log_only_a_boot_log_can_say_which_came_first)
{
	struct ed_verdict v;

	tell_story("EPKDD");
	v = made_verdict(&made, NULL);
	ck_assert_ptr_null(v.primary);
	ck_assert_int_eq(v.outcome, ED_OUTCOME_INCONCLUSIVE);
	teardown();
	setup();
	tell_story("EPKDDz");
	v = made_verdict(&made, NULL);
	ck_assert_str_eq(v.primary, "bitlocker-restart-pending");
	ck_assert_int_eq(v.certainty, ED_LIKELY);
}
END_TEST

static void store_loop(void)
{
	for (int i = 0; i < 5; i++) {
		char time[32];

		snprintf(time, sizeof(time), "09:%02d:00", i * 3);
		made_event(&made, EV_IA_INFO, time, "Message", "ProductId = 9A NewState = Working",
			   "ProductId", "9A", NULL);
		made_event(&made, EV_IA_INFO, time, "Message",
			   "FulfillmentComplete :: ProductId = 9A HResult = -895352820",
			   "ProductId", "9A", NULL);
	}
}

START_TEST(a_tight_loop_stands_for_a_denial_when_no_log_covers_it)
{
	struct ed_verdict v;

	tell_story("BEPK");
	store_loop();
	v = made_verdict(&made, NULL);
	ck_assert_str_eq(v.primary, "bitlocker-restart-pending");
	ck_assert_int_eq(v.certainty, ED_LIKELY);
	ck_assert_int_eq(v.sign_in.denials, ED_UNKNOWN);
	ck_assert_int_eq(v.store.median_interval_seconds, 180);
}
END_TEST

START_TEST(a_tight_loop_is_no_denial_when_the_log_covers_it)
{
	struct ed_verdict v;

	made_event(&made, EV_AAD_WARNING, "08:00:00", "Error", "2326069467", NULL);
	tell_story("BEPK");
	store_loop();
	v = made_verdict(&made, NULL);
	ck_assert_ptr_null(v.primary);
	ck_assert_int_eq(v.outcome, ED_OUTCOME_INCONCLUSIVE);
}
END_TEST

START_TEST(the_same_evidence_gives_the_same_verdict_in_any_order)
{
	struct ed_verdict v;
	size_t proofs;

	tell_story("BEPKDDDz");
	v = made_verdict(&made, NULL);
	proofs = v.evidence_count;
	teardown();
	setup();
	made_boot_log(&made, 9, 0);
	made.record = 50;
	made_denial(&made, "08:15:00", "53000");
	made_event_record(&made, EV_BL_PROTECTOR_ADDED, 9, "08:06:00", "VolumeMountPoint",
			  "C:", "ProtectorGUID", "{1}", "ProtectorType", "0x1", NULL);
	made_event_record(&made, EV_BL_ESCROWED, 10, "08:09:00", "VolumeMountPoint", "C:", NULL);
	made_event_record(&made, EV_BL_STARTED, 8, "08:03:00", "VolumeMountPoint", "C:", NULL);
	made_event_record(&made, EV_KERNEL_START, 3, "08:00:00", NULL);
	made_event_record(&made, EV_MDM_SESSION_START, 1, "07:59:00", NULL);
	made.record = 40;
	made_denial(&made, "08:12:00", "53000");
	v = made_verdict(&made, NULL);
	ck_assert_str_eq(v.primary, "bitlocker-restart-pending");
	ck_assert_int_eq(v.certainty, ED_CONFIRMED);
	ck_assert_uint_eq(v.evidence_count, proofs);
}
END_TEST

START_TEST(every_allocation_may_fail)
{
	struct ed_verdict v = { .outcome = ED_OUTCOME_HEALTHY };

	tell_story("BEPKDDDz");
	store_loop();
	ed_evidence_finish(&made.evidence);
	for (size_t limit = made.arena.used;; limit += 512) {
		struct ed_arena small = made.arena;
		ed_status status;

		ed_arena_init(&small, limit - made.arena.used);
		made.options.at = ED_TIME_NONE;
		status = ed_analyze(&made.evidence, &made.options, &small, &v, NULL);
		if (status == ED_OK)
			ck_assert_str_eq(v.primary, "bitlocker-restart-pending");
		else
			ck_assert_int_eq(status, ED_NOMEM);
		ed_arena_release(&small);
		if (status == ED_OK)
			return;
		ck_assert_int_eq(v.outcome, ED_OUTCOME_HEALTHY); /* unchanged on failure */
	}
}
END_TEST

START_TEST(logs_of_two_devices_are_said)
{
	struct ed_verdict v;

	made_event_record(&made, EV_KERNEL_START, 40, "08:00:00", NULL);
	made_event_record(&made, EV_AAD_ERROR, 8, "08:01:00", NULL);
	made_event_record(&made, EV_AAD_WARNING, 8, "08:05:00", NULL);
	v = made_verdict(&made, NULL);
	ck_assert_int_eq(v.outcome, ED_OUTCOME_INCONCLUSIVE);
	ck_assert(ed_str_find(v.summary, ED_STR("two devices"), 0) != SIZE_MAX);
}
END_TEST

#define VERSION_KEY "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"

/* The registry says what is installed; without it the newest start says what started. */
START_TEST(the_build_of_windows_is_told)
{
	struct ed_verdict v;

	made_event(&made, EV_AAD_ERROR, "07:00:00", NULL);
	v = made_verdict(&made, NULL);
	ck_assert_int_eq(v.os_build, ED_UNKNOWN);
	ck_assert_int_eq(v.os_revision, ED_UNKNOWN);
	made_event(&made, EV_KERNEL_START, "08:00:00", "BuildVersion", "19044", "QfeVersion",
		   "1288", NULL);
	made_event(&made, EV_KERNEL_START, "09:00:00", "BuildVersion", "19045", "QfeVersion",
		   "3803", NULL);
	v = made_verdict(&made, NULL);
	ck_assert_int_eq(v.os_build, 19045);
	ck_assert_int_eq(v.os_revision, 3803);
	v = made_verdict(&made, "08:30:00");
	ck_assert_int_eq(v.os_build, 19044);
	made_registry(&made, VERSION_KEY, "CurrentBuild", "22631");
	v = made_verdict(&made, NULL);
	ck_assert_int_eq(v.os_build, 22631);
	ck_assert_int_eq(v.os_revision, ED_UNKNOWN);
	made_registry(&made, VERSION_KEY, "UBR", "4317");
	v = made_verdict(&made, NULL);
	ck_assert_int_eq(v.os_revision, 4317);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("analyze verdict");
	TCase *tcase = tcase_create("verdict");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, events_are_sorted_by_id);
	tcase_add_test(tcase, rows_are_whole_and_their_actions_exist);
	tcase_add_loop_test(tcase, each_story_has_its_verdict, 0, ED_COUNT(stories));
	tcase_add_test(tcase, a_damaged_system_log_makes_the_start_inferred);
	tcase_add_test(tcase, without_the_system_log_only_a_boot_log_can_say_which_came_first);
	tcase_add_test(tcase, a_tight_loop_stands_for_a_denial_when_no_log_covers_it);
	tcase_add_test(tcase, a_tight_loop_is_no_denial_when_the_log_covers_it);
	tcase_add_test(tcase, the_same_evidence_gives_the_same_verdict_in_any_order);
	tcase_add_test(tcase, every_allocation_may_fail);
	tcase_add_test(tcase, logs_of_two_devices_are_said);
	tcase_add_test(tcase, the_build_of_windows_is_told);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

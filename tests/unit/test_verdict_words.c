/* SPDX-License-Identifier: MIT */
/* The words of the verdict are a promise to other programs: each stands here once more, by hand. */
#include "espdiag/analyze/verdict.h"

#include <check.h>

START_TEST(outcomes)
{
	ck_assert_str_eq(ed_outcome_word(ED_OUTCOME_BLOCKED), "blocked");
	ck_assert_str_eq(ed_outcome_word(ED_OUTCOME_WAITING), "waiting");
	ck_assert_str_eq(ed_outcome_word(ED_OUTCOME_RECOVERED), "recovered");
	ck_assert_str_eq(ed_outcome_word(ED_OUTCOME_FAILED), "failed");
	ck_assert_str_eq(ed_outcome_word(ED_OUTCOME_HEALTHY), "healthy");
	ck_assert_str_eq(ed_outcome_word(ED_OUTCOME_INCONCLUSIVE), "inconclusive");
	ck_assert_str_eq(ed_certainty_word(ED_CONFIRMED), "confirmed");
	ck_assert_str_eq(ed_certainty_word(ED_LIKELY), "likely");
	ck_assert_str_eq(ed_certainty_word(ED_POSSIBLE), "possible");
}
END_TEST

START_TEST(findings)
{
	ck_assert_str_eq(ed_severity_word(ED_INFO), "info");
	ck_assert_str_eq(ed_severity_word(ED_WARNING), "warning");
	ck_assert_str_eq(ed_severity_word(ED_ERROR), "error");
	ck_assert_str_eq(ed_severity_word(ED_BLOCKER), "blocker");
	ck_assert_str_eq(ed_owner_word(ED_TECHNICIAN), "technician");
	ck_assert_str_eq(ed_owner_word(ED_ADMIN), "admin");
	ck_assert_str_eq(ed_owner_word(ED_USER), "user");
	ck_assert_str_eq(ed_owner_word(ED_NETWORK), "network");
}
END_TEST

START_TEST(phases_and_boots)
{
	ck_assert_str_eq(ed_phase_word(ED_PHASE_NONE), "none");
	ck_assert_str_eq(ed_phase_word(ED_PHASE_DEVICE_PREPARATION), "device-preparation");
	ck_assert_str_eq(ed_phase_word(ED_PHASE_DEVICE_SETUP), "device-setup");
	ck_assert_str_eq(ed_phase_word(ED_PHASE_ACCOUNT_SETUP), "account-setup");
	ck_assert_str_eq(ed_phase_word(ED_PHASE_DONE), "done");
	ck_assert_str_eq(ed_boot_kind_word(ED_BOOT_UNKNOWN), "unknown");
	ck_assert_str_eq(ed_boot_kind_word(ED_BOOT_RESTART), "restart");
	ck_assert_str_eq(ed_boot_kind_word(ED_BOOT_FAST_STARTUP), "fast-startup");
	ck_assert_str_eq(ed_boot_kind_word(ED_BOOT_RESUME), "resume");
}
END_TEST

START_TEST(timeline)
{
	ck_assert_str_eq(ed_lane_word(ED_LANE_PAGE), "page");
	ck_assert_str_eq(ed_lane_word(ED_LANE_START), "starts");
	ck_assert_str_eq(ed_lane_word(ED_LANE_BITLOCKER), "bitlocker");
	ck_assert_str_eq(ed_lane_word(ED_LANE_SIGN_IN), "sign-in");
	ck_assert_str_eq(ed_lane_word(ED_LANE_STORE), "store");
	ck_assert_str_eq(ed_lane_word(ED_LANE_ATTESTATION), "attestation");
	ck_assert_str_eq(ed_lane_word(ED_LANE_MDM), "mdm");
	ck_assert_str_eq(ed_mark_kind_word(ED_MARK_PHASE), "phase of the page");
	ck_assert_str_eq(ed_mark_kind_word(ED_MARK_DENIED), "sign-in denied");
	ck_assert_str_eq(ed_mark_kind_word(ED_MARK_SESSION_FAILED), "MDM session failed");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("verdict_words");
	TCase *c = tcase_create("words");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(c, outcomes);
	tcase_add_test(c, findings);
	tcase_add_test(c, phases_and_boots);
	tcase_add_test(c, timeline);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

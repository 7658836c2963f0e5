/* SPDX-License-Identifier: MIT */
/* Episodes: starts, denials, attempts, protection, attestation, the page. */
#include <check.h>

#include "analyze_build.h"

static struct made made;

static void setup(void)
{
	made_init(&made);
}

static void teardown(void)
{
	made_release(&made);
}

static void os(enum event_key key, const char *time)
{
	made_event(&made, key, time, "VolumeMountPoint", "C:", NULL);
}

static void protector(const char *time, const char *type)
{
	made_event(&made, EV_BL_PROTECTOR_ADDED, time, "VolumeMountPoint", "C:", "ProtectorGUID",
		   type, "ProtectorType", type, NULL);
}

START_TEST(fast_startup_is_no_start)
{
	struct analysis a;

	made_event(&made, EV_KERNEL_START, "08:00:00", NULL);
	made_event(&made, EV_BOOT_TYPE, "08:00:00", "BootType", "0", NULL);
	made_event(&made, EV_BOOT_TYPE, "08:43:37", "BootType", "1", NULL);
	made_event(&made, EV_BOOT_TYPE, "09:43:37", "BootType", "2", NULL);
	made_analysis(&made, &a, NULL);
	ck_assert_uint_eq(a.boot_count, 3);
	ck_assert_int_eq(a.boots[1].kind, ED_BOOT_FAST_STARTUP);
	ck_assert_int_eq(a.boots[2].kind, ED_BOOT_RESUME);
	ck_assert_int_eq(mark_at(a.attestation.last_start->mark), made_time("08:00:00"));
	ck_assert_ptr_eq(a.attestation.last_wake, &a.boots[2]);
}
END_TEST

START_TEST(a_start_knows_who_asked_for_it)
{
	struct analysis a;

	made_event(&made, EV_KERNEL_START, "08:00:00", NULL);
	made_event(&made, EV_RESTART_REQUESTED, "08:41:00", "param1", "C:\\x\\shutdown.exe (PC)",
		   NULL);
	made_event(&made, EV_KERNEL_START, "08:42:00", NULL);
	made_analysis(&made, &a, NULL);
	ck_assert_ptr_null(a.boots[0].requested);
	ck_assert_ptr_nonnull(a.boots[1].requested);
}
END_TEST

static const struct {
	const char *name, *text;
	uint32_t code; /* 0: no denial of the Store */
} denial_texts[] = {
	{ "the plain one", "AADSTS53000: x client: " STORE_CLIENT_ID ", resource: r", 53000 },
	{ "whole number", "AADSTS530003: x client: " STORE_CLIENT_ID ",", 530003 },
	{ "resource only",
	  "AADSTS53000: client: 26a4ae64-5862-427f-a9b0-044e62572a4f, resource: " STORE_RESOURCE_ID,
	  53000 },
	{ "upper case", "AADSTS53000 client: 268761A2-03F3-40DF-8A8B-C3DB24145B6B", 53000 },
	{ "another client",
	  "AADSTS53000: client: 26a4ae64-5862-427f-a9b0-044e62572a4f, resource: "
	  "00000003-0000-0000-c000-000000000000",
	  0 },
	{ "no code", "interaction_required client: " STORE_CLIENT_ID, 0 },
	{ "too short a number", "AADSTS530 client: " STORE_CLIENT_ID, 0 },
	{ "too long a number", "AADSTS53000123 client: " STORE_CLIENT_ID, 0 },
	{ "expired token", "AADSTS700082 client: " STORE_CLIENT_ID, 0 },
	{ "not a whole id", "AADSTS53000 client: 268761a2-03f3-40df", 0 },
	{ "translated text",
	  "Beschreibung: AADSTS53000: Ger\xc3\xa4t nicht konform client: " STORE_CLIENT_ID, 53000 },
};

START_TEST(denials_are_told_by_code_and_client)
{
	struct analysis a;

	made_event(&made, EV_AAD_WARNING, "08:00:00", "AdditionalInformation",
		   denial_texts[_i].text, NULL);
	made_analysis(&made, &a, NULL);
	ck_assert_msg(a.store_denials.count == (denial_texts[_i].code != 0), "%s",
		      denial_texts[_i].name);
	if (denial_texts[_i].code)
		ck_assert_uint_eq(a.store_denials.items[0].code, denial_texts[_i].code);
}
END_TEST

START_TEST(one_request_logged_twice_is_one_denial)
{
	const char *text = "AADSTS53000 Correlation ID: 7b000001-0a0b-4c0d-8e0f-102030405060 "
			   "client: " STORE_CLIENT_ID;
	struct analysis a;

	made_event(&made, EV_AAD_WARNING, "08:00:00", "AdditionalInformation", text, NULL);
	made_event(&made, EV_AAD_ERROR, "08:00:01", "AdditionalInformation", text, NULL);
	made_event(&made, EV_AAD_ERROR, "08:03:01", "AdditionalInformation", text, NULL);
	made_analysis(&made, &a, NULL);
	ck_assert_uint_eq(a.store_denials.count, 2);
}
END_TEST

/* 1081 has the code, 1098 of the same request the client. */
START_TEST(code_and_client_may_stand_in_two_events)
{
	struct analysis a;

	made_event(&made, EV_AAD_OAUTH_ERROR, "08:00:00", "Error", "interaction_required",
		   "ErrorDescription", "AADSTS53000: x", "CorrelationID",
		   "7b000001-0a0b-4c0d-8e0f-102030405060", NULL);
	made_event(&made, EV_AAD_ERROR, "08:00:01", "Error", "0xCAA2000C", "AdditionalInformation",
		   "Request: client: " STORE_CLIENT_ID
		   ", correlation ID (request): 7b000001-0a0b-4c0d-8e0f-102030405060",
		   NULL);
	made_event(&made, EV_AAD_OAUTH_ERROR, "08:10:00", "ErrorDescription", "AADSTS53000: x",
		   "CorrelationID", "7b000002-0a0b-4c0d-8e0f-102030405060", NULL);
	made_analysis(&made, &a, NULL);
	ck_assert_uint_eq(a.store_denials.count, 1);
	ck_assert_uint_eq(a.store_denials.items[0].code, 53000);
}
END_TEST

static void working(const char *time, const char *product)
{
	char text[128];

	snprintf(text, sizeof(text),
		 "StateTransition :: ProductId = %s  NewState = Working  HResult = 0", product);
	made_event(&made, EV_IA_INFO, time, "Message", text, "Error Code", "0", "ProductId",
		   product, NULL);
}

static void fulfilled(const char *time, const char *product, const char *result)
{
	char text[128];

	snprintf(text, sizeof(text), "FulfillmentComplete :: ProductId = %s  HResult = %s", product,
		 result);
	made_event(&made, EV_IA_INFO, time, "Message", text, "ProductId", product, NULL);
}

START_TEST(attempts_are_counted_by_product)
{
	struct analysis a;

	working("08:00:00", "9A");
	made_event(&made, EV_IA_ERROR, "08:00:04", "Error Code", "-895352820", "ProductId", "9A",
		   NULL);
	fulfilled("08:00:04", "9A", "-895352820");
	working("08:01:00", "9B");
	fulfilled("08:02:00", "9B", "0");
	working("08:03:00", "9A");
	fulfilled("08:03:04", "9A", "-895352820");
	working("08:09:00", "9A");
	made_analysis(&made, &a, NULL);
	ck_assert(a.attempts.known);
	ck_assert_uint_eq(a.attempts.count, 4);
	ck_assert_uint_eq(a.attempts.failures, 2);
	ck_assert_uint_eq(a.attempts.product_count, 2);
	ck_assert_uint_eq(a.attempts.products[0].attempts, 3);
	ck_assert_uint_eq(a.attempts.products[0].last_hresult, 0xCAA2000C);
	ck_assert_ptr_nonnull(a.attempts.products[1].installed);
	ck_assert_int_eq(a.attempts.median_seconds, 270); /* 180 and 360 */
}
END_TEST

START_TEST(many_products_are_told_apart)
{
	struct analysis a;
	char id[16];

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 500; i++) {
			/* ids are the same in either case */
			snprintf(id, sizeof(id), round ? "9wzd%04d" : "9WZD%04d", i);
			working(round ? "09:00:00" : "08:00:00", id);
		}
	}
	made_analysis(&made, &a, NULL);
	ck_assert_uint_eq(a.attempts.product_count, 500);
	for (size_t i = 0; i < 500; i++)
		ck_assert_uint_eq(a.attempts.products[i].attempts, 2);
}
END_TEST

START_TEST(field_names_may_lack_spaces_and_products)
{
	struct analysis a;

	made_event(&made, EV_IA_INFO, "08:00:00", "Message", "x ProductId = 9A NewState = Working",
		   NULL);
	made_event(&made, EV_IA_ERROR, "08:00:09", "Message", "ProductId = 9A", "ErrorCode",
		   "3399614476", NULL);
	made_analysis(&made, &a, NULL);
	ck_assert_uint_eq(a.attempts.count, 1);
	ck_assert_uint_eq(a.attempts.items[0].hresult, 0xCAA2000C);
	ck_assert_uint_eq(a.attempts.failures, 1);
}
END_TEST

START_TEST(a_build_with_other_words_has_unknown_attempts)
{
	struct analysis a;

	made_event(&made, EV_IA_INFO, "08:00:00", "Message", "something new", "ProductId", "9A",
		   NULL);
	made_analysis(&made, &a, NULL);
	ck_assert(!a.attempts.known);
}
END_TEST

START_TEST(a_gap_across_a_forward_jump_is_no_gap)
{
	struct analysis a;

	working("08:00:00", "9A");
	fulfilled("08:00:04", "9A", "-1");
	made_event_record(&made, EV_CLOCK_CHANGED, 1, "10:00:00", "OldTime", "2026-09-14T08:01:00Z",
			  "NewTime", "2026-09-14T10:00:00Z", NULL);
	made.record = 100;
	working("10:02:00", "9A");
	fulfilled("10:02:04", "9A", "-1");
	made_analysis(&made, &a, NULL);
	ck_assert_uint_eq(a.attempts.count, 2);
	ck_assert_int_eq(a.attempts.median_seconds, ED_UNKNOWN);
}
END_TEST

/* Each step is one letter, so that a story reads as a word. */
static const struct {
	const char *story;
	enum volume_state state;
	int armed_at; /* index of the step that armed it; -1: not armed */
} volumes[] = {
	{ "s3t", VOLUME_PROTECTED, 2 },    /* started, recovery, TPM */
	{ "t3s", VOLUME_PROTECTED, 2 },    /* the protector first: on when encryption starts */
	{ "s3", VOLUME_ENCRYPTING, -1 },   /* a recovery key arms nothing */
	{ "sd", VOLUME_UNPROTECTED, -1 },  /* done, clear key */
	{ "stx", VOLUME_SUSPENDED, -1 },   /* suspended */
	{ "stxr", VOLUME_PROTECTED, 3 },   /* resumed: on from then */
	{ "stu", VOLUME_UNPROTECTED, -1 }, /* reverted */
	{ "stk", VOLUME_ENCRYPTING, -1 },  /* the TPM protector removed */
	{ "stdk", VOLUME_UNPROTECTED, -1 },
	{ "rk", VOLUME_ENCRYPTING, -1 }, /* … which was made before the log begins */
	{ "rn", VOLUME_PROTECTED, 0 },   /* a recovery key does not count */
	{ "stok", VOLUME_DECRYPTING, -1 },
	{ "sto", VOLUME_DECRYPTING, -1 },
	{ "stost", VOLUME_PROTECTED, 4 }, /* encrypted again */
	{ "w", VOLUME_RESTART_REQUIRED, -1 },
	{ "tw", VOLUME_RESTART_REQUIRED, -1 },
	{ "ws", VOLUME_ENCRYPTING, -1 },
	{ "t", VOLUME_PROTECTED, 0 }, /* its start has rolled over */
	{ "e", VOLUME_NONE, -1 },
};

static void volume_step(char letter, const char *time)
{
	switch (letter) {
	case 's':
		os(EV_BL_STARTED, time);
		break;
	case 'd':
		made_event(&made, EV_BD_SWEEP_DONE, time, "Volume", "C:", NULL);
		break;
	case 't':
		protector(time, "0x1");
		break;
	case '3':
		protector(time, "0x3");
		break;
	case 'k':
		made_event(&made, EV_BL_PROTECTOR_REMOVED, time, "VolumeMountPoint",
			   "C:", "ProtectorGUID", "0x1", "ProtectorType", "0x1", NULL);
		break;
	case 'n':
		made_event(&made, EV_BL_PROTECTOR_REMOVED, time, "VolumeMountPoint",
			   "C:", "ProtectorGUID", "0x3", "ProtectorType", "0x3", NULL);
		break;
	case 'x':
		os(EV_BL_SUSPENDED, time);
		break;
	case 'r':
		os(EV_BL_RESUMED, time);
		break;
	case 'u':
		os(EV_BL_UNPROTECTED, time);
		break;
	case 'o':
		os(EV_BL_DECRYPTING, time);
		break;
	case 'w':
		os(EV_BL_AFTER_RESTART, time);
		break;
	default:
		made_event(&made, EV_BL_SILENT_NO_WINRE, time, "ErrorCode", "-2144272238", NULL);
	}
}

START_TEST(the_volume_follows_its_story)
{
	const char *story = volumes[_i].story;
	struct analysis a;
	char time[32];

	made.record = 40; /* what came before has rolled over */
	for (size_t i = 0; story[i]; i++) {
		snprintf(time, sizeof(time), "08:00:%02zu", i);
		volume_step(story[i], time);
	}
	made_analysis(&made, &a, NULL);
	ck_assert_msg(a.protection.state == volumes[_i].state, "%s: state %d", story,
		      (int)a.protection.state);
	if (volumes[_i].armed_at < 0) {
		ck_assert_msg(!a.protection.armed || a.protection.state != VOLUME_PROTECTED, "%s",
			      story);
		return;
	}
	snprintf(time, sizeof(time), "08:00:%02d", volumes[_i].armed_at);
	ck_assert_msg(mark_at(a.protection.armed) == made_time(time), "%s: armed at another step",
		      story);
}
END_TEST

START_TEST(another_volume_is_not_the_os_volume)
{
	struct analysis a;

	made_event(&made, EV_BL_STARTED, "08:00:00", "VolumeMountPoint", "D:", NULL);
	made_event(&made, EV_BL_PROTECTOR_ADDED, "08:00:01", "VolumeMountPoint",
		   "D:", "ProtectorType", "1", NULL);
	made_analysis(&made, &a, NULL);
	ck_assert_int_eq(a.protection.state, VOLUME_NONE);
}
END_TEST

START_TEST(driver_events_prove_encryption_not_protection)
{
	struct analysis a;

	made_event(&made, EV_BD_WRITE_STARTED, "08:00:00", "Volume", "C:", NULL);
	made_analysis(&made, &a, NULL);
	ck_assert_int_eq(a.protection.state, VOLUME_PROTECTED);
	ck_assert(a.protection.armed_inferred);
}
END_TEST

START_TEST(the_management_client_corrects_what_was_inferred)
{
	struct analysis a;

	made_event(&made, EV_BD_WRITE_STARTED, "08:00:00", "Volume", "C:", NULL);
	made_event(&made, EV_BLCSP_STATUS, "08:10:00", "Message1", "C:", "HRESULT", "0x4", NULL);
	made_analysis(&made, &a, NULL);
	ck_assert_int_eq(a.protection.state, VOLUME_ENCRYPTING);
}
END_TEST

START_TEST(boot_logs_belong_to_starts_from_the_newest_back)
{
	struct analysis a;

	made_event(&made, EV_KERNEL_START, "08:00:00", NULL);
	made_event(&made, EV_KERNEL_START, "09:00:00", NULL);
	made_boot_log(&made, 2, 4);
	made_boot_log(&made, 1, 0);
	made_analysis(&made, &a, "08:30:00");
	ck_assert_int_eq(a.attestation.measured, ED_TRI_NO);
	ck_assert_uint_eq(a.attestation.log->counter->fact.number, 1);
}
END_TEST

START_TEST(a_failed_health_certificate_is_cleared_by_a_success)
{
	struct analysis a;

	made_event(&made, EV_KERNEL_START, "08:00:00", NULL);
	made_event(&made, EV_HEALTH_NO_CONNECTION, "08:10:00", "HResult", "-2147012867", NULL);
	made_event(&made, EV_HEALTH_CERTIFICATE, "08:20:00", NULL);
	made_analysis(&made, &a, NULL);
	ck_assert_ptr_null(a.attestation.failure);
	ck_assert_int_eq(mark_at(a.attestation.certificate), made_time("08:20:00"));
}
END_TEST

#define SETTINGS "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Provisioning\\AutopilotSettings"
#define FIRST_SYNC "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Enrollments\\7C1F\\FirstSync"

static const struct {
	const char *name, *device, *account;
	enum ed_phase phase;
} pages[] = {
	{ "device under way", "{\"DeviceSetup.Apps\":{\"subcategoryState\":\"inProgress\"}}", NULL,
	  ED_PHASE_DEVICE_SETUP },
	{ "device done, account not begun", "{\"categorySucceeded\":true}", NULL,
	  ED_PHASE_ACCOUNT_SETUP },
	{ "account under way", "{\"categorySucceeded\":true}",
	  "{\"categorySucceeded\":null,\"A\":{\"subcategoryState\":\"in_progress\"}}",
	  ED_PHASE_ACCOUNT_SETUP },
	{ "never says succeeded", "{\"A\":{\"subcategoryState\":\"succeeded\"}}",
	  "{\"A\":{\"subcategoryState\":\"succeeded\"},\"B\":{\"subcategoryState\":\"notRequired\"}"
	  "}",
	  ED_PHASE_DONE },
	{ "flat shape", "{\"AppsSubcategory\":\"Apps (1 of 1)\",\"categorySucceeded\":true}",
	  "{\"AppsSubcategory\":\"Anwendungen\"}", ED_PHASE_ACCOUNT_SETUP },
};

START_TEST(the_phase_comes_from_the_categories)
{
	struct analysis a;

	made_registry(&made, SETTINGS, "DeviceSetupCategory.Status", pages[_i].device);
	if (pages[_i].account)
		made_registry(&made, SETTINGS, "AccountSetupCategory.Status", pages[_i].account);
	made_analysis(&made, &a, NULL);
	ck_assert_msg(a.page.esp.phase_known && a.page.esp.phase == pages[_i].phase, "%s: %s",
		      pages[_i].name, ed_phase_word(a.page.esp.phase));
}
END_TEST

START_TEST(the_limit_is_in_minutes_and_runs_from_the_phase)
{
	struct analysis a;

	made_registry(&made, SETTINGS, "DeviceSetupCategory.Status",
		      "{\"categorySucceeded\":true}");
	made_registry(&made, FIRST_SYNC, "SyncFailureTimeout", "45");
	made_event(&made, EV_SHELL_PAGE, "08:00:00", "Name",
		   "CommercialOOBE_ESPProgress_Page_Exiting", NULL);
	made_analysis(&made, &a, "08:40:30");
	ck_assert_int_eq(a.page.esp.timeout_minutes, 45);
	ck_assert_int_eq(a.page.esp.deadline_at, made_time("08:45:00"));
	ck_assert_int_eq(a.page.esp.minutes_left, 4);
}
END_TEST

/* @_i: 0 both phases are skipped, 1 only the user's, 2 both, and the page wrote of itself all the
 * same */
START_TEST(a_page_that_is_skipped_is_none)
{
	struct analysis a;

	made_registry(&made, FIRST_SYNC, "SkipUserStatusPage", "4294967295");
	made_registry(&made, FIRST_SYNC, "SkipDeviceStatusPage", _i == 1 ? "0" : "4294967295");
	if (_i == 2)
		made_registry(&made, SETTINGS, "DeviceSetupCategory.Status",
			      "{\"categoryState\":\"inProgress\"}");
	made_analysis(&made, &a, NULL);
	ck_assert_int_eq(a.page.esp.phase_known, _i != 1);
	ck_assert_int_eq(a.page.esp.phase, _i == 2 ? ED_PHASE_DEVICE_SETUP : ED_PHASE_NONE);
	ck_assert_int_eq(a.page.esp.minutes_left, ED_UNKNOWN);
}
END_TEST

START_TEST(broken_category_text_is_no_phase)
{
	struct analysis a;

	made_registry(&made, SETTINGS, "DeviceSetupCategory.Status", "{\"categorySucceeded\":");
	made_analysis(&made, &a, NULL);
	ck_assert(!a.page.esp.phase_known);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("analyze episodes");
	TCase *tcase = tcase_create("episodes");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, fast_startup_is_no_start);
	tcase_add_test(tcase, a_start_knows_who_asked_for_it);
	tcase_add_loop_test(tcase, denials_are_told_by_code_and_client, 0, ED_COUNT(denial_texts));
	tcase_add_test(tcase, one_request_logged_twice_is_one_denial);
	tcase_add_test(tcase, code_and_client_may_stand_in_two_events);
	tcase_add_test(tcase, attempts_are_counted_by_product);
	tcase_add_test(tcase, many_products_are_told_apart);
	tcase_add_test(tcase, field_names_may_lack_spaces_and_products);
	tcase_add_test(tcase, a_build_with_other_words_has_unknown_attempts);
	tcase_add_test(tcase, a_gap_across_a_forward_jump_is_no_gap);
	tcase_add_loop_test(tcase, the_volume_follows_its_story, 0, ED_COUNT(volumes));
	tcase_add_test(tcase, another_volume_is_not_the_os_volume);
	tcase_add_test(tcase, driver_events_prove_encryption_not_protection);
	tcase_add_test(tcase, the_management_client_corrects_what_was_inferred);
	tcase_add_test(tcase, boot_logs_belong_to_starts_from_the_newest_back);
	tcase_add_test(tcase, a_failed_health_certificate_is_cleared_by_a_success);
	tcase_add_loop_test(tcase, the_phase_comes_from_the_categories, 0, ED_COUNT(pages));
	tcase_add_test(tcase, the_limit_is_in_minutes_and_runs_from_the_phase);
	tcase_add_loop_test(tcase, a_page_that_is_skipped_is_none, 0, 3);
	tcase_add_test(tcase, broken_category_text_is_no_phase);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

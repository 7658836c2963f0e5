/* SPDX-License-Identifier: MIT */
/* The live state of the OS volume beside what events and boot logs tell. */
#include "analyze_build.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct made made;

static void setup(void)
{
	made_init(&made);
}

static void teardown(void)
{
	made_release(&made);
}

/* Rows of one volume: "100 1 3,1": conversion, protection, protectors. "-" is not told. */
static void live(const char *path, const char *conversion, const char *protection,
		 const char *protectors)
{
	made_state(&made, path, "ConversionStatus", conversion);
	made_state(&made, path, "ProtectionStatus", protection);
	made_state(&made, path, "KeyProtectorTypes", protectors);
}

static void os(enum event_key key, const char *time)
{
	made_event(&made, key, time, "VolumeMountPoint", "C:", "AlgorithmType", "0x8004", NULL);
}

static void protector(const char *time)
{
	made_event(&made, EV_BL_PROTECTOR_ADDED, time, "VolumeMountPoint", "C:", "ProtectorGUID",
		   "{1}", "ProtectorType", "0x1", NULL);
}

static const struct {
	const char *conversion, *protection, *protectors;
	enum live_state state;
	const char *word;
} states[] = {
	{ "0", "0", "", LIVE_OFF, "none" },
	{ "1", "1", "3,1", LIVE_PROTECTED, "protected" },
	{ "1", "0", "3,1", LIVE_SUSPENDED, "suspended" },
	{ "1", "0", "4", LIVE_SUSPENDED, "suspended" },
	{ "1", "0", "3", LIVE_UNPROTECTED, "encrypted-unprotected" },
	{ "1", "0", "", LIVE_UNPROTECTED, "encrypted-unprotected" },
	{ "1", "0", NULL, LIVE_UNPROTECTED, "encrypted-unprotected" },
	{ "1", "2", "1", LIVE_UNKNOWN, NULL }, /* locked */
	{ "1", NULL, "1", LIVE_UNKNOWN, NULL },
	{ "2", "0", "1", LIVE_ENCRYPTING, "encrypting" },
	{ "4", "0", "1", LIVE_ENCRYPTING, "encrypting" },
	{ "3", "0", "", LIVE_DECRYPTING, "decrypting" },
	{ "5", "0", "", LIVE_DECRYPTING, "decrypting" },
	{ "9", "1", "1", LIVE_UNKNOWN, NULL },
	{ NULL, "1", "1", LIVE_UNKNOWN, NULL },
	{ "text", "1", "1", LIVE_UNKNOWN, NULL },
};

START_TEST(raw_values_have_a_meaning)
{
	struct ed_bitlocker b = { .state = NULL };
	struct analysis a;

	made_event(&made, EV_KERNEL_START, "08:00:00", NULL);
	live("volume/C:", states[_i].conversion, states[_i].protection, states[_i].protectors);
	made_analysis(&made, &a, NULL);
	ck_assert_int_eq(a.live.state, states[_i].state);
	fill_live(&a, &b);
	ck_assert_ptr_nonnull(b.live);
	ck_assert(states[_i].word ? strcmp(b.live->state, states[_i].word) == 0 : !b.live->state);
	ck_assert(b.live->protectors_known == (states[_i].protectors != NULL));
}
END_TEST

START_TEST(the_verdict_shows_raw_values_beside)
{
	struct ed_bitlocker b = { .state = NULL };
	struct analysis a;

	made_event(&made, EV_KERNEL_START, "08:00:00", NULL);
	live("volume/C:", "2", "0", "3,1,99,x");
	made_state(&made, "volume/C:", "EncryptionPercentage", "40");
	made_state(&made, "volume/C:", "EncryptionMethod", "7");
	made_state(&made, "volume/C:", "SuspendCount", NULL);
	made_state(&made, "volume/C:", "ShellProtection", "3");
	made_analysis(&made, &a, NULL);
	fill_live(&a, &b);
	ck_assert(ed_str_eq(b.live->mount_point, ED_STR("C:")));
	ck_assert_int_eq(b.live->percentage, 40);
	ck_assert_str_eq(b.live->method, "XTS-AES 256");
	ck_assert(ed_str_eq(b.method, ED_STR("XTS-AES 256")));
	ck_assert_int_eq(b.live->suspend_count, ED_UNKNOWN);
	ck_assert_int_eq(b.live->shell_protection, 3);
	ck_assert_uint_eq(b.live->protectors.count, 3);
	ck_assert(ed_str_eq(b.live->protectors.items[0], ED_STR("recovery-password")));
	ck_assert(ed_str_eq(b.live->protectors.items[1], ED_STR("tpm")));
	ck_assert(ed_str_eq(b.live->protectors.items[2], ED_STR("other")));
}
END_TEST

START_TEST(the_os_volume_is_the_one_of_that_type)
{
	struct analysis a;

	made_event(&made, EV_KERNEL_START, "08:00:00", NULL);
	live("volume/C:", "0", "0", "");
	made_state(&made, "volume/C:", "VolumeType", "1");
	live("volume/D:", "1", "1", "1");
	made_state(&made, "volume/D:", "VolumeType", "0");
	made_analysis(&made, &a, NULL);
	ck_assert_int_eq(a.live.state, LIVE_PROTECTED);
}
END_TEST

START_TEST(a_data_volume_says_nothing)
{
	struct analysis a;

	made_event(&made, EV_KERNEL_START, "08:00:00", NULL);
	live("volume/D:", "1", "1", "1");
	made_state(&made, "volume/D:", "VolumeType", "1");
	made_state(&made, "tpm/C:", "ConversionStatus", "1");
	made_analysis(&made, &a, NULL);
	ck_assert_ptr_null(a.live.path.p);
	ck_assert_int_eq(a.protection.state, VOLUME_NONE);
}
END_TEST

/*
 * Events are letters in order: B a start, s encryption began, p TPM protector, x suspended, w waits
 * for a restart. The log of the last start: '4' unlocked, '0' did not, '-' there is none.
 */
static const struct {
	const char *events;
	char log;
	const char *conversion, *protection, *protectors;
	enum volume_state state;
	int armed_at; /* index of the step; -1: not armed, or since an unknown time */
	bool since_start;
} meetings[] = {
	/* on, and the events know since when: nothing changes */
	{ "Bsp", '0', "1", "1", "3,1", VOLUME_PROTECTED, 2, false },
	{ "spB", '4', "1", "1", "3,1", VOLUME_PROTECTED, 1, false },
	/* they contradict each other: the exact event is not given up */
	{ "spB", '0', "1", "1", "3,1", VOLUME_PROTECTED, 1, false },
	/* on, and its event is missing: after the last sign of the contrary */
	{ "Bs", '0', "1", "1", "3,1", VOLUME_PROTECTED, 1, false },
	{ "Bspx", '0', "1", "1", "3,1", VOLUME_PROTECTED, 3, false },
	{ "Bw", '0', "1", "1", "3,1", VOLUME_PROTECTED, 1, false },
	/* that sign is older than the start: only the boot log tells the side of it */
	{ "sB", '0', "1", "1", "3,1", VOLUME_PROTECTED, -1, true },
	{ "sB", '4', "1", "1", "3,1", VOLUME_PROTECTED, -1, false },
	{ "sB", '-', "1", "1", "3,1", VOLUME_PROTECTED, -1, false },
	{ "B", '0', "1", "1", "3,1", VOLUME_PROTECTED, -1, true },
	{ "B", '4', "1", "1", "3,1", VOLUME_PROTECTED, -1, false },
	/* off */
	{ "Bsp", '0', "1", "0", "3,1", VOLUME_SUSPENDED, -1, false },
	{ "Bsp", '0', "1", "0", "3", VOLUME_UNPROTECTED, -1, false },
	{ "B", '0', "1", "0", "3", VOLUME_UNPROTECTED, -1, false },
	{ "Bsp", '0', "3", "0", "3,1", VOLUME_DECRYPTING, -1, false },
	{ "Bsp", '0', "0", "0", "", VOLUME_DECRYPTING, -1, false },
	{ "B", '0', "0", "0", "", VOLUME_NONE, -1, false },
	{ "B", '4', "0", "0", "", VOLUME_DECRYPTING, -1, false },
	{ "Bw", '0', "0", "0", "", VOLUME_RESTART_REQUIRED, -1, false },
	/* under way */
	{ "Bsp", '0', "2", "0", "3,1", VOLUME_PROTECTED, 2, false },
	{ "Bs", '0', "2", "0", "3", VOLUME_ENCRYPTING, -1, false },
	{ "Bspx", '0', "2", "0", "3,1", VOLUME_ENCRYPTING, -1, false },
	{ "B", '0', "2", "0", "3,1", VOLUME_ENCRYPTING, -1, false },
	/* not told */
	{ "Bsp", '0', NULL, NULL, NULL, VOLUME_PROTECTED, 2, false },
	{ "Bsp", '0', "1", "2", "1", VOLUME_PROTECTED, 2, false },
};

static void step(char letter, const char *time)
{
	switch (letter) {
	case 'B':
		made_event(&made, EV_KERNEL_START, time, NULL);
		break;
	case 's':
		os(EV_BL_STARTED, time);
		break;
	case 'p':
		protector(time);
		break;
	case 'x':
		os(EV_BL_SUSPENDED, time);
		break;
	default:
		os(EV_BL_AFTER_RESTART, time);
	}
}

START_TEST(the_live_state_meets_the_events)
{
	const char *events = meetings[_i].events;
	struct analysis a;
	char time[32];

	for (size_t i = 0; events[i]; i++) {
		snprintf(time, sizeof(time), "08:00:%02zu", i);
		step(events[i], time);
	}
	if (meetings[_i].log != '-')
		made_boot_log(&made, 1, meetings[_i].log == '4' ? 4 : 0);
	live("volume/C:", meetings[_i].conversion, meetings[_i].protection,
	     meetings[_i].protectors);
	made_analysis(&made, &a, NULL);
	ck_assert_msg(a.protection.state == meetings[_i].state, "%s: state %d", events,
		      (int)a.protection.state);
	snprintf(time, sizeof(time), "08:00:%02d", meetings[_i].armed_at);
	ck_assert_msg(meetings[_i].armed_at < 0 ? !a.protection.armed
						: mark_at(a.protection.armed) == made_time(time),
		      "%s: armed", events);
	ck_assert_msg(a.live.on_since_start == meetings[_i].since_start, "%s: since", events);
}
END_TEST

/* Snapshots have no time of their own; BootStatus is about the newest start. */
START_TEST(snapshots_serve_an_earlier_evaluation)
{
	struct analysis a;

	made_event(&made, EV_KERNEL_START, "08:00:00", NULL);
	made_denial(&made, "08:30:00", "53000");
	live("volume/C:", "1", "1", "3,1");
	made_registry(&made,
		      "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\BitLockerStatus",
		      "BootStatus", "1");
	made_analysis(&made, &a, "08:20:00");
	ck_assert_int_eq(a.live.state, LIVE_PROTECTED);
	ck_assert_int_eq(a.attestation.measured, ED_TRI_YES);
	made_event(&made, EV_KERNEL_START, "08:25:00", NULL);
	made_analysis(&made, &a, "08:20:00");
	ck_assert_int_eq(a.live.state, LIVE_PROTECTED);
	ck_assert_int_eq(a.attestation.measured, ED_TRI_UNKNOWN);
}
END_TEST

START_TEST(a_boot_log_knows_better_than_boot_status)
{
	struct analysis a;

	made_event(&made, EV_KERNEL_START, "08:00:00", NULL);
	made_boot_log(&made, 7, 4);
	made_registry(&made,
		      "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\BitLockerStatus",
		      "BootStatus", "0");
	made_analysis(&made, &a, NULL);
	ck_assert_int_eq(a.attestation.measured, ED_TRI_YES);
	ck_assert_ptr_null(a.attestation.boot_status);
}
END_TEST

/* The log of the current start is recorded beside the files of all starts, under another name. */
START_TEST(the_current_log_is_the_newest)
{
	struct analysis a;

	made_event(&made, EV_KERNEL_START, "08:00:00", NULL);
	made_boot_log_at(&made, "measured-boot/current.json", 42, 4);
	made_boot_log_at(&made, "measured-boot/0000000009-0000000000.json", 9, 0);
	made_boot_log_at(&made, "measured-boot/0000000041-0000000000.json", 41, 0);
	made_boot_log_at(&made, "measured-boot/0000000042-0000000000.json", 42, 4);
	made_analysis(&made, &a, NULL);
	ck_assert_uint_eq(a.boot_log_count, 3); /* the same start twice is one log */
	ck_assert_uint_eq(a.attestation.log->counter->fact.number, 42);
	ck_assert_int_eq(a.attestation.measured, ED_TRI_YES);
}
END_TEST

START_TEST(the_current_log_differs_from_its_file_after_a_resume)
{
	struct analysis a;

	made_event(&made, EV_KERNEL_START, "08:00:00", NULL);
	made_boot_log_at(&made, "measured-boot/current.json", 42, 4);
	made_boot_log_at(&made, "measured-boot/0000000042-0000000000.json", 42, 0);
	made_analysis(&made, &a, NULL);
	ck_assert(ed_str_eq(a.attestation.log->path, ED_STR("measured-boot/current.json")));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("analyze live");
	TCase *t = tcase_create("live");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, raw_values_have_a_meaning, 0, (int)ED_COUNT(states));
	tcase_add_test(t, the_verdict_shows_raw_values_beside);
	tcase_add_test(t, the_os_volume_is_the_one_of_that_type);
	tcase_add_test(t, a_data_volume_says_nothing);
	tcase_add_loop_test(t, the_live_state_meets_the_events, 0, (int)ED_COUNT(meetings));
	tcase_add_test(t, snapshots_serve_an_earlier_evaluation);
	tcase_add_test(t, a_boot_log_knows_better_than_boot_status);
	tcase_add_test(t, the_current_log_is_the_newest);
	tcase_add_test(t, the_current_log_differs_from_its_file_after_a_resume);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/* Logs, the profile and measured-boot logs below a temporary folder instead of Windows. */
#include "files_priv.h"

#include <check.h>
#include <sys/stat.h>
#include <unistd.h>

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/collectors/state.h"
#include "reader_run.h"
#include "tcg_build.h"

#include <limits.h>
#include <stdarg.h>

#define LOGS "data/Microsoft/IntuneManagementExtension/Logs"
#define PROFILE "windows/ServiceState/wmansvc/AutopilotDDSZTDFile.json"
#define BOOT "windows/Logs/MeasuredBoot"

static char root[128];
static char data_folder[160], windows_folder[160];
static struct files_roots roots;
static struct ed_recording recording;
static struct ed_error err;
static unsigned stop_after;

static const char *in_root(const char *name)
{
	static char path[400];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	return path;
}

static void put_bytes(const char *name, const void *bytes, size_t n)
{
	FILE *file = fopen(in_root(name), "wb");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(bytes, 1, n, file), n);
	ck_assert_int_eq(fclose(file), 0);
}

static void put_file(const char *name, const char *text)
{
	put_bytes(name, text, strlen(text));
}

static void run_command(const char *format, ...) ED_PRINTF(1, 2);

static void run_command(const char *format, ...)
{
	char command[600];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	ck_assert_int_eq(system(command), 0);
}

static void setup(void)
{
	const char *base = getenv("TMPDIR");

	snprintf(root, sizeof(root), "%s/espdiag-XXXXXX",
		 base && strlen(base) < 40 ? base : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(root));
	snprintf(data_folder, sizeof(data_folder), "%s/data", root);
	snprintf(windows_folder, sizeof(windows_folder), "%s/windows", root);
	run_command("mkdir -p '%s/" LOGS "'", root);
	run_command("mkdir -p '%s/" BOOT "' '%s/windows/ServiceState/wmansvc'", root, root);
	roots = (struct files_roots){ .program_data = ed_str_from(data_folder),
				      .windows = ed_str_from(windows_folder),
				      .separator = '/' };
	stop_after = UINT_MAX;
	memset(&err, 0, sizeof(err));
	ed_recording_init(&recording);
}

static void teardown(void)
{
	ed_recording_release(&recording);
	run_command("chmod -R u+rwx '%s'; rm -rf '%s'", root, root);
}

static bool stopped(const struct ed_live *live)
{
	(void)live;
	return !stop_after--;
}

static ed_status logs(void)
{
	const struct ed_live live = { .stopped = stopped };

	return files_record_logs(&roots, &live, &recording, &err);
}

static ed_status boot(bool raw)
{
	const struct ed_live live = { .stopped = stopped, .raw = raw };

	return files_record_boot(&roots, &live, &recording, &err);
}

static void check_member(size_t i, const char *name, enum ed_form form)
{
	ck_assert_uint_lt(i, recording.member_count);
	ck_assert_str_eq(recording.members[i].name.p, name);
	ck_assert_int_eq(recording.members[i].form, form);
}

static void check_gap(size_t i, const char *source, enum ed_state state, uint64_t lost,
		      const char *why)
{
	ck_assert_uint_lt(i, recording.gap_count);
	ck_assert_str_eq(recording.gaps[i].source.p, in_root(source));
	ck_assert_int_eq(recording.gaps[i].state, state);
	ck_assert_uint_eq(recording.gaps[i].lost, lost);
	ck_assert_msg(strstr(recording.gaps[i].why.p, why) != NULL, "%s", recording.gaps[i].why.p);
}

START_TEST(logs_in_order)
{
	static const char *const names[] = {
		"AppWorkload-20260914-101500.log",
		"AppWorkload.log",
		"ClientHealth.log",
		"HealthScripts.log",
		"IntuneManagementExtension-20260913-101500.log",
		"IntuneManagementExtension-20260914-091500.log",
		"IntuneManagementExtension.log",
		"IntuneManagementExtension.log.bak",
		"agentexecutor.LOG",
		"AppWorkload two.log",
		"AppWorkload\n.log",
	};
	static const char *const expected[] = {
		"logs/IntuneManagementExtension.log",
		"logs/AppWorkload.log",
		"logs/agentexecutor.LOG",
		"logs/ClientHealth.log",
		"logs/AppWorkload-20260914-101500.log",
		"logs/IntuneManagementExtension-20260914-091500.log",
		"logs/IntuneManagementExtension-20260913-101500.log",
	};
	char name[300];

	for (size_t i = 0; i < ED_COUNT(names); i++) {
		snprintf(name, sizeof(name), LOGS "/%s", names[i]);
		put_file(name, "one\r\ntwo\r\n");
	}
	put_file(LOGS "/AppActionProcessor.log", ""); /* empty: nothing to record */
	ck_assert_int_eq(logs(), ED_OK);
	ck_assert_uint_eq(recording.member_count, ED_COUNT(expected));
	ck_assert_uint_eq(recording.gap_count, 0);
	for (size_t i = 0; i < ED_COUNT(expected); i++) {
		check_member(i, expected[i], ED_FORM_TEXT);
		ck_assert_str_eq(recording.members[i].bytes.p, "one\ntwo\n");
	}
	ck_assert_str_eq(recording.members[0].source.p,
			 in_root(LOGS "/IntuneManagementExtension.log"));
}
END_TEST

/* What a log holds, and what is recorded of it. */
static const struct text_case {
	struct ed_str bytes;
	const char *text;
} text_cases[] = {
	{ { "\xEF\xBB\xBFx\r\n", 6 }, "x\n" },
	{ { "\xFF\xFEx\0\r\0\n\0", 8 }, "x\n" },
	{ { "a\rb\r\r\n", 6 }, "a\rb\r\n" },
	{ { "\xC3\xA4\xE2\x82", 4 }, "\xC3\xA4" },
	{ { "\xC3\xA4\xC3", 3 }, "\xC3\xA4" },
	{ { "\xC3\xA4\xF0\x9F\x98\x80", 6 }, "\xC3\xA4\xF0\x9F\x98\x80" },
	{ { "\xC3\xA4\xF0\x9F\x98", 5 }, "\xC3\xA4" },
	{ { "\xE4", 1 }, NULL },
};

START_TEST(log_texts)
{
	const struct text_case *c = &text_cases[_i];

	put_bytes(LOGS "/AppWorkload.log", c->bytes.p, c->bytes.len);
	ck_assert_int_eq(logs(), ED_OK);
	ck_assert_uint_eq(recording.member_count, c->text ? 1 : 0);
	if (c->text)
		ck_assert_str_eq(recording.members[0].bytes.p, c->text);
}
END_TEST

/* @n bytes of lines of 64. */
static char *lines(size_t n)
{
	char *text = malloc(n + 1);

	ck_assert_ptr_nonnull(text);
	for (size_t i = 0; i < n; i++)
		text[i] = i % 64 == 63 ? '\n' : (char)('a' + i % 26);
	text[n] = '\0';
	return text;
}

START_TEST(long_logs)
{
	size_t big = 5 * ED_MIB + 40;
	char *text = lines(big);
	const struct ed_buf *bytes;

	/* the cut is in the middle of a character, which must not spoil the rest */
	memcpy(text + big - ED_LIMIT_LOG_TAIL - 1, "\xC3\xA4", 2);
	put_bytes(LOGS "/IntuneManagementExtension.log", text, big);
	put_bytes(LOGS "/AppWorkload.log", text, ED_LIMIT_LOG_TAIL);
	put_bytes(LOGS "/AgentExecutor.log", text, 3 * ED_MIB);
	put_bytes(LOGS "/ClientHealth.log", text, 2 * ED_MIB);
	put_file(LOGS "/AppWorkload-20260914-101500.log", "old\n");
	put_file(LOGS "/AppWorkload-20260913-101500.log", "older\n");
	ck_assert_int_eq(logs(), ED_OK);
	ck_assert_uint_eq(recording.member_count, 4);
	ck_assert_uint_eq(recording.gap_count, 3);
	bytes = &recording.members[0].bytes;
	ck_assert_uint_le(bytes->len, ED_LIMIT_LOG_TAIL);
	ck_assert_uint_gt(bytes->len, ED_LIMIT_LOG_TAIL - 65);
	ck_assert_mem_eq(bytes->p, text + big - bytes->len, bytes->len);
	ck_assert(text[big - bytes->len - 1] == '\n');
	check_gap(0, LOGS "/IntuneManagementExtension.log", ED_STATE_TRUNCATED, ED_LOST_UNKNOWN,
		  "only the last 4096 KiB of 5120 were read");
	ck_assert_uint_eq(recording.members[1].bytes.len, ED_LIMIT_LOG_TAIL);
	ck_assert_uint_eq(recording.members[2].bytes.len, 3 * ED_MIB);
	check_member(3, "logs/ClientHealth.log", ED_FORM_TEXT);
	ck_assert_uint_le(recording.members[3].bytes.len, ED_MIB);
	check_gap(1, LOGS "/ClientHealth.log", ED_STATE_TRUNCATED, ED_LOST_UNKNOWN,
		  "only the last 1024 KiB of 2048 were read");
	check_gap(2, LOGS, ED_STATE_TRUNCATED, 2, "ED_LIMIT_LOG_TAILS");
	free(text);
}
END_TEST

START_TEST(long_wide_log)
{
	size_t units = ED_LIMIT_LOG_TAIL / 2 + 1001, wrong = 0;
	char *text = malloc(2 * units + 1);
	const struct ed_buf *bytes;

	ck_assert_ptr_nonnull(text);
	memcpy(text, "\xFF\xFE", 2);
	for (size_t i = 1; i < units; i++) {
		text[2 * i] = i % 64 ? 'x' : '\n';
		text[2 * i + 1] = '\0';
	}
	text[2 * units] = 'x'; /* half a character at the end, as while it is written */
	put_bytes(LOGS "/AppWorkload.log", text, 2 * units + 1);
	ck_assert_int_eq(logs(), ED_OK);
	ck_assert_uint_eq(recording.member_count, 1);
	ck_assert_uint_eq(recording.gap_count, 1);
	bytes = &recording.members[0].bytes;
	ck_assert(bytes->len > units - 1200 && bytes->len < units);
	/* one assertion a byte would take minutes */
	for (size_t i = 0; i + 8 < bytes->len; i++)
		wrong += bytes->p[i] != (i % 64 == 63 ? '\n' : 'x');
	ck_assert_uint_eq(wrong, 0);
	free(text);
}
END_TEST

START_TEST(links_and_denied)
{
	put_file("secret", "secret\n");
	put_file(LOGS "/ClientHealth.log", "fine\n");
	put_file(LOGS "/Win32AppInventory.log", "denied\n");
	run_command("ln -s '%s/secret' '%s/" LOGS "/AppWorkload.log'", root, root);
	run_command("mkdir '%s/" LOGS "/AgentExecutor.log'", root);
	run_command("chmod 0 '%s/" LOGS "/Win32AppInventory.log'", root);
	ck_assert_int_eq(logs(), ED_OK);
	check_member(0, "logs/ClientHealth.log", ED_FORM_TEXT);
	check_gap(0, LOGS "/AgentExecutor.log", ED_STATE_DENIED, ED_LOST_UNKNOWN, "link");
	check_gap(1, LOGS "/AppWorkload.log", ED_STATE_DENIED, ED_LOST_UNKNOWN, "link");
	/* root may read everything */
	if (geteuid()) {
		ck_assert_uint_eq(recording.member_count, 1);
		ck_assert_uint_eq(recording.gap_count, 3);
		check_gap(2, LOGS "/Win32AppInventory.log", ED_STATE_DENIED, ED_LOST_UNKNOWN,
			  "access denied");
	}
}
END_TEST

START_TEST(link_on_the_way)
{
	put_file(LOGS "/ClientHealth.log", "fine\n");
	run_command("mv '%s/data/Microsoft' '%s/elsewhere'", root, root);
	run_command("ln -s '%s/elsewhere' '%s/data/Microsoft'", root, root);
	ck_assert_int_eq(logs(), ED_OK);
	ck_assert_uint_eq(recording.member_count, 0);
	ck_assert_uint_eq(recording.gap_count, 1);
	check_gap(0, "data/Microsoft", ED_STATE_DENIED, ED_LOST_UNKNOWN, "link");
}
END_TEST

START_TEST(nothing_there)
{
	ck_assert_int_eq(files_record_profile(&roots, &recording, &err), ED_ABSENT);
	ck_assert_str_eq(err.text, "not there: the device has no profile");
	run_command("rm -r '%s/data/Microsoft' '%s/windows'", root, root);
	ck_assert_int_eq(logs(), ED_ABSENT);
	ck_assert_str_eq(err.text, "not there");
	ck_assert_int_eq(files_record_profile(&roots, &recording, &err), ED_ABSENT);
	ck_assert_int_eq(boot(false), ED_ABSENT);
	roots.program_data = roots.windows = (struct ed_str){ NULL, 0 };
	ck_assert_int_eq(logs(), ED_ABSENT);
	ck_assert_int_eq(boot(false), ED_ABSENT);
	ck_assert_uint_eq(recording.member_count, 0);
	ck_assert_uint_eq(recording.gap_count, 0);
}
END_TEST

START_TEST(logs_stop)
{
	put_file(LOGS "/AppWorkload.log", "a\n");
	put_file(LOGS "/AgentExecutor.log", "b\n");
	put_file(LOGS "/ClientHealth.log", "c\n");
	stop_after = 1;
	ck_assert_int_eq(logs(), ED_OK);
	ck_assert_uint_eq(recording.member_count, 1);
	check_gap(0, LOGS, ED_STATE_TIMED_OUT, 2, "stopped");
}
END_TEST

START_TEST(profile)
{
	char *large = lines(ED_LIMIT_PROFILE + 1);

	put_file(PROFILE,
		 "\xEF\xBB\xBF{\r\n \"CloudAssignedTenantDomain\": \"contoso.example\"\r\n}");
	ck_assert_int_eq(files_record_profile(&roots, &recording, &err), ED_OK);
	check_member(0, "state/autopilot-profile.json", ED_FORM_JSON);
	ck_assert_str_eq(recording.members[0].bytes.p,
			 "{\n \"CloudAssignedTenantDomain\": \"contoso.example\"\n}");
	ed_recording_release(&recording);
	put_bytes(PROFILE, large, ED_LIMIT_PROFILE + 1);
	ck_assert_int_eq(files_record_profile(&roots, &recording, &err), ED_OK);
	ck_assert_uint_eq(recording.member_count, 0);
	check_gap(0, PROFILE, ED_STATE_TRUNCATED, ED_LOST_UNKNOWN, "1024 KiB");
	ed_recording_release(&recording);
	run_command("rm '%s/" PROFILE "'; ln -s / '%s/" PROFILE "'", root, root);
	ck_assert_int_eq(files_record_profile(&roots, &recording, &err), ED_OK);
	check_gap(0, PROFILE, ED_STATE_DENIED, ED_LOST_UNKNOWN, "link");
	free(large);
}
END_TEST

static void put_boot(const char *name, uint64_t counter)
{
	const struct tcg_boot start = { .boot_counter = counter, .unlock = 4 };
	struct ed_buf log;
	char path[200];

	ed_buf_init(&log, ED_MIB);
	tcg_build_boot(&log, &start);
	ck_assert_int_eq(log.status, ED_OK);
	snprintf(path, sizeof(path), BOOT "/%s", name);
	put_bytes(path, log.p, log.len);
	ed_buf_release(&log);
}

/* The value of BootCounter that the member's facts give. */
static uint64_t counter_of(size_t member)
{
	struct ed_str bytes = ed_buf_str(&recording.members[member].bytes);
	struct reader_run run;
	uint64_t counter = 0;

	reader_run(&run, &ed_reader_bootlog, "x.json", bytes.p, bytes.len);
	ck_assert_int_eq(run.status, ED_OK);
	for (size_t i = 0; i < run.evidence.fact_count; i++)
		if (ed_str_eq(reader_fact(&run, i)->name, ED_STR("BootCounter")))
			counter = reader_fact(&run, i)->number;
	reader_run_release(&run);
	return counter;
}

START_TEST(boot_logs)
{
	char name[64];

	for (unsigned i = 1; i <= 14; i++) {
		snprintf(name, sizeof(name), "%010u-0000000000.log", i);
		put_boot(name, i);
	}
	put_file(BOOT "/notes.log", "text");
	put_file(BOOT "/0000000020-0000000000.txt", "text");
	ck_assert_int_eq(boot(false), ED_OK);
	ck_assert_uint_eq(recording.member_count, ED_LIMIT_BOOT_LOGS);
	check_member(0, "measured-boot/0000000014-0000000000.json", ED_FORM_BOOTLOG);
	check_member(11, "measured-boot/0000000003-0000000000.json", ED_FORM_BOOTLOG);
	ck_assert_uint_eq(counter_of(0), 14);
	ck_assert_uint_eq(counter_of(11), 3);
	ck_assert_uint_eq(recording.gap_count, 1);
	check_gap(0, BOOT, ED_STATE_TRUNCATED, 2, "ED_LIMIT_BOOT_LOGS");
}
END_TEST

START_TEST(boot_logs_raw)
{
	put_boot("0000000001-0000000000.log", 1);
	put_file(BOOT "/0000000002-0000000000.log", "no measured boot");
	ck_assert_int_eq(boot(true), ED_OK);
	ck_assert_uint_eq(recording.member_count, 4);
	/* what is wrong with it stands in its own record */
	check_member(0, "measured-boot/0000000002-0000000000.json", ED_FORM_BOOTLOG);
	check_member(1, "raw/measured-boot/0000000002-0000000000.log", ED_FORM_RAW);
	ck_assert_str_eq(recording.members[1].bytes.p, "no measured boot");
	check_member(2, "measured-boot/0000000001-0000000000.json", ED_FORM_BOOTLOG);
	check_member(3, "raw/measured-boot/0000000001-0000000000.log", ED_FORM_RAW);
	ck_assert_uint_eq(recording.gap_count, 0);
}
END_TEST

START_TEST(boot_logs_that_fail)
{
	put_boot("0000000001-0000000000.log", 1);
	put_file(BOOT "/0000000002-0000000000.log", "");
	put_boot("0000000003-0000000000.log", 3);
	run_command("ln -s '%s/x' '%s/" BOOT "/0000000004-0000000000.log'", root, root);
	put_file(BOOT "/0000000005-0000000000.log", "");
	ck_assert_int_eq(
		truncate(in_root(BOOT "/0000000005-0000000000.log"), (off_t)ED_LIMIT_BOOT_LOG + 1),
		0);
	stop_after = 4;
	ck_assert_int_eq(boot(false), ED_OK);
	ck_assert_uint_eq(recording.member_count, 1);
	check_member(0, "measured-boot/0000000003-0000000000.json", ED_FORM_BOOTLOG);
	ck_assert_uint_eq(recording.gap_count, 3);
	check_gap(0, BOOT "/0000000005-0000000000.log", ED_STATE_TRUNCATED, ED_LOST_UNKNOWN,
		  "8192 KiB");
	check_gap(1, BOOT "/0000000004-0000000000.log", ED_STATE_DENIED, ED_LOST_UNKNOWN, "link");
	check_gap(2, BOOT, ED_STATE_TIMED_OUT, 1, "stopped");
}
END_TEST

START_TEST(every_allocation_can_fail)
{
	ed_status status[3] = { ED_NOMEM, ED_NOMEM, ED_NOMEM };

	put_file(LOGS "/AppWorkload.log", "a\r\n");
	run_command("ln -s '%s/x' '%s/" LOGS "/AgentExecutor.log'", root, root);
	put_file(PROFILE, "{}");
	put_boot("0000000001-0000000000.log", 1);
	for (int part = 0; part < 3; part++) {
		for (long n = 0; status[part] != ED_OK; n++) {
			ed_alloc_fail_after(n);
			status[part] = part == 0   ? logs()
				       : part == 1 ? files_record_profile(&roots, &recording, &err)
						   : boot(true);
			ed_alloc_fail_after(-1);
			ck_assert_msg(status[part] == ED_OK || status[part] == ED_NOMEM,
				      "part %d, allocation %ld: %d", part, n, (int)status[part]);
			ck_assert_int_lt(n, 5000);
			if (status[part] == ED_OK)
				ck_assert_uint_ge(recording.member_count, 1);
			ed_recording_release(&recording);
		}
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("files");
	TCase *c = tcase_create("files");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_set_timeout(c, 120);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, logs_in_order);
	tcase_add_loop_test(c, log_texts, 0, (int)ED_COUNT(text_cases));
	tcase_add_test(c, long_logs);
	tcase_add_test(c, long_wide_log);
	tcase_add_test(c, links_and_denied);
	tcase_add_test(c, link_on_the_way);
	tcase_add_test(c, nothing_there);
	tcase_add_test(c, logs_stop);
	tcase_add_test(c, profile);
	tcase_add_test(c, boot_logs);
	tcase_add_test(c, boot_logs_raw);
	tcase_add_test(c, boot_logs_that_fail);
	tcase_add_test(c, every_allocation_can_fail);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

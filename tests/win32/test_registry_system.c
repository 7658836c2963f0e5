/* SPDX-License-Identifier: MIT */
/*
 * The live jobs of registry, files and identity as they ship, on Windows or wine: over keys and
 * files of their own, which are taken away again.
 */
#include <check.h>

#include <windows.h>

#include "espdiag/collectors/files.h"
#include "espdiag/collectors/identity.h"
#include "espdiag/collectors/reg.h"
#include "espdiag/collectors/registry.h"
#include "espdiag/platform/file.h"
#include "espdiag/platform/library.h"
#include "reader_run.h"
#include "tcg_build.h"

#define ENROLLED L"SOFTWARE\\Microsoft\\Enrollments\\{11111111-2222-3333-4444-555555555555}"
#define ENROLLED_PATH                                                                              \
	"HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Enrollments\\{11111111-2222-3333-4444-"          \
	"555555555555}"
#define LOGS L"C:\\ProgramData\\Microsoft\\IntuneManagementExtension\\Logs"
#define BOOT L"C:\\windows\\Logs\\MeasuredBoot"

static struct ed_recording recording;
static struct ed_error err;

static bool never(const struct ed_live *live)
{
	(void)live;
	return false;
}

static ed_status run_job(const struct ed_live_jobs *jobs, const char *name)
{
	const struct ed_live live = { .stopped = never };

	ed_recording_init(&recording);
	for (size_t i = 0; i < jobs->count; i++)
		if (!strcmp(jobs->jobs[i].name, name))
			return jobs->jobs[i].run(&jobs->jobs[i], &live, &recording, &err);
	ck_abort_msg("no job '%s'", name);
	return ED_ARG;
}

static HKEY make_key(const wchar_t *path, DWORD options)
{
	HKEY key = NULL;

	ck_assert_int_eq(RegCreateKeyExW(HKEY_LOCAL_MACHINE, path, 0, NULL, options,
					 KEY_ALL_ACCESS | KEY_WOW64_64KEY, NULL, &key, NULL),
			 ERROR_SUCCESS);
	return key;
}

static void set_value(HKEY key, const wchar_t *name, DWORD type, const void *data, size_t len)
{
	ck_assert_int_eq(RegSetValueExW(key, name, 0, type, data, (DWORD)len), ERROR_SUCCESS);
}

typedef LONG(NTAPI *delete_key_fn)(HANDLE key);

/* A link is deleted as a link: its target must stay. */
static void delete_link(const wchar_t *path)
{
	HKEY key;

	if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, REG_OPTION_OPEN_LINK,
			  KEY_ALL_ACCESS | KEY_WOW64_64KEY, &key) == ERROR_SUCCESS) {
		delete_key_fn delete_key =
			(delete_key_fn)ed_library_symbol("ntdll.dll", "NtDeleteKey");

		if (delete_key)
			delete_key(key);
		RegCloseKey(key);
	}
}

static void clean(void)
{
	delete_link(ENROLLED L"\\Link");
	RegDeleteTreeW(HKEY_LOCAL_MACHINE, ENROLLED);
	RegDeleteKeyExW(HKEY_LOCAL_MACHINE, ENROLLED, KEY_WOW64_64KEY, 0);
}

static void teardown(void)
{
	ed_recording_release(&recording);
	clean();
}

/* The fact of a value below the test's own key; NULL when there is none. */
static const struct ed_fact *find(const struct reader_run *run, const char *below, const char *name)
{
	char path[300];

	snprintf(path, sizeof(path), ENROLLED_PATH "%s", below);
	for (size_t i = 0; i < run->evidence.fact_count; i++) {
		const struct ed_fact *fact = reader_fact(run, i);

		if (ed_str_ieq(fact->path, ed_str_from(path)) &&
		    (name ? fact->name.p && ed_str_eq(fact->name, ed_str_from(name))
			  : !fact->name.p))
			return fact;
	}
	return NULL;
}

static void check_text(const struct reader_run *run, const char *below, const char *name,
		       const char *text)
{
	const struct ed_fact *fact = find(run, below, name);

	ck_assert_msg(fact && ed_str_eq(fact->text, ed_str_from(text)), "%s is '%s'", name,
		      fact ? fact->text.p : "missing");
}

static void read_back(struct reader_run *run)
{
	struct ed_str text = ed_buf_str(&recording.members[0].bytes);

	ck_assert_str_eq(recording.members[0].name.p, "registry/enrollments.reg");
	reader_run(run, &ed_reader_reg, "enrollments.reg", text.p, text.len);
	ck_assert_int_eq(run->status, ED_OK);
	ck_assert_uint_eq(reader_row(run)->lost, 0);
}

static void fill_key(HKEY key)
{
	static const unsigned char quad[8] = { 8, 7, 6, 5, 4, 3, 2, 1 };
	static const wchar_t multi[] = L"one\0two\0";
	static unsigned char large[65537];
	DWORD number = 6;
	wchar_t name[600];

	for (size_t i = 0; i < ED_COUNT(name); i++)
		name[i] = i + 1 < ED_COUNT(name) ? L'n' : 0;
	set_value(key, L"EnrollmentType", REG_DWORD, &number, sizeof(number));
	set_value(key, L"ProviderID", REG_SZ, L"MS DM Server", sizeof(L"MS DM Server"));
	set_value(key, L"Quad", REG_QWORD, quad, sizeof(quad));
	set_value(key, L"Multi", REG_MULTI_SZ, multi, sizeof(multi));
	set_value(key, L"Expand", REG_EXPAND_SZ, L"%windir%", sizeof(L"%windir%"));
	set_value(key, L"Half", REG_SZ, L"\xD83D!", sizeof(L"\xD83D!"));
	set_value(key, L"Odd", REG_BINARY, quad, 3);
	set_value(key, L"Empty", REG_BINARY, quad, 0);
	set_value(key, NULL, REG_SZ, L"default", sizeof(L"default"));
	set_value(key, name, REG_SZ, L"long name", sizeof(L"long name"));
	set_value(key, L"Thousand", REG_BINARY, large, 1000);
	set_value(key, L"Largest", REG_BINARY, large, 65536);
	set_value(key, L"TooLarge", REG_BINARY, large, 65537);
	set_value(key, L"AADToken", REG_SZ, L"e30.e30.x", sizeof(L"e30.e30.x"));
}

START_TEST(values)
{
	HKEY key = make_key(ENROLLED, 0);
	struct reader_run run;
	const struct ed_fact *fact;
	char name[600];

	fill_key(key);
	RegCloseKey(make_key(ENROLLED L"\\FirstSync\\a\\b\\c\\d\\e\\f\\g", 0));
	ck_assert_int_eq(run_job(&ed_registry_jobs, "registry enrollments"), ED_OK);
	ck_assert_uint_eq(recording.member_count, 1);
	read_back(&run);
	check_text(&run, "", "EnrollmentType", "6");
	check_text(&run, "", "ProviderID", "MS DM Server");
	check_text(&run, "", "Quad", "72623859790382856");
	check_text(&run, "", "Multi", "one\ntwo");
	check_text(&run, "", "Expand", "%windir%");
	check_text(&run, "", "Half", "\xEF\xBF\xBD!");
	check_text(&run, "", "Odd", "080706");
	check_text(&run, "", "Empty", "");
	check_text(&run, "", "", "default");
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	check_text(&run, "", name, "long name");
	fact = find(&run, "", "Thousand");
	ck_assert(fact && fact->text.len == 2000);
	fact = find(&run, "", "Largest");
	ck_assert(fact && fact->text.len == 2 * 65536);
	ck_assert(!find(&run, "", "TooLarge"));
	ck_assert(!find(&run, "", "AADToken"));
	ck_assert(find(&run, "\\FirstSync\\a\\b\\c\\d\\e\\f", NULL) != NULL);
	ck_assert(!find(&run, "\\FirstSync\\a\\b\\c\\d\\e\\f\\g", NULL));
	ck_assert(ed_str_find(ed_buf_str(&recording.members[0].bytes), ED_STR("e30"), 0) ==
		  SIZE_MAX);
	ck_assert_uint_eq(recording.gap_count, 3); /* too large, too deep, a secret */
	reader_run_release(&run);
	RegCloseKey(key);
}
END_TEST

START_TEST(key_times)
{
	struct ed_str text, line;
	int64_t time = 0;
	size_t at;

	RegCloseKey(make_key(ENROLLED, 0));
	ck_assert_int_eq(run_job(&ed_registry_jobs, "registry enrollments"), ED_OK);
	text = ed_buf_str(&recording.members[0].bytes);
	at = ed_str_ifind(text, ED_STR(ENROLLED_PATH "]\n;time="), 0);
	ck_assert(at != SIZE_MAX);
	text = ed_str_slice(text, at + sizeof(ENROLLED_PATH "]\n;time=") - 1, text.len);
	ck_assert(ed_str_line(&text, &line));
	ck_assert(ed_time_parse(line, &time));
	ck_assert(time > ed_clock_now() - ED_TICKS_PER_MINUTE);
	ck_assert(time <= ed_clock_now());
}
END_TEST

START_TEST(links_lead_nowhere)
{
	static const wchar_t target[] = L"\\Registry\\Machine\\SOFTWARE\\Microsoft\\Windows NT";
	HKEY key = make_key(ENROLLED, 0);
	HKEY link = make_key(ENROLLED L"\\Link", REG_OPTION_CREATE_LINK);
	struct reader_run run;

	/* the target is counted in bytes, without a NUL */
	set_value(link, L"SymbolicLinkValue", REG_LINK, target, sizeof(target) - sizeof(wchar_t));
	ck_assert_int_eq(run_job(&ed_registry_jobs, "registry enrollments"), ED_OK);
	read_back(&run);
	ck_assert(find(&run, "\\Link", "SymbolicLinkValue") != NULL);
	ck_assert(!find(&run, "\\Link\\CurrentVersion", "CurrentBuild"));
	for (size_t i = 0; i < run.evidence.fact_count; i++)
		ck_assert(ed_str_ifind(reader_fact(&run, i)->path, ED_STR("\\Link\\"), 0) ==
			  SIZE_MAX);
	reader_run_release(&run);
	RegCloseKey(link);
	RegCloseKey(key);
}
END_TEST

/* Takes every right from @key, or gives them back. */
static void set_rights(HKEY key, bool none)
{
	SECURITY_DESCRIPTOR descriptor;
	ACL acl;

	ck_assert(InitializeAcl(&acl, sizeof(acl), ACL_REVISION));
	ck_assert(InitializeSecurityDescriptor(&descriptor, SECURITY_DESCRIPTOR_REVISION));
	/* an empty list lets nobody in, none at all everybody */
	ck_assert(SetSecurityDescriptorDacl(&descriptor, TRUE, none ? &acl : NULL, FALSE));
	RegSetKeySecurity(key, DACL_SECURITY_INFORMATION, &descriptor);
}

START_TEST(denied_key)
{
	HKEY denied = make_key(ENROLLED L"\\Denied", 0);
	HKEY after = make_key(ENROLLED L"\\Later", 0);
	HKEY probe = NULL;
	struct reader_run run;
	bool refused;

	set_value(after, L"v", REG_SZ, L"read", sizeof(L"read"));
	set_rights(denied, true);
	refused = RegOpenKeyExW(HKEY_LOCAL_MACHINE, ENROLLED L"\\Denied", 0,
				KEY_READ | KEY_WOW64_64KEY, &probe) == ERROR_ACCESS_DENIED;
	if (probe)
		RegCloseKey(probe);
	ck_assert_int_eq(run_job(&ed_registry_jobs, "registry enrollments"), ED_OK);
	set_rights(denied, false);
	read_back(&run);
	check_text(&run, "\\Later", "v", "read");
	/* wine 8.0 refuses it as Windows does, whoever asks */
	ck_assert(refused);
	ck_assert(!find(&run, "\\Denied", NULL));
	ck_assert_uint_eq(recording.gap_count, 1);
	ck_assert_int_eq(recording.gaps[0].state, ED_STATE_DENIED);
	ck_assert(ed_str_ieq(ed_buf_str(&recording.gaps[0].source),
			     ED_STR(ENROLLED_PATH "\\Denied")));
	reader_run_release(&run);
	RegCloseKey(after);
	RegCloseKey(denied);
}
END_TEST

/* Every job ends well whatever this system has. */
START_TEST(all_jobs)
{
	for (size_t i = 0; i < ed_registry_jobs.count; i++) {
		ck_assert_msg(run_job(&ed_registry_jobs, ed_registry_jobs.jobs[i].name) == ED_OK,
			      "%s: %s", ed_registry_jobs.jobs[i].name, err.text);
		ck_assert(ed_registry_jobs.jobs[i].source && ed_registry_jobs.jobs[i].limit_ms);
		ed_recording_release(&recording);
	}
}
END_TEST

START_TEST(services_say_only_how_they_start)
{
	struct ed_str text, line;

	ck_assert_int_eq(run_job(&ed_registry_jobs, "registry services"), ED_OK);
	text = recording.member_count ? ed_buf_str(&recording.members[0].bytes) : ED_STR("");
	while (ed_str_line(&text, &line))
		if (line.len && line.p[0] == '"')
			ck_assert_msg(ed_str_starts(line, ED_STR("\"Start\"=dword:")), "%.*s",
				      ED_FMT(line));
}
END_TEST

static void make_folders(const wchar_t *path)
{
	wchar_t part[300];

	for (size_t i = 3; path[i - 1]; i++) {
		if (path[i] && path[i] != L'\\')
			continue;
		memcpy(part, path, i * sizeof(*part));
		part[i] = 0;
		ck_assert(CreateDirectoryW(part, NULL) || GetLastError() == ERROR_ALREADY_EXISTS);
	}
}

static void put_file(const wchar_t *path, const void *bytes, size_t len)
{
	DWORD written = 0;
	HANDLE file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);

	ck_assert(file != INVALID_HANDLE_VALUE);
	ck_assert(WriteFile(file, bytes, (DWORD)len, &written, NULL));
	ck_assert_uint_eq(written, len);
	CloseHandle(file);
}

START_TEST(logs)
{
	HANDLE open;

	make_folders(LOGS);
	put_file(LOGS L"\\AppWorkload.log", "line\r\n", 6);
	/* as the extension keeps it open */
	open = CreateFileW(LOGS L"\\AppWorkload.log", GENERIC_WRITE, FILE_SHARE_READ, NULL,
			   OPEN_EXISTING, 0, NULL);
	ck_assert(open != INVALID_HANDLE_VALUE);
	ck_assert_int_eq(run_job(&ed_files_jobs, "logs of the Intune Management Extension"), ED_OK);
	CloseHandle(open);
	DeleteFileW(LOGS L"\\AppWorkload.log");
	RemoveDirectoryW(LOGS);
	ck_assert_uint_eq(recording.member_count, 1);
	ck_assert_str_eq(recording.members[0].name.p, "logs/AppWorkload.log");
	ck_assert_str_eq(recording.members[0].bytes.p, "line\n");
	ck_assert_str_eq(recording.members[0].source.p,
			 "C:\\ProgramData\\Microsoft\\IntuneManagementExtension\\Logs\\"
			 "AppWorkload.log");
	ed_recording_release(&recording);
	ck_assert_int_eq(run_job(&ed_files_jobs, "logs of the Intune Management Extension"),
			 ED_ABSENT);
}
END_TEST

START_TEST(boot_logs)
{
	const struct tcg_boot start = { .boot_counter = 42, .unlock = 4 };
	struct ed_buf log;

	ed_buf_init(&log, ED_MIB);
	tcg_build_boot(&log, &start);
	make_folders(BOOT);
	put_file(BOOT L"\\0000000042-0000000000.log", log.p, log.len);
	ck_assert_int_eq(run_job(&ed_files_jobs, "measured-boot logs"), ED_OK);
	DeleteFileW(BOOT L"\\0000000042-0000000000.log");
	RemoveDirectoryW(BOOT);
	ck_assert_uint_eq(recording.member_count, 1);
	ck_assert_str_eq(recording.members[0].name.p, "measured-boot/0000000042-0000000000.json");
	ed_buf_release(&log);
	ed_recording_release(&recording);
	ck_assert_int_eq(run_job(&ed_files_jobs, "Autopilot profile"), ED_ABSENT);
}
END_TEST

START_TEST(identity)
{
	struct ed_str text;

	ck_assert_int_eq(run_job(&ed_identity_jobs, "join and account"), ED_OK);
	ck_assert_uint_eq(recording.member_count, 1);
	text = ed_buf_str(&recording.members[0].bytes);
	ck_assert(ed_str_find(text, ED_STR("espdiag.state/1"), 0) != SIZE_MAX);
	ck_assert(ed_str_find(text, ED_STR("\"Joined\""), 0) != SIZE_MAX);
	ck_assert(ed_str_find(text, ED_STR("\"Rights\""), 0) != SIZE_MAX);
	/* a test machine is joined to nothing, or has no such function, which is then a row */
	ck_assert_uint_eq(recording.gap_count,
			  ed_str_find(text, ED_STR("\"value\": null"), 0) != SIZE_MAX);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("registry, files and identity of this system");
	TCase *c = tcase_create("jobs");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(c, clean, teardown);
	tcase_add_test(c, values);
	tcase_add_test(c, key_times);
	tcase_add_test(c, links_lead_nowhere);
	tcase_add_test(c, denied_key);
	tcase_add_test(c, all_jobs);
	tcase_add_test(c, services_say_only_how_they_start);
	tcase_add_test(c, logs);
	tcase_add_test(c, boot_logs);
	tcase_add_test(c, identity);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

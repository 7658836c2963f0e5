/* SPDX-License-Identifier: MIT */
/*
 * The live jobs of BitLocker and the TPM as they ship, against doubles of WMI and tbs.dll.
 * usage: test_wmi_system WBEM_DOUBLE_DLL TBS_DLL FOLDER
 */
#include "tcg_build.h"
#include "test_wmi_fake.h"

#include "espdiag/collectors/tpm.h"
#include "espdiag/collectors/volume.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#define LOCATOR "SOFTWARE\\Classes\\CLSID\\{4590f811-1d3a-11d0-891f-00aa004b2e24}\\InprocServer32"
#define VOLUME_NAMESPACE "namespace ROOT\\CIMV2\\Security\\MicrosoftVolumeEncryption"
#define CLASS "class Win32_EncryptableVolume"
#define VOLUME_ID "\\\\?\\Volume{00000000-0000-0000-0000-0000000000c0}\\"

static struct ed_error err;
static char wmi_file[MAX_PATH], log_file[MAX_PATH], tbs_file[MAX_PATH];

/* Into the prefix, in place of what Wine has; "" if that worked. */
static const char *install(const char *wbem, const char *tbs)
{
	char system[MAX_PATH], target[MAX_PATH + 16];
	HKEY key;

	if (RegCreateKeyExA(HKEY_LOCAL_MACHINE, LOCATOR, 0, NULL, 0, KEY_WRITE, NULL, &key, NULL))
		return "cannot open the key of the locator";
	if (RegSetValueExA(key, NULL, 0, REG_SZ, (const BYTE *)wbem, (DWORD)strlen(wbem) + 1))
		return "cannot register the WMI double";
	RegCloseKey(key);
	if (RegCreateKeyExA(HKEY_CURRENT_USER, "Software\\Wine\\DllOverrides", 0, NULL, 0,
			    KEY_WRITE, NULL, &key, NULL) ||
	    RegSetValueExA(key, "tbs", 0, REG_SZ, (const BYTE *)"native", 7))
		return "cannot prefer our tbs.dll";
	RegCloseKey(key);
	GetSystemDirectoryA(system, sizeof(system));
	snprintf(target, sizeof(target), "%s\\tbs.dll", system);
	DeleteFileA(target); /* never through a hard link into another prefix */
	return CopyFileA(tbs, target, FALSE) ? "" : "cannot copy tbs.dll";
}

static void set(const char *name, const char *value)
{
	char text[MAX_PATH + 64];

	snprintf(text, sizeof(text), "%s=%s", name, value);
	ck_assert_int_eq(_putenv(text), 0);
}

static void write_file(const char *path, const void *bytes, size_t len)
{
	FILE *f = fopen(path, "wb");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(bytes, 1, len, f), len);
	fclose(f);
}

static void serve(const char *text)
{
	write_file(wmi_file, text, strlen(text));
	DeleteFileA(log_file);
	set("ESPDIAG_DOUBLE_WMI", wmi_file);
	set("ESPDIAG_DOUBLE_WMI_LOG", log_file);
}

static const char *asked(void)
{
	static char text[16384];
	FILE *f = fopen(log_file, "rb");
	size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;

	text[n] = '\0';
	if (f)
		fclose(f);
	return text;
}

struct clock {
	ULONGLONG until;
};

static bool over(const struct ed_live *live)
{
	return GetTickCount64() >= ((const struct clock *)live->context)->until;
}

/* Runs the job of that source, for at most @ms; its status. */
static ed_status run(const struct ed_live_jobs *set_of, const char *source, DWORD ms, bool raw,
		     struct ed_recording *r)
{
	struct clock clock = { GetTickCount64() + ms };
	const struct ed_live live = { .context = &clock, .stopped = over, .raw = raw };

	ed_recording_init(r);
	for (size_t i = 0; i < set_of->count; i++)
		if (strcmp(set_of->jobs[i].source, source) == 0)
			return set_of->jobs[i].run(&set_of->jobs[i], &live, r, &err);
	ck_abort_msg("no job of %s", source);
}

#define VOLUME                                                                                     \
	"instance\n"                                                                               \
	"value DeviceID \"" VOLUME_ID "\"\n"                                                       \
	"value DriveLetter \"C:\"\n"                                                               \
	"value VolumeType 0\n"                                                                     \
	"value IsVolumeInitializedForProtection true\n"                                            \
	"value Unasked \"no\"\n"
#define METHODS                                                                                    \
	"method GetConversionStatus when PrecisionFactor 0\n"                                      \
	"value ConversionStatus 2\n"                                                               \
	"value EncryptionPercentage 40\n"                                                          \
	"value EncryptionFlags 0x80000001\n"                                                       \
	"value WipingStatus 0\n"                                                                   \
	"value ReturnValue 0\n"                                                                    \
	"method GetProtectionStatus\n"                                                             \
	"value ProtectionStatus 0\n"                                                               \
	"value ReturnValue 0\n"                                                                    \
	"method GetEncryptionMethod\n"                                                             \
	"value EncryptionMethod 6\n"                                                               \
	"value SelfEncryptionDriveEncryptionMethod \"\"\n"                                         \
	"value ReturnValue 0\n"                                                                    \
	"method GetLockStatus\n"                                                                   \
	"value LockStatus 0\n"                                                                     \
	"value ReturnValue 0\n"                                                                    \
	"method GetSuspendCount\n"                                                                 \
	"value ReturnValue 0x80070032\n"                                                           \
	"method GetHardwareEncryptionStatus fail 0x80041001\n"                                     \
	"method GetKeyProtectors when KeyProtectorType 0\n"                                        \
	"value VolumeKeyProtectorID [{A} {B}]\n"                                                   \
	"value ReturnValue 0\n"                                                                    \
	"method GetKeyProtectorType when VolumeKeyProtectorID {A}\n"                               \
	"value KeyProtectorType 1\n"                                                               \
	"value ReturnValue 0\n"                                                                    \
	"method GetKeyProtectorType when VolumeKeyProtectorID {B}\n"                               \
	"value KeyProtectorType 3\n"                                                               \
	"value ReturnValue 0\n"                                                                    \
	"method GetKeyProtectorNumericalPassword\n"                                                \
	"value NumericalPassword \"111111\"\n"

START_TEST(volumes_by_methods_over_packet_privacy)
{
	struct ed_recording r;
	const char *json;

	serve(VOLUME_NAMESPACE " private\n" CLASS "\n" VOLUME METHODS);
	ck_assert_msg(run(&ed_live_volume, "Win32_EncryptableVolume", 8000, false, &r) == ED_OK,
		      "%s", err.text);
	ck_assert_str_eq(gap_of(&r, "Win32_EncryptableVolume"), "");
	json = recorded(&r, "state/volume.json");
	ck_assert(has_row(json, "C:", "VolumeType", "0"));
	ck_assert(has_row(json, "C:", "IsVolumeInitializedForProtection", "true"));
	ck_assert(has_row(json, "C:", "ConversionStatus", "2"));
	ck_assert(has_row(json, "C:", "EncryptionPercentage", "40"));
	ck_assert(has_row(json, "C:", "EncryptionFlags", "2147483649")); /* unsigned */
	ck_assert(has_row(json, "C:", "ProtectionStatus", "0"));
	ck_assert(has_row(json, "C:", "EncryptionMethod", "6"));
	ck_assert(has_row(json, "C:", "SuspendCount", "null"));
	ck_assert(has_row(json, "C:", "GetHardwareEncryptionStatus", "\"0x80041001\""));
	ck_assert(has_row(json, "C:", "KeyProtectorIDs", "\"{A},{B}\""));
	ck_assert(has_row(json, "C:", "KeyProtectorTypes", "\"1,3\""));
	ck_assert(!strstr(json, "Unasked"));
	ck_assert(strstr(asked(),
			 "call GetConversionStatus "
			 "Win32_EncryptableVolume.DeviceID=\"\\\\\\\\?\\\\Volume{") != NULL);
	ed_recording_release(&r);
}
END_TEST

START_TEST(no_secret_is_ever_asked_for)
{
	static const char *const never[] = { "GetKeyProtectorNumericalPassword",
					     "GetKeyProtectorExternalKey", "GetKeyPackage",
					     "DisableKeyProtectors" };
	struct clock clock = { UINT64_MAX };
	const struct ed_live live = { .context = &clock, .stopped = over };
	struct ed_wmi *wmi = NULL;
	struct ed_arena arena;

	serve(VOLUME_NAMESPACE "\n" CLASS "\n" VOLUME METHODS);
	ed_arena_init(&arena, 1 << 20);
	ck_assert_uint_eq(ed_wmi_system.connect(NULL, &live,
						"ROOT\\CIMV2\\Security\\MicrosoftVolumeEncryption",
						&wmi),
			  0);
	for (size_t i = 0; i < ED_COUNT(never); i++) {
		const struct ed_wmi_call call = {
			.class_name = "Win32_EncryptableVolume",
			.path = ED_STR("Win32_EncryptableVolume.DeviceID=\"x\""),
			.method = never[i],
		};
		struct ed_wmi_row row;

		/* also behind the portable door */
		ck_assert_uint_eq(ed_wmi_system.call(wmi, &call, &arena, &row), ED_WMI_REFUSED);
	}
	ck_assert(!strstr(asked(), "call "));
	ed_wmi_system.close(wmi);
	ed_arena_release(&arena);
}
END_TEST

static const struct {
	const char *text, *gap;
} failures[] = {
	{ "namespace other\n", "absent: namespace: no such namespace (0x8004100e)" },
	{ VOLUME_NAMESPACE " fail 0x80041003\n", "denied: namespace: access denied (0x80041003)" },
	{ VOLUME_NAMESPACE "\n" CLASS " fail 0x80041003\n",
	  "denied: query: access denied (0x80041003)" },
	{ VOLUME_NAMESPACE "\n", "absent: query: no such class (0x80041010)" },
	{ VOLUME_NAMESPACE "\n" CLASS "\n", "absent: no volume that BitLocker knows" },
	{ VOLUME_NAMESPACE "\n" CLASS " hang\n",
	  "timed-out: query: stopped before it answered (0x80041032)" },
	{ VOLUME_NAMESPACE "\n" CLASS " fail 0x800706ba\n", "damaged: query: failed (0x800706ba)" },
};

START_TEST(wmi_that_fails_or_hangs_is_a_gap)
{
	ULONGLONG start = GetTickCount64();
	struct ed_recording r;

	serve(failures[_i].text);
	ck_assert_int_eq(run(&ed_live_volume, "Win32_EncryptableVolume", 1000, false, &r), ED_OK);
	ck_assert_str_eq(gap_of(&r, "Win32_EncryptableVolume"), failures[_i].gap);
	ck_assert_uint_eq(r.member_count, 0);
	ck_assert_uint_lt(GetTickCount64() - start, 5000);
	ed_recording_release(&r);
}
END_TEST

START_TEST(slow_rows_are_waited_for)
{
	struct ed_recording r;

	serve(VOLUME_NAMESPACE "\n" CLASS " slow 300\n" VOLUME METHODS);
	ck_assert_int_eq(run(&ed_live_volume, "Win32_EncryptableVolume", 8000, false, &r), ED_OK);
	ck_assert(has_row(recorded(&r, "state/volume.json"), "C:", "ConversionStatus", "2"));
	ed_recording_release(&r);
}
END_TEST

START_TEST(the_tpm_over_wmi)
{
	struct ed_recording r;

	serve("namespace ROOT\\CIMV2\\Security\\MicrosoftTpm\nclass Win32_Tpm\ninstance\n"
	      "value SpecVersion \"2.0, 0, 1.59\"\nvalue IsEnabled_InitialValue true\n"
	      "method IsReadyInformation\nvalue IsReady false\nvalue Information 0x40000\n"
	      "value ReturnValue 0\n");
	ck_assert_int_eq(run(&ed_live_tpm, "Win32_Tpm", 8000, false, &r), ED_OK);
	ck_assert(has_row(recorded(&r, "state/tpm-wmi.json"), "Win32_Tpm", "SpecVersion",
			  "\"2.0, 0, 1.59\""));
	ck_assert(
		has_row(recorded(&r, "state/tpm-wmi.json"), "Win32_Tpm", "Information", "262144"));
	ed_recording_release(&r);
}
END_TEST

START_TEST(the_boot_log_by_the_tpm_services)
{
	struct ed_recording r;
	struct tcg_build b;
	struct ed_str log;

	tcg_build_init(&b, false);
	log = tcg_build_finish(&b);
	write_file(tbs_file, log.p, log.len);
	set("ESPDIAG_DOUBLE_TBS", tbs_file);
	ck_assert_msg(run(&ed_live_tpm, "Tbsi_Get_TCG_Log_Ex", 8000, true, &r) == ED_OK, "%s",
		      err.text);
	ck_assert_str_eq(gap_of(&r, "Tbsi_Get_TCG_Log_Ex"), "");
	ck_assert_uint_eq(r.member_count, 2);
	ck_assert(ed_str_eq(ed_buf_str(&r.members[0].bytes), log));
	ck_assert(strstr(recorded(&r, "measured-boot/current.json"), "espdiag.bootlog/1") != NULL);
	ed_recording_release(&r);
	ck_assert_int_eq(run(&ed_live_tpm, "Tbsi_GetDeviceInfo", 8000, false, &r), ED_OK);
	ck_assert(has_row(recorded(&r, "state/tpm.json"), "device", "TpmVersion", "2"));
	ed_recording_release(&r);
	tcg_build_release(&b);

	set("ESPDIAG_DOUBLE_TBS", "fail 0x80284008");
	ck_assert_int_eq(run(&ed_live_tpm, "Tbsi_Get_TCG_Log_Ex", 8000, false, &r), ED_OK);
	ck_assert_str_eq(gap_of(&r, "Tbsi_Get_TCG_Log_Ex"),
			 "disabled: the TPM base services do not run (0x80284008)");
	ed_recording_release(&r);
	set("ESPDIAG_DOUBLE_TBS", "");
	ck_assert_int_eq(run(&ed_live_tpm, "Tbsi_GetDeviceInfo", 8000, false, &r), ED_OK);
	ck_assert(has_row(recorded(&r, "state/tpm.json"), "device", "Present", "false"));
	ed_recording_release(&r);
}
END_TEST

/* Jobs whose answer depends on the system: they must come to an end and say something. */
START_TEST(the_other_jobs_end)
{
	struct ed_recording r;

	serve("namespace other\n");
	ck_assert_int_eq(run(&ed_live_volume, "System.Volume.BitLockerProtection", 8000, false, &r),
			 ED_OK);
	ck_assert_uint_eq(r.member_count + r.gap_count, 1);
	ed_recording_release(&r);
	ck_assert_int_eq(run(&ed_live_tpm, "UEFI variable SecureBoot", 8000, false, &r), ED_OK);
	ck_assert(strstr(recorded(&r, "state/boot.json"), "LastStart") != NULL);
	ed_recording_release(&r);
	ck_assert_int_eq(run(&ed_live_tpm, "MDM bridge", 8000, false, &r), ED_OK);
	ck_assert_str_ne(gap_of(&r, "MDM bridge"), "");
	ed_recording_release(&r);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *s = suite_create("wmi under wine");
	TCase *t = tcase_create("wmi");
	const char *problem;
	SRunner *r;
	int failed;

	if (argc != 4) {
		fprintf(stderr, "usage: test_wmi_system WBEM_DOUBLE_DLL TBS_DLL FOLDER\n");
		return EXIT_FAILURE;
	}
	problem = install(argv[1], argv[2]);
	if (*problem) {
		fprintf(stderr, "test_wmi_system: %s\n", problem);
		return EXIT_FAILURE;
	}
	snprintf(wmi_file, sizeof(wmi_file), "%s\\wmi.txt", argv[3]);
	snprintf(log_file, sizeof(log_file), "%s\\wmi.log", argv[3]);
	snprintf(tbs_file, sizeof(tbs_file), "%s\\boot.log", argv[3]);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, volumes_by_methods_over_packet_privacy);
	tcase_add_test(t, no_secret_is_ever_asked_for);
	tcase_add_loop_test(t, wmi_that_fails_or_hangs_is_a_gap, 0, (int)ED_COUNT(failures));
	tcase_add_test(t, slow_rows_are_waited_for);
	tcase_add_test(t, the_tpm_over_wmi);
	tcase_add_test(t, the_boot_log_by_the_tpm_services);
	tcase_add_test(t, the_other_jobs_end);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

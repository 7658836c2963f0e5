/* SPDX-License-Identifier: MIT */
/* What is asked of the Task Scheduler, by a double of its COM interface. */
#define COBJMACROS
#include <check.h>

#include <stdio.h>
#include <stdlib.h>

#include "scheduler.h"

#include <taskschd.h>

#include "espdiag/install/install.h"

/* What the double saw, and what it answers. */
static struct {
	wchar_t name[64], folder[16], user[16];
	char xml[8192];
	LONG flags;
	TASK_LOGON_TYPE logon;
	int connected, registered, deleted, references, initialized;
	HRESULT create, connect, get, set;
} seen;

static void text_copy(BSTR from, wchar_t *to, size_t room)
{
	ck_assert_uint_lt(SysStringLen(from), room);
	memcpy(to, from, (SysStringLen(from) + 1) * sizeof(*to));
}

static ULONG WINAPI folder_release(ITaskFolder *self)
{
	(void)self;
	return (ULONG)--seen.references;
}

static HRESULT WINAPI folder_register(ITaskFolder *self, BSTR path, BSTR xml, LONG flags,
				      VARIANT user, VARIANT password, TASK_LOGON_TYPE logon,
				      VARIANT sddl, IRegisteredTask **task)
{
	(void)self;
	*task = NULL;
	ck_assert_int_eq(password.vt, VT_EMPTY);
	ck_assert_int_eq(sddl.vt, VT_EMPTY);
	ck_assert_int_eq(user.vt, VT_BSTR);
	text_copy(path, seen.name, ARRAYSIZE(seen.name));
	text_copy(user.bstrVal, seen.user, ARRAYSIZE(seen.user));
	ck_assert_int_gt(
		WideCharToMultiByte(CP_UTF8, 0, xml, -1, seen.xml, sizeof(seen.xml), NULL, NULL),
		0);
	seen.flags = flags;
	seen.logon = logon;
	seen.registered++;
	return seen.set;
}

static HRESULT WINAPI folder_delete(ITaskFolder *self, BSTR name, LONG flags)
{
	(void)self;
	ck_assert_int_eq(flags, 0);
	text_copy(name, seen.name, ARRAYSIZE(seen.name));
	seen.deleted++;
	return seen.set;
}

static ITaskFolderVtbl folder_table = { .Release = folder_release,
					.RegisterTask = folder_register,
					.DeleteTask = folder_delete };
static ITaskFolder folder_double = { &folder_table };

static ULONG WINAPI service_release(ITaskService *self)
{
	(void)self;
	return (ULONG)--seen.references;
}

static HRESULT WINAPI service_connect(ITaskService *self, VARIANT server, VARIANT user,
				      VARIANT domain, VARIANT password)
{
	(void)self;
	ck_assert(server.vt == VT_EMPTY && user.vt == VT_EMPTY && domain.vt == VT_EMPTY &&
		  password.vt == VT_EMPTY);
	seen.connected++;
	return seen.connect;
}

static HRESULT WINAPI service_folder(ITaskService *self, BSTR path, ITaskFolder **out)
{
	(void)self;
	text_copy(path, seen.folder, ARRAYSIZE(seen.folder));
	if (FAILED(seen.get))
		return seen.get;
	seen.references++;
	*out = &folder_double;
	return S_OK;
}

static ITaskServiceVtbl service_table = { .Release = service_release,
					  .Connect = service_connect,
					  .GetFolder = service_folder };
static ITaskService service_double = { &service_table };

static HRESULT WINAPI initialize(void *reserved, DWORD model)
{
	(void)reserved;
	(void)model;
	seen.initialized++;
	return S_OK;
}

static void WINAPI uninitialize(void)
{
	seen.initialized--;
}

static HRESULT WINAPI create(const GUID *clsid, IUnknown *outer, DWORD context, const GUID *iid,
			     void **out)
{
	(void)clsid;
	(void)outer;
	(void)context;
	(void)iid;
	if (FAILED(seen.create))
		return seen.create;
	seen.references++;
	*out = &service_double;
	return S_OK;
}

static const struct ed_scheduler_com com = { .initialize = initialize,
					     .uninitialize = uninitialize,
					     .create = create,
					     .string_new = SysAllocStringLen,
					     .string_free = SysFreeString };

static ed_status set(struct ed_str xml, struct ed_error *err)
{
	ed_status status = ed_scheduler_set(&com, ED_STR(ED_INSTALL_TASK), xml, err);

	ck_assert_int_eq(seen.references, 0);
	ck_assert_int_eq(seen.initialized, 0);
	return status;
}

/* What the service must be told, in its own words; where it stands is for test_install. */
static const char *const defined[] = {
	"<Task version=\"1.3\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">",
	"<Principal id=\"SYSTEM\"><UserId>S-1-5-18</UserId><RunLevel>HighestAvailable</RunLevel>",
	"<MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>",
	"<DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>",
	"<StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>",
	"<StartWhenAvailable>true</StartWhenAvailable>",
	"<ExecutionTimeLimit>PT10M</ExecutionTimeLimit>",
	"<DeleteExpiredTaskAfter>PT0S</DeleteExpiredTaskAfter>",
	"<EventTrigger>",
	"<BootTrigger>",
	"<RegistrationTrigger>",
	"<Actions Context=\"SYSTEM\"><Exec>"
	"<Command>\"C:\\Program Files\\espdiag\\espdiag.exe\"</Command>"
	"<Arguments>collect --on-failure --quiet --out \"C:\\Program Files\\espdiag\\bundles\"<",
};

START_TEST(registers)
{
	struct ed_error err = { 0 };
	struct ed_buf xml;

	memset(&seen, 0, sizeof(seen));
	ed_buf_init(&xml, 1 << 20);
	ed_install_task_xml(ED_STR("C:\\Program Files\\espdiag"), 0, &xml);
	ck_assert_int_eq(set(ed_buf_str(&xml), &err), ED_OK);
	ed_buf_release(&xml);
	ck_assert_int_eq(seen.connected, 1);
	ck_assert_int_eq(seen.registered, 1);
	ck_assert_int_eq(wcscmp(seen.name, L"espdiag on failure"), 0);
	ck_assert_int_eq(wcscmp(seen.folder, L"\\"), 0);
	ck_assert_int_eq(wcscmp(seen.user, L"S-1-5-18"), 0);
	ck_assert_int_eq(seen.flags, TASK_CREATE_OR_UPDATE);
	ck_assert_int_eq(seen.logon, TASK_LOGON_SERVICE_ACCOUNT);
	for (size_t i = 0; i < ARRAYSIZE(defined); i++)
		ck_assert_msg(strstr(seen.xml, defined[i]) != NULL, "%s", defined[i]);
}
END_TEST

START_TEST(removes)
{
	const struct ed_str none = { NULL, 0 };
	struct ed_error err = { 0 };

	memset(&seen, 0, sizeof(seen));
	ck_assert_int_eq(set(none, &err), ED_OK);
	ck_assert_int_eq(seen.deleted, 1);
	ck_assert_int_eq(seen.registered, 0);
	ck_assert_int_eq(wcscmp(seen.name, L"espdiag on failure"), 0);
	seen.set = HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
	ck_assert_int_eq(set(none, &err), ED_OK);
	seen.create = REGDB_E_CLASSNOTREG;
	ck_assert_int_eq(set(none, &err), ED_OK);
}
END_TEST

static const struct {
	HRESULT create, connect, get, set;
	ed_status status;
} failures[] = {
	{ REGDB_E_CLASSNOTREG, S_OK, S_OK, S_OK, ED_IO },
	{ S_OK, E_ACCESSDENIED, S_OK, S_OK, ED_ACCESS },
	{ S_OK, S_OK, E_OUTOFMEMORY, S_OK, ED_NOMEM },
	{ S_OK, S_OK, S_OK, E_ACCESSDENIED, ED_ACCESS },
};

START_TEST(failures_are_told)
{
	struct ed_error err = { 0 };

	memset(&seen, 0, sizeof(seen));
	seen.create = failures[_i].create;
	seen.connect = failures[_i].connect;
	seen.get = failures[_i].get;
	seen.set = failures[_i].set;
	ck_assert_int_eq(set(ED_STR("<Task/>"), &err), failures[_i].status);
	ck_assert_ptr_nonnull(strstr(err.text, "cannot register the task: 0x8"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("scheduler");
	TCase *tcase = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, registers);
	tcase_add_test(tcase, removes);
	tcase_add_loop_test(tcase, failures_are_told, 0, (int)ARRAYSIZE(failures));
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/* The Task Scheduler takes the definition of a task as XML, so little of its interface is needed.
 */
#define COBJMACROS
#include "scheduler.h"

#include "espdiag/base/alloc.h"
#include "espdiag/platform/library.h"

#include <taskschd.h>

static const GUID clsid_scheduler = {
	0x0f87369f, 0xa4e5, 0x4cfc, { 0xbd, 0x3e, 0x73, 0xe6, 0x15, 0x45, 0x72, 0xdd }
};
static const GUID iid_service = {
	0x2faba4c7, 0x4da9, 0x4013, { 0x96, 0x97, 0x20, 0xcc, 0x3f, 0xd4, 0x0f, 0x85 }
};

static bool load(void *slot, const char *dll, const char *name)
{
	ed_library_function *function = ed_library_symbol(dll, name);

	memcpy(slot, &function, sizeof(function));
	return function != NULL;
}

ed_status ed_scheduler_load(struct ed_scheduler_com *com, struct ed_error *err)
{
	if (load(&com->initialize, "ole32.dll", "CoInitializeEx") &&
	    load(&com->uninitialize, "ole32.dll", "CoUninitialize") &&
	    load(&com->create, "ole32.dll", "CoCreateInstance") &&
	    load(&com->string_new, "oleaut32.dll", "SysAllocStringLen") &&
	    load(&com->string_free, "oleaut32.dll", "SysFreeString"))
		return ED_OK;
	return ed_fail(err, ED_UNSUPPORTED, "this Windows has no COM for the Task Scheduler");
}

/* NULL when out of memory. */
static BSTR bstr_new(const struct ed_scheduler_com *com, struct ed_str text)
{
	wchar_t *wide = ed_malloc((text.len + 1) * sizeof(*wide)); /* never more units than bytes */
	BSTR bstr = NULL;
	int n = 0;

	if (wide && text.len && text.len < INT_MAX)
		n = MultiByteToWideChar(CP_UTF8, 0, text.p, (int)text.len, wide, (int)text.len);
	if (wide && (n > 0 || !text.len))
		bstr = com->string_new(wide, (UINT)n);
	ed_free(wide);
	return bstr;
}

static ed_status fail_com(struct ed_error *err, HRESULT hr, const char *what)
{
	ed_status status = ED_IO;

	if (hr == E_ACCESSDENIED)
		status = ED_ACCESS;
	else if (hr == E_OUTOFMEMORY)
		status = ED_NOMEM;
	return ed_fail_os(err, status, (uint32_t)hr, what, "cannot %s: 0x%08lx", what,
			  (unsigned long)hr);
}

static HRESULT root_folder(const struct ed_scheduler_com *com, ITaskService *service,
			   ITaskFolder **folder)
{
	const VARIANT none = { .vt = VT_EMPTY };
	HRESULT hr = ITaskService_Connect(service, none, none, none, none);
	BSTR root;

	if (FAILED(hr))
		return hr;
	root = bstr_new(com, ED_STR("\\"));
	hr = root ? ITaskService_GetFolder(service, root, folder) : E_OUTOFMEMORY;
	com->string_free(root);
	return hr;
}

static HRESULT task_register(const struct ed_scheduler_com *com, ITaskFolder *folder, BSTR name,
			     struct ed_str xml)
{
	const VARIANT none = { .vt = VT_EMPTY };
	BSTR text = bstr_new(com, xml);
	BSTR system = bstr_new(com, ED_STR("S-1-5-18"));
	IRegisteredTask *task = NULL;
	HRESULT hr = E_OUTOFMEMORY;

	if (text && system) {
		VARIANT user = { .vt = VT_BSTR };

		user.bstrVal = system;
		hr = ITaskFolder_RegisterTask(folder, name, text, TASK_CREATE_OR_UPDATE, user, none,
					      TASK_LOGON_SERVICE_ACCOUNT, none, &task);
	}
	if (SUCCEEDED(hr) && task)
		IRegisteredTask_Release(task);
	com->string_free(system);
	com->string_free(text);
	return hr;
}

/* A Windows without the scheduler has no task either. */
static bool is_absent(HRESULT hr)
{
	return hr == REGDB_E_CLASSNOTREG || hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) ||
	       hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND);
}

ed_status ed_scheduler_set(const struct ed_scheduler_com *com, struct ed_str name,
			   struct ed_str xml, struct ed_error *err)
{
	const char *what = xml.p ? "register the task" : "remove the task";
	ITaskService *service = NULL;
	ITaskFolder *folder = NULL;
	BSTR bstr = NULL;
	HRESULT began = com->initialize(NULL, COINIT_MULTITHREADED);
	HRESULT hr;

	/* a thread of the other model is as good */
	if (FAILED(began) && began != RPC_E_CHANGED_MODE)
		return fail_com(err, began, what);
	hr = com->create(&clsid_scheduler, NULL, CLSCTX_INPROC_SERVER, &iid_service,
			 (void **)&service);
	if (SUCCEEDED(hr))
		hr = root_folder(com, service, &folder);
	if (SUCCEEDED(hr)) {
		bstr = bstr_new(com, name);
		hr = E_OUTOFMEMORY;
		if (bstr && xml.p)
			hr = task_register(com, folder, bstr, xml);
		else if (bstr)
			hr = ITaskFolder_DeleteTask(folder, bstr, 0);
	}
	com->string_free(bstr);
	if (folder)
		ITaskFolder_Release(folder);
	if (service)
		ITaskService_Release(service);
	if (SUCCEEDED(began))
		com->uninitialize();
	if (SUCCEEDED(hr) || (!xml.p && is_absent(hr)))
		return ED_OK;
	return fail_com(err, hr, what);
}

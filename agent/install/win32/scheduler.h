/* SPDX-License-Identifier: MIT */
/* The Task Scheduler, by its COM interface. */
#ifndef AGENT_INSTALL_WIN32_SCHEDULER_H
#define AGENT_INSTALL_WIN32_SCHEDULER_H

#include "espdiag/base/error.h"
#include "espdiag/base/str.h"

#include <windows.h>
#include <oleauto.h>

/* The functions that are used of ole32 and oleaut32; tests give a scheduler of their own. */
struct ed_scheduler_com {
	HRESULT(WINAPI *initialize)(void *reserved, DWORD model);
	void(WINAPI *uninitialize)(void);
	HRESULT(WINAPI *create)
	(const GUID *clsid, IUnknown *outer, DWORD context, const GUID *iid, void **out);
	BSTR(WINAPI *string_new)(const OLECHAR *text, UINT len);
	void(WINAPI *string_free)(BSTR text);
};

/* ED_UNSUPPORTED: this Windows lacks COM. */
ed_status ed_scheduler_load(struct ed_scheduler_com *com, struct ed_error *err);

/*
 * Registers the task @name of the root folder, to be run as SYSTEM, or with @xml.p NULL deletes it;
 * deleting what is not there is ED_OK.
 */
ed_status ed_scheduler_set(const struct ed_scheduler_com *com, struct ed_str name,
			   struct ed_str xml, struct ed_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/* Folders for their owner, administrators and the system alone on Windows. */
#include "private_priv.h"

#include "espdiag/base/alloc.h"

#include "path_priv.h"

#include <windows.h>

#include <sddl.h>

/* Nothing from the folder above; all rights, also to what is made within, for three. */
static const wchar_t rights[] = L"D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;OW)";

ed_status private_folder_create(struct ed_str folder, struct ed_error *err)
{
	SECURITY_ATTRIBUTES security = { .nLength = sizeof(security) };
	DWORD code = ERROR_SUCCESS;
	wchar_t *wide;

	ED_TRY(path_wide(folder, L"", &wide, err));
	if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(
		    rights, SDDL_REVISION_1, &security.lpSecurityDescriptor, NULL) ||
	    !CreateDirectoryW(wide, &security))
		code = GetLastError();
	LocalFree(security.lpSecurityDescriptor);
	ed_free(wide);
	return code == ERROR_SUCCESS
		       ? ED_OK
		       : path_failed(err, code, "CreateDirectoryW", "make the folder", folder);
}

void ed_private_folder_remove(struct ed_str folder)
{
	wchar_t *wide;

	if (path_wide(folder, L"", &wide, NULL) != ED_OK)
		return;
	RemoveDirectoryW(wide);
	ed_free(wide);
}

/* SPDX-License-Identifier: MIT */
/* Libraries of Windows that are loaded when they are needed, from System32 alone. */
#include "espdiag/platform/library.h"

#include <windows.h>

#define NAME_CHARS 64 /* the longest name that is asked for has some twenty */

/* Never freed: functions of it are in use to the end. NULL: there is none. */
static HMODULE library_load(const char *dll)
{
	wchar_t wide[NAME_CHARS];
	size_t len = strlen(dll);

	if (len >= NAME_CHARS)
		return NULL;
	for (size_t i = 0; i <= len; i++) /* names of libraries are ASCII */
		wide[i] = (wchar_t)(unsigned char)dll[i];
	return LoadLibraryExW(wide, NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
}

ed_library_function *ed_library_symbol(const char *dll, const char *name)
{
	HMODULE module = library_load(dll);

	return module ? (ed_library_function *)GetProcAddress(module, name) : NULL;
}

typedef ATOM WINAPI register_class_fn(const WNDCLASSEXW *window_class);
typedef BOOL WINAPI unregister_class_fn(LPCWSTR name, HINSTANCE instance);

void ed_library_prepare(const char *const *dlls, size_t count)
{
	register_class_fn *add =
		(register_class_fn *)ed_library_symbol("user32.dll", "RegisterClassExW");
	unregister_class_fn *take =
		(unregister_class_fn *)ed_library_symbol("user32.dll", "UnregisterClassW");
	WNDCLASSEXW window_class = {
		.cbSize = sizeof(window_class),
		.lpfnWndProc = (WNDPROC)ed_library_symbol("user32.dll", "DefWindowProcW"),
		.hInstance = GetModuleHandleW(NULL),
		.lpszClassName = L"espdiag",
	};

	/* what is missing is told by the job that needs it */
	for (size_t i = 0; i < count; i++)
		(void)library_load(dlls[i]);
	if (add && take && window_class.lpfnWndProc && add(&window_class))
		take(window_class.lpszClassName, window_class.hInstance);
}

/* SPDX-License-Identifier: MIT */
/* Counts calls, and lets one fail. */
#include "fault.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define PLAN_CHARS 64

static const char *const kinds[FAULT_KINDS] = { "api", "read", "write", "memory" };

static struct {
	enum fault_kind kind;
	unsigned long at, code; /* at 0: nothing fails */
	bool each_thread, for_good, before, ends;
	volatile LONG *steps;
	DWORD slot; /* of the thread's own count */
} plan = { .at = 0 };

uint32_t fault_step(enum fault_kind kind)
{
	unsigned long n;

	if (!plan.steps)
		return 0;
	n = (unsigned long)InterlockedIncrement(&plan.steps[kind]);
	if (!plan.at || plan.kind != kind)
		return 0;
	if (plan.each_thread) {
		n = (unsigned long)(ULONG_PTR)TlsGetValue(plan.slot) + 1;
		TlsSetValue(plan.slot, (void *)(ULONG_PTR)n);
	}
	if (n != plan.at && !(plan.for_good && n > plan.at) && !(plan.before && n < plan.at))
		return 0;
	InterlockedIncrement(&plan.steps[FAULT_KINDS]);
	if (plan.ends)
		TerminateProcess(GetCurrentProcess(), plan.code);
	return (uint32_t)plan.code;
}

static bool fails(enum fault_kind kind)
{
	DWORD before = GetLastError();
	uint32_t code = fault_step(kind);

	SetLastError(code ? code : before);
	return code != 0;
}

/* The program's calls. Reading and opening to read, and what changes the disk. */

static HANDLE WINAPI fault_create(LPCWSTR name, DWORD access, DWORD share,
				  LPSECURITY_ATTRIBUTES security, DWORD disposition, DWORD flags,
				  HANDLE other)
{
	bool writes = access & (GENERIC_WRITE | FILE_APPEND_DATA | DELETE);

	if (fails(writes ? FAULT_WRITE : FAULT_READ))
		return INVALID_HANDLE_VALUE;
	return CreateFileW(name, access, share, security, disposition, flags, other);
}

static BOOL WINAPI fault_write(HANDLE file, LPCVOID bytes, DWORD len, LPDWORD done, LPOVERLAPPED at)
{
	/* a failure must be told somewhere */
	if (file != GetStdHandle(STD_ERROR_HANDLE) && fails(FAULT_WRITE))
		return FALSE;
	return WriteFile(file, bytes, len, done, at);
}

static BOOL WINAPI fault_flush(HANDLE file)
{
	return fails(FAULT_WRITE) ? FALSE : FlushFileBuffers(file);
}

static BOOL WINAPI fault_move(LPCWSTR from, LPCWSTR to, DWORD flags)
{
	return fails(FAULT_WRITE) ? FALSE : MoveFileExW(from, to, flags);
}

static BOOL WINAPI fault_delete(LPCWSTR name)
{
	return fails(FAULT_WRITE) ? FALSE : DeleteFileW(name);
}

static BOOL WINAPI fault_set(HANDLE file, FILE_INFO_BY_HANDLE_CLASS what, LPVOID in, DWORD len)
{
	return fails(FAULT_WRITE) ? FALSE : SetFileInformationByHandle(file, what, in, len);
}

static BOOL WINAPI fault_room(LPCWSTR folder, PULARGE_INTEGER mine, PULARGE_INTEGER all,
			      PULARGE_INTEGER left)
{
	return fails(FAULT_WRITE) ? FALSE : GetDiskFreeSpaceExW(folder, mine, all, left);
}

static BOOL WINAPI fault_read(HANDLE file, LPVOID out, DWORD len, LPDWORD done, LPOVERLAPPED at)
{
	return fails(FAULT_READ) ? FALSE : ReadFile(file, out, len, done, at);
}

static BOOL WINAPI fault_about(HANDLE file, LPBY_HANDLE_FILE_INFORMATION out)
{
	return fails(FAULT_READ) ? FALSE : GetFileInformationByHandle(file, out);
}

static HANDLE WINAPI fault_find(LPCWSTR name, FINDEX_INFO_LEVELS level, LPVOID out,
				FINDEX_SEARCH_OPS search, LPVOID filter, DWORD flags)
{
	if (fails(FAULT_READ))
		return INVALID_HANDLE_VALUE;
	return FindFirstFileExW(name, level, out, search, filter, flags);
}

static BOOL WINAPI fault_find_next(HANDLE find, LPWIN32_FIND_DATAW out)
{
	return fails(FAULT_READ) ? FALSE : FindNextFileW(find, out);
}

/* Of the registry a failure is returned. */
static LSTATUS registry_step(void)
{
	return (LSTATUS)fault_step(FAULT_READ);
}

static LSTATUS WINAPI fault_key_open(HKEY key, LPCWSTR name, DWORD options, REGSAM access,
				     PHKEY out)
{
	LSTATUS code = registry_step();

	return code ? code : RegOpenKeyExW(key, name, options, access, out);
}

static LSTATUS WINAPI fault_key_about(HKEY key, LPWSTR name, LPDWORD len, LPDWORD reserved,
				      LPDWORD keys, LPDWORD key_len, LPDWORD class_len,
				      LPDWORD values, LPDWORD value_len, LPDWORD data_len,
				      LPDWORD security_len, PFILETIME written)
{
	LSTATUS code = registry_step();

	return code ? code
		    : RegQueryInfoKeyW(key, name, len, reserved, keys, key_len, class_len, values,
				       value_len, data_len, security_len, written);
}

static LSTATUS WINAPI fault_key_next(HKEY key, DWORD i, LPWSTR name, LPDWORD len, LPDWORD reserved,
				     LPWSTR class_name, LPDWORD class_len, PFILETIME written)
{
	LSTATUS code = registry_step();

	return code ? code
		    : RegEnumKeyExW(key, i, name, len, reserved, class_name, class_len, written);
}

static LSTATUS WINAPI fault_value_next(HKEY key, DWORD i, LPWSTR name, LPDWORD len,
				       LPDWORD reserved, LPDWORD type, LPBYTE data,
				       LPDWORD data_len)
{
	LSTATUS code = registry_step();

	return code ? code : RegEnumValueW(key, i, name, len, reserved, type, data, data_len);
}

static LSTATUS WINAPI fault_value(HKEY key, LPCWSTR name, LPDWORD reserved, LPDWORD type,
				  LPBYTE data, LPDWORD data_len)
{
	LSTATUS code = registry_step();

	return code ? code : RegQueryValueExW(key, name, reserved, type, data, data_len);
}

/* The malloc of the program's own C library, not that of this one. */
static void *(__cdecl *real_malloc)(size_t size);
static void *(__cdecl *real_calloc)(size_t count, size_t size);
static void *(__cdecl *real_realloc)(void *old, size_t size);

static void *__cdecl fault_malloc(size_t size)
{
	return fails(FAULT_MEMORY) ? NULL : real_malloc(size);
}

static void *__cdecl fault_calloc(size_t count, size_t size)
{
	return fails(FAULT_MEMORY) ? NULL : real_calloc(count, size);
}

static void *__cdecl fault_realloc(void *old, size_t size)
{
	return fails(FAULT_MEMORY) ? NULL : real_realloc(old, size);
}

static const struct fault_import imports[] = {
	{ "CreateFileW", (fault_function *)fault_create, NULL },
	{ "WriteFile", (fault_function *)fault_write, NULL },
	{ "FlushFileBuffers", (fault_function *)fault_flush, NULL },
	{ "MoveFileExW", (fault_function *)fault_move, NULL },
	{ "DeleteFileW", (fault_function *)fault_delete, NULL },
	{ "SetFileInformationByHandle", (fault_function *)fault_set, NULL },
	{ "GetDiskFreeSpaceExW", (fault_function *)fault_room, NULL },
	{ "ReadFile", (fault_function *)fault_read, NULL },
	{ "GetFileInformationByHandle", (fault_function *)fault_about, NULL },
	{ "FindFirstFileExW", (fault_function *)fault_find, NULL },
	{ "FindNextFileW", (fault_function *)fault_find_next, NULL },
	{ "RegOpenKeyExW", (fault_function *)fault_key_open, NULL },
	{ "RegQueryInfoKeyW", (fault_function *)fault_key_about, NULL },
	{ "RegEnumKeyExW", (fault_function *)fault_key_next, NULL },
	{ "RegEnumValueW", (fault_function *)fault_value_next, NULL },
	{ "RegQueryValueExW", (fault_function *)fault_value, NULL },
	{ "malloc", (fault_function *)fault_malloc, (void *)&real_malloc },
	{ "calloc", (fault_function *)fault_calloc, (void *)&real_calloc },
	{ "realloc", (fault_function *)fault_realloc, (void *)&real_realloc },
};

/* The place in the program's table that holds the import's address. */
static void slot_take(void **slot, const struct fault_import *import)
{
	DWORD before;

	if (!VirtualProtect(slot, sizeof(*slot), PAGE_READWRITE, &before))
		return;
	if (import->real)
		memcpy(import->real, slot, sizeof(*slot));
	memcpy(slot, &import->instead, sizeof(*slot));
	VirtualProtect(slot, sizeof(*slot), before, &before);
}

void fault_imports(const struct fault_import *table, size_t count)
{
	const BYTE *image = (const void *)GetModuleHandleW(NULL);
	const IMAGE_DOS_HEADER *dos = (const void *)image;
	const IMAGE_NT_HEADERS *nt = (const void *)(image + dos->e_lfanew);
	DWORD at = nt->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT].VirtualAddress;
	const IMAGE_IMPORT_DESCRIPTOR *dll = (const void *)(image + at);

	for (; dll->Name; dll++) {
		const IMAGE_THUNK_DATA *name = (const void *)(image + dll->OriginalFirstThunk);
		void **slot = (void **)((ULONG_PTR)image + dll->FirstThunk);

		for (; name->u1.AddressOfData; name++, slot++) {
			const IMAGE_IMPORT_BY_NAME *by =
				(const void *)(image + name->u1.AddressOfData);

			for (size_t i = 0; i < count; i++)
				if (strcmp((const char *)by->Name, table[i].name) == 0)
					slot_take(slot, &table[i]);
		}
	}
}

void fault_begin(volatile LONG *steps)
{
	char text[PLAN_CHARS], how[8] = "", word[8] = "";
	const char *rest = text;
	DWORD n = GetEnvironmentVariableA("ESPDIAG_DOUBLE_FAULT", text, sizeof(text));

	if (!n || n >= sizeof(text))
		return;
	if (strncmp(text, "each ", 5) == 0 || strncmp(text, "end ", 4) == 0 ||
	    strncmp(text, "on ", 3) == 0 || strncmp(text, "to ", 3) == 0) {
		sscanf(text, "%7s", how);
		rest += strlen(how) + 1;
	}
	if (sscanf(rest, "%7s %lu %lu", word, &plan.at, &plan.code) != 3)
		return;
	plan.each_thread = strcmp(how, "each") == 0;
	plan.ends = strcmp(how, "end") == 0;
	plan.for_good = how[0] == 'o';
	plan.before = how[0] == 't';
	for (int kind = 0; kind < FAULT_KINDS; kind++)
		if (strcmp(word, kinds[kind]) == 0)
			plan.kind = (enum fault_kind)kind;
	plan.slot = TlsAlloc();
	plan.steps = steps;
	fault_imports(imports, sizeof(imports) / sizeof(imports[0]));
}

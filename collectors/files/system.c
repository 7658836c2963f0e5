/* SPDX-License-Identifier: MIT */
/* The two folders on this Windows, asked of Windows and not of the environment; and the jobs. */
#include "espdiag/collectors/files.h"

#include "espdiag/base/limits.h"
#include "espdiag/base/utf.h"
#include "espdiag/platform/library.h"
#include "files_priv.h"

#include <windows.h>

#define PATH_UNITS 32768

typedef HRESULT(WINAPI *known_folder_fn)(const GUID *id, DWORD flags, HANDLE token, wchar_t **path);
typedef void(WINAPI *task_free_fn)(void *p);

/* Declared here: the library that has it would have to be linked in for it. */
static const GUID program_data_id = {
	0x62AB5D82, 0xFDC1, 0x4DC3, { 0xA9, 0xDD, 0x07, 0x0D, 0x1D, 0x49, 0x5D, 0x97 }
};

static struct ed_str narrow(struct ed_arena *arena, const wchar_t *wide)
{
	return ed_arena_utf16le(arena, wide, wcslen(wide) * sizeof(*wide), NULL);
}

static struct ed_str windows_folder(struct ed_arena *arena)
{
	wchar_t *path = ed_arena_calloc(arena, PATH_UNITS, sizeof(*path));
	UINT n = path ? GetSystemWindowsDirectoryW(path, PATH_UNITS) : 0;

	return n && n < PATH_UNITS ? narrow(arena, path) : (struct ed_str){ NULL, 0 };
}

static struct ed_str program_data_folder(struct ed_arena *arena)
{
	known_folder_fn known_folder =
		(known_folder_fn)ed_library_symbol("shell32.dll", "SHGetKnownFolderPath");
	task_free_fn task_free = (task_free_fn)ed_library_symbol("ole32.dll", "CoTaskMemFree");
	struct ed_str folder = { NULL, 0 };
	wchar_t *path = NULL;

	if (!known_folder || !task_free)
		return folder;
	if (known_folder(&program_data_id, 0, NULL, &path) == S_OK && path)
		folder = narrow(arena, path);
	/* also when it failed, as its contract says */
	task_free(path);
	return folder;
}

enum part { LOGS, PROFILE, BOOT };

static const enum part parts[] = { LOGS, PROFILE, BOOT };

static ed_status run_part(const struct ed_live_job *job, const struct ed_live *live,
			  struct ed_recording *out, struct ed_error *err)
{
	enum part part = *(const enum part *)job->row;
	struct files_roots roots = { .separator = '\\' };
	struct ed_arena arena;
	ed_status status;

	ed_arena_init(&arena, ED_MIB);
	if (part == LOGS)
		roots.program_data = program_data_folder(&arena);
	else
		roots.windows = windows_folder(&arena);
	status = part == LOGS      ? files_record_logs(&roots, live, out, err)
		 : part == PROFILE ? files_record_profile(&roots, out, err)
				   : files_record_boot(&roots, live, out, err);
	ed_arena_release(&arena);
	return status;
}

static const struct ed_live_job jobs[] = {
	{ .name = "measured-boot logs",
	  .source = "%WINDIR%\\Logs\\MeasuredBoot",
	  .limit_ms = 8000,
	  .row = &parts[BOOT],
	  .run = run_part },
	{ .name = "Autopilot profile",
	  .source = "%WINDIR%\\ServiceState\\wmansvc\\AutopilotDDSZTDFile.json",
	  .limit_ms = 5000,
	  .row = &parts[PROFILE],
	  .run = run_part },
	{ .name = "logs of the Intune Management Extension",
	  .source = "%ProgramData%\\Microsoft\\IntuneManagementExtension\\Logs",
	  .late = true,
	  .limit_ms = 15000,
	  .row = &parts[LOGS],
	  .run = run_part },
};

const struct ed_live_jobs ed_files_jobs = { .jobs = jobs, .count = ED_COUNT(jobs) };

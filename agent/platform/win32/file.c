/* SPDX-License-Identifier: MIT */
/* Files, folders and the clock of Windows. */
#include "espdiag/platform/file.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/base/time.h"

#include "console_priv.h"
#include "path_priv.h"

#include <windows.h>

#define CHUNK_BYTES ((size_t)1 << 30) /* of one ReadFile or WriteFile */
#define TEMPORARY_TRIES 16
#define SHARE_ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)

struct ed_file {
	HANDLE handle;
	uint64_t size;
};

/* Only reparse points that stand for another name are links; others hold content of their own. */
static bool is_link(DWORD attributes, DWORD tag)
{
	return (attributes & FILE_ATTRIBUTE_REPARSE_POINT) && IsReparseTagNameSurrogate(tag);
}

static int64_t time_from_filetime(FILETIME t)
{
	uint64_t ticks = (uint64_t)t.dwHighDateTime << 32 | t.dwLowDateTime;

	/* zero is what a file system without such a time gives */
	return ticks && ticks <= INT64_MAX ? (int64_t)ticks : ED_TIME_NONE;
}

static struct ed_path_info info_from_parts(DWORD attributes, DWORD tag, DWORD high, DWORD low,
					   FILETIME written)
{
	struct ed_path_info info = {
		.kind = ED_PATH_FILE,
		.modified = time_from_filetime(written),
	};

	if (is_link(attributes, tag))
		info.kind = ED_PATH_LINK;
	else if (attributes & FILE_ATTRIBUTE_DIRECTORY)
		info.kind = ED_PATH_FOLDER;
	else if (attributes & FILE_ATTRIBUTE_DEVICE)
		info.kind = ED_PATH_OTHER;
	else
		info.size = (uint64_t)high << 32 | low;
	return info;
}

static ed_status handle_stat(HANDLE handle, struct ed_str path, struct ed_path_info *out,
			     struct ed_error *err)
{
	BY_HANDLE_FILE_INFORMATION info;
	FILE_ATTRIBUTE_TAG_INFO tag = { 0, 0 };

	if (GetFileType(handle) != FILE_TYPE_DISK) {
		*out = (struct ed_path_info){ .kind = ED_PATH_OTHER, .modified = ED_TIME_NONE };
		return ED_OK;
	}
	if (!GetFileInformationByHandle(handle, &info))
		return path_failed(err, GetLastError(), "GetFileInformationByHandle", "find", path);
	if (info.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT &&
	    !GetFileInformationByHandleEx(handle, FileAttributeTagInfo, &tag, sizeof(tag)))
		return path_failed(err, GetLastError(), "GetFileInformationByHandleEx", "find",
				   path);
	*out = info_from_parts(info.dwFileAttributes, tag.ReparseTag, info.nFileSizeHigh,
			       info.nFileSizeLow, info.ftLastWriteTime);
	return ED_OK;
}

static ed_status wide_stat(const wchar_t *wide, bool follow, struct ed_str path,
			   struct ed_path_info *out, struct ed_error *err)
{
	DWORD flags = FILE_FLAG_BACKUP_SEMANTICS | (follow ? 0 : FILE_FLAG_OPEN_REPARSE_POINT);
	HANDLE handle = CreateFileW(wide, FILE_READ_ATTRIBUTES, SHARE_ALL, NULL, OPEN_EXISTING,
				    flags, NULL);
	ed_status status;

	if (handle == INVALID_HANDLE_VALUE)
		return path_failed(err, GetLastError(), "CreateFileW", "find", path);
	status = handle_stat(handle, path, out, err);
	CloseHandle(handle);
	return status;
}

ed_status ed_path_stat(struct ed_str path, bool follow, struct ed_path_info *out,
		       struct ed_error *err)
{
	wchar_t *wide;
	ed_status status;

	ED_TRY(path_wide(path, L"", &wide, err));
	status = wide_stat(wide, follow, path, out, err);
	ed_free(wide);
	return status;
}

/*
 * Without @follow a link that took the file's place since it was looked at is opened as itself and
 * then refused. A reparse point with content of its own can be read only when it is followed.
 */
static ed_status wide_open(const wchar_t *wide, bool follow, struct ed_str path, HANDLE *handle,
			   uint64_t *size, struct ed_error *err)
{
	DWORD flags = FILE_FLAG_RANDOM_ACCESS;
	struct ed_path_info info;
	ed_status status;

	ED_TRY(wide_stat(wide, follow, path, &info, err));
	if (info.kind != ED_PATH_FILE)
		return ed_fail(err, ED_ARG, "'%.*s' is not an ordinary file", ED_FMT(path));
	if (!follow && !(GetFileAttributesW(wide) & FILE_ATTRIBUTE_REPARSE_POINT))
		flags |= FILE_FLAG_OPEN_REPARSE_POINT;
	*handle = CreateFileW(wide, GENERIC_READ, SHARE_ALL, NULL, OPEN_EXISTING, flags, NULL);
	if (*handle == INVALID_HANDLE_VALUE)
		return path_failed(err, GetLastError(), "CreateFileW", "open", path);
	status = handle_stat(*handle, path, &info, err);
	if (status == ED_OK && info.kind != ED_PATH_FILE)
		status = ed_fail(err, ED_ARG, "'%.*s' is not an ordinary file", ED_FMT(path));
	if (status != ED_OK)
		CloseHandle(*handle);
	*size = info.size;
	return status;
}

ed_status ed_file_open(struct ed_str path, bool follow, struct ed_file **file, struct ed_error *err)
{
	struct ed_file *f;
	wchar_t *wide;
	ed_status status;

	ED_TRY(path_wide(path, L"", &wide, err));
	f = ed_malloc(sizeof(*f));
	status = f ? wide_open(wide, follow, path, &f->handle, &f->size, err)
		   : ed_fail(err, ED_NOMEM, "out of memory while opening '%.*s'", ED_FMT(path));
	ed_free(wide);
	if (status != ED_OK) {
		ed_free(f);
		return status;
	}
	*file = f;
	return ED_OK;
}

void ed_file_close(struct ed_file *file)
{
	if (!file)
		return;
	CloseHandle(file->handle);
	ed_free(file);
}

uint64_t ed_file_size(const struct ed_file *file)
{
	return file->size;
}

ed_status ed_file_read_at(struct ed_file *file, uint64_t offset, void *out, size_t len, size_t *got,
			  struct ed_error *err)
{
	size_t done = 0;

	if (offset > INT64_MAX || len > INT64_MAX - offset)
		return ed_fail(err, ED_ARG, "read past any possible end");
	while (done < len) {
		uint64_t at = offset + done;
		size_t part = len - done < CHUNK_BYTES ? len - done : CHUNK_BYTES;
		OVERLAPPED where = { .Offset = (DWORD)at, .OffsetHigh = (DWORD)(at >> 32) };
		DWORD n = 0;

		if (!ReadFile(file->handle, (char *)out + done, (DWORD)part, &n, &where)) {
			DWORD code = GetLastError();

			if (code == ERROR_HANDLE_EOF)
				break;
			return ed_fail_os(err, ED_IO, (uint32_t)code, "ReadFile",
					  "cannot read at byte %llu: Windows error %lu",
					  (unsigned long long)at, (unsigned long)code);
		}
		if (n == 0)
			break;
		done += n;
	}
	*got = done;
	return ED_OK;
}

static int compare_entries(const void *left, const void *right)
{
	const struct ed_folder_entry *a = left, *b = right;

	return ed_str_cmp(a->name, b->name);
}

/* A growing list outside the arena, which only gets what is kept in the end. */
struct entry_list {
	struct ed_folder_entry *items;
	size_t count, cap;
};

static ed_status entry_add(struct entry_list *list, struct ed_arena *arena,
			   const WIN32_FIND_DATAW *found, struct ed_error *err)
{
	char name[MAX_PATH * 3 + 1]; /* cFileName is an array of MAX_PATH units */
	int n = WideCharToMultiByte(CP_UTF8, 0, found->cFileName, -1, name, sizeof(name), NULL,
				    NULL);
	struct ed_str copy;

	if (list->count == ED_LIMIT_MEMBERS)
		return ed_fail(err, ED_LIMIT, "more than %zu entries in one folder",
			       ED_LIMIT_MEMBERS);
	if (list->count == list->cap) {
		size_t cap = list->cap ? list->cap * 2 : 64;
		void *items = ed_realloc(list->items, cap * sizeof(*list->items));

		if (!items)
			return ed_fail(err, ED_NOMEM, "out of memory while listing a folder");
		list->items = items;
		list->cap = cap;
	}
	copy = ed_arena_str(arena, (struct ed_str){ name, n > 0 ? (size_t)n - 1 : 0 });
	if (!copy.p)
		return ed_fail(err, ED_NOMEM, "out of memory while listing a folder");
	list->items[list->count++] = (struct ed_folder_entry){
		.name = copy,
		.info = info_from_parts(found->dwFileAttributes, found->dwReserved0,
					found->nFileSizeHigh, found->nFileSizeLow,
					found->ftLastWriteTime),
	};
	return ED_OK;
}

static ed_status entries_read(const wchar_t *pattern, struct ed_str path, struct entry_list *list,
			      struct ed_arena *arena, struct ed_error *err)
{
	WIN32_FIND_DATAW found;
	HANDLE find = FindFirstFileExW(pattern, FindExInfoBasic, &found, FindExSearchNameMatch,
				       NULL, FIND_FIRST_EX_LARGE_FETCH);
	ed_status status = ED_OK;
	DWORD code;

	if (find == INVALID_HANDLE_VALUE) {
		code = GetLastError();
		/* the root of an empty drive has not even "." */
		return code == ERROR_FILE_NOT_FOUND
			       ? ED_OK
			       : path_failed(err, code, "FindFirstFileExW", "list", path);
	}
	do {
		if (wcscmp(found.cFileName, L".") != 0 && wcscmp(found.cFileName, L"..") != 0)
			status = entry_add(list, arena, &found, err);
	} while (status == ED_OK && FindNextFileW(find, &found));
	code = status == ED_OK ? GetLastError() : ERROR_NO_MORE_FILES;
	FindClose(find);
	if (code != ERROR_NO_MORE_FILES)
		return path_failed(err, code, "FindNextFileW", "list", path);
	return status;
}

ed_status ed_folder_list(struct ed_str path, struct ed_arena *arena,
			 struct ed_folder_entry **entries, size_t *count, struct ed_error *err)
{
	struct entry_list list = { .items = NULL };
	struct ed_folder_entry *kept;
	wchar_t *pattern;
	ed_status status;

	ED_TRY(path_wide(path, L"\\*", &pattern, err));
	status = entries_read(pattern, path, &list, arena, err);
	ed_free(pattern);
	if (status != ED_OK)
		goto out;
	kept = ed_arena_calloc(arena, list.count, sizeof(*kept));
	if (!kept) {
		status = ed_fail(err, ED_NOMEM, "out of memory while listing a folder");
		goto out;
	}
	if (list.count) {
		memcpy(kept, list.items, list.count * sizeof(*kept));
		qsort(kept, list.count, sizeof(*kept), compare_entries);
	}
	*entries = kept;
	*count = list.count;
out:
	ed_free(list.items);
	return status;
}

static ed_status write_all(HANDLE handle, struct ed_str bytes, struct ed_str path,
			   struct ed_error *err)
{
	size_t done = 0;

	while (done < bytes.len) {
		size_t part = bytes.len - done < CHUNK_BYTES ? bytes.len - done : CHUNK_BYTES;
		DWORD n = 0;

		if (!WriteFile(handle, bytes.p + done, (DWORD)part, &n, NULL))
			return path_failed(err, GetLastError(), "WriteFile", "write", path);
		done += n;
	}
	return ED_OK;
}

/* Whether the file goes when its handle is closed, be it by the end of the process. */
static bool handle_vanishes(HANDLE handle, bool vanishes)
{
	FILE_DISPOSITION_INFO info = { .DeleteFile = vanishes };

	return SetFileInformationByHandle(handle, FileDispositionInfo, &info, sizeof(info));
}

static ed_status handle_remove(HANDLE handle, struct ed_str path, struct ed_error *err)
{
	struct ed_path_info info;

	ED_TRY(handle_stat(handle, path, &info, err));
	if (info.kind != ED_PATH_FILE)
		return ed_fail(err, ED_ARG, "'%.*s' is not an ordinary file", ED_FMT(path));
	/* by its handle: the name may stand for something else by now */
	if (!handle_vanishes(handle, true))
		return path_failed(err, GetLastError(), "SetFileInformationByHandle", "remove",
				   path);
	return ED_OK;
}

ed_status ed_file_remove(struct ed_str path, struct ed_error *err)
{
	DWORD flags = FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT;
	ed_status status;
	wchar_t *wide;
	HANDLE handle;

	ED_TRY(path_wide(path, L"", &wide, err));
	handle = CreateFileW(wide, DELETE | FILE_READ_ATTRIBUTES, SHARE_ALL, NULL, OPEN_EXISTING,
			     flags, NULL);
	if (handle == INVALID_HANDLE_VALUE) {
		status = path_failed(err, GetLastError(), "CreateFileW", "remove", path);
	} else {
		status = handle_remove(handle, path, err);
		CloseHandle(handle);
	}
	ed_free(wide);
	return status;
}

/* A reparse point of any kind was opened as itself, so none may be written to. */
static ed_status handle_is_plain(HANDLE handle, struct ed_str path, struct ed_error *err)
{
	DWORD odd = FILE_ATTRIBUTE_REPARSE_POINT | FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_DEVICE;
	BY_HANDLE_FILE_INFORMATION info = { .dwFileAttributes = odd };

	if (GetFileType(handle) == FILE_TYPE_DISK && !GetFileInformationByHandle(handle, &info))
		return path_failed(err, GetLastError(), "GetFileInformationByHandle", "write",
				   path);
	if ((info.dwFileAttributes & odd) || info.nNumberOfLinks > 1)
		return ed_fail(err, ED_ARG, "'%.*s' is not an ordinary file of one name",
			       ED_FMT(path));
	return ED_OK;
}

ed_status ed_file_append(struct ed_str path, struct ed_str bytes, struct ed_error *err)
{
	ed_status status;
	wchar_t *wide;
	HANDLE handle;

	ED_TRY(path_wide(path, L"", &wide, err));
	handle = CreateFileW(wide, FILE_APPEND_DATA | FILE_READ_ATTRIBUTES, SHARE_ALL, NULL,
			     OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL | FILE_FLAG_OPEN_REPARSE_POINT,
			     NULL);
	if (handle == INVALID_HANDLE_VALUE) {
		status = path_failed(err, GetLastError(), "CreateFileW", "write", path);
	} else {
		status = handle_is_plain(handle, path, err);
		if (status == ED_OK)
			status = write_all(handle, bytes, path, err);
		CloseHandle(handle);
	}
	ed_free(wide);
	return status;
}

/* Cuts @wide behind the folder it lies in, unless it is a folder; L"" is the current one. */
static void cut_to_folder(wchar_t *wide)
{
	DWORD attributes = GetFileAttributesW(wide);
	size_t len = wcslen(wide);

	if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY))
		return;
	while (len && wide[len - 1] != L'/' && wide[len - 1] != L'\\' && wide[len - 1] != L':')
		len--;
	wide[len] = L'\0';
}

ed_status ed_free_bytes(struct ed_str path, uint64_t *out, struct ed_error *err)
{
	ed_status status = ED_OK;
	ULARGE_INTEGER room;
	wchar_t *wide;

	ED_TRY(path_wide(path, L"", &wide, err));
	cut_to_folder(wide);
	if (GetDiskFreeSpaceExW(*wide ? wide : NULL, &room, NULL, NULL))
		*out = room.QuadPart;
	else
		status = path_failed(err, GetLastError(), "GetDiskFreeSpaceExW",
				     "find the room for", path);
	ed_free(wide);
	return status;
}

struct ed_output {
	HANDLE handle;
	bool is_stdout, is_console;
	struct ed_str path;
	wchar_t *wide;
	wchar_t *temporary; /* NULL: written through */
	bool vanishes;      /* the temporary file, when the handle is closed */
};

/*
 * Always a new file: a machine that lost its power may have left one, and process numbers come
 * again. A process that ends, however it does, leaves none, where the file system can do that.
 */
static ed_status temporary_open(struct ed_output *o, struct ed_error *err)
{
	DWORD code = ERROR_FILE_EXISTS;
	wchar_t tail[32];

	for (int i = 0; i < TEMPORARY_TRIES && code == ERROR_FILE_EXISTS; i++) {
		swprintf(tail, ED_COUNT(tail), L".tmp-%lu-%d", (unsigned long)GetCurrentProcessId(),
			 i);
		ed_free(o->temporary);
		o->temporary = NULL;
		ED_TRY(path_wide(o->path, tail, &o->temporary, err));
		o->handle = CreateFileW(o->temporary, GENERIC_WRITE | DELETE, 0, NULL, CREATE_NEW,
					FILE_ATTRIBUTE_NORMAL | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
		code = o->handle == INVALID_HANDLE_VALUE ? GetLastError() : ERROR_SUCCESS;
	}
	if (code != ERROR_SUCCESS)
		return path_failed(err, code, "CreateFileW", "write", o->path);
	o->vanishes = handle_vanishes(o->handle, true);
	return ED_OK;
}

static ed_status output_begin(struct ed_output *o, bool is_new, struct ed_error *err)
{
	struct ed_path_info info;
	struct ed_error unused;
	DWORD mode;

	if (!is_new && ed_str_eq(o->path, ED_STR("-"))) {
		fflush(stdout);
		o->path = ED_STR("standard output");
		o->handle = GetStdHandle(STD_OUTPUT_HANDLE);
		o->is_stdout = true;
		o->is_console = GetConsoleMode(o->handle, &mode);
		return ED_OK;
	}
	ED_TRY(path_wide(o->path, L"", &o->wide, err));
	/* a device that the user named is written through, not replaced */
	if (is_new || wide_stat(o->wide, true, o->path, &info, &unused) != ED_OK ||
	    info.kind != ED_PATH_OTHER)
		return temporary_open(o, err);
	o->handle = CreateFileW(o->wide, GENERIC_WRITE, SHARE_ALL, NULL, OPEN_EXISTING,
				FILE_ATTRIBUTE_NORMAL, NULL);
	return o->handle == INVALID_HANDLE_VALUE
		       ? path_failed(err, GetLastError(), "CreateFileW", "write", o->path)
		       : ED_OK;
}

static void output_free(struct ed_output *o)
{
	ed_free(o->wide);
	ed_free(o->temporary);
	ed_free(o);
}

static ed_status output_open(struct ed_str path, bool is_new, struct ed_output **output,
			     struct ed_error *err)
{
	/* the path is kept behind the struct, for messages */
	struct ed_output *o = ed_calloc(1, sizeof(*o) + path.len);
	ed_status status;

	if (!o)
		return ed_fail(err, ED_NOMEM, "out of memory while opening '%.*s'", ED_FMT(path));
	if (path.len)
		memcpy((char *)(o + 1), path.p, path.len);
	o->path = (struct ed_str){ (char *)(o + 1), path.len };
	status = output_begin(o, is_new, err);
	if (status == ED_OK)
		*output = o;
	else
		output_free(o);
	return status;
}

ed_status ed_output_open(struct ed_str path, struct ed_output **output, struct ed_error *err)
{
	return output_open(path, false, output, err);
}

ed_status ed_output_open_new(struct ed_str path, struct ed_output **output, struct ed_error *err)
{
	return output_open(path, true, output, err);
}

ed_status ed_output_write(struct ed_output *output, struct ed_str bytes, struct ed_error *err)
{
	if (output->is_console)
		return ed_console_wide(output->handle, bytes, err);
	return write_all(output->handle, bytes, output->path, err);
}

/*
 * Gives the open file its name, so that nobody can put another in its place before; with @taken not
 * that of another file. ERROR_SUCCESS.
 */
static DWORD name_give(struct ed_output *o, bool *taken)
{
	size_t bytes = (wcslen(o->wide) + 1) * sizeof(*o->wide);
	size_t size = offsetof(FILE_RENAME_INFO, FileName) + bytes;
	FILE_RENAME_INFO *info = ed_calloc(1, size);
	DWORD code = ERROR_SUCCESS;

	if (!info)
		return ERROR_NOT_ENOUGH_MEMORY;
	info->ReplaceIfExists = !taken;
	info->FileNameLength = (DWORD)(bytes - sizeof(*o->wide));
	memcpy(info->FileName, o->wide, bytes);
	if (!SetFileInformationByHandle(o->handle, FileRenameInfo, info, (DWORD)size))
		code = GetLastError();
	ed_free(info);
	if (taken && (code == ERROR_ALREADY_EXISTS || code == ERROR_FILE_EXISTS))
		*taken = true;
	return code;
}

/* Sets *named when the file has its name, and what comes after that cannot be undone. */
static ed_status temporary_keep(struct ed_output *o, bool *taken, bool *named, struct ed_error *err)
{
	DWORD code;

	if (!FlushFileBuffers(o->handle))
		return path_failed(err, GetLastError(), "FlushFileBuffers", "write", o->path);
	if (o->vanishes && !handle_vanishes(o->handle, false))
		return path_failed(err, GetLastError(), "SetFileInformationByHandle", "write",
				   o->path);
	o->vanishes = false;
	code = name_give(o, taken);
	if (taken && *taken)
		return ED_OK;
	if (code != ERROR_SUCCESS)
		return path_failed(err, code, "SetFileInformationByHandle", "write", o->path);
	*named = true;
	/* the name as well must be on a stick that is pulled out now */
	return FlushFileBuffers(o->handle)
		       ? ED_OK
		       : path_failed(err, GetLastError(), "FlushFileBuffers", "write", o->path);
}

static ed_status output_close(struct ed_output *output, bool keep, bool *taken,
			      struct ed_error *err)
{
	ed_status status = ED_OK;
	bool named = !output->temporary;

	if (keep && output->temporary)
		status = temporary_keep(output, taken, &named, err);
	if (!named && !output->vanishes)
		output->vanishes = handle_vanishes(output->handle, true);
	if (!output->is_stdout)
		CloseHandle(output->handle);
	if (!named && !output->vanishes)
		DeleteFileW(output->temporary);
	output_free(output);
	return status;
}

ed_status ed_output_close(struct ed_output *output, bool keep, struct ed_error *err)
{
	return output ? output_close(output, keep, NULL, err) : ED_OK;
}

ed_status ed_output_close_new(struct ed_output *output, bool *taken, struct ed_error *err)
{
	*taken = false;
	return output_close(output, true, taken, err);
}

ed_status ed_file_write_whole(struct ed_str path, struct ed_str bytes, struct ed_error *err)
{
	struct ed_output *output;
	ed_status status, closed;

	ED_TRY(ed_output_open(path, &output, err));
	status = ed_output_write(output, bytes, err);
	closed = ed_output_close(output, status == ED_OK, err);
	return status != ED_OK ? status : closed;
}

int64_t ed_clock_now(void)
{
	FILETIME now;

	GetSystemTimePreciseAsFileTime(&now);
	return time_from_filetime(now);
}

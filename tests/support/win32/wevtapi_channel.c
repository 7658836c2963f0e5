/* SPDX-License-Identifier: MIT */
/* Channels of the double: text files in a folder, and how each is told to misbehave. */
#include "wevtapi_channel.h"

#include "espdiag/base/alloc.h"

#include <winevt.h>

#include <string.h>

#define FAULTS_TEXT 4096

size_t environment(const char *name, char *out, size_t cap)
{
	DWORD n = GetEnvironmentVariableA(name, out, (DWORD)cap);

	if (!n || n >= cap)
		n = 0;
	out[n] = 0;
	return n;
}

bool environment_path(const char *name, wchar_t out[CHANNEL_PATH])
{
	char text[CHANNEL_PATH];
	size_t n = environment(name, text, sizeof(text));
	size_t at = 0;

	if (!n || n + 3 > CHANNEL_PATH)
		return false;
	if (text[0] == '/') {
		out[at++] = L'Z';
		out[at++] = L':';
	}
	for (size_t i = 0; i <= n; i++)
		out[at++] = text[i] == '/' ? L'\\' : (wchar_t)(unsigned char)text[i];
	return true;
}

bool channel_path(struct ed_str channel, const char *suffix, wchar_t out[CHANNEL_PATH])
{
	size_t n;

	if (!environment_path("ESPDIAG_DOUBLE_EVENTS", out))
		return false;
	n = wcslen(out);
	if (n + channel.len + 16 + strlen(suffix) >= CHANNEL_PATH)
		return false;
	out[n++] = L'\\';
	for (size_t i = 0; i < channel.len; i++) {
		if (channel.p[i] == '/') {
			out[n++] = L'%';
			out[n++] = L'4';
		} else {
			out[n++] = (wchar_t)(unsigned char)channel.p[i];
		}
	}
	for (const char *p = suffix; *p; p++)
		out[n++] = (wchar_t)*p;
	out[n] = 0;
	return n < CHANNEL_PATH;
}

static void add_fault(struct faults *faults, struct ed_str what)
{
	uint32_t number = 0;

	if (ed_str_eq(what, ED_STR("denied")))
		faults->code = ERROR_ACCESS_DENIED;
	else if (ed_str_eq(what, ED_STR("absent")))
		faults->code = ERROR_EVT_CHANNEL_NOT_FOUND;
	else if (ed_str_eq(what, ED_STR("disabled")))
		faults->disabled = true;
	else if (ed_str_eq(what, ED_STR("hang")))
		faults->hang = true;
	else if (ed_str_eq(what, ED_STR("stale")))
		faults->always_stale = true;
	else if (ed_str_starts(what, ED_STR("slow:")))
		ed_number_u32(ed_str_slice(what, 5, what.len), &faults->slow_ms);
	else if (ed_number_u32(what, &number) && number == RPC_S_INVALID_BOUND)
		faults->bound = true;
	else if (number == ERROR_EVT_QUERY_RESULT_STALE)
		faults->stale = true;
	else
		faults->code = number ? number : ERROR_INVALID_PARAMETER;
}

struct faults faults_of(struct ed_str channel)
{
	struct faults faults = { .code = 0 };
	char text[FAULTS_TEXT];
	struct ed_str rest = { text,
			       environment("ESPDIAG_DOUBLE_EVENTS_FAIL", text, sizeof(text)) };
	struct ed_str row;

	while (ed_str_next(&rest, ';', &row)) {
		struct ed_str name;

		if (!ed_str_next(&row, '=', &name))
			continue;
		if (ed_str_ieq(name, channel) || ed_str_eq(name, ED_STR("*")))
			add_fault(&faults, row);
	}
	return faults;
}

/* An empty file cannot be mapped, and needs not be. */
static bool map_file(HANDLE file, struct ed_str *text)
{
	LARGE_INTEGER size;
	HANDLE mapping;

	*text = (struct ed_str){ NULL, 0 };
	if (!GetFileSizeEx(file, &size))
		return false;
	if (!size.QuadPart)
		return true;
	mapping = CreateFileMappingW(file, NULL, PAGE_READONLY, 0, 0, NULL);
	if (!mapping)
		return false;
	text->p = MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, 0);
	text->len = (size_t)size.QuadPart;
	CloseHandle(mapping);
	return text->p != NULL;
}

struct view *view_open(struct ed_str channel, uint32_t *code)
{
	wchar_t path[CHANNEL_PATH];
	struct view *view = NULL;
	HANDLE file;

	*code = ERROR_EVT_CHANNEL_NOT_FOUND;
	if (!channel_path(channel, ".xml", path))
		return NULL;
	file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
	if (file == INVALID_HANDLE_VALUE)
		return NULL;
	view = ed_calloc(1, sizeof(*view));
	if (!view || !map_file(file, &view->text)) {
		*code = ERROR_OUTOFMEMORY;
		ed_free(view);
		view = NULL;
	} else {
		view->refs = 1;
	}
	CloseHandle(file);
	return view;
}

void view_release(struct view *view)
{
	if (InterlockedDecrement(&view->refs))
		return;
	if (view->text.p)
		UnmapViewOfFile(view->text.p);
	ed_free(view);
}

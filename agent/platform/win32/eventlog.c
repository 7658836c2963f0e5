/* SPDX-License-Identifier: MIT */
/* The Application log of Windows. */
#include "espdiag/platform/eventlog.h"

#include "espdiag/base/alloc.h"

#include <windows.h>

static const WORD levels[] = {
	[ED_EVENTLOG_ERROR] = EVENTLOG_ERROR_TYPE,
	[ED_EVENTLOG_WARNING] = EVENTLOG_WARNING_TYPE,
	[ED_EVENTLOG_INFORMATION] = EVENTLOG_INFORMATION_TYPE,
};

/* @text in @room of ED_EVENTLOG_CHARS, cut between two characters. */
static void wide_fill(struct ed_str text, wchar_t *room)
{
	int n = 0;

	/* never more units than bytes */
	if (text.len >= ED_EVENTLOG_CHARS) {
		text.len = ED_EVENTLOG_CHARS - 1;
		while (text.len && ((unsigned char)text.p[text.len] & 0xC0) == 0x80)
			text.len--;
	}
	if (text.len)
		n = MultiByteToWideChar(CP_UTF8, 0, text.p, (int)text.len, room,
					ED_EVENTLOG_CHARS - 1);
	room[n > 0 ? n : 0] = L'\0';
}

ed_status ed_eventlog_write(struct ed_str source, uint32_t id, enum ed_eventlog_level level,
			    const struct ed_str *strings, size_t count, struct ed_error *err)
{
	const wchar_t *pointers[ED_EVENTLOG_STRINGS];
	wchar_t *room;
	HANDLE log;
	DWORD code = ERROR_SUCCESS;

	if (count > ED_EVENTLOG_STRINGS)
		return ed_fail(err, ED_ARG, "too many strings for an event");
	room = ed_malloc((count + 1) * ED_EVENTLOG_CHARS * sizeof(*room));
	if (!room)
		return ed_fail(err, ED_NOMEM, "out of memory for an event");
	wide_fill(source, room);
	for (size_t i = 0; i < count; i++) {
		wchar_t *mine = room + (i + 1) * ED_EVENTLOG_CHARS;

		wide_fill(strings[i], mine);
		pointers[i] = mine;
	}
	log = RegisterEventSourceW(NULL, room);
	if (!log)
		code = GetLastError();
	else if (!ReportEventW(log, levels[level], 0, id, NULL, (WORD)count, 0, pointers, NULL))
		code = GetLastError();
	if (log)
		DeregisterEventSource(log);
	ed_free(room);
	if (code == ERROR_SUCCESS && log)
		return ED_OK;
	return ed_fail_os(err, code == ERROR_ACCESS_DENIED ? ED_ACCESS : ED_IO, (uint32_t)code,
			  "ReportEventW", "cannot write to the event log: Windows error %lu",
			  (unsigned long)code);
}

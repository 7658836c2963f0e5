/* SPDX-License-Identifier: MIT */
/* One thread looks at the files of all channels that somebody subscribed to. */
#include "wevtapi_grow.h"

#include "wevtapi_channel.h"

#define LOOK_MS 15

struct growing {
	bool used;
	wchar_t path[CHANNEL_PATH];
	uint64_t size;
	HANDLE signal;
	volatile LONG *signals;
};

static struct growing table[GROWING_MOST];
static SRWLOCK lock = SRWLOCK_INIT;
static bool looking;

static uint64_t size_of(const wchar_t *path)
{
	WIN32_FILE_ATTRIBUTE_DATA data;

	if (!GetFileAttributesExW(path, GetFileExInfoStandard, &data))
		return 0;
	return (uint64_t)data.nFileSizeHigh << 32 | data.nFileSizeLow;
}

static DWORD WINAPI look(void *context)
{
	(void)context;
	for (;;) {
		Sleep(LOOK_MS);
		AcquireSRWLockExclusive(&lock);
		for (size_t i = 0; i < GROWING_MOST; i++) {
			struct growing *g = &table[i];
			uint64_t size = g->used ? size_of(g->path) : 0;

			if (!g->used || size == g->size)
				continue;
			g->size = size;
			InterlockedIncrement(g->signals);
			SetEvent(g->signal);
		}
		ReleaseSRWLockExclusive(&lock);
	}
	return 0;
}

int grow_begin(struct ed_str channel, HANDLE signal, volatile LONG *signals)
{
	int number = -1;

	AcquireSRWLockExclusive(&lock);
	for (int i = 0; i < GROWING_MOST && number < 0; i++) {
		struct growing *g = &table[i];

		if (g->used || !channel_path(channel, ".xml", g->path))
			continue;
		g->used = true;
		g->size = size_of(g->path);
		g->signal = signal;
		g->signals = signals;
		number = i;
	}
	if (number >= 0 && !looking) {
		HANDLE thread = CreateThread(NULL, 0, look, NULL, 0, NULL);

		looking = thread != NULL;
		if (thread)
			CloseHandle(thread);
	}
	ReleaseSRWLockExclusive(&lock);
	return number;
}

void grow_end(int number)
{
	AcquireSRWLockExclusive(&lock);
	table[number].used = false;
	ReleaseSRWLockExclusive(&lock);
}

bool bookmark_read(struct ed_str xml, uint64_t *record)
{
	struct ed_str begin = ED_STR("<BookmarkList><Bookmark Channel='");
	struct ed_str mark = ED_STR("' RecordId='"), end = ED_STR("' IsCurrent='true'/>");
	size_t from = ed_str_find(xml, mark, 0);
	size_t to = from == SIZE_MAX ? from : ed_str_find(xml, end, from);

	return ed_str_starts(xml, begin) && to != SIZE_MAX &&
	       ed_str_ends(xml, ED_STR("</BookmarkList>")) &&
	       ed_number_parse(ed_str_slice(xml, from + mark.len, to), record);
}

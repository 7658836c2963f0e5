/* SPDX-License-Identifier: MIT */
/* The signs of Windows: one handle for all subscriptions, one for each key. */
#include "espdiag/collectors/wevt_watch.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/escape.h"
#include "espdiag/base/limits.h"
#include "espdiag/platform/library.h"
#include "espdiag/platform/task.h"

#include "system_priv.h"

#include <windows.h>
#include <winevt.h>

#include <inttypes.h>
#include <string.h>

/* Far below the 64 handles of one wait. */
#define KEYS_MOST 16
/* Between two looks for a key that is not there. */
#define LOOK_MS 2000

typedef EVT_HANDLE WINAPI subscribe_fn(EVT_HANDLE, HANDLE, LPCWSTR, LPCWSTR, EVT_HANDLE, PVOID,
				       EVT_SUBSCRIBE_CALLBACK, DWORD);
typedef EVT_HANDLE WINAPI bookmark_fn(LPCWSTR);
typedef WINBOOL WINAPI close_fn(EVT_HANDLE);

struct listened {
	wchar_t *name;
	HKEY key; /* NULL: not there, or may not be read */
	HANDLE changed;
};

struct signs {
	subscribe_fn *subscribe;
	bookmark_fn *bookmark;
	close_fn *close;
	HANDLE arrived;
	struct listened keys[KEYS_MOST];
	size_t key_count;
	uint64_t looked_ms;
};

/* A bookmark is XML that anybody may write: a record of a channel. NULL when that fails. */
static EVT_HANDLE bookmark_new(const struct signs *s, struct ed_str channel, uint64_t record)
{
	EVT_HANDLE bookmark = NULL;
	struct ed_buf xml;
	wchar_t *wide;

	ed_buf_init(&xml, ED_LIMIT_NAME_BYTES);
	ed_buf_addz(&xml, "<BookmarkList><Bookmark Channel='");
	ed_buf_escape(&xml, channel, ED_ESCAPE_XML_ATTRIBUTE);
	ed_buf_printf(&xml, "' RecordId='%" PRIu64 "' IsCurrent='true'/></BookmarkList>", record);
	wide = xml.status == ED_OK ? wevt_wide(ed_buf_str(&xml)) : NULL;
	if (wide)
		bookmark = s->bookmark(wide);
	ed_free(wide);
	ed_buf_release(&xml);
	return bookmark;
}

/* Behind a record that is no more, or of a log that was cleared since, all there is is new. */
static uint32_t subscribe(void *context, struct ed_str query, struct ed_str channel, uint64_t after,
			  void **subscription)
{
	const struct signs *s = context;
	EVT_HANDLE bookmark = after ? bookmark_new(s, channel, after) : NULL;
	wchar_t *wide = wevt_wide(query);
	uint32_t code = ED_WEVT_OK;

	if (!wide || (after && !bookmark)) {
		code = ERROR_OUTOFMEMORY;
	} else {
		SetLastError(0);
		*subscription = s->subscribe(NULL, s->arrived, NULL, wide, bookmark, NULL, NULL,
					     bookmark ? EvtSubscribeStartAfterBookmark
						      : EvtSubscribeStartAtOldestRecord);
		if (!*subscription)
			code = wevt_last_code();
	}
	if (bookmark)
		s->close(bookmark);
	ed_free(wide);
	/* what came before there was a signal to wait for */
	if (code == ED_WEVT_OK)
		SetEvent(s->arrived);
	return code;
}

/* Asks to be told of the next change; false: the key cannot be listened to any more. */
static bool key_arm(struct listened *l)
{
	const DWORD what = REG_NOTIFY_CHANGE_NAME | REG_NOTIFY_CHANGE_LAST_SET;

	if (RegNotifyChangeKeyValue(l->key, TRUE, what, l->changed, TRUE) == ERROR_SUCCESS)
		return true;
	RegCloseKey(l->key);
	l->key = NULL;
	return false;
}

static bool key_find(struct listened *l)
{
	HKEY key;

	if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, l->name, 0, KEY_NOTIFY | KEY_WOW64_64KEY, &key) !=
	    ERROR_SUCCESS)
		return false;
	l->key = key;
	return key_arm(l);
}

static uint32_t listen_to(void *context, struct ed_str key)
{
	struct signs *s = context;
	struct listened *l = &s->keys[s->key_count];

	if (s->key_count == KEYS_MOST)
		return ERROR_TOO_MANY_NAMES;
	*l = (struct listened){ .name = wevt_wide(key) };
	if (!l->name)
		return ERROR_OUTOFMEMORY;
	l->changed = CreateEventW(NULL, FALSE, FALSE, NULL);
	if (!l->changed) {
		ed_free(l->name);
		return wevt_last_code();
	}
	s->key_count++;
	(void)key_find(l);
	return ED_WEVT_OK;
}

/* True when one of those that were missing is there by now. */
static bool keys_look(struct signs *s)
{
	uint64_t now = ed_clock_ms();
	bool found = false;

	if (now - s->looked_ms < LOOK_MS)
		return false;
	s->looked_ms = now;
	for (size_t i = 0; i < s->key_count; i++)
		if (!s->keys[i].key && key_find(&s->keys[i]))
			found = true;
	return found;
}

/* The wait tells of one handle only, the first: the others are asked. */
static bool keys_take(struct signs *s)
{
	bool changed = false;

	for (size_t i = 0; i < s->key_count; i++) {
		if (WaitForSingleObject(s->keys[i].changed, 0) != WAIT_OBJECT_0)
			continue;
		changed = true;
		if (s->keys[i].key)
			(void)key_arm(&s->keys[i]);
	}
	return changed;
}

static unsigned wait_for(void *context, uint32_t ms)
{
	struct signs *s = context;
	HANDLE handles[1 + KEYS_MOST] = { s->arrived };
	unsigned signs = 0;
	DWORD found;

	for (size_t i = 0; i < s->key_count; i++)
		handles[1 + i] = s->keys[i].changed;
	found = WaitForMultipleObjects((DWORD)s->key_count + 1, handles, FALSE, ms);
	if (found == WAIT_FAILED)
		return ED_WATCH_BROKEN;
	if (found > WAIT_OBJECT_0 && found <= WAIT_OBJECT_0 + s->key_count)
		SetEvent(handles[found - WAIT_OBJECT_0]); /* the wait has reset it: for keys_take */
	/* before the events are taken: what comes then signals anew */
	if (WaitForSingleObject(s->arrived, 0) == WAIT_OBJECT_0) {
		ResetEvent(s->arrived);
		signs |= ED_WATCH_EVENTS;
	}
	if (keys_take(s) || keys_look(s))
		signs |= ED_WATCH_KEYS;
	return signs;
}

static ed_library_function *symbol(const char *name)
{
	return ed_library_symbol("wevtapi.dll", name);
}

ed_status ed_watch_signs_new(struct ed_watch_signs *signs, struct ed_error *err)
{
	struct signs *s = ed_calloc(1, sizeof(*s));

	if (!s)
		return ed_fail(err, ED_NOMEM, "out of memory");
	s->subscribe = (subscribe_fn *)symbol("EvtSubscribe");
	s->bookmark = (bookmark_fn *)symbol("EvtCreateBookmark");
	s->close = (close_fn *)symbol("EvtClose");
	/* resets by hand, as subscriptions want it */
	s->arrived = CreateEventW(NULL, TRUE, FALSE, NULL);
	if (!s->subscribe || !s->bookmark || !s->close || !s->arrived) {
		if (s->arrived)
			CloseHandle(s->arrived);
		ed_free(s);
		return ed_fail(err, ED_UNSUPPORTED, "this Windows has no event log to follow");
	}
	*signs = (struct ed_watch_signs){
		.context = s,
		.subscribe = subscribe,
		.listen = listen_to,
		.wait = wait_for,
	};
	return ED_OK;
}

void ed_watch_signs_free(struct ed_watch_signs *signs)
{
	struct signs *s = signs->context;

	if (!s)
		return;
	for (size_t i = 0; i < s->key_count; i++) {
		if (s->keys[i].key)
			RegCloseKey(s->keys[i].key);
		CloseHandle(s->keys[i].changed);
		ed_free(s->keys[i].name);
	}
	CloseHandle(s->arrived);
	ed_free(s);
	signs->context = NULL;
}

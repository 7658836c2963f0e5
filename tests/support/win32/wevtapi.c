/* SPDX-License-Identifier: MIT */
/*
 * A double of wevtapi.dll for tests under Wine, whose own only has stubs. It serves the events of a
 * folder, refuses what the program must not rely on, can be told to fail, and counts what was
 * called and what was left open.
 *
 * ESPDIAG_DOUBLE_EVENTS       the folder: a file a channel, one event a line, as tests/win32/
 *                             prepare_events.py makes it and as events/ of a bundle is
 * ESPDIAG_DOUBLE_EVENTS_FAIL  "channel=fault;channel=fault", '*' for all channels; faults: denied,
 *                             absent, disabled, hang, slow:MILLISECONDS (each EvtNext), 1734,
 *                             15011 (once), stale (15011 for ever), another number: EvtQuery fails
 *                             with it
 * ESPDIAG_DOUBLE_FAULT        one call that fails, of this or the program's own: see fault.h
 * ESPDIAG_DOUBLE_CLOCK        the program's clock, set while it runs: see clock.h
 * ESPDIAG_DOUBLE_EVENTLOG     what it writes to the event log: see eventlog.h
 * A file that grows signals the subscriptions to its channel, which then have the new events.
 *
 * ESPDIAG_DOUBLE_REPORT       a file for the counters, right at any time: see open_report
 */
#include "clock.h"
#include "eventlog.h"
#include "fault.h"
#include "wevtapi_channel.h"
#include "wevtapi_grow.h"
#include "wevtapi_query.h"

#include "espdiag/base/alloc.h"

#include <winevt.h>

#include <string.h>

#define QUERY_MOST 65536
#define REPORT_NAMES 512
#define BOUND_BATCH 8
#define PROPERTY_CHARS 256

#define CALL_LIST(X)                                                                               \
	X(CALL_QUERY, "EvtQuery")                                                                  \
	X(CALL_NEXT, "EvtNext")                                                                    \
	X(CALL_RENDER, "EvtRender")                                                                \
	X(CALL_CLOSE, "EvtClose")                                                                  \
	X(CALL_CONFIG_OPEN, "EvtOpenChannelConfig")                                                \
	X(CALL_CONFIG_GET, "EvtGetChannelConfigProperty")                                          \
	X(CALL_EXPORT, "EvtExportLog")                                                             \
	X(CALL_SUBSCRIBE, "EvtSubscribe")                                                          \
	X(CALL_BOOKMARK, "EvtCreateBookmark")                                                      \
	X(CALL_OTHER, "other")                                                                     \
	X(CALL_ALL, "calls")                                                                       \
	X(COUNT_EVENTS, "events")                                                                  \
	X(COUNT_RENDERED, "rendered")                                                              \
	X(COUNT_REFUSED, "refused")                                                                \
	X(COUNT_SIGNALS, "signals")                                                                \
	X(COUNT_OPEN, "open")                                                                      \
	X(COUNT_WRONG_THREAD, "wrong-thread")                                                      \
	X(COUNT_BAD_HANDLE, "bad-handle")                                                          \
	X(STEP_API, "step-api")                                                                    \
	X(STEP_READ, "step-read")                                                                  \
	X(STEP_WRITE, "step-write")                                                                \
	X(STEP_MEMORY, "step-memory")                                                              \
	X(STEP_FAILED, "step-failed")

enum counter {
#define COUNTER(name, word) name,
	CALL_LIST(COUNTER)
#undef COUNTER
		COUNTERS
};

static const char *const words[] = {
#define COUNTER(name, word) word,
	CALL_LIST(COUNTER)
#undef COUNTER
};

/* In the report's file when one is wanted, so that they survive however the process ends. */
static volatile LONG own_counters[COUNTERS];
static volatile LONG *counters = own_counters;

enum handle_kind {
	HANDLE_RESULTS,
	HANDLE_EVENT,
	HANDLE_CONFIG,
	HANDLE_SUBSCRIPTION,
	HANDLE_BOOKMARK,
};

#define HANDLE_MAGIC UINT64_C(0x6576742d68616e64)

struct handle {
	uint64_t magic;
	enum handle_kind kind;
	DWORD thread;
	struct view *view;
	struct ed_str line; /* of an event */
	struct faults faults;
	/* of results */
	struct query query;
	bool reverse, bounded;
	size_t at;
	unsigned nexts;
	/* of subscriptions and bookmarks */
	uint64_t record; /* only events behind it */
	int growing;
};

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, LPVOID reserved);
EVT_HANDLE WINAPI double_query(EVT_HANDLE session, LPCWSTR path, LPCWSTR text, DWORD flags);
BOOL WINAPI double_next(EVT_HANDLE results, DWORD count, EVT_HANDLE *events, DWORD timeout,
			DWORD flags, PDWORD returned);
EVT_HANDLE WINAPI double_subscribe(EVT_HANDLE session, HANDLE signal, LPCWSTR path, LPCWSTR text,
				   EVT_HANDLE bookmark, PVOID context,
				   EVT_SUBSCRIBE_CALLBACK callback, DWORD flags);
EVT_HANDLE WINAPI double_bookmark(LPCWSTR text);
BOOL WINAPI double_render(EVT_HANDLE context, EVT_HANDLE event, DWORD flags, DWORD size,
			  PVOID buffer, PDWORD used, PDWORD properties);
BOOL WINAPI double_close(EVT_HANDLE object);
EVT_HANDLE WINAPI double_config_open(EVT_HANDLE session, LPCWSTR channel, DWORD flags);
BOOL WINAPI double_config_get(EVT_HANDLE config, EVT_CHANNEL_CONFIG_PROPERTY_ID property,
			      DWORD flags, DWORD size, PEVT_VARIANT value, PDWORD used);
BOOL WINAPI double_export(EVT_HANDLE session, LPCWSTR path, LPCWSTR query, LPCWSTR target,
			  DWORD flags);
uint32_t __cdecl double_fault(void);
ULONG_PTR WINAPI not_implemented(void);

static void count(enum counter counter)
{
	InterlockedIncrement(&counters[counter]);
}

static BOOL fail(uint32_t code)
{
	SetLastError(code);
	return FALSE;
}

/* False, with the code set: it has to fail at once. */
static bool call_begin(enum counter counter)
{
	uint32_t code = fault_step(FAULT_API);

	count(counter);
	count(CALL_ALL);
	return code ? fail(code) : TRUE;
}

static struct handle *handle_new(enum handle_kind kind)
{
	struct handle *h = ed_calloc(1, sizeof(*h));

	if (!h) {
		SetLastError(ERROR_OUTOFMEMORY);
		return NULL;
	}
	h->magic = HANDLE_MAGIC;
	h->kind = kind;
	h->thread = GetCurrentThreadId();
	count(COUNT_OPEN);
	return h;
}

/* NULL, with the code set, for what is no handle of that kind. */
static struct handle *handle_of(EVT_HANDLE object, enum handle_kind kind)
{
	struct handle *h = object;

	if (!h || h->magic != HANDLE_MAGIC || h->kind != kind) {
		count(COUNT_BAD_HANDLE);
		SetLastError(ERROR_INVALID_HANDLE);
		return NULL;
	}
	if (h->thread != GetCurrentThreadId())
		count(COUNT_WRONG_THREAD);
	return h;
}

static void handle_free(struct handle *h)
{
	h->magic = 0;
	if (h->kind == HANDLE_SUBSCRIPTION && h->growing >= 0)
		grow_end(h->growing);
	if (h->view)
		view_release(h->view);
	ed_free(h->query.selects);
	ed_free(h);
	InterlockedDecrement(&counters[COUNT_OPEN]);
}

/* UTF-8 of @wide; ed_free. */
static char *narrow(LPCWSTR wide, size_t *len)
{
	int n = wide ? WideCharToMultiByte(CP_UTF8, 0, wide, -1, NULL, 0, NULL, NULL) : 0;
	char *text = n > 0 && n < QUERY_MOST ? ed_malloc((size_t)n) : NULL;

	if (!text)
		return NULL;
	WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, n, NULL, NULL);
	*len = (size_t)n - 1;
	return text;
}

static uint32_t prepare_results(struct handle *h, struct ed_str text)
{
	struct ed_str channel;
	uint32_t code;

	h->query.selects = ed_calloc(QUERY_SELECTS, sizeof(*h->query.selects));
	if (!h->query.selects)
		return ERROR_OUTOFMEMORY;
	if (!query_parse(&h->query, text)) {
		count(COUNT_REFUSED);
		return ERROR_EVT_INVALID_QUERY;
	}
	channel = ed_str_from(h->query.channel);
	h->faults = faults_of(channel);
	while (h->faults.hang)
		Sleep(INFINITE);
	if (h->faults.code)
		return h->faults.code;
	h->view = view_open(channel, &code);
	if (!h->view)
		return code;
	h->bounded = ed_str_find(text, ED_STR("EventRecordID &lt;"), 0) != SIZE_MAX;
	h->at = h->reverse ? h->view->text.len : 0;
	return 0;
}

EVT_HANDLE WINAPI double_query(EVT_HANDLE session, LPCWSTR path, LPCWSTR text, DWORD flags)
{
	DWORD direction = flags & (EvtQueryForwardDirection | EvtQueryReverseDirection);
	struct handle *h;
	uint32_t code;
	size_t len;
	char *query;

	if (!call_begin(CALL_QUERY))
		return NULL;
	if (session || path || !(flags & EvtQueryChannelPath) ||
	    direction == (EvtQueryForwardDirection | EvtQueryReverseDirection)) {
		SetLastError(ERROR_INVALID_PARAMETER);
		return NULL;
	}
	query = narrow(text, &len);
	h = query ? handle_new(HANDLE_RESULTS) : NULL;
	if (!h) {
		ed_free(query);
		SetLastError(ERROR_OUTOFMEMORY);
		return NULL;
	}
	h->reverse = direction == EvtQueryReverseDirection;
	code = prepare_results(h, (struct ed_str){ query, len });
	ed_free(query);
	if (!code)
		return h;
	handle_free(h);
	SetLastError(code);
	return NULL;
}

/* The next line in the handle's direction; false at the end. */
static bool next_line(struct handle *h, struct ed_str *line)
{
	struct ed_str text = h->view->text;
	size_t from, to;

	if (!h->reverse) {
		if (h->at >= text.len)
			return false;
		to = ed_str_find(text, ED_STR("\n"), h->at);
		to = to == SIZE_MAX ? text.len : to;
		*line = ed_str_slice(text, h->at, to);
		h->at = to + 1;
		return true;
	}
	if (!h->at)
		return false;
	to = h->at;
	if (text.p[to - 1] == '\n')
		to--;
	for (from = to; from && text.p[from - 1] != '\n';)
		from--;
	*line = ed_str_slice(text, from, to);
	h->at = from;
	return true;
}

static bool next_match(struct handle *h, struct ed_str *line)
{
	struct query_event event;

	while (next_line(h, line))
		if (query_event_read(*line, &event) && query_matches(&h->query, &event))
			return true;
	return false;
}

static uint32_t next_fault(struct handle *h, DWORD count_wanted)
{
	struct ed_str line;

	if (h->faults.slow_ms)
		Sleep(h->faults.slow_ms);
	h->nexts++;
	if (h->faults.always_stale || (h->faults.stale && h->nexts == 2 && !h->bounded))
		return ERROR_EVT_QUERY_RESULT_STALE;
	if (!h->faults.bound || count_wanted <= BOUND_BATCH)
		return 0;
	for (DWORD i = 0; i < count_wanted && next_match(h, &line); i++)
		;
	return RPC_S_INVALID_BOUND;
}

/* The lines that are whole by now; what an earlier call gave is behind h->at. */
static uint32_t subscription_look(struct handle *h)
{
	uint32_t code;

	if (h->view)
		view_release(h->view);
	h->view = view_open(ed_str_from(h->query.channel), &code);
	if (!h->view)
		return code;
	while (h->view->text.len && h->view->text.p[h->view->text.len - 1] != '\n')
		h->view->text.len--;
	return 0;
}

static bool is_behind(const struct handle *h, struct ed_str line)
{
	struct query_event event;

	return h->kind != HANDLE_SUBSCRIPTION ||
	       (query_event_read(line, &event) && event.record > h->record);
}

static uint32_t prepare_subscription(struct handle *h, struct ed_str text, HANDLE signal)
{
	uint32_t code;

	h->growing = -1;
	h->query.selects = ed_calloc(QUERY_SELECTS, sizeof(*h->query.selects));
	if (!h->query.selects)
		return ERROR_OUTOFMEMORY;
	if (!query_parse(&h->query, text)) {
		count(COUNT_REFUSED);
		return ERROR_EVT_INVALID_QUERY;
	}
	h->faults = faults_of(ed_str_from(h->query.channel));
	code = h->faults.code ? h->faults.code : subscription_look(h);
	if (code)
		return code;
	h->growing = grow_begin(ed_str_from(h->query.channel), signal, &counters[COUNT_SIGNALS]);
	if (h->growing < 0)
		return ERROR_TOO_MANY_NAMES;
	if (h->view->text.len)
		SetEvent(signal);
	return 0;
}

EVT_HANDLE WINAPI double_subscribe(EVT_HANDLE session, HANDLE signal, LPCWSTR path, LPCWSTR text,
				   EVT_HANDLE bookmark, PVOID context,
				   EVT_SUBSCRIBE_CALLBACK callback, DWORD flags)
{
	struct handle *mark = NULL, *h;
	uint32_t code;
	size_t len;
	char *query;

	if (!call_begin(CALL_SUBSCRIBE))
		return NULL;
	if (bookmark)
		mark = handle_of(bookmark, HANDLE_BOOKMARK);
	if (session || path || context || callback || !signal || (bookmark && !mark) ||
	    flags != (mark ? EvtSubscribeStartAfterBookmark : EvtSubscribeStartAtOldestRecord)) {
		SetLastError(ERROR_INVALID_PARAMETER);
		return NULL;
	}
	query = narrow(text, &len);
	h = query ? handle_new(HANDLE_SUBSCRIPTION) : NULL;
	if (!h) {
		ed_free(query);
		SetLastError(ERROR_OUTOFMEMORY);
		return NULL;
	}
	h->record = mark ? mark->record : 0;
	code = prepare_subscription(h, (struct ed_str){ query, len }, signal);
	ed_free(query);
	if (!code)
		return h;
	handle_free(h);
	SetLastError(code);
	return NULL;
}

EVT_HANDLE WINAPI double_bookmark(LPCWSTR text)
{
	struct handle *h = NULL;
	uint64_t record = 0;
	size_t len = 0;
	char *xml;

	if (!call_begin(CALL_BOOKMARK))
		return NULL;
	xml = narrow(text, &len);
	if (xml && bookmark_read((struct ed_str){ xml, len }, &record))
		h = handle_new(HANDLE_BOOKMARK);
	ed_free(xml);
	if (!h) {
		SetLastError(ERROR_INVALID_PARAMETER);
		return NULL;
	}
	h->record = record;
	return h;
}

BOOL WINAPI double_next(EVT_HANDLE results, DWORD count_wanted, EVT_HANDLE *events, DWORD timeout,
			DWORD flags, PDWORD returned)
{
	const struct handle *any = results;
	struct handle *h;
	struct ed_str line;
	uint32_t code;

	(void)timeout;
	if (!call_begin(CALL_NEXT))
		return FALSE;
	h = handle_of(results, any && any->magic == HANDLE_MAGIC && any->kind == HANDLE_SUBSCRIPTION
				       ? HANDLE_SUBSCRIPTION
				       : HANDLE_RESULTS);
	if (!h)
		return FALSE;
	if (flags || !count_wanted || !events || !returned)
		return fail(ERROR_INVALID_PARAMETER);
	code = next_fault(h, count_wanted);
	if (!code && h->kind == HANDLE_SUBSCRIPTION)
		code = subscription_look(h);
	if (code)
		return fail(code);
	*returned = 0;
	while (*returned < count_wanted && next_match(h, &line)) {
		struct handle *event;

		if (!is_behind(h, line))
			continue;
		event = handle_new(HANDLE_EVENT);
		if (!event)
			break;
		event->view = h->view;
		InterlockedIncrement(&h->view->refs);
		event->line = line;
		events[(*returned)++] = event;
		count(COUNT_EVENTS);
	}
	return *returned ? TRUE : fail(ERROR_NO_MORE_ITEMS);
}

BOOL WINAPI double_render(EVT_HANDLE context, EVT_HANDLE event, DWORD flags, DWORD size,
			  PVOID buffer, PDWORD used, PDWORD properties)
{
	struct handle *h;
	int chars;

	if (!call_begin(CALL_RENDER))
		return FALSE;
	h = handle_of(event, HANDLE_EVENT);
	if (!h)
		return FALSE;
	if (context || flags != EvtRenderEventXml || !used || !properties)
		return fail(ERROR_INVALID_PARAMETER);
	chars = MultiByteToWideChar(CP_UTF8, 0, h->line.p, (int)h->line.len, NULL, 0);
	*used = ((DWORD)chars + 1) * (DWORD)sizeof(wchar_t);
	*properties = 0;
	if (size < *used)
		return fail(ERROR_INSUFFICIENT_BUFFER);
	MultiByteToWideChar(CP_UTF8, 0, h->line.p, (int)h->line.len, buffer, chars);
	((wchar_t *)buffer)[chars] = 0;
	count(COUNT_RENDERED);
	return TRUE;
}

BOOL WINAPI double_close(EVT_HANDLE object)
{
	struct handle *h = object;

	count(CALL_CLOSE);
	count(CALL_ALL);
	if (!h || h->magic != HANDLE_MAGIC) {
		count(COUNT_BAD_HANDLE);
		return fail(ERROR_INVALID_HANDLE);
	}
	if (h->thread != GetCurrentThreadId())
		count(COUNT_WRONG_THREAD);
	handle_free(h);
	return TRUE;
}

EVT_HANDLE WINAPI double_config_open(EVT_HANDLE session, LPCWSTR channel, DWORD flags)
{
	struct handle *h = NULL;
	struct view *view = NULL;
	struct faults faults;
	uint32_t code;
	size_t len;
	char *name;

	if (!call_begin(CALL_CONFIG_OPEN))
		return NULL;
	name = session || flags ? NULL : narrow(channel, &len);
	if (!name) {
		SetLastError(ERROR_INVALID_PARAMETER);
		return NULL;
	}
	faults = faults_of((struct ed_str){ name, len });
	code = faults.code;
	if (!code)
		view = view_open((struct ed_str){ name, len }, &code);
	ed_free(name);
	if (view)
		h = handle_new(HANDLE_CONFIG);
	if (!h) {
		if (view)
			view_release(view);
		SetLastError(code ? code : ERROR_OUTOFMEMORY);
		return NULL;
	}
	h->view = view;
	h->faults = faults;
	return h;
}

BOOL WINAPI double_config_get(EVT_HANDLE config, EVT_CHANNEL_CONFIG_PROPERTY_ID property,
			      DWORD flags, DWORD size, PEVT_VARIANT value, PDWORD used)
{
	struct handle *h;

	if (!call_begin(CALL_CONFIG_GET))
		return FALSE;
	h = handle_of(config, HANDLE_CONFIG);
	if (!h)
		return FALSE;
	if (property != EvtChannelConfigEnabled)
		return fail(ERROR_CALL_NOT_IMPLEMENTED);
	if (flags || !used)
		return fail(ERROR_INVALID_PARAMETER);
	*used = sizeof(*value);
	if (size < sizeof(*value))
		return fail(ERROR_INSUFFICIENT_BUFFER);
	memset(value, 0, sizeof(*value));
	value->Type = EvtVarTypeBoolean;
	value->BooleanVal = !h->faults.disabled;
	return TRUE;
}

static bool write_all(HANDLE file, const char *bytes, size_t len)
{
	DWORD written;

	return len <= UINT32_MAX && WriteFile(file, bytes, (DWORD)len, &written, NULL) &&
	       written == len;
}

/* A recorded .evtx beside the channel's text is copied; else the text is what there is. */
static uint32_t export_channel(struct ed_str channel, LPCWSTR target)
{
	wchar_t path[CHANNEL_PATH];
	struct view *view;
	uint32_t code;
	HANDLE file;

	if (channel_path(channel, ".evtx", path) &&
	    GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES)
		return CopyFileW(path, target, TRUE) ? 0 : GetLastError();
	view = view_open(channel, &code);
	if (!view)
		return code;
	file = CreateFileW(target, GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL);
	if (file == INVALID_HANDLE_VALUE)
		code = GetLastError();
	else
		code = write_all(file, view->text.p, view->text.len) ? 0 : GetLastError();
	if (file != INVALID_HANDLE_VALUE)
		CloseHandle(file);
	view_release(view);
	return code;
}

BOOL WINAPI double_export(EVT_HANDLE session, LPCWSTR path, LPCWSTR query, LPCWSTR target,
			  DWORD flags)
{
	struct faults faults;
	uint32_t code;
	size_t len;
	char *name;

	if (!call_begin(CALL_EXPORT))
		return FALSE;
	if (session || flags != EvtExportLogChannelPath || !query || wcscmp(query, L"*") != 0 ||
	    !target)
		return fail(ERROR_INVALID_PARAMETER);
	if (wcslen(target) < 3 || target[1] != L':' || target[2] != L'\\' || wcschr(target, L'/'))
		return fail(ERROR_BAD_PATHNAME);
	name = narrow(path, &len);
	if (!name)
		return fail(ERROR_INVALID_PARAMETER);
	faults = faults_of((struct ed_str){ name, len });
	code = faults.code;
	if (!code)
		code = export_channel((struct ed_str){ name, len }, target);
	ed_free(name);
	return code ? fail(code) : TRUE;
}

/* Of the other doubles, which are libraries of their own. */
uint32_t __cdecl double_fault(void)
{
	return fault_step(FAULT_API);
}

ULONG_PTR WINAPI not_implemented(void)
{
	count(CALL_OTHER);
	count(CALL_ALL);
	SetLastError(ERROR_CALL_NOT_IMPLEMENTED);
	return 0;
}

/* The names in REPORT_NAMES bytes, then the counters, 32 bits each. */
static void open_report(void)
{
	wchar_t path[CHANNEL_PATH];
	HANDLE file, mapping;
	char *bytes;
	size_t at = 0;

	if (!environment_path("ESPDIAG_DOUBLE_REPORT", path))
		return;
	file = CreateFileW(path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ, NULL, CREATE_ALWAYS,
			   0, NULL);
	if (file == INVALID_HANDLE_VALUE)
		return;
	mapping = CreateFileMappingW(file, NULL, PAGE_READWRITE, 0,
				     REPORT_NAMES + sizeof(own_counters), NULL);
	bytes = mapping ? MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0) : NULL;
	if (mapping)
		CloseHandle(mapping);
	CloseHandle(file);
	if (!bytes)
		return;
	for (size_t i = 0; i < COUNTERS; i++) {
		size_t n = strlen(words[i]);

		memcpy(bytes + at, words[i], n);
		bytes[at + n] = ' ';
		at += n + 1;
	}
	counters = (volatile LONG *)(void *)(bytes + REPORT_NAMES);
}

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, LPVOID reserved)
{
	(void)reserved;
	if (reason == DLL_PROCESS_ATTACH) {
		DisableThreadLibraryCalls(instance);
		open_report();
		fault_begin(&counters[STEP_API]);
		clock_begin();
		eventlog_begin();
	}
	return TRUE;
}

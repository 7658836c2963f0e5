/* SPDX-License-Identifier: MIT */
/* The event log of the running Windows: wevtapi.dll behind the seam, and the jobs. */
#include "wevt_priv.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/base/utf.h"
#include "espdiag/platform/library.h"

#include "system_priv.h"

#include <windows.h>
#include <winevt.h>

#include <string.h>

#define CHANNEL_LIMIT_MS 5000
#define RAW_LIMIT_MS 40000 /* all channels together */
#define FOLDER_CHARS 300
#define FILE_CHARS 4096

typedef EVT_HANDLE WINAPI query_fn(EVT_HANDLE, LPCWSTR, LPCWSTR, DWORD);
typedef WINBOOL WINAPI next_fn(EVT_HANDLE, DWORD, EVT_HANDLE *, DWORD, DWORD, PDWORD);
typedef WINBOOL WINAPI render_fn(EVT_HANDLE, EVT_HANDLE, DWORD, DWORD, PVOID, PDWORD, PDWORD);
typedef WINBOOL WINAPI close_fn(EVT_HANDLE);
typedef EVT_HANDLE WINAPI config_open_fn(EVT_HANDLE, LPCWSTR, DWORD);
typedef WINBOOL WINAPI config_get_fn(EVT_HANDLE, EVT_CHANNEL_CONFIG_PROPERTY_ID, DWORD, DWORD,
				     PEVT_VARIANT, PDWORD);
typedef WINBOOL WINAPI export_fn(EVT_HANDLE, LPCWSTR, LPCWSTR, LPCWSTR, DWORD);

struct functions {
	query_fn *query;
	next_fn *next;
	render_fn *render;
	close_fn *close;
	config_open_fn *config_open;
	config_get_fn *config_get;
	export_fn *export_log;
};

uint32_t wevt_last_code(void)
{
	DWORD code = GetLastError();

	return code ? code : ERROR_GEN_FAILURE;
}

wchar_t *wevt_wide(struct ed_str text)
{
	int n = text.len < INT32_MAX / 4 ? (int)text.len : 0;
	int count = n ? MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text.p, n, NULL, 0) : 0;
	wchar_t *wide = count > 0 ? ed_calloc((size_t)count + 1, sizeof(*wide)) : NULL;

	if (wide)
		MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text.p, n, wide, count);
	return wide;
}

static uint32_t query(void *context, struct ed_str text, bool newest_first, void **results)
{
	const struct functions *f = context;
	DWORD direction = newest_first ? EvtQueryReverseDirection : EvtQueryForwardDirection;
	wchar_t *wide = wevt_wide(text);
	uint32_t code = ED_WEVT_OK;

	if (!wide)
		return ERROR_OUTOFMEMORY;
	SetLastError(0);
	*results = f->query(NULL, NULL, wide, EvtQueryChannelPath | direction);
	if (!*results)
		code = wevt_last_code();
	ed_free(wide);
	return code;
}

static uint32_t next(void *context, void *results, uint32_t count, void **events,
		     uint32_t timeout_ms, uint32_t *got)
{
	const struct functions *f = context;
	DWORD returned = 0;

	SetLastError(0);
	if (!f->next(results, count, events, timeout_ms, 0, &returned))
		return wevt_last_code();
	*got = returned;
	return ED_WEVT_OK;
}

static uint32_t render(void *context, void *event, uint32_t size, void *buffer, uint32_t *used)
{
	const struct functions *f = context;
	DWORD bytes = 0, properties = 0;
	uint32_t code = ED_WEVT_OK;

	SetLastError(0);
	if (!f->render(NULL, event, EvtRenderEventXml, size, buffer, &bytes, &properties))
		code = wevt_last_code();
	*used = bytes;
	return code;
}

static void close_handle(void *context, void *handle)
{
	const struct functions *f = context;

	f->close(handle);
}

static uint32_t config_open(void *context, struct ed_str channel, void **config)
{
	const struct functions *f = context;
	wchar_t *wide = wevt_wide(channel);
	uint32_t code = ED_WEVT_OK;

	if (!wide)
		return ERROR_OUTOFMEMORY;
	SetLastError(0);
	*config = f->config_open(NULL, wide, 0);
	if (!*config)
		code = wevt_last_code();
	ed_free(wide);
	return code;
}

static uint32_t config_enabled(void *context, void *config, bool *enabled)
{
	const struct functions *f = context;
	EVT_VARIANT value;
	DWORD used = 0;

	memset(&value, 0, sizeof(value));
	SetLastError(0);
	if (!f->config_get(config, EvtChannelConfigEnabled, 0, sizeof(value), &value, &used))
		return wevt_last_code();
	if (value.Type != EvtVarTypeBoolean)
		return ERROR_INVALID_DATA;
	*enabled = value.BooleanVal != FALSE;
	return ED_WEVT_OK;
}

static uint32_t export_log(void *context, struct ed_str channel, struct ed_str file)
{
	const struct functions *f = context;
	wchar_t *from = wevt_wide(channel);
	wchar_t *given = wevt_wide(file);
	wchar_t to[FILE_CHARS];
	/* the service makes the file, and has another current folder than we have */
	DWORD n = given ? GetFullPathNameW(given, FILE_CHARS, to, NULL) : 0;
	uint32_t code = ED_WEVT_OK;

	SetLastError(0);
	if (!from || !given)
		code = ERROR_OUTOFMEMORY;
	else if (!n || n >= FILE_CHARS)
		code = ERROR_FILENAME_EXCED_RANGE;
	else if (!f->export_log(NULL, from, L"*", to, EvtExportLogChannelPath))
		code = wevt_last_code();
	ed_free(from);
	ed_free(given);
	return code;
}

static ed_library_function *symbol(const char *name)
{
	return ed_library_symbol("wevtapi.dll", name);
}

ed_status ed_wevt_system_new(struct ed_wevt_api *api, struct ed_error *err)
{
	struct functions *f = ed_calloc(1, sizeof(*f));

	if (!f)
		return ed_fail(err, ED_NOMEM, "out of memory");
	f->query = (query_fn *)symbol("EvtQuery");
	f->next = (next_fn *)symbol("EvtNext");
	f->render = (render_fn *)symbol("EvtRender");
	f->close = (close_fn *)symbol("EvtClose");
	f->config_open = (config_open_fn *)symbol("EvtOpenChannelConfig");
	f->config_get = (config_get_fn *)symbol("EvtGetChannelConfigProperty");
	f->export_log = (export_fn *)symbol("EvtExportLog");
	if (!f->query || !f->next || !f->render || !f->close || !f->config_open || !f->config_get ||
	    !f->export_log) {
		ed_free(f);
		return ed_fail(err, ED_UNSUPPORTED, "this Windows has no event log to ask");
	}
	*api = (struct ed_wevt_api){
		.context = f,
		.query = query,
		.next = next,
		.render = render,
		.close = close_handle,
		.config_open = config_open,
		.config_enabled = config_enabled,
		.export_log = export_log,
	};
	return ED_OK;
}

void ed_wevt_system_free(struct ed_wevt_api *api)
{
	ed_free(api->context);
	api->context = NULL;
}

/* Where the service keeps its files, when nobody moved them; empty when unknown. */
static void log_folder(struct ed_buf *out)
{
	wchar_t wide[FOLDER_CHARS];
	UINT n = GetSystemDirectoryW(wide, FOLDER_CHARS);

	if (!n || n >= FOLDER_CHARS || !ed_buf_reserve(out, ED_UTF8_MAX(n * sizeof(*wide)) + 1))
		return;
	out->len = ed_utf8_from_utf16le(wide, n * sizeof(*wide), out->p, NULL);
	ed_buf_addz(out, "\\winevt\\Logs");
}

static ed_status run(const struct ed_live_job *job, const struct ed_live *live,
		     struct ed_recording *out, struct ed_error *err)
{
	struct ed_wevt_api api;
	struct ed_buf folder;
	ed_status status;

	ED_TRY(ed_wevt_system_new(&api, err));
	ed_buf_init(&folder, ED_LIMIT_NAME_BYTES);
	log_folder(&folder);
	status = ed_wevt_collect(&api, job->row, ed_buf_str(&folder), live, out, err);
	ed_buf_release(&folder);
	ed_wevt_system_free(&api);
	return status;
}

static ed_status run_raw(const struct ed_live_job *job, const struct ed_live *live,
			 struct ed_recording *out, struct ed_error *err)
{
	struct ed_wevt_api api;
	ed_status status;

	(void)job;
	if (!live->raw)
		return ED_OK;
	ED_TRY(ed_wevt_system_new(&api, err));
	status = ed_wevt_raw(&api, live, out, err);
	ed_wevt_system_free(&api);
	return status;
}

#define FIRST_LOOK false
#define LATE true

static const struct ed_live_job jobs[] = {
#define CHANNEL(key, channel, is_late, bound)                                                      \
	{ .name = "event log " channel,                                                            \
	  .source = channel,                                                                       \
	  .is_channel = true,                                                                      \
	  .late = is_late,                                                                         \
	  .limit_ms = CHANNEL_LIMIT_MS,                                                            \
	  .row = &ed_wevt_channels[CHANNEL_##key],                                                 \
	  .run = run },
#define SELECT(key, providers, ids)
#include "channels.def"
#undef CHANNEL
#undef SELECT
	{ .name = "raw event logs",
	  .source = "EvtExportLog",
	  .late = true,
	  .limit_ms = RAW_LIMIT_MS,
	  .run = run_raw },
};

const struct ed_live_jobs ed_wevt_jobs = { jobs, ED_COUNT(jobs) };

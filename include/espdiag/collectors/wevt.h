/* SPDX-License-Identifier: MIT */
/*
 * Live event channels. What to ask of which channel is a table; how to ask is portable code over
 * struct ed_wevt_api, which is filled from wevtapi.dll on Windows and from fakes in tests.
 */
#ifndef ESPDIAG_COLLECTORS_WEVT_H
#define ESPDIAG_COLLECTORS_WEVT_H

#include "espdiag/collectors/input.h"
#include "espdiag/collectors/live.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Codes of Windows that mean something here; all others are only told. */
enum ed_wevt_code {
	ED_WEVT_OK = 0,
	ED_WEVT_DENIED = 5,
	ED_WEVT_SMALL_BUFFER = 122,
	ED_WEVT_END = 259,          /* ERROR_NO_MORE_ITEMS */
	ED_WEVT_CANCELLED = 1223,   /* ERROR_CANCELLED */
	ED_WEVT_TIMEOUT = 1460,     /* ERROR_TIMEOUT */
	ED_WEVT_BOUND = 1734,       /* RPC_S_INVALID_BOUND: the batch was too large for the RPC */
	ED_WEVT_BAD_QUERY = 15001,  /* ERROR_EVT_INVALID_QUERY */
	ED_WEVT_NO_CHANNEL = 15007, /* ERROR_EVT_CHANNEL_NOT_FOUND */
	ED_WEVT_STALE = 15011,      /* ERROR_EVT_QUERY_RESULT_STALE: cleared or rolled over */
	ED_WEVT_COMPLEX = 15026,    /* ERROR_EVT_FILTER_TOO_COMPLEX */
};

/*
 * The functions of wevtapi.dll that are used. Each returns a Windows error code, 0 when it went
 * well, and gets @context first. Text is UTF-8. A handle is closed on the thread it was opened on.
 */
struct ed_wevt_api {
	void *context;
	/* EvtQuery of this computer; @query is a QueryList. */
	uint32_t (*query)(void *context, struct ed_str query, bool newest_first, void **results);
	/* EvtNext: up to @count handles; *got of them are the caller's on success only. */
	uint32_t (*next)(void *context, void *results, uint32_t count, void **events,
			 uint32_t timeout_ms, uint32_t *got);
	/* EvtRender as XML: UTF-16LE with a NUL. Sizes in bytes; *used is also set with 122. */
	uint32_t (*render)(void *context, void *event, uint32_t size, void *buffer, uint32_t *used);
	/* EvtClose */
	void (*close)(void *context, void *handle);
	/* EvtOpenChannelConfig */
	uint32_t (*config_open)(void *context, struct ed_str channel, void **config);
	/* EvtGetChannelConfigProperty, EvtChannelConfigEnabled */
	uint32_t (*config_enabled)(void *context, void *config, bool *enabled);
	/* EvtExportLog of all events of @channel to the absolute path @file, which must not exist.
	 */
	uint32_t (*export_log)(void *context, struct ed_str channel, struct ed_str file);
};

struct ed_wevt_channel {
	const char *name;
	bool late; /* after the first look: no rule needs it */
	/* Only records since the tenth last start of Windows. */
	bool by_starts;
	uint32_t newest; /* at most so many, the newest; 0: all */
};

extern const struct ed_wevt_channel ed_wevt_channels[];
extern const size_t ed_wevt_channel_count;

/* True when events of @provider with @id are asked for in @channel. */
bool ed_wevt_asks(const struct ed_wevt_channel *channel, struct ed_str provider, uint32_t id);

/*
 * Reads @channel into a member events/<channel>.xml of @out. @folder: where the logs lie as files
 * (System32\winevt\Logs), read when the service does not answer; { NULL, 0 }: not at all.
 * ED_ABSENT: no such channel. ED_ACCESS: may not be read. ED_IO: the service does not answer or
 * fails from the start. ED_NOMEM, ED_LIMIT. What is missing otherwise is a gap in @out.
 */
ed_status ed_wevt_collect(const struct ed_wevt_api *api, const struct ed_wevt_channel *channel,
			  struct ed_str folder, const struct ed_live *live,
			  struct ed_recording *out, struct ed_error *err);

/*
 * Writes all of @channel as .evtx to @file, an absolute path where nothing is yet. ED_ABSENT: no
 * such channel; ED_ACCESS; ED_IO. A file that was begun may be left behind.
 */
ed_status ed_wevt_export(const struct ed_wevt_api *api, struct ed_str channel, struct ed_str file,
			 struct ed_error *err);

/*
 * Records every channel of the table whole, as raw/<channel>.evtx, by way of files whose names
 * begin with live->scratch; none of them is left. What could not be exported is a gap. ED_NOMEM,
 * ED_LIMIT.
 */
ed_status ed_wevt_raw(const struct ed_wevt_api *api, const struct ed_live *live,
		      struct ed_recording *out, struct ed_error *err);

/* Windows only: fills @api from wevtapi.dll. ED_UNSUPPORTED: it lacks what is needed. ED_NOMEM. */
ed_status ed_wevt_system_new(struct ed_wevt_api *api, struct ed_error *err);
/* Of the same; twice is harmless. */
void ed_wevt_system_free(struct ed_wevt_api *api);
/* Windows only: one job a channel, and one for all of them raw. */
extern const struct ed_live_jobs ed_wevt_jobs;

#endif

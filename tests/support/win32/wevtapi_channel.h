/* SPDX-License-Identifier: MIT */
/* Channels of the double: text files in a folder, and how each is told to misbehave. */
#ifndef ESPDIAG_WEVTAPI_CHANNEL_H
#define ESPDIAG_WEVTAPI_CHANNEL_H

#include "espdiag/base/str.h"

#include <windows.h>

#include <stdbool.h>
#include <stdint.h>

#define CHANNEL_PATH 1024

/* Of ESPDIAG_DOUBLE_EVENTS_FAIL, for one channel. */
struct faults {
	bool disabled; /* the configuration says so; events are there all the same */
	bool hang;     /* EvtQuery never returns */
	bool bound;    /* EvtNext of more than 8 events fails with 1734, and skips them */
	bool stale;    /* the second EvtNext of an unbounded query fails with 15011 */
	bool always_stale;
	uint32_t slow_ms; /* each EvtNext takes so long */
	uint32_t code;    /* EvtQuery, EvtOpenChannelConfig and EvtExportLog fail with it */
};

struct faults faults_of(struct ed_str channel);

/* The events of a channel, mapped; shared by handles. */
struct view {
	LONG refs;
	struct ed_str text;
};

/* NULL, with a code of Windows, when there is no such channel. */
struct view *view_open(struct ed_str channel, uint32_t *code);
void view_release(struct view *view);

/* The file of @channel with @suffix (".xml") in the folder of events; false: no folder is named. */
bool channel_path(struct ed_str channel, const char *suffix, wchar_t out[CHANNEL_PATH]);
/* An environment variable as UTF-8; 0 bytes when it is not set or does not fit. */
size_t environment(const char *name, char *out, size_t cap);
/* The same as a path, where a leading slash is the root of drive Z: (the host's, under Wine). */
bool environment_path(const char *name, wchar_t out[CHANNEL_PATH]);

#endif

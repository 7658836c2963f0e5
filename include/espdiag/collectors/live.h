/* SPDX-License-Identifier: MIT */
/*
 * Live collectors: jobs that read the device and record what they read, in the forms that the
 * readers read again. A job never interprets. Each runs on a thread of its own with a time limit;
 * one that hangs is abandoned and whatever it says later is thrown away, so a job owns all that it
 * writes to and shares nothing that changes.
 */
#ifndef ESPDIAG_COLLECTORS_LIVE_H
#define ESPDIAG_COLLECTORS_LIVE_H

#include "espdiag/base/buf.h"
#include "espdiag/model/form.h"
#include "espdiag/model/sink.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One member of the bundle to be, not yet redacted. */
struct ed_recorded {
	struct ed_buf name;   /* its path in the bundle, "events/System.xml", forward slashes */
	struct ed_buf source; /* channel, key, class or file it was read from, for people */
	struct ed_buf bytes;
	enum ed_form form;
};

/* Something the bundle lacks: a row of the coverage. */
struct ed_recorded_gap {
	struct ed_buf source; /* channel, key, class or file */
	bool is_channel;
	enum ed_state state;
	uint64_t lost; /* 0 nothing known to be lost; ED_LOST_UNKNOWN */
	struct ed_buf why;
};

struct ed_recording {
	struct ed_recorded *members;
	size_t member_count, member_cap;
	struct ed_recorded_gap *gaps;
	size_t gap_count, gap_cap;
};

void ed_recording_init(struct ed_recording *recording);
void ed_recording_release(struct ed_recording *recording);
/*
 * A new member; *bytes is where its text goes, valid until the next call with @recording, with the
 * limit ED_LIMIT_RECORDED: a collector that comes near it stops and records a gap. ED_NOMEM,
 * ED_LIMIT (too many).
 */
ed_status ed_recording_add(struct ed_recording *recording, enum ed_form form, struct ed_str name,
			   struct ed_str source, struct ed_buf **bytes, struct ed_error *err);
/* Takes the last member back: for one that stayed empty. */
void ed_recording_drop(struct ed_recording *recording);
/* @why is one short line, lower case. ED_NOMEM, ED_LIMIT. */
ed_status ed_recording_gap(struct ed_recording *recording, struct ed_str source, bool is_channel,
			   enum ed_state state, uint64_t lost, struct ed_str why,
			   struct ed_error *err);

/* What a job may ask while it runs. */
struct ed_live {
	void *context;
	/* True when its time is up or the user stopped the run: finish with what is there, and
	 * record a gap with state ED_STATE_TIMED_OUT for the rest. Cheap; ask once a record. */
	bool (*stopped)(const struct ed_live *live);
	bool raw; /* --raw: raw copies are wanted as well */
	/* With raw: how the names of files begin that a job may make and must remove again. An
	 * path without these endings; the job's own. .p NULL: there is no place for them. */
	struct ed_str scratch;
};

/* The files of scratch: printf arguments are ED_FMT(scratch) and a number below the count. */
#define ED_LIVE_SCRATCH_FORMAT "%.*s.raw-%d.tmp"
#define ED_LIVE_SCRATCH_FILES 64

struct ed_live_job {
	const char *name;   /* for progress: "event log Microsoft-Windows-Store/Operational" */
	const char *source; /* of the coverage row when it fails or hangs: channel, key, class */
	bool is_channel;
	bool late; /* may come after the first look: big, or rarely decisive */
	uint32_t limit_ms;
	const void *row; /* of its collector's own table */
	/*
	 * Records into @out. ED_OK also when parts were missing (gaps say so). Any other status
	 * makes one coverage row for source: ED_ACCESS denied, ED_ABSENT absent, ED_UNSUPPORTED
	 * absent, others damaged; why is @err->text. What was recorded before is kept.
	 */
	ed_status (*run)(const struct ed_live_job *job, const struct ed_live *live,
			 struct ed_recording *out, struct ed_error *err);
};

/* The jobs of one collector. */
struct ed_live_jobs {
	const struct ed_live_job *jobs;
	size_t count;
};

#endif

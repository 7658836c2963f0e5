/* SPDX-License-Identifier: MIT */
/*
 * Whole logs as Windows exports them, for --raw. The service writes files only, so each log goes
 * through one in a folder of the run's own, which is read and removed at once.
 */
#include "espdiag/collectors/wevt.h"

#include "espdiag/base/limits.h"
#include "espdiag/platform/file.h"

#include "wevt_priv.h"

/* The front of @file into @bytes; *whole is false when there is more than fits. */
static ed_status file_take(struct ed_str file, struct ed_buf *bytes, bool *whole,
			   struct ed_error *err)
{
	struct ed_file *opened;
	size_t size, got = 0;
	ed_status status;

	ED_TRY(ed_file_open(file, false, &opened, err));
	*whole = ed_file_size(opened) <= ED_LIMIT_RECORDED - 1;
	size = *whole ? (size_t)ed_file_size(opened) : ED_LIMIT_RECORDED - 1;
	status = ed_buf_reserve(bytes, size)
			 ? ed_file_read_at(opened, 0, bytes->p, size, &got, err)
			 : ed_fail(err, ED_NOMEM, "out of memory for a raw log");
	bytes->len = got;
	ed_file_close(opened);
	return status;
}

static ed_status channel_gap(struct ed_recording *out, const struct ed_wevt_channel *channel,
			     enum ed_state state, const char *why, struct ed_error *err)
{
	char source[200];

	snprintf(source, sizeof(source), "raw %s", channel->name);
	return ed_recording_gap(out, ed_str_from(source), false, state,
				state == ED_STATE_ABSENT ? 0 : ED_LOST_UNKNOWN, ed_str_from(why),
				err);
}

/* Exports @channel to @file, which is gone again afterwards. */
static ed_status channel_raw(const struct ed_wevt_api *api, const struct ed_wevt_channel *channel,
			     struct ed_str file, struct ed_recording *out, struct ed_error *err)
{
	struct ed_error cause = { .status = ED_OK };
	struct ed_buf name, *bytes;
	bool whole = true;
	ed_status status = ed_wevt_export(api, ed_str_from(channel->name), file, &cause);

	ed_buf_init(&name, ED_LIMIT_NAME_BYTES);
	wevt_member_name(&name, "raw/", channel, ".evtx");
	if (status == ED_OK) {
		status = ed_recording_add(out, ED_FORM_RAW, ed_buf_str(&name),
					  ed_str_from(channel->name), &bytes, &cause);
		if (status == ED_OK) {
			status = file_take(file, bytes, &whole, &cause);
			if (status != ED_OK)
				ed_recording_drop(out);
		}
	}
	ed_buf_release(&name);
	/* an export that failed may have begun a file; there may be none as well */
	(void)ed_file_remove(file, NULL);
	if (status == ED_NOMEM)
		return ed_fail(err, status, "%s", cause.text);
	if (status != ED_OK)
		return channel_gap(out, channel,
				   status == ED_ABSENT   ? ED_STATE_ABSENT
				   : status == ED_ACCESS ? ED_STATE_DENIED
							 : ED_STATE_DAMAGED,
				   cause.text, err);
	return whole ? ED_OK
		     : channel_gap(out, channel, ED_STATE_TRUNCATED,
				   "larger than a raw log may be (ED_LIMIT_RECORDED)", err);
}

ed_status ed_wevt_raw(const struct ed_wevt_api *api, const struct ed_live *live,
		      struct ed_recording *out, struct ed_error *err)
{
	ed_status status = ED_OK;

	for (size_t i = 0; i < ed_wevt_channel_count && status == ED_OK; i++) {
		const struct ed_wevt_channel *channel = &ed_wevt_channels[i];
		struct ed_buf file;

		if (!live->scratch.p || live->stopped(live)) {
			status = live->scratch.p
					 ? channel_gap(out, channel, ED_STATE_TIMED_OUT,
						       "not exported: the time was up", err)
					 : channel_gap(out, channel, ED_STATE_DENIED,
						       "not exported: no folder for it", err);
			continue;
		}
		ed_buf_init(&file, ED_LIMIT_NAME_BYTES * 4);
		ed_buf_printf(&file, ED_LIVE_SCRATCH_FORMAT, ED_FMT(live->scratch), (int)i);
		status = file.status == ED_OK
				 ? channel_raw(api, channel, ed_buf_str(&file), out, err)
				 : ed_fail(err, file.status, "out of memory for a path");
		ed_buf_release(&file);
	}
	return status;
}

/* SPDX-License-Identifier: MIT */
/* The Autopilot profile, and what Windows measured of its last starts. */
#include "files_priv.h"

#include "espdiag/base/limits.h"
#include "espdiag/collectors/state.h"
#include "espdiag/platform/file.h"

#include <stdio.h>

#define PROFILE_FOLDER "ServiceState/wmansvc"
#define PROFILE_NAME "AutopilotDDSZTDFile.json"
#define BOOT_FOLDER "Logs/MeasuredBoot"

static ed_status too_large(struct files_place *place, struct ed_str path, uint64_t size)
{
	char why[80];

	snprintf(why, sizeof(why), "%llu KiB, which is too large to be read",
		 (unsigned long long)(size / ED_KIB));
	return ed_recording_gap(place->out, path, false, ED_STATE_TRUNCATED, ED_LOST_UNKNOWN,
				ed_str_from(why), place->err);
}

static ed_status record_profile(struct files_place *place)
{
	struct ed_str path = files_path(place, ED_STR(PROFILE_NAME));
	struct ed_path_info info;
	struct ed_buf bytes, *text;
	ed_status status;

	if (!path.p)
		return ed_fail(place->err, ED_NOMEM, "out of memory for a path");
	status = ed_path_stat(path, false, &info, place->err);
	if (status == ED_ABSENT)
		return ed_fail(place->err, ED_ABSENT, "not there: the device has no profile");
	ED_TRY(status);
	if (info.kind != ED_PATH_FILE)
		return files_lost(place, path, ED_ARG);
	if (info.size > ED_LIMIT_PROFILE)
		return too_large(place, path, info.size);
	ED_TRY(ed_recording_add(place->out, ED_FORM_JSON, ED_STR("state/autopilot-profile.json"),
				path, &text, place->err));
	ed_buf_init(&bytes, ED_LIMIT_PROFILE);
	status = files_read(path, 0, ED_LIMIT_PROFILE, &bytes, place->err);
	if (status == ED_OK) {
		files_add_text(text, ed_buf_str(&bytes));
		if (text->status != ED_OK)
			status = ed_fail(place->err, text->status, "no room for the profile");
	}
	ed_buf_release(&bytes);
	if (status != ED_OK || !text->len)
		ed_recording_drop(place->out);
	return status;
}

ed_status files_record_profile(const struct files_roots *roots, struct ed_recording *out,
			       struct ed_error *err)
{
	struct files_place place;
	bool usable;
	ed_status status = files_place_open(&place, roots->windows, PROFILE_FOLDER,
					    roots->separator, out, &usable, err);

	if (status == ED_OK && usable)
		status = record_profile(&place);
	files_place_release(&place);
	return status;
}

static ed_status add_raw(struct files_place *place, struct ed_str name, struct ed_str path,
			 struct ed_str log)
{
	struct ed_buf *raw;
	char member[300];

	snprintf(member, sizeof(member), "raw/measured-boot/%.*s", ED_FMT(name));
	ED_TRY(ed_recording_add(place->out, ED_FORM_RAW, ed_str_from(member), path, &raw,
				place->err));
	ed_buf_adds(raw, log);
	return raw->status == ED_OK
		       ? ED_OK
		       : ed_fail(place->err, raw->status, "no room for a measured-boot log");
}

static ed_status add_boot_log(struct files_place *place, struct ed_str name, struct ed_str path,
			      struct ed_str log)
{
	struct ed_buf *text;
	char member[300];
	ed_status status;

	snprintf(member, sizeof(member), "measured-boot/%.*s.json",
		 ED_FMT(ed_str_slice(name, 0, name.len - 4)));
	ED_TRY(ed_recording_add(place->out, ED_FORM_BOOTLOG, ed_str_from(member), path, &text,
				place->err));
	status = ed_bootlog_write(name, log, text, place->err);
	if (status != ED_OK)
		ed_recording_drop(place->out);
	if (status == ED_FORMAT || status == ED_LIMIT)
		return ed_recording_gap(place->out, path, false, ED_STATE_DAMAGED, ED_LOST_UNKNOWN,
					status == ED_FORMAT ? ED_STR("no measured-boot log")
							    : ED_STR("more than is kept of one"),
					place->err);
	return status;
}

static ed_status record_boot_log(struct files_place *place, const struct ed_folder_entry *entry,
				 bool raw)
{
	struct ed_str path = files_path(place, entry->name);
	struct ed_buf log;
	ed_status status;

	if (!path.p)
		return ed_fail(place->err, ED_NOMEM, "out of memory for a path");
	if (entry->info.kind != ED_PATH_FILE)
		return files_lost(place, path, ED_ARG);
	if (entry->info.size > ED_LIMIT_BOOT_LOG)
		return too_large(place, path, entry->info.size);
	ed_buf_init(&log, ED_LIMIT_BOOT_LOG);
	status = files_lost(place, path, files_read(path, 0, ED_LIMIT_BOOT_LOG, &log, place->err));
	if (status == ED_OK && log.len)
		status = add_boot_log(place, entry->name, path, ed_buf_str(&log));
	if (status == ED_OK && log.len && raw)
		status = add_raw(place, entry->name, path, ed_buf_str(&log));
	ed_buf_release(&log);
	return status;
}

/* "0000000042-0000000001.log": starts, and resumes since the start. */
static bool is_boot_log(struct ed_str name)
{
	if (name.len <= 4 || name.len > 64 || !ed_str_iends(name, ED_STR(".log")))
		return false;
	for (size_t i = 0; i < name.len - 4; i++)
		if (name.p[i] != '-' && (name.p[i] < '0' || name.p[i] > '9'))
			return false;
	return true;
}

static ed_status record_boot_logs(struct files_place *place, const struct ed_live *live)
{
	struct ed_folder_entry *entries;
	size_t count, kept = 0, first;

	ED_TRY(ed_folder_list(ed_buf_str(&place->path), &place->arena, &entries, &count,
			      place->err));
	for (size_t i = 0; i < count; i++)
		if (is_boot_log(entries[i].name))
			entries[kept++] = entries[i];
	first = kept > ED_LIMIT_BOOT_LOGS ? kept - ED_LIMIT_BOOT_LOGS : 0;
	/* the last start decides most, so it comes first */
	for (size_t i = kept; i > first; i--) {
		if (live->stopped(live))
			return ed_recording_gap(place->out, ed_buf_str(&place->path), false,
						ED_STATE_TIMED_OUT, i - first,
						ED_STR("stopped before its end"), place->err);
		ED_TRY(record_boot_log(place, &entries[i - 1], live->raw));
	}
	return first ? ed_recording_gap(place->out, ed_buf_str(&place->path), false,
					ED_STATE_TRUNCATED, first,
					ED_STR("older logs are not read (ED_LIMIT_BOOT_LOGS)"),
					place->err)
		     : ED_OK;
}

ed_status files_record_boot(const struct files_roots *roots, const struct ed_live *live,
			    struct ed_recording *out, struct ed_error *err)
{
	struct files_place place;
	bool usable;
	ed_status status = files_place_open(&place, roots->windows, BOOT_FOLDER, roots->separator,
					    out, &usable, err);

	if (status == ED_OK && usable)
		status = record_boot_logs(&place, live);
	files_place_release(&place);
	return status;
}

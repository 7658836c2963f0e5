/* SPDX-License-Identifier: MIT */
/* The logs of the Intune Management Extension: the newest first, of long ones the end. */
#include "files_priv.h"

#include "espdiag/base/limits.h"
#include "espdiag/platform/file.h"

#include <stdio.h>
#include <stdlib.h>

#define FOLDER "Microsoft/IntuneManagementExtension/Logs"

/* Logs by the beginning of their names; what decides first. */
static const char *const families[] = {
	"IntuneManagementExtension", "AppWorkload",        "AgentExecutor", "ClientHealth",
	"Win32AppInventory",         "AppActionProcessor",
};

struct log {
	struct ed_str name;
	uint64_t size;
	size_t family;
	struct ed_str
		date; /* what a full log gets behind its name; empty: it is still written to */
};

/* The name of a log that is wanted, and one that can be a member's name as it is. */
static bool is_log(const struct ed_folder_entry *entry, struct log *out)
{
	struct ed_str name = entry->name;

	if (!ed_str_iends(name, ED_STR(".log")))
		return false;
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.p[i] <= ' ' || (unsigned char)name.p[i] >= 0x7F ||
		    name.p[i] == '/' || name.p[i] == '\\' || name.p[i] == ':')
			return false;
	for (size_t i = 0; i < ED_COUNT(families); i++) {
		struct ed_str family = ed_str_from(families[i]);

		if (!ed_str_istarts(name, family))
			continue;
		*out = (struct log){
			.name = name,
			.size = entry->info.size,
			.family = i,
			.date = ed_str_slice(name, family.len, name.len - 4),
		};
		return true;
	}
	return false;
}

static int compare_logs(const void *left, const void *right)
{
	const struct log *x = left, *y = right;
	int d = 0;

	if (!x->date.len != !y->date.len)
		return x->date.len ? 1 : -1;
	if (x->date.len)
		d = ed_str_cmp(y->date, x->date);
	if (!d)
		d = (x->family > y->family) - (x->family < y->family);
	return d ? d : ed_str_cmp(x->name, y->name);
}

/* Without the part of a character at its end: the log may be in the middle of a line. */
static struct ed_str whole_characters(struct ed_str bytes)
{
	size_t n = bytes.len, back = 0;

	while (back < 3 && back < n && ((unsigned char)bytes.p[n - 1 - back] & 0xC0) == 0x80)
		back++;
	if (back < n && (unsigned char)bytes.p[n - 1 - back] >= 0xC0) {
		unsigned char lead = (unsigned char)bytes.p[n - 1 - back];
		size_t want = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;

		if (back + 1 < want)
			bytes.len -= back + 1;
	}
	return bytes;
}

/* From the first line that begins in @bytes on; all of it when none does. */
static struct ed_str whole_lines(struct ed_str bytes, bool wide)
{
	size_t step = wide ? 2 : 1;

	for (size_t i = 0; i + step <= bytes.len; i += step)
		if (bytes.p[i] == '\n' && (!wide || !bytes.p[i + 1]))
			return ed_str_slice(bytes, i + step, bytes.len);
	return bytes;
}

/* The last @most bytes of a log as text, appended. */
static ed_status read_tail(struct ed_str path, uint64_t size, size_t most, struct ed_buf *text,
			   struct ed_error *err)
{
	struct ed_buf bytes, head;
	uint64_t from = size > most ? size - most : 0;
	ed_status status;
	bool wide = false;

	ed_buf_init(&bytes, most);
	ed_buf_init(&head, 2);
	status = files_read(path, 0, 2, &head, err);
	if (status == ED_OK) {
		wide = ed_str_eq(ed_buf_str(&head), ED_STR("\xFF\xFE"));
		from += wide && from % 2;
		status = files_read(path, from, most, &bytes, err);
	}
	if (status == ED_OK) {
		struct ed_str tail = ed_buf_str(&bytes);

		tail = from ? whole_lines(tail, wide) : tail;
		files_add_text(text, wide ? tail : whole_characters(tail));
		if (text->status != ED_OK)
			status = ed_fail(err, text->status, "no room for a log");
	}
	ed_buf_release(&head);
	ed_buf_release(&bytes);
	return status;
}

static ed_status record_log(struct files_place *place, const struct log *log, size_t most)
{
	char name[300], why[120];
	struct ed_str path = files_path(place, log->name);
	struct ed_buf *text;
	ed_status status;

	if (!path.p)
		return ed_fail(place->err, ED_NOMEM, "out of memory for a path");
	snprintf(name, sizeof(name), "logs/%.*s", ED_FMT(log->name));
	ED_TRY(ed_recording_add(place->out, ED_FORM_TEXT, ed_str_from(name), path, &text,
				place->err));
	status = read_tail(path, log->size, most, text, place->err);
	if (status != ED_OK || !text->len)
		ed_recording_drop(place->out);
	if (status != ED_OK || log->size <= most)
		return files_lost(place, path, status);
	snprintf(why, sizeof(why), "only the last %zu KiB of %llu were read", most / ED_KIB,
		 (unsigned long long)(log->size / ED_KIB));
	return ed_recording_gap(place->out, path, false, ED_STATE_TRUNCATED, ED_LOST_UNKNOWN,
				ed_str_from(why), place->err);
}

/* All logs that are wanted, in the order in which they are; links are rows at once. */
static ed_status list_logs(struct files_place *place, struct log **logs, size_t *count)
{
	struct ed_folder_entry *entries;
	size_t entry_count;

	ED_TRY(ed_folder_list(ed_buf_str(&place->path), &place->arena, &entries, &entry_count,
			      place->err));
	*count = 0;
	*logs = ed_arena_calloc(&place->arena, entry_count + 1, sizeof(**logs));
	if (!*logs)
		return ed_fail(place->err, ED_NOMEM, "out of memory for names of logs");
	for (size_t i = 0; i < entry_count; i++) {
		struct ed_str path;

		if (!is_log(&entries[i], &(*logs)[*count]))
			continue;
		if (entries[i].info.kind == ED_PATH_FILE) {
			*count += 1;
			continue;
		}
		path = files_path(place, entries[i].name);
		if (!path.p)
			return ed_fail(place->err, ED_NOMEM, "out of memory for a path");
		ED_TRY(files_lost(place, path, ED_ARG));
	}
	qsort(*logs, *count, sizeof(**logs), compare_logs);
	return ED_OK;
}

static ed_status record_logs(struct files_place *place, const struct ed_live *live)
{
	struct ed_str folder = ed_buf_str(&place->path);
	size_t left = ED_LIMIT_LOG_TAILS;
	struct log *logs;
	size_t count, i;

	ED_TRY(list_logs(place, &logs, &count));
	for (i = 0; i < count && left && !live->stopped(live); i++) {
		size_t most = left < ED_LIMIT_LOG_TAIL ? left : ED_LIMIT_LOG_TAIL;

		ED_TRY(record_log(place, &logs[i], most));
		left -= logs[i].size < most ? (size_t)logs[i].size : most;
	}
	if (i == count)
		return ED_OK;
	return ed_recording_gap(place->out, folder, false,
				left ? ED_STATE_TIMED_OUT : ED_STATE_TRUNCATED, count - i,
				left ? ED_STR("stopped before its end")
				     : ED_STR("older logs are not read (ED_LIMIT_LOG_TAILS)"),
				place->err);
}

ed_status files_record_logs(const struct files_roots *roots, const struct ed_live *live,
			    struct ed_recording *out, struct ed_error *err)
{
	struct files_place place;
	bool usable;
	ed_status status = files_place_open(&place, roots->program_data, FOLDER, roots->separator,
					    out, &usable, err);

	if (status == ED_OK && usable)
		status = record_logs(&place, live);
	files_place_release(&place);
	return status;
}

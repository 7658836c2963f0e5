/* SPDX-License-Identifier: MIT */
/* What a bundle says of itself: from its manifest, its run and its recorded verdict. */
#include "espdiag/base/limits.h"
#include "espdiag/base/time.h"
#include "espdiag/json/json.h"
#include "espdiag/platform/file.h"

#include "bundle_priv.h"

#define WORD_MAX 64 /* bytes of a version or an id */

struct inspection {
	struct ed_error why;                  /* .text: what could not be read, and would tell */
	struct ed_buf manifest, run, verdict; /* their bytes, empty when they are not there */
	bool has_events, has_raw, has_raw_logs;
};

static struct ed_buf *document_of(struct inspection *in, struct ed_str name)
{
	if (ed_str_eq(name, ED_STR(MANIFEST_NAME)))
		return &in->manifest;
	if (ed_str_eq(name, ED_STR(RUN_NAME)))
		return &in->run;
	if (ed_str_eq(name, ED_STR(VERDICT_NAME)))
		return &in->verdict;
	return NULL;
}

static bool inspect_want(void *context, struct ed_str name)
{
	struct inspection *in = context;
	bool raw = ed_str_starts(name, ED_STR("raw/"));

	in->has_events = in->has_events || ed_str_starts(name, ED_STR("events/"));
	in->has_raw = in->has_raw || raw;
	in->has_raw_logs = in->has_raw_logs || (raw && ed_str_iends(name, ED_STR(".evtx")));
	return document_of(in, name) != NULL;
}

static ed_status inspect_member(void *context, struct ed_str name, struct ed_str bytes,
				struct ed_error *err)
{
	struct ed_buf *to = document_of(context, name);

	/* the first of a name counts, as for most extractors */
	if (!to || to->len || to->status != ED_OK)
		return ED_OK;
	ed_buf_adds(to, bytes);
	return to->status == ED_NOMEM ? ed_fail(err, ED_NOMEM, "out of memory for a bundle")
				      : ED_OK;
}

/* The documents; nothing else is opened, and all the rest only looked at when one of them is there.
 */
static ed_status folder_inspect(struct inspection *in, struct ed_str path,
				const struct disk_visitor *visitor, struct ed_error *err)
{
	static const char *const names[] = { MANIFEST_NAME, RUN_NAME, VERDICT_NAME };

	for (size_t i = 0; i < ED_COUNT(names); i++) {
		struct ed_buf *to = document_of(in, ed_str_from(names[i]));

		ed_status status = disk_read(path, names[i], to, err);

		if (status == ED_NOMEM || status == ED_IO || status == ED_ACCESS)
			return status;
	}
	if (!in->manifest.len && !in->run.len)
		return ED_OK;
	return disk_walk(path, visitor, err);
}

/* Most archives are none, and need not be walked to know that. */
static ed_status file_inspect(struct ed_str path, const struct disk_visitor *visitor,
			      struct ed_error *err)
{
	bool found;

	ED_TRY(disk_may_hold(path, MANIFEST_NAME, &found, err));
	if (!found)
		ED_TRY(disk_may_hold(path, RUN_NAME, &found, err));
	return found ? disk_walk(path, visitor, err) : ED_OK;
}

/* ED_NOMEM; @in->why when the system could not read what would tell. */
static ed_status path_inspect(struct inspection *in, struct ed_str path, struct ed_error *err)
{
	struct disk_visitor visitor = { .context = in,
					.want = inspect_want,
					.member = inspect_member };
	struct ed_error why = { .status = ED_OK };
	struct ed_path_info info;
	ed_status status = ed_path_stat(path, true, &info, &why);

	if (status == ED_OK && info.kind == ED_PATH_FOLDER)
		status = folder_inspect(in, path, &visitor, &why);
	else if (status == ED_OK && info.kind == ED_PATH_FILE)
		status = file_inspect(path, &visitor, &why);
	/* what is not there may be when it is read next */
	if (status == ED_IO || status == ED_ACCESS || status == ED_ABSENT)
		in->why = why;
	return status == ED_NOMEM ? ed_fail(err, status, "%s", why.text) : ED_OK;
}

static bool is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '-' || c == '+' || c == '_';
}

/*
 * A word that can be shown: it comes from outside. { NULL, 0 } for any other. A @name may hold
 * everything that ASCII prints.
 */
static ed_status text_keep(struct ed_arena *arena, const struct ed_json *value, bool name,
			   struct ed_str *out, struct ed_error *err)
{
	struct ed_str s = ed_json_string(value);

	s = name ? ed_str_trim(s) : s;
	if (!s.len || s.len > WORD_MAX)
		return ED_OK;
	for (size_t i = 0; i < s.len; i++)
		if (!(name ? s.p[i] >= ' ' && s.p[i] <= '~' : is_word_char(s.p[i])))
			return ED_OK;
	s = ed_arena_str(arena, s);
	if (!s.p)
		return ed_fail(err, ED_NOMEM, "out of memory for a bundle");
	*out = s;
	return ED_OK;
}

static ed_status word_keep(struct ed_arena *arena, const struct ed_json *value, struct ed_str *out,
			   struct ed_error *err)
{
	return text_keep(arena, value, false, out, err);
}

static ed_status device_keep(struct ed_arena *arena, const struct ed_json *device,
			     struct ed_bundle_info *info, struct ed_error *err)
{
	info->build = ed_json_integer(ed_json_get(device, "build"), -1);
	info->revision = ed_json_integer(ed_json_get(device, "revision"), -1);
	ED_TRY(text_keep(arena, ed_json_get(device, "manufacturer"), true, &info->manufacturer,
			 err));
	return text_keep(arena, ed_json_get(device, "model"), true, &info->model, err);
}

/* *root: the document when it is one of @schema, else NULL. */
static ed_status document_parse(const struct ed_buf *bytes, const char *schema,
				struct ed_json **root, struct ed_error *err)
{
	*root = NULL;
	if (!bytes->len || bytes->status != ED_OK)
		return ED_OK;
	if (ed_json_parse(ed_buf_str(bytes), root, NULL) == ED_NOMEM)
		return ed_fail(err, ED_NOMEM, "out of memory for a bundle");
	if (*root &&
	    !ed_str_eq(ed_json_string(ed_json_get(*root, "schema")), ed_str_from(schema))) {
		ed_json_free(*root);
		*root = NULL;
	}
	return ED_OK;
}

static void time_keep(const struct ed_json *root, int64_t *out)
{
	struct ed_str text = ed_json_string(ed_json_get(root, "evaluated_at"));

	if (*out == ED_TIME_NONE && text.p)
		(void)ed_time_parse(text, out);
}

/* A number that is none of ours says nothing. */
static void since_keep(const struct ed_json *run, int64_t *out)
{
	const struct ed_json *options = ed_json_get(run, "options");
	int64_t seconds = ed_json_integer(ed_json_get(options, "since_seconds"), 0);

	if (seconds > 0 && seconds < ED_TIME_LAST / ED_TICKS_PER_SECOND)
		*out = seconds * ED_TICKS_PER_SECOND;
}

/* Takes what @root says, where nothing was said before. */
static ed_status document_tell(const struct ed_json *root, struct ed_arena *arena,
			       struct ed_bundle_info *info, struct ed_error *err)
{
	time_keep(root, &info->evaluated_at);
	if (!info->version.p)
		ED_TRY(word_keep(arena, ed_json_get(ed_json_get(root, "tool"), "version"),
				 &info->version, err));
	if (!info->device_tag.p)
		ED_TRY(word_keep(arena, ed_json_get(root, "device_tag"), &info->device_tag, err));
	return ED_OK;
}

/* The run says best when it was, the verdict who judged; the manifest is there in any case. */
static ed_status documents_tell(const struct inspection *in, struct ed_arena *arena,
				struct ed_bundle_info *info, struct ed_error *err)
{
	struct ed_json *manifest = NULL, *run = NULL, *verdict = NULL;
	ed_status status = document_parse(&in->manifest, MANIFEST_SCHEMA, &manifest, err);

	if (status == ED_OK)
		status = document_parse(&in->run, RUN_SCHEMA, &run, err);
	if (status == ED_OK)
		status = document_parse(&in->verdict, VERDICT_SCHEMA, &verdict, err);
	info->is_bundle = manifest || run;
	if (status == ED_OK && info->is_bundle) {
		time_keep(run, &info->evaluated_at);
		since_keep(run, &info->since_ago);
		status = device_keep(arena, ed_json_get(run, "device"), info, err);
		if (status == ED_OK)
			status = document_tell(verdict, arena, info, err);
		if (status == ED_OK)
			status = word_keep(arena, ed_json_get(verdict, "primary"), &info->primary,
					   err);
		if (status == ED_OK)
			status = word_keep(arena, ed_json_get(verdict, "certainty"),
					   &info->certainty, err);
		if (status == ED_OK)
			status = document_tell(manifest, arena, info, err);
		if (status == ED_OK)
			status = document_tell(run, arena, info, err);
	}
	ed_json_free(manifest);
	ed_json_free(run);
	ed_json_free(verdict);
	return status;
}

ed_status ed_bundle_inspect(struct ed_str path, struct ed_arena *arena, struct ed_bundle_info *out,
			    struct ed_error *err)
{
	struct ed_bundle_info info = { .evaluated_at = ED_TIME_NONE, .build = -1, .revision = -1 };
	struct inspection in = { .has_raw = false };
	ed_status status;

	ed_buf_init(&in.manifest, ED_LIMIT_JSON);
	ed_buf_init(&in.run, ED_LIMIT_JSON);
	ed_buf_init(&in.verdict, ED_LIMIT_JSON);
	status = path_inspect(&in, path, err);
	if (status == ED_OK)
		status = documents_tell(&in, arena, &info, err);
	if (status == ED_OK && in.why.text[0]) {
		info.unread = ed_arena_str(arena, ed_str_from(in.why.text));
		if (!info.unread.p)
			status = ed_fail(err, ED_NOMEM, "out of memory for a bundle");
	}
	if (status == ED_OK) {
		info.has_events = in.has_events;
		info.has_raw = in.has_raw;
		info.has_raw_logs = in.has_raw_logs;
		*out = info;
	}
	ed_buf_release(&in.manifest);
	ed_buf_release(&in.run);
	ed_buf_release(&in.verdict);
	return status;
}

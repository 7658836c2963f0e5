/* SPDX-License-Identifier: MIT */
/* The forms in which evidence arrives: folders of logs or exports, zips, Intune's diagnostics. */
#include "scenario_priv.h"

#include "evtx_build.h"
#include "evxml_build.h"
#include "pack_build.h"
#include "reg_build.h"

#define PROVIDED_LIMIT (64u << 20)

static ed_status no_memory(struct ed_error *err)
{
	return ed_fail(err, ED_NOMEM, "the evidence is too large");
}

/* Takes a copy of @bytes. */
static ed_status add_file(struct scenario_files *files, const char *path, struct ed_str bytes,
			  struct ed_error *err)
{
	struct scenario_file *file = scenario_grow(files->arena, &files->file, &files->count,
						   &files->cap, sizeof(*file));
	struct ed_str name = ed_arena_str(files->arena, ed_str_from(path));

	if (!file || !name.p || !bytes.p)
		return no_memory(err);
	file->path = name.p;
	file->bytes = ed_arena_str(files->arena, bytes);
	return file->bytes.p ? ED_OK : no_memory(err);
}

/* A channel as part of a file name: "/" is @slash, in lower case when @fold. */
static const char *channel_file(struct ed_arena *arena, const char *channel, const char *slash,
				bool fold)
{
	struct ed_buf buf;
	struct ed_str name;

	ed_buf_init(&buf, PROVIDED_LIMIT);
	for (const char *z = channel; *z; z++) {
		if (*z == '/')
			ed_buf_addz(&buf, slash);
		else
			ed_buf_addc(&buf,
				    fold && *z >= 'A' && *z <= 'Z' ? (char)(*z - 'A' + 'a') : *z);
	}
	name = ed_arena_str(arena, ed_buf_str(&buf));
	ed_buf_release(&buf);
	return name.p ? name.p : "";
}

static bool has_log(const struct scenario *s, const struct scenario_channel *channel)
{
	if (channel->withheld)
		return false;
	for (size_t i = 0; i < s->event_count; i++) {
		if (strcmp(s->events[i].event.channel, channel->name) == 0)
			return true;
	}
	return channel->wanted;
}

static ed_status add_evtx(const struct scenario *s, struct scenario_files *files,
			  const char *channel, const char *path, struct ed_error *err)
{
	struct evtx_build b;
	ed_status status = ED_OK;
	struct ed_str bytes;

	evtx_build_init(&b);
	for (size_t i = 0; i < s->event_count && status == ED_OK; i++) {
		const struct build_event *event = &s->events[i].event;

		if (strcmp(event->channel, channel) != 0)
			continue;
		if (!evtx_build_add(&b, event))
			status = ed_fail(err, ED_FORMAT, "event %u of '%s' cannot be written",
					 (unsigned)event->id, event->provider);
	}
	bytes = evtx_build_finish(&b);
	if (status == ED_OK)
		status = add_file(files, path, bytes, err);
	evtx_build_release(&b);
	return status;
}

static ed_status add_xml(const struct scenario *s, struct scenario_files *files,
			 const char *channel, const char *path, struct ed_error *err)
{
	const struct row_channel *row = row_channel_find(ed_str_from(channel));
	bool bare = row && row->bare;
	struct ed_buf out, wide;
	ed_status status = ED_OK;

	ed_buf_init(&out, PROVIDED_LIMIT);
	ed_buf_init(&wide, PROVIDED_LIMIT);
	if (!bare)
		evxml_build_begin(&out);
	for (size_t i = 0; i < s->event_count && status == ED_OK; i++) {
		const struct build_event *event = &s->events[i].event;

		if (strcmp(event->channel, channel) == 0 && !evxml_build_event(&out, event))
			status = ed_fail(err, ED_FORMAT, "event %u of '%s' cannot be written",
					 (unsigned)event->id, event->provider);
		if (bare && strcmp(event->channel, channel) == 0)
			ed_buf_addz(&out, "\r\n");
	}
	if (!bare)
		evxml_build_end(&out);
	ed_buf_add(&wide, "\xff\xfe", 2);
	if (!build_utf16le(&wide, ed_buf_str(&out).p))
		status = ed_fail(err, ED_FORMAT, "'%s' holds broken UTF-8", channel);
	if (status == ED_OK)
		status = add_file(files, path, ed_buf_str(bare ? &wide : &out), err);
	ed_buf_release(&out);
	ed_buf_release(&wide);
	return status;
}

static ed_status add_registry(const struct scenario *s, struct scenario_files *files,
			      enum reg_build_form form, const char *path, struct ed_error *err)
{
	struct reg_build b;
	const char *key = "";
	ed_status status;

	if (!s->value_count)
		return ED_OK;
	reg_build_init(&b, form);
	for (size_t i = 0; i < s->value_count; i++) {
		const struct scenario_value *v = &s->values[i];

		if (strcmp(key, v->key) != 0)
			reg_build_key(&b, v->key);
		key = v->key;
		if (v->text)
			reg_build_sz(&b, v->name, v->text);
		else
			reg_build_dword(&b, v->name, v->number);
	}
	status = add_file(files, path, reg_build_finish(&b), err);
	reg_build_release(&b);
	return status;
}

static ed_status add_boot_logs(const struct scenario *s, struct scenario_files *files,
			       const char *folder, struct ed_error *err)
{
	ed_status status = ED_OK;

	for (size_t i = 0; i < s->log_count && status == ED_OK; i++) {
		char path[300];
		struct ed_buf out;

		ed_buf_init(&out, PROVIDED_LIMIT);
		tcg_build_boot(&out, &s->logs[i].content);
		snprintf(path, sizeof(path), "%s/%010u-0000000000.log", folder, s->logs[i].boot);
		status = add_file(files, path, ed_buf_str(&out), err);
		ed_buf_release(&out);
	}
	return status;
}

/* Which of the text files a form puts where. */
enum texts { TEXTS_ALL, TEXTS_LOGS, TEXTS_REPORT };

static bool text_wanted(const char *file, enum texts which)
{
	bool report = strcmp(file, SCENARIO_REPORT) == 0;

	if (which == TEXTS_REPORT)
		return report;
	/* nobody but our own program knows the live state */
	return which == TEXTS_ALL || (!report && strcmp(file, SCENARIO_DSREG) != 0 &&
				      strncmp(file, SCENARIO_STATE, strlen(SCENARIO_STATE)) != 0);
}

static bool is_first_of_file(const struct scenario *s, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (strcmp(s->texts[k].file, s->texts[i].file) == 0)
			return false;
	}
	return true;
}

static ed_status add_text_file(const struct scenario *s, struct scenario_files *files,
			       const char *file, const char *path, struct ed_error *err)
{
	struct ed_buf out;
	ed_status status;

	ed_buf_init(&out, PROVIDED_LIMIT);
	scenario_text_file(s, file, &out);
	status =
		out.status == ED_OK ? add_file(files, path, ed_buf_str(&out), err) : no_memory(err);
	ed_buf_release(&out);
	return status;
}

/* Every text file that is wanted, below @folder ("" for none, else with a slash behind it). */
static ed_status add_texts(const struct scenario *s, struct scenario_files *files, enum texts which,
			   const char *folder, struct ed_error *err)
{
	for (size_t i = 0; i < s->text_count; i++) {
		const char *file = s->texts[i].file;
		char path[300];

		if (!is_first_of_file(s, i) || !text_wanted(file, which))
			continue;
		snprintf(path, sizeof(path), "%s%s", folder, file);
		ED_TRY(add_text_file(s, files, file, path, err));
	}
	return ED_OK;
}

static bool has_text(const struct scenario *s, const char *file)
{
	for (size_t i = 0; i < s->text_count; i++) {
		if (strcmp(s->texts[i].file, file) == 0)
			return true;
	}
	return false;
}

static ed_status wrap_evtx(const struct scenario *s, struct scenario_files *files,
			   struct ed_error *err)
{
	for (size_t i = 0; i < s->channel_count; i++) {
		char path[256];

		if (!has_log(s, &s->channels[i]))
			continue;
		snprintf(path, sizeof(path), "EventLogs/%s.evtx",
			 channel_file(files->arena, s->channels[i].name, "%4", false));
		ED_TRY(add_evtx(s, files, s->channels[i].name, path, err));
	}
	ED_TRY(add_registry(s, files, REG_BUILD_EXPORT, "Registry/esp.reg", err));
	ED_TRY(add_texts(s, files, TEXTS_ALL, "Logs/", err));
	return add_boot_logs(s, files, "MeasuredBoot", err);
}

static ed_status wrap_xml(const struct scenario *s, struct scenario_files *files,
			  struct ed_error *err)
{
	for (size_t i = 0; i < s->channel_count; i++) {
		char path[256];

		if (!has_log(s, &s->channels[i]))
			continue;
		snprintf(path, sizeof(path), "events/%s.xml",
			 channel_file(files->arena, s->channels[i].name, "%4", false));
		ED_TRY(add_xml(s, files, s->channels[i].name, path, err));
	}
	ED_TRY(add_registry(s, files, REG_BUILD_EXPORT, "registry/export.reg", err));
	ED_TRY(add_texts(s, files, TEXTS_ALL, "files/", err));
	return add_boot_logs(s, files, "MeasuredBoot", err);
}

static ed_status zip_files(const struct scenario_files *members, struct scenario_files *files,
			   struct ed_error *err)
{
	struct pack_zip zip;
	struct pack_bytes bytes;
	ed_status status;

	pack_zip_begin(&zip);
	for (size_t i = 0; i < members->count; i++)
		pack_zip_add(&zip, members->file[i].path, members->file[i].bytes.p,
			     members->file[i].bytes.len, 0);
	bytes = pack_zip_end(&zip);
	status = add_file(files, "evidence.zip",
			  (struct ed_str){ (const char *)bytes.p, bytes.len }, err);
	free(bytes.p);
	return status;
}

static ed_status wrap_zip(const struct scenario *s, struct scenario_files *files,
			  struct ed_error *err)
{
	struct scenario_files members = { .arena = files->arena };

	ED_TRY(wrap_evtx(s, &members, err));
	return zip_files(&members, files, err);
}

/* What mdmdiagnosticstool leaves: the registry dump and the logs that Intune does not list. */
static ed_status build_cab(const struct scenario *s, struct scenario_files *files, const char *path,
			   struct ed_error *err)
{
	struct scenario_files inner = { .arena = files->arena };
	struct pack_cab_member *members;
	struct pack_bytes bytes;
	ed_status status;

	ED_TRY(add_registry(s, &inner, REG_BUILD_DUMP, "MdmDiagReport_RegistryDump.reg", err));
	for (size_t i = 0; i < s->channel_count; i++) {
		const struct row_channel *row = row_channel_find(ed_str_from(s->channels[i].name));
		char name[256];

		if (!row || row->collected != COLLECTED_IN_CAB || !has_log(s, &s->channels[i]))
			continue;
		snprintf(name, sizeof(name), "%s.evtx",
			 channel_file(files->arena, s->channels[i].name, "-", true));
		ED_TRY(add_evtx(s, &inner, s->channels[i].name, name, err));
	}
	ED_TRY(add_texts(s, &inner, TEXTS_REPORT, "", err));
	ED_TRY(add_file(&inner, "MdmDiagLogMetadata.json", ED_STR("{\"items\":[]}"), err));
	members = ed_arena_calloc(files->arena, inner.count, sizeof(*members));
	if (!members)
		return no_memory(err);
	for (size_t i = 0; i < inner.count; i++)
		members[i] = (struct pack_cab_member){ .name = inner.file[i].path,
						       .bytes = inner.file[i].bytes.p,
						       .len = inner.file[i].bytes.len };
	bytes = pack_cab_build(members, inner.count, PACK_CAB_MSZIP);
	status = add_file(files, path, (struct ed_str){ (const char *)bytes.p, bytes.len }, err);
	free(bytes.p);
	return status;
}

/* One zip of the remote action "Collect diagnostics" while it is put together. */
struct collection {
	const struct scenario *s;
	struct scenario_files members;
	struct ed_buf results;
	bool numbered; /* the layout before 2022: a folder a number */
	unsigned count;
};

static void add_result(struct collection *c, const char *type, const char *text, int hresult)
{
	ed_buf_printf(&c->results, "<%s HRESULT=\"%d\">%s</%s>", type, hresult, text, type);
}

static ed_status collect_events(struct collection *c, struct ed_error *err)
{
	const struct scenario *s = c->s;

	for (size_t i = 0; i < s->channel_count; i++) {
		const struct row_channel *row = row_channel_find(ed_str_from(s->channels[i].name));
		const char *name = channel_file(c->members.arena, s->channels[i].name, "-", false);
		char path[300];

		if (!row || row->collected != COLLECTED_TOP || !has_log(s, &s->channels[i]))
			continue;
		if (c->numbered)
			snprintf(path, sizeof(path), "%u/Events.evtx", ++c->count);
		else
			snprintf(path, sizeof(path), "(%u) Events %s Events.evtx", ++c->count,
				 name);
		ED_TRY(add_evtx(s, &c->members, s->channels[i].name, path, err));
		snprintf(path, sizeof(path), "%s Events.evtx", name);
		add_result(c, "Events", path, 0);
	}
	return ED_OK;
}

/* Logs of the management extension and the output of dsregcmd. */
static ed_status collect_texts(struct collection *c, struct ed_error *err)
{
	char path[200];

	if (has_text(c->s, SCENARIO_DSREG)) {
		snprintf(path, sizeof(path),
			 c->numbered
				 ? "%u/output.log"
				 : "(%u) Command windir_system32_dsregcmd_exe_status output.log",
			 ++c->count);
		ED_TRY(add_text_file(c->s, &c->members, SCENARIO_DSREG, path, err));
		add_result(c, "Command", "%windir%\\system32\\dsregcmd.exe /status", 0);
	}
	c->count++;
	snprintf(path, sizeof(path),
		 c->numbered ? "%u/"
			     : "(%u) FoldersFiles "
			       "programdata_microsoft_intunemanagementextension_logs_/",
		 c->count);
	return add_texts(c->s, &c->members, TEXTS_LOGS, path, err);
}

static ed_status collect_rest(struct collection *c, struct ed_error *err)
{
	const char *failed = "HKLM\\Software\\Microsoft\\IntuneManagementExtension";
	char path[200];

	c->count++;
	snprintf(path, sizeof(path),
		 c->numbered ? "%u/mdmlogs-20260914.cab"
			     : "(%u) FoldersFiles temp_MDMDiagnostics_mdmlogs-20260914_cab/"
			       "mdmlogs-20260914.cab",
		 c->count);
	ED_TRY(build_cab(c->s, &c->members, path, err));
	add_result(c, "FoldersFiles", "temp_MDMDiagnostics_mdmlogs-20260914_cab", 0);
	c->count++;
	snprintf(path, sizeof(path),
		 c->numbered ? "%u" : "(%u) FoldersFiles windir_logs_measuredboot_", c->count);
	ED_TRY(add_boot_logs(c->s, &c->members, path, err));
	add_result(c, "FoldersFiles", "windir_logs_measuredboot_", 0);
	c->count++;
	if (!c->numbered) {
		snprintf(path, sizeof(path),
			 "(%u) RegistryKey HKLM_SOFTWARE_Microsoft_IntuneManagementExtension - "
			 "No Results - Error [0x80070003]",
			 c->count);
		ED_TRY(add_file(&c->members, path, ED_STR(""), err));
		add_result(c, "RegistryKey", failed, -2147024893);
		return ED_OK;
	}
	snprintf(path, sizeof(path), "%u/export.reg", c->count);
	add_result(c, "RegistryKey", failed, 0);
	return add_file(
		&c->members, path,
		ED_STR("Windows Registry Editor Version 5.00\r\n\r\n"
		       "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\IntuneManagementExtension]"
		       "\r\n"),
		err);
}

static ed_status wrap_collected(const struct scenario *s, bool numbered,
				struct scenario_files *files, struct ed_error *err)
{
	struct collection c = { .s = s,
				.members = { .arena = files->arena },
				.numbered = numbered };
	ed_status status;

	ed_buf_init(&c.results, PROVIDED_LIMIT);
	ed_buf_addz(&c.results, "<Collection HRESULT=\"0\"><ID>6a3f</ID><SasUrl>"
				"https://example.blob.core.windows.net/d/x.zip?sv=2020&amp;"
				"sig=NOT-A-REAL-SIGNATURE&amp;se=2026-09-15</SasUrl>");
	status = collect_events(&c, err);
	if (status == ED_OK && s->text_count)
		status = collect_texts(&c, err);
	if (status == ED_OK)
		status = collect_rest(&c, err);
	ed_buf_addz(&c.results, "</Collection>");
	if (status == ED_OK)
		status = add_file(&c.members, "results.xml", ed_buf_str(&c.results), err);
	ed_buf_release(&c.results);
	return status == ED_OK ? zip_files(&c.members, files, err) : status;
}

ed_status scenario_wrap(const struct scenario *s, const char *form, struct scenario_files *files,
			struct ed_error *err)
{
	*files = (struct scenario_files){ .arena = s->arena };
	if (strcmp(form, "evtx") == 0)
		return wrap_evtx(s, files, err);
	if (strcmp(form, "xml") == 0)
		return wrap_xml(s, files, err);
	if (strcmp(form, "zip") == 0)
		return wrap_zip(s, files, err);
	if (strcmp(form, "collect-diagnostics") == 0)
		return wrap_collected(s, false, files, err);
	if (strcmp(form, "collect-diagnostics-numbered") == 0)
		return wrap_collected(s, true, files, err);
	return ed_fail(err, ED_ARG, "no such form of evidence: '%s'", form);
}

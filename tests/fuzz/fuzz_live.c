/* SPDX-License-Identifier: MIT */
/*
 * What a live run reads, from doubles of Windows that answer with the input: the first byte says
 * which of them, the rest is what they say. Whatever it is, collecting ends, everything that was
 * opened is closed, nothing is asked that may not be asked, and all that was recorded can be read,
 * also as the members of a bundle that redaction makes of it.
 */
#include "fuzz_doubles.h"
#include "fuzz_shown.h"

#include "espdiag/bundle/bundle.h"
#include "espdiag/collectors/evxml.h"
#include "espdiag/collectors/reg.h"
#include "espdiag/collectors/state.h"

#include "files_priv.h"
#include "gather.h"
#include "smbios_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ed_status live_registry(struct feed *f, struct ed_live *live, struct ed_recording *out,
			       struct ed_error *err)
{
	const struct ed_registry_api api = { .context = f,
					     .open = key_open,
					     .close = feed_close,
					     .subkey = key_subkey,
					     .value = key_value,
					     .data = key_data,
					     .written = key_written,
					     .now_ms = key_now };
	struct registry_member member =
		registry_member_at((enum registry_id)(feed_u8(f) % REGISTRY_ID_COUNT));

	return registry_record(&api, &member, live, out, err);
}

static ed_status live_wmi(struct feed *f, struct ed_live *live, struct ed_recording *out,
			  struct ed_error *err)
{
	const struct ed_wmi_api api = { .context = f,
					.connect = wmi_connect,
					.query = wmi_query,
					.call = wmi_call,
					.close = wmi_close };

	ed_status status;

	ED_TRY(ed_volume_record_shell(feed_code(f) ? shell_fails : shell_tells, out, err));
	/* a volume of a name beyond all limits costs its job */
	status = ed_volume_record(&api, live, out, err);
	if (status != ED_OK && status != ED_LIMIT)
		return status;
	ED_TRY(ed_tpm_record_wmi(&api, live, out, err));
	return ed_mdm_record(&api, (enum ed_rights)(feed_u8(f) % 4), live, out, err);
}

static ed_status live_machine(struct feed *f, struct ed_live *live, struct ed_recording *out,
			      struct ed_error *err)
{
	const struct ed_start_api start = { .context = f,
					    .variable = start_variable,
					    .uptime_ms = start_uptime,
					    .now = start_now };
	const struct identity_api identity = { .context = f,
					       .join = identity_join,
					       .device = identity_device };
	const struct ed_tbs_api tbs = { .context = f, .device = tbs_device, .log = tbs_log };
	ed_status status;

	ED_TRY(ed_start_record(&start, out, err));
	ED_TRY(identity_record(&identity, out, err));
	ED_TRY(ed_tpm_record_device(&tbs, out, err));
	status = ed_tpm_record_log(&tbs, live->raw, out, err);
	return status == ED_FORMAT ? ED_OK : status;
}

static ed_status live_events(struct feed *f, struct ed_live *live, struct ed_recording *out,
			     struct ed_error *err)
{
	const struct ed_wevt_api api = { .context = f,
					 .query = log_query,
					 .next = log_next,
					 .render = log_render,
					 .close = feed_close,
					 .config_open = log_config,
					 .config_enabled = log_enabled };
	const struct ed_wevt_channel *channel =
		&ed_wevt_channels[feed_u8(f) % ed_wevt_channel_count];
	ed_status status =
		ed_wevt_collect(&api, channel, (struct ed_str){ NULL, 0 }, live, out, err);

	return status == ED_ABSENT || status == ED_ACCESS || status == ED_IO ? ED_OK : status;
}

static ed_status live_log_file(struct feed *f, struct ed_live *live, struct ed_recording *out,
			       struct ed_error *err)
{
	const struct ed_wevt_api api = { .context = f,
					 .query = log_down,
					 .close = feed_close,
					 .config_open = log_config,
					 .config_enabled = log_enabled };
	char path[FUZZ_PATH_MOST];
	ed_status status;
	size_t system = 0;

	while (strcmp(ed_wevt_channels[system].name, "System") != 0)
		system++;
	fuzz_path(path, "System.evtx", ED_STR(""));
	fuzz_file_write(path, (struct ed_str){ (const char *)f->p, f->left });
	f->left = 0;
	status = ed_wevt_collect(&api, &ed_wevt_channels[system], ed_str_from(fuzz_folder()), live,
				 out, err);
	unlink(path);
	return status == ED_FORMAT || status == ED_IO || status == ED_ABSENT ? ED_OK : status;
}

static ed_status live_export(struct feed *f, struct ed_live *live, struct ed_recording *out,
			     struct ed_error *err)
{
	const struct ed_wevt_api api = { .context = f, .export_log = log_export };
	char scratch[FUZZ_PATH_MOST];
	struct stat st;
	ed_status status;

	fuzz_path(scratch, "raw", ED_STR(""));
	live->scratch = ed_str_from(scratch);
	status = ed_wevt_raw(&api, live, out, err);
	for (int i = 0; i < ED_LIVE_SCRATCH_FILES; i++) {
		char path[FUZZ_PATH_MOST + 32];

		snprintf(path, sizeof(path), ED_LIVE_SCRATCH_FORMAT, ED_FMT(live->scratch), i);
		fuzz_require(stat(path, &st) != 0, "no file is left behind");
	}
	return status;
}

/* Files: members as text, laid out below both roots. */
static ed_status live_files(struct feed *f, struct ed_live *live, struct ed_recording *out,
			    struct ed_error *err)
{
	struct fuzz_members members;
	char path[FUZZ_PATH_MOST];
	struct files_roots roots = { .separator = '/' };
	ed_status status[3] = { ED_OK, ED_OK, ED_OK };

	fuzz_members_split((struct ed_str){ (const char *)f->p, f->left }, true, &members);
	fuzz_path(path, "unpacked", ED_STR(""));
	roots.program_data = roots.windows = ed_str_from(path);
	if (fuzz_folder_write(&members)) {
		status[0] = files_record_logs(&roots, live, out, err);
		status[1] = files_record_profile(&roots, out, err);
		status[2] = files_record_boot(&roots, live, out, err);
	}
	fuzz_tree_remove(path);
	for (size_t i = 0; i < ED_COUNT(status); i++)
		if (status[i] != ED_OK && status[i] != ED_ABSENT && status[i] != ED_IO)
			return status[i];
	return ED_OK;
}

/* The firmware's table, as Windows hands it over. */
static void live_smbios(const struct feed *f)
{
	struct ed_smbios found = { .has_uuid = false };
	struct ed_str texts[3];

	if (!ed_smbios_system(f->p, f->left, &found))
		return;
	texts[0] = found.manufacturer;
	texts[1] = found.model;
	texts[2] = found.serial;
	for (size_t i = 0; i < ED_COUNT(texts); i++)
		for (size_t k = 0; k < texts[i].len; k++)
			fuzz_require(texts[i].p[k] != '\0', "no end within a text");
}

/* @bytes can be read by the reader of their form, all of them. */
static void require_read(const struct ed_reader *reader, enum ed_form form, struct ed_str bytes)
{
	struct ed_evidence evidence;
	struct ed_input input;
	struct ed_arena arena;

	ed_arena_init(&arena, 256 * ED_MIB);
	ed_evidence_init(&evidence, &arena, NULL);
	ed_input_from_memory(&input, ED_STR("member"), bytes.p, bytes.len);
	fuzz_require(ed_evidence_begin_source(&evidence, input.path, reader->name, NULL) == ED_OK,
		     "a source can begin");
	fuzz_require(reader->read(&input, &evidence.sink, NULL) == ED_OK,
		     "what was recorded can be read");
	/* what an event or a boot log lacked already stays lacking */
	for (size_t i = 0; i < evidence.coverage_count; i++)
		fuzz_require((form != ED_FORM_REG && form != ED_FORM_STATE) ||
				     (evidence.coverage[i].state != ED_STATE_DAMAGED &&
				      evidence.coverage[i].state != ED_STATE_TRUNCATED),
			     "nothing of it is damaged");
	ed_evidence_finish(&evidence);
	ed_evidence_release(&evidence);
	ed_arena_release(&arena);
}

static void require_form(enum ed_form form, struct ed_str bytes)
{
	fuzz_require(form == ED_FORM_RAW || ed_utf8_valid(bytes), "text is valid");
	if (form == ED_FORM_STATE)
		fuzz_shown_json(bytes);
	if (form == ED_FORM_STATE)
		require_read(&ed_reader_state, form, bytes);
	else if (form == ED_FORM_BOOTLOG)
		require_read(&ed_reader_bootlog, form, bytes);
	else if (form == ED_FORM_REG)
		require_read(&ed_reader_reg, form, bytes);
	else if (form == ED_FORM_EVENTS)
		require_read(&ed_reader_evxml, form, bytes);
}

static void require_member(const struct ed_recorded *member)
{
	fuzz_require(ed_pack_name_safe(ed_buf_str(&member->name)), "a name for any extractor");
	fuzz_require(member->bytes.len <= ED_LIMIT_RECORDED, "no more than is recorded");
	require_form(member->form, ed_buf_str(&member->bytes));
}

/* The bundle of it: as many members, or a reason why not, and what state/run.json says. */
static void require_bundle(const struct ed_recording *recording, enum ed_redact_level level)
{
	const struct ed_device device = { .name = ED_STR("PC-1"), .account = ED_STR("alex") };
	const struct ed_gather_about about = { .device = &device,
					       .device_tag = ED_STR("3f9a1c228e0177b4"),
					       .level = level,
					       .evaluated_at = ED_TIME_NONE };
	struct ed_bundle *bundle;
	struct ed_gather gather;
	struct ed_buf bytes;

	fuzz_require(ed_gather_begin(&gather, level, &device, NULL) == ED_OK &&
			     ed_gather_take(&gather, recording, NULL) == ED_OK &&
			     ed_gather_bundle(&gather, &about, &bundle, NULL) == ED_OK,
		     "a bundle can be made of it");
	fuzz_require(ed_bundle_count(bundle) <= recording->member_count + 1, "and of nothing else");
	ed_buf_init(&bytes, 2 * ED_LIMIT_RECORDED);
	for (size_t i = 0; i < ed_bundle_count(bundle); i++) {
		struct ed_bundle_member member;

		ed_bundle_member(bundle, i, &member);
		ed_buf_clear(&bytes);
		fuzz_require(ed_bundle_bytes(bundle, i, &bytes, NULL) == ED_OK, "it comes back");
		if (ed_str_eq(member.name, ED_STR("state/run.json")))
			fuzz_shown_json(ed_buf_str(&bytes));
		else
			require_form(member.form, ed_buf_str(&bytes));
	}
	ed_buf_release(&bytes);
	ed_bundle_free(bundle);
	ed_gather_release(&gather);
}

static void require_recording(const struct ed_recording *recording)
{
	for (size_t i = 0; i < recording->member_count; i++)
		require_member(&recording->members[i]);
	for (size_t i = 0; i < recording->gap_count; i++) {
		const struct ed_recorded_gap *gap = &recording->gaps[i];

		fuzz_require(gap->source.len && gap->why.len, "a gap says what and why");
		fuzz_require(ed_utf8_valid(ed_buf_str(&gap->source)) &&
				     ed_utf8_valid(ed_buf_str(&gap->why)),
			     "in valid text");
	}
}

/* The first byte of the input, and what it stands for. */
static const struct {
	char word;
	ed_status (*run)(struct feed *f, struct ed_live *live, struct ed_recording *out,
			 struct ed_error *err);
} kinds[] = {
	{ 'r', live_registry }, { 'w', live_wmi },   { 'm', live_machine }, { 'e', live_events },
	{ 'l', live_log_file }, { 'f', live_files }, { 'x', live_export },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feed f = { .p = data, .left = size };
	struct ed_live live = { .context = &f, .stopped = feed_stopped };
	struct ed_recording recording;
	struct ed_error err = { .status = ED_OK };
	char word = (char)feed_u8(&f);
	uint32_t how;

	fuzz_folder_begin();
	if (word == 's')
		live_smbios(&f);
	how = word == 's' ? 0 : feed_u8(&f);
	live.raw = how & 1;
	/* few of them end early */
	f.stop_at = how % 64 < 32 ? 0 : how % 64 - 31;
	for (size_t i = 0; i < ED_COUNT(kinds); i++) {
		if (kinds[i].word != word)
			continue;
		ed_recording_init(&recording);
		fuzz_require(kinds[i].run(&f, &live, &recording, &err) == ED_OK,
			     "whatever Windows says can be recorded");
		fuzz_require(f.open == 0, "what was opened is closed");
		require_recording(&recording);
		require_bundle(&recording,
			       (enum ed_redact_level)(how >> 6 & 1 ? ED_REDACT_STRICT
								   : ED_REDACT_STANDARD));
		ed_recording_release(&recording);
	}
	return 0;
}

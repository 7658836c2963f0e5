/* SPDX-License-Identifier: MIT */
/*
 * What a live run reads, from doubles of Windows that answer with the input: the first byte says
 * which of them, the rest is what they say. Whatever it is, collecting ends, everything that was
 * opened is closed, nothing is asked that may not be asked, and all that was recorded can be read.
 */
#include "fuzz_folder.h"
#include "fuzz_shown.h"

#include "espdiag/collectors/evxml.h"
#include "espdiag/collectors/reg.h"
#include "espdiag/collectors/state.h"
#include "espdiag/collectors/tpm.h"
#include "espdiag/collectors/volume.h"
#include "espdiag/collectors/wevt.h"
#include "espdiag/model/form.h"

#include "files_priv.h"
#include "identity_priv.h"
#include "registry_priv.h"
#include "smbios_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input as answers; past its end all of them are 0 and empty. */
struct feed {
	const uint8_t *p;
	size_t left;
	unsigned open;    /* handles that were given and not closed */
	unsigned looks;   /* times that live->stopped was asked */
	unsigned stop_at; /* it says yes from then on; 0: never */
};

static uint32_t feed_u8(struct feed *f)
{
	if (!f->left)
		return 0;
	f->left--;
	return *f->p++;
}

static uint32_t feed_u32(struct feed *f)
{
	uint32_t n = 0;

	for (int i = 0; i < 4; i++)
		n = n << 8 | feed_u8(f);
	return n;
}

/* Bytes, their number in front of them: one byte, or two behind 0xFF. */
static struct ed_str feed_bytes(struct feed *f)
{
	size_t n = feed_u8(f);
	struct ed_str s;

	if (n == 0xFF)
		n = feed_u8(f) << 8 | feed_u8(f);
	if (n > f->left)
		n = f->left;
	s = (struct ed_str){ n ? (const char *)f->p : "", n };
	f->p += n;
	f->left -= n;
	return s;
}

/* Text as Windows' doors give it here: valid UTF-8; sometimes none. */
static struct ed_str feed_text(struct feed *f, struct ed_arena *arena)
{
	struct ed_str bytes = feed_bytes(f), text;
	struct ed_buf valid;

	if (ed_str_eq(bytes, ED_STR("-")))
		return (struct ed_str){ NULL, 0 };
	ed_buf_init(&valid, ED_MIB);
	ed_buf_utf8(&valid, bytes, NULL);
	text = ed_arena_str(arena, ed_buf_str(&valid));
	ed_buf_release(&valid);
	fuzz_require(text.p != NULL, "memory");
	return text;
}

/* Mostly success, else what the input says. */
static uint32_t feed_code(struct feed *f)
{
	return feed_u8(f) < 0xE0 ? 0 : feed_u32(f);
}

static bool feed_stopped(const struct ed_live *live)
{
	struct feed *f = live->context;

	return ++f->looks >= f->stop_at && f->stop_at;
}

/* Handles are numbers of what was opened. */
static void *feed_open(struct feed *f)
{
	static char place;

	f->open++;
	return &place;
}

static void feed_close(void *context, void *handle)
{
	struct feed *f = context;

	fuzz_require(handle != NULL && f->open > 0, "what is closed was open");
	f->open--;
}

/* The registry. */

static uint32_t key_open(void *context, void *parent, struct ed_str name, bool as_link, void **key)
{
	struct feed *f = context;
	uint32_t code = feed_code(f);

	fuzz_require(name.len % 2 == 0, "a name is UTF-16");
	fuzz_require(!parent || as_link, "no link is followed below a root");
	if (!code && !f->left)
		code = ED_REGISTRY_NOT_FOUND;
	if (!code)
		*key = feed_open(f);
	return code;
}

static uint32_t name_put(struct feed *f, struct ed_buf *name)
{
	struct ed_str bytes = feed_bytes(f);

	ed_buf_adds(name, ed_str_slice(bytes, 0, bytes.len & ~(size_t)1));
	return name->status == ED_OK ? 0 : ED_REGISTRY_MORE_DATA;
}

static uint32_t key_subkey(void *context, void *key, uint32_t i, struct ed_buf *name)
{
	struct feed *f = context;
	uint32_t n = feed_u8(f);

	(void)key;
	if (i >= n % 8 || !f->left)
		return n < 0xF0 ? ED_REGISTRY_NO_MORE : feed_u32(f);
	return name_put(f, name);
}

static uint32_t key_value(void *context, void *key, uint32_t i, struct ed_buf *name, uint32_t *type,
			  uint32_t *size)
{
	struct feed *f = context;
	uint32_t n = feed_u8(f);

	(void)key;
	if (i >= n % 8 || !f->left)
		return n < 0xF0 ? ED_REGISTRY_NO_MORE : feed_u32(f);
	*type = feed_u8(f) % 13;
	*size = feed_u8(f) < 0xF8 ? 16 : feed_u32(f);
	return name_put(f, name);
}

static uint32_t key_data(void *context, void *key, struct ed_str name, uint32_t *type,
			 struct ed_buf *data)
{
	struct feed *f = context;
	uint32_t code = feed_code(f);
	struct ed_buf utf8;

	(void)key;
	ed_buf_init(&utf8, ED_MIB);
	registry_text_name(&utf8, name);
	fuzz_require(!registry_is_secret(ed_buf_str(&utf8), *type), "no secret is asked for");
	ed_buf_release(&utf8);
	if (feed_u8(f) >= 0xF0)
		*type = feed_u8(f);
	ed_buf_adds(data, feed_bytes(f));
	return code ? code : data->status == ED_OK ? 0 : ED_REGISTRY_MORE_DATA;
}

static uint32_t key_written(void *context, void *key, int64_t *time)
{
	struct feed *f = context;
	uint32_t code = feed_code(f);

	(void)key;
	*time = (int64_t)((uint64_t)feed_u32(f) << 32);
	return code;
}

static uint64_t key_now(void *context)
{
	(void)context;
	return 1000;
}

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

/* WMI: volumes, the TPM, the MDM bridge. */

static uint32_t wmi_connect(void *context, const struct ed_live *live, const char *name_space,
			    struct ed_wmi **out)
{
	struct feed *f = context;
	uint32_t code = feed_code(f);

	(void)live;
	fuzz_require(strncmp(name_space, "ROOT\\", 5) == 0, "a namespace");
	if (ed_wmi_failed(code))
		return code;
	f->open++;
	*out = (struct ed_wmi *)(void *)f;
	return 0;
}

static void value_feed(struct feed *f, struct ed_str name, struct ed_arena *arena,
		       struct ed_wmi_value *value)
{
	struct ed_str *texts;

	*value = (struct ed_wmi_value){ .name = name, .type = (enum ed_wmi_type)(feed_u8(f) % 6) };
	if (value->type == ED_WMI_BOOL)
		value->truth = feed_u8(f) & 1;
	else if (value->type == ED_WMI_INTEGER)
		value->integer = feed_u8(f) < 0xC0
					 ? (int64_t)feed_u8(f)
					 : (int64_t)((uint64_t)feed_u32(f) << 32 | feed_u32(f));
	else if (value->type == ED_WMI_TEXT)
		value->text = feed_text(f, arena);
	if (value->type == ED_WMI_TEXT && !value->text.p)
		value->type = ED_WMI_NULL;
	if (value->type != ED_WMI_TEXTS)
		return;
	value->text_count = feed_u8(f) % 80;
	texts = ed_arena_calloc(arena, value->text_count + 1, sizeof(*texts));
	fuzz_require(texts != NULL, "memory");
	for (size_t i = 0; i < value->text_count; i++) {
		texts[i] = feed_text(f, arena);
		if (!texts[i].p)
			texts[i] = ED_STR("");
	}
	value->texts = texts;
}

/* Values of the names that are joined by commas, as far as the input has any. */
static void row_feed(struct feed *f, struct ed_str names, struct ed_arena *arena,
		     struct ed_wmi_row *row)
{
	struct ed_wmi_value *values = ed_arena_calloc(arena, 16, sizeof(*values));
	struct ed_str name;

	fuzz_require(values != NULL, "memory");
	*row = (struct ed_wmi_row){ .values = values };
	while (row->count < 16 && ed_str_next(&names, ',', &name))
		if (feed_u8(f) < 0xF0)
			value_feed(f, ed_arena_str(arena, name), arena, &values[row->count++]);
}

static uint32_t wmi_query(struct ed_wmi *wmi, const char *wql, struct ed_arena *arena,
			  struct ed_wmi_rows *out)
{
	struct feed *f = (struct feed *)(void *)wmi;
	struct ed_str text = ed_str_from(wql);
	size_t from = strlen("SELECT "), to = ed_str_find(text, ED_STR(" FROM "), 0);
	uint32_t code = feed_code(f);
	struct ed_wmi_row *rows;

	fuzz_require(ed_str_starts(text, ED_STR("SELECT ")) && to != SIZE_MAX && from < to,
		     "a query only selects");
	if (ed_wmi_failed(code))
		return code;
	out->count = feed_u8(f) % 4;
	out->more = feed_u8(f) >= 0xF0;
	rows = ed_arena_calloc(arena, out->count + 1, sizeof(*rows));
	fuzz_require(rows != NULL, "memory");
	for (size_t i = 0; i < out->count; i++)
		row_feed(f, ed_str_slice(text, from, to), arena, &rows[i]);
	out->items = rows;
	return code;
}

static uint32_t wmi_call(struct ed_wmi *wmi, const struct ed_wmi_call *call, struct ed_arena *arena,
			 struct ed_wmi_row *out)
{
	struct feed *f = (struct feed *)(void *)wmi;
	uint32_t code = feed_code(f);

	fuzz_require(ed_wmi_method_allowed(call->class_name, call->method), "what only reads");
	fuzz_require(ed_str_starts(call->path, ed_str_from(call->class_name)), "of its class");
	if (ed_wmi_failed(code))
		return code;
	row_feed(f,
		 ED_STR("ReturnValue,ConversionStatus,EncryptionPercentage,ProtectionStatus,"
			"EncryptionMethod,LockStatus,VolumeKeyProtectorID,KeyProtectorType,"
			"SuspendCount,IsReady,Information"),
		 arena, out);
	return code;
}

static void wmi_close(struct ed_wmi *wmi)
{
	feed_close(wmi, wmi);
}

static uint32_t shell_tells(const char *root, int64_t *value)
{
	fuzz_require(strcmp(root, "C:\\") == 0, "the system's volume");
	*value = 1;
	return 0;
}

static uint32_t shell_fails(const char *root, int64_t *value)
{
	(void)root;
	(void)value;
	return ED_WMI_E_ACCESSDENIED;
}

static ed_status live_wmi(struct feed *f, struct ed_live *live, struct ed_recording *out,
			  struct ed_error *err)
{
	const struct ed_wmi_api api = { .context = f,
					.connect = wmi_connect,
					.query = wmi_query,
					.call = wmi_call,
					.close = wmi_close };

	ED_TRY(ed_volume_record_shell(feed_code(f) ? shell_fails : shell_tells, out, err));
	ED_TRY(ed_volume_record(&api, live, out, err));
	ED_TRY(ed_tpm_record_wmi(&api, live, out, err));
	return ed_mdm_record(&api, (enum ed_rights)(feed_u8(f) % 4), live, out, err);
}

/* The TPM base services, firmware, join and account. */

static uint32_t tbs_device(void *context, struct ed_tpm_device *out)
{
	struct feed *f = context;

	*out = (struct ed_tpm_device){ feed_u8(f), feed_u32(f), feed_u32(f) };
	return feed_code(f);
}

static uint32_t tbs_log(void *context, unsigned char *out, uint32_t *size)
{
	struct feed *f = context;
	size_t n = f->left > 8 ? f->left - 8 : 0;
	uint32_t code = f->left ? feed_code(f) : ED_TBS_NO_EVENT_LOG;

	if (code || !out) {
		*size = code ? *size : (uint32_t)n;
		return code;
	}
	if (n > *size)
		return ED_TBS_INSUFFICIENT_BUFFER;
	/* the rest of the input is the log */
	n = n < f->left ? n : f->left;
	memcpy(out, f->p, n);
	*size = (uint32_t)n;
	return 0;
}

static uint32_t start_variable(void *context, const char *name, uint8_t *out)
{
	struct feed *f = context;

	fuzz_require(name[0] == 'S', "a variable that is known");
	*out = (uint8_t)feed_u8(f);
	return feed_code(f);
}

static uint64_t start_uptime(void *context)
{
	return (uint64_t)feed_u32(context) << (feed_u8(context) % 33);
}

static int64_t start_now(void *context)
{
	return (int64_t)((uint64_t)feed_u32(context) << 30);
}

static ed_status identity_join(void *context, struct ed_arena *arena, struct identity_join *out,
			       struct ed_error *err)
{
	static const ed_status statuses[] = { ED_UNSUPPORTED, ED_ACCESS, ED_IO };
	struct feed *f = context;
	uint32_t how = feed_u8(f);

	if (how >= 0xE0)
		return ed_fail(err, statuses[how % 3], "cannot be asked");
	*out = (struct identity_join){ .joined = how & 1, .type = feed_u8(f) % 4 };
	out->device_id = feed_text(f, arena);
	out->tenant_id = feed_text(f, arena);
	out->tenant_name = feed_text(f, arena);
	out->idp_domain = feed_text(f, arena);
	out->user_email = feed_text(f, arena);
	out->enrollment_url = feed_text(f, arena);
	return ED_OK;
}

static ed_status identity_device(void *context, struct ed_arena *arena, struct ed_device *out,
				 struct ed_error *err)
{
	struct feed *f = context;

	(void)err;
	*out = (struct ed_device){ .account = feed_text(f, arena),
				   .rights = (enum ed_rights)(feed_u8(f) % 4) };
	return ED_OK;
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

/* The event log. */

static uint32_t log_query(void *context, struct ed_str query, bool newest_first, void **results)
{
	struct feed *f = context;
	uint32_t code = f->left ? feed_code(f) : ED_WEVT_END;

	(void)newest_first;
	fuzz_require(ed_str_starts(query, ED_STR("<QueryList>")), "a query");
	if (!code)
		*results = feed_open(f);
	return code;
}

static uint32_t log_next(void *context, void *results, uint32_t count, void **events,
			 uint32_t timeout_ms, uint32_t *got)
{
	struct feed *f = context;
	uint32_t n = feed_u8(f);

	(void)results;
	fuzz_require(timeout_ms > 0, "no wait without an end");
	if (!f->left || !n)
		return ED_WEVT_END;
	if (n >= 0xE0)
		return feed_u32(f);
	*got = 1 + n % 64;
	if (*got > count)
		*got = count;
	for (uint32_t i = 0; i < *got; i++)
		events[i] = feed_open(f);
	return 0;
}

/* Text of the input, as it is with a byte less than 0x80 in front, else each byte a unit. */
static uint32_t log_render(void *context, void *event, uint32_t size, void *buffer, uint32_t *used)
{
	struct feed *f = context;
	uint32_t code = feed_code(f);
	bool wide = feed_u8(f) >= 0x80;
	struct feed before = *f;
	struct ed_str bytes = feed_bytes(f);
	size_t n = wide ? bytes.len & ~(size_t)1 : 2 * bytes.len;

	(void)event;
	if (code)
		return code;
	*used = (uint32_t)n + 2;
	if (*used > size) {
		*f = before;
		return ED_WEVT_SMALL_BUFFER;
	}
	memset(buffer, 0, *used);
	for (size_t i = 0; i < bytes.len && (!wide || i < n); i++)
		((char *)buffer)[wide ? i : 2 * i] = bytes.p[i];
	return 0;
}

static uint32_t log_config(void *context, struct ed_str channel, void **config)
{
	uint32_t code = feed_code(context);

	fuzz_require(channel.len > 0, "a channel");
	if (!code)
		*config = feed_open(context);
	return code;
}

static uint32_t log_enabled(void *context, void *config, bool *enabled)
{
	(void)config;
	*enabled = feed_u8(context) & 1;
	return feed_code(context);
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

/* The file of a channel whose service is down. */
static uint32_t log_down(void *context, struct ed_str query, bool newest_first, void **results)
{
	(void)context;
	(void)query;
	(void)newest_first;
	(void)results;
	return 1722; /* RPC_S_SERVER_UNAVAILABLE */
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

/* Logs as the service exports them. */
static uint32_t log_export(void *context, struct ed_str channel, struct ed_str file)
{
	uint32_t code = feed_code(context);
	char path[FUZZ_PATH_MOST];

	fuzz_require(channel.len > 0 && ed_str_starts(file, ed_str_from(fuzz_folder())),
		     "only where it may write");
	snprintf(path, sizeof(path), "%.*s", ED_FMT(file));
	fuzz_file_write(path, feed_bytes(context));
	return code;
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

/* What was recorded can be read by the reader of its form, all of it. */
static void require_read(const struct ed_reader *reader, const struct ed_recorded *member)
{
	struct ed_evidence evidence;
	struct ed_input input;
	struct ed_arena arena;

	ed_arena_init(&arena, 256 * ED_MIB);
	ed_evidence_init(&evidence, &arena, NULL);
	ed_input_from_memory(&input, ed_buf_str(&member->name), member->bytes.p, member->bytes.len);
	fuzz_require(ed_evidence_begin_source(&evidence, input.path, reader->name, NULL) == ED_OK,
		     "a source can begin");
	fuzz_require(reader->read(&input, &evidence.sink, NULL) == ED_OK,
		     "what was recorded can be read");
	/* what an event or a boot log lacked already stays lacking */
	for (size_t i = 0; i < evidence.coverage_count; i++)
		fuzz_require((member->form != ED_FORM_REG && member->form != ED_FORM_STATE) ||
				     (evidence.coverage[i].state != ED_STATE_DAMAGED &&
				      evidence.coverage[i].state != ED_STATE_TRUNCATED),
			     "nothing of it is damaged");
	ed_evidence_finish(&evidence);
	ed_evidence_release(&evidence);
	ed_arena_release(&arena);
}

static void require_member(const struct ed_recorded *member)
{
	struct ed_str bytes = ed_buf_str(&member->bytes);

	fuzz_require(ed_pack_name_safe(ed_buf_str(&member->name)), "a name for any extractor");
	fuzz_require(member->bytes.len <= ED_LIMIT_RECORDED, "no more than is recorded");
	fuzz_require(member->form == ED_FORM_RAW || ed_utf8_valid(bytes), "text is valid");
	if (member->form == ED_FORM_STATE)
		fuzz_shown_json(bytes);
	if (member->form == ED_FORM_STATE)
		require_read(&ed_reader_state, member);
	else if (member->form == ED_FORM_BOOTLOG)
		require_read(&ed_reader_bootlog, member);
	else if (member->form == ED_FORM_REG)
		require_read(&ed_reader_reg, member);
	else if (member->form == ED_FORM_EVENTS)
		require_read(&ed_reader_evxml, member);
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
		ed_recording_release(&recording);
	}
	return 0;
}

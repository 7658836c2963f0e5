/* SPDX-License-Identifier: MIT */
/* The doubles, and the table of jobs over them that takes the place of the one without any. */
#include "twin.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/utf.h"
#include "espdiag/collectors/tpm.h"
#include "espdiag/collectors/volume.h"
#include "espdiag/collectors/wevt.h"
#include "espdiag/platform/device.h"
#include "espdiag/platform/task.h"

#include "live.h"
#include "products.h"
#include "registry_fake.h"
#include "seam.h"
#include "test_wmi_fake.h"
#include "wevtapi_query.h"

#include <stdio.h>
#include <stdlib.h>

#define NAMESPACE "ROOT\\CIMV2\\Security\\MicrosoftVolumeEncryption"
#define VOLUMES "FROM Win32_EncryptableVolume"
#define HANDLES 128
#define TEXT_MOST 65536
#define LOG_MOST 65536

/* What is asked for, in the order of the jobs. */
static const char *const channel_names[] = {
	"Microsoft-Windows-Store/Operational",
	"Microsoft-Windows-AAD/Operational",
	"Microsoft-Windows-BitLocker/BitLocker Management",
	"System",
};
#define CHANNELS (sizeof(channel_names) / sizeof(channel_names[0]))

struct handle {
	bool used;
	size_t channel, at;
	struct query query;
	struct query_select selects[QUERY_SELECTS];
	bool reverse;
	struct ed_str line; /* of an event */
};

static struct {
	char text[CHANNELS][TEXT_MOST];
	size_t len[CHANNELS];
	char boot_log[LOG_MOST];
	size_t boot_log_len;
	char ime[512];
	struct handle handles[HANDLES];
	int open;
	struct fake_wmi wmi;
	bool bare;
} twin;

static bool file_get(const char *path, char *out, size_t cap, size_t *len)
{
	FILE *f = fopen(path, "rb");

	if (!f)
		return false;
	*len = fread(out, 1, cap, f);
	fclose(f);
	return *len && *len < cap;
}

/* The event log. */

static struct handle *handle_new(size_t channel)
{
	for (size_t i = 0; i < HANDLES; i++) {
		struct handle *h = &twin.handles[i];

		if (h->used)
			continue;
		h->used = true;
		h->channel = channel;
		twin.open++;
		return h;
	}
	abort();
}

static uint32_t wevt_query(void *context, struct ed_str text, bool newest_first, void **results)
{
	uint32_t code = (uint32_t)seam_api();
	struct handle *h;
	size_t channel = 0;

	(void)context;
	if (code)
		return code;
	h = handle_new(0);
	h->query = (struct query){ .selects = h->selects };
	if (!query_parse(&h->query, text))
		abort();
	while (channel < CHANNELS && strcmp(channel_names[channel], h->query.channel) != 0)
		channel++;
	if (channel == CHANNELS)
		abort();
	h->channel = channel;
	h->reverse = newest_first;
	h->at = newest_first ? twin.len[channel] : 0;
	*results = h;
	return 0;
}

static bool line_next(struct handle *h, struct ed_str *line)
{
	struct ed_str text = { twin.text[h->channel], twin.len[h->channel] };
	size_t end;

	if (h->reverse) {
		size_t from = h->at ? h->at - 1 : 0;

		if (!h->at)
			return false;
		while (from && text.p[from - 1] != '\n')
			from--;
		*line = ed_str_slice(text, from, h->at - 1);
		h->at = from;
		return true;
	}
	if (h->at >= text.len)
		return false;
	end = ed_str_find(text, ED_STR("\n"), h->at);
	*line = ed_str_slice(text, h->at, end);
	h->at = end + 1;
	return true;
}

static uint32_t wevt_next(void *context, void *results, uint32_t count, void **events,
			  uint32_t timeout_ms, uint32_t *got)
{
	uint32_t code = (uint32_t)seam_api();
	struct handle *h = results;
	struct query_event event;
	struct ed_str line;

	(void)context;
	(void)timeout_ms;
	if (code)
		return code;
	*got = 0;
	while (*got < count && line_next(h, &line)) {
		if (!query_event_read(line, &event) || !query_matches(&h->query, &event))
			continue;
		events[*got] = handle_new(h->channel);
		((struct handle *)events[(*got)++])->line = line;
	}
	return *got ? 0 : ED_WEVT_END;
}

static uint32_t wevt_render(void *context, void *event, uint32_t size, void *buffer, uint32_t *used)
{
	uint32_t code = (uint32_t)seam_api();
	const struct handle *h = event;
	char *out = buffer;

	(void)context;
	if (code)
		return code;
	*used = (uint32_t)(h->line.len + 1) * 2;
	if (*used > size)
		return ED_WEVT_SMALL_BUFFER;
	/* the events of the test are ASCII */
	for (size_t i = 0; i <= h->line.len; i++) {
		out[2 * i] = i < h->line.len ? h->line.p[i] : '\0';
		out[2 * i + 1] = '\0';
	}
	return 0;
}

static void wevt_close(void *context, void *handle)
{
	(void)context;
	((struct handle *)handle)->used = false;
	twin.open--;
}

static uint32_t wevt_config_open(void *context, struct ed_str channel, void **config)
{
	uint32_t code = (uint32_t)seam_api();

	(void)context;
	(void)channel;
	if (!code)
		*config = handle_new(0);
	return code;
}

static uint32_t wevt_config_enabled(void *context, void *config, bool *enabled)
{
	uint32_t code = (uint32_t)seam_api();

	(void)context;
	(void)config;
	if (!code)
		*enabled = true;
	return code;
}

static const struct ed_wevt_api wevt_api = {
	.query = wevt_query,
	.next = wevt_next,
	.render = wevt_render,
	.close = wevt_close,
	.config_open = wevt_config_open,
	.config_enabled = wevt_config_enabled,
};

/* WMI. */

#define RETURNED FAKE_INT("ReturnValue", 0)

static const struct fake_answer answers[] = {
	{ .key = NAMESPACE },
	{ .key = VOLUMES,
	  .values = { FAKE_TEXT("DeviceID",
				"\\\\?\\Volume{00000000-0000-0000-0000-0000000000c0}\\"),
		      FAKE_TEXT("DriveLetter", "C:"), FAKE_INT("VolumeType", 0) } },
	{ .key = "GetConversionStatus",
	  .values = { FAKE_INT("ConversionStatus", 1), FAKE_INT("EncryptionPercentage", 100),
		      RETURNED } },
	{ .key = "GetProtectionStatus", .values = { FAKE_INT("ProtectionStatus", 1), RETURNED } },
	{ .key = "GetEncryptionMethod", .values = { FAKE_INT("EncryptionMethod", 6), RETURNED } },
};

/* A code of Windows is no failure of WMI. */
static uint32_t wmi_step(void)
{
	uint32_t code = (uint32_t)seam_api();

	return code && !ed_wmi_failed(code) ? ED_WMI_FAILED : code;
}

static uint32_t wmi_connect(void *context, const struct ed_live *live, const char *name_space,
			    struct ed_wmi **out)
{
	uint32_t code = wmi_step();
	struct ed_wmi_api fake = fake_api(&twin.wmi);

	(void)context;
	if (!code && twin.bare)
		code = ED_WMI_INVALID_NAMESPACE;
	if (!code)
		code = fake.connect(&twin.wmi, live, name_space, out);
	twin.open += !ed_wmi_failed(code);
	return code;
}

static uint32_t wmi_query(struct ed_wmi *wmi, const char *wql, struct ed_arena *arena,
			  struct ed_wmi_rows *out)
{
	uint32_t code = wmi_step();

	return code ? code : fake_api(&twin.wmi).query(wmi, wql, arena, out);
}

static uint32_t wmi_call(struct ed_wmi *wmi, const struct ed_wmi_call *call, struct ed_arena *arena,
			 struct ed_wmi_row *out)
{
	uint32_t code = wmi_step();

	return code ? code : fake_api(&twin.wmi).call(wmi, call, arena, out);
}

static void wmi_close(struct ed_wmi *wmi)
{
	(void)wmi;
	twin.open--;
}

static const struct ed_wmi_api wmi_api = { NULL, wmi_connect, wmi_query, wmi_call, wmi_close };

/* The TPM. */

static uint32_t tbs_device(void *context, struct ed_tpm_device *out)
{
	uint32_t code = (uint32_t)seam_api();

	(void)context;
	if (!code)
		*out = (struct ed_tpm_device){ 2, 3, 59 };
	return code;
}

static uint32_t tbs_log(void *context, unsigned char *out, uint32_t *size)
{
	uint32_t code = (uint32_t)seam_api();

	(void)context;
	if (code)
		return code;
	if (out && *size < twin.boot_log_len)
		return ED_TBS_INSUFFICIENT_BUFFER;
	if (out)
		memcpy(out, twin.boot_log, twin.boot_log_len);
	*size = (uint32_t)twin.boot_log_len;
	return 0;
}

static const struct ed_tbs_api tbs_api = { NULL, tbs_device, tbs_log };

/* The registry, with one member's key. */

static const struct fake_value windows_values[] = {
	{ .name = "CurrentBuild",
	  .type = 1,
	  .data = { "2\0"
		    "2\0"
		    "6\0"
		    "3\0"
		    "1\0\0\0",
		    12 } },
	{ .name = "UBR", .type = 4, .data = { "\1\2\0\0", 4 } },
};
static const struct fake_key windows_key = {
	.path = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion",
	.values = windows_values,
	.value_count = ED_COUNT(windows_values)
};
static struct fake_registry registry = { .keys = &windows_key, .count = 1 };
static struct ed_registry_api registry_fake;

static uint32_t key_open(void *context, void *parent, struct ed_str name, bool as_link, void **key)
{
	uint32_t code = (uint32_t)seam_api();

	if (!code)
		code = registry_fake.open(context, parent, name, as_link, key);
	twin.open += !code;
	return code;
}

static void key_close(void *context, void *key)
{
	twin.open--;
	registry_fake.close(context, key);
}

static uint32_t key_subkey(void *context, void *key, uint32_t i, struct ed_buf *name)
{
	uint32_t code = (uint32_t)seam_api();

	return code ? code : registry_fake.subkey(context, key, i, name);
}

static uint32_t key_value(void *context, void *key, uint32_t i, struct ed_buf *name, uint32_t *type,
			  uint32_t *size)
{
	uint32_t code = (uint32_t)seam_api();

	return code ? code : registry_fake.value(context, key, i, name, type, size);
}

static uint32_t key_data(void *context, void *key, struct ed_str name, uint32_t *type,
			 struct ed_buf *data)
{
	uint32_t code = (uint32_t)seam_api();

	return code ? code : registry_fake.data(context, key, name, type, data);
}

static uint32_t key_written(void *context, void *key, int64_t *time)
{
	uint32_t code = (uint32_t)seam_api();

	return code ? code : registry_fake.written(context, key, time);
}

/* The jobs. */

static ed_status run_channel(const struct ed_live_job *job, const struct ed_live *live,
			     struct ed_recording *out, struct ed_error *err)
{
	static const struct ed_str nowhere = { NULL, 0 };

	for (size_t i = 0; i < ed_wevt_channel_count; i++)
		if (strcmp(ed_wevt_channels[i].name, job->source) == 0)
			return ed_wevt_collect(&wevt_api, &ed_wevt_channels[i], nowhere, live, out,
					       err);
	abort();
}

static ed_status run_volume(const struct ed_live_job *job, const struct ed_live *live,
			    struct ed_recording *out, struct ed_error *err)
{
	(void)job;
	return ed_volume_record(&wmi_api, live, out, err);
}

static ed_status run_tpm(const struct ed_live_job *job, const struct ed_live *live,
			 struct ed_recording *out, struct ed_error *err)
{
	(void)job;
	(void)live;
	return ed_tpm_record_device(&tbs_api, out, err);
}

static ed_status run_boot_log(const struct ed_live_job *job, const struct ed_live *live,
			      struct ed_recording *out, struct ed_error *err)
{
	(void)job;
	return ed_tpm_record_log(&tbs_api, live->raw, out, err);
}

static ed_status run_registry(const struct ed_live_job *job, const struct ed_live *live,
			      struct ed_recording *out, struct ed_error *err)
{
	struct registry_member member = registry_member_at(REGISTRY_ID_WINDOWS);
	struct ed_registry_api api;
	struct ed_live own;

	(void)job;
	fake_registry_api(&registry, &registry_fake, &own);
	api = registry_fake;
	api.open = key_open;
	api.close = key_close;
	api.subkey = key_subkey;
	api.value = key_value;
	api.data = key_data;
	api.written = key_written;
	return registry_record(&api, &member, live, out, err);
}

static struct ed_live_job jobs[CHANNELS + 4];
static struct ed_live_jobs jobs_set = { jobs, ED_COUNT(jobs) };
static const struct ed_live_jobs *const sets[] = { &jobs_set };

/* In the place of agent/app/live_none.c. */
const struct ed_app_live ed_app_live = { .sets = sets, .set_count = ED_COUNT(sets) };

void ed_app_live_prepare(void)
{
}

static void jobs_fill(void)
{
	static const struct ed_live_job others[] = {
		{ .name = "volumes", .source = "Win32_EncryptableVolume", .run = run_volume },
		{ .name = "TPM", .source = "Tbsi_GetDeviceInfo", .run = run_tpm },
		{ .name = "boot log", .source = "Tbsi_Get_TCG_Log_Ex", .run = run_boot_log },
		{ .name = "registry", .source = "HKEY_LOCAL_MACHINE", .run = run_registry },
	};

	for (size_t i = 0; i < ED_COUNT(jobs); i++) {
		struct ed_live_job job = { .name = "event log", .run = run_channel };

		if (i < CHANNELS) {
			job.source = channel_names[i];
			job.is_channel = true;
		} else {
			job = others[i - CHANNELS];
		}
		job.limit_ms = 60000;
		memcpy(&jobs[i], &job, sizeof(job));
	}
}

bool twin_begin(const char *events, const char *boot_log, const char *ime)
{
	char path[512];

	twin.wmi = (struct fake_wmi){ .answers = answers, .count = ED_COUNT(answers) };
	jobs_fill();
	text_put(twin.ime, sizeof(twin.ime), "%s", ime);
	for (size_t i = 0; i < CHANNELS; i++) {
		const char *name = channel_names[i], *slash = strchr(name, '/');
		int head = slash ? (int)(slash - name) : (int)strlen(name);

		text_put(path, sizeof(path), "%s/%.*s%s%s.xml", events, head, name,
			 slash ? "%4" : "", slash ? slash + 1 : "");
		if (!file_get(path, twin.text[i], TEXT_MOST, &twin.len[i])) {
			fprintf(stderr, "no events in '%s'\n", path);
			return false;
		}
	}
	return file_get(boot_log, twin.boot_log, LOG_MOST, &twin.boot_log_len);
}

void twin_without_wmi(bool without)
{
	twin.bare = without;
}

int twin_open(void)
{
	return twin.open;
}

/* Who runs, and where the management extension has its logs. */

ed_status __real_ed_device_read(struct ed_arena *arena, struct ed_device *out,
				struct ed_error *err);
ed_status __wrap_ed_device_read(struct ed_arena *arena, struct ed_device *out,
				struct ed_error *err);
ed_status __wrap_ed_ime_log_folder(struct ed_arena *arena, struct ed_str *out,
				   struct ed_error *err);

ed_status __wrap_ed_device_read(struct ed_arena *arena, struct ed_device *out, struct ed_error *err)
{
	ED_TRY(__real_ed_device_read(arena, out, err));
	out->rights = ED_RIGHTS_SYSTEM;
	out->has_uuid = true;
	memset(out->uuid, 0x11, sizeof(out->uuid));
	return ED_OK;
}

ed_status __wrap_ed_ime_log_folder(struct ed_arena *arena, struct ed_str *out, struct ed_error *err)
{
	*out = ed_arena_str(arena, ed_str_from(twin.ime));
	return out->p ? ED_OK : ed_fail(err, ED_NOMEM, "out of memory for a path");
}

/* As late as the case is judged, so that runs are alike. */
int64_t __wrap_ed_clock_now(void);
uint64_t __wrap_ed_clock_ms(void);

int64_t __wrap_ed_clock_now(void)
{
	return INT64_C(134338476070000000); /* 2026-09-14T08:20:07Z */
}

uint64_t __wrap_ed_clock_ms(void)
{
	return 1000;
}

/* Tasks run at once, on the one thread there is: what fails is then the same in each run. */

struct ed_task {
	void (*discard)(void *context);
	void *context;
};

ed_status __wrap_ed_task_start(void (*run)(void *context), void (*discard)(void *context),
			       void *context, struct ed_task **out, struct ed_error *err);
bool __wrap_ed_task_wait_any(struct ed_task *const *tasks, uint32_t count, uint32_t limit_ms,
			     bool interrupt, uint32_t *which);
void __wrap_ed_task_finish(struct ed_task *task);
void __wrap_ed_task_abandon(struct ed_task *task);
void __wrap_ed_sleep_ms(uint32_t ms);

ed_status __wrap_ed_task_start(void (*run)(void *context), void (*discard)(void *context),
			       void *context, struct ed_task **out, struct ed_error *err)
{
	struct ed_task *task = ed_malloc(sizeof(*task));

	if (!task)
		return ed_fail(err, ED_NOMEM, "out of memory for a task");
	*task = (struct ed_task){ discard, context };
	run(context);
	*out = task;
	return ED_OK;
}

bool __wrap_ed_task_wait_any(struct ed_task *const *tasks, uint32_t count, uint32_t limit_ms,
			     bool interrupt, uint32_t *which)
{
	(void)limit_ms;
	(void)interrupt;
	for (uint32_t i = 0; i < count; i++) {
		if (!tasks[i])
			continue;
		*which = i;
		return true;
	}
	return false;
}

void __wrap_ed_task_finish(struct ed_task *task)
{
	ed_free(task);
}

void __wrap_ed_task_abandon(struct ed_task *task)
{
	if (task->discard)
		task->discard(task->context);
	ed_free(task);
}

void __wrap_ed_sleep_ms(uint32_t ms)
{
	(void)ms;
}

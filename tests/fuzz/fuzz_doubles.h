/* SPDX-License-Identifier: MIT */
/* Windows as the live collectors see it, answering with the bytes of an input. */
#ifndef ED_TESTS_FUZZ_DOUBLES_H
#define ED_TESTS_FUZZ_DOUBLES_H

#include "fuzz_folder.h"

#include "espdiag/collectors/tpm.h"
#include "espdiag/collectors/volume.h"
#include "espdiag/collectors/wevt.h"

#include "identity_priv.h"
#include "registry_priv.h"

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

/* An error, but that there is no memory: that ends a job, as it should. */
static uint32_t feed_error(struct feed *f)
{
	uint32_t code = feed_u32(f);

	return code == ED_REGISTRY_NO_MEMORY || code == ED_WMI_OUT_OF_MEMORY ||
			       code == ED_WMI_E_OUTOFMEMORY
		       ? ED_REGISTRY_DENIED
		       : code;
}

/* Mostly success, else what the input says. */
static uint32_t feed_code(struct feed *f)
{
	return feed_u8(f) < 0xE0 ? 0 : feed_error(f);
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
		return n < 0xF0 ? ED_REGISTRY_NO_MORE : feed_error(f);
	return name_put(f, name);
}

static uint32_t key_value(void *context, void *key, uint32_t i, struct ed_buf *name, uint32_t *type,
			  uint32_t *size)
{
	struct feed *f = context;
	uint32_t n = feed_u8(f);

	(void)key;
	if (i >= n % 8 || !f->left)
		return n < 0xF0 ? ED_REGISTRY_NO_MORE : feed_error(f);
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

/* The file of a channel whose service is down. */
static uint32_t log_down(void *context, struct ed_str query, bool newest_first, void **results)
{
	(void)context;
	(void)query;
	(void)newest_first;
	(void)results;
	return 1722; /* RPC_S_SERVER_UNAVAILABLE */
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

#endif

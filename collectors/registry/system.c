/* SPDX-License-Identifier: MIT */
/* The registry of this Windows, and the jobs over it. */
#include "espdiag/collectors/registry.h"

#include "espdiag/base/limits.h"
#include "espdiag/platform/task.h"
#include "registry_priv.h"

#include <windows.h>

#define MOST_NAME 32767 /* units of a value's name, with the NUL */
#define JOB_MS 5000     /* the walk itself ends earlier, unless a call hangs */

/* @name as a NUL-terminated wide string in @out; false when it cannot be one. */
static bool wide_name(struct ed_str name, struct ed_buf *out)
{
	for (size_t i = 0; i + 1 < name.len; i += 2)
		if (!name.p[i] && !name.p[i + 1])
			return false;
	ed_buf_init(out, name.len + sizeof(wchar_t));
	ed_buf_adds(out, name);
	ed_buf_add(out, L"", sizeof(wchar_t));
	return true;
}

static uint32_t system_open(void *context, void *parent, struct ed_str name, bool as_link,
			    void **key)
{
	HKEY under = parent ? (HKEY)parent : HKEY_LOCAL_MACHINE;
	struct ed_buf wide;
	HKEY opened = NULL;
	LSTATUS code = ERROR_NOT_ENOUGH_MEMORY;

	(void)context;
	if (!wide_name(name, &wide))
		return ERROR_INVALID_NAME;
	if (wide.status == ED_OK)
		code = RegOpenKeyExW(under, (const wchar_t *)(const void *)wide.p,
				     as_link ? REG_OPTION_OPEN_LINK : 0, KEY_READ | KEY_WOW64_64KEY,
				     &opened);
	ed_buf_release(&wide);
	if (code == ERROR_SUCCESS)
		*key = opened;
	return code == ERROR_NOT_ENOUGH_MEMORY ? ED_REGISTRY_NO_MEMORY : (uint32_t)code;
}

static void system_close(void *context, void *key)
{
	(void)context;
	RegCloseKey(key);
}

/* Room for a name of @units; NULL when there is none. */
static wchar_t *name_room(struct ed_buf *name, DWORD units)
{
	if (!ed_buf_reserve(name, units * sizeof(wchar_t)))
		return NULL;
	return (wchar_t *)(void *)(name->p + name->len);
}

static uint32_t system_subkey(void *context, void *key, uint32_t i, struct ed_buf *name)
{
	DWORD room = 256;
	LSTATUS code;

	(void)context;
	do {
		DWORD units = room;
		wchar_t *to = name_room(name, room);

		if (!to)
			return ED_REGISTRY_NO_MEMORY;
		code = RegEnumKeyExW(key, i, to, &units, NULL, NULL, NULL, NULL);
		if (code == ERROR_SUCCESS)
			name->len += units * sizeof(wchar_t);
		room *= 2;
	} while (code == ERROR_MORE_DATA && room <= MOST_NAME / 2);
	return (uint32_t)code;
}

static uint32_t system_value(void *context, void *key, uint32_t i, struct ed_buf *name,
			     uint32_t *type, uint32_t *size)
{
	DWORD room = 256;
	LSTATUS code;

	(void)context;
	do {
		DWORD units = room, kind = 0, bytes = 0;
		wchar_t *to = name_room(name, room);

		if (!to)
			return ED_REGISTRY_NO_MEMORY;
		code = RegEnumValueW(key, i, to, &units, NULL, &kind, NULL, &bytes);
		if (code == ERROR_SUCCESS) {
			name->len += units * sizeof(wchar_t);
			*type = kind;
			*size = bytes;
		}
		room *= 2;
	} while (code == ERROR_MORE_DATA && room <= MOST_NAME / 2);
	return (uint32_t)code;
}

static uint32_t system_data(void *context, void *key, struct ed_str name, uint32_t *type,
			    struct ed_buf *data)
{
	DWORD kind = 0, bytes = 256;
	struct ed_buf wide;
	LSTATUS code;

	(void)context;
	if (!wide_name(name, &wide))
		return ERROR_INVALID_NAME;
	code = wide.status == ED_OK ? ERROR_MORE_DATA : ERROR_NOT_ENOUGH_MEMORY;
	/* a value may grow between two looks at it */
	for (int turn = 0; code == ERROR_MORE_DATA && turn < 4; turn++) {
		if (bytes > data->limit - data->len)
			break;
		if (!ed_buf_reserve(data, bytes)) {
			code = ERROR_NOT_ENOUGH_MEMORY;
			break;
		}
		code = RegQueryValueExW(key, (const wchar_t *)(const void *)wide.p, NULL, &kind,
					(BYTE *)data->p + data->len, &bytes);
	}
	ed_buf_release(&wide);
	if (code == ERROR_SUCCESS) {
		data->len += bytes;
		*type = kind;
	}
	return code == ERROR_NOT_ENOUGH_MEMORY ? ED_REGISTRY_NO_MEMORY : (uint32_t)code;
}

static uint32_t system_written(void *context, void *key, int64_t *time)
{
	FILETIME written;
	LSTATUS code = RegQueryInfoKeyW(key, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
					NULL, &written);

	(void)context;
	if (code == ERROR_SUCCESS)
		*time = (int64_t)((uint64_t)written.dwHighDateTime << 32 | written.dwLowDateTime);
	return (uint32_t)code;
}

static uint64_t system_now(void *context)
{
	(void)context;
	return ed_clock_ms();
}

static const struct ed_registry_api registry_system = {
	.open = system_open,
	.close = system_close,
	.subkey = system_subkey,
	.value = system_value,
	.data = system_data,
	.written = system_written,
	.now_ms = system_now,
};

static const enum registry_id ids[] = {
#define REGISTRY_MEMBER(id, name, source, late) REGISTRY_ID_##id,
#include "roots.def"
#undef REGISTRY_MEMBER
};

static ed_status run_member(const struct ed_live_job *job, const struct ed_live *live,
			    struct ed_recording *out, struct ed_error *err)
{
	const enum registry_id *id = job->row;
	struct registry_member member = registry_member_at(*id);

	return registry_record(&registry_system, &member, live, out, err);
}

#define MICROSOFT "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\"
#define POLICIES "HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\"
#define CONTROL "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\"
#define SERVICES "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services"

static const struct ed_live_job jobs[] = {
#define REGISTRY_MEMBER(id, text, key, is_late)                                                    \
	{ .name = "registry " text,                                                                \
	  .source = key,                                                                           \
	  .late = is_late,                                                                         \
	  .limit_ms = JOB_MS,                                                                      \
	  .row = &ids[REGISTRY_ID_##id],                                                           \
	  .run = run_member },
#include "roots.def"
#undef REGISTRY_MEMBER
};

const struct ed_live_jobs ed_registry_jobs = { .jobs = jobs, .count = ED_COUNT(jobs) };

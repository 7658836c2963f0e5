/* SPDX-License-Identifier: MIT */
/* The join as this Windows tells it. The headers of mingw 10 do not know the function. */
#include "espdiag/collectors/identity.h"

#include "espdiag/base/limits.h"
#include "espdiag/base/utf.h"
#include "espdiag/platform/library.h"
#include "identity_priv.h"

#include <windows.h>

/* DSREG_JOIN_INFO of lmjoin.h, in its order. */
struct join_info {
	int type;
	const void *certificate;
	const wchar_t *device_id;
	const wchar_t *idp_domain;
	const wchar_t *tenant_id;
	const wchar_t *user_email;
	const wchar_t *tenant_name;
	const wchar_t *enrollment_url;
	const wchar_t *terms_url;
	const wchar_t *compliance_url;
	const wchar_t *setting_sync_url;
	const void *user;
};

typedef HRESULT(WINAPI *join_get_fn)(const wchar_t *tenant, struct join_info **info);
typedef void(WINAPI *join_free_fn)(struct join_info *info);

/* False when out of memory. */
static bool copy(struct ed_arena *arena, const wchar_t *wide, struct ed_str *out)
{
	if (!wide)
		return true;
	*out = ed_arena_utf16le(arena, wide, wcslen(wide) * sizeof(*wide), NULL);
	return out->p != NULL;
}

static bool copy_all(struct ed_arena *arena, const struct join_info *info,
		     struct identity_join *out)
{
	out->joined = true;
	out->type = (uint32_t)info->type;
	return copy(arena, info->device_id, &out->device_id) &&
	       copy(arena, info->tenant_id, &out->tenant_id) &&
	       copy(arena, info->tenant_name, &out->tenant_name) &&
	       copy(arena, info->idp_domain, &out->idp_domain) &&
	       copy(arena, info->user_email, &out->user_email) &&
	       copy(arena, info->enrollment_url, &out->enrollment_url) &&
	       copy(arena, info->terms_url, &out->terms_url) &&
	       copy(arena, info->compliance_url, &out->compliance_url);
}

static ed_status system_join(void *context, struct ed_arena *arena, struct identity_join *out,
			     struct ed_error *err)
{
	join_get_fn join_get =
		(join_get_fn)ed_library_symbol("netapi32.dll", "NetGetAadJoinInformation");
	join_free_fn join_free =
		(join_free_fn)ed_library_symbol("netapi32.dll", "NetFreeAadJoinInformation");
	struct join_info *info = NULL;
	HRESULT result;
	bool copied = true;

	(void)context;
	if (!join_get || !join_free)
		return ed_fail(err, ED_UNSUPPORTED, "this Windows cannot tell its join");
	result = join_get(NULL, &info);
	if (FAILED(result))
		return ed_fail_os(err, result == E_ACCESSDENIED ? ED_ACCESS : ED_IO,
				  (uint32_t)result, "NetGetAadJoinInformation",
				  "cannot ask for the join: 0x%08lx", (unsigned long)result);
	if (info) {
		copied = copy_all(arena, info, out);
		join_free(info);
	}
	return copied ? ED_OK : ed_fail(err, ED_NOMEM, "out of memory for the join");
}

static ed_status system_device(void *context, struct ed_arena *arena, struct ed_device *out,
			       struct ed_error *err)
{
	(void)context;
	return ed_device_read(arena, out, err);
}

static ed_status run(const struct ed_live_job *job, const struct ed_live *live,
		     struct ed_recording *out, struct ed_error *err)
{
	static const struct identity_api api = { .join = system_join, .device = system_device };

	(void)job;
	(void)live;
	return identity_record(&api, out, err);
}

static const struct ed_live_job jobs[] = {
	{ .name = "join and account",
	  .source = "NetGetAadJoinInformation",
	  .limit_ms = 5000,
	  .run = run },
};

const struct ed_live_jobs ed_identity_jobs = { .jobs = jobs, .count = ED_COUNT(jobs) };

/* SPDX-License-Identifier: MIT */
/* Join and caller as rows of state. */
#include "identity_priv.h"

#include "espdiag/base/limits.h"
#include "espdiag/collectors/state.h"

#define SOURCE ED_STR("NetGetAadJoinInformation")

static void put(struct ed_state_writer *w, const char *path, const char *name, struct ed_str value)
{
	if (value.p)
		ed_state_text(w, ed_str_from(path), name, value);
}

static const char *join_word(uint32_t type)
{
	return type == 1 ? "device" : type == 2 ? "workplace" : "unknown";
}

static void put_join(struct ed_state_writer *w, const struct identity_join *join)
{
	ed_state_bool(w, ED_STR("join"), "Joined", join->joined);
	if (!join->joined)
		return;
	ed_state_number(w, ED_STR("join"), "JoinTypeNumber", join->type);
	put(w, "join", "JoinType", ed_str_from(join_word(join->type)));
	put(w, "join", "DeviceId", join->device_id);
	put(w, "join", "TenantId", join->tenant_id);
	put(w, "join", "TenantDisplayName", join->tenant_name);
	put(w, "join", "IdpDomain", join->idp_domain);
	put(w, "join", "UserEmail", join->user_email);
	put(w, "join", "MdmEnrollmentUrl", join->enrollment_url);
	put(w, "join", "MdmTermsOfUseUrl", join->terms_url);
	put(w, "join", "MdmComplianceUrl", join->compliance_url);
}

static void put_caller(struct ed_state_writer *w, const struct ed_device *device)
{
	put(w, "caller", "Rights", ed_str_from(ed_rights_word(device->rights)));
	put(w, "caller", "Account", device->account);
	ed_state_bool(w, ED_STR("caller"), "OobeAccount", device->oobe_account);
	ed_state_bool(w, ED_STR("caller"), "Wow64", device->wow64);
}

/* The row of a join that could not be asked for; other failures are returned. */
static ed_status join_lost(struct ed_recording *out, ed_status status, struct ed_error *err)
{
	enum ed_state state = status == ED_ACCESS        ? ED_STATE_DENIED
			      : status == ED_UNSUPPORTED ? ED_STATE_ABSENT
							 : ED_STATE_DAMAGED;
	struct ed_error reason = *err;

	if (status == ED_NOMEM)
		return status;
	return ed_recording_gap(out, SOURCE, false, state,
				status == ED_UNSUPPORTED ? 0 : ED_LOST_UNKNOWN,
				ed_str_from(reason.text), err);
}

static ed_status record(const struct identity_api *api, struct ed_arena *arena,
			struct ed_recording *out, struct ed_error *err)
{
	struct identity_join join = { .joined = false };
	struct ed_device device;
	struct ed_error reason = { .status = ED_OK };
	struct ed_state_writer w;
	struct ed_buf *text;
	ed_status known;

	ED_TRY(api->device(api->context, arena, &device, err));
	known = api->join(api->context, arena, &join, &reason);
	if (known == ED_NOMEM) {
		*err = reason;
		return known;
	}
	ED_TRY(ed_recording_add(out, ED_FORM_STATE, ED_STR("state/identity.json"), SOURCE, &text,
				err));
	ed_state_begin(&w, text, "identity");
	if (known == ED_OK)
		put_join(&w, &join);
	else
		ed_state_null(&w, ED_STR("join"), "Joined");
	put_caller(&w, &device);
	ed_state_end(&w);
	if (text->status != ED_OK)
		return ed_fail(err, text->status, "no room for the identity");
	if (known == ED_OK)
		return ED_OK;
	*err = reason;
	return join_lost(out, known, err);
}

ed_status identity_record(const struct identity_api *api, struct ed_recording *out,
			  struct ed_error *err)
{
	struct ed_arena arena;
	struct ed_error own;
	ed_status status;

	ed_arena_init(&arena, ED_MIB);
	status = record(api, &arena, out, err ? err : &own);
	ed_arena_release(&arena);
	return status;
}

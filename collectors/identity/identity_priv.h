/* SPDX-License-Identifier: MIT */
/* What Windows knows of its join to Entra ID and of the caller, and how it is recorded. */
#ifndef ED_IDENTITY_PRIV_H
#define ED_IDENTITY_PRIV_H

#include "espdiag/collectors/live.h"
#include "espdiag/platform/device.h"

/* Of NetGetAadJoinInformation. Text .p NULL: not told. */
struct identity_join {
	bool joined;   /* false: the call succeeded and had nothing to tell */
	uint32_t type; /* 0 unknown, 1 device joined, 2 workplace joined */
	struct ed_str device_id, tenant_id, tenant_name, idp_domain, user_email;
	struct ed_str enrollment_url, terms_url, compliance_url;
};

struct identity_api {
	void *context;
	/*
	 * Text in @arena. ED_UNSUPPORTED: this Windows has no such function. ED_ACCESS, ED_IO,
	 * ED_NOMEM.
	 */
	ed_status (*join)(void *context, struct ed_arena *arena, struct identity_join *out,
			  struct ed_error *err);
	/* As ed_device_read. */
	ed_status (*device)(void *context, struct ed_arena *arena, struct ed_device *out,
			    struct ed_error *err);
};

/* Records the member, and a gap when the join is not known. ED_NOMEM. */
ed_status identity_record(const struct identity_api *api, struct ed_recording *out,
			  struct ed_error *err);

#endif

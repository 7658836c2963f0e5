/* SPDX-License-Identifier: MIT */
/* The only place that names concrete live collectors. Those that wait longest begin first. */
#include "live.h"

#include "espdiag/base/str.h"
#include "espdiag/collectors/files.h"
#include "espdiag/collectors/identity.h"
#include "espdiag/collectors/registry.h"
#include "espdiag/collectors/tpm.h"
#include "espdiag/collectors/volume.h"
#include "espdiag/collectors/wevt_watch.h"
#include "espdiag/platform/library.h"

static const struct ed_live_jobs *const sets[] = {
	&ed_live_volume,   &ed_live_tpm,      &ed_wevt_jobs,
	&ed_registry_jobs, &ed_identity_jobs, &ed_files_jobs,
};

static ed_status follow_begin(struct ed_wevt_api *api, struct ed_watch_signs *signs,
			      struct ed_error *err)
{
	ed_status status = ed_wevt_system_new(api, err);

	if (status != ED_OK)
		return status;
	status = ed_watch_signs_new(signs, err);
	if (status != ED_OK)
		ed_wevt_system_free(api);
	return status;
}

static void follow_end(struct ed_wevt_api *api, struct ed_watch_signs *signs)
{
	ed_watch_signs_free(signs);
	ed_wevt_system_free(api);
}

const struct ed_app_live ed_app_live = { .sets = sets,
					 .set_count = ED_COUNT(sets),
					 .follow_begin = follow_begin,
					 .follow_end = follow_end };

void ed_app_live_prepare(void)
{
	static const char *const libraries[] = { "ole32.dll",  "oleaut32.dll", "shell32.dll",
						 "bcrypt.dll", "wevtapi.dll",  "netapi32.dll",
						 "tbs.dll" };

	ed_library_prepare(libraries, ED_COUNT(libraries));
}

/* SPDX-License-Identifier: MIT */
/* What each system does of private.h. */
#ifndef AGENT_PLATFORM_PRIVATE_PRIV_H
#define AGENT_PLATFORM_PRIVATE_PRIV_H

#include "espdiag/platform/private.h"

/* Makes @folder, which must not be there, for its owner alone. */
ed_status private_folder_create(struct ed_str folder, struct ed_error *err);

#endif

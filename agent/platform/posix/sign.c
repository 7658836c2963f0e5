/* SPDX-License-Identifier: MIT */
/* There is no machine store: other programs sign here. */
#include "espdiag/platform/sign.h"

ed_status ed_sign_detached(struct ed_str who, struct ed_str bytes, struct ed_buf *out,
			   struct ed_error *err)
{
	(void)who;
	(void)bytes;
	(void)out;
	return ed_fail(err, ED_UNSUPPORTED, "signing needs the certificate store of Windows");
}

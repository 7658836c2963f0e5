/* SPDX-License-Identifier: MIT */
/* The system structure of the firmware's SMBIOS table. Portable, so that it is tested anywhere. */
#ifndef AGENT_PLATFORM_SMBIOS_PRIV_H
#define AGENT_PLATFORM_SMBIOS_PRIV_H

#include "espdiag/base/str.h"

#include <stdbool.h>
#include <stddef.h>

/* Text is borrowed from the table, any bytes but NUL, without white space around; .p NULL when the
 * table says nothing. */
struct ed_smbios {
	struct ed_str manufacturer, model, serial;
	bool has_uuid;
	unsigned char uuid[16]; /* as its bytes lie there */
};

/*
 * @raw: what GetSystemFirmwareTable gives for 'RSMB', eight bytes and the table. False, and @out
 * unchanged, when there is no system structure; what is damaged within it is left out.
 */
bool ed_smbios_system(const void *raw, size_t len, struct ed_smbios *out);

#endif

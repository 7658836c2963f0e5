/* SPDX-License-Identifier: MIT */
/*
 * Builds registry text: a .reg export as regedit writes it, or the dump inside an
 * mdmdiagnosticstool cabinet, which has no header line, a blank before every value, DWORD in
 * capitals and no escapes.
 */
#ifndef ESPDIAG_TESTS_REG_BUILD_H
#define ESPDIAG_TESTS_REG_BUILD_H

#include "espdiag/base/buf.h"

enum reg_build_form { REG_BUILD_EXPORT, REG_BUILD_DUMP };

struct reg_build {
	enum reg_build_form form;
	struct ed_buf text; /* UTF-8 */
	struct ed_buf bytes;
};

void reg_build_init(struct reg_build *b, enum reg_build_form form);
void reg_build_release(struct reg_build *b);

/* Full path: "HKEY_LOCAL_MACHINE\…". */
void reg_build_key(struct reg_build *b, const char *path);
/* @name "" is the default value. */
void reg_build_sz(struct reg_build *b, const char *name, const char *text);
void reg_build_dword(struct reg_build *b, const char *name, uint32_t value);
/* Any other type by its number: 2 expand, 3 binary, 7 multi, 11 qword. Long ones are continued. */
void reg_build_hex(struct reg_build *b, const char *name, unsigned type, const void *bytes,
		   size_t len);

/* UTF-16LE with a byte order mark, owned by @b. { NULL, 0 } after a failure. */
struct ed_str reg_build_finish(struct reg_build *b);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The registry as the walk sees it: read only, 64-bit view, below HKEY_LOCAL_MACHINE. Windows is
 * behind it in the program, a tree in memory in the tests. Names and data are bytes as Windows
 * gives them, names UTF-16LE without a NUL. Results are Windows error codes, 0 for success.
 */
#ifndef ED_REGISTRY_API_H
#define ED_REGISTRY_API_H

#include "espdiag/base/buf.h"
#include "espdiag/base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum ed_registry_code {
	ED_REGISTRY_NOT_FOUND = 2,
	ED_REGISTRY_NO_PATH = 3,
	ED_REGISTRY_DENIED = 5,
	ED_REGISTRY_NO_MEMORY = 14,
	ED_REGISTRY_MORE_DATA = 234,
	ED_REGISTRY_NO_MORE = 259,
	ED_REGISTRY_KEY_DELETED = 1018,
};

struct ed_registry_api {
	void *context;
	/*
	 * Opens @name below @parent, NULL: HKEY_LOCAL_MACHINE. @as_link: a symbolic link is opened
	 * itself and leads nowhere.
	 */
	uint32_t (*open)(void *context, void *parent, struct ed_str name, bool as_link, void **key);
	void (*close)(void *context, void *key);
	/* Name of the @i-th key below, appended; ED_REGISTRY_NO_MORE. */
	uint32_t (*subkey)(void *context, void *key, uint32_t i, struct ed_buf *name);
	/* Name of the @i-th value, appended, its type and size; its data stays where it is. */
	uint32_t (*value)(void *context, void *key, uint32_t i, struct ed_buf *name, uint32_t *type,
			  uint32_t *size);
	/* Data of the value @name, appended. ED_REGISTRY_MORE_DATA: more than @data may hold. */
	uint32_t (*data)(void *context, void *key, struct ed_str name, uint32_t *type,
			 struct ed_buf *data);
	/* When the key was written last. */
	uint32_t (*written)(void *context, void *key, int64_t *time);
	uint64_t (*now_ms)(void *context);
};

#endif

/* SPDX-License-Identifier: MIT */
/* A WMI of tables, for tests of what is asked of it and made of it. */
#ifndef TEST_WMI_FAKE_H
#define TEST_WMI_FAKE_H

#include "espdiag/collectors/wmi.h"

#define FAKE_VALUES 8

#define FAKE_INT(n, v)                                                                             \
	{                                                                                          \
		.name = { "" n, sizeof(n) - 1 }, .type = ED_WMI_INTEGER, .integer = (v)            \
	}
#define FAKE_BOOL(n, v)                                                                            \
	{                                                                                          \
		.name = { "" n, sizeof(n) - 1 }, .type = ED_WMI_BOOL, .truth = (v)                 \
	}
#define FAKE_TEXT(n, v)                                                                            \
	{                                                                                          \
		.name = { "" n, sizeof(n) - 1 }, .type = ED_WMI_TEXT, .text = {                    \
			"" v,                                                                      \
			sizeof(v) - 1                                                              \
		}                                                                                  \
	}
#define FAKE_NULL(n)                                                                               \
	{                                                                                          \
		.name = { "" n, sizeof(n) - 1 }, .type = ED_WMI_NULL                               \
	}
#define FAKE_TEXTS(n, list)                                                                        \
	{                                                                                          \
		.name = { "" n, sizeof(n) - 1 }, .type = ED_WMI_TEXTS, .texts = (list),            \
		.text_count = ED_COUNT(list)                                                       \
	}

/* One answer. @key: a namespace, "FROM Class" of a query, a method, or "Method text" for one with
 * that text as in-parameter. Several rows of a query are several answers. */
struct fake_answer {
	const char *key;
	uint32_t result;
	bool no_row; /* a query that finds nothing */
	struct ed_wmi_value values[FAKE_VALUES];
};

struct fake_wmi {
	const struct fake_answer *answers;
	size_t count;
	bool stopped;
	/* What happened */
	int connects, closes, queries, calls;
	char last_query[512];
	char last_path[256];
	char last_namespace[128];
};

/* Both borrow @fake. */
struct ed_wmi_api fake_api(struct fake_wmi *fake);
struct ed_live fake_live(struct fake_wmi *fake);

/* The text of the member @name; "" when there is none. NUL-terminated. */
const char *recorded(const struct ed_recording *r, const char *name);
/* The first gap of @source as "state: why"; "" when there is none. Static buffer. */
const char *gap_of(const struct ed_recording *r, const char *source);
/* True when state @json has the row. @value as JSON writes it. */
bool has_row(const char *json, const char *path, const char *name, const char *value);

#endif

/* SPDX-License-Identifier: MIT */
/* The text file behind the WMI double, as tables. A mistake in it ends the program with a message.
 */
#ifndef TESTS_WIN32_WBEM_DOUBLE_H
#define TESTS_WIN32_WBEM_DOUBLE_H

#include <windows.h>
#include <oleauto.h>
#include <wbemcli.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define DOUBLE_TEXT 512
#define DOUBLE_NAME 64
#define DOUBLE_VALUES 12
#define DOUBLE_ITEMS 24

/* @text as the file has it: 1, true, null, "text", [a b]. */
struct double_value {
	char name[DOUBLE_NAME];
	char text[DOUBLE_TEXT];
};

struct double_values {
	struct double_value values[DOUBLE_VALUES];
	size_t count;
};

struct double_behave {
	HRESULT result;
	bool hang;
	DWORD slow_ms;
};

struct double_method {
	char name[DOUBLE_NAME];
	struct double_value when; /* only for this in-parameter; .name "" for all */
	struct double_behave behave;
	struct double_values outs;
};

struct double_class {
	char name[DOUBLE_NAME];
	struct double_behave behave;
	struct double_values instances[DOUBLE_ITEMS];
	size_t instance_count;
	struct double_method methods[DOUBLE_ITEMS];
	size_t method_count;
};

struct double_namespace {
	char name[DOUBLE_TEXT];
	struct double_behave behave;
	bool needs_privacy; /* denies whoever did not ask for packet privacy */
	struct double_class *classes;
	size_t class_count;
};

struct double_model {
	LONG references;
	struct double_namespace *namespaces;
	size_t namespace_count;
};

/* What a query for an unknown class meets. */
extern const struct double_class double_no_class;

/* NULL when ESPDIAG_DOUBLE_WMI is not set. */
struct double_model *double_model_read(void);
struct double_model *double_model_hold(struct double_model *model);
void double_model_release(struct double_model *model);

const struct double_namespace *double_namespace_find(const struct double_model *model,
						     const char *name);
const struct double_class *double_class_find(const struct double_namespace *n, const char *name);
/* The one for these in-parameters, else the one for all. */
const struct double_method *double_method_find(const struct double_class *c, const char *name,
					       const struct double_value *in, size_t in_count);

/* Into @cap bytes; text that is too long ends the program. */
void double_narrow(const wchar_t *wide, char *out, size_t cap);
BSTR double_wide(const char *text);
void double_variant(const struct double_value *value, VARIANT *out, CIMTYPE *type);
/* Appends a line to the file that ESPDIAG_DOUBLE_WMI_LOG names, if any. */
void double_log(const char *verb, const char *what);

#endif

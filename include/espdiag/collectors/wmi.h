/* SPDX-License-Identifier: MIT */
/*
 * WMI as the live collectors need it: connect to a namespace, ask a query, call a method. A table
 * of functions, so that what is asked and what is made of it is tested without Windows.
 *
 * Results are HRESULTs as WMI gives them; those that collectors tell apart have names here.
 * One connection belongs to one thread, from connect to close.
 */
#ifndef ESPDIAG_COLLECTORS_WMI_H
#define ESPDIAG_COLLECTORS_WMI_H

#include "espdiag/base/arena.h"
#include "espdiag/collectors/live.h"
#include "espdiag/collectors/state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ED_WMI_OK UINT32_C(0)
#define ED_WMI_FAILED UINT32_C(0x80041001)
#define ED_WMI_NOT_FOUND UINT32_C(0x80041002)
#define ED_WMI_ACCESS_DENIED UINT32_C(0x80041003)
#define ED_WMI_OUT_OF_MEMORY UINT32_C(0x80041006)
#define ED_WMI_INVALID_NAMESPACE UINT32_C(0x8004100E)
#define ED_WMI_INVALID_CLASS UINT32_C(0x80041010)
#define ED_WMI_PROVIDER_NOT_FOUND UINT32_C(0x80041011)
#define ED_WMI_INVALID_QUERY UINT32_C(0x80041017)
#define ED_WMI_INVALID_METHOD UINT32_C(0x8004102E)
#define ED_WMI_CANCELLED UINT32_C(0x80041032) /* live->stopped said so */
#define ED_WMI_REFUSED UINT32_C(0x8004106C)   /* a method that we never call */
#define ED_WMI_E_NOTIMPL UINT32_C(0x80004001)
#define ED_WMI_E_ACCESSDENIED UINT32_C(0x80070005)
#define ED_WMI_E_OUTOFMEMORY UINT32_C(0x8007000E)
#define ED_WMI_CLASS_NOT_REGISTERED UINT32_C(0x80040154)

/* True for a failure. */
static inline bool ed_wmi_failed(uint32_t result)
{
	return (result & UINT32_C(0x80000000)) != 0;
}

enum ed_wmi_type {
	ED_WMI_NULL,
	ED_WMI_BOOL,
	ED_WMI_INTEGER,
	ED_WMI_TEXT,
	ED_WMI_TEXTS, /* an array of text */
	ED_WMI_OTHER, /* a type that nothing here needs */
};

struct ed_wmi_value {
	struct ed_str name;
	enum ed_wmi_type type;
	bool truth;
	int64_t integer;
	struct ed_str text;
	const struct ed_str *texts;
	size_t text_count;
};

/* An instance, or the out-parameters of a method. */
struct ed_wmi_row {
	const struct ed_wmi_value *values;
	size_t count;
};

struct ed_wmi_rows {
	const struct ed_wmi_row *items;
	size_t count;
	bool more; /* there were more than ED_LIMIT_WMI_ROWS */
};

/* An in-parameter. */
struct ed_wmi_in {
	const char *name;
	int64_t number;
	struct ed_str text; /* .p NULL: @number is the value */
};

struct ed_wmi_call {
	const char *class_name;
	struct ed_str path; /* of the object, relative to its namespace */
	const char *method;
	const struct ed_wmi_in *in;
	size_t in_count;
};

/* An open connection, as its maker defines it. */
struct ed_wmi;

/* Rows and their text live in the caller's arena. On failure outputs are unchanged. */
struct ed_wmi_api {
	void *context; /* of connect */
	/* @live must outlive the connection: it is asked while something takes long. */
	uint32_t (*connect)(void *context, const struct ed_live *live, const char *name_space,
			    struct ed_wmi **out);
	uint32_t (*query)(struct ed_wmi *wmi, const char *wql, struct ed_arena *arena,
			  struct ed_wmi_rows *out);
	/* The result is that of the call; what the method returned is in @out as "ReturnValue". */
	uint32_t (*call)(struct ed_wmi *wmi, const struct ed_wmi_call *call, struct ed_arena *arena,
			 struct ed_wmi_row *out);
	void (*close)(struct ed_wmi *wmi);
};

/* The real one; Windows only. */
extern const struct ed_wmi_api ed_wmi_system;

/*
 * A method may be called when it is in the one list of methods that neither change anything nor
 * return a secret.
 */
bool ed_wmi_method_allowed(const char *class_name, const char *method);
/* The only way to api->call: ED_WMI_REFUSED, and nothing was called, for any other method. */
uint32_t ed_wmi_call(const struct ed_wmi_api *api, struct ed_wmi *wmi,
		     const struct ed_wmi_call *call, struct ed_arena *arena,
		     struct ed_wmi_row *out);

/* NULL when the row has no such value. Names match without ASCII case. */
const struct ed_wmi_value *ed_wmi_get(const struct ed_wmi_row *row, const char *name);
/* False unless it is there as a number. */
bool ed_wmi_integer(const struct ed_wmi_row *row, const char *name, int64_t *out);

/* Writes @value as a state row under @name; NULL, and what has no value, as null. */
void ed_wmi_put(struct ed_state_writer *w, struct ed_str path, const char *name,
		const struct ed_wmi_value *value);

/*
 * Records a state that was written into @state, of the form STATE; a failure that stuck in @state
 * is returned.
 */
ed_status ed_wmi_member(struct ed_recording *out, struct ed_str name, struct ed_str source,
			const struct ed_buf *state, struct ed_error *err);

/*
 * Makes a failed connect, query or call a gap of @source: denied, absent, timed out or damaged.
 * @what names the step: "namespace", "query". ED_NOMEM when the failure was that, or of the
 * recording.
 */
ed_status ed_wmi_gap(struct ed_recording *out, struct ed_str source, const char *what,
		     uint32_t result, struct ed_error *err);

/* Plain properties of all instances of a class. */
struct ed_wmi_class {
	const char *class_name;
	const char *path;              /* of the rows; "path/2" for the second instance */
	const char *const *properties; /* NULL-terminated; nothing else is asked for */
};

/*
 * Adds them to a state that was begun. Whatever fails is a gap of the class in @out, no instance
 * an absent one; *instances (may be NULL) gets their number. ED_NOMEM.
 */
ed_status ed_wmi_put_class(const struct ed_wmi_api *api, struct ed_wmi *wmi,
			   const struct ed_wmi_class *c, struct ed_state_writer *w,
			   struct ed_recording *out, size_t *instances, struct ed_error *err);

#endif

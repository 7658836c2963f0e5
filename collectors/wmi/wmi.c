/* SPDX-License-Identifier: MIT */
/* What all WMI collectors share: the methods that may be called, rows, and failures as gaps. */
#include "espdiag/collectors/wmi.h"

#include "espdiag/base/limits.h"

#include <string.h>

/*
 * All of them read. Never here: what returns a secret (GetKeyProtectorNumericalPassword,
 * GetKeyProtectorExternalKey, GetKeyPackage) or changes anything.
 */
static const struct {
	const char *class_name, *method;
} allowed[] = {
	{ "Win32_EncryptableVolume", "GetConversionStatus" },
	{ "Win32_EncryptableVolume", "GetProtectionStatus" },
	{ "Win32_EncryptableVolume", "GetEncryptionMethod" },
	{ "Win32_EncryptableVolume", "GetKeyProtectors" },
	{ "Win32_EncryptableVolume", "GetKeyProtectorType" },
	{ "Win32_EncryptableVolume", "GetLockStatus" },
	{ "Win32_EncryptableVolume", "GetSuspendCount" },
	{ "Win32_EncryptableVolume", "GetHardwareEncryptionStatus" },
	{ "Win32_Tpm", "IsReadyInformation" },
};

bool ed_wmi_method_allowed(const char *class_name, const char *method)
{
	for (size_t i = 0; i < ED_COUNT(allowed); i++)
		if (strcmp(allowed[i].class_name, class_name) == 0 &&
		    strcmp(allowed[i].method, method) == 0)
			return true;
	return false;
}

/* The path must be of the class that the method was allowed for. */
static bool path_is_of(struct ed_str path, const char *class_name)
{
	size_t n = strlen(class_name);

	return ed_str_istarts(path, ed_str_from(class_name)) && path.len > n &&
	       (path.p[n] == '.' || path.p[n] == '=');
}

uint32_t ed_wmi_call(const struct ed_wmi_api *api, struct ed_wmi *wmi,
		     const struct ed_wmi_call *call, struct ed_arena *arena, struct ed_wmi_row *out)
{
	if (!ed_wmi_method_allowed(call->class_name, call->method) ||
	    !path_is_of(call->path, call->class_name))
		return ED_WMI_REFUSED;
	return api->call(wmi, call, arena, out);
}

const struct ed_wmi_value *ed_wmi_get(const struct ed_wmi_row *row, const char *name)
{
	for (size_t i = 0; i < row->count; i++)
		if (ed_str_ieq(row->values[i].name, ed_str_from(name)))
			return &row->values[i];
	return NULL;
}

bool ed_wmi_integer(const struct ed_wmi_row *row, const char *name, int64_t *out)
{
	const struct ed_wmi_value *value = ed_wmi_get(row, name);

	if (!value || value->type != ED_WMI_INTEGER)
		return false;
	*out = value->integer;
	return true;
}

static void put_texts(struct ed_state_writer *w, struct ed_str path, const char *name,
		      const struct ed_wmi_value *value)
{
	struct ed_buf joined;

	ed_buf_init(&joined, ED_LIMIT_VALUE);
	for (size_t i = 0; i < value->text_count; i++) {
		if (i)
			ed_buf_addc(&joined, ',');
		ed_buf_adds(&joined, value->texts[i]);
	}
	if (joined.status == ED_NOMEM && w->json.out->status == ED_OK)
		w->json.out->status = ED_NOMEM;
	ed_state_text(w, path, name, joined.p ? ed_buf_str(&joined) : ED_STR(""));
	ed_buf_release(&joined);
}

void ed_wmi_put(struct ed_state_writer *w, struct ed_str path, const char *name,
		const struct ed_wmi_value *value)
{
	switch (value ? value->type : ED_WMI_NULL) {
	case ED_WMI_BOOL:
		ed_state_bool(w, path, name, value->truth);
		break;
	case ED_WMI_INTEGER:
		ed_state_number(w, path, name, value->integer);
		break;
	case ED_WMI_TEXT:
		ed_state_text(w, path, name, value->text);
		break;
	case ED_WMI_TEXTS:
		put_texts(w, path, name, value);
		break;
	case ED_WMI_NULL:
	case ED_WMI_OTHER:
		ed_state_null(w, path, name);
		break;
	}
}

ed_status ed_wmi_member(struct ed_recording *out, struct ed_str name, struct ed_str source,
			const struct ed_buf *state, struct ed_error *err)
{
	struct ed_buf *bytes;

	if (state->status != ED_OK)
		return ed_fail(err, state->status, "cannot record '%.*s': %s", ED_FMT(name),
			       ed_status_text(state->status));
	ED_TRY(ed_recording_add(out, ED_FORM_STATE, name, source, &bytes, err));
	ed_buf_adds(bytes, ed_buf_str(state));
	if (bytes->status != ED_OK)
		return ed_fail(err, bytes->status, "cannot record '%.*s': %s", ED_FMT(name),
			       ed_status_text(bytes->status));
	return ED_OK;
}

/* What a result means for the coverage, and in words. */
static const struct {
	uint32_t result;
	enum ed_state state;
	const char *words;
} results[] = {
	{ ED_WMI_ACCESS_DENIED, ED_STATE_DENIED, "access denied" },
	{ ED_WMI_E_ACCESSDENIED, ED_STATE_DENIED, "access denied" },
	{ ED_WMI_INVALID_NAMESPACE, ED_STATE_ABSENT, "no such namespace" },
	{ ED_WMI_INVALID_CLASS, ED_STATE_ABSENT, "no such class" },
	{ ED_WMI_NOT_FOUND, ED_STATE_ABSENT, "not found" },
	{ ED_WMI_PROVIDER_NOT_FOUND, ED_STATE_ABSENT, "no provider" },
	{ ED_WMI_INVALID_METHOD, ED_STATE_ABSENT, "no such method" },
	{ ED_WMI_CLASS_NOT_REGISTERED, ED_STATE_ABSENT, "WMI is not installed" },
	{ ED_WMI_E_NOTIMPL, ED_STATE_ABSENT, "not on this system" },
	{ ED_WMI_CANCELLED, ED_STATE_TIMED_OUT, "stopped before it answered" },
};

ed_status ed_wmi_gap(struct ed_recording *out, struct ed_str source, const char *what,
		     uint32_t result, struct ed_error *err)
{
	enum ed_state state = ED_STATE_DAMAGED;
	const char *words = "failed";
	char why[160];

	if (result == ED_WMI_OUT_OF_MEMORY || result == ED_WMI_E_OUTOFMEMORY)
		return ed_fail(err, ED_NOMEM, "out of memory in WMI");
	for (size_t i = 0; i < ED_COUNT(results); i++) {
		if (results[i].result != result)
			continue;
		state = results[i].state;
		words = results[i].words;
	}
	snprintf(why, sizeof(why), "%s: %s (0x%08x)", what, words, (unsigned)result);
	return ed_recording_gap(out, source, false, state, ED_LOST_UNKNOWN, ed_str_from(why), err);
}

static void put_instance(const struct ed_wmi_class *c, const struct ed_wmi_row *row, size_t i,
			 struct ed_state_writer *w)
{
	char path[96];

	if (i)
		snprintf(path, sizeof(path), "%s/%zu", c->path, i + 1);
	else
		snprintf(path, sizeof(path), "%s", c->path);
	for (size_t j = 0; c->properties[j]; j++)
		ed_wmi_put(w, ed_str_from(path), c->properties[j],
			   ed_wmi_get(row, c->properties[j]));
}

static void build_query(const struct ed_wmi_class *c, struct ed_buf *wql)
{
	ed_buf_addz(wql, "SELECT ");
	for (size_t i = 0; c->properties[i]; i++) {
		ed_buf_addz(wql, i ? "," : "");
		ed_buf_addz(wql, c->properties[i]);
	}
	ed_buf_addz(wql, " FROM ");
	ed_buf_addz(wql, c->class_name);
}

ed_status ed_wmi_put_class(const struct ed_wmi_api *api, struct ed_wmi *wmi,
			   const struct ed_wmi_class *c, struct ed_state_writer *w,
			   struct ed_recording *out, size_t *instances, struct ed_error *err)
{
	struct ed_str source = ed_str_from(c->class_name);
	struct ed_wmi_rows rows = { .count = 0 };
	struct ed_arena arena;
	struct ed_buf wql;
	ed_status status = ED_OK;
	uint32_t result;

	ed_arena_init(&arena, ED_LIMIT_WMI_ARENA);
	ed_buf_init(&wql, ED_LIMIT_NAME_BYTES);
	build_query(c, &wql);
	if (wql.status != ED_OK) {
		status = ed_fail(err, wql.status, "cannot ask for %s: %s", c->class_name,
				 ed_status_text(wql.status));
		goto out;
	}
	result = api->query(wmi, wql.p, &arena, &rows);
	if (ed_wmi_failed(result))
		status = ed_wmi_gap(out, source, "query", result, err);
	else if (!rows.count)
		status = ed_recording_gap(out, source, false, ED_STATE_ABSENT, 0,
					  ED_STR("no instance"), err);
	else if (rows.more)
		status = ed_recording_gap(out, source, false, ED_STATE_TRUNCATED, ED_LOST_UNKNOWN,
					  ED_STR("more instances than ED_LIMIT_WMI_ROWS"), err);
	for (size_t i = 0; i < rows.count; i++)
		put_instance(c, &rows.items[i], i, w);
	if (status == ED_OK && instances)
		*instances = rows.count;
out:
	ed_buf_release(&wql);
	ed_arena_release(&arena);
	return status;
}

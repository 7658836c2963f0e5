/* SPDX-License-Identifier: MIT */
/*
 * What BitLocker says of each volume now. Properties of an instance are a snapshot, so only what
 * names a volume is taken from them; all else comes from methods.
 */
#include "espdiag/collectors/volume.h"

#include "espdiag/base/limits.h"

#include <string.h>

#define NAMESPACE "ROOT\\CIMV2\\Security\\MicrosoftVolumeEncryption"
#define CLASS "Win32_EncryptableVolume"
#define QUERY "SELECT DeviceID,DriveLetter,VolumeType,IsVolumeInitializedForProtection FROM " CLASS

/* What methods return besides 0. */
#define FVE_E_NOT_ACTIVATED UINT32_C(0x80310008) /* BitLocker was never set up on the volume */
#define NOT_SUPPORTED UINT32_C(0x80070032)
#define NOT_SUPPORTED_WIN32 UINT32_C(50)

enum {
	METHOD_OUTS = 4,
	METHOD_NUMBER = 1, /* has the in-parameter @in_name = 0 */
	PROTECTORS = 64,   /* key protectors of a volume that are asked for their type */
};

/* The methods without a story of their own, and which of their out-parameters are recorded. */
static const struct method_row {
	const char *method;
	const char *in_name; /* a number, 0; NULL none */
	const char *outs[METHOD_OUTS];
	bool may_lack; /* "not supported" is its ordinary answer */
} methods[] = {
	{ "GetConversionStatus",
	  "PrecisionFactor",
	  { "ConversionStatus", "EncryptionPercentage", "EncryptionFlags", "WipingStatus" },
	  false },
	{ "GetProtectionStatus", NULL, { "ProtectionStatus" }, false },
	{ "GetEncryptionMethod", NULL, { "EncryptionMethod" }, false },
	{ "GetLockStatus", NULL, { "LockStatus" }, false },
	{ "GetSuspendCount", NULL, { "SuspendCount" }, true },
	{ "GetHardwareEncryptionStatus", NULL, { "HardwareEncryptionStatus" }, true },
};

struct volume {
	const struct ed_wmi_api *api;
	struct ed_wmi *wmi;
	struct ed_arena *arena;
	struct ed_state_writer *w;
	struct ed_str object; /* path of the instance */
	struct ed_str path;   /* of its rows */
	bool stopped;         /* out of time: ask nothing more */
	bool nomem;
};

/*
 * Calls a method. True when it did what it is for; *code is then 0. Else *code is what failed: the
 * call, or what the method returned.
 */
static bool volume_call(struct volume *v, const char *method, const struct ed_wmi_in *in,
			size_t in_count, struct ed_wmi_row *row, uint32_t *code)
{
	struct ed_wmi_call call = {
		.class_name = CLASS,
		.path = v->object,
		.method = method,
		.in = in,
		.in_count = in_count,
	};
	int64_t returned = 0;

	*row = (struct ed_wmi_row){ .count = 0 };
	*code = v->stopped ? ED_WMI_CANCELLED : ed_wmi_call(v->api, v->wmi, &call, v->arena, row);
	if (*code == ED_WMI_CANCELLED)
		v->stopped = true;
	if (*code == ED_WMI_E_OUTOFMEMORY || *code == ED_WMI_OUT_OF_MEMORY)
		v->nomem = true;
	if (ed_wmi_failed(*code))
		return false;
	*code = ed_wmi_integer(row, "ReturnValue", &returned) ? (uint32_t)returned : 0;
	return *code == 0;
}

/* A method that failed: what it returned, under its own name. */
static void put_failure(struct volume *v, const char *method, uint32_t code)
{
	char text[16];

	snprintf(text, sizeof(text), "0x%08x", (unsigned)code);
	ed_state_text(v->w, v->path, method, ed_str_from(text));
}

static bool lacks(uint32_t code)
{
	return code == NOT_SUPPORTED || code == NOT_SUPPORTED_WIN32 ||
	       code == ED_WMI_INVALID_METHOD;
}

static void put_method(struct volume *v, const struct method_row *m)
{
	const struct ed_wmi_in in = { .name = m->in_name };
	struct ed_wmi_row row;
	uint32_t code;
	bool told = volume_call(v, m->method, &in, m->in_name ? 1 : 0, &row, &code);

	for (size_t i = 0; i < METHOD_OUTS && m->outs[i]; i++)
		ed_wmi_put(v->w, v->path, m->outs[i], told ? ed_wmi_get(&row, m->outs[i]) : NULL);
	if (!told && !(m->may_lack && lacks(code)))
		put_failure(v, m->method, code);
}

static void put_protector_types(struct volume *v, const struct ed_wmi_value *ids)
{
	char types[PROTECTORS * 12];
	size_t len = 0;

	types[0] = '\0';
	for (size_t i = 0; i < ids->text_count && i < PROTECTORS; i++) {
		const struct ed_wmi_in in = { .name = "VolumeKeyProtectorID",
					      .text = ids->texts[i] };
		struct ed_wmi_row row;
		int64_t type;
		uint32_t code;
		int n;

		if (!volume_call(v, "GetKeyProtectorType", &in, 1, &row, &code) ||
		    !ed_wmi_integer(&row, "KeyProtectorType", &type)) {
			ed_state_null(v->w, v->path, "KeyProtectorTypes");
			put_failure(v, "GetKeyProtectorType", code);
			return;
		}
		n = snprintf(types + len, sizeof(types) - len, "%s%u", len ? "," : "",
			     (unsigned)type & 0xffff);
		len += n > 0 ? (size_t)n : 0;
	}
	ed_state_text(v->w, v->path, "KeyProtectorTypes", (struct ed_str){ types, len });
}

/* Ids and types, both in the order that BitLocker gives; two empty texts when there are none. */
static void put_protectors(struct volume *v)
{
	const struct ed_wmi_in in = { .name = "KeyProtectorType" }; /* 0: of all types */
	const struct ed_wmi_value *ids;
	struct ed_wmi_row row;
	uint32_t code;

	if (!volume_call(v, "GetKeyProtectors", &in, 1, &row, &code) &&
	    code != FVE_E_NOT_ACTIVATED) {
		ed_state_null(v->w, v->path, "KeyProtectorIDs");
		ed_state_null(v->w, v->path, "KeyProtectorTypes");
		put_failure(v, "GetKeyProtectors", code);
		return;
	}
	ids = code ? NULL : ed_wmi_get(&row, "VolumeKeyProtectorID");
	if (!ids || ids->type != ED_WMI_TEXTS) {
		ed_state_text(v->w, v->path, "KeyProtectorIDs", ED_STR(""));
		ed_state_text(v->w, v->path, "KeyProtectorTypes", ED_STR(""));
		return;
	}
	ed_wmi_put(v->w, v->path, "KeyProtectorIDs", ids);
	put_protector_types(v, ids);
}

/* CLASS.DeviceID="…", with the backslashes of the id doubled. */
static bool build_object_path(struct volume *v, struct ed_str id, struct ed_buf *path)
{
	ed_buf_addz(path, CLASS ".DeviceID=\"");
	for (size_t i = 0; i < id.len; i++) {
		if (id.p[i] == '\\' || id.p[i] == '"')
			ed_buf_addc(path, '\\');
		ed_buf_addc(path, id.p[i]);
	}
	ed_buf_addc(path, '"');
	v->object = ed_buf_str(path);
	return path->status == ED_OK;
}

/* "C:" where it has a letter, else "Volume{…}". */
static struct ed_str row_path(const struct ed_wmi_row *row, struct ed_str id)
{
	const struct ed_wmi_value *letter = ed_wmi_get(row, "DriveLetter");
	size_t from = ed_str_find(id, ED_STR("Volume{"), 0);
	size_t to;

	if (letter && letter->type == ED_WMI_TEXT && letter->text.len)
		return letter->text;
	if (from == SIZE_MAX)
		return ED_STR("unknown");
	to = ed_str_find(id, ED_STR("}"), from);
	return ed_str_slice(id, from, to == SIZE_MAX ? id.len : to + 1);
}

/* An id that is longer than any can be costs only its volume. */
static ed_status record_volume(struct volume *v, const struct ed_wmi_row *row,
			       struct ed_recording *out, struct ed_error *err)
{
	const struct ed_wmi_value *id = ed_wmi_get(row, "DeviceID");
	struct ed_buf object;
	ed_status status = ED_OK;

	if (!id || id->type != ED_WMI_TEXT)
		return ED_OK; /* nothing to call a method on */
	ed_buf_init(&object, ED_LIMIT_NAME_BYTES);
	v->path = row_path(row, id->text);
	if (!build_object_path(v, id->text, &object)) {
		status = object.status == ED_NOMEM
				 ? ed_fail(err, ED_NOMEM, "out of memory for a volume's name")
				 : ed_recording_gap(out, ED_STR(CLASS), false, ED_STATE_DAMAGED, 1,
						    ED_STR("a volume's id is longer than "
							   "ED_LIMIT_NAME_BYTES"),
						    err);
		goto out;
	}
	ed_wmi_put(v->w, v->path, "VolumeType", ed_wmi_get(row, "VolumeType"));
	ed_wmi_put(v->w, v->path, "IsVolumeInitializedForProtection",
		   ed_wmi_get(row, "IsVolumeInitializedForProtection"));
	for (size_t i = 0; i < ED_COUNT(methods); i++)
		put_method(v, &methods[i]);
	put_protectors(v);
out:
	ed_buf_release(&object);
	return status;
}

static ed_status record_volumes(struct volume *v, const struct ed_live *live,
				struct ed_recording *out, struct ed_error *err)
{
	struct ed_wmi_rows rows = { .count = 0 };
	uint32_t result = v->api->query(v->wmi, QUERY, v->arena, &rows);

	if (ed_wmi_failed(result))
		return ed_wmi_gap(out, ED_STR(CLASS), "query", result, err);
	if (!rows.count)
		return ed_recording_gap(out, ED_STR(CLASS), false, ED_STATE_ABSENT, 0,
					ED_STR("no volume that BitLocker knows"), err);
	for (size_t i = 0; i < rows.count; i++) {
		v->stopped = v->stopped || live->stopped(live);
		if (v->stopped)
			break;
		ED_TRY(record_volume(v, &rows.items[i], out, err));
	}
	if (v->nomem)
		return ed_fail(err, ED_NOMEM, "out of memory in WMI");
	if (v->stopped)
		return ed_wmi_gap(out, ED_STR(CLASS), "methods", ED_WMI_CANCELLED, err);
	if (rows.more)
		return ed_recording_gap(out, ED_STR(CLASS), false, ED_STATE_TRUNCATED,
					ED_LOST_UNKNOWN, ED_STR("more than ED_LIMIT_WMI_ROWS"),
					err);
	return ED_OK;
}

ed_status ed_volume_record(const struct ed_wmi_api *api, const struct ed_live *live,
			   struct ed_recording *out, struct ed_error *err)
{
	struct ed_state_writer w;
	struct ed_arena arena;
	struct ed_wmi *wmi = NULL;
	struct volume v = { .api = api, .arena = &arena, .w = &w };
	struct ed_buf state;
	size_t empty;
	ed_status status;
	uint32_t result = api->connect(api->context, live, NAMESPACE, &wmi);

	if (ed_wmi_failed(result))
		return ed_wmi_gap(out, ED_STR(CLASS), "namespace", result, err);
	ed_arena_init(&arena, ED_LIMIT_WMI_ARENA);
	ed_buf_init(&state, ED_LIMIT_RECORDED);
	ed_state_begin(&w, &state, "volume");
	empty = state.len;
	v.wmi = wmi;
	status = record_volumes(&v, live, out, err);
	if (status == ED_OK && (state.len != empty || state.status != ED_OK)) {
		ed_state_end(&w);
		status =
			ed_wmi_member(out, ED_STR("state/volume.json"), ED_STR(CLASS), &state, err);
	}
	ed_buf_release(&state);
	ed_arena_release(&arena);
	api->close(wmi);
	return status;
}

ed_status ed_volume_record_shell(ed_volume_shell_fn read, struct ed_recording *out,
				 struct ed_error *err)
{
	const struct ed_str source = ED_STR("System.Volume.BitLockerProtection");
	struct ed_state_writer w;
	struct ed_buf state;
	int64_t value = 0;
	ed_status status;
	uint32_t result = read("C:\\", &value);

	if (ed_wmi_failed(result))
		return ed_wmi_gap(out, source, "shell property", result, err);
	ed_buf_init(&state, ED_LIMIT_RECORDED);
	ed_state_begin(&w, &state, "volume");
	ed_state_number(&w, ED_STR("C:"), "ShellProtection", value);
	ed_state_end(&w);
	status = ed_wmi_member(out, ED_STR("state/volume-shell.json"), source, &state, err);
	ed_buf_release(&state);
	return status;
}

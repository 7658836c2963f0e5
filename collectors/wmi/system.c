/* SPDX-License-Identifier: MIT */
/*
 * WMI over COM. ole32 and oleaut32 are loaded from System32 when they are first needed. Queries are
 * semisynchronous, so that a provider that takes long can be given up between two rows.
 */
#define COBJMACROS
#include "espdiag/collectors/wmi.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/base/utf.h"
#include "espdiag/platform/library.h"

#include <windows.h>
#include <oleauto.h>
#include <wbemcli.h>

#define NEXT_MS 250 /* how long to wait before asking whether to go on */

static const GUID clsid_locator = {
	0x4590f811, 0x1d3a, 0x11d0, { 0x89, 0x1f, 0x00, 0xaa, 0x00, 0x4b, 0x2e, 0x24 }
};
static const GUID iid_locator = {
	0xdc12a687, 0x737f, 0x11cf, { 0x88, 0x4d, 0x00, 0xaa, 0x00, 0x4b, 0x2e, 0x24 }
};

/* The functions that are used of ole32 and oleaut32. */
struct com {
	HRESULT(WINAPI *initialize)(void *reserved, DWORD model);
	void(WINAPI *uninitialize)(void);
	HRESULT(WINAPI *security)
	(void *sd, LONG count, void *services, void *reserved, DWORD authn, DWORD impersonate,
	 void *list, DWORD capabilities, void *more);
	HRESULT(WINAPI *create)
	(const GUID *clsid, IUnknown *outer, DWORD context, const GUID *iid, void **out);
	HRESULT(WINAPI *blanket)
	(IUnknown *proxy, DWORD authn, DWORD authz, OLECHAR *principal, DWORD level,
	 DWORD impersonate, void *identity, DWORD capabilities);
	BSTR(WINAPI *string_new)(const OLECHAR *text, UINT len);
	void(WINAPI *string_free)(BSTR text);
	UINT(WINAPI *string_len)(BSTR text);
	HRESULT(WINAPI *variant_clear)(VARIANT *value);
	HRESULT(WINAPI *array_lower)(SAFEARRAY *array, UINT dimension, LONG *out);
	HRESULT(WINAPI *array_upper)(SAFEARRAY *array, UINT dimension, LONG *out);
	HRESULT(WINAPI *array_get)(SAFEARRAY *array, LONG *index, void *out);
};

struct ed_wmi {
	struct com com;
	const struct ed_live *live;
	IWbemServices *services;
};

/* A function pointer has the size of any other: its bytes are copied, its type is the slot's. */
static bool load(void *slot, const char *dll, const char *name)
{
	ed_library_function *function = ed_library_symbol(dll, name);

	memcpy(slot, &function, sizeof(function));
	return function != NULL;
}

static bool com_load(struct com *com)
{
	return load(&com->initialize, "ole32.dll", "CoInitializeEx") &&
	       load(&com->uninitialize, "ole32.dll", "CoUninitialize") &&
	       load(&com->security, "ole32.dll", "CoInitializeSecurity") &&
	       load(&com->create, "ole32.dll", "CoCreateInstance") &&
	       load(&com->blanket, "ole32.dll", "CoSetProxyBlanket") &&
	       load(&com->string_new, "oleaut32.dll", "SysAllocStringLen") &&
	       load(&com->string_free, "oleaut32.dll", "SysFreeString") &&
	       load(&com->string_len, "oleaut32.dll", "SysStringLen") &&
	       load(&com->variant_clear, "oleaut32.dll", "VariantClear") &&
	       load(&com->array_lower, "oleaut32.dll", "SafeArrayGetLBound") &&
	       load(&com->array_upper, "oleaut32.dll", "SafeArrayGetUBound") &&
	       load(&com->array_get, "oleaut32.dll", "SafeArrayGetElement");
}

/* NULL when out of memory; freed with string_free. */
static BSTR bstr_from_utf8(const struct com *com, struct ed_str text)
{
	wchar_t *wide = ed_malloc((text.len + 1) * sizeof(*wide)); /* never more units than bytes */
	BSTR bstr = NULL;
	int n = 0;

	if (wide && text.len && text.len < INT_MAX)
		n = MultiByteToWideChar(CP_UTF8, 0, text.p, (int)text.len, wide, (int)text.len);
	if (wide && n >= 0)
		bstr = com->string_new(wide, (UINT)n);
	ed_free(wide);
	return bstr;
}

static BSTR bstr_from_z(const struct com *com, const char *text)
{
	return bstr_from_utf8(com, ed_str_from(text));
}

static struct ed_str text_of_bstr(const struct com *com, struct ed_arena *arena, BSTR bstr)
{
	size_t len = bstr ? com->string_len(bstr) : 0;

	while (len && !bstr[len - 1])
		len--;
	return ed_arena_utf16le(arena, bstr ? bstr : L"", len * sizeof(*bstr), NULL);
}

/*
 * Packet privacy and impersonation, which some namespaces insist on. What lives in our own process
 * has no proxy and says E_NOTIMPL or E_NOINTERFACE: there is nothing to encrypt then.
 */
static uint32_t set_blanket(const struct com *com, void *object)
{
	HRESULT hr = com->blanket(object, RPC_C_AUTHN_WINNT, RPC_C_AUTHZ_NONE, NULL,
				  RPC_C_AUTHN_LEVEL_PKT_PRIVACY, RPC_C_IMP_LEVEL_IMPERSONATE, NULL,
				  EOAC_NONE);

	return hr == E_NOTIMPL || hr == E_NOINTERFACE ? ED_WMI_OK : (uint32_t)hr;
}

static uint32_t connect_services(struct ed_wmi *wmi, const char *name_space)
{
	const struct com *com = &wmi->com;
	IWbemLocator *locator = NULL;
	void *created = NULL;
	BSTR name;
	HRESULT hr;

	/* the program's own choice may have come first: RPC_E_TOO_LATE */
	com->security(NULL, -1, NULL, NULL, RPC_C_AUTHN_LEVEL_PKT_PRIVACY,
		      RPC_C_IMP_LEVEL_IMPERSONATE, NULL, EOAC_NONE, NULL);
	hr = com->create(&clsid_locator, NULL, CLSCTX_INPROC_SERVER, &iid_locator, &created);
	if (FAILED(hr))
		return (uint32_t)hr;
	locator = created;
	name = bstr_from_z(com, name_space);
	hr = name ? IWbemLocator_ConnectServer(locator, name, NULL, NULL, NULL,
					       WBEM_FLAG_CONNECT_USE_MAX_WAIT, NULL, NULL,
					       &wmi->services)
		  : E_OUTOFMEMORY;
	com->string_free(name);
	IWbemLocator_Release(locator);
	return FAILED(hr) ? (uint32_t)hr : set_blanket(com, wmi->services);
}

static uint32_t system_connect(void *context, const struct ed_live *live, const char *name_space,
			       struct ed_wmi **out)
{
	struct ed_wmi *wmi = ed_calloc(1, sizeof(*wmi));
	uint32_t result;
	HRESULT hr;

	(void)context;
	if (!wmi)
		return ED_WMI_E_OUTOFMEMORY;
	wmi->live = live;
	if (!com_load(&wmi->com)) {
		ed_free(wmi);
		return ED_WMI_E_NOTIMPL;
	}
	hr = wmi->com.initialize(NULL, COINIT_MULTITHREADED);
	if (FAILED(hr)) {
		ed_free(wmi);
		return (uint32_t)hr;
	}
	result = connect_services(wmi, name_space);
	if (ed_wmi_failed(result)) {
		if (wmi->services)
			IWbemServices_Release(wmi->services);
		wmi->com.uninitialize();
		ed_free(wmi);
		return result;
	}
	*out = wmi;
	return ED_WMI_OK;
}

static void system_close(struct ed_wmi *wmi)
{
	IWbemServices_Release(wmi->services);
	wmi->com.uninitialize();
	ed_free(wmi);
}

static uint32_t value_from_array(const struct com *com, SAFEARRAY *array, struct ed_arena *arena,
				 struct ed_wmi_value *out)
{
	struct ed_str *texts;
	LONG lower = 0, upper = -1;
	size_t count;

	if (!array || FAILED(com->array_lower(array, 1, &lower)) ||
	    FAILED(com->array_upper(array, 1, &upper)))
		return ED_WMI_OK;
	count = upper < lower ? 0 : (size_t)((int64_t)upper - lower + 1);
	if (count > ED_LIMIT_WMI_VALUES)
		count = ED_LIMIT_WMI_VALUES;
	texts = ed_arena_calloc(arena, count, sizeof(*texts));
	if (!texts)
		return ED_WMI_E_OUTOFMEMORY;
	for (size_t i = 0; i < count; i++) {
		LONG index = lower + (LONG)i;
		BSTR item = NULL;

		if (FAILED(com->array_get(array, &index, &item)))
			continue;
		texts[i] = text_of_bstr(com, arena, item);
		com->string_free(item);
		if (!texts[i].p)
			return ED_WMI_E_OUTOFMEMORY;
	}
	out->type = ED_WMI_TEXTS;
	out->texts = texts;
	out->text_count = count;
	return ED_WMI_OK;
}

/* Unsigned 32-bit numbers come as signed ones, 64-bit numbers as text. */
static uint32_t value_from_variant(const struct com *com, const VARIANT *v, CIMTYPE cim,
				   struct ed_arena *arena, struct ed_wmi_value *out)
{
	uint64_t number;

	out->type = ED_WMI_OTHER;
	switch (V_VT(v)) {
	case VT_NULL:
	case VT_EMPTY:
		out->type = ED_WMI_NULL;
		return ED_WMI_OK;
	case VT_BOOL:
		out->type = ED_WMI_BOOL;
		out->truth = V_BOOL(v) != VARIANT_FALSE;
		return ED_WMI_OK;
	case VT_UI1:
		out->integer = V_UI1(v);
		break;
	case VT_I2:
		out->integer = V_I2(v);
		break;
	case VT_I4:
		out->integer = cim == CIM_UINT32 ? (int64_t)(uint32_t)V_I4(v) : V_I4(v);
		break;
	case VT_BSTR:
		out->text = text_of_bstr(com, arena, V_BSTR(v));
		if (!out->text.p)
			return ED_WMI_E_OUTOFMEMORY;
		out->type = ED_WMI_TEXT;
		if ((cim != CIM_UINT64 && cim != CIM_SINT64) ||
		    !ed_number_parse(out->text, &number))
			return ED_WMI_OK;
		out->integer = (int64_t)number;
		break;
	case VT_ARRAY | VT_BSTR:
		return value_from_array(com, V_ARRAY(v), arena, out);
	default:
		return ED_WMI_OK;
	}
	out->type = ED_WMI_INTEGER;
	return ED_WMI_OK;
}

/* All values of an object that are its own, not the system's "__PATH" and the like. */
static uint32_t read_object(const struct ed_wmi *wmi, IWbemClassObject *object,
			    struct ed_arena *arena, struct ed_wmi_row *out)
{
	struct ed_wmi_value values[ED_LIMIT_WMI_VALUES];
	struct ed_wmi_value *kept;
	uint32_t result = ED_WMI_OK;
	size_t count = 0;
	HRESULT hr = IWbemClassObject_BeginEnumeration(object, WBEM_FLAG_NONSYSTEM_ONLY);

	while (SUCCEEDED(hr) && !ed_wmi_failed(result) && count < ED_LIMIT_WMI_VALUES) {
		BSTR name = NULL;
		CIMTYPE cim = CIM_EMPTY;
		VARIANT v;

		V_VT(&v) = VT_EMPTY;
		hr = IWbemClassObject_Next(object, 0, &name, &v, &cim, NULL);
		if (hr != WBEM_S_NO_ERROR)
			break;
		values[count] = (struct ed_wmi_value){
			.name = text_of_bstr(&wmi->com, arena, name),
		};
		result = value_from_variant(&wmi->com, &v, cim, arena, &values[count]);
		if (!values[count].name.p)
			result = ED_WMI_E_OUTOFMEMORY;
		count++;
		wmi->com.string_free(name);
		wmi->com.variant_clear(&v);
	}
	IWbemClassObject_EndEnumeration(object);
	if (FAILED(hr))
		return (uint32_t)hr;
	kept = ed_arena_calloc(arena, count, sizeof(*kept));
	if (!kept)
		return ED_WMI_E_OUTOFMEMORY;
	if (ed_wmi_failed(result))
		return result;
	if (count)
		memcpy(kept, values, count * sizeof(*kept));
	*out = (struct ed_wmi_row){ .values = kept, .count = count };
	return ED_WMI_OK;
}

static uint32_t read_rows(struct ed_wmi *wmi, IEnumWbemClassObject *list, struct ed_arena *arena,
			  struct ed_wmi_rows *out)
{
	struct ed_wmi_row *rows = ed_arena_calloc(arena, ED_LIMIT_WMI_ROWS, sizeof(*rows));
	uint32_t result = ED_WMI_OK;
	size_t count = 0;
	bool more = false;

	if (!rows)
		return ED_WMI_E_OUTOFMEMORY;
	while (!ed_wmi_failed(result)) {
		IWbemClassObject *object = NULL;
		ULONG n = 0;
		HRESULT hr = IEnumWbemClassObject_Next(list, NEXT_MS, 1, &object, &n);

		if (wmi->live->stopped(wmi->live))
			result = ED_WMI_CANCELLED;
		else if (FAILED(hr))
			result = (uint32_t)hr;
		else if (n && count == ED_LIMIT_WMI_ROWS)
			more = true;
		else if (n)
			result = read_object(wmi, object, arena, &rows[count++]);
		if (object)
			IWbemClassObject_Release(object);
		if ((!n && hr != WBEM_S_TIMEDOUT) || more)
			break;
	}
	if (!ed_wmi_failed(result))
		*out = (struct ed_wmi_rows){ .items = rows, .count = count, .more = more };
	return result;
}

static uint32_t system_query(struct ed_wmi *wmi, const char *wql, struct ed_arena *arena,
			     struct ed_wmi_rows *out)
{
	BSTR language = bstr_from_z(&wmi->com, "WQL");
	BSTR text = bstr_from_z(&wmi->com, wql);
	IEnumWbemClassObject *list = NULL;
	uint32_t result = ED_WMI_E_OUTOFMEMORY;

	if (language && text)
		result = (uint32_t)IWbemServices_ExecQuery(
			wmi->services, language, text,
			WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY, NULL, &list);
	wmi->com.string_free(language);
	wmi->com.string_free(text);
	if (ed_wmi_failed(result))
		return result;
	result = set_blanket(&wmi->com, list);
	if (!ed_wmi_failed(result))
		result = read_rows(wmi, list, arena, out);
	IEnumWbemClassObject_Release(list);
	return result;
}

static uint32_t put_in(const struct ed_wmi *wmi, IWbemClassObject *in, const struct ed_wmi_in *p)
{
	const struct com *com = &wmi->com;
	BSTR name = bstr_from_z(com, p->name);
	HRESULT hr = E_OUTOFMEMORY;
	VARIANT v;

	V_VT(&v) = VT_I4;
	V_I4(&v) = (LONG)p->number;
	if (p->text.p) {
		V_VT(&v) = VT_BSTR;
		V_BSTR(&v) = bstr_from_utf8(com, p->text);
	}
	if (name && (!p->text.p || V_BSTR(&v)))
		hr = IWbemClassObject_Put(in, name, 0, &v, 0);
	com->variant_clear(&v);
	com->string_free(name);
	return (uint32_t)hr;
}

/* The instance that carries in-parameters; *out stays NULL when there are none. */
static uint32_t make_in(struct ed_wmi *wmi, const struct ed_wmi_call *call, BSTR method,
			IWbemClassObject **out)
{
	BSTR name = bstr_from_z(&wmi->com, call->class_name);
	IWbemClassObject *class_object = NULL, *signature = NULL, *in = NULL;
	HRESULT hr = E_OUTOFMEMORY;
	uint32_t result;

	if (name)
		hr = IWbemServices_GetObject(wmi->services, name, 0, NULL, &class_object, NULL);
	if (SUCCEEDED(hr))
		hr = IWbemClassObject_GetMethod(class_object, method, 0, &signature, NULL);
	if (SUCCEEDED(hr) && !signature)
		hr = (HRESULT)ED_WMI_INVALID_METHOD; /* takes nothing, though it should */
	if (SUCCEEDED(hr))
		hr = IWbemClassObject_SpawnInstance(signature, 0, &in);
	result = (uint32_t)hr;
	for (size_t i = 0; i < call->in_count && !ed_wmi_failed(result); i++)
		result = put_in(wmi, in, &call->in[i]);
	if (ed_wmi_failed(result) && in) {
		IWbemClassObject_Release(in);
		in = NULL;
	}
	if (signature)
		IWbemClassObject_Release(signature);
	if (class_object)
		IWbemClassObject_Release(class_object);
	wmi->com.string_free(name);
	*out = in;
	return result;
}

static uint32_t system_call(struct ed_wmi *wmi, const struct ed_wmi_call *call,
			    struct ed_arena *arena, struct ed_wmi_row *out)
{
	IWbemClassObject *in = NULL, *outs = NULL;
	uint32_t result = ED_WMI_E_OUTOFMEMORY;
	BSTR path, method;

	/* asked again at the very edge: nothing but the list ever reaches a device */
	if (!ed_wmi_method_allowed(call->class_name, call->method))
		return ED_WMI_REFUSED;
	if (wmi->live->stopped(wmi->live))
		return ED_WMI_CANCELLED;
	path = bstr_from_utf8(&wmi->com, call->path);
	method = bstr_from_z(&wmi->com, call->method);
	if (path && method)
		result = call->in_count ? make_in(wmi, call, method, &in) : ED_WMI_OK;
	if (!ed_wmi_failed(result))
		result = (uint32_t)IWbemServices_ExecMethod(wmi->services, path, method, 0, NULL,
							    in, &outs, NULL);
	if (!ed_wmi_failed(result))
		result = outs ? read_object(wmi, outs, arena, out) : ED_WMI_FAILED;
	if (outs)
		IWbemClassObject_Release(outs);
	if (in)
		IWbemClassObject_Release(in);
	wmi->com.string_free(path);
	wmi->com.string_free(method);
	return result;
}

const struct ed_wmi_api ed_wmi_system = {
	.connect = system_connect,
	.query = system_query,
	.call = system_call,
	.close = system_close,
};

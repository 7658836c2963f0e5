/* SPDX-License-Identifier: MIT */
/* The jobs of the volume collector on Windows, and the shell's property. */
#define COBJMACROS
#include "espdiag/collectors/volume.h"

#include "espdiag/platform/library.h"

#include <windows.h>
#include <propsys.h>

#define LIMIT_MS 8000

/* IID_IPropertyStore */
static const GUID iid_store = {
	0x886d8eeb, 0x8cf2, 0x4446, { 0x8d, 0x02, 0xcd, 0xba, 0x1d, 0xbd, 0xcf, 0x99 }
};

struct shell {
	HRESULT(WINAPI *initialize)(void *reserved, DWORD model);
	void(WINAPI *uninitialize)(void);
	HRESULT(WINAPI *store_of)
	(const wchar_t *path, void *context, int flags, const GUID *iid, void **out);
	HRESULT(WINAPI *key_of)(const wchar_t *name, PROPERTYKEY *key);
	HRESULT(WINAPI *clear)(PROPVARIANT *value);
};

static bool load(void *slot, const char *dll, const char *name)
{
	ed_library_function *function = ed_library_symbol(dll, name);

	memcpy(slot, &function, sizeof(function));
	return function != NULL;
}

static bool shell_load(struct shell *s)
{
	return load(&s->initialize, "ole32.dll", "CoInitializeEx") &&
	       load(&s->uninitialize, "ole32.dll", "CoUninitialize") &&
	       load(&s->clear, "ole32.dll", "PropVariantClear") &&
	       load(&s->store_of, "shell32.dll", "SHGetPropertyStoreFromParsingName") &&
	       load(&s->key_of, "propsys.dll", "PSGetPropertyKeyFromName");
}

static uint32_t read_property(const struct shell *s, const wchar_t *root, int64_t *value)
{
	IPropertyStore *store = NULL;
	void *opened = NULL;
	PROPVARIANT v = { .vt = VT_EMPTY };
	PROPERTYKEY key;
	HRESULT hr = s->key_of(L"System.Volume.BitLockerProtection", &key);

	if (SUCCEEDED(hr))
		hr = s->store_of(root, NULL, 0, &iid_store, &opened); /* GPS_DEFAULT */
	store = opened;
	if (SUCCEEDED(hr) && !store)
		hr = (HRESULT)ED_WMI_E_NOTIMPL;
	if (SUCCEEDED(hr))
		hr = IPropertyStore_GetValue(store, &key, &v);
	if (SUCCEEDED(hr) && v.vt == VT_I4)
		*value = v.lVal;
	else if (SUCCEEDED(hr) && v.vt == VT_UI4)
		*value = v.ulVal;
	else if (SUCCEEDED(hr))
		hr = (HRESULT)ED_WMI_NOT_FOUND; /* a volume that says nothing of it */
	s->clear(&v);
	if (store)
		IPropertyStore_Release(store);
	return (uint32_t)hr;
}

static uint32_t shell_read(const char *root, int64_t *value)
{
	struct shell s;
	wchar_t wide[8];
	uint32_t result;
	HRESULT hr;

	if (!shell_load(&s))
		return ED_WMI_E_NOTIMPL;
	if (!MultiByteToWideChar(CP_UTF8, 0, root, -1, wide, (int)ED_COUNT(wide)))
		return ED_WMI_NOT_FOUND;
	hr = s.initialize(NULL, COINIT_APARTMENTTHREADED | COINIT_DISABLE_OLE1DDE);
	if (FAILED(hr))
		return (uint32_t)hr;
	result = read_property(&s, wide, value);
	s.uninitialize();
	return result;
}

static ed_status run_volume(const struct ed_live_job *job, const struct ed_live *live,
			    struct ed_recording *out, struct ed_error *err)
{
	(void)job;
	return ed_volume_record(&ed_wmi_system, live, out, err);
}

static ed_status run_shell(const struct ed_live_job *job, const struct ed_live *live,
			   struct ed_recording *out, struct ed_error *err)
{
	(void)job;
	(void)live;
	return ed_volume_record_shell(shell_read, out, err);
}

static const struct ed_live_job jobs[] = {
	{ .name = "BitLocker state of the volumes",
	  .source = "Win32_EncryptableVolume",
	  .limit_ms = LIMIT_MS,
	  .run = run_volume },
	{ .name = "BitLocker state as the shell shows it",
	  .source = "System.Volume.BitLockerProtection",
	  .limit_ms = LIMIT_MS,
	  .run = run_shell },
};

const struct ed_live_jobs ed_live_volume = { jobs, ED_COUNT(jobs) };

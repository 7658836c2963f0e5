/* SPDX-License-Identifier: MIT */
/*
 * The apps that the page tracks, from the registry lists that Windows and the management extension
 * keep: one row of a table a list, with how its numbers read.
 */
#include "analysis.h"

#include "espdiag/json/json.h"

/* How a list's number reads: in words, and whether it ends the app's story. */
struct app_state {
	uint64_t value;
	const char *word;
	bool done, failed;
};

static const struct app_state modern_states[] = {
	{ 0, "not installed", false, false },
	{ 1, "installed", true, false },
};

/* EnrollmentStatusTracking: 4 stops the page. */
static const struct app_state win32_states[] = {
	{ 1, "not installed", false, false },
	{ 2, "in progress", false, false },
	{ 3, "installed", true, false },
	{ 4, "error", false, true },
};

/* EnterpriseDesktopAppManagement and OfficeCSP. */
static const struct app_state desktop_states[] = {
	{ 0, "none", false, false },
	{ 10, "initialized", false, false },
	{ 20, "downloading", false, false },
	{ 25, "download to be tried again", false, false },
	{ 30, "download failed", false, true },
	{ 40, "downloaded", false, false },
	{ 48, "waits for a user", false, false },
	{ 50, "installing", false, false },
	{ 55, "install to be tried again", false, false },
	{ 60, "install failed", false, true },
	{ 70, "installed", true, false },
};

/* Office in the page's own list: whether it was looked at, no more. */
static const struct app_state office_states[] = {
	{ 0, "not processed", false, false },
	{ 1, "processed", true, false },
};

/* The page's snapshots come before what is current. */
static const struct app_list {
	const char *key_part;
	const char *value;  /* NULL: the value's name is a URI that names the app */
	const char *behind; /* what the app's name comes behind in that URI */
	const char *error;  /* value beside it that holds the code; NULL none */
	const char *kind;
	const struct app_state *states;
	size_t state_count;
} lists[] = {
	{ "\\ExpectedModernAppPackages\\", NULL, "/AppStore/", NULL, "store", modern_states,
	  ED_COUNT(modern_states) },
	{ "\\ESPTrackingInfo\\Diagnostics\\", NULL, "/Tracking/Sidecar/", NULL, "win32",
	  win32_states, ED_COUNT(win32_states) },
	{ "\\ExpectedMSIAppPackages\\", NULL, "/EnterpriseDesktopAppManagement/MSI/", NULL, "msi",
	  desktop_states, ED_COUNT(desktop_states) },
	{ "\\ExpectedMSIAppPackages\\", NULL, "/Office/Installation/", NULL, "office",
	  office_states, ED_COUNT(office_states) },
	{ "\\Setup\\Apps\\Tracking\\", "InstallationState", NULL, "ErrorHresult", "win32",
	  win32_states, ED_COUNT(win32_states) },
	{ "\\EnterpriseDesktopAppManagement\\", "Status", NULL, "LastError", "msi", desktop_states,
	  ED_COUNT(desktop_states) },
	{ "\\OfficeCSP\\", "Status", NULL, NULL, "office", desktop_states,
	  ED_COUNT(desktop_states) },
	{ "\\OfficeCSP\\", "FinalStatus", NULL, NULL, "office", desktop_states,
	  ED_COUNT(desktop_states) },
};

/* "%7B90160000-…%7D": a product code as URIs write it. */
static struct ed_str product_code(struct analysis *a, struct ed_str text)
{
	if (text.len <= 6 || !ed_str_istarts(text, ED_STR("%7B")) ||
	    !ed_str_iends(text, ED_STR("%7D")))
		return text;
	return say(a, "{%.*s}", ED_FMT(ed_str_slice(text, 3, text.len - 3)));
}

/* "…/AppStore/Microsoft.CompanyPortal_8wekyb3d8bbwe[/…][;count]"; without the words before it the
 * whole of a Store app's URI is its name, and other values are the list's own notes. */
static struct ed_str app_in_uri(struct analysis *a, struct ed_str uri, const struct app_list *list)
{
	size_t from = ed_str_ifind(uri, ed_str_from(list->behind), 0);
	size_t to;

	if (from == SIZE_MAX)
		return list->states == modern_states ? uri : (struct ed_str){ NULL, 0 };
	from += strlen(list->behind);
	for (to = from; to < uri.len && uri.p[to] != '/' && uri.p[to] != ';'; to++)
		;
	return product_code(a, ed_str_slice(uri, from, to));
}

static struct ed_str last_part(struct ed_str path)
{
	size_t cut = path.len;

	while (cut && path.p[cut - 1] != '\\')
		cut--;
	return ed_str_slice(path, cut, path.len);
}

/* The page itself tracks a hundred at most; looking for a name takes time in their number. */
#define APPS_MOST 500

/* NULL when there are too many. */
static struct page_app *app_named(struct page *page, struct ed_str name, const char *kind)
{
	for (size_t i = 0; i < page->app_count; i++)
		if (page->apps[i].app.kind == kind && ed_str_ieq(page->apps[i].app.name, name))
			return &page->apps[i];
	if (page->app_count >= APPS_MOST)
		return NULL;
	page->apps[page->app_count] = (struct page_app){ .app = { .name = name, .kind = kind } };
	return &page->apps[page->app_count++];
}

static void set_state(struct page_app *app, const struct app_list *list,
		      const struct ed_stored_fact *f)
{
	app->fact = f;
	app->failed = app->done = false;
	app->app.state = (struct ed_str){ NULL, 0 };
	for (size_t i = 0; i < list->state_count; i++) {
		if (list->states[i].value != f->fact.number)
			continue;
		app->app.state = ed_str_from(list->states[i].word);
		app->failed = list->states[i].failed;
		app->done = list->states[i].done;
	}
}

/* The value of the same key that holds the error, if there is one. */
static void set_error(struct analysis *a, struct page_app *app, const struct app_list *list,
		      const struct ed_stored_fact *state)
{
	const struct ed_stored_fact *f =
		list->error ? registry_at(a, state->fact.path, list->error) : NULL;
	uint32_t code;

	if (fact_u32(f, &code) && code)
		app->app.error = say_code(a, code);
}

/* Keys end with the snapshot's time and facts are sorted by key: below one user's key the last one
 * stays, and of two users' the newer one. What is current has no time. */
static bool is_older(const struct ed_stored_fact *f, const struct page_app *app)
{
	return app->fact && fact_key_time(f) != ED_TIME_NONE &&
	       fact_key_time(f) < fact_key_time(app->fact);
}

static bool in_list(const struct analysis *a, const struct ed_stored_fact *f,
		    const struct app_list *list)
{
	return fact_is_registry(f, list->key_part, list->value) && f->fact.has_number &&
	       fact_key_time(f) <= a->at;
}

/* Workloads of device preparation (v2), from the management extension's progress value. */
static const struct app_state workload_states[] = {
	{ 0, "not started", false, false },
	{ 1, "installed", true, false },
	{ 2, "skipped", true, false },
	{ 3, "uninstalled", false, false },
	{ 4, "error", false, true },
	{ 5, "in progress", false, false },
	{ 6, "needs a restart", false, false },
	{ 7, "cancelled", false, true },
};

static const struct app_list workload_list = { .kind = "win32",
					       .states = workload_states,
					       .state_count = ED_COUNT(workload_states) };

static bool holds_workloads(const struct ed_stored_fact *f)
{
	return fact_is_registry(f, "\\IntuneManagementExtension\\Win32Apps\\Provisioning",
				"InitialProvisioning") ||
	       fact_is_registry(f, "\\IntuneManagementExtension\\Win32Apps",
				"ProvisioningProgress");
}

static void add_workloads(struct analysis *a, const struct ed_stored_fact *f,
			  const struct ed_json *workloads)
{
	struct page *page = &a->page;
	size_t count = ed_json_count(workloads);
	struct page_app *apps = take(a, page->app_count + count, sizeof(*apps));

	if (!apps)
		return;
	if (page->app_count)
		memcpy(apps, page->apps, page->app_count * sizeof(*apps));
	page->apps = apps;
	for (size_t i = 0; i < count; i++) {
		const struct ed_json *workload = ed_json_at(workloads, i, NULL);
		struct ed_str name = ed_json_string(ed_json_get(workload, "FriendlyName"));
		struct ed_stored_fact state = *f;
		struct page_app *app;

		if (!name.len)
			name = ed_json_string(ed_json_get(workload, "WorkloadId"));
		if (!name.len)
			continue;
		app = app_named(page, say(a, "%.*s", ED_FMT(name)), workload_list.kind);
		if (!app)
			return;
		state.fact.number = (uint64_t)ed_json_integer(
			ed_json_get(workload, "WorkloadState"), INT64_MAX);
		set_state(app, &workload_list, &state);
		app->fact = f;
	}
}

static void build_workloads(struct analysis *a)
{
	for (size_t i = 0; i < a->evidence->fact_count && !a->nomem; i++) {
		const struct ed_stored_fact *f = &a->evidence->facts[i];
		struct ed_json *root = NULL;
		ed_status status;

		if (!holds_workloads(f))
			continue;
		status = ed_json_parse(f->fact.text, &root, NULL);
		if (status == ED_NOMEM)
			a->nomem = true;
		if (status != ED_OK)
			continue;
		add_workloads(a, f, ed_json_get(root, "Workloads"));
		ed_json_free(root);
	}
}

/*
 * The page's own list of expected apps: 1 is installed. Names are LocURIs, keys end with a time.
 * The list says that the app came when no app of it is open: of one app of several it does not say
 * when.
 */
static void find_installed_fact(struct analysis *a)
{
	for (size_t i = 0; i < a->page.app_count; i++) {
		const struct page_app *app = &a->page.apps[i];

		if (!fact_is_registry(app->fact, "\\ExpectedModernAppPackages\\", NULL) ||
		    !ed_str_eq(ed_str_from(app->app.kind), ED_STR("store")))
			continue;
		if (!app->done) {
			a->attempts.installed_fact = NULL;
			return;
		}
		if (!a->attempts.installed_fact ||
		    fact_key_time(app->fact) > fact_key_time(a->attempts.installed_fact))
			a->attempts.installed_fact = app->fact;
	}
}

void build_apps(struct analysis *a)
{
	struct page *page = &a->page;
	struct ed_esp_app *shown;
	size_t most = 0;

	for (size_t i = 0; i < a->evidence->fact_count; i++)
		for (size_t l = 0; l < ED_COUNT(lists); l++)
			most += in_list(a, &a->evidence->facts[i], &lists[l]);
	page->apps = take(a, most, sizeof(*page->apps));
	for (size_t l = 0; page->apps && l < ED_COUNT(lists); l++)
		for (size_t i = 0; i < a->evidence->fact_count; i++) {
			const struct ed_stored_fact *f = &a->evidence->facts[i];
			struct page_app *app;
			struct ed_str name;

			if (!in_list(a, f, &lists[l]))
				continue;
			name = lists[l].value ? last_part(f->fact.path)
					      : app_in_uri(a, f->fact.name, &lists[l]);
			if (!name.len)
				continue;
			app = app_named(page, name, lists[l].kind);
			if (!app)
				break;
			if (is_older(f, app))
				continue;
			set_state(app, &lists[l], f);
			set_error(a, app, &lists[l], f);
		}
	find_installed_fact(a);
	build_workloads(a);
	build_names(a);
	shown = take(a, page->app_count, sizeof(*shown));
	if (!page->apps || !shown)
		return;
	for (size_t i = 0; i < page->app_count; i++)
		shown[i] = page->apps[i].app;
	page->esp.apps = shown;
	page->esp.app_count = page->app_count;
}

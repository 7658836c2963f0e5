/* SPDX-License-Identifier: MIT */
/*
 * Display names of Win32 and WinGet apps: the management extension writes its policies into its log
 * as JSON ("Get policies = [...]"), the only place on the device where an app's id and name stand
 * together. Its log is in English on every system.
 */
#include "analysis.h"

#include "espdiag/json/json.h"

#define POLICIES "Get policies = "

/* "Win32App_<guid>_<n>" holds the policy's Id. */
static bool is_app_of(struct ed_str app, struct ed_str id)
{
	return id.len == 36 && ed_str_ifind(app, id, 0) != SIZE_MAX;
}

static void name_apps(struct analysis *a, const struct ed_json *policies)
{
	for (size_t i = 0; i < ed_json_count(policies); i++) {
		const struct ed_json *policy = ed_json_at(policies, i, NULL);
		struct ed_str id = ed_json_string(ed_json_get(policy, "Id"));
		struct ed_str name = ed_json_string(ed_json_get(policy, "Name"));

		for (size_t j = 0; name.len && j < a->page.app_count; j++) {
			struct page_app *app = &a->page.apps[j];

			/* the log has the policies again at each check-in */
			if (app->named || !is_app_of(app->app.name, id))
				continue;
			app->named = true;
			app->app.name = say(a, "%.*s (%.*s)", ED_FMT(name), ED_FMT(app->app.name));
		}
	}
}

/* "[WinGetApp] … app with id: <guid>": the extension works on it as a WinGet app. */
static void note_winget(struct analysis *a, struct ed_str line)
{
	if (ed_str_find(line, ED_STR("[WinGet"), 0) == SIZE_MAX)
		return;
	for (size_t i = 0; i < a->page.app_count; i++) {
		struct ed_str name = a->page.apps[i].app.name;
		size_t id = ed_str_ifind(name, ED_STR("Win32App_"), 0);

		if (id != SIZE_MAX &&
		    ed_str_ifind(line, ed_str_slice(name, id + 9, id + 9 + 36), 0) != SIZE_MAX)
			a->page.apps[i].winget = true;
	}
}

void build_names(struct analysis *a)
{
	for (size_t i = 0; i < a->evidence->fact_count && !a->nomem; i++) {
		const struct ed_fact *f = &a->evidence->facts[i].fact;
		struct ed_json *root = NULL;
		size_t from;
		ed_status status;

		if (f->kind != ED_FACT_LOGLINE)
			continue;
		note_winget(a, f->text);
		from = ed_str_find(f->text, ED_STR(POLICIES), 0);
		if (from == SIZE_MAX)
			continue;
		status = ed_json_parse(
			ed_str_slice(f->text, from + sizeof(POLICIES) - 1, f->text.len), &root,
			NULL);
		if (status == ED_NOMEM)
			a->nomem = true;
		if (status != ED_OK)
			continue;
		name_apps(a, root);
		ed_json_free(root);
	}
}

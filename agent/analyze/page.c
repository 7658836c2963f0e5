/* SPDX-License-Identifier: MIT */
/*
 * The Enrollment Status Page: its phase from the category values that Windows keeps in the
 * registry, its limit in minutes, the start of the phase from the page's own events, and the apps
 * it waits for.
 */
#include "analysis.h"

#include "espdiag/json/json.h"

#define AUTOPILOT_SETTINGS "\\Provisioning\\AutopilotSettings"
#define SKIPPED 0xFFFFFFFFu

enum category_state { CATEGORY_ABSENT, CATEGORY_OPEN, CATEGORY_DONE, CATEGORY_FAILED };

static bool word_in(struct ed_str word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (ed_str_ieq(word, ed_str_from(words[i])))
			return true;
	return false;
}

static enum category_state state_from_word(struct ed_str word)
{
	static const char *const done[] = { "succeeded", "notRequired", "not_required" };
	static const char *const failed[] = { "failed" };

	if (word_in(word, done, ED_COUNT(done)))
		return CATEGORY_DONE;
	return word_in(word, failed, ED_COUNT(failed)) ? CATEGORY_FAILED : CATEGORY_OPEN;
}

/*
 * Two shapes exist, and some builds never write categorySucceeded: then the sub-categories decide.
 * Flat sub-categories are localised text and say nothing.
 */
static enum category_state category_from_json(const struct ed_json *root)
{
	const struct ed_json *whole = ed_json_get(root, "categorySucceeded");
	struct ed_str word = ed_json_string(ed_json_get(root, "categoryState"));
	enum category_state state = CATEGORY_DONE;
	bool any = false;

	if (ed_json_type(whole) == ED_JSON_BOOL)
		return ed_json_bool(whole, false) ? CATEGORY_DONE : CATEGORY_FAILED;
	if (word.p && state_from_word(word) != CATEGORY_OPEN)
		return state_from_word(word);
	for (size_t i = 0; i < ed_json_count(root); i++) {
		const struct ed_json *sub = ed_json_at(root, i, NULL);
		struct ed_str text = ed_json_string(ed_json_get(sub, "subcategoryState"));

		if (!text.p)
			continue;
		any = true;
		if (state_from_word(text) == CATEGORY_FAILED)
			return CATEGORY_FAILED;
		if (state_from_word(text) == CATEGORY_OPEN)
			state = CATEGORY_OPEN;
	}
	return any ? state : CATEGORY_OPEN;
}

/* "Apps (0x87d1041c)": the words are translated, the code in parentheses is not. */
static uint32_t code_in_text(struct ed_str text)
{
	size_t from = ed_str_ifind(text, ED_STR("(0x"), 0);
	uint32_t code = 0;

	if (from == SIZE_MAX || text.len < from + 12 || text.p[from + 11] != ')')
		return 0;
	ed_number_u32(ed_str_slice(text, from + 1, from + 11), &code);
	return code;
}

static uint32_t category_code(const struct ed_json *root)
{
	for (size_t i = 0; i < ed_json_count(root); i++) {
		const struct ed_json *sub = ed_json_at(root, i, NULL);
		struct ed_str text = ed_json_string(sub);
		uint32_t code;

		if (!text.p)
			text = ed_json_string(ed_json_get(sub, "subcategoryStatusText"));
		code = text.p ? code_in_text(text) : 0;
		if (code)
			return code;
	}
	return 0;
}

static bool has_digit(struct ed_str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.p[i] >= '0' && text.p[i] <= '9')
			return true;
	return false;
}

/* "Apps (Identifying)": translated, but once the list is made the text counts: "(0 of 1 …)". */
static bool apps_uncounted(const struct ed_json *root)
{
	for (size_t i = 0; i < ed_json_count(root); i++) {
		struct ed_str name, text, state;
		const struct ed_json *sub = ed_json_at(root, i, &name);

		if (!ed_str_iends(name, ED_STR("AppsSubcategory")))
			continue;
		text = ed_json_string(sub);
		if (!text.p)
			text = ed_json_string(ed_json_get(sub, "subcategoryStatusText"));
		state = ed_json_string(ed_json_get(sub, "subcategoryState"));
		/* strict redaction leaves nothing to see */
		if (ed_str_find(text, ED_STR("("), 0) == SIZE_MAX ||
		    ed_str_find(text, ED_STR("["), 0) != SIZE_MAX)
			continue;
		if (!has_digit(text) && state_from_word(state) == CATEGORY_OPEN)
			return true;
	}
	return false;
}

static enum category_state read_category(struct analysis *a, const char *name,
					 const struct ed_stored_fact **fact)
{
	struct ed_json *root = NULL;
	enum category_state state;
	ed_status status;

	*fact = registry_value(a, AUTOPILOT_SETTINGS, name);
	if (!*fact || !(*fact)->fact.text.len)
		return CATEGORY_ABSENT;
	status = ed_json_parse((*fact)->fact.text, &root, NULL);
	if (status == ED_NOMEM)
		a->nomem = true;
	if (status != ED_OK)
		return CATEGORY_ABSENT;
	state = category_from_json(root);
	a->page.error_code = category_code(root);
	a->page.apps_uncounted = apps_uncounted(root);
	ed_json_free(root);
	return state;
}

static bool skips(const struct analysis *a, const char *page)
{
	const struct ed_stored_fact *skip = first_sync(a, page);

	return skip && skip->fact.has_number && (uint32_t)skip->fact.number == SKIPPED;
}

static void find_phase(struct analysis *a)
{
	static const struct {
		const char *value;
		enum ed_phase phase;
	} categories[] = {
		{ "DevicePreparationCategory.Status", ED_PHASE_DEVICE_PREPARATION },
		{ "DeviceSetupCategory.Status", ED_PHASE_DEVICE_SETUP },
		{ "AccountSetupCategory.Status", ED_PHASE_ACCOUNT_SETUP },
	};
	struct page *page = &a->page;

	for (size_t i = 0; i < ED_COUNT(categories); i++) {
		const struct ed_stored_fact *fact;
		enum category_state state = read_category(a, categories[i].value, &fact);

		if (state == CATEGORY_ABSENT)
			continue;
		page->esp.phase_known = true;
		page->category = fact;
		page->esp.phase = categories[i].phase;
		page->category_failed = state == CATEGORY_FAILED;
		if (state != CATEGORY_DONE)
			return;
	}
	if (!page->esp.phase_known)
		return;
	/* every category that is there is done; the account phase may not have begun */
	if (page->esp.phase == ED_PHASE_ACCOUNT_SETUP || skips(a, "SkipUserStatusPage"))
		page->esp.phase = ED_PHASE_DONE;
	else if (page->esp.phase == ED_PHASE_DEVICE_SETUP)
		page->esp.phase = ED_PHASE_ACCOUNT_SETUP;
}

/*
 * Autopilot device preparation (v2) has a page of its own and no categories: its hint tells how far
 * it is. 2 bootstrapping, 3 executing workloads, 4 complete.
 */
static void find_device_preparation(struct analysis *a)
{
	const struct ed_stored_fact *hint =
		registry_value(a, AUTOPILOT_SETTINGS, "AutopilotDevicePrepHint");

	if (a->page.esp.phase_known || !hint || !hint->fact.has_number || hint->fact.number < 2 ||
	    hint->fact.number > 4)
		return;
	a->page.esp.phase_known = true;
	a->page.category = hint;
	a->page.esp.phase = hint->fact.number == 4 ? ED_PHASE_DONE : ED_PHASE_DEVICE_PREPARATION;
}

/* Both phases are skipped and no category was ever written: there is no page. */
static void find_no_page(struct analysis *a)
{
	if (a->page.esp.phase_known || !skips(a, "SkipDeviceStatusPage") ||
	    !skips(a, "SkipUserStatusPage"))
		return;
	a->page.esp.phase_known = true;
	a->page.esp.phase = ED_PHASE_NONE;
}

static bool page_event(const struct mark *m, const char *tail)
{
	return m->kind == EV_SHELL_PAGE &&
	       ed_str_ifind(mark_field(m, "Name"), ed_str_from(tail), 0) != SIZE_MAX;
}

static bool page_ends_badly(const struct mark *m)
{
	return page_event(m, "WhiteGlove_Failed") ||
	       (page_event(m, "ESPProgress") &&
		(page_event(m, "_Failure") || page_event(m, "_Timeout") ||
		 page_event(m, "_Abort")));
}

/* Hello's own pages come after the status page. */
static bool after_the_page(const struct mark *m)
{
	struct ed_str cxid = mark_field(m, "CXID");

	return m->kind == EV_SHELL_WEBAPP &&
	       (ed_str_ifind(cxid, ED_STR("AADHello"), 0) != SIZE_MAX ||
		ed_str_ifind(cxid, ED_STR("NGC"), 0) != SIZE_MAX);
}

static void page_left(struct page *page, const struct mark *m)
{
	if (!page->ended_badly)
		return;
	page->continued = m;
	page->ended_before = page->ended_badly;
	page->ended_badly = NULL;
}

/* No page runs longer: SyncFailureTimeout is 1440 minutes at most. */
#define LONGEST_PAGE (1440 * ED_TICKS_PER_MINUTE)

static bool phase_is_open(const struct page *page)
{
	return page->esp.phase_known && page->esp.phase != ED_PHASE_NONE &&
	       page->esp.phase != ED_PHASE_DONE && !page->category_failed;
}

static bool runs_apart(const struct analysis *a, const struct mark *one, const struct mark *other)
{
	return one && other->key - one->key > LONGEST_PAGE &&
	       !span_unknown(a, one->key, other->key);
}

/*
 * The first mark of the page's present run. What came before is not of it: the technician's flow of
 * a pre-provisioned device that was started anew, or an earlier enrolment. A second enrolment
 * within a day may be one that Windows links to the first; without that log the page itself tells,
 * when it is left long after it had failed.
 */
static size_t run_begins(struct analysis *a)
{
	const struct mark *start =
		a->attestation.last_start ? a->attestation.last_start->mark : NULL;
	const struct mark *enrolled = NULL, *over = NULL;
	size_t begins = 0, anew = 0, last_page = 0;
	bool exits;

	for (size_t i = 0; i < a->mark_count; i++) {
		const struct mark *m = &a->marks[i];

		if (page_event(m, "ESPProgress"))
			last_page = i;
		if (page_event(m, "WhiteGlove_Success") &&
		    (start ? start->key > m->key : !channel_read(a, CH_SYSTEM)))
			begins = i + 1;
		exits = over && page_event(m, "ESPProgress_Page_Exiting");
		if ((m->kind == EV_MDM_ENROLLED && runs_apart(a, enrolled, m)) ||
		    (exits && phase_is_open(&a->page) && runs_apart(a, over, m))) {
			anew = i;
			over = NULL;
		} else if (exits || page_ends_badly(m)) {
			over = m;
		}
		enrolled = m->kind == EV_MDM_ENROLLED ? m : enrolled;
	}
	if (anew <= begins || (last_page < anew && !phase_is_open(&a->page)))
		return begins;
	a->since = a->marks[anew].key;
	return anew;
}

/* FirstSync has a key for each user whose page was shown. */
static bool several_users(const struct analysis *a)
{
	struct ed_str first = { NULL, 0 };

	for (size_t i = 0; i < a->evidence->fact_count; i++) {
		const struct ed_stored_fact *f = &a->evidence->facts[i];

		struct ed_str user = f->fact.path;

		if (!fact_is_registry(f, "\\FirstSync\\S-1-", NULL) || !of_intune(a, f))
			continue;
		user = ed_str_slice(user, ed_str_ifind(user, ED_STR("\\S-1-"), 0), user.len);
		if (first.p && !ed_str_ieq(first, user))
			return true;
		first = user;
	}
	return false;
}

/* The hand-over from device to account is the page's first exit; the phase shown runs from there.
 */
static void find_phase_start(struct analysis *a)
{
	struct page *page = &a->page;
	size_t exits = 0;

	for (size_t i = run_begins(a); i < a->mark_count; i++) {
		const struct mark *m = &a->marks[i];

		if (page_event(m, "ESPProgress_Page_Exiting")) {
			exits++;
			page_left(page, m);
			page->handed_over = exits == 1 ? m : page->handed_over;
			page->left = exits == 2 ? m : page->left;
			if (exits == 1 && page->esp.phase >= ED_PHASE_ACCOUNT_SETUP)
				page->phase_start = m;
			page->done_by_event |= exits > 1;
		} else if (page_ends_badly(m)) {
			page->ended_badly = m;
			if (page_event(m, "_Timeout"))
				page->timed_out = m;
		} else if (after_the_page(m) && (exits || page->esp.phase_known)) {
			page_left(page, m);
			page->left = page->left ? page->left : m;
			page->done_by_event = true;
		} else if (m->kind == EV_MDM_ENROLLED && page->esp.phase == ED_PHASE_DEVICE_SETUP) {
			page->phase_start = m;
		}
	}
	if (page->done_by_event && page->esp.phase == ED_PHASE_ACCOUNT_SETUP && several_users(a)) {
		/* one user's page is over, another's is shown; no event tells since when */
		page->phase_start = page->left = NULL;
		page->done_by_event = false;
	}
	page->esp.started_at = mark_at(page->phase_start);
}

static void find_limit(struct analysis *a)
{
	struct ed_esp *esp = &a->page.esp;
	int64_t left;

	esp->timeout_minutes = ED_UNKNOWN;
	esp->deadline_at = ED_TIME_NONE;
	esp->minutes_left = ED_UNKNOWN;
	a->page.limit = first_sync(a, "SyncFailureTimeout");
	if (!a->page.limit || !a->page.limit->fact.has_number || a->page.limit->fact.number < 1 ||
	    a->page.limit->fact.number > 1440)
		return;
	esp->timeout_minutes = (int64_t)a->page.limit->fact.number;
	if (!a->page.phase_start || esp->phase == ED_PHASE_DONE)
		return;
	esp->deadline_at = esp->started_at + esp->timeout_minutes * ED_TICKS_PER_MINUTE;
	if (span_unknown(a, a->page.phase_start->key, a->at))
		return; /* a machine that slept: nobody knows how much of the limit is gone */
	left = a->page.phase_start->key + esp->timeout_minutes * ED_TICKS_PER_MINUTE - a->at;
	a->page.limit_passed = left <= 0;
	esp->minutes_left = left > 0 ? left / ED_TICKS_PER_MINUTE : 0;
}

void build_page(struct analysis *a)
{
	find_phase(a);
	find_device_preparation(a);
	find_no_page(a);
	find_phase_start(a);
	find_limit(a);
	build_apps(a);
}

bool page_is_done(const struct analysis *a)
{
	return (a->page.esp.phase_known && a->page.esp.phase == ED_PHASE_DONE) ||
	       a->page.done_by_event;
}

/* SPDX-License-Identifier: MIT */
/* The verbs of the scenario language, and the order in which what they tell was logged. */
#include "scenario_priv.h"

#define START_AFTER_STOP (45 * ED_TICKS_PER_SECOND)
#define TICKS_PER_DAY (INT64_C(86400) * ED_TICKS_PER_SECOND)
#define FIRST_RECORD 41u /* of the first channel; each further channel begins seven later */
#define RECORD_STEP 7u

static ed_status tell_at(struct story *t)
{
	return story_time(t, story_word(t, 1), &t->s->at);
}

static ed_status tell_date(struct story *t)
{
	char iso[ED_TIME_TEXT];

	snprintf(iso, sizeof(iso), "%.10sT00:00:00", story_word(t, 1).p ? story_word(t, 1).p : "");
	if (!ed_time_parse(ed_str_from(iso), &t->midnight))
		return story_wrong(t, "no date", story_word(t, 1));
	t->midnight += t->options->shift * ED_TICKS_PER_SECOND;
	return ED_OK;
}

static ed_status tell_locale(struct story *t)
{
	if (!t->options->locale)
		t->locale = story_word(t, 1).p ? story_word(t, 1).p : "en";
	return ED_OK;
}

static ed_status tell_set(struct story *t)
{
	if (t->line->token_count != 3)
		return story_wrong(t, "expected: set NAME VALUE, got", t->line->text);
	return story_set(t, story_word(t, 1).p, story_word(t, 2).p);
}

static ed_status log_start(struct story *t, int64_t time)
{
	ED_TRY(story_setf(t, "boot", "%u", ++t->boots));
	return story_steps(t, "start", time, ED_TIME_NONE);
}

static ed_status tell_boot(struct story *t)
{
	int64_t time = 0;

	ED_TRY(story_time(t, story_word(t, 1), &time));
	ED_TRY(log_start(t, time));
	return t->boots == 1 ? story_steps(t, "first start", time, ED_TIME_NONE) : ED_OK;
}

/* restart TIME [by PROGRAM] [up TIME] */
static ed_status tell_restart(struct story *t)
{
	struct ed_str by = story_option(t, "by");
	struct ed_str up = story_option(t, "up");
	bool service = !by.p || ed_str_istarts(by, ED_STR("svchost"));
	int64_t stop = 0, start = 0;

	ED_TRY(story_time(t, story_word(t, 1), &stop));
	start = stop + START_AFTER_STOP;
	if (up.p)
		ED_TRY(story_time(t, up, &start));
	ED_TRY(story_setf(t, "asked_by", "C:\\Windows\\System32\\%.100s",
			  by.p ? by.p : "svchost.exe"));
	ED_TRY(story_set(t, "t_reason", service ? "$t_reason_update" : "$t_reason_none"));
	ED_TRY(story_set(t, "reason", service ? "0x80020010" : "0x800000ff"));
	ED_TRY(story_steps(t, "stop", stop, ED_TIME_NONE));
	return log_start(t, start);
}

/* crash TIME up TIME: nothing is logged at the first time, the start tells of it */
static ed_status tell_crash(struct story *t)
{
	int64_t stop = 0, start = 0;
	struct ed_civil c;

	ED_TRY(story_time(t, story_word(t, 1), &stop));
	ED_TRY(story_time(t, story_option(t, "up"), &start));
	c = ed_civil_from_time(stop);
	ED_TRY(story_setf(t, "stop_time", "%02d:%02d:%02d", c.hour, c.minute, c.second));
	ED_TRY(story_setf(t, "stop_date", "%04d-%02d-%02d", c.year, c.month, c.day));
	ED_TRY(story_set(t, "shutdown_good", "false"));
	ED_TRY(log_start(t, start));
	ED_TRY(story_set(t, "shutdown_good", "true"));
	return story_steps(t, "crash", start, ED_TIME_NONE);
}

/* fast-startup TIME..TIME, hibernate TIME..TIME */
static ed_status tell_sleep(struct story *t)
{
	int64_t down = 0, up = 0;

	ED_TRY(story_time_range(t, story_word(t, 1), &down, &up));
	return story_steps(t, story_word(t, 0).p, down, up);
}

/* clock TIME -> TIME: what follows in the file was logged by the new clock */
static ed_status tell_clock(struct story *t)
{
	int64_t before = 0, after = 0;

	ED_TRY(story_time(t, story_word(t, 1), &before));
	ED_TRY(story_time(t, story_word(t, 3), &after));
	t->segment++;
	return story_steps(t, "clock", after, before);
}

static ed_status log_session(struct story *t, int64_t time)
{
	bool not_compliant = story_option(t, "not-compliant").p != NULL;

	ED_TRY(story_setf(t, "session", "%u", t->sessions++));
	ED_TRY(story_set_option(t, "result", "failed", "0"));
	ED_TRY(story_set_option(t, "status", not_compliant ? "not-compliant" : "not-encrypted",
				"0"));
	ED_TRY(story_steps(t, "session", time, ED_TIME_NONE));
	if (not_compliant)
		ED_TRY(story_steps(t, "session not-compliant", time, ED_TIME_NONE));
	else if (story_option(t, "not-encrypted").p)
		ED_TRY(story_steps(t, "session not-encrypted", time, ED_TIME_NONE));
	return story_steps(t, "session end", time, ED_TIME_NONE);
}

static ed_status tell_enrol(struct story *t)
{
	int64_t time = 0;

	ED_TRY(story_time(t, story_word(t, 1), &time));
	t->needs |= NEED_ENROLLED;
	ED_TRY(story_steps(t, "enrol", time, ED_TIME_NONE));
	ED_TRY(log_session(t, time));
	return story_steps(t, "enrol end", time, ED_TIME_NONE);
}

/* policy TIME NAME [area AREA] */
static ed_status tell_policy(struct story *t)
{
	int64_t time = 0;

	ED_TRY(story_time(t, story_word(t, 1), &time));
	ED_TRY(story_set(t, "policy", story_word(t, 2).p ? story_word(t, 2).p : ""));
	ED_TRY(story_set_option(t, "area", "area", "BitLocker"));
	return story_steps(t, "policy", time, ED_TIME_NONE);
}

/* mdm session TIME …, mdm reboot TIME URI, mdm check TIME ID [found A wanted B] */
static ed_status tell_mdm(struct story *t)
{
	int64_t time = 0;

	ED_TRY(story_time(t, story_word(t, 2), &time));
	if (story_word_is(t, 1, "session"))
		return log_session(t, time);
	if (!story_word(t, 3).p)
		return story_wrong(t, "no such story of management", t->line->text);
	if (story_word_is(t, 1, "reboot")) {
		ED_TRY(story_set(t, "uri", story_word(t, 3).p));
		return story_steps(t, "reboot uri", time, ED_TIME_NONE);
	}
	if (!story_word_is(t, 1, "check"))
		return story_wrong(t, "no such story of management", story_word(t, 1));
	ED_TRY(story_set(t, "id", story_word(t, 3).p));
	ED_TRY(story_set_option(t, "found", "found", "0x6"));
	ED_TRY(story_set_option(t, "wanted", "wanted", "0x7"));
	return story_steps(t, story_option(t, "found").p ? "session method" : "session check", time,
			   ED_TIME_NONE);
}

/* enrol-failed TIME [id 71|76] [error CODE] [refused]: with "refused" the server says why, first */
static ed_status tell_enrol_failed(struct story *t)
{
	int64_t time = 0;

	ED_TRY(story_time(t, story_word(t, 1), &time));
	ED_TRY(story_set_error(t, "0x80180014"));
	ED_TRY(story_set_option(t, "id", "id", "71"));
	if (story_has_word(t, "refused"))
		ED_TRY(story_steps(t, "enrol refused", time, ED_TIME_NONE));
	return story_steps(t, "enrol failed", time, ED_TIME_NONE);
}

/* join|autopilot|tpm|licence WHAT TIME [error CODE] [app NAME] */
static ed_status tell_what(struct story *t)
{
	char name[80];
	int64_t time = 0;

	ED_TRY(story_time(t, story_word(t, 2), &time));
	ED_TRY(story_set_error(t, "0x80004005"));
	ED_TRY(story_set_option(t, "app", "app", "$tracked_app"));
	snprintf(name, sizeof(name), "%.20s %.40s", story_word(t, 0).p, story_word(t, 1).p);
	return story_steps(t, name, time, ED_TIME_NONE);
}

static ed_status page_state(struct story *t, const char *apps, const char *text,
			    const char *succeeded)
{
	ED_TRY(story_set(t, "account_apps", apps));
	ED_TRY(story_set(t, "account_apps_text", text));
	ED_TRY(story_set(t, "account_succeeded", succeeded));
	return story_set(t, "account_state", apps);
}

static ed_status page_began(struct story *t)
{
	char stamp[ED_TIME_TEXT];
	int64_t since = 0;

	ED_TRY(story_time(t, story_option(t, "since"), &since));
	ED_TRY(story_set_option(t, "limit", "limit", "60"));
	t->needs |= NEED_PAGE;
	if (story_word_is(t, 1, "device-preparation")) {
		ED_TRY(story_set(t, "prep_succeeded", "null"));
		return story_set(t, "prep_state", "inProgress");
	}
	t->needs |= NEED_DEVICE;
	if (story_word_is(t, 1, "device-setup")) {
		ED_TRY(story_set(t, "device_apps", "inProgress"));
		ED_TRY(story_set(t, "device_apps_text", "$t_apps_open"));
		ED_TRY(story_set(t, "device_succeeded", "null"));
		return story_set(t, "device_state", "inProgress");
	}
	t->needs |= NEED_ACCOUNT;
	ED_TRY(story_steps(t, "page", since, ED_TIME_NONE));
	ed_time_format(since + 70 * ED_TICKS_PER_SECOND, stamp);
	ED_TRY(story_setf(t, "user_sync", "%s", stamp));
	return story_steps(t, "page user-sync", since, ED_TIME_NONE);
}

/* How the phase ended for the registry: the account phase unless the line says "device". */
static ed_status page_ended(struct story *t)
{
	ED_TRY(story_set_error(t, "0x800705b4"));
	ED_TRY(story_set(t, "page_error", story_get(t, "error").p));
	if (!story_has_word(t, "device"))
		return page_state(t, "failed", "$t_apps_failed", "false");
	ED_TRY(story_set(t, "device_apps", "failed"));
	ED_TRY(story_set(t, "device_apps_text", "$t_apps_failed"));
	ED_TRY(story_set(t, "device_succeeded", "false"));
	return story_set(t, "device_state", "failed");
}

/* Words behind "esp" that log an event of the page, and whether the phase has ended with it. */
static const struct {
	const char *word;
	const char *steps;
	bool ended;
} page_words[] = {
	{ "failed", "page failed", true },   { "timeout", "page timeout", true },
	{ "aborted", "page aborted", true }, { "left", "page", false },
	{ "hello", "page hello", false },    { "white-glove", "page white-glove", false },
};

static ed_status page_done(struct story *t, int64_t time)
{
	char stamp[ED_TIME_TEXT];

	t->needs |= NEED_APP;
	ed_time_format(time, stamp);
	ED_TRY(story_setf(t, "page_done", "%s", stamp));
	ED_TRY(page_state(t, "succeeded", "$t_apps_done", "true"));
	ED_TRY(story_set(t, "sync_done", "1"));
	ED_TRY(story_set(t, "provisioned", "1"));
	return story_steps(t, "page", time, ED_TIME_NONE);
}

/* esp account-setup|device-setup|device-preparation since TIME [limit MINUTES]; esp WORD TIME */
static ed_status tell_esp(struct story *t)
{
	int64_t time = 0;

	if (story_option(t, "since").p)
		return page_began(t);
	ED_TRY(story_time(t, story_word(t, 2), &time));
	if (story_word_is(t, 1, "done"))
		return page_done(t, time);
	for (size_t i = 0; i < ED_COUNT(page_words); i++) {
		if (!story_word_is(t, 1, page_words[i].word))
			continue;
		if (page_words[i].ended)
			ED_TRY(page_ended(t));
		return story_steps(t, page_words[i].steps, time, ED_TIME_NONE);
	}
	return story_wrong(t, "no such state of the page", story_word(t, 1));
}

static ed_status volume_options(struct story *t)
{
	struct ed_str volume = story_option(t, "volume");
	bool second = volume.p && !ed_str_istarts(volume, ED_STR("C"));

	ED_TRY(story_set(t, "volume", volume.p ? volume.p : "C:"));
	ED_TRY(story_set(t, "disk", second ? "2" : "1"));
	ED_TRY(story_set(t, "slot", second ? "1" : "0"));
	if (story_has_word(t, "xts256"))
		return story_set(t, "method", "0x8005");
	return story_set(t, "method", "0x8004");
}

/* bitlocker WHAT TIME [volume D:] [method xts256] [error CODE] [id N] */
static ed_status tell_bitlocker(struct story *t)
{
	static const char *const protect[] = { "bitlocker key", "bitlocker backup",
					       "bitlocker tpm" };
	char name[64];
	int64_t time = 0;

	ED_TRY(story_time(t, story_word(t, 2), &time));
	ED_TRY(volume_options(t));
	ED_TRY(story_set_error(t, "0x80310000"));
	ED_TRY(story_set_option(t, "id", "id", "851"));
	if (!story_word_is(t, 1, "on") && !story_word_is(t, 1, "protect")) {
		snprintf(name, sizeof(name), "bitlocker %.40s", story_word(t, 1).p);
		return story_steps(t, name, time, ED_TIME_NONE);
	}
	if (story_word_is(t, 1, "on")) {
		ED_TRY(story_steps(t, "bitlocker start", time, ED_TIME_NONE));
		time += 2 * ED_TICKS_PER_SECOND;
	}
	for (size_t i = 0; i < ED_COUNT(protect); i++)
		ED_TRY(story_steps(t, protect[i], time, ED_TIME_NONE));
	return ED_OK;
}

/* attestation ok|unreachable|refused TIME [error CODE] */
static ed_status tell_attestation(struct story *t)
{
	char name[64];
	int64_t time = 0;

	ED_TRY(story_time(t, story_word(t, 2), &time));
	ED_TRY(story_set_error(t, "0x80072efd"));
	snprintf(name, sizeof(name), "attestation %.40s", story_word(t, 1).p);
	return story_steps(t, name, time, ED_TIME_NONE);
}

static ed_status app_option(struct story *t, const char *variable, const char *key,
			    const char *otherwise)
{
	struct ed_str text = story_option(t, key);
	const char *value = text.p ? text.p : otherwise;

	for (size_t i = 0; i < row_app_count; i++) {
		if (strcmp(value, row_apps[i].name) == 0)
			value = row_apps[i].value;
	}
	return story_set(t, variable, value);
}

static ed_status set_denial(struct story *t, struct ed_str code)
{
	bool compliance = ed_str_eq(code, ED_STR("53000")) || ed_str_eq(code, ED_STR("530002"));
	bool other_client = story_option(t, "client").p != NULL;

	ED_TRY(story_set(t, "code", code.p));
	ED_TRY(story_set(t, "t_denied", compliance ? "$t_denied_compliance" : "$t_denied_other"));
	ED_TRY(app_option(t, "client", "client", "store"));
	return app_option(t, "resource", "resource", other_client ? "graph" : "store-service");
}

/* Several lines of a case go on counting. */
static ed_status next_attempt(struct story *t)
{
	uint32_t n = 0;

	ed_number_u32(story_get(t, "attempt"), &n);
	return story_setf(t, "attempt", "%u", (unsigned)n + 1);
}

static ed_status log_denial(struct story *t, int64_t time)
{
	ED_TRY(story_setf(t, "n", "%03x", ++t->denials));
	return story_steps(t, "denied", time, ED_TIME_NONE);
}

/* store refused|fails|begun|deploy-fails LOOP [deny CODE|none] …; store install TIME..TIME */
static ed_status tell_store(struct story *t)
{
	struct ed_str code = story_option(t, "deny");
	const char *steps = "attempt refused";
	struct story_loop loop;
	int64_t first = 0, second = 0;

	ED_TRY(story_set_option(t, "product", "product", "9WZDNCRFJ3PZ"));
	ED_TRY(story_set_error(t, "0xcaa2000c"));
	if (story_word_is(t, 1, "install") || story_word_is(t, 1, "deploy")) {
		ED_TRY(story_time_range(t, story_word(t, 2), &first, &second));
		if (story_word_is(t, 1, "install"))
			ED_TRY(next_attempt(t));
		return story_steps(t, story_word(t, 1).p, first, second);
	}
	ED_TRY(story_loop(t, &loop));
	if (story_word_is(t, 1, "deploy-fails"))
		steps = "deploy-failed";
	else if (story_word_is(t, 1, "begun"))
		steps = "attempt begun";
	else if (!story_word_is(t, 1, "refused") && !story_word_is(t, 1, "fails"))
		return story_wrong(t, "no such story of the Store", story_word(t, 1));
	if (!code.p && story_word_is(t, 1, "refused"))
		code = ED_STR("53000");
	if (ed_str_eq(code, ED_STR("none")))
		code.p = NULL;
	if (code.p)
		ED_TRY(set_denial(t, code));
	for (uint32_t i = 0; i < loop.count; i++) {
		int64_t time = loop.from + i * loop.every;

		ED_TRY(next_attempt(t));
		if (code.p)
			ED_TRY(log_denial(t, time));
		ED_TRY(story_steps(t, steps, time, ED_TIME_NONE));
	}
	return ED_OK;
}

/* denied LOOP [code N] [client APP] [resource APP]: a sign-in that is no Store attempt */
static ed_status tell_denied(struct story *t)
{
	struct ed_str code = story_option(t, "code");
	struct story_loop loop;

	ED_TRY(story_loop(t, &loop));
	ED_TRY(set_denial(t, code.p ? code : ED_STR("53000")));
	for (uint32_t i = 0; i < loop.count; i++)
		ED_TRY(log_denial(t, loop.from + i * loop.every));
	return ED_OK;
}

/* broker LOOP [error CODE] [id 1097|1098]: the token broker itself fails, nobody answered */
static ed_status tell_broker(struct story *t)
{
	struct story_loop loop;

	ED_TRY(story_loop(t, &loop));
	ED_TRY(story_set_error(t, "0xcaa5001c"));
	ED_TRY(story_set_option(t, "id", "id", "1098"));
	for (uint32_t i = 0; i < loop.count; i++)
		ED_TRY(story_steps(t, "broker", loop.from + i * loop.every, ED_TIME_NONE));
	return ED_OK;
}

/* bootlog N unlock FLAGS | bootlog N without-unlock [sha1] */
static ed_status tell_bootlog(struct story *t)
{
	struct scenario_log *log = scenario_grow(t->s->arena, &t->s->logs, &t->s->log_count,
						 &t->s->log_cap, sizeof(*log));
	uint32_t number;

	if (!log)
		return ed_fail(t->err, ED_NOMEM, "too many boot logs");
	if (!ed_number_u32(story_word(t, 1), &number))
		return story_wrong(t, "no number of a start", story_word(t, 1));
	log->boot = number;
	log->content = (struct tcg_boot){
		.boot_counter = number,
		.event_counter = 40 + number,
		.no_unlock = story_has_word(t, "without-unlock"),
		.sha1_only = story_has_word(t, "sha1"),
	};
	return story_number_option(t, "unlock", &log->content.unlock);
}

static ed_status add_value(struct story *t, const char *key, const char *name, const char *text,
			   const char *number)
{
	struct scenario_value *v = scenario_grow(t->s->arena, &t->s->values, &t->s->value_count,
						 &t->s->value_cap, sizeof(*v));

	if (!v)
		return ed_fail(t->err, ED_NOMEM, "too many registry values");
	ED_TRY(story_fill(t, key, &v->key));
	ED_TRY(story_fill(t, name, &v->name));
	if (text)
		return story_fill(t, text, &v->text);
	ED_TRY(story_fill(t, number, &number));
	if (!ed_number_u32(ed_str_from(number), &v->number))
		return story_wrong(t, "no number", ed_str_from(number));
	return ED_OK;
}

/* registry KEY Name=text Name=dword:1 … */
static ed_status tell_registry(struct story *t)
{
	static const char prefix[] = "HKEY_LOCAL_MACHINE";
	struct ed_str key = story_word(t, 1);

	if (ed_str_istarts(key, ED_STR("HKLM\\")))
		key = ed_arena_printf(t->s->arena, "%s%s", prefix, key.p + 4);
	for (size_t i = 2; i < t->line->token_count; i++) {
		struct ed_str piece = story_word(t, i);
		size_t equals = ed_str_find(piece, ED_STR("="), 0);
		struct ed_str name = ed_arena_str(
			t->s->arena,
			ed_str_slice(piece, 0, equals == SIZE_MAX ? piece.len : equals));
		const char *value = piece.p + equals + 1;

		if (equals == SIZE_MAX || !key.p || !name.p)
			return story_wrong(t, "no value in", piece);
		if (ed_str_starts(ed_str_from(value), ED_STR("dword:")))
			ED_TRY(add_value(t, key.p, name.p, NULL, value + 6));
		else
			ED_TRY(add_value(t, key.p, name.p, value, NULL));
	}
	return ED_OK;
}

/* without CHANNEL…: its log is not part of the evidence; empty CHANNEL…: it is, without records */
static ed_status tell_channels(struct story *t)
{
	for (size_t i = 1; i < t->line->token_count; i++) {
		struct scenario_channel *c = story_channel(t, story_word(t, i));

		if (!c)
			return ed_fail(t->err, ED_NOMEM, "too many channels");
		if (story_word_is(t, 0, "without"))
			c->withheld = true;
		else
			c->wanted = true;
	}
	return ED_OK;
}

static const struct verb {
	const char *name;
	ed_status (*tell)(struct story *t);
} verbs[] = {
	{ "at", tell_at },
	{ "attestation", tell_attestation },
	{ "autopilot", tell_what },
	{ "bitlocker", tell_bitlocker },
	{ "boot", tell_boot },
	{ "bootlog", tell_bootlog },
	{ "broker", tell_broker },
	{ "clock", tell_clock },
	{ "crash", tell_crash },
	{ "date", tell_date },
	{ "denied", tell_denied },
	{ "dsreg", story_dsreg_line },
	{ "empty", tell_channels },
	{ "enrol", tell_enrol },
	{ "enrol-failed", tell_enrol_failed },
	{ "esp", tell_esp },
	{ "event", story_event_line },
	{ "fast-startup", tell_sleep },
	{ "hibernate", tell_sleep },
	{ "ime", story_ime_line },
	{ "join", tell_what },
	{ "licence", tell_what },
	{ "locale", tell_locale },
	{ "mdm", tell_mdm },
	{ "policy", tell_policy },
	{ "registry", tell_registry },
	{ "report", story_report_line },
	{ "restart", tell_restart },
	{ "set", tell_set },
	{ "state", story_state_line },
	{ "store", tell_store },
	{ "tpm", tell_what },
	{ "without", tell_channels },
};

static ed_status tell_line(struct story *t)
{
	for (size_t i = 0; i < ED_COUNT(verbs); i++) {
		if (story_word_is(t, 0, verbs[i].name))
			return verbs[i].tell(t);
	}
	return story_wrong(t, "no such word", story_word(t, 0));
}

static bool value_is_told(const struct scenario *s, const char *key, const char *name)
{
	for (size_t i = 0; i < s->value_count; i++) {
		if (ed_str_ieq(ed_str_from(s->values[i].key), ed_str_from(key)) &&
		    ed_str_ieq(ed_str_from(s->values[i].name), ed_str_from(name)))
			return true;
	}
	return false;
}

/* What Windows would have left besides; a value that the story tells itself stays as told. */
static ed_status add_registry(struct story *t)
{
	t->line = NULL;
	for (size_t i = 0; i < row_registry_count; i++) {
		const struct row_registry *row = &row_registries[i];
		const char *key = NULL, *name = NULL;

		if ((row->need & t->needs) != row->need)
			continue;
		ED_TRY(story_fill(t, row->key, &key));
		ED_TRY(story_fill(t, row->name, &name));
		if (!value_is_told(t->s, key, name))
			ED_TRY(add_value(t, row->key, row->name, row->text, row->number));
	}
	return ED_OK;
}

static int compare_logged(const void *a, const void *b)
{
	const struct scenario_event *x = a, *y = b;

	if (x->segment != y->segment)
		return x->segment < y->segment ? -1 : 1;
	if (x->event.time != y->event.time)
		return x->event.time < y->event.time ? -1 : 1;
	return x->sequence < y->sequence ? -1 : x->sequence > y->sequence;
}

/* Numbers the records: channels in order of their first event, each from its own start. */
static ed_status number_records(struct story *t)
{
	struct scenario *s = t->s;
	struct scenario_channel *old = s->channels;
	size_t old_count = s->channel_count;

	if (s->event_count)
		qsort(s->events, s->event_count, sizeof(*s->events), compare_logged);
	s->channels = NULL;
	s->channel_count = s->channel_cap = 0;
	for (size_t i = 0; i < s->event_count; i++) {
		if (!story_channel(t, ed_str_from(s->events[i].event.channel)))
			return ed_fail(t->err, ED_NOMEM, "too many channels");
	}
	for (size_t i = 0; i < old_count; i++) {
		struct scenario_channel *c = story_channel(t, ed_str_from(old[i].name));

		if (!c)
			return ed_fail(t->err, ED_NOMEM, "too many channels");
		c->withheld = old[i].withheld;
		c->wanted = old[i].wanted;
	}
	for (size_t i = 0; i < s->channel_count; i++) {
		uint64_t next = FIRST_RECORD + RECORD_STEP * i + story_record_shift(t, i);

		for (size_t k = 0; k < s->event_count; k++) {
			if (strcmp(s->events[k].event.channel, s->channels[i].name) == 0)
				s->events[k].event.record = next++;
		}
	}
	return ED_OK;
}

ed_status scenario_tell(struct scenario *s, const struct scenario_options *options,
			struct ed_error *err)
{
	struct story t = { .s = s, .options = options, .err = err, .locale = "en" };

	if (options->locale)
		t.locale = options->locale;
	if (!ed_time_parse(ED_STR("2026-09-14T00:00:00Z"), &t.midnight))
		return ED_FORMAT;
	t.midnight += options->shift * ED_TICKS_PER_SECOND;
	for (size_t i = 0; i < row_variable_count; i++)
		ED_TRY(story_set(&t, row_variables[i].name, row_variables[i].value));
	if (options->permute)
		ED_TRY(story_setf(&t, "vector", "V%013llx", (unsigned long long)options->permute));
	for (size_t i = 0; i < s->line_count; i++) {
		t.line = &s->lines[i];
		ED_TRY(tell_line(&t));
	}
	ED_TRY(add_registry(&t));
	if (s->at == ED_TIME_NONE)
		return ed_fail(err, ED_FORMAT, "the case does not say 'at' which time it is");
	ED_TRY(number_records(&t));
	return options->permute ? story_permute(&t) : ED_OK;
}

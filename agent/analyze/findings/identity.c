/* SPDX-License-Identifier: MIT */
/* The device's own token machinery: the broker, and the management extension's token. */
#include "finding.h"

static void test_broker(struct analysis *a, struct finding_case *c)
{
	const struct broker *b = &a->broker;
	struct ed_link *link;
	uint32_t error = 0;

	if (!b->count)
		return;
	if (b->denied) {
		rule_out(a, c,
			 ED_STR("Entra ID answered with a code: the token broker itself works"),
			 b->last);
		return;
	}
	if (page_is_done(a)) {
		rule_out(a, c, ED_STR("the page is done all the same"), b->last);
		return;
	}
	if (a->attempts.installed && a->attempts.installed->key > b->last->key) {
		rule_out(a, c,
			 say(a, "the app was installed at %s, after the last such failure",
			     say_when(a, a->attempts.installed)),
			 a->attempts.installed);
		return;
	}
	mark_u32(b->last, "Error", &error);
	c->holds = ED_TRI_YES;
	c->no_restart = true;
	link = add_link(c,
			say(a, "The token broker failed: 0x%08x, %zu time%s until %s.",
			    (unsigned)error, b->count, b->count == 1 ? "" : "s",
			    say_when(a, b->last)),
			mark_at(b->first), !none_later(a, c, b->first));
	link_mark(a, link, b->first);
	link_mark(a, link, b->last);
	c->because = say(a,
			 "The token broker of Windows fails by itself (0x%08x), for whatever "
			 "client asks; Entra "
			 "ID was not even asked.",
			 (unsigned)error);
}

/* Untranslated phrases of the management extension's log, which is written in English on every
 * system. */
#define IME_TOKEN_FAILED "Failed to get AAD token. errorCode = "
#define IME_TOKEN_GOT "Successfully get the token"

static struct ed_str digits_at(struct ed_str text, size_t from)
{
	size_t to = from;

	while (to < text.len && text.p[to] >= '0' && text.p[to] <= '9')
		to++;
	return ed_str_slice(text, from, to);
}

/* The extension asks about once an hour. Its log is in local time: spans are known all the same. */
static bool about_an_hour(const struct ed_fact *from, const struct ed_fact *to)
{
	bool local = from->local_time && to->local_time;
	int64_t minutes;

	if (!local && (from->time == ED_TIME_NONE || to->time == ED_TIME_NONE))
		return true;
	minutes = (local ? to->local_time - from->local_time : to->time - from->time) /
		  ED_TICKS_PER_MINUTE;
	return minutes >= 30 && minutes <= 90;
}

static void test_ime_token(struct analysis *a, struct finding_case *c)
{
	const struct ed_stored_fact *first = NULL, *last = NULL, *got = NULL;
	struct ed_link *link;
	uint32_t code = 0;
	bool hourly = false;

	for (size_t i = 0; i < a->evidence->fact_count; i++) {
		const struct ed_stored_fact *f = &a->evidence->facts[i];
		size_t at;

		if (f->fact.kind != ED_FACT_LOGLINE || f->fact.time > a->at ||
		    (a->from && f->fact.time < a->from))
			continue;
		if (ed_str_find(f->fact.text, ED_STR(IME_TOKEN_GOT), 0) != SIZE_MAX)
			got = f;
		at = ed_str_find(f->fact.text, ED_STR(IME_TOKEN_FAILED), 0);
		if (at == SIZE_MAX)
			continue;
		first = first ? first : f;
		hourly |= last && about_an_hour(&last->fact, &f->fact);
		last = f;
		got = NULL;
		ed_number_u32(digits_at(f->fact.text, at + sizeof(IME_TOKEN_FAILED) - 1), &code);
	}
	if (!last || !hourly)
		return;
	if (page_is_done(a)) {
		rule_out_fact(a, c, ED_STR("the page is done all the same"), last);
		return;
	}
	if (got) {
		rule_out_fact(a, c, ED_STR("the management extension got its token later"), got);
		return;
	}
	c->holds = ED_TRI_YES;
	c->no_restart = true;
	link = add_link(c,
			say(a, "The management extension gets no token: 0x%08x.", (unsigned)code),
			first->fact.time, false);
	link_cite(a, link, cite_fact(a, first));
	if (last != first)
		link_cite(a, link, cite_fact(a, last));
	add_missing(
		c,
		ED_STR("the sign-in log for Microsoft Intune at these times: a service fault and a "
		       "Conditional Access denial look alike here"));
	c->because = say(a,
			 "The Intune management extension cannot get its token (0x%08x) and tries "
			 "about once an "
			 "hour; Win32 apps and scripts do not arrive until it does.",
			 (unsigned)code);
}

const struct finding_row finding_rows_identity[] = {
	{ "token-broker",
	  FAMILY_IDENTITY,
	  ED_BLOCKER,
	  ED_TECHNICIAN,
	  ED_OUTCOME_BLOCKED,
	  "The token broker of Windows fails",
	  "Let the user sign in anew.",
	  test_broker,
	  false,
	  NULL,
	  { "sign-in", "fix-enrollment", NULL } },
	{ "ime-token",
	  FAMILY_IDENTITY,
	  ED_ERROR,
	  ED_ADMIN,
	  ED_OUTCOME_BLOCKED,
	  "The management extension cannot get its token",
	  "Look up its sign-in in Entra ID.",
	  test_ime_token,
	  false,
	  NULL,
	  { "open-sign-in-log", "fix-network", NULL } },
};
const size_t finding_rows_identity_count = ED_COUNT(finding_rows_identity);

/* SPDX-License-Identifier: MIT */
/* What changed from one verdict to the next, as lines for people and for the log. */
#include "espdiag/report/watch.h"

#include "espdiag/json/json.h"

#include "put_priv.h"
#include "text_priv.h"

#include <inttypes.h>

static void word_copy(char *out, size_t size, const char *word)
{
	snprintf(out, size, "%s", word ? word : "");
}

static uint32_t usual_code(const struct ed_sign_in *s)
{
	size_t best = 0;

	for (size_t i = 1; i < s->code_count; i++)
		if (s->codes[i].count > s->codes[best].count)
			best = i;
	return s->code_count ? s->codes[best].code : 0;
}

void ed_watch_state_take(const struct ed_verdict *v, struct ed_watch_state *out)
{
	*out = (struct ed_watch_state){
		.known = true,
		.outcome = v->outcome,
		.certainty = v->certainty,
		.phase = v->esp.phase,
		.phase_known = v->esp.phase_known,
		.deadline_at = v->esp.deadline_at,
		.attempts = v->store.attempts,
		.failures = v->store.failures,
		.denials = v->sign_in.denials,
		.code = usual_code(&v->sign_in),
		.boot_at = v->attestation.last_boot_at,
		.boot_kind = v->attestation.last_boot_kind,
		.measured = v->attestation.boot_measured_bitlocker,
	};
	word_copy(out->primary, sizeof(out->primary), v->primary);
	word_copy(out->bitlocker, sizeof(out->bitlocker), v->bitlocker.state);
}

bool ed_watch_verdict_differs(const struct ed_watch_state *before,
			      const struct ed_watch_state *after)
{
	return !before->known || before->outcome != after->outcome ||
	       before->certainty != after->certainty ||
	       strcmp(before->primary, after->primary) != 0;
}

void ed_watch_verdict_line(const struct ed_watch_state *state, int64_t at,
			   char out[ED_WATCH_CHANGE_TEXT])
{
	char clock[ED_TIME_TEXT];

	text_time_format(at, false, clock);
	snprintf(out, ED_WATCH_CHANGE_TEXT, "%s verdict: %s (%s), %s", clock,
		 state->primary[0] ? state->primary : "no finding",
		 ed_certainty_word(state->certainty), ed_outcome_word(state->outcome));
}

/* "08:15:07 page: " */
static void line_begin(struct ed_buf *out, int64_t at, const char *what)
{
	char clock[ED_TIME_TEXT];

	text_time_format(at, false, clock);
	ed_buf_printf(out, "%s %s: ", clock, what);
}

static bool page_line(const struct ed_watch_state *b, const struct ed_watch_state *a, int64_t at,
		      struct ed_buf *out)
{
	char clock[ED_TIME_TEXT];

	if (!a->phase_known || (b->known && b->phase_known && b->phase == a->phase &&
				b->deadline_at == a->deadline_at))
		return false;
	line_begin(out, at, "page");
	ed_buf_addz(out, ed_phase_word(a->phase));
	if (a->deadline_at != ED_TIME_NONE) {
		text_time_format(a->deadline_at, false, clock);
		ed_buf_printf(out, ", until %s", clock);
	}
	ed_buf_addc(out, '\n');
	return true;
}

static bool start_line(const struct ed_watch_state *b, const struct ed_watch_state *a, int64_t at,
		       struct ed_buf *out)
{
	char clock[ED_TIME_TEXT];

	if (a->boot_at == ED_TIME_NONE || (b->known && b->boot_at == a->boot_at))
		return false;
	text_time_format(a->boot_at, false, clock);
	line_begin(out, at, "start");
	ed_buf_printf(out, "%s at %s\n", ed_boot_kind_word(a->boot_kind), clock);
	return true;
}

static bool measured_line(const struct ed_watch_state *b, const struct ed_watch_state *a,
			  int64_t at, struct ed_buf *out)
{
	if (a->measured == ED_TRI_UNKNOWN || (b->known && b->measured == a->measured))
		return false;
	line_begin(out, at, "attestation");
	ed_buf_printf(out, "the last start measured BitLocker %s\n",
		      a->measured == ED_TRI_YES ? "on" : "off");
	return true;
}

static bool bitlocker_line(const struct ed_watch_state *b, const struct ed_watch_state *a,
			   int64_t at, struct ed_buf *out)
{
	if (!a->bitlocker[0] || (b->known && strcmp(b->bitlocker, a->bitlocker) == 0))
		return false;
	line_begin(out, at, "BitLocker");
	ed_buf_printf(out, "%s\n", a->bitlocker);
	return true;
}

static bool sign_in_line(const struct ed_watch_state *b, const struct ed_watch_state *a, int64_t at,
			 struct ed_buf *out)
{
	if (a->denials <= 0 || (b->known && b->denials == a->denials))
		return false;
	line_begin(out, at, "sign-in");
	ed_buf_printf(out, "denied, AADSTS%" PRIu32 ", %" PRId64 " so far\n", a->code, a->denials);
	return true;
}

static bool store_line(const struct ed_watch_state *b, const struct ed_watch_state *a, int64_t at,
		       struct ed_buf *out)
{
	if (a->attempts <= 0 ||
	    (b->known && b->attempts == a->attempts && b->failures == a->failures))
		return false;
	line_begin(out, at, "store");
	ed_buf_printf(out, "%" PRId64 " %s, %" PRId64 " failed\n", a->attempts,
		      a->attempts == 1 ? "attempt" : "attempts",
		      a->failures == ED_UNKNOWN ? 0 : a->failures);
	return true;
}

size_t ed_watch_changes(const struct ed_watch_state *before, const struct ed_watch_state *after,
			int64_t at, struct ed_buf *out)
{
	char line[ED_WATCH_CHANGE_TEXT];
	size_t count = 0;

	count += start_line(before, after, at, out);
	count += measured_line(before, after, at, out);
	count += page_line(before, after, at, out);
	count += bitlocker_line(before, after, at, out);
	count += sign_in_line(before, after, at, out);
	count += store_line(before, after, at, out);
	if (ed_watch_verdict_differs(before, after)) {
		ed_watch_verdict_line(after, at, line);
		ed_buf_printf(out, "%s\n", line);
		count++;
	}
	return count;
}

static struct ed_str or_null(const char *word)
{
	return word[0] ? ed_str_from(word) : (struct ed_str){ NULL, 0 };
}

void ed_watch_log_line(const struct ed_watch_state *s, int64_t at,
		       const struct ed_watch_record *records, size_t record_count,
		       struct ed_buf *out)
{
	struct ed_json_writer w;

	ed_json_writer_init(&w, out, 0);
	ed_json_begin_object(&w, NULL);
	ed_json_put_str(&w, "schema", ED_STR("espdiag.watch/1"));
	ed_json_put_time(&w, "at", at);
	ed_json_put_word(&w, "outcome", ed_outcome_word(s->outcome));
	ed_json_put_str(&w, "primary", or_null(s->primary));
	ed_json_put_word(&w, "certainty", ed_certainty_word(s->certainty));
	ed_json_put_str(&w, "phase", or_null(s->phase_known ? ed_phase_word(s->phase) : ""));
	ed_json_put_time(&w, "deadline_at", s->deadline_at);
	put_number(&w, "attempts", s->attempts);
	put_number(&w, "failures", s->failures);
	put_number(&w, "denials", s->denials);
	ed_json_put_str(&w, "bitlocker", or_null(s->bitlocker));
	ed_json_put_time(&w, "last_boot_at", s->boot_at);
	put_tri(&w, "boot_measured_bitlocker", s->measured);
	ed_json_begin_object(&w, "records");
	for (size_t i = 0; i < record_count; i++) {
		char name[128];

		snprintf(name, sizeof(name), "%.*s", ED_FMT(records[i].channel));
		ed_json_put_int(&w, name, (int64_t)records[i].record);
	}
	ed_json_end_object(&w);
	ed_json_end_object(&w);
	ed_buf_addc(out, '\n');
}

static bool word_find(const struct ed_json *value, const char *(*word)(int i), int count, int *out)
{
	struct ed_str text = ed_json_string(value);

	for (int i = 0; i < count; i++) {
		if (ed_str_eq(text, ed_str_from(word(i)))) {
			*out = i;
			return true;
		}
	}
	return false;
}

static const char *outcome_at(int i)
{
	return ed_outcome_word((enum ed_outcome)i);
}

static const char *certainty_at(int i)
{
	return ed_certainty_word((enum ed_certainty)i);
}

static const char *phase_at(int i)
{
	return ed_phase_word((enum ed_phase)i);
}

static int64_t time_of(const struct ed_json *value)
{
	int64_t t = ED_TIME_NONE;

	if (ed_json_string(value).p)
		(void)ed_time_parse(ed_json_string(value), &t);
	return t;
}

static bool state_read(const struct ed_json *root, struct ed_watch_state *s)
{
	int outcome, certainty, phase = ED_PHASE_NONE;

	if (!word_find(ed_json_get(root, "outcome"), outcome_at, ED_OUTCOME_INCONCLUSIVE + 1,
		       &outcome) ||
	    !word_find(ed_json_get(root, "certainty"), certainty_at, ED_POSSIBLE + 1, &certainty))
		return false;
	*s = (struct ed_watch_state){
		.known = true,
		.outcome = (enum ed_outcome)outcome,
		.certainty = (enum ed_certainty)certainty,
		.phase_known =
			word_find(ed_json_get(root, "phase"), phase_at, ED_PHASE_DONE + 1, &phase),
		.deadline_at = time_of(ed_json_get(root, "deadline_at")),
		.attempts = ed_json_integer(ed_json_get(root, "attempts"), ED_UNKNOWN),
		.failures = ed_json_integer(ed_json_get(root, "failures"), ED_UNKNOWN),
		.denials = ed_json_integer(ed_json_get(root, "denials"), ED_UNKNOWN),
		.boot_at = time_of(ed_json_get(root, "last_boot_at")),
		.measured = ED_TRI_UNKNOWN,
	};
	s->phase = (enum ed_phase)phase;
	if (ed_json_type(ed_json_get(root, "boot_measured_bitlocker")) == ED_JSON_BOOL)
		s->measured = ed_json_bool(ed_json_get(root, "boot_measured_bitlocker"), false)
				      ? ED_TRI_YES
				      : ED_TRI_NO;
	snprintf(s->primary, sizeof(s->primary), "%.*s",
		 ED_FMT(ed_json_string(ed_json_get(root, "primary"))));
	snprintf(s->bitlocker, sizeof(s->bitlocker), "%.*s",
		 ED_FMT(ed_json_string(ed_json_get(root, "bitlocker"))));
	return true;
}

bool ed_watch_log_read(struct ed_str line, struct ed_watch_state *state, int64_t *at, void *context,
		       void (*record)(void *context, struct ed_str channel, uint64_t record))
{
	struct ed_json *root = NULL;
	const struct ed_json *records;
	bool good;

	if (ed_json_parse(line, &root, NULL) != ED_OK)
		return false;
	good = ed_str_eq(ed_json_string(ed_json_get(root, "schema")), ED_STR("espdiag.watch/1")) &&
	       time_of(ed_json_get(root, "at")) != ED_TIME_NONE && state_read(root, state);
	records = ed_json_get(root, "records");
	if (good)
		*at = time_of(ed_json_get(root, "at"));
	for (size_t i = 0; good && record && i < ed_json_count(records); i++) {
		struct ed_str name;
		int64_t n = ed_json_integer(ed_json_at(records, i, &name), -1);

		if (n >= 0)
			record(context, name, (uint64_t)n);
	}
	ed_json_free(root);
	return good;
}

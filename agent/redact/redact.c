/* SPDX-License-Identifier: MIT */
/* The redactor: what it has learnt, and which form goes where. */
#include "espdiag/redact/redact.h"

#include "espdiag/base/alloc.h"
#include "redact_priv.h"

#define WORD_LEAST 3        /* shorter ones are in too many words' place */
#define WORD_DIGITS_LEAST 6 /* of digits alone: not to be taken for an id or a time */
#define SECRET_LEAST 8

const char *ed_redact_kind_word(enum ed_redact_kind kind)
{
	static const char *const words[] = {
#define WORD(name, word) word,
		ED_REDACT_KIND_LIST(WORD)
#undef WORD
	};

	return (size_t)kind < ED_COUNT(words) ? words[kind] : "unknown";
}

static void redactor_init(struct ed_redactor *r, enum ed_redact_level level)
{
	*r = (struct ed_redactor){ .level = level };
	ed_arena_init(&r->arena, ED_LIMIT_REDACT_WORK);
	r->dict.arena = &r->arena;
	ed_buf_init(&r->value, ED_LIMIT_MEMBER_BYTES);
	ed_buf_init(&r->clean, ED_LIMIT_MEMBER_BYTES);
	for (size_t i = 0; i < REDACT_SCAN_DEPTH; i++) {
		struct scratch *s = &r->scratch[i];

		ed_buf_init(&s->texts, ED_LIMIT_MEMBER_BYTES);
		ed_buf_init(&s->view[0], ED_LIMIT_MEMBER_BYTES);
		ed_buf_init(&s->view[1], ED_LIMIT_MEMBER_BYTES);
		ed_buf_init(&s->bytes, ED_LIMIT_MEMBER_BYTES);
		ed_buf_init(&s->run, ED_LIMIT_MEMBER_BYTES);
	}
}

static void redactor_release(struct ed_redactor *r)
{
	dict_release(&r->dict);
	ed_arena_release(&r->arena);
	ed_free(r->names);
	ed_free(r->name_index);
	ed_free(r->sids);
	ed_buf_release(&r->value);
	ed_buf_release(&r->clean);
	doubt_free(r->doubt);
	ed_xml_free(r->xml);
	for (size_t i = 0; i < REDACT_SCAN_DEPTH; i++) {
		struct scratch *s = &r->scratch[i];

		ed_free(s->spans);
		ed_free(s->map[0]);
		ed_free(s->map[1]);
		ed_buf_release(&s->texts);
		ed_buf_release(&s->view[0]);
		ed_buf_release(&s->view[1]);
		ed_buf_release(&s->bytes);
		ed_buf_release(&s->run);
	}
}

ed_status ed_redactor_new(enum ed_redact_level level, const unsigned char key[ED_REDACT_KEY_BYTES],
			  struct ed_redactor **out, struct ed_error *err)
{
	struct ed_redactor *r = ed_malloc(sizeof(*r));
	ed_status status;

	if (!r)
		return ed_fail(err, ED_NOMEM, "out of memory for redaction");
	redactor_init(r, level);
	memcpy(r->key, key, sizeof(r->key));
	status = doubt_new(&r->doubt) ? ed_xml_new(&r->xml, err)
				      : ed_fail(err, ED_NOMEM, "out of memory for redaction");
	if (status != ED_OK) {
		ed_redactor_free(r);
		return status;
	}
	*out = r;
	return ED_OK;
}

void ed_redactor_free(struct ed_redactor *r)
{
	if (!r)
		return;
	redactor_release(r);
	memset(r->key, 0, sizeof(r->key));
	ed_free(r);
}

void redactor_fail(struct ed_redactor *r, ed_status status)
{
	if (r->status == ED_OK)
		r->status = status;
}

bool redactor_wants(const struct ed_redactor *r, enum ed_redact_kind kind)
{
	return kind == ED_REDACT_SECRET || r->level != ED_REDACT_NONE;
}

static void note_sid(struct ed_redactor *r, struct ed_str sid)
{
	size_t rid = sid.len;
	struct ed_str copy;

	if (ed_str_istarts(sid, ED_STR("S-1-5-21-"))) {
		while (rid && sid.p[rid - 1] != '-')
			rid--;
		sid = ed_str_slice(sid, 0, rid > 10 ? rid - 1 : sid.len);
	}
	if (r->sid_count && ed_str_ieq(r->sids[r->sid_count - 1], sid))
		return;
	if (r->sid_count >= ED_LIMIT_REDACT_WORDS * 4)
		return; /* order is lost then, nothing else */
	if (r->sid_count == r->sid_cap) {
		size_t cap = r->sid_cap ? r->sid_cap * 2 : 16;
		struct ed_str *sids = ed_realloc(r->sids, cap * sizeof(*sids));

		if (!sids) {
			redactor_fail(r, ED_NOMEM);
			return;
		}
		r->sids = sids;
		r->sid_cap = cap;
	}
	copy = ed_arena_str(&r->arena, sid);
	if (!copy.p) {
		redactor_fail(r, ED_NOMEM);
		return;
	}
	r->sids[r->sid_count++] = copy;
	r->sids_sorted = false;
}

static bool all_digits(struct ed_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!byte_is_digit(s.p[i]) && s.p[i] != '.' && s.p[i] != '-' && s.p[i] != ':')
			return false;
	return true;
}

static void note_word(struct ed_redactor *r, enum ed_redact_kind kind, struct ed_str value)
{
	char lower[REDACT_WORD_BYTES];
	size_t least = kind == ED_REDACT_SECRET ? SECRET_LEAST
		       : all_digits(value)      ? WORD_DIGITS_LEAST
						: WORD_LEAST;
	ed_status status;

	if (value.len < least || value.len > sizeof(lower) || is_stop_word(value) ||
	    (is_guid(value) && is_kept_guid(value)) || redactor_issued(r, value))
		return;
	for (size_t i = 0; i < value.len; i++)
		lower[i] = byte_lower(value.p[i]);
	status = dict_add(&r->dict, kind, (struct ed_str){ lower, value.len });
	if (status != ED_OK)
		redactor_fail(r, status);
}

/* "3f2504e0-..." and the same without hyphens; "00-11-22..." in every usual spelling. */
static void note_digits(struct ed_redactor *r, enum ed_redact_kind kind, struct ed_str value)
{
	char plain[40], spelled[40];
	size_t n = 0, m;

	for (size_t i = 0; i < value.len && n < sizeof(plain); i++)
		if (byte_is_hex(value.p[i]))
			plain[n++] = value.p[i];
	note_word(r, kind, (struct ed_str){ plain, n });
	if (n != 12)
		return;
	for (size_t form = 0; form < 2; form++) {
		m = 0;
		for (size_t i = 0; i < n; i++) {
			if (i && i % 2 == 0)
				spelled[m++] = form ? ':' : '-';
			spelled[m++] = plain[i];
		}
		note_word(r, kind, (struct ed_str){ spelled, m });
	}
}

/* "contoso" of "contoso.onmicrosoft.com" is in many other names of the tenant. */
static void note_domain(struct ed_redactor *r, struct ed_str value)
{
	size_t dot = ed_str_find(value, ED_STR("."), 0);

	if (is_kept_domain(value))
		return;
	note_word(r, ED_REDACT_DOMAIN, value);
	if (dot != SIZE_MAX && dot >= 4)
		note_word(r, ED_REDACT_DOMAIN, ed_str_slice(value, 0, dot));
}

/* "adele.vance" is also "Adele Vance", and the profile is AdeleVance. */
static void note_user(struct ed_redactor *r, struct ed_str value)
{
	static const char *const joints[] = { "", " ", ".", "_", "-" };
	char other[REDACT_WORD_BYTES];
	bool joined = false;

	note_word(r, ED_REDACT_USER, value);
	for (size_t i = 0; i < value.len; i++)
		joined |= value.p[i] == '.' || value.p[i] == ' ';
	for (size_t j = 0; joined && j < ED_COUNT(joints); j++) {
		size_t n = 0;

		for (size_t i = 0; i < value.len && n < sizeof(other); i++) {
			char c = value.p[i];

			if (c != '.' && c != ' ')
				other[n++] = c;
			else if (joints[j][0])
				other[n++] = joints[j][0];
		}
		if (n >= 5)
			note_word(r, ED_REDACT_USER, (struct ed_str){ other, n });
	}
}

static void note_email(struct ed_redactor *r, struct ed_str value)
{
	size_t at = ed_str_find(value, ED_STR("@"), 0);

	note_user(r, ed_str_slice(value, 0, at));
	note_domain(r, ed_str_slice(value, at + 1, value.len));
}

static void note_account(struct ed_redactor *r, struct ed_str value)
{
	size_t cut = ed_str_find(value, ED_STR("\\"), 0);

	if (cut == SIZE_MAX) {
		note_user(r, value);
		return;
	}
	if (is_stop_word(ed_str_slice(value, 0, cut)) &&
	    !ed_str_ieq(ed_str_slice(value, 0, cut), ED_STR("azuread")))
		return;
	note_word(r, ED_REDACT_DOMAIN, ed_str_slice(value, 0, cut));
	note_user(r, ed_str_slice(value, cut + 1, value.len));
}

static struct ed_str bare(struct ed_str value)
{
	value = ed_str_trim(value);
	while (value.len > 1 && ((value.p[0] == '{' && value.p[value.len - 1] == '}') ||
				 (value.p[0] == '"' && value.p[value.len - 1] == '"')))
		value = ed_str_slice(value, 1, value.len - 1);
	return ed_str_trim(value);
}

void redactor_note(struct ed_redactor *r, enum ed_redact_kind kind, struct ed_str value)
{
	if (!redactor_wants(r, kind))
		return;
	value = bare(value);
	if (kind == ED_REDACT_SECRET) {
		note_word(r, kind, value);
	} else if (is_account_sid(value)) {
		note_sid(r, value);
	} else if (is_guid(value)) {
		if (is_kept_guid(value))
			return;
		note_word(r, kind, value);
		note_digits(r, kind, value);
		r->dict.has_guids = true;
	} else if (kind != ED_REDACT_CERTIFICATE && is_email(value)) {
		note_email(r, value);
	} else if (kind == ED_REDACT_USER || kind == ED_REDACT_UPN) {
		note_account(r, value);
	} else if (kind == ED_REDACT_DOMAIN) {
		note_domain(r, value);
	} else if (kind == ED_REDACT_DEVICE) {
		size_t dot = ed_str_find(value, ED_STR("."), 0);

		note_word(r, kind, ed_str_slice(value, 0, dot));
		if (dot != SIZE_MAX)
			note_domain(r, ed_str_slice(value, dot + 1, value.len));
	} else if (kind == ED_REDACT_MAC) {
		note_digits(r, kind, value);
	} else if (kind != ED_REDACT_TEXT && kind != ED_REDACT_IP) {
		note_word(r, kind, value);
	}
}

static ed_status finish(struct ed_redactor *r, struct ed_error *err)
{
	ed_status status = r->status;

	r->status = ED_OK;
	if (status == ED_NOMEM)
		return ed_fail(err, status, "out of memory while redacting");
	if (status != ED_OK)
		return ed_fail(err, status, "cannot be redacted: %s", ed_status_text(status));
	return ED_OK;
}

ed_status ed_redactor_know(struct ed_redactor *r, enum ed_redact_kind kind, struct ed_str value,
			   struct ed_error *err)
{
	redactor_note(r, kind, value);
	return finish(r, err);
}

static bool looks_like_json(struct ed_str bytes)
{
	struct ed_str s = ed_str_trim(bytes);

	return s.len && (s.p[0] == '{' || s.p[0] == '[');
}

static size_t run_form(struct ed_redactor *r, enum ed_form form, struct ed_str bytes, bool learn,
		       struct ed_buf *out)
{
	switch (form) {
	case ED_FORM_EVENTS:
		return form_events(r, bytes, learn, out);
	case ED_FORM_REG:
		return form_reg(r, bytes, learn, out);
	case ED_FORM_STATE:
	case ED_FORM_BOOTLOG:
	case ED_FORM_RUN:
		return form_json(r, bytes, true, learn, out);
	case ED_FORM_JSON:
		return form_json(r, bytes, false, learn, out);
	case ED_FORM_OUTPUT:
		return looks_like_json(bytes) ? form_json(r, bytes, false, learn, out)
					      : form_text(r, bytes, learn, out);
	case ED_FORM_TEXT:
		return form_text(r, bytes, learn, out);
	case ED_FORM_RAW:
		break;
	}
	/* as found, on request: nothing is promised of it */
	if (!learn)
		ed_buf_adds(out, bytes);
	return 0;
}

ed_status ed_redactor_learn(struct ed_redactor *r, enum ed_form form, struct ed_str bytes,
			    struct ed_error *err)
{
	struct ed_buf none;

	ed_buf_init(&none, 0);
	joint_reset(&r->joint);
	run_form(r, form, bytes, true, &none);
	ed_buf_release(&none);
	return finish(r, err);
}

ed_status ed_redact(struct ed_redactor *r, enum ed_form form, struct ed_str bytes,
		    struct ed_buf *out, uint64_t *count, struct ed_error *err)
{
	enum ed_redact_level level = r->level;
	size_t before = out->len;
	size_t done;
	ed_status status;

	redactor_fail(r, dict_build(&r->dict));
	/* the run's own account is ours: names in it go, its words are no text of the device */
	if (form == ED_FORM_RUN && level == ED_REDACT_STRICT)
		r->level = ED_REDACT_STANDARD;
	done = r->status == ED_OK ? run_form(r, form, bytes, false, out) : 0;
	r->level = level;
	if (out->status != ED_OK)
		redactor_fail(r, out->status);
	status = finish(r, err);
	if (status != ED_OK) {
		if (out->len > before)
			out->len = before;
		return status;
	}
	if (count)
		*count = done;
	return ED_OK;
}

ed_status ed_redact_field(struct ed_redactor *r, const struct ed_event_head *event,
			  const struct ed_field *field, struct ed_buf *out, struct ed_error *err)
{
	size_t before = out->len;
	ed_status status;

	redactor_fail(r, dict_build(&r->dict));
	if (r->status == ED_OK && r->level == ED_REDACT_STRICT && field->name.p) {
		ed_buf_clear(&r->clean);
		redact_field(r, event, field->name, field->value, 0, &r->clean);
		if (r->clean.len)
			strict_text(r, ed_buf_str(&r->clean), out);
		redactor_fail(r, r->clean.status);
	} else if (r->status == ED_OK) {
		redact_field(r, event, field->name, field->value, 0, out);
	}
	redactor_fail(r, out->status);
	status = finish(r, err);
	if (status != ED_OK && out->len > before)
		out->len = before;
	return status;
}

ed_status ed_redact_event_json(struct ed_redactor *r, const struct ed_event_head *event,
			       struct ed_str line, struct ed_buf *out, struct ed_error *err)
{
	size_t before = out->len;
	ed_status status;

	redactor_fail(r, dict_build(&r->dict));
	if (r->status == ED_OK)
		form_event_json(r, event, line, out);
	redactor_fail(r, out->status);
	status = finish(r, err);
	if (status != ED_OK && out->len > before)
		out->len = before;
	return status;
}

uint64_t ed_redactor_count(const struct ed_redactor *r, enum ed_redact_kind kind)
{
	return (size_t)kind < ED_REDACT_KINDS ? r->counts[kind] : 0;
}

size_t ed_redact_secrets(struct ed_str text, struct ed_buf *out)
{
	struct ed_redactor r;
	struct ed_buf clean;
	size_t done;

	redactor_init(&r, ED_REDACT_NONE);
	ed_buf_init(&clean, out->limit);
	done = redact_text(&r, text, SCAN_SECRETS, 0, &clean);
	if (clean.status != ED_OK)
		redactor_fail(&r, clean.status);
	if (r.status != ED_OK) {
		/* rather nothing than a secret; but that there was no memory is the caller's news
		 */
		ed_buf_addz(out, REDACT_SECRET_TEXT);
		if (r.status == ED_NOMEM)
			out->status = ED_NOMEM;
		done = 1;
	} else if (done) {
		ed_buf_adds(out, ed_buf_str(&clean));
	}
	ed_buf_release(&clean);
	redactor_release(&r);
	return done;
}

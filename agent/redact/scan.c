/* SPDX-License-Identifier: MIT */
/*
 * One text: detectors look at it and at its views with escapes undone, tell what they found as
 * spans, and what overlaps is replaced as one.
 */
#include "redact_priv.h"

#include "espdiag/base/alloc.h"

static bool spans_room(struct scratch *s)
{
	size_t cap = s->span_cap ? s->span_cap * 2 : 32;
	struct span *spans;

	if (s->span_count < s->span_cap)
		return true;
	spans = ed_realloc(s->spans, cap * sizeof(*spans));
	if (!spans)
		return false;
	s->spans = spans;
	s->span_cap = cap;
	return true;
}

static size_t source_at(const struct scan *s, size_t at)
{
	return s->map ? s->map[at] : at;
}

void scan_replace(struct scan *s, enum ed_redact_kind kind, size_t from, size_t to,
		  struct ed_str text)
{
	struct scratch *h = s->scratch;
	struct span span = { .kind = kind, .text = h->texts.len, .size = text.len };

	if (!spans_room(h)) {
		redactor_fail(s->r, ED_NOMEM);
		return;
	}
	ed_buf_adds(&h->texts, text);
	if (h->texts.status != ED_OK || !h->texts.p) {
		redactor_fail(s->r, h->texts.status);
		return;
	}
	span.from = source_at(s, from);
	span.to = source_at(s, to);
	if (span.to > span.from)
		h->spans[h->span_count++] = span;
}

static bool is_continuation(struct ed_str t, size_t i)
{
	return i < t.len && ((unsigned char)t.p[i] & 0xC0) == 0x80;
}

void scan_hit(struct scan *s, enum ed_redact_kind kind, size_t from, size_t to)
{
	struct ed_str value;

	/* a detector's reach may end within a character, and half of one is no text */
	for (int i = 0; i < 3 && from && !(s->flags & SCAN_BINARY); i++)
		from -= is_continuation(s->text, from);
	for (int i = 0; i < 3 && to > from && !(s->flags & SCAN_BINARY); i++)
		to += is_continuation(s->text, to);
	value = ed_str_slice(s->text, from, to);
	if (to <= from || !redactor_wants(s->r, kind) ||
	    ((s->flags & SCAN_SECRETS) && kind != ED_REDACT_SECRET))
		return;
	if (s->flags & SCAN_LEARN) {
		redactor_note(s->r, kind, value);
		return;
	}
	if (kind != ED_REDACT_SECRET && redactor_issued(s->r, value))
		return;
	scan_replace(s, kind, from, to, redactor_pseudonym(s->r, kind, value));
}

static void detect_words_learnt(struct scan *s)
{
	struct dict_walk walk = {
		.dict = &s->r->dict,
		.text = s->text,
		.least = s->flags & SCAN_BINARY ? 4 : 0,
	};
	const struct dict_word *word;
	size_t from, to;

	if ((s->flags & SCAN_LEARN) || !s->r->dict.word_count || !s->r->dict.built)
		return;
	while (dict_next(&walk, &from, &to, &word))
		scan_hit(s, word->kind, from, to);
}

static void detect_all(struct scan *s)
{
	detect_words_learnt(s);
	detect_shapes(s);
	detect_runs(s);
}

/* ---- views ---- */

struct unescape {
	struct ed_str text;
	char *out;
	size_t len;
	uint32_t *map;
	const uint32_t *from;
	bool any;
};

/* The caller made room: no escape is shorter than what it stands for. */
static void put_byte(struct unescape *u, char c, size_t at)
{
	u->map[u->len] = u->from ? u->from[at] : (uint32_t)at;
	u->out[u->len++] = c;
}

static void put_char(struct unescape *u, uint32_t c, size_t at)
{
	if (c < 0x80) {
		put_byte(u, (char)c, at);
	} else if (c < 0x800) {
		put_byte(u, (char)(0xC0 | c >> 6), at);
		put_byte(u, (char)(0x80 | (c & 63)), at);
	} else if (c < 0x10000) {
		put_byte(u, (char)(0xE0 | c >> 12), at);
		put_byte(u, (char)(0x80 | (c >> 6 & 63)), at);
		put_byte(u, (char)(0x80 | (c & 63)), at);
	} else {
		put_byte(u, (char)(0xF0 | (c >> 18 & 7)), at);
		put_byte(u, (char)(0x80 | (c >> 12 & 63)), at);
		put_byte(u, (char)(0x80 | (c >> 6 & 63)), at);
		put_byte(u, (char)(0x80 | (c & 63)), at);
	}
}

/* @digits hex digits at @i. */
static bool hex_at(struct ed_str t, size_t i, size_t digits, uint32_t *out)
{
	uint32_t value = 0;

	if (i > t.len || t.len - i < digits)
		return false;
	for (size_t k = 0; k < digits; k++) {
		if (!byte_is_hex(t.p[i + k]))
			return false;
		value = value << 4 | (uint32_t)byte_hex(t.p[i + k]);
	}
	*out = value;
	return true;
}

/* \uXXXX, and the second half of a pair behind it. Returns the length, 0 when it is none. */
static size_t take_unicode(struct ed_str t, size_t i, uint32_t *c)
{
	uint32_t low;

	if (!hex_at(t, i + 2, 4, c))
		return 0;
	if (*c >= 0xD800 && *c < 0xDC00 && i + 8 <= t.len && t.p[i + 6] == '\\' &&
	    t.p[i + 7] == 'u' && hex_at(t, i + 8, 4, &low) && low >= 0xDC00 && low < 0xE000) {
		*c = 0x10000 + ((*c - 0xD800) << 10) + (low - 0xDC00);
		return 12;
	}
	if (*c >= 0xD800 && *c < 0xE000)
		*c = 0xFFFD;
	return 6;
}

static size_t take_backslash(struct ed_str t, size_t i, uint32_t *c)
{
	char next = i + 1 < t.len ? t.p[i + 1] : 0;

	switch (next) {
	case '\\':
	case '"':
	case '/':
	case '\'':
		*c = (unsigned char)next;
		return 2;
	case 'n':
	case 'r':
	case 't':
		*c = '\n';
		return 2;
	case 'u':
		return take_unicode(t, i, c);
	case 'x':
		return hex_at(t, i + 2, 2, c) && *c < 0x80 ? 4 : 0;
	default:
		return 0;
	}
}

/* &amp; and the like, &#64; and &#x40; */
static size_t take_entity(struct ed_str t, size_t i, uint32_t *c)
{
	static const struct {
		const char *name;
		char c;
	} names[] = { { "&amp;", '&' },
		      { "&lt;", '<' },
		      { "&gt;", '>' },
		      { "&quot;", '"' },
		      { "&apos;", '\'' } };
	struct ed_str rest = ed_str_slice(t, i, i + 12);
	uint64_t value = 0;
	size_t k = 2;
	bool hex;

	for (size_t n = 0; n < ED_COUNT(names); n++)
		if (ed_str_starts(rest, ed_str_from(names[n].name))) {
			*c = (unsigned char)names[n].c;
			return strlen(names[n].name);
		}
	if (rest.len < 4 || rest.p[1] != '#')
		return 0;
	hex = rest.p[2] == 'x' || rest.p[2] == 'X';
	for (k += hex; k < rest.len && (hex ? byte_is_hex(rest.p[k]) : byte_is_digit(rest.p[k]));
	     k++)
		value = value * (hex ? 16 : 10) + (uint64_t)byte_hex(rest.p[k]);
	if (k == 2 + (size_t)hex || k == rest.len || rest.p[k] != ';' || !value || value > 0x10FFFF)
		return 0;
	*c = (uint32_t)value;
	return k + 1;
}

static size_t take_escape(struct ed_str t, size_t i, uint32_t *c, bool *raw)
{
	*raw = false;
	switch (t.p[i]) {
	case '%':
		*raw = true; /* a byte, perhaps of several that make one character */
		return hex_at(t, i + 1, 2, c) ? 3 : 0;
	case '\\':
		return take_backslash(t, i, c);
	case '&':
		return take_entity(t, i, c);
	default:
		return 0;
	}
}

static void unescape(struct unescape *u)
{
	struct ed_str t = u->text;

	for (size_t i = 0; i < t.len;) {
		uint32_t c = 0;
		bool raw = false;
		char now = t.p[i];
		size_t n =
			now == '%' || now == '\\' || now == '&' ? take_escape(t, i, &c, &raw) : 0;

		if (!n) {
			put_byte(u, t.p[i], i);
			i++;
			continue;
		}
		u->any = true;
		if (raw)
			put_byte(u, (char)c, i);
		else
			put_char(u, c, i);
		i += n;
	}
	u->map[u->len] = u->from ? u->from[t.len] : (uint32_t)t.len;
}

static bool may_have_escapes(struct ed_str t)
{
	return memchr(t.p, '%', t.len) || memchr(t.p, '\\', t.len) || memchr(t.p, '&', t.len);
}

/* The view of @s with one round of escapes undone, in the scratch's view @which. */
static bool next_view(struct scan *s, size_t which)
{
	struct scratch *h = s->scratch;
	struct ed_buf *view = &h->view[which];
	struct unescape u = { .text = s->text, .from = s->map };

	if (!s->text.len || !may_have_escapes(s->text))
		return false;
	if (h->map_cap[which] < s->text.len + 1) {
		size_t cap = s->text.len + s->text.len / 2 + 256;
		uint32_t *map = ed_realloc(h->map[which], cap * sizeof(*map));

		if (!map) {
			redactor_fail(s->r, ED_NOMEM);
			return false;
		}
		h->map[which] = map;
		h->map_cap[which] = cap;
	}
	ed_buf_clear(view);
	if (!ed_buf_reserve(view, s->text.len)) {
		redactor_fail(s->r, view->status);
		return false;
	}
	u.map = h->map[which];
	u.out = view->p;
	unescape(&u);
	view->len = u.len;
	s->text = ed_buf_str(view);
	s->map = u.map;
	return u.any;
}

/* ---- replacing ---- */

static int compare_spans(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (x->to != y->to)
		return x->to > y->to ? -1 : 1;
	return (int)x->kind - (int)y->kind;
}

/* Secrets first, then what is longer: it knew more. */
static bool stronger(const struct span *a, const struct span *b)
{
	bool sa = a->kind == ED_REDACT_SECRET, sb = b->kind == ED_REDACT_SECRET;

	if (sa != sb)
		return sa;
	return a->to - a->from > b->to - b->from;
}

/*
 * Appends [@from, *to) of the text with the spans replaced; what overlaps becomes one, and moves
 * *to behind it when it goes over it.
 */
static size_t emit(struct ed_redactor *r, struct scratch *h, struct ed_str text, size_t from,
		   size_t *to, struct ed_buf *out)
{
	size_t at = from, done = 0;

	if (h->span_count > 1)
		qsort(h->spans, h->span_count, sizeof(*h->spans), compare_spans);
	for (size_t i = 0; i < h->span_count;) {
		struct span best = h->spans[i];
		size_t begin = best.from, end = best.to;

		for (i++; i < h->span_count && h->spans[i].from < end; i++) {
			if (stronger(&h->spans[i], &best))
				best = h->spans[i];
			end = h->spans[i].to > end ? h->spans[i].to : end;
		}
		if (end <= from)
			continue;
		if (begin >= *to)
			break;
		if (begin > at)
			ed_buf_adds(out, ed_str_slice(text, at, begin));
		ed_buf_add(out, h->texts.p + best.text, best.size);
		at = end;
		done++;
		r->counts[best.kind]++;
	}
	*to = at > *to ? at : *to;
	ed_buf_adds(out, ed_str_slice(text, at, *to));
	return done;
}

size_t redact_window(struct ed_redactor *r, struct ed_str text, size_t from, size_t *to,
		     unsigned flags, int depth, struct ed_buf *out)
{
	struct scratch *h;
	struct scan s;

	if (depth >= REDACT_SCAN_DEPTH || text.len < 3 || text.len > UINT32_MAX - 1 ||
	    r->status != ED_OK) {
		if (!(flags & SCAN_LEARN))
			ed_buf_adds(out, ed_str_slice(text, from, *to));
		return 0;
	}
	if ((flags & (SCAN_LEARN | SCAN_NO_LABELS)) == SCAN_LEARN)
		joint_learn(r, text);
	h = &r->scratch[depth];
	h->span_count = 0;
	ed_buf_clear(&h->texts);
	s = (struct scan){ .r = r, .scratch = h, .text = text, .flags = flags, .depth = depth };
	detect_all(&s);
	for (size_t round = 0; round < REDACT_ESCAPE_ROUNDS && next_view(&s, round % 2); round++)
		detect_all(&s);
	if ((flags & SCAN_LEARN) || r->status != ED_OK)
		return 0;
	return emit(r, h, text, from, to, out);
}

size_t redact_text(struct ed_redactor *r, struct ed_str text, unsigned flags, int depth,
		   struct ed_buf *out)
{
	size_t to = text.len;

	return redact_window(r, text, 0, &to, flags, depth, out);
}

/* ---- values of fields ---- */

/* { and } or quotes around it stay. */
static void put_within(struct ed_redactor *r, enum ed_redact_kind kind, struct ed_str value,
		       struct ed_buf *out)
{
	struct ed_str inner = ed_str_trim(value);

	while (inner.len > 2 && ((inner.p[0] == '{' && inner.p[inner.len - 1] == '}') ||
				 (inner.p[0] == '"' && inner.p[inner.len - 1] == '"')))
		inner = ed_str_slice(inner, 1, inner.len - 1);
	ed_buf_add(out, value.p, (size_t)(inner.p - value.p));
	ed_buf_adds(out, redactor_pseudonym(r, kind, inner));
	ed_buf_add(out, inner.p + inner.len, value.len - (size_t)(inner.p - value.p) - inner.len);
	r->counts[kind]++;
}

static bool is_well_known_account(struct ed_str value)
{
	struct ed_str v = ed_str_trim(value);
	size_t cut = ed_str_find(v, ED_STR("\\"), 0);

	if (is_stop_word(v))
		return true;
	return cut != SIZE_MAX && is_stop_word(ed_str_slice(v, 0, cut)) &&
	       !ed_str_ieq(ed_str_slice(v, 0, cut), ED_STR("azuread")) &&
	       !ed_str_eq(ed_str_slice(v, 0, cut), ED_STR("."));
}

/* What the type does not apply to after all, or what a shape inside says better. */
static bool stays_text(enum ed_redact_kind kind, struct ed_str value)
{
	struct ed_str v = ed_str_trim(value);
	uint64_t number;

	if (v.len > 2 && v.p[0] == '{' && v.p[v.len - 1] == '}')
		v = ed_str_slice(v, 1, v.len - 1);
	if (kind == ED_REDACT_IP)
		return true;
	if (kind == ED_REDACT_SID)
		return !is_account_sid(v);
	if (is_guid(v))
		return is_kept_guid(v);
	if (ed_str_istarts(v, ED_STR("S-1-")))
		return !is_account_sid(v);
	if (kind == ED_REDACT_DOMAIN && is_kept_domain(v))
		return true;
	if (kind == ED_REDACT_DEVICE && ed_number_parse(v, &number))
		return true;
	return is_well_known_account(v);
}

size_t redact_typed(struct ed_redactor *r, enum ed_redact_kind kind, struct ed_str value,
		    unsigned flags, struct ed_buf *out)
{
	struct ed_str v = ed_str_trim(value);

	if (kind == ED_REDACT_IP)
		flags |= SCAN_ADDRESS;
	if (!v.len || !redactor_wants(r, kind) ||
	    ((flags & SCAN_SECRETS) && kind != ED_REDACT_SECRET) ||
	    (kind != ED_REDACT_SECRET && (stays_text(kind, v) || redactor_issued(r, v))))
		return redact_text(r, value, flags, 0, out);
	if (kind == ED_REDACT_SECRET)
		return redact_policy(r, value, flags, out);
	if (flags & SCAN_LEARN) {
		redactor_note(r, kind, v);
		return redact_text(r, value, flags, 0, out);
	}
	put_within(r, kind, value, out);
	return 1;
}

/* "ProductVersion", "Version Number", "OS build"; no "build server" */
static bool is_version_name(struct ed_str name)
{
	return ed_str_ifind(name, ED_STR("version"), 0) != SIZE_MAX ||
	       ed_str_iends(name, ED_STR("build")) || ed_str_iends(name, ED_STR("buildnumber"));
}

size_t redact_named(struct ed_redactor *r, struct ed_str name, struct ed_str value, unsigned flags,
		    struct ed_buf *out)
{
	const struct name_row *row = value.len ? name_find(name) : NULL;

	if (row && (row->flags & (NAME_SWITCH | NAME_QUERY)) && !(row->flags & NAME_LABEL))
		row = NULL;
	if (row && name_fits(row, value)) {
		/* here a number may well be the password */
		if (row->kind == ED_REDACT_SECRET && !(flags & SCAN_LEARN)) {
			ed_buf_addz(out, REDACT_SECRET_TEXT);
			r->counts[row->kind]++;
			return 1;
		}
		return redact_typed(r, row->kind, value, flags, out);
	}
	if (is_version_name(name))
		flags |= SCAN_VERSION;
	return redact_text(r, value, flags, 0, out);
}

size_t redact_field(struct ed_redactor *r, const struct ed_event_head *event, struct ed_str name,
		    struct ed_str value, unsigned flags, struct ed_buf *out)
{
	/* the second "Data" of a line of JSON is "Data#2" */
	struct ed_str logged = ed_str_slice(name, 0, ed_str_find(name, ED_STR("#"), 0));
	enum ed_redact_kind kind = event_field_kind(event->provider, event->id, logged);

	if (kind != ED_REDACT_KINDS)
		return redact_typed(r, kind, value, flags, out);
	return redact_named(r, logged, value, flags, out);
}

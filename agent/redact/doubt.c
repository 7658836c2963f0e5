/* SPDX-License-Identifier: MIT */
/*
 * Whether a text may hold a secret, asked of every value of every event that is printed: nearly all
 * are cleared by a few masks of bits. What the scanner would find must be doubted here; what is
 * doubted goes through the scanner.
 */
#include "redact_priv.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/cursor.h"
#include "espdiag/base/utf.h"

#if defined(__SSE2__) && defined(__GNUC__)
#include <emmintrin.h>
#define HAS_SSE2 1
#else
#define HAS_SSE2 0
#endif

#include <assert.h>

#define WINDOW ((size_t)64)
#define STEP ((size_t)48)         /* windows overlap: what they look for is shorter than that */
#define TEXT_SHORTEST ((size_t)4) /* "pw=x" */
#define GROUP_DIGITS ((size_t)6)  /* of a recovery password */
#define CODE_LEAST 12             /* of base64 */
#define LINE_LEAST 60             /* a line of base64 that may go on in the next */
#define GROUPS_LEAST ((size_t)4)
#define GROUPS_ALL ((size_t)8)
#define LABEL_MOST ((size_t)48)
#define ENTITY_MOST ((size_t)32)
/* What one letter may be written with: each round of escapes doubles its backslashes. */
#define ESCAPED_MOST ((size_t)1 << REDACT_ESCAPE_ROUNDS)
#define PAIR_MOST (160 * ESCAPED_MOST)
#define ADDRESS_MOST (160 * ESCAPED_MOST) /* of a user and a password in it, with the scheme */
#define SECRET_NAMES 200
#define SHORT_NAME 255 /* of two letters: whatever ends with them */
#define LETTERS 27     /* a to z, and anything else */

/* A bit for each byte of a window. */
struct masks {
	uint64_t word, hex, special, base64, run, blank;
};

struct doubt {
	/* by the last three letters: 0, or one more than the first of the secrets' names */
	unsigned char tails[LETTERS * LETTERS * LETTERS];
	struct ed_str names[SECRET_NAMES];
	unsigned char next[SECRET_NAMES]; /* the name with the same letters, as in tails */
	unsigned char name_count;
	struct ed_buf narrow; /* a value, a byte a letter */
};

/* ---- masks ---- */

static void masks_add(struct masks *m, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];
		uint64_t bit = UINT64_C(1) << i;

		m->word |= byte_is_word((char)c) ? bit : 0;
		m->hex |= byte_is_hex((char)c) ? bit : 0;
		/* % & and : ; < = > ? @ */
		m->special |= c == '%' || c == '&' || (c >= ':' && c <= '@') ? bit : 0;
		m->base64 |= is_base64_either((char)c) ? bit : 0;
		m->run |= byte_is((char)c, BYTE_RUN) ? bit : 0;
		m->blank |= c == ' ' || c == '\t' ? bit : 0;
	}
}

static void masks_out(const struct masks *m, uint64_t out[REDACT_MASKS])
{
	out[0] = m->word;
	out[1] = m->hex;
	out[2] = m->special;
	out[3] = m->base64;
	out[4] = m->run;
	out[5] = m->blank;
}

void redact_masks_portable(const char *p, size_t n, uint64_t out[REDACT_MASKS])
{
	struct masks m = { 0 };

	masks_add(&m, p, n < WINDOW ? n : WINDOW);
	masks_out(&m, out);
}

#if HAS_SSE2
/* All bits of the bytes from @first to @first + @more. */
static inline __m128i in_range(__m128i v, char first, char more)
{
	__m128i from = _mm_sub_epi8(v, _mm_set1_epi8(first));

	return _mm_cmpeq_epi8(_mm_min_epu8(from, _mm_set1_epi8(more)), from);
}

static inline __m128i is_byte(__m128i v, char c)
{
	return _mm_cmpeq_epi8(v, _mm_set1_epi8(c));
}

static inline uint64_t bits_of(__m128i v, size_t at)
{
	return (uint64_t)(unsigned)_mm_movemask_epi8(v) << at;
}

/* Sixteen bytes; zeros are of no class, so that what follows a text may be them. */
static inline void masks_block(struct masks *m, size_t at, const char *p)
{
	__m128i v, low, word, digit, base64, dots, marks;

	memcpy(&v, p, sizeof(v));
	low = _mm_or_si128(v, _mm_set1_epi8(0x20));
	digit = in_range(v, '0', 9);
	word = _mm_or_si128(in_range(low, 'a', 25), digit);
	dots = in_range(v, '-', 2); /* - . / */
	base64 = _mm_or_si128(_mm_or_si128(word, dots),
			      _mm_or_si128(is_byte(v, '+'), is_byte(v, '_')));
	m->word |= bits_of(word, at);
	marks = _mm_or_si128(is_byte(v, '='), is_byte(v, '~'));
	m->run |= bits_of(_mm_or_si128(base64, marks), at);
	m->base64 |= bits_of(_mm_andnot_si128(is_byte(v, '.'), base64), at);
	m->hex |= bits_of(_mm_or_si128(in_range(low, 'a', 5), digit), at);
	m->special |= bits_of(_mm_or_si128(in_range(v, '%', 1), in_range(v, ':', 6)), at);
	m->blank |= bits_of(_mm_or_si128(is_byte(v, ' '), is_byte(v, '\t')), at);
}
#endif

/* The @n bytes at @p, at most a window; readable up to a multiple of sixteen. */
static inline struct masks masks_of(const char *p, size_t n)
{
	struct masks m = { 0 };

#if HAS_SSE2
	for (size_t at = 0; at < n && at < WINDOW; at += 16)
		masks_block(&m, at, p + at);
#else
	masks_add(&m, p, n < WINDOW ? n : WINDOW);
#endif
	return m;
}

void redact_masks(const char *p, size_t n, uint64_t out[REDACT_MASKS])
{
	struct masks m = masks_of(p, n);

	masks_out(&m, out);
}

static inline unsigned lowest_bit(uint64_t bits)
{
#if HAS_SSE2
	return (unsigned)__builtin_ctzll(bits);
#else
	unsigned n = 0;

	for (; !(bits & 1); bits >>= 1)
		n++;
	return n;
#endif
}

/* Where @count bits in a row begin. */
static inline uint64_t rows_of(uint64_t bits, unsigned count)
{
	unsigned have = 1;

	for (; have * 2 <= count; have *= 2)
		bits &= bits >> have;
	return bits & bits >> (count - have);
}

/* ---- what a label, a switch, an escape may look like ---- */

static unsigned letter_class(char c)
{
	return byte_is_alpha(c) ? (unsigned)(byte_lower(c) - 'a') : LETTERS - 1;
}

static size_t tail_index(unsigned a, unsigned b, unsigned c)
{
	return ((size_t)a * LETTERS + b) * LETTERS + c;
}

/* The class of the letter @back places before the end of @name. */
static unsigned name_class(struct ed_str name, size_t back)
{
	return name.len > back ? letter_class(name.p[name.len - 1 - back]) : LETTERS - 1;
}

static bool name_add(struct doubt *d, struct ed_str name)
{
	unsigned char *tail;

	if (d->name_count == SECRET_NAMES)
		return false;
	if (name.len < 3) {
		/* whatever stands before it */
		for (unsigned a = 0; a < LETTERS; a++)
			if (name.len == 2 || a == LETTERS - 1)
				d->tails[tail_index(a, name_class(name, 1), name_class(name, 0))] =
					SHORT_NAME;
		return true;
	}
	tail = &d->tails[tail_index(name_class(name, 2), name_class(name, 1), name_class(name, 0))];
	if (*tail == SHORT_NAME)
		return true;
	d->names[d->name_count] = name;
	d->next[d->name_count] = *tail;
	*tail = ++d->name_count;
	return true;
}

bool doubt_new(struct doubt **out)
{
	struct doubt *d = ed_calloc(1, sizeof(*d));
	struct ed_str name;
	bool good = true;

	if (!d)
		return false;
	ed_buf_init(&d->narrow, ED_LIMIT_MEMBER_BYTES);
	for (size_t i = 0; i < name_row_count; i++)
		if (name_rows[i].kind == ED_REDACT_SECRET && !(name_rows[i].flags & NAME_QUERY))
			good &= name_add(d, name_rows[i].name);
	for (size_t i = 0; event_secret(i, &name); i++)
		good &= name_add(d, name);
	assert(good); /* or SECRET_NAMES is too small */
	(void)good;
	*out = d;
	return true;
}

void doubt_free(struct doubt *d)
{
	if (!d)
		return;
	ed_buf_release(&d->narrow);
	ed_free(d);
}

static unsigned tail_of(const struct doubt *d, const char last[3])
{
	return d->tails[tail_index(letter_class(last[0]), letter_class(last[1]),
				   letter_class(last[2]))];
}

/* Whether the letters and digits of [@from, @to) end with @name. */
static bool ends_with(const char *p, size_t from, size_t to, struct ed_str name)
{
	size_t left = name.len;

	while (left && to > from) {
		char c = p[--to];

		if (byte_is_word(c) && byte_lower(c) != byte_lower(name.p[--left]))
			return false;
	}
	return !left;
}

/* Whether a secret's name may end before @to and begin at @from or later. */
static bool name_doubt(const struct doubt *d, const char *p, size_t from, size_t to)
{
	char last[3] = { ' ', ' ', ' ' };
	size_t have = 0;
	unsigned at;

	/* punctuation and blanks are no part of a name */
	for (size_t i = to; i > from && to - i < LABEL_MOST && have < 3;)
		if (byte_is_word(p[--i]))
			last[2 - have++] = p[i];
	for (at = tail_of(d, last); at && at != SHORT_NAME; at = d->next[at - 1])
		if (ends_with(p, from, to, d->names[at - 1]))
			return true;
	return at == SHORT_NAME;
}

/* What stands between a name and its separator. */
static bool is_between(char c)
{
	return c == ' ' || c == '\t' || c == '"' || c == '\'' || c == '\\' || c == '[' || c == ']';
}

/* What a name in running text may hold that no name in the table does. */
static bool is_name_mark(char c)
{
	return (unsigned char)c >= 0x80 || c == '-' || c == '.' || c == '_' || c == '$';
}

static bool label_doubt(const struct doubt *d, struct ed_str t, size_t at)
{
	size_t to = at, last;

	while (to && is_between(t.p[to - 1]))
		to--;
	if (!to)
		return false;
	/* a name of one letter: punctuation, and letters of other scripts, may be part of it */
	for (last = to; last && to - last < LABEL_MOST && is_name_mark(t.p[last - 1]); last--)
		;
	if (last > 1 && (t.p[last - 1] | 32) == 'p' &&
	    (t.p[last - 2] == '/' || is_name_mark(t.p[last - 2])))
		return true;
	return name_doubt(d, t.p, 0, to);
}

/* name="Password" value="x": what the value is stands farther before. */
static bool pair_doubt(struct ed_str t, size_t at)
{
	static const struct ed_str word = { "value", 5 };
	size_t to = at, from;

	while (to && is_between(t.p[to - 1]))
		to--;
	from = to - (to < word.len ? to : word.len);
	if (!from || !ed_str_ieq(ed_str_slice(t, from, to), word) || byte_is_word(t.p[from - 1]))
		return false;
	to = from > PAIR_MOST ? from - PAIR_MOST : 0;
	return memchr(t.p + to, '=', from - to) != NULL || memchr(t.p + to, ':', from - to) != NULL;
}

static bool is_name_byte(char c)
{
	return byte_is_word(c) || c == '_' || c == '-' || c == '.' || c == '$';
}

/* <Password Type="x">y</Password> */
static bool tag_doubt(const struct doubt *d, struct ed_str t, size_t at)
{
	struct ed_str name = tag_name(t, at);

	return name.len && name_doubt(d, name.p, 0, name.len);
}

/* "?code=x" */
static bool query_doubt(struct ed_str t, size_t at)
{
	struct ed_str name = query_name(t, at);
	const struct name_row *row = name.len ? name_find(name) : NULL;

	return row && (row->flags & NAME_QUERY);
}

/* "-pw x", "/password x", and what begins with more than one hyphen. */
static bool switch_doubt(const struct doubt *d, struct ed_str t, size_t at)
{
	const struct ed_str pem = ED_STR("-----BEGIN ");
	size_t from = at + 1, to;

	if (t.p[at] != '-' && t.p[at] != '/')
		return false;
	if (at && t.p[at - 1] == '\\' && t.p[at] == '/')
		return true; /* an escape */
	/* a hyphen behind a hyphen is asked about, the first one perhaps not */
	if (ed_str_istarts(ed_str_slice(t, at, t.len), pem) ||
	    (at && ed_str_istarts(ed_str_slice(t, at - 1, t.len), pem)))
		return true;
	if (credentials_begin(t, at) != at)
		return true;
	while (from < t.len && from - at < LABEL_MOST && t.p[from] == '-')
		from++;
	for (to = from; to < t.len && to - from < LABEL_MOST && is_name_byte(t.p[to]); to++)
		;
	if (to == from || to == t.len || (t.p[to] != ' ' && t.p[to] != '\t'))
		return false;
	return name_doubt(d, t.p, from, to);
}

/*
 * "%41", but not the number of a message, "%%1833": its escape leaves a percent sign before it, and
 * nothing that begins behind it.
 */
static bool percent_doubt(struct ed_str t, size_t at)
{
	size_t end = at + 1;

	if (t.len - at < 3 || !byte_is_hex(t.p[at + 1]) || !byte_is_hex(t.p[at + 2]))
		return false;
	while (end < t.len && byte_is_digit(t.p[end]))
		end++;
	return !at || t.p[at - 1] != '%' || end - at < 5 || end - at > 6 ||
	       (end < t.len && t.p[end] != '\r' && t.p[end] != '\n' && t.p[end] != '\t') ||
	       (t.p[at + 1] == '2' && t.p[at + 2] == '5');
}

/* "&amp;", "&#x40;", and what may stand between digits: with its end. */
static bool entity_doubt(struct ed_str t, size_t at)
{
	struct ed_str rest = ed_str_slice(t, at, at + ENTITY_MOST);

	return memchr(rest.p, ';', rest.len) != NULL;
}

static bool special_doubt(const struct doubt *d, struct ed_str t, size_t at)
{
	char next = at + 1 < t.len ? t.p[at + 1] : 0;
	size_t from;

	switch (t.p[at]) {
	case '%':
		return percent_doubt(t, at);
	case '&':
		return (byte_is_alpha(next) || next == '#') && entity_doubt(t, at);
	case '>':
		return label_doubt(d, t, at) || tag_doubt(d, t, at);
	case ':':
		return label_doubt(d, t, at) || pair_doubt(t, at);
	case '=':
		return label_doubt(d, t, at) || pair_doubt(t, at) || padding_doubt(d, t, at, 0) ||
		       query_doubt(t, at);
	case '@': /* of an address with a password */
		from = at > ADDRESS_MOST ? at - ADDRESS_MOST : 0;
		return memchr(t.p + from, ':', at - from) != NULL;
	default:
		return false;
	}
}

/* "bearer x", "net use x", "net user x": a word ends before the blank at @at */
static bool blank_doubt(const struct doubt *d, struct ed_str t, size_t at)
{
	static const struct ed_str nets[] = { { "net", 3 }, { "net1", 4 }, { "net.exe", 7 } };
	struct ed_str before = ed_str_slice(t, 0, at);
	char last = t.p[at - 1] | 32;

	(void)d;
	if (last == 'r')
		return ed_str_iends(before, ED_STR("bearer"));
	if (last != 't' && last != '1' && last != 'e')
		return false;
	while (at < t.len && byte_is_space(t.p[at]))
		at++;
	if (!ed_str_istarts(ed_str_slice(t, at, t.len), ED_STR("us")))
		return false;
	for (size_t i = 0; i < ED_COUNT(nets); i++)
		if (ed_str_iends(before, nets[i]))
			return true;
	return false;
}

/* \u0041 and \x41; "\n" and the like change where a word begins, which is allowed for elsewhere */
static bool backslash_doubt(const struct doubt *d, struct ed_str t, size_t at)
{
	(void)d;
	return t.p[at] == '\\' && (t.p[at + 1] == 'u' || t.p[at + 1] == 'x');
}

/* ---- the pass ---- */

typedef bool (*doubt_at)(const struct doubt *d, struct ed_str t, size_t at);

static bool any_doubt(const struct doubt *d, struct ed_str t, size_t base, uint64_t bits,
		      doubt_at doubt)
{
	for (; bits; bits &= bits - 1)
		if (doubt(d, t, base + lowest_bit(bits)))
			return true;
	return false;
}

/*
 * Where rows begin, of @bits: where they have enough left. What goes on from before the window had
 * enough in the one before, which overlaps: it has been asked about, whole.
 */
static uint64_t row_starts(uint64_t bits, bool goes_on)
{
	return bits & ~(bits << 1 | (uint64_t)goes_on);
}

/* Rows of base64 or hex digits; @bits: where such a row has enough of them left. */
static bool codes_doubt(const struct doubt *d, struct ed_str t, size_t base, const struct masks *m,
			uint64_t bits, unsigned depth)
{
	bits = row_starts(bits, base && is_base64_either(t.p[base - 1]));
	for (; bits; bits &= bits - 1) {
		unsigned at = lowest_bit(bits);
		uint64_t rest = ~m->base64 >> at;
		unsigned len = rest ? lowest_bit(rest) : (unsigned)WINDOW;
		uint64_t row = rest ? (UINT64_C(1) << len) - 1 : 0;

		/* a plain word, as most are: it can only be base64, and only as a whole */
		if (row && len < LINE_LEAST && !(~m->word >> at & row) && (~m->hex >> at & row) &&
		    (t.p[base + at + 1] | 32) != 'x' && !is_line_end(t, base + at)) {
			if (len >= CODE_LEAST &&
			    base64_doubt(d, t, base + at, base + at + len, depth))
				return true;
			continue;
		}
		if (code_doubt(d, t, base + at, depth))
			return true;
	}
	return false;
}

/* Where @c and its other case are in the window. */
static uint64_t letters_of(struct ed_str t, size_t base, char c)
{
	uint64_t bits = 0;

#if HAS_SSE2
	for (size_t at = 0; at < WINDOW && base + at < t.len; at += 16) {
		__m128i v;

		memcpy(&v, t.p + base + at, sizeof(v));
		bits |= bits_of(is_byte(_mm_or_si128(v, _mm_set1_epi8(0x20)), c), at);
	}
#else
	for (size_t at = 0; at < WINDOW && base + at < t.len; at++)
		bits |= (uint64_t)((t.p[base + at] | 0x20) == c) << at;
#endif
	return bits;
}

/* Tokens of the web, a cmdlet that is given a password, and @bits: where a run begins. */
static bool tokens_doubt(struct ed_str t, size_t base, const struct masks *m, uint64_t bits)
{
	uint64_t hyphen = m->base64 & ~m->word;

	for (uint64_t j = letters_of(t, base, 'j') & m->run; j; j &= j - 1) {
		size_t at = base + lowest_bit(j);

		if (at > 1 && memcmp(t.p + at - 2, "eyJ", 3) == 0)
			return true;
	}
	for (uint64_t s = letters_of(t, base, 's') & hyphen << 1; s; s &= s - 1)
		if (ed_str_istarts(ed_str_slice(t, base + lowest_bit(s), t.len),
				   ED_STR("securestring")))
			return true;
	for (; bits; bits &= bits - 1)
		if (token_doubt(t, base + lowest_bit(bits)))
			return true;
	return false;
}

/* *digits: there are enough in a row for a recovery password. */
static bool window_doubt(const struct doubt *d, struct ed_str t, size_t base, unsigned depth,
			 bool *digits)
{
	struct masks m = masks_of(t.p + base, t.len - base);
	uint64_t joint = m.run & ~m.word, other = ~m.run, bits;

	*digits |= rows_of(m.hex, GROUP_DIGITS) != 0;
	if (m.special && any_doubt(d, t, base, m.special, special_doubt))
		return true;
	bits = m.blank & m.word << 1;
	if (bits && any_doubt(d, t, base, bits, blank_doubt))
		return true;
	/* behind what is no part of a run, behind "\n", behind another one */
	bits = joint & (other << 1 | other << 2 | joint << 1 | 3);
	if (bits && any_doubt(d, t, base, bits, switch_doubt))
		return true;
	bits = other & m.word >> 1 & m.hex >> 2 & m.hex >> 3;
	if (bits && any_doubt(d, t, base, bits, backslash_doubt))
		return true;
	bits = m.hex & m.hex >> 1 & ~m.word >> 2 & m.hex >> 3 & m.hex >> 4 & ~m.word >> 5 &
	       m.hex >> 6 & m.hex >> 7;
	if (bits && any_doubt(d, t, base, bits, pairs_doubt))
		return true;
	bits = rows_of(m.base64, CODE_LEAST) | rows_of(m.hex, 8);
	if (bits && codes_doubt(d, t, base, &m, bits, depth))
		return true;
	bits = rows_of(m.run, 16);
	return bits && tokens_doubt(t, base, &m,
				    row_starts(bits, base && byte_is(t.p[base - 1], BYTE_RUN)));
}

/* Whether the letter at @i is no end of a row of digits: of "\n", or of "=2D". */
static bool is_mark_letter(struct ed_str t, size_t i)
{
	return is_line_end(t, i) || (i && t.p[i - 1] == '=') || (i > 1 && t.p[i - 2] == '=');
}

/* As many digits as eight groups have, with nothing but marks and tags between them. */
static bool row_of_digits(struct ed_str t)
{
	size_t n = 0;
	bool tag = false;

	for (size_t i = 0; i < t.len; i++) {
		if (byte_is_digit(t.p[i]) && ++n == GROUP_DIGITS * GROUPS_ALL)
			return true;
		if (t.p[i] == '<')
			tag = true;
		else if (t.p[i] == '>')
			tag = false;
		else if (!tag && byte_is_alpha(t.p[i]) && !is_mark_letter(t, i))
			n = 0;
	}
	return false;
}

/* Four groups of six digits, or enough digits in any. */
static bool digits_doubt(struct ed_str t)
{
	size_t groups = 0, n = 0, all = 0;

	for (size_t i = 0; i <= t.len; i++) {
		if (i < t.len && byte_is_digit(t.p[i])) {
			n++;
			continue;
		}
		groups += n == GROUP_DIGITS;
		if (groups >= GROUPS_LEAST)
			return true;
		all += n;
		n = 0;
	}
	return all >= GROUP_DIGITS * GROUPS_ALL && row_of_digits(t);
}

bool text_doubt(const struct doubt *d, struct ed_str t, unsigned depth)
{
	bool digits = false;

	for (size_t base = 0; base < t.len; base += STEP)
		if (window_doubt(d, t, base, depth, &digits))
			return true;
	return digits && t.len >= GROUP_DIGITS * GROUPS_LEAST && digits_doubt(t);
}

/* ---- values ---- */

static bool room_for(struct doubt *d, size_t n)
{
	ed_buf_clear(&d->narrow);
	return ed_buf_reserve(&d->narrow, n + WINDOW);
}

/* Whether the scanner finds one; when it cannot tell, there is one. */
static bool scanner_finds(struct ed_redactor *r, struct ed_str text)
{
	uint64_t secrets = r->counts[ED_REDACT_SECRET];
	size_t found;

	ed_buf_clear(&r->clean);
	found = redact_text(r, text, SCAN_SECRETS, 0, &r->clean);
	r->counts[ED_REDACT_SECRET] = secrets;
	return found || r->status != ED_OK || r->clean.status != ED_OK;
}

bool redact_doubts(struct ed_redactor *r, struct ed_str text)
{
	struct doubt *d = r->doubt;

	if (text.len < TEXT_SHORTEST)
		return false;
	if (!room_for(d, text.len))
		return true;
	memcpy(d->narrow.p, text.p, text.len);
	memset(d->narrow.p + text.len, 0, 16);
	return text_doubt(d, (struct ed_str){ d->narrow.p, text.len }, 0);
}

bool ed_redactor_finds_secret(struct ed_redactor *r, struct ed_str text)
{
	return redact_doubts(r, text) && scanner_finds(r, text);
}

/* Units as bytes: what is no ASCII becomes a byte that is of no class. */
static void narrow(char *out, const unsigned char *p, size_t units)
{
	size_t i = 0;

#if HAS_SSE2
	/* the last block overlaps the one before */
	for (; units >= 8 && i < units; i += 8) {
		__m128i v;

		i = i + 8 > units ? units - 8 : i;
		memcpy(&v, p + 2 * i, sizeof(v));
		v = _mm_packus_epi16(v, v);
		memcpy(out + i, &v, 8);
	}
#endif
	for (; i < units; i++) {
		uint16_t c = ed_le16(p + 2 * i);

		out[i] = (char)(c < 0x80 ? c : 0xFF);
	}
}

static bool wide_doubt(struct doubt *d, const void *bytes, size_t units)
{
	if (!room_for(d, units))
		return true;
	narrow(d->narrow.p, bytes, units);
	memset(d->narrow.p + units, 0, 16);
	return text_doubt(d, (struct ed_str){ d->narrow.p, units }, 0);
}

bool ed_redactor_finds_secret_utf16(struct ed_redactor *r, const void *bytes, size_t n)
{
	if (n / 2 < TEXT_SHORTEST || !wide_doubt(r->doubt, bytes, n / 2))
		return false;
	ed_buf_clear(&r->value);
	if (!ed_buf_reserve(&r->value, ED_UTF8_MAX(n)))
		return true;
	r->value.len = ed_utf8_from_utf16le(bytes, n, r->value.p, NULL);
	return scanner_finds(r, ed_buf_str(&r->value));
}

bool ed_redactor_finds_secret_bytes(struct ed_redactor *r, struct ed_str bytes)
{
	uint64_t secrets = r->counts[ED_REDACT_SECRET];
	size_t found;

	if (has_packed_digits(bytes)) {
		ed_buf_clear(&r->value);
		hex_encode(bytes, true, 0, &r->value);
		return r->value.status != ED_OK || scanner_finds(r, ed_buf_str(&r->value));
	}
	if (bytes.len < TEXT_SHORTEST || !bytes_doubt(r->doubt, bytes, 0))
		return false;
	/* as if their digits had been read, which is one level of code */
	ed_buf_clear(&r->clean);
	found = redact_bytes(r, bytes, SCAN_SECRETS, 1, &r->clean);
	r->counts[ED_REDACT_SECRET] = secrets;
	return found || r->status != ED_OK || r->clean.status != ED_OK;
}

bool ed_redactor_secret_name(const struct ed_redactor *r, struct ed_str name)
{
	const struct name_row *row;

	if (name.len >= 3 && !tail_of(r->doubt, name.p + name.len - 3))
		return false;
	row = name_find(name);
	return (row && row->kind == ED_REDACT_SECRET) || is_event_secret(name);
}

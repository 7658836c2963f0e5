/* SPDX-License-Identifier: MIT */
/*
 * Whether a text may hold a secret, asked of every value of every event that is printed: nearly all
 * are cleared by a few masks of bits. What the scanner would find must be doubted here; what is
 * doubted goes through the scanner.
 */
#include "redact_priv.h"

#include "espdiag/base/cursor.h"
#include "espdiag/base/utf.h"

#if defined(__SSE2__) && defined(__GNUC__)
#include <emmintrin.h>
#define HAS_SSE2 1
#else
#define HAS_SSE2 0
#endif

#define WINDOW ((size_t)64)
#define STEP ((size_t)48)         /* windows overlap: what they look for is shorter than that */
#define TEXT_SHORTEST ((size_t)4) /* "pw=x" */
#define GROUP_DIGITS ((size_t)6)  /* of a recovery password */
#define GROUPS_LEAST ((size_t)5)
#define LABEL_MOST ((size_t)48)
#define FILLERS_MOST ((size_t)8)
#define LETTERS 27 /* a to z, and anything else */

/* A bit for each byte of a window. */
struct masks {
	uint64_t word, hex, special, run, blank;
};

/* ---- masks ---- */

static void masks_add(struct masks *m, size_t at, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];
		uint64_t bit = UINT64_C(1) << (at + i);
		bool word = byte_is_word((char)c);

		m->word |= word ? bit : 0;
		m->hex |= byte_is_hex((char)c) ? bit : 0;
		/* % & and : ; < = > ? @ */
		m->special |= c == '%' || c == '&' || (c >= ':' && c <= '@') ? bit : 0;
		/* + , - . / and = _ ~ */
		m->run |= word || (c >= '+' && c <= '/') || c == '_' || c == '~' || c == '=' ? bit
											     : 0;
		m->blank |= c == ' ' || c == '\t' ? bit : 0;
	}
}

void redact_masks_portable(const char *p, size_t n, uint64_t out[5])
{
	struct masks m = { 0 };

	masks_add(&m, 0, p, n < WINDOW ? n : WINDOW);
	out[0] = m.word;
	out[1] = m.hex;
	out[2] = m.special;
	out[3] = m.run;
	out[4] = m.blank;
}

#if HAS_SSE2
/* All bits of the bytes from @first to @first + @more. */
static inline __m128i in_range(__m128i v, char first, char more)
{
	__m128i from = _mm_sub_epi8(v, _mm_set1_epi8(first));

	return _mm_cmpeq_epi8(_mm_min_epu8(from, _mm_set1_epi8(more)), from);
}

static inline uint64_t bits_of(__m128i v, size_t at)
{
	return (uint64_t)(unsigned)_mm_movemask_epi8(v) << at;
}

/* Sixteen bytes; zeros are of no class, so that what follows a text may be them. */
static inline void masks_block(struct masks *m, size_t at, const char *p)
{
	__m128i v, low, word, digit, joint;

	memcpy(&v, p, sizeof(v));
	low = _mm_or_si128(v, _mm_set1_epi8(0x20));
	digit = in_range(v, '0', 9);
	word = _mm_or_si128(in_range(low, 'a', 25), digit);
	joint = _mm_or_si128(in_range(v, '+', 4), _mm_cmpeq_epi8(v, _mm_set1_epi8('=')));
	joint = _mm_or_si128(joint, _mm_cmpeq_epi8(v, _mm_set1_epi8('_')));
	joint = _mm_or_si128(joint, _mm_cmpeq_epi8(v, _mm_set1_epi8('~')));
	m->word |= bits_of(word, at);
	m->run |= bits_of(_mm_or_si128(word, joint), at);
	m->hex |= bits_of(_mm_or_si128(in_range(low, 'a', 5), digit), at);
	m->special |= bits_of(_mm_or_si128(in_range(v, '%', 1), in_range(v, ':', 6)), at);
	m->blank |= bits_of(_mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(' ')),
					 _mm_cmpeq_epi8(v, _mm_set1_epi8('\t'))),
			    at);
}
#endif

/* The @n bytes at @p, at most a window; readable up to a multiple of sixteen. */
static struct masks masks_of(const char *p, size_t n)
{
	struct masks m = { 0 };

#if HAS_SSE2
	for (size_t at = 0; at < n && at < WINDOW; at += 16)
		masks_block(&m, at, p + at);
#else
	masks_add(&m, 0, p, n < WINDOW ? n : WINDOW);
#endif
	return m;
}

void redact_masks(const char *p, size_t n, uint64_t out[5])
{
	struct masks m = masks_of(p, n);

	out[0] = m.word;
	out[1] = m.hex;
	out[2] = m.special;
	out[3] = m.run;
	out[4] = m.blank;
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

void doubt_prepare(struct ed_redactor *r)
{
	for (size_t i = 0; i < name_row_count; i++) {
		struct ed_str name = name_rows[i].name;

		if (name_rows[i].kind != ED_REDACT_SECRET)
			continue;
		/* a name of two letters may follow anything */
		for (unsigned a = 0; a < LETTERS; a++) {
			size_t at = tail_index(a, name_class(name, 1), name_class(name, 0));

			if (name.len == 2 || a == name_class(name, 2))
				r->tails[at / 8] |= (unsigned char)(1u << at % 8);
		}
	}
}

/* Whether a secret's name may end before @to and begin at @from or later. */
static bool tail_doubt(const struct ed_redactor *r, const char *p, size_t from, size_t to)
{
	unsigned last[3] = { LETTERS - 1, LETTERS - 1, LETTERS - 1 };
	size_t at, i = to, have = 0;

	/* punctuation and blanks are no part of a name */
	while (i > from && to - i < LABEL_MOST && have < 3) {
		char c = p[--i];

		if (byte_is_word(c))
			last[2 - have++] = letter_class(c);
	}
	at = tail_index(last[0], last[1], last[2]);
	return r->tails[at / 8] >> at % 8 & 1;
}

/* What stands between a name and its separator. */
static bool is_between(char c)
{
	return c == ' ' || c == '\t' || c == '"' || c == '\'' || c == '\\' || c == '[' || c == ']';
}

static bool label_doubt(const struct ed_redactor *r, struct ed_str t, size_t at)
{
	size_t to = at;

	while (to && at - to < FILLERS_MOST && is_between(t.p[to - 1]))
		to--;
	if (!to)
		return false;
	/* a name of one letter: punctuation may be part of it */
	if ((t.p[to - 1] | 32) == 'p' && to > 1 && t.p[to - 2] && strchr("/-._$", t.p[to - 2]))
		return true;
	return tail_doubt(r, t.p, 0, to);
}

static bool is_name_byte(char c)
{
	return byte_is_word(c) || c == '_' || c == '-' || c == '.' || c == '$';
}

/* "-pw x", "/password x", and what begins with more than one hyphen. */
static bool switch_doubt(const struct ed_redactor *r, struct ed_str t, size_t at)
{
	const struct ed_str pem = ED_STR("-----BEGIN ");
	size_t from = at + 1, to;

	if (at && t.p[at - 1] == '\\' && t.p[at] == '/')
		return true; /* an escape */
	/* a hyphen behind a hyphen is asked about, the first one perhaps not */
	if (ed_str_istarts(ed_str_slice(t, at, t.len), pem) ||
	    (at && ed_str_istarts(ed_str_slice(t, at - 1, t.len), pem)))
		return true;
	while (from < t.len && t.p[from] == '-')
		from++;
	for (to = from; to < t.len && to - from < LABEL_MOST && is_name_byte(t.p[to]); to++)
		;
	if (to == from || to == t.len || (t.p[to] != ' ' && t.p[to] != '\t'))
		return false;
	return tail_doubt(r, t.p, from, to);
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

static bool special_doubt(const struct ed_redactor *r, struct ed_str t, size_t at)
{
	char next = at + 1 < t.len ? t.p[at + 1] : 0;

	switch (t.p[at]) {
	case '%':
		return percent_doubt(t, at);
	case '&':
		return byte_is_alpha(next) || next == '#';
	case ':':
	case '=':
	case '>':
		return label_doubt(r, t, at);
	case '@': /* of an address with a password */
		return memchr(t.p, ':', at) != NULL;
	default:
		return false;
	}
}

/* "net use", "net user": the blank at @at stands before "us". */
static bool net_doubt(struct ed_str t, size_t at)
{
	static const struct ed_str words[] = { { "net", 3 }, { "net1", 4 }, { "net.exe", 7 } };
	size_t to = at;

	if (t.len - at < 4 || (t.p[at + 1] | 32) != 'u' || (t.p[at + 2] | 32) != 's')
		return false;
	while (to && byte_is_space(t.p[to - 1]))
		to--;
	for (size_t i = 0; i < ED_COUNT(words); i++)
		if (ed_str_iends(ed_str_slice(t, 0, to), words[i]))
			return true;
	return false;
}

/* \u0041 and \x41; "\n" and the like change where a word begins, which is allowed for elsewhere */
static bool backslash_doubt(struct ed_str t, size_t at)
{
	return t.p[at] == '\\' && (t.p[at + 1] == 'u' || t.p[at + 1] == 'x');
}

/* ---- the pass ---- */

/* What is left to be looked at once the masks of all windows were seen. */
struct suspicion {
	bool doubt, runs, digits;
};

static bool any_doubt(const struct ed_redactor *r, struct ed_str t, size_t base, uint64_t bits,
		      bool (*doubt)(const struct ed_redactor *, struct ed_str, size_t))
{
	for (; bits; bits &= bits - 1)
		if (doubt(r, t, base + lowest_bit(bits)))
			return true;
	return false;
}

static void window_look(const struct ed_redactor *r, struct ed_str t, size_t base,
			struct suspicion *s)
{
	struct masks m = masks_of(t.p + base, t.len - base);
	uint64_t joint = m.run & ~m.word, other = ~m.run, bits;

	s->runs |= rows_of(m.run, 12) || rows_of(m.hex, 8) ||
		   (m.hex & m.hex >> 1 & ~m.word >> 2 & m.hex >> 3 & m.hex >> 4 & ~m.word >> 5 &
		    m.hex >> 6 & m.hex >> 7);
	s->digits |= rows_of(m.hex, GROUP_DIGITS) != 0;
	if (m.special && any_doubt(r, t, base, m.special, special_doubt))
		s->doubt = true;
	/* behind what is no part of a run, behind "\n", behind another one */
	joint &= other << 1 | other << 2 | joint << 1 | 3;
	if (joint && any_doubt(r, t, base, joint, switch_doubt))
		s->doubt = true;
	for (bits = m.blank & m.word >> 1 & m.word >> 2; bits; bits &= bits - 1)
		s->doubt |= net_doubt(t, base + lowest_bit(bits));
	for (bits = other & m.word >> 1 & m.hex >> 2 & m.hex >> 3; bits; bits &= bits - 1)
		s->doubt |= backslash_doubt(t, base + lowest_bit(bits));
}

/* Five groups of six digits, or as many in one. */
static bool digits_doubt(struct ed_str t)
{
	size_t groups = 0, n = 0;

	for (size_t i = 0; i <= t.len; i++) {
		if (i < t.len && byte_is_digit(t.p[i])) {
			n++;
			continue;
		}
		groups += n == GROUP_DIGITS;
		if (groups >= GROUPS_LEAST || n >= GROUP_DIGITS * GROUPS_LEAST)
			return true;
		n = 0;
	}
	return false;
}

/* @t is readable up to a multiple of sixteen bytes, with zeros behind its end. */
static bool padded_doubt(const struct ed_redactor *r, struct ed_str t, unsigned depth)
{
	struct suspicion s = { false, false, false };

	for (size_t base = 0; base < t.len && !s.doubt; base += STEP)
		window_look(r, t, base, &s);
	if (s.doubt)
		return true;
	if (s.digits && t.len >= GROUP_DIGITS * GROUPS_LEAST && digits_doubt(t))
		return true;
	return s.runs && runs_doubt(r, t, depth);
}

bool bytes_doubt(const struct ed_redactor *r, struct ed_str b, unsigned depth)
{
	char part[WINDOW + 16];
	size_t n = 0, wide = 0;

	if (depth >= REDACT_SCAN_DEPTH ||
	    (b.len && is_private_key((const unsigned char *)b.p, b.len)))
		return true;
	for (size_t i = 0; i <= b.len; i++) {
		unsigned char c = i < b.len ? (unsigned char)b.p[i] : 0;

		if ((c >= 0x20 && c != 0x7F) || c == '\t' || c == '\r' || c == '\n') {
			if (n == WINDOW)
				return true;
			part[n++] = (char)c;
			continue;
		}
		/* text of two bytes a letter, either way round */
		wide += !c && i < b.len && n;
		if (wide + 1 >= TEXT_SHORTEST)
			return true;
		if (n >= TEXT_SHORTEST) {
			memset(part + n, 0, 16);
			if (padded_doubt(r, (struct ed_str){ part, n }, depth + 1))
				return true;
		}
		n = 0;
	}
	return false;
}

static bool room_for(struct ed_redactor *r, size_t n)
{
	ed_buf_clear(&r->narrow);
	return ed_buf_reserve(&r->narrow, n + WINDOW);
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
	if (text.len < TEXT_SHORTEST)
		return false;
	if (!room_for(r, text.len))
		return true;
	memcpy(r->narrow.p, text.p, text.len);
	memset(r->narrow.p + text.len, 0, 16);
	return padded_doubt(r, (struct ed_str){ r->narrow.p, text.len }, 0);
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
	for (; i + 16 <= units; i += 16) {
		__m128i a, b;

		memcpy(&a, p + 2 * i, sizeof(a));
		memcpy(&b, p + 2 * i + 16, sizeof(b));
		a = _mm_packus_epi16(a, b);
		memcpy(out + i, &a, sizeof(a));
	}
#endif
	for (; i < units; i++) {
		uint16_t c = ed_le16(p + 2 * i);

		out[i] = (char)(c < 0x80 ? c : 0xFF);
	}
}

bool ed_redactor_finds_secret_utf16(struct ed_redactor *r, const void *bytes, size_t n)
{
	size_t units = n / 2;

	if (units < TEXT_SHORTEST)
		return false;
	if (!room_for(r, units))
		return true;
	narrow(r->narrow.p, bytes, units);
	memset(r->narrow.p + units, 0, 16);
	if (!padded_doubt(r, (struct ed_str){ r->narrow.p, units }, 0))
		return false;
	ed_buf_clear(&r->value);
	if (!ed_buf_reserve(&r->value, ED_UTF8_MAX(n)))
		return true;
	r->value.len = ed_utf8_from_utf16le(bytes, n, r->value.p, NULL);
	return scanner_finds(r, ed_buf_str(&r->value));
}

bool ed_redactor_finds_secret_bytes(struct ed_redactor *r, struct ed_str bytes)
{
	if (bytes.len < TEXT_SHORTEST || !bytes_doubt(r, bytes, 0))
		return false;
	ed_buf_clear(&r->value);
	for (size_t i = 0; i < bytes.len; i++)
		ed_buf_printf(&r->value, "%02X", (unsigned)(unsigned char)bytes.p[i]);
	return r->value.status != ED_OK || scanner_finds(r, ed_buf_str(&r->value));
}

bool ed_redact_secret_name(struct ed_str name)
{
	const struct name_row *row = name_find(name);

	return (row && row->kind == ED_REDACT_SECRET) || is_event_secret(name);
}

/* SPDX-License-Identifier: MIT */
/*
 * Addresses of networks by their shape. Four numbers with dots may be a version instead: what
 * stands around them decides, and where nothing does, they are an address.
 */
#include "redact_priv.h"

#define WORD_MOST ((size_t)32)   /* the end of a longer one says as much */
#define BETWEEN_MOST ((size_t)8) /* punctuation and blanks between words and numbers */
#define NUMBER_WORDS 2
#define OWN_NUMBER_LEAST 32u /* versions seldom begin with more */

#define VERSION_WORD(end) end,
static const char *const version_words[] = {
#include "versions.def"
};
#undef VERSION_WORD

#define RELEASE_WORD(end) end,
static const char *const release_words[] = {
#include "versions.def"
};
#undef RELEASE_WORD

#define NUMBER_WORD(word) word,
static const char *const number_words[] = {
#include "versions.def"
};
#undef NUMBER_WORD

#define ADDRESS_WORD(end) end,
static const char *const address_words[] = {
#include "versions.def"
};
#undef ADDRESS_WORD

#define PACKAGE_TAIL(text) text,
static const char *const package_tails[] = {
#include "versions.def"
};
#undef PACKAGE_TAIL

#define PROGRAM_TAIL(text) text,
static const char *const program_tails[] = {
#include "versions.def"
};
#undef PROGRAM_TAIL

/* ---- four numbers with dots ---- */

struct quad {
	size_t from, to;
	unsigned parts[4];
};

/* Four numbers up to 255 with dots; false when they are none, or part of something longer. */
static bool take_quad(struct ed_str t, size_t i, struct quad *q)
{
	q->from = i;
	if (i > 1 && t.p[i - 1] == '.' && byte_is_digit(t.p[i - 2]))
		return false;
	for (size_t k = 0; k < 4; k++) {
		size_t n = 0;

		q->parts[k] = 0;
		while (n < 4 && i + n < t.len && byte_is_digit(t.p[i + n]))
			q->parts[k] = q->parts[k] * 10 + (unsigned)(t.p[i + n++] - '0');
		if (!n || n > 3 || q->parts[k] > 255)
			return false;
		i += n;
		if (k < 3 && (i >= t.len || t.p[i++] != '.'))
			return false;
	}
	q->to = i;
	return i >= t.len || !(byte_is_word(t.p[i]) ||
			       (t.p[i] == '.' && i + 1 < t.len && byte_is_digit(t.p[i + 1])));
}

static bool is_public_constant(const struct quad *q)
{
	return q->parts[0] == 0 || q->parts[0] == 127 || q->parts[0] == 255;
}

/* Of a network that somebody set up: such numbers are an address unless they are called a version.
 */
static bool is_local(const struct quad *q)
{
	const unsigned *p = q->parts;

	return p[0] == 10 || (p[0] == 172 && p[1] >= 16 && p[1] < 32) ||
	       (p[0] == 192 && p[1] == 168) || (p[0] == 169 && p[1] == 254) ||
	       (p[0] == 100 && p[1] >= 64 && p[1] < 128);
}

static bool any_end(struct ed_str word, const char *const *ends, size_t count)
{
	for (size_t k = 0; word.len && k < count; k++)
		if (ed_str_iends(word, ed_str_from(ends[k])))
			return true;
	return false;
}

static bool any_start(struct ed_str text, const char *const *starts, size_t count)
{
	for (size_t k = 0; k < count; k++)
		if (ed_str_istarts(text, ed_str_from(starts[k])))
			return true;
	return false;
}

/* Letters of any script. */
static bool is_letter(char c)
{
	return byte_is_alpha(c) || (unsigned char)c >= 0x80 || c == '_';
}

/* The word of the same line that ends not far before @i. */
static struct ed_str word_before(struct ed_str t, size_t i)
{
	size_t end = i, from;

	while (end && i - end < BETWEEN_MOST && !is_letter(t.p[end - 1]) &&
	       !byte_is_digit(t.p[end - 1]) && t.p[end - 1] != '\n')
		end--;
	for (from = end; from && end - from < WORD_MOST && is_letter(t.p[from - 1]); from--)
		;
	return ed_str_slice(t, from, end);
}

/* The same, past words like "is" and "number". */
static struct ed_str word_that_counts(struct ed_str t, size_t i)
{
	struct ed_str word = word_before(t, i);

	for (size_t n = 0;
	     n < NUMBER_WORDS && word.len && any_end(word, number_words, ED_COUNT(number_words));
	     n++) {
		bool whole = false;

		for (size_t k = 0; k < ED_COUNT(number_words); k++)
			whole |= ed_str_ieq(word, ed_str_from(number_words[k]));
		if (!whole)
			break;
		word = word_before(t, (size_t)(word.p - t.p));
	}
	return word;
}

/* A port, a prefix or a mask behind it, two slashes before it: "\\\\10.1.2.3", "//10.1.2.3". */
static bool is_used_as_address(struct ed_str t, const struct quad *q)
{
	size_t slashes = 0, at = q->from;
	char before;

	if (q->to + 1 < t.len && (t.p[q->to] == ':' || t.p[q->to] == '/') &&
	    byte_is_digit(t.p[q->to + 1]))
		return true;
	if (ed_str_starts(ed_str_slice(t, q->to, q->to + 5), ED_STR(" 255.")))
		return true;
	while (at && slashes < 8 && (t.p[at - 1] == '/' || t.p[at - 1] == '\\')) {
		slashes++;
		at--;
	}
	before = at ? t.p[at - 1] : ' ';
	/* "Apps\\1.2.3.4" is a folder whose separator was written as an escape */
	return slashes > 1 && (t.p[q->from - 1] == '/' || !is_letter(before));
}

/* A part of a path, of a name with underscores, of a file that is named so. */
static bool is_part_of_name(struct ed_str t, const struct quad *q)
{
	char before = q->from ? t.p[q->from - 1] : ' ';

	return before == '\\' || before == '/' || before == '_' || before == '~' || before == '.' ||
	       (before == '-' && q->from > 1 && is_letter(t.p[q->from - 2])) ||
	       any_start(ed_str_slice(t, q->to, q->to + 12), program_tails,
			 ED_COUNT(program_tails));
}

static bool is_version(const struct scan *s, const struct quad *q)
{
	struct ed_str t = s->text, word;
	const unsigned *p = q->parts;

	if ((s->flags & SCAN_VERSION) ||
	    any_start(ed_str_slice(t, q->to, q->to + 12), package_tails, ED_COUNT(package_tails)))
		return true;
	word = word_that_counts(t, q->from);
	if (any_end(word, version_words, ED_COUNT(version_words)))
		return true;
	if (any_end(word, address_words, ED_COUNT(address_words)))
		return false;
	if (p[2] == 0 && p[3] == 0)
		return true;
	if (is_local(q))
		return false;
	return any_end(word, release_words, ED_COUNT(release_words)) || is_part_of_name(t, q) ||
	       (p[3] == 0 && (p[1] == 0 || p[0] < OWN_NUMBER_LEAST));
}

size_t detect_ipv4(struct scan *s, size_t i)
{
	struct quad q;

	if (!take_quad(s->text, i, &q) || is_public_constant(&q))
		return i;
	if (!(s->flags & SCAN_ADDRESS) && !is_used_as_address(s->text, &q) && is_version(s, &q))
		return q.to;
	scan_hit(s, ED_REDACT_IP, i, q.to);
	return q.to;
}

/* ---- others ---- */

size_t detect_ipv6(struct scan *s, size_t i)
{
	struct ed_str t = s->text;
	size_t to = i, groups = 0, digits = 0, total = 0, gaps = 0, last = i;
	struct quad q;

	while (to < t.len && to - i < 46) {
		if (byte_is_hex(t.p[to])) {
			groups += digits == 0;
			last = digits ? last : to;
			digits++;
			total++;
			if (digits > 4)
				return i;
		} else if (t.p[to] == ':') {
			gaps += to > i && t.p[to - 1] == ':';
			digits = 0;
		} else {
			break;
		}
		to++;
	}
	/* "::ffff:10.1.2.3" */
	if (to < t.len && t.p[to] == '.' && gaps == 1 && last > i && take_quad(t, last, &q)) {
		scan_hit(s, ED_REDACT_IP, i, q.to);
		return q.to;
	}
	if (to > i && t.p[to - 1] == ':' && (to < i + 2 || t.p[to - 2] != ':'))
		to--;
	if ((to < t.len && (byte_is_word(t.p[to]) || t.p[to] == '_')) || gaps > 1)
		return i;
	/* eight groups, or fewer with a gap: three of them, or a prefix that addresses have */
	if (groups != 8 - (size_t)(gaps && groups == 8) &&
	    !(gaps == 1 && groups >= 2 && total >= 5))
		return i;
	scan_hit(s, ED_REDACT_IP, i, to);
	return to;
}

/* "001b.4411.3ab7"; only digits are a version. */
static size_t detect_mac_dots(struct scan *s, size_t i)
{
	struct ed_str t = s->text;
	bool letter = false;

	if (t.len - i < 14)
		return i;
	for (size_t k = 0; k < 14; k++) {
		if (k % 5 == 4 ? t.p[i + k] != '.' : !byte_is_hex(t.p[i + k]))
			return i;
		letter |= byte_is_alpha(t.p[i + k]);
	}
	if (!letter || (i && t.p[i - 1] == '.') ||
	    (i + 14 < t.len && (byte_is_word(t.p[i + 14]) || t.p[i + 14] == '.')))
		return i;
	scan_hit(s, ED_REDACT_MAC, i, i + 14);
	return i + 14;
}

size_t detect_mac(struct scan *s, size_t i)
{
	struct ed_str t = s->text;
	char between = i + 2 < t.len ? t.p[i + 2] : 0;

	if (i + 4 < t.len && t.p[i + 4] == '.')
		return detect_mac_dots(s, i);
	if ((between != ':' && between != '-') || t.len - i < 17)
		return i;
	for (size_t k = 0; k < 17; k++)
		if (k % 3 == 2 ? t.p[i + k] != between : !byte_is_hex(t.p[i + k]))
			return i;
	if (i + 17 < t.len && (byte_is_word(t.p[i + 17]) || t.p[i + 17] == between))
		return i;
	scan_hit(s, ED_REDACT_MAC, i, i + 17);
	return i + 17;
}

/* SPDX-License-Identifier: MIT */
/*
 * Identities and secrets that are known by their shape: addresses, SIDs, profile folders, numbers.
 * One pass over the text; every rule looks at a bounded number of bytes around where it begins.
 */
#include "redact_priv.h"

#define LOCAL_MOST 64
#define NAME_MOST 64 /* of a profile folder */

static bool is_domain_byte(char c)
{
	return byte_is_word(c) || (unsigned char)c >= 0x80 || c == '-' || c == '.';
}

/* ---- e-mail addresses ---- */

static size_t detect_email(struct scan *s, size_t at)
{
	struct ed_str t = s->text;
	size_t from = at, to = at + 1, dot = SIZE_MAX;

	while (from && at - from < LOCAL_MOST && byte_is_local(t.p[from - 1]))
		from--;
	/* what is left of %20 and the like before it */
	if (from && t.p[from - 1] == '%' && at - from > 2 && byte_is_hex(t.p[from]) &&
	    byte_is_hex(t.p[from + 1]))
		from += 2;
	while (from < at &&
	       (t.p[from] == '.' || t.p[from] == '\'' || t.p[from] == '-' || t.p[from] == '!'))
		from++;
	while (to < t.len && to - at < 255 && is_domain_byte(t.p[to])) {
		if (t.p[to] == '.' && to + 1 < t.len && byte_is_word(t.p[to + 1]))
			dot = to;
		to++;
	}
	while (to > at + 1 && (t.p[to - 1] == '.' || t.p[to - 1] == '-'))
		to--;
	if (from == at || dot == SIZE_MAX || dot == at + 1 || to - dot < 3 ||
	    byte_is_digit(t.p[to - 1]))
		return at + 1;
	scan_hit(s, ED_REDACT_UPN, from, to);
	return to;
}

/* ---- SIDs ---- */

static size_t detect_sid(struct scan *s, size_t i)
{
	struct ed_str t = s->text;
	size_t to = i + 4;

	if (!ed_str_istarts(ed_str_slice(t, i, i + 4), ED_STR("S-1-")))
		return i;
	while (to < t.len && to - i < 200 && (byte_is_digit(t.p[to]) || t.p[to] == '-'))
		to++;
	while (to > i && t.p[to - 1] == '-')
		to--;
	if (is_account_sid(ed_str_slice(t, i, to)))
		scan_hit(s, ED_REDACT_SID, i, to);
	return to;
}

/* ---- profile folders ---- */

static bool ends_name(char c)
{
	return c == '\\' || c == '/' || (unsigned char)c < 0x20 || strchr("\"'<>|*?:;,()&%", c);
}

static bool is_shared_profile(struct ed_str name)
{
	return !name.len || is_stop_word(name) || name.p[0] == '%' || name.p[0] == '$';
}

static void note_short_profile(struct scan *s, struct ed_str name)
{
	size_t dot = name.len;

	while (dot && name.p[dot - 1] != '.' && !(name.p[dot - 1] >= 'a'))
		dot--;
	if (dot < 5 || dot == name.len || name.p[dot - 1] != '.')
		return;
	redactor_note(s->r, ED_REDACT_USER, ed_str_slice(name, 0, dot - 1));
	if (name.len - dot >= 3 && !byte_is_digit(name.p[dot]))
		redactor_note(s->r, ED_REDACT_DOMAIN, ed_str_slice(name, dot, name.len));
}

/* @i is the 'u' of "users" behind a separator. */
static size_t detect_profile(struct scan *s, size_t i)
{
	struct ed_str t = s->text;
	size_t from = i + 5, to, blank = SIZE_MAX;

	if (!i || (t.p[i - 1] != '\\' && t.p[i - 1] != '/') ||
	    !ed_str_istarts(ed_str_slice(t, i, i + 5), ED_STR("users")) || from >= t.len ||
	    (t.p[from] != '\\' && t.p[from] != '/'))
		return i;
	while (from < t.len && from - i < 16 && (t.p[from] == '\\' || t.p[from] == '/'))
		from++;
	for (to = from; to < t.len && to - from < NAME_MOST && !ends_name(t.p[to]); to++)
		if (t.p[to] == ' ' && blank == SIZE_MAX)
			blank = to;
	/* a blank belongs to the name only when the path goes on behind it */
	if (blank != SIZE_MAX && (to == t.len || (t.p[to] != '\\' && t.p[to] != '/')))
		to = blank;
	if (is_shared_profile(ed_str_slice(t, from, to)))
		return to;
	scan_hit(s, is_email(ed_str_slice(t, from, to)) ? ED_REDACT_UPN : ED_REDACT_USER, from, to);
	/* "adele.vance.CORP": the folder of an account whose name was taken */
	if (s->flags & SCAN_LEARN)
		note_short_profile(s, ed_str_slice(t, from, to));
	return to;
}

/* ---- numbers ---- */

#define RECOVERY_GROUPS 8
#define RECOVERY_SHORT 5    /* cut ones, when each group is right */
#define RECOVERY_HALF 4     /* with a hyphen or a blank alone between them */
#define RECOVERY_BETWEEN 16 /* a line's end, and the blanks of the next */
#define DIGITS_BETWEEN 32   /* with tags and entities */

struct groups {
	size_t count, end;
	bool right;     /* every group is what a recovery password may have */
	bool plain;     /* a hyphen, a blank or nothing between them */
	bool separated; /* something between them */
};

static struct groups take_groups(struct ed_str t, size_t i)
{
	struct groups g = { .right = true, .plain = true, .end = i };
	bool none = false, some = false;
	size_t gap = 0, last = i; /* between the last group and the next, if that is one */
	unsigned values[RECOVERY_GROUPS + 1];

	for (size_t at = i; g.count < RECOVERY_GROUPS + 1;) {
		unsigned value = 0;
		size_t n = 0;

		while (n < 6 && at + n < t.len && byte_is_digit(t.p[at + n]))
			value = value * 10 + (unsigned)(t.p[at + n++] - '0');
		if (n < 6)
			break;
		if (g.count) {
			none |= gap == 0;
			some |= gap > 0;
			g.plain &= gap == 0 || (gap == 1 && (t.p[last] == '-' || t.p[last] == ' '));
		}
		values[g.count++] = value;
		g.right &= recovery_group(value);
		at += 6;
		g.end = last = at;
		for (gap = 0; gap < RECOVERY_BETWEEN && at + gap < t.len; gap++)
			if (byte_is_word(t.p[at + gap]))
				break;
		at += gap;
	}
	g.separated = some && !none;
	g.right &= recovery_groups(values, g.count);
	/* six digits of a longer number are no group */
	if (none && some)
		g.right = g.plain = false;
	return g;
}

/* "=2D", "=E2=80=91": a mark as mail has it. "=20" alone may be the digits of something. */
static size_t mail_escape_end(struct ed_str t, size_t i)
{
	bool letter = false;

	while (t.len - i > 2 && t.p[i] == '=' && byte_is_hex(t.p[i + 1]) &&
	       byte_is_hex(t.p[i + 2]) &&
	       (letter || byte_is_alpha(t.p[i + 1]) || byte_is_alpha(t.p[i + 2]))) {
		letter = true;
		i += 3;
	}
	return i;
}

/* The next digit behind marks, tags and entities; SIZE_MAX: something else is there. */
static size_t next_digit(struct ed_str t, size_t i)
{
	size_t end = t.len - i > DIGITS_BETWEEN ? i + DIGITS_BETWEEN : t.len;

	while (i < end && !byte_is_word(t.p[i])) {
		char close = t.p[i] == '<' ? '>' : t.p[i] == '&' ? ';' : 0;
		const char *at = close ? memchr(t.p + i, close, end - i) : NULL;
		size_t mail = at ? i : mail_escape_end(t, i);

		i = at ? (size_t)(at - t.p) + 1 : mail > i ? mail : i + 1;
	}
	return i < t.len && byte_is_digit(t.p[i]) ? i : SIZE_MAX;
}

/*
 * The end of 48 digits from @i on that are right by sixes, wherever there is something between
 * them: a line may end within a group. At least six of them stand together. 0: they are not.
 */
static size_t digits_end(struct ed_str t, size_t i)
{
	unsigned values[RECOVERY_GROUPS], value = 0;
	size_t digits = 0, longest = 0;

	for (size_t row = i; digits < RECOVERY_GROUPS * 6;) {
		if (i == t.len || !byte_is_digit(t.p[i])) {
			i = row = next_digit(t, i);
			if (i == SIZE_MAX)
				return 0;
			continue;
		}
		value = value * 10 + (unsigned)(t.p[i++] - '0');
		longest = i - row > longest ? i - row : longest;
		if (++digits % 6)
			continue;
		if (!recovery_group(value))
			return 0;
		values[digits / 6 - 1] = value;
		value = 0;
	}
	if (longest < 6 || (i < t.len && byte_is_digit(t.p[i])))
		return 0;
	return recovery_groups(values, RECOVERY_GROUPS) ? i : 0;
}

static size_t detect_recovery(struct scan *s, size_t i)
{
	struct groups g = take_groups(s->text, i);
	bool ends = g.end == s->text.len || !byte_is_digit(s->text.p[g.end]);
	size_t least = g.plain ? RECOVERY_HALF : RECOVERY_SHORT, end;

	ends &= g.separated;
	end = ends && g.plain && g.count >= RECOVERY_GROUPS ? g.end : digits_end(s->text, i);
	if (!end && ends && g.right && g.count >= least)
		end = g.end;
	if (!end)
		return i;
	scan_hit(s, ED_REDACT_SECRET, i, end);
	return end;
}

size_t detect_number(struct scan *s, size_t i)
{
	struct ed_str t = s->text;
	size_t end = i;

	if (!byte_is_hex(t.p[i]))
		return i;
	/* the digits after a colon are inside of something that has begun before */
	if (i && t.p[i - 1] == ':' && i > 1 && byte_is_hex(t.p[i - 2]))
		goto digits;
	end = detect_mac(s, i);
	if (end == i && t.len - i > 4 && memchr(t.p + i, ':', 5))
		end = detect_ipv6(s, i);
	if (end != i)
		return end;
digits:
	if (!byte_is_digit(t.p[i]))
		return i;
	end = detect_recovery(s, i);
	return end != i ? end : detect_ipv4(s, i);
}

/* ---- keys as text ---- */

/* "-----BEGIN X PRIVATE KEY-----" to its end, or to where base64 ends. */
static size_t detect_pem(struct scan *s, size_t i)
{
	struct ed_str t = s->text;
	struct ed_str head = ed_str_slice(t, i, i + 64);
	enum ed_redact_kind kind = ED_REDACT_SECRET;
	size_t to, end;

	if (!ed_str_istarts(head, ED_STR("-----BEGIN ")))
		return i;
	if (ed_str_istarts(head, ED_STR("-----BEGIN CERTIFICATE-")))
		kind = ED_REDACT_CERTIFICATE;
	else if (ed_str_istarts(head, ED_STR("-----BEGIN PUBLIC KEY")))
		return i + 11;
	to = ed_str_find(t, ED_STR("-----END "), i);
	end = to == SIZE_MAX ? SIZE_MAX : ed_str_find(t, ED_STR("-----"), to + 9);
	if (end == SIZE_MAX)
		to = t.len; /* cut: all of the rest may belong to it */
	else
		to = end + 5;
	scan_hit(s, kind, i, to);
	return to;
}

/* ---- the pass ---- */

static size_t detect_at(struct scan *s, size_t i, bool word_start)
{
	char c = s->text.p[i];
	size_t end = i;

	if (word_start) {
		if ((c | 32) == 's')
			end = detect_sid(s, i);
		else if ((c | 32) == 'u')
			end = detect_profile(s, i);
		if (end == i && byte_is_hex(c))
			end = detect_number(s, i);
		if (end == i)
			end = detect_word(s, i);
		return end == i ? detect_identity_word(s, i) : end;
	}
	switch (c) {
	case '@':
		return detect_email(s, i);
	case '.':
		return detect_tenant_domain(s, i);
	case ':':
		if (i + 2 < s->text.len && s->text.p[i + 1] == ':' &&
		    byte_is_hex(s->text.p[i + 2]) && (!i || !byte_is_word(s->text.p[i - 1])))
			end = detect_ipv6(s, i);
		return end == i ? detect_label(s, i) : end;
	case '=':
	case '>':
		return detect_label(s, i);
	case '\\':
		return detect_server(s, i);
	case '-':
		end = detect_pem(s, i);
		return end == i ? detect_switch(s, i) : end;
	case '/':
		return detect_switch(s, i);
	default:
		return i;
	}
}

void detect_shapes(struct scan *s)
{
	struct ed_str t = s->text;
	bool word = false;

	for (size_t i = 0; i < t.len && s->r->status == ED_OK;) {
		bool now = byte_is_word(t.p[i]);
		size_t end;

		if (!now || !word)
			end = detect_at(s, i, now);
		else if (byte_is_digit(t.p[i]) && !byte_is_digit(t.p[i - 1]))
			/* a recovery password needs no blank in front, where "\n" was written out
			 */
			end = detect_recovery(s, i);
		else
			end = i;
		i = end > i ? end : i + 1;
		word = i && byte_is_word(t.p[i - 1]);
	}
}

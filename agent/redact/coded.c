/* SPDX-License-Identifier: MIT */
/*
 * Runs of letters and digits without blanks: tokens by their shape, and hex and base64, which are
 * decoded, looked into and encoded again when something in them was replaced.
 */
#include "redact_priv.h"

#include "espdiag/base/utf.h"

#define RUN_LEAST ((size_t)8)
#define BASE64_LEAST ((size_t)12)
#define BASE64_BINARY ((size_t)64) /* shorter ones are looked into only when they are text */
#define LINE_BASE64 ((size_t)60)   /* lines of that length continue */
#define KEY_LEAST ((size_t)24)     /* no key is shorter */
#define UNITS_LEAST 3
#define TEXT_LEAST 4

/* ---- bytes ---- */

void utf16_append(struct ed_buf *out, struct ed_str s)
{
	for (size_t i = 0; i < s.len;) {
		unsigned char b = (unsigned char)s.p[i];
		size_t n = b < 0x80 ? 1 : b < 0xE0 ? 2 : b < 0xF0 ? 3 : 4;
		uint32_t c = n == 1 ? b : b & (0x7Fu >> n);

		for (size_t k = 1; k < n; k++)
			c = c << 6 | (i + k < s.len ? (unsigned char)s.p[i + k] & 63u : 0);
		i += n;
		if (c >= 0x10000) {
			uint32_t high = 0xD800 + ((c - 0x10000) >> 10);

			ed_buf_addc(out, (char)(high & 255));
			ed_buf_addc(out, (char)(high >> 8));
			c = 0xDC00 + ((c - 0x10000) & 0x3FF);
		}
		ed_buf_addc(out, (char)(c & 255));
		ed_buf_addc(out, (char)(c >> 8 & 255));
	}
}

static bool printable(unsigned char c)
{
	return (c >= 0x20 && c < 0x7F) || c == '\t' || c == '\r' || c == '\n';
}

/* A unit at @i whose high byte is zero, or that lies past the end. */
static bool plain_unit(struct ed_str b, size_t i)
{
	return i + 1 >= b.len || (b.p[i + 1] == 0 && printable((unsigned char)b.p[i]));
}

/*
 * Bytes of UTF-16 text at @i; a last half unit counts, as of text that lies the other way round. A
 * letter or dash of another script counts between plain ones.
 */
static size_t wide_run(struct ed_str b, size_t i)
{
	size_t n = 0;

	while (i + n < b.len) {
		unsigned char low = (unsigned char)b.p[i + n];
		unsigned char high = i + n + 1 < b.len ? (unsigned char)b.p[i + n + 1] : 0;
		bool letter = high == 0 ? printable(low) || low >= 0xA0 : high <= 0x05 && n;

		if (!letter && n && (high & 0xF8) != 0xD8)
			letter = high && plain_unit(b, i + n - 2) && plain_unit(b, i + n + 2);
		if (!letter)
			break;
		n += i + n + 1 < b.len ? 2 : 1;
	}
	return n;
}

static size_t narrow_run(struct ed_str b, size_t i, bool utf8)
{
	size_t n = 0;

	while (i + n < b.len && (printable((unsigned char)b.p[i + n]) ||
				 (utf8 && (unsigned char)b.p[i + n] >= 0x80)))
		n++;
	return n;
}

static size_t wide_text(struct ed_redactor *r, struct ed_str run, unsigned flags, int depth,
			struct ed_buf *out)
{
	struct ed_buf text, clean;
	bool half = run.len % 2;
	size_t done = 0;

	ed_buf_init(&text, ED_LIMIT_MEMBER_BYTES);
	ed_buf_init(&clean, ED_LIMIT_MEMBER_BYTES);
	if (ed_buf_reserve(&text, ED_UTF8_MAX(run.len + 1))) {
		text.len = ed_utf8_from_utf16le(run.p, run.len - half, text.p, NULL);
		if (half)
			text.p[text.len++] = run.p[run.len - 1];
		done = redact_text(r, ed_buf_str(&text), flags, depth, &clean);
		if (done) {
			utf16_append(out, ed_buf_str(&clean));
			if (half && out->len)
				out->len--;
		} else if (!(flags & SCAN_LEARN)) {
			ed_buf_adds(out, run);
		}
	}
	if (text.status != ED_OK || clean.status != ED_OK)
		redactor_fail(r, text.status != ED_OK ? text.status : clean.status);
	ed_buf_release(&text);
	ed_buf_release(&clean);
	return done;
}

/* Units of two bytes the other way round, as far as they are text. */
static size_t turned_run(struct ed_str b, size_t i)
{
	size_t n = 0;

	while (i + n + 1 < b.len) {
		unsigned char high = (unsigned char)b.p[i + n];
		unsigned char low = (unsigned char)b.p[i + n + 1];
		bool next = i + n + 3 < b.len && !b.p[i + n + 2];

		/* what begins with the mark of the other order does not lie this way round */
		if (high ? !n || !next || (high & 0xF8) == 0xD8 || high >= 0xFE
			 : !printable(low) && low < 0xA0)
			break;
		n += 2;
	}
	return n;
}

static void turn(char *p, size_t n)
{
	for (size_t i = 0; i + 1 < n; i += 2) {
		char c = p[i];

		p[i] = p[i + 1];
		p[i + 1] = c;
	}
}

static size_t turned_text(struct ed_redactor *r, struct ed_str run, unsigned flags, int depth,
			  struct ed_buf *out)
{
	struct ed_buf turned;
	size_t done = 0, before = out->len;

	ed_buf_init(&turned, ED_LIMIT_MEMBER_BYTES);
	ed_buf_adds(&turned, run);
	if (turned.status != ED_OK) {
		redactor_fail(r, turned.status);
	} else {
		turn(turned.p, turned.len);
		done = wide_text(r, ed_buf_str(&turned), flags, depth, out);
		if (out->len > before)
			turn(out->p + before, out->len - before);
	}
	ed_buf_release(&turned);
	return done;
}

enum bytes_kind bytes_part(struct ed_str b, size_t i, bool utf8, size_t *n)
{
	*n = wide_run(b, i);
	if (*n / 2 >= UNITS_LEAST)
		return BYTES_WIDE;
	*n = b.p[i] ? 0 : turned_run(b, i);
	if (*n / 2 >= UNITS_LEAST)
		return BYTES_TURNED;
	*n = narrow_run(b, i, utf8);
	if (*n >= TEXT_LEAST)
		return BYTES_NARROW;
	*n = *n ? *n : 1;
	return BYTES_NONE;
}

/* The text or the bytes that are none at @i. Returns where to go on. */
static size_t redact_part(struct ed_redactor *r, struct ed_str b, size_t i, unsigned flags,
			  int depth, struct ed_buf *out, size_t *done)
{
	bool utf8 = !(flags & SCAN_BINARY);
	size_t n = redact_binary_at(r, b, i, flags, out);
	struct ed_str part;

	if (n) {
		*done += !(flags & SCAN_LEARN);
		return i + n;
	}
	switch (bytes_part(b, i, utf8, &n)) {
	case BYTES_WIDE:
		part = ed_str_slice(b, i, i + n);
		*done += wide_text(r, part, flags & ~(unsigned)SCAN_BINARY, depth, out);
		break;
	case BYTES_TURNED:
		part = ed_str_slice(b, i, i + n);
		*done += turned_text(r, part, flags & ~(unsigned)SCAN_BINARY, depth, out);
		break;
	case BYTES_NARROW:
		*done += redact_text(r, ed_str_slice(b, i, i + n), flags, depth, out);
		break;
	case BYTES_NONE:
		if (!(flags & SCAN_LEARN))
			ed_buf_add(out, b.p + i, n);
		break;
	}
	return i + n;
}

size_t redact_bytes(struct ed_redactor *r, struct ed_str b, unsigned flags, int depth,
		    struct ed_buf *out)
{
	size_t done = 0, i = 0;

	if (b.len && is_private_key((const unsigned char *)b.p, b.len)) {
		if (!(flags & SCAN_LEARN)) {
			ed_buf_addz(out, REDACT_SECRET_TEXT);
			r->counts[ED_REDACT_SECRET]++;
		}
		return 1;
	}
	if (!ed_utf8_valid(b))
		flags |= SCAN_BINARY;
	while (i < b.len && depth < REDACT_SCAN_DEPTH)
		i = redact_part(r, b, i, flags, depth, out, &done);
	return done;
}

/* ---- runs ---- */

static bool is_run_byte(char c)
{
	return byte_is(c, BYTE_RUN);
}

static bool mostly_text(struct ed_str b)
{
	size_t good = 0;

	for (size_t i = 0; i < b.len; i++) {
		unsigned char c = (unsigned char)b.p[i];

		good += printable(c) || (!c && (i % 2 || i == 0));
	}
	return good * 10 >= b.len * 9;
}

int base64_value(char c)
{
	/* one more than the value; 0: none */
	static const unsigned char values[128] = {
		0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,
		0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,
		0,  0,  0,  0,  0,  63, 0,  63, 0,  64, 53, 54, 55, 56, 57, 58, 59, 60, 61,
		62, 0,  0,  0,  0,  0,  0,  0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,
		12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 0,  0,  0,  0,
		64, 0,  27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
		44, 45, 46, 47, 48, 49, 50, 51, 52, 0,  0,  0,  0,  0,
	};

	return (unsigned char)c < sizeof(values) ? values[(unsigned char)c] - 1 : -1;
}

/* Decodes what of @run is base64; line ends are passed over. */
static void base64_decode(struct ed_str run, struct ed_buf *out)
{
	struct base64 b = { 0, 0 };

	for (size_t i = 0; i < run.len; i++) {
		unsigned char c;

		if (base64_take(&b, run.p[i], &c))
			ed_buf_addc(out, (char)c);
	}
}

static void base64_encode(struct ed_str bytes, bool url, bool pad, struct ed_buf *out)
{
	const char *digits =
		url ? "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
		    : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < bytes.len; i += 3) {
		size_t n = bytes.len - i < 3 ? bytes.len - i : 3;
		uint32_t v = (uint32_t)(unsigned char)bytes.p[i] << 16;

		if (n > 1)
			v |= (uint32_t)(unsigned char)bytes.p[i + 1] << 8;
		if (n > 2)
			v |= (unsigned char)bytes.p[i + 2];
		for (size_t k = 0; k < 4; k++) {
			if (k <= n)
				ed_buf_addc(out, digits[v >> (18 - 6 * k) & 63]);
			else if (pad)
				ed_buf_addc(out, '=');
		}
	}
}

/*
 * Decoded bytes, redacted into @out. What was replaced in them counts once, as the kind returned;
 * ED_REDACT_KINDS: nothing was.
 */
static enum ed_redact_kind redact_inner(struct scan *s, struct ed_str bytes, struct ed_buf *out)
{
	uint64_t before[ED_REDACT_KINDS];
	enum ed_redact_kind kind = ED_REDACT_SECRET;

	memcpy(before, s->r->counts, sizeof(before));
	ed_buf_clear(out);
	redact_bytes(s->r, bytes, s->flags & (SCAN_LEARN | SCAN_SECRETS), s->depth + 1, out);
	while (kind < ED_REDACT_KINDS && s->r->counts[kind] == before[kind])
		kind++;
	memcpy(s->r->counts, before, sizeof(before));
	if (out->status != ED_OK)
		redactor_fail(s->r, out->status);
	return kind;
}

static bool try_base64(struct scan *s, size_t from, size_t to)
{
	struct scratch *h = s->scratch;
	struct ed_str run = ed_str_slice(s->text, from, to), bytes;
	enum ed_redact_kind kind;
	struct ed_buf coded;
	bool url = memchr(run.p, '-', run.len) || memchr(run.p, '_', run.len);

	ed_buf_clear(&h->bytes);
	base64_decode(run, &h->bytes);
	bytes = ed_buf_str(&h->bytes);
	if (!bytes.len)
		return false;
	if (is_private_key((const unsigned char *)bytes.p, bytes.len)) {
		scan_hit(s, ED_REDACT_SECRET, from, to);
		return true;
	}
	if (is_certificate((const unsigned char *)bytes.p, bytes.len)) {
		scan_hit(s, ED_REDACT_CERTIFICATE, from, to);
		return true;
	}
	if (run.len < BASE64_BINARY && !mostly_text(bytes))
		return false;
	kind = redact_inner(s, bytes, &h->run);
	if (kind == ED_REDACT_KINDS || (s->flags & SCAN_LEARN))
		return false;
	ed_buf_init(&coded, ED_LIMIT_MEMBER_BYTES);
	base64_encode(ed_buf_str(&h->run), url, run.p[run.len - 1] == '=', &coded);
	if (coded.status != ED_OK)
		redactor_fail(s->r, coded.status);
	scan_replace(s, kind, from, to, ed_buf_str(&coded));
	ed_buf_release(&coded);
	return true;
}

void hex_encode(struct ed_str bytes, bool upper, char between, struct ed_buf *out)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";

	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char c = (unsigned char)bytes.p[i];

		if (i && between)
			ed_buf_addc(out, between);
		ed_buf_addc(out, digits[c >> 4]);
		ed_buf_addc(out, digits[c & 15]);
	}
}

/* Pairs of hex digits of [from, to), with or without one byte between them. */
static void try_hex(struct scan *s, size_t from, size_t to, char between)
{
	struct scratch *h = s->scratch;
	enum ed_redact_kind kind;
	struct ed_buf coded;
	bool upper = false;

	ed_buf_clear(&h->bytes);
	for (size_t i = from; i + 1 < to; i += between ? 3 : 2) {
		char a = s->text.p[i], b = s->text.p[i + 1];

		upper |= (a >= 'A' && a <= 'F') || (b >= 'A' && b <= 'F');
		ed_buf_addc(&h->bytes, (char)(byte_hex(a) << 4 | byte_hex(b)));
	}
	kind = redact_inner(s, ed_buf_str(&h->bytes), &h->run);
	if (kind == ED_REDACT_KINDS || (s->flags & SCAN_LEARN))
		return;
	ed_buf_init(&coded, ED_LIMIT_MEMBER_BYTES);
	hex_encode(ed_buf_str(&h->run), upper, between, &coded);
	if (coded.status != ED_OK)
		redactor_fail(s->r, coded.status);
	scan_replace(s, kind, from, to, ed_buf_str(&coded));
	ed_buf_release(&coded);
}

/*
 * "4A-00-61-00", "4a 00 61 00", "4A,00": at least eight pairs with the same byte between them.
 * Returns their end, or @i.
 */
static size_t separated_end(struct ed_str t, size_t i)
{
	size_t pairs = 0, at = i;
	char between;

	if (t.len - i < 23 || !byte_is_hex(t.p[i]) || !byte_is_hex(t.p[i + 1]))
		return i;
	between = t.p[i + 2];
	if (between != ' ' && between != '-' && between != ',' && between != ':')
		return i;
	while (at + 1 < t.len && byte_is_hex(t.p[at]) && byte_is_hex(t.p[at + 1])) {
		pairs++;
		at += 2;
		if (at >= t.len || t.p[at] != between)
			break;
		at++;
	}
	/* two digits that begin a longer word are no pair, those before them are */
	pairs -= pairs && at < t.len && t.p[at - 1] != between && byte_is_word(t.p[at]);
	return pairs < 8 ? i : i + 3 * pairs - 1;
}

static size_t separated_hex(struct scan *s, size_t i)
{
	size_t end = separated_end(s->text, i);

	if (end != i)
		try_hex(s, i, end, s->text.p[i + 2]);
	return end;
}

static bool is_hardware_hash(struct ed_str run)
{
	return run.len >= 200 && ed_str_starts(run, ED_STR("T0"));
}

/* Where a token may begin inside a run: "sig=eyJ…", "a/eyJ…", and right behind a letter. */
static bool token_within(struct scan *s, size_t from, size_t *to)
{
	struct ed_str run = ed_str_slice(s->text, from, *to);
	size_t jwt = ed_str_find(run, ED_STR("eyJ"), 0);

	if (is_token_run(run))
		jwt = 0;
	else if (jwt == SIZE_MAX || !jwt || byte_is_word(run.p[jwt - 1]) ||
		 !is_token_run(ed_str_slice(run, jwt, run.len)))
		jwt = jwt == SIZE_MAX ? jwt : find_jwt(run);
	if (jwt == SIZE_MAX)
		return false;
	*to = folded_end(s->text, from + jwt, *to);
	scan_hit(s, ED_REDACT_SECRET, from + jwt, *to);
	return true;
}

static bool is_base64_byte(char c, bool url)
{
	return is_base64_either(c) && (byte_is_word(c) || (c == '-' || c == '_') == url);
}

/* Base64 from @i on, of either alphabet; whole lines of it continue on the next. */
static size_t base64_end(struct ed_str t, size_t i, bool url)
{
	size_t line = i, at = i;

	for (;;) {
		while (at < t.len && is_base64_byte(t.p[at], url))
			at++;
		if (at - line < LINE_BASE64 || at + 1 >= t.len)
			break;
		if (t.p[at] == '\r' && t.p[at + 1] == '\n' && at + 2 < t.len &&
		    is_base64_byte(t.p[at + 2], url))
			at += 2;
		else if (t.p[at] == '\n' && is_base64_byte(t.p[at + 1], url))
			at++;
		else
			break;
		line = at;
	}
	for (size_t pad = 0; pad < 2 && at < t.len && t.p[at] == '='; pad++)
		at++;
	return at;
}

/* The part of a run from @i on that is base64 as a whole. Returns where to go on. */
static size_t look_base64(struct scan *s, size_t i)
{
	size_t plain = base64_end(s->text, i, false);
	size_t url = base64_end(s->text, i, true);
	size_t to = plain > url ? plain : url;

	if (to - i < BASE64_LEAST)
		return to;
	if (is_hardware_hash(ed_str_slice(s->text, i, to))) {
		scan_hit(s, ED_REDACT_HARDWARE, i, to);
		detect_hash_row(s, i);
		return to;
	}
	if (!try_base64(s, i, to) && plain != url &&
	    (plain > url ? url : plain) - i >= BASE64_LEAST)
		try_base64(s, i, plain > url ? url : plain);
	return to;
}

static size_t hex_end(struct ed_str t, size_t i)
{
	while (i < t.len && byte_is_hex(t.p[i]))
		i++;
	return i;
}

/* Base64 of text in UTF-16 with its mark of order: FF FE or FE FF. No other text begins so. */
static bool is_marked_base64(struct ed_str t, size_t i)
{
	bool first = t.p[i] == '/' || t.p[i] == '_';

	/* the digits 4 to 7 begin letters in hex, too */
	if (!first || t.len - i < BASE64_LEAST || hex_end(t, i + 2) - (i + 2) >= RUN_LEAST)
		return false;
	return t.p[i + 1] == t.p[i]
		       ? t.p[i + 2] >= '4' && t.p[i + 2] <= '7'
		       : t.p[i + 1] == 'v' && (t.p[i + 2] == '8' || t.p[i + 2] == '9' ||
					       !byte_is_word(t.p[i + 2]));
}

/* Returns where it ended: base64 may go on over lines. */
static size_t look_run(struct scan *s, size_t from, size_t to)
{
	struct ed_str run = ed_str_slice(s->text, from, to);
	size_t i = from;

	if (is_guid(run) || token_within(s, from, &to))
		return to;
	while (i < to) {
		size_t hex = hex_end(s->text, i), end;

		if (i + 1 < to && s->text.p[i] == '0' && (s->text.p[i + 1] | 32) == 'x') {
			i += 2;
			continue;
		}
		if (!byte_is_word(s->text.p[i]) && !is_marked_base64(s->text, i)) {
			i++;
			continue;
		}
		if (hex - i >= RUN_LEAST && (hex - i) % 2 == 0 &&
		    (hex == s->text.len || !byte_is_word(s->text.p[hex]))) {
			try_hex(s, i, hex, 0);
			i = hex;
			continue;
		}
		end = look_base64(s, i);
		i = end > i ? end : i + 1;
	}
	return i;
}

void detect_runs(struct scan *s)
{
	struct ed_str t = s->text;

	if (s->depth + 1 >= REDACT_SCAN_DEPTH)
		return;
	for (size_t i = 0; i < t.len && s->r->status == ED_OK;) {
		size_t end = i, hex;

		if (!is_run_byte(t.p[i])) {
			i++;
			continue;
		}
		hex = separated_hex(s, i);
		if (hex != i) {
			i = hex;
			continue;
		}
		while (end < t.len && is_run_byte(t.p[end]))
			end++;
		i = end - i >= RUN_LEAST ? look_run(s, i, end) : end;
	}
}

/* ---- the same in doubt ---- */

static bool hex_doubt(const struct doubt *d, struct ed_str t, size_t from, size_t to, size_t step,
		      unsigned depth)
{
	char bytes[128];
	size_t n = 0;

	for (size_t i = from; i + 1 < to; i += step) {
		if (n == sizeof(bytes))
			return true;
		bytes[n++] = (char)(byte_hex(t.p[i]) << 4 | byte_hex(t.p[i + 1]));
	}
	return bytes_doubt(d, (struct ed_str){ bytes, n }, depth);
}

/* What is long enough to be looked into whatever it is. */
static bool long_base64_doubt(const struct doubt *d, struct ed_str t, size_t from, size_t to,
			      unsigned depth)
{
	char bytes[384];
	size_t n = 0;
	struct base64 b = { 0, 0 };

	for (size_t i = from; i < to; i++) {
		unsigned char c;

		if (!base64_take(&b, t.p[i], &c))
			continue;
		if (n == sizeof(bytes))
			return true;
		bytes[n++] = (char)c;
	}
	return bytes_doubt(d, (struct ed_str){ bytes, n }, depth);
}

/* Of what is_private_key() knows. */
static bool is_key_start(unsigned char c)
{
	return c == 1 || c == 7 || c == 0x30 || c == 'R' || c == 'E';
}

bool base64_doubt(const struct doubt *d, struct ed_str t, size_t from, size_t to, unsigned depth)
{
	unsigned char bytes[BASE64_BINARY];
	size_t n = 0, most = (to - from) / 4 * 3 + 2, bad = 0;
	struct base64 b = { 0, 0 };

	if (to - from >= BASE64_BINARY)
		return long_base64_doubt(d, t, from, to, depth);
	for (size_t i = from; i < to; i++) {
		if (!base64_take(&b, t.p[i], bytes + n))
			continue;
		bad += !printable(bytes[n]) && !(!bytes[n] && (n % 2 || n == 0));
		n++;
		if (bad * 10 > most && (most < KEY_LEAST || !is_key_start(bytes[0])))
			return false;
	}
	return bad * 10 <= n || (n && is_private_key(bytes, n));
}

bool padding_doubt(const struct doubt *d, struct ed_str t, size_t at, unsigned depth)
{
	size_t from = at, pads = at + 1 < t.len && t.p[at + 1] == '=' ? 2 : 1;

	while (from && at - from < BASE64_LEAST && is_base64_either(t.p[from - 1]))
		from--;
	/* a longer row is asked about without it */
	if (at - from == BASE64_LEAST || at - from + pads < BASE64_LEAST)
		return false;
	return base64_doubt(d, t, from, at, depth) ||
	       (at - from + pads > BASE64_LEAST && base64_doubt(d, t, from + 1, at, depth));
}

bool is_line_end(struct ed_str t, size_t i)
{
	return i && t.p[i - 1] == '\\' && (t.p[i] == 'n' || t.p[i] == 'r' || t.p[i] == 't');
}

/* @mixed: letters and digits alone are the same in both alphabets. */
static bool row_doubt(const struct doubt *d, struct ed_str t, size_t from, size_t to, bool mixed,
		      unsigned depth)
{
	for (size_t i = from; i < to;) {
		size_t hex = hex_end(t, i), plain, url, end;

		if (i + 1 < to && t.p[i] == '0' && (t.p[i + 1] | 32) == 'x') {
			i += 2;
			continue;
		}
		if (!byte_is_word(t.p[i]) && !is_marked_base64(t, i)) {
			i++;
			continue;
		}
		if (hex - i >= RUN_LEAST && (hex - i) % 2 == 0 &&
		    (hex == t.len || !byte_is_word(t.p[hex]))) {
			if (hex_doubt(d, t, i, hex, 2, depth))
				return true;
			i = hex;
			continue;
		}
		plain = base64_end(t, i, false);
		url = mixed ? base64_end(t, i, true) : plain;
		end = plain > url ? plain : url;
		if ((plain - i >= BASE64_LEAST && base64_doubt(d, t, i, plain, depth)) ||
		    (url - i >= BASE64_LEAST && url != plain && base64_doubt(d, t, i, url, depth)))
			return true;
		i = end > i ? end : i + 1;
	}
	return false;
}

bool code_doubt(const struct doubt *d, struct ed_str t, size_t at, unsigned depth)
{
	size_t from = at, to = at;
	bool mixed = false;

	while (from && is_base64_either(t.p[from - 1]))
		mixed |= !byte_is_word(t.p[--from]);
	while (to < t.len && is_base64_either(t.p[to]))
		mixed |= !byte_is_word(t.p[to++]);
	if (is_guid(ed_str_slice(t, from, to)) && !(from && is_run_byte(t.p[from - 1])) &&
	    !(to < t.len && is_run_byte(t.p[to])))
		return false;
	return row_doubt(d, t, from, to, mixed, depth) ||
	       (is_line_end(t, from) && row_doubt(d, t, from + 1, to, mixed, depth));
}

bool pairs_doubt(const struct doubt *d, struct ed_str t, size_t at)
{
	size_t end = separated_end(t, at);

	return end != at && hex_doubt(d, t, at, end, 3, 0);
}

/* Of the rows of is_token_run() but a JWT, which is found elsewhere. */
static bool is_token_start(char c)
{
	return c == '0' || c == '1' || c == 'A' || c == 'O' || c == 'M';
}

bool token_doubt(struct ed_str t, size_t at)
{
	size_t from = at, to = at;

	while (from && is_run_byte(t.p[from - 1]))
		from--;
	if (!is_token_start(t.p[from]) && !is_line_end(t, from))
		return false;
	while (to < t.len && is_run_byte(t.p[to]))
		to++;
	return is_token_run(ed_str_slice(t, from, to)) ||
	       (is_line_end(t, from) && is_token_run(ed_str_slice(t, from + 1, to)));
}

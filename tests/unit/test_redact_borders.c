/* SPDX-License-Identifier: MIT */
/*
 * agent/redact: a log is redacted in blocks, and no secret is lost where one ends and the next
 * begins. Each kind of secret in each encoding, placed at every offset around the border, must come
 * out as it does from a text of three lines; and from values, which have no blocks, not at all.
 * Neither must one that is spread over values, or stands where its form has none.
 * ED_EVERY_OFFSET=1 takes the minutes that each offset of each encoding needs.
 */
#include "espdiag/base/escape.h"
#include "espdiag/base/limits.h"
#include "espdiag/redact/redact.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK ((size_t)8 * ED_KIB) /* of agent/redact/form_text.c */
#define VIEW ((size_t)1 * ED_KIB)  /* what it sees behind */
#define WRAP ((size_t)64)          /* of base64 */
#define REST ((size_t)12)          /* of a secret's middle: that much of it is too much */
#define SOME ((size_t)397)         /* what is in one line cannot be cut: not each offset */
#define FEW ((size_t)79)           /* encoded lines are long, and end where the line does */
#define EACH ((size_t)5)           /* no line is shorter */

#define LINE "[2026-09-14 10:02:03 a line\n" /* that no base64 goes on in */
#define PASS "correct.horse.battery.staple.17.correct.horse.battery.staple.18.correct.horse.19"
#define TOKEN "Qw3rTyUiOpAsDfGhJkLzXcVbNm1234567890QwErTyUiOpAsDfGh"
#define PART "aB3" TOKEN "4"

static const unsigned char key_one[ED_REDACT_KEY_BYTES] = "a key of bytes for the tests";

static const char *const secrets[] = {
	/* recovery passwords */
	"Key: 123453-234564-345675-456786-"
	"567897-111111-222222-333333 end",
	"Key:\n  123453-234564-345675-456786-\n  567897-111111-222222-333333\nend",
	"Key\n123453\n234564\n345675\n456786\n567897\n111111\n222222\n333333\nend",
	"Key\r\n123453 -\r\n234564 -\r\n345675 -\r\n456786 -\r\n567897 -\r\n111111 -\r\n222222 "
	"-\r\n333333\r\nend",
	"Key\n  123453\n  234564\n  345675\n  456786\n    567897\n  111111\n  222222\n  "
	"333333\nend",
	/* tokens */
	"got eyJ" TOKEN "." TOKEN "." TOKEN " end",
	"got eyJ" TOKEN ".\n " PART PART "\n " PART PART "\n " PART "\nend",
	"Authorization: Bearer " TOKEN "\nend",
	"Authorization: Bearer " PART "\n " PART "\n " PART "\n " PART "\nend",
	"Authorization:\r\n  Bearer " TOKEN "\r\nend",
	"{\"id_token\":\n  \"" TOKEN "\"\n}",
	"stored 0.A" TOKEN TOKEN " end",
	"https://x/a?sv=2020-08-04&sig=" TOKEN "%3D&se=1 end",
	"https://x/callback?code=0." TOKEN "&state=1 end",
	/* keys */
	"key MIIEvQIBADANBgkqhkiG9w0BAQEFAASC" TOKEN TOKEN " end",
	"-----BEGIN PRIVATE KEY-----\n" PART "\n" PART "\n" PART "\n" PART "\n" PART "\n" PART
	"\n-----END PRIVATE KEY-----",
	/* passwords */
	"password = " PASS " end",
	"<Password>\n  <Value>" PASS "</Value>\n</Password>",
	"<Password Type=\"x\">\n  " PASS "\n</Password>",
	"tool -u someone\n  -p " PASS,
	"net use Z: \\\\srv\\share " PASS " /user:x",
};

/* ---- encodings ---- */

/* Each as at least @digits hex digits, with something around them. */
static void each_byte(struct ed_buf *out, struct ed_str s, const char *before, int digits,
		      const char *after)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned c = (unsigned char)s.p[i];

		/* a line of a log ends where it does */
		if (c == '\n' || c == '\r')
			ed_buf_addc(out, s.p[i]);
		else
			ed_buf_printf(out, "%s%0*X%s", before, digits, c, after);
	}
}

static void plain(struct ed_buf *out, struct ed_str s)
{
	ed_buf_adds(out, s);
}

static void xml_numeric(struct ed_buf *out, struct ed_str s)
{
	each_byte(out, s, "&#x", 1, ";");
}

static void json_unicode(struct ed_buf *out, struct ed_str s)
{
	each_byte(out, s, "\\u", 4, "");
}

static void percent(struct ed_buf *out, struct ed_str s)
{
	each_byte(out, s, "%", 2, "");
}

static void percent_twice(struct ed_buf *out, struct ed_str s)
{
	each_byte(out, s, "%25", 2, "");
}

static void json(struct ed_buf *out, struct ed_str s)
{
	ed_buf_escape(out, s, ED_ESCAPE_JSON);
}

static void percent_all(struct ed_buf *out, struct ed_str s)
{
	for (size_t i = 0; i < s.len; i++)
		ed_buf_printf(out, "%%%02X", (unsigned)(unsigned char)s.p[i]);
}

/* @units: bytes a letter; @low: which of them holds it. */
static void put_hex(struct ed_buf *out, struct ed_str s, size_t units, size_t low,
		    const char *joint)
{
	for (size_t i = 0; i < s.len * units; i++)
		ed_buf_printf(out, "%s%02X", i ? joint : "",
			      i % units == low ? (unsigned)(unsigned char)s.p[i / units] : 0);
}

static void hex(struct ed_buf *out, struct ed_str s)
{
	put_hex(out, s, 1, 0, "");
}

static void hex_wide(struct ed_buf *out, struct ed_str s)
{
	put_hex(out, s, 2, 0, "");
}

static void hex_turned(struct ed_buf *out, struct ed_str s)
{
	put_hex(out, s, 2, 1, "");
}

static void hex_dashes(struct ed_buf *out, struct ed_str s)
{
	put_hex(out, s, 1, 0, "-");
}

static void hex_commas(struct ed_buf *out, struct ed_str s)
{
	put_hex(out, s, 2, 0, ",");
}

static void put_base64(struct ed_buf *out, struct ed_str s, size_t units, size_t wrap)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t n = s.len * units, put = 0;

	for (size_t i = 0; i < n; i += 3) {
		uint32_t v = 0;

		for (size_t k = i; k < i + 3; k++)
			v = v << 8 | (k < n && k % units == 0 ? (unsigned char)s.p[k / units] : 0u);
		for (size_t k = 0; k < 4; k++, put++) {
			if (wrap && put && put % wrap == 0)
				ed_buf_addc(out, '\n');
			ed_buf_addc(out, i + k <= n ? digits[v >> (18 - 6 * k) & 63] : '=');
		}
	}
}

static void base64(struct ed_buf *out, struct ed_str s)
{
	put_base64(out, s, 1, 0);
}

static void base64_wide(struct ed_buf *out, struct ed_str s)
{
	put_base64(out, s, 2, 0);
}

static void base64_lines(struct ed_buf *out, struct ed_str s)
{
	put_base64(out, s, 1, WRAP);
}

static void base64_wide_lines(struct ed_buf *out, struct ed_str s)
{
	put_base64(out, s, 2, WRAP);
}

/* In lines of which none is a multiple of four. */
static void base64_odd_lines(struct ed_buf *out, struct ed_str s)
{
	put_base64(out, s, 2, WRAP + 1);
}

static void (*const encodings[])(struct ed_buf *out, struct ed_str s) = {
	plain,       xml_numeric, json_unicode, percent,           percent_twice,    json,
	percent_all, hex,         hex_wide,     hex_turned,        hex_dashes,       hex_commas,
	base64,      base64_wide, base64_lines, base64_wide_lines, base64_odd_lines,
};

/* ---- texts ---- */

/* Returns the replacements. */
static uint64_t redact(enum ed_form form, struct ed_str text, struct ed_buf *out)
{
	struct ed_redactor *r = NULL;
	uint64_t count = 0;

	ck_assert_int_eq(ed_redactor_new(ED_REDACT_NONE, key_one, &r, NULL), ED_OK);
	ed_buf_clear(out);
	ck_assert_int_eq(ed_redact(r, form, text, out, &count, NULL), ED_OK);
	ed_redactor_free(r);
	return count;
}

/* Lines of exactly that length in all. */
static void fill(struct ed_buf *out, size_t len)
{
	const struct ed_str line = ED_STR(LINE);

	for (; len >= 2 * line.len; len -= line.len)
		ed_buf_adds(out, line);
	for (; len > 1; len--)
		ed_buf_addc(out, '.');
	if (len)
		ed_buf_addc(out, '\n');
}

/* The middle of @hidden, @times as long as the secret, is nowhere in @out but for a few letters. */
static bool is_gone(struct ed_str out, struct ed_str hidden, size_t times)
{
	size_t rest = REST * times;

	for (size_t i = hidden.len / 3; i + rest < hidden.len / 3 * 2; i++)
		if (ed_str_find(out, ed_str_slice(hidden, i, i + rest), 0) != SIZE_MAX)
			return false;
	return true;
}

struct place {
	struct ed_buf text, out, want, small;
	struct ed_str secret; /* encoded, with the end of its line */
	size_t small_from;    /* of what has become of it, in small */
	size_t small_len;
};

/* @secret begins at @at of a log: it must have become what it does in a text of three lines. */
static void check_at(struct place *p, size_t at)
{
	struct ed_str became = { p->small.p + p->small_from, p->small_len };

	ed_buf_clear(&p->text);
	ed_buf_clear(&p->want);
	fill(&p->text, at);
	ed_buf_adds(&p->want, ed_buf_str(&p->text));
	ed_buf_adds(&p->text, p->secret);
	ed_buf_adds(&p->want, became);
	for (int i = 0; i < 4; i++) {
		ed_buf_addz(&p->text, LINE);
		ed_buf_addz(&p->want, LINE);
	}
	redact(ED_FORM_TEXT, ed_buf_str(&p->text), &p->out);
	if (!ed_str_eq(ed_buf_str(&p->out), ed_buf_str(&p->want)))
		ck_abort_msg("at %zu: %.*s\nbecame %s\nnot %.*s", at, ED_FMT(p->secret),
			     p->out.p + (at > 60 ? at - 60 : 0), ED_FMT(became));
}

static void prepare(struct place *p, struct ed_str encoded, size_t times)
{
	size_t before = strlen(LINE);

	ed_buf_clear(&p->text);
	ed_buf_addz(&p->text, LINE);
	ed_buf_adds(&p->text, encoded);
	ed_buf_addz(&p->text, "\n" LINE);
	redact(ED_FORM_TEXT, ed_buf_str(&p->text), &p->small);
	ck_assert_uint_gt(p->small.len, 2 * before);
	p->small_from = before;
	p->small_len = p->small.len - 2 * before;
	ck_assert_msg(is_gone(ed_buf_str(&p->small), encoded, times), "%.*s",
		      ED_FMT(ed_buf_str(&p->small)));
}

static void check_borders(struct place *p, size_t step)
{
	size_t len = p->secret.len, from = BLOCK > len + 80 ? BLOCK - len - 80 : 0;

	for (size_t at = from; at < BLOCK + 2; at += step)
		check_at(p, at);
	/* the end of what is in view behind the block */
	for (size_t at = BLOCK + VIEW - (len < VIEW ? len : VIEW); at < BLOCK + VIEW + 60;
	     at += SOME)
		check_at(p, at);
}

static void place_init(struct place *p)
{
	*p = (struct place){ .small_from = 0 };
	ed_buf_init(&p->text, ED_MIB);
	ed_buf_init(&p->out, ED_MIB);
	ed_buf_init(&p->want, ED_MIB);
	ed_buf_init(&p->small, ED_MIB);
}

static void place_release(struct place *p)
{
	ed_buf_release(&p->text);
	ed_buf_release(&p->out);
	ed_buf_release(&p->want);
	ed_buf_release(&p->small);
}

START_TEST(no_border_is_a_hole)
{
	struct ed_str secret = ed_str_from(secrets[_i]);
	struct ed_buf encoded;
	struct place p;

	place_init(&p);
	ed_buf_init(&encoded, ED_MIB);
	for (size_t e = 0; e < ED_COUNT(encodings); e++) {
		bool lines;

		ed_buf_clear(&encoded);
		encodings[e](&encoded, secret);
		prepare(&p, ed_buf_str(&encoded), encoded.len / secret.len);
		lines = memchr(encoded.p, '\n', encoded.len) != NULL;
		ed_buf_addc(&encoded, '\n');
		p.secret = ed_buf_str(&encoded);
		check_borders(&p, getenv("ED_EVERY_OFFSET") ? 1 : !lines ? SOME : e ? FEW : EACH);
	}
	ed_buf_release(&encoded);
	place_release(&p);
}
END_TEST

/* ---- values ---- */

static void put_reg(struct ed_buf *out, struct ed_str value)
{
	ed_buf_addz(out,
		    "Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\X]\n\"V\"=\"");
	for (size_t i = 0; i < value.len; i++) {
		if (value.p[i] == '"' || value.p[i] == '\\')
			ed_buf_addc(out, '\\');
		ed_buf_addc(out, value.p[i]);
	}
	ed_buf_addz(out, "\"\n");
}

static void put_reg_hex(struct ed_buf *out, struct ed_str value)
{
	ed_buf_addz(out, "Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\X]\n\"V\"="
			 "hex(1):");
	put_hex(out, value, 2, 0, ",");
	ed_buf_addz(out, ",00,00\n");
}

static void put_event(struct ed_buf *out, struct ed_str value)
{
	ed_buf_addz(out, "<Events><Event xmlns='http://schemas.microsoft.com/win/2004/08/events/"
			 "event'><System><EventID>1</EventID></System><EventData><Data>");
	ed_buf_escape(out, value, ED_ESCAPE_XML_TEXT);
	ed_buf_addz(out, "</Data></EventData></Event></Events>");
}

static void put_json(struct ed_buf *out, struct ed_str value)
{
	ed_buf_addz(out, "{\"rows\":[{\"name\":\"n\",\"value\":\"");
	ed_buf_escape(out, value, ED_ESCAPE_JSON);
	ed_buf_addz(out, "\"}]}");
}

static const struct {
	enum ed_form form;
	void (*put)(struct ed_buf *out, struct ed_str value);
} forms[] = {
	{ ED_FORM_REG, put_reg },
	{ ED_FORM_REG, put_reg_hex },
	{ ED_FORM_EVENTS, put_event },
	{ ED_FORM_STATE, put_json },
};

START_TEST(no_value_is_a_hole)
{
	struct ed_str secret = ed_str_from(secrets[_i]);
	struct ed_buf value, text, out, hidden;

	ed_buf_init(&value, ED_MIB);
	ed_buf_init(&text, ED_MIB);
	ed_buf_init(&out, ED_MIB);
	ed_buf_init(&hidden, ED_MIB);
	for (size_t e = 0; e < ED_COUNT(encodings); e++)
		for (size_t f = 0; f < ED_COUNT(forms); f++)
			for (size_t at = 0; at < BLOCK; at += at ? BLOCK - 3 : 1) {
				ed_buf_clear(&value);
				fill(&value, at);
				encodings[e](&value, secret);
				ed_buf_clear(&text);
				forms[f].put(&text, ed_buf_str(&value));
				/* of data in hex there is no more to be seen here */
				ck_assert_uint_ge(redact(forms[f].form, ed_buf_str(&text), &out),
						  1);
				ed_buf_clear(&hidden);
				encodings[e](&hidden, secret);
				ck_assert_msg(is_gone(ed_buf_str(&out), ed_buf_str(&hidden),
						      hidden.len / secret.len),
					      "form %zu, encoding %zu, at %zu: %.300s", f, e, at,
					      out.p + out.len - (out.len < 300 ? out.len : 300));
			}
	ed_buf_release(&value);
	ed_buf_release(&text);
	ed_buf_release(&out);
	ed_buf_release(&hidden);
}
END_TEST

/* ---- pieces ---- */

#define REG "Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\X]\n"
#define EVENT                                                                                      \
	"<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><EventID>1"  \
	"</EventID></System><EventData>"
#define EVENT_END "</EventData></Event>"

static const struct {
	enum ed_form form;
	const char *text, *gone;
} pieces[] = {
	{ ED_FORM_EVENTS,
	  EVENT "<Data>123453-234564-345675-</Data><Data>456786-567897-111111-222222-333333</Data>"
		"<Data>5</Data>" EVENT_END,
	  "345675" },
	{ ED_FORM_EVENTS,
	  EVENT "<Data>123453</Data><Data>234564</Data><Data>345675</Data><Data>456786</Data>"
		"<Data>567897</Data><Data>111111</Data><Data>222222</Data><Data>333333</Data>"
		"<Data>x</Data>" EVENT_END,
	  "222222" },
	{ ED_FORM_STATE,
	  "{\"rows\":[{\"name\":\"a\",\"value\":\"Key: 123453-234564-345675\"},{\"name\":"
	  "\"b\",\"value\":\"456786-567897-111111-222222-333333 end\"}]}",
	  "345675" },
	{ ED_FORM_JSON, "[123453,234564,345675,456786,567897,111111,222222,333333]", "345675" },
	{ ED_FORM_REG,
	  REG "\"A\"=\"123453-234564-345675\"\n\"B\"=\"456786-567897-111111-222222-333333\"\n",
	  "345675" },
	/* strings of one byte a letter */
	{ ED_FORM_REG,
	  "REGEDIT4\n\n[HKEY_LOCAL_MACHINE\\X]\n\"A\"=hex(7):31,32,33,34,35,33,00,32,33,34,35,36,"
	  "34,00,33,34,35,36,37,35,00,34,35,36,37,38,36,00,35,36,37,38,39,37,00,31,31,31,31,31,31,"
	  "00,32,32,32,32,32,32,00,33,33,33,33,33,33,00,00\n",
	  "33,34,35,36,37,35" },
	/* what is none of the form has its text where the form has no values */
	{ ED_FORM_REG,
	  REG "-----BEGIN PRIVATE KEY-----\nAAAA\nHunter2\n-----END PRIVATE KEY-----\n",
	  "Hunter2" },
	{ ED_FORM_JSON, "{\"a\":\"x\"y\",\"b\":\"password=hunter2\"}", "hunter2" },
	{ ED_FORM_OUTPUT, "[10:02:03] password=hunter2", "hunter2" },
	{ ED_FORM_STATE,
	  "{}\n-----BEGIN PRIVATE KEY-----\nAAAA\nHunter2\n-----END PRIVATE KEY-----", "Hunter2" },
};

/* The same, but no password: numbers that are none, too few, of another event or key. */
static const struct {
	enum ed_form form;
	const char *text;
} numbers[] = {
	{ ED_FORM_JSON, "[123453,234564,345675,456786,567898,111111,222222,333333]" },
	{ ED_FORM_JSON, "[\"000000\",\"000000\",\"000000\",\"000000\",\"000000\",\"000000\","
			"\"000000\",\"000000\"]" },
	{ ED_FORM_EVENTS,
	  "<Events>" EVENT "<Data>123453-234564-345675</Data>" EVENT_END EVENT
	  "<Data>456786</Data><Data>567897-111111-222222</Data>" EVENT_END "</Events>" },
	{ ED_FORM_REG, REG "\"A\"=\"123453-234564-345675\"\n[HKEY_LOCAL_MACHINE\\Y]\n\"B\"="
			   "\"456786\"\n\"C\"=\"567897-111111-222222\"\n\"D\"=\"333333\"\n" },
};

static void both(enum ed_form form, struct ed_str text, struct ed_buf *out)
{
	struct ed_redactor *r = NULL;

	ck_assert_int_eq(ed_redactor_new(ED_REDACT_NONE, key_one, &r, NULL), ED_OK);
	ck_assert_int_eq(ed_redactor_learn(r, form, text, NULL), ED_OK);
	ck_assert_int_eq(ed_redact(r, form, text, out, NULL, NULL), ED_OK);
	ed_redactor_free(r);
}

START_TEST(pieces_are_one_secret)
{
	struct ed_str gone = ed_str_from(pieces[_i].gone);
	struct ed_buf out;

	ed_buf_init(&out, ED_MIB);
	both(pieces[_i].form, ed_str_from(pieces[_i].text), &out);
	ck_assert_msg(ed_str_find(ed_buf_str(&out), gone, 0) == SIZE_MAX, "%.*s",
		      ED_FMT(ed_buf_str(&out)));
	ed_buf_release(&out);
}
END_TEST

START_TEST(numbers_stay)
{
	struct ed_str text = ed_str_from(numbers[_i].text);
	struct ed_buf out;

	ed_buf_init(&out, ED_MIB);
	both(numbers[_i].form, text, &out);
	ck_assert_msg(ed_str_eq(ed_buf_str(&out), text), "%.*s", ED_FMT(ed_buf_str(&out)));
	ed_buf_release(&out);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("redact borders");
	TCase *tc = tcase_create("borders");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, no_border_is_a_hole, 0, (int)ED_COUNT(secrets));
	tcase_add_loop_test(tc, no_value_is_a_hole, 0, (int)ED_COUNT(secrets));
	tcase_add_loop_test(tc, pieces_are_one_secret, 0, (int)ED_COUNT(pieces));
	tcase_add_loop_test(tc, numbers_stay, 0, (int)ED_COUNT(numbers));
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/* Escaping while converting: each kind, the twin without vectors, and what is read beside. */
#include "espdiag/base/escape.h"

#include <check.h>

#include "espdiag/base/alloc.h"
#include "espdiag/base/escape_block.h"
#include "espdiag/base/utf.h"

static const enum ed_escape kinds[] = { ED_ESCAPE_XML_TEXT, ED_ESCAPE_XML_ATTRIBUTE,
					ED_ESCAPE_JSON };

static const struct {
	const char *from; /* UTF-8, of which the test makes UTF-16 */
	const char *to[3];
} cases[] = {
	{ "plain", { "plain", "plain", "plain" } },
	{ "", { "", "", "" } },
	{ "a&b<c>d", { "a&amp;b&lt;c&gt;d", "a&amp;b&lt;c&gt;d", "a&b<c>d" } },
	{ "say \"x\\y\" it's",
	  { "say \"x\\y\" it's", "say &quot;x\\y&quot; it's", "say \\\"x\\\\y\\\" it's" } },
	{ "1\r\n2\t3", { "1&#13;\n2\t3", "1&#13;&#10;2&#9;3", "1\\r\\n2\\t3" } },
	{ "\x01\x1f\x7f",
	  { "\xEF\xBF\xBD\xEF\xBF\xBD\x7f", "\xEF\xBF\xBD\xEF\xBF\xBD\x7f",
	    "\xEF\xBF\xBD\xEF\xBF\xBD\x7f" } },
	{ "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80 end of a long line that is longer",
	  { "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80 end of a long line that is longer",
	    "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80 end of a long line that is longer",
	    "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80 end of a long line that is longer" } },
};

/* Only what the cases have: up to four bytes a character, valid. */
static size_t utf16_from(const char *z, unsigned char *out)
{
	const unsigned char *p = (const unsigned char *)z;
	size_t n = 0;

	while (*p) {
		uint32_t c = *p++, more = c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : c >= 0xC0 ? 1 : 0;
		uint32_t units[2], count = 1;

		c = more ? c & (0x3Fu >> more) : c;
		while (more--)
			c = c << 6 | (*p++ & 0x3Fu);
		units[0] = c;
		if (c >= 0x10000) {
			units[0] = 0xD800 + ((c - 0x10000) >> 10);
			units[1] = 0xDC00 + ((c - 0x10000) & 0x3FF);
			count = 2;
		}
		for (uint32_t i = 0; i < count; i++) {
			out[n++] = (unsigned char)units[i];
			out[n++] = (unsigned char)(units[i] >> 8);
		}
	}
	return n;
}

/* Exactly the room that is asked for, so that a checker sees one byte more. */
static struct ed_str escape(const unsigned char *p, size_t n, size_t readable, enum ed_escape kind,
			    bool portable, char **hold)
{
	char *end;

	*hold = ed_malloc(ED_ESCAPE_ROOM(n));
	ck_assert_ptr_nonnull(*hold);
	end = portable ? ed_escape_utf16le_portable(*hold, p, n, readable, kind)
		       : ed_escape_utf16le(*hold, p, n, readable, kind);
	ck_assert_uint_le((size_t)(end - *hold), ED_ESCAPE_ROOM(n));
	return (struct ed_str){ *hold, (size_t)(end - *hold) };
}

START_TEST(each_kind_has_its_escapes)
{
	unsigned char units[256];
	size_t n = utf16_from(cases[_i].from, units);

	for (size_t i = 0; i < ED_COUNT(kinds); i++) {
		for (int portable = 0; portable < 2; portable++) {
			char *hold;
			struct ed_str got =
				escape(units, n, sizeof(units), kinds[i], portable, &hold);

			ck_assert_msg(ed_str_eq(got, ed_str_from(cases[_i].to[i])), "'%.*s'",
				      ED_FMT(got));
			ed_free(hold);
		}
	}
}
END_TEST

START_TEST(utf8_gets_the_same_escapes)
{
	struct ed_buf out;

	if (_i == 5) /* what XML forbids never reaches it */
		return;
	for (size_t i = 0; i < ED_COUNT(kinds); i++) {
		ed_buf_init(&out, 1024);
		ed_buf_escape(&out, ed_str_from(cases[_i].from), kinds[i]);
		ck_assert_int_eq(out.status, ED_OK);
		ck_assert(ed_str_eq(ed_buf_str(&out), ed_str_from(cases[_i].to[i])));
		ed_buf_release(&out);
	}
	ed_buf_init(&out, 3);
	ed_buf_escape(&out, ED_STR("<<"), ED_ESCAPE_XML_TEXT);
	ck_assert_int_eq(out.status, ED_LIMIT);
	ed_buf_release(&out);
}
END_TEST

/* Any units at all, any length, cut anywhere: both twins agree, and it is what utf.h makes of it.
 */
START_TEST(the_twins_agree)
{
	uint32_t seed = 1;
	size_t total = 0;

	for (int round = 0; round < 4000; round++) {
		unsigned char *p;
		size_t n, readable;
		char *a, *b, plain[ED_UTF8_MAX(200)];
		struct ed_str with, without, expected;

		seed = seed * 1664525u + 1013904223u;
		n = seed >> 8 & 127;
		readable = n + (seed >> 16 & 63);
		p = ed_malloc(readable);
		ck_assert_ptr_nonnull(p);
		for (size_t i = 0; i < readable; i++) {
			seed = seed * 1664525u + 1013904223u;
			/* mostly ASCII, with some of everything */
			if (i % 2)
				p[i] = seed >> 24 & 15 ? 0 : (unsigned char)(seed >> 16);
			else
				p[i] = (unsigned char)(seed >> 16 & (round % 2 ? 127 : 255));
			if (i % 2 && seed >> 8 == 7)
				p[i] = 0xD8;
		}
		for (size_t i = 0; i < ED_COUNT(kinds); i++) {
			with = escape(p, n, readable, kinds[i], false, &a);
			without = escape(p, n, readable, kinds[i], true, &b);
			ck_assert(ed_str_eq(with, without));
			ck_assert(ed_utf8_valid(with));
			total += with.len;
			ed_free(a);
			ed_free(b);
		}
		expected = (struct ed_str){ plain, ed_utf8_from_utf16le(p, n, plain, NULL) };
		with = escape(p, n, readable, ED_ESCAPE_JSON, false, &a);
		ck_assert_uint_ge(with.len, expected.len);
		ed_free(a);
		ed_free(p);
	}
	ck_assert_uint_gt(total, 100000);
}
END_TEST

/* Each unit that there is, in the middle of plain ones. */
START_TEST(every_unit)
{
	for (uint32_t unit = 0; unit < 0x10000; unit++) {
		unsigned char p[40];
		char plain[ED_UTF8_MAX(40)], *a, *b;
		struct ed_str with, without, expected;
		struct ed_buf again;

		for (size_t i = 0; i < sizeof(p); i++)
			p[i] = i % 2 ? 0 : 'x';
		p[8] = (unsigned char)unit;
		p[9] = (unsigned char)(unit >> 8);
		expected = (struct ed_str){ plain, ed_utf8_from_utf16le(p, 24, plain, NULL) };
		with = escape(p, 24, sizeof(p), ED_ESCAPE_XML_ATTRIBUTE, false, &a);
		without = escape(p, 24, sizeof(p), ED_ESCAPE_XML_ATTRIBUTE, true, &b);
		ed_buf_init(&again, 256);
		ed_buf_escape(&again, expected, ED_ESCAPE_XML_ATTRIBUTE);
		ck_assert_msg(ed_str_eq(with, ed_buf_str(&again)), "unit %04x", (unsigned)unit);
		ck_assert(ed_str_eq(with, without));
		ed_buf_release(&again);
		ed_free(a);
		ed_free(b);
	}
}

#if ED_ESCAPE_BLOCKS
/* A unit that is not plain takes more than its one byte, or another one. */
START_TEST(a_block_tells_which_units_are_plain)
{
	enum ed_escape kind = kinds[_i];

	for (uint32_t c = 0; c <= 0xFFFF; c++) {
		unsigned char unit[2] = { (unsigned char)c, (unsigned char)(c >> 8) }, units[32];
		char out[16], one[ED_ESCAPE_ROOM(2)];
		unsigned at = c % 16, special;
		bool plain;

		memset(units, 0, sizeof(units));
		for (size_t i = 0; i < sizeof(units); i += 2)
			units[i] = 'a';
		memcpy(units + 2 * at, unit, 2);
		special = ed_escape_pack16(out, ed_load16(units), ed_load16(units + 16), kind);
		ck_assert_uint_eq(special & ~(1u << at), 0);
		plain = ed_escape_utf16le_portable(one, unit, 2, 2, kind) == one + 1 &&
			(unsigned char)one[0] == c;
		/* a block may ask too often */
		if (!special)
			ck_assert(plain && (unsigned char)out[at] == c);
		else
			ck_assert(!plain || strchr("\"&<>\\", (int)c) || c == '\t' || c == '\n');
	}
}
END_TEST
#endif
END_TEST

int main(void)
{
	Suite *suite = suite_create("escape");
	TCase *tcase = tcase_create("all");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, each_kind_has_its_escapes, 0, (int)ED_COUNT(cases));
	tcase_add_loop_test(tcase, utf8_gets_the_same_escapes, 0, (int)ED_COUNT(cases));
	tcase_add_test(tcase, the_twins_agree);
	tcase_add_test(tcase, every_unit);
#if ED_ESCAPE_BLOCKS
	tcase_add_loop_test(tcase, a_block_tells_which_units_are_plain, 0, (int)ED_COUNT(kinds));
#endif
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

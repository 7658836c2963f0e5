/* SPDX-License-Identifier: MIT */
/* Text conversion: what goes in is anything, what comes out is valid UTF-8. */
#include <check.h>

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/base/utf.h"

#define FFFD "\xEF\xBF\xBD"

static const struct utf16_case {
	const char *bytes;
	size_t n;
	const char *text;
	size_t replaced;
} utf16_cases[] = {
	{ "", 0, "", 0 },
	{ "a\0b\0", 4, "ab", 0 },
	{ "\xE4\0\xAC\x20", 4, "\xC3\xA4\xE2\x82\xAC", 0 },
	{ "\x3D\xD8\x00\xDE", 4, "\xF0\x9F\x98\x80", 0 },
	{ "\x3D\xD8"
	  "a\0",
	  4, FFFD "a", 1 },
	{ "\x3D\xD8", 2, FFFD, 1 },
	{ "\x00\xDE"
	  "a\0",
	  4, FFFD "a", 1 },
	{ "\x3D\xD8\x3D\xD8\x00\xDE", 6, FFFD "\xF0\x9F\x98\x80", 1 },
	{ "\x3D\xD8\x00", 3, FFFD FFFD, 2 },
	{ "a\0b", 3, "a" FFFD, 1 },
	{ "x", 1, FFFD, 1 },
	{ "\0\0", 2, FFFD, 1 },
	{ "\1\0\x1F\0", 4, FFFD FFFD, 2 },
	{ "\t\0\n\0\r\0", 6, "\t\n\r", 0 },
	{ "\xFE\xFF\xFF\xFF", 4, FFFD FFFD, 2 },
	{ "\xFF\xDB\xFF\xDF", 4, "\xF4\x8F\xBF\xBF", 0 },
	{ "\x00\xD8\x00\xDC", 4, "\xF0\x90\x80\x80", 0 },
	{ "\x7F\0\x80\0\xFF\x07\x00\x08", 8, "\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80", 0 },
};

START_TEST(utf16)
{
	const struct utf16_case *t = &utf16_cases[_i];
	char out[ED_UTF8_MAX(16)];
	size_t replaced = 5;
	size_t n = ed_utf8_from_utf16le(t->bytes, t->n, out, &replaced);
	struct ed_arena arena;
	struct ed_str s;

	ck_assert_msg(n == strlen(t->text) && memcmp(out, t->text, n) == 0, "case %d", _i);
	ck_assert_uint_eq(replaced, 5 + t->replaced);
	ed_arena_init(&arena, 1000);
	s = ed_arena_utf16le(&arena, t->bytes, t->n, NULL);
	ck_assert_msg(ed_str_eq(s, ed_str_from(t->text)), "case %d in the arena", _i);
	ck_assert_int_eq(s.p[s.len], '\0');
	ed_arena_release(&arena);
}
END_TEST

START_TEST(utf16_no_memory)
{
	struct ed_arena arena;

	ed_arena_init(&arena, 4);
	ck_assert_ptr_null(ed_arena_utf16le(&arena, "a\0b\0c\0d\0e\0", 10, NULL).p);
	ed_arena_release(&arena);
}
END_TEST

START_TEST(cp1252)
{
	struct ed_buf buf;
	size_t replaced = 0;

	ed_buf_init(&buf, 1000);
	ed_buf_cp1252(&buf, "a\x80\x81\x9F\xA0\xFF\x00", 7, &replaced);
	ck_assert_str_eq(buf.p, "a\xE2\x82\xAC" FFFD "\xC5\xB8\xC2\xA0\xC3\xBF" FFFD);
	ck_assert_uint_eq(replaced, 2);
	ed_buf_release(&buf);
}
END_TEST

static const struct utf8_case {
	const char *bytes;
	bool valid;
	const char *text;
	size_t replaced;
} utf8_cases[] = {
	{ "", true, "", 0 },
	{ "plain", true, "plain", 0 },
	{ "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80", true, "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80", 0 },
	{ "a\x01z", false, "a" FFFD "z", 1 },
	{ "\xC0\x80", false, FFFD FFFD, 2 },
	{ "\xC1\xBF", false, FFFD FFFD, 2 },
	{ "\xE0\x80\x80", false, FFFD FFFD FFFD, 3 },
	{ "\xED\xA0\x80", false, FFFD FFFD FFFD, 3 },
	{ "\xF4\x90\x80\x80", false, FFFD FFFD FFFD FFFD, 4 },
	{ "\xF5\x80\x80\x80", false, FFFD FFFD FFFD FFFD, 4 },
	{ "\xEF\xBF\xBE", false, FFFD, 1 },
	{ "\xEF\xBF\xBD", true, FFFD, 0 },
	{ "\x80", false, FFFD, 1 },
	{ "\xC3", false, FFFD, 1 },
	{ "\xE2\x82", false, FFFD FFFD, 2 },
	{ "\xE2\x82z", false, FFFD FFFD "z", 2 },
	{ "\xC3\xC3\xA4", false, FFFD "\xC3\xA4", 1 },
};

START_TEST(utf8)
{
	const struct utf8_case *t = &utf8_cases[_i];
	struct ed_buf buf;
	size_t replaced = 0;

	ck_assert_msg(ed_utf8_valid(ed_str_from(t->bytes)) == t->valid, "case %d", _i);
	ed_buf_init(&buf, 1000);
	ed_buf_utf8(&buf, ed_str_from(t->bytes), &replaced);
	ck_assert_msg(ed_str_eq(ed_buf_str(&buf), ed_str_from(t->text)), "case %d: %s", _i, buf.p);
	ck_assert_uint_eq(replaced, t->replaced);
	ed_buf_release(&buf);
}
END_TEST

static const struct text_case {
	const char *name;
	const char *bytes;
	size_t n;
	const char *text;
} text_cases[] = {
#define CASE(name, bytes, text)                                                                    \
	{                                                                                          \
		name, bytes, sizeof(bytes) - 1, text                                               \
	}
	CASE("nothing", "", ""),
	CASE("one byte", "x", "x"),
	CASE("UTF-8 with BOM", "\xEF\xBB\xBF\xC3\xA4", "\xC3\xA4"),
	CASE("only a UTF-8 BOM", "\xEF\xBB\xBF", ""),
	CASE("UTF-16LE with BOM", "\xFF\xFE\xE4\0b\0",
	     "\xC3\xA4"
	     "b"),
	CASE("only a UTF-16LE BOM", "\xFF\xFE", ""),
	CASE("UTF-16LE with BOM, odd",
	     "\xFF\xFE"
	     "a\0b",
	     "a" FFFD),
	CASE("UTF-16BE with BOM", "\xFE\xFF\0\xE4\xD8\x3D\xDE\x00", "\xC3\xA4\xF0\x9F\x98\x80"),
	CASE("UTF-16BE with BOM, odd", "\xFE\xFF\0a\0", "a" FFFD),
	CASE("UTF-16LE without BOM", "[\0H\0K\0E\0Y\0", "[HKEY"),
	CASE("UTF-8",
	     "\xC3\xA4"
	     "b",
	     "\xC3\xA4"
	     "b"),
	CASE("UTF-8 cut in its last character",
	     "\xC3\xA4"
	     "b\xE2\x82",
	     "\xC3\xA4"
	     "b" FFFD FFFD),
	CASE("Windows-1252", "F\xFCr \x80", "F\xC3\xBCr \xE2\x82\xAC"),
	CASE("Windows-1252 with a last letter that could begin a character", "caf\xE9",
	     "caf\xC3\xA9"),
	CASE("a NUL in UTF-8", "a\0bcdefgh", "a" FFFD "bcdefgh"),
#undef CASE
};

START_TEST(text)
{
	const struct text_case *t = &text_cases[_i];
	struct ed_buf buf;

	ed_buf_init(&buf, 1000);
	ed_buf_text(&buf, t->bytes, t->n, NULL);
	ck_assert_msg(ed_str_eq(ed_buf_str(&buf), ed_str_from(t->text)), "%s: '%s'", t->name,
		      ed_buf_str(&buf).p);
	ck_assert(ed_utf8_valid(ed_buf_str(&buf)));
	ed_buf_release(&buf);
}
END_TEST

/* Conversion goes in pieces inside; a pair must survive wherever the piece ends. */
START_TEST(pairs_at_every_offset)
{
	static const unsigned char le[4] = { 0x3D, 0xD8, 0x00, 0xDE };

	for (size_t before = 0; before < 300; before++) {
		unsigned char bytes[2 + 300 * 2 + 4 + 300 * 2];
		struct ed_buf buf;

		for (int big = 0; big < 2; big++) {
			size_t n = 0, replaced = 0;

			bytes[n++] = big ? 0xFE : 0xFF;
			bytes[n++] = big ? 0xFF : 0xFE;
			for (size_t i = 0; i < before; i++, n += 2) {
				bytes[n + (size_t)big] = 'a';
				bytes[n + (size_t)!big] = 0;
			}
			for (size_t i = 0; i < 4; i++)
				bytes[n++] = le[big ? i ^ 1 : i];
			for (size_t i = 0; i < 300; i++, n += 2) {
				bytes[n + (size_t)big] = 'b';
				bytes[n + (size_t)!big] = 0;
			}
			ed_buf_init(&buf, 10000);
			ed_buf_text(&buf, bytes, n, &replaced);
			if (replaced || buf.len != before + 4 + 300 ||
			    memcmp(buf.p + before, "\xF0\x9F\x98\x80", 4) != 0)
				ck_abort_msg("%zu before, big %d", before, big);
			ed_buf_release(&buf);
		}
	}
}
END_TEST

/* Whatever the bytes: valid text, the same through the arena, and never more than promised. */
START_TEST(anything_in_valid_text_out)
{
	uint32_t state = 2463534242u;

	for (int round = 0; round < 1000; round++) {
		static const unsigned char favoured[] = { 0,    0xD8, 0xDC, 0xFE, 0xFF, 0xEF,
							  0xBB, 0xBF, 0xC3, 0xE2, 'a',  '\n' };
		unsigned char bytes[64];
		char out[ED_UTF8_MAX(sizeof(bytes))];
		struct ed_arena arena;
		struct ed_buf buf;
		struct ed_str s;
		size_t n, len, replaced = 0, again = 0;

		state ^= state << 13;
		state ^= state >> 17;
		state ^= state << 5;
		n = state % sizeof(bytes);
		for (size_t i = 0; i < n; i++) {
			state ^= state << 13;
			state ^= state >> 17;
			state ^= state << 5;
			bytes[i] = state & 0x100 ? favoured[state % sizeof(favoured)]
						 : (unsigned char)(state >> 16);
		}
		len = ed_utf8_from_utf16le(bytes, n, out, &replaced);
		if (len > ED_UTF8_MAX(n) || !ed_utf8_valid((struct ed_str){ out, len }))
			ck_abort_msg("round %d", round);
		ed_arena_init(&arena, 4096);
		s = ed_arena_utf16le(&arena, bytes, n, &again);
		if (!ed_str_eq(s, (struct ed_str){ out, len }) || again != replaced)
			ck_abort_msg("round %d in the arena", round);
		ed_arena_release(&arena);
		ed_buf_init(&buf, 4096);
		ed_buf_text(&buf, bytes, n, NULL);
		if (buf.status != ED_OK || !ed_utf8_valid(ed_buf_str(&buf)))
			ck_abort_msg("round %d as text", round);
		ed_buf_release(&buf);
	}
}
END_TEST

START_TEST(text_over_the_ceiling)
{
	struct ed_buf buf;

	ed_buf_init(&buf, 3);
	ed_buf_text(&buf, "abcd", 4, NULL);
	ck_assert_int_eq(buf.status, ED_LIMIT);
	ed_buf_release(&buf);
	ed_buf_init(&buf, 100);
	ed_alloc_fail_after(0);
	ed_buf_text(&buf,
		    "\xFF\xFE"
		    "a\0",
		    4, NULL);
	ed_alloc_fail_after(-1);
	ck_assert_int_eq(buf.status, ED_NOMEM);
	ed_buf_release(&buf);
}
END_TEST

START_TEST(head)
{
	char out[8];

	ck_assert_uint_eq(ed_text_head("\xEF\xBB\xBF"
				       "ab\xC3\xA4",
				       7, out, sizeof(out)),
			  4);
	ck_assert(memcmp(out, "ab??", 4) == 0);
	ck_assert_uint_eq(ed_text_head("\xFF\xFE[\0H\0\xE4\0x", 9, out, sizeof(out)), 3);
	ck_assert(memcmp(out, "[H?", 3) == 0);
	ck_assert_uint_eq(ed_text_head("\xFE\xFF\0[\0H", 6, out, sizeof(out)), 2);
	ck_assert(memcmp(out, "[H", 2) == 0);
	ck_assert_uint_eq(ed_text_head("[\0H\0K\0", 6, out, sizeof(out)), 3);
	ck_assert(memcmp(out, "[HK", 3) == 0);
	ck_assert_uint_eq(ed_text_head("0123456789", 10, out, sizeof(out)), 8);
	ck_assert_uint_eq(ed_text_head("", 0, out, sizeof(out)), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base_utf");
	TCase *c = tcase_create("utf");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_loop_test(c, utf16, 0, (int)ED_COUNT(utf16_cases));
	tcase_add_test(c, utf16_no_memory);
	tcase_add_test(c, cp1252);
	tcase_add_loop_test(c, utf8, 0, (int)ED_COUNT(utf8_cases));
	tcase_add_loop_test(c, text, 0, (int)ED_COUNT(text_cases));
	tcase_add_test(c, pairs_at_every_offset);
	tcase_add_test(c, anything_in_valid_text_out);
	tcase_add_test(c, text_over_the_ceiling);
	tcase_add_test(c, head);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

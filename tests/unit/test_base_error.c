/* SPDX-License-Identifier: MIT */
/* The error record: what it keeps, and that it stays one valid line. */
#include <check.h>

#include "espdiag/base/error.h"
#include "espdiag/base/utf.h"

START_TEST(fills_the_record)
{
	struct ed_error err = { 0 };

	ck_assert_int_eq(ed_fail(&err, ED_FORMAT, "chunk %d: %s", 3, "checksum"), ED_FORMAT);
	ck_assert_int_eq(err.status, ED_FORMAT);
	ck_assert_str_eq(err.text, "chunk 3: checksum");
	ck_assert_ptr_null(err.os_api);
	ck_assert_int_eq(ed_fail_os(&err, ED_IO, 5, "open", "cannot open '%s'", "x"), ED_IO);
	ck_assert_uint_eq(err.os_code, 5);
	ck_assert_str_eq(err.os_api, "open");
	ck_assert_str_eq(err.text, "cannot open 'x'");
	ed_fail(&err, ED_ARG, "no");
	ck_assert_uint_eq(err.os_code, 0);
	ck_assert_ptr_null(err.os_api);
	ck_assert_int_eq(ed_fail(NULL, ED_NOMEM, "nobody listens"), ED_NOMEM);
	ck_assert_int_eq(ed_fail_os(NULL, ED_IO, 1, "x", "nobody listens"), ED_IO);
}
END_TEST

START_TEST(stays_one_line)
{
	struct ed_error err;

	ed_fail(&err, ED_ABSENT, "cannot open '%s'", "a\nb\tc\x1B[31m\x7F");
	ck_assert_str_eq(err.text, "cannot open 'a?b?c?[31m?'");
}
END_TEST

/* Long names are cut, wherever that falls in a character of one to four bytes. */
START_TEST(cut_at_a_character)
{
	static const char *const characters[] = { "a", "\xC3\xA4", "\xE2\x82\xAC",
						  "\xF0\x9F\x98\x80" };

	for (size_t k = 0; k < ED_COUNT(characters); k++) {
		for (size_t before = 0; before < 8; before++) {
			struct ed_error err;
			char name[512] = "";
			size_t n = before;

			memset(name, 'x', before);
			while (n + 5 < sizeof(name)) {
				memcpy(name + n, characters[k], strlen(characters[k]) + 1);
				n += strlen(characters[k]);
			}
			ed_fail(&err, ED_ARG, "%s", name);
			ck_assert_uint_lt(strlen(err.text), sizeof(err.text));
			ck_assert_uint_gt(strlen(err.text), sizeof(err.text) - 8);
			ck_assert(ed_utf8_valid(ed_str_from(err.text)));
		}
	}
}
END_TEST

START_TEST(status_texts)
{
	ck_assert_str_eq(ed_status_text(ED_OK), "ok");
	ck_assert_str_eq(ed_status_text(ED_UNSUPPORTED), "not supported");
	ck_assert_str_eq(ed_status_text((ed_status)99), "unknown status");
}
END_TEST

static ed_status tried(ed_status inner, int *went_on)
{
	ED_TRY(inner);
	*went_on = 1;
	return ED_OK;
}

START_TEST(try_returns_at_once)
{
	int went_on = 0;

	ck_assert_int_eq(tried(ED_LIMIT, &went_on), ED_LIMIT);
	ck_assert_int_eq(went_on, 0);
	ck_assert_int_eq(tried(ED_OK, &went_on), ED_OK);
	ck_assert_int_eq(went_on, 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base_error");
	TCase *c = tcase_create("error");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(c, fills_the_record);
	tcase_add_test(c, stays_one_line);
	tcase_add_test(c, cut_at_a_character);
	tcase_add_test(c, status_texts);
	tcase_add_test(c, try_returns_at_once);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

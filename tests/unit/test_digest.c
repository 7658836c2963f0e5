/* SPDX-License-Identifier: MIT */
/* SHA-256 by the examples of FIPS 180-4 and in all ways to cut a message; random bytes. */
#include "espdiag/platform/digest.h"

#include <check.h>

#include "espdiag/base/alloc.h"

static struct ed_error err;

static const struct {
	const char *text;
	const char *hex;
} examples[] = {
	{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	{ "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
	  "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
	  "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
};

static void assert_hex(const unsigned char *digest, const char *expected)
{
	char hex[ED_SHA256_HEX];

	ed_sha256_hex(digest, hex);
	ck_assert_str_eq(hex, expected);
}

START_TEST(example_has_its_digest)
{
	unsigned char digest[ED_SHA256_BYTES];

	ck_assert_int_eq(ed_sha256(ed_str_from(examples[_i].text), digest, &err), ED_OK);
	assert_hex(digest, examples[_i].hex);
}
END_TEST

START_TEST(a_million_letters)
{
	unsigned char digest[ED_SHA256_BYTES];
	struct ed_sha256 *sha;
	char letters[1000];

	memset(letters, 'a', sizeof(letters));
	ck_assert_int_eq(ed_sha256_begin(&sha, &err), ED_OK);
	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(
			ed_sha256_add(sha, (struct ed_str){ letters, sizeof(letters) }, &err),
			ED_OK);
	ck_assert_int_eq(ed_sha256_end(sha, digest, &err), ED_OK);
	assert_hex(digest, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}
END_TEST

/* Lengths around one and two blocks, each cut in two everywhere. */
START_TEST(pieces_make_the_same_as_the_whole)
{
	unsigned char whole[ED_SHA256_BYTES], pieces[ED_SHA256_BYTES];
	char text[130];

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i * 7);
	for (size_t len = 0; len <= sizeof(text); len++) {
		struct ed_str s = { text, len };

		ck_assert_int_eq(ed_sha256(s, whole, &err), ED_OK);
		for (size_t cut = 0; cut <= len; cut += len < 60 ? 1 : 7) {
			struct ed_sha256 *sha;

			ck_assert_int_eq(ed_sha256_begin(&sha, &err), ED_OK);
			ed_sha256_add(sha, ed_str_slice(s, 0, cut), &err);
			ed_sha256_add(sha, ed_str_slice(s, cut, len), &err);
			ck_assert_int_eq(ed_sha256_end(sha, pieces, &err), ED_OK);
			ck_assert_mem_eq(pieces, whole, sizeof(whole));
		}
	}
}
END_TEST

START_TEST(digest_is_thrown_away)
{
	struct ed_sha256 *sha;

	ck_assert_int_eq(ed_sha256_begin(&sha, &err), ED_OK);
	ck_assert_int_eq(ed_sha256_add(sha, ED_STR("x"), &err), ED_OK);
	ck_assert_int_eq(ed_sha256_end(sha, NULL, &err), ED_OK);
}
END_TEST

START_TEST(no_memory)
{
	unsigned char digest[ED_SHA256_BYTES] = { 1 };
	ed_status status;

	ed_alloc_fail_after(0);
	status = ed_sha256(ED_STR("abc"), digest, &err);
	ed_alloc_fail_after(-1);
	ck_assert_int_eq(status, ED_NOMEM);
	ck_assert_uint_eq(digest[0], 1);
}
END_TEST

START_TEST(random_bytes_differ)
{
	static unsigned char a[1000], b[1000];
	size_t zeros = 0;

	ck_assert_int_eq(ed_random(a, 0, &err), ED_OK);
	ck_assert_uint_eq(a[0], 0);
	ck_assert_int_eq(ed_random(a, sizeof(a), &err), ED_OK);
	ck_assert_int_eq(ed_random(b, sizeof(b), &err), ED_OK);
	ck_assert_mem_ne(a, b, sizeof(a));
	ck_assert_mem_ne(a + 968, b + 968, 32); /* to the end */
	for (size_t i = 0; i < sizeof(a); i++)
		zeros += a[i] == 0;
	ck_assert_uint_lt(zeros, 40); /* four are to be expected */
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("digest");
	TCase *tc = tcase_create("digest");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, example_has_its_digest, 0, (int)ED_COUNT(examples));
	tcase_add_test(tc, a_million_letters);
	tcase_add_test(tc, pieces_make_the_same_as_the_whole);
	tcase_add_test(tc, digest_is_thrown_away);
	tcase_add_test(tc, no_memory);
	tcase_add_test(tc, random_bytes_differ);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

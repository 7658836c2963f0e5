/* SPDX-License-Identifier: MIT */
/* JSON: what is accepted and refused, what the tree says, and the writer's exact bytes. */
#include "espdiag/json/json.h"

#include <check.h>

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/base/time.h"

static struct ed_json *parsed(const char *text)
{
	struct ed_json *root = NULL;
	struct ed_error err = { 0 };

	ck_assert_msg(ed_json_parse(ed_str_from(text), &root, &err) == ED_OK, "%s: %s", text,
		      err.text);
	return root;
}

static void assert_text(struct ed_str got, const char *want)
{
	ck_assert_uint_eq(got.len, strlen(want));
	ck_assert_mem_eq(got.p, want, got.len);
}

START_TEST(tree_keeps_order_and_types)
{
	struct ed_json *root = parsed("\xEF\xBB\xBF{\"z\": [1, -2, \"x\", null, true, 1.5], "
				      "\"a\": {\"k\": false}, \"u\": \"\\u0000\\ud83d\\ude00\"}");
	const struct ed_json *list = ed_json_get(root, "z");
	struct ed_str name;

	ck_assert_int_eq(ed_json_type(root), ED_JSON_OBJECT);
	ck_assert_uint_eq(ed_json_count(root), 3);
	ck_assert_ptr_eq(ed_json_at(root, 0, &name), list);
	assert_text(name, "z");
	ck_assert_ptr_nonnull(ed_json_at(root, 1, &name));
	assert_text(name, "a");
	ck_assert_ptr_null(ed_json_at(root, 3, &name));
	ck_assert_int_eq(ed_json_type(list), ED_JSON_ARRAY);
	ck_assert_uint_eq(ed_json_count(list), 6);
	ck_assert_int_eq(ed_json_integer(ed_json_at(list, 1, NULL), 7), -2);
	assert_text(ed_json_string(ed_json_at(list, 2, NULL)), "x");
	ck_assert_int_eq(ed_json_type(ed_json_at(list, 3, NULL)), ED_JSON_NULL);
	ck_assert(ed_json_bool(ed_json_at(list, 4, NULL), false));
	ck_assert_int_eq(ed_json_type(ed_json_at(list, 5, NULL)), ED_JSON_NUMBER);
	ck_assert_int_eq(ed_json_integer(ed_json_at(list, 5, NULL), 7), 7);
	ck_assert(!ed_json_bool(ed_json_get(ed_json_get(root, "a"), "k"), true));
	ck_assert_uint_eq(ed_json_string(ed_json_get(root, "u")).len, 5);
	ed_json_free(root);
}
END_TEST

START_TEST(nothing_is_legal_everywhere)
{
	struct ed_json *root = parsed("[]");

	ck_assert_int_eq(ed_json_type(NULL), ED_JSON_ABSENT);
	ck_assert_ptr_null(ed_json_get(NULL, "a"));
	ck_assert_ptr_null(ed_json_get(root, "a"));
	ck_assert_ptr_null(ed_json_at(root, 0, NULL));
	ck_assert_ptr_null(ed_json_string(root).p);
	ck_assert_int_eq(ed_json_integer(root, 3), 3);
	ck_assert(ed_json_bool(NULL, true));
	ck_assert_uint_eq(ed_json_count(NULL), 0);
	ed_json_free(root);
	ed_json_free(NULL);
}
END_TEST

START_TEST(integers_of_64_bits)
{
	struct ed_json *root = parsed("[9223372036854775807, -9223372036854775808]");

	ck_assert_int_eq(ed_json_integer(ed_json_at(root, 0, NULL), 0), INT64_MAX);
	ck_assert_int_eq(ed_json_integer(ed_json_at(root, 1, NULL), 0), INT64_MIN);
	ed_json_free(root);
}
END_TEST

static const char *const broken[] = {
	"",
	" ",
	"{",
	"[1,]",
	"{\"a\"}",
	"\"",
	"nul",
	"[1] 2",
	"{\"a\":1,}",
	"[\x01",
	"\"\n\"",
	"\"\xFF\"",
	"01",
	"\"\\ud800\"",
	"'a'",
	"]",
	"1e999",
	"\xEF\xBB\xBF",
	"99999999999999999999",
};

START_TEST(broken_text_is_refused)
{
	struct ed_json *root = (struct ed_json *)1;
	struct ed_error err = { 0 };

	ck_assert_msg(ed_json_parse(ed_str_from(broken[_i]), &root, &err) == ED_FORMAT, "'%s'",
		      broken[_i]);
	ck_assert_ptr_eq(root, (struct ed_json *)1);
	ck_assert_uint_gt(strlen(err.text), 0);
}
END_TEST

START_TEST(every_cut_is_refused)
{
	static const char whole[] =
		"{\"a\": [1, {\"b\": \"c\\u00e4\"}, null, true], \"d\": -1.5e3}";

	for (size_t n = 0; n < sizeof(whole) - 1; n++) {
		struct ed_json *root = NULL;

		ck_assert_msg(ed_json_parse((struct ed_str){ whole, n }, &root, NULL) == ED_FORMAT,
			      "cut at %zu", n);
	}
}
END_TEST

static struct ed_str repeat(struct ed_buf *buf, const char *piece, size_t count)
{
	for (size_t i = 0; i < count; i++)
		ed_buf_addz(buf, piece);
	return ed_buf_str(buf);
}

START_TEST(limits_hold)
{
	struct ed_json *root = NULL;
	struct ed_buf buf;

	ed_buf_init(&buf, 2 * ED_LIMIT_JSON);
	repeat(&buf, "[", ED_LIMIT_JSON_DEPTH);
	ck_assert_int_eq(ed_json_parse(repeat(&buf, "]", ED_LIMIT_JSON_DEPTH), &root, NULL), ED_OK);
	ed_json_free(root);
	ed_buf_clear(&buf);
	ck_assert_int_eq(ed_json_parse(repeat(&buf, "[", 100000), &root, NULL), ED_LIMIT);
	ed_buf_clear(&buf);
	ed_buf_addc(&buf, '[');
	ck_assert_int_eq(ed_json_parse(repeat(&buf, "0,", ED_LIMIT_JSON_VALUES), &root, NULL),
			 ED_LIMIT);
	ed_buf_clear(&buf);
	ck_assert_int_eq(
		ed_json_parse(repeat(&buf, "        ", ED_LIMIT_JSON / 8 + 1), &root, NULL),
		ED_LIMIT);
	ed_buf_clear(&buf);
	/* brackets inside of text are no depth */
	ed_buf_addc(&buf, '"');
	repeat(&buf, "[\\\"", 1000);
	ed_buf_addc(&buf, '"');
	ck_assert_int_eq(ed_json_parse(ed_buf_str(&buf), &root, NULL), ED_OK);
	ck_assert_uint_eq(ed_json_string(root).len, 2000);
	ed_json_free(root);
	ed_buf_release(&buf);
}
END_TEST

START_TEST(every_allocation_may_fail)
{
	static const char text[] =
		"{\"a long enough member name\": [1, 2, {\"b\": [\"text that "
		"makes the lexer's buffer grow\", 12345678901234567]}], \"c\": null}";
	ed_status status = ED_NOMEM;
	long n = 0;

	for (; status != ED_OK; n++) {
		struct ed_json *root = NULL;
		struct ed_error err = { 0 };

		ck_assert_int_lt(n, 1000);
		ed_alloc_fail_after(n);
		status = ed_json_parse(ed_str_from(text), &root, &err);
		ed_alloc_fail_after(-1);
		if (status == ED_OK) {
			ed_json_free(root);
			break;
		}
		ck_assert_int_eq(status, ED_NOMEM);
		ck_assert_ptr_null(root);
	}
	ck_assert_int_gt(n, 5);
}
END_TEST

static void write_sample(struct ed_json_writer *w)
{
	ed_json_begin_object(w, NULL);
	ed_json_put_str(w, "text", ED_STR("a\"b\\c\n\r\t\x01\x7f/"));
	ed_json_put_str(w, "null", (struct ed_str){ NULL, 0 });
	ed_json_put_str(w, "empty", ED_STR(""));
	ed_json_put_int(w, "least", INT64_MIN);
	ed_json_put_bool(w, "yes", true);
	ed_json_begin_array(w, "list");
	ed_json_put_int(w, NULL, 1);
	ed_json_begin_object(w, NULL);
	ed_json_put_null(w, "x");
	ed_json_end_object(w);
	ed_json_begin_array(w, NULL);
	ed_json_end_array(w);
	ed_json_end_array(w);
	ed_json_begin_object(w, "none");
	ed_json_end_object(w);
	ed_json_end_object(w);
}

static const struct {
	int indent;
	const char *want;
} samples[] = {
	{ 0, "{\"text\": \"a\\\"b\\\\c\\n\\r\\t\\u0001\\u007f/\", \"null\": null, \"empty\": \"\", "
	     "\"least\": -9223372036854775808, \"yes\": true, \"list\": [1, {\"x\": null}, []], "
	     "\"none\": {}}" },
	{ 2, "{\n  \"text\": \"a\\\"b\\\\c\\n\\r\\t\\u0001\\u007f/\",\n  \"null\": null,\n"
	     "  \"empty\": \"\",\n  \"least\": -9223372036854775808,\n  \"yes\": true,\n"
	     "  \"list\": [\n    1,\n    {\n      \"x\": null\n    },\n    []\n  ],\n"
	     "  \"none\": {}\n}" },
};

START_TEST(writer_bytes)
{
	struct ed_json_writer w;
	struct ed_json *root = NULL;
	struct ed_buf buf;

	ed_buf_init(&buf, ED_MIB);
	ed_json_writer_init(&w, &buf, samples[_i].indent);
	write_sample(&w);
	ck_assert_str_eq(buf.p, samples[_i].want);
	ck_assert_int_eq(w.depth, 0);
	ck_assert_int_eq(ed_json_parse(ed_buf_str(&buf), &root, NULL), ED_OK);
	assert_text(ed_json_string(ed_json_get(root, "text")), "a\"b\\c\n\r\t\x01\x7f/");
	ed_json_free(root);
	ed_buf_release(&buf);
}
END_TEST

START_TEST(words_and_times_or_null)
{
	struct ed_json_writer w;
	struct ed_buf buf;

	ed_buf_init(&buf, ED_MIB);
	ed_json_writer_init(&w, &buf, 0);
	ed_json_begin_array(&w, NULL);
	ed_json_put_word(&w, NULL, "read");
	ed_json_put_word(&w, NULL, "");
	ed_json_put_word(&w, NULL, NULL);
	ed_json_put_time(&w, NULL, 0);
	ed_json_put_time(&w, NULL, 1230000);
	ed_json_put_time(&w, NULL, ED_TIME_NONE);
	ed_json_put_time(&w, NULL, ED_TIME_LAST + 1);
	ed_json_end_array(&w);
	ck_assert_str_eq(buf.p, "[\"read\", \"\", null, \"1601-01-01T00:00:00Z\", "
				"\"1601-01-01T00:00:00.123Z\", null, null]");
	ed_buf_release(&buf);
}
END_TEST

static const struct {
	const char *in, *out;
} texts[] = {
	{ "gr\xC3\xBC\xC3\x9F", "\"gr\xC3\xBC\xC3\x9F\"" },
	{ "\xF0\x9F\x98\x80", "\"\xF0\x9F\x98\x80\"" },
	{ "\xC2\x9B"
	  "31m",
	  "\"\\u009b31m\"" },
	{ "\x1B[31m", "\"\\u001b[31m\"" },
	{ "a\xFF"
	  "b",
	  "\"a\xEF\xBF\xBD"
	  "b\"" },
	{ "\xE2\xC2\x80", "\"\xEF\xBF\xBD\\u0080\"" },
	{ "\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"" },
	{ "\xC2", "\"\xEF\xBF\xBD\"" },
};

START_TEST(writer_never_writes_broken_text)
{
	struct ed_json_writer w;
	struct ed_buf buf;

	ed_buf_init(&buf, ED_MIB);
	ed_json_writer_init(&w, &buf, 0);
	ed_json_put_str(&w, NULL, ed_str_from(texts[_i].in));
	ck_assert_str_eq(buf.p, texts[_i].out);
	ed_buf_release(&buf);
}
END_TEST

START_TEST(writer_failure_sticks)
{
	struct ed_json_writer w;
	struct ed_buf buf;

	ed_buf_init(&buf, 20);
	ed_json_writer_init(&w, &buf, 0);
	write_sample(&w);
	ck_assert_int_eq(buf.status, ED_LIMIT);
	ck_assert_uint_le(buf.len, 20);
	ed_buf_release(&buf);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("json");
	TCase *parse = tcase_create("parse"), *writer = tcase_create("writer");
	SRunner *runner;
	int failed;

	tcase_add_test(parse, tree_keeps_order_and_types);
	tcase_add_test(parse, nothing_is_legal_everywhere);
	tcase_add_test(parse, integers_of_64_bits);
	tcase_add_loop_test(parse, broken_text_is_refused, 0, (int)ED_COUNT(broken));
	tcase_add_test(parse, every_cut_is_refused);
	tcase_add_test(parse, limits_hold);
	tcase_add_test(parse, every_allocation_may_fail);
	tcase_add_loop_test(writer, writer_bytes, 0, (int)ED_COUNT(samples));
	tcase_add_test(writer, words_and_times_or_null);
	tcase_add_loop_test(writer, writer_never_writes_broken_text, 0, (int)ED_COUNT(texts));
	tcase_add_test(writer, writer_failure_sticks);
	tcase_set_timeout(parse, 60);
	suite_add_tcase(suite, parse);
	suite_add_tcase(suite, writer);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

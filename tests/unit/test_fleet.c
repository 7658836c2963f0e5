/* SPDX-License-Identifier: MIT */
/*
 * Rows and their sum: a row read back is the same line, CSV is safe, sums stay small and count
 * everything, memory may run out anywhere.
 */
#include "espdiag/report/fleet.h"

#include <check.h>

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"

static struct ed_arena arena;
static struct ed_error err;
static struct ed_buf out;

static void setup(void)
{
	ed_arena_init(&arena, 16 * ED_MIB);
	ed_buf_init(&out, 64 * ED_MIB);
	memset(&err, 0, sizeof(err));
}

static void teardown(void)
{
	ed_alloc_fail_after(-1);
	ed_buf_release(&out);
	ed_arena_release(&arena);
}

static const struct ed_str ids[] = { { "store-network", 13 }, { "clock-skew", 10 } };

static struct ed_fleet_row row_full(void)
{
	return (struct ed_fleet_row){ .source = ED_STR("a/b.zip"),
				      .bundle = ED_STR("b.zip"),
				      .device_tag = ED_STR("0011223344556677"),
				      .evaluated_at = INT64_C(134000000001250000),
				      .read = true,
				      .outcome = ED_OUTCOME_BLOCKED,
				      .primary = ED_STR("store-network"),
				      .certainty = ED_LIKELY,
				      .findings = { ids, 2 },
				      .manufacturer = ED_STR("Contoso"),
				      .model = ED_STR("Slate \"5\", <b>"),
				      .build = ED_STR("26100.2314"),
				      .version = ED_STR("0.1.0"),
				      .policy = ED_STR("AADSTS53000"),
				      .error = { NULL, 0 } };
}

static struct ed_fleet_row row_unread(void)
{
	return (struct ed_fleet_row){ .source = ED_STR("a/c.zip"),
				      .bundle = ED_STR("c.zip"),
				      .evaluated_at = ED_TIME_NONE,
				      .outcome = ED_OUTCOME_INCONCLUSIVE,
				      .certainty = ED_POSSIBLE,
				      .error = ED_STR("no bytes") };
}

START_TEST(a_row_read_back_is_the_same_line)
{
	struct ed_fleet_row row = _i ? row_unread() : row_full(), back;
	struct ed_buf again;
	struct ed_str line;

	ed_fleet_row_json(&row, &out);
	line = ed_buf_str(&out);
	ck_assert_int_eq(line.p[line.len - 1], '\n');
	ck_assert_uint_eq(ed_str_find(line, ED_STR("\n"), 0), line.len - 1);
	ck_assert_msg(ed_fleet_row_parse(line, &arena, &back, &err) == ED_OK, "%s", err.text);
	ed_buf_init(&again, ED_MIB);
	ed_fleet_row_json(&back, &again);
	ck_assert_str_eq(again.p, out.p);
	ed_buf_release(&again);
}
END_TEST

static const char *const no_rows[] = {
	"",
	"[]",
	"{}",
	"{\"schema\": \"espdiag.fleet-row/2\"}",
	"{\"schema\": \"espdiag.fleet-row/1\", \"source\": \"x\"}",
	"not JSON",
};

START_TEST(what_is_no_row_is_refused)
{
	struct ed_fleet_row row = { .read = true };

	ck_assert_int_eq(ed_fleet_row_parse(ed_str_from(no_rows[_i]), &arena, &row, &err),
			 ED_FORMAT);
	ck_assert_uint_gt(strlen(err.text), 0);
	ck_assert(row.read); /* untouched */
}
END_TEST

/* One value of a row that is as it should not be. */
static const struct {
	const char *good, *bad;
} changes[] = {
	{ "\"blocked\"", "\"fine\"" }, { "\"likely\"", "7" },
	{ "\"a/b.zip\"", "null" },     { "[\"store-network\", \"clock-skew\"]", "\"clock-skew\"" },
	{ "\"clock-skew\"", "5" },     { "\"evaluated_at\": \"2", "\"evaluated_at\": \"x" },
};

START_TEST(a_wrong_value_is_no_row)
{
	struct ed_fleet_row row = row_full(), back;
	struct ed_buf text;
	struct ed_str line;
	size_t at;

	ed_fleet_row_json(&row, &out);
	line = ed_buf_str(&out);
	at = ed_str_find(line, ed_str_from(changes[_i].good), 0);
	ck_assert_uint_ne(at, SIZE_MAX);
	ed_buf_init(&text, ED_MIB);
	ed_buf_adds(&text, ed_str_slice(line, 0, at));
	ed_buf_addz(&text, changes[_i].bad);
	ed_buf_adds(&text, ed_str_slice(line, at + strlen(changes[_i].good), line.len));
	ck_assert_msg(ed_fleet_row_parse(ed_buf_str(&text), &arena, &back, &err) == ED_FORMAT, "%s",
		      text.p);
	ed_buf_release(&text);
}
END_TEST

static const struct {
	const char *model, *cell;
} cells[] = {
	{ "plain", ",plain," },   { "=1+1", ",\"'=1+1\"," },
	{ "+1", ",\"'+1\"," },    { "-1", ",\"'-1\"," },
	{ "@x", ",\"'@x\"," },    { "\tx", ",\"'\tx\"," },
	{ "\rx", ",\"'\rx\"," },  { "a=b", ",a=b," },
	{ "a,b", ",\"a,b\"," },   { "a \"b\"", ",\"a \"\"b\"\"\"," },
	{ "a\nb", ",\"a\nb\"," }, { "=\"x\"", ",\"'=\"\"x\"\"\"," },
};

START_TEST(no_cell_is_a_formula)
{
	struct ed_fleet_row row = row_full();

	row.model = ed_str_from(cells[_i].model);
	ed_fleet_csv_head(&out);
	ed_fleet_row_csv(&row, &out);
	ck_assert_msg(strstr(out.p, cells[_i].cell) != NULL, "%s", out.p);
	ck_assert_ptr_nonnull(strstr(out.p, ",store-network;clock-skew,"));
	ck_assert_int_eq(strncmp(out.p, "source,bundle,device_tag,", 25), 0);
	ck_assert_str_eq(out.p + out.len - 2, "\r\n");
}
END_TEST

/* A sum of the two rows and of @more with models of their own. */
static struct ed_fleet_sum *sum_of(size_t more)
{
	struct ed_fleet_row row = row_full(), unread = row_unread();
	struct ed_fleet_sum *sum = NULL;
	char model[32];

	ck_assert_int_eq(ed_fleet_sum_new(&sum, &err), ED_OK);
	ck_assert_int_eq(ed_fleet_sum_add(sum, &row, &err), ED_OK);
	ck_assert_int_eq(ed_fleet_sum_add(sum, &unread, &err), ED_OK);
	for (size_t i = 0; i < more; i++) {
		snprintf(model, sizeof(model), "Model %05zu", i);
		row.model = ed_str_from(model);
		ck_assert_int_eq(ed_fleet_sum_add(sum, &row, &err), ED_OK);
	}
	return sum;
}

START_TEST(different_values_have_a_limit)
{
	struct ed_fleet_sum *sum = sum_of(ED_LIMIT_FLEET_KEYS + 100);
	const char *others;

	ed_fleet_sum_json(sum, &out);
	ck_assert_int_eq(out.status, ED_OK);
	others = strstr(out.p, "\"(others)\"");
	ck_assert_ptr_nonnull(others);
	/* two keys were there before, and others is one itself */
	ck_assert_ptr_eq(strstr(others, "\"count\": 102"), strstr(others, "\"count\": "));
	ed_fleet_sum_free(sum);
}
END_TEST

START_TEST(all_forms_tell_the_sum)
{
	struct ed_fleet_sum *sum = sum_of(60);

	ed_fleet_sum_text(sum, &out);
	ck_assert_int_eq(out.status, ED_OK);
	ck_assert_ptr_nonnull(strstr(out.p, "61 of 62 are blocked or failed, most by store-network "
					    "(61); 1 could not be read"));
	ck_assert_ptr_nonnull(strstr(out.p, " in 50 more"));
	ck_assert_ptr_nonnull(strstr(out.p, "no bytes"));
	ed_fleet_sum_free(sum);
	sum = sum_of(1);
	ed_buf_clear(&out);
	ed_fleet_sum_html(sum, &out);
	ck_assert_int_eq(out.status, ED_OK);
	ck_assert_ptr_null(strstr(out.p, "<b>"));
	ck_assert_ptr_null(strstr(out.p, "<script"));
	ck_assert_ptr_nonnull(strstr(out.p, "Slate &quot;5&quot;, &lt;b&gt;"));
	ed_fleet_sum_free(sum);
}
END_TEST

START_TEST(nothing_is_a_sum_too)
{
	struct ed_fleet_sum *sum = NULL;

	ck_assert_int_eq(ed_fleet_sum_new(&sum, &err), ED_OK);
	ed_fleet_sum_text(sum, &out);
	ck_assert_str_eq(out.p, "0 of 0 are blocked or failed\n");
	ed_fleet_sum_html(sum, &out);
	ed_fleet_sum_json(sum, &out);
	ck_assert_int_eq(out.status, ED_OK);
	ed_fleet_sum_free(sum);
	ed_fleet_sum_free(NULL);
}
END_TEST

/* Everything with @n allocations; true when they were enough. */
static bool everything(long n)
{
	struct ed_fleet_row row = row_full(), unread = row_unread(), back;
	struct ed_fleet_sum *sum = NULL;
	ed_status status;
	bool good;

	ed_arena_reset(&arena);
	ed_alloc_fail_after(n);
	ed_buf_clear(&out);
	ed_fleet_row_json(&row, &out);
	status = out.status == ED_OK ? ed_fleet_row_parse(ed_buf_str(&out), &arena, &back, &err)
				     : out.status;
	if (status == ED_OK)
		status = ed_fleet_sum_new(&sum, &err);
	if (status == ED_OK)
		status = ed_fleet_sum_add(sum, &back, &err);
	if (status == ED_OK)
		status = ed_fleet_sum_add(sum, &unread, &err);
	if (status == ED_OK) {
		ed_fleet_row_csv(&back, &out);
		ed_fleet_sum_text(sum, &out);
		ed_fleet_sum_json(sum, &out);
		ed_fleet_sum_html(sum, &out);
		status = out.status;
	}
	ed_alloc_fail_after(-1);
	ed_fleet_sum_free(sum);
	good = status == ED_OK;
	ck_assert_msg(good || status == ED_NOMEM, "%ld: status %d", n, (int)status);
	return good;
}

START_TEST(memory_may_run_out)
{
	long n = 0;

	while (!everything(n)) {
		ed_buf_release(&out);
		ed_buf_init(&out, 64 * ED_MIB);
		ck_assert_int_lt(++n, 1000);
	}
	ck_assert_int_gt(n, 10);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fleet");
	TCase *tc = tcase_create("fleet");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, a_row_read_back_is_the_same_line, 0, 2);
	tcase_add_loop_test(tc, what_is_no_row_is_refused, 0, ED_COUNT(no_rows));
	tcase_add_loop_test(tc, a_wrong_value_is_no_row, 0, ED_COUNT(changes));
	tcase_add_loop_test(tc, no_cell_is_a_formula, 0, ED_COUNT(cells));
	tcase_add_test(tc, different_values_have_a_limit);
	tcase_add_test(tc, all_forms_tell_the_sum);
	tcase_add_test(tc, nothing_is_a_sum_too);
	tcase_add_test(tc, memory_may_run_out);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/* The command line: what is understood, what is refused and how that is said, the help. */
#include "options.h"

#include <check.h>

#include "espdiag/base/limits.h"

#define ARGS_MAX 16

/* Splits @line at spaces; "~" is an empty argument. The words live in @hold. */
static int split(const char *line, char *hold, size_t hold_len, char **argv)
{
	int argc = 0;

	snprintf(hold, hold_len, "espdiag %s", line);
	for (char *p = hold; *p;) {
		char *end = strchr(p, ' ');

		ck_assert_int_lt(argc, ARGS_MAX);
		argv[argc++] = p[0] == '~' ? p + 1 : p;
		if (!end)
			break;
		*end = '\0';
		p = end + 1;
	}
	return argc;
}

static ed_status parse(const char *line, struct ed_options *options, struct ed_error *err)
{
	static char hold[512];
	static const char *paths[ARGS_MAX];
	char *argv[ARGS_MAX];
	int argc = split(line, hold, sizeof(hold), argv);

	*options = (struct ed_options){ .paths = paths };
	return ed_options_parse(options, argc, argv, err);
}

static const struct {
	const char *line, *text;
} refused[] = {
	{ "analyse x", "unknown command 'analyse'; the nearest known one is 'analyze'" },
	{ "collcet", "unknown command 'collcet'; the nearest known one is 'collect'" },
	{ "./folder", "unknown command './folder'; the nearest known one is 'fleet'" },
	{ "explian 5", "unknown command 'explian'; the nearest known one is 'explain'" },
	{ "install --keep-bundles",
	  "option '--keep-bundles' is not for 'install' but for uninstall" },
	{ "uninstall --on-failure",
	  "option '--on-failure' is not for 'uninstall' but for collect, install" },
	{ "install C:\\x", "'install' takes no PATH: 'C:\\x'" },
	{ "analyze --eventlog x", "option '--eventlog' is not for 'analyze' but for collect" },
	{ "explain", "'explain' needs an ID: a code, Provider/ID, a finding or an action" },
	{ "explain --strict 5",
	  "option '--strict' is not for 'explain' but for collect, analyze, events" },
	{ "explain -x", "unknown option '-x'; the nearest known one is '-o'" },
	{ "analyze -5", "unknown option '-5'; the nearest known one is '-o'" },
	{ "-5 explain", "unknown option '-5'; the nearest known one is '-o'" },
	{ "analyze", "'analyze' needs a PATH: a folder, .zip, .cab or file" },
	{ "analyze --", "'analyze' needs a PATH: a folder, .zip, .cab or file" },
	{ "analyze --fromat=json x",
	  "unknown option '--fromat'; the nearest known one is '--format'" },
	{ "analyze --no-colour x",
	  "unknown option '--no-colour'; the nearest known one is '--no-color'" },
	{ "analyze -x x", "unknown option '-x'; the nearest known one is '-o'" },
	{ "--versoin", "unknown option '--versoin'; the nearest known one is '--version'" },
	{ "analyze --format", "option '--format' needs a value: text|json|ndjson|html" },
	{ "analyze --format html x y", "--format html is a page of one PATH, not of 2" },
	{ "explain --format html x", "--format 'html' is not one of text|json|ndjson" },
	{ "analyze --format= x", "--format '' is not one of text|json|ndjson|html" },
	{ "analyze --strict=yes x", "option '--strict' takes no value" },
	{ "analyze -o ~ x", "-o needs a file name" },
	{ "analyze --at yesterday x",
	  "--at 'yesterday' is not a time such as 2026-09-14T08:15:00Z" },
	{ "analyze --at 2026-02-30T00:00:00Z x",
	  "--at '2026-02-30T00:00:00Z' is not a time such as 2026-09-14T08:15:00Z" },
	{ "analyze --at 2026-02-03 x",
	  "--at '2026-02-03' is not a time such as 2026-09-14T08:15:00Z" },
	{ "analyze --format xml x", "--format 'xml' is not one of text|json|ndjson|html" },
	{ "verify", "'verify' needs a BUNDLE: a .zip of espdiag or the folder it was unpacked to" },
	{ "verify a b", "'verify' takes one BUNDLE, not 2" },
	{ "verify --format ndjson a", "--format 'ndjson' is not one of text|json" },
	{ "verify --format html a", "--format 'html' is not one of text|json" },
	{ "verify --digest 1234567 a", "--digest '1234567' is not 8 to 64 hex digits" },
	{ "verify --digest 1234567g a", "--digest '1234567g' is not 8 to 64 hex digits" },
	{ "verify --prefer-raw a", "option '--prefer-raw' is not for 'verify' but for analyze" },
	{ "analyze --digest 12345678 a", "option '--digest' is not for 'analyze' but for verify" },
	{ "events", "'events' needs a PATH: a folder, .zip, .cab or file" },
	{ "events --format", "option '--format' needs a value: ndjson|json|xml|text" },
	{ "events --format html x", "--format 'html' is not one of ndjson|json|xml|text" },
	{ "events --format xml --fields a x", "--fields is not for --format xml" },
	{ "events --fields , x", "--fields names no field" },
	{ "events --id 4624x x", "'4624x' is no event id such as 4624 or 4700-4720" },
	{ "events --level 9-1 x",
	  "'9-1' is no level: critical, error, warning, information, verbose, or a number" },
	{ "events --channel ~ x", "no name given" },
	{ "events --until 7d x", "--until '7d' is not a time such as 2026-09-14T08:15:00Z" },
	{ "events --since soon x", "--since 'soon' is neither a time such as 2026-09-14T08:15:00Z "
				   "nor a duration such as 90m, 24h or 7d" },
	{ "events --since 0h x", "--since '0h' is neither a time such as 2026-09-14T08:15:00Z "
				 "nor a duration such as 90m, 24h or 7d" },
	{ "analyze --id 5 x", "option '--id' is not for 'analyze' but for events" },
	{ "compare", "'compare' needs two PATHs of one device, BEFORE and AFTER" },
	{ "compare x", "'compare' takes BEFORE and AFTER, not 1 PATH" },
	{ "compare x y z", "'compare' takes BEFORE and AFTER, not 3 PATHs" },
	{ "compare --format csv x y", "--format 'csv' is not one of text|json|html" },
	{ "analyze --force x", "option '--force' is not for 'analyze' but for compare" },
	{ "fleet --format xml x", "--format 'xml' is not one of text|ndjson|csv|html|json" },
	{ "fleet --shard 3 x", "--shard '3' is not I/N with I from 0 to N-1" },
	{ "fleet --shard 3/3 x", "--shard '3/3' is not I/N with I from 0 to N-1" },
	{ "fleet --shard 0/0 x", "--shard '0/0' is not I/N with I from 0 to N-1" },
	{ "fleet --shard -1/3 x", "--shard '-1/3' is not I/N with I from 0 to N-1" },
	{ "fleet --jobs 0 x", "--jobs '0' is not a number from 1 to 256" },
	{ "fleet --jobs 257 x", "--jobs '257' is not a number from 1 to 256" },
	{ "fleet --merge --shard 0/2 x", "--merge joins what --shard split: not both" },
	{ "collect x", "'collect' takes no PATH: 'x'" },
	{ "explain --strict 5",
	  "option '--strict' is not for 'explain' but for collect, analyze, events" },
	{ "watch --format json", "option '--format' is not for 'watch' but for collect, analyze, "
				 "explain, events, verify, compare, fleet" },
	{ "watch x", "'watch' takes no PATH: 'x'" },
	{ "watch --speed 5", "'watch' takes --speed and --since with --replay" },
	{ "watch --since 5m", "'watch' takes --speed and --since with --replay" },
	{ "watch --replay x --speed -1", "--speed '-1' is not a number from 0 to 1000000" },
	{ "watch --replay=", "--replay needs a PATH" },
	{ "watch --log=", "--log needs a file name" },
};

START_TEST(wrong_usage_is_one_line)
{
	struct ed_options options;
	struct ed_error err = { 0 };

	ck_assert_msg(parse(refused[_i].line, &options, &err) == ED_ARG, "%s", refused[_i].line);
	ck_assert_str_eq(err.text, refused[_i].text);
}
END_TEST

START_TEST(long_words_are_refused_all_the_same)
{
	char line[400] = "--";
	struct ed_options options;
	struct ed_error err = { 0 };

	memset(line + 2, 'x', sizeof(line) - 3);
	ck_assert_int_eq(parse(line, &options, &err), ED_ARG);
	ck_assert_uint_lt(strlen(err.text), sizeof(err.text));
}
END_TEST

START_TEST(everything_at_once)
{
	struct ed_options o;
	struct ed_error err = { 0 };

	ck_assert_msg(
		parse("--quiet analyze a --format=json --at 2026-09-14T08:15:00Z b -o out.json "
		      "--strict --exit-verdict -- --verbose",
		      &o, &err) == ED_OK,
		"%s", err.text);
	ck_assert_int_eq(o.command, ED_COMMAND_ANALYZE);
	ck_assert_int_eq(o.format, ED_FORMAT_JSON);
	ck_assert(ed_str_eq(o.output, ED_STR("out.json")));
	ck_assert_int_eq(o.at, ed_time_from_civil((struct ed_civil){ 2026, 9, 14, 8, 15, 0, 0 }));
	ck_assert(o.strict && o.exit_verdict && o.quiet && !o.verbose && !o.no_color);
	ck_assert_uint_eq(o.path_count, 3);
	ck_assert_str_eq(o.paths[0], "a");
	ck_assert_str_eq(o.paths[1], "b");
	ck_assert_str_eq(o.paths[2], "--verbose");
}
END_TEST

START_TEST(defaults)
{
	struct ed_options o;

	ck_assert_int_eq(parse("", &o, NULL), ED_OK);
	ck_assert_int_eq(o.command, ED_COMMAND_COLLECT);
	ck_assert(!o.command_given);
	ck_assert_int_eq(parse("analyze -", &o, NULL), ED_OK);
	ck_assert_str_eq(o.paths[0], "-");
	ck_assert_int_eq(o.format, ED_FORMAT_TEXT);
	ck_assert(ed_str_eq(o.output, ED_STR("-")));
	ck_assert_int_eq(o.at, ED_TIME_NONE);
	ck_assert_int_eq(parse("analyze --format text --format ndjson x", &o, NULL), ED_OK);
	ck_assert_int_eq(o.format, ED_FORMAT_NDJSON);
}
END_TEST

/* A signed code is no option. */
START_TEST(negative_numbers_are_ids)
{
	struct ed_options o;

	ck_assert_int_eq(parse("explain -2016345708 --format json 53000 -- -x", &o, NULL), ED_OK);
	ck_assert_int_eq(o.command, ED_COMMAND_EXPLAIN);
	ck_assert_int_eq(o.format, ED_FORMAT_JSON);
	ck_assert_uint_eq(o.path_count, 3);
	ck_assert_str_eq(o.paths[0], "-2016345708");
	ck_assert_str_eq(o.paths[1], "53000");
	ck_assert_str_eq(o.paths[2], "-x");
}
END_TEST

START_TEST(events_are_filtered)
{
	struct ed_event_head head = {
		.channel = ED_STR("System"), .provider = ED_STR("Disk"), .id = 4701, .level = 2
	};
	struct ed_options o;
	struct ed_error err = { 0 };

	ck_assert_int_eq(parse("events a b", &o, &err), ED_OK);
	ck_assert_int_eq(o.format, ED_FORMAT_NDJSON);
	ck_assert(ed_filter_matches(&o.filter, &head));
	ck_assert_msg(parse("--format xml events --id 5,4700-4702 --level error --channel sys* "
			    "--since 36h a",
			    &o, &err) == ED_OK,
		      "%s", err.text);
	ck_assert_int_eq(o.format, ED_FORMAT_XML);
	ck_assert_int_eq(o.since_ago, 36 * 60 * ED_TICKS_PER_MINUTE);
	ck_assert(!ed_filter_has_window(&o.filter));
	ck_assert(ed_filter_matches(&o.filter, &head));
	head.id = 4699;
	ck_assert(!ed_filter_matches(&o.filter, &head));
	ck_assert_int_eq(
		parse("events --fields at,Error\tCode,, --since 2026-01-02T00:00:00Z a", &o, &err),
		ED_OK);
	ck_assert_uint_eq(o.fields.count, 2);
	ck_assert(ed_filter_has_window(&o.filter));
}
END_TEST

static const char *const asks_for_help[] = { "--help",
					     "/?",
					     "-h",
					     "analyze --help",
					     "analyze /?",
					     "collect --help --quiet",
					     "explain --help",
					     "events --help",
					     "watch --help" };

START_TEST(help_needs_no_path)
{
	struct ed_options o;
	struct ed_str rest, line;
	struct ed_buf out;

	ck_assert_msg(parse(asks_for_help[_i], &o, NULL) == ED_OK, "%s", asks_for_help[_i]);
	ck_assert(o.help);
	ed_buf_init(&out, ED_MIB);
	ed_options_help(&o, &out);
	rest = ed_buf_str(&out);
	ck_assert(ed_str_ends(rest, ED_STR("\n")));
	while (ed_str_line(&rest, &line)) {
		ck_assert_msg(line.len <= 79, "%.*s", ED_FMT(line));
		ck_assert_msg(!ed_str_ends(line, ED_STR(" ")), "%.*s", ED_FMT(line));
	}
	ck_assert_ptr_nonnull(strstr(out.p, "--help"));
	/* an option of one command only is listed with that command only */
	ck_assert_int_eq(strstr(out.p, "--prefer-raw") != NULL,
			 o.command_given && o.command == ED_COMMAND_ANALYZE);
	ed_buf_release(&out);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("options");
	TCase *tcase = tcase_create("options");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tcase, wrong_usage_is_one_line, 0, (int)ED_COUNT(refused));
	tcase_add_test(tcase, long_words_are_refused_all_the_same);
	tcase_add_test(tcase, everything_at_once);
	tcase_add_test(tcase, defaults);
	tcase_add_test(tcase, negative_numbers_are_ids);
	tcase_add_test(tcase, events_are_filtered);
	tcase_add_loop_test(tcase, help_needs_no_path, 0, (int)ED_COUNT(asks_for_help));
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

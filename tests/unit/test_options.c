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
	{ "watch --format json", "--format 'json' is not one of text; --log FILE takes lines of "
				 "JSON" },
	{ "watch x", "'watch' takes no PATH: 'x'" },
	{ "watch --speed 5", "'watch' takes --speed, --since and --at with --replay" },
	{ "watch --since 5m", "'watch' takes --speed, --since and --at with --replay" },
	{ "collect --since 2026-09-14T08:15:00Z",
	  "'collect' takes --since as a duration such as 24h: the clock of a new device lies" },
	{ "fleet --merge --since 1d x", "--merge joins rows that were judged before: --at, --since "
					"and --timeout are for that run" },
	{ "analyze --timeout 0 x", "--timeout '0' is not a number of seconds from 1 to 3600" },
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

/*
 * The common options, and what each command says of them; NULL: it takes them. Those without a
 * row are taken everywhere.
 */
static const struct {
	const char *option;
	enum ed_command command;
	const char *text;
} common[] = {
#define JUDGING "collect, analyze, events, compare, fleet, watch"
#define REFUSED(option, command, others)                                                           \
	"option '" option "' is not for '" command "' but for " others
	{ "--format json", ED_COMMAND_SELFTEST, "--format 'json' is not one of text" },
	{ "--format json", ED_COMMAND_INSTALL, "--format 'json' is not one of text" },
	{ "--format json", ED_COMMAND_UNINSTALL, "--format 'json' is not one of text" },
	{ "--format json", ED_COMMAND_WATCH,
	  "--format 'json' is not one of text; --log FILE takes lines of JSON" },
#define PRINTING "analyze, explain, events, verify, compare, fleet, selftest"
	{ "-o x", ED_COMMAND_COLLECT,
	  REFUSED("-o", "collect", PRINTING "; --out says where its bundle goes") },
	{ "-o x", ED_COMMAND_WATCH,
	  REFUSED("-o", "watch", PRINTING "; --log FILE takes what changes") },
	{ "-o x", ED_COMMAND_INSTALL, REFUSED("-o", "install", PRINTING) },
	{ "-o x", ED_COMMAND_UNINSTALL, REFUSED("-o", "uninstall", PRINTING) },
#define NOT_JUDGED(option, command) REFUSED(option, command, JUDGING "; nothing is judged here")
	{ "--at 2026-09-14T08:15:00Z", ED_COMMAND_EXPLAIN, NOT_JUDGED("--at", "explain") },
	{ "--at 2026-09-14T08:15:00Z", ED_COMMAND_VERIFY, NOT_JUDGED("--at", "verify") },
	{ "--at 2026-09-14T08:15:00Z", ED_COMMAND_SELFTEST, NOT_JUDGED("--at", "selftest") },
	{ "--at 2026-09-14T08:15:00Z", ED_COMMAND_INSTALL, NOT_JUDGED("--at", "install") },
	{ "--at 2026-09-14T08:15:00Z", ED_COMMAND_UNINSTALL, NOT_JUDGED("--at", "uninstall") },
	{ "--since 24h", ED_COMMAND_EXPLAIN, NOT_JUDGED("--since", "explain") },
	{ "--since 24h", ED_COMMAND_VERIFY, NOT_JUDGED("--since", "verify") },
	{ "--since 24h", ED_COMMAND_SELFTEST, NOT_JUDGED("--since", "selftest") },
	{ "--since 24h", ED_COMMAND_INSTALL, NOT_JUDGED("--since", "install") },
	{ "--since 24h", ED_COMMAND_UNINSTALL, NOT_JUDGED("--since", "uninstall") },
#define REDACTING "collect, analyze, events"
#define NO_REDACT(command)                                                                         \
	REFUSED("--redact", command, REDACTING "; bundles are redacted when they are collected")
	{ "--redact strict", ED_COMMAND_EXPLAIN, REFUSED("--redact", "explain", REDACTING) },
	{ "--redact strict", ED_COMMAND_VERIFY, REFUSED("--redact", "verify", REDACTING) },
	{ "--redact strict", ED_COMMAND_COMPARE, NO_REDACT("compare") },
	{ "--redact strict", ED_COMMAND_FLEET, NO_REDACT("fleet") },
	{ "--redact strict", ED_COMMAND_SELFTEST, REFUSED("--redact", "selftest", REDACTING) },
	{ "--redact strict", ED_COMMAND_INSTALL, REFUSED("--redact", "install", REDACTING) },
	{ "--redact strict", ED_COMMAND_UNINSTALL, REFUSED("--redact", "uninstall", REDACTING) },
	{ "--redact strict", ED_COMMAND_WATCH, NO_REDACT("watch") },
#define NO_RAW(command) REFUSED("--raw", command, "collect; nothing else writes a bundle")
	{ "--raw", ED_COMMAND_ANALYZE, NO_RAW("analyze") },
	{ "--raw", ED_COMMAND_EXPLAIN, NO_RAW("explain") },
	{ "--raw", ED_COMMAND_EVENTS, NO_RAW("events") },
	{ "--raw", ED_COMMAND_VERIFY, NO_RAW("verify") },
	{ "--raw", ED_COMMAND_COMPARE, NO_RAW("compare") },
	{ "--raw", ED_COMMAND_FLEET, NO_RAW("fleet") },
	{ "--raw", ED_COMMAND_SELFTEST, NO_RAW("selftest") },
	{ "--raw", ED_COMMAND_INSTALL, NO_RAW("install") },
	{ "--raw", ED_COMMAND_UNINSTALL, NO_RAW("uninstall") },
	{ "--raw", ED_COMMAND_WATCH, NO_RAW("watch") },
#define NO_OUT(command) REFUSED("--out", command, "collect; -o FILE takes what is printed")
	{ "--out x", ED_COMMAND_ANALYZE, NO_OUT("analyze") },
	{ "--out x", ED_COMMAND_EXPLAIN, NO_OUT("explain") },
	{ "--out x", ED_COMMAND_EVENTS, NO_OUT("events") },
	{ "--out x", ED_COMMAND_VERIFY, NO_OUT("verify") },
	{ "--out x", ED_COMMAND_COMPARE, NO_OUT("compare") },
	{ "--out x", ED_COMMAND_FLEET, NO_OUT("fleet") },
	{ "--out x", ED_COMMAND_SELFTEST, NO_OUT("selftest") },
	{ "--out x", ED_COMMAND_INSTALL, REFUSED("--out", "install", "collect") },
	{ "--out x", ED_COMMAND_UNINSTALL, REFUSED("--out", "uninstall", "collect") },
	{ "--out x", ED_COMMAND_WATCH,
	  REFUSED("--out", "watch", "collect; --log FILE takes what changes") },
#define TIMED "collect, analyze, events, compare, fleet, selftest, watch"
	{ "--timeout 5", ED_COMMAND_EXPLAIN,
	  REFUSED("--timeout", "explain", TIMED "; it ends at once") },
	{ "--timeout 5", ED_COMMAND_VERIFY,
	  REFUSED("--timeout", "verify", TIMED "; half a check says nothing") },
	{ "--timeout 5", ED_COMMAND_INSTALL,
	  REFUSED("--timeout", "install", TIMED "; it ends at once") },
	{ "--timeout 5", ED_COMMAND_UNINSTALL,
	  REFUSED("--timeout", "uninstall", TIMED "; it ends at once") },
};

/* How each command is asked, and each common option. */
static const char *const asked[ED_COMMAND_COUNT] = {
	[ED_COMMAND_COLLECT] = "collect",        [ED_COMMAND_ANALYZE] = "analyze x",
	[ED_COMMAND_EXPLAIN] = "explain x",      [ED_COMMAND_EVENTS] = "events x",
	[ED_COMMAND_VERIFY] = "verify x",        [ED_COMMAND_COMPARE] = "compare x y",
	[ED_COMMAND_FLEET] = "fleet x",          [ED_COMMAND_SELFTEST] = "selftest",
	[ED_COMMAND_INSTALL] = "install",        [ED_COMMAND_UNINSTALL] = "uninstall",
	[ED_COMMAND_WATCH] = "watch --replay x",
};
static const char *const options_of_all[] = {
	"--format json", "--format text",   "-o x",     "--at 2026-09-14T08:15:00Z",
	"--since 24h",   "--redact strict", "--raw",    "--out x",
	"--timeout 5",   "--jobs 2",        "--quiet",  "--verbose",
	"--no-color",    "--help",          "--version"
};

START_TEST(common_options_are_taken_or_refused_with_a_reason)
{
	for (int command = 0; command < ED_COMMAND_COUNT; command++) {
		const char *expected = NULL;
		struct ed_error err = { 0 };
		struct ed_options o;
		char line[200];
		ed_status status;

		for (size_t i = 0; i < ED_COUNT(common); i++)
			if ((int)common[i].command == command &&
			    strcmp(common[i].option, options_of_all[_i]) == 0)
				expected = common[i].text;
		snprintf(line, sizeof(line), "%s %s", asked[command], options_of_all[_i]);
		status = parse(line, &o, &err);
		ck_assert_msg(status == (expected ? ED_ARG : ED_OK), "%s: %s", line, err.text);
		if (expected)
			ck_assert_str_eq(err.text, expected);
	}
}
END_TEST

START_TEST(a_time_limit_is_there_when_it_is_asked_for)
{
	static const struct {
		const char *line;
		uint32_t seconds;
	} lines[] = { { "collect", 60 },  { "selftest", 60 },
		      { "analyze x", 0 }, { "analyze --timeout 7 x", 7 },
		      { "watch", 0 },     { "collect --timeout 3600", 3600 } };
	struct ed_options o;

	for (size_t i = 0; i < ED_COUNT(lines); i++) {
		ck_assert_int_eq(parse(lines[i].line, &o, NULL), ED_OK);
		ck_assert_uint_eq(o.timeout_seconds, lines[i].seconds);
	}
	ck_assert_int_eq(parse("analyze --since 90m x", &o, NULL), ED_OK);
	ck_assert_int_eq(o.since_ago, 90 * ED_TICKS_PER_MINUTE);
	ck_assert_int_eq(ed_options_since(&o), 0);
	ck_assert_int_eq(parse("analyze --since 2026-09-14T08:15:00Z x", &o, NULL), ED_OK);
	ck_assert_int_eq(o.since_ago, 0);
	ck_assert_int_eq(ed_options_since(&o),
			 ed_time_from_civil((struct ed_civil){ 2026, 9, 14, 8, 15, 0, 0 }));
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
	tcase_add_loop_test(tcase, common_options_are_taken_or_refused_with_a_reason, 0,
			    (int)ED_COUNT(options_of_all));
	tcase_add_test(tcase, a_time_limit_is_there_when_it_is_asked_for);
	tcase_add_loop_test(tcase, help_needs_no_path, 0, (int)ED_COUNT(asks_for_help));
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

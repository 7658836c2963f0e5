/* SPDX-License-Identifier: MIT */
/* The option table, and what reads it: parsing, validity, the nearest name. */
#include "options.h"

#define ON(command) (1u << (command))
#define OFFLINE                                                                                    \
	(ON(ED_COMMAND_ANALYZE) | ON(ED_COMMAND_EXPLAIN) | ON(ED_COMMAND_EVENTS) |                 \
	 ON(ED_COMMAND_VERIFY) | ON(ED_COMMAND_COMPARE) | ON(ED_COMMAND_FLEET))
#define PRINTS (ON(ED_COMMAND_COLLECT) | OFFLINE)
#define INSTALLS (ON(ED_COMMAND_INSTALL) | ON(ED_COMMAND_UNINSTALL))
/* What judges evidence that others recorded. */
#define JUDGES                                                                                     \
	(ON(ED_COMMAND_ANALYZE) | ON(ED_COMMAND_EVENTS) | ON(ED_COMMAND_COMPARE) |                 \
	 ON(ED_COMMAND_FLEET) | ON(ED_COMMAND_WATCH))
#define EVERYWHERE (PRINTS | INSTALLS | ON(ED_COMMAND_SELFTEST) | ON(ED_COMMAND_WATCH))

#define TIMEOUT_DEFAULT 60
#define TIMEOUT_MOST 3600
#define SHARDS_MOST 1000000
#define SPEED_DEFAULT 60
#define SPEED_MOST 1000000

/* Longer words are no typing errors of ours. */
#define NEAREST_LENGTH 32

#define TEXT_ONLY "text", "for people; there is no other"

static const struct {
	const char *name, *arguments, *help;
	const char *needs;                  /* what must be given; NULL when nothing may be */
	bool numbers;                       /* "-5" is no option but something given */
	const char *formats, *formats_help; /* NULL: as in the table of options */
} commands[ED_COMMAND_COUNT] = {
	[ED_COMMAND_COLLECT] = { "collect", "", "Read this device, explain it (needs Windows)",
				 NULL, false, NULL, NULL },
	[ED_COMMAND_ANALYZE] = { "analyze", " PATH...",
				 "Explain recorded evidence: folders, .zip, .cab, single files",
				 "a PATH: a folder, .zip, .cab or file", false,
				 "text|json|ndjson|html",
				 "for people (default), for programs, one line each, a page" },
	[ED_COMMAND_EXPLAIN] = { "explain", " ID...",
				 "Say what a code, event, finding or action means",
				 "an ID: a code, Provider/ID, a finding or an action", true, NULL,
				 NULL },
	[ED_COMMAND_SELFTEST] = { "selftest", "",
				  "Check on this device what no test could show (needs Windows)",
				  NULL, false, TEXT_ONLY },
	[ED_COMMAND_WATCH] = { "watch", "",
			       "Follow the page live (needs Windows), or replay evidence", NULL,
			       false, TEXT_ONLY },
	[ED_COMMAND_INSTALL] = { "install", "",
				 "Put the program on this device, for 'espdiag' at any prompt",
				 NULL, false, TEXT_ONLY },
	[ED_COMMAND_UNINSTALL] = { "uninstall", "", "Take it away again, with what it left", NULL,
				   false, TEXT_ONLY },
	[ED_COMMAND_EVENTS] = { "events", " PATH...", "Print the events of logs",
				"a PATH: a folder, .zip, .cab or file", false,
				"ndjson|json|xml|text",
				"a line of JSON each (default, json too), a document, a table" },
	[ED_COMMAND_VERIFY] = { "verify", " BUNDLE", "Check a bundle against its manifest",
				"a BUNDLE: a .zip of espdiag or the folder it was unpacked to",
				false, "text|json", "for people (default), for programs" },
	[ED_COMMAND_COMPARE] = { "compare", " BEFORE AFTER",
				 "Say what changed on a device, and whether the advice helped",
				 "two PATHs of one device, BEFORE and AFTER", false,
				 "text|json|html", "for people (default), for programs, a page" },
	[ED_COMMAND_FLEET] = { "fleet", " PATH...", "Sum up many bundles, or folders of them",
			       "a PATH: a bundle, or a folder of bundles", false,
			       "text|ndjson|csv|html|json",
			       "a summary (default), a row a bundle (ndjson, csv), a page" },
};

enum option {
	OPTION_FORMAT,
	OPTION_OUTPUT,
	OPTION_AT,
	OPTION_CHANNEL,
	OPTION_PROVIDER,
	OPTION_ID,
	OPTION_LEVEL,
	OPTION_SINCE,
	OPTION_UNTIL,
	OPTION_FIELDS,
	OPTION_REPLAY,
	OPTION_SPEED,
	OPTION_UNTIL_DONE,
	OPTION_DIGEST,
	OPTION_FORCE,
	OPTION_SHARD,
	OPTION_MERGE,
	OPTION_JOBS,
	OPTION_PREFER_RAW,
	OPTION_OUT,
	OPTION_REDACT,
	OPTION_RAW,
	OPTION_SIGN_BY,
	OPTION_TIMEOUT,
	OPTION_EVENTLOG,
	OPTION_ON_FAILURE,
	OPTION_KEEP_BUNDLES,
	OPTION_STRICT,
	OPTION_EXIT_VERDICT,
	OPTION_QUIET,
	OPTION_VERBOSE,
	OPTION_NO_COLOR,
	OPTION_LOG,
	OPTION_HELP,
	OPTION_VERSION,
	OPTION_COUNT,
};

/* clang-format off */
static const struct {
	const char *name;     /* with its dashes */
	const char *argument; /* NULL when it takes none */
	unsigned commands;
	const char *help;
} table[OPTION_COUNT] = {
	[OPTION_FORMAT] = { "--format", "text|json|ndjson", EVERYWHERE,
		"for people (default), for programs, or one line for each" },
	[OPTION_OUTPUT] = { "-o", "FILE", OFFLINE | ON(ED_COMMAND_SELFTEST),
		"write to FILE; - is standard output (default)" },
	[OPTION_AT] = { "--at", "TIME", ON(ED_COMMAND_COLLECT) | JUDGES,
		"as of this UTC time, such as 2026-09-14T08:15:00Z" },
	[OPTION_CHANNEL] = { "--channel", "NAME", ON(ED_COMMAND_EVENTS),
		"only this channel; '*' ends a prefix; may be repeated" },
	[OPTION_PROVIDER] = { "--provider", "NAME", ON(ED_COMMAND_EVENTS),
		"only this provider, likewise" },
	[OPTION_ID] = { "--id", "LIST", ON(ED_COMMAND_EVENTS),
		"only these ids, such as 4624,4700-4720" },
	[OPTION_LEVEL] = { "--level", "LIST", ON(ED_COMMAND_EVENTS),
		"only these: critical,error,warning,information,verbose, 1-3" },
	[OPTION_SINCE] = { "--since", "TIME|DURATION", ON(ED_COMMAND_COLLECT) | JUDGES,
		"nothing older: a time, or 90m, 24h, 7d before the end" },
	[OPTION_UNTIL] = { "--until", "TIME", ON(ED_COMMAND_EVENTS) | ON(ED_COMMAND_WATCH),
		"not after this time" },
	[OPTION_FIELDS] = { "--fields", "LIST", ON(ED_COMMAND_EVENTS),
		"only these, such as at,event,ErrorCode" },
	[OPTION_REPLAY] = { "--replay", "PATH", ON(ED_COMMAND_WATCH),
		"evidence instead of this device: folder, .zip, .cab or file" },
	[OPTION_SPEED] = { "--speed", "N", ON(ED_COMMAND_WATCH),
		"of a replay: N times real time (default 60); 0 does not wait" },
	[OPTION_UNTIL_DONE] = { "--until-done", NULL, ON(ED_COMMAND_WATCH),
		"end when the page is done" },
	[OPTION_DIGEST] = { "--digest", "HEX", ON(ED_COMMAND_VERIFY),
		"of the manifest, 8 digits or more: the last word of the ticket line" },
	[OPTION_FORCE] = { "--force", NULL, ON(ED_COMMAND_COMPARE),
		"also when nothing shows that both are of one device" },
	[OPTION_SHARD] = { "--shard", "I/N", ON(ED_COMMAND_FLEET),
		"only every N-th bundle, from the I-th on; I is 0 to N-1" },
	[OPTION_MERGE] = { "--merge", NULL, ON(ED_COMMAND_FLEET),
		"the PATHs are rows of shards (--format ndjson), to be joined" },
	[OPTION_JOBS] = { "--jobs", "N", EVERYWHERE,
		"at most so many at once: sources (8), bundles, parts of a log" },
	[OPTION_PREFER_RAW] = { "--prefer-raw", NULL, ON(ED_COMMAND_ANALYZE),
		"of a bundle: the raw logs instead of the redacted events" },
	[OPTION_OUT] = { "--out", "FOLDER|FILE.zip", ON(ED_COMMAND_COLLECT),
		"where the bundle goes; default: the removable drive, or here" },
	[OPTION_REDACT] = { "--redact", "standard|strict|none",
		ON(ED_COMMAND_COLLECT) | ON(ED_COMMAND_ANALYZE) | ON(ED_COMMAND_EVENTS),
		"pseudonyms for names (collect: standard); secrets always go" },
	[OPTION_RAW] = { "--raw", NULL, ON(ED_COMMAND_COLLECT),
		"also put unredacted .evtx and boot logs into the bundle" },
	[OPTION_SIGN_BY] = { "--sign-by", "THUMBPRINT|SUBJECT", ON(ED_COMMAND_COLLECT),
		"sign by this certificate of the machine; failing only warns" },
	[OPTION_TIMEOUT] = { "--timeout", "SECONDS",
		ON(ED_COMMAND_COLLECT) | ON(ED_COMMAND_SELFTEST) | JUDGES,
		"of the whole run (collect: 60); what was not read is told" },
	[OPTION_EVENTLOG] = { "--eventlog", NULL, ON(ED_COMMAND_COLLECT),
		"also write the verdict to the Application log, source espdiag" },
	[OPTION_ON_FAILURE] = { "--on-failure", NULL,
		ON(ED_COMMAND_COLLECT) | ON(ED_COMMAND_INSTALL),
		"install: a task for when the page fails; collect: its run" },
	[OPTION_KEEP_BUNDLES] = { "--keep-bundles", NULL, ON(ED_COMMAND_UNINSTALL),
		"leave the bundles that the task made" },
	[OPTION_STRICT] = { "--strict", NULL,
		ON(ED_COMMAND_COLLECT) | ON(ED_COMMAND_ANALYZE) | ON(ED_COMMAND_EVENTS),
		"exit 4 when evidence was partly unreadable" },
	[OPTION_EXIT_VERDICT] = { "--exit-verdict", NULL,
		ON(ED_COMMAND_COLLECT) | ON(ED_COMMAND_ANALYZE),
		"exit 10 blocked, 11 waiting, 12 failed, 13 inconclusive" },
	[OPTION_QUIET] = { "--quiet", NULL, EVERYWHERE, "no progress on standard error" },
	[OPTION_VERBOSE] = { "--verbose", NULL, EVERYWHERE,
		"text of a verdict: also all findings, evidence, coverage" },
	[OPTION_NO_COLOR] = { "--no-color", NULL, EVERYWHERE,
		"no colour (it is used on terminals only; NO_COLOR works too)" },
	[OPTION_LOG] = { "--log", "FILE", ON(ED_COMMAND_WATCH),
		"add a line of JSON for each change; go on where FILE ends" },
	[OPTION_HELP] = { "--help", NULL, EVERYWHERE, "this text; /? works too" },
	[OPTION_VERSION] = { "--version", NULL, EVERYWHERE, "the version" },
};
/* clang-format on */

/* What to do instead, for options that a command refuses. */
static const struct {
	enum option option;
	unsigned commands;
	const char *hint;
} hints[] = {
	{ OPTION_OUT, OFFLINE | ON(ED_COMMAND_SELFTEST), "-o FILE takes what is printed" },
	{ OPTION_OUT, ON(ED_COMMAND_WATCH), "--log FILE takes what changes" },
	{ OPTION_OUTPUT, ON(ED_COMMAND_WATCH), "--log FILE takes what changes" },
	{ OPTION_OUTPUT, ON(ED_COMMAND_COLLECT), "--out says where its bundle goes" },
	{ OPTION_RAW, EVERYWHERE, "nothing else writes a bundle" },
	{ OPTION_REDACT, ON(ED_COMMAND_FLEET) | ON(ED_COMMAND_COMPARE) | ON(ED_COMMAND_WATCH),
	  "bundles are redacted when they are collected" },
	{ OPTION_AT, EVERYWHERE, "nothing is judged here" },
	{ OPTION_SINCE, EVERYWHERE, "nothing is judged here" },
	{ OPTION_TIMEOUT, ON(ED_COMMAND_VERIFY), "half a check says nothing" },
	{ OPTION_TIMEOUT, EVERYWHERE, "it ends at once" },
};

static const char *const format_words[] = {
	[ED_FORMAT_TEXT] = "text", [ED_FORMAT_JSON] = "json", [ED_FORMAT_NDJSON] = "ndjson",
	[ED_FORMAT_XML] = "xml",   [ED_FORMAT_HTML] = "html", [ED_FORMAT_CSV] = "csv",
};

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Edits (insert, delete, replace, swap of neighbours) that make @a into @b; both cut in length. */
static size_t word_distance(struct ed_str a, struct ed_str b)
{
	size_t rows[3][NEAREST_LENGTH + 1];

	a.len = least(a.len, NEAREST_LENGTH);
	b.len = least(b.len, NEAREST_LENGTH);
	for (size_t j = 0; j <= b.len; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t *row = rows[i % 3];
		const size_t *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			bool same = a.p[i - 1] == b.p[j - 1];

			row[j] = least(least(row[j - 1], last[j]) + 1, last[j - 1] + !same);
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
	}
	return rows[a.len % 3][b.len];
}

static const char *option_name(size_t i)
{
	return table[i].name;
}

static const char *command_name(size_t i)
{
	return commands[i].name;
}

static const char *nearest(struct ed_str word, const char *(*name)(size_t i), size_t count)
{
	size_t best = 0, best_distance = SIZE_MAX;

	for (size_t i = 0; i < count; i++) {
		size_t distance = word_distance(word, ed_str_from(name(i)));

		if (distance < best_distance) {
			best = i;
			best_distance = distance;
		}
	}
	return name(best);
}

#define GIVEN(option) (UINT64_C(1) << (option))

/* The arguments that are left, and what was found so far. */
struct parser {
	struct ed_options *options;
	char **argv;
	int argc, next;
	uint64_t given; /* GIVEN() of each */
	struct ed_error *err;
};

/* What an option takes, as far as the command is known. */
static const char *option_argument(enum option option, const struct ed_options *options)
{
	const char *formats = options->command_given ? commands[options->command].formats : NULL;

	return option == OPTION_FORMAT && formats ? formats : table[option].argument;
}

static ed_status format_refuse(const struct parser *p, struct ed_str word)
{
	const struct ed_options *o = p->options;

	return ed_fail(p->err, ED_ARG, "--format '%.*s' is not one of %s%s", ED_FMT(word),
		       option_argument(OPTION_FORMAT, o),
		       o->command == ED_COMMAND_WATCH ? "; --log FILE takes lines of JSON" : "");
}

static ed_status set_format(struct parser *p, struct ed_str value)
{
	for (size_t i = 0; i < ED_COUNT(format_words); i++) {
		if (ed_str_eq(value, ed_str_from(format_words[i]))) {
			p->options->format = (enum ed_format)i;
			return ED_OK;
		}
	}
	return format_refuse(p, value);
}

static ed_status set_time(const struct parser *p, enum option option, struct ed_str value,
			  int64_t *out)
{
	if (ed_time_parse(value, out))
		return ED_OK;
	return ed_fail(p->err, ED_ARG, "%s '%.*s' is not a time such as 2026-09-14T08:15:00Z",
		       table[option].name, ED_FMT(value));
}

/* "90m", "24h", "7d", "30s", each a whole number. */
static bool duration_parse(struct ed_str s, int64_t *ticks)
{
	static const struct {
		char unit;
		int64_t ticks;
	} units[] = {
		{ 's', ED_TICKS_PER_SECOND },
		{ 'm', ED_TICKS_PER_MINUTE },
		{ 'h', 60 * ED_TICKS_PER_MINUTE },
		{ 'd', 24 * 60 * ED_TICKS_PER_MINUTE },
	};
	uint64_t n;

	for (size_t i = 0; s.len > 1 && i < ED_COUNT(units); i++) {
		if (s.p[s.len - 1] != units[i].unit ||
		    !ed_number_parse(ed_str_slice(s, 0, s.len - 1), &n) || !n || n > 1000000)
			continue;
		*ticks = (int64_t)n * units[i].ticks;
		return true;
	}
	return false;
}

static ed_status set_since(struct parser *p, struct ed_str value)
{
	struct ed_options *o = p->options;

	o->since_ago = 0;
	o->filter.since = ED_TIME_NONE;
	if (duration_parse(value, &o->since_ago) || ed_time_parse(value, &o->filter.since))
		return ED_OK;
	return ed_fail(p->err, ED_ARG,
		       "--since '%.*s' is neither a time such as 2026-09-14T08:15:00Z nor a "
		       "duration such as 90m, 24h or 7d",
		       ED_FMT(value));
}

static const char *const redact_words[] = {
	[ED_REDACT_NONE] = "none",
	[ED_REDACT_STANDARD] = "standard",
	[ED_REDACT_STRICT] = "strict",
};

const char *ed_options_redact_word(enum ed_redact_level level)
{
	return redact_words[level];
}

static ed_status set_redact(struct parser *p, struct ed_str value)
{
	for (size_t i = 0; i < ED_COUNT(redact_words); i++) {
		if (ed_str_eq(value, ed_str_from(redact_words[i]))) {
			p->options->redact = (enum ed_redact_level)i;
			return ED_OK;
		}
	}
	return ed_fail(p->err, ED_ARG, "--redact '%.*s' is not one of %s", ED_FMT(value),
		       table[OPTION_REDACT].argument);
}

static ed_status set_timeout(struct parser *p, struct ed_str value)
{
	uint32_t seconds;

	if (!ed_number_u32(value, &seconds) || !seconds || seconds > TIMEOUT_MOST)
		return ed_fail(p->err, ED_ARG,
			       "--timeout '%.*s' is not a number of seconds from 1 to %d",
			       ED_FMT(value), TIMEOUT_MOST);
	p->options->timeout_seconds = seconds;
	return ED_OK;
}

static ed_status set_fields(struct parser *p, struct ed_str value)
{
	struct ed_wanted *fields = &p->options->fields;
	struct ed_str rest = value, piece;

	while (ed_str_next(&rest, ',', &piece)) {
		piece = ed_str_trim(piece);
		if (!piece.len)
			continue;
		if (fields->count == ED_FIELDS_WANTED)
			return ed_fail(p->err, ED_ARG, "--fields takes at most %d names",
				       ED_FIELDS_WANTED);
		fields->names[fields->count++] = piece;
	}
	return fields->count ? ED_OK : ed_fail(p->err, ED_ARG, "--fields names no field");
}

/* Digits in groups, as the ticket line has them. */
static ed_status set_digest(struct parser *p, struct ed_str value)
{
	size_t digits = 0;

	for (size_t i = 0; i < value.len; i++) {
		char c = value.p[i];

		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
			digits++;
		else if (c != '-' && c != ' ' && c != ':')
			digits = SIZE_MAX / 2;
	}
	if (digits < 8 || digits > 64)
		return ed_fail(p->err, ED_ARG, "--digest '%.*s' is not 8 to 64 hex digits",
			       ED_FMT(value));
	p->options->digest = value;
	return ED_OK;
}

/* "I/N", I below N. */
static ed_status set_shard(struct parser *p, struct ed_str value)
{
	size_t slash = ed_str_find(value, ED_STR("/"), 0);
	uint32_t shard, shards;

	if (slash == SIZE_MAX || !ed_number_u32(ed_str_slice(value, 0, slash), &shard) ||
	    !ed_number_u32(ed_str_slice(value, slash + 1, value.len), &shards) ||
	    shards > SHARDS_MOST || shard >= shards)
		return ed_fail(p->err, ED_ARG, "--shard '%.*s' is not I/N with I from 0 to N-1",
			       ED_FMT(value));
	p->options->shard = shard;
	p->options->shards = shards;
	return ED_OK;
}

static ed_status set_speed(struct parser *p, struct ed_str value)
{
	uint32_t speed;

	if (!ed_number_u32(value, &speed) || speed > SPEED_MOST)
		return ed_fail(p->err, ED_ARG, "--speed '%.*s' is not a number from 0 to %d",
			       ED_FMT(value), SPEED_MOST);
	p->options->speed = speed;
	return ED_OK;
}

static ed_status set_jobs(struct parser *p, struct ed_str value)
{
	uint32_t jobs;

	if (!ed_number_u32(value, &jobs) || !jobs || jobs > ED_JOBS_MAX)
		return ed_fail(p->err, ED_ARG, "--jobs '%.*s' is not a number from 1 to %d",
			       ED_FMT(value), ED_JOBS_MAX);
	p->options->jobs = jobs;
	return ED_OK;
}

/* What an option without a value sets; NULL for the others. */
static bool *option_flag(struct ed_options *o, enum option option)
{
	switch ((int)option) {
	case OPTION_FORCE:
		return &o->force;
	case OPTION_MERGE:
		return &o->merge;
	case OPTION_PREFER_RAW:
		return &o->prefer_raw;
	case OPTION_RAW:
		return &o->raw;
	case OPTION_EVENTLOG:
		return &o->eventlog;
	case OPTION_ON_FAILURE:
		return &o->on_failure;
	case OPTION_KEEP_BUNDLES:
		return &o->keep_bundles;
	case OPTION_STRICT:
		return &o->strict;
	case OPTION_EXIT_VERDICT:
		return &o->exit_verdict;
	case OPTION_QUIET:
		return &o->quiet;
	case OPTION_VERBOSE:
		return &o->verbose;
	case OPTION_NO_COLOR:
		return &o->no_color;
	case OPTION_HELP:
		return &o->help;
	case OPTION_VERSION:
		return &o->version;
	default:
		return NULL;
	}
}

static ed_status option_set(struct parser *p, enum option option, struct ed_str value)
{
	struct ed_options *o = p->options;

	p->given |= GIVEN(option);
	if (option_flag(o, option)) {
		*option_flag(o, option) = true;
		return ED_OK;
	}
	switch ((int)option) {
	case OPTION_FORMAT:
		return set_format(p, value);
	case OPTION_AT:
		return set_time(p, option, value, &o->at);
	case OPTION_CHANNEL:
		return ed_filter_add_channel(&o->filter, value, p->err);
	case OPTION_PROVIDER:
		return ed_filter_add_provider(&o->filter, value, p->err);
	case OPTION_ID:
		return ed_filter_add_ids(&o->filter, value, p->err);
	case OPTION_LEVEL:
		return ed_filter_add_levels(&o->filter, value, p->err);
	case OPTION_SINCE:
		return set_since(p, value);
	case OPTION_UNTIL:
		return set_time(p, option, value, &o->filter.until);
	case OPTION_FIELDS:
		return set_fields(p, value);
	case OPTION_REPLAY:
		if (!value.len)
			return ed_fail(p->err, ED_ARG, "--replay needs a PATH");
		o->replay = value;
		return ED_OK;
	case OPTION_SPEED:
		return set_speed(p, value);
	case OPTION_UNTIL_DONE:
		o->until_done = true;
		return ED_OK;
	case OPTION_LOG:
		if (!value.len)
			return ed_fail(p->err, ED_ARG, "--log needs a file name");
		o->log = value;
		return ED_OK;
	case OPTION_OUTPUT:
		if (!value.len)
			return ed_fail(p->err, ED_ARG, "-o needs a file name");
		o->output = value;
		return ED_OK;
	case OPTION_DIGEST:
		return set_digest(p, value);
	case OPTION_SHARD:
		return set_shard(p, value);
	case OPTION_JOBS:
		return set_jobs(p, value);
	case OPTION_OUT:
		if (!value.len)
			return ed_fail(p->err, ED_ARG, "--out needs a folder or a file name");
		o->out = value;
		return ED_OK;
	case OPTION_REDACT:
		return set_redact(p, value);
	case OPTION_SIGN_BY:
		if (!value.len)
			return ed_fail(p->err, ED_ARG, "--sign-by needs a thumbprint or a subject");
		o->sign_by = value;
		return ED_OK;
	case OPTION_TIMEOUT:
		return set_timeout(p, value);
	default:
		return ED_OK;
	}
}

/* One option with its argument, in the form "--name value" or "--name=value". */
static ed_status option_take(struct parser *p, struct ed_str word)
{
	size_t equals = ed_str_find(word, ED_STR("="), 0);
	struct ed_str name = equals == SIZE_MAX ? word : ed_str_slice(word, 0, equals);
	struct ed_str value = { NULL, 0 };
	size_t i = 0;

	if (ed_str_eq(word, ED_STR("/?")) || ed_str_eq(word, ED_STR("-h")))
		name = ed_str_from(table[OPTION_HELP].name);
	while (i < OPTION_COUNT && !ed_str_eq(name, ed_str_from(table[i].name)))
		i++;
	if (i == OPTION_COUNT)
		return ed_fail(p->err, ED_ARG,
			       "unknown option '%.*s'; the nearest known one is '%s'", ED_FMT(name),
			       nearest(name, option_name, OPTION_COUNT));
	if (equals != SIZE_MAX)
		value = ed_str_slice(word, equals + 1, word.len);
	if (!table[i].argument && value.p)
		return ed_fail(p->err, ED_ARG, "option '%s' takes no value", table[i].name);
	if (table[i].argument && !value.p) {
		if (p->next == p->argc)
			return ed_fail(p->err, ED_ARG, "option '%s' needs a value: %s",
				       table[i].name, option_argument((enum option)i, p->options));
		value = ed_str_from(p->argv[p->next++]);
	}
	return option_set(p, (enum option)i, value);
}

static ed_status command_take(struct parser *p, struct ed_str word)
{
	for (size_t i = 0; i < ED_COMMAND_COUNT; i++) {
		if (ed_str_eq(word, ed_str_from(commands[i].name))) {
			p->options->command = (enum ed_command)i;
			p->options->command_given = true;
			return ED_OK;
		}
	}
	return ed_fail(p->err, ED_ARG, "unknown command '%.*s'; the nearest known one is '%s'",
		       ED_FMT(word), nearest(word, command_name, ED_COMMAND_COUNT));
}

static ed_status path_take(struct parser *p, const char *path)
{
	enum ed_command command = p->options->command;

	if (!commands[command].needs)
		return ed_fail(p->err, ED_ARG, "'%s' takes no PATH: '%s'", commands[command].name,
			       path);
	p->options->paths[p->options->path_count++] = path;
	return ED_OK;
}

/* Whether the command's formats, "text|json", name the one that is set. */
static bool format_fits(const struct ed_options *o)
{
	struct ed_str rest = ed_str_from(option_argument(OPTION_FORMAT, o)), word;

	while (rest.p && ed_str_next(&rest, '|', &word))
		if (ed_str_eq(word, ed_str_from(format_words[o->format])))
			return true;
	return false;
}

static const char *hint_of(size_t option, enum ed_command command)
{
	for (size_t i = 0; i < ED_COUNT(hints); i++)
		if ((size_t)hints[i].option == option && (hints[i].commands & ON(command)))
			return hints[i].hint;
	return NULL;
}

/* Names those commands that know it: one of them may be what was meant. */
static ed_status option_refuse(const struct parser *p, size_t option)
{
	const char *hint = hint_of(option, p->options->command);
	char known[120] = "";
	size_t n = 0;

	for (size_t i = 0; i < ED_COMMAND_COUNT; i++)
		if (table[option].commands & ON(i))
			n += (size_t)snprintf(known + n, n < sizeof(known) ? sizeof(known) - n : 0,
					      "%s%s", n ? ", " : "", commands[i].name);
	return ed_fail(p->err, ED_ARG, "option '%s' is not for '%s' but for %s%s%s",
		       table[option].name, commands[p->options->command].name, known,
		       hint ? "; " : "", hint ? hint : "");
}

static ed_status options_check(const struct parser *p)
{
	struct ed_options *o = p->options;

	if (o->help || o->version)
		return ED_OK;
	if (o->command == ED_COMMAND_EVENTS && !(p->given >> OPTION_FORMAT & 1))
		o->format = ED_FORMAT_NDJSON;
	if (!format_fits(o))
		return format_refuse(p, ed_str_from(format_words[o->format]));
	if (o->format == ED_FORMAT_XML && o->fields.count)
		return ed_fail(p->err, ED_ARG, "--fields is not for --format xml");
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if ((p->given >> i & 1) && !(table[i].commands & ON(o->command)))
			return option_refuse(p, i);
	if (commands[o->command].needs && !o->path_count)
		return ed_fail(p->err, ED_ARG, "'%s' needs %s", commands[o->command].name,
			       commands[o->command].needs);
	if (o->command == ED_COMMAND_VERIFY && o->path_count > 1)
		return ed_fail(p->err, ED_ARG, "'verify' takes one BUNDLE, not %zu", o->path_count);
	if (o->command == ED_COMMAND_COMPARE && o->path_count != 2)
		return ed_fail(p->err, ED_ARG, "'compare' takes BEFORE and AFTER, not %zu %s",
			       o->path_count, o->path_count == 1 ? "PATH" : "PATHs");
	if (o->command == ED_COMMAND_WATCH && !o->replay.p &&
	    (p->given & (GIVEN(OPTION_SPEED) | GIVEN(OPTION_SINCE) | GIVEN(OPTION_AT))))
		return ed_fail(p->err, ED_ARG,
			       "'watch' takes --speed, --since and --at with --replay");
	if (o->command == ED_COMMAND_COLLECT && o->filter.since != ED_TIME_NONE)
		return ed_fail(p->err, ED_ARG,
			       "'collect' takes --since as a duration such as 24h: the clock of a "
			       "new device lies");
	if (o->merge && o->shards)
		return ed_fail(p->err, ED_ARG, "--merge joins what --shard split: not both");
	if (o->merge &&
	    (p->given & (GIVEN(OPTION_AT) | GIVEN(OPTION_SINCE) | GIVEN(OPTION_TIMEOUT))))
		return ed_fail(p->err, ED_ARG,
			       "--merge joins rows that were judged before: --at, --since and "
			       "--timeout are for that run");
	if (o->command == ED_COMMAND_ANALYZE && o->format == ED_FORMAT_HTML && o->path_count > 1)
		return ed_fail(p->err, ED_ARG, "--format html is a page of one PATH, not of %zu",
			       o->path_count);
	return ED_OK;
}

static bool is_option(const struct ed_options *options, struct ed_str word)
{
	if (ed_str_eq(word, ED_STR("/?")))
		return true;
	if (word.len < 2 || word.p[0] != '-')
		return false;
	return !(options->command_given && commands[options->command].numbers && word.p[1] >= '0' &&
		 word.p[1] <= '9');
}

ed_status ed_options_parse(struct ed_options *options, int argc, char **argv, struct ed_error *err)
{
	struct parser p = { .options = options, .argv = argv, .argc = argc, .next = 1, .err = err };
	bool all_paths = false;

	options->output = ED_STR("-");
	options->at = ED_TIME_NONE;
	options->speed = SPEED_DEFAULT;
	ed_filter_init(&options->filter);
	while (p.next < argc) {
		const char *z = argv[p.next++];
		struct ed_str word = ed_str_from(z);

		if (!all_paths && ed_str_eq(word, ED_STR("--"))) {
			all_paths = true;
		} else if (!all_paths && is_option(options, word)) {
			ED_TRY(option_take(&p, word));
		} else if (!options->command_given) {
			ED_TRY(command_take(&p, word));
		} else {
			ED_TRY(path_take(&p, z));
		}
	}
	/* what others recorded may be redacted already */
	if (!(p.given & GIVEN(OPTION_REDACT)))
		options->redact = options->command == ED_COMMAND_COLLECT ? ED_REDACT_STANDARD
									 : ED_REDACT_NONE;
	if (!(p.given & GIVEN(OPTION_TIMEOUT)) &&
	    (options->command == ED_COMMAND_COLLECT || options->command == ED_COMMAND_SELFTEST))
		options->timeout_seconds = TIMEOUT_DEFAULT;
	return options_check(&p);
}

int64_t ed_options_since(const struct ed_options *options)
{
	return options->filter.since == ED_TIME_NONE ? 0 : options->filter.since;
}

/* What option @i is called and does for @command; ED_COMMAND_COUNT: for any. */
static struct ed_option_words words_of(size_t i, enum ed_command command)
{
	struct ed_option_words words = { table[i].name, table[i].argument, table[i].help };

	if (i == OPTION_FORMAT && command < ED_COMMAND_COUNT && commands[command].formats) {
		words.argument = commands[command].formats;
		words.help = commands[command].formats_help;
	}
	if (i == OPTION_SINCE && command == ED_COMMAND_COLLECT) {
		words.argument = "DURATION";
		words.help = "nothing older: 90m, 24h, 7d before the end";
	}
	return words;
}

struct ed_option_words ed_options_command(enum ed_command command)
{
	return (struct ed_option_words){ commands[command].name, commands[command].arguments,
					 commands[command].help };
}

size_t ed_options_of(enum ed_command command, struct ed_option_words out[ED_OPTIONS_MOST])
{
	size_t count = 0;

	for (size_t i = 0; i < OPTION_COUNT && count < ED_OPTIONS_MOST; i++)
		if (table[i].commands & ON(command))
			out[count++] = words_of(i, command);
	return count;
}

size_t ed_options_common(struct ed_option_words out[ED_OPTIONS_MOST])
{
	size_t count = 0;

	for (size_t i = 0; i < OPTION_COUNT && count < ED_OPTIONS_MOST; i++)
		if (table[i].commands == EVERYWHERE)
			out[count++] = words_of(i, ED_COMMAND_COUNT);
	return count;
}

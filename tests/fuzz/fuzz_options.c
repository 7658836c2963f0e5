/* SPDX-License-Identifier: MIT */
/*
 * Command lines, a word a line: either one line says what is wrong, or every value is within its
 * bounds, and the same words give the same again.
 */
#include "espdiag/base/limits.h"
#include "espdiag/base/utf.h"
#include "options.h"
#include "reader_fuzz.h"

#define WORDS_MOST 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct line {
	char *text;
	char **argv; /* as many as there are, so that a checker sees one too many */
	int argc;
};

static bool line_split(struct line *line, const uint8_t *data, size_t size)
{
	static char program[] = "espdiag";
	char *next;
	char *words[WORDS_MOST];

	line->text = malloc(size + 1);
	if (!line->text)
		return false;
	if (size)
		memcpy(line->text, data, size);
	line->text[size] = '\0';
	words[line->argc++] = program;
	for (char *word = line->text; *word && line->argc < WORDS_MOST; word = next) {
		next = word + strcspn(word, "\n");
		if (*next)
			*next++ = '\0';
		words[line->argc++] = word;
	}
	line->argv = malloc((size_t)line->argc * sizeof(*line->argv));
	if (line->argv)
		memcpy(line->argv, words, (size_t)line->argc * sizeof(*line->argv));
	return line->argv != NULL;
}

static void check_values(const struct ed_options *o, int argc)
{
	fuzz_require(o->path_count < (size_t)argc, "paths are words of the line");
	for (size_t i = 0; i < o->path_count; i++)
		fuzz_require(strlen(o->paths[i]) < SIZE_MAX, "paths are text");
	fuzz_require(o->command < ED_COMMAND_COUNT && o->format <= ED_FORMAT_CSV, "known words");
	fuzz_require(o->jobs <= ED_JOBS_MAX && o->timeout_seconds <= 3600, "numbers within bounds");
	fuzz_require(!o->shards || o->shard < o->shards, "a shard of the shards");
	fuzz_require(o->fields.count <= ED_FIELDS_WANTED, "fields have room");
	fuzz_require(o->filter.channel_count <= ED_FILTER_WORDS &&
			     o->filter.provider_count <= ED_FILTER_WORDS,
		     "names have room");
	fuzz_require(ed_options_redact_word(o->redact) != NULL, "a known level");
}

/* What the filter says must be what its parts say. */
static void check_filter(const struct ed_filter *filter)
{
	struct ed_event_head head = { .time = filter->since };

	for (uint32_t i = 0; i < 70000; i += 977) {
		head.id = i;
		head.level = (uint8_t)(i % 40);
		head.channel = filter->channel_count ? filter->channels[0] : ED_STR("System");
		head.provider = filter->provider_count ? filter->providers[0] : ED_STR("p");
		if (ed_filter_matches(filter, &head))
			fuzz_require(ed_filter_id(filter, head.id) &&
					     ed_filter_level(filter, head.level) &&
					     ed_filter_time(filter, head.time),
				     "what matches does so in its parts");
	}
	(void)ed_filter_has_window(filter);
}

static void check_help(const struct ed_options *options)
{
	struct ed_option_words words[ED_OPTIONS_MOST];
	struct ed_buf help;

	ed_buf_init(&help, ED_MIB);
	ed_options_help(options, &help);
	fuzz_require(help.status == ED_OK && ed_utf8_valid(ed_buf_str(&help)), "help is text");
	fuzz_require(ed_options_of(options->command, words) <= ED_OPTIONS_MOST, "options fit");
	fuzz_require(ed_options_command(options->command).name != NULL, "a command has a name");
	ed_buf_release(&help);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ed_options options, again;
	struct line line = { .argc = 0 };
	struct ed_error err = { .status = ED_OK };
	const char **paths, **same;
	ed_status status;

	fuzz_require(line_split(&line, data, size), "memory");
	paths = calloc((size_t)line.argc, sizeof(*paths));
	same = calloc((size_t)line.argc, sizeof(*same));
	fuzz_require(paths && same, "memory");
	memset(&options, 0, sizeof(options));
	memset(&again, 0, sizeof(again));
	options.paths = paths;
	again.paths = same;
	status = ed_options_parse(&options, line.argc, line.argv, &err);
	if (status == ED_OK) {
		check_values(&options, line.argc);
		check_filter(&options.filter);
		check_help(&options);
		fuzz_require(ed_options_parse(&again, line.argc, line.argv, NULL) == ED_OK,
			     "the same words fit again");
		again.paths = paths;
		fuzz_require(again.path_count == options.path_count &&
				     memcmp(paths, same, options.path_count * sizeof(*paths)) ==
					     0 &&
				     again.command == options.command && again.at == options.at,
			     "the same words say the same");
	} else {
		fuzz_require((status == ED_ARG || status == ED_LIMIT) && err.status == status,
			     "a status of wrong words");
		fuzz_require(err.text[0] && !strchr(err.text, '\n'), "one line says why");
	}
	free(paths);
	free(same);
	free(line.argv);
	free(line.text);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* The program `scenario`: builds the evidence of a case into files, or says what the case expects.
 */
#include <errno.h>
#include <sys/stat.h>

#include "scenario.h"

#define CASE_LIMIT (1u << 20)

static const char usage[] =
	"usage: scenario build CASE OUTDIR [--wrap FORM] [--variant NAME] [--shift SECONDS]\n"
	"                [--permute SEED] [--locale de|ja|tr] [--replace OLD NEW]\n"
	"       scenario expect|records CASE [the same options]\n"
	"build writes the evidence below OUTDIR and prints the path to analyse;\n"
	"FORM: evtx (default), xml, zip, collect-diagnostics, collect-diagnostics-numbered.\n"
	"expect prints what the case says about the verdict, records every record of its logs;\n"
	"both as JSON.\n";

struct arguments {
	const char *command, *case_path, *out, *form;
	struct scenario_options options;
};

static bool parse_number(const char *text, int64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoll(text, &end, 10);
	return !errno && end != text && !*end;
}

static bool parse_option(struct arguments *a, char **argv, int left, int *used)
{
	const char *name = argv[0];
	int64_t number;

	if (left < 2)
		return false;
	*used = 2;
	if (strcmp(name, "--wrap") == 0)
		a->form = argv[1];
	else if (strcmp(name, "--variant") == 0)
		a->options.variant = argv[1];
	else if (strcmp(name, "--locale") == 0)
		a->options.locale = argv[1];
	else if (strcmp(name, "--shift") == 0 && parse_number(argv[1], &number))
		a->options.shift = number;
	else if (strcmp(name, "--permute") == 0 && parse_number(argv[1], &number))
		a->options.permute = (uint64_t)number;
	else if (strcmp(name, "--replace") == 0 && left >= 3) {
		a->options.replace_from = argv[1];
		a->options.replace_to = argv[2];
		*used = 3;
	} else
		return false;
	return true;
}

static bool parse_arguments(struct arguments *a, int argc, char **argv)
{
	bool build;

	*a = (struct arguments){ .form = "evtx" };
	if (argc < 3)
		return false;
	a->command = argv[1];
	a->case_path = argv[2];
	build = strcmp(a->command, "build") == 0;
	if (!build && strcmp(a->command, "expect") != 0 && strcmp(a->command, "records") != 0)
		return false;
	if (build && argc < 4)
		return false;
	a->out = build ? argv[3] : NULL;
	for (int i = build ? 4 : 3, used; i < argc; i += used) {
		if (!parse_option(a, argv + i, argc - i, &used))
			return false;
	}
	return true;
}

static ed_status read_case(const char *path, struct ed_buf *text, struct ed_error *err)
{
	char block[4096];
	size_t got;
	FILE *f = fopen(path, "rb");

	if (!f)
		return ed_fail(err, ED_IO, "cannot open '%s'", path);
	while ((got = fread(block, 1, sizeof(block), f)) > 0)
		ed_buf_add(text, block, got);
	fclose(f);
	return text->status == ED_OK ? ED_OK : ed_fail(err, text->status, "'%s' is too long", path);
}

/* Makes the folders above @path. */
static ed_status make_folders(char *path, struct ed_error *err)
{
	for (char *p = path + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(path, 0777) != 0 && errno != EEXIST)
			return ed_fail_os(err, ED_IO, (uint32_t)errno, "mkdir",
					  "cannot make the folder '%s'", path);
		*p = '/';
	}
	return ED_OK;
}

static ed_status write_file(const char *out, const struct scenario_file *file, struct ed_error *err)
{
	char path[4096];
	FILE *f;
	bool ok;

	if (snprintf(path, sizeof(path), "%s/%s", out, file->path) >= (int)sizeof(path))
		return ed_fail(err, ED_ARG, "path too long");
	ED_TRY(make_folders(path, err));
	f = fopen(path, "wb");
	if (!f)
		return ed_fail(err, ED_IO, "cannot write '%s'", path);
	ok = fwrite(file->bytes.p, 1, file->bytes.len, f) == file->bytes.len;
	if (fclose(f) != 0 || !ok)
		return ed_fail(err, ED_IO, "cannot write '%s'", path);
	return ED_OK;
}

static ed_status build(struct scenario *s, const struct arguments *a, struct ed_error *err)
{
	struct scenario_files files;

	ED_TRY(scenario_wrap(s, a->form, &files, err));
	for (size_t i = 0; i < files.count; i++)
		ED_TRY(write_file(a->out, &files.file[i], err));
	if (files.count == 1)
		printf("%s/%s\n", a->out, files.file[0].path);
	else
		printf("%s\n", a->out);
	return ED_OK;
}

static void print_string(struct ed_str s)
{
	putchar('"');
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			printf("\\%c", s.p[i]);
		else if ((unsigned char)s.p[i] < 0x20)
			printf("\\u%04x", (unsigned)(unsigned char)s.p[i]);
		else
			putchar(s.p[i]);
	}
	putchar('"');
}

static ed_status print_expectations(const struct scenario *s)
{
	char at[ED_TIME_TEXT];

	ed_time_format(s->at, at);
	printf("{\"title\": ");
	print_string(s->title);
	printf(", \"at\": \"%s\", \"variants\": [", at);
	for (size_t i = 0; i < s->variant_count; i++) {
		printf(i ? ", " : "");
		print_string(s->variants[i]);
	}
	printf("], \"expect\": [");
	for (size_t i = 0; i < s->expectation_count; i++) {
		const struct scenario_expectation *e = &s->expectations[i];

		printf(i ? ", [" : "[");
		print_string(e->key);
		for (size_t k = 0; k < e->value_count; k++) {
			printf(", ");
			print_string(e->value[k]);
		}
		printf("]");
	}
	printf("]}\n");
	return ED_OK;
}

/* One line a record; its place is its number within its channel, from 0. */
static ed_status print_records(const struct scenario *s)
{
	for (size_t c = 0; c < s->channel_count; c++) {
		unsigned place = 0;

		for (size_t i = 0; i < s->event_count; i++) {
			const struct build_event *e = &s->events[i].event;
			char time[ED_TIME_TEXT];

			if (strcmp(e->channel, s->channels[c].name) != 0)
				continue;
			ed_time_format(e->time, time);
			printf("{\"channel\": ");
			print_string(ed_str_from(e->channel));
			printf(", \"record\": %llu, \"place\": %u, \"provider\": ",
			       (unsigned long long)e->record, place++);
			print_string(ed_str_from(e->provider));
			printf(", \"event\": %u, \"at\": \"%s\"}\n", (unsigned)e->id, time);
		}
	}
	return ED_OK;
}

static ed_status run(const struct arguments *a, struct ed_arena *arena, struct ed_buf *text,
		     struct ed_error *err)
{
	struct scenario s;

	ED_TRY(read_case(a->case_path, text, err));
	ED_TRY(scenario_read(&s, arena, ed_buf_str(text), &a->options, err));
	ED_TRY(scenario_tell(&s, &a->options, err));
	if (a->out)
		return build(&s, a, err);
	return strcmp(a->command, "expect") == 0 ? print_expectations(&s) : print_records(&s);
}

int main(int argc, char **argv)
{
	struct ed_error err = { 0 };
	struct ed_arena arena;
	struct ed_buf text;
	struct arguments a;
	ed_status status;

	if (!parse_arguments(&a, argc, argv)) {
		fputs(usage, stderr);
		return 2;
	}
	ed_arena_init(&arena, (size_t)SCENARIO_ARENA_MIB << 20);
	ed_buf_init(&text, CASE_LIMIT);
	status = run(&a, &arena, &text, &err);
	ed_buf_release(&text);
	ed_arena_release(&arena);
	if (status != ED_OK)
		fprintf(stderr, "scenario: %s: %s\n", a.case_path, err.text);
	return status == ED_OK ? 0 : 1;
}

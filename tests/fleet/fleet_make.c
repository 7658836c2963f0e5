/* SPDX-License-Identifier: MIT */
/*
 * Makes bundles as runs on many devices leave them: fleet_make OUT COUNT EVIDENCE...
 * EVIDENCE are folders of `scenario build CASE OUT --wrap xml`, taken in turn; device, model and
 * build of Windows differ. OUT has a folder for each hundred bundles. With --newest before OUT they
 * say of no time as of which they are. The same arguments give the same bytes.
 */
#include "espdiag/base/limits.h"
#include "espdiag/bundle/bundle.h"
#include "espdiag/collectors/state.h"
#include "espdiag/platform/file.h"
#include "espdiag/version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define EVIDENCE_MOST 64

static const struct {
	const char *maker, *model;
} models[] = {
	{ "Contoso", "Slate 5" },
	{ "Contoso", "Contoso Tower 700" },
	{ "Fabrikam", "=Notebook, 14\\\"" }, /* a formula, a comma and a quote for the CSV */
	{ "Northwind", "Traveler X1 <b>" },
};

static const struct {
	int build, revision;
} builds[] = { { 22631, 4317 }, { 26100, 2314 }, { 26100, 4061 } };

/* Members of one folder of evidence, ready to be added. */
struct evidence {
	struct member {
		enum ed_form form;
		char name[300];
		struct ed_buf bytes;
	} members[64];
	size_t count;
};

static struct ed_error err;
static bool newest; /* --newest */

static void die(const char *what)
{
	fprintf(stderr, "fleet_make: %s: %s\n", what, err.text);
	exit(1);
}

static void bytes_read(const char *path, struct ed_buf *out)
{
	char piece[65536];
	FILE *f = fopen(path, "rb");
	size_t n;

	if (!f)
		die(path);
	ed_buf_init(out, ED_LIMIT_TEXT_FILE);
	while ((n = fread(piece, 1, sizeof(piece), f)))
		ed_buf_add(out, piece, n);
	fclose(f);
}

static void folder_take(struct evidence *e, const char *root, const char *from, const char *to,
			enum ed_form form)
{
	struct ed_folder_entry *entries;
	struct ed_arena arena;
	char path[1000];
	size_t count;

	ed_arena_init(&arena, ED_MIB);
	snprintf(path, sizeof(path), "%s/%s", root, from);
	/* not every case has all of them */
	if (ed_folder_list(ed_str_from(path), &arena, &entries, &count, &err) != ED_OK)
		count = 0;
	for (size_t i = 0; i < count; i++) {
		struct member *m = &e->members[e->count++];
		struct ed_str name = entries[i].name;

		if (e->count == ED_COUNT(e->members))
			die("too many members");
		snprintf(path, sizeof(path), "%s/%s/%.*s", root, from, ED_FMT(name));
		bytes_read(path, &m->bytes);
		m->form = form;
		snprintf(m->name, sizeof(m->name), "%s/%.*s", to, ED_FMT(name));
		if (form == ED_FORM_BOOTLOG) {
			struct ed_buf json;

			ed_buf_init(&json, ED_LIMIT_TEXT_FILE);
			if (ed_bootlog_write(name, ed_buf_str(&m->bytes), &json, &err) != ED_OK)
				die(path);
			ed_buf_release(&m->bytes);
			m->bytes = json;
			snprintf(m->name, sizeof(m->name), "%s/%.*s.json", to,
				 ED_FMT(ed_str_slice(name, 0, name.len - 4)));
		}
	}
	ed_arena_release(&arena);
}

static void add(struct ed_bundle *b, enum ed_form form, const char *name, struct ed_str bytes)
{
	if (ed_bundle_add(b, form, ed_str_from(name), ed_str_from(name), bytes, 0, &err) != ED_OK)
		die(name);
}

static void run_add(struct ed_bundle *b, size_t i, const char *tag)
{
	char at[40] = "null";
	struct ed_buf text;

	if (!newest)
		snprintf(at, sizeof(at), "\"2026-09-14T%02d:52:11Z\"", 9 + (int)(i % 5));
	ed_buf_init(&text, ED_MIB);
	ed_buf_printf(&text,
		      "{\"schema\": \"espdiag.run/1\", \"evaluated_at\": %s,\n"
		      " \"tool\": {\"name\": \"espdiag\", \"version\": \"" ED_VERSION "\"},\n"
		      " \"device_tag\": \"%s\",\n"
		      " \"device\": {\"manufacturer\": \"%s\", \"model\": \"%s\", "
		      "\"build\": %d, \"revision\": %d},\n \"coverage\": []}\n",
		      at, tag, models[i % ED_COUNT(models)].maker,
		      models[i % ED_COUNT(models)].model, builds[i % ED_COUNT(builds)].build,
		      builds[i % ED_COUNT(builds)].revision);
	add(b, ED_FORM_RUN, "state/run.json", ed_buf_str(&text));
	ed_buf_release(&text);
}

static void bundle_make(const struct evidence *e, size_t i, const char *out)
{
	struct ed_bundle *b = NULL;
	struct ed_buf manifest;
	char tag[17], path[1000];

	/* spread, so that neighbours in the list are of different cases */
	snprintf(tag, sizeof(tag), "%016llx", (unsigned long long)(i + 1) * 0x9e3779b97f4a7c15u);
	if (ed_bundle_new(&b, &err) != ED_OK)
		die(tag);
	for (size_t m = 0; m < e->count; m++)
		add(b, e->members[m].form, e->members[m].name, ed_buf_str(&e->members[m].bytes));
	run_add(b, i, tag);
	ed_buf_init(&manifest, ED_MIB);
	if (ed_bundle_manifest(b, ed_str_from(tag), &manifest, &err) != ED_OK)
		die(tag);
	add(b, ED_FORM_OUTPUT, "manifest.json", ed_buf_str(&manifest));
	snprintf(path, sizeof(path), "%s/%03zu", out, i / 100);
	(void)mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/%03zu/espdiag-%s-20260914T085211Z.zip", out, i / 100, tag);
	if (ed_bundle_write(b, ed_str_from(path), &err) != ED_OK)
		die(path);
	ed_buf_release(&manifest);
	ed_bundle_free(b);
}

int main(int argc, char **argv)
{
	static struct evidence evidence[EVIDENCE_MOST];
	size_t kinds = 0, count;

	newest = argc > 1 && strcmp(argv[1], "--newest") == 0;
	argv += newest;
	argc -= newest;
	count = argc > 3 ? strtoul(argv[2], NULL, 10) : 0;
	if (!count || argc - 3 > EVIDENCE_MOST) {
		fprintf(stderr, "usage: fleet_make OUT COUNT EVIDENCE...\n");
		return 2;
	}
	(void)mkdir(argv[1], 0700);
	for (int i = 3; i < argc; i++) {
		struct evidence *e = &evidence[kinds++];

		folder_take(e, argv[i], "events", "events", ED_FORM_EVENTS);
		folder_take(e, argv[i], "registry", "registry", ED_FORM_REG);
		folder_take(e, argv[i], "MeasuredBoot", "measured-boot", ED_FORM_BOOTLOG);
	}
	for (size_t i = 0; i < count; i++)
		bundle_make(&evidence[i % kinds], i, argv[1]);
	for (size_t k = 0; k < kinds; k++)
		for (size_t m = 0; m < evidence[k].count; m++)
			ed_buf_release(&evidence[k].members[m].bytes);
	return 0;
}

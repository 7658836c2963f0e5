/* SPDX-License-Identifier: MIT */
/* What a run leaves, looked at with the program's own eyes for bundles only. */
#include "products.h"

#include "espdiag/bundle/bundle.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH 1200

static const char *const folders[] = { "out", "ime" };

void text_put(char *out, size_t room, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(out, room, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= room)
		abort();
}

size_t products_get(const char *path, char *out, size_t cap)
{
	FILE *f = fopen(path, "rb");
	size_t n = f ? fread(out, 1, cap - 1, f) : 0;

	if (f)
		fclose(f);
	out[n] = '\0';
	return n;
}

static void bytes_put(const char *path, const char *bytes, size_t len)
{
	FILE *f = fopen(path, "wb");

	if (!f || fwrite(bytes, 1, len, f) != len || fclose(f) != 0)
		abort();
}

void products_put(const char *path, const char *text)
{
	bytes_put(path, text, strlen(text));
}

static void files_copy(const char *from, const char *to)
{
	static char bytes[1 << 20];
	DIR *dir = opendir(from);
	struct dirent *entry;
	char path[PATH];

	while (dir && (entry = readdir(dir)) != NULL) {
		size_t n;

		if (entry->d_name[0] == '.')
			continue;
		text_put(path, sizeof(path), "%s/%s", from, entry->d_name);
		n = products_get(path, bytes, sizeof(bytes));
		text_put(path, sizeof(path), "%s/%s", to, entry->d_name);
		bytes_put(path, bytes, n);
	}
	if (dir)
		closedir(dir);
}

bool products_folder(const char *path, const char *from)
{
	char own[PATH], other[PATH];

	if (mkdir(path, 0700) != 0)
		return false;
	for (size_t i = 0; i < 2; i++) {
		text_put(own, sizeof(own), "%s/%s", path, folders[i]);
		if (mkdir(own, 0700) != 0)
			return false;
		if (!from)
			continue;
		text_put(other, sizeof(other), "%s/%s", from, folders[i]);
		files_copy(other, own);
	}
	return true;
}

/* Calls @each for every file of @folder. */
static void files_each(const char *folder,
		       void (*each)(const char *path, const char *name, void *context),
		       void *context)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	char path[PATH];

	while (dir && (entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		text_put(path, sizeof(path), "%s/%s", folder, entry->d_name);
		each(path, entry->d_name, context);
	}
	if (dir)
		closedir(dir);
}

static void file_remove(const char *path, const char *name, void *context)
{
	(void)name;
	(void)context;
	unlink(path);
}

bool products_remove(const char *path)
{
	char own[PATH];

	for (size_t i = 0; i < 2; i++) {
		text_put(own, sizeof(own), "%s/%s", path, folders[i]);
		files_each(own, file_remove, NULL);
		if (rmdir(own) != 0 && errno != ENOENT)
			return false;
	}
	return rmdir(path) == 0;
}

static bool is_bundle(const char *name)
{
	size_t len = strlen(name);

	return strncmp(name, "espdiag-", 8) == 0 && len > 4 && strcmp(name + len - 4, ".zip") == 0;
}

static void bundle_count(const char *path, const char *name, void *context)
{
	(void)path;
	*(int *)context += is_bundle(name);
}

int products_bundles(const char *folder)
{
	int count = 0;

	files_each(folder, bundle_count, &count);
	return count;
}

struct looking {
	bool bundles, may_litter;
	const char *file;
	products_problem *problem;
};

static void bundle_look(const char *path, const struct looking *l)
{
	char hex[ED_SHA256_HEX];
	enum ed_verify_result result = ED_VERIFY_MISMATCH;
	struct ed_error err = { .status = ED_OK };
	struct ed_buf lines;

	ed_buf_init(&lines, (size_t)1 << 20);
	if (ed_bundle_verify(ed_str_from(path), (struct ed_str){ NULL, 0 }, &result, &lines, hex,
			     &err) != ED_OK ||
	    result != ED_VERIFY_CONSISTENT)
		l->problem("a broken bundle: %s", lines.p ? lines.p : err.text);
	ed_buf_release(&lines);
}

static void file_look(const char *path, const char *name, void *context)
{
	const struct looking *l = context;

	if (l->bundles && is_bundle(name))
		bundle_look(path, l);
	else if (l->bundles && strcmp(name, "espdiag.log") == 0)
		return;
	else if (l->file && strcmp(path, l->file) == 0)
		return;
	else if (!l->may_litter)
		l->problem("'%s' is left", path);
}

void products_check(bool bundles, const char *file, bool may_litter, products_problem *problem)
{
	struct looking l = { bundles, may_litter, file, problem };

	for (size_t i = 0; i < 2; i++)
		files_each(folders[i], file_look, &l);
}

/* The value of the first member @name of @json up to the end of its line. */
static void value_of(const char *json, const char *name, char *out, size_t cap)
{
	char sought[64];
	const char *at;
	size_t len = 0;

	text_put(sought, sizeof(sought), "\n  \"%s\": ", name);
	at = strstr(json, sought);
	out[0] = '\0';
	if (!at)
		return;
	at += strlen(sought);
	while (at[len] && at[len] != '\n' && len + 1 < cap)
		len++;
	memcpy(out, at, len);
	out[len] = '\0';
}

static int certainty_of(const char *value)
{
	return strstr(value, "confirmed") ? 3 : strstr(value, "likely") ? 2 : 1;
}

/* Rows of the coverage that say that something is missing. */
static int losses(const char *json)
{
	static const char *const states[] = { "denied", "damaged", "truncated", "timed-out",
					      "absent" };
	const char *at = strstr(json, "\n  \"coverage\": ");
	const char *end = at ? strstr(at, "\n  \"esp\": ") : NULL;
	int count = 0;

	for (size_t i = 0; at && end && i < sizeof(states) / sizeof(states[0]); i++) {
		char sought[64];

		text_put(sought, sizeof(sought), "\"state\": \"%s\"", states[i]);
		for (const char *p = strstr(at, sought); p && p < end; p = strstr(p + 1, sought))
			count++;
	}
	return count;
}

/* What one question of many did not answer is a value that is not known. */
static int unknown(const char *json)
{
	int count = 0;

	for (const char *p = strstr(json, ": null"); p; p = strstr(p + 1, ": null"))
		count++;
	return count;
}

const char *first_difference(const char *a, const char *b)
{
	const char *line = a;

	for (; *a && *a == *b; a++, b++)
		if (*a == '\n')
			line = a + 1;
	return line;
}

void product_verdict(const char *json, const char *truth, bool details, products_problem *problem)
{
	char primary[128], true_primary[128], certainty[32], true_certainty[32], end[8];

	value_of(json, "primary", primary, sizeof(primary));
	value_of(truth, "primary", true_primary, sizeof(true_primary));
	value_of(json, "certainty", certainty, sizeof(certainty));
	value_of(truth, "certainty", true_certainty, sizeof(true_certainty));
	value_of(json, "boots", end, sizeof(end));
	if (!primary[0] || !certainty[0] || !end[0]) {
		problem("no whole verdict: %.300s", json);
		return;
	}
	if (strncmp(primary, "null", 4) != 0 && strcmp(primary, true_primary) != 0)
		problem("another primary: %s", primary);
	else if (strncmp(primary, "null", 4) != 0 &&
		 certainty_of(certainty) > certainty_of(true_certainty))
		problem("more certain: %s", certainty);
	/* a detail that one call did not tell is told with the others of its member */
	if (details && strcmp(primary, true_primary) == 0 && strcmp(certainty, true_certainty) == 0)
		return;
	if (losses(json) <= losses(truth) && unknown(json) <= unknown(truth))
		problem("another verdict, and nothing is said to be missing; first: %.200s",
			first_difference(json, truth));
}

/* SPDX-License-Identifier: MIT */
/*
 * Writes a log of what stdin tells, for plant_events.py:
 *   R SHAPE ID PROVIDER     a record: data, user, classic or flat, then its fields
 *   F TYPE NAME HEX         TYPE: number of the value's type; NAME "-": none; HEX: UTF-8 of its
 * text plant_evtx OUT. Fields are separated by tabs.
 */
#include "evtx_build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS_MAX 16
#define LINE_MAX_BYTES 65536

struct record {
	char provider[128];
	char *names[FIELDS_MAX], *texts[FIELDS_MAX];
	struct build_field fields[FIELDS_MAX];
	struct build_event event;
};

static char *copy(const char *z)
{
	size_t n = strlen(z) + 1;
	char *p = malloc(n);

	if (p)
		memcpy(p, z, n);
	return p;
}

static char *unhex(const char *z)
{
	size_t n = strlen(z) / 2;
	char *p = malloc(n + 1);

	for (size_t i = 0; p && i < n; i++) {
		char pair[3] = { z[2 * i], z[2 * i + 1], 0 };

		p[i] = (char)strtoul(pair, NULL, 16);
	}
	if (p)
		p[n] = '\0';
	return p;
}

static bool record_end(struct evtx_build *b, struct record *r)
{
	bool good = !r->event.provider || evtx_build_add(b, &r->event);

	for (size_t i = 0; i < r->event.field_count; i++) {
		free(r->names[i]);
		free(r->texts[i]);
	}
	r->event.provider = NULL;
	r->event.field_count = 0;
	return good;
}

static void record_begin(struct record *r, char *words[4], uint64_t number)
{
	snprintf(r->provider, sizeof(r->provider), "%s", words[3]);
	r->event = (struct build_event){
		.provider = r->provider,
		.channel = "System",
		.computer = "PC-NEUTRAL",
		.record = number,
		.time = INT64_C(134000000000000000) + (int64_t)number * 10000000,
		.id = (uint32_t)strtoul(words[2], NULL, 10),
		.level = 4,
		.shape = strcmp(words[1], "user") == 0      ? BUILD_USER_DATA
			 : strcmp(words[1], "classic") == 0 ? BUILD_CLASSIC
							    : BUILD_EVENT_DATA,
		.element = "Thing",
		.fields = r->fields,
	};
}

static bool field_add(struct record *r, char *words[4])
{
	size_t i = r->event.field_count;

	if (i == FIELDS_MAX)
		return false;
	r->names[i] = copy(words[2]);
	r->texts[i] = unhex(words[3]);
	if (!r->names[i] || !r->texts[i])
		return false;
	r->fields[i] = (struct build_field){
		.name = strcmp(words[2], "-") == 0 ? NULL : r->names[i],
		.type = (unsigned)strtoul(words[1], NULL, 0),
		.text = r->texts[i],
	};
	r->event.field_count++;
	return true;
}

static bool line_take(struct evtx_build *b, struct record *r, char *line, uint64_t *number)
{
	char *words[4] = { line };
	size_t n = 1;

	line[strcspn(line, "\r\n")] = '\0';
	for (char *at = strchr(line, '\t'); at && n < 4; at = strchr(at, '\t')) {
		*at++ = '\0';
		words[n++] = at;
	}
	if (n != 4)
		return false;
	if (line[0] == 'F')
		return field_add(r, words);
	if (!record_end(b, r))
		return false;
	b->flat = strcmp(words[1], "flat") == 0;
	record_begin(r, words, ++*number);
	return true;
}

int main(int argc, char **argv)
{
	static char line[LINE_MAX_BYTES];
	static struct record record;
	struct evtx_build b;
	struct ed_str bytes;
	uint64_t number = 0;
	bool good = argc == 2;
	FILE *out;

	evtx_build_init(&b);
	while (good && fgets(line, sizeof(line), stdin))
		good = line_take(&b, &record, line, &number);
	good = good && record_end(&b, &record);
	bytes = evtx_build_finish(&b);
	if (!good || !bytes.p) {
		fprintf(stderr, "plant_evtx: record %llu cannot be built\n",
			(unsigned long long)number);
		return 1;
	}
	out = fopen(argv[1], "wb");
	good = out && fwrite(bytes.p, 1, bytes.len, out) == bytes.len;
	good = out && fclose(out) == 0 && good;
	evtx_build_release(&b);
	return good ? 0 : 1;
}

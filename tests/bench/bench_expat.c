/* SPDX-License-Identifier: MIT */
/*
 * The peer for event XML: expat, doing what our reader does with the same file: every value of
 * every event as text, with its name. Prints what bench_read prints.
 */
#include <expat.h>

#include <inttypes.h>

#include "espdiag/base/buf.h"

#define BLOCK 65536
#define TEXT_LIMIT ((size_t)1 << 22)

struct state {
	unsigned depth;
	bool in_data; /* below EventData or UserData */
	unsigned data_depth;
	bool leaf; /* no child of the element was met */
	struct ed_buf name, text;
	uint64_t records, fields, bytes;
};

static void start(void *context, const XML_Char *element, const XML_Char **attributes)
{
	struct state *s = context;

	s->depth++;
	ed_buf_clear(&s->text);
	s->leaf = true;
	if (strcmp(element, "Event") == 0)
		s->records++;
	if (!s->in_data &&
	    (strcmp(element, "EventData") == 0 || strcmp(element, "UserData") == 0)) {
		s->in_data = true;
		s->data_depth = s->depth;
		s->leaf = false;
		return;
	}
	if (!s->in_data)
		return;
	ed_buf_clear(&s->name);
	for (size_t i = 0; attributes[i]; i += 2) {
		if (strcmp(attributes[i], "Name") == 0)
			ed_buf_addz(&s->name, attributes[i + 1]);
	}
	if (!s->name.len)
		ed_buf_addz(&s->name, element);
}

static void end(void *context, const XML_Char *element)
{
	struct state *s = context;

	(void)element;
	if (s->in_data && s->leaf) {
		s->fields++;
		s->bytes += s->text.len;
	}
	s->leaf = false;
	if (s->in_data && s->depth == s->data_depth)
		s->in_data = false;
	s->depth--;
}

static void characters(void *context, const XML_Char *text, int len)
{
	struct state *s = context;

	ed_buf_add(&s->text, text, (size_t)len);
}

static bool parse_file(XML_Parser parser, FILE *f)
{
	for (;;) {
		void *room = XML_GetBuffer(parser, BLOCK);
		size_t got = room ? fread(room, 1, BLOCK, f) : 0;

		if (!room || ferror(f))
			return false;
		if (XML_ParseBuffer(parser, (int)got, got == 0) != XML_STATUS_OK)
			return false;
		if (!got)
			return true;
	}
}

int main(int argc, char **argv)
{
	struct state s = { .depth = 0 };
	XML_Parser parser = XML_ParserCreate(NULL);
	FILE *f = argc == 2 ? fopen(argv[1], "rb") : NULL;
	bool ok;

	if (!parser || !f) {
		fprintf(stderr, "usage: bench_expat FILE\n");
		return 2;
	}
	ed_buf_init(&s.name, TEXT_LIMIT);
	ed_buf_init(&s.text, TEXT_LIMIT);
	XML_SetUserData(parser, &s);
	XML_SetElementHandler(parser, start, end);
	XML_SetCharacterDataHandler(parser, characters);
	ok = parse_file(parser, f);
	if (ok)
		printf("%" PRIu64 " records, %" PRIu64 " fields, %" PRIu64 " bytes, 0 gaps\n",
		       s.records, s.fields, s.bytes);
	XML_ParserFree(parser);
	ed_buf_release(&s.name);
	ed_buf_release(&s.text);
	fclose(f);
	return ok ? 0 : 1;
}

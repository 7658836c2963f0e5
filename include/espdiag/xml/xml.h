/* SPDX-License-Identifier: MIT */
/*
 * The only door to the XML library: a document in memory, handed out element by element.
 *
 * Nothing is fetched and nothing is printed. A document type declaration is refused, so there are
 * no entities but the five of XML itself. Depth, text and attributes have ceilings that hold before
 * memory grows.
 */
#ifndef ESPDIAG_XML_XML_H
#define ESPDIAG_XML_XML_H

#include "espdiag/base/error.h"
#include "espdiag/base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct ed_xml_attribute {
	struct ed_str name; /* without its prefix */
	struct ed_str value;
};

struct ed_xml_element {
	struct ed_str name;                        /* without its prefix */
	struct ed_str namespace;                   /* { NULL, 0 } when it is in none */
	size_t depth;                              /* 1 for the root */
	const struct ed_xml_attribute *attributes; /* without namespace declarations */
	size_t attribute_count;
};

/*
 * All text is borrowed for the call. Any status but ED_OK ends the parse and is returned by it;
 * the callback then fills @err.
 */
struct ed_xml_handler {
	ed_status (*start)(void *context, const struct ed_xml_element *element,
			   struct ed_error *err);
	/* All characters between two tags, at once; not called where there are none. */
	ed_status (*text)(void *context, struct ed_str text, struct ed_error *err);
	ed_status (*end)(void *context, struct ed_str name, struct ed_error *err);
};

/* A parser, reusable for any number of documents, by one thread at a time. */
struct ed_xml;

/*
 * ED_NOMEM. The first call of a process also hooks the library's memory to ed_malloc, so it must
 * not race with another.
 */
ed_status ed_xml_new(struct ed_xml **xml, struct ed_error *err);
/* NULL is harmless. */
void ed_xml_free(struct ed_xml *xml);

/*
 * Parses @document, UTF-8 whatever its declaration says (see xml/encoding.h). ED_FORMAT: not
 * well-formed, or it declares a document type; ED_LIMIT; ED_NOMEM; or what the handler returned.
 * What came before the failure has been handed out.
 */
ed_status ed_xml_parse(struct ed_xml *xml, struct ed_str document,
		       const struct ed_xml_handler *handler, void *context, struct ed_error *err);
/* After ED_FORMAT: true when the document ended too early, rather than being wrong. */
bool ed_xml_cut_short(const struct ed_xml *xml);

/* The value of the attribute @name; { NULL, 0 } when there is none. */
struct ed_str ed_xml_get(const struct ed_xml_element *element, struct ed_str name);

/* Gives back what the library keeps for the process. At the very end, no parser may be left. */
void ed_xml_shutdown(void);

#endif

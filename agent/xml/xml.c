/* SPDX-License-Identifier: MIT */
/* The parser over libxml2's SAX2 interface: no tree is built, each limit holds before memory grows.
 */
#include "espdiag/xml/xml.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/buf.h"
#include "espdiag/base/limits.h"
#include "espdiag/base/utf.h"

#include <libxml/globals.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlmemory.h>

#include <limits.h>

/*
 * RECOVER only lets callbacks come after the first error, so that the next one can stop the parser;
 * stopping it from within the error handler would free what it is looking at.
 */
#define XML_OPTIONS (XML_PARSE_NONET | XML_PARSE_IGNORE_ENC | XML_PARSE_RECOVER | XML_PARSE_NOCDATA)
/* Different names the library keeps between documents; then the parser is made anew. */
#define XML_NAMES_KEPT 10000
/* A larger document's copy is not kept until the next one comes. */
#define XML_INPUT_KEPT ((size_t)1 * ED_MIB)

struct ed_xml {
	xmlParserCtxtPtr ctxt;
	const struct ed_xml_handler *handler;
	void *context;
	struct ed_str document;
	struct ed_buf text;   /* characters since the last tag */
	struct ed_buf values; /* attribute values that had to be unescaped */
	size_t depth;
	bool refused;     /* an allocation within the library failed */
	bool cut_short;   /* the error was that the document ended */
	ed_status status; /* of the document so far; callbacks do nothing once it is not ED_OK */
	struct ed_error error;
};

#if LIBXML_VERSION >= 21200
typedef const xmlError *library_error;
#else
typedef xmlErrorPtr library_error;
#endif

/* The library's messages go nowhere. */
static ED_PRINTF(2, 3) void discard_message(void *context, const char *format, ...)
{
	(void)context;
	(void)format;
}

/* Bytes from the last @open on if no @close follows it; 0 otherwise. */
static size_t open_tail(struct ed_str s, char open, char close)
{
	for (size_t n = s.len; n > 0; n--) {
		if (s.p[n - 1] == close)
			return 0;
		if (s.p[n - 1] == open)
			return s.len - n + 1;
	}
	return 0;
}

/* True when the parser stands where the document ends, or in a tag or reference that has no end. */
static bool at_cut(const struct ed_xml *xml, int code)
{
	const struct _xmlParserInput *input = xml->ctxt->input;
	size_t left;

	switch (code) {
	case XML_ERR_TAG_NAME_MISMATCH: /* told behind the whole tag */
		return false;
	case XML_ERR_TAG_NOT_FINISHED:
	case XML_ERR_CDATA_NOT_FINISHED:
	case XML_ERR_COMMENT_NOT_FINISHED:
	case XML_ERR_PI_NOT_FINISHED:
		return true;
	default:
		break;
	}
	if (!input)
		return false;
	left = (size_t)(input->end - input->cur);
	return !left || left <= open_tail(xml->document, '<', '>') ||
	       left <= open_tail(xml->document, '&', ';');
}

/* Keeps the first error, as one line that is cut between characters. */
static void on_error(void *context, library_error e)
{
	struct ed_xml *xml = context;
	struct ed_str message = ed_str_from(e->message ? e->message : "unknown error");
	size_t len = ed_str_find(message, ED_STR("\n"), 0);

	if (e->code == XML_ERR_NO_MEMORY)
		xml->refused = true;
	if (!xml->ctxt || xml->status != ED_OK || e->level != XML_ERR_FATAL)
		return;
	if (len > message.len)
		len = message.len;
	if (len > 140)
		for (len = 140; len && ((unsigned char)message.p[len] & 0xC0) == 0x80; len--)
			;
	message.len = len;
	if (!ed_utf8_valid(message))
		message = ED_STR("characters that are not allowed");
	xml->cut_short = at_cut(xml, e->code);
	xml->status = ed_fail(&xml->error, ED_FORMAT, "not well-formed: line %d: %.*s", e->line,
			      ED_FMT(message));
}

/* The library does not tell of every failed allocation, so the parse in progress hears it here. */
static void *told(void *p)
{
	if (!p && xmlStructuredError == on_error && xmlStructuredErrorContext)
		((struct ed_xml *)xmlStructuredErrorContext)->refused = true;
	return p;
}

static void *library_malloc(size_t size)
{
	return told(ed_malloc(size));
}

static void *library_realloc(void *old, size_t size)
{
	return told(ed_realloc(old, size));
}

static char *library_strdup(const char *z)
{
	size_t size = strlen(z) + 1;
	char *copy = told(ed_malloc(size));

	if (copy)
		memcpy(copy, z, size);
	return copy;
}

/*
 * Once a process. The library's tables are made before its memory is ours, because it does not
 * survive a failure there; ed_free can free them all the same.
 */
static void library_start(void)
{
	xmlFreeFunc free_now;
	xmlMallocFunc malloc_now;
	xmlReallocFunc realloc_now;
	xmlStrdupFunc strdup_now;

	xmlMemGet(&free_now, &malloc_now, &realloc_now, &strdup_now);
	if (malloc_now == library_malloc)
		return;
	xmlInitParser();
	xmlMemSetup(ed_free, library_malloc, library_realloc, library_strdup);
}

void ed_xml_shutdown(void)
{
	xmlCleanupParser();
}

static void stop(struct ed_xml *xml)
{
	xmlStopParser(xml->ctxt);
}

/* Keeps a callback's failure; the parser goes no further. */
static void keep(struct ed_xml *xml, ed_status status)
{
	if (status == ED_OK)
		return;
	if (xml->error.status != status)
		ed_fail(&xml->error, status, "%s", ed_status_text(status));
	xml->status = status;
	stop(xml);
}

/* False: this callback is not to do anything. */
static bool going(struct ed_xml *xml)
{
	if (xml->status == ED_OK && xml->refused)
		xml->status = ed_fail(&xml->error, ED_NOMEM, "out of memory while parsing XML");
	if (xml->status == ED_OK)
		return true;
	stop(xml);
	return false;
}

static ed_status flush_text(struct ed_xml *xml)
{
	struct ed_str text = ed_buf_str(&xml->text);

	if (!text.len)
		return ED_OK;
	xml->text.len = 0;
	return xml->handler->text(xml->context, text, &xml->error);
}

static void on_text(void *context, const xmlChar *text, int len)
{
	struct ed_xml *xml = context;

	if (!going(xml) || len <= 0)
		return;
	ed_buf_add(&xml->text, text, (size_t)len);
	if (xml->text.status == ED_LIMIT)
		keep(xml, ed_fail(&xml->error, ED_LIMIT, "a text longer than %zu bytes",
				  ED_LIMIT_XML_TEXT));
	else if (xml->text.status != ED_OK)
		keep(xml, ed_fail(&xml->error, ED_NOMEM, "out of memory while parsing XML"));
}

static struct ed_str from_xml(const xmlChar *z)
{
	return ed_str_from((const char *)z);
}

/*
 * Without entity replacement the library hands '&' in attributes on as "&#38;", for a tree builder
 * to parse again; every other reference is replaced already.
 */
static struct ed_str unescape_value(struct ed_xml *xml, struct ed_str value)
{
	size_t begin = xml->values.len;
	size_t from = 0, hit;

	while ((hit = ed_str_find(value, ED_STR("&#38;"), from)) != SIZE_MAX) {
		ed_buf_adds(&xml->values, ed_str_slice(value, from, hit));
		ed_buf_addc(&xml->values, '&');
		from = hit + 5;
	}
	if (!from)
		return value;
	ed_buf_adds(&xml->values, ed_str_slice(value, from, value.len));
	if (xml->values.status != ED_OK)
		return (struct ed_str){ NULL, 0 };
	return (struct ed_str){ xml->values.p + begin, xml->values.len - begin };
}

/* The library gives five pointers an attribute: name, prefix, namespace, value and its end. */
static ed_status collect_attributes(struct ed_xml *xml, const xmlChar **raw, size_t count,
				    struct ed_xml_attribute *out)
{
	size_t total = 0;

	if (count > ED_LIMIT_XML_ATTRIBUTES)
		return ed_fail(&xml->error, ED_LIMIT, "an element with more than %zu attributes",
			       ED_LIMIT_XML_ATTRIBUTES);
	for (size_t i = 0; i < count; i++) {
		const xmlChar **a = raw + 5 * i;

		out[i].name = from_xml(a[0]);
		out[i].value = (struct ed_str){ (const char *)a[3], (size_t)(a[4] - a[3]) };
		if (out[i].value.len > ED_LIMIT_XML_TEXT)
			return ed_fail(&xml->error, ED_LIMIT, "an attribute longer than %zu bytes",
				       ED_LIMIT_XML_TEXT);
		total += out[i].value.len;
	}
	/* room for all first: no value may move while another is made */
	ed_buf_clear(&xml->values);
	if (total && !ed_buf_reserve(&xml->values, total))
		return ed_fail(&xml->error, xml->values.status, "no room for attributes");
	for (size_t i = 0; i < count; i++) {
		out[i].value = unescape_value(xml, out[i].value);
		if (!out[i].value.p)
			return ed_fail(&xml->error, xml->values.status, "no room for attributes");
	}
	return ED_OK;
}

static void on_start(void *context, const xmlChar *name, const xmlChar *prefix,
		     const xmlChar *namespace, int namespace_count, const xmlChar **namespaces,
		     int attribute_count, int defaulted_count, const xmlChar **attributes)
{
	struct ed_xml *xml = context;
	struct ed_xml_attribute list[ED_LIMIT_XML_ATTRIBUTES];
	struct ed_xml_element element = {
		.name = from_xml(name),
		.namespace = from_xml(namespace),
		.depth = xml->depth + 1,
		.attributes = list,
		.attribute_count = attribute_count > 0 ? (size_t)attribute_count : 0,
	};
	ed_status status;

	(void)prefix;
	(void)namespace_count;
	(void)namespaces;
	(void)defaulted_count;
	if (!going(xml))
		return;
	if (xml->depth >= ED_LIMIT_XML_DEPTH) {
		keep(xml, ed_fail(&xml->error, ED_LIMIT, "elements nested deeper than %d",
				  ED_LIMIT_XML_DEPTH));
		return;
	}
	if (xmlDictSize(xml->ctxt->dict) > XML_NAMES_KEPT + ED_LIMIT_XML_NAMES) {
		keep(xml, ed_fail(&xml->error, ED_LIMIT, "more than %d different names",
				  ED_LIMIT_XML_NAMES));
		return;
	}
	xml->depth++;
	status = flush_text(xml);
	if (status == ED_OK)
		status = collect_attributes(xml, attributes, element.attribute_count, list);
	if (status == ED_OK)
		status = xml->handler->start(xml->context, &element, &xml->error);
	keep(xml, status);
}

static void on_end(void *context, const xmlChar *name, const xmlChar *prefix,
		   const xmlChar *namespace)
{
	struct ed_xml *xml = context;
	ed_status status;

	(void)prefix;
	(void)namespace;
	if (!going(xml))
		return;
	xml->depth--;
	status = flush_text(xml);
	if (status == ED_OK)
		status = xml->handler->end(xml->context, from_xml(name), &xml->error);
	keep(xml, status);
}

static ed_status refuse_doctype(struct ed_error *err)
{
	return ed_fail(err, ED_FORMAT, "document type declarations are not accepted");
}

static void on_doctype(void *context, const xmlChar *name, const xmlChar *public_id,
		       const xmlChar *system_id)
{
	struct ed_xml *xml = context;

	(void)name;
	(void)public_id;
	(void)system_id;
	if (going(xml))
		keep(xml, refuse_doctype(&xml->error));
}

/* A parser with our callbacks and none of the library's; NULL when out of memory. */
static xmlParserCtxtPtr context_new(void)
{
	xmlParserCtxtPtr ctxt = xmlNewParserCtxt();
	xmlSAXHandler *sax;

	if (!ctxt)
		return NULL;
	sax = ctxt->sax;
	memset(sax, 0, sizeof(*sax));
	sax->initialized = XML_SAX2_MAGIC;
	sax->startElementNs = on_start;
	sax->endElementNs = on_end;
	sax->characters = on_text;
	sax->ignorableWhitespace = on_text;
	sax->cdataBlock = on_text;
	sax->internalSubset = on_doctype;
	sax->serror = on_error;
	return ctxt;
}

ed_status ed_xml_new(struct ed_xml **xml, struct ed_error *err)
{
	struct ed_xml *made;

	library_start();
	xmlSetGenericErrorFunc(NULL, discard_message);
	made = ed_calloc(1, sizeof(*made));
	if (!made)
		return ed_fail(err, ED_NOMEM, "out of memory for an XML parser");
	ed_buf_init(&made->text, ED_LIMIT_XML_TEXT);
	/* no more than what the library accepts for one value, times two for several at once */
	ed_buf_init(&made->values, 4 * ED_LIMIT_XML_TEXT);
	*xml = made;
	return ED_OK;
}

void ed_xml_free(struct ed_xml *xml)
{
	if (!xml)
		return;
	if (xml->ctxt)
		xmlFreeParserCtxt(xml->ctxt);
	ed_buf_release(&xml->text);
	ed_buf_release(&xml->values);
	ed_free(xml);
}

/* Walks one start tag from behind its '<' and counts its attributes. Returns where it ends. */
static size_t count_attributes(struct ed_str s, size_t i, size_t *count)
{
	*count = 0;
	while (i < s.len && s.p[i] != '>' && s.p[i] != '<') {
		const char *close;

		if (s.p[i] != '"' && s.p[i] != '\'') {
			i++;
			continue;
		}
		++*count;
		close = memchr(s.p + i + 1, s.p[i], s.len - i - 1);
		if (!close)
			return s.len;
		i = (size_t)(close - s.p) + 1;
	}
	return i;
}

/*
 * What must be known before the library sees the document: whether it declares a type, and that no
 * element has so many attributes that comparing their names takes for ever. Up to the first error
 * this reads markup as the library does; behind it the library does not get.
 */
static ed_status check_markup(struct ed_str s, struct ed_error *err)
{
	size_t i = 0;

	while (i < s.len) {
		const char *hit = memchr(s.p + i, '<', s.len - i);
		struct ed_str rest, close = { NULL, 0 };
		size_t count;

		if (!hit)
			return ED_OK;
		i = (size_t)(hit - s.p);
		rest = ed_str_slice(s, i, s.len);
		if (ed_str_starts(rest, ED_STR("<!--")))
			close = ED_STR("-->");
		else if (ed_str_starts(rest, ED_STR("<![CDATA[")))
			close = ED_STR("]]>");
		else if (ed_str_starts(rest, ED_STR("<?")))
			close = ED_STR("?>");
		else if (ed_str_istarts(rest, ED_STR("<!DOCTYPE")))
			return refuse_doctype(err);
		if (close.p) {
			i = ed_str_find(s, close, i + (close.p[0] == '-' ? 4 : 2));
			if (i == SIZE_MAX)
				return ED_OK;
			i += close.len;
			continue;
		}
		i = count_attributes(s, i + 1, &count);
		if (count > ED_LIMIT_XML_ATTRIBUTES)
			return ed_fail(err, ED_LIMIT, "an element with more than %zu attributes",
				       ED_LIMIT_XML_ATTRIBUTES);
	}
	return ED_OK;
}

/* Ready for the next document; false when out of memory. */
static bool renew(struct ed_xml *xml)
{
	if (xml->ctxt && xmlDictSize(xml->ctxt->dict) > XML_NAMES_KEPT) {
		xmlFreeParserCtxt(xml->ctxt);
		xml->ctxt = NULL;
	}
	if (!xml->ctxt)
		xml->ctxt = context_new();
	if (!xml->ctxt)
		return false;
	xml->ctxt->userData = xml;
	return true;
}

static void run(struct ed_xml *xml, struct ed_str document)
{
	xmlSetGenericErrorFunc(NULL, discard_message);
	xmlSetStructuredErrorFunc(xml, on_error);
	if (!renew(xml)) {
		xml->refused = true;
	} else {
		xmlDocPtr none = xmlCtxtReadMemory(xml->ctxt, document.p, (int)document.len, NULL,
						   NULL, XML_OPTIONS);

		/* nothing builds one, but it would be ours */
		if (none)
			xmlFreeDoc(none);
	}
	xmlSetStructuredErrorFunc(NULL, NULL);
	xmlResetLastError();
}

ed_status ed_xml_parse(struct ed_xml *xml, struct ed_str document,
		       const struct ed_xml_handler *handler, void *context, struct ed_error *err)
{
	xml->status = ED_OK;
	xml->error = (struct ed_error){ .status = ED_OK };
	xml->cut_short = !document.len;
	xml->refused = false;
	xml->handler = handler;
	xml->context = context;
	xml->document = document;
	xml->depth = 0;
	ed_buf_clear(&xml->text);
	if (!document.len)
		return ed_fail(err, ED_FORMAT, "an empty document");
	if (document.len > INT_MAX - 1)
		return ed_fail(err, ED_LIMIT, "a document of %zu bytes", document.len);
	ED_TRY(check_markup(document, err));

	run(xml, document);
	if (xml->refused && (xml->status == ED_OK || xml->status == ED_FORMAT)) {
		xml->status = ed_fail(&xml->error, ED_NOMEM, "out of memory while parsing XML");
	}
	if (xml->status == ED_OK && !xml->ctxt->wellFormed)
		xml->status = ed_fail(&xml->error, ED_FORMAT, "not well-formed");
	if (xml->ctxt && document.len > XML_INPUT_KEPT)
		xmlCtxtReset(xml->ctxt);
	if (xml->status != ED_OK && err)
		*err = xml->error;
	return xml->status;
}

bool ed_xml_cut_short(const struct ed_xml *xml)
{
	return xml->cut_short;
}

struct ed_str ed_xml_get(const struct ed_xml_element *element, struct ed_str name)
{
	for (size_t i = 0; i < element->attribute_count; i++)
		if (ed_str_eq(element->attributes[i].name, name))
			return element->attributes[i].value;
	return (struct ed_str){ NULL, 0 };
}

/* SPDX-License-Identifier: MIT */
/* The XML parser and the decoding of XML bytes: what is handed out, and all that is refused. */
#include <stdlib.h>
#include <unistd.h>

#include "espdiag/xml/encoding.h"
#include "espdiag/xml/xml.h"
#include "xml_record.h"

/* Writes down what the parser hands out: <name a=v>text</name>. */
struct trace {
	struct ed_buf out;
	ed_status answer;
	size_t starts;
};

static ed_status trace_start(void *context, const struct ed_xml_element *element,
			     struct ed_error *err)
{
	struct trace *t = context;

	t->starts++;
	if (t->answer != ED_OK)
		return ed_fail(err, t->answer, "the handler says no");
	ed_buf_addz(&t->out, "<");
	if (element->namespace.p) {
		ed_buf_addz(&t->out, "{");
		ed_buf_adds(&t->out, element->namespace);
		ed_buf_addz(&t->out, "}");
	}
	ed_buf_adds(&t->out, element->name);
	for (size_t i = 0; i < element->attribute_count; i++) {
		ed_buf_addz(&t->out, " ");
		ed_buf_adds(&t->out, element->attributes[i].name);
		ed_buf_addz(&t->out, "=");
		ed_buf_adds(&t->out, element->attributes[i].value);
	}
	ed_buf_addz(&t->out, ">");
	return t->out.status;
}

static ed_status trace_text(void *context, struct ed_str text, struct ed_error *err)
{
	struct trace *t = context;

	(void)err;
	if (!text.len || !ed_utf8_valid(text)) /* an assertion a call would take its time */
		ck_abort_msg("text is empty or not valid");
	ed_buf_addz(&t->out, "[");
	ed_buf_adds(&t->out, text);
	ed_buf_addz(&t->out, "]");
	return t->out.status;
}

static ed_status trace_end(void *context, struct ed_str name, struct ed_error *err)
{
	struct trace *t = context;

	(void)err;
	ed_buf_addz(&t->out, "</");
	ed_buf_adds(&t->out, name);
	ed_buf_addz(&t->out, ">");
	return t->out.status;
}

static const struct ed_xml_handler trace_handler = { trace_start, trace_text, trace_end };

static struct ed_xml *xml;
static struct trace trace;
static struct ed_error error;

static void setup(void)
{
	ck_assert_int_eq(ed_xml_new(&xml, NULL), ED_OK);
	trace = (struct trace){ .answer = ED_OK };
	error = (struct ed_error){ 0 };
	ed_buf_init(&trace.out, 64 * ED_MIB);
}

static void teardown(void)
{
	ed_alloc_fail_after(-1);
	ed_xml_free(xml);
	ed_buf_release(&trace.out);
	ed_xml_shutdown();
}

static ed_status parse(struct ed_str document)
{
	ed_status status;

	ed_buf_clear(&trace.out);
	trace.starts = 0;
	status = ed_xml_parse(xml, document, &trace_handler, &trace, &error);
	if (status != ED_OK) {
		ck_assert_int_eq(error.status, status);
		ck_assert_ptr_eq(strchr(error.text, '\n'), NULL);
		ck_assert(error.text[0] && ed_utf8_valid(ed_str_from(error.text)));
	}
	return status;
}

static const struct {
	const char *document, *trace;
} good[] = {
	{ "<a/>", "<a></a>" },
	{ "<?xml version='1.0'?><!-- c --><a>x<!-- y -->z</a>", "<a>[xz]</a>" },
	{ "<a b='1' c='&lt;&amp;&quot;&gt;&apos;&#65;&#x42;'/>", "<a b=1 c=<&\">'AB></a>" },
	{ "<a b='&amp;#38;' c='&amp;&amp;x&amp;' d='y'/>", "<a b=&#38; c=&&x& d=y></a>" },
	{ "<a>&lt;&amp;amp;&gt;&#x20AC;</a>", "<a>[<&amp;>\xE2\x82\xAC]</a>" },
	{ "<a>1<![CDATA[<b>&amp;]]>2</a>", "<a>[1<b>&amp;2]</a>" },
	{ "<a> <b> </b>\n</a>", "<a>[ ]<b>[ ]</b>[\n]</a>" },
	{ "<p:a xmlns:p='urn:x' p:b='1'><c xmlns='urn:y'/></p:a>",
	  "<{urn:x}a b=1><{urn:y}c></c></a>" },
	{ "<u:a u:b='1'/>", "<a b=1></a>" }, /* an undeclared prefix is no reason to give up */
	{ "<a b='1>2'>3</a>", "<a b=1>2>[3]</a>" },
	{ "<?xml version='1.0' encoding='utf-16'?><a>\xC3\xA4</a>", "<a>[\xC3\xA4]</a>" },
	{ "<?xml version='1.0' encoding='shift_jis'?><a>\xC3\xA4</a>", "<a>[\xC3\xA4]</a>" },
	{ "<a\r\nb='x\ty'>1\r\n2</a>", "<a b=x y>[1\n2]</a>" },
	{ "<\xC3\xA4>\xD0\x9F\xD1\x80\xE6\x97\xA5\xF0\x9F\x98\x80</\xC3\xA4>",
	  "<\xC3\xA4>[\xD0\x9F\xD1\x80\xE6\x97\xA5\xF0\x9F\x98\x80]</\xC3\xA4>" },
};

START_TEST(good_documents)
{
	ck_assert_msg(parse(ed_str_from(good[_i].document)) == ED_OK, "%s: %s", good[_i].document,
		      error.text);
	record_is(ed_buf_str(&trace.out), good[_i].trace);
}
END_TEST

static const struct {
	const char *document;
	bool cut_short;
	const char *text; /* somewhere in the message; NULL: any */
} bad[] = {
	{ "", true, "empty" },
	{ " ", true, NULL },
	{ "x", false, NULL },
	{ "<a>", true, NULL },
	{ "<a><b></a>", false, "not well-formed: line 1: " },
	{ "<a\n\n>\n</b>", false, "line 4" },
	{ "<a b='1' b='2'/>", false, NULL },
	{ "<a b=1/>", false, NULL },
	{ "<a>&nbsp;</a>", false, NULL },
	{ "<a b='&x;'/>", false, NULL },
	{ "<a>&#0;</a>", false, NULL },
	{ "<a>&#x1;</a>", false, NULL },
	{ "<a>&#xD800;</a>", false, NULL },
	{ "<a>\x01</a>", false, NULL },
	{ "<a>\xFF</a>", false, NULL },
	{ "<a>\xC3</a>", false, NULL },
	{ "<a/><b/>", false, NULL },
	{ "<a><![CDATA[x</a>", true, NULL },
	{ "<!DOCTYPE a><a/>", false, "document type declarations are not accepted" },
	{ "<!doctype html><a/>", false, "document type declarations are not accepted" },
	{ "<!DOCTYPE a SYSTEM 'http://localhost/x.dtd'><a/>", false, "not accepted" },
	{ "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", false, "not accepted" },
	{ "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", false,
	  "not accepted" },
	{ "<!DOCTYPE a [<!ENTITY % p SYSTEM 'file:///etc/passwd'>%p;]><a/>", false,
	  "not accepted" },
	{ "<!DOCTYPE l [<!ENTITY l0 'l'><!ENTITY l1 '&l0;&l0;&l0;&l0;&l0;&l0;&l0;&l0;&l0;&l0;'>"
	  "<!ENTITY l2 '&l1;&l1;&l1;&l1;&l1;&l1;&l1;&l1;&l1;&l1;'>]><l>&l2;</l>",
	  false, "not accepted" },
	{ "<a/><!DOCTYPE a>", false, "not accepted" },
	{ "<a><!-- <!DOCTYPE x> --><b></a>", false, "not well-formed" },
};

START_TEST(bad_documents)
{
	ck_assert_msg(parse(ed_str_from(bad[_i].document)) == ED_FORMAT, "%s: %s", bad[_i].document,
		      error.text);
	ck_assert_msg(ed_xml_cut_short(xml) == bad[_i].cut_short, "%s", bad[_i].document);
	if (bad[_i].text)
		ck_assert_msg(strstr(error.text, bad[_i].text) != NULL, "%s: %s", bad[_i].document,
			      error.text);
	/* the parser is as good as new */
	ck_assert_int_eq(parse(ED_STR("<a>x</a>")), ED_OK);
	record_is(ed_buf_str(&trace.out), "<a>[x]</a>");
}
END_TEST

START_TEST(nothing_is_handed_out_behind_an_error)
{
	ck_assert_int_eq(parse(ED_STR("<a><b>1</c><d>2</d></a>")), ED_FORMAT);
	ck_assert(ed_str_starts(ed_buf_str(&trace.out), ED_STR("<a><b>")));
	ck_assert(ed_str_find(ed_buf_str(&trace.out), ED_STR("d"), 0) == SIZE_MAX);
}
END_TEST

START_TEST(a_handler_can_stop)
{
	trace.answer = ED_ABSENT;
	ck_assert_int_eq(parse(ED_STR("<a><b/><c/></a>")), ED_ABSENT);
	ck_assert_str_eq(error.text, "the handler says no");
	ck_assert_uint_eq(trace.starts, 1);
}
END_TEST

/* @times times @piece, behind @head and before @tail. */
static void repeat(struct ed_buf *buf, const char *head, const char *piece, size_t times,
		   const char *tail)
{
	ed_buf_init(buf, 256 * ED_MIB);
	ed_buf_addz(buf, head);
	for (size_t i = 0; i < times; i++)
		ed_buf_addz(buf, piece);
	ed_buf_addz(buf, tail);
	ck_assert_int_eq(buf->status, ED_OK);
}

START_TEST(depth_is_limited)
{
	struct ed_buf buf;

	repeat(&buf, "", "<a>", 100000, "");
	ed_alloc_fail_after(-1);
	ck_assert_int_eq(parse(ed_buf_str(&buf)), ED_LIMIT);
	ck_assert_uint_eq(trace.starts, ED_LIMIT_XML_DEPTH);
	ck_assert_int_lt(ed_alloc_fail_after(-1), 1000);
	ed_buf_release(&buf);
	/* exactly the limit is fine */
	repeat(&buf, "", "<a>", ED_LIMIT_XML_DEPTH, "");
	for (int i = 0; i < ED_LIMIT_XML_DEPTH; i++)
		ed_buf_addz(&buf, "</a>");
	ck_assert_int_eq(parse(ed_buf_str(&buf)), ED_OK);
	ed_buf_release(&buf);
}
END_TEST

START_TEST(text_is_limited)
{
	struct ed_buf buf;

	repeat(&buf, "<a>", "0123456789abcdef", ED_LIMIT_XML_TEXT / 16, "</a>");
	ck_assert_int_eq(parse(ed_buf_str(&buf)), ED_OK);
	ck_assert_uint_eq(trace.out.len, ED_LIMIT_XML_TEXT + 9);
	ed_buf_release(&buf);
	repeat(&buf, "<a>", "0123456789abcdef", ED_LIMIT_XML_TEXT / 16, "!</a>");
	ck_assert_int_eq(parse(ed_buf_str(&buf)), ED_LIMIT);
	ed_buf_release(&buf);
	repeat(&buf, "<a><![CDATA[", "0123456789abcdef", ED_LIMIT_XML_TEXT / 16, "!]]></a>");
	ck_assert_int_eq(parse(ed_buf_str(&buf)), ED_LIMIT);
	ed_buf_release(&buf);
	repeat(&buf, "<a b='", "0123456789abcdef", ED_LIMIT_XML_TEXT / 16, "!'/>");
	ck_assert_int_eq(parse(ed_buf_str(&buf)), ED_LIMIT);
	ed_buf_release(&buf);
}
END_TEST

START_TEST(a_large_document_is_read)
{
	struct ed_buf buf;

	repeat(&buf, "<a>", "<b>0123456789abcdef</b>\n", 1000000, "</a>");
	ck_assert_int_eq(parse(ed_buf_str(&buf)), ED_OK);
	ck_assert_uint_eq(trace.starts, 1000001);
	ed_buf_release(&buf);
}
END_TEST

START_TEST(attributes_are_limited)
{
	struct ed_buf buf;

	for (size_t count = ED_LIMIT_XML_ATTRIBUTES; count < 1000000; count = count * 8 + 1) {
		ed_buf_init(&buf, 64 * ED_MIB);
		ed_buf_addz(&buf, "<a");
		for (size_t i = 0; i < count; i++)
			ed_buf_printf(&buf, " a%zu='&amp;'", i);
		ed_buf_addz(&buf, "/>");
		ck_assert_int_eq(parse(ed_buf_str(&buf)),
				 count <= ED_LIMIT_XML_ATTRIBUTES ? ED_OK : ED_LIMIT);
		ed_buf_release(&buf);
	}
}
END_TEST

/* Names are kept by the library; they must not pile up over documents, nor look like no memory. */
START_TEST(names_do_not_pile_up)
{
	struct ed_buf buf;

	for (size_t round = 0; round < 8; round++) {
		ed_buf_init(&buf, 64 * ED_MIB);
		ed_buf_addz(&buf, "<a>");
		for (size_t i = 0; i < 40000; i++)
			ed_buf_printf(&buf, "<name-%zu-%zu/>", round, i);
		ed_buf_addz(&buf, "</a>");
		ck_assert_int_eq(parse(ed_buf_str(&buf)), ED_OK);
		ed_buf_release(&buf);
	}
	ed_buf_init(&buf, 64 * ED_MIB);
	ed_buf_addz(&buf, "<a>");
	for (size_t i = 0; i < 300000; i++)
		ed_buf_printf(&buf, "<a-name-of-some-length-%zu/>", i);
	ed_buf_addz(&buf, "</a>");
	ck_assert_int_eq(parse(ed_buf_str(&buf)), ED_LIMIT);
	ed_buf_release(&buf);
	ck_assert_int_eq(parse(ED_STR("<a/>")), ED_OK);
}
END_TEST

START_TEST(truncated_anywhere)
{
	static const char document[] =
		"<?xml version='1.0'?><!-- c --><p:a xmlns:p='urn:x' b='1 &amp; &#x32;'>t&lt;"
		"<![CDATA[x]]><c d=\"e\"/>\xE2\x82\xAC</p:a>";

	for (size_t n = 0; n < sizeof(document) - 1; n++) {
		char *block = malloc(n ? n : 1);

		memcpy(block, document, n);
		ck_assert_int_eq(parse((struct ed_str){ block, n }), ED_FORMAT);
		free(block);
	}
	ck_assert_int_eq(parse(ed_str_from(document)), ED_OK);
}
END_TEST

START_TEST(out_of_memory_is_told)
{
	static const char document[] = "<?xml version='1.0'?><a b='&amp;c' d='e'><f xmlns='urn:x'>"
				       "text &lt; <![CDATA[more]]></f><!-- c --></a>";
	ed_status status = ED_NOMEM;
	long n;

	for (n = 0; status != ED_OK && n < 10000; n++) {
		ed_xml_free(xml);
		xml = NULL;
		ed_buf_release(&trace.out);
		ed_alloc_fail_after(n);
		status = ed_xml_new(&xml, &error);
		if (status == ED_OK)
			status = parse(ed_str_from(document));
		ed_alloc_fail_after(-1);
		ck_assert_msg(status == ED_OK || status == ED_NOMEM, "%ld: %s", n, error.text);
		if (status == ED_OK)
			record_is(ed_buf_str(&trace.out),
				  "<a b=&c d=e><{urn:x}f>[text < more]</f></a>");
	}
	ck_assert_int_eq(status, ED_OK);
	ck_assert_int_gt(n, 10);
}
END_TEST

START_TEST(nothing_is_printed)
{
	char text[16];
	int saved, pipe_ends[2];

	ck_assert_int_eq(pipe(pipe_ends), 0);
	saved = dup(2);
	dup2(pipe_ends[1], 2);
	parse(ED_STR("<a><b xmlns:x='' y:z='1'>&q;</a>"));
	ed_alloc_fail_after(3);
	parse(ED_STR("<a><b/>"));
	ed_alloc_fail_after(-1);
	dup2(saved, 2);
	close(saved);
	close(pipe_ends[1]);
	ck_assert_int_eq(read(pipe_ends[0], text, sizeof(text)), 0);
	close(pipe_ends[0]);
}
END_TEST

START_TEST(get_finds_attributes)
{
	struct ed_xml_attribute list[] = { { ED_STR("a"), ED_STR("1") },
					   { ED_STR("b"), ED_STR("") } };
	struct ed_xml_element element = { .attributes = list, .attribute_count = 2 };

	record_is(ed_xml_get(&element, ED_STR("a")), "1");
	ck_assert_ptr_ne(ed_xml_get(&element, ED_STR("b")).p, NULL);
	ck_assert_ptr_eq(ed_xml_get(&element, ED_STR("A")).p, NULL);
}
END_TEST

/* Bytes in some encoding, and the text they are. */
#define BYTES(literal) literal, sizeof(literal) - 1
static const struct {
	const char *bytes;
	size_t len;
	const char *text; /* NULL: refused */
} encodings[] = {
	{ BYTES("<a>\xC3\xA4</a>"), "<a>\xC3\xA4</a>" },
	{ BYTES("\xEF\xBB\xBF<a/>"), "<a/>" },
	{ BYTES("<\0a\0/\0>\0"), "<a/>" },
	{ BYTES("\xFF\xFE<\0a\0/\0>\0"), "<a/>" },
	{ BYTES("\0<\0a\0/\0>"), "<a/>" },
	{ BYTES("\xFE\xFF\0<\0a\0/\0>"), "<a/>" },
	{ BYTES("\n\0<\0a\0/\0>\0"), "\n<a/>" },
	{ BYTES("<\0=\xD8\x00\xDE>\0"), "<\xF0\x9F\x98\x80>" },
	{ BYTES("<\0=\xD8>\0"), "<\xEF\xBF\xBD>" },
	{ BYTES("<\0a\0\0"), "<a\xEF\xBF\xBD" },
	{ BYTES("\xFF\xFE<\0\0\0>\0"), "<\xEF\xBF\xBD>" },
	{ BYTES("<a>\xE4</a>"), "<a>\xEF\xBF\xBD</a>" },
	{ BYTES("<a>\x01</a>"), "<a>\xEF\xBF\xBD</a>" },
	{ BYTES("<?xml encoding='utf-8'?>\xE4"), "<?xml encoding='utf-8'?>\xEF\xBF\xBD" },
	{ BYTES("<?xml encoding=\"ISO-8859-1\"?>\xE4"), "<?xml encoding=\"ISO-8859-1\"?>\xC3\xA4" },
	{ BYTES("<?xml encoding='windows-1252'?>\x80"),
	  "<?xml encoding='windows-1252'?>\xE2\x82\xAC" },
	/* what the bytes are counts */
	{ BYTES("<?xml encoding='windows-1252'?>\xC3\xA4"),
	  "<?xml encoding='windows-1252'?>\xC3\xA4" },
	{ BYTES("<?xml encoding='shift_jis'?>\x83\x65"), NULL },
	{ BYTES("<?xml encoding='shift_jis'?>x"), "<?xml encoding='shift_jis'?>x" },
	{ BYTES("<?xml encoding?>\xC3\xA4"), "<?xml encoding?>\xC3\xA4" },
	{ BYTES("<?xml encoding='"), "<?xml encoding='" },
	{ BYTES("<\0\0\0a\0\0\0"), NULL },
	{ BYTES("\xFF\xFE\0\0<\0\0\0"), NULL },
	{ BYTES("\0\0\xFE\xFF\0\0\0<"), NULL },
	{ BYTES(""), "" },
};

START_TEST(document_of_any_encoding)
{
	struct ed_str bytes = { encodings[_i].bytes, encodings[_i].len }, text = { NULL, 0 };
	struct ed_buf hold;
	ed_status status;

	ed_buf_init(&hold, 4096);
	status = ed_xml_document(bytes, &hold, &text, &error);
	if (!encodings[_i].text) {
		ck_assert_int_eq(status, ED_FORMAT);
		ck_assert(error.text[0]);
	} else {
		ck_assert_int_eq(status, ED_OK);
		record_is(text, encodings[_i].text);
		ck_assert(ed_utf8_valid(text));
	}
	ed_buf_release(&hold);
}
END_TEST

/* The same bytes cut into two and into single bytes must give the same text. */
START_TEST(decoding_does_not_depend_on_the_pieces)
{
	const unsigned char *p = (const unsigned char *)encodings[_i].bytes;
	size_t len = encodings[_i].len;

	for (size_t cut = 4; cut < len; cut++) {
		for (int singly = 0; singly < 2; singly++) {
			struct ed_xml_decoder whole = { 0 }, parts = { 0 };
			struct ed_buf a, b;

			ed_buf_init(&a, 4096);
			ed_buf_init(&b, 4096);
			if (ed_xml_decode(&whole, p, len, true, &a, NULL) == ED_OK) {
				ck_assert_int_eq(ed_xml_decode(&parts, p, cut, false, &b, NULL),
						 ED_OK);
				for (size_t i = cut; singly && i < len; i++)
					ed_xml_decode(&parts, p + i, 1, i + 1 == len, &b, NULL);
				if (!singly)
					ed_xml_decode(&parts, p + cut, len - cut, true, &b, NULL);
				ck_assert(ed_str_eq(ed_buf_str(&a), ed_buf_str(&b)));
			}
			ed_buf_release(&a);
			ed_buf_release(&b);
		}
	}
}
END_TEST

START_TEST(long_utf16_is_decoded)
{
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		for (size_t shift = 0; shift < 4; shift++) {
			struct ed_xml_decoder decoder = { 0 };
			struct ed_buf utf16, out;

			ed_buf_init(&utf16, ED_MIB);
			ed_buf_init(&out, ED_MIB);
			for (size_t i = 0; i < shift + 1; i++)
				ed_buf_add(&utf16, big_endian ? "\0<" : "<\0", 2);
			for (size_t i = 0; i < 5000; i++)
				ed_buf_add(&utf16, big_endian ? "\xD8=\xDE\0" : "=\xD8\0\xDE", 4);
			ck_assert_int_eq(
				ed_xml_decode(&decoder, utf16.p, utf16.len, true, &out, NULL),
				ED_OK);
			ck_assert_uint_eq(out.len, shift + 1 + 4 * 5000);
			for (size_t i = shift + 1; i < out.len; i += 4)
				ck_assert_mem_eq(out.p + i, "\xF0\x9F\x98\x80", 4);
			ed_buf_release(&utf16);
			ed_buf_release(&out);
		}
	}
}
END_TEST

START_TEST(clean_text_is_not_copied)
{
	struct ed_xml_decoder decoder = { .encoding = ED_XML_CP1252 };
	struct ed_str valid = ED_STR("<\xC3\xA4>"), clean = { NULL, 0 };
	struct ed_buf hold;

	ed_buf_init(&hold, 100);
	ck_assert_int_eq(ed_xml_clean(&decoder, valid, &hold, &clean, &error), ED_OK);
	ck_assert_ptr_eq(clean.p, valid.p);
	ck_assert_int_eq(ed_xml_clean(&decoder, ED_STR("\xE4"), &hold, &clean, &error), ED_OK);
	record_is(clean, "\xC3\xA4");
	decoder.encoding = ED_XML_UTF8;
	ck_assert_int_eq(ed_xml_clean(&decoder, ED_STR("a\xE4"), &hold, &clean, &error), ED_OK);
	record_is(clean, "a\xEF\xBF\xBD");
	decoder.encoding = ED_XML_OTHER;
	ck_assert_int_eq(ed_xml_clean(&decoder, ED_STR("\xE4"), &hold, &clean, &error), ED_FORMAT);
	ck_assert_ptr_ne(strstr(error.text, "encoding"), NULL);
	ed_buf_release(&hold);
}
END_TEST

START_TEST(decoding_holds_limits)
{
	struct ed_xml_decoder decoder = { 0 };
	struct ed_buf out;
	struct ed_str text;

	ed_buf_init(&out, 4);
	ck_assert_int_eq(ed_xml_decode(&decoder, "<abcd", 5, true, &out, &error), ED_LIMIT);
	ed_buf_release(&out);
	ed_buf_init(&out, 100);
	decoder = (struct ed_xml_decoder){ 0 };
	ed_alloc_fail_after(0);
	ck_assert_int_eq(ed_xml_decode(&decoder, "<abcd", 5, true, &out, &error), ED_NOMEM);
	ed_buf_clear(&out);
	ck_assert_int_eq(ed_xml_document(ED_STR("<\xE4"), &out, &text, &error), ED_NOMEM);
	ed_alloc_fail_after(-1);
	ed_buf_release(&out);
	ed_buf_init(&out, 2);
	ck_assert_int_eq(ed_xml_document(ED_STR("<\xE4"), &out, &text, &error), ED_LIMIT);
	ed_buf_release(&out);
}
END_TEST

static const struct {
	const char *bytes;
	size_t len;
	const char *name; /* NULL: none */
} roots[] = {
	{ BYTES("<Events xmlns='x'>"), "Events" },
	{ BYTES("\xEF\xBB\xBF<?xml version='1.0'?>\r\n<!-- <a> -->\n<p:Event/>"), "Event" },
	{ BYTES("<\0E\0v\0e\0n\0t\0>\0"), "Event" },
	{ BYTES("\xFE\xFF\0<\0E\0>"), "E" },
	{ BYTES("<!DOCTYPE Events [<!ENTITY a 'b'>]><Events/>"), "Events" },
	{ BYTES("<a"), "a" },
	{ BYTES("<?xml version='1.0'"), NULL },
	{ BYTES("<!-- never closed"), NULL },
	{ BYTES("text <a/>"), NULL },
	{ BYTES("<"), NULL },
	{ BYTES("< a>"), NULL },
	{ BYTES("\xFF\xFE"), NULL },
	{ BYTES("<\0\0\0a\0\0\0"), NULL },
	{ BYTES("ElfFile\0"), NULL },
	{ BYTES("PK\x03\x04"), NULL },
};

START_TEST(root_names)
{
	char name[ED_XML_ROOT_NAME];
	struct ed_str root =
		ed_xml_root_name((struct ed_str){ roots[_i].bytes, roots[_i].len }, name);

	if (roots[_i].name)
		record_is(root, roots[_i].name);
	else
		ck_assert_msg(!root.p, "%.*s", ED_FMT(root));
}
END_TEST

START_TEST(root_name_is_bounded)
{
	char name[ED_XML_ROOT_NAME], head[8192];
	struct ed_str root;

	memset(head, 'a', sizeof(head));
	head[0] = '<';
	root = ed_xml_root_name((struct ed_str){ head, sizeof(head) }, name);
	ck_assert_uint_eq(root.len, ED_XML_ROOT_NAME - 1);
	ck_assert(ed_xml_head_has((struct ed_str){ head, sizeof(head) }, ED_STR("<aa")));
	ck_assert(!ed_xml_head_has((struct ed_str){ head, sizeof(head) }, ED_STR("b")));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("xml");
	TCase *tc = tcase_create("parser");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, good_documents, 0, (int)ED_COUNT(good));
	tcase_add_loop_test(tc, bad_documents, 0, (int)ED_COUNT(bad));
	tcase_add_test(tc, nothing_is_handed_out_behind_an_error);
	tcase_add_test(tc, a_handler_can_stop);
	tcase_add_test(tc, depth_is_limited);
	tcase_add_test(tc, text_is_limited);
	tcase_add_test(tc, a_large_document_is_read);
	tcase_add_test(tc, attributes_are_limited);
	tcase_add_test(tc, names_do_not_pile_up);
	tcase_add_test(tc, truncated_anywhere);
	tcase_add_test(tc, out_of_memory_is_told);
	tcase_add_test(tc, nothing_is_printed);
	tcase_add_test(tc, get_finds_attributes);
	suite_add_tcase(suite, tc);
	tc = tcase_create("encoding");
	tcase_add_loop_test(tc, document_of_any_encoding, 0, (int)ED_COUNT(encodings));
	tcase_add_loop_test(tc, decoding_does_not_depend_on_the_pieces, 0,
			    (int)ED_COUNT(encodings));
	tcase_add_test(tc, long_utf16_is_decoded);
	tcase_add_test(tc, clean_text_is_not_copied);
	tcase_add_test(tc, decoding_holds_limits);
	tcase_add_loop_test(tc, root_names, 0, (int)ED_COUNT(roots));
	tcase_add_test(tc, root_name_is_bounded);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

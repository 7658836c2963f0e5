/* SPDX-License-Identifier: MIT */
/* The reader of MDMDiagReport.xml: every attribute and every element without children is a fact. */
#include "espdiag/collectors/evxml.h"

#include "espdiag/base/limits.h"

#include "document_priv.h"

struct mdmreport {
	struct document document;
	struct ed_buf path;                    /* the open elements, joined by '/' */
	size_t begins[ED_LIMIT_XML_DEPTH + 1]; /* where each of their names begins in it */
	size_t depth;
	struct ed_buf value; /* text of the innermost element so far */
	bool leaf;           /* no element began within it */
};

static int mdmreport_probe(struct ed_str head, struct ed_str path)
{
	char name[ED_XML_ROOT_NAME];
	struct ed_str root = ed_xml_root_name(head, name);

	(void)path;
	return ed_str_eq(root, ED_STR("MDMEnterpriseDiagnosticsReport")) ||
			       ed_str_eq(root, ED_STR("MDMDiagReport"))
		       ? 100
		       : 0;
}

static ed_status check(const struct ed_buf *buf, struct ed_error *err)
{
	if (buf->status == ED_LIMIT)
		return ed_fail(err, ED_LIMIT, "element names longer than %zu bytes together",
			       buf->limit);
	if (buf->status != ED_OK)
		return ed_fail(err, ED_NOMEM, "out of memory while reading an MDM report");
	return ED_OK;
}

static ed_status deliver(struct mdmreport *r, struct ed_str path, struct ed_str name,
			 struct ed_str text, struct ed_error *err)
{
	struct ed_fact fact = {
		.kind = ED_FACT_MDMREPORT,
		.path = path,
		.name = name,
		.text = ed_str_trim(text),
		.time = ED_TIME_NONE,
	};

	if (fact.text.len > ED_LIMIT_VALUE) {
		fact.text.len = ED_LIMIT_VALUE;
		while (fact.text.len && ((unsigned char)fact.text.p[fact.text.len] & 0xC0) == 0x80)
			fact.text.len--;
	}
	return document_fact(&r->document, &fact, err);
}

static ed_status on_start(void *context, const struct ed_xml_element *element, struct ed_error *err)
{
	struct mdmreport *r = context;

	if (element->depth == 1 && !ed_str_eq(element->name, ED_STR("MDMDiagReport")) &&
	    !ed_str_eq(element->name, ED_STR("MDMEnterpriseDiagnosticsReport")))
		return ed_fail(err, ED_FORMAT, "not an MDM diagnostics report");
	if (r->depth)
		ed_buf_addc(&r->path, '/');
	r->begins[r->depth++] = r->path.len;
	ed_buf_adds(&r->path, element->name);
	ED_TRY(check(&r->path, err));
	for (size_t i = 0; i < element->attribute_count; i++)
		ED_TRY(deliver(r, ed_buf_str(&r->path), element->attributes[i].name,
			       element->attributes[i].value, err));
	ed_buf_clear(&r->value);
	r->leaf = true;
	return ED_OK;
}

static ed_status on_text(void *context, struct ed_str text, struct ed_error *err)
{
	struct mdmreport *r = context;

	if (!r->leaf)
		return ED_OK;
	ed_buf_adds(&r->value, text);
	return check(&r->value, err);
}

static ed_status on_end(void *context, struct ed_str name, struct ed_error *err)
{
	struct mdmreport *r = context;
	size_t begin = r->begins[--r->depth];
	struct ed_str parent = ed_str_slice(ed_buf_str(&r->path), 0, begin ? begin - 1 : 0);

	if (r->leaf)
		ED_TRY(deliver(r, parent, name, ed_buf_str(&r->value), err));
	r->leaf = false;
	r->path.len = parent.len;
	return ED_OK;
}

static ed_status mdmreport_read(const struct ed_input *input, struct ed_sink *sink,
				struct ed_error *err)
{
	static const struct ed_xml_handler handler = { on_start, on_text, on_end };
	struct mdmreport r = { .document = { .sink = sink } };
	ed_status status;

	ed_buf_init(&r.path, ED_LIMIT_NAME_BYTES);
	ed_buf_init(&r.value, ED_LIMIT_XML_TEXT);
	status = document_read(input, &handler, &r.document, err);
	ed_buf_release(&r.path);
	ed_buf_release(&r.value);
	return status;
}

const struct ed_reader ed_reader_mdmreport = {
	.name = "mdmreport",
	.probe = mdmreport_probe,
	.read = mdmreport_read,
};

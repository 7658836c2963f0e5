/* SPDX-License-Identifier: MIT */
/*
 * The reader of results.xml of Intune's Collect diagnostics: what was asked for and how it went.
 * SasUrl holds a signature that lets anyone write to the tenant's storage: its text is dropped as
 * it is parsed, and so is any other that looks like one.
 */
#include "espdiag/collectors/evxml.h"

#include "espdiag/base/limits.h"

#include "document_priv.h"

#define ITEM_DEPTH 2

struct results {
	struct document document;
	struct ed_buf type; /* element name of the item being read */
	struct ed_buf name; /* its text */
	size_t depth;
	uint32_t hresult;
	bool has_hresult;
	bool secret;
};

static int results_probe(struct ed_str head, struct ed_str path)
{
	char name[ED_XML_ROOT_NAME];

	(void)path;
	if (!ed_str_eq(ed_xml_root_name(head, name), ED_STR("Collection")))
		return 0;
	return ed_xml_head_has(head, ED_STR("HRESULT")) || ed_xml_head_has(head, ED_STR("SasUrl"))
		       ? 90
		       : 0;
}

static ed_status check(const struct ed_buf *buf, struct ed_error *err)
{
	if (buf->status == ED_LIMIT)
		return ed_fail(err, ED_LIMIT, "an item longer than %zu bytes", buf->limit);
	if (buf->status != ED_OK)
		return ed_fail(err, ED_NOMEM, "out of memory while reading results.xml");
	return ED_OK;
}

static ed_status deliver(struct results *r, struct ed_str type, struct ed_str name,
			 struct ed_error *err)
{
	struct ed_fact fact = {
		.kind = ED_FACT_COLLECTED,
		.has_number = r->has_hresult,
		.path = type,
		.name = name,
		.number = r->has_hresult ? r->hresult : 0,
		.time = ED_TIME_NONE,
	};

	return document_fact(&r->document, &fact, err);
}

static ed_status on_start(void *context, const struct ed_xml_element *element, struct ed_error *err)
{
	struct results *r = context;
	struct ed_str hresult = ed_xml_get(element, ED_STR("HRESULT"));

	r->depth = element->depth;
	if (element->depth > ITEM_DEPTH)
		return ED_OK;
	r->has_hresult = hresult.p && ed_number_u32(hresult, &r->hresult);
	if (element->depth == 1) {
		if (!ed_str_eq(element->name, ED_STR("Collection")))
			return ed_fail(err, ED_FORMAT, "not the results of a collection");
		return r->has_hresult ? deliver(r, element->name, ED_STR(""), err) : ED_OK;
	}
	r->secret = ed_str_ieq(element->name, ED_STR("SasUrl"));
	ed_buf_clear(&r->type);
	ed_buf_clear(&r->name);
	ed_buf_adds(&r->type, element->name);
	return check(&r->type, err);
}

static ed_status on_text(void *context, struct ed_str text, struct ed_error *err)
{
	struct results *r = context;

	if (r->depth != ITEM_DEPTH || r->secret)
		return ED_OK;
	ed_buf_adds(&r->name, text);
	return check(&r->name, err);
}

static ed_status on_end(void *context, struct ed_str name, struct ed_error *err)
{
	struct results *r = context;
	struct ed_str item;

	(void)name;
	if (r->depth-- != ITEM_DEPTH || r->secret)
		return ED_OK;
	item = ed_str_trim(ed_buf_str(&r->name));
	if (ed_str_ifind(item, ED_STR("sig="), 0) != SIZE_MAX)
		item = ED_STR("");
	return deliver(r, ed_buf_str(&r->type), item, err);
}

static ed_status results_read(const struct ed_input *input, struct ed_sink *sink,
			      struct ed_error *err)
{
	static const struct ed_xml_handler handler = { on_start, on_text, on_end };
	struct results r = { .document = { .sink = sink } };
	ed_status status;

	ed_buf_init(&r.type, ED_LIMIT_NAME_BYTES);
	ed_buf_init(&r.name, ED_LIMIT_VALUE);
	status = document_read(input, &handler, &r.document, err);
	ed_buf_release(&r.type);
	ed_buf_release(&r.name);
	return status;
}

const struct ed_reader ed_reader_results = {
	.name = "results",
	.probe = results_probe,
	.read = results_read,
};

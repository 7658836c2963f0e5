/* SPDX-License-Identifier: MIT */
/* Device state as rows: written as they are read from the device, read again as facts. */
#include "espdiag/collectors/state.h"

#include "state_priv.h"

#define STATE_SCHEMA "espdiag.state/1"

void ed_state_begin(struct ed_state_writer *w, struct ed_buf *out, const char *area)
{
	ed_json_writer_init(&w->json, out, 1);
	ed_json_begin_object(&w->json, NULL);
	ed_json_put_str(&w->json, "schema", ED_STR(STATE_SCHEMA));
	ed_json_put_str(&w->json, "area", ed_str_from(area));
	ed_json_begin_array(&w->json, "rows");
}

/* What all rows begin with; the caller puts the value. */
static struct ed_json_writer *row_begin(struct ed_state_writer *w, struct ed_str path,
					const char *name)
{
	ed_json_begin_object(&w->json, NULL);
	ed_json_put_str(&w->json, "path", path.p ? path : ED_STR(""));
	ed_json_put_str(&w->json, "name", ed_str_from(name));
	return &w->json;
}

void ed_state_text(struct ed_state_writer *w, struct ed_str path, const char *name,
		   struct ed_str value)
{
	ed_json_put_str(row_begin(w, path, name), "value", value);
	ed_json_end_object(&w->json);
}

void ed_state_number(struct ed_state_writer *w, struct ed_str path, const char *name, int64_t value)
{
	ed_json_put_int(row_begin(w, path, name), "value", value);
	ed_json_end_object(&w->json);
}

void ed_state_bool(struct ed_state_writer *w, struct ed_str path, const char *name, bool value)
{
	ed_json_put_bool(row_begin(w, path, name), "value", value);
	ed_json_end_object(&w->json);
}

void ed_state_null(struct ed_state_writer *w, struct ed_str path, const char *name)
{
	ed_json_put_null(row_begin(w, path, name), "value");
	ed_json_end_object(&w->json);
}

void ed_state_end(struct ed_state_writer *w)
{
	ed_json_end_array(&w->json);
	ed_json_end_object(&w->json);
	ed_buf_addc(w->json.out, '\n');
}

/* False when @value is nothing that a row may hold. @text has room for a number. */
static bool fact_value(const struct ed_json *value, char text[24], struct ed_fact *fact)
{
	switch (ed_json_type(value)) {
	case ED_JSON_NULL:
		return true;
	case ED_JSON_STRING:
		fact->text = ed_json_string(value);
		return true;
	case ED_JSON_BOOL:
		fact->has_number = true;
		fact->number = ed_json_bool(value, false);
		fact->text = fact->number ? ED_STR("true") : ED_STR("false");
		return true;
	case ED_JSON_NUMBER:
		/* a fraction gives both defaults */
		if (ed_json_integer(value, 0) != ed_json_integer(value, 1))
			return false;
		fact->has_number = true;
		fact->number = (uint64_t)ed_json_integer(value, 0);
		snprintf(text, 24, "%lld", (long long)ed_json_integer(value, 0));
		fact->text = ed_str_from(text);
		return true;
	case ED_JSON_ABSENT:
	case ED_JSON_ARRAY:
	case ED_JSON_OBJECT:
		break;
	}
	return false;
}

static ed_status row_walk(struct state_walk *w, const struct ed_json *row, struct ed_str area,
			  bool *ok)
{
	struct ed_fact fact = { .kind = ED_FACT_STATE, .time = ED_TIME_NONE };
	struct ed_str path = state_text(row, "path");
	char text[24];

	fact.name = ed_json_string(ed_json_get(row, "name"));
	*ok = fact.name.p && fact_value(ed_json_get(row, "value"), text, &fact);
	if (!*ok)
		return ED_OK;
	ed_buf_clear(&w->path);
	ed_buf_adds(&w->path, area);
	if (path.len) {
		ed_buf_addc(&w->path, '/');
		ed_buf_adds(&w->path, path);
	}
	if (w->path.status != ED_OK)
		return ed_fail(w->err, w->path.status, "cannot hold a path of state");
	fact.path = ed_buf_str(&w->path);
	return state_tell_fact(w, &fact);
}

static ed_status state_walk(struct state_walk *w, const struct ed_json *root)
{
	const struct ed_json *rows = ed_json_get(root, "rows");
	struct ed_str area = ed_json_string(ed_json_get(root, "area"));
	uint64_t lost = 0;

	if (!area.p || ed_json_type(rows) != ED_JSON_ARRAY)
		return ed_fail(w->err, ED_FORMAT, "without an area or rows");
	for (size_t i = 0; i < ed_json_count(rows); i++) {
		bool ok;

		ED_TRY(row_walk(w, ed_json_at(rows, i, NULL), area, &ok));
		lost += !ok;
	}
	return state_tell_lost(w, lost, "rows are");
}

static ed_status reader_read(const struct ed_input *input, struct ed_sink *sink,
			     struct ed_error *err)
{
	return state_read(input, STATE_SCHEMA, state_walk, sink, err);
}

static int reader_probe(struct ed_str head, struct ed_str path)
{
	(void)path;
	return state_probe(head, STATE_SCHEMA);
}

const struct ed_reader ed_reader_state = {
	.name = "state",
	.probe = reader_probe,
	.read = reader_read,
};

/* SPDX-License-Identifier: MIT */
/* A row of the fleet: one table of columns for JSON there and back, and for CSV. */
#include "espdiag/report/fleet.h"

#include "espdiag/base/limits.h"
#include "espdiag/json/json.h"

#define ROW_SCHEMA "espdiag.fleet-row/1"

enum column {
	COLUMN_SOURCE,
	COLUMN_BUNDLE,
	COLUMN_DEVICE_TAG,
	COLUMN_EVALUATED_AT,
	COLUMN_HOUR,
	COLUMN_READ,
	COLUMN_OUTCOME,
	COLUMN_PRIMARY,
	COLUMN_CERTAINTY,
	COLUMN_FINDINGS,
	COLUMN_MANUFACTURER,
	COLUMN_MODEL,
	COLUMN_BUILD,
	COLUMN_VERSION,
	COLUMN_POLICY,
	COLUMN_ERROR,
	COLUMN_COUNT,
};

#define NO_TEXT SIZE_MAX

/* Columns that are a text of the row have its place; the others are told by code. */
static const struct {
	const char *name;
	size_t text;
} columns[COLUMN_COUNT] = {
	[COLUMN_SOURCE] = { "source", offsetof(struct ed_fleet_row, source) },
	[COLUMN_BUNDLE] = { "bundle", offsetof(struct ed_fleet_row, bundle) },
	[COLUMN_DEVICE_TAG] = { "device_tag", offsetof(struct ed_fleet_row, device_tag) },
	[COLUMN_EVALUATED_AT] = { "evaluated_at", NO_TEXT },
	[COLUMN_HOUR] = { "hour", NO_TEXT },
	[COLUMN_READ] = { "read", NO_TEXT },
	[COLUMN_OUTCOME] = { "outcome", NO_TEXT },
	[COLUMN_PRIMARY] = { "primary", offsetof(struct ed_fleet_row, primary) },
	[COLUMN_CERTAINTY] = { "certainty", NO_TEXT },
	[COLUMN_FINDINGS] = { "findings", NO_TEXT },
	[COLUMN_MANUFACTURER] = { "manufacturer", offsetof(struct ed_fleet_row, manufacturer) },
	[COLUMN_MODEL] = { "model", offsetof(struct ed_fleet_row, model) },
	[COLUMN_BUILD] = { "build", offsetof(struct ed_fleet_row, build) },
	[COLUMN_VERSION] = { "version", offsetof(struct ed_fleet_row, version) },
	[COLUMN_POLICY] = { "policy", offsetof(struct ed_fleet_row, policy) },
	[COLUMN_ERROR] = { "error", offsetof(struct ed_fleet_row, error) },
};

static struct ed_str text_of(const struct ed_fleet_row *row, enum column column)
{
	struct ed_str text;

	memcpy(&text, (const char *)row + columns[column].text, sizeof(text));
	return text;
}

static struct ed_str time_of(const struct ed_fleet_row *row, char out[ED_TIME_TEXT])
{
	if (row->evaluated_at == ED_TIME_NONE)
		return (struct ed_str){ NULL, 0 };
	return (struct ed_str){ out, ed_time_format(row->evaluated_at, out) };
}

static struct ed_str word_of(const struct ed_fleet_row *row, enum column column)
{
	if (!row->read)
		return (struct ed_str){ NULL, 0 };
	return ed_str_from(column == COLUMN_OUTCOME ? ed_outcome_word(row->outcome)
						    : ed_certainty_word(row->certainty));
}

static void put_findings(struct ed_json_writer *w, const struct ed_fleet_row *row)
{
	ed_json_begin_array(w, "findings");
	for (size_t i = 0; i < row->findings.count; i++)
		ed_json_put_str(w, NULL, row->findings.items[i]);
	ed_json_end_array(w);
}

static void put_column(struct ed_json_writer *w, const struct ed_fleet_row *row, enum column column)
{
	const char *name = columns[column].name;
	char time[ED_TIME_TEXT];

	switch ((int)column) {
	case COLUMN_EVALUATED_AT:
		ed_json_put_str(w, name, time_of(row, time));
		break;
	case COLUMN_HOUR:
		if (row->evaluated_at == ED_TIME_NONE)
			ed_json_put_null(w, name);
		else
			ed_json_put_int(w, name, ed_civil_from_time(row->evaluated_at).hour);
		break;
	case COLUMN_READ:
		ed_json_put_bool(w, name, row->read);
		break;
	case COLUMN_OUTCOME:
	case COLUMN_CERTAINTY:
		ed_json_put_str(w, name, word_of(row, column));
		break;
	case COLUMN_FINDINGS:
		put_findings(w, row);
		break;
	default:
		ed_json_put_str(w, name, text_of(row, column));
		break;
	}
}

void ed_fleet_row_json(const struct ed_fleet_row *row, struct ed_buf *out)
{
	struct ed_json_writer w;

	ed_json_writer_init(&w, out, 0);
	ed_json_begin_object(&w, NULL);
	ed_json_put_str(&w, "schema", ED_STR(ROW_SCHEMA));
	for (size_t i = 0; i < COLUMN_COUNT; i++)
		put_column(&w, row, (enum column)i);
	ed_json_end_object(&w);
	ed_buf_addc(out, '\n');
}

/* Where what failed first is remembered. */
struct parsing {
	struct ed_arena *arena;
	const struct ed_json *root;
	ed_status status;
};

static struct ed_str keep(struct parsing *p, const struct ed_json *value)
{
	struct ed_str text = ed_json_string(value);

	if (!text.p)
		return text;
	text = ed_arena_str(p->arena, text);
	if (!text.p)
		p->status = ED_NOMEM;
	return text;
}

/* The value of @word among @count words; -1 when it is none. */
static int word_value(struct ed_str word, const char *(*name)(int v), int count)
{
	for (int i = 0; i < count; i++)
		if (ed_str_eq(word, ed_str_from(name(i))))
			return i;
	return -1;
}

static const char *outcome_name(int v)
{
	return ed_outcome_word((enum ed_outcome)v);
}

static const char *certainty_name(int v)
{
	return ed_certainty_word((enum ed_certainty)v);
}

static void parse_words(struct parsing *p, struct ed_fleet_row *row)
{
	struct ed_str outcome = ed_json_string(ed_json_get(p->root, "outcome"));
	struct ed_str certainty = ed_json_string(ed_json_get(p->root, "certainty"));
	struct ed_str at = ed_json_string(ed_json_get(p->root, "evaluated_at"));
	int o = word_value(outcome, outcome_name, ED_OUTCOME_INCONCLUSIVE + 1);
	int c = word_value(certainty, certainty_name, ED_POSSIBLE + 1);

	row->read = ed_json_bool(ed_json_get(p->root, "read"), false);
	row->evaluated_at = ED_TIME_NONE;
	if ((row->read && (o < 0 || c < 0)) || (at.p && !ed_time_parse(at, &row->evaluated_at)))
		p->status = ED_FORMAT;
	row->outcome = o < 0 ? ED_OUTCOME_INCONCLUSIVE : (enum ed_outcome)o;
	row->certainty = c < 0 ? ED_POSSIBLE : (enum ed_certainty)c;
}

static void parse_findings(struct parsing *p, struct ed_fleet_row *row)
{
	const struct ed_json *list = ed_json_get(p->root, "findings");
	size_t count = ed_json_count(list);
	struct ed_str *ids = ed_arena_calloc(p->arena, count, sizeof(*ids));

	if (!ids || ed_json_type(list) != ED_JSON_ARRAY) {
		p->status = ids ? ED_FORMAT : ED_NOMEM;
		return;
	}
	for (size_t i = 0; i < count; i++) {
		ids[i] = keep(p, ed_json_at(list, i, NULL));
		if (!ids[i].p && p->status == ED_OK)
			p->status = ED_FORMAT;
	}
	row->findings = (struct ed_str_list){ ids, count };
}

ed_status ed_fleet_row_parse(struct ed_str line, struct ed_arena *arena, struct ed_fleet_row *row,
			     struct ed_error *err)
{
	struct ed_fleet_row made = { .read = false };
	struct ed_json *root = NULL;
	struct parsing p = { .arena = arena };

	ED_TRY(ed_json_parse(line, &root, err));
	p.root = root;
	if (!ed_str_eq(ed_json_string(ed_json_get(root, "schema")), ED_STR(ROW_SCHEMA)))
		p.status = ED_FORMAT;
	for (size_t i = 0; i < COLUMN_COUNT && p.status == ED_OK; i++) {
		const struct ed_json *value = ed_json_get(root, columns[i].name);

		if (ed_json_type(value) == ED_JSON_ABSENT)
			p.status = ED_FORMAT;
		if (p.status == ED_OK && columns[i].text != NO_TEXT) {
			struct ed_str text = keep(&p, value);

			memcpy((char *)&made + columns[i].text, &text, sizeof(text));
		}
	}
	if (p.status == ED_OK)
		parse_words(&p, &made);
	if (p.status == ED_OK)
		parse_findings(&p, &made);
	if (p.status == ED_OK && !made.source.p)
		p.status = ED_FORMAT;
	ed_json_free(root);
	if (p.status != ED_OK)
		return ed_fail(err, p.status, "%s",
			       p.status == ED_FORMAT ? "not a row of 'fleet --format ndjson'"
						     : ed_status_text(p.status));
	*row = made;
	return ED_OK;
}

static bool looks_like_formula(struct ed_str s)
{
	return s.len && memchr("=+-@\t\r\n", s.p[0], 7);
}

static void put_cell(struct ed_buf *out, struct ed_str s)
{
	bool formula = looks_like_formula(s);
	bool quoted = formula;

	for (size_t i = 0; i < s.len && !quoted; i++)
		quoted = s.p[i] == '"' || s.p[i] == ',' || s.p[i] == '\r' || s.p[i] == '\n';
	ed_buf_addz(out, quoted ? "\"" : "");
	ed_buf_addz(out, formula ? "'" : "");
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '"')
			ed_buf_addc(out, '"');
		ed_buf_addc(out, s.p[i]);
	}
	ed_buf_addz(out, quoted ? "\"" : "");
}

/* Several in one cell. Merged rows may hold any text, so the whole is quoted as one. */
static void put_list_cell(struct ed_buf *out, struct ed_str_list list)
{
	struct ed_buf joined;

	ed_buf_init(&joined, ED_LIMIT_JSON);
	for (size_t i = 0; i < list.count; i++) {
		ed_buf_addz(&joined, i ? ";" : "");
		ed_buf_adds(&joined, list.items[i]);
	}
	if (joined.status != ED_OK && out->status == ED_OK)
		out->status = joined.status;
	put_cell(out, ed_buf_str(&joined));
	ed_buf_release(&joined);
}

static void put_csv_column(const struct ed_fleet_row *row, enum column column, struct ed_buf *out)
{
	char time[ED_TIME_TEXT];

	switch ((int)column) {
	case COLUMN_EVALUATED_AT:
		put_cell(out, time_of(row, time));
		break;
	case COLUMN_HOUR:
		if (row->evaluated_at != ED_TIME_NONE)
			ed_buf_printf(out, "%d", ed_civil_from_time(row->evaluated_at).hour);
		break;
	case COLUMN_READ:
		ed_buf_addz(out, row->read ? "true" : "false");
		break;
	case COLUMN_OUTCOME:
	case COLUMN_CERTAINTY:
		put_cell(out, word_of(row, column));
		break;
	case COLUMN_FINDINGS:
		put_list_cell(out, row->findings);
		break;
	default:
		put_cell(out, text_of(row, column));
		break;
	}
}

void ed_fleet_csv_head(struct ed_buf *out)
{
	for (size_t i = 0; i < COLUMN_COUNT; i++)
		ed_buf_printf(out, "%s%s", i ? "," : "", columns[i].name);
	ed_buf_addz(out, "\r\n");
}

void ed_fleet_row_csv(const struct ed_fleet_row *row, struct ed_buf *out)
{
	for (size_t i = 0; i < COLUMN_COUNT; i++) {
		ed_buf_addz(out, i ? "," : "");
		put_csv_column(row, (enum column)i, out);
	}
	ed_buf_addz(out, "\r\n");
}

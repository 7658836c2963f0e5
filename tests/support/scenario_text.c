/* SPDX-License-Identifier: MIT */
/*
 * Evidence that is text: logs of the management extension as CMTrace shows them, the output of
 * `dsregcmd /status`, and MDMDiagReport.xml.
 */
#include "scenario_priv.h"

static ed_status add_text(struct story *t, const struct scenario_text *text)
{
	struct scenario_text *kept = scenario_grow(t->s->arena, &t->s->texts, &t->s->text_count,
						   &t->s->text_cap, sizeof(*kept));

	if (!kept)
		return ed_fail(t->err, ED_NOMEM, "too much text");
	*kept = *text;
	return ED_OK;
}

static ed_status add_line(struct story *t, int64_t time, const char *log, unsigned type,
			  const char *text)
{
	struct scenario_text line = {
		.section = log,
		.time = time,
		.type = type,
		.has_bias = t->has_bias,
		.bias = t->bias,
	};
	struct ed_str file = ed_arena_printf(t->s->arena, "%s.log", log);

	if (!file.p)
		return ed_fail(t->err, ED_NOMEM, "too much text");
	line.file = file.p;
	ED_TRY(story_fill(t, text, &line.text));
	return add_text(t, &line);
}

static ed_status add_lines(struct story *t, const char *story, int64_t time)
{
	bool any = false;

	for (size_t i = 0; i < row_line_count; i++) {
		const struct row_line *row = &row_lines[i];

		if (strcmp(row->story, story) != 0)
			continue;
		any = true;
		ED_TRY(add_line(t, time + row->seconds * ED_TICKS_PER_SECOND, row->log, row->type,
				row->text));
	}
	return any ? ED_OK : story_wrong(t, "no such story", ed_str_from(story));
}

/* ime bias MINUTES|none */
static ed_status tell_bias(struct story *t)
{
	struct ed_str text = story_word(t, 2);
	bool west = !ed_str_starts(text, ED_STR("-"));
	uint32_t minutes = 0;

	t->has_bias = !ed_str_eq(text, ED_STR("none"));
	if (t->has_bias && !ed_number_u32(ed_str_slice(text, west ? 0 : 1, text.len), &minutes))
		return story_wrong(t, "no minutes", text);
	t->bias = west ? (int)minutes : -(int)minutes;
	return ED_OK;
}

/*
 * ime bias MINUTES|none; ime says TIME LOG TEXT [type N];
 * ime WHAT TIME|LOOP [code N] [app ID] [name NAME] [error HRESULT] [exit N] [phase NAME]
 */
ed_status story_ime_line(struct story *t)
{
	struct story_loop loop = { .count = 1 };
	uint32_t type = 1;

	if (story_word_is(t, 1, "bias"))
		return tell_bias(t);
	ED_TRY(story_set_error(t, "0x80072ee7"));
	ED_TRY(story_set_option(t, "ime_code", "code", "3399548929"));
	ED_TRY(story_set_option(t, "exit", "exit", "1603"));
	ED_TRY(story_set_option(t, "phase", "phase", "AccountSetup"));
	if (story_option(t, "app").p)
		ED_TRY(story_set(t, "ime_app", story_option(t, "app").p));
	if (story_option(t, "name").p)
		ED_TRY(story_set(t, "ime_app_name", story_option(t, "name").p));
	if (story_word_is(t, 2, "from"))
		ED_TRY(story_loop(t, &loop));
	else
		ED_TRY(story_time(t, story_word(t, 2), &loop.from));
	if (story_word_is(t, 1, "says")) {
		if (t->line->token_count < 5)
			return story_wrong(t, "expected: ime says TIME LOG TEXT, got",
					   t->line->text);
		ED_TRY(story_number_option(t, "type", &type));
		return add_line(t, loop.from, story_word(t, 3).p, type, story_word(t, 4).p);
	}
	for (uint32_t i = 0; i < loop.count; i++)
		ED_TRY(add_lines(t, story_word(t, 1).p, loop.from + i * loop.every));
	return ED_OK;
}

/* SECTION Name=Value …, from the word @at on, kept as rows of @file */
static ed_status add_rows(struct story *t, const char *file, size_t at)
{
	struct scenario_text row = { .file = file, .section = story_word(t, at).p };

	if (t->line->token_count < at + 2)
		return story_wrong(t, "expected: SECTION NAME=VALUE, got", t->line->text);
	for (size_t i = at + 1; i < t->line->token_count; i++) {
		struct ed_str piece = story_word(t, i);
		size_t equals = ed_str_find(piece, ED_STR("="), 0);
		struct ed_str name = ed_arena_str(t->s->arena, ed_str_slice(piece, 0, equals));

		if (equals == SIZE_MAX || !name.p)
			return story_wrong(t, "no value in", piece);
		row.name = name.p;
		ED_TRY(story_fill(t, piece.p + equals + 1, &row.text));
		ED_TRY(add_text(t, &row));
	}
	return ED_OK;
}

ed_status story_dsreg_line(struct story *t)
{
	return add_rows(t, SCENARIO_DSREG, 1);
}

ed_status story_report_line(struct story *t)
{
	return add_rows(t, SCENARIO_REPORT, 1);
}

/* state AREA PATH Name=value …: rows of what our own program recorded on the device */
ed_status story_state_line(struct story *t)
{
	struct ed_str area = story_word(t, 1);
	struct ed_str file = ed_arena_printf(t->s->arena, SCENARIO_STATE "%.*s.json", ED_FMT(area));

	if (!file.p)
		return ed_fail(t->err, ED_NOMEM, "too much text");
	return add_rows(t, file.p, 2);
}

static void write_line(const struct scenario_text *line, struct ed_buf *out)
{
	int64_t local = line->time - line->bias * ED_TICKS_PER_MINUTE;
	struct ed_civil c = ed_civil_from_time(local);
	int minutes = line->bias < 0 ? -line->bias : line->bias;

	ed_buf_printf(out, "<![LOG[%s]LOG]!><time=\"%02d:%02d:%02d.%07d", line->text, c.hour,
		      c.minute, c.second, c.ticks);
	if (line->has_bias)
		ed_buf_printf(out, "%c%03d", line->bias < 0 ? '-' : '+', minutes);
	ed_buf_printf(out,
		      "\" date=\"%d-%d-%04d\" component=\"%s\" context=\"\" type=\"%u\" "
		      "thread=\"8\" file=\"\">\r\n",
		      c.month, c.day, c.year, line->section, line->type);
}

/* The next line of @file to be written: the oldest after @after, which is NULL at first. */
static const struct scenario_text *next_line(const struct scenario *s, const char *file,
					     const struct scenario_text *after)
{
	const struct scenario_text *next = NULL;

	for (size_t i = 0; i < s->text_count; i++) {
		const struct scenario_text *line = &s->texts[i];

		if (strcmp(line->file, file) != 0 ||
		    (after &&
		     (line->time < after->time || (line->time == after->time && line <= after))))
			continue;
		if (!next || line->time < next->time)
			next = line;
	}
	return next;
}

static bool is_new_section(const struct scenario *s, size_t i)
{
	for (size_t k = i; k-- > 0;) {
		if (strcmp(s->texts[k].file, s->texts[i].file) == 0)
			return strcmp(s->texts[k].section, s->texts[i].section) != 0;
	}
	return true;
}

#define FRAME "+----------------------------------------------------------------------+\r\n"

static void write_dsreg(const struct scenario *s, struct ed_buf *out)
{
	for (size_t i = 0; i < s->text_count; i++) {
		const struct scenario_text *row = &s->texts[i];

		if (strcmp(row->file, SCENARIO_DSREG) != 0)
			continue;
		if (is_new_section(s, i))
			ed_buf_printf(out, "\r\n" FRAME "| %-68s |\r\n" FRAME "\r\n", row->section);
		ed_buf_printf(out, "%26s : %s\r\n", row->name, row->text);
	}
}

/* "A/B" as <A><B>, or closed again from the inside out. */
static void write_path(struct ed_buf *out, struct ed_str path, bool open)
{
	struct ed_str step;

	if (!path.len || !ed_str_next(&path, '/', &step))
		return;
	if (open)
		ed_buf_printf(out, "<%.*s>", ED_FMT(step));
	write_path(out, path, open);
	if (!open)
		ed_buf_printf(out, "</%.*s>", ED_FMT(step));
}

static void write_report(const struct scenario *s, struct ed_buf *out)
{
	ed_buf_addz(out, "<?xml version=\"1.0\"?>\r\n<MDMEnterpriseDiagnosticsReport>\r\n");
	for (size_t i = 0; i < s->text_count; i++) {
		const struct scenario_text *row = &s->texts[i];

		if (strcmp(row->file, SCENARIO_REPORT) != 0)
			continue;
		write_path(out, ed_str_from(row->section), true);
		ed_buf_printf(out, "<%s>%s</%s>", row->name, row->text, row->name);
		write_path(out, ed_str_from(row->section), false);
		ed_buf_addz(out, "\r\n");
	}
	ed_buf_addz(out, "</MDMEnterpriseDiagnosticsReport>\r\n");
}

static bool is_bare(const char *value)
{
	return strcmp(value, "null") == 0 || strcmp(value, "true") == 0 ||
	       strcmp(value, "false") == 0 ||
	       (*value && strspn(value, "0123456789") == strlen(value));
}

/* Numbers, booleans and null as they are, all else as text; nothing here needs an escape. */
static void write_state(const struct scenario *s, const char *file, struct ed_buf *out)
{
	size_t area = strlen(SCENARIO_STATE);
	const char *comma = "";

	ed_buf_printf(out, "{ \"schema\": \"espdiag.state/1\", \"area\": \"%.*s\", \"rows\": [",
		      (int)(strlen(file) - area - strlen(".json")), file + area);
	for (size_t i = 0; i < s->text_count; i++) {
		const struct scenario_text *row = &s->texts[i];
		const char *quote = is_bare(row->text) ? "" : "\"";

		if (strcmp(row->file, file) != 0)
			continue;
		ed_buf_printf(out, "%s\n { \"path\": \"%s\", \"name\": \"%s\", \"value\": %s%s%s }",
			      comma, row->section, row->name, quote, row->text, quote);
		comma = ",";
	}
	ed_buf_addz(out, "\n] }\n");
}

void scenario_text_file(const struct scenario *s, const char *file, struct ed_buf *out)
{
	const struct scenario_text *line = NULL;

	if (strcmp(file, SCENARIO_DSREG) == 0) {
		write_dsreg(s, out);
		return;
	}
	if (strcmp(file, SCENARIO_REPORT) == 0) {
		write_report(s, out);
		return;
	}
	if (strncmp(file, SCENARIO_STATE, strlen(SCENARIO_STATE)) == 0) {
		write_state(s, file, out);
		return;
	}
	while ((line = next_line(s, file, line)))
		write_line(line, out);
}

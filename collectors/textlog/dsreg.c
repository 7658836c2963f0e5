/* SPDX-License-Identifier: MIT */
/*
 * Output of `dsregcmd /status`: boxed section titles and rows of "Name : Value". Names and titles
 * are English on every Windows; values are taken as they are.
 */
#include "espdiag/collectors/textlog.h"

#include "espdiag/base/limits.h"
#include "espdiag/base/utf.h"
#include "textlog_priv.h"

static const char *const titles[] = {
	"Device State",
	"Device Details",
	"Tenant Details",
	"User State",
	"SSO State",
	"Diagnostic Data",
	"Work Account 1",
	"Ngc Prerequisite Check",
	"IE Proxy Config for Current User",
	"WinHttp Default Proxy Config",
};

/* The title in "| Title   |"; false for any other line. */
static bool box_title(struct ed_str line, struct ed_str *title)
{
	line = ed_str_trim(line);
	if (line.len < 3 || line.p[0] != '|' || line.p[line.len - 1] != '|')
		return false;
	*title = ed_str_trim(ed_str_slice(line, 1, line.len - 1));
	return title->len > 0;
}

/* "Name : Value"; the value may be empty. False for frames, headings and prose. */
static bool row(struct ed_str line, struct ed_str *name, struct ed_str *value)
{
	size_t colon = ed_str_find(line, ED_STR(" :"), 0);

	while (colon != SIZE_MAX && colon + 2 < line.len && line.p[colon + 2] != ' ')
		colon = ed_str_find(line, ED_STR(" :"), colon + 1);
	if (colon == SIZE_MAX)
		return false;
	*name = ed_str_trim(ed_str_slice(line, 0, colon));
	*value = ed_str_trim(ed_str_slice(line, colon + 2, line.len));
	return name->len > 0;
}

static bool is_join_row(struct ed_str line)
{
	struct ed_str name, value;

	return row(line, &name, &value) && ed_str_eq(name, ED_STR("AzureAdJoined"));
}

static int dsreg_probe(struct ed_str head, struct ed_str path)
{
	char out[ED_PROBE_BYTES];
	struct ed_str rest = { out, ed_text_head(head.p, head.len, out, sizeof(out)) };
	struct ed_str line, title;
	int known = 0;

	(void)path;
	while (ed_str_line(&rest, &line)) {
		if (is_join_row(line))
			return 90;
		if (!box_title(line, &title))
			continue;
		for (size_t i = 0; i < ED_COUNT(titles); i++)
			known += ed_str_eq(title, ed_str_from(titles[i]));
		if (known >= 2)
			return 90;
	}
	return 0;
}

static ed_status dsreg_walk(const struct ed_input *input, struct ed_str text, struct ed_sink *sink,
			    struct ed_error *err)
{
	struct ed_str line, section = ED_STR("");
	struct ed_gap gap = { .state = ED_STATE_DAMAGED, .why = ED_STR("line too long") };
	struct ed_fact fact = { .kind = ED_FACT_DSREG, .time = ED_TIME_NONE };

	(void)input;
	while (ed_str_line(&text, &line)) {
		if (line.len >= ED_LIMIT_LINE) {
			gap.lost++;
			continue;
		}
		if (box_title(line, &section) || !row(line, &fact.name, &fact.text))
			continue;
		fact.path = section;
		ED_TRY(sink->ops->fact(sink, &fact, err));
	}
	return gap.lost ? sink->ops->gap(sink, &gap, err) : ED_OK;
}

static ed_status dsreg_read(const struct ed_input *input, struct ed_sink *sink,
			    struct ed_error *err)
{
	return textlog_read(input, dsreg_walk, sink, err);
}

const struct ed_reader ed_reader_dsreg = {
	.name = "dsreg",
	.probe = dsreg_probe,
	.read = dsreg_read,
};

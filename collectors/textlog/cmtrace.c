/* SPDX-License-Identifier: MIT */
/*
 * Logs in the form that CMTrace shows, as the Intune Management Extension writes them:
 * <![LOG[message]LOG]!><time="…" date="…" component="…" context="" type="1" thread="…" file="…">
 */
#include "espdiag/collectors/textlog.h"

#include "espdiag/base/limits.h"
#include "espdiag/base/utf.h"
#include "textlog_priv.h"

#define ENTRY_START ED_STR("<![LOG[")
#define ENTRY_END ED_STR("]LOG]!>")
#define ATTRIBUTES_LIMIT ((size_t)8192)

struct cmtrace_walk {
	struct ed_str text;
	struct ed_str name; /* of the log file */
	size_t end;         /* the next ENTRY_END at or behind the place, SIZE_MAX if none */
	bool end_known;
	uint64_t lost;
	size_t lost_line;
	const char *lost_why;
	bool cut;
};

struct cmtrace_entry {
	struct ed_str message, time, date, component, type;
};

static int cmtrace_probe(struct ed_str head, struct ed_str path)
{
	char out[ED_PROBE_BYTES];
	struct ed_str text = { out, ed_text_head(head.p, head.len, out, sizeof(out)) };

	(void)path;
	if (ed_str_starts(ed_str_trim(text), ENTRY_START))
		return 100;
	/* a log that was cut at its front begins inside an entry */
	return ed_str_find(text, ENTRY_START, 0) != SIZE_MAX &&
			       ed_str_find(text, ED_STR("]LOG]!><time="), 0) != SIZE_MAX
		       ? 80
		       : 0;
}

static size_t line_at(struct ed_str text, size_t offset)
{
	size_t line = 1;

	for (size_t i = 0; i < offset; i++)
		line += text.p[i] == '\n';
	return line;
}

static void lose(struct cmtrace_walk *w, size_t offset, const char *why)
{
	if (!w->lost++) {
		w->lost_line = line_at(w->text, offset);
		w->lost_why = why;
	}
}

/* 1 to @most digits off the front. */
static bool take_number(struct ed_str *s, size_t most, int *out)
{
	int value = 0;
	size_t n = 0;

	for (; n < s->len && n < most && s->p[n] >= '0' && s->p[n] <= '9'; n++)
		value = value * 10 + (s->p[n] - '0');
	*s = ed_str_slice(*s, n, s->len);
	*out = value;
	return n > 0;
}

static bool take_char(struct ed_str *s, char c)
{
	if (!s->len || s->p[0] != c)
		return false;
	*s = ed_str_slice(*s, 1, s->len);
	return true;
}

/*
 * "HH:MM:SS[.fffffff][±minutes]" and "M-D-YYYY". The bias is what Windows calls one: UTC less local
 * time, in minutes, so UTC = local + bias; "+060" is one hour west of Greenwich. Without a bias the
 * zone is not known, and the time is ED_TIME_NONE rather than a guess; @local is by the device's
 * own clock either way. False when the texts are no time at all.
 */
static bool entry_time(struct ed_str time, struct ed_str date, int64_t *out, int64_t *local)
{
	struct ed_civil c = { 0 };
	int bias, sign;
	int64_t t;

	time = ed_str_trim(time);
	date = ed_str_trim(date);
	if (!take_number(&time, 2, &c.hour) || !take_char(&time, ':') ||
	    !take_number(&time, 2, &c.minute) || !take_char(&time, ':') ||
	    !take_number(&time, 2, &c.second))
		return false;
	if (take_char(&time, '.')) {
		size_t digits = time.len;

		if (!take_number(&time, 7, &c.ticks))
			return false;
		for (digits -= time.len; digits < 7; digits++)
			c.ticks *= 10;
	}
	if (!take_number(&date, 2, &c.month) || !take_char(&date, '-') ||
	    !take_number(&date, 2, &c.day) || !take_char(&date, '-') ||
	    !take_number(&date, 4, &c.year) || date.len)
		return false;
	t = ed_time_from_civil(c);
	if (t == ED_TIME_NONE)
		return false;
	*local = t;
	if (!time.len) {
		*out = ED_TIME_NONE;
		return true;
	}
	sign = take_char(&time, '-') ? -1 : 1;
	if (sign > 0 && !take_char(&time, '+'))
		return false;
	if (!take_number(&time, 4, &bias) || time.len || bias > 24 * 60)
		return false;
	*out = t + sign * bias * ED_TICKS_PER_MINUTE;
	return true;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* name="value" pairs up to '>'; returns the offset behind that, or 0 when they are not so. */
static size_t take_attributes(struct ed_str s, struct cmtrace_entry *entry)
{
	const struct {
		struct ed_str name;
		struct ed_str *value;
	} wanted[] = {
		{ ED_STR("time"), &entry->time },
		{ ED_STR("date"), &entry->date },
		{ ED_STR("component"), &entry->component },
		{ ED_STR("type"), &entry->type },
	};
	size_t i = 0;

	if (s.len > ATTRIBUTES_LIMIT)
		s.len = ATTRIBUTES_LIMIT;
	if (!s.len || s.p[i++] != '<')
		return 0;
	for (;;) {
		size_t equals, end;
		struct ed_str name;

		while (i < s.len && (s.p[i] == ' ' || s.p[i] == '\r' || s.p[i] == '\n'))
			i++;
		if (i < s.len && s.p[i] == '>')
			return i + 1;
		for (equals = i; equals < s.len && is_letter(s.p[equals]);)
			equals++;
		if (equals == i || !ed_str_starts(ed_str_slice(s, equals, s.len), ED_STR("=\"")))
			return 0;
		end = ed_str_find(s, ED_STR("\""), equals + 2);
		if (end == SIZE_MAX)
			return 0;
		name = ed_str_slice(s, i, equals);
		for (size_t k = 0; k < ED_COUNT(wanted); k++)
			if (ed_str_eq(name, wanted[k].name))
				*wanted[k].value = ed_str_slice(s, equals + 2, end);
		i = end + 1;
	}
}

static ed_status deliver(struct cmtrace_walk *w, size_t at, const struct cmtrace_entry *entry,
			 struct ed_sink *sink, struct ed_error *err)
{
	struct ed_fact fact = {
		.kind = ED_FACT_LOGLINE,
		.path = entry->component.p ? entry->component : ED_STR(""),
		.name = w->name,
		.text = entry->message,
	};

	if (entry->message.len > ED_LIMIT_LINE) {
		lose(w, at, "message too long");
		return ED_OK;
	}
	if (!entry_time(entry->time, entry->date, &fact.time, &fact.local_time)) {
		lose(w, at, "entry without a time");
		return ED_OK;
	}
	fact.has_number = entry->type.p && ed_number_parse(entry->type, &fact.number);
	return sink->ops->fact(sink, &fact, err);
}

/* The ends are looked for only once, however many starts come before one. */
static size_t find_end(struct cmtrace_walk *w, size_t from)
{
	if (!w->end_known || (w->end != SIZE_MAX && w->end < from)) {
		w->end = ed_str_find(w->text, ENTRY_END, from);
		w->end_known = true;
	}
	return w->end;
}

/* The start of an entry at the start of a line, within [from, to); SIZE_MAX if none. */
static size_t find_line_start(struct ed_str text, size_t from, size_t to)
{
	size_t at = ed_str_find(ed_str_slice(text, 0, to), ED_STR("\n<![LOG["), from);

	return at == SIZE_MAX ? SIZE_MAX : at + 1;
}

/* Reads the entry that starts at @at; @next is where to go on. */
static ed_status read_entry(struct cmtrace_walk *w, size_t at, struct ed_sink *sink, size_t *next,
			    struct ed_error *err)
{
	struct cmtrace_entry entry = { .message = { NULL, 0 } };
	size_t from = at + ENTRY_START.len;
	size_t end = find_end(w, from);
	size_t other = find_line_start(w->text, from, end);
	size_t behind, length;

	if (other != SIZE_MAX) {
		lose(w, at, "entry without its end");
		*next = other;
		return ED_OK;
	}
	if (end == SIZE_MAX) {
		w->cut = true;
		lose(w, at, "entry without its end");
		*next = w->text.len;
		return ED_OK;
	}
	behind = end + ENTRY_END.len;
	length = take_attributes(ed_str_slice(w->text, behind, w->text.len), &entry);
	*next = behind + length;
	if (!length) {
		w->cut = w->cut || ed_str_find(w->text, ED_STR("\n"), behind) == SIZE_MAX;
		lose(w, at, "entry without its attributes");
		return ED_OK;
	}
	entry.message = ed_str_slice(w->text, from, end);
	return deliver(w, at, &entry, sink, err);
}

/* The last part of a path, with either separator. */
static struct ed_str last_part(struct ed_str path)
{
	size_t from = path.len;

	while (from && path.p[from - 1] != '/' && path.p[from - 1] != '\\')
		from--;
	return path.p ? ed_str_slice(path, from, path.len) : ED_STR("");
}

static ed_status tell_lost(const struct cmtrace_walk *w, struct ed_sink *sink, struct ed_error *err)
{
	char why[120];
	struct ed_gap gap = {
		.state = w->cut ? ED_STATE_TRUNCATED : ED_STATE_DAMAGED,
		.lost = w->lost,
	};

	if (!w->lost)
		return ED_OK;
	snprintf(why, sizeof(why), "line %zu: %s", w->lost_line, w->lost_why);
	gap.why = ed_str_from(why);
	return sink->ops->gap(sink, &gap, err);
}

static ed_status cmtrace_walk(const struct ed_input *input, struct ed_str text,
			      struct ed_sink *sink, struct ed_error *err)
{
	struct cmtrace_walk w = { .text = text, .name = last_part(input->path) };
	size_t at = 0;

	while (at < text.len) {
		size_t start = ed_str_find(text, ENTRY_START, at);
		struct ed_str between = ed_str_trim(ed_str_slice(text, at, start));

		if (between.len)
			lose(&w, (size_t)(between.p - text.p), "text outside of an entry");
		if (start == SIZE_MAX)
			break;
		ED_TRY(read_entry(&w, start, sink, &at, err));
	}
	return tell_lost(&w, sink, err);
}

static ed_status cmtrace_read(const struct ed_input *input, struct ed_sink *sink,
			      struct ed_error *err)
{
	return textlog_read(input, cmtrace_walk, sink, err);
}

const struct ed_reader ed_reader_cmtrace = {
	.name = "cmtrace",
	.probe = cmtrace_probe,
	.read = cmtrace_read,
};

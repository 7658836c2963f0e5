/* SPDX-License-Identifier: MIT */
/* Line by line through registry text: keys, values, what is lost. */
#include "reg_priv.h"

#include "espdiag/base/limits.h"

bool reg_take_line(struct reg_walk *w, struct ed_str *line)
{
	if (!ed_str_line(&w->rest, line))
		return false;
	w->line++;
	return true;
}

bool reg_peek_line(const struct reg_walk *w, struct ed_str *line)
{
	struct ed_str rest = w->rest;

	return ed_str_line(&rest, line);
}

struct ed_str reg_skip_blanks(struct ed_str s)
{
	size_t n = 0;

	while (n < s.len && (s.p[n] == ' ' || s.p[n] == '\t'))
		n++;
	return ed_str_slice(s, n, s.len);
}

bool reg_is_blank(struct ed_str s)
{
	s = ed_str_trim(s);
	return !s.len || s.p[0] == ';';
}

bool reg_is_key_line(struct ed_str line)
{
	line = reg_skip_blanks(line);
	return ed_str_istarts(line, ED_STR("[HKEY_")) || ed_str_istarts(line, ED_STR("[-HKEY_"));
}

static void lose(struct reg_walk *w, size_t line, const char *why)
{
	if (!w->lost++) {
		w->lost_line = line;
		w->lost_why = why;
	}
}

/* ED_NOMEM when a buffer could not grow; values that are too long were counted before. */
static ed_status check_memory(struct reg_walk *w)
{
	const struct ed_buf *const bufs[] = { &w->key, &w->name, &w->value, &w->bytes };

	for (size_t i = 0; i < ED_COUNT(bufs); i++)
		if (bufs[i]->status == ED_NOMEM)
			return ed_fail(w->err, ED_NOMEM,
				       "out of memory while reading registry text");
	return ED_OK;
}

/* A key that held nothing is told by itself: that it exists can be all there is to know. */
static ed_status close_key(struct reg_walk *w)
{
	struct ed_fact fact = {
		.kind = ED_FACT_REGISTRY,
		.path = ed_buf_str(&w->key),
		.time = ED_TIME_NONE,
	};

	if (w->place != REG_KEY || w->key_has_values)
		return ED_OK;
	return w->sink->ops->fact(w->sink, &fact, w->err);
}

/* The key path with its root spelled out, into @key; false when there is no such root. */
static bool normal_key(struct reg_walk *w, struct ed_str path)
{
	static const struct {
		const char *brief, *full;
	} roots[] = {
		{ "HKLM", "HKEY_LOCAL_MACHINE" },  { "HKCU", "HKEY_CURRENT_USER" },
		{ "HKCR", "HKEY_CLASSES_ROOT" },   { "HKU", "HKEY_USERS" },
		{ "HKCC", "HKEY_CURRENT_CONFIG" },
	};
	size_t n = 0;

	while (n < path.len && path.p[n] != '\\')
		n++;
	ed_buf_clear(&w->key);
	for (size_t i = 0; i < ED_COUNT(roots); i++) {
		struct ed_str root = ed_str_slice(path, 0, n);

		if (!ed_str_ieq(root, ed_str_from(roots[i].brief)) &&
		    !ed_str_ieq(root, ed_str_from(roots[i].full)))
			continue;
		path = ed_str_slice(path, n, path.len);
		while (path.len && path.p[path.len - 1] == '\\')
			path.len--;
		ed_buf_addz(&w->key, roots[i].full);
		ed_buf_adds(&w->key, path);
		return true;
	}
	return false;
}

static ed_status open_key(struct reg_walk *w, struct ed_str line)
{
	enum reg_place place = REG_KEY;
	size_t end = line.len;
	ed_status status = close_key(w);

	w->place = REG_OUTSIDE;
	if (status != ED_OK)
		return status;
	/* a key's name may hold brackets, so the last one is the end */
	while (end && line.p[end - 1] != ']')
		end--;
	if (!end || !reg_is_blank(ed_str_slice(line, end, line.len))) {
		lose(w, w->line, "key without its end");
		return ED_OK;
	}
	line = ed_str_trim(ed_str_slice(line, 1, end - 1));
	if (line.len && line.p[0] == '-') {
		place = REG_DELETED;
		line = ed_str_slice(line, 1, line.len);
	}
	if (!normal_key(w, line)) {
		lose(w, w->line, "key under an unknown root");
		return ED_OK;
	}
	w->place = place;
	w->key_has_values = false;
	return check_memory(w);
}

bool reg_hex_number(struct ed_str digits, size_t most, uint64_t *out)
{
	size_t n = 0;
	uint64_t value = 0;

	digits = reg_skip_blanks(digits);
	for (; n < digits.len; n++) {
		char c = digits.p[n];
		int digit = c >= '0' && c <= '9'   ? c - '0'
			    : c >= 'a' && c <= 'f' ? c - 'a' + 10
			    : c >= 'A' && c <= 'F' ? c - 'A' + 10
						   : -1;

		if (digit < 0)
			break;
		if (n == most)
			return false;
		value = value << 4 | (uint64_t)digit;
	}
	if (!n || !reg_is_blank(ed_str_slice(digits, n, digits.len)))
		return false;
	*out = value;
	return true;
}

/* Reads what stands behind the '=' into @value. NULL, or why it could not be read. */
static const char *take_data(struct reg_walk *w, struct ed_str text, bool *has_number,
			     uint64_t *number)
{
	static const struct {
		const char *word;
		size_t digits;
	} numbers[] = { { "dword:", 8 }, { "qword:", 16 } };

	if (text.len && text.p[0] == '"')
		return w->dialect->string(w, text);
	if (ed_str_istarts(text, ED_STR("hex")))
		return reg_take_hex(w, ed_str_slice(text, 3, text.len), has_number, number);
	for (size_t i = 0; i < ED_COUNT(numbers); i++) {
		struct ed_str word = ed_str_from(numbers[i].word);

		if (!ed_str_istarts(text, word))
			continue;
		if (!reg_hex_number(ed_str_slice(text, word.len, text.len), numbers[i].digits,
				    number))
			return "not a number";
		*has_number = true;
		return NULL;
	}
	return "value of an unknown kind";
}

static ed_status deliver(struct reg_walk *w, bool has_number, uint64_t number)
{
	struct ed_fact fact = {
		.kind = ED_FACT_REGISTRY,
		.has_number = has_number,
		.path = ed_buf_str(&w->key),
		.name = ed_buf_str(&w->name),
		.number = number,
		.time = ED_TIME_NONE,
	};

	if (has_number) {
		ed_buf_clear(&w->value);
		ed_buf_printf(&w->value, "%llu", (unsigned long long)number);
		ED_TRY(check_memory(w));
	}
	fact.text = ed_buf_str(&w->value);
	w->key_has_values = true;
	return w->sink->ops->fact(w->sink, &fact, w->err);
}

/* "name"=data or @=data; @line has no blanks in front. */
static ed_status read_value(struct reg_walk *w, struct ed_str line)
{
	size_t at = w->line;
	struct ed_str rest = ed_str_slice(line, 1, line.len);
	bool has_number = false;
	uint64_t number = 0;
	const char *why;

	ed_buf_clear(&w->name);
	ed_buf_clear(&w->value);
	ed_buf_clear(&w->bytes);
	if (line.p[0] != '@' && (line.p[0] != '"' || !w->dialect->name(w, line, &rest))) {
		lose(w, at, "line not understood");
		reg_skip_continued(w, line);
		return check_memory(w);
	}
	rest = reg_skip_blanks(rest);
	if (!rest.len || rest.p[0] != '=') {
		lose(w, at, "line not understood");
		reg_skip_continued(w, line);
		return ED_OK;
	}
	rest = reg_skip_blanks(ed_str_slice(rest, 1, rest.len));
	if (rest.len && rest.p[0] == '-' && reg_is_blank(ed_str_slice(rest, 1, rest.len)))
		return check_memory(w);
	why = take_data(w, rest, &has_number, &number);
	ED_TRY(check_memory(w));
	if (!why && (w->name.status != ED_OK || w->value.status != ED_OK))
		why = "value too long";
	if (!why && w->place == REG_OUTSIDE)
		why = "value outside of a key";
	if (why)
		lose(w, at, why);
	return why || w->place != REG_KEY ? ED_OK : deliver(w, has_number, number);
}

static ed_status read_line(struct reg_walk *w, struct ed_str line)
{
	struct ed_str start = reg_skip_blanks(line);

	if (line.len >= ED_LIMIT_LINE) {
		lose(w, w->line, "line too long");
		if (start.len && start.p[0] == '[') {
			ED_TRY(close_key(w));
			w->place = REG_OUTSIDE;
		}
		reg_skip_continued(w, line);
		return ED_OK;
	}
	if (reg_is_blank(start))
		return ED_OK;
	return start.p[0] == '[' ? open_key(w, start) : read_value(w, start);
}

static ed_status tell_lost(struct reg_walk *w)
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
	return w->sink->ops->gap(w->sink, &gap, w->err);
}

ed_status reg_walk_text(const struct reg_dialect *dialect, bool ansi, struct ed_str text,
			size_t line, struct ed_sink *sink, struct ed_error *err)
{
	struct reg_walk w = {
		.dialect = dialect,
		.sink = sink,
		.err = err,
		.ansi = ansi,
		.rest = text,
		.line = line,
	};
	struct ed_buf *const bufs[] = { &w.key, &w.name, &w.value, &w.bytes };
	struct ed_str next;
	ed_status status = ED_OK;

	for (size_t i = 0; i < ED_COUNT(bufs); i++)
		ed_buf_init(bufs[i], ED_LIMIT_LINE * 3); /* text may grow in UTF-8 */
	while (status == ED_OK && reg_take_line(&w, &next))
		status = read_line(&w, next);
	if (status == ED_OK)
		status = close_key(&w);
	if (status == ED_OK)
		status = tell_lost(&w);
	for (size_t i = 0; i < ED_COUNT(bufs); i++)
		ed_buf_release(bufs[i]);
	return status;
}

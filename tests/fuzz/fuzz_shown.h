/* SPDX-License-Identifier: MIT */
/*
 * What must hold of everything that is shown, whatever the evidence held: text is lines of plain
 * ASCII, JSON can be read back, a page has no element, attribute or address that is not its own.
 */
#ifndef ED_TESTS_FUZZ_SHOWN_H
#define ED_TESTS_FUZZ_SHOWN_H

#include "espdiag/analyze/verdict.h"
#include "espdiag/json/json.h"
#include "espdiag/report/report.h"
#include "reader_fuzz.h"

/* @columns 0: lines may be as long as they are. */
static inline void fuzz_shown_text(struct ed_str text, size_t columns)
{
	size_t column = 0;

	for (size_t i = 0; i < text.len; i++) {
		bool end = text.p[i] == '\n';

		fuzz_require(end || (text.p[i] >= ' ' && text.p[i] <= '~'),
			     "text for people is printable ASCII");
		column = end ? 0 : column + 1;
		fuzz_require(!columns || column <= columns, "a line fits");
	}
}

/* Valid UTF-8 without control characters but @but and line ends. */
static inline void fuzz_shown_plain(struct ed_str text, char but)
{
	unsigned char all = 0;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.p[i];

		all |= c;
		if (c < ' ')
			fuzz_require(c == '\n' || c == (unsigned char)but,
				     "no control characters are shown");
	}
	/* most of it is ASCII, and that is sooner seen */
	fuzz_require(all < 0x80 || ed_utf8_valid(text), "what is shown is valid UTF-8");
}

static inline void fuzz_shown_json(struct ed_str text)
{
	struct ed_json *root;

	fuzz_shown_plain(text, '\n');
	fuzz_require(ed_json_parse(text, &root, NULL) == ED_OK, "JSON can be read");
	fuzz_require(ed_json_type(root) == ED_JSON_OBJECT, "it is an object");
	ed_json_free(root);
}

static inline bool fuzz_shown_name(struct ed_str name)
{
	/* none of them runs, loads or sends anything */
	static const char names[] =
		"|a|article|b|body|br|button|caption|circle|code|dd|desc|details|div|dl|dt|em|"
		"figcaption|figure|footer|g|h1|h2|h3|head|header|html|input|label|li|main|meta|nav|"
		"ol|output|p|path|rect|script|section|small|span|strong|style|summary|svg|table|"
		"tbody|td|text|th|thead|time|title|tr|tspan|ul|";
	char marked[24];

	snprintf(marked, sizeof(marked), "|%.*s|", ED_FMT(ed_str_slice(name, 0, 16)));
	return name.len && name.len < 16 && strstr(names, marked);
}

/* The attributes of a tag: name="value" each, or a name alone. */
static inline void fuzz_shown_attributes(struct ed_str rest)
{
	while ((rest = ed_str_trim(rest)).len) {
		size_t n = 0, end;

		while (n < rest.len && ((rest.p[n] >= 'a' && rest.p[n] <= 'z') ||
					(rest.p[n] >= 'A' && rest.p[n] <= 'Z') ||
					(rest.p[n] >= '0' && rest.p[n] <= '9') || rest.p[n] == '-'))
			n++;
		fuzz_require(n > 0 && !ed_str_istarts(rest, ED_STR("on")) &&
				     !ed_str_istarts(rest, ED_STR("src")),
			     "an attribute neither runs nor loads");
		if (n == rest.len || rest.p[n] != '=') {
			rest = ed_str_slice(rest, n, rest.len);
			continue;
		}
		fuzz_require(n + 1 < rest.len && rest.p[n + 1] == '"', "a value is in quotes");
		end = ed_str_find(rest, ED_STR("\""), n + 2);
		fuzz_require(end != SIZE_MAX, "a value ends");
		fuzz_require(!ed_str_starts(rest, ED_STR("href=")) || rest.p[n + 2] == '#',
			     "a link stays on the page");
		rest = ed_str_slice(rest, end + 1, rest.len);
	}
}

static inline void fuzz_shown_page(struct ed_str page)
{
	size_t at = 0, scripts = 0;

	fuzz_shown_plain(page, '\t');
	fuzz_require(ed_str_starts(page, ED_STR("<!doctype html>")), "a page begins as one");
	while ((at = ed_str_find(page, ED_STR("<"), at + 1)) != SIZE_MAX) {
		size_t end = ed_str_find(page, ED_STR(">"), at), n = 0;
		struct ed_str tag;
		bool closes = at + 1 < page.len && page.p[at + 1] == '/';

		fuzz_require(end != SIZE_MAX, "a tag ends");
		tag = ed_str_slice(page, at + (closes ? 2 : 1), end);
		while (n < tag.len && tag.p[n] != ' ' && tag.p[n] != '\n')
			n++;
		fuzz_require(fuzz_shown_name(ed_str_slice(tag, 0, n)), "an element of ours");
		if (ed_str_ends(tag, ED_STR("/")))
			tag.len--;
		fuzz_shown_attributes(ed_str_slice(tag, n, tag.len));
		if (!closes && ed_str_eq(tag, ED_STR("script"))) {
			scripts++;
			at = ed_str_find(page, ED_STR("</script>"), at);
			fuzz_require(at != SIZE_MAX, "a script ends");
		}
	}
	fuzz_require(scripts <= 1, "no script but ours");
}

static inline void fuzz_shown_refs(const struct ed_verdict *v, const struct ed_refs *refs)
{
	for (size_t i = 0; i < refs->count; i++)
		fuzz_require(refs->items[i] < v->evidence_count, "what is cited is there");
}

/* A verdict agrees with itself. */
static inline void fuzz_shown_verdict(const struct ed_verdict *v)
{
	fuzz_require(!v->primary ||
			     (v->finding_count && strcmp(v->findings[0].id, v->primary) == 0),
		     "the primary is the first finding");
	fuzz_require(v->summary.len > 0, "there is an answer");
	for (size_t i = 0; i < v->evidence_count; i++)
		fuzz_require(v->evidence[i].at <= ED_TIME_LAST, "a time that can be told");
	for (size_t i = 0; i < v->chain_count; i++) {
		fuzz_require(v->chain[i].inferred || v->chain[i].evidence.count,
			     "a link rests on evidence");
		fuzz_shown_refs(v, &v->chain[i].evidence);
	}
	for (size_t i = 0; i < v->finding_count; i++)
		fuzz_shown_refs(v, &v->findings[i].evidence);
	for (size_t i = 0; i < v->ruled_out_count; i++)
		fuzz_shown_refs(v, &v->ruled_out[i].evidence);
	for (size_t i = 0; i < v->timeline.count; i++)
		fuzz_require(v->timeline.marks[i].ref == ED_UNKNOWN ||
				     (v->timeline.marks[i].ref >= 0 &&
				      (uint64_t)v->timeline.marks[i].ref < v->evidence_count),
			     "a mark cites what is there");
	fuzz_require(v->esp.minutes_left == ED_UNKNOWN || v->esp.minutes_left >= 0,
		     "no time is left below none");
	for (size_t i = 0; i < v->coverage_count; i++)
		fuzz_require(v->coverage[i].source.len > 0 || v->coverage[i].is_channel,
			     "a row says of what it is, but of records without a channel");
}

#endif

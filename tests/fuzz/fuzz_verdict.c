/* SPDX-License-Identifier: MIT */
/*
 * From evidence to everything that is said of it: a story (fuzz_story.h) is judged at one time and
 * at another, and the two verdicts compared. Whatever happened, in whatever order it was read, the
 * verdict is the same, agrees with itself, and fits the places where it is shown.
 */
#include "fuzz_shown.h"
#include "fuzz_story.h"

#include "espdiag/analyze/analyze.h"
#include "espdiag/report/compare.h"
#include "espdiag/report/watch.h"

#define NOW (STORY_DAY + 12 * 60 * ED_TICKS_PER_MINUTE)
#define TEXT_LINES 24
#define TEXT_COLUMNS 79

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct judged {
	struct ed_arena arena;
	struct ed_evidence evidence;
	struct ed_verdict verdict;
	struct ed_buf json;
};

static void judge(const struct story *story, bool backwards, int64_t at, struct judged *out)
{
	const struct ed_analyze_options options = { .source = ED_STR("story"),
						    .at = at,
						    .now = NOW };

	ed_arena_init(&out->arena, ED_LIMIT_RUN_ARENA);
	ed_evidence_init(&out->evidence, &out->arena, ed_analyze_wants);
	for (size_t i = 0; i < story->part_count; i++)
		story_tell_part(story, backwards ? story->part_count - 1 - i : i, &out->evidence);
	ed_evidence_finish(&out->evidence);
	fuzz_require(ed_analyze(&out->evidence, &options, &out->arena, &out->verdict, NULL) ==
			     ED_OK,
		     "whatever happened can be judged");
	ed_buf_init(&out->json, ED_LIMIT_OUTPUT);
	ed_report_json(&out->verdict, &(struct ed_report_options){ .one_line = backwards },
		       &out->json);
}

static void forget(struct judged *judged)
{
	ed_buf_release(&judged->json);
	ed_evidence_release(&judged->evidence);
	ed_arena_release(&judged->arena);
}

static void require_lines(struct ed_str text, size_t most)
{
	size_t lines = 0;

	for (size_t i = 0; i < text.len; i++)
		lines += text.p[i] == '\n';
	fuzz_require(lines <= most, "a console keeps all of it");
}

static void show(const struct ed_verdict *verdict, struct ed_buf *out)
{
	static const struct ed_report_options options[] = { { .color = false },
							    { .verbose = true },
							    { .color = true },
							    { true, true, true, true } };

	for (size_t i = 0; i < ED_COUNT(options); i++) {
		ed_buf_clear(out);
		ed_report_text(verdict, &options[i], out);
		if (options[i].color)
			continue;
		fuzz_shown_text(ed_buf_str(out), options[i].verbose ? 0 : TEXT_COLUMNS);
		if (!options[i].verbose)
			require_lines(ed_buf_str(out), TEXT_LINES);
	}
	ed_buf_clear(out);
	ed_report_html(verdict, &options[0], out);
	fuzz_shown_page(ed_buf_str(out));
}

static void show_changes(const struct ed_verdict *before, const struct ed_verdict *after,
			 struct ed_buf *out)
{
	static const char changes[1][ED_WATCH_CHANGE_TEXT] = { "08:15:07 limit" };
	struct ed_watch_view view = { .verdict = after,
				      .now = after->evaluated_at,
				      .changes = changes,
				      .change_count = ED_COUNT(changes),
				      .hint = "Ctrl+C ends it" };
	struct ed_watch_state old, new;

	ed_watch_state_take(before, &old);
	ed_watch_state_take(after, &new);
	ed_buf_clear(out);
	(void)ed_watch_changes(&old, &new, after->evaluated_at, out);
	fuzz_shown_text(ed_buf_str(out), 0);
	ed_buf_clear(out);
	ed_watch_log_line(&new, after->evaluated_at, NULL, 0, out);
	fuzz_shown_json(ed_buf_str(out));
	for (int i = 0; i < 2; i++) {
		ed_buf_clear(out);
		ed_watch_screen(&view, out);
		fuzz_shown_text(ed_buf_str(out), ED_WATCH_COLUMNS);
		require_lines(ed_buf_str(out), ED_WATCH_LINES);
		view.now += 30 * ED_TICKS_PER_MINUTE;
		view.replay = true;
	}
}

static void compare(const struct ed_verdict *before, const struct ed_verdict *after,
		    struct ed_buf *out)
{
	const struct ed_compare_tags tags = { .before = ED_STR("3f9a1c228e0177b4") };
	struct ed_comparison comparison;
	struct ed_arena arena;

	ed_arena_init(&arena, ED_LIMIT_RUN_ARENA);
	fuzz_require(ed_compare(before, after, &arena, &comparison, NULL) == ED_OK,
		     "two verdicts can be compared");
	fuzz_require(comparison.summary.len > 0, "a comparison has an answer");
	ed_buf_clear(out);
	ed_report_compare_text(&comparison, &tags, false, out);
	fuzz_shown_text(ed_buf_str(out), 0);
	ed_buf_clear(out);
	ed_report_compare_json(&comparison, &tags, out);
	fuzz_shown_json(ed_buf_str(out));
	ed_buf_clear(out);
	ed_report_compare_html(&comparison, &tags, out);
	fuzz_shown_page(ed_buf_str(out));
	/* and the other way round, which only computes other words */
	fuzz_require(ed_compare(after, before, &arena, &comparison, NULL) == ED_OK,
		     "in either order");
	ed_buf_clear(out);
	ed_report_compare_text(&comparison, &tags, true, out);
	ed_arena_release(&arena);
}

/* Sources of one name are one source, whose order counts. */
static bool has_namesakes(const struct ed_evidence *evidence)
{
	for (size_t i = 1; i < evidence->source_count; i++)
		if (ed_str_eq(evidence->sources[i - 1].path, evidence->sources[i].path))
			return true;
	return false;
}

static void tell(const struct story *story)
{
	struct judged first, other, later;
	struct ed_buf out;

	ed_buf_init(&out, ED_LIMIT_OUTPUT);
	judge(story, false, story->at[0], &first);
	judge(story, true, story->at[0], &other);
	judge(story, false, story->at[1], &later);
	fuzz_shown_verdict(&first.verdict);
	fuzz_shown_json(ed_buf_str(&first.json));
	show(&first.verdict, &out);
	ed_buf_clear(&out);
	ed_report_json(&first.verdict, &(struct ed_report_options){ .one_line = true }, &out);
	fuzz_require(has_namesakes(&first.evidence) ||
			     ed_str_eq(ed_buf_str(&out), ed_buf_str(&other.json)),
		     "the order of reading does not matter");
	show_changes(&first.verdict, &later.verdict, &out);
	compare(&first.verdict, &later.verdict, &out);
	forget(&first);
	forget(&other);
	forget(&later);
	ed_buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct story story;
	struct ed_buf text;

	ed_buf_init(&text, 16 * ED_MIB);
	/* readers deliver valid text only */
	ed_buf_utf8(&text, (struct ed_str){ (const char *)data, size }, NULL);
	fuzz_require(text.status == ED_OK, "memory");
	story_begin(&story, ed_buf_str(&text));
	tell(&story);
	ed_buf_release(&text);
	return 0;
}

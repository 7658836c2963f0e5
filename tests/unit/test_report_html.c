/* SPDX-License-Identifier: MIT */
/*
 * The page over verdicts made by hand: nothing of evidence becomes markup, many marks stay small
 * and counted, places follow time, memory may run out anywhere. And the loop in the text, which is
 * drawn from the same timeline.
 */
#include "espdiag/report/report.h"

#include <check.h>

#include "espdiag/base/alloc.h"
#include "espdiag/base/arena.h"
#include "espdiag/base/limits.h"

#define START INT64_C(134000000000000000)
#define MINUTE ED_TICKS_PER_MINUTE
#define MANY 5000
#define FEW_LINES 24

static struct ed_arena arena;
static struct ed_buf page;
static const struct ed_report_options plain;

static void setup(void)
{
	ed_arena_init(&arena, 64 * ED_MIB);
	ed_buf_init(&page, ED_LIMIT_OUTPUT);
}

static void teardown(void)
{
	ed_alloc_fail_after(-1);
	ed_buf_release(&page);
	ed_arena_release(&arena);
}

static struct ed_verdict verdict_empty(void)
{
	return (struct ed_verdict){
		.source = ED_STR("nowhere"),
		.evaluated_at = START,
		.outcome = ED_OUTCOME_INCONCLUSIVE,
		.certainty = ED_POSSIBLE,
		.summary = ED_STR("No evidence could be read. Nothing can be said."),
		.esp = { .timeout_minutes = ED_UNKNOWN,
			 .started_at = ED_TIME_NONE,
			 .deadline_at = ED_TIME_NONE,
			 .minutes_left = ED_UNKNOWN },
		.store = { ED_UNKNOWN, ED_UNKNOWN, ED_TIME_NONE, ED_TIME_NONE, ED_UNKNOWN,
			   ED_TIME_NONE, NULL, 0 },
		.sign_in = { .denials = ED_UNKNOWN,
			     .first_at = ED_TIME_NONE,
			     .last_at = ED_TIME_NONE },
		.bitlocker = { .started_at = ED_TIME_NONE,
			       .completed_at = ED_TIME_NONE,
			       .protected_at = ED_TIME_NONE,
			       .escrowed_at = ED_TIME_NONE },
		.attestation = { .last_boot_at = ED_TIME_NONE,
				 .boot_measured_bitlocker = ED_TRI_UNKNOWN,
				 .certificate_at = ED_TIME_NONE,
				 .predicted_require_bitlocker = "unknown" },
		.timeline = { .deadline = ED_TIME_NONE },
	};
}

static struct ed_mark mark(enum ed_lane lane, enum ed_mark_kind kind, int64_t at)
{
	return (struct ed_mark){ .lane = lane,
				 .kind = kind,
				 .from = at,
				 .to = at,
				 .at = at,
				 .until = ED_TIME_NONE,
				 .ref = ED_UNKNOWN };
}

/* Text that is markup, quotes, terminal control and reading direction at once, each with a number.
 */
static unsigned evil_count;

static struct ed_str evil(void)
{
	struct ed_str s = ed_arena_printf(
		&arena,
		"<script>x%u()</script></title></style><a href=\"javascript:x\" onload='x'>&"
		"\x1b[31m\a\xE2\x80\xAE\xE2\x81\xA6\xEF\xBB\xBF\xFF\r\n]]>-->%u;",
		evil_count, evil_count);

	evil_count++;
	ck_assert_ptr_nonnull(s.p);
	return s;
}

static const char *evil_z(void)
{
	return evil().p;
}

static struct ed_str_list evil_list(void)
{
	struct ed_str *items = ed_arena_calloc(&arena, 2, sizeof(*items));

	items[0] = evil();
	items[1] = evil();
	return (struct ed_str_list){ items, 2 };
}

struct evil {
	struct ed_verdict v;
	struct ed_link chain[2];
	struct ed_moment moments[2];
	struct ed_finding finding;
	const char *actions[1];
	struct ed_action action[2];
	struct ed_ruled_out ruled_out;
	struct ed_field fields[2];
	struct ed_proof proofs[2];
	struct ed_coverage coverage[2];
	struct ed_esp_app app;
	struct ed_product product;
	struct ed_code_count code;
	struct ed_boot boot;
	struct ed_mark marks[4];
};

static const uint32_t both[] = { 0, 1 };

static void evil_proofs(struct evil *e)
{
	e->fields[0] = (struct ed_field){ evil(), evil() };
	e->fields[1] = (struct ed_field){ { NULL, 0 }, evil() };
	e->proofs[0] = (struct ed_proof){ evil(), 7, START, evil(), 12, e->fields, 2 };
	e->proofs[1] = (struct ed_proof){ evil(), ED_UNKNOWN, ED_TIME_NONE, { NULL, 0 }, ED_UNKNOWN,
					  NULL,   0 };
	e->coverage[0] = (struct ed_coverage){ .source = evil(),
					       .path = evil(),
					       .is_channel = true,
					       .oldest = START,
					       .newest = START,
					       .state = ED_STATE_READ };
	e->coverage[1] = (struct ed_coverage){ .source = evil(),
					       .why = evil(),
					       .oldest = ED_TIME_NONE,
					       .newest = ED_TIME_NONE,
					       .lost = ED_LOST_UNKNOWN,
					       .state = ED_STATE_DAMAGED };
}

static void evil_lists(struct evil *e)
{
	struct ed_refs refs = { both, 2 };

	for (size_t i = 0; i < 2; i++) {
		e->chain[i] = (struct ed_link){ evil(), START + (int64_t)i, refs, i == 1 };
		e->moments[i] = (struct ed_moment){ START + (int64_t)i, ED_LANE_START };
		e->action[i] = (struct ed_action){ evil_z(),    ED_ADMIN, evil(),
						   evil_list(), evil(),   evil() };
	}
	e->actions[0] = evil_z();
	e->finding = (struct ed_finding){ .id = evil_z(),
					  .title = evil(),
					  .because = evil(),
					  .evidence = refs,
					  .missing = evil_list(),
					  .actions = e->actions,
					  .action_count = 1 };
	e->ruled_out = (struct ed_ruled_out){ evil_z(), evil(), refs };
	e->app = (struct ed_esp_app){ evil(), evil_z(), evil(), evil() };
	e->product = (struct ed_product){ evil(), evil(), 3, evil(), ED_TRI_NO };
	e->boot = (struct ed_boot){ START, ED_BOOT_RESTART, evil() };
	for (size_t i = 0; i < 4; i++) {
		e->marks[i] = mark((enum ed_lane)i, i ? ED_MARK_DENIED : ED_MARK_PHASE,
				   START + (int64_t)i * 40 * MINUTE);
		e->marks[i].label = evil();
		e->marks[i].ref = i == 3 ? 1 : ED_UNKNOWN;
	}
	e->marks[0].to = START + 100 * MINUTE;
}

static void evil_init(struct evil *e)
{
	struct ed_verdict *v = &e->v;

	evil_count = 0;
	*v = verdict_empty();
	evil_proofs(e);
	evil_lists(e);
	v->source = evil();
	v->summary = evil();
	v->primary = e->finding.id;
	v->chain = e->chain;
	v->chain_count = 2;
	v->findings = &e->finding;
	v->finding_count = 1;
	v->actions = e->action;
	v->action_count = 2;
	v->ruled_out = &e->ruled_out;
	v->ruled_out_count = 1;
	v->evidence = e->proofs;
	v->evidence_count = 2;
	v->coverage = e->coverage;
	v->coverage_count = 2;
	v->esp.apps = &e->app;
	v->esp.app_count = 1;
	v->store.products = &e->product;
	v->store.product_count = 1;
	v->sign_in.client_id = evil();
	v->sign_in.resource_id = evil();
	v->sign_in.correlation_ids = evil_list();
	v->bitlocker.method = evil();
	v->bitlocker.state = evil_z();
	v->attestation.certificate_error = evil();
	v->attestation.predicted_require_bitlocker = evil_z();
	v->boots = &e->boot;
	v->boot_count = 1;
	v->timeline = (struct ed_timeline){ e->marks, 4, e->moments, ED_TIME_NONE };
}

static size_t count_of(const char *needle)
{
	struct ed_str all = ed_buf_str(&page), what = ed_str_from(needle);
	size_t n = 0;

	for (size_t i = 0; (i = ed_str_find(all, what, i)) != SIZE_MAX; i += what.len)
		n++;
	return n;
}

static bool page_has(const char *needle)
{
	return ed_str_find(ed_buf_str(&page), ed_str_from(needle), 0) != SIZE_MAX;
}

START_TEST(hostile_text)
{
	static const char *const never[] = {
		"<script>x",    "onload='", "href=\"javascript", "\x1b",         "\a",
		"\xE2\x80\xAE", "\xFF",     "\xE2\x81\xA6",      "\xEF\xBB\xBF", "\r",
	};
	struct evil e = { 0 };

	evil_init(&e);
	ed_report_html(&e.v, &plain, &page);
	ck_assert_int_eq(page.status, ED_OK);
	for (size_t i = 0; i < ED_COUNT(never); i++)
		ck_assert_msg(!page_has(never[i]), "'%s' got through", never[i]);
	ck_assert_uint_eq(count_of("<script>"), 1);
	ck_assert_uint_eq(count_of("</style>"), 1);
	ck_assert_uint_eq(count_of("</title></style>"), 0);
	ck_assert(
		page_has("[U+001B][31m[U+0007][U+202E][U+2066][U+FEFF]\xEF\xBF\xBD\n]]&gt;--&gt;"));
	/* an action's id is shown where a finding names it; every other text is somewhere */
	for (unsigned i = 0; i < evil_count; i++) {
		char told[48];
		bool is_action_id = false;

		snprintf(told, sizeof(told), "&lt;script&gt;x%u()&lt;/script&gt;", i);
		for (size_t j = 0; j < 2; j++) {
			char own[32];

			snprintf(own, sizeof(own), "<script>x%u()", i);
			is_action_id |= strstr(e.action[j].id, own) != NULL;
		}
		ck_assert_msg(is_action_id || page_has(told), "text %u is missing", i);
	}
}
END_TEST

START_TEST(same_bytes)
{
	struct evil e = { 0 };
	size_t first;

	evil_init(&e);
	ed_report_html(&e.v, &plain, &page);
	first = page.len;
	ed_report_html(&e.v, &plain, &page);
	ck_assert_uint_eq(page.len, 2 * first);
	ck_assert_mem_eq(page.p, page.p + first, first);
}
END_TEST

START_TEST(nothing_known)
{
	struct ed_verdict v = verdict_empty();

	ed_report_html(&v, &plain, &page);
	ck_assert_int_eq(page.status, ED_OK);
	ck_assert(ed_str_starts(ed_buf_str(&page), ED_STR("<!doctype html>\n")));
	ck_assert(ed_str_ends(ed_buf_str(&page), ED_STR("</html>\n")));
	ck_assert(page_has("<h1 id=\"h-answer\">No evidence could be read</h1>"));
	ck_assert(page_has("nothing that could be drawn"));
	ck_assert(!page_has("<svg class=\"timeline"));
	v.evaluated_at = ED_TIME_NONE;
	ed_report_html(&v, &plain, &page);
	ck_assert_int_eq(page.status, ED_OK);
}
END_TEST

/* The numbers behind each @name in the page, added up. */
static size_t sum_of(const char *name)
{
	struct ed_str all = ed_buf_str(&page), what = ed_str_from(name);
	size_t sum = 0;

	for (size_t i = 0; (i = ed_str_find(all, what, i)) != SIZE_MAX;) {
		i += what.len;
		sum += (size_t)strtoul(all.p + i, NULL, 10);
	}
	return sum;
}

/* Alternating kinds in one lane: the worst for everything that joins neighbours. */
static struct ed_mark *many_marks(size_t count)
{
	struct ed_mark *marks = ed_arena_calloc(&arena, count, sizeof(*marks));

	ck_assert_ptr_nonnull(marks);
	for (size_t i = 0; i < count; i++) {
		marks[i] = mark(i % 3 ? ED_LANE_STORE : ED_LANE_SIGN_IN,
				i % 3 == 0   ? ED_MARK_DENIED
				: i % 3 == 1 ? ED_MARK_ATTEMPT_FAILED
					     : ED_MARK_ATTEMPT_OK,
				START + (int64_t)i * 37 * ED_TICKS_PER_SECOND);
		marks[i].label = ED_STR("9WZDNCRFJ3PZ 0xcaa2000c");
	}
	return marks;
}

START_TEST(many)
{
	struct ed_verdict v = verdict_empty();

	v.evaluated_at = START + MANY * MINUTE;
	v.timeline.marks = many_marks(MANY);
	v.timeline.count = MANY;
	ed_report_html(&v, &plain, &page);
	ck_assert_int_eq(page.status, ED_OK);
	ck_assert_uint_lt(page.len, 1500000);
	/* two drawings, nothing left out of either */
	ck_assert_uint_eq(sum_of(" data-n=\""), 2 * MANY);
	ck_assert_uint_lt(count_of(" data-n=\""), 1000);
	ck_assert_uint_eq(count_of("<td>Store attempts"), MANY - (MANY + 2) / 3);
	/* more than a table should hold: it says what it leaves to the drawing */
	ed_buf_clear(&page);
	v.timeline.marks = many_marks(10 * MANY);
	v.timeline.count = 10 * MANY;
	ed_report_html(&v, &plain, &page);
	ck_assert_uint_lt(page.len, 1500000);
	ck_assert_uint_eq(sum_of(" data-n=\""), 20 * MANY);
	ck_assert(page_has(" more marks are in the drawing only"));
}
END_TEST

/* Bars that are too many become counted moments too. */
START_TEST(many_bars)
{
	struct ed_verdict v = verdict_empty();
	struct ed_mark *marks = many_marks(MANY);

	for (size_t i = 0; i < MANY; i++) {
		marks[i].lane = ED_LANE_BITLOCKER;
		marks[i].kind = ED_MARK_SUSPENDED;
		marks[i].to = marks[i].from + ED_TICKS_PER_SECOND;
	}
	v.timeline.marks = marks;
	v.timeline.count = MANY;
	ed_report_html(&v, &plain, &page);
	ck_assert_uint_eq(sum_of(" data-n=\""), 2 * MANY);
	ck_assert_uint_lt(count_of(" data-n=\""), 1000);
}
END_TEST

/* Times far apart, equal, before 1970, at the ends of the type. */
START_TEST(places_follow_time)
{
	static const int64_t times[] = {
		INT64_MIN + 1,
		0,
		START,
		START,
		START + 1,
		START + MINUTE,
		START + 60 * MINUTE,
		START + 100000 * MINUTE,
		START + 100001 * MINUTE,
		INT64_MAX,
	};
	struct ed_mark marks[ED_COUNT(times)];
	struct ed_verdict v = verdict_empty();
	struct ed_str all, what = ED_STR(" data-x=\"");
	double before = -1;
	size_t found = 0;

	for (size_t i = 0; i < ED_COUNT(times); i++)
		marks[i] = mark(ED_LANE_STORE, ED_MARK_ATTEMPT_FAILED, times[i]);
	v.timeline.marks = marks;
	v.timeline.count = ED_COUNT(times);
	ed_report_html(&v, &plain, &page);
	all = ed_buf_str(&page);
	all.len = ed_str_find(all, ED_STR("</svg>"), 0);
	for (size_t i = 0; (i = ed_str_find(all, what, i)) != SIZE_MAX; found++) {
		double x = strtod(all.p + (i += what.len), NULL);

		ck_assert_msg(x >= before && x >= 0 && x <= 1104, "%f after %f", x, before);
		before = x;
	}
	ck_assert_uint_ge(found, 5);
	ck_assert(page_has("class=\"gap\""));
}
END_TEST

START_TEST(chain_is_joined)
{
	struct evil e = { 0 };

	evil_init(&e);
	e.v.chain_count = 2;
	e.moments[1].lane = ED_LANE_COUNT;
	e.v.esp.deadline_at = e.v.timeline.deadline = START + 60 * MINUTE;
	e.v.esp.timeout_minutes = 60;
	ed_report_html(&e.v, &plain, &page);
	ck_assert_uint_eq(count_of("<path class=\"chain\""), 2);
	ck_assert_uint_eq(count_of("<a href=\"#c1\" class=\"badge\">"), 2);
	ck_assert_uint_eq(count_of("<a href=\"#c2\" class=\"badge\">"), 2);
	ck_assert_uint_eq(count_of("<li id=\"c2\">"), 1);
	ck_assert_uint_eq(count_of("page&#39;s limit") + count_of("page's limit, 60 min:"), 2);
	ck_assert(page_has("<details class=\"proof\" id=\"e2\" open>"));
	/* a link without a time is in the list only */
	ed_buf_clear(&page);
	e.moments[1].from = ED_TIME_NONE;
	ed_report_html(&e.v, &plain, &page);
	ck_assert_uint_eq(count_of("<a href=\"#c2\" class=\"badge\">"), 0);
}
END_TEST

START_TEST(out_of_memory)
{
	struct evil e = { 0 };
	long n = 0;

	evil_init(&e);
	for (;; n++) {
		struct ed_buf out;
		ed_status status;

		ed_buf_init(&out, ED_LIMIT_OUTPUT);
		ed_alloc_fail_after(n);
		ed_report_html(&e.v, &plain, &out);
		ed_alloc_fail_after(-1);
		status = out.status;
		ed_buf_release(&out);
		if (status == ED_OK)
			break;
		ck_assert_int_eq(status, ED_NOMEM);
	}
	ck_assert_int_ge(n, 5);
}
END_TEST

START_TEST(output_limit)
{
	struct evil e = { 0 };
	struct ed_buf out;

	evil_init(&e);
	ed_buf_init(&out, 10000);
	ed_report_html(&e.v, &plain, &out);
	ck_assert_int_eq(out.status, ED_LIMIT);
	ck_assert_uint_le(out.len, 10000);
	ed_buf_release(&out);
}
END_TEST

/* Each letter of @story is a minute: R restart, B BitLocker on, F fast startup, x o ? attempts,
 * d denial, X an attempt with its denial. */
static void story_tell(const char *story, struct ed_verdict *v)
{
	struct ed_mark *marks = ed_arena_calloc(&arena, 2 * strlen(story) + 1, sizeof(*marks));
	size_t n = 0;

	for (size_t i = 0; story[i]; i++) {
		int64_t at = START + (int64_t)i * MINUTE;

		if (story[i] == 'R')
			marks[n++] = mark(ED_LANE_START, ED_MARK_RESTART, at);
		if (story[i] == 'F')
			marks[n++] = mark(ED_LANE_START, ED_MARK_FAST_STARTUP, at);
		if (story[i] == 'B')
			marks[n++] = mark(ED_LANE_BITLOCKER, ED_MARK_PROTECTED, at);
		if (story[i] == 'd' || story[i] == 'X')
			marks[n++] = mark(ED_LANE_SIGN_IN, ED_MARK_DENIED, at);
		if (story[i] == 'x' || story[i] == 'X')
			marks[n++] = mark(ED_LANE_STORE, ED_MARK_ATTEMPT_FAILED, at);
		if (story[i] == 'o')
			marks[n++] = mark(ED_LANE_STORE, ED_MARK_ATTEMPT_OK, at);
		if (story[i] == '?')
			marks[n++] = mark(ED_LANE_STORE, ED_MARK_ATTEMPT_OPEN, at);
	}
	v->timeline.marks = marks;
	v->timeline.count = n;
}

static const struct {
	const char *story, *line;
} loops[] = {
	{ "", NULL },
	{ "RBR", NULL },
	{ "x", "Loop      x\n" },
	{ "XXXXRXo", "Loop      x x x x | restart | x o\n" },
	{ "RRBxx", "Loop      restart | BitLocker on | x x\n" },
	{ "RBxF?", "Loop      restart | BitLocker on | x | fast startup | ?\n" },
	{ "ddd", "Loop      d d d\n" },
	{ "xR", "Loop      x | restart\n" },
	{ "xxxxxxxxxxxxxxx", "Loop      x x15\n" },
	{ "RxRxRxRxRxRxRxRxRxRo", "Loop      ... x | restart | x | restart | x | restart | x | "
				  "restart | o\n" },
	{ "RxRxRxRxRxRxRxRxRxRxRxRxRxRxRxRxRxRxRxRxRxRo",
	  "Loop      ... x | restart | x | restart | x | restart | x | restart | o\n" },
};

START_TEST(loop_line)
{
	struct ed_verdict v = verdict_empty();
	struct ed_str all, line;
	size_t lines = 0;

	story_tell(loops[_i].story, &v);
	ed_report_text(&v, &plain, &page);
	ck_assert_int_eq(page.status, ED_OK);
	if (loops[_i].line)
		ck_assert_msg(page_has(loops[_i].line), "%s: %s", loops[_i].story, page.p);
	else
		ck_assert_msg(!page_has("Loop"), "%s: %s", loops[_i].story, page.p);
	for (all = ed_buf_str(&page); ed_str_line(&all, &line); lines++)
		ck_assert_uint_le(line.len, 79);
	ck_assert_uint_le(lines, FEW_LINES);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("report html");
	TCase *c = tcase_create("page");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_set_timeout(c, 60);
	tcase_add_test(c, hostile_text);
	tcase_add_test(c, same_bytes);
	tcase_add_test(c, nothing_known);
	tcase_add_test(c, many);
	tcase_add_test(c, many_bars);
	tcase_add_test(c, places_follow_time);
	tcase_add_test(c, chain_is_joined);
	tcase_add_test(c, out_of_memory);
	tcase_add_test(c, output_limit);
	tcase_add_loop_test(c, loop_line, 0, ED_COUNT(loops));
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}

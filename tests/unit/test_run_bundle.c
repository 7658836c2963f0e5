/* SPDX-License-Identifier: MIT */
/*
 * A bundle is analysed as the run that made it: the verdict of the members in memory, of the zip,
 * of the zip under another name and of the folder that it was unpacked to are the same bytes but
 * for "source"; and what it concludes is what the raw evidence says. The arguments are one scenario
 * as exported XML and as .evtx.
 */
#include "run.h"

#include <check.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle_make.h"
#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/pack/write.h"
#include "espdiag/platform/file.h"
#include "commands.h"
#include "espdiag/collectors/state.h"
#include "espdiag/version.h"
#include "tcg_build.h"

#define DENIED "Microsoft-Windows-AppXDeploymentServer/Operational"
#define RUN_OF(version) RUN_WITH(version, "{}")
#define RUN_WITH(version, options)                                                                 \
	"{\"schema\":\"espdiag.run/1\",\"evaluated_at\":\"2026-09-14T08:42:07Z\","                 \
	"\"options\":" options ","                                                                 \
	"\"tool\":{\"name\":\"espdiag\",\"version\":\"" version "\"},\"coverage\":["               \
	"{\"source\":\"" DENIED "\",\"channel\":true,\"state\":\"denied\",\"lost\":null,"          \
	"\"why\":\"access denied\"},"                                                              \
	"{\"source\":\"Win32_Tpm\",\"channel\":false,\"state\":\"timed-out\",\"lost\":0,"          \
	"\"why\":\"no answer\"}]}\n"
#define VERDICT_OF(version)                                                                        \
	"{\"schema\":\"espdiag.verdict/1\",\"tool\":{\"name\":\"espdiag\",\"version\":\"" version  \
	"\"},\"primary\":\"store-network\",\"certainty\":\"likely\"}\n"

static const char *xml_folder, *evtx_folder;
static struct ed_bundle *bundle;
static struct ed_error err;
static struct ed_buf notes;

/* Evidence, if somebody took it for that. */
static const char lure[] =
	"<Events><Event><System><Provider Name='Microsoft-Windows-AAD'/><EventID>1098</EventID>"
	"<Channel>Lure</Channel><EventRecordID>1</EventRecordID>"
	"<TimeCreated SystemTime='2026-09-14T08:00:00Z'/></System></Event></Events>\n";

static void add(enum ed_form form, const char *name, struct ed_str bytes)
{
	ck_assert_msg(bundle_put(bundle, form, name, "x", bytes, &err) == ED_OK, "%s", err.text);
}

/* Adds the files of the folder @from as members below @to; of boot logs their records. */
static void add_folder(const char *root, const char *from, const char *to, enum ed_form form)
{
	struct ed_folder_entry *entries;
	struct ed_arena arena;
	char path[600];
	size_t count;

	ed_arena_init(&arena, ED_MIB);
	snprintf(path, sizeof(path), "%s/%s", root, from);
	ck_assert_int_eq(ed_folder_list(ed_str_from(path), &arena, &entries, &count, &err), ED_OK);
	ck_assert_uint_gt(count, 0);
	for (size_t i = 0; i < count; i++) {
		struct ed_str name = entries[i].name;
		struct ed_buf bytes, json;
		char member[600], piece[4096];
		size_t n;
		FILE *f;

		snprintf(path, sizeof(path), "%s/%s/%.*s", root, from, ED_FMT(name));
		f = fopen(path, "rb");
		ck_assert_ptr_nonnull(f);
		ed_buf_init(&bytes, 16 * ED_MIB);
		ed_buf_init(&json, 16 * ED_MIB);
		while ((n = fread(piece, 1, sizeof(piece), f)))
			ed_buf_add(&bytes, piece, n);
		fclose(f);
		if (form == ED_FORM_BOOTLOG) {
			ck_assert_int_eq(ed_bootlog_write(name, ed_buf_str(&bytes), &json, &err),
					 ED_OK);
			name = ed_str_slice(name, 0, name.len - 4);
			snprintf(member, sizeof(member), "%s/%.*s.json", to, ED_FMT(name));
		} else {
			snprintf(member, sizeof(member), "%s/%.*s", to, ED_FMT(name));
		}
		add(form, member, ed_buf_str(form == ED_FORM_BOOTLOG ? &json : &bytes));
		ed_buf_release(&bytes);
		ed_buf_release(&json);
	}
	ed_arena_release(&arena);
}

static void seal(void)
{
	char hex[ED_SHA256_HEX];

	ck_assert_int_eq(bundle_seal(bundle, hex, &err), ED_OK);
}

static void setup(void)
{
	folder_make();
	memset(&err, 0, sizeof(err));
	ed_buf_init(&notes, ED_MIB);
	ck_assert_int_eq(ed_bundle_new(&bundle, &err), ED_OK);
	add_folder(xml_folder, "events", "events", ED_FORM_EVENTS);
	add_folder(xml_folder, "registry", "registry", ED_FORM_REG);
	add_folder(xml_folder, "MeasuredBoot", "measured-boot", ED_FORM_BOOTLOG);
	add(ED_FORM_RUN, "state/run.json", ED_STR(RUN_OF(ED_VERSION)));
	add(ED_FORM_OUTPUT, "verdict.json", ED_STR(VERDICT_OF(ED_VERSION)));
	add(ED_FORM_OUTPUT, "report.html", ed_str_from(lure));
	add(ED_FORM_OUTPUT, "summary.txt", ed_str_from(lure));
	add(ED_FORM_TEXT, "logs/nothing.log", ED_STR(""));
	add(ED_FORM_TEXT, "logs/unknown.log", ED_STR("of no known kind\n"));
	seal();
}

static void teardown(void)
{
	ed_bundle_free(bundle);
	ed_buf_release(&notes);
	folder_remove();
}

static struct ed_run run_new(enum ed_format format)
{
	return (struct ed_run){ .tables = &ed_app_sources,
				.format = format,
				.at = ED_TIME_NONE,
				.now = INT64_C(133000000000000000),
				.notes = &notes };
}

/* What is compared between raw evidence and a bundle of it. */
struct conclusion {
	enum ed_outcome outcome;
	enum ed_certainty certainty;
	char primary[64];
	struct ed_attestation attestation;
	struct ed_bitlocker bitlocker;
	int64_t evaluated_at;
	size_t boot_count;
};

struct filling {
	const char *path;
	struct conclusion seen;
};

static ed_status fill_memory(void *context, struct ed_evidence *evidence,
			     struct ed_ingest_stats *stats, struct ed_error *error)
{
	(void)context;
	return ed_ingest_bundle(&ed_app_sources, bundle, evidence, stats, error);
}

static ed_status fill_path(void *context, struct ed_evidence *evidence,
			   struct ed_ingest_stats *stats, struct ed_error *error)
{
	const struct filling *f = context;

	return ed_ingest(&ed_app_sources, ed_str_from(f->path), evidence, stats, error);
}

static ed_status see(void *context, const struct ed_verdict *verdict, struct ed_error *error)
{
	struct conclusion *seen = &((struct filling *)context)->seen;

	(void)error;
	seen->outcome = verdict->outcome;
	seen->certainty = verdict->certainty;
	snprintf(seen->primary, sizeof(seen->primary), "%s",
		 verdict->primary ? verdict->primary : "null");
	seen->attestation = verdict->attestation;
	seen->attestation.certificate_error = (struct ed_str){ NULL, 0 };
	seen->bitlocker = verdict->bitlocker;
	seen->boot_count = verdict->boot_count;
	seen->evaluated_at = verdict->evaluated_at;
	return ED_OK;
}

static int64_t run_time(void)
{
	int64_t at = 0;

	ck_assert(ed_time_parse(ED_STR("2026-09-14T08:42:07Z"), &at));
	return at;
}

/* The verdict of the members in memory as JSON, as a live run makes it. */
static void judge_memory(struct ed_buf *out, struct conclusion *seen)
{
	struct filling f = { .path = NULL };
	struct ed_run_source source = { .name = ED_STR("here"),
					.at = run_time(),
					.context = &f,
					.fill = fill_memory,
					.judged = see };
	struct ed_run run = run_new(ED_FORMAT_JSON);

	ed_buf_init(out, ED_LIMIT_OUTPUT);
	ck_assert_msg(ed_run_evidence(&run, &source, out, &err) == ED_OK, "%s", err.text);
	ck_assert(run.any_read && run.any_lost);
	if (seen)
		*seen = f.seen;
}

static void judge_path(const char *path, struct ed_run *run, struct ed_buf *out)
{
	ed_buf_init(out, ED_LIMIT_OUTPUT);
	ck_assert_msg(ed_run_path(run, ed_str_from(path), out, &err) == ED_OK, "%s", err.text);
}

/* Without the line of the source. */
static struct ed_str after_source(const struct ed_buf *out, struct ed_str *before)
{
	struct ed_str whole = ed_buf_str(out);
	size_t at = ed_str_find(whole, ED_STR("\n  \"source\": "), 0);
	size_t end = ed_str_find(whole, ED_STR("\n"), at + 1);

	ck_assert(at != SIZE_MAX && end != SIZE_MAX);
	*before = ed_str_slice(whole, 0, at);
	return ed_str_slice(whole, end, whole.len);
}

static void assert_same_verdict(const struct ed_buf *a, const struct ed_buf *b, const char *what)
{
	struct ed_str x, y;
	struct ed_str rest_a = after_source(a, &x), rest_b = after_source(b, &y);
	struct ed_str line_a, line_b;

	ck_assert(ed_str_eq(x, y));
	while (ed_str_line(&rest_a, &line_a) && ed_str_line(&rest_b, &line_b))
		ck_assert_msg(ed_str_eq(line_a, line_b), "%s: '%.*s' is '%.*s'", what,
			      ED_FMT(line_a), ED_FMT(line_b));
	ck_assert_msg(!rest_a.len && !rest_b.len, "%s: one is longer", what);
}

static bool holds(const struct ed_buf *out, const char *text)
{
	return ed_str_find(ed_buf_str(out), ed_str_from(text), 0) != SIZE_MAX;
}

START_TEST(the_same_verdict_in_every_form)
{
	static const char *const names[] = { "a.zip", "renamed", "unpacked", "unpacked/" };
	struct ed_buf memory;

	ck_assert_int_eq(ed_bundle_write(bundle, folder_str("a.zip"), &err), ED_OK);
	ck_assert_int_eq(ed_bundle_write(bundle, folder_str("renamed"), &err), ED_OK);
	bundle_unpack(bundle, "unpacked");
	judge_memory(&memory, NULL);
	for (size_t i = 0; i < ED_COUNT(names); i++) {
		struct ed_run run = run_new(ED_FORMAT_JSON);
		struct ed_buf out;

		judge_path(in_folder(names[i]), &run, &out);
		assert_same_verdict(&memory, &out, names[i]);
		ck_assert(run.any_read && run.any_lost);
		ed_buf_release(&out);
	}
	ck_assert(holds(&memory, "\"primary\": \"bitlocker-restart-pending\""));
	ck_assert(holds(&memory, "\"source\": \"measured-boot/0000000001-0000000000.json\""));
	ck_assert(holds(&memory, "\"source\": \"" DENIED "\""));
	ck_assert(holds(&memory, "\"source\": \"Win32_Tpm\""));
	ck_assert(holds(&memory, "\"why\": \"access denied\""));
	ck_assert(!holds(&memory, "Lure"));
	ck_assert(!holds(&memory, "report.html"));
	ck_assert_uint_eq(notes.len, 0);
	ed_buf_release(&memory);
}
END_TEST

static void assert_same_conclusion(const struct conclusion *a, const struct conclusion *b)
{
	ck_assert_int_eq(a->outcome, b->outcome);
	ck_assert_int_eq(a->certainty, b->certainty);
	ck_assert_str_eq(a->primary, b->primary);
	ck_assert_int_eq(a->evaluated_at, b->evaluated_at);
	ck_assert_uint_eq(a->boot_count, b->boot_count);
	ck_assert_int_eq(a->attestation.last_boot_at, b->attestation.last_boot_at);
	ck_assert_int_eq(a->attestation.boot_measured_bitlocker,
			 b->attestation.boot_measured_bitlocker);
	ck_assert_str_eq(a->attestation.predicted_require_bitlocker,
			 b->attestation.predicted_require_bitlocker);
	ck_assert_int_eq(a->bitlocker.protected_at, b->bitlocker.protected_at);
}

START_TEST(the_raw_evidence_says_the_same)
{
	const char *const paths[] = { xml_folder, evtx_folder };
	struct conclusion of_bundle;
	struct ed_buf memory;

	judge_memory(&memory, &of_bundle);
	ed_buf_release(&memory);
	for (size_t i = 0; i < ED_COUNT(paths); i++) {
		struct filling f = { .path = paths[i] };
		struct ed_run_source source = { .name = ED_STR("raw"),
						.at = run_time(),
						.context = &f,
						.fill = fill_path,
						.judged = see };
		struct ed_run run = run_new(ED_FORMAT_JSON);

		/* without a buffer nothing is printed */
		ck_assert_int_eq(ed_run_evidence(&run, &source, NULL, &err), ED_OK);
		assert_same_conclusion(&of_bundle, &f.seen);
	}
}
END_TEST

START_TEST(a_bundle_is_judged_as_of_its_run)
{
	struct ed_run run = run_new(ED_FORMAT_JSON);
	struct ed_buf out;

	ck_assert_int_eq(ed_bundle_write(bundle, folder_str("a.zip"), &err), ED_OK);
	judge_path(in_folder("a.zip"), &run, &out);
	ck_assert(holds(&out, "\"evaluated_at\": \"2026-09-14T08:42:07Z\""));
	ed_buf_release(&out);
	run.at = run_time() - 20 * ED_TICKS_PER_MINUTE;
	judge_path(in_folder("a.zip"), &run, &out);
	ck_assert(holds(&out, "\"evaluated_at\": \"2026-09-14T08:22:07Z\""));
	ed_buf_release(&out);
}
END_TEST

/* A bundle of `collect --since` gives its own verdict again, which is that of `analyze --since`. */
START_TEST(a_bundle_is_judged_from_where_its_run_began)
{
	struct ed_run run = run_new(ED_FORMAT_JSON);
	struct ed_buf asked, own, all, text;

	ck_assert_int_eq(ed_bundle_write(bundle, folder_str("a.zip"), &err), ED_OK);
	run.since_ago = 20 * ED_TICKS_PER_MINUTE;
	judge_path(in_folder("a.zip"), &run, &asked);
	ck_assert(holds(&asked, "2026-09-14 08:22:07 UTC was not used (--since)"));
	ck_assert(!holds(&asked, "\"primary\": \"bitlocker-restart-pending\""));
	add(ED_FORM_RUN, "state/run.json",
	    ED_STR(RUN_WITH(ED_VERSION, "{\"since_seconds\":1200}")));
	seal();
	ck_assert_int_eq(ed_bundle_write(bundle, folder_str("b.zip"), &err), ED_OK);
	run = run_new(ED_FORMAT_JSON);
	judge_path(in_folder("b.zip"), &run, &own);
	assert_same_verdict(&asked, &own, "its own");
	/* and what it left out is still there for who asks for it */
	run.since_ago = 24 * 60 * ED_TICKS_PER_MINUTE;
	judge_path(in_folder("b.zip"), &run, &all);
	ck_assert(holds(&all, "\"primary\": \"bitlocker-restart-pending\""));
	run = run_new(ED_FORMAT_TEXT);
	judge_path(in_folder("b.zip"), &run, &text);
	ck_assert(holds(&text, "08:22:07 on (--since)"));
	ed_buf_release(&asked);
	ed_buf_release(&own);
	ed_buf_release(&all);
	ed_buf_release(&text);
}
END_TEST

static uint64_t first_second(void *context)
{
	(void)context;
	return 0;
}

/* Without any time no bundle is opened; with enough, nothing changes. */
START_TEST(a_run_has_its_time)
{
	struct ed_deadline deadline = { .clock_ms = first_second };
	struct ed_run run = run_new(ED_FORMAT_JSON);
	struct ed_buf whole, same, none;

	ck_assert_int_eq(ed_bundle_write(bundle, folder_str("a.zip"), &err), ED_OK);
	judge_path(in_folder("a.zip"), &run, &whole);
	ed_deadline_begin(&deadline, 5);
	run.deadline = &deadline;
	judge_path(in_folder("a.zip"), &run, &same);
	ck_assert(ed_str_eq(ed_buf_str(&whole), ed_buf_str(&same)));
	run = run_new(ED_FORMAT_JSON);
	deadline.end_ms = 0;
	run.deadline = &deadline;
	judge_path(in_folder("a.zip"), &run, &none);
	ck_assert(holds(&none, "\"state\": \"timed-out\""));
	ck_assert(holds(&none, "\"outcome\": \"inconclusive\""));
	ck_assert(!run.any_read && run.any_lost);
	ed_buf_release(&whole);
	ed_buf_release(&same);
	ed_buf_release(&none);
}
END_TEST

START_TEST(raw_logs_are_read_on_request_only)
{
	struct ed_run run = run_new(ED_FORMAT_JSON);
	struct ed_buf out;

	add_folder(evtx_folder, "EventLogs", "raw", ED_FORM_RAW);
	/* what the redacted events lack, the raw logs have */
	add(ED_FORM_EVENTS, "events/Microsoft-Windows-AAD%4Operational.xml",
	    ED_STR("<Events></Events>\n"));
	seal();
	ck_assert_int_eq(ed_bundle_write(bundle, folder_str("a.zip"), &err), ED_OK);
	bundle_unpack(bundle, "u");
	for (int i = 0; i < 2; i++) {
		const char *path = in_folder(i ? "u" : "a.zip");

		run.prefer_raw = false;
		judge_path(path, &run, &out);
		ck_assert(!holds(&out, "\"53000\": "));
		ck_assert(!holds(&out, "raw/"));
		ed_buf_release(&out);
		run.prefer_raw = true;
		judge_path(path, &run, &out);
		ck_assert(holds(&out, "\"53000\": "));
		ck_assert(!holds(&out, "\"events/"));
		ck_assert(holds(&out, "\"primary\": \"bitlocker-restart-pending\""));
		ed_buf_release(&out);
	}
}
END_TEST

/* Without events/ the raw logs are all there is; without raw logs there is nothing to prefer. */
START_TEST(what_is_there_is_read)
{
	struct ed_run run = run_new(ED_FORMAT_JSON);
	struct ed_bundle *whole = bundle;
	struct ed_buf out, memory;

	ck_assert_int_eq(ed_bundle_write(whole, folder_str("a.zip"), &err), ED_OK);
	run.prefer_raw = true;
	judge_path(in_folder("a.zip"), &run, &out);
	ck_assert(holds(&out, "\"53000\": "));
	ed_buf_release(&out);
	ck_assert_int_eq(ed_bundle_new(&bundle, &err), ED_OK);
	add_folder(evtx_folder, "EventLogs", "raw", ED_FORM_RAW);
	add(ED_FORM_RUN, "state/run.json", ED_STR(RUN_OF(ED_VERSION)));
	seal();
	ck_assert_int_eq(ed_bundle_write(bundle, folder_str("b.zip"), &err), ED_OK);
	run.prefer_raw = false;
	judge_path(in_folder("b.zip"), &run, &out);
	ck_assert(holds(&out, "\"53000\": "));
	judge_memory(&memory, NULL);
	assert_same_verdict(&memory, &out, "raw only");
	ed_buf_release(&out);
	ed_buf_release(&memory);
	ed_bundle_free(whole);
}
END_TEST

START_TEST(another_version_is_quoted)
{
	struct ed_run run = run_new(ED_FORMAT_TEXT);
	const char line[] = "recorded by espdiag 9.9.9: store-network (likely)\n";
	struct ed_buf out;

	ck_assert_int_eq(ed_bundle_write(bundle, folder_str("same.zip"), &err), ED_OK);
	judge_path(in_folder("same.zip"), &run, &out);
	ck_assert(!holds(&out, "recorded by"));
	ed_buf_release(&out);
	add(ED_FORM_RUN, "state/run.json", ED_STR(RUN_OF("9.9.9")));
	add(ED_FORM_OUTPUT, "verdict.json", ED_STR(VERDICT_OF("9.9.9")));
	seal();
	ck_assert_int_eq(ed_bundle_write(bundle, folder_str("other.zip"), &err), ED_OK);
	judge_path(in_folder("other.zip"), &run, &out);
	ck_assert(ed_str_ends(ed_buf_str(&out), ed_str_from(line)));
	ck_assert_uint_eq(notes.len, 0);
	ed_buf_release(&out);
	run = run_new(ED_FORMAT_JSON);
	judge_path(in_folder("other.zip"), &run, &out);
	ck_assert(!holds(&out, "recorded by"));
	ck_assert_msg(ed_str_eq(ed_buf_str(&notes), ed_str_from(line)), "%s", notes.p);
	ed_buf_release(&out);
	run.notes = NULL;
	judge_path(in_folder("other.zip"), &run, &out);
	ed_buf_release(&out);
}
END_TEST

/*
 * Which start is the last one must not depend on the form, also when the logs have no counters and
 * only their names tell. "current" is the newest log once more.
 */
static const struct {
	uint64_t counters[3];
	uint32_t unlocks[3];
	enum ed_tri measured;
} orders[] = {
	{ { 41, 42, 43 }, { 4, 4, 0 }, ED_TRI_NO }, { { 41, 42, 43 }, { 0, 0, 4 }, ED_TRI_YES },
	{ { 43, 42, 41 }, { 0, 4, 4 }, ED_TRI_NO }, { { 0, 0, 0 }, { 4, 4, 0 }, ED_TRI_NO },
	{ { 0, 0, 0 }, { 0, 0, 4 }, ED_TRI_YES },
};

START_TEST(the_last_boot_log_is_the_last_in_both_forms)
{
	struct filling raw = { .path = NULL };
	struct ed_run_source source = {
		.name = ED_STR("raw"), .at = run_time(), .context = &raw, .judged = see
	};
	struct ed_run run = run_new(ED_FORMAT_JSON);
	int newest = orders[_i].counters[0] > orders[_i].counters[2] ? 0 : 2;

	ed_bundle_free(bundle);
	ck_assert_int_eq(ed_bundle_new(&bundle, &err), ED_OK);
	for (int i = 0; i < 3; i++) {
		struct tcg_boot boot = { .boot_counter = orders[_i].counters[i],
					 .event_counter = 7,
					 .unlock = orders[_i].unlocks[i] };
		struct ed_buf log, json;
		char name[64];

		ed_buf_init(&log, ED_MIB);
		ed_buf_init(&json, ED_MIB);
		tcg_build_boot(&log, &boot);
		snprintf(name, sizeof(name), "raw/%010d-0000000000.log", 9 + i);
		tree_put(name, ed_buf_str(&log));
		ck_assert_int_eq(ed_bootlog_write(ed_str_from(name), ed_buf_str(&log), &json, &err),
				 ED_OK);
		snprintf(name, sizeof(name), "measured-boot/%010d-0000000000.json", 9 + i);
		add(ED_FORM_BOOTLOG, name, ed_buf_str(&json));
		if (i == newest)
			add(ED_FORM_BOOTLOG, "measured-boot/current.json", ed_buf_str(&json));
		ed_buf_release(&log);
		ed_buf_release(&json);
	}
	raw.path = in_folder("raw");
	source.fill = fill_path;
	ck_assert_int_eq(ed_run_evidence(&run, &source, NULL, &err), ED_OK);
	ck_assert_int_eq(raw.seen.attestation.boot_measured_bitlocker, orders[_i].measured);
	source.fill = fill_memory;
	ck_assert_int_eq(ed_run_evidence(&run, &source, NULL, &err), ED_OK);
	ck_assert_int_eq(raw.seen.attestation.boot_measured_bitlocker, orders[_i].measured);
}
END_TEST

/* Each allocation at the start, then ever fewer. */
START_TEST(every_allocation_may_fail)
{
	ed_status status = ED_NOMEM;
	const char *path;
	long n = 0;

	ck_assert_int_eq(ed_bundle_write(bundle, folder_str("a.zip"), &err), ED_OK);
	bundle_unpack(bundle, "u");
	path = _i == 1 ? in_folder("u") : in_folder("a.zip");
	while (status != ED_OK) {
		struct ed_run run = run_new(n % 2 ? ED_FORMAT_TEXT : ED_FORMAT_JSON);
		struct ed_run_source source = { .name = ED_STR("x"),
						.at = ED_TIME_NONE,
						.fill = fill_memory };
		struct ed_buf out;

		ed_buf_init(&out, ED_LIMIT_OUTPUT);
		memset(&err, 0, sizeof(err));
		ed_alloc_fail_after(n);
		status = _i == 2 ? ed_run_evidence(&run, &source, &out, &err)
				 : ed_run_path(&run, ed_str_from(path), &out, &err);
		ed_alloc_fail_after(-1);
		ck_assert_msg(status == ED_OK || status == ED_NOMEM, "allocation %ld: %s", n,
			      err.text);
		ck_assert(status == ED_OK || (err.text[0] && !run.any_result));
		ed_buf_release(&out);
		n += 1 + n / 200;
	}
	ck_assert_int_gt(n, 50);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite = suite_create("run_bundle");
	TCase *tc = tcase_create("run_bundle");
	SRunner *runner;
	int failed;

	if (argc < 3) {
		fprintf(stderr, "usage: test_run_bundle XML-FOLDER EVTX-FOLDER\n");
		return 2;
	}
	xml_folder = argv[1];
	evtx_folder = argv[2];
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 280);
	tcase_add_test(tc, the_same_verdict_in_every_form);
	tcase_add_test(tc, the_raw_evidence_says_the_same);
	tcase_add_test(tc, a_bundle_is_judged_as_of_its_run);
	tcase_add_test(tc, a_bundle_is_judged_from_where_its_run_began);
	tcase_add_test(tc, a_run_has_its_time);
	tcase_add_test(tc, raw_logs_are_read_on_request_only);
	tcase_add_test(tc, what_is_there_is_read);
	tcase_add_test(tc, another_version_is_quoted);
	tcase_add_loop_test(tc, the_last_boot_log_is_the_last_in_both_forms, 0, ED_COUNT(orders));
	tcase_add_loop_test(tc, every_allocation_may_fail, 0, 3);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

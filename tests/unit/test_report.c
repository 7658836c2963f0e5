/* SPDX-License-Identifier: MIT */
/*
 * The reports over verdicts made by hand: the JSON's exact values, the text's frame of 80 x 25.
 * With a folder as argument the JSON of every verdict is left there for the schema test.
 */
#include "espdiag/report/report.h"

#include <check.h>

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/json/json.h"

#define COLUMNS 79
#define LINES 24
#define AT(h, m, s)                                                                                \
	ed_time_from_civil((struct ed_civil){                                                      \
		.year = 2026, .month = 9, .day = 14, .hour = (h), .minute = (m), .second = (s) })

static const char *out_folder;

static const uint32_t ref_list[] = { 0, 1, 2 };
static const struct ed_field fields[] = {
	{ { "Data", 4 }, { "a", 1 } },        { { "", 0 }, { "b", 1 } },
	{ { NULL, 0 }, { NULL, 0 } },         { { "Data#2", 6 }, { "c", 1 } },
	{ { "Error Code", 10 }, { "2", 1 } },
};
static const struct ed_str missing[] = { { "the sign-in log", 15 } };
static const struct ed_str steps[] = {
	{ "Press the power button on the page and choose Restart, or run: shutdown /r /t 0", 79 },
	{ "Wait until the page is back and the app list counts up.", 55 },
};
static const char *const action_ids[] = { "restart-device", "open-sign-in-log" };
static const struct ed_str correlations[] = { { "11111111-2222-3333-4444-555555555555", 36 } };

/* Nothing known at all. */
static struct ed_verdict verdict_empty(void)
{
	return (struct ed_verdict){
		.source = ED_STR("nowhere"),
		.evaluated_at = AT(8, 0, 0),
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
	};
}

static const struct ed_str protectors[] = { { "tpm", 3 }, { "recovery-password", 17 } };
static const struct ed_volume_live live = {
	.mount_point = { "C:", 2 },
	.state = "protected",
	.protection_status = 1,
	.conversion_status = 1,
	.percentage = 100,
	.method = "XTS-AES 128",
	.protectors_known = true,
	.protectors = { protectors, 2 },
	.suspend_count = ED_UNKNOWN,
	.shell_protection = ED_UNKNOWN,
};

/* Every member set. The arrays are the caller's, so that it can change them. */
struct full {
	struct ed_verdict verdict;
	struct ed_link chain[7];
	struct ed_finding finding;
	struct ed_action actions[2];
	struct ed_ruled_out ruled_out;
	struct ed_proof proofs[3];
	struct ed_coverage coverage[4];
	struct ed_esp_app app;
	struct ed_product product;
	struct ed_code_count code;
	struct ed_boot boots[2];
};

static void full_lists(struct full *f)
{
	f->finding = (struct ed_finding){
		.id = "bitlocker-restart-pending",
		.severity = ED_BLOCKER,
		.certainty = ED_CONFIRMED,
		.owner = ED_TECHNICIAN,
		.title = ED_STR("BitLocker is on, but the device has not been restarted since"),
		.because = ED_STR("Windows reports the disk as protected only after a start that "
				  "measured it, so the device counts as not compliant until then."),
		.evidence = { ref_list, 2 },
		.missing = { missing, 1 },
		.actions = action_ids,
		.action_count = 2,
	};
	f->actions[0] = (struct ed_action){
		.id = "restart-device",
		.owner = ED_TECHNICIAN,
		.title = ED_STR("Restart the device (restart, do not shut down)"),
		.steps = { steps, ED_COUNT(steps) },
		.cost = ED_STR("About three minutes; the page goes on where it was."),
		.source = ED_STR("a page that says so"),
	};
	f->actions[1] = f->actions[0];
	f->actions[1].id = "open-sign-in-log";
	f->actions[1].owner = ED_ADMIN;
	f->actions[1].title = ED_STR("Look the denial up in the sign-in log");
	f->ruled_out = (struct ed_ruled_out){ "store-network",
					      ED_STR("no transport error"),
					      { ref_list, 0 } };
	f->proofs[0] = (struct ed_proof){
		ED_STR("System"),
		63,
		AT(7, 59, 1),
		ED_STR("Microsoft-Windows-Kernel-"
		       "General"),
		12,
		fields,
		ED_COUNT(fields),
	};
	f->proofs[1] = f->proofs[0];
	f->proofs[1].source = ED_STR("Microsoft-Windows-BitLocker/BitLocker Management");
	f->proofs[2] = (struct ed_proof){
		.source = ED_STR("HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\Autopilot\\"
				 "EnrollmentStatusTracking"),
		.record = ED_UNKNOWN,
		.at = ED_TIME_NONE,
		.event = ED_UNKNOWN,
	};
	f->coverage[0] = (struct ed_coverage){
		.source = ED_STR("System"),
		.path = ED_STR("logs/System.evtx"),
		.state = ED_STATE_READ,
		.is_channel = true,
		.records = 1200,
		.oldest = AT(7, 0, 0),
		.newest = AT(8, 30, 0) + 1230000,
		.lost = 0,
	};
	f->coverage[1] = f->coverage[0];
	f->coverage[1].state = ED_STATE_DAMAGED;
	f->coverage[1].source = ED_STR("Application");
	f->coverage[1].lost = ED_LOST_UNKNOWN;
	f->coverage[1].why = ED_STR("chunk 3: checksum mismatch");
	f->coverage[2] = (struct ed_coverage){ .source = ED_STR("logs/Empty.evtx"),
					       .state = ED_STATE_EMPTY,
					       .oldest = ED_TIME_NONE,
					       .newest = ED_TIME_NONE };
	f->coverage[3] = f->coverage[2];
	f->coverage[3].state = ED_STATE_ABSENT;
}

static void full_init(struct full *f, size_t links)
{
	struct ed_verdict *v = &f->verdict;

	*v = verdict_empty();
	full_lists(f);
	for (size_t i = 0; i < ED_COUNT(f->chain); i++)
		f->chain[i] = (struct ed_link){
			.claim = ED_STR("BitLocker protection of the OS volume was turned on, "
					"which the last start could not have measured"),
			.at = AT(8, (int)i, 1),
			.evidence = { ref_list, 1 + i % 3 },
			.inferred = i == 1,
		};
	f->app = (struct ed_esp_app){ ED_STR("Company Portal"), "store", ED_STR("installing"),
				      ED_STR("0x87d1041c") };
	f->product = (struct ed_product){ ED_STR("9WZDNCRFJ3PZ"),
					  ED_STR("Microsoft.CompanyPortal_8wekyb3d8bbwe"), 9,
					  ED_STR("0xcaa2000c"), ED_TRI_NO };
	f->code = (struct ed_code_count){ 53000, 9 };
	f->boots[0] = (struct ed_boot){ AT(7, 0, 0), ED_BOOT_RESTART, { NULL, 0 } };
	f->boots[1] = (struct ed_boot){ AT(7, 59, 1), ED_BOOT_FAST_STARTUP, ED_STR("setup.exe") };
	v->source = ED_STR("case/evidence.zip");
	v->evaluated_at = AT(8, 42, 7);
	v->outcome = ED_OUTCOME_BLOCKED;
	v->primary = "bitlocker-restart-pending";
	v->certainty = ED_CONFIRMED;
	v->chain = f->chain;
	v->chain_count = links;
	v->findings = &f->finding;
	v->finding_count = 1;
	v->actions = f->actions;
	v->action_count = 2;
	v->ruled_out = &f->ruled_out;
	v->ruled_out_count = 1;
	v->evidence = f->proofs;
	v->evidence_count = 3;
	v->coverage = f->coverage;
	v->coverage_count = 4;
	v->esp = (struct ed_esp){
		ED_PHASE_ACCOUNT_SETUP, true, 60, AT(8, 0, 0), AT(9, 0, 0), 17, &f->app, 1
	};
	v->store = (struct ed_store){ 9,           9, AT(8, 10, 0), AT(8, 40, 0), 180, AT(8, 43, 0),
				      &f->product, 1 };
	v->sign_in = (struct ed_sign_in){ 9,
					  &f->code,
					  1,
					  ED_STR("client"),
					  ED_STR("resource"),
					  { correlations, 1 },
					  AT(8, 10, 0),
					  AT(8, 40, 0) };
	v->bitlocker = (struct ed_bitlocker){
		.started_at = AT(8, 1, 0),
		.completed_at = AT(8, 5, 0),
		.protected_at = AT(8, 6, 0),
		.escrowed_at = AT(8, 4, 0),
		.method = ED_STR("XTS-AES 128"),
		.state = "protected",
		.live = &live,
	};
	v->attestation = (struct ed_attestation){ AT(7, 59, 1), ED_BOOT_RESTART,      ED_TRI_NO,
						  AT(8, 2, 0),  ED_STR("0x80072ee7"), "fail" };
	v->boots = f->boots;
	v->boot_count = 2;
}

static char *render(const struct ed_verdict *v, struct ed_report_options options, bool json,
		    struct ed_buf *buf)
{
	ed_buf_clear(buf);
	if (json)
		ed_report_json(v, &options, buf);
	else
		ed_report_text(v, &options, buf);
	ck_assert_int_eq(buf->status, ED_OK);
	return buf->p;
}

static void keep(const char *name, const struct ed_buf *buf)
{
	char path[1024];
	FILE *file;

	if (!out_folder)
		return;
	snprintf(path, sizeof(path), "%s/%s.json", out_folder, name);
	file = fopen(path, "wb");
	ck_assert_msg(file != NULL, "cannot write %s", path);
	ck_assert_uint_eq(fwrite(buf->p, 1, buf->len, file), buf->len);
	ck_assert_int_eq(fclose(file), 0);
}

static struct ed_json *reparsed(const struct ed_buf *buf)
{
	struct ed_json *root = NULL;

	ck_assert_int_eq(ed_json_parse(ed_buf_str(buf), &root, NULL), ED_OK);
	return root;
}

static const char *text_of(const struct ed_json *value)
{
	return value ? ed_json_string(value).p : NULL;
}

static const struct ed_json *at(const struct ed_json *root, const char *list, size_t i)
{
	return ed_json_at(ed_json_get(root, list), i, NULL);
}

START_TEST(json_unknown_is_null)
{
	static const char *const unknown[][2] = {
		{ "esp", "phase" },
		{ "esp", "minutes_left" },
		{ "esp", "started_at" },
		{ "store", "attempts" },
		{ "store", "first_at" },
		{ "sign_in", "denials" },
		{ "sign_in", "client_id" },
		{ "bitlocker", "state" },
		{ "bitlocker", "method" },
		{ "bitlocker", "live" },
		{ "attestation", "last_boot_at" },
		{ "attestation", "boot_measured_bitlocker" },
	};
	struct ed_verdict v = verdict_empty();
	struct ed_json *root;
	struct ed_buf buf;

	ed_buf_init(&buf, ED_MIB);
	render(&v, (struct ed_report_options){ 0 }, true, &buf);
	keep("empty", &buf);
	root = reparsed(&buf);
	for (size_t i = 0; i < ED_COUNT(unknown); i++)
		ck_assert_msg(ed_json_type(ed_json_get(ed_json_get(root, unknown[i][0]),
						       unknown[i][1])) == ED_JSON_NULL,
			      "%s.%s", unknown[i][0], unknown[i][1]);
	ck_assert_int_eq(ed_json_type(ed_json_get(root, "primary")), ED_JSON_NULL);
	ck_assert_str_eq(text_of(ed_json_get(root, "evaluated_at")), "2026-09-14T08:00:00Z");
	ed_json_free(root);
	ed_buf_release(&buf);
}
END_TEST

START_TEST(json_values)
{
	struct full f;
	struct ed_json *root;
	const struct ed_json *part;
	struct ed_buf buf;

	ed_buf_init(&buf, ED_MIB);
	full_init(&f, 3);
	render(&f.verdict, (struct ed_report_options){ 0 }, true, &buf);
	keep("full", &buf);
	ck_assert(
		ed_str_starts(ed_buf_str(&buf), ED_STR("{\n  \"schema\": \"espdiag.verdict/1\",")));
	ck_assert(ed_str_ends(ed_buf_str(&buf), ED_STR("\n}\n")));
	root = reparsed(&buf);
	ck_assert_str_eq(text_of(ed_json_get(root, "outcome")), "blocked");
	part = at(root, "chain", 2);
	ck_assert_str_eq(text_of(ed_json_at(ed_json_get(part, "evidence"), 2, NULL)), "e3");
	part = at(root, "coverage", 0);
	ck_assert_str_eq(text_of(ed_json_get(part, "newest")), "2026-09-14T08:30:00.123Z");
	ck_assert_int_eq(ed_json_integer(ed_json_get(part, "lost"), -1), 0);
	part = at(root, "coverage", 1);
	ck_assert_int_eq(ed_json_type(ed_json_get(part, "lost")), ED_JSON_NULL);
	ck_assert_int_eq(ed_json_integer(ed_json_get(at(root, "coverage", 2), "records"), -1), 0);
	ck_assert_int_eq(ed_json_type(ed_json_get(at(root, "coverage", 3), "records")),
			 ED_JSON_NULL);
	part = ed_json_get(ed_json_get(root, "sign_in"), "codes");
	ck_assert_int_eq(ed_json_integer(ed_json_get(part, "53000"), -1), 9);
	part = at(root, "evidence", 2);
	ck_assert_int_eq(ed_json_type(ed_json_get(part, "record")), ED_JSON_NULL);
	ck_assert_int_eq(ed_json_type(ed_json_get(part, "provider")), ED_JSON_NULL);
	part = ed_json_at(ed_json_get(ed_json_get(root, "store"), "products"), 0, NULL);
	ck_assert_int_eq(ed_json_type(ed_json_get(part, "installed")), ED_JSON_BOOL);
	ed_json_free(root);
	ed_buf_release(&buf);
}
END_TEST

START_TEST(json_field_names_stay_apart)
{
	static const char *const want[] = { "Data", "Data##2", "Data##3", "Data#2", "Error Code" };
	struct full f;
	struct ed_json *root;
	const struct ed_json *part;
	struct ed_buf buf;

	ed_buf_init(&buf, ED_MIB);
	full_init(&f, 1);
	render(&f.verdict, (struct ed_report_options){ .one_line = true }, true, &buf);
	ck_assert_uint_eq(ed_str_find(ed_buf_str(&buf), ED_STR("\n"), 0), buf.len - 1);
	root = reparsed(&buf);
	part = ed_json_get(at(root, "evidence", 0), "fields");
	ck_assert_uint_eq(ed_json_count(part), ED_COUNT(want));
	for (size_t i = 0; i < ED_COUNT(want); i++) {
		struct ed_str name;

		ed_json_at(part, i, &name);
		ck_assert_str_eq(name.p, want[i]);
	}
	ed_json_free(root);
	f.proofs[0].field_count = 3; /* without the field that looks like a made name */
	f.verdict.evidence_count = 1;
	render(&f.verdict, (struct ed_report_options){ 0 }, true, &buf);
	root = reparsed(&buf);
	part = ed_json_get(at(root, "evidence", 0), "fields");
	ck_assert_ptr_nonnull(ed_json_get(part, "Data#2"));
	ck_assert_ptr_nonnull(ed_json_get(part, "Data#3"));
	ed_json_free(root);
	ed_buf_release(&buf);
}
END_TEST

/* The frame: printable ASCII, no line over the columns, none ending in a space. */
static void assert_frame(const char *text, size_t lines_max)
{
	struct ed_str rest = ed_str_from(text), line;
	size_t lines = 0;

	ck_assert_msg(rest.len && rest.p[rest.len - 1] == '\n', "%s", text);
	while (ed_str_line(&rest, &line)) {
		lines++;
		if (line.len > COLUMNS || ed_str_ends(line, ED_STR(" ")))
			ck_abort_msg("%zu columns: '%.*s'", line.len, ED_FMT(line));
		for (size_t i = 0; i < line.len; i++) {
			if (line.p[i] < 0x20 || line.p[i] >= 0x7F)
				ck_abort_msg("byte %zu: %.*s", i, ED_FMT(line));
		}
	}
	ck_assert_msg(lines <= lines_max, "%zu lines:\n%s", lines, text);
}

/* Asserts that the pieces come in this order. */
static void assert_order(const char *text, const char *const *pieces, size_t count)
{
	size_t from = 0;

	for (size_t i = 0; i < count; i++) {
		size_t found = ed_str_find(ed_str_from(text), ed_str_from(pieces[i]), from);

		ck_assert_msg(found != SIZE_MAX, "no '%s' in its place:\n%s", pieces[i], text);
		from = found + 1;
	}
}

START_TEST(text_says_it_in_order)
{
	static const char *const order[] = {
		"BLOCKED: BitLocker is on",
		"bitlocker-restart-pending, confirmed, as of 2026-09-14 08:42:07 UTC",
		"08:00:01",
		"[e1: System 12, record 63]",
		"08:01:01",
		"(inferred)",
		"Do ",
		"Restart the device",
		"1. Press the power button",
		"2. Wait",
		"Who       technician",
		"Cost: About three minutes",
		"Or else   Look the denial up in the sign-in log (admin)",
		"Missing   the sign-in log",
		"Page      account-setup; 17 of 60 minutes left, until 09:00:00 UTC",
		"Store     9 attempts, all failed, every 3 min; AADSTS53000 x9; next 08:43:00",
		"Application damaged (chunk 3: checksum mismatch)",
		"More      --verbose, --format json; 2400 records of 2 sources in evidence.z",
	};
	struct full f;
	struct ed_buf buf;

	ed_buf_init(&buf, ED_MIB);
	full_init(&f, 3);
	render(&f.verdict, (struct ed_report_options){ 0 }, false, &buf);
	assert_frame(buf.p, LINES);
	assert_order(buf.p, order, ED_COUNT(order));
	ed_buf_release(&buf);
}
END_TEST

START_TEST(text_of_a_long_chain_fits)
{
	struct full f;
	struct ed_buf buf;

	ed_buf_init(&buf, ED_MIB);
	full_init(&f, ED_COUNT(f.chain));
	render(&f.verdict, (struct ed_report_options){ 0 }, false, &buf);
	assert_frame(buf.p, LINES);
	/* the last link, the effect, is never the one left out */
	ck_assert_ptr_nonnull(strstr(buf.p, "08:06:01"));
	f.chain[0].at = AT(0, 0, 0) - ED_TICKS_PER_SECOND;
	render(&f.verdict, (struct ed_report_options){ 0 }, false, &buf);
	assert_frame(buf.p, LINES);
	ck_assert_ptr_nonnull(strstr(buf.p, "2026-09-13 23:59:59"));
	render(&f.verdict, (struct ed_report_options){ .verbose = true }, false, &buf);
	assert_frame(buf.p, 200);
	ck_assert_ptr_nonnull(strstr(buf.p, "Ruled out"));
	ck_assert_ptr_nonnull(strstr(buf.p, "Error Code = 2"));
	ed_buf_release(&buf);
}
END_TEST

START_TEST(text_of_a_cut_chain_ends_with_what_happened)
{
	struct full f;
	struct ed_buf buf;

	ed_buf_init(&buf, ED_MIB);
	full_init(&f, ED_COUNT(f.chain));
	/* the page waits: that is nothing that happened */
	f.chain[6].at = ED_TIME_NONE;
	f.chain[6].claim = ED_STR("The page waits.");
	render(&f.verdict, (struct ed_report_options){ 0 }, false, &buf);
	assert_frame(buf.p, LINES);
	ck_assert_ptr_nonnull(strstr(buf.p, "08:05:01"));
	ck_assert_ptr_null(strstr(buf.p, "The page waits."));
	ed_buf_release(&buf);
}
END_TEST

START_TEST(text_of_a_limit_over_a_clock_that_was_set)
{
	struct full f;
	struct ed_buf buf;

	ed_buf_init(&buf, ED_MIB);
	full_init(&f, 3);
	f.verdict.esp.minutes_left = ED_UNKNOWN;
	render(&f.verdict, (struct ed_report_options){ 0 }, false, &buf);
	ck_assert_ptr_nonnull(strstr(buf.p, "its limit is 60 minutes"));
	ck_assert_ptr_null(strstr(buf.p, "until 09:00:00 UTC"));
	ed_buf_release(&buf);
}
END_TEST

START_TEST(text_without_a_cause)
{
	static const char *const order[] = { "INCONCLUSIVE: no evidence could be read",
					     "possible, as of 2026-09-14 08:00:00 UTC",
					     "No evidence could be read.", "0 records" };
	struct ed_verdict v = verdict_empty();
	struct ed_buf buf;

	ed_buf_init(&buf, ED_MIB);
	for (int outcome = 0; outcome <= ED_OUTCOME_INCONCLUSIVE; outcome++) {
		v.outcome = (enum ed_outcome)outcome;
		render(&v, (struct ed_report_options){ 0 }, false, &buf);
		assert_frame(buf.p, LINES);
	}
	assert_order(buf.p, order, ED_COUNT(order));
	render(&v, (struct ed_report_options){ .verbose = true }, false, &buf);
	assert_frame(buf.p, 100);
	ed_buf_release(&buf);
}
END_TEST

START_TEST(text_colour_adds_nothing_else)
{
	struct full f;
	struct ed_buf plain, colored;
	size_t n = 0;

	ed_buf_init(&plain, ED_MIB);
	ed_buf_init(&colored, ED_MIB);
	full_init(&f, 3);
	render(&f.verdict, (struct ed_report_options){ .verbose = true }, false, &plain);
	render(&f.verdict, (struct ed_report_options){ .verbose = true, .color = true }, false,
	       &colored);
	ck_assert_ptr_nonnull(strstr(colored.p, "\x1b[1;31mBLOCKED\x1b[0m"));
	for (size_t i = 0; i < colored.len; i++) {
		if (colored.p[i] == '\x1b') {
			while (colored.p[i] != 'm')
				i++;
			continue;
		}
		colored.p[n++] = colored.p[i];
	}
	colored.p[n] = '\0';
	ck_assert_str_eq(colored.p, plain.p);
	ed_buf_release(&plain);
	ed_buf_release(&colored);
}
END_TEST

/* Long words, control characters, colours, right-to-left overrides, broken UTF-8. */
static const char *const hostile[] = {
	("\x1b[31mred\x1b]0;title\x07 \x9b"
	 "2J \xC2\x9B"
	 "2J \r\n\n\t tab"),
	("\xE2\x80\xAE"
	 "exe.gpj \xE2\x81\xA6 \xEF\xBB\xBF \xE2\x80\x8B"),
	"\xFF\xFE\xC3 \xE2\x80 \xF0\x9F\x98\x80 \x80\x80\x80\x80\x80\x80",
	"\xE2\x80\x9Cquoted\xE2\x80\x9D \xE2\x80\x93 \xE6\x97\xA5\xE6\x9C\xAC",
	"wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww",
};

START_TEST(hostile_text_stays_in_its_frame)
{
	struct ed_buf text, buf;
	struct ed_str bad, list[12];
	struct full f;
	char name[32];

	ed_buf_init(&text, ED_MIB);
	ed_buf_init(&buf, 64 * ED_MIB);
	for (int i = 0; i < 60; i++)
		ed_buf_printf(&text, "%s%s", hostile[_i], i % 7 ? "" : " ");
	bad = ed_buf_str(&text);
	for (size_t i = 0; i < ED_COUNT(list); i++)
		list[i] = bad;
	full_init(&f, ED_COUNT(f.chain));
	f.verdict.source = bad;
	f.finding.title = f.finding.because = bad;
	f.finding.missing = (struct ed_str_list){ list, ED_COUNT(list) };
	f.actions[0].title = f.actions[0].cost = f.actions[1].title = bad;
	f.actions[0].steps = (struct ed_str_list){ list, ED_COUNT(list) };
	f.coverage[1].source = f.coverage[1].why = f.proofs[0].source = f.proofs[2].source = bad;
	for (size_t i = 0; i < ED_COUNT(f.chain); i++)
		f.chain[i].claim = bad;
	f.boots[0].requested_by = bad;
	f.verdict.esp.timeout_minutes = INT64_MAX;
	f.verdict.esp.minutes_left = INT64_MAX;
	render(&f.verdict, (struct ed_report_options){ 0 }, false, &buf);
	assert_frame(buf.p, LINES);
	ck_assert_ptr_nonnull(strstr(buf.p, "..."));
	render(&f.verdict, (struct ed_report_options){ .verbose = true }, false, &buf);
	assert_frame(buf.p, SIZE_MAX);
	render(&f.verdict, (struct ed_report_options){ 0 }, true, &buf);
	snprintf(name, sizeof(name), "hostile-%d", _i);
	keep(name, &buf);
	ed_json_free(reparsed(&buf));
	ed_buf_release(&buf);
	ed_buf_release(&text);
}
END_TEST

START_TEST(reports_survive_lack_of_memory)
{
	struct full f;

	full_init(&f, 3);
	for (long n = 0; n < 12; n++) {
		struct ed_buf buf;

		for (int json = 0; json < 2; json++) {
			ed_buf_init(&buf, json ? ED_MIB : 1000);
			ed_alloc_fail_after(n);
			if (json)
				ed_report_json(&f.verdict, &(struct ed_report_options){ 0 }, &buf);
			else
				ed_report_text(&f.verdict, &(struct ed_report_options){ 0 }, &buf);
			ed_alloc_fail_after(-1);
			if (n < 2)
				ck_assert_int_eq(buf.status, ED_NOMEM);
			else if (!json)
				ck_assert_int_ne(buf.status, ED_OK);
			ed_buf_release(&buf);
		}
	}
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite = suite_create("report");
	TCase *json = tcase_create("json"), *text = tcase_create("text");
	SRunner *runner;
	int failed;

	out_folder = argc > 1 ? argv[1] : NULL;
	tcase_add_test(json, json_unknown_is_null);
	tcase_add_test(json, json_values);
	tcase_add_test(json, json_field_names_stay_apart);
	tcase_add_test(text, text_says_it_in_order);
	tcase_add_test(text, text_of_a_long_chain_fits);
	tcase_add_test(text, text_of_a_cut_chain_ends_with_what_happened);
	tcase_add_test(text, text_of_a_limit_over_a_clock_that_was_set);
	tcase_add_test(text, text_without_a_cause);
	tcase_add_test(text, text_colour_adds_nothing_else);
	tcase_add_loop_test(text, hostile_text_stays_in_its_frame, 0, (int)ED_COUNT(hostile));
	tcase_add_test(text, reports_survive_lack_of_memory);
	tcase_set_timeout(text, 60);
	suite_add_tcase(suite, json);
	suite_add_tcase(suite, text);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

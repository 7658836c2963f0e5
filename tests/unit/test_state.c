/* SPDX-License-Identifier: MIT */
/* The JSON forms of a bundle: what was written is read again, and a boot log in JSON gives the
 * facts that the raw log gives, damaged or not. */
#include "espdiag/collectors/state.h"

#include "espdiag/collectors/tcglog.h"
#include "reader_run.h"
#include "tcg_build.h"

static struct ed_buf made;

static void setup(void)
{
	ed_buf_init(&made, 32 * ED_MIB);
}

static void teardown(void)
{
	ed_buf_release(&made);
}

static void assert_fact(const struct reader_run *run, size_t i, const char *path, const char *name,
			const char *text, const char *number)
{
	const struct ed_fact *f = reader_fact(run, i);
	char decimal[24] = "none";

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(f->kind, ED_FACT_STATE);
	ck_assert(f->time == ED_TIME_NONE);
	ck_assert_msg(ed_str_eq(f->path, ed_str_from(path)), "path %.*s", ED_FMT(f->path));
	ck_assert_msg(ed_str_eq(f->name, ed_str_from(name)), "name %.*s", ED_FMT(f->name));
	if (text)
		ck_assert_msg(ed_str_eq(f->text, ed_str_from(text)), "text %.*s", ED_FMT(f->text));
	else
		ck_assert_ptr_null(f->text.p);
	if (f->has_number)
		snprintf(decimal, sizeof(decimal), "%lld", (long long)f->number);
	ck_assert_str_eq(decimal, number);
}

static void read_text(struct reader_run *run, const struct ed_reader *reader, const char *text)
{
	reader_run(run, reader, "x.json", text, strlen(text));
}

START_TEST(rows_come_back_as_facts)
{
	struct ed_state_writer w;
	struct reader_run run;

	ed_state_begin(&w, &made, "volume");
	ed_state_number(&w, ED_STR("C:"), "ProtectionStatus", 1);
	ed_state_number(&w, ED_STR("C:"), "Signed", -5);
	ed_state_text(&w, ED_STR("C:"), "Method", ED_STR("a \"quoted\"\n\xC3\xA4 text"));
	ed_state_text(&w, ED_STR("C:"), "Empty", ED_STR(""));
	ed_state_bool(&w, ED_STR("D:"), "Locked", true);
	ed_state_bool(&w, ED_STR("D:"), "Auto", false);
	ed_state_null(&w, ED_STR(""), "Unknown");
	ed_state_end(&w);
	ck_assert_int_eq(made.status, ED_OK);
	ck_assert(ed_str_ends(ed_buf_str(&made), ED_STR("\n")));
	ck_assert_int_eq(reader_probe(&ed_reader_state, made.p, made.len), 95);
	reader_run(&run, &ed_reader_state, "state/volume.json", made.p, made.len);
	ck_assert_int_eq(run.status, ED_OK);
	ck_assert_uint_eq(run.evidence.fact_count, 7);
	assert_fact(&run, 0, "volume/C:", "ProtectionStatus", "1", "1");
	assert_fact(&run, 1, "volume/C:", "Signed", "-5", "-5");
	assert_fact(&run, 2, "volume/C:", "Method", "a \"quoted\"\n\xC3\xA4 text", "none");
	assert_fact(&run, 3, "volume/C:", "Empty", "", "none");
	assert_fact(&run, 4, "volume/D:", "Locked", "true", "1");
	assert_fact(&run, 5, "volume/D:", "Auto", "false", "0");
	assert_fact(&run, 6, "volume", "Unknown", NULL, "none");
	ck_assert_int_eq(reader_row(&run)->state, ED_STATE_READ);
	reader_run_release(&run);
	reader_check_memory(&ed_reader_state, made.p, made.len);
}
END_TEST

START_TEST(a_full_buffer_sticks)
{
	struct ed_state_writer w;
	struct ed_buf small;

	ed_buf_init(&small, 60);
	ed_state_begin(&w, &small, "tpm");
	for (int i = 0; i < 10; i++)
		ed_state_number(&w, ED_STR("x"), "n", i);
	ed_state_end(&w);
	ck_assert_int_eq(small.status, ED_LIMIT);
	ed_buf_release(&small);
}
END_TEST

START_TEST(a_bad_row_costs_itself)
{
	struct reader_run run;

	read_text(&run, &ed_reader_state,
		  "{\"schema\":\"espdiag.state/1\",\"area\":\"tpm\",\"rows\":["
		  "{\"path\":\"p\",\"name\":\"a\",\"value\":1},"
		  "7,{},{\"name\":\"b\"},{\"name\":\"c\",\"value\":1.5},{\"name\":\"d\",\"value\":["
		  "]},"
		  "{\"name\":\"e\",\"value\":{}},{\"path\":5,\"name\":\"f\\u0007\\u0000\","
		  "\"value\":\"\\u0001\"}]}");
	ck_assert_int_eq(run.status, ED_OK);
	ck_assert_uint_eq(run.evidence.fact_count, 2);
	assert_fact(&run, 0, "tpm/p", "a", "1", "1");
	assert_fact(&run, 1, "tpm", "f\xEF\xBF\xBD\xEF\xBF\xBD", "\xEF\xBF\xBD", "none");
	ck_assert_int_eq(reader_row(&run)->state, ED_STATE_DAMAGED);
	ck_assert_uint_eq(reader_row(&run)->lost, 6);
	reader_check_texts(&run);
	reader_run_release(&run);
}
END_TEST

/* Whole documents that cannot be used. */
static const struct {
	const struct ed_reader *reader;
	const char *text;
} unusable[] = {
	{ &ed_reader_state, "{\"schema\":\"espdiag.state/1\",\"area\":\"tpm\"}" },
	{ &ed_reader_state, "{\"schema\":\"espdiag.state/1\",\"rows\":[]}" },
	{ &ed_reader_state, "{\"schema\":\"espdiag.state/1\",\"area\":\"a\",\"rows\":{}}" },
	{ &ed_reader_state, "{\"schema\":\"espdiag.state/2\",\"area\":\"a\",\"rows\":[]}" },
	{ &ed_reader_state, "{\"schema\":\"espdiag.state/1\"" },
	{ &ed_reader_state, "" },
	{ &ed_reader_bootlog, "{\"schema\":\"espdiag.bootlog/1\",\"records\":[]}" },
	{ &ed_reader_bootlog, "{\"schema\":\"espdiag.bootlog/1\",\"events\":1}" },
	{ &ed_reader_bootlog, "{\"schema\":\"espdiag.bootlog/1\",\"events\":-1,\"records\":[]}" },
	{ &ed_reader_run, "[\"espdiag.run/1\"]" },
};

START_TEST(an_unusable_document_is_told)
{
	struct reader_run run;

	read_text(&run, unusable[_i].reader, unusable[_i].text);
	ck_assert_msg(run.status == ED_FORMAT, "%s", unusable[_i].text);
	ck_assert_uint_eq(run.evidence.fact_count, 0);
	ck_assert_uint_gt(strlen(run.err.text), 0);
	reader_run_release(&run);
}
END_TEST

START_TEST(told_by_the_schema_alone)
{
	static const struct {
		const char *text;
		int state, bootlog, run;
	} cases[] = {
		{ "{\"schema\": \"espdiag.state/1\"}", 95, 0, 0 },
		{ "\xEF\xBB\xBF \n{ \"rows\": [], \"schema\":\"espdiag.bootlog/1\" }", 0, 95, 0 },
		{ "{\"schema\":\"espdiag.run/1\"", 0, 0, 95 },
		{ "{\"schema\":\"espdiag.run/10\"}", 0, 0, 0 },
		{ "{\"schema\":\"xespdiag.run/1\"}", 0, 0, 0 },
		{ "{\"schema\":\"espdiag.verdict/1\"}", 0, 0, 0 },
		{ "<Events>\"espdiag.run/1\"</Events>", 0, 0, 0 },
		{ "espdiag.run/1", 0, 0, 0 },
		{ "{", 0, 0, 0 },
	};

	for (size_t i = 0; i < ED_COUNT(cases); i++) {
		const char *text = cases[i].text;

		ck_assert_int_eq(reader_probe(&ed_reader_state, text, strlen(text)),
				 cases[i].state);
		ck_assert_int_eq(reader_probe(&ed_reader_bootlog, text, strlen(text)),
				 cases[i].bootlog);
		ck_assert_int_eq(reader_probe(&ed_reader_run, text, strlen(text)), cases[i].run);
	}
}
END_TEST

static bool same_fact(const struct ed_fact *a, const struct ed_fact *b)
{
	return a->kind == b->kind && a->has_number == b->has_number && a->number == b->number &&
	       a->time == b->time && ed_str_eq(a->path, b->path) && ed_str_eq(a->name, b->name) &&
	       ed_str_eq(a->text, b->text);
}

/* The raw log gives the facts that its JSON gives, in the same order, and the same loss. */
static void assert_same(struct ed_str log, const char *what)
{
	struct reader_run raw, json;
	struct ed_error err = { 0 };
	ed_status status;

	reader_run(&raw, &ed_reader_tcglog, "x.log", log.p, log.len);
	ed_buf_clear(&made);
	status = ed_bootlog_write(ED_STR("0000000042-0000000000.log"), log, &made, &err);
	ck_assert_msg(status == raw.status, "%s: %d, the raw log %d", what, status, raw.status);
	if (status != ED_OK) {
		ck_assert_uint_eq(made.len, 0);
		ck_assert_uint_gt(strlen(err.text), 0);
		reader_run_release(&raw);
		return;
	}
	ck_assert_int_eq(reader_probe(&ed_reader_bootlog, made.p, made.len), 95);
	reader_run(&json, &ed_reader_bootlog, "x.log", made.p, made.len);
	ck_assert_msg(json.status == ED_OK, "%s: %s", what, json.err.text);
	ck_assert_msg(json.evidence.fact_count == raw.evidence.fact_count, "%s: %zu facts of %zu",
		      what, json.evidence.fact_count, raw.evidence.fact_count);
	for (size_t i = 0; i < raw.evidence.fact_count; i++)
		ck_assert_msg(same_fact(reader_fact(&raw, i), reader_fact(&json, i)),
			      "%s: fact %zu differs", what, i);
	ck_assert_int_eq(reader_row(&raw)->state, reader_row(&json)->state);
	ck_assert(reader_row(&raw)->lost == reader_row(&json)->lost);
	ck_assert(ed_str_eq(reader_row(&raw)->why, reader_row(&json)->why));
	reader_run_release(&raw);
	reader_run_release(&json);
}

START_TEST(a_boot_log_gives_the_same_facts)
{
	for (uint32_t unlock = 0; unlock < 5; unlock++) {
		struct tcg_boot boot = { .boot_counter = unlock ? 40 + unlock : UINT64_MAX,
					 .event_counter = UINT64_C(1) << (62 + unlock % 2),
					 .unlock = unlock,
					 .no_unlock = unlock == 3,
					 .sha1_only = unlock == 4 };
		struct ed_buf log;

		ed_buf_init(&log, ED_MIB);
		tcg_build_boot(&log, &boot);
		assert_same(ed_buf_str(&log), "a start");
		ed_buf_release(&log);
	}
}
END_TEST

/* Texts, binary, a number of no width, a record of a wrong size, deep containers. */
START_TEST(all_kinds_of_records_give_the_same_facts)
{
	static const char text[] = "C\0:\0\"\0\\\0\x07\0\x3D\xD8\x00\xDE\x00\xD8";
	struct tcg_build b;
	struct ed_buf sipa;

	tcg_build_init(&b, false);
	ed_buf_init(&sipa, ED_MIB);
	tcg_build_sipa_number(&sipa, TCG_SIPA_BOOT_COUNTER, UINT64_C(1) << 63, 8);
	tcg_build_sipa(&sipa, 0x00050009, text, sizeof(text) - 1);
	tcg_build_sipa(&sipa, 0x00030001, "\x01\xFE\x80", 3);
	tcg_build_sipa(&sipa, 0x00030003, "", 0);
	tcg_build_sipa(&sipa, TCG_SIPA_TEST_SIGNING, "\x01\x02\x03", 3);
	tcg_build_sipa(&sipa, TCG_SIPA_BITLOCKER_UNLOCK, "\x01\x02", 2);
	tcg_build_sipa(&sipa, 0x00099999, "?", 1);
	tcg_build_event(&b, 12, TCG_EV_EVENT_TAG, sipa.p, sipa.len);
	assert_same(tcg_build_finish(&b), "all kinds");
	ck_assert(ed_str_find(ed_buf_str(&made), ED_STR("\"number\": true"), 0) != SIZE_MAX);
	ck_assert(ed_str_find(ed_buf_str(&made), ED_STR("\"gap\""), 0) != SIZE_MAX);
	tcg_build_release(&b);
	ed_buf_release(&sipa);
}
END_TEST

START_TEST(a_damaged_log_gives_the_same_facts)
{
	struct tcg_boot boot = { .boot_counter = 42, .event_counter = 9, .unlock = 4 };
	struct ed_buf log;

	ed_buf_init(&log, ED_MIB);
	tcg_build_boot(&log, &boot);
	for (size_t cut = 0; cut < log.len; cut++)
		assert_same(ed_str_slice(ed_buf_str(&log), 0, cut), "cut");
	for (size_t i = 0; i < log.len; i++) {
		log.p[i] = (char)(log.p[i] ^ 0x55);
		assert_same(ed_buf_str(&log), "changed");
		log.p[i] = (char)(log.p[i] ^ 0x55);
	}
	ed_buf_release(&log);
}
END_TEST

START_TEST(a_boot_log_needs_room)
{
	struct tcg_boot boot = { .boot_counter = 42, .event_counter = 9, .unlock = 4 };
	struct ed_error err = { 0 };
	struct ed_buf log, small;
	ed_status status = ED_NOMEM;

	ed_buf_init(&log, ED_MIB);
	tcg_build_boot(&log, &boot);
	ed_buf_init(&small, 50);
	ck_assert_int_eq(ed_bootlog_write(ED_STR("current"), ed_buf_str(&log), &small, &err),
			 ED_LIMIT);
	ck_assert_uint_eq(err.status, ED_LIMIT);
	ed_buf_release(&small);
	for (long n = 0; status != ED_OK; n++) {
		ed_buf_release(&made);
		ed_alloc_fail_after(n);
		status = ed_bootlog_write(ED_STR("current"), ed_buf_str(&log), &made, &err);
		ed_alloc_fail_after(-1);
		ck_assert(status == ED_OK || status == ED_NOMEM);
		ck_assert_int_lt(n, 1000);
	}
	reader_check_memory(&ed_reader_bootlog, made.p, made.len);
	ed_buf_release(&log);
}
END_TEST

START_TEST(a_bad_boot_record_costs_itself)
{
	struct reader_run run;

	read_text(
		&run, &ed_reader_bootlog,
		"{\"schema\":\"espdiag.bootlog/1\",\"name\":\"current\",\"events\":3,\"records\":["
		"{\"name\":\"BootCounter\",\"value\":7},{\"name\":\"\",\"value\":7},"
		"{\"name\":\"BitlockerUnlock\",\"value\":-4},{\"value\":1},"
		"{\"name\":\"BitlockerUnlock\",\"value\":true},3,"
		"{\"name\":\"BitlockerUnlock\",\"value\":\"x\",\"number\":true}],"
		"\"gap\":{\"state\":\"nonsense\",\"why\":\"because\"}}");
	ck_assert_int_eq(run.status, ED_OK);
	ck_assert_uint_eq(run.evidence.fact_count, 2);
	ck_assert(ed_str_eq(reader_fact(&run, 0)->name, ED_STR("Log")));
	ck_assert(ed_str_eq(reader_fact(&run, 0)->text, ED_STR("")));
	ck_assert(ed_str_eq(reader_fact(&run, 1)->text, ED_STR("7")));
	ck_assert_int_eq(reader_row(&run)->state, ED_STATE_DAMAGED);
	ck_assert(reader_row(&run)->lost == ED_LOST_UNKNOWN);
	ck_assert(ed_str_eq(reader_row(&run)->why, ED_STR("because")));
	reader_run_release(&run);
}
END_TEST

static const struct ed_coverage *row_of(const struct reader_run *run, const char *source)
{
	for (size_t i = 0; i < run->evidence.coverage_count; i++)
		if (ed_str_eq(run->evidence.coverage[i].source, ed_str_from(source)))
			return &run->evidence.coverage[i];
	ck_abort_msg("no row of %s", source);
	return NULL;
}

START_TEST(what_a_run_lacks_are_gaps)
{
	static const char text[] =
		"{\"schema\":\"espdiag.run/1\",\"evaluated_at\":\"2026-09-14T08:42:07Z\","
		"\"tool\":{\"version\":\"0.1.0\"},\"rights\":\"user\",\"coverage\":["
		"{\"source\":\"Chan/"
		"Op\",\"channel\":true,\"state\":\"denied\",\"lost\":null,\"why\":\"no\"},"
		"{\"source\":\"Win32_Tpm\",\"channel\":false,\"state\":\"timed-out\",\"lost\":3},"
		"{\"source\":\"HKLM\",\"state\":\"absent\"},"
		"{\"source\":\"HKLM\",\"state\":\"gone\"},{\"state\":\"absent\"},1]}";
	const struct ed_coverage *row;
	struct reader_run run;

	read_text(&run, &ed_reader_run, text);
	ck_assert_int_eq(run.status, ED_OK);
	ck_assert_uint_eq(run.evidence.fact_count, 3);
	assert_fact(&run, 1, "run", "evaluated_at", "2026-09-14T08:42:07Z", "none");
	assert_fact(&run, 2, "run", "rights", "user", "none");
	row = row_of(&run, "Chan/Op");
	ck_assert(row->is_channel && row->state == ED_STATE_DENIED);
	ck_assert(row->lost == ED_LOST_UNKNOWN && ed_str_eq(row->why, ED_STR("no")));
	row = row_of(&run, "Win32_Tpm");
	ck_assert(!row->is_channel && row->state == ED_STATE_TIMED_OUT && row->lost == 3);
	row = row_of(&run, "HKLM");
	ck_assert(!row->is_channel && row->state == ED_STATE_ABSENT && row->lost == 0);
	row = row_of(&run, "x.json");
	ck_assert(row->state == ED_STATE_DAMAGED && row->lost == 3);
	ck_assert_uint_eq(run.evidence.coverage_count, 4);
	reader_run_release(&run);
	reader_check_memory(&ed_reader_run, text, sizeof(text) - 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("state");
	TCase *tc = tcase_create("state");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, rows_come_back_as_facts);
	tcase_add_test(tc, a_full_buffer_sticks);
	tcase_add_test(tc, a_bad_row_costs_itself);
	tcase_add_loop_test(tc, an_unusable_document_is_told, 0, ED_COUNT(unusable));
	tcase_add_test(tc, told_by_the_schema_alone);
	tcase_add_test(tc, a_boot_log_gives_the_same_facts);
	tcase_add_test(tc, all_kinds_of_records_give_the_same_facts);
	tcase_add_test(tc, a_damaged_log_gives_the_same_facts);
	tcase_add_test(tc, a_boot_log_needs_room);
	tcase_add_test(tc, a_bad_boot_record_costs_itself);
	tcase_add_test(tc, what_a_run_lacks_are_gaps);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

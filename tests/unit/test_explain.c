/* SPDX-License-Identifier: MIT */
/*
 * Explaining ids: every way to write one, what wins when a number is several things, what is said
 * of an unknown one, and that no row of any table is without meaning, owner, next step and source.
 */
#include "espdiag/analyze/explain.h"

#include <check.h>

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/json/json.h"
#include "espdiag/report/explain.h"

#include "codes.h"
#include "finding.h"

static struct ed_arena arena;
static struct ed_explanations found;
static struct ed_error err;

static void setup(void)
{
	ed_arena_init(&arena, ED_MIB);
	found = (struct ed_explanations){ .count = 0 };
	err = (struct ed_error){ .status = ED_OK };
}

static void teardown(void)
{
	ed_alloc_fail_after(-1);
	ed_arena_release(&arena);
}

static void assert_str(struct ed_str s, const char *wanted)
{
	ck_assert_msg(ed_str_eq(s, ed_str_from(wanted)), "'%.*s' is not '%s'", ED_FMT(s), wanted);
}

static const struct ed_explanation *explain(const char *query)
{
	ck_assert_msg(ed_explain(&arena, ed_str_from(query), &found, &err) == ED_OK, "'%s': %s",
		      query, err.text);
	ck_assert_uint_ge(found.count, 1);
	for (size_t i = 0; i < found.count; i++) {
		ck_assert_msg(found.items[i].id.len && found.items[i].meaning.len, "'%s'", query);
		ck_assert_msg(found.items[i].source.len, "'%s' has no source", query);
	}
	return &found.items[0];
}

/* What people type, and the one id it stands for. */
static const struct {
	const char *query, *id;
	enum ed_explain_kind kind;
} asked[] = {
	{ "0x80073CF4", "0x80073CF4", ED_EXPLAIN_CODE },
	{ "0x80073cf4", "0x80073CF4", ED_EXPLAIN_CODE },
	{ "80073CF4", "0x80073CF4", ED_EXPLAIN_CODE },
	{ "0xFFFFFFFF80073CF4", "0x80073CF4", ED_EXPLAIN_CODE },
	{ "2147958004", "0x80073CF4", ED_EXPLAIN_CODE },
	{ "-2147009292", "0x80073CF4", ED_EXPLAIN_CODE },
	{ " -2147009292 ", "0x80073CF4", ED_EXPLAIN_CODE },
	{ "\xE2\x88\x92"
	  "2016345708",
	  "0x87D10194", ED_EXPLAIN_CODE },
	{ "-2016345708", "0x87D10194", ED_EXPLAIN_CODE },
	{ "3399614476", "0xCAA2000C", ED_EXPLAIN_CODE },
	{ "3399548929", "0xCAA10001", ED_EXPLAIN_CODE },
	{ "3400073217", "0xCAA90001", ED_EXPLAIN_CODE },
	{ "0", "0x00000000", ED_EXPLAIN_CODE },
	{ "0x0", "0x00000000", ED_EXPLAIN_CODE },
	{ "0x00000000", "0x00000000", ED_EXPLAIN_CODE },
	{ "s_ok", "0x00000000", ED_EXPLAIN_CODE },
	{ "0X80073CF4", "0x80073CF4", ED_EXPLAIN_CODE },
	{ "(0x80073CF4).", "0x80073CF4", ED_EXPLAIN_CODE },
	{ "#80073CF4", "0x80073CF4", ED_EXPLAIN_CODE },
	{ "Error: 0x80073CF4 (disk)", "0x80073CF4", ED_EXPLAIN_CODE },
	{ "HRESULT=80073CF4", "0x80073CF4", ED_EXPLAIN_CODE },
	{ "error 53000", "AADSTS53000", ED_EXPLAIN_AADSTS },
	{ "AADSTS 53000", "AADSTS53000", ED_EXPLAIN_AADSTS },
	{ "AADSTS:53000", "AADSTS53000", ED_EXPLAIN_AADSTS },
	{ "AADSTS53000: Device is not in required device state", "AADSTS53000", ED_EXPLAIN_AADSTS },
	{ "{\"error\":\"AADSTS53000\"}", "AADSTS53000", ED_EXPLAIN_AADSTS },
	{ "AAD 1098", "Microsoft-Windows-AAD/1098", ED_EXPLAIN_EVENT },
	{ "Microsoft-Windows-AAD/Operational 1098", "Microsoft-Windows-AAD/1098",
	  ED_EXPLAIN_EVENT },
	{ "AAD/Operational/1098", "Microsoft-Windows-AAD/1098", ED_EXPLAIN_EVENT },
	{ "Bitlocker_Restart_Pending", "bitlocker-restart-pending", ED_EXPLAIN_FINDING },
	{ "restart device", "restart-device", ED_EXPLAIN_ACTION },
	{ "80070005", "0x80070005", ED_EXPLAIN_CODE },
	{ "5", "0x80070005", ED_EXPLAIN_CODE },
	{ "112", "0x80070070", ED_EXPLAIN_CODE },
	{ "0x70", "0x80070070", ED_EXPLAIN_CODE },
	{ "ERROR_INSTALL_OUT_OF_DISK_SPACE", "0x80073CF4", ED_EXPLAIN_CODE },
	{ "fve_e_reboot_required", "0x8031004E", ED_EXPLAIN_CODE },
	{ "53000", "AADSTS53000", ED_EXPLAIN_AADSTS },
	{ "AADSTS53000", "AADSTS53000", ED_EXPLAIN_AADSTS },
	{ "aadsts530003", "AADSTS530003", ED_EXPLAIN_AADSTS },
	{ "530003", "AADSTS530003", ED_EXPLAIN_AADSTS },
	{ "Microsoft-Windows-Install-Agent/2008", "Microsoft-Windows-Install-Agent/2008",
	  ED_EXPLAIN_EVENT },
	{ "install-agent/2008", "Microsoft-Windows-Install-Agent/2008", ED_EXPLAIN_EVENT },
	{ "Store/8003", "Microsoft-Windows-Store/8003", ED_EXPLAIN_EVENT },
	{ "User Device Registration/302", "Microsoft-Windows-User Device Registration/302",
	  ED_EXPLAIN_EVENT },
	{ "UserDeviceRegistration/302", "Microsoft-Windows-User Device Registration/302",
	  ED_EXPLAIN_EVENT },
	{ "user32/1074", "User32/1074", ED_EXPLAIN_EVENT },
	{ "TPM/18", "TPM/18", ED_EXPLAIN_EVENT },
	{ "AAD/1098", "Microsoft-Windows-AAD/1098", ED_EXPLAIN_EVENT },
	{ "bitlocker-not-armed", "bitlocker-not-armed", ED_EXPLAIN_FINDING },
	{ "BitLocker-Restart-Pending", "bitlocker-restart-pending", ED_EXPLAIN_FINDING },
	{ "restart-device", "restart-device", ED_EXPLAIN_ACTION },
	{ "wait", "wait", ED_EXPLAIN_ACTION },
};

START_TEST(finds_every_spelling)
{
	const struct ed_explanation *e = explain(asked[_i].query);

	assert_str(e->id, asked[_i].id);
	ck_assert_msg(e->kind == asked[_i].kind, "'%s' is of the kind '%s'", asked[_i].query,
		      ed_explain_kind_word(e->kind));
	ck_assert_msg(found.count == 1, "'%s' is %zu things", asked[_i].query, found.count);
}
END_TEST

START_TEST(tells_all_of_a_code)
{
	const struct ed_explanation *e = explain("0x80073CF4");

	assert_str(e->name, "ERROR_INSTALL_OUT_OF_DISK_SPACE");
	ck_assert_str_eq(e->topic, "disk");
	ck_assert_str_eq(e->owner, "technician");
	ck_assert_int_eq(e->number, 0x80073CF4);
	ck_assert(ed_str_starts(e->source, ED_STR("winerror.h")));
	ck_assert_uint_ne(ed_str_find(e->meaning, ED_STR("disk space"), 0), SIZE_MAX);
	ck_assert_uint_ne(ed_str_find(e->next, ED_STR("Free"), 0), SIZE_MAX);
	ck_assert_ptr_null(e->severity);
	ck_assert_uint_eq(e->steps.count + e->actions.count, 0);

	/* a code that no header names */
	e = explain("0xCAA5001C");
	ck_assert_ptr_null(e->name.p);
	ck_assert_str_eq(e->topic, "sign-in");
}
END_TEST

START_TEST(tells_all_of_a_finding)
{
	const struct ed_explanation *e = explain("bitlocker-not-armed");

	ck_assert_str_eq(e->severity, "blocker");
	ck_assert_ptr_nonnull(e->owner);
	ck_assert_uint_gt(e->next.len, 0);
	ck_assert_uint_gt(e->actions.count, 0);
	ck_assert_int_eq(e->number, ED_UNKNOWN);
	ck_assert(ed_str_starts(e->source, ED_STR("espdiag's own rule; ")));
	for (size_t i = 0; i < e->actions.count; i++)
		ck_assert_uint_gt(e->actions.items[i].len, 0);
}
END_TEST

START_TEST(tells_all_of_an_action)
{
	const struct ed_explanation *e = explain("restart-device");

	ck_assert_uint_gt(e->steps.count, 1);
	ck_assert_uint_gt(e->cost.len, 0);
	ck_assert_ptr_null(e->next.p);
	ck_assert_str_eq(e->owner, "technician");
}
END_TEST

START_TEST(tells_all_of_an_event)
{
	const struct ed_explanation *e = explain("BitLocker-API/768");

	assert_str(e->channel, "Microsoft-Windows-BitLocker/BitLocker Management");
	assert_str(e->source, "the provider's manifest; seen in a real log");
	ck_assert_ptr_null(e->owner);
	ck_assert_int_eq(e->number, 768);
}
END_TEST

/* 16000 would also be a Win32 error if there were a row: what is both is told as both. */
START_TEST(prefers_the_sign_in_service)
{
	const struct ed_explanation *e = explain("50000");

	ck_assert_int_eq(e->kind, ED_EXPLAIN_AADSTS);
	/* in hex it cannot be the sign-in service's */
	ck_assert_int_eq(ed_explain(&arena, ED_STR("0xC350"), &found, &err), ED_ARG);
}
END_TEST

static const struct {
	const char *query, *nearest;
} unknown[] = {
	{ "0x80073CE0", "'0x80073CF0'" },
	{ "0x8031FFFF", "'0x803100E1'" },
	{ "8031FFFF", "'0x803100E1'" },
	{ "-2147009291000", "not known" },
	{ "4", "'0x80070003'" },
	{ "53005", "'AADSTS53004'" },
	{ "AADSTS53005", "'AADSTS53004'" },
	{ "AADSTS", "'AADSTS16000'" },
	{ "AADSTSx", "'AADSTS16000'" },
	{ "AADSTS53005x", "'AADSTS16000'" },
	{ "AADSTS-53005", "'AADSTS53004'" },
	{ "1098", "'Microsoft-Windows-AAD/1098'" },
	{ "Event ID 1098", "'Microsoft-Windows-AAD/1098'" },
	{ "restart-pending", "'bitlocker-restart-pending'" },
	{ "a code 0x80073CE0 of none", "not known" },
	{ "...", "nothing to explain" },
	{ "Install-Agent/2009", "'Microsoft-Windows-Install-Agent/2008'" },
	{ "Instal-Agent/2008", "'Microsoft-Windows-Install-Agent/2008'" },
	{ "Install-Agent/x", "not known" },
	{ "/2008", "not known" },
	{ "Install-Agent/", "not known" },
	{ "bitlocker-not-aremd", "'bitlocker-not-armed'" },
	{ "restart-devise", "'restart-device'" },
	{ "FVE_E_REBOT_REQUIRED", "'FVE_E_REBOOT_REQUIRED'" },
	{ "", "nothing to explain" },
	{ "  ", "nothing to explain" },
	{ "\xE2\x88\x92", "not known" },
	{ "line\nbreak", "'line?break'" },
};

START_TEST(names_the_nearest)
{
	found.count = 7;
	ck_assert_msg(ed_explain(&arena, ed_str_from(unknown[_i].query), &found, &err) == ED_ARG,
		      "'%s' is known", unknown[_i].query);
	ck_assert_msg(strstr(err.text, unknown[_i].nearest) != NULL, "'%s': %s", unknown[_i].query,
		      err.text);
	ck_assert_uint_eq(found.count, 7);
}
END_TEST

/* A query is what somebody pasted: it may be anything, and the answer stays one short line. */
START_TEST(survives_a_long_query)
{
	char query[4096];

	for (size_t cut = 1; cut <= sizeof(query); cut = cut * 4 + 1) {
		for (size_t i = 0; i < sizeof(query); i++)
			query[i] = "\xC3\xA4"[i % 2];
		ck_assert_int_eq(ed_explain(&arena, (struct ed_str){ query, cut }, &found, &err),
				 ED_ARG);
		memset(query, '9', sizeof(query));
		ck_assert_int_eq(ed_explain(&arena, (struct ed_str){ query, cut }, &found, &err),
				 ED_ARG);
		memset(query, '/', sizeof(query));
		ck_assert_int_eq(ed_explain(&arena, (struct ed_str){ query, cut }, &found, &err),
				 ED_ARG);
		ck_assert_ptr_null(strchr(err.text, '\n'));
	}
	memset(query, 'a', sizeof(query));
	memcpy(query + 95, "\xE2\x88\x92", 3);
	ck_assert_int_eq(ed_explain(&arena, (struct ed_str){ query, sizeof(query) }, &found, &err),
			 ED_ARG);
	ck_assert_ptr_nonnull(strstr(err.text, "aaa' is not known"));
}
END_TEST

static const char *const hungry[] = { "0x80073CF4",
				      "53000",
				      "Install-Agent/2008",
				      "bitlocker-not-armed",
				      "restart-device",
				      "0x80073CE0",
				      ("\xE2\x88\x92"
				       "2016345708") };

/* Each allocation in turn fails: never a result, never a crash. */
START_TEST(says_when_memory_is_out)
{
	bool done = false;

	for (long n = 0; n < 100 && !done; n++) {
		ed_status status;

		ed_arena_release(&arena);
		ed_arena_init(&arena, ED_MIB);
		found.count = 7;
		ed_alloc_fail_after(n);
		status = ed_explain(&arena, ed_str_from(hungry[_i]), &found, &err);
		ed_alloc_fail_after(-1);
		done = status != ED_NOMEM;
		if (!done)
			ck_assert_uint_eq(found.count, 7);
		else
			ck_assert_msg(n > 0, "'%s' needs no memory", hungry[_i]);
	}
	ck_assert(done);
}
END_TEST

static void assert_text(const char *text, unsigned long long id)
{
	ck_assert_msg(text && text[0], "row %llX has an empty text", id);
}

START_TEST(every_code_is_whole_and_found)
{
	ck_assert_uint_gt(code_row_count, 500);
	for (size_t i = 0; i < code_row_count; i++) {
		const struct code_row *row = &code_rows[i];

		assert_text(row->meaning, row->value);
		assert_text(row->next, row->value);
		assert_text(row->source, row->value);
		assert_text(code_class_word(row->class), row->value);
		assert_text(ed_owner_word(row->owner), row->value);
		ck_assert(!i || code_rows[i - 1].value < row->value);
		ck_assert_ptr_eq(code_find(row->value), row);
	}
	ck_assert_ptr_null(code_find(1));
	ck_assert_ptr_null(code_find(UINT32_MAX));
}
END_TEST

START_TEST(every_sign_in_error_is_whole_and_found)
{
	for (size_t i = 0; i < aadsts_row_count; i++) {
		const struct aadsts_row *row = &aadsts_rows[i];

		assert_text(row->meaning, row->number);
		assert_text(row->next, row->number);
		assert_text(row->source, row->number);
		ck_assert(!i || aadsts_rows[i - 1].number < row->number);
		ck_assert_ptr_eq(aadsts_find(row->number), row);
	}
	ck_assert_ptr_null(aadsts_find(5300));
}
END_TEST

/* Every finding can be explained, and every action it names. */
START_TEST(every_finding_is_explained)
{
	const struct finding_row *rows = finding_tables[_i].rows;

	for (size_t i = 0; i < *finding_tables[_i].count; i++) {
		ck_assert_int_eq(explain(rows[i].id)->kind, ED_EXPLAIN_FINDING);
		for (size_t j = 0; rows[i].actions[j]; j++)
			ck_assert_int_eq(explain(rows[i].actions[j])->kind, ED_EXPLAIN_ACTION);
	}
}
END_TEST

/* Every event that a rule uses, by the name that a verdict prints. */
static const struct {
	const char *provider;
	unsigned id;
} used[] = {
#define EVENT(key, provider, id, channel, meaning, confidence) { provider, id },
#include "events.def"
#undef EVENT
};

START_TEST(every_event_of_a_rule_is_explained)
{
	for (size_t i = 0; i < ED_COUNT(used); i++) {
		char query[128];

		snprintf(query, sizeof(query), "%s/%u", used[i].provider, used[i].id);
		assert_str(explain(query)->id, query);
	}
}
END_TEST

/* Codes whose class decides what a finding says; each was a trap of other tools' tables. */
static const struct {
	uint32_t value;
	enum code_class class;
} classes[] = {
	{ 0x80073CF4, CODE_DISK },       { 0x80073CF6, CODE_PACKAGE },
	{ 0x80073CF9, CODE_PACKAGE },    { 0x80073CFD, CODE_PACKAGE },
	{ 0x80073CFF, CODE_POLICY },     { 0x80073D01, CODE_POLICY },
	{ 0x80073D02, CODE_PACKAGE },    { 0x80073D06, CODE_PACKAGE },
	{ 0x80073D0A, CODE_SERVICE },    { 0x80072EE7, CODE_NETWORK },
	{ 0x80072EFD, CODE_NETWORK },    { 0x80072F8F, CODE_CLOCK },
	{ 0xCAA82F8F, CODE_CLOCK },      { 0xCAA82EE2, CODE_NETWORK },
	{ 0xCAA2000C, CODE_SIGN_IN },    { 0xCAA5001C, CODE_SIGN_IN },
	{ 0x803F8001, CODE_LICENSE },    { 0x80070422, CODE_SERVICE },
	{ 0x80180014, CODE_ENROLLMENT }, { 0x80180018, CODE_ENROLLMENT },
	{ 0x80070774, CODE_JOIN },       { 0x81039001, CODE_TPM },
	{ 0x8028400F, CODE_TPM },        { 0x80310061, CODE_BITLOCKER },
	{ 0x87D1041C, CODE_INTUNE },     { 0x8024500C, CODE_POLICY },
	{ 0x80004005, CODE_GENERAL },
};

START_TEST(classes_tell_the_trouble)
{
	const struct code_row *row = code_find(classes[_i].value);

	ck_assert_ptr_nonnull(row);
	ck_assert_msg(row->class == classes[_i].class, "0x%08X is '%s'",
		      (unsigned)classes[_i].value, code_class_word(row->class));
}
END_TEST

/* Frame of the console, and every line what it should be for one id of each kind. */
static const struct {
	const char *query, *lines[4];
} shown[] = {
	{ "-2147009292",
	  { "0x80073CF4 ERROR_INSTALL_OUT_OF_DISK_SPACE\n",
	    "Kind      code, disk; in decimal 2147958004 or -2147009292\n",
	    "Owner     technician\n", "Source    winerror.h" } },
	{ "0x4AA90008", { "Kind      code, sign-in; in decimal 1252589576\n" } },
	{ "53000",
	  { "AADSTS53000 DeviceNotCompliant\nKind      aadsts, sign-in\n", "Next      " } },
	{ "Install-Agent/2008",
	  { "Microsoft-Windows-Install-Agent/2008\nKind      event\n",
	    "Channel   Microsoft-Windows-Store/Operational\n" } },
	{ "bitlocker-not-armed", { "Kind      finding, blocker\n", "Actions   sign-in, " } },
	{ "restart-device", { "Kind      action\n", "Steps  1. ", "\n       2. ", "Cost      " } },
};

START_TEST(text_fits_the_console)
{
	struct ed_str rest, line;
	struct ed_buf out;

	ed_buf_init(&out, ED_MIB);
	explain(shown[_i].query);
	ed_report_explain_text(&found, &out);
	ck_assert_int_eq(out.status, ED_OK);
	for (size_t i = 0; i < ED_COUNT(shown[_i].lines) && shown[_i].lines[i]; i++)
		ck_assert_msg(strstr(out.p, shown[_i].lines[i]) != NULL, "no '%s' in\n%s",
			      shown[_i].lines[i], out.p);
	rest = ed_buf_str(&out);
	ck_assert(ed_str_ends(rest, ED_STR("\n")));
	while (ed_str_line(&rest, &line))
		ck_assert_msg(line.len && line.len <= 79, "%.*s", ED_FMT(line));
	ed_buf_release(&out);
}
END_TEST

/* Two meanings of one number stand below each other. */
START_TEST(text_tells_both)
{
	struct ed_buf out;

	ed_buf_init(&out, ED_MIB);
	explain("wait");
	found.items[1] = found.items[0];
	found.count = 2;
	ed_report_explain_text(&found, &out);
	ck_assert_ptr_nonnull(strstr(out.p, "\n\nwait\nKind      action\n"));
	ed_buf_release(&out);
}
END_TEST

START_TEST(json_has_every_key)
{
	static const char *const keys[] = { "kind",  "id",       "name",  "number",  "signed",
					    "topic", "severity", "owner", "channel", "meaning",
					    "next",  "actions",  "steps", "cost",    "source" };
	const struct ed_json *item;
	struct ed_json *root;
	struct ed_buf out;

	ed_buf_init(&out, ED_MIB);
	explain(shown[_i].query);
	ed_report_explain_json(&found, ed_str_from(shown[_i].query), _i % 2, &out);
	ck_assert_int_eq(out.status, ED_OK);
	ck_assert(ed_str_ends(ed_buf_str(&out), ED_STR("\n")));
	if (_i % 2)
		ck_assert_uint_eq(ed_str_find(ed_buf_str(&out), ED_STR("\n"), 0), out.len - 1);
	ck_assert_int_eq(ed_json_parse(ed_buf_str(&out), &root, &err), ED_OK);
	assert_str(ed_json_string(ed_json_get(root, "schema")), "espdiag.explain/1");
	assert_str(ed_json_string(ed_json_get(root, "query")), shown[_i].query);
	ck_assert_uint_eq(ed_json_count(ed_json_get(root, "explanations")), found.count);
	item = ed_json_at(ed_json_get(root, "explanations"), 0, NULL);
	ck_assert_uint_eq(ed_json_count(item), ED_COUNT(keys));
	for (size_t i = 0; i < ED_COUNT(keys); i++)
		ck_assert_ptr_nonnull(ed_json_get(item, keys[i]));
	ck_assert(ed_str_eq(ed_json_string(ed_json_get(item, "id")), found.items[0].id));
	if (found.items[0].number != ED_UNKNOWN)
		ck_assert_int_eq(ed_json_integer(ed_json_get(item, "number"), -1),
				 found.items[0].number);
	if (_i == 0)
		ck_assert_int_eq(ed_json_integer(ed_json_get(item, "signed"), 0), -2147009292);
	ck_assert_uint_eq(ed_json_count(ed_json_get(item, "steps")), found.items[0].steps.count);
	ed_json_free(root);
	ed_buf_release(&out);
}
END_TEST

START_TEST(reports_stop_at_a_limit)
{
	explain(shown[_i].query);
	for (size_t limit = 0; limit < 200; limit += 7) {
		struct ed_buf out;

		ed_buf_init(&out, limit);
		ed_report_explain_text(&found, &out);
		ck_assert(out.status != ED_OK || limit > 100);
		ed_buf_clear(&out);
		ed_report_explain_json(&found, ED_STR("x"), false, &out);
		ck_assert_int_ne(out.status, ED_OK);
		ed_buf_release(&out);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("explain");
	TCase *ids = tcase_create("ids"), *tables = tcase_create("tables");
	TCase *reports = tcase_create("reports");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(ids, setup, teardown);
	tcase_add_loop_test(ids, finds_every_spelling, 0, (int)ED_COUNT(asked));
	tcase_add_test(ids, tells_all_of_a_code);
	tcase_add_test(ids, tells_all_of_a_finding);
	tcase_add_test(ids, tells_all_of_an_action);
	tcase_add_test(ids, tells_all_of_an_event);
	tcase_add_test(ids, prefers_the_sign_in_service);
	tcase_add_loop_test(ids, names_the_nearest, 0, (int)ED_COUNT(unknown));
	tcase_add_test(ids, survives_a_long_query);
	tcase_add_loop_test(ids, says_when_memory_is_out, 0, (int)ED_COUNT(hungry));
	suite_add_tcase(suite, ids);
	tcase_add_checked_fixture(tables, setup, teardown);
	tcase_add_test(tables, every_code_is_whole_and_found);
	tcase_add_test(tables, every_sign_in_error_is_whole_and_found);
	tcase_add_loop_test(tables, every_finding_is_explained, 0, (int)finding_table_count);
	tcase_add_test(tables, every_event_of_a_rule_is_explained);
	tcase_add_loop_test(tables, classes_tell_the_trouble, 0, (int)ED_COUNT(classes));
	suite_add_tcase(suite, tables);
	tcase_add_checked_fixture(reports, setup, teardown);
	tcase_add_loop_test(reports, text_fits_the_console, 0, (int)ED_COUNT(shown));
	tcase_add_test(reports, text_tells_both);
	tcase_add_loop_test(reports, json_has_every_key, 0, (int)ED_COUNT(shown));
	tcase_add_loop_test(reports, reports_stop_at_a_limit, 0, (int)ED_COUNT(shown));
	suite_add_tcase(suite, reports);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

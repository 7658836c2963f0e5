/* SPDX-License-Identifier: MIT */
/* Secrets in foreign evidence are not shown. */
#include "guard.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"

#include <check.h>
#include <stdlib.h>

static struct ed_arena arena;
static struct ed_error err;

/* of two halves: nothing in the tree may look like a real one */
#define PASSWORD                                                                                   \
	"111111-222222-333333-444444-"                                                             \
	"555555-666666-000011-000022"

static struct ed_field with_secret[2], without[1];

static struct ed_verdict verdict_make(struct ed_proof proofs[2])
{
	with_secret[0] = (struct ed_field){ ED_STR("Error"), ED_STR("53000") };
	with_secret[1] =
		(struct ed_field){ ED_STR("Message"), ED_STR("the key " PASSWORD " was shown") };
	without[0] = (struct ed_field){ ED_STR("Message"), ED_STR("AADSTS53000") };
	proofs[0] = (struct ed_proof){ .source = ED_STR("a"),
				       .fields = with_secret,
				       .field_count = ED_COUNT(with_secret) };
	proofs[1] = (struct ed_proof){ .source = ED_STR("b"),
				       .fields = without,
				       .field_count = ED_COUNT(without) };
	return (struct ed_verdict){ .evidence = proofs, .evidence_count = 2 };
}

START_TEST(secrets_go_and_the_rest_stays)
{
	struct ed_proof proofs[2];
	struct ed_verdict verdict = verdict_make(proofs);

	ed_arena_init(&arena, ED_MIB);
	ck_assert_int_eq(ed_guard_verdict(&verdict, &arena, &err), ED_OK);
	ck_assert(ed_str_eq(verdict.evidence[0].fields[0].value, ED_STR("53000")));
	ck_assert_uint_eq(ed_str_find(verdict.evidence[0].fields[1].value, ED_STR("444444"), 0),
			  SIZE_MAX);
	ck_assert(ed_str_starts(verdict.evidence[0].fields[1].value, ED_STR("the key ")));
	/* what holds none is not even copied */
	ck_assert_ptr_eq(verdict.evidence[1].fields, without);
	/* and the evidence itself is as it was */
	ck_assert(ed_str_find(with_secret[1].value, ED_STR("444444"), 0) != SIZE_MAX);
	ed_arena_release(&arena);
}
END_TEST

/* What only its field or its event tells. */
START_TEST(secrets_by_their_name)
{
	struct ed_field fields[] = { { ED_STR("AuthToken"), ED_STR("plain words") },
				     { ED_STR("Server"), ED_STR("plain words") },
				     { ED_STR("ProxyPassword"), ED_STR("hunter2") } };
	struct ed_proof proof = { .source = ED_STR("a"),
				  .provider = ED_STR("Microsoft-Windows-User Device Registration"),
				  .event = 302,
				  .fields = fields,
				  .field_count = ED_COUNT(fields) };
	struct ed_verdict verdict = { .evidence = &proof, .evidence_count = 1 };

	ed_arena_init(&arena, ED_MIB);
	ck_assert_int_eq(ed_guard_verdict(&verdict, &arena, &err), ED_OK);
	ck_assert(ed_str_eq(verdict.evidence[0].fields[0].value, ED_STR("[secret]")));
	ck_assert(ed_str_eq(verdict.evidence[0].fields[1].value, ED_STR("plain words")));
	ck_assert(ed_str_eq(verdict.evidence[0].fields[2].value, ED_STR("[secret]")));
	ed_arena_release(&arena);
}
END_TEST

/* @_i: 0 standard, 1 strict. Names go, what is no name stays, and twice gives the same. */
START_TEST(names_become_pseudonyms)
{
	struct ed_field fields[] = { { ED_STR("param1"), ED_STR("shutdown.exe (LAPTOP-4711)") },
				     { ED_STR("UPN"), ED_STR("adele@contoso.example") },
				     { ED_STR("Error"), ED_STR("3399614476") } };
	struct ed_proof proof = { .source = ED_STR("HKLM\\X\\S-1-12-1-1-2-3-4"),
				  .fields = fields,
				  .field_count = ED_COUNT(fields) };
	struct ed_coverage rows[] = { { .source = ED_STR("A/B C"), .is_channel = true },
				      { .source = ED_STR("adele@contoso.example/x.reg") } };
	struct ed_stored_event event = { .event = { .computer = ED_STR("LAPTOP-4711") } };
	struct ed_evidence evidence = { .events = &event, .event_count = 1 };
	struct ed_str before = { NULL, 0 };

	ed_arena_init(&arena, ED_MIB);
	for (int time = 0; time < 2; time++) {
		struct ed_verdict v = { .source = ED_STR("a.zip"),
					.evidence = &proof,
					.evidence_count = 1,
					.coverage = rows,
					.coverage_count = ED_COUNT(rows) };
		const struct ed_field *shown;

		ck_assert_int_eq(ed_guard_names(&v, &evidence,
						_i ? ED_REDACT_STRICT : ED_REDACT_STANDARD, &arena,
						&err),
				 ED_OK);
		shown = v.evidence[0].fields;
		ck_assert_uint_eq(ed_str_find(shown[0].value, ED_STR("4711"), 0), SIZE_MAX);
		ck_assert_uint_eq(ed_str_find(shown[1].value, ED_STR("adele"), 0), SIZE_MAX);
		ck_assert(ed_str_eq(shown[2].value, ED_STR("3399614476")));
		ck_assert(ed_str_eq(shown[1].name, ED_STR("UPN")));
		ck_assert(!ed_str_eq(v.evidence[0].source, proof.source));
		ck_assert(ed_str_eq(v.coverage[0].source, rows[0].source));
		ck_assert_uint_eq(ed_str_find(v.coverage[1].source, ED_STR("adele"), 0), SIZE_MAX);
		ck_assert(!time || ed_str_eq(before, shown[1].value));
		before = shown[1].value;
	}
	ed_arena_release(&arena);
}
END_TEST

/* Wherever the verdict says what the evidence called something. */
START_TEST(secrets_in_names_go)
{
	const struct ed_str text = ED_STR("Setup /password=hunter22 it");
	struct ed_field fields[] = { { text, ED_STR("1") } };
	struct ed_proof proof = { .source = text, .fields = fields, .field_count = 1 };
	struct ed_coverage row = { .source = text, .is_channel = true, .why = text };
	struct ed_link link = { .claim = text };
	struct ed_finding finding = { .title = text, .because = text };
	struct ed_action action = { .steps = { &text, 1 } };
	struct ed_ruled_out out = { .because = text };
	struct ed_esp_app app = { .name = text };
	struct ed_product product = { .id = text, .family = text };
	struct ed_boot boot = { .requested_by = text };
	struct ed_mark mark = { .label = text };
	struct ed_verdict v = { .source = text,
				.summary = text,
				.evidence = &proof,
				.evidence_count = 1,
				.coverage = &row,
				.coverage_count = 1,
				.chain = &link,
				.chain_count = 1,
				.findings = &finding,
				.finding_count = 1,
				.actions = &action,
				.action_count = 1,
				.ruled_out = &out,
				.ruled_out_count = 1,
				.esp = { .apps = &app, .app_count = 1 },
				.store = { .products = &product, .product_count = 1 },
				.sign_in = { .client_id = text,
					     .resource_id = text,
					     .correlation_ids = { &text, 1 } },
				.boots = &boot,
				.boot_count = 1,
				.timeline = { .marks = &mark, .count = 1 } };

	ed_arena_init(&arena, ED_MIB);
	ck_assert_int_eq(ed_guard_verdict(&v, &arena, &err), ED_OK);
	{
		const struct ed_str shown[] = {
			v.source,
			v.summary,
			v.evidence[0].source,
			v.evidence[0].fields[0].name,
			v.coverage[0].source,
			v.coverage[0].why,
			v.chain[0].claim,
			v.findings[0].title,
			v.findings[0].because,
			v.actions[0].steps.items[0],
			v.ruled_out[0].because,
			v.esp.apps[0].name,
			v.store.products[0].id,
			v.store.products[0].family,
			v.sign_in.client_id,
			v.sign_in.resource_id,
			v.sign_in.correlation_ids.items[0],
			v.boots[0].requested_by,
			v.timeline.marks[0].label,
		};

		for (size_t i = 0; i < ED_COUNT(shown); i++)
			ck_assert_msg(ed_str_eq(shown[i], ED_STR("Setup /password=[secret] it")),
				      "%zu: %.*s", i, ED_FMT(shown[i]));
	}
	ed_arena_release(&arena);
}
END_TEST

/* Two fields of one name keep their values; our own words stay, the names in them do not. */
START_TEST(names_in_sentences_go)
{
	struct ed_field fields[] = { { ED_STR("Data"), ED_STR("one") },
				     { ED_STR("Data"), ED_STR("two") },
				     { ED_STR("UPN"), ED_STR("adele@contoso.example") } };
	struct ed_proof proof = { .source = ED_STR("x"),
				  .fields = fields,
				  .field_count = ED_COUNT(fields) };
	struct ed_link link = { .claim = ED_STR(
					"The page waits for an app of adele@contoso.example") };
	struct ed_evidence evidence = { .event_count = 0 };
	struct ed_verdict v = {
		.evidence = &proof, .evidence_count = 1, .chain = &link, .chain_count = 1
	};

	ed_arena_init(&arena, ED_MIB);
	ck_assert_int_eq(ed_guard_names(&v, &evidence, ED_REDACT_STRICT, &arena, &err), ED_OK);
	ck_assert(ed_str_eq(v.evidence[0].fields[0].value, ED_STR("one")));
	ck_assert(ed_str_eq(v.evidence[0].fields[1].value, ED_STR("two")));
	ck_assert(ed_str_starts(v.chain[0].claim, ED_STR("The page waits for an app of user-")));
	ed_arena_release(&arena);
}
END_TEST

START_TEST(no_evidence_is_no_fault)
{
	struct ed_verdict verdict = { .evidence_count = 0 };

	ed_arena_init(&arena, ED_MIB);
	ck_assert_int_eq(ed_guard_verdict(&verdict, &arena, &err), ED_OK);
	ed_arena_release(&arena);
}
END_TEST

START_TEST(without_memory_nothing_is_shown)
{
	struct ed_proof proofs[2];
	struct ed_verdict verdict = verdict_make(proofs);

	ed_arena_init(&arena, 64);
	ck_assert_int_eq(ed_guard_verdict(&verdict, &arena, &err), ED_NOMEM);
	ed_arena_release(&arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("guard");
	TCase *c = tcase_create("guard");
	SRunner *runner;
	int failed;

	tcase_add_test(c, secrets_go_and_the_rest_stays);
	tcase_add_test(c, secrets_by_their_name);
	tcase_add_loop_test(c, names_become_pseudonyms, 0, 2);
	tcase_add_test(c, secrets_in_names_go);
	tcase_add_test(c, names_in_sentences_go);
	tcase_add_test(c, no_evidence_is_no_fault);
	tcase_add_test(c, without_memory_nothing_is_shown);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

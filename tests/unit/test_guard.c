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
	tcase_add_test(c, no_evidence_is_no_fault);
	tcase_add_test(c, without_memory_nothing_is_shown);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/* The containers: what they take for theirs, and what reaches the visitor. */
#include "espdiag/collectors/archive.h"

#include <check.h>

#include "espdiag/base/limits.h"
#include "pack_build.h"

struct log_visitor {
	struct ed_visitor visitor; /* first */
	uint64_t left;
	char text[1024];
};

static void log_add(struct ed_visitor *visitor, const char *what, struct ed_str path,
		    unsigned long long n, struct ed_str why)
{
	struct log_visitor *v = (struct log_visitor *)(void *)visitor;
	size_t used = strlen(v->text);

	snprintf(v->text + used, sizeof(v->text) - used, "%s %.*s %llu %.*s\n", what, ED_FMT(path),
		 n, ED_FMT(why));
}

static ed_status log_member(struct ed_visitor *visitor, const struct ed_input *member,
			    struct ed_error *err)
{
	struct ed_str bytes = { member->bytes, (size_t)member->size };

	(void)err;
	log_add(visitor, "member", member->path, member->size, ed_str_slice(bytes, 0, 8));
	return ED_OK;
}

static ed_status log_lost(struct ed_visitor *visitor, struct ed_str path, const struct ed_gap *gap,
			  struct ed_error *err)
{
	static const char *const words[] = { [ED_STATE_DAMAGED] = "damaged",
					     [ED_STATE_TRUNCATED] = "truncated",
					     [ED_STATE_DENIED] = "denied" };

	(void)err;
	ck_assert_ptr_null(gap->channel.p);
	log_add(visitor, words[gap->state], path.p ? path : ED_STR("-"),
		gap->lost == ED_LOST_UNKNOWN ? 999 : gap->lost, gap->why);
	return ED_OK;
}

static bool log_want(struct ed_visitor *visitor, struct ed_str path, struct ed_str head)
{
	(void)visitor;
	(void)path;
	return !ed_str_starts(head, ED_STR("no"));
}

static struct log_visitor v;

static void setup(void)
{
	v = (struct log_visitor){ .visitor = { .member = log_member,
					       .lost = log_lost,
					       .want = log_want,
					       .unpacked_left = &v.left,
					       .member_limit = ED_LIMIT_MEMBER_BYTES },
				  .left = ED_LIMIT_UNPACKED_BYTES };
}

static const struct {
	const char *head;
	size_t len;
	int zip, cab;
} probes[] = {
	{ "PK\3\4rest", 8, 100, 0 }, { "PK\5\6", 4, 100, 0 }, { "PK\7\10PK\3\4", 8, 100, 0 },
	{ "PK\3", 3, 0, 0 },         { "PK\1\2", 4, 0, 0 },   { "MSCF", 4, 0, 100 },
	{ "MSC", 3, 0, 0 },          { "ElfFile", 8, 0, 0 },
};

START_TEST(content_decides)
{
	struct ed_str head = { probes[_i].head, probes[_i].len };

	ck_assert_int_eq(ed_container_zip.probe(head, ED_STR("x.cab")), probes[_i].zip);
	ck_assert_int_eq(ed_container_cab.probe(head, ED_STR("x.zip")), probes[_i].cab);
}
END_TEST

START_TEST(zip_reaches_the_visitor)
{
	struct pack_bytes bytes;
	struct pack_zip zip;
	struct ed_input input;

	pack_zip_begin(&zip);
	pack_zip_add(&zip, "a\\b", "yes", 3, 0);
	pack_zip_add(&zip, "unwanted", "no", 2, 0);
	pack_zip_add(&zip, "locked", "x", 1, PACK_ENCRYPTED);
	pack_zip_add(&zip, "wrong", "x", 1, PACK_BAD_CRC);
	bytes = pack_zip_end(&zip);
	ed_input_from_memory(&input, ED_STR("x"), bytes.p, bytes.len);
	ck_assert_int_eq(ed_container_zip.walk(&input, &v.visitor, NULL), ED_OK);
	ck_assert_ptr_nonnull(strstr(v.text, "member a/b 3 yes\ndenied locked 1 encrypted\n"
					     "damaged wrong 1 cannot be unpacked"));
	ck_assert_ptr_null(strstr(v.text, "unwanted"));
	setup();
	ed_input_from_memory(&input, ED_STR("x"), bytes.p, 20);
	ck_assert_int_eq(ed_container_zip.walk(&input, &v.visitor, NULL), ED_OK);
	ck_assert_str_eq(v.text,
			 "truncated - 999 cut short: the directory at its end is missing\n");
	free(bytes.p);
}
END_TEST

START_TEST(cab_reaches_the_visitor)
{
	static const struct pack_cab_member members[] = { { "a\\b", "yes", 3, 0, false },
							  { "unwanted", "no", 2, 0, false } };
	struct pack_bytes bytes = pack_cab_build(members, 2, PACK_CAB_LZX);
	struct ed_input input;

	ed_input_from_memory(&input, ED_STR("x"), bytes.p, bytes.len);
	ck_assert_int_eq(ed_container_cab.walk(&input, &v.visitor, NULL), ED_OK);
	ck_assert_str_eq(v.text, "member a/b 3 yes\n");
	ck_assert_uint_eq(v.left, ED_LIMIT_UNPACKED_BYTES - 5);
	free(bytes.p);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("archive");
	TCase *tc = tcase_create("archive");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_loop_test(tc, content_decides, 0, ED_COUNT(probes));
	tcase_add_test(tc, zip_reaches_the_visitor);
	tcase_add_test(tc, cab_reaches_the_visitor);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

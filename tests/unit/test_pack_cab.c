/* SPDX-License-Identifier: MIT */
/* Cab walks: every method, names, damage, limits. */
#include "espdiag/pack/pack.h"

#include <check.h>

#include "espdiag/base/crc.h"
#include "espdiag/base/limits.h"
#include "pack_seen.h"

static const enum pack_cab_method methods[] = { PACK_CAB_NONE, PACK_CAB_MSZIP, PACK_CAB_LZX };

static const struct pack_cab_member cab_members[] = {
	{ "one.evtx", big, 70000, 0, false },
	{ "sub\\two.reg", big, 33, 0, false },
	{ "empty", big, 0, 0, false },
	{ "..\\..\\three", big, 32768, 1, false },
	{ "gr\xfc\xdf"
	  "e",
	  big, 1, 2, false },
	{ "gr\xc3\xbc\xc3\x9f"
	  "e",
	  big, 2, 2, true },
};

START_TEST(cab_reads_every_method)
{
	pack_walk_whole(ed_pack_walk_cab,
			pack_cab_build(cab_members, ED_COUNT(cab_members), methods[_i]));
	ck_assert_uint_eq(seen.loss_count, 0);
	ck_assert_uint_eq(seen.member_count, 6);
	pack_assert_member(0, "one.evtx", big, 70000);
	pack_assert_member(1, "sub/two.reg", big, 33);
	pack_assert_member(2, "empty", big, 0);
	pack_assert_member(3, "three", big, 32768);
	pack_assert_member(4,
			   "gr\xc3\xbc\xc3\x9f"
			   "e",
			   big, 1);
	pack_assert_member(5,
			   "gr\xc3\xbc\xc3\x9f"
			   "e",
			   big, 2);
}
END_TEST

START_TEST(cab_unwanted_members_cost_only_themselves)
{
	static const struct pack_cab_member members[] = {
		{ "unwanted", big, 70000, 0, false },
		{ "wanted", big + 1, 40000, 0, false },
		{ "small", "x", 1, 0, false },
	};

	big[0] = 'z';
	seen.unwanted = "z";
	pack_walk_whole(ed_pack_walk_cab, pack_cab_build(members, ED_COUNT(members), methods[_i]));
	ck_assert_uint_eq(seen.loss_count, 0);
	ck_assert_uint_eq(seen.member_count, 2);
	pack_assert_member(0, "wanted", big + 1, 40000);
	pack_assert_member(1, "small", "x", 1);
}
END_TEST

START_TEST(cab_damage_costs_its_folder)
{
	static const struct pack_cab_member members[] = {
		{ "a", big, 40000, 0, false }, { "b", big, 40000, 0, false },
		{ "c", big, 40000, 0, false }, { "d", big, 50000, 1, false },
		{ "e", big, 10, 1, false },
	};
	struct pack_bytes bytes = pack_cab_build(members, ED_COUNT(members), methods[_i]);
	unsigned char *block = bytes.p + 36 + 2 * 8 + 5 * (16 + 2);

	block += 8 + (block[4] | block[5] << 8); /* the second block, where a ends and b begins */
	for (int i = 0; i < 40; i++)
		block[100 + i] = 0xff;
	pack_walk_whole(ed_pack_walk_cab, bytes);
	/* without compression the checksum of a block is only seen when all of it was used */
	if (methods[_i] == PACK_CAB_NONE) {
		ck_assert_uint_eq(seen.loss_count, 2);
	} else {
		pack_assert_loss(0, "a", ED_PACK_DAMAGED, "cannot be unpacked");
		ck_assert_uint_eq(seen.loss_count, 3);
	}
	pack_assert_loss(seen.loss_count - 2, "b", ED_PACK_DAMAGED, "");
	pack_assert_loss(seen.loss_count - 1, "c", ED_PACK_DAMAGED, "behind a damaged member");
	ck_assert_uint_eq(seen.member_count, 5 - seen.loss_count);
	pack_assert_member(seen.member_count - 2, "d", big, 50000);
	pack_assert_member(seen.member_count - 1, "e", big, 10);
}
END_TEST

START_TEST(cab_cut_short)
{
	struct pack_bytes bytes = pack_cab_build(cab_members, ED_COUNT(cab_members), methods[_i]);

	for (size_t len = 4; len < bytes.len; len += 97) {
		uint64_t told = 0;

		ck_assert_int_eq(pack_walk_part(ed_pack_walk_cab, &bytes, len, len % 2), ED_OK);
		ck_assert_msg(seen.loss_count >= 1, "cut at %zu is not told", len);
		for (size_t i = 0; i < seen.member_count; i++)
			ck_assert_uint_eq(seen.members[i].crc,
					  ed_crc32(0, big, seen.members[i].len));
		for (size_t i = 0; i < seen.loss_count; i++) {
			ck_assert_int_eq(seen.losses[i].trouble, ED_PACK_TRUNCATED);
			told = seen.losses[i].members == UINT64_MAX ? UINT64_MAX
								    : told + seen.losses[i].members;
		}
		if (told != UINT64_MAX)
			ck_assert_uint_ge(told + seen.member_count, ED_COUNT(cab_members));
	}
	free(bytes.p);
}
END_TEST

START_TEST(cab_unsupported_method)
{
	struct pack_bytes bytes =
		pack_cab_build(cab_members, ED_COUNT(cab_members), PACK_CAB_MSZIP);

	bytes.p[36 + 6] = 2; /* Quantum, in the first folder */
	pack_walk_whole(ed_pack_walk_cab, bytes);
	pack_assert_loss(0, "one.evtx", ED_PACK_LOCKED, "cannot be unpacked");
	ck_assert_str_eq(seen.members[seen.member_count - 1].name, "gr\xc3\xbc\xc3\x9f"
								   "e");
}
END_TEST

START_TEST(cab_limits_are_held)
{
	struct pack_bytes bytes = pack_cab_build(cab_members, ED_COUNT(cab_members), methods[_i]);
	struct ed_pack_source source = { .size = bytes.len, .bytes = bytes.p };
	struct ed_pack_visitor small = visitor;

	small.member_limit = 40000;
	seen.unpacked_left = ED_LIMIT_UNPACKED_BYTES;
	ck_assert_int_eq(ed_pack_walk_cab(&source, &small, NULL), ED_OK);
	ck_assert_uint_eq(seen.loss_count, 1);
	pack_assert_loss(0, "one.evtx", ED_PACK_TRUNCATED, "ED_LIMIT_MEMBER_BYTES");
	ck_assert_uint_eq(seen.member_count, 5);
	ck_assert_uint_lt(seen.unpacked_left, ED_LIMIT_UNPACKED_BYTES - 100000);
	memset(&seen, 0, sizeof(seen));
	seen.unpacked_left = 69999;
	ck_assert_int_eq(ed_pack_walk_cab(&source, &visitor, NULL), ED_OK);
	pack_assert_loss(0, "one.evtx", ED_PACK_TRUNCATED, "ED_LIMIT_UNPACKED_BYTES");
	free(bytes.p);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("pack cab");
	TCase *tc = tcase_create("cab");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, pack_setup, NULL);
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, cab_reads_every_method, 0, ED_COUNT(methods));
	tcase_add_loop_test(tc, cab_unwanted_members_cost_only_themselves, 0, ED_COUNT(methods));
	tcase_add_loop_test(tc, cab_damage_costs_its_folder, 0, ED_COUNT(methods));
	tcase_add_loop_test(tc, cab_cut_short, 0, ED_COUNT(methods));
	tcase_add_test(tc, cab_unsupported_method);
	tcase_add_loop_test(tc, cab_limits_are_held, 0, ED_COUNT(methods));
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

/* SPDX-License-Identifier: MIT */
/* Large members read while they are unpacked: the same bytes and losses, without being held. */
#include "espdiag/pack/pack.h"

#include <check.h>

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "pack_build.h"

#define LARGE ((size_t)3 * 1024 * 1024 + 17)
#define SMALL ((size_t)1000)

/* Of one walk: whole members and pieces, and what was lost. */
struct walk {
	const char *ignored; /* a member of which only the first bytes are read */
	size_t step;         /* bytes of one reading */
	size_t whole, pieces, same, losses;
	enum ed_pack_trouble trouble;
	char why[200];
	size_t read; /* bytes of the last member in pieces */
	uint64_t unpacked_left;
};

static unsigned char *large;

static void setup(void)
{
	uint32_t state = 7;

	large = ed_malloc(LARGE);
	ck_assert_ptr_nonnull(large);
	for (size_t i = 0; i < LARGE; i++) {
		state = state * 1664525u + 1013904223u;
		large[i] = (unsigned char)(state >> 28);
	}
}

static void teardown(void)
{
	ed_free(large);
}

static bool in_pieces(void *context, struct ed_str name, struct ed_str head)
{
	(void)context;
	ck_assert_uint_eq(head.len, ED_PACK_HEAD_BYTES);
	return !ed_str_eq(name, ED_STR("as a whole"));
}

static ed_status member(void *context, struct ed_str name, struct ed_str bytes,
			struct ed_error *err)
{
	struct walk *w = context;

	(void)name;
	(void)err;
	w->whole++;
	w->same += bytes.len <= LARGE && memcmp(bytes.p, large, bytes.len) == 0;
	return ED_OK;
}

static ed_status pieces(void *context, struct ed_str name, uint64_t size, struct ed_pack_pieces *p,
			struct ed_error *err)
{
	struct walk *w = context;
	unsigned char *out = ed_malloc(w->step);
	bool is_same = true;
	size_t got = 1;

	ck_assert_ptr_nonnull(out);
	ck_assert_uint_eq(size, LARGE);
	w->pieces++;
	w->read = 0;
	while (got && (!w->ignored || !ed_str_eq(name, ed_str_from(w->ignored)) || !w->read)) {
		ck_assert_int_eq(ed_pack_pieces_read(p, w->read, out, w->step, &got, err), ED_OK);
		is_same = is_same && memcmp(out, large + w->read, got) == 0;
		w->read += got;
		/* the front is there for ever */
		ck_assert_int_eq(ed_pack_pieces_read(p, 3, out, 4000, &got, err), ED_OK);
		ck_assert_uint_eq(got, 4000);
		ck_assert_mem_eq(out, large + 3, 4000);
		got = w->read % w->step == 0;
	}
	w->same += is_same && w->read == LARGE;
	ed_free(out);
	return ED_OK;
}

static ed_status lost(void *context, const struct ed_pack_loss *loss, struct ed_error *err)
{
	struct walk *w = context;

	(void)err;
	w->losses++;
	w->trouble = loss->trouble;
	snprintf(w->why, sizeof(w->why), "%.*s", ED_FMT(loss->why));
	return ED_OK;
}

static ed_status walk_it(struct walk *w, const void *bytes, size_t len, uint64_t most)
{
	struct ed_pack_source source = { .size = len, .bytes = bytes };
	struct ed_pack_visitor visitor = { .context = w,
					   .unpacked_left = &w->unpacked_left,
					   .member_limit = most,
					   .member = member,
					   .lost = lost,
					   .in_pieces = in_pieces,
					   .pieces = pieces };
	struct ed_error err = { .status = ED_OK };

	w->unpacked_left = ED_LIMIT_UNPACKED_BYTES;
	w->step = w->step ? w->step : 65536;
	return memcmp(bytes, "MSCF", 4) == 0 ? ed_pack_walk_cab(&source, &visitor, &err)
					     : ed_pack_walk_zip(&source, &visitor, &err);
}

static struct pack_bytes zip_of(unsigned flags)
{
	struct pack_zip zip;

	pack_zip_begin(&zip);
	pack_zip_add(&zip, "small", large, SMALL, flags & PACK_STORED);
	pack_zip_add(&zip, "large", large, LARGE, flags);
	pack_zip_add(&zip, "as a whole", large, LARGE, flags & PACK_STORED);
	return pack_zip_end(&zip);
}

START_TEST(front_to_back)
{
	static const size_t steps[] = { 65536, 4096, 1000003 };
	struct pack_bytes zip = zip_of(_i % 2 ? PACK_STORED : 0);
	struct walk w = { .step = steps[_i / 2] };

	ck_assert_int_eq(walk_it(&w, zip.p, zip.len, ED_LIMIT_MEMBER_BYTES), ED_OK);
	ck_assert_uint_eq(w.whole, 2);
	ck_assert_uint_eq(w.pieces, 1);
	ck_assert_uint_eq(w.same, 3);
	ck_assert_uint_eq(w.losses, 0);
	/* all of it counts, however it was read */
	ck_assert_uint_eq(w.unpacked_left, ED_LIMIT_UNPACKED_BYTES - SMALL - 2 * LARGE);
	free(zip.p);
}
END_TEST

START_TEST(in_a_cabinet)
{
	const struct pack_cab_member members[] = { { "a", large, LARGE, 0, false },
						   { "b", large, LARGE, 0, false },
						   { "c", large, SMALL, 0, false } };
	struct pack_bytes cab = pack_cab_build(members, 3, PACK_CAB_MSZIP);
	struct walk w = { .ignored = "a" };

	/* what the reader leaves is passed over, so that the next one begins where it should */
	ck_assert_int_eq(walk_it(&w, cab.p, cab.len, ED_LIMIT_MEMBER_BYTES), ED_OK);
	ck_assert_uint_eq(w.pieces, 2);
	ck_assert_uint_eq(w.whole, 1);
	ck_assert_uint_eq(w.same, 2);
	ck_assert_uint_eq(w.losses, 0);
	free(cab.p);
}
END_TEST

/* What is wrong is told, also when the reader did not come that far. */
START_TEST(wrong_ones_are_told)
{
	static const struct {
		unsigned flags;
		enum ed_pack_trouble trouble;
		const char *why;
	} rows[] = {
		{ PACK_BAD_CRC, ED_PACK_DAMAGED, "cannot be unpacked: " },
		{ PACK_BAD_CRC | PACK_STORED, ED_PACK_DAMAGED, "cannot be unpacked: " },
	};
	struct pack_bytes zip = zip_of(rows[_i / 2].flags);
	struct walk w = { .ignored = _i % 2 ? "large" : NULL };

	ck_assert_int_eq(walk_it(&w, zip.p, zip.len, ED_LIMIT_MEMBER_BYTES), ED_OK);
	ck_assert_uint_eq(w.pieces, 1);
	ck_assert_uint_eq(w.whole, 2);
	ck_assert_uint_eq(w.losses, 1);
	ck_assert_int_eq(w.trouble, rows[_i / 2].trouble);
	ck_assert_msg(ed_str_starts(ed_str_from(w.why), ed_str_from(rows[_i / 2].why)), "%s",
		      w.why);
	free(zip.p);
}
END_TEST

START_TEST(cut_short)
{
	struct pack_zip zip;
	struct pack_bytes bytes;
	struct walk w = { .step = 65536 };

	pack_zip_begin(&zip);
	pack_zip_add(&zip, "large", large, LARGE, _i ? PACK_STORED : 0);
	bytes = pack_zip_end(&zip);
	ck_assert_int_eq(walk_it(&w, bytes.p, bytes.len / 2, ED_LIMIT_MEMBER_BYTES), ED_OK);
	ck_assert_uint_eq(w.pieces, 1);
	ck_assert_uint_gt(w.read, LARGE / 3);
	ck_assert_uint_lt(w.read, LARGE);
	/* the member, and the directory */
	ck_assert_uint_eq(w.losses, 2);
	free(bytes.p);
}
END_TEST

/* A limit that is hit on the way ends the member, and says so. */
START_TEST(limits)
{
	struct pack_bytes zip = zip_of(0);
	struct walk w = { .step = 65536 };

	ck_assert_int_eq(walk_it(&w, zip.p, zip.len, LARGE - 1), ED_OK);
	ck_assert_uint_eq(w.pieces, 0);
	ck_assert_uint_eq(w.losses, 2);
	ck_assert_int_eq(w.trouble, ED_PACK_TRUNCATED);
	free(zip.p);
}
END_TEST

static ed_status backwards(void *context, struct ed_str name, uint64_t size,
			   struct ed_pack_pieces *p, struct ed_error *err)
{
	unsigned char out[16];
	size_t got;

	(void)context;
	(void)name;
	ck_assert_int_eq(ed_pack_pieces_read(p, size - 16, out, 16, &got, err), ED_OK);
	ck_assert_uint_eq(got, 16);
	ck_assert_mem_eq(out, large + LARGE - 16, 16);
	ck_assert_int_eq(ed_pack_pieces_read(p, size, out, 16, &got, err), ED_OK);
	ck_assert_uint_eq(got, 0);
	ck_assert_int_eq(ed_pack_pieces_read(p, 1000000, out, 16, &got, err), ED_ARG);
	return ED_OK;
}

START_TEST(never_backwards)
{
	struct pack_bytes zip = zip_of(0);
	struct walk w = { .unpacked_left = ED_LIMIT_UNPACKED_BYTES };
	struct ed_pack_source source = { .size = zip.len, .bytes = zip.p };
	struct ed_pack_visitor visitor = { .context = &w,
					   .unpacked_left = &w.unpacked_left,
					   .member_limit = ED_LIMIT_MEMBER_BYTES,
					   .member = member,
					   .lost = lost,
					   .in_pieces = in_pieces,
					   .pieces = backwards };

	ck_assert_int_eq(ed_pack_walk_zip(&source, &visitor, NULL), ED_OK);
	ck_assert_uint_eq(w.losses, 0);
	free(zip.p);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("pack pieces");
	TCase *tcase = tcase_create("all");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, front_to_back, 0, 6);
	tcase_add_test(tcase, in_a_cabinet);
	tcase_add_loop_test(tcase, wrong_ones_are_told, 0, 4);
	tcase_add_loop_test(tcase, cut_short, 0, 2);
	tcase_add_test(tcase, limits);
	tcase_add_test(tcase, never_backwards);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

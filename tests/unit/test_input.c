/* SPDX-License-Identifier: MIT */
/* Inputs of readers: from memory and through a callback, whole and in part, with every failure. */
#include "espdiag/collectors/input.h"
#include "espdiag/base/alloc.h"

#include <check.h>

static const char text[] = "0123456789";

/* Gives at most @step bytes a call, fails at @bad_at. */
struct drip {
	size_t step;
	uint64_t bad_at;
	size_t calls;
};

static ed_status drip_read(const struct ed_input *input, uint64_t offset, void *out, size_t len,
			   size_t *got, struct ed_error *err)
{
	struct drip *drip = input->context;

	drip->calls++;
	if (offset >= drip->bad_at)
		return ed_fail(err, ED_IO, "bad sector");
	if (offset + len > sizeof(text) - 1)
		len = offset < sizeof(text) - 1 ? sizeof(text) - 1 - (size_t)offset : 0;
	*got = len < drip->step ? len : drip->step;
	memcpy(out, text + offset, *got);
	return ED_OK;
}

static struct ed_input drip_input(struct drip *drip, uint64_t size)
{
	return (struct ed_input){
		.path = ED_STR("x"), .size = size, .context = drip, .read_at = drip_read
	};
}

static const struct {
	const char *name;
	uint64_t offset;
	size_t len;
	const char *want;
} parts[] = {
	{ "front", 0, 3, "012" },
	{ "middle", 4, 2, "45" },
	{ "past the end is cut", 8, 5, "89" },
	{ "at the end", 10, 1, "" },
	{ "beyond the end", UINT64_MAX, 4, "" },
	{ "nothing", 2, 0, "" },
};

START_TEST(reads_parts)
{
	struct drip drip = { .step = SIZE_MAX, .bad_at = UINT64_MAX };
	struct ed_input inputs[2];

	ed_input_from_memory(&inputs[0], ED_STR("x"), text, sizeof(text) - 1);
	inputs[1] = drip_input(&drip, sizeof(text) - 1);
	for (size_t i = 0; i < 2; i++) {
		char out[8];
		size_t got = 99;

		ck_assert_int_eq(
			ed_input_read(&inputs[i], parts[_i].offset, out, parts[_i].len, &got, NULL),
			ED_OK);
		ck_assert_msg(got == strlen(parts[_i].want) && !memcmp(out, parts[_i].want, got),
			      "%s: %zu bytes", parts[_i].name, got);
	}
}
END_TEST

START_TEST(takes_all_from_memory)
{
	struct ed_input input;
	struct ed_buf hold;
	struct ed_str all;

	ed_buf_init(&hold, 1);
	ed_input_from_memory(&input, ED_STR("x"), text, sizeof(text) - 1);
	ck_assert_int_eq(ed_input_all(&input, &hold, &all, NULL), ED_OK);
	ck_assert_ptr_eq(all.p, text);
	ck_assert_uint_eq(all.len, sizeof(text) - 1);
	ed_input_from_memory(&input, ED_STR("x"), NULL, 0);
	ck_assert_int_eq(ed_input_all(&input, &hold, &all, NULL), ED_OK);
	ck_assert_ptr_nonnull(all.p);
	ck_assert_uint_eq(all.len, 0);
	ed_buf_release(&hold);
}
END_TEST

START_TEST(takes_all_in_drips)
{
	struct drip drip = { .step = 3, .bad_at = UINT64_MAX };
	struct ed_input input = drip_input(&drip, sizeof(text) - 1);
	struct ed_buf hold;
	struct ed_str all;

	ed_buf_init(&hold, 100);
	ck_assert_int_eq(ed_input_all(&input, &hold, &all, NULL), ED_OK);
	ck_assert(ed_str_eq(all, ED_STR("0123456789")));
	ck_assert_uint_eq(drip.calls, 4);
	/* a file that shrank since its size was taken ends where it ends */
	input.size = 20;
	ck_assert_int_eq(ed_input_all(&input, &hold, &all, NULL), ED_OK);
	ck_assert(ed_str_eq(all, ED_STR("0123456789")));
	ed_buf_release(&hold);
}
END_TEST

START_TEST(fails_without_touching_the_output)
{
	struct drip drip = { .step = 3, .bad_at = 6 };
	struct ed_input input = drip_input(&drip, sizeof(text) - 1);
	struct ed_error err;
	struct ed_str all = ED_STR("before");
	struct ed_buf hold;

	ed_buf_init(&hold, 100);
	ck_assert_int_eq(ed_input_all(&input, &hold, &all, &err), ED_IO);
	ck_assert_str_eq(err.text, "bad sector");
	ed_buf_release(&hold);

	ed_buf_init(&hold, sizeof(text) - 2);
	ck_assert_int_eq(ed_input_all(&input, &hold, &all, &err), ED_LIMIT);
	ed_buf_release(&hold);

	ed_buf_init(&hold, 100);
	ed_alloc_fail_after(0);
	ck_assert_int_eq(ed_input_all(&input, &hold, &all, &err), ED_NOMEM);
	ed_alloc_fail_after(-1);
	ed_buf_release(&hold);
	ck_assert(ed_str_eq(all, ED_STR("before")));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("input");
	TCase *c = tcase_create("input");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_loop_test(c, reads_parts, 0, (int)(sizeof(parts) / sizeof(parts[0])));
	tcase_add_test(c, takes_all_from_memory);
	tcase_add_test(c, takes_all_in_drips);
	tcase_add_test(c, fails_without_touching_the_output);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

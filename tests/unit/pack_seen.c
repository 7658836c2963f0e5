/* SPDX-License-Identifier: MIT */
/* The visitor of the archive tests. */
#include "pack_seen.h"

#include <check.h>

#include "espdiag/base/crc.h"
#include "espdiag/base/limits.h"

struct seen seen;
unsigned char big[BIG_LEN];

static void name_copy(char *to, struct ed_str from)
{
	snprintf(to, 96, "%.*s", ED_FMT(from));
}

static bool see_want(void *context, struct ed_str name, struct ed_str head)
{
	struct seen *s = context;

	(void)name;
	ck_assert_uint_ge(head.len, 1);
	ck_assert_uint_le(head.len, ED_PACK_HEAD_BYTES);
	s->asked++;
	return !s->unwanted || !ed_str_starts(head, ed_str_from(s->unwanted));
}

static ed_status see_member(void *context, struct ed_str name, struct ed_str bytes,
			    struct ed_error *err)
{
	struct seen *s = context;

	if (s->member_count < SEEN_MAX) {
		struct seen_member *m = &s->members[s->member_count];

		name_copy(m->name, name);
		m->len = bytes.len;
		m->crc = ed_crc32(0, bytes.p, bytes.len);
	}
	s->member_count++;
	return s->fail == ED_OK ? ED_OK : ed_fail(err, s->fail, "the visitor failed");
}

static ed_status see_lost(void *context, const struct ed_pack_loss *loss, struct ed_error *err)
{
	struct seen *s = context;

	(void)err;
	ck_assert_uint_ge(loss->why.len, 1);
	if (s->loss_count < SEEN_MAX) {
		struct seen_loss *l = &s->losses[s->loss_count];

		name_copy(l->name, loss->name);
		l->trouble = loss->trouble;
		l->members = loss->members;
		snprintf(l->why, sizeof(l->why), "%.*s", ED_FMT(loss->why));
	}
	s->loss_count++;
	return ED_OK;
}

ed_status pack_read_at(const void *context, uint64_t offset, void *out, size_t len, size_t *got,
		       struct ed_error *err)
{
	const struct pack_bytes *bytes = context;
	size_t left = offset < bytes->len ? bytes->len - (size_t)offset : 0;

	(void)err;
	*got = len < left ? len : left;
	if (*got)
		memcpy(out, bytes->p + offset, *got);
	return ED_OK;
}

const struct ed_pack_visitor visitor = {
	.context = &seen,
	.unpacked_left = &seen.unpacked_left,
	.member_limit = ED_LIMIT_MEMBER_BYTES,
	.want = see_want,
	.member = see_member,
	.lost = see_lost,
};

ed_status pack_walk_part(walk_fn walk, const struct pack_bytes *bytes, size_t len, bool in_memory)
{
	struct pack_bytes part = { .p = bytes->p, .len = len };
	struct ed_pack_source source = { .size = len,
					 .bytes = in_memory ? bytes->p : NULL,
					 .context = &part,
					 .read_at = pack_read_at };
	struct ed_error err = { .status = ED_OK };
	const char *unwanted = seen.unwanted;
	ed_status fail = seen.fail;

	memset(&seen, 0, sizeof(seen));
	seen.unwanted = unwanted;
	seen.fail = fail;
	seen.unpacked_left = ED_LIMIT_UNPACKED_BYTES;
	return walk(&source, &visitor, &err);
}

void pack_walk_whole(walk_fn walk, struct pack_bytes bytes)
{
	struct seen first;

	ck_assert_int_eq(pack_walk_part(walk, &bytes, bytes.len, false), ED_OK);
	first = seen;
	ck_assert_int_eq(pack_walk_part(walk, &bytes, bytes.len, true), ED_OK);
	ck_assert_mem_eq(&first, &seen, sizeof(seen));
	free(bytes.p);
}

void pack_assert_member(size_t i, const char *name, const void *bytes, size_t len)
{
	ck_assert_uint_lt(i, seen.member_count);
	ck_assert_str_eq(seen.members[i].name, name);
	ck_assert_uint_eq(seen.members[i].len, len);
	ck_assert_uint_eq(seen.members[i].crc, ed_crc32(0, bytes, len));
}

void pack_assert_loss(size_t i, const char *name, enum ed_pack_trouble trouble, const char *why)
{
	ck_assert_uint_lt(i, seen.loss_count);
	ck_assert_str_eq(seen.losses[i].name, name);
	ck_assert_msg(seen.losses[i].trouble == trouble, "%s: trouble %d", seen.losses[i].why,
		      (int)seen.losses[i].trouble);
	ck_assert_msg(strstr(seen.losses[i].why, why) != NULL, "'%s' has no '%s'",
		      seen.losses[i].why, why);
}

void pack_setup(void)
{
	uint32_t x = 1;

	memset(&seen, 0, sizeof(seen));
	for (size_t i = 0; i < BIG_LEN; i++) {
		x = x * 1664525 + 1013904223;
		big[i] = (unsigned char)('a' + (x >> 24) % 13);
	}
}

/* SPDX-License-Identifier: MIT */
/* A visitor for tests of archive walks: writes down what it is handed, and checks it afterwards. */
#ifndef TESTS_UNIT_PACK_SEEN_H
#define TESTS_UNIT_PACK_SEEN_H

#include "espdiag/pack/pack.h"
#include "pack_build.h"

#define SEEN_MAX 64
#define BIG_LEN ((size_t)100001)

typedef ed_status (*walk_fn)(const struct ed_pack_source *source,
			     const struct ed_pack_visitor *visitor, struct ed_error *err);

struct seen_member {
	char name[96];
	size_t len;
	uint32_t crc;
};

struct seen_loss {
	char name[96]; /* "" for the archive */
	enum ed_pack_trouble trouble;
	uint64_t members;
	char why[200];
};

/* What a visitor saw; counts go on when the arrays are full. */
struct seen {
	struct seen_member members[SEEN_MAX];
	struct seen_loss losses[SEEN_MAX];
	size_t member_count, loss_count;
	size_t asked;
	const char *unwanted; /* heads that begin with this are not wanted */
	ed_status fail;       /* what the visitor returns for members */
	uint64_t unpacked_left;
};

extern struct seen seen;
extern unsigned char big[BIG_LEN]; /* text that compresses a little */
extern const struct ed_pack_visitor visitor;

/* A fixture: empties @seen and fills @big. */
void pack_setup(void);
ed_status pack_read_at(const void *context, uint64_t offset, void *out, size_t len, size_t *got,
		       struct ed_error *err);
/* Walks the first @len of @bytes, from memory or through read_at. */
ed_status pack_walk_part(walk_fn walk, const struct pack_bytes *bytes, size_t len, bool in_memory);
/* Walks all of @bytes both ways, requires the same, and frees them. */
void pack_walk_whole(walk_fn walk, struct pack_bytes bytes);
void pack_assert_member(size_t i, const char *name, const void *bytes, size_t len);
void pack_assert_loss(size_t i, const char *name, enum ed_pack_trouble trouble, const char *why);

#endif

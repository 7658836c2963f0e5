/* SPDX-License-Identifier: MIT */
/*
 * What the archive fuzz targets share: a visitor that touches every byte it is given and holds the
 * walk to its promises.
 */
#ifndef TESTS_FUZZ_FUZZ_PACK_H
#define TESTS_FUZZ_FUZZ_PACK_H

#include "espdiag/base/crc.h"
#include "espdiag/base/limits.h"
#include "espdiag/base/utf.h"
#include "espdiag/pack/pack.h"

#define FUZZ_MEMBER_LIMIT (4 * ED_MIB)
#define FUZZ_TOTAL_LIMIT (16 * ED_MIB)

/* The program must not be built to pass without these checks. */
#define FUZZ_REQUIRE(condition)                                                                    \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

struct fuzz_seen {
	uint64_t left;
	uint64_t members;
	uint64_t losses;
	uint32_t crc;    /* over all names and bytes */
	uint32_t before; /* the last question whether a member is wanted in pieces */
};

static void fuzz_label(struct fuzz_seen *seen, struct ed_str name)
{
	FUZZ_REQUIRE(name.len > 0 && ed_utf8_valid(name));
	FUZZ_REQUIRE(name.p[0] != '/' && ed_str_find(name, ED_STR("\\"), 0) == SIZE_MAX);
	FUZZ_REQUIRE(!ed_str_starts(name, ED_STR("../")) &&
		     ed_str_find(name, ED_STR("/../"), 0) == SIZE_MAX);
	seen->crc = ed_crc32(seen->crc, name.p, name.len);
}

static bool fuzz_want(void *context, struct ed_str name, struct ed_str head)
{
	fuzz_label(context, name);
	FUZZ_REQUIRE(head.len > 0 && head.len <= ED_PACK_HEAD_BYTES);
	((struct fuzz_seen *)context)->before = ((struct fuzz_seen *)context)->crc;
	return head.p[head.len - 1] != 'n';
}

static ed_status fuzz_member(void *context, struct ed_str name, struct ed_str bytes,
			     struct ed_error *err)
{
	struct fuzz_seen *seen = context;

	(void)err;
	fuzz_label(seen, name);
	FUZZ_REQUIRE(bytes.len <= FUZZ_MEMBER_LIMIT);
	seen->crc = ed_crc32(seen->crc, bytes.p, bytes.len);
	seen->members++;
	return ED_OK;
}

static bool fuzz_in_pieces(void *context, struct ed_str name, struct ed_str head)
{
	fuzz_label(context, name);
	FUZZ_REQUIRE(head.len > 0 && head.len <= ED_PACK_HEAD_BYTES);
	/* no trace, as where nobody asks */
	((struct fuzz_seen *)context)->crc = ((struct fuzz_seen *)context)->before;
	return true;
}

/* The same bytes as a member that is held whole; its front may be read again. */
static ed_status fuzz_pieces(void *context, struct ed_str name, uint64_t size,
			     struct ed_pack_pieces *pieces, struct ed_error *err)
{
	struct fuzz_seen *seen = context;
	char bytes[7001];
	uint64_t at = 0;
	size_t got;

	fuzz_label(seen, name);
	FUZZ_REQUIRE(size > ED_PACK_PIECES_FROM && size <= FUZZ_MEMBER_LIMIT);
	do {
		FUZZ_REQUIRE(ed_pack_pieces_read(pieces, at, bytes, sizeof(bytes), &got, err) ==
			     ED_OK);
		seen->crc = ed_crc32(seen->crc, bytes, got);
		at += got;
		FUZZ_REQUIRE(got <= sizeof(bytes) && at <= size);
		if (at == 3 * sizeof(bytes))
			FUZZ_REQUIRE(ed_pack_pieces_read(pieces, 10, bytes, 20, &got, err) ==
					     ED_OK &&
				     got == 20);
		else if (got < sizeof(bytes))
			break;
	} while (got);
	seen->members++;
	return ED_OK;
}

static ed_status fuzz_lost(void *context, const struct ed_pack_loss *loss, struct ed_error *err)
{
	struct fuzz_seen *seen = context;

	(void)err;
	if (loss->name.p)
		fuzz_label(seen, loss->name);
	FUZZ_REQUIRE(loss->why.len > 0);
	seen->losses++;
	return ED_OK;
}

static ed_status fuzz_read_at(const void *context, uint64_t offset, void *out, size_t len,
			      size_t *got, struct ed_error *err)
{
	const struct ed_str *bytes = context;

	(void)err;
	FUZZ_REQUIRE(offset < bytes->len && len <= bytes->len - offset);
	memcpy(out, bytes->p + offset, len);
	*got = len;
	return ED_OK;
}

typedef ed_status (*fuzz_walk_fn)(const struct ed_pack_source *source,
				  const struct ed_pack_visitor *visitor, struct ed_error *err);

/*
 * Walks @bytes from memory, through reads, and with large members in pieces: all must see the same,
 * pieces at least of an archive without damage.
 */
static void fuzz_walk(fuzz_walk_fn walk, struct ed_str bytes)
{
	struct fuzz_seen seen[3];

	for (int i = 0; i < 3; i++) {
		struct ed_pack_source source = { .size = bytes.len,
						 .bytes = i == 1 ? bytes.p : NULL,
						 .context = &bytes,
						 .read_at = fuzz_read_at };
		struct ed_pack_visitor visitor = { .context = &seen[i],
						   .unpacked_left = &seen[i].left,
						   .member_limit = FUZZ_MEMBER_LIMIT,
						   .want = fuzz_want,
						   .member = fuzz_member,
						   .lost = fuzz_lost,
						   .in_pieces = i == 2 ? fuzz_in_pieces : NULL,
						   .pieces = i == 2 ? fuzz_pieces : NULL };
		struct ed_error err;

		seen[i] = (struct fuzz_seen){ .left = FUZZ_TOTAL_LIMIT };
		FUZZ_REQUIRE(walk(&source, &visitor, &err) == ED_OK);
		FUZZ_REQUIRE(seen[i].left <= FUZZ_TOTAL_LIMIT);
	}
	FUZZ_REQUIRE(seen[0].crc == seen[1].crc && seen[0].members == seen[1].members &&
		     seen[0].losses == seen[1].losses && seen[0].left == seen[1].left);
	if (!seen[0].losses && !seen[2].losses)
		FUZZ_REQUIRE(seen[0].crc == seen[2].crc && seen[0].members == seen[2].members &&
			     seen[0].left == seen[2].left);
}

#endif

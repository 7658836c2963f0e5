/* SPDX-License-Identifier: MIT */
/*
 * Reading zip and cab archives without writing anything to disk: each member is unpacked, within
 * the limits of limits.h, and handed to a visitor, as a whole or while it is unpacked. Damage costs
 * the member it hits, or those that cannot be reached without it, and is told as a loss.
 */
#ifndef ESPDIAG_PACK_PACK_H
#define ESPDIAG_PACK_PACK_H

#include "espdiag/base/error.h"
#include "espdiag/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a member that ed_pack_visitor.want is shown. */
#define ED_PACK_HEAD_BYTES ((size_t)4096)

/* The archive's bytes. */
struct ed_pack_source {
	uint64_t size;
	const void *bytes;   /* all of them when they are in memory, else NULL; borrowed */
	const void *context; /* of read_at */
	/* Up to @len bytes at @offset; a short count means the end. Not called when bytes is set.
	 */
	ed_status (*read_at)(const void *context, uint64_t offset, void *out, size_t len,
			     size_t *got, struct ed_error *err);
};

enum ed_pack_trouble {
	ED_PACK_DAMAGED,   /* wrong bytes */
	ED_PACK_TRUNCATED, /* missing bytes, or a limit */
	ED_PACK_LOCKED,    /* encrypted, or packed in a way that is not supported */
};

struct ed_pack_loss {
	enum ed_pack_trouble trouble;
	struct ed_str name; /* of the member; { NULL, 0 } when it concerns the archive as a whole */
	uint64_t members;   /* how many were lost; UINT64_MAX when nobody knows */
	struct ed_str why;
};

/* Members that are larger than this and wanted in pieces are never held as a whole. */
#define ED_PACK_PIECES_FROM ((uint64_t)1024 * 1024)

/* A member that is unpacked while it is read. */
struct ed_pack_pieces;

/*
 * Up to @len bytes at @offset, which is less than ED_PACK_HEAD_BYTES or not before the end of what
 * was read last; a short count means the end, also where something is wrong with the member: that
 * is told as a loss afterwards. ED_IO: the source could not be read; ED_ARG: read backwards.
 */
ed_status ed_pack_pieces_read(struct ed_pack_pieces *pieces, uint64_t offset, void *out, size_t len,
			      size_t *got, struct ed_error *err);

/*
 * Names are labels: valid UTF-8 without control characters, with forward slashes, without drive,
 * leading slash, "." and "..", never empty. All text is borrowed for the call. A status other than
 * ED_OK ends the walk and is returned from it.
 */
struct ed_pack_visitor {
	void *context;
	uint64_t *unpacked_left; /* bytes that may still be unpacked; counted down */
	uint64_t member_limit;   /* bytes of one unpacked member */
	/* Whether the member that begins with @head is wanted; if not it is unpacked no further.
	 * Not asked about empty members, which are all handed over. May be NULL: all are wanted. */
	bool (*want)(void *context, struct ed_str name, struct ed_str head);
	/* @bytes is the whole member; when it was cut short, a loss with its name follows at once.
	 */
	ed_status (*member)(void *context, struct ed_str name, struct ed_str bytes,
			    struct ed_error *err);
	ed_status (*lost)(void *context, const struct ed_pack_loss *loss, struct ed_error *err);
	/*
	 * Whether a member that is wanted can be read front to back, and who then gets it instead
	 * of member, as far as it can be unpacked; @size is what it says of itself. Both may be
	 * NULL.
	 */
	bool (*in_pieces)(void *context, struct ed_str name, struct ed_str head);
	ed_status (*pieces)(void *context, struct ed_str name, uint64_t size,
			    struct ed_pack_pieces *pieces, struct ed_error *err);
};

/*
 * Members come in the order of their bytes in the archive. Folders in it are not members.
 * ED_NOMEM, ED_IO (the source could not be read), or what the visitor returned.
 */
ed_status ed_pack_walk_zip(const struct ed_pack_source *source,
			   const struct ed_pack_visitor *visitor, struct ed_error *err);
ed_status ed_pack_walk_cab(const struct ed_pack_source *source,
			   const struct ed_pack_visitor *visitor, struct ed_error *err);
/*
 * Whether the directory of a zip, which most extractors go by, names each member as the member's
 * own header does, which the walk goes by: else they show other names than the walk. False also for
 * a directory that is not whole. ED_NOMEM, ED_IO.
 */
ed_status ed_pack_zip_agrees(const struct ed_pack_source *source, bool *agrees,
			     struct ed_error *err);

#endif

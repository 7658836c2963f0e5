/* SPDX-License-Identifier: MIT */
/* Members are kept deflated: event XML shrinks to a tenth, and all of them stay in memory. */
#define ZLIB_CONST

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"

#include "bundle_priv.h"

#include <zlib.h>

#define PIECE_BYTES ((size_t)64 * 1024)
#define LEVEL 3        /* twice as fast as the best, a tenth larger */
#define RAW_WINDOW -15 /* without a header of its own */

static voidpf z_alloc(voidpf opaque, uInt items, uInt size)
{
	(void)opaque;
	return ed_calloc(items, size);
}

static void z_free(voidpf opaque, voidpf address)
{
	(void)opaque;
	ed_free(address);
}

ed_status pieces_pack(struct ed_str bytes, struct ed_buf *out, struct ed_error *err)
{
	z_stream z = { .zalloc = z_alloc, .zfree = z_free };
	int result = Z_OK;

	if (bytes.len > UINT32_MAX)
		return ed_fail(err, ED_LIMIT, "a member of %zu bytes", bytes.len);
	if (deflateInit2(&z, LEVEL, Z_DEFLATED, RAW_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return ed_fail(err, ED_NOMEM, "out of memory for a member of the bundle");
	z.next_in = (const unsigned char *)bytes.p;
	z.avail_in = (uInt)bytes.len;
	while (result == Z_OK) {
		if (!ed_buf_reserve(out, PIECE_BYTES))
			break;
		z.next_out = (unsigned char *)out->p + out->len;
		z.avail_out = (uInt)PIECE_BYTES;
		result = deflate(&z, Z_FINISH);
		out->len += PIECE_BYTES - z.avail_out;
	}
	deflateEnd(&z);
	if (out->status != ED_OK)
		return ed_fail(err, out->status, "cannot hold a member of %zu bytes", bytes.len);
	return ED_OK;
}

static ed_status inflate_all(z_stream *z, unsigned char *room, pieces_fn piece, void *context,
			     struct ed_error *err)
{
	int result = Z_OK;

	while (result == Z_OK) {
		struct ed_str out = { (const char *)room, 0 };

		z->next_out = room;
		z->avail_out = (uInt)PIECE_BYTES;
		result = inflate(z, Z_NO_FLUSH);
		out.len = PIECE_BYTES - z->avail_out;
		if (out.len)
			ED_TRY(piece(context, out, err));
	}
	/* its input is our own, so nothing but memory can fail */
	return result == Z_STREAM_END ? ED_OK
				      : ed_fail(err, ED_NOMEM,
						"out of memory for a member of the "
						"bundle");
}

ed_status pieces_unpack(const struct member *member, pieces_fn piece, void *context,
			struct ed_error *err)
{
	z_stream z = { .zalloc = z_alloc, .zfree = z_free };
	unsigned char *room = ed_malloc(PIECE_BYTES);
	ed_status status;

	z.next_in = (const unsigned char *)member->packed.p;
	z.avail_in = (uInt)member->packed.len;
	if (!room || inflateInit2(&z, RAW_WINDOW) != Z_OK) {
		ed_free(room);
		return ed_fail(err, ED_NOMEM, "out of memory for a member of the bundle");
	}
	status = inflate_all(&z, room, piece, context, err);
	inflateEnd(&z);
	ed_free(room);
	return status;
}

/* SPDX-License-Identifier: MIT */
/* Members deflated and inflated, by zlib: event XML shrinks to a tenth. */
#define ZLIB_CONST

#include "espdiag/pack/write.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/crc.h"
#include "espdiag/base/limits.h"

#include <zlib.h>

#define PIECE_BYTES ((size_t)64 * 1024)
#define LEVEL 6        /* README.md has what others cost */
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

/* Gives back what was reserved for growing. */
static void buf_fit(struct ed_buf *buf)
{
	char *p = ed_realloc(buf->p, buf->len + 1);

	if (p) {
		buf->p = p;
		buf->cap = buf->len + 1;
		p[buf->len] = '\0';
	}
}

ed_status ed_packed_make(struct ed_str bytes, struct ed_packed *out, struct ed_error *err)
{
	z_stream z = { .zalloc = z_alloc, .zfree = z_free };
	struct ed_buf deflated;
	int result = Z_OK;

	if (bytes.len > UINT32_MAX)
		return ed_fail(err, ED_LIMIT, "a member of %zu bytes", bytes.len);
	if (deflateInit2(&z, LEVEL, Z_DEFLATED, RAW_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return ed_fail(err, ED_NOMEM, "out of memory for a member of a zip");
	ed_buf_init(&deflated, UINT32_MAX);
	z.next_in = (const unsigned char *)bytes.p;
	z.avail_in = (uInt)bytes.len;
	while (result == Z_OK && ed_buf_reserve(&deflated, PIECE_BYTES)) {
		z.next_out = (unsigned char *)deflated.p + deflated.len;
		z.avail_out = (uInt)PIECE_BYTES;
		result = deflate(&z, Z_FINISH);
		deflated.len += PIECE_BYTES - z.avail_out;
	}
	deflateEnd(&z);
	if (result != Z_STREAM_END) {
		ed_status status = deflated.status == ED_OK ? ED_NOMEM : deflated.status;

		ed_buf_release(&deflated);
		return ed_fail(err, status, "cannot hold a member of %zu bytes", bytes.len);
	}
	buf_fit(&deflated);
	*out = (struct ed_packed){ .deflated = deflated,
				   .size = (uint32_t)bytes.len,
				   .crc = ed_crc32(0, bytes.p, bytes.len) };
	return ED_OK;
}

void ed_packed_release(struct ed_packed *packed)
{
	ed_buf_release(&packed->deflated);
}

static ed_status inflate_all(z_stream *z, unsigned char *room, ed_pack_write_fn piece,
			     void *context, struct ed_error *err)
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
	return result == Z_STREAM_END
		       ? ED_OK
		       : ed_fail(err, ED_NOMEM, "out of memory for a member of a zip");
}

ed_status ed_packed_read(const struct ed_packed *packed, ed_pack_write_fn piece, void *context,
			 struct ed_error *err)
{
	z_stream z = { .zalloc = z_alloc, .zfree = z_free };
	unsigned char *room = ed_malloc(PIECE_BYTES);
	ed_status status;

	z.next_in = (const unsigned char *)packed->deflated.p;
	z.avail_in = (uInt)packed->deflated.len;
	if (!room || inflateInit2(&z, RAW_WINDOW) != Z_OK) {
		ed_free(room);
		return ed_fail(err, ED_NOMEM, "out of memory for a member of a zip");
	}
	status = inflate_all(&z, room, piece, context, err);
	inflateEnd(&z);
	ed_free(room);
	return status;
}

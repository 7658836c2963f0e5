/* SPDX-License-Identifier: MIT */
/* A libarchive reader over a part of the source, and unpacking one member within the limits. */
#include "pack_priv.h"

#include "espdiag/base/limits.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>

#define BLOCK_BYTES (64 * ED_KIB)
#define RATIO_SLACK ED_MIB /* libarchive counts what it used only after handing out a block */

/* Bytes of the stream: its prefix, then the source from its base on. */
static uint64_t stream_size(const struct pack_stream *s)
{
	uint64_t size = s->walk->source->size;

	return s->prefix.len + (s->base < size ? size - s->base : 0);
}

static la_ssize_t stream_read(struct archive *archive, void *context, const void **block)
{
	struct pack_stream *s = context;
	const struct ed_pack_source *source = s->walk->source;
	uint64_t left = stream_size(s) - s->at;
	size_t n = left < BLOCK_BYTES ? (size_t)left : BLOCK_BYTES;
	uint64_t offset;

	if (s->at < s->prefix.len) {
		*block = s->prefix.p + s->at;
		n = s->prefix.len - (size_t)s->at;
		s->at += n;
		return (la_ssize_t)n;
	}
	offset = s->base + (s->at - s->prefix.len);
	if (n && !source->bytes) {
		s->status = source->read_at(source->context, offset, s->walk->block, n, &n, s->err);
		if (s->status != ED_OK) {
			archive_set_error(archive, -1, "the archive is unreadable");
			return -1;
		}
	}
	*block = source->bytes ? (const unsigned char *)source->bytes + offset : s->walk->block;
	s->at += n;
	return (la_ssize_t)n;
}

static la_int64_t stream_skip(struct archive *archive, void *context, la_int64_t request)
{
	struct pack_stream *s = context;
	uint64_t left = stream_size(s) - s->at;
	uint64_t n = request > 0 ? (uint64_t)request : 0;

	(void)archive;
	if (n > left)
		n = left;
	s->at += n;
	return (la_int64_t)n;
}

/* The library failed for want of memory: no fault of the archive. */
static bool stream_starved(struct pack_stream *s)
{
	const char *why = archive_error_string(s->archive);

	/*
	 * The library says nothing at all when its own first block is refused, and gives no number
	 * when zlib lacks memory: at its start, or as Z_MEM_ERROR.
	 */
	if (s->status == ED_OK && (!why || archive_errno(s->archive) == ENOMEM ||
				   strstr(why, "Can't initialize ZIP decompression") ||
				   strstr(why, "ZIP decompression failed (-4)")))
		s->status = ed_fail(s->err, ED_NOMEM, "out of memory while unpacking");
	return s->status == ED_NOMEM;
}

ed_status pack_stream_open(struct pack_stream *stream, struct pack_walk *walk, bool is_cab,
			   struct ed_str prefix, uint64_t base, struct ed_error *err)
{
	struct archive *a = archive_read_new();

	*stream = (struct pack_stream){
		.walk = walk, .archive = a, .prefix = prefix, .base = base, .err = err
	};
	if (!a)
		return ed_fail(err, ED_NOMEM, "out of memory while opening an archive");
	/* the library's own may be missing, which it does not notice */
	stream->entry = archive_entry_new2(a);
	/* the streaming reader alone: the seeking one gives up for good at the first bad header */
	if (!stream->entry ||
	    (is_cab ? archive_read_support_format_cab(a)
		    : archive_read_support_format_zip_streamable(a)) != ARCHIVE_OK ||
	    archive_read_set_read_callback(a, stream_read) != ARCHIVE_OK ||
	    archive_read_set_skip_callback(a, stream_skip) != ARCHIVE_OK ||
	    archive_read_set_callback_data(a, stream) != ARCHIVE_OK) {
		pack_stream_close(stream);
		return ed_fail(err, ED_NOMEM, "out of memory while opening an archive");
	}
	/* a failure to open is met again, and told, by pack_stream_next; but not that of memory */
	if (archive_read_open1(a) != ARCHIVE_OK && stream_starved(stream)) {
		pack_stream_close(stream);
		return stream->status;
	}
	return ED_OK;
}

void pack_stream_close(struct pack_stream *stream)
{
	archive_entry_free(stream->entry);
	stream->entry = NULL;
	if (stream->archive)
		archive_read_free(stream->archive);
	stream->archive = NULL;
}

ed_status pack_stream_next(struct pack_stream *stream, enum pack_next *next)
{
	int result;

	result = archive_read_next_header2(stream->archive, stream->entry);
	if (stream->status != ED_OK || (result < ARCHIVE_WARN && stream_starved(stream)))
		return stream->status;
	if (result == ARCHIVE_EOF)
		*next = PACK_NEXT_END;
	else /* a warning is about the name, which is not taken from here */
		*next = result == ARCHIVE_OK || result == ARCHIVE_WARN ? PACK_NEXT_MEMBER
								       : PACK_NEXT_FAIL;
	return ED_OK;
}

uint64_t pack_stream_used(const struct pack_stream *stream)
{
	la_int64_t used = archive_filter_bytes(stream->archive, 0);

	return used > 0 ? (uint64_t)used : 0;
}

const char *pack_stream_why(const struct pack_stream *stream)
{
	const char *text = archive_error_string(stream->archive);

	return text ? text : "unknown reason";
}

bool pack_stream_cut(const struct pack_stream *stream)
{
	const char *why = pack_stream_why(stream);

	/* a stream that was used up fails in several words, of which only a checksum is no cut */
	return strstr(why, "Truncated") ||
	       (pack_stream_used(stream) == stream_size(stream) && !strstr(why, "CRC"));
}

static bool member_wanted(struct pack_walk *walk)
{
	struct ed_str head = ed_str_slice(ed_buf_str(&walk->bytes), 0, ED_PACK_HEAD_BYTES);

	return !walk->visitor->want ||
	       walk->visitor->want(walk->visitor->context, ed_buf_str(&walk->name), head);
}

/* Why the member must not grow to @size bytes, or NULL. */
static const char *limit_hit(const struct pack_stream *s, uint64_t size)
{
	const struct ed_pack_visitor *visitor = s->walk->visitor;
	uint64_t packed = pack_stream_used(s);

	if (size > visitor->member_limit)
		return "unpacks to more than is allowed for one member (ED_LIMIT_MEMBER_BYTES)";
	if (size > *visitor->unpacked_left)
		return "all that was unpacked is more than is allowed (ED_LIMIT_UNPACKED_BYTES)";
	if (size > RATIO_SLACK && (size - RATIO_SLACK) / ED_LIMIT_INFLATE_RATIO > packed)
		return "unpacks more than is plausible (ED_LIMIT_INFLATE_RATIO)";
	return NULL;
}

static ed_status member_lost(struct pack_walk *walk, enum ed_pack_trouble trouble, const char *why,
			     struct ed_error *err)
{
	return pack_lost(walk, ed_buf_str(&walk->name), trouble, 1, why, err);
}

static ed_status member_done(struct pack_walk *walk, struct ed_error *err)
{
	return walk->visitor->member(walk->visitor->context, ed_buf_str(&walk->name),
				     ed_buf_str(&walk->bytes), err);
}

/* The library failed within a member: what came of a member cut short is still handed over. */
static ed_status member_broken(struct pack_stream *s, bool asked)
{
	struct pack_walk *walk = s->walk;
	bool cut = pack_stream_cut(s);
	bool unsupported = strstr(pack_stream_why(s), "Unsupported") != NULL;
	char why[200];

	if (cut && walk->bytes.len) {
		if (!asked && !member_wanted(walk))
			return ED_OK;
		ED_TRY(member_done(walk, s->err));
		snprintf(why, sizeof(why), "cut short after %zu bytes", walk->bytes.len);
	} else {
		snprintf(why, sizeof(why), "cannot be unpacked: %s", pack_stream_why(s));
	}
	return member_lost(walk,
			   unsupported ? ED_PACK_LOCKED
			   : cut       ? ED_PACK_TRUNCATED
				       : ED_PACK_DAMAGED,
			   why, s->err);
}

/* What one call to the library gave. */
enum piece {
	PIECE_BYTES,
	PIECE_END,
	PIECE_FAIL,
};

static enum piece stream_piece(struct pack_stream *s, const void **bytes, size_t *len)
{
	la_int64_t offset = 0;
	int result;

	*bytes = NULL;
	*len = 0;
	result = archive_read_data_block(s->archive, bytes, len, &offset);
	if (result == ARCHIVE_EOF)
		return PIECE_END;
	/* a warning is a wrong checksum or size */
	return result == ARCHIVE_OK ? PIECE_BYTES : PIECE_FAIL;
}

/* Whole so far as the library is concerned; its own size decides whether that is true. */
static ed_status member_whole(struct pack_stream *s, uint64_t declared, bool asked,
			      enum pack_taken *taken)
{
	struct pack_walk *walk = s->walk;

	if (declared != PACK_UNKNOWN && walk->bytes.len != declared) {
		*taken = PACK_BROKEN;
		return member_lost(walk, ED_PACK_DAMAGED, "unpacks to less than its header says",
				   s->err);
	}
	*taken = PACK_TAKEN;
	if (walk->bytes.len && !asked && !member_wanted(walk)) {
		*taken = PACK_REFUSED;
		return ED_OK;
	}
	return member_done(walk, s->err);
}

/* A large member on its way to a reader that goes through it once. */
struct ed_pack_pieces {
	struct pack_stream *stream;
	uint64_t declared;
	uint64_t total;    /* bytes unpacked */
	const char *bytes; /* the last of them, borrowed from the library */
	size_t len;
	bool is_over;    /* nothing more comes */
	enum piece last; /* how it ended, unless */
	const char *why; /* something is wrong */
	enum ed_pack_trouble trouble;
};

static bool pieces_stop(struct ed_pack_pieces *p, const char *why, enum ed_pack_trouble trouble)
{
	p->is_over = true;
	p->why = why;
	p->trouble = trouble;
	return false;
}

/* The next piece; false when there is none. */
static bool pieces_next(struct ed_pack_pieces *p)
{
	const void *bytes;
	const char *why;
	size_t len;

	if (p->is_over)
		return false;
	p->last = stream_piece(p->stream, &bytes, &len);
	if (p->last != PIECE_BYTES)
		return pieces_stop(p, NULL, ED_PACK_DAMAGED);
	if (len > p->declared - p->total)
		return pieces_stop(p, "unpacks to more than its header says", ED_PACK_DAMAGED);
	why = limit_hit(p->stream, p->total + len);
	if (why)
		return pieces_stop(p, why, ED_PACK_TRUNCATED);
	*p->stream->walk->visitor->unpacked_left -= len;
	p->total += len;
	p->bytes = bytes;
	p->len = len;
	return true;
}

ed_status ed_pack_pieces_read(struct ed_pack_pieces *p, uint64_t offset, void *out, size_t len,
			      size_t *got, struct ed_error *err)
{
	struct ed_str window = ed_buf_str(&p->stream->walk->bytes); /* the first pieces */
	char *to = out;

	*got = 0;
	while (*got < len) {
		uint64_t at = offset + *got, begin = p->total - p->len;
		struct ed_str piece = { p->bytes, p->len };
		size_t n;

		if (at < window.len) {
			piece = window;
			begin = 0;
		} else if (at >= p->total) {
			if (pieces_next(p))
				continue;
			break;
		} else if (at < begin) {
			return ed_fail(err, ED_ARG, "a member was read backwards");
		}
		n = piece.len - (size_t)(at - begin);
		n = n < len - *got ? n : len - *got;
		memcpy(to + *got, piece.p + (at - begin), n);
		*got += n;
	}
	if (p->stream->status != ED_OK)
		return ed_fail(err, p->stream->status, "an archive could not be read");
	return ED_OK;
}

/* Hands on a member of which walk->bytes are the first ones. */
static ed_status member_in_pieces(struct pack_stream *s, uint64_t declared, enum pack_taken *taken)
{
	struct pack_walk *walk = s->walk;
	struct ed_pack_pieces p = { .stream = s, .declared = declared, .total = walk->bytes.len };
	char why[200];

	ED_TRY(walk->visitor->pieces(walk->visitor->context, ed_buf_str(&walk->name), declared, &p,
				     s->err));
	/* whether it is as it should be shows at its end */
	while (pieces_next(&p))
		;
	if (s->status != ED_OK || (p.last == PIECE_FAIL && stream_starved(s)))
		return s->status;
	*taken = p.last == PIECE_FAIL ? PACK_BROKEN : p.why ? PACK_REFUSED : PACK_TAKEN;
	if (p.why)
		return member_lost(walk, p.trouble, p.why, s->err);
	if (p.last == PIECE_FAIL) {
		bool cut = pack_stream_cut(s);

		if (cut)
			snprintf(why, sizeof(why), "cut short after %llu bytes",
				 (unsigned long long)p.total);
		else
			snprintf(why, sizeof(why), "cannot be unpacked: %s", pack_stream_why(s));
		return member_lost(walk, cut ? ED_PACK_TRUNCATED : ED_PACK_DAMAGED, why, s->err);
	}
	if (p.total == declared)
		return ED_OK;
	*taken = PACK_BROKEN;
	return member_lost(walk, ED_PACK_DAMAGED, "unpacks to less than its header says", s->err);
}

static bool wanted_in_pieces(const struct pack_walk *walk, uint64_t declared)
{
	const struct ed_pack_visitor *v = walk->visitor;
	struct ed_str head = ed_str_slice(ed_buf_str(&walk->bytes), 0, ED_PACK_HEAD_BYTES);

	return declared != PACK_UNKNOWN && declared > ED_PACK_PIECES_FROM && v->pieces &&
	       v->in_pieces && v->in_pieces(v->context, ed_buf_str(&walk->name), head);
}

ed_status pack_stream_take(struct pack_stream *stream, uint64_t claimed, enum pack_taken *taken)
{
	struct pack_walk *walk = stream->walk;
	uint64_t declared = PACK_UNKNOWN;
	bool asked = false;
	const char *why;

	ed_buf_clear(&walk->bytes);
	if (archive_entry_size_is_set(stream->entry) && archive_entry_size(stream->entry) >= 0)
		declared = claimed = (uint64_t)archive_entry_size(stream->entry);
	*taken = PACK_REFUSED;
	why = claimed != PACK_UNKNOWN && claimed > walk->visitor->member_limit
		      ? limit_hit(stream, claimed)
		      : NULL;
	if (why)
		return member_lost(walk, ED_PACK_TRUNCATED, why, stream->err);
	for (;;) {
		const void *bytes;
		size_t len;
		enum piece piece = stream_piece(stream, &bytes, &len);

		if (stream->status != ED_OK || (piece == PIECE_FAIL && stream_starved(stream)))
			return stream->status;
		if (piece == PIECE_END)
			return member_whole(stream, declared, asked, taken);
		if (piece == PIECE_FAIL) {
			*taken = PACK_BROKEN;
			return member_broken(stream, asked);
		}
		if (declared != PACK_UNKNOWN && len > declared - walk->bytes.len)
			return member_lost(walk, ED_PACK_DAMAGED,
					   "unpacks to more than its header says", stream->err);
		why = limit_hit(stream, walk->bytes.len + len);
		if (why)
			return member_lost(walk, ED_PACK_TRUNCATED, why, stream->err);
		*walk->visitor->unpacked_left -= len;
		ed_buf_add(&walk->bytes, bytes, len);
		if (walk->bytes.status != ED_OK)
			return ed_fail(stream->err, ED_NOMEM,
				       "out of memory for a member of %zu bytes",
				       walk->bytes.len + len);
		if (!asked && walk->bytes.len >= ED_PACK_HEAD_BYTES) {
			asked = true;
			if (!member_wanted(walk))
				return ED_OK;
			if (wanted_in_pieces(walk, declared))
				return member_in_pieces(stream, declared, taken);
			/* one block at once instead of doubling, as far as the packed bytes allow
			 */
			if (declared != PACK_UNKNOWN &&
			    declared / ED_LIMIT_INFLATE_RATIO < walk->source->size)
				ed_buf_reserve(&walk->bytes, (size_t)(declared - walk->bytes.len));
		}
	}
}

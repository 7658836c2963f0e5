/* SPDX-License-Identifier: MIT */
/*
 * What the zip and the cab walk share: a window on the source for small structures, a libarchive
 * reader over a part of the source, and one walk's state.
 */
#ifndef AGENT_PACK_PACK_PRIV_H
#define AGENT_PACK_PACK_PRIV_H

#include "espdiag/base/buf.h"
#include "espdiag/pack/pack.h"

#define PACK_UNKNOWN UINT64_MAX

/* Holds the longest zip end record with its comment, and any one header. */
#define PACK_VIEW_BYTES ((size_t)72 * 1024)

/* A window on the source: small structures are looked at through it. */
struct pack_view {
	const struct ed_pack_source *source;
	unsigned char *room; /* NULL when the source is in memory */
	uint64_t at;
	size_t len;
};

ed_status pack_view_init(struct pack_view *view, const struct ed_pack_source *source,
			 struct ed_error *err);
void pack_view_release(struct pack_view *view);
/*
 * Up to @want (at most PACK_VIEW_BYTES) bytes at @offset, borrowed until the next call; *got is
 * less only at the end of the source. ED_IO.
 */
ed_status pack_view_at(struct pack_view *view, uint64_t offset, size_t want,
		       const unsigned char **bytes, size_t *got, struct ed_error *err);

/* Encodings that a name can be in when it is not UTF-8. */
enum pack_charset {
	PACK_CP437,  /* zip: the code page of the first PC */
	PACK_CP1252, /* cab: the code page of most Windows */
};

/*
 * Makes a label of a stored name: valid UTF-8 is kept, other bytes are @charset unless @is_utf8
 * says that they should have been UTF-8. Into @out, which is cleared first. ED_NOMEM.
 */
ed_status pack_name_label(struct ed_buf *out, struct ed_str stored, bool is_utf8,
			  enum pack_charset charset, struct ed_error *err);

/* One walk. */
struct pack_walk {
	const struct ed_pack_source *source;
	const struct ed_pack_visitor *visitor;
	struct pack_view view;
	struct ed_buf name;   /* label of the current member */
	struct ed_buf bytes;  /* the current member */
	unsigned char *block; /* what libarchive reads from; NULL when in memory */
};

ed_status pack_walk_init(struct pack_walk *walk, const struct ed_pack_source *source,
			 const struct ed_pack_visitor *visitor, struct ed_error *err);
void pack_walk_release(struct pack_walk *walk);

/* Tells of a loss. @name.p NULL: of the archive. */
ed_status pack_lost(struct pack_walk *walk, struct ed_str name, enum ed_pack_trouble trouble,
		    uint64_t members, const char *why, struct ed_error *err);

struct archive;
struct archive_entry;

/* A libarchive reader of some bytes in memory, then of the source from @base on. */
struct pack_stream {
	struct pack_walk *walk;
	struct archive *archive;
	struct archive_entry *entry; /* the current one, borrowed from the archive */
	struct ed_str prefix;        /* read before the source; borrowed */
	uint64_t base;               /* in the source */
	uint64_t at;                 /* in prefix and source together */
	ed_status status;            /* of a failed read of the source */
	struct ed_error *err;
};

enum pack_next {
	PACK_NEXT_MEMBER,
	PACK_NEXT_END,
	PACK_NEXT_FAIL, /* no header could be read; nothing more comes from this stream */
};

/* How far a member came. */
enum pack_taken {
	PACK_TAKEN,   /* all of it was handed over */
	PACK_REFUSED, /* not wanted, or over a limit; the stream is still good */
	PACK_BROKEN,  /* the stream may be of no more use */
};

/* @is_cab chooses the format. ED_NOMEM. The stream must not move in memory until it is closed. */
ed_status pack_stream_open(struct pack_stream *stream, struct pack_walk *walk, bool is_cab,
			   struct ed_str prefix, uint64_t base, struct ed_error *err);
void pack_stream_close(struct pack_stream *stream);
/* ED_IO when the source failed. */
ed_status pack_stream_next(struct pack_stream *stream, enum pack_next *next);
/* Bytes that were used so far. */
uint64_t pack_stream_used(const struct pack_stream *stream);
/* The library's own words for what went wrong last. */
const char *pack_stream_why(const struct pack_stream *stream);
/* Whether what went wrong last is that bytes are missing at the end of the source. */
bool pack_stream_cut(const struct pack_stream *stream);
/*
 * Unpacks the current member, labelled walk->name, and hands it on. @claimed is the size that some
 * header claims beside the one in front of the member, or PACK_UNKNOWN. Losses are told here.
 */
ed_status pack_stream_take(struct pack_stream *stream, uint64_t claimed, enum pack_taken *taken);

/* Where one zip member begins, and what is known about it. */
struct zip_member {
	uint64_t offset;  /* of its local header */
	uint64_t claimed; /* unpacked size by the directory, or PACK_UNKNOWN */
	uint64_t end;     /* behind its data, once it was visited */
	uint64_t name_at; /* of its name in the directory */
	uint16_t name_len;
	uint16_t flags;
};

/* The directory at the end of a zip, sorted by offset, without doubles. */
struct zip_map {
	struct zip_member *items;
	size_t count, cap;
	uint64_t beyond; /* entries past ED_LIMIT_MEMBERS, not in items */
	size_t doubles;  /* entries that lead to where another one does, not in items */
	bool found;      /* there is an end record */
	bool whole;      /* the directory is all there and agrees with the end record */
};

/* Damage is told in @map, not as a status. ED_NOMEM, ED_IO. */
ed_status zip_map_read(struct zip_map *map, struct pack_view *view, struct ed_error *err);
void zip_map_release(struct zip_map *map);

#endif

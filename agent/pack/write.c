/* SPDX-License-Identifier: MIT */
/* A zip of members that are deflated already, and the names that may stand in it. */
#include "espdiag/pack/write.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"

#define BLOCK_BYTES ((size_t)(64 * ED_KIB))
#define LOCAL_SIGNATURE 0x04034b50
#define CENTRAL_SIGNATURE 0x02014b50
#define END_SIGNATURE 0x06054b50
#define VERSION 20              /* 2.0: deflate */
#define MADE_BY (3 << 8)        /* Unix, for the mode */
#define MODE 0100644u           /* an ordinary file, read by all */
#define METHOD 8                /* deflate */
#define DAY (1u << 5 | 1)       /* 1980-01-01, the first a zip can name */
#define MEMBERS_MOST UINT16_MAX /* without zip64, which no bundle needs */
#define LOCAL_BYTES 30
#define ENTRY_BYTES 46
/* what a member, and the end of the directory, take beside the packed bytes */
#define HEADERS_MOST (LOCAL_BYTES + ENTRY_BYTES + 2 * ED_PACK_NAME_MAX + 22)
#define DIRECTORY_MOST (MEMBERS_MOST * (ENTRY_BYTES + ED_PACK_NAME_MAX) + 22)

struct ed_pack_writer {
	ed_pack_write_fn write;
	void *context;
	struct ed_buf block;     /* not yet given to write */
	struct ed_buf header;    /* of the member that comes */
	struct ed_buf directory; /* of the members so far */
	uint64_t offset;         /* of what comes next */
	size_t count;
	bool failed;
};

static void add_le(struct ed_buf *out, uint32_t value, size_t width)
{
	unsigned char bytes[4];

	for (size_t i = 0; i < width; i++)
		bytes[i] = (unsigned char)(value >> 8 * i);
	ed_buf_add(out, bytes, width);
}

static ed_status block_flush(struct ed_pack_writer *w, struct ed_error *err)
{
	if (w->block.len)
		ED_TRY(w->write(w->context, ed_buf_str(&w->block), err));
	ed_buf_clear(&w->block);
	return ED_OK;
}

/* The room of a block is there from the start, so only @write can fail. */
static ed_status writer_put(struct ed_pack_writer *w, struct ed_str bytes, struct ed_error *err)
{
	w->offset += bytes.len;
	while (bytes.len) {
		size_t room = BLOCK_BYTES - w->block.len;

		ed_buf_adds(&w->block, ed_str_slice(bytes, 0, room));
		bytes = ed_str_slice(bytes, room, bytes.len);
		if (w->block.len == BLOCK_BYTES)
			ED_TRY(block_flush(w, err));
	}
	return ED_OK;
}

ed_status ed_pack_write_begin(struct ed_pack_writer **out, ed_pack_write_fn write, void *context,
			      struct ed_error *err)
{
	struct ed_pack_writer *w = ed_calloc(1, sizeof(*w));

	if (!w)
		return ed_fail(err, ED_NOMEM, "out of memory for a zip");
	w->write = write;
	w->context = context;
	ed_buf_init(&w->block, BLOCK_BYTES);
	ed_buf_init(&w->header, LOCAL_BYTES + ED_PACK_NAME_MAX);
	ed_buf_init(&w->directory, DIRECTORY_MOST);
	if (!ed_buf_reserve(&w->block, BLOCK_BYTES)) {
		ed_free(w);
		return ed_fail(err, ED_NOMEM, "out of memory for a zip");
	}
	*out = w;
	return ED_OK;
}

/* What a member's own header and its entry in the directory have in common. */
static void add_common(struct ed_buf *out, struct ed_str name, const struct ed_packed *packed)
{
	add_le(out, VERSION, 2);
	add_le(out, 0, 2); /* flags */
	add_le(out, METHOD, 2);
	add_le(out, 0, 2); /* midnight */
	add_le(out, DAY, 2);
	add_le(out, packed->crc, 4);
	add_le(out, (uint32_t)packed->deflated.len, 4);
	add_le(out, packed->size, 4);
	add_le(out, (uint32_t)name.len, 2);
	add_le(out, 0, 2); /* nothing extra */
}

static void add_entry(struct ed_buf *out, struct ed_str name, const struct ed_packed *packed,
		      uint64_t offset)
{
	add_le(out, CENTRAL_SIGNATURE, 4);
	add_le(out, MADE_BY | VERSION, 2);
	add_common(out, name, packed);
	add_le(out, 0, 2); /* no comment */
	add_le(out, 0, 2); /* on this disk */
	add_le(out, 0, 2); /* not said to be text */
	add_le(out, MODE << 16, 4);
	add_le(out, (uint32_t)offset, 4);
	ed_buf_adds(out, name);
}

/* @status is of the first failure, or none; a zip that failed is written no further. */
static ed_status writer_ends(struct ed_pack_writer *w, ed_status status)
{
	w->failed = status != ED_OK;
	return status;
}

static ed_status member_write(struct ed_pack_writer *w, struct ed_str name,
			      const struct ed_packed *packed, struct ed_error *err)
{
	ed_buf_clear(&w->header);
	add_le(&w->header, LOCAL_SIGNATURE, 4);
	add_common(&w->header, name, packed);
	ed_buf_adds(&w->header, name);
	add_entry(&w->directory, name, packed, w->offset);
	if (w->header.status != ED_OK || w->directory.status != ED_OK)
		return ed_fail(err, ED_NOMEM, "out of memory for a member of a zip");
	w->count++;
	ED_TRY(writer_put(w, ed_buf_str(&w->header), err));
	return writer_put(w, ed_buf_str(&packed->deflated), err);
}

ed_status ed_pack_write_member(struct ed_pack_writer *writer, struct ed_str name,
			       const struct ed_packed *packed, struct ed_error *err)
{
	uint64_t room = packed->deflated.len + HEADERS_MOST + writer->directory.len;

	if (writer->failed)
		return ed_fail(err, ED_ARG, "a zip that failed goes on");
	if (!ed_pack_name_safe(name))
		return ed_fail(err, ED_ARG, "'%.*s' cannot be the name of a member", ED_FMT(name));
	if (writer->count == MEMBERS_MOST || room > UINT32_MAX - writer->offset)
		return ed_fail(err, ED_LIMIT, "a zip has no room for '%.*s'", ED_FMT(name));
	return writer_ends(writer, member_write(writer, name, packed, err));
}

static ed_status directory_write(struct ed_pack_writer *w, struct ed_error *err)
{
	uint32_t begin = (uint32_t)w->offset, len = (uint32_t)w->directory.len;

	add_le(&w->directory, END_SIGNATURE, 4);
	add_le(&w->directory, 0, 4); /* disks */
	add_le(&w->directory, (uint32_t)w->count, 2);
	add_le(&w->directory, (uint32_t)w->count, 2);
	add_le(&w->directory, len, 4);
	add_le(&w->directory, begin, 4);
	add_le(&w->directory, 0, 2); /* no comment */
	if (w->directory.status != ED_OK)
		return ed_fail(err, ED_NOMEM, "out of memory for the directory of a zip");
	ED_TRY(writer_put(w, ed_buf_str(&w->directory), err));
	return block_flush(w, err);
}

ed_status ed_pack_write_end(struct ed_pack_writer *writer, bool whole, struct ed_error *err)
{
	ed_status status = ED_OK;

	if (!writer)
		return ED_OK;
	if (whole)
		status = writer->failed ? ed_fail(err, ED_ARG, "a zip that failed goes on")
					: directory_write(writer, err);
	ed_buf_release(&writer->block);
	ed_buf_release(&writer->header);
	ed_buf_release(&writer->directory);
	ed_free(writer);
	return status;
}

/* CON, NUL, COM1 and so on, whatever follows behind a dot. */
static bool is_dos_device(struct ed_str part)
{
	static const char *const names[] = { "CON", "PRN", "AUX", "NUL" };
	size_t dot = ed_str_find(part, ED_STR("."), 0);
	struct ed_str stem = ed_str_trim(ed_str_slice(part, 0, dot));

	for (size_t i = 0; i < ED_COUNT(names); i++)
		if (ed_str_ieq(stem, ed_str_from(names[i])))
			return true;
	return stem.len == 4 && stem.p[3] >= '0' && stem.p[3] <= '9' &&
	       (ed_str_istarts(stem, ED_STR("COM")) || ed_str_istarts(stem, ED_STR("LPT")));
}

static bool is_safe_part(struct ed_str part)
{
	char last;

	if (!part.len || is_dos_device(part))
		return false;
	for (size_t i = 0; i < part.len; i++)
		if (part.p[i] < ' ' || part.p[i] > '~' || strchr("<>:\"|?*\\", part.p[i]))
			return false;
	last = part.p[part.len - 1];
	return last != '.' && last != ' ' && part.p[0] != ' ';
}

bool ed_pack_name_safe(struct ed_str name)
{
	struct ed_str rest = name, part;

	if (!name.len || name.len > ED_PACK_NAME_MAX || ed_str_ends(name, ED_STR("/")))
		return false;
	while (ed_str_next(&rest, '/', &part))
		if (!is_safe_part(part))
			return false;
	return true;
}

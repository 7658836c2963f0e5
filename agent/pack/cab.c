/* SPDX-License-Identifier: MIT */
/*
 * Walks a cabinet. The members of one of its folders are one compressed stream, so each folder is
 * given to libarchive as a cabinet of its own: a header made up here, then the folder's data where
 * they are. Damage then costs the rest of its folder and no other. (Of one cabinet as a whole,
 * libarchive cannot pass a damaged folder.) Names come from the cabinet's own table.
 */
#include "pack_priv.h"

#include "espdiag/base/cursor.h"
#include "espdiag/base/limits.h"

#define HEADER_BYTES 36
#define FOLDER_BYTES 8
#define FILE_BYTES 16
#define FILE_NAME_MAX 256
#define FLAG_PREVIOUS 1
#define FLAG_NEXT 2
#define FLAG_RESERVE 4
#define ATTRIBUTE_UTF8 0x80
#define FOLDER_CONTINUED 0xfffd /* this and above: parts of the file are in other cabinets */

/* One entry of the file table; the walk's name is its label. */
struct cab_file {
	uint32_t size;
	uint32_t offset; /* in the unpacked folder */
	uint16_t folder;
};

struct cab_walk {
	struct pack_walk walk;
	struct pack_stream stream;
	struct ed_buf header; /* the made-up one */
	uint64_t folders_at;  /* the folder table */
	size_t folder_stride;
	uint16_t folder_count;
	uint8_t data_reserve; /* bytes of each data block that are not the cabinet's */
	uint64_t table_at;    /* of the next entry of the file table */
	uint32_t file_count;  /* as the header says */
	uint32_t file_i;
};

/* A NUL-terminated name of another cabinet or disk. */
static void skip_name(struct ed_cursor *c)
{
	while (!c->bad && ed_cursor_u8(c))
		;
}

/* *found false: no cabinet header, or not all of it. */
static ed_status header_read(struct cab_walk *c, bool *found, struct ed_error *err)
{
	struct ed_cursor in;
	uint16_t flags, reserve = 0;
	uint8_t folder_reserve = 0;
	size_t got;

	ED_TRY(pack_view_at(&c->walk.view, 0, PACK_VIEW_BYTES, &in.p, &got, err));
	in = (struct ed_cursor){ .p = in.p, .left = got };
	*found = got >= HEADER_BYTES && memcmp(in.p, "MSCF", 4) == 0;
	if (!*found)
		return ED_OK;
	c->table_at = ed_le32(in.p + 16);
	c->folder_count = ed_le16(in.p + 26);
	c->file_count = ed_le16(in.p + 28);
	flags = ed_le16(in.p + 30);
	ed_cursor_take(&in, HEADER_BYTES);
	if (flags & FLAG_RESERVE) {
		reserve = ed_cursor_u16(&in);
		folder_reserve = ed_cursor_u8(&in);
		c->data_reserve = ed_cursor_u8(&in);
		ed_cursor_take(&in, reserve);
	}
	for (int i = 0; i < 2; i++) {
		if (!(flags & (i == 0 ? FLAG_PREVIOUS : FLAG_NEXT)))
			continue;
		skip_name(&in);
		skip_name(&in);
	}
	c->folders_at = got - in.left;
	c->folder_stride = FOLDER_BYTES + (size_t)folder_reserve;
	*found = !in.bad;
	return ED_OK;
}

/* The next entry of the file table; *found false when the table is cut short or damaged. */
static ed_status file_read(struct cab_walk *c, struct cab_file *file, bool *found,
			   struct ed_error *err)
{
	const unsigned char *p, *end;
	struct ed_str name;
	bool is_utf8;
	size_t got;

	*found = false;
	ED_TRY(pack_view_at(&c->walk.view, c->table_at, FILE_BYTES + FILE_NAME_MAX, &p, &got, err));
	if (got <= FILE_BYTES)
		return ED_OK;
	end = memchr(p + FILE_BYTES, '\0', got - FILE_BYTES);
	if (!end)
		return ED_OK;
	name = (struct ed_str){ (const char *)p + FILE_BYTES, (size_t)(end - p) - FILE_BYTES };
	*file = (struct cab_file){ .size = ed_le32(p),
				   .offset = ed_le32(p + 4),
				   .folder = ed_le16(p + 8) };
	is_utf8 = ed_le16(p + 14) & ATTRIBUTE_UTF8;
	c->table_at += FILE_BYTES + name.len + 1;
	*found = true;
	return pack_name_label(&c->walk.name, name, is_utf8, PACK_CP1252, err);
}

static ed_status rest_lost(struct cab_walk *c, const char *why, struct ed_error *err)
{
	bool cut = c->table_at + FILE_BYTES + FILE_NAME_MAX > c->walk.source->size;

	return pack_lost(&c->walk, (struct ed_str){ NULL, 0 },
			 cut ? ED_PACK_TRUNCATED : ED_PACK_DAMAGED, c->file_count - c->file_i, why,
			 err);
}

static void add_le(struct ed_buf *buf, uint64_t value, size_t width)
{
	for (size_t i = 0; i < width; i++)
		ed_buf_addc(buf, (char)(unsigned char)(value >> 8 * i));
}

/*
 * Counts the files from here on that are in the folder of the next one, and adds their entries to
 * the made-up header, without names. The table is left where it was.
 */
static ed_status run_add(struct cab_walk *c, uint16_t folder, uint32_t *count, struct ed_error *err)
{
	uint64_t table_at = c->table_at;
	ed_status status = ED_OK;

	*count = 0;
	while (status == ED_OK && c->file_i + *count < c->file_count) {
		struct cab_file file;
		bool found;

		status = file_read(c, &file, &found, err);
		if (status != ED_OK || !found || file.folder != folder)
			break;
		add_le(&c->header, file.size, 4);
		add_le(&c->header, file.offset, 4);
		add_le(&c->header, 0, 8); /* folder, date, time, attributes */
		add_le(&c->header, 'x', 2);
		++*count;
	}
	c->table_at = table_at;
	return status;
}

/*
 * Makes up the header of a cabinet that holds nothing but the files from here on of @folder;
 * *data_at is where its data begin. *found false: there is no such folder.
 */
static ed_status folder_header(struct cab_walk *c, uint16_t folder, uint32_t *count,
			       uint64_t *data_at, bool *found, struct ed_error *err)
{
	size_t files_at = HEADER_BYTES + 4 + FOLDER_BYTES;
	const unsigned char *p;
	unsigned char entry[FOLDER_BYTES];
	unsigned char counted[4];
	size_t got = 0;

	*found = false;
	if (folder < c->folder_count)
		ED_TRY(pack_view_at(&c->walk.view, c->folders_at + folder * c->folder_stride,
				    FOLDER_BYTES, &p, &got, err));
	if (got < FOLDER_BYTES)
		return ED_OK;
	memcpy(entry, p, sizeof(entry));
	ed_buf_clear(&c->header);
	ed_buf_add(&c->header, "MSCF\0\0\0", 8);
	add_le(&c->header, UINT32_MAX, 4); /* size: unknown */
	add_le(&c->header, 0, 4);
	add_le(&c->header, files_at, 4);
	add_le(&c->header, 0, 4);
	add_le(&c->header, 0x0103, 2); /* version 1.3 */
	add_le(&c->header, 1, 2);
	add_le(&c->header, 0, 2); /* files: counted below */
	add_le(&c->header, FLAG_RESERVE, 2);
	add_le(&c->header, 0, 4);
	add_le(&c->header, (uint64_t)c->data_reserve << 24, 4);
	add_le(&c->header, 0, 4); /* where the data begin: known below */
	ed_buf_add(&c->header, entry + 4, 4);
	ED_TRY(run_add(c, folder, count, err));
	if (c->header.status != ED_OK)
		return ed_fail(err, ED_NOMEM, "out of memory for a cabinet's table");
	counted[0] = (unsigned char)*count;
	counted[1] = (unsigned char)(*count >> 8);
	memcpy(c->header.p + 28, counted, 2);
	for (size_t i = 0; i < 4; i++)
		counted[i] = (unsigned char)(c->header.len >> 8 * i);
	memcpy(c->header.p + HEADER_BYTES + 4, counted, 4);
	*data_at = ed_le32(entry);
	*found = true;
	return ED_OK;
}

/* What is passed over must be unpacked all the same to reach what follows. */
static void charge_passed(struct cab_walk *c, const struct cab_file *file, enum pack_taken taken)
{
	uint64_t *left = c->walk.visitor->unpacked_left;
	uint64_t passed = file->size > c->walk.bytes.len ? file->size - c->walk.bytes.len : 0;

	if (taken == PACK_REFUSED)
		*left -= passed < *left ? passed : *left;
}

/* The next @count files, which are in the folder that the stream reads. */
static ed_status run_walk(struct cab_walk *c, uint32_t count, struct ed_error *err)
{
	enum pack_taken taken = PACK_TAKEN;
	enum ed_pack_trouble trouble = ED_PACK_DAMAGED;
	struct ed_str name;

	for (; count; count--, c->file_i++) {
		enum pack_next next = PACK_NEXT_FAIL;
		struct cab_file file;
		bool found;

		ED_TRY(file_read(c, &file, &found, err)); /* found: run_add has seen it */
		name = ed_buf_str(&c->walk.name);
		if (taken == PACK_BROKEN) {
			ED_TRY(pack_lost(&c->walk, name, trouble, 1,
					 "cannot be reached behind a damaged member", err));
			continue;
		}
		ED_TRY(pack_stream_next(&c->stream, &next));
		if (next == PACK_NEXT_MEMBER) {
			ED_TRY(pack_stream_take(&c->stream, file.size, &taken));
			charge_passed(c, &file, taken);
		} else {
			taken = PACK_BROKEN;
			ED_TRY(pack_lost(&c->walk, name,
					 pack_stream_cut(&c->stream) ? ED_PACK_TRUNCATED
								     : ED_PACK_DAMAGED,
					 1, "its folder's table is damaged", err));
		}
		trouble = pack_stream_cut(&c->stream) ? ED_PACK_TRUNCATED : ED_PACK_DAMAGED;
	}
	return ED_OK;
}

/* The files from here on that are in one folder. */
static ed_status folder_walk(struct cab_walk *c, uint16_t folder, struct ed_error *err)
{
	uint64_t data_at = 0;
	uint32_t count = 0;
	ed_status status;
	bool found;

	ED_TRY(folder_header(c, folder, &count, &data_at, &found, err));
	if (!found) {
		struct cab_file file;

		ED_TRY(file_read(c, &file, &found, err));
		c->file_i++;
		return pack_lost(&c->walk, ed_buf_str(&c->walk.name),
				 folder >= FOLDER_CONTINUED ? ED_PACK_TRUNCATED : ED_PACK_DAMAGED,
				 1,
				 folder >= FOLDER_CONTINUED ? "parts of it are in another cabinet"
							    : "its folder is not there",
				 err);
	}
	ED_TRY(pack_stream_open(&c->stream, &c->walk, true, ed_buf_str(&c->header), data_at, err));
	status = run_walk(c, count, err);
	pack_stream_close(&c->stream);
	return status;
}

static ed_status cab_walk(struct cab_walk *c, struct ed_error *err)
{
	bool found;

	ED_TRY(header_read(c, &found, err));
	if (!found)
		return pack_lost(&c->walk, (struct ed_str){ NULL, 0 }, ED_PACK_TRUNCATED,
				 UINT64_MAX, "cut short in its header", err);
	while (c->file_i < c->file_count) {
		uint64_t table_at = c->table_at;
		struct cab_file file;

		ED_TRY(file_read(c, &file, &found, err));
		if (!found)
			return rest_lost(c, "its table of files is damaged or cut short", err);
		c->table_at = table_at;
		ED_TRY(folder_walk(c, file.folder, err));
	}
	return ED_OK;
}

ed_status ed_pack_walk_cab(const struct ed_pack_source *source,
			   const struct ed_pack_visitor *visitor, struct ed_error *err)
{
	struct cab_walk c = { .file_i = 0 };
	ed_status status = pack_walk_init(&c.walk, source, visitor, err);

	ed_buf_init(&c.header, 4 * ED_MIB); /* 65535 entries of 18 bytes */
	if (status == ED_OK)
		status = cab_walk(&c, err);
	ed_buf_release(&c.header);
	pack_walk_release(&c.walk);
	return status;
}

/* SPDX-License-Identifier: MIT */
/*
 * Walks a zip. Each member is opened on its own, at its local header, so that damage to one cannot
 * cost another; the directory only tells where they begin. Where it is missing or wrong, members
 * are looked for by their own headers.
 */
#include "pack_priv.h"

#include "espdiag/base/cursor.h"
#include "espdiag/base/limits.h"

#define LOCAL_BYTES 30
#define NAME_FRONT 64 /* bytes */
#define FLAG_ENCRYPTED 0x0001
#define FLAG_SIZES_BEHIND 0x0008
#define FLAG_UTF8 0x0800
#define METHOD_STORED 0
#define METHOD_DEFLATE 8
#define METHOD_MAX 99 /* AES is the highest number in use */

/* A local header's fixed part. */
struct zip_local {
	uint16_t flags;
	uint16_t method;
	uint32_t packed;
	uint16_t name_len;
	uint16_t extra_len;
};

struct zip_walk {
	struct pack_walk walk;
	struct zip_map map;
	uint64_t visited; /* members looked at */
	uint64_t nowhere; /* directory entries that lead to no member */
	bool full;        /* ED_LIMIT_MEMBERS was reached */
};

/* *found: there is a plausible local header at @offset. */
static ed_status local_read(struct zip_walk *z, uint64_t offset, struct zip_local *local,
			    bool *found, struct ed_error *err)
{
	uint64_t size = z->walk.source->size;
	const unsigned char *p;
	size_t got;

	*found = false;
	ED_TRY(pack_view_at(&z->walk.view, offset, LOCAL_BYTES, &p, &got, err));
	if (got < LOCAL_BYTES || memcmp(p, "PK\3\4", 4) != 0)
		return ED_OK;
	*local = (struct zip_local){ .flags = ed_le16(p + 6),
				     .method = ed_le16(p + 8),
				     .packed = ed_le32(p + 18),
				     .name_len = ed_le16(p + 26),
				     .extra_len = ed_le16(p + 28) };
	*found = local->method <= METHOD_MAX &&
		 (uint64_t)local->name_len + local->extra_len <= size - offset - LOCAL_BYTES;
	return ED_OK;
}

/* Labels the member; *folder: its name ends like a folder's. */
static ed_status local_name(struct zip_walk *z, uint64_t offset, const struct zip_local *local,
			    bool *folder, struct ed_error *err)
{
	size_t len = local->name_len < ED_LIMIT_NAME_BYTES ? local->name_len : ED_LIMIT_NAME_BYTES;
	const unsigned char *p;
	size_t got;

	ED_TRY(pack_view_at(&z->walk.view, offset + LOCAL_BYTES, len, &p, &got, err));
	*folder = got && (p[got - 1] == '/' || p[got - 1] == '\\');
	return pack_name_label(&z->walk.name, (struct ed_str){ (const char *)p, got },
			       local->flags & FLAG_UTF8, PACK_CP437, err);
}

/* What is told of a name that is too long; never ends in half a character. */
static struct ed_str name_front(struct ed_str name)
{
	size_t len = NAME_FRONT;

	while (len && len < name.len && ((unsigned char)name.p[len] & 0xC0) == 0x80)
		len--;
	return ed_str_slice(name, 0, len);
}

/* Where the member's data end by its header; 0 when only unpacking tells. */
static uint64_t local_end(const struct zip_local *local, uint64_t offset)
{
	if (local->flags & FLAG_SIZES_BEHIND || local->packed == UINT32_MAX)
		return 0;
	return offset + LOCAL_BYTES + local->name_len + local->extra_len + local->packed;
}

static ed_status member_unpack(struct zip_walk *z, struct zip_member *member, struct ed_error *err)
{
	struct pack_walk *walk = &z->walk;
	struct pack_stream stream;
	enum pack_taken taken;
	enum pack_next next;
	ed_status status;

	ED_TRY(pack_stream_open(&stream, walk, false, (struct ed_str){ NULL, 0 }, member->offset,
				err));
	status = pack_stream_next(&stream, &next);
	if (status != ED_OK)
		goto out;
	if (next == PACK_NEXT_MEMBER) {
		status = pack_stream_take(&stream, member->claimed, &taken);
		if (status == ED_OK && !member->end)
			member->end = member->offset + pack_stream_used(&stream);
	} else {
		status = pack_lost(walk, ed_buf_str(&walk->name),
				   pack_stream_cut(&stream) ? ED_PACK_TRUNCATED : ED_PACK_DAMAGED,
				   1, "its header is damaged", err);
	}
out:
	pack_stream_close(&stream);
	return status;
}

/* Looks at what begins at member->offset; *found: that is a member. */
static ed_status member_visit(struct zip_walk *z, struct zip_member *member, bool *found,
			      struct ed_error *err)
{
	struct zip_local local = { .flags = 0 };
	struct ed_str name;
	bool folder;

	ED_TRY(local_read(z, member->offset, &local, found, err));
	if (!*found)
		return ED_OK;
	z->visited++;
	member->end = local_end(&local, member->offset);
	ED_TRY(local_name(z, member->offset, &local, &folder, err));
	name = ed_buf_str(&z->walk.name);
	if (local.name_len > ED_LIMIT_NAME_BYTES)
		return pack_lost(&z->walk, name_front(name), ED_PACK_TRUNCATED, 1,
				 "its name is longer than ED_LIMIT_NAME_BYTES", err);
	if (folder && !local.packed)
		return ED_OK;
	if (local.flags & FLAG_ENCRYPTED)
		return pack_lost(&z->walk, name, ED_PACK_LOCKED, 1, "encrypted", err);
	/* others are rare, and some unpackers of them take any amount of memory */
	if (local.method != METHOD_STORED && local.method != METHOD_DEFLATE) {
		char why[64];

		snprintf(why, sizeof(why), "compression method %u is not supported",
			 (unsigned)local.method);
		return pack_lost(&z->walk, name, ED_PACK_LOCKED, 1, why, err);
	}
	return member_unpack(z, member, err);
}

/* The members that the directory names. */
static ed_status directory_walk(struct zip_walk *z, struct ed_error *err)
{
	struct zip_map *map = &z->map;

	for (size_t i = 0; i < map->count; i++) {
		bool found;

		ED_TRY(member_visit(z, &map->items[i], &found, err));
		if (!found)
			z->nowhere++;
	}
	return ED_OK;
}

/* Offset of the next local header signature at or after @from; the size when there is none. */
static ed_status signature_find(struct zip_walk *z, uint64_t from, uint64_t *at,
				struct ed_error *err)
{
	uint64_t size = z->walk.source->size;

	while (from < size) {
		const unsigned char *p, *hit;
		size_t got, i = 0;

		ED_TRY(pack_view_at(&z->walk.view, from, PACK_VIEW_BYTES, &p, &got, err));
		if (got < 4)
			break;
		while (i + 4 <= got && (hit = memchr(p + i, 'P', got - 3 - i))) {
			if (memcmp(hit, "PK\3\4", 4) == 0) {
				*at = from + (size_t)(hit - p);
				return ED_OK;
			}
			i = (size_t)(hit - p) + 1;
		}
		from += got - 3;
	}
	*at = size;
	return ED_OK;
}

/* Members that the directory does not lead to: everything outside the visited ones. */
static ed_status scan_walk(struct zip_walk *z, uint64_t *found_count, struct ed_error *err)
{
	uint64_t size = z->walk.source->size;
	uint64_t at = 0;
	size_t next = 0; /* of the directory's members */

	for (;;) {
		struct zip_member member = { .claimed = PACK_UNKNOWN };
		bool found;

		ED_TRY(signature_find(z, at, &member.offset, err));
		if (member.offset >= size)
			return ED_OK;
		while (next < z->map.count && z->map.items[next].offset < member.offset)
			next++;
		if (next < z->map.count && z->map.items[next].offset == member.offset) {
			member.end = z->map.items[next].end;
		} else if (z->visited >= ED_LIMIT_MEMBERS) {
			z->full = true;
			return ED_OK;
		} else {
			ED_TRY(member_visit(z, &member, &found, err));
			*found_count += found;
		}
		at = member.offset + 4;
		if (member.end > at)
			at = member.end;
	}
}

/* Members found without the directory, and what is to be said about it. */
static ed_status without_directory(struct zip_walk *z, struct ed_error *err)
{
	static const struct ed_str archive = { NULL, 0 };
	uint64_t found = 0, lost;

	ED_TRY(scan_walk(z, &found, err));
	if (!z->map.found)
		return pack_lost(&z->walk, archive, ED_PACK_TRUNCATED, UINT64_MAX,
				 "cut short: the directory at its end is missing", err);
	lost = z->nowhere > found ? z->nowhere - found : 0;
	return pack_lost(&z->walk, archive, ED_PACK_DAMAGED, z->map.whole ? lost : UINT64_MAX,
			 "its directory is wrong; members were found by their own headers", err);
}

static ed_status zip_walk(struct zip_walk *z, struct ed_error *err)
{
	static const struct ed_str archive = { NULL, 0 };

	ED_TRY(zip_map_read(&z->map, &z->walk.view, err));
	ED_TRY(directory_walk(z, err));
	if (!z->map.whole || z->nowhere)
		ED_TRY(without_directory(z, err));
	if (z->map.beyond || z->full)
		ED_TRY(pack_lost(&z->walk, archive, ED_PACK_TRUNCATED,
				 z->map.beyond ? z->map.beyond : UINT64_MAX,
				 "more members than are allowed (ED_LIMIT_MEMBERS)", err));
	return ED_OK;
}

ed_status ed_pack_walk_zip(const struct ed_pack_source *source,
			   const struct ed_pack_visitor *visitor, struct ed_error *err)
{
	struct zip_walk z = { .visited = 0 };
	ed_status status = pack_walk_init(&z.walk, source, visitor, err);

	if (status == ED_OK)
		status = zip_walk(&z, err);
	zip_map_release(&z.map);
	pack_walk_release(&z.walk);
	return status;
}

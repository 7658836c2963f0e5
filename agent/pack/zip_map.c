/* SPDX-License-Identifier: MIT */
/*
 * Where the members of a zip begin, by the directory at its end. Only offsets and sizes are taken
 * from there: the directory may lie, and every member is checked against its own header later.
 */
#include "pack_priv.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/cursor.h"
#include "espdiag/base/limits.h"

#define END_BYTES 22
#define END_COMMENT_MAX 65535
#define LOCATOR_BYTES 20
#define END64_BYTES 56
#define ENTRY_BYTES 46
#define EXTRA_ZIP64 1

/* What the end records say. */
struct zip_end {
	uint64_t at;      /* of the end record, or of the zip64 one */
	uint64_t entries; /* modulo 65536 unless zip64 */
	uint64_t size;
	uint64_t offset;
	bool is_zip64;
};

static bool signed_with(const unsigned char *p, const char *signature)
{
	return memcmp(p, signature, 4) == 0;
}

/* The zip64 records in front of the end record replace what did not fit there. */
static ed_status end64_read(struct zip_end *end, struct pack_view *view, struct ed_error *err)
{
	const unsigned char *p;
	uint64_t at;
	size_t got;

	if (end->at < LOCATOR_BYTES)
		return ED_OK;
	ED_TRY(pack_view_at(view, end->at - LOCATOR_BYTES, LOCATOR_BYTES, &p, &got, err));
	if (got < LOCATOR_BYTES || !signed_with(p, "PK\6\7"))
		return ED_OK;
	at = ed_le64(p + 8);
	/* bytes put in front of the archive move it: then it still stands before its locator */
	for (int i = 0; i < 2; i++) {
		ED_TRY(pack_view_at(view, at, END64_BYTES, &p, &got, err));
		if (got == END64_BYTES && signed_with(p, "PK\6\6")) {
			*end = (struct zip_end){ .at = at,
						 .entries = ed_le64(p + 32),
						 .size = ed_le64(p + 40),
						 .offset = ed_le64(p + 48),
						 .is_zip64 = true };
			return ED_OK;
		}
		if (end->at < LOCATOR_BYTES + END64_BYTES)
			break;
		at = end->at - LOCATOR_BYTES - END64_BYTES;
	}
	return ED_OK;
}

static ed_status end_find(struct zip_map *map, struct zip_end *end, struct pack_view *view,
			  struct ed_error *err)
{
	uint64_t size = view->source->size;
	size_t tail =
		size < END_BYTES + END_COMMENT_MAX ? (size_t)size : END_BYTES + END_COMMENT_MAX;
	const unsigned char *p;
	size_t got;

	ED_TRY(pack_view_at(view, size - tail, tail, &p, &got, err));
	if (got != tail || tail < END_BYTES)
		return ED_OK;
	for (size_t i = tail - END_BYTES + 1; i-- > 0;) {
		if (!signed_with(p + i, "PK\5\6") || ed_le16(p + i + 20) > tail - END_BYTES - i)
			continue;
		*end = (struct zip_end){ .at = size - tail + i,
					 .entries = ed_le16(p + i + 10),
					 .size = ed_le32(p + i + 12),
					 .offset = ed_le32(p + i + 16) };
		map->found = true;
		return end64_read(end, view, err);
	}
	return ED_OK;
}

/* Takes the next of the values that zip64 moved to the extra field, if @value asks for one. */
static void take64(struct ed_cursor *extra, uint64_t *value)
{
	if (*value == UINT32_MAX)
		*value = ed_cursor_u64(extra);
}

/* Unpacked size and offset of an entry whose fixed part is @p and whose extra field is @extra. */
static bool entry_read(const unsigned char *p, struct ed_cursor extra, struct zip_member *member)
{
	uint64_t packed = ed_le32(p + 20);

	member->claimed = ed_le32(p + 24);
	member->offset = ed_le32(p + 42);
	if (packed != UINT32_MAX && member->claimed != UINT32_MAX && member->offset != UINT32_MAX)
		return true;
	while (extra.left) {
		uint16_t id = ed_cursor_u16(&extra);
		uint16_t len = ed_cursor_u16(&extra);
		struct ed_cursor field = { .p = ed_cursor_take(&extra, len), .left = len };

		if (extra.bad)
			return false;
		if (id != EXTRA_ZIP64)
			continue;
		take64(&field, &member->claimed);
		take64(&field, &packed);
		take64(&field, &member->offset);
		return !field.bad;
	}
	return false;
}

static ed_status map_add(struct zip_map *map, const struct zip_member *member, struct ed_error *err)
{
	if (map->count == ED_LIMIT_MEMBERS) {
		map->beyond++;
		return ED_OK;
	}
	if (map->count == map->cap) {
		size_t cap = map->cap ? map->cap * 2 : 64;
		void *items = ed_realloc(map->items, cap * sizeof(*map->items));

		if (!items)
			return ed_fail(err, ED_NOMEM, "out of memory for a zip directory");
		map->items = items;
		map->cap = cap;
	}
	map->items[map->count++] = *member;
	return ED_OK;
}

/* Walks the entries from @at on; @shift is added to their offsets. */
static ed_status entries_read(struct zip_map *map, const struct zip_end *end, uint64_t at,
			      uint64_t shift, struct pack_view *view, struct ed_error *err)
{
	uint64_t entries = 0;

	while (at < end->at) {
		struct zip_member member = { .end = 0 };
		const unsigned char *p;
		unsigned char fixed[ENTRY_BYTES];
		size_t got, name_len, extra_len;

		ED_TRY(pack_view_at(view, at, ENTRY_BYTES, &p, &got, err));
		if (got < ENTRY_BYTES || !signed_with(p, "PK\1\2"))
			break;
		memcpy(fixed, p, ENTRY_BYTES);
		name_len = ed_le16(fixed + 28);
		extra_len = ed_le16(fixed + 30);
		ED_TRY(pack_view_at(view, at + ENTRY_BYTES + name_len, extra_len, &p, &got, err));
		if (got < extra_len ||
		    !entry_read(fixed, (struct ed_cursor){ .p = p, .left = got }, &member) ||
		    member.offset > view->source->size)
			break;
		member.offset += shift;
		member.name_at = at + ENTRY_BYTES;
		member.name_len = (uint16_t)name_len;
		member.flags = ed_le16(fixed + 8);
		ED_TRY(map_add(map, &member, err));
		entries++;
		at += ENTRY_BYTES + name_len + extra_len + ed_le16(fixed + 32);
	}
	map->whole = at == end->at &&
		     (end->is_zip64 ? entries == end->entries : entries % 65536 == end->entries);
	return ED_OK;
}

static int compare_members(const void *left, const void *right)
{
	const struct zip_member *a = left, *b = right;

	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

static void map_sort(struct zip_map *map)
{
	size_t kept = 0;

	if (map->count)
		qsort(map->items, map->count, sizeof(*map->items), compare_members);
	for (size_t i = 0; i < map->count; i++)
		if (!kept || map->items[kept - 1].offset != map->items[i].offset)
			map->items[kept++] = map->items[i];
	map->doubles = map->count - kept;
	map->count = kept;
}

ed_status zip_map_read(struct zip_map *map, struct pack_view *view, struct ed_error *err)
{
	struct zip_end end = { .at = 0 };
	const unsigned char *p;
	uint64_t at;
	size_t got;

	*map = (struct zip_map){ .items = NULL };
	ED_TRY(end_find(map, &end, view, err));
	if (!map->found)
		return ED_OK;
	/* where it says, or right in front of the end record when bytes were put before it all */
	at = end.offset;
	if (at <= end.at) {
		ED_TRY(pack_view_at(view, at, 4, &p, &got, err));
		if (at == end.at || (got == 4 && signed_with(p, "PK\1\2"))) {
			ED_TRY(entries_read(map, &end, at, 0, view, err));
			if (map->whole)
				goto sorted;
		}
	}
	if (end.size <= end.at && end.at - end.size > end.offset) {
		map->count = 0;
		map->beyond = 0;
		at = end.at - end.size;
		ED_TRY(entries_read(map, &end, at, at - end.offset, view, err));
	}
sorted:
	map_sort(map);
	return ED_OK;
}

void zip_map_release(struct zip_map *map)
{
	ed_free(map->items);
	*map = (struct zip_map){ .items = NULL };
}

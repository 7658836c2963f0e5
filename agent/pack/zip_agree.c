/* SPDX-License-Identifier: MIT */
/* Holds the names in a zip's directory against those in front of its members. */
#include "pack_priv.h"

#include "espdiag/base/cursor.h"
#include "espdiag/base/limits.h"

#define LOCAL_BYTES 30
#define FLAG_UTF8 0x0800

static ed_status member_agrees(struct pack_view *view, const struct zip_member *member,
			       bool *agrees, struct ed_error *err)
{
	unsigned char name[ED_LIMIT_NAME_BYTES];
	const unsigned char *p;
	size_t got;

	*agrees = false;
	if (member->name_len > sizeof(name))
		return ED_OK;
	ED_TRY(pack_view_at(view, member->name_at, member->name_len, &p, &got, err));
	if (got < member->name_len)
		return ED_OK;
	if (got)
		memcpy(name, p, got);
	ED_TRY(pack_view_at(view, member->offset, LOCAL_BYTES + (size_t)member->name_len, &p, &got,
			    err));
	*agrees = got == LOCAL_BYTES + (size_t)member->name_len && memcmp(p, "PK\3\4", 4) == 0 &&
		  ed_le16(p + 26) == member->name_len &&
		  ((ed_le16(p + 6) ^ member->flags) & FLAG_UTF8) == 0 &&
		  memcmp(p + LOCAL_BYTES, name, member->name_len) == 0;
	return ED_OK;
}

ed_status ed_pack_zip_agrees(const struct ed_pack_source *source, bool *agrees,
			     struct ed_error *err)
{
	struct zip_map map = { .items = NULL };
	struct pack_view view;
	ed_status status;
	bool all = false;

	ED_TRY(pack_view_init(&view, source, err));
	status = zip_map_read(&map, &view, err);
	if (status == ED_OK)
		all = map.whole && !map.doubles && !map.beyond;
	for (size_t i = 0; i < map.count && all && status == ED_OK; i++)
		status = member_agrees(&view, &map.items[i], &all, err);
	if (status == ED_OK)
		*agrees = all;
	zip_map_release(&map);
	pack_view_release(&view);
	return status;
}

/* SPDX-License-Identifier: MIT */
/* A window on an archive's bytes, and one walk's state. */
#include "pack_priv.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"

#define BLOCK_BYTES (64 * ED_KIB)

ed_status pack_view_init(struct pack_view *view, const struct ed_pack_source *source,
			 struct ed_error *err)
{
	*view = (struct pack_view){ .source = source };
	if (source->bytes || !source->size)
		return ED_OK;
	view->room = ed_malloc(PACK_VIEW_BYTES);
	if (!view->room)
		return ed_fail(err, ED_NOMEM, "out of memory while opening an archive");
	return ED_OK;
}

void pack_view_release(struct pack_view *view)
{
	ed_free(view->room);
	view->room = NULL;
}

ed_status pack_view_at(struct pack_view *view, uint64_t offset, size_t want,
		       const unsigned char **bytes, size_t *got, struct ed_error *err)
{
	uint64_t left = offset < view->source->size ? view->source->size - offset : 0;

	if (want > left)
		want = (size_t)left;
	if (view->source->bytes || !want) {
		*bytes = view->source->bytes;
		if (want)
			*bytes += offset;
		*got = want;
		return ED_OK;
	}
	if (offset < view->at || offset - view->at > view->len ||
	    want > view->len - (size_t)(offset - view->at)) {
		view->len = 0;
		ED_TRY(view->source->read_at(
			view->source->context, offset, view->room,
			left < PACK_VIEW_BYTES ? (size_t)left : PACK_VIEW_BYTES, &view->len, err));
		view->at = offset;
	}
	*bytes = view->room + (offset - view->at);
	*got = want < view->len ? want : view->len;
	return ED_OK;
}

ed_status pack_walk_init(struct pack_walk *walk, const struct ed_pack_source *source,
			 const struct ed_pack_visitor *visitor, struct ed_error *err)
{
	*walk = (struct pack_walk){ .source = source, .visitor = visitor };
	ed_buf_init(&walk->name, 8 * ED_LIMIT_NAME_BYTES);
	ed_buf_init(&walk->bytes, visitor->member_limit < SIZE_MAX / 2
					  ? (size_t)visitor->member_limit
					  : SIZE_MAX / 2);
	ED_TRY(pack_view_init(&walk->view, source, err));
	if (source->bytes || !source->size)
		return ED_OK;
	walk->block = ed_malloc(BLOCK_BYTES);
	if (!walk->block) {
		pack_walk_release(walk);
		return ed_fail(err, ED_NOMEM, "out of memory while opening an archive");
	}
	return ED_OK;
}

void pack_walk_release(struct pack_walk *walk)
{
	pack_view_release(&walk->view);
	ed_buf_release(&walk->name);
	ed_buf_release(&walk->bytes);
	ed_free(walk->block);
	walk->block = NULL;
}

ed_status pack_lost(struct pack_walk *walk, struct ed_str name, enum ed_pack_trouble trouble,
		    uint64_t members, const char *why, struct ed_error *err)
{
	struct ed_pack_loss loss = {
		.trouble = trouble, .name = name, .members = members, .why = ed_str_from(why)
	};

	return walk->visitor->lost(walk->visitor->context, &loss, err);
}

/* SPDX-License-Identifier: MIT */
/* Zip and cab containers: told by their signature, walked by agent/pack. */
#include "espdiag/collectors/archive.h"

#include "espdiag/pack/pack.h"

static ed_status source_read(const void *context, uint64_t offset, void *out, size_t len,
			     size_t *got, struct ed_error *err)
{
	return ed_input_read(context, offset, out, len, got, err);
}

static bool visit_want(void *context, struct ed_str name, struct ed_str head)
{
	struct ed_visitor *visitor = context;

	return !visitor->want || visitor->want(visitor, name, head);
}

static ed_status visit_member(void *context, struct ed_str name, struct ed_str bytes,
			      struct ed_error *err)
{
	struct ed_visitor *visitor = context;
	struct ed_input member;

	ed_input_from_memory(&member, name, bytes.p, bytes.len);
	return visitor->member(visitor, &member, err);
}

static bool visit_in_pieces(void *context, struct ed_str name, struct ed_str head)
{
	struct ed_visitor *visitor = context;

	return visitor->in_order && visitor->in_order(visitor, name, head);
}

static ed_status pieces_read(const struct ed_input *input, uint64_t offset, void *out, size_t len,
			     size_t *got, struct ed_error *err)
{
	return ed_pack_pieces_read(input->context, offset, out, len, got, err);
}

static ed_status visit_pieces(void *context, struct ed_str name, uint64_t size,
			      struct ed_pack_pieces *pieces, struct ed_error *err)
{
	struct ed_visitor *visitor = context;
	struct ed_input member = { .path = name,
				   .size = size,
				   .context = pieces,
				   .in_order = true,
				   .read_at = pieces_read };

	return visitor->member(visitor, &member, err);
}

static ed_status visit_lost(void *context, const struct ed_pack_loss *loss, struct ed_error *err)
{
	static const enum ed_state states[] = {
		[ED_PACK_DAMAGED] = ED_STATE_DAMAGED,
		[ED_PACK_TRUNCATED] = ED_STATE_TRUNCATED,
		[ED_PACK_LOCKED] = ED_STATE_DENIED,
	};
	struct ed_visitor *visitor = context;
	struct ed_gap gap = { .state = states[loss->trouble],
			      .lost = loss->members == UINT64_MAX ? ED_LOST_UNKNOWN : loss->members,
			      .why = loss->why };

	return visitor->lost(visitor, loss->name, &gap, err);
}

typedef ed_status (*pack_walk_fn)(const struct ed_pack_source *source,
				  const struct ed_pack_visitor *visitor, struct ed_error *err);

static ed_status archive_walk(pack_walk_fn walk, const struct ed_input *input,
			      struct ed_visitor *visitor, struct ed_error *err)
{
	struct ed_pack_source source = {
		.size = input->size, .bytes = input->bytes, .context = input, .read_at = source_read
	};
	struct ed_pack_visitor adapter = { .context = visitor,
					   .unpacked_left = visitor->unpacked_left,
					   .member_limit = visitor->member_limit,
					   .want = visit_want,
					   .member = visit_member,
					   .lost = visit_lost,
					   .in_pieces = visit_in_pieces,
					   .pieces = visit_pieces };

	return walk(&source, &adapter, err);
}

static int zip_probe(struct ed_str head, struct ed_str path)
{
	(void)path;
	return ed_str_starts(head, ED_STR("PK\3\4")) || ed_str_starts(head, ED_STR("PK\5\6")) ||
			       ed_str_starts(head, ED_STR("PK\7\10"))
		       ? 100
		       : 0;
}

static ed_status zip_walk(const struct ed_input *input, struct ed_visitor *visitor,
			  struct ed_error *err)
{
	return archive_walk(ed_pack_walk_zip, input, visitor, err);
}

static int cab_probe(struct ed_str head, struct ed_str path)
{
	(void)path;
	return ed_str_starts(head, ED_STR("MSCF")) ? 100 : 0;
}

static ed_status cab_walk(const struct ed_input *input, struct ed_visitor *visitor,
			  struct ed_error *err)
{
	return archive_walk(ed_pack_walk_cab, input, visitor, err);
}

const struct ed_container ed_container_zip = { .name = "zip",
					       .probe = zip_probe,
					       .walk = zip_walk };
const struct ed_container ed_container_cab = { .name = "cab",
					       .probe = cab_probe,
					       .walk = cab_walk };

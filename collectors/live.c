/* SPDX-License-Identifier: MIT */
/* What a live collector has recorded: a growing list of members and one of gaps. */
#include "espdiag/collectors/live.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"

#include <string.h>

void ed_recording_init(struct ed_recording *recording)
{
	*recording = (struct ed_recording){ .members = NULL };
}

static void member_release(struct ed_recorded *member)
{
	ed_buf_release(&member->name);
	ed_buf_release(&member->source);
	ed_buf_release(&member->bytes);
}

static void gap_release(struct ed_recorded_gap *gap)
{
	ed_buf_release(&gap->source);
	ed_buf_release(&gap->why);
}

void ed_recording_release(struct ed_recording *recording)
{
	for (size_t i = 0; i < recording->member_count; i++)
		member_release(&recording->members[i]);
	for (size_t i = 0; i < recording->gap_count; i++)
		gap_release(&recording->gaps[i]);
	ed_free(recording->members);
	ed_free(recording->gaps);
	ed_recording_init(recording);
}

/* Room for one more of @items; NULL, with @err filled, when there is none. */
static void *one_more(void *items, size_t count, size_t *cap, size_t size, ed_status *status,
		      struct ed_error *err)
{
	size_t more = *cap ? *cap * 2 : 8;
	void *grown;

	*status = ED_OK;
	if (count < *cap)
		return items;
	if (count >= ED_LIMIT_RECORDED_MEMBERS) {
		*status =
			ed_fail(err, ED_LIMIT, "more than %zu recorded (ED_LIMIT_RECORDED_MEMBERS)",
				ED_LIMIT_RECORDED_MEMBERS);
		return NULL;
	}
	grown = ed_realloc(items, more * size);
	if (!grown) {
		*status = ed_fail(err, ED_NOMEM, "out of memory while recording");
		return NULL;
	}
	*cap = more;
	return grown;
}

ed_status ed_recording_add(struct ed_recording *recording, enum ed_form form, struct ed_str name,
			   struct ed_str source, struct ed_buf **bytes, struct ed_error *err)
{
	struct ed_recorded member = { .form = form };
	ed_status status;
	void *items = one_more(recording->members, recording->member_count, &recording->member_cap,
			       sizeof(*recording->members), &status, err);

	if (!items)
		return status;
	recording->members = items;
	ed_buf_init(&member.name, ED_LIMIT_NAME_BYTES);
	ed_buf_init(&member.source, ED_LIMIT_NAME_BYTES);
	ed_buf_init(&member.bytes, ED_LIMIT_RECORDED);
	ed_buf_adds(&member.name, name);
	ed_buf_adds(&member.source, source);
	status = member.name.status != ED_OK ? member.name.status : member.source.status;
	if (status != ED_OK) {
		member_release(&member);
		return ed_fail(err, status, "cannot record '%.*s': %s", ED_FMT(name),
			       ed_status_text(status));
	}
	recording->members[recording->member_count] = member;
	*bytes = &recording->members[recording->member_count++].bytes;
	return ED_OK;
}

void ed_recording_drop(struct ed_recording *recording)
{
	if (recording->member_count)
		member_release(&recording->members[--recording->member_count]);
}

ed_status ed_recording_gap(struct ed_recording *recording, struct ed_str source, bool is_channel,
			   enum ed_state state, uint64_t lost, struct ed_str why,
			   struct ed_error *err)
{
	struct ed_recorded_gap gap = { .is_channel = is_channel, .state = state, .lost = lost };
	ed_status status;
	void *items = one_more(recording->gaps, recording->gap_count, &recording->gap_cap,
			       sizeof(*recording->gaps), &status, err);

	if (!items)
		return status;
	recording->gaps = items;
	ed_buf_init(&gap.source, ED_LIMIT_NAME_BYTES);
	ed_buf_init(&gap.why, ED_LIMIT_NAME_BYTES);
	ed_buf_adds(&gap.source, source);
	ed_buf_adds(&gap.why, why);
	status = gap.source.status != ED_OK ? gap.source.status : gap.why.status;
	if (status != ED_OK) {
		gap_release(&gap);
		return ed_fail(err, status, "cannot record a gap of '%.*s': %s", ED_FMT(source),
			       ed_status_text(status));
	}
	recording->gaps[recording->gap_count++] = gap;
	return ED_OK;
}

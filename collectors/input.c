/* SPDX-License-Identifier: MIT */
/* Bytes with random access, from memory or through a callback. */
#include "espdiag/collectors/input.h"

void ed_input_from_memory(struct ed_input *input, struct ed_str path, const void *bytes, size_t len)
{
	*input = (struct ed_input){ .path = path, .size = len, .bytes = bytes };
}

ed_status ed_input_read(const struct ed_input *input, uint64_t offset, void *out, size_t len,
			size_t *got, struct ed_error *err)
{
	if (offset >= input->size || !len) {
		*got = 0;
		return ED_OK;
	}
	if (len > input->size - offset)
		len = (size_t)(input->size - offset);
	if (!input->bytes)
		return input->read_at(input, offset, out, len, got, err);
	memcpy(out, (const char *)input->bytes + offset, len);
	*got = len;
	return ED_OK;
}

ed_status ed_input_all(const struct ed_input *input, struct ed_buf *hold, struct ed_str *bytes,
		       struct ed_error *err)
{
	if (input->bytes || !input->size) {
		*bytes = (struct ed_str){ input->bytes ? input->bytes : "", (size_t)input->size };
		return ED_OK;
	}
	if (input->size > hold->limit)
		return ed_fail(err, ED_LIMIT, "larger than the %zu bytes allowed for its kind",
			       hold->limit);
	ed_buf_clear(hold);
	if (!ed_buf_reserve(hold, (size_t)input->size))
		return ed_fail(err, hold->status, "out of memory for %zu bytes",
			       (size_t)input->size);
	while (hold->len < input->size) {
		size_t got;

		ED_TRY(ed_input_read(input, hold->len, hold->p + hold->len,
				     (size_t)input->size - hold->len, &got, err));
		if (!got)
			break;
		hold->len += got;
	}
	*bytes = ed_buf_str(hold);
	return ED_OK;
}

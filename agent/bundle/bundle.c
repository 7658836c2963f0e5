/* SPDX-License-Identifier: MIT */
/* The members of a bundle under construction, and writing them all at once. */
#include "espdiag/bundle/bundle.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/platform/file.h"

#include "bundle_priv.h"

ed_status ed_bundle_new(struct ed_bundle **out, struct ed_error *err)
{
	struct ed_bundle *bundle = ed_calloc(1, sizeof(*bundle));

	if (!bundle)
		return ed_fail(err, ED_NOMEM, "out of memory for a bundle");
	*out = bundle;
	return ED_OK;
}

static void member_release(struct member *member)
{
	ed_free(member->text);
	ed_packed_release(&member->packed);
}

void ed_bundle_free(struct ed_bundle *bundle)
{
	if (!bundle)
		return;
	for (size_t i = 0; i < bundle->count; i++)
		member_release(&bundle->members[i]);
	ed_free(bundle->members);
	ed_free(bundle);
}

/* In the order of names, but the manifest is always the last. */
static int compare_names(struct ed_str a, struct ed_str b)
{
	bool x = ed_str_eq(a, ED_STR(MANIFEST_NAME)), y = ed_str_eq(b, ED_STR(MANIFEST_NAME));

	return x != y ? (int)x - (int)y : ed_str_cmp(a, b);
}

/* Index of the first member not before @name. */
static size_t members_find(const struct ed_bundle *bundle, struct ed_str name)
{
	size_t low = 0, high = bundle->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_names(bundle->members[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void add_encoded(struct ed_buf *out, char c)
{
	ed_buf_printf(out, "%%%02X", (unsigned)(unsigned char)c);
}

/* One part of a path; what not every extractor takes becomes %XX. */
static void add_part(struct ed_buf *out, struct ed_str part)
{
	bool device = !ed_pack_name_safe(ed_str_slice(part, 0, 1)) || part.len < 2;
	size_t begin = out->len;

	for (size_t i = 0; i < part.len; i++) {
		char c = part.p[i];
		bool edge = i == 0 || i + 1 == part.len;

		if (c < ' ' || c > '~' || strchr("<>:\"|?*\\", c) ||
		    (edge && (c == ' ' || (c == '.' && i))))
			add_encoded(out, c);
		else
			ed_buf_addc(out, c);
	}
	if (device || out->status != ED_OK ||
	    ed_pack_name_safe(ed_str_slice(ed_buf_str(out), begin, out->len)))
		return;
	/* what is left are the names of DOS devices */
	out->len = begin;
	add_encoded(out, part.p[0]);
	ed_buf_adds(out, ed_str_slice(part, 1, part.len));
}

static ed_status name_make(struct ed_str name, struct ed_buf *out, struct ed_error *err)
{
	struct ed_str rest = name, part;

	while (ed_str_next(&rest, '/', &part)) {
		if (!part.len || ed_str_eq(part, ED_STR(".")) || ed_str_eq(part, ED_STR("..")))
			return ed_fail(err, ED_ARG, "'%.*s' cannot be the name of a member",
				       ED_FMT(name));
		if (out->len)
			ed_buf_addc(out, '/');
		add_part(out, part);
	}
	if (out->status == ED_NOMEM)
		return ed_fail(err, ED_NOMEM, "out of memory for the name of a member");
	if (!ed_pack_name_safe(ed_buf_str(out)))
		return ed_fail(err, ED_ARG, "'%.*s' cannot be the name of a member", ED_FMT(name));
	return ED_OK;
}

static ed_status member_make(struct member *m, struct ed_str name, struct ed_str source,
			     struct ed_str bytes, struct ed_error *err)
{
	ed_status status;

	m->text = ed_malloc(name.len + source.len);
	if (!m->text)
		return ed_fail(err, ED_NOMEM, "out of memory for a member of the bundle");
	memcpy(m->text, name.p, name.len);
	if (source.len)
		memcpy(m->text + name.len, source.p, source.len);
	m->name = (struct ed_str){ m->text, name.len };
	m->source = (struct ed_str){ source.p ? m->text + name.len : NULL, source.len };
	status = ed_sha256(bytes, m->sha256, err);
	if (status == ED_OK)
		status = ed_packed_make(bytes, &m->packed, err);
	if (status != ED_OK)
		member_release(m);
	return status;
}

/* Puts @m in its place; takes it over. */
static ed_status member_place(struct ed_bundle *bundle, const struct member *m,
			      struct ed_error *err)
{
	size_t at = members_find(bundle, m->name);

	if (at < bundle->count && ed_str_eq(bundle->members[at].name, m->name)) {
		bundle->bytes -= bundle->members[at].packed.size;
		member_release(&bundle->members[at]);
	} else {
		if (bundle->count == ED_LIMIT_BUNDLE_MEMBERS)
			return ed_fail(err, ED_LIMIT,
				       "more than %zu members (ED_LIMIT_BUNDLE_MEMBERS)",
				       ED_LIMIT_BUNDLE_MEMBERS);
		if (bundle->count == bundle->cap) {
			size_t cap = bundle->cap ? bundle->cap * 2 : 32;
			void *items = ed_realloc(bundle->members, cap * sizeof(*m));

			if (!items)
				return ed_fail(err, ED_NOMEM, "out of memory for a bundle");
			bundle->members = items;
			bundle->cap = cap;
		}
		memmove(&bundle->members[at + 1], &bundle->members[at],
			(bundle->count - at) * sizeof(*m));
		bundle->count++;
	}
	bundle->members[at] = *m;
	bundle->bytes += m->packed.size;
	return ED_OK;
}

ed_status ed_bundle_add(struct ed_bundle *bundle, enum ed_form form, struct ed_str name,
			struct ed_str source, struct ed_str bytes, uint64_t redactions,
			struct ed_error *err)
{
	struct member m = { .form = form, .redactions = redactions };
	struct ed_buf safe;
	ed_status status;

	/* with what it may replace, so that a bundle at its limit stays below it */
	if (bytes.len > ED_LIMIT_BUNDLE_BYTES - bundle->bytes)
		return ed_fail(err, ED_LIMIT, "more than %zu bytes (ED_LIMIT_BUNDLE_BYTES)",
			       ED_LIMIT_BUNDLE_BYTES);
	ed_buf_init(&safe, 4 * ED_PACK_NAME_MAX);
	status = name_make(name, &safe, err);
	if (status == ED_OK)
		status = member_make(&m, ed_buf_str(&safe), source, bytes, err);
	if (status == ED_OK) {
		status = member_place(bundle, &m, err);
		if (status != ED_OK)
			member_release(&m);
	}
	ed_buf_release(&safe);
	return status;
}

size_t ed_bundle_count(const struct ed_bundle *bundle)
{
	return bundle->count;
}

void ed_bundle_member(const struct ed_bundle *bundle, size_t i, struct ed_bundle_member *out)
{
	const struct member *m = &bundle->members[i];

	*out = (struct ed_bundle_member){ .name = m->name,
					  .source = m->source,
					  .form = m->form,
					  .size = m->packed.size,
					  .redactions = m->redactions };
	memcpy(out->sha256, m->sha256, sizeof(out->sha256));
}

static ed_status piece_keep(void *context, struct ed_str piece, struct ed_error *err)
{
	struct ed_buf *out = context;

	ed_buf_adds(out, piece);
	return out->status == ED_OK
		       ? ED_OK
		       : ed_fail(err, out->status, "cannot hold a member of the bundle: %s",
				 ed_status_text(out->status));
}

ed_status ed_bundle_bytes(const struct ed_bundle *bundle, size_t i, struct ed_buf *out,
			  struct ed_error *err)
{
	const struct member *m = &bundle->members[i];

	if (m->packed.size)
		ed_buf_reserve(out, m->packed.size);
	return ed_packed_read(&m->packed, piece_keep, out, err);
}

static ed_status output_write(void *context, struct ed_str bytes, struct ed_error *err)
{
	return ed_output_write(context, bytes, err);
}

static ed_status members_write(const struct ed_bundle *bundle, struct ed_output *output,
			       struct ed_error *err)
{
	struct ed_pack_writer *writer;
	ed_status status = ED_OK, ended;

	ED_TRY(ed_pack_write_begin(&writer, output_write, output, err));
	for (size_t i = 0; i < bundle->count && status == ED_OK; i++) {
		const struct member *m = &bundle->members[i];

		status = ed_pack_write_member(writer, m->name, &m->packed, err);
	}
	ended = ed_pack_write_end(writer, status == ED_OK, status == ED_OK ? err : NULL);
	return status != ED_OK ? status : ended;
}

static ed_status bundle_write(const struct ed_bundle *bundle, struct ed_str path, bool *taken,
			      struct ed_error *err)
{
	struct ed_output *output;
	ed_status status, closed;

	if (!bundle->count ||
	    !ed_str_eq(bundle->members[bundle->count - 1].name, ED_STR(MANIFEST_NAME)))
		return ed_fail(err, ED_ARG, "a bundle without " MANIFEST_NAME);
	ED_TRY(taken ? ed_output_open_new(path, &output, err) : ed_output_open(path, &output, err));
	status = members_write(bundle, output, err);
	if (status == ED_OK && taken)
		return ed_output_close_new(output, taken, err);
	closed = ed_output_close(output, status == ED_OK, status == ED_OK ? err : NULL);
	return status != ED_OK ? status : closed;
}

ed_status ed_bundle_write(const struct ed_bundle *bundle, struct ed_str path, struct ed_error *err)
{
	return bundle_write(bundle, path, NULL, err);
}

ed_status ed_bundle_write_new(const struct ed_bundle *bundle, struct ed_str path, bool *taken,
			      struct ed_error *err)
{
	return bundle_write(bundle, path, taken, err);
}

/* SPDX-License-Identifier: MIT */
/* A zip through libarchive's writer, piece by piece, and the names that may stand in it. */
#include "espdiag/pack/write.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/base/time.h"

#include <archive.h>
#include <archive_entry.h>

#define BLOCK_BYTES ((int)(64 * ED_KIB))
#define UNIX_EPOCH_SECONDS INT64_C(11644473600)

struct ed_pack_writer {
	struct archive *archive;
	ed_pack_write_fn write;
	void *context;
	int64_t mtime;
	uint64_t left;         /* bytes that the current member still lacks */
	bool dropped;          /* nothing is written any more */
	struct ed_error error; /* of a failed write */
};

/*
 * The library is never told that a write failed: it would forget the compressor of the member that
 * it is in. What comes after a failure, or when the zip is given up, is dropped.
 */
static la_ssize_t writer_write(struct archive *archive, void *context, const void *bytes,
			       size_t len)
{
	struct ed_pack_writer *w = context;
	struct ed_str s = { bytes, len };
	struct ed_error cause = { .status = ED_OK };
	ed_status status;

	(void)archive;
	if (w->dropped)
		return (la_ssize_t)len;
	status = w->write(w->context, s, &cause);
	if (status != ED_OK) {
		w->dropped = true;
		w->error = cause;
		w->error.status = status;
	}
	return (la_ssize_t)len;
}

/* What the caller is told when the library failed. */
static ed_status writer_failed(const struct ed_pack_writer *w, struct ed_error *err)
{
	const char *text = archive_error_string(w->archive);

	if (w->error.status != ED_OK) {
		if (err)
			*err = w->error;
		return w->error.status;
	}
	/* all else that its writer can run out of is memory */
	return ed_fail(err, ED_NOMEM, "cannot write a zip: %s", text ? text : "out of memory");
}

ed_status ed_pack_write_begin(struct ed_pack_writer **out, int64_t mtime, ed_pack_write_fn write,
			      void *context, struct ed_error *err)
{
	struct ed_pack_writer *w = ed_calloc(1, sizeof(*w));
	struct archive *a;

	if (!w)
		return ed_fail(err, ED_NOMEM, "out of memory for a zip");
	w->archive = a = archive_write_new();
	w->write = write;
	w->context = context;
	w->mtime = mtime;
	/* the last block is as long as its bytes: no padding */
	if (!a || archive_write_set_format_zip(a) != ARCHIVE_OK ||
	    archive_write_zip_set_compression_deflate(a) != ARCHIVE_OK ||
	    archive_write_set_bytes_per_block(a, BLOCK_BYTES) != ARCHIVE_OK ||
	    archive_write_set_bytes_in_last_block(a, 1) != ARCHIVE_OK ||
	    archive_write_open(a, w, NULL, writer_write, NULL) != ARCHIVE_OK) {
		(void)ed_pack_write_end(w, false, NULL);
		return ed_fail(err, ED_NOMEM, "out of memory for a zip");
	}
	*out = w;
	return ED_OK;
}

ed_status ed_pack_write_member(struct ed_pack_writer *writer, struct ed_str name, uint64_t size,
			       struct ed_error *err)
{
	struct archive_entry *entry;
	char z[ED_PACK_NAME_MAX + 1];
	int result;

	if (writer->left)
		return ed_fail(err, ED_ARG, "the member before '%.*s' lacks bytes", ED_FMT(name));
	if (!ed_pack_name_safe(name) || size > INT64_MAX)
		return ed_fail(err, ED_ARG, "'%.*s' cannot be the name of a member", ED_FMT(name));
	memcpy(z, name.p, name.len);
	z[name.len] = '\0';
	entry = archive_entry_new2(writer->archive);
	if (!entry)
		return ed_fail(err, ED_NOMEM, "out of memory for a member of a zip");
	archive_entry_copy_pathname(entry, z);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_size(entry, (la_int64_t)size);
	if (writer->mtime != ED_TIME_NONE)
		archive_entry_set_mtime(
			entry, (time_t)(writer->mtime / ED_TICKS_PER_SECOND - UNIX_EPOCH_SECONDS),
			0);
	result = archive_write_header(writer->archive, entry);
	archive_entry_free(entry);
	if (result != ARCHIVE_OK || writer->dropped)
		return writer_failed(writer, err);
	writer->left = size;
	return ED_OK;
}

ed_status ed_pack_write_bytes(struct ed_pack_writer *writer, struct ed_str bytes,
			      struct ed_error *err)
{
	if (bytes.len > writer->left)
		return ed_fail(err, ED_ARG, "a member of a zip got more bytes than its size");
	while (bytes.len) {
		la_ssize_t n = archive_write_data(writer->archive, bytes.p, bytes.len);

		if (n <= 0 || writer->dropped)
			return writer_failed(writer, err);
		writer->left -= (uint64_t)n;
		bytes = ed_str_slice(bytes, (size_t)n, bytes.len);
	}
	return ED_OK;
}

ed_status ed_pack_write_end(struct ed_pack_writer *writer, bool whole, struct ed_error *err)
{
	ed_status status = ED_OK;

	if (!writer)
		return ED_OK;
	if (whole && writer->left)
		status = ed_fail(err, ED_ARG, "the last member of a zip lacks bytes");
	if (!whole || status != ED_OK)
		writer->dropped = true;
	else if (archive_write_close(writer->archive) != ARCHIVE_OK || writer->dropped)
		status = writer_failed(writer, err);
	writer->dropped = true;
	/* writes its end when that has not been done: into nothing */
	archive_write_free(writer->archive);
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

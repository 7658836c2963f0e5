/* SPDX-License-Identifier: MIT */
/*
 * A bundle written as collect does it, without what is read and concluded before:
 *   bench_bundle OUT FILE...   each file a member, and the manifest with the digests of all
 * "-" as OUT makes it on standard output.
 */
#include <inttypes.h>

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/bundle/bundle.h"
#include "espdiag/platform/file.h"

static ed_status file_add(struct ed_bundle *bundle, const char *path, struct ed_error *err)
{
	struct ed_str whole = ed_str_from(path), name = whole;
	struct ed_file *file = NULL;
	char *bytes = NULL;
	size_t size = 0;
	ed_status status = ed_file_open(whole, true, &file, err);

	if (status != ED_OK)
		return status;
	for (size_t i = 0; i < whole.len; i++)
		if (whole.p[i] == '/')
			name = ed_str_slice(whole, i + 1, whole.len);
	size = (size_t)ed_file_size(file);
	bytes = ed_malloc(size + 1);
	if (!bytes)
		status = ed_fail(err, ED_NOMEM, "out of memory for '%s'", path);
	if (status == ED_OK)
		status = ed_file_read_at(file, 0, bytes, size, &size, err);
	if (status == ED_OK)
		status = ed_bundle_add(bundle, ED_FORM_RAW, name, whole,
				       (struct ed_str){ bytes, size }, 0, err);
	ed_free(bytes);
	ed_file_close(file);
	return status;
}

static ed_status bundle_write(struct ed_bundle *bundle, const char *path, struct ed_error *err)
{
	struct ed_str none = { NULL, 0 };
	struct ed_buf manifest;
	ed_status status;

	ed_buf_init(&manifest, ED_LIMIT_MEMBER_BYTES);
	status = ed_bundle_manifest(bundle, none, &manifest, err);
	if (status == ED_OK)
		status = ed_bundle_add(bundle, ED_FORM_JSON, ED_STR("manifest.json"), none,
				       ed_buf_str(&manifest), 0, err);
	if (status == ED_OK)
		status = ed_bundle_write(bundle, ed_str_from(path), err);
	ed_buf_release(&manifest);
	return status;
}

int main(int argc, char **argv)
{
	struct ed_error err = { .status = ED_OK };
	struct ed_bundle *bundle = NULL;
	ed_status status;

	if (argc < 3) {
		fprintf(stderr, "usage: bench_bundle OUT FILE...\n");
		return 2;
	}
	status = ed_bundle_new(&bundle, &err);
	for (int i = 2; i < argc && status == ED_OK; i++)
		status = file_add(bundle, argv[i], &err);
	if (status == ED_OK)
		status = bundle_write(bundle, argv[1], &err);
	ed_bundle_free(bundle);
	if (status != ED_OK)
		fprintf(stderr, "bench_bundle: %s\n", err.text);
	return status != ED_OK;
}

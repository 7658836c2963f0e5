/* SPDX-License-Identifier: MIT */
/*
 * Members of a bundle or an archive as text, so that seeds can be read and written by hand:
 *
 *	=== state/run.json
 *	{ ... }
 *	=== events/System.xml
 *	...
 *
 * A member's bytes end in front of the line end that comes before the next "===".
 */
#ifndef ED_TESTS_FUZZ_MEMBERS_H
#define ED_TESTS_FUZZ_MEMBERS_H

#include "espdiag/base/limits.h"
#include "espdiag/pack/write.h"
#include "reader_fuzz.h"

#include <fcntl.h>
#include <unistd.h>

#define FUZZ_MEMBERS_MOST 32
#define FUZZ_MEMBER_MARK "=== "

struct fuzz_members {
	struct {
		struct ed_str name, bytes;
	} items[FUZZ_MEMBERS_MOST];
	size_t count;
};

/* With @safe, names that not every file system and zip would take are left out. */
static inline void fuzz_members_split(struct ed_str text, bool safe, struct fuzz_members *out)
{
	out->count = 0;
	while (ed_str_starts(text, ED_STR(FUZZ_MEMBER_MARK)) && out->count < FUZZ_MEMBERS_MOST) {
		size_t end = ed_str_find(text, ED_STR("\n" FUZZ_MEMBER_MARK), 0);
		struct ed_str member = ed_str_slice(text, strlen(FUZZ_MEMBER_MARK),
						    end < text.len ? end : text.len);
		size_t line = ed_str_find(member, ED_STR("\n"), 0);
		struct ed_str name = ed_str_slice(member, 0, line);

		if (!safe || ed_pack_name_safe(name)) {
			out->items[out->count].name = name;
			out->items[out->count++].bytes =
				line == SIZE_MAX ? ED_STR("")
						 : ed_str_slice(member, line + 1, member.len);
		}
		text = end < text.len ? ed_str_slice(text, end + 1, text.len) : ED_STR("");
	}
}

static inline ed_status fuzz_zip_take(void *context, struct ed_str bytes, struct ed_error *err)
{
	(void)err;
	ed_buf_adds(context, bytes);
	return ED_OK;
}

static inline void fuzz_members_zip(const struct fuzz_members *members, struct ed_buf *out)
{
	struct ed_pack_writer *writer;
	bool good = ed_pack_write_begin(&writer, fuzz_zip_take, out, NULL) == ED_OK;

	for (size_t i = 0; i < members->count && good; i++) {
		struct ed_packed packed;

		fuzz_require(ed_packed_make(members->items[i].bytes, &packed, NULL) == ED_OK,
			     "a member is packed");
		good = ed_pack_write_member(writer, members->items[i].name, &packed, NULL) == ED_OK;
		ed_packed_release(&packed);
	}
	fuzz_require(good && ed_pack_write_end(writer, true, NULL) == ED_OK, "a zip is written");
}

/*
 * A folder of this process's own, made once, in memory where there is such a place. Its name holds
 * the process's number: who ends a fuzzer takes the folder away as well.
 */
static inline const char *fuzz_folder(void)
{
	static const char *const places[] = { "/dev/shm", "/tmp" };
	static char folder[64];

	for (size_t i = 0; i < ED_COUNT(places) && !folder[0]; i++) {
		snprintf(folder, sizeof(folder), "%s/espdiag-fuzz-%ld-XXXXXX", places[i],
			 (long)getpid());
		if (!mkdtemp(folder))
			folder[0] = '\0';
	}
	fuzz_require(folder[0], "a folder");
	return folder;
}

static inline void fuzz_file_write(const char *path, struct ed_str bytes)
{
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	fuzz_require(file >= 0, "a file");
	for (size_t done = 0; done < bytes.len;) {
		ssize_t n = write(file, bytes.p + done, bytes.len - done);

		fuzz_require(n > 0, "a file is written");
		done += (size_t)n;
	}
	close(file);
}

#endif

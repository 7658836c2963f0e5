/* SPDX-License-Identifier: MIT */
/* What is recorded of the files below two folders of Windows, wherever these are. */
#ifndef ED_FILES_PRIV_H
#define ED_FILES_PRIV_H

#include "espdiag/collectors/live.h"

struct files_roots {
	struct ed_str program_data; /* C:\ProgramData; .p NULL: not known */
	struct ed_str windows;      /* C:\Windows; .p NULL: not known */
	char separator;
};

/*
 * Each records its members and gaps. ED_ABSENT: the folder or file is not there. ED_ACCESS, ED_IO:
 * it could not be read. ED_NOMEM. Links below the roots are not followed: a gap.
 */
ed_status files_record_logs(const struct files_roots *roots, const struct ed_live *live,
			    struct ed_recording *out, struct ed_error *err);
ed_status files_record_profile(const struct files_roots *roots, struct ed_recording *out,
			       struct ed_error *err);
ed_status files_record_boot(const struct files_roots *roots, const struct ed_live *live,
			    struct ed_recording *out, struct ed_error *err);

/* What the three share. */
struct files_place {
	struct ed_arena arena;
	struct ed_buf path; /* of the folder */
	char separator;
	struct ed_recording *out;
	struct ed_error *err;
};

/*
 * Goes down from @root over @parts (joined by '/'), none of which may be a link; *usable false when
 * one is, which is a gap then. Release it whatever is returned.
 */
ed_status files_place_open(struct files_place *place, struct ed_str root, const char *parts,
			   char separator, struct ed_recording *out, bool *usable,
			   struct ed_error *err);
void files_place_release(struct files_place *place);
/* Full path of a file in it, in its arena; .p NULL when out of memory. */
struct ed_str files_path(struct files_place *place, struct ed_str name);
/* Makes a gap for @source of a failure that costs only a file; other failures are returned. */
ed_status files_lost(struct files_place *place, struct ed_str source, ed_status status);
/*
 * Bytes [from, from + len) of a file; fewer when it is shorter by now. ED_ABSENT, ED_ACCESS, ED_ARG
 * (a link, or no file), ED_IO, ED_NOMEM.
 */
ed_status files_read(struct ed_str path, uint64_t from, size_t len, struct ed_buf *out,
		     struct ed_error *err);
/* Text of unknown encoding as UTF-8 with LF for line ends. */
void files_add_text(struct ed_buf *out, struct ed_str bytes);

#endif

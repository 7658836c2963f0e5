/* SPDX-License-Identifier: MIT */
/*
 * Files, folders, the clock and the console of the host, behind one interface with one
 * implementation a system (agent/platform/posix, agent/platform/win32). Paths are UTF-8.
 */
#ifndef ESPDIAG_PLATFORM_FILE_H
#define ESPDIAG_PLATFORM_FILE_H

#include "espdiag/base/arena.h"
#include "espdiag/base/error.h"
#include "espdiag/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ed_path_kind {
	ED_PATH_FILE,
	ED_PATH_FOLDER,
	ED_PATH_OTHER, /* device, FIFO, socket: never opened */
	ED_PATH_LINK,  /* inside folders only: links and reparse points are not followed */
};

struct ed_path_info {
	enum ed_path_kind kind;
	uint64_t size;
	int64_t modified; /* last written; ED_TIME_NONE when unknown */
};

/* ED_ABSENT, ED_ACCESS, ED_IO. @follow: a link given by the user is followed, one met inside a
 * folder not. */
ed_status ed_path_stat(struct ed_str path, bool follow, struct ed_path_info *out,
		       struct ed_error *err);

struct ed_file;

/* Opens an ordinary file for reading. Anything else, even if it became that since the stat: ED_ARG;
 * so is a link unless @follow. Never blocks. */
ed_status ed_file_open(struct ed_str path, bool follow, struct ed_file **file,
		       struct ed_error *err);
/* NULL is harmless. */
void ed_file_close(struct ed_file *file);
uint64_t ed_file_size(const struct ed_file *file);
/* Up to @len bytes at @offset; *got is less only at the end. Does not move anything. */
ed_status ed_file_read_at(struct ed_file *file, uint64_t offset, void *out, size_t len, size_t *got,
			  struct ed_error *err);

struct ed_folder_entry {
	struct ed_str name; /* without the folder */
	struct ed_path_info info;
};

/* Entries without "." and "..", sorted by name bytewise, in @arena. ED_LIMIT past ED_LIMIT_MEMBERS.
 */
ed_status ed_folder_list(struct ed_str path, struct ed_arena *arena,
			 struct ed_folder_entry **entries, size_t *count, struct ed_error *err);

/*
 * Removes an ordinary file. ED_ARG for anything else, also for a link, ED_ABSENT, ED_ACCESS, ED_IO.
 */
ed_status ed_file_remove(struct ed_str path, struct ed_error *err);
/*
 * Adds @bytes in one piece to the end of an ordinary file, which is made when there is none. ED_ARG
 * for anything else: links are not followed, and a file of several names is refused as well, since
 * either may lead out of the folder. ED_ABSENT (no such folder), ED_ACCESS, ED_IO.
 */
ed_status ed_file_append(struct ed_str path, struct ed_str bytes, struct ed_error *err);
/* Bytes the caller may still write where @path, a folder or a file to be made in one, lies.
 * ED_ABSENT, ED_ACCESS, ED_IO. */
ed_status ed_free_bytes(struct ed_str path, uint64_t *out, struct ed_error *err);

/*
 * Writes @bytes to @path under a temporary name and renames it when whole; "-" is standard output.
 * A device the user named (and on POSIX a link) is written through.
 */
ed_status ed_file_write_whole(struct ed_str path, struct ed_str bytes, struct ed_error *err);

/*
 * The same in pieces, for what is too long to be held. Only ED_OK from ed_output_close means that
 * all of it is there, and on the disk.
 */
struct ed_output;

ed_status ed_output_open(struct ed_str path, struct ed_output **output, struct ed_error *err);
ed_status ed_output_write(struct ed_output *output, struct ed_str bytes, struct ed_error *err);
/* Gives the file its name when @keep, else leaves nothing of it. NULL is harmless. */
ed_status ed_output_close(struct ed_output *output, bool keep, struct ed_error *err);
/*
 * For a name that must be a new file's: nothing is written through, and nothing is replaced, not
 * even what came in the same moment: then *taken is set and nothing is left of the output.
 */
ed_status ed_output_open_new(struct ed_str path, struct ed_output **output, struct ed_error *err);
ed_status ed_output_close_new(struct ed_output *output, bool *taken, struct ed_error *err);

/* UTC now. The only clock; tests and --at replace its result. */
int64_t ed_clock_now(void);

/* True when @stream (1 = stdout, 2 = stderr) is a terminal. */
bool ed_is_terminal(int stream);
/* Writes at once, in whatever form a terminal takes, else as UTF-8. For progress: failures are not
 * told. */
void ed_console_write(int stream, struct ed_str utf8);
/* True for a terminal that may have signs for ASCII only: by its font, code page or locale. */
bool ed_console_plain(int stream);
/* True for a terminal that understands ANSI sequences; makes it do so where that has to be asked
 * for. */
bool ed_console_ansi(int stream);
/* What of a terminal can be seen, now; false, and nothing set, when that is unknown. */
bool ed_console_size(int stream, size_t *columns, size_t *rows);

#endif

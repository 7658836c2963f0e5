/* SPDX-License-Identifier: MIT */
/* Files, folders and the clock of a POSIX system. */
#include "espdiag/platform/file.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/base/time.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define PATH_BYTES 4096 /* what Linux takes */
#define TEMPORARY_TRIES 16
#define UNIX_EPOCH_SECONDS INT64_C(11644473600)

struct ed_file {
	int fd;
	uint64_t size;
};

static ed_status status_from_errno(int code)
{
	switch (code) {
	case ENOENT:
	case ENOTDIR:
		return ED_ABSENT;
	case EACCES:
	case EPERM:
		return ED_ACCESS;
	case ENAMETOOLONG:
	case ELOOP:
	case EISDIR:
		return ED_ARG;
	case ENOMEM:
		return ED_NOMEM;
	default:
		return ED_IO;
	}
}

/* The one sentence for a failed call on a path: "cannot open 'x': Permission denied". */
static ed_status fail_errno(struct ed_error *err, int code, const char *api, const char *verb,
			    struct ed_str path)
{
	return ed_fail_os(err, status_from_errno(code), (uint32_t)code, api, "cannot %s '%.*s': %s",
			  verb, ED_FMT(path), strerror(code));
}

/* @path with a NUL behind it in @z of PATH_BYTES bytes. */
static ed_status path_z(struct ed_str path, char *z, struct ed_error *err)
{
	if (!path.len || memchr(path.p, '\0', path.len))
		return ed_fail(err, ED_ARG, "not a usable path: '%.*s'", ED_FMT(path));
	if (path.len >= PATH_BYTES)
		return ed_fail(err, ED_ARG, "path of %zu bytes is too long", path.len);
	memcpy(z, path.p, path.len);
	z[path.len] = '\0';
	return ED_OK;
}

/* Some file systems take any 64-bit number for a time. */
static int64_t time_from_timespec(struct timespec t)
{
	if (t.tv_sec < -UNIX_EPOCH_SECONDS ||
	    t.tv_sec >= INT64_MAX / ED_TICKS_PER_SECOND - UNIX_EPOCH_SECONDS)
		return ED_TIME_NONE;
	return ((int64_t)t.tv_sec + UNIX_EPOCH_SECONDS) * ED_TICKS_PER_SECOND + t.tv_nsec / 100;
}

static struct ed_path_info info_from_stat(const struct stat *st)
{
	struct ed_path_info info = {
		.kind = ED_PATH_OTHER,
		.modified = time_from_timespec(st->st_mtim),
	};

	if (S_ISREG(st->st_mode)) {
		info.kind = ED_PATH_FILE;
		info.size = st->st_size > 0 ? (uint64_t)st->st_size : 0;
	} else if (S_ISDIR(st->st_mode)) {
		info.kind = ED_PATH_FOLDER;
	} else if (S_ISLNK(st->st_mode)) {
		info.kind = ED_PATH_LINK;
	}
	return info;
}

ed_status ed_path_stat(struct ed_str path, bool follow, struct ed_path_info *out,
		       struct ed_error *err)
{
	char z[PATH_BYTES];
	struct stat st;

	ED_TRY(path_z(path, z, err));
	if ((follow ? stat(z, &st) : lstat(z, &st)) != 0)
		return fail_errno(err, errno, "stat", "find", path);
	*out = info_from_stat(&st);
	return ED_OK;
}

static int open_again(const char *z, int flags, mode_t mode)
{
	int fd;

	do
		fd = open(z, flags | O_CLOEXEC | O_NOCTTY, mode);
	while (fd < 0 && errno == EINTR);
	return fd;
}

ed_status ed_file_open(struct ed_str path, bool follow, struct ed_file **file, struct ed_error *err)
{
	/* without O_NONBLOCK a FIFO would wait for a writer before fstat could refuse it */
	int flags = O_RDONLY | O_NONBLOCK | (follow ? 0 : O_NOFOLLOW);
	char z[PATH_BYTES];
	struct stat st;
	struct ed_file *f;
	int fd;

	ED_TRY(path_z(path, z, err));
	fd = open_again(z, flags, 0);
	if (fd < 0)
		return fail_errno(err, errno, "open", "open", path);
	if (fstat(fd, &st) != 0) {
		int code = errno;

		close(fd);
		return fail_errno(err, code, "fstat", "open", path);
	}
	if (!S_ISREG(st.st_mode)) {
		close(fd);
		return ed_fail(err, ED_ARG, "'%.*s' is not an ordinary file", ED_FMT(path));
	}
	f = ed_malloc(sizeof(*f));
	if (!f) {
		close(fd);
		return ed_fail(err, ED_NOMEM, "out of memory while opening '%.*s'", ED_FMT(path));
	}
	*f = (struct ed_file){ .fd = fd, .size = info_from_stat(&st).size };
	*file = f;
	return ED_OK;
}

void ed_file_close(struct ed_file *file)
{
	if (!file)
		return;
	close(file->fd);
	ed_free(file);
}

uint64_t ed_file_size(const struct ed_file *file)
{
	return file->size;
}

ed_status ed_file_read_at(struct ed_file *file, uint64_t offset, void *out, size_t len, size_t *got,
			  struct ed_error *err)
{
	size_t done = 0;

	if (offset > INT64_MAX || len > INT64_MAX - offset)
		return ed_fail(err, ED_ARG, "read past any possible end");
	while (done < len) {
		ssize_t n = pread(file->fd, (char *)out + done, len - done, (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ed_fail_os(err, ED_IO, (uint32_t)errno, "pread",
					  "cannot read at byte %llu: %s",
					  (unsigned long long)(offset + done), strerror(errno));
		if (n == 0)
			break;
		done += (size_t)n;
	}
	*got = done;
	return ED_OK;
}

static int compare_entries(const void *left, const void *right)
{
	const struct ed_folder_entry *a = left, *b = right;

	return ed_str_cmp(a->name, b->name);
}

/* A growing list outside the arena, which only gets what is kept in the end. */
struct entry_list {
	struct ed_folder_entry *items;
	size_t count, cap;
};

static ed_status entry_add(struct entry_list *list, struct ed_arena *arena, const char *name,
			   struct ed_path_info info, struct ed_error *err)
{
	struct ed_str copy;

	if (list->count == ED_LIMIT_MEMBERS)
		return ed_fail(err, ED_LIMIT, "more than %zu entries in one folder",
			       ED_LIMIT_MEMBERS);
	if (list->count == list->cap) {
		size_t cap = list->cap ? list->cap * 2 : 64;
		void *items = ed_realloc(list->items, cap * sizeof(*list->items));

		if (!items)
			return ed_fail(err, ED_NOMEM, "out of memory while listing a folder");
		list->items = items;
		list->cap = cap;
	}
	copy = ed_arena_str(arena, ed_str_from(name));
	if (!copy.p)
		return ed_fail(err, ED_NOMEM, "out of memory while listing a folder");
	list->items[list->count++] = (struct ed_folder_entry){ .name = copy, .info = info };
	return ED_OK;
}

static ed_status entries_read(DIR *dir, struct ed_str path, struct entry_list *list,
			      struct ed_arena *arena, struct ed_error *err)
{
	for (;;) {
		/* an entry that cannot even be described is left to the open to explain */
		struct ed_path_info info = { .kind = ED_PATH_FILE, .modified = ED_TIME_NONE };
		struct dirent *entry;
		struct stat st;

		errno = 0;
		entry = readdir(dir);
		if (!entry)
			return errno ? fail_errno(err, errno, "readdir", "list", path) : ED_OK;
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			info = info_from_stat(&st);
		else if (errno == ENOENT) /* gone since readdir saw it */
			continue;
		ED_TRY(entry_add(list, arena, entry->d_name, info, err));
	}
}

ed_status ed_folder_list(struct ed_str path, struct ed_arena *arena,
			 struct ed_folder_entry **entries, size_t *count, struct ed_error *err)
{
	struct entry_list list = { .items = NULL };
	struct ed_folder_entry *kept;
	char z[PATH_BYTES];
	ed_status status;
	DIR *dir;

	ED_TRY(path_z(path, z, err));
	dir = opendir(z);
	if (!dir)
		return fail_errno(err, errno, "opendir", "list", path);
	status = entries_read(dir, path, &list, arena, err);
	closedir(dir);
	if (status != ED_OK)
		goto out;
	kept = ed_arena_calloc(arena, list.count, sizeof(*kept));
	if (!kept) {
		status = ed_fail(err, ED_NOMEM, "out of memory while listing a folder");
		goto out;
	}
	if (list.count) {
		memcpy(kept, list.items, list.count * sizeof(*kept));
		qsort(kept, list.count, sizeof(*kept), compare_entries);
	}
	*entries = kept;
	*count = list.count;
out:
	ed_free(list.items);
	return status;
}

static ed_status write_all(int fd, struct ed_str bytes, struct ed_str path, struct ed_error *err)
{
	size_t done = 0;

	while (done < bytes.len) {
		ssize_t n = write(fd, bytes.p + done, bytes.len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_errno(err, errno, "write", "write", path);
		done += (size_t)n;
	}
	return ED_OK;
}

ed_status ed_file_remove(struct ed_str path, struct ed_error *err)
{
	char z[PATH_BYTES];
	struct stat st;

	ED_TRY(path_z(path, z, err));
	if (lstat(z, &st) != 0)
		return fail_errno(err, errno, "lstat", "remove", path);
	if (!S_ISREG(st.st_mode))
		return ed_fail(err, ED_ARG, "'%.*s' is not an ordinary file", ED_FMT(path));
	if (unlink(z) != 0)
		return fail_errno(err, errno, "unlink", "remove", path);
	return ED_OK;
}

ed_status ed_file_append(struct ed_str path, struct ed_str bytes, struct ed_error *err)
{
	int flags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK;
	ed_status status = ED_OK;
	char z[PATH_BYTES];
	struct stat st;
	int fd;

	ED_TRY(path_z(path, z, err));
	fd = open_again(z, flags, 0666);
	if (fd < 0)
		return fail_errno(err, errno, "open", "write", path);
	if (fstat(fd, &st) != 0)
		status = fail_errno(err, errno, "fstat", "write", path);
	else if (!S_ISREG(st.st_mode) || st.st_nlink > 1)
		status = ed_fail(err, ED_ARG, "'%.*s' is not an ordinary file of one name",
				 ED_FMT(path));
	if (status == ED_OK)
		status = write_all(fd, bytes, path, err);
	if (close(fd) != 0 && status == ED_OK)
		status = fail_errno(err, errno, "close", "write", path);
	return status;
}

/* The folder that holds @path, in place. */
static void parent_z(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash)
		memcpy(path, ".", sizeof("."));
	else
		slash[slash == path] = '\0';
}

ed_status ed_free_bytes(struct ed_str path, uint64_t *out, struct ed_error *err)
{
	struct statvfs volume;
	char z[PATH_BYTES];
	struct stat st;

	ED_TRY(path_z(path, z, err));
	if (stat(z, &st) != 0 || !S_ISDIR(st.st_mode))
		parent_z(z);
	if (statvfs(z, &volume) != 0)
		return fail_errno(err, errno, "statvfs", "find the room for", path);
	*out = (uint64_t)volume.f_bavail * volume.f_frsize;
	return ED_OK;
}

struct ed_output {
	int fd;
	bool is_temporary; /* to be renamed */
	char path[PATH_BYTES];
	char temporary[PATH_BYTES + 48];
};

/*
 * Always a new file. A run that was killed may have left one, and its process number comes again:
 * in a container even each time.
 */
static int temporary_open(struct ed_output *o)
{
	int fd = -1;

	for (int i = 0; i < TEMPORARY_TRIES && fd < 0; i++) {
		snprintf(o->temporary, sizeof(o->temporary), "%s.tmp-%ld-%d", o->path,
			 (long)getpid(), i);
		fd = open_again(o->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0666);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	return fd;
}

static ed_status output_begin(struct ed_output *o, struct ed_str path, bool is_new,
			      struct ed_error *err)
{
	struct stat st;

	if (!is_new && ed_str_eq(path, ED_STR("-"))) {
		fflush(stdout);
		o->fd = STDOUT_FILENO;
		return ED_OK;
	}
	ED_TRY(path_z(path, o->path, err));
	/* a device or a link that the user named is written through, not replaced */
	o->is_temporary = is_new || lstat(o->path, &st) != 0 || S_ISREG(st.st_mode);
	if (!o->is_temporary)
		o->fd = open_again(o->path, O_WRONLY | O_TRUNC, 0);
	else
		o->fd = temporary_open(o);
	return o->fd < 0 ? fail_errno(err, errno, "open", "write", path) : ED_OK;
}

static ed_status output_open(struct ed_str path, bool is_new, struct ed_output **output,
			     struct ed_error *err)
{
	struct ed_output *o = ed_calloc(1, sizeof(*o));
	ed_status status;

	if (!o)
		return ed_fail(err, ED_NOMEM, "out of memory while opening '%.*s'", ED_FMT(path));
	status = output_begin(o, path, is_new, err);
	if (status == ED_OK)
		*output = o;
	else
		ed_free(o);
	return status;
}

ed_status ed_output_open(struct ed_str path, struct ed_output **output, struct ed_error *err)
{
	return output_open(path, false, output, err);
}

ed_status ed_output_open_new(struct ed_str path, struct ed_output **output, struct ed_error *err)
{
	return output_open(path, true, output, err);
}

static struct ed_str output_path(const struct ed_output *o)
{
	return o->fd == STDOUT_FILENO ? ED_STR("standard output") : ed_str_from(o->path);
}

ed_status ed_output_write(struct ed_output *output, struct ed_str bytes, struct ed_error *err)
{
	return write_all(output->fd, bytes, output_path(output), err);
}

/* Makes a new name in the folder of @path last. Some file systems need and know no such thing. */
static ed_status folder_sync(char *path, struct ed_error *err)
{
	ed_status status = ED_OK;
	int fd;

	parent_z(path);
	fd = open_again(path, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0) /* a folder may be writable and not readable */
		return ED_OK;
	if (fsync(fd) != 0 && errno == EIO)
		status = fail_errno(err, EIO, "fsync", "write", ed_str_from(path));
	close(fd);
	return status;
}

/* Gives the file its name. With @taken not that of another one; where there are no hard links, a
 * moment remains in which another one may come. */
static int name_give(const struct ed_output *o, bool *taken)
{
	struct stat st;

	if (!taken)
		return rename(o->temporary, o->path);
	if (link(o->temporary, o->path) == 0)
		return unlink(o->temporary);
	*taken = errno == EEXIST || lstat(o->path, &st) == 0;
	return *taken ? unlink(o->temporary) : rename(o->temporary, o->path);
}

static ed_status output_close(struct ed_output *output, bool keep, bool *taken,
			      struct ed_error *err)
{
	struct ed_str path = output_path(output);
	ed_status status = ED_OK;

	if (keep && output->is_temporary && fsync(output->fd) != 0)
		status = fail_errno(err, errno, "fsync", "write", path);
	if (output->fd != STDOUT_FILENO && close(output->fd) != 0 && status == ED_OK)
		status = fail_errno(err, errno, "close", "write", path);
	if (keep && output->is_temporary && status == ED_OK && name_give(output, taken) != 0)
		status = fail_errno(err, errno, "rename", "write", path);
	if (output->is_temporary && (!keep || status != ED_OK))
		unlink(output->temporary);
	else if (output->is_temporary)
		status = folder_sync(output->path, err);
	ed_free(output);
	return status;
}

ed_status ed_output_close(struct ed_output *output, bool keep, struct ed_error *err)
{
	return output ? output_close(output, keep, NULL, err) : ED_OK;
}

ed_status ed_output_close_new(struct ed_output *output, bool *taken, struct ed_error *err)
{
	*taken = false;
	return output_close(output, true, taken, err);
}

ed_status ed_file_write_whole(struct ed_str path, struct ed_str bytes, struct ed_error *err)
{
	struct ed_output *output;
	ed_status status, closed;

	ED_TRY(ed_output_open(path, &output, err));
	status = ed_output_write(output, bytes, err);
	closed = ed_output_close(output, status == ED_OK, err);
	return status != ED_OK ? status : closed;
}

int64_t ed_clock_now(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now) != 0)
		return ED_TIME_NONE;
	return time_from_timespec(now);
}

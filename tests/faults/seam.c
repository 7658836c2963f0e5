/* SPDX-License-Identifier: MIT */
/* Counts calls, lets one fail, forks at each. */
#include "seam.h"

#include "espdiag/base/alloc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#define FDS 256

const char *const seam_words[SEAM_KINDS] = { "memory", "libraries", "read", "write", "api" };

static struct {
	enum seam_kind kind;
	struct seam_fault fault;
	long calls, fail_at;
	bool struck;
	struct seam_sweep *sweep;
	void (*child)(long n);
	long blocks[2]; /* of memory and library */
	int writing;    /* files that are open for it */
	bool written[FDS];
} seam = { .kind = SEAM_NONE };

/* Set while the program's own allocator calls malloc. */
static bool in_own;

static bool child_spared(void)
{
	struct seam_sweep *s = seam.sweep;
	int status = 0;
	pid_t child;

	if (s->stride > 1 && seam.calls % s->stride)
		return true;
	if (seam.writing) {
		if (s->put_off_count == SEAM_PUT_OFF)
			abort();
		s->put_off[s->put_off_count++] = seam.calls;
		return true;
	}
	child = fork();
	if (child < 0)
		abort();
	s->runs += child != 0;
	if (child == 0) {
		seam.sweep = NULL;
		seam.fail_at = seam.calls;
		return false;
	}
	if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status))
		s->failed++;
	if (WIFSIGNALED(status)) {
		s->killed_at = seam.calls;
		s->signal = WTERMSIG(status);
	}
	return true;
}

/* True: the call has to fail. */
static bool step(enum seam_kind kind)
{
	bool fails;

	if (seam.kind != kind)
		return false;
	seam.calls++;
	if (seam.sweep) {
		seam.kind = SEAM_NONE; /* what the child's beginning calls does not count */
		if (child_spared()) {
			seam.kind = kind;
			return false;
		}
		seam.child(seam.calls);
		seam.kind = kind;
	}
	fails = seam.fail_at &&
		(seam.calls == seam.fail_at || (seam.fault.for_good && seam.calls > seam.fail_at));
	seam.struck = seam.struck || fails;
	if (fails)
		errno = seam.fault.code;
	return fails;
}

void seam_fail_at(const struct seam_fault *fault, long n)
{
	seam.fault = *fault;
	seam.calls = 0;
	seam.fail_at = n;
	seam.struck = false;
	seam.kind = fault->kind;
}

void seam_sweep(const struct seam_fault *fault, struct seam_sweep *sweep, void (*child)(long n))
{
	seam.sweep = sweep;
	seam.child = child;
	seam_fail_at(fault, 0);
}

long seam_off(void)
{
	seam.kind = SEAM_NONE;
	return seam.calls;
}

bool seam_struck(void)
{
	return seam.struck;
}

int seam_api(void)
{
	return step(SEAM_API) ? seam.fault.code : 0;
}

long seam_blocks(enum seam_kind kind)
{
	return kind == SEAM_MEMORY || kind == SEAM_LIBRARY ? seam.blocks[kind] : 0;
}

/* The program's own memory. */

void *__real_ed_malloc(size_t size);
void *__real_ed_calloc(size_t count, size_t size);
void *__real_ed_realloc(void *old, size_t size);
void __real_ed_free(void *p);
void *__wrap_ed_malloc(size_t size);
void *__wrap_ed_calloc(size_t count, size_t size);
void *__wrap_ed_realloc(void *old, size_t size);
void __wrap_ed_free(void *p);

void *__wrap_ed_malloc(size_t size)
{
	void *p;

	if (step(SEAM_MEMORY))
		return NULL;
	in_own = true;
	p = __real_ed_malloc(size);
	in_own = false;
	seam.blocks[SEAM_MEMORY] += p != NULL;
	return p;
}

void *__wrap_ed_calloc(size_t count, size_t size)
{
	void *p;

	if (step(SEAM_MEMORY))
		return NULL;
	in_own = true;
	p = __real_ed_calloc(count, size);
	in_own = false;
	seam.blocks[SEAM_MEMORY] += p != NULL;
	return p;
}

void *__wrap_ed_realloc(void *old, size_t size)
{
	void *p;

	if (step(SEAM_MEMORY))
		return NULL;
	in_own = true;
	p = __real_ed_realloc(old, size);
	in_own = false;
	seam.blocks[SEAM_MEMORY] += p && !old;
	return p;
}

void __wrap_ed_free(void *p)
{
	in_own = true;
	__real_ed_free(p);
	in_own = false;
	seam.blocks[SEAM_MEMORY] -= p != NULL;
}

#ifdef ED_SEAM_MALLOC
/* Of libxml2, libarchive, zlib, jansson and the C library: the malloc of the whole process. */

#pragma GCC visibility push(default)
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void __libc_free(void *p);

void *malloc(size_t size)
{
	void *p;

	if (!in_own && step(SEAM_LIBRARY))
		return NULL;
	p = __libc_malloc(size);
	seam.blocks[SEAM_LIBRARY] += p && !in_own;
	return p;
}

void *calloc(size_t count, size_t size)
{
	void *p;

	if (!in_own && step(SEAM_LIBRARY))
		return NULL;
	p = __libc_calloc(count, size);
	seam.blocks[SEAM_LIBRARY] += p && !in_own;
	return p;
}

void *realloc(void *old, size_t size)
{
	void *p;

	if (!in_own && step(SEAM_LIBRARY))
		return NULL;
	p = __libc_realloc(old, size);
	seam.blocks[SEAM_LIBRARY] += p && !old && !in_own;
	return p;
}

void free(void *p)
{
	int code = errno;

	__libc_free(p);
	seam.blocks[SEAM_LIBRARY] -= p && !in_own;
	errno = code;
}

#pragma GCC visibility pop

bool seam_sees_libraries(void)
{
	return true;
}
#else
bool seam_sees_libraries(void)
{
	return false;
}
#endif

/* The system, with its names for large files. What reads may fail with any code; what writes mostly
 * for want of room. */

#define REAL(type, name, parameters)                                                               \
	type __real_##name parameters;                                                             \
	type __wrap_##name parameters

REAL(int, open64, (const char *path, int flags, ...));
REAL(int, close, (int fd));
REAL(int, stat64, (const char *path, struct stat *st));
REAL(int, lstat64, (const char *path, struct stat *st));
REAL(int, fstat64, (int fd, struct stat *st));
REAL(int, fstatat64, (int at, const char *path, struct stat *st, int flags));
REAL(ssize_t, pread64, (int fd, void *out, size_t len, off_t at));
REAL(DIR *, opendir, (const char *path));
REAL(struct dirent *, readdir64, (DIR * dir));
ssize_t __wrap_getrandom(void *out, size_t n, unsigned flags);
REAL(ssize_t, write, (int fd, const void *bytes, size_t len));
REAL(int, fsync, (int fd));
REAL(int, rename, (const char *from, const char *to));
REAL(int, unlink, (const char *path));
REAL(int, statvfs64, (const char *path, struct statvfs *out));

int __wrap_open64(const char *path, int flags, ...)
{
	bool writes = (flags & O_ACCMODE) != O_RDONLY;
	int fd, mode = 0;
	va_list args;

	if (flags & O_CREAT) {
		va_start(args, flags);
		mode = va_arg(args, int);
		va_end(args);
	}
	if (step(writes ? SEAM_WRITE : SEAM_READ))
		return -1;
	fd = __real_open64(path, flags, mode);
	if (writes && fd >= 0 && fd < FDS) {
		seam.written[fd] = true;
		seam.writing++;
	}
	return fd;
}

int __wrap_close(int fd)
{
	bool writes = fd >= 0 && fd < FDS && seam.written[fd];
	bool fails = writes && step(SEAM_WRITE);
	int result = __real_close(fd);

	if (writes) {
		seam.written[fd] = false;
		seam.writing--;
	}
	/* it is closed all the same */
	if (fails)
		errno = seam.fault.code;
	return fails ? -1 : result;
}

int __wrap_stat64(const char *path, struct stat *st)
{
	return step(SEAM_READ) ? -1 : __real_stat64(path, st);
}

int __wrap_lstat64(const char *path, struct stat *st)
{
	return step(SEAM_READ) ? -1 : __real_lstat64(path, st);
}

int __wrap_fstat64(int fd, struct stat *st)
{
	return step(SEAM_READ) ? -1 : __real_fstat64(fd, st);
}

int __wrap_fstatat64(int at, const char *path, struct stat *st, int flags)
{
	return step(SEAM_READ) ? -1 : __real_fstatat64(at, path, st, flags);
}

ssize_t __wrap_pread64(int fd, void *out, size_t len, off_t at)
{
	return step(SEAM_READ) ? -1 : __real_pread64(fd, out, len, at);
}

DIR *__wrap_opendir(const char *path)
{
	return step(SEAM_READ) ? NULL : __real_opendir(path);
}

struct dirent *__wrap_readdir64(DIR *dir)
{
	return step(SEAM_READ) ? NULL : __real_readdir64(dir);
}

ssize_t __wrap_getrandom(void *out, size_t n, unsigned flags)
{
	(void)flags;
	if (step(SEAM_READ))
		return -1;
	memset(out, 0x5a, n); /* runs must be alike */
	return (ssize_t)n;
}

/* A disk that is full takes a part. */
ssize_t __wrap_write(int fd, const void *bytes, size_t len)
{
	/* where the failure is told, nothing fails */
	bool fails = fd != STDERR_FILENO && step(SEAM_WRITE);

	if (fails && len > 1 && fd < FDS && seam.written[fd])
		(void)!__real_write(fd, bytes, len / 2);
	if (fails)
		errno = seam.fault.code;
	return fails ? -1 : __real_write(fd, bytes, len);
}

int __wrap_fsync(int fd)
{
	return step(SEAM_WRITE) ? -1 : __real_fsync(fd);
}

int __wrap_rename(const char *from, const char *to)
{
	return step(SEAM_WRITE) ? -1 : __real_rename(from, to);
}

int __wrap_unlink(const char *path)
{
	return step(SEAM_WRITE) ? -1 : __real_unlink(path);
}

int __wrap_statvfs64(const char *path, struct statvfs *out)
{
	return step(SEAM_WRITE) ? -1 : __real_statvfs64(path, out);
}

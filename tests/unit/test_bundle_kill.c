/* SPDX-License-Identifier: MIT */
/*
 * Kills the writer of a bundle before, in the middle of and behind each of its calls to the system,
 * and then looks, with programs that know nothing of this one, at what has the final name: nothing,
 * what was there before, or a whole bundle. The calls are caught by the linker's --wrap.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include <check.h>
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle_make.h"
#include "espdiag/base/alloc.h"
#include "espdiag/base/limits.h"
#include "espdiag/pack/write.h"
#include "espdiag/platform/file.h"

/* The calls that can change what is on the disk. */
int __real_close(int fd);
int __real_fsync(int fd);
int __real_open(const char *path, int flags, ...);
int __real_rename(const char *from, const char *to);
int __real_unlink(const char *path);
ssize_t __real_write(int fd, const void *bytes, size_t len);
int __wrap_close(int fd);
int __wrap_fsync(int fd);
int __wrap_open(const char *path, int flags, ...);
int __wrap_rename(const char *from, const char *to);
int __wrap_unlink(const char *path);
ssize_t __wrap_write(int fd, const void *bytes, size_t len);

static long calls;     /* counted while armed */
static long kill_at;   /* dies at this one; -1 never */
static bool kill_late; /* behind the call instead of before it */
static long fail_at;   /* this one fails with EIO; -1 none */
static bool armed;

static bool step_begins(void)
{
	if (!armed)
		return false;
	calls++;
	if (calls == kill_at && !kill_late)
		raise(SIGKILL);
	return calls == fail_at;
}

static void step_ends(void)
{
	if (armed && calls == kill_at && kill_late)
		raise(SIGKILL);
}

static int failed(void)
{
	errno = EIO;
	return -1;
}

int __wrap_close(int fd)
{
	bool fails = step_begins();
	int result = __real_close(fd);

	step_ends();
	return fails ? failed() : result;
}

int __wrap_fsync(int fd)
{
	bool fails = step_begins();
	int result = fails ? failed() : __real_fsync(fd);

	step_ends();
	return result;
}

int __wrap_open(const char *path, int flags, ...)
{
	bool fails = step_begins();
	int result = fails ? failed() : __real_open(path, flags, 0666);

	step_ends();
	return result;
}

int __wrap_rename(const char *from, const char *to)
{
	bool fails = step_begins();
	int result = fails ? failed() : __real_rename(from, to);

	step_ends();
	return result;
}

int __wrap_unlink(const char *path)
{
	bool fails = step_begins();
	int result = fails ? failed() : __real_unlink(path);

	step_ends();
	return result;
}

/* A killed write may have written a part. */
ssize_t __wrap_write(int fd, const void *bytes, size_t len)
{
	bool fails = step_begins();
	ssize_t result;

	if (armed && calls == kill_at)
		len = len / 2;
	result = fails ? failed() : __real_write(fd, bytes, len);
	step_ends();
	return result;
}

/* Large enough for several writes. */
static void bundle_large(struct ed_bundle **bundle, char hex[ED_SHA256_HEX])
{
	struct ed_error err = { 0 };
	struct ed_buf noise;
	uint32_t x = 1;

	ck_assert_int_eq(bundle_make(bundle, hex, &err), ED_OK);
	ed_buf_init(&noise, ED_MIB);
	for (size_t i = 0; i < 200 * ED_KIB; i++) {
		x = x * 1664525u + 1013904223u;
		ed_buf_addc(&noise, (char)(x >> 24));
	}
	ck_assert_int_eq(bundle_put(*bundle, ED_FORM_RAW, "raw/noise.bin", "noise",
				    ed_buf_str(&noise), &err),
			 ED_OK);
	ed_buf_release(&noise);
	ck_assert_int_eq(bundle_seal(*bundle, hex, &err), ED_OK);
}

static const char check_script[] =
	"import hashlib, json, sys, zipfile\n"
	"zip = zipfile.ZipFile(sys.argv[1])\n"
	"names = zip.namelist()\n"
	"assert zip.testzip() is None\n"
	"assert names[-1] == 'manifest.json' and len(set(names)) == len(names), names\n"
	"manifest = zip.read('manifest.json')\n"
	"assert hashlib.sha256(manifest).hexdigest() == sys.argv[2]\n"
	"rows = json.loads(manifest)['members']\n"
	"assert [row['member'] for row in rows] == names[:-1], names\n"
	"for row in rows:\n"
	"    data = zip.read(row['member'])\n"
	"    assert len(data) == row['bytes'], row\n"
	"    assert hashlib.sha256(data).hexdigest() == row['sha256'], row\n";

/* True when python's zipfile finds every member as the manifest of digest @hex says. */
static bool is_whole(const char *path, const char *hex)
{
	int status = -1;
	pid_t child;

	fflush(NULL);
	child = fork();
	if (child == 0) {
		execlp("python3", "python3", "-c", check_script, path, hex, (char *)NULL);
		_exit(9);
	}
	ck_assert_int_gt(child, 0);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Writes in a child. True when it was killed; *steps its calls when it was not. */
static bool write_in_child(const struct ed_bundle *bundle, const char *path, long *steps)
{
	int status, pipes[2];
	pid_t child;

	ck_assert_int_eq(pipe(pipes), 0);
	fflush(NULL);
	child = fork();
	if (child == 0) {
		struct ed_error err = { 0 };
		ed_status written;

		calls = 0;
		armed = true;
		written = ed_bundle_write(bundle, ed_str_from(path), &err);
		armed = false;
		if (write(pipes[1], &calls, sizeof(calls)) != (ssize_t)sizeof(calls))
			_exit(8);
		_exit(written == ED_OK ? 0 : err.text[0] ? 1 : 7);
	}
	ck_assert_int_gt(child, 0);
	ck_assert_int_eq(close(pipes[1]), 0);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	if (WIFEXITED(status)) {
		ck_assert_int_eq(WEXITSTATUS(status), fail_at < 0 ? 0 : WEXITSTATUS(status) & 1);
		ck_assert_int_eq(read(pipes[0], steps, sizeof(*steps)), (ssize_t)sizeof(*steps));
	} else {
		ck_assert_int_eq(WTERMSIG(status), SIGKILL);
	}
	ck_assert_int_eq(close(pipes[0]), 0);
	return WIFSIGNALED(status);
}

static struct ed_bundle *bundle;
static char hex[ED_SHA256_HEX];

static void setup(void)
{
	folder_make();
	bundle_large(&bundle, hex);
	kill_at = fail_at = -1;
}

static void teardown(void)
{
	ed_bundle_free(bundle);
	folder_remove();
}

static bool is_file(const char *name, const char *text)
{
	struct ed_buf bytes;
	bool same;

	file_get(name, &bytes);
	same = ed_str_eq(ed_buf_str(&bytes), ed_str_from(text));
	ed_buf_release(&bytes);
	return same;
}

/* What has the final name after a run: 1 a whole bundle, 0 @before (NULL: nothing). */
static int look(const char *before)
{
	struct stat st;

	if (stat(in_folder("b.zip"), &st) != 0) {
		ck_assert_ptr_null(before);
		return 0;
	}
	if (before && is_file("b.zip", before))
		return 0;
	ck_assert_msg(is_whole(in_folder("b.zip"), hex), "something broken has the final name");
	return 1;
}

/* @_i 1: there was a file of that name before, which must stay as long as there is no bundle. */
START_TEST(killed_at_every_call)
{
	const char *before = _i ? "an older file" : NULL;
	long step = 0, steps = 0, runs = 0, bundles = 0;

	for (bool killed = true; killed; runs++) {
		folder_remove();
		ck_assert_int_eq(mkdir(bundle_folder, 0700), 0);
		if (before)
			file_put("b.zip", ed_str_from(before));
		kill_at = step / 2 + 1;
		kill_late = step % 2;
		killed = write_in_child(bundle, in_folder("b.zip"), &steps);
		bundles += look(before);
		step++;
	}
	printf("bundle: killed at each of %ld calls, before and behind: %ld runs, %ld left a "
	       "bundle, "
	       "%ld left none, 0 a broken one\n",
	       steps, runs, bundles, runs - bundles);
	/* open, several writes, fsync, close, rename: killed before that there is none */
	ck_assert_int_ge(steps, 7);
	ck_assert_int_eq(runs, 2 * steps + 1);
	ck_assert_int_ge(bundles, 2);
	ck_assert_int_ge(runs - bundles, 13);
}
END_TEST

/* A call that fails instead: no bundle, no temporary file, and it is said; or a bundle. */
START_TEST(failed_at_every_call)
{
	long steps = 0, bundles = 0, runs = 0;

	for (fail_at = 1; runs == 0 || fail_at <= steps + 1; fail_at++, runs++) {
		DIR *dir;
		int entries = 0;

		folder_remove();
		ck_assert_int_eq(mkdir(bundle_folder, 0700), 0);
		ck_assert(!write_in_child(bundle, in_folder("b.zip"), &steps));
		bundles += look(NULL);
		dir = opendir(bundle_folder);
		ck_assert_ptr_nonnull(dir);
		while (readdir(dir))
			entries++;
		closedir(dir);
		ck_assert_int_le(entries, 3);
		if (fail_at > steps)
			break;
	}
	printf("bundle: each call failed once: %ld runs, %ld left a bundle, 0 a broken one\n",
	       runs + 1, bundles);
	ck_assert_int_ge(bundles, 1);
	ck_assert_int_ge(runs + 1 - bundles, 6);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("bundle_kill");
	TCase *tc = tcase_create("bundle_kill");
	SRunner *runner;
	int bad;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 280);
	tcase_add_loop_test(tc, killed_at_every_call, 0, 2);
	tcase_add_test(tc, failed_at_every_call);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	bad = srunner_ntests_failed(runner);
	srunner_free(runner);
	return bad ? 1 : 0;
}

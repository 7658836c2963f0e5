/* SPDX-License-Identifier: MIT */
/*
 * What no reader can do without, and nothing else: the machine's limit for a task.
 *   bench_limit log BYTES FILE...   reads .evtx files, CRC32 of what their chunks use, stores and
 *                                   writes BYTES of output
 *   bench_limit log-zlib BYTES FILE...  the same with zlib's CRC32
 *   bench_limit plain BYTES FILE... without CRC32, for text
 *   bench_limit zip BYTES FILE      inflates the members of a zip, CRC32 of each, stores BYTES
 *   bench_limit pack BYTES FILE...  deflates files at level 3, CRC32 of each, stores BYTES
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "espdiag/base/crc.h"
#include "espdiag/base/cursor.h"
#include "espdiag/base/str.h"

/* a chunk: larger reads leave the cache and are slower */
#define BLOCK ((size_t)65536)
#define CHUNK BLOCK
#define HEADER ((size_t)4096)
#define ZIP_END 22u
#define ZIP_ENTRY 46u
#define ZIP_LOCAL 30u

static unsigned char block[BLOCK];
static unsigned char store[BLOCK];
static uint32_t sum; /* printed, so that nothing is left out as useless */

typedef uint32_t (*crc_fn)(uint32_t crc, const void *bytes, size_t n);

static void fail(const char *what, const char *subject)
{
	fprintf(stderr, "bench_limit: %s '%s'\n", what, subject);
	exit(1);
}

static void check_chunk(const unsigned char *chunk, crc_fn crc)
{
	uint32_t used = ed_le32(chunk + 48);

	sum ^= crc(0, chunk, 120);
	if (used > 512 && used <= CHUNK)
		sum ^= crc(0, chunk + 512, used - 512);
}

/* @crc NULL: no log. */
static void read_log(const char *path, crc_fn crc)
{
	int f = open(path, O_RDONLY);
	off_t at = crc ? (off_t)HEADER : 0;
	ssize_t got;

	if (f < 0)
		fail("cannot open", path);
	while ((got = pread(f, block, BLOCK, at)) > 0) {
		for (size_t i = 0; crc && i + CHUNK <= (size_t)got; i += CHUNK)
			check_chunk(block + i, crc);
		sum ^= block[0];
		at += got;
	}
	if (got < 0 || close(f) != 0)
		fail("cannot read", path);
}

/* Once, at the level at which bundles keep their members; into the store, whatever it makes. */
static void pack_file(const char *path)
{
	z_stream z = { .next_in = NULL };
	int f = open(path, O_RDONLY);
	ssize_t got;

	if (f < 0 || deflateInit2(&z, 3, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		fail("cannot open", path);
	do {
		got = read(f, block, BLOCK);
		if (got < 0)
			fail("cannot read", path);
		sum ^= ed_crc32(sum, block, (size_t)got);
		z.next_in = block;
		z.avail_in = (uInt)got;
		do {
			z.next_out = store;
			z.avail_out = sizeof(store);
			(void)deflate(&z, got ? Z_NO_FLUSH : Z_FINISH);
		} while (!z.avail_out);
	} while (got);
	deflateEnd(&z);
	close(f);
}

/* The last bytes of the output may be the same as the first: it is the stores that count. */
static void write_output(uint64_t bytes)
{
	while (bytes) {
		size_t n = bytes < BLOCK ? (size_t)bytes : BLOCK;

		memcpy(store, block, n);
		if (write(1, store, n) != (ssize_t)n)
			fail("cannot write", "output");
		bytes -= n;
	}
}

static void inflate_member(unsigned char *packed, size_t packed_len, const char *path)
{
	z_stream z = { .next_in = packed, .avail_in = (uInt)packed_len };
	int status = inflateInit2(&z, -15);
	uint32_t crc = 0;

	while (status == Z_OK) {
		z.next_out = store;
		z.avail_out = sizeof(store);
		status = inflate(&z, Z_NO_FLUSH);
		crc = ed_crc32(crc, store, sizeof(store) - z.avail_out);
	}
	inflateEnd(&z);
	if (status != Z_STREAM_END)
		fail("cannot inflate", path);
	sum ^= crc;
}

/* Archives that this folder made itself: no comment behind the directory, no zip64. */
static void walk_zip(unsigned char *p, size_t len, const char *path)
{
	size_t at, count;

	if (len < ZIP_END || memcmp(p + len - ZIP_END, "PK\5\6", 4) != 0)
		fail("not a plain zip", path);
	count = ed_le16(p + len - ZIP_END + 10);
	at = ed_le32(p + len - ZIP_END + 16);
	for (size_t i = 0; i < count; i++) {
		size_t packed_len, local;

		if (at > len - ZIP_ENTRY)
			fail("not a plain zip", path);
		packed_len = ed_le32(p + at + 20);
		local = ed_le32(p + at + 42);
		if (local > len - ZIP_LOCAL)
			fail("not a plain zip", path);
		local += ZIP_LOCAL + ed_le16(p + local + 26) + ed_le16(p + local + 28);
		if (local > len || packed_len > len - local)
			fail("not a plain zip", path);
		if (ed_le16(p + at + 10) == Z_DEFLATED)
			inflate_member(p + local, packed_len, path);
		else
			sum ^= ed_crc32(0, p + local, packed_len);
		at += ZIP_ENTRY + ed_le16(p + at + 28) + ed_le16(p + at + 30) +
		      ed_le16(p + at + 32);
	}
}

static void read_zip(const char *path)
{
	int f = open(path, O_RDONLY);
	unsigned char *bytes;
	struct stat info;

	if (f < 0 || fstat(f, &info) != 0)
		fail("cannot open", path);
	bytes = malloc((size_t)info.st_size);
	if (!bytes || read(f, bytes, (size_t)info.st_size) != info.st_size || close(f) != 0)
		fail("cannot read", path);
	walk_zip(bytes, (size_t)info.st_size, path);
	free(bytes);
}

int main(int argc, char **argv)
{
	uint64_t bytes;

	if (argc < 4 || !ed_number_parse(ed_str_from(argv[2]), &bytes)) {
		fprintf(stderr, "usage: bench_limit log|log-zlib|plain|zip|pack BYTES FILE...\n");
		return 2;
	}
	for (int i = 3; i < argc; i++) {
		if (strcmp(argv[1], "zip") == 0)
			read_zip(argv[i]);
		else if (strcmp(argv[1], "pack") == 0)
			pack_file(argv[i]);
		else
			read_log(argv[i], strcmp(argv[1], "log") == 0        ? ed_crc32
					  : strcmp(argv[1], "log-zlib") == 0 ? ed_crc32_portable
									     : NULL);
	}
	write_output(bytes);
	fprintf(stderr, "%08x\n", (unsigned)sum);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* Zip and cab archives in memory, for tests. */
#include "pack_build.h"

#include <zlib.h>

#include <stdlib.h>
#include <string.h>

#define DOS_TIME 0x4800u /* 09:00:00 */
#define DOS_DATE 0x5d2eu /* 2026-09-14 */
#define ZIP_DEFLATE 8u
#define ZIP_DEFLATE64 9u
#define CAB_BLOCK ((size_t)32768)

void pack_bytes_add(struct pack_bytes *out, const void *bytes, size_t len)
{
	if (len > out->cap - out->len) {
		size_t cap = (out->cap + len) * 2 + 256;

		out->p = realloc(out->p, cap);
		if (!out->p)
			abort();
		out->cap = cap;
	}
	if (len)
		memcpy(out->p + out->len, bytes, len);
	out->len += len;
}

void pack_bytes_le(struct pack_bytes *out, uint64_t value, size_t width)
{
	unsigned char bytes[8];

	for (size_t i = 0; i < width; i++)
		bytes[i] = (unsigned char)(value >> 8 * i);
	pack_bytes_add(out, bytes, width);
}

/* What the headers of one zip member say. */
struct zip_facts {
	const char *name;
	unsigned flags;
	uint32_t crc;
	uint64_t packed;
	uint64_t unpacked;
	uint64_t offset;
};

static unsigned zip_method(unsigned flags)
{
	if (flags & PACK_STORED)
		return 0;
	return flags & PACK_DEFLATE64 ? ZIP_DEFLATE64 : ZIP_DEFLATE;
}

static unsigned zip_bits(unsigned flags)
{
	return (flags & PACK_ENCRYPTED ? 1u : 0u) | (flags & PACK_DESCRIPTOR ? 8u : 0u) |
	       (flags & PACK_UTF8 ? 0x800u : 0u);
}

/* The part that the local header and the directory have in common: version to extra length. */
static void zip_common(struct pack_bytes *out, const struct zip_facts *facts, bool sizes,
		       size_t extra)
{
	bool big = facts->flags & PACK_ZIP64;

	pack_bytes_le(out, big ? 45 : 20, 2);
	pack_bytes_le(out, zip_bits(facts->flags), 2);
	pack_bytes_le(out, zip_method(facts->flags), 2);
	pack_bytes_le(out, DOS_TIME, 2);
	pack_bytes_le(out, DOS_DATE, 2);
	pack_bytes_le(out, sizes ? facts->crc : 0, 4);
	pack_bytes_le(out, big ? UINT32_MAX : sizes ? facts->packed : 0, 4);
	pack_bytes_le(out, big ? UINT32_MAX : sizes ? facts->unpacked : 0, 4);
	pack_bytes_le(out, strlen(facts->name), 2);
	pack_bytes_le(out, extra, 2);
}

static void zip_local(struct pack_bytes *out, const struct zip_facts *facts)
{
	bool sizes = !(facts->flags & PACK_DESCRIPTOR);
	bool big = facts->flags & PACK_ZIP64;

	pack_bytes_add(out, "PK\3\4", 4);
	zip_common(out, facts, sizes, big ? 20 : 0);
	pack_bytes_add(out, facts->name, strlen(facts->name));
	if (big) {
		pack_bytes_le(out, 1, 2);
		pack_bytes_le(out, 16, 2);
		pack_bytes_le(out, sizes ? facts->unpacked : 0, 8);
		pack_bytes_le(out, sizes ? facts->packed : 0, 8);
	}
}

static void zip_central(struct pack_bytes *out, const struct zip_facts *facts)
{
	bool big = facts->flags & PACK_ZIP64;

	pack_bytes_add(out, "PK\1\2", 4);
	pack_bytes_le(out, big ? 45 : 20, 2);
	zip_common(out, facts, true, big ? 28 : 0);
	pack_bytes_le(out, 0, 2); /* comment */
	pack_bytes_le(out, 0, 2); /* disk */
	pack_bytes_le(out, 0, 2); /* internal attributes */
	pack_bytes_le(out, 0, 4); /* external attributes */
	pack_bytes_le(out, big ? UINT32_MAX : facts->offset, 4);
	pack_bytes_add(out, facts->name, strlen(facts->name));
	if (big) {
		pack_bytes_le(out, 1, 2);
		pack_bytes_le(out, 24, 2);
		pack_bytes_le(out, facts->unpacked, 8);
		pack_bytes_le(out, facts->packed, 8);
		pack_bytes_le(out, facts->offset, 8);
	}
}

static void zip_descriptor(struct pack_bytes *out, const struct zip_facts *facts)
{
	size_t width = facts->flags & PACK_ZIP64 ? 8 : 4;

	pack_bytes_add(out, "PK\7\10", 4);
	pack_bytes_le(out, facts->crc, 4);
	pack_bytes_le(out, facts->packed, width);
	pack_bytes_le(out, facts->unpacked, width);
}

/* Raw deflate of @len bytes, ended by @flush. */
static void deflate_raw(struct pack_bytes *out, const void *bytes, size_t len, int flush,
			const void *dictionary, size_t dictionary_len)
{
	unsigned char room[65536];
	unsigned char *copy = malloc(len ? len : 1);
	z_stream z = { 0 };

	if (!copy || deflateInit2(&z, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK ||
	    (dictionary_len && deflateSetDictionary(&z, dictionary, (uInt)dictionary_len) != Z_OK))
		abort();
	if (len)
		memcpy(copy, bytes, len);
	z.next_in = copy;
	z.avail_in = (uInt)len;
	do {
		z.next_out = room;
		z.avail_out = sizeof(room);
		if (deflate(&z, flush) == Z_STREAM_ERROR)
			abort();
		pack_bytes_add(out, room, sizeof(room) - z.avail_out);
	} while (!z.avail_out);
	deflateEnd(&z);
	free(copy);
}

void pack_zip_begin(struct pack_zip *zip)
{
	*zip = (struct pack_zip){ .count = 0 };
}

static void zip_add_packed(struct pack_zip *zip, struct zip_facts *facts,
			   const struct pack_bytes *packed)
{
	if (facts->flags & PACK_BAD_CRC)
		facts->crc ^= 0xffff;
	if (facts->flags & PACK_LYING_SIZE)
		facts->unpacked = 10;
	facts->packed = packed->len;
	facts->offset = zip->out.len;
	zip_local(&zip->out, facts);
	pack_bytes_add(&zip->out, packed->p, packed->len);
	if (facts->flags & PACK_DESCRIPTOR)
		zip_descriptor(&zip->out, facts);
	zip_central(&zip->directory, facts);
	zip->count++;
}

void pack_zip_add(struct pack_zip *zip, const char *name, const void *bytes, size_t len,
		  unsigned flags)
{
	struct zip_facts facts = { .name = name, .flags = flags, .unpacked = len };
	struct pack_bytes packed = { .p = NULL };

	facts.crc = len ? (uint32_t)crc32(0, bytes, (uInt)len) : 0;
	if (flags & PACK_ENCRYPTED)
		pack_bytes_add(&packed, "twelve bytes", 12);
	if (flags & PACK_STORED)
		pack_bytes_add(&packed, bytes, len);
	else
		deflate_raw(&packed, bytes, len, Z_FINISH, NULL, 0);
	zip_add_packed(zip, &facts, &packed);
	free(packed.p);
}

/* Each full flush forgets what came before, so that one packed chunk serves for all. */
void pack_zip_add_zeros(struct pack_zip *zip, const char *name, uint64_t total, unsigned flags)
{
	static const unsigned char zeros[1024 * 1024];
	struct zip_facts facts = { .name = name, .flags = flags, .unpacked = total };
	struct pack_bytes packed = { .p = NULL }, chunk = { .p = NULL };
	size_t rest = (size_t)(total % sizeof(zeros));
	uLong crc = crc32(0, zeros, sizeof(zeros)), sum = crc32(0, NULL, 0);

	deflate_raw(&chunk, zeros, sizeof(zeros), Z_FULL_FLUSH, NULL, 0);
	for (uint64_t i = 0; i < total / sizeof(zeros); i++) {
		pack_bytes_add(&packed, chunk.p, chunk.len);
		sum = crc32_combine(sum, crc, sizeof(zeros));
	}
	deflate_raw(&packed, zeros, rest, Z_FINISH, NULL, 0);
	facts.crc = (uint32_t)crc32_combine(sum, crc32(0, zeros, (uInt)rest), (z_off_t)rest);
	zip_add_packed(zip, &facts, &packed);
	free(packed.p);
	free(chunk.p);
}

static void zip64_end(struct pack_zip *zip, uint64_t directory_offset)
{
	uint64_t record = zip->out.len;

	pack_bytes_add(&zip->out, "PK\6\6", 4);
	pack_bytes_le(&zip->out, 44, 8);
	pack_bytes_le(&zip->out, 45, 2);
	pack_bytes_le(&zip->out, 45, 2);
	pack_bytes_le(&zip->out, 0, 4);
	pack_bytes_le(&zip->out, 0, 4);
	pack_bytes_le(&zip->out, zip->count, 8);
	pack_bytes_le(&zip->out, zip->count, 8);
	pack_bytes_le(&zip->out, zip->directory.len, 8);
	pack_bytes_le(&zip->out, directory_offset, 8);
	pack_bytes_add(&zip->out, "PK\6\7", 4);
	pack_bytes_le(&zip->out, 0, 4);
	pack_bytes_le(&zip->out, record, 8);
	pack_bytes_le(&zip->out, 1, 4);
}

struct pack_bytes pack_zip_end(struct pack_zip *zip)
{
	uint64_t directory_offset = zip->out.len;
	bool big = zip->count > 65534;
	uint64_t count = big ? 65535 : zip->count;

	pack_bytes_add(&zip->out, zip->directory.p, zip->directory.len);
	if (big)
		zip64_end(zip, directory_offset);
	pack_bytes_add(&zip->out, "PK\5\6", 4);
	pack_bytes_le(&zip->out, 0, 4);
	pack_bytes_le(&zip->out, count, 2);
	pack_bytes_le(&zip->out, count, 2);
	pack_bytes_le(&zip->out, zip->directory.len, 4);
	pack_bytes_le(&zip->out, directory_offset, 4);
	pack_bytes_le(&zip->out, 0, 2);
	free(zip->directory.p);
	zip->directory = (struct pack_bytes){ .p = NULL };
	return zip->out;
}

/* The cabinet's own checksum: exclusive or of little-endian words, the rest big end first. */
static uint32_t cab_checksum(const unsigned char *p, size_t len, uint32_t sum)
{
	uint32_t rest = 0;

	for (; len >= 4; p += 4, len -= 4)
		sum ^= p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
	while (len--)
		rest = rest << 8 | *p++;
	return sum ^ rest;
}

/* One frame as an uncompressed LZX block: header bits, the three repeated offsets, the bytes. */
static void lzx_frame(struct pack_bytes *out, const unsigned char *bytes, size_t len, bool first)
{
	/* 16-bit little-endian words hold the bits from the top: [no E8 = 0], type 3, 24-bit size
	 */
	uint32_t bits = first ? UINT32_C(3) << 28 | (uint32_t)len << 4
			      : UINT32_C(3) << 29 | (uint32_t)len << 5;

	pack_bytes_le(out, bits >> 16, 2);
	pack_bytes_le(out, bits & 0xffff, 2);
	for (int i = 0; i < 3; i++)
		pack_bytes_le(out, 1, 4);
	pack_bytes_add(out, bytes, len);
	if (len % 2)
		pack_bytes_le(out, 0, 1);
}

static void cab_data_block(struct pack_bytes *out, const struct pack_bytes *plain, size_t at,
			   enum pack_cab_method method)
{
	size_t n = plain->len - at < CAB_BLOCK ? plain->len - at : CAB_BLOCK;
	struct pack_bytes packed = { .p = NULL };
	unsigned char sizes[4];
	uint32_t sum;

	switch (method) {
	case PACK_CAB_NONE:
		pack_bytes_add(&packed, plain->p + at, n);
		break;
	case PACK_CAB_MSZIP:
		pack_bytes_add(&packed, "CK", 2);
		deflate_raw(&packed, plain->p + at, n, Z_FINISH,
			    at ? plain->p + at - CAB_BLOCK : NULL, at ? CAB_BLOCK : 0);
		break;
	case PACK_CAB_LZX:
		lzx_frame(&packed, plain->p + at, n, at == 0);
		break;
	}
	sizes[0] = (unsigned char)packed.len;
	sizes[1] = (unsigned char)(packed.len >> 8);
	sizes[2] = (unsigned char)n;
	sizes[3] = (unsigned char)(n >> 8);
	sum = cab_checksum(packed.p, packed.len, 0);
	pack_bytes_le(out, cab_checksum(sizes, sizeof(sizes), sum), 4);
	pack_bytes_add(out, sizes, sizeof(sizes));
	pack_bytes_add(out, packed.p, packed.len);
	free(packed.p);
}

/* The data blocks of folder @folder, appended; returns their number. */
static size_t cab_folder(struct pack_bytes *out, const struct pack_cab_member *members,
			 size_t count, unsigned folder, enum pack_cab_method method)
{
	struct pack_bytes plain = { .p = NULL };
	size_t blocks = 0;

	for (size_t i = 0; i < count; i++)
		if (members[i].folder == folder)
			pack_bytes_add(&plain, members[i].bytes, members[i].len);
	for (size_t at = 0; at < plain.len; at += CAB_BLOCK, blocks++)
		cab_data_block(out, &plain, at, method);
	free(plain.p);
	return blocks;
}

static void cab_files(struct pack_bytes *out, const struct pack_cab_member *members, size_t count)
{
	size_t offset = 0;

	for (size_t i = 0; i < count; i++) {
		if (i && members[i].folder != members[i - 1].folder)
			offset = 0;
		pack_bytes_le(out, members[i].len, 4);
		pack_bytes_le(out, offset, 4);
		pack_bytes_le(out, members[i].folder, 2);
		pack_bytes_le(out, DOS_DATE, 2);
		pack_bytes_le(out, DOS_TIME, 2);
		pack_bytes_le(out, members[i].utf8 ? 0xa0 : 0x20, 2);
		pack_bytes_add(out, members[i].name, strlen(members[i].name) + 1);
		offset += members[i].len;
	}
}

static void cab_header(struct pack_bytes *out, size_t total, size_t files_at, size_t folders,
		       size_t files)
{
	pack_bytes_add(out, "MSCF", 4);
	pack_bytes_le(out, 0, 4);
	pack_bytes_le(out, total, 4);
	pack_bytes_le(out, 0, 4);
	pack_bytes_le(out, files_at, 4);
	pack_bytes_le(out, 0, 4);
	pack_bytes_le(out, 3, 1);
	pack_bytes_le(out, 1, 1);
	pack_bytes_le(out, folders, 2);
	pack_bytes_le(out, files, 2);
	pack_bytes_le(out, 0, 2); /* flags */
	pack_bytes_le(out, 0, 2); /* set */
	pack_bytes_le(out, 0, 2); /* number in the set */
}

struct pack_bytes pack_cab_build(const struct pack_cab_member *members, size_t count,
				 enum pack_cab_method method)
{
	unsigned folders = count ? members[count - 1].folder + 1 : 0;
	struct pack_bytes out = { .p = NULL }, files = { .p = NULL }, data = { .p = NULL };
	size_t files_at = 36 + 8 * (size_t)folders;
	struct pack_bytes table = { .p = NULL };

	cab_files(&files, members, count);
	for (unsigned i = 0; i < folders; i++) {
		size_t at = files_at + files.len + data.len;
		size_t blocks = cab_folder(&data, members, count, i, method);

		pack_bytes_le(&table, at, 4);
		pack_bytes_le(&table, blocks, 2);
		pack_bytes_le(&table, method == PACK_CAB_LZX ? 0x1503 : (uint64_t)method, 2);
	}
	cab_header(&out, files_at + files.len + data.len, files_at, folders, count);
	pack_bytes_add(&out, table.p, table.len);
	pack_bytes_add(&out, files.p, files.len);
	pack_bytes_add(&out, data.p, data.len);
	free(table.p);
	free(files.p);
	free(data.p);
	return out;
}

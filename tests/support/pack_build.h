/* SPDX-License-Identifier: MIT */
/*
 * Writes zip and cab archives in memory for tests, byte by byte, so that broken and rare forms can
 * be made and the bytes are the same each time. Out of memory aborts: this is test code.
 */
#ifndef TESTS_SUPPORT_PACK_BUILD_H
#define TESTS_SUPPORT_PACK_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pack_bytes {
	unsigned char *p; /* free() it */
	size_t len;
	size_t cap;
};

void pack_bytes_add(struct pack_bytes *out, const void *bytes, size_t len);
void pack_bytes_le(struct pack_bytes *out, uint64_t value, size_t width);

/* How a member is written; 0 is deflate with sizes in the header and a name without a flag. */
enum pack_zip_flags {
	PACK_STORED = 1,      /* not compressed */
	PACK_ZIP64 = 2,       /* sizes and offset in zip64 extra fields */
	PACK_DESCRIPTOR = 4,  /* sizes and checksum behind the data */
	PACK_UTF8 = 8,        /* flag: the name is UTF-8 */
	PACK_ENCRYPTED = 16,  /* flag: encrypted (twelve bytes of header stand in front) */
	PACK_DEFLATE64 = 32,  /* method number 9 over deflate data */
	PACK_BAD_CRC = 64,    /* the checksum is wrong */
	PACK_LYING_SIZE = 128 /* the unpacked size says 10, whatever it is */
};

struct pack_zip {
	struct pack_bytes out;
	struct pack_bytes directory;
	size_t count;
};

void pack_zip_begin(struct pack_zip *zip);
void pack_zip_add(struct pack_zip *zip, const char *name, const void *bytes, size_t len,
		  unsigned flags);
/* @total zero bytes, deflated as they are made. */
void pack_zip_add_zeros(struct pack_zip *zip, const char *name, uint64_t total, unsigned flags);
/* The whole archive; zip64 end records are written when more than 65534 members ask for it. */
struct pack_bytes pack_zip_end(struct pack_zip *zip);

enum pack_cab_method {
	PACK_CAB_NONE = 0,
	PACK_CAB_MSZIP = 1,
	PACK_CAB_LZX = 3, /* uncompressed LZX blocks, window of 2 MiB */
};

struct pack_cab_member {
	const char *name;
	const void *bytes;
	size_t len;
	unsigned folder; /* 0, 1, …: members of one folder stand together, in order */
	bool utf8;       /* attribute: the name is UTF-8 */
};

struct pack_bytes pack_cab_build(const struct pack_cab_member *members, size_t count,
				 enum pack_cab_method method);

#endif

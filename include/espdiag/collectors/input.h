/* SPDX-License-Identifier: MIT */
/*
 * What readers read: bytes with random access, from a file, from memory or from a member of an
 * archive. And what a reader and a container are.
 */
#ifndef ESPDIAG_COLLECTORS_INPUT_H
#define ESPDIAG_COLLECTORS_INPUT_H

#include "espdiag/base/buf.h"
#include "espdiag/model/sink.h"

/* Bytes at the front that decide what an input is. */
#define ED_PROBE_BYTES ((size_t)4096)

struct ed_input {
	struct ed_str path; /* for people, UTF-8 */
	uint64_t size;      /* bytes */
	const void *bytes;  /* all of it when it is in memory, else NULL; borrowed */
	void *context;      /* of read_at */
	/* Only front to back, but for the first ED_PROBE_BYTES: a member that is being unpacked. */
	bool in_order;
	/*
	 * Reads up to @len bytes at @offset; a short count means the end. Never called when bytes
	 * is set; use ed_input_read, which serves both.
	 */
	ed_status (*read_at)(const struct ed_input *input, uint64_t offset, void *out, size_t len,
			     size_t *got, struct ed_error *err);
};

/* Sets up an input over borrowed memory. */
void ed_input_from_memory(struct ed_input *input, struct ed_str path, const void *bytes,
			  size_t len);
/* Reads up to @len bytes at @offset into @out; *got is less only at the end. */
ed_status ed_input_read(const struct ed_input *input, uint64_t offset, void *out, size_t len,
			size_t *got, struct ed_error *err);
/*
 * All bytes as one block, borrowed from the input when it is in memory, else read into @hold, whose
 * limit (set by the caller) it must not exceed: ED_LIMIT.
 */
ed_status ed_input_all(const struct ed_input *input, struct ed_buf *hold, struct ed_str *bytes,
		       struct ed_error *err);

/* A kind of evidence. Readers are const tables; the program lists them in one place. */
struct ed_reader {
	const char *name;
	/*
	 * 0 = not mine … 100 = surely. @head is the first ED_PROBE_BYTES bytes (fewer when shorter,
	 * never empty). Content decides; @path may only break a tie.
	 */
	int (*probe)(struct ed_str head, struct ed_str path);
	/*
	 * ED_OK even when parts were damaged (they were told as gaps). ED_FORMAT, ED_LIMIT, ED_IO:
	 * the source could not be used; the caller makes that a coverage row. ED_NOMEM and what the
	 * sink returned end the run.
	 */
	ed_status (*read)(const struct ed_input *input, struct ed_sink *sink, struct ed_error *err);
	/* Goes through the input once, front to back, so that it need not be there as a whole. */
	bool reads_in_order;
};

/* Gets each member of a container. Paths are labels within the container, with forward slashes. */
struct ed_visitor {
	/* The input is valid during the call only. A member that was cut short comes as far as it
	 * goes, and lost() with its path follows at once. */
	ed_status (*member)(struct ed_visitor *visitor, const struct ed_input *member,
			    struct ed_error *err);
	/* A member that could not be read, or, with @path.p NULL, something about the container. */
	ed_status (*lost)(struct ed_visitor *visitor, struct ed_str path, const struct ed_gap *gap,
			  struct ed_error *err);
	/*
	 * Whether the member that begins with @head (up to ED_PROBE_BYTES) is wanted; if not it is
	 * unpacked no further. Not asked about empty members. NULL: all are.
	 */
	bool (*want)(struct ed_visitor *visitor, struct ed_str path, struct ed_str head);
	/* Whether a member that is wanted may come as one to be read in_order. NULL: no. */
	bool (*in_order)(struct ed_visitor *visitor, struct ed_str path, struct ed_str head);
	uint64_t *unpacked_left; /* bytes that may still be unpacked, shared by nested walks */
	uint64_t member_limit;   /* bytes of one unpacked member */
};

/* A kind of archive: hands its members on, never writes them to disk. Losses within are told to the
 * visitor; ED_NOMEM, ED_IO and what the visitor returned are returned. */
struct ed_container {
	const char *name;
	int (*probe)(struct ed_str head, struct ed_str path);
	ed_status (*walk)(const struct ed_input *input, struct ed_visitor *visitor,
			  struct ed_error *err);
};

#endif

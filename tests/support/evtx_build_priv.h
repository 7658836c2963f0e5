/* SPDX-License-Identifier: MIT */
/* What the two halves of the .evtx writer share: bytes into the current chunk, and templates. */
#ifndef ESPDIAG_TESTS_EVTX_BUILD_PRIV_H
#define ESPDIAG_TESTS_EVTX_BUILD_PRIV_H

#include "evtx_build.h"

#define EVTX_CHUNK_DATA 512u /* after the chunk's header and its two tables */
#define EVTX_NAME_TABLE 128u
#define EVTX_SYSTEM_VALUES 18u
#define EVTX_FILE_LIMIT ((size_t)1 << 30)

/* Text lives in the key buffer, so these keep offsets into it. */
struct evtx_build_name {
	uint32_t at; /* in the chunk */
	size_t key, key_len;
};

struct evtx_build_template {
	uint32_t at;
	size_t key, key_len;
	unsigned char guid[16];
};

enum evtx_body_kind {
	EVTX_BODY_EVENT,   /* the whole event, its data a value or (flat) inline */
	EVTX_BODY_DATA,    /* EventData or UserData */
	EVTX_BODY_LITERAL, /* an element with literal content: embedded BinXml */
};

struct evtx_body {
	enum evtx_body_kind kind;
	const struct build_event *event;
	const struct build_field *field; /* EVTX_BODY_LITERAL */
};

void evtx_store_le(unsigned char *p, uint64_t value, size_t bytes);

/* Past the end of the chunk nothing is written and @full is set. */
void evtx_put(struct evtx_build *b, const void *bytes, size_t n);
void evtx_put_le(struct evtx_build *b, uint64_t value, size_t bytes);
void evtx_put_utf16(struct evtx_build *b, const char *text);
/* A place for a number that is known later. */
size_t evtx_put_hole(struct evtx_build *b, size_t bytes);
void evtx_fill_hole(struct evtx_build *b, size_t at, uint64_t value, size_t bytes);

void evtx_begin_fragment(struct evtx_build *b);
/* The head of a template instance; its definition follows in place when the chunk has none yet. */
void evtx_put_template(struct evtx_build *b, const struct evtx_body *of);

/* The one field of a classic event that is not a string. */
bool evtx_is_binary(const struct build_field *field);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Event logs byte by byte, for what no well-behaved writer writes. Positions are offsets in the
 * current chunk; everything is plain memory that a test may overwrite before eb_finish.
 */
#ifndef TEST_EVTX_BYTES_H
#define TEST_EVTX_BYTES_H

#include "espdiag/collectors/evtx.h"

#define EB_CHUNKS 3
#define EB_CHUNK ((size_t)65536)
#define EB_FILE_HEADER ((size_t)4096)
#define EB_VALUES 32

struct eb_value {
	uint8_t type;
	uint16_t size;
	const void *bytes;
};

struct eb {
	unsigned char file[EB_FILE_HEADER + EB_CHUNKS * EB_CHUNK];
	unsigned char *chunk;
	size_t chunk_count;
	uint32_t at; /* in the chunk */
	uint32_t record_at, definition_at;
	uint64_t id, first_id;
	bool no_dependency; /* start tags without a dependency number */
	bool share_names;   /* a name is written once a chunk and referred to after that */
	struct {
		char text[40];
		uint32_t at;
	} names[64];
	size_t name_count;
	uint32_t outer_at; /* definition of eb_event in this chunk */
	uint8_t guid;      /* first byte of the next definition's GUID */
};

void eb_init(struct eb *b);
/* Writes the headers and checksums; eb_chunk_end only those of the current chunk. */
void eb_finish(struct eb *b);
void eb_chunk_begin(struct eb *b);
void eb_chunk_end(struct eb *b);
size_t eb_size(const struct eb *b);

void eb_u8(struct eb *b, unsigned v);
void eb_u16(struct eb *b, unsigned v);
void eb_u32(struct eb *b, uint32_t v);
void eb_u64(struct eb *b, uint64_t v);
void eb_bytes(struct eb *b, const void *p, size_t n);
void eb_utf16(struct eb *b, const char *ascii);

/* 24 bytes of header and the fragment token; the end adds padding and the closing size. */
void eb_record_begin(struct eb *b);
void eb_record_end(struct eb *b);

void eb_fragment(struct eb *b);
void eb_open(struct eb *b, const char *name, bool has_attributes);
void eb_attribute(struct eb *b, const char *name);
void eb_name(struct eb *b, const char *name);
void eb_text(struct eb *b, const char *ascii);
void eb_sub(struct eb *b, unsigned slot, unsigned type, bool is_optional);
void eb_close_start(struct eb *b);
void eb_close_empty(struct eb *b);
void eb_close(struct eb *b);
void eb_end(struct eb *b);
/* <name>text</name> */
void eb_leaf(struct eb *b, const char *name, const char *text);

/* An instance whose definition follows right here; returns the definition's offset. */
uint32_t eb_define(struct eb *b);
void eb_define_end(struct eb *b);
void eb_instance(struct eb *b, uint32_t definition);
void eb_values(struct eb *b, const struct eb_value *values, size_t count);

/* <System> with its values as slots 0 to 5: id, version, level, time, record, user. */
void eb_system(struct eb *b);
/*
 * A record of an ordinary event with slot 6 of the outer template being BinXml of @inner_size bytes
 * that the caller writes next (NULL-size: slot 6 is null). Ends with eb_record_end.
 */
uint32_t eb_event_begin(struct eb *b, unsigned event_id, uint64_t ticks);
void eb_event_end(struct eb *b, uint32_t mark);
/* <EventData> with one <Data Name="v"> of one value, as an inner template of its own. */
void eb_event_with(struct eb *b, unsigned event_id, const struct eb_value *value);

/* What a reader delivered. */
struct eb_sink {
	struct ed_sink sink;
	struct ed_arena arena;
	struct ed_event events[400];
	size_t event_count;
	uint64_t wanted; /* times it was asked */
	bool (*choose)(const struct ed_event_head *head);
	ed_status answer; /* of event() */
	struct {
		enum ed_state state;
		uint64_t lost;
		char why[200];
		char channel[64];
		bool inner;
	} gaps[16];
	size_t gap_count;
};

void eb_sink_init(struct eb_sink *sink);
void eb_sink_release(struct eb_sink *sink);
/* Reads @size bytes from memory through ed_reader_evtx. */
ed_status eb_read(struct eb_sink *sink, const void *bytes, size_t size, struct ed_error *err);
/* Reads @b and requires ED_OK. */
void eb_read_ok(struct eb_sink *sink, const struct eb *b);
/* Value of the only field called @name of event @i; fails the test when there is none. */
const char *eb_field(const struct eb_sink *sink, size_t i, const char *name);

#endif

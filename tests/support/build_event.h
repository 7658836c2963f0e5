/* SPDX-License-Identifier: MIT */
/*
 * One event as the tests describe it: every value is text plus the type Windows would store it
 * with, so that the same description becomes .evtx bytes, event XML and the expected rendering.
 */
#ifndef ESPDIAG_TESTS_BUILD_EVENT_H
#define ESPDIAG_TESTS_BUILD_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "espdiag/base/buf.h"
#include "espdiag/base/time.h"

/* The numbers are the ones of the format. */
enum build_type {
	BUILD_NULL = 0x00,
	BUILD_STRING = 0x01,
	BUILD_ANSI = 0x02,
	BUILD_INT8 = 0x03,
	BUILD_UINT8 = 0x04,
	BUILD_INT16 = 0x05,
	BUILD_UINT16 = 0x06,
	BUILD_INT32 = 0x07,
	BUILD_UINT32 = 0x08,
	BUILD_INT64 = 0x09,
	BUILD_UINT64 = 0x0a,
	BUILD_FLOAT = 0x0b,
	BUILD_DOUBLE = 0x0c,
	BUILD_BOOL = 0x0d,   /* "true" or "false" */
	BUILD_BINARY = 0x0e, /* hex digits */
	BUILD_GUID = 0x0f,   /* with or without braces */
	BUILD_SIZET = 0x10,
	BUILD_FILETIME = 0x11, /* ISO 8601 */
	BUILD_SYSTEMTIME = 0x12,
	BUILD_SID = 0x13, /* "S-1-5-18" */
	BUILD_HEX32 = 0x14,
	BUILD_HEX64 = 0x15,
	BUILD_BINXML = 0x21, /* the field's children */
};

/* Added to a type: the text holds one item a line, "" holds none. */
#define BUILD_ARRAY 0x80u

struct build_field {
	const char *name; /* NULL: Data without a name */
	unsigned type;
	const char *text; /* NULL: the value is null, whatever the type */
	/* BUILD_BINXML: the first is the root element, each with text or children of its own */
	const struct build_field *children;
	size_t child_count;
};

enum build_shape {
	BUILD_NO_DATA,    /* neither EventData nor UserData */
	BUILD_EVENT_DATA, /* one Data a field */
	BUILD_USER_DATA,  /* one element a field inside UserData/@element */
	/* As ReportEvent writes it: unnamed strings as one string array, a field named "Binary" */
	BUILD_CLASSIC,
};

struct build_event {
	const char *provider;
	const char *guid;   /* NULL: none */
	const char *source; /* EventSourceName; NULL: none */
	const char *channel;
	const char *computer;
	const char *user;     /* SID; NULL: none */
	const char *activity; /* GUID; NULL: none */
	uint64_t record;
	int64_t time;
	uint64_t keywords;
	uint32_t id; /* 16 bits */
	uint32_t process;
	uint32_t thread;
	uint16_t qualifiers;
	uint16_t task;
	uint8_t version;
	uint8_t level;
	uint8_t opcode;
	bool has_qualifiers;
	enum build_shape shape;
	const char *element;    /* BUILD_USER_DATA: the element inside UserData */
	const char *element_ns; /* its default namespace; NULL: none */
	const struct build_field *fields;
	size_t field_count;
};

/* UTF-8 to UTF-16LE, appended; without a terminator. False for invalid UTF-8. */
bool build_utf16le(struct ed_buf *out, const char *utf8);

/*
 * The bytes of a value as the value table of a record holds them, appended. An array is its items
 * one after the other. False when @text is no value of @type; BUILD_BINXML is never one.
 */
bool build_value_bytes(struct ed_buf *out, unsigned type, const char *text);

/*
 * The text Windows renders for one item, appended: integers in decimal, HexInt as 0x and lower
 * case, binary upper case, times with seven digits, everything else as it was given.
 */
bool build_value_text(struct ed_buf *out, unsigned type, struct ed_str item);

/* Fills the 16 bytes of a GUID; false when @text is none. */
bool build_guid(unsigned char out[16], const char *text);

#endif

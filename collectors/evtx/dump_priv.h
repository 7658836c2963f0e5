/* SPDX-License-Identifier: MIT */
/* Programs: what a template adds to the dump, as literal text and values between it. */
#ifndef ESPDIAG_EVTX_DUMP_PRIV_H
#define ESPDIAG_EVTX_DUMP_PRIV_H

#include "evtx_priv.h"

#include "espdiag/base/escape.h"
#include "espdiag/collectors/evtx_dump.h"

/* Readable behind the text of an op, writable behind what is written: literals are copied in
 * blocks of this size. */
#define DUMP_BLOCK ((size_t)16)
/* Room for a value beside ED_ESCAPE_ROOM of its bytes: that of a number, time or GUID. */
#define DUMP_VALUE_ROOM ((size_t)64)

enum dump_kind {
	/* the two that nearly all are come first */
	DUMP_LEAF,      /* start, value, end; repeated for an array */
	DUMP_ATTRIBUTE, /* start, value, end */
	DUMP_TEXT,      /* nothing but the text before */
	DUMP_VALUE,     /* a value in content, an embedded fragment among them */
	DUMP_ELEMENT,   /* up to @target: gone when an optional value is null, repeated for an array
			 */
	DUMP_UNLESS_NULL, /* up to @target: gone when the value is null */
	DUMP_MIXED,       /* start, the ops [@a, @b) of an attribute put together, end */
	DUMP_INSTANCE,    /* @a: offset in the chunk of a template instance */
	DUMP_RECORD,      /* start, the number of the record's header, end */
	DUMP_TIME,        /* start, the time of the record's header, end */
};

struct evtx_dump_op {
	const char *text; /* @head bytes before, @start and @tail bytes around the value */
	uint32_t head, start, tail;
	uint32_t a, b; /* see kind; a: index of the element of DUMP_ELEMENT */
	uint32_t target;
	uint16_t slot;
	uint8_t kind;
	uint8_t escape;   /* enum ed_escape */
	uint8_t context;  /* of embedded fragments */
	bool is_optional; /* a null value takes start and end away */
	bool is_number;   /* JSON: without quotes when the value is an integer */
	bool is_double;   /* JSON: the field's name is used more than once */
};

/* In which place of the document a program stands. */
enum dump_context {
	CONTEXT_XML_ROOT = 1,
	CONTEXT_XML_INNER,
	CONTEXT_SYSTEM,
	CONTEXT_FIELDS, /* + depth 0 to 2 + 3 * section */
};

enum dump_section { DUMP_OTHER, DUMP_EVENT_DATA, DUMP_USER_DATA };

/* One template in one place. Lives in the template's arena. */
struct evtx_program {
	struct evtx_program *next;
	uint8_t context;
	bool has_fields; /* JSON: adds fields, so that a second one might repeat names */
	bool is_slow;    /* JSON: only the walk over fields can tell */
	uint32_t op_count;
	const struct evtx_dump_op *ops;
};

/* The date of the last time written: times of one day come in rows. */
struct evtx_day {
	uint64_t day; /* since 1601; 0 at first, with its text still to be made */
	size_t len;   /* 0: nothing there yet */
	char text[16];
};

struct ed_evtx_dump {
	struct ed_evtx_dump_options options;
	struct ed_evtx_cache *cache;
	struct ed_evtx_dump_stats stats;
	bool has_filter, has_names; /* anything; channels or providers or a window */
	uint64_t file_records;
	struct evtx_day day;
	/* of the record being written */
	struct evtx_reader *r;
	size_t begin; /* in out */
	char *to, *end;
	uint64_t number;
	int64_t time;
	unsigned field_programs;
	bool is_slow;
	ed_status rendered;
	/* scratch of the compiler */
	struct ed_buf text;
	struct evtx_dump_op *ops;
	size_t op_cap;
};

/* The program of @t in @context; made when it is not there yet. ED_NOMEM, ED_LIMIT. */
ed_status evtx_program_find(struct ed_evtx_dump *dump, const struct evtx_template *t,
			    uint8_t context, const struct evtx_program **program);
static inline ed_status evtx_program_get(struct ed_evtx_dump *dump, const struct evtx_template *t,
					 uint8_t context, const struct evtx_program **program)
{
	*program = *t->programs;
	if (*program && (*program)->context == context)
		return ED_OK;
	return evtx_program_find(dump, t, context, program);
}

/* A text without its terminators. */
static inline char *evtx_dump_string(char *to, const struct evtx_value *v, size_t readable,
				     enum ed_escape kind)
{
	size_t n = v->size;

	if (n % 2 == 0)
		while (n && v->p[n - 1] == 0 && v->p[n - 2] == 0)
			n -= 2;
	return ed_escape_utf16le(to, v->p, n, readable, kind);
}

/* Whether evtx_dump_value can write it; the others go through evtx_value_text. */
static inline bool evtx_dump_is_fast(uint8_t type)
{
	const uint64_t fast =
		UINT64_C(1) << EVTX_STRING | UINT64_C(1) << EVTX_XML | UINT64_C(1) << EVTX_INT8 |
		UINT64_C(1) << EVTX_UINT8 | UINT64_C(1) << EVTX_INT16 | UINT64_C(1) << EVTX_UINT16 |
		UINT64_C(1) << EVTX_INT32 | UINT64_C(1) << EVTX_UINT32 | UINT64_C(1) << EVTX_INT64 |
		UINT64_C(1) << EVTX_UINT64 | UINT64_C(1) << EVTX_BOOL | UINT64_C(1) << EVTX_BINARY |
		UINT64_C(1) << EVTX_GUID | UINT64_C(1) << EVTX_FILETIME | UINT64_C(1) << EVTX_SID |
		UINT64_C(1) << EVTX_HEX32 | UINT64_C(1) << EVTX_HEX64;

	return type < 64 && (fast >> type & 1);
}

/*
 * Writes the text of @v, whose type is fast, with ED_ESCAPE_ROOM(size) + DUMP_VALUE_ROOM bytes of
 * room. @readable: bytes of the chunk from the value on.
 */
char *evtx_dump_value(char *to, const struct evtx_value *v, size_t readable, enum ed_escape kind,
		      struct evtx_day *day);
char *evtx_dump_number(char *to, uint64_t n);
char *evtx_dump_time(char *to, uint64_t ticks, struct evtx_day *day);

#endif

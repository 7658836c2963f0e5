/* SPDX-License-Identifier: MIT */
/* Programs: what a template adds to the dump, as literal text and values between it. */
#ifndef ESPDIAG_EVTX_DUMP_PRIV_H
#define ESPDIAG_EVTX_DUMP_PRIV_H

#include "dump_format.h"
#include "evtx_priv.h"

#include "espdiag/base/escape_block.h"
#include "espdiag/collectors/evtx_dump.h"

/* Readable behind the text of an op, writable behind what is written: literals are copied in
 * blocks of this size. */
#define DUMP_BLOCK ((size_t)32)
/* Room for a value beside ED_ESCAPE_ROOM of its bytes: that of a number, time or GUID. */
#define DUMP_VALUE_ROOM ((size_t)64)

enum dump_kind {
	DUMP_LEAF,                 /* start, value, end; repeated for an array */
	DUMP_ATTRIBUTE,            /* start, value, end */
	DUMP_VALUE,                /* XML: a value in content, an embedded fragment among them */
	DUMP_PLAIN = DUMP_VALUE,   /* up to here their text goes around one value */
	DUMP_GUARD,                /* DUMP_ELEMENT with one value in it, @slot, and nothing else */
	DUMP_SLOTTED = DUMP_GUARD, /* up to here they have a slot */
	DUMP_TEXT,                 /* nothing but the text before */
	DUMP_CONTENT, /* JSON: a value between elements, of which only a fragment's fields count */
	DUMP_ELEMENT, /* up to @target: gone when an optional value is null, repeated for an array
		       */
	DUMP_UNLESS_NULL, /* up to @target: gone when the value is null */
	DUMP_MIXED,       /* start, the ops [@a, @b) of an attribute put together, end */
	DUMP_INSTANCE,    /* @a: offset in the chunk of a template instance */
	DUMP_RECORD,      /* start, the number of the record's header, end */
	DUMP_TIME,        /* start, the time of the record's header, end */
	DUMP_END,         /* behind the last op of each program */
};

/* Small, for the ops of all templates in use hardly fit the processor's nearest memory. */
struct evtx_dump_op {
	const char *text; /* @head bytes before, @start and @tail bytes around the value */
	uint16_t head, start, tail;
	uint16_t slot;
	uint32_t before; /* head and start */
	uint32_t a;      /* see kind; index of the element of DUMP_ELEMENT */
	union {
		uint32_t b; /* of DUMP_MIXED */
		uint32_t target;
	};
	uint8_t kind;
	uint8_t escape;       /* enum ed_escape */
	uint8_t context;      /* of embedded fragments */
	bool is_optional : 1; /* a null value takes start and end away */
	bool is_number : 1;   /* JSON: without quotes when the value is an integer */
	bool is_double : 1;   /* JSON: the field's name is used more than once */
	bool is_steady : 1;   /* in most records its value is that of the record before */
	bool is_special : 1;  /* a number in JSON, or none of the plain kinds */
};

/*
 * What most records of a program look like: how many values there are, of which types, and which
 * values System has. For them the program is a row of steps: all the text between two values at
 * once, and the value, of which nothing needs to be asked any more.
 */
#define SHAPE_BLOCK 32
#define SHAPE_STARTS 64 /* values of varying size, and one */

enum step_kind {
	STEP_OTHER, /* any value but an array or BinXml */
	STEP_TEXT,
	STEP_UINT8,
	STEP_UINT16,
	STEP_UINT32,
	STEP_UINT64,
	STEP_COUNTER, /* in JSON a number while it is below 2^63 */
	STEP_INT8,
	STEP_INT16,
	STEP_INT32,
	STEP_INT64,
	STEP_HEX32,
	STEP_HEX64,
	STEP_TIME,
	STEP_GUID,
	STEP_SID,
	STEP_BOOL,
	STEP_BINARY,
	STEP_LEAF, /* the op @op with all of its text: an array, or BinXml */
	STEP_FRAGMENT,
	STEP_END,
};

struct evtx_step {
	const char *text; /* before the value, @len bytes; for evtx_put_blocks */
	uint32_t len;
	uint16_t entry; /* of its slot in the value table */
	uint16_t at;    /* of the value, from starts[start] on */
	uint16_t op;    /* that it was made from */
	uint8_t start;
	uint8_t kind; /* enum step_kind */
	uint8_t escape;
};

struct evtx_shape {
	struct evtx_shape *next;
	uint32_t count; /* of values */
	/* of the value table and what follows: bits that count, and what they are */
	uint32_t key_len; /* whole blocks */
	const unsigned char *mask, *key;
	/* values whose size each record tells, in order: bytes between the one before and it */
	uint32_t varying_count;
	const struct evtx_varying {
		uint16_t entry, gap;
	} * varying;
	uint32_t rest;                 /* bytes behind the last of them */
	uint32_t steps_more;           /* see evtx_spend: what the ops cost beside one for each */
	const struct evtx_step *steps; /* and STEP_END */
};

/*
 * Those of a program, in rows by the values that begin the event's data, of which System has its
 * ids and levels; the last used of a row first.
 */
#define SHAPE_ROWS 64
struct evtx_shapes {
	uint64_t mask; /* what counts of the first eight bytes; 0: there is one row */
	uint32_t row_count;
	uint32_t count, misses;
	struct evtx_shape *rows[];
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
	bool is_suspect; /* names or constant text may hold what must not be written */
	bool is_single;  /* no value is used by two of the plain ops */
	uint32_t op_count;
	size_t room; /* that all ops may take, beside 3 bytes for each of the values */
	const struct evtx_dump_op *ops; /* and DUMP_END */
	struct evtx_shapes *shapes;
};

/* The date of the last time written: times of one day come in rows. */
struct evtx_day {
	uint64_t day; /* since 1601; 0 at first, with its text still to be made */
	size_t len;   /* 0: nothing there yet */
	char text[16];
};

/* SIDs met lately: a log has few of them, and they are the values that cost most. */
#define SID_BYTES 28 /* of accounts: five parts */
#define SID_ROWS 64
struct evtx_sid {
	uint32_t size; /* 0: none yet */
	uint32_t len;
	unsigned char raw[SID_BYTES];
	char text[92];
};

/*
 * Texts and bytes in which nothing was found that must not be written: of up to EVTX_CLEARED_BYTES,
 * and longer ones. A row has two: one that was found again comes first, so that those that come
 * once do not push it out.
 */
#define EVTX_CLEARED_BITS 10
#define EVTX_CLEARED_BYTES 252
#define EVTX_LONG_BITS 7
#define EVTX_LONG_BYTES 2044
#define EVTX_CLEARED_AS_BYTES UINT32_C(0x80000000) /* in a size: of what is no text */

/* Short ones, which most are, with zeros behind them; the row fits in a line of the cache. */
#define EVTX_SHORT_BITS 9
#define EVTX_SHORT_BYTES ((size_t)32)

struct ed_evtx_dump {
	struct ed_evtx_dump_options options;
	struct ed_evtx_cache *cache;
	struct ed_evtx_dump_stats stats;
	bool has_filter, has_names; /* anything; channels or providers or a window */
	uint64_t file_records;
	struct evtx_day day;
	struct evtx_sid sids[SID_ROWS];
	/* of the record being written */
	struct evtx_reader *r;
	size_t begin; /* in out */
	char *to, *end;
	uint64_t number;
	int64_t time;
	unsigned field_programs;
	bool is_slow;
	bool is_suspect; /* to be looked at as a whole */
	ed_status rendered;
	/* by hash */
	unsigned char shorts[1 << EVTX_SHORT_BITS][2][EVTX_SHORT_BYTES];
	unsigned char cleared[1 << EVTX_CLEARED_BITS][2][4 + EVTX_CLEARED_BYTES];
	unsigned char cleared_long[1 << EVTX_LONG_BITS][2][4 + EVTX_LONG_BYTES];
	/* scratch of the compiler */
	struct ed_buf text;
	struct evtx_dump_op *ops;
	size_t op_cap;
};

/* Makes the program of @t in @context, which it does not have yet. ED_NOMEM, ED_LIMIT. */
ed_status evtx_program_make(struct ed_evtx_dump *dump, const struct evtx_template *t,
			    uint8_t context, const struct evtx_program **program);

/*
 * What of a record, or of all records of a template, makes it one to be looked at as a whole. The
 * first two are asked of what is written: a text of @n bytes, at least EVTX_SCREEN_TEXT of them,
 * and a value of any type.
 */
#define EVTX_SCREEN_TEXT (2 * (size_t)ED_DUMP_SCREEN_LEAST)
bool evtx_screen_text(struct ed_evtx_dump *dump, const unsigned char *p, size_t n);
/* The same for one of up to EVTX_SHORT_BYTES, of which @row knows the first way does not have it.
 */
bool evtx_screen_short(struct ed_evtx_dump *dump, unsigned char (*row)[EVTX_SHORT_BYTES],
		       const unsigned char *p, size_t n);
/* An odd number whose product spreads what differs to the upper bits. */
#define EVTX_SPREAD UINT64_C(0x9E3779B97F4A7C15)
/* From the ends and the middle of at least EVTX_SCREEN_TEXT bytes. */
static inline uint64_t evtx_text_hash(const unsigned char *p, size_t n)
{
	uint64_t first = ed_le64(p), middle = ed_le64(p + (n / 2 & ~(size_t)3) - 4);
	uint64_t last = ed_le64(p + n - 8);

	first = ((first ^ n) * EVTX_SPREAD ^ middle) * UINT64_C(0xBF58476D1CE4E5B9) ^ last;
	return first * UINT64_C(0x94D049BB133111EB);
}
bool evtx_screen_value(struct ed_evtx_dump *dump, const struct evtx_value *v);
bool evtx_screen_fields(const struct ed_evtx_dump *dump, const struct ed_field *fields,
			size_t count);
bool evtx_screen_template(const struct ed_evtx_dump *dump, const struct evtx_template *t);
/* Does that to the record written last. ED_LIMIT: it is gone. ED_NOMEM. */
ed_status evtx_screen_record(struct ed_evtx_dump *dump, struct evtx_instance *system);

/* Writes whole blocks; there is room for one more, and the text has as much behind it. */
static inline char *evtx_put_block(char *to, const char *text, size_t n)
{
	memcpy(to, text, DUMP_BLOCK);
	for (size_t i = DUMP_BLOCK; i < n; i += DUMP_BLOCK)
		memcpy(to + i, text + i, DUMP_BLOCK);
	return to + n;
}

/* The same for texts that are often longer; there is room for two blocks more. */
static inline char *evtx_put_blocks(char *to, const char *text, size_t n)
{
	memcpy(to, text, DUMP_BLOCK);
	if (n > DUMP_BLOCK)
		memcpy(to + DUMP_BLOCK, text + DUMP_BLOCK, DUMP_BLOCK);
	for (size_t i = 2 * DUMP_BLOCK; i < n; i += 2 * DUMP_BLOCK)
		memcpy(to + i, text + i, 2 * DUMP_BLOCK);
	return to + n;
}

/* One that readers of JSON take: they know 64 bits with a sign. */
static inline bool evtx_dump_is_integer(const struct evtx_value *v)
{
	if (v->type == EVTX_UINT64 && v->size >= 8 && v->p[7] & 0x80)
		return false;
	return v->type >= EVTX_INT8 && v->type <= EVTX_UINT64 && v->size &&
	       v->size >= evtx_type_size(v->type);
}

char *evtx_dump_time(char *to, uint64_t ticks, struct evtx_day *day);
/*
 * Each writes the ops [@at, @end) of @program, to whose slots @in has all values, as far as they
 * are of the plain kinds and their values of common types, and returns the first that is not
 * written. The first asks for steps and room op by op and stops where there are none; the other
 * goes up to the program's end, for programs that use no value twice, when evtx_dump_room bytes
 * are free.
 */
uint32_t evtx_dump_charged(struct ed_evtx_dump *d, const struct evtx_instance *in,
			   const struct evtx_program *program, uint32_t at, uint32_t end);
uint32_t evtx_dump_quick(struct ed_evtx_dump *d, const struct evtx_instance *in,
			 const struct evtx_program *program, uint32_t at);
/* Bytes that an op may take beside its text and its value. */
#define DUMP_OP_ROOM (2 * DUMP_BLOCK + DUMP_VALUE_ROOM + ED_ESCAPE_ROOM(0))
/* More is asked for op by op. */
#define DUMP_ROOM_MOST (256 * ED_KIB)
/* What all of @program's text and the values of @in may take. */
static inline size_t evtx_dump_room(const struct evtx_instance *in,
				    const struct evtx_program *program)
{
	return program->room + 3 * (size_t)in->size;
}

/*
 * Writes steps from @step on, whose values begin at in->data + starts[], and returns the first that
 * is not written; evtx_dump_room bytes are free.
 */
const struct evtx_step *evtx_dump_steps(struct ed_evtx_dump *d, const struct evtx_instance *in,
					const struct evtx_step *step, const uint32_t *starts);
static inline struct evtx_value evtx_step_value(const struct evtx_instance *in,
						const struct evtx_step *step,
						const uint32_t *starts)
{
	const unsigned char *entry = in->table + step->entry;

	return (struct evtx_value){ .p = in->data + starts[step->start] + step->at,
				    .size = ed_le16(entry),
				    .type = entry[2] };
}

/* dump_shape.c */

/* The program of an instance and what it looks like; for some none is known. */
struct evtx_found {
	const struct evtx_program *program;
	const struct evtx_shape *shape;
	uint32_t starts[SHAPE_STARTS]; /* where in its data, see evtx_step */
};

/* Finds the shape that @in, which need not be placed, has, and sets its size; false: none. */
bool evtx_shape_find(const struct ed_evtx_dump *d, struct evtx_instance *in,
		     struct evtx_found *found);
/*
 * After @in was written and found harmless: makes its shape, when there have been more like it.
 * ED_NOMEM.
 */
ed_status evtx_shape_learn(struct ed_evtx_dump *d, const struct evtx_program *program,
			   const struct evtx_instance *in);

#endif

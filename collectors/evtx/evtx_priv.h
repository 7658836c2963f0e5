/* SPDX-License-Identifier: MIT */
/*
 * The inside of the .evtx reader: values, compiled templates, their cache, and the state of one
 * file. Everything that comes from the file is an offset or a length until it was checked against
 * the 64 KiB chunk that it must lie in.
 */
#ifndef ESPDIAG_EVTX_PRIV_H
#define ESPDIAG_EVTX_PRIV_H

#include "espdiag/base/arena.h"
#include "espdiag/base/buf.h"
#include "espdiag/base/cursor.h"
#include "espdiag/base/limits.h"
#include "espdiag/base/utf.h"
#include "espdiag/collectors/evtx.h"

#define EVTX_FILE_HEADER ((size_t)4096)
#define EVTX_CHUNK_BYTES ((size_t)65536)
#define EVTX_CHUNK_HEADER ((size_t)512)
#define EVTX_RECORD_HEADER ((size_t)24)
#define EVTX_RECORD_LEAST (EVTX_RECORD_HEADER + 4) /* with the copy of its size behind it */
#define EVTX_CHUNK_RECORDS ((EVTX_CHUNK_BYTES - EVTX_CHUNK_HEADER) / EVTX_RECORD_LEAST)

#define EVTX_NAME_UNITS 256         /* UTF-16 units of an element or attribute name */
#define EVTX_NAME_HEADER 8          /* next offset, hash, length */
#define EVTX_DEFINITION_HEADER 24   /* next offset, GUID, size */
#define EVTX_CHUNK_DEFINITIONS 2048 /* a definition has at least 24 bytes */
#define EVTX_NO_SLOT UINT32_MAX

/* Value types; an array of type t is 0x80 | t. */
enum evtx_type {
	EVTX_NULL = 0x00,
	EVTX_STRING = 0x01,
	EVTX_ANSI = 0x02,
	EVTX_INT8 = 0x03,
	EVTX_UINT8 = 0x04,
	EVTX_INT16 = 0x05,
	EVTX_UINT16 = 0x06,
	EVTX_INT32 = 0x07,
	EVTX_UINT32 = 0x08,
	EVTX_INT64 = 0x09,
	EVTX_UINT64 = 0x0A,
	EVTX_REAL32 = 0x0B,
	EVTX_REAL64 = 0x0C,
	EVTX_BOOL = 0x0D,
	EVTX_BINARY = 0x0E,
	EVTX_GUID = 0x0F,
	EVTX_SIZE = 0x10,
	EVTX_FILETIME = 0x11,
	EVTX_SYSTEMTIME = 0x12,
	EVTX_SID = 0x13,
	EVTX_HEX32 = 0x14,
	EVTX_HEX64 = 0x15,
	EVTX_BINXML = 0x21,
	EVTX_XML = 0x23,
	EVTX_ARRAY = 0x80,
};

/* One value as it lies in the chunk. */
struct evtx_value {
	const unsigned char *p;
	uint32_t size;
	uint8_t type;
};

/* A call would take longer than the comparison: most are short. */
static inline bool evtx_is_same(const unsigned char *a, const unsigned char *b, size_t n)
{
	size_t i = 0;

	if (n < 4) {
		while (i < n && a[i] == b[i])
			i++;
		return i == n;
	}
	if (n < 8)
		return ed_le32(a) == ed_le32(b) && ed_le32(a + n - 4) == ed_le32(b + n - 4);
	/* the last eight may have been seen in part */
	for (; i + 8 < n; i += 8)
		if (ed_le64(a + i) != ed_le64(b + i))
			return false;
	return ed_le64(a + n - 8) == ed_le64(b + n - 8);
}

/* Appends the text of @v, which is not embedded BinXml; an array's items are joined by a space. */
void evtx_value_text(struct ed_buf *out, const struct evtx_value *v);
/* Takes the next item off the front of the array @rest; false at its end. */
bool evtx_value_next(struct evtx_value *rest, struct evtx_value *item);
/* An integer, or text that is one. False for anything else. */
bool evtx_value_number(const struct evtx_value *v, uint64_t *out);
/* Ticks of a FILETIME, a SYSTEMTIME or text that is a time; ED_TIME_NONE for anything else. */
int64_t evtx_value_time(const struct evtx_value *v);
/* Bytes of a value of fixed size; 0 for the others. */
size_t evtx_type_size(uint8_t type);

enum evtx_op_kind {
	EVTX_OP_TEXT,     /* a, b: offset and length of the text */
	EVTX_OP_SUB,      /* slot: value to put here */
	EVTX_OP_OPTIONAL, /* the same; a null value takes the enclosing element or attribute away */
	EVTX_OP_OPEN,     /* a: index of the element */
	EVTX_OP_ATTRIBUTE, /* a, b: its name; the ops of its value follow */
	EVTX_OP_INSTANCE,  /* a: offset in the chunk of a template instance */
};

struct evtx_op {
	uint8_t kind;
	uint16_t slot;
	uint32_t a, b;
};

struct evtx_element {
	struct ed_str name;      /* without a prefix */
	struct ed_str full_name; /* with it */
	struct ed_str attribute; /* Name="…" when it is literal; .p NULL when absent or computed */
	uint32_t attribute_begin, attribute_end; /* ops of the value of a computed Name="…" */
	uint32_t content;                        /* first op behind the attributes */
	uint32_t end;                            /* first op behind the element */
	uint32_t sub_count;                      /* substitutions right in its content */
	uint32_t slot; /* of the only op of its content; EVTX_NO_SLOT if it is more than that */
	bool optional; /* that substitution is an optional one */
	bool has_child;
	bool is_closed; /* written as <name/> */
};

/* What the head of an event is made of. */
enum evtx_role {
	EVTX_ROLE_PROVIDER,
	EVTX_ROLE_ID,
	EVTX_ROLE_VERSION,
	EVTX_ROLE_LEVEL,
	EVTX_ROLE_TIME,
	EVTX_ROLE_RECORD,
	EVTX_ROLE_CHANNEL,
	EVTX_ROLE_COMPUTER,
	EVTX_ROLE_USER,
	EVTX_ROLE_COUNT
};

enum evtx_source_kind { EVTX_ABSENT, EVTX_LITERAL, EVTX_SLOT, EVTX_MIXED };

/* Where a role's value is found. */
struct evtx_source {
	enum evtx_source_kind kind;
	uint32_t slot;       /* EVTX_SLOT */
	uint32_t begin, end; /* EVTX_MIXED: ops to put together */
	struct ed_str text;  /* EVTX_LITERAL */
	uint64_t number;     /* EVTX_LITERAL that is one, else 0 */
	int64_t time;        /* EVTX_LITERAL that is one, else ED_TIME_NONE */
};

/* A place of a definition whose bytes differ from chunk to chunk: it refers to a name. */
struct evtx_name_ref {
	uint32_t at;            /* offset of the reference in the definition */
	uint32_t size;          /* bytes of the name; 0 when the name stands right there */
	const unsigned char *p; /* UTF-16LE */
};

/* A definition made into a flat list. Lives in an arena, refers to nothing outside it. */
struct evtx_template {
	struct evtx_template *next; /* others in the same bucket of the cache */
	unsigned char guid[16];
	const unsigned char *raw; /* the bytes it was made from */
	uint32_t size;
	const struct evtx_name_ref *refs;
	uint32_t ref_count;
	const char *text;
	const struct evtx_op *ops;
	uint32_t op_count;
	uint32_t slot_count; /* values that an instance must have for all slots to be filled */
	const struct evtx_element *elements;
	uint32_t element_count;
	bool has_system;
	bool is_local;          /* contains a template instance, so it cannot leave its chunk */
	struct ed_arena *arena; /* that it lives in */
	uint64_t file, use; /* the last file that used it, and when that was for the first time */
	struct evtx_program **programs; /* how it is dumped; see dump_priv.h */
	struct evtx_source roles[EVTX_ROLE_COUNT];
};

/* The definitions of the current chunk by offset: an open hash with a stamp instead of clearing. */
#define EVTX_CHUNK_MAP 4096
struct evtx_chunk_map {
	uint32_t stamp;
	uint32_t count;
	uint32_t bytes; /* definition bytes looked at in this chunk */
	struct evtx_chunk_slot {
		uint32_t stamp;
		uint32_t offset;
		const struct evtx_template *definition; /* NULL: unusable */
	} slots[EVTX_CHUNK_MAP];
};

/* Where the search for the one at @offset begins. */
static inline uint32_t evtx_chunk_map_row(uint32_t offset)
{
	return (offset ^ offset >> 12) & (EVTX_CHUNK_MAP - 1);
}

#define EVTX_CACHE_BUCKETS 1024

/* Scratch of the compiler, kept between definitions. */
struct evtx_compiler {
	struct evtx_op *ops;
	size_t op_count, op_cap;
	struct evtx_build *builds; /* elements under construction */
	size_t build_count, build_cap;
	struct evtx_name_ref *refs;
	size_t ref_count, ref_cap;
	struct ed_buf text;
};

/* Text of the last record that is likely to be the same in the next one. */
struct evtx_memo {
	size_t raw_size;
	struct ed_str text;
	unsigned char raw[256];
	char buffer[ED_UTF8_MAX(256)];
};

enum evtx_memo_kind { EVTX_MEMO_PROVIDER, EVTX_MEMO_CHANNEL, EVTX_MEMO_COMPUTER, EVTX_MEMO_COUNT };

/* What outlives a file: see evtx.h. */
struct ed_evtx_cache {
	struct ed_arena arena;  /* of the templates */
	struct ed_arena shapes; /* of what their records look like; goes with them */
	uint64_t file, uses;    /* files begun; first uses of templates counted on */
	struct evtx_template *buckets[EVTX_CACHE_BUCKETS];
	size_t template_count;
	struct evtx_chunk_map map;
	struct evtx_compiler compiler;
	unsigned char *chunk;   /* EVTX_CHUNK_BYTES */
	struct ed_arena record; /* text of one record */
	struct ed_buf text;     /* of one value, or of an element's parts */
	uint32_t *offsets; /* EVTX_VALUES of them: a stack of where values are, see evtx_instance */
	uint32_t value_count;
	struct ed_field *fields;
	size_t field_count, field_cap;
	struct evtx_memo memos[EVTX_MEMO_COUNT];
};

/* A template with its values. */
struct evtx_instance {
	const struct evtx_template *definition;
	uint32_t count;             /* of its values */
	uint32_t size;              /* bytes of all of them */
	uint32_t left;              /* that there may be; size is known when they are placed */
	const unsigned char *table; /* their sizes and types as they lie in the chunk */
	const unsigned char *data;  /* what they are, one behind the other */
	const uint32_t *offsets;    /* where in @data each begins; NULL until they are placed */
	uint32_t first;             /* place in the cache's stack that is theirs */
	uint32_t item_slot;         /* slot that stands for one item of its array; EVTX_NO_SLOT */
	struct evtx_value item;     /* that item */
};

/* One chunk being read. */
struct evtx_reader {
	struct ed_evtx_cache *cache;
	struct ed_sink *sink;
	struct ed_error *err;
	const unsigned char *chunk; /* EVTX_CHUNK_BYTES bytes */
	bool is_damaged;            /* a checksum or the signature is wrong */
	bool is_alone;              /* the cache has not seen the chunks before */
	bool needs_history;         /* out: and that was missed */
	uint32_t steps;             /* work left for the current record */
	unsigned nesting;           /* fragments around the one being walked */
	bool was_offered;           /* the sink was asked about the current record */
	ed_status stop;             /* what the sink returned; other than ED_OK ends the run */
	const char *why;            /* of the last ED_FORMAT or ED_LIMIT */
	struct ed_evtx_dump *dump;  /* NULL: events go to the sink */
};

/* Sets @why and returns ED_FORMAT. @why is static. */
ed_status evtx_bad(struct evtx_reader *r, const char *why);

/* compile.c and roles.c */

/*
 * Makes the @size bytes at @p of the chunk into a template in @arena. A definition is prepared to
 * be recognised in other chunks (unless it is_local). ED_FORMAT: no well-formed fragment; ED_LIMIT;
 * ED_NOMEM.
 */
ed_status evtx_compile(struct evtx_reader *r, const unsigned char *p, uint32_t size,
		       bool is_definition, struct ed_arena *arena, struct evtx_template **out);
/* Fills has_system and roles. */
void evtx_template_find_roles(struct evtx_template *t);

/* template.c */

/* The UTF-16 name at @offset of the chunk; NULL when there is none within bounds. */
const unsigned char *evtx_name_at(const unsigned char *chunk, uint32_t offset, uint32_t *size);

/* From now on another file is read; drops the cache first when it has grown too far. */
void evtx_templates_begin_file(struct ed_evtx_cache *cache);
/* Forgets the definitions of the chunk before; drops the cache when it has grown much too far. */
void evtx_templates_begin_chunk(struct ed_evtx_cache *cache);
/*
 * The template defined at @offset of the chunk. ED_FORMAT: unusable; ED_LIMIT: too many or too
 * large; ED_NOMEM.
 */
ed_status evtx_template_at(struct evtx_reader *r, uint32_t offset,
			   const struct evtx_template **definition);
static inline ed_status evtx_template_get(struct evtx_reader *r, uint32_t offset,
					  const struct evtx_template **definition)
{
	const struct evtx_chunk_map *map = &r->cache->map;
	const struct evtx_chunk_slot *slot = &map->slots[evtx_chunk_map_row(offset)];

	*definition = slot->definition;
	if (slot->offset == offset && slot->stamp == map->stamp && *definition)
		return ED_OK;
	return evtx_template_at(r, offset, definition);
}
/*
 * The template of this file's chunks so far whose GUID begins with @id; NULL when there is none, or
 * more than one. For damaged chunks only: what it gives is likely, not certain. Other files do not
 * count: what comes of a log must not depend on what was read before it.
 */
const struct evtx_template *evtx_template_known(const struct ed_evtx_cache *cache, uint32_t id);
/*
 * Makes the BinXml at @at (within the chunk) that is no template instance into a template of its
 * own, without slots, in the record's arena. Statuses as above.
 */
ed_status evtx_template_from_fragment(struct evtx_reader *r, const unsigned char *at, size_t len,
				      const struct evtx_template **definition);

/* record.c */

/* Values of all instances around the current one. */
#define EVTX_VALUES ((uint32_t)32768)

/* The value of @slot, which the instance has. */
static inline struct evtx_value evtx_value_at(const struct evtx_instance *instance, uint32_t slot)
{
	const unsigned char *entry = instance->table + 4 * (size_t)slot;

	return (struct evtx_value){ .p = instance->data + instance->offsets[slot],
				    .size = ed_le16(entry),
				    .type = entry[2] };
}

/* The value of @slot, in @v or elsewhere; NULL when the instance has none or it is null. */
static inline const struct evtx_value *evtx_slot_value(const struct evtx_instance *instance,
						       uint32_t slot, struct evtx_value *v)
{
	if (slot == instance->item_slot)
		return &instance->item;
	if (slot >= instance->count)
		return NULL;
	*v = evtx_value_at(instance, slot);
	return v->type == EVTX_NULL ? NULL : v;
}

/* Sets @why and returns ED_LIMIT. @why is static. */
ed_status evtx_at_limit(struct evtx_reader *r, const char *why);
/* Takes @steps off the record's budget; ED_LIMIT when it is used up. */
static inline ed_status evtx_spend(struct evtx_reader *r, size_t steps)
{
	if (steps > r->steps)
		return evtx_at_limit(r, "record too complex");
	r->steps -= (uint32_t)steps;
	return ED_OK;
}
/*
 * The instance that a fragment consists of, or the fragment itself as a template without values.
 * Its values are on top of the cache's stack.
 */
ed_status evtx_fragment_read(struct evtx_reader *r, const unsigned char *p, size_t len,
			     struct evtx_instance *instance);
/* The same, but what its values are and whether all are there is still to be found out. */
ed_status evtx_fragment_begin(struct evtx_reader *r, const unsigned char *p, size_t len,
			      struct evtx_instance *instance);
/* Finds where its values are, when that was not done. ED_FORMAT. */
ed_status evtx_values_place(struct evtx_reader *r, struct evtx_instance *instance);
/* The instance that holds the System element: @root, or one nested in its values. */
ed_status evtx_system_find(struct evtx_reader *r, const struct evtx_instance *root, unsigned depth,
			   struct evtx_instance *out);
/* The parts of a head that filters ask for first. */
ed_status evtx_role_number(struct evtx_reader *r, const struct evtx_instance *instance,
			   enum evtx_role role, uint64_t *out);
/* Fills @head from System, and from the record's own header where System lacks it. */
ed_status evtx_head_fill(struct evtx_reader *r, const struct evtx_instance *system, uint64_t number,
			 int64_t time, struct ed_event_head *head);
/* The ops [@begin, @end) of an attribute put together; { NULL, 0 } when it is not there. */
ed_status evtx_attribute_text(struct evtx_reader *r, const struct evtx_instance *instance,
			      uint32_t begin, uint32_t end, struct ed_str *out);
/* Looks at the values right in the content of @e: gone for a null one, repeated for an array. */
ed_status evtx_element_values(struct evtx_reader *r, const struct evtx_instance *instance,
			      const struct evtx_element *e, bool *is_gone, uint32_t *array_slot);
/* Makes the cache's fields of the event @root. ED_FORMAT, ED_LIMIT: of some of them. */
ed_status evtx_fields_read(struct evtx_reader *r, const struct evtx_instance *root);
/* Renders the event and hands it to the sink; *rendered as below. ED_NOMEM. */
ed_status evtx_event_deliver(struct evtx_reader *r, const struct evtx_instance *root,
			     const struct evtx_instance *system, const struct ed_event_head *head,
			     ed_status *rendered);

/*
 * Delivers the record whose BinXml is @payload. ED_FORMAT, ED_LIMIT: nothing was delivered, r->why
 * says why. *rendered, ED_FORMAT or ED_LIMIT: the event was delivered, but without some of its
 * fields, and r->why says why.
 */
ed_status evtx_record_read(struct evtx_reader *r, const unsigned char *payload, size_t len,
			   uint64_t number, int64_t time, struct ed_event_head *head,
			   ed_status *rendered);

/* Grows *items to hold @count; false, and *items still valid, when out of memory. */
bool evtx_grow(void **items, size_t *cap, size_t count, size_t item_size);

/* evtx.c */

/* The same walk for a dump: @dump NULL makes it ed_evtx_read. */
ed_status evtx_file_read(struct ed_evtx_cache *cache, struct ed_evtx_dump *dump,
			 const struct ed_input *input, struct ed_sink *sink, struct ed_error *err);

/* dump.c */

/* In place of the rest of evtx_record_read. */
ed_status evtx_dump_record(struct evtx_reader *r, const unsigned char *payload, size_t len,
			   uint64_t number, int64_t time, struct ed_event_head *head,
			   ed_status *rendered);
/* True when no record of this chunk is in the window asked for: its row of records is then counted
 * as not examined. Looks at record headers only. */
bool evtx_dump_skips(struct ed_evtx_dump *dump, const unsigned char *chunk);
/* At the end of each chunk. What the writer returned, or ED_NOMEM. */
ed_status evtx_dump_chunk_end(struct ed_evtx_dump *dump, struct ed_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The .evtx file: header, 64 KiB chunks, the records in them. Damage is counted a kind and told
 * once a file.
 */
#include "espdiag/collectors/evtx.h"

#include "espdiag/base/alloc.h"
#include "espdiag/base/crc.h"
#include "espdiag/base/time.h"
#include "espdiag/collectors/evtx_parts.h"
#include "dump_priv.h"

#include <inttypes.h>
#include <stdarg.h>

#define RECORD_MAGIC UINT32_C(0x00002A2A)
#define FLAG_DIRTY 1
#define CHANNEL_BYTES 512

/* X(name, state, what): kinds of trouble in the order in which they are told. */
#define TROUBLE_LIST(X)                                                                            \
	X(TROUBLE_CHUNK, ED_STATE_DAMAGED, "chunks damaged")                                       \
	X(TROUBLE_RECORD, ED_STATE_DAMAGED, "records unreadable")                                  \
	X(TROUBLE_PARTIAL, ED_STATE_DAMAGED, "records without some of their fields")               \
	X(TROUBLE_HEADER, ED_STATE_DAMAGED, "file headers damaged")                                \
	X(TROUBLE_LIMIT, ED_STATE_TRUNCATED, "records cut at a limit")                             \
	X(TROUBLE_END, ED_STATE_TRUNCATED, "file ends")

enum trouble_kind {
#define TROUBLE_ENUM(name, state, what) name,
	TROUBLE_LIST(TROUBLE_ENUM)
#undef TROUBLE_ENUM
		TROUBLE_COUNT
};

struct trouble {
	uint64_t count;
	uint64_t lost;
	char first[120];
};

/* One file, or some of its chunks. */
struct evtx_file {
	struct evtx_reader r;
	const struct ed_input *input;
	bool is_dirty;
	bool has_header;
	uint64_t chunk_i;
	uint64_t chunks_told; /* by the file header */
	uint64_t delivered;
	uint64_t signatures; /* chunks that have theirs */
	uint64_t newest_id;  /* of the records so far; and when the last trouble came */
	uint64_t newest_at_trouble;
	bool maybe_at_end; /* what is lost may be newer than all that is read */
	struct trouble troubles[TROUBLE_COUNT];
	char channel[CHANNEL_BYTES]; /* of the first record */
	size_t channel_len;
};

/* What a chunk's header says. */
struct chunk_head {
	uint64_t first_id, last_id;
	uint64_t expected; /* records; meaningless unless is_counted */
	uint32_t free;     /* first byte behind the records */
	bool is_counted;
	bool has_ids;  /* the header's own checksum is right */
	bool is_whole; /* and so are the signature and that of the records */
	const char *why;
};

/* The walk over one chunk's records. */
struct chunk_walk {
	uint64_t read, failed, past_end;
	uint64_t previous_id;
	bool has_previous;
};

static ED_PRINTF(4, 5) void trouble_add(struct evtx_file *f, enum trouble_kind kind, uint64_t lost,
					const char *format, ...)
{
	struct trouble *t = &f->troubles[kind];
	va_list args;

	/* a log that has gone round may begin with its newest records */
	f->maybe_at_end |= !f->newest_id;
	f->newest_at_trouble = f->newest_id;
	if (!t->count++) {
		va_start(args, format);
		vsnprintf(t->first, sizeof(t->first), format, args);
		va_end(args);
	}
	if (lost == ED_LOST_UNKNOWN || t->lost == ED_LOST_UNKNOWN)
		t->lost = ED_LOST_UNKNOWN;
	else
		t->lost += lost;
}

static ed_status troubles_tell(struct evtx_file *f)
{
	static const struct {
		enum ed_state state;
		const char *what;
	} kinds[] = {
#define TROUBLE_ROW(name, state, what) [name] = { state, what },
		TROUBLE_LIST(TROUBLE_ROW)
#undef TROUBLE_ROW
	};

	for (size_t i = 0; i < TROUBLE_COUNT; i++) {
		const struct trouble *t = &f->troubles[i];
		char why[200];
		struct ed_gap gap = {
			.state = kinds[i].state,
			.lost = t->lost,
			.inner = !f->maybe_at_end && f->newest_id > f->newest_at_trouble,
		};

		if (!t->count)
			continue;
		if (t->count == 1)
			snprintf(why, sizeof(why), "%s", t->first);
		else
			snprintf(why, sizeof(why), "%" PRIu64 " %s, first %s", t->count,
				 kinds[i].what, t->first);
		gap.why = ed_str_from(why);
		if (f->channel_len)
			gap.channel = (struct ed_str){ f->channel, f->channel_len };
		ED_TRY(f->r.sink->ops->gap(f->r.sink, &gap, f->r.err));
	}
	return ED_OK;
}

static bool is_zero(const unsigned char *p, size_t n)
{
	return n == 0 || (p[0] == 0 && memcmp(p, p + 1, n - 1) == 0);
}

static struct chunk_head chunk_head_read(const unsigned char *p, size_t len)
{
	struct chunk_head head = {
		.first_id = ed_le64(p + 24),
		.last_id = ed_le64(p + 32),
		.free = ed_le32(p + 48),
	};
	uint64_t first = ed_le64(p + 8), last = ed_le64(p + 16);
	bool has_end = head.free >= EVTX_CHUNK_HEADER && head.free <= EVTX_CHUNK_BYTES;

	/* Numbers begin with 1; an empty chunk has its last number before the first one, or all
	 * bits set. */
	head.expected = last == UINT64_MAX ? 0 : last - first + 1;
	head.is_counted = first && head.expected <= EVTX_CHUNK_RECORDS;
	head.has_ids = ed_crc32(ed_crc32(0, p, 120), p + 128, 384) == ed_le32(p + 124);
	if (memcmp(p, "ElfChnk", 8) != 0)
		head.why = "signature missing";
	else if (!head.has_ids)
		head.why = "header checksum mismatch";
	else if (!has_end)
		head.why = "records end outside the chunk";
	else if (len < EVTX_CHUNK_BYTES)
		head.why = "cut short";
	else if (ed_crc32(0, p + EVTX_CHUNK_HEADER, head.free - EVTX_CHUNK_HEADER) !=
		 ed_le32(p + 52))
		head.why = "data checksum mismatch";
	head.is_whole = !head.why;
	if (!has_end)
		head.free = (uint32_t)EVTX_CHUNK_BYTES;
	return head;
}

/* A record lies at @at: signature, and the size in front repeated behind. */
static bool record_fits(const unsigned char *chunk, size_t at, size_t end, uint32_t *size)
{
	if (end - at < EVTX_RECORD_LEAST || ed_le32(chunk + at) != RECORD_MAGIC)
		return false;
	*size = ed_le32(chunk + at + 4);
	return *size >= EVTX_RECORD_LEAST && *size <= end - at &&
	       ed_le32(chunk + at + *size - 4) == *size;
}

/*
 * In a damaged chunk, and behind the end that a header tells, old records of the chunk's former use
 * look just as good; their numbers do not fit.
 */
static bool id_fits(const struct chunk_head *head, const struct chunk_walk *walk, size_t at,
		    uint64_t id)
{
	if (at >= head->free)
		return walk->has_previous && id == walk->previous_id + 1;
	if (head->is_whole)
		return true;
	if (walk->has_previous)
		return id > walk->previous_id && id - walk->previous_id <= EVTX_CHUNK_RECORDS;
	return !head->has_ids || (id >= head->first_id && id <= head->last_id);
}

static void remember_channel(struct evtx_file *f, const struct ed_event_head *head)
{
	if (f->channel_len || head->channel.len > sizeof(f->channel) || !head->channel.len)
		return;
	memcpy(f->channel, head->channel.p, head->channel.len);
	f->channel_len = head->channel.len;
}

/* One record that is really there. ED_NOMEM, or what the sink returned; anything else is counted.
 */
static ed_status record_take(struct evtx_file *f, struct chunk_walk *walk, size_t at, uint32_t size)
{
	const unsigned char *p = f->r.chunk + at;
	uint64_t id = ed_le64(p + 8), ticks = ed_le64(p + 16);
	struct ed_event_head head;
	ed_status status, rendered;

	walk->previous_id = id;
	walk->has_previous = true;
	f->r.why = "";
	status = evtx_record_read(&f->r, p + EVTX_RECORD_HEADER, size - EVTX_RECORD_LEAST, id,
				  ticks <= INT64_MAX ? (int64_t)ticks : ED_TIME_NONE, &head,
				  &rendered);
	if (status == ED_NOMEM)
		return ed_fail(f->r.err, ED_NOMEM, "out of memory while reading events");
	if (f->r.was_offered) {
		walk->read++;
		f->delivered++;
		f->newest_id = id > f->newest_id ? id : f->newest_id;
		remember_channel(f, &head);
	}
	if (f->r.stop != ED_OK)
		return f->r.stop;
	if (status != ED_OK) {
		walk->failed++;
		if (!f->r.is_damaged)
			trouble_add(f, TROUBLE_RECORD, 0,
				    "record %" PRIu64 " in chunk %" PRIu64 ": %s", id, f->chunk_i,
				    f->r.why);
	} else if (rendered != ED_OK) {
		trouble_add(f, rendered == ED_LIMIT ? TROUBLE_LIMIT : TROUBLE_PARTIAL, 0,
			    "record %" PRIu64 " in chunk %" PRIu64 ": %s", id, f->chunk_i,
			    f->r.why);
	}
	return ED_OK;
}

/* The next place from @at on where a record may begin; @end when there is none. */
static size_t record_seek(const unsigned char *chunk, size_t at, size_t end)
{
	while (end - at >= EVTX_RECORD_LEAST) {
		const unsigned char *hit = memchr(chunk + at, 0x2A, end - at - 3);

		if (!hit)
			break;
		at = (size_t)(hit - chunk);
		if (ed_le32(hit) == RECORD_MAGIC)
			return at;
		at++;
	}
	return end;
}

static ed_status chunk_walk_records(struct evtx_file *f, const struct chunk_head *head, size_t len,
				    struct chunk_walk *walk)
{
	const unsigned char *chunk = f->r.chunk;
	/* A header that was not written last may end too early; see id_fits. */
	bool goes_on = !head->is_whole || f->is_dirty;
	size_t end = goes_on ? len : head->free;
	size_t at = EVTX_CHUNK_HEADER;

	while (at < end) {
		uint32_t size = 0;
		bool fits = record_fits(chunk, at, end, &size);

		if (fits && id_fits(head, walk, at, ed_le64(chunk + at + 8))) {
			uint64_t before = walk->read;

			ED_TRY(record_take(f, walk, at, size));
			if (at >= head->free)
				walk->past_end += walk->read - before;
			at += size;
		} else if (at >= head->free && head->is_whole) {
			break; /* what lies behind the end is of no use once the row is broken */
		} else {
			at = record_seek(chunk, fits ? at + size : at + 1, end);
		}
	}
	return ED_OK;
}

static void chunk_account(struct evtx_file *f, const struct chunk_head *head,
			  const struct chunk_walk *walk)
{
	uint64_t expected = head->expected + walk->past_end;
	uint64_t lost = walk->failed;

	if (head->is_counted && walk->read <= expected)
		lost = expected - walk->read;
	else if (!head->is_whole && !head->is_counted)
		lost = ED_LOST_UNKNOWN;
	if (!head->is_whole) {
		trouble_add(f, TROUBLE_CHUNK, lost, "chunk %" PRIu64 ": %s", f->chunk_i, head->why);
	} else if (lost && !walk->failed) {
		trouble_add(f, TROUBLE_RECORD, lost, "chunk %" PRIu64 " lacks %" PRIu64 " records",
			    f->chunk_i, lost);
	} else if (lost) {
		f->troubles[TROUBLE_RECORD].lost += lost;
	}
}

/* Reads the chunk of @len bytes (less than 64 KiB only at the end of the file). */
static ed_status chunk_read(struct evtx_file *f, size_t len)
{
	struct chunk_walk walk = { 0 };
	struct chunk_head head;
	bool has_signature;

	if (is_zero(f->r.chunk, len)) /* set aside and not used yet */
		return ED_OK;
	has_signature = memcmp(f->r.chunk, "ElfChnk", 8) == 0;
	f->signatures += has_signature;
	if (f->r.dump && len == EVTX_CHUNK_BYTES && !f->is_dirty &&
	    evtx_dump_skips(f->r.dump, f->r.chunk))
		return ED_OK;
	head = chunk_head_read(f->r.chunk, len);
	f->r.is_damaged = !head.is_whole;
	evtx_templates_begin_chunk(f->r.cache);
	if (len > EVTX_CHUNK_HEADER)
		ED_TRY(chunk_walk_records(f, &head, len, &walk));
	if (f->r.dump) {
		f->r.stop = evtx_dump_chunk_end(f->r.dump, f->r.err);
		if (f->r.stop != ED_OK)
			return f->r.stop;
	}
	if (len < EVTX_CHUNK_BYTES && !has_signature && !walk.read)
		return ED_OK; /* nothing that looks like a chunk; the file's end is told anyway */
	chunk_account(f, &head, &walk);
	return ED_OK;
}

static ed_status header_read(struct evtx_file *f)
{
	unsigned char header[128] = { 0 };
	size_t got;

	ED_TRY(ed_input_read(f->input, 0, header, sizeof(header), &got, f->r.err));
	f->has_header = memcmp(header, "ElfFile", 8) == 0;
	if (!f->has_header) {
		trouble_add(f, TROUBLE_HEADER, 0, "file header: signature missing");
		return ED_OK;
	}
	f->is_dirty = ed_le32(header + 120) & FLAG_DIRTY;
	if (ed_crc32(0, header, 120) == ed_le32(header + 124))
		f->chunks_told = ed_le16(header + 42);
	else
		f->is_dirty =
			true; /* written to while it was copied, or damaged: trust chunks only */
	return ED_OK;
}

/* Sets r.chunk to the chunk at @offset; *len is less than 64 KiB only at the end of the file. */
static ed_status chunk_fetch(struct evtx_file *f, uint64_t offset, size_t *len)
{
	const struct ed_input *input = f->input;
	unsigned char *buffer = f->r.cache->chunk;

	if (input->bytes && input->size - offset >= EVTX_CHUNK_BYTES) {
		f->r.chunk = (const unsigned char *)input->bytes + offset;
		*len = EVTX_CHUNK_BYTES;
		return ED_OK;
	}
	ED_TRY(ed_input_read(input, offset, buffer, EVTX_CHUNK_BYTES, len, f->r.err));
	memset(buffer + *len, 0, EVTX_CHUNK_BYTES - *len);
	f->r.chunk = buffer;
	return ED_OK;
}

/* The chunks from f->chunk_i on that are before @end. */
static ed_status chunks_read(struct evtx_file *f, uint64_t end)
{
	uint64_t offset = EVTX_FILE_HEADER + f->chunk_i * EVTX_CHUNK_BYTES;
	size_t len = EVTX_CHUNK_BYTES;

	if (f->input->size < EVTX_FILE_HEADER) {
		trouble_add(f, TROUBLE_END, ED_LOST_UNKNOWN, "file ends within its header");
		return ED_OK;
	}
	for (; offset < f->input->size && f->chunk_i < end;
	     offset += EVTX_CHUNK_BYTES, f->chunk_i++) {
		ED_TRY(chunk_fetch(f, offset, &len));
		if (!len)
			break;
		ED_TRY(chunk_read(f, len));
		if (len < EVTX_CHUNK_BYTES)
			break;
	}
	if (len < EVTX_CHUNK_BYTES)
		trouble_add(f, TROUBLE_END, 0, "file ends within chunk %" PRIu64, f->chunk_i);
	else if (offset >= f->input->size && f->chunk_i < f->chunks_told)
		trouble_add(f, TROUBLE_END, ED_LOST_UNKNOWN,
			    "file ends after %" PRIu64 " of %" PRIu64 " chunks", f->chunk_i,
			    f->chunks_told);
	return ED_OK;
}

static ed_status file_tell(struct evtx_file *f)
{
	if (!f->has_header && !f->signatures && !f->delivered)
		return ed_fail(f->r.err, ED_FORMAT, "not an event log");
	return troubles_tell(f);
}

ed_status evtx_file_read(struct ed_evtx_cache *cache, struct ed_evtx_dump *dump,
			 const struct ed_input *input, struct ed_sink *sink, struct ed_error *err)
{
	struct evtx_file f = {
		.r = { .cache = cache, .sink = sink, .err = err, .dump = dump },
		.input = input,
	};
	ed_status status, told;

	evtx_templates_begin_file(cache);
	ED_TRY(header_read(&f));
	status = chunks_read(&f, UINT64_MAX);
	if (status == ED_OK)
		return file_tell(&f);
	if (status != ED_IO || f.r.stop != ED_OK)
		return status;
	told = troubles_tell(&f);
	return told != ED_OK ? told : status;
}

/* Parts of a file; what they leave to say is an evtx_file without its reader. */
struct ed_evtx_part {
	struct evtx_file file;
};

ed_status ed_evtx_part_new(struct ed_evtx_part **part, struct ed_error *err)
{
	*part = ed_calloc(1, sizeof(**part));
	return *part ? ED_OK : ed_fail(err, ED_NOMEM, "out of memory for a part of a log");
}

void ed_evtx_part_free(struct ed_evtx_part *part)
{
	ed_free(part);
}

void ed_evtx_part_clear(struct ed_evtx_part *part)
{
	memset(part, 0, sizeof(*part));
}

uint64_t ed_evtx_chunk_count(const struct ed_input *input)
{
	if (input->size <= EVTX_FILE_HEADER)
		return 0;
	return (input->size - EVTX_FILE_HEADER - 1) / EVTX_CHUNK_BYTES + 1;
}

ed_status ed_evtx_part_read(struct ed_evtx_dump *dump, const struct ed_input *input, uint64_t first,
			    uint64_t end, bool continues, struct ed_sink *sink,
			    struct ed_evtx_part *part, struct ed_error *err)
{
	struct evtx_file *f = &part->file;
	ed_status status;

	ed_evtx_part_clear(part);
	dump->file_records = 0;
	f->r = (struct evtx_reader){ .cache = dump->cache,
				     .sink = sink,
				     .err = err,
				     .dump = dump,
				     .is_alone = first && !continues };
	f->input = input;
	if (!continues)
		evtx_templates_begin_file(dump->cache);
	ED_TRY(header_read(f));
	/* the first part tells of the header */
	if (first)
		memset(f->troubles, 0, sizeof(f->troubles));
	f->maybe_at_end = f->maybe_at_end && !first;
	f->chunk_i = first;
	status = chunks_read(f, end);
	return status == ED_OK && f->r.needs_history ? ED_FORMAT : status;
}

void ed_evtx_part_add(struct ed_evtx_part *all, const struct ed_evtx_part *next)
{
	struct evtx_file *a = &all->file;
	const struct evtx_file *b = &next->file;
	uint64_t newest = a->newest_id;
	bool has_trouble = false;

	a->has_header = a->has_header || b->has_header;
	a->delivered += b->delivered;
	a->signatures += b->signatures;
	for (size_t i = 0; i < TROUBLE_COUNT; i++) {
		struct trouble *t = &a->troubles[i];
		const struct trouble *more = &b->troubles[i];

		if (!more->count)
			continue;
		has_trouble = true;
		if (!t->count)
			memcpy(t->first, more->first, sizeof(t->first));
		t->count += more->count;
		if (t->lost == ED_LOST_UNKNOWN || more->lost == ED_LOST_UNKNOWN)
			t->lost = ED_LOST_UNKNOWN;
		else
			t->lost += more->lost;
	}
	if (has_trouble) {
		a->maybe_at_end = a->maybe_at_end || (b->maybe_at_end && !newest);
		a->newest_at_trouble =
			newest > b->newest_at_trouble ? newest : b->newest_at_trouble;
	}
	a->newest_id = newest > b->newest_id ? newest : b->newest_id;
	if (!a->channel_len && b->channel_len) {
		memcpy(a->channel, b->channel, b->channel_len);
		a->channel_len = b->channel_len;
	}
}

ed_status ed_evtx_part_tell(const struct ed_evtx_part *all, const struct ed_input *input,
			    struct ed_sink *sink, struct ed_error *err)
{
	struct evtx_file f = all->file;

	f.r = (struct evtx_reader){ .sink = sink, .err = err };
	f.input = input;
	return file_tell(&f);
}

ed_status ed_evtx_read(struct ed_evtx_cache *cache, const struct ed_input *input,
		       struct ed_sink *sink, struct ed_error *err)
{
	return evtx_file_read(cache, NULL, input, sink, err);
}

ed_status ed_evtx_cache_new(struct ed_evtx_cache **cache, struct ed_error *err)
{
	struct ed_evtx_cache *c = ed_calloc(1, sizeof(*c));

	if (c) {
		c->chunk = ed_malloc(EVTX_CHUNK_BYTES);
		c->offsets = ed_malloc(EVTX_VALUES * sizeof(*c->offsets));
	}
	if (!c || !c->chunk || !c->offsets) {
		ed_evtx_cache_free(c);
		return ed_fail(err, ED_NOMEM, "out of memory for the event log reader");
	}
	ed_arena_init(&c->arena, ED_LIMIT_TEMPLATE_BYTES);
	ed_arena_init(&c->shapes, ED_LIMIT_SHAPE_BYTES);
	ed_arena_init(&c->record, ED_LIMIT_EVENT_BYTES);
	ed_buf_init(&c->text, ED_LIMIT_EVENT_BYTES / 4);
	ed_buf_init(&c->compiler.text, ED_LIMIT_TEMPLATE_BYTES / 8);
	*cache = c;
	return ED_OK;
}

void ed_evtx_cache_free(struct ed_evtx_cache *cache)
{
	if (!cache)
		return;
	ed_arena_release(&cache->arena);
	ed_arena_release(&cache->shapes);
	ed_arena_release(&cache->record);
	ed_buf_release(&cache->text);
	ed_buf_release(&cache->compiler.text);
	ed_free(cache->compiler.ops);
	ed_free(cache->compiler.builds);
	ed_free(cache->compiler.refs);
	ed_free(cache->offsets);
	ed_free(cache->fields);
	ed_free(cache->chunk);
	ed_free(cache);
}

static ed_status evtx_read(const struct ed_input *input, struct ed_sink *sink, struct ed_error *err)
{
	struct ed_evtx_cache *cache;
	ed_status status;

	ED_TRY(ed_evtx_cache_new(&cache, err));
	status = ed_evtx_read(cache, input, sink, err);
	ed_evtx_cache_free(cache);
	return status;
}

/* Without its signature a log is still known by its header's shape, or else only by its name. */
static int evtx_probe(struct ed_str head, struct ed_str path)
{
	const unsigned char *p = (const unsigned char *)head.p;

	if (head.len >= 8 && memcmp(p, "ElfFile", 8) == 0)
		return 100;
	if (head.len >= 128 && ed_le32(p + 32) == 128 && ed_le16(p + 38) == 3 &&
	    ed_le16(p + 40) == EVTX_FILE_HEADER)
		return 60;
	return ed_str_iends(path, ED_STR(".evtx")) ? 10 : 0;
}

const struct ed_reader ed_reader_evtx = {
	.name = "evtx",
	.probe = evtx_probe,
	.read = evtx_read,
	.reads_in_order = true,
};
